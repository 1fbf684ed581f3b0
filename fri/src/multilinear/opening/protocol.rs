//! The order of an opening: what is sent, drawn and folded when.

use alloc::vec::Vec;

use p3_field::PrimeCharacteristicRing;
use tern_field::{EF, F};

use super::super::Transcript;
use super::super::params::Params;
use super::super::proof::OpeningProof;
use super::super::shape::OpeningShape;
use super::columns::{Part, Weighted};
use super::passes::{AllOpened, Passes, Terms, WordPlan, WordSize};
use super::rounds::added;
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
    let mut prover = Prover { shape, passes, transcript, rounds: Vec::new(), works: Vec::new(), words: Vec::new(), challenges: Vec::new() };
    let rows = prover.column_rounds(claims, forms, &powers)?;
    let last = prover.row_rounds(rows)?;
    let Prover { passes, transcript, rounds, works, words, .. } = prover;

    let query_work = passes.work(shape.params.query_pow_bits, transcript)?;
    let mut positions: Vec<usize> = (0..shape.params.num_queries).map(|_| transcript.index(shape.log_domain())).collect();
    positions.sort_unstable();
    positions.dedup();
    let mut of_word = positions.clone();
    let words = words.into_iter().zip(shape.folds()).map(|(word, log_leaf)| {
        of_word.iter_mut().for_each(|position| *position >>= log_leaf);
        of_word.dedup();
        (word, of_word.clone())
    });
    let words: Vec<_> = words.collect();
    let AllOpened { rows, leaves } = passes.opened(&positions, &words)?;
    let words = words.iter().map(|(word, _)| passes.cap(word).to_vec()).collect();
    Ok(OpeningProof { rounds, works, words, last, query_work, rows, leaves })
}

/// The state of the sumcheck.
struct Prover<'a, P: Passes> {
    shape: &'a OpeningShape,
    passes: &'a mut P,
    transcript: &'a mut Transcript,
    rounds: Vec<[EF; 2]>,
    works: Vec<F>,
    words: Vec<P::Word>,
    challenges: Vec<EF>,
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
            let own = parts.iter().map(Part::own_message).fold([EF::ZERO; 2], added);
            let mut terms: Vec<Terms<'_, P::Rows>> = parts.iter_mut().map(Part::terms).collect();
            let challenge = self.round(&mut terms, own, bits)?;
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
    fn parts(&mut self, claims: &Claims<'_>, forms: &[Form], powers: &[EF]) -> Result<Vec<Part<P::Rows>>, P::Error> {
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
        let mut parts: Vec<Part<P::Rows>> = layouts.map(|(matrix, (layout, weights))| Part::new(matrix, layout, weights)).collect();
        let wanted: Vec<_> = parts.iter().map(Part::wanted).collect();
        let sums = self.passes.column_sums(&wanted)?;
        parts.iter_mut().zip(sums).for_each(|(part, sums)| part.set_sums(sums));
        Ok(parts)
    }

    /// Binds the bits of the row, with a word for each group of them; at last, the coefficients are sent.
    fn row_rounds(&mut self, mut rows: P::Rows) -> Result<Vec<EF>, P::Error> {
        let words = self.word_plan();
        self.passes.begin_words(&mut rows, &words, self.transcript)?;
        let mut log_before = 0;
        for size in words.sizes {
            let word = match self.words.last() {
                None => self.passes.encode(&mut rows, words.log_blowup, size)?,
                Some(word) => self.passes.fold_word(word, &self.challenges[self.challenges.len() - log_before..], size)?,
            };
            self.transcript.observe_digests(self.passes.cap(&word));
            self.words.push(word);
            log_before = size.log_leaf;
            for _ in 0..size.log_leaf {
                self.row_round(&mut rows, words.pow_bits)?;
            }
        }
        let mut rows = self.passes.vectors(rows)?;
        let last = rows.values.clone();
        self.transcript.observe_extension(&last);
        while rows.len() > 1 {
            let message = rows.message();
            self.transcript.observe_extension(&message);
            rows.fold(self.sent(message));
        }
        Ok(last)
    }

    fn word_plan(&self) -> WordPlan {
        let Params { log_blowup, row_pow_bits, .. } = self.shape.params;
        let mut log_leaves = self.shape.log_domain();
        let size = |log_leaf| {
            log_leaves -= log_leaf;
            WordSize { log_leaf, log_cap: self.shape.log_cap(log_leaves) }
        };
        WordPlan { log_blowup, sizes: self.shape.folds().into_iter().map(size).collect(), pow_bits: row_pow_bits }
    }

    fn row_round(&mut self, rows: &mut P::Rows, bits: usize) -> Result<(), P::Error> {
        let challenge = self.round(&mut [Terms { rows, are_bound: true }], [EF::ZERO; 2], bits)?;
        self.passes.fold(rows, challenge)
    }

    /// Sends the sum of the parts' polynomials and one more, does proof of work and draws the challenge.
    fn round(&mut self, parts: &mut [Terms<'_, P::Rows>], more: [EF; 2], bits: usize) -> Result<EF, P::Error> {
        let (message, witness) = self.passes.round(parts, more, bits, self.transcript)?;
        self.works.push(witness);
        Ok(self.sent(message))
    }

    /// Draws the challenge of a polynomial that the transcript has observed.
    fn sent(&mut self, message: [EF; 2]) -> EF {
        self.rounds.push(message);
        let challenge = self.transcript.challenge();
        self.challenges.push(challenge);
        challenge
    }
}
