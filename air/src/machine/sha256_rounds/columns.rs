//! Columns of the chip of SHA-256's rounds.

use crate::columns;

/// Bits of a word, lowest first.
pub type Bits<T> = [T; 32];
/// Lower and upper half of a word, or of a sum of words half by half.
pub type Halves<T> = [T; 2];

/// A row: rounds `2 i` and `2 i + 1` of a call, or the row before the first of them. Padding rows are zero.
///
/// `A[t]` and `E[t]` are the words that round `t` gives to variables a and e; `A[-1]` to `A[-4]`
/// are a to d of the state, `E[-1]` to `E[-4]` are e to h. The row before the first is row -1.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Sha256RoundsCols<T> {
    /// Tick at which the call begins; from the call's row in row -1, then from the row before.
    pub time: T,
    /// Row -1. This and the next four are boolean, at most one of them is set, and none on padding rows.
    pub is_start: T,
    /// `i / 8`, as a mark; boolean.
    pub groups: [T; 4],
    /// `i mod 8`, as a mark; boolean, and one of them is set if one of the groups is.
    pub steps: [T; 8],
    /// Bits of `A[2 i - 2]` and `A[2 i - 1]`; boolean, their halves from the row before, and in row
    /// -1 from the call's row.
    pub a_old: [Bits<T>; 2],
    /// Bits of `A[2 i]` and `A[2 i + 1]`; boolean, determined by the rounds' sums, and in row -1
    /// from the call's row.
    pub a_new: [Bits<T>; 2],
    /// Bits of `E[2 i - 2]` and `E[2 i - 1]`; as those of A.
    pub e_old: [Bits<T>; 2],
    /// Bits of `E[2 i]` and `E[2 i + 1]`; as those of A.
    pub e_new: [Bits<T>; 2],
    /// Bits of `W[2 i]` and `W[2 i + 1]`; boolean, determined by the schedule's terms. Unused in row -1.
    pub words: [Bits<T>; 2],

    /// `A[2 i - 4] + E[2 i - 4] + Σ1(E[2 i - 1]) + Ch(E[2 i - 1], E[2 i - 2], E[2 i - 3])`; this
    /// and the next four are from the row before, and unused in row -1.
    pub e_terms: Halves<T>,
    /// `Σ0(A[2 i - 1]) + Maj(A[2 i - 1], A[2 i - 2], A[2 i - 3]) - A[2 i - 4]`.
    pub a_terms: Halves<T>,
    /// `A[2 i - 3]`.
    pub a_before: Halves<T>,
    /// `E[2 i - 3]`.
    pub e_before: Halves<T>,
    /// `σ1(W[2 i - 2])` and `σ1(W[2 i - 1])`.
    pub sigma1: [Halves<T>; 2],
    /// The schedule's terms of kind [`Base`](super::Kind::Base), of both words; this and the next
    /// two are from rows further up, and the block's dword, in rows 0 to 7, from the call's row.
    pub base: [Halves<T>; 2],
    /// The term of kind [`Sigma`](super::Kind::Sigma). Unused in rows 0 to 7, as are the next.
    pub sigma0: Halves<T>,
    /// The terms of kinds [`Even`](super::Kind::Even) and [`Odd`](super::Kind::Odd).
    pub middle: [Halves<T>; 2],

    /// What the next row has as its `e_terms`; this and the next four are determined by the bits.
    pub next_e_terms: Halves<T>,
    /// What the next row has as its `a_terms`.
    pub next_a_terms: Halves<T>,
    /// `σ1` of both words.
    pub next_sigma1: [Halves<T>; 2],
    /// `W[2 i] + σ0(W[2 i + 1])`.
    pub next_base: Halves<T>,
    /// `σ0(W[2 i])`.
    pub next_sigma0: Halves<T>,

    /// Carries out of the halves of the sums that make `E[2 i]` and `E[2 i + 1]`, modulo 3 and by
    /// 3; 0 to 2, and boolean.
    pub e_carries: [Halves<[T; 2]>; 2],
    /// Carries of A's sums; -1 to 2.
    pub a_carries: [Halves<T>; 2],
    /// Carries of W's sums; 0 to 3.
    pub w_carries: [Halves<T>; 2],
}

columns!(Sha256RoundsCols);
