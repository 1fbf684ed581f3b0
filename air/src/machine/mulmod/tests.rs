use alloc::format;
use alloc::vec;
use alloc::vec::Vec;

use num_bigint::BigUint;
use p3_field::{Field, PrimeCharacteristicRing, PrimeField32};
use p3_matrix::dense::RowMajorMatrix;
use proptest::prelude::*;
use tern_field::F;

use super::columns::{LIMBS, STEPS};
use super::constraints::CARRY_BITS;
use super::*;
use crate::bus::{self, BITS, MEMORY, REGION_STRIDE};
use crate::check::{Balance, Report, check};
use crate::events::{MulModEvent, Region, TICKS_MULMOD};
use crate::machine::MachineAir;
use crate::testing::gate::{Forgery, Table, assert_gate, attacks};
use crate::testing::{assert_honest, with_tag};

type Number = [u64; 4];

const AIR: MachineAir = MachineAir::MulMod(MulModChip);
const TIME: u32 = 808;
const ZERO: Number = [0; 4];
const MAX: Number = [u64::MAX; 4];
/// The field and the group of secp256k1 (SEC 2, section 2.4.1).
const SECP256K1_P: Number = [0xffff_fffe_ffff_fc2f, u64::MAX, u64::MAX, u64::MAX];
const SECP256K1_N: Number = [0xbfd2_5e8c_d036_4141, 0xbaae_dce6_af48_a03b, 0xffff_ffff_ffff_fffe, u64::MAX];

const fn small(x: u64) -> Number {
    [x, 0, 0, 0]
}

fn less_one(x: Number) -> Number {
    assert_ne!(x[0], 0);
    [x[0] - 1, x[1], x[2], x[3]]
}

fn call(a: Number, b: Number, c: Number, m: Number) -> MulModEvent {
    MulModEvent {
        time: TIME,
        ptrs: [0x7fff_ffe0, 0x8000_0020, 0x2_0000, 0x1008, 0x1_fff8],
        operands: [a, b, c, m],
        dst_old: [1, u64::MAX, 2, 0x4444_3333_2222_1111],
        t_mem: [[1, 2, 3, 4], [0, 800, 807, 810], [9; 4], [10; 4], [813, 0, 1, 2]],
        regions: [Region::ReadOnly, Region::Text, Region::ReadWrite, Region::ReadWrite],
    }
}

fn directed() -> Vec<MulModEvent> {
    let half = [u64::MAX, u64::MAX, 0, 0];
    let (p, n) = (SECP256K1_P, SECP256K1_N);
    vec![
        call(ZERO, ZERO, ZERO, small(1)),
        // quotients at their limit
        call(MAX, small(1), ZERO, small(1)),
        call(half, half, half, small(1)),
        call(MAX, MAX, ZERO, MAX),
        call(MAX, MAX, less_one(MAX), MAX),
        call(MAX, less_one(MAX), MAX, MAX),
        call(MAX, small(2), small(1), small(2)),
        // quotients of zero
        call(ZERO, MAX, less_one(MAX), MAX),
        call(small(1), less_one(MAX), ZERO, MAX),
        call(ZERO, ZERO, MAX, [0, 0, 0, 1 << 63]),
        // operands at their limits below the modulus
        call(less_one(p), less_one(p), less_one(p), p),
        call(less_one(n), less_one(n), less_one(n), n),
        call(n, p, ZERO, p),
        call(p, small(1), ZERO, p),
        call(MAX, [0, 0, 0, 1 << 63], ZERO, [0, 0, 0, 1 << 63]),
        // a remainder that differs from the modulus only in the lowest or only in the highest limb
        call(ZERO, ZERO, less_one(p), p),
        call(ZERO, ZERO, [u64::MAX, u64::MAX, u64::MAX, u64::MAX >> 1], MAX),
        call([0, 0, 0, 1], [0, 0, 1, 0], ZERO, [0, 0, 1, 1]),
    ]
}

fn table(event: &MulModEvent) -> RowMajorMatrix<F> {
    fill(core::slice::from_ref(event), 2, &mut Default::default())
}

