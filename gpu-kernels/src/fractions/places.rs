//! Where the record has what the host is to know of the layers.

use tern_field::EXTENSION_DEGREE;

/// Words of a round's sums: the value at zero and the leading coefficient.
pub(super) const SUM_WORDS: usize = 2 * EXTENSION_DEGREE;

/// Values that a layer claims: of the halves' numerators and denominators.
pub(super) const HALVES: usize = 4;

/// The places of a layer's elements, whose coordinates follow each other.
#[derive(Clone, Copy)]
pub(super) struct Places {
    /// Coordinates of its point, which are its rounds.
    pub(super) rounds: usize,
    /// Where its point is: before the first layer, or in the layer before.
    point: usize,
    start: usize,
}

impl Places {
    /// Of so many layers; the point of the first, which has so many coordinates, begins the record.
    pub(super) fn all(coordinates: usize, layers: usize) -> Vec<Self> {
        let (mut point, mut start) = (0, EXTENSION_DEGREE * coordinates);
        let layer = |number: usize| {
            let places = Self { rounds: coordinates + number, point, start };
            (point, start) = (places.branch(), places.end());
            places
        };
        (0..layers).map(layer).collect()
    }

    /// A coordinate of its point, in the order of binding.
    pub(super) const fn coordinate(&self, number: usize) -> usize {
        self.point + EXTENSION_DEGREE * number
    }

    /// What batches numerators and denominators.
    pub(super) const fn lambda(&self) -> usize {
        self.start
    }

    /// What picks between the halves: the first coordinate of the next layer's point, before those
    /// that its rounds draw.
    pub(super) const fn branch(&self) -> usize {
        self.lambda() + EXTENSION_DEGREE
    }

    /// The challenge of a round.
    pub(super) const fn challenge(&self, number: usize) -> usize {
        self.branch() + EXTENSION_DEGREE * (1 + number)
    }

    /// A round's sums.
    pub(super) const fn sums(&self, number: usize) -> usize {
        self.challenge(self.rounds) + SUM_WORDS * number
    }

    /// The halves' values.
    pub(super) const fn halves(&self) -> usize {
        self.sums(self.rounds)
    }

    pub(super) const fn end(&self) -> usize {
        self.halves() + EXTENSION_DEGREE * HALVES
    }
}
