//! What proving costs, said beforehand and counted afterwards.

use tern_fri::multilinear::shape::LOG_BLOCK;
use tern_vm::prove::{Cost, prove};
use tern_vm::testing::workload;

use crate::chain::{chain, options};

/// As many rows as the chain's segments are cut for.
const LOG_ROWS: usize = 21;

#[test]
fn what_a_proof_commits_to_is_known_beforehand() {
    let (folder, program) = (tempfile::tempdir().expect("a folder"), &chain().program);
    let cost = Cost::of_run(program, workload::INPUT, LOG_ROWS, u64::MAX).expect("a run");
    assert_eq!(cost, Cost::of_run(program, workload::INPUT, LOG_ROWS, u64::MAX).expect("the same run"));
    let whole = tern_vm::prove::Options { max_segment_cycles: u32::MAX, ..options() };
    let summary = prove(program, workload::INPUT, &folder.path().join("proof"), &whole, &()).expect("a proof");
    assert_eq!(
        (cost.cycles, cost.segments, cost.cells, cost.matrix_cells),
        (summary.run.cycles, summary.segments, summary.cells, summary.matrix_cells)
    );
    // Without combining, which this proof is made without.
    assert_eq!(cost.segment_units, summary.units);
    assert!(cost.units > cost.segment_units && (cost.lifts, cost.joins) == (1, 0));
}

/// Chips' cells are all cells but those that fill up blocks.
#[test]
fn chips_share_all_cells() {
    let cost = Cost::of_run(&chain().program, workload::INPUT, LOG_ROWS, u64::MAX).expect("a run");
    let cells: u64 = cost.chips.iter().map(|chip| chip.cells).sum();
    let used = cost.chips.iter().filter(|chip| chip.rows > 0);
    let filling: u64 = used.map(|chip| chip.cells / chip.rows * ((1 << LOG_BLOCK) - 1)).sum();
    assert!(cells <= cost.cells && cost.cells <= cells + filling, "{cells} of {} with {filling}", cost.cells);
}
