use alloc::vec;
use alloc::vec::Vec;
use std::println;

use p3_air::BaseAir;
use p3_air::symbolic::{AirLayout, SymbolicExpression};
use p3_field::PrimeCharacteristicRing;
use p3_lookup::InteractionSymbolicBuilder;
use p3_matrix::dense::RowMajorMatrix;
use tern_field::{Digest, EF, F};

use super::segment::{Halt, Statement};
use super::{MachineAir, MachineChip, fill};
use crate::bus;
use crate::check::{Balance, check, total};
use crate::events::{
    AluEvent, DecodeEvent, EcallEvent, FIRST_TIME, LeafEvent, Region, SegmentEvents, TICK_RD, TICK_RS1, TICKS_PER_INSTRUCTION,
};
use crate::isa::{Instruction, Opcode, encode, semantics};
use crate::lookups::Lookups;
use crate::machine::leaf::Bounds;
use crate::memory::MemoryTree;
use crate::testing::extension::assert_closed_forms;

/// The verifier's fixed columns are the tables', at points beyond and short of their heights.
#[test]
fn fixed_columns_have_closed_forms() {
    let lengths = [0, 1, 5, 15, 16, 17, 18, 22, 30];
    let mut costs = Vec::new();
    for air in MachineAir::all() {
        if let Some(fixed) = air.preprocessed_trace() {
            costs.push((air.name(), assert_closed_forms(&fixed, &lengths, |ops, point| air.fixed_at(ops, point))));
        }
        let width = air.fixed_at(&mut crate::testing::extension::Counting::default(), &[]).len();
        assert_eq!(width, air.preprocessed_width(), "{}", air.name());
    }
    println!("products and other operations at 22 coordinates: {costs:?}");
    assert_eq!(costs, [("segment", [21, 22]), ("byte_table", [16, 30]), ("bits_table", [23, 91])]);
}

/// The degrees that a verifier counts on the symbolic expressions are those declared, and all
/// constraints are on single rows.
#[test]
fn plonky3_finds_the_declared_degrees() {
    for air in MachineAir::all() {
        let symbolic = InteractionSymbolicBuilder::<F, EF>::from_air(&air, AirLayout::from_air(&air));
        let constraints = symbolic.base_constraints().iter().map(SymbolicExpression::degree_multiple).max().unwrap_or_default();
        let messages = symbolic.global_interactions().iter().flat_map(|message| message.fields.iter().chain([&message.count]));
        let messages = messages.map(SymbolicExpression::degree_multiple).max().unwrap_or_default();
        assert!(constraints <= air.degree() && messages <= 2, "{}: {constraints}, {messages}", air.name());
        if let MachineAir::Poseidon2(_) | MachineAir::Segment(_) | MachineAir::BitsTable(_) = air {
            assert_eq!(constraints.max(messages), air.degree(), "{}", air.name());
        }
    }
}

/// Address of the program's first instruction, at the beginning of its only page of text.
const TEXT: u32 = 0x1_0000;
const BOUNDS: Bounds = Bounds { ro_start: 16, ro_end: 17, text_start: 16, text_end: 17 };

/// A machine of registers and text, as a segment's records see it.
struct Run {
    events: SegmentEvents,
    /// By register: the value at the start and now, and the time of the last access.
    registers: [(u64, u64, u32); 32],
    words: Vec<u32>,
    time: u32,
}

