//! A frozen final proof and every way to change it: each change is rejected for its own reason, in
//! this version of the verifier and in those to come.
//!
//! `vectors/README.md` says what the files are and when they may change.

#[path = "vectors/regions.rs"]
mod regions;

use std::fmt::Write;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use regions::{Region, Unit, regions};
use tern_air::machine::leaf::Bounds;
use tern_air::machine::segment::StatementError;
use tern_field::DIGEST_LEN;
use tern_verifier::final_proof::{Circuits, Header};
use tern_verifier::multilinear::batch::Rejected;
use tern_verifier::multilinear::bytes::BytesError;
use tern_verifier::multilinear::programs::NodeRelation;
use tern_verifier::segments::{Expected, Output, Rejection, STATEMENT_BYTES};
use tern_verifier::wire::{Reader, WireError};
use tern_verifier::{KeyError, Reason, VerifyingKey, verify};

/// The order of the field.
const P: u32 = 0x7800_0001;
// Where the fields of the header start.
const VERSION: usize = 4;
const KIND: usize = 5;
const PARAMS: usize = 6;
const KEY_DIGEST: usize = 7;
const CIRCUITS: usize = KEY_DIGEST + 32;
const INPUT_ROOT: usize = CIRCUITS + 32;
const OUTPUT_LEN: usize = INPUT_ROOT + 4 * DIGEST_LEN;
const OUTPUT: usize = OUTPUT_LEN + 4;

/// Sampled bytes of long parts of the batch proof are this far apart: an odd number, so that all
/// bytes of elements are met.
const STRIDE: usize = 61;
/// Parts up to this length are changed at every byte.
const SHORT: usize = 128;

struct Vector {
    proof: Vec<u8>,
    key: VerifyingKey,
    output: Vec<u8>,
}

fn path(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests", "vectors", name].iter().collect()
}

