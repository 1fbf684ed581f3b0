//! The generated pages of the specification: tables that no one writes by hand.

mod chips;
pub mod claims;
pub(crate) mod columns;
mod dag;
mod evidence;
mod export;
mod formula;
mod html;
mod lean;
mod picus;
mod recorder;
mod recursion;
mod shared;
mod soundcalc;

use std::fmt::Write;

use p3_air::BaseAir;
use tern_air::isa::{INSTRUCTIONS, InstructionRow};
use tern_air::machine::{MachineAir, MachineChip};
use tern_air::recursion::CircuitAir;
use tern_air::relation;
use tern_field::F;
use tern_verifier::final_proof::Circuits;
use tern_verifier::security::{Layer, layers};

use chips::{CELLS, cells, chip_pages, sizes};
use recursion::CircuitRows;

/// First line of every page.
pub const NOTICE: &str = "<!-- Written by `tern spec`. Do not edit. -->\n\n";

/// Every page: file name and text. `circuits` are those of the record.
///
/// # Panics
///
/// If the circuits of the record cannot be built, which a test excludes.
#[must_use]
pub fn pages(circuits: &Circuits) -> Vec<(String, String)> {
    let rows = circuit_rows(circuits);
    let layers = layers().unwrap_or_else(|| unreachable!("the record's circuits fit their parameters"));
    let mut pages = vec![
        ("chips.md".to_owned(), chips_page()),
        ("instructions.md".to_owned(), instructions_page()),
        ("recursion.md".to_owned(), recursion::page(circuits, &rows)),
        ("export.md".to_owned(), export::page(&export::json(&rows), [("lean", &lean_files()), ("picus", &picus_files())])),
        ("security.md".to_owned(), security_page(&layers)),
        ("relation.md".to_owned(), relation_page()),
    ];
    pages.extend(chip_pages::<MachineAir>());
    pages.extend(chip_pages::<CircuitAir>());
    let mut pages: Vec<_> = pages.into_iter().map(|(name, text)| (name, format!("{NOTICE}{text}"))).collect();
    pages.push(("soundcalc.toml".to_owned(), soundcalc::soundcalc(&layers)));
    pages
}

/// Both constraint systems and the circuits as data, JSON on one line.
///
/// # Panics
///
/// If the circuits of the record cannot be built, which a test excludes.
#[must_use]
pub fn relation_json(circuits: &Circuits) -> String {
    export::json(&circuit_rows(circuits))
}

/// One static page to browse the relation in.
///
/// # Panics
///
/// If the circuits of the record cannot be built, which a test excludes.
#[must_use]
pub fn relation_html(circuits: &Circuits) -> String {
    html::html(&relation_json(circuits), &evidence::evidence())
}

/// A Lean file for each chip of both constraint systems: name and text.
#[must_use]
pub fn lean_files() -> Vec<(String, String)> {
    lean::files::<MachineAir>().chain(lean::files::<CircuitAir>()).collect()
}

/// A program for Picus for each chip of the machine: name and text of its file.
#[must_use]
pub fn picus_files() -> Vec<(String, String)> {
    picus::files().collect()
}

fn circuit_rows(circuits: &Circuits) -> Vec<CircuitRows> {
    recursion::circuit_rows(circuits).unwrap_or_else(|error| unreachable!("the recorded circuits can be built: {error}"))
}

fn chips_page() -> String {
    format!(
        "# Chips\n\nSizes per row of a segment's tables; those of recursion are on [a page of their own](recursion.md). {CELLS}\n\n{}",
        sizes::<MachineAir>()
    )
}

fn instructions_page() -> String {
    let airs = MachineAir::all();
    let mut page = String::from(
        "# Instructions\n\nCells are those of the instruction's own row; an access to memory adds its share of the memory tree, a long gap between accesses a bridge.\n\n",
    );
    page += "| id | instruction | format | mask | match | chip | cells |\n|---|---|---|---|---|---|---|\n";
    for row in INSTRUCTIONS {
        let air = &airs[chip_of(row) as usize];
        let _ = writeln!(
            page,
            "| {} | `{}` | {:?} | `{:08x}` | `{:08x}` | {} | {} |",
            row.opcode as u8,
            row.mnemonic,
            row.format,
            row.mask(),
            row.match_bits(),
            air.name(),
            cells(BaseAir::<F>::width(air))
        );
    }
    page
}

/// The chip of an instruction; loads and stores that are not naturally aligned go to the misaligned
/// chip instead.
fn chip_of(row: &InstructionRow) -> MachineChip {
    use tern_air::isa::Family;
    match row.family {
        Family::AddSub => MachineChip::AddSub,
        Family::Bitwise => MachineChip::Bitwise,
        Family::Shift => MachineChip::Shift,
        Family::Compare => MachineChip::Compare,
        Family::Mul => MachineChip::Mul,
        Family::DivRem => MachineChip::DivRem,
        Family::Upper | Family::Jump => MachineChip::Jump,
        Family::Branch => MachineChip::Branch,
        Family::Load => MachineChip::Load,
        Family::Store => MachineChip::Store,
        Family::Fence | Family::Ecall => MachineChip::Ecall,
    }
}

fn security_page(layers: &[Layer]) -> String {
    let mut page = String::from(
        "# Security\n\nEvery error term of each layer at its largest, by two theorems up to the Johnson bound and by the conjecture that no figure rests on; see [soundness](../soundness.md).\n",
    );
    for layer in layers {
        let _ = write!(page, "\n## {}, `{}`\n\n```\n", capitalised(layer.kind), layer.params.name);
        layer.proven.iter().chain([&layer.conjectured]).for_each(|accounting| page += &accounting.to_string());
        page += "```\n";
    }
    page
}

fn capitalised(word: &str) -> String {
    let (first, rest) = word.split_at(1);
    first.to_uppercase() + rest
}

fn relation_page() -> String {
    let mut page = format!("# Relation digests\n\nBound in every transcript of a segment: `{}`\n", hex(relation::machine_digest()));
    page += &digests(relation::machine_digests_by_chip());
    let _ = write!(page, "\nBound in every transcript of a recursion proof and of a final proof: `{}`\n", hex(relation::circuit_digest()));
    page += &digests(relation::circuit_digests_by_chip());
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
