//! The relation as data: every column, constraint and message of both constraint systems, for
//! whoever reads them with a program of their own. `spec/export.md` is the schema.

use std::collections::HashMap;
use std::fmt::Write;

use p3_field::PrimeField32;
use serde::Serialize;
use tern_air::bus::message_len;
use tern_air::chip::System;
use tern_air::events::{FIRST_TIME, TICKS_PER_INSTRUCTION};
use tern_air::isa::INSTRUCTIONS;
use tern_air::machine::MachineAir;
use tern_air::messages::chosen_tags;
use tern_air::recursion::CircuitAir;
use tern_air::relation;
use tern_field::F;

use super::chips::{Documented, cells, public_names};
use super::columns::{self, Named};
use super::dag::{Dag, Node, Place};
use super::recorder::{Message, Recorder, Statement};
use super::recursion::CircuitRows;
use super::{chip_of, hex};

/// The version of the schema.
const VERSION: u32 = 1;

/// A constraint system whose relation digest is known.
pub trait Exported: Documented {
    /// Its name.
    const SYSTEM: &'static str;
    /// BLAKE3's context for its digest.
    const CONTEXT: &'static str;

    /// Its digest.
    fn digest() -> [u8; 32];
    /// The places of the closed forms of the fixed columns; none if the chip has no fixed columns,
    /// or they are a circuit's own.
    fn closed_forms(&self, forms: &mut Dag<'_>, point: &[Place]) -> Vec<Place>;
}

impl Exported for MachineAir {
    const SYSTEM: &'static str = "machine";
    const CONTEXT: &'static str = relation::MACHINE_CONTEXT;

    fn digest() -> [u8; 32] {
        relation::machine_digest()
    }

    fn closed_forms(&self, forms: &mut Dag<'_>, point: &[Place]) -> Vec<Place> {
        self.fixed_at(forms, point)
    }
}

impl Exported for CircuitAir {
    const SYSTEM: &'static str = "recursion";
    const CONTEXT: &'static str = relation::CIRCUIT_CONTEXT;

    fn digest() -> [u8; 32] {
        relation::circuit_digest()
    }

    fn closed_forms(&self, forms: &mut Dag<'_>, point: &[Place]) -> Vec<Place> {
        self.fixed_at(forms, point).unwrap_or_default()
    }
}

#[derive(Serialize)]
struct Document {
    format: &'static str,
    version: u32,
    modulus: u32,
    systems: Vec<SystemEntry>,
    circuits: Vec<CircuitEntry>,
    instructions: Vec<InstructionEntry>,
    ticks: Ticks,
}

#[derive(Serialize)]
struct SystemEntry {
    name: &'static str,
    digest: DigestEntry,
    buses: Vec<BusEntry>,
    tags: Vec<TagEntry>,
    chips: Vec<ChipEntry>,
}

#[derive(Serialize)]
struct DigestEntry {
    value: String,
    context: &'static str,
    point_context: &'static str,
    fixed_context: &'static str,
    points: u64,
    coordinates: usize,
}

#[derive(Serialize)]
struct BusEntry {
    name: &'static str,
    width: usize,
}

#[derive(Serialize)]
struct TagEntry {
    tag: u32,
    name: &'static str,
    length: usize,
}

/// A chip.
#[derive(Serialize)]
pub struct ChipEntry {
    pub name: &'static str,
    degree: usize,
    cells: usize,
    next_row_columns: Vec<usize>,
    fields: Vec<Field>,
    pub main: Vec<Column>,
    pub fixed: Vec<Column>,
    fixed_known: Option<&'static str>,
    closed_forms: Option<ClosedForms>,
    public: Vec<Public>,
    /// A name for each public value.
    #[serde(skip)]
    pub public_names: Vec<String>,
    pub nodes: Vec<Node>,
    pub statements: Vec<StatementEntry>,
}

#[derive(Serialize)]
struct Field {
    #[serde(rename = "struct")]
    of: String,
    name: String,
    #[serde(rename = "type")]
    ty: String,
    meaning: String,
    within: Option<usize>,
}

/// A column by the field that it belongs to.
#[derive(Serialize)]
pub struct Column {
    pub name: String,
    field: usize,
}

#[derive(Serialize)]
struct ClosedForms {
    nodes: Vec<Node>,
    columns: Vec<Place>,
}

#[derive(Serialize)]
struct Public {
    name: &'static str,
    first: usize,
    len: usize,
    meaning: &'static str,
}

/// What a chip states about a row.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum StatementEntry {
    Constraint {
        label: &'static str,
        value: Place,
    },
    Message {
        label: &'static str,
        bus: &'static str,
        tags: Vec<&'static str>,
        direction: &'static str,
        bounded: bool,
        tuple: Vec<Place>,
        multiplicity: Place,
    },
}

