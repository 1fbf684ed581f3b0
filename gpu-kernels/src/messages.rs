//! The fractions of all tables' messages, in device memory ([`tern_fri::multilinear::lookups`]).
//!
//! A message's count and fields are mostly columns. What is not is computed first, by steps that
//! are interpreted; then one kernel weighs all fields with what follows from the drawn challenges.
//! So no kernel depends on the relation.

use core::ops::Range;
use std::collections::BTreeMap;

use p3_field::{PackedValue, PrimeCharacteristicRing, PrimeField32};
use tern_field::{EF, F};
use tern_fri::multilinear::Transcript;
use tern_fri::multilinear::backend::Relation;
use tern_fri::multilinear::fractions::{Claim, FractionsProof};
use tern_fri::multilinear::lookups::{Lookups, Sum, place};
use tern_fri::multilinear::packed::Packed;
use tern_fri::multilinear::program::{Constant, OfBase, Program};
use tern_fri::multilinear::shape::LOG_BLOCK;
use tern_fri::multilinear::zerocheck::Plan;

use crate::fractions::{self, Array, FractionsError, Limits, ext_words};
use crate::interpreter::{Code, code};
use crate::kernel::GROUP;
use crate::matrix::{Column, Columns};
use crate::memory::Words;
use crate::{Gpu, GpuError, kernel};

/// Parameters of the fractions' kernel before its tables.
const PARAMS: usize = 6;

/// Messages of a workgroup.
const CHUNK: usize = 16;

/// Most words of computed parts at a time.
const MAX_COMPUTED: usize = 1 << 25;

/// Most invocations that interpret: slots for so many are in use.
const MAX_INVOCATIONS: usize = 1 << 17;

/// The messages of a relation.
pub struct Messages {
    tables: Vec<Table>,
    /// Instructions of all tables.
    code: Words,
    /// Most words of computed parts at a time.
    max_computed: usize,
}

/// The messages of a table.
struct Table {
    /// From columns to all messages' parts: of each the count, then the fields that are not constant.
    program: Program,
    /// Of each message its parts, among all.
    messages: Vec<Range<usize>>,
    parts: Vec<Part>,
    /// How many are computed, the instructions for them, and slots that these need.
    computed: usize,
    code: Range<usize>,
    slots: usize,
}

/// Where a part comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// A column of the table.
    Column(usize),
    /// Computed, with its number.
    Computed(usize),
    /// What all rows have.
    Constant(Constant),
}

/// What a proof has of a table.
struct Given<'a> {
    columns: &'a Columns<'a>,
    /// The place of its columns among those of all tables.
    first_column: usize,
    public_values: &'a [F],
    /// The messages' fingerprints, and the places of their first fractions.
    sums: &'a [Sum],
    starts: Vec<usize>,
}

impl Messages {
    /// Prepares.
    ///
    /// # Errors
    ///
    /// If the device fails.
    ///
    /// # Panics
    ///
    /// If the relation's messages are not its tables'.
    pub fn new(gpu: &Gpu, relation: &Relation<'_>) -> Result<Self, GpuError> {
        let mut words = Vec::new();
        let table =
            |(number, plan): (usize, &Plan)| Table::new(plan, relation.lookups, number, relation.layout.widths()[number], &mut words);
        let tables = relation.plans.iter().enumerate().map(table).collect();
        Ok(Self { tables, code: gpu.upload_words(&words)?, max_computed: MAX_COMPUTED })
    }

