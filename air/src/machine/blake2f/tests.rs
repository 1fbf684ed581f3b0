use alloc::vec;
use alloc::vec::Vec;

use p3_field::{Field, PrimeCharacteristicRing};
use p3_matrix::dense::RowMajorMatrix;
use proptest::prelude::*;
use tern_field::F;

use super::*;
use crate::bus::{self, MEMORY, REGION_STRIDE};
use crate::check::{Balance, check};
use crate::events::{Blake2fEvent, Region, TICKS_BLAKE2F};
use crate::layout::Columns;
use crate::machine::MachineAir;
use crate::testing::gate::{Table, assert_gate, attacks};
use crate::testing::{assert_beyond_the_end, assert_honest, before_the_end, prank, unprovided, with_tag};

const AIR: MachineAir = MachineAir::Blake2f(Blake2fChip);
const WIDTH: usize = <Blake2fCols<F> as Columns<F>>::WIDTH;
const TIME: u32 = 808;

fn call(time: u32, vector: [u64; 16], message: [u64; 16], schedule: u64) -> Blake2fEvent {
    Blake2fEvent {
        time,
        ptrs: [0x7fff_ff88, 0x8001_fff0],
        vector,
        message,
        schedule,
        t_vector: core::array::from_fn(|i| i as u32 * 50),
        t_message: core::array::from_fn(|i| time + 1 - 50 * i as u32),
        region: Region::ReadOnly,
    }
}

