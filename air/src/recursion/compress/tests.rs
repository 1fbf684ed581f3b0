mod faults;

use alloc::vec;
use alloc::vec::Vec;

use p3_field::PrimeCharacteristicRing;
use proptest::prelude::*;

use super::*;
use crate::check::{check, total};
use crate::recursion::testing::blake3::{DERIVE_KEY_CONTEXT, DERIVE_KEY_MATERIAL, PARENT, Tables, ends, half, hash, samples, words};
use crate::recursion::{CircuitAir, bus, byte_table};
use crate::testing::gate::attacks;

fn data(len: usize) -> Vec<u8> {
    (0..len as u32).map(|i| (i.wrapping_mul(0x9e37_79b9) >> 13) as u8).collect()
}

#[test]
fn compressions_hash_as_blake3_does() {
    for len in [0, 1, 32, 63, 64, 65, 200, 1023, 1024, 1025, 2048, 3000, 5000, 9000] {
        let data = data(len);
        assert_eq!(hash(&data, &IV, 0, &mut Vec::new()), words(blake3::hash(&data).into()), "{len} bytes");
    }
}

#[test]
fn compressions_derive_keys_as_blake3_does() {
    let context = "Tern, a test of key derivation, version 1";
    let key = hash(context.as_bytes(), &IV, DERIVE_KEY_CONTEXT, &mut Vec::new());
    for len in [0, 64, 100, 2000] {
        let data = data(len);
        let expected = words(blake3::derive_key(context, &data));
        assert_eq!(hash(&data, &key, DERIVE_KEY_MATERIAL, &mut Vec::new()), expected, "{len} bytes");
    }
}

#[test]
fn tables_read_their_inputs_and_write_their_outputs() {
    let samples = samples();
    assert_eq!(Tables::new(&samples).check(), (vec![], ends(&samples)));
}

/// With the byte table nothing but reads and writes is left: every lookup was counted, those of
/// padding rows too.
#[test]
fn all_lookups_are_counted() {
    let samples = samples();
    let tables = Tables::new(&samples);
    let chip = byte_table::ByteTableChip { circuit: Circuit::new(byte_table::preprocessed()) };
    let bytes = check(&CircuitAir::ByteTable(chip), &byte_table::fill(&tables.lookups), &[]);
    let reports = [tables.compress.assert_satisfied(), bytes];
    assert_eq!(total(reports.map(|report| report.balance)), ends(&samples));
}

/// Position of the first parent among the samples.
fn parent() -> usize {
    samples().iter().position(|compression| compression.flags & PARENT != 0).unwrap()
}

#[test]
fn the_gate_holds() {
    let samples = samples();
    let table = Tables::new(&samples).compress;
    let rows = [0, parent(), samples.len()];
    let attacks = attacks!().and(faults::forgeries(&samples, 0, parent()));
    crate::recursion::testing::Table::assert_gate(&[(&table, &rows)], &attacks, &[]);
}

/// A change of one cell breaks a constraint, is another half, or looks up what is in no table; a
/// change of what the circuit fixes is seen too.
#[test]
fn every_cell_is_pinned() {
    let compression = [samples()[parent()]];
    let honest = Tables::new(&compression);
    honest.compress.assert_cells_matter(0);
    for column in 0..honest.compress.main.width {
        let compress = honest.compress.but(|table| table.main.row_mut(0)[column] += F::ONE);
        let (failures, leftover) = Tables { compress, ..honest.clone() }.check();
        assert!(!failures.is_empty() || leftover != ends(&compression), "column {column}");
    }
}

/// 916 lookups and a wire take a narrow column for two each, four halves a wide one each.
#[test]
fn plonky3_accepts_the_chip() {
    Tables::new(&samples()).compress.assert_accepted();
}

/// The table for other compressions than the circuit's: the circuit is the samples', the witness is not.
fn tables_with(change: impl FnOnce(&mut [Compression])) -> Tables {
    let mut changed = samples();
    change(&mut changed);
    let mut tables = Tables::new(&changed);
    tables.compress.fixed = Tables::new(&samples()).compress.fixed;
    tables
}

