//! The fractions of all tables' messages.
//!
//! A message is the fraction `count / D` with the fingerprint
//! `D = alpha + (b + 1) beta^w - sum of beta^k field_k`, for a bus numbered `b`, and `w` the fields
//! of the longest message of all. Buses are numbered in the order in which messages first name
//! them, table by table.

use alloc::string::String;
use alloc::vec::Vec;

use p3_air::symbolic::{AirLayout, BaseLeaf, SymbolicExpr, SymbolicExpression};
use p3_air::{Air, AirBuilder, RowWindow};
use p3_field::PrimeCharacteristicRing;
use p3_lookup::{Count, InteractionBuilder, InteractionSymbolicBuilder};
use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;
use p3_maybe_rayon::prelude::*;
use tern_field::{EF, F};

use super::equality;
use super::fractions::{Block, Memory};
use super::packed::{LANES, PARTS, Packed, PackedExt, ROWS, unpack};
use super::quintic::{coordinates, vector};
use super::rows::gather;
use super::sums::{TERMS, Weights};
use super::zerocheck::{Link, Slot};

/// Vectors of rows that one task takes.
const TASK: usize = 64;

/// Machine vectors whose fingerprints are computed message by message.
const GROUP: usize = 4;

/// The messages of all tables.
#[derive(Clone, Debug, Default)]
pub struct Lookups {
    tables: Vec<Vec<Message>>,
    buses: Vec<String>,
    /// Fields of the longest message.
    width: usize,
}

/// What is fixed about a message.
#[derive(Clone, Debug)]
struct Message {
    bus: usize,
    /// The constant at each field, where there is one.
    constants: Vec<Option<F>>,
}

impl Lookups {
    /// The messages that tables send on shared buses.
    #[must_use]
    pub fn new<A>(airs: &[A]) -> Self
    where
        A: Air<InteractionSymbolicBuilder<F, EF>>,
    {
        let mut lookups = Self::default();
        for air in airs {
            let builder = InteractionSymbolicBuilder::<F, EF>::from_air(air, AirLayout::from_air::<F>(air));
            let messages = builder.global_interactions().iter().map(|interaction| Message {
                bus: lookups.buses.iter().position(|bus| *bus == interaction.bus_name).unwrap_or_else(|| {
                    lookups.buses.push(interaction.bus_name.clone());
                    lookups.buses.len() - 1
                }),
                constants: interaction.fields.iter().map(constant).collect(),
            });
            let messages: Vec<Message> = messages.collect();
            lookups.width = messages.iter().map(|message| message.constants.len()).fold(lookups.width, usize::max);
            lookups.tables.push(messages);
        }
        lookups
    }

    /// Messages of one row of each table.
    #[must_use]
    pub fn messages(&self) -> usize {
        self.tables.iter().map(Vec::len).sum()
    }

    /// The lookups' last claim as a sum over messages: `point` has the messages' coordinates, the
    /// lowest bit's first.
    #[must_use]
    pub fn link(&self, [alpha, beta, theta]: [EF; 3], point: &[EF]) -> Link {
        let mut weights = equality::table(point).into_iter();
        let slots = self.tables.iter().map(|messages| {
            let weights = weights.by_ref().take(messages.len());
            messages.iter().zip(weights).map(|(message, weight)| Slot { weight, bus: message.bus }).collect()
        });
        let slots = slots.collect();
        let mut powers: Vec<EF> = beta.powers().collect_n(self.width + 1);
        let bus = powers.pop().unwrap_or(EF::ONE);
        let bases = (1..=self.buses.len()).map(|number| alpha + bus * F::from_usize(number) - EF::ONE).collect();
        Link { theta, powers, bases, slots }
    }

    /// Of each message of a table, the constant at each field, where there is one.
    pub fn constants(&self, table: usize) -> impl Iterator<Item = &[Option<F>]> {
        self.tables[table].iter().map(|message| &message.constants[..])
    }

