//! The chains whose configurations this verifier knows.

use core::fmt;

use super::Hash;

/// A public network with the fork schedule that it has as of this release.
///
/// A network that schedules another fork has another configuration from then on, and needs a newer release or its hash ([`Rules::Config`](super::Rules::Config)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chain {
    /// Ethereum.
    Mainnet,
    /// The test network for applications.
    Sepolia,
    /// The test network for validators.
    Hoodi,
}

// Keccak-256 of each configuration as the guest's input encodes it. A test of the program that knows the configurations themselves compares.
const MAINNET: Hash = [
    0x92, 0x28, 0x16, 0x52, 0xbd, 0xf3, 0x3b, 0x35, 0x28, 0x2f, 0x4e, 0x4c, 0xf4, 0x2d, 0x35, 0x46, 0xaa, 0x96, 0x8e, 0x3a, 0x05, 0xe8,
    0x24, 0xfe, 0x32, 0xa1, 0x50, 0x41, 0x92, 0xdf, 0xf1, 0x24,
];
const SEPOLIA: Hash = [
    0xf2, 0xe5, 0x40, 0x21, 0xfd, 0xe1, 0x8f, 0x52, 0xbb, 0xf5, 0xfa, 0x91, 0xcf, 0x9f, 0x46, 0x57, 0xf5, 0x25, 0x08, 0x83, 0xef, 0x8c,
    0x4f, 0xf4, 0x9a, 0x61, 0xf5, 0x6b, 0xcc, 0xe7, 0x40, 0xe3,
];
const HOODI: Hash = [
    0x08, 0x3a, 0x56, 0xf1, 0xae, 0xf7, 0x9b, 0xc1, 0x54, 0xf8, 0x9b, 0x0a, 0x83, 0x5d, 0x2b, 0x0c, 0xea, 0x0a, 0xd6, 0xf1, 0x6c, 0x98,
    0x00, 0x89, 0x83, 0x4a, 0xb3, 0xbe, 0x49, 0x2b, 0x43, 0x77,
];

impl Chain {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Mainnet, Self::Sepolia, Self::Hoodi];

    /// Its name, in lower case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mainnet => "mainnet",
            Self::Sepolia => "sepolia",
            Self::Hoodi => "hoodi",
        }
    }

    /// The chain of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|chain| chain.name() == name)
    }

    /// EIP-155 chain id.
    #[must_use]
    pub const fn id(self) -> u64 {
        match self {
            Self::Mainnet => 1,
            Self::Sepolia => 11_155_111,
            Self::Hoodi => 560_048,
        }
    }

    /// Keccak-256 of its configuration, as a proof states it.
    #[must_use]
    pub const fn config_hash(self) -> &'static Hash {
        match self {
            Self::Mainnet => &MAINNET,
            Self::Sepolia => &SEPOLIA,
            Self::Hoodi => &HOODI,
        }
    }
}

impl fmt::Display for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
