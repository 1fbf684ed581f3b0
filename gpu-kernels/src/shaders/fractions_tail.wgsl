// The last rounds of a layer, in which little is left, and the claims at its end. One workgroup.
//
// `work` has the folded blocks of every round, one after the other: planes of numerators, then of denominators, param 2 apart. The first params are the number of rounds, the place of their table, and that; the places in the record of the
// halves' values, and of the challenge that picks between them, and where `live` has what is beyond the last blocks. A round's entry has the fields of `Played`; then how its variable is bound: whether it is a block's, a vector's or a
// lane's, the places of the tables of blocks before and after (the first row's place, rows), the number of blocks after, the first row's place of all, and how many rows there are; then what the next round sums up, if there is one:
// whether its variable is a block's, a vector's or a lane's, the place of its table of items (the number of the first row, rows), the number of these rows, and the places of the weights of items, vectors and lanes.

@group(0) @binding(4) var<storage, read_write> work: array<u32>;

const BLOCKS: u32 = 0u;
const VECTORS: u32 = 1u;
const ENTRY: u32 = 23u;

struct Fraction { n: Ext, d: Ext }

fn work_ext(at: u32) -> Ext {
    let s = params[2];
    return Ext(work[at], work[at + s], work[at + 2u * s], work[at + 3u * s], work[at + 4u * s]);
}

fn put_work(at: u32, x: Ext) {
    let s = params[2];
    work[at] = x.a;
    work[at + s] = x.b;
    work[at + 2u * s] = x.c;
    work[at + 3u * s] = x.d;
    work[at + 4u * s] = x.e;
}

// A block's fraction: the first `half` blocks are first halves.
fn fraction(table: u32, beyond: u32, half: u32, block: u32, row: u32) -> Fraction {
    let entry = table + 2u * block;
    if (row < params[entry + 1u]) {
        let at = params[entry] + row;
        return Fraction(work_ext(at), work_ext(at + 5u * params[2]));
    }
    let at = beyond + 10u * block;
    if (block < half) {
        return Fraction(live_ext(at), live_ext(at + 5u));
    }
    return Fraction(ext_zero(), live_ext(at + 5u));
}

// The row of the one of two that has the number.
fn row_of(kind: u32, row: u32, number: u32) -> u32 {
    if (kind == BLOCKS) {
        return row;
    }
    if (kind == VECTORS) {
        return ((row >> 4u) << 5u) + (number << 4u) + (row & 15u);
    }
    return 2u * row + number;
}

