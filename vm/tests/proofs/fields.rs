//! Every field of a segment's proof: one changed value or length in each is rejected.

use tern_fri::multilinear::Proof;
use tern_fri::multilinear::params::SEGMENT_V2;
use tern_verifier::multilinear::batch::Rejected;
use tern_verifier::multilinear::bytes::BytesError;
use tern_verifier::multilinear::programs::SegmentRelation;
use tern_verifier::segments::{Expected, Rejection, verify};
use tern_vm::testing::fields::{ChangeLength, ChangeNumber, Find, encode_with_heights, find};
use tern_vm::testing::proof_file::ProofFile;

use crate::chain::{Chain, chain};

/// The segment whose proof is changed: the one that calls Keccak.
const SEGMENT: u32 = 0;

/// The proof of [`SEGMENT`], with what reads, writes and verifies it.
struct Honest {
    chain: &'static Chain,
    relation: SegmentRelation,
    proof: Proof,
}

impl Honest {
    fn new() -> Self {
        let (chain, relation) = (chain(), SegmentRelation::new(&SEGMENT_V2).expect("the machine's chips"));
        let proof = relation.verifier.decode(ProofFile::read(&chain.proof).segments[SEGMENT as usize].proof).expect("a proof");
        Self { chain, relation, proof }
    }

    fn fields(&self) -> Find {
        find(&self.proof)
    }

    fn changed(&self, change: impl FnOnce(&mut Proof)) -> Proof {
        let mut proof = self.proof.clone();
        change(&mut proof);
        assert_ne!(proof, self.proof, "nothing has changed");
        proof
    }

    /// A proof whose lists have the lengths of the honest heights, with its own heights before them.
    fn encoded(&self, proof: &Proof) -> Result<Vec<u8>, Rejected> {
        encode_with_heights(&self.relation.verifier, proof, &self.proof.heights)
    }

    /// Why the chain is rejected with these bytes as the proof of [`SEGMENT`].
    #[track_caller]
    fn rejection(&self, proof: &[u8]) -> Rejection {
        let mut file = ProofFile::read(&self.chain.proof);
        assert_ne!(file.segments[SEGMENT as usize].proof, proof, "nothing has changed");
        file.segments[SEGMENT as usize].proof = proof;
        verify(&file.counted(), &self.chain.program.key, &Expected::default()).expect_err("a rejection")
    }

    /// Why the proof itself is rejected, whatever its encoding.
    #[track_caller]
    fn rejected(&self, proof: &Proof) -> Rejected {
        let (file, key) = (ProofFile::read(&self.chain.proof), &self.chain.program.key);
        let statement = &file.segments[SEGMENT as usize].statement;
        self.relation.verify_statement(key.digest(), &key.bounds, statement, proof).expect_err("a rejection")
    }
}

/// The first and the last of a field's places.
fn ends(places: &[usize]) -> [usize; 2] {
    [places[0], places[places.len() - 1]]
}

#[test]
fn a_changed_value_in_any_field_is_rejected() {
    let honest = Honest::new();
    let (count, numbers) = honest.fields().numbers;
    for (field, places) in &numbers {
        for place in ends(places) {
            let changed = honest.changed(|proof| ChangeNumber { place, value: None }.apply(proof).expect("a number"));
            let rejection = honest.rejection(&honest.encoded(&changed).expect("lists of the same lengths"));
            let is_claim = |error: &Rejected| matches!(error, Rejected::Claim(_) | Rejected::Excess(_));
            let expected = match (field.as_str(), &rejection) {
                ("/heights/*", Rejection::Decode { segment: SEGMENT, .. }) => true,
                (_, Rejection::Proof { segment: SEGMENT, error }) => is_claim(error),
                _ => false,
            };
            assert!(expected, "{field}, place {place}: {rejection}");
        }
    }
    let names: Vec<_> = numbers.keys().map(String::as_str).collect();
    println!("{count} numbers: {names:#?}");
    // fields of every part of a proof
    for part in [
        "/cap/*",
        "/heights/*",
        "/lookup_work",
        "/root",
        "/layers/*/rounds/*/*",
        "/layers/*/halves/*",
        "/skip/*",
        "/rounds/*/*",
        "/rest",
        "/forms/*/*",
        "/keccak/real",
        "/keccak/output",
        "/keccak/middle/*",
        "/keccak/rounds/*/*/first/*",
        "/keccak/rounds/*/*/instances/*/*",
        "/keccak/rounds/*/*/positions/*/*",
        "/keccak/rounds/*/*/claims/*",
        "/opening/rounds/*/*",
        "/opening/works/*",
        "/opening/words/*/*",
        "/opening/last/*",
        "/opening/query_work",
        "/opening/rows/*/leaves/*/*",
        "/opening/rows/*/path/*",
        "/opening/leaves/*/leaves/*/*",
        "/opening/leaves/*/path/*",
    ] {
        assert!(names.contains(&part), "{part} is not in {names:#?}");
    }
    assert_eq!(names.len(), 26, "{names:#?}");
}

