//! What goes to a device and comes back.

use p3_field::{BasedVectorSpace, PrimeField32};
use p3_maybe_rayon::prelude::*;
use tern_field::{EF, EXTENSION_DEGREE, F};
use tern_fri::hash::element_from_bytes;
use wgpu::{BufferDescriptor, BufferSize, BufferUsages, MapMode};

use super::Gpu;
use crate::GpuError;
use crate::memory::{WORD, Words};

/// Bytes that are written at a time.
const STAGING: usize = 64 << 20;

/// Words of records that a task writes.
const TASK: usize = 1 << 14;

impl Gpu {
    /// Puts words into memory from place `first` on.
    ///
    /// # Errors
    ///
    /// If the driver fails.
    ///
    /// # Panics
    ///
    /// If they do not fit.
    pub fn write(&self, to: &Words, first: usize, len: usize, word: impl Fn(usize) -> u32 + Sync) -> Result<(), GpuError> {
        self.write_parts(to, first, len, STAGING / WORD as usize, |from, count| (from..from + count).into_par_iter().map(&word).collect())
    }

    /// Puts records of `size` words each at the beginning of memory: `write` writes those from one
    /// on.
    ///
    /// # Errors
    ///
    /// If the driver fails.
    ///
    /// # Panics
    ///
    /// If they do not fit.
    pub fn write_records(&self, to: &Words, size: usize, count: usize, write: impl Fn(usize, &mut [u32]) + Sync) -> Result<(), GpuError> {
        if size * count == 0 {
            return Ok(());
        }
        let part = (STAGING / WORD as usize / size).max(1);
        self.write_parts(to, 0, size * count, size * part, |from, count| {
            let (task, mut words) = ((TASK / size).max(1), vec![0; count]);
            words.par_chunks_mut(size * task).enumerate().for_each(|(i, to)| write(from / size + i * task, to));
            words
        })
    }

    /// Puts words into memory from place `first` on, so many at a time: `make` makes so many from one on.
    fn write_parts(
        &self,
        to: &Words,
        first: usize,
        len: usize,
        part: usize,
        make: impl Fn(usize, usize) -> Vec<u32>,
    ) -> Result<(), GpuError> {
        assert!(first + len <= to.len(), "{len} words from {first} on in {}", to.len());
        self.flush()?;
        for start in (0..len).step_by(part) {
            let count = (len - start).min(part);
            let Some(size) = BufferSize::new(count as u64 * WORD) else { continue };
            let Some(mut view) = self.queue.write_buffer_with(&to.buffer, (first + start) as u64 * WORD, size) else {
                return Err(self.check().err().unwrap_or_else(|| GpuError::Driver("no staging memory".into())));
            };
            view.copy_from_slice(bytemuck::cast_slice(&make(start, count)));
        }
        self.count(0, len as u64 * WORD);
        Ok(())
    }

    /// Words in device memory.
    ///
    /// # Errors
    ///
    /// As [`Gpu::words`].
    pub fn upload_words(&self, words: &[u32]) -> Result<Words, GpuError> {
        let to = self.words(words.len())?;
        self.write(&to, 0, words.len(), |i| words[i])?;
        Ok(to)
    }

    /// Elements of the base field in device memory.
    ///
    /// # Errors
    ///
    /// As [`Gpu::words`].
    pub fn upload(&self, elements: &[F]) -> Result<Words, GpuError> {
        let to = self.words(elements.len())?;
        self.write_base(&to, 0, elements)?;
        Ok(to)
    }

    /// Puts elements of the base field into memory from place `first` on.
    ///
    /// # Errors
    ///
    /// If the driver fails.
    ///
    /// # Panics
    ///
    /// If they do not fit.
    pub fn write_base(&self, to: &Words, first: usize, elements: &[F]) -> Result<(), GpuError> {
        self.write(to, first, elements.len(), |i| elements[i].to_unique_u32())
    }

