//! Proofs of Keccak permutations: honest ones are accepted with true claims, all others rejected
//! for the reason that they should be.

use std::time::Instant;

use p3_field::{BasedVectorSpace, Field, PrimeCharacteristicRing, PrimeField32, TwoAdicField};
use tern_field::{EF, F};
use tern_fri::multilinear::Transcript as ProverTranscript;
use tern_fri::multilinear::keccak::permutation::State;
use tern_fri::multilinear::keccak::prover::{self, Witness};
use tern_fri::multilinear::keccak::{LAYERS, Layer, LayerProof, OutputPoint, PART_ROUNDS, Point, Proof, Shape};
use tern_verifier::multilinear::keccak::{Claims, draw_output_point, verify};
use tern_verifier::multilinear::{Claim, Transcript};
use tern_verifier::native::{Failure, Native};
use tern_verifier::reason::Reason;

/// Why the caller of the protocol rejects.
#[derive(Debug, PartialEq, Eq)]
enum Rejection {
    /// The output limbs do not evaluate to what is claimed.
    Output,
    /// The flags do not.
    Real,
    /// The verifier rejects.
    Proof(Reason),
    /// The inputs of part 1 do not evaluate to what is claimed.
    Middle,
    /// The claim on a column of bits is false.
    Bits(usize),
}

/// What is committed.
#[derive(Clone)]
struct Columns {
    shape: Shape,
    inputs: [Vec<State>; 2],
    outputs: Vec<State>,
}

fn inputs(calls: usize) -> Vec<State> {
    let mut state = [3; 25];
    let next = |_| {
        keccak::f1600(&mut state);
        state
    };
    (0..calls).map(next).collect()
}

impl Columns {
    fn new(shape: Shape, calls: usize) -> (Self, Witness) {
        let witness = Witness::new(shape, &inputs(calls));
        (Self::of(&witness), witness)
    }

    fn of(witness: &Witness) -> Self {
        let inputs = [witness.inputs(0).to_vec(), witness.inputs(1).to_vec()];
        Self { shape: *witness.shape(), inputs, outputs: witness.outputs().to_vec() }
    }

    fn calls(&self) -> usize {
        self.outputs.len()
    }

    /// What the caller does with a proof: its own evaluations are naive.
    fn check(&self, proof: &Proof<EF>) -> Result<Claims<EF>, Rejection> {
        let (point, claims) = run(&self.shape, proof);
        if proof.output != limbs_at(&point, &self.outputs) {
            return Err(Rejection::Output);
        }
        if proof.real != real_at(&point, self.calls()) {
            return Err(Rejection::Real);
        }
        let claims = claims.map_err(|failure| Rejection::Proof(failure.reason()))?;
        if claims.middle != [limbs_at(&point, &self.inputs[1])] {
            return Err(Rejection::Middle);
        }
        let bits = bits_at(&self.shape, &claims.point, &self.inputs);
        bits.iter().zip(&claims.bits).position(|(bit, claim)| bit != claim).map_or(Ok(claims), |lane| Err(Rejection::Bits(lane)))
    }
}

fn transcripts() -> (ProverTranscript, Transcript<Native>) {
    (ProverTranscript::new(b"parameters", &[1; 32]), Transcript::new(&mut Native, b"parameters", &[1; 32]))
}

/// Proves; the outputs claimed are those given.
fn prove(witness: &Witness, outputs: &[State]) -> (Proof<EF>, prover::Claims) {
    let (mut transcript, _) = transcripts();
    let point = prover::draw_output_point(witness.shape(), &mut transcript);
    let output = prover::limb_evaluation(&point, outputs);
    prover::prove(witness, &point, output, &mut transcript)
}

fn run(shape: &Shape, proof: &Proof<EF>) -> (OutputPoint<EF>, Result<Claims<EF>, Failure>) {
    let (ops, (_, mut transcript)) = (&mut Native, transcripts());
    let point = draw_output_point(ops, shape, &mut transcript);
    let claims = verify(ops, shape, &point, proof, &mut transcript);
    (point, claims)
}

