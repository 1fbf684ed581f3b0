//! Directed programs for branches, jumps, `auipc` and `fence`.

use tern_air::isa::Opcode;

use super::{Asm, MEMORY_START, TEXT_START, TestProgram};

pub(super) fn programs() -> Vec<TestProgram> {
    let mut programs = vec![branch_conditions(), branch_reach(), jump_reach(), indirect_jumps(), fences()];
    // one bit of the pc at a time: those from 2 to 15 within the program, those above by its place
    programs.push(pc_bits(0x1000));
    programs.extend((16..30).map(|bit| pc_bits(1 << bit)));
    programs.push(highest_text());
    programs
}

const BRANCHES: [Opcode; 6] = [Opcode::Beq, Opcode::Bne, Opcode::Blt, Opcode::Bge, Opcode::Bltu, Opcode::Bgeu];

/// Code at `base` that has `x2`, which Linux sets, at 0, and `x22` at the results.
fn start(base: u32) -> Asm {
    let mut code = Asm::new(base);
    code.li(22, MEMORY_START.into()).li(2, 0);
    code
}

/// Stores `register` as the next result.
fn emit(code: &mut Asm, register: u8) {
    code.store(Opcode::Sd, register, 22, 0).immediate(Opcode::Addi, 22, 22, 8);
}

/// Every branch on pairs in all orders, signed and unsigned, and on a register and itself.
fn branch_conditions() -> TestProgram {
    let mut code = start(TEXT_START);
    let values = [0, 1, u64::MAX, 1 << 63, (1 << 63) - 1, 1 << 31, 0x1_0000_0000, 0x1_0000];
    for (i, &a) in values.iter().enumerate() {
        for &b in &values[i..] {
            code.li(5, a).li(6, b);
            for op in BRANCHES {
                for (rs1, rs2) in [(5, 6), (6, 5), (5, 5), (5, 0), (0, 6)] {
                    let taken = code.label();
                    code.immediate(Opcode::Slli, 7, 7, 1).immediate(Opcode::Addi, 7, 7, 1);
                    code.branch(op, rs1, rs2, taken).immediate(Opcode::Xori, 7, 7, 1).bind(taken);
                }
            }
            emit(&mut code, 7);
        }
    }
    TestProgram::new("branch conditions", TEXT_START, code, 31, Vec::new())
}

/// Each branch over its longest distances: 4092 bytes forward, 4096 back.
fn branch_reach() -> TestProgram {
    let mut code = start(TEXT_START);
    code.li(5, 1).li(6, 2);
    for (op, rs1, rs2) in
        [(Opcode::Beq, 5, 5), (Opcode::Bne, 5, 6), (Opcode::Blt, 5, 6), (Opcode::Bge, 6, 5), (Opcode::Bltu, 5, 6), (Opcode::Bgeu, 6, 5)]
    {
        let [back, forward, done, far] = [(); 4].map(|()| code.label());
        code.jal(0, far);
        let back_pc = code.pc();
        code.bind(back).immediate(Opcode::Auipc, 9, 0, 0).jal(0, done);
        code.pad_to(back_pc + 4096).bind(far);
        let forward_pc = code.pc();
        // first 4096 back to `back`, which goes on at `done`; then 4092 forward
        code.branch(op, rs1, rs2, back).bind(done);
        let pad = forward_pc + 4 + 8 + 4092;
        emit(&mut code, 9);
        code.branch(op, rs1, rs2, forward);
        code.pad_to(pad).bind(forward).immediate(Opcode::Auipc, 9, 0, 0);
        emit(&mut code, 9);
    }
    TestProgram::new("branch reach", TEXT_START, code, 30, Vec::new())
}

