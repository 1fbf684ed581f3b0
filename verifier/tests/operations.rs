//! How many operations the verification of one segment takes: what a circuit that runs it is made of.

use std::collections::BTreeMap;

use tern_air::machine::leaf::Bounds;
use tern_air::machine::segment::Statement;
use tern_field::{DIGEST_LEN, EF, F};
use tern_fri::hash::Digest;
use tern_fri::multilinear::keccak::{Proof, Shape as KeccakShape};
use tern_fri::multilinear::params::SEGMENT_V2;
use tern_verifier::import::Importer;
use tern_verifier::multilinear::programs::{Segment, SegmentRelation, lift};
use tern_verifier::multilinear::{Transcript, keccak};
use tern_verifier::native::Native;
use tern_verifier::ops::{Checked, HashMode, Item, MultilinearOps, Ops};
use tern_verifier::programs::ChainStatement;
use tern_verifier::reason::Reason;

/// Counts operations; it has no values.
#[derive(Default)]
struct Counter(BTreeMap<&'static str, usize>);

impl Counter {
    fn add(&mut self, what: &'static str, count: usize) {
        *self.0.entry(what).or_default() += count;
    }

    fn of(&self, kinds: &[&str]) -> usize {
        kinds.iter().filter_map(|kind| self.0.get(kind)).sum()
    }
}

/// Blocks and parents of BLAKE3's tree over a message.
fn compressions(bytes: usize) -> usize {
    let chunks = bytes.div_ceil(1024).max(1);
    bytes.div_ceil(64).max(1) + chunks - 1
}

impl Ops for Counter {
    type Ext = ();
    type Bit = ();
    type Digest = ();
    type Cap = usize;
    /// Its length.
    type Row = usize;
    type Word = ();
    type Error = ();

    fn constant(&mut self, _: EF) {}

    fn add(&mut self, (): &(), (): &()) {
        self.add("add", 1);
    }

    fn sub(&mut self, (): &(), (): &()) {
        self.add("sub", 1);
    }

    fn mul(&mut self, (): &(), (): &()) {
        self.add("mul", 1);
    }

    fn mul_add(&mut self, (): &(), (): &(), (): &()) {
        self.add("mul_add", 1);
    }

    fn sub_mul(&mut self, (): &(), (): &(), (): &()) {
        self.add("sub_mul", 1);
    }

    fn div(&mut self, (): &(), (): &(), _: Reason) -> Checked<Self, ()> {
        self.add("div", 1);
        Ok(())
    }

    fn assert_equal(&mut self, (): &(), (): &(), _: Reason) -> Checked<Self, ()> {
        self.add("assert_equal", 1);
        Ok(())
    }

    fn bit_value(&mut self, (): &()) {}

    fn select(&mut self, (): &(), (): &(), (): &()) {
        self.add("select", 1);
    }

    fn assert_bit(&mut self, (): &(), _: Reason) -> Checked<Self, ()> {
        self.add("assert_bit", 1);
        Ok(())
    }

    fn constant_digest(&mut self, _: Digest) {}

    fn assert_same(&mut self, (): &(), (): &(), _: Reason) -> Checked<Self, ()> {
        self.add("assert_same", 1);
        Ok(())
    }

    fn node(&mut self, (): &(), (): &(), (): &()) {
        self.add("compressions of nodes", 1);
    }

    fn pair(&mut self, (): &(), (): &()) {
        self.add("compressions of pairs", 1);
    }

    fn entry(&mut self, digests: &usize, index: &[()]) {
        assert_eq!(*digests, 1 << index.len());
        self.add("entry", 1);
    }

    fn cap(&mut self, digests: &[()]) -> usize {
        digests.len()
    }

    fn hash(&mut self, _: HashMode, items: &[Item<Self>], pad_to: usize) {
        let mut bytes: usize = 0;
        for item in items {
            bytes = match item {
                Item::Constant(_) | Item::Base(()) => bytes + 4,
                Item::Ext(()) => bytes + 20,
                Item::Digest(()) => bytes.next_multiple_of(32) + 32,
            };
        }
        let kind = if pad_to == 64 { "compressions of folded rows" } else { "compressions of the transcript" };
        self.add(kind, compressions(bytes.next_multiple_of(pad_to)));
    }

    fn hash_row(&mut self, row: &usize) {
        self.add("rows", 1);
        self.add("elements of rows", *row);
        self.add("compressions of rows", compressions((4 * row).next_multiple_of(64)));
    }

    fn limbs(&mut self, (): &()) -> Vec<()> {
        vec![(); 16]
    }

    fn words(&mut self, (): &()) -> [(); 4] {
        [(); 4]
    }

    fn word_bits(&mut self, (): &(), count: usize) -> Vec<()> {
        self.add("challenge words", 1);
        vec![(); count]
    }
}

impl MultilinearOps for Counter {
    fn keyed_hash(&mut self, (): &(), items: &[Item<Self>]) {
        self.hash(HashMode::Plain, items, 64);
    }

    fn row_len(&self, row: &usize) -> usize {
        *row
    }

    fn bits(&mut self, (): &(), count: usize, _: Reason) -> Checked<Self, Vec<()>> {
        self.add("bits", count);
        Ok(vec![(); count])
    }

    fn dot(&mut self, row: &usize, _: &[()]) {
        self.add("elements of rows", *row);
    }
}

impl Importer<Native, Self> for Counter {
    fn base(&mut self, _: &EF) {
        self.add("witness elements", 1);
    }

    fn ext(&mut self, _: &EF) {
        self.add("witness elements", 1);
    }

    fn digest(&mut self, _: &Digest) {
        self.add("witness digests", 1);
    }

    fn row(&mut self, row: &Vec<F>) -> usize {
        row.len()
    }
}

/// The operations for one segment in a matrix of so many rows.
fn count(log_rows: usize, has_calls: bool) -> Counter {
    let bounds = Bounds { ro_start: 0x10, ro_end: 0x20, text_start: 0x12, text_end: 0x18 };
    let root = [F::new(0); DIGEST_LEN];
    let statement = Statement { pc_in: 0, pc_out: 0, root_in: root, root_out: root, halt: None };
    let relation = SegmentRelation::new(&SEGMENT_V2).expect("the machine's chips");
    let opening = relation.verifier.opening_of_rows(log_rows).expect("a matrix that the parameters allow");
    let values = relation.verifier.zero_values(&opening, has_calls);
    let segment = Segment { statement: ChainStatement::of([0; 32], &bounds, [0; 32], &statement), values };
    let mut counter = Counter::default();
    let segment = segment.import::<Counter>(&mut counter);
    lift(&mut counter, &relation, &[opening], &[segment]).expect("nothing is compared");
    counter
}

#[test]
fn a_segment_takes_a_bounded_number_of_operations() {
    for (log_rows, has_calls) in [(15, false), (20, true), (22, true)] {
        let counter = count(log_rows, has_calls);
        let arithmetic = counter.of(&["add", "sub", "mul", "mul_add", "sub_mul", "div", "assert_equal"]) + 2 * counter.of(&["select"]);
        let hashing: usize = counter.0.iter().filter(|(kind, _)| kind.starts_with("compressions")).map(|(_, count)| count).sum();
        println!("2^{log_rows}: {arithmetic} arithmetic operations, {hashing} compressions, {:#?}", counter.0);
        assert!(arithmetic < 215_000, "2^{log_rows}: {arithmetic}");
        assert!(hashing < 12_000, "2^{log_rows}: {hashing}");
    }
}

/// The claims of Keccak permutations, for the most calls of a segment and a usual number.
#[test]
fn keccak_takes_a_bounded_number_of_operations() {
    for log_calls in [11, 15] {
        let (counter, shape) = (&mut Counter::default(), KeccakShape { log_calls, skip: true });
        let mut transcript = Transcript::new(counter, b"", &());
        let outputs = keccak::draw_output_point(counter, &shape, &mut transcript);
        let proof = Proof::filled(&shape, &());
        keccak::verify(counter, &shape, &outputs, &proof, &mut transcript).expect("nothing is compared");
        let arithmetic = counter.of(&["add", "sub", "mul", "mul_add", "sub_mul", "assert_equal"]) + 2 * counter.of(&["select"]);
        let hashing: usize = counter.0.iter().filter(|(kind, _)| kind.starts_with("compressions")).map(|(_, count)| count).sum();
        println!("2^{log_calls} calls: {arithmetic} arithmetic operations, {hashing} compressions, {:#?}", counter.0);
        assert!(arithmetic < 50_000, "{arithmetic}");
        assert!(hashing < 3_000, "{hashing}");
    }
}