/// The flags of calls that come first, at the point.
fn real_at(point: &OutputPoint<EF>, calls: usize) -> EF {
    (0..calls).map(|call| eq(&point.calls, call)).sum()
}

fn eq(point: &[EF], index: usize) -> EF {
    point.iter().enumerate().map(|(bit, x)| if index >> bit & 1 == 1 { *x } else { EF::ONE - *x }).product()
}

fn limbs_at(point: &OutputPoint<EF>, states: &[State]) -> EF {
    let mut sum = EF::ZERO;
    for (call, state) in states.iter().enumerate() {
        for (column, weight) in (0..100).zip(point.lambda.powers()) {
            let limb = state[column / 4] >> (16 * (column % 4)) & 0xffff;
            sum += eq(&point.calls, call) * weight * F::from_u64(limb);
        }
    }
    sum
}

/// The weight of an instance at a point.
fn instance_weight(point: &Point<EF>, instance: usize) -> EF {
    let Some(first) = point.first else { return eq(&point.instances, instance) };
    let root = |power: usize| EF::from(F::two_adic_generator(4).exp_u64(power as u64));
    let own = instance % 16;
    let others = (0..16).filter(|j| *j != own);
    let lagrange: EF = others.map(|j| (first - root(j)) * (root(own) - root(j)).inverse()).product();
    lagrange * eq(&point.instances, instance / 16)
}

fn bits_at(shape: &Shape, point: &Point<EF>, inputs: &[Vec<State>; 2]) -> Vec<EF> {
    assert_eq!(point.first.is_some(), shape.skip);
    assert_eq!((point.instances.len(), point.positions.len()), (shape.instance_rounds(), 7));
    let mut sums = vec![EF::ZERO; 25];
    let positions: Vec<EF> = (0..128).map(|position| eq(&point.positions, position)).collect();
    for (part, states) in inputs.iter().enumerate() {
        for (call, state) in states.iter().enumerate() {
            let weight = instance_weight(point, call);
            for (sum, word) in sums.iter_mut().zip(state) {
                let bits = (0..64).filter(|z| word >> z & 1 == 1);
                *sum += weight * bits.map(|z| positions[64 * part + z]).sum::<EF>();
            }
        }
    }
    sums
}

const PLAIN: Shape = Shape { log_calls: 2, skip: false };
const SKIPPING: Shape = Shape { log_calls: 5, skip: true };

/// The first check of a proof.
const TOP: Rejection = Rejection::Proof(Reason::Multilinear(Claim::Keccak { round: PART_ROUNDS - 1, layer: Layer::Chi }));

#[test]
fn honest_proofs_leave_true_claims() {
    let shape = |log_calls, skip| Shape { log_calls, skip };
    let mut cases = vec![(shape(0, false), 0), (shape(0, false), 1), (shape(1, false), 1), (shape(1, false), 2)];
    cases.extend([0, 1, 15, 16].map(|calls| (shape(4, true), calls)));
    cases.extend([(shape(6, true), 64), (shape(6, false), 64), (shape(9, true), 33), (shape(20, true), 17)]);
    for calls in [0, 1, 2, 15, 16, 17, 33] {
        cases.extend([(shape(6, true), calls), (shape(6, false), calls)]);
    }
    for (shape, calls) in cases {
        let (columns, witness) = Columns::new(shape, calls);
        let mut expected = inputs(calls);
        expected.iter_mut().for_each(keccak::f1600);
        assert_eq!(columns.outputs, expected);
        let (proof, claims) = prove(&witness, &columns.outputs);
        let verified = columns.check(&proof).unwrap_or_else(|rejection| panic!("{calls} calls, {shape:?}: {rejection:?}"));
        assert_eq!((verified.point, verified.bits), (claims.point, claims.bits));
    }
}

/// Proofs are the same on any machine: the last challenges, and so the claims, depend on all values.
#[test]
fn proofs_are_pinned() {
    for (shape, expected) in [
        (PLAIN, [1260362539, 1691364, 587181033, 1990503499, 1301585453]),
        (SKIPPING, [154554903, 1094974406, 1323716430, 19013964, 870231736]),
    ] {
        let (columns, witness) = Columns::new(shape, 3);
        let (_, claims) = prove(&witness, &columns.outputs);
        let coordinates: Vec<u32> = claims.bits[24].as_basis_coefficients_slice().iter().map(F::as_canonical_u32).collect();
        assert_eq!(coordinates, expected);
    }
}

