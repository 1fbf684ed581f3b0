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

/// Faults of what the verifier of batch proofs asserts.
pub const UNASSERTED: [Weakness; 13] = {
    use Assertion::{Constraints, FoldedValue, LastPolynomial, Path, Terminals, Work};
    use Weakness::{AssertedOfAnything, QuotientOfZero, Unasserted};
    [
        Unasserted(Work),
        Unasserted(Terminals),
        Unasserted(Constraints),
        Unasserted(Path),
        Unasserted(FoldedValue),
        Unasserted(LastPolynomial),
        AssertedOfAnything(Work),
        AssertedOfAnything(Terminals),
        AssertedOfAnything(Constraints),
        AssertedOfAnything(Path),
        AssertedOfAnything(FoldedValue),
        AssertedOfAnything(LastPolynomial),
        QuotientOfZero,
    ]
};

/// Faults of what the programs assert, and a program that asserts it.
const UNCHAINED: [(Weakness, Program); 11] = {
    use Assertion::{Counter, Halted, KeyList, Program as Key, Root};
    use Weakness::{AssertedOfAnything, Unasserted, UnassertedBits};
    [
        (UnassertedBits, WRAP),
        (Unasserted(KeyList), WRAP),
        (Unasserted(Key), JOIN),
        (Unasserted(Counter), JOIN),
        (Unasserted(Root), JOIN),
        (Unasserted(Halted), JOIN),
        (AssertedOfAnything(KeyList), WRAP),
        (AssertedOfAnything(Key), JOIN),
        (AssertedOfAnything(Counter), JOIN),
        (AssertedOfAnything(Root), JOIN),
        (AssertedOfAnything(Halted), JOIN),
    ]
};

/// The check that is there for a fault.
const fn found_by(weakness: Weakness) -> Check {
    use Weakness::{AssertedOfAnything, FreeWorkBits, HashesOtherLast, Unasserted, UnassertedBits};
    match weakness {
        // The bits of a proof of work are asserted to be zero: free ones are determined by that, and it
        // asserts nothing.
        FreeWorkBits(_) | UnassertedBits => Check::Asserted,
        // The witness of a proof of work that is not hashed need not be a base element.
        HashesOtherLast => Check::Canonical,
        Unasserted(about) | AssertedOfAnything(about) if about.binds() => Check::Bound,
        Unasserted(_) | AssertedOfAnything(_) => Check::Asserted,
        _ => Check::Determined,
    }
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
    let cases = UNTIED.iter().chain(&UNASSERTED).map(|weakness| (*weakness, WRAP)).chain(UNCHAINED);
    for (weakness, program) in cases {
        assert_found(&format!("{weakness:?}"), &analyse(&program.circuit(Some(weakness))), found_by(weakness));
    }
}

/// Bits of a query's index in the proof about toys.
const TOY_INDEX_BITS: usize = 12;

/// Faults of what version 2's verifier does, where it differs from version 1's.
const OF_VERSION_2: [(Weakness, Check); 49] = {
    use Assertion::{Combination, Constraints, FoldedValue, Heights, LastPolynomial, Layers, Path, Skip, WeightedSum, Work};
    use Check::{Asserted, Bound, Canonical, Determined};
    use Weakness::{AssertedOfAnything, Free, FreeIndexBits, FreeWorkBits, OtherBit, Unasserted};
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
        (FreeWorkBits(TOY_INDEX_BITS), Asserted),
        (FreeIndexBits(TOY_INDEX_BITS), Determined),
        (OtherBit(Op::Select), Determined),
        (OtherBit(Op::BitValue), Determined),
        (OtherBit(Op::Node), Determined),
        (OtherBit(Op::Entry), Determined),
        (Weakness::HashesOtherFirst, Determined),
        // The witness of a proof of work need not be a base element.
        (Weakness::HashesOtherLast, Canonical),
        (Weakness::HashesOtherRow, Determined),
        (Weakness::SumsOtherRow, Determined),
        (Weakness::QuotientOfZero, Determined),
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

#[test]
fn version_2_is_determined() {
    let report = analyse(&Program::Toys.circuit(None));
    assert!(report.failed().is_empty(), "{}", report.summary());
}

#[test]
fn weak_builders_of_version_2_are_found() {
    for (weakness, by) in OF_VERSION_2 {
        assert_found(&format!("{weakness:?}"), &analyse(&Program::Toys.circuit(Some(weakness))), by);
    }
}

/// What a circuit makes public instead of its statement's digest.
type Published = fn(&mut Weak, Half) -> Half;

const PUBLISHED: [(&str, Published, Check); 2] = [
    ("a digest of the prover's choice", |weak, digest| weak.free_digest(digest.value()), Check::Determined),
    ("a constant", |weak, _| weak.constant_digest([0; 32]), Check::Bound),
];

#[test]
fn weak_statements_are_found() {
    for (what, published, by) in PUBLISHED {
        let (run, inputs, asserted) = WRAP.record_with(None, published);
        let tables = run.fixed(&run.counts().smallest_shape()).expect("the smallest shape fits");
        assert_found(what, &analyse(&Recorded { tables, inputs, asserted }), by);
    }
}
