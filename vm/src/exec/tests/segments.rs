use tern_air::events::{Region, TICKS_MULMOD};
use tern_air::isa::{Opcode, decode};

use super::consistency::{check, initial_state};
use super::{DATA, RODATA, TEXT, code, program};
use crate::elf::Program;
use crate::exec::{Block, CellLimit, ExecError, Options, SegmentExecutor, SegmentLimits, SegmentRecord, Table, TreeNodes, ecall, run};
use crate::testing::Asm;
use crate::testing::programs;

/// All segments of a run, each checked against the one before.
fn checked_segments(program: &Program, input: &[u8], limits: &SegmentLimits) -> Vec<SegmentRecord> {
    let mut state = initial_state(program, input);
    let mut executor = SegmentExecutor::new(program, input, Options::default()).expect("an executor");
    let mut records: Vec<SegmentRecord> = Vec::new();
    while let Some(record) = executor.next_segment(limits).expect("a run without traps") {
        let (pc_in, start) = match records.last() {
            Some(last) => (last.pc_out, last.start_cycle + u64::from(last.cycles)),
            None => (program.entry, 0),
        };
        assert_eq!((record.pc_in, record.start_cycle, record.index), (pc_in, start, records.len() as u64));
        assert!(records.last().is_none_or(|last| last.halt.is_none()));
        check(&record, &mut state);
        within(&record, limits);
        records.push(record);
    }
    let summary = executor.summary().expect("a finished run");
    let fast = run(program, input, Options::default()).expect("a finished run");
    assert_eq!((summary.halt, summary.cycles, summary.counters), (fast.halt, fast.cycles, fast.counters));
    assert_eq!(records.iter().map(|record| u64::from(record.cycles)).sum::<u64>(), fast.cycles);
    assert_eq!(records.last().and_then(|record| record.halt), Some(fast.halt));
    records
}

fn within(record: &SegmentRecord, limits: &SegmentLimits) {
    for table in Table::ALL {
        let (rows, most) = (table.rows(&record.events), limits.max_rows[table as usize]);
        assert!(rows <= most as usize, "{table:?}: {rows} rows of {most}");
    }
    assert!(record.cycles <= limits.max_cycles);
    assert!(record.nodes.visited <= limits.max_tree_nodes && record.nodes.written <= record.nodes.visited);
    let cells = cells(record, &limits.cells);
    assert!(cells <= limits.cells.most, "{cells} cells of {}", limits.cells.most);
}

/// Cells that a segment's records take.
fn cells(record: &SegmentRecord, limit: &CellLimit) -> u64 {
    let of =
        |block: Block, records: usize| ((records * block.record_rows as usize).div_ceil(block.rows as usize) * block.cells as usize) as u64;
    // all leaves of registers are visited
    let TreeNodes { visited, written } = record.nodes;
    let leaves = 9 + record.events.leaves.iter().filter(|leaf| leaf.index >= 9).count();
    let records = |table: Table| if table == Table::Leaf { leaves } else { table.rows(&record.events) };
    let tables = Table::ALL.map(|table| of(limit.tables[table as usize], records(table)));
    let tree = of(limit.inner_nodes, visited as usize - leaves) + of(limit.compressions, (visited + written) as usize);
    let others = of(limit.keccak_bits, record.events.keccak.len()) + of(limit.sha256_rounds, record.events.sha256.len());
    tables.iter().sum::<u64>() + others + tree
}

/// Cells of records, different for each table.
const CELLS: CellLimit = {
    let mut limit = CellLimit {
        keccak_bits: Block { record_rows: 1, rows: 3, cells: 300 },
        sha256_rounds: Block { record_rows: 33, rows: 50, cells: 80 },
        inner_nodes: Block { record_rows: 1, rows: 10, cells: 111 },
        compressions: Block { record_rows: 1, rows: 4, cells: 5 },
        ..CellLimit::NONE
    };
    let mut table = 0;
    while table < Table::COUNT {
        limit.tables[table] = Block { record_rows: 1, rows: 1 + table as u32 % 6, cells: 7 + 3 * table as u32 };
        table += 1;
    }
    limit
};

/// Cells of a segment of one call, the most of any, by what the executor reckons with beforehand:
/// the nine leaves of registers with the nodes above, the records of the call, its bridges, a word
/// that is decoded, and the other leaves, that of the instruction among them, with all nodes above.
fn cells_of_call() -> u64 {
    [(Table::MulMod384, 36, 16), (Table::Blake2f, 38, 11)]
        .map(|(table, bridges, others)| cells_of(table, bridges, others))
        .into_iter()
        .max()
        .unwrap_or_default()
}

