//! Loading, executing and proving programs of the Tern machine.

#[cfg(feature = "attack")]
pub mod attack;
pub mod elf;
pub mod exec;
pub mod large_blocks;
pub mod profile;
pub mod prove;
pub mod recursion;
mod sources;
#[cfg(feature = "spec")]
pub mod spec;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
