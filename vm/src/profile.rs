//! Cycles or costs by call stack, for flame graphs.
//!
//! The stack is followed through the calling convention's hints: `jal` and `jalr` that link in `ra`
//! or `t0` call, `jalr` to a return address returns, and any other jump into another function is a
//! tail call.

use std::collections::HashMap;
use std::fmt::Write as _;

use tern_air::isa::{Instruction, Opcode, SINK, semantics};

use crate::elf::{Program, Symbols};
use crate::exec::{ExecError, Machine, Meter, Observer, Options, RecordWeights, Records, SegmentExecutor, SegmentLimits, run_observed};

/// Most frames followed; deeper calls count for the frame at this depth.
const MAX_DEPTH: usize = 1 << 8;
/// Most distinct stacks kept; further ones count for the stack that they begin with.
const MAX_STACKS: usize = 1 << 15;

/// Runs `program` and returns its cycles by call stack: lines of `outermost;…;innermost cycles`, sorted, as
/// flame graph tools read them. The counts add up to the run's cycles.
///
/// # Errors
/// As [`crate::exec::run`], and [`ExecError::NoFunctionNames`].
pub fn folded_stacks(program: &Program, input: &[u8], options: Options) -> Result<String, ExecError> {
    if let Some(reason) = program.symbols.missing() {
        return Err(ExecError::NoFunctionNames(reason));
    }
    let mut profiler = Profiler::new(program);
    let summary = run_observed(program, input, options, &mut profiler)?;
    profiler.charge(summary.cycles);
    Ok(profiler.folded(&program.symbols))
}

/// Runs `program` and returns what its records weigh by call stack, in the same form. Each function
/// is charged for the records that its instructions make, and for the parts of the memory tree that
/// it is the first in a segment to touch.
///
/// # Errors
/// As [`folded_stacks`], or [`ExecError::LimitsTooSmall`].
pub fn folded_weights(
    program: &Program,
    input: &[u8],
    options: Options,
    limits: &SegmentLimits,
    weights: RecordWeights,
) -> Result<String, ExecError> {
    if let Some(reason) = program.symbols.missing() {
        return Err(ExecError::NoFunctionNames(reason));
    }
    let mut weighing = Weighing { profiler: Profiler::new(program), weights, before: 0 };
    let mut executor = SegmentExecutor::new(program, input, options)?;
    while let Some(record) = executor.next_segment_metered(limits, &mut weighing)? {
        executor.recycle(record.events);
    }
    Ok(weighing.profiler.folded(&program.symbols))
}

/// Charges functions with the weight of records.
struct Weighing {
    profiler: Profiler,
    weights: RecordWeights,
    /// What all segments before this one weigh.
    before: u64,
}

impl Meter for Weighing {
    #[inline(always)]
    fn before(&mut self, machine: &Machine, pc: u32, instruction: Instruction, records: Records<'_>) {
        if matches!(instruction.op, Opcode::Jal | Opcode::Jalr) {
            self.profiler.charge(self.before + records.weight(&self.weights));
            self.profiler.jump(machine, pc, instruction);
        }
    }

    fn end_of_segment(&mut self, records: Records<'_>) {
        self.before += records.weight(&self.weights);
        self.profiler.charge(self.before);
    }
}

/// A distinct stack of functions.
struct Stack {
    /// Index of the innermost function's symbol; `None` for code without one.
    function: Option<usize>,
    /// The stack without that function; its own index for the outermost.
    caller: usize,
    /// Cycles spent, or what else is counted, with exactly this stack.
    count: u64,
}

/// A call that has not returned.
struct Frame {
    return_address: u64,
    /// The stack to go back to.
    caller: usize,
}

struct Profiler {
    symbols: Symbols,
    stacks: Vec<Stack>,
    /// Stack by caller's stack and function.
    index: HashMap<(usize, Option<usize>), usize>,
    frames: Vec<Frame>,
    current: usize,
    charged: u64,
}

impl Observer for Profiler {
    #[inline(always)]
    fn before(&mut self, machine: &Machine, pc: u32, instruction: Instruction) {
        if matches!(instruction.op, Opcode::Jal | Opcode::Jalr) {
            // the jump itself belongs to the function that it leaves
            self.charge(machine.cycle() + 1);
            self.jump(machine, pc, instruction);
        }
    }
}

