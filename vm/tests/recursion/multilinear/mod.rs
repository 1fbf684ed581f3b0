//! The verifier in circuits: its operations, its parts, and the tables that they fill.

pub mod agreement;
pub mod nodes;
mod operations;
mod segment;
pub mod toys;

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use tern_air::check::{Report, check, total};
use tern_air::recursion::compress;
use tern_air::recursion::{CircuitAir, CircuitChip, half};
use tern_field::F;
use tern_vm::recursion::Run;

/// What a run's flagged tables say when they are filled so. Rows that are not in the tables are
/// zero and say nothing.
fn reports(run: &Run, traces: &[RowMajorMatrix<F>]) -> Vec<Report> {
    let (mut fixed, mut traces) = (run.fixed(), traces.to_vec());
    assert!(half::is_flagged(&fixed[CircuitChip::Half as usize]));
    assert!(compress::is_flagged(&fixed[CircuitChip::Compress as usize]));
    // Rows of the byte table that are not counted say nothing either, and they are most.
    let bytes = CircuitChip::ByteTable as usize;
    let counted: Vec<bool> =
        traces[bytes].values.chunks(traces[bytes].width).map(|row| row.iter().any(|count| *count != F::ZERO)).collect();
    for table in [&mut fixed[bytes], &mut traces[bytes]] {
        let rows = table.values.chunks(table.width).zip(&counted).filter(|(_, counted)| **counted);
        *table = RowMajorMatrix::new(rows.flat_map(|(row, _)| row.to_vec()).collect(), table.width);
    }
    let airs = CircuitAir::with_preprocessed(fixed);
    airs.iter().zip(&traces).zip(run.public_values()).map(|((air, trace), values)| check(air, trace, &values)).collect()
}

/// Whether a run satisfies every flagged table, and the buses balance.
pub fn holds(run: &Run) -> bool {
    let reports = reports(run, &run.witness());
    let satisfied = reports.iter().all(|report| report.failures.is_empty());
    let holds = satisfied && total(reports.into_iter().map(|report| report.balance)).is_empty();
    assert_eq!(run.check().is_ok(), holds, "{:?}", run.check());
    holds
}
