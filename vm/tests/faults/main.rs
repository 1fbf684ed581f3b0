//! Faults in what the executor and the memory tree record: of each field, in a sample of the
//! records, many changes; constraints or the balance of messages complain of each, or the statement
//! is refused, but for what is free by design. (Where a fill stops at a change, that counts as
//! noticed, and is counted apart: a forger has a fill of his own. None does.)
//!
//! The tests of a chip see its own rows. Here a changed record meets all the rows that an honest
//! run has, so that a hole between two chips shows as well.

mod circuits;
mod free;
mod inject;
mod judge;
mod program;
mod statement;
mod stories;

use tern_air::events::{AluEvent, MemoryEvent, SegmentEvents};
use tern_air::machine::MachineChip;
use tern_air::memory::TreeEvents;
use tern_vm::prove::ExecutedSegment;

use free::Free;
use inject::{Counts, List, Tally, inject, move_records};
use judge::Segment;

fn tree() -> TreeEvents {
    TreeEvents::default()
}

fn events() -> SegmentEvents {
    SegmentEvents::default()
}

fn alu_lists() -> [List<AluEvent>; 8] {
    [
        List { name: "add_sub", chip: MachineChip::AddSub, put: |list| (SegmentEvents { add_sub: list, ..events() }, tree()) },
        List { name: "bitwise", chip: MachineChip::Bitwise, put: |list| (SegmentEvents { bitwise: list, ..events() }, tree()) },
        List { name: "shift", chip: MachineChip::Shift, put: |list| (SegmentEvents { shift: list, ..events() }, tree()) },
        List { name: "compare", chip: MachineChip::Compare, put: |list| (SegmentEvents { compare: list, ..events() }, tree()) },
        List { name: "mul", chip: MachineChip::Mul, put: |list| (SegmentEvents { mul: list, ..events() }, tree()) },
        List { name: "div_rem", chip: MachineChip::DivRem, put: |list| (SegmentEvents { div_rem: list, ..events() }, tree()) },
        List { name: "jump", chip: MachineChip::Jump, put: |list| (SegmentEvents { jump: list, ..events() }, tree()) },
        List { name: "branch", chip: MachineChip::Branch, put: |list| (SegmentEvents { branch: list, ..events() }, tree()) },
    ]
}

fn alu_records(events: &SegmentEvents) -> [&[AluEvent]; 8] {
    let SegmentEvents { add_sub, bitwise, shift, compare, mul, div_rem, jump, branch, .. } = events;
    [add_sub, bitwise, shift, compare, mul, div_rem, jump, branch]
}

fn memory_lists() -> [List<MemoryEvent>; 3] {
    [
        List { name: "load", chip: MachineChip::Load, put: |list| (SegmentEvents { load: list, ..events() }, tree()) },
        List { name: "store", chip: MachineChip::Store, put: |list| (SegmentEvents { store: list, ..events() }, tree()) },
        List { name: "misaligned", chip: MachineChip::Misaligned, put: |list| (SegmentEvents { misaligned: list, ..events() }, tree()) },
    ]
}

/// Changes the records of lists of one type, and moves them between the lists.
fn inject_lists<E: Free, const N: usize>(segment: &mut Segment, lists: &[List<E>; N], records: [&[E]; N], tally: &mut Tally) {
    for (list, records) in lists.iter().zip(records) {
        inject(segment, list, records, tally);
        for other in lists.iter().filter(|other| other.name != list.name) {
            move_records(segment, list, other, records, tally);
        }
    }
}

fn inject_one<E: Free>(segment: &mut Segment, list: List<E>, records: &[E], tally: &mut Tally) {
    inject_lists(segment, &[list], [records], tally);
}

