//! A device: what is given to it, what it does in which order, and what it gives back.
//!
//! All work is one stream. A dispatch is recorded, and goes to the device with those before it when
//! data are written or read ([`Gpu::flush`]): so what is recorded sees memory as it was then, and
//! memory that is given back may be used again at once.

use core::time::Duration;
use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use p3_field::{BasedVectorSpace, PrimeField32};
use p3_maybe_rayon::prelude::*;
use tern_field::{EF, EXTENSION_DEGREE, F};
use tern_fri::hash::element_from_bytes;
use wgpu::{
    BindGroupDescriptor, BindGroupEntry, BindingResource, Buffer, BufferBinding, BufferDescriptor, BufferSize, BufferUsages,
    CommandEncoderDescriptor, ComputePassDescriptor, ComputePipeline, ComputePipelineDescriptor, Device, DeviceDescriptor, Error, Features,
    Limits, MapMode, PollError, PollType, Queue, ShaderModuleDescriptor, ShaderSource,
};

use crate::adapters::{Description, Found};
use crate::cache::{self, Kept};
use crate::kernel::GROUP;
use crate::memory::{self, Pool, WORD, Words, lock};
use crate::{GpuError, Kernel};

/// Most workgroups in one dimension.
const MAX_GROUPS: usize = 65_535;

/// Where the parameters of a dispatch begin: at multiples of this many bytes.
const ALIGNMENT: usize = 256;

/// Bytes that are written at a time.
const STAGING: usize = 64 << 20;

/// Words of records that a task writes.
const TASK: usize = 1 << 14;

/// Dispatches that wait at most.
const MAX_WAITING: usize = 512;

/// How long a device may take for what it was given, if nothing else is said.
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
    /// How long the device may take for what it was given; a minute by default.
    pub patience: Option<Duration>,
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
    /// What goes wrong, and after how many dispatches.
    planned: Mutex<Option<(Fault, u64)>>,
}

/// What is recorded.
#[derive(Default)]
struct Stream {
    dispatches: Vec<Dispatch>,
    params: Vec<u8>,
}

struct Dispatch {
    pipeline: ComputePipeline,
    buffers: Vec<(Buffer, u64)>,
    params: (u64, u64),
    groups: [u32; 2],
}

impl fmt::Debug for Gpu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gpu").field("description", &self.description).field("wide", &self.wide).finish_non_exhaustive()
    }
}

impl Drop for Gpu {
    fn drop(&mut self) {
        self.keep_kernels();
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
        let required_features = cache::feature(adapter.features()) | if wide { Features::SHADER_INT64 } else { Features::empty() };
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
        self.write_parts(to, first, len, STAGING / WORD as usize, |from, to| {
            to.par_iter_mut().enumerate().for_each(|(i, to)| *to = word(from + i));
        })
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
        self.write_parts(to, 0, size * count, size * part, |from, to| {
            let task = (TASK / size).max(1);
            to.par_chunks_mut(size * task).enumerate().for_each(|(i, to)| write(from / size + i * task, to));
        })
    }

