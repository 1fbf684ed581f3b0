//! Openings at the out-of-domain point, in the order and form of the proof.

use alloc::vec;
use alloc::vec::Vec;

use p3_batch_stark::ProverOnlyData;
use p3_batch_stark::proof::OpenedValuesWithLookups;
use p3_commit::{OpeningRequest, PolynomialSpace};
use p3_uni_stark::{OpenedValues, PreprocessedOpenedValues};
use tern_field::EF;

use super::{BatchProver, Committed, CommittedTraces, Domain, ProvableAir};
use crate::config::SegmentConfig;

/// Opening points of the matrices of each commitment.
pub(super) struct Points {
    main: Vec<Vec<EF>>,
    quotient: Vec<Vec<EF>>,
    preprocessed: Vec<Vec<EF>>,
    permutation: Vec<Vec<EF>>,
}

/// Opened rows by commitment, matrix and point.
type Opened = Vec<Vec<Vec<Vec<EF>>>>;

impl Committed {
    /// The commitments and their points, in the order of the proof.
    pub(super) fn rounds<'a>(
        &'a self,
        data: &'a ProverOnlyData<SegmentConfig>,
        points: Points,
    ) -> Vec<OpeningRequest<'a, CommittedTraces, EF>> {
        let Points { main, quotient, preprocessed, permutation } = points;
        [
            (Some(&self.main_data), main),
            (self.quotient_data.as_ref(), quotient),
            (data.preprocessed_prover_data.as_ref(), preprocessed),
            (self.permutation_data.as_ref(), permutation),
        ]
        .into_iter()
        .filter_map(|(data, points)| data.map(|data| (data, points).into()))
        .collect()
    }
}

impl<A: ProvableAir> BatchProver<'_, A> {
    /// Every matrix is opened at `zeta`, and at the next row where a constraint reads it.
    pub(super) fn opening_points(&self, domains: &[Domain], zeta: EF) -> Points {
        let mut points = Points { main: Vec::new(), quotient: Vec::new(), preprocessed: Vec::new(), permutation: Vec::new() };
        for (index, (air, domain)) in self.airs.iter().zip(domains).enumerate() {
            let with_next = |next: bool| {
                let next = next.then(|| domain.next_point(zeta)).flatten();
                [Some(zeta), next].into_iter().flatten().collect()
            };
            let table = &self.tables[index];
            points.main.push(with_next(!air.main_next_row_columns().is_empty()));
            let chunks = table.constraints.num_chunks();
            points.quotient.extend(vec![vec![zeta]; chunks]);
            if table.preprocessed.is_some() {
                let next = !air.preprocessed_next_row_columns().is_empty();
                points.preprocessed.push(with_next(next));
            }
            if !table.messages.is_empty() {
                points.permutation.push(with_next(true));
            }
        }
        points
    }

    /// Sorts opened rows by table.
    pub(super) fn opened_tables(&self, opened: Opened) -> Vec<OpenedValuesWithLookups<EF>> {
        let mut rounds = opened.into_iter().map(Vec::into_iter);
        let mut next_round = |present: bool| {
            let round = if present { rounds.next() } else { None };
            round.unwrap_or_default()
        };
        let any_lookups = self.tables.iter().any(|table| !table.messages.is_empty());
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
            let chunks = quotient.by_ref().take(table.constraints.num_chunks());
            let quotient_chunks = chunks.map(|chunk| rows(Some(chunk)).0).collect();
            let preprocessed = table.preprocessed.as_ref().map(|_| {
                let (local, next) = rows(preprocessed.next());
                PreprocessedOpenedValues { local, next }
            });
            let (permutation_local, permutation_next) =
                if table.messages.is_empty() { (Vec::new(), None) } else { rows(permutation.next()) };
            OpenedValuesWithLookups {
                base_opened_values: OpenedValues { trace_local, trace_next, preprocessed, quotient_chunks, random: None },
                permutation_local,
                permutation_next: permutation_next.unwrap_or_default(),
            }
        });
        tables.collect()
    }
}
