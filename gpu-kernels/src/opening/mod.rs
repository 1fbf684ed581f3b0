//! Openings: the passes over many elements that [`tern_fri::multilinear::opening`] asks for.
//!
//! The columns' sums and the rows' values and weights are taken from the cells on the device, and
//! vectors and words stay there as long as they are long. A column's round takes one wait, for its
//! polynomial and its proof of work; all rounds of rows together take one, for they are played on the
//! device ([`ahead`]). When vectors are short before those, they are brought to the host, where only
//! proof of work needs any.

mod ahead;
mod columns;
mod round;
mod rows;
#[cfg(test)]
mod tests;
mod word;

use p3_field::{BasedVectorSpace, PrimeCharacteristicRing, PrimeField32};
use tern_field::{EF, EXTENSION_DEGREE, F};
use tern_fri::hash::Digest;
use tern_fri::multilinear::opening::{
    AllOpened, Claims, Form, Passes, RowWeights, Settled, Terms, Vectors, Wanted, Word as HostWord, WordPlan, WordSize, open_with,
};
use tern_fri::multilinear::proof::Opened;
use tern_fri::multilinear::{OpeningProof, OpeningShape, Transcript};

use crate::matrix::Matrix;
use crate::merkle::Gathered;
use crate::work::work;
use crate::{Gpu, GpuError};
use ahead::Ahead;
use columns::Weights;
use rows::Rows;
use word::Word;

/// Rows of vectors that are short enough for the host.
const SHORT: usize = 1 << 12;

/// Opens matrices on a device: as [`tern_fri::multilinear::opening::open`].
///
/// # Errors
///
/// If the device fails.
///
/// # Panics
///
/// When the matrices or the claims are not of the shape.
pub fn open(
    gpu: &Gpu,
    shape: &OpeningShape,
    matrices: &[&Matrix],
    rows: &RowWeights,
    claims: &Claims<'_>,
    forms: &[Form],
    transcript: &mut Transcript,
) -> Result<OpeningProof, GpuError> {
    assert!(matrices.iter().map(|matrix| matrix.layout()).eq(&shape.layouts), "one matrix for each layout");
    let mut device = Device { gpu, matrices, weights: Weights::new(gpu, matrices, rows, forms)?, ahead: None, short: SHORT };
    open_with(shape, &mut device, rows, claims, forms, transcript)
}

/// Matrices on a device.
struct Device<'a> {
    gpu: &'a Gpu,
    matrices: &'a [&'a Matrix],
    weights: Weights,
    /// What was played before it is asked for.
    ahead: Option<Ahead>,
    /// Most rows of vectors that the host takes.
    short: usize,
}

