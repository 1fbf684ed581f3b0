//! Recording what the traces are filled from.

use std::io;

use tern_air::events::{
    AluEvent, Blake2fEvent, BridgeEvent, Cell, DecodeEvent, EcallEvent, FIRST_TIME, KeccakEvent, LeafEvent, MAX_GAP, MemoryEvent,
    MulModEvent, Region, SegmentEvents, Sha256Event, TICK_MEMORY, TICK_RD, TICK_RS1, TICK_RS2, TICKS_BLAKE2F, TICKS_MULMOD,
    TICKS_PER_INSTRUCTION, TICKS_SHA256,
};
use tern_air::isa::{Family, Instruction, Opcode, SINK, semantics};

use super::accelerators::{self, Blake2f};
use super::limits::{Table, TreeNodes};
use super::machine::{Machine, Observer, ecall};
use super::memory::DwordTimes;
use super::tree::VisitedNodes;

/// Cells of the register leaves: 32 registers, the sink, and what fills up its leaf.
const REGISTER_CELLS: usize = 36;

/// Where a record keeps the old time of a memory access.
#[derive(Clone, Copy)]
enum TimeSlot {
    Load(usize),
    Misaligned(usize, usize),
    MulMod(usize, usize, usize),
    MulMod384(usize, usize, usize),
    Sha256(usize, usize),
    Blake2f(usize, usize),
    Bridge(usize),
}

/// Records one segment at a time.
pub(super) struct Logger {
    events: SegmentEvents,
    /// Tick at which the current instruction begins.
    time: u32,
    register_times: [u32; 64],
    register_initial: [u64; REGISTER_CELLS],
    memory_times: DwordTimes,
    visited: VisitedNodes,
    /// Those above leaves that are written.
    written: VisitedNodes,
    text_start: u32,
    /// Executions in this segment of each word of text.
    executions: Vec<u32>,
    /// Indices of the words with at least one.
    executed: Vec<u32>,
    /// First accesses to dwords of text: their old time is known only at the end of the segment, when it
    /// is known how often the decode chip reads them.
    text_accesses: Vec<(u32, TimeSlot)>,
}

impl Observer for Logger {
    #[inline(always)]
    fn before(&mut self, machine: &Machine, pc: u32, i: Instruction) {
        self.count_execution(pc);
        match i.op.family() {
            Family::AddSub => push_alu(self, machine, pc, i, |events| &mut events.add_sub),
            Family::Bitwise => push_alu(self, machine, pc, i, |events| &mut events.bitwise),
            Family::Shift => push_alu(self, machine, pc, i, |events| &mut events.shift),
            Family::Compare => push_alu(self, machine, pc, i, |events| &mut events.compare),
            Family::Mul => push_alu(self, machine, pc, i, |events| &mut events.mul),
            Family::DivRem => push_alu(self, machine, pc, i, |events| &mut events.div_rem),
            Family::Upper | Family::Jump => push_alu(self, machine, pc, i, |events| &mut events.jump),
            Family::Branch => push_alu(self, machine, pc, i, |events| &mut events.branch),
            Family::Load => self.load(machine, pc, i),
            Family::Store => self.store(machine, pc, i),
            Family::Ecall => self.environment_call(machine, pc),
            Family::Fence => self.events.ecall.push(fence(pc, self.time)),
        }
        self.time += TICKS_PER_INSTRUCTION;
    }
}

/// Records an instruction that touches registers only.
#[inline(always)]
fn push_alu(logger: &mut Logger, machine: &Machine, pc: u32, i: Instruction, table: impl Fn(&mut SegmentEvents) -> &mut Vec<AluEvent>) {
    let time = logger.time;
    let (mut a, mut b, mut rd_old) = (0, i.imm64(), 0);
    let (mut t_rs1, mut t_rs2, mut t_rd) = (0, 0, 0);
    if i.op.reads_rs1() {
        a = machine.register(i.rs1);
        t_rs1 = logger.register(i.rs1, a, time + TICK_RS1);
    }
    if i.op.reads_rs2() {
        b = machine.register(i.rs2);
        t_rs2 = logger.register(i.rs2, b, time + TICK_RS2);
    }
    if i.op.writes_rd() {
        rd_old = machine.register(i.rd);
        t_rd = logger.register(i.rd, rd_old, time + TICK_RD);
    }
    let Instruction { op, rd, rs1, rs2, imm } = i;
    table(&mut logger.events).push(AluEvent { pc, time, a, b, rd_old, t_rs1, t_rs2, t_rd, imm, op, rd, rs1, rs2 });
}

