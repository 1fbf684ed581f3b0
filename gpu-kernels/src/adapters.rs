//! Finding GPUs and choosing one.

use wgpu::{Adapter, Backends, DeviceType, Features, Instance, InstanceDescriptor};

use crate::GpuError;

/// Which device is to prove.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// A GPU that is no software, the first of those with memory of their own.
    Gpu,
    /// Part of a device's name, or its number among [`list`]. Software is among them.
    Name(String),
}

/// What is known of an adapter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
    /// Its name.
    pub name: String,
    /// What reaches it: Vulkan, Metal or DirectX 12.
    pub backend: String,
    /// What kind of device it is.
    pub kind: Kind,
    /// The driver, with its version.
    pub driver: String,
    /// Whether kernels compute with 64-bit integers.
    pub wide: bool,
    /// Most bytes that one binding of a kernel reaches.
    pub binding_bytes: u64,
    /// Most bytes of one buffer.
    pub buffer_bytes: u64,
}

/// A kind of device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A GPU with memory of its own.
    Discrete,
    /// A GPU that shares the host's memory.
    Integrated,
    /// A GPU of a virtual machine, or one that does not say what it is.
    Other,
    /// A program that behaves like one.
    Software,
}

impl Kind {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Discrete => "discrete",
            Self::Integrated => "integrated",
            Self::Other => "other",
            Self::Software => "software",
        }
    }
}

/// An adapter and what is known of it.
pub struct Found {
    /// What is known of it.
    pub description: Description,
    pub(crate) adapter: Adapter,
}

/// All adapters, those with memory of their own first, software last.
#[must_use]
pub fn list() -> Vec<Found> {
    let instance =
        Instance::new(InstanceDescriptor { backends: Backends::PRIMARY, ..InstanceDescriptor::new_without_display_handle_from_env() });
    let adapters = pollster::block_on(instance.enumerate_adapters(Backends::PRIMARY));
    let mut found: Vec<Found> = adapters.into_iter().map(|adapter| Found { description: describe(&adapter), adapter }).collect();
    found.sort_by_key(|found| found.description.kind as usize);
    found
}

fn describe(adapter: &Adapter) -> Description {
    let (info, limits) = (adapter.get_info(), adapter.limits());
    let kind = match info.device_type {
        DeviceType::DiscreteGpu => Kind::Discrete,
        DeviceType::IntegratedGpu => Kind::Integrated,
        DeviceType::Cpu => Kind::Software,
        DeviceType::VirtualGpu | DeviceType::Other => Kind::Other,
    };
    Description {
        name: info.name,
        backend: format!("{:?}", info.backend),
        kind,
        driver: [info.driver, info.driver_info].join(" ").trim().to_owned(),
        wide: adapter.features().contains(Features::SHADER_INT64),
        binding_bytes: limits.max_storage_buffer_binding_size,
        buffer_bytes: limits.max_buffer_size,
    }
}

/// The adapter that is meant.
///
/// # Errors
///
/// If none or several are.
pub fn choose(choice: &Choice, mut found: Vec<Found>) -> Result<Found, GpuError> {
    let names = |found: &[&Found]| match found {
        [] => "there are none".to_owned(),
        found => found
            .iter()
            .map(|found| format!("{:?} ({})", found.description.name, found.description.kind.name()))
            .collect::<Vec<_>>()
            .join(", "),
    };
    match choice {
        Choice::Gpu => match found.first() {
            Some(first) if first.description.kind != Kind::Software => Ok(found.swap_remove(0)),
            _ => Err(GpuError::NoAdapter { found: names(&found.iter().collect::<Vec<_>>()) }),
        },
        Choice::Name(wanted) => {
            if let Some(number) = wanted.parse::<usize>().ok().filter(|number| *number < found.len()) {
                return Ok(found.swap_remove(number));
            }
            let fits = |found: &Found| found.description.name.to_lowercase().contains(&wanted.to_lowercase());
            let fitting: Vec<usize> = (0..found.len()).filter(|number| fits(&found[*number])).collect();
            match fitting[..] {
                [number] => Ok(found.swap_remove(number)),
                [] => Err(GpuError::UnknownName { wanted: wanted.clone(), found: names(&found.iter().collect::<Vec<_>>()) }),
                _ => Err(GpuError::AmbiguousName {
                    wanted: wanted.clone(),
                    found: names(&fitting.iter().map(|number| &found[*number]).collect::<Vec<_>>()),
                }),
            }
        }
    }
}
