//! `tern block fetch`: a block and its witness from a node, checked and pruned.
//!
//! Nothing that the node says is believed: the block has the hash or number that was asked for,
//! headers have the hash that their child names, and the block is validated natively, before and
//! after what it does not need is left out.

mod args;
mod client;
mod error;
mod progress;

use std::path::Path;

use alloy_primitives::{B256, keccak256};
use serde_json::json;
use tern_guest_evm::error::Invalid;
use tern_guest_evm::forks::ChainConfig;
use tern_guest_evm::header::MAX_ANCESTORS;
use tern_guest_evm::json::{Info, Parts};
use tern_guest_evm::prune::{PruneError, prune};
use tern_guest_evm::rpc::{self, Quantity, RawWitness, read_block, read_header};
use tern_guest_evm::state::StateError;
use tern_guest_evm::stateless::{PayloadRequest, RequestedBlock};
use tern_guest_evm::{PublicOutput, block};

pub use args::{BlockId, NodeArgs, parse_block_id};
pub use error::FetchError;

use super::chain;
use super::error::CliError;
use super::files;
use super::report::Report;
use super::units::{counted, file_bytes, printable};
use client::{Call, Client, is_refusal};
use progress::FetchProgress;

/// Longest name of a node's program that is kept, in characters.
const CLIENT_NAME: usize = 100;

/// `tern block fetch`.
pub fn fetch(id: BlockId, node: &NodeArgs, output: &Path) -> Result<Report, CliError> {
    files::check_place(output)?;
    node.chain.as_deref().map_or(Ok(()), chain::check)?;
    let progress = FetchProgress::new();
    let client = Client::new(node, &progress);
    progress.step(&format!("asking {} for block {id}", client.place()));
    let name = client_name(&client)?;
    let chain_id: Quantity<u64> = client.call(&("eth_chainId", json!([])), rpc::read)?;
    let (config, info) = chain::of_id(node.chain.as_deref(), chain_id.0)?;
    let found = Found::block(&client, id)?;
    let fork = config.name_at(found.timestamp).ok_or(FetchError::TooOld { number: found.number })?;
    progress.step(&format!("block {}: {}", found.number, file_bytes(found.block.len() as u64)));
    let Fetched { given, pruned, output: verdict } = found.witness(&client, config, &progress)?;
    let counts = [
        ("nodes", given.nodes.len(), pruned.nodes.len()),
        ("codes", given.codes.len(), pruned.codes.len()),
        ("headers", given.headers.len(), pruned.headers.len()),
    ];
    let info =
        Info { fork_exact: Some(fork.to_string()), number: found.number, hash: Some(found.hash.to_string()), client: name.clone(), ..info };
    let json = serde_json::to_string_pretty(&pruned.into_file(info))
        .map_err(|error| CliError::Write { path: output.to_owned(), error: error.into() })?;
    files::replace(output, json.as_bytes())?;
    drop(progress);
    let mut report = Report { files: vec![output.display().to_string()], ..Report::default() };
    super::block::add_output(&mut report, &verdict.encode())?;
    report.block.insert("number".into(), json!(found.number));
    report.block.extend(name.map(|name| ("client".into(), json!(name))));
    for (part, given, kept) in counts {
        report.block.insert(format!("{part}_given"), json!(given));
        report.block.insert(format!("{part}_kept"), json!(kept));
    }
    Ok(report)
}

