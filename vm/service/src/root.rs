//! The root of a payload request, by which everything is named.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};
use tern_verifier::block::{Hash, parse_hash};

/// SSZ hash tree root of a `NewPayloadRequest` (EIP-8025).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Root(pub Hash);

/// A text that is no root.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a root: expected 0x and 64 hexadecimal digits")]
pub struct NotARoot;

impl Root {
    /// The name of its folder: the digits alone.
    #[must_use]
    pub fn folder_name(&self) -> String {
        hex::encode(self.0)
    }

    /// The root whose folder has this name.
    #[must_use]
    pub fn from_folder_name(name: &str) -> Option<Self> {
        let mut hash = Hash::default();
        hex::decode_to_slice(name, &mut hash).ok()?;
        // One root has one folder.
        Some(Self(hash)).filter(|root| root.folder_name() == name)
    }
}

impl fmt::Display for Root {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{}", hex::encode(self.0))
    }
}

impl FromStr for Root {
    type Err = NotARoot;

    fn from_str(text: &str) -> Result<Self, NotARoot> {
        // zkboost's roots have it as well.
        if !text.starts_with("0x") {
            return Err(NotARoot);
        }
        parse_hash(text).map(Self).ok_or(NotARoot)
    }
}

impl Serialize for Root {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
