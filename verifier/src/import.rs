//! Taking a proof's values from one interpreter to another.

use alloc::vec::Vec;

use crate::ops::Ops;

/// Takes the values of a proof from one interpreter to another.
pub trait Importer<From: Ops, To: Ops> {
    /// An element of the base field, which stands as an extension element.
    fn base(&mut self, value: &From::Ext) -> To::Ext;
    /// An element of the challenge field.
    fn ext(&mut self, value: &From::Ext) -> To::Ext;
    /// A digest.
    fn digest(&mut self, value: &From::Digest) -> To::Digest;
    /// A row.
    fn row(&mut self, value: &From::Row) -> To::Row;

    /// Elements of the challenge field.
    fn exts(&mut self, values: &[From::Ext]) -> Vec<To::Ext> {
        values.iter().map(|value| self.ext(value)).collect()
    }

    /// Digests.
    fn digests(&mut self, values: &[From::Digest]) -> Vec<To::Digest> {
        values.iter().map(|value| self.digest(value)).collect()
    }
}
