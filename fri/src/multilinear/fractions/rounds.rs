//! What layers send and draw, wherever their sums are computed.

use alloc::vec::Vec;

use p3_field::{Field, PrimeCharacteristicRing, batch_multiplicative_inverse};
use tern_field::EF;

use super::super::Transcript;
use super::super::proof::LayerProof;
use super::{Claim, FractionsProof, Unbalanced};
use crate::hash::Digest;

/// The layers that are proved, from the root on.
pub struct Layers<'a> {
    root: EF,
    layers: Vec<LayerProof>,
    claim: Claim,
    /// Layers whose fractions are forged so that a false sum holds in them: none in proofs.
    forged: usize,
    transcript: &'a mut Transcript,
}

impl<'a> Layers<'a> {
    /// From the root's numerator and denominator on.
    ///
    /// # Errors
    ///
    /// [`Unbalanced`] if the numerator is not zero.
    pub fn new([sum, root]: [EF; 2], transcript: &'a mut Transcript) -> Result<Self, Unbalanced> {
        if sum == EF::ZERO { Ok(Self::lying(root, 0, transcript)) } else { Err(Unbalanced) }
    }

    /// From the root's denominator on, whatever its numerator is: a prover for tests. It forges the
    /// fractions of the first `forged` layers, so that these hold and the next one does not.
    pub(super) fn lying(root: EF, forged: usize, transcript: &'a mut Transcript) -> Self {
        transcript.observe_extension(&[root]);
        let claim = Claim { point: Vec::new(), numerator: EF::ZERO, denominator: root };
        Self { root, layers: Vec::new(), claim, forged, transcript }
    }

    /// Proves the next layer with what plays its rounds and finds the values of the halves
    /// `n0, d0, n1, d1` at their challenges.
    ///
    /// # Errors
    ///
    /// The player's.
    pub fn layer<E>(&mut self, play: impl FnOnce(&mut Rounds<'_>) -> Result<[EF; 4], E>) -> Result<(), E> {
        let lambda = self.transcript.challenge();
        let [n0, d0] = self.first_half();
        let point = core::mem::take(&mut self.claim.point);
        let mut rounds = Rounds {
            inverses: batch_multiplicative_inverse(&point),
            lambda,
            claim: self.claim.numerator + lambda * self.claim.denominator,
            at_zero: n0 + lambda * d0,
            prefix: EF::ONE,
            messages: Vec::with_capacity(point.len()),
            challenges: Vec::with_capacity(point.len() + 1),
            transcript: &mut *self.transcript,
            point,
        };
        let mut halves = play(&mut rounds)?;
        let Rounds { messages, challenges: mut point, claim, .. } = rounds;
        if self.layers.len() < self.forged {
            let [n0, d0, n1, d1] = halves;
            halves[0] += (claim - (n0 * d1 + n1 * d0 + lambda * d0 * d1)) * d1.inverse();
        }
        self.transcript.observe_extension(&halves);
        let branch = self.transcript.challenge();
        point.insert(0, branch);
        let [n0, d0, n1, d1] = halves;
        self.claim = Claim { point, numerator: n0 + branch * (n1 - n0), denominator: d0 + branch * (d1 - d0) };
        self.layers.push(LayerProof { rounds: messages, halves });
        Ok(())
    }

    /// What the layer before claims of its first half.
    fn first_half(&self) -> [EF; 2] {
        self.layers.last().map_or([EF::ZERO; 2], |layer| [layer.halves[0], layer.halves[1]])
    }

    /// What the next layer begins with.
    ///
    /// # Panics
    ///
    /// Before the first layer, when the root has still to be absorbed.
    #[must_use]
    pub fn start(&self) -> Start<'_> {
        Start { state: self.transcript.state(), claim: &self.claim, first_half: self.first_half() }
    }

    /// The proof when all layers are proved, and what is claimed of the leaves.
    #[must_use]
    pub fn done(self) -> (FractionsProof, Claim) {
        (FractionsProof { root: self.root, layers: self.layers }, self.claim)
    }
}

/// What a layer begins with.
pub struct Start<'a> {
    /// The state of the transcript.
    pub state: Digest,
    /// What is claimed of its level.
    pub claim: &'a Claim,
    /// What was claimed of the first half of the level before: numerator and denominator.
    pub first_half: [EF; 2],
}

/// The rounds of one layer.
pub struct Rounds<'a> {
    point: Vec<EF>,
    inverses: Vec<EF>,
    lambda: EF,
    /// The claim without the equality factors of bound variables.
    claim: EF,
    /// The first round's value at zero.
    at_zero: EF,
    /// Those factors.
    prefix: EF,
    messages: Vec<[EF; 3]>,
    challenges: Vec<EF>,
    transcript: &'a mut Transcript,
}

impl Rounds<'_> {
    /// The point of the claim, in the order of binding.
    pub fn point(&self) -> &[EF] {
        &self.point
    }

    /// What batches numerators and denominators.
    pub const fn lambda(&self) -> EF {
        self.lambda
    }

    /// How many variables are bound.
    pub(super) const fn bound(&self) -> usize {
        self.challenges.len()
    }

    /// The first round, of which the value at zero is known.
    pub fn first(&mut self, leading: EF) -> EF {
        self.round(self.at_zero, leading)
    }

    /// Sends a round's polynomial, given its value at zero and its leading coefficient without
    /// equality factors, and draws the challenge.
    pub fn round(&mut self, at_zero: EF, leading: EF) -> EF {
        let number = self.challenges.len();
        let coordinate = self.point[number];
        let at_one = (self.claim - (EF::ONE - coordinate) * at_zero) * self.inverses[number];
        let value = |x: EF| at_zero + x * (at_one - at_zero - leading + x * leading);
        let weight = |x: EF| self.prefix * (EF::ONE - coordinate + x * (coordinate.double() - EF::ONE));
        let message = [EF::ZERO, EF::TWO, EF::TWO + EF::ONE].map(|x| weight(x) * value(x));
        self.transcript.observe_extension(&message);
        let challenge = self.transcript.challenge();
        (self.claim, self.prefix) = (value(challenge), weight(challenge));
        self.messages.push(message);
        self.challenges.push(challenge);
        challenge
    }
}
