//! Chain configurations: the public networks, and chains on one fork from genesis.
//!
//! Activation times are those of EIP-7569, EIP-7600, EIP-7607 and, for blob parameters, EIP-7892; Holesky's are those of
//! geth's `params/config.go`, and Amsterdam's on Sepolia that of `alloy-hardforks`, with which a test compares all of them.

use alloc::vec::Vec;

use alloy_primitives::{Address, address};

use crate::forks::{ChainConfig, Fork, ForkRule};

/// Name in a block file of a chain whose fork is active from genesis.
pub const SYNTHETIC: &str = "synthetic";
/// Name in a block file of a chain whose configuration is elsewhere.
pub const CUSTOM: &str = "custom";

const MAINNET_DEPOSITS: Address = address!("00000000219ab540356cBB839Cbe05303d7705Fa");
const SEPOLIA_DEPOSITS: Address = address!("7f02C3E3c98b133055B8B348B2Ac625669Ed295D");
const HOLESKY_DEPOSITS: Address = address!("4242424242424242424242424242424242424242");

/// A public network.
struct Network {
    name: &'static str,
    chain_id: u64,
    deposit_contract: Address,
    /// When the first of [`FORKS`] activate, in their order.
    activations: &'static [u64],
}

/// The public networks.
const NETWORKS: [Network; 4] = [
    Network {
        name: "mainnet",
        chain_id: 1,
        deposit_contract: MAINNET_DEPOSITS,
        activations: &[1_710_338_135, 1_746_612_311, 1_764_798_551, 1_765_290_071, 1_767_747_671],
    },
    Network {
        name: "sepolia",
        chain_id: 11_155_111,
        deposit_contract: SEPOLIA_DEPOSITS,
        activations: &[1_706_655_072, 1_741_159_776, 1_760_427_360, 1_761_017_184, 1_761_607_008, 1_791_294_816],
    },
    Network {
        name: "holesky",
        chain_id: 17_000,
        deposit_contract: HOLESKY_DEPOSITS,
        activations: &[1_707_305_664, 1_740_434_112, 1_759_308_480, 1_759_800_000, 1_760_389_824],
    },
    Network {
        name: "hoodi",
        chain_id: 560_048,
        deposit_contract: MAINNET_DEPOSITS,
        activations: &[0, 1_742_999_832, 1_761_677_592, 1_762_365_720, 1_762_955_544],
    },
];

/// The forks of the public networks, oldest first: name, rules, and target, maximum and update fraction of the blob market.
const FORKS: [(&str, Fork, (u64, u64, u64)); 6] = [
    ("Cancun", Fork::Cancun, (3, 6, 3_338_477)),
    ("Prague", Fork::Prague, (6, 9, 5_007_716)),
    ("Osaka", Fork::Osaka, (6, 9, 5_007_716)),
    ("BPO1", Fork::Osaka, (10, 15, 8_346_193)),
    ("BPO2", Fork::Osaka, (14, 21, 11_684_671)),
    ("Amsterdam", Fork::Amsterdam, (14, 21, 11_684_671)),
];

/// The names of the public networks.
pub fn names() -> impl Iterator<Item = &'static str> {
    NETWORKS.iter().map(|network| network.name)
}

/// The configuration of the public network of this name.
pub fn by_name(name: &str) -> Option<ChainConfig> {
    NETWORKS.iter().find(|network| network.name == name).map(Network::config)
}

/// The configuration of the public network with this chain id.
pub fn by_id(chain_id: u64) -> Option<ChainConfig> {
    NETWORKS.iter().find(|network| network.chain_id == chain_id).map(Network::config)
}

/// A chain on which the public networks' fork of this name holds from genesis, and no other.
///
/// Deposits go to the mainnet contract's address.
pub fn from_genesis(chain_id: u64, fork: &str) -> Option<ChainConfig> {
    let index = FORKS.iter().position(|(name, ..)| name.eq_ignore_ascii_case(fork))?;
    Some(ChainConfig { chain_id, deposit_contract: MAINNET_DEPOSITS, forks: [rule(index, 0)].into() })
}

impl Network {
    fn config(&self) -> ChainConfig {
        let forks: Vec<_> = self.activations.iter().enumerate().map(|(index, activation)| rule(index, *activation)).collect();
        ChainConfig { chain_id: self.chain_id, deposit_contract: self.deposit_contract, forks }
    }
}

fn rule(index: usize, activation: u64) -> ForkRule {
    let (_, fork, (target_blobs, max_blobs, update_fraction)) = FORKS[index];
    ForkRule { fork, activation, target_blobs, max_blobs, update_fraction }
}
