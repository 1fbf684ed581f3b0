//! Block files: JSON to guest input.
//!
//! Two shapes, told apart by their keys (see the data's README): a block file with `info`, `block` and
//! `witness`, and a fixture with `fork` and `chainId`. Every error says where it lies.

use std::cmp::Reverse;
use std::string::{String, ToString};
use std::vec::Vec;

use alloy_consensus::Header;
use alloy_primitives::{B256, keccak256};
use alloy_rlp::Decodable;
use serde::{Deserialize, Serialize};

use crate::chains;
use crate::forks::{ChainConfig, ForkName};
use crate::input::Input;
use crate::salt::{self, Salt};

/// Why a file is not a block file.
#[derive(Debug, thiserror::Error)]
pub enum JsonError {
    /// Not JSON, cut short, or not of the expected shape.
    #[error("not a block file: {0}")]
    Json(#[from] serde_json::Error),
    /// A field is missing.
    #[error("missing field {0}")]
    Missing(&'static str),
    /// A string is not 0x-prefixed hex of whole bytes.
    #[error("{at}: bad hex: {error}")]
    Hex {
        /// The field.
        at: String,
        /// What is wrong.
        error: String,
    },
    /// A header does not decode.
    #[error("{at}: bad header RLP: {error}")]
    HeaderRlp {
        /// The field.
        at: String,
        /// What is wrong.
        error: alloy_rlp::Error,
    },
    /// The chain id has no known configuration.
    #[error("info.chainId: no configuration for chain {0}")]
    UnknownChain(u64),
    /// The block is of another chain than the one whose configuration is given.
    #[error("the block is of the chain with id {block}, the given configuration of the one with id {given}")]
    OtherChain {
        /// Chain id in the file.
        block: u64,
        /// Chain id of the configuration.
        given: u64,
    },
    /// The fork's name is unknown.
    #[error("{at}: unknown fork {name:?}")]
    UnknownFork {
        /// The field.
        at: &'static str,
        /// The name that it holds.
        name: String,
    },
    /// The named fork is not the one that the chain's schedule gives for the block's time.
    #[error("info.forkExact is {named}, but the chain's schedule gives {scheduled} at the block's time")]
    ForkMismatch {
        /// The name in the file.
        named: String,
        /// The fork of the schedule.
        scheduled: ForkName,
    },
}

/// A block file or a fixture.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BlockFile {
    /// Facts about a block file's block.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub info: Option<Info>,
    /// A fixture's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// A fixture's fork, active from genesis.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fork: Option<String>,
    /// A fixture's chain id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chain_id: Option<u64>,
    /// A fixture's expected verdict, `accept` or `reject`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expect: Option<String>,
    /// A fixture's reason for `reject`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exception: Option<String>,
    /// RLP of the full block, hex.
    pub block: String,
    /// RLP of the block access list (EIP-7928), hex: it is no part of the block.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub block_access_list: Option<String>,
    /// The execution witness.
    pub witness: Witness,
}

/// Facts about a block file's block.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Info {
    /// EIP-155 chain id.
    pub chain_id: u64,
    /// The chain's name; `synthetic` for a chain whose fork is active from genesis.
    #[serde(default)]
    pub chain: String,
    /// The exact fork, blob-parameter changes included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fork_exact: Option<String>,
    /// Number of the block.
    #[serde(default)]
    pub number: u64,
    /// Hash of the block.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
    /// The expected verdict, `accept` or `reject`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expect: Option<String>,
    /// What the node that the block comes from calls itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
}

/// An execution witness, all hex.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Witness {
    /// Trie nodes, in any order.
    pub state: Vec<String>,
    /// Contract codes.
    pub codes: Vec<String>,
    /// Preimages of trie keys; not used.
    #[serde(default)]
    pub keys: Vec<String>,
    /// RLP headers: the parent and its ancestors, in any order.
    pub headers: Vec<String>,
}

/// What a block file holds, ready to encode.
#[derive(Clone, Debug)]
pub struct Parts {
    /// The chain's configuration.
    pub config: ChainConfig,
    /// RLP of the full block.
    pub block: Vec<u8>,
    /// RLP headers, the parent first.
    pub headers: Vec<Vec<u8>>,
    /// Trie nodes.
    pub nodes: Vec<Vec<u8>>,
    /// Contract codes.
    pub codes: Vec<Vec<u8>>,
    /// RLP of the block access list, if the file has it.
    pub access_list: Option<Vec<u8>>,
}

impl BlockFile {
    /// Parses one block file or fixture.
    pub fn parse(json: &[u8]) -> Result<Self, JsonError> {
        Ok(serde_json::from_slice(json)?)
    }

    /// Parses a list of fixtures.
    pub fn parse_list(json: &[u8]) -> Result<Vec<Self>, JsonError> {
        Ok(serde_json::from_slice(json)?)
    }

    /// Decodes the hex, orders the headers and chooses the configuration.
    pub fn parts(&self) -> Result<Parts, JsonError> {
        self.parts_with(|block| self.config(block))
    }

    /// Decodes the hex and orders the headers, under this configuration whatever the file says about its chain's forks.
    pub fn parts_on(&self, config: &ChainConfig) -> Result<Parts, JsonError> {
        let given = config.chain_id;
        match self.info.as_ref().map(|info| info.chain_id).or(self.chain_id) {
            Some(block) if block != given => Err(JsonError::OtherChain { block, given }),
            _ => self.parts_with(|_| Ok(config.clone())),
        }
    }

