//! A chain of segments, and every way to take it apart or change it: each rejected for its own reason.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::OnceLock;

use tern_air::machine::segment::{Halt, Statement, StatementError};
use tern_field::{DIGEST_LEN, Digest, F};
use tern_verifier::multilinear::bytes::BytesError;
use tern_verifier::segments::{
    Expected, KIND_SEGMENTS, MAX_SEGMENT_PROOF_BYTES, Output, PARAMS_SEGMENT_V2, Rejection, STATEMENT_BYTES, Segment, VERSION, verify,
};
use tern_verifier::wire::WireError;
use tern_verifier::{KeyError, VerifyingKey};
use tern_vm::prove::{Options, ProvableProgram, prove};
use tern_vm::testing::proof_file::ProofFile;
use tern_vm::testing::workload;

use crate::support::{provable, read};

/// Bytes before the output: magic, version, kind, parameters, key digest, input root, output length.
const OUTPUT_AT: usize = 4 + 3 + 32 + 4 * DIGEST_LEN + 4;
const SEGMENTS: u32 = 3;
const LAST: usize = SEGMENTS as usize - 1;
const OTHER: Digest = [F::new(9); DIGEST_LEN];

/// A program, and the proof of its run in [`SEGMENTS`] segments.
pub struct Chain {
    pub program: ProvableProgram,
    pub proof: Vec<u8>,
}

/// The options that cut the workload into [`SEGMENTS`] segments.
pub fn options() -> Options {
    Options { max_segment_cycles: workload::SEGMENT_CYCLES, ..Options::default() }
}

/// The chain, proved when first needed.
pub fn chain() -> &'static Chain {
    static CHAIN: OnceLock<Chain> = OnceLock::new();
    CHAIN.get_or_init(|| {
        let program = provable(&workload::elf());
        let folder = tempfile::tempdir().expect("a folder");
        let path: PathBuf = folder.path().join("proof");
        let summary = prove(&program, workload::INPUT, &path, &options(), &()).expect("a proof");
        assert_eq!((summary.segments, summary.resumed), (SEGMENTS, 0));
        let proof = read(&path);
        assert_eq!(summary.proof_bytes, proof.len() as u64);
        Chain { program, proof }
    })
}

impl Chain {
    fn key(&self) -> &VerifyingKey {
        &self.program.key
    }

    fn file(&self) -> ProofFile<'_> {
        ProofFile::read(&self.proof)
    }

    /// Why `proof` is rejected, as a proof of this program.
    #[track_caller]
    pub fn rejection(&self, proof: &[u8]) -> Rejection {
        verify(proof, self.key(), &Expected::default()).expect_err("a rejection")
    }

    /// The rejection of the file with its segments changed.
    #[track_caller]
    fn with_segments(&self, change: impl FnOnce(&mut Vec<Segment<'_>>)) -> Rejection {
        let mut file = self.file();
        change(&mut file.segments);
        self.rejection(&file.counted())
    }

    /// The rejection of the file with one statement changed.
    #[track_caller]
    fn with_statement(&self, index: usize, change: impl FnOnce(&mut Statement)) -> Rejection {
        self.with_segments(|segments| change(&mut segments[index].statement))
    }

    /// The rejection of the file with one byte changed.
    #[track_caller]
    fn with_byte(&self, at: usize, byte: u8) -> Rejection {
        let mut proof = self.proof.clone();
        assert_ne!(proof[at], byte);
        proof[at] = byte;
        self.rejection(&proof)
    }

    /// Where a segment starts in the file.
    fn segment_at(&self, index: usize) -> usize {
        let lengths = self.file().segments.into_iter().take(index).map(|segment| STATEMENT_BYTES + 4 + segment.proof.len());
        OUTPUT_AT + workload::INPUT.len() + 4 + lengths.sum::<usize>()
    }
}

