//! Weak builders: each is found, by the check that is there for it.

use tern_fri::multilinear::Params;
use tern_fri::multilinear::params::{RECURSION_V2, SEGMENT_V2};
use tern_verifier::final_proof::Circuits;
use tern_verifier::multilinear::programs::NodeShape;
use tern_verifier::ops::Ops;
use tern_vm::recursion::Half;

use super::programs::{Program, TOY_HEIGHTS};
use super::{Check, Recorded, Report, analyse};
use crate::multilinear::toys::{Case, TOY};
use crate::weak::{Assertion, Op, Weak, Weakness};

/// Few queries: one is as good as a hundred.
const FEW_QUERIES: Params = Params { name: "test-determined", num_queries: 2, cap_height: 2, ..RECURSION_V2 };

/// The same of segments.
const FEW_QUERIES_OF_SEGMENTS: Params = Params { name: "test-determined-segment", num_queries: 2, cap_height: 2, ..SEGMENT_V2 };

fn shape() -> NodeShape {
    Circuits::recorded().expect("a record").node
}

/// Wraps a child.
pub fn wrap() -> Program {
    Program::Wrap(&FEW_QUERIES, shape())
}

fn join() -> Program {
    Program::Join(2, &FEW_QUERIES, shape())
}

fn lift(has_calls: bool) -> Program {
    Program::Lift { params: &FEW_QUERIES_OF_SEGMENTS, log_rows: 13, has_calls: vec![has_calls] }
}

/// Bits of a query's position in the proof about toys.
const INDEX_BITS: usize = 13;

/// Faults of operations: results, bits and quotients that no row ties to what they should be.
pub const UNTIED: [(Weakness, Check); 29] = {
    use Check::{Asserted, Canonical, Determined};
    use Weakness::{
        Free, FreeIndexBits, FreeWorkBits, HashesOtherFirst, HashesOtherLast, HashesOtherRow, OtherBit, QuotientOfZero, SumsOtherRow,
    };
    [
        (Free(Op::Constant), Determined),
        (Free(Op::ConstantDigest), Determined),
        (Free(Op::Add), Determined),
        (Free(Op::Sub), Determined),
        (Free(Op::Mul), Determined),
        (Free(Op::MulAdd), Determined),
        (Free(Op::SubMul), Determined),
        (Free(Op::Select), Determined),
        (Free(Op::Node), Determined),
        (Free(Op::Entry), Determined),
        (Free(Op::Cap), Determined),
        (Free(Op::Hash), Determined),
        (Free(Op::HashRow), Determined),
        (Free(Op::Limbs), Determined),
        (Free(Op::KeyedHash), Determined),
        // What a free sum is, the comparison with a folded word's value says.
        (Free(Op::Dot), Asserted),
        (Free(Op::Bits), Determined),
        // The bits of a proof of work are asserted to be zero.
        (Free(Op::BitValue), Asserted),
        (FreeWorkBits(INDEX_BITS), Asserted),
        (FreeIndexBits(INDEX_BITS), Determined),
        (OtherBit(Op::Select), Determined),
        (OtherBit(Op::BitValue), Determined),
        (OtherBit(Op::Node), Determined),
        (OtherBit(Op::Entry), Determined),
        (HashesOtherFirst, Determined),
        // The witness of a proof of work need not be a base element.
        (HashesOtherLast, Canonical),
        (HashesOtherRow, Determined),
        (SumsOtherRow, Determined),
        (QuotientOfZero, Determined),
    ]
};

/// Faults of what the verifier of proofs asserts.
pub const UNASSERTED: [(Weakness, Check); 20] = {
    use Assertion::{Combination, Constraints, FoldedValue, Heights, LastPolynomial, Layers, Path, Skip, WeightedSum, Work};
    use Check::{Asserted, Bound, Determined};
    use Weakness::{AssertedOfAnything, Unasserted};
    [
        (Unasserted(Work), Asserted),
        (Unasserted(Layers), Asserted),
        (Unasserted(Skip), Asserted),
        (Unasserted(Constraints), Asserted),
        (Unasserted(WeightedSum), Asserted),
        (Unasserted(Path), Bound),
        (Unasserted(Combination), Asserted),
        (Unasserted(FoldedValue), Asserted),
        (Unasserted(LastPolynomial), Asserted),
        (Unasserted(Heights), Determined),
        (AssertedOfAnything(Work), Asserted),
        (AssertedOfAnything(Layers), Asserted),
        (AssertedOfAnything(Skip), Asserted),
        (AssertedOfAnything(Constraints), Asserted),
        (AssertedOfAnything(WeightedSum), Asserted),
        (AssertedOfAnything(Path), Bound),
        (AssertedOfAnything(Combination), Asserted),
        (AssertedOfAnything(FoldedValue), Asserted),
        (AssertedOfAnything(LastPolynomial), Asserted),
        (AssertedOfAnything(Heights), Determined),
    ]
};

