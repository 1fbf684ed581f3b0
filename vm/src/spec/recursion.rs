//! The page of recursion: its chips' sizes, the circuits' heights and rows.

use std::fmt::Write;

use tern_air::recursion::{NODE_SHAPE, RecursionAir, RecursionChip, RecursionShape, WRAP_SHAPE};
use tern_air::shape::SHAPES;
use tern_fri::TableShape;

use super::chips::{CELLS, cells, sizes};
use crate::recursion::{CircuitId, RowCounts, blank_run};

/// Rows of `rounds` for one of `compress`.
const ROUNDS: usize = tern_air::recursion::rounds::ROUNDS;

/// The page.
pub fn page(tables: &[TableShape]) -> String {
    let mut page = format!(
        "# Recursion\n\nThe tables of recursion proofs and final proofs. Every circuit has these nine. {CELLS} Preprocessed columns are committed to once for a circuit.\n\n"
    );
    page += &sizes::<RecursionAir>(tables);
    let of = |chip: RecursionChip| cells(&tables[chip as usize]);
    let compression = of(RecursionChip::Compress) + ROUNDS * of(RecursionChip::Rounds);
    let _ = writeln!(page, "\nA BLAKE3 compression, a row of compress and {ROUNDS} of rounds, is {compression} cells.");
    page + &heights(tables) + &rows(tables)
}

fn heights(tables: &[TableShape]) -> String {
    let shapes = [("`NODE_SHAPE`: lift, join", &NODE_SHAPE), ("`WRAP_SHAPE`: wrap", &WRAP_SHAPE)];
    let mut section = String::from("\n## Heights\n\nBase-2 logarithms.\n\n| table |");
    for (name, _) in shapes {
        let _ = write!(section, " {name} |");
    }
    section += "\n|---|---|---|\n";
    for (i, table) in tables.iter().enumerate() {
        let [node, wrap] = shapes.map(|(_, shape)| shape.log_heights[i]);
        let _ = writeln!(section, "| {} | {node} | {wrap} |", table.name);
    }
    let [node, wrap] = shapes.map(|(_, shape)| committed_cells(tables, shape));
    let _ = writeln!(section, "| **committed cells** | {node} | {wrap} |");
    section
}

fn committed_cells(tables: &[TableShape], shape: &RecursionShape) -> u64 {
    tables.iter().zip(shape.log_heights).map(|(table, height)| (cells(table) as u64) << height).sum()
}

/// The rows that circuits take, found by running their programs on zeros: they do not depend on values.
fn rows(tables: &[TableShape]) -> String {
    let mut section = String::from(
        "\n## Rows\n\nRows that each circuit takes of its tables, in the order of the key list; the last is the circuit of final proofs. The byte table is always whole.\n\n| circuit |",
    );
    for table in tables {
        let _ = write!(section, " {} |", table.name);
    }
    let _ = writeln!(section, "\n|---|{}", "---|".repeat(tables.len()));
    for id in CircuitId::listed().chain([CircuitId::Wrap]) {
        let run = blank_run(id).unwrap_or_else(|error| unreachable!("the circuits of the list can be built: {error}"));
        let RowCounts(rows) = run.counts();
        let rows: String = rows.iter().map(|rows| format!(" {rows} |")).collect();
        let _ = writeln!(section, "| {} |{rows}", name(id));
    }
    section
}

fn name(id: CircuitId) -> String {
    match id {
        CircuitId::Lift(shape) => format!("lift, shape {}", SHAPES[shape].name),
        CircuitId::Join(children) => format!("join of {children}"),
        CircuitId::Wrap => "wrap".to_owned(),
    }
}