/// The segment whose proof is false, if that is the reason.
fn false_proof(rejection: &Rejection) -> Option<u32> {
    match rejection {
        Rejection::Proof { segment, .. } => Some(*segment),
        _ => None,
    }
}

#[test]
fn a_chain_of_segments_verifies() {
    let chain = chain();
    let output = verify(&chain.proof, chain.key(), &Expected { exit_code: 0 });
    assert_eq!(output, Ok(Output { bytes: workload::INPUT.to_vec(), exit_code: 0, segments: Some(SEGMENTS) }));
    let file = chain.file();
    assert_eq!(file.counted(), chain.proof);
    let halts: Vec<_> = chain.file().segments.iter().map(|segment| segment.statement.halt.is_some()).collect();
    assert_eq!(halts, [false, false, true]);
}

#[test]
fn another_exit_code_is_rejected() {
    let chain = chain();
    for exit_code in [1, u32::MAX] {
        let rejection = verify(&chain.proof, chain.key(), &Expected { exit_code });
        assert_eq!(rejection, Err(Rejection::ExitCode { expected: exit_code, got: 0 }));
    }
}

#[test]
fn another_program_is_rejected() {
    let chain = chain();
    let code = provable(&workload::elf_with(workload::ROUNDS, 1, 1)).key;
    let data = provable(&workload::elf_with(workload::ROUNDS, 0, 2)).key;
    // the same initial memory and entry, with one more page of zeros protected
    assert_eq!((data.entry, data.image_root), (chain.key().entry, chain.key().image_root));
    assert_ne!(data.bounds, chain.key().bounds);
    for other in [&code, &data] {
        let rejection = verify(&chain.proof, other, &Expected::default());
        assert_eq!(rejection, Err(Rejection::Program { expected: other.digest(), got: chain.key().digest() }));
    }
    // relabelled, it is betrayed by its memory; where that is the same, by its transcript
    let relabelled = |other: &VerifyingKey| {
        let mut file = chain.file();
        file.header.key_digest = other.digest();
        verify(&file.counted(), other, &Expected::default()).expect_err("a rejection")
    };
    assert_eq!(relabelled(&code), Rejection::MemoryRoot { segment: 0 });
    assert_eq!(false_proof(&relabelled(&data)), Some(0));
    let broken = VerifyingKey { entry: 2, ..chain.key().clone() };
    assert_eq!(verify(&chain.proof, &broken, &Expected::default()), Err(Rejection::Key(KeyError::Entry(2))));
}

#[test]
fn segments_swapped_dropped_or_repeated_are_rejected() {
    let chain = chain();
    let pcs: Vec<_> = chain.file().segments.iter().map(|segment| segment.statement.pc_in).collect();
    let elsewhere = |segment: u32, expected: usize, got: usize| {
        assert_ne!(pcs[expected], pcs[got], "the cuts fall on different instructions");
        Rejection::ProgramCounter { segment, expected: pcs[expected], got: pcs[got] }
    };
    assert_eq!(chain.with_segments(|segments| segments.swap(0, 1)), elsewhere(0, 0, 1));
    assert_eq!(chain.with_segments(|segments| segments.swap(1, 2)), elsewhere(1, 1, 2));
    assert_eq!(chain.with_segments(|segments| _ = segments.remove(0)), elsewhere(0, 0, 1));
    assert_eq!(chain.with_segments(|segments| _ = segments.remove(1)), elsewhere(1, 1, 2));
    assert_eq!(chain.with_segments(|segments| segments.truncate(LAST)), Rejection::NotHalted { segments: SEGMENTS - 1 });
    assert_eq!(chain.with_segments(|segments| segments.clear()), Rejection::NotHalted { segments: 0 });
    assert_eq!(chain.with_segments(|segments| segments.insert(0, segments[0].clone())), elsewhere(1, 1, 0));
    assert_eq!(chain.with_segments(|segments| segments.insert(1, segments[1].clone())), elsewhere(2, 2, 1));
    assert_eq!(chain.with_segments(|segments| segments.push(segments[LAST].clone())), Rejection::SegmentAfterHalt { segment: SEGMENTS });
}

