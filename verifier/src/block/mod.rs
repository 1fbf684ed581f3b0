//! Proofs about Ethereum blocks: [`verify_block`] takes a proof and what is expected of the block,
//! and returns what is proved about it.
//!
//! ```
//! use tern_verifier::VerifyingKey;
//! use tern_verifier::block::{BlockRejection, Chain, ExpectedBlock, parse_hash, verify_block};
//!
//! # let read = |name| std::fs::read(format!("{}/tests/vectors/{name}", env!("CARGO_MANIFEST_DIR")));
//! # let (proof, key_file) = (read("block-mainnet.final")?, read("block.vkey")?);
//! // `key_file` is the block guest's key, which comes with the guest; `proof` comes from anyone.
//! let key = VerifyingKey::from_file(&key_file)?;
//! // The block that the caller asks about, from a source that he trusts.
//! let hash = parse_hash("0xc19ed13283a0ccd0015cf8baf764f89b7e4ce60c452913f666b2381d4d6f3198").ok_or("not a hash")?;
//!
//! let block = verify_block(&proof, &key, &ExpectedBlock::valid(Chain::Mainnet).with_hash(hash))?;
//! assert_eq!(block.block_hash, hash);
//! println!("state root after the block: {:02x?}", block.post_state_root);
//!
//! // Under the rules of another chain it is no valid block.
//! let rejection = verify_block(&proof, &key, &ExpectedBlock::valid(Chain::Sepolia)).unwrap_err();
//! assert!(matches!(rejection, BlockRejection::OtherRules { .. }));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A proof says that the block with this hash is valid after its parent, under these rules. It does
//! not say that the block is part of the chain: for this its hash is compared with one that the
//! caller trusts.
//!
//! A run of the same guest on an input of EIP-8025 says something else, about a payload request:
//! [`verify_payload`].

mod chain;
mod output;
mod payload;
mod rules;

pub use chain::Chain;
pub use output::{BlockOutput, OUTPUT_BYTES, OUTPUT_VERSION, OutputError, Verdict};
pub use payload::{ExpectedPayload, PAYLOAD_OUTPUT_BYTES, PayloadOutput, PayloadOutputError, PayloadRejection, verify_payload};
pub use rules::{Rules, UnknownRules};

use core::fmt;

use thiserror::Error;

use crate::key::VerifyingKey;
use crate::proof;
use crate::segments::{Expected, Rejection};

/// A hash of 32 bytes.
pub type Hash = [u8; 32];

/// What the caller expects of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExpectedBlock {
    /// The rules under which it is judged.
    pub rules: Rules,
    /// Its hash; none if any block will do.
    pub block_hash: Option<Hash>,
    /// Root of the state that it is executed on; none if any will do.
    pub pre_state_root: Option<Hash>,
    /// The verdict.
    pub verdict: Verdict,
}

