//! Statuses, and what the library says about a proof.

use std::ffi::c_int;

use tern_verifier::block::{BlockOutput, Chain, Hash, PayloadOutput, Verdict};
use tern_verifier::package::{Class, Refusal, Verified};

/// The proof is accepted.
pub const TERN_OK: c_int = 0;
/// The verifying key is not one of a program.
pub const TERN_KEY: c_int = 1;
/// The bytes are not a proof of this system.
pub const TERN_NOT_A_PROOF: c_int = 2;
/// A proof of another version, kind or parameter set, or made with other circuits.
pub const TERN_UNSUPPORTED: c_int = 3;
/// A proof that is truncated, too long, or encoded wrongly.
pub const TERN_MALFORMED: c_int = 4;
/// A proof of another program.
pub const TERN_PROGRAM: c_int = 5;
/// The program ended with another exit code.
pub const TERN_EXIT_CODE: c_int = 6;
/// A well-formed proof that does not prove what it claims.
pub const TERN_FALSE: c_int = 7;
/// A pointer that must not be null is null, a length is larger than any buffer, or a text names no
/// rules.
pub const TERN_ARGUMENT: c_int = 8;
/// A fault of the library.
pub const TERN_INTERNAL: c_int = 9;
/// A proof that holds, of a program whose output is not about a block, or not about a payload request.
pub const TERN_NOT_A_BLOCK: c_int = 10;
/// A proof that holds, of the verdict that the block or payload was not shown to be valid.
pub const TERN_INVALID_BLOCK: c_int = 11;
/// A proof that holds, about a block under other rules, or a payload of another chain or schema.
pub const TERN_OTHER_RULES: c_int = 12;
/// A proof that holds, about another block or payload request.
pub const TERN_OTHER_BLOCK: c_int = 13;
/// The proof holds, about a block that is executed on another state.
pub const TERN_OTHER_STATE: c_int = 14;

/// The outcome of a verification. C sees an opaque pointer: only the functions below read it.
pub struct Outcome {
    pub(crate) status: c_int,
    /// Empty when the proof is accepted; ends with a zero byte.
    pub(crate) reason: Vec<u8>,
    /// Present when the proof is accepted.
    pub(crate) verified: Option<Verified>,
    /// Present when the proof is accepted as one about a block.
    pub(crate) block: Option<Block>,
    /// Present when the proof is accepted as one about a payload request.
    pub(crate) payload: Option<Payload>,
}

/// What is proved about a block: `tern_block` of the header.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// EIP-155 chain id.
    pub chain_id: u64,
    /// The verdict: 1, as a proof of the other one is not accepted.
    pub valid: u32,
    /// Name of the known chain with this configuration, ended by zeros; empty if there is none.
    pub chain: [u8; CHAIN_BYTES],
    /// Keccak-256 of the chain configuration.
    pub chain_config: Hash,
    /// Hash of the block.
    pub block_hash: Hash,
    /// Hash of its parent.
    pub parent_hash: Hash,
    /// State root before the block.
    pub pre_state_root: Hash,
    /// State root after the block.
    pub post_state_root: Hash,
    /// Gas used by the block.
    pub gas_used: u64,
}

/// What is proved about a payload request: `tern_payload` of the header.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Payload {
    /// EIP-155 chain id.
    pub chain_id: u64,
    /// The verdict: 1, as a proof of the other one is not accepted.
    pub valid: u32,
    /// The input's schema; its high byte is the number of the fork whose rules held.
    pub schema_id: u32,
    /// Name of the known chain with this id, ended by zeros; empty if there is none.
    pub chain: [u8; CHAIN_BYTES],
    /// SSZ hash tree root of the request.
    pub request_root: Hash,
}

/// Room for a chain's name and at least one zero byte.
pub const CHAIN_BYTES: usize = 20;

impl Outcome {
    pub(crate) fn new(result: Result<Verified, Refusal>) -> Self {
        match result {
            Ok(verified) => Self { verified: Some(verified), ..Self::failed(TERN_OK, "") },
            Err(refusal) => Self::failed(status(refusal.class), &refusal.reason),
        }
    }

