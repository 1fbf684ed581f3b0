//! Schema ids: the fork in the high byte, the schema's revision in the low one.

use crate::forks::{ChainConfig, Fork, ForkName};

use super::ssz::SszError;

/// Revision of the schema that this module reads.
pub const REVISION: u8 = 1;

/// The forks' numbers in schema ids (execution-specs, `ProtocolFork`).
const CANCUN: u8 = 0x10;
const PRAGUE: u8 = 0x11;
const OSAKA: u8 = 0x12;
const BPO1: u8 = 0x13;
const BPO2: u8 = 0x14;
const AMSTERDAM: u8 = 0x15;

/// The schema of an input: the fork whose rules it is for.
///
/// EIP-8025 defines that of Amsterdam, `0x1501`. The same container serves the forks before it, under their own numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Schema {
    fork: u8,
}

impl Schema {
    /// EIP-8025's own.
    pub const AMSTERDAM: Self = Self { fork: AMSTERDAM };

    /// The schema with this id.
    pub fn from_id(id: u16) -> Result<Self, SszError> {
        match id.to_be_bytes() {
            [fork @ CANCUN..=AMSTERDAM, REVISION] => Ok(Self { fork }),
            _ => Err(SszError::Schema(id)),
        }
    }

    /// The schema of a block at `timestamp`; none before Cancun, and under a change of blob parameters before Amsterdam that has no number.
    pub fn at(config: &ChainConfig, timestamp: u64) -> Option<Self> {
        let fork = match config.name_at(timestamp)? {
            ForkName::Rules(Fork::Cancun) => CANCUN,
            ForkName::Rules(Fork::Prague) => PRAGUE,
            ForkName::Rules(Fork::Osaka) => OSAKA,
            // What has no number of its own has that of its rules.
            _ if config.rule_at(timestamp)?.fork >= Fork::Amsterdam => AMSTERDAM,
            ForkName::Bpo(1) => BPO1,
            ForkName::Bpo(2) => BPO2,
            _ => return None,
        };
        Some(Self { fork })
    }

    /// The id, which the input begins with, big-endian, and the output ends with.
    pub const fn id(self) -> u16 {
        u16::from_be_bytes([self.fork, REVISION])
    }

    /// The rules of its fork.
    pub(super) const fn rules(self) -> Fork {
        match self.fork {
            CANCUN => Fork::Cancun,
            PRAGUE => Fork::Prague,
            OSAKA | BPO1 | BPO2 => Fork::Osaka,
            _ => Fork::Amsterdam,
        }
    }

    /// Whether headers have a requests hash (EIP-7685).
    pub(super) const fn has_requests(self) -> bool {
        self.fork >= PRAGUE
    }

    /// Whether headers have a block access list's hash and a slot number (EIP-7928, EIP-7843).
    pub(super) const fn has_access_list(self) -> bool {
        self.fork >= AMSTERDAM
    }
}