/// Checks the row of a false claim.
fn claimed(event: &MulModEvent, claim: Division, prank: impl FnOnce(&mut MulModCols<F>)) -> Report {
    let mut trace = RowMajorMatrix::new(F::zero_vec(2 * MulModChip.width()), MulModChip.width());
    let row = MulModCols::of_mut(&mut trace.values[..MulModChip.width()]);
    trace::fill_row(event, claim, row, &mut Default::default());
    prank(row);
    check(&AIR, &trace, &[])
}

/// Whether a row looks up a value that the bits table does not provide.
fn out_of_range(balance: &Balance, bits: u32) -> bool {
    with_tag(balance, BITS).iter().any(|(lookup, _)| lookup[0] == bits && lookup[1] >= 1 << bits)
}

fn big(x: Number) -> BigUint {
    BigUint::from_slice(&x.iter().flat_map(|&x| [x as u32, (x >> 32) as u32]).collect::<Vec<_>>())
}

fn number(x: &BigUint) -> Option<Number> {
    let mut digits = x.to_u64_digits();
    digits.resize(4.max(digits.len()), 0);
    digits.try_into().ok()
}

/// What the call should compute, by another library.
fn expected([a, b, c, m]: [Number; 4]) -> Option<Division> {
    let numerator = big(a) * big(b) + big(c);
    let m = big(m);
    (m != BigUint::ZERO).then_some(())?;
    Some(Division { quotient: number(&(&numerator / &m))?, remainder: number(&(&numerator % &m))? })
}

/// Asserts that the row satisfies all constraints, and reads and writes what the call should.
fn assert_call(event: &MulModEvent) {
    let division = expected(event.operands).expect("the call is allowed");
    let balance = assert_honest(&AIR, |height, lookups| fill(core::slice::from_ref(event), height, lookups), 2);
    let mut cells = Vec::new();
    let [dst, sources @ ..] = event.ptrs;
    let cell = |ptr: u32, region: Region, i: usize, x: u64, time: u32| {
        let limb = |j: u32| u32::from((x >> (16 * j)) as u16);
        vec![ptr / 8 + i as u32 + region as u32 * REGION_STRIDE, limb(0), limb(1), limb(2), limb(3), time]
    };
    for i in 0..4 {
        for (j, ptr) in sources.into_iter().enumerate() {
            let cell = |time: u32| cell(ptr, event.regions[j], i, event.operands[j][i], time);
            cells.push((cell(event.t_mem[j][i]), -1));
            cells.push((cell(TIME + TICKS_MULMOD[j]), 1));
        }
        cells.push((cell(dst, Region::ReadWrite, i, event.dst_old[i], event.t_mem[4][i]), -1));
        cells.push((cell(dst, Region::ReadWrite, i, division.remainder[i], TIME + TICKS_MULMOD[4]), 1));
    }
    cells.sort();
    assert_eq!(with_tag(&balance, MEMORY), cells);
    let pointers = event.ptrs.into_iter().flat_map(|ptr| [ptr & 0xffff, ptr >> 16]);
    assert_eq!(with_tag(&balance, bus::MULMOD), [(core::iter::once(TIME).chain(pointers).collect(), -1)]);
}

#[test]
fn directed_calls_compute() {
    directed().iter().for_each(assert_call);
    assert_honest(&AIR, |height, lookups| fill(&directed(), height, lookups), 32);
}

#[test]
fn calls_out_of_bounds_are_not_divided() {
    let top = [0, 0, 0, 1 << 63];
    for operands in [
        [ZERO, ZERO, ZERO, ZERO],
        [MAX, MAX, MAX, ZERO],
        // quotients of exactly 2^256
        [MAX, MAX, MAX, MAX],
        [MAX, small(1), small(1), small(1)],
        [top, [0, 0, 0, 2], ZERO, [0, 0, 0, 1]],
        [MAX, MAX, MAX, small(1)],
    ] {
        assert_eq!(divide(operands), None);
        assert_eq!(expected(operands), None);
    }
}

