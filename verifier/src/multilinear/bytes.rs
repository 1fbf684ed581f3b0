//! Proofs in the fewest bytes: nothing is written that the system and the tables' heights already say.
//!
//! 1. the tables' heights in blocks, four bytes each, little-endian;
//! 2. the commitment; the proof of work before the lookups; the root's denominator; for each layer
//!    its rounds and halves;
//! 3. the constraints' first round, the others, the rests' claim, the tables' forms';
//! 4. if the table of Keccak calls has rows: flags, outputs, middle, and for each layer its first
//!    round, the others, its claims;
//! 5. the opening's rounds, their proofs of work, the words' commitments, the last polynomial, the
//!    queries' proof of work;
//! 6. for each tree, the dense matrices' first: its leaves, then the digests beside their paths,
//!    each list with its length before it in two bytes, little-endian. They follow from the
//!    queries, which are not known yet.
//!
//! An element is four bytes as in a leaf, an element of the challenge field five of those, a digest
//! 32 bytes. A proof of work of zero bits is left out. Every proof has one encoding.

use alloc::vec;
use alloc::vec::Vec;
use core::slice;

use p3_field::{BasedVectorSpace, PrimeCharacteristicRing};
use tern_field::{EF, EXTENSION_DEGREE, F};
use tern_fri::hash::{DIGEST_BYTES, Digest, element_bytes, element_from_bytes};
use tern_fri::multilinear::proof::{LayerProof, Opened};
use tern_fri::multilinear::shape::UnusableShape;
use tern_fri::multilinear::{OpeningProof, OpeningShape, Params, Proof, keccak};
use thiserror::Error;

use super::batch::{BatchVerifier, FixedColumns, Rejected};
use super::opening::{has_shape, power};
use crate::wire::{Reader, WireError};

/// Bytes that are no proof of a system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum BytesError {
    /// The bytes end too early, or an element is not canonical.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// The heights are those of no proof.
    #[error(transparent)]
    Heights(#[from] UnusableShape),
    /// A tree opens more than all queries together can need.
    #[error("opening of oracle {oracle}: {what}: expected at most {most}, got {got}")]
    Count {
        /// The commitment opened: the dense matrices first, then the folded words.
        oracle: usize,
        /// Leaves or digests.
        what: &'static str,
        /// As many as there can be.
        most: usize,
        /// As many as there are.
        got: usize,
    },
    /// The proof ends before the bytes do.
    #[error("expected the proof to end with the bytes, got {got} bytes more")]
    Trailing {
        /// Bytes after the proof.
        got: usize,
    },
}

impl<S: FixedColumns> BatchVerifier<S> {
    /// Encodes a proof.
    ///
    /// # Errors
    ///
    /// If it is none of this system: a list has another length than the heights give it.
    pub fn encode(&self, proof: &Proof) -> Result<Vec<u8>, Rejected> {
        if proof.heights.len() != self.table_widths().len() {
            return Err(Rejected::Shape);
        }
        let shape = self.opening_shape(&proof.heights)?;
        shape.check()?;
        let blank = self.blank(&shape, &proof.heights);
        if lengths(&blank) != lengths(proof) || !has_shape(&proof.opening, &shape) {
            return Err(Rejected::Shape);
        }
        let mut writer = Writer(Vec::new());
        for &height in &proof.heights {
            writer.0.extend(u32::try_from(height).map_err(|_| Rejected::Shape)?.to_le_bytes());
        }
        let Ok(()) = walk(&mut writer, &shape, &mut proof.clone());
        for rows in &proof.opening.rows {
            writer.opened(rows, |writer, row| row.iter().for_each(|&element| writer.element(element)))?;
        }
        for leaves in &proof.opening.leaves {
            writer.opened(leaves, |writer, leaf| leaf.iter().for_each(|value| writer.value(value)))?;
        }
        Ok(writer.0)
    }

    /// Decodes a proof. Memory is bounded by what the largest heights that the parameters allow
    /// need, and for the rest by the length of the bytes.
    ///
    /// # Errors
    ///
    /// If the bytes are not the one encoding of a proof of this system.
    pub fn decode(&self, bytes: &[u8]) -> Result<Proof, BytesError> {
        let mut reader = Reader::new(bytes);
        let heights = self.table_widths().iter().map(|_| reader.length()).collect::<Result<Vec<usize>, WireError>>()?;
        let shape = self.opening_shape(&heights)?;
        shape.check()?;
        let mut proof = self.blank(&shape, &heights);
        walk(&mut reader, &shape, &mut proof)?;
        let mut log_leaves = shape.log_domain();
        for (oracle, layout) in shape.layouts.iter().enumerate() {
            let width = power(layout.log_width());
            let opened = opened(&mut reader, &shape, (oracle, log_leaves), |reader| elements(reader, width))?;
            proof.opening.rows.push(opened);
        }
        for (oracle, fold) in (shape.layouts.len()..).zip(shape.folds()) {
            log_leaves = log_leaves.saturating_sub(fold);
            let opened = opened(&mut reader, &shape, (oracle, log_leaves), |reader| values(reader, power(fold)))?;
            proof.opening.leaves.push(opened);
        }
        match reader.left() {
            0 => Ok(proof),
            got => Err(BytesError::Trailing { got }),
        }
    }

