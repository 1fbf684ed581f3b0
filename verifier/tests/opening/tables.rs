//! Tables, their claims, and what the verifier says of an opening.

use p3_field::{BasedVectorSpace, PrimeCharacteristicRing, PrimeField32};
use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;
use tern_field::{EF, F};
use tern_fri::hash::Digest;
use tern_fri::multilinear::opening::{Committed, RowWeights, open};
use tern_fri::multilinear::params::SEGMENT_V2;
use tern_fri::multilinear::{Layout, OpeningProof, OpeningShape, Params, Transcript};
use tern_verifier::Reason;
use tern_verifier::multilinear::opening::{Claims, Excess, OpeningValues, RowPoint, has_shape};
use tern_verifier::multilinear::{Claim, OpeningVerifier, Transcript as Replay};
use tern_verifier::native::{Failure, Native};

/// Parameters for tests: few queries and little work.
pub const PARAMS: Params = Params {
    name: "test",
    log_width: 4,
    log_blowup: 2,
    num_queries: 12,
    cap_height: 2,
    lookup_pow_bits: 0,
    column_pow_bits: 2,
    row_pow_bits: 3,
    query_pow_bits: 4,
    ..SEGMENT_V2
};

/// Numbers that look random.
pub struct Noise(pub u64);

impl Noise {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 31)).wrapping_mul(0xd6e8_feb8_6659_fd93);
        mixed ^ (mixed >> 29)
    }

    pub fn base(&mut self) -> F {
        F::from_u64(self.next())
    }

    pub fn ext(&mut self) -> EF {
        EF::from_basis_coefficients_fn(|_| self.base())
    }
}

/// Tables in one or two matrices, and the weights of their rows.
pub struct Instance {
    pub shape: OpeningShape,
    pub tables: Vec<Vec<RowMajorMatrix<F>>>,
    pub rows: RowWeights,
}

impl Instance {
    /// Random tables: for each matrix its logarithmic width and the tables' widths and heights.
    pub fn new(params: Params, log_rows: usize, row_variables: usize, matrices: &[(usize, &[(usize, usize)])], seed: u64) -> Self {
        Self::in_blocks(params, log_rows, (&[], row_variables), matrices, seed)
    }

    /// The same, in blocks whose rows' weights have factors of so many bits.
    pub fn in_blocks(
        params: Params,
        log_rows: usize,
        (block, block_variables): (&[usize], usize),
        matrices: &[(usize, &[(usize, usize)])],
        seed: u64,
    ) -> Self {
        let mut noise = Noise(seed);
        let table = |noise: &mut Noise, (width, height): (usize, usize)| {
            RowMajorMatrix::new((0..width * height).map(|_| noise.base()).collect(), width)
        };
        let tables = matrices.iter().map(|(_, sizes)| sizes.iter().map(|&size| table(&mut noise, size)).collect()).collect();
        let layouts =
            matrices.iter().map(|(log_width, sizes)| Layout::new(&sizes.iter().map(|size| size.0).collect::<Vec<_>>(), *log_width));
        let layouts = layouts.collect();
        let params = Params { log_width: matrices[0].0, ..params };
        let rows = RowWeights {
            block: block.iter().map(|bits| (0..1 << bits).map(|_| noise.ext()).collect()).collect(),
            point: (0..block_variables).map(|_| noise.ext()).collect(),
        };
        Self { shape: OpeningShape { params, log_rows, block: block.to_vec(), block_variables, layouts }, tables, rows }
    }

    /// Rows that are stored.
    pub fn stored(&self) -> Vec<Vec<usize>> {
        let stored = |table: &RowMajorMatrix<F>| table.height().next_multiple_of(1 << self.shape.log_block());
        self.tables.iter().map(|tables| tables.iter().map(stored).collect()).collect()
    }

    /// Heights in blocks.
    pub fn heights(&self) -> Vec<Vec<usize>> {
        self.stored().into_iter().map(|heights| heights.into_iter().map(|height| height >> self.shape.log_block()).collect()).collect()
    }

