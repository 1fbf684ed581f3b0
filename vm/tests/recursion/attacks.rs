//! Attacks on recursion: what a dishonest prover hands to `join` and `lift`. Each is refused on
//! values, with the reason that says what is wrong, and leaves the circuit with a false assertion.
//!
//! The children are valid proofs wherever an attack needs some: they are of small circuits that
//! make any statement public, which only the test's own key list accepts.

use std::collections::{BTreeMap, BTreeSet};

use p3_field::{BasedVectorSpace, PrimeCharacteristicRing};
use tern_air::machine::MachineChip;
use tern_air::machine::segment::Statement;
use tern_field::{DIGEST_LEN, EF, EXTENSION_DEGREE, F};
use tern_fri::hash::Digest;
use tern_verifier::Reason;
use tern_verifier::multilinear::Claim;
use tern_verifier::multilinear::batch::BatchValues;
use tern_verifier::multilinear::programs::lift;
use tern_verifier::native::Native;
use tern_verifier::programs::{KEY_LIST_DEPTH, KeyList};
use tern_vm::recursion::{Run, Unsatisfied, run_segments};
use tern_vm::testing::recursion::{
    BOUNDS, Claimed, ELEMENTS, FIRST_OF_FIELDS, HALTED, Liars, Lifted, PC_IN, Proved, ROOT_IN, Stated, chain, liars, parts, statements,
};
use tern_vm::testing::{fibonacci, permutations};

use crate::multilinear::agreement::{change, places_of};

/// What the liars' proofs lead to.
trait Judge {
    fn wrap_natively(&self, claimed: &Claimed) -> Result<Digest, Reason>;
    fn wrap_in_circuit(&self, claimed: &Claimed) -> Run;
    fn cannot_join(&self, claimed: &[Claimed], reason: Reason);
    fn cannot_wrap(&self, claimed: &Claimed) -> Reason;
}

impl Judge for Liars {
    fn wrap_natively(&self, claimed: &Claimed) -> Result<Digest, Reason> {
        self.join_natively(core::slice::from_ref(claimed))
    }

    fn wrap_in_circuit(&self, claimed: &Claimed) -> Run {
        self.join_in_circuit(core::slice::from_ref(claimed))
    }

    /// The join is refused by both interpreters, for this reason.
    #[track_caller]
    fn cannot_join(&self, claimed: &[Claimed], reason: Reason) {
        assert_eq!(self.join_natively(claimed), Err(reason));
        let unsatisfied = self.join_in_circuit(claimed).check().expect_err("an unsatisfied circuit");
        // Of valid proofs, nothing but the elements that differ is found wrong.
        if matches!(reason, Reason::ProgramCounter { .. } | Reason::MemoryRoot { .. } | Reason::Halted { .. }) {
            assert!(matches!(unsatisfied, Unsatisfied::Equation { .. }), "{unsatisfied}");
        }
    }

    /// The wrap is refused by both interpreters; the reason is returned.
    #[track_caller]
    fn cannot_wrap(&self, claimed: &Claimed) -> Reason {
        let run = self.wrap_in_circuit(claimed);
        run.check().expect_err("an unsatisfied circuit");
        self.wrap_natively(claimed).expect_err("a refusal")
    }
}

/// What segments' proofs lead to.
trait JudgeSegments {
    fn can_lift(&self, lifted: &[Lifted], digest: Digest);
    fn cannot_lift(&self, lifted: &[Lifted]) -> Reason;
}

impl JudgeSegments for Proved {
    /// Both interpreters accept the segments, and state this.
    #[track_caller]
    fn can_lift(&self, lifted: &[Lifted], digest: Digest) {
        assert_eq!(self.natively(lifted), Ok(digest));
        let run = self.in_circuit(lifted);
        assert_eq!((run.check(), run.public_digest()), (Ok(()), digest));
    }

    /// Both interpreters refuse the segments; the reason is returned.
    #[track_caller]
    fn cannot_lift(&self, lifted: &[Lifted]) -> Reason {
        self.in_circuit(lifted).check().expect_err("an unsatisfied circuit");
        self.natively(lifted).expect_err("a refusal")
    }
}

/// Whether the reason is that the proof is false, and not that it has another shape.
fn is_of_proof(reason: Reason) -> bool {
    matches!(reason, Reason::Multilinear(claim) if claim != Claim::Shape)
}