#[test]
fn a_segment_of_another_run_is_rejected() {
    // the middle segments of two programs that differ in one immediate
    let chain = chain();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("proof");
    let other_program = provable(&workload::elf_with(workload::ROUNDS + 1, 0, 1));
    let two_at_a_time = Options { jobs: NonZeroUsize::MIN.saturating_add(1), ..options() };
    prove(&other_program, workload::INPUT, &path, &two_at_a_time, &()).expect("a proof");
    let other = read(&path);
    verify(&other, &other_program.key, &Expected::default()).expect("a proof that verifies");
    let other = ProofFile::read(&other);
    let mut file = chain.file();
    file.segments[1] = other.segments[1].clone();
    assert_eq!(chain.rejection(&file.counted()), Rejection::MemoryRoot { segment: 1 });
    // with the statement that the chain wants, the proof is false
    let mut file = chain.file();
    file.segments[1].proof = other.segments[1].proof;
    assert_eq!(false_proof(&chain.rejection(&file.counted())), Some(1));
    // the proof of another segment of the same run
    let swapped = chain.with_segments(|segments| segments[1].proof = segments[0].proof);
    assert_eq!(false_proof(&swapped), Some(1));
}

#[test]
fn every_field_of_the_header_is_bound() {
    let chain = chain();
    assert_eq!(chain.with_byte(0, b't'), Rejection::NotAProof { got: *b"tERN" });
    for (at, what, expected) in [(4, "version", VERSION), (5, "kind", KIND_SEGMENTS), (6, "parameter set", PARAMS_SEGMENT_V2)] {
        assert_eq!(chain.proof[at], expected);
        for got in [expected - 1, expected + 1, 255] {
            assert_eq!(chain.with_byte(at, got), Rejection::Unsupported { what, expected, got });
        }
    }
    for at in [7, 38] {
        assert!(matches!(chain.with_byte(at, !chain.proof[at]), Rejection::Program { .. }));
    }
    for element in 0..DIGEST_LEN {
        let at = 39 + 4 * element;
        assert_eq!(chain.with_byte(at, !chain.proof[at]), Rejection::MemoryRoot { segment: 0 });
        let too_large = chain.with_byte(at + 3, 0xff);
        assert!(matches!(too_large, Rejection::Wire(WireError::NotCanonical { offset, .. }) if offset == at), "{too_large}");
    }
}

#[test]
fn the_output_is_bound() {
    let chain = chain();
    let proved = *blake3::hash(workload::INPUT).as_bytes();
    let rejected = |change: fn(&mut Vec<u8>)| {
        let mut file = chain.file();
        change(&mut file.header.output);
        let got = *blake3::hash(&file.header.output).as_bytes();
        assert_ne!(got, proved);
        assert_eq!(chain.rejection(&file.counted()), Rejection::Output { expected: proved, got });
    };
    rejected(|output| output[0] ^= 1);
    rejected(|output| *output.last_mut().expect("a byte") ^= 0x80);
    rejected(|output| output.truncate(output.len() - 1));
    rejected(|output| output.push(0));
    rejected(Vec::clear);
    // a length that the bytes do not have
    let length_at = OUTPUT_AT - 4;
    assert!(matches!(chain.with_byte(length_at + 3, 0xff), Rejection::Wire(WireError::Truncated { offset: OUTPUT_AT, .. })));
}

