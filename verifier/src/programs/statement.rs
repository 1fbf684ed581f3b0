//! What recursion proofs state.

use alloc::vec::Vec;

use p3_field::PrimeCharacteristicRing;
use tern_air::machine::leaf::Bounds;
use tern_air::machine::segment::Statement;
use tern_field::{DIGEST_LEN, EF, F};
use tern_fri::hash::Digest;

use crate::native::Native;
use crate::ops::{HashMode, Item, Ops};

/// Words behind the last element, so that the statement is whole halves.
const PADDING_WORDS: usize = 3;

/// Bytes of half a block, to which the statement is padded anyway.
const HALF_BYTES: usize = 32;

/// The statement of a chain of segments of one program, under one key list.
pub struct ChainStatement<O: Ops> {
    /// Digest of the program's verifying key.
    pub key_digest: O::Digest,
    /// Root of the list of circuits whose proofs may be part of the chain's proof.
    pub list_root: O::Digest,
    /// Program counter at the start: two limbs.
    pub pc_in: Vec<O::Ext>,
    /// Program counter at the end: two limbs.
    pub pc_out: Vec<O::Ext>,
    /// Root of the memory tree at the start.
    pub root_in: Vec<O::Ext>,
    /// Root of the memory tree at the end.
    pub root_out: Vec<O::Ext>,
    /// Whether the program has halted.
    pub halted: O::Ext,
    /// Exit code: two limbs.
    pub exit_code: Vec<O::Ext>,
    /// Digest of the output: sixteen limbs.
    pub output_digest: Vec<O::Ext>,
    /// The program's ranges of pages, as [`Bounds::to_values`] gives them.
    pub bounds: Vec<O::Ext>,
}

impl<O: Ops> ChainStatement<O> {
    /// A statement whose elements are made by `element`, in the order in which they are hashed.
    pub fn new(key_digest: O::Digest, list_root: O::Digest, mut element: impl FnMut() -> O::Ext) -> Self {
        let next = &mut element;
        // Fields are evaluated as they stand here.
        Self {
            key_digest,
            list_root,
            pc_in: some(2, next),
            pc_out: some(2, next),
            root_in: some(DIGEST_LEN, next),
            root_out: some(DIGEST_LEN, next),
            halted: next(),
            exit_code: some(2, next),
            output_digest: some(16, next),
            bounds: some(4, next),
        }
    }

    /// The public values of a segment: [`Statement::to_values`].
    #[must_use]
    pub fn segment_values(&self) -> Vec<O::Ext> {
        let halted = core::slice::from_ref(&self.halted);
        let parts: [&[O::Ext]; 7] =
            [&self.pc_in, &self.pc_out, &self.root_in, &self.root_out, halted, &self.exit_code, &self.output_digest];
        parts.concat()
    }

    /// BLAKE3 of key digest, list root, the segment values, the bounds, and zeros up to whole halves.
    pub fn digest(&self, ops: &mut O) -> O::Digest {
        let digests = [Item::Digest(self.key_digest.clone()), Item::Digest(self.list_root.clone())];
        let elements = self.segment_values().into_iter().chain(self.bounds.iter().cloned()).map(Item::Base);
        let padding = [const { Item::Constant(F::ZERO) }; PADDING_WORDS];
        let items: Vec<Item<O>> = digests.into_iter().chain(elements).chain(padding).collect();
        ops.hash(HashMode::Plain, &items, HALF_BYTES)
    }
}

/// The next `count` elements.
fn some<T>(count: usize, next: &mut impl FnMut() -> T) -> Vec<T> {
    (0..count).map(|_| next()).collect()
}

impl ChainStatement<Native> {
    /// The statement of a chain whose segments together state `statement`.
    #[must_use]
    pub fn of(key_digest: Digest, bounds: &Bounds, list_root: Digest, statement: &Statement) -> Self {
        let mut values = statement.to_values().into_iter().chain(bounds.to_values());
        // As many values as the statement takes.
        Self::new(key_digest, list_root, || EF::from(values.next().unwrap_or(F::ZERO)))
    }

    /// The same statement in another interpreter, by its importer of elements and digests.
    pub fn import<T: Ops>(&self, importer: &mut impl crate::import::Importer<Native, T>) -> ChainStatement<T> {
        let key_digest = importer.digest(&self.key_digest);
        let list_root = importer.digest(&self.list_root);
        let values: Vec<EF> = self.segment_values().into_iter().chain(self.bounds.iter().copied()).collect();
        let mut values = values.into_iter();
        ChainStatement::new(key_digest, list_root, || importer.base(&values.next().unwrap_or(EF::ZERO)))
    }
}
