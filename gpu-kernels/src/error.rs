//! What can go wrong, and what to do then.

use core::time::Duration;

use thiserror::Error;

/// A device that cannot be used, or failed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum GpuError {
    /// There is no adapter of the kind that was asked for.
    #[error("no GPU found ({found}); install its Vulkan driver, or prove with `--device cpu`")]
    NoAdapter {
        /// What there is instead.
        found: String,
    },
    /// No adapter has the name.
    #[error("no device is called {wanted:?}; `tern devices` lists them: {found}")]
    UnknownName {
        /// The name.
        wanted: String,
        /// The names that there are.
        found: String,
    },
    /// Several adapters have the name.
    #[error("{wanted:?} may be {found}; name one of them, by its number if they have the same name")]
    AmbiguousName {
        /// The name.
        wanted: String,
        /// Those that it fits.
        found: String,
    },
    /// The adapter lacks what the kernels need.
    #[error("{adapter} has {got} of {what}, and the kernels need {needed}; prove on another device or with `--device cpu`")]
    Missing {
        /// The adapter.
        adapter: String,
        /// What is missing.
        what: &'static str,
        /// How much of it there is.
        got: u64,
        /// How much is needed.
        needed: u64,
    },
    /// The adapter cannot measure its kernels.
    #[error("{adapter} does not tell when a kernel begins and ends; leave --device-times away")]
    NoClock {
        /// The adapter.
        adapter: String,
    },
    /// The driver did not give a device.
    #[error("{adapter} gave no device: {reason}")]
    Device {
        /// The adapter.
        adapter: String,
        /// What the driver says.
        reason: String,
    },
    /// An array is larger than what the device can bind.
    #[error("an array of {wanted} bytes is larger than the {limit} that the device binds; a smaller --segment-rows needs less")]
    Binding {
        /// Bytes of the array.
        wanted: u64,
        /// The device's limit.
        limit: u64,
    },
    /// The memory that is allowed or there is used up.
    #[error("{wanted} bytes of device memory are wanted and {free} are free; a smaller --segment-rows needs less")]
    Memory {
        /// Bytes that are wanted.
        wanted: u64,
        /// Bytes that are free.
        free: u64,
    },
    /// The driver does not take a kernel.
    #[error("kernel {kernel} does not compile: {message}")]
    Compile {
        /// Its name.
        kernel: String,
        /// What the compiler says.
        message: String,
    },
    /// The device was lost.
    #[error("the device was lost: {0}")]
    Lost(String),
    /// The driver reports an error.
    #[error("the driver reports: {0}")]
    Driver(String),
    /// Work did not end.
    #[error("the device did not finish within {} s; if it is slow rather than hung, give it smaller segments, or more time", .0.as_secs())]
    Timeout(Duration),
}
