//! Taking proofs apart and putting them together.

use tern_verifier::segments::{Header, Segment};
use tern_verifier::wire::Reader;

/// A proof file taken apart.
#[derive(Clone, Debug)]
pub struct ProofFile<'a> {
    /// What comes before the segments.
    pub header: Header,
    /// The segments.
    pub segments: Vec<Segment<'a>>,
}

impl<'a> ProofFile<'a> {
    /// Takes a proof file apart.
    ///
    /// # Panics
    ///
    /// If it is none.
    #[must_use]
    pub fn read(bytes: &'a [u8]) -> Self {
        let mut reader = Reader::new(bytes);
        let header = Header::read(&mut reader).expect("a header");
        let segments = (0..header.segments).map(|index| Segment::read(&mut reader, index).expect("a segment")).collect();
        assert_eq!(reader.left(), 0);
        Self { header, segments }
    }

    /// The file with the header as it is, its count of segments included.
    ///
    /// # Panics
    ///
    /// If output or a proof has 2^32 bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.header.to_bytes().expect("a short output");
        for segment in &self.segments {
            bytes.extend(segment.to_bytes().expect("a short proof"));
        }
        bytes
    }

    /// The file with a count that fits the segments.
    ///
    /// # Panics
    ///
    /// As [`ProofFile::to_bytes`].
    #[must_use]
    pub fn counted(mut self) -> Vec<u8> {
        self.header.segments = self.segments.len() as u32;
        self.to_bytes()
    }
}