impl Run {
    /// Runs `addi x5, x6, 9; xori x7, x5, 0x55` and, if it `halts`, `ecall`.
    fn new(halts: bool) -> Self {
        let mut registers = [(0, 0, 0); 32];
        let initial = [
            (6, 0x1_2345_6789),
            (17, u64::from(crate::machine::ecall::HALT)),
            (10, 3),
            (11, 0x4444),
            (12, 0x3333),
            (13, 0x2222),
            (14, 0x1111),
        ];
        initial.into_iter().for_each(|(register, value): (usize, u64)| registers[register] = (value, value, 0));
        let mut run = Self { events: SegmentEvents::default(), registers, words: Vec::new(), time: FIRST_TIME };
        let addi = run.immediate(Instruction { op: Opcode::Addi, rd: 5, rs1: 6, rs2: 0, imm: 9 });
        run.events.add_sub.push(addi);
        let xori = run.immediate(Instruction { op: Opcode::Xori, rd: 7, rs1: 5, rs2: 0, imm: 0x55 });
        run.events.bitwise.push(xori);
        if halts {
            run.halt();
        }
        run.finish()
    }

    /// Gives the program its next word, and its address and time.
    fn fetch(&mut self, instruction: Instruction) -> (u32, u32) {
        let at = (TEXT + 4 * self.words.len() as u32, self.time);
        self.words.push(encode(&instruction));
        self.time += TICKS_PER_INSTRUCTION;
        at
    }

    /// The value of a register and the time of the access before this one.
    fn access(&mut self, register: u8, tick: u32) -> (u64, u32) {
        let (_, value, time) = self.registers[usize::from(register)];
        self.registers[usize::from(register)].2 = tick;
        (value, time)
    }

    fn immediate(&mut self, x: Instruction) -> AluEvent {
        let (pc, time) = self.fetch(x);
        let (a, t_rs1) = self.access(x.rs1, time + TICK_RS1);
        let (rd_old, t_rd) = self.access(x.rd, time + TICK_RD);
        let Instruction { op, rd, rs1, rs2, imm } = x;
        self.registers[usize::from(rd)].1 = semantics::alu(op, a, x.imm64());
        AluEvent { pc, time, a, b: x.imm64(), rd_old, t_rs1, t_rs2: 0, t_rd, imm, op, rd, rs1, rs2 }
    }

    fn halt(&mut self) {
        let (pc, time) = self.fetch(Instruction { op: Opcode::Ecall, rd: 0, rs1: 0, rs2: 0, imm: 0 });
        let read = [17, 10, 11, 12, 13, 14].map(|register| self.access(register, time + TICK_RS1));
        let event = EcallEvent { pc, time, regs: read.map(|x| x.0), t_regs: read.map(|x| x.1), is_fence: false };
        self.events.ecall.push(event);
    }

    /// Records the decoding of the text, and the leaves.
    fn finish(mut self) -> Self {
        let mut dwords = [0_u64; 4];
        let mut reads = [0_u32; 4];
        self.words.iter().enumerate().for_each(|(i, &word)| dwords[i / 2] |= u64::from(word) << (32 * (i % 2)));
        for (i, &word) in self.words.iter().enumerate() {
            let other_word = (dwords[i / 2] >> (32 * (1 - i % 2))) as u32;
            let order = reads[i / 2] as u8;
            reads[i / 2] += 1;
            self.events.decode.push(DecodeEvent { pc: TEXT + 4 * i as u32, word, other_word, order, count: 1 });
        }
        let touched = self.registers.chunks_exact(4).enumerate().filter(|(_, cells)| cells.iter().any(|cell| cell.2 > 0));
        let registers = touched.map(|(index, cells)| LeafEvent {
            index: index as u32,
            region: Region::ReadWrite,
            initial: core::array::from_fn(|i| cells[i].0),
            last: core::array::from_fn(|i| cells[i].1),
            last_time: core::array::from_fn(|i| cells[i].2),
        });
        let text = LeafEvent { index: TEXT / 32, region: Region::Text, initial: dwords, last: dwords, last_time: reads };
        self.events.leaves = registers.chain([text]).collect();
        self
    }

