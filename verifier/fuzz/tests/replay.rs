//! The corpus, and changes drawn from fixed seeds, without a fuzzer: what CI runs with the stable compiler.
//!
//! `TERN_FUZZ_ROUNDS` sets the number of random inputs of each target.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use tern_verifier::package::Class;
use tern_verifier::reason::PowSite;
use tern_verifier::{CommitmentKind, Reason};
#[cfg(not(debug_assertions))]
use tern_verifier::{Invalid, VerifyError};
use tern_verifier_fuzz::forge::{self, Change, Repair, final_proof_with_work};
use tern_verifier_fuzz::keys::Outcome;
use tern_verifier_fuzz::small::SmallProof;
use tern_verifier_fuzz::{c_boundary, final_proof, keys, mutate_bytes, proof_bytes, proof_file, structured};

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
    let others = ["keys", "c_boundary", "final_proof"].map(corpus);
    let size: usize = bytes.iter().chain(&programs).chain(others.iter().flatten()).map(Vec::len).sum();
    assert!(size <= MAX_CORPUS_BYTES, "{size}");
    let [key_changes, calls, forgeries] = others;
    assert!([&key_changes, &calls, &forgeries].iter().all(|inputs| inputs.len() > 5));
    key_changes.iter().for_each(|input| drop(keys(input)));
    calls.iter().for_each(|input| drop(c_boundary(input)));
    forgeries.iter().for_each(|input| drop(final_proof(input)));
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

#[test]
fn keys_that_are_not_the_proofs_are_refused_in_every_way() {
    let mut noise = Noise(0x5eed);
    assert_eq!(keys(&[1]), Outcome::Accepted);
    let mut reached: BTreeMap<String, usize> = BTreeMap::new();
    for round in 0..rounds(1_500) {
        // Every kind of change, and of the renamed proofs every part that follows from the key.
        let kind = u8::try_from(round % 5).expect("a small number");
        let program = [vec![kind], noise.bytes(24)].concat();
        let outcome = match keys(&program) {
            Outcome::Accepted => "accepted".to_owned(),
            Outcome::Refused(refusal) => format!("{:?}: {}", refusal.class, words(&refusal.reason)),
            Outcome::Rejected(rejection) => variant(&format!("{rejection:?}")),
        };
        *reached.entry(outcome).or_default() += 1;
    }
    println!("{reached:#?}");
    let expected = [
        ("Key", "neither an ELF file"),
        ("Key", "bytes follow"),
        ("Key", "entry point"),
        ("Key", "bounds"),
        ("Key", "truncated"),
        ("Key", "not canonical"),
        ("Program", ""),
        ("False", "segment starts at pc"),
        ("False", "memory root"),
        ("False", "the final proof does not verify"),
    ];
    for (class, reason) in expected {
        let found = reached.keys().any(|outcome| outcome.starts_with(class) && outcome.contains(reason));
        assert!(found, "{class}, {reason}: {reached:#?}");
    }
    for rejection in ["Key.Bounds", "Key.Entry", "Program"] {
        assert!(reached.keys().any(|outcome| outcome.starts_with(rejection)), "{rejection}: {reached:#?}");
    }
}

/// A reason without its numbers, be they hexadecimal.
fn words(reason: &str) -> String {
    let is_word = |word: &&str| word.len() > 1 && word.chars().any(|char| !char.is_ascii_hexdigit() && char != 'x');
    reason.split(|char: char| !char.is_ascii_alphanumeric()).filter(is_word).take(12).collect::<Vec<_>>().join(" ")
}

#[test]
fn the_c_library_says_what_the_crate_says() {
    let mut noise = Noise(0xc0ffee);
    let mut statuses: BTreeMap<i32, usize> = BTreeMap::new();
    for _ in 0..rounds(250) {
        // Half of the proofs and keys stand as they are.
        let mut program = noise.bytes(40);
        program.resize(40, 0);
        program[0] &= [0, 0xf0, 0x0f, 0xff][usize::from(program[1] % 4)];
        for status in c_boundary(&program) {
            *statuses.entry(status).or_default() += 1;
        }
    }
    println!("{statuses:?}");
    let (ok, argument) = (tern_verifier_c::TERN_OK, tern_verifier_c::TERN_ARGUMENT);
    let classes = [Class::Key, Class::NotAProof, Class::Malformed, Class::ExitCode, Class::False];
    for status in classes.map(|class| i32::from(class as u8)).into_iter().chain([ok, argument]) {
        assert!(statuses.contains_key(&status), "{status}: {statuses:?}");
    }
    assert!(!statuses.contains_key(&tern_verifier_c::TERN_INTERNAL), "{statuses:?}");
}

/// The reasons that a list of forgeries is rejected for.
#[derive(Debug, Default)]
struct Reached {
    /// Under the honest challenges, by what was mended; none where everything was.
    fixed: BTreeMap<String, usize>,
    /// Tables whose constraints fail.
    tables: BTreeSet<usize>,
    /// In the proof's own transcript.
    transcript: BTreeMap<String, usize>,
    changes: BTreeSet<Change>,
}