    /// The fingerprints of all tables' messages under drawn challenges, as sums over fields.
    #[must_use]
    pub fn sums(&self, [alpha, beta]: [EF; 2]) -> Vec<Vec<Sum>> {
        let powers: Vec<EF> = beta.powers().collect_n(self.width + 1);
        let sum = |message: &Message| {
            let mut sum = Sum { constant: alpha + powers[self.width] * F::from_usize(message.bus + 1), fields: Vec::new() };
            for ((i, power), field) in powers.iter().enumerate().zip(&message.constants) {
                match field {
                    Some(field) => sum.constant -= *power * *field,
                    None => sum.fields.push((i, -*power)),
                }
            }
            sum
        };
        self.tables.iter().map(|messages| messages.iter().map(sum).collect()).collect()
    }

    /// How to fingerprint the messages under drawn challenges.
    #[must_use]
    pub fn with_challenges(&self, alpha: EF, beta: EF) -> Fingerprints {
        let table = |(messages, sums): (&Vec<Message>, Vec<Sum>)| {
            let (mut fingerprints, mut parts) = (Vec::with_capacity(messages.len()), 0);
            for (message, sum) in messages.iter().zip(sums) {
                let fingerprint = Fingerprint::new(message, &sum, parts);
                parts += 1 + message.constants.len() - fingerprint.skipped;
                fingerprints.push(fingerprint);
            }
            TableFingerprints { fingerprints, parts }
        };
        Fingerprints { tables: self.tables.iter().zip(self.sums([alpha, beta])).map(table).collect() }
    }
}

/// A message's fingerprint as a sum over its fields that are not constant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sum {
    /// What all rows have.
    pub constant: EF,
    /// The numbers of fields, which rise, and their weights.
    pub fields: Vec<(usize, EF)>,
}

/// The blocks of all messages, in their order, at their [places](place), among blocks of messages
/// that nobody sends.
#[must_use]
pub fn placed(messages: Vec<Block>) -> Vec<Block> {
    let count = messages.len().next_power_of_two();
    let mut blocks = Vec::new();
    blocks.resize_with(count, Block::default);
    for (number, block) in messages.into_iter().enumerate() {
        blocks[place(number, count)] = block;
    }
    blocks
}

/// The place of a message's block among a power of two of them in the tree, which adds the blocks
/// that differ in the highest bit first: it is the message's number with the bits reversed, so that
/// neighbours are added first. They are mostly messages of one table, and of as many rows.
#[must_use]
pub const fn place(number: usize, count: usize) -> usize {
    // Of one block there is no bit.
    match number.reverse_bits().checked_shr(usize::BITS - count.ilog2()) {
        Some(place) => place,
        None => 0,
    }
}

fn constant(expression: &SymbolicExpression<F>) -> Option<F> {
    match expression {
        SymbolicExpr::Leaf(BaseLeaf::Constant(value)) => Some(*value),
        _ => None,
    }
}

/// The fingerprints of all tables' messages under drawn challenges.
#[derive(Clone, Debug)]
pub struct Fingerprints {
    tables: Vec<TableFingerprints>,
}

#[derive(Clone, Debug)]
struct TableFingerprints {
    fingerprints: Vec<Fingerprint>,
    /// Parts of messages that are collected.
    parts: usize,
}

/// `constant + sum of weights_k field_k` over a message's variable fields.
#[derive(Clone, Debug)]
struct Fingerprint {
    constant: PackedExt,
    /// Of the collected parts, the message's count; its fields follow, but for so many constant
    /// ones before all others.
    count: usize,
    skipped: usize,
    terms: Vec<Terms>,
}

/// Some terms of a fingerprint.
#[derive(Clone, Debug)]
struct Terms {
    len: usize,
    /// Which of the collected parts the fields are.
    fields: [usize; TERMS],
    weights: Weights,
}

impl Fingerprint {
    /// Of a message whose parts are collected from place `count` on.
    fn new(message: &Message, sum: &Sum, count: usize) -> Self {
        let skipped = message.constants.iter().position(Option::is_none).unwrap_or(message.constants.len());
        let variable: Vec<(usize, EF)> = sum.fields.iter().map(|(i, weight)| (count + 1 + i - skipped, *weight)).collect();
        Self { constant: sum.constant.into(), count, skipped, terms: variable.chunks(TERMS).map(Terms::new).collect() }
    }

    /// The fingerprint of a vector of rows, given the parts of all messages.
    fn of(&self, parts: &[Packed], to: &mut PackedExt) {
        let Some((first, others)) = self.terms.split_first() else {
            *to = self.constant;
            return;
        };
        first.add(parts, &self.constant, to);
        for terms in others {
            let sum = *to;
            terms.add(parts, &sum, to);
        }
    }
}

