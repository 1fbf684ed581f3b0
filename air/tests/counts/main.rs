//! Every count of a message that is declared to be -1, 0 or 1 on each row is so by the chip's
//! constraints, for all chips of the machine and of recursion.
//!
//! LogUp reads zero in the field as zero over the integers because of these bounds
//! (`spec/buses.md`, *Bounds of multiplicities*).

mod solve;
mod stated;

use std::collections::{BTreeMap, BTreeSet};

use p3_field::PrimeCharacteristicRing;
use tern_field::F;

use solve::{Constraint, Values, Var, by_cases, by_symbol, is_multiple_of, of_previous_row, variables};
use stated::{Bounded, Expr, Stated};
use tern_air::builder::Label;
use tern_air::chip::System;
use tern_air::machine::MachineAir;
use tern_air::recursion::CircuitAir;

/// How a count is shown to be right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Proof {
    /// It is constant, or the constraint that it is boolean is stated.
    Symbol,
    /// In all cases of the columns that it depends on.
    Cases,
    /// So on the first row, and by the constraints of the row before on all others.
    Rows,
    /// It is a preprocessed column, which is 0 or 1 in every circuit.
    Circuit,
}

/// The constraints of a chip, made ready for proofs.
struct Prover {
    constraints: Vec<Constraint>,
}

impl Prover {
    fn new(constraints: Vec<Expr>) -> Self {
        Self { constraints: constraints.into_iter().map(Constraint::new).collect() }
    }

    /// Proves a count right, or gives values for which it is not known to be.
    fn prove(&self, count: &Expr) -> Result<Proof, Values> {
        if by_symbol(count, &self.constraints) {
            return Ok(Proof::Symbol);
        }
        if variables(count).iter().all(|var| matches!(var, Var::Fixed(_))) {
            return Ok(Proof::Circuit);
        }
        let open = match by_cases(count, &self.constraints, &Values::new()) {
            Ok(()) => return Ok(Proof::Cases),
            Err(open) => open,
        };
        // The selector is not zero on the first row: a constraint that is a multiple of it holds
        // there with 1 in its place. Others that mention it are left out.
        let with_first = |constraint: &&Constraint| constraint.vars.contains(&Var::First) && is_multiple_of(&constraint.expr, Var::First);
        let without = || self.constraints.iter().filter(|constraint| !constraint.vars.contains(&Var::First));
        let first: Vec<_> = self.constraints.iter().filter(with_first).chain(without()).cloned().collect();
        let others: Vec<_> = self.constraints.iter().filter_map(of_previous_row).chain(without().cloned()).collect();
        let on_first = by_cases(count, &first, &Values::from([(Var::First, F::ONE)]));
        let is_right = on_first.is_ok() && by_cases(count, &others, &Values::new()).is_ok();
        if is_right { Ok(Proof::Rows) } else { Err(open) }
    }
}

/// Proofs of all bounded counts of a chip, by label; the weakest where messages share one.
fn proofs(stated: &Stated) -> BTreeMap<Label, Result<Proof, String>> {
    let prover = Prover::new(stated.constraints.iter().map(|(_, expr)| expr.clone()).collect());
    let mut proofs = BTreeMap::new();
    for Bounded { label, count } in &stated.bounded {
        let proof = prover.prove(count).map_err(|open| format!("{open:?}"));
        let entry = proofs.entry(*label).or_insert_with(|| proof.clone());
        if proof.is_err() || entry.as_ref().is_ok_and(|weakest| proof.as_ref().is_ok_and(|proof| proof > weakest)) {
            *entry = proof;
        }
    }
    proofs
}

/// The labels of a system's messages by how their counts are shown right, after a demand that all are.
fn classified<S: System>() -> BTreeMap<Proof, BTreeSet<Label>> {
    let mut by_proof = BTreeMap::<Proof, BTreeSet<Label>>::new();
    println!(
        "{:<12}{:>9}{:>9}{:>8}{:>8}{:>7}{:>9}{:>11}",
        "chip", "messages", "bounded", "symbol", "cases", "rows", "circuit", "unbounded"
    );
    for air in S::all() {
        let stated = Stated::of(&air);
        let proofs = proofs(&stated);
        let of = |wanted: Proof| stated.bounded.iter().filter(|message| proofs[message.label] == Ok(wanted)).count();
        let counts = [Proof::Symbol, Proof::Cases, Proof::Rows, Proof::Circuit].map(of);
        let [symbol, cases, rows, circuit] = counts;
        let (bounded, unbounded) = (stated.bounded.len(), stated.unbounded);
        println!("{:<12}{:>9}{bounded:>9}{symbol:>8}{cases:>8}{rows:>7}{circuit:>9}{unbounded:>11}", air.name(), bounded + unbounded);
        for (label, proof) in proofs {
            let proof = proof.unwrap_or_else(|open| panic!("the count of {label} is not shown to be -1, 0 or 1: {open}"));
            by_proof.entry(proof).or_default().insert(label);
        }
    }
    by_proof
}