#[test]
fn honest_children_are_joined_and_wrapped() {
    let liars = liars();
    for children in [&liars.chain[..2], &liars.chain[1..], &liars.chain[..]] {
        let (first, last) = (&children[0], &children[children.len() - 1]);
        let digest = first.stated.up_to(&last.stated).digest();
        assert_eq!(liars.join_natively(children), Ok(digest));
        let run = liars.join_in_circuit(children);
        assert_eq!((run.check(), run.public_digest()), (Ok(()), digest));
        // Exit code and output are those of the last child's run and of no other.
        for place in 0..ELEMENTS {
            assert_ne!(
                first.stated.up_to(&last.stated.with_other(place)).digest() == digest,
                (2..BOUNDS).contains(&place) && !(ROOT_IN..ROOT_IN + DIGEST_LEN).contains(&place),
                "{place}"
            );
        }
    }
    for claimed in &liars.chain {
        assert_eq!(liars.wrap_natively(claimed), Ok(claimed.stated.digest()));
        let run = liars.wrap_in_circuit(claimed);
        assert_eq!((run.check(), run.public_digest()), (Ok(()), claimed.stated.digest()));
    }
}

/// Nothing in a child's statement can be changed under its proof: exit code and output of another
/// run among it.
#[test]
fn every_value_of_a_child_is_bound() {
    let liars = liars();
    let last = &liars.chain[2];
    for place in 0..ELEMENTS {
        let reason = liars.cannot_wrap(&last.with(|claimed| claimed.stated = claimed.stated.with_other(place)));
        assert!(is_of_proof(reason), "{place}: {reason}");
    }
    let reason = liars.cannot_wrap(&last.with(|claimed| claimed.stated.key_digest[31] ^= 1));
    assert!(is_of_proof(reason), "{reason}");
    assert_eq!(liars.cannot_wrap(&last.with(|claimed| claimed.stated.list_root[0] ^= 1)), Reason::KeyList { child: 0 });
    // The same for a child behind the first, by fields.
    for place in FIRST_OF_FIELDS {
        let children = [liars.chain[1].clone(), last.with(|claimed| claimed.stated = claimed.stated.with_other(place))];
        let reason = liars.join_natively(&children).expect_err("a refusal");
        assert!(is_of_proof(reason), "{place}: {reason}");
        liars.join_in_circuit(&children).check().expect_err("an unsatisfied circuit");
    }
}

#[test]
fn a_proof_counts_only_under_its_own_circuit_which_is_on_the_list() {
    let liars = liars();
    let (honest, stated) = (&liars.chain[0], &liars.chain[0].stated);
    let second = liars.claim(1, &liars.list, stated.clone());
    let unlisted = liars.claim(2, &liars.list, stated.clone());
    assert_eq!(liars.wrap_natively(&second), Ok(stated.digest()));

    // Another circuit than the proof's, with the place that this circuit has.
    for (proof, circuit) in [(honest, &second), (&second, honest), (&unlisted, honest)] {
        let swapped = proof.at_place_of(circuit).with(|claimed| claimed.key.clone_from(&circuit.key));
        let reason = liars.cannot_wrap(&swapped);
        assert!(is_of_proof(reason), "{reason}");
    }
    let elsewhere = [
        unlisted.clone(),
        honest.at_place_of(&second),
        unlisted.at_place_of(&second),
        honest.with(|claimed| claimed.position.clone_from(&second.position)),
        honest.with(|claimed| claimed.path.clone_from(&second.path)),
        honest.with(|claimed| claimed.key[0][0] ^= 1),
        honest.with(|claimed| claimed.key.swap(0, 1)),
        // An empty place of the list, and a circuit whose commitment is as empty.
        honest.with(|claimed| {
            let empty = liars.list.membership(&[0; 32]).expect("empty places");
            (claimed.position, claimed.path) = (empty.position, empty.path);
            claimed.key.fill([0; 32]);
        }),
    ];
    for claimed in elsewhere
        .iter()
        .chain((0..KEY_LIST_DEPTH).map(|level| honest.with(|claimed| claimed.path[level][9] ^= 1)).collect::<Vec<_>>().iter())
    {
        assert_eq!(liars.cannot_wrap(claimed), Reason::KeyList { child: 0 });
        liars.cannot_join(&[claimed.clone(), liars.chain[1].clone()], Reason::KeyList { child: 0 });
    }
}

