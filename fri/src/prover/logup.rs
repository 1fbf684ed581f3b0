//! The LogUp columns: per row, the sum of `multiplicity / fingerprint` of each column's messages, and their running total.

use alloc::vec;
use alloc::vec::Vec;

use p3_air::Air;
use p3_field::{BasedVectorSpace, Field, PackedFieldExtension, PackedValue, PrimeCharacteristicRing, batch_multiplicative_inverse};
use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;
use p3_maybe_rayon::prelude::*;
use tern_field::{EF, EXTENSION_DEGREE, F};

use super::messages::{Buffers, Fingerprints, Folder, LANES, Packed, PackedExt, Rows, Selectors, Term};

/// Vectors of rows whose fingerprints are inverted together.
const CHUNK: usize = 16;

/// The lookup columns of one table, flattened to the base field, and the sum of all fractions.
///
/// Column 0 of the challenge-field columns is the running total before each row, column `c + 1` the
/// fraction of lookup column `c`. None when a fingerprint vanishes.
pub(super) fn columns<A>(
    air: &A,
    fingerprints: &Fingerprints<'_>,
    main: &RowMajorMatrix<F>,
    preprocessed: Option<&RowMajorMatrix<F>>,
    public_values: &[F],
) -> Option<(RowMajorMatrix<F>, EF)>
where
    A: for<'a> Air<Folder<'a, false>>,
{
    let height = main.height();
    let width = (fingerprints.column_sizes().len() + 1) * EXTENSION_DEGREE;
    let chunk_rows = (CHUNK * LANES).min(height);
    let mut values = F::zero_vec(height * width);
    let mut totals = EF::zero_vec(height);
    let source = Source { air, fingerprints, main, preprocessed, public_values };
    let complete = values
        .par_chunks_mut(chunk_rows * width)
        .zip(totals.par_chunks_mut(chunk_rows))
        .enumerate()
        .map(|(chunk, (values, totals))| source.fill(chunk * chunk_rows, values, totals).is_some())
        .reduce(|| true, |a, b| a && b);
    if !complete {
        return None;
    }

    let mut sum = EF::ZERO;
    for total in &mut totals {
        let before = sum;
        sum += *total;
        *total = before;
    }
    values.par_chunks_mut(width).zip(totals).for_each(|(row, total)| {
        row[..EXTENSION_DEGREE].copy_from_slice(total.as_basis_coefficients_slice());
    });
    Some((RowMajorMatrix::new(values, width), sum))
}

/// What the messages are computed from.
struct Source<'a, A> {
    air: &'a A,
    fingerprints: &'a Fingerprints<'a>,
    main: &'a RowMajorMatrix<F>,
    preprocessed: Option<&'a RowMajorMatrix<F>>,
    public_values: &'a [F],
}

impl<A> Source<'_, A>
where
    A: for<'a> Air<Folder<'a, false>>,
{
    /// Fills the fractions of the rows from `start` on, and their sums.
    fn fill(&self, start: usize, values: &mut [F], totals: &mut [EF]) -> Option<()> {
        let mut terms = self.terms(start, totals.len());
        let inverses = invert(&mut terms)?;
        let num_messages = self.fingerprints.len();
        let width = values.len() / totals.len();
        let vectors = terms
            .chunks_exact(num_messages)
            .zip(inverses.chunks_exact(num_messages))
            .zip(values.chunks_exact_mut(LANES * width))
            .zip(totals.chunks_exact_mut(LANES));
        for (((terms, inverses), rows), totals) in vectors {
            let mut total = PackedExt::ZERO;
            let mut first = 0;
            for (column, size) in self.fingerprints.column_sizes().iter().enumerate() {
                let members = first..first + size;
                first += size;
                let fraction: PackedExt =
                    terms[members.clone()].iter().zip(&inverses[members]).map(|(term, inverse)| *inverse * term.multiplicity).sum();
                total += fraction;
                store(fraction, rows, width, (column + 1) * EXTENSION_DEGREE);
            }
            total.to_ext_slice(totals);
        }
        Some(())
    }

    /// The messages of `num_rows` rows, vector by vector.
    fn terms(&self, start: usize, num_rows: usize) -> Vec<Term> {
        let num_messages = self.fingerprints.len();
        let mut terms = vec![Term::default(); num_rows / LANES * num_messages];
        let mut buffers = Buffers::default();
        let (mut main, mut preprocessed) = (Vec::new(), Vec::new());
        for (index, terms) in terms.chunks_exact_mut(num_messages).enumerate() {
            let row = start + index * LANES;
            load(self.main, row, &mut main);
            if let Some(matrix) = self.preprocessed {
                load(matrix, row, &mut preprocessed);
            }
            Folder::<'_, false>::run(
                self.air,
                Rows { main: halves(&main), preprocessed: halves(&preprocessed) },
                self.public_values,
                self.selectors(row),
                self.fingerprints,
                &mut buffers,
                terms,
            );
        }
        terms
    }

    fn selectors(&self, row: usize) -> Selectors {
        let last = self.main.height() - 1;
        let flag = |test: &dyn Fn(usize) -> bool| Packed::from_fn(|lane| F::from_bool(test(row + lane)));
        Selectors { is_first_row: flag(&|row| row == 0), is_last_row: flag(&|row| row == last), is_transition: flag(&|row| row != last) }
    }
}

