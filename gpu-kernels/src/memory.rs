//! Device memory, kept to be used again: a fresh buffer is zeroed before its first use.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use wgpu::{Buffer, BufferDescriptor, BufferUsages, Device};

use crate::GpuError;

/// Bytes of a word.
pub const WORD: u64 = 4;

/// Fewest words of a buffer.
const MIN_WORDS: usize = 64;

/// 32-bit words in device memory. When they are dropped their buffer serves others.
///
/// Their values are any at first. An element of the base field is its Montgomery word; elements of
/// the challenge field lie coordinate by coordinate, `len / 5` words apart.
pub struct Words {
    pub(crate) buffer: Buffer,
    len: usize,
    pool: Arc<Mutex<Pool>>,
}

impl Words {
    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Bytes.
    pub(crate) const fn bytes(&self) -> u64 {
        self.len as u64 * WORD
    }
}

impl Drop for Words {
    fn drop(&mut self) {
        lock(&self.pool).give(self.buffer.clone());
    }
}

/// Buffers, in use or not.
pub(crate) struct Pool {
    /// Those that are not in use, by bytes.
    free: BTreeMap<u64, Vec<Buffer>>,
    /// Bytes of all buffers, and most that they were.
    allocated: u64,
    peak: u64,
    /// Most that they may be.
    limit: u64,
}

impl Pool {
    pub(crate) const fn new(limit: u64) -> Self {
        Self { free: BTreeMap::new(), allocated: 0, peak: 0, limit }
    }

    pub(crate) const fn peak(&self) -> u64 {
        self.peak
    }

    pub(crate) const fn limit(&self) -> u64 {
        self.limit
    }

    fn give(&mut self, buffer: Buffer) {
        self.free.entry(buffer.size()).or_default().push(buffer);
    }

    /// A buffer of at least so many bytes, and at most a quarter more.
    fn take(&mut self, bytes: u64) -> Option<Buffer> {
        let (&size, buffers) = self.free.range_mut(bytes..=bytes + bytes / 4).next()?;
        let buffer = buffers.pop();
        if buffers.is_empty() {
            self.free.remove(&size);
        }
        buffer
    }

    /// Makes room, by giving back buffers that are not in use.
    fn reserve(&mut self, bytes: u64) -> Result<(), GpuError> {
        while self.allocated + bytes > self.limit {
            let Some((size, buffers)) = self.free.pop_last() else {
                return Err(GpuError::Memory { wanted: bytes, free: self.limit.saturating_sub(self.allocated) });
            };
            self.allocated -= size * buffers.len() as u64;
            buffers.iter().for_each(Buffer::destroy);
        }
        self.allocated += bytes;
        self.peak = self.peak.max(self.allocated);
        Ok(())
    }
}

/// Bytes of a buffer for so many: with two digits in binary, so that sizes that differ little share
/// buffers.
fn size_class(bytes: u64) -> u64 {
    let step = (bytes.next_power_of_two() / 8).max(256);
    bytes.next_multiple_of(step)
}

/// A lock whose holder may have panicked: what it guards is whole between its statements.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Words of any values. `flush` is called before buffers are given back to the driver.
pub(crate) fn allocate(
    device: &Device,
    pool: &Arc<Mutex<Pool>>,
    len: usize,
    binding_bytes: u64,
    flush: impl FnOnce(),
) -> Result<Words, GpuError> {
    let wanted = len as u64 * WORD;
    if wanted > binding_bytes {
        return Err(GpuError::Binding { wanted, limit: binding_bytes });
    }
    let bytes = size_class((len.max(MIN_WORDS)) as u64 * WORD);
    let taken = lock(pool).take(bytes);
    let buffer = match taken {
        Some(buffer) => buffer,
        None => {
            let fits = {
                let pool = lock(pool);
                pool.allocated + bytes <= pool.limit
            };
            if !fits {
                flush();
            }
            lock(pool).reserve(bytes)?;
            let usage = BufferUsages::STORAGE | BufferUsages::COPY_SRC | BufferUsages::COPY_DST;
            device.create_buffer(&BufferDescriptor { label: None, size: bytes, usage, mapped_at_creation: false })
        }
    };
    Ok(Words { buffer, len, pool: pool.clone() })
}