#[test]
fn wrong_outputs_are_rejected() {
    for shape in [PLAIN, SKIPPING] {
        let (mut columns, witness) = Columns::new(shape, 3);
        let (honest, _) = prove(&witness, &columns.outputs);
        for (call, lane, bit) in [(0, 0, 0), (1, 7, 17), (2, 24, 63)] {
            columns.outputs[call][lane] ^= 1 << bit;
            let (proof, _) = prove(&witness, &columns.outputs);
            assert_eq!(columns.check(&proof), Err(TOP));
            assert_eq!(columns.check(&honest), Err(Rejection::Output));
            columns.outputs[call][lane] ^= 1 << bit;
        }
    }
}

#[test]
fn wrong_inputs_are_rejected() {
    for shape in [PLAIN, SKIPPING] {
        let (columns, witness) = Columns::new(shape, 3);
        let (proof, _) = prove(&witness, &columns.outputs);
        for (call, lane, bit) in [(0, 0, 0), (1, 7, 17), (2, 24, 63)] {
            let mut wrong = columns.clone();
            wrong.inputs[0][call][lane] ^= 1 << bit;
            assert_eq!(wrong.check(&proof).unwrap_err(), Rejection::Bits(lane));
            // A prover that follows the wrong input.
            let witness = Witness::from_parts(shape, &wrong.inputs);
            let (proof, _) = prove(&witness, &wrong.outputs);
            assert_eq!(wrong.check(&proof).unwrap_err(), TOP);
        }
    }
}

#[test]
fn wrong_middle_states_are_rejected() {
    for shape in [PLAIN, SKIPPING] {
        let (columns, witness) = Columns::new(shape, 3);
        let (proof, _) = prove(&witness, &columns.outputs);
        for (call, lane, bit) in [(0, 0, 0), (1, 7, 17), (2, 24, 63)] {
            let mut wrong = columns.clone();
            wrong.inputs[1][call][lane] ^= 1 << bit;
            assert_eq!(wrong.check(&proof).unwrap_err(), Rejection::Middle);
            // The second half is of the wrong state, so that only the first half's output is wrong.
            let witness = Witness::from_parts(shape, &wrong.inputs);
            let wrong = Columns::of(&witness);
            let (proof, _) = prove(&witness, &wrong.outputs);
            assert_eq!(wrong.check(&proof).unwrap_err(), TOP);
        }
    }
}

#[test]
fn wrong_flags_are_rejected() {
    for shape in [PLAIN, SKIPPING] {
        let (columns, witness) = Columns::new(shape, 3);
        // A flag less, and a flag more, as they are committed: a call then claims what padding has,
        // or padding what no permutation gives.
        for flags in [2, 4] {
            let (mut proof, _) = prove(&witness, &columns.outputs);
            proof.real = real_at(&run(&shape, &proof).0, flags);
            assert_eq!(columns.check(&proof), Err(Rejection::Real));
            assert_eq!(Rejection::Proof(run(&shape, &proof).1.unwrap_err().reason()), TOP);
        }
        // One more call, of a zero input, whose output is there.
        let more = Witness::new(shape, &[inputs(3), vec![[0; 25]]].concat());
        let (proof, _) = prove(&more, more.outputs());
        assert!(Columns::of(&more).check(&proof).is_ok());
        // The same without the output.
        let mut wrong = Columns::of(&more);
        wrong.outputs[3] = [0; 25];
        let (proof, _) = prove(&more, &wrong.outputs);
        assert_eq!(wrong.check(&proof).unwrap_err(), TOP);
        // Or without the flag, as if it were padding: then it is padding that has an output.
        let (mut proof, _) = prove(&more, more.outputs());
        proof.real = real_at(&run(&shape, &proof).0, 3);
        assert_eq!(Rejection::Proof(run(&shape, &proof).1.unwrap_err().reason()), TOP);
    }
}

