//! What each instruction computes, as pure functions of operand values.
//!
//! The executor and trace filling both call these. Every function is total: division by zero and
//! overflow are defined by the M extension, shift amounts are taken modulo the width.

use super::row::Opcode;

/// The value written to `rd` by an instruction of the families add/sub, bitwise, shift, compare,
/// multiply and divide.
///
/// `a` is the value of `rs1`; `b` the value of `rs2` or the sign-extended immediate. An opcode of
/// another family computes 0.
#[inline(always)]
#[must_use]
pub const fn alu(op: Opcode, a: u64, b: u64) -> u64 {
    use Opcode::*;
    match op {
        Add | Addi => a.wrapping_add(b),
        Sub => a.wrapping_sub(b),
        Addw | Addiw => sign_extend_word(a.wrapping_add(b) as u32),
        Subw => sign_extend_word(a.wrapping_sub(b) as u32),
        And | Andi => a & b,
        Or | Ori => a | b,
        Xor | Xori => a ^ b,
        Sll | Slli => a << (b & 63),
        Srl | Srli => a >> (b & 63),
        Sra | Srai => (a as i64 >> (b & 63)) as u64,
        Sllw | Slliw => sign_extend_word((a as u32) << (b & 31)),
        Srlw | Srliw => sign_extend_word(a as u32 >> (b & 31)),
        Sraw | Sraiw => (a as i32 >> (b & 31)) as i64 as u64,
        Slt | Slti => ((a as i64) < (b as i64)) as u64,
        Sltu | Sltiu => (a < b) as u64,
        Mul => a.wrapping_mul(b),
        Mulh => ((a as i64 as i128 * b as i64 as i128) >> 64) as u64,
        Mulhsu => ((a as i64 as i128 * b as i128) >> 64) as u64,
        Mulhu => ((a as u128 * b as u128) >> 64) as u64,
        Mulw => sign_extend_word((a as u32).wrapping_mul(b as u32)),
        Div | Divu | Rem | Remu => divide(op, a, b),
        Divw | Divuw | Remw | Remuw => divide_word(op, a as u32, b as u32),
        _ => 0,
    }
}

/// 64-bit quotient or remainder: by zero, all ones and the dividend; on signed overflow, the
/// dividend and zero.
#[inline(always)]
const fn divide(op: Opcode, a: u64, b: u64) -> u64 {
    match (op, b) {
        (Opcode::Div | Opcode::Divu, 0) => u64::MAX,
        (_, 0) => a,
        (Opcode::Div, _) => (a as i64).wrapping_div(b as i64) as u64,
        (Opcode::Divu, _) => a / b,
        (Opcode::Rem, _) => (a as i64).wrapping_rem(b as i64) as u64,
        (_, _) => a % b,
    }
}

/// 32-bit quotient or remainder, sign-extended whether or not the division is signed.
#[inline(always)]
const fn divide_word(op: Opcode, a: u32, b: u32) -> u64 {
    let result = match (op, b) {
        (Opcode::Divw | Opcode::Divuw, 0) => u32::MAX,
        (_, 0) => a,
        (Opcode::Divw, _) => (a as i32).wrapping_div(b as i32) as u32,
        (Opcode::Divuw, _) => a / b,
        (Opcode::Remw, _) => (a as i32).wrapping_rem(b as i32) as u32,
        (_, _) => a % b,
    };
    sign_extend_word(result)
}

/// The value written by `lui` or `auipc` at address `pc`.
#[inline(always)]
#[must_use]
pub const fn upper(op: Opcode, pc: u32, imm: i32) -> u64 {
    let base = if matches!(op, Opcode::Auipc) { pc as u64 } else { 0 };
    base.wrapping_add(imm as i64 as u64)
}

/// The target of `jal` or `jalr` at address `pc`, modulo 2^64; `rs1` is the value of `jalr`'s base
/// register.
#[inline(always)]
#[must_use]
pub const fn jump_target(op: Opcode, pc: u32, rs1: u64, imm: i32) -> u64 {
    match op {
        Opcode::Jalr => rs1.wrapping_add(imm as i64 as u64) & !1,
        _ => (pc as u64).wrapping_add(imm as i64 as u64),
    }
}

/// Whether a branch on `a` (of `rs1`) and `b` (of `rs2`) is taken; false for an opcode that is no branch.
#[inline(always)]
#[must_use]
pub const fn branch_taken(op: Opcode, a: u64, b: u64) -> bool {
    use Opcode::*;
    match op {
        Beq => a == b,
        Bne => a != b,
        Blt => (a as i64) < (b as i64),
        Bge => (a as i64) >= (b as i64),
        Bltu => a < b,
        Bgeu => a >= b,
        _ => false,
    }
}

/// Bytes that a load or store accesses: 1, 2, 4 or 8; 0 for any other instruction.
#[inline(always)]
#[must_use]
pub const fn access_bytes(op: Opcode) -> u32 {
    use Opcode::*;
    match op {
        Lb | Lbu | Sb => 1,
        Lh | Lhu | Sh => 2,
        Lw | Lwu | Sw => 4,
        Ld | Sd => 8,
        _ => 0,
    }
}

/// The address of a load or store, modulo 2^64.
#[inline(always)]
#[must_use]
pub const fn effective_address(base: u64, imm: i32) -> u64 {
    base.wrapping_add(imm as i64 as u64)
}

/// The value written to `rd` by a load whose accessed bytes, little-endian, are the low bytes of `raw`.
#[inline(always)]
#[must_use]
pub const fn extend_load(op: Opcode, raw: u64) -> u64 {
    use Opcode::*;
    match op {
        Lb => raw as i8 as i64 as u64,
        Lh => raw as i16 as i64 as u64,
        Lw => raw as i32 as i64 as u64,
        Lbu => raw as u8 as u64,
        Lhu => raw as u16 as u64,
        Lwu => raw as u32 as u64,
        _ => raw,
    }
}

/// The `access_bytes(op)` bytes at `offset` (0 to 7) of the 16 bytes `low, high`, zero-extended.
#[inline(always)]
#[must_use]
pub const fn extract(op: Opcode, low: u64, high: u64, offset: u32) -> u64 {
    let both = low as u128 | (high as u128) << 64;
    (both >> (8 * (offset & 7))) as u64 & width_mask(op)
}

/// The 16 bytes `low, high` after a store of `value` at `offset` (0 to 7).
#[inline(always)]
#[must_use]
pub const fn insert(op: Opcode, low: u64, high: u64, offset: u32, value: u64) -> (u64, u64) {
    let shift = 8 * (offset & 7);
    let mask = (width_mask(op) as u128) << shift;
    let both = low as u128 | (high as u128) << 64;
    let new = both & !mask | ((value & width_mask(op)) as u128) << shift;
    (new as u64, (new >> 64) as u64)
}

#[inline(always)]
const fn width_mask(op: Opcode) -> u64 {
    match access_bytes(op) {
        0 => 0,
        bytes => u64::MAX >> (64 - 8 * bytes),
    }
}

#[inline(always)]
const fn sign_extend_word(word: u32) -> u64 {
    word as i32 as i64 as u64
}