fn fence(pc: u32, time: u32) -> EcallEvent {
    EcallEvent { pc, time, regs: [0; 6], t_regs: [0; 6], is_fence: true }
}

impl Logger {
    pub fn new(text_start: u32, text_words: usize) -> io::Result<Self> {
        Ok(Self {
            events: SegmentEvents::default(),
            time: FIRST_TIME,
            register_times: [0; 64],
            register_initial: [0; REGISTER_CELLS],
            memory_times: DwordTimes::new()?,
            visited: VisitedNodes::new(),
            written: VisitedNodes::new(),
            text_start,
            executions: vec![0; text_words],
            executed: Vec::new(),
            text_accesses: Vec::new(),
        })
    }

    /// Takes a finished segment's records back, for their memory: fresh memory costs more time than
    /// recording.
    pub fn recycle(&mut self, events: SegmentEvents) {
        self.events = events;
        clear(&mut self.events);
    }

    /// Prepares for a segment that starts in the state of `machine`.
    pub fn begin(&mut self, machine: &Machine) {
        self.time = FIRST_TIME;
        self.register_times = [0; 64];
        self.register_initial = registers(machine);
        for leaf in 0..REGISTER_CELLS as u32 / 4 {
            self.visited.visit_leaf(leaf);
            self.written.visit_leaf(leaf);
        }
    }

    /// Instructions recorded in this segment.
    pub fn cycles(&self) -> u32 {
        (self.time - FIRST_TIME) / TICKS_PER_INSTRUCTION
    }

    /// Records of `table` so far (of leaves and decoded instructions, those that the end of the
    /// segment will write).
    pub fn rows(&self, table: Table) -> u32 {
        match table {
            Table::Decode => self.executed.len() as u32,
            Table::Leaf => self.visited.leaf_count(),
            _ => table.rows(&self.events) as u32,
        }
    }

    /// Nodes of the memory tree visited and written so far.
    pub fn nodes(&self) -> TreeNodes {
        TreeNodes { visited: self.visited.count(), written: self.written.count() }
    }

    /// Whether the segment has executed the instruction at `pc`.
    pub fn has_executed(&self, pc: u32) -> bool {
        self.executions.get(self.word_index(pc)).is_some_and(|&count| count > 0)
    }

    #[inline(always)]
    fn word_index(&self, pc: u32) -> usize {
        (pc.wrapping_sub(self.text_start) / 4) as usize
    }

    #[inline(always)]
    fn count_execution(&mut self, pc: u32) {
        let index = self.word_index(pc);
        if let Some(count) = self.executions.get_mut(index) {
            *count += 1;
            if *count == 1 {
                self.executed.push(index as u32);
                self.visited.visit_leaf(pc / 32);
            }
        }
    }

    /// Accesses a register that holds `value`, and returns the time of the access before.
    #[inline(always)]
    fn register(&mut self, index: u8, value: u64, time: u32) -> u32 {
        let last = &mut self.register_times[usize::from(index & 63)];
        let old = *last;
        *last = time;
        if time - old > MAX_GAP { self.bridge(Cell::Register(index), Region::ReadWrite, value, old) } else { old }
    }