/// All the instances that there is room for can be calls.
#[test]
fn a_full_table_is_proved() {
    for shape in [PLAIN, SKIPPING] {
        let (columns, witness) = Columns::new(shape, 1 << shape.log_calls);
        assert!(columns.check(&prove(&witness, &columns.outputs).0).is_ok());
    }
}

/// The values of a layer, messages first.
fn values(proof: &mut LayerProof<EF>) -> Vec<&mut EF> {
    let LayerProof { first, instances, positions, claims } = proof;
    first.iter_mut().chain(instances.iter_mut().flatten()).chain(positions.iter_mut().flatten()).chain(claims).collect()
}

#[test]
fn every_value_is_bound_by_its_layer() {
    for shape in [PLAIN, Shape { log_calls: 4, skip: true }] {
        let (columns, witness) = Columns::new(shape, 3);
        let (mut proof, _) = prove(&witness, &columns.outputs);
        let reject = |proof: &Proof<EF>| run(&shape, proof).1.unwrap_err().reason();
        let claims: [fn(&mut Proof<EF>) -> &mut EF; 3] = [|proof| &mut proof.real, |proof| &mut proof.output, |proof| &mut proof.middle[0]];
        for claim in claims {
            *claim(&mut proof) += EF::ONE;
            assert_eq!(Rejection::Proof(reject(&proof)), TOP);
            *claim(&mut proof) -= EF::ONE;
        }
        let mut count = 0;
        for (index, round) in (0..PART_ROUNDS).rev().enumerate() {
            for (position, layer) in LAYERS.into_iter().enumerate() {
                for value in 0..values(&mut proof.rounds[index][position]).len() {
                    *values(&mut proof.rounds[index][position])[value] += EF::ONE;
                    assert_eq!(reject(&proof), Reason::Multilinear(Claim::Keccak { round, layer }), "value {value}");
                    *values(&mut proof.rounds[index][position])[value] -= EF::ONE;
                    count += 1;
                }
            }
        }
        // In full: 348 values a round with the skip.
        let expected = if shape.skip { 98 + 108 + 142 } else { (6 + 28 + 25) + (6 + 28 + 35) + (10 + 42 + 25) };
        assert_eq!(count, PART_ROUNDS * expected);
        assert!(columns.check(&proof).is_ok());
    }
}

/// Whoever sends anything can still pass every layer, by a claim that makes up for it; then the
/// last claims are false.
#[test]
fn cheats_through_all_layers_leave_false_claims() {
    for shape in [PLAIN, SKIPPING] {
        let (columns, witness) = Columns::new(shape, 3);
        let (honest, _) = prove(&witness, &columns.outputs);
        let first_message = |proof: &mut Proof<EF>, index: usize, layer: usize| *values(&mut proof.rounds[index][layer])[0] += EF::ONE;
        for (start, patches) in [(0, 36), (1, 36), (2, 36), (3, 19), (4, 1)] {
            let (mut proof, mut wrong) = (honest.clone(), columns.clone());
            match start {
                0 => {
                    // A wrong output, claimed as it is committed.
                    wrong.outputs[2][3] ^= 1 << 40;
                    proof.output = prove(&witness, &wrong.outputs).0.output;
                }
                1 => {
                    // A wrong state between the parts, claimed as it is committed.
                    wrong.inputs[1][2][3] ^= 1 << 40;
                    let (_, mut verifier) = transcripts();
                    proof.middle = vec![limbs_at(&draw_output_point(&mut Native, &shape, &mut verifier), &wrong.inputs[1])];
                }
                2 => first_message(&mut proof, 0, 0),
                3 => first_message(&mut proof, 5, 2),
                _ => first_message(&mut proof, PART_ROUNDS - 1, 2),
            }
            assert_eq!(patch(&shape, &mut proof), patches);
            assert!(matches!(wrong.check(&proof), Err(Rejection::Bits(_))));
        }
    }
}

