//! Sizes of a constraint system's chips, and a page for each.

use std::collections::BTreeMap;
use std::fmt::Write;

use tern_air::chip::{System, TernAir};
use tern_air::recursion::RecursionAir;
use tern_air::{bus, recursion};
use tern_fri::TableShape;

use super::columns;
use super::recorder::Recorder;

/// What cells are, for the reader of a table of sizes.
pub const CELLS: &str = "Cells are committed base-field elements: main columns, LogUp columns (five per extension column, the accumulator included) and quotient chunks (five each).";

/// A constraint system that has pages.
pub trait Documented: System {
    /// What stands before a chip's name in the name of its page.
    const PREFIX: &'static str;
    /// The tags of its messages.
    const TAGS: &'static [(u32, &'static str)];
    /// What a tag that depends on columns chooses between.
    const CHOSEN: &'static str;

    /// The source of a chip's column structs.
    fn columns_source(&self) -> &'static str;
}

/// Base-field cells committed per row: main, LogUp and quotient columns.
pub fn cells(table: &TableShape) -> usize {
    table.main_width + table.permutation_width() + table.quotient_chunks() * tern_field::EXTENSION_DEGREE
}

/// The table of sizes.
pub fn sizes<A: Documented>(tables: &[TableShape]) -> String {
    let mut page = String::from(
        "| chip | main | preprocessed | public values | messages | LogUp columns | quotient chunks | degree | constraints | cells |\n|---|---|---|---|---|---|---|---|---|---|\n",
    );
    for table in tables {
        let _ = writeln!(
            page,
            "| [{name}]({prefix}{name}.md) | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
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
            prefix = A::PREFIX,
        );
    }
    page
}

/// A page for each chip: file name and text.
pub fn chip_pages<A: Documented>(tables: &[TableShape]) -> impl Iterator<Item = (String, String)> {
    A::all().into_iter().zip(tables).map(|(air, table)| (format!("{}{}.md", A::PREFIX, air.name()), chip_page(&air, table)))
}

fn chip_page<A: Documented>(air: &A, table: &TableShape) -> String {
    let recorded = Recorder::of(air);
    let mut page = format!("# {}\n\n{} cells per row: {} main columns, ", table.name, cells(table), table.main_width);
    let _ = write!(page, "{} LogUp columns with the accumulator, ", table.permutation_width());
    let _ = writeln!(page, "{} quotient columns.", table.quotient_chunks() * tern_field::EXTENSION_DEGREE);
    if table.preprocessed_width > 0 {
        let _ = writeln!(page, "\n{} preprocessed columns, committed to once.", table.preprocessed_width);
    }
    let next = air.main_next_row_columns();
    if !next.is_empty() {
        let _ = writeln!(page, "\nConstraints read {} of the columns on the next row.", next.len());
    }
    page + &columns_section(air) + &constraints_section(&recorded) + &messages_section(&recorded)
}

fn columns_section<A: Documented>(air: &A) -> String {
    let mut section = String::from("\n## Columns\n");
    for (name, fields) in columns::structs(air.columns_source()) {
        let preprocessed = if columns::is_preprocessed(&name) { ", preprocessed" } else { "" };
        let _ = write!(section, "\n`{name}`{preprocessed}\n\n| column | type | meaning |\n|---|---|---|\n");
        for column in fields {
            let _ = writeln!(section, "| `{}` | `{}` | {} |", column.name, column.ty, column.doc);
        }
    }
    section
}

fn constraints_section(recorded: &Recorder) -> String {
    let mut labels: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for constraint in &recorded.constraints {
        let entry = labels.entry(constraint.label).or_default();
        *entry = (entry.0 + 1, entry.1.max(constraint.degree));
    }
    if labels.is_empty() {
        return "\n## Constraints\n\nNone but those of its messages.\n".to_owned();
    }
    let mut section = String::from("\n## Constraints\n\n| label | number | degree |\n|---|---|---|\n");
    for (label, (number, degree)) in labels {
        let _ = writeln!(section, "| `{label}` | {number} | {degree} |");
    }
    section
}