impl Profiler {
    fn new(program: &Program) -> Self {
        let function = program.symbols.index_at(program.entry);
        Self {
            symbols: program.symbols.clone(),
            stacks: vec![Stack { function, caller: 0, count: 0 }],
            index: HashMap::new(),
            frames: Vec::new(),
            current: 0,
            charged: 0,
        }
    }

    /// Counts what has come since the last call of this, up to `count` in all, for the current stack.
    fn charge(&mut self, count: u64) {
        self.stacks[self.current].count += count - self.charged;
        self.charged = count;
    }

    fn jump(&mut self, machine: &Machine, pc: u32, i: Instruction) {
        let target = semantics::jump_target(i.op, pc, machine.register(i.rs1), i.imm);
        if is_link(i.rd) {
            self.call(u64::from(pc) + 4, target);
        } else if !(i.op == Opcode::Jalr && i.rd == SINK && self.go_back(target, is_link(i.rs1))) {
            self.go_on(target);
        }
    }

    fn call(&mut self, return_address: u64, target: u64) {
        if self.frames.len() < MAX_DEPTH {
            let caller = self.current;
            self.frames.push(Frame { return_address, caller });
            self.current = self.stack(caller, self.function_at(target)).unwrap_or(caller);
        }
    }

    /// Returns to the innermost call that `target` is the return address of, if there is one; not
    /// further than to the caller unless the jump is `surely` a return.
    fn go_back(&mut self, target: u64, surely: bool) -> bool {
        let reach = if surely { self.frames.len() } else { 1 };
        let mut nearest = (0..self.frames.len()).rev().take(reach);
        let Some(depth) = nearest.find(|&depth| self.frames[depth].return_address == target) else {
            return false;
        };
        self.current = self.frames[depth].caller;
        self.frames.truncate(depth);
        true
    }

    /// Goes on at `target`, perhaps in another function, which then takes the current one's place.
    fn go_on(&mut self, target: u64) {
        let function = self.function_at(target);
        let Stack { function: from, caller, .. } = self.stacks[self.current];
        if function == from {
            return;
        }
        if self.frames.is_empty() {
            // the outermost function was left for good: what follows is shown inside it
            self.current = self.stack(0, function).unwrap_or(0);
        } else if let Some(stack) = self.stack(caller, function) {
            self.current = stack;
        }
    }

    fn function_at(&self, target: u64) -> Option<usize> {
        u32::try_from(target).ok().and_then(|pc| self.symbols.index_at(pc))
    }

    /// The stack of `function` called from the stack `caller`, unless there are too many already.
    fn stack(&mut self, caller: usize, function: Option<usize>) -> Option<usize> {
        if let Some(&known) = self.index.get(&(caller, function)) {
            return Some(known);
        }
        if self.stacks.len() >= MAX_STACKS {
            return None;
        }
        self.stacks.push(Stack { function, caller, count: 0 });
        self.index.insert((caller, function), self.stacks.len() - 1);
        Some(self.stacks.len() - 1)
    }

    fn folded(&self, symbols: &Symbols) -> String {
        let mut lines: Vec<String> = Vec::new();
        for (index, stack) in self.stacks.iter().enumerate().filter(|(_, stack)| stack.count > 0) {
            let mut line = self.names(index, symbols);
            // writing to a string does not fail
            let _ = write!(line, " {}", stack.count);
            lines.push(line);
        }
        lines.sort_unstable();
        lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect()
    }

    /// The functions of a stack, outermost first, joined by `;`.
    fn names(&self, mut index: usize, symbols: &Symbols) -> String {
        let mut names = Vec::new();
        loop {
            let stack = &self.stacks[index];
            let name = stack.function.map_or("?", |function| &symbols.as_slice()[function].name);
            names.push(name.replace(';', ","));
            if index == stack.caller {
                break;
            }
            index = stack.caller;
        }
        names.reverse();
        names.join(";")
    }
}

