//! Where the parts of an encoded batch proof lie (`tern_verifier::multilinear::bytes`), by a
//! proof's own lengths.

use tern_field::EXTENSION_DEGREE;
use tern_fri::hash::{DIGEST_BYTES, Digest, ELEMENT_BYTES};
use tern_fri::multilinear::{OpeningShape, Proof};

/// What a part is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A table's height.
    Height,
    /// An element of the base field.
    Element,
    /// A digest.
    Digest,
    /// How many leaves or digests follow.
    Count,
}

impl Unit {
    /// Its bytes.
    pub const fn bytes(self) -> usize {
        match self {
            Self::Height => 4,
            Self::Element => ELEMENT_BYTES,
            Self::Digest => DIGEST_BYTES,
            Self::Count => 2,
        }
    }
}

/// A part of the encoding.
#[derive(Clone, Debug)]
pub struct Region {
    /// What it holds.
    pub name: String,
    /// First byte.
    pub start: usize,
    /// First byte behind it.
    pub end: usize,
    /// What it is made of.
    pub unit: Unit,
}

#[derive(Default)]
struct Walk(Vec<Region>);

impl Walk {
    fn part(&mut self, name: String, count: usize, unit: Unit) {
        let start = self.0.last().map_or(0, |part| part.end);
        if count > 0 {
            self.0.push(Region { name, start, end: start + count * unit.bytes(), unit });
        }
    }

    fn elements(&mut self, name: &str, count: usize) {
        self.part(name.to_owned(), count, Unit::Element);
    }

    fn extensions(&mut self, name: &str, count: usize) {
        self.elements(name, count * EXTENSION_DEGREE);
    }

    fn work(&mut self, site: &str, bits: usize, count: usize) {
        if bits > 0 {
            self.elements(&format!("proof of work: {site}"), count);
        }
    }

    /// What is opened of a tree, its leaves having so many elements together.
    fn opened(&mut self, name: &str, elements: usize, path: &[Digest]) {
        self.part(format!("{name}: number of leaves"), 1, Unit::Count);
        self.elements(&format!("{name}: leaves"), elements);
        self.part(format!("{name}: number of digests"), 1, Unit::Count);
        self.part(format!("{name}: digests"), path.len(), Unit::Digest);
    }
}

/// The parts of a proof whose opening has this shape, in their order and without gaps.
pub fn regions(shape: &OpeningShape, proof: &Proof) -> Vec<Region> {
    assert!(proof.keccak.is_none(), "circuits make no calls of Keccak");
    let (mut walk, opening) = (Walk::default(), &proof.opening);
    walk.part("heights".to_owned(), proof.heights.len(), Unit::Height);
    walk.part("commitment: main columns".to_owned(), proof.cap.len(), Unit::Digest);
    walk.work("lookups", shape.params.lookup_pow_bits, 1);
    walk.extensions("lookups: denominator of the sum", 1);
    for (index, layer) in proof.layers.iter().enumerate() {
        walk.extensions(&format!("lookups, layer {index}: rounds"), layer.rounds.as_flattened().len());
        walk.extensions(&format!("lookups, layer {index}: halves"), layer.halves.len());
    }
    walk.extensions("constraints: first round", proof.skip.len());
    for (index, round) in proof.rounds.iter().enumerate() {
        walk.extensions(&format!("constraints: round {}", index + 1), round.len());
    }
    walk.extensions("rests of all constraints and messages", 1);
    for (index, forms) in proof.forms.iter().enumerate() {
        walk.extensions(&format!("table {index}: linear forms"), forms.len());
    }
    walk.extensions("opening: rounds", opening.rounds.as_flattened().len());
    let columns = shape.column_variables();
    walk.work("opening, columns", shape.params.column_pow_bits, columns);
    walk.work("opening, rows", shape.params.row_pow_bits, opening.works.len() - columns);
    for (index, word) in opening.words.iter().enumerate() {
        walk.part(format!("commitment: word {index}"), word.len(), Unit::Digest);
    }
    walk.extensions("last polynomial", opening.last.len());
    walk.work("queries", shape.params.query_pow_bits, 1);
    for (index, opened) in opening.rows.iter().enumerate() {
        walk.opened(&format!("matrix {index}"), opened.leaves.iter().map(Vec::len).sum(), &opened.path);
    }
    for (index, opened) in opening.leaves.iter().enumerate() {
        let values: usize = opened.leaves.iter().map(Vec::len).sum();
        walk.opened(&format!("word {index}"), EXTENSION_DEGREE * values, &opened.path);
    }
    walk.0
}
