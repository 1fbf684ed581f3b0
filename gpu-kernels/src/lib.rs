//! The prover's heavy work on any GPU, through wgpu: Vulkan, Metal and DirectX 12.
//!
//! - [`adapters`] finds GPUs and chooses one.
//! - [`gpu`] has a device: its memory, its kernels, the order of its work.
//! - `shaders/` has the kernels in WGSL, over a field that computes with 64-bit integers where the
//!   device has them, and with 16-bit halves elsewhere.
//! - [`fill`] makes tables' cells of records.
//! - [`messages`] computes the lookups' fractions, [`fractions`] proves their sum.
//!
//! Everything is exact arithmetic in the field, and the transcript is the host's: proofs are the
//! CPU's, byte for byte.

pub mod adapters;
pub mod backend;
mod cache;
pub mod constraints;
pub mod encode;
pub mod error;
pub mod fill;
pub mod fractions;
pub mod gpu;
mod interpreter;
pub mod keccak;
mod kernel;
pub mod matrix;
pub mod memory;
pub mod merkle;
pub mod messages;
pub mod opening;
pub mod plan;
pub mod program;
mod rounds;
pub mod times;
pub mod work;

pub use backend::Backend;
pub use error::GpuError;
pub use gpu::Gpu;
pub use kernel::Kernel;

#[cfg(test)]
mod tests;
