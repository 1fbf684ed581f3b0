//! Tern's chips: honest proofs of a few rows of each, and what a row of zeros comes to.

use p3_air::BaseAir;
use p3_field::{Field, PrimeCharacteristicRing};
use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;
use tern_air::builder::BUSES;
use tern_air::check::{Balance, check, total};
use tern_air::events::{
    AluEvent, Blake2fEvent, BridgeEvent, Cell, DecodeEvent, EcallEvent, LeafEvent, MemoryEvent, MulModEvent, Region, Sha256Event,
};
use tern_air::isa::{Family, Opcode, semantics};
use tern_air::lookups::{ByteLookup, Lookups};
use tern_air::machine::leaf::Bounds;
use tern_air::machine::{
    MachineAir, add_sub, bits_table, bitwise, blake2f, branch, bridge, byte_table, compare, decode, div_rem, ecall, jump, leaf, load,
    misaligned, mul, mulmod, poseidon2, sha256, sha256_rounds, shift, store, tree,
};
use tern_air::memory::MemoryTree;
use tern_air::recursion::CircuitAir;
use tern_field::{EF, F};
use tern_verifier::Reason;
use tern_verifier::multilinear::Claim;
use tern_verifier::multilinear::front::Front;

use super::airs::TestAir;
use super::evaluate::{Evaluate, zeros};
use super::honest::least_with_lookups;
use super::oracle::{Statement, assert_accepted, padded};
use super::tampering::change_column;

/// A chip's table without padding, and its public values.
pub type Filled = (MachineAir, RowMajorMatrix<F>, Vec<F>);

const BOUNDS: Bounds = Bounds { ro_start: 0x10, ro_end: 0x3_0000, text_start: 0x20, text_end: 0x1_8000 };

/// An instruction with plausible registers and times; fields that the opcode lacks are zero.
fn alu(op: Opcode, a: u64, b: u64) -> AluEvent {
    let only = |is_there: bool, value: u32| if is_there { value } else { 0 };
    AluEvent {
        pc: 0x1_0004,
        time: 808,
        a: if op.reads_rs1() { a } else { 0 },
        b,
        rd_old: if op.writes_rd() { 0x1234_5678_9abc_def0 } else { 0 },
        t_rs1: only(op.reads_rs1(), 7),
        t_rs2: only(op.reads_rs2(), 808),
        t_rd: only(op.writes_rd(), 100),
        imm: if op.reads_rs2() { 0 } else { b as i32 },
        op,
        rd: if op.writes_rd() { 5 } else { 0 },
        rs1: if op.reads_rs1() { 6 } else { 0 },
        rs2: if op.reads_rs2() { 6 } else { 0 },
    }
}

/// A load or store at `base - 16`.
fn access(op: Opcode, base: u64, memory: [u64; 2], value: u64) -> MemoryEvent {
    let addr = semantics::effective_address(base, -16) as u32;
    let offset = addr & 7;
    let crosses = offset + semantics::access_bytes(op) > 8;
    let is_load = op.family() == Family::Load;
    let old = if crosses { memory } else { [memory[0], 0] };
    let loaded = semantics::extend_load(op, semantics::extract(op, memory[0], memory[1], offset));
    MemoryEvent {
        pc: 0x1_0004,
        time: 808,
        base,
        addr,
        imm: -16,
        value: if is_load { loaded } else { value },
        rd_old: if is_load { 0x1234_5678_9abc_def0 } else { 0 },
        mem_old: old,
        t_mem: if crosses { [17, 23] } else { [17, 0] },
        t_rs1: 7,
        t_rs2: if is_load { 0 } else { 99 },
        t_rd: if is_load { 100 } else { 0 },
        op,
        rd: if is_load { 5 } else { 0 },
        rs1: 6,
        rs2: if is_load { 0 } else { 9 },
        region: Region::ReadWrite,
    }
}

