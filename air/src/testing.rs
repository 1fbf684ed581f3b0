//! Helpers for the chips' tests.

pub mod alu;
mod degrees;
pub mod extension;
pub mod gate;
mod rows;

use alloc::vec::Vec;

use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;

use crate::bus;
use crate::check::{Balance, Report, check};
use crate::chip::System;
use crate::events::{AluEvent, MemoryEvent, Region};
use crate::isa::{Family, Opcode, semantics};
use crate::layout::Columns;
use crate::lookups::Lookups;
use crate::machine::leaf::{Bounds, PAGE_LEAVES};

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

/// Fills a table and asserts that every row satisfies every constraint, and that the lookups
/// counted in the fill are exactly those sent.
pub fn assert_honest(air: &impl System, fill: impl FnOnce(usize, &mut Lookups) -> RowMajorMatrix<F>, height: usize) -> Balance {
    assert_honest_with(air, &[], fill, height)
}

/// [`assert_honest`] for a chip with public values.
pub fn assert_honest_with(
    air: &impl System,
    public_values: &[F],
    fill: impl FnOnce(usize, &mut Lookups) -> RowMajorMatrix<F>,
    height: usize,
) -> Balance {
    let mut lookups = Lookups::default();
    let trace = fill(height, &mut lookups);
    let report = check(air, &trace, public_values);
    assert!(report.failures.is_empty(), "{}: {:?}", air.name(), report.failures);
    assert!(report.overcounted.is_empty(), "{}: {:?}", air.name(), report.overcounted);
    assert_eq!(sent_lookups(&report.balance), lookups, "{}: lookups counted and sent differ", air.name());
    report.balance
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

/// Whether the memory of some program has a cell with this key.
pub fn may_have_cell(key: u32) -> bool {
    let [region, page] = [key / bus::REGION_STRIDE, key % bus::REGION_STRIDE / (4 * PAGE_LEAVES)];
    // Programs in which the page is text, read-only data, or none of these.
    let pages = [[page, page, page + 1, page + 1], [1, 1, 1, page + 1], [1; 4]];
    let programs = pages.map(|[ro_start, text_start, text_end, ro_end]| Bounds { ro_start, ro_end, text_start, text_end });
    let mut programs = programs.into_iter().filter(|bounds| bounds.check().is_ok());
    programs.any(|bounds| bounds.range_of(page).is_some_and(|(range, _)| range.key_region() == region))
}

/// Asserts that an operand of so many dwords, of which some are below the end of the address space,
/// is taken from cells that no memory has, as many as there should be: all that the operand names
/// in the next region, whose null page has none, or, where that page is the registers', those that
/// would be text. `balance` is that of a call whose other operands have cells.
pub fn assert_beyond_the_end(balance: &Balance, region: Region, dwords: usize, below: usize) {
    let without = with_tag(balance, bus::MEMORY).iter().filter(|(cell, count)| *count < 0 && !may_have_cell(cell[0])).count();
    let expected = match region {
        // The last page is the input's, which is read-only.
        Region::ReadWrite => dwords,
        Region::ReadOnly => dwords - below,
        Region::Text => below,
    };
    assert_eq!(without, expected, "{below} of {dwords} dwords below the end, region {region:?}");
}

/// The address of which so many dwords are below 2^32.
pub const fn before_the_end(dwords: usize) -> u32 {
    (8 * dwords as u32).wrapping_neg()
}

/// A load or store at `base + imm` with plausible registers and times. `mem` is the dword there and
/// the next one; `value` is what a store stores.
pub fn memory_event(op: Opcode, base: u64, imm: i32, mem: [u64; 2], value: u64) -> MemoryEvent {
    let addr = semantics::effective_address(base, imm) as u32;
    let offset = addr & 7;
    let crosses = offset + semantics::access_bytes(op) > 8;
    let is_load = op.family() == Family::Load;
    let mem_old = if crosses { mem } else { [mem[0], 0] };
    let loaded = semantics::extend_load(op, semantics::extract(op, mem[0], mem[1], offset));
    MemoryEvent {
        pc: 0x1_0004,
        time: 808,
        base,
        addr,
        imm,
        value: if is_load { loaded } else { value },
        rd_old: if is_load { 0x1234_5678_9abc_def0 } else { 0 },
        mem_old,
        t_mem: if crosses { [17, 23] } else { [17, 0] },
        t_rs1: 7,
        t_rs2: if is_load { 0 } else { 99 },
        t_rd: if is_load { 100 } else { 0 },
        op,
        rd: if is_load { 5 } else { 0 },
        rs1: 6,
        rs2: if is_load { 0 } else { 9 },
        region: Region::ReadWrite,
    }
}

/// Changes the first row of a valid table and checks the table again.
pub fn prank<C: Columns<F>>(air: &impl System, trace: &RowMajorMatrix<F>, change: impl FnOnce(&mut C)) -> Report {
    let mut trace = trace.clone();
    let width = trace.width;
    change(C::of_mut(&mut trace.values[..width]));
    check(air, &trace, &[])
}

/// The range and byte lookups of a report that no table provides.
pub fn unprovided(report: &Report) -> Vec<Vec<u32>> {
    let is_provided = |tuple: &[u32]| match *tuple {
        [bus::BITS, k, v] => k <= 16 && v < 1 << k,
        [bus::BYTES, a, b] => a < 256 && b < 256,
        _ => true,
    };
    report.balance.keys().filter(|tuple| !is_provided(tuple)).cloned().collect()
}
