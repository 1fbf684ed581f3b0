//! A device: what is given to it, what it does in which order, and what it gives back.
//!
//! All work is one stream. A dispatch is recorded, and goes to the device with those before it when
//! data are written or read ([`Gpu::flush`]): so what is recorded sees memory as it was then, and
//! memory that is given back may be used again at once.

mod stream;
mod transfer;

pub(crate) use stream::poll;
pub(crate) use transfer::{elements, ext_elements};

use core::time::Duration;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use tern_field::EXTENSION_DEGREE;
use wgpu::{ComputePipeline, Device, DeviceDescriptor, Error, Features, Limits, Queue};

use crate::GpuError;
use crate::adapters::{Description, Found};
use crate::cache::{self, Kept};
use crate::kernel::GROUP;
use crate::memory::{self, Pool, WORD, Words, lock};
use crate::times::{self, Clock, KernelTime};
use stream::Stream;

/// How long a device may take for what is submitted at once, if nothing else is said.
const PATIENCE: Duration = Duration::from_secs(60);

/// Buffers that a kernel needs to bind at once: its parameters and what it is given.
const BINDINGS: u32 = 8;

/// How a device is used.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Most bytes of device memory. By default there is no limit: the driver says when it is full.
    pub memory: Option<u64>,
    /// A folder in which compiled kernels are kept; none are kept without one.
    pub cache: Option<PathBuf>,
    /// The terms of constraints have kernels of their own instead of one that interprets them:
    /// faster, after minutes of compiling.
    pub compiled: bool,
    /// Kernels compute with 16-bit halves even where there are 64-bit integers.
    pub narrow: bool,
    /// How long the device may take for what is submitted at once; a minute by default.
    pub patience: Option<Duration>,
    /// A file for the time that each kernel took, by the device's clock, which is written when the
    /// device is not used any more. Measuring takes time itself.
    pub times: Option<PathBuf>,
}

/// What went between host and device.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Bytes to the device.
    pub up: u64,
    /// Bytes from the device.
    pub down: u64,
    /// How often the host waited.
    pub waits: u64,
    /// Kernels that were run.
    pub dispatches: u64,
}

/// What goes wrong on purpose, in tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[doc(hidden)]
pub enum Fault {
    /// A bit of what a kernel wrote is flipped.
    Flip,
    /// The device is lost.
    Lose,
    /// There is no memory.
    Memory,
}

/// A device.
pub struct Gpu {
    description: Description,
    device: Device,
    queue: Queue,
    wide: bool,
    compiled: bool,
    binding_bytes: u64,
    patience: Duration,
    pool: Arc<Mutex<Pool>>,
    pipelines: Mutex<HashMap<String, ComputePipeline>>,
    kept: Option<Kept>,
    stream: Mutex<Stream>,
    fault: Arc<Mutex<Option<GpuError>>>,
    counts: [AtomicU64; 4],
    clock: Option<Clock>,
    /// What goes wrong, and after how many dispatches.
    planned: Mutex<Option<(Fault, u64)>>,
}

impl fmt::Debug for Gpu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gpu").field("description", &self.description).field("wide", &self.wide).finish_non_exhaustive()
    }
}

impl Drop for Gpu {
    fn drop(&mut self) {
        self.keep_kernels();
        if let Some(clock) = &self.clock {
            // If that fails, nothing is said of what was not waited for.
            let _ = self.wait();
            clock.save();
        }
    }
}

impl Gpu {
    /// Takes an adapter into use.
    ///
    /// # Errors
    ///
    /// If it lacks what the kernels need, or its driver gives no device.
    pub fn new(found: Found, options: &Options) -> Result<Self, GpuError> {
        let Found { description, adapter } = found;
        let has = adapter.limits();
        let needs = [
            ("storage buffers a kernel", u64::from(has.max_storage_buffers_per_shader_stage), u64::from(BINDINGS)),
            ("invocations a workgroup", u64::from(has.max_compute_invocations_per_workgroup), GROUP as u64),
            ("bytes of workgroup memory", u64::from(has.max_compute_workgroup_storage_size), 16 << 10),
        ];
        if let Some((what, got, needed)) = needs.into_iter().find(|(_, got, needed)| got < needed) {
            return Err(GpuError::Missing { adapter: description.name, what, got, needed });
        }
        let wide = description.wide && !options.narrow;
        let optional = |wanted: bool, feature: Features| if wanted { feature } else { Features::empty() };
        let is_timed = options.times.is_some();
        if is_timed && !adapter.features().contains(times::FEATURE) {
            return Err(GpuError::NoClock { adapter: description.name });
        }
        let required_features =
            cache::feature(adapter.features()) | optional(wide, Features::SHADER_INT64) | optional(is_timed, times::FEATURE);
        let required_limits = Limits { max_storage_buffers_per_shader_stage: BINDINGS, ..has.clone() };
        let descriptor = DeviceDescriptor { required_features, required_limits, ..DeviceDescriptor::default() };
        let (device, queue) = pollster::block_on(adapter.request_device(&descriptor))
            .map_err(|error| GpuError::Device { adapter: description.name.clone(), reason: error.to_string() })?;
        let fault = Arc::new(Mutex::new(None));
        let (of_errors, of_loss) = (fault.clone(), fault.clone());
        device.on_uncaptured_error(Arc::new(move |error: Error| {
            let error = match error {
                Error::OutOfMemory { .. } => GpuError::Memory { wanted: 0, free: 0 },
                error => GpuError::Driver(error.to_string()),
            };
            lock(&of_errors).get_or_insert(error);
        }));
        device.set_device_lost_callback(move |_, message| {
            lock(&of_loss).get_or_insert(GpuError::Lost(message));
        });
        Ok(Self {
            wide,
            compiled: options.compiled,
            binding_bytes: has.max_storage_buffer_binding_size,
            patience: options.patience.unwrap_or(PATIENCE),
            pool: Arc::new(Mutex::new(Pool::new(options.memory.unwrap_or(u64::MAX)))),
            pipelines: Mutex::default(),
            kept: options.cache.as_ref().and_then(|folder| Kept::open(&device, &adapter.get_info(), folder)),
            stream: Mutex::default(),
            fault,
            counts: Default::default(),
            clock: options.times.clone().map(|file| Clock::new(&queue, file)),
            planned: Mutex::default(),
            description,
            device,
            queue,
        })
    }

