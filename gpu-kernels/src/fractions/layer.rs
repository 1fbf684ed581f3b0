//! The rounds of a layer whose level is in device memory.
//!
//! The device plays them by itself: after each pass over fractions, one workgroup makes the round's
//! polynomial, draws the challenge from the transcript's state, and leaves in [`Live`] what the next
//! pass needs of it. Everything else that passes are told follows from the layer's point. So the host
//! waits once a layer; it then sends and draws the same with its own transcript, of which it takes
//! every challenge, and has the last rounds.

use tern_field::{EF, EXTENSION_DEGREE};
use tern_fri::multilinear::fractions::{Fractions, Memory, Quad, Rounds, play_on};
use tern_fri::multilinear::packed::{LANE_BITS, ROWS};

use super::Limits;
use super::live::Live;
use super::round::Round;
use super::tree::{Array, Params, Work, block_table, place_words};
use crate::kernel::GROUP;
use crate::memory::Words;
use crate::{Gpu, GpuError, kernel};

/// Words of a round's sums: of the value at zero and of the leading coefficient.
pub(super) const SUM_WORDS: usize = 2 * EXTENSION_DEGREE;

/// Parameters of a round's kernels before their tables.
const PARAMS: usize = 26;

/// Plays a layer's rounds: the values of the halves at their challenges. There are at least two
/// rounds before those of the lanes.
pub(super) fn play(gpu: &Gpu, level: Array, rounds: &mut Rounds<'_>, limits: &Limits, memory: &mut Memory) -> Result<[EF; 4], GpuError> {
    let mut paddings: Vec<EF> = level.places().iter().map(|place| place.padding).collect();
    let point = rounds.point().to_vec();
    let on_device = rounds_on_device(&level, point.len(), limits);
    let live = Live::new(gpu, &paddings, rounds, on_device)?;
    let weights = |rows: Vec<usize>, bound: usize| Round::new(rows, &point[bound + 1..], rounds.lambda());
    let first = weights(level.rows(), 0);
    leading(gpu, &level, &first, &live, limits)?;
    let (mut array, mut all) = (level, vec![first]);
    for number in 1..=on_device {
        live.settle(gpu, rounds, &all[number - 1], number - 1)?;
        let round = weights(folded_rows(&array.rows()), number);
        array = pass(gpu, &array, &round, &live, number, limits)?;
        all.push(round);
    }

    // What was played there is played here, and the round that is left.
    let words = gpu.read_all(&[live.record(), array.words()])?;
    let words = crate::gpu::elements(&words)?;
    let (record, words) = words.split_at(live.record().len());
    let sums = |number: usize, paddings: &[EF]| all[number].sums(live.sums(record, number), paddings);
    for number in 0..on_device {
        let [at_zero, leading] = sums(number, &paddings);
        let challenge = if number == 0 { rounds.first(leading) } else { rounds.round(at_zero, leading) };
        Live::check(record, number, challenge)?;
        paddings = folded_paddings(&paddings, challenge);
    }
    let [at_zero, leading] = sums(on_device, &paddings);
    let challenge = rounds.round(at_zero, leading);
    Ok(play_on(quads(array.with_paddings(&paddings).blocks(words)), challenge, rounds, memory))
}

/// How many rounds are the device's, of a point with so many coordinates: then what is left is little,
/// or the lanes are.
fn rounds_on_device(level: &Array, coordinates: usize, limits: &Limits) -> usize {
    let mut rows = level.rows();
    for bound in 1.. {
        rows = folded_rows(&rows);
        if rows.iter().sum::<usize>() < limits.fractions || bound + 1 + LANE_BITS == coordinates {
            return bound;
        }
    }
    unreachable!("a point ends")
}

/// Folded blocks on the host: first halves, then second ones.
fn quads(mut first: Vec<Fractions>) -> Vec<Quad> {
    let second = first.split_off(first.len() / 2);
    let quad = |(first, second): (Fractions, Fractions)| Quad {
        columns: [first.numerators, first.denominators, second.numerators, second.denominators],
        padding: [first.padding, second.padding],
    };
    first.into_iter().zip(second).map(quad).collect()
}