impl Terms {
    fn new(terms: &[(usize, EF)]) -> Self {
        let mut fields = [0; TERMS];
        fields.iter_mut().zip(terms).for_each(|(place, (field, _))| *place = *field);
        let weights: Vec<EF> = terms.iter().map(|(_, weight)| *weight).collect();
        Self { len: terms.len(), fields, weights: Weights::new(&weights) }
    }

    fn add(&self, parts: &[Packed], sum: &PackedExt, to: &mut PackedExt) {
        match self.len {
            1 => self.add_fields::<1>(parts, sum, to),
            2 => self.add_fields::<2>(parts, sum, to),
            3 => self.add_fields::<3>(parts, sum, to),
            4 => self.add_fields::<4>(parts, sum, to),
            5 => self.add_fields::<5>(parts, sum, to),
            6 => self.add_fields::<6>(parts, sum, to),
            7 => self.add_fields::<7>(parts, sum, to),
            _ => self.add_fields::<TERMS>(parts, sum, to),
        }
    }

    /// The sum and so many terms. Their number is fixed for the fields to be picked into registers:
    /// [`Weights::add_slice`] of a list of them takes half as long again.
    #[inline(never)]
    fn add_fields<const N: usize>(&self, parts: &[Packed], sum: &PackedExt, to: &mut PackedExt) {
        let mut fields = [Packed::ZERO; N];
        for (field, part) in fields.iter_mut().zip(&self.fields) {
            *field = parts[*part];
        }
        *to = vector(&self.weights.add(coordinates(sum), &fields));
    }
}

/// A table's columns.
#[derive(Clone, Copy, Debug)]
pub struct Columns<'a> {
    /// The used rows of the main columns.
    pub main: &'a RowMajorMatrix<F>,
    /// The fixed columns. Where they have more rows than the main columns, these are zero there.
    pub fixed: Option<&'a RowMajorMatrix<F>>,
    /// The public values.
    pub public_values: &'a [F],
}

