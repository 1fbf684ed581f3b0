//! The corpus, and changes drawn from fixed seeds, without a fuzzer: what CI runs with the stable compiler.
//!
//! `TERN_FUZZ_ROUNDS` sets the number of random inputs of each target.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use p3_field::PrimeCharacteristicRing;
use serde_json::Value;
use tern_field::EF;
use tern_fri::multilinear::Proof;
use tern_fri::multilinear::prove::ProveError;
use tern_verifier::Reason;
use tern_verifier::multilinear::batch::Rejected;
use tern_verifier::multilinear::{Claim, WorkSite};
use tern_verifier::package::Class;
use tern_verifier_fuzz::fields::{fields_of, proof_of};
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

/// Names of a rejection's variants, outer and inner, in its debug output: the claim's, where one fails.
fn variant(error: &str) -> String {
    let words =
        error.split(|char: char| !char.is_ascii_alphanumeric()).filter(|word| word.starts_with(|first: char| first.is_ascii_uppercase()));
    let words: Vec<&str> = words.filter(|word| !matches!(*word, "Element" | "Digest" | "Bit" | "Zero" | "Multilinear")).collect();
    let is_inner = |outer: &str| matches!(outer, "Claim" | "Wire");
    let depth = if words.get(1).is_some_and(|outer| is_inner(outer)) { 3 } else { 2 };
    words.into_iter().take(depth).collect::<Vec<_>>().join(".")
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
    let mut noise = Noise(0x7e1_1ab22);
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    for _ in 0..rounds(3_000) {
        let program = noise.bytes(40);
        let kind = structured(&program).map_or_else(|| "unchanged".to_owned(), |refused| variant(&format!("{refused:?}")));
        *kinds.entry(kind).or_default() += 1;
    }
    println!("{kinds:?}");
    let rejections = [
        "Encoding.Wire.Truncated",
        "Encoding.Wire.NotCanonical",
        "Encoding.Heights",
        "Encoding.Count",
        "Encoding.Trailing",
        "Proof.Shape",
        "Proof.Heights",
        "Proof.Excess",
        "Proof.Claim.Work",
        "Proof.Claim.LookupLayer",
        "Proof.Claim.Skip",
        "Proof.Claim.Path",
    ];
    assert!(rejections.iter().all(|kind| kinds.contains_key(*kind)), "{kinds:?}");
}

/// Every field of the small proof changed, one at a time: each element, each byte of a digest's
/// start, each number.
#[test]
fn every_field_of_the_small_proof_is_checked() {
    let small = SmallProof::get();
    let fields = fields_of(&small.proof);
    assert_eq!(proof_of(&fields).as_ref(), Some(&small.proof));
    let mut places = Vec::new();
    numbers(&fields, String::new(), &mut places);
    let mut claims: BTreeMap<String, usize> = BTreeMap::new();
    for (number, place) in places.iter().enumerate() {
        let mut changed = fields.clone();
        let value = changed.pointer_mut(place).expect("the place");
        // Zero for every second one, or a one for a zero; the others by one.
        let old = value.as_u64().expect("a number");
        *value = if number % 2 == 0 && old > 0 { 0 } else { old ^ 1 }.into();
        let Some(proof) = proof_of(&changed) else { panic!("{place} is a number of another kind") };
        let rejected = small.judge(&proof).expect_err(place);
        *claims.entry(variant(&format!("Proof({rejected:?})"))).or_default() += 1;
        if let Ok(bytes) = small.encode(&proof) {
            assert!(small.verify(&bytes).is_err(), "{place}");
        }
    }
    println!("{} places: {claims:?}", places.len());
    for claim in ["Work", "LookupLayer", "Skip", "Path", "Combination", "Fold"] {
        assert!(claims.contains_key(&format!("Proof.Claim.{claim}")), "{claim}: {claims:?}");
    }
    let without_root = Proof { root: EF::ZERO, ..small.proof.clone() };
    let Err(Rejected::Claim(failure)) = small.judge(&without_root) else { panic!("a sum without a denominator") };
    assert_eq!(failure.reason(), Reason::Multilinear(Claim::RootDenominator));
}

