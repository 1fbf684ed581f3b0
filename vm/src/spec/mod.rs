//! The generated pages of the specification: tables that no one writes by hand.

mod columns;
mod recorder;
mod soundcalc;

use std::collections::BTreeMap;
use std::fmt::Write;

use p3_air::BaseAir;
use tern_air::chip::{ChipId, TernAir};
use tern_air::isa::{INSTRUCTIONS, InstructionRow};
use tern_air::relation;
use tern_air::shape::SHAPES;
use tern_fri::{RelationShape, TableShape};

use crate::layers::{Layer, layers};
use crate::prove::relation_shape;
use recorder::Recorder;

/// First line of every page.
const NOTICE: &str = "<!-- Written by `tern spec`. Do not edit. -->\n\n";

/// Every page: file name and text.
#[must_use]
pub fn pages() -> Vec<(String, String)> {
    let relation = Relation::new();
    let layers = layers().unwrap_or_else(|error| unreachable!("one height per table: {error}"));
    let mut pages = vec![
        ("chips.md".to_owned(), chips_page(&relation)),
        ("instructions.md".to_owned(), instructions_page(&relation)),
        ("shapes.md".to_owned(), shapes_page(&relation)),
        ("security.md".to_owned(), security_page(&layers)),
        ("relation.md".to_owned(), relation_page()),
    ];
    for (air, table) in relation.airs.iter().zip(&relation.shape.tables) {
        pages.push((format!("{}.md", air.name()), chip_page(air, table)));
    }
    let mut pages: Vec<_> = pages.into_iter().map(|(name, text)| (name, format!("{NOTICE}{text}"))).collect();
    pages.push(("soundcalc.toml".to_owned(), soundcalc::soundcalc(&layers)));
    pages
}

/// The chips with their sizes.
struct Relation {
    airs: Vec<TernAir>,
    shape: RelationShape,
}

impl Relation {
    fn new() -> Self {
        let shape = relation_shape(&SHAPES[0]).unwrap_or_else(|error| unreachable!("the registry has one entry per chip: {error}"));
        Self { airs: TernAir::all(), shape }
    }

    fn table(&self, chip: ChipId) -> &TableShape {
        &self.shape.tables[chip as usize]
    }
}

/// Base-field cells committed per row: main, LogUp and quotient columns.
fn cells(table: &TableShape) -> usize {
    table.main_width + table.permutation_width() + table.quotient_chunks() * tern_field::EXTENSION_DEGREE
}

fn chips_page(relation: &Relation) -> String {
    let mut page = String::from(
        "# Chips\n\nSizes per row. Cells are committed base-field elements: main columns, LogUp columns (five per extension column, the accumulator included) and quotient chunks (five each).\n\n",
    );
    page += "| chip | main | preprocessed | public values | messages | LogUp columns | quotient chunks | degree | constraints | cells |\n|---|---|---|---|---|---|---|---|---|---|\n";
    for table in &relation.shape.tables {
        let _ = writeln!(
            page,
            "| [{name}]({name}.md) | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            table.main_width,
            table.preprocessed_width,
            table.public_values,
            table.interactions,
            table.lookup_columns,
            table.quotient_chunks(),
            table.constraint_degree,
            table.constraints,
            cells(table),
            name = table.name,
        );
    }
    page
}

fn chip_page(air: &TernAir, table: &TableShape) -> String {
    let recorded = Recorder::of(air);
    let mut page = format!("# {}\n\n{} cells per row: {} main columns, ", table.name, cells(table), table.main_width);
    let _ = write!(page, "{} LogUp columns with the accumulator, ", table.permutation_width());
    let _ = writeln!(page, "{} quotient columns.", table.quotient_chunks() * tern_field::EXTENSION_DEGREE);
    let next = air.main_next_row_columns();
    if !next.is_empty() {
        let _ = writeln!(page, "\nConstraints read {} of the columns on the next row.", next.len());
    }
    page += "\n## Columns\n";
    for (name, fields) in columns::structs(columns_source(air)) {
        let _ = write!(page, "\n`{name}`\n\n| column | type | meaning |\n|---|---|---|\n");
        for column in fields {
            let _ = writeln!(page, "| `{}` | `{}` | {} |", column.name, column.ty, column.doc);
        }
    }
    page += "\n## Constraints\n\n| label | number | degree |\n|---|---|---|\n";
    let mut labels: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for constraint in &recorded.constraints {
        let entry = labels.entry(constraint.label).or_default();
        *entry = (entry.0 + 1, entry.1.max(constraint.degree));
    }
    for (label, (number, degree)) in labels {
        let _ = writeln!(page, "| `{label}` | {number} | {degree} |");
    }
    page += "\n## Messages\n\n| label | number | tag | elements | degree of the count | |\n|---|---|---|---|---|---|\n";
    let mut messages: BTreeMap<(&str, &str), (usize, usize, usize, bool)> = BTreeMap::new();
    for message in &recorded.messages {
        let entry = messages.entry((message.label, &message.tag)).or_insert((0, message.len, 0, message.provided));
        entry.0 += 1;
        entry.2 = entry.2.max(message.count_degree);
    }
    for ((label, tag), (number, len, degree, provided)) in messages {
        let how = if provided { "provides" } else { "" };
        let _ = writeln!(page, "| `{label}` | {number} | {tag} | {len} | {degree} | {how} |");
    }
    page
}

