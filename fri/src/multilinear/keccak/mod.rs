//! Keccak-f\[1600\] by a batched GKR: *given* claims on the outputs of many permutations at one
//! random point, this protocol leaves claims on the bits of their inputs at another.
//!
//! Every bit is taken as its sign `s = 1 - 2 bit`, so that an exclusive or is a product. A state is
//! 25 multilinears of signs, one for each lane, over *positions* `a = (z, part)` (the bit in the
//! lane, six variables, then the part) and *instances* `i` (the calls). The permutation is split
//! into [`PARTS`] parts of [`PART_ROUNDS`] rounds: the input of each is committed, and all parts go
//! through the same layers as further instances. They differ in nothing but round constants, which
//! are signs in a weight.
//!
//! From the output down, every round is three sumchecks ([`Layer`]) over instances and positions,
//! with `A` the round's input, `C` its column parities and `B` what rho and pi leave:
//!
//! | layer | sum, times `eq(p_i, i)` | leaves claims on |
//! |---|---|---|
//! | chi, iota | `sum_xy w_xy(a) B_x (1 - B_{x+1} + B_{x+2} + B_{x+1} B_{x+2}) / 2` | `B` (25) |
//! | theta, rho, pi | `sum_xy w_xy(a) A_xy C_{x-1} C_{x+1}(z-1)` | `A` (25), `C` (5), `C(z-1)` (5) |
//! | parity | `sum_x w_x(a) prod_y A_xy + sum_xy v_xy(a) A_xy` | `A` (25), which the round before leaves |
//!
//! Round constants, rotations and the batching of claims are in the weights, which the verifier
//! evaluates in closed form.
//!
//! # Messages
//!
//! A layer may begin with one round over the low four instance variables at once ([`Shape::skip`]):
//! the instances of a block are the 16th roots of unity, columns are polynomials of degree 15 on
//! them, and the round polynomial `g` is sent by its coefficients. Claims then are not multilinear
//! in those four variables: the weight of instance `j` is the Lagrange kernel of the roots at the
//! challenge. Then come the other instance variables from the highest, then the positions from the
//! highest (parts, then bits of `z`).
//!
//! `eq(p_i, i)` is kept outside of the polynomials of instance rounds: the claim is `(1 - p) h(0) +
//! p h(1)` in a round with the coordinate `p`, `<K, g>` in the first round with `K` the kernel of
//! the old point on the roots, and plainly `s(0) + s(1)` in position rounds. Every message is all
//! coefficients but the constant one, which the claim gives. So a layer's only check is the last:
//! the claim that the rounds leave is the sum's term at the point, with the claimed evaluations of
//! the columns.
//!
//! # Padding
//!
//! There is room for `2^k` instances ([`Shape::log_calls`]), each with a *flag* that says whether
//! it is a call. Where the flag is zero, columns are taken for those of padding: zero, for inputs
//! of all parts too, while a part makes of a zero state what [`zero_outputs`] says. So what is
//! shown of instance `i` with the flag `f_i` is that the part's output is, limb by limb as field
//! elements, what the columns say and `(1 - f_i)` times the output of a zero state. With the
//! multilinear extension of the flags at the point over the calls ([`Proof::real`]) this is one
//! correction of each part's claim. An instance with the flag one has true outputs; of one without,
//! nothing that a reader could use is shown. The second part's correction is twelve rounds of a
//! zero state, not the permutation of one.
//!
//! # Order in the transcript
//!
//! 1. the point over the calls, from its lowest coordinate, and `lambda` are drawn ([`OutputPoint`]);
//! 2. the claims on flags and outputs and those on the parts' committed inputs but the first
//!    ([`Proof::real`], [`Proof::output`], [`Proof::middle`]); the point over the parts is drawn;
//! 3. for each layer: each message, then its challenge; then the layer's claims; then the challenge
//!    whose powers batch them (none after the last layer).
//!
//! # Soundness
//!
//! Of a layer of degree `d`, with `k` instance variables: `15 d` (or `4 d` without the skip) for
//! the first round, `d` for each other instance variable, `d + 1` for each position variable, and
//! one less than the number of claims for their batching; over the size of the challenge field. The
//! start adds `k + 99 + log2(PARTS)`. The columns of flags, inputs and outputs must be committed
//! before the start, flags must be zero or one, and every committed input bit, of every part, must
//! be constrained to be a bit.

#[cfg(feature = "prover")]
pub mod prover;
mod shape;
mod tie;

pub use shape::{
    LAYERS, LIMBS, LOG_PARTS, LOG_SKIP, Layer, LayerProof, OutputPoint, PART_ROUNDS, PARTS, POSITION_VARIABLES, Point, Proof, SKIP, Shape,
    Z_VARIABLES, zero_outputs,
};
pub use tern_field::keccak::{self as permutation, LANES, ROUNDS};
pub use tie::{Tie, UnusableTie, bit_row};
