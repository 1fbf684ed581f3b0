//! What rows are made of, as words: what a device gets instead of the rows.

use tern_field::keccak::LANES;
use tern_field::word::{Dword, Word, words};

use crate::events::{AluEvent, BridgeEvent, Cell, DecodeEvent, MemoryEvent};
use crate::isa::{Family, INSTRUCTIONS, Instruction, Opcode};
use crate::{bus, columns};

/// Bits of an opcode or a register in [`names`]: all that an event has, so that a wrong one stays
/// wrong.
const NAME_BITS: u32 = 8;

/// A bit for each opcode whose instruction reads the register that `rs2` names.
const READERS_OF_RS2: u64 = {
    let (mut set, mut i) = (0, 0);
    while i < Opcode::COUNT {
        set |= (INSTRUCTIONS[i].opcode.reads_rs2() as u64) << i;
        i += 1;
    }
    set
};

/// An instruction's opcode, its `rd`, `rs1` and `rs2`, in one word.
const fn names(op: Opcode, rd: u8, rs1: u8, rs2: u8) -> u32 {
    u32::from_le_bytes([op as u8, rd, rs1, rs2])
}

/// What an instruction's names are.
#[derive(Clone, Copy, Debug)]
pub struct Names<W> {
    /// The opcode's number.
    pub op: W,
    /// The destination.
    pub rd: W,
    /// The first source.
    pub rs1: W,
    /// The second source.
    pub rs2: W,
}

impl<W: Word> Names<W> {
    fn of(word: W) -> Self {
        let [op, rd, rs1, rs2] = [0, 1, 2, 3].map(|i| word.bits(i * NAME_BITS, NAME_BITS));
        Self { op, rd, rs1, rs2 }
    }

    /// Whether the opcode is this one.
    pub fn is(&self, op: Opcode) -> W {
        self.op.equals(W::from(op as u32))
    }

    /// Whether the opcode is among these.
    pub fn is_of(&self, ops: &[Opcode]) -> W {
        self.is_in(ops.iter().fold(0_u64, |set, &op| set | 1 << op as u32))
    }

    /// Whether the instruction reads the register that `rs2` names.
    pub fn reads_rs2(&self) -> W {
        self.is_in(READERS_OF_RS2)
    }

    /// Whether the opcode's bit is set.
    fn is_in(&self, set: u64) -> W {
        let set = words(set).map(W::from);
        (self.op.bit(5).select(set[1], set[0]) >> self.op.bits(0, 5)).bit(0)
    }
}

/// An immediate's lower and upper 16 bits, and its sign.
fn immediate<W: Word>(imm: W) -> [W; 3] {
    [imm.bits(0, 16), imm.bits(16, 16), imm.bit(31)]
}

/// Of an [`AluEvent`].
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct AluRecord<T> {
    /// As in the event.
    pub pc: T,
    /// As in the event.
    pub time: T,
    names: T,
    imm: T,
    a: [T; 2],
    b: [T; 2],
    rd_old: [T; 2],
    /// As in the event.
    pub t_rs1: T,
    /// As in the event.
    pub t_rs2: T,
    /// As in the event.
    pub t_rd: T,
}

columns!(AluRecord);

impl From<&AluEvent> for AluRecord<u32> {
    fn from(event: &AluEvent) -> Self {
        Self {
            pc: event.pc,
            time: event.time,
            names: names(event.op, event.rd, event.rs1, event.rs2),
            imm: event.imm as u32,
            a: words(event.a),
            b: words(event.b),
            rd_old: words(event.rd_old),
            t_rs1: event.t_rs1,
            t_rs2: event.t_rs2,
            t_rd: event.t_rd,
        }
    }
}

impl<W: Word> AluRecord<W> {
    /// Opcode and registers.
    pub fn names(&self) -> Names<W> {
        Names::of(self.names)
    }

    /// The value of `rs1`.
    pub fn a(&self) -> Dword<W> {
        Dword(self.a)
    }

