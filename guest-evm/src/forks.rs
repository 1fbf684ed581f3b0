//! Chain configuration: chain id, deposit contract and fork schedule.
//!
//! The schedule is an input, not a constant; the public output carries its hash, so a verifier knows
//! under which rules a block is valid. It is a list of any length up to [`MAX_FORKS`]: a fork that changes
//! only the blob parameters (EIP-7892) is an entry with the rules of the one before it, which needs no
//! other validator.

use alloc::vec::Vec;
use core::fmt;

use alloy_eips::eip7840::BlobParams;
use alloy_evm::eth::spec::EthExecutorSpec;
use alloy_hardforks::{EthereumHardfork, EthereumHardforks, ForkCondition};
use alloy_primitives::Address;
use revm::primitives::eip2780::TX_BASE_COST;
use revm::primitives::hardfork::SpecId;

/// The largest number of blobs per block that a configuration may allow.
pub const MAX_BLOBS: u64 = 1 << 20;

/// Most entries of a fork schedule.
pub const MAX_FORKS: usize = 64;

/// The sets of rules that the validator knows, oldest first. Their numbers stand in the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fork {
    /// EIP-4844, EIP-4788, EIP-1153, EIP-6780.
    Cancun = 1,
    /// EIP-7702, EIP-7691, requests, EIP-2537, EIP-2935.
    Prague = 2,
    /// EIP-7825, EIP-7823, EIP-7883, EIP-7918, EIP-7934, EIP-7939, EIP-7951.
    Osaka = 3,
    /// EIP-2780, EIP-7708, EIP-7778, EIP-7843, EIP-7928, EIP-7954, EIP-7976, EIP-7981, EIP-8024, EIP-8037, EIP-8038, EIP-8246, EIP-8282.
    Amsterdam = 4,
}

impl Fork {
    /// All of them, oldest first.
    pub const ALL: [Self; 4] = [Self::Cancun, Self::Prague, Self::Osaka, Self::Amsterdam];

    /// The name of the fork that brought these rules, as block files write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cancun => "Cancun",
            Self::Prague => "Prague",
            Self::Osaka => "Osaka",
            Self::Amsterdam => "Amsterdam",
        }
    }

    /// Its number in the configuration.
    pub const fn id(self) -> u64 {
        self as u64
    }

    /// The rules with this number.
    pub fn from_id(id: u64) -> Option<Self> {
        Self::ALL.into_iter().find(|fork| fork.id() == id)
    }

    /// The EVM's rules under this fork.
    pub const fn spec_id(self) -> SpecId {
        match self {
            Self::Cancun => SpecId::CANCUN,
            Self::Prague => SpecId::PRAGUE,
            Self::Osaka => SpecId::OSAKA,
            Self::Amsterdam => SpecId::AMSTERDAM,
        }
    }

    /// Gas below which no transaction stays, as the block counts it.
    ///
    /// Its intrinsic gas is as much. Before Amsterdam, a refund is taken from what the block counts. It is at most a fifth of what was
    /// used, so it can lead below only where less than 26,250 was used; that is room for one storage write that earns a refund
    /// (4,800), which costs 5,000. From Amsterdam on, it is not (EIP-7778), and the least intrinsic gas is that of EIP-2780.
    pub const fn min_transaction_gas(self) -> u64 {
        match self {
            Self::Cancun | Self::Prague | Self::Osaka => 21_000,
            Self::Amsterdam => TX_BASE_COST,
        }
    }
}

/// An entry of the schedule: which rules and blob parameters (EIP-7840) hold from when on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ForkRule {
    /// The rules.
    pub fork: Fork,
    /// First timestamp at which the entry holds.
    pub activation: u64,
    /// Target number of blobs per block.
    pub target_blobs: u64,
    /// Largest number of blobs per block.
    pub max_blobs: u64,
    /// Base fee update fraction for blobs.
    pub update_fraction: u64,
}

impl ForkRule {
    /// Its blob parameters, those that the rules fix included.
    pub fn blob_params(&self) -> BlobParams {
        let base = match self.fork {
            Fork::Cancun => BlobParams::cancun(),
            Fork::Prague => BlobParams::prague(),
            Fork::Osaka | Fork::Amsterdam => BlobParams::osaka(),
        };
        // EIP-7594 limits a transaction to six blobs from Osaka on; before, the block's limit is the only one.
        let max_blobs_per_tx = if self.fork < Fork::Osaka { self.max_blobs } else { base.max_blobs_per_tx };
        BlobParams {
            target_blob_count: self.target_blobs,
            max_blob_count: self.max_blobs,
            update_fraction: u128::from(self.update_fraction),
            max_blobs_per_tx,
            ..base
        }
    }

    /// Whether nothing but the activation differs from `other`.
    pub(crate) fn is_same_as(&self, other: &Self) -> bool {
        Self { activation: other.activation, ..*self } == *other
    }
}

/// The name of an entry: of its rules, or `BPO` and a number for the schedule's changes of the blob parameters alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForkName {
    /// The first entry with these rules.
    Rules(Fork),
    /// The n-th entry that changes the blob parameters alone, counted from 1.
    Bpo(usize),
}

impl fmt::Display for ForkName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rules(fork) => f.write_str(fork.name()),
            Self::Bpo(number) => write!(f, "BPO{number}"),
        }
    }
}

