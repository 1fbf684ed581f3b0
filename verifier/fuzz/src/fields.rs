//! A proof as a tree of fields, lists and numbers, and back.

use p3_field::{BasedVectorSpace, PrimeCharacteristicRing, PrimeField32};
use serde_json::{Value, json};
use tern_field::{EF, EXTENSION_DEGREE, F};
use tern_fri::hash::Digest;
use tern_fri::multilinear::proof::{LayerProof, Opened};
use tern_fri::multilinear::{OpeningProof, Proof};

/// The tree of a proof without calls of Keccak.
///
/// # Panics
///
/// If it has some.
#[must_use]
pub fn fields_of(proof: &Proof) -> Value {
    assert!(proof.keccak.is_none(), "the small proof makes no calls of Keccak");
    let layer =
        |layer: &LayerProof| json!({ "rounds": list(&layer.rounds, |values| list(values, ext)), "halves": list(&layer.halves, ext) });
    let lists = |lists: &[Vec<EF>]| list(lists, |values| list(values, ext));
    let opening = &proof.opening;
    json!({
        "cap": list(&proof.cap, digest),
        "heights": proof.heights,
        "lookup_work": base(&proof.lookup_work),
        "root": ext(&proof.root),
        "layers": list(&proof.layers, layer),
        "skip": list(&proof.skip, ext),
        "rounds": lists(&proof.rounds),
        "rest": ext(&proof.rest),
        "forms": lists(&proof.forms),
        "opening": {
            "rounds": list(&opening.rounds, |values| list(values, ext)),
            "works": list(&opening.works, base),
            "words": list(&opening.words, |word| list(word, digest)),
            "last": list(&opening.last, ext),
            "query_work": base(&opening.query_work),
            "rows": list(&opening.rows, |rows| opened(rows, base)),
            "leaves": list(&opening.leaves, |leaves| opened(leaves, ext)),
        },
    })
}

/// The proof of a tree; none if something has another form than it has in a proof. Any list whose
/// length no type gives may have any.
#[must_use]
pub fn proof_of(fields: &Value) -> Option<Proof> {
    let layer = |value: &Value| {
        let rounds = list_of(value.get("rounds")?, |values| array_of(values, ext_of))?;
        Some(LayerProof { rounds, halves: array_of(value.get("halves")?, ext_of)? })
    };
    let lists = |value: &Value| list_of(value, |values| list_of(values, ext_of));
    let opening = fields.get("opening")?;
    Some(Proof {
        cap: list_of(fields.get("cap")?, digest_of)?,
        heights: list_of(fields.get("heights")?, |height| usize::try_from(height.as_u64()?).ok())?,
        lookup_work: base_of(fields.get("lookup_work")?)?,
        root: ext_of(fields.get("root")?)?,
        layers: list_of(fields.get("layers")?, layer)?,
        skip: list_of(fields.get("skip")?, ext_of)?,
        rounds: lists(fields.get("rounds")?)?,
        rest: ext_of(fields.get("rest")?)?,
        forms: lists(fields.get("forms")?)?,
        keccak: None,
        opening: OpeningProof {
            rounds: list_of(opening.get("rounds")?, |values| array_of(values, ext_of))?,
            works: list_of(opening.get("works")?, base_of)?,
            words: list_of(opening.get("words")?, |word| list_of(word, digest_of))?,
            last: list_of(opening.get("last")?, ext_of)?,
            query_work: base_of(opening.get("query_work")?)?,
            rows: list_of(opening.get("rows")?, |rows| opened_of(rows, base_of))?,
            leaves: list_of(opening.get("leaves")?, |leaves| opened_of(leaves, ext_of))?,
        },
    })
}

fn list<T>(items: &[T], field: impl Fn(&T) -> Value) -> Value {
    items.iter().map(field).collect()
}

fn base(element: &F) -> Value {
    element.as_canonical_u32().into()
}

fn ext(value: &EF) -> Value {
    list(value.as_basis_coefficients_slice(), base)
}

fn digest(digest: &Digest) -> Value {
    list(digest, |byte| (*byte).into())
}

fn opened<T>(opened: &Opened<T>, field: fn(&T) -> Value) -> Value {
    json!({ "leaves": list(&opened.leaves, |leaf| list(leaf, field)), "path": list(&opened.path, digest) })
}

fn list_of<T>(value: &Value, item: impl Fn(&Value) -> Option<T>) -> Option<Vec<T>> {
    value.as_array()?.iter().map(item).collect()
}

fn array_of<T, const N: usize>(value: &Value, item: impl Fn(&Value) -> Option<T>) -> Option<[T; N]> {
    list_of(value, item)?.try_into().ok()
}

fn base_of(value: &Value) -> Option<F> {
    let number = u32::try_from(value.as_u64()?).ok()?;
    (number < F::ORDER_U32).then(|| F::from_u32(number))
}

fn ext_of(value: &Value) -> Option<EF> {
    let coefficients: [F; EXTENSION_DEGREE] = array_of(value, base_of)?;
    Some(EF::from_basis_coefficients_fn(|index| coefficients[index]))
}

fn digest_of(value: &Value) -> Option<Digest> {
    array_of(value, |byte| u8::try_from(byte.as_u64()?).ok())
}

fn opened_of<T>(value: &Value, item: fn(&Value) -> Option<T>) -> Option<Opened<T>> {
    Some(Opened { leaves: list_of(value.get("leaves")?, |leaf| list_of(leaf, item))?, path: list_of(value.get("path")?, digest_of)? })
}
