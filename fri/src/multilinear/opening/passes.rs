//! What an opening asks of the machine that has the matrices.

use alloc::vec::Vec;

use tern_field::{EF, F};

use super::super::Transcript;
use super::super::proof::Opened;
use super::rounds::Vectors;
use crate::hash::Digest;

/// Passes over many elements, on the host or on a device. [`super::open_with`] has the protocol.
///
/// What is sent and drawn goes through the passes, in the order in which they are asked. Challenges
/// have names of their own, so that a device may do everything with a copy of the transcript, and the
/// host know nothing until [`Self::finish`].
///
/// The weights of rows have numbers: those of the claims are the first, then come those of each form.
pub trait Passes {
    /// How a pass fails.
    type Error;
    /// Values and weights: two vectors of one length. None at first.
    type Rows: Default;
    /// A challenge.
    type Challenge: Copy;

    /// The columns of a matrix's groups: their values are sums over rows.
    ///
    /// # Errors
    ///
    /// If the device fails.
    fn columns(&mut self, matrix: usize, wanted: &[Wanted]) -> Result<Self::Rows, Self::Error>;

    /// Puts the rows of a matrix's groups before those that are there. All groups have as many
    /// columns as these challenges have bound, one for each bit of a column, the lowest first; their
    /// weights are the last ones of `columns`, and are taken from it.
    ///
    /// # Errors
    ///
    /// If the device fails.
    fn settle(
        &mut self,
        matrix: usize,
        groups: &[Settled],
        challenges: &[Self::Challenge],
        columns: &mut Self::Rows,
        rows: &mut Self::Rows,
    ) -> Result<(), Self::Error>;

    /// A round: sends the sum of the parts' polynomials, its value at zero and its coefficient of
    /// degree two, does proof of work and draws the challenge.
    ///
    /// # Errors
    ///
    /// If the device fails.
    fn round(
        &mut self,
        parts: &mut [Terms<'_, Self::Rows>],
        bits: usize,
        transcript: &mut Transcript,
    ) -> Result<Self::Challenge, Self::Error>;

    /// Binds the lowest bit of both vectors. A missing last neighbour is zero.
    ///
    /// # Errors
    ///
    /// If the device fails.
    fn fold(&mut self, rows: &mut Self::Rows, challenge: Self::Challenge) -> Result<(), Self::Error>;

    /// Multiplies both vectors by one minus a challenge: binds a bit that is zero for all of them.
    ///
    /// # Errors
    ///
    /// If the device fails.
    fn scale(&mut self, rows: &mut Self::Rows, challenge: Self::Challenge) -> Result<(), Self::Error>;

    /// Vectors whose lowest bit tells the two apart. What one lacks is zero.
    ///
    /// # Errors
    ///
    /// If the device fails.
    fn interleave(&mut self, rows: [Self::Rows; 2]) -> Result<Self::Rows, Self::Error>;

    /// Says that zeros follow up to a length. All column bits are bound now.
    ///
    /// # Errors
    ///
    /// If the device fails.
    fn extend(&mut self, rows: &mut Self::Rows, len: usize) -> Result<(), Self::Error>;

    /// Makes the first word, the codeword of the polynomial whose coefficients the values are, and
    /// sends its commitment.
    ///
    /// # Errors
    ///
    /// If the device fails.
    fn encode(&mut self, rows: &mut Self::Rows, log_blowup: usize, size: WordSize, transcript: &mut Transcript) -> Result<(), Self::Error>;

    /// Folds the last word with challenges, one for each bit of a place in a leaf, the lowest first,
    /// to the next one, and sends its commitment.
    ///
    /// # Errors
    ///
    /// If the device fails.
    fn fold_word(&mut self, challenges: &[Self::Challenge], size: WordSize, transcript: &mut Transcript) -> Result<(), Self::Error>;

    /// Brings few rows to the host, and everything that was sent. The transcript is the host's then.
    ///
    /// # Errors
    ///
    /// If the device fails.
    fn finish(&mut self, rows: Self::Rows, transcript: &mut Transcript) -> Result<Sent, Self::Error>;

    /// Does proof of work on the transcript: the smallest witness.
    ///
    /// # Errors
    ///
    /// If the device fails.
    fn work(&mut self, bits: usize, transcript: &mut Transcript) -> Result<F, Self::Error>;

    /// What is opened of the matrices at positions, which rise, and of each word at its own ones.
    ///
    /// # Errors
    ///
    /// If the device fails.
    fn opened(&mut self, positions: &[usize], of_words: &[Vec<usize>]) -> Result<AllOpened, Self::Error>;
}

/// What was sent until few rows are left.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// The polynomials of rounds.
    pub rounds: Vec<[EF; 2]>,
    /// Their proofs of work.
    pub works: Vec<F>,
    /// The words' commitments.
    pub caps: Vec<Vec<Digest>>,
    /// The rows.
    pub left: Vectors,
}

/// What is opened of everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllOpened {
    /// The rows of each matrix's codeword.
    pub rows: Vec<Opened<F>>,
    /// The leaves of each word.
    pub leaves: Vec<Opened<EF>>,
}

/// A group whose columns are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Number of the group in its matrix.
    pub group: usize,
    /// Number of the weights of its rows.
    pub rows: usize,
    /// The columns' weights, as many as the group is wide.
    pub weights: Vec<EF>,
}

/// A group whose column bits are bound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// Number of the group in its matrix.
    pub group: usize,
    /// A row's weight is a sum of weights, of which these are the numbers, times one of the columns.
    pub weights: Vec<usize>,
}

/// A part of a round's polynomial.
pub struct Terms<'a, R> {
    /// The vectors.
    pub rows: &'a mut R,
    /// Whether the round's bit is the lowest of theirs. Otherwise it is zero for all of them, and
    /// the polynomial the sum of the products times `(1 - X)^2`.
    pub are_bound: bool,
}

/// Sizes of a committed word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WordSize {
    /// Base-2 logarithm of the values in a leaf.
    pub log_leaf: usize,
    /// Base-2 logarithm of the digests of the commitment.
    pub log_cap: usize,
}
