//! Segments of real programs, proved and verified by version 2 of the proof system.

use std::time::Instant;

use p3_field::PrimeCharacteristicRing;
use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;
use tern_air::lookups::Lookups;
use tern_air::machine::{self, MachineAir, MachineChip};
use tern_air::relation::machine_digest;
use tern_field::{EF, F};
use tern_fri::multilinear::Proof;
use tern_fri::multilinear::keccak::{self as argument, LAYERS, Layer, PART_ROUNDS};
use tern_fri::multilinear::params::SEGMENT_V2;
use tern_fri::multilinear::prove::Prover;
use tern_guest_evm::json::BlockFile;
use tern_guest_evm::salt::TEST_SALT;
use tern_verifier::Reason;
use tern_verifier::multilinear::batch::Rejected;
use tern_verifier::multilinear::machine::{KECCAK, Machine, ROW_VARIABLES, public_values, verifier};
use tern_verifier::multilinear::{BatchVerifier, Claim};
use tern_vm::elf::Program;
use tern_vm::exec::{Options, SegmentExecutor, SegmentLimits};
use tern_vm::large_blocks::LargeBlocks;
use tern_vm::prove::{ExecutedSegment, LOG_ROWS, ProvableProgram, SegmentSize, limits_of};
use tern_vm::testing::{fibonacci, permutations};

/// That of the command: pages that a proof has given back are those of the next one.
#[global_allocator]
static ALLOCATOR: LargeBlocks = LargeBlocks;

/// Gives each segment of a program's run to be used: cycles, tables and public values.
fn each_segment(elf: &[u8], input: &[u8], limits: &SegmentLimits, mut then: impl FnMut(u32, &[RowMajorMatrix<F>], Vec<Vec<F>>)) {
    let program = ProvableProgram::new(Program::from_elf(elf).expect("a program of the machine")).expect("a program that can be proved");
    let mut memory = program.memory(input);
    let mut executor = SegmentExecutor::new(&program.program, input, Options::default()).expect("an executor");
    while let Some(record) = executor.next_segment(limits).expect("a run without a trap") {
        let task = ExecutedSegment::new(record, &mut memory).expect("a segment");
        println!("{:?}", SegmentSize::of(&task.events, &task.tree));
        let tables = machine::fill(&task.events, &task.tree, &program.key.bounds, task.cycles, Lookups::default());
        then(task.cycles, &tables, public_values(&task.statement, &program.key.bounds));
    }
}

const LIMITS: SegmentLimits = SegmentLimits::cycles(1 << 21);
fn layer_len(layer: &argument::LayerProof<EF>) -> usize {
    layer.first.len() + layer.instances.iter().chain(&layer.positions).map(Vec::len).sum::<usize>() + layer.claims.len()
}

fn elements(proof: &Proof) -> usize {
    let opening = &proof.opening;
    5 * (1 + proof.layers.iter().map(|layer| 3 * layer.rounds.len() + 4).sum::<usize>() + proof.skip.len())
        + 5 * (proof.rounds.iter().map(Vec::len).sum::<usize>() + 1 + proof.forms.iter().map(Vec::len).sum::<usize>())
        + 5 * (2 * opening.rounds.len() + opening.last.len())
        + opening.rows.iter().flat_map(|rows| &rows.leaves).map(Vec::len).sum::<usize>()
        + 5 * opening.leaves.iter().flat_map(|word| &word.leaves).map(Vec::len).sum::<usize>()
        + proof
            .keccak
            .as_ref()
            .map_or(0, |argument| 5 * (2 + argument.middle.len() + argument.rounds.iter().flatten().map(layer_len).sum::<usize>()))
        + 8 * (opening.rows.iter().map(|rows| rows.path.len()).sum::<usize>()
            + opening.leaves.iter().map(|word| word.path.len()).sum::<usize>())
}

#[test]
fn a_segment_is_proved() {
    for (values, proof) in prove_all(&fibonacci(1_000), &[], &LIMITS) {
        reject_changes(&verifier(&SEGMENT_V2).expect("the machine's chips"), &values, &proof);
    }
}