fn cells_of(table: Table, bridges: u64, others: u64) -> u64 {
    let (leaves, nodes) = (9 + others, 9 + 34 + others * 28);
    let of = |block: Block, records: u64| records.div_ceil(block.rows.into()) * u64::from(block.cells);
    let records = [(Table::Ecall, 1), (table, 1), (Table::Bridge, bridges), (Table::Decode, 1), (Table::Leaf, leaves)];
    let tables: u64 = records.iter().map(|&(table, records)| of(CELLS.tables[table as usize], records)).sum();
    tables + of(CELLS.inner_nodes, nodes - leaves) + of(CELLS.compressions, 2 * nodes)
}

/// Every kind of call and access, in a loop that runs `rounds` times.
fn busy_program(rounds: u64) -> Asm {
    let mut code = code();
    code.li(20, rounds).li(21, DATA.into()).li(22, RODATA.into()).li(23, TEXT.into()).li(24, 0x7c00_2000);
    let round = code.label();
    code.bind(round);
    // mulmod256: destination, a, b from data, c from text, m with all bits set
    code.immediate(Opcode::Addi, 5, 0, -1);
    for offset in [64, 72, 80, 88] {
        code.store(Opcode::Sd, 5, 21, offset);
    }
    code.mv(10, 21).mv(11, 22).immediate(Opcode::Addi, 12, 21, 8).mv(13, 23).immediate(Opcode::Addi, 14, 21, 64);
    code.li(17, ecall::MULMOD256).ecall();
    // mulmod384 likewise, destination and b in three leaves each
    for offset in [256, 264, 272, 280, 288, 296] {
        code.store(Opcode::Sd, 5, 21, offset);
    }
    code.immediate(Opcode::Addi, 10, 21, 312).mv(11, 22).immediate(Opcode::Addi, 12, 21, 24).mv(13, 23).immediate(
        Opcode::Addi,
        14,
        21,
        256,
    );
    code.li(17, ecall::MULMOD384).ecall();
    code.immediate(Opcode::Addi, 10, 21, 0x600).li(17, ecall::KECCAK_F1600).ecall();
    // sha256_compress: state from data, block from text
    code.immediate(Opcode::Addi, 10, 21, 0x6d0).mv(11, 23).li(17, ecall::SHA256_COMPRESS).ecall();
    // blake2f_round: vector from data, message from text, schedule 9
    code.immediate(Opcode::Addi, 10, 21, 0x700).mv(11, 23).li(12, 9).li(17, ecall::BLAKE2F_ROUND).ecall();
    // text as data: words executed, one of them not read before, one never executed, and across
    // both kinds of dwords
    code.immediate(Opcode::Lw, 6, 23, 4).immediate(Opcode::Ld, 7, 23, 0x7f8).immediate(Opcode::Ld, 8, 23, 0x7fd);
    code.immediate(Opcode::Ld, 8, 23, 0xa0).immediate(Opcode::Auipc, 8, 0, 4096);
    code.immediate(Opcode::Ld, 8, 23, 13).immediate(Opcode::Lhu, 8, 23, 0x7ff);
    code.store(Opcode::Sd, 6, 24, 5).immediate(Opcode::Lw, 9, 24, 7).store(Opcode::Sh, 6, 24, 3);
    code.immediate(Opcode::Sltiu, 0, 9, 3).register(Opcode::Divw, 9, 9, 6).register(Opcode::Mulh, 9, 9, 5);
    code.immediate(Opcode::Slliw, 9, 9, 3).immediate(Opcode::Xori, 9, 9, 3).op(Opcode::Fence, 0, 0, 0, 0);
    code.immediate(Opcode::Addi, 24, 24, 96).immediate(Opcode::Addi, 20, 20, -1).branch(Opcode::Bne, 20, 0, round);
    code.halt(5);
    code.pad_to(TEXT + 0x1000);
    code
}

#[test]
fn one_segment_of_everything() {
    let records = checked_segments(&program(&busy_program(3)), b"", &SegmentLimits::cycles(1 << 20));
    assert_eq!(records.len(), 1);
    let events = &records[0].events;
    for table in Table::ALL {
        let rows = table.rows(events);
        assert!(rows > 0 || table == Table::Bridge, "no {table:?}");
    }
    // c is text that the decode chip has read
    assert_eq!(events.mulmod[0].t_mem[2], [2; 4]);
    assert_eq!(events.mulmod384[0].t_mem[2][4..], [2; 2]);
    // the block begins with c of mulmod384; the rest is text that is executed and not read before
    let (read, other) = events.sha256[0].t_block.split_at(6);
    assert_eq!((read, other), (&[events.mulmod384[0].time + TICKS_MULMOD[2]; 6][..], &[2; 2][..]));
    assert_eq!(events.sha256[0].region, Region::Text);
    let decode_first = events.load.iter().filter(|load| load.region == Region::Text && load.t_mem[0] == 2);
    assert_eq!(decode_first.count(), 1);
    let unexecuted = events.load.iter().filter(|load| load.region == Region::Text && load.t_mem[0] == 0);
    assert_eq!(unexecuted.count(), 1);
}