impl Reached {
    fn add(&mut self, outcome: &forge::Outcome) {
        let class = |reason: &Reason| match reason {
            Reason::Path { kind: CommitmentKind::Preprocessed, .. } => "path to the circuit".to_owned(),
            Reason::Path { .. } => "path".to_owned(),
            other => format!("{other:?}").split([' ', '(']).next().unwrap_or_default().to_owned(),
        };
        let fixed = outcome.under_fixed_challenges.as_ref().map_or_else(|| "everything mended".to_owned(), class);
        *self.fixed.entry(fixed).or_default() += 1;
        *self.transcript.entry(class(&outcome.in_its_transcript)).or_default() += 1;
        self.changes.insert(outcome.change);
        if let Some(Reason::Constraints { table }) = outcome.under_fixed_challenges {
            self.tables.insert(table);
        }
    }
}

/// What of a proof is mended, from nothing to everything: each step lets the next claim be reached.
const MENDED: [&[Repair]; 6] = [
    &[],
    &[Repair::Hashes],
    &[Repair::Folding, Repair::Hashes],
    &[Repair::Folding, Repair::LastPolynomial, Repair::Hashes],
    &[Repair::Constraints, Repair::Folding, Repair::LastPolynomial, Repair::Hashes],
    &Repair::ALL,
];

fn mask(repairs: &[Repair]) -> u8 {
    Repair::ALL.iter().zip(0..).filter(|(repair, _)| repairs.contains(repair)).fold(0, |mask, (_, bit)| mask | (1 << bit))
}

/// Changes of the frozen final proof that get past every hash, and each claim behind the hashes that rejects them.
#[test]
fn forgeries_reach_every_claim_behind_the_hashes() {
    let mut noise = Noise(0xf0_96e);
    let mut reached = Reached::default();
    for kind in 0..8 {
        for repairs in MENDED {
            for round in 0..u8::try_from(rounds(4)).unwrap_or(u8::MAX) {
                let mut program = noise.bytes(16);
                program.resize(16, 1);
                if kind == 3 {
                    // Rows of each commitment.
                    program[3..6].copy_from_slice(&[round, 0, 0]);
                }
                let outcome = final_proof(&[&[mask(repairs), kind], program.as_slice()].concat());
                outcome.iter().for_each(|outcome| reached.add(outcome));
            }
        }
    }
    println!("{reached:#?}");
    for claim in ["path", "path to the circuit", "FoldedValue", "FinalPolynomial", "Constraints", "TerminalSum", "everything mended"] {
        assert!(reached.fixed.contains_key(claim), "{claim}: {reached:#?}");
    }
    assert!(reached.tables.len() >= 4, "{reached:#?}");
    for claim in ["path", "ProofOfWork"] {
        assert!(reached.transcript.contains_key(claim), "{claim}: {reached:#?}");
    }
    assert_eq!(reached.changes.len(), 10, "{reached:#?}");
}

#[test]
fn nothing_changed_is_no_forgery() {
    // A coefficient of the last polynomial, changed by zero and mended.
    let nothing = [31, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    assert_eq!(final_proof(&nothing), None);
    // A wrong terminal, with everything mended: only the transcript is left.
    let outcome = final_proof(&[31, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0]).expect("a forgery");
    assert_eq!((outcome.change, outcome.under_fixed_challenges), (Change::Terminal, None));
    assert!(matches!(outcome.in_its_transcript, Reason::ProofOfWork(PowSite::Lookup | PowSite::Batch)), "{outcome:?}");
}

/// The prover goes through with false traces: every hash, path and proof of work of what it makes holds, in its own transcript.
#[cfg(not(debug_assertions))]
#[test]
fn proofs_of_false_traces_are_rejected_behind_the_hashes() {
    let (small, mut noise) = (SmallProof::get(), Noise(0xfa15e));
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    for round in 0..rounds(60) {
        // One cell, or a few.
        let changes = noise.bytes(if round % 2 == 0 { 5 } else { 15 });
        let Some(bytes) = small.prove_falsely(&changes) else { continue };
        let error = small.verify(&bytes).expect_err("a proof of something false");
        let VerifyError::Invalid(Invalid::Claim(failure)) = error else { panic!("{error:?}") };
        *reasons.entry(format!("{:?}", failure.reason())).or_default() += 1;
    }
    println!("{reasons:?}");
    // A wrong counter breaks its constraints, a wrong count the sum.
    assert_eq!(reasons.keys().map(String::as_str).collect::<Vec<_>>(), ["Constraints { table: 0 }", "TerminalSum"]);
    assert!(reasons.values().all(|count| *count > 5), "{reasons:?}");
}

/// Everything is mended, and proof of work done anew: what rejects is that the challenges, the queries' places among them, are others.
#[test]
fn a_forgery_with_its_proof_of_work_opens_other_places() {
    let outcome = final_proof_with_work(&[31, 0, 3, 0, 0, 0, 0, 0, 5, 0, 0, 7, 0, 0, 0]).expect("a forgery");
    assert_eq!((outcome.change, outcome.under_fixed_challenges), (Change::Claim, None));
    assert_eq!(outcome.in_its_transcript, Reason::Path { kind: CommitmentKind::Main, query: 0 });
}
