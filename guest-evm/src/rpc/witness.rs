//! Execution witnesses.

use std::collections::HashMap;
use std::vec::Vec;

use alloy_primitives::{B256, keccak256};
use serde::Deserialize;

use super::block::Form;
use super::fields::{HexBytes, List};
use super::{AnswerError, read};
use crate::block::read_header;
use crate::forks::ChainConfig;
use crate::header::MAX_ANCESTORS;
use crate::json::Parts;
use crate::rlp;

/// A witness as a node gave it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RawWitness {
    /// Trie nodes, in any order.
    pub nodes: Vec<Vec<u8>>,
    /// Contract codes, in any order.
    pub codes: Vec<Vec<u8>>,
    /// RLP headers, in any order; possibly none.
    pub headers: Vec<Vec<u8>>,
}

#[derive(Deserialize)]
struct JsonWitness {
    state: List<HexBytes>,
    codes: List<HexBytes>,
    #[serde(default)]
    headers: List<Form>,
}

impl RawWitness {
    /// Reads an answer of `debug_executionWitness`.
    pub fn read(answer: &[u8]) -> Result<Self, AnswerError> {
        let witness: JsonWitness = read(answer)?;
        let bytes = |list: List<HexBytes>| list.0.into_iter().map(|bytes| bytes.0).collect();
        Ok(Self {
            nodes: bytes(witness.state),
            codes: bytes(witness.codes),
            headers: witness.headers.0.into_iter().map(Form::header).collect::<Result<_, _>>()?,
        })
    }

    /// The witness with its block. Of the headers, the block's ancestors are taken, as far as they follow each other.
    pub fn parts(self, config: ChainConfig, block: Vec<u8>) -> Result<Parts, AnswerError> {
        let (header, _) = read_header(&block)?;
        let headers = chain_of_ancestors(self.headers, header.parent_hash);
        Ok(Parts { config, block, headers, nodes: self.nodes, codes: self.codes, access_list: None })
    }
}

/// The longest chain of headers, newest first, that ends in `parent_hash`; no longer than the validator takes.
pub fn chain_of_ancestors(headers: Vec<Vec<u8>>, parent_hash: B256) -> Vec<Vec<u8>> {
    let mut by_hash: HashMap<B256, Vec<u8>> = headers.into_iter().map(|raw| (keccak256(&raw), raw)).collect();
    let mut chain = Vec::new();
    let mut expected = parent_hash;
    while chain.len() < MAX_ANCESTORS
        && let Some(raw) = by_hash.remove(&expected)
    {
        // The first field of a header is its parent's hash.
        let parent = rlp::whole_list(&raw).and_then(|mut fields| rlp::next_hash(&mut fields).copied());
        let Ok(parent) = parent else { break };
        expected = B256::new(parent);
        chain.push(raw);
    }
    chain
}