    /// Accesses a dword of memory, and returns its value, the time of the access before, and its region.
    #[inline(always)]
    fn memory(&mut self, machine: &Machine, dword: u32, time: u32, slot: TimeSlot) -> (u64, u32, Region) {
        let memory = machine.memory();
        let (value, region) = (memory.dword(dword), memory.region(dword));
        let old = self.memory_times.get(dword);
        if old == 0 {
            self.first_access(machine, dword, region, time, slot);
        }
        self.memory_times.set(dword, time);
        let seen = if time - old > MAX_GAP { self.bridge(Cell::Memory(dword), region, value, old) } else { old };
        (value, seen, region)
    }

    /// Records a bridge from `old_time` to the end of the previous instruction.
    #[cold]
    fn bridge(&mut self, cell: Cell, region: Region, value: u64, old_time: u32) -> u32 {
        let new_time = self.time - 1;
        self.events.bridge.push(BridgeEvent { cell, region, value, old_time, new_time });
        new_time
    }

    #[cold]
    fn first_access(&mut self, machine: &Machine, dword: u32, region: Region, time: u32, slot: TimeSlot) {
        let leaf = dword / 4;
        if self.memory_times.leaf(leaf) == [0; 4] {
            self.visited.visit_leaf(leaf);
            self.events.leaves.push(new_leaf(machine, leaf, region));
        }
        if region == Region::Text {
            let slot = if time > MAX_GAP { TimeSlot::Bridge(self.events.bridge.len()) } else { slot };
            self.text_accesses.push((dword, slot));
        }
    }

    #[inline(always)]
    fn load(&mut self, machine: &Machine, pc: u32, i: Instruction) {
        let time = self.time;
        let base = machine.register(i.rs1);
        let addr = semantics::effective_address(base, i.imm) as u32;
        let t_rs1 = self.register(i.rs1, base, time + TICK_RS1);
        let (mem_old, t_mem, region) = self.operand(machine, i.op, addr, TimeSlot::Load(self.events.load.len()));
        let raw = semantics::extract(i.op, mem_old[0], mem_old[1], addr % 8);
        let value = semantics::extend_load(i.op, raw);
        let rd_old = machine.register(i.rd);
        let t_rd = self.register(i.rd, rd_old, time + TICK_RD);
        let Instruction { op, rd, rs1, rs2, imm } = i;
        let event =
            MemoryEvent { pc, time, base, addr, imm, value, rd_old, mem_old, t_mem, t_rs1, t_rs2: 0, t_rd, op, rd, rs1, rs2, region };
        let table = if is_aligned(op, addr) { &mut self.events.load } else { &mut self.events.misaligned };
        table.push(event);
    }

    #[inline(always)]
    fn store(&mut self, machine: &Machine, pc: u32, i: Instruction) {
        let time = self.time;
        let base = machine.register(i.rs1);
        let value = machine.register(i.rs2);
        let addr = semantics::effective_address(base, i.imm) as u32;
        let t_rs1 = self.register(i.rs1, base, time + TICK_RS1);
        let t_rs2 = self.register(i.rs2, value, time + TICK_RS2);
        self.write(addr, semantics::access_bytes(i.op));
        // text is never stored to, so this slot is never patched
        let (mem_old, t_mem, region) = self.operand(machine, i.op, addr, TimeSlot::Load(usize::MAX));
        let Instruction { op, rd, rs1, rs2, imm } = i;
        let event =
            MemoryEvent { pc, time, base, addr, imm, value, rd_old: 0, mem_old, t_mem, t_rs1, t_rs2, t_rd: 0, op, rd, rs1, rs2, region };
        let table = if is_aligned(op, addr) { &mut self.events.store } else { &mut self.events.misaligned };
        table.push(event);
    }

    /// Visits the leaves that are written.
    #[inline(always)]
    fn write(&mut self, address: u32, bytes: u32) {
        for leaf in address / 32..=address.saturating_add(bytes - 1) / 32 {
            self.written.visit_leaf(leaf);
        }
    }