#[derive(Serialize)]
struct CircuitEntry {
    name: String,
    rows: Vec<(&'static str, usize)>,
    cells: usize,
}

#[derive(Serialize)]
struct InstructionEntry {
    id: u8,
    mnemonic: &'static str,
    format: String,
    mask: u32,
    #[serde(rename = "match")]
    match_bits: u32,
    chip: &'static str,
}

#[derive(Serialize)]
struct Ticks {
    first: u32,
    per_instruction: u32,
}

/// The document, JSON on one line. It depends on nothing but the constraint systems and the
/// circuits, whose rows are given.
///
/// # Panics
///
/// Never: the document has no maps with other keys than strings.
#[must_use]
pub fn json(circuits: &[CircuitRows]) -> String {
    let document = Document {
        format: "tern-relation",
        version: VERSION,
        modulus: F::ORDER_U32,
        systems: vec![system::<MachineAir>(), system::<CircuitAir>()],
        circuits: circuits.iter().map(circuit).collect(),
        instructions: instructions(),
        ticks: Ticks { first: FIRST_TIME, per_instruction: TICKS_PER_INSTRUCTION },
    };
    serde_json::to_string(&document).unwrap_or_else(|error| unreachable!("plain data can be written: {error}")) + "\n"
}

/// The page about the document and the files of other formats: their hashes and sizes.
pub fn page(json: &str, folders: [(&str, &[(String, String)]); 2]) -> String {
    let mut page = format!(
        "# Export\n\nWhat `tern spec export --format json` writes ([schema](../export.md)): {} bytes, BLAKE3 `{}`.\n",
        json.len(),
        blake3::hash(json.as_bytes()).to_hex()
    );
    for (format, files) in folders {
        let texts: String = files.iter().map(|(_, text)| text.as_str()).collect();
        let _ = writeln!(
            page,
            "\nWhat `--format {format}` writes: {} files of {} bytes, BLAKE3 `{}` of one behind the other in the order of the tables below.",
            files.len(),
            texts.len(),
            blake3::hash(texts.as_bytes()).to_hex()
        );
    }
    sizes::<MachineAir>(&mut page);
    sizes::<CircuitAir>(&mut page);
    page
}

fn sizes<A: Exported>(page: &mut String) {
    let _ = write!(
        page,
        "\n## {}\n\n| chip | columns | fixed columns | public values | constraints | messages | nodes |\n|---|---|---|---|---|---|---|\n",
        A::SYSTEM
    );
    for air in A::all() {
        let chip = chip(&air);
        let constraints = chip.statements.iter().filter(|statement| matches!(statement, StatementEntry::Constraint { .. })).count();
        let _ = writeln!(
            page,
            "| {} | {} | {} | {} | {constraints} | {} | {} |",
            chip.name,
            chip.main.len(),
            chip.fixed.len(),
            chip.public.iter().map(|public| public.len).sum::<usize>(),
            chip.statements.len() - constraints,
            chip.nodes.len(),
        );
    }
}

fn system<A: Exported>() -> SystemEntry {
    let buses = A::buses();
    SystemEntry {
        name: A::SYSTEM,
        digest: DigestEntry {
            value: hex(A::digest()),
            context: A::CONTEXT,
            point_context: relation::POINT_CONTEXT,
            fixed_context: relation::FIXED_CONTEXT,
            points: relation::POINTS,
            coordinates: relation::COORDINATES,
        },
        buses: buses.names.into_iter().zip(buses.widths).map(|(name, width)| BusEntry { name, width }).collect(),
        tags: A::TAGS.iter().map(|&(tag, name)| TagEntry { tag, name, length: message_len(tag) }).collect(),
        chips: A::all().iter().map(chip).collect(),
    }
}

/// A chip's entry.
pub fn chip<A: Exported>(air: &A) -> ChipEntry {
    let recorded = Recorder::of(air);
    let mut dag = Dag::default();
    let statements = recorded.statements.iter().map(|statement| entry::<A>(statement, &mut dag)).collect();
    let mut fields = Fields::of(air);
    let [main, fixed] = air.layouts().map(|layout| fields.columns(columns::named(&layout)));
    let closed_forms = closed_forms(air);
    ChipEntry {
        name: air.name(),
        degree: air.degree(),
        cells: cells(air.width()),
        next_row_columns: air.main_next_row_columns(),
        fields: fields.used,
        fixed_known: (!fixed.is_empty()).then_some(A::FIXED),
        main,
        fixed,
        closed_forms,
        public: public(air),
        public_names: public_names(air),
        nodes: dag.nodes,
        statements,
    }
}

fn entry<'a, A: Exported>(statement: &'a Statement, dag: &mut Dag<'a>) -> StatementEntry {
    match statement {
        Statement::Constraint(constraint) => StatementEntry::Constraint { label: constraint.label, value: dag.place(&constraint.expr) },
        Statement::Message(Message { label, tag, tuple, multiplicity, direction, .. }) => StatementEntry::Message {
            label,
            bus: A::buses().names[usize::from(tuple.len() > A::buses().widths[0])],
            tags: chosen_tags(label).map_or_else(|| vec![*tag], names::<A>),
            direction: direction.name(),
            bounded: direction.is_bounded(),
            tuple: tuple.iter().map(|element| dag.place(element)).collect(),
            multiplicity: dag.place(multiplicity),
        },
    }
}

