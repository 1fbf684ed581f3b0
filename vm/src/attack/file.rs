//! What is sent to the verifier: a file, taken apart so that every part can be changed.

use std::sync::Arc;

use p3_field::PrimeField32;
use tern_air::machine::segment::Statement;
use tern_field::F;
use tern_fri::multilinear::Proof;
use tern_verifier::VerifyingKey;
use tern_verifier::final_proof::{self, Circuits};
use tern_verifier::multilinear::batch::{BatchVerifier, FixedColumns, Rejected};
use tern_verifier::multilinear::programs::NodeRelation;
use tern_verifier::segments::{Header, Segment};
use tern_verifier::wire::Reader;

use super::change::{BytesChange, HeaderChange, Length, ProofChange};
use super::target::Target;
use super::{AttackError, words};
use crate::testing::fields::{ChangeLength, ChangeNumber, Find, encode_with_heights, find, locate};
use crate::testing::proof_file::ProofFile;
use crate::testing::records::{Word, each, one};

/// A final proof that the verifier accepts, and its program's key: a run that computes the
/// ninetieth Fibonacci number.
const FINAL_PROOF: &[u8] = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../verifier/tests/vectors/fibonacci.final"));
const FINAL_KEY: &[u8] = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../verifier/tests/vectors/fibonacci.vkey"));

/// What the embedded proof cannot lead to: a test proves it.
fn fault(error: impl std::fmt::Display) -> AttackError {
    AttackError::Honest(error.to_string())
}

/// A chain of segments.
#[derive(Clone)]
pub struct ChainFile {
    pub header: Header,
    pub segments: Vec<(Statement, Vec<u8>)>,
}

impl ChainFile {
    /// That of an honest run.
    pub fn honest(target: &Target) -> Self {
        let statements = target.honest.segments.iter().map(|segment| segment.statement.clone());
        Self { header: target.header(), segments: statements.zip(target.proofs.iter().cloned()).collect() }
    }

    /// Its bytes, with the count of segments that the header has.
    pub fn to_bytes(&self) -> Vec<u8> {
        let segments = self.segments.iter().map(|(statement, proof)| Segment { statement: statement.clone(), proof }).collect();
        ProofFile { header: self.header.clone(), segments }.to_bytes()
    }

    /// Changes the header.
    pub fn edit_header(&mut self, change: &HeaderChange) -> Result<(), AttackError> {
        let Header { key_digest, input_root, output, segments } = &mut self.header;
        if resize(output, change.length) {
            return Ok(());
        }
        let mut words = each("output", output);
        words.extend(each("input_root", input_root));
        words.extend(each("key_digest", key_digest));
        words.extend(one("count", segments));
        edit_header(words, change)
    }
}

