//! Chains that a command line names, and their rules.

use tern_guest_evm::chains;
use tern_guest_evm::forks::{ChainConfig, Fork};
use tern_guest_evm::json::Info;
use tern_verifier::Chain;

use super::error::CliError;

/// A chain, as `--chain` names it.
#[derive(Clone, Copy, Debug)]
pub enum ChainName {
    /// A public network.
    Known(Chain),
    /// A network of one's own on which this fork is active from genesis.
    Fork(Fork),
}

/// Reads the argument of `--chain`.
pub fn parse_chain(text: &str) -> Result<ChainName, String> {
    let fork = || Fork::ALL.into_iter().find(|fork| fork.name().eq_ignore_ascii_case(text)).map(ChainName::Fork);
    Chain::from_name(text).map(ChainName::Known).or_else(fork).ok_or_else(|| {
        let names: Vec<_> = Chain::ALL.map(Chain::name).into_iter().chain(Fork::ALL.map(Fork::name)).collect();
        format!("expected one of {}", names.join(", "))
    })
}

/// The rules of the chain with this id, and what a block file says of it.
pub fn rules(name: Option<ChainName>, chain_id: u64) -> Result<(ChainConfig, Info), CliError> {
    let info = |chain: &str| Info { chain_id, chain: chain.to_owned(), ..Info::default() };
    let known = match name {
        Some(ChainName::Fork(fork)) => return Ok((chains::from_genesis(chain_id, fork), info(chains::SYNTHETIC))),
        Some(ChainName::Known(chain)) if chain.id() != chain_id => return Err(CliError::OtherChain { expected: chain, chain_id }),
        Some(ChainName::Known(chain)) => Some(chain),
        None => Chain::ALL.into_iter().find(|chain| chain.id() == chain_id),
    };
    match (known, chains::by_id(chain_id)) {
        (Some(chain), Some(config)) => Ok((config, info(chain.name()))),
        _ => Err(CliError::UnknownChain { chain_id: Some(chain_id) }),
    }
}
