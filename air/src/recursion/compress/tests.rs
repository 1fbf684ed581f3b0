use alloc::vec;
use alloc::vec::Vec;

use p3_field::PrimeCharacteristicRing;
use proptest::prelude::*;

use super::*;
use crate::check::{check, total};
use crate::recursion::testing::blake3::{DERIVE_KEY_CONTEXT, DERIVE_KEY_MATERIAL, PARENT, Tables, ends, half, hash, samples, words};
use crate::recursion::{RecursionAir, bus, byte_table};
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

/// With the byte table nothing but reads and writes is left: every lookup was counted, those of padding rows too.
#[test]
fn all_lookups_are_counted() {
    let samples = samples();
    let tables = Tables::new(&samples);
    let chip = byte_table::ByteTableChip { circuit: Circuit::new(byte_table::preprocessed()) };
    let bytes = check(&RecursionAir::ByteTable(chip), &byte_table::fill(&tables.lookups), &[]);
    let reports = [tables.compress.assert_satisfied(), tables.rounds.assert_satisfied(), bytes];
    assert_eq!(total(reports.map(|report| report.balance)), ends(&samples));
}

/// Position of the first parent among the samples.
fn parent() -> usize {
    samples().iter().position(|compression| compression.flags & PARENT != 0).unwrap()
}

#[test]
fn the_gate_holds_and_every_cell_matters() {
    let table = Tables::new(&samples()).compress;
    let constant = ("compress::start_cd!", "the second half of the first state is constants, of BLAKE3 and of the circuit");
    crate::recursion::testing::Table::assert_gate(&[(&table, &[0, parent(), samples().len()])], &attacks!(), &[constant]);
    table.assert_cells_matter(parent());
}

/// Eight halves and states share one wide column and the two messages of the block another; the bit and 32 sums take five narrow ones.
#[test]
fn plonky3_accepts_the_chip() {
    Tables::new(&samples()).compress.assert_accepted([5, 2]);
}

/// The tables for other compressions than the circuit's: the circuit is the samples', the witness is not.
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

/// The counter, the length and the flags are the circuit's: other rounds have no start.
#[test]
fn parameters_are_the_circuits() {
    let changes: [fn(&mut Compression); 3] = [|c| c.counter += 1, |c| c.len -= 1, |c| c.flags ^= 1];
    for change in changes {
        let (failures, leftover) = tables_with(|compressions| change(&mut compressions[1])).check();
        assert!(failures.is_empty(), "{failures:?}");
        let states = leftover.iter().filter(|(tuple, _)| tuple[..2] == [bus::STATE_CD, key(1)]);
        assert_eq!(states.map(|(_, &count)| count).sum::<i64>(), 0);
        assert_eq!(leftover.keys().filter(|tuple| tuple[..2] == [bus::STATE_CD, key(1)]).count(), 2);
    }
}

/// Changes a row of honest tables; gives the labels that fail, and the tags that are left over in other messages than the circuit's.
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
    assert_eq!(prank(padding, |row| row.out[0] = F::ONE), (vec![], vec![]));
    assert_eq!(prank(padding, |row| row.cv[0] = F::ONE), (vec![], vec![]));
    assert_eq!(prank(padding, |row| row.bit = F::ONE).0, ["compress::bit_unread"]);
}

/// A byte of output, or of the last state, that is not a byte or not the sum is in no table.
#[test]
fn outputs_are_sums() {
    assert_eq!(prank(0, |row| row.out[5] += F::ONE), (vec![], vec![bus::HALF, bus::XOR]));
    assert_eq!(prank(0, |row| row.low[5] += F::ONE), (vec![], vec![bus::STATE_AB, bus::XOR]));
    assert_eq!(prank(0, |row| row.high[5] += F::ONE), (vec![], vec![bus::STATE_CD, bus::XOR]));
}

/// Bytes put together another way give the same limbs, but are no bytes.
#[test]
fn limbs_have_one_split() {
    let shift = |bytes: &mut [F; 32]| {
        bytes[0] += F::from_u32(256);
        bytes[1] -= F::ONE;
    };
    assert_eq!(prank(0, |row| shift(&mut row.low)), (vec![], vec![bus::XOR]));
    assert_eq!(prank(0, |row| shift(&mut row.out)), (vec![], vec![bus::XOR]));
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
