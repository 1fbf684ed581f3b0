//! Tests of both sizes: `D` is a number's dwords, `C` a row's carries.

mod forged;

use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use num_bigint::BigUint;
use p3_field::{Field, PrimeCharacteristicRing, PrimeField32};
use p3_matrix::dense::RowMajorMatrix;
use proptest::prelude::*;
use tern_field::F;

use super::trace::MulModRecord;
use super::*;
use crate::bus::{self, MEMORY, REGION_STRIDE};
use crate::events::{MulModEvent, Region, TICKS_MULMOD};
use crate::layout::Columns;
use crate::lookups::Lookups;
use crate::machine::MachineAir;
use crate::testing::gate::{File, Forgery, Table, assert_gate, attacks};
use crate::testing::{assert_beyond_the_end, assert_honest, before_the_end, with_tag};

type Number<const D: usize> = [u64; D];

const TIME: u32 = 808;
/// The field and the group of secp256k1 (SEC 2, section 2.4.1).
const SECP256K1: [Number<4>; 2] = [
    [0xffff_fffe_ffff_fc2f, u64::MAX, u64::MAX, u64::MAX],
    [0xbfd2_5e8c_d036_4141, 0xbaae_dce6_af48_a03b, 0xffff_ffff_ffff_fffe, u64::MAX],
];
/// The fields of BLS12-381 (EIP-2537) and of P-384 (SP 800-186, section 3.2.1.4).
const PRIMES_384: [Number<6>; 2] = [
    [
        0xb9fe_ffff_ffff_aaab,
        0x1eab_fffe_b153_ffff,
        0x6730_d2a0_f6b0_f624,
        0x6477_4b84_f385_12bf,
        0x4b1b_a7b6_434b_acd7,
        0x1a01_11ea_397f_e69a,
    ],
    [0xffff_ffff, 0xffff_ffff_0000_0000, 0xffff_ffff_ffff_fffe, u64::MAX, u64::MAX, u64::MAX],
];

/// The chip of numbers of so many dwords.
fn air<const D: usize>() -> MachineAir {
    if D == 4 { MachineAir::MulMod(MulModChip) } else { MachineAir::MulMod384(MulMod384Chip) }
}

/// The tag of its calls.
const fn tag<const D: usize>() -> u32 {
    if D == 4 { bus::MULMOD } else { bus::MULMOD384 }
}

/// One of its labels.
fn label<const D: usize>(claim: &str) -> String {
    format!("{}::{claim}", air::<D>().name())
}

/// The first dwords of a longer number.
fn cut<const D: usize>(dwords: &[u64]) -> Number<D> {
    core::array::from_fn(|i| dwords[i])
}

fn primes<const D: usize>() -> [Number<D>; 2] {
    if D == 4 { SECP256K1.map(|p| cut(&p)) } else { PRIMES_384.map(|p| cut(&p)) }
}

/// `low` in the lowest dword, `high` in the highest.
fn ends<const D: usize>(low: u64, high: u64) -> Number<D> {
    core::array::from_fn(|i| if i == 0 { low } else { high * u64::from(i == D - 1) })
}

fn small<const D: usize>(x: u64) -> Number<D> {
    ends(x, 0)
}

fn less_one<const D: usize>(mut x: Number<D>) -> Number<D> {
    x[0] = x[0].checked_sub(1).expect("a number whose lowest dword is not zero");
    x
}

/// All ones, but for the highest dword.
fn ones<const D: usize>(highest: u64) -> Number<D> {
    core::array::from_fn(|i| if i == D - 1 { highest } else { u64::MAX })
}

