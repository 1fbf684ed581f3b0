//! Helpers for the tests of ALU, branch and jump chips.

use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;

use super::with_tag;
use crate::bus;
use crate::check::{Balance, Report, check};
use crate::events::{AluEvent, TICK_RD, TICK_RS1, TICK_RS2, TICKS_PER_INSTRUCTION};
use crate::lookups::MAX_BITS;
use crate::machine::MachineAir;

/// Asserts that a one-row table takes and leaves the execution token, looks the instruction up and
/// accesses registers as the event says.
///
/// `result` is the value written to `rd`, for instructions that write one.
pub fn assert_alu_messages(balance: &Balance, event: &AluEvent, result: u64, next_pc: u32) {
    let mut expected = Balance::new();
    let mut post = |tag: u32, payload: &[u32], count: i64| {
        let tuple = core::iter::once(tag).chain(payload.iter().copied()).collect();
        *expected.entry(tuple).or_default() += count;
    };
    let AluEvent { pc, time, op, rd, rs1, rs2, .. } = *event;
    post(bus::EXECUTION, &[pc, time], -1);
    post(bus::EXECUTION, &[next_pc, time + TICKS_PER_INSTRUCTION], 1);
    let (imm0, imm1) = (event.imm as u32 & 0xffff, event.imm as u32 >> 16);
    let fields = [pc, op as u32, rd.into(), rs1.into(), rs2.into(), imm0, imm1, u32::from(event.imm < 0)];
    post(bus::PROGRAM, &fields, 1);
    let mut access = |register: u8, old: u64, old_time: u32, new: u64, new_time: u32| {
        for (value, time, count) in [(old, old_time, -1), (new, new_time, 1)] {
            let [v0, v1, v2, v3] = [0, 16, 32, 48].map(|shift| u32::from((value >> shift) as u16));
            post(bus::MEMORY, &[bus::REGISTER_KEY + u32::from(register), v0, v1, v2, v3, time], count);
        }
    };
    if op.reads_rs1() {
        access(rs1, event.a, event.t_rs1, event.a, time + TICK_RS1);
    }
    if op.reads_rs2() {
        access(rs2, event.b, event.t_rs2, event.b, time + TICK_RS2);
    }
    if op.writes_rd() {
        access(rd, event.rd_old, event.t_rd, result, time + TICK_RD);
    }
    expected.retain(|_, count| *count != 0);
    let is_lookup = |tag: u32| (bus::BITS..=bus::BYTES).contains(&tag);
    let sent: Balance = balance.iter().filter(|(tuple, _)| !is_lookup(tuple[0])).map(|(tuple, &count)| (tuple.clone(), count)).collect();
    assert_eq!(sent, expected, "messages of {event:?}");
}

/// Asserts that a forged table fails at `label`.
pub fn assert_fails(air: &MachineAir, forged: &RowMajorMatrix<F>, label: &str) {
    let failures = check(air, forged, &[]).failures;
    assert!(failures.contains_key(label), "{label} holds; failing: {failures:?}");
}

/// Asserts that a forged table satisfies every constraint, but looks something up with `tag` that
/// no table provides.
pub fn assert_unprovided(air: &MachineAir, forged: &RowMajorMatrix<F>, tag: u32) {
    let report = check(air, forged, &[]);
    assert!(report.failures.is_empty(), "{:?}", report.failures);
    let sent = with_tag(&report.balance, tag);
    assert!(sent.iter().any(|(payload, _)| !is_provided(tag, payload)), "all of {sent:?} are provided");
}

/// Whether a preprocessed table provides this lookup.
pub fn is_provided(tag: u32, payload: &[u32]) -> bool {
    let is_byte = |x: u32| x < 256;
    match (tag, payload) {
        (bus::BITS, &[k, v]) => k <= MAX_BITS && v < 1 << k,
        (bus::POWER, &[k, power]) => k <= MAX_BITS && power == 1 << k,
        (bus::AND, &[a, b, c]) => is_byte(a) && is_byte(b) && c == a & b,
        (bus::OR, &[a, b, c]) => is_byte(a) && is_byte(b) && c == a | b,
        (bus::XOR, &[a, b, c]) => is_byte(a) && is_byte(b) && c == a ^ b,
        (bus::BYTES, &[a, b]) => is_byte(a) && is_byte(b),
        _ => false,
    }
}

/// Whether a checked table satisfies every constraint, counts every message properly, and looks up
/// only what is provided.
pub fn is_accepted(report: &Report) -> bool {
    let is_lookup = |tag: u32| (bus::BITS..=bus::BYTES).contains(&tag);
    let mut lookups = report.balance.keys().filter(|tuple| is_lookup(tuple[0]));
    report.failures.is_empty() && report.overcounted.is_empty() && lookups.all(|tuple| is_provided(tuple[0], &tuple[1..]))
}
