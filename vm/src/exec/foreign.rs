//! Names of instructions that the machine does not have, for messages.
//!
//! Source: *The RISC-V Instruction Set Manual*, volume I (chapters Zifencei, Zicsr, A, F, D, C, B)
//! and volume II.

/// The name of a word that is an instruction of a common extension, if it is one: of 16 bits where
/// its two lowest are not both set.
pub fn name(word: u32) -> Option<&'static str> {
    // The halfword of zeros is reserved.
    if word & 0xffff == 0 {
        return None;
    }
    let (table, bits): (&[Row], u32) = if word & 3 == 3 { (WORDS, word) } else { (HALFWORDS, word & 0xffff) };
    table.iter().find(|row| bits & row.mask == row.matches).map(|row| row.name)
}

/// `word & mask == matches` holds for the words of this instruction; the first row that holds decides.
struct Row {
    name: &'static str,
    mask: u32,
    matches: u32,
}

const fn row(name: &'static str, mask: u32, matches: u32) -> Row {
    Row { name, mask, matches }
}

/// Opcode and funct3.
const I: u32 = 0x0000_707f;
/// Opcode, funct3 and funct7.
const R: u32 = 0xfe00_707f;
/// Opcode, funct3 and the upper six bits.
const SHIFT: u32 = 0xfc00_707f;
/// Opcode, funct3 and the upper twelve bits.
const UNARY: u32 = 0xfff0_707f;
/// Opcode, funct3 and funct5: acquire and release do not matter.
const ATOMIC: u32 = 0xf800_707f;
/// Opcode and funct7: any rounding mode.
const FLOAT: u32 = 0xfe00_007f;
/// Opcode, funct7 and rs2.
const CONVERT: u32 = 0xfff0_007f;
/// Opcode and format of a fused operation.
const FUSED: u32 = 0x0600_007f;
/// All bits.
const ALL: u32 = u32::MAX;