/// The leftover is not that of the circuit; where it differs, it is by the messages that `expect` names.
fn assert_differs(tables: &Tables, expect: &[Vec<u32>]) {
    let (failures, leftover) = tables.check();
    assert!(failures.is_empty(), "{failures:?}");
    let honest = ends(&samples());
    let wrong: Vec<&Vec<u32>> = leftover.keys().filter(|tuple| honest.get(*tuple) != leftover.get(*tuple)).collect();
    assert_eq!(wrong, expect.iter().collect::<Vec<_>>());
}

/// The other order of a parent's children is another bit, which its wire does not hold.
#[test]
fn a_swapped_bit_is_not_on_its_wire() {
    let row = parent();
    let tables = tables_with(|compressions| compressions[row].swapped = false);
    let mut other = samples()[row];
    other.swapped = false;
    let address = |i: usize| (5 * row + i + 1) as u32;
    assert_differs(&tables, &[vec![bus::WIRE, address(3), 0, 0, 0, 0, 0], half(address(4), &other.output())]);
}

/// Another half in the block is not at its address.
#[test]
fn another_half_is_not_at_its_address() {
    let tables = tables_with(|compressions| compressions[2].own[3] ^= 1 << 20);
    let mut other = samples()[2];
    other.own[3] ^= 1 << 20;
    assert_differs(&tables, &[half(12, &other.own), half(15, &other.output())]);
}

/// The counter, the length and the flags are the circuit's: others are no bytes of the first state.
#[test]
fn parameters_are_the_circuits() {
    let changes: [fn(&mut Compression); 4] = [|c| c.counter += 1, |c| c.counter += 256, |c| c.len -= 1, |c| c.flags ^= 1];
    for change in changes {
        let (failures, leftover) = tables_with(|compressions| change(&mut compressions[1])).check();
        assert!(failures.is_empty(), "{failures:?}");
        let wrong: Vec<u32> = leftover.keys().filter(|tuple| !ends(&samples()).contains_key(*tuple)).map(|tuple| tuple[0]).collect();
        assert_eq!(wrong, [bus::HALF, bus::XOR]);
    }
}

/// Changes a row of honest tables; gives the labels that fail, and the tags that are left over in
/// other messages than the circuit's.
fn prank(row: usize, change: impl FnOnce(&mut CompressCols<F>)) -> (Vec<&'static str>, Vec<u32>) {
    let mut tables = Tables::new(&samples());
    change(tables.compress.main(row));
    let (failures, leftover) = tables.check();
    let honest = ends(&samples());
    let mut tags: Vec<u32> = leftover.keys().filter(|tuple| !honest.contains_key(*tuple)).map(|tuple| tuple[0]).collect();
    tags.dedup();
    (failures, tags)
}

#[test]
fn an_order_is_zero_or_one() {
    assert_eq!(prank(parent(), |row| row.bit = F::TWO).0, ["compress::bit_boolean"]);
}

/// Rows that read no bit have their halves in order.
#[test]
fn an_unread_bit_is_zero() {
    assert_eq!(prank(0, |row| row.bit = F::ONE).0, ["compress::bit_unread"]);
}

#[test]
fn a_padding_row_says_nothing() {
    let padding = samples().len();
    assert_eq!(prank(padding, |row| row.out[0][0] = F::ONE), (vec![], vec![]));
    assert_eq!(prank(padding, |row| row.rounds[6][4].b2[0][0] = F::ONE), (vec![], vec![]));
    assert_eq!(prank(padding, |row| row.bit = F::ONE).0, ["compress::bit_unread"]);
}

/// A byte of output that is not a byte or not the sum is in no table.
#[test]
fn outputs_are_sums() {
    assert_eq!(prank(0, |row| row.out[5][1] += F::ONE), (vec![], vec![bus::HALF, bus::XOR]));
}

