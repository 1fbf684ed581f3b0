//! What proving under one shape needs, made once per shape.

use p3_batch_stark::ProverData;
use tern_air::chip::TernAir;
use tern_air::shape::{SHAPES, Shape};
use tern_fri::params::SEGMENT_V1;
use tern_fri::shape::ShapeError;
use tern_fri::{RelationShape, SegmentConfig, TableShape, config};
use tern_verifier::segments::{SegmentRelation, seed};
use tern_verifier::{VerifyingKey, system};

/// Constraints, preprocessed tables and transcript seed of one shape, for one program.
pub struct ShapeSetup {
    /// The shape.
    pub shape: &'static Shape,
    /// The chips, in the order of the proof's tables.
    pub airs: Vec<TernAir>,
    /// Parameters and transcript seed.
    pub config: SegmentConfig,
    /// The committed preprocessed tables, and the LogUp columns.
    pub data: ProverData<SegmentConfig>,
    /// The verifier's view.
    pub relation: SegmentRelation,
}

impl ShapeSetup {
    /// Commits to the preprocessed tables.
    ///
    /// # Errors
    ///
    /// What the proof system says, if it cannot commit.
    pub fn new(shape: &'static Shape, key: &VerifyingKey) -> Result<Self, String> {
        let airs = TernAir::all();
        let config = config(&SEGMENT_V1, seed(shape, key));
        let data = prover_data(&config, &airs, shape)?;
        let relation = SegmentRelation::new(shape, key).map_err(|rejection| rejection.to_string())?;
        Ok(Self { shape, airs, config, data, relation })
    }
}

impl ShapeSetup {
    /// Base-field cells that a proof commits to: main, LogUp and quotient columns, padding included.
    #[must_use]
    pub fn committed_cells(&self) -> u64 {
        self.relation.shape().tables.iter().map(TableShape::committed_cells).sum()
    }
}

/// Sizes of all tables in a shape, as prover and verifier derive them.
///
/// # Errors
///
/// If a table is too tall for the field, which no shape of the list has.
pub fn relation_shape(shape: &Shape) -> Result<RelationShape, ShapeError> {
    system::relation_shape::<TernAir>(&shape.log_heights)
}

/// The commitment to the preprocessed tables as the verifier stores it, computed anew.
///
/// # Errors
///
/// What the proof system says, if it cannot commit.
pub fn preprocessed_commitment() -> Result<Vec<u8>, String> {
    let data = prover_data(&config(&SEGMENT_V1, [0; 32]), &TernAir::all(), &SHAPES[0])?;
    let preprocessed = data.common.preprocessed.ok_or("no chip has preprocessed columns")?;
    Ok(preprocessed.commitment.roots().iter().flatten().copied().collect())
}

fn prover_data(config: &SegmentConfig, airs: &[TernAir], shape: &Shape) -> Result<ProverData<SegmentConfig>, String> {
    let log_heights = shape.log_heights.map(usize::from);
    ProverData::from_airs_and_degrees(config, airs, &log_heights).map_err(|error| format!("{error:?}"))
}
