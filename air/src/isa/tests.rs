use alloc::string::ToString;

use proptest::prelude::*;

use super::{Format, INSTRUCTIONS, Instruction, Opcode, SINK, decode, encode, semantics};

fn instruction(op: Opcode, rd: u8, rs1: u8, rs2: u8, imm: i32) -> Instruction {
    Instruction { op, rd, rs1, rs2, imm }
}

#[test]
fn rows_stand_at_their_opcode_and_do_not_overlap() {
    for (index, row) in INSTRUCTIONS.iter().enumerate() {
        assert_eq!(row.opcode as usize, index, "{}", row.mnemonic);
        assert_eq!(row.match_bits() & !row.mask(), 0, "{}", row.mnemonic);
        for other in &INSTRUCTIONS[..index] {
            let common = row.mask() & other.mask();
            assert_ne!(row.match_bits() & common, other.match_bits() & common, "{} and {} share a word", row.mnemonic, other.mnemonic);
        }
    }
}

/// Words as the GNU assembler emits them.
#[test]
fn known_words() {
    use Opcode::*;
    let cases = [
        (0x0031_00b3, instruction(Add, 1, 2, 3, 0), "add x1, x2, x3"),
        (0xfff1_0093, instruction(Addi, 1, 2, 0, -1), "addi x1, x2, -1"),
        (0x0000_0013, instruction(Addi, SINK, 0, 0, 0), "addi x0, x0, 0"),
        (0x43f5_5513, instruction(Srai, 10, 10, 0, 63), "srai x10, x10, 63"),
        (0x41f5_551b, instruction(Sraiw, 10, 10, 0, 31), "sraiw x10, x10, 31"),
        (0x0000_8067, instruction(Jalr, SINK, 1, 0, 0), "jalr x0, 0(x1)"),
        (0x8000_00ef, instruction(Jal, 1, 0, 0, -0x10_0000), "jal x1, pc-1048576"),
        (0x7fff_f06f, instruction(Jal, SINK, 0, 0, 0xf_fffe), "jal x0, pc+1048574"),
        (0xfe52_8ee3, instruction(Beq, 0, 5, 5, -4), "beq x5, x5, pc-4"),
        (0x7e62_9fe3, instruction(Bne, 0, 5, 6, 4094), "bne x5, x6, pc+4094"),
        (0xffff_f2b7, instruction(Lui, 5, 0, 0, -4096), "lui x5, 0xfffff"),
        (0x0000_1297, instruction(Auipc, 5, 0, 0, 4096), "auipc x5, 0x1"),
        (0xff81_3083, instruction(Ld, 1, 2, 0, -8), "ld x1, -8(x2)"),
        (0xfe11_3c23, instruction(Sd, 0, 2, 1, -8), "sd x1, -8(x2)"),
        (0x02c5_d53b, instruction(Divuw, 10, 11, 12, 0), "divuw x10, x11, x12"),
        (0x0000_0073, instruction(Ecall, 0, 0, 0, 0), "ecall"),
        (0x0ff0_000f, instruction(Fence, 0, 0, 0, 0), "fence"),
    ];
    for (word, expected, text) in cases {
        assert_eq!(decode(word), Some(expected), "{word:#010x}");
        assert_eq!(expected.to_string(), text);
        if expected.op != Fence {
            assert_eq!(encode(&expected), word, "{text}");
        }
    }
}

#[test]
fn hints_and_fences_are_fences_and_nothing_else_is() {
    let fence = Some(instruction(Opcode::Fence, 0, 0, 0, 0));
    // fence.tso, pause, and a fence whose reserved register fields are set
    for word in [0x8330_000f, 0x0100_000f, 0x0ff0_8f8f] {
        assert_eq!(decode(word), fence, "{word:#010x}");
    }
    // fence.i, ebreak, csrrw, mret, wfi, lr.w, compressed nop, all zeros, all ones, flw, mul with a
    // reserved funct7
    for word in
        [0x0000_100f, 0x0010_0073, 0x3000_1073, 0x3020_0073, 0x1050_0073, 0x1000_202f, 0x0000_0001, 0, u32::MAX, 0x0000_2007, 0x0431_00b3]
    {
        assert_eq!(decode(word), None, "{word:#010x}");
    }
}

