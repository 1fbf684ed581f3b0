//! The order of an opening: what is sent, drawn and folded when.

use alloc::vec::Vec;

use p3_field::PrimeCharacteristicRing;
use tern_field::EF;

use super::super::Transcript;
use super::super::params::Params;
use super::super::proof::OpeningProof;
use super::super::shape::OpeningShape;
use super::columns::{Part, Weighted};
use super::passes::{AllOpened, Passes, Sent, Terms, WordSize};
use super::{Claims, Form, RowWeights};

/// As [`super::open`], by passes over matrices and weights of rows that are theirs.
///
/// # Errors
///
/// If a pass fails.
///
/// # Panics
///
/// When weights or claims are not of the shape.
pub fn open_with<P: Passes>(
    shape: &OpeningShape,
    passes: &mut P,
    rows: &RowWeights,
    claims: &Claims<'_>,
    forms: &[Form],
    transcript: &mut Transcript,
) -> Result<OpeningProof, P::Error> {
    for rows in forms.iter().map(|form| &form.rows).chain([rows]) {
        assert_eq!(rows.blocks.len(), shape.block_variables, "weights of the blocks");
        assert!(rows.block.iter().map(Vec::len).eq(shape.block.iter().map(|bits| 1 << bits)), "weights of a block's rows");
    }
    transcript.observe_extension(claims.values);
    let powers: Vec<EF> = transcript.challenge().powers().collect_n(claims.values.len() + 1);
    let mut prover = Prover { shape, passes, transcript, challenges: Vec::new() };
    let rows = prover.column_rounds(claims, forms, &powers)?;
    let rows = prover.row_rounds(rows)?;
    let Sent { mut rounds, works, caps, left } = passes.finish(rows, transcript)?;
    let last = left.values.clone();
    rounds.extend(last_rounds(left, transcript));

    let query_work = passes.work(shape.params.query_pow_bits, transcript)?;
    let mut positions: Vec<usize> = (0..shape.params.num_queries).map(|_| transcript.index(shape.log_domain())).collect();
    positions.sort_unstable();
    positions.dedup();
    let mut of_word = positions.clone();
    let of_words = shape.folds().into_iter().map(|log_leaf| {
        of_word.iter_mut().for_each(|position| *position >>= log_leaf);
        of_word.dedup();
        of_word.clone()
    });
    let AllOpened { rows, leaves } = passes.opened(&positions, &of_words.collect::<Vec<_>>())?;
    Ok(OpeningProof { rounds, works, words: caps, last, query_work, rows, leaves })
}

/// Sends the last polynomial's coefficients and the rounds that bind their bits.
fn last_rounds(mut left: super::Vectors, transcript: &mut Transcript) -> Vec<[EF; 2]> {
    transcript.observe_extension(&left.values);
    let mut rounds = Vec::new();
    while left.len() > 1 {
        let message = left.message();
        transcript.observe_extension(&message);
        rounds.push(message);
        left.fold(transcript.challenge());
    }
    rounds
}

/// The state of the sumcheck.
struct Prover<'a, P: Passes> {
    shape: &'a OpeningShape,
    passes: &'a mut P,
    transcript: &'a mut Transcript,
    challenges: Vec<P::Challenge>,
}

impl<P: Passes> Prover<'_, P> {
    /// Binds the bits of the column. What is left are values and weights by row.
    fn column_rounds(&mut self, claims: &Claims<'_>, forms: &[Form], powers: &[EF]) -> Result<P::Rows, P::Error> {
        let mut parts = self.parts(claims, forms, powers)?;
        let bits = self.shape.params.column_pow_bits;
        for _ in 0..self.shape.layouts[0].log_width() {
            for part in &mut parts {
                part.settle(self.passes, &self.challenges)?;
            }
            let mut terms: Vec<Terms<'_, P::Rows>> = parts.iter_mut().flat_map(Part::terms).collect();
            let challenge = self.round(&mut terms, bits)?;
            for part in &mut parts {
                part.fold(self.passes, challenge)?;
            }
        }
        for part in &mut parts {
            part.settle(self.passes, &self.challenges)?;
        }
        let mut parts = parts.into_iter().map(Part::into_rows);
        let mut rows = parts.next().unwrap_or_default();
        if let Some(second) = parts.next() {
            // The last bit of the column tells the matrices apart.
            rows = self.passes.interleave([rows, second])?;
            self.row_round(&mut rows, bits)?;
        }
        self.passes.extend(&mut rows, 1 << self.shape.log_rows)?;
        Ok(rows)
    }

    /// The matrices in the sumcheck.
    fn parts(&mut self, claims: &Claims<'_>, forms: &[Form], powers: &[EF]) -> Result<Vec<Part<P>>, P::Error> {
        let (of_claims, further) = powers.split_at(claims.values.len());
        let mut columns = (claims.columns)(of_claims).into_iter();
        let weights = self.shape.layouts.iter().map(|layout| {
            let tables = columns.by_ref().take(layout.widths().len()).enumerate();
            tables.map(|(table, columns)| Weighted { table, columns, rows: 0 }).collect()
        });
        let mut weights: Vec<Vec<Weighted>> = weights.collect();
        weights[0].extend(forms.iter().enumerate().map(|(i, form)| {
            let columns = form.columns.iter().map(|&weight| weight * further[0]).collect();
            Weighted { table: form.table, columns, rows: 1 + i }
        }));
        let layouts = self.shape.layouts.iter().zip(&weights).enumerate();
        layouts.map(|(matrix, (layout, weights))| Part::new(self.passes, matrix, layout, weights)).collect()
    }

    /// Binds the bits of the row, with a word for each group of them, until few rows are left.
    fn row_rounds(&mut self, mut rows: P::Rows) -> Result<P::Rows, P::Error> {
        let Params { log_blowup, row_pow_bits, .. } = self.shape.params;
        let mut log_leaves = self.shape.log_domain();
        let mut log_before = 0;
        for (word, log_leaf) in self.shape.folds().into_iter().enumerate() {
            log_leaves -= log_leaf;
            let size = WordSize { log_leaf, log_cap: self.shape.log_cap(log_leaves) };
            if word == 0 {
                self.passes.encode(&mut rows, log_blowup, size, self.transcript)?;
            } else {
                self.passes.fold_word(&self.challenges[self.challenges.len() - log_before..], size, self.transcript)?;
            }
            log_before = log_leaf;
            for _ in 0..log_leaf {
                self.row_round(&mut rows, row_pow_bits)?;
            }
        }
        Ok(rows)
    }

    fn row_round(&mut self, rows: &mut P::Rows, bits: usize) -> Result<(), P::Error> {
        let challenge = self.round(&mut [Terms { rows, are_bound: true }], bits)?;
        self.passes.fold(rows, challenge)
    }

    fn round(&mut self, parts: &mut [Terms<'_, P::Rows>], bits: usize) -> Result<P::Challenge, P::Error> {
        let challenge = self.passes.round(parts, bits, self.transcript)?;
        self.challenges.push(challenge);
        Ok(challenge)
    }
}
