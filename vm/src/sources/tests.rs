use p3_field::PrimeCharacteristicRing;
use p3_matrix::Matrix;
use tern_air::lookups::Lookups;
use tern_air::machine::MachineChip;
use tern_air::recursion::byte_table::ByteLookups;
use tern_air::recursion::compress::Compression;
use tern_air::recursion::{self, CircuitChip, compress};

use super::machine::recipes;
use super::*;
use crate::elf::Program;
use crate::exec::{self, SegmentExecutor, SegmentLimits};
use crate::prove::{ExecutedSegment, ProvableProgram};
use crate::testing::workload;

/// What a device makes of records, and counts, step by step: the tables that it fills, and those
/// that count.
fn made(sources: &[Source<'_>]) -> Vec<Option<RowMajorMatrix<F>>> {
    let counting = |source: &Source<'_>| match source {
        Source::Counts(counts) => Some((*counts).clone()),
        _ => None,
    };
    let mut tables: Vec<Option<RowMajorMatrix<F>>> = sources.iter().map(counting).collect();
    for (table, source) in sources.iter().enumerate() {
        let Source::Records(recipe, records) = source else { continue };
        let mut words = vec![0; recipe.words * records.count()];
        records.write(0, &mut words);
        let mut cells = Vec::new();
        for record in words.chunks_exact(recipe.words) {
            let values = recipe.values(record);
            let value = |number: u32| values[number as usize];
            cells.extend(recipe.cells.iter().map(|cell| cell.of(&values)));
            for lookup in recipe.lookups.iter().filter(|lookup| value(lookup.active) == 1) {
                let counts = tables[lookup.table].as_mut().expect("a table that counts");
                assert_eq!(counts.width, lookup.width);
                counts.values[value(lookup.row) as usize * lookup.width + value(lookup.column) as usize] += F::ONE;
            }
        }
        tables[table] = Some(RowMajorMatrix::new(cells, recipe.cells.len()));
    }
    tables
}

/// On every table of a program that uses all.
#[test]
fn what_is_recorded_makes_the_hosts_tables() {
    let program = ProvableProgram::new(Program::from_elf(&workload::elf()).expect("a program")).expect("a program that can be proved");
    let bounds = &program.key.bounds;
    let mut memory = program.memory(workload::INPUT);
    let mut executor = SegmentExecutor::new(&program.program, workload::INPUT, exec::Options::default()).expect("a machine");
    let limits = SegmentLimits::cycles(workload::SEGMENT_CYCLES);
    let mut used = vec![0; MachineChip::COUNT];
    while let Some(record) = executor.next_segment(&limits).expect("a run without traps") {
        let segment = ExecutedSegment::new(record, &mut memory).expect("a segment");
        let expected = tern_air::machine::fill(&segment.events, &segment.tree, bounds, segment.cycles, Lookups::default());
        let tables = segment_tables(&segment, bounds);
        let sources = sources(&tables);
        for (table, (source, made)) in sources.iter().zip(made(&sources)).enumerate() {
            let expected = &expected[table];
            let chip = MachineChip::ALL[table];
            assert_eq!((source.width(), source.height()), (expected.width, expected.height()), "{chip:?}");
            match source {
                Source::Cells(cells) => assert!(*cells == expected, "{chip:?}"),
                Source::States(states, _) => assert_eq!(states.len(), segment.events.keccak.len()),
                Source::Records(..) | Source::Counts(_) => {
                    assert!(made.expect("a table") == *expected, "{chip:?}");
                    used[table] += expected.height();
                }
            }
        }
    }
    let made = MachineChip::ALL.iter().filter(|&&chip| used[chip as usize] > 0).count();
    // Of the chips with recipes, permutations and the two tables that count, all but bridges, which
    // need a longer run.
    assert_eq!(made, recipes().iter().flatten().count() + 3 - 1);
}

/// Of compressions of any kind, whose recipe has parts.
#[test]
fn what_is_recorded_of_compressions_makes_the_hosts_table() {
    let mut state = 7_u64;
    let mut word = || {
        state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        (state >> 32) as u32
    };
    let mut half = || core::array::from_fn(|_| word());
    let list: Vec<Compression> = (0..9)
        .map(|i| Compression {
            cv: half(),
            own: half(),
            sibling: half(),
            swapped: i % 2 == 1,
            counter: 0x1234 * i,
            len: 8 * i,
            flags: 0x1f * i,
        })
        .collect();
    let mut lookups = ByteLookups::default();
    let cells = compress::fill(&list, list.len(), &mut lookups);
    let counts = recursion::byte_table::fill(&lookups);
    let none = recursion::byte_table::fill(&ByteLookups::default());
    let mut tables: Vec<Table<'_>> = (0..CircuitChip::COUNT).map(|_| Table::Cells(RowMajorMatrix::new(Vec::new(), 1))).collect();
    tables[CircuitChip::Compress as usize] = compressions(&list);
    tables[CircuitChip::ByteTable as usize] = Table::Counts(none);
    let mut made = made(&sources(&tables));
    assert!(made[CircuitChip::Compress as usize].take() == Some(cells));
    assert!(made[CircuitChip::ByteTable as usize].take() == Some(counts));
}
