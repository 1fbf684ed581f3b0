//! What the packages around this crate share (WebAssembly, C, Python): a key file and a proof as
//! bytes, rejections by class, the security of what is accepted.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::block::{
    BlockOutput, BlockRejection, ExpectedBlock, ExpectedPayload, PAYLOAD_OUTPUT_BYTES, PayloadOutput, PayloadRejection, Rules,
};
use crate::final_proof::KIND_FINAL;
use crate::key::VerifyingKey;
use crate::security::{Layer, layers};
use crate::segments::{self, Expected, KIND_SEGMENTS, Rejection};

/// Version of this crate and of the packages around it.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Version of the proof format that they read.
pub const PROOF_VERSION: u8 = segments::VERSION;

/// What an accepted proof shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Kind of proof, as in its header.
    pub kind: u8,
    /// Everything that the program wrote.
    pub output: Vec<u8>,
    /// Exit code.
    pub exit_code: u32,
    /// Number of segment proofs in it; 0 for a final proof, which does not tell.
    pub segments: u32,
    /// Digest of the program's key.
    pub key_digest: [u8; 32],
}

/// Why a proof is not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What a caller can tell apart without reading the reason.
    pub class: Class,
    /// For people: what was expected and what was found.
    pub reason: String,
}

/// The classes of rejections. Their numbers are part of the packages' interfaces: they never
/// change. 8 and 9 are faults of the caller and of the package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Class {
    /// The verifying key is not one of a program.
    Key = 1,
    /// The bytes are not a proof of this system.
    NotAProof = 2,
    /// A proof of another version, kind or parameter set, or made with other circuits.
    Unsupported = 3,
    /// A proof that is truncated, too long, or encoded wrongly.
    Malformed = 4,
    /// A proof of another program.
    Program = 5,
    /// The program ended with another exit code.
    ExitCode = 6,
    /// A well-formed proof that does not prove what it claims.
    False = 7,
    /// A proof that holds, of a program whose output is not about a block, or not about a payload
    /// request.
    NotABlock = 10,
    /// A proof that holds, of the verdict that the block or payload was not shown to be valid.
    InvalidBlock = 11,
    /// A proof that holds, about a block under other rules, or a payload of another chain or schema.
    OtherRules = 12,
    /// A proof that holds, about another block or payload request.
    OtherBlock = 13,
    /// A proof that holds, about a block that is executed on another state.
    OtherState = 14,
}

/// Checks that `proof` proves a run of the program of `key_file` (see [`VerifyingKey::from_file`])
/// that ends with `exit_code`.
///
/// # Errors
///
/// A [`Refusal`], for any bytes that do not prove it.
pub fn verify(proof: &[u8], key_file: &[u8], exit_code: u32) -> Result<Verified, Refusal> {
    let key = VerifyingKey::from_file(key_file).map_err(Rejection::from)?;
    let proved = crate::proof::verify(proof, &key, &Expected { exit_code })?;
    Ok(Verified {
        kind: if proved.segments.is_some() { KIND_SEGMENTS } else { KIND_FINAL },
        output: proved.bytes,
        exit_code: proved.exit_code,
        segments: proved.segments.unwrap_or(0),
        key_digest: key.digest(),
    })
}

/// Checks that `proof` proves what is `expected` of a block by a run of the block guest, whose key
/// is in `key_file`. Returns what every proof shows, and what this one shows about the block.
///
/// # Errors
///
/// A [`Refusal`], for any bytes that do not prove it.
pub fn verify_block(proof: &[u8], key_file: &[u8], expected: &ExpectedBlock) -> Result<(Verified, BlockOutput), Refusal> {
    let verified = verify(proof, key_file, 0)?;
    let block = expected.check(&verified.output)?;
    Ok((verified, block))
}

/// Checks that `proof` proves what is `expected` of a payload request of EIP-8025 by a run of the
/// block guest, whose key is in `key_file`. Returns what every proof shows, and what this one shows
/// about the request.
///
/// # Errors
///
/// A [`Refusal`], for any bytes that do not prove it.
pub fn verify_payload(proof: &[u8], key_file: &[u8], expected: &ExpectedPayload) -> Result<(Verified, PayloadOutput), Refusal> {
    let verified = verify(proof, key_file, 0)?;
    let payload = expected.check(&verified.output)?;
    Ok((verified, payload))
}

