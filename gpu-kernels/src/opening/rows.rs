//! The vectors of the sumcheck: values and weights of rows.

use p3_field::PrimeCharacteristicRing;
use tern_field::{EF, EXTENSION_DEGREE, F};
use tern_fri::multilinear::Transcript;
use tern_fri::multilinear::opening::{Terms, Vectors};

use super::round::Rounds;
use super::{coordinates, ext_elements};
use crate::gpu::elements;
use crate::kernel::GROUP;
use crate::memory::Words;
use crate::work::work;
use crate::{Gpu, GpuError, Kernel, kernel};

/// Coordinates of a row: those of its value and of its weight.
pub(super) const ROW_WORDS: usize = 2 * EXTENSION_DEGREE;

/// Most workgroups that sum up a message.
const MAX_SUMS: usize = 1 << 10;

/// Values and weights of rows.
pub(super) enum Rows {
    /// On the host.
    Short(Vectors),
    /// On the device.
    Long(LongRows),
}

impl Default for Rows {
    fn default() -> Self {
        Self::Short(Vectors::default())
    }
}

/// Values and weights of rows on the device.
pub(super) struct LongRows {
    /// The values' coordinates, one after the other, then the weights'.
    words: Words,
    /// How many rows there are.
    len: usize,
    /// The challenge that the lowest bit is still to be bound to, which the next pass does.
    pending: Option<EF>,
    /// The rows up to which zeros follow, once no rows come before them any more.
    extended: Option<usize>,
}

impl LongRows {
    /// Vectors of which the rest is filled in later: those that there are begin at place `first`.
    pub(super) fn after(gpu: &Gpu, first: usize, rows: &Self) -> Result<Self, GpuError> {
        let len = first + rows.bound_len();
        let to = Self { words: gpu.words(ROW_WORDS * len)?, len, pending: None, extended: rows.extended };
        let step = 1 + u32::from(rows.pending.is_some());
        let mut params = vec![rows.len as u32, rows.bound_len() as u32, first as u32, len as u32, step];
        params.extend(coordinates(rows.pending.unwrap_or_default()));
        let kernel = kernel!("opening_rows", "opening_put", "opening_known", "opening_fold");
        gpu.dispatch(&kernel, &params, &[&rows.words, &to.words], 2 * rows.bound_len())?;
        Ok(to)
    }

    pub(super) const fn words(&self) -> &Words {
        &self.words
    }

    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// Rows with those that are zero.
    pub(super) fn extended_len(&self) -> usize {
        self.extended.unwrap_or(self.len)
    }

    /// Rows when the bit is bound.
    const fn bound_len(&self) -> usize {
        if self.pending.is_some() { self.len.div_ceil(2) } else { self.len }
    }

    /// Binds the bit that is to be bound.
    pub(super) fn bind(&mut self, gpu: &Gpu) -> Result<(), GpuError> {
        if self.pending.is_some() {
            *self = Self::after(gpu, 0, self)?;
        }
        Ok(())
    }

    /// Workgroups that sum up a message.
    const fn sums(&self) -> usize {
        sums_of(self.bound_len())
    }

    /// Records the sums of a message from number `first` on, and binds the bit that is to be bound.
    fn sum(&mut self, gpu: &Gpu, are_bound: bool, sums: &Words, first: usize) -> Result<(), GpuError> {
        let Some(challenge) = self.pending.take() else {
            let invocations = self.sums() * GROUP;
            let params = [self.len, self.len, first, invocations].map(|size| size as u32);
            let kernel = kernel!("opening_rows", "opening_direct", "lanes", "opening_message").with("PAIRS", usize::from(are_bound));
            return gpu.dispatch(&kernel, &params, &[&self.words, sums], invocations);
        };
        let kernel = kernel!("opening_rows", "opening_put", "opening_known", "opening_folded", "lanes", "opening_message");
        self.sum_folded(gpu, kernel.with("PAIRS", usize::from(are_bound)), (challenge, None), sums, first)
    }

