use alloc::vec::Vec;

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use proptest::prelude::*;
use tern_field::F;

use super::*;
use crate::bus;
use crate::check::{Report, check};
use crate::events::DecodeEvent;
use crate::isa::{INSTRUCTIONS, Instruction, Opcode, decode};
use crate::layout::Columns;
use crate::lookups::Lookups;
use crate::machine::MachineAir;
use crate::records::DecodeRecord;
use crate::testing::gate::{Table, assert_gate, attacks};
use crate::testing::{assert_honest, with_tag};

const AIR: MachineAir = MachineAir::Decode(DecodeChip);

fn event(pc: u32, word: u32) -> DecodeEvent {
    DecodeEvent { pc, word, other_word: 0x9abc_def1, order: 0, count: 3 }
}

/// Words of every instruction: free bits all clear, all set, alternating, and `rd` zero.
/// Any two opcodes fix a bit that the other fixes otherwise.
const EXCLUSIVE: (&str, &str) =
    ("decode::opcodes_exclusive", "two opcodes at once would have a bit of one half: `decode::bit_boolean` fails");

fn words() -> Vec<u32> {
    let free = [0, u32::MAX, 0x5555_5555, 0xaaaa_aaaa, 0xffff_f07f, 0x8000_0fff, 0x7fff_ffff];
    INSTRUCTIONS.iter().flat_map(|row| free.map(|free| free & !row.mask() | row.match_bits())).collect()
}

/// The payload that the program bus should carry for a word.
fn program(pc: u32, x: &Instruction) -> Vec<u32> {
    let imm = x.imm as u32;
    [pc, x.op as u32, x.rd.into(), x.rs1.into(), x.rs2.into(), imm & 0xffff, imm >> 16, u32::from(x.imm < 0)].into()
}

fn one_row(fill_row: impl FnOnce(&mut DecodeCols<F>)) -> RowMajorMatrix<F> {
    let width = <DecodeCols<F> as Columns<F>>::WIDTH;
    let mut trace = RowMajorMatrix::new(F::zero_vec(width), width);
    fill_row(DecodeCols::of_mut(&mut trace.values));
    trace
}

/// Fills a row that claims `event`'s word to decode to `instruction`.
fn fill_row(event: &DecodeEvent, instruction: &Instruction, row: &mut DecodeCols<F>) {
    let mut cells = F::zero_vec(<DecodeCols<F> as Columns<F>>::WIDTH);
    crate::fill::fill_row::<DecodeChip>(&DecodeRecord::new(event, instruction), &mut cells, &mut Lookups::default());
    *row = *DecodeCols::of(&cells);
}

/// Checks a row that claims `word` to be instruction `op`, with the fields that `op`'s format takes
/// from the word.
fn claim(word: u32, op: Opcode) -> Report {
    let row = op.row();
    let claimed = decode(word & !row.mask() | row.match_bits()).unwrap();
    assert_eq!(claimed.op, op);
    let trace = one_row(|cols| fill_row(&event(0x1_0008, word), &claimed, cols));
    check(&AIR, &trace, &[])
}

/// A row exists for exactly the opcode that the decoder finds, and provides exactly its instruction.
fn assert_decodes_alike(word: u32) {
    let expected = decode(word);
    for row in INSTRUCTIONS {
        let report = claim(word, row.opcode);
        if expected.is_some_and(|x| x.op == row.opcode) {
            assert!(report.failures.is_empty(), "{word:#010x} as {}: {:?}", row.mnemonic, report.failures);
            let provided = with_tag(&report.balance, bus::PROGRAM);
            assert_eq!(provided, [(program(0x1_0008, &expected.unwrap()), -3)], "{word:#010x}");
        } else {
            let failures: Vec<_> = report.failures.into_keys().collect();
            assert_eq!(failures, ["decode::opcode"], "{word:#010x} as {}", row.mnemonic);
        }
    }
}

#[test]
fn every_instruction_decodes_as_the_executor_does() {
    words().into_iter().for_each(assert_decodes_alike);
}

/// Words one bit away from an instruction: mostly reserved encodings.
#[test]
fn neighbours_decode_as_the_executor_does() {
    for row in INSTRUCTIONS {
        (0..32).for_each(|bit| assert_decodes_alike(row.match_bits() ^ 1 << bit));
    }
}

#[test]
fn words_that_are_no_instruction_have_no_row() {
    let ebreak = 0x0010_0073;
    let (csrrw, fence_i, amoadd, fld) = (0x3400_1073, 0x0000_100f, 0x0000_202f, 0x0000_3007);
    for word in [0, u32::MAX, ebreak, csrrw, fence_i, amoadd, fld] {
        assert_eq!(decode(word), None);
        assert_decodes_alike(word);
    }
}

#[test]
fn rows_read_their_dword_from_the_text() {
    let addi = 0x0010_0093;
    let (pc, text) = (0x3fff_fff8, 2 << 29);
    let events = [
        DecodeEvent { pc, word: addi, other_word: 0x0ff0_000f, order: 0, count: 2 },
        DecodeEvent { pc: pc + 4, word: 0x0ff0_000f, other_word: addi, order: 1, count: 1 },
    ];
    let balance = assert_honest(&AIR, |height, lookups| fill(&events, height, lookups), 4);
    let cell = |time: u32| [text + pc / 8, 0x0093, 0x0010, 0x000f, 0x0ff0, time].to_vec();
    assert_eq!(with_tag(&balance, bus::MEMORY), [(cell(0), -1), (cell(2), 1)]);
    let fence = decode(0x0ff0_000f).unwrap();
    assert_eq!(fence.op, Opcode::Fence);
    assert_eq!(with_tag(&balance, bus::PROGRAM), [(program(pc, &decode(addi).unwrap()), -2), (program(pc + 4, &fence), -1)]);
}

