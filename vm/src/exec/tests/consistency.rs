//! What every segment's records must satisfy, checked without the logger's own bookkeeping.

use std::collections::{BTreeMap, HashMap};

use tern_air::events::{
    AluEvent, Cell, FIRST_TIME, MAX_GAP, MulModEvent, Region, SegmentEvents, TICK_MEMORY, TICK_RD, TICK_RS1, TICK_RS2, TICKS_BLAKE2F,
    TICKS_MULMOD, TICKS_PER_INSTRUCTION, TICKS_SHA256,
};
use tern_air::isa::{Opcode, decode, semantics};
use tern_air::machine::{blake2f, sha256};

use crate::elf::Program;
use crate::exec::accelerators;
use crate::exec::{SegmentRecord, ecall};

/// The memory between two segments: values of dwords, registers included, zero where absent.
pub(super) type State = HashMap<u32, u64>;

/// The initial memory of `program` on `input`.
pub(super) fn initial_state(program: &Program, input: &[u8]) -> State {
    let mut state = State::new();
    for (leaf, dwords) in program.leaves() {
        state.extend((4 * leaf..).zip(dwords));
    }
    state.insert(0x8000_0000 / 8, input.len() as u64);
    for (dword, bytes) in (0x8000_0020 / 8..).zip(input.chunks(8)) {
        let mut padded = [0; 8];
        padded[..bytes.len()].copy_from_slice(bytes);
        state.insert(dword, u64::from_le_bytes(padded));
    }
    state
}

/// One access: times and values before and after.
struct Step {
    old_time: u32,
    new_time: u32,
    old: u64,
    new: u64,
    bridge: bool,
}

#[derive(Default)]
struct Checker {
    accesses: HashMap<u32, Vec<Step>>,
    /// For each instruction's time: its pc and the next one's.
    path: BTreeMap<u32, (u32, u32)>,
    executions: HashMap<u32, u32>,
}

/// Checks `record` against the state that it starts in, and moves `state` on to its end.
pub(super) fn check(record: &SegmentRecord, state: &mut State) {
    let mut checker = Checker::default();
    let events = &record.events;
    checker.registers_only(events);
    checker.loads_and_stores(events);
    checker.calls(events, record);
    checker.decoding(events, state);
    for bridge in &events.bridge {
        let cell = match bridge.cell {
            Cell::Register(register) => register.into(),
            Cell::Memory(dword) => dword,
        };
        checker.step(cell, bridge.old_time, bridge.new_time, bridge.value, bridge.value, true);
    }
    checker.check_path(record);
    checker.check_chains(events, state);
}

impl Checker {
    fn step(&mut self, cell: u32, old_time: u32, new_time: u32, old: u64, new: u64, bridge: bool) {
        self.accesses.entry(cell).or_default().push(Step { old_time, new_time, old, new, bridge });
    }

    fn read(&mut self, cell: u32, old_time: u32, new_time: u32, value: u64) {
        self.step(cell, old_time, new_time, value, value, false);
    }

    /// An access at one time to consecutive dwords.
    fn update(&mut self, first: u32, time: u32, old_times: &[u32], old: &[u64], new: &[u64]) {
        for (((dword, &old_time), &old), &new) in (first..).zip(old_times).zip(old).zip(new) {
            self.step(dword, old_time, time, old, new, false);
        }
    }

    fn instruction(&mut self, pc: u32, time: u32, next: u32) {
        assert!(self.path.insert(time, (pc, next)).is_none(), "two instructions at time {time}");
        *self.executions.entry(pc).or_default() += 1;
    }

