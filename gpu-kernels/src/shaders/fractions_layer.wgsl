// Where `live` has what goes on from round to round beside the challenge, the transcript's state and the claim: the factor of the bound variables, lambda, and the first round's value at zero; then what a layer begins with, its
// numerator and denominator, and those of the first half of the level before; then what is beyond the rows of blocks.

const PREFIX: u32 = 18u;
const LAMBDA: u32 = 23u;
const AT_ZERO: u32 = 28u;
const START: u32 = 33u;
const BEYOND: u32 = 53u;

fn lambda() -> Ext {
    return live_ext(LAMBDA);
}