fn file(name: &str) -> Vec<u8> {
    let path = path(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn vector() -> Vector {
    let key = VerifyingKey::from_file(&file("fibonacci.vkey")).expect("a key");
    Vector { proof: file("fibonacci.final"), key, output: file("fibonacci.output") }
}

impl Vector {
    /// Where the statement starts.
    fn statement(&self) -> usize {
        OUTPUT + self.output.len()
    }

    /// Where the batch proof starts.
    fn batch(&self) -> usize {
        self.statement() + STATEMENT_BYTES
    }

    fn header(&self) -> Header {
        Header::read(&mut Reader::new(&self.proof)).expect("a header")
    }

    fn changed(&self, change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
        let mut proof = self.proof.clone();
        change(&mut proof);
        proof
    }

    /// The rejection of the proof with other bytes from `at` on.
    #[track_caller]
    fn with(&self, at: usize, bytes: &[u8]) -> Rejection {
        self.rejection(&self.changed(|proof| proof[at..at + bytes.len()].copy_from_slice(bytes)))
    }

    /// The rejection of the proof with a bit of one byte flipped.
    #[track_caller]
    fn with_flipped(&self, at: usize) -> Rejection {
        self.with(at, &[self.proof[at] ^ 1])
    }

    /// The rejection of the proof with another header.
    #[track_caller]
    fn with_header(&self, key: &VerifyingKey, expected: &Expected, change: impl FnOnce(&mut Header)) -> Rejection {
        let mut header = self.header();
        change(&mut header);
        let proof = [&header.to_bytes().expect("a short output"), &self.proof[self.batch()..]].concat();
        verify(&proof, key, expected).expect_err("a rejection")
    }

    #[track_caller]
    fn rejection(&self, proof: &[u8]) -> Rejection {
        verify(proof, &self.key, &Expected::default()).expect_err("a rejection")
    }

    /// A word of the header.
    fn word(&self, at: usize) -> u32 {
        u32::from_le_bytes(self.proof[at..at + 4].try_into().expect("four bytes"))
    }
}

fn circuits() -> Circuits {
    Circuits::recorded().expect("a record")
}

/// What final proofs prove.
fn relation() -> NodeRelation {
    circuits().relation().expect("a relation")
}

/// The digest with its byte `index` changed by [`Vector::with_flipped`].
fn flipped(digest: [u8; 32], index: usize) -> [u8; 32] {
    let mut other = digest;
    other[index] ^= 1;
    other
}

#[test]
fn the_proof_is_accepted() {
    let vector = vector();
    let output = Output { bytes: vector.output.clone(), exit_code: 0, segments: None };
    assert_eq!(verify(&vector.proof, &vector.key, &Expected::default()), Ok(output));
    assert_eq!(vector.output, 2_880_067_194_370_816_120_u64.to_le_bytes(), "the ninetieth Fibonacci number");
}

#[test]
fn every_field_before_the_output_is_checked() {
    let vector = vector();
    for at in 0..VERSION {
        let mut got = *b"TERN";
        got[at] ^= 1;
        assert_eq!(vector.with_flipped(at), Rejection::NotAProof { got });
    }
    for got in [0, 1, 3, 255] {
        assert_eq!(vector.with(VERSION, &[got]), Rejection::Unsupported { what: "version", expected: 2, got });
    }
    for got in [0, 3, 255] {
        assert_eq!(vector.with(KIND, &[got]), Rejection::Unsupported { what: "kind", expected: 1, got });
    }
    for got in [0, 1, 2, 3, 5, 255] {
        assert_eq!(vector.with(PARAMS, &[got]), Rejection::Unsupported { what: "parameter set", expected: 4, got });
    }
    let (key, circuits) = (vector.key.digest(), circuits().digest(&relation()));
    for index in 0..32 {
        let got = flipped(key, index);
        assert_eq!(vector.with_flipped(KEY_DIGEST + index), Rejection::Program { expected: key, got });
        let got = flipped(circuits, index);
        assert_eq!(vector.with_flipped(CIRCUITS + index), Rejection::Circuits { expected: circuits, got });
    }
    for offset in (INPUT_ROOT..OUTPUT_LEN).step_by(4) {
        let other = (vector.word(offset) + 1) % P;
        assert_eq!(vector.with(offset, &other.to_le_bytes()), Rejection::MemoryRoot { segment: 0 });
        for value in [P, u32::MAX] {
            assert_eq!(vector.with(offset, &value.to_le_bytes()), Rejection::Wire(WireError::NotCanonical { offset, value }));
        }
    }
}

/// A final proof is no chain of segments, whatever its header says.
#[test]
fn kinds_are_not_mistaken_for_each_other() {
    let vector = vector();
    assert_eq!(vector.with(KIND, &[1]), Rejection::Unsupported { what: "parameter set", expected: 3, got: 4 });
    // As a chain of segments, the digest of the circuits stands where the root of the input is.
    let words = (CIRCUITS..OUTPUT_LEN).step_by(4).map(|offset| (offset, vector.word(offset)));
    let (offset, value) = words.clone().find(|(_, value)| *value >= P).expect("a digest is no root");
    assert_eq!(vector.with(KIND, &[1, 3]), Rejection::Wire(WireError::NotCanonical { offset, value }));
}

#[test]
fn the_output_is_checked() {
    let vector = vector();
    let left = vector.proof.len() - OUTPUT;
    for needed in [left + 1, 1 << 24, 0xffff_ffff] {
        let claimed = u32::try_from(needed).expect("a length of 32 bits").to_le_bytes();
        assert_eq!(vector.with(OUTPUT_LEN, &claimed), Rejection::Wire(WireError::Truncated { offset: OUTPUT, needed, left }));
    }
    let claimed = u32::try_from(left).expect("a short proof").to_le_bytes();
    let end = WireError::Truncated { offset: vector.proof.len(), needed: 4, left: 0 };
    assert_eq!(vector.with(OUTPUT_LEN, &claimed), Rejection::Wire(end));

    let expected = *blake3::hash(&vector.output).as_bytes();
    let mut others: Vec<Vec<u8>> = vec![vec![], vector.output[..7].to_vec(), [&vector.output[..], &[0]].concat()];
    others.extend((0..vector.output.len()).map(|index| {
        let mut other = vector.output.clone();
        other[index] ^= 1;
        other
    }));
    for other in others {
        let got = *blake3::hash(&other).as_bytes();
        let rejection = vector.with_header(&vector.key, &Expected::default(), |header| header.output = other);
        assert_eq!(rejection, Rejection::Output { expected, got });
    }
}

#[test]
fn every_field_of_the_statement_is_checked() {
    let vector = vector();
    let (pc_in, pc_out) = (vector.statement(), vector.statement() + 4);
    let (root_in, root_out) = (pc_out + 4, pc_out + 4 + 4 * DIGEST_LEN);
    let halted = root_out + 4 * DIGEST_LEN;
    let (exit_code, output_digest) = (halted + 1, halted + 5);
    let expected = vector.key.entry;
    for got in [0, expected + 4, expected ^ 1 << 20] {
        assert_eq!(vector.with(pc_in, &got.to_le_bytes()), Rejection::ProgramCounter { segment: 0, expected, got });
    }
    for pc in [1, 2, 1 << 30, u32::MAX] {
        let error = StatementError::ProgramCounter(pc);
        assert_eq!(vector.with(pc_in, &pc.to_le_bytes()), Rejection::Statement { segment: 0, error });
        assert_eq!(vector.with(pc_out, &pc.to_le_bytes()), Rejection::Statement { segment: 0, error });
    }
    let error = StatementError::HaltedWithProgramCounter(expected);
    assert_eq!(vector.with(pc_out, &expected.to_le_bytes()), Rejection::Statement { segment: 0, error });
    for offset in (root_in..halted).step_by(4) {
        if offset < root_out {
            let other = (vector.word(offset) + 1) % P;
            assert_eq!(vector.with(offset, &other.to_le_bytes()), Rejection::MemoryRoot { segment: 0 });
        }
        assert_eq!(vector.with(offset, &P.to_le_bytes()), Rejection::Wire(WireError::NotCanonical { offset, value: P }));
    }
    for got in [0, 2, 255] {
        assert_eq!(vector.with(halted, &[got]), Rejection::HaltFlag { segment: 0, got });
    }
    assert_eq!(vector.with(halted, &[0; 37]), Rejection::NotHalted { segments: 1 });
    for got in [1, 1 << 16, u32::MAX] {
        assert_eq!(vector.with(exit_code, &got.to_le_bytes()), Rejection::ExitCode { expected: 0, got });
    }
    let got = *blake3::hash(&vector.output).as_bytes();
    for index in 0..32 {
        let expected = flipped(got, index);
        assert_eq!(vector.with_flipped(output_digest + index), Rejection::Output { expected, got });
    }
}

#[test]
fn the_proof_is_of_its_program_and_its_end_only() {
    let vector = vector();
    let key = &vector.key;
    for expected in [1, u32::MAX] {
        let rejection = verify(&vector.proof, key, &Expected { exit_code: expected });
        assert_eq!(rejection, Err(Rejection::ExitCode { expected, got: 0 }));
    }
    let others = [
        VerifyingKey { entry: key.entry + 4, ..key.clone() },
        VerifyingKey { bounds: Bounds { ro_end: key.bounds.ro_end + 1, ..key.bounds }, ..key.clone() },
        VerifyingKey { image_root: vector.header().input_root, ..key.clone() },
    ];
    for other in &others {
        let rejection = verify(&vector.proof, other, &Expected::default()).expect_err("a rejection");
        assert_eq!(rejection, Rejection::Program { expected: other.digest(), got: key.digest() });
    }
    let renamed = |other: &VerifyingKey| vector.with_header(other, &Expected::default(), |header| header.key_digest = other.digest());
    assert_eq!(renamed(&others[0]), Rejection::ProgramCounter { segment: 0, expected: key.entry + 4, got: key.entry });
    assert_eq!(renamed(&others[2]), Rejection::MemoryRoot { segment: 0 });
    let outside = VerifyingKey { entry: 4, ..key.clone() };
    assert_eq!(verify(&vector.proof, &outside, &Expected::default()), Err(Rejection::Key(KeyError::Entry(4))));
}

#[test]
fn bytes_that_end_early_or_late_are_rejected() {
    let vector = vector();
    assert_eq!(vector.rejection(&[]), Rejection::Wire(WireError::Truncated { offset: 0, needed: 4, left: 0 }));
    let batch = vector.batch();
    for len in 0..batch {
        let rejection = vector.rejection(&vector.proof[..len]);
        assert!(
            matches!(rejection, Rejection::Wire(WireError::Truncated { offset, needed, left }) if offset + left == len && left < needed)
        );
    }
    // The batch proof's own bytes end early.
    let whole = vector.proof.len() - batch;
    for len in (0..whole).step_by(997).chain([whole - 1]) {
        match vector.rejection(&vector.proof[..batch + len]) {
            Rejection::FinalEncoding(BytesError::Wire(WireError::Truncated { offset, needed, left })) => {
                assert!(offset + left == len && left < needed);
            }
            other => panic!("{len} bytes: {other:?}"),
        }
    }
    for more in [1, 4, 32, 8 << 20] {
        let longer = vector.changed(|proof| proof.resize(proof.len() + more, 0));
        assert_eq!(vector.rejection(&longer), Rejection::FinalEncoding(BytesError::Trailing { got: more }));
    }
    // Noise with the first bytes of a proof and without them.
    let mut noise = vec![0; vector.proof.len()];
    blake3::Hasher::new().update(b"noise").finalize_xof().fill(&mut noise);
    let got = noise[..4].try_into().expect("four bytes");
    assert_eq!(vector.rejection(&[&noise[..5], &[2], &noise[6..]].concat()), Rejection::NotAProof { got });
    let headed = [&vector.proof[..batch], &noise[batch..]].concat();
    assert!(matches!(vector.rejection(&headed), Rejection::FinalEncoding(BytesError::Heights(_))));
    let heights = batch + parts(&vector)[0].end;
    let headed = [&vector.proof[..heights], &noise[heights..]].concat();
    assert!(matches!(vector.rejection(&headed), Rejection::FinalEncoding(BytesError::Wire(WireError::NotCanonical { .. }))));
}

/// The proofs of version 1 are of another format, and of no circuit that this verifier knows.
#[test]
fn proofs_of_version_1_are_rejected() {
    for (name, key) in [
        ("fibonacci.final", "fibonacci.vkey"),
        ("block-mainnet.final", "block.vkey"),
        ("block-invented.final", "block.vkey"),
        ("block-invalid.final", "block.vkey"),
    ] {
        let (proof, key) = (file(&format!("v1/{name}")), VerifyingKey::from_file(&file(&format!("v1/{key}"))).expect("a key"));
        let reject = |proof: &[u8]| verify(proof, &key, &Expected::default()).expect_err("a rejection");
        let renamed = |params: u8| [&proof[..VERSION], &[2, proof[KIND], params], &proof[KEY_DIGEST..]].concat();
        let (expected, got) = (circuits().digest(&relation()), proof[CIRCUITS..INPUT_ROOT].try_into().expect("a digest"));
        assert_eq!(reject(&proof), Rejection::Unsupported { what: "version", expected: 2, got: 1 }, "{name}");
        assert_eq!(reject(&renamed(proof[PARAMS])), Rejection::Unsupported { what: "parameter set", expected: 4, got: 2 }, "{name}");
        assert_eq!(reject(&renamed(4)), Rejection::Circuits { expected, got }, "{name}");
    }
}

/// What is proved, and the verifier's reading of it, by a name: changes that only the batch proof
/// itself shows to be false.
fn false_claims(vector: &Vector) -> Vec<(&'static str, Rejection)> {
    let key = &vector.key;
    let expected = Expected::default();
    let widened = VerifyingKey { bounds: Bounds { ro_end: key.bounds.ro_end + 1, ..key.bounds }, ..key.clone() };
    vec![
        ("root of the final memory", vector.with_header(key, &expected, |header| header.statement.root_out.swap(0, 1))),
        (
            "exit code, as expected",
            vector.with_header(key, &Expected { exit_code: 1 }, |header| {
                header.statement.halt = header.statement.halt.map(|halt| tern_air::machine::segment::Halt { exit_code: 1, ..halt });
            }),
        ),
        (
            "output and its digest",
            vector.with_header(key, &expected, |header| {
                header.output[0] ^= 1;
                let output_digest = *blake3::hash(&header.output).as_bytes();
                header.statement.halt = header.statement.halt.map(|halt| tern_air::machine::segment::Halt { output_digest, ..halt });
            }),
        ),
        (
            "input and the initial memory",
            vector.with_header(key, &expected, |header| {
                header.input_root.swap(0, 1);
                header.statement.root_in = key.initial_root(&header.input_root);
            }),
        ),
        ("bounds of the key and its digest", vector.with_header(&widened, &expected, |header| header.key_digest = widened.digest())),
    ]
}

/// The parts of the batch proof.
fn parts(vector: &Vector) -> Vec<Region> {
    let (relation, batch) = (relation(), &vector.proof[vector.batch()..]);
    let proof = relation.verifier.decode(batch).expect("a proof of the relation");
    assert_eq!(relation.verifier.encode(&proof).as_deref(), Ok(batch), "a proof has one encoding");
    let parts = regions(relation.opening.shape(), &proof);
    assert_eq!(parts.last().map(|part| part.end), Some(batch.len()), "the parts are the whole batch proof");
    parts
}

/// The bytes of a part that are changed.
fn sampled(part: &Region) -> Vec<usize> {
    let step = if part.end - part.start <= SHORT { 1 } else { STRIDE };
    let mut positions: Vec<usize> = (part.start..part.end).step_by(step).collect();
    positions.extend((part.end - 1 != positions[positions.len() - 1]).then_some(part.end - 1));
    positions
}

/// The rejection in one word, with the claim that fails.
fn name(rejection: &Rejection) -> String {
    match rejection {
        Rejection::Final(Rejected::Claim(failure)) => match failure.reason() {
            Reason::Multilinear(claim) => format!("Final {claim:?}"),
            other => panic!("not a claim of a batch proof: {other:?}"),
        },
        Rejection::Final(Rejected::Excess(excess)) => format!("Final Excess {} of oracle {}", excess.what, excess.oracle),
        Rejection::FinalEncoding(BytesError::Heights(_)) => "FinalEncoding Heights".to_owned(),
        Rejection::FinalEncoding(BytesError::Wire(WireError::NotCanonical { .. })) => "FinalEncoding NotCanonical".to_owned(),
        Rejection::FinalEncoding(BytesError::Wire(WireError::Truncated { .. })) => "FinalEncoding Truncated".to_owned(),
        Rejection::FinalEncoding(BytesError::Count { oracle, what, .. }) => format!("FinalEncoding Count {what} of oracle {oracle}"),
        Rejection::FinalEncoding(BytesError::Trailing { .. }) => "FinalEncoding Trailing".to_owned(),
        other => panic!("not a rejection of the batch proof: {other:?}"),
    }
}

/// The rejections of the proof with one byte of the batch proof changed, for each position in it.
fn rejections(vector: &Vector, positions: &[usize]) -> Vec<String> {
    let next = AtomicUsize::new(0);
    let batch = vector.batch();
    let work = || {
        let mut found = Vec::new();
        while let Some((index, position)) = Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|i| Some((i, positions.get(i)?))) {
            let proof = vector.changed(|proof| proof[batch + position] ^= 1 << (position % 3));
            found.push((index, name(&vector.rejection(&proof))));
        }
        found
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut found: Vec<(usize, String)> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("no panic")).collect()
    });
    found.sort_unstable();
    found.into_iter().map(|(_, name)| name).collect()
}