/// Checks that `proof` proves some block, or some payload of EIP-8025, to be valid under the rules
/// of a known chain ([`Chain::ALL`](crate::Chain::ALL)), by a run of the block guest, whose key is
/// in `key_file`.
///
/// For those who are given a proof and a key and no more: which block it is, they learn from
/// [`Verified::output`].
///
/// # Errors
///
/// A [`Refusal`], for any bytes that do not prove it: those of the verdict "invalid", of rules that
/// no known chain has, or of a run that ends with another exit code than 0.
pub fn verify_known(proof: &[u8], key_file: &[u8]) -> Result<Verified, Refusal> {
    let verified = verify(proof, key_file, 0)?;
    check_known(&verified.output)?;
    Ok(verified)
}

/// Checks that an output of the block guest is about a valid block or payload of a known chain. The
/// two have different lengths.
fn check_known(output: &[u8]) -> Result<(), Refusal> {
    if output.len() != PAYLOAD_OUTPUT_BYTES {
        ExpectedBlock::valid(Rules::Known).check(output)?;
        return Ok(());
    }
    let payload = ExpectedPayload::any_valid().check(output)?;
    let unknown = || Refusal { class: Class::OtherRules, reason: unknown_chain(payload.chain_id) };
    payload.chain().map(|_| ()).ok_or_else(unknown)
}

fn unknown_chain(chain_id: u64) -> String {
    alloc::format!("the proof holds, but is about a payload of chain {chain_id}, which is no known chain")
}

/// The security of a kind of proofs, in bits: the fewest among all layers that it relies on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bits {
    /// Under the conjecture that `tern_fri::multilinear::security` states.
    pub conjectured: f64,
    /// As far as it is proven.
    pub proven: f64,
}

/// The security of proofs of this kind; none for a kind that there is not.
#[must_use]
pub fn security(kind: u8) -> Option<Bits> {
    let layers = layers()?;
    let layers = match kind {
        KIND_SEGMENTS => layers.get(..1)?,
        KIND_FINAL => &layers[..],
        _ => return None,
    };
    let fewest = |bits: fn(&Layer) -> f64| layers.iter().map(bits).fold(f64::INFINITY, f64::min);
    Some(Bits { conjectured: fewest(|layer| layer.conjectured.bits), proven: fewest(Layer::proven_bits) })
}

impl From<Rejection> for Refusal {
    fn from(rejection: Rejection) -> Self {
        Self { class: Class::of(&rejection), reason: rejection.to_string() }
    }
}

impl From<BlockRejection> for Refusal {
    fn from(rejection: BlockRejection) -> Self {
        let class = match &rejection {
            BlockRejection::Proof(rejection) => Class::of(rejection),
            BlockRejection::NotABlock(_) => Class::NotABlock,
            BlockRejection::OtherVerdict { .. } => Class::InvalidBlock,
            BlockRejection::OtherRules { .. } => Class::OtherRules,
            BlockRejection::OtherBlock { .. } => Class::OtherBlock,
            BlockRejection::OtherState { .. } => Class::OtherState,
        };
        Self { class, reason: rejection.to_string() }
    }
}

impl From<PayloadRejection> for Refusal {
    fn from(rejection: PayloadRejection) -> Self {
        let class = match &rejection {
            PayloadRejection::Proof(rejection) => Class::of(rejection),
            PayloadRejection::NotAPayload(_) => Class::NotABlock,
            PayloadRejection::OtherVerdict { .. } => Class::InvalidBlock,
            PayloadRejection::OtherChain { .. } | PayloadRejection::OtherSchema { .. } => Class::OtherRules,
            PayloadRejection::OtherRequest { .. } => Class::OtherBlock,
        };
        Self { class, reason: rejection.to_string() }
    }
}

