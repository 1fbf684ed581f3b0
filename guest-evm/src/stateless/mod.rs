//! EIP-8025's stateless validation: a payload request with its witness in SSZ, and what was found about it in SSZ.
//!
//! `spec/stateless.md` says which revision this follows and what the output means.

mod block;
#[cfg(feature = "host")]
mod build;
#[cfg(feature = "host")]
mod encode;
pub mod error;
pub mod input;
mod merkle;
pub mod output;
#[cfg(feature = "host")]
mod request;
mod root;
pub mod schema;
mod sha256;
pub mod ssz;

pub use block::block_rlp;
#[cfg(feature = "host")]
pub use build::BuildError;
pub use error::StatelessError;
pub use input::{Layout, StatelessInput};
pub use output::StatelessOutput;
#[cfg(feature = "host")]
pub use request::{PayloadRequest, RequestError, RequestedBlock};
pub use schema::Schema;
pub use ssz::SszError;

use alloy_primitives::B256;

use crate::chains;
use crate::forks::ChainConfig;
use crate::output::PublicOutput;
use crate::validate::{BlockInput, check_input};
use crate::{block::decode_header, crypto, salt};

/// What was found about a payload request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatelessVerdict {
    /// What becomes public.
    pub output: StatelessOutput,
    /// Why the payload is not shown to be valid; `None` if it is.
    pub reason: Option<StatelessError>,
}

/// Validates EIP-8025's `statelessInputBytes`: a schema id, then SSZ.
///
/// Total: bad input of any kind gives an output without success, and the reason.
pub fn validate(bytes: &[u8]) -> StatelessVerdict {
    match decode(bytes) {
        Ok((schema, input)) => {
            let request_root = input.request.root(Layout::Progressive);
            let reason = judge(schema, &input, &request_root).err();
            let output = StatelessOutput { request_root, is_valid: reason.is_none(), chain_id: input.chain_id, schema_id: schema.id() };
            StatelessVerdict { output, reason }
        }
        Err(error) => StatelessVerdict { output: StatelessOutput::default(), reason: Some(error.into()) },
    }
}

/// Reads `statelessInputBytes`.
pub fn decode(bytes: &[u8]) -> Result<(Schema, StatelessInput<'_>), SszError> {
    let (id, ssz) = bytes.split_first_chunk().ok_or(SszError::Truncated { what: "schema id", got: bytes.len() })?;
    let schema = Schema::from_id(u16::from_be_bytes(*id))?;
    Ok((schema, StatelessInput::decode(ssz, Layout::Progressive)?))
}

/// The chain and its fork come from the ids in the input.
fn judge(schema: Schema, input: &StatelessInput<'_>, request_root: &B256) -> Result<(), StatelessError> {
    let config = chains::by_id(input.chain_id).ok_or(StatelessError::UnknownChain(input.chain_id))?;
    let scheduled = Schema::at(&config, input.request.payload.timestamp);
    if scheduled != Some(schema) {
        return Err(StatelessError::OtherFork { got: schema.id(), expected: scheduled.map(Schema::id) });
    }
    check(schema, input, request_root, &config)
}

/// Validates a decoded input, whose request has this root, on the chain of `config`.
///
/// `schema` says which fields the payload's header has; [`validate`] has compared it with the configuration.
pub fn check(schema: Schema, input: &StatelessInput<'_>, request_root: &B256, config: &ChainConfig) -> Result<(), StatelessError> {
    crypto::install();
    salt::install(request_root);
    let transactions = input.request.payload.transactions.len();
    if let Some(keys) = input.public_keys.filter(|keys| keys.len() != transactions) {
        return Err(StatelessError::PublicKeyCount { keys: keys.len(), transactions });
    }
    let block = block_rlp(&input.request, schema)?;
    let headers = input.witness.headers.iter().rev().copied().collect();
    for header in &input.witness.headers {
        decode_header("witness", header).map_err(StatelessError::Block)?;
    }
    let block = BlockInput {
        block: &block,
        headers,
        nodes: &input.witness.state,
        codes: &input.witness.codes,
        access_list: schema.has_access_list().then_some(input.request.payload.block_access_list),
        public_keys: input.public_keys,
    };
    check_input(&block, config, &mut PublicOutput::default(), |_| ())?;
    Ok(())
}
