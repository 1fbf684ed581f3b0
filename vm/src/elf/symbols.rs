//! Function names by address.

use std::ops::Range;

use object::{Object, ObjectSymbol, SymbolKind};

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
#[derive(Clone, Debug, Default)]
pub struct Symbols(Vec<Symbol>);

impl Symbols {
    /// The functions of `file` that begin inside `text`; none if the file has no (or a broken) symbol table.
    pub(super) fn from_elf(file: &[u8], text: Range<u32>) -> Self {
        let Ok(object) = object::File::parse(file) else {
            return Self::default();
        };
        let mut symbols: Vec<Symbol> = object.symbols().filter_map(|symbol| function(&symbol, &text)).collect();
        // of several names for one address, keep the one with a size
        symbols.sort_by(|a, b| (a.address, b.size, &a.name).cmp(&(b.address, a.size, &b.name)));
        symbols.dedup_by_key(|symbol| symbol.address);
        Self(symbols)
    }

    /// The functions, ascending by address.
    #[must_use]
    pub fn as_slice(&self) -> &[Symbol] {
        &self.0
    }

    /// Index into [`Self::as_slice`] of the function that holds `pc`.
    #[must_use]
    pub fn index_at(&self, pc: u32) -> Option<usize> {
        let index = self.0.partition_point(|symbol| symbol.address <= pc).checked_sub(1)?;
        let symbol = &self.0[index];
        (symbol.size == 0 || pc - symbol.address < symbol.size).then_some(index)
    }

    /// Name of the function that holds `pc`.
    #[must_use]
    pub fn name_at(&self, pc: u32) -> Option<&str> {
        self.index_at(pc).map(|index| self.0[index].name.as_str())
    }
}

/// Functions, and the unsized labels of hand-written assembly, but no mapping symbols or local labels.
fn function<'a>(symbol: &impl ObjectSymbol<'a>, text: &Range<u32>) -> Option<Symbol> {
    let address = u32::try_from(symbol.address()).ok().filter(|address| text.contains(address))?;
    let name = symbol.name().ok().filter(|name| !name.is_empty())?;
    let is_label = symbol.kind() == SymbolKind::Label || symbol.kind() == SymbolKind::Unknown;
    let is_function = symbol.kind() == SymbolKind::Text || is_label && !name.starts_with(['$', '.']);
    is_function.then(|| Symbol {
        address,
        size: u32::try_from(symbol.size()).unwrap_or(0),
        name: format!("{:#}", rustc_demangle::demangle(name)),
    })
}
