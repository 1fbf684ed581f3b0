//! The verifying key: what identifies a program.

use alloc::vec::Vec;

use p3_field::PrimeField32;
use tern_air::machine::leaf::{Bounds, BoundsError};
use tern_field::{DIGEST_LEN, Digest, compress};

use crate::segments::MAGIC;
use crate::wire::{Reader, WireError, Writer};

/// Everything about a program that a proof binds.
///
/// Two programs with the same key have the same initial memory, entry point and protection of memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyingKey {
    /// Address of the first instruction.
    pub entry: u32,
    /// The read-only range and the text in it, in pages.
    pub bounds: Bounds,
    /// Root of the lower half of the initial memory: the program image and the registers, all zero.
    pub image_root: Digest,
}

/// Length of an encoded key in bytes.
pub const KEY_BYTES: usize = 5 * 4 + DIGEST_LEN * 4;

/// First bytes of a key file.
pub(crate) const FILE_MAGIC: &[u8] = b"TERNKEY1";

/// Bytes of a page.
const PAGE_BYTES: u32 = 4096;

/// A key that no program has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The ranges of pages break a rule.
    #[error(transparent)]
    Bounds(#[from] BoundsError),
    /// The entry point is not a multiple of 4 in the text.
    #[error("entry point {0:#x} is not an instruction of the text")]
    Entry(u32),
    /// The bytes are not those of a key file.
    #[error("neither an ELF file nor a verifying key")]
    NotAKey,
    /// The bytes are those of a proof.
    #[error("this is a proof, not a verifying key")]
    Proof,
    /// Bytes follow the key.
    #[error("{count} bytes follow the key")]
    TrailingBytes {
        /// How many.
        count: usize,
    },
    /// The encoding is broken.
    #[error(transparent)]
    Wire(#[from] WireError),
}

impl VerifyingKey {
    /// Checks the rules that the chips rely on: those of [`Bounds::check`], and an entry point in the text.
    ///
    /// # Errors
    ///
    /// The first rule that is broken.
    pub fn check(&self) -> Result<(), KeyError> {
        self.bounds.check()?;
        let page = self.entry / PAGE_BYTES;
        let in_text = (self.bounds.text_start..self.bounds.text_end).contains(&page);
        if in_text && self.entry.is_multiple_of(4) { Ok(()) } else { Err(KeyError::Entry(self.entry)) }
    }

    /// Identity of the program: BLAKE3-256 of the encoded key.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        let mut writer = Writer::default();
        self.write(&mut writer);
        blake3::derive_key("Tern verifying key, version 1", &writer.into_bytes())
    }

    /// Root of the initial memory for an input with this root.
    pub fn initial_root(&self, input_root: &Digest) -> Digest {
        compress(&self.image_root, input_root)
    }

    /// Reads a key file: `TERNKEY1`, then the encoded key, and nothing more.
    ///
    /// # Errors
    ///
    /// If the bytes are not those of a key file, or the key breaks a rule.
    pub fn from_file(bytes: &[u8]) -> Result<Self, KeyError> {
        let mut reader = Reader::new(bytes);
        if reader.bytes(FILE_MAGIC.len()).ok() != Some(FILE_MAGIC) {
            // No version of a proof's format is the letter that follows in a key file.
            let is_proof = bytes.strip_prefix(&MAGIC).and_then(<[u8]>::first).is_some_and(|version| *version != b'K');
            return Err(if is_proof { KeyError::Proof } else { KeyError::NotAKey });
        }
        let key = Self::read(&mut reader)?;
        if reader.left() != 0 {
            return Err(KeyError::TrailingBytes { count: reader.left() });
        }
        Ok(key)
    }

    /// The bytes of a key file.
    #[must_use]
    pub fn to_file(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        writer.bytes(FILE_MAGIC);
        self.write(&mut writer);
        writer.into_bytes()
    }

    /// Appends the encoding: entry, the four bounds, the image root; little-endian 32-bit words.
    pub fn write(&self, writer: &mut Writer) {
        let Bounds { ro_start, ro_end, text_start, text_end } = self.bounds;
        for word in [self.entry, ro_start, ro_end, text_start, text_end] {
            writer.u32(word);
        }
        writer.digest(&self.image_root);
    }

    /// Reads an encoded key and checks it.
    ///
    /// # Errors
    ///
    /// If the encoding is truncated or not canonical, or the key breaks a rule.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, KeyError> {
        let [entry, ro_start, ro_end, text_start, text_end] = [reader.u32()?, reader.u32()?, reader.u32()?, reader.u32()?, reader.u32()?];
        let bounds = Bounds { ro_start, ro_end, text_start, text_end };
        let key = Self { entry, bounds, image_root: reader.digest()? };
        key.check()?;
        Ok(key)
    }
}

/// The canonical words of a digest.
pub(crate) fn digest_words(digest: &Digest) -> [u32; DIGEST_LEN] {
    digest.map(|element| element.as_canonical_u32())
}
