//! The security of each layer of proofs, with every error term.

use tern_fri::multilinear::Params;
use tern_fri::multilinear::params::{FINAL_V2, RECURSION_V2, SEGMENT_V2};
use tern_fri::multilinear::security::{Accounting, Bound};

use crate::final_proof::Circuits;
use crate::multilinear::batch::{BatchVerifier, FixedColumns};
use crate::multilinear::machine;

/// The security of one layer.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// What its proofs are about: segments, the circuits that combine proofs, or the one that makes
    /// final proofs.
    pub kind: &'static str,
    /// Their parameters.
    pub params: &'static Params,
    /// Every error term by each theorem.
    pub proven: [Accounting; 2],
    /// The same by the conjecture that is in use elsewhere.
    pub conjectured: Accounting,
}

impl Layer {
    fn new<S: FixedColumns>(kind: &'static str, params: &'static Params, verifier: &BatchVerifier<S>) -> Self {
        let proven = Bound::PROVEN.map(|bound| verifier.accounting(bound));
        Self { kind, params, proven, conjectured: verifier.accounting(Bound::RandomWords) }
    }

    /// The fewer bits of both theorems.
    #[must_use]
    pub fn proven_bits(&self) -> f64 {
        self.proven.iter().map(|accounting| accounting.bits).fold(f64::INFINITY, f64::min)
    }
}

/// All layers, segments' first. A chain of segments rests on the first alone, a final proof on all;
/// none only by a fault of this crate.
#[must_use]
pub fn layers() -> Option<[Layer; 3]> {
    let circuits = Circuits::recorded().ok()?;
    let (node, last) = (circuits.node.relation(&RECURSION_V2).ok()?, circuits.relation().ok()?);
    Some([
        Layer::new("segment", &SEGMENT_V2, &machine::verifier(&SEGMENT_V2).ok()?),
        Layer::new("recursion", &RECURSION_V2, &node.verifier),
        Layer::new("final", &FINAL_V2, &last.verifier),
    ])
}
