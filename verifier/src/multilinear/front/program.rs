//! A table's constraints and messages as one straight-line program over the values of its columns.

use alloc::vec::Vec;

use p3_air::symbolic::{AirLayout, SymbolicExpression};
use p3_air::{Air, BaseAir};
use p3_field::PrimeCharacteristicRing;
use p3_lookup::InteractionSymbolicBuilder;
use tern_field::{EF, F};

use super::lookup::{Bus, Declared};
use super::proof::ColumnValues;
use super::shape::{TableShape, UnusableTable};
use crate::ops::Ops;
use crate::symbolic::{Capture, Leaf, Program};

/// Rows for which degrees are counted: with two, a column has degree 1.
const DEGREE_ROWS: usize = 2;

/// A table's program. Its values are the constraints, in the order in which they are stated, then for each message its count and its fields that are not constant zeros.
#[derive(Clone, Debug)]
pub(super) struct TableProgram {
    program: Program,
    constraints: usize,
}

/// The values of a table's program.
pub(super) struct TableValues<O: Ops> {
    pub(super) constraints: Vec<O::Ext>,
    pub(super) messages: Vec<O::Ext>,
}

/// What an AIR comes to.
pub(super) struct Captured {
    pub(super) shape: TableShape,
    pub(super) program: TableProgram,
    pub(super) messages: Vec<Declared>,
}

/// A message's parts, as the AIR states them.
struct Parts<'a> {
    bus: Bus,
    fields: &'a [SymbolicExpression<F>],
    count: SymbolicExpression<F>,
    weight: u32,
}

impl TableProgram {
    pub(super) const fn constraints(&self) -> usize {
        self.constraints
    }

    /// Evaluates the program at the columns' values.
    pub(super) fn values<O: Ops>(&self, ops: &mut O, columns: &ColumnValues<O>, public_values: &[O::Ext]) -> TableValues<O> {
        let zero = ops.constant(EF::ZERO);
        let read = |_: &mut O, leaf| {
            let value = match leaf {
                Leaf::MainLocal(column) => columns.main.get(column),
                Leaf::PreprocessedLocal(column) => columns.preprocessed.get(column),
                Leaf::Public(index) => public_values.get(index),
                // Refused when the table was captured.
                _ => None,
            };
            value.unwrap_or(&zero).clone()
        };
        let mut constraints = self.program.values(ops, read);
        let messages = constraints.split_off(self.constraints.min(constraints.len()));
        TableValues { constraints, messages }
    }
}

/// Which degree a table's constraints have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Degrees {
    /// Their own.
    Actual,
    /// At least what the AIR declares, as `p3-multi-stark` counts.
    Declared,
}

/// Captures an AIR.
///
/// # Errors
///
/// If it states something that the front cannot evaluate or that its format has no place for.
pub(super) fn capture<A>(air: &A, degrees: Degrees) -> Result<Captured, UnusableTable>
where
    A: Air<InteractionSymbolicBuilder<F, EF>>,
{
    let builder = InteractionSymbolicBuilder::<F, EF>::from_air(air, AirLayout::from_air::<F>(air));
    refuse(air, &builder)?;
    let constraints = builder.base_constraints();
    let parts = messages(&builder);
    let mut capture = Capture::default();
    let mut roots = Vec::with_capacity(constraints.len());
    for constraint in &constraints {
        roots.push(capture.base(constraint)?);
    }
    let mut declared = Vec::with_capacity(parts.len());
    for part in &parts {
        if part.fields.is_empty() {
            return Err(UnusableTable::EmptyMessage);
        }
        roots.push(capture.base(&part.count)?);
        let mut fields = Vec::with_capacity(part.fields.len());
        for (position, field) in part.fields.iter().enumerate() {
            let node = capture.base(field)?;
            if !capture.is_zero(node) {
                fields.push(position);
                roots.push(node);
            }
        }
        declared.push(Declared { bus: part.bus.clone(), width: part.fields.len(), fields });
    }
    let program = Program::of(&capture, &roots);
    check_leaves(air, &program)?;
    let shape = TableShape {
        main: air.width(),
        preprocessed: air.preprocessed_width(),
        public_values: air.num_public_values(),
        messages: parts.len(),
        degree: degree(air, &constraints, &parts, degrees)?,
        count_weight: parts.iter().fold(0, |sum, part| sum.saturating_add(part.weight.into())),
    };
    Ok(Captured { shape, program: TableProgram { program, constraints: constraints.len() }, messages: declared })
}

