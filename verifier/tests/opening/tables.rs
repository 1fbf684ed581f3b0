//! Tables, their claims, and what the verifier says of an opening.

use p3_field::{BasedVectorSpace, PrimeCharacteristicRing, PrimeField32};
use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;
use tern_field::{EF, F};
use tern_fri::hash::Digest;
use tern_fri::multilinear::opening::{self, Committed, Form, RowWeights, equality_factor, open};
use tern_fri::multilinear::params::SEGMENT_V2;
use tern_fri::multilinear::{Layout, OpeningProof, OpeningShape, Params, Transcript};
use tern_verifier::Reason;
use tern_verifier::multilinear::opening::{self as verifier, Claims, Excess, Forms, OpeningValues, has_shape};
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
    pub forms: Vec<Form>,
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
            blocks: (0..block_variables).map(|_| equality_factor(noise.ext())).collect(),
        };
        let shape = OpeningShape { params, log_rows, block: block.to_vec(), block_variables, layouts };
        Self { shape, tables, rows, forms: Vec::new() }
    }

    /// With a form on each of these tables of the first matrix, of any weights.
    pub fn with_forms(mut self, tables: &[usize]) -> Self {
        let mut noise = Noise(99);
        let mut list = |len: usize| (0..len).map(|_| noise.ext()).collect::<Vec<EF>>();
        for &table in tables {
            let columns = list(self.tables[0][table].width);
            let block = self.rows.block.iter().map(|factor| list(factor.len())).collect();
            let blocks = self.rows.blocks.iter().map(|_| [(); 2].map(|()| list(1)[0])).collect();
            self.forms.push(Form { table, columns, rows: RowWeights { block, blocks } });
        }
        self
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
    pub fn row_weights(&self, rows: &RowWeights) -> Vec<EF> {
        let weight = |row: usize| {
            let mut rest = row;
            let mut weight = EF::ONE;
            for factor in &rows.block {
                weight *= factor[rest % factor.len()];
                rest /= factor.len();
            }
            weight * rows.blocks.iter().enumerate().map(|(bit, factor)| factor[rest >> bit & 1]).product::<EF>()
        };
        (0..1 << (self.shape.log_block() + self.shape.block_variables)).map(weight).collect()
    }

    /// The weighted sums of all columns.
    pub fn claims(&self) -> Vec<EF> {
        let weights = self.row_weights(&self.rows);
        self.tables.iter().flatten().flat_map(|table| column_sums(table, &weights)).collect()
    }

    /// What the forms add up to.
    pub fn sum(&self) -> EF {
        let value = |form: &Form| {
            let sums = column_sums(&self.tables[0][form.table], &self.row_weights(&form.rows));
            sums.into_iter().zip(&form.columns).map(|(sum, &weight)| sum * weight).sum::<EF>()
        };
        self.forms.iter().map(value).sum()
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
        let of_columns = opening::Claims { values: &claims, columns: &|weights| self.shape.each_column(weights) };
        let proof = open(&self.shape, &matrices, &self.rows, &of_columns, &self.forms, &mut self.transcript(&caps));
        Opening { caps, claims, heights: self.heights(), rows: self.rows.clone(), forms: self.forms.clone(), sum: self.sum(), proof }
    }
}

/// Everything that a verifier is given.
#[derive(Clone)]
pub struct Opening {
    pub caps: Vec<Vec<Digest>>,
    pub claims: Vec<EF>,
    pub heights: Vec<Vec<usize>>,
    pub rows: RowWeights,
    pub forms: Vec<Form>,
    /// What the forms add up to.
    pub sum: EF,
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
    let Opening { caps, claims, heights, rows, forms, sum, proof } = opening;
    if !has_shape(proof, shape) {
        return Err(Rejected::Shape);
    }
    let ops = &mut Native;
    let verifier = OpeningVerifier::new(shape.clone()).expect("a usable shape");
    let mut transcript = Replay::new(ops, &shape.params.to_bytes(), &[3; 32]);
    caps.iter().for_each(|cap| transcript.observe_digests(cap));
    let mut values = OpeningValues::without_queries(proof);
    let heights: Vec<Vec<EF>> = heights.iter().map(|heights| heights.iter().map(|&height| EF::from_usize(height)).collect()).collect();
    let (rows, forms) = (native_rows(rows), native_forms(forms, *sum));
    let claims = Claims {
        commitments: caps,
        heights: &heights,
        rows: &rows,
        values: claims,
        columns: &|_, weights| shape.each_column(weights),
        forms: forms.as_ref(),
    };
    let challenges = verifier.replay(ops, &mut transcript, &claims, &values)?;
    values.queries = verifier.expand(proof, &challenges).map_err(Rejected::Excess)?;
    verifier.check(ops, &claims, &values, &challenges)?;
    Ok(())
}

/// A table's columns' sums over rows.
fn column_sums(table: &RowMajorMatrix<F>, weights: &[EF]) -> Vec<EF> {
    let sum = |column| {
        let cells = table.values.iter().skip(column).step_by(table.width);
        cells.zip(weights).map(|(&cell, &weight)| weight * cell).sum()
    };
    (0..table.width).map(sum).collect()
}

/// The verifier's values.
pub fn native_rows(rows: &RowWeights) -> verifier::RowWeights<Native> {
    verifier::RowWeights { block: rows.block.clone(), blocks: rows.blocks.clone() }
}

pub fn native_forms(forms: &[Form], sum: EF) -> Option<Forms<Native>> {
    let native = |form: &Form| verifier::Form { table: form.table, columns: form.columns.clone(), rows: native_rows(&form.rows) };
    (!forms.is_empty()).then(|| Forms { forms: forms.iter().map(native).collect(), sum })
}

/// Another element.
pub fn changed(value: F) -> F {
    F::from_u32(value.as_canonical_u32() ^ 1)
}