/// Instructions of registers: two or three rows each.
pub fn instructions() -> Vec<Filled> {
    let lookups = &mut Lookups::default();
    let branched = AluEvent { imm: 0x7fc, ..alu(Opcode::Bltu, 3, 0x1_0000) };
    let jumped = |op, pc, a, imm: i32| AluEvent { pc, ..alu(op, a, imm as i64 as u64) };
    let jumps = [jumped(Opcode::Lui, 0x1000, 0, -0x1000), jumped(Opcode::Jal, 0x1_fffc, 0, 8), jumped(Opcode::Jalr, 0xfffc, 0x7fd, -1)];
    let (add, word, immediate) = (alu(Opcode::Add, u64::MAX, 2), alu(Opcode::Subw, 3, 1 << 33), alu(Opcode::Addi, 5, -7_i64 as u64));
    let tables = [
        (MachineAir::AddSub(Default::default()), add_sub::fill(&[add, word, immediate], 4, lookups)),
        (
            MachineAir::Bitwise(Default::default()),
            bitwise::fill(&[alu(Opcode::Xor, 0xf0f0, 0x1234_5678_9abc), alu(Opcode::Andi, 77, 5)], 2, lookups),
        ),
        (
            MachineAir::Shift(Default::default()),
            shift::fill(&[alu(Opcode::Sra, 1 << 63, 13), alu(Opcode::Sllw, 0xdead_beef, 5)], 2, lookups),
        ),
        (MachineAir::Compare(Default::default()), compare::fill(&[alu(Opcode::Slt, u64::MAX, 1), alu(Opcode::Sltu, 4, 4)], 2, lookups)),
        (MachineAir::Branch(Default::default()), branch::fill(&[branched, alu(Opcode::Beq, 9, 9)], 2, lookups)),
        (MachineAir::Jump(Default::default()), jump::fill(&jumps, 4, lookups)),
        (MachineAir::Mul(Default::default()), mul::fill(&[alu(Opcode::Mulhu, u64::MAX, 1 << 40), alu(Opcode::Mul, 3, 5)], 2, lookups)),
        (
            MachineAir::DivRem(Default::default()),
            div_rem::fill(&[alu(Opcode::Div, -7_i64 as u64, 2), alu(Opcode::Remu, 100, 0)], 2, lookups),
        ),
    ];
    tables.map(|(chip, trace)| (chip, trace, vec![])).into()
}

/// Memory, environment calls and what belongs to them.
pub fn memory() -> Vec<Filled> {
    let lookups = &mut Lookups::default();
    let dwords = [0x8081_8283_8485_8687, 0x0102_0304_0506_0708];
    let call = EcallEvent { pc: 0x1_0004, time: 808, regs: [1, 2, u64::MAX, 0, 7, 1], t_regs: [7, 0, 800, 807, 99, 1], is_fence: false };
    let fence = EcallEvent { pc: 0x1_0004, time: 808, regs: [0; 6], t_regs: [0; 6], is_fence: true };
    let product = MulModEvent {
        time: 808,
        ptrs: [0x7fff_ffe0, 0x8000_0020, 0x2_0000, 0x1008, 0x1_fff8],
        operands: [[5, 6, 7, 8], [u64::MAX, 0, 1, 2], [3, 0, 0, 0], [11, 0, 0, 1 << 60]],
        dst_old: [1, u64::MAX, 2, 3],
        t_mem: [[1, 2, 3, 4], [0, 800, 807, 810], [9; 4], [10; 4], [813, 0, 1, 2]],
        regions: [Region::ReadOnly, Region::Text, Region::ReadWrite, Region::ReadWrite],
    };
    let longer_product = MulModEvent {
        time: 808,
        ptrs: [0x7fff_ffd0, 0x8000_0020, 0x2_0000, 0x1008, 0x1_fff8],
        operands: [[5, 6, 7, 8, 9, 10], [u64::MAX, 0, 1, 2, 3, 4], [3, 0, 0, 0, 0, 0], [11, 0, 0, 0, 0, 1 << 60]],
        dst_old: [1, u64::MAX, 2, 3, 4, 5],
        t_mem: [[1, 2, 3, 4, 5, 6], [0, 800, 807, 810, 1, 2], [9; 6], [10; 6], [813, 0, 1, 2, 3, 4]],
        regions: product.regions,
    };
    let compression = Sha256Event {
        time: 808,
        ptrs: [0x7fff_ffe0, 0x8000_0020],
        state: [5, u64::MAX, 7, 1 << 60],
        block: [0, 1, 2, 3, 0x8081_8283_8485_8687, u64::MAX, 6, 7],
        t_state: [1, 2, 3, 810],
        t_block: [9; 8],
        region: Region::ReadOnly,
    };
    let round = Blake2fEvent {
        time: 808,
        ptrs: [0x7fff_ff80, 0x8000_0020],
        vector: std::array::from_fn(|i| u64::MAX << i),
        message: std::array::from_fn(|i| 0x8081_8283_8485_8687 << i),
        schedule: 9,
        t_vector: [7; 16],
        t_message: [810 - 1; 16],
        region: Region::ReadOnly,
    };
    let bridged = |cell, region, old_time, new_time| BridgeEvent { cell, region, value: 0x0123_4567_89ab_cdef, old_time, new_time };
    let bridges =
        [bridged(Cell::Register(7), Region::ReadWrite, 1, (1 << 26) - 1), bridged(Cell::Memory(0x1000), Region::Text, 2, 0x1_0000)];
    let decoded = |pc, word| DecodeEvent { pc, word, other_word: 0x9abc_def1, order: 0, count: 3 };
    let words = [decoded(0x2_0000, 0x0010_0093), decoded(0x2_0008, 0x0000_0073)];
    let tables = [
        (
            MachineAir::Load(Default::default()),
            load::fill(&[access(Opcode::Lw, 0x2_0010, dwords, 0), access(Opcode::Lb, 0x2_0013, dwords, 0)], 2, lookups),
        ),
        (
            MachineAir::Store(Default::default()),
            store::fill(&[access(Opcode::Sd, 0x2_0010, dwords, 77), access(Opcode::Sb, 0x2_0015, dwords, 0x1ff)], 2, lookups),
        ),
        (
            MachineAir::Misaligned(Default::default()),
            misaligned::fill(&[access(Opcode::Ld, 0x2_0013, dwords, 0), access(Opcode::Sw, 0x2_0011, dwords, 0x1234_5678)], 2, lookups),
        ),
        (MachineAir::Ecall(Default::default()), ecall::fill(&[call, fence], 2, lookups)),
        (MachineAir::MulMod(Default::default()), mulmod::fill(&[product], 1, lookups)),
        (MachineAir::MulMod384(Default::default()), mulmod::fill_384(&[longer_product], 1, lookups)),
        (MachineAir::Sha256(Default::default()), sha256::fill(&[compression], 1, lookups)),
        (MachineAir::Sha256Rounds(Default::default()), sha256_rounds::fill(&[compression], sha256_rounds::ROWS)),
        (MachineAir::Blake2f(Default::default()), blake2f::fill(&[round], blake2f::ROWS, lookups)),
        (MachineAir::Bridge(Default::default()), bridge::fill(&bridges, 2, lookups)),
        (MachineAir::Decode(Default::default()), decode::fill(&words, 2, lookups)),
    ];
    tables.map(|(chip, trace)| (chip, trace, vec![])).into()
}