    /// The same with the lowest bit bound to a challenge, which is in device memory if that is given.
    fn sum_folded(
        &mut self,
        gpu: &Gpu,
        kernel: Kernel,
        (known, live): (EF, Option<&Words>),
        sums: &Words,
        first: usize,
    ) -> Result<(), GpuError> {
        let len = self.len.div_ceil(2);
        let invocations = sums_of(len) * GROUP;
        let mut params = [self.len, len, first, invocations, 0].map(|size| size as u32).to_vec();
        params.extend(coordinates(known));
        let to = gpu.words(ROW_WORDS * len)?;
        let given: Vec<&Words> = [&self.words, sums, &to].into_iter().chain(live).collect();
        gpu.dispatch(&kernel, &params, &given, invocations)?;
        *self = Self { words: to, len, pending: None, extended: self.extended };
        Ok(())
    }

    /// Records the sums of a message, of vectors whose lowest bit is bound first to the challenge
    /// that the device drew, if it drew one. Returns them, and how many they are.
    pub(super) fn sum_ahead(&mut self, gpu: &Gpu, live: Option<&Words>) -> Result<(Words, usize), GpuError> {
        let count = sums_of(if live.is_some() { self.len.div_ceil(2) } else { self.len });
        let sums = gpu.words(ROW_WORDS * count)?;
        match live {
            None => self.sum(gpu, true, &sums, 0)?,
            Some(live) => {
                let kernel = kernel!("opening_rows", "opening_put", "opening_live", "opening_folded", "lanes", "opening_message");
                self.sum_folded(gpu, kernel.with("PAIRS", 1), (EF::ZERO, Some(live)), &sums, 0)?;
                self.extended = self.extended.map(|len| len / 2);
            }
        }
        Ok((sums, count))
    }

    /// Brings the vectors to the host.
    fn read(&mut self, gpu: &Gpu) -> Result<Vectors, GpuError> {
        self.bind(gpu)?;
        self.vectors(&gpu.read(&self.words, 0, self.words.len())?)
    }

    /// The vectors that these words are.
    pub(super) fn vectors(&self, words: &[u32]) -> Result<Vectors, GpuError> {
        let coordinates = elements(words)?;
        let vector = |vector: usize| {
            let coordinate = |i: usize, d: usize| coordinates[(vector * EXTENSION_DEGREE + d) * self.len + i];
            let coordinates: Vec<_> = (0..self.len).flat_map(|i| (0..EXTENSION_DEGREE).map(move |d| coordinate(i, d))).collect();
            let mut elements = ext_elements(&coordinates);
            elements.resize(self.extended_len(), EF::ZERO);
            elements
        };
        Ok(Vectors { values: vector(0), weights: vector(1) })
    }
}

impl Rows {
    /// Puts the vectors on the device, if they are not there.
    pub(super) fn on_device(&mut self, gpu: &Gpu) -> Result<&mut LongRows, GpuError> {
        if let Self::Short(vectors) = self {
            let (len, words) = (vectors.len(), gpu.words(ROW_WORDS * vectors.len())?);
            let element = |i: usize| if i < len { vectors.values[i] } else { vectors.weights[i - len] };
            let word = |i: usize| coordinates(element(i / (EXTENSION_DEGREE * len) * len + i % len))[i / len % EXTENSION_DEGREE];
            gpu.write(&words, 0, words.len(), word)?;
            *self = Self::Long(LongRows { words, len, pending: None, extended: None });
        }
        match self {
            Self::Long(rows) => Ok(rows),
            Self::Short(_) => unreachable!("they are on the device"),
        }
    }

    /// Brings the vectors to the host if they are short, and no rows come before them any more.
    pub(super) fn shorten(&mut self, gpu: &Gpu, short: usize) -> Result<(), GpuError> {
        if let Self::Long(rows) = self
            && rows.extended.is_some()
            && rows.bound_len() <= short
        {
            *self = Self::Short(rows.read(gpu)?);
        }
        Ok(())
    }

