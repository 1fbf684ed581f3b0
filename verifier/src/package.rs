//! What the packages around this crate share (WebAssembly, C): a key file and a proof as bytes, rejections by class, the security of what is accepted.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::block::{BlockOutput, BlockRejection, ExpectedBlock};
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

/// The classes of rejections. Their numbers are part of the packages' interfaces: they never change. 8 and 9 are faults of the caller and of the package.
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
    /// A proof that holds, of a program whose output is not about a block.
    NotABlock = 10,
    /// A proof that holds, of the verdict that the block was not shown to be valid.
    InvalidBlock = 11,
    /// A proof that holds, about a block under other rules.
    OtherRules = 12,
    /// A proof that holds, about another block.
    OtherBlock = 13,
    /// A proof that holds, about a block that is executed on another state.
    OtherState = 14,
}

/// Checks that `proof` proves a run of the program of `key_file` (see [`VerifyingKey::from_file`]) that ends with `exit_code`.
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

/// Checks that `proof` proves what is `expected` of a block by a run of the block guest, whose key is in `key_file`. Returns what every proof shows, and what
/// this one shows about the block.
///
/// # Errors
///
/// A [`Refusal`], for any bytes that do not prove it.
pub fn verify_block(proof: &[u8], key_file: &[u8], expected: &ExpectedBlock) -> Result<(Verified, BlockOutput), Refusal> {
    let verified = verify(proof, key_file, 0)?;
    let block = expected.check(&verified.output)?;
    Ok((verified, block))
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