/// The places of all numbers, and of a digest's first bytes.
fn numbers(value: &Value, at: String, places: &mut Vec<String>) {
    match value {
        Value::Array(items) => {
            let is_digest = items.len() == 32 && items.iter().all(|item| item.as_u64().is_some_and(|byte| byte < 256));
            let some = if is_digest { 2 } else { items.len() };
            items.iter().take(some).enumerate().for_each(|(index, item)| numbers(item, format!("{at}/{index}"), places));
        }
        Value::Object(fields) => fields.iter().for_each(|(name, item)| numbers(item, format!("{at}/{name}"), places)),
        _ => places.push(at),
    }
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
    for level in 0..2 {
        assert_eq!(structured(&[level]), None);
    }
    let small = SmallProof::get();
    assert!(matches!(proof_bytes(&small.bytes), [Some(_), None]));
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
    // The small program writes nothing about a payload.
    let classes = [Class::Key, Class::NotAProof, Class::Malformed, Class::ExitCode, Class::False, Class::NotABlock];
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
    /// In the proof's own transcript.
    transcript: BTreeMap<String, usize>,
    changes: BTreeSet<Change>,
}

impl Reached {
    fn add(&mut self, outcome: &forge::Outcome) {
        let class = |reason: &Reason| match reason {
            Reason::Multilinear(Claim::Path { oracle: 1, .. }) => "path to the circuit".to_owned(),
            Reason::Multilinear(Claim::Path { .. }) => "path".to_owned(),
            Reason::Multilinear(claim) => format!("{claim:?}").split([' ', '(']).next().unwrap_or_default().to_owned(),
            other => panic!("not a claim of a batch proof: {other:?}"),
        };
        let fixed = outcome.under_fixed_challenges.as_ref().map_or_else(|| "everything mended".to_owned(), class);
        *self.fixed.entry(fixed).or_default() += 1;
        *self.transcript.entry(class(&outcome.in_its_transcript)).or_default() += 1;
        self.changes.insert(outcome.change);
    }
}

/// What of a proof is mended, from nothing to everything: each step lets the next claim be reached.
const MENDED: [&[Repair]; 8] = [
    &[],
    &[Repair::Hashes],
    &[Repair::Folding, Repair::Hashes],
    &[Repair::Folding, Repair::LastPolynomial, Repair::Hashes],
    &[Repair::Folding, Repair::LastPolynomial, Repair::WeightedSum, Repair::Hashes],
    &[Repair::Constraints, Repair::Folding, Repair::LastPolynomial, Repair::WeightedSum, Repair::Hashes],
    &[Repair::Skip, Repair::Constraints, Repair::Folding, Repair::LastPolynomial, Repair::WeightedSum, Repair::Hashes],
    &Repair::ALL,
];

/// Kinds of changes, by their first byte.
const KINDS: u8 = 13;
/// The kind of change of opened rows.
const ROWS: u8 = 6;

fn mask(repairs: &[Repair]) -> u8 {
    Repair::ALL.iter().zip(0..).filter(|(repair, _)| repairs.contains(repair)).fold(0, |mask, (_, bit)| mask | (1 << bit))
}

/// Changes of the frozen final proof that get past every hash, and each claim behind the hashes
/// that rejects them.
///
/// Of the claims that a proof can fail, three are not among them: no change of values is one of
/// lengths (`Shape`), and circuits make no calls of Keccak (`Keccak`, `KeccakCalls`). Those are
/// tested where proofs have such lists: `verifier/tests/fixed`, `verifier/tests/opening`,
/// `verifier/tests/keccak_tables.rs`.
#[test]
fn forgeries_reach_every_claim_behind_the_hashes() {
    let mut noise = Noise(0xf0_96e);
    let mut reached = Reached::default();
    for kind in 0..KINDS {
        for repairs in MENDED {
            for round in 0..u8::try_from(rounds(4)).unwrap_or(u8::MAX) {
                let mut program = noise.bytes(16);
                program.resize(16, 1);
                if kind == ROWS {
                    // Rows of each matrix.
                    program[3..6].copy_from_slice(&[round, 0, 0]);
                } else {
                    // Both ways in which there are two.
                    program[0] = (program[0] & 0xfe) | (round & 1);
                    program[3] = (program[3] & 0xfe) | (round & 1);
                }
                let outcome = final_proof(&[&[mask(repairs), kind], program.as_slice()].concat());
                outcome.iter().for_each(|outcome| reached.add(outcome));
            }
        }
    }
    println!("{reached:#?}");
    let claims = [
        "RootDenominator",
        "LookupLayer",
        "Skip",
        "Constraints",
        "Heights",
        "WeightedSum",
        "Combination",
        "Fold",
        "LastPolynomial",
        "path",
        "path to the circuit",
        "everything mended",
    ];
    for claim in claims {
        assert!(reached.fixed.contains_key(claim), "{claim}: {reached:#?}");
    }
    for claim in ["Work", "RootDenominator", "LookupLayer", "Skip", "path"] {
        assert!(reached.transcript.contains_key(claim), "{claim}: {reached:#?}");
    }
    assert_eq!(reached.changes.len(), 14, "{reached:#?}");
}

