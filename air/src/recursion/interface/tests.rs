use alloc::collections::BTreeMap;

use p3_field::PrimeCharacteristicRing;

use super::*;
use crate::recursion::testing::{Random, Table, coordinates, digest, limbs, wire};
use crate::recursion::{CircuitAir, bus};
use crate::testing::gate::attacks;

fn chip(circuit: Circuit) -> CircuitAir {
    CircuitAir::Interface(InterfaceChip { circuit })
}

const CONSTANT: [u8; 32] = *b"a constant half of 32 bytes, not";
const PUBLIC: [u8; 32] = *b"the digest of a statement, as 16";

fn table() -> Table {
    let mut table = Table::new(chip, 2);
    *table.fixed::<InterfacePreCols<F>>(0) = InterfacePreCols {
        addr: F::ONE,
        mult: F::from_u32(5),
        value: coordinates(Random(1).extension()),
        addr_half: F::TWO,
        mult_half: F::from_u32(4),
        limbs: limbs(&CONSTANT),
        addr_public: F::from_u32(3),
        is_public: F::ONE,
    };
    table.public = limbs(&PUBLIC).to_vec();
    table
}

#[test]
fn constants_are_written_and_public_values_are_read() {
    let expected =
        BTreeMap::from([(wire(1, Random(1).extension()), 5), (digest(bus::HALF, 2, &CONSTANT), 4), (digest(bus::HALF, 3, &PUBLIC), -1)]);
    assert_eq!(table().assert_satisfied().balance, expected);
}

#[test]
fn the_gate_holds_and_every_cell_matters() {
    let fixed = "nothing of it is the prover's: the circuit fixes what it says and how often";
    let exceptions = [("interface::constant!", fixed), ("interface::constant_half!", fixed)];
    Table::assert_gate(&[(&table(), &[0, 1])], &attacks!(), &exceptions);
    table().assert_cells_matter(0);
}

#[test]
fn plonky3_accepts_the_chip() {
    table().assert_accepted();
}

#[test]
fn padding_sends_nothing() {
    let padding = Table::new(chip, 2);
    assert!(padding.assert_satisfied().balance.is_empty());
    padding.but(|table| table.main::<InterfaceCols<F>>(1).unused = F::ONE).assert_fails("interface::unused");
}

/// Public values that are another half leave the bus unbalanced, also those with the same bytes in
/// other limbs.
#[test]
fn public_values_are_the_half() {
    let unread = |public: [F; PUBLIC_VALUES]| {
        let mut balance = table().but(|table| table.public = public.to_vec()).assert_satisfied().balance;
        *balance.entry(digest(bus::HALF, 3, &PUBLIC)).or_default() += 1;
        balance.get(&digest(bus::HALF, 3, &PUBLIC)) == Some(&1)
    };
    let honest = limbs(&PUBLIC);
    assert!(!unread(honest));
    let mut other = honest;
    other[15] += F::ONE;
    assert!(unread(other));
    let mut same_words = honest;
    same_words[0] += F::from_u32(1 << 16);
    same_words[1] -= F::ONE;
    assert!(unread(same_words));
}
