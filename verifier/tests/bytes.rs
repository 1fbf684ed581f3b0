//! Proofs as bytes: round trips, one encoding for each proof, and no panic on what is none.

#[expect(dead_code, reason = "other tests use more of it")]
#[path = "fixed/airs.rs"]
mod airs;
#[path = "fixed/circuit.rs"]
mod circuit;

use std::panic::{AssertUnwindSafe, catch_unwind};

use airs::{Toy, Toys};
use circuit::{Case, Circuit, LOOKUPS, PARAMS, ROW_VARIABLES, Rows, SEED};
use p3_field::PrimeCharacteristicRing;
use tern_field::{EF, F};
use tern_fri::multilinear::prove::Prover;
use tern_fri::multilinear::{Params, Proof};
use tern_verifier::multilinear::BatchVerifier;
use tern_verifier::multilinear::batch::Rejected;
use tern_verifier::multilinear::bytes::BytesError;
use tern_verifier::multilinear::opening::Excess;
use tern_verifier::wire::WireError;

/// Numbers that look random.
struct Noise(u64);

impl Noise {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 31)).wrapping_mul(0xd6e8_feb8_6659_fd93);
        (mixed ^ (mixed >> 29)) as usize % bound
    }
}

struct Encoded {
    circuit: Circuit,
    proof: Proof,
    bytes: Vec<u8>,
}

impl Encoded {
    fn new() -> Self {
        let case = Case::new(Rows(60, 40), Rows(30, 3), Rows(20, 0));
        let circuit = Circuit::new(&case.airs, 10);
        let proof = circuit.prove(&case);
        let bytes = circuit.verifier.encode(&proof).expect("the proof has its lengths");
        Self { circuit, proof, bytes }
    }

    fn decode(&self, bytes: &[u8]) -> Result<Proof, BytesError> {
        self.circuit.verifier.decode(bytes)
    }

    /// Whether the bytes are a proof that holds. A panic fails the test.
    fn holds(&self, bytes: &[u8], what: &str) -> bool {
        let judge = || {
            let Ok(proof) = self.decode(bytes) else { return false };
            assert_eq!(self.circuit.verifier.encode(&proof).as_deref(), Ok(bytes), "a proof has one encoding: {what}");
            self.circuit.judge(&proof).is_ok()
        };
        catch_unwind(AssertUnwindSafe(judge)).unwrap_or_else(|_| panic!("a panic: {what}"))
    }
}

#[test]
fn proofs_survive_the_round_trip() {
    let rows = [
        (Rows(600, 600), Rows(5, 5), Rows(2, 2), 10),
        (Rows(0, 1_100), Rows(300, 0), Rows(0, 7), 11),
        (Rows(3, 3), Rows(3, 3), Rows(3, 3), 13),
    ];
    for (gates, first, more, log_rows) in rows {
        let case = Case::new(gates, first, more);
        let circuit = Circuit::new(&case.airs, log_rows);
        let proof = circuit.prove(&case);
        let bytes = circuit.verifier.encode(&proof).expect("the proof has its lengths");
        assert_eq!(circuit.verifier.decode(&bytes), Ok(proof));
    }
}

/// Without fixed columns in a proof, and without the witnesses of proofs of work of no bits.
#[test]
fn what_a_proof_does_not_have_is_not_in_its_bytes() {
    let idle = Params { lookup_pow_bits: 0, column_pow_bits: 0, row_pow_bits: 0, query_pow_bits: 0, ..PARAMS };
    let case = Case::new(Rows(0, 700), Rows(0, 3), Rows(0, 0));
    let airs: Vec<Toy> = case.airs[LOOKUPS..].to_vec();
    for (params, works) in [(PARAMS, true), (idle, false)] {
        let proof = Prover::new(&params, airs.clone(), ROW_VARIABLES).prove(&SEED, &case.tables[LOOKUPS..], &[vec![], vec![]]);
        let proof = proof.expect("a proof");
        let verifier = BatchVerifier::new(&params, &airs, Toys(airs.clone()), ROW_VARIABLES).expect("closed forms");
        let bytes = verifier.encode(&proof).expect("the proof has its lengths");
        assert_eq!(verifier.decode(&bytes).as_ref(), Ok(&proof));
        let opening = &proof.opening;
        let lists = |lists: &[Vec<EF>]| lists.iter().map(Vec::len).sum::<usize>();
        let layers: usize = proof.layers.iter().map(|layer| 3 * layer.rounds.len() + 4).sum();
        let leaves = opening.leaves.iter().flat_map(|word| &word.leaves).map(Vec::len).sum::<usize>();
        let values = 1
            + layers
            + proof.skip.len()
            + lists(&proof.rounds)
            + 1
            + lists(&proof.forms)
            + 2 * opening.rounds.len()
            + opening.last.len()
            + leaves;
        let cells = opening.rows.iter().flat_map(|rows| &rows.leaves).map(Vec::len).sum::<usize>();
        let caps = proof.cap.len() + opening.words.iter().map(Vec::len).sum::<usize>();
        let paths = opening.rows.iter().map(|rows| rows.path.len()).chain(opening.leaves.iter().map(|word| word.path.len()));
        let works = if works { 2 + opening.works.len() } else { 0 };
        let counts = 2 * (opening.rows.len() + opening.leaves.len());
        let expected = 4 * proof.heights.len() + 20 * values + 4 * (cells + works) + 32 * (caps + paths.sum::<usize>()) + 2 * counts;
        assert_eq!(bytes.len(), expected);
        // A witness that is not asked for is none of the proof's.
        if params == idle {
            let mut changed = proof.clone();
            changed.opening.query_work += F::ONE;
            assert!(verifier.verify(&SEED, &[vec![], vec![]], &changed).is_err());
        }
    }
}