/// Faults of what the programs assert about a child, and of both that are joined.
const UNLISTED: [(Weakness, Check); 3] = {
    use Assertion::KeyList;
    use Weakness::{AssertedOfAnything, Unasserted, UnassertedBits};
    [
        // Positions are the prover's choice.
        (UnassertedBits, Check::Asserted),
        (Unasserted(KeyList), Check::Bound),
        (AssertedOfAnything(KeyList), Check::Bound),
    ]
};
const UNCHAINED: [(Weakness, Check); 10] = {
    use Assertion::{Counter, Halted, KeyList, Program as Key, Root};
    use Check::Bound;
    use Weakness::{AssertedOfAnything, Unasserted};
    [
        (Unasserted(KeyList), Bound),
        (Unasserted(Key), Bound),
        (Unasserted(Counter), Bound),
        (Unasserted(Root), Bound),
        (Unasserted(Halted), Bound),
        (AssertedOfAnything(KeyList), Bound),
        (AssertedOfAnything(Key), Bound),
        (AssertedOfAnything(Counter), Bound),
        (AssertedOfAnything(Root), Bound),
        (AssertedOfAnything(Halted), Bound),
    ]
};

/// Faults of what is asserted about calls of Keccak, where there are any.
const OF_CALLS: [(Weakness, Check); 4] = {
    use Assertion::{Calls, Keccak};
    use Check::{Asserted, Determined};
    use Weakness::{AssertedOfAnything, Unasserted};
    [
        (Unasserted(Keccak), Asserted),
        (AssertedOfAnything(Keccak), Asserted),
        // The bits of their number.
        (Unasserted(Calls), Determined),
        (AssertedOfAnything(Calls), Determined),
    ]
};

/// The same where there are none.
const OF_NO_CALLS: [(Weakness, Check); 2] = {
    use Assertion::Calls;
    use Weakness::{AssertedOfAnything, Unasserted};
    [(Unasserted(Calls), Check::Asserted), (AssertedOfAnything(Calls), Check::Asserted)]
};

/// The check is among those that fail.
#[track_caller]
fn assert_found(what: &str, report: &Report, by: Check) {
    println!("{what}: {:?}; {}", report.failed(), report.summary());
    assert!(report.failed().contains(&by), "{what}: {by:?} finds nothing");
}

#[test]
fn the_small_programs_are_determined() {
    for program in [wrap(), join(), lift(false), lift(true), Program::Toys] {
        let report = analyse(&program.circuit(None));
        assert!(report.failed().is_empty(), "{program:?}: {}", report.summary());
    }
}

/// Finds weak builders of a program's circuit.
fn find(program: &Program, weak: &[(Weakness, Check)]) {
    for (weakness, by) in weak {
        assert_found(&format!("{weakness:?}"), &analyse(&program.circuit(Some(*weakness))), *by);
    }
}

#[test]
fn weak_builders_are_found() {
    assert_eq!(Case::of_heights(&TOY, &TOY_HEIGHTS).opening.shape().log_domain(), INDEX_BITS);
    find(&Program::Toys, &UNTIED);
    find(&Program::Toys, &UNASSERTED);
}

#[test]
fn weak_builders_of_programs_are_found() {
    find(&wrap(), &UNLISTED);
    find(&join(), &UNCHAINED);
    find(&lift(true), &OF_CALLS);
    find(&lift(false), &OF_NO_CALLS);
}

/// What a circuit makes public instead of its statement's digest.
type Published = fn(&mut Weak, Half) -> Half;

const PUBLISHED: [(&str, Published, Check); 2] = [
    ("a digest of the prover's choice", |weak, digest| weak.free_digest(digest.value()), Check::Determined),
    ("a constant", |weak, _| weak.constant_digest([0; 32]), Check::Bound),
];

#[test]
fn weak_statements_are_found() {
    for program in [wrap(), lift(false)] {
        for (what, published, by) in PUBLISHED {
            let (run, inputs, asserted) = program.record_with(None, published);
            assert_found(what, &analyse(&Recorded { tables: run.fixed(), inputs, asserted }), by);
        }
    }
}
