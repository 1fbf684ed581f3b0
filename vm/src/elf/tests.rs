use proptest::prelude::*;

use super::{ElfError, Program, SymbolsError};
use crate::testing::{ElfFile, ElfSegment, PF_R, PF_W, PF_X};

const NOP: [u8; 4] = [0x13, 0, 0, 0];

fn text(address: u64) -> ElfSegment {
    ElfSegment::new(address, PF_R | PF_X, NOP.to_vec())
}

fn with(segments: Vec<ElfSegment>) -> Result<Program, ElfError> {
    Program::from_elf(&ElfFile::new(0x1_0000, segments).bytes())
}

fn altered(change: impl FnOnce(&mut ElfFile)) -> Result<Program, ElfError> {
    let mut file = ElfFile::new(0x1_0000, vec![text(0x1_0000)]);
    change(&mut file);
    Program::from_elf(&file.bytes())
}

#[track_caller]
fn refused(result: Result<Program, ElfError>, expected: ElfError) {
    assert_eq!(result.err(), Some(expected));
}

#[test]
fn loads_segments_bounds_and_symbols() {
    let mut bss = ElfSegment::new(0x2_0008, PF_R | PF_W, vec![7; 5000]);
    bss.memory_size = 0x10_0000;
    let rodata = ElfSegment::new(0x8ff0, PF_R, vec![1, 2, 3]);
    let mut file = ElfFile::new(0x1_0004, vec![text(0x1_0000), bss, rodata]);
    file.segments[0].bytes.extend(NOP);
    file.segments[0].memory_size = 8;
    file.symbols.push(("_RNvCs1234_7mycrate3foo".into(), 0x1_0000, 4));
    file.symbols.push(("_start".into(), 0x1_0004, 0));
    file.symbols.push(("data".into(), 0x2_0000, 4));
    let program = Program::from_elf(&file.bytes()).unwrap();
    assert_eq!((program.entry, program.text_start, program.text_end), (0x1_0004, 0x1_0000, 0x1_1000));
    assert_eq!((program.ro_start, program.ro_end), (0x8000, 0x1_1000));
    assert_eq!(program.pages.keys().copied().collect::<Vec<_>>(), [0x8, 0x10, 0x20, 0x21]);
    assert_eq!(program.pages[&0x8][0xff0..0xff4], [1, 2, 3, 0]);
    assert_eq!(program.pages[&0x20][7..9], [0, 7]);
    assert_eq!(program.pages[&0x21][0x38f..0x391], [7, 0]);
    assert_eq!(program.text_words().take(3).collect::<Vec<_>>(), [0x13, 0x13, 0]);
    let leaves: Vec<_> = program.leaves().take(2).collect();
    assert_eq!(leaves[0], (0x8ff0 / 32, [0, 0, 0x0003_0201, 0]));
    assert_eq!(leaves[1], (0x1_0000 / 32, [0x13_0000_0013, 0, 0, 0]));
    assert_eq!(program.symbols.name_at(0x1_0000), Some("mycrate::foo"));
    assert_eq!(program.symbols.name_at(0x1_0008), Some("_start"));
    assert_eq!(program.symbols.name_at(0xfffc), None);
    assert_eq!(program.symbols.as_slice().len(), 2);
}

#[test]
fn symbols_do_not_depend_on_alignment() {
    let guest = include_bytes!("../../../guest-evm/elf/fibonacci.elf");
    let mut buffer = vec![0; guest.len() + 8];
    let names = |file: &[u8]| Program::from_elf(file).expect("a guest").symbols.as_slice().to_vec();
    let expected = names(guest);
    assert!(expected.iter().any(|symbol| symbol.name == "_start") && expected.len() > 10);
    for shift in 0..8 {
        buffer[shift..shift + guest.len()].copy_from_slice(guest);
        assert_eq!(names(&buffer[shift..shift + guest.len()]), expected, "shifted by {shift}");
    }
}

