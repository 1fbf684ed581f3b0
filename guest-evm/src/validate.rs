//! The whole check, in order of cost: input, header, body roots, execution, post-state.

use alloy_primitives::{B256, keccak256};

use crate::block::{self, RawBlock};
use crate::crypto;
use crate::error::Invalid;
use crate::execute::{self, Outcome};
use crate::forks::Fork;
use crate::header::{self, HeaderError};
use crate::input::Input;
use crate::output::{OUTPUT_BYTES, PublicOutput};
use crate::receipts;
use crate::salt;
use crate::state::WitnessDb;
use crate::trie;

/// The verdict about one block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What becomes public.
    pub output: PublicOutput,
    /// Why the block is not shown to be valid; `None` if it is.
    pub reason: Option<Invalid>,
}

impl Verdict {
    /// Whether the block is valid.
    pub fn is_valid(&self) -> bool {
        self.output.valid
    }

    /// The public output's bytes (see [`crate::output`]).
    pub fn public_output(&self) -> [u8; OUTPUT_BYTES] {
        self.output.encode()
    }
}

/// Validates the block in a guest input (see [`crate::input`]).
///
/// Total: bad input of any kind gives the verdict "invalid" with the reason.
pub fn validate(input: &[u8]) -> Verdict {
    validate_and_look(input, |_| ())
}

/// Validates the block in a guest input, and shows the state to `look` once everything was read from it, which may be never.
pub(crate) fn validate_and_look(input: &[u8], look: impl FnOnce(&WitnessDb<'_>)) -> Verdict {
    crypto::install();
    let mut output = PublicOutput::default();
    let reason = match check(input, &mut output, look) {
        Ok(post_state_root) => {
            output.post_state_root = post_state_root;
            output.valid = true;
            None
        }
        Err(reason) => Some(reason),
    };
    Verdict { output, reason }
}

/// Checks everything, noting in `output` what is known; returns the post-state root.
fn check(bytes: &[u8], output: &mut PublicOutput, look: impl FnOnce(&WitnessDb<'_>)) -> Result<B256, Invalid> {
    let (config, config_bytes) = Input::parse_config(bytes)?;
    output.chain_id = config.chain_id;
    output.config_hash = keccak256(config_bytes);
    let input = Input::parse(bytes)?;
    salt::install(&input.salt);

    let (block_header, hash) = block::read_header(input.block)?;
    output.block_hash = hash;
    output.parent_hash = block_header.parent_hash;
    let (parent, ancestors) = header::check_ancestors(&input.headers, block_header.parent_hash)?;
    output.pre_state_root = parent.state_root;

    let timestamp = block_header.timestamp;
    let fork = config.fork_at(timestamp).ok_or(HeaderError::UnsupportedFork(timestamp))?;
    let blob_params = config.blob_params(fork);
    header::check(&block_header, &parent, fork, &blob_params, input.block.len())?;

    let block = block::split(input.block, block_header, hash)?;
    check_body_roots(&block)?;
    let pre_state_root = &parent.state_root.0;
    let mut db = WitnessDb::new(&input.nodes, &input.codes, pre_state_root, block.header.number, ancestors);
    let outcome = execute::run(&block, &config, fork, blob_params, &mut db)?;
    check_outcome(&block, fork, &outcome)?;
    let post_state_root = db.post_state_root()?;
    look(&db);
    check_hash("state root", block.header.state_root, post_state_root)?;
    Ok(post_state_root)
}

/// The header commits to the transactions and withdrawals, and there are no ommers.
fn check_body_roots(block: &RawBlock<'_>) -> Result<(), Invalid> {
    if !block.ommers.is_empty() {
        return Err(HeaderError::ProofOfStake("ommers").into());
    }
    let transactions = trie::ordered_root(&block.transactions);
    check_hash("transactions root", block.header.transactions_root, transactions)?;
    let withdrawals = trie::ordered_root(&block.raw_withdrawals);
    let claimed = block.header.withdrawals_root.unwrap_or_default();
    check_hash("withdrawals root", claimed, withdrawals)
}

/// The header commits to what execution gave.
fn check_outcome(block: &RawBlock<'_>, fork: Fork, outcome: &Outcome) -> Result<(), Invalid> {
    let header = &block.header;
    check_number("gas used", header.gas_used, outcome.gas_used)?;
    let blob_gas_used = header.blob_gas_used.unwrap_or_default();
    check_number("blob gas used", blob_gas_used, outcome.blob_gas_used)?;
    let (receipts_root, bloom) = receipts::root_and_bloom(&outcome.receipts);
    check_hash("receipts root", header.receipts_root, receipts_root)?;
    if header.logs_bloom != bloom {
        return Err(Invalid::WrongBloom);
    }
    if fork >= Fork::Prague {
        let claimed = header.requests_hash.unwrap_or_default();
        check_hash("requests hash", claimed, outcome.requests.requests_hash())?;
    }
    Ok(())
}

fn check_number(field: &'static str, header: u64, computed: u64) -> Result<(), Invalid> {
    if header == computed { Ok(()) } else { Err(Invalid::WrongNumber { field, header, computed }) }
}

fn check_hash(field: &'static str, header: B256, computed: B256) -> Result<(), Invalid> {
    if header == computed { Ok(()) } else { Err(Invalid::WrongHash { field, header, computed }) }
}