/// The tree of memory.
pub fn memory_tree() -> Vec<Filled> {
    let lookups = &mut Lookups::default();
    let touched = |page: u32, region, changed: bool| {
        let initial = [u64::from(page), 0, u64::MAX, 0x1234_5678_9abc_def0];
        let last = if changed { [initial[0], 77, 1, initial[3]] } else { initial };
        LeafEvent { index: page * 128, region, initial, last, last_time: if changed { [9, 10, 11, 0] } else { [0, 3, 0, 0] } }
    };
    let leaves = [touched(1, Region::ReadWrite, true), touched(0x20, Region::Text, false)];
    let mut memory = MemoryTree::new(leaves.iter().map(|leaf| (leaf.index, leaf.initial))).expect("leaves");
    let events = memory.apply(&leaves).expect("a segment");
    let height = |rows: usize| rows.next_power_of_two();
    vec![
        (MachineAir::Leaf(Default::default()), leaf::fill(&events.leaves, &BOUNDS, 2, lookups), BOUNDS.to_values().to_vec()),
        (MachineAir::Tree(Default::default()), tree::fill(&events.nodes, height(events.nodes.len())), vec![]),
        (MachineAir::Poseidon2(Default::default()), poseidon2::fill(&events.permutations, height(events.permutations.len())), vec![]),
    ]
}

/// The rows that take what tables leave on a bus: messages longer than `shortest - 1`, up to the
/// bus's width.
fn taken(balance: &Balance, shortest: usize, width: usize) -> Vec<F> {
    let messages = balance.iter().filter(|(tuple, _)| (shortest..=width).contains(&tuple.len()));
    let row = |(tuple, count): (&Vec<u32>, &i64)| {
        let zeros = vec![F::ZERO; width - tuple.len()];
        let count = if *count < 0 { -F::from_u64(count.unsigned_abs()) } else { F::from_u64(count.unsigned_abs()) };
        [zeros, tuple.iter().map(|x| F::from_u32(*x)).collect(), vec![count]].concat()
    };
    messages.flat_map(row).collect()
}

/// The chips' tables, padded with zeros, with tables that take what they leave.
pub fn statement(filled: Vec<Filled>, least_log_rows: usize) -> (Statement, Vec<RowMajorMatrix<F>>) {
    let reports = filled.iter().map(|(chip, trace, values)| {
        let report = check(chip, trace, values);
        assert!(report.failures.is_empty() && report.overcounted.is_empty(), "{}: {:?}", chip.name(), report.failures);
        report.balance
    });
    let balance = total(reports);
    let [narrow, wide] = BUSES.widths;
    let sinks = [(BUSES.names[0], taken(&balance, 1, narrow), narrow), (BUSES.names[1], taken(&balance, narrow + 1, wide), wide)];
    let rows = filled.iter().map(|(_, trace, _)| trace.height()).chain(sinks.iter().map(|(_, rows, width)| rows.len() / (width + 1)));
    let log_rows = least_log_rows.max(rows.max().expect("a table").next_power_of_two().ilog2() as usize);
    let (mut airs, mut traces, mut values) = (vec![], vec![], vec![]);
    for (chip, trace, public_values) in filled {
        airs.push(TestAir::Chip(chip));
        traces.push(padded(trace.values, trace.width, log_rows));
        values.push(public_values);
    }
    for (bus, rows, width) in sinks {
        airs.push(TestAir::Sink { bus, width });
        traces.push(padded(rows, width + 1, log_rows));
        values.push(vec![]);
    }
    (Statement::new(airs, log_rows, values), traces)
}