/// Loads a vector of rows and the vector of the rows that follow each.
fn load(matrix: &RowMajorMatrix<F>, row: usize, into: &mut Vec<Packed>) {
    into.clear();
    into.extend(matrix.vertically_packed_row::<Packed>(row));
    into.extend(matrix.vertically_packed_row::<Packed>(row + 1));
}

pub(super) fn halves(rows: &[Packed]) -> [&[Packed]; 2] {
    let (current, next) = rows.split_at(rows.len() / 2);
    [current, next]
}

/// Writes one challenge-field element into each of the rows, at a base-field column.
fn store(value: PackedExt, rows: &mut [F], width: usize, column: usize) {
    let coordinates: &[Packed] = value.as_basis_coefficients_slice();
    for (lane, row) in rows.chunks_exact_mut(width).enumerate() {
        for (cell, coordinate) in row[column..].iter_mut().zip(coordinates) {
            *cell = coordinate.as_slice()[lane];
        }
    }
}

/// Inverts every fingerprint with one inversion (Montgomery's trick, in each lane).
///
/// A fingerprint that vanishes where its message is not sent becomes one; elsewhere there is no inverse.
fn invert(terms: &mut [Term]) -> Option<Vec<PackedExt>> {
    let mut products = partial_products(terms);
    let mut product = products.pop()?;
    if lanes(product).iter().any(EF::is_zero) {
        replace_unsent(terms)?;
        products = partial_products(terms);
        product = products.pop()?;
    }
    let inverse = batch_multiplicative_inverse(&lanes(product));
    let mut inverse = PackedExt::from_ext_slice(&inverse);
    for (term, before) in terms.iter().zip(&mut products).rev() {
        *before *= inverse;
        inverse *= term.denominator;
    }
    Some(products)
}

/// The product of the fingerprints before each, and of all.
fn partial_products(terms: &[Term]) -> Vec<PackedExt> {
    let mut products = Vec::with_capacity(terms.len() + 1);
    let mut product = PackedExt::ONE;
    products.push(product);
    for term in terms {
        product *= term.denominator;
        products.push(product);
    }
    products
}

fn replace_unsent(terms: &mut [Term]) -> Option<()> {
    for term in terms {
        let mut denominators = lanes(term.denominator);
        for (denominator, multiplicity) in denominators.iter_mut().zip(term.multiplicity.as_slice()) {
            if !denominator.is_zero() {
                continue;
            }
            if !multiplicity.is_zero() {
                return None;
            }
            *denominator = EF::ONE;
        }
        term.denominator = PackedExt::from_ext_slice(&denominators);
    }
    Some(())
}

fn lanes(value: PackedExt) -> Vec<EF> {
    let mut out = EF::zero_vec(LANES);
    value.to_ext_slice(&mut out);
    out
}
