//! Lookup messages, computed by the AIR itself on vectors of rows.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use p3_air::symbolic::{BaseLeaf, SymbolicExpr, SymbolicExpression};
use p3_air::{Air, AirBuilder, RowWindow};
use p3_field::{Algebra, BasedVectorSpace, PrimeCharacteristicRing};
use p3_lookup::{Count, InteractionBuilder, InteractionSymbolicBuilder, Kind, Lookups};
use tern_field::{EF, EXTENSION_DEGREE, F};
use thiserror::Error;

pub use crate::multilinear::packed::{LANES, Packed, PackedExt};

/// A lookup that is not an ordinary message on a bus.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum UnsupportedLookup {
    /// A lookup within one table, or one with selected branches.
    #[error("only messages on a bus are supported")]
    NotOnABus,
    /// The packed columns are not those of this AIR.
    #[error("expected {expected} messages in the lookup columns, got {got}")]
    Count {
        /// Messages that the AIR sends.
        expected: usize,
        /// Messages in the columns.
        got: usize,
    },
}

/// Which message of an AIR goes into which lookup column.
pub struct MessageLayout {
    /// One entry for each message, in the order in which the AIR sends them.
    messages: Vec<Message>,
    /// Number of messages in each column.
    column_sizes: Vec<usize>,
}

/// The constant part of one message.
struct Message {
    column: usize,
    /// Position among all messages when these are ordered by column.
    slot: usize,
    /// The constant at each position of the tuple, where there is one.
    constants: Vec<Option<F>>,
}

impl MessageLayout {
    /// Matches the messages that `air` sends with the columns they were packed into.
    ///
    /// # Errors
    ///
    /// When a lookup is no message on a bus, or the columns belong to another AIR.
    pub fn new<A>(air: &A, columns: &Lookups<F>) -> Result<Self, UnsupportedLookup>
    where
        A: Air<InteractionSymbolicBuilder<F, EF>>,
    {
        let unpacked = Lookups::<F>::from_air::<EF, A>(air);
        let column_sizes: Vec<usize> = columns.iter().map(|c| c.elements.len()).collect();
        let got = column_sizes.iter().sum();
        if got != unpacked.len() {
            return Err(UnsupportedLookup::Count { expected: unpacked.len(), got });
        }
        let column_of_slot: Vec<usize> = column_sizes.iter().enumerate().flat_map(|(column, size)| vec![column; *size]).collect();
        let messages = unpacked
            .iter()
            .zip(slots(&unpacked)?)
            .map(|(lookup, slot)| Message {
                column: column_of_slot[slot],
                slot,
                constants: lookup.elements[0].iter().map(constant).collect(),
            })
            .collect();
        Ok(Self { messages, column_sizes })
    }

    /// Whether the AIR sends no message.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    /// The fingerprints under these challenges, two for each column: offset and combiner.
    pub(super) fn with_challenges(&self, challenges: &[EF]) -> Fingerprints<'_> {
        let weights = self
            .messages
            .iter()
            .map(|message| {
                let offset = challenges[2 * message.column];
                let combiner = challenges[2 * message.column + 1];
                MessageWeights::new(message, offset, combiner)
            })
            .collect();
        Fingerprints { weights, column_sizes: &self.column_sizes }
    }
}

/// Orders messages the way they are packed: bus by bus, in the order of each bus's first message.
fn slots(unpacked: &Lookups<F>) -> Result<Vec<usize>, UnsupportedLookup> {
    let mut buses: Vec<(&String, Vec<usize>)> = Vec::new();
    for (index, lookup) in unpacked.iter().enumerate() {
        let (Kind::Global(name), None, 1) = (&lookup.kind, &lookup.flags, lookup.elements.len()) else {
            return Err(UnsupportedLookup::NotOnABus);
        };
        match buses.iter_mut().find(|(known, _)| *known == name) {
            Some((_, members)) => members.push(index),
            None => buses.push((name, vec![index])),
        }
    }
    let mut slots = vec![0; unpacked.len()];
    for (slot, index) in buses.into_iter().flat_map(|(_, m)| m).enumerate() {
        slots[index] = slot;
    }
    Ok(slots)
}

fn constant(expression: &SymbolicExpression<F>) -> Option<F> {
    match expression {
        SymbolicExpr::Leaf(BaseLeaf::Constant(value)) => Some(*value),
        _ => None,
    }
}

/// How to fingerprint every message of an AIR under drawn challenges.
pub(super) struct Fingerprints<'a> {
    weights: Vec<MessageWeights>,
    column_sizes: &'a [usize],
}

/// The fingerprint `offset - sum_k combiner^(n-1-k) * x_k` of one message `x` of `n` elements.
struct MessageWeights {
    slot: usize,
    /// Offset and the constant elements.
    constant: PackedExt,
    /// Whether each element is variable.
    variable: Vec<bool>,
    /// Coefficients of the variable elements, by coordinate of the challenge field.
    weights: [Vec<F>; EXTENSION_DEGREE],
}

impl MessageWeights {
    fn new(message: &Message, offset: EF, combiner: EF) -> Self {
        let mut powers: Vec<EF> = combiner.powers().collect_n(message.constants.len());
        powers.reverse();
        let mut constant = offset;
        let mut weights: [Vec<F>; EXTENSION_DEGREE] = Default::default();
        for (power, element) in powers.iter().zip(&message.constants) {
            if let Some(element) = element {
                constant -= *power * *element;
                continue;
            }
            let coordinates: &[F] = power.as_basis_coefficients_slice();
            for (list, coordinate) in weights.iter_mut().zip(coordinates) {
                list.push(-*coordinate);
            }
        }
        Self { slot: message.slot, constant: constant.into(), variable: message.constants.iter().map(Option::is_none).collect(), weights }
    }