fn edit_header(words: Vec<(&'static str, &mut dyn Word)>, change: &HeaderChange) -> Result<(), AttackError> {
    match change.edit() {
        Some(edit) => words::edit(words, "header", &change.field, change.part, edit),
        // A list that was read has an edit or a length.
        None => Ok(()),
    }
}

/// Changes the length of an output, if that is asked for.
fn resize(output: &mut Vec<u8>, length: Option<Length>) -> bool {
    match length {
        Some(Length::Shorter) => {
            output.pop();
        }
        Some(Length::Longer) => output.push(0),
        None => {}
    }
    length.is_some()
}

/// A final proof.
#[derive(Clone)]
pub struct FinalFile {
    pub key: VerifyingKey,
    pub header: final_proof::Header,
    pub proof: Proof,
    /// What it proves.
    pub relation: Arc<NodeRelation>,
    /// Heights of the honest proof, which its lists' lengths follow from.
    heights: Vec<usize>,
}

impl FinalFile {
    /// The embedded one.
    pub fn honest() -> Result<Self, AttackError> {
        let key = VerifyingKey::from_file(FINAL_KEY).map_err(fault)?;
        let mut reader = Reader::new(FINAL_PROOF);
        let header = final_proof::Header::read(&mut reader).map_err(fault)?;
        let batch = reader.bytes(reader.left()).map_err(fault)?;
        let relation = Circuits::recorded().map_err(fault)?.relation().map_err(fault)?;
        let proof = relation.verifier.decode(batch).map_err(fault)?;
        Ok(Self { key, header, heights: proof.heights.clone(), proof, relation: Arc::new(relation) })
    }

    /// Its bytes, if its lists have lengths that can be written.
    pub fn to_bytes(&self) -> Result<Result<Vec<u8>, Rejected>, AttackError> {
        let header = self.header.to_bytes().map_err(fault)?;
        let batch = encode_with_heights(&self.relation.verifier, &self.proof, &self.heights);
        Ok(batch.map(|batch| [header, batch].concat()))
    }

    /// Length of what stands before the batch proof.
    pub fn header_len(&self) -> Result<usize, AttackError> {
        Ok(self.header.to_bytes().map_err(fault)?.len())
    }

    /// Changes the header.
    pub fn edit_header(&mut self, change: &HeaderChange) -> Result<(), AttackError> {
        let final_proof::Header { key_digest, circuits, input_root, output, .. } = &mut self.header;
        if resize(output, change.length) {
            return Ok(());
        }
        let mut words = each("output", output);
        words.extend(each("input_root", input_root));
        words.extend(each("key_digest", key_digest));
        words.extend(each("circuits", circuits));
        edit_header(words, change)
    }
}

/// Changes a value or a length of a proof.
pub fn edit_proof(proof: &mut Proof, change: &ProofChange) -> Result<(), AttackError> {
    let found = find(proof);
    let missing = || AttackError::ProofField { field: change.field.clone(), place: change.place, known: known(&found) };
    let (_, places) = if change.length.is_some() { &found.lists } else { &found.numbers };
    let places = places.get(&change.field).ok_or_else(missing)?;
    let number = if change.place < 0 { places.len() as i64 + change.place } else { change.place };
    let &place = usize::try_from(number).ok().and_then(|number| places.get(number)).ok_or_else(missing)?;
    let unusable = || AttackError::Value { of: "proof".to_owned(), field: change.field.clone() };
    match change.length {
        Some(length) => ChangeLength { place, grow: length == Length::Longer }.apply(proof),
        None => ChangeNumber { place, value: change.set.map(|value| value.0) }.apply(proof).ok_or_else(unusable)?,
    }
    Ok(())
}

fn known(found: &Find) -> String {
    found.numbers.1.keys().map(String::as_str).collect::<Vec<_>>().join(", ")
}

/// Changes bytes of a file, whose part at `start` is the encoding of a proof.
pub fn edit_bytes(bytes: &mut Vec<u8>, change: &BytesChange, field: Option<usize>) -> Result<(), AttackError> {
    if let Some(zeros) = change.append {
        bytes.resize(bytes.len().saturating_add(zeros.min(MOST_APPENDED)), 0);
        return Ok(());
    }
    let len = bytes.len();
    let wanted = field.map_or(change.at.unwrap_or_default(), |at| at as i64);
    let missing = || AttackError::NoByte { at: wanted, len };
    let at = usize::try_from(if wanted < 0 { len as i64 + wanted } else { wanted }).map_err(|_| missing())?;
    if change.cut {
        bytes.truncate(at);
        return Ok(());
    }
    if change.add_modulus {
        let word = bytes.get_mut(at..).and_then(|rest| rest.first_chunk_mut::<4>()).ok_or_else(missing)?;
        *word = u32::from_le_bytes(*word).wrapping_add(F::ORDER_U32).to_le_bytes();
        return Ok(());
    }
    let byte = bytes.get_mut(at).ok_or_else(missing)?;
    *byte ^= 1_u8.checked_shl(change.flip.unwrap_or_default()).unwrap_or_default();
    Ok(())
}

/// Most zeros that are appended.
const MOST_APPENDED: usize = 1 << 20;

/// Where the first element of a field stands in the encoding of a proof: its bytes change if the
/// element does.
pub fn place_of<S: FixedColumns>(verifier: &BatchVerifier<S>, proof: &Proof, field: &str) -> Result<usize, AttackError> {
    let missing = || AttackError::ProofField { field: field.to_owned(), place: 0, known: known(&find(proof)) };
    locate(verifier, proof, field).ok_or_else(missing)
}
