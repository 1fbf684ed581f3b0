//! Helpers for the chips' tests.

use alloc::vec::Vec;

use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;

use crate::bus;
use crate::check::{Balance, check, untouched_labels};
use crate::chip::TernAir;
use crate::events::AluEvent;
use crate::isa::Opcode;
use crate::lookups::Lookups;

/// An ALU instruction with plausible registers and times; fields that the opcode lacks are zero.
pub fn alu_event(op: Opcode, a: u64, b: u64) -> AluEvent {
    AluEvent {
        pc: 0x1_0004,
        time: 808,
        a: if op.reads_rs1() { a } else { 0 },
        b,
        rd_old: if op.writes_rd() { 0x1234_5678_9abc_def0 } else { 0 },
        t_rs1: if op.reads_rs1() { 7 } else { 0 },
        t_rs2: if op.reads_rs2() { 808 } else { 0 },
        t_rd: if op.writes_rd() { 100 } else { 0 },
        imm: if op.reads_rs2() { 0 } else { b as i32 },
        op,
        rd: if op.writes_rd() { 5 } else { 0 },
        rs1: if op.reads_rs1() { 6 } else { 0 },
        rs2: if op.reads_rs2() { 6 } else { 0 },
    }
}

/// Fills a table and asserts that every row satisfies every constraint, and that the lookups counted in the fill are exactly those sent.
pub fn assert_honest(air: &TernAir, fill: impl FnOnce(usize, &mut Lookups) -> RowMajorMatrix<F>, height: usize) -> Balance {
    let mut lookups = Lookups::default();
    let trace = fill(height, &mut lookups);
    let report = check(air, &trace, &[]);
    assert!(report.failures.is_empty(), "{}: {:?}", air.name(), report.failures);
    assert!(report.overcounted.is_empty(), "{}: {:?}", air.name(), report.overcounted);
    assert_eq!(sent_lookups(&report.balance), lookups, "{}: lookups counted and sent differ", air.name());
    report.balance
}

/// Asserts that single-cell mutations of the given rows make every constraint label fail and change every message.
pub fn assert_labels_bite(air: &TernAir, trace: &RowMajorMatrix<F>, public_values: &[F], rows: &[usize]) {
    let report = check(air, trace, public_values);
    assert!(report.failures.is_empty(), "the honest table fails: {:?}", report.failures);
    let (constraints, messages) = untouched_labels(air, trace, public_values, rows);
    assert!(constraints.is_empty(), "constraints that no mutation violates: {constraints:?}");
    assert!(messages.is_empty(), "messages that no mutation changes: {messages:?}");
}

/// The lookups among the messages that a table leaves on the bus.
fn sent_lookups(balance: &Balance) -> Lookups {
    let mut lookups = Lookups::default();
    for (tuple, &count) in balance {
        let count = u32::try_from(count).unwrap_or(0);
        let byte = |i: usize| tuple[i] as usize;
        match (tuple[0], &tuple[1..]) {
            (bus::BITS, &[k, v]) => lookups.bits[(1 << k) - 1 + v as usize] += count,
            (bus::POWER, &[k, power]) => {
                assert_eq!(power, 1 << k);
                lookups.power[k as usize] += count;
            }
            (tag @ (bus::AND | bus::OR | bus::XOR), &[_, _, _]) => {
                lookups.bytes[(tag - bus::AND) as usize][byte(1) + 256 * byte(2)] += count;
            }
            (bus::BYTES, &[_, _]) => lookups.bytes[3][byte(1) + 256 * byte(2)] += count,
            _ => {}
        }
    }
    lookups
}

/// The messages with one tag, as (payload, count).
pub fn with_tag(balance: &Balance, tag: u32) -> Vec<(Vec<u32>, i64)> {
    balance.iter().filter(|(tuple, _)| tuple[0] == tag).map(|(tuple, &count)| (tuple[1..].to_vec(), count)).collect()
}
