//! Written by `tern spec`. Do not edit.

/// The fewest bits of security of any layer, under the conjecture.
pub const CONJECTURED_BITS: f64 = 138.19576758716732;

/// The fewest of any layer, as far as they are proven.
pub const PROVEN_BITS: f64 = 128.17227314319595;