/// `tern block fetch --request`: the witness of a payload request's block, with the request.
pub fn fetch_input(request: &Path, node: &NodeArgs, output: &Path) -> Result<Report, CliError> {
    files::check_place(output)?;
    files::check_output(output, &[Some(request)])?;
    node.chain.as_deref().map_or(Ok(()), chain::check)?;
    let not_a_request = |error| CliError::Ssz { path: request.to_owned(), error };
    let payload = PayloadRequest::read(&files::read(request)?).map_err(not_a_request)?;
    let progress = FetchProgress::new();
    let client = Client::new(node, &progress);
    let chain_id: Quantity<u64> = client.call(&("eth_chainId", json!([])), rpc::read)?;
    let (config, _) = chain::of_id(node.chain.as_deref(), chain_id.0)?;
    let refused = |error| CliError::Request { path: request.to_owned(), error };
    let found = Found::from(payload.block(&config).map_err(refused)?);
    progress.step(&format!("asking {} for the witness of block {}", client.place(), found.number));
    let Fetched { pruned, output: verdict, .. } = found.witness(&client, config, &progress)?;
    let input = payload.stateless_input(&pruned).map_err(refused)?;
    files::replace(output, &input)?;
    drop(progress);
    let mut report = Report { files: vec![output.display().to_string()], ..Report::default() };
    super::block::add_output(&mut report, &verdict.encode())?;
    report.block.insert("request_root".into(), json!(payload.root().to_string()));
    report.block.insert("number".into(), json!(found.number));
    Ok(report)
}