    pub(super) fn fold(&mut self, gpu: &Gpu, challenge: EF) -> Result<(), GpuError> {
        match self {
            Self::Short(vectors) => vectors.fold(challenge),
            Self::Long(rows) => {
                rows.bind(gpu)?;
                rows.pending = Some(challenge);
                rows.extended = rows.extended.map(|len| len / 2);
            }
        }
        Ok(())
    }

    pub(super) fn scale(&mut self, gpu: &Gpu, factor: EF) -> Result<(), GpuError> {
        let rows = self.on_device(gpu)?;
        rows.bind(gpu)?;
        let mut params = vec![rows.len as u32];
        params.extend(coordinates(factor));
        gpu.dispatch(&kernel!("opening_rows", "opening_scale"), &params, &[&rows.words], 2 * rows.len)
    }

    pub(super) fn interleaved(gpu: &Gpu, mut first: Self, mut second: Self) -> Result<Self, GpuError> {
        let (first, second) = (first.on_device(gpu)?, second.on_device(gpu)?);
        first.bind(gpu)?;
        second.bind(gpu)?;
        let len = 2 * first.len.max(second.len);
        let to = LongRows { words: gpu.words(ROW_WORDS * len)?, len, pending: None, extended: None };
        let kernel = kernel!("opening_rows", "opening_put", "opening_interleave");
        let params = [first.len as u32, second.len as u32, len as u32];
        gpu.dispatch(&kernel, &params, &[&first.words, &second.words, &to.words], 2 * len)?;
        Ok(Self::Long(to))
    }

    pub(super) fn extend(&mut self, gpu: &Gpu, len: usize) -> Result<(), GpuError> {
        self.on_device(gpu)?.extended = Some(len);
        Ok(())
    }

    pub(super) fn into_vectors(self, gpu: &Gpu) -> Result<Vectors, GpuError> {
        match self {
            Self::Short(vectors) => Ok(vectors),
            Self::Long(mut rows) => rows.read(gpu),
        }
    }
}

/// Sums of a message of so many rows.
const fn sums_of(len: usize) -> usize {
    let sums = len.div_ceil(2 * GROUP);
    if sums < MAX_SUMS { sums } else { MAX_SUMS }
}

/// A round, as [`tern_fri::multilinear::opening::Passes::round`] says. The host waits once.
pub(super) fn round(
    gpu: &Gpu,
    parts: &mut [Terms<'_, Rows>],
    more: [EF; 2],
    bits: usize,
    transcript: &mut Transcript,
) -> Result<([EF; 2], F), GpuError> {
    let mut message = more;
    let mut long = Vec::new();
    for Terms { rows, are_bound } in parts {
        match rows {
            Rows::Short(vectors) => message = added(message, vectors.part_of_message(*are_bound)),
            Rows::Long(rows) => long.push((rows, *are_bound)),
        }
    }
    let count: usize = long.iter().map(|(rows, _)| rows.sums()).sum();
    if count == 0 {
        transcript.observe_extension(&message);
        return Ok((message, work(gpu, bits, transcript)?));
    }
    let sums = gpu.words(ROW_WORDS * count)?;
    let mut first = 0;
    for (rows, are_bound) in long {
        let own = rows.sums();
        rows.sum(gpu, are_bound, &sums, first)?;
        first += own;
    }
    let rounds = Rounds::new(gpu, &transcript.state(), 1, bits)?;
    rounds.send(gpu, 0, (&sums, count), message, None)?;
    let played = rounds.played(&gpu.read_all(&[rounds.record()])?, 0)?;
    Ok((played.message, played.observed(bits, transcript)?))
}

fn added([a, b]: [EF; 2], [c, d]: [EF; 2]) -> [EF; 2] {
    [a + c, b + d]
}
