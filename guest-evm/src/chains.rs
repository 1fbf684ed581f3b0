//! Chain configurations: the public networks by chain id, and chains on one fork from genesis.
//!
//! Activation times and blob parameters are those of EIP-7569, EIP-7600, EIP-7607 and EIP-7892.

use alloy_primitives::{Address, address};

use crate::forks::{ChainConfig, FORK_COUNT, Fork, ForkRule, NEVER};

/// Name in a block file of a chain whose fork is active from genesis.
pub const SYNTHETIC: &str = "synthetic";

const MAINNET_DEPOSITS: Address = address!("00000000219ab540356cBB839Cbe05303d7705Fa");
const SEPOLIA_DEPOSITS: Address = address!("7f02C3E3c98b133055B8B348B2Ac625669Ed295D");

/// The configuration of a public network: mainnet, Sepolia or Hoodi.
pub fn by_id(chain_id: u64) -> Option<ChainConfig> {
    let (deposit_contract, activations) = match chain_id {
        1 => (MAINNET_DEPOSITS, [1_710_338_135, 1_746_612_311, 1_764_798_551, 1_765_290_071, 1_767_747_671]),
        11_155_111 => (SEPOLIA_DEPOSITS, [1_706_655_072, 1_741_159_776, 1_760_427_360, 1_761_017_184, 1_761_607_008]),
        560_048 => (MAINNET_DEPOSITS, [0, 1_742_999_832, 1_761_677_592, 1_762_365_720, 1_762_955_544]),
        _ => return None,
    };
    Some(ChainConfig { chain_id, deposit_contract, forks: rules(activations) })
}

/// A chain on which `fork` and all before it are active from genesis, and none after.
///
/// Deposits go to the mainnet contract's address.
pub fn from_genesis(chain_id: u64, fork: Fork) -> ChainConfig {
    let activations = Fork::ALL.map(|other| if other <= fork { 0 } else { NEVER });
    ChainConfig { chain_id, deposit_contract: MAINNET_DEPOSITS, forks: rules(activations) }
}

fn rules(activations: [u64; FORK_COUNT]) -> [ForkRule; FORK_COUNT] {
    // Target, maximum and update fraction of the blob market, by fork.
    let blobs = [(3, 6, 3_338_477), (6, 9, 5_007_716), (6, 9, 5_007_716), (10, 15, 8_346_193), (14, 21, 11_684_671)];
    core::array::from_fn(|fork| ForkRule {
        activation: activations[fork],
        target_blobs: blobs[fork].0,
        max_blobs: blobs[fork].1,
        update_fraction: blobs[fork].2,
    })
}
