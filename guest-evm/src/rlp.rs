//! Borrowing RLP reader: splits items without copying or allocating.
//!
//! Only canonical lengths are accepted (yellow paper, appendix B).

/// Why bytes are not canonical RLP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RlpError {
    /// The item is longer than the bytes that hold it.
    #[error("RLP item runs past the end")]
    Truncated,
    /// A length or single byte is not in its shortest form.
    #[error("RLP item is not canonical")]
    NonCanonical,
    /// Bytes remain after the item that should have been the last.
    #[error("trailing bytes after RLP item")]
    Trailing,
    /// A list stands where a string should, or the reverse.
    #[error("RLP item has the wrong kind")]
    WrongKind,
    /// A list has the wrong number of items, or a string the wrong length.
    #[error("RLP item has the wrong size")]
    WrongSize,
}

/// One RLP item, borrowed from its buffer.
#[derive(Clone, Copy, Debug)]
pub struct Item<'a> {
    /// Whether the item is a list.
    pub is_list: bool,
    /// Contents without the header.
    pub payload: &'a [u8],
    /// Header and contents.
    pub raw: &'a [u8],
}

/// Splits the first item off `bytes`.
pub fn next_item<'a>(bytes: &mut &'a [u8]) -> Result<Item<'a>, RlpError> {
    let buf = *bytes;
    let &first = buf.first().ok_or(RlpError::Truncated)?;
    let (is_list, header, len) = match first {
        0..=0x7f => (false, 0, 1),
        0x80..=0xb7 => (false, 1, usize::from(first - 0x80)),
        0xb8..=0xbf => {
            let (header, len) = long_length(buf, first - 0xb7)?;
            (false, header, len)
        }
        0xc0..=0xf7 => (true, 1, usize::from(first - 0xc0)),
        0xf8..=0xff => {
            let (header, len) = long_length(buf, first - 0xf7)?;
            (true, header, len)
        }
    };
    let end = len.checked_add(header).ok_or(RlpError::Truncated)?;
    let raw = buf.get(..end).ok_or(RlpError::Truncated)?;
    let payload = &raw[header..];
    if header == 1 && !is_list && len == 1 && payload[0] < 0x80 {
        return Err(RlpError::NonCanonical);
    }
    *bytes = &buf[end..];
    Ok(Item { is_list, payload, raw })
}

/// Reads `bytes` as exactly one list and returns its payload.
pub fn whole_list(mut bytes: &[u8]) -> Result<&[u8], RlpError> {
    // Most trie nodes are branches, whose length takes two bytes.
    if let [0xf9, high @ 1..=0xff, low, payload @ ..] = bytes
        && usize::from(*high) << 8 | usize::from(*low) == payload.len()
    {
        return Ok(payload);
    }
    let item = next_item(&mut bytes)?;
    if !item.is_list {
        return Err(RlpError::WrongKind);
    }
    if !bytes.is_empty() {
        return Err(RlpError::Trailing);
    }
    Ok(item.payload)
}

/// Splits off one list and returns its payload.
pub fn next_list<'a>(bytes: &mut &'a [u8]) -> Result<Item<'a>, RlpError> {
    let item = next_item(bytes)?;
    if item.is_list { Ok(item) } else { Err(RlpError::WrongKind) }
}

/// Splits off one string and returns its payload.
pub fn next_string<'a>(bytes: &mut &'a [u8]) -> Result<&'a [u8], RlpError> {
    let item = next_item(bytes)?;
    if item.is_list { Err(RlpError::WrongKind) } else { Ok(item.payload) }
}

/// Splits off one string of exactly 32 bytes.
pub fn next_hash<'a>(bytes: &mut &'a [u8]) -> Result<&'a [u8; 32], RlpError> {
    next_string(bytes)?.try_into().map_err(|_| RlpError::WrongSize)
}

/// Header size and payload length of an item whose length takes `count` bytes.
fn long_length(buf: &[u8], count: u8) -> Result<(usize, usize), RlpError> {
    let count = usize::from(count);
    let digits = buf.get(1..=count).ok_or(RlpError::Truncated)?;
    if digits[0] == 0 {
        return Err(RlpError::NonCanonical);
    }
    let mut len = 0u64;
    for &digit in digits {
        len = len << 8 | u64::from(digit);
    }
    if len < 56 {
        return Err(RlpError::NonCanonical);
    }
    let len = usize::try_from(len).map_err(|_| RlpError::Truncated)?;
    Ok((1 + count, len))
}

/// Appends the header of a list whose payload has `len` bytes.
pub fn push_list_header(out: &mut alloc::vec::Vec<u8>, len: usize) {
    push_header(out, 0xc0, len);
}

/// Appends `bytes` as a string.
pub fn push_string(out: &mut alloc::vec::Vec<u8>, bytes: &[u8]) {
    if !(bytes.len() == 1 && bytes[0] < 0x80) {
        push_header(out, 0x80, bytes.len());
    }
    out.extend_from_slice(bytes);
}

/// Encoded size of `bytes` as a string.
pub fn string_size(bytes: &[u8]) -> usize {
    match bytes {
        [byte] if *byte < 0x80 => 1,
        _ => header_size(bytes.len()) + bytes.len(),
    }
}

/// Size of the header of an item whose payload has `len` bytes.
pub fn header_size(len: usize) -> usize {
    if len < 56 { 1 } else { 1 + significant_bytes(len) }
}

fn push_header(out: &mut alloc::vec::Vec<u8>, base: u8, len: usize) {
    if len < 56 {
        out.push(base + len as u8);
        return;
    }
    let count = significant_bytes(len);
    out.push(base + 55 + count as u8);
    out.extend_from_slice(&(len as u64).to_be_bytes()[8 - count..]);
}

fn significant_bytes(len: usize) -> usize {
    8 - (len as u64).leading_zeros() as usize / 8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_whole_lists_of_every_size() {
        for len in [0, 1, 55, 56, 255, 256, 300, 65_535, 65_536] {
            let mut list = alloc::vec::Vec::new();
            push_list_header(&mut list, len);
            let payload = list.len();
            list.resize(payload + len, 7);
            assert_eq!(whole_list(&list), Ok(&list[payload..]), "{len}");
            assert_eq!(whole_list(&list[..list.len() - 1]), Err(RlpError::Truncated), "{len}");
            list.push(0);
            assert_eq!(whole_list(&list), Err(RlpError::Trailing), "{len}");
        }
        assert_eq!(whole_list(&[0xf9, 0, 0]), Err(RlpError::NonCanonical));
        assert_eq!(whole_list(&[0x80]), Err(RlpError::WrongKind));
    }

    #[test]
    fn splits_items_and_refuses_other_forms() {
        let mut bytes: &[u8] = &[0xc3, 0x01, 0x81, 0x80, 0x7f];
        let list = next_list(&mut bytes).unwrap();
        assert_eq!(list.payload, &[0x01, 0x81, 0x80]);
        assert_eq!(bytes, &[0x7f]);
        for (bad, why) in [
            (&[][..], RlpError::Truncated),
            (&[0x81, 0x7f], RlpError::NonCanonical),
            (&[0xb8, 0x05, 1, 2, 3, 4, 5], RlpError::NonCanonical),
            (&[0xb9, 0x00, 0x40], RlpError::NonCanonical),
            (&[0xbf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], RlpError::Truncated),
            (&[0x83, 1, 2], RlpError::Truncated),
        ] {
            assert_eq!(next_item(&mut &bad[..]).unwrap_err(), why, "{bad:?}");
        }
    }
}