fn call<const D: usize>(a: Number<D>, b: Number<D>, c: Number<D>, m: Number<D>) -> MulModEvent<D> {
    let times = [[1, 2, 3, 4, 5, 6], [0, 800, 807, 810, 809, 3], [9; 6], [10; 6], [813, 0, 1, 2, 3, 812]];
    MulModEvent {
        time: TIME,
        ptrs: [0x8000_0000 - 8 * D as u32, 0x8000_0020, 0x2_0000, 0x1008, 0x1_fff8],
        operands: [a, b, c, m],
        dst_old: cut(&[1, u64::MAX, 2, 0x4444_3333_2222_1111, 3, 0x8888_7777_6666_5555]),
        t_mem: times.map(|times| core::array::from_fn(|i| times[i])),
        regions: [Region::ReadOnly, Region::Text, Region::ReadWrite, Region::ReadWrite],
    }
}

fn directed<const D: usize>() -> Vec<MulModEvent<D>> {
    let (zero, max) = ([0; D], [u64::MAX; D]);
    let half = core::array::from_fn(|i| if i < D / 2 { u64::MAX } else { 0 });
    let second_highest = core::array::from_fn(|i| u64::from(i == D - 2));
    let [p, n] = primes();
    vec![
        call(zero, zero, zero, small(1)),
        // quotients at their limit
        call(max, small(1), zero, small(1)),
        call(half, half, half, small(1)),
        call(max, max, zero, max),
        call(max, max, less_one(max), max),
        call(max, less_one(max), max, max),
        call(max, small(2), small(1), small(2)),
        // quotients of zero
        call(zero, max, less_one(max), max),
        call(small(1), less_one(max), zero, max),
        call(zero, zero, max, ends(0, 1 << 63)),
        // operands at their limits below the modulus
        call(less_one(p), less_one(p), less_one(p), p),
        call(less_one(n), less_one(n), less_one(n), n),
        call(n, p, zero, p),
        call(p, small(1), zero, p),
        call(max, ends(0, 1 << 63), zero, ends(0, 1 << 63)),
        // a remainder that differs from the modulus only in the lowest or only in the highest limb
        call(zero, zero, less_one(p), p),
        call(zero, zero, ones(u64::MAX >> 1), max),
        call(ends(0, 1), second_highest, zero, core::array::from_fn(|i| u64::from(i >= D - 2))),
        // moduli that reach just into the highest dword
        call(max, ones(0), max, ends(0, 1)),
        call(max, ones(0), max, ones(1)),
    ]
}

fn table<const D: usize>(events: &[MulModEvent<D>], height: usize, lookups: &mut Lookups) -> RowMajorMatrix<F> {
    fn of<const D: usize, const C: usize>(events: &[MulModEvent<D>], height: usize, lookups: &mut Lookups) -> RowMajorMatrix<F> {
        let width = <MulModCols<F, D, C> as Columns<F>>::WIDTH;
        let row = |event: &MulModEvent<D>| row::<D, C>(event, divide(event.operands).unwrap_or(Division::ZERO), lookups);
        let mut values: Vec<F> = events.iter().flat_map(row).collect();
        values.resize(width * height, F::ZERO);
        RowMajorMatrix::new(values, width)
    }
    match D {
        4 => of::<D, 31>(events, height, lookups),
        _ => of::<D, 47>(events, height, lookups),
    }
}

/// The row of a claim.
fn row<const D: usize, const C: usize>(event: &MulModEvent<D>, claim: Division<D>, lookups: &mut Lookups) -> Vec<F> {
    let numbers = trace::row(&MulModRecord::<u32, D, C>::new(event, claim), lookups);
    numbers.as_row().iter().map(|&number| F::from_u32(number)).collect()
}

/// The row of a claim, changed by `prank`.
fn claim_row<const D: usize, const C: usize>(
    event: &MulModEvent<D>,
    claim: Division<D>,
    prank: impl FnOnce(&mut MulModCols<F, D, C>),
) -> Vec<F> {
    let mut values = row::<D, C>(event, claim, &mut Default::default());
    prank(MulModCols::of_mut(&mut values));
    values
}

fn big(x: &[u64]) -> BigUint {
    BigUint::from_slice(&x.iter().flat_map(|&x| [x as u32, (x >> 32) as u32]).collect::<Vec<_>>())
}

fn number<const D: usize>(x: &BigUint) -> Option<Number<D>> {
    let mut digits = x.to_u64_digits();
    digits.resize(D.max(digits.len()), 0);
    digits.try_into().ok()
}

