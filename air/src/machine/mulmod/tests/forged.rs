//! Rows of false claims.

use alloc::vec::Vec;

use p3_field::{Field, PrimeCharacteristicRing};
use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;

use super::{Number, air, call, claim_row, cut, directed, ends, label, primes, small, solve_carries, table, tag};
use crate::bus::{self, BITS, MEMORY};
use crate::check::{Balance, Report, check};
use crate::events::MulModEvent;
use crate::machine::mulmod::constraints::carry_bits;
use crate::machine::mulmod::{Division, MulModCols, divide};
use crate::testing::with_tag;

/// Checks the row of a false claim.
fn claimed<const D: usize, const C: usize>(
    event: &MulModEvent<D>,
    claim: Division<D>,
    prank: impl FnOnce(&mut MulModCols<F, D, C>),
) -> Report {
    let mut values = claim_row(event, claim, prank);
    let width = values.len();
    values.resize(2 * width, F::ZERO);
    check(&air::<D>(), &RowMajorMatrix::new(values, width), &[])
}

/// Whether a row looks up a value that the bits table does not provide.
fn out_of_range(balance: &Balance, bits: u32) -> bool {
    with_tag(balance, BITS).iter().any(|(lookup, _)| lookup[0] == bits && lookup[1] >= 1 << bits)
}

#[test]
fn a_wrong_result_is_rejected() {
    fn of<const D: usize, const C: usize>() {
        let false_claims = |right: Division<D>| {
            let flipped = [(0, 1), (1, 1 << 17), (D - 1, 1 << 63)].map(|(dword, bits)| {
                let mut remainder = right.remainder;
                remainder[dword] ^= bits;
                remainder
            });
            let remainders = flipped.into_iter().chain([right.quotient, [0; D]]);
            let claims = remainders.map(move |remainder| Division { remainder, ..right });
            let other_quotients = [right.remainder, [u64::MAX; D]].map(|quotient| Division { quotient, ..right });
            claims.chain(other_quotients).filter(move |claim| *claim != right).collect::<Vec<_>>()
        };
        let equation = label::<D>("equation");
        for event in directed::<D>() {
            let right = divide(event.operands).expect("the call is allowed");
            for claim in false_claims(right) {
                let fails = |report: &Report| report.failures.contains_key(equation.as_str());
                let rejected = |report: &Report| fails(report) || out_of_range(&report.balance, carry_bits(D));
                assert!(fails(&claimed::<D, C>(&event, claim, |_| ())));
                for from_below in [true, false] {
                    assert!(rejected(&claimed::<D, C>(&event, claim, |row| solve_carries(row, from_below))));
                }
            }
        }
    }
    of::<4, 31>();
    of::<6, 47>();
}

/// Asserts that a claim of `r >= m` that satisfies the equation is rejected, wherever the row says
/// that m and r differ.
fn assert_not_reduced<const D: usize, const C: usize>(event: &MulModEvent<D>, claim: Division<D>) {
    let (equation, agree) = (label::<D>("equation"), label::<D>("upper_limbs_agree"));
    let report = claimed::<D, C>(event, claim, |_| ());
    assert!(!report.failures.contains_key(equation.as_str()), "the equation holds");
    for limb in 0..4 * D {
        let (i, j) = (limb / 4, limb % 4);
        let report = claimed::<D, C>(event, claim, |row| {
            row.differs = [[F::ZERO; 4]; D];
            row.differs[i][j] = F::ONE;
            row.excess = row.m[i][2 * j] + row.m[i][2 * j + 1] * F::from_u32(256) - row.r[i][j];
        });
        let rejected = report.failures.contains_key(agree.as_str()) || out_of_range(&report.balance, 16);
        assert!(rejected, "limb {limb}: {:?}", report.failures);
    }
}

#[test]
fn a_remainder_of_the_modulus_or_more_is_rejected() {
    fn of<const D: usize, const C: usize>() {
        let claim = |quotient: u64, remainder: Number<D>| Division { quotient: small(quotient), remainder };
        let zero = [0; D];
        let [p, n] = primes();
        assert_not_reduced::<D, C>(&call(small(5), small(7), zero, small(3)), claim(10, small(5)));
        assert_not_reduced::<D, C>(&call(small(3), small(1), zero, small(3)), claim(0, small(3)));
        assert_not_reduced::<D, C>(&call(p, small(1), zero, p), claim(0, p));
        assert_not_reduced::<D, C>(&call([u64::MAX; D], small(1), zero, n), claim(0, [u64::MAX; D]));
        // one that is less in lower limbs
        assert_not_reduced::<D, C>(&call(ends(0, 5), small(1), zero, ends(7, 4)), claim(0, ends(0, 5)));
    }
    of::<4, 31>();
    of::<6, 47>();
}