#[test]
fn a_segment_with_keccak_is_proved() {
    for (values, proof) in prove_all(&permutations(20), &[], &LIMITS) {
        let verifier = verifier(&SEGMENT_V2).expect("the machine's chips");
        assert!(proof.heights[MachineChip::Keccak as usize] == 1 && proof.keccak.is_some());
        reject_changes(&verifier, &values, &proof);
        let reject = |claim: Claim, change: &dyn Fn(&mut Proof, &mut argument::Proof<EF>)| {
            let mut changed = proof.clone();
            let mut argument = changed.keccak.take().expect("the argument");
            change(&mut changed, &mut argument);
            changed.keccak = Some(argument);
            let rejected = verifier.verify(&machine_digest(), &values, &changed).expect_err("a changed proof");
            assert!(matches!(rejected, Rejected::Claim(failure) if failure.reason() == Reason::Multilinear(claim)), "{rejected}");
        };
        let last = Claim::Keccak { round: PART_ROUNDS - 1, layer: Layer::Chi };
        reject(last, &|_, argument| argument.real += EF::ONE);
        reject(last, &|_, argument| argument.output += EF::ONE);
        reject(last, &|_, argument| argument.middle[0] += EF::ONE);
        for round in 0..PART_ROUNDS {
            for (place, layer) in LAYERS.into_iter().enumerate() {
                let claim = Claim::Keccak { round, layer };
                reject(claim, &|_, argument| argument.rounds[PART_ROUNDS - 1 - round][place].first[7] += EF::ONE);
                reject(claim, &|_, argument| argument.rounds[PART_ROUNDS - 1 - round][place].claims[3] += EF::ONE);
            }
        }
        // Calls without the argument.
        let mut without = proof.clone();
        without.keccak = None;
        let rejected = verifier.verify(&machine_digest(), &values, &without).expect_err("a proof without its argument");
        assert!(matches!(rejected, Rejected::Claim(failure) if failure.reason() == Reason::Multilinear(Claim::KeccakCalls)), "{rejected}");
        let shorter = |argument: &mut argument::Proof<EF>| drop(argument.rounds.pop());
        let mut other = proof.clone();
        shorter(other.keccak.as_mut().expect("the argument"));
        assert_eq!(verifier.verify(&machine_digest(), &values, &other), Err(Rejected::Shape));
    }
}

#[test]
#[ignore = "a measurement"]
fn a_long_loop_is_proved() {
    prove_all(&fibonacci(450_000), &[], &LIMITS);
}

/// A block's segments: `BLOCK=file`.
#[test]
#[ignore = "a measurement"]
fn a_block_is_proved() {
    let Some(path) = std::env::var_os("BLOCK") else { return println!("skipped: no BLOCK") };
    let block = BlockFile::parse(&std::fs::read(path).expect("a block")).expect("a block");
    let guest = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../guest-evm/elf/guest.elf")).expect("the block guest");
    prove_all(&guest, &block.salted_guest_input(&TEST_SALT).expect("an input"), &limits_of(LOG_ROWS));
}

/// Proves and verifies every segment of a run, and prints what it took.
fn prove_all(elf: &[u8], input: &[u8], limits: &SegmentLimits) -> Vec<(Vec<Vec<F>>, Proof)> {
    let prover = Prover::new(&SEGMENT_V2, MachineAir::all(), ROW_VARIABLES).with_keccak(KECCAK).expect("the machine's tables");
    let verifier = verifier(&SEGMENT_V2).expect("the machine's chips");
    let mut proofs = Vec::new();
    each_segment(elf, input, limits, |cycles, tables, values| {
        let cells: usize = tables.iter().map(|table| table.values.len()).sum();
        let start = Instant::now();
        let proof = prover.prove(&machine_digest(), tables, &values).expect("a segment that fits");
        let proved = start.elapsed().as_secs_f64();
        let start = Instant::now();
        assert_eq!(verifier.verify(&machine_digest(), &values, &proof), Ok(()));
        println!(
            "{cycles} cycles, {cells} cells, {:.1} a cycle, {} calls of Keccak, proved in {proved:.2} s, {:.1} k cycles/s, {} kB, verified in {:.1} ms",
            cells as f64 / f64::from(cycles),
            tables[MachineChip::Keccak as usize].height(),
            f64::from(cycles) / proved / 1e3,
            4 * elements(&proof) / 1000,
            start.elapsed().as_secs_f64() * 1e3
        );
        proofs.push((values, proof));
    });
    proofs
}

/// A sample of changes, of each part of a proof and of its statement.
fn reject_changes(verifier: &BatchVerifier<Machine>, values: &[Vec<F>], proof: &Proof) {
    let seed = &machine_digest();
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
    reject(&|proof| proof.rest += EF::ONE);
    for (table, forms) in proof.forms.iter().enumerate() {
        (0..forms.len()).for_each(|form| _ = reject(&|proof| proof.forms[table][form] += EF::ONE));
    }
    reject(&|proof| proof.opening.rounds[9][0] += EF::ONE);
    reject(&|proof| proof.opening.last[3] += EF::ONE);
    assert_eq!(reject(&|proof| _ = proof.forms.pop()), Rejected::Shape);
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
