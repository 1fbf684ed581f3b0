//! The fractions of all tables' messages, in device memory ([`tern_fri::multilinear::lookups`]): kernels that are made of the tables' programs, once for a relation, compute counts and fingerprints from the columns. Drawn
//! challenges come as weights.

use core::fmt::Write as _;
use core::ops::Range;

use p3_field::{PackedValue, PrimeCharacteristicRing, PrimeField32};
use tern_field::{EF, EXTENSION_DEGREE, F};
use tern_fri::multilinear::Transcript;
use tern_fri::multilinear::backend::Relation;
use tern_fri::multilinear::fractions::{Claim, FractionsProof};
use tern_fri::multilinear::lookups::{Lookups, Sum, place};
use tern_fri::multilinear::packed::Packed;
use tern_fri::multilinear::program::{OfBase, Program};
use tern_fri::multilinear::zerocheck::Plan;

use crate::fractions::{self, Array, FractionsError, Limits, ext_words};
use crate::matrix::Columns;
use crate::program::{Arithmetic, LIMIT, body};
use crate::{Gpu, GpuError, Kernel};

/// Parameters of a kernel before its tables.
const PARAMS: usize = 5;

/// Words that a kernel is given of each message before its fields' weights: the place of the first fraction, and the constant.
const HEAD: usize = 1 + EXTENSION_DEGREE;

/// The kernels of a relation's messages.
pub struct Messages {
    tables: Vec<Table>,
}

/// The messages of a table.
struct Table {
    /// From columns to all messages' parts: of each the count, then the fields that are not constant.
    program: Program,
    /// Of each message its parts, among all.
    messages: Vec<Range<usize>>,
    pieces: Vec<Piece>,
}

/// Some parts, by one kernel.
struct Piece {
    kernel: Kernel,
    /// Of main columns, of fixed ones.
    reads: [bool; 2],
    slices: Vec<Slice>,
}

/// Some of a message's parts.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Slice {
    message: usize,
    /// Among the message's.
    parts: Range<usize>,
}

impl Slice {
    /// Whether the count and the fingerprint's constant are in it.
    const fn is_first(&self) -> bool {
        self.parts.start == 0
    }

    /// The fields, among those that are not constant.
    fn fields(&self) -> Range<usize> {
        self.parts.start.max(1) - 1..self.parts.end - 1
    }
}

impl Messages {
    /// Makes the kernels.
    ///
    /// # Panics
    ///
    /// If the relation's messages are not its tables'.
    #[must_use]
    pub fn new(relation: &Relation<'_>) -> Self {
        let table = |(number, plan): (usize, &Plan)| Table::new(plan, relation.lookups, number, relation.layout.widths()[number]);
        Self { tables: relation.plans.iter().enumerate().map(table).collect() }
    }

