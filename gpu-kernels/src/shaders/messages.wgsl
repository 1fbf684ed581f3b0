// Fractions of messages: a plane of numerators, then five of denominators.
//
// Params 0 to 4 are the rows; how far planes are apart; the places of public values, of the table of columns (the first cell's place, from a row to the next, rows), and of what messages have under the drawn challenges:
// the place of the first fraction, the fingerprint's constant, and the weights of fields.

// A weighted sum, by coordinate.
struct Fingerprint { a: Sum, b: Sum, c: Sum, d: Sum, e: Sum }

fn fingerprint() -> Fingerprint {
    return Fingerprint(sum_zero(), sum_zero(), sum_zero(), sum_zero(), sum_zero());
}

fn with_field(x: Fingerprint, weight: u32, value: u32) -> Fingerprint {
    let w = params[4] + weight;
    return Fingerprint(
        sum_add(x.a, params[w], value),
        sum_add(x.b, params[w + 1u], value),
        sum_add(x.c, params[w + 2u], value),
        sum_add(x.d, params[w + 3u], value),
        sum_add(x.e, params[w + 4u], value),
    );
}

fn sum_of(x: Fingerprint) -> Ext {
    return Ext(sum_done(x.a), sum_done(x.b), sum_done(x.c), sum_done(x.d), sum_done(x.e));
}

fn place_of(message: u32, row: u32) -> u32 {
    return params[params[4] + message] + row;
}

fn put_count(message: u32, row: u32, count: u32) {
    fractions[place_of(message, row)] = count;
}

fn put(message: u32, row: u32, x: Ext) {
    let at = place_of(message, row);
    let s = params[1];
    fractions[at + s] = x.a;
    fractions[at + 2u * s] = x.b;
    fractions[at + 3u * s] = x.c;
    fractions[at + 4u * s] = x.d;
    fractions[at + 5u * s] = x.e;
}

// The first fields, with the constant.
fn put_fields(message: u32, row: u32, x: Fingerprint) {
    put(message, row, ext_add(sum_of(x), ext_param(params[4] + message + 1u)));
}

// More fields, after an earlier kernel's.
fn add_fields(message: u32, row: u32, x: Fingerprint) {
    let at = place_of(message, row);
    let s = params[1];
    let before = Ext(fractions[at + s], fractions[at + 2u * s], fractions[at + 3u * s], fractions[at + 4u * s], fractions[at + 5u * s]);
    put(message, row, ext_add(sum_of(x), before));
}