/// The table of `vectors/rejections.tsv`.
fn table(vector: &Vector) -> String {
    let mut table = String::from("part\tfirst byte\tlast byte\tbytes changed\trejection\n");
    for (what, rejection) in false_claims(vector) {
        let _ = writeln!(table, "{what}\t\t\t\t{}", name(&rejection));
    }
    let parts = parts(vector);
    let positions: Vec<Vec<usize>> = parts.iter().map(sampled).collect();
    let all = positions.concat();
    assert!(all.len() >= 2_000, "{} positions", all.len());
    let mut names = rejections(vector, &all).into_iter();
    for (part, positions) in parts.iter().zip(&positions) {
        let changed: Vec<(usize, String)> = positions.iter().copied().zip(names.by_ref()).collect();
        for run in changed.chunk_by(|(_, one), (_, other)| one == other) {
            let ((first, name), (last, _)) = (&run[0], &run[run.len() - 1]);
            let _ = writeln!(table, "{}\t{first}\t{last}\t{}\t{name}", part.name, run.len());
        }
    }
    table
}

/// Every part of the batch proof is checked, and found wrong for the reason that is written down.
#[test]
fn rejections_are_as_recorded() {
    let recorded = String::from_utf8(file("rejections.tsv")).expect("text");
    let found = table(&vector());
    for (recorded, found) in recorded.lines().zip(found.lines()) {
        assert_eq!(found, recorded);
    }
    assert_eq!(found.lines().count(), recorded.lines().count());
}