/// No count rests on another row, and none on a fixed column but the segment's, which is the same
/// in all proofs, and those of compress and half: they are the circuit's, whose key commits to
/// them, and `vm`'s circuit builder writes nothing but 0 and 1 there.
#[test]
fn counts_are_bounded() {
    let by_proof = classified::<MachineAir>();
    assert!(by_proof.keys().all(|proof| [Proof::Symbol, Proof::Cases].contains(proof)), "{by_proof:?}");
    let by_proof = classified::<CircuitAir>();
    assert_eq!(by_proof.get(&Proof::Rows), None);
    let circuit = &by_proof[&Proof::Circuit];
    let is_flagged = |label: &&str| label.starts_with("compress::") || ["half::low_limb", "half::high_limb"].contains(label);
    assert!(circuit.iter().all(is_flagged), "{circuit:?}");
}

/// A count that reads a selector or another row is boolean on a trace and something else at the
/// verifier's point.
#[test]
fn counts_depend_on_the_row_alone() {
    fn check<S: System>() {
        for air in S::all() {
            for Bounded { label, count } in Stated::of(&air).bounded {
                let is_allowed = |var: &Var| matches!(var, Var::Main(_) | Var::Fixed(_) | Var::Public(_));
                assert!(variables(&count).iter().all(is_allowed), "{label}");
            }
        }
    }
    check::<MachineAir>();
    check::<CircuitAir>();
}

/// Without the constraints on which they rest, counts are not shown to be right: the proofs are no
/// accident.
#[test]
fn proofs_need_the_constraints() {
    let unproved = |air: &MachineAir, dropped: &[Label]| -> BTreeSet<Label> {
        let mut stated = Stated::of(air);
        let before = stated.constraints.len();
        stated.constraints.retain(|(label, _)| !dropped.contains(label));
        assert!(stated.constraints.len() < before, "{dropped:?}");
        proofs(&stated).into_iter().filter(|(_, proof)| proof.is_err()).map(|(label, _)| label).collect()
    };
    let cases: [(&str, &[Label], &[Label]); 13] = [
        ("add_sub", &["add_sub::selectors_exclusive"], &["add_sub::execute", "add_sub::rs2_send", "add_sub::rd_order"]),
        ("bitwise", &["bitwise::is_immediate_boolean"], &["bitwise::rs2_receive"]),
        ("shift", &["shift::flag_boolean"], &["shift::below_sign_range", "shift::rs2_send"]),
        ("compare", &["compare::markers_exclusive"], &["compare::gap_range"]),
        ("load", &["load::widths_exclusive"], &["load::execute", "load::sign"]),
        ("misaligned", &["misaligned::widths_exclusive"], &["misaligned::execute"]),
        ("misaligned", &["misaligned::offsets_exclusive"], &["misaligned::second_send"]),
        ("misaligned", &["misaligned::unsigned_boolean"], &["misaligned::sign"]),
        ("div_rem", &["div_rem::by_zero_boolean"], &["div_rem::difference_range"]),
        ("ecall", &["ecall::selectors_exclusive"], &["ecall::execute", "ecall::next"]),
        ("decode", &["decode::opcodes_exclusive"], &["decode::text_send"]),
        ("sha256_rounds", &["sha256_rounds::one_group"], &["sha256_rounds::take", "sha256_rounds::leave"]),
        ("blake2f", &["blake2f::one_function"], &["blake2f::take", "blake2f::a_send"]),
    ];
    for (name, dropped, expected) in cases {
        let air = MachineAir::all().into_iter().find(|air| air.name() == name).expect("a chip of this name");
        let unproved = unproved(&air, dropped);
        assert!(expected.iter().all(|label| unproved.contains(label)), "{name} without {dropped:?}: {unproved:?}");
    }
    for air in MachineAir::all() {
        let mut stated = Stated::of(&air);
        stated.constraints.clear();
        let proved: Vec<Label> = proofs(&stated).into_iter().filter(|(_, proof)| proof.is_ok()).map(|(label, _)| label).collect();
        // The segment's fixed column is zero or one whatever a prover does.
        let by_fixed: &[Label] = if air.name() == "segment" { &["segment::root_in", "segment::root_out", "segment::start"] } else { &[] };
        assert_eq!(proved, by_fixed, "{} without constraints", air.name());
    }
}