#[test]
fn nothing_changed_is_no_forgery() {
    // A coefficient of the last polynomial, changed by zero and mended.
    let nothing = [127, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    assert_eq!(final_proof(&nothing), None);
    // A wrong half, with everything mended: only the transcript is left.
    let outcome = final_proof(&[127, 1, 5, 0, 0, 1, 0, 0, 0, 0, 0, 7, 0, 0, 0]).expect("a forgery");
    assert_eq!((outcome.change, outcome.under_fixed_challenges), (Change::Layer, None));
    assert!(matches!(outcome.in_its_transcript, Reason::Multilinear(Claim::LookupLayer { layer: 5 })), "{outcome:?}");
}

/// The prover goes through with false tables: every hash, path and proof of work of what it makes
/// holds, in its own transcript. Messages that do not cancel have no proof of the prover's.
#[test]
fn proofs_of_false_tables_are_rejected_behind_the_hashes() {
    let (small, mut noise) = (SmallProof::get(), Noise(0xfa15e));
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    for round in 0..rounds(60) {
        let mut changes = noise.bytes(15);
        while changes.len() < 15 {
            changes.extend(noise.bytes(15));
        }
        changes[0] = u8::try_from(round % 4).expect("a small number");
        let reason = match small.prove_falsely(&changes) {
            None => continue,
            Some(Err(ProveError::Unbalanced(_))) => "refused".to_owned(),
            Some(Err(other)) => panic!("{other}"),
            Some(Ok(proof)) => match small.judge(&proof).expect_err("a proof of something false") {
                Rejected::Claim(failure) => format!("{:?}", failure.reason()),
                other => panic!("{other:?}"),
            },
        };
        *reasons.entry(reason).or_default() += 1;
    }
    println!("{reasons:?}");
    // What is false in the tables breaks the constraints, whose first round does not add up to what
    // the lookups leave. Columns that are not the key's break the opening's sum.
    let expected = ["Multilinear(Skip)", "Multilinear(WeightedSum)", "refused"];
    assert_eq!(reasons.keys().map(String::as_str).collect::<Vec<_>>(), expected);
    assert!(reasons.values().all(|count| *count > 5), "{reasons:?}");
}

/// Everything is mended, and proof of work done anew: what rejects is that the challenges, the
/// queries' places among them, are others.
#[test]
fn a_forgery_with_its_proof_of_work_opens_other_places() {
    // A coefficient of the last polynomial, of a degree that no polynomial through the queries'
    // points needs: the challenges after it are others, and with them what the claims are weighted
    // by.
    let outcome = final_proof_with_work(&[127, 8, 100, 0, 0, 0, 0, 0, 5, 0, 0, 7, 0, 0, 0]).expect("a forgery");
    assert_eq!((outcome.change, outcome.under_fixed_challenges), (Change::LastPolynomial, None));
    assert_eq!(outcome.in_its_transcript, Reason::Multilinear(Claim::WeightedSum));
    // The last witness alone, as it is changed, and then to one that works.
    let last = forge::last_witness();
    let change = [127, 12, last, 0, 0, 0, 0, 0, 5, 0, 0, 7, 0, 0, 0];
    for (outcome, claim) in
        [(final_proof(&change), Claim::Work(WorkSite::Query)), (final_proof_with_work(&change), Claim::Path { oracle: 0, query: 0 })]
    {
        let outcome = outcome.expect("a forgery");
        assert_eq!((outcome.change, outcome.under_fixed_challenges), (Change::Work, None));
        assert_eq!(outcome.in_its_transcript, Reason::Multilinear(claim));
    }
}