#[test]
fn the_count_of_segments_is_bound() {
    let chain = chain();
    let with_count = |segments: u32| {
        let mut file = chain.file();
        file.header.segments = segments;
        chain.rejection(&file.to_bytes())
    };
    let rest = chain.proof.len() - chain.segment_at(LAST);
    assert_eq!(with_count(SEGMENTS - 1), Rejection::TrailingBytes { offset: chain.segment_at(LAST), count: rest });
    assert!(matches!(with_count(0), Rejection::TrailingBytes { .. }));
    for more in [SEGMENTS + 1, u32::MAX] {
        let truncated = WireError::Truncated { offset: chain.proof.len(), needed: 4, left: 0 };
        assert_eq!(with_count(more), Rejection::Wire(truncated));
    }
}

#[test]
fn every_field_of_a_statement_is_bound() {
    let chain = chain();
    let rejection = |index, change: fn(&mut Statement)| chain.with_statement(index, change);
    // what the chain sees
    for index in [0, 1, LAST] {
        let segment = index as u32;
        let moved = rejection(index, |statement| statement.pc_in ^= 8);
        assert!(matches!(moved, Rejection::ProgramCounter { segment: at, .. } if at == segment), "{moved}");
        assert_eq!(rejection(index, |statement| statement.root_in[3] += F::new(1)), Rejection::MemoryRoot { segment });
    }
    // what only the proofs bind
    for index in [0, 1] {
        let segment = Some(index as u32);
        assert_eq!(false_proof(&rejection(index, |statement| statement.pc_out ^= 8)), segment);
        assert_eq!(false_proof(&rejection(index, |statement| statement.root_out = OTHER)), segment);
    }
    assert_eq!(false_proof(&rejection(LAST, |statement| statement.root_out[8] += F::new(1))), Some(LAST as u32));
    for change in [
        (|halt| halt.exit_code ^= 1) as fn(&mut Halt),
        |halt| halt.exit_code ^= 1 << 31,
        |halt| halt.output_digest[0] ^= 1,
        |halt| halt.output_digest[31] ^= 0x80,
    ] {
        let rejection = chain.with_statement(LAST, |statement| change(statement.halt.as_mut().expect("a halt")));
        assert_eq!(false_proof(&rejection), Some(LAST as u32));
    }
    // two statements that fit each other and neither proof
    let moved_cut = chain.with_segments(|segments| {
        segments[0].statement.pc_out ^= 8;
        segments[1].statement.pc_in ^= 8;
    });
    assert_eq!(false_proof(&moved_cut), Some(0));
    let other_memory = chain.with_segments(|segments| {
        segments[0].statement.root_out = OTHER;
        segments[1].statement.root_in = OTHER;
    });
    assert_eq!(false_proof(&other_memory), Some(0));
}

#[test]
fn a_halt_that_did_not_happen_is_rejected() {
    let chain = chain();
    let halt = chain.file().segments[LAST].statement.halt;
    assert!(halt.is_some());
    let early = chain.with_segments(|segments| {
        segments.truncate(1);
        segments[0].statement.halt = halt;
        segments[0].statement.pc_out = 0;
    });
    assert_eq!(false_proof(&early), Some(0));
    let goes_on = chain.with_statement(0, |statement| statement.halt = halt);
    let pc_out = chain.file().segments[0].statement.pc_out;
    assert_eq!(goes_on, Rejection::Statement { segment: 0, error: StatementError::HaltedWithProgramCounter(pc_out) });
    // nor may one that happened be left out
    assert_eq!(false_proof(&chain.with_statement(LAST, |statement| statement.halt = None)), Some(LAST as u32));
}