// The last of a table's entries, which are two words each, that does not begin after a number.
fn entry_of(table: u32, count: u32, number: u32) -> u32 {
    var low = 0u;
    var high = count;
    while (high - low > 1u) {
        let middle = (low + high) / 2u;
        if (params[table + 2u * middle] <= number) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

// Binds the variable of a round.
fn bind(local: u32, entry: u32, p: Played) {
    let kind = params[entry + 11u];
    let before = params[entry + 12u];
    let after = params[entry + 13u];
    let blocks = params[entry + 14u];
    let challenge = live_ext(0u);
    for (var t = local; t < params[entry + 16u]; t += 256u) {
        let place = params[entry + 15u] + t;
        let block = entry_of(after, blocks, place);
        let row = place - params[after + 2u * block];
        var first = block;
        var second = block;
        if (kind == BLOCKS) {
            let half = blocks / 2u;
            first = block / half * p.half + block % half;
            second = first + half;
        }
        let zero = fraction(before, p.beyond, p.half, first, row_of(kind, row, 0u));
        let one = fraction(before, p.beyond, p.half, second, row_of(kind, row, 1u));
        put_work(place, ext_between(zero.n, one.n, challenge));
        put_work(place + 5u * params[2], ext_between(zero.d, one.d, challenge));
    }
}

fn gate(x: Fraction, y: Fraction) -> Ext {
    return ext_add(ext_mul(x.n, y.d), ext_mul(y.n, x.d));
}

fn difference(x: Fraction, y: Fraction) -> Fraction {
    return Fraction(ext_sub(x.n, y.n), ext_sub(x.d, y.d));
}

// Sums up for a round, given the entry of the one before.
fn sum_up(local: u32, entry: u32, next: Played) {
    let after = params[entry + 13u];
    let kind = params[entry + 17u];
    let table = params[entry + 18u];
    var at_zero = ext_zero();
    var leading = ext_zero();
    for (var t = local; t < params[entry + 19u]; t += 256u) {
        let item = entry_of(table, next.items, t);
        let row = t - params[table + 2u * item];
        var weight = weights_ext(params[entry + 20u] + 5u * item);
        if (kind <= VECTORS) {
            weight = ext_mul(weight, ext_mul(weights_ext(params[entry + 21u] + 5u * (row >> 4u)), weights_ext(params[entry + 22u] + 5u * (row & 15u))));
        } else {
            weight = ext_mul(weight, weights_ext(params[entry + 22u] + 5u * row));
        }
        var x = Fraction(ext_zero(), ext_zero());
        var y = x;
        for (var q = 0u; q < 2u; q++) {
            let block = item + q * next.step;
            x = difference(fraction(after, next.beyond, next.half, block, row_of(kind, row, q)), x);
            y = difference(fraction(after, next.beyond, next.half, block + next.half, row_of(kind, row, q)), y);
            let value = ext_mul(gate(x, y), weight);
            if (q == 0u) {
                at_zero = ext_add(at_zero, value);
            } else {
                leading = ext_add(leading, value);
            }
        }
    }
    sum_lanes(local, at_zero, leading);
    if (local < 2u) {
        let first = 5u * local;
        record_put(next.sums + 5u * local, Ext(lanes[first][0], lanes[first + 1u][0], lanes[first + 2u][0], lanes[first + 3u][0], lanes[first + 4u][0]));
    }
}

fn played(entry: u32) -> Played {
    return Played(
        params[entry],
        params[entry + 1u],
        params[entry + 2u],
        params[entry + 3u],
        params[entry + 4u],
        params[entry + 5u],
        params[entry + 6u],
        params[entry + 7u],
        params[entry + 8u],
        params[entry + 9u],
        params[entry + 10u],
    );
}

// Claims the values of the halves, and picks between them.
fn claim(table: u32) {
    let first = fraction(table, params[5], 1u, 0u, 0u);
    let second = fraction(table, params[5], 1u, 1u, 0u);
    let n = ext_sub(first.n, ext_mul(lambda(), first.d));
    record_put(params[3], n);
    record_put(params[3] + 5u, first.d);
    record_put(params[3] + 10u, second.n);
    record_put(params[3] + 15u, second.d);
    let x = block(
        vec4(n.a, n.b, n.c, n.d),
        vec4(n.e, first.d.a, first.d.b, first.d.c),
        vec4(first.d.d, first.d.e, second.n.a, second.n.b),
        vec4(second.n.c, second.n.d, second.n.e, second.d.a),
    );
    let zero = vec4(0u);
    let y = block(vec4(second.d.b, second.d.c, second.d.d, second.d.e), zero, zero, zero);
    let state = compress(compress(transcript_state(), x, CHUNK_START | KEYED_HASH), y, CHUNK_END | ROOT | KEYED_HASH);
    let branch = drawn(state, params[4]);
    put_live(START, ext_between(n, second.n, branch));
    put_live(START + 5u, ext_between(first.d, second.d, branch));
    put_live(START + 10u, n);
    put_live(START + 15u, first.d);
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    if (group.x + group.y > 0u) {
        return;
    }
    for (var round = 0u; round < params[0]; round++) {
        let entry = params[1] + ENTRY * round;
        let p = played(entry);
        play(local, p);
        bind(local, entry, p);
        storageBarrier();
        if (round + 1u < params[0]) {
            sum_up(local, entry, played(entry + ENTRY));
            storageBarrier();
        }
    }
    if (local == 0u) {
        claim(params[params[1] + ENTRY * (params[0] - 1u) + 13u]);
    }
}
