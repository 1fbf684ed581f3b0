//! What surrounds the segments' batch proofs: header, chain of statements, key. No proof is made
//! here; each rejection comes before the arithmetic, or from it for want of a proof.

use tern_air::machine::leaf::Bounds;
use tern_air::machine::segment::{Halt, Statement};
use tern_field::{DIGEST_LEN, Digest, F};
use tern_verifier::multilinear::bytes::BytesError;
use tern_verifier::multilinear::programs::SegmentRelation;
use tern_verifier::segments::{Chain, Expected, Header, MAX_SEGMENT_PROOF_BYTES, Rejection, STATEMENT_BYTES, Segment, verify};
use tern_verifier::wire::{Reader, WireError};
use tern_verifier::{KeyError, VerifyingKey};

const INPUT_ROOT: Digest = [F::new(5); DIGEST_LEN];
/// Bytes before the output: magic, version, kind, parameters, key digest, input root, output length.
const OUTPUT_AT: usize = 4 + 3 + 32 + 4 * DIGEST_LEN + 4;

fn key() -> VerifyingKey {
    let bounds = Bounds { ro_start: 0x10, ro_end: 0x20, text_start: 0x12, text_end: 0x18 };
    VerifyingKey { entry: 0x1_2000, bounds, image_root: [F::new(7); DIGEST_LEN] }
}

fn running(pc_in: u32, pc_out: u32, root_in: Digest, root_out: Digest) -> Statement {
    Statement { pc_in, pc_out, root_in, root_out, halt: None }
}

/// The statement of a run of one segment.
fn halting() -> Statement {
    let halt = Halt { exit_code: 0, output_digest: *blake3::hash(b"out").as_bytes() };
    Statement { halt: Some(halt), ..running(key().entry, 0, key().initial_root(&INPUT_ROOT), [F::new(9); DIGEST_LEN]) }
}

/// A proof file of one segment, whose batch proof is not one.
fn file(segments: u32, statement: Statement) -> Vec<u8> {
    let header = Header { key_digest: key().digest(), input_root: INPUT_ROOT, output: b"out".to_vec(), segments };
    let segment = Segment { statement, proof: b"no proof" };
    [header.to_bytes().expect("the output is short"), segment.to_bytes().expect("the proof is short")].concat()
}

fn rejection(bytes: &[u8]) -> Rejection {
    verify(bytes, &key(), &Expected::default()).expect_err("there is no proof in it")
}

#[test]
fn a_file_without_a_batch_proof_gets_as_far_as_the_batch_proof() {
    // The heights of two tables, and no third.
    let error = BytesError::Wire(WireError::Truncated { offset: 8, needed: 4, left: 0 });
    assert_eq!(rejection(&file(1, halting())), Rejection::Decode { segment: 0, error });
}

#[test]
fn truncated_files_are_rejected_wherever_they_end() {
    let bytes = file(1, halting());
    for len in 0..bytes.len() {
        assert!(matches!(rejection(&bytes[..len]), Rejection::Wire(WireError::Truncated { .. })), "{len} bytes");
    }
}

#[test]
fn every_field_of_the_header_is_checked() {
    let changed = |at: usize, byte: u8| {
        let mut bytes = file(1, halting());
        bytes[at] = byte;
        rejection(&bytes)
    };
    assert!(matches!(changed(0, b't'), Rejection::NotAProof { .. }));
    for (at, what, expected) in [(4, "version", 2), (5, "kind", 1), (6, "parameter set", 3)] {
        for got in (0..=9).chain([0xff]).filter(|got| *got != expected) {
            assert_eq!(changed(at, got), Rejection::Unsupported { what, expected, got });
        }
    }
    assert!(matches!(changed(7, 0xaa), Rejection::Program { .. }));
    // Another input root starts the chain at another root; one that is not canonical is no root.
    assert_eq!(changed(39, 0xaa), Rejection::MemoryRoot { segment: 0 });
    assert!(matches!(changed(42, 0xff), Rejection::Wire(WireError::NotCanonical { offset: 39, .. })));
    // Lengths that the file does not have.
    assert!(matches!(changed(OUTPUT_AT - 1, 0xff), Rejection::Wire(WireError::Truncated { .. })));
}

#[test]
fn every_field_of_a_segment_is_checked() {
    let segment_at = OUTPUT_AT + 3 + 4;
    let changed = |at: usize, byte: u8| {
        let mut bytes = file(1, halting());
        bytes[segment_at + at] = byte;
        rejection(&bytes)
    };
    assert!(matches!(changed(0, 4), Rejection::ProgramCounter { segment: 0, .. }));
    assert!(matches!(changed(0, 1), Rejection::Statement { segment: 0, .. }));
    assert!(matches!(changed(3, 0x40), Rejection::Statement { segment: 0, .. }));
    assert!(matches!(changed(4, 4), Rejection::Statement { segment: 0, .. }));
    assert_eq!(changed(8, 0xaa), Rejection::MemoryRoot { segment: 0 });
    assert!(matches!(changed(11, 0xff), Rejection::Wire(WireError::NotCanonical { .. })));
    let halted = 4 + 4 + 8 * DIGEST_LEN;
    assert_eq!(changed(halted, 0), Rejection::HaltFlag { segment: 0, got: 0 });
    assert_eq!(changed(halted, 2), Rejection::HaltFlag { segment: 0, got: 2 });
    let too_long = changed(STATEMENT_BYTES + 3, 0xff);
    assert!(matches!(too_long, Rejection::SegmentTooLong { segment: 0, limit: MAX_SEGMENT_PROOF_BYTES, .. }));
}

