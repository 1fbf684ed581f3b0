//! The argument about the tables of a proof: `tern_fri::multilinear::keccak::Tie` says what is claimed.

use alloc::vec::Vec;

use p3_field::PrimeCharacteristicRing;
use tern_field::{EF, F};
use tern_fri::multilinear::keccak::{LANES, LIMBS, LOG_SKIP, OutputPoint, Point, Proof, Tie};
use tern_fri::multilinear::shape::LOG_BLOCK;

use super::super::Transcript;
use super::super::claim::Claim;
use super::super::equality::{factors, inner_product, powers, table};
use super::super::opening::{Form, Forms, RowWeights, at_most};
use super::super::roots::lagrange;
use super::{Claims, draw_output_point, verify};
use crate::ops::{Checked, MultilinearOps};
use crate::reason::Reason;

/// Bits of a row in a block that are its lanes.
const LANE_BITS: usize = 4;

/// What a proof's tables are for the argument.
pub struct Tables<'a, E> {
    /// Where its columns are.
    pub tie: &'a Tie,
    /// Columns of the table of calls.
    pub width: usize,
    /// The height of the table of calls in blocks.
    pub height: &'a E,
    /// Bits of a block's number.
    pub block_variables: usize,
}

/// Verifies that all calls are permutations, up to sums over the tables' cells.
///
/// The transcript has observed the commitment and the heights. Without a proof there must be no calls.
///
/// # Errors
///
/// If there are more calls than there is room for, and as [`verify`].
pub fn verify_tables<O: MultilinearOps>(
    ops: &mut O,
    tables: &Tables<'_, O::Ext>,
    proof: Option<&Proof<O::Ext>>,
    transcript: &mut Transcript<O>,
) -> Checked<O, Option<Forms<O>>> {
    let reason = Reason::Multilinear(Claim::KeccakCalls);
    let Some(proof) = proof else {
        let zero = ops.constant(EF::ZERO);
        ops.assert_equal(&zero, tables.height, reason)?;
        return Ok(None);
    };
    let log_blocks = tables.tie.log_calls.saturating_sub(LOG_BLOCK);
    ops.bits(tables.height, log_blocks.saturating_add(1), reason)?;
    at_most(ops, tables.height, log_blocks, reason)?;
    let shape = tables.tie.shape();
    let outputs = draw_output_point(ops, &shape, transcript);
    let claims = verify(ops, &shape, &outputs, proof, transcript)?;
    let delta = transcript.challenge(ops);
    Ok(Some(forms(ops, tables, &outputs, proof, &claims, &delta)))
}

/// All claims, with the powers of `delta`.
pub(super) fn forms<O: MultilinearOps>(
    ops: &mut O,
    tables: &Tables<'_, O::Ext>,
    outputs: &OutputPoint<O::Ext>,
    proof: &Proof<O::Ext>,
    claims: &Claims<O::Ext>,
    delta: &O::Ext,
) -> Forms<O> {
    let zero = ops.constant(EF::ZERO);
    let (ties, of_bits) = {
        let powers = powers(ops, delta, LANES.saturating_add(4));
        let (ties, of_bits) = powers.split_at_checked(4).unwrap_or_default();
        (<[O::Ext; 4]>::try_from(ties.to_vec()), of_bits.to_vec())
    };
    let [of_flags, of_outputs, of_inputs, of_middle] = ties.unwrap_or_else(|_| core::array::from_fn(|_| zero.clone()));
    let sum = inner_product(ops, &claims.bits, &of_bits);
    let known =
        [(&proof.real, &of_flags), (&proof.output, &of_outputs)].into_iter().chain(claims.middle.iter().map(|claim| (claim, &of_middle)));
    let sum = known.fold(sum, |sum, (claim, power)| ops.mul_add(claim, power, &sum));

    let limbs = powers(ops, &outputs.lambda, LIMBS);
    let mut columns = alloc::vec![zero.clone(); tables.width];
    let mut place =
        |first: usize, weights: Vec<O::Ext>| columns.iter_mut().skip(first).zip(weights).for_each(|(column, weight)| *column = weight);
    place(tables.tie.real, alloc::vec![of_flags]);
    place(tables.tie.input, scaled(ops, &limbs, &of_inputs));
    place(tables.tie.output, scaled(ops, &limbs, &of_outputs));
    let of_calls = Form { table: tables.tie.calls, columns, rows: rows_of_calls(ops, &outputs.calls, tables.block_variables) };

    let lanes = limbs.iter().step_by(4).cloned().collect();
    let parts = [ops.sub(&zero, &of_inputs), of_middle];
    let of_limbs = Form { table: tables.tie.bits, columns: lanes, rows: rows_of_limbs(ops, outputs, parts, tables.block_variables) };
    let of_bits = Form { table: tables.tie.bits, columns: of_bits, rows: rows_of_bits(ops, &claims.point, tables.block_variables) };
    Forms { forms: alloc::vec![of_calls, of_limbs, of_bits], sum }
}

