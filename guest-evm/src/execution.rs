//! EXECUTE: what a block makes of a state.
//!
//! One semantics, natively by [`execute_block`] and by proof in the verifier (`ExpectedBlock::on_state`, `tern_verify_execution` in C): given the root of a state, a block and the
//! configuration of its chain, the root of the state after the block and the gas that it uses. This is the part of EIP-8079 that is settled. What it asks of a
//! rollup's blocks beyond (no blobs, withdrawals or requests, a first transaction that anchors) is the rollup's to check in the block, whose hash it has.

use alloy_primitives::B256;

use crate::error::Invalid;
use crate::json::Parts;
use crate::salt;
use crate::validate::validate;

/// What executing a block gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Executed {
    /// Keccak-256 of the configuration under which it was executed.
    pub config_hash: B256,
    /// Hash of the block.
    pub block_hash: B256,
    /// Root of the state after it.
    pub post_state_root: B256,
    /// Gas that it uses.
    pub gas_used: u64,
}

/// Why a block is not executed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExecutionError {
    /// It follows on another state.
    #[error("the block is executed on the state {got}, not {expected}")]
    OtherState {
        /// The root given.
        expected: B256,
        /// The root in its parent's header.
        got: B256,
    },
    /// It is not valid, or the witness does not show it to be.
    #[error(transparent)]
    Invalid(#[from] Invalid),
}

/// Executes the block in `parts`, which hold its chain's configuration and its witness, on the state with this root.
///
/// # Errors
///
/// If the block is not valid, or its parent's state is another one.
pub fn execute_block(pre_state_root: B256, parts: &Parts) -> Result<Executed, ExecutionError> {
    let verdict = validate(&parts.encode(&salt::random()));
    if let Some(reason) = verdict.reason {
        return Err(reason.into());
    }
    let output = verdict.output;
    if output.pre_state_root != pre_state_root {
        return Err(ExecutionError::OtherState { expected: pre_state_root, got: output.pre_state_root });
    }
    let (config_hash, block_hash) = (output.config_hash, output.block_hash);
    Ok(Executed { config_hash, block_hash, post_state_root: output.post_state_root, gas_used: output.gas_used })
}