#[test]
fn all_rows_satisfy_in_one_table() {
    let events: Vec<_> = words().iter().zip(0x1_0000u32..).map(|(&word, i)| event(4 * i, word)).collect();
    assert_honest(&AIR, |height, lookups| fill(&events, height, lookups), 512);
}

#[test]
fn the_gate_holds() {
    let events: Vec<_> = words().iter().step_by(5).zip(0x1_0000u32..).map(|(&word, i)| event(4 * i, word)).collect();
    let trace = fill(&events, 128, &mut Lookups::default());
    let rows: Vec<usize> = (0..events.len() + 1).collect();
    assert_gate(&AIR, &[Table::new(&AIR, &trace, &[], rows)], &attacks!(), &[EXCLUSIVE]);
}

/// Every column that the program bus carries is pinned by the word's bits, on every instruction.
#[test]
fn no_field_can_be_changed_alone() {
    for word in words() {
        let instruction = decode(word).unwrap();
        for field in 0..7 {
            let trace = one_row(|row| {
                fill_row(&event(0x1_0008, word), &instruction, row);
                let fields = [&mut row.rd_nonzero, &mut row.rd, &mut row.rs1, &mut row.rs2, &mut row.imm0, &mut row.imm1, &mut row.sign];
                *fields.into_iter().nth(field).unwrap() += F::ONE;
            });
            let failures = check(&AIR, &trace, &[]).failures;
            let label =
                ["decode::rd_nonzero", "decode::rd", "decode::rs1", "decode::rs2", "decode::imm0", "decode::imm1", "decode::sign"][field];
            assert!(failures.contains_key(label), "{word:#010x}: {label}");
        }
    }
}

/// A write to `x0` cannot go to the register, nor another one to the sink, with all three columns
/// changed alike.
#[test]
fn the_sink_is_for_x0_only() {
    for (word, rd) in [(0x0010_0013, F::ZERO), (0x0010_0093, F::from_u8(33))] {
        let instruction = decode(word).unwrap();
        let trace = one_row(|row| {
            fill_row(&event(0x1_0008, word), &instruction, row);
            row.rd_nonzero = F::ONE - row.rd_nonzero;
            row.rd = rd;
        });
        let failures: Vec<_> = check(&AIR, &trace, &[]).failures.into_keys().collect();
        assert_eq!(failures, ["decode::rd_nonzero"]);
    }
}

#[test]
fn the_other_word_cannot_be_decoded_in_place_of_this_one() {
    let instruction = decode(0x0010_0093).unwrap();
    let trace = one_row(|row| {
        fill_row(&event(0x1_0008, 0x0010_0093), &instruction, row);
        row.second = F::ONE;
    });
    let failures: Vec<_> = check(&AIR, &trace, &[]).failures.into_keys().collect();
    assert_eq!(failures, ["decode::word"]);
}

#[test]
fn a_padding_row_provides_nothing() {
    let failures = check(&AIR, &one_row(|row| row.multiplicity = F::ONE), &[]).failures;
    assert_eq!(failures.into_keys().collect::<Vec<_>>(), ["decode::padding_provides_nothing"]);
}

/// A register's key is the text key of dword 2^29, which is out of range: registers cannot be executed.
#[test]
fn registers_are_not_text() {
    let register_5 = (1 << 29) + 5;
    let instruction = decode(0x0010_0093).unwrap();
    let trace = one_row(|row| {
        fill_row(&event(0x1_0008, 0x0010_0093), &instruction, row);
        (row.cell_low, row.cell_high) = (F::from_u32(register_5 & 0xffff), F::from_u32(register_5 >> 16));
    });
    let report = check(&AIR, &trace, &[]);
    assert!(report.failures.is_empty());
    assert_eq!(with_tag(&report.balance, bus::MEMORY)[0].0[0], bus::REGISTER_KEY + 5);
    assert!(report.balance.contains_key(&[bus::BITS, 11, register_5 >> 16][..]), "a lookup that no table provides");
}

proptest! {
    #[test]
    fn random_words_decode_as_the_executor_does(word: u32) {
        assert_decodes_alike(word);
    }

    #[test]
    fn random_instructions_decode_as_the_executor_does(op in 0..64usize, free: u32) {
        let row = &INSTRUCTIONS[op];
        assert_decodes_alike(free & !row.mask() | row.match_bits());
    }

    #[test]
    fn random_rows_satisfy(pc in 0..1u32 << 28, op in 0..64usize, free: u32, other_word: u32, order in 0..2u8, count in 1..1_000_000u32) {
        let row = &INSTRUCTIONS[op];
        let word = free & !row.mask() | row.match_bits();
        let event = DecodeEvent { pc: 4 * pc, word, other_word, order, count };
        let balance = assert_honest(&AIR, |height, lookups| fill(&[event], height, lookups), 2);
        prop_assert_eq!(with_tag(&balance, bus::PROGRAM), [(program(4 * pc, &decode(word).unwrap()), -i64::from(count))]);
    }
}