/// Bytes put together another way give the same limbs, but are no bytes.
#[test]
fn limbs_have_one_split() {
    let shift = |bytes: &mut [F; 4]| {
        bytes[0] += F::from_u32(256);
        bytes[1] -= F::ONE;
    };
    assert_eq!(prank(0, |row| shift(&mut row.out[0])), (vec![], vec![bus::XOR]));
    assert_eq!(prank(0, |row| shift(&mut row.cv_high[2])), (vec![], vec![bus::XOR_12]));
}

/// A sum with another carry, its limb changed to match, is no sum of bytes; with its bytes right,
/// it is no sum.
#[test]
fn carries_are_true() {
    // The low limb 2^16 more and the high limb one less: the carry one less.
    let carry = |word: &mut [F; 4]| {
        word[1] += F::from_u32(256);
        word[2] -= F::ONE;
    };
    assert!(prank(0, |row| carry(&mut row.rounds[3][0].a1)).1.contains(&bus::XOR));
    assert!(prank(0, |row| carry(&mut row.rounds[3][0].c2)).1.contains(&bus::XOR_7));
    assert!(prank(0, |row| row.rounds[0][0].a1[2] += F::ONE).0.contains(&"compress::sum_a1"));
    assert!(prank(0, |row| row.rounds[0][0].c1[2] += F::ONE).0.contains(&"compress::sum_c1"));
    assert!(prank(0, |row| row.rounds[6][5].a2[0] += F::ONE).0.contains(&"compress::sum_a2"));
    assert!(prank(0, |row| row.rounds[6][5].c2[0] += F::ONE).0.contains(&"compress::sum_c2"));
}

/// Parts of a byte that give the same word, put together another way, are not the parts of its sum.
#[test]
fn parts_have_one_split() {
    let split = |row: &mut CompressCols<F>| {
        // Byte 0 of the rotated word is the high nibble of byte 1 and sixteen times the low nibble
        // of byte 2.
        row.rounds[2][0].b1[1][0] += F::from_u32(16);
        row.rounds[2][0].b1[2][1] -= F::ONE;
    };
    assert_eq!(prank(0, split), (vec![], vec![bus::XOR_12]));
    let split = |row: &mut CompressCols<F>| {
        row.rounds[6][7].b2[0][0] += F::TWO;
        row.rounds[6][7].b2[1][1] -= F::ONE;
    };
    assert_eq!(prank(0, split), (vec![], vec![bus::XOR_7]));
}

/// Bytes of `a1` that are looked up as bytes of `d1` alone are bytes.
#[test]
fn words_without_exclusive_or_are_bytes() {
    let split = |row: &mut CompressCols<F>| {
        row.rounds[0][1].a1[0] += F::from_u32(256);
        row.rounds[0][1].a1[1] -= F::ONE;
    };
    assert_eq!(prank(0, split), (vec![], vec![bus::XOR]));
}

#[test]
fn the_schedule_is_a_permutation() {
    let block: [u32; 16] = core::array::from_fn(|i| i as u32);
    let mut sorted = semantics::permute(&block);
    sorted.sort_unstable();
    assert_eq!(sorted, block);
}

#[test]
fn used_rows_have_the_flag() {
    let table = Tables::new(&samples()).compress;
    assert!(is_flagged(&table.fixed));
    for real in [F::ZERO, F::TWO, F::NEG_ONE] {
        let changed = table.but(|table| table.fixed::<CompressPreCols<F>>(1).real = real);
        assert!(!is_flagged(&changed.fixed));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn random_compressions_satisfy(
        cv: [u32; 8], own: [u32; 8], sibling: [u32; 8], swapped: bool, counter: u16, len in 0..=64_u32, flags in 0..256_u32,
    ) {
        let flags = if swapped { flags | PARENT } else { flags };
        let compression = Compression { cv, own, sibling, swapped, counter: counter.into(), len, flags };
        let tables = Tables::new(&[compression]);
        prop_assert_eq!(tables.check(), (vec![], ends(&[compression])));
    }
}