#[test]
fn cutting_by_every_limit() {
    let program = program(&busy_program(200));
    let free = SegmentLimits::cycles(1 << 20);
    assert_eq!(checked_segments(&program, b"", &free).len(), 1);
    for cycles in [1, 7, 1000] {
        let records = checked_segments(&program, b"", &SegmentLimits::cycles(cycles));
        assert!(records.split_last().is_some_and(|(_, full)| full.iter().all(|r| r.cycles == cycles)));
    }
    for table in Table::ALL {
        let most = match table {
            Table::Bridge => 40,
            Table::Leaf => 80,
            Table::Decode => 40,
            _ => 20,
        };
        let records = checked_segments(&program, b"", &free.with_rows(table, most));
        assert!(records.len() > 1 || table == Table::Bridge, "{table:?} cuts nothing");
    }
    let records = checked_segments(&program, b"", &SegmentLimits { max_tree_nodes: 700, ..free });
    assert!(records.len() > 1);
    let records = checked_segments(&program, b"", &SegmentLimits { cells: CellLimit { most: 100_000, ..CELLS }, ..free });
    assert!(records.len() > 1);
}

#[test]
fn cells_fill_up_before_a_cut() {
    let program = program(&busy_program(1000));
    let free = SegmentLimits::cycles(1 << 20);
    let [whole] = &checked_segments(&program, b"", &free)[..] else { panic!("one segment") };
    let all = cells(whole, &CELLS);
    for parts in [2, 5, 11] {
        let most = all / parts;
        let records = checked_segments(&program, b"", &SegmentLimits { cells: CellLimit { most, ..CELLS }, ..free });
        let (_, full) = records.split_last().expect("a segment");
        assert!(full.len() as u64 >= parts - 1);
        for record in full {
            assert!(cells(record, &CELLS) + cells_of_call() > most, "{} cells of {most}", cells(record, &CELLS));
        }
    }
}

/// What takes no cells is not counted, and one kind of record may take them all.
#[test]
fn cells_of_one_table_are_a_limit_of_its_rows() {
    let program = program(&busy_program(200));
    let free = SegmentLimits::cycles(1 << 20);
    let same = |one: &SegmentLimits, other: &SegmentLimits| {
        let cut = |limits| checked_segments(&program, b"", limits).iter().map(|record| record.cycles).collect::<Vec<_>>();
        assert_eq!(cut(one), cut(other));
    };
    for table in [Table::AddSub, Table::MulMod, Table::MulMod384, Table::Keccak, Table::Decode, Table::Bridge, Table::Leaf] {
        for (records, blocks) in [(1, 90), (30, 3), (45, 2)] {
            let mut cells = CellLimit { most: 450 * blocks + 449, ..CellLimit::NONE };
            cells.tables[table as usize] = Block { record_rows: 1, rows: records, cells: 450 };
            same(&SegmentLimits { cells, ..free }, &free.with_rows(table, 90));
        }
    }
    let mut blake2f = CellLimit { most: 2000, ..CellLimit::NONE };
    blake2f.tables[Table::Blake2f as usize] = Block { record_rows: 8, rows: 512, cells: 1000 };
    same(&SegmentLimits { cells: blake2f, ..free }, &free.with_rows(Table::Blake2f, 128));
    let sha256 = CellLimit { sha256_rounds: Block { record_rows: 33, rows: 500, cells: 1000 }, most: 2000, ..CellLimit::NONE };
    same(&SegmentLimits { cells: sha256, ..free }, &free.with_rows(Table::Sha256, 30));
    let keccak = CellLimit { keccak_bits: Block { record_rows: 1, rows: 16, cells: 1000 }, most: 2000, ..CellLimit::NONE };
    same(&SegmentLimits { cells: keccak, ..free }, &free.with_rows(Table::Keccak, 32));
    same(&SegmentLimits { cells: CellLimit { most: u64::MAX, ..CELLS }, ..free }, &free);
    same(&SegmentLimits { cells: CellLimit { most: 0, ..CellLimit::NONE }, ..free }, &free);
}

#[test]
fn tables_fill_up_before_a_cut() {
    let program = program(&busy_program(200));
    let limits = SegmentLimits::cycles(1 << 20).with_rows(Table::MulMod, 30).with_rows(Table::DivRem, 64);
    let records = checked_segments(&program, b"", &limits);
    assert!(records[..records.len() - 1].iter().all(|record| record.events.mulmod.len() == 30));
    let records = checked_segments(&program, b"", &SegmentLimits::cycles(1 << 20).with_rows(Table::MulMod384, 30));
    assert!(records[..records.len() - 1].iter().all(|record| record.events.mulmod384.len() == 30));
}

