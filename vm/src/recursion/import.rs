//! Taking the values of a proof into a circuit.

use tern_field::{EF, F};
use tern_fri::hash::Digest;
use tern_verifier::import::Importer;
use tern_verifier::native::Native;

use super::builder::{CircuitBuilder, Half, Row, Wire};

impl Importer<Native, Self> for CircuitBuilder {
    fn base(&mut self, value: &EF) -> Wire {
        self.witness(*value)
    }

    fn ext(&mut self, value: &EF) -> Wire {
        self.witness(*value)
    }

    fn digest(&mut self, value: &Digest) -> Half {
        self.witness_digest(*value)
    }

    fn row(&mut self, value: &Vec<F>) -> Row {
        self.witness_row(value)
    }
}
