//! Counts that a circuit fixes and that no constraint bounds: those of the compress chip's messages
//! (`air/tests/counts`).

use p3_field::PrimeCharacteristicRing;
use tern_air::layout::Columns;
use tern_air::recursion::CircuitChip;
use tern_air::recursion::compress::CompressPreCols;
use tern_field::{EF, F};
use tern_verifier::ops::{HashMode, Item, Ops};
use tern_vm::recursion::CircuitBuilder;

/// The builder writes one function of a compression's record into every row, so a circuit with all
/// kinds of compressions stands for all.
#[test]
fn circuits_count_a_compression_once() {
    let mut builder = CircuitBuilder::new();
    let [own, sibling] = [[1; 32], [2; 32]].map(|digest| builder.witness_digest(digest));
    let bit = builder.witness(EF::ONE);
    let node = builder.node(&own, &sibling, &bit);
    let pair = builder.pair(&own, &node);
    builder.hash(HashMode::Plain, &[Item::Digest(pair)], 32);
    let table = builder.finish().fixed().swap_remove(CircuitChip::Compress as usize);
    let mut seen = [0; 4];
    for row in table.values.chunks_exact(table.width) {
        let CompressPreCols { real, read_bit, .. } = *CompressPreCols::<F>::of(row);
        let kinds = [(F::ZERO, F::ZERO), (F::ZERO, F::ONE), (F::ONE, F::ZERO), (F::ONE, F::ONE)];
        let kind = kinds.iter().position(|kind| *kind == (real, read_bit)).expect("0 or 1");
        seen[kind] += 1;
    }
    assert!(seen[1] == 0 && seen[2] > 0 && seen[3] > 0, "{seen:?}");
}
