//! The last rounds of a layer, which one workgroup plays (`shaders/fractions_tail.wgsl`): there is
//! little left then, and each round waits for the one before it.

use super::live::Live;
use super::places::Places;
use super::round::{Round, SmallWeights};
use super::tree::{Array, place_words};
use crate::kernel::GROUP;
use crate::memory::Words;
use crate::{Gpu, GpuError, kernel};

/// Parameters before the table of rounds, and words of a round's entry in it.
const PARAMS: usize = 6;
const ENTRY: usize = 23;

/// The rounds that are left after the passes, the first of which has its sums.
pub(super) struct Tail<'a> {
    rounds: &'a [Round],
    /// Of the rounds after the first.
    weights: Vec<SmallWeights>,
    /// Rows of blocks before each round, and at the end.
    rows: Vec<Vec<usize>>,
}

impl<'a> Tail<'a> {
    /// Of rounds, with the weights of all but the first, and the rows at their end.
    pub(super) fn new(rounds: &'a [Round], weights: Vec<SmallWeights>, end: &[usize]) -> Self {
        let rows = rounds.iter().map(Round::rows).chain([end]).map(<[usize]>::to_vec).collect();
        Self { rounds, weights, rows }
    }

    /// How many fractions it folds in all.
    pub(super) fn room(&self) -> usize {
        self.rows[1..].iter().flatten().sum()
    }

    /// Plays the rounds on an array that has room, to the layer's claims.
    ///
    /// # Errors
    ///
    /// If the device fails.
    pub(super) fn play(&self, gpu: &Gpu, live: &Live, places: &Places, array: &Array, weights: &Words) -> Result<(), GpuError> {
        let params: Vec<u32> = self.params(live, places, array).into_iter().map(|number| number as u32).collect();
        let kernel = kernel!(
            "blake3",
            "transcript",
            "live",
            "recorded",
            "rounds",
            "lanes",
            "fractions_layer",
            "fractions_weighted",
            "fractions_played",
            "fractions_tail"
        );
        gpu.dispatch(&kernel, &params, &[live.words(), live.record(), weights, array.words()], GROUP)
    }

    fn params(&self, live: &Live, places: &Places, array: &Array) -> Vec<usize> {
        let end = live.beyond(places.rounds);
        let mut params = vec![self.rounds.len(), PARAMS, array.plane(), places.halves(), places.branch(), end];
        debug_assert_eq!(params.len(), PARAMS);
        let mut tables = Tables { first: PARAMS + ENTRY * self.rounds.len(), words: Vec::new() };
        // Blocks lie one after the other, round after round.
        let mut before = tables.put(array.places().iter().flat_map(place_words).map(|word| word as usize));
        let mut start: usize = self.rows[0].iter().sum();
        for (number, round) in self.rounds.iter().enumerate() {
            let rows = &self.rows[number + 1];
            let (after, first) = (tables.put(entries(rows, &mut start.clone())), start);
            start += rows.iter().sum::<usize>();
            let bound = round.number();
            params.extend(round.played(places, [bound, bound + 1].map(|bound| live.beyond(bound))));
            params.extend([round.variable() as usize, before, after, rows.len(), first, start - first]);
            params.extend(match self.rounds.get(number + 1).zip(self.weights.get(number)) {
                Some((next, weights)) => {
                    let items: Vec<usize> = (0..next.items()).map(|item| next.item_rows(item)).collect();
                    let table = tables.put(entries(&items, &mut 0));
                    let total = items.iter().sum();
                    [next.variable() as usize, table, total, next.item_weights(), weights.vectors, weights.lanes]
                }
                None => [0; 6],
            });
            before = after;
        }
        debug_assert_eq!(params.len(), tables.first);
        params.extend(tables.words);
        params
    }
}

/// Where each of some begins that lie one after the other, and how many rows it has.
fn entries(rows: &[usize], next: &mut usize) -> Vec<usize> {
    let entry = |&rows: &usize| {
        *next += rows;
        [*next - rows, rows]
    };
    rows.iter().flat_map(entry).collect()
}

/// Tables at the end of parameters.
struct Tables {
    first: usize,
    words: Vec<usize>,
}

impl Tables {
    /// Appends one, and gives its place.
    fn put(&mut self, words: impl IntoIterator<Item = usize>) -> usize {
        let place = self.first + self.words.len();
        self.words.extend(words);
        place
    }
}