#[test]
fn impossible_encodings_of_a_statement_are_rejected() {
    let chain = chain();
    let odd = chain.with_statement(1, |statement| statement.pc_out += 1);
    assert!(matches!(odd, Rejection::Statement { segment: 1, error: StatementError::ProgramCounter(_) }), "{odd}");
    let high = chain.with_statement(0, |statement| statement.pc_in |= 1 << 30);
    assert!(matches!(high, Rejection::Statement { segment: 0, error: StatementError::ProgramCounter(_) }), "{high}");
    let flag_at = |index| chain.segment_at(index) + 8 + 8 * DIGEST_LEN;
    assert_eq!(chain.with_byte(flag_at(LAST), 0), Rejection::HaltFlag { segment: LAST as u32, got: 0 });
    assert_eq!(chain.with_byte(flag_at(LAST), 2), Rejection::HaltFlag { segment: LAST as u32, got: 2 });
    assert_eq!(chain.with_byte(flag_at(0) + 1, 1), Rejection::HaltFlag { segment: 0, got: 0 });
    assert_eq!(chain.with_byte(flag_at(0) + 5, 1), Rejection::HaltFlag { segment: 0, got: 0 });
    let root_out = chain.segment_at(1) + 8 + 4 * DIGEST_LEN;
    let not_canonical = chain.with_byte(root_out + 3, 0xff);
    assert!(matches!(not_canonical, Rejection::Wire(WireError::NotCanonical { offset, .. }) if offset == root_out), "{not_canonical}");
}

#[test]
fn truncated_and_extended_files_are_rejected() {
    let chain = chain();
    let starts: Vec<_> = (0..=LAST).map(|index| chain.segment_at(index)).collect();
    let within = starts.iter().flat_map(|start| {
        [0, 1, 40, STATEMENT_BYTES - 1, STATEMENT_BYTES, STATEMENT_BYTES + 4, STATEMENT_BYTES + 1000].map(|more| start + more)
    });
    let header = [0, 3, 4, 5, 7, 38, 39, 74, 75, 78, OUTPUT_AT + 3, starts[0] - 1];
    for len in header.into_iter().chain(within).chain([chain.proof.len() - 1]) {
        let rejection = chain.rejection(&chain.proof[..len]);
        assert!(matches!(rejection, Rejection::Wire(WireError::Truncated { .. })), "{len}: {rejection}");
    }
    for more in [1, 1000] {
        let longer = [chain.proof.as_slice(), &vec![0; more]].concat();
        assert_eq!(chain.rejection(&longer), Rejection::TrailingBytes { offset: chain.proof.len(), count: more });
    }
}

#[test]
fn segment_proofs_of_another_length_are_rejected() {
    let chain = chain();
    let original = chain.file().segments[1].proof.to_vec();
    let with_proof = |proof: &[u8]| {
        let mut file = chain.file();
        file.segments[1].proof = proof;
        chain.rejection(&file.counted())
    };
    for len in [0, 1, original.len() / 2, original.len() - 1] {
        let rejection = with_proof(&original[..len]);
        let truncated = |error| matches!(error, BytesError::Wire(WireError::Truncated { .. }));
        assert!(matches!(rejection, Rejection::Decode { segment: 1, error } if truncated(error)), "{len}: {rejection}");
    }
    let longer = [original.as_slice(), &[0]].concat();
    assert_eq!(with_proof(&longer), Rejection::Decode { segment: 1, error: BytesError::Trailing { got: 1 } });
    // what is longer than any proof is not read
    let huge = vec![0; MAX_SEGMENT_PROOF_BYTES + 1];
    assert!(matches!(with_proof(&huge[1..]), Rejection::Decode { segment: 1, .. }));
    let too_long = Rejection::SegmentTooLong { segment: 1, limit: MAX_SEGMENT_PROOF_BYTES, got: huge.len() };
    assert_eq!(with_proof(&huge), too_long);
    let length_at = chain.segment_at(1) + STATEMENT_BYTES;
    assert!(matches!(chain.with_byte(length_at + 3, 0x7f), Rejection::SegmentTooLong { segment: 1, .. }));
    // a length that the next segment cannot follow
    let shorter = chain.with_byte(length_at, chain.proof[length_at].wrapping_sub(1));
    assert!(
        matches!(
            shorter,
            Rejection::Decode { segment: 1, error: BytesError::Wire(WireError::Truncated { .. }) | BytesError::Trailing { .. } }
        ),
        "{shorter}"
    );
}
