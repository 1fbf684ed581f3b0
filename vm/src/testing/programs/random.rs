//! Random straight-line programs with forward branches.

use tern_air::isa::{Family, Format, INSTRUCTIONS, InstructionRow, Opcode};

use super::{Asm, Label, MEMORY_BYTES, MEMORY_START, TEXT_START, TestProgram};

const INSTRUCTIONS_PER_PROGRAM: usize = 300;
/// A page boundary with results' room on both sides; loads and stores fall within 2 KiB of it.
const MIDDLE: u32 = MEMORY_START + 0x4000;

/// SplitMix64 (Steele, Lea, Flood 2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    /// A value with long runs of equal bits more often than chance has it.
    fn value(&mut self) -> u64 {
        let value = self.next();
        match self.below(6) {
            0 => value & 0xff,
            1 => value as i32 as i64 as u64,
            2 => (value as i64 >> self.below(64)) as u64,
            3 => 1u64.rotate_left(value as u32 % 64).wrapping_sub(self.below(3)),
            _ => value,
        }
    }
}

pub(super) fn program(seed: u64) -> TestProgram {
    let mut random = Random(seed);
    let memory: Vec<u8> = (0..MEMORY_BYTES / 2).map(|_| random.next() as u8).collect();
    // holds MIDDLE throughout
    let base = 1 + random.below(31) as u8;
    let mut code = Asm::new(TEXT_START);
    for register in 1..32 {
        code.li(register, random.value());
    }
    code.li(base, MIDDLE.into());
    let mut pending = Vec::new();
    for index in 0..INSTRUCTIONS_PER_PROGRAM {
        pending.retain(|&(until, label)| {
            let due = until <= index;
            if due {
                code.bind(label);
            }
            !due
        });
        let row = &INSTRUCTIONS[random.below(Opcode::COUNT as u64) as usize];
        match row.family {
            Family::Branch | Family::Jump => {
                let label = code.label();
                pending.push((index + 1 + random.below(6) as usize, label));
                jump(&mut code, &mut random, row, base, label);
            }
            Family::Ecall => {}
            _ => straight(&mut code, &mut random, row, base),
        }
    }
    for (_, label) in pending {
        code.bind(label);
    }
    TestProgram::new(format!("random {seed}"), TEXT_START, code, base, memory)
}

/// A destination other than `base`; `x0` now and then.
fn destination(random: &mut Random, base: u8) -> u8 {
    match random.below(32) as u8 {
        rd if rd == base => 0,
        rd => rd,
    }
}

fn jump(code: &mut Asm, random: &mut Random, row: &InstructionRow, base: u8, label: Label) {
    if row.family == Family::Jump {
        code.jal(destination(random, base), label);
    } else {
        code.branch(row.opcode, random.below(32) as u8, random.below(32) as u8, label);
    }
}

fn straight(code: &mut Asm, random: &mut Random, row: &InstructionRow, base: u8) {
    let rd = destination(random, base);
    let (mut rs1, rs2) = (random.below(32) as u8, random.below(32) as u8);
    let mut imm = match row.format {
        Format::U => random.next() as i32 & !0xfff,
        Format::Shift64 => random.below(64) as i32,
        Format::Shift32 => random.below(32) as i32,
        _ => random.below(4096) as i32 - 2048,
    };
    if matches!(row.family, Family::Load | Family::Store) {
        rs1 = base;
        // most near each other, so that loads see what stores wrote
        if random.below(4) > 0 {
            imm %= 32;
        }
    }
    code.op(row.opcode, rd, rs1, rs2, imm);
}
