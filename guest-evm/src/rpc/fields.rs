//! Values as JSON-RPC writes them.

use core::fmt;
use core::marker::PhantomData;
use std::string::String;
use std::vec::Vec;

use alloy_primitives::{Address, B256, Bytes, FixedBytes, U256};
use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Unexpected, Visitor};

/// Bytes of any number: `0x` and two digits for each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HexBytes(pub Vec<u8>);

/// Exactly `N` bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fixed<const N: usize>(pub FixedBytes<N>);

/// A number: `0x` and digits, or as nodes write some of them, a number of JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quantity<T>(pub T);

/// A list, a map of whose values the keys are of no interest, or nothing.
#[derive(Clone, Debug)]
pub struct List<T>(pub Vec<T>);

impl<T> Default for List<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl From<HexBytes> for Bytes {
    fn from(bytes: HexBytes) -> Self {
        bytes.0.into()
    }
}

impl Fixed<20> {
    /// As an address.
    pub fn address(self) -> Address {
        Address(self.0)
    }
}

impl From<Fixed<32>> for B256 {
    fn from(bytes: Fixed<32>) -> Self {
        bytes.0
    }
}

impl<'de> Deserialize<'de> for HexBytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct HexVisitor;
        impl Visitor<'_> for HexVisitor {
            type Value = HexBytes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bytes: 0x and two hexadecimal digits for each")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<HexBytes, E> {
                parse_hex(text).map(HexBytes).map_err(E::custom)
            }
        }
        deserializer.deserialize_str(HexVisitor)
    }
}

impl<'de, const N: usize> Deserialize<'de> for Fixed<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes = HexBytes::deserialize(deserializer)?.0;
        FixedBytes::try_from(bytes.as_slice()).map(Self).map_err(|_| D::Error::invalid_length(bytes.len(), &ByteCount(N)))
    }
}

impl<'de, T: TryFrom<U256>> Deserialize<'de> for Quantity<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct QuantityVisitor;
        impl Visitor<'_> for QuantityVisitor {
            type Value = U256;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number: 0x and hexadecimal digits")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<U256, E> {
                let digits = text.strip_prefix("0x").filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
                let number = digits.filter(|digits| !digits.is_empty()).and_then(|digits| U256::from_str_radix(digits, 16).ok());
                number.ok_or_else(|| E::invalid_value(Unexpected::Str(start(text)), &self))
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<U256, E> {
                Ok(U256::from(number))
            }
        }
        let number = deserializer.deserialize_any(QuantityVisitor)?;
        T::try_from(number).map(Self).map_err(|_| D::Error::custom(std::format_args!("the number {number:#x} is too large for its field")))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ListVisitor<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for ListVisitor<T> {
            type Value = List<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list, or a map from hashes")
            }

            fn visit_unit<E: Error>(self) -> Result<List<T>, E> {
                Ok(List::default())
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<List<T>, A::Error> {
                let mut list = Vec::new();
                while let Some(item) = items.next_element()? {
                    list.push(item);
                }
                Ok(List(list))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut items: A) -> Result<List<T>, A::Error> {
                let mut list = Vec::new();
                while let Some((_, item)) = items.next_entry::<IgnoredAny, T>()? {
                    list.push(item);
                }
                Ok(List(list))
            }
        }
        deserializer.deserialize_any(ListVisitor(PhantomData))
    }
}

/// Bytes from `0x` and digits.
pub(super) fn parse_hex(text: &str) -> Result<Vec<u8>, String> {
    let digits = text.strip_prefix("0x").ok_or_else(|| std::format!("{:?} does not begin with 0x", start(text)))?;
    hex::decode(digits).map_err(|error| std::format!("bad hex: {error}"))
}

/// As much of a text as an error shows.
fn start(text: &str) -> &str {
    text.char_indices().nth(40).map_or(text, |(end, _)| &text[..end])
}

struct ByteCount(usize);

impl serde::de::Expected for ByteCount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0)
    }
}
