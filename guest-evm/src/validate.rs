//! The whole check, in order of cost: input, header, body roots, execution, post-state.

use alloc::vec::Vec;

use alloy_consensus::Header;
use alloy_eips::eip7685::Requests;
use alloy_primitives::{B256, keccak256};

use crate::access_list;
use crate::block::{self, RawBlock};
use crate::crypto::{self, PublicKey};
use crate::error::Invalid;
use crate::execute::{self, Outcome, Rules};
use crate::forks::{ChainConfig, Fork};
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
        Ok(Checked { post_state_root, gas_used, .. }) => {
            output.post_state_root = post_state_root;
            output.gas_used = gas_used;
            output.valid = true;
            None
        }
        Err(reason) => Some(reason),
    };
    Verdict { output, reason }
}

/// Checks everything, noting in `output` what is known.
fn check(bytes: &[u8], output: &mut PublicOutput, look: impl FnOnce(&WitnessDb<'_>)) -> Result<Checked, Invalid> {
    let (config, config_bytes) = Input::parse_config(bytes)?;
    output.chain_id = config.chain_id;
    output.config_hash = keccak256(config_bytes);
    let input = Input::parse(bytes)?;
    salt::install(&input.salt);
    let block = BlockInput {
        block: input.block,
        headers: input.headers,
        nodes: &input.nodes,
        codes: &input.codes,
        access_list: input.access_list,
        public_keys: None,
    };
    check_input(&block, &config, output, look)
}

/// A block, and what its validation reads.
#[derive(Debug)]
pub(crate) struct BlockInput<'a> {
    /// RLP of the full block.
    pub block: &'a [u8],
    /// RLP headers: the parent first, then its parent, and so on.
    pub headers: Vec<&'a [u8]>,
    /// State and storage trie nodes, in any order.
    pub nodes: &'a [&'a [u8]],
    /// Contract codes, in any order.
    pub codes: &'a [&'a [u8]],
    /// RLP of the block access list (EIP-7928), if it comes beside the block.
    pub access_list: Option<&'a [u8]>,
    /// The transactions' signers; without them, they are recovered.
    pub public_keys: Option<&'a [PublicKey]>,
}

/// Checks a block under `config`, noting in `output` what is known; shows the state to `look` once everything was read from it.
pub(crate) fn check_input(
    input: &BlockInput<'_>,
    config: &ChainConfig,
    output: &mut PublicOutput,
    look: impl FnOnce(&WitnessDb<'_>),
) -> Result<Checked, Invalid> {
    let (block_header, hash) = block::read_header(input.block)?;
    output.block_hash = hash;
    output.parent_hash = block_header.parent_hash;
    let (parent, ancestors) = header::check_ancestors(&input.headers, block_header.parent_hash)?;
    output.pre_state_root = parent.state_root;

    let rules = Rules::new(config, &block_header)?;
    let block = block::split(input.block, block_header, hash, rules.fork.fork)?;
    let witness = Witness {
        parent: &parent,
        ancestors,
        nodes: input.nodes,
        codes: input.codes,
        access_list: input.access_list,
        public_keys: input.public_keys,
    };
    check_block(&block, input.block.len(), &rules, witness, look)
}

/// What a block is judged with, beside the rules.
#[derive(Clone, Debug)]
pub struct Witness<'a> {
    /// The parent's header.
    pub parent: &'a Header,
    /// Hashes of the ancestors, the parent's first, as [`header::check_ancestors`] gives them.
    pub ancestors: Vec<B256>,
    /// State and storage trie nodes, in any order.
    pub nodes: &'a [&'a [u8]],
    /// Contract codes, in any order.
    pub codes: &'a [&'a [u8]],
    /// RLP of the block access list (EIP-7928), if it comes beside the block.
    pub access_list: Option<&'a [u8]>,
    /// The transactions' signers; without them, they are recovered.
    pub public_keys: Option<&'a [PublicKey]>,
}

/// What a valid block leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// State root after the block.
    pub post_state_root: B256,
    /// Gas that it uses.
    pub gas_used: u64,
    /// Its requests to the consensus layer.
    pub requests: Requests,
}

/// Checks that `block`, whose RLP has `size` bytes, is valid after its parent, and shows the state to `look` once everything was read from it.
///
/// What is left to the caller: that the header's hash is the block's, that the parent is the one that it names, and that `rules`
/// are those of the block's time.
///
/// # Errors
///
/// The rule that the block breaks, or what the witness lacks.
pub fn check_block(
    block: &RawBlock<'_>,
    size: usize,
    rules: &Rules<'_>,
    witness: Witness<'_>,
    look: impl FnOnce(&WitnessDb<'_>),
) -> Result<Checked, Invalid> {
    let Witness { parent, ancestors, nodes, codes, access_list, public_keys } = witness;
    let fork = rules.fork;
    header::check(&block.header, parent, fork.fork, &fork.blob_params(), size)?;
    check_body_roots(block)?;
    let mut db = WitnessDb::new(nodes, codes, &parent.state_root.0, block.header.number, ancestors);
    let outcome = execute::run(block, rules, public_keys, &mut db)?;
    check_outcome(block, fork.fork, &outcome)?;
    match (db.access_list(), block.header.block_access_list_hash) {
        (Some(computed), Some(hash)) => access_list::check(&computed, hash, block.header.gas_limit, access_list)?,
        _ if access_list.is_some() => return Err(HeaderError::Unexpected("block access list").into()),
        _ => {}
    }
    let post_state_root = db.post_state_root()?;
    look(&db);
    check_hash("state root", block.header.state_root, post_state_root)?;
    Ok(Checked { post_state_root, gas_used: outcome.gas_used, requests: outcome.requests })
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
