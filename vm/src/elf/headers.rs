//! The ELF header and program headers (ELF-64 object file format, version 1.5).

use super::ElfError;
use crate::exec::layout::PAGE_BYTES;

const HEADER_BYTES: u64 = 64;
const PROGRAM_HEADER_BYTES: u16 = 56;
const CLASS_64: u8 = 2;
const LITTLE_ENDIAN: u8 = 1;
const TYPE_EXECUTABLE: u16 = 2;
const MACHINE_RISCV: u16 = 243;
const PT_LOAD: u32 = 1;
const PT_DYNAMIC: u32 = 2;
const PT_INTERP: u32 = 3;
const PF_X: u32 = 1;
const PF_W: u32 = 2;
const PF_R: u32 = 4;

/// A loadable segment of at least one byte.
pub(super) struct Segment<'a> {
    /// Index of its program header.
    pub header: usize,
    pub start: u64,
    /// Bytes in memory.
    pub size: u64,
    /// Bytes in the file; what follows them is zero.
    pub data: &'a [u8],
    pub writable: bool,
    pub executable: bool,
}

impl Segment<'_> {
    /// Start of the first page and end of the last one; the segment must lie in an allowed region.
    pub fn pages(&self) -> (u32, u32) {
        let end = (self.start + self.size) as u32;
        (self.start as u32 / PAGE_BYTES * PAGE_BYTES, end.div_ceil(PAGE_BYTES) * PAGE_BYTES)
    }
}

/// The entry address and the loadable segments.
pub(super) fn parse(file: &[u8]) -> Result<(u64, Vec<Segment<'_>>), ElfError> {
    if file.get(..4) != Some(b"\x7fELF") {
        return Err(ElfError::BadMagic);
    }
    let header = slice(file, 0, HEADER_BYTES, "the ELF header")?;
    check_identity(header)?;
    let entry = u64_at(header, 24);
    let table = u64_at(header, 32);
    let (entry_bytes, count) = (u16_at(header, 54), u16_at(header, 56));
    if count != 0 && entry_bytes != PROGRAM_HEADER_BYTES {
        return Err(ElfError::BadProgramHeaderSize(entry_bytes));
    }
    let bytes = u64::from(PROGRAM_HEADER_BYTES);
    let table = slice(file, table, bytes * u64::from(count), "the program header table")?;
    let mut segments = Vec::new();
    for (index, header) in table.chunks_exact(usize::from(PROGRAM_HEADER_BYTES)).enumerate() {
        segments.extend(segment(file, index, header)?);
    }
    Ok((entry, segments))
}

/// The machine's flags are not looked at: they say what a compiler was allowed to use, not what it
/// used, and an instruction that the machine lacks is refused when it is executed.
fn check_identity(header: &[u8]) -> Result<(), ElfError> {
    let (class, encoding) = (header[4], header[5]);
    let (kind, machine) = (u16_at(header, 16), u16_at(header, 18));
    if class != CLASS_64 {
        return Err(ElfError::WrongClass(class));
    }
    if encoding != LITTLE_ENDIAN {
        return Err(ElfError::WrongEndianness(encoding));
    }
    if machine != MACHINE_RISCV {
        return Err(ElfError::WrongMachine(machine));
    }
    if kind != TYPE_EXECUTABLE {
        return Err(ElfError::WrongType(kind));
    }
    Ok(())
}

/// The segment of one program header, if that header loads anything.
fn segment<'a>(file: &'a [u8], index: usize, header: &[u8]) -> Result<Option<Segment<'a>>, ElfError> {
    let (kind, flags) = (u32_at(header, 0), u32_at(header, 4));
    let (offset, start) = (u64_at(header, 8), u64_at(header, 16));
    let (file_size, memory_size) = (u64_at(header, 32), u64_at(header, 40));
    match kind {
        PT_DYNAMIC | PT_INTERP => return Err(ElfError::Dynamic { header: index }),
        PT_LOAD => {}
        _ => return Ok(None),
    }
    if file_size > memory_size {
        return Err(ElfError::FileSizeExceedsMemorySize { header: index, file_size, memory_size });
    }
    if memory_size == 0 {
        return Ok(None);
    }
    if flags & (PF_R | PF_W | PF_X) == 0 {
        return Err(ElfError::NoAccess { header: index });
    }
    let (writable, executable) = (flags & PF_W != 0, flags & PF_X != 0);
    if writable && executable {
        return Err(ElfError::WritableAndExecutable { header: index });
    }
    let data = slice(file, offset, file_size, "a segment")?;
    Ok(Some(Segment { header: index, start, size: memory_size, data, writable, executable }))
}

pub(super) fn slice<'a>(file: &'a [u8], start: u64, size: u64, what: &'static str) -> Result<&'a [u8], ElfError> {
    let length = file.len() as u64;
    match start.checked_add(size) {
        Some(end) if end <= length => Ok(&file[start as usize..end as usize]),
        end => Err(ElfError::Truncated { what, needed: end.unwrap_or(u64::MAX), length }),
    }
}

pub(super) fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from(u16_at(bytes, at)) | u32::from(u16_at(bytes, at + 2)) << 16
}

pub(super) fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from(u32_at(bytes, at)) | u64::from(u32_at(bytes, at + 4)) << 32
}