/// A broken symbol table does not keep a program from running, and says what is wrong.
#[test]
fn broken_symbol_tables_are_told() {
    let mut file = ElfFile::new(0x1_0000, vec![text(0x1_0000)]);
    let missing = |bytes: &[u8]| Program::from_elf(bytes).expect("a program all the same").symbols.missing();
    assert_eq!(missing(&file.bytes()), Some(SymbolsError::NoTable));
    file.symbols.push(("data".into(), 0x2_0000, 4));
    assert_eq!(missing(&file.bytes()), Some(SymbolsError::NoFunctions));
    file.symbols.push(("main".into(), 0x1_0000, 4));
    let bytes = file.bytes();
    assert_eq!(missing(&bytes), None);
    let sections = u64::from_le_bytes(bytes[40..48].try_into().expect("eight bytes")) as usize;
    let table = sections + 64;
    let with = |at: usize, value: &[u8]| {
        let mut bytes = bytes.clone();
        bytes[at..at + value.len()].copy_from_slice(value);
        missing(&bytes)
    };
    let far = u64::MAX.to_le_bytes();
    let truncated = |what, needed| Some(SymbolsError::File(ElfError::Truncated { what, needed, length: bytes.len() as u64 }));
    assert_eq!(with(40, &far), truncated("the section header table", u64::MAX));
    assert_eq!(with(58, &[40, 0]), Some(SymbolsError::SectionHeaderSize(40)));
    assert_eq!(with(60, &[0, 0]), Some(SymbolsError::NoTable));
    assert_eq!(with(table + 4, &[9]), Some(SymbolsError::NoTable));
    assert_eq!(with(table + 24, &far), truncated("the symbol table", u64::MAX));
    assert_eq!(with(table + 32, &far), truncated("the symbol table", u64::MAX));
    assert_eq!(with(table + 40, &[7]), Some(SymbolsError::NoStrings { section: 7, sections: 3 }));
    assert_eq!(with(table + 56, &[16]), Some(SymbolsError::EntrySize(16)));
    assert_eq!(with(table + 64 + 24, &far), truncated("the symbol names", u64::MAX));
    let symbols = u64::from_le_bytes(bytes[table + 24..table + 32].try_into().expect("eight bytes")) as usize;
    let name = Some(SymbolsError::File(ElfError::Truncated { what: "the name of a symbol", needed: 0xffff, length: 11 }));
    assert_eq!(with(symbols + 48, &[0xff, 0xff]), name);
}

/// Many symbols may share one long name; memory for names is bounded.
#[test]
fn names_are_bounded() {
    let mut file = ElfFile::new(0x1_0000, vec![text(0x1_0000)]);
    let long = "n".repeat(1 << 20);
    file.symbols.extend((0..65).map(|_| (long.clone(), 0x1_0000, 4)));
    let program = Program::from_elf(&file.bytes()).expect("a program all the same");
    assert_eq!(program.symbols.missing(), Some(SymbolsError::NamesTooLong { limit: 1 << 26 }));
}

#[test]
fn refuses_foreign_files() {
    refused(Program::from_elf(b""), ElfError::BadMagic);
    refused(Program::from_elf(b"#!/bin/sh"), ElfError::BadMagic);
    refused(altered(|file| file.class = 1), ElfError::WrongClass(1));
    refused(altered(|file| file.encoding = 2), ElfError::WrongEndianness(2));
    refused(altered(|file| file.machine = 62), ElfError::WrongMachine(62));
    refused(altered(|file| file.kind = 3), ElfError::WrongType(3));
    refused(altered(|file| file.segments.push(ElfSegment { kind: 3, ..text(0x3_0000) })), ElfError::Dynamic { header: 1 });
    let mut bytes = ElfFile::new(0x1_0000, vec![text(0x1_0000)]).bytes();
    bytes[54] = 32;
    refused(Program::from_elf(&bytes), ElfError::BadProgramHeaderSize(32));
}

#[test]
fn refuses_every_truncation() {
    let file = ElfFile::new(0x1_0000, vec![text(0x1_0000), ElfSegment::new(0x2_0000, PF_R | PF_W, vec![1; 10])]).bytes();
    for length in 0..file.len() {
        let error = Program::from_elf(&file[..length]).expect_err("a truncated file");
        let expected = if length < 4 { error == ElfError::BadMagic } else { matches!(error, ElfError::Truncated { .. }) };
        assert!(expected, "{length}: {error}");
    }
    assert!(Program::from_elf(&file).is_ok());
}