/// Why a fork schedule is refused: it is impossible, or another one says the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// No fork at all, or more than [`MAX_FORKS`].
    #[error("{0} forks, expected 1 to {MAX_FORKS}")]
    Count(u64),
    /// A number that stands for no rules.
    #[error("fork {index} has the rules {id}, which this validator does not know")]
    UnknownRules {
        /// Position in the schedule.
        index: usize,
        /// The number.
        id: u64,
    },
    /// A fork is not later than the one before it, which it would hide.
    #[error("fork {index} ({name}) is not later than the one before it")]
    Order {
        /// Position in the schedule.
        index: usize,
        /// Its name.
        name: ForkName,
    },
    /// A fork goes back to older rules.
    #[error("fork {index} has the rules of {fork:?}, older than those before it")]
    OlderRules {
        /// Position in the schedule.
        index: usize,
        /// Its rules.
        fork: Fork,
    },
    /// A fork changes nothing.
    #[error("fork {index} ({name}) changes nothing")]
    NoChange {
        /// Position in the schedule.
        index: usize,
        /// Its name.
        name: ForkName,
    },
    /// Blob parameters that cannot be divided by or do not fit.
    #[error("fork {index} ({name}) has blob parameters that make no sense: target {target}, max {max}, update fraction {fraction}")]
    Blobs {
        /// Position in the schedule.
        index: usize,
        /// Its name.
        name: ForkName,
        /// Target number of blobs per block.
        target: u64,
        /// Largest number of blobs per block.
        max: u64,
        /// Base fee update fraction.
        fraction: u64,
    },
}

/// A chain's configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainConfig {
    /// EIP-155 chain id.
    pub chain_id: u64,
    /// Contract whose deposit events become requests (EIP-6110).
    pub deposit_contract: Address,
    /// The fork schedule, oldest entry first.
    pub forks: Vec<ForkRule>,
}

impl ChainConfig {
    /// The entry that holds at `timestamp`, or `None` before the first one.
    pub fn rule_at(&self, timestamp: u64) -> Option<&ForkRule> {
        self.forks.iter().rev().find(|rule| rule.activation <= timestamp)
    }

    /// The name of the entry that holds at `timestamp`.
    pub fn name_at(&self, timestamp: u64) -> Option<ForkName> {
        let index = self.forks.iter().rposition(|rule| rule.activation <= timestamp)?;
        self.names().nth(index)
    }

    /// The names of all entries.
    pub fn names(&self) -> impl Iterator<Item = ForkName> {
        let mut before = None;
        let mut blob_changes = 0;
        self.forks.iter().map(move |rule| {
            if before.replace(rule.fork) != Some(rule.fork) {
                return ForkName::Rules(rule.fork);
            }
            blob_changes += 1;
            ForkName::Bpo(blob_changes)
        })
    }

    /// Checks that the schedule is possible, and the only one that says what it says.
    ///
    /// # Errors
    ///
    /// See [`ScheduleError`].
    pub fn check_schedule(&self) -> Result<(), ScheduleError> {
        if !(1..=MAX_FORKS).contains(&self.forks.len()) {
            return Err(ScheduleError::Count(self.forks.len() as u64));
        }
        let mut before: Option<&ForkRule> = None;
        for (index, (rule, name)) in self.forks.iter().zip(self.names()).enumerate() {
            let ForkRule { target_blobs: target, max_blobs: max, update_fraction: fraction, .. } = *rule;
            if target > max || !(1..=MAX_BLOBS).contains(&max) || fraction == 0 {
                return Err(ScheduleError::Blobs { index, name, target, max, fraction });
            }
            if let Some(before) = before {
                if rule.activation <= before.activation {
                    return Err(ScheduleError::Order { index, name });
                }
                if rule.fork < before.fork {
                    return Err(ScheduleError::OlderRules { index, fork: rule.fork });
                }
                if rule.is_same_as(before) {
                    return Err(ScheduleError::NoChange { index, name });
                }
            }
            before = Some(rule);
        }
        Ok(())
    }

    /// When rules as new as these begin to hold.
    fn activation(&self, fork: Fork) -> ForkCondition {
        let first = self.forks.iter().find(|rule| rule.fork >= fork);
        first.map_or(ForkCondition::Never, |rule| ForkCondition::Timestamp(rule.activation))
    }
}

impl EthereumHardforks for ChainConfig {
    /// Forks before Cancun count as active from genesis: no earlier block is validated.
    fn ethereum_fork_activation(&self, fork: EthereumHardfork) -> ForkCondition {
        match fork {
            EthereumHardfork::Dao => ForkCondition::Never,
            EthereumHardfork::Shanghai => ForkCondition::Timestamp(0),
            EthereumHardfork::Cancun => self.activation(Fork::Cancun),
            EthereumHardfork::Prague => self.activation(Fork::Prague),
            EthereumHardfork::Osaka => self.activation(Fork::Osaka),
            EthereumHardfork::Amsterdam => self.activation(Fork::Amsterdam),
            fork if fork < EthereumHardfork::Shanghai => ForkCondition::Block(0),
            _ => ForkCondition::Never,
        }
    }
}

impl EthExecutorSpec for ChainConfig {
    fn deposit_contract_address(&self) -> Option<Address> {
        Some(self.deposit_contract)
    }
}
