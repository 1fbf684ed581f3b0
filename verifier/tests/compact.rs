//! The compact encoding: round trips, one encoding for each proof, and its length.

#[path = "../../fri/tests/common/mod.rs"]
mod common;
#[path = "../../fri/tests/common/tiny.rs"]
mod tiny;

use common::{AIRS, LOG_HEIGHTS, Proved, prove};
use p3_batch_stark::verify_batch;
use tern_fri::params::{FINAL_V1, RECURSION_V1, SEGMENT_V1};
use tern_fri::{Params, ProofSize, RelationShape};
use tern_verifier::compact::{CompactError, decode, encode};
use tern_verifier::{CommitmentKind, ProofShape};
use tiny::TINY;

const SEED: [u8; 32] = [3; 32];

/// The same with the two tables too short for the sets that recursion uses.
const fn short(params: Params) -> Params {
    Params { log_final_poly_len: 2, query_pow_bits: 4, ..params }
}

struct Case {
    proved: Proved,
    shape: ProofShape,
    bytes: Vec<u8>,
}

impl Case {
    fn new(params: &Params) -> Self {
        let proved = prove(params, SEED, 17);
        let lookups = &proved.data.common.lookups;
        let relation = RelationShape::from_airs(&["counter", "bytes"], &AIRS, &LOG_HEIGHTS, lookups).expect("the lists match");
        let shape = ProofShape::new(params, relation).expect("the relation is provable");
        let bytes = encode(&shape, &proved.proof).expect("the proof has its shape");
        Self { proved, shape, bytes }
    }

    /// Whether the bytes are a proof that holds.
    fn holds(&self, bytes: &[u8]) -> bool {
        let Ok(proof) = decode(&self.shape, bytes) else { return false };
        assert_eq!(self.shape.check(&proof), Ok(()));
        assert_eq!(encode(&self.shape, &proof).as_deref(), Ok(bytes), "a proof has one encoding");
        let Proved { config, data, public_values, .. } = &self.proved;
        verify_batch(config, &AIRS, &proof, public_values, &data.common).is_ok()
    }

    /// Bytes of a proof without a digest in its paths.
    fn least(&self) -> usize {
        let Err(CompactError::Length { least, .. }) = decode(&self.shape, &[]) else { panic!("no proof is empty") };
        least
    }
}

#[test]
fn proofs_survive_the_round_trip() {
    for params in [TINY, SEGMENT_V1, short(RECURSION_V1), short(FINAL_V1)] {
        let case = Case::new(&params);
        let decoded = decode(&case.shape, &case.bytes).expect("it is a proof of the shape");
        let postcard = |proof| postcard::to_allocvec(proof).expect("proofs serialise");
        assert_eq!(postcard(&decoded), postcard(&case.proved.proof));
        assert!(case.holds(&case.bytes));
        assert!(case.bytes.len() < postcard(&decoded).len());
    }
}

#[test]
fn the_length_is_the_estimated_one() {
    for params in [SEGMENT_V1, short(RECURSION_V1), short(FINAL_V1)] {
        let case = Case::new(&params);
        let size = ProofSize::new(&params, case.shape.relation());
        let fri = &case.proved.proof.opening_proof;
        let inputs = fri.input_openings.iter().map(|opening| &opening.opening_proof);
        let rounds = fri.commit_phase_openings.iter().map(|opening| &opening.opening_proof);
        let paths: usize = inputs.chain(rounds).map(|paths| 2 + 32 * paths.sibling_hashes.len()).sum();
        assert_eq!(case.bytes.len(), size.without_paths() + paths);
        let ratio = case.bytes.len() as f64 / size.total();
        assert!((0.9..1.1).contains(&ratio), "{} bytes, {:.0} expected", case.bytes.len(), size.total());
    }
}

#[test]
fn every_changed_byte_is_rejected() {
    let case = Case::new(&TINY);
    for position in 0..case.bytes.len() {
        for change in [1, 0x80] {
            let mut bytes = case.bytes.clone();
            bytes[position] ^= change;
            assert!(!case.holds(&bytes), "byte {position} of {}", bytes.len());
        }
    }
}

#[test]
fn truncated_and_extended_bytes_are_rejected() {
    let case = Case::new(&TINY);
    let least = case.least();
    for len in 0..case.bytes.len() {
        let error = decode(&case.shape, &case.bytes[..len]).map(|_| ()).expect_err("a part is no proof");
        assert_eq!(matches!(error, CompactError::Length { .. }), len < least, "{len} bytes: {error}");
        assert!(matches!(error, CompactError::Length { .. } | CompactError::Wire(_)), "{len} bytes: {error}");
    }
    let mut longer = case.bytes.clone();
    longer.push(0);
    assert_eq!(decode(&case.shape, &longer).map(|_| ()), Err(CompactError::TrailingBytes { got: 1 }));
    longer.resize(1 << 20, 0);
    let Err(CompactError::Length { most, got, .. }) = decode(&case.shape, &longer) else { panic!("no proof is that long") };
    assert_eq!(got, 1 << 20);
    assert!(case.bytes.len() <= most);
}

#[test]
fn elements_must_be_canonical_and_counts_possible() {
    let case = Case::new(&TINY);
    // After the commitments' digests, two each for three commitments and the rounds, stands the first claimed value.
    let rounds = case.proved.proof.opening_proof.commit_phase_commits.len();
    let first = 2 * 32 * (3 + rounds);
    let mut bytes = case.bytes.clone();
    bytes[first..first + 4].fill(0xff);
    assert!(matches!(decode(&case.shape, &bytes), Err(CompactError::Wire(_))));
    // The last commitment's paths end the proof.
    let digests =
        case.proved.proof.opening_proof.commit_phase_openings.last().map_or(0, |opening| opening.opening_proof.sibling_hashes.len());
    let count = case.bytes.len() - 32 * digests - 2;
    let mut bytes = case.bytes.clone();
    bytes[count..count + 2].copy_from_slice(&u16::MAX.to_le_bytes());
    let expected = CommitmentKind::Round(rounds - 1);
    let Err(CompactError::PathDigests { kind, got, .. }) = decode(&case.shape, &bytes) else { panic!("the paths are too long") };
    assert_eq!((kind, got), (expected, usize::from(u16::MAX)));
}

#[test]
fn proofs_of_another_shape_are_not_encoded() {
    let case = Case::new(&TINY);
    let other = Case::new(&Params { num_queries: 4, ..TINY });
    assert!(encode(&other.shape, &case.proved.proof).is_err());
    assert!(decode(&other.shape, &case.bytes).is_err());
}