    /// Elements of the challenge field in device memory.
    ///
    /// # Errors
    ///
    /// As [`Gpu::words`].
    pub fn upload_ext(&self, elements: &[EF]) -> Result<Words, GpuError> {
        let coordinates = |d: usize| elements.iter().map(move |element| F::to_unique_u32(&element.as_basis_coefficients_slice()[d]));
        self.upload_words(&(0..EXTENSION_DEGREE).flat_map(coordinates).collect::<Vec<u32>>())
    }

    /// Words from device memory, from place `first` on. The host waits for them.
    ///
    /// # Errors
    ///
    /// If the driver fails, the device is lost or takes too long.
    ///
    /// # Panics
    ///
    /// If there are not as many.
    pub fn read(&self, from: &Words, first: usize, len: usize) -> Result<Vec<u32>, GpuError> {
        assert!(first + len <= from.len(), "{len} words from {first} on in {}", from.len());
        self.read_parts(&[(from, first, len)])
    }

    /// All words of several arrays, one after the other. The host waits once.
    ///
    /// # Errors
    ///
    /// As [`Gpu::read`].
    pub fn read_all(&self, arrays: &[&Words]) -> Result<Vec<u32>, GpuError> {
        self.read_parts(&arrays.iter().map(|words| (*words, 0, words.len())).collect::<Vec<_>>())
    }

    fn read_parts(&self, parts: &[(&Words, usize, usize)]) -> Result<Vec<u32>, GpuError> {
        let bytes = parts.iter().map(|(_, _, len)| *len as u64).sum::<u64>() * WORD;
        if bytes == 0 {
            return Ok(Vec::new());
        }
        let usage = BufferUsages::MAP_READ | BufferUsages::COPY_DST;
        let staging = self.device.create_buffer(&BufferDescriptor { label: None, size: bytes, usage, mapped_at_creation: false });
        let submitted = self.submit(|encoder| {
            let mut to = 0;
            for (from, first, len) in parts.iter().filter(|(_, _, len)| *len > 0) {
                let bytes = *len as u64 * WORD;
                encoder.copy_buffer_to_buffer(&from.buffer, *first as u64 * WORD, &staging, to, bytes);
                to += bytes;
            }
        })?;
        staging.map_async(MapMode::Read, .., |_| ());
        self.count(1, bytes);
        self.wait_for(submitted)?;
        let view = staging.get_mapped_range(..).map_err(|error| GpuError::Driver(error.to_string()))?;
        Ok(bytemuck::pod_collect_to_vec(&view[..]))
    }

    /// Elements of the base field from device memory.
    ///
    /// # Errors
    ///
    /// As [`Gpu::read`], and if a word is no element.
    pub fn read_base(&self, from: &Words, first: usize, len: usize) -> Result<Vec<F>, GpuError> {
        elements(&self.read(from, first, len)?)
    }

    /// All elements of the challenge field in an array.
    ///
    /// # Errors
    ///
    /// As [`Gpu::read_base`].
    pub fn read_ext(&self, from: &Words) -> Result<Vec<EF>, GpuError> {
        let len = from.len() / EXTENSION_DEGREE;
        let elements = self.read_base(from, 0, from.len())?;
        Ok((0..len).map(|i| EF::from_basis_coefficients_fn(|d| elements[d * len + i])).collect())
    }
}

/// Elements of the challenge field whose coordinates follow each other.
pub(crate) fn ext_elements(coordinates: &[F]) -> Vec<EF> {
    coordinates.as_chunks::<EXTENSION_DEGREE>().0.iter().map(|words| EF::from_basis_coefficients_fn(|d| words[d])).collect()
}

/// The elements with these Montgomery words.
pub(crate) fn elements(words: &[u32]) -> Result<Vec<F>, GpuError> {
    words.iter().copied().map(element).collect()
}

fn element(word: u32) -> Result<F, GpuError> {
    element_from_bytes(word.to_le_bytes()).ok_or_else(|| GpuError::Driver(format!("{word} is no field element")))
}