fn messages_section(recorded: &Recorder) -> String {
    let mut section =
        String::from("\n## Messages\n\n| label | number | tag | elements | degree of the count | |\n|---|---|---|---|---|---|\n");
    let mut messages: BTreeMap<(&str, &str), (usize, usize, usize, &str)> = BTreeMap::new();
    for message in &recorded.messages {
        let entry = messages.entry((message.label, message.tag)).or_insert((0, message.len, 0, message.how));
        entry.0 += 1;
        entry.2 = entry.2.max(message.count_degree);
    }
    for ((label, tag), (number, len, degree, how)) in messages {
        let _ = writeln!(section, "| `{label}` | {number} | {tag} | {len} | {degree} | {how} |");
    }
    section
}

/// The text of a chip's `columns.rs`.
macro_rules! source {
    ($folder:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../air/src/", $folder, "/columns.rs"))
    };
}

impl Documented for TernAir {
    const PREFIX: &'static str = "";
    const TAGS: &'static [(u32, &'static str)] = &[
        (bus::EXECUTION, "EXECUTION"),
        (bus::PROGRAM, "PROGRAM"),
        (bus::MEMORY, "MEMORY"),
        (bus::BITS, "BITS"),
        (bus::POWER, "POWER"),
        (bus::AND, "AND"),
        (bus::OR, "OR"),
        (bus::XOR, "XOR"),
        (bus::BYTES, "BYTES"),
        (bus::NODE, "NODE"),
        (bus::PERMUTATION, "PERMUTATION"),
        (bus::KECCAK, "KECCAK"),
        (bus::MULMOD, "MULMOD"),
        (bus::HALT, "HALT"),
    ];
    const CHOSEN: &'static str = "AND, OR or XOR";

    fn columns_source(&self) -> &'static str {
        match self {
            Self::AddSub(_) => source!("add_sub"),
            Self::Bitwise(_) => source!("bitwise"),
            Self::Shift(_) => source!("shift"),
            Self::Compare(_) => source!("compare"),
            Self::Branch(_) => source!("branch"),
            Self::Jump(_) => source!("jump"),
            Self::Load(_) => source!("load"),
            Self::Store(_) => source!("store"),
            Self::Misaligned(_) => source!("misaligned"),
            Self::Mul(_) => source!("mul"),
            Self::DivRem(_) => source!("div_rem"),
            Self::Ecall(_) => source!("ecall"),
            Self::Keccak(_) => source!("keccak"),
            Self::MulMod(_) => source!("mulmod"),
            Self::Bridge(_) => source!("bridge"),
            Self::Decode(_) => source!("decode"),
            Self::Leaf(_) => source!("leaf"),
            Self::Tree(_) => source!("tree"),
            Self::Poseidon2(_) => source!("poseidon2"),
            Self::Segment(_) => source!("segment"),
            Self::ByteTable(_) => source!("byte_table"),
            Self::BitsTable(_) => source!("bits_table"),
        }
    }
}

impl Documented for RecursionAir {
    const PREFIX: &'static str = "recursion_";
    const TAGS: &'static [(u32, &'static str)] = &[
        (recursion::bus::WIRE, "WIRE"),
        (recursion::bus::HALF, "HALF"),
        (recursion::bus::STATE_AB, "STATE_AB"),
        (recursion::bus::STATE_CD, "STATE_CD"),
        (recursion::bus::MESSAGE_LOW, "MESSAGE_LOW"),
        (recursion::bus::MESSAGE_HIGH, "MESSAGE_HIGH"),
        (recursion::bus::CAP, "CAP"),
        (recursion::bus::XOR, "XOR"),
        (recursion::bus::XOR_12, "XOR_12"),
        (recursion::bus::XOR_7, "XOR_7"),
        (recursion::bus::U16, "U16"),
        (recursion::bus::TOP, "TOP"),
    ];
    const CHOSEN: &'static str = "U16 or TOP";

    fn columns_source(&self) -> &'static str {
        match self {
            Self::Alu(_) => source!("recursion/alu"),
            Self::Pack(_) => source!("recursion/pack"),
            Self::Half(_) => source!("recursion/half"),
            Self::Compress(_) => source!("recursion/compress"),
            Self::Rounds(_) => source!("recursion/rounds"),
            Self::Challenge(_) => source!("recursion/challenge"),
            Self::Cap(_) => source!("recursion/cap"),
            Self::Interface(_) => source!("recursion/interface"),
            Self::ByteTable(_) => source!("recursion/byte_table"),
        }
    }
}
