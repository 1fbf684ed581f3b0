//! The quotient: all constraints of a table, folded by powers of one challenge and divided by the vanishing polynomial.

use alloc::vec::Vec;

use p3_air::Air;
use p3_air::symbolic::{AirLayout, ConstraintLayout};
use p3_batch_stark::StarkGenericConfig;
use p3_batch_stark::symbolic::{get_constraint_layout, get_log_num_quotient_chunks};
use p3_commit::{LagrangeSelectors, PolynomialSpace, UnivariateStarkPcs};
use p3_field::{Algebra, BasedVectorSpace, PackedValue, PrimeCharacteristicRing};
use p3_lookup::logup::LogUpGadget;
use p3_lookup::{InteractionSymbolicBuilder, Lookups};
use p3_matrix::Matrix;
use p3_matrix::bitrev::BitReversedMatrixView;
use p3_matrix::dense::{RowMajorMatrix, RowMajorMatrixCow};
use p3_maybe_rayon::prelude::*;
use tern_field::{EF, EXTENSION_DEGREE, F};

use super::backend::{CpuBackend, CpuCommitted, QuotientInput, permutation_indices};
use super::logup::halves;
use super::messages::{Buffers, Fingerprints, Folder, LANES, Packed, PackedExt, Rows, Selectors, Term};
use super::{CommittedTraces, Domain, ProvableAir, ProveError};
use crate::challenger::Blake3Challenger;
use crate::config::Pcs;

/// Vectors of rows in one parallel task.
const TASK: usize = 64;

/// What folding a table's constraints needs to know about them.
pub(super) struct ConstraintPlan {
    layout: ConstraintLayout,
    log_chunks: usize,
}

impl ConstraintPlan {
    pub(super) fn new<A>(air: &A, lookups: &Lookups<F>) -> Self
    where
        A: Air<InteractionSymbolicBuilder<F, EF>>,
    {
        let layout = AirLayout {
            preprocessed_width: air.preprocessed_width(),
            main_width: air.width(),
            num_public_values: air.num_public_values(),
            num_periodic_columns: air.num_periodic_columns(),
            ..AirLayout::default()
        };
        let gadget = LogUpGadget::new();
        // The number of rows matters to periodic columns only, which the folder does not offer.
        let rows = 1;
        Self {
            layout: get_constraint_layout::<F, EF, A, _>(air, layout, lookups, &gadget),
            log_chunks: get_log_num_quotient_chunks::<F, EF, A, _>(air, layout, rows, lookups, 0, &gadget),
        }
    }

    pub(super) const fn num_chunks(&self) -> usize {
        1 << self.log_chunks
    }
}

