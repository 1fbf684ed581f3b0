//! The rounds after the skip.

use p3_field::PrimeCharacteristicRing;
use tern_field::{EF, EXTENSION_DEGREE, F};
use tern_fri::multilinear::Transcript;
use tern_fri::multilinear::zerocheck::{Folded, Played, Turns};

use super::live::Live;
use super::schedule::{Group, Schedule, Share};
use super::{Data, LANES, POINTS, Run};
use crate::gpu::{elements, ext_elements};
use crate::kernel::GROUP;
use crate::memory::Words;
use crate::{GpuError, kernel, rounds};

/// Tables that share memory, with their cells there.
pub(super) struct Cells {
    group: Group,
    words: Words,
}

impl Run<'_> {
    /// Cells and rests with the skipped bits bound, by these weights. Of each vector one row is
    /// left for each lane.
    pub(super) fn fold(&self, rests: &[Option<Words>], lagrange: &[EF]) -> Result<Vec<Cells>, GpuError> {
        let mut weights = Data::default();
        weights.ext(lagrange);
        let weights = self.gpu.upload_words(&weights.0)?;
        let shares = rests.iter().enumerate().map(|(table, rests)| Share {
            table,
            width: self.prepared.tables[table].order.len() + usize::from(rests.is_some()),
            vectors: self.tables[table].blocks(),
        });
        let limit = self.gpu.binding_bytes() as usize / size_of::<u32>();
        let mut folded = Vec::new();
        for group in Group::all(shares.filter(|share| share.len() > 0), limit) {
            let words = self.gpu.words(group.words())?;
            for (share, first) in group.places() {
                self.fold_table(share, first, rests[share.table].as_ref(), &weights, &words)?;
            }
            folded.push(Cells { group, words });
        }
        Ok(folded)
    }

    fn fold_table(&self, share: &Share, first: usize, rests: Option<&Words>, weights: &Words, to: &Words) -> Result<(), GpuError> {
        let (cells, rows) = (self.prepared.tables[share.table].order.len(), share.rows());
        for chunk in self.chunks(share.table).iter().filter(|_| cells > 0) {
            let values = self.cells(share.table, chunk, 1)?;
            let params = [cells, chunk.len(), chunk.start, first, rows].map(|number| number as u32);
            self.gpu.dispatch(&kernel!("fold_cells"), &params, &[&values, weights, to], cells * chunk.len() * LANES)?;
        }
        if let Some(rests) = rests {
            debug_assert_eq!(rests.len(), EXTENSION_DEGREE * POINTS * rows);
            let params = [rows, first + EXTENSION_DEGREE * rows * cells].map(|number| number as u32);
            self.gpu.dispatch(&kernel!("fold_rests"), &params, &[rests, weights, to], rows)?;
        }
        Ok(())
    }

    /// Plays the rounds, the last ones on the host, for which it waits once: the others are the
    /// device's, and are played again with what it recorded of them.
    pub(super) fn rounds(&self, mut folded: Vec<Cells>, mut turns: Turns<'_>, transcript: &mut Transcript) -> Result<Played, GpuError> {
        let groups: Vec<&Group> = folded.iter().map(|cells| &cells.group).collect();
        let mut schedule = Schedule::new(self, &groups, &turns);
        let live = Live::new(self.gpu, &turns, transcript, &mut schedule)?;
        let (data, list) = (self.gpu.upload_words(&schedule.data.0)?, self.gpu.upload_words(&schedule.list)?);
        for (number, round) in schedule.rounds.iter().enumerate() {
            let partial = self.gpu.words(EXTENSION_DEGREE * round.partial)?;
            for (cells, turn) in folded.iter().zip(&round.groups) {
                let slots = self.gpu.words(turn.slots)?;
                let params = [turn.workgroups, turn.first_workgroup, turn.first_job].map(|number| number as u32);
                let given = [&cells.words, &data, &self.prepared.code, &list, &slots, &partial];
                let kernel = kernel!("shared", "data", "interpret_ext", "interpret", "turns");
                self.gpu.dispatch(&kernel, &params, &given, GROUP * turn.workgroups)?;
            }
            self.add_up(&partial, (&list, round.first_sum), (live.record(), live.sums(number)), 0..live.count())?;
            live.settle(self.gpu, &turns, number, &data)?;
            for (cells, turn) in folded.iter_mut().zip(&round.groups) {
                self.bind(cells, &live, &list, turn.first_table)?;
            }
        }
        let arrays: Vec<&Words> = core::iter::once(live.record()).chain(folded.iter().map(|cells| &cells.words)).collect();
        let words = elements(&self.gpu.read_all(&arrays)?)?;
        let (record, words) = words.split_at(live.record().len());
        for (number, round) in schedule.rounds.iter().enumerate() {
            let sums = ext_elements(&record[live.sums(number)..][..EXTENSION_DEGREE * live.count()]);
            let sums: Vec<Vec<EF>> = round.sums.iter().map(|range| sums[range.clone()].to_vec()).collect();
            rounds::check(live.challenge(record, number), turns.play(&sums, transcript))?;
        }
        Ok(turns.with(self.on_host(&folded, words)).play(transcript))
    }

    /// Binds a group's lowest bit of vectors.
    fn bind(&self, cells: &mut Cells, live: &Live, list: &Words, first_table: usize) -> Result<(), GpuError> {
        let group = cells.group.halved();
        let words = self.gpu.words(group.words())?;
        let elements = group.words() / EXTENSION_DEGREE;
        let params = [group.shares.len(), first_table, elements].map(|number| number as u32);
        self.gpu.dispatch(&kernel!("live", "bind_cells"), &params, &[&cells.words, list, live.words(), &words], elements)?;
        *cells = Cells { group, words };
        Ok(())
    }

    /// All tables' cells, in their own order, for the host, given the groups' words.
    fn on_host(&self, folded: &[Cells], mut all: &[F]) -> Vec<Folded> {
        let mut tables: Vec<Folded> = self.tables.iter().map(|_| Folded::new(0, 0, |_, _, _| EF::ZERO)).collect();
        for Cells { group, words } in folded {
            let (words, after) = all.split_at(words.len());
            all = after;
            for (share, first) in group.places() {
                let order = &self.prepared.tables[share.table].order;
                let mut position: Vec<usize> = (0..share.width).collect();
                order.iter().enumerate().for_each(|(place, cell)| position[*cell] = place);
                let rows = share.rows();
                tables[share.table] = Folded::new(share.width, share.vectors, |cell, lane, vector| {
                    let place = first + EXTENSION_DEGREE * rows * position[cell] + LANES * vector + lane;
                    p3_field::BasedVectorSpace::from_basis_coefficients_fn(|d| words[place + d * rows])
                });
            }
        }
        tables
    }
}
