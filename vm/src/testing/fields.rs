//! Every number and list of a proof, by field.

use std::collections::BTreeMap;

use p3_field::{PrimeCharacteristicRing, PrimeField32};
use tern_field::{EF, F};
use tern_fri::hash::Digest;
use tern_fri::multilinear::proof::{LayerProof, Opened};
use tern_fri::multilinear::{OpeningProof, Proof, keccak};
use tern_verifier::multilinear::batch::{BatchVerifier, FixedColumns, Rejected};

/// What a walk through a proof does at each number and list, in the order of the walk. `field` is
/// the path without the positions in lists.
pub trait Visitor {
    /// At a number.
    fn number(&mut self, field: &str, number: &mut dyn Number);
    /// At a list, before what is in it.
    fn list(&mut self, field: &str, list: &mut dyn List);
}

/// A number, which can be changed.
pub trait Number {
    /// Makes it another one.
    fn change(&mut self);
    /// Sets it; refuses a number that the type does not have.
    fn set(&mut self, value: u64) -> bool;
}

impl Number for usize {
    fn change(&mut self) {
        *self = self.checked_sub(1).unwrap_or(1);
    }

    fn set(&mut self, value: u64) -> bool {
        usize::try_from(value).map(|value| *self = value).is_ok()
    }
}

impl Number for F {
    fn change(&mut self) {
        *self += Self::ONE;
    }

    fn set(&mut self, value: u64) -> bool {
        *self = Self::from_u64(value);
        value < u64::from(Self::ORDER_U32)
    }
}

impl Number for EF {
    fn change(&mut self) {
        *self += Self::ONE;
    }

    fn set(&mut self, value: u64) -> bool {
        let mut base = F::ZERO;
        let is_element = base.set(value);
        *self = base.into();
        is_element
    }
}

impl Number for Digest {
    fn change(&mut self) {
        self[17] ^= 0x20;
    }

    fn set(&mut self, value: u64) -> bool {
        *self = [0; 32];
        self[..8].copy_from_slice(&value.to_le_bytes());
        true
    }
}

/// A list, whose length can be changed.
pub trait List {
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
pub trait Walk {
    /// Visits its numbers and lists. `field` is its own path.
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

/// Where a field's numbers, or lists that are not empty, stand in the order of the walk.
pub type Places = BTreeMap<String, Vec<usize>>;

/// All fields of a proof.
#[derive(Default)]
pub struct Find {
    /// How many numbers there are, and where.
    pub numbers: (usize, Places),
    /// The same of lists.
    pub lists: (usize, Places),
}

/// Finds all fields.
#[must_use]
pub fn find(proof: &Proof) -> Find {
    let mut find = Find::default();
    proof.clone().walk("", &mut find);
    find
}

fn found((next, places): &mut (usize, Places), field: &str) {
    match places.get_mut(field) {
        Some(places) => places.push(*next),
        None => _ = places.insert(field.to_owned(), vec![*next]),
    }
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
#[derive(Clone, Copy, Debug)]
pub struct ChangeNumber {
    /// The place.
    pub place: usize,
    /// What it becomes; another one, if absent.
    pub value: Option<u64>,
}

impl ChangeNumber {
    /// Changes it; nothing if the value is none that the number can have.
    pub fn apply(self, proof: &mut Proof) -> Option<()> {
        let mut change = Changing { left: self.place, value: self.value, is_done: false };
        proof.walk("", &mut change);
        change.is_done.then_some(())
    }
}

struct Changing {
    left: usize,
    value: Option<u64>,
    is_done: bool,
}

impl Visitor for Changing {
    fn number(&mut self, _: &str, number: &mut dyn Number) {
        if self.left == 0 {
            self.is_done = self.value.is_none_or(|value| number.set(value));
            if self.value.is_none() {
                number.change();
            }
        }
        self.left = self.left.wrapping_sub(1);
    }

    fn list(&mut self, _: &str, _: &mut dyn List) {}
}

/// Changes the length of the list at a place.
#[derive(Clone, Copy, Debug)]
pub struct ChangeLength {
    /// The place.
    pub place: usize,
    /// The last entry is there twice, instead of left out.
    pub grow: bool,
}

impl ChangeLength {
    /// Changes it.
    pub fn apply(mut self, proof: &mut Proof) {
        proof.walk("", &mut self);
    }
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

/// Bytes of a height.
const HEIGHT_BYTES: usize = 4;

/// Encodes a proof whose lists have the lengths that `heights` give them, with its own heights before them.
///
/// # Errors
///
/// If they have others.
///
/// # Panics
///
/// If a height has more than four bytes.
pub fn encode_with_heights<S: FixedColumns>(verifier: &BatchVerifier<S>, proof: &Proof, heights: &[usize]) -> Result<Vec<u8>, Rejected> {
    let mut bytes = verifier.encode(&Proof { heights: heights.to_vec(), ..proof.clone() })?;
    for (at, &height) in bytes.chunks_exact_mut(HEIGHT_BYTES).zip(&proof.heights) {
        at.copy_from_slice(&u32::try_from(height).expect("a height").to_le_bytes());
    }
    Ok(bytes)
}

/// Where the encoding of a proof has the first number of a field; none if there is no such field.
#[must_use]
pub fn locate<S: FixedColumns>(verifier: &BatchVerifier<S>, proof: &Proof, field: &str) -> Option<usize> {
    let place = *find(proof).numbers.1.get(field)?.first()?;
    let mut changed = proof.clone();
    ChangeNumber { place, value: None }.apply(&mut changed)?;
    let [honest, changed] = [proof, &changed].map(|proof| encode_with_heights(verifier, proof, &proof.heights));
    // Numbers are little-endian, and a change is of the lowest byte.
    honest.ok()?.iter().zip(&changed.ok()?).position(|(one, other)| one != other)
}