    pub(crate) fn about_block(result: Result<(Verified, BlockOutput), Refusal>) -> Self {
        match result {
            Ok((verified, block)) => Self { block: Some(Block::new(&block)), ..Self::new(Ok(verified)) },
            Err(refusal) => Self::new(Err(refusal)),
        }
    }

    pub(crate) fn about_payload(result: Result<(Verified, PayloadOutput), Refusal>) -> Self {
        match result {
            Ok((verified, payload)) => Self { payload: Some(Payload::new(&payload)), ..Self::new(Ok(verified)) },
            Err(refusal) => Self::new(Err(refusal)),
        }
    }

    pub(crate) fn failed(status: c_int, reason: &str) -> Self {
        let reason = reason.bytes().filter(|byte| *byte != 0).chain([0]).collect();
        Self { status, reason, verified: None, block: None, payload: None }
    }
}

impl Block {
    fn new(block: &BlockOutput) -> Self {
        let chain = chain_name(block.chain());
        let BlockOutput { chain_id, chain_config, block_hash, parent_hash, pre_state_root, post_state_root, gas_used, .. } = *block;
        let valid = block.is_valid().into();
        Self { chain_id, valid, chain, chain_config, block_hash, parent_hash, pre_state_root, post_state_root, gas_used }
    }
}

impl Payload {
    fn new(payload: &PayloadOutput) -> Self {
        let PayloadOutput { request_root, chain_id, schema_id, .. } = *payload;
        let valid = (payload.verdict == Verdict::Valid).into();
        Self { chain_id, valid, schema_id: schema_id.into(), chain: chain_name(payload.chain()), request_root }
    }
}

/// The name of a known chain, ended by zeros.
fn chain_name(chain: Option<Chain>) -> [u8; CHAIN_BYTES] {
    let mut bytes = [0; CHAIN_BYTES];
    let name = chain.map_or("", Chain::name);
    // At least one zero byte is left.
    bytes.iter_mut().take(CHAIN_BYTES - 1).zip(name.bytes()).for_each(|(place, byte)| *place = byte);
    bytes
}

const fn status(class: Class) -> c_int {
    match class {
        Class::Key => TERN_KEY,
        Class::NotAProof => TERN_NOT_A_PROOF,
        Class::Unsupported => TERN_UNSUPPORTED,
        Class::Malformed => TERN_MALFORMED,
        Class::Program => TERN_PROGRAM,
        Class::ExitCode => TERN_EXIT_CODE,
        Class::False => TERN_FALSE,
        Class::NotABlock => TERN_NOT_A_BLOCK,
        Class::InvalidBlock => TERN_INVALID_BLOCK,
        Class::OtherRules => TERN_OTHER_RULES,
        Class::OtherBlock => TERN_OTHER_BLOCK,
        Class::OtherState => TERN_OTHER_STATE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A run that wrote this is accepted as one about a payload request, and C reads these fields.
    #[test]
    fn an_accepted_payload_is_told_field_by_field() {
        let payload = PayloadOutput { request_root: [7; 32], verdict: Verdict::Valid, chain_id: 560_048, schema_id: 0x1501 };
        let verified = Verified { kind: 2, output: vec![1; 43], exit_code: 0, segments: 0, key_digest: [9; 32] };
        let outcome = Outcome::about_payload(Ok((verified, payload)));
        let told = outcome.payload.expect("a payload");
        assert_eq!((outcome.status, outcome.block, &outcome.reason[..]), (TERN_OK, None, &[0][..]));
        assert_eq!((told.chain_id, told.valid, told.schema_id, told.request_root), (560_048, 1, 0x1501, [7; 32]));
        assert_eq!(&told.chain[..6], b"hoodi\0");
    }

    #[test]
    fn a_refused_payload_has_status_and_reason_alone() {
        let refusal = Refusal { class: Class::OtherRules, reason: "of chain 5".into() };
        let outcome = Outcome::about_payload(Err(refusal));
        assert_eq!((outcome.status, &outcome.reason[..]), (TERN_OTHER_RULES, &b"of chain 5\0"[..]));
        assert!(outcome.payload.is_none() && outcome.verified.is_none());
    }
}
