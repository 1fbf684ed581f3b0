//! Segments of real programs, proved and verified by version 2 of the proof system.

use std::time::Instant;

use p3_field::PrimeCharacteristicRing;
use tern_air::machine::{MachineAir, MachineChip};
use tern_air::relation::machine_digest;
use tern_field::{EF, F};
use tern_fri::multilinear::Proof;
use tern_fri::multilinear::params::SEGMENT_V2;
use tern_fri::multilinear::prove::Prover;
use tern_verifier::multilinear::batch::Rejected;
use tern_verifier::multilinear::machine::{ROW_VARIABLES, verifier};
use tern_vm::elf::Program;
use tern_vm::exec::{Options, SegmentExecutor};
use tern_vm::prove::{ProvableProgram, SegmentTask, fill_machine, largest_shape, limits_of, machine_values};

/// The segments of a program's run: tables and public values.
fn segments(elf: &[u8], input: &[u8]) -> Vec<(u32, tern_vm::prove::Traces, Vec<Vec<F>>)> {
    let program = ProvableProgram::new(Program::from_elf(elf).expect("a program of the machine")).expect("a program that can be proved");
    let mut memory = program.memory(input);
    let mut executor = SegmentExecutor::new(&program.program, input, Options::default()).expect("an executor");
    let limits = limits_of(largest_shape());
    let mut segments = Vec::new();
    while let Some(record) = executor.next_segment(&limits).expect("a run without a trap") {
        let task = SegmentTask::new(record, &mut memory).expect("a segment");
        let tables = fill_machine(&task.events, &task.tree, &program.key.bounds, task.cycles);
        segments.push((task.cycles, tables, machine_values(&task.statement, &program.key.bounds)));
    }
    segments
}

fn guest(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/../guest-evm/elf/{name}.elf", env!("CARGO_MANIFEST_DIR"))).expect("a committed guest")
}

fn elements(proof: &Proof) -> usize {
    let opening = &proof.opening;
    5 * (1 + proof.layers.iter().map(|layer| 3 * layer.rounds.len() + 4).sum::<usize>() + proof.skip.len())
        + 5 * (proof.rounds.iter().map(Vec::len).sum::<usize>() + proof.columns.iter().map(Vec::len).sum::<usize>())
        + 5 * (2 * opening.rounds.len() + opening.last.len())
        + opening.rows.iter().flat_map(|rows| &rows.leaves).map(Vec::len).sum::<usize>()
        + 5 * opening.leaves.iter().flat_map(|word| &word.leaves).map(Vec::len).sum::<usize>()
        + 8 * (opening.rows.iter().map(|rows| rows.path.len()).sum::<usize>()
            + opening.leaves.iter().map(|word| word.path.len()).sum::<usize>())
}

#[test]
fn segments_of_programs_are_proved() {
    let prover = Prover::new(&SEGMENT_V2, MachineAir::all(), ROW_VARIABLES);
    let verifier = verifier(&SEGMENT_V2).expect("the machine's chips");
    let seed = machine_digest();
    for (name, input) in [("fibonacci", &100_u32.to_le_bytes()[..])] {
        for (cycles, tables, values) in segments(&guest(name), input) {
            let cells: usize = tables.iter().map(|table| table.values.len()).sum();
            let start = Instant::now();
            let proof = prover.prove(&seed, &tables, &values).expect("a segment that fits");
            let proved = start.elapsed();
            let start = Instant::now();
            assert_eq!(verifier.verify(&seed, &values, &proof), Ok(()));
            println!(
                "{name}: {cycles} cycles, {cells} cells, proved in {:.2} s, {} kB, verified in {:.1} ms",
                proved.as_secs_f64(),
                4 * elements(&proof) / 1000,
                start.elapsed().as_secs_f64() * 1e3
            );
            reject_changes(&verifier, &seed, &values, &proof);
        }
    }
}

/// A sample of changes, of each part of a proof and of its statement.
fn reject_changes(
    verifier: &tern_verifier::multilinear::BatchVerifier<tern_verifier::multilinear::machine::Machine>,
    seed: &[u8; 32],
    values: &[Vec<F>],
    proof: &Proof,
) {
    let reject = |change: &dyn Fn(&mut Proof)| {
        let mut changed = proof.clone();
        change(&mut changed);
        verifier.verify(seed, values, &changed).expect_err("a changed proof")
    };
    reject(&|proof| proof.cap[0][0] ^= 1);
    for table in 0..proof.heights.len() {
        reject(&|proof| proof.heights[table] += 1);
        reject(&|proof| proof.heights[table] = 1 << 20);
    }
    reject(&|proof| proof.lookup_work += F::ONE);
    reject(&|proof| proof.root += EF::ONE);
    reject(&|proof| proof.layers[7].rounds[3][1] += EF::ONE);
    reject(&|proof| proof.layers[20].halves[2] += EF::ONE);
    reject(&|proof| proof.skip[40] += EF::ONE);
    reject(&|proof| proof.rounds[5][2] += EF::ONE);
    for table in 0..proof.columns.len() {
        reject(&|proof| proof.columns[table][0] += EF::ONE);
    }
    reject(&|proof| proof.opening.rounds[9][0] += EF::ONE);
    reject(&|proof| proof.opening.last[3] += EF::ONE);
    assert_eq!(reject(&|proof| _ = proof.columns.pop()), Rejected::Shape);
    assert_eq!(reject(&|proof| _ = proof.layers.pop()), Rejected::Shape);
    assert_eq!(reject(&|proof| _ = proof.skip.pop()), Rejected::Shape);
    assert_eq!(reject(&|proof| _ = proof.heights.pop()), Rejected::Shape);
    let segment = MachineChip::Segment as usize;
    for place in 0..values[segment].len() {
        let mut other = values.to_vec();
        other[segment][place] += F::ONE;
        assert!(verifier.verify(seed, &other, proof).is_err(), "public value {place}");
    }
    assert!(verifier.verify(&[1; 32], values, proof).is_err());
}