#[test]
fn long_gaps_are_bridged() {
    // x25, a dword of data, the sink, and a dword of text rest for more than 2^16 ticks
    let mut code = code();
    code.li(5, DATA.into()).li(6, 20_000).li(7, TEXT.into()).li(25, 9).store(Opcode::Sd, 25, 5, 8).li(0, 1);
    let again = code.label();
    code.bind(again).immediate(Opcode::Addi, 6, 6, -1).branch(Opcode::Bne, 6, 0, again);
    code.immediate(Opcode::Ld, 0, 5, 8).register(Opcode::Add, 25, 25, 25).immediate(Opcode::Ld, 8, 7, 0);
    code.immediate(Opcode::Ld, 8, 7, 0x7f0).immediate(Opcode::Lw, 8, 7, 0x7fe).store(Opcode::Sd, 8, 5, 32);
    code.halt(0);
    let records = checked_segments(&program(&code), b"", &SegmentLimits::cycles(1 << 20));
    let bridges = &records[0].events.bridge;
    // x5, x7, x25, the sink, four dwords of text, two of data, and registers of the halt
    assert!(bridges.len() >= 10, "{bridges:?}");
    let text = bridges.iter().filter(|bridge| bridge.region == Region::Text);
    assert_eq!(text.map(|bridge| bridge.old_time).collect::<Vec<_>>(), [2, 0, 0, 0]);
}

#[test]
fn limits_that_hold_nothing_are_an_error() {
    let program = program(&busy_program(1));
    for limits in [
        SegmentLimits::cycles(0),
        SegmentLimits::cycles(100).with_rows(Table::Decode, 0),
        SegmentLimits::cycles(100).with_rows(Table::Keccak, 0),
        SegmentLimits { max_tree_nodes: 0, ..SegmentLimits::cycles(100) },
        SegmentLimits { cells: CellLimit { most: 0, ..CELLS }, ..SegmentLimits::cycles(100) },
        SegmentLimits { cells: CellLimit { most: cells_of_call() - 1, ..CELLS }, ..SegmentLimits::cycles(100) },
    ] {
        let mut executor = SegmentExecutor::new(&program, b"", Options::default()).expect("an executor");
        let error = loop {
            match executor.next_segment(&limits) {
                Ok(Some(_)) => {}
                Ok(None) => panic!("the run ended"),
                Err(error) => break error,
            }
        };
        assert!(matches!(error, ExecError::LimitsTooSmall { .. }), "{error}");
    }
    let least = SegmentLimits { cells: CellLimit { most: cells_of_call(), ..CELLS }, ..SegmentLimits::cycles(100) };
    assert!(checked_segments(&program, b"", &least).len() > 1);
}

#[test]
fn a_trap_ends_segments() {
    let mut code = code();
    code.nop().word(0);
    let mut executor = SegmentExecutor::new(&program(&code), b"", Options::default()).expect("an executor");
    assert!(executor.next_segment(&SegmentLimits::cycles(1)).is_ok_and(|record| record.is_some()));
    assert!(matches!(executor.next_segment(&SegmentLimits::cycles(1)), Err(ExecError::Trap(_))));
}

#[test]
fn test_programs_are_consistent() {
    let limits = SegmentLimits::cycles(10_000).with_rows(Table::Leaf, 2_000);
    for test in programs::directed().iter().chain(&programs::random(77, 20)) {
        let program = Program::from_elf(&test.elf()).expect("a valid program");
        checked_segments(&program, b"", &limits);
    }
}

#[test]
fn directed_programs_execute_every_instruction() {
    let mut executed = std::collections::BTreeSet::new();
    for test in programs::directed() {
        let program = Program::from_elf(&test.elf()).expect("a valid program");
        for record in checked_segments(&program, b"", &SegmentLimits::cycles(1 << 20)) {
            executed.extend(record.events.decode.iter().filter_map(|row| decode(row.word)).map(|i| i.op));
        }
    }
    assert_eq!(executed.len(), Opcode::COUNT);
}

#[test]
fn recycled_memory_changes_nothing() {
    let program = program(&busy_program(50));
    let limits = SegmentLimits::cycles(300);
    let mut fresh = SegmentExecutor::new(&program, b"", Options::default()).expect("an executor");
    let mut recycling = SegmentExecutor::new(&program, b"", Options::default()).expect("an executor");
    while let Some(expected) = fresh.next_segment(&limits).expect("no trap") {
        let record = recycling.next_segment(&limits).expect("no trap").expect("as many segments");
        assert_eq!(format!("{:?}", record.events), format!("{:?}", expected.events));
        recycling.recycle(record.events);
    }
}
