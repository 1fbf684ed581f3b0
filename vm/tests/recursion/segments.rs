//! A segment's proof verified in a circuit.

use std::time::Instant;

use tern_air::chip::TernAir;
use tern_air::shape::Shape;
use tern_field::EF;
use tern_fri::Proof;
use tern_fri::hash::Digest;
use tern_fri::params::{RECURSION_V1, SEGMENT_V1};
use tern_verifier::native::Native;
use tern_verifier::ops::Ops;
use tern_verifier::segments::{public_values, seed};
use tern_verifier::stark::{BatchProof, StarkVerifier};
use tern_verifier::ProofShape;
use tern_vm::elf::Program;
use tern_vm::exec::{Options, SegmentExecutor};
use tern_vm::prove::{ProvableProgram, ProvedSegment, SegmentTask, ShapeSetup, limits_of, prove_segment, relation_shape};
use tern_vm::recursion::{Circuit, CircuitBuilder, Run};
use tern_vm::testing::programs;

/// A program that runs in one segment of the smallest shape.
fn provable() -> ProvableProgram {
    let elf = programs::random(1, 1)[0].elf();
    ProvableProgram::new(Program::from_elf(&elf).expect("a program of the machine")).expect("a program that can be proved")
}

fn first_segment(program: &ProvableProgram, setup: &ShapeSetup) -> ProvedSegment {
    let mut memory = program.memory(&[]);
    let mut executor = SegmentExecutor::new(&program.program, &[], Options::default()).expect("a machine");
    let record = executor.next_segment(&limits_of(setup.shape)).expect("a run without traps").expect("a segment");
    let task = SegmentTask::new(record, &mut memory).expect("a segment of some shape");
    prove_segment(SegmentTask { shape: setup.shape, ..task }, setup, &program.key).expect("a proof")
}

/// Everything that verifies one segment.
struct Lifted {
    verifier: StarkVerifier,
    preprocessed: Vec<Digest>,
    seed: Digest,
    public_values: Vec<Vec<EF>>,
    proof: BatchProof<Native>,
}

impl Lifted {
    fn new(program: &ProvableProgram, setup: &ShapeSetup, segment: &ProvedSegment) -> Self {
        let shape = ProofShape::new(&SEGMENT_V1, relation_shape(setup.shape).expect("tables of the shape")).expect("a usable shape");
        let verifier = StarkVerifier::new(&TernAir::all(), &setup.data.common.lookups, &shape).expect("usable tables");
        let preprocessed = setup.data.common.preprocessed.as_ref().expect("preprocessed tables").commitment.roots().to_vec();
        let seed = seed(setup.shape, &program.key);
        let values = public_values(&segment.statement, &program.key.bounds);
        let public_values: Vec<Vec<EF>> = values.into_iter().map(|values| values.into_iter().map(EF::from).collect()).collect();
        let proof: Proof = postcard::from_bytes(&segment.proof).expect("a proof");
        let (proof, _) = verifier.expand(&preprocessed, &seed, &public_values, &proof).expect("a valid proof");
        verifier.verify(&mut Native, &preprocessed, &seed, &public_values, &proof).expect("a valid proof");
        Self { verifier, preprocessed, seed, public_values, proof }
    }

    fn run(&self) -> Run {
        let mut builder = CircuitBuilder::new();
        let preprocessed: Vec<_> = self.preprocessed.iter().map(|digest| builder.constant_digest(*digest)).collect();
        let seed = builder.constant_digest(self.seed);
        let public_values: Vec<Vec<_>> =
            self.public_values.iter().map(|values| values.iter().map(|value| builder.witness(*value)).collect()).collect();
        let proof = self.proof.import(&mut builder);
        self.verifier.verify(&mut builder, &preprocessed, &seed, &public_values, &proof).expect("never fails");
        builder.finish()
    }
}

#[test]
fn a_segment_is_lifted() {
    let program = provable();
    let setup = ShapeSetup::new(Shape::by_name("tiny").expect("a shape"), &program.key).expect("a setup");
    let segment = first_segment(&program, &setup);
    let lifted = Lifted::new(&program, &setup, &segment);
    let start = Instant::now();
    let run = lifted.run();
    println!("run {:?}: {:?}", start.elapsed(), run.counts());
    let shape = run.counts().smallest_shape();
    let start = Instant::now();
    let circuit = Circuit::new(&RECURSION_V1, shape, &run).expect("a circuit");
    println!("setup {:?}, {shape:?}", start.elapsed());
    let start = Instant::now();
    let proof = circuit.prove(&run).expect("a proof");
    println!("prove {:?}", start.elapsed());
    let start = Instant::now();
    circuit.verify(&proof, &run.public_digest()).expect("a valid proof");
    println!("verify {:?}, {} bytes", start.elapsed(), postcard::to_allocvec(&proof).expect("bytes").len());
}
