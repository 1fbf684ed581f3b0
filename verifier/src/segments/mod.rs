//! Proofs as a chain of segment proofs.
//!
//! ```text
//! proof     = "TERN" version:u8 kind:u8 params:u8 key_digest:32 input_root:36 output_len:u32 output count:u32 segment*
//! segment   = statement proof_len:u32 proof
//! statement = pc_in:u32 pc_out:u32 root_in:36 root_out:36 halted:u8 exit_code:u32 output_digest:32
//! ```
//!
//! Words are little-endian; `proof` is a segment's proof in the encoding of
//! [`crate::multilinear::bytes`]. Nothing may follow the last segment.

mod rejection;
mod statement;

pub use rejection::Rejection;
pub use statement::{STATEMENT_BYTES, read_statement, write_statement};

use alloc::string::ToString;
use alloc::vec::Vec;

use tern_air::machine::segment::{Halt, Statement};
use tern_field::Digest;
use tern_fri::multilinear::params::SEGMENT_V2;

use crate::key::{FILE_MAGIC, VerifyingKey};
use crate::multilinear::programs::SegmentRelation;
use crate::wire::{Reader, Writer};

/// First bytes of every proof.
pub const MAGIC: [u8; 4] = *b"TERN";
/// Version of the proof format.
pub const VERSION: u8 = 2;
/// A chain of segment proofs.
pub const KIND_SEGMENTS: u8 = 1;
/// The parameter set `segment-v2`. 1 and 2 were those of version 1.
pub const PARAMS_SEGMENT_V2: u8 = 3;
/// Longest encoding of one segment's proof that the verifier reads, in bytes.
pub const MAX_SEGMENT_PROOF_BYTES: usize = 16 << 20;

/// What the caller expects of a proof, besides the program.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Expected {
    /// Exit code.
    pub exit_code: u32,
}

/// What a proof proves: the program halted with the expected exit code, having written exactly these bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// Everything that the program wrote.
    pub bytes: Vec<u8>,
    /// Exit code.
    pub exit_code: u32,
    /// Number of segments, where the proof tells.
    pub segments: Option<u32>,
}

/// What comes before the segments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Digest of the program's verifying key.
    pub key_digest: [u8; 32],
    /// Root of the upper half of the initial memory: the private input.
    pub input_root: Digest,
    /// The claimed output.
    pub output: Vec<u8>,
    /// Number of segments.
    pub segments: u32,
}

/// One segment as it stands in a proof.
#[derive(Clone, Debug)]
pub struct Segment<'a> {
    /// Its public values.
    pub statement: Statement,
    /// The encoded proof.
    pub proof: &'a [u8],
}

/// Checks that `proof` proves a run of the program `key` that ends as `expected`, and returns what
/// it wrote.
///
/// # Errors
///
/// A [`Rejection`]: what is wrong, and in which segment.
pub fn verify(proof: &[u8], key: &VerifyingKey, expected: &Expected) -> Result<Output, Rejection> {
    key.check()?;
    let mut reader = Reader::new(proof);
    let header = Header::read(&mut reader)?;
    let key_digest = key.digest();
    if header.key_digest != key_digest {
        return Err(Rejection::Program { expected: key_digest, got: header.key_digest });
    }
    let mut chain = Chain::new(key, &header.input_root);
    let relation = SegmentRelation::new(&SEGMENT_V2).map_err(|error| Rejection::Relation { of: "segments", reason: error.to_string() })?;
    for index in 0..header.segments {
        let segment = Segment::read(&mut reader, index)?;
        chain.link(index, &segment.statement)?;
        segment.verify(index, &relation, key)?;
    }
    if reader.left() != 0 {
        return Err(Rejection::TrailingBytes { offset: reader.offset(), count: reader.left() });
    }
    let halt = chain.finish(header.segments)?;
    if halt.exit_code != expected.exit_code {
        return Err(Rejection::ExitCode { expected: expected.exit_code, got: halt.exit_code });
    }
    let digest = *blake3::hash(&header.output).as_bytes();
    if digest != halt.output_digest {
        return Err(Rejection::Output { expected: halt.output_digest, got: digest });
    }
    Ok(Output { bytes: header.output, exit_code: halt.exit_code, segments: Some(header.segments) })
}

/// Follows the statements of a chain.
pub struct Chain {
    pc: u32,
    root: Digest,
    halt: Option<Halt>,
}

impl Chain {
    /// A chain that starts at the program's entry, with its image and an input of this root.
    #[must_use]
    pub fn new(key: &VerifyingKey, input_root: &Digest) -> Self {
        Self { pc: key.entry, root: key.initial_root(input_root), halt: None }
    }