#[test]
fn every_changed_byte_is_rejected() {
    let case = Encoded::new();
    assert!(case.holds(&case.bytes, "the proof"));
    let mut noise = Noise(1);
    for position in 0..case.bytes.len() {
        let mut bytes = case.bytes.clone();
        bytes[position] ^= 1 + noise.below(255) as u8;
        assert!(!case.holds(&bytes, "a changed byte"), "byte {position} of {}", bytes.len());
    }
}

#[test]
fn noise_in_a_proof_is_rejected() {
    let case = Encoded::new();
    let mut noise = Noise(7);
    for round in 0..2_000 {
        let mut bytes = case.bytes.clone();
        for _ in 0..=noise.below(4) {
            let at = noise.below(bytes.len());
            match noise.below(5) {
                0 => bytes[at] = noise.below(256) as u8,
                1 => drop(bytes.remove(at)),
                2 => bytes.insert(at, noise.below(256) as u8),
                3 => {
                    // Parts change places.
                    let len = 4 * (1 + noise.below(16));
                    let (from, to) = (noise.below(bytes.len() - len), noise.below(bytes.len() - len));
                    let part = bytes[from..from + len].to_vec();
                    bytes.copy_within(to..to + len, from);
                    bytes[to..to + len].copy_from_slice(&part);
                }
                _ => {
                    let end = bytes.len().min(at + noise.below(64));
                    bytes.drain(at..end);
                }
            }
        }
        assert!(bytes == case.bytes || !case.holds(&bytes, "noise"), "round {round}");
    }
}

#[test]
fn truncated_extended_and_foreign_bytes_are_rejected() {
    let case = Encoded::new();
    for len in 0..case.bytes.len() {
        let error = case.decode(&case.bytes[..len]).expect_err("a part is no proof");
        let BytesError::Wire(WireError::Truncated { offset, needed, left }) = error else { panic!("{len} bytes: {error}") };
        assert!(offset + left == len && left < needed, "{len} bytes: {error}");
    }
    for more in [1, 4, 32, 1 << 20] {
        let longer = [&case.bytes[..], &vec![0; more]].concat();
        assert_eq!(case.decode(&longer), Err(BytesError::Trailing { got: more }));
    }
    for fill in [0xff, 0x7f, 1] {
        assert!(matches!(case.decode(&vec![fill; case.bytes.len()]), Err(BytesError::Heights(_))), "{fill}");
    }
    // No heights, and elements that are all zero.
    assert!(!case.holds(&vec![0; case.bytes.len()], "zeros"));
    // The same circuit in more rows has other lists.
    let other = Circuit::new(&Case::new(Rows(60, 40), Rows(30, 3), Rows(20, 0)).airs, 11);
    assert!(other.verifier.decode(&case.bytes).is_err());
    assert_eq!(other.verifier.encode(&case.proof), Err(Rejected::Shape));
}

