// A round of a layer, given its sums: what the host's `Rounds` sends, the challenge that the transcript draws from it, and what this changes for the next round. One workgroup.
//
// `record` has the sums over rows that are stored (of values at zero, of leading coefficients) from the place in param 0 on, and is given the challenge at that in param 1. `live` has the challenge, the state of the transcript, the
// claim and the factor of variables that are bound; and from the places in params 5 and 6 on, as fractions_live says, what is beyond the rows of blocks, and room for that of the blocks with the variable bound.
//
// Params 2 to 4 are the number of items, from a block of an item to the other, and from a half to the other. Param 7 is 1 in the first round, whose value at zero is from 24 on, and param 8 the place of the table of items: of each
// its weight times that of the rows that are not stored. From 9 on lambda, then the coordinate of the variable, and its inverse.

const PREFIX: u32 = OWN;

fn denominator(block: u32) -> Ext {
    return live_ext(params[5] + 10u * block + 5u);
}

fn put_beyond(block: u32, d: Ext) {
    put_live(params[6] + 10u * block, ext_mul(d, ext_param(9u)));
    put_live(params[6] + 10u * block + 5u, d);
}

// The round's polynomial without equality factors, of degree two, and these factors.
fn value(x: Ext, at_zero: Ext, slope: Ext, leading: Ext) -> Ext {
    return ext_add(at_zero, ext_mul(x, ext_add(slope, ext_mul(x, leading))));
}

fn factor(x: Ext, prefix: Ext, coordinate: Ext) -> Ext {
    let slope = ext_sub(ext_add(coordinate, coordinate), ext_of(ONE));
    return ext_mul(prefix, ext_add(ext_sub(ext_of(ONE), coordinate), ext_mul(x, slope)));
}

fn play(rest_at_zero: Ext, rest_leading: Ext) {
    var at_zero = ext_add(record_ext(params[0]), rest_at_zero);
    if (params[7] == 1u) {
        at_zero = ext_param(24u);
    }
    let leading = ext_add(record_ext(params[0] + 5u), rest_leading);
    let coordinate = ext_param(14u);
    let claim = live_ext(CLAIM);
    let prefix = live_ext(PREFIX);
    let at_one = ext_mul(ext_sub(claim, ext_mul(ext_sub(ext_of(ONE), coordinate), at_zero)), ext_param(19u));
    let slope = ext_sub(ext_sub(at_one, at_zero), leading);
    let two = ext_of(add(ONE, ONE));
    let three = ext_of(add(add(ONE, ONE), ONE));
    let x = ext_mul(factor(ext_zero(), prefix, coordinate), at_zero);
    let y = ext_mul(factor(two, prefix, coordinate), value(two, at_zero, slope, leading));
    let z = ext_mul(factor(three, prefix, coordinate), value(three, at_zero, slope, leading));
    let message = block(vec4(x.a, x.b, x.c, x.d), vec4(x.e, y.a, y.b, y.c), vec4(y.d, y.e, z.a, z.b), vec4(z.c, z.d, z.e, 0u));
    let challenge = drawn(absorbed(transcript_state(), message), params[1]);
    put_live(CLAIM, value(challenge, at_zero, slope, leading));
    put_live(PREFIX, factor(challenge, prefix, coordinate));
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    if (group.x + group.y > 0u) {
        return;
    }
    // Beyond its rows, the first half of a block has the numerator lambda times its denominator, and the second half none.
    var at_zero = ext_zero();
    var leading = ext_zero();
    for (var item = local; item < params[2]; item += 256u) {
        let rest = ext_mul(ext_param(params[8] + 5u * item), ext_param(9u));
        let low = denominator(item);
        let high = denominator(item + params[4]);
        at_zero = ext_add(at_zero, ext_mul(rest, ext_mul(low, high)));
        let by_low = ext_sub(denominator(item + params[3]), low);
        let by_high = ext_sub(denominator(item + params[3] + params[4]), high);
        leading = ext_add(leading, ext_mul(rest, ext_mul(by_low, by_high)));
    }
    sum_lanes(local, at_zero, leading);
    if (local == 0u) {
        play(
            Ext(lanes[0][0], lanes[1][0], lanes[2][0], lanes[3][0], lanes[4][0]),
            Ext(lanes[5][0], lanes[6][0], lanes[7][0], lanes[8][0], lanes[9][0]),
        );
    }
    storageBarrier();
    let half = params[4];
    if (half == 1u) {
        // Vectors are folded, and beyond them nothing changes.
        if (local < 2u) {
            put_beyond(local, denominator(local));
        }
        return;
    }
    let challenge = live_ext(0u);
    for (var i = local; i < half; i += 256u) {
        let first = i / (half / 2u) * half + i % (half / 2u);
        put_beyond(i, ext_between(denominator(first), denominator(first + half / 2u), challenge));
    }
}
