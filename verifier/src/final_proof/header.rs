//! What stands before the batch proof.

use alloc::vec::Vec;

use tern_air::machine::segment::Statement;
use tern_field::Digest;

use crate::segments::{Rejection, read_prelude, read_statement, write_prelude, write_statement};
use crate::wire::{Reader, Writer};

/// Kind of a final proof, as in its header.
pub const KIND_FINAL: u8 = 2;
/// The parameter set `final-v2`. 1 and 2 were those of version 1.
pub const PARAMS_FINAL_V2: u8 = 4;

/// What a final proof claims.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Digest of the program's verifying key.
    pub key_digest: [u8; 32],
    /// Digest of the circuits that the proof was made with.
    pub circuits: [u8; 32],
    /// Root of the upper half of the initial memory: the private input.
    pub input_root: Digest,
    /// The claimed output.
    pub output: Vec<u8>,
    /// The statement of the whole chain of segments.
    pub statement: Statement,
}

impl Header {
    /// Reads a header.
    ///
    /// # Errors
    ///
    /// If it is truncated or not canonical, or of another format, version, kind or parameter set.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, Rejection> {
        read_prelude(reader, KIND_FINAL, PARAMS_FINAL_V2)?;
        let (key_digest, circuits) = (reader.array()?, reader.array()?);
        let input_root = reader.digest()?;
        let output_len = reader.length()?;
        let output = reader.bytes(output_len)?.to_vec();
        Ok(Self { key_digest, circuits, input_root, output, statement: read_statement(reader, 0)? })
    }

    /// The encoded header.
    ///
    /// # Errors
    ///
    /// If the output has 2^32 bytes or more.
    pub fn to_bytes(&self) -> Result<Vec<u8>, core::num::TryFromIntError> {
        let mut writer = Writer::default();
        write_prelude(&mut writer, KIND_FINAL, PARAMS_FINAL_V2);
        writer.bytes(&self.key_digest);
        writer.bytes(&self.circuits);
        writer.digest(&self.input_root);
        writer.u32(u32::try_from(self.output.len())?);
        writer.bytes(&self.output);
        write_statement(&mut writer, &self.statement);
        Ok(writer.into_bytes())
    }
}