#[test]
fn lists_of_other_lengths_have_no_encoding() {
    let case = Encoded::new();
    let mut tried = 0;
    macro_rules! lengths {
        ($($list:tt)+) => {
            for change in 0..4 {
                let mut changed = case.proof.clone();
                let list = &mut changed.$($list)+;
                let before = list.clone();
                match change {
                    0 => _ = list.pop(),
                    1 => list.extend(before.last().cloned()),
                    2 => list.extend(before.clone()),
                    _ => list.clear(),
                }
                assert_ne!(list.len(), before.len(), "{}", stringify!($($list)+));
                assert_eq!(case.circuit.verifier.encode(&changed), Err(Rejected::Shape), "{}", stringify!($($list)+));
                assert_eq!(case.circuit.judge(&changed), Err(Rejected::Shape), "{}", stringify!($($list)+));
                tried += 1;
            }
        };
    }
    lengths!(heights);
    lengths!(layers);
    lengths!(layers[3].rounds);
    lengths!(skip);
    lengths!(rounds);
    lengths!(rounds[1]);
    lengths!(forms);
    lengths!(forms[0]);
    lengths!(opening.rounds);
    lengths!(opening.works);
    lengths!(opening.words);
    lengths!(opening.words[0]);
    lengths!(opening.last);
    lengths!(opening.rows);
    lengths!(opening.rows[1].leaves[0]);
    lengths!(opening.leaves);
    lengths!(opening.leaves[0].leaves[3]);
    assert_eq!(tried, 68);
    // More leaves than there are queries, and heights of other lists.
    for oracle in 0..2 {
        let mut changed = case.proof.clone();
        let leaves = &mut changed.opening.rows[oracle].leaves;
        leaves.extend(leaves.clone());
        assert_eq!(case.circuit.verifier.encode(&changed), Err(Rejected::Shape));
    }
    for height in [1 << 20, usize::MAX] {
        let mut changed = case.proof.clone();
        changed.heights[0] = height;
        assert!(matches!(case.circuit.verifier.encode(&changed), Err(Rejected::Heights(_))), "{height}");
        assert!(matches!(case.circuit.judge(&changed), Err(Rejected::Heights(_))), "{height}");
    }
}

/// The digests of a commitment are as many as the parameters say.
#[test]
fn commitments_have_their_digests() {
    let case = Encoded::new();
    for digests in [0, 1, 3, 5, 8] {
        let mut changed = case.proof.clone();
        changed.cap.resize(digests, [0; 32]);
        assert_eq!(case.circuit.verifier.encode(&changed), Err(Rejected::Shape));
        assert!(case.circuit.judge(&changed).is_err());
    }
}

#[test]
fn too_few_and_too_many_leaves_and_digests_are_told_apart() {
    let case = Encoded::new();
    let judge = |change: &dyn Fn(&mut Proof)| {
        let mut proof = case.proof.clone();
        change(&mut proof);
        let bytes = case.circuit.verifier.encode(&proof).expect("positions decide these lengths");
        assert_eq!(case.decode(&bytes).as_ref(), Ok(&proof));
        case.circuit.judge(&proof)
    };
    let opening = &case.proof.opening;
    let (rows, leaves) = (opening.rows.len(), opening.leaves.len());
    for oracle in 0..rows + leaves {
        let honest = oracle.checked_sub(rows).map_or_else(|| opening.rows[oracle].path.len(), |word| opening.leaves[word].path.len());
        let path = |proof: &mut Proof, change: &dyn Fn(&mut Vec<[u8; 32]>)| match oracle.checked_sub(rows) {
            Some(word) => change(&mut proof.opening.leaves[word].path),
            None => change(&mut proof.opening.rows[oracle].path),
        };
        let excess = |got| Err(Rejected::Excess(Excess { oracle, what: "digests", expected: honest, got }));
        assert_eq!(judge(&|proof| path(proof, &|path| path.push([0; 32]))), excess(honest + 1));
        assert_eq!(judge(&|proof| path(proof, &|path| path.truncate(honest - 1))), excess(honest - 1));
        let honest = oracle.checked_sub(rows).map_or_else(|| opening.rows[oracle].leaves.len(), |word| opening.leaves[word].leaves.len());
        let fewer = judge(&|proof| match oracle.checked_sub(rows) {
            Some(word) => drop(proof.opening.leaves[word].leaves.pop()),
            None => drop(proof.opening.rows[oracle].leaves.pop()),
        });
        assert_eq!(fewer, Err(Rejected::Excess(Excess { oracle, what: "leaves", expected: honest, got: honest - 1 })));
    }
    // More digests than all paths together can have are not read.
    let mut proof = case.proof.clone();
    proof.opening.rows[0].path.resize(1_000, [0; 32]);
    let bytes = case.circuit.verifier.encode(&proof).expect("a length of 16 bits");
    let Err(BytesError::Count { oracle: 0, what: "digests", most, got: 1_000 }) = case.decode(&bytes) else { panic!("too many digests") };
    // A path for each of twelve queries, from leaves of 2^13 to a cap of 4.
    assert_eq!(most, 12 * 11);
    proof.opening.rows[0].path.resize(1 << 16, [0; 32]);
    assert_eq!(case.circuit.verifier.encode(&proof), Err(Rejected::Shape));
}