#[test]
fn a_position_is_made_of_bits() {
    let liars = liars();
    let base = |value: u32| EF::from(F::from_u32(value));
    let extension = EF::from_basis_coefficients_fn(|i| F::from_bool(i + 1 == EXTENSION_DEGREE));
    for value in [base(2), -EF::ONE, extension, EF::ONE + extension] {
        for level in 0..KEY_LIST_DEPTH {
            let claimed = liars.chain[1].with(|claimed| claimed.position[level] = value);
            assert_eq!(liars.cannot_wrap(&claimed), Reason::Flag { child: 0 });
        }
        let claimed = liars.chain[1].with(|claimed| claimed.position[0] = value);
        assert_eq!(liars.join_natively(&[liars.chain[0].clone(), claimed]), Err(Reason::Flag { child: 1 }));
    }
}

/// A prover's own list accepts its own circuits, but the list is part of the statement.
#[test]
fn proofs_under_another_list_are_of_another_statement() {
    let liars = liars();
    let own = KeyList::new(&[liars.circuits[0].leaf(), liars.circuits[2].leaf()]).expect("a short list");
    let stated = |index: usize| Stated { list_root: own.root(), ..liars.chain[index].stated.clone() };
    let claimed: Vec<_> = [(0, 2), (1, 0)].into_iter().map(|(index, circuit)| liars.claim(circuit, &own, stated(index))).collect();
    assert_eq!(liars.wrap_natively(&claimed[0]), Ok(claimed[0].stated.digest()));
    assert_ne!(claimed[0].stated.digest(), liars.chain[0].stated.digest());
    assert!(liars.join_natively(&claimed).is_ok());
    // Lists do not mix.
    liars.cannot_join(&[liars.chain[0].clone(), claimed[1].clone()], Reason::KeyList { child: 1 });
    liars.cannot_join(&[claimed[0].clone(), liars.chain[1].clone()], Reason::KeyList { child: 1 });
    // A valid proof under its own list whose statement names the right one.
    let renamed = claimed[0].with(|claimed| claimed.stated.list_root = liars.list.root());
    assert_eq!(liars.cannot_wrap(&renamed), Reason::KeyList { child: 0 });
}

/// Valid proofs of chains that do not fit together, by one limb or element.
#[test]
fn unrelated_chains_are_not_joined() {
    let liars = liars();
    let (first, second) = (&liars.chain[0], &liars.chain[1].stated);
    let other_key = Stated { key_digest: [8; 32], ..second.clone() };
    let with_others = |places: core::ops::Range<usize>| places.map(|place| second.with_other(place));
    let child = 1;
    let cases = [
        (Reason::Program { child }, vec![other_key]),
        (Reason::Program { child }, with_others(BOUNDS..ELEMENTS).collect()),
        (Reason::ProgramCounter { child }, with_others(PC_IN..PC_IN + 2).collect()),
        (Reason::MemoryRoot { child }, with_others(ROOT_IN..ROOT_IN + DIGEST_LEN).collect()),
    ];
    for (reason, others) in cases {
        for stated in others {
            liars.cannot_join(&[first.clone(), liars.claim(0, &liars.list, stated)], reason);
        }
    }
}

#[test]
fn segments_are_neither_skipped_nor_repeated_nor_after_the_end() {
    let liars = liars();
    let [first, second, last] = &liars.chain[..] else { panic!("three segments") };
    let join = |children: &[&Claimed], reason| liars.cannot_join(&children.iter().map(|&child| child.clone()).collect::<Vec<_>>(), reason);
    join(&[first, last], Reason::ProgramCounter { child: 1 });
    join(&[first, first], Reason::ProgramCounter { child: 1 });
    join(&[second, first], Reason::ProgramCounter { child: 1 });
    join(&[first, second, second], Reason::ProgramCounter { child: 2 });
    join(&[first, second, first, second], Reason::ProgramCounter { child: 2 });
    join(&[first, last, second], Reason::ProgramCounter { child: 1 });

    // A loop comes back to its pc, not to its memory.
    let statement = Statement { pc_out: 0x1_2000, ..statements()[0].clone() };
    let claim = |statement| liars.claim(0, &liars.list, Stated::of(&liars.list, statement));
    let again = claim(&statement);
    join(&[&again, &again], Reason::MemoryRoot { child: 1 });

    // Everything fits but that the program has halted.
    let after = claim(&Statement { pc_in: 0, pc_out: 0, root_in: statements()[2].root_out, ..statements()[0].clone() });
    join(&[last, &after], Reason::Halted { child: 0 });
    join(&[second, last, &after], Reason::Halted { child: 1 });
    let mut stated = first.stated.clone();
    for halted in [EF::TWO, -EF::ONE] {
        stated.elements[HALTED] = halted;
        let half_halted = liars.claim(0, &liars.list, stated.clone());
        join(&[&half_halted, second], Reason::Halted { child: 0 });
    }
}