#[test]
fn refuses_bad_segments() {
    let writable_text = ElfSegment::new(0x1_0000, PF_R | PF_W | PF_X, NOP.to_vec());
    refused(with(vec![writable_text]), ElfError::WritableAndExecutable { header: 0 });
    let inaccessible = ElfSegment::new(0x3_0000, 0, vec![1]);
    refused(with(vec![text(0x1_0000), inaccessible]), ElfError::NoAccess { header: 1 });
    let shrunk = ElfSegment { memory_size: 3, ..text(0x1_0000) };
    refused(with(vec![shrunk]), ElfError::FileSizeExceedsMemorySize { header: 0, file_size: 4, memory_size: 3 });
    let overlapping = ElfSegment::new(0x1_0003, PF_R, vec![1]);
    refused(with(vec![text(0x1_0000), overlapping]), ElfError::Overlap { first: 0, second: 1, address: 0x1_0003 });
    let same_page = ElfSegment::new(0x1_0800, PF_R | PF_W, vec![1]);
    refused(with(vec![text(0x1_0000), same_page]), ElfError::WritableInsideReadOnly { header: 1, ro_start: 0x1_0000, ro_end: 0x1_1000 });
    let between = ElfSegment::new(0x2_0000, PF_R | PF_W, vec![1]);
    refused(
        with(vec![text(0x1_0000), between, ElfSegment::new(0x3_0000, PF_R, vec![1])]),
        ElfError::WritableInsideReadOnly { header: 1, ro_start: 0x1_0000, ro_end: 0x3_1000 },
    );
    refused(with(vec![text(0x1_0000), text(0x1_2000)]), ElfError::SeparateText { gap_start: 0x1_1000, gap_end: 0x1_2000 });
    assert!(with(vec![text(0x1_0000), text(0x1_1000)]).is_ok());
}

#[test]
fn refuses_segments_outside_their_region() {
    let outside = |address: u64, flags: u32, size: u64| {
        let segment = ElfSegment { memory_size: size, ..ElfSegment::new(address, flags, vec![1]) };
        let allowed_end = if flags & PF_X == 0 { 0x7c00_0000 } else { 0x4000_0000 };
        let error = ElfError::OutsideRegion { header: 1, start: address, size, allowed_start: 0x1000, allowed_end };
        refused(with(vec![text(0x1_0000), segment]), error);
    };
    outside(0xfff, PF_R | PF_W, 4);
    outside(0, PF_R, 1);
    outside(0x7bff_ffff, PF_R | PF_W, 2);
    outside(0x7c00_1000, PF_R | PF_W, 1);
    outside(0x8000_0000, PF_R | PF_W, 1);
    outside(0x3fff_ffff, PF_R | PF_X, 2);
    outside(0x1_0002_0000, PF_R | PF_W, 1);
    outside(0x2_0000, PF_R | PF_W, u64::MAX);
    outside(u64::MAX, PF_R | PF_W, 1);
}

#[test]
fn refuses_sizes_that_the_file_does_not_bear_out() {
    let long = ElfSegment { memory_size: 1 << 29, ..text(0x1_0000) };
    refused(with(vec![long]), ElfError::TextBeyondFile { header: 0, file_size: 4, memory_size: 1 << 29 });
    let file = ElfFile::new(0x1_0000, vec![text(0x1_0000), ElfSegment::new(0x2_0000, PF_R | PF_W, vec![1; 5000])]);
    let mut bytes = file.bytes();
    // the text's header takes all of the file, too
    let length = bytes.len() as u64;
    for size in [64 + 32, 64 + 40] {
        bytes[size..size + 8].copy_from_slice(&length.to_le_bytes());
    }
    bytes[64 + 8..64 + 16].fill(0);
    refused(Program::from_elf(&bytes), ElfError::SharedFileBytes { total: length + 5000, length });
}

#[test]
fn refuses_bad_entries() {
    refused(altered(|file| file.entry = 0x1_0004), ElfError::EntryOutsideText(0x1_0004));
    refused(altered(|file| file.entry = 0x1_0001_0000), ElfError::EntryOutsideText(0x1_0001_0000));
    refused(altered(|file| file.entry = 0x1_0002), ElfError::EntryMisaligned(0x1_0002));
    refused(altered(|file| file.segments[0].flags = PF_R), ElfError::NoText);
    refused(altered(|file| file.segments.clear()), ElfError::NoText);
}

proptest! {
    #[test]
    fn damaged_files_never_panic(position in 0usize..4400, value: u8, keep in 0usize..4400) {
        let mut file = ElfFile::new(0x1000, vec![text(0x1000), ElfSegment::new(0x2000, PF_R | PF_W, vec![9; 8])]);
        file.symbols.extend([("main".into(), 0x1000, 4), ("other".into(), 0x1002, 0)]);
        let mut bytes = file.bytes();
        let length = bytes.len();
        bytes[position % length] = value;
        if keep % 4 == 0 {
            bytes.truncate(keep);
        }
        if let Ok(program) = Program::from_elf(&bytes) {
            prop_assert!(program.text_start < program.text_end && program.ro_start < program.ro_end);
        }
    }
}