#[rustfmt::skip]
const WORDS: &[Row] = &[
    row("fence.i", I, 0x0000_100f),
    row("csrrw", I, 0x0000_1073), row("csrrs", I, 0x0000_2073), row("csrrc", I, 0x0000_3073),
    row("csrrwi", I, 0x0000_5073), row("csrrsi", I, 0x0000_6073), row("csrrci", I, 0x0000_7073),
    row("sret", ALL, 0x1020_0073), row("mret", ALL, 0x3020_0073), row("wfi", ALL, 0x1050_0073),
    row("sfence.vma", 0xfe00_7fff, 0x1200_0073),
    row("lr.w", 0xf9f0_707f, 0x1000_202f), row("lr.d", 0xf9f0_707f, 0x1000_302f),
    row("sc.w", ATOMIC, 0x1800_202f), row("sc.d", ATOMIC, 0x1800_302f),
    row("amoswap.w", ATOMIC, 0x0800_202f), row("amoswap.d", ATOMIC, 0x0800_302f),
    row("amoadd.w", ATOMIC, 0x0000_202f), row("amoadd.d", ATOMIC, 0x0000_302f),
    row("amoxor.w", ATOMIC, 0x2000_202f), row("amoxor.d", ATOMIC, 0x2000_302f),
    row("amoand.w", ATOMIC, 0x6000_202f), row("amoand.d", ATOMIC, 0x6000_302f),
    row("amoor.w", ATOMIC, 0x4000_202f), row("amoor.d", ATOMIC, 0x4000_302f),
    row("amomin.w", ATOMIC, 0x8000_202f), row("amomin.d", ATOMIC, 0x8000_302f),
    row("amomax.w", ATOMIC, 0xa000_202f), row("amomax.d", ATOMIC, 0xa000_302f),
    row("amominu.w", ATOMIC, 0xc000_202f), row("amominu.d", ATOMIC, 0xc000_302f),
    row("amomaxu.w", ATOMIC, 0xe000_202f), row("amomaxu.d", ATOMIC, 0xe000_302f),
    row("flw", I, 0x0000_2007), row("fld", I, 0x0000_3007), row("fsw", I, 0x0000_2027), row("fsd", I, 0x0000_3027),
    row("fmadd.s", FUSED, 0x43), row("fmadd.d", FUSED, 0x0200_0043), row("fmsub.s", FUSED, 0x47), row("fmsub.d", FUSED, 0x0200_0047),
    row("fnmsub.s", FUSED, 0x4b), row("fnmsub.d", FUSED, 0x0200_004b), row("fnmadd.s", FUSED, 0x4f), row("fnmadd.d", FUSED, 0x0200_004f),
    row("fadd.s", FLOAT, 0x0000_0053), row("fadd.d", FLOAT, 0x0200_0053), row("fsub.s", FLOAT, 0x0800_0053), row("fsub.d", FLOAT, 0x0a00_0053),
    row("fmul.s", FLOAT, 0x1000_0053), row("fmul.d", FLOAT, 0x1200_0053), row("fdiv.s", FLOAT, 0x1800_0053), row("fdiv.d", FLOAT, 0x1a00_0053),
    row("fsqrt.s", CONVERT, 0x5800_0053), row("fsqrt.d", CONVERT, 0x5a00_0053),
    row("fsgnj.s", R, 0x2000_0053), row("fsgnjn.s", R, 0x2000_1053), row("fsgnjx.s", R, 0x2000_2053),
    row("fsgnj.d", R, 0x2200_0053), row("fsgnjn.d", R, 0x2200_1053), row("fsgnjx.d", R, 0x2200_2053),
    row("fmin.s", R, 0x2800_0053), row("fmax.s", R, 0x2800_1053), row("fmin.d", R, 0x2a00_0053), row("fmax.d", R, 0x2a00_1053),
    row("feq.s", R, 0xa000_2053), row("flt.s", R, 0xa000_1053), row("fle.s", R, 0xa000_0053),
    row("feq.d", R, 0xa200_2053), row("flt.d", R, 0xa200_1053), row("fle.d", R, 0xa200_0053),
    row("fcvt.s.d", CONVERT, 0x4010_0053), row("fcvt.d.s", CONVERT, 0x4200_0053),
    row("fcvt.w.s", CONVERT, 0xc000_0053), row("fcvt.wu.s", CONVERT, 0xc010_0053),
    row("fcvt.l.s", CONVERT, 0xc020_0053), row("fcvt.lu.s", CONVERT, 0xc030_0053),
    row("fcvt.w.d", CONVERT, 0xc200_0053), row("fcvt.wu.d", CONVERT, 0xc210_0053),
    row("fcvt.l.d", CONVERT, 0xc220_0053), row("fcvt.lu.d", CONVERT, 0xc230_0053),
    row("fcvt.s.w", CONVERT, 0xd000_0053), row("fcvt.s.wu", CONVERT, 0xd010_0053),
    row("fcvt.s.l", CONVERT, 0xd020_0053), row("fcvt.s.lu", CONVERT, 0xd030_0053),
    row("fcvt.d.w", CONVERT, 0xd200_0053), row("fcvt.d.wu", CONVERT, 0xd210_0053),
    row("fcvt.d.l", CONVERT, 0xd220_0053), row("fcvt.d.lu", CONVERT, 0xd230_0053),
    row("fclass.s", UNARY, 0xe000_1053), row("fclass.d", UNARY, 0xe200_1053),
    row("fmv.x.w", UNARY, 0xe000_0053), row("fmv.x.d", UNARY, 0xe200_0053),
    row("fmv.w.x", UNARY, 0xf000_0053), row("fmv.d.x", UNARY, 0xf200_0053),
    row("add.uw", R, 0x0800_003b), row("slli.uw", SHIFT, 0x0800_101b),
    row("sh1add", R, 0x2000_2033), row("sh2add", R, 0x2000_4033), row("sh3add", R, 0x2000_6033),
    row("sh1add.uw", R, 0x2000_203b), row("sh2add.uw", R, 0x2000_403b), row("sh3add.uw", R, 0x2000_603b),
    row("andn", R, 0x4000_7033), row("orn", R, 0x4000_6033), row("xnor", R, 0x4000_4033),
    row("min", R, 0x0a00_4033), row("minu", R, 0x0a00_5033), row("max", R, 0x0a00_6033), row("maxu", R, 0x0a00_7033),
    row("clz", UNARY, 0x6000_1013), row("ctz", UNARY, 0x6010_1013), row("cpop", UNARY, 0x6020_1013),
    row("clzw", UNARY, 0x6000_101b), row("ctzw", UNARY, 0x6010_101b), row("cpopw", UNARY, 0x6020_101b),
    row("sext.b", UNARY, 0x6040_1013), row("sext.h", UNARY, 0x6050_1013), row("zext.h", UNARY, 0x0800_403b),
    row("rol", R, 0x6000_1033), row("ror", R, 0x6000_5033), row("rori", SHIFT, 0x6000_5013),
    row("rolw", R, 0x6000_103b), row("rorw", R, 0x6000_503b), row("roriw", R, 0x6000_501b),
    row("orc.b", UNARY, 0x2870_5013), row("rev8", UNARY, 0x6b80_5013),
    row("bclr", R, 0x4800_1033), row("bclri", SHIFT, 0x4800_1013), row("bext", R, 0x4800_5033), row("bexti", SHIFT, 0x4800_5013),
    row("binv", R, 0x6800_1033), row("binvi", SHIFT, 0x6800_1013), row("bset", R, 0x2800_1033), row("bseti", SHIFT, 0x2800_1013),
];