/// The messages in `p3-multi-stark`'s order: those of the table's own buses, then those of shared ones.
fn messages(builder: &InteractionSymbolicBuilder<F, EF>) -> Vec<Parts<'_>> {
    let own = builder.local_interactions().iter().enumerate().flat_map(|(bus, interaction)| {
        interaction.tuples.iter().map(move |(fields, count)| {
            let (count, weight) = count.clone().into_parts();
            Parts { bus: Bus::Own(bus), fields, count, weight }
        })
    });
    let shared = builder.global_interactions().iter().map(|interaction| Parts {
        bus: Bus::Shared(interaction.bus_name.clone()),
        fields: &interaction.fields,
        count: interaction.count.clone(),
        weight: interaction.count_weight,
    });
    own.chain(shared).collect()
}

/// Refuses what is declared beside the constraints and has no place in the format.
fn refuse<A: BaseAir<F>>(air: &A, builder: &InteractionSymbolicBuilder<F, EF>) -> Result<(), UnusableTable> {
    let faults = [
        (!air.main_next_row_columns().is_empty() || !air.preprocessed_next_row_columns().is_empty(), UnusableTable::NextRow),
        (!air.public_boundary_io().is_empty(), UnusableTable::BoundaryCells),
        (!builder.exclusive_interactions().is_empty(), UnusableTable::ExclusiveMessages),
        (!builder.indexed_reads().is_empty() || !builder.indexed_tables().is_empty(), UnusableTable::IndexedLookups),
        (!builder.extension_constraints().is_empty(), UnusableTable::ExtensionConstraints),
        (air.width() == 0, UnusableTable::Empty),
    ];
    faults.into_iter().find(|(is_there, _)| *is_there).map_or(Ok(()), |(_, fault)| Err(fault))
}

/// Refuses a program that reads what the front has no value for.
fn check_leaves<A: BaseAir<F>>(air: &A, program: &Program) -> Result<(), UnusableTable> {
    for leaf in program.leaves() {
        let exists = match leaf {
            Leaf::MainLocal(column) => column < air.width(),
            Leaf::PreprocessedLocal(column) => column < air.preprocessed_width(),
            Leaf::Public(index) => index < air.num_public_values(),
            Leaf::IsFirst | Leaf::IsLast | Leaf::IsTransition => return Err(UnusableTable::Selector),
            Leaf::MainNext(_) | Leaf::PreprocessedNext(_) => return Err(UnusableTable::NextRow),
        };
        if !exists {
            return Err(UnusableTable::Missing);
        }
    }
    Ok(())
}

/// The largest degree of a constraint or message.
fn degree<A: BaseAir<F>>(
    air: &A,
    constraints: &[SymbolicExpression<F>],
    messages: &[Parts<'_>],
    degrees: Degrees,
) -> Result<usize, UnusableTable> {
    let of = |expression: &SymbolicExpression<F>| expression.poly_degree(DEGREE_ROWS, &[]);
    let least = if degrees == Degrees::Declared { air.max_constraint_degree().unwrap_or(0) } else { 0 };
    let stated = constraints.iter().map(of).max().map(|degree| degree.max(least));
    let of_message = |part: &Parts<'_>| part.fields.iter().map(of).fold(of(&part.count), usize::max);
    let sent = messages.iter().map(of_message).max();
    if stated == Some(0) || sent == Some(0) {
        return Err(UnusableTable::Constant);
    }
    stated.max(sent).ok_or(UnusableTable::Empty)
}