    /// Keeps the kernels that were compiled, if there is a folder for them.
    fn keep_kernels(&self) {
        self.kept.iter().for_each(Kept::save);
    }

    /// What is known of the adapter.
    #[must_use]
    pub const fn description(&self) -> &Description {
        &self.description
    }

    /// Whether kernels compute with 64-bit integers.
    #[must_use]
    pub const fn is_wide(&self) -> bool {
        self.wide
    }

    /// Whether constraints' terms have kernels of their own.
    #[must_use]
    pub const fn is_compiled(&self) -> bool {
        self.compiled
    }

    /// Most bytes that a kernel reaches in one array.
    #[must_use]
    pub const fn binding_bytes(&self) -> u64 {
        self.binding_bytes
    }

    /// What went between host and device so far.
    #[must_use]
    pub fn traffic(&self) -> Traffic {
        let [up, down, waits, dispatches] = self.counts.each_ref().map(|count| count.load(Ordering::Relaxed));
        Traffic { up, down, waits, dispatches }
    }

    /// What each kernel took so far, if the device measures it.
    #[must_use]
    pub fn times(&self) -> BTreeMap<String, KernelTime> {
        self.clock.as_ref().map(Clock::sums).unwrap_or_default()
    }

    /// Most bytes of device memory that were in use.
    #[must_use]
    pub fn peak_bytes(&self) -> u64 {
        lock(&self.pool).peak()
    }

    /// Most bytes of device memory, if there is a limit.
    #[must_use]
    pub fn memory(&self) -> Option<u64> {
        Some(lock(&self.pool).limit()).filter(|limit| *limit < u64::MAX)
    }

    /// Lets something go wrong after so many more dispatches.
    #[doc(hidden)]
    pub fn fail_after(&self, fault: Fault, dispatches: u64) {
        *lock(&self.planned) = Some((fault, self.traffic().dispatches + dispatches));
    }

    /// What is to go wrong now, once.
    fn fault_now(&self, which: impl Fn(Fault) -> bool) -> Option<Fault> {
        let now = self.traffic().dispatches;
        let planned = lock(&self.planned).take_if(|(fault, after)| now >= *after && which(*fault));
        planned.map(|(fault, _)| fault)
    }

    fn count(&self, which: usize, more: u64) {
        self.counts[which].fetch_add(more, Ordering::Relaxed);
    }

    /// What the driver reported since this was asked last.
    fn check(&self) -> Result<(), GpuError> {
        lock(&self.fault).take().map_or(Ok(()), Err)
    }

    /// Memory for so many words, of any values.
    ///
    /// # Errors
    ///
    /// If there is not as much.
    pub fn words(&self, len: usize) -> Result<Words, GpuError> {
        if self.fault_now(|fault| fault == Fault::Memory).is_some() {
            return Err(GpuError::Memory { wanted: len as u64 * WORD, free: 0 });
        }
        let words = memory::allocate(&self.device, &self.pool, len, self.binding_bytes, || {
            // Buffers that recorded work names must not go before it is given to the device.
            let _ = self.flush();
        })?;
        match self.check() {
            Err(GpuError::Memory { .. }) => Err(GpuError::Memory { wanted: words.bytes(), free: 0 }),
            other => other.map(|()| words),
        }
    }

    /// Memory for so many elements of the challenge field.
    ///
    /// # Errors
    ///
    /// As [`Gpu::words`].
    pub fn ext_words(&self, len: usize) -> Result<Words, GpuError> {
        self.words(len * EXTENSION_DEGREE)
    }
}
