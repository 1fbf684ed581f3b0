//! The argument about the tables of a proof ([`super::super::tie`]).

use alloc::vec;
use alloc::vec::Vec;
use core::convert::Infallible;

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use p3_maybe_rayon::prelude::*;
use tern_field::{EF, F};

use super::super::permutation::{LANES, State};
use super::super::shape::{LIMBS, LOG_SKIP, OutputPoint, PARTS, Point, Proof};
use super::super::tie::{Tie, bit_row};
use super::{Claims, Witness, draw_output_point, limb_evaluation, prove};
use crate::multilinear::Transcript;
use crate::multilinear::equality;
use crate::multilinear::opening::{Form, RowWeights, equality_factor};
use crate::multilinear::polynomial::lagrange_on_roots;
use crate::multilinear::shape::LOG_BLOCK;
use crate::multilinear::source::Source;

/// Bits of a row in a block that are its lanes.
const LANE_BITS: usize = 4;

/// Proves the permutations of all calls, which come first in their table, and gives the forms that
/// are left to be opened.
///
/// # Panics
///
/// If tables are made of what does not say it.
pub fn prove_tables(tie: &Tie, tables: &[Source<'_>], block_variables: usize, transcript: &mut Transcript) -> (Proof<EF>, Vec<Form>) {
    let proved = prove_tables_with(tie, tables, block_variables, transcript, |witness, point, output, transcript| {
        Ok::<_, Infallible>(prove(witness, point, output, transcript))
    });
    let Ok(proved) = proved;
    proved
}

/// The same where `prove` makes the argument, as [`super::prove`] does.
///
/// # Errors
///
/// Those of `prove`.
///
/// # Panics
///
/// As there.
pub fn prove_tables_with<E>(
    tie: &Tie,
    tables: &[Source<'_>],
    block_variables: usize,
    transcript: &mut Transcript,
    prove: impl FnOnce(&Witness, &OutputPoint<EF>, EF, &mut Transcript) -> Result<(Proof<EF>, Claims), E>,
) -> Result<(Proof<EF>, Vec<Form>), E> {
    let witness = Witness::from_parts(tie.shape(), &states(tie, tables));
    let point = draw_output_point(witness.shape(), transcript);
    let output = limb_evaluation(&point, witness.outputs());
    let (proof, claims) = prove(&witness, &point, output, transcript)?;
    let delta = transcript.challenge();
    let forms = forms(tie, tables[tie.calls].width(), block_variables, &point, &claims, delta);
    Ok((proof, forms))
}

/// The inputs of all parts.
fn states(tie: &Tie, tables: &[Source<'_>]) -> Vec<Vec<State>> {
    let calls = match &tables[tie.calls] {
        Source::Cells(calls) => calls.values.chunks_exact(calls.width).take_while(|row| row[tie.real] == F::ONE).count(),
        calls => calls.height(),
    };
    match &tables[tie.bits] {
        Source::States(states, _) => (0..PARTS).map(|part| states.iter().map(|parts| parts[part]).collect()).collect(),
        Source::Cells(bits) => states_of_bits(bits, calls),
        Source::Records(..) | Source::Counts(_) => panic!("a table of bits that is made of no states"),
    }
}

/// The same from the table of bits.
fn states_of_bits(bits: &RowMajorMatrix<F>, calls: usize) -> Vec<Vec<State>> {
    let state = |part: usize, call: usize| {
        let mut state = [0; LANES];
        for z in 0..64 {
            let first = bit_row(call, part, z) * LANES;
            // Rows that are not there are zero.
            for (lane, bit) in state.iter_mut().zip(bits.values.get(first..first + LANES).unwrap_or_default()) {
                *lane |= u64::from(*bit == F::ONE) << z;
            }
        }
        state
    };
    (0..PARTS).map(|part| (0..calls).into_par_iter().map(|call| state(part, call)).collect()).collect()
}

/// The sums over the tables' cells.
fn forms(tie: &Tie, width: usize, block_variables: usize, outputs: &OutputPoint<EF>, claims: &Claims, delta: EF) -> Vec<Form> {
    let powers = delta.powers().collect_n(4 + LANES);
    let lambda = outputs.lambda;
    let mut columns = EF::zero_vec(width);
    columns[tie.real] = powers[0];
    for (limb, weight) in lambda.powers().take(LIMBS).enumerate() {
        columns[tie.output + limb] = weight * powers[1];
        columns[tie.input + limb] = weight * powers[2];
    }
    let of_calls = Form { table: tie.calls, columns, rows: rows_of_calls(&outputs.calls, block_variables) };
    let limbs = lambda.exp_u64(4).powers().collect_n(LANES);
    let of_limbs = Form { table: tie.bits, columns: limbs, rows: rows_of_limbs(outputs, [-powers[2], powers[3]], block_variables) };
    let of_bits = Form { table: tie.bits, columns: powers[4..].to_vec(), rows: rows_of_bits(&claims.point, block_variables) };
    vec![of_calls, of_limbs, of_bits]
}

fn equality_factors(point: &[EF]) -> impl Iterator<Item = [EF; 2]> {
    point.iter().copied().map(equality_factor)
}

/// Weights of rows below the power of two that the factors are for.
fn padded(mut blocks: Vec<[EF; 2]>, block_variables: usize) -> Vec<[EF; 2]> {
    blocks.resize(block_variables, [EF::ONE, EF::ZERO]);
    blocks
}

fn rows_of_calls(calls: &[EF], block_variables: usize) -> RowWeights {
    let (in_block, above) = calls.split_at(LOG_BLOCK);
    let (lanes, others) = in_block.split_at(LANE_BITS);
    let block = equality_factors(lanes).map(Vec::from).chain([equality::table(others)]).collect();
    RowWeights { block, blocks: padded(equality_factors(above).collect(), block_variables) }
}

/// A bit's part in its limb, and its limb's among those of a lane; `parts` are the weights of the parts.
fn rows_of_limbs(outputs: &OutputPoint<EF>, parts: [EF; 2], block_variables: usize) -> RowWeights {
    let (low, high) = outputs.calls.split_at(LOG_SKIP);
    let places = (0..LANE_BITS).map(|bit| vec![EF::ONE, EF::from_u32(1 << (1 << bit))]);
    let low = equality::table(low);
    let of_second = low.iter().map(|&weight| weight * outputs.lambda).collect::<Vec<EF>>();
    let block = places.chain([[low, of_second].concat()]).collect();
    let blocks = [[EF::ONE, outputs.lambda.square()], parts].into_iter().chain(equality_factors(high)).collect();
    RowWeights { block, blocks: padded(blocks, block_variables) }
}

fn rows_of_bits(point: &Point<EF>, block_variables: usize) -> RowWeights {
    let kernel = point.first.map_or_else(Vec::new, |first| lagrange_on_roots(first, LOG_SKIP));
    let (lanes, others) = point.positions.split_at(LANE_BITS);
    let (fifth, above) = others.split_at(1);
    let of_fifth = equality_factor(fifth[0]).map(|weight| kernel.iter().map(|&kernel| kernel * weight).collect::<Vec<EF>>());
    let block = equality_factors(lanes).map(Vec::from).chain([of_fifth.concat()]).collect();
    RowWeights { block, blocks: padded(equality_factors(above).chain(equality_factors(&point.instances)).collect(), block_variables) }
}
