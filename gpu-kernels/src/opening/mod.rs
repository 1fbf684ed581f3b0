//! Openings: the passes over many elements that [`tern_fri::multilinear::opening`] asks for.
//!
//! The columns' sums and the rows' values and weights are taken from the cells on the device, and
//! vectors and words stay there. So do challenges, which are named by their places in a record: the
//! host waits once, when few rows are left, and then plays all rounds again with its own transcript.

mod columns;
mod round;
mod rows;
#[cfg(test)]
mod tests;
mod word;

use tern_field::F;
use tern_fri::multilinear::opening::{AllOpened, Claims, Form, Passes, RowWeights, Sent, Settled, Terms, Wanted, WordSize, open_with};
use tern_fri::multilinear::proof::Opened;
use tern_fri::multilinear::{OpeningProof, OpeningShape, Transcript};

use crate::gpu::ext_elements;
use crate::matrix::Matrix;
use crate::merkle::{self, Gathered};
use crate::work::work;
use crate::{Gpu, GpuError};
use columns::Weights;
use round::Rounds;
use rows::Rows;
use word::Word;

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
    let weights = Weights::new(gpu, matrices, rows, forms)?;
    let rounds = Rounds::new(gpu, shape.worked_rounds())?;
    open_with(shape, &mut Device { gpu, matrices, weights, rounds, words: Vec::new() }, rows, claims, forms, transcript)
}

/// Matrices on a device.
struct Device<'a> {
    gpu: &'a Gpu,
    matrices: &'a [&'a Matrix],
    weights: Weights,
    rounds: Rounds,
    /// Words, each with the number of rounds before it.
    words: Vec<(usize, Word)>,
}

impl Passes for Device<'_> {
    type Error = GpuError;
    type Rows = Option<Rows>;
    /// A place in the record of rounds.
    type Challenge = usize;

    fn columns(&mut self, matrix: usize, wanted: &[Wanted]) -> Result<Option<Rows>, GpuError> {
        columns::columns(self.gpu, self.matrices[matrix], &self.weights, wanted).map(Some)
    }

    fn settle(
        &mut self,
        matrix: usize,
        groups: &[Settled],
        challenges: &[usize],
        columns: &mut Option<Rows>,
        rows: &mut Option<Rows>,
    ) -> Result<(), GpuError> {
        let of_matrix = (self.matrices[matrix], &self.weights, self.rounds.record());
        columns::settle(self.gpu, of_matrix, groups, challenges, columns, rows)
    }

    fn round(&mut self, parts: &mut [Terms<'_, Option<Rows>>], bits: usize, transcript: &mut Transcript) -> Result<usize, GpuError> {
        let (sums, count) = rows::sums(self.gpu, self.rounds.record(), parts)?;
        self.rounds.begin(self.gpu, transcript)?;
        let before = self.rounds.len();
        let cap = self.words.last().filter(|(first, _)| *first == before).map(|(_, word)| word.cap_words());
        self.rounds.play(self.gpu, (&sums, count), cap, bits)
    }

    fn fold(&mut self, rows: &mut Option<Rows>, challenge: usize) -> Result<(), GpuError> {
        rows.as_mut().map_or(Ok(()), |rows| rows.fold(self.gpu, self.rounds.record(), challenge))
    }

    fn scale(&mut self, rows: &mut Option<Rows>, challenge: usize) -> Result<(), GpuError> {
        rows.as_mut().map_or(Ok(()), |rows| rows.scale(self.gpu, self.rounds.record(), challenge))
    }

    fn interleave(&mut self, [first, second]: [Option<Rows>; 2]) -> Result<Option<Rows>, GpuError> {
        let [first, second] = [self.some(first)?, self.some(second)?];
        Rows::interleaved(self.gpu, self.rounds.record(), first, second).map(Some)
    }

    fn extend(&mut self, rows: &mut Option<Rows>, len: usize) -> Result<(), GpuError> {
        let mut some = self.some(rows.take())?;
        some.extend(len);
        *rows = Some(some);
        Ok(())
    }

    fn encode(&mut self, rows: &mut Option<Rows>, log_blowup: usize, size: WordSize, _: &mut Transcript) -> Result<(), GpuError> {
        let mut some = self.some(rows.take())?;
        let word = Word::encode(self.gpu, self.rounds.record(), &mut some, log_blowup, size)?;
        self.words.push((self.rounds.len(), word));
        *rows = Some(some);
        Ok(())
    }

    fn fold_word(&mut self, challenges: &[usize], size: WordSize, _: &mut Transcript) -> Result<(), GpuError> {
        let (_, word) = self.words.last().expect("a word was encoded");
        let folded = word.folded(self.gpu, self.rounds.record(), challenges, size)?;
        self.words.push((self.rounds.len(), folded));
        Ok(())
    }

    fn finish(&mut self, rows: Option<Rows>, transcript: &mut Transcript) -> Result<Sent, GpuError> {
        let rows = self.some(rows)?;
        let (record, caps) = (self.rounds.record(), self.words.iter().map(|(_, word)| word.cap_words()));
        let read = self.gpu.read_all(&[record, rows.words()].into_iter().chain(caps).collect::<Vec<_>>())?;
        let (record, rest) = read.split_at(record.len());
        let (of_rows, mut rest) = rest.split_at(rows.words().len());
        let caps = self.words.iter().map(|(_, word)| {
            let (cap, after) = rest.split_at(word.cap_words().len());
            rest = after;
            merkle::digests(cap)
        });
        let mut sent = Sent { caps: caps.collect(), left: rows.vectors(of_rows)?, ..Sent::default() };
        let mut words = self.words.iter().map(|(first, _)| *first).zip(&sent.caps).peekable();
        let mut last = None;
        for (number, round) in self.rounds.played(record)?.iter().enumerate() {
            if let Some((_, cap)) = words.next_if(|(first, _)| *first == number) {
                transcript.observe_digests(cap);
            }
            last = Some(round.again(transcript)?);
            sent.rounds.push(round.message);
            sent.works.push(round.witness);
        }
        // What is left is bound to the last challenge by the host.
        if let Some(challenge) = last.filter(|_| rows.is_pending()) {
            sent.left.fold(challenge);
        }
        Ok(sent)
    }

    fn work(&mut self, bits: usize, transcript: &mut Transcript) -> Result<F, GpuError> {
        work(self.gpu, bits, transcript)
    }

    fn opened(&mut self, positions: &[usize], of_words: &[Vec<usize>]) -> Result<AllOpened, GpuError> {
        let mut gathered = self.matrices.iter().map(|matrix| matrix.gathered(self.gpu, positions)).collect::<Result<Vec<_>, _>>()?;
        for ((_, word), positions) in self.words.iter().zip(of_words) {
            gathered.push(word.gathered(self.gpu, positions)?);
        }
        let mut rows = Gathered::read(self.gpu, &gathered)?;
        let of_word = |Opened { leaves, path }| Opened { leaves: leaves.iter().map(|leaf: &Vec<F>| ext_elements(leaf)).collect(), path };
        let leaves = rows.split_off(self.matrices.len()).into_iter().map(of_word).collect();
        Ok(AllOpened { leaves, rows })
    }
}

impl Device<'_> {
    /// Rows, of which there may be none.
    fn some(&self, rows: Option<Rows>) -> Result<Rows, GpuError> {
        rows.map_or_else(|| Rows::new(self.gpu, 0), Ok)
    }
}
