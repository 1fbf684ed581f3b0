//! The rounds of a layer whose level is in device memory.

use p3_field::PrimeCharacteristicRing;
use tern_field::{EF, EXTENSION_DEGREE, F};
use tern_fri::multilinear::equality;
use tern_fri::multilinear::fractions::{Fractions, Memory, Quad, Rounds, play_on};
use tern_fri::multilinear::packed::{LANE_BITS, ROWS};

use super::Limits;
use super::tree::{Array, Params, Place, Work, block_table, elements, ext_words};
use crate::kernel::GROUP;
use crate::memory::Words;
use crate::{Gpu, GpuError, kernel};

/// Planes of partial sums: of the value at zero and of the leading coefficient.
const SUM_PLANES: usize = 2 * EXTENSION_DEGREE;

/// Parameters of a round's kernels before their tables.
const PARAMS: usize = 30;

/// Plays a layer's rounds: the values of the halves at their challenges. There are at least two
/// rounds before those of the lanes.
pub(super) fn play(gpu: &Gpu, level: Array, rounds: &mut Rounds<'_>, limits: &Limits, memory: &mut Memory) -> Result<[EF; 4], GpuError> {
    let leading = leading(gpu, &level, rounds, limits)?;
    let mut challenge = rounds.first(leading);
    let (mut array, mut is_first) = (level, true);
    loop {
        let (folded, sums) = pass(gpu, &array, (is_first, challenge), rounds, limits)?;
        challenge = rounds.round(sums[0], sums[1]);
        match folded {
            Folded::OnDevice(folded) => (array, is_first) = (folded, false),
            Folded::OnHost(quads) => return Ok(play_on(quads, challenge, rounds, memory)),
        }
    }
}

/// Blocks with a variable bound.
enum Folded {
    OnDevice(Array),
    /// Few ones, or the last ones before lanes are bound.
    OnHost(Vec<Quad>),
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

/// The first round's leading coefficient.
fn leading(gpu: &Gpu, level: &Array, rounds: &Rounds<'_>, limits: &Limits) -> Result<EF, GpuError> {
    let round = Round::new(level.places(), rounds);
    let work = round.work(limits);
    let mut params = Params::new(level, &work, PARAMS);
    params.table(6, block_table(level.places(), |_| EF::ZERO));
    params.set(9, level.places().len() / 2);
    round.set(&mut params, &work);
    let partial = gpu.words(SUM_PLANES * work.groups())?;
    let kernel = level.kernel(kernel!("fractions", "lanes", "fractions_round", "fractions_leading"));
    gpu.dispatch(&kernel, &params.0, &[level.words(), &partial], work.invocations())?;
    let sums = gpu.words(SUM_PLANES)?;
    sum_up(gpu, &partial, &work, &sums, 0)?;
    Ok(round.sums(&gpu.read_base(&sums, 0, SUM_PLANES)?)[1])
}

/// Binds the variable of the round before, and sums up for the next one: the value at zero and the
/// leading coefficient. Numerators of the first half are with lambda times the denominators after
/// it; at `is_first` they are not yet before it.
fn pass(
    gpu: &Gpu,
    array: &Array,
    (is_first, challenge): (bool, EF),
    rounds: &Rounds<'_>,
    limits: &Limits,
) -> Result<(Folded, [EF; 2]), GpuError> {
    let half = array.places().len() / 2;
    let is_vector = half == 1;
    let blocks = folded_blocks(array.places(), challenge);
    let used: usize = blocks.iter().map(|(rows, _)| rows).sum();
    let is_last = used < limits.fractions || rounds.bound() + 1 + LANE_BITS == rounds.point().len();
    // What the host takes comes to it with the sums.
    let folded = Array::of_sums(gpu, blocks, if is_last { SUM_PLANES } else { 0 })?;

    let round = Round::new(folded.places(), rounds);
    let work = round.work(limits);
    let lambda = rounds.lambda();
    let mut params = Params::new(array, &work, PARAMS);
    let is_with_lambda = |number: usize| !is_first && number < half;
    params.table(
        6,
        block_table(array.places(), |number| if is_with_lambda(number) { lambda * array.places()[number].padding } else { EF::ZERO }),
    );
    params.set(7, folded.plane());
    params.table(8, folded.places().iter().flat_map(|place| [place.start as u32, place.rows as u32]));
    params.set(9, half);
    params.set(10, half / 2);
    params.set(11, usize::from(is_vector));
    params.set_ext(20, challenge);
    round.set(&mut params, &work);
    let partial = gpu.words(SUM_PLANES * work.groups())?;
    let kernel = kernel!("fractions", "lanes", "fractions_round", "fractions_put", "fractions_pass").with("FIRST", usize::from(is_first));
    gpu.dispatch(&array.kernel(kernel), &params.0, &[array.words(), folded.words(), &partial], work.invocations())?;
    if is_last {
        sum_up(gpu, &partial, &work, folded.words(), folded.rest())?;
        let words = folded.read(gpu)?;
        return Ok((Folded::OnHost(quads(folded.blocks(&words))), round.sums(&words[folded.rest()..])));
    }
    let sums = gpu.words(SUM_PLANES)?;
    sum_up(gpu, &partial, &work, &sums, 0)?;
    let sums = round.sums(&gpu.read_base(&sums, 0, SUM_PLANES)?);
    Ok((Folded::OnDevice(folded), sums))
}

/// Rows and padding of a layer's blocks with a variable bound.
fn folded_blocks(places: &[Place], challenge: EF) -> Vec<(usize, EF)> {
    let half = places.len() / 2;
    if half == 1 {
        return places.iter().map(|place| (half_rows(place.rows), place.padding)).collect();
    }
    let fold = |(a, b): (&Place, &Place)| (a.rows.max(b.rows), a.padding + challenge * (b.padding - a.padding));
    let halves = places.chunks_exact(half).map(|half| half.split_at(half.len() / 2));
    halves.flat_map(|(low, high)| low.iter().zip(high).map(fold)).collect()
}

/// Adds up what workgroups have, into words from a place on.
fn sum_up(gpu: &Gpu, partial: &Words, work: &Work, to: &Words, first: usize) -> Result<(), GpuError> {
    let params = [work.groups(), SUM_PLANES, first, SUM_PLANES, SUM_PLANES].map(|value| value as u32);
    gpu.dispatch(&kernel!("row_sums"), &params, &[partial, to], SUM_PLANES * GROUP)
}

/// Rows of every other vector, the first one's included.
const fn half_rows(rows: usize) -> usize {
    (rows / ROWS).div_ceil(2) * ROWS
}

/// A round's items, and the weights of the variables after its own.
struct Round<'a> {
    places: &'a [Place],
    lambda: EF,
    /// The weights of items.
    items: Vec<EF>,
    vectors: &'a [EF],
    lanes: &'a [EF],
}

