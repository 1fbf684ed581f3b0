//! What an opening asks of the machine that has the matrices.

use alloc::vec::Vec;

use tern_field::{EF, F};

use super::super::Transcript;
use super::super::proof::Opened;
use super::rounds::Vectors;
use crate::hash::Digest;

/// Passes over many elements, on the host or on a device. [`super::open_with`] has the protocol,
/// and all that is small.
///
/// The weights of rows have numbers: those of the claims are the first, then come those of each form.
pub trait Passes {
    /// How a pass fails.
    type Error;
    /// Values and weights in the order of a matrix's cells: two vectors of one length. None at first.
    type Rows: Default;
    /// A committed word.
    type Word;

    /// Does proof of work on the transcript: the smallest witness.
    ///
    /// # Errors
    ///
    /// If the device fails.
    fn work(&mut self, bits: usize, transcript: &mut Transcript) -> Result<F, Self::Error>;

    /// For each matrix, and each of what is wanted of it, the sums of a group's columns over its
    /// rows: as many as the group is wide.
    ///
    /// # Errors
    ///
    /// If the device fails.
    fn column_sums(&mut self, wanted: &[Vec<Wanted>]) -> Result<Vec<Vec<Vec<EF>>>, Self::Error>;

    /// Puts the rows of a matrix's groups before those that are there. The value of a row is the
    /// sum of its cells times `scales`, one for each column of the groups, which are of one width.
    ///
    /// # Errors
    ///
    /// If the device fails.
    fn settle(&mut self, matrix: usize, groups: &[Settled], scales: &[EF], rows: &mut Self::Rows) -> Result<(), Self::Error>;

    /// Lets the transcript observe a round's polynomial, the sum of the parts' and one more, and does
    /// proof of work. A polynomial is its value at zero and its coefficient of degree two; what was
    /// observed is returned, and the witness.
    ///
    /// # Errors
    ///
    /// If the device fails.
    fn round(
        &mut self,
        parts: &mut [Terms<'_, Self::Rows>],
        more: [EF; 2],
        bits: usize,
        transcript: &mut Transcript,
    ) -> Result<([EF; 2], F), Self::Error>;

    /// Binds the lowest bit of both vectors. A missing last neighbour is zero.
    ///
    /// # Errors
    ///
    /// If the device fails.
    fn fold(&mut self, rows: &mut Self::Rows, challenge: EF) -> Result<(), Self::Error>;

    /// Multiplies both vectors by a factor.
    ///
    /// # Errors
    ///
    /// If the device fails.
    fn scale(&mut self, rows: &mut Self::Rows, factor: EF) -> Result<(), Self::Error>;

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

    /// Says what is next until few rows are left: for each word its commitment and then a round for
    /// each bit of a place in its leaves. What does all of it now, with a copy of the transcript,
    /// need not be asked again for each challenge.
    ///
    /// # Errors
    ///
    /// If the device fails.
    fn begin_words(&mut self, rows: &mut Self::Rows, words: &WordPlan, transcript: &Transcript) -> Result<(), Self::Error>;

    /// Commits to the codeword of the polynomial whose coefficients the values are.
    ///
    /// # Errors
    ///
    /// If the device fails.
    fn encode(&mut self, rows: &mut Self::Rows, log_blowup: usize, size: WordSize) -> Result<Self::Word, Self::Error>;

    /// Commits to a word that is folded with challenges, one for each bit of a place in a leaf, the
    /// lowest first.
    ///
    /// # Errors
    ///
    /// If the device fails.
    fn fold_word(&mut self, word: &Self::Word, challenges: &[EF], size: WordSize) -> Result<Self::Word, Self::Error>;

    /// The commitment to a word.
    fn cap<'w>(&self, word: &'w Self::Word) -> &'w [Digest];

    /// Brings few rows to the host.
    ///
    /// # Errors
    ///
    /// If the device fails.
    fn vectors(&mut self, rows: Self::Rows) -> Result<Vectors, Self::Error>;

    /// What is opened of the matrices at positions, which rise, and of each word at its own ones.
    ///
    /// # Errors
    ///
    /// If the device fails.
    fn opened(&mut self, positions: &[usize], words: &[(Self::Word, Vec<usize>)]) -> Result<AllOpened, Self::Error>;
}

/// What is opened of everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllOpened {
    /// The rows of each matrix's codeword.
    pub rows: Vec<Opened<F>>,
    /// The leaves of each word.
    pub leaves: Vec<Opened<EF>>,
}

/// A group whose columns are to be summed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Number of the group in its matrix.
    pub group: usize,
    /// Number of the weights of its rows.
    pub rows: usize,
}

/// A group whose column bits are bound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// Number of the group in its matrix.
    pub group: usize,
    /// A row's weight is a sum of weights, of which these are the numbers, times factors.
    pub weights: Vec<(usize, EF)>,
}

/// A part of a round's polynomial.
pub struct Terms<'a, R> {
    /// The vectors.
    pub rows: &'a mut R,
    /// Whether the round's bit is the lowest of theirs. Otherwise it is zero for all of them, and
    /// the polynomial the sum of the products times `(1 - X)^2`.
    pub are_bound: bool,
}

/// The words of an opening.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WordPlan {
    /// Base-2 logarithm of the first word's length by the rows.
    pub log_blowup: usize,
    /// The sizes of each.
    pub sizes: Vec<WordSize>,
    /// Bits of proof of work in each round.
    pub pow_bits: usize,
}

/// Sizes of a committed word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WordSize {
    /// Base-2 logarithm of the values in a leaf.
    pub log_leaf: usize,
    /// Base-2 logarithm of the digests of the commitment.
    pub log_cap: usize,
}