/// No element of the batch proof has a second encoding, no more can be announced than a proof can
/// have, and no heights are those of other lists.
#[test]
fn the_batch_proof_has_one_encoding() {
    let vector = vector();
    let batch = vector.batch();
    let mut counts = 0;
    for part in parts(&vector) {
        let bytes = part.unit.bytes();
        for offset in (part.start..part.end).step_by(bytes).step_by(53) {
            match part.unit {
                Unit::Height => {
                    let rejection = vector.with(batch + offset, &u32::MAX.to_le_bytes());
                    assert!(matches!(rejection, Rejection::FinalEncoding(BytesError::Heights(_))), "{rejection:?}");
                }
                Unit::Element => {
                    for value in [P, u32::MAX] {
                        let rejection = vector.with(batch + offset, &value.to_le_bytes());
                        let error = WireError::NotCanonical { offset, value };
                        assert_eq!(rejection, Rejection::FinalEncoding(BytesError::Wire(error)), "{}", part.name);
                    }
                }
                Unit::Count => {
                    let rejection = vector.with(batch + offset, &[0xff, 0xff]);
                    let Rejection::FinalEncoding(BytesError::Count { most, got, .. }) = rejection else { panic!("{rejection:?}") };
                    assert!(most < got && got == 0xffff, "{}", part.name);
                    counts += 1;
                }
                // Every digest is canonical.
                Unit::Digest => (),
            }
        }
    }
    // Two matrices and three words, each with leaves and digests.
    assert_eq!(counts, 10, "numbers of leaves and digests");
}

#[test]
#[ignore = "writes a file, only for a new version of the proof format or of the circuits"]
fn write_rejections() {
    std::fs::write(path("rejections.tsv"), table(&vector())).expect("a file");
}
