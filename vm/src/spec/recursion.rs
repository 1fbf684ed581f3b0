//! The page of recursion: its chips' sizes, the circuits' sizes and rows.

use std::fmt::Write;

use tern_air::recursion::CircuitAir;
use tern_fri::multilinear::Layout;
use tern_fri::multilinear::params::{RECURSION_V2, SEGMENT_V2};
use tern_fri::multilinear::shape::LOG_BLOCK;
use tern_verifier::final_proof::Circuits;
use tern_verifier::multilinear::programs::{NodeShape, SegmentRelation};

use super::chips::{CELLS, sizes};
use crate::recursion::{CircuitId, NodeError, RowCounts, blank_run};

/// The rows that a circuit takes of its tables.
pub struct CircuitRows {
    /// Which circuit.
    pub name: String,
    /// Of each table, in the order of the chips.
    pub counts: Vec<usize>,
    /// Of the dense matrix.
    pub cells: usize,
}

/// The page.
pub fn page(circuits: &Circuits, rows: &[CircuitRows]) -> String {
    let mut page = format!(
        "# Recursion\n\nThe tables of recursion proofs and final proofs. Every circuit has these eight. {CELLS} Fixed columns are a second matrix, committed to once for a circuit.\n\n"
    );
    page += &sizes::<CircuitAir>();
    page += "\n## Matrices\n\n| circuits | rows of both matrices | columns of the fixed one | most rows of a table |\n|---|---|---|---|\n";
    for (name, NodeShape { row_variables, fixed }) in [("lift, join", &circuits.node), ("wrap", &circuits.last)] {
        let _ = writeln!(page, "| {name} | 2^{} | 2^{} | 2^{row_variables} |", fixed.log_rows, fixed.log_width);
    }
    page + &rows_section(rows)
}

fn rows_section(rows: &[CircuitRows]) -> String {
    let mut section = String::from(
        "\n## Rows\n\nRows that each circuit takes of its tables, in the order of the key list; the last is the circuit of final proofs. The byte table is always whole.\n\n| circuit |",
    );
    let airs = CircuitAir::all();
    airs.iter().for_each(|air| section += &format!(" {} |", air.name()));
    let _ = writeln!(section, " cells |\n|---|{}---|", "---|".repeat(airs.len()));
    for CircuitRows { name, counts, cells } in rows {
        let counts: String = counts.iter().map(|rows| format!(" {rows} |")).collect();
        let _ = writeln!(section, "| {name} |{counts} {cells} |");
    }
    section
}

/// The rows that circuits take, found by running their programs on zeros: they do not depend on values.
///
/// # Errors
///
/// If a circuit of the record cannot be built, which a test excludes.
pub fn circuit_rows(circuits: &Circuits) -> Result<Vec<CircuitRows>, NodeError> {
    let (segments, relation) = (SegmentRelation::new(&SEGMENT_V2)?, circuits.node.relation(&RECURSION_V2)?);
    let widths: Vec<usize> = CircuitAir::all().iter().map(p3_air::BaseAir::<tern_field::F>::width).collect();
    let rows_of = |id: CircuitId| {
        let RowCounts(counts) = blank_run(id, &segments, &relation)?.counts();
        let blocks: Vec<usize> = counts.iter().map(|rows| rows.div_ceil(1 << LOG_BLOCK)).collect();
        let cells = Layout::new(&widths, id.params().log_width).cells(&blocks) << LOG_BLOCK;
        Ok(CircuitRows { name: name(id), counts: counts.to_vec(), cells })
    };
    CircuitId::listed().chain([CircuitId::Wrap]).map(rows_of).collect()
}

fn name(id: CircuitId) -> String {
    match id {
        CircuitId::Lift { log_rows, has_calls } => format!("lift of 2^{log_rows} rows{}", if has_calls { ", Keccak" } else { "" }),
        CircuitId::LiftPair { log_rows, has_calls } => {
            let calls = has_calls.map(|has_calls| if has_calls { "with" } else { "without" });
            format!("lift of two of 2^{log_rows} rows, {} and {} Keccak", calls[0], calls[1])
        }
        CircuitId::Join { children } => format!("join of {children}"),
        CircuitId::Wrap => "wrap".to_owned(),
    }
}
