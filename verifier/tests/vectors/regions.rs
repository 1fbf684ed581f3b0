//! Where the parts of an encoded batch proof lie (`tern_verifier::compact`), by a proof's own lengths.

use tern_field::EXTENSION_DEGREE;
use tern_fri::config::Paths;
use tern_fri::hash::{DIGEST_BYTES, ELEMENT_BYTES};
use tern_fri::{Params, Proof};

/// A part of the encoding.
#[derive(Clone, Debug)]
pub struct Region {
    /// What it holds.
    pub name: String,
    /// First byte.
    pub start: usize,
    /// First byte behind it.
    pub end: usize,
    /// Bytes of one of its elements, digests or counts.
    pub unit: usize,
}

/// Bytes of the number of digests in the paths of a commitment.
const COUNT_BYTES: usize = 2;

#[derive(Default)]
struct Walk(Vec<Region>);

impl Walk {
    fn part(&mut self, name: String, count: usize, unit: usize) {
        let start = self.0.last().map_or(0, |part| part.end);
        if count > 0 {
            self.0.push(Region { name, start, end: start + count * unit, unit });
        }
    }

    fn elements(&mut self, name: String, count: usize) {
        self.part(name, count, ELEMENT_BYTES);
    }

    fn extensions(&mut self, name: String, count: usize) {
        self.elements(name, count * EXTENSION_DEGREE);
    }

    fn paths(&mut self, name: &str, paths: &Paths) {
        self.part(format!("{name}: number of digests"), 1, COUNT_BYTES);
        self.part(format!("{name}: digests"), paths.sibling_hashes.len(), DIGEST_BYTES);
    }
}

/// The parts, in their order and without gaps.
pub fn regions(params: &Params, proof: &Proof) -> Vec<Region> {
    let mut walk = Walk::default();
    let (caps, fri) = (&proof.commitments, &proof.opening_proof);
    let named = [("main", Some(&caps.main)), ("quotient", Some(&caps.quotient_chunks)), ("lookups", caps.permutation.as_ref())];
    for (name, cap) in named.into_iter().filter_map(|(name, cap)| Some((name, cap?))) {
        walk.part(format!("commitment: {name}"), cap.roots().len(), DIGEST_BYTES);
    }
    for (round, cap) in fri.commit_phase_commits.iter().enumerate() {
        walk.part(format!("commitment: folding round {round}"), cap.roots().len(), DIGEST_BYTES);
    }
    for (index, (table, terminal)) in proof.opened_values.instances.iter().zip(&proof.lookup_terminals).enumerate() {
        let base = &table.base_opened_values;
        let next = |values: &Option<Vec<_>>| values.as_ref().map_or(0, Vec::len);
        walk.extensions(format!("table {index}: main"), base.trace_local.len() + next(&base.trace_next));
        let preprocessed = base.preprocessed.as_ref().map_or(0, |values| values.local.len() + next(&values.next));
        walk.extensions(format!("table {index}: preprocessed"), preprocessed);
        walk.extensions(format!("table {index}: quotient"), base.quotient_chunks.iter().map(Vec::len).sum());
        walk.extensions(format!("table {index}: lookups"), table.permutation_local.len() + table.permutation_next.len());
        walk.extensions(format!("table {index}: terminal"), usize::from(terminal.is_some()));
    }
    let work = [
        ("lookups", params.lookup_pow_bits, usize::from(proof.lookup_pow_witness.is_some())),
        ("out-of-domain point", params.ood_pow_bits, 1),
        ("batching", params.batch_pow_bits, 1),
        ("folding rounds", params.commit_pow_bits, fri.commit_pow_witnesses.len()),
        ("queries", params.query_pow_bits, 1),
    ];
    for (site, _, count) in work.into_iter().filter(|(_, bits, _)| *bits > 0) {
        walk.elements(format!("proof of work: {site}"), count);
    }
    walk.extensions("last polynomial".to_owned(), fri.final_poly.len());
    for (index, opening) in fri.input_openings.iter().enumerate() {
        let name = format!("opening {index}");
        walk.elements(format!("{name}: rows"), opening.opened_values.iter().flatten().map(Vec::len).sum());
        walk.paths(&name, &opening.opening_proof);
    }
    for (round, opening) in fri.commit_phase_openings.iter().enumerate() {
        let name = format!("folding round {round}");
        walk.extensions(format!("{name}: siblings"), opening.sibling_values.iter().map(Vec::len).sum());
        walk.paths(&name, &opening.opening_proof);
    }
    walk.0
}
