//! Chain configurations as the command line names them, and `tern block chain`.

use std::path::Path;

use alloy_primitives::keccak256;
use serde_json::{Value, json};
use tern_guest_evm::forks::ChainConfig;
use tern_guest_evm::input::encode_config;
use tern_guest_evm::json::Info;
use tern_guest_evm::{chains, genesis};
use tern_verifier::Chain;
use tern_verifier::block::{Hash, Rules};

use super::block::show;
use super::error::CliError;
use super::report::Report;

/// `tern block chain`: the fork schedules and hashes of one chain, or of all known ones.
pub fn chain(argument: Option<&str>) -> Result<Report, CliError> {
    let configs = match argument {
        Some(argument) => vec![config(argument)?],
        None => chains::names().filter_map(chains::by_name).collect(),
    };
    let text: Vec<String> = configs.iter().map(to_text).collect();
    Ok(Report { chains: configs.iter().map(to_json).collect(), text: Some(text.join("\n\n")), ..Default::default() })
}

/// The configuration of the known chain of this name, or in this genesis file.
pub fn config(argument: &str) -> Result<ChainConfig, CliError> {
    let Some(path) = file(argument) else {
        return chains::by_name(argument).ok_or_else(|| CliError::NoChain { name: argument.to_owned(), error: "no configuration".into() });
    };
    let json = std::fs::read(path).map_err(|error| CliError::NoChain { name: argument.to_owned(), error: error.to_string() })?;
    genesis::parse(&json).map_err(|error| CliError::Genesis { path: path.to_owned(), error })
}

/// The rules of the chain with this id: those that the argument names, a fork that is active from
/// genesis among them, or those of the known chain. And what a block file says of the chain.
pub fn of_id(argument: Option<&str>, chain_id: u64) -> Result<(ChainConfig, Info), CliError> {
    let info = |chain: &str| Info { chain_id, chain: chain.to_owned(), ..Info::default() };
    let Some(argument) = argument else {
        let config = chains::by_id(chain_id).ok_or(CliError::UnknownChain { chain_id: Some(chain_id) })?;
        let chain = known(&config).map_or(chains::CUSTOM, Chain::name);
        return Ok((config, info(chain)));
    };
    if let Some(config) = chains::from_genesis(chain_id, argument) {
        return Ok((config, info(chains::SYNTHETIC)));
    }
    let config = config(argument)?;
    if config.chain_id != chain_id {
        return Err(CliError::OtherChain { name: argument.to_owned(), expected: config.chain_id, chain_id });
    }
    let chain = known(&config).map_or(chains::CUSTOM, Chain::name);
    Ok((config, info(chain)))
}

/// A chain of one's own on which the newest settled fork is active from genesis.
pub fn synthetic(chain_id: u64) -> Result<ChainConfig, CliError> {
    chains::from_genesis(chain_id, "Osaka").ok_or(CliError::UnknownChain { chain_id: Some(chain_id) })
}

/// Whether the argument names rules for a chain of any id.
#[cfg(feature = "fetch")]
pub fn check(argument: &str) -> Result<(), CliError> {
    match chains::from_genesis(0, argument) {
        Some(_) => Ok(()),
        None => config(argument).map(drop),
    }
}

/// The genesis file that is meant, if it is no known chain's name.
pub fn file(argument: &str) -> Option<&Path> {
    chains::names().all(|name| name != argument).then_some(Path::new(argument))
}

/// The rules that a verifier is to accept.
pub fn rules(argument: &str) -> Result<Rules, CliError> {
    match Chain::from_name(argument) {
        Some(chain) => Ok(Rules::Chain(chain)),
        None => Ok(Rules::Config(hash(&config(argument)?))),
    }
}

/// The hash that a proof states.
fn hash(config: &ChainConfig) -> Hash {
    keccak256(encode_config(config)).0
}

/// The known chain with this configuration.
fn known(config: &ChainConfig) -> Option<Chain> {
    Chain::ALL.into_iter().find(|chain| *chain.config_hash() == hash(config))
}

fn to_json(config: &ChainConfig) -> Value {
    let fork = |(name, rule): (String, &tern_guest_evm::forks::ForkRule)| {
        json!({
            "name": name,
            "rules": rule.fork.name(),
            "activation": rule.activation,
            "target_blobs": rule.target_blobs,
            "max_blobs": rule.max_blobs,
            "update_fraction": rule.update_fraction,
        })
    };
    json!({
        "chain": known(config).map_or("unknown", Chain::name),
        "chain_id": config.chain_id,
        "chain_config_known": known(config).is_some(),
        "chain_config_hash": show(&hash(config)),
        "deposit_contract": config.deposit_contract.to_string(),
        "forks": names(config).into_iter().zip(&config.forks).map(fork).collect::<Vec<_>>(),
    })
}

fn to_text(config: &ChainConfig) -> String {
    let title = known(config).map_or("unknown chain", Chain::name);
    let mut lines = vec![
        format!("{title}, chain id {}", config.chain_id),
        format!("  rules     {}", show(&hash(config))),
        format!("  deposits  {}", config.deposit_contract),
    ];
    for (name, rule) in names(config).into_iter().zip(&config.forks) {
        let blobs = format!("{} to {} blobs, update fraction {}", rule.target_blobs, rule.max_blobs, rule.update_fraction);
        lines.push(format!("  {name:<9} from {:<11} rules of {:<6} {blobs}", rule.activation, rule.fork.name()));
    }
    lines.join("\n")
}

fn names(config: &ChainConfig) -> Vec<String> {
    config.names().map(|name| name.to_string()).collect()
}
