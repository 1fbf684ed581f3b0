//! The generated pages of the specification: tables that no one writes by hand.

mod chips;
mod columns;
mod recorder;
mod recursion;
mod soundcalc;

use std::fmt::Write;

use tern_air::chip::{ChipId, TernAir};
use tern_air::isa::{INSTRUCTIONS, InstructionRow};
use tern_air::recursion::RecursionAir;
use tern_air::relation;
use tern_air::shape::SHAPES;
use tern_fri::{Params, ProofSize, RelationShape, TableShape};

use crate::layers::{Layer, layers};
use crate::prove::relation_shape;
use chips::{CELLS, cells, chip_pages, sizes};

/// First line of every page.
pub const NOTICE: &str = "<!-- Written by `tern spec`. Do not edit. -->\n\n";

/// Every page: file name and text.
#[must_use]
pub fn pages() -> Vec<(String, String)> {
    let relation = Relation::new();
    let layers = layers().unwrap_or_else(|error| unreachable!("one height per table: {error}"));
    // All circuits have the same tables; heights matter on no page but that of recursion.
    let recursion = layers.last().map(|layer| &layer.relation.tables).unwrap_or_else(|| unreachable!("the wrapping circuit is a layer"));
    let mut pages = vec![
        ("chips.md".to_owned(), chips_page(&relation)),
        ("instructions.md".to_owned(), instructions_page(&relation)),
        ("shapes.md".to_owned(), shapes_page(&relation)),
        ("recursion.md".to_owned(), recursion::page(recursion)),
        ("security.md".to_owned(), security_page(&layers)),
        ("relation.md".to_owned(), relation_page()),
    ];
    pages.extend(chip_pages::<TernAir>(&relation.shape.tables));
    pages.extend(chip_pages::<RecursionAir>(recursion));
    let mut pages: Vec<_> = pages.into_iter().map(|(name, text)| (name, format!("{NOTICE}{text}"))).collect();
    pages.push(("soundcalc.toml".to_owned(), soundcalc::soundcalc(&layers)));
    pages
}

/// The sizes of a segment's chips.
struct Relation {
    shape: RelationShape,
}

impl Relation {
    fn new() -> Self {
        let shape = relation_shape(&SHAPES[0]).unwrap_or_else(|error| unreachable!("the registry has one entry per chip: {error}"));
        Self { shape }
    }

    fn table(&self, chip: ChipId) -> &TableShape {
        &self.shape.tables[chip as usize]
    }
}

fn chips_page(relation: &Relation) -> String {
    format!(
        "# Chips\n\nSizes per row of a segment's tables; those of recursion are on [a page of their own](recursion.md). {CELLS}\n\n{}",
        sizes::<TernAir>(&relation.shape.tables)
    )
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
    let mut page = String::from(
        "# Security\n\nComputed by `p3-security` from the parameters and each shape's sizes, but for the conjectured `ldt-query-phase`, which is that of BabyBear; see [soundness](../soundness.md#the-conjecture-and-its-standing).\n",
    );
    for layer in layers {
        let _ = write!(page, "\n## {}, shape {}\n\n```\n{}```\n", capitalised(layer.kind), layer.shape, layer.security());
    }
    page + &proven_table(layers)
}

/// Queries and bytes of each layer as it is, and as 128 proven bits would want it.
fn proven_table(layers: &[Layer]) -> String {
    let mut table = String::from(
        "\n## What 128 proven bits would take\n\nFor each layer at its rate, with the proof of work of `final-proven-v1`: the fewest queries with which its own error terms, \
         in the better of the two proven regimes, all reach 128 bits, but for the memory tree's (conjectured: no hash has proven collision resistance). Bytes are estimates of the compact encoding; layers below the \
         final one are never published.\n\n| layer | rate | queries | bytes | queries, proven | bytes, proven |\n|---|---|---|---|---|---|\n",
    );
    for layer in layers {
        let bytes = |params: &Params| format!("{:.0}", ProofSize::new(params, &layer.relation).total());
        let proven = layer.proven_params();
        let [queries, size] =
            proven.map_or(["none is enough", ""].map(str::to_owned), |params| [params.num_queries.to_string(), bytes(&params)]);
        let Params { log_blowup, num_queries, .. } = *layer.params;
        let now = bytes(layer.params);
        let _ = writeln!(table, "| {}, {} | 1/{} | {num_queries} | {now} | {queries} | {size} |", layer.kind, layer.shape, 1 << log_blowup);
    }
    table
}

fn capitalised(word: &str) -> String {
    let (first, rest) = word.split_at(1);
    first.to_uppercase() + rest
}

fn relation_page() -> String {
    let mut page = format!("# Relation digests\n\nBound in every transcript of a segment: `{}`\n", hex(relation::digest()));
    page += &digests(relation::digests_by_chip());
    let _ =
        write!(page, "\nBound in every transcript of a recursion proof and of a final proof: `{}`\n", hex(relation::recursion_digest()));
    page += &digests(relation::recursion_digests_by_chip());
    page
}

fn digests(by_chip: Vec<(&str, [u8; 32])>) -> String {
    let mut table = String::from("\nEvaluation at one point, by chip:\n\n| chip | digest |\n|---|---|\n");
    for (name, digest) in by_chip {
        let _ = writeln!(table, "| {name} | `{}` |", hex(digest));
    }
    table
}

fn hex(digest: [u8; 32]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