/// Makes each layer pass by its first claim, and gives how many had not.
fn patch(shape: &Shape, proof: &mut Proof<EF>) -> usize {
    for patched in 0.. {
        let fail = |proof: &Proof<EF>| match run(shape, proof).1 {
            Ok(_) => None,
            Err(Failure::Element { reason: Reason::Multilinear(Claim::Keccak { round, layer }), expected, got }) => {
                Some((round, layer, expected, got))
            }
            Err(other) => panic!("{other}"),
        };
        let Some((round, layer, expected, got)) = fail(proof) else { return patched };
        let place = |proof: &mut Proof<EF>, change: EF| {
            let position = LAYERS.iter().position(|other| *other == layer).unwrap();
            proof.rounds[PART_ROUNDS - 1 - round][position].claims[0] += change;
        };
        // The sum's term is of degree one in it.
        place(proof, EF::ONE);
        let (_, _, same, next) = fail(proof).expect("a layer that one claim alone makes pass");
        assert_eq!(same, expected);
        place(proof, (expected - got) * (next - got).inverse() - EF::ONE);
    }
    unreachable!()
}

fn shorten(list: &mut Vec<EF>) {
    list.pop();
}

#[test]
fn other_lengths_are_rejected() {
    for shape in [PLAIN, SKIPPING] {
        let (columns, witness) = Columns::new(shape, 3);
        let (honest, _) = prove(&witness, &columns.outputs);
        let reject = |shape: &Shape, change: &dyn Fn(&mut Proof<EF>)| {
            let mut proof = honest.clone();
            change(&mut proof);
            assert_eq!(run(shape, &proof).1.unwrap_err().reason(), Reason::Multilinear(Claim::Shape));
        };
        reject(&Shape { log_calls: shape.log_calls + 1, ..shape }, &|_| {});
        reject(&Shape { skip: !shape.skip, ..shape }, &|_| {});
        reject(&Shape { log_calls: 3, skip: true }, &|_| {});
        reject(&shape, &|proof| proof.middle.clear());
        reject(&shape, &|proof| proof.middle.push(EF::ZERO));
        reject(&shape, &|proof| drop(proof.rounds.pop()));
        reject(&shape, &|proof| proof.rounds.push(proof.rounds[0].clone()));
        for layer in 0..3 {
            reject(&shape, &|proof| shorten(&mut proof.rounds[3][layer].claims));
            reject(&shape, &|proof| proof.rounds[3][layer].claims.push(EF::ZERO));
            reject(&shape, &|proof| proof.rounds[3][layer].first.push(EF::ZERO));
            reject(&shape, &|proof| drop(proof.rounds[3][layer].positions.pop()));
            reject(&shape, &|proof| proof.rounds[3][layer].positions.push(Vec::new()));
            reject(&shape, &|proof| proof.rounds[3][layer].positions[6].push(EF::ZERO));
            reject(&shape, &|proof| shorten(&mut proof.rounds[3][layer].positions[0]));
            reject(&shape, &|proof| drop(proof.rounds[3][layer].instances.pop()));
            reject(&shape, &|proof| proof.rounds[3][layer].instances.push(Vec::new()));
            reject(&shape, &|proof| proof.rounds[3][layer].instances[0].push(EF::ZERO));
        }
        if shape.skip {
            reject(&shape, &|proof| shorten(&mut proof.rounds[3][1].first));
        }
    }
}

/// Prints what a permutation takes. On one thread: `RAYON_NUM_THREADS=1`; of other numbers of
/// calls: `LOG_CALLS=9`.
#[test]
#[ignore = "a measurement"]
fn speed() {
    let calls: usize = std::env::var("CALLS").map_or(2048, |number| number.parse().expect("a number"));
    let shape = Shape { log_calls: calls.next_power_of_two().ilog2() as usize, skip: true };
    let start = Instant::now();
    let witness = Witness::new(shape, &inputs(calls));
    let filled = start.elapsed();
    let start = Instant::now();
    let (proof, _) = prove(&witness, witness.outputs());
    let proved = start.elapsed();
    let start = Instant::now();
    run(&shape, &proof).1.expect("an honest proof");
    let verified = start.elapsed();
    let each = |time: std::time::Duration| time.as_micros() / calls as u128;
    println!("{calls} calls: {} us each, states {} us; verified in {} us", each(proved), each(filled), verified.as_micros());
}