/// Whether the calling convention uses this register for return addresses: `ra` or `t0`.
fn is_link(register: u8) -> bool {
    register == 1 || register == 5
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::elf::SymbolsError;
    use crate::exec::Table;
    use crate::testing::{Asm, ElfFile, ElfSegment, PF_R, PF_X};

    /// `_start` calls `outer` twice; `outer` calls `inner`, which tail-calls `tail` on its second run.
    fn program() -> Program {
        let mut code = Asm::new(0x1_0000);
        let [outer, inner, tail, odd] = [(); 4].map(|()| code.label());
        code.jal(1, outer).jal(1, outer).halt(0);
        let outer_pc = code.pc();
        code.bind(outer).mv(8, 1).jal(1, inner).immediate(Opcode::Jalr, 0, 8, 0);
        let inner_pc = code.pc();
        code.bind(inner).immediate(Opcode::Addi, 9, 9, 1).immediate(Opcode::Andi, 18, 9, 1);
        code.branch(Opcode::Bne, 18, 0, odd).jal(0, tail).bind(odd).nop().immediate(Opcode::Jalr, 0, 1, 0);
        let tail_pc = code.pc();
        code.bind(tail).nop().nop().nop().immediate(Opcode::Jalr, 0, 1, 0);
        let mut file = ElfFile::new(0x1_0000, vec![ElfSegment::new(0x1_0000, PF_R | PF_X, code.bytes())]);
        for (name, pc) in [("_start", 0x1_0000), ("outer", outer_pc), ("inner<[u8; 4]>", inner_pc), ("tail", tail_pc)] {
            file.symbols.push((name.into(), pc.into(), 0));
        }
        Program::from_elf(&file.bytes()).expect("a valid program")
    }

    #[test]
    fn calls_returns_and_tail_calls() {
        let program = program();
        let cycles = crate::exec::run(&program, b"", Options::default()).expect("a finished run").cycles;
        let folded = folded_stacks(&program, b"", Options::default()).expect("a finished run");
        // `outer` returns through s0, which is no link register
        let counts: HashMap<&str, u64> = folded
            .lines()
            .filter_map(|line| line.rsplit_once(' '))
            .map(|(stack, count)| (stack, count.parse().expect("a count")))
            .collect();
        assert_eq!(counts["_start;outer"], 2 * 3);
        assert_eq!(counts["_start;outer;inner<[u8, 4]>"], 5 + 4);
        assert_eq!(counts["_start;outer;tail"], 4);
        assert_eq!(counts.values().sum::<u64>(), cycles);
    }

    #[test]
    fn calls_that_never_return_stay_bounded() {
        let mut code = Asm::new(0x1_0000);
        let again = code.label();
        code.li(7, 100_000).bind(again).op(Opcode::Jal, 1, 0, 0, 4);
        code.immediate(Opcode::Addi, 7, 7, -1).branch(Opcode::Bne, 7, 0, again).halt(0);
        let text = ElfSegment::new(0x1_0000, PF_R | PF_X, code.bytes());
        let mut file = ElfFile::new(0x1_0000, vec![text]);
        let nameless = Program::from_elf(&file.bytes()).expect("a valid program");
        let error = folded_stacks(&nameless, b"", Options::default()).expect_err("a program without names");
        assert!(matches!(error, ExecError::NoFunctionNames(SymbolsError::NoTable)), "{error}");
        file.symbols.push(("_start".into(), 0x1_0000, 0));
        let program = Program::from_elf(&file.bytes()).expect("a valid program");
        let folded = folded_stacks(&program, b"", Options::default()).expect("a finished run");
        assert!(folded.lines().count() <= MAX_DEPTH + 1);
    }

    /// Whatever is recorded is charged to some function, whichever way the run is cut.
    #[test]
    fn all_weights_are_charged() {
        let program = program();
        let mut tables = core::array::from_fn(|table| 1 + 3 * table as u64);
        // Until a segment ends, all leaves of registers are counted, and then those that it
        // touched: the others are inner nodes.
        tables[Table::Leaf as usize] = 100;
        let weights = RecordWeights { tables, inner_node: 100, compression: 1000 };
        for cycles in [u32::MAX, 10, 1] {
            let limits = SegmentLimits::cycles(cycles);
            let folded = folded_weights(&program, b"", Options::default(), &limits, weights).expect("a finished run");
            let charged: u64 = folded.lines().filter_map(|line| line.rsplit_once(' ')?.1.parse::<u64>().ok()).sum();
            let mut executor = SegmentExecutor::new(&program, b"", Options::default()).expect("a machine");
            let mut recorded = 0;
            while let Some(record) = executor.next_segment(&limits).expect("no trap") {
                let records = Table::ALL.map(|table| table.rows(&record.events) as u32);
                recorded += weights.of(&records, record.nodes);
            }
            assert_eq!(charged, recorded);
            assert!(folded.contains("_start;outer;inner"), "{folded}");
        }
    }
}
