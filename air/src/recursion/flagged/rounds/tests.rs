use alloc::format;
use alloc::vec::Vec;

use p3_field::PrimeCharacteristicRing;

use super::*;
use crate::check::{check, total};
use crate::recursion::byte_table::ByteLookups;
use crate::recursion::flagged::CircuitAir;
use crate::recursion::rounds::tests::{forgeries, recomputed, wrapping_sum};
use crate::recursion::rounds::{ROUNDS, rows};
use crate::recursion::testing::blake3::{Tables, samples};
use crate::recursion::{RecursionAir, bus};
use crate::testing::gate::{Forgery, Table, assert_gate, attacks};

const AIR: CircuitAir = CircuitAir::Rounds(RoundsChip);

/// Rows in use say what they say in version 1, and padding rows nothing; the fill counts the lookups that are sent.
#[test]
fn rows_in_use_say_what_they_said() {
    let (samples, height) = (samples(), 64 * 8);
    let mut lookups = ByteLookups::default();
    let table = fill(&samples, height, &mut lookups);
    let report = check(&AIR, &table, &[]);
    assert!(report.failures.is_empty() && report.overcounted.is_empty());

    let mut used = table.clone();
    used.values.truncate(rows(samples.len()) * used.width);
    let before = check(&RecursionAir::Rounds(crate::recursion::rounds::RoundsChip), &used, &[]);
    assert_eq!(report.balance, before.balance);
    let counted: u32 = lookups.counts.iter().flatten().sum();
    let sent: i64 =
        report.balance.iter().filter(|(tuple, _)| [bus::XOR, bus::XOR_12, bus::XOR_7].contains(&tuple[0])).map(|(_, n)| n).sum();
    assert_eq!(i64::from(counted), sent);
    assert_eq!(sent, 128 * rows(samples.len()) as i64);
}

#[test]
fn the_gate_holds() {
    let table = Tables::new(&samples()).rounds.main;
    let used = rows(samples().len());
    let attacked: Vec<usize> = (0..2 * ROUNDS).chain([used]).collect();
    let fixed = p3_matrix::dense::RowMajorMatrix::new(Vec::new(), 0);
    let first = RoundsCols::of(&table.values[..table.width]);
    let flips = (0..128).map(|flip| flipped(first, flip % 4, flip / 16, flip / 4 % 4));
    let attacks = attacks!().and(forgeries(&table, 0..used).chain(flips));
    assert_gate(&AIR, &[Table { main: table.clone(), fixed, public: Vec::new(), rows: attacked }], &attacks, &[]);
}

/// A bit of one byte of an exclusive or that is another, and all that follows from it: nothing but the lookup of that byte rejects it.
fn flipped(honest: &RoundsCols<F>, which: usize, quarter: usize, byte: usize) -> Forgery {
    let xor = |i: usize, step: usize, x: u32, y: u32| x ^ y ^ u32::from((i, step) == (quarter, which)) << (8 * byte);
    let forged = recomputed(honest, |_, _, terms| Some(wrapping_sum(terms)), xor).expect("sums can be made");
    let label = ["xor_d1", "xor_b1", "xor_d2", "xor_b2"][which];
    Forgery { weakness: Some(format!("rounds::{label}[{}]!", 4 * quarter + byte)), table: 0, row: 0, forged }
}

/// A round without its flag looks nothing up, and leaves over the tokens that it should have taken and sent.
#[test]
fn a_round_without_its_flag_is_missed() {
    let mut table = fill(&samples(), 64 * 8, &mut ByteLookups::default());
    let honest = check(&AIR, &table, &[]).balance;
    let width = table.width;
    RoundsCols::of_mut(&mut table.values[3 * width..4 * width]).real = F::ZERO;
    let report = check(&AIR, &table, &[]);
    assert!(report.failures.is_empty());
    let missing = total([honest, report.balance.into_iter().map(|(tuple, count)| (tuple, -count)).collect()]);
    for tag in [bus::STATE_AB, bus::STATE_CD, bus::MESSAGE_LOW, bus::MESSAGE_HIGH] {
        let keys: Vec<(u32, i64)> = missing.iter().filter(|(tuple, _)| tuple[0] == tag).map(|(tuple, &count)| (tuple[1], count)).collect();
        assert_eq!(keys, [(3, -1), (4, 1)]);
    }
}