/// Compressed instructions.
#[rustfmt::skip]
const HALFWORDS: &[Row] = &[
    row("c.addi4spn", 0xe003, 0x0000), row("c.fld", 0xe003, 0x2000), row("c.lw", 0xe003, 0x4000), row("c.ld", 0xe003, 0x6000),
    row("c.fsd", 0xe003, 0xa000), row("c.sw", 0xe003, 0xc000), row("c.sd", 0xe003, 0xe000),
    row("c.addi", 0xe003, 0x0001), row("c.addiw", 0xe003, 0x2001), row("c.li", 0xe003, 0x4001),
    row("c.addi16sp", 0xef83, 0x6101), row("c.lui", 0xe003, 0x6001),
    row("c.srli", 0xec03, 0x8001), row("c.srai", 0xec03, 0x8401), row("c.andi", 0xec03, 0x8801),
    row("c.sub", 0xfc63, 0x8c01), row("c.xor", 0xfc63, 0x8c21), row("c.or", 0xfc63, 0x8c41), row("c.and", 0xfc63, 0x8c61),
    row("c.subw", 0xfc63, 0x9c01), row("c.addw", 0xfc63, 0x9c21),
    row("c.j", 0xe003, 0xa001), row("c.beqz", 0xe003, 0xc001), row("c.bnez", 0xe003, 0xe001),
    row("c.slli", 0xe003, 0x0002), row("c.fldsp", 0xe003, 0x2002), row("c.lwsp", 0xe003, 0x4002), row("c.ldsp", 0xe003, 0x6002),
    row("c.jr", 0xf07f, 0x8002), row("c.mv", 0xf003, 0x8002),
    row("c.ebreak", 0xffff, 0x9002), row("c.jalr", 0xf07f, 0x9002), row("c.add", 0xf003, 0x9002),
    row("c.fsdsp", 0xe003, 0xa002), row("c.swsp", 0xe003, 0xc002), row("c.sdsp", 0xe003, 0xe002),
];

#[cfg(test)]
#[path = "tests/foreign.rs"]
mod tests;