#[test]
fn word_shifts_reject_bit_25_and_double_shifts_take_it() {
    assert_eq!(decode(0x0200_901b), None);
    assert_eq!(decode(0x0200_9013), Some(instruction(Opcode::Slli, SINK, 1, 0, 32)));
}

#[test]
fn division_corner_cases() {
    use semantics::alu;
    let (min, min_word) = (i64::MIN as u64, i32::MIN as i64 as u64);
    let minus_one = u64::MAX;
    assert_eq!(alu(Opcode::Div, 7, 0), minus_one);
    assert_eq!(alu(Opcode::Divu, 7, 0), minus_one);
    assert_eq!(alu(Opcode::Rem, 7, 0), 7);
    assert_eq!(alu(Opcode::Remu, 7, 0), 7);
    assert_eq!(alu(Opcode::Div, min, minus_one), min);
    assert_eq!(alu(Opcode::Rem, min, minus_one), 0);
    assert_eq!(alu(Opcode::Divuw, 7, 1 << 32), minus_one);
    assert_eq!(alu(Opcode::Remuw, 0x8000_0000, 0), min_word);
    assert_eq!(alu(Opcode::Divw, min_word, minus_one), min_word);
    assert_eq!(alu(Opcode::Remw, min_word, minus_one), 0);
    assert_eq!(alu(Opcode::Rem, (-7i64) as u64, 2), minus_one);
}

fn any_instruction() -> impl Strategy<Value = Instruction> {
    (0..Opcode::COUNT, 1u8..=32, 0u8..32, 0u8..32, any::<i32>()).prop_map(|(op, rd, rs1, rs2, bits)| {
        let row = &INSTRUCTIONS[op];
        let format = row.format;
        instruction(
            row.opcode,
            if format.has_rd() { rd } else { 0 },
            if format.has_rs1() { rs1 } else { 0 },
            if format.has_rs2() { rs2 } else { 0 },
            match format {
                Format::R | Format::Fence | Format::System => 0,
                Format::I | Format::S => bits >> 20,
                Format::Shift64 => bits & 63,
                Format::Shift32 => bits & 31,
                Format::B => bits >> 19 & !1,
                Format::U => bits & !0xfff,
                Format::J => bits >> 11 & !1,
            },
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn encoding_round_trips(instruction in any_instruction()) {
        prop_assert_eq!(decode(encode(&instruction)), Some(instruction));
    }

    #[test]
    fn words_that_decode_are_their_own_encoding(bits in any::<u32>(), major in 0u32..32) {
        let word = bits & !0x7f | major << 2 | 3;
        let row = INSTRUCTIONS.iter().find(|row| word & row.mask() == row.match_bits());
        prop_assert_eq!(decode(word).map(|instruction| instruction.op), row.map(|row| row.opcode));
        if let Some(instruction) = decode(word) {
            let ignored = if instruction.op == Opcode::Fence { !0x707f } else { 0 };
            prop_assert_eq!(encode(&instruction) & !ignored, word & !ignored);
        }
    }

    #[test]
    fn insert_then_extract(low: u64, high: u64, offset in 0u32..8, value: u64) {
        for (store, load, mask) in [
            (Opcode::Sb, Opcode::Lbu, 0xff),
            (Opcode::Sh, Opcode::Lhu, 0xffff),
            (Opcode::Sw, Opcode::Lwu, 0xffff_ffff),
            (Opcode::Sd, Opcode::Ld, u64::MAX),
        ] {
            let (new_low, new_high) = semantics::insert(store, low, high, offset, value);
            prop_assert_eq!(semantics::extract(load, new_low, new_high, offset), value & mask);
            let (back_low, back_high) =
                semantics::insert(store, new_low, new_high, offset, semantics::extract(load, low, high, offset));
            prop_assert_eq!((back_low, back_high), (low, high));
        }
    }
}
