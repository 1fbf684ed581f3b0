//! Taking a proof's values from one interpreter to another, and the values that circuits are built from.

use alloc::vec;
use alloc::vec::Vec;

use p3_field::PrimeCharacteristicRing;
use tern_field::{EF, F};
use tern_fri::hash::{DIGEST_BYTES, Digest};
use tern_fri::multilinear::{OpeningShape, keccak};

use super::batch::BatchValues;
use super::front::proof::LAYER_ROUND_VALUES;
use super::front::{FormValues, FrontProof, FrontShape, LookupLayer, LookupProof};
use super::opening::{OpeningValues, QueryValues, power};
use crate::import::Importer;
use crate::native::Native;
use crate::ops::MultilinearOps;

impl<O: MultilinearOps> BatchValues<O> {
    /// The same values in another interpreter, taken in the order of the fields' declarations.
    pub fn import<T: MultilinearOps>(&self, importer: &mut impl Importer<O, T>) -> BatchValues<T> {
        BatchValues {
            cap: importer.digests(&self.cap),
            heights: bases(importer, &self.heights),
            front: front(importer, &self.front),
            keccak: self.keccak.as_ref().map(|proof| argument(importer, proof)),
            opening: opening(importer, &self.opening),
        }
    }
}

fn bases<O: MultilinearOps, T: MultilinearOps>(importer: &mut impl Importer<O, T>, values: &[O::Ext]) -> Vec<T::Ext> {
    values.iter().map(|value| importer.base(value)).collect()
}

fn front<O: MultilinearOps, T: MultilinearOps>(importer: &mut impl Importer<O, T>, proof: &FrontProof<O>) -> FrontProof<T> {
    FrontProof {
        lookup: proof.lookup.as_ref().map(|lookup| LookupProof {
            work: importer.base(&lookup.work),
            root_denominator: importer.ext(&lookup.root_denominator),
            layers: lookup.layers.iter().map(|messages| layer(importer, messages)).collect(),
        }),
        skip: importer.exts(&proof.skip),
        rounds: proof.rounds.iter().map(|values| importer.exts(values)).collect(),
        claims: FormValues {
            rest: importer.ext(&proof.claims.rest),
            tables: proof.claims.tables.iter().map(|forms| importer.exts(forms)).collect(),
        },
    }
}

fn layer<O: MultilinearOps, T: MultilinearOps>(importer: &mut impl Importer<O, T>, layer: &LookupLayer<O>) -> LookupLayer<T> {
    LookupLayer {
        rounds: layer.rounds.iter().map(|values| values.each_ref().map(|value| importer.ext(value))).collect(),
        numerators: layer.numerators.each_ref().map(|value| importer.ext(value)),
        denominators: layer.denominators.each_ref().map(|value| importer.ext(value)),
    }
}

fn argument<O: MultilinearOps, T: MultilinearOps>(
    importer: &mut impl Importer<O, T>,
    proof: &keccak::Proof<O::Ext>,
) -> keccak::Proof<T::Ext> {
    keccak::Proof {
        real: importer.ext(&proof.real),
        output: importer.ext(&proof.output),
        middle: importer.exts(&proof.middle),
        rounds: proof.rounds.iter().map(|layers| layers.each_ref().map(|messages| argument_layer(importer, messages))).collect(),
    }
}

fn argument_layer<O: MultilinearOps, T: MultilinearOps>(
    importer: &mut impl Importer<O, T>,
    layer: &keccak::LayerProof<O::Ext>,
) -> keccak::LayerProof<T::Ext> {
    keccak::LayerProof {
        first: importer.exts(&layer.first),
        instances: layer.instances.iter().map(|message| importer.exts(message)).collect(),
        positions: layer.positions.iter().map(|message| importer.exts(message)).collect(),
        claims: importer.exts(&layer.claims),
    }
}

fn opening<O: MultilinearOps, T: MultilinearOps>(importer: &mut impl Importer<O, T>, values: &OpeningValues<O>) -> OpeningValues<T> {
    OpeningValues {
        rounds: values.rounds.iter().map(|values| values.each_ref().map(|value| importer.ext(value))).collect(),
        works: bases(importer, &values.works),
        words: values.words.iter().map(|cap| importer.digests(cap)).collect(),
        last: importer.exts(&values.last),
        query_work: importer.base(&values.query_work),
        queries: values.queries.iter().map(|values| query(importer, values)).collect(),
    }
}

fn query<O: MultilinearOps, T: MultilinearOps>(importer: &mut impl Importer<O, T>, query: &QueryValues<O>) -> QueryValues<T> {
    QueryValues {
        rows: query.rows.iter().map(|(row, path)| (importer.row(row), importer.digests(path))).collect(),
        leaves: query.leaves.iter().map(|(leaf, path)| (importer.exts(leaf), importer.digests(path))).collect(),
    }
}

impl BatchValues<Native> {
    /// The values of a proof of these shapes, all zero. They prove nothing: circuits are built from them.
    #[must_use]
    pub fn zero(front: &FrontShape, argument: Option<&keccak::Shape>, opening: &OpeningShape) -> Self {
        let lookup = (front.messages() > 0).then(|| LookupProof {
            work: EF::ZERO,
            root_denominator: EF::ZERO,
            layers: (0..front.lookup_variables()).map(zero_layer).collect(),
        });
        let claims = FormValues { rest: EF::ZERO, tables: front.tables.iter().map(|table| zeros(table.forms)).collect() };
        Self {
            cap: digests(opening.log_cap(opening.log_domain())),
            heights: zeros(front.tables.len()),
            front: FrontProof {
                lookup,
                skip: zeros(front.skip_coefficients()),
                rounds: (0..front.rounds()).map(|_| zeros(front.round_degree())).collect(),
                claims,
            },
            keccak: argument.map(|shape| keccak::Proof::filled(shape, &EF::ZERO)),
            opening: zero_opening(opening),
        }
    }
}

fn zero_layer(above: usize) -> LookupLayer<Native> {
    LookupLayer { rounds: vec![[EF::ZERO; LAYER_ROUND_VALUES]; above], numerators: [EF::ZERO; 2], denominators: [EF::ZERO; 2] }
}

fn zero_opening(shape: &OpeningShape) -> OpeningValues<Native> {
    let path = |log_leaves: usize| vec![[0; DIGEST_BYTES]; log_leaves.saturating_sub(shape.log_cap(log_leaves))];
    let mut left = shape.log_domain();
    let mut words = Vec::new();
    let mut leaves = Vec::new();
    for fold in shape.folds() {
        left = left.saturating_sub(fold);
        words.push(digests(shape.log_cap(left)));
        leaves.push((zeros(power(fold)), path(left)));
    }
    let row = |log_width| (vec![F::ZERO; power(log_width)], path(shape.log_domain()));
    let query = || QueryValues { rows: shape.layouts.iter().map(|layout| row(layout.log_width())).collect(), leaves: leaves.clone() };
    OpeningValues {
        rounds: vec![[EF::ZERO; 2]; shape.rounds()],
        works: zeros(shape.worked_rounds()),
        words,
        last: zeros(power(shape.log_last())),
        query_work: EF::ZERO,
        queries: (0..shape.params.num_queries).map(|_| query()).collect(),
    }
}

fn zeros(count: usize) -> Vec<EF> {
    vec![EF::ZERO; count]
}

fn digests(log_count: usize) -> Vec<Digest> {
    vec![[0; DIGEST_BYTES]; power(log_count)]
}