/// Changes all records of a segment.
fn inject_all(segment: &mut Segment, executed: &ExecutedSegment, tally: &mut Tally) {
    let ExecutedSegment { events: records, tree: memory, .. } = executed;
    inject_lists(segment, &alu_lists(), alu_records(records), tally);
    inject_lists(segment, &memory_lists(), [&records.load, &records.store, &records.misaligned], tally);
    let ecall = List { name: "ecall", chip: MachineChip::Ecall, put: |list| (SegmentEvents { ecall: list, ..events() }, tree()) };
    inject_one(segment, ecall, &records.ecall, tally);
    let keccak = List { name: "keccak", chip: MachineChip::Keccak, put: |list| (SegmentEvents { keccak: list, ..events() }, tree()) };
    inject_one(segment, keccak, &records.keccak, tally);
    let mulmod = List { name: "mulmod", chip: MachineChip::MulMod, put: |list| (SegmentEvents { mulmod: list, ..events() }, tree()) };
    inject_one(segment, mulmod, &records.mulmod, tally);
    let mulmod384 =
        List { name: "mulmod384", chip: MachineChip::MulMod384, put: |list| (SegmentEvents { mulmod384: list, ..events() }, tree()) };
    inject_one(segment, mulmod384, &records.mulmod384, tally);
    let sha256 = List { name: "sha256", chip: MachineChip::Sha256, put: |list| (SegmentEvents { sha256: list, ..events() }, tree()) };
    inject_one(segment, sha256, &records.sha256, tally);
    let sha256_rounds =
        List { name: "sha256_rounds", chip: MachineChip::Sha256Rounds, put: |list| (SegmentEvents { sha256: list, ..events() }, tree()) };
    inject_one(segment, sha256_rounds, &records.sha256, tally);
    let blake2f = List { name: "blake2f", chip: MachineChip::Blake2f, put: |list| (SegmentEvents { blake2f: list, ..events() }, tree()) };
    inject_one(segment, blake2f, &records.blake2f, tally);
    let bridge = List { name: "bridge", chip: MachineChip::Bridge, put: |list| (SegmentEvents { bridge: list, ..events() }, tree()) };
    inject_one(segment, bridge, &records.bridge, tally);
    let decode = List { name: "decode", chip: MachineChip::Decode, put: |list| (SegmentEvents { decode: list, ..events() }, tree()) };
    inject_one(segment, decode, &records.decode, tally);
    let leaf = List { name: "leaf", chip: MachineChip::Leaf, put: |list| (events(), TreeEvents { leaves: list, ..tree() }) };
    inject_one(segment, leaf, &memory.leaves, tally);
    let node = List { name: "tree", chip: MachineChip::Tree, put: |list| (events(), TreeEvents { nodes: list, ..tree() }) };
    inject_one(segment, node, &memory.nodes, tally);
    let permutation =
        List { name: "poseidon2", chip: MachineChip::Poseidon2, put: |list| (events(), TreeEvents { permutations: list, ..tree() }) };
    inject_one(segment, permutation, &memory.permutations, tally);
}

fn report(tally: &Tally) {
    let line = |name: &str, c: &Counts| {
        println!(
            "{name:<26}{:>8}{:>12}{:>9}{:>9}{:>7}{:>10}{:>10}",
            c.total(),
            c.constraint,
            c.balance,
            c.refused,
            c.panic,
            c.unseen,
            c.accepted
        );
    };
    println!(
        "{:<26}{:>8}{:>12}{:>9}{:>9}{:>7}{:>10}{:>10}",
        "", "faults", "constraint", "balance", "refused", "panic", "same row", "accepted"
    );
    for ((list, field), counts) in &tally.counts {
        line(&format!("{list}.{field}"), counts);
    }
    let all = tally.counts.values().fold(Counts::default(), |sum, &counts| sum.merge(counts));
    line("all", &all);
    assert_eq!(all.panic, 0, "a fill that stops shows nothing of a forger's own");
    for ((list, field, reason), count) in &tally.reasons {
        println!("{count:>6} free: {list}.{field}: {reason}");
    }
}

#[test]
fn every_fault_is_noticed_but_what_is_free_by_design() {
    let run = program::executed();
    assert_eq!(run.segments.len(), 2);
    let mut tally = Tally::default();
    for executed in &run.segments {
        let mut segment = Segment::honest(&run, executed);
        inject_all(&mut segment, executed, &mut tally);
        statement::inject(&mut segment, executed, &mut tally);
    }
    report(&tally);
    let shown = tally.surprises.iter().take(40).map(String::as_str).collect::<Vec<_>>().join("\n");
    assert!(tally.surprises.is_empty(), "{} surprises:\n{shown}", tally.surprises.len());
    let unused: Vec<_> = free::REASONS.iter().filter(|reason| !tally.reasons.keys().any(|(_, _, used)| used == *reason)).collect();
    assert!(unused.is_empty(), "reasons that no fault has: {unused:?}");
}