impl Passes for Device<'_> {
    type Error = GpuError;
    type Rows = Rows;
    type Word = Word;

    fn work(&mut self, bits: usize, transcript: &mut Transcript) -> Result<F, GpuError> {
        work(self.gpu, bits, transcript)
    }

    fn column_sums(&mut self, wanted: &[Vec<Wanted>]) -> Result<Vec<Vec<Vec<EF>>>, GpuError> {
        columns::sums(self.gpu, self.matrices, &self.weights, wanted)
    }

    fn settle(&mut self, matrix: usize, groups: &[Settled], scales: &[EF], rows: &mut Rows) -> Result<(), GpuError> {
        columns::settle(self.gpu, self.matrices[matrix], &self.weights, groups, scales, rows)
    }

    fn round(
        &mut self,
        parts: &mut [Terms<'_, Rows>],
        more: [EF; 2],
        bits: usize,
        transcript: &mut Transcript,
    ) -> Result<([EF; 2], F), GpuError> {
        match &self.ahead {
            Some(ahead) if ahead.has_round() => ahead.round(transcript),
            _ => rows::round(self.gpu, parts, more, bits, transcript),
        }
    }

    fn fold(&mut self, rows: &mut Rows, challenge: EF) -> Result<(), GpuError> {
        match &mut self.ahead {
            Some(ahead) if ahead.has_round() => ahead.drawn(challenge),
            _ => rows.fold(self.gpu, challenge),
        }
    }

    fn scale(&mut self, rows: &mut Rows, factor: EF) -> Result<(), GpuError> {
        rows.scale(self.gpu, factor)
    }

    fn interleave(&mut self, [first, second]: [Rows; 2]) -> Result<Rows, GpuError> {
        Rows::interleaved(self.gpu, first, second)
    }

    fn extend(&mut self, rows: &mut Rows, len: usize) -> Result<(), GpuError> {
        rows.extend(self.gpu, len)
    }

    fn begin_words(&mut self, rows: &mut Rows, plan: &WordPlan, transcript: &Transcript) -> Result<(), GpuError> {
        rows.shorten(self.gpu, self.short)?;
        if plan.sizes.is_empty() {
            return Ok(());
        }
        match core::mem::take(rows) {
            Rows::Long(long) => {
                let (ahead, left) = Ahead::new(self.gpu, long, plan, &transcript.state())?;
                (self.ahead, *rows) = (Some(ahead), Rows::Short(left));
            }
            short @ Rows::Short(_) => *rows = short,
        }
        Ok(())
    }

    fn encode(&mut self, rows: &mut Rows, log_blowup: usize, size: WordSize) -> Result<Word, GpuError> {
        match (self.ahead.as_mut().and_then(Ahead::word), rows) {
            (Some(word), _) => Ok(Word::Long(word)),
            (None, Rows::Short(vectors)) => Ok(Word::Short(HostWord::encode(&vectors.values, log_blowup, size))),
            (None, Rows::Long(_)) => unreachable!("long rows were encoded before"),
        }
    }

    fn fold_word(&mut self, word: &Word, challenges: &[EF], size: WordSize) -> Result<Word, GpuError> {
        match (self.ahead.as_mut().and_then(Ahead::word), word) {
            (Some(word), _) => Ok(Word::Long(word)),
            (None, Word::Short(word)) => Ok(Word::Short(HostWord::new(word.fold(challenges), size))),
            (None, Word::Long(_)) => unreachable!("a long word was folded before"),
        }
    }

    fn cap<'w>(&self, word: &'w Word) -> &'w [Digest] {
        word.cap()
    }

    fn vectors(&mut self, rows: Rows) -> Result<Vectors, GpuError> {
        rows.into_vectors(self.gpu)
    }

    fn opened(&mut self, positions: &[usize], words: &[(Word, Vec<usize>)]) -> Result<AllOpened, GpuError> {
        let mut gathered = self.matrices.iter().map(|matrix| matrix.gathered(self.gpu, positions)).collect::<Result<Vec<_>, _>>()?;
        for (word, positions) in words {
            if let Word::Long(word) = word {
                gathered.push(word.gathered(self.gpu, positions)?);
            }
        }
        let mut rows = Gathered::read(self.gpu, &gathered)?;
        let mut long = rows.split_off(self.matrices.len()).into_iter();
        let of_long = |Opened { leaves, path }| Opened { leaves: leaves.iter().map(|leaf: &Vec<F>| ext_elements(leaf)).collect(), path };
        let leaves = words.iter().filter_map(|(word, positions)| match word {
            Word::Short(word) => Some(word.opened(positions)),
            Word::Long(_) => long.next().map(of_long),
        });
        Ok(AllOpened { leaves: leaves.collect(), rows })
    }
}

/// Elements of the challenge field whose coordinates follow each other.
fn ext_elements(coordinates: &[F]) -> Vec<EF> {
    coordinates.as_chunks::<EXTENSION_DEGREE>().0.iter().map(|c| EF::from_basis_coefficients_fn(|d| c[d])).collect()
}

/// The words of an element's coordinates.
fn coordinates(element: EF) -> [u32; EXTENSION_DEGREE] {
    let coordinates: &[F] = element.as_basis_coefficients_slice();
    core::array::from_fn(|d| coordinates.get(d).unwrap_or(&F::ZERO).to_unique_u32())
}