    /// The value of `rs2`, or the immediate.
    pub fn b(&self) -> Dword<W> {
        Dword(self.b)
    }

    /// The value of `rd` before the write.
    pub fn rd_old(&self) -> Dword<W> {
        Dword(self.rd_old)
    }

    /// The immediate as a word with a sign.
    pub fn imm(&self) -> W {
        self.imm
    }

    /// The immediate's lower and upper 16 bits, and its sign.
    pub fn imm_parts(&self) -> [W; 3] {
        immediate(self.imm)
    }
}

/// Of a [`MemoryEvent`] within one dword.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MemoryRecord<T> {
    /// As in the event.
    pub pc: T,
    /// As in the event.
    pub time: T,
    names: T,
    imm: T,
    base: [T; 2],
    /// As in the event.
    pub addr: T,
    /// As in the event.
    pub region: T,
    register: [T; 2],
    dword: [T; 2],
    /// Time of the previous access to the dword.
    pub t_memory: T,
    /// As in the event.
    pub t_rs1: T,
    /// Time of the previous access to a store's `rs2` or a load's `rd`.
    pub t_register: T,
}

columns!(MemoryRecord);

impl From<&MemoryEvent> for MemoryRecord<u32> {
    fn from(event: &MemoryEvent) -> Self {
        let is_store = event.op.family() == Family::Store;
        Self {
            pc: event.pc,
            time: event.time,
            names: names(event.op, event.rd, event.rs1, event.rs2),
            region: event.region as u32,
            imm: event.imm as u32,
            base: words(event.base),
            addr: event.addr,
            register: words(if is_store { event.value } else { event.rd_old }),
            dword: words(event.mem_old[0]),
            t_memory: event.t_mem[0],
            t_rs1: event.t_rs1,
            t_register: if is_store { event.t_rs2 } else { event.t_rd },
        }
    }
}

impl<W: Word> MemoryRecord<W> {
    /// Opcode and registers.
    pub fn names(&self) -> Names<W> {
        Names::of(self.names)
    }

    /// The value of the base register.
    pub fn base(&self) -> Dword<W> {
        Dword(self.base)
    }

    /// The value that is stored, or that of a load's `rd` before the write.
    pub fn register(&self) -> Dword<W> {
        Dword(self.register)
    }

    /// The dword before the access.
    pub fn dword(&self) -> Dword<W> {
        Dword(self.dword)
    }

    /// The first byte in the dword.
    pub fn offset(&self) -> W {
        self.addr.bits(0, 3)
    }

    /// Whether 1, 2, 4 or 8 bytes are accessed.
    pub fn widths(&self) -> [W; 4] {
        use Opcode::{Lb, Lbu, Ld, Lh, Lhu, Lw, Lwu, Sb, Sd, Sh, Sw};
        let names = self.names();
        [names.is_of(&[Lb, Lbu, Sb]), names.is_of(&[Lh, Lhu, Sh]), names.is_of(&[Lw, Lwu, Sw]), names.is_of(&[Ld, Sd])]
    }

    /// Whether it is a load of fewer than eight bytes that extends them with zeros.
    pub fn is_unsigned(&self) -> W {
        self.names().is_of(&[Opcode::Lbu, Opcode::Lhu, Opcode::Lwu])
    }

    /// As many bytes as are accessed, with all bits set.
    pub fn mask(&self) -> Dword<W> {
        let [is_byte, is_half, _, is_dword] = self.widths();
        Dword([is_byte.select(W::from(0xff), is_half.select(W::from(0xffff), W::from(u32::MAX))), is_dword.filled()])
    }

    /// As many low bytes of a dword as are accessed.
    pub fn accessed(&self, dword: Dword<W>) -> Dword<W> {
        dword.zip(self.mask(), |word, mask| word & mask)
    }

