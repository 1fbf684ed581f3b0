//! Programs for tests: an assembler, an ELF writer, and a generator of directed and random programs.

mod asm;
mod elf_writer;
mod loops;
pub mod programs;
pub mod workload;

pub use asm::{Asm, Label};
pub use elf_writer::{ElfFile, ElfSegment, PF_R, PF_W, PF_X};
pub use loops::{compressions, fibonacci, permutations};
