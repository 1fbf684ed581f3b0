//! Every field of a segment's proof: one changed value or length in each is rejected.

use std::collections::BTreeMap;

use p3_field::PrimeCharacteristicRing;
use tern_field::{EF, F};
use tern_fri::hash::Digest;
use tern_fri::multilinear::params::SEGMENT_V2;
use tern_fri::multilinear::proof::{LayerProof, Opened};
use tern_fri::multilinear::{OpeningProof, Proof, keccak};
use tern_verifier::multilinear::batch::Rejected;
use tern_verifier::multilinear::bytes::BytesError;
use tern_verifier::multilinear::programs::SegmentRelation;
use tern_verifier::segments::{Expected, Rejection, verify};

use crate::chain::{Chain, chain};
use crate::support::ProofFile;

/// The segment whose proof is changed: the one that calls Keccak.
const SEGMENT: u32 = 0;

/// Bytes of a height.
const HEIGHT_BYTES: usize = 4;

/// What a walk through a proof does at each number and list, in the order of the walk. `field` is the path without the positions in lists.
trait Visitor {
    fn number(&mut self, field: &str, number: &mut dyn Number);
    fn list(&mut self, field: &str, list: &mut dyn List);
}

/// A number, which can be changed.
trait Number {
    fn change(&mut self);
}

impl Number for usize {
    fn change(&mut self) {
        *self = self.checked_sub(1).unwrap_or(1);
    }
}

impl Number for F {
    fn change(&mut self) {
        *self += Self::ONE;
    }
}

impl Number for EF {
    fn change(&mut self) {
        *self += Self::ONE;
    }
}

impl Number for Digest {
    fn change(&mut self) {
        self[17] ^= 0x20;
    }
}

/// A list, whose length can be changed.
trait List {
    /// Leaves out its last entry, or repeats it; not if there is none.
    fn resize(&mut self, grow: bool) -> bool;
}

impl<T: Clone> List for Vec<T> {
    fn resize(&mut self, grow: bool) -> bool {
        let Some(last) = self.pop() else { return false };
        if grow {
            self.extend([last.clone(), last]);
        }
        true
    }
}

/// A part of a proof. A field that is added has to be added here.
trait Walk {
    fn walk(&mut self, field: &str, visitor: &mut dyn Visitor);
}

macro_rules! walk_numbers {
    ($($type:ty),*) => {$(
        impl Walk for $type {
            fn walk(&mut self, field: &str, visitor: &mut dyn Visitor) {
                visitor.number(field, self);
            }
        }
    )*};
}

walk_numbers!(usize, F, EF, Digest);

macro_rules! walk_fields {
    ($(($type:ty, $name:path, $($field:ident),*)),*) => {$(
        impl Walk for $type {
            fn walk(&mut self, path: &str, visitor: &mut dyn Visitor) {
                let $name { $($field),* } = self;
                $($field.walk(&format!("{path}/{}", stringify!($field)), visitor);)*
            }
        }
    )*};
}

walk_fields!(
    (Proof, Proof, cap, heights, lookup_work, root, layers, skip, rounds, rest, forms, keccak, opening),
    (LayerProof, LayerProof, rounds, halves),
    (keccak::Proof<EF>, keccak::Proof, real, output, middle, rounds),
    (keccak::LayerProof<EF>, keccak::LayerProof, first, instances, positions, claims),
    (OpeningProof, OpeningProof, rounds, works, words, last, query_work, rows, leaves)
);

impl<T: Walk + Clone> Walk for Opened<T> {
    fn walk(&mut self, field: &str, visitor: &mut dyn Visitor) {
        let Self { leaves, path } = self;
        leaves.walk(&format!("{field}/leaves"), visitor);
        path.walk(&format!("{field}/path"), visitor);
    }
}

impl<T: Walk + Clone> Walk for Vec<T> {
    fn walk(&mut self, field: &str, visitor: &mut dyn Visitor) {
        visitor.list(field, self);
        self.iter_mut().for_each(|item| item.walk(&format!("{field}/*"), visitor));
    }
}

macro_rules! walk_arrays {
    ($($item:ty, $len:expr);*) => {$(
        impl Walk for [$item; $len] {
            fn walk(&mut self, field: &str, visitor: &mut dyn Visitor) {
                self.iter_mut().for_each(|item| item.walk(&format!("{field}/*"), visitor));
            }
        }
    )*};
}

walk_arrays!(EF, 2; EF, 3; EF, 4; keccak::LayerProof<EF>, keccak::LAYERS.len());

impl<T: Walk> Walk for Option<T> {
    fn walk(&mut self, field: &str, visitor: &mut dyn Visitor) {
        self.iter_mut().for_each(|part| part.walk(field, visitor));
    }
}

/// Where the first and the last of a field's numbers, or lists that are not empty, stand in the order of the walk.
type Places = BTreeMap<String, [usize; 2]>;

/// Finds all fields.
#[derive(Default)]
struct Find {
    numbers: (usize, Places),
    lists: (usize, Places),
}

fn found((next, places): &mut (usize, Places), field: &str) {
    places.entry(field.into()).or_insert([*next; 2])[1] = *next;
    *next += 1;
}

impl Visitor for Find {
    fn number(&mut self, field: &str, _: &mut dyn Number) {
        found(&mut self.numbers, field);
    }

    fn list(&mut self, field: &str, list: &mut dyn List) {
        if list.resize(true) {
            list.resize(false);
            found(&mut self.lists, field);
        }
    }
}

/// Changes the number at a place.
struct ChangeNumber(usize);

impl Visitor for ChangeNumber {
    fn number(&mut self, _: &str, number: &mut dyn Number) {
        if self.0 == 0 {
            number.change();
        }
        self.0 = self.0.wrapping_sub(1);
    }

    fn list(&mut self, _: &str, _: &mut dyn List) {}
}

/// Changes the length of the list at a place.
struct ChangeLength {
    place: usize,
    grow: bool,
}

impl Visitor for ChangeLength {
    fn number(&mut self, _: &str, _: &mut dyn Number) {}

    fn list(&mut self, _: &str, list: &mut dyn List) {
        if !list.resize(true) {
            return;
        }
        list.resize(false);
        if self.place == 0 {
            list.resize(self.grow);
        }
        self.place = self.place.wrapping_sub(1);
    }
}

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
        let mut find = Find::default();
        self.proof.clone().walk("", &mut find);
        find
    }

    fn changed(&self, visitor: &mut dyn Visitor) -> Proof {
        let mut proof = self.proof.clone();
        proof.walk("", visitor);
        assert_ne!(proof, self.proof, "nothing has changed");
        proof
    }

    /// A proof whose lists have the lengths of the honest heights, with its own heights before them.
    fn encoded(&self, proof: &Proof) -> Result<Vec<u8>, Rejected> {
        let mut bytes = self.relation.verifier.encode(&Proof { heights: self.proof.heights.clone(), ..proof.clone() })?;
        for (at, &height) in bytes.chunks_exact_mut(HEIGHT_BYTES).zip(&proof.heights) {
            at.copy_from_slice(&u32::try_from(height).expect("a height").to_le_bytes());
        }
        Ok(bytes)
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

#[test]
fn a_changed_value_in_any_field_is_rejected() {
    let honest = Honest::new();
    let (count, numbers) = honest.fields().numbers;
    for (field, places) in &numbers {
        for &place in places {
            let changed = honest.changed(&mut ChangeNumber(place));
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
        for (&place, grow) in places.iter().flat_map(|place| [(place, false), (place, true)]) {
            let changed = honest.changed(&mut ChangeLength { place, grow });
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
