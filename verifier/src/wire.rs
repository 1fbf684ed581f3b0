//! Reading and writing the outer encoding of proofs and keys.

use alloc::vec::Vec;

use p3_field::{PrimeCharacteristicRing, PrimeField32};
use tern_field::{DIGEST_LEN, Digest, F};

/// Bytes that end too early, or an element that is not canonical.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// Fewer bytes are left than the next field needs.
    #[error("truncated at byte {offset}: {needed} more bytes expected, {left} left")]
    Truncated {
        /// Where the field starts.
        offset: usize,
        /// Its length.
        needed: usize,
        /// Bytes left.
        left: usize,
    },
    /// A field element that is not below p.
    #[error("field element {value:#x} at byte {offset} is not canonical")]
    NotCanonical {
        /// Where the element starts.
        offset: usize,
        /// Its encoding.
        value: u32,
    },
}

/// A cursor over untrusted bytes.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    offset: usize,
}

impl<'a> Reader<'a> {
    /// Reads from the start of `bytes`.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, offset: 0 }
    }

    /// Bytes read so far.
    #[must_use]
    pub const fn offset(&self) -> usize {
        self.offset
    }

    /// Bytes left.
    #[must_use]
    pub const fn left(&self) -> usize {
        self.bytes.len()
    }

    /// The next `len` bytes.
    ///
    /// # Errors
    ///
    /// If fewer are left.
    pub fn bytes(&mut self, len: usize) -> Result<&'a [u8], WireError> {
        let truncated = WireError::Truncated { offset: self.offset, needed: len, left: self.bytes.len() };
        let (head, tail) = self.bytes.split_at_checked(len).ok_or(truncated)?;
        self.bytes = tail;
        self.offset = self.offset.saturating_add(len);
        Ok(head)
    }

    /// The next `N` bytes.
    ///
    /// # Errors
    ///
    /// If fewer are left.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], WireError> {
        let mut array = [0; N];
        array.copy_from_slice(self.bytes(N)?);
        Ok(array)
    }

    /// A byte.
    ///
    /// # Errors
    ///
    /// If none is left.
    pub fn u8(&mut self) -> Result<u8, WireError> {
        self.array::<1>().map(u8::from_le_bytes)
    }

    /// A little-endian 32-bit word.
    ///
    /// # Errors
    ///
    /// If fewer than four bytes are left.
    pub fn u32(&mut self) -> Result<u32, WireError> {
        self.array().map(u32::from_le_bytes)
    }

    /// A little-endian 32-bit length.
    ///
    /// # Errors
    ///
    /// If fewer than four bytes are left.
    pub fn length(&mut self) -> Result<usize, WireError> {
        // A target whose `usize` is narrower than 32 bits cannot hold the bytes either: reading
        // them then fails.
        self.u32().map(|length| usize::try_from(length).unwrap_or(usize::MAX))
    }

    /// A memory-tree digest: nine canonical elements.
    ///
    /// # Errors
    ///
    /// If it is truncated or an element is not below p.
    pub fn digest(&mut self) -> Result<Digest, WireError> {
        let mut digest = [F::ZERO; DIGEST_LEN];
        for element in &mut digest {
            let offset = self.offset;
            let value = self.u32()?;
            if value >= F::ORDER_U32 {
                return Err(WireError::NotCanonical { offset, value });
            }
            *element = F::from_u32(value);
        }
        Ok(digest)
    }
}

/// Builds an encoding.
#[derive(Clone, Debug, Default)]
pub struct Writer(Vec<u8>);

impl Writer {
    /// Appends bytes.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    /// Appends a byte.
    pub fn u8(&mut self, byte: u8) {
        self.0.push(byte);
    }

    /// Appends a little-endian word.
    pub fn u32(&mut self, word: u32) {
        self.bytes(&word.to_le_bytes());
    }

    /// Appends a digest.
    pub fn digest(&mut self, digest: &Digest) {
        crate::key::digest_words(digest).into_iter().for_each(|word| self.u32(word));
    }

    /// The encoding.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}
