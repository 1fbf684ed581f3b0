//! Written by `tern spec`. Do not edit.

/// Bits of security of the layer with the fewest, conjectured.
pub const CONJECTURED_BITS: f64 = 128.0;

/// The same layer's bits as far as they are proven.
pub const PROVEN_BITS: f64 = 74.96033580159903;