    fn registers_only(&mut self, events: &SegmentEvents) {
        let SegmentEvents { add_sub, bitwise, shift, compare, mul, div_rem, jump, branch, .. } = events;
        for table in [add_sub, bitwise, shift, compare, mul, div_rem] {
            for event in table {
                self.alu(event, semantics::alu(event.op, event.a, event.b), event.pc + 4);
            }
        }
        for event in jump {
            match event.op {
                Opcode::Lui | Opcode::Auipc => {
                    self.alu(event, semantics::upper(event.op, event.pc, event.imm), event.pc + 4);
                }
                _ => {
                    let target = semantics::jump_target(event.op, event.pc, event.a, event.imm);
                    self.alu(event, u64::from(event.pc) + 4, target as u32);
                }
            }
        }
        for event in branch {
            let taken = semantics::branch_taken(event.op, event.a, event.b);
            let offset = if taken { event.imm } else { 4 };
            self.alu(event, 0, event.pc.wrapping_add_signed(offset));
        }
    }

    fn alu(&mut self, event: &AluEvent, result: u64, next: u32) {
        self.instruction(event.pc, event.time, next);
        if event.op.reads_rs1() {
            self.read(event.rs1.into(), event.t_rs1, event.time + TICK_RS1, event.a);
        }
        if event.op.reads_rs2() {
            self.read(event.rs2.into(), event.t_rs2, event.time + TICK_RS2, event.b);
        } else {
            assert_eq!(event.b, event.imm as i64 as u64);
        }
        if event.op.writes_rd() {
            self.step(event.rd.into(), event.t_rd, event.time + TICK_RD, event.rd_old, result, false);
        }
    }

    fn loads_and_stores(&mut self, events: &SegmentEvents) {
        let aligned = events.load.iter().chain(&events.store).map(|event| (event, true));
        for (event, is_aligned) in aligned.chain(events.misaligned.iter().map(|event| (event, false))) {
            let (op, bytes) = (event.op, semantics::access_bytes(event.op));
            assert_eq!(event.addr.is_multiple_of(bytes), is_aligned);
            assert_eq!(u64::from(event.addr), semantics::effective_address(event.base, event.imm));
            self.instruction(event.pc, event.time, event.pc + 4);
            self.read(event.rs1.into(), event.t_rs1, event.time + TICK_RS1, event.base);
            let [low, high] = event.mem_old;
            let mut new = event.mem_old;
            if op.writes_rd() {
                let raw = semantics::extract(op, low, high, event.addr % 8);
                assert_eq!(event.value, semantics::extend_load(op, raw));
                self.step(event.rd.into(), event.t_rd, event.time + TICK_RD, event.rd_old, event.value, false);
            } else {
                self.read(event.rs2.into(), event.t_rs2, event.time + TICK_RS2, event.value);
                let (new_low, new_high) = semantics::insert(op, low, high, event.addr % 8, event.value);
                new = [new_low, new_high];
            }
            let dwords = if event.addr % 8 + bytes > 8 { 2 } else { 1 };
            let time = event.time + TICK_MEMORY;
            self.update(event.addr / 8, time, &event.t_mem[..dwords], &event.mem_old[..dwords], &new[..dwords]);
        }
    }

    fn calls(&mut self, events: &SegmentEvents, record: &SegmentRecord) {
        for event in &events.ecall {
            let halts = !event.is_fence && event.regs[0] == ecall::HALT;
            assert_eq!(halts, record.halt.is_some() && event.time == last_time(record));
            self.instruction(event.pc, event.time, if halts { 0 } else { event.pc + 4 });
            if !event.is_fence {
                for i in 0..6 {
                    self.read(ecall::REGISTERS[i].into(), event.t_regs[i], event.time, event.regs[i]);
                }
            }
        }
        for event in &events.keccak {
            let mut new = event.state;
            keccak::f1600(&mut new);
            self.update(event.ptr / 8, event.time + TICK_MEMORY, &event.t_mem, &event.state, &new);
        }
        for event in &events.sha256 {
            let new = sha256::compress(event.state, event.block);
            let [read, write] = TICKS_SHA256.map(|tick| event.time + tick);
            self.update(event.ptrs[1] / 8, read, &event.t_block, &event.block, &event.block);
            self.update(event.ptrs[0] / 8, write, &event.t_state, &event.state, &new);
        }
        for event in &events.blake2f {
            let row = &blake2f::SIGMA[event.schedule as usize];
            let new = blake2f::round(event.vector, &event.message, row);
            let [read, column, diagonal] = TICKS_BLAKE2F.map(|tick| event.time + tick);
            self.update(event.ptrs[1] / 8, read, &event.t_message, &event.message, &event.message);
            // What the columns leave is what the diagonals take.
            self.update(event.ptrs[0] / 8, column, &event.t_vector, &event.vector, &event.vector);
            self.update(event.ptrs[0] / 8, diagonal, &[column; 16], &event.vector, &new);
        }
        events.mulmod.iter().for_each(|event| self.mulmod(event));
        events.mulmod384.iter().for_each(|event| self.mulmod(event));
    }