/// The first round's sums: none at zero, where the value is known.
fn leading(gpu: &Gpu, level: &Array, round: &Round<'_>, live: &Live, limits: &Limits) -> Result<(), GpuError> {
    let work = round.work(limits);
    let mut params = Params::new(level, &work, PARAMS);
    params.table(6, block_table(level.places()));
    params.set(9, level.places().len() / 2);
    round.set(&mut params, &work);
    let partial = gpu.words(SUM_WORDS * work.groups())?;
    let kernel = level.kernel(kernel!("fractions", "fractions_known", "lanes", "fractions_round", "fractions_leading"));
    gpu.dispatch(&kernel, &params.0, &[level.words(), &partial], work.invocations())?;
    sum_up(gpu, &partial, &work, live.record(), live.sums_place(0))
}

/// Binds the variable of the round before this one, which has a number, and sums up for it: the value
/// at zero and the leading coefficient, into the record. Numerators of the first half are with lambda
/// times the denominators after it; before the first time they are not yet. What is beyond the rows of
/// blocks is not known on the host.
fn pass(gpu: &Gpu, array: &Array, round: &Round<'_>, live: &Live, number: usize, limits: &Limits) -> Result<Array, GpuError> {
    let half = array.places().len() / 2;
    let unknown = round.rows().iter().map(|&rows| (rows, EF::default()));
    let folded = Array::of_sums(gpu, unknown)?;
    let work = round.work(limits);
    let mut params = Params::new(array, &work, PARAMS);
    params.table(6, array.places().iter().flat_map(place_words));
    params.set(7, folded.plane());
    params.table(8, folded.places().iter().flat_map(place_words));
    params.set(9, half);
    params.set(10, half / 2);
    params.set(11, usize::from(half == 1));
    params.set(20, live.beyond(number - 1));
    round.set(&mut params, &work);
    let partial = gpu.words(SUM_WORDS * work.groups())?;
    let kernel = kernel!("fractions", "live", "fractions_live", "lanes", "fractions_round", "fractions_put", "fractions_pass");
    let kernel = array.kernel(kernel.with("FIRST", usize::from(number == 1)));
    gpu.dispatch(&kernel, &params.0, &[array.words(), folded.words(), live.words(), &partial], work.invocations())?;
    sum_up(gpu, &partial, &work, live.record(), live.sums_place(number))?;
    Ok(folded)
}

/// Rows of a layer's blocks with a variable bound.
fn folded_rows(rows: &[usize]) -> Vec<usize> {
    let half = rows.len() / 2;
    if half == 1 {
        return rows.iter().map(|&rows| half_rows(rows)).collect();
    }
    let halves = rows.chunks_exact(half).map(|half| half.split_at(half.len() / 2));
    halves.flat_map(|(low, high)| low.iter().zip(high).map(|(&low, &high)| low.max(high))).collect()
}

/// What is beyond them, with it bound to a challenge.
fn folded_paddings(paddings: &[EF], challenge: EF) -> Vec<EF> {
    let half = paddings.len() / 2;
    if half == 1 {
        return paddings.to_vec();
    }
    let halves = paddings.chunks_exact(half).map(|half| half.split_at(half.len() / 2));
    halves.flat_map(|(low, high)| low.iter().zip(high).map(|(&low, &high)| low + challenge * (high - low))).collect()
}

/// Adds up what workgroups have, into words from a place on.
fn sum_up(gpu: &Gpu, partial: &Words, work: &Work, to: &Words, first: usize) -> Result<(), GpuError> {
    let params = [work.groups(), SUM_WORDS, first, SUM_WORDS, SUM_WORDS].map(|value| value as u32);
    gpu.dispatch(&kernel!("row_sums"), &params, &[partial, to], SUM_WORDS * GROUP)
}

/// Rows of every other vector, the first one's included.
pub(super) const fn half_rows(rows: usize) -> usize {
    (rows / ROWS).div_ceil(2) * ROWS
}
