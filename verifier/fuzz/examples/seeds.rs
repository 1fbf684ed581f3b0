//! Writes the inputs that fuzzing starts from, when there is no corpus: seeds FOLDER

use std::fs;
use std::path::Path;

use tern_air::machine::segment::{Halt, Statement};
use tern_air::shape::SHAPES;
use tern_field::{DIGEST_LEN, Digest, F};
use tern_verifier::VerifyingKey;
use tern_verifier::segments::{Header, Segment};
use tern_verifier_fuzz::small::SmallProof;
use tern_verifier_fuzz::{key_digest, key_file};

fn main() -> std::io::Result<()> {
    let folder = std::env::args().nth(1).expect("usage: seeds FOLDER");
    let write = |target: &str, name: &str, bytes: &[u8]| {
        let folder = Path::new(&folder).join(target);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join(name), bytes)
    };
    let small = &SmallProof::get().bytes;
    write("proof_bytes", "small", small)?;
    write("proof_bytes", "compact", &SmallProof::get().compact)?;
    write("proof_bytes", "no-segments", &file(&[]))?;
    for index in 0..SHAPES.len() {
        write("proof_bytes", &format!("one-{index}"), &file(&[(index, b"no proof")]))?;
    }
    write("proof_bytes", "two", &file(&[(0, small), (1, small)]))?;
    // One operation of each kind on bytes, on fields, and on compact bytes.
    for level in 0..3 {
        for operation in 0..10 {
            write("structured", &format!("{level}-{operation}"), &[level, operation, 99, 1, 0, 77, 2, 0, 55])?;
        }
    }
    write("structured", "nothing", &[])?;
    let program = [9, 1, 0, 7, 2, 0, 5, 3, 0, 77, 4, 0, 1, 6, 0, 0, 0, 8];
    for kind in 0..5 {
        write("keys", &format!("{kind}"), &[&[kind], &program[..]].concat())?;
        write("keys", &format!("{kind}-empty"), &[kind])?;
    }
    for first in 0..8 {
        for second in [0, 3, 5, 6] {
            write("c_boundary", &format!("{first}-{second}"), &[0, 3, 2, first, second, 0, 0, 1, 1, 1, 1])?;
        }
    }
    // Every kind of change, with nothing mended, everything, and everything but one class.
    for kind in 0..8 {
        for mask in [0, 31, 30, 29, 27, 23, 15] {
            write("final_proof", &format!("{kind}-{mask}"), &[&[mask, kind], &program[..15]].concat())?;
        }
    }
    Ok(())
}

/// A proof file of the block guest whose statements chain, and whose batch proofs, given with their shapes, are of something else.
fn file(proofs: &[(usize, &[u8])]) -> Vec<u8> {
    let key = VerifyingKey::from_file(key_file()).expect("the block guest has a key");
    let input_root: Digest = [F::new(5); DIGEST_LEN];
    let count = u32::try_from(proofs.len()).expect("few segments");
    let header = Header { key_digest: key_digest(), input_root, output: b"out".to_vec(), segments: count };
    let mut bytes = header.to_bytes().expect("the output is short");
    let halt = Halt { exit_code: 0, output_digest: *blake3::hash(b"out").as_bytes() };
    let (mut pc, mut root) = (key.entry, key.initial_root(&input_root));
    for (index, (shape, proof)) in proofs.iter().enumerate() {
        let last = index + 1 == proofs.len();
        let (pc_in, root_in) = (pc, root);
        (pc, root) = (if last { 0 } else { key.entry + 4 }, [F::new(9); DIGEST_LEN]);
        let statement = Statement { pc_in, pc_out: pc, root_in, root_out: root, halt: last.then_some(halt) };
        let segment = Segment { shape: &SHAPES[*shape], statement, proof };
        bytes.extend(segment.to_bytes().expect("the proof is short"));
    }
    bytes
}
