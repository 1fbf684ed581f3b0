//! Where the record has what the host is to know.

use tern_field::EXTENSION_DEGREE;
use tern_fri::multilinear::keccak::{LAYERS, Layer, PART_ROUNDS, POSITION_VARIABLES, SKIP};

/// Where numbers of a layer are, by words: an element's coordinates follow each other, but those of
/// several values of one of the first rounds are apart by their number.
#[derive(Clone, Copy)]
pub struct Places {
    /// The layer.
    pub layer: Layer,
    /// Instance variables with a round of their own.
    rounds: usize,
    start: usize,
}

impl Places {
    /// Where the record has a coordinate of the point over instances before all layers.
    pub const fn of_start(variable: usize) -> usize {
        EXTENSION_DEGREE * variable
    }

    /// Of all layers, in the order of the proof.
    pub fn all(rounds: usize) -> Vec<Self> {
        let mut start = Self::of_start(rounds);
        let layer = |layer: Layer| {
            let places = Self { layer, rounds, start };
            start = places.batch() + EXTENSION_DEGREE;
            places
        };
        (0..PART_ROUNDS).flat_map(|_| LAYERS).map(layer).collect()
    }

    /// Values of the first round, polynomial by polynomial.
    pub const fn points(&self) -> usize {
        match self.layer {
            Layer::Chi | Layer::Theta => SKIP * self.layer.degree(),
            Layer::Parity => SKIP * (self.layer.degree() + 1),
        }
    }

    /// The values of the first round.
    pub const fn first_values(&self) -> usize {
        self.start
    }

    /// The challenge of the first round.
    pub const fn first_challenge(&self) -> usize {
        self.start + EXTENSION_DEGREE * self.points()
    }

    /// The values of a variable's round.
    pub const fn values(&self, variable: usize) -> usize {
        self.first_challenge() + EXTENSION_DEGREE * (1 + self.rounds + self.layer.degree() * variable)
    }

    /// The challenge of a variable's round.
    pub const fn challenge(&self, variable: usize) -> usize {
        self.first_challenge() + EXTENSION_DEGREE * (1 + variable)
    }

    /// The values of a position round: one more than the formula's degree, the coordinates of each
    /// following each other. The first is that of the highest variable.
    pub const fn position_values(&self, number: usize) -> usize {
        self.values(self.rounds) + EXTENSION_DEGREE * (1 + self.layer.degree()) * number
    }

    /// The challenge of a position round.
    pub const fn position_challenge(&self, number: usize) -> usize {
        self.position_values(POSITION_VARIABLES) + EXTENSION_DEGREE * number
    }

    /// The layer's claims.
    pub const fn claims(&self) -> usize {
        self.position_challenge(POSITION_VARIABLES)
    }

    /// The challenge that batches them, which the last layer does not have.
    pub const fn batch(&self) -> usize {
        self.claims() + EXTENSION_DEGREE * self.layer.claims()
    }
}