    /// The dword or two that a load or store accesses: values, old times, and their region.
    #[inline(always)]
    fn operand(&mut self, machine: &Machine, op: Opcode, addr: u32, aligned: TimeSlot) -> ([u64; 2], [u32; 2], Region) {
        let (dword, tick) = (addr / 8, self.time + TICK_MEMORY);
        if is_aligned(op, addr) {
            let (value, old, region) = self.memory(machine, dword, tick, aligned);
            return ([value, 0], [old, 0], region);
        }
        let index = self.events.misaligned.len();
        let (low, t_low, region) = self.memory(machine, dword, tick, TimeSlot::Misaligned(index, 0));
        if addr % 8 + semantics::access_bytes(op) <= 8 {
            return ([low, 0], [t_low, 0], region);
        }
        let (high, t_high, _) = self.memory(machine, dword + 1, tick, TimeSlot::Misaligned(index, 1));
        ([low, high], [t_low, t_high], region)
    }

    fn environment_call(&mut self, machine: &Machine, pc: u32) {
        let time = self.time;
        let regs = machine.ecall_registers();
        let mut t_regs = [0; 6];
        for ((old, index), value) in t_regs.iter_mut().zip(ecall::REGISTERS).zip(regs) {
            *old = self.register(index, value, time);
        }
        self.events.ecall.push(EcallEvent { pc, time, regs, t_regs, is_fence: false });
        match regs[0] {
            ecall::KECCAK_F1600 => self.keccak(machine, regs[1]),
            ecall::MULMOD256 => {
                let row = self.events.mulmod.len();
                let event = self.mulmod(machine, regs, |operand, i| TimeSlot::MulMod(row, operand, i));
                self.events.mulmod.extend(event);
            }
            ecall::MULMOD384 => {
                let row = self.events.mulmod384.len();
                let event = self.mulmod(machine, regs, |operand, i| TimeSlot::MulMod384(row, operand, i));
                self.events.mulmod384.extend(event);
            }
            ecall::SHA256_COMPRESS => self.sha256(machine, [regs[1], regs[2]]),
            ecall::BLAKE2F_ROUND => self.blake2f(machine, [regs[1], regs[2], regs[3]]),
            _ => {}
        }
    }

    /// Records a permutation, unless the call is about to trap.
    fn keccak(&mut self, machine: &Machine, pointer: u64) {
        let Ok(state) = accelerators::keccak_state(machine.memory(), pointer) else { return };
        let (time, ptr) = (self.time, pointer as u32);
        let mut t_mem = [0; 25];
        self.write(ptr, 200);
        for (dword, old) in (ptr / 8..).zip(&mut t_mem) {
            // the state is writable, so no text, and this slot is never patched
            (_, *old, _) = self.memory(machine, dword, time + TICK_MEMORY, TimeSlot::Load(usize::MAX));
        }
        self.events.keccak.push(KeccakEvent { time, ptr, state, t_mem });
    }

    /// The record of a modular multiplication, unless the call is about to trap; `slot` is where it
    /// keeps the old time of a dword of an operand.
    fn mulmod<const DWORDS: usize>(
        &mut self,
        machine: &Machine,
        [_, pointers @ ..]: [u64; 6],
        slot: impl Fn(usize, usize) -> TimeSlot,
    ) -> Option<MulModEvent<DWORDS>> {
        let operands = accelerators::mulmod_operands(machine.memory(), pointers).ok()?;
        let ptrs = pointers.map(|pointer| pointer as u32);
        let [destination, sources @ ..] = ptrs;
        let (dst_old, t_mem) = ([0; DWORDS], [[0; DWORDS]; 5]);
        let mut event = MulModEvent { time: self.time, ptrs, operands, dst_old, t_mem, regions: [Region::ReadWrite; 4] };
        for (operand, source) in sources.into_iter().enumerate() {
            let tick = self.time + TICKS_MULMOD[operand];
            for i in 0..DWORDS {
                let (_, old, region) = self.memory(machine, source / 8 + i as u32, tick, slot(operand, i));
                event.t_mem[operand][i] = old;
                event.regions[operand] = region;
            }
        }
        self.write(destination, 8 * DWORDS as u32);
        for i in 0..DWORDS {
            let tick = self.time + TICKS_MULMOD[4];
            (event.dst_old[i], event.t_mem[4][i], _) = self.memory(machine, destination / 8 + i as u32, tick, slot(4, i));
        }
        Some(event)
    }

