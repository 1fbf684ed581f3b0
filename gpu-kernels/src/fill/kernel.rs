//! The kernels that make rows: one for each [`Part`] of a recipe.

use core::fmt::Write;
use std::collections::HashMap;

use p3_field::{PrimeCharacteristicRing, PrimeField32};
use tern_field::F;
use tern_field::word::Word;
use tern_fri::multilinear::layout::Group;
use tern_fri::multilinear::recipe::{Cell, Number, Operation, Recipe, Recorder, Step};

use super::part::{Part, parts};
use crate::Kernel;

/// What a row's words are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Load {
    /// Those of a record, one after the other.
    Record,
    /// The halves of lanes, in which the row's bit is, and the bit's place in them
    /// ([`tern_fri::multilinear::keccak::bit_row`]).
    Bits,
}

/// A buffer that a kernel is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Given {
    /// The records.
    Records,
    /// The tables' cells.
    Cells,
    /// Where lookups are counted.
    Counts,
    /// What is kept between parts.
    Slots,
}

/// A parameter of a kernel, after the number of the first row, how many rows are made of records
/// and how many there are in all, and the records' first word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Param {
    /// The first word of a slot.
    Slot(usize),
    /// A word of the record.
    Word(u32),
    /// A field element that is known.
    Element(u32),
    /// The first cell of a column, in a group of the table.
    Start { group: usize, column: usize },
    /// Base-2 logarithm of the cells from one of its rows to the next.
    LogStride { group: usize },
    /// The first word of a table's counts.
    Counts(usize),
    /// Its rows.
    Rows(usize),
}

/// Parameters that all have.
const OWN_PARAMS: usize = 4;

/// A kernel with what it is told and given.
#[derive(Clone, Debug)]
pub struct PartKernel {
    /// The kernel.
    pub kernel: Kernel,
    /// Its parameters.
    pub params: Vec<Param>,
    /// What it is given, in order.
    pub given: Vec<Given>,
}

/// The recipe of a row of bits.
pub fn bits(lanes: usize) -> Recipe {
    let recorder = Recorder::default();
    let words = recorder.record(lanes + 1);
    let cells = words[..lanes].iter().map(|&half| Cell::Number(recorder.number_of((half >> words[lanes]).bit(0)))).collect();
    recorder.recipe(lanes + 1, cells, Vec::new())
}

/// The kernels that make the rows of a table with these groups, and the slots they need.
pub fn rows(recipe: &Recipe, load: Load, groups: &[&Group]) -> (Vec<PartKernel>, usize) {
    let (parts, slots) = parts(recipe);
    let is_needed = |part: &Part| !part.cells.is_empty() || !part.lookups.is_empty() || !part.kept.is_empty();
    // The first also makes what is no table's: zeros.
    let kernels = parts.iter().enumerate().filter(|&(number, part)| number == 0 || is_needed(part));
    (kernels.map(|(number, part)| Text::new(recipe, load, groups).part(part, number == 0)).collect(), slots)
}

/// A kernel's text in the making.
struct Text<'a> {
    recipe: &'a Recipe,
    load: Load,
    groups: &'a [&'a Group],
    body: String,
    params: Vec<Param>,
    given: Vec<Given>,
    /// What steps are called.
    names: HashMap<Number, String>,
}