    /// Adds a segment: it must start where the chain stands.
    ///
    /// # Errors
    ///
    /// If it does not, or if the chain has halted.
    pub fn link(&mut self, index: u32, statement: &Statement) -> Result<(), Rejection> {
        statement.check().map_err(|error| Rejection::Statement { segment: index, error })?;
        if self.halt.is_some() {
            return Err(Rejection::SegmentAfterHalt { segment: index });
        }
        if statement.pc_in != self.pc {
            return Err(Rejection::ProgramCounter { segment: index, expected: self.pc, got: statement.pc_in });
        }
        if statement.root_in != self.root {
            return Err(Rejection::MemoryRoot { segment: index });
        }
        self.pc = statement.pc_out;
        self.root = statement.root_out;
        self.halt = statement.halt;
        Ok(())
    }

    /// How the program halted.
    ///
    /// # Errors
    ///
    /// If it did not.
    pub fn finish(self, segments: u32) -> Result<Halt, Rejection> {
        self.halt.ok_or(Rejection::NotHalted { segments })
    }
}

/// Reads how every proof begins: magic, version, kind and parameter set.
pub(crate) fn read_prelude(reader: &mut Reader<'_>, kind: u8, params: u8) -> Result<(), Rejection> {
    if reader.clone().bytes(FILE_MAGIC.len()).ok() == Some(FILE_MAGIC) {
        return Err(Rejection::KeyFile);
    }
    let magic = reader.array()?;
    if magic != MAGIC {
        return Err(Rejection::NotAProof { got: magic });
    }
    for (what, expected) in [("version", VERSION), ("kind", kind), ("parameter set", params)] {
        let got = reader.u8()?;
        if got != expected {
            return Err(Rejection::Unsupported { what, expected, got });
        }
    }
    Ok(())
}

/// Writes what [`read_prelude`] reads.
pub(crate) fn write_prelude(writer: &mut Writer, kind: u8, params: u8) {
    writer.bytes(&MAGIC);
    writer.bytes(&[VERSION, kind, params]);
}

impl Header {
    /// Reads and checks the header.
    ///
    /// # Errors
    ///
    /// If it is truncated, or of another format, version, kind or parameter set.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, Rejection> {
        read_prelude(reader, KIND_SEGMENTS, PARAMS_SEGMENT_V2)?;
        let key_digest = reader.array()?;
        let input_root = reader.digest()?;
        let output_len = reader.length()?;
        let output = reader.bytes(output_len)?.to_vec();
        Ok(Self { key_digest, input_root, output, segments: reader.u32()? })
    }

    /// The encoded header.
    ///
    /// # Errors
    ///
    /// If the output has 2^32 bytes or more.
    pub fn to_bytes(&self) -> Result<Vec<u8>, core::num::TryFromIntError> {
        let mut writer = Writer::default();
        write_prelude(&mut writer, KIND_SEGMENTS, PARAMS_SEGMENT_V2);
        writer.bytes(&self.key_digest);
        writer.digest(&self.input_root);
        writer.u32(u32::try_from(self.output.len())?);
        writer.bytes(&self.output);
        writer.u32(self.segments);
        Ok(writer.into_bytes())
    }
}

impl<'a> Segment<'a> {
    /// Reads a segment.
    ///
    /// # Errors
    ///
    /// If it is truncated or too long.
    pub fn read(reader: &mut Reader<'a>, index: u32) -> Result<Self, Rejection> {
        let statement = read_statement(reader, index)?;
        let len = reader.length()?;
        if len > MAX_SEGMENT_PROOF_BYTES {
            return Err(Rejection::SegmentTooLong { segment: index, limit: MAX_SEGMENT_PROOF_BYTES, got: len });
        }
        Ok(Self { statement, proof: reader.bytes(len)? })
    }

    /// Checks the proof against the statement, for the program of this key.
    ///
    /// # Errors
    ///
    /// If it cannot be decoded or is false.
    pub fn verify(&self, index: u32, relation: &SegmentRelation, key: &VerifyingKey) -> Result<(), Rejection> {
        let proof = relation.verifier.decode(self.proof).map_err(|error| Rejection::Decode { segment: index, error })?;
        let verified = relation.verify_statement(key.digest(), &key.bounds, &self.statement, &proof);
        verified.map_err(|error| Rejection::Proof { segment: index, error })
    }

    /// The encoded segment.
    ///
    /// # Errors
    ///
    /// If the proof has 2^32 bytes or more.
    pub fn to_bytes(&self) -> Result<Vec<u8>, core::num::TryFromIntError> {
        let mut writer = Writer::default();
        write_statement(&mut writer, &self.statement);
        writer.u32(u32::try_from(self.proof.len())?);
        writer.bytes(self.proof);
        Ok(writer.into_bytes())
    }
}