/// What the call should compute, by another library.
fn expected<const D: usize>([a, b, c, m]: [Number<D>; 4]) -> Option<Division<D>> {
    let numerator = big(&a) * big(&b) + big(&c);
    let m = big(&m);
    (m != BigUint::ZERO).then_some(())?;
    Some(Division { quotient: number(&(&numerator / &m))?, remainder: number(&(&numerator % &m))? })
}

/// Asserts that the row satisfies all constraints, and reads and writes what the call should.
fn assert_call<const D: usize>(event: &MulModEvent<D>) {
    let division = expected(event.operands).expect("the call is allowed");
    let balance = assert_honest(&air::<D>(), |height, lookups| table(core::slice::from_ref(event), height, lookups), 2);
    let mut cells = Vec::new();
    let [dst, sources @ ..] = event.ptrs;
    let cell = |ptr: u32, region: Region, i: usize, x: u64, time: u32| {
        let limb = |j: u32| u32::from((x >> (16 * j)) as u16);
        vec![ptr / 8 + i as u32 + region as u32 * REGION_STRIDE, limb(0), limb(1), limb(2), limb(3), time]
    };
    for i in 0..D {
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
    assert_eq!(with_tag(&balance, tag::<D>()), [(core::iter::once(TIME).chain(pointers).collect(), -1)]);
}

#[test]
fn directed_calls_compute() {
    fn of<const D: usize>() {
        directed::<D>().iter().for_each(assert_call);
        assert_honest(&air::<D>(), |height, lookups| table(&directed::<D>(), height, lookups), 32);
    }
    of::<4>();
    of::<6>();
}

#[test]
fn rows_are_as_wide_as_they_say() {
    let sizes = [air::<4>(), air::<6>()].map(|air| p3_air::BaseAir::width(&air));
    assert_eq!(sizes, [260, 382]);
    assert_eq!([fill(&[], 1, &mut Default::default()).width, fill_384(&[], 1, &mut Default::default()).width], sizes);
}

#[test]
fn calls_out_of_bounds_are_not_divided() {
    fn of<const D: usize>() {
        let (zero, max) = ([0; D], [u64::MAX; D]);
        for operands in [
            [zero, zero, zero, zero],
            [max, max, max, zero],
            // quotients of exactly 2^256 or 2^384
            [max, max, max, max],
            [max, small(1), small(1), small(1)],
            [ends(0, 1 << 63), ends(0, 2), zero, ends(0, 1)],
            [max, max, max, small(1)],
        ] {
            assert_eq!(divide(operands), None);
            assert_eq!(expected(operands), None);
        }
    }
    of::<4>();
    of::<6>();
}

#[test]
fn operands_may_alias() {
    fn of<const D: usize>() {
        // all five at one place: dwords go from the first read's old value to the last write
        let x = cut::<D>(&[3, 5, 7, 11, 13, 17]);
        let mut event = call(x, x, x, x);
        event.ptrs = [0x1000; 5];
        event.regions = [Region::ReadWrite; 4];
        event.dst_old = x;
        event.t_mem = [event.t_mem[0], [TIME + 2; D], [TIME + 3; D], [TIME + 4; D], [TIME + 5; D]];
        let balance = assert_honest(&air::<D>(), |height, lookups| table(&[event], height, lookups), 2);
        let cells = with_tag(&balance, MEMORY);
        let zero = (0..D as u32).map(|i| (vec![0x200 + i, 0, 0, 0, 0, TIME + 6], 1));
        let before = (0..D as u32).map(|i| (vec![0x200 + i, x[i as usize] as u32, 0, 0, 0, 1 + i], -1));
        let mut net: Vec<_> = zero.chain(before).collect();
        net.sort();
        assert_eq!(cells, net);
    }
    of::<4>();
    of::<6>();
}

/// What would have the keys of the next region, or of registers, has none in memory, or something
/// before it has none.
#[test]
fn operands_beyond_the_end_have_no_cells() {
    fn of<const D: usize>() {
        let balance = |place: usize, below, source: Option<(usize, Region)>| {
            let mut event = directed::<D>()[0];
            (event.ptrs, event.regions) = ([0x1000, 0x2000, 0x3000, 0x4000, 0x5000], [Region::ReadWrite; 4]);
            event.ptrs[place] = before_the_end(below);
            if let Some((operand, region)) = source {
                event.regions[operand] = region;
            }
            assert_honest(&air::<D>(), |height, lookups| table(&[event], height, lookups), 2)
        };
        for below in 1..=D {
            for region in [Region::ReadWrite, Region::ReadOnly, Region::Text] {
                for operand in 0..4 {
                    assert_beyond_the_end(&balance(operand + 1, below, Some((operand, region))), region, D, below);
                }
            }
            assert_beyond_the_end(&balance(0, below, None), Region::ReadWrite, D, below);
        }
    }
    of::<4>();
    of::<6>();
}

#[test]
fn padding_is_silent() {
    assert!(assert_honest(&air::<4>(), |height, lookups| fill(&[], height, lookups), 4).is_empty());
    assert!(assert_honest(&air::<6>(), |height, lookups| fill_384(&[], height, lookups), 4).is_empty());
}

#[test]
fn the_gate_holds() {
    gate::<4, 31>(attacks!());
    gate::<6, 47>(attacks!("attacks384.txt"));
}

fn gate<const D: usize, const C: usize>(attacks: File) {
    let limbs = 4 * D;
    let mut events = vec![call([u64::MAX; D], [u64::MAX; D], [0; D], [u64::MAX; D])];
    events.extend(directed().into_iter().skip(9).take(2));
    // Remainders that differ from the modulus in the lowest limb and in one other.
    events.extend((1..limbs).map(|limb| {
        let mut modulus = small(1);
        modulus[limb / 4] += 1 << (16 * (limb % 4));
        call([0; D], [0; D], [0; D], modulus)
    }));
    let trace = table(&events, 32, &mut Default::default());
    let table = Table::new(&air::<D>(), &trace, &[], 0..=events.len());
    let name = |claim: String| label::<D>(&claim);
    let forgeries = (0..C).map(|step| Forgery {
        weakness: Some(name(format!("carry_range[{step}]!"))),
        table: 0,
        row: 0,
        forged: wrapped::<D, C>(step),
    });
    let long = Forgery { weakness: Some(name(format!("q_bytes[{}]+1", 4 * D - 1))), table: 0, row: 0, forged: long_quotient::<D, C>() };
    // A carry of one bit more is below `3 * 2^14` where numbers have six dwords: 2^16 times that
    // may be `p` and whatever else a step has.
    let slack =
        "a carry of one bit more is below `3 * 2^13`, and `p` is beyond 2^16 times that and what a step of at most 24 products has besides";
    let products = |step: usize| (2 * step + 2).min(16 * D - 2 * step - 2);
    let steps = (0..C).filter(|&step| D == 4 && products(step) <= 24);
    let exceptions: Vec<_> = steps.map(|step| (name(format!("carry_range[{step}]+0")), slack)).collect();
    let others = [
        (
            name(format!("upper_limbs_agree[{}]", limbs - 1)),
            "`differs_once` makes its factor zero: below the lowest limb nothing is left to agree",
        ),
        (name("remainder_below_modulus+0".into()), "both limbs are below 2^16, so their difference is too, or negative"),
        (name(format!("r_range[{}]+0", limbs - 1)), "the highest limb is the modulus's, or less than it by a difference below 2^16"),
    ];
    let exceptions: Vec<_> = exceptions.iter().chain(&others).map(|(name, reason)| (name.as_str(), *reason)).collect();
    assert_gate(&air::<D>(), &[table], &attacks.and(forgeries.chain([long])), &exceptions);
}

/// A row of a call whose quotient is `2^256` or `2^384`, which the machine does not compute.
fn long_quotient<const D: usize, const C: usize>() -> Vec<F> {
    claim_row::<D, C>(&call([u64::MAX; D], small(1), small(1), small(1)), Division::ZERO, |row| {
        row.q[D - 1][7] = F::from_u32(256);
        solve_carries(row, true);
    })
}

/// A row of a false claim whose two sides differ by `2^(16 step) p`, with the carries that satisfy
/// every step in the field.
///
/// All digits on the right are as large as they can be, and on the left small, so that the carry
/// that makes up for `p` is small too.
fn wrapped<const D: usize, const C: usize>(step: usize) -> Vec<F> {
    let (quotient, modulus) = (ones(u64::MAX >> 1), [u64::MAX; D]);
    let left = big(&quotient) * big(&modulus) - (BigUint::from(F::ORDER_U32) << (16 * step));
    let a = ends(0, 0xff << 56);
    let [b, c] = [&left / big(&a), &left % big(&a)].map(|x| number(&x).expect("a number of the size"));
    let claim = Division { quotient, remainder: [0; D] };
    claim_row::<D, C>(&call(a, b, c, modulus), claim, |row| solve_carries(row, true))
}

/// What the steps of the equation hold before carries.
fn differences<const D: usize, const C: usize>(row: &MulModCols<F, D, C>) -> Vec<F> {
    let mut steps = F::zero_vec(C + 1);
    let [a, b, q, m] = [row.a, row.b, row.q, row.m].map(|number| number.as_flattened().to_vec());
    for i in 0..8 * D {
        for j in 0..8 * D {
            let product = a[i] * b[j] - q[i] * m[j];
            steps[(i + j) / 2] += product * F::from_u32(1 << (8 * ((i + j) % 2)));
        }
    }
    let limbs = row.c.as_flattened().iter().zip(row.r.as_flattened());
    steps.iter_mut().zip(limbs).for_each(|(step, (&c, &r))| *step += c - r);
    steps
}

/// Sets the carries that satisfy every step in the field but the last, or but the first.
fn solve_carries<const D: usize, const C: usize>(row: &mut MulModCols<F, D, C>, from_below: bool) {
    let steps = differences(row);
    let radix = F::from_u32(1 << 16);
    let mut carry = F::ZERO;
    for i in 0..C {
        if from_below {
            carry = (carry + steps[i]) * radix.inverse();
            row.carries[i] = carry;
        } else {
            carry = carry * radix - steps[C - i];
            row.carries[C - 1 - i] = carry;
        }
    }
}

proptest! {
    #[test]
    fn random_reduced_calls_compute(numbers: [[u64; 6]; 4], shift in 0..384u32) {
        fn of<const D: usize>(numbers: [Number<D>; 4], shift: u32) {
            let [a, b, c, m] = numbers.map(|x| big(&x));
            let m = (m >> (shift % (64 * D as u32))) | BigUint::from(1u8);
            let [a, b, c] = [a, b, c].map(|x| number::<D>(&(x % &m)).expect("a number below m"));
            assert_call(&call(a, b, c, number(&m).expect("a number of the size")));
        }
        of::<4>(numbers.map(|x| cut(&x)), shift);
        of::<6>(numbers.map(|x| cut(&x)), shift);
    }

    #[test]
    fn random_calls_compute_where_allowed(numbers: [[u64; 6]; 4], shifts: [u8; 4]) {
        fn of<const D: usize>(numbers: [Number<D>; 4], [by_a, by_b, by_c, by_m]: [u8; 4]) {
            let mut shifts = [by_a, by_b, by_c, by_m / 2].into_iter();
            let operands = numbers.map(|x| number::<D>(&(big(&x) >> shifts.next().expect("a shift"))).expect("a number of the size"));
            assert_eq!(divide(operands), expected(operands));
            if divide(operands).is_some() {
                let [a, b, c, m] = operands;
                assert_call(&call(a, b, c, m));
            }
        }
        of::<4>(numbers.map(|x| cut(&x)), shifts);
        of::<6>(numbers.map(|x| cut(&x)), shifts);
    }
}