/// The heights of tables are the only numbers that a proof's other lengths follow from.
#[test]
fn another_height_of_any_table_is_rejected() {
    let honest = Honest::new();
    for table in 0..honest.proof.heights.len() {
        let height = honest.proof.heights[table];
        for other in [0, height.saturating_sub(1), height + 1, 1 << 20, u32::MAX as usize].into_iter().filter(|&other| other != height) {
            let mut changed = honest.proof.clone();
            changed.heights[table] = other;
            let rejection = honest.rejection(&honest.encoded(&changed).expect("lists of the same lengths"));
            let expected = matches!(rejection, Rejection::Decode { segment: SEGMENT, .. } | Rejection::Proof { segment: SEGMENT, .. });
            assert!(expected, "table {table}, height {other}: {rejection}");
        }
    }
}

#[test]
fn a_changed_length_in_any_field_is_rejected() {
    let honest = Honest::new();
    let (_, lists) = honest.fields().lists;
    let mut written = 0;
    for (field, places) in &lists {
        for (place, grow) in ends(places).into_iter().flat_map(|place| [(place, false), (place, true)]) {
            let changed = honest.changed(|proof| ChangeLength { place, grow }.apply(proof));
            match (honest.relation.verifier.encode(&changed), honest.rejected(&changed)) {
                // only what is opened has lengths of its own
                (Ok(bytes), Rejected::Excess(excess)) => {
                    assert!(field.ends_with("/leaves") || field.ends_with("/path"), "{field}, longer: {grow}");
                    let rejection = honest.rejection(&bytes);
                    let expected = match &rejection {
                        Rejection::Proof { segment: SEGMENT, error } => *error == Rejected::Excess(excess),
                        Rejection::Decode { segment: SEGMENT, error: BytesError::Count { .. } } => grow,
                        _ => false,
                    };
                    assert!(expected, "{field}, longer: {grow}: {rejection}");
                    written += 1;
                }
                (Err(Rejected::Shape), Rejected::Shape) => {}
                // how long this is is checked behind the first proof of work, which it has changed
                (Err(Rejected::Shape), Rejected::Claim(_)) if field == "/cap" => {}
                (encoded, rejected) => panic!("{field}, longer: {grow}: {encoded:?}, {rejected}"),
            }
        }
    }
    assert!(lists.len() == 30 && written >= 12, "{written} of {lists:#?}");
}

/// Where nothing says how long a list is, a word more or less moves all that follows.
#[test]
fn words_left_out_or_repeated_are_rejected() {
    let honest = Honest::new();
    let bytes = ProofFile::read(&honest.chain.proof).segments[SEGMENT as usize].proof.to_vec();
    const PLACES: usize = 40;
    for at in (0..PLACES).map(|place| bytes.len() / 4 * place / PLACES * 4) {
        let (before, after) = bytes.split_at(at);
        for changed in [[before, &after[4..]].concat(), [before, &after[..4], after].concat()] {
            let rejection = honest.rejection(&changed);
            assert!(matches!(rejection, Rejection::Decode { segment: SEGMENT, .. }), "byte {at}: {rejection}");
        }
    }
}