    /// Puts words into memory from place `first` on, so many at a time.
    fn write_parts(&self, to: &Words, first: usize, len: usize, part: usize, fill: impl Fn(usize, &mut [u32])) -> Result<(), GpuError> {
        assert!(first + len <= to.len(), "{len} words from {first} on in {}", to.len());
        self.flush()?;
        let mut words = vec![0; part.min(len)];
        for start in (0..len).step_by(part) {
            let count = (len - start).min(part);
            let Some(size) = BufferSize::new(count as u64 * WORD) else { continue };
            let Some(mut view) = self.queue.write_buffer_with(&to.buffer, (first + start) as u64 * WORD, size) else {
                return Err(self.check().err().unwrap_or_else(|| GpuError::Driver("no staging memory".into())));
            };
            fill(start, &mut words[..count]);
            view.copy_from_slice(bytemuck::cast_slice(&words[..count]));
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

    /// Records a copy of an array into another that is as long, or longer.
    ///
    /// # Errors
    ///
    /// If the driver fails.
    pub fn copy(&self, from: &Words, to: &Words) -> Result<(), GpuError> {
        self.submit(|encoder| encoder.copy_buffer_to_buffer(&from.buffer, 0, &to.buffer, 0, from.bytes())).map(drop)
    }

    /// Gives the device what is recorded, and waits until it is done.
    ///
    /// # Errors
    ///
    /// If the driver fails, the device is lost or takes too long.
    pub fn wait(&self) -> Result<(), GpuError> {
        let submitted = self.submit(|_| ())?;
        self.wait_for(submitted)
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

    /// Records a kernel on at least so many invocations. What it is given is bound from 1 on.
    ///
    /// # Errors
    ///
    /// If the kernel does not compile, or the driver fails.
    ///
    /// # Panics
    ///
    /// If it takes more workgroups than a grid has.
    pub fn dispatch(&self, kernel: &Kernel, params: &[u32], given: &[&Words], invocations: usize) -> Result<(), GpuError> {
        if invocations == 0 {
            return Ok(());
        }
        let pipeline = self.pipeline(kernel)?;
        let groups = invocations.div_ceil(GROUP);
        let rows = groups.div_ceil(MAX_GROUPS);
        assert!(rows <= MAX_GROUPS, "{invocations} invocations");
        let groups = [groups.div_ceil(rows) as u32, rows as u32];
        let full = {
            let mut stream = lock(&self.stream);
            let first = stream.params.len();
            stream.params.extend_from_slice(bytemuck::cast_slice(params));
            let len = (stream.params.len() - first).max(WORD as usize);
            let end = (first + len).next_multiple_of(ALIGNMENT);
            stream.params.resize(end, 0);
            let buffers = given.iter().map(|words| (words.buffer.clone(), words.bytes())).collect();
            stream.dispatches.push(Dispatch { pipeline, buffers, params: (first as u64, len as u64), groups });
            stream.dispatches.len() >= MAX_WAITING
        };
        self.count(3, 1);
        match self.fault_now(|fault| fault != Fault::Memory) {
            Some(Fault::Lose) => self.device.destroy(),
            Some(_) => {
                self.dispatch(&crate::kernel!("flip"), &[0], &[given[given.len() - 1]], 1)?;
            }
            None => {}
        }
        if full { self.flush() } else { Ok(()) }
    }

    fn pipeline(&self, kernel: &Kernel) -> Result<ComputePipeline, GpuError> {
        if let Some(pipeline) = lock(&self.pipelines).get(kernel.name.as_ref()) {
            return Ok(pipeline.clone());
        }
        let compile_error = |error: GpuError| GpuError::Compile { kernel: kernel.name.to_string(), message: error.to_string() };
        self.check()?;
        let source = ShaderSource::Wgsl(kernel.source(self.wide).into());
        let module = self.device.create_shader_module(ShaderModuleDescriptor { label: Some(&kernel.name), source });
        self.check().map_err(compile_error)?;
        let pipeline = self.device.create_compute_pipeline(&ComputePipelineDescriptor {
            label: Some(&kernel.name),
            layout: None,
            module: &module,
            entry_point: Some("main"),
            compilation_options: Default::default(),
            cache: self.kept.as_ref().map(Kept::cache),
        });
        self.check().map_err(compile_error)?;
        lock(&self.pipelines).insert(kernel.name.to_string(), pipeline.clone());
        Ok(pipeline)
    }

    /// Gives the device what is recorded.
    ///
    /// # Errors
    ///
    /// If the driver fails.
    pub fn flush(&self) -> Result<(), GpuError> {
        self.submit(|_| ()).map(|_| ())
    }

    fn submit(&self, then: impl FnOnce(&mut wgpu::CommandEncoder)) -> Result<wgpu::SubmissionIndex, GpuError> {
        // Held until the work is in the queue, for its order.
        let mut stream = lock(&self.stream);
        let Stream { dispatches, params } = core::mem::take(&mut *stream);
        let mut encoder = self.device.create_command_encoder(&CommandEncoderDescriptor::default());
        if !dispatches.is_empty() {
            let usage = BufferUsages::STORAGE | BufferUsages::COPY_DST;
            let buffer =
                self.device.create_buffer(&BufferDescriptor { label: None, size: params.len() as u64, usage, mapped_at_creation: false });
            self.queue.write_buffer(&buffer, 0, &params);
            self.count(0, params.len() as u64);
            let mut pass = encoder.begin_compute_pass(&ComputePassDescriptor::default());
            for Dispatch { pipeline, buffers, params: (first, len), groups } in &dispatches {
                let bind = |binding: usize, buffer, offset: u64, size: u64| BindGroupEntry {
                    binding: binding as u32,
                    resource: BindingResource::Buffer(BufferBinding { buffer, offset, size: BufferSize::new(size) }),
                };
                let given = buffers.iter().enumerate().map(|(i, (buffer, bytes))| bind(i + 1, buffer, 0, *bytes));
                let entries: Vec<BindGroupEntry<'_>> = core::iter::once(bind(0, &buffer, *first, *len)).chain(given).collect();
                let layout = pipeline.get_bind_group_layout(0);
                let group = self.device.create_bind_group(&BindGroupDescriptor { label: None, layout: &layout, entries: &entries });
                pass.set_pipeline(pipeline);
                pass.set_bind_group(0, &group, &[]);
                pass.dispatch_workgroups(groups[0], groups[1], 1);
            }
        }
        then(&mut encoder);
        let index = self.queue.submit([encoder.finish()]);
        drop(stream);
        self.check().map(|()| index)
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

    fn wait_for(&self, submitted: wgpu::SubmissionIndex) -> Result<(), GpuError> {
        self.count(2, 1);
        match self.device.poll(PollType::Wait { submission_index: Some(submitted), timeout: Some(self.patience) }) {
            Err(PollError::Timeout) => Err(GpuError::Timeout(self.patience)),
            Err(error) => Err(self.check().err().unwrap_or_else(|| GpuError::Driver(error.to_string()))),
            Ok(_) => self.check(),
        }
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