/// Why a proof is not one of what the caller expects of a block.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BlockRejection {
    /// The proof is rejected.
    #[error(transparent)]
    Proof(#[from] Rejection),
    /// The proof holds, and the program's output is not one about a block: the key is not that of
    /// the block guest.
    #[error("the proof holds, but its output is not that of the block guest: {0}")]
    NotABlock(#[from] OutputError),
    /// The proof holds, and proves the other verdict.
    #[error("the proof holds, but its verdict about block {} is \"{got}\", not \"{expected}\"{}", Hex(block_hash), meaning(got))]
    OtherVerdict {
        /// The verdict that the caller expects.
        expected: Verdict,
        /// The verdict that is proved.
        got: Verdict,
        /// The block that it is about; zero if the input had none.
        block_hash: Hash,
    },
    /// The proof holds, under other rules.
    #[error("the proof holds, but under the rules of {}, not of {expected}", Found(*chain_id, got))]
    OtherRules {
        /// The rules that the caller accepts.
        expected: Rules,
        /// Hash of the configuration under which the block was judged.
        got: Hash,
        /// The chain id in that configuration.
        chain_id: u64,
    },
    /// The proof holds, about another block.
    #[error("the proof holds, but is about block {}, not {}", Hex(got), Hex(expected))]
    OtherBlock {
        /// Hash of the block that the caller asks about.
        expected: Hash,
        /// Hash of the block that the proof is about.
        got: Hash,
    },
    /// The proof holds, and the block is executed on another state.
    #[error("the proof holds, but executes the block on the state {}, not {}", Hex(got), Hex(expected))]
    OtherState {
        /// Root of the state that the caller asks about.
        expected: Hash,
        /// Root of the state before the block.
        got: Hash,
    },
}

/// Checks that `proof` proves what is `expected` of a block by a run of the block guest, whose key
/// is `key`, and returns all that is proved.
///
/// # Errors
///
/// A [`BlockRejection`], for any bytes that do not prove it, in time and memory bounded as those of
/// [`verify`](crate::verify).
pub fn verify_block(proof: &[u8], key: &VerifyingKey, expected: &ExpectedBlock) -> Result<BlockOutput, BlockRejection> {
    let proved = proof::verify(proof, key, &Expected { exit_code: 0 })?;
    expected.check(&proved.bytes)
}

/// The hash in 64 hexadecimal digits, with `0x` before them or without; none for any other text.
#[must_use]
pub fn parse_hash(text: &str) -> Option<Hash> {
    let digits = text.strip_prefix("0x").unwrap_or(text).as_bytes();
    let (pairs, []) = digits.as_chunks::<2>() else { return None };
    let mut hash = Hash::default();
    if pairs.len() != hash.len() || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    for (byte, pair) in hash.iter_mut().zip(pairs) {
        *byte = u8::from_str_radix(core::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(hash)
}

impl ExpectedBlock {
    /// A valid block under these rules, which may be a [`Chain`].
    #[must_use]
    pub fn valid(rules: impl Into<Rules>) -> Self {
        Self { rules: rules.into(), block_hash: None, pre_state_root: None, verdict: Verdict::Valid }
    }

    /// With this hash.
    #[must_use]
    pub const fn with_hash(self, hash: Hash) -> Self {
        Self { block_hash: Some(hash), ..self }
    }

    /// Executed on the state with this root.
    #[must_use]
    pub const fn on_state(self, pre_state_root: Hash) -> Self {
        Self { pre_state_root: Some(pre_state_root), ..self }
    }

    /// Checks an output that a proof of the block guest proves. [`verify_block`] does it.
    ///
    /// # Errors
    ///
    /// If it is not what is expected.
    pub fn check(&self, output: &[u8]) -> Result<BlockOutput, BlockRejection> {
        let block = BlockOutput::decode(output)?;
        // First, as the other fields may be zero if the verdict is "invalid".
        if block.verdict != self.verdict {
            return Err(BlockRejection::OtherVerdict { expected: self.verdict, got: block.verdict, block_hash: block.block_hash });
        }
        if !self.rules.allow(&block) {
            return Err(BlockRejection::OtherRules { expected: self.rules, got: block.chain_config, chain_id: block.chain_id });
        }
        if let Some(expected) = self.block_hash.filter(|expected| *expected != block.block_hash) {
            return Err(BlockRejection::OtherBlock { expected, got: block.block_hash });
        }
        if let Some(expected) = self.pre_state_root.filter(|expected| *expected != block.pre_state_root) {
            return Err(BlockRejection::OtherState { expected, got: block.pre_state_root });
        }
        Ok(block)
    }
}

/// What a verdict that was not expected means.
const fn meaning(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Invalid => ": the input of that run does not show the block to be valid",
        Verdict::Valid => "",
    }
}

/// Bytes as people write hashes.
struct Hex<'a>(&'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("0x")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// A configuration in words: its chain's name, or its chain id and hash.
struct Found<'a>(u64, &'a Hash);

impl fmt::Display for Found<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(chain_id, hash) = self;
        match Chain::ALL.into_iter().find(|chain| chain.id() == *chain_id && chain.config_hash() == *hash) {
            Some(chain) => chain.fmt(f),
            None => write!(f, "the chain configuration {} with chain id {chain_id}, which no known chain has", Hex(*hash)),
        }
    }
}
