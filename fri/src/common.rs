//! What a verifier holds beside the AIRs: how interactions are packed, and the preprocessed commitment.

use alloc::vec::Vec;

use p3_air::Air;
use p3_air::symbolic::AirLayout;
use p3_batch_stark::CommonData;
use p3_batch_stark::common::{GlobalPreprocessed, PreprocessedInstanceMeta};
use p3_batch_stark::symbolic::get_log_num_quotient_chunks;
use p3_lookup::{InteractionSymbolicBuilder, LogUpGadget, LookupProtocol, Lookups};
use tern_field::{EF, F};
use thiserror::Error;

use crate::config::{Commitment, SegmentConfig};
use crate::shape::{ShapeError, check_count};

/// Why a verifier's data cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CommonDataError {
    /// The tables and their heights do not match.
    #[error(transparent)]
    Shape(#[from] ShapeError),
    /// A preprocessed commitment is missing, or there is one without preprocessed columns.
    #[error("expected a preprocessed commitment: {expected}, got one: {got}")]
    PreprocessedCommitment {
        /// Whether any table has preprocessed columns.
        expected: bool,
        /// Whether there is a commitment.
        got: bool,
    },
}

/// Makes `p3-batch-stark`'s common data without its prover, which would commit to the
/// preprocessed columns again.
///
/// It equals what `ProverData::from_airs_and_degrees` makes for the same tables.
///
/// # Errors
///
/// When heights or the commitment do not match the tables.
pub fn common_data<A>(
    airs: &[A],
    log_heights: &[usize],
    preprocessed: Option<Commitment>,
) -> Result<CommonData<SegmentConfig>, CommonDataError>
where
    A: Air<InteractionSymbolicBuilder<F, EF>>,
{
    check_count("heights", airs.len(), log_heights.len())?;
    let lookups = airs.iter().map(packed_lookups).collect();
    let expected = airs.iter().any(|air| air.preprocessed_width() > 0);
    if preprocessed.is_some() != expected {
        return Err(CommonDataError::PreprocessedCommitment { expected, got: preprocessed.is_some() });
    }
    let preprocessed = preprocessed.map(|commitment| global_preprocessed(airs, log_heights, commitment));
    Ok(CommonData::new(preprocessed, lookups))
}

/// Packs the interactions of one table into as few columns as its degree allows.
///
/// More than one interaction shares a column where the table has other constraints of higher
/// degree, or asks for it with `max_constraint_degree`.
#[must_use]
pub fn packed_lookups<A>(air: &A) -> Lookups<F>
where
    A: Air<InteractionSymbolicBuilder<F, EF>>,
{
    let gadget = LogUpGadget::new();
    let unpacked = Lookups::<F>::from_air::<EF, A>(air);
    // The number of rows matters to periodic columns only, which no table here has.
    let rows = 1;
    let log_chunks = get_log_num_quotient_chunks::<F, EF, A, _>(air, AirLayout::from_air(air), rows, &unpacked, 0, &gadget);
    let free_degree = (1 << log_chunks) + 1;
    unpacked.pack_same_bus_with_degree(free_degree, |lookup| gadget.constraint_degree(lookup))
}

fn global_preprocessed<A>(airs: &[A], log_heights: &[usize], commitment: Commitment) -> GlobalPreprocessed<SegmentConfig>
where
    A: Air<InteractionSymbolicBuilder<F, EF>>,
{
    let mut matrix_to_instance = Vec::new();
    let mut instances = Vec::new();
    for (index, (air, log_height)) in airs.iter().zip(log_heights).enumerate() {
        let width = air.preprocessed_width();
        let meta =
            (width > 0).then_some(PreprocessedInstanceMeta { matrix_index: matrix_to_instance.len(), width, degree_bits: *log_height });
        if meta.is_some() {
            matrix_to_instance.push(index);
        }
        instances.push(meta);
    }
    GlobalPreprocessed { commitment, instances, matrix_to_instance }
}
