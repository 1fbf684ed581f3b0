//! Numbers and edits, as they stand in a list.

use serde::Deserialize;

/// A number in a list: an integer, or a string with one, decimal or hexadecimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Written")]
pub struct Number(pub u64);

#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Integer(i64),
    Text(String),
}

impl TryFrom<Written> for Number {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        match written {
            Written::Integer(value) => Ok(Self(value as u64)),
            Written::Text(text) => number(&text).map(Self),
        }
    }
}

/// Reads a decimal number, negative ones as the words that stand for them, or a hexadecimal one
/// behind `0x`.
///
/// # Errors
///
/// If it is none, or has more than 64 bits.
pub fn number(text: &str) -> Result<u64, String> {
    let parsed = match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None => text.parse().ok().or_else(|| text.parse::<i64>().ok().map(|value| value as u64)),
    };
    parsed.ok_or_else(|| format!("{text:?} is no number of 64 bits, decimal or hexadecimal behind 0x"))
}

/// What happens to a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edit {
    /// It becomes this.
    Set(u64),
    /// It grows by this, a signed number, modulo its size.
    Add(u64),
    /// One of its bits changes.
    Flip(u32),
}