fn words(seed: u64) -> [u64; 16] {
    core::array::from_fn(|i| seed.wrapping_add(i as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(i as u32 * 7))
}

/// Calls of all schedules, and words at their limits.
fn directed() -> Vec<Blake2fEvent> {
    let random = (0..SCHEDULES as u64).map(|schedule| (words(schedule), words(schedule + 99), schedule));
    let limits = [([0; 16], [0; 16], 0), ([u64::MAX; 16], [u64::MAX; 16], 9), ([1 << 63; 16], [0x8000_8000_8000_8000; 16], 3)];
    random.chain(limits).zip(0..).map(|((v, m, schedule), i)| call(TIME + 8 * i, v, m, schedule)).collect()
}

fn rows(events: &[Blake2fEvent]) -> Vec<Vec<F>> {
    fill(events, events.len() * ROWS, &mut Default::default()).values.chunks_exact(WIDTH).map(<[F]>::to_vec).collect()
}

fn table(rows: &[Vec<F>]) -> RowMajorMatrix<F> {
    RowMajorMatrix::new(rows.concat(), WIDTH)
}

fn balance(rows: &[Vec<F>]) -> Balance {
    let report = check(&AIR, &table(rows), &[]);
    assert!(report.failures.is_empty() && report.overcounted.is_empty(), "{report:?}");
    report.balance
}

/// BLAKE2b-512 of "abc" (RFC 7693, Appendix A).
#[test]
fn rounds_make_a_known_digest() {
    #[rustfmt::skip]
    let iv: [u64; 8] = [
        0x6a09_e667_f3bc_c908, 0xbb67_ae85_84ca_a73b, 0x3c6e_f372_fe94_f82b, 0xa54f_f53a_5f1d_36f1,
        0x510e_527f_ade6_82d1, 0x9b05_688c_2b3e_6c1f, 0x1f83_d9ab_fb41_bd6b, 0x5be0_cd19_137e_2179,
    ];
    let mut h = iv;
    h[0] ^= 0x0101_0040;
    let mut m = [0; 16];
    m[0] = 0x63_6261;
    let mut v = [0; 16];
    v[..8].copy_from_slice(&h);
    v[8..].copy_from_slice(&iv);
    v[12] ^= 3;
    v[14] = !v[14];
    let v = (0..12).fold(v, |v, i| round(v, &m, &SIGMA[i % SCHEDULES]));
    let digest: Vec<u64> = (0..8).map(|i| h[i] ^ v[i] ^ v[i + 8]).collect();
    #[rustfmt::skip]
    let expected: [u64; 8] = [
        0x0d4d_1c98_3fa5_80ba, 0xe9f6_129f_b697_276a, 0xb7c4_5a68_142f_214c, 0xd1a2_ffdb_6fbb_124b,
        0x2d79_ab2a_39c5_877d, 0x95cc_3345_ded5_52c2, 0x5a92_f1db_a88a_d318, 0x2399_00d4_ed86_23b9,
    ];
    assert_eq!(digest, expected);
}

/// Asserts that a call's rows satisfy all constraints, and together read and write what the call should.
fn assert_call(event: &Blake2fEvent) {
    let balance = assert_honest(&AIR, |height, lookups| fill(core::slice::from_ref(event), height, lookups), ROWS + 3);
    let cell = |ptr: u32, region: Region, i: usize, x: u64, time: u32| {
        let limb = |j: u32| u32::from((x >> (16 * j)) as u16);
        vec![ptr / 8 + i as u32 + region as u32 * REGION_STRIDE, limb(0), limb(1), limb(2), limb(3), time]
    };
    let new = round(event.vector, &event.message, &SIGMA[event.schedule as usize]);
    let mut cells = Vec::new();
    for (i, &new) in new.iter().enumerate() {
        let word = |time: u32| cell(event.ptrs[1], event.region, i, event.message[i], time);
        cells.extend([(word(event.t_message[i]), -1), (word(event.time + TICKS_BLAKE2F[0]), 1)]);
        cells.push((cell(event.ptrs[0], Region::ReadWrite, i, event.vector[i], event.t_vector[i]), -1));
        cells.push((cell(event.ptrs[0], Region::ReadWrite, i, new, event.time + TICKS_BLAKE2F[2]), 1));
    }
    cells.sort();
    assert_eq!(with_tag(&balance, MEMORY), cells);
    let pointers = event.ptrs.into_iter().flat_map(|ptr| [ptr & 0xffff, ptr >> 16]);
    let asked = core::iter::once(event.time).chain(pointers).chain([event.schedule as u32]).collect();
    assert_eq!(with_tag(&balance, bus::BLAKE2F), [(asked, -1)]);
    assert_eq!(with_tag(&balance, bus::BLAKE2F_NEXT), []);
}

#[test]
fn directed_calls_compute() {
    directed().iter().for_each(assert_call);
}

#[test]
fn the_gate_holds() {
    let events = directed();
    let trace = fill(&events, events.len() * ROWS + 1, &mut Default::default());
    let rows = (3 * ROWS..4 * ROWS).chain([12 * ROWS, 12 * ROWS + 5, 11 * ROWS + 7, 10 * ROWS, events.len() * ROWS]);
    assert_gate(&AIR, &[Table::new(&AIR, &trace, &[], rows)], &attacks!(), &[]);
}

#[test]
fn padding_is_silent() {
    assert!(assert_honest(&AIR, |height, lookups| fill(&[], height, lookups), 4).is_empty());
}

/// The message may lie in the vector's place: it is read before the vector is written.
#[test]
fn the_message_may_be_the_vector() {
    let mut event = call(TIME, words(1), words(1), 4);
    event.ptrs = [0x1000; 2];
    event.region = Region::ReadWrite;
    event.t_message = [9; 16];
    event.t_vector = [TIME + TICKS_BLAKE2F[0]; 16];
    let left = balance(&rows(&[event]));
    let new = round(event.vector, &event.message, &SIGMA[4]);
    let written = with_tag(&left, MEMORY).into_iter().filter(|(_, count)| *count == 1);
    let expected = (0..16).map(|i| (0x200 + i, new[i as usize] as u16 as u32, TIME + TICKS_BLAKE2F[2]));
    assert!(written.map(|(cell, _)| (cell[0], cell[1], cell[5])).eq(expected));
}

/// What would have the keys of the next region, or of registers, has none in memory, or something
/// before it has none.
#[test]
fn operands_beyond_the_end_have_no_cells() {
    let balance = |ptrs, region| balance(&rows(&[Blake2fEvent { ptrs, region, ..directed()[1] }]));
    for below in 1..=16 {
        for region in [Region::ReadWrite, Region::ReadOnly, Region::Text] {
            assert_beyond_the_end(&balance([0x1000, before_the_end(below)], region), region, 16, below);
        }
        assert_beyond_the_end(&balance([before_the_end(below), 0x1000], Region::ReadWrite), Region::ReadWrite, 16, below);
    }
}

/// Without one row, with one twice, or with another call's in its place, messages between the rows
/// are left.
#[test]
fn rows_are_all_there_once() {
    let events = directed();
    let honest = rows(&events);
    let between = |rows: &[Vec<F>]| with_tag(&balance(rows), bus::BLAKE2F_NEXT);
    let asked = |rows: &[Vec<F>]| with_tag(&balance(rows), bus::BLAKE2F);
    assert_eq!(between(&honest), []);
    for row in 0..ROWS {
        let mut fewer = honest.clone();
        fewer.remove(row);
        let mut more = honest.clone();
        more.push(honest[row].clone());
        let mut mixed = honest.clone();
        mixed[row] = honest[ROWS + row].clone();
        // The other call's row under this call's time, with another schedule.
        let mut retimed = mixed.clone();
        retimed[row][0] = honest[row][0];
        for rows in [fewer, more, mixed, retimed] {
            assert!(!between(&rows).is_empty() || asked(&rows) != asked(&honest), "row {row}");
        }
    }
    // Rows without the first, so that nobody has asked for them.
    assert!(!between(&honest[1..ROWS]).is_empty());
}

/// A row that claims another function or schedule than its own asks for another row, or reads other words.
#[test]
fn rows_have_their_words() {
    let event = directed()[5];
    let honest = rows(&[event]);
    for (row, honest) in honest.iter().enumerate() {
        for other in (0..ROWS).filter(|&other| other != row) {
            let mut changed = honest.clone();
            Blake2fCols::of_mut(&mut changed).functions = core::array::from_fn(|i| F::from_bool(i == other));
            assert!(check(&AIR, &table(&[changed]), &[]).failures.contains_key("blake2f::index"), "{row} as {other}");
        }
        for other in (0..SCHEDULES).filter(|&other| other != 5) {
            let mut changed = honest.clone();
            Blake2fCols::of_mut(&mut changed).schedules = core::array::from_fn(|i| F::from_bool(i == other));
            assert!(check(&AIR, &table(&[changed]), &[]).failures.contains_key("blake2f::index"), "schedule {other}");
        }
    }
}

#[test]
fn misaligned_pointers_need_lookups_that_no_table_provides() {
    let first = table(&rows(&directed()[..1])[..1]);
    for pointer in 0..2 {
        for wrong in [1u32, 4, 0x1234, 0xffff] {
            let dword = F::from_u32(wrong) * F::from_u8(8).inverse();
            let report = prank::<Blake2fCols<F>>(&AIR, &first, |row| row.dwords[pointer] = dword);
            assert_eq!(with_tag(&report.balance, bus::BLAKE2F)[0].0[1 + 2 * pointer], wrong);
            assert!(!unprovided(&report).is_empty());
        }
    }
}

#[test]
fn there_are_three_regions() {
    let first = table(&rows(&directed()[..1])[..1]);
    for region in 0..5 {
        let failures = prank::<Blake2fCols<F>>(&AIR, &first, |row| row.region = F::from_u8(region)).failures;
        assert_eq!(failures.contains_key("blake2f::region"), region > 2);
    }
}

/// A schedule of 10 or more has no row.
#[test]
fn there_are_ten_schedules() {
    for schedule in [10, 11, 1 << 32] {
        let report = check(&AIR, &table(&rows(&[call(TIME, words(1), words(2), schedule)])), &[]);
        assert!(report.failures.contains_key("blake2f::one_schedule"));
    }
}

proptest! {
    #[test]
    fn random_calls_compute(vector: [u64; 16], message: [u64; 16], schedule in 0..SCHEDULES as u64) {
        assert_call(&call(TIME, vector, message, schedule));
    }
}