/// Proves and judges chips, then changes the claims about columns: a few of each table, on which
/// both verdicts agree.
fn accept(filled: Vec<Filled>) {
    let (statement, traces) = statement(filled, least_with_lookups());
    let proof = statement.prove(&traces);
    assert_accepted(&statement, &traces, &proof);
    let verifier = statement.verifier();
    let mut rejected = 0;
    for (table, trace) in traces.iter().enumerate() {
        for column in (0..trace.width).step_by(11).chain([trace.width - 1]) {
            let mut changed = proof.clone();
            change_column(&mut changed, table, false, column, |value| value + EF::ONE);
            let verdicts = verifier.judge(&statement, &changed, true);
            assert_eq!(verdicts.p3.is_ok(), verdicts.ours.is_ok(), "table {table}, column {column}");
            if let Err(failure) = verdicts.ours {
                assert_eq!(failure.reason(), Reason::Multilinear(Claim::Constraints));
                rejected += 1;
            }
        }
    }
    println!("2^{} rows, {} messages, {rejected} changed claims rejected", statement.log_rows, verifier.front.shape().messages());
    assert!(rejected > traces.len());
}

#[test]
fn instructions_of_registers() {
    accept(instructions());
}

#[test]
fn memory_and_environment() {
    accept(memory());
}

#[test]
fn leaves_and_their_tree() {
    accept(memory_tree());
}

/// With preprocessed columns of 2^16 rows.
#[test]
fn the_byte_table() {
    let mut lookups = Lookups::default();
    lookups.byte(ByteLookup::Xor, 200, 100);
    lookups.byte(ByteLookup::Bytes, 1, 255);
    lookups.byte(ByteLookup::Bytes, 1, 255);
    let filled = (MachineAir::ByteTable(Default::default()), byte_table::fill(&lookups), vec![]);
    let (statement, traces) = statement(vec![filled], 16);
    assert_accepted(&statement, &traces, &statement.prove(&traces));
}

/// With preprocessed columns of 2^17 rows.
#[test]
fn the_bits_table() {
    let mut lookups = Lookups::default();
    lookups.bits(16, 65_535);
    lookups.bits(3, 5);
    lookups.power(4);
    let filled = (MachineAir::BitsTable(Default::default()), bits_table::fill(&lookups), vec![]);
    let (statement, traces) = statement(vec![filled], 17);
    assert_accepted(&statement, &traces, &statement.prove(&traces));
}

/// A row of zeros, of main and of preprocessed columns, satisfies every constraint and sends
/// nothing, since rows that are not committed read as zeros.
#[test]
fn rows_of_zeros() {
    let mut faults = vec![];
    let mut judge = |name: &str, row: super::evaluate::Row| {
        let broken = row.constraints.iter().filter(|value| !value.is_zero()).count();
        let sent = row.messages.iter().filter(|message| !message.count.is_zero()).count();
        if broken + sent > 0 {
            faults.push((name.to_owned(), broken, sent));
        }
    };
    let public = [F::from_u32(7); 256];
    for air in MachineAir::all() {
        judge(air.name(), air.row(&zeros(air.width()), &zeros(air.preprocessed_width()), &public[..air.num_public_values()]));
    }
    for air in CircuitAir::all() {
        judge(air.name(), air.row(&zeros(air.width()), &zeros(air.preprocessed_width()), &public[..air.num_public_values()]));
    }
    assert_eq!(faults, []);
}

/// All chips have a place in the format.
#[test]
fn chips_of_one_row() {
    for air in MachineAir::all() {
        let front = Front::new(std::slice::from_ref(&air), 20, 10).unwrap_or_else(|error| panic!("{}: {error}", air.name()));
        assert_eq!(front.shape().tables[0].main, air.width());
    }
    let recursion = CircuitAir::all();
    let front = Front::new(&recursion, 20, 10).expect("recursion's chips read one row");
    let shape = front.shape();
    println!("recursion: {} messages a row, degree {}", shape.messages(), shape.round_degree());
    assert!(shape.messages() > 200);
}