impl<A: ProvableAir> CpuBackend<'_, A> {
    /// The extended quotient chunks of all tables, in the order in which they are committed.
    pub(super) fn quotient_ldes(
        &self,
        main: &CpuCommitted,
        lookups: Option<&CpuCommitted>,
        input: &QuotientInput<'_>,
    ) -> Result<Vec<RowMajorMatrix<F>>, ProveError> {
        let pcs = self.config.pcs();
        let permutations = permutation_indices(&self.data.common.lookups);
        let per_table: Vec<Vec<RowMajorMatrix<F>>> = (0..self.airs.len())
            .into_par_iter()
            .map(|index| {
                let table = &self.tables[index];
                let plan = &table.constraints;
                let domain = main.domains[index];
                let quotient_domain = domain.create_disjoint_domain(domain.size() << plan.log_chunks);
                let (base_powers, ext_powers) = plan.layout.decompose_alpha(input.alpha);
                let permutation =
                    permutations[index].and_then(|i| lookups.map(|lookups| evaluations(pcs, &lookups.data, i, quotient_domain)));
                let quotient = Quotient {
                    air: &self.airs[index],
                    fingerprints: &table.messages.with_challenges(&input.challenges[index]),
                    public_values: &input.public_values[index],
                    selectors: domain.selectors_on_coset(quotient_domain),
                    main: evaluations(pcs, &main.data, index, quotient_domain),
                    preprocessed: self.preprocessed_evaluations(pcs, index, quotient_domain),
                    permutation,
                    terminal: input.terminals[index].map(Into::into),
                    base_powers,
                    ext_powers,
                    next_step: plan.num_chunks(),
                };
                let values = RowMajorMatrix::new(quotient.values(quotient_domain.size()), EXTENSION_DEGREE);
                let num_chunks = plan.num_chunks();
                let chunks = quotient_domain.split_evals(num_chunks, values);
                let chunk_domains = quotient_domain.split_domains(num_chunks);
                UnivariateStarkPcs::<EF, Blake3Challenger>::get_quotient_ldes(pcs, chunk_domains.into_iter().zip(chunks), num_chunks)
                    .map_err(ProveError::from)
            })
            .collect::<Result<_, ProveError>>()?;
        Ok(per_table.into_iter().flatten().collect())
    }

    fn preprocessed_evaluations(&self, pcs: &Pcs, table: usize, domain: Domain) -> Option<Evaluations<'_>> {
        let global = self.data.common.preprocessed.as_ref()?;
        let meta = global.instances.get(table)?.as_ref()?;
        let data = self.data.prover_only.preprocessed_prover_data.as_ref()?;
        Some(evaluations(pcs, data, meta.matrix_index, domain))
    }
}

/// Committed columns on a quotient domain, in its order.
type Evaluations<'a> = BitReversedMatrixView<RowMajorMatrixCow<'a, F>>;

fn evaluations<'a>(pcs: &Pcs, data: &'a CommittedTraces, index: usize, domain: Domain) -> Evaluations<'a> {
    UnivariateStarkPcs::<EF, Blake3Challenger>::get_evaluations_on_domain(pcs, data, index, domain)
}

/// Everything that one table's quotient is computed from.
struct Quotient<'a, A> {
    air: &'a A,
    fingerprints: &'a Fingerprints<'a>,
    public_values: &'a [F],
    selectors: LagrangeSelectors<Vec<F>>,
    main: Evaluations<'a>,
    preprocessed: Option<Evaluations<'a>>,
    permutation: Option<Evaluations<'a>>,
    terminal: Option<PackedExt>,
    /// Coefficients of the table's own constraints, by coordinate of the challenge field.
    base_powers: Vec<Vec<F>>,
    /// Coefficients of the lookups' constraints: one for each column, then first row, transition, last row.
    ext_powers: Vec<EF>,
    /// Rows of the quotient domain from a row to the next one of the table.
    next_step: usize,
}

/// Buffers that one task reuses from one vector of rows to the next.
#[derive(Default)]
struct Scratch {
    main: Vec<Packed>,
    preprocessed: Vec<Packed>,
    permutation: Vec<Packed>,
    buffers: Buffers,
    terms: Vec<Term>,
}