/// What the node calls itself, if it says so.
fn client_name(client: &Client<'_>) -> Result<Option<String>, FetchError> {
    match client.call(&("web3_clientVersion", json!([])), rpc::read::<String>) {
        Ok(name) => Ok(Some(printable(&name).chars().take(CLIENT_NAME).collect())),
        Err(error) if is_refusal(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// A block with its witness, whole and pruned, and what validation with either gave.
struct Fetched {
    given: Parts,
    pruned: Parts,
    output: PublicOutput,
}

/// A block that a node has.
struct Found {
    /// Its RLP.
    block: Vec<u8>,
    hash: B256,
    number: u64,
    timestamp: u64,
    parent_hash: B256,
    access_list: Option<Vec<u8>>,
}

impl From<RequestedBlock> for Found {
    fn from(block: RequestedBlock) -> Self {
        let RequestedBlock { block, hash, parent_hash, number, timestamp, access_list } = block;
        Self { block, hash, number, timestamp, parent_hash, access_list }
    }
}

impl Found {
    fn block(client: &Client<'_>, id: BlockId) -> Result<Self, FetchError> {
        let by = if matches!(id, BlockId::Hash(_)) { "eth_getBlockByHash" } else { "eth_getBlockByNumber" };
        let object: Call = (by, json!([id.to_json(), true]));
        let answer = client.first("block", &[("debug_getRawBlock", json!([id.to_json()])), object], read_block);
        let block = answer.map_err(|error| no_such_block(error, id))?;
        let (header, hash) = block::read_header(&block).map_err(|error| FetchError::Answer { method: by, error: error.into() })?;
        let got = |is_asked: bool, got: String| match is_asked {
            true => Ok(()),
            false => Err(FetchError::OtherBlock { asked: format!("block {id}"), got: format!("block {got}") }),
        };
        match id {
            BlockId::Latest => {}
            BlockId::Number(number) => got(number == header.number, header.number.to_string())?,
            BlockId::Hash(asked) => got(asked == hash.0, hash.to_string())?,
        }
        Ok(Self { block, hash, number: header.number, timestamp: header.timestamp, parent_hash: header.parent_hash, access_list: None })
    }

    /// Its witness.
    ///
    /// A node is asked by number first, then by hash, as nodes know it by different names.
    fn witness(&self, client: &Client<'_>, config: ChainConfig, progress: &FetchProgress) -> Result<Fetched, FetchError> {
        let (number, hash) = (BlockId::Number(self.number).to_json(), BlockId::Hash(self.hash.0).to_json());
        let calls: [Call; 4] = [
            ("debug_executionWitness", json!([number])),
            ("debug_executionWitness", json!([hash])),
            ("debug_executionWitnessByBlockHash", json!([hash])),
            ("debug_executionWitnessByHash", json!([hash])),
        ];
        let (mut refused, mut insufficient) = (Vec::new(), Vec::new());
        for call in &calls {
            progress.step(&format!("asking for the witness: {} {}", call.0, call.1[0].as_str().unwrap_or_default()));
            let witness = match client.call(call, RawWitness::read) {
                Err(error) if is_refusal(&error) => {
                    refused.push(error);
                    continue;
                }
                witness => witness?,
            };
            let parts = Parts {
                access_list: self.access_list.clone(),
                config: config.clone(),
                block: self.block.clone(),
                headers: rpc::chain_of_ancestors(witness.headers, self.parent_hash),
                nodes: witness.nodes,
                codes: witness.codes,
            };
            progress.step(&format!(
                "validating with {} and {}",
                counted(parts.nodes.len() as u64, "trie node"),
                counted(parts.codes.len() as u64, "code")
            ));
            match self.complete(client, parts)? {
                Ok(complete) => return Ok(complete),
                Err(reason) => insufficient.push(format!("{}: {reason}", call.0)),
            }
        }
        match insufficient.is_empty() {
            true => Err(FetchError::NoAnswer { what: "witness", tried: refused }),
            false => Err(FetchError::Insufficient { number: self.number, tried: insufficient }),
        }
    }

    /// Validates with a witness, and gets the ancestors that it lacks. The inner error says what
    /// else it lacks.
    fn complete(&self, client: &Client<'_>, mut parts: Parts) -> Result<Result<Fetched, Invalid>, FetchError> {
        if parts.headers.is_empty() {
            parts.headers.push(header(client, self.parent_hash)?);
        }
        loop {
            let reason = match prune(&parts) {
                Ok((pruned, output)) => return Ok(Ok(Fetched { given: parts, pruned, output })),
                Err(PruneError::Invalid(reason)) => reason,
                Err(error) => return Err(FetchError::Prune(error)),
            };
            match reason {
                Invalid::State(StateError::MissingAncestor(number)) if parts.headers.len() < self.headers_above(number) => {
                    self.fetch_headers(client, &mut parts.headers, self.headers_above(number))?;
                }
                reason if reason.is_incomplete_witness() => return Ok(Err(reason)),
                reason => return Err(FetchError::Invalid { number: self.number, reason }),
            }
        }
    }

    /// How many headers lead down to the one that names the hash of the block with this number.
    fn headers_above(&self, number: u64) -> usize {
        let count = self.number.saturating_sub(number).saturating_sub(1);
        usize::try_from(count).map_or(MAX_ANCESTORS, |count| count.min(MAX_ANCESTORS))
    }

    /// Continues a chain of headers until it has this many.
    fn fetch_headers(&self, client: &Client<'_>, headers: &mut Vec<Vec<u8>>, count: usize) -> Result<(), FetchError> {
        while headers.len() < count {
            let oldest = headers.last().map(|raw| block::decode_header("ancestor", raw));
            let oldest = oldest.transpose().map_err(|reason| FetchError::Invalid { number: self.number, reason })?;
            headers.push(header(client, oldest.map_or(self.parent_hash, |oldest| oldest.parent_hash))?);
        }
        Ok(())
    }
}

/// The header with this hash.
fn header(client: &Client<'_>, hash: B256) -> Result<Vec<u8>, FetchError> {
    let id = BlockId::Hash(hash.0).to_json();
    let calls: [Call; 2] = [("debug_getRawHeader", json!([id])), ("eth_getBlockByHash", json!([id, false]))];
    let header = client.first("header of an ancestor", &calls, read_header)?;
    match keccak256(&header) {
        got if got == hash => Ok(header),
        got => Err(FetchError::OtherBlock { asked: format!("header {hash}"), got: format!("header {got}") }),
    }
}

/// A node that gives null for a block does not have it, whatever its other methods say.
fn no_such_block(error: FetchError, id: BlockId) -> FetchError {
    match error {
        FetchError::NoAnswer { tried, .. } if tried.iter().any(FetchError::is_null) => FetchError::NoSuchBlock(id),
        error => error,
    }
}
