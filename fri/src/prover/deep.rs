//! The opening argument: claimed values at the out-of-domain points, then one codeword for each height, whose degree FRI bounds.
//!
//! Let `p_i` be the columns of the tables of one height `n`, each opened at some points `z` with claimed value `y_i`. The codeword of that height is
//!
//! ```text
//! q(x) = sum over (i, z) of alpha^k (y_i - p_i(x)) / (z - x),    k counts the pairs
//! ```
//!
//! A fraction of an honest prover is a polynomial of degree below `n - 1`, so `q` is known everywhere once it is known on `n` points. It is computed on
//! the coset that the first `n` rows of a committed matrix lie on, and extended from there by a transform of five columns. Computed on the whole domain
//! the same values would take as many times the work as the blowup says.
//!
//! Order and challenges are those of `p3-fri`'s `TwoAdicFriPcs::open`, so the proofs are equal byte for byte.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::marker::PhantomData;

use p3_commit::{Mmcs, OpeningRequest, UnivariateStarkPcs};
use p3_field::{BasedVectorSpace, Field, PackedFieldExtension, PrimeCharacteristicRing, batch_multiplicative_inverse, dot_product};
use p3_fri::prover::prove_fri;
use p3_fri::{FriParameters, FriProverError, PcsProverTranscript, PcsShape, TwoAdicFriFolding, TwoAdicFriFoldingForMmcs};
use p3_matrix::Matrix;
use p3_matrix::dense::{RowMajorMatrix, RowMajorMatrixView};
use p3_matrix::interpolation::{Interpolate, compute_adjusted_weights};
use p3_maybe_rayon::prelude::*;
use p3_util::{log2_strict_usize, reverse_slice_index_bits};
use tern_field::{EF, EXTENSION_DEGREE, F};

use super::messages::{LANES, PackedExt};
use super::{CommittedTraces, Domain, OpenedRows, OpeningProof};
use crate::challenger::Blake3Challenger;
use crate::config::{ChallengeMmcs, Pcs, ValMmcs};

/// A commitment, and the points of each of its matrices.
pub(super) type Request<'a> = OpeningRequest<'a, CommittedTraces, EF>;

/// Opens committed matrices.
pub(super) struct Opener<'a> {
    pub(super) pcs: &'a Pcs,
    pub(super) fri: &'a FriParameters<ChallengeMmcs>,
    pub(super) mmcs: &'a ValMmcs,
}

impl Opener<'_> {
    /// Opens every matrix at its points.
    ///
    /// # Errors
    ///
    /// When a matrix is too short for the last polynomial.
    pub(super) fn open(
        &self,
        requests: &[Request<'_>],
        challenger: &mut Blake3Challenger,
    ) -> Result<(OpenedRows, OpeningProof), FriProverError> {
        let commitments: Vec<Vec<Opening<'_>>> = requests.iter().map(|request| self.openings(request)).collect();
        let points = Points::new(commitments.iter().flatten());
        let opened: OpenedRows = tracing::debug_span!("evaluate").in_scope(|| {
            let values = |opening: &Opening<'_>| opening.points.iter().map(|point| points.evaluate(&opening.rows, *point)).collect();
            commitments.iter().map(|openings| openings.iter().map(values).collect()).collect()
        });

        let mut transcript = PcsProverTranscript::<_, F, EF>::new(challenger, PcsShape::from_opened_values(self.fri, &opened));
        transcript.claimed_openings(&opened);
        let (alpha, witness) = transcript.batch_phase();
        let mut codewords = Codewords { points: &points, alpha, by_height: BTreeMap::new() };
        tracing::debug_span!("combine").in_scope(|| {
            for (opening, values) in commitments.iter().flatten().zip(opened.iter().flatten()) {
                codewords.add(opening, values);
            }
        });
        let codewords = tracing::debug_span!("extend").in_scope(|| codewords.extended(self.pcs));
        let folding: TwoAdicFriFoldingForMmcs<F, ValMmcs> = TwoAdicFriFolding(PhantomData);
        let proof = codewords.and_then(|codewords| {
            let log_max_height = codewords.first().map_or(0, |codeword| log2_strict_usize(codeword.len()));
            let witness = witness.unwrap_or(F::ZERO);
            transcript
                .delegate(|challenger| prove_fri(&folding, self.fri, codewords, challenger, log_max_height, requests, self.mmcs, witness))
        });
        match proof {
            Ok(proof) => {
                transcript.finish();
                Ok((opened, proof))
            }
            Err(error) => {
                transcript.abort();
                Err(error)
            }
        }
    }

    fn openings<'a>(&self, request: &'a Request<'_>) -> Vec<Opening<'a>> {
        let matrices = self.mmcs.get_matrices(request.prover_data);
        let low = |matrix: &'a RowMajorMatrix<F>| matrix.split_rows(matrix.height() >> self.fri.log_blowup).0;
        matrices.into_iter().zip(&request.points).map(|(matrix, points)| Opening { rows: low(matrix), points }).collect()
    }
}

