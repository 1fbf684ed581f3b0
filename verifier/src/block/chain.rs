//! The chains whose configurations this verifier knows.

use core::fmt;

use super::Hash;

/// A public network with the fork schedule that it has as of this release.
///
/// A network that schedules another fork has another configuration from then on, and needs a newer
/// release or its hash ([`Rules::Config`](super::Rules::Config)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chain {
    /// Ethereum.
    Mainnet,
    /// The test network for applications.
    Sepolia,
    /// The test network for validators before Hoodi.
    Holesky,
    /// The test network for validators.
    Hoodi,
}

// Keccak-256 of each configuration as the guest's input encodes it. A test of the program that
// knows the configurations themselves compares.
const MAINNET: Hash = [
    0x2e, 0x76, 0xab, 0xd1, 0xaf, 0x1c, 0xec, 0x49, 0x74, 0xb5, 0x1d, 0x44, 0xa5, 0xf7, 0xaf, 0x41, 0x91, 0x2c, 0x0c, 0x36, 0xf7, 0x54,
    0xa1, 0xcd, 0x9b, 0x13, 0xb4, 0x9b, 0xe9, 0x34, 0x0e, 0x95,
];
const SEPOLIA: Hash = [
    0xaf, 0xe6, 0x29, 0xd5, 0x59, 0x6b, 0xcc, 0x10, 0x40, 0x35, 0x61, 0x00, 0xa1, 0xf9, 0xc2, 0x92, 0xde, 0xb9, 0x37, 0x09, 0x58, 0xbf,
    0xa8, 0x17, 0x71, 0x00, 0x8c, 0xe3, 0xdf, 0x2f, 0x45, 0x35,
];
const HOLESKY: Hash = [
    0xa8, 0x82, 0x5a, 0x0d, 0x2d, 0xe6, 0x21, 0x73, 0xff, 0x63, 0xaa, 0x93, 0x6e, 0xfd, 0x0f, 0x93, 0x16, 0xd8, 0x7b, 0x3b, 0xc6, 0x72,
    0x79, 0x85, 0x87, 0x74, 0xeb, 0x9b, 0x31, 0xc6, 0xfa, 0x40,
];
const HOODI: Hash = [
    0x66, 0xe6, 0x66, 0x6d, 0x01, 0x91, 0x7a, 0xdb, 0xa6, 0x86, 0x0d, 0x2c, 0x7e, 0x10, 0x41, 0xf1, 0x8a, 0xcf, 0xf5, 0x1f, 0x59, 0x5a,
    0x5f, 0x6e, 0xcb, 0x30, 0x1d, 0x91, 0x57, 0xc0, 0x98, 0x15,
];

impl Chain {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Mainnet, Self::Sepolia, Self::Holesky, Self::Hoodi];

    /// Its name, in lower case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mainnet => "mainnet",
            Self::Sepolia => "sepolia",
            Self::Holesky => "holesky",
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
            Self::Holesky => 17_000,
            Self::Hoodi => 560_048,
        }
    }

    /// Keccak-256 of its configuration, as a proof states it.
    #[must_use]
    pub const fn config_hash(self) -> &'static Hash {
        match self {
            Self::Mainnet => &MAINNET,
            Self::Sepolia => &SEPOLIA,
            Self::Holesky => &HOLESKY,
            Self::Hoodi => &HOODI,
        }
    }
}

impl fmt::Display for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
