use alloc::vec::Vec;

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use proptest::prelude::*;
use tern_field::F;

use super::*;
use crate::bus;
use crate::check::check;
use crate::events::AluEvent;
use crate::gadgets::limbs;
use crate::isa::{Opcode, semantics};
use crate::layout::Columns;
use crate::machine::MachineAir;
use crate::testing::alu::{assert_alu_messages, assert_fails, assert_unprovided, is_accepted};
use crate::testing::gate::{Table, assert_gate, attacks};
use crate::testing::{alu_event, assert_honest};

const AIR: MachineAir = MachineAir::Shift(ShiftChip);
/// `whole_limbs` has the three columns as they are.
const TWICE: [(&str, &str); 6] = [
    ("shift::limbs_one_hot[1]", "the same as `limbs_boolean[0]`"),
    ("shift::limbs_one_hot[2]", "the same as `limbs_boolean[1]`"),
    ("shift::limbs_one_hot[3]", "the same as `limbs_boolean[2]`"),
    ("shift::limbs_boolean[0]", "the same as `limbs_one_hot[1]`"),
    ("shift::limbs_boolean[1]", "the same as `limbs_one_hot[2]`"),
    ("shift::limbs_boolean[2]", "the same as `limbs_one_hot[3]`"),
];
const VALUES: [u64; 8] = [0, 1, u64::MAX, 1 << 63, 0x8000_0000, 0x0123_4567_89ab_cdef, 0xfedc_ba98_7654_3210, 0xffff_ffff_7fff_ffff];

fn opcodes() -> impl Iterator<Item = Opcode> {
    (Opcode::Sll as u8..=Opcode::Sraiw as u8).filter_map(Opcode::from_id)
}

fn event(op: Opcode, a: u64, b: u64) -> AluEvent {
    let b = match op {
        Opcode::Slli | Opcode::Srli | Opcode::Srai => b & 63,
        Opcode::Slliw | Opcode::Srliw | Opcode::Sraiw => b & 31,
        _ => b,
    };
    alu_event(op, a, b)
}

/// Every opcode with every amount on every value; the bits of `rs2` above the amount are set in
/// half of them.
fn directed() -> Vec<AluEvent> {
    let amounts = (0..64).map(|amount| if amount % 3 == 0 { amount } else { amount | 0xfedc_ba98_7654_ffc0 });
    let pairs = amounts.flat_map(|b| VALUES.map(|a| (a, b)));
    pairs.flat_map(|(a, b)| opcodes().map(move |op| event(op, a, b))).collect()
}

fn assert_row(event: AluEvent) {
    let balance = assert_honest(&AIR, |height, lookups| fill(&[event], height, lookups), 4);
    assert_alu_messages(&balance, &event, semantics::alu(event.op, event.a, event.b), event.pc + 4);
}

#[test]
fn directed_rows_satisfy() {
    assert_honest(&AIR, |height, lookups| fill(&directed(), height, lookups), 8192);
    directed().into_iter().step_by(5).for_each(assert_row);
}

#[test]
fn the_gate_holds() {
    let events = directed();
    let trace = fill(&events, 8192, &mut Default::default());
    let rows: Vec<usize> = (0..events.len()).step_by(53).chain([events.len()]).collect();
    assert_gate(&AIR, &[Table::new(&AIR, &trace, &[], rows)], &attacks!(), &TWICE);
}

/// The table of one instruction, after `forge`.
fn forged(op: Opcode, a: u64, b: u64, forge: impl FnOnce(&mut ShiftCols<F>)) -> RowMajorMatrix<F> {
    let mut trace = fill(&[event(op, a, b)], 1, &mut Default::default());
    forge(ShiftCols::of_mut(&mut trace.values));
    trace
}