    fn statement(&self, root_in: Digest, root_out: Digest) -> Statement {
        let halt = self.events.ecall.first().map(|event| {
            let digest: Vec<u8> = event.regs[2..].iter().flat_map(|value| value.to_le_bytes()).collect();
            Halt { exit_code: event.regs[1] as u32, output_digest: halt_digest(&digest) }
        });
        let pc_out = if halt.is_some() { 0 } else { TEXT + 4 * self.words.len() as u32 };
        Statement { pc_in: TEXT, pc_out, root_in, root_out, halt }
    }
}

/// Sixteen limbs, as the four registers have them.
fn halt_digest(registers: &[u8]) -> [u8; 32] {
    registers.try_into().expect("four registers")
}

/// What a run's tables leave on the buses under a statement, after a demand that all constraints hold.
fn leftover(run: &Run, change: impl FnOnce(&mut Vec<RowMajorMatrix<F>>, &mut Statement)) -> Balance {
    let mut memory = MemoryTree::new(run.events.leaves.iter().map(|leaf| (leaf.index, leaf.initial))).expect("leaves in range");
    let root_in = memory.root();
    let tree = memory.apply(&run.events.leaves).expect("leaves in order");
    let mut tables = fill(&run.events, &tree, &BOUNDS, run.words.len() as u32, Lookups::default());
    let mut statement = run.statement(root_in, memory.root());
    change(&mut tables, &mut statement);
    let balances = MachineAir::all().into_iter().zip(tables).map(|(air, table)| {
        let public = match &air {
            MachineAir::Segment(_) => statement.to_values(),
            MachineAir::Leaf(_) => BOUNDS.to_values().to_vec(),
            _ => Vec::new(),
        };
        let report = check(&air, &table, &public);
        assert!(report.failures.is_empty() && report.overcounted.is_empty(), "{}: {report:?}", air.name());
        report.balance
    });
    total(balances)
}

/// Tables without any padding balance all buses, for a segment that goes on and for one that halts.
#[test]
fn a_program_balances() {
    for halts in [false, true] {
        assert_eq!(leftover(&Run::new(halts), |_, _| ()), Balance::new());
    }
}

/// Nothing but the fixed column makes the segment chip speak: with all other tables empty, its
/// start, its end and its roots stand alone, whatever it commits to.
#[test]
fn empty_tables_prove_nothing() {
    for (halts, tags) in [(false, vec![bus::EXECUTION, bus::NODE]), (true, vec![bus::EXECUTION, bus::NODE, bus::HALT])] {
        let left = leftover(&Run::new(halts), |tables, _| {
            let segment = MachineChip::Segment as usize;
            tables.iter_mut().enumerate().filter(|(i, _)| *i != segment).for_each(|(_, table)| table.values.clear());
        });
        let mut found: Vec<u32> = left.keys().map(|tuple| tuple[0]).collect();
        found.dedup();
        assert_eq!(found, tags);
        assert_eq!(left.len(), 4);
    }
}

/// Another statement than the run's does not balance.
#[test]
fn other_statements_do_not_balance() {
    let left = |halts, change: fn(&mut Statement)| {
        let left = leftover(&Run::new(halts), |_, statement| change(statement));
        left.keys().map(|tuple| tuple[0]).collect::<Vec<u32>>()
    };
    assert_eq!(left(false, |s| s.pc_in += 4), [bus::EXECUTION; 2]);
    assert_eq!(left(false, |s| s.pc_out += 4), [bus::EXECUTION; 2]);
    assert_eq!(left(false, |s| s.root_in[0] += F::ONE), [bus::NODE; 2]);
    assert_eq!(left(true, |s| s.root_out[8] += F::ONE), [bus::NODE; 2]);
    assert_eq!(left(true, |s| s.halt.as_mut().unwrap().exit_code += 1), [bus::HALT; 2]);
    assert_eq!(left(true, |s| s.halt.as_mut().unwrap().output_digest[31] ^= 1), [bus::HALT; 2]);
    assert_eq!(left(true, |s| (s.halt, s.pc_out) = (None, TEXT + 12)), [bus::EXECUTION, bus::HALT]);
}