impl Fingerprints {
    /// The fractions of each message of a table.
    ///
    /// # Panics
    ///
    /// When a row of zeros sends a message: such a table has no proof.
    #[must_use]
    pub fn blocks<A>(&self, table: usize, air: &A, columns: &Columns<'_>) -> Vec<Block>
    where
        A: for<'a> Air<MessageFolder<'a>> + Sync,
    {
        self.blocks_in(table, air, columns, &mut Memory::default())
    }

    /// Like [`Fingerprints::blocks`], in memory from proofs before.
    ///
    /// # Panics
    ///
    /// Like [`Fingerprints::blocks`].
    #[must_use]
    pub fn blocks_in<A>(&self, table: usize, air: &A, columns: &Columns<'_>, memory: &mut Memory) -> Vec<Block>
    where
        A: for<'a> Air<MessageFolder<'a>> + Sync,
    {
        let TableFingerprints { fingerprints, parts } = &self.tables[table];
        if fingerprints.is_empty() {
            return Vec::new();
        }
        let zeros = Packed::zero_vec(columns.main.width().max(columns.fixed.map_or(0, Matrix::width)));
        let [zero, zero_fixed] = [&zeros[..columns.main.width()], &zeros[..columns.fixed.map_or(0, Matrix::width)]];
        let mut padding = Packed::zero_vec(*parts);
        collect(air, fingerprints, [zero, zero_fixed], columns.public_values, &mut padding);
        assert!(fingerprints.iter().all(|fingerprint| padding[fingerprint.count] == Packed::ZERO), "a row of zeros sends nothing");
        let height = columns.main.height().max(columns.fixed.map_or(0, Matrix::height));
        let vectors = height.div_ceil(ROWS) * PARTS;
        let block = |fingerprint: &Fingerprint| {
            let mut denominator = PackedExt::ZERO;
            fingerprint.of(&padding, &mut denominator);
            Block { padding: unpack(&[denominator])[0], ..memory.block(vectors) }
        };
        let mut blocks: Vec<Block> = fingerprints.iter().map(block).collect();
        let mut tasks: Vec<Vec<(&mut [Packed], &mut [PackedExt])>> = Vec::new();
        tasks.resize_with(vectors.div_ceil(TASK * PARTS), || Vec::with_capacity(fingerprints.len()));
        for block in &mut blocks {
            let slices = block.numerators.chunks_mut(TASK * PARTS).zip(block.denominators.chunks_mut(TASK * PARTS));
            tasks.iter_mut().zip(slices).for_each(|(task, slice)| task.push(slice));
        }
        tasks.into_par_iter().enumerate().for_each(|(task, mut slices)| {
            let (mut main, mut fixed) = (zero.to_vec(), zero_fixed.to_vec());
            let mut collected = Packed::zero_vec(GROUP * parts);
            let vectors = slices[0].0.len();
            for first in (0..vectors).step_by(GROUP) {
                let group = first..vectors.min(first + GROUP);
                for (i, collected) in group.clone().zip(collected.chunks_exact_mut(*parts)) {
                    let row = (task * TASK * PARTS + i) * LANES;
                    gather(columns.main, row, &mut main);
                    columns.fixed.iter().for_each(|matrix| gather(matrix, row, &mut fixed));
                    collect(air, fingerprints, [&main, &fixed], columns.public_values, collected);
                }
                for (fingerprint, (numerators, denominators)) in fingerprints.iter().zip(&mut slices) {
                    let fractions = numerators[group.clone()].iter_mut().zip(&mut denominators[group.clone()]);
                    for ((numerator, denominator), collected) in fractions.zip(collected.chunks_exact(*parts)) {
                        *numerator = collected[fingerprint.count];
                        fingerprint.of(collected, denominator);
                    }
                }
            }
        });
        blocks
    }
}

/// Puts the parts of a vector of rows' messages at their places.
fn collect<'a, A>(
    air: &A,
    fingerprints: &'a [Fingerprint],
    [main, fixed]: [&'a [Packed]; 2],
    public_values: &'a [F],
    parts: &'a mut [Packed],
) where
    A: Air<MessageFolder<'a>>,
{
    air.eval(&mut MessageFolder {
        main: RowWindow::from_two_rows(main, main),
        fixed: RowWindow::from_two_rows(fixed, fixed),
        public_values,
        fingerprints,
        parts,
        messages: 0,
    });
}

/// Collects the messages of a vector of rows. There is no next row and no selector: tables that
/// read them have no front.
pub struct MessageFolder<'a> {
    main: RowWindow<'a, Packed>,
    fixed: RowWindow<'a, Packed>,
    public_values: &'a [F],
    fingerprints: &'a [Fingerprint],
    parts: &'a mut [Packed],
    /// How many are collected.
    messages: usize,
}

impl<'a> AirBuilder for MessageFolder<'a> {
    type F = F;
    type Expr = Packed;
    type Var = Packed;
    type PreprocessedWindow = RowWindow<'a, Packed>;
    type MainWindow = RowWindow<'a, Packed>;
    type PublicVar = F;
    type PeriodicVar = Packed;

    fn main(&self) -> Self::MainWindow {
        self.main
    }

    fn preprocessed(&self) -> &Self::PreprocessedWindow {
        &self.fixed
    }

    fn is_first_row(&self) -> Packed {
        Packed::ZERO
    }

    fn is_last_row(&self) -> Packed {
        Packed::ZERO
    }

    fn is_transition(&self) -> Packed {
        Packed::ZERO
    }

    fn assert_zero<I: Into<Packed>>(&mut self, _: I) {}

    fn public_values(&self) -> &[F] {
        self.public_values
    }
}

impl InteractionBuilder for MessageFolder<'_> {
    fn push_interaction<E: Into<Packed>>(&mut self, _: &str, fields: impl IntoIterator<Item = E>, count: impl Into<Count<Packed>>) {
        let Fingerprint { count: place, skipped, .. } = self.fingerprints[self.messages];
        self.messages += 1;
        let Some((first, parts)) = self.parts[place..].split_first_mut() else { return };
        *first = count.into().into_parts().0;
        let mut parts = parts.iter_mut();
        fields.into_iter().skip(skipped).for_each(|field| {
            if let Some(part) = parts.next() {
                *part = field.into();
            }
        });
    }

    fn push_local_interaction(&mut self, _: impl IntoIterator<Item = (Vec<Packed>, Count<Packed>)>) {
        unreachable!("chips send on shared buses");
    }
}
