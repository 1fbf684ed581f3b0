//! Loading, executing and proving programs of the Tern machine.

pub mod elf;
pub mod exec;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
