//! How long each kernel takes, by the device's own clock: for measurements, for each run is a pass of
//! its own then.

use core::fmt::Write as _;
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::Mutex;

use wgpu::{
    Buffer, BufferDescriptor, BufferUsages, CommandEncoder, ComputePassTimestampWrites, Device, Features, MapMode, PollType, QuerySet,
    QuerySetDescriptor, QueryType, Queue,
};

use crate::GpuError;
use crate::gpu::poll;
use crate::memory::lock;

/// Bytes of a time.
const TICK_BYTES: u64 = 8;

/// Digits of a digest that tell generated kernels apart.
const DIGITS: usize = 8;

/// What the device needs for it.
pub(crate) const FEATURE: Features = Features::TIMESTAMP_QUERY;

/// All runs of a kernel.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct KernelTime {
    /// How many.
    pub runs: u64,
    /// Their invocations.
    pub invocations: u64,
    /// Bytes of the arrays that they were given: they moved no more, if they read or wrote each once.
    pub bytes: u64,
    /// How long they took.
    pub seconds: f64,
}

/// The device's clock, and what it said.
pub(crate) struct Clock {
    /// Seconds of a tick.
    tick: f64,
    file: PathBuf,
    pending: Mutex<Vec<Pending>>,
    sums: Mutex<BTreeMap<String, KernelTime>>,
}

/// A run of a kernel: its name, invocations, bytes.
pub(crate) type Run = (String, u64, u64);

/// Times that the device may not have written yet.
struct Pending {
    ticks: Buffer,
    runs: Vec<Run>,
}

/// The times of a submission in the making.
pub(crate) struct Times {
    set: QuerySet,
    runs: Vec<Run>,
}

impl Clock {
    pub(crate) fn new(queue: &Queue, file: PathBuf) -> Self {
        Self { tick: f64::from(queue.get_timestamp_period()) * 1e-9, file, pending: Mutex::default(), sums: Mutex::default() }
    }

    /// Adds up what the device has written: all that it was given is done.
    pub(crate) fn collect(&self, device: &Device) -> Result<(), GpuError> {
        for Pending { ticks, runs } in core::mem::take(&mut *lock(&self.pending)) {
            ticks.map_async(MapMode::Read, .., |_| ());
            poll(device, PollType::wait_indefinitely())?;
            let view = ticks.get_mapped_range(..).map_err(|error| GpuError::Driver(error.to_string()))?;
            let ticks: Vec<u64> = bytemuck::pod_collect_to_vec(&view[..]);
            let mut sums = lock(&self.sums);
            for ((name, invocations, bytes), ticks) in runs.into_iter().zip(ticks.chunks_exact(2)) {
                let sum = sums.entry(short(&name)).or_default();
                sum.runs += 1;
                sum.invocations += invocations;
                sum.bytes += bytes;
                sum.seconds += ticks[1].saturating_sub(ticks[0]) as f64 * self.tick;
            }
        }
        Ok(())
    }

    /// What each kernel took so far.
    pub(crate) fn sums(&self) -> BTreeMap<String, KernelTime> {
        lock(&self.sums).clone()
    }

    /// Writes what each kernel took, the longest first, a JSON object a line.
    pub(crate) fn save(&self) {
        let mut sums: Vec<(String, KernelTime)> = self.sums().into_iter().collect();
        sums.sort_by(|(_, a), (_, b)| b.seconds.total_cmp(&a.seconds));
        let mut text = String::new();
        for (kernel, KernelTime { runs, invocations, bytes, seconds }) in sums {
            let _ = writeln!(
                text,
                "{{\"kernel\":{kernel:?},\"runs\":{runs},\"seconds\":{seconds:.9},\"invocations\":{invocations},\"bytes_given\":{bytes},\"gigabytes_per_second\":{:.2}}}",
                if seconds > 0.0 { bytes as f64 / seconds / 1e9 } else { 0.0 }
            );
        }
        if let Err(error) = fs::write(&self.file, text) {
            tracing::warn!("the kernels' times are not written to {}: {error}", self.file.display());
        }
    }
}

/// A kernel's name, of which a digest is cut.
fn short(name: &str) -> String {
    match name.rsplit_once(' ') {
        Some((what, digest)) if digest.len() == 64 => format!("{what} {}", &digest[..DIGITS]),
        _ => name.to_owned(),
    }
}

impl Times {
    pub(crate) fn new(device: &Device, runs: Vec<Run>) -> Self {
        let count = 2 * runs.len() as u32;
        Self { set: device.create_query_set(&QuerySetDescriptor { label: None, ty: QueryType::Timestamp, count }), runs }
    }

    /// Where the times of a run are written.
    pub(crate) const fn of(&self, run: usize) -> ComputePassTimestampWrites<'_> {
        let first = 2 * run as u32;
        ComputePassTimestampWrites {
            query_set: &self.set,
            beginning_of_pass_write_index: Some(first),
            end_of_pass_write_index: Some(first + 1),
        }
    }

    /// Lets the times be read when the work is done.
    pub(crate) fn keep(self, clock: &Clock, device: &Device, encoder: &mut CommandEncoder) {
        let size = 2 * self.runs.len() as u64 * TICK_BYTES;
        let buffer = |usage| device.create_buffer(&BufferDescriptor { label: None, size, usage, mapped_at_creation: false });
        let resolved = buffer(BufferUsages::QUERY_RESOLVE | BufferUsages::COPY_SRC);
        let ticks = buffer(BufferUsages::COPY_DST | BufferUsages::MAP_READ);
        encoder.resolve_query_set(&self.set, 0..2 * self.runs.len() as u32, &resolved, 0);
        encoder.copy_buffer_to_buffer(&resolved, 0, &ticks, 0, size);
        lock(&clock.pending).push(Pending { ticks, runs: self.runs });
    }
}