    /// Records a compression, unless the call is about to trap.
    fn sha256(&mut self, machine: &Machine, pointers: [u64; 2]) {
        let Ok((state, block)) = accelerators::sha256_operands(machine.memory(), pointers) else { return };
        let (time, index) = (self.time, self.events.sha256.len());
        let ptrs = pointers.map(|pointer| pointer as u32);
        let mut event = Sha256Event { time, ptrs, state, block, t_state: [0; 4], t_block: [0; 8], region: Region::ReadWrite };
        let [state_ticks, block_ticks] = [TICKS_SHA256[1], TICKS_SHA256[0]].map(|tick| time + tick);
        for (i, old) in event.t_block.iter_mut().enumerate() {
            let dword = ptrs[1] / 8 + i as u32;
            (_, *old, event.region) = self.memory(machine, dword, block_ticks, TimeSlot::Sha256(index, i));
        }
        self.write(ptrs[0], 32);
        for (dword, old) in (ptrs[0] / 8..).zip(&mut event.t_state) {
            // the state is writable, so no text, and this slot is never patched
            (_, *old, _) = self.memory(machine, dword, state_ticks, TimeSlot::Load(usize::MAX));
        }
        self.events.sha256.push(event);
    }

    /// Records a round of BLAKE2b, unless the call is about to trap.
    fn blake2f(&mut self, machine: &Machine, arguments: [u64; 3]) {
        let Ok(Blake2f { vector, message, .. }) = accelerators::blake2f_operands(machine.memory(), arguments) else { return };
        let [ptrs @ .., schedule] = arguments;
        let (time, index, ptrs) = (self.time, self.events.blake2f.len(), [ptrs[0] as u32, ptrs[1] as u32]);
        let (t_vector, t_message) = ([0; 16], [0; 16]);
        let mut event = Blake2fEvent { time, ptrs, vector, message, schedule, t_vector, t_message, region: Region::ReadWrite };
        let [read, column, diagonal] = TICKS_BLAKE2F.map(|tick| time + tick);
        for (i, old) in event.t_message.iter_mut().enumerate() {
            (_, *old, event.region) = self.memory(machine, ptrs[1] / 8 + i as u32, read, TimeSlot::Blake2f(index, i));
        }
        self.write(ptrs[0], 128);
        for (dword, old) in (ptrs[0] / 8..).zip(&mut event.t_vector) {
            // the vector is writable, so no text, and this slot is never patched
            (_, *old, _) = self.memory(machine, dword, column, TimeSlot::Load(usize::MAX));
            self.memory_times.set(dword, diagonal);
        }
        self.events.blake2f.push(event);
    }

    /// Ends the segment in the state of `machine` and hands over its records.
    pub fn finish(&mut self, machine: &Machine) -> SegmentEvents {
        self.decode_rows(machine);
        self.register_leaves(machine);
        let mut events = std::mem::take(&mut self.events);
        events.leaves.sort_unstable_by_key(|leaf| leaf.index);
        for leaf in events.leaves.iter_mut().filter(|leaf| leaf.index >= REGISTER_CELLS as u32 / 4) {
            leaf.last = machine.memory().leaf(leaf.index);
            leaf.last_time = self.memory_times.leaf(leaf.index);
            self.memory_times.clear_leaf(leaf.index);
        }
        self.visited.clear();
        self.written.clear();
        events
    }