    fn parts_with(&self, config: impl Fn(&[u8]) -> Result<ChainConfig, JsonError>) -> Result<Parts, JsonError> {
        let block = decode_hex("block", &self.block)?;
        let mut headers = decode_list("witness.headers", &self.witness.headers)?;
        sort_headers(&mut headers)?;
        Ok(Parts {
            config: config(&block)?,
            block,
            headers,
            nodes: decode_list("witness.state", &self.witness.state)?,
            codes: decode_list("witness.codes", &self.witness.codes)?,
            access_list: self.block_access_list.as_deref().map(|list| decode_hex("blockAccessList", list)).transpose()?,
        })
    }

    /// The guest input's bytes, with a salt drawn at random: two calls give different inputs of the same output.
    pub fn guest_input(&self) -> Result<Vec<u8>, JsonError> {
        self.salted_guest_input(&salt::random())
    }

    /// The guest input's bytes with this salt.
    pub fn salted_guest_input(&self, salt: &Salt) -> Result<Vec<u8>, JsonError> {
        Ok(self.parts()?.encode(salt))
    }

    fn config(&self, block: &[u8]) -> Result<ChainConfig, JsonError> {
        let Some(info) = &self.info else {
            let name = self.fork.as_deref().ok_or(JsonError::Missing("info or fork"))?;
            let chain_id = self.chain_id.ok_or(JsonError::Missing("chainId"))?;
            return from_genesis(chain_id, "fork", name);
        };
        if info.chain == chains::SYNTHETIC {
            let name = info.fork_exact.as_deref().ok_or(JsonError::Missing("info.forkExact"))?;
            return from_genesis(info.chain_id, "info.forkExact", name);
        }
        let config = chains::by_id(info.chain_id).ok_or(JsonError::UnknownChain(info.chain_id))?;
        let Some(named) = &info.fork_exact else { return Ok(config) };
        if config.names().all(|name| name.to_string() != *named) {
            return Err(JsonError::UnknownFork { at: "info.forkExact", name: named.clone() });
        }
        // A block whose header does not decode still gets its verdict from the validator.
        let scheduled = crate::block::read_header(block).ok().and_then(|(header, _)| config.name_at(header.timestamp));
        match scheduled {
            Some(scheduled) if scheduled.to_string() != *named => Err(JsonError::ForkMismatch { named: named.clone(), scheduled }),
            _ => Ok(config),
        }
    }
}

impl Parts {
    /// The guest input's bytes with this salt.
    pub fn encode(&self, salt: &Salt) -> Vec<u8> {
        Input {
            salt: *salt,
            config: self.config.clone(),
            config_bytes: &[],
            block: &self.block,
            headers: borrow(&self.headers),
            nodes: borrow(&self.nodes),
            codes: borrow(&self.codes),
            access_list: self.access_list.as_deref(),
        }
        .encode()
    }

    /// The block file of a block.
    pub fn into_file(self, info: Info) -> BlockFile {
        let encode = |list: &[Vec<u8>]| list.iter().map(encode_hex).collect();
        BlockFile {
            info: Some(info),
            block: encode_hex(&self.block),
            block_access_list: self.access_list.as_ref().map(encode_hex),
            witness: Witness { state: encode(&self.nodes), codes: encode(&self.codes), keys: Vec::new(), headers: encode(&self.headers) },
            ..BlockFile::default()
        }
    }
}

/// `0x` and two digits for each byte.
pub(crate) fn encode_hex(bytes: impl AsRef<[u8]>) -> String {
    std::format!("0x{}", hex::encode(bytes))
}

/// Slices of the items.
pub(crate) fn borrow(list: &[Vec<u8>]) -> Vec<&[u8]> {
    list.iter().map(Vec::as_slice).collect()
}

fn from_genesis(chain_id: u64, at: &'static str, name: &str) -> Result<ChainConfig, JsonError> {
    chains::from_genesis(chain_id, name).ok_or_else(|| JsonError::UnknownFork { at, name: name.into() })
}

fn decode_hex(at: &str, text: &str) -> Result<Vec<u8>, JsonError> {
    let bad = |error: String| JsonError::Hex { at: at.into(), error };
    let digits = text.strip_prefix("0x").ok_or_else(|| bad("no 0x prefix".into()))?;
    hex::decode(digits).map_err(|error| bad(std::format!("{error}")))
}

fn decode_list(at: &str, list: &[String]) -> Result<Vec<Vec<u8>>, JsonError> {
    let decode = |(index, text): (usize, &String)| decode_hex(&std::format!("{at}[{index}]"), text);
    list.iter().enumerate().map(decode).collect()
}

/// Newest first, each once, as the guest expects them.
fn sort_headers(headers: &mut Vec<Vec<u8>>) -> Result<(), JsonError> {
    let mut numbered: Vec<(u64, B256, Vec<u8>)> = Vec::with_capacity(headers.len());
    for (index, raw) in headers.drain(..).enumerate() {
        let header = Header::decode(&mut raw.as_slice())
            .map_err(|error| JsonError::HeaderRlp { at: std::format!("witness.headers[{index}]"), error })?;
        numbered.push((header.number, keccak256(&raw), raw));
    }
    numbered.sort_by_key(|(number, hash, _)| Reverse((*number, *hash)));
    numbered.dedup_by(|a, b| a.1 == b.1);
    headers.extend(numbered.into_iter().map(|(_, _, raw)| raw));
    Ok(())
}