impl<'a> Text<'a> {
    fn new(recipe: &'a Recipe, load: Load, groups: &'a [&'a Group]) -> Self {
        Self { recipe, load, groups, body: String::new(), params: Vec::new(), given: vec![Given::Cells], names: HashMap::new() }
    }

    /// The kernel of a part.
    fn part(mut self, part: &Part, is_first: bool) -> PartKernel {
        let mut cells: Vec<(Option<Cell>, Param, Param)> = part.cells.iter().map(|&(column, cell)| self.cell(column, cell)).collect();
        if is_first {
            for (group, columns) in self.groups.iter().enumerate() {
                let others = columns.columns..1 << columns.log_width;
                cells.extend(others.map(|column| (None, Param::Start { group, column }, Param::LogStride { group })));
            }
        }
        let first_place = OWN_PARAMS + self.params.len();
        for (_, start, stride) in &cells {
            self.params.extend([*start, *stride]);
        }
        self.line(&format!("let first = {};", self.first_word()));
        for &(step, slot) in &part.loaded {
            let place = self.param(Param::Slot(slot));
            let binding = self.give(Given::Slots);
            self.define(step, &format!("{binding}[{place} + t]"));
        }
        for &step in &part.steps {
            self.step(step);
        }
        for &(step, slot) in &part.kept {
            let (place, binding, name) = (self.param(Param::Slot(slot)), self.give(Given::Slots), self.name(step));
            self.line(&format!("{binding}[{place} + t] = {name};"));
        }
        for (number, (cell, ..)) in cells.iter().enumerate() {
            let value = cell.map_or("0u".into(), |cell| self.element(cell));
            let place = first_place + 2 * number;
            self.line(&format!("cells[params[{place}u] + (row << params[{}u])] = {value};", place + 1));
        }
        for lookup in &part.lookups {
            let [start, rows] = [Param::Counts(lookup.table), Param::Rows(lookup.table)].map(|param| self.param(param));
            let [column, row, active] = [lookup.column, lookup.row, lookup.active].map(|step| self.name(step));
            let (binding, width) = (self.give(Given::Counts), lookup.width);
            let count = format!("atomicAdd(&{binding}[{start} + {row} * {width}u + {column}], 1u);");
            self.line(&format!("if ({active} == 1u && {row} < {rows}) {{ {count} }}"));
        }
        self.finish(first_place, cells.len())
    }

    /// A column's cell, in its group.
    fn cell(&self, column: usize, cell: Cell) -> (Option<Cell>, Param, Param) {
        let group = self.groups.iter().position(|group| (group.first..group.first + group.columns).contains(&column));
        let group = group.expect("a column of a group");
        (Some(cell), Param::Start { group, column: column - self.groups[group].first }, Param::LogStride { group })
    }

    fn line(&mut self, line: &str) {
        self.body.push_str(line);
        self.body.push('\n');
    }

    /// A parameter, as an expression.
    fn param(&mut self, param: Param) -> String {
        let known = self.params.iter().position(|known| *known == param);
        let place = known.unwrap_or_else(|| {
            self.params.push(param);
            self.params.len() - 1
        });
        format!("params[{}u]", OWN_PARAMS + place)
    }

    /// The name of a buffer.
    fn give(&mut self, given: Given) -> &'static str {
        if !self.given.contains(&given) {
            self.given.push(given);
        }
        match given {
            Given::Records => "records",
            Given::Cells => "cells",
            Given::Counts => "counts",
            Given::Slots => "slots",
        }
    }

    fn define(&mut self, step: Number, value: &str) {
        let name = format!("s{}", self.names.len());
        self.line(&format!("let {name} = {value};"));
        self.names.insert(step, name);
    }

    /// A step's name, or the number that it is.
    fn name(&self, step: Number) -> String {
        match self.recipe.steps[step as usize] {
            Step::Constant(number) => format!("{number}u"),
            _ => self.names[&step].clone(),
        }
    }

