//! Proofs of proofs: a segment's proof verified in a circuit, and that circuit's proof in another.

use std::time::Instant;

use p3_air::BaseAir;
use p3_field::PrimeCharacteristicRing;
use tern_air::chip::TernAir;
use tern_air::recursion::{NODE_SHAPE, RecursionAir};
use tern_air::shape::{SHAPES, Shape};
use tern_field::{EF, F};
use tern_fri::hash::Digest;
use tern_fri::params::{RECURSION_V1, SEGMENT_V1};
use tern_fri::{Proof, RelationShape};
use tern_verifier::native::Native;
use tern_verifier::ops::Ops;
use tern_verifier::programs::recursion_seed;
use tern_verifier::stark::BatchProof;
use tern_verifier::{ProofShape, StarkVerifier, segments};
use tern_vm::elf::Program;
use tern_vm::exec::{Options, SegmentExecutor};
use tern_vm::prove::{ProvableProgram, ProvedSegment, SegmentTask, ShapeSetup, limits_of, prove_segment, relation_shape};
use tern_vm::recursion::{Circuit, CircuitBuilder, Run, public_values};
use tern_vm::testing::programs;

/// A program that runs in one segment of the smallest shape.
pub fn provable() -> ProvableProgram {
    let elf = programs::random(1, 1)[0].elf();
    ProvableProgram::new(Program::from_elf(&elf).expect("a program of the machine")).expect("a program that can be proved")
}

pub fn first_segment(program: &ProvableProgram, setup: &ShapeSetup) -> ProvedSegment {
    let mut memory = program.memory(&[]);
    let mut executor = SegmentExecutor::new(&program.program, &[], Options::default()).expect("a machine");
    let record = executor.next_segment(&limits_of(setup.shape)).expect("a run without traps").expect("a segment");
    let task = SegmentTask::new(record, &mut memory).expect("a segment of some shape");
    prove_segment(SegmentTask { shape: setup.shape, ..task }, setup, &program.key).expect("a proof")
}

/// A proof with everything that verifies it.
struct Verifiable {
    verifier: StarkVerifier,
    preprocessed: Vec<Digest>,
    seed: Digest,
    public_values: Vec<Vec<EF>>,
    proof: BatchProof<Native>,
}

impl Verifiable {
    fn segment(program: &ProvableProgram, setup: &ShapeSetup, segment: &ProvedSegment) -> Self {
        let shape = ProofShape::new(&SEGMENT_V1, relation_shape(setup.shape).expect("tables of the shape")).expect("a usable shape");
        let common = &setup.data.common;
        let verifier = StarkVerifier::new(&TernAir::all(), &common.lookups, &shape).expect("usable tables");
        let preprocessed = common.preprocessed.as_ref().expect("preprocessed tables").commitment.roots().to_vec();
        let values = segments::public_values(&segment.statement, &program.key.bounds);
        let proof = postcard::from_bytes(&segment.proof).expect("a proof");
        Self::new(verifier, preprocessed, segments::seed(setup.shape, &program.key), &values, &proof)
    }

    fn recursion(circuit: &Circuit, run: &Run, proof: &Proof) -> Self {
        let airs = RecursionAir::all();
        let names: Vec<&str> = airs.iter().map(RecursionAir::name).collect();
        let lookups = &circuit.data.common.lookups;
        let relation = RelationShape::from_airs(&names, &airs, &circuit.shape.log_heights.map(usize::from), lookups);
        let shape = ProofShape::new(&RECURSION_V1, relation.expect("tables of the shape")).expect("a usable shape");
        let verifier = StarkVerifier::new(&airs, lookups, &shape).expect("usable tables");
        let values = public_values(&run.public_digest());
        Self::new(verifier, circuit.commitment().roots().to_vec(), recursion_seed(&circuit.shape), &values, proof)
    }

    fn new(verifier: StarkVerifier, preprocessed: Vec<Digest>, seed: Digest, values: &[Vec<F>], proof: &Proof) -> Self {
        let public_values: Vec<Vec<EF>> = values.iter().map(|values| values.iter().copied().map(EF::from).collect()).collect();
        let (proof, _) = verifier.expand(&preprocessed, &seed, &public_values, proof).expect("a valid proof");
        verifier.verify(&mut Native, &preprocessed, &seed, &public_values, &proof).expect("a valid proof");
        Self { verifier, preprocessed, seed, public_values, proof }
    }

    /// The same, of another proof.
    fn with_proof(&self, proof: BatchProof<Native>) -> Self {
        let Self { verifier, preprocessed, seed, public_values, .. } = self;
        Self { verifier: verifier.clone(), preprocessed: preprocessed.clone(), seed: *seed, public_values: public_values.clone(), proof }
    }