    fn fingerprint(&self, variable_elements: &[Packed]) -> PackedExt {
        self.constant + PackedExt::from_basis_coefficients_fn(|d| Packed::batched_linear_combination(variable_elements, &self.weights[d]))
    }
}

impl Fingerprints<'_> {
    /// Number of messages.
    pub(super) const fn len(&self) -> usize {
        self.weights.len()
    }

    /// Number of messages in each column.
    pub(super) const fn column_sizes(&self) -> &[usize] {
        self.column_sizes
    }
}

/// One message on a vector of rows.
#[derive(Clone, Copy)]
pub struct Term {
    /// Its fingerprint.
    pub(super) denominator: PackedExt,
    /// How often it is sent.
    pub(super) multiplicity: Packed,
}

impl Default for Term {
    fn default() -> Self {
        Self { denominator: PackedExt::ONE, multiplicity: Packed::ZERO }
    }
}

/// Selectors on a vector of rows.
#[derive(Clone, Copy)]
pub(super) struct Selectors {
    pub(super) is_first_row: Packed,
    pub(super) is_last_row: Packed,
    pub(super) is_transition: Packed,
}

/// Evaluates an AIR on a vector of rows: collects its messages and, with `CONSTRAINTS`, its constraints.
pub struct Folder<'a, const CONSTRAINTS: bool> {
    main: RowWindow<'a, Packed>,
    preprocessed: RowWindow<'a, Packed>,
    public_values: &'a [F],
    selectors: Selectors,
    constraints: &'a mut Vec<Packed>,
    fingerprints: &'a Fingerprints<'a>,
    /// Messages sent so far.
    sent: usize,
    elements: &'a mut Vec<Packed>,
    terms: &'a mut [Term],
}

/// The buffers that a [`Folder`] reuses from one vector of rows to the next.
#[derive(Default)]
pub(super) struct Buffers {
    pub(super) constraints: Vec<Packed>,
    elements: Vec<Packed>,
}

/// Two neighbouring rows of main and preprocessed columns.
#[derive(Clone, Copy)]
pub(super) struct Rows<'a> {
    pub(super) main: [&'a [Packed]; 2],
    pub(super) preprocessed: [&'a [Packed]; 2],
}

impl<'a, const CONSTRAINTS: bool> Folder<'a, CONSTRAINTS> {
    /// Evaluates `air` and fills `terms`, one for each message, ordered by column.
    pub(super) fn run<A: Air<Self>>(
        air: &A,
        rows: Rows<'a>,
        public_values: &'a [F],
        selectors: Selectors,
        fingerprints: &'a Fingerprints<'a>,
        buffers: &'a mut Buffers,
        terms: &'a mut [Term],
    ) {
        buffers.constraints.clear();
        let mut folder = Self {
            main: RowWindow::from_two_rows(rows.main[0], rows.main[1]),
            preprocessed: RowWindow::from_two_rows(rows.preprocessed[0], rows.preprocessed[1]),
            public_values,
            selectors,
            constraints: &mut buffers.constraints,
            fingerprints,
            sent: 0,
            elements: &mut buffers.elements,
            terms,
        };
        air.eval(&mut folder);
    }
}

impl<'a, const CONSTRAINTS: bool> AirBuilder for Folder<'a, CONSTRAINTS> {
    type F = F;
    type Expr = Packed;
    type Var = Packed;
    type PreprocessedWindow = RowWindow<'a, Packed>;
    type MainWindow = RowWindow<'a, Packed>;
    type PublicVar = F;
    type PeriodicVar = Packed;

    #[inline]
    fn main(&self) -> Self::MainWindow {
        self.main
    }

    #[inline]
    fn preprocessed(&self) -> &Self::PreprocessedWindow {
        &self.preprocessed
    }

    #[inline]
    fn is_first_row(&self) -> Packed {
        self.selectors.is_first_row
    }

    #[inline]
    fn is_last_row(&self) -> Packed {
        self.selectors.is_last_row
    }

    #[inline]
    fn is_transition(&self) -> Packed {
        self.selectors.is_transition
    }

    #[inline]
    fn assert_zero<I: Into<Packed>>(&mut self, x: I) {
        if CONSTRAINTS {
            self.constraints.push(x.into());
        }
    }

    #[inline]
    fn public_values(&self) -> &[F] {
        self.public_values
    }
}

impl<const CONSTRAINTS: bool> InteractionBuilder for Folder<'_, CONSTRAINTS> {
    fn push_interaction<E: Into<Packed>>(&mut self, _bus: &str, fields: impl IntoIterator<Item = E>, count: impl Into<Count<Packed>>) {
        let weights = &self.fingerprints.weights[self.sent];
        self.sent += 1;
        self.elements.clear();
        for (variable, field) in weights.variable.iter().zip(fields) {
            if *variable {
                self.elements.push(field.into());
            }
        }
        self.terms[weights.slot] = Term { denominator: weights.fingerprint(self.elements), multiplicity: count.into().into_parts().0 };
    }

    fn push_local_interaction(&mut self, _tuples: impl IntoIterator<Item = (Vec<Packed>, Count<Packed>)>) {
        unreachable!("a layout with such a lookup is refused");
    }
}