    /// The fractions of all messages at their places in the tree, given each table's columns and
    /// public values.
    ///
    /// # Errors
    ///
    /// If the device fails.
    ///
    /// # Panics
    ///
    /// When a row of zeros sends a message: such a table has no proof. And if the tables are not
    /// those of the relation.
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
        let mut all_columns = Vec::new();
        let mut given = Vec::with_capacity(tables.len());
        for (((table, sums), columns), public_values) in self.tables.iter().zip(&sums).zip(tables).zip(public_values) {
            let starts = starts.by_ref().take(table.messages.len()).collect();
            given.push(Given { columns, first_column: all_columns.len(), public_values, sums, starts });
            let words = |column: &Column| [usize::from(column.is_fixed), column.start, column.stride, column.rows];
            all_columns.extend(columns.columns.iter().flat_map(words).map(|word| word as u32));
        }
        let all_columns = gpu.upload_words(&all_columns)?;
        for (table, given) in self.tables.iter().zip(&given) {
            for rows in table.chunks(given.columns.rows, self.max_computed) {
                let computed = table.compute(gpu, given, rows.clone(), [&all_columns, &self.code])?;
                table.weigh(gpu, given, rows, &computed, &fractions)?;
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
    /// Appends its instructions to those of others.
    fn new(plan: &Plan, lookups: &Lookups, number: usize, main_columns: usize, words: &mut Vec<u32>) -> Self {
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
        let column = |given: usize| given.checked_sub(forms.columns()).map_or(given, |place| main_columns + known[place]);
        // Of each place of the list that is computed its number, and of these the first part that is there.
        let mut numbers: BTreeMap<u32, usize> = BTreeMap::new();
        let mut firsts = Vec::new();
        let part = |(part, &place): (usize, &u32)| match (place as usize).checked_sub(program.given()) {
            None => Part::Column(column(place as usize)),
            Some(constant) if constant < program.constants().len() => Part::Constant(program.constants()[constant]),
            Some(_) => Part::Computed(*numbers.entry(place).or_insert_with(|| {
                firsts.push(part);
                firsts.len() - 1
            })),
        };
        let parts = program.places().iter().enumerate().map(part).collect();
        let Code { words: own, slots } = code(&program.part(firsts.iter().copied()), column, |number| number);
        let code = words.len()..words.len() + own.len();
        words.extend(own);
        Self { messages, parts, computed: firsts.len(), code, slots, program }
    }

    /// Each message's fingerprint on a row of zeros.
    fn paddings(&self, sums: &[Sum], public_values: &[F]) -> impl Iterator<Item = EF> {
        let mut list = self.program.list::<OfBase>(public_values);
        self.program.run::<OfBase>(&mut list);
        let mut parts = vec![Packed::ZERO; self.parts.len()];
        self.program.wanted(&list, &mut parts);
        let parts: Vec<F> = parts.iter().map(|part| part.as_slice()[0]).collect();
        self.messages.iter().zip(sums).map(move |(message, sum)| {
            let (count, fields) = (parts[message.start], &parts[message.start + 1..message.end]);
            assert!(count == F::ZERO, "a row of zeros sends nothing");
            sum.constant + sum.fields.iter().zip(fields).map(|((_, weight), field)| *weight * *field).sum::<EF>()
        })
    }

    /// Rows that are taken at a time, in whole blocks.
    fn chunks(&self, rows: usize, max_computed: usize) -> impl Iterator<Item = Range<usize>> {
        let blocks = (max_computed / self.computed.max(1)) >> LOG_BLOCK;
        let most = blocks.max(1) << LOG_BLOCK;
        (0..rows).step_by(most).map(move |first| first..rows.min(first + most))
    }

    /// The computed parts of some rows, one after the other.
    fn compute(&self, gpu: &Gpu, given: &Given<'_>, rows: Range<usize>, [columns, code]: [&Words; 2]) -> Result<Words, GpuError> {
        let values = gpu.words(self.computed * rows.len())?;
        if self.computed > 0 {
            let invocations = rows.len().min(MAX_INVOCATIONS);
            let slots = gpu.words(self.slots * invocations)?;
            let params = [rows.start, rows.len(), self.code.start, self.code.end, invocations, self.slots, given.first_column];
            let public_values = given.public_values.iter().map(F::to_unique_u32);
            let params: Vec<u32> = params.into_iter().map(|word| word as u32).chain(public_values).collect();
            let arrays = [given.columns.main, given.columns.fixed, columns, code, &slots, &values];
            gpu.dispatch(&kernel!("columns", "interpret_base", "interpret", "interpret_rows"), &params, &arrays, invocations)?;
        }
        Ok(values)
    }

    /// The fractions of some rows, given the computed parts there.
    fn weigh(&self, gpu: &Gpu, given: &Given<'_>, rows: Range<usize>, computed: &Words, fractions: &Array) -> Result<(), GpuError> {
        let head = [rows.start, rows.len(), fractions.plane(), self.messages.len(), CHUNK, PARAMS];
        let mut params: Vec<u32> = head.map(|word| word as u32).to_vec();
        params.resize(PARAMS + self.messages.len(), 0);
        for (number, ((message, sum), start)) in self.messages.iter().zip(given.sums).zip(&given.starts).enumerate() {
            params[PARAMS + number] = params.len() as u32;
            params.push(*start as u32);
            params.extend(ext_words(sum.constant));
            params.push(sum.fields.len() as u32);
            params.extend(self.part(message.start, given));
            for (part, (_, weight)) in (message.start + 1..message.end).zip(&sum.fields) {
                params.extend(self.part(part, given));
                params.extend(ext_words(*weight));
            }
        }
        let arrays = [given.columns.main, given.columns.fixed, computed, fractions.words()];
        gpu.dispatch(&kernel!("messages"), &params, &arrays, rows.len() / GROUP * self.messages.len().div_ceil(CHUNK) * GROUP)
    }

    /// Where the kernel finds a part.
    fn part(&self, part: usize, given: &Given<'_>) -> [u32; 4] {
        match self.parts[part] {
            Part::Column(column) => {
                let column = given.columns.columns[column];
                [usize::from(column.is_fixed), column.start, column.stride, column.rows].map(|word| word as u32)
            }
            Part::Computed(number) => [2, number as u32, 0, 0],
            Part::Constant(Constant::Value(value)) => [3, value.to_unique_u32(), 0, 0],
            Part::Constant(Constant::Public(index)) => [3, given.public_values[index].to_unique_u32(), 0, 0],
        }
    }
}

#[cfg(test)]
mod tests;