impl<A: ProvableAir> Quotient<'_, A> {
    /// Values on the whole quotient domain, flattened to the base field.
    fn values(&self, size: usize) -> Vec<F> {
        let mut values = F::zero_vec(size * EXTENSION_DEGREE);
        values.par_chunks_mut(TASK * LANES * EXTENSION_DEGREE).enumerate().for_each(|(task, values)| {
            let mut scratch = Scratch { terms: alloc::vec![Term::default(); self.fingerprints.len()], ..Scratch::default() };
            for (vector, values) in values.chunks_exact_mut(LANES * EXTENSION_DEGREE).enumerate() {
                let row = (task * TASK + vector) * LANES;
                let value = self.value(row, &mut scratch);
                let coordinates: &[Packed] = value.as_basis_coefficients_slice();
                for (lane, cells) in values.chunks_exact_mut(EXTENSION_DEGREE).enumerate() {
                    for (cell, coordinate) in cells.iter_mut().zip(coordinates) {
                        *cell = coordinate.as_slice()[lane];
                    }
                }
            }
        });
        values
    }

    /// The quotient on the vector of rows that starts at `row`.
    fn value(&self, row: usize, scratch: &mut Scratch) -> PackedExt {
        self.load(&self.main, row, &mut scratch.main);
        if let Some(matrix) = &self.preprocessed {
            self.load(matrix, row, &mut scratch.preprocessed);
        }
        let at = |values: &[F]| *Packed::from_slice(&values[row..row + LANES]);
        let selectors = Selectors {
            is_first_row: at(&self.selectors.is_first_row),
            is_last_row: at(&self.selectors.is_last_row),
            is_transition: at(&self.selectors.is_transition),
        };
        Folder::<'_, true>::run(
            self.air,
            Rows { main: halves(&scratch.main), preprocessed: halves(&scratch.preprocessed) },
            self.public_values,
            selectors,
            self.fingerprints,
            &mut scratch.buffers,
            &mut scratch.terms,
        );
        let constraints = &scratch.buffers.constraints;
        let mut folded = PackedExt::from_basis_coefficients_fn(|d| Packed::batched_linear_combination(constraints, &self.base_powers[d]));
        if let (Some(matrix), Some(terminal)) = (&self.permutation, self.terminal) {
            self.load(matrix, row, &mut scratch.permutation);
            let [local, next] = halves(&scratch.permutation);
            folded += self.fold_lookups(&scratch.terms, local, next, selectors, terminal);
        }
        folded * at(&self.selectors.inv_vanishing)
    }

    fn load(&self, matrix: &Evaluations<'_>, row: usize, into: &mut Vec<Packed>) {
        into.clear();
        into.extend(matrix.vertically_packed_row::<Packed>(row));
        into.extend(matrix.vertically_packed_row::<Packed>(row + self.next_step));
    }

    /// The lookups' constraints: every column holds its fraction, and the total runs from zero to the terminal.
    fn fold_lookups(&self, terms: &[Term], local: &[Packed], next: &[Packed], selectors: Selectors, terminal: PackedExt) -> PackedExt {
        let column = |row: &[Packed], index: usize| PackedExt::from_basis_coefficients_fn(|d| row[index * EXTENSION_DEGREE + d]);
        let sizes = self.fingerprints.column_sizes();
        let (powers, ends) = self.ext_powers.split_at(sizes.len());
        let mut folded = PackedExt::ZERO;
        let mut row_sum = PackedExt::ZERO;
        let mut rest = terms;
        for (index, (size, power)) in sizes.iter().zip(powers).enumerate() {
            let (members, others) = rest.split_at(*size);
            rest = others;
            let fraction = column(local, index + 1);
            row_sum += fraction;
            let (numerator, denominator) = sum_of_fractions(members);
            folded += (denominator * fraction - numerator) * *power;
        }
        let total = column(local, 0);
        let after = total + row_sum;
        let end_constraints = [
            total * selectors.is_first_row,
            (column(next, 0) - after) * selectors.is_transition,
            (terminal - after) * selectors.is_last_row,
        ];
        for (constraint, power) in end_constraints.into_iter().zip(ends) {
            folded += constraint * *power;
        }
        folded
    }
}

/// Numerator and denominator of a sum of `multiplicity / fingerprint`.
fn sum_of_fractions(terms: &[Term]) -> (PackedExt, PackedExt) {
    let mut terms = terms.iter();
    let Some(first) = terms.next() else {
        return (PackedExt::ZERO, PackedExt::ONE);
    };
    let mut numerator = PackedExt::from(first.multiplicity);
    let mut denominator = first.denominator;
    for term in terms {
        numerator = numerator * term.denominator + denominator * term.multiplicity;
        denominator *= term.denominator;
    }
    (numerator, denominator)
}
