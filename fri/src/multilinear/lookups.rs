//! The fractions of all tables' messages.
//!
//! A message is the fraction `count / D` with the fingerprint `D = alpha + (b + 1) beta^w - sum of beta^k field_k`, for a bus numbered `b`, and `w` the fields of the longest message of all. Buses are numbered in the
//! order in which messages first name them, table by table.

use alloc::string::String;
use alloc::vec::Vec;

use p3_air::symbolic::{AirLayout, BaseLeaf, SymbolicExpr, SymbolicExpression};
use p3_air::{Air, AirBuilder, RowWindow};
use p3_field::{Algebra, BasedVectorSpace, PackedValue, PrimeCharacteristicRing};
use p3_lookup::{Count, InteractionBuilder, InteractionSymbolicBuilder};
use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;
use p3_maybe_rayon::prelude::*;
use tern_field::{EF, EXTENSION_DEGREE, F};

use super::equality;
use super::fractions::{Block, Memory};
use super::packed::{LANES, PARTS, Packed, PackedExt, ROWS, unpack};
use super::quintic::add;
use super::zerocheck::{Link, Slot};

/// Vectors of rows that one task takes.
const TASK: usize = 64;

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

    /// The lookups' last claim as a sum over messages: `point` has the messages' coordinates, the lowest bit's first.
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

    /// How to fingerprint the messages under drawn challenges.
    #[must_use]
    pub fn with_challenges(&self, alpha: EF, beta: EF) -> Fingerprints {
        let powers: Vec<EF> = beta.powers().collect_n(self.width + 1);
        let fingerprint = |message: &Message| {
            let mut constant = alpha + powers[self.width] * F::from_usize(message.bus + 1);
            let mut weights: [Vec<F>; EXTENSION_DEGREE] = Default::default();
            for (power, field) in powers.iter().zip(&message.constants) {
                if let Some(field) = field {
                    constant -= *power * *field;
                    continue;
                }
                let coordinates: &[F] = power.as_basis_coefficients_slice();
                weights.iter_mut().zip(coordinates).for_each(|(weights, coordinate)| weights.push(-*coordinate));
            }
            Fingerprint { constant: constant.into(), is_variable: message.constants.iter().map(Option::is_none).collect(), weights }
        };
        Fingerprints { tables: self.tables.iter().map(|messages| messages.iter().map(fingerprint).collect()).collect() }
    }
}

/// The blocks of all messages, in their order, at their places in the tree, which adds the blocks that differ in the highest bit first: a message's place is its number with the bits reversed, so that neighbours are added first. They
/// are mostly messages of one table, and of as many rows.
#[must_use]
pub fn placed(messages: Vec<Block>) -> Vec<Block> {
    let count = messages.len().next_power_of_two();
    let mut blocks = Vec::new();
    blocks.resize_with(count, Block::default);
    for (number, block) in messages.into_iter().enumerate() {
        // Of one block there is no bit.
        blocks[number.reverse_bits().checked_shr(usize::BITS - count.ilog2()).unwrap_or(0)] = block;
    }
    blocks
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
    tables: Vec<Vec<Fingerprint>>,
}

/// `constant + sum of weights_k field_k` over a message's variable fields.
#[derive(Clone, Debug)]
struct Fingerprint {
    constant: PackedExt,
    is_variable: Vec<bool>,
    /// By coordinate of the challenge field.
    weights: [Vec<F>; EXTENSION_DEGREE],
}

impl Fingerprint {
    fn of(&self, fields: &[Packed], to: &mut PackedExt) {
        match fields.len() {
            1 => self.of_fields::<1>(fields, to),
            2 => self.of_fields::<2>(fields, to),
            3 => self.of_fields::<3>(fields, to),
            4 => self.of_fields::<4>(fields, to),
            5 => self.of_fields::<5>(fields, to),
            6 => self.of_fields::<6>(fields, to),
            7 => self.of_fields::<7>(fields, to),
            8 => self.of_fields::<8>(fields, to),
            _ => *to = PackedExt::from_basis_coefficients_fn(|d| Packed::batched_linear_combination(fields, &self.weights[d])),
        }
        add(to, &self.constant);
    }

    /// Of so many fields, each coordinate with one reduction, without the constant.
    #[inline(never)]
    fn of_fields<const N: usize>(&self, fields: &[Packed], to: &mut PackedExt) {
        let fields: &[Packed; N] = fields.try_into().expect("as many fields");
        let [w0, w1, w2, w3, w4] = &self.weights;
        let coordinates = [weighted(fields, w0), weighted(fields, w1), weighted(fields, w2), weighted(fields, w3), weighted(fields, w4)];
        *to = PackedExt::from_basis_coefficients_fn(|d| coordinates[d]);
    }
}

