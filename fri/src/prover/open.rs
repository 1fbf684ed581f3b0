//! Openings at the out-of-domain point, in the order and form of the proof.

use alloc::vec;
use alloc::vec::Vec;

use p3_batch_stark::proof::OpenedValuesWithLookups;
use p3_commit::PolynomialSpace;
use p3_uni_stark::{OpenedValues, PreprocessedOpenedValues};
use tern_field::EF;

use super::{Backend, BatchProver, Domain, OpenedRows, ProvableAir};

/// Opening points of the matrices of each commitment.
pub struct Points {
    /// Of the traces, one list for each table.
    pub main: Vec<Vec<EF>>,
    /// Of the quotient chunks, table by table.
    pub quotient: Vec<Vec<EF>>,
    /// Of the tables with preprocessed columns.
    pub preprocessed: Vec<Vec<EF>>,
    /// Of the tables with lookups.
    pub lookups: Vec<Vec<EF>>,
}

impl<A: ProvableAir, B: Backend> BatchProver<'_, A, B> {
    /// Every matrix is opened at `zeta`, and at the next row where a constraint reads it.
    pub(super) fn opening_points(&self, domains: &[Domain], zeta: EF) -> Points {
        let mut points = Points { main: Vec::new(), quotient: Vec::new(), preprocessed: Vec::new(), lookups: Vec::new() };
        for (index, (air, domain)) in self.airs.iter().zip(domains).enumerate() {
            let with_next = |next: bool| {
                let next = next.then(|| domain.next_point(zeta)).flatten();
                [Some(zeta), next].into_iter().flatten().collect()
            };
            let table = &self.tables[index];
            points.main.push(with_next(!air.main_next_row_columns().is_empty()));
            points.quotient.extend(vec![vec![zeta]; table.num_chunks]);
            if table.has_preprocessed {
                let next = !air.preprocessed_next_row_columns().is_empty();
                points.preprocessed.push(with_next(next));
            }
            if table.has_lookups {
                points.lookups.push(with_next(true));
            }
        }
        points
    }

    /// Sorts opened rows by table.
    pub(super) fn opened_tables(&self, opened: OpenedRows) -> Vec<OpenedValuesWithLookups<EF>> {
        let mut rounds = opened.into_iter().map(Vec::into_iter);
        let mut next_round = |present: bool| {
            let round = if present { rounds.next() } else { None };
            round.unwrap_or_default()
        };
        let any_lookups = self.tables.iter().any(|table| table.has_lookups);
        let mut main = next_round(true);
        let mut quotient = next_round(true);
        let mut preprocessed = next_round(self.data.common.preprocessed.is_some());
        let mut permutation = next_round(any_lookups);
        let rows = |matrix: Option<Vec<Vec<EF>>>| {
            let mut rows = matrix.unwrap_or_default().into_iter();
            (rows.next().unwrap_or_default(), rows.next())
        };
        let tables = self.tables.iter().map(|table| {
            let (trace_local, trace_next) = rows(main.next());
            let chunks = quotient.by_ref().take(table.num_chunks);
            let quotient_chunks = chunks.map(|chunk| rows(Some(chunk)).0).collect();
            let preprocessed = table.has_preprocessed.then(|| {
                let (local, next) = rows(preprocessed.next());
                PreprocessedOpenedValues { local, next }
            });
            let (permutation_local, permutation_next) = if table.has_lookups { rows(permutation.next()) } else { (Vec::new(), None) };
            OpenedValuesWithLookups {
                base_opened_values: OpenedValues { trace_local, trace_next, preprocessed, quotient_chunks, random: None },
                permutation_local,
                permutation_next: permutation_next.unwrap_or_default(),
            }
        });
        tables.collect()
    }
}