#[test]
fn operands_may_alias() {
    // all five at one place: dwords go from the first read's old value to the last write
    let x = [3, 5, 7, 11];
    let mut event = call(x, x, x, x);
    event.ptrs = [0x1000; 5];
    event.regions = [Region::ReadWrite; 4];
    event.dst_old = x;
    event.t_mem = [[1, 2, 3, 4], [TIME + 2; 4], [TIME + 3; 4], [TIME + 4; 4], [TIME + 5; 4]];
    let balance = assert_honest(&AIR, |height, lookups| fill(&[event], height, lookups), 2);
    let cells = with_tag(&balance, MEMORY);
    let zero = (0..4).map(|i| (vec![0x200 + i, 0, 0, 0, 0, TIME + 6], 1));
    let before = (0..4).map(|i| (vec![0x200 + i, x[i as usize] as u32, 0, 0, 0, 1 + i], -1));
    let mut net: Vec<_> = zero.chain(before).collect();
    net.sort();
    assert_eq!(cells, net);
}

#[test]
fn padding_is_silent() {
    assert!(assert_honest(&AIR, |height, lookups| fill(&[], height, lookups), 4).is_empty());
}

#[test]
fn the_gate_holds() {
    let mut events = vec![call(MAX, MAX, ZERO, MAX)];
    events.extend(directed().into_iter().skip(9).take(2));
    // Remainders that differ from the modulus in the lowest limb and in one other.
    events.extend((1..LIMBS).map(|limb| {
        let mut modulus = small(1);
        modulus[limb / 4] += 1 << (16 * (limb % 4));
        call(ZERO, ZERO, ZERO, modulus)
    }));
    let trace = fill(&events, 32, &mut Default::default());
    let table = Table::new(&AIR, &trace, &[], 0..=events.len());
    let forgeries = (0..STEPS - 1).map(|step| wrapped(&events[0], step)).zip(0..).map(|(forged, step)| Forgery {
        weakness: Some(format!("mulmod::carry_range[{step}]!")),
        table: 0,
        row: 0,
        forged,
    });
    let long = Forgery { weakness: Some("mulmod::q_bytes[15]+1".into()), table: 0, row: 0, forged: long_quotient() };
    let slack = "a carry of 15 bits wraps nothing: its multiple of 2^16 is below 2^30, and the sum of a step below p";
    let exceptions: Vec<_> = (0..STEPS - 1).map(|step| format!("mulmod::carry_range[{step}]+0")).collect();
    let others = [
        ("mulmod::upper_limbs_agree[15]", "`differs_once` makes its factor zero: below the lowest limb nothing is left to agree"),
        ("mulmod::remainder_below_modulus+0", "both limbs are below 2^16, so their difference is too, or negative"),
        ("mulmod::r_range[15]+0", "the highest limb is the modulus's, or less than it by a difference below 2^16"),
    ];
    let exceptions: Vec<_> = exceptions.iter().map(|name| (name.as_str(), slack)).chain(others).collect();
    assert_gate(&AIR, &[table], &attacks!().and(forgeries.chain([long])), &exceptions);
}

/// A row of a call whose quotient is `2^256`, which the machine does not compute.
fn long_quotient() -> Vec<F> {
    let mut trace = RowMajorMatrix::new(F::zero_vec(MulModCols::<F>::WIDTH), MulModCols::<F>::WIDTH);
    let row = MulModCols::of_mut(&mut trace.values);
    trace::fill_row(&call(MAX, small(1), small(1), small(1)), Division::default(), row, &mut Default::default());
    row.q[31] = F::from_u32(256);
    solve_carries(row, true);
    trace.values
}

/// A row of a false claim whose two sides differ by `2^(16 step) p`, with the carries that satisfy every step in the field.
fn wrapped(event: &MulModEvent, step: usize) -> Vec<F> {
    let number = |x: Number| BigUint::from_slice(&x.map(|x| [x as u32, (x >> 32) as u32]).concat());
    let [a, b, c, m] = event.operands.map(number);
    let left = a * b + c - (BigUint::from(F::ORDER_U32) << (16 * step));
    let dwords = |x: BigUint| core::array::from_fn(|i| (&x >> (64 * i)).iter_u64_digits().next().unwrap_or(0));
    let claim = Division { quotient: dwords(&left / &m), remainder: dwords(left % m) };
    let mut trace = RowMajorMatrix::new(F::zero_vec(MulModCols::<F>::WIDTH), MulModCols::<F>::WIDTH);
    let row = MulModCols::of_mut(&mut trace.values);
    trace::fill_row(event, claim, row, &mut Default::default());
    solve_carries(row, true);
    trace.values
}