#[test]
fn a_modulus_of_zero_is_rejected() {
    fn of<const D: usize, const C: usize>() {
        let zero = [0; D];
        assert_not_reduced::<D, C>(&call(small(5), small(7), small(1), zero), Division { quotient: zero, remainder: small(36) });
        assert_not_reduced::<D, C>(&call(zero, zero, zero, zero), Division { quotient: [u64::MAX; D], remainder: zero });
    }
    of::<4, 31>();
    of::<6, 47>();
}

#[test]
fn the_mark_stands_once() {
    fn of<const D: usize, const C: usize>() {
        let event = call(small(5), small(7), [0; D], ends(3, 1));
        let right = divide(event.operands).expect("the call is allowed");
        let fails = |claim: &str, prank: fn(&mut MulModCols<F, D, C>)| {
            assert!(claimed(&event, right, prank).failures.contains_key(label::<D>(claim).as_str()), "{claim}");
        };
        fails("differs_once", |row| row.differs[0][0] = F::ONE);
        fails("differs_once", |row| row.differs = [[F::ZERO; 4]; D]);
        // marks that sum to one, weighted so that any excess comes out
        fails("differs_boolean", |row| (row.differs[D - 1][0], row.differs[0][0]) = (F::TWO, F::NEG_ONE));
    }
    of::<4, 31>();
    of::<6, 47>();
}

#[test]
fn bytes_out_of_range_need_lookups_that_no_table_provides() {
    fn of<const D: usize, const C: usize>() {
        let event = call(small(0x1234), small(1), [0; D], small(7));
        let right = divide(event.operands).expect("the call is allowed");
        // the same limb, hence the same messages and sums, from what are not bytes
        for operand in 0..2 {
            let report = claimed::<D, C>(&event, right, |row| {
                let [byte, next, ..] = if operand == 0 { &mut row.a[0] } else { &mut row.q[0] };
                *byte += F::from_u32(256);
                *next -= F::ONE;
            });
            assert_eq!(report.failures.len(), 0);
            assert!(with_tag(&report.balance, bus::BYTES).iter().any(|(pair, _)| pair.iter().any(|&byte| byte > 255)));
            if operand == 0 {
                let honest = check(&air::<D>(), &table(&[event], 2, &mut Default::default()), &[]).balance;
                assert_eq!(with_tag(&report.balance, MEMORY), with_tag(&honest, MEMORY));
            }
        }
    }
    of::<4, 31>();
    of::<6, 47>();
}

#[test]
fn limbs_out_of_range_need_lookups_that_no_table_provides() {
    fn of<const D: usize, const C: usize>() {
        let event = call(cut(&[5, 7, 0, 0, 0, 0]), small(1), [0; D], [u64::MAX; D]);
        let right = divide(event.operands).expect("the call is allowed");
        let report = claimed::<D, C>(&event, right, |row| {
            row.r[0][0] += F::from_u32(1 << 16);
            row.r[0][1] -= F::ONE;
            row.carries[0] -= F::ONE;
        });
        assert_eq!(report.failures.len(), 0);
        assert!(out_of_range(&report.balance, 16));
    }
    of::<4, 31>();
    of::<6, 47>();
}

#[test]
fn there_are_three_regions() {
    fn of<const D: usize, const C: usize>() {
        let event = call(small(5), small(7), [0; D], small(3));
        let right = divide(event.operands).expect("the call is allowed");
        for operand in 0..4 {
            for region in 0..5 {
                let failures = claimed::<D, C>(&event, right, |row| row.regions[operand] = F::from_u8(region)).failures;
                assert_eq!(failures.contains_key(label::<D>("region").as_str()), region > 2);
            }
        }
    }
    of::<4, 31>();
    of::<6, 47>();
}

#[test]
fn misaligned_pointers_need_lookups_that_no_table_provides() {
    fn of<const D: usize, const C: usize>() {
        let event = call(small(5), small(7), [0; D], small(3));
        let right = divide(event.operands).expect("the call is allowed");
        for pointer in 0..5 {
            for wrong in [1u32, 4, 0x1234, 0xffff] {
                let dword = F::from_u32(wrong) * F::from_u8(8).inverse();
                let report = claimed::<D, C>(&event, right, |row| row.dwords[pointer] = dword);
                let calls = with_tag(&report.balance, tag::<D>());
                assert_eq!(calls[0].0[1 + 2 * pointer], wrong);
                assert!(out_of_range(&report.balance, 13));
            }
        }
    }
    of::<4, 31>();
    of::<6, 47>();
}
