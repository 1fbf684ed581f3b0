//! For tests: programs, with an assembler, an ELF writer, and a generator of directed and random
//! ones; the parts of records and proofs by name.

mod asm;
mod elf_writer;
pub mod fields;
mod loops;
pub mod programs;
pub mod proof_file;
pub mod records;
pub mod recursion;
pub mod workload;

pub use asm::{Asm, Label};
pub use elf_writer::{ElfFile, ElfSegment, PF_R, PF_W, PF_X};
pub use loops::{compressions, fibonacci, permutations};