/// A segment's proof lifts its own statement only.
#[test]
fn a_segment_is_lifted_as_what_it_is() {
    let chain = chain();
    let last = chain.segments.last().expect("a segment");
    chain.can_lift(core::slice::from_ref(last), last.stated.digest());
    for place in 0..ELEMENTS {
        let changed = [last.with(|lifted| lifted.stated = lifted.stated.with_other(place))];
        let reason = chain.natively(&changed).expect_err("a refusal");
        assert!(is_of_proof(reason), "{place}: {reason}");
        if FIRST_OF_FIELDS.contains(&place) {
            chain.in_circuit(&changed).check().expect_err("an unsatisfied circuit");
        }
    }
    let reason = chain.cannot_lift(&[last.with(|lifted| lifted.stated.key_digest[0] ^= 1)]);
    assert!(is_of_proof(reason), "{reason}");
    // The list is no claim about the segment; what is stated names it.
    let elsewhere = last.with(|lifted| lifted.stated.list_root = [8; 32]);
    assert_ne!(elsewhere.stated.digest(), last.stated.digest());
    let digest = elsewhere.stated.digest();
    chain.can_lift(&[elsewhere], digest);
}

/// A segment is lifted by the circuit of its matrix's size.
#[test]
fn a_segment_is_lifted_as_one_of_its_size() {
    let chain = chain();
    let honest = &chain.segments[0];
    let log_rows = honest.opening.shape().log_rows;
    for log_rows in [log_rows - 1, log_rows + 1] {
        let opening = chain.relation.verifier.opening_of_rows(log_rows).expect("a usable shape");
        // Its lists have other lengths, for which there is no circuit.
        let under_other = honest.with(|lifted| lifted.opening = opening.clone());
        assert_eq!(chain.natively(&[under_other]), Err(Reason::Multilinear(Claim::Shape)));
        // With lists of the lengths that the other size has.
        let resized = honest.with(|lifted| {
            lifted.values.opening = chain.relation.verifier.zero_values(&opening, false).opening;
            lifted.opening = opening.clone();
        });
        let reason = chain.cannot_lift(&[resized]);
        assert!(is_of_proof(reason), "{reason}");
    }
}

/// The last place of each kind of value.
fn kinds(values: &BatchValues<Native>) -> BTreeMap<&'static str, usize> {
    places_of(&mut values.clone()).iter().enumerate().map(|(place, (kind, _))| (*kind, place)).collect()
}

/// Every kind of value of a segment's proof and of a circuit's, changed, is found wrong in both
/// interpreters.
#[test]
fn every_kind_of_value_is_bound() {
    let calls = Proved::new(&permutations(3), 1 << 20);
    let segment = &calls.segments[0];
    let of_segment = kinds(&segment.values);
    for (how, (kind, place)) in of_segment.iter().enumerate() {
        let changed = segment.with(|lifted| change(places_of(&mut lifted.values).remove(*place).1, how));
        let reason = calls.cannot_lift(&[changed]);
        assert!(is_of_proof(reason), "{kind}: {reason}");
    }
    let liars = liars();
    let child = &liars.chain[1];
    let of_child = kinds(&child.values);
    for (how, (kind, place)) in of_child.iter().enumerate() {
        let changed = child.with(|claimed| change(places_of(&mut claimed.values).remove(*place).1, how));
        let reason = liars.cannot_wrap(&changed);
        assert!(is_of_proof(reason), "{kind}: {reason}");
    }
    // All that a proof of toys has but the public values, and what these proofs have beside it.
    assert_eq!((of_segment.len(), of_child.len()), (23, 20));
}

/// Calls of Keccak are lifted by the circuit that checks them, and a segment without by the one
/// that has none.
#[test]
fn calls_are_not_hidden() {
    let calls = Proved::new(&permutations(3), 1 << 20);
    let [with_calls] = &calls.segments[..] else { panic!("one segment") };
    calls.can_lift(core::slice::from_ref(with_calls), with_calls.stated.digest());
    let height = |lifted: &Lifted| lifted.values.heights[MachineChip::Keccak as usize];
    assert_ne!(height(with_calls), EF::ZERO);
    let hidden = with_calls.with(|lifted| lifted.values.keccak = None);
    assert_eq!(calls.cannot_lift(&[hidden]), Reason::Multilinear(Claim::KeccakCalls));
    let denied = with_calls.with(|lifted| {
        lifted.values.keccak = None;
        lifted.values.heights[MachineChip::Keccak as usize] = EF::ZERO;
    });
    let reason = calls.cannot_lift(&[denied]);
    assert!(is_of_proof(reason), "{reason}");

    let chain = chain();
    let without = &chain.segments[0];
    assert_eq!(height(without), EF::ZERO);
    let argument = chain.relation.verifier.zero_values(&without.opening, true).keccak;
    assert!(argument.is_some());
    let claimed = without.with(|lifted| lifted.values.keccak = argument);
    let reason = chain.cannot_lift(&[claimed]);
    assert!(is_of_proof(reason), "{reason}");
}

