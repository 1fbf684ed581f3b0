//! The vectors of the sumcheck: values and weights of rows.

use p3_field::PrimeCharacteristicRing;
use tern_field::{EF, EXTENSION_DEGREE};
use tern_fri::multilinear::opening::{Terms, Vectors};

use super::{coordinates, ext_elements};
use crate::gpu::elements;
use crate::kernel::GROUP;
use crate::memory::Words;
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
        let kernel = kernel!("opening_rows", "opening_put", "opening_fold");
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
        let sums = self.bound_len().div_ceil(2 * GROUP);
        if sums < MAX_SUMS { sums } else { MAX_SUMS }
    }

    /// Records the sums of a message from number `first` on, and binds the bit that is to be bound.
    fn sum(&mut self, gpu: &Gpu, are_bound: bool, sums: &Words, first: usize) -> Result<(), GpuError> {
        let invocations = self.sums() * GROUP;
        let len = self.bound_len();
        let mut params = vec![self.len as u32, len as u32, first as u32, invocations as u32];
        let kernel = |kernel: Kernel| kernel.with("PAIRS", usize::from(are_bound));
        match self.pending {
            None => {
                let kernel = kernel(kernel!("opening_rows", "opening_direct", "lanes", "opening_message"));
                gpu.dispatch(&kernel, &params, &[&self.words, sums], invocations)
            }
            Some(challenge) => {
                params.extend(coordinates(challenge));
                let to = gpu.words(ROW_WORDS * len)?;
                let kernel = kernel(kernel!("opening_rows", "opening_put", "opening_folded", "lanes", "opening_message"));
                gpu.dispatch(&kernel, &params, &[&self.words, sums, &to], invocations)?;
                *self = Self { words: to, len, pending: None, extended: self.extended };
                Ok(())
            }
        }
    }

    /// Brings the vectors to the host.
    fn read(&mut self, gpu: &Gpu) -> Result<Vectors, GpuError> {
        self.bind(gpu)?;
        let coordinates = elements(&gpu.read(&self.words, 0, self.words.len())?)?;
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

/// The sum of the parts' polynomials. Vectors of at most `short` rows go to the host, for which it
/// waits; otherwise it waits for the sums.
pub(super) fn message(gpu: &Gpu, parts: &mut [Terms<'_, Rows>], short: usize) -> Result<[EF; 2], GpuError> {
    let mut message = [EF::ZERO; 2];
    let mut long = Vec::new();
    for Terms { rows, are_bound } in parts {
        rows.shorten(gpu, short)?;
        match rows {
            Rows::Short(vectors) => {
                let own = if *are_bound { vectors.message() } else { [vectors.inner_product(); 2] };
                message = added(message, own);
            }
            Rows::Long(rows) => long.push((rows, *are_bound)),
        }
    }
    let count: usize = long.iter().map(|(rows, _)| rows.sums()).sum();
    if count == 0 {
        return Ok(message);
    }
    let (sums, total) = (gpu.words(ROW_WORDS * count)?, gpu.words(ROW_WORDS)?);
    let mut first = 0;
    for (rows, are_bound) in long {
        let own = rows.sums();
        rows.sum(gpu, are_bound, &sums, first)?;
        first += own;
    }
    gpu.dispatch(&kernel!("lanes", "opening_message_total"), &[count as u32], &[&sums, &total], GROUP)?;
    match ext_elements(&gpu.read_base(&total, 0, ROW_WORDS)?)[..] {
        [at_zero, leading] => Ok(added(message, [at_zero, leading])),
        _ => unreachable!("two elements"),
    }
}

fn added([a, b]: [EF; 2], [c, d]: [EF; 2]) -> [EF; 2] {
    [a + c, b + d]
}
