use alloc::vec;
use alloc::vec::Vec;

use p3_field::{Field, PrimeCharacteristicRing};
use p3_matrix::dense::RowMajorMatrix;
use proptest::prelude::*;
use sha2::compress256;
use tern_field::F;

use super::*;
use crate::bus::{self, MEMORY, REGION_STRIDE};
use crate::check::check;
use crate::events::{Region, Sha256Event, TICKS_SHA256};
use crate::machine::{MachineAir, sha256_rounds};
use crate::testing::gate::{Table, assert_gate, attacks};
use crate::testing::{assert_beyond_the_end, assert_honest, before_the_end, prank, unprovided, with_tag};

const AIR: MachineAir = MachineAir::Sha256(Sha256Chip);
const TIME: u32 = 808;
/// The first state (FIPS 180-4, section 5.3.3).
const FIRST: [u32; 8] = [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

fn packed(state: [u32; 8]) -> [u64; 4] {
    core::array::from_fn(|i| u64::from(state[2 * i]) | u64::from(state[2 * i + 1]) << 32)
}

fn dwords(bytes: [u8; 64]) -> [u64; 8] {
    core::array::from_fn(|i| u64::from_le_bytes(core::array::from_fn(|k| bytes[8 * i + k])))
}

/// The block of the message `abc` (FIPS 180-4, section 5.1.1).
fn abc() -> [u8; 64] {
    let mut block = [0; 64];
    block[..4].copy_from_slice(b"abc\x80");
    block[63] = 24;
    block
}

/// What another implementation makes of a state.
fn reference(mut state: [u32; 8], block: [u8; 64]) -> [u32; 8] {
    compress256(&mut state, &[block.into()]);
    state
}

pub(crate) fn call(time: u32, state: [u64; 4], block: [u64; 8]) -> Sha256Event {
    Sha256Event {
        time,
        ptrs: [0x7fff_ffe8, 0x8001_fff0],
        state,
        block,
        t_state: [0, 7, time + 2, 1],
        t_block: [1, 2, 3, time + 1, 0, 9, 9, 9],
        region: Region::ReadOnly,
    }
}

pub(crate) fn directed() -> Vec<Sha256Event> {
    let calls = [
        (packed(FIRST), dwords(abc())),
        ([0; 4], [0; 8]),
        ([u64::MAX; 4], [u64::MAX; 8]),
        ([0x0123_4567_89ab_cdef; 4], core::array::from_fn(|i| 0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(i as u64 + 1))),
    ];
    calls.into_iter().zip(0..).map(|((state, block), i)| call(TIME + 8 * i, state, block)).collect()
}

fn table(event: &Sha256Event) -> RowMajorMatrix<F> {
    fill(core::slice::from_ref(event), 2, &mut Default::default())
}

#[test]
fn the_first_example_of_the_standard() {
    // SHA-256 of "abc", from NIST's "SHA256.pdf" of examples
    let digest = [0xba78_16bf, 0x8f01_cfea, 0x4141_40de, 0x5dae_2223, 0xb003_61a3, 0x9617_7a9c, 0xb410_ff61, 0xf200_15ad];
    assert_eq!(compress(packed(FIRST), dwords(abc())), packed(digest));
}

/// Asserts that the row satisfies all constraints, reads and writes what the call should, and that
/// the rounds take and give what it says.
fn assert_call(event: &Sha256Event) {
    let bytes: Vec<u8> = event.block.iter().flat_map(|dword| dword.to_le_bytes()).collect();
    let new = packed(reference(state_words(event.state), bytes.try_into().expect("64 bytes")));
    let balance = assert_honest(&AIR, |height, lookups| fill(core::slice::from_ref(event), height, lookups), 2);
    let cell = |ptr: u32, region: Region, i: usize, x: u64, time: u32| {
        let limb = |j: u32| u32::from((x >> (16 * j)) as u16);
        vec![ptr / 8 + i as u32 + region as u32 * REGION_STRIDE, limb(0), limb(1), limb(2), limb(3), time]
    };
    let mut cells = Vec::new();
    for (i, &dword) in event.block.iter().enumerate() {
        let cell = |time: u32| cell(event.ptrs[1], event.region, i, dword, time);
        cells.extend([(cell(event.t_block[i]), -1), (cell(event.time + TICKS_SHA256[0]), 1)]);
    }
    for (i, &new) in new.iter().enumerate() {
        cells.push((cell(event.ptrs[0], Region::ReadWrite, i, event.state[i], event.t_state[i]), -1));
        cells.push((cell(event.ptrs[0], Region::ReadWrite, i, new, event.time + TICKS_SHA256[1]), 1));
    }
    cells.sort();
    assert_eq!(with_tag(&balance, MEMORY), cells);
    let pointers = event.ptrs.into_iter().flat_map(|ptr| [ptr & 0xffff, ptr >> 16]);
    assert_eq!(with_tag(&balance, bus::SHA256), [(core::iter::once(event.time).chain(pointers).collect(), -1)]);

    let rounds = assert_honest(
        &MachineAir::Sha256Rounds(Default::default()),
        |height, _| sha256_rounds::fill(core::slice::from_ref(event), height),
        sha256_rounds::ROWS,
    );
    let both = crate::check::total([balance, rounds]);
    for tag in [bus::SHA256_STATE, bus::SHA256_ROUNDS, bus::SHA256_SCHEDULE] {
        assert_eq!(with_tag(&both, tag), []);
    }
}

#[test]
fn directed_calls_compress() {
    directed().iter().for_each(assert_call);
    assert_honest(&AIR, |height, lookups| fill(&directed(), height, lookups), 8);
}

#[test]
fn the_gate_holds() {
    let events = directed();
    let trace = fill(&events, 8, &mut Default::default());
    assert_gate(&AIR, &[Table::new(&AIR, &trace, &[], 0..=events.len())], &attacks!(), &[]);
}

#[test]
fn padding_is_silent() {
    assert!(assert_honest(&AIR, |height, lookups| fill(&[], height, lookups), 4).is_empty());
}

/// A block may lie where the state does: it is read before the state is written.
#[test]
fn the_block_may_be_the_state() {
    let mut event = call(TIME, [1, 2, 3, 4], [1, 2, 3, 4, 5, 6, 7, 8]);
    event.ptrs = [0x1000; 2];
    event.region = Region::ReadWrite;
    event.t_block = [9; 8];
    event.t_state = [TIME + TICKS_SHA256[0]; 4];
    let new = compress(event.state, event.block);
    let balance = assert_honest(&AIR, |height, lookups| fill(&[event], height, lookups), 2);
    let left = with_tag(&balance, MEMORY).into_iter().filter(|(cell, count)| *count == 1 && cell[0] < 0x204);
    let expected = (0..4).map(|i| (0x200 + i, new[i as usize] as u16 as u32, TIME + TICKS_SHA256[1]));
    assert!(left.map(|(cell, _)| (cell[0], cell[1], cell[5])).eq(expected));
}

#[test]
fn misaligned_pointers_need_lookups_that_no_table_provides() {
    let event = directed()[0];
    for pointer in 0..2 {
        for wrong in [1u32, 4, 0x1234, 0xffff] {
            let dword = F::from_u32(wrong) * F::from_u8(8).inverse();
            let report = prank::<Sha256Cols<F>>(&AIR, &table(&event), |row| row.dwords[pointer] = dword);
            assert_eq!(with_tag(&report.balance, bus::SHA256)[0].0[1 + 2 * pointer], wrong);
            assert!(!unprovided(&report).is_empty());
        }
    }
}

#[test]
fn there_are_three_regions() {
    for region in 0..5 {
        let failures = prank::<Sha256Cols<F>>(&AIR, &table(&directed()[0]), |row| row.region = F::from_u8(region)).failures;
        assert_eq!(failures.contains_key("sha256::region"), region > 2);
    }
}

/// What would have the keys of the next region, or of registers, has none in memory, or something
/// before it has none.
#[test]
fn operands_beyond_the_end_have_no_cells() {
    let balance = |ptrs, region| {
        let event = Sha256Event { ptrs, region, ..directed()[1] };
        assert_honest(&AIR, |height, lookups| fill(&[event], height, lookups), 2)
    };
    for below in 1..=8 {
        for region in [Region::ReadWrite, Region::ReadOnly, Region::Text] {
            assert_beyond_the_end(&balance([0x1000, before_the_end(below)], region), region, 8, below);
        }
    }
    for below in 1..=4 {
        assert_beyond_the_end(&balance([before_the_end(below), 0x1000], Region::ReadWrite), Region::ReadWrite, 4, below);
    }
}

/// Another new state needs other words from the rounds, or limbs and carries that are none.
#[test]
fn another_state_is_another_message() {
    let event = directed()[0];
    let honest = check(&AIR, &table(&event), &[]).balance;
    for (dword, limb) in [(0, 0), (1, 3), (3, 2)] {
        for carry in 0..2 {
            let report = prank::<Sha256Cols<F>>(&AIR, &table(&event), |row| {
                row.new[dword][limb] += F::ONE;
                row.carries[dword][limb] = F::from_u8(carry);
            });
            assert_ne!(with_tag(&report.balance, bus::SHA256_STATE), with_tag(&honest, bus::SHA256_STATE));
        }
        // A limb of 2^16 more, and a carry less.
        let report = prank::<Sha256Cols<F>>(&AIR, &table(&event), |row| {
            row.new[dword][limb] += F::from_u32(1 << 16);
            row.carries[dword][limb] -= F::ONE;
        });
        assert!(!unprovided(&report).is_empty());
    }
}

proptest! {
    #[test]
    fn random_calls_compress(state: [u64; 4], block: [u64; 8]) {
        assert_call(&call(TIME, state, block));
    }
}