    /// What a load of these bytes, of which there are no more, writes to `rd`.
    pub fn extended(&self, raw: Dword<W>) -> Dword<W> {
        let [is_byte, is_half, _, _] = self.widths();
        let sign = is_byte.select(raw.low().bit(7), is_half.select(raw.low().bit(15), raw.low().bit(31)));
        let fill = (sign & self.is_unsigned().not()).filled();
        raw.zip(self.mask(), |word, mask| word | (fill & (mask ^ W::from(u32::MAX))))
    }

    /// The immediate's lower and upper 16 bits, and its sign.
    pub fn imm_parts(&self) -> [W; 3] {
        immediate(self.imm)
    }
}

/// Of a [`MemoryEvent`] that may reach into the next dword.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MisalignedRecord<T> {
    /// All but the next dword.
    pub access: MemoryRecord<T>,
    next: [T; 2],
    /// Time of the previous access to the next dword.
    pub t_next: T,
}

columns!(MisalignedRecord);

impl From<&MemoryEvent> for MisalignedRecord<u32> {
    fn from(event: &MemoryEvent) -> Self {
        Self { access: event.into(), next: words(event.mem_old[1]), t_next: event.t_mem[1] }
    }
}

impl<W: Word> MisalignedRecord<W> {
    /// The next dword before the access.
    pub fn next(&self) -> Dword<W> {
        Dword(self.next)
    }
}

/// Of a [`BridgeEvent`].
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct BridgeRecord<T> {
    /// The cell's key on the memory bus.
    pub key: T,
    value: [T; 2],
    /// As in the event.
    pub old_time: T,
    /// As in the event.
    pub new_time: T,
}

columns!(BridgeRecord);

impl From<&BridgeEvent> for BridgeRecord<u32> {
    fn from(event: &BridgeEvent) -> Self {
        let key = match event.cell {
            Cell::Register(register) => bus::REGISTER_KEY + u32::from(register),
            Cell::Memory(index) => index + event.region as u32 * bus::REGION_STRIDE,
        };
        Self { key, value: words(event.value), old_time: event.old_time, new_time: event.new_time }
    }
}

impl<W: Word> BridgeRecord<W> {
    /// The cell's value.
    pub fn value(&self) -> Dword<W> {
        Dword(self.value)
    }
}

/// Of a [`DecodeEvent`] and the instruction that its word is, or is claimed to be.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct DecodeRecord<T> {
    /// Whether the word is an instruction; if not, all else is zero.
    pub is_real: T,
    /// As in the event.
    pub pc: T,
    /// As in the event.
    pub word: T,
    /// As in the event.
    pub other_word: T,
    /// As in the event.
    pub order: T,
    /// As in the event.
    pub count: T,
    names: T,
    imm: T,
}

columns!(DecodeRecord);

impl DecodeRecord<u32> {
    /// Of a word that is this instruction.
    pub fn new(event: &DecodeEvent, instruction: &Instruction) -> Self {
        let Instruction { op, rd, rs1, rs2, imm, .. } = *instruction;
        Self {
            is_real: 1,
            pc: event.pc,
            word: event.word,
            other_word: event.other_word,
            order: event.order.into(),
            count: event.count,
            names: names(op, rd, rs1, rs2),
            imm: imm as u32,
        }
    }

    /// Of a word that is none.
    pub const NONE: Self = Self { is_real: 0, pc: 0, word: 0, other_word: 0, order: 0, count: 0, names: 0, imm: 0 };
}

impl<W: Word> DecodeRecord<W> {
    /// Opcode and registers.
    pub fn names(&self) -> Names<W> {
        Names::of(self.names)
    }

    /// The immediate's lower and upper 16 bits, and its sign.
    pub fn imm_parts(&self) -> [W; 3] {
        immediate(self.imm)
    }
}

/// Of a [`crate::events::KeccakEvent`].
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct KeccakRecord<T> {
    /// As in the event.
    pub time: T,
    /// As in the event.
    pub ptr: T,
    /// As in the event.
    pub t_mem: [T; LANES],
    /// The state before the permutation.
    pub input: [[T; 2]; LANES],
    /// The state after it.
    pub output: [[T; 2]; LANES],
}

columns!(KeccakRecord);
