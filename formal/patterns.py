"""The words of the 64 instructions of RV64IM: which bits are fixed, and where the others' fields are.

Written from The RISC-V Instruction Set Manual, Volume I: Unprivileged ISA (version 20240411): the listings of chapter 34 (RV32I, RV64I, RV32M, RV64M), the formats of sections 2.2, 2.3 and 4.2. `assembler.py` compares them with GNU's assembler.
"""

from z3 import BitVecVal, Concat, Extract

import isa

# Opcode and funct3; then funct7 of a format whose second operand is a register or an amount.
OPCODES = {"lui": 0x37, "auipc": 0x17, "jal": 0x6F}
FUNCT3 = {
    0x67: ["jalr"],
    0x63: ["beq", "bne", None, None, "blt", "bge", "bltu", "bgeu"],
    0x03: ["lb", "lh", "lw", "ld", "lbu", "lhu", "lwu"],
    0x23: ["sb", "sh", "sw", "sd"],
    0x13: ["addi", None, "slti", "sltiu", "xori", None, "ori", "andi"],
    0x1B: ["addiw"],
    0x0F: ["fence"],
}
FUNCT7 = {
    (0x33, 0x00): ["add", "sll", "slt", "sltu", "xor", "srl", "or", "and"],
    (0x33, 0x20): ["sub", None, None, None, None, "sra"],
    (0x33, 0x01): ["mul", "mulh", "mulhsu", "mulhu", "div", "divu", "rem", "remu"],
    (0x3B, 0x00): ["addw", "sllw", None, None, None, "srlw"],
    (0x3B, 0x20): ["subw", None, None, None, None, "sraw"],
    (0x3B, 0x01): ["mulw", None, None, None, "divw", "divuw", "remw", "remuw"],
    (0x13, 0x00): [None, "slli", None, None, None, "srli"],
    (0x13, 0x20): [None, None, None, None, None, "srai"],
    (0x1B, 0x00): [None, "slliw", None, None, None, "srliw"],
    (0x1B, 0x20): [None, None, None, None, None, "sraiw"],
}
# An amount of six bits takes the lowest of funct7.
LONG_AMOUNTS = ("slli", "srli", "srai")
ECALL = 0x00000073

# The word's bits that make an immediate, from the highest down, each the highest and the lowest of a piece; below them are zeros.
PIECES = {
    "I": [(31, 20)],
    "Shift64": [(25, 20)],
    "Shift32": [(24, 20)],
    "S": [(31, 25), (11, 7)],
    "B": [(31, 31), (7, 7), (30, 25), (11, 8)],
    "U": [(31, 12)],
    "J": [(31, 31), (19, 12), (20, 20), (30, 21)],
}
# The lowest bits of registers' fields.
REGISTERS = {"rd": 7, "rs1": 15, "rs2": 20}


def _patterns():
    """The fixed bits of each instruction: a mask, and what they are."""
    found = {name: (0x7F, opcode) for name, opcode in OPCODES.items()}
    found["ecall"] = 0xFFFFFFFF, ECALL
    for opcode, names in FUNCT3.items():
        found |= {name: (0x707F, funct3 << 12 | opcode) for funct3, name in enumerate(names) if name}
    for (opcode, funct7), names in FUNCT7.items():
        for funct3, name in enumerate(names):
            if name:
                mask = 0xFC00707F if name in LONG_AMOUNTS else 0xFE00707F
                found[name] = mask, funct7 << 25 | funct3 << 12 | opcode
    return found


PATTERNS = _patterns()


def overlapping():
    """Two instructions that one word could be, if there are such."""
    patterns = list(PATTERNS.items())
    for i, (name, (mask, match)) in enumerate(patterns):
        for other, (other_mask, other_match) in patterns[i + 1 :]:
            if not mask & other_mask & (match ^ other_match):
                return name, other
    return None


def register(word, field):
    """The number of a register, in five bits."""
    return Extract(REGISTERS[field] + 4, REGISTERS[field], word)


def immediate(word, form):
    """The immediate of a format in the lower 32 bits of its 64; zero if it has none."""
    _, shape = isa.FORMATS[form]
    if shape is None:
        return BitVecVal(0, 32)
    width, zeros, is_signed = shape
    pieces = [Extract(high, low, word) for high, low in PIECES[form]] + ([BitVecVal(0, zeros)] if zeros else [])
    imm = Concat(*pieces) if len(pieces) > 1 else pieces[0]
    assert imm.size() == width
    imm = isa.extended(imm) if is_signed else Concat(BitVecVal(0, 64 - width), imm)
    return Extract(31, 0, imm)