fn names<A: Exported>(tags: &[u32]) -> Vec<&'static str> {
    A::TAGS.iter().filter(|(tag, _)| tags.contains(tag)).map(|(_, name)| *name).collect()
}

fn closed_forms<A: Exported>(air: &A) -> Option<ClosedForms> {
    let mut forms = Dag::default();
    let point: Vec<Place> = (0..relation::COORDINATES).map(|bit| forms.node(Node::Coordinate(bit))).collect();
    let columns = air.closed_forms(&mut forms, &point);
    (!columns.is_empty()).then_some(ClosedForms { nodes: forms.nodes, columns })
}

fn public<A: Exported>(air: &A) -> Vec<Public> {
    let firsts = air.public().iter().scan(0, |sum, field| {
        *sum += field.len;
        Some(*sum - field.len)
    });
    air.public()
        .iter()
        .zip(firsts)
        .map(|(field, first)| Public { name: field.name, first, len: field.len, meaning: field.meaning })
        .collect()
}

/// The fields of column structs, each once.
struct Fields {
    /// Type and documentation, by struct and field.
    documented: HashMap<(String, String), (String, String)>,
    used: Vec<Field>,
    /// Places in `used`, by the field around it, struct and name.
    places: HashMap<(Option<usize>, String, String), usize>,
}

impl Fields {
    fn of<A: Exported>(air: &A) -> Self {
        let sources = columns::SHARED.iter().copied().chain([air.sources().columns]);
        let structs = sources.flat_map(columns::structs);
        let fields =
            structs.flat_map(|(of, fields)| fields.into_iter().map(move |field| ((of.clone(), field.name), (field.ty, field.doc))));
        Self { documented: fields.collect(), used: Vec::new(), places: HashMap::new() }
    }

    fn columns(&mut self, named: Vec<Named>) -> Vec<Column> {
        let mut column = |Named { name, path }| {
            let place = path.into_iter().fold(None, |within, (of, field)| Some(self.place(within, of, field)));
            Column { name, field: place.unwrap_or_else(|| unreachable!("a column is a struct's")) }
        };
        named.into_iter().map(&mut column).collect()
    }

    fn place(&mut self, within: Option<usize>, of: String, name: String) -> usize {
        let Self { documented, used, places } = self;
        *places.entry((within, of.clone(), name.clone())).or_insert_with(|| {
            let (ty, meaning) = documented.get(&(of.clone(), name.clone())).cloned().unwrap_or_default();
            used.push(Field { of, name, ty, meaning, within });
            used.len() - 1
        })
    }
}

fn circuit(rows: &CircuitRows) -> CircuitEntry {
    let names = CircuitAir::all();
    CircuitEntry {
        name: rows.name.clone(),
        rows: names.iter().map(System::name).zip(rows.counts.iter().copied()).collect(),
        cells: rows.cells,
    }
}

fn instructions() -> Vec<InstructionEntry> {
    let airs = MachineAir::all();
    let instruction = |row: &tern_air::isa::InstructionRow| InstructionEntry {
        id: row.opcode as u8,
        mnemonic: row.mnemonic,
        format: format!("{:?}", row.format),
        mask: row.mask(),
        match_bits: row.match_bits(),
        chip: airs[chip_of(row) as usize].name(),
    };
    INSTRUCTIONS.iter().map(instruction).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chips<A: Exported>() -> Vec<ChipEntry> {
        A::all().iter().map(chip).collect()
    }

    #[test]
    fn columns_have_names_and_meanings() {
        for chip in chips::<MachineAir>().into_iter().chain(chips::<CircuitAir>()) {
            let undocumented: Vec<_> = chip.fields.iter().filter(|field| field.meaning.is_empty()).map(|field| &field.name).collect();
            assert!(undocumented.is_empty(), "{}: {undocumented:?} (of a struct that `columns::SHARED` lacks?)", chip.name);
        }
    }

    #[test]
    fn the_document_is_the_same_each_time() {
        let rows = CircuitRows { name: "any".to_owned(), counts: vec![1; CircuitAir::all().len()], cells: 3 };
        assert_eq!(json(std::slice::from_ref(&rows)), json(&[rows]));
    }

    #[test]
    fn there_is_a_name_for_every_column_and_public_value() {
        fn check<A: Exported>() {
            for (air, chip) in A::all().iter().zip(chips::<A>()) {
                assert_eq!((chip.main.len(), chip.fixed.len()), (air.width(), air.preprocessed_width()), "{}", chip.name);
                assert_eq!(chip.public.iter().map(|public| public.len).sum::<usize>(), air.num_public_values(), "{}", chip.name);
            }
        }
        check::<MachineAir>();
        check::<CircuitAir>();
    }
}
