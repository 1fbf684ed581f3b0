//! The discrete Fourier transform of the prover, chosen by the width of the matrix.

use p3_dft::{Radix2DFTSmallBatch, Radix2DitParallel, TwoAdicSubgroupDft};
use p3_matrix::Matrix;
use p3_matrix::bitrev::{BitReversedMatrixView, BitReversibleMatrix};
use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;

/// Widest matrix that goes to the transform for narrow matrices.
///
/// Measured with AVX-512 at 2^18 rows, bit reversal included, in million cells per core and second,
/// wide against narrow: 5 columns 9 / 32, 20 columns 24 / 37, 32 columns 38 / 39, 64 columns 43 / 41.
const NARROW: usize = 32;

/// `Radix2DFTSmallBatch` up to 32 columns, `Radix2DitParallel` beyond. Clones share their twiddles.
#[derive(Clone, Debug, Default)]
pub struct WidthDft {
    narrow: Radix2DFTSmallBatch<F>,
    wide: Radix2DitParallel<F>,
}

impl TwoAdicSubgroupDft<F> for WidthDft {
    type Evaluations = BitReversedMatrixView<RowMajorMatrix<F>>;

    fn dft_batch(&self, mat: RowMajorMatrix<F>) -> Self::Evaluations {
        if mat.width() > NARROW {
            return self.wide.dft_batch(mat);
        }
        bit_reversed(self.narrow.dft_batch(mat))
    }

    fn idft_batch(&self, mat: RowMajorMatrix<F>) -> RowMajorMatrix<F> {
        if mat.width() > NARROW {
            return self.wide.idft_batch(mat);
        }
        self.narrow.idft_batch(mat)
    }

    fn coset_lde_batch(&self, mat: RowMajorMatrix<F>, added_bits: usize, shift: F) -> Self::Evaluations {
        if mat.width() > NARROW {
            return self.wide.coset_lde_batch(mat, added_bits, shift);
        }
        bit_reversed(self.narrow.coset_lde_batch(mat, added_bits, shift))
    }
}

/// Stores the rows in bit-reversed order, the order in which they are committed.
fn bit_reversed(natural: RowMajorMatrix<F>) -> BitReversedMatrixView<RowMajorMatrix<F>> {
    natural.bit_reverse_rows().to_row_major_matrix().bit_reverse_rows()
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use p3_dft::NaiveDft;
    use p3_field::{Field, PrimeCharacteristicRing};

    use super::*;

    #[test]
    fn both_sides_of_the_switch_equal_the_naive_transform() {
        for width in [1, 5, NARROW, NARROW + 1, 40] {
            for log_height in [0, 1, 5, 9] {
                let values: Vec<F> = (0..width << log_height).map(|i| F::new((i * i + 3) as u32)).collect();
                let mat = RowMajorMatrix::new(values, width);
                let dft = WidthDft::default();
                assert_eq!(dft.dft_batch(mat.clone()).to_row_major_matrix(), NaiveDft.dft_batch(mat.clone()));
                assert_eq!(dft.idft_batch(mat.clone()), NaiveDft.idft_batch(mat.clone()));
                assert_eq!(
                    dft.coset_lde_batch(mat.clone(), 2, F::GENERATOR).to_row_major_matrix(),
                    NaiveDft.coset_lde_batch(mat.clone(), 2, F::GENERATOR)
                );
                assert_eq!(dft.coset_lde_batch(mat.clone(), 1, F::ONE).to_row_major_matrix(), NaiveDft.lde_batch(mat, 1));
            }
        }
    }
}
