//! Verifying keys: any bytes as a key file, changes of a real one, and keys with the proof of
//! another program.

use tern_air::machine::leaf::Bounds;
use tern_field::F;
use tern_verifier::final_proof::Header;
use tern_verifier::package::{self, Class, Refusal};
use tern_verifier::segments::Expected;
use tern_verifier::wire::Reader;
use tern_verifier::{Rejection, VerifyingKey, verify};

use crate::forge::{KEY, PROOF};
use crate::mutation::Program;
use crate::{bounded, key_file, mutate_bytes, peak_during};

/// Words of a key before its root, and of the root.
const WORDS: usize = 14;
/// First bytes of a key file.
const MAGIC: usize = 8;
/// Most bytes that reading a key may have live at one time, besides twice its length: a key has 64 bytes.
const KEY_ALLOCATION: usize = 1 << 12;

/// What came of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The key is the proof's own, and the proof is accepted.
    Accepted,
    /// A proof and a key file that do not belong together, or bytes that are no key.
    Refused(Refusal),
    /// A key that was not read from a file.
    Rejected(Rejection),
}

/// A key that `data` encodes, by its first byte: as a file, as changes of the real key's file or
/// words, as a key in memory, or as the key of another program that the proof's header is made to
/// name. It is given with the proof of the fibonacci guest.
///
/// # Panics
///
/// If any key but the proof's own is accepted with it, if reading it takes too much memory, or if a
/// key has two encodings.
pub fn keys(data: &[u8]) -> Outcome {
    let (kind, rest) = data.split_first().unwrap_or((&0, &[]));
    match kind % 5 {
        0 => as_file(rest),
        1 => as_file(&mutate_bytes(KEY, rest)),
        2 => as_file(&mutate_words(KEY, rest)),
        3 => in_memory(rest),
        _ => renamed(rest),
    }
}

fn as_file(file: &[u8]) -> Outcome {
    let (read, peak) = peak_during(|| VerifyingKey::from_file(file));
    assert!(peak <= KEY_ALLOCATION + 2 * file.len(), "{peak} bytes live for a key of {}", file.len());
    if let Ok(key) = &read {
        assert_eq!(key.to_file(), file, "a key has one encoding");
        assert_eq!(key.check(), Ok(()), "a key that was read keeps the rules");
    }
    match bounded(PROOF.len() + file.len(), || package::verify(PROOF, file, 0)) {
        Ok(_) => {
            assert_eq!(file, KEY, "a proof of another program");
            Outcome::Accepted
        }
        Err(refusal) => {
            assert_ne!(file, KEY, "{refusal:?}");
            let expected = if read.is_ok() { Class::Program } else { Class::Key };
            assert_eq!(refusal.class, expected, "{refusal:?}");
            Outcome::Refused(refusal)
        }
    }
}

/// The file of a key with some of its words changed: to a number, by a little, or exchanged.
fn mutate_words(file: &[u8], program: &[u8]) -> Vec<u8> {
    const EDGES: [u32; 8] = [0, 1, 0x7800_0000, 0x7800_0001, 1 << 20, 1 << 30, 1 << 31, u32::MAX];
    let (magic, words) = file.split_at(MAGIC);
    let (words, _) = words.as_chunks::<4>();
    let mut words: Vec<u32> = words.iter().map(|word| u32::from_le_bytes(*word)).collect();
    let mut program = Program(program);
    while !program.0.is_empty() {
        let (operation, at, other) = (program.byte() % 4, program.below(WORDS), program.below(WORDS));
        match operation {
            0 => words[at] = EDGES[other % EDGES.len()],
            1 => words[at] = words[at].wrapping_add_signed(i32::from(program.byte().cast_signed())),
            2 => words.swap(at, other),
            _ => words[at] = u32::from_le_bytes(std::array::from_fn(|_| program.byte())),
        }
    }
    [magic, words.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<u8>>().as_slice()].concat()
}

/// A key that keeps no rule: a caller of the crate can make one.
fn in_memory(program: &[u8]) -> Outcome {
    let real = VerifyingKey::from_file(KEY).expect("a key");
    let mut program = Program(program);
    let mut word = |real: u32| match program.byte() % 4 {
        0 => real,
        1 => real.wrapping_add_signed(i32::from(program.byte().cast_signed())),
        _ => u32::from_le_bytes(std::array::from_fn(|_| program.byte())),
    };
    let Bounds { ro_start, ro_end, text_start, text_end } = real.bounds;
    let entry = word(real.entry);
    let bounds = Bounds { ro_start: word(ro_start), ro_end: word(ro_end), text_start: word(text_start), text_end: word(text_end) };
    let mut image_root = real.image_root;
    let at = word(0) as usize % image_root.len();
    image_root[at] += F::new(word(0) % 2);
    let key = VerifyingKey { entry, bounds, image_root };
    match bounded(PROOF.len(), || verify(PROOF, &key, &Expected::default())) {
        Ok(_) => {
            assert_eq!(key, real, "a proof of another program");
            Outcome::Accepted
        }
        Err(rejection) => {
            assert_ne!(key, real, "{rejection:?}");
            Outcome::Rejected(rejection)
        }
    }
}

/// A key with the proof of another program, whose header names the key, and what else of it follows
/// from the key, as far as the first byte says.
fn renamed(program: &[u8]) -> Outcome {
    let (mask, rest) = program.split_first().unwrap_or((&0, &[]));
    let file = if mask & 8 == 0 { key_file().to_vec() } else { mutate_words(KEY, rest) };
    let Ok(key) = VerifyingKey::from_file(&file) else { return as_file(&file) };
    let mut reader = Reader::new(PROOF);
    let mut header = Header::read(&mut reader).expect("a header");
    let batch = &PROOF[PROOF.len() - reader.left()..];
    header.key_digest = key.digest();
    if mask & 1 == 1 {
        header.statement.pc_in = key.entry;
    }
    if mask & 2 == 2 {
        header.statement.root_in = key.initial_root(&header.input_root);
    }
    let proof = [&header.to_bytes().expect("a short output"), batch].concat();
    match bounded(proof.len() + file.len(), || package::verify(&proof, &file, 0)) {
        Ok(_) => {
            assert_eq!((file.as_slice(), proof.as_slice()), (KEY, PROOF), "a proof of another program");
            Outcome::Accepted
        }
        Err(refusal) => {
            assert_ne!(file, KEY, "{refusal:?}");
            Outcome::Refused(refusal)
        }
    }
}
