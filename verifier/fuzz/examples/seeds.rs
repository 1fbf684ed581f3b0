//! Writes the inputs that fuzzing starts from, when there is no corpus: seeds FOLDER

use std::fs;
use std::path::Path;

use tern_air::machine::MachineChip;
use tern_air::machine::segment::{Halt, Statement};
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
    for eighth in 0..8 {
        // A part of the proof, and the whole with a bit changed there.
        let at = small.len() * eighth / 8;
        let mut changed = small.clone();
        changed[at] ^= 1;
        write("proof_bytes", &format!("small-{eighth}-cut"), &small[..at])?;
        write("proof_bytes", &format!("small-{eighth}-changed"), &changed)?;
    }
    write("proof_bytes", "no-segments", &file(&[]))?;
    write("proof_bytes", "one", &file(&[b"no proof"]))?;
    write("proof_bytes", "two", &file(&[small, small]))?;
    // A segment whose heights are those of a proof, or of none.
    for height in [0_u32, 1, 5, 1 << 13, 1 << 14, u32::MAX] {
        let heights = height.to_le_bytes().repeat(MachineChip::ALL.len());
        write("proof_bytes", &format!("heights-{height}"), &file(&[&[heights, vec![0; 4096]].concat()]))?;
    }
    // One operation of each kind on bytes, and on fields.
    for level in 0..2 {
        for operation in 0..10 {
            write("structured", &format!("{level}-{operation}"), &[level, operation, 99, 1, 0, 77, 2, 0, 55])?;
        }
    }
    write("structured", "nothing", &[])?;
    // A few operations one after the other.
    let mut noise = blake3::Hasher::new().finalize_xof();
    for number in 0..48_u8 {
        let mut program = vec![0; 5 + usize::from(number)];
        noise.fill(&mut program);
        program[0] = number;
        write("structured", &format!("noise-{number}"), &program)?;
    }
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
    // Every kind of change, with nothing mended, and everything.
    for kind in 0..13 {
        for mask in [0, 127] {
            write("final_proof", &format!("{kind}-{mask}"), &[&[mask, kind], &program[..15]].concat())?;
        }
    }
    // Everything but one class, where a change breaks it.
    for (kind, mask) in [(1, 126), (1, 125), (2, 123), (6, 119), (7, 111), (4, 95), (9, 63)] {
        write("final_proof", &format!("{kind}-{mask}"), &[&[mask, kind], &program[..15]].concat())?;
    }
    Ok(())
}

/// A proof file of the block guest whose statements chain, and whose batch proofs are of something else.
fn file(proofs: &[&[u8]]) -> Vec<u8> {
    let key = VerifyingKey::from_file(key_file()).expect("the block guest has a key");
    let input_root: Digest = [F::new(5); DIGEST_LEN];
    let count = u32::try_from(proofs.len()).expect("few segments");
    let header = Header { key_digest: key_digest(), input_root, output: b"out".to_vec(), segments: count };
    let mut bytes = header.to_bytes().expect("the output is short");
    let halt = Halt { exit_code: 0, output_digest: *blake3::hash(b"out").as_bytes() };
    let (mut pc, mut root) = (key.entry, key.initial_root(&input_root));
    for (index, proof) in proofs.iter().enumerate() {
        let last = index + 1 == proofs.len();
        let (pc_in, root_in) = (pc, root);
        (pc, root) = (if last { 0 } else { key.entry + 4 }, [F::new(9); DIGEST_LEN]);
        let statement = Statement { pc_in, pc_out: pc, root_in, root_out: root, halt: last.then_some(halt) };
        let segment = Segment { statement, proof };
        bytes.extend(segment.to_bytes().expect("the proof is short"));
    }
    bytes
}