/// Tables that are declared shorter, longer or empty.
#[test]
fn heights_are_those_of_the_tables() {
    let chain = chain();
    let (honest, proof) = (&chain.segments[0], &chain.proofs[0]);
    let mut changes = 0;
    for table in 0..MachineChip::COUNT {
        let height = proof.heights[table];
        assert_eq!(honest.values.heights[table], EF::from_usize(height));
        let others: BTreeSet<usize> = [height + 1, height.saturating_sub(1), 0].into_iter().filter(|other| *other != height).collect();
        for (number, other) in others.into_iter().enumerate() {
            changes += 1;
            let changed = [honest.with(|lifted| lifted.values.heights[table] = EF::from_usize(other))];
            let reason = chain.natively(&changed).expect_err("a refusal");
            assert!(is_of_proof(reason), "table {table}: {reason}");
            if number == 0 {
                chain.in_circuit(&changed).check().expect_err("an unsatisfied circuit");
            }
            let mut changed = proof.clone();
            changed.heights[table] = other;
            assert!(chain.relation.verify(&honest.stated.chain(), &changed).is_err(), "table {table}, {other} blocks");
        }
    }
    assert!(changes > MachineChip::COUNT);
}

/// Segments in one circuit follow each other.
#[test]
fn segments_in_one_circuit_are_a_chain() {
    let chain = chain();
    let [first, second, third, .., last] = &chain.segments[..] else { panic!("four segments") };
    let lifted = |segments: &[&Lifted]| segments.iter().map(|segment| (*segment).clone()).collect::<Vec<_>>();
    chain.can_lift(&lifted(&[first, second]), first.stated.up_to(&second.stated).digest());
    chain.can_lift(&chain.segments, first.stated.up_to(&last.stated).digest());

    let refused = |segments: &[&Lifted], reason| assert_eq!(chain.cannot_lift(&lifted(segments)), reason);
    // Swapped, repeated, skipped.
    refused(&[second, first], Reason::ProgramCounter { child: 1 });
    refused(&[first, first], Reason::ProgramCounter { child: 1 });
    refused(&[third, second], Reason::MemoryRoot { child: 1 });
    refused(&[second, second], Reason::MemoryRoot { child: 1 });
    refused(&[first, third], Reason::MemoryRoot { child: 1 });
    refused(&[first, second, second], Reason::MemoryRoot { child: 2 });
    // After the end.
    refused(&[last, first], Reason::Halted { child: 0 });

    // Under two lists, and of two programs.
    let elsewhere = second.with(|lifted| lifted.stated.list_root = [8; 32]);
    refused(&[first, &elsewhere], Reason::KeyList { child: 1 });
    let other = Proved::new(&fibonacci(131), 200);
    assert_ne!(other.segments[1].stated.key_digest, second.stated.key_digest);
    refused(&[first, &other.segments[1]], Reason::Program { child: 1 });
    // Each segment is checked, the last too.
    for place in [0, 1] {
        let mut changed = lifted(&[first, second]);
        changed[place].values.front.claims.tables[MachineChip::Leaf as usize][0] += EF::ONE;
        let reason = chain.cannot_lift(&changed);
        assert!(is_of_proof(reason), "{reason}");
    }
}

/// There are as many openings as segments: what has none would not be checked.
#[test]
fn every_segment_has_its_opening() {
    let chain = chain();
    let (openings, segments) = parts(&chain.segments[..2]);
    let native = parts(&chain.segments[..2]).1;
    for openings in [&openings[..1], &[openings.clone(), openings.clone()].concat()] {
        let refused = lift(&mut Native, &chain.relation, openings, &native).err().map(|failure| failure.reason());
        assert_eq!(refused, Some(Reason::Multilinear(Claim::Shape)));
        run_segments(&chain.relation, openings, &segments).check().expect_err("an unsatisfied circuit");
    }
}
