//! Writes small ELF files, right or deliberately wrong.

pub const PF_X: u32 = 1;
pub const PF_W: u32 = 2;
pub const PF_R: u32 = 4;

/// A loadable segment.
#[derive(Clone, Debug)]
pub struct ElfSegment {
    pub address: u64,
    pub flags: u32,
    pub bytes: Vec<u8>,
    /// Bytes in memory, at least `bytes.len()` in a valid file.
    pub memory_size: u64,
    /// Program header type; 1 for a loadable segment.
    pub kind: u32,
}

impl ElfSegment {
    /// A loadable segment of just these bytes.
    #[must_use]
    pub fn new(address: u64, flags: u32, bytes: Vec<u8>) -> Self {
        Self { address, flags, memory_size: bytes.len() as u64, bytes, kind: 1 }
    }
}

/// An ELF file's contents; the fields' defaults make a valid RISC-V executable.
#[derive(Clone, Debug)]
pub struct ElfFile {
    pub class: u8,
    pub encoding: u8,
    pub kind: u16,
    pub machine: u16,
    pub flags: u32,
    pub entry: u64,
    pub segments: Vec<ElfSegment>,
    /// Functions: name, address, size.
    pub symbols: Vec<(String, u64, u64)>,
}

impl ElfFile {
    #[must_use]
    pub fn new(entry: u64, segments: Vec<ElfSegment>) -> Self {
        Self { class: 2, encoding: 1, kind: 2, machine: 243, flags: 0, entry, segments, symbols: Vec::new() }
    }

    /// The file's bytes: headers, then the segments, each at an offset congruent to its address
    /// modulo a page.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let mut body = Vec::new();
        let mut headers = Vec::new();
        let base = 64 + 56 * self.segments.len() as u64;
        for segment in &self.segments {
            let misfit = segment.address.wrapping_sub(base + body.len() as u64) % 4096;
            body.resize(body.len() + misfit as usize, 0);
            let offset = base + body.len() as u64;
            headers.extend(segment.kind.to_le_bytes());
            headers.extend(segment.flags.to_le_bytes());
            for field in [offset, segment.address, segment.address, segment.bytes.len() as u64, segment.memory_size, 4096] {
                headers.extend(field.to_le_bytes());
            }
            body.extend(&segment.bytes);
        }
        // section headers stand at multiples of 8
        let mut end = base + body.len() as u64;
        if !self.symbols.is_empty() {
            body.resize(body.len() + (end.next_multiple_of(8) - end) as usize, 0);
            end = end.next_multiple_of(8);
        }
        let (sections, table) = self.sections(end);
        let mut file = self.header(if sections.is_empty() { 0 } else { end + table });
        file.extend(headers);
        file.extend(body);
        file.extend(sections);
        file
    }

    fn header(&self, section_table: u64) -> Vec<u8> {
        let mut header = vec![0x7f, b'E', b'L', b'F', self.class, self.encoding, 1, 0];
        header.resize(16, 0);
        header.extend(self.kind.to_le_bytes());
        header.extend(self.machine.to_le_bytes());
        header.extend(1u32.to_le_bytes());
        for field in [self.entry, 64, section_table] {
            header.extend(field.to_le_bytes());
        }
        header.extend(self.flags.to_le_bytes());
        let (section_count, name_table) = if section_table == 0 { (0, 0) } else { (3, 2) };
        for field in [64, 56, self.segments.len() as u16, 64, section_count, name_table] {
            header.extend(field.to_le_bytes());
        }
        header
    }

    /// Symbol table, string table and the section headers for them, and the section headers' offset
    /// in these bytes.
    fn sections(&self, start: u64) -> (Vec<u8>, u64) {
        if self.symbols.is_empty() {
            return (Vec::new(), 0);
        }
        const FUNCTION: u8 = 2;
        let mut names = vec![0];
        let mut table = vec![0; 24];
        for (name, address, size) in &self.symbols {
            table.extend((names.len() as u32).to_le_bytes());
            table.extend([FUNCTION, 0]);
            table.extend(0xfff1u16.to_le_bytes());
            table.extend(address.to_le_bytes());
            table.extend(size.to_le_bytes());
            names.extend(name.as_bytes());
            names.push(0);
        }
        let (table_size, names_size) = (table.len() as u64, names.len() as u64);
        let mut bytes = table;
        bytes.extend(names);
        bytes.resize(bytes.len().next_multiple_of(8), 0);
        let headers = bytes.len() as u64;
        bytes.resize(bytes.len() + 64, 0);
        for (kind, offset, size, link, entry_size) in [(2u32, start, table_size, 2u32, 24u64), (3, start + table_size, names_size, 0, 0)] {
            bytes.extend(0u32.to_le_bytes());
            bytes.extend(kind.to_le_bytes());
            for field in [0, 0, offset, size] {
                bytes.extend(field.to_le_bytes());
            }
            bytes.extend(link.to_le_bytes());
            bytes.extend(1u32.to_le_bytes());
            bytes.extend(1u64.to_le_bytes());
            bytes.extend(entry_size.to_le_bytes());
        }
        (bytes, headers)
    }
}
