//! A small assembler.

use tern_air::isa::{Instruction, Opcode, encode};

/// A place in the code that branches and jumps can name before it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Label(usize);

/// Code under construction at a fixed address.
#[derive(Clone, Debug)]
pub struct Asm {
    base: u32,
    code: Vec<u32>,
    /// Address of each label once bound.
    labels: Vec<Option<u32>>,
    /// Instructions, by index of their word, whose immediate is the distance to a label.
    uses: Vec<(usize, Instruction, Label)>,
}

impl Asm {
    /// Empty code whose first instruction stands at `base`.
    #[must_use]
    pub fn new(base: u32) -> Self {
        Self { base, code: Vec::new(), labels: Vec::new(), uses: Vec::new() }
    }

    /// Address of the first instruction.
    #[must_use]
    pub fn start(&self) -> u32 {
        self.base
    }

    /// Address of the next instruction.
    #[must_use]
    pub fn pc(&self) -> u32 {
        self.base + 4 * self.code.len() as u32
    }

    /// A label, not bound yet.
    pub fn label(&mut self) -> Label {
        self.labels.push(None);
        Label(self.labels.len() - 1)
    }

    /// Binds `label` to the next instruction's address.
    pub fn bind(&mut self, label: Label) -> &mut Self {
        self.labels[label.0] = Some(self.pc());
        self
    }

    /// Any instruction; fields that its format lacks are ignored.
    pub fn op(&mut self, op: Opcode, rd: u8, rs1: u8, rs2: u8, imm: i32) -> &mut Self {
        self.word(encode(&Instruction { op, rd, rs1, rs2, imm }))
    }

    /// Any word.
    pub fn word(&mut self, word: u32) -> &mut Self {
        self.code.push(word);
        self
    }

    /// Zero words, which are no instructions, up to `address`.
    ///
    /// # Panics
    /// If the code already reaches further.
    pub fn pad_to(&mut self, address: u32) -> &mut Self {
        assert!(self.pc() <= address, "the code reaches {:#x}", self.pc());
        self.code.resize(((address - self.base) / 4) as usize, 0);
        self
    }

    /// Other code with its labels, moved behind this. Jumps and branches go where they went;
    /// `auipc` gives another address.
    pub fn append(&mut self, other: &Self) -> &mut Self {
        let (first_label, first_word) = (self.labels.len(), self.code.len());
        let start = self.pc();
        self.labels.extend(other.labels.iter().map(|label| label.map(|address| address - other.base + start)));
        let moved =
            |&(index, instruction, label): &(usize, Instruction, Label)| (first_word + index, instruction, Label(first_label + label.0));
        self.uses.extend(other.uses.iter().map(moved));
        self.code.extend(&other.code);
        self
    }

    /// `rd = rs1 op rs2`.
    pub fn register(&mut self, op: Opcode, rd: u8, rs1: u8, rs2: u8) -> &mut Self {
        self.op(op, rd, rs1, rs2, 0)
    }

    /// `rd = rs1 op imm`; also loads (`rd = [rs1 + imm]`), `jalr`, and `lui` or `auipc`.
    pub fn immediate(&mut self, op: Opcode, rd: u8, rs1: u8, imm: i32) -> &mut Self {
        self.op(op, rd, rs1, 0, imm)
    }

    /// `[base + imm] = source`.
    pub fn store(&mut self, op: Opcode, source: u8, base: u8, imm: i32) -> &mut Self {
        self.op(op, 0, base, source, imm)
    }

    /// A branch to `label`.
    pub fn branch(&mut self, op: Opcode, rs1: u8, rs2: u8, label: Label) -> &mut Self {
        self.with_target(Instruction { op, rd: 0, rs1, rs2, imm: 0 }, label)
    }

    /// A jump to `label`, linking in `rd`.
    pub fn jal(&mut self, rd: u8, label: Label) -> &mut Self {
        self.with_target(Instruction { op: Opcode::Jal, rd, rs1: 0, rs2: 0, imm: 0 }, label)
    }

    fn with_target(&mut self, instruction: Instruction, label: Label) -> &mut Self {
        self.uses.push((self.code.len(), instruction, label));
        self.word(0)
    }

    pub fn ecall(&mut self) -> &mut Self {
        self.op(Opcode::Ecall, 0, 0, 0, 0)
    }

    /// `rd = value`, in one to eight instructions.
    pub fn li(&mut self, rd: u8, value: u64) -> &mut Self {
        let low = (value as i64) << 52 >> 52;
        let rest = (value as i64).wrapping_sub(low);
        if rest == 0 {
            return self.immediate(Opcode::Addi, rd, 0, low as i32);
        }
        if rest == i64::from(rest as i32) {
            self.immediate(Opcode::Lui, rd, 0, rest as i32);
            return if low == 0 { self } else { self.immediate(Opcode::Addiw, rd, rd, low as i32) };
        }
        if value as i64 == i64::from(value as i32) {
            // within 2 KiB of 2^31: the upper part wraps, and addiw wraps it back
            self.immediate(Opcode::Lui, rd, 0, rest as u32 as i32);
            return self.immediate(Opcode::Addiw, rd, rd, low as i32);
        }
        let zeros = rest.trailing_zeros();
        self.li(rd, (rest >> zeros) as u64);
        self.immediate(Opcode::Slli, rd, rd, zeros as i32);
        if low == 0 { self } else { self.immediate(Opcode::Addi, rd, rd, low as i32) }
    }

    /// Copies a register.
    pub fn mv(&mut self, rd: u8, rs: u8) -> &mut Self {
        self.immediate(Opcode::Addi, rd, rs, 0)
    }

    /// Does nothing.
    pub fn nop(&mut self) -> &mut Self {
        self.immediate(Opcode::Addi, 0, 0, 0)
    }

    /// Ends a program of the machine that has written no output. Overwrites `a0` to `a4` and `a7`.
    pub fn halt(&mut self, exit_code: u32) -> &mut Self {
        let digest = *blake3::hash(b"").as_bytes();
        for (register, dword) in (11..).zip(digest.as_chunks::<8>().0) {
            self.li(register, u64::from_le_bytes(*dword));
        }
        self.li(10, u64::from(exit_code)).li(17, crate::exec::ecall::HALT).ecall()
    }

    /// The instruction words.
    ///
    /// # Panics
    /// If a label is used but not bound, or is too far away.
    #[must_use]
    pub fn words(&self) -> Vec<u32> {
        let mut code = self.code.clone();
        for &(index, instruction, label) in &self.uses {
            let target = self.labels[label.0].expect("the label is bound");
            let distance = i64::from(target) - (i64::from(self.base) + 4 * index as i64);
            let reach = if instruction.op == Opcode::Jal { 1 << 20 } else { 1 << 12 };
            assert!((-reach..reach).contains(&distance), "a jump over {distance} bytes");
            code[index] = encode(&Instruction { imm: distance as i32, ..instruction });
        }
        code
    }

    /// The code as bytes.
    ///
    /// # Panics
    /// As [`Self::words`].
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        self.words().iter().flat_map(|word| word.to_le_bytes()).collect()
    }
}
