//! Weak builders: each is found, by the check that is there for it.

use tern_air::recursion::NODE_SHAPE;
use tern_fri::Params;
use tern_fri::params::RECURSION_V1;
use tern_verifier::ops::Ops;
use tern_vm::recursion::Half;

use super::programs::Program;
use super::{Check, Recorded, Report, analyse};
use crate::weak::{Assertion, Op, Weak, Weakness};

/// Few queries: one is as good as thirty.
const FEW_QUERIES: Params = Params { name: "test-determined", num_queries: 2, cap_height: 2, ..RECURSION_V1 };

/// Wraps a child.
pub const WRAP: Program = Program::Wrap(&FEW_QUERIES, NODE_SHAPE);
const JOIN: Program = Program::Join(2, &FEW_QUERIES, NODE_SHAPE);
/// Bits of a query's index in these.
const INDEX_BITS: usize = 18 + RECURSION_V1.log_blowup;

/// A builder's fault, a program that it shows in, and the check that finds it.
type Case = (Weakness, Program, Check);

/// Faults of operations: results, bits and quotients that no row ties to what they should be.
pub const UNTIED: [Weakness; 29] = {
    use Weakness::{Free, FreeIndexBits, FreeWorkBits, HashesOtherFirst, HashesOtherLast, HashesOtherRow, OtherBit};
    [
        Free(Op::Constant),
        Free(Op::ConstantDigest),
        Free(Op::Add),
        Free(Op::Sub),
        Free(Op::Mul),
        Free(Op::MulAdd),
        Free(Op::SubMul),
        Free(Op::Div),
        Free(Op::Select),
        Free(Op::BitValue),
        Free(Op::Node),
        Free(Op::Pair),
        Free(Op::Entry),
        Free(Op::Cap),
        Free(Op::Hash),
        Free(Op::HashRow),
        Free(Op::Squeeze),
        Free(Op::Limbs),
        Free(Op::WordElement),
        Free(Op::WeightedSum),
        FreeIndexBits(INDEX_BITS),
        FreeWorkBits(INDEX_BITS),
        OtherBit(Op::Select),
        OtherBit(Op::BitValue),
        OtherBit(Op::Node),
        OtherBit(Op::Entry),
        HashesOtherFirst,
        HashesOtherLast,
        HashesOtherRow,
    ]
};

fn cases() -> Vec<Case> {
    use Assertion::{Constraints, Counter, FoldedValue, Halted, KeyList, LastPolynomial, Path, Program as Key, Root, Terminals, Work};
    use Weakness::{AssertedOfAnything, FreeWorkBits, HashesOtherLast, QuotientOfZero, Unasserted, UnassertedBits};
    // Work bits are asserted to be zero: that row would be what determines them.
    let check = |weakness| if matches!(weakness, FreeWorkBits(_)) { Check::Asserted } else { Check::Determined };
    let mut cases: Vec<Case> = UNTIED.iter().map(|weakness| (*weakness, WRAP, check(*weakness))).collect();
    cases.push((QuotientOfZero, WRAP, Check::Determined));
    // The witness of a proof of work that is not hashed need not be a base element.
    cases.push((HashesOtherLast, WRAP, Check::Canonical));
    cases.push((UnassertedBits, WRAP, Check::Asserted));
    for about in [Work, Terminals, Constraints, FoldedValue, LastPolynomial] {
        cases.push((Unasserted(about), WRAP, Check::Asserted));
        cases.push((AssertedOfAnything(about), WRAP, Check::Asserted));
    }
    for about in [Path, KeyList] {
        cases.push((Unasserted(about), WRAP, Check::Bound));
        cases.push((AssertedOfAnything(about), WRAP, Check::Bound));
    }
    for about in [Key, Counter, Root] {
        cases.push((Unasserted(about), JOIN, Check::Bound));
        cases.push((AssertedOfAnything(about), JOIN, Check::Bound));
    }
    cases.push((Unasserted(Halted), JOIN, Check::Bound));
    cases.push((AssertedOfAnything(Halted), JOIN, Check::Bound));
    cases
}

/// The check is among those that fail.
#[track_caller]
fn assert_found(what: &str, report: &Report, by: Check) {
    println!("{what}: {:?}; {}", report.failed(), report.summary());
    assert!(report.failed().contains(&by), "{what}: {by:?} finds nothing");
}

#[test]
fn the_small_programs_are_determined() {
    for program in [WRAP, JOIN] {
        let report = analyse(&program.circuit(None));
        assert!(report.failed().is_empty(), "{program:?}: {}", report.summary());
    }
}

#[test]
fn weak_builders_are_found() {
    let cases = cases();
    for (weakness, program, by) in &cases {
        assert_found(&format!("{weakness:?}"), &analyse(&program.circuit(Some(*weakness))), *by);
    }
    println!("{} weak builders", cases.len());
}

/// What is published is another digest than the statement's.
#[test]
fn weak_statements_are_found() {
    let cases: [(&str, fn(&mut Weak, Half) -> Half, Check); 2] = [
        ("publishes a digest of the prover's choice", |weak, digest| weak.free_digest(digest.value()), Check::Determined),
        ("publishes a constant", |weak, _| weak.constant_digest([0; 32]), Check::Bound),
    ];
    for (what, published, by) in cases {
        let (run, inputs, asserted) = WRAP.record_with(None, published);
        let tables = run.fixed(&run.counts().smallest_shape()).expect("the smallest shape fits");
        assert_found(what, &analyse(&Recorded { tables, inputs, asserted }), by);
    }
}
