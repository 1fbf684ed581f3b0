//! Chain configuration: chain id, deposit contract and fork schedule.
//!
//! The schedule is an input, not a constant; the public output carries its hash, so a verifier knows
//! under which rules a block is valid.

use alloy_eips::eip7840::BlobParams;
use alloy_evm::eth::spec::EthExecutorSpec;
use alloy_hardforks::{EthereumHardfork, EthereumHardforks, ForkCondition};
use alloy_primitives::Address;
use revm::primitives::hardfork::SpecId;

/// Timestamp of a fork that the chain does not schedule.
pub const NEVER: u64 = u64::MAX;

/// The largest number of blobs per block that a configuration may allow.
pub const MAX_BLOBS: u64 = 1 << 20;

/// The forks that the validator knows, oldest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fork {
    /// EIP-4844, EIP-4788, EIP-1153, EIP-6780.
    Cancun = 0,
    /// EIP-7702, EIP-7691, requests, EIP-2537, EIP-2935.
    Prague = 1,
    /// EIP-7825, EIP-7823, EIP-7883, EIP-7918, EIP-7934, EIP-7939, EIP-7951.
    Osaka = 2,
    /// Osaka with the first blob-parameter change (EIP-7892).
    Bpo1 = 3,
    /// Osaka with the second blob-parameter change (EIP-7892).
    Bpo2 = 4,
}

/// Number of forks in a schedule.
pub const FORK_COUNT: usize = 5;

impl Fork {
    /// All forks, oldest first.
    pub const ALL: [Self; FORK_COUNT] = [Self::Cancun, Self::Prague, Self::Osaka, Self::Bpo1, Self::Bpo2];

    /// The fork's name as the block files write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cancun => "Cancun",
            Self::Prague => "Prague",
            Self::Osaka => "Osaka",
            Self::Bpo1 => "BPO1",
            Self::Bpo2 => "BPO2",
        }
    }

    /// The EVM's rules under this fork.
    pub const fn spec_id(self) -> SpecId {
        match self {
            Self::Cancun => SpecId::CANCUN,
            Self::Prague => SpecId::PRAGUE,
            Self::Osaka | Self::Bpo1 | Self::Bpo2 => SpecId::OSAKA,
        }
    }
}

/// When a fork activates and the blob parameters it brings (EIP-7840).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ForkRule {
    /// First timestamp at which the fork is active; [`NEVER`] if it is not scheduled.
    pub activation: u64,
    /// Target number of blobs per block.
    pub target_blobs: u64,
    /// Largest number of blobs per block.
    pub max_blobs: u64,
    /// Base fee update fraction for blobs.
    pub update_fraction: u64,
}

/// A chain's configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChainConfig {
    /// EIP-155 chain id.
    pub chain_id: u64,
    /// Contract whose deposit events become requests (EIP-6110).
    pub deposit_contract: Address,
    /// One rule per [`Fork`], in its order.
    pub forks: [ForkRule; FORK_COUNT],
}

impl ChainConfig {
    /// The newest fork active at `timestamp`, or `None` before Cancun.
    pub fn fork_at(&self, timestamp: u64) -> Option<Fork> {
        Fork::ALL.into_iter().rev().find(|&fork| self.is_active(fork, timestamp))
    }

    /// Whether `fork` is active at `timestamp`.
    pub fn is_active(&self, fork: Fork, timestamp: u64) -> bool {
        let activation = self.forks[fork as usize].activation;
        activation != NEVER && activation <= timestamp
    }

    /// Blob parameters of `fork`.
    pub fn blob_params(&self, fork: Fork) -> BlobParams {
        let rule = &self.forks[fork as usize];
        let base = match fork {
            Fork::Cancun => BlobParams::cancun(),
            Fork::Prague => BlobParams::prague(),
            Fork::Osaka | Fork::Bpo1 | Fork::Bpo2 => BlobParams::osaka(),
        };
        // EIP-7594 limits a transaction to six blobs from Osaka on; before, the block's limit is the only one.
        let max_blobs_per_tx = match fork {
            Fork::Cancun | Fork::Prague => rule.max_blobs,
            Fork::Osaka | Fork::Bpo1 | Fork::Bpo2 => base.max_blobs_per_tx,
        };
        BlobParams {
            target_blob_count: rule.target_blobs,
            max_blob_count: rule.max_blobs,
            update_fraction: u128::from(rule.update_fraction),
            max_blobs_per_tx,
            ..base
        }
    }
}

impl EthereumHardforks for ChainConfig {
    fn ethereum_fork_activation(&self, fork: EthereumHardfork) -> ForkCondition {
        let at = |fork: Fork| match self.forks[fork as usize].activation {
            NEVER => ForkCondition::Never,
            time => ForkCondition::Timestamp(time),
        };
        match fork {
            EthereumHardfork::Dao => ForkCondition::Never,
            EthereumHardfork::Shanghai => ForkCondition::Timestamp(0),
            EthereumHardfork::Cancun => at(Fork::Cancun),
            EthereumHardfork::Prague => at(Fork::Prague),
            EthereumHardfork::Osaka => at(Fork::Osaka),
            EthereumHardfork::Bpo1 => at(Fork::Bpo1),
            EthereumHardfork::Bpo2 => at(Fork::Bpo2),
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
