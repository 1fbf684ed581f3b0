//! What a device does in which order.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use wgpu::{
    BindGroupDescriptor, BindGroupEntry, BindingResource, Buffer, BufferBinding, BufferDescriptor, BufferSize, BufferUsages,
    CommandEncoder, CommandEncoderDescriptor, ComputePass, ComputePassDescriptor, ComputePipeline, ComputePipelineDescriptor, Device,
    PollError, PollType, ShaderModuleDescriptor, ShaderSource, SubmissionIndex,
};

use super::{Fault, Gpu};
use crate::cache::Kept;
use crate::kernel::GROUP;
use crate::memory::{WORD, Words, lock};
use crate::times::Times;
use crate::{GpuError, Kernel};

/// Most workgroups in one dimension.
const MAX_GROUPS: usize = 65_535;

/// Where the parameters of a dispatch begin: at multiples of this many bytes.
const ALIGNMENT: usize = 256;

/// From how many dispatches, or invocations of them, on work is submitted: no device should need as
/// long for that as one is waited for.
const MAX_WAITING: usize = 512;
const MAX_INVOCATIONS: usize = 1 << 23;

/// What is recorded.
#[derive(Default)]
pub(super) struct Stream {
    dispatches: Vec<Dispatch>,
    params: Vec<u8>,
    invocations: usize,
    /// How often something was submitted, and what of it is not known to be done.
    submissions: u64,
    open: VecDeque<(u64, SubmissionIndex)>,
}

struct Dispatch {
    name: Cow<'static, str>,
    pipeline: ComputePipeline,
    buffers: Vec<(Buffer, u64)>,
    params: (u64, u64),
    groups: [u32; 2],
}

impl Gpu {
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
            stream.dispatches.push(Dispatch { name: kernel.name.clone(), pipeline, buffers, params: (first as u64, len as u64), groups });
            stream.invocations += invocations;
            stream.dispatches.len() >= MAX_WAITING || stream.invocations >= MAX_INVOCATIONS
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

    /// Gives the device what is recorded, and more after it: the submission's number.
    pub(super) fn submit(&self, then: impl FnOnce(&mut CommandEncoder)) -> Result<u64, GpuError> {
        // Held until the work is in the queue, for its order.
        let mut stream = lock(&self.stream);
        let (dispatches, params) = (core::mem::take(&mut stream.dispatches), core::mem::take(&mut stream.params));
        stream.invocations = 0;
        let mut encoder = self.device.create_command_encoder(&CommandEncoderDescriptor::default());
        if !dispatches.is_empty() {
            let usage = BufferUsages::STORAGE | BufferUsages::COPY_DST;
            let buffer =
                self.device.create_buffer(&BufferDescriptor { label: None, size: params.len() as u64, usage, mapped_at_creation: false });
            self.queue.write_buffer(&buffer, 0, &params);
            self.count(0, params.len() as u64);
            self.encode(&mut encoder, &dispatches, &buffer);
        }
        then(&mut encoder);
        let index = self.queue.submit([encoder.finish()]);
        stream.submissions += 1;
        let number = stream.submissions;
        stream.open.push_back((number, index));
        drop(stream);
        self.check().map(|()| number)
    }

    /// Records dispatches whose parameters are in a buffer: in one pass, or each in one of its own
    /// if it is measured.
    fn encode(&self, encoder: &mut CommandEncoder, dispatches: &[Dispatch], params: &Buffer) {
        let Some(clock) = &self.clock else {
            let mut pass = encoder.begin_compute_pass(&ComputePassDescriptor::default());
            return dispatches.iter().for_each(|dispatch| self.encode_one(&mut pass, dispatch, params));
        };
        let run = |Dispatch { name, buffers, groups, .. }: &Dispatch| {
            let invocations = u64::from(groups[0]) * u64::from(groups[1]) * GROUP as u64;
            (name.clone().into_owned(), invocations, buffers.iter().map(|(_, bytes)| bytes).sum())
        };
        let times = Times::new(&self.device, dispatches.iter().map(run).collect());
        for (number, dispatch) in dispatches.iter().enumerate() {
            let descriptor = ComputePassDescriptor { label: None, timestamp_writes: Some(times.of(number)) };
            self.encode_one(&mut encoder.begin_compute_pass(&descriptor), dispatch, params);
        }
        times.keep(clock, &self.device, encoder);
    }

    fn encode_one(&self, pass: &mut ComputePass<'_>, dispatch: &Dispatch, params: &Buffer) {
        let Dispatch { pipeline, buffers, params: (first, len), groups, .. } = dispatch;
        let bind = |binding: usize, buffer, offset: u64, size: u64| BindGroupEntry {
            binding: binding as u32,
            resource: BindingResource::Buffer(BufferBinding { buffer, offset, size: BufferSize::new(size) }),
        };
        let given = buffers.iter().enumerate().map(|(i, (buffer, bytes))| bind(i + 1, buffer, 0, *bytes));
        let entries: Vec<BindGroupEntry<'_>> = core::iter::once(bind(0, params, *first, *len)).chain(given).collect();
        let layout = pipeline.get_bind_group_layout(0);
        let group = self.device.create_bind_group(&BindGroupDescriptor { label: None, layout: &layout, entries: &entries });
        pass.set_pipeline(pipeline);
        pass.set_bind_group(0, &group, &[]);
        pass.dispatch_workgroups(groups[0], groups[1], 1);
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

    /// Waits for a submission, one after the other of those before it: a device that takes too long
    /// for one of them is given up.
    pub(super) fn wait_for(&self, submission: u64) -> Result<(), GpuError> {
        self.count(2, 1);
        loop {
            let first = lock(&self.stream).open.front().filter(|(number, _)| *number <= submission).cloned();
            let Some((number, index)) = first else { break };
            match poll(&self.device, PollType::Wait { submission_index: Some(index), timeout: Some(self.patience) }) {
                Err(GpuError::Timeout(_)) => return Err(GpuError::Timeout(self.patience)),
                Err(error) => return Err(self.check().err().unwrap_or(error)),
                Ok(()) => lock(&self.stream).open.retain(|(open, _)| *open > number),
            }
        }
        // Another thread may have waited for it, before this one asked for its memory.
        poll(&self.device, PollType::Poll).map_err(|error| self.check().err().unwrap_or(error))?;
        self.clock.iter().try_for_each(|clock| clock.collect(&self.device))?;
        self.check()
    }
}

/// Lets the driver say what is done. wgpu has no error for a device that is lost meanwhile: it panics.
pub(crate) fn poll(device: &Device, how: PollType) -> Result<(), GpuError> {
    caught(|| device.poll(how))
}

fn caught<T>(poll: impl FnOnce() -> Result<T, PollError>) -> Result<(), GpuError> {
    match catch_unwind(AssertUnwindSafe(poll)) {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(PollError::Timeout)) => Err(GpuError::Timeout(Duration::ZERO)),
        Ok(Err(error)) => Err(GpuError::Driver(error.to_string())),
        Err(panic) => {
            let said = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
            Err(GpuError::Lost(said.unwrap_or("the driver gives no reason").to_owned()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_that_is_lost_is_an_error() {
        let lost = || -> Result<(), PollError> { panic!("Error in Device::poll: Parent device is lost") };
        assert_eq!(caught(lost), Err(GpuError::Lost("Error in Device::poll: Parent device is lost".into())));
        assert_eq!(caught(|| Ok(1)), Ok(()));
    }
}
