//! Changing what a segment is said to prove, while its records stay.
//!
//! A segment record's `index`, `start_cycle` and `nodes` are for the prover's planning: they are in
//! no table and no statement.

use tern_air::events::TICKS_PER_INSTRUCTION;
use tern_air::machine::MachineChip;
use tern_air::machine::segment::{Halt, Statement};
use tern_vm::prove::ExecutedSegment;
use tern_vm::testing::records::{Named, changes, each, one};

use super::free::{HALTED, SAME_TIME};
use super::inject::Tally;
use super::judge::{Segment, Side, Verdict};

const LIST: &str = "statement";

/// A statement with the number of cycles, which the fill puts in the row.
#[derive(Clone, Debug)]
struct Claim {
    statement: Statement,
    cycles: u32,
}

impl Claim {
    fn words(&mut self) -> Vec<Named<'_>> {
        let Self { statement: Statement { pc_in, pc_out, root_in, root_out, halt }, cycles } = self;
        let mut words = one("pc_in", pc_in);
        words.extend(one("pc_out", pc_out));
        words.extend(each("root_in", root_in));
        words.extend(each("root_out", root_out));
        words.extend(one("cycles", cycles));
        if let Some(Halt { exit_code, output_digest }) = halt {
            words.extend(one("exit_code", exit_code));
            words.extend(each("output_digest", output_digest));
        }
        words
    }
}

/// Injects every fault into a segment's statement.
pub fn inject(segment: &mut Segment, executed: &ExecutedSegment, tally: &mut Tally) {
    let honest = Claim { statement: executed.statement.clone(), cycles: executed.cycles };
    let has_halted = honest.statement.halt.is_some();
    let mut faults: Vec<(&'static str, Claim)> = Vec::new();
    for word in 0..honest.clone().words().len() {
        for value in changes(honest.clone().words()[word].1) {
            let mut claim = honest.clone();
            let mut words = claim.words();
            let (field, is_value) = (words[word].0, words[word].1.set(value));
            drop(words);
            if is_value {
                faults.push((field, claim));
            }
        }
    }
    let halts = [Halt { exit_code: 0, output_digest: [0; 32] }, Halt { exit_code: 0x1_0002, output_digest: *blake3::hash(b"").as_bytes() }];
    for halt in halts.map(Some).into_iter().chain([None]).filter(|halt| *halt != honest.statement.halt) {
        for pc_out in [0, honest.statement.pc_out, 0x1_0000] {
            let statement = Statement { halt, pc_out, ..honest.statement.clone() };
            faults.push(("halt", Claim { statement, cycles: honest.cycles }));
        }
    }
    let from = [segment.statement(&honest.statement, honest.cycles)];
    for (field, claim) in faults {
        let verdict = match claim.statement.check() {
            Err(_) => Verdict::Refused,
            Ok(()) => {
                let to = [segment.statement(&claim.statement, claim.cycles)];
                segment.judge(Side { chip: MachineChip::Segment, rows: &from }, Side { chip: MachineChip::Segment, rows: &to }, false)
            }
        };
        let free = match field {
            "cycles" if has_halted => Some(HALTED),
            "cycles" if claim.cycles.wrapping_mul(TICKS_PER_INSTRUCTION) == honest.cycles * TICKS_PER_INSTRUCTION => Some(SAME_TIME),
            _ => None,
        };
        tally.record(LIST, field, &verdict, free, || format!("{claim:?}"));
    }
}
