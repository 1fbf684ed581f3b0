//! Messages' counts that could wrap around the characteristic are refused when tables are prepared.

use p3_field::PrimeField32;
use tern_field::F;
use tern_fri::multilinear::fixed::FixedTable;
use tern_fri::multilinear::params::{FINAL_V2, RECURSION_V2, SEGMENT_V2};
use tern_fri::multilinear::{FixedShape, Params};
use tern_verifier::multilinear::BatchVerifier;
use tern_verifier::multilinear::batch::UnusableTables;

use super::airs::{Toy, Toys};

const ROW_VARIABLES: usize = 22;

/// A table of fixed columns in so many blocks, whose rows send so many messages of fixed counts,
/// and of which no main column needs to be stored.
fn prepare(params: &Params, messages: usize, height: usize) -> Option<UnusableTables> {
    let airs = [Toy::Many(messages)];
    let shape = FixedShape { log_rows: params.max_log_rows, log_width: 5, tables: vec![FixedTable { table: 0, height }] };
    BatchVerifier::with_fixed(params, &airs, Toys(airs.to_vec()), ROW_VARIABLES, shape).err()
}

/// As many as three for each cell that fixed columns may take up: that many are counted in the
/// sets' security.
#[test]
fn fixed_rows_send_no_more_than_the_security_is_counted_for() {
    for (params, blocks) in [(&RECURSION_V2, 1 << 13), (&FINAL_V2, 1 << 11)] {
        let allowed = 3 << (params.max_log_rows + params.log_width);
        let messages = allowed / (blocks << 9);
        assert_eq!(messages * (blocks << 9), allowed);
        assert_eq!(prepare(params, messages, blocks), None);
        let got = allowed + (blocks << 9);
        let [allowed, got] = [allowed, got].map(|count| count as u64);
        assert_eq!(prepare(params, messages + 1, blocks), Some(UnusableTables::FixedMessages { allowed, got }));
        assert_eq!(prepare(params, messages + 1, blocks / 2), None);
    }
    // No room for columns that are not main ones.
    assert!(matches!(prepare(&SEGMENT_V2, 1, 1), Some(UnusableTables::FixedMessages { allowed: 0, .. })));
}

/// Main cells of a segment leave 402,653,184 messages to fixed columns.
#[test]
fn fixed_rows_do_not_wrap_counts_around() {
    let params = Params { max_column_variables: 8, ..SEGMENT_V2 };
    assert_eq!((3 << 29) + 96 * (1 << 22), u64::from(F::ORDER_U32) - 1);
    assert_eq!(prepare(&params, 96, 1 << 13), None);
    assert_eq!(prepare(&params, 97, 1 << 13), Some(UnusableTables::Cells(29)));
}

/// Bounds count beside the messages: a gate's row of degree one sends two messages, each at most once.
#[test]
fn bounds_count() {
    let params = Params { max_column_variables: 8, ..SEGMENT_V2 };
    let verifier = |gates: usize| {
        let airs = vec![Toy::Gate(None); gates];
        let tables = (0..gates).map(|table| FixedTable { table, height: 1 << 13 }).collect();
        let shape = FixedShape { log_rows: params.max_log_rows, log_width: 7, tables };
        BatchVerifier::with_fixed(&params, &airs, Toys(airs.clone()), ROW_VARIABLES, shape).err()
    };
    assert_eq!(verifier(24), None);
    assert_eq!(verifier(25), Some(UnusableTables::Cells(29)));
}