/// What the steps of the equation hold before carries.
fn differences(row: &MulModCols<F>) -> [F; STEPS] {
    let mut steps = [F::ZERO; STEPS];
    for i in 0..32 {
        for j in 0..32 {
            let product = row.a[i] * row.b[j] - row.q[i] * row.m[j];
            steps[(i + j) / 2] += product * F::from_u32(1 << (8 * ((i + j) % 2)));
        }
    }
    let limbs = row.c.as_flattened().iter().zip(row.r.as_flattened());
    steps.iter_mut().zip(limbs).for_each(|(step, (&c, &r))| *step += c - r);
    steps
}

/// Sets the carries that satisfy every step in the field but the last, or but the first.
fn solve_carries(row: &mut MulModCols<F>, from_below: bool) {
    let steps = differences(row);
    let radix = F::from_u32(1 << 16);
    let mut carry = F::ZERO;
    for i in 0..STEPS - 1 {
        if from_below {
            carry = (carry + steps[i]) * radix.inverse();
            row.carries[i] = carry;
        } else {
            carry = carry * radix - steps[STEPS - 1 - i];
            row.carries[STEPS - 2 - i] = carry;
        }
    }
}

#[test]
fn a_wrong_result_is_rejected() {
    let false_claims = |right: Division| {
        let [r0, r1, r2, r3] = right.remainder;
        let remainders = [[r0 ^ 1, r1, r2, r3], [r0, r1 ^ 1 << 17, r2, r3], [r0, r1, r2, r3 ^ 1 << 63], right.quotient, ZERO];
        let claims = remainders.map(|remainder| Division { remainder, ..right });
        let other_quotients = [right.remainder, MAX].map(|quotient| Division { quotient, ..right });
        claims.into_iter().chain(other_quotients).filter(move |claim| *claim != right).collect::<Vec<_>>()
    };
    for event in directed() {
        let right = divide(event.operands).expect("the call is allowed");
        for claim in false_claims(right) {
            let rejected = |report: &Report| report.failures.contains_key("mulmod::equation") || out_of_range(&report.balance, CARRY_BITS);
            assert!(claimed(&event, claim, |_| ()).failures.contains_key("mulmod::equation"));
            for from_below in [true, false] {
                assert!(rejected(&claimed(&event, claim, |row| solve_carries(row, from_below))));
            }
        }
    }
}

/// Asserts that a claim of `r >= m` that satisfies the equation is rejected, wherever the row says that m and r differ.
fn assert_not_reduced(event: &MulModEvent, claim: Division) {
    let report = claimed(event, claim, |_| ());
    assert!(!report.failures.contains_key("mulmod::equation"), "the equation holds");
    for i in 0..LIMBS {
        let report = claimed(event, claim, |row| {
            row.differs = core::array::from_fn(|j| F::from_bool(i == j));
            row.excess = row.m[2 * i] + row.m[2 * i + 1] * F::from_u32(256) - row.r[i / 4][i % 4];
        });
        let rejected = report.failures.contains_key("mulmod::upper_limbs_agree") || out_of_range(&report.balance, 16);
        assert!(rejected, "limb {i}: {:?}", report.failures);
    }
}

#[test]
fn a_remainder_of_the_modulus_or_more_is_rejected() {
    let claim = |quotient: u64, remainder: Number| Division { quotient: small(quotient), remainder };
    assert_not_reduced(&call(small(5), small(7), ZERO, small(3)), claim(10, small(5)));
    assert_not_reduced(&call(small(3), small(1), ZERO, small(3)), claim(0, small(3)));
    assert_not_reduced(&call(SECP256K1_P, small(1), ZERO, SECP256K1_P), claim(0, SECP256K1_P));
    assert_not_reduced(&call(MAX, small(1), ZERO, SECP256K1_N), claim(0, MAX));
    // one that is less in lower limbs
    assert_not_reduced(&call([0, 0, 0, 5], small(1), ZERO, [7, 0, 0, 4]), claim(0, [0, 0, 0, 5]));
}

#[test]
fn a_modulus_of_zero_is_rejected() {
    assert_not_reduced(&call(small(5), small(7), small(1), ZERO), Division { quotient: ZERO, remainder: small(36) });
    assert_not_reduced(&call(ZERO, ZERO, ZERO, ZERO), Division { quotient: MAX, remainder: ZERO });
}

