//! Directed programs for the instructions that compute, load and store.

use tern_air::isa::{Family, Format, INSTRUCTIONS, InstructionRow, Opcode};

use super::{Asm, MEMORY_START, TEXT_START, TestProgram};

/// Operands at which results change character.
const OPERANDS: [u64; 20] = [
    0,
    1,
    2,
    3,
    31,
    32,
    63,
    64,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_ffff,
    0x1_0000_0000,
    0x7fff_ffff_ffff_ffff,
    0x8000_0000_0000_0000,
    0xffff_ffff_8000_0000,
    0xffff_ffff_7fff_ffff,
    0x1234_5678_9abc_def0,
    0xfedc_ba98_7654_3210,
    u64::MAX - 1,
    u64::MAX,
];
const OPERAND_BYTES: i32 = 8 * OPERANDS.len() as i32;
/// Where results begin, behind the operands.
const RESULTS: u32 = MEMORY_START + 0x100;

pub(super) fn programs() -> Vec<TestProgram> {
    let families = [Family::AddSub, Family::Bitwise, Family::Shift, Family::Compare, Family::Mul, Family::DivRem];
    let mut programs = Vec::new();
    for family in families {
        programs.push(register_forms(family));
        if INSTRUCTIONS.iter().any(|row| row.family == family && !row.opcode.reads_rs2()) {
            programs.push(immediate_forms(family));
        }
    }
    programs.push(aliased_registers());
    programs.push(upper_immediates());
    programs.extend(memory_accesses());
    programs.push(extreme_offsets());
    programs
}

fn operand_table() -> Vec<u8> {
    OPERANDS.iter().flat_map(|operand| operand.to_le_bytes()).collect()
}

/// Code that has `x2`, which Linux sets, at 0, `x20` at the operands, `x21` at their end, and `x22`
/// at the results.
fn start() -> Asm {
    let mut code = Asm::new(TEXT_START);
    code.li(2, 0);
    code.li(20, MEMORY_START.into()).immediate(Opcode::Addi, 21, 20, OPERAND_BYTES).li(22, RESULTS.into());
    code
}

/// Stores `register` as the next result.
fn emit(code: &mut Asm, register: u8) {
    code.store(Opcode::Sd, register, 22, 0).immediate(Opcode::Addi, 22, 22, 8);
}

fn finish(name: String, code: Asm, base_register: u8) -> TestProgram {
    TestProgram::new(name, TEXT_START, code, base_register, operand_table())
}

/// Every register-register instruction of `family` on every pair of operands.
fn register_forms(family: Family) -> TestProgram {
    let mut code = start();
    for row in INSTRUCTIONS.iter().filter(|row| row.family == family && row.opcode.reads_rs2()) {
        let (outer, inner) = (code.label(), code.label());
        code.mv(5, 20).bind(outer).immediate(Opcode::Ld, 6, 5, 0).mv(7, 20);
        code.bind(inner).immediate(Opcode::Ld, 8, 7, 0).register(row.opcode, 9, 6, 8);
        emit(&mut code, 9);
        code.immediate(Opcode::Addi, 7, 7, 8).branch(Opcode::Bne, 7, 21, inner);
        code.immediate(Opcode::Addi, 5, 5, 8).branch(Opcode::Bne, 5, 21, outer);
    }
    finish(format!("{family:?} registers"), code, 31)
}

/// Every immediate instruction of `family` with telling immediates on every operand.
fn immediate_forms(family: Family) -> TestProgram {
    let mut code = start();
    for row in INSTRUCTIONS.iter().filter(|row| row.family == family && !row.opcode.reads_rs2()) {
        let immediates: &[i32] = match row.format {
            Format::Shift64 => &[0, 1, 7, 8, 15, 16, 31, 32, 33, 62, 63],
            Format::Shift32 => &[0, 1, 7, 8, 15, 16, 30, 31],
            _ => &[-2048, -2047, -256, -1, 0, 1, 2, 255, 256, 1365, 2046, 2047],
        };
        for &immediate in immediates {
            let next = code.label();
            code.mv(5, 20).bind(next).immediate(Opcode::Ld, 6, 5, 0).immediate(row.opcode, 9, 6, immediate);
            emit(&mut code, 9);
            code.immediate(Opcode::Addi, 5, 5, 8).branch(Opcode::Bne, 5, 21, next);
        }
    }
    finish(format!("{family:?} immediates"), code, 30)
}