impl<'a> Round<'a> {
    /// On blocks in which all variables before are bound.
    fn new(places: &'a [Place], rounds: &'a Rounds<'_>) -> Self {
        let rest = &rounds.point()[rounds.bound() + 1..];
        let block_bits = (places.len() / 4).max(1).ilog2() as usize;
        // A block's highest bit comes first.
        let blocks: Vec<EF> = rest[..block_bits].iter().rev().copied().collect();
        let (vectors, lanes) = rest[block_bits..].split_at(rest.len() - block_bits - LANE_BITS);
        Self { places, lambda: rounds.lambda(), items: equality::table(&blocks), vectors, lanes }
    }

    /// From a block of an item to the other; none if items are neighbouring vectors.
    const fn step(&self) -> usize {
        self.places.len() / 4
    }

    fn rows(&self, item: usize) -> usize {
        let half = self.places.len() / 2;
        let numbers = [item, item + self.step(), item + half, item + half + self.step()];
        let rows = numbers.map(|number| self.places[number].rows).into_iter().max().unwrap_or(0);
        if self.step() == 0 { half_rows(rows) } else { rows }
    }

    fn work(&self, limits: &Limits) -> Work {
        Work::new((0..self.items.len()).map(|item| self.rows(item)), limits)
    }

    /// The parameters of items and weights.
    fn set(&self, params: &mut Params, work: &Work) {
        params.set(12, self.places.len() / 2);
        params.set(13, self.step());
        params.set(14, usize::from(self.step() == 0));
        params.set(19, 2);
        params.set_ext(25, self.lambda);
        let in_tile = self.vectors.len().min(GROUP.ilog2() as usize - LANE_BITS);
        let (in_tile, others) = self.vectors.split_at(in_tile);
        let (tiles, chunks) = others.split_at(work.log_tiles.min(others.len()));
        let mut rows = equality::table(&[self.lanes, in_tile].concat());
        rows.resize(GROUP, EF::ZERO);
        let chunks = equality::prefix(chunks, work.longest.div_ceil(GROUP << work.log_tiles));
        for (place, weights) in [(15, &rows), (16, &equality::table(tiles)), (17, &chunks), (18, &self.items)] {
            params.table(place, weights.iter().flat_map(|weight| ext_words(*weight)));
        }
    }

    /// The sums over all rows, given those over the rows that are visited: the value at zero and
    /// the leading coefficient.
    fn sums(&self, words: &[F]) -> [EF; 2] {
        let mut sums = [0, 1].map(|i| elements(&words[i * EXTENSION_DEGREE..], 1)[0]);
        for (item, weight) in self.items.iter().enumerate() {
            let [zero, one] = [item, item + self.step()].map(|number| self.padding(number));
            let rest = *weight * (EF::ONE - weight_below(self.vectors, self.rows(item) / ROWS));
            sums[0] += rest * gate(&zero);
            sums[1] += rest * gate(&core::array::from_fn(|column| one[column] - zero[column]));
        }
        sums
    }

    /// `n0 + lambda d0, d0, n1, d1` beyond a block.
    fn padding(&self, number: usize) -> [EF; 4] {
        let [d0, d1] = [number, number + self.places.len() / 2].map(|number| self.places[number].padding);
        [self.lambda * d0, d0, EF::ZERO, d1]
    }
}

fn gate([p, d0, n1, d1]: &[EF; 4]) -> EF {
    *p * *d1 + *n1 * *d0
}

/// The sum of `eq(point, i)` over all `i` below a number, which is at most two to the number of
/// coordinates.
fn weight_below(point: &[EF], number: usize) -> EF {
    if number >> point.len() == 1 {
        return EF::ONE;
    }
    let (mut sum, mut same) = (EF::ZERO, EF::ONE);
    for (bit, &coordinate) in point.iter().enumerate().rev() {
        if number >> bit & 1 == 1 {
            sum += same * (EF::ONE - coordinate);
            same *= coordinate;
        } else {
            same *= EF::ONE - coordinate;
        }
    }
    sum
}