    fn step(&mut self, step: Number) {
        let value = match self.recipe.steps[step as usize] {
            Step::Constant(_) => return,
            Step::Record(word) if self.load == Load::Bits && word as usize + 1 == self.recipe.words => "z & 31u".into(),
            Step::Record(word) => {
                let stride = if self.load == Load::Bits { 2 } else { 1 };
                let (place, binding) = (self.param(Param::Word(stride * word)), self.give(Given::Records));
                format!("{binding}[first + {place}]")
            }
            Step::Select([condition, one, zero]) => {
                let [condition, one, zero] = [condition, one, zero].map(|step| self.name(step));
                format!("select({zero}, {one}, {condition} == 1u)")
            }
            Step::Of(operation, of) => {
                let [a, b] = match operation {
                    Operation::FieldPlus | Operation::FieldMinus | Operation::FieldTimes => of.map(|step| self.operand(step)),
                    _ => of.map(|step| self.name(step)),
                };
                match operation {
                    Operation::FieldPlus => format!("add({a}, {b})"),
                    Operation::FieldMinus => format!("sub({a}, {b})"),
                    Operation::FieldTimes => format!("mul({a}, {b})"),
                    Operation::Plus => format!("{a} + {b}"),
                    Operation::Minus => format!("{a} - {b}"),
                    Operation::Times => format!("{a} * {b}"),
                    Operation::And => format!("{a} & {b}"),
                    Operation::Or => format!("{a} | {b}"),
                    Operation::Xor => format!("{a} ^ {b}"),
                    Operation::Left => format!("{a} << {b}"),
                    Operation::Right => format!("{a} >> {b}"),
                    Operation::Equals => format!("select(0u, 1u, {a} == {b})"),
                    Operation::IsBelow => format!("select(0u, 1u, {a} < {b})"),
                }
            }
        };
        self.define(step, &value);
    }

    /// The name of a field element. One that is known is a parameter, for parts may differ in it.
    fn operand(&mut self, step: Number) -> String {
        match self.recipe.steps[step as usize] {
            Step::Constant(number) => self.param(Param::Element(number)),
            _ => self.name(step),
        }
    }

    /// The Montgomery word of a cell.
    fn element(&mut self, cell: Cell) -> String {
        match (cell, self.recipe.steps[cell.step() as usize]) {
            (Cell::Number(_), Step::Constant(number)) => format!("{}u", F::from_u32(number).to_unique_u32()),
            (Cell::Number(step), _) => format!("mul({}, R_SQUARED)", self.name(step)),
            (Cell::Element(step), _) => self.operand(step),
        }
    }

    /// The first word of the row's record.
    fn first_word(&self) -> String {
        match self.load {
            Load::Record => format!("params[3] + t * {}u", self.recipe.words),
            Load::Bits => format!("params[3] + ((call << 1u) | ((t >> 10u) & 1u)) * {}u + (z >> 5u)", 2 * (self.recipe.words - 1)),
        }
    }

    fn finish(self, first_place: usize, cells: usize) -> PartKernel {
        let mut text = String::new();
        for (number, given) in self.given.iter().enumerate() {
            let declared = match given {
                Given::Records => "<storage, read> records: array<u32>",
                Given::Cells => "<storage, read_write> cells: array<u32>",
                Given::Counts => "<storage, read_write> counts: array<atomic<u32>>",
                Given::Slots => "<storage, read_write> slots: array<u32>",
            };
            let _ = writeln!(text, "@group(0) @binding({}) var{declared};", number + 1);
        }
        let _ = writeln!(
            text,
            "
@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {{
let t = invocation(group, groups, local);
if (t >= params[2]) {{ return; }}
let row = params[0] + t;
if (t >= params[1]) {{
for (var i = 0u; i < {cells}u; i++) {{ cells[params[{first_place}u + 2u * i] + (row << params[{}u + 2u * i])] = 0u; }}
return;
}}",
            first_place + 1,
        );
        if self.load == Load::Bits {
            // As `bit_row` has it: of z the lowest four bits, of a call its number among sixteen,
            // of z two more, the part.
            text.push_str("let z = (t & 15u) | ((t >> 4u) & 48u);\nlet call = ((t >> 4u) & 15u) | ((t >> 11u) << 4u);\n");
        }
        text.push_str(&self.body);
        text.push_str("}\n");
        PartKernel { kernel: Kernel::generated("rows", text), params: self.params, given: self.given }
    }
}