/// Every computing instruction with `x0` as source and as destination, and with sources and
/// destination equal.
fn aliased_registers() -> TestProgram {
    let mut code = start();
    let computes = |row: &&InstructionRow| {
        row.opcode.writes_rd()
            && matches!(row.family, Family::AddSub | Family::Bitwise | Family::Shift | Family::Compare | Family::Mul | Family::DivRem)
    };
    for row in INSTRUCTIONS.iter().filter(computes) {
        for (rd, rs1, rs2) in [(0, 5, 6), (5, 5, 6), (6, 5, 6), (5, 5, 5), (7, 0, 6), (7, 5, 0), (7, 0, 0)] {
            code.li(5, 0x8765_4321_0fed_cba9).li(6, 0xffff_ffff_ffff_fff3);
            code.op(row.opcode, rd, rs1, rs2, 13);
            emit(&mut code, rd);
        }
    }
    finish("aliased registers".into(), code, 29)
}

fn upper_immediates() -> TestProgram {
    let mut code = start();
    for immediate in (12..32).map(|bit| 1i32 << bit).chain([0, -4096, 0x7fff_f000, 0x1234_5000]) {
        for op in [Opcode::Lui, Opcode::Auipc] {
            code.immediate(op, 9, 0, immediate);
            emit(&mut code, 9);
            code.immediate(op, 0, 0, immediate);
        }
    }
    finish("upper immediates".into(), code, 28)
}

/// Loads and stores of every width at every misalignment, inside a leaf, across dwords, and across a page.
fn memory_accesses() -> [TestProgram; 2] {
    let (near, page_end) = (MEMORY_START + 0x8000, MEMORY_START + 0xa000 - 16);
    let addresses: Vec<u32> = (near..near + 16).chain(page_end..page_end + 24).collect();
    let mut loads = start();
    let mut stores = start();
    let pattern = 0xf1e2_d3c4_b5a6_9788u64;
    for block in [near, page_end] {
        loads.li(5, block.into()).li(6, pattern);
        for dword in 0..5 {
            loads.store(Opcode::Sd, 6, 5, 8 * dword).register(Opcode::Xor, 6, 6, 5);
            loads.immediate(Opcode::Addi, 6, 6, 0x3b);
        }
    }
    for &address in &addresses {
        loads.li(5, address.into());
        stores.li(5, address.into());
        for row in INSTRUCTIONS {
            match row.family {
                Family::Load => {
                    loads.immediate(row.opcode, 9, 5, 0);
                    emit(&mut loads, 9);
                }
                Family::Store => store_and_read_back(&mut stores, row.opcode, address),
                _ => {}
            }
        }
    }
    [finish("loads".into(), loads, 27), finish("stores".into(), stores, 26)]
}

/// Stores over known dwords and records all that the store could reach.
fn store_and_read_back(code: &mut Asm, op: Opcode, address: u32) {
    let aligned = address & !7;
    code.li(6, aligned.into()).li(7, 0x0102_0304_0506_0708).store(Opcode::Sd, 7, 6, 0).store(Opcode::Sd, 7, 6, 8);
    code.li(8, 0xf9e8_d7c6_b5a4_9382).store(op, 8, 5, 0);
    for offset in [0, 8] {
        code.immediate(Opcode::Ld, 9, 6, offset);
        emit(code, 9);
    }
}

/// Loads and stores with the largest offsets, and with a base that only the sum brings into memory.
fn extreme_offsets() -> TestProgram {
    let mut code = start();
    let middle = MEMORY_START + 0x9000;
    code.li(6, 0x1122_3344_5566_7788);
    for offset in [-2048, -1, 0, 1, 2040, 2047] {
        code.li(5, middle.into()).store(Opcode::Sd, 6, 5, offset).immediate(Opcode::Ld, 9, 5, offset);
        emit(&mut code, 9);
        code.immediate(Opcode::Lb, 5, 5, offset);
        emit(&mut code, 5);
    }
    // x5 as base and destination, and x0 as destination
    code.li(5, middle.into()).immediate(Opcode::Ld, 0, 5, 0).immediate(Opcode::Ld, 5, 5, 0);
    emit(&mut code, 5);
    code.li(5, middle.into()).store(Opcode::Sd, 5, 5, 0).immediate(Opcode::Ld, 5, 5, 0);
    emit(&mut code, 5);
    code.li(5, middle.into()).store(Opcode::Sw, 0, 5, 3).immediate(Opcode::Ld, 5, 5, 0);
    emit(&mut code, 5);
    finish("extreme offsets".into(), code, 25)
}