    fn mulmod<const DWORDS: usize>(&mut self, event: &MulModEvent<DWORDS>) {
        let result = accelerators::mulmod(event.operands).expect("a call that did not trap").remainder;
        let [destination, sources @ ..] = event.ptrs.map(|ptr| ptr / 8);
        let [source_times @ .., destination_times] = &event.t_mem;
        let ticks = TICKS_MULMOD.map(|tick| event.time + tick);
        for (((dword, times), time), operand) in sources.into_iter().zip(source_times).zip(ticks).zip(&event.operands) {
            self.update(dword, time, times, operand, operand);
        }
        self.update(destination, ticks[4], destination_times, &event.dst_old, &result);
    }

    fn decoding(&mut self, events: &SegmentEvents, state: &State) {
        let mut counts = HashMap::new();
        for event in &events.decode {
            let value = state.get(&(event.pc / 8)).copied().unwrap_or(0);
            assert_eq!((value >> (8 * (event.pc % 8))) as u32, event.word);
            assert_eq!((value >> (8 * (4 - event.pc % 8))) as u32, event.other_word);
            assert!(decode(event.word).is_some());
            self.read(event.pc / 8, event.order.into(), u32::from(event.order) + 1, value);
            assert!(counts.insert(event.pc, event.count).is_none());
        }
        assert_eq!(counts, self.executions);
    }

    fn check_path(&self, record: &SegmentRecord) {
        let mut pc = record.pc_in;
        let times = (FIRST_TIME..).step_by(TICKS_PER_INSTRUCTION as usize);
        assert_eq!(self.path.len(), record.cycles as usize);
        for (time, (&at, &(this, next))) in times.zip(&self.path) {
            assert_eq!((time, pc), (at, this));
            pc = next;
        }
        assert_eq!(pc, record.pc_out);
    }

    /// Every cell's accesses form one chain from its leaf's initial value at time 0 to its last value.
    fn check_chains(mut self, events: &SegmentEvents, state: &mut State) {
        assert!(events.leaves.is_sorted_by(|a, b| a.index < b.index));
        for leaf in &events.leaves {
            assert_ne!(leaf.last_time, [0; 4], "leaf {:#x} is not touched", leaf.index);
            for i in 0..4 {
                let cell = 4 * leaf.index + i as u32;
                assert_eq!(state.get(&cell).copied().unwrap_or(0), leaf.initial[i], "cell {cell:#x}");
                let mut steps = self.accesses.remove(&cell).unwrap_or_default();
                steps.sort_by_key(|step| step.new_time);
                let (mut time, mut value) = (0, leaf.initial[i]);
                for step in steps {
                    assert_eq!((time, value), (step.old_time, step.old), "cell {cell:#x}");
                    assert!(step.new_time > time);
                    assert!(step.bridge || step.new_time - time <= MAX_GAP);
                    assert_eq!(step.new_time % TICKS_PER_INSTRUCTION == 7, step.bridge);
                    (time, value) = (step.new_time, step.new);
                }
                assert_eq!((time, value), (leaf.last_time[i], leaf.last[i]), "cell {cell:#x}");
                state.insert(cell, value);
                assert!(leaf.region == Region::ReadWrite || value == leaf.initial[i]);
            }
        }
        assert!(self.accesses.is_empty(), "accesses outside the leaves");
    }
}

fn last_time(record: &SegmentRecord) -> u32 {
    FIRST_TIME + TICKS_PER_INSTRUCTION * (record.cycles - 1)
}
