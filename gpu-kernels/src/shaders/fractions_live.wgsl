// Blocks that follow from a challenge that the host does not know yet. What is so is in `live`: the challenge first, and from the place in param 20 on, of each block the numerator and the denominator beyond its rows. With FIRST,
// numerators there are zero; otherwise that is so of the second half, from block params[9] on.

@group(0) @binding(3) var<storage, read> live: array<u32>;

const ENTRY: u32 = 2u;

fn challenge() -> Ext {
    return live_ext(0u);
}

fn beyond(block: u32) -> Fraction {
    let at = params[20] + 10u * block;
    let d = live_ext(at + 5u);
    if (FIRST == 1u || block >= params[9]) {
        return Fraction(ext_zero(), d);
    }
    return Fraction(live_ext(at), d);
}
