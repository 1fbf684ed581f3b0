//! The parts of every kind of record, by name: a field that is added to a record has to be added here.

mod words;

use tern_air::events::{
    AluEvent, Blake2fEvent, BridgeEvent, Cell, DecodeEvent, EcallEvent, KeccakEvent, MemoryEvent, MulModEvent, Sha256Event,
};
use tern_air::memory::{Change, LeafUpdate, NodeEvent, PermutationEvent};

pub use words::{Named, Word, changes, each, one};

/// A record that tables are filled from.
pub trait Record: Copy {
    /// All that it holds, by field.
    fn words(&mut self) -> Vec<Named<'_>>;

    /// What kind of record it is, among those of its list: some of each kind are changed.
    fn kind(&self) -> u32 {
        0
    }
}

impl Record for AluEvent {
    fn words(&mut self) -> Vec<Named<'_>> {
        let Self { pc, time, a, b, rd_old, t_rs1, t_rs2, t_rd, imm, op, rd, rs1, rs2 } = self;
        let registers: [Named<'_>; 3] = [("rd", rd), ("rs1", rs1), ("rs2", rs2)];
        let times: [Named<'_>; 4] = [("time", time), ("t_rs1", t_rs1), ("t_rs2", t_rs2), ("t_rd", t_rd)];
        let values: [Named<'_>; 4] = [("pc", pc), ("a", a), ("b", b), ("rd_old", rd_old)];
        let decoded: [Named<'_>; 2] = [("imm", imm), ("op", op)];
        values.into_iter().chain(times).chain(decoded).chain(registers).collect()
    }

    fn kind(&self) -> u32 {
        self.op as u32
    }
}

impl Record for MemoryEvent {
    fn words(&mut self) -> Vec<Named<'_>> {
        let Self { pc, time, base, addr, imm, value, rd_old, mem_old, t_mem, t_rs1, t_rs2, t_rd, op, rd, rs1, rs2, region } = self;
        let registers: [Named<'_>; 3] = [("rd", rd), ("rs1", rs1), ("rs2", rs2)];
        let times: [Named<'_>; 4] = [("time", time), ("t_rs1", t_rs1), ("t_rs2", t_rs2), ("t_rd", t_rd)];
        let values: [Named<'_>; 5] = [("pc", pc), ("base", base), ("addr", addr), ("value", value), ("rd_old", rd_old)];
        let decoded: [Named<'_>; 3] = [("imm", imm), ("op", op), ("region", region)];
        let [low, high] = mem_old;
        let [t_low, t_high] = t_mem;
        let memory: [Named<'_>; 4] = [("mem_old.0", low), ("mem_old.1", high), ("t_mem.0", t_low), ("t_mem.1", t_high)];
        values.into_iter().chain(times).chain(decoded).chain(registers).chain(memory).collect()
    }

    fn kind(&self) -> u32 {
        let crosses = self.t_mem[1] != 0;
        4 * (self.op as u32 * 3 + self.region as u32) + u32::from(crosses)
    }
}

impl Record for EcallEvent {
    fn words(&mut self) -> Vec<Named<'_>> {
        let Self { pc, time, regs, t_regs, is_fence } = self;
        let [number, arguments @ ..] = regs;
        let mut words = one("pc", pc);
        words.extend(one("time", time));
        words.extend(one("number", number));
        words.extend(each("arguments", arguments));
        words.extend(each("t_regs", t_regs));
        words.extend(one("is_fence", is_fence));
        words
    }

    fn kind(&self) -> u32 {
        2 * self.regs[0] as u32 + u32::from(self.is_fence)
    }
}

impl Record for KeccakEvent {
    fn words(&mut self) -> Vec<Named<'_>> {
        let Self { time, ptr, state, t_mem } = self;
        let mut words = one("time", time);
        words.extend(one("ptr", ptr));
        words.extend(each("state", state));
        words.extend(each("t_mem", t_mem));
        words
    }
}

impl<const DWORDS: usize> Record for MulModEvent<DWORDS> {
    fn words(&mut self) -> Vec<Named<'_>> {
        let Self { time, ptrs, operands, dst_old, t_mem, regions } = self;
        let mut words = one("time", time);
        words.extend(each("ptrs", ptrs));
        words.extend(each("operands", operands.as_flattened_mut()));
        words.extend(each("dst_old", dst_old));
        words.extend(each("t_mem", t_mem.as_flattened_mut()));
        words.extend(each("regions", regions));
        words
    }
}

impl Record for Sha256Event {
    fn words(&mut self) -> Vec<Named<'_>> {
        let Self { time, ptrs, state, block, t_state, t_block, region } = self;
        let mut words = one("time", time);
        words.extend(each("ptrs", ptrs));
        words.extend(each("state", state));
        words.extend(each("block", block));
        words.extend(each("t_state", t_state));
        words.extend(each("t_block", t_block));
        words.extend(one("region", region));
        words
    }
}

impl Record for Blake2fEvent {
    fn words(&mut self) -> Vec<Named<'_>> {
        let Self { time, ptrs, vector, message, schedule, t_vector, t_message, region } = self;
        let mut words = one("time", time);
        words.extend(each("ptrs", ptrs));
        words.extend(each("vector", vector));
        words.extend(each("message", message));
        words.extend(one("schedule", schedule));
        words.extend(each("t_vector", t_vector));
        words.extend(each("t_message", t_message));
        words.extend(one("region", region));
        words
    }
}

impl Record for BridgeEvent {
    fn words(&mut self) -> Vec<Named<'_>> {
        let Self { cell, region, value, old_time, new_time } = self;
        vec![("cell", cell), ("region", region), ("value", value), ("old_time", old_time), ("new_time", new_time)]
    }

    fn kind(&self) -> u32 {
        2 * self.region as u32 + u32::from(matches!(self.cell, Cell::Register(_)))
    }
}

impl Record for DecodeEvent {
    fn words(&mut self) -> Vec<Named<'_>> {
        let Self { pc, word, other_word, order, count } = self;
        vec![("pc", pc), ("word", word), ("other_word", other_word), ("order", order), ("count", count)]
    }