    /// Writes the decode chip's rows and gives its reads, which come first in time, their places.
    fn decode_rows(&mut self, machine: &Machine) {
        self.executed.sort_unstable();
        let memory = machine.memory();
        let mut previous_dword = None;
        for &index in &self.executed {
            let pc = self.text_start + 4 * index;
            let dword = pc / 8;
            let words = memory.dword(dword);
            let (low, high) = (words as u32, (words >> 32) as u32);
            let (word, other_word) = if pc.is_multiple_of(8) { (low, high) } else { (high, low) };
            let order = u8::from(previous_dword == Some(dword));
            previous_dword = Some(dword);
            let count = std::mem::take(&mut self.executions[index as usize]);
            self.events.decode.push(DecodeEvent { pc, word, other_word, order, count });
            // a data access to the dword comes later than the decode chip's
            if self.memory_times.get(dword) <= 1 {
                if self.memory_times.leaf(dword / 4) == [0; 4] {
                    self.events.leaves.push(new_leaf(machine, dword / 4, Region::Text));
                }
                self.memory_times.set(dword, u32::from(order) + 1);
            }
        }
        self.executed.clear();
        self.patch_text_accesses();
    }

    /// Sets the old time of each first access to a dword of text to the number of the decode chip's
    /// reads of it.
    fn patch_text_accesses(&mut self) {
        let events = &mut self.events;
        for (dword, slot) in self.text_accesses.drain(..) {
            let rows = &events.decode;
            let start = rows.partition_point(|row| row.pc / 8 < dword);
            let reads = rows[start..].iter().take(2).filter(|row| row.pc / 8 == dword).count() as u32;
            match slot {
                TimeSlot::Load(row) => events.load[row].t_mem[0] = reads,
                TimeSlot::Misaligned(row, which) => events.misaligned[row].t_mem[which] = reads,
                TimeSlot::MulMod(row, operand, i) => events.mulmod[row].t_mem[operand][i] = reads,
                TimeSlot::MulMod384(row, operand, i) => events.mulmod384[row].t_mem[operand][i] = reads,
                TimeSlot::Sha256(row, i) => events.sha256[row].t_block[i] = reads,
                TimeSlot::Blake2f(row, i) => events.blake2f[row].t_message[i] = reads,
                TimeSlot::Bridge(row) => events.bridge[row].old_time = reads,
            }
        }
    }

    fn register_leaves(&mut self, machine: &Machine) {
        let last = registers(machine);
        for index in 0..REGISTER_CELLS / 4 {
            let cells = 4 * index..4 * index + 4;
            let mut leaf = LeafEvent { index: index as u32, region: Region::ReadWrite, initial: [0; 4], last: [0; 4], last_time: [0; 4] };
            leaf.initial.copy_from_slice(&self.register_initial[cells.clone()]);
            leaf.last.copy_from_slice(&last[cells.clone()]);
            leaf.last_time.copy_from_slice(&self.register_times[cells]);
            if leaf.last_time != [0; 4] {
                self.events.leaves.push(leaf);
            }
        }
    }
}

/// Empties every table and keeps its memory.
fn clear(events: &mut SegmentEvents) {
    let SegmentEvents {
        add_sub,
        bitwise,
        shift,
        compare,
        mul,
        div_rem,
        jump,
        branch,
        load,
        store,
        misaligned,
        ecall,
        keccak,
        mulmod,
        mulmod384,
        sha256,
        blake2f,
        bridge,
        decode,
        leaves,
    } = events;
    for table in [add_sub, bitwise, shift, compare, mul, div_rem, jump, branch] {
        table.clear();
    }
    for table in [load, store, misaligned] {
        table.clear();
    }
    ecall.clear();
    keccak.clear();
    mulmod.clear();
    mulmod384.clear();
    sha256.clear();
    blake2f.clear();
    bridge.clear();
    decode.clear();
    leaves.clear();
}

#[inline(always)]
fn is_aligned(op: Opcode, addr: u32) -> bool {
    addr & (semantics::access_bytes(op) - 1) == 0
}

fn new_leaf(machine: &Machine, index: u32, region: Region) -> LeafEvent {
    LeafEvent { index, region, initial: machine.memory().leaf(index), last: [0; 4], last_time: [0; 4] }
}

fn registers(machine: &Machine) -> [u64; REGISTER_CELLS] {
    std::array::from_fn(|index| if index <= usize::from(SINK) { machine.register(index as u8) } else { 0 })
}