/// Sets the row as if the amount were `16 * whole + bits` (up to 16 bits) and the sign as claimed,
/// everything else consistent.
fn set_hints(row: &mut ShiftCols<F>, event: &AluEvent, whole: u32, bits: u32, sign: u64) {
    let (is_left, is_word) = (row.is_logical + row.is_arithmetic == F::ZERO, row.is_word == F::ONE);
    let fill = if row.is_arithmetic == F::ONE { sign.wrapping_neg() } else { 0 };
    let (width, low) = if is_word { (32, u64::from(u32::MAX)) } else { (64, u64::MAX) };
    let amount = (16 * (whole % (width / 16)) + bits).min(127);
    let input = (event.a & low) | (fill & !low);
    let extended = u128::from(input) | u128::from(fill) << 64;
    let shifted = if is_left { u128::from(input).checked_shl(amount).unwrap_or(0) } else { extended >> amount } as u64;
    row.result = limbs(if is_word { (shifted & low) | (sign.wrapping_neg() & !low) } else { shifted });
    row.limbs = [1, 2, 3].map(|q| F::from_bool(whole == q));
    (row.bits, row.power) = (F::from_u32(bits), F::from_u32(1 << bits));
    let lower_bits = if is_left { 16 - bits } else { bits };
    for i in 0..4 {
        let limb = (input >> (16 * i)) as u32 & 0xffff;
        let (lower, upper) = (F::from_u32(limb & ((1 << lower_bits) - 1)), F::from_u32(limb >> lower_bits));
        [row.moving[i], row.staying[i]] = if is_left { [upper, lower] } else { [lower, upper] };
    }
    let signed = match (row.is_arithmetic == F::ONE, is_word) {
        (true, false) => row.a[3],
        (true, true) => row.a[1],
        (false, true) => row.result[1],
        (false, false) => F::ZERO,
    };
    row.sign = F::from_u64(sign);
    row.below_sign = signed - row.sign * F::from_u32(1 << 15);
}

/// Of all amounts and signs that a prover could claim, one is accepted: the truth.
#[test]
fn one_claim_is_accepted() {
    for (a, b) in VALUES.iter().flat_map(|&a| [0, 1, 16, 31, 32, 47, 63, 64, 0x1_0005, 0xffff].map(|b| (a, b))) {
        for event in opcodes().map(|op| event(op, a, b)) {
            let honest = fill(&[event], 1, &mut Default::default());
            let claims = (0..4).flat_map(|whole| (0..=16).flat_map(move |bits| [0, 1].map(|sign| (whole, bits, sign))));
            let accepted: Vec<_> = claims
                .map(|(whole, bits, sign)| {
                    let mut trace = honest.clone();
                    set_hints(ShiftCols::of_mut(&mut trace.values), &event, whole, bits, sign);
                    trace
                })
                .filter(|trace| is_accepted(&check(&AIR, trace, &[])))
                .collect();
            assert_eq!(accepted, [honest], "{event:?}");
        }
    }
}

#[test]
fn limbs_split_in_one_way() {
    let shifts = [(Opcode::Srl, F::from_u32(16)), (Opcode::Sll, F::from_u32(16))];
    for (op, power) in shifts {
        // One more unit in one piece for less in the other; the result follows.
        let (more, less) = if op == Opcode::Srl { (power, F::ONE) } else { (F::ONE, F::from_u32(1 << 12)) };
        let trace = forged(op, 0x1234, 4, |row| {
            row.moving[0] += more;
            row.staying[0] -= less;
            if op == Opcode::Srl {
                row.result[0] -= F::ONE;
            } else {
                row.result[0] -= less * power;
                row.result[1] += F::ONE;
            }
        });
        assert_unprovided(&AIR, &trace, bus::BITS);
    }
}

#[test]
fn wrong_claims_fail() {
    assert_fails(&AIR, &forged(Opcode::Sll, 5, 3, |row| row.result[0] += F::ONE), "shift::left");
    assert_fails(&AIR, &forged(Opcode::Sra, 5 << 60, 3, |row| row.result[3] -= F::ONE), "shift::right");
    assert_fails(&AIR, &forged(Opcode::Slli, 5, 3, |row| row.imm0 += F::ONE), "shift::immediate");
    assert_fails(&AIR, &forged(Opcode::Sllw, 5, 3, |row| row.result[3] = F::ONE), "shift::sign_extension");
    assert_fails(&AIR, &forged(Opcode::Srl, u64::MAX, 3, |row| row.sign = F::ONE), "shift::sign_boolean");
    // Two amounts at once: both their results, added up.
    assert_fails(&AIR, &forged(Opcode::Sll, 5, 16, |row| row.limbs[1] = F::ONE), "shift::limbs_one_hot");
    assert_unprovided(&AIR, &forged(Opcode::Sll, 0, 3, |row| row.power = F::ONE), bus::POWER);
}

#[test]
fn padding_sends_nothing() {
    for op in [Opcode::Srl, Opcode::Sra] {
        assert_fails(&AIR, &forged(op, 1, 2, |row| row.is_real = F::ZERO), "shift::selectors_exclusive");
    }
    for op in [Opcode::Slli, Opcode::Sllw] {
        assert_fails(&AIR, &forged(op, 1, 2, |row| row.is_real = F::ZERO), "shift::flag_boolean");
    }
}

proptest! {
    #[test]
    fn random_rows_satisfy(a: u64, b: u64, op in 0..12usize) {
        assert_row(event(opcodes().nth(op).unwrap(), a, b));
    }
}