    /// The fractions of all messages at their places in the tree, given each table's columns and public values.
    ///
    /// # Errors
    ///
    /// If the device fails.
    ///
    /// # Panics
    ///
    /// When a row of zeros sends a message: such a table has no proof. And if the tables are not those of the relation.
    pub fn fractions(
        &self,
        gpu: &Gpu,
        lookups: &Lookups,
        tables: &[Columns<'_>],
        public_values: &[Vec<F>],
        challenges: [EF; 2],
    ) -> Result<Array, GpuError> {
        assert!(tables.len() == self.tables.len() && public_values.len() == self.tables.len(), "tables of the relation");
        let sums = lookups.sums(challenges);
        let count = lookups.messages().next_power_of_two();
        let mut blocks = vec![(0, EF::ONE); count];
        let mut number = 0;
        for (((table, sums), columns), public_values) in self.tables.iter().zip(&sums).zip(tables).zip(public_values) {
            for padding in table.paddings(sums, public_values) {
                blocks[place(number, count)] = (columns.rows, padding);
                number += 1;
            }
        }
        let fractions = Array::of_messages(gpu, blocks)?;
        let mut starts = (0..number).map(|number| fractions.places()[place(number, count)].start);
        for (((table, sums), columns), public_values) in self.tables.iter().zip(&sums).zip(tables).zip(public_values) {
            let starts: Vec<usize> = starts.by_ref().take(table.messages.len()).collect();
            for piece in &table.pieces {
                piece.run(gpu, columns, public_values, (sums, &starts), &fractions)?;
            }
        }
        Ok(fractions)
    }
}

/// Proves that all messages' fractions, fingerprinted under two challenges, add up to zero.
///
/// # Errors
///
/// If they do not, or the device fails.
///
/// # Panics
///
/// As [`Messages::fractions`], and when a table has more rows than the relation allows.
pub fn prove(
    gpu: &Gpu,
    messages: &Messages,
    relation: &Relation<'_>,
    tables: &[Columns<'_>],
    public_values: &[Vec<F>],
    challenges: [EF; 2],
    transcript: &mut Transcript,
) -> Result<(FractionsProof, Claim), FractionsError> {
    let leaves = messages.fractions(gpu, relation.lookups, tables, public_values, challenges)?;
    fractions::prove(gpu, leaves, relation.row_variables, &Limits::default(), transcript)
}

impl Table {
    fn new(plan: &Plan, lookups: &Lookups, number: usize, main_columns: usize) -> Self {
        let forms = plan.forms();
        let all: Vec<&[Option<F>]> = lookups.constants(number).collect();
        // Shared messages' roots are the last ones.
        let mut next = forms.rest_places().len() - all.iter().map(|fields| 1 + fields.len()).sum::<usize>();
        let (mut roots, mut messages) = (Vec::new(), Vec::new());
        for fields in all {
            let first = roots.len();
            roots.push(next);
            roots.extend(fields.iter().enumerate().filter(|(_, constant)| constant.is_none()).map(|(field, _)| next + 1 + field));
            next += 1 + fields.len();
            messages.push(first..roots.len());
        }
        let program = Program::of_roots(forms, &roots);
        let known = forms.known();
        // Where a given value is among the table's columns.
        let column = |given: usize| given.checked_sub(forms.columns()).map_or(given, |place| main_columns + known[place]);
        let pieces = pieces(&program, &messages);
        let pieces = pieces.into_iter().map(|parts| Piece::new(&program, &messages, parts, main_columns, column)).collect();
        Self { program, messages, pieces }
    }

    /// Each message's fingerprint on a row of zeros.
    fn paddings(&self, sums: &[Sum], public_values: &[F]) -> impl Iterator<Item = EF> {
        let mut list = self.program.list::<OfBase>(public_values);
        self.program.run::<OfBase>(&mut list);
        let mut parts = vec![Packed::ZERO; self.program.places().len()];
        self.program.wanted(&list, &mut parts);
        let parts: Vec<F> = parts.iter().map(|part| part.as_slice()[0]).collect();
        self.messages.iter().zip(sums).map(move |(message, sum)| {
            let (count, fields) = (parts[message.start], &parts[message.start + 1..message.end]);
            assert!(count == F::ZERO, "a row of zeros sends nothing");
            sum.constant + sum.fields.iter().zip(fields).map(|((_, weight), field)| *weight * *field).sum::<EF>()
        })
    }
}

/// Cuts all parts where kernels would take too long to compile: between messages if one fits into a kernel.
fn pieces(program: &Program, messages: &[Range<usize>]) -> Vec<Range<usize>> {
    let fits = |parts: Range<usize>| EXTENSION_DEGREE * parts.len() + program.part(parts).steps().len() <= LIMIT;
    let mut pieces: Vec<Range<usize>> = Vec::new();
    let mut add = |parts: Range<usize>, is_apart: bool| match pieces.last_mut() {
        Some(piece) if !is_apart && fits(piece.start..parts.end) => piece.end = parts.end,
        _ => pieces.push(parts),
    };
    let mut is_apart = true;
    for message in messages {
        if fits(message.clone()) {
            add(message.clone(), is_apart);
            is_apart = false;
        } else {
            message.clone().for_each(|part| add(part..part + 1, part == message.start));
            is_apart = true;
        }
    }
    pieces
}

impl Piece {
    fn new(
        program: &Program,
        messages: &[Range<usize>],
        parts: Range<usize>,
        main_columns: usize,
        column: impl Fn(usize) -> usize,
    ) -> Self {
        let own = |(message, all): (usize, &Range<usize>)| {
            let own = all.start.max(parts.start)..all.end.min(parts.end);
            (!own.is_empty()).then(|| Slice { message, parts: own.start - all.start..own.end - all.start })
        };
        let slices: Vec<Slice> = messages.iter().enumerate().filter_map(own).collect();
        let cell = |given: usize| match column(given) {
            column if column < main_columns => format!("main_cell({column}u, row)"),
            column => format!("fixed_cell({column}u, row)"),
        };
        let body = body(&program.part(parts), Arithmetic::Base, cell, |index| format!("params[params[2] + {index}u]"));
        let reads = ["main", "fixed"].map(|array| body.text.contains(&format!("{array}_cell(")));

        let mut text = include_str!("shaders/messages.wgsl").to_owned();
        let arrays = ["main", "fixed"].into_iter().zip(reads).filter_map(|(array, is_read)| is_read.then_some(array));
        let mut binding = 1;
        for array in arrays {
            text.push_str(&CELL.replace("ARRAY", array).replace("BINDING", &binding.to_string()));
            binding += 1;
        }
        let _ = writeln!(text, "@group(0) @binding({binding}) var<storage, read_write> fractions: array<u32>;\n{MAIN}{}", body.text);
        let mut values = body.wanted.iter();
        let mut place = 0;
        for slice in &slices {
            if slice.is_first()
                && let Some(count) = values.next()
            {
                let _ = writeln!(text, "put_count({place}u, row, {count});");
            }
            let _ = writeln!(text, "var x{place} = fingerprint();");
            for (i, value) in values.by_ref().take(slice.fields().len()).enumerate() {
                let _ = writeln!(text, "x{place} = with_field(x{place}, {}u, {value});", place + HEAD + EXTENSION_DEGREE * i);
            }
            let put = if slice.is_first() { "put_fields" } else { "add_fields" };
            let _ = writeln!(text, "{put}({place}u, row, x{place});");
            place += HEAD + EXTENSION_DEGREE * slice.fields().len();
        }
        text.push_str("}\n");
        Self { kernel: Kernel::generated("messages", text), reads, slices }
    }

    /// Computes the parts of a table's messages, given their fingerprints' sums and the places of their fractions.
    fn run(
        &self,
        gpu: &Gpu,
        columns: &Columns<'_>,
        public_values: &[F],
        (sums, starts): (&[Sum], &[usize]),
        fractions: &Array,
    ) -> Result<(), GpuError> {
        let mut params = vec![0; PARAMS];
        params[0] = columns.rows as u32;
        params[1] = fractions.plane() as u32;
        params[2] = params.len() as u32;
        params.extend(public_values.iter().map(F::to_unique_u32));
        params[3] = params.len() as u32;
        params.extend(columns.columns.iter().flat_map(|column| [column.start, column.stride, column.rows].map(|word| word as u32)));
        params[4] = params.len() as u32;
        for slice in &self.slices {
            let sum = &sums[slice.message];
            params.push(starts[slice.message] as u32);
            params.extend(ext_words(sum.constant));
            params.extend(sum.fields[slice.fields()].iter().flat_map(|(_, weight)| ext_words(*weight)));
        }
        let arrays = [columns.main, columns.fixed].into_iter().zip(self.reads).filter_map(|(array, is_read)| is_read.then_some(array));
        let given: Vec<_> = arrays.chain([fractions.words()]).collect();
        gpu.dispatch(&self.kernel, &params, &given, columns.rows)
    }
}

/// An array of columns' cells.
const CELL: &str = "
@group(0) @binding(BINDING) var<storage, read> ARRAY_cells: array<u32>;

fn ARRAY_cell(column: u32, row: u32) -> u32 {
    let entry = params[3] + 3u * column;
    if (row >= params[entry + 2u]) {
        return 0u;
    }
    return ARRAY_cells[params[entry] + row * params[entry + 1u]];
}
";

const MAIN: &str = "
@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
let row = invocation(group, groups, local);
if (row >= params[0]) { return; }
";

#[cfg(test)]
mod tests;