    /// A proof of zeros that opens nothing, for tables of these heights.
    fn blank(&self, shape: &OpeningShape, heights: &[usize]) -> Proof {
        let front = self.front_shape();
        let cap = |log_leaves: usize| vec![[0; DIGEST_BYTES]; power(shape.log_cap(log_leaves))];
        let layer = |above: usize| LayerProof { rounds: vec![[EF::ZERO; 3]; above], halves: [EF::ZERO; 4] };
        let mut log_leaves = shape.log_domain();
        let folds = shape.folds();
        let words = folds.iter().map(|fold| {
            log_leaves = log_leaves.saturating_sub(*fold);
            cap(log_leaves)
        });
        let opening = OpeningProof {
            rounds: vec![[EF::ZERO; 2]; shape.rounds()],
            works: F::zero_vec(shape.worked_rounds()),
            words: words.collect(),
            last: EF::zero_vec(power(shape.log_last())),
            query_work: F::ZERO,
            rows: Vec::new(),
            leaves: Vec::new(),
        };
        Proof {
            cap: cap(shape.log_domain()),
            heights: heights.to_vec(),
            lookup_work: F::ZERO,
            root: EF::ZERO,
            layers: (0..front.lookup_variables()).map(layer).collect(),
            skip: EF::zero_vec(front.skip_coefficients()),
            rounds: vec![EF::zero_vec(front.round_degree()); front.rounds()],
            rest: EF::ZERO,
            forms: front.tables.iter().map(|table| EF::zero_vec(table.forms)).collect(),
            keccak: self.keccak_shape(heights).map(|shape| keccak::Proof::filled(&shape, &EF::ZERO)),
            opening,
        }
    }
}

/// The lengths of all lists but those of what is opened.
fn lengths(proof: &Proof) -> Vec<usize> {
    let lists = |lists: &[Vec<EF>]| lists.iter().map(Vec::len).collect::<Vec<usize>>();
    let opening = &proof.opening;
    let mut lengths = vec![proof.cap.len(), proof.skip.len(), opening.rounds.len(), opening.works.len(), opening.last.len()];
    lengths.extend(proof.layers.iter().map(|layer| layer.rounds.len()));
    for part in [lists(&proof.rounds), lists(&proof.forms), opening.words.iter().map(Vec::len).collect()] {
        lengths.push(part.len());
        lengths.extend(part);
    }
    if let Some(argument) = &proof.keccak {
        lengths.push(argument.middle.len());
        for layer in argument.rounds.iter().flatten() {
            lengths.extend([layer.first.len(), layer.instances.len(), layer.positions.len(), layer.claims.len()]);
            lengths.extend(layer.instances.iter().chain(&layer.positions).map(Vec::len));
        }
    }
    lengths
}

/// Writes a proof's values, or reads them into their places.
trait Visitor {
    type Error;

    fn elements(&mut self, elements: &mut [F]) -> Result<(), Self::Error>;
    fn values(&mut self, values: &mut [EF]) -> Result<(), Self::Error>;
    fn digests(&mut self, digests: &mut [Digest]) -> Result<(), Self::Error>;
}

/// All values in their order but the heights and what is opened.
fn walk<V: Visitor>(visitor: &mut V, shape: &OpeningShape, proof: &mut Proof) -> Result<(), V::Error> {
    let Params { lookup_pow_bits, column_pow_bits, row_pow_bits, query_pow_bits, .. } = shape.params;
    visitor.digests(&mut proof.cap)?;
    work(visitor, lookup_pow_bits, slice::from_mut(&mut proof.lookup_work))?;
    visitor.values(slice::from_mut(&mut proof.root))?;
    for layer in &mut proof.layers {
        visitor.values(layer.rounds.as_flattened_mut())?;
        visitor.values(&mut layer.halves)?;
    }
    visitor.values(&mut proof.skip)?;
    for round in &mut proof.rounds {
        visitor.values(round)?;
    }
    visitor.values(slice::from_mut(&mut proof.rest))?;
    for forms in &mut proof.forms {
        visitor.values(forms)?;
    }
    if let Some(argument) = &mut proof.keccak {
        visitor.values(slice::from_mut(&mut argument.real))?;
        visitor.values(slice::from_mut(&mut argument.output))?;
        visitor.values(&mut argument.middle)?;
        for layer in argument.rounds.iter_mut().flatten() {
            visitor.values(&mut layer.first)?;
            for message in layer.instances.iter_mut().chain(&mut layer.positions) {
                visitor.values(message)?;
            }
            visitor.values(&mut layer.claims)?;
        }
    }
    let opening = &mut proof.opening;
    visitor.values(opening.rounds.as_flattened_mut())?;
    if let Some((columns, rows)) = opening.works.split_at_mut_checked(shape.column_variables()) {
        work(visitor, column_pow_bits, columns)?;
        work(visitor, row_pow_bits, rows)?;
    }
    for word in &mut opening.words {
        visitor.digests(word)?;
    }
    visitor.values(&mut opening.last)?;
    work(visitor, query_pow_bits, slice::from_mut(&mut opening.query_work))
}

