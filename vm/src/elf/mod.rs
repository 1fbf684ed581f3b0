//! Loading programs: ELF64, little-endian, RISC-V, fixed addresses.
//!
//! Only program headers decide what is loaded; section headers and symbols serve names in error
//! messages and profiles.

mod error;
mod headers;
mod symbols;

use std::collections::BTreeMap;

pub use error::ElfError;
pub use symbols::{Symbol, Symbols, SymbolsError};

use crate::exec::layout::{GUARD_START, NULL_END, PAGE_BYTES, TEXT_LIMIT};
use headers::Segment;

/// A page of the initial memory image.
pub type Page = Box<[u8; PAGE_BYTES as usize]>;

/// A program, ready to run.
#[derive(Clone)]
pub struct Program {
    /// The pages that hold at least one byte of the file, by page number (address / 4096); all
    /// other memory is zero.
    pub pages: BTreeMap<u32, Page>,
    /// Address of the first instruction: a multiple of 4 in the text range.
    pub entry: u32,
    /// First address of the read-only range (read-only data and text), a multiple of the page size.
    pub ro_start: u32,
    /// End of the read-only range, exclusive, a multiple of the page size.
    pub ro_end: u32,
    /// First address of the text range, a multiple of the page size.
    pub text_start: u32,
    /// End of the text range, exclusive, a multiple of the page size.
    pub text_end: u32,
    /// Functions by address.
    pub symbols: Symbols,
}

/// Bounds and sizes; the contents would fill screens.
impl std::fmt::Debug for Program {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { pages, entry, ro_start, ro_end, text_start, text_end, symbols } = self;
        write!(f, "Program {{ entry: {entry:#x}, read-only: {ro_start:#x}..{ro_end:#x}, ")?;
        write!(f, "text: {text_start:#x}..{text_end:#x}, pages: {}, ", pages.len())?;
        write!(f, "symbols: {} }}", symbols.as_slice().len())
    }
}

impl Program {
    /// Loads an ELF file.
    ///
    /// # Errors
    /// An [`ElfError`] for a file that breaks any rule of the machine's address space; see its variants.
    pub fn from_elf(file: &[u8]) -> Result<Self, ElfError> {
        let (entry, segments) = headers::parse(file)?;
        for segment in &segments {
            check_region(segment)?;
        }
        check_sizes(file, &segments)?;
        check_overlaps(&segments)?;
        let (ro_start, ro_end) = page_span(segments.iter().filter(|s| !s.writable)).ok_or(ElfError::NoText)?;
        let (text_start, text_end) = text_range(&segments)?;
        check_writable(&segments, ro_start, ro_end)?;
        let entry = check_entry(entry, &segments)?;
        Ok(Self {
            pages: image(&segments),
            entry,
            ro_start,
            ro_end,
            text_start,
            text_end,
            symbols: Symbols::from_elf(file, &(text_start..text_end)),
        })
    }

    /// The instruction words of the text range, in order of address.
    pub fn text_words(&self) -> impl Iterator<Item = u32> + '_ {
        const EMPTY: [u8; PAGE_BYTES as usize] = [0; PAGE_BYTES as usize];
        (self.text_start / PAGE_BYTES..self.text_end / PAGE_BYTES).flat_map(|page| {
            let bytes = self.pages.get(&page).map_or(&EMPTY, |page| page);
            bytes.as_chunks().0.iter().map(|word| u32::from_le_bytes(*word))
        })
    }

    /// The leaves of the memory tree (32 bytes, as four little-endian dwords) that hold a byte of the
    /// program other than zero, ascending, each with its index (address / 32).
    pub fn leaves(&self) -> impl Iterator<Item = (u32, [u64; 4])> + '_ {
        self.pages
            .iter()
            .flat_map(|(&page, bytes)| {
                let first = page * (PAGE_BYTES / 32);
                (first..).zip(bytes.chunks_exact(32).map(leaf_dwords))
            })
            .filter(|(_, dwords)| dwords.iter().any(|&dword| dword != 0))
    }
}

fn leaf_dwords(bytes: &[u8]) -> [u64; 4] {
    let mut dwords = [0; 4];
    for (dword, chunk) in dwords.iter_mut().zip(bytes.as_chunks::<8>().0) {
        *dword = u64::from_le_bytes(*chunk);
    }
    dwords
}

