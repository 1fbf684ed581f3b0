//! The rounds of a layer whose level is in device memory.
//!
//! The device plays them by itself: after each pass over fractions, one workgroup makes the round's
//! polynomial, draws the challenge from the transcript's state, and leaves in [`Live`] what the next
//! pass needs of it; when little is left, one workgroup plays all rounds to the end ([`Tail`]).
//! Nothing that passes are told follows from challenges, but where that is which does.

use tern_field::EF;
use tern_fri::multilinear::packed::LANE_BITS;

use super::Limits;
use super::live::Live;
use super::places::{Places, SUM_WORDS};
use super::round::{PassWeights, Round};
use super::tail::Tail;
use super::tree::{Array, Params, Work, block_table, place_words};
use super::weights::Lists;
use crate::kernel::GROUP;
use crate::memory::Words;
use crate::{Gpu, GpuError, kernel};

/// Parameters of a round's kernels before their tables.
const PARAMS: usize = 21;

/// A layer in the making.
struct Player<'a> {
    gpu: &'a Gpu,
    live: &'a Live,
    places: &'a Places,
    /// What weighs its sums.
    weights: Words,
}

/// Plays a layer. There are at least two rounds before those of the lanes.
///
/// # Errors
///
/// If the device fails.
pub(super) fn play(gpu: &Gpu, live: &Live, places: &Places, level: Array, limits: &Limits) -> Result<(), GpuError> {
    let mut lists = Lists::default();
    let (mut rounds, mut rows) = (Vec::with_capacity(places.rounds), level.rows());
    for number in 0..places.rounds {
        let round = Round::new(places, number, rows, &mut lists);
        rows = round.folded_rows();
        rounds.push(round);
    }
    let (passed, left) = rounds.split_at(1 + passes(&rounds, limits));
    let passes: Vec<PassWeights> = passed.iter().map(|round| round.pass(limits, &mut lists)).collect();
    let tail = Tail::new(&rounds[passed.len() - 1..], left.iter().map(|round| round.small(&mut lists)).collect(), &rows);
    let player = Player { gpu, live, places, weights: lists.fill(gpu, live.record())? };

    live.begin(gpu, places, &level)?;
    player.leading(&level, &rounds[0], &passes[0])?;
    let mut array = level;
    for (pair, weights) in passed.windows(2).zip(&passes[1..]) {
        live.settle(gpu, places, &pair[0], &player.weights)?;
        // The last one's is to have room for what the tail folds.
        let room = if pair[1].number() + 1 == passed.len() { tail.room() } else { 0 };
        array = player.pass(&array, &pair[1], weights, room)?;
    }
    tail.play(gpu, live, places, &array, &player.weights)
}

/// After how many passes what is left is little, or the last variable before the lanes' is next.
fn passes(rounds: &[Round], limits: &Limits) -> usize {
    let is_enough = |number: &usize| {
        let rows: usize = rounds[*number].rows().iter().sum();
        rows < limits.fractions || number + 1 + LANE_BITS == rounds.len()
    };
    (1..rounds.len()).find(is_enough).unwrap_or(rounds.len() - 1)
}

impl Player<'_> {
    /// The first round's sums: none at zero, where the value is known.
    fn leading(&self, level: &Array, round: &Round, weights: &PassWeights) -> Result<(), GpuError> {
        let work = weights.work();
        let mut params = Params::new(level, work, PARAMS);
        params.table(6, block_table(level.places()));
        params.set(9, level.places().len() / 2);
        round.set(&mut params, weights);
        let partial = self.gpu.words(SUM_WORDS * work.groups())?;
        let kernel = kernel!(
            "live",
            "fractions",
            "fractions_known",
            "lanes",
            "fractions_layer",
            "fractions_weighted",
            "fractions_round",
            "fractions_leading"
        );
        let given = [level.words(), self.live.words(), &self.weights, &partial];
        self.gpu.dispatch(&level.kernel(kernel), &params.0, &given, work.invocations())?;
        self.sum_up(&partial, work, round.number())
    }

    /// Binds the variable of the round before this one, and sums up for it: the value at zero and the
    /// leading coefficient, into the record. Numerators of the first half are with lambda times the
    /// denominators after it; before the first time they are not yet. What is beyond the rows of
    /// blocks is not known on the host. There is to be room for so many more fractions.
    fn pass(&self, array: &Array, round: &Round, weights: &PassWeights, room: usize) -> Result<Array, GpuError> {
        let half = array.places().len() / 2;
        let unknown = round.rows().iter().map(|&rows| (rows, EF::default()));
        let folded = Array::with_room(self.gpu, unknown, room)?;
        let work = weights.work();
        let mut params = Params::new(array, work, PARAMS);
        params.table(6, array.places().iter().flat_map(place_words));
        params.set(7, folded.plane());
        params.table(8, folded.places().iter().flat_map(place_words));
        params.set(9, half);
        params.set(10, half / 2);
        params.set(11, usize::from(half == 1));
        params.set(20, self.live.beyond(round.number() - 1));
        round.set(&mut params, weights);
        let partial = self.gpu.words(SUM_WORDS * work.groups())?;
        let kernel = kernel!(
            "fractions",
            "live",
            "fractions_live",
            "lanes",
            "fractions_layer",
            "fractions_weighted",
            "fractions_round",
            "fractions_put",
            "fractions_pass"
        );
        let kernel = array.kernel(kernel.with("FIRST", usize::from(round.number() == 1)));
        let given = [array.words(), folded.words(), self.live.words(), &self.weights, &partial];
        self.gpu.dispatch(&kernel, &params.0, &given, work.invocations())?;
        self.sum_up(&partial, work, round.number())?;
        Ok(folded)
    }

    /// Adds up what workgroups have of a round's sums, into the record.
    fn sum_up(&self, partial: &Words, work: &Work, number: usize) -> Result<(), GpuError> {
        let params = [work.groups(), SUM_WORDS, self.places.sums(number), SUM_WORDS, SUM_WORDS].map(|value| value as u32);
        self.gpu.dispatch(&kernel!("row_sums"), &params, &[partial, self.live.record()], SUM_WORDS * GROUP)
    }
}