fn scaled<O: MultilinearOps>(ops: &mut O, values: &[O::Ext], factor: &O::Ext) -> Vec<O::Ext> {
    values.iter().map(|value| ops.mul(value, factor)).collect()
}

/// Weights of rows below the power of two that the factors are for.
fn padded<O: MultilinearOps>(ops: &mut O, mut blocks: Vec<[O::Ext; 2]>, block_variables: usize) -> Vec<[O::Ext; 2]> {
    let never = [ops.constant(EF::ONE), ops.constant(EF::ZERO)];
    blocks.resize(block_variables, never);
    blocks
}

fn lists<E: Clone>(factors: &[[E; 2]]) -> impl Iterator<Item = Vec<E>> {
    factors.iter().map(|factor| factor.to_vec())
}

fn rows_of_calls<O: MultilinearOps>(ops: &mut O, calls: &[O::Ext], block_variables: usize) -> RowWeights<O> {
    let (in_block, above) = calls.split_at_checked(LOG_BLOCK).unwrap_or_default();
    let (lanes, others) = in_block.split_at_checked(LANE_BITS).unwrap_or_default();
    let (lanes, others) = (factors(ops, lanes), table(ops, others));
    let above = factors(ops, above);
    RowWeights { block: lists(&lanes).chain([others]).collect(), blocks: padded(ops, above, block_variables) }
}

/// A bit's part in its limb, and its limb's among those of a lane; `parts` are the weights of the parts.
fn rows_of_limbs<O: MultilinearOps>(
    ops: &mut O,
    outputs: &OutputPoint<O::Ext>,
    parts: [O::Ext; 2],
    block_variables: usize,
) -> RowWeights<O> {
    let one = ops.constant(EF::ONE);
    let (low, high) = outputs.calls.split_at_checked(LOG_SKIP).unwrap_or_default();
    let places = [1, 2, 4, 8].map(|bits| [one.clone(), ops.constant(EF::from(F::TWO.exp_u64(bits)))]);
    let mut calls = table(ops, low);
    let of_second = scaled(ops, &calls, &outputs.lambda);
    calls.extend(of_second);
    let square = ops.mul(&outputs.lambda, &outputs.lambda);
    let high = factors(ops, high);
    let blocks = [[one, square], parts].into_iter().chain(high).collect();
    RowWeights { block: lists(&places).chain([calls]).collect(), blocks: padded(ops, blocks, block_variables) }
}

fn rows_of_bits<O: MultilinearOps>(ops: &mut O, point: &Point<O::Ext>, block_variables: usize) -> RowWeights<O> {
    let kernel = point.first.as_ref().map_or_else(Vec::new, |first| lagrange(ops, first, LOG_SKIP));
    let positions = factors(ops, &point.positions);
    let (lanes, others) = positions.split_at_checked(LANE_BITS).unwrap_or_default();
    let (fifth, above) = others.split_at_checked(1).unwrap_or_default();
    let fifth = fifth.iter().flatten().flat_map(|weight| scaled(ops, &kernel, weight)).collect();
    let instances = factors(ops, &point.instances);
    let blocks = above.iter().cloned().chain(instances).collect();
    RowWeights { block: lists(lanes).chain([fifth]).collect(), blocks: padded(ops, blocks, block_variables) }
}