impl Class {
    /// The class of a rejection.
    #[must_use]
    pub const fn of(rejection: &Rejection) -> Self {
        match rejection {
            Rejection::Key(_) => Self::Key,
            Rejection::NotAProof { .. } | Rejection::KeyFile => Self::NotAProof,
            Rejection::Unsupported { .. } | Rejection::Circuits { .. } => Self::Unsupported,
            Rejection::Wire(_)
            | Rejection::SegmentTooLong { .. }
            | Rejection::HaltFlag { .. }
            | Rejection::Decode { .. }
            | Rejection::FinalEncoding(_)
            | Rejection::TrailingBytes { .. } => Self::Malformed,
            Rejection::Program { .. } => Self::Program,
            Rejection::ExitCode { .. } => Self::ExitCode,
            _ => Self::False,
        }
    }
}

#[cfg(test)]
#[expect(clippy::expect_used, reason = "a failing test panics")]
mod tests {
    use super::*;
    use crate::block::{Chain, Verdict};

    /// An output of the block guest about a payload request.
    fn payload(verdict: u8, chain_id: u64, schema_id: u16) -> Vec<u8> {
        [&[7; 32][..], &[verdict], &chain_id.to_le_bytes(), &schema_id.to_le_bytes()].concat()
    }

    /// An output of the block guest about a block under the rules of this chain.
    fn block(chain: Chain, verdict: Verdict) -> BlockOutput {
        BlockOutput {
            chain_id: chain.id(),
            verdict,
            chain_config: *chain.config_hash(),
            block_hash: [1; 32],
            parent_hash: [2; 32],
            pre_state_root: [3; 32],
            post_state_root: [4; 32],
            gas_used: 5,
        }
    }

    #[test]
    fn valid_blocks_and_payloads_of_known_chains_are_accepted_and_no_others() {
        for chain in Chain::ALL {
            assert_eq!(check_known(&block(chain, Verdict::Valid).encode()), Ok(()));
            assert_eq!(check_known(&payload(1, chain.id(), 0x1501)), Ok(()));
        }
        let [mainnet, sepolia] = [Chain::Mainnet, Chain::Sepolia].map(|chain| block(chain, Verdict::Valid));
        let cases = [
            (block(Chain::Mainnet, Verdict::Invalid).encode(), Class::InvalidBlock, "\"invalid\""),
            (BlockOutput { chain_config: [9; 32], ..mainnet }.encode(), Class::OtherRules, "which no known chain has"),
            // Sepolia's rules under mainnet's chain id.
            (BlockOutput { chain_id: 1, ..sepolia }.encode(), Class::OtherRules, "which no known chain has"),
            (payload(0, 1, 0x1501), Class::InvalidBlock, "\"invalid\""),
            (payload(1, 1337, 0x1501), Class::OtherRules, "of chain 1337"),
            (payload(2, 1, 0x1501), Class::NotABlock, "verdict 0 or 1, got 2"),
            // What the guest answers to an input that it cannot decode.
            (Vec::from([0; 43]), Class::InvalidBlock, "\"invalid\""),
            (Vec::from([1; 42]), Class::NotABlock, "192 bytes"),
            (Vec::new(), Class::NotABlock, "192 bytes"),
        ];
        for (output, class, part) in cases {
            let refusal = check_known(&output).expect_err("refused");
            assert!(refusal.class == class && refusal.reason.contains(part), "{refusal:?}");
        }
    }

    #[test]
    fn payloads_that_are_not_as_expected_have_their_classes() {
        let expected = ExpectedPayload::valid([7; 32], 1, 0x1501);
        let refused = |expected: &ExpectedPayload, output: &[u8]| expected.check(output).map_err(|error| Refusal::from(error).class);
        assert!(refused(&expected, &payload(1, 1, 0x1501)).is_ok());
        let other_root = ExpectedPayload { request_root: Some([8; 32]), ..expected };
        assert_eq!(refused(&other_root, &payload(1, 1, 0x1501)), Err(Class::OtherBlock));
        assert_eq!(refused(&expected, &payload(1, 5, 0x1501)), Err(Class::OtherRules));
        assert_eq!(refused(&expected, &payload(1, 1, 0x1401)), Err(Class::OtherRules));
        assert_eq!(refused(&expected, &payload(0, 1, 0x1501)), Err(Class::InvalidBlock));
        assert_eq!(refused(&expected, &block(Chain::Mainnet, Verdict::Valid).encode()), Err(Class::NotABlock));
    }
}