    /// Every row's weight, by the definition.
    pub fn row_weights(&self) -> Vec<EF> {
        let weight = |row: usize| {
            let mut rest = row;
            let mut weight = EF::ONE;
            for factor in &self.rows.block {
                weight *= factor[rest % factor.len()];
                rest /= factor.len();
            }
            let bits = self.rows.point.iter().enumerate();
            weight * bits.map(|(bit, &x)| if rest >> bit & 1 == 1 { x } else { EF::ONE - x }).product::<EF>()
        };
        (0..1 << (self.shape.log_block() + self.shape.block_variables)).map(weight).collect()
    }

    /// The weighted sums of all columns.
    pub fn claims(&self) -> Vec<EF> {
        let weights = self.row_weights();
        let columns = self.tables.iter().flatten().flat_map(|table| (0..table.width).map(move |column| (table, column)));
        columns
            .map(|(table, column)| {
                let cells = table.values.iter().skip(column).step_by(table.width);
                cells.zip(&weights).map(|(&cell, &weight)| weight * cell).sum()
            })
            .collect()
    }

    pub fn commit(&self) -> Vec<Committed> {
        let layouts = self.shape.layouts.iter().zip(&self.tables);
        let size = (self.shape.log_rows, self.shape.log_block());
        layouts.map(|(layout, tables)| Committed::new(&self.shape.params, layout, tables, size).unwrap()).collect()
    }

    /// The transcript before the opening, when these commitments are observed.
    pub fn transcript(&self, caps: &[Vec<Digest>]) -> Transcript {
        let mut transcript = Transcript::new(&self.shape.params.to_bytes(), &[3; 32]);
        caps.iter().for_each(|cap| transcript.observe_digests(cap));
        transcript
    }

    pub fn prove(&self) -> Opening {
        let committed = self.commit();
        let caps: Vec<Vec<Digest>> = committed.iter().map(|matrix| matrix.cap().to_vec()).collect();
        let claims = self.claims();
        let matrices: Vec<&Committed> = committed.iter().collect();
        assert_eq!(committed.iter().map(Committed::heights).collect::<Vec<_>>(), self.heights());
        let proof = open(&self.shape, &matrices, &self.rows, &claims, &mut self.transcript(&caps));
        Opening { caps, claims, heights: self.heights(), rows: self.rows.clone(), proof }
    }
}

/// Everything that a verifier is given.
#[derive(Clone)]
pub struct Opening {
    pub caps: Vec<Vec<Digest>>,
    pub claims: Vec<EF>,
    pub heights: Vec<Vec<usize>>,
    pub rows: RowWeights,
    pub proof: OpeningProof,
}

/// Why an opening is rejected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rejected {
    Shape,
    Excess(Excess),
    Claim(Claim),
}

impl From<Failure> for Rejected {
    fn from(failure: Failure) -> Self {
        match failure.reason() {
            Reason::Multilinear(claim) => Self::Claim(claim),
            other => panic!("a claim of version 1: {other}"),
        }
    }
}

/// The verifier's answer.
pub fn verify(shape: &OpeningShape, opening: &Opening) -> Result<(), Rejected> {
    let Opening { caps, claims, heights, rows, proof } = opening;
    if !has_shape(proof, shape) {
        return Err(Rejected::Shape);
    }
    let ops = &mut Native;
    let verifier = OpeningVerifier::new(shape.clone()).expect("a usable shape");
    let mut transcript = Replay::new(ops, &shape.params.to_bytes(), &[3; 32]);
    caps.iter().for_each(|cap| transcript.observe_digests(cap));
    let mut values = OpeningValues::without_queries(proof);
    let heights: Vec<Vec<EF>> = heights.iter().map(|heights| heights.iter().map(|&height| EF::from_usize(height)).collect()).collect();
    let rows = RowPoint { block: rows.block.clone(), point: rows.point.clone() };
    let claims = Claims { commitments: caps, heights: &heights, rows: &rows, values: claims };
    let challenges = verifier.replay(ops, &mut transcript, &claims, &values)?;
    values.queries = verifier.expand(proof, &challenges).map_err(Rejected::Excess)?;
    verifier.check(ops, &claims, &values, &challenges)?;
    Ok(())
}

/// Another element.
pub fn changed(value: F) -> F {
    F::from_u32(value.as_canonical_u32() ^ 1)
}
