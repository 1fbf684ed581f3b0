//! The corpus, and changes drawn from fixed seeds, without a fuzzer: what CI runs with the stable compiler.
//!
//! `TERN_FUZZ_ROUNDS` sets the number of random inputs of each target.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use tern_verifier_fuzz::small::SmallProof;
use tern_verifier_fuzz::{mutate_bytes, proof_bytes, proof_file, structured};

/// Largest corpus that the repository holds, all targets together.
const MAX_CORPUS_BYTES: usize = 1 << 20;

/// The inputs in a target's corpus.
fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))).collect()
}

fn rounds(default: usize) -> usize {
    std::env::var("TERN_FUZZ_ROUNDS").ok().map_or(default, |rounds| rounds.parse().expect("TERN_FUZZ_ROUNDS is a number"))
}

/// A small generator of repeatable noise (xorshift).
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// Up to `bound` bytes.
    fn bytes(&mut self, bound: u64) -> Vec<u8> {
        let len = self.next() % (bound + 1);
        (0..len).map(|_| self.next().to_le_bytes()[3]).collect()
    }
}

/// Names of a rejection's variants, outer and inner, in its debug output.
fn variant(error: &str) -> String {
    let words =
        error.split(|char: char| !char.is_ascii_alphanumeric()).filter(|word| word.starts_with(|first: char| first.is_ascii_uppercase()));
    words.take(2).collect::<Vec<_>>().join(".")
}

#[test]
fn the_corpus_breaks_no_promise() {
    let (bytes, programs) = (corpus("proof_bytes"), corpus("structured"));
    assert!(bytes.len() > 10 && programs.len() > 10, "{} and {}", bytes.len(), programs.len());
    let size: usize = bytes.iter().chain(&programs).map(Vec::len).sum();
    assert!(size <= MAX_CORPUS_BYTES, "{size}");
    for input in &bytes {
        proof_bytes(input);
    }
    for input in &programs {
        structured(input);
    }
}

#[test]
fn random_changes_of_the_small_proof_are_rejected_in_every_way() {
    let mut noise = Noise(0x7e1_1ab1e);
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    for _ in 0..rounds(3_000) {
        let program = noise.bytes(40);
        let kind = structured(&program).map_or_else(|| "unchanged".to_owned(), |error| variant(&error));
        *kinds.entry(kind).or_default() += 1;
    }
    println!("{kinds:?}");
    let rejections = [
        "Decode.Malformed",
        "Decode.TooLong",
        "Decode.TrailingBytes",
        "Structure.ListLength",
        "Structure.RowWidth",
        "Compact.Length",
        "Compact.Wire",
    ];
    assert!(rejections.iter().all(|kind| kinds.contains_key(*kind)), "{kinds:?}");
    assert!(kinds.keys().any(|kind| kind.starts_with("Invalid")), "{kinds:?}");
}

#[test]
fn random_changes_of_the_corpus_are_rejected() {
    let mut noise = Noise(0xf00d);
    let corpus = corpus("proof_bytes");
    for _ in 0..rounds(150) {
        let from = &corpus[usize::try_from(noise.next()).unwrap_or(0) % corpus.len()];
        proof_bytes(&mutate_bytes(from, &noise.bytes(24)));
    }
}

#[test]
fn the_proof_itself_is_accepted() {
    for level in 0..3 {
        assert_eq!(structured(&[level]), None);
    }
    let small = SmallProof::get();
    assert!(matches!(proof_bytes(&small.bytes), [Some(_), None, Some(_)]));
    assert!(matches!(proof_bytes(&small.compact), [Some(_), Some(_), None]));
}

/// `TERN_FUZZ_PROOF` and `TERN_FUZZ_KEY` name a proof file and its key: `.ci/fuzz` makes them.
#[test]
#[ignore = "needs a proof file"]
fn random_changes_of_a_proof_file_are_rejected() {
    let mut noise = Noise(0xb10c);
    assert_eq!(proof_file(&[]), None);
    let mut classes: BTreeMap<String, usize> = BTreeMap::new();
    for _ in 0..rounds(300) {
        if let Some(refusal) = proof_file(&noise.bytes(24)) {
            *classes.entry(format!("{:?}", refusal.class)).or_default() += 1;
        }
    }
    println!("{classes:?}");
}