#[inline(always)]
fn weighted<const N: usize>(fields: &[Packed; N], weights: &[F]) -> Packed {
    Packed::mixed_dot_product(fields, weights.first_chunk().expect("a weight for each field"))
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
        let fingerprints = &self.tables[table];
        if fingerprints.is_empty() {
            return Vec::new();
        }
        let zero = Packed::zero_vec(columns.main.width());
        let zero_fixed = Packed::zero_vec(columns.fixed.map_or(0, Matrix::width));
        let mut padding = empty(fingerprints.len());
        evaluate(air, fingerprints, [&zero, &zero_fixed], columns.public_values, &mut padding);
        assert!(padding.iter().all(|(count, _)| *count == Packed::ZERO), "a row of zeros sends nothing");
        let height = columns.main.height().max(columns.fixed.map_or(0, Matrix::height));
        let vectors = height.div_ceil(ROWS) * PARTS;
        let block = |(_, denominator): &(Packed, PackedExt)| Block { padding: unpack(&[*denominator])[0], ..memory.block(vectors) };
        let mut blocks: Vec<Block> = padding.iter().map(block).collect();
        let mut tasks: Vec<Vec<(&mut [Packed], &mut [PackedExt])>> = Vec::new();
        tasks.resize_with(vectors.div_ceil(TASK * PARTS), || Vec::with_capacity(fingerprints.len()));
        for block in &mut blocks {
            let parts = block.numerators.chunks_mut(TASK * PARTS).zip(block.denominators.chunks_mut(TASK * PARTS));
            tasks.iter_mut().zip(parts).for_each(|(task, part)| task.push(part));
        }
        tasks.into_par_iter().enumerate().for_each(|(task, mut parts)| {
            let (mut main, mut fixed, mut fractions) = (zero.clone(), zero_fixed.clone(), empty(fingerprints.len()));
            for i in 0..parts[0].0.len() {
                let first = (task * TASK * PARTS + i) * LANES;
                gather(columns.main, first, &mut main);
                columns.fixed.iter().for_each(|matrix| gather(matrix, first, &mut fixed));
                evaluate(air, fingerprints, [&main, &fixed], columns.public_values, &mut fractions);
                for ((numerators, denominators), (numerator, denominator)) in parts.iter_mut().zip(&fractions) {
                    (numerators[i], denominators[i]) = (*numerator, *denominator);
                }
            }
        });
        blocks
    }
}

/// As many rows as a machine's vector has lanes, from `first` on; rows beyond the matrix are zero.
fn gather(matrix: &RowMajorMatrix<F>, first: usize, columns: &mut [Packed]) {
    let width = matrix.width();
    let rows = matrix.values.get(first * width..).unwrap_or_default();
    if rows.len() >= LANES * width {
        for (column, vector) in columns.iter_mut().enumerate() {
            *vector = Packed::from_fn(|lane| rows[lane * width + column]);
        }
        return;
    }
    for (column, vector) in columns.iter_mut().enumerate() {
        *vector = Packed::from_fn(|lane| rows.get(lane * width + column).copied().unwrap_or(F::ZERO));
    }
}

/// Puts the fractions of a vector of rows where there is room.
fn evaluate<'a, A>(
    air: &A,
    fingerprints: &'a [Fingerprint],
    [main, fixed]: [&'a [Packed]; 2],
    public_values: &'a [F],
    fractions: &mut Vec<(Packed, PackedExt)>,
) where
    A: Air<MessageFolder<'a>>,
{
    let mut folder = MessageFolder {
        main: RowWindow::from_two_rows(main, main),
        fixed: RowWindow::from_two_rows(fixed, fixed),
        public_values,
        fingerprints,
        fields: Vec::new(),
        fractions: core::mem::take(fractions),
        messages: 0,
    };
    air.eval(&mut folder);
    *fractions = folder.fractions;
}

/// Room for so many fractions.
fn empty(messages: usize) -> Vec<(Packed, PackedExt)> {
    alloc::vec![(Packed::ZERO, PackedExt::ZERO); messages]
}

/// Takes the messages of a vector of rows. There is no next row and no selector: tables that read them have no front.
pub struct MessageFolder<'a> {
    main: RowWindow<'a, Packed>,
    fixed: RowWindow<'a, Packed>,
    public_values: &'a [F],
    fingerprints: &'a [Fingerprint],
    fields: Vec<Packed>,
    fractions: Vec<(Packed, PackedExt)>,
    /// How many of them are there.
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
        let fingerprint = &self.fingerprints[self.messages];
        let (numerator, denominator) = &mut self.fractions[self.messages];
        self.messages += 1;
        self.fields.clear();
        let variable = fields.into_iter().zip(&fingerprint.is_variable).filter(|(_, is_variable)| **is_variable);
        self.fields.extend(variable.map(|(field, _)| field.into()));
        *numerator = count.into().into_parts().0;
        fingerprint.of(&self.fields, denominator);
    }

    fn push_local_interaction(&mut self, _: impl IntoIterator<Item = (Vec<Packed>, Count<Packed>)>) {
        unreachable!("chips send on shared buses");
    }
}