#[test]
fn no_segments_and_more_than_there_are_prove_nothing() {
    let none = Header { key_digest: key().digest(), input_root: INPUT_ROOT, output: vec![], segments: 0 };
    let none = none.to_bytes().expect("the output is short");
    assert_eq!(rejection(&none), Rejection::NotHalted { segments: 0 });
    let many = Header { segments: u32::MAX, ..Header::read(&mut Reader::new(&none)).expect("a header") };
    assert!(matches!(rejection(&many.to_bytes().expect("the output is short")), Rejection::Wire(WireError::Truncated { .. })));
    let followed = [none.as_slice(), &[0]].concat();
    assert_eq!(rejection(&followed), Rejection::TrailingBytes { offset: none.len(), count: 1 });
}

#[test]
fn segments_chain_by_pc_and_root_until_one_halts() {
    let (start, middle, end) = (key().initial_root(&INPUT_ROOT), [F::new(8); DIGEST_LEN], [F::new(9); DIGEST_LEN]);
    let first = running(key().entry, 0x1_3000, start, middle);
    let chain = || {
        let mut chain = Chain::new(&key(), &INPUT_ROOT);
        chain.link(0, &first).expect("it starts at the entry");
        chain
    };
    assert_eq!(chain().finish(1), Err(Rejection::NotHalted { segments: 1 }));
    let elsewhere = running(0x1_3004, 0x1_4000, middle, end);
    assert_eq!(chain().link(1, &elsewhere), Err(Rejection::ProgramCounter { segment: 1, expected: 0x1_3000, got: 0x1_3004 }));
    let other_memory = running(0x1_3000, 0x1_4000, start, end);
    assert_eq!(chain().link(1, &other_memory), Err(Rejection::MemoryRoot { segment: 1 }));

    let halt = Halt { exit_code: 3, output_digest: [1; 32] };
    let last = Statement { halt: Some(halt), ..running(0x1_3000, 0, middle, end) };
    let mut halted = chain();
    halted.link(1, &last).expect("it starts where the first ends");
    // A halted run stands at pc 0; nothing may go on from there.
    assert_eq!(halted.link(2, &running(0, 0x1_3000, end, end)), Err(Rejection::SegmentAfterHalt { segment: 2 }));
    assert_eq!(halted.finish(2), Ok(halt));
    let goes_on = Statement { pc_out: 0x1_4000, ..last };
    assert!(matches!(chain().link(1, &goes_on), Err(Rejection::Statement { segment: 1, .. })));
}

#[test]
fn a_statement_is_bound_by_its_public_values() {
    let base = halting();
    let halt = base.halt.expect("it halts");
    let others = [
        Statement { pc_in: base.pc_in + 4, ..base.clone() },
        Statement { pc_in: base.pc_in ^ 1 << 20, ..base.clone() },
        Statement { pc_out: 4, ..base.clone() },
        Statement { root_in: [F::new(1); DIGEST_LEN], ..base.clone() },
        Statement { root_out: [F::new(1); DIGEST_LEN], ..base.clone() },
        Statement { halt: None, ..base.clone() },
        Statement { halt: Some(Halt { exit_code: 1 << 31, ..halt }), ..base.clone() },
        Statement { halt: Some(Halt { output_digest: [0; 32], ..halt }), ..base.clone() },
    ];
    for other in others {
        assert_ne!(other.to_values(), base.to_values(), "{other:?}");
    }
}

#[test]
fn the_seed_tells_programs_apart() {
    let key = key();
    let keys = [
        VerifyingKey { entry: key.entry + 4, ..key.clone() },
        VerifyingKey { bounds: Bounds { ro_end: 0x21, ..key.bounds }, ..key.clone() },
        VerifyingKey { bounds: Bounds { ro_start: 0xf, ..key.bounds }, ..key.clone() },
        VerifyingKey { bounds: Bounds { text_start: 0x11, ..key.bounds }, ..key.clone() },
        VerifyingKey { bounds: Bounds { text_end: 0x19, ..key.bounds }, ..key.clone() },
        VerifyingKey { image_root: [F::new(8); DIGEST_LEN], ..key.clone() },
    ];
    for other in keys {
        other.check().expect("the key keeps the rules");
        assert_ne!(other.digest(), key.digest(), "{other:?}");
        assert_ne!(SegmentRelation::seed(&other.digest()), SegmentRelation::seed(&key.digest()), "{other:?}");
    }
}

#[test]
fn keys_that_break_a_rule_are_refused() {
    let check = |key: VerifyingKey| verify(&file(1, halting()), &key, &Expected::default()).expect_err("the key breaks a rule");
    for entry in [0x1_1ffc, 0x1_8000, 0x1_2002] {
        assert_eq!(check(VerifyingKey { entry, ..key() }), Rejection::Key(KeyError::Entry(entry)));
    }
    let bounds = [
        Bounds { ro_start: 0, ..key().bounds },
        Bounds { text_start: 0xf, ..key().bounds },
        Bounds { text_end: 0x21, ..key().bounds },
        Bounds { ro_end: 0x7_c001, ..key().bounds },
        Bounds { text_end: 0x4_0001, ro_end: 0x5_0000, ..key().bounds },
        Bounds { text_start: 0x19, ..key().bounds },
    ];
    for bounds in bounds {
        assert!(matches!(check(VerifyingKey { bounds, ..key() }), Rejection::Key(KeyError::Bounds(_))), "{bounds:?}");
    }
}
