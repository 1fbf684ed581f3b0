//! What becomes of attacks: rejections by the check that the list names, controls that are
//! accepted, and an acceptance that is seen.

use tern_vm::attack::{Attack, Base, Change, Finding, Outcome, built_in, check};

use crate::{listed, target};

/// Runs attacks, prints how they end, and demands that they end as the list says.
fn run(attacks: impl IntoIterator<Item = Attack>) -> usize {
    let mut wrong = Vec::new();
    let mut count = 0;
    for attack in attacks {
        count += 1;
        match target().attack(&attack) {
            Ok(tried) => {
                println!("{}: {:?} {:?}", attack.name, tried.outcome, tried.changed);
                wrong.extend(attack.finding(&tried.outcome).map(|finding| format!("{}: {finding}", attack.name)));
            }
            Err(error) => wrong.push(format!("{}: {error}", attack.name)),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    count
}

/// Whether nothing is proved for it.
fn is_quick(attack: &Attack) -> bool {
    let proves_nothing = |change: &Change| {
        matches!(
            change,
            Change::Proof(_)
                | Change::Claim(_)
                | Change::Header(_)
                | Change::Segments(_)
                | Change::Bytes(_)
                | Change::Key(_)
                | Change::Expect(_)
        )
    };
    attack.on != Base::Recursion && attack.changes.iter().all(proves_nothing)
}

#[test]
fn files_that_are_changed_are_rejected() {
    let count = run(built_in().into_iter().filter(is_quick));
    println!("{count} attacks");
    assert!(count >= 70);
}

/// Some of those that prove, of every kind.
#[test]
fn proofs_with_malicious_changes_are_rejected() {
    run([
        "record-add-sub-a",
        "record-dropped",
        "cell-add-sub",
        "cell-div-quotient",
        "cell-uncounted",
        "cell-keccak-bit",
        "statement-exit-code",
        "statement-cut-moved",
        "lie-five-layers",
        "lie-all-layers",
        "lie-form",
        "keccak-argued-of-others",
        "prover-key",
        "fault-rd",
        "fault-word",
        "corner-div-zero",
        "corner-same-register",
        "foreign-segment",
    ]
    .map(listed));
}

#[test]
fn false_children_are_neither_lifted_nor_joined() {
    run(["lift-other-statement", "join-other-statement", "join-swapped", "join-unlisted-circuit"].map(listed));
}

/// What is free by design is accepted, and without the mark of a control that is found.
#[test]
fn an_acceptance_is_seen() {
    for name in ["control-rows-reversed", "control-counted-elsewhere"] {
        let control = listed(name);
        let tried = target().attack(&control).expect("a change");
        assert_eq!((&tried.outcome, control.finding(&tried.outcome)), (&Outcome::Accepted, None), "{name}");
        let attack = Attack { control: false, ..control };
        assert_eq!(attack.finding(&tried.outcome), Some(Finding::Accepted), "{name}");
    }
    // A control that is rejected is as wrong, and so is a rejection by another check.
    let rejected = Outcome::Rejected { check: "lookups", message: String::new() };
    let attack = listed("record-add-sub-a");
    assert_eq!(attack.finding(&rejected), None);
    assert_eq!(Attack { control: true, ..attack.clone() }.finding(&rejected), Some(Finding::Control));
    let other = Attack { reject: Some("path".into()), ..attack.clone() };
    assert_eq!(other.finding(&rejected), Some(Finding::OtherCheck { expected: "path".into(), got: "lookups" }));
    let stopped = Outcome::Stopped { reason: String::new() };
    assert_eq!(attack.finding(&stopped), Some(Finding::OtherCheck { expected: "lookups".into(), got: check::PROVER }));
}

/// A fault after which the run does not end is told apart from a rejection.
#[test]
fn what_no_prover_completes_is_told_apart() {
    let mut attack = listed("fault-next-pc");
    attack.reject = Some(check::PROVER.into());
    if let [Change::Fault(fault)] = &mut attack.changes[..] {
        fault.value.0 = 0x10;
    }
    let tried = target().attack(&attack).expect("a change");
    assert!(matches!(&tried.outcome, Outcome::Stopped { reason } if reason.contains("abnormal termination")), "{:?}", tried.outcome);
    assert_eq!(attack.finding(&tried.outcome), None);
}

/// All of the list: some minutes.
#[test]
#[ignore = "every attack of the list, most of which prove: some minutes"]
fn all_attacks_of_the_list_end_as_it_says() {
    run(built_in());
}