/// `jal` over its longest distances: 2^20 - 4 bytes forward, 2^20 back.
fn jump_reach() -> TestProgram {
    let mut code = start(TEXT_START);
    let [forward, back, done] = [(); 3].map(|()| code.label());
    let from = code.pc();
    code.jal(1, forward).bind(back);
    emit(&mut code, 5);
    code.jal(7, done).pad_to(from + (1 << 20) - 4).bind(forward);
    emit(&mut code, 1);
    code.jal(5, back).bind(done);
    emit(&mut code, 7);
    TestProgram::new("jump reach", TEXT_START, code, 29, Vec::new())
}

/// `jalr` with every kind of offset, a cleared lowest bit, and base and link in one register.
fn indirect_jumps() -> TestProgram {
    let mut code = start(TEXT_START);
    for (link, base, offset, odd) in
        [(1, 5, 0, 0), (1, 5, 2047, 1), (1, 5, -2048, 0), (5, 5, 4, 0), (0, 5, 1, 0), (7, 5, -1, 1), (5, 5, 0, 1)]
    {
        // auipc's own address plus 16 is the instruction behind the jump and a skipped one
        code.immediate(Opcode::Auipc, 6, 0, 0);
        code.immediate(Opcode::Addi, 6, 6, 24 + odd);
        code.immediate(Opcode::Addi, 5, 6, -(offset / 2)).immediate(Opcode::Addi, 5, 5, -(offset - offset / 2));
        code.immediate(Opcode::Jalr, link, base, offset).immediate(Opcode::Addi, link.max(1), 0, -1);
        emit(&mut code, 1);
        emit(&mut code, 5);
        emit(&mut code, 7);
    }
    TestProgram::new("indirect jumps", TEXT_START, code, 28, Vec::new())
}

/// `fence` in all its spellings, none of which may change a register.
fn fences() -> TestProgram {
    let mut code = start(TEXT_START);
    code.li(5, 0x55).li(31, 0x77);
    for word in [0x0ff0_000f, 0x8330_000f, 0x0100_000f, 0x0000_000f, 0x0ff2_8f8f] {
        code.word(word);
    }
    TestProgram::new("fences", TEXT_START, code, 27, Vec::new())
}

/// `auipc` and `jal` at `base` plus each power of two up to 2^15, and just below each.
fn pc_bits(base: u32) -> TestProgram {
    let mut code = Asm::new(base);
    code.li(22, MEMORY_START.into());
    for (bit, register) in (2..6).zip(12..) {
        while code.pc() < base + (1 << bit) {
            code.nop();
        }
        code.immediate(Opcode::Auipc, register, 0, 0x1000 << bit);
    }
    let mut here = code.label();
    code.li(2, 0).jal(0, here).pad_to(base + (1 << 6));
    for bit in 6..16 {
        let after = code.label();
        code.bind(here).immediate(Opcode::Auipc, 9, 0, 0x7654_3000).jal(1, after).word(0).bind(after);
        emit(&mut code, 9);
        emit(&mut code, 1);
        here = code.label();
        let below = code.label();
        code.jal(10, below).pad_to(base + (2 << bit) - 4).bind(below);
        if bit % 2 == 0 {
            code.immediate(Opcode::Auipc, 9, 0, -4096);
        } else {
            code.jal(9, here);
        }
    }
    code.bind(here);
    TestProgram::new(format!("pc bits at {base:#x}"), base, code, 26, Vec::new())
}

/// The last words below 2^30: `auipc` and `jal` at pcs with all bits set.
fn highest_text() -> TestProgram {
    const END: u32 = 0x4000_0000;
    const START: u32 = END - 0x2000;
    let mut code = start(START);
    let mut last = Asm::new(END - 8);
    code.op(Opcode::Jal, 7, 0, 0, (last.pc() - code.pc()) as i32);
    last.immediate(Opcode::Auipc, 9, 0, 0x1234_5000).op(Opcode::Jal, 1, 0, 0, code.pc() as i32 - (END - 4) as i32);
    emit(&mut code, 9);
    emit(&mut code, 1);
    TestProgram::new("highest text", START, code, 24, Vec::new()).with_last_words(last)
}
