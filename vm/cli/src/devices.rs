//! `tern devices`, and what `--device` means.

use std::sync::Arc;

use serde_json::{Value, json};

use super::args::DeviceArgs;
use super::error::CliError;
use super::report::Report;
use tern_vm::prove::Device;

/// The name by which the CPU is chosen.
const CPU: &str = "cpu";

/// Any GPU.
#[cfg(feature = "gpu")]
const GPU: &str = "gpu";

/// A GPU if there is one.
pub const AUTO: &str = "auto";

/// Keeps Mesa from complaining, on standard error, that there is no desktop: its layer that chooses
/// a desktop's GPU is left out where there is none. To be called before there are threads.
#[cfg(feature = "gpu")]
pub fn without_desktop() {
    if std::env::var_os("XDG_RUNTIME_DIR").is_none() {
        // SAFETY: there is one thread, so that nobody reads the environment meanwhile.
        unsafe { std::env::set_var("NODEVICE_SELECT", "1") };
    }
}

/// `tern devices`.
pub fn devices() -> Report {
    let devices: Vec<Value> = core::iter::once(cpu()).chain(gpu::list()).collect();
    Report { text: Some(devices.iter().map(line).collect::<Vec<String>>().join("\n")), devices, ..Default::default() }
}

/// The device that arguments name; none for the CPU.
///
/// # Errors
///
/// If there is none of that name, or several, or it cannot be used.
pub fn chosen(args: &DeviceArgs) -> Result<Option<Arc<Device>>, CliError> {
    let device = if args.device == CPU { None } else { gpu::chosen(args)? };
    if device.is_none() && args.device_times.is_some() {
        tracing::warn!("no GPU proves, so that --device-times has nothing to write");
    }
    Ok(device)
}

fn cpu() -> Value {
    let cores = std::thread::available_parallelism().map_or(1, core::num::NonZeroUsize::get);
    json!({ "device": CPU, "name": "CPU", "kind": CPU, "cores": cores })
}

fn line(device: &Value) -> String {
    let of = |key: &str| device[key].as_str().unwrap_or_default().to_owned();
    if device["device"] == CPU {
        return format!("cpu  {} cores", device["cores"]);
    }
    let gibibytes = |key: &str| device[key].as_u64().unwrap_or_default() as f64 / f64::from(1 << 30);
    format!(
        "{}    {} ({}, {}; {}); kernels with {}; arrays of at most {:.1} GiB",
        of("device"),
        of("name"),
        of("kind"),
        of("backend"),
        of("driver"),
        of("kernels"),
        gibibytes("binding_bytes"),
    )
}

#[cfg(feature = "gpu")]
mod gpu {
    use std::sync::Arc;
    use std::time::Duration;

    use serde_json::{Value, json};
    use tern_gpu::adapters::{self, Choice};
    use tern_gpu::gpu::Options;
    use tern_gpu::{Backend, Gpu, GpuError};

    use super::super::args::{DeviceArgs, Kernels};
    use super::super::error::CliError;
    use super::super::files;
    use super::{AUTO, GPU};
    use tern_vm::prove::Device;

    pub fn list() -> Vec<Value> {
        let found = adapters::list().into_iter().enumerate();
        let device = |(number, found): (usize, adapters::Found)| {
            let adapters::Description { name, backend, kind, driver, wide, binding_bytes, buffer_bytes } = found.description;
            json!({
                "device": number.to_string(),
                "name": name,
                "kind": kind.name(),
                "backend": backend,
                "driver": driver,
                "kernels": if wide { "64-bit integers" } else { "16-bit halves" },
                "binding_bytes": binding_bytes,
                "buffer_bytes": buffer_bytes,
            })
        };
        found.map(device).collect()
    }

    pub fn chosen(args: &DeviceArgs) -> Result<Option<Arc<Device>>, CliError> {
        let argument = args.device.as_str();
        let choice = if [AUTO, GPU].contains(&argument) { Choice::Gpu } else { Choice::Name(argument.to_owned()) };
        let compiled = args.device_kernels == Kernels::Compiled;
        let patience = Some(Duration::from_secs(args.device_patience));
        let times = args.device_times.clone();
        let options = Options { memory: args.device_memory, cache: files::cache(), compiled, patience, times, ..Options::default() };
        let device = adapters::choose(&choice, adapters::list()).and_then(|found| Gpu::new(found, &options));
        match device {
            Ok(gpu) => {
                let name = gpu.description().name.clone();
                Ok(Some(Arc::new(Device::new(name, Box::new(Backend::new(gpu))))))
            }
            Err(GpuError::NoAdapter { .. }) if argument == AUTO => Ok(None),
            Err(error) if argument == AUTO => {
                tracing::warn!("{error}; the CPU proves instead");
                Ok(None)
            }
            Err(error) => Err(CliError::Device { code: code(&error), reason: error.to_string() }),
        }
    }

    const fn code(error: &GpuError) -> &'static str {
        match error {
            GpuError::NoAdapter { .. } => "no_gpu",
            GpuError::UnknownName { .. } => "unknown_device",
            GpuError::AmbiguousName { .. } => "ambiguous_device",
            GpuError::Missing { .. } | GpuError::NoClock { .. } => "unsuitable_device",
            _ => "device_failed",
        }
    }
}

#[cfg(not(feature = "gpu"))]
mod gpu {
    use std::sync::Arc;

    use serde_json::Value;

    use super::super::args::DeviceArgs;
    use super::super::error::CliError;
    use super::AUTO;
    use tern_vm::prove::Device;

    pub fn list() -> Vec<Value> {
        Vec::new()
    }

    pub fn chosen(args: &DeviceArgs) -> Result<Option<Arc<Device>>, CliError> {
        if args.device == AUTO {
            return Ok(None);
        }
        let reason = "this program was built without GPUs; build it with `--features gpu`, or prove with `--device cpu`".to_owned();
        Err(CliError::Device { code: "no_gpu", reason })
    }
}