/// A matrix and where it is opened.
struct Opening<'a> {
    /// The rows on the coset `g K` of as many points as the polynomials have coefficients, in bit-reversed order: the first rows of the extended matrix.
    rows: RowMajorMatrixView<'a, F>,
    points: &'a [EF],
}

/// The opening points, with what only they and the coset determine.
struct Points {
    each: Vec<Point>,
}

struct Point {
    z: EF,
    /// `1 / (z - x)` for the `x` of the largest coset that is opened at `z`, in bit-reversed order: a smaller coset is a prefix.
    inverses: Vec<EF>,
    /// What the rows are weighted with to evaluate their columns at `z`, up to a factor.
    weights: Vec<EF>,
}

impl Points {
    fn new<'a>(openings: impl Iterator<Item = &'a Opening<'a>>) -> Self {
        let mut heights: Vec<(EF, usize)> = Vec::new();
        for (z, height) in openings.flat_map(|opening| opening.points.iter().map(|z| (*z, opening.rows.height()))) {
            match heights.iter_mut().find(|(known, _)| *known == z) {
                Some((_, tallest)) => *tallest = height.max(*tallest),
                None => heights.push((z, height)),
            }
        }
        let mut coset: Vec<F> = coset(heights.iter().map(|(_, height)| *height).max().unwrap_or(1)).iter().collect();
        reverse_slice_index_bits(&mut coset);
        let point = |(z, height): (EF, usize)| {
            let differences: Vec<EF> = coset[..height].iter().map(|x| z - *x).collect();
            let inverses = batch_multiplicative_inverse(&differences);
            Point { z, weights: compute_adjusted_weights(z, &inverses), inverses }
        };
        Self { each: heights.into_iter().map(point).collect() }
    }

    fn point(&self, z: EF) -> &Point {
        self.each.iter().find(|point| point.z == z).expect("every opening's points are listed")
    }

    fn evaluate(&self, rows: &RowMajorMatrixView<'_, F>, z: EF) -> Vec<EF> {
        rows.interpolate_coset_with_precomputation(F::GENERATOR, z, &self.point(z).weights[..rows.height()])
    }
}

/// The coset `g K`, `K` of this order.
fn coset(order: usize) -> Domain {
    Domain::new(F::GENERATOR, log2_strict_usize(order)).expect("matrices are shorter than the field's two-adicity allows")
}

/// The codewords, while they are summed up.
struct Codewords<'a> {
    points: &'a Points,
    alpha: EF,
    by_height: BTreeMap<usize, Codeword>,
}

#[derive(Default)]
struct Codeword {
    /// Values on the coset, in bit-reversed order.
    values: Vec<EF>,
    /// How many pairs of column and point they hold.
    pairs: usize,
}

impl Codewords<'_> {
    /// Adds the fractions of one matrix, with the values of its columns at each of its points.
    fn add(&mut self, opening: &Opening<'_>, values: &[Vec<EF>]) {
        let (height, width) = (opening.rows.height(), opening.rows.width());
        let codeword = self.by_height.entry(height).or_default();
        codeword.values.resize(height, EF::ZERO);
        let powers: Vec<PackedExt> = PackedExt::packed_ext_powers_capped(self.alpha, width).take(width.div_ceil(LANES)).collect();
        let rows: Vec<EF> = opening.rows.rowwise_packed_dot_product::<EF>(&powers).collect();
        for (z, values) in opening.points.iter().zip(values) {
            let weight = self.alpha.exp_u64(codeword.pairs as u64);
            let claimed: EF = dot_product(self.alpha.powers(), values.iter().copied());
            let inverses = &self.points.point(*z).inverses;
            codeword.values.par_iter_mut().zip(&rows).zip(&inverses[..height]).for_each(|((value, row), inverse)| {
                *value += weight * (claimed - *row) * *inverse;
            });
            codeword.pairs += width;
        }
    }

    /// The codewords on their whole domains, the longest first; in bit-reversed order.
    fn extended(self, pcs: &Pcs) -> Result<Vec<Vec<EF>>, FriProverError> {
        let columns = self.by_height.into_iter().rev().map(|(height, Codeword { mut values, .. })| {
            reverse_slice_index_bits(&mut values);
            (coset(height), RowMajorMatrix::new(EF::flatten_to_base(values), EXTENSION_DEGREE))
        });
        // What extends a chunk of a quotient extends any polynomial whose values on a coset are known.
        let extended = UnivariateStarkPcs::<EF, Blake3Challenger>::get_quotient_ldes(pcs, columns, 1)?;
        Ok(extended.into_iter().map(|matrix| EF::reconstitute_from_base(matrix.values)).collect())
    }
}
