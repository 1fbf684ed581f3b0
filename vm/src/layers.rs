//! The layers of proofs: every relation that is proved, with its parameters.

use tern_air::recursion::{NODE_SHAPE, RecursionAir, RecursionShape, WRAP_SHAPE};
use tern_air::shape::SHAPES;
use tern_fri::params::{FINAL_PROVEN_V1, FINAL_V1, RECURSION_V1, SEGMENT_V1};
use tern_fri::security::TARGET_BITS;
use tern_fri::shape::ShapeError;
use tern_fri::{LayerSecurity, Params, RelationShape};
use tern_verifier::system;

use crate::prove::relation_shape;

/// One relation that is proved.
#[derive(Clone, Debug)]
pub struct Layer {
    /// What it proves: `segment`, `recursion` (circuits that lift and join) or `final`.
    pub kind: &'static str,
    /// Which of its kind.
    pub shape: &'static str,
    /// The parameters of its proofs.
    pub params: &'static Params,
    /// The sizes of its tables.
    pub relation: RelationShape,
}

impl Layer {
    /// Its error terms.
    #[must_use]
    pub fn security(&self) -> LayerSecurity {
        if self.kind == SEGMENT {
            LayerSecurity::of_segment(self.params, &self.relation)
        } else {
            LayerSecurity::new(self.params, &self.relation)
        }
    }

    /// What the layer would need for [`TARGET_BITS`] proven bits: its own rate, the proof of work of [`FINAL_PROVEN_V1`], and as many queries as that
    /// takes. None if no number of queries is enough.
    #[must_use]
    pub fn proven_params(&self) -> Option<Params> {
        let with_queries = |num_queries| Params {
            num_queries,
            lookup_pow_bits: FINAL_PROVEN_V1.lookup_pow_bits,
            ood_pow_bits: FINAL_PROVEN_V1.ood_pow_bits,
            batch_pow_bits: FINAL_PROVEN_V1.batch_pow_bits,
            commit_pow_bits: FINAL_PROVEN_V1.commit_pow_bits,
            query_pow_bits: FINAL_PROVEN_V1.query_pow_bits,
            ..*self.params
        };
        let suffices = |params: &Params| LayerSecurity::new(params, &self.relation).proven_bits() >= TARGET_BITS;
        (1..=MAX_QUERIES).map(with_queries).find(suffices)
    }
}

/// Where the search for a number of queries ends.
const MAX_QUERIES: usize = 256;

/// The kind of layers whose statements name memories.
const SEGMENT: &str = "segment";

/// Every layer.
///
/// # Errors
///
/// If a table is too tall for the field: a fault of the lists of shapes.
pub fn layers() -> Result<Vec<Layer>, ShapeError> {
    let relation = relation_shape(&SHAPES[0])?;
    let segments = SHAPES.iter().map(|shape| {
        let relation = relation.at_heights(&shape.log_heights.map(usize::from))?;
        Ok(Layer { kind: SEGMENT, shape: shape.name, params: &SEGMENT_V1, relation })
    });
    let circuits = [recursion("recursion", "node", &RECURSION_V1, &NODE_SHAPE), recursion("final", "wrap", &FINAL_V1, &WRAP_SHAPE)];
    segments.chain(circuits).collect()
}

/// A recursion circuit of these heights. All circuits have the same tables.
fn recursion(kind: &'static str, shape: &'static str, params: &'static Params, heights: &RecursionShape) -> Result<Layer, ShapeError> {
    let relation = system::relation_shape::<RecursionAir>(&heights.log_heights)?;
    Ok(Layer { kind, shape, params, relation })
}

#[cfg(test)]
mod tests {
    use tern_air::recursion::RecursionChip;
    use tern_fri::ProofSize;

    use super::*;

    /// Heights above those of the circuits that there are: by chip, the pairs of bytes have `2^16` rows.
    fn heights(log_rows: u8) -> RecursionShape {
        let mut log_heights = [log_rows; RecursionChip::COUNT];
        log_heights[RecursionChip::ByteTable as usize] = 16;
        RecursionShape { log_heights }
    }

    /// Conjectured and proven bits, to a tenth.
    fn figures(layer: &Layer) -> [String; 2] {
        let security = layer.security();
        println!("{security}");
        [security.conjectured.bits, security.proven_bits()].map(|bits| format!("{bits:.1}"))
    }

    /// The figures that README.md and `spec/soundness.md` give.
    #[test]
    fn every_layer_has_its_figures() {
        let layers = layers().expect("every shape fits");
        assert_eq!(layers.len(), SHAPES.len() + 2);
        for layer in &layers {
            let expected = match layer.kind {
                SEGMENT => ["121.7", "75.0"],
                "recursion" => ["122.8", "77.5"],
                _ => ["123.3", "76.0"],
            };
            assert_eq!(figures(layer), expected, "{}, {}", layer.kind, layer.shape);
        }
    }

    /// The queries bind, not the chips: at heights above those of the circuits the conjectured figures are the same.
    #[test]
    fn the_chips_of_recursion_take_nothing_from_the_conjectured_figures() {
        for (params, log_rows, expected) in [(&RECURSION_V1, 20, "122.8"), (&FINAL_V1, 18, "123.3"), (&FINAL_PROVEN_V1, 17, "128.0")] {
            let layer = recursion("test", "tall", params, &heights(log_rows)).expect("the heights fit");
            assert_eq!(figures(&layer)[0], expected);
        }
        let proven = recursion("test", "tall", &FINAL_PROVEN_V1, &heights(17)).expect("the heights fit").security();
        assert!(proven.proven_bits() >= TARGET_BITS, "{proven}");
    }

    #[test]
    #[ignore = "a table of estimates"]
    fn sizes() {
        for log_heights in
            [[16, 16, 16, 13, 16, 10, 13, 10, 16], [15, 14, 15, 13, 16, 10, 11, 10, 16], [17, 17, 17, 14, 17, 11, 14, 11, 17]]
        {
            for params in [&RECURSION_V1, &FINAL_V1, &FINAL_PROVEN_V1] {
                let layer = recursion("test", "aligned", params, &RecursionShape { log_heights }).expect("the heights fit");
                let widths = |width: fn(&tern_fri::TableShape) -> usize| layer.relation.tables.iter().map(width).collect::<Vec<_>>();
                println!(
                    "{:?}, {}: {}; main {:?}, preprocessed {:?}, lookups {:?}, chunks {:?}",
                    log_heights,
                    params.name,
                    ProofSize::new(params, &layer.relation),
                    widths(|table| table.main_width),
                    widths(|table| table.preprocessed_width),
                    widths(|table| table.permutation_width()),
                    widths(|table| table.quotient_chunks()),
                );
            }
        }
    }
}