    /// The same, of zeros.
    fn dummy(&self) -> Self {
        let zeros = self.public_values.iter().map(|values| vec![EF::ZERO; values.len()]);
        Self { public_values: zeros.collect(), ..self.with_proof(BatchProof::zero(self.verifier.shape())) }
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

/// Segments of every shape can be lifted within the heights of the listed circuits; rows are counted on proofs of zeros.
#[test]
fn every_shape_can_be_lifted() {
    let program = provable();
    for shape in SHAPES {
        let setup_lookups: Vec<_> = TernAir::all().iter().map(tern_fri::common::packed_lookups).collect();
        let proof_shape = ProofShape::new(&SEGMENT_V1, relation_shape(shape).expect("tables of the shape")).expect("a usable shape");
        let verifier = StarkVerifier::new(&TernAir::all(), &setup_lookups, &proof_shape).expect("usable tables");
        let public_values: Vec<Vec<EF>> = TernAir::all().iter().map(|air| vec![EF::default(); air.num_public_values()]).collect();
        let dummy = Verifiable {
            proof: BatchProof::zero(&proof_shape),
            verifier,
            preprocessed: vec![[0; 32]; 1 << SEGMENT_V1.cap_height],
            seed: segments::seed(shape, &program.key),
            public_values,
        };
        let counts = dummy.run().counts();
        println!("{}: {counts:?}", shape.name);
        assert_eq!(counts.check(&NODE_SHAPE), Ok(()), "{}", shape.name);
    }
}

/// A change to a proof, by its name.
type Change = (&'static str, fn(&mut BatchProof<Native>));

/// Every kind of value in a proof, changed, is found wrong in both interpreters.
fn tampering(segment: &Verifiable) {
    let changes: [Change; 12] = [
        ("main", |proof| proof.main[3][7] ^= 1),
        ("quotient", |proof| proof.quotient[0][31] ^= 128),
        ("permutation", |proof| proof.permutation[15][0] ^= 1),
        ("opened value", |proof| proof.tables[2].main_local[1] += EF::ONE),
        ("quotient value", |proof| proof.tables[4].quotient[0][2] += EF::ONE),
        ("terminal", |proof| *proof.tables[0].terminal.as_mut().expect("lookups") += EF::ONE),
        ("work", |proof| proof.query_pow += EF::ONE),
        ("round", |proof| proof.rounds[1].cap[2][2] ^= 4),
        ("final polynomial", |proof| proof.final_polynomial[5] += EF::ONE),
        ("row", |proof| proof.queries[54].inputs[0].rows[0][1] += F::ONE),
        ("path", |proof| proof.queries[17].inputs[2].path[1][5] ^= 1),
        ("folded path", |proof| proof.queries[30].rounds[0].path[0][5] ^= 1),
    ];
    assert_eq!(segment.run().check(), Ok(()));
    for (what, change) in changes {
        let mut proof = segment.proof.clone();
        change(&mut proof);
        let changed = segment.with_proof(proof);
        let Verifiable { verifier, preprocessed, seed, public_values, proof } = &changed;
        assert!(verifier.verify(&mut Native, preprocessed, seed, public_values, proof).is_err(), "{what}");
        assert!(changed.run().check().is_err(), "{what}");
    }
    let mut changed = segment.with_proof(segment.proof.clone());
    changed.public_values.iter_mut().flatten().next().map(|value| *value += EF::ONE).expect("a public value");
    assert!(changed.run().check().is_err(), "public value");
}

/// Runs something and says how long it took.
fn timed<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = work();
    println!("{what}: {:.2?}", start.elapsed());
    result
}

/// Peak memory of this process in MiB, where the system tells.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().trim_end_matches(" kB").parse::<u64>().ok()? >> 10)
}

#[test]
fn a_segment_is_lifted_and_its_lift_verified_in_a_circuit() {
    let program = provable();
    let setup = ShapeSetup::new(Shape::by_name("tiny").expect("a shape"), &program.key).expect("a setup");
    let segment = first_segment(&program, &setup);
    let segment = Verifiable::segment(&program, &setup, &segment);
    println!("peak {:?} MiB", peak());
    tampering(&segment);

    let lift = timed("lift, run", || segment.run());
    let shape = lift.counts().smallest_shape();
    println!("{:?}, {shape:?}", lift.counts());
    let circuit = timed("lift, setup", || Circuit::new(&RECURSION_V1, shape, &lift)).expect("a circuit");
    let dummy = segment.dummy().run();
    assert_eq!(Circuit::new(&RECURSION_V1, shape, &dummy).expect("a circuit").leaf(), circuit.leaf(), "the circuit depends on values");
    let proof = timed("lift, prove", || circuit.prove(&lift)).expect("a proof");
    println!("peak {:?} MiB, {} bytes", peak(), postcard::to_allocvec(&proof).expect("bytes").len());
    timed("lift, verify", || circuit.verify(&proof, &lift.public_digest())).expect("a valid proof");

    let lifted = Verifiable::recursion(&circuit, &lift, &proof);
    let second = timed("second level, run", || lifted.run());
    println!("{:?}, {:?}", second.counts(), second.counts().smallest_shape());
}
