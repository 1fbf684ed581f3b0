//! Chain configurations of one's own: geth's genesis files.
//!
//! Of a file only the `config` object counts, and of that: `chainId`, `depositContractAddress`, the forks from Cancun on
//! (`cancunTime`, `pragueTime`, `osakaTime`, `amsterdamTime`, `bpo1Time` and so on), and `blobSchedule`, by the forks' names: `target`, `max` and
//! `baseFeeUpdateFraction`. As in geth (`params/config.go`), Cancun, Prague and each fork of blob parameters need an
//! entry there; Osaka and Amsterdam keep the parameters before them, unless they have one.
//!
//! Forks before Cancun must be active from genesis, or be left out. What else a file holds is passed over.

use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

use alloy_primitives::Address;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::forks::{ChainConfig, Fork, ForkRule, ScheduleError};

/// The forks before Cancun, as the file names them.
const EARLIER: [&str; 16] = [
    "homesteadBlock",
    "daoForkBlock",
    "eip150Block",
    "eip155Block",
    "eip158Block",
    "byzantiumBlock",
    "constantinopleBlock",
    "petersburgBlock",
    "istanbulBlock",
    "muirGlacierBlock",
    "berlinBlock",
    "londonBlock",
    "arrowGlacierBlock",
    "grayGlacierBlock",
    "mergeNetsplitBlock",
    "shanghaiTime",
];