#[test]
fn the_mark_stands_once() {
    let event = call(small(5), small(7), ZERO, [3, 0, 0, 1]);
    let right = divide(event.operands).expect("the call is allowed");
    let report = claimed(&event, right, |row| row.differs[0] = F::ONE);
    assert!(report.failures.contains_key("mulmod::differs_once"));
    let report = claimed(&event, right, |row| row.differs = [F::ZERO; LIMBS]);
    assert!(report.failures.contains_key("mulmod::differs_once"));
    // marks that sum to one, weighted so that any excess comes out
    let report = claimed(&event, right, |row| (row.differs[12], row.differs[0]) = (F::TWO, F::NEG_ONE));
    assert!(report.failures.contains_key("mulmod::differs_boolean"));
}

#[test]
fn bytes_out_of_range_need_lookups_that_no_table_provides() {
    let event = call(small(0x1234), small(1), ZERO, small(7));
    let right = divide(event.operands).expect("the call is allowed");
    // the same limb, hence the same messages and sums, from what are not bytes
    for operand in 0..2 {
        let report = claimed(&event, right, |row| {
            let bytes = if operand == 0 { &mut row.a } else { &mut row.q };
            bytes[0] += F::from_u32(256);
            bytes[1] -= F::ONE;
        });
        assert_eq!(report.failures.len(), 0);
        assert!(with_tag(&report.balance, bus::BYTES).iter().any(|(pair, _)| pair.iter().any(|&byte| byte > 255)));
        if operand == 0 {
            assert_eq!(with_tag(&report.balance, MEMORY), with_tag(&check(&AIR, &table(&event), &[]).balance, MEMORY));
        }
    }
}

#[test]
fn limbs_out_of_range_need_lookups_that_no_table_provides() {
    let event = call([5, 7, 0, 0], small(1), ZERO, MAX);
    let right = divide(event.operands).expect("the call is allowed");
    let report = claimed(&event, right, |row| {
        row.r[0][0] += F::from_u32(1 << 16);
        row.r[0][1] -= F::ONE;
        row.carries[0] -= F::ONE;
    });
    assert_eq!(report.failures.len(), 0);
    assert!(out_of_range(&report.balance, 16));
}

#[test]
fn there_are_three_regions() {
    let event = call(small(5), small(7), ZERO, small(3));
    let right = divide(event.operands).expect("the call is allowed");
    for operand in 0..4 {
        for region in 0..5 {
            let failures = claimed(&event, right, |row| row.regions[operand] = F::from_u8(region)).failures;
            assert_eq!(failures.contains_key("mulmod::region"), region > 2);
        }
    }
}

#[test]
fn misaligned_pointers_need_lookups_that_no_table_provides() {
    let event = call(small(5), small(7), ZERO, small(3));
    let right = divide(event.operands).expect("the call is allowed");
    for pointer in 0..5 {
        for wrong in [1u32, 4, 0x1234, 0xffff] {
            let dword = F::from_u32(wrong) * F::from_u8(8).inverse();
            let report = claimed(&event, right, |row| row.dwords[pointer] = dword);
            let calls = with_tag(&report.balance, bus::MULMOD);
            assert_eq!(calls[0].0[1 + 2 * pointer], wrong);
            assert!(out_of_range(&report.balance, 13));
        }
    }
}

proptest! {
    #[test]
    fn random_reduced_calls_compute(a: Number, b: Number, c: Number, m: Number, shift in 0..256u32) {
        let m = number(&((big(m) >> shift) | BigUint::from(1u8))).expect("256 bits");
        let reduce = |x: Number| number(&(big(x) % big(m))).expect("256 bits");
        assert_call(&call(reduce(a), reduce(b), reduce(c), m));
    }

    #[test]
    fn random_calls_compute_where_allowed(a: Number, b: Number, c: Number, m: Number, shifts in any::<[u8; 4]>()) {
        let shift = |x: Number, by: u8| number(&(big(x) >> by)).expect("256 bits");
        let operands = [shift(a, shifts[0]), shift(b, shifts[1]), shift(c, shifts[2]), shift(m, shifts[3] / 2)];
        prop_assert_eq!(divide(operands), expected(operands));
        if divide(operands).is_some() {
            let [a, b, c, m] = operands;
            assert_call(&call(a, b, c, m));
        }
    }
}