/// The source of a chip's column structs.
fn columns_source(air: &TernAir) -> &'static str {
    macro_rules! source {
        ($folder:literal) => {
            include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../air/src/", $folder, "/columns.rs"))
        };
    }
    match air {
        TernAir::AddSub(_) => source!("add_sub"),
        TernAir::Bitwise(_) => source!("bitwise"),
        TernAir::Shift(_) => source!("shift"),
        TernAir::Compare(_) => source!("compare"),
        TernAir::Branch(_) => source!("branch"),
        TernAir::Jump(_) => source!("jump"),
        TernAir::Load(_) => source!("load"),
        TernAir::Store(_) => source!("store"),
        TernAir::Misaligned(_) => source!("misaligned"),
        TernAir::Mul(_) => source!("mul"),
        TernAir::DivRem(_) => source!("div_rem"),
        TernAir::Ecall(_) => source!("ecall"),
        TernAir::Keccak(_) => source!("keccak"),
        TernAir::MulMod(_) => source!("mulmod"),
        TernAir::Bridge(_) => source!("bridge"),
        TernAir::Decode(_) => source!("decode"),
        TernAir::Leaf(_) => source!("leaf"),
        TernAir::Tree(_) => source!("tree"),
        TernAir::Poseidon2(_) => source!("poseidon2"),
        TernAir::Segment(_) => source!("segment"),
        TernAir::ByteTable(_) => source!("byte_table"),
        TernAir::BitsTable(_) => source!("bits_table"),
    }
}

fn instructions_page(relation: &Relation) -> String {
    let mut page = String::from(
        "# Instructions\n\nCells are those of the instruction's own row; an access to memory adds its share of the memory tree, a long gap between accesses a bridge.\n\n",
    );
    page += "| id | instruction | format | mask | match | chip | cells |\n|---|---|---|---|---|---|---|\n";
    for row in INSTRUCTIONS {
        let table = relation.table(chip_of(row));
        let _ = writeln!(
            page,
            "| {} | `{}` | {:?} | `{:08x}` | `{:08x}` | {} | {} |",
            row.opcode as u8,
            row.mnemonic,
            row.format,
            row.mask(),
            row.match_bits(),
            table.name,
            cells(table)
        );
    }
    page
}

/// The chip of an instruction; loads and stores that are not naturally aligned go to the misaligned chip instead.
fn chip_of(row: &InstructionRow) -> ChipId {
    use tern_air::isa::Family;
    match row.family {
        Family::AddSub => ChipId::AddSub,
        Family::Bitwise => ChipId::Bitwise,
        Family::Shift => ChipId::Shift,
        Family::Compare => ChipId::Compare,
        Family::Mul => ChipId::Mul,
        Family::DivRem => ChipId::DivRem,
        Family::Upper | Family::Jump => ChipId::Jump,
        Family::Branch => ChipId::Branch,
        Family::Load => ChipId::Load,
        Family::Store => ChipId::Store,
        Family::Fence | Family::Ecall => ChipId::Ecall,
    }
}

fn shapes_page(relation: &Relation) -> String {
    let mut page = String::from("# Shapes\n\nBase-2 logarithms of the tables' heights.\n\n| table |");
    for shape in SHAPES {
        let _ = write!(page, " {} |", shape.name);
    }
    let _ = write!(page, "\n|---|{}\n", "---|".repeat(SHAPES.len()));
    for (i, table) in relation.shape.tables.iter().enumerate() {
        let _ = write!(page, "| {} |", table.name);
        for shape in SHAPES {
            let _ = write!(page, " {} |", shape.log_heights[i]);
        }
        page.push('\n');
    }
    page += "| **committed cells** |";
    for shape in SHAPES {
        let cells: u64 = relation.shape.tables.iter().zip(shape.log_heights).map(|(table, height)| (cells(table) as u64) << height).sum();
        let _ = write!(page, " {cells} |");
    }
    page.push('\n');
    page
}

fn security_page(layers: &[Layer]) -> String {
    let mut page =
        String::from("# Security\n\nComputed by `p3-security` from the parameters and each shape's sizes; see `../soundness.md`.\n");
    for layer in layers {
        let _ = write!(page, "\n## {}, shape {}\n\n```\n{}```\n", capitalised(layer.kind), layer.shape, layer.security());
    }
    page
}

fn capitalised(word: &str) -> String {
    let (first, rest) = word.split_at(1);
    first.to_uppercase() + rest
}

fn relation_page() -> String {
    let hex = |digest: [u8; 32]| digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let mut page =
        format!("# Relation digest\n\nBound in every transcript: `{}`\n\nEvaluation at one point, by chip:\n\n", hex(relation::digest()));
    page += "| chip | digest |\n|---|---|\n";
    for (name, digest) in relation::digests_by_chip() {
        let _ = writeln!(page, "| {name} | `{}` |", hex(digest));
    }
    page
}