    fn kind(&self) -> u32 {
        self.word & 0x7f
    }
}

impl Record for LeafUpdate {
    fn words(&mut self) -> Vec<Named<'_>> {
        let Self { leaf, node: Change { before, after } } = self;
        let mut words = one("index", &mut leaf.index);
        words.extend(one("region", &mut leaf.region));
        words.extend(each("initial", &mut leaf.initial));
        words.extend(each("last", &mut leaf.last));
        words.extend(each("last_time", &mut leaf.last_time));
        words.extend(each("node.before", before));
        words.extend(each("node.after", after));
        words
    }

    fn kind(&self) -> u32 {
        2 * self.leaf.region as u32 + u32::from(self.node.is_change())
    }
}

impl Record for NodeEvent {
    fn words(&mut self) -> Vec<Named<'_>> {
        let Self { depth, index, node, children, visited } = self;
        let mut words = one("depth", depth);
        words.extend(one("index", index));
        words.extend(each("node.before", &mut node.before));
        words.extend(each("node.after", &mut node.after));
        for Change { before, after } in children {
            words.extend(each("children.before", before));
            words.extend(each("children.after", after));
        }
        words.extend(each("visited", visited));
        words
    }

    fn kind(&self) -> u32 {
        8 * self.depth.min(3) + 4 * u32::from(self.node.is_change()) + 2 * u32::from(self.visited[0]) + u32::from(self.visited[1])
    }
}

impl Record for PermutationEvent {
    fn words(&mut self) -> Vec<Named<'_>> {
        let Self { state, count } = self;
        let mut words = each("state", state);
        words.extend(one("count", count));
        words
    }
}
