//! What tables state: their constraints and messages, taken apart. From AIRs, or from a record of
//! them, which spares the verifier their expressions.

use alloc::vec::Vec;

use p3_air::symbolic::{AirLayout, SymbolicExpression};
use p3_air::{Air, BaseAir};
use p3_lookup::InteractionSymbolicBuilder;
use tern_field::{EF, F};
use tern_fri::multilinear::forms::{Committed, Forms, Leaf, Node};
use tern_fri::numbers::{Malformed, NumberReader, NumberWriter};

use super::lookup::{Bus, Declared};
use super::shape::{TableShape, UnusableTable};

/// Rows for which degrees are counted: with two, a column has degree 1.
const DEGREE_ROWS: usize = 2;

/// What a table states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    pub(super) shape: TableShape,
    /// How many of the roots are constraints; those of messages follow.
    pub(super) constraints: usize,
    pub(super) messages: Vec<Declared>,
    pub(super) forms: Forms,
}

/// A message's parts, as the AIR states them.
struct Parts<'a> {
    bus: Bus,
    fields: &'a [SymbolicExpression<F>],
    count: SymbolicExpression<F>,
    weight: u32,
}

/// Which degree a table's constraints have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Degrees {
    /// Their own.
    Actual,
    /// At least what the AIR declares, as `p3-multi-stark` counts.
    Declared,
}

impl Statement {
    /// What an AIR states, whose fixed columns are committed to or not.
    ///
    /// # Errors
    ///
    /// If it states something that the front cannot evaluate or that its format has no place for.
    pub(super) fn of<A>(air: &A, degrees: Degrees, is_committed: bool) -> Result<Self, UnusableTable>
    where
        A: Air<InteractionSymbolicBuilder<F, EF>>,
    {
        let builder = InteractionSymbolicBuilder::<F, EF>::from_air(air, AirLayout::from_air::<F>(air));
        refuse(air, &builder)?;
        let constraints = builder.base_constraints();
        let parts = messages(&builder);
        if parts.iter().any(|part| part.fields.is_empty()) {
            return Err(UnusableTable::EmptyMessage);
        }
        let committed = Committed { main: air.width(), fixed: if is_committed { air.preprocessed_width() } else { 0 } };
        let forms = Forms::new(&builder, committed)?;
        check_leaves(air, &forms)?;
        let shape = TableShape {
            main: air.width(),
            preprocessed: air.preprocessed_width(),
            forms: forms.len(),
            public_values: air.num_public_values(),
            messages: parts.len(),
            degree: degree(air, &constraints, &parts, degrees)?,
            count_weight: parts.iter().fold(0, |sum, part| sum.saturating_add(part.weight.into())),
        };
        let messages = parts.iter().map(|part| Declared { bus: part.bus.clone(), width: part.fields.len() }).collect();
        Ok(Self { shape, constraints: constraints.len(), messages, forms })
    }

    /// Whether its fixed columns count as committed to, if it has any.
    pub(in super::super) fn is_of_committed(&self) -> Option<bool> {
        (self.shape.preprocessed > 0).then(|| self.forms.columns() > self.shape.main)
    }

    /// Appends what [`Statement::read`] reads.
    pub(super) fn write(&self, writer: &mut NumberWriter) {
        let TableShape { main, preprocessed, forms: _, public_values, messages: _, degree, count_weight } = self.shape;
        [main, preprocessed, public_values, degree].into_iter().for_each(|number| writer.number(number));
        writer.number(usize::try_from(count_weight).unwrap_or(usize::MAX));
        writer.number(self.constraints);
        writer.list(self.messages.iter(), |writer, Declared { bus, width }| {
            match bus {
                Bus::Own(bus) => [0, *bus].into_iter().for_each(|number| writer.number(number)),
                Bus::Shared(name) => {
                    writer.number(1);
                    writer.bytes(name.as_bytes());
                }
            }
            writer.number(*width);
        });
        self.forms.write(writer);
    }

    /// Reads what a table states, whose polynomials read nothing that the front has no value for.
    ///
    /// # Errors
    ///
    /// If that is not so.
    pub(super) fn read(reader: &mut NumberReader<'_>) -> Result<Self, Malformed> {
        let (main, preprocessed, public_values, degree) = (reader.number()?, reader.number()?, reader.number()?, reader.number()?);
        let count_weight = u64::try_from(reader.number()?).unwrap_or(u64::MAX);
        let constraints = reader.number()?;
        let messages = reader.list(|reader, _| {
            let bus = match reader.below(2)? {
                0 => Bus::Own(reader.number()?),
                _ => Bus::Shared(str::from_utf8(reader.bytes()?).map_err(|_| reader.malformed())?.into()),
            };
            let width = reader.number()?;
            if width == 0 { Err(reader.malformed()) } else { Ok(Declared { bus, width }) }
        })?;
        let forms = Forms::read(reader)?;
        let parts = messages.iter().fold(constraints, |sum, message| sum.saturating_add(1).saturating_add(message.width));
        // Fixed columns that are committed to are in forms.
        let evaluated = if forms.columns() > main { 0 } else { preprocessed };
        let reads = |node: &Node| match node {
            Node::Leaf(Leaf::Form(_)) => true,
            Node::Leaf(Leaf::PreprocessedLocal(column)) => *column < evaluated,
            Node::Leaf(Leaf::Public(index)) => *index < public_values,
            Node::Leaf(_) => false,
            _ => true,
        };
        let (nodes, roots) = forms.polynomials();
        let has_columns = forms.columns() == main || forms.columns() == main.saturating_add(preprocessed);
        if roots.len() != parts || !nodes.iter().all(reads) || !has_columns {
            return Err(reader.malformed());
        }
        let shape = TableShape { main, preprocessed, forms: forms.len(), public_values, messages: messages.len(), degree, count_weight };
        Ok(Self { shape, constraints, messages, forms })
    }
}

/// What tables state as bytes, to be read by [`read`].
#[must_use]
pub fn write(statements: &[Statement]) -> Vec<u8> {
    let mut writer = NumberWriter::default();
    writer.list(statements.iter(), |writer, statement| statement.write(writer));
    writer.into_bytes()
}

/// What tables state.
///
/// # Errors
///
/// If the bytes are not such as [`write`] writes.
pub fn read(bytes: &[u8]) -> Result<Vec<Statement>, Malformed> {
    let mut reader = NumberReader::new(bytes);
    let statements = reader.list(|reader, _| Statement::read(reader))?;
    reader.end()?;
    Ok(statements)
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

/// Refuses expressions that read what the front has no value for.
fn check_leaves<A: BaseAir<F>>(air: &A, forms: &Forms) -> Result<(), UnusableTable> {
    for leaf in forms.leaves() {
        let exists = match leaf {
            Leaf::MainLocal(column) => *column < air.width(),
            Leaf::PreprocessedLocal(column) => *column < air.preprocessed_width(),
            Leaf::Public(index) => *index < air.num_public_values(),
            Leaf::IsFirst | Leaf::IsLast | Leaf::IsTransition => return Err(UnusableTable::Selector),
            Leaf::MainNext(_) | Leaf::PreprocessedNext(_) => return Err(UnusableTable::NextRow),
            Leaf::Form(_) => false,
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