/// Text lies between the null page and 2^30, everything else between the null page and the stack's
/// guard page.
fn check_region(segment: &Segment<'_>) -> Result<(), ElfError> {
    let limit = if segment.executable { TEXT_LIMIT } else { GUARD_START };
    let end = segment.start.checked_add(segment.size);
    if segment.start < u64::from(NULL_END) || end.is_none_or(|end| end > u64::from(limit)) {
        return Err(ElfError::OutsideRegion {
            header: segment.header,
            start: segment.start,
            size: segment.size,
            allowed_start: NULL_END,
            allowed_end: limit,
        });
    }
    Ok(())
}

/// No byte of the file serves twice, and text is in the file, so that what is loaded and decoded is
/// no larger than the file.
fn check_sizes(file: &[u8], segments: &[Segment<'_>]) -> Result<(), ElfError> {
    let (total, length) = (segments.iter().map(|segment| segment.data.len() as u64).sum(), file.len() as u64);
    if total > length {
        return Err(ElfError::SharedFileBytes { total, length });
    }
    let beyond = |s: &&Segment<'_>| s.executable && s.data.len() as u64 != s.size;
    match segments.iter().find(beyond) {
        Some(&Segment { header, size: memory_size, data, .. }) => {
            Err(ElfError::TextBeyondFile { header, file_size: data.len() as u64, memory_size })
        }
        None => Ok(()),
    }
}

fn check_overlaps(segments: &[Segment<'_>]) -> Result<(), ElfError> {
    let mut by_start: Vec<&Segment<'_>> = segments.iter().collect();
    by_start.sort_by_key(|segment| segment.start);
    for pair in by_start.windows(2) {
        let [first, second] = pair else { continue };
        if first.start + first.size > second.start {
            return Err(ElfError::Overlap { first: first.header, second: second.header, address: second.start as u32 });
        }
    }
    Ok(())
}

/// The first page's start and the last page's end, as addresses. Regions are checked, so both fit 32 bits.
fn page_span<'a>(segments: impl Iterator<Item = &'a Segment<'a>>) -> Option<(u32, u32)> {
    segments.map(Segment::pages).reduce(|(start, end), (other_start, other_end)| (start.min(other_start), end.max(other_end)))
}

/// The pages of the executable segments, which must follow each other without a gap: a page between them
/// would be executable though no executable segment claims it.
fn text_range(segments: &[Segment<'_>]) -> Result<(u32, u32), ElfError> {
    let mut spans: Vec<(u32, u32)> = segments.iter().filter(|s| s.executable).map(Segment::pages).collect();
    spans.sort_unstable();
    for pair in spans.windows(2) {
        if let [(_, gap_start), (gap_end, _)] = *pair
            && gap_start < gap_end
        {
            return Err(ElfError::SeparateText { gap_start, gap_end });
        }
    }
    match (spans.first(), spans.last()) {
        (Some(first), Some(last)) => Ok((first.0, last.1)),
        _ => Err(ElfError::NoText),
    }
}

fn check_writable(segments: &[Segment<'_>], ro_start: u32, ro_end: u32) -> Result<(), ElfError> {
    for segment in segments.iter().filter(|segment| segment.writable) {
        let (start, end) = segment.pages();
        if start < ro_end && ro_start < end {
            return Err(ElfError::WritableInsideReadOnly { header: segment.header, ro_start, ro_end });
        }
    }
    Ok(())
}

fn check_entry(entry: u64, segments: &[Segment<'_>]) -> Result<u32, ElfError> {
    let inside = |s: &Segment<'_>| s.executable && (s.start..s.start + s.size).contains(&entry);
    if !segments.iter().any(inside) {
        return Err(ElfError::EntryOutsideText(entry));
    }
    if !entry.is_multiple_of(4) {
        return Err(ElfError::EntryMisaligned(entry));
    }
    Ok(entry as u32)
}

fn image(segments: &[Segment<'_>]) -> BTreeMap<u32, Page> {
    let mut pages: BTreeMap<u32, Page> = BTreeMap::new();
    for segment in segments {
        let mut address = segment.start as u32;
        let mut rest = segment.data;
        while !rest.is_empty() {
            let offset = (address % PAGE_BYTES) as usize;
            let (now, later) = rest.split_at(rest.len().min(PAGE_BYTES as usize - offset));
            let page = pages.entry(address / PAGE_BYTES).or_insert_with(|| Box::new([0; PAGE_BYTES as usize]));
            page[offset..offset + now.len()].copy_from_slice(now);
            address += now.len() as u32;
            rest = later;
        }
    }
    pages
}

#[cfg(test)]
mod tests;
