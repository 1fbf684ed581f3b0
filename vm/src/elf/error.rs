//! Why a file is not a program of the machine.

use thiserror::Error;

/// Why an ELF file was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ElfError {
    #[error("not an ELF file: it does not begin with 7f 45 4c 46")]
    BadMagic,
    #[error("the file ends at byte {length}, but {what} reaches to byte {needed}")]
    Truncated { what: &'static str, needed: u64, length: u64 },
    #[error("ELF class {0}: expected 2 (64-bit)")]
    WrongClass(u8),
    #[error("ELF data encoding {0}: expected 1 (little-endian)")]
    WrongEndianness(u8),
    #[error("ELF machine {0}: expected 243 (RISC-V)")]
    WrongMachine(u16),
    #[error("ELF type {0}: expected 2 (a fixed-address executable)")]
    WrongType(u16),
    #[error("program header entries of {0} bytes: expected 56")]
    BadProgramHeaderSize(u16),
    #[error("program header {header} asks for an interpreter or dynamic linking")]
    Dynamic { header: usize },
    #[error("segment {header} holds {file_size} bytes in the file, more than its {memory_size} bytes in memory")]
    FileSizeExceedsMemorySize { header: usize, file_size: u64, memory_size: u64 },
    #[error("the segments hold {total} bytes in all, more than the file's {length}")]
    SharedFileBytes { total: u64, length: u64 },
    #[error("executable segment {header} holds {file_size} bytes in the file, fewer than its {memory_size} in memory")]
    TextBeyondFile { header: usize, file_size: u64, memory_size: u64 },
    #[error("segment {header} is both writable and executable")]
    WritableAndExecutable { header: usize },
    #[error("segment {header} can be neither read, written nor executed")]
    NoAccess { header: usize },
    #[error("segment {header} at {start:#x} of {size:#x} bytes lies outside {allowed_start:#x}..{allowed_end:#x}")]
    OutsideRegion { header: usize, start: u64, size: u64, allowed_start: u32, allowed_end: u32 },
    #[error("segments {first} and {second} overlap at {address:#x}")]
    Overlap { first: usize, second: usize, address: u32 },
    #[error("writable segment {header} has a page inside the read-only range {ro_start:#x}..{ro_end:#x}")]
    WritableInsideReadOnly { header: usize, ro_start: u32, ro_end: u32 },
    #[error("the executable segments leave a page between {gap_start:#x} and {gap_end:#x}: text must be one range of pages")]
    SeparateText { gap_start: u32, gap_end: u32 },
    #[error("no executable segment")]
    NoText,
    #[error("entry {0:#x} lies in no executable segment")]
    EntryOutsideText(u64),
    #[error("entry {0:#x} is not a multiple of 4")]
    EntryMisaligned(u64),
}
