// A round of a layer, given its sums: what the host's `Rounds` sends, the challenge that the transcript draws from it, and what this changes for the next round. By one workgroup.

@group(0) @binding(3) var<storage, read> weights: array<u32>;

struct Played {
    // The places in the record of the sums over rows that are stored (of values at zero, of leading coefficients), which become those over all rows; of the challenge; and of the variable's coordinate.
    sums: u32,
    challenge: u32,
    coordinate: u32,
    // The places among the weights of the coordinate's inverse, and of items: of each its weight times that of the rows that are not stored.
    inverse: u32,
    rests: u32,
    // The number of items, from a block of an item to the other, and from a half to the other.
    items: u32,
    step: u32,
    half: u32,
    // Where `live` has what is beyond the rows of blocks, and has room for that of the blocks with the variable bound.
    beyond: u32,
    beyond_after: u32,
    // 1 in the first round, whose value at zero is known.
    is_first: u32,
}

fn put_beyond(at: u32, block: u32, d: Ext) {
    put_live(at + 10u * block, ext_mul(d, lambda()));
    put_live(at + 10u * block + 5u, d);
}

// The round's polynomial without equality factors, of degree two, and these factors.
fn value(x: Ext, at_zero: Ext, slope: Ext, leading: Ext) -> Ext {
    return ext_add(at_zero, ext_mul(x, ext_add(slope, ext_mul(x, leading))));
}

fn factor(x: Ext, prefix: Ext, coordinate: Ext) -> Ext {
    let slope = ext_sub(ext_add(coordinate, coordinate), ext_of(ONE));
    return ext_mul(prefix, ext_add(ext_sub(ext_of(ONE), coordinate), ext_mul(x, slope)));
}

fn settle(p: Played, rest_at_zero: Ext, rest_leading: Ext) {
    var at_zero = ext_add(record_ext(p.sums), rest_at_zero);
    if (p.is_first == 1u) {
        at_zero = live_ext(AT_ZERO);
    }
    let leading = ext_add(record_ext(p.sums + 5u), rest_leading);
    record_put(p.sums, at_zero);
    record_put(p.sums + 5u, leading);
    let coordinate = record_ext(p.coordinate);
    let claim = live_ext(CLAIM);
    let prefix = live_ext(PREFIX);
    let at_one = ext_mul(ext_sub(claim, ext_mul(ext_sub(ext_of(ONE), coordinate), at_zero)), weights_ext(p.inverse));
    let slope = ext_sub(ext_sub(at_one, at_zero), leading);
    let two = ext_of(add(ONE, ONE));
    let three = ext_of(add(add(ONE, ONE), ONE));
    let x = ext_mul(factor(ext_zero(), prefix, coordinate), at_zero);
    let y = ext_mul(factor(two, prefix, coordinate), value(two, at_zero, slope, leading));
    let z = ext_mul(factor(three, prefix, coordinate), value(three, at_zero, slope, leading));
    let message = block(vec4(x.a, x.b, x.c, x.d), vec4(x.e, y.a, y.b, y.c), vec4(y.d, y.e, z.a, z.b), vec4(z.c, z.d, z.e, 0u));
    let challenge = drawn(absorbed(transcript_state(), message), p.challenge);
    put_live(CLAIM, value(challenge, at_zero, slope, leading));
    put_live(PREFIX, factor(challenge, prefix, coordinate));
}

fn denominator(p: Played, block: u32) -> Ext {
    return live_ext(p.beyond + 10u * block + 5u);
}

fn play(local: u32, p: Played) {
    // Beyond its rows, the first half of a block has the numerator lambda times its denominator, and the second half none.
    var at_zero = ext_zero();
    var leading = ext_zero();
    for (var item = local; item < p.items; item += 256u) {
        let rest = ext_mul(weights_ext(p.rests + 5u * item), lambda());
        let low = denominator(p, item);
        let high = denominator(p, item + p.half);
        at_zero = ext_add(at_zero, ext_mul(rest, ext_mul(low, high)));
        let by_low = ext_sub(denominator(p, item + p.step), low);
        let by_high = ext_sub(denominator(p, item + p.step + p.half), high);
        leading = ext_add(leading, ext_mul(rest, ext_mul(by_low, by_high)));
    }
    sum_lanes(local, at_zero, leading);
    if (local == 0u) {
        settle(
            p,
            Ext(lanes[0][0], lanes[1][0], lanes[2][0], lanes[3][0], lanes[4][0]),
            Ext(lanes[5][0], lanes[6][0], lanes[7][0], lanes[8][0], lanes[9][0]),
        );
    }
    storageBarrier();
    if (p.half == 1u) {
        // Vectors or lanes are folded, and beyond them nothing changes.
        if (local < 2u) {
            put_beyond(p.beyond_after, local, denominator(p, local));
        }
    } else {
        let challenge = live_ext(0u);
        for (var i = local; i < p.half; i += 256u) {
            let first = i / (p.half / 2u) * p.half + i % (p.half / 2u);
            put_beyond(p.beyond_after, i, ext_between(denominator(p, first), denominator(p, first + p.half / 2u), challenge));
        }
    }
}
