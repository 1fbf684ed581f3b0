//! Function names by address, from the symbol table (ELF-64 object file format, version 1.5).
//!
//! Names serve messages and profiles only, so a program loads whatever its symbol table is like;
//! but one that gives no names says why.

use std::ops::Range;

use thiserror::Error;

use super::ElfError;
use super::headers::{slice, u16_at, u32_at, u64_at};

const HEADER_BYTES: u64 = 64;
const SECTION_HEADER_BYTES: u16 = 64;
const SYMBOL_BYTES: usize = 24;
const SYMBOL_TABLE: u32 = 2;
const NO_TYPE: u8 = 0;
const FUNCTION: u8 = 2;
/// Most bytes that all names together may have: many symbols can share one long name.
const MAX_NAME_BYTES: usize = 1 << 26;

/// Why a program has no function names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SymbolsError {
    #[error("the file has no symbol table (it was stripped)")]
    NoTable,
    #[error("the symbol table names no function")]
    NoFunctions,
    #[error(transparent)]
    File(#[from] ElfError),
    #[error("section header entries of {0} bytes: expected 64")]
    SectionHeaderSize(u16),
    #[error("symbol table entries of {0} bytes: expected 24")]
    EntrySize(u64),
    #[error("the symbol table's names are in section {section}, but there are {sections} sections")]
    NoStrings { section: u32, sections: u16 },
    #[error("the names of all symbols have more than {limit} bytes")]
    NamesTooLong { limit: usize },
}

/// A function of the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    pub address: u32,
    /// Bytes; 0 where the file does not say.
    pub size: u32,
    /// Demangled.
    pub name: String,
}

/// The program's functions, ascending by address, one per address.
#[derive(Clone, Debug)]
pub struct Symbols {
    functions: Vec<Symbol>,
    missing: Option<SymbolsError>,
}

impl Symbols {
    /// The functions of `file`, an ELF file, that begin inside `text`.
    pub(super) fn from_elf(file: &[u8], text: &Range<u32>) -> Self {
        match functions(file, text) {
            Ok(functions) => Self { functions, missing: None },
            Err(missing) => Self { functions: Vec::new(), missing: Some(missing) },
        }
    }

    /// The functions, ascending by address.
    #[must_use]
    pub fn as_slice(&self) -> &[Symbol] {
        &self.functions
    }

    /// Why there are no functions, if there are none.
    #[must_use]
    pub fn missing(&self) -> Option<SymbolsError> {
        self.missing
    }

    /// Index into [`Self::as_slice`] of the function that holds `pc`.
    #[must_use]
    pub fn index_at(&self, pc: u32) -> Option<usize> {
        let index = self.functions.partition_point(|symbol| symbol.address <= pc).checked_sub(1)?;
        let symbol = &self.functions[index];
        (symbol.size == 0 || pc - symbol.address < symbol.size).then_some(index)
    }

    /// Name of the function that holds `pc`.
    #[must_use]
    pub fn name_at(&self, pc: u32) -> Option<&str> {
        self.index_at(pc).map(|index| self.functions[index].name.as_str())
    }
}

/// The functions inside `text`, of which there is at least one.
fn functions(file: &[u8], text: &Range<u32>) -> Result<Vec<Symbol>, SymbolsError> {
    let (table, names) = symbol_table(file)?;
    let mut symbols = Vec::new();
    let mut bytes = 0;
    for entry in table.chunks_exact(SYMBOL_BYTES) {
        if let Some(symbol) = function(entry, names, text)? {
            bytes += symbol.name.len();
            if bytes > MAX_NAME_BYTES {
                return Err(SymbolsError::NamesTooLong { limit: MAX_NAME_BYTES });
            }
            symbols.push(symbol);
        }
    }
    if symbols.is_empty() {
        return Err(SymbolsError::NoFunctions);
    }
    // of several names for one address, keep the one with a size
    symbols.sort_by(|a, b| (a.address, b.size, &a.name).cmp(&(b.address, a.size, &b.name)));
    symbols.dedup_by_key(|symbol| symbol.address);
    Ok(symbols)
}

/// The symbol table's entries, and the section with its names.
fn symbol_table(file: &[u8]) -> Result<(&[u8], &[u8]), SymbolsError> {
    let header = slice(file, 0, HEADER_BYTES, "the ELF header")?;
    let (start, entry_bytes, sections) = (u64_at(header, 40), u16_at(header, 58), u16_at(header, 60));
    if sections == 0 {
        return Err(SymbolsError::NoTable);
    }
    if entry_bytes != SECTION_HEADER_BYTES {
        return Err(SymbolsError::SectionHeaderSize(entry_bytes));
    }
    let headers = slice(file, start, u64::from(entry_bytes) * u64::from(sections), "the section header table")?;
    let mut headers = headers.chunks_exact(usize::from(entry_bytes));
    let table = headers.clone().find(|header| u32_at(header, 4) == SYMBOL_TABLE).ok_or(SymbolsError::NoTable)?;
    let (section, entry_bytes) = (u32_at(table, 40), u64_at(table, 56));
    if entry_bytes != SYMBOL_BYTES as u64 {
        return Err(SymbolsError::EntrySize(entry_bytes));
    }
    let strings = headers.nth(section as usize).ok_or(SymbolsError::NoStrings { section, sections })?;
    let contents = |header, what| slice(file, u64_at(header, 24), u64_at(header, 32), what);
    Ok((contents(table, "the symbol table")?, contents(strings, "the symbol names")?))
}

/// The function of an entry of the table: functions, and the untyped labels of hand-written
/// assembly, but no mapping symbols or local labels.
fn function(entry: &[u8], names: &[u8], text: &Range<u32>) -> Result<Option<Symbol>, SymbolsError> {
    let kind = entry[4] & 15;
    let address = u32::try_from(u64_at(entry, 8)).ok().filter(|address| text.contains(address));
    let (Some(address), FUNCTION | NO_TYPE) = (address, kind) else { return Ok(None) };
    let start = u32_at(entry, 0) as usize;
    let rest =
        names.get(start..).ok_or(ElfError::Truncated { what: "the name of a symbol", needed: start as u64, length: names.len() as u64 })?;
    let name = rest.split(|&byte| byte == 0).next().unwrap_or_default();
    if name.len() > MAX_NAME_BYTES {
        return Err(SymbolsError::NamesTooLong { limit: MAX_NAME_BYTES });
    }
    if name.is_empty() || kind == NO_TYPE && matches!(name[0], b'$' | b'.') {
        return Ok(None);
    }
    let name = String::from_utf8_lossy(name);
    Ok(Some(Symbol {
        address,
        size: u32::try_from(u64_at(entry, 16)).unwrap_or(0),
        name: format!("{:#}", rustc_demangle::demangle(&name)),
    }))
}