/// Why a file is not the genesis of a chain whose blocks can be validated.
#[derive(Debug, thiserror::Error)]
pub enum GenesisError {
    /// Not JSON, cut short, or without a `config` object.
    #[error("not a genesis file: {0}")]
    Json(#[from] serde_json::Error),
    /// A field is missing.
    #[error("config.{0} is missing")]
    Missing(String),
    /// A field holds something else than it should.
    #[error("config.{field} is not {expected}")]
    Value {
        /// The field.
        field: String,
        /// What it should hold.
        expected: &'static str,
    },
    /// A fork before Cancun is not active from genesis.
    #[error("config.{field} is {at}: forks before Cancun must be active from genesis")]
    EarlierFork {
        /// The field.
        field: &'static str,
        /// When the fork activates.
        at: u64,
    },
    /// A fork that this validator does not know.
    #[error("config.{0} schedules a fork that this validator does not know")]
    UnknownFork(String),
    /// A fork without the one that it builds on, or before it.
    #[error("{fork} is scheduled before {needed}, or without it")]
    Order {
        /// The fork.
        fork: String,
        /// The fork that must come first.
        needed: String,
    },
    /// The schedule as a whole is impossible.
    #[error("fork schedule: {0}")]
    Schedule(#[from] ScheduleError),
}

#[derive(Deserialize)]
struct Genesis {
    config: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Blobs {
    target: u64,
    max: u64,
    base_fee_update_fraction: u64,
}

impl Blobs {
    fn of(rule: ForkRule) -> Self {
        Self { target: rule.target_blobs, max: rule.max_blobs, base_fee_update_fraction: rule.update_fraction }
    }
}

/// A fork of the file.
struct Named {
    /// Its name there, in lower case.
    name: String,
    activation: u64,
    /// The rules that it brings; none if it changes blob parameters alone.
    fork: Option<Fork>,
}

/// The configuration in a genesis file, in its canonical form.
///
/// Forks that activate at the same time become one, and one that changes nothing is left out.
///
/// # Errors
///
/// See [`GenesisError`].
pub fn parse(json: &[u8]) -> Result<ChainConfig, GenesisError> {
    let Genesis { config } = serde_json::from_slice(json)?;
    check_names(&config)?;
    let chain_id = number(&config, "chainId")?.ok_or_else(|| GenesisError::Missing("chainId".into()))?;
    let deposit_contract = address(&config, "depositContractAddress")?.unwrap_or_default();
    let forks = schedule(&config, scheduled(&config)?)?;
    let config = ChainConfig { chain_id, deposit_contract, forks };
    config.check_schedule()?;
    Ok(config)
}

/// Every key that schedules a fork names one that is known, and those before Cancun are active from genesis.
fn check_names(config: &Map<String, Value>) -> Result<(), GenesisError> {
    for field in EARLIER {
        if let Some(at) = number(config, field)?.filter(|at| *at != 0) {
            return Err(GenesisError::EarlierFork { field, at });
        }
    }
    for (key, value) in config {
        let Some(name) = key.strip_suffix("Time") else { continue };
        let is_known = key == "shanghaiTime" || blob_fork(name).is_some() || Fork::ALL.iter().any(|fork| in_lower_case(*fork) == name);
        if !is_known && !value.is_null() {
            return Err(GenesisError::UnknownFork(key.clone()));
        }
    }
    Ok(())
}

/// The forks of the file, in the order in which they apply.
fn scheduled(config: &Map<String, Value>) -> Result<Vec<Named>, GenesisError> {
    let mut forks: Vec<Named> = Vec::new();
    for fork in Fork::ALL {
        let name = in_lower_case(fork);
        if let Some(activation) = number(config, &format!("{name}Time"))? {
            forks.push(Named { name, activation, fork: Some(fork) });
        }
    }
    // Each builds on all before it.
    for (index, fork) in Fork::ALL.into_iter().enumerate().take(forks.len()) {
        let needed = &forks[index];
        if needed.fork != Some(fork) {
            return Err(GenesisError::Order { fork: needed.name.clone(), needed: in_lower_case(fork) });
        }
        check_order(forks.get(index + 1), needed)?;
    }
    let mut numbered: Vec<(u64, Named)> = Vec::new();
    for key in config.keys() {
        let Some((number_in_name, name)) = key.strip_suffix("Time").and_then(|name| Some((blob_fork(name)?, name))) else { continue };
        if let Some(activation) = number(config, key)? {
            numbered.push((number_in_name, Named { name: name.into(), activation, fork: None }));
        }
    }
    numbered.sort_by_key(|(number, _)| *number);
    let blob_forks: Vec<Named> = numbered.into_iter().map(|(_, named)| named).collect();
    if let Some(first) = blob_forks.first() {
        let osaka = forks.iter().find(|named| named.fork == Some(Fork::Osaka));
        let order = || GenesisError::Order { fork: first.name.clone(), needed: in_lower_case(Fork::Osaka) };
        check_order(Some(first), osaka.ok_or_else(order)?)?;
    }
    for pair in blob_forks.windows(2) {
        check_order(Some(&pair[1]), &pair[0])?;
    }
    // Of those at the same time, Osaka and what it builds on come first, then the changes of its blob parameters.
    let later = forks.iter().position(|named| named.fork > Some(Fork::Osaka)).unwrap_or(forks.len());
    forks.splice(later..later, blob_forks);
    forks.sort_by_key(|named| named.activation);
    Ok(forks)
}

fn check_order(fork: Option<&Named>, needed: &Named) -> Result<(), GenesisError> {
    match fork {
        Some(fork) if fork.activation < needed.activation => {
            Err(GenesisError::Order { fork: fork.name.clone(), needed: needed.name.clone() })
        }
        _ => Ok(()),
    }
}

/// The schedule's entries: what holds after all forks of a moment, where it differs from what held before.
fn schedule(config: &Map<String, Value>, forks: Vec<Named>) -> Result<Vec<ForkRule>, GenesisError> {
    let mut entries: Vec<ForkRule> = Vec::new();
    for Named { name, activation, fork } in forks {
        let before = entries.last().copied();
        let keeps_blobs = fork.is_some_and(|fork| fork >= Fork::Osaka);
        let blobs = blobs(config, &name)?.or(before.filter(|_| keeps_blobs).map(Blobs::of));
        let blobs = blobs.ok_or_else(|| GenesisError::Missing(format!("blobSchedule.{name}")))?;
        let fork = fork.or(before.map(|before| before.fork));
        let fork = fork.ok_or_else(|| GenesisError::Order { fork: name, needed: in_lower_case(Fork::Osaka) })?;
        let entry = ForkRule {
            fork,
            activation,
            target_blobs: blobs.target,
            max_blobs: blobs.max,
            update_fraction: blobs.base_fee_update_fraction,
        };
        entries.pop_if(|before| before.activation == activation);
        if entries.last().is_none_or(|before| !entry.is_same_as(before)) {
            entries.push(entry);
        }
    }
    Ok(entries)
}

/// The number of a fork that changes blob parameters alone: `bpo1`, `bpo2` and so on.
fn blob_fork(name: &str) -> Option<u64> {
    let digits = name.strip_prefix("bpo")?;
    let number: u64 = digits.parse().ok()?;
    (number > 0 && number.to_string() == digits).then_some(number)
}

fn in_lower_case(fork: Fork) -> String {
    fork.name().to_ascii_lowercase()
}

/// The number in a field, if it is there and not null.
fn number(config: &Map<String, Value>, field: &str) -> Result<Option<u64>, GenesisError> {
    match config.get(field) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => value
            .as_u64()
            .map(Some)
            .ok_or_else(|| GenesisError::Value { field: field.into(), expected: "a whole number from 0 to 2^64 - 1" }),
    }
}

fn address(config: &Map<String, Value>, field: &str) -> Result<Option<Address>, GenesisError> {
    let bad = || GenesisError::Value { field: field.into(), expected: "an address: 0x and 40 hexadecimal digits" };
    match config.get(field) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.starts_with("0x") => text.parse().map(Some).map_err(|_| bad()),
        Some(_) => Err(bad()),
    }
}

/// The blob parameters that the file has for a fork.
fn blobs(config: &Map<String, Value>, name: &str) -> Result<Option<Blobs>, GenesisError> {
    let value = config.get("blobSchedule").and_then(|schedule| schedule.get(name));
    let Some(value) = value.filter(|value| !value.is_null()) else { return Ok(None) };
    let expected = "an object with the numbers target, max and baseFeeUpdateFraction";
    Blobs::deserialize(value).map(Some).map_err(|_| GenesisError::Value { field: format!("blobSchedule.{name}"), expected })
}
