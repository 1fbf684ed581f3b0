//! Borrowing SSZ reader (consensus-specs, `ssz/simple-serialize.md`).
//!
//! Every value has one encoding, and no other is accepted: offsets begin where the fixed part ends and never go back, so
//! that no byte lies between, before or behind the parts.

use alloc::vec::Vec;

/// Size of an offset in bytes.
pub const OFFSET_BYTES: usize = 4;

/// Why bytes are not the SSZ encoding of the expected type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SszError {
    /// The schema id is none of [`Schema`](super::Schema).
    #[error("unknown schema id {0:#06x}")]
    Schema(u16),
    /// The bytes end inside a fixed part.
    #[error("{what}: {got} bytes, too few for the fixed part")]
    Truncated {
        /// The value that is cut.
        what: &'static str,
        /// Its length.
        got: usize,
    },
    /// The first part does not begin where the fixed part ends.
    #[error("{what}: first offset {got}, expected {expected}")]
    FirstOffset {
        /// The value that holds the offset.
        what: &'static str,
        /// Length of the fixed part.
        expected: usize,
        /// The offset.
        got: usize,
    },
    /// A list's first offset is no whole number of offsets.
    #[error("{what}: first offset {got} is not a positive multiple of {OFFSET_BYTES}")]
    OffsetCount {
        /// The list.
        what: &'static str,
        /// The offset.
        got: usize,
    },
    /// A part ends before it begins, or behind the end.
    #[error("{what}: a part from {start} to {end} in {len} bytes")]
    Part {
        /// The value that holds the offsets.
        what: &'static str,
        /// The part's offset.
        start: usize,
        /// The next part's offset.
        end: usize,
        /// Length of the value.
        len: usize,
    },
    /// The length is no whole number of elements.
    #[error("{what}: {got} bytes, not a multiple of {element}")]
    Elements {
        /// The list.
        what: &'static str,
        /// Size of an element in bytes.
        element: usize,
        /// Length of the list in bytes.
        got: usize,
    },
    /// More elements than the type allows.
    #[error("{what}: {got} elements, more than {limit}")]
    Limit {
        /// The list.
        what: &'static str,
        /// The most elements.
        limit: usize,
        /// The number of elements.
        got: usize,
    },
}

/// A container, whose fixed part is read field by field.
#[derive(Clone, Debug)]
pub struct Container<'a> {
    what: &'static str,
    whole: &'a [u8],
    rest: &'a [u8],
}

impl<'a> Container<'a> {
    /// A reader at the first field.
    pub fn new(what: &'static str, bytes: &'a [u8]) -> Self {
        Self { what, whole: bytes, rest: bytes }
    }

    /// A field of `N` bytes.
    pub fn fixed<const N: usize>(&mut self) -> Result<&'a [u8; N], SszError> {
        let truncated = SszError::Truncated { what: self.what, got: self.whole.len() };
        let (field, rest) = self.rest.split_first_chunk().ok_or(truncated)?;
        self.rest = rest;
        Ok(field)
    }

    /// A `uint64`.
    pub fn uint64(&mut self) -> Result<u64, SszError> {
        Ok(u64::from_le_bytes(*self.fixed()?))
    }

    /// The offset of a field of variable size.
    pub fn offset(&mut self) -> Result<usize, SszError> {
        Ok(u32::from_le_bytes(*self.fixed()?) as usize)
    }

    /// The fields of variable size, once the fixed part is read.
    pub fn parts<const N: usize>(self, offsets: [usize; N]) -> Result<[&'a [u8]; N], SszError> {
        let expected = self.whole.len() - self.rest.len();
        if let Some(&got) = offsets.first().filter(|got| **got != expected) {
            return Err(SszError::FirstOffset { what: self.what, expected, got });
        }
        let mut parts: [&[u8]; N] = [&[]; N];
        for (index, place) in parts.iter_mut().enumerate() {
            let end = offsets.get(index + 1).copied().unwrap_or(self.whole.len());
            *place = part(self.what, self.whole, offsets[index], end)?;
        }
        Ok(parts)
    }
}

/// A list of elements of `N` bytes; `limit` is `usize::MAX` for progressive lists.
pub fn fixed_list<'a, const N: usize>(what: &'static str, bytes: &'a [u8], limit: usize) -> Result<&'a [[u8; N]], SszError> {
    let (elements, rest) = bytes.as_chunks();
    if !rest.is_empty() {
        return Err(SszError::Elements { what, element: N, got: bytes.len() });
    }
    check_limit(what, elements.len(), limit)?;
    Ok(elements)
}

/// A list of byte lists: at most `limit` of at most `max_bytes` each, both `usize::MAX` for progressive lists.
///
/// Allocates a slice for each four bytes of input at most.
pub fn byte_lists<'a>(what: &'static str, bytes: &'a [u8], limit: usize, max_bytes: usize) -> Result<Vec<&'a [u8]>, SszError> {
    if bytes.is_empty() {
        return Ok(Vec::new());
    }
    let first = bytes.first_chunk::<OFFSET_BYTES>().ok_or(SszError::Truncated { what, got: bytes.len() })?;
    let first = u32::from_le_bytes(*first) as usize;
    if first == 0 || !first.is_multiple_of(OFFSET_BYTES) {
        return Err(SszError::OffsetCount { what, got: first });
    }
    check_limit(what, first / OFFSET_BYTES, limit)?;
    let offsets = bytes.get(..first).ok_or(SszError::Part { what, start: first, end: bytes.len(), len: bytes.len() })?;
    let mut lists = Vec::with_capacity(first / OFFSET_BYTES);
    let (offsets, _) = offsets.as_chunks();
    let mut start = first;
    for end in offsets.iter().skip(1).map(|offset| u32::from_le_bytes(*offset) as usize).chain([bytes.len()]) {
        let list = part(what, bytes, start, end)?;
        check_limit(what, list.len(), max_bytes)?;
        lists.push(list);
        start = end;
    }
    Ok(lists)
}

/// Checks the number of a list's elements.
pub fn check_limit(what: &'static str, got: usize, limit: usize) -> Result<(), SszError> {
    if got > limit { Err(SszError::Limit { what, limit, got }) } else { Ok(()) }
}

fn part<'a>(what: &'static str, whole: &'a [u8], start: usize, end: usize) -> Result<&'a [u8], SszError> {
    whole.get(start..end).ok_or(SszError::Part { what, start, end, len: whole.len() })
}