/// Proofs of work of so many bits; those of none are zero and not in the bytes.
fn work<V: Visitor>(visitor: &mut V, bits: usize, witnesses: &mut [F]) -> Result<(), V::Error> {
    if bits == 0 { Ok(()) } else { visitor.elements(witnesses) }
}

struct Writer(Vec<u8>);

impl Writer {
    fn element(&mut self, element: F) {
        self.0.extend_from_slice(&element_bytes(element));
    }

    fn value(&mut self, value: &EF) {
        let coefficients: &[F] = value.as_basis_coefficients_slice();
        coefficients.iter().for_each(|element| self.element(*element));
    }

    fn opened<T>(&mut self, opened: &Opened<T>, leaf: impl Fn(&mut Self, &[T])) -> Result<(), Rejected> {
        let count = |len: usize| u16::try_from(len).map(u16::to_le_bytes).map_err(|_| Rejected::Shape);
        self.0.extend(count(opened.leaves.len())?);
        opened.leaves.iter().for_each(|values| leaf(self, values));
        self.0.extend(count(opened.path.len())?);
        self.0.extend_from_slice(opened.path.as_flattened());
        Ok(())
    }
}

impl Visitor for Writer {
    type Error = core::convert::Infallible;

    fn elements(&mut self, elements: &mut [F]) -> Result<(), Self::Error> {
        elements.iter().for_each(|&element| self.element(element));
        Ok(())
    }

    fn values(&mut self, values: &mut [EF]) -> Result<(), Self::Error> {
        values.iter().for_each(|value| self.value(value));
        Ok(())
    }

    fn digests(&mut self, digests: &mut [Digest]) -> Result<(), Self::Error> {
        self.0.extend_from_slice(digests.as_flattened());
        Ok(())
    }
}

impl Visitor for Reader<'_> {
    type Error = WireError;

    fn elements(&mut self, elements: &mut [F]) -> Result<(), WireError> {
        elements.iter_mut().try_for_each(|element| {
            *element = read_element(self)?;
            Ok(())
        })
    }

    fn values(&mut self, values: &mut [EF]) -> Result<(), WireError> {
        values.iter_mut().try_for_each(|value| {
            *value = read_value(self)?;
            Ok(())
        })
    }

    fn digests(&mut self, digests: &mut [Digest]) -> Result<(), WireError> {
        digests.iter_mut().try_for_each(|digest| {
            *digest = self.array()?;
            Ok(())
        })
    }
}

fn read_element(reader: &mut Reader<'_>) -> Result<F, WireError> {
    let offset = reader.offset();
    let bytes = reader.array()?;
    element_from_bytes(bytes).ok_or(WireError::NotCanonical { offset, value: u32::from_le_bytes(bytes) })
}

fn read_value(reader: &mut Reader<'_>) -> Result<EF, WireError> {
    let mut coefficients = [F::ZERO; EXTENSION_DEGREE];
    reader.elements(&mut coefficients)?;
    Ok(EF::from_basis_coefficients_fn(|index| coefficients.get(index).copied().unwrap_or_default()))
}

fn elements(reader: &mut Reader<'_>, count: usize) -> Result<Vec<F>, WireError> {
    (0..count).map(|_| read_element(reader)).collect()
}

fn values(reader: &mut Reader<'_>, count: usize) -> Result<Vec<EF>, WireError> {
    (0..count).map(|_| read_value(reader)).collect()
}

/// What is opened of the tree of an oracle with so many leaves.
fn opened<T>(
    reader: &mut Reader<'_>,
    shape: &OpeningShape,
    (oracle, log_leaves): (usize, usize),
    leaf: impl Fn(&mut Reader<'_>) -> Result<Vec<T>, WireError>,
) -> Result<Opened<T>, BytesError> {
    let queries = shape.params.num_queries;
    let leaves = count(reader, oracle, "leaves", queries)?;
    let leaves = (0..leaves).map(|_| leaf(reader)).collect::<Result<_, _>>()?;
    let most = queries.saturating_mul(log_leaves.saturating_sub(shape.log_cap(log_leaves)));
    let digests = count(reader, oracle, "digests", most)?;
    let path = (0..digests).map(|_| reader.array()).collect::<Result<_, _>>()?;
    Ok(Opened { leaves, path })
}

fn count(reader: &mut Reader<'_>, oracle: usize, what: &'static str, most: usize) -> Result<usize, BytesError> {
    let got = usize::from(u16::from_le_bytes(reader.array()?));
    if got > most { Err(BytesError::Count { oracle, what, most, got }) } else { Ok(got) }
}
