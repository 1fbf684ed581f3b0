"""What the 64 instructions of RV64IM do, as bit-vector terms.

Written from The RISC-V Instruction Set Manual, Volume I: Unprivileged ISA (version 20240411): chapters 2 (RV32I), 4 (RV64I), 12 ("M", sections 12.1 and 12.2) and the formats of section 2.2 and 2.3.
"""

from z3 import UDiv, URem, BitVecVal, Concat, Extract, If, LShR, SignExt, UGE, ULT, ZeroExt, simplify

XLEN = 64

# Section 2.2, 2.3 and 4.2: which fields a format has, and the bits of its immediate: width with the sign bit, zero bits at the bottom, whether it is signed.
FORMATS = {
    "R": ({"rd", "rs1", "rs2"}, None),
    "I": ({"rd", "rs1"}, (12, 0, True)),
    "Shift64": ({"rd", "rs1"}, (6, 0, False)),
    "Shift32": ({"rd", "rs1"}, (5, 0, False)),
    "S": ({"rs1", "rs2"}, (12, 0, True)),
    "B": ({"rs1", "rs2"}, (13, 1, True)),
    "U": ({"rd"}, (32, 12, True)),
    "J": ({"rd"}, (21, 1, True)),
    "Fence": (set(), None),
    "System": (set(), None),
}

# Bytes that a load or store accesses.
WIDTHS = {"b": 1, "h": 2, "w": 4, "d": 8}


def word(x):
    """The lower 32 bits."""
    return Extract(31, 0, x)


def extended(x):
    """Sign-extended to 64 bits."""
    return SignExt(XLEN - x.size(), x)


def boolean(condition):
    return If(condition, BitVecVal(1, XLEN), BitVecVal(0, XLEN))


def shift_amount(x, bits):
    """The low bits of an operand as an amount."""
    return ZeroExt(XLEN - bits, Extract(bits - 1, 0, x))


class Exact:
    """Products and quotients of unsigned numbers of 64 bits, as z3 has them. A proof may know others by what characterises them."""

    def product(self, a, b):
        """Of 128 bits."""
        return ZeroExt(XLEN, a) * ZeroExt(XLEN, b)

    def divide(self, a, b):
        """Quotient and remainder, where `b` is not zero."""
        return UDiv(a, b), URem(a, b)


def upper_product(exact, a, b, a_is_signed, b_is_signed):
    """Section 12.1: the upper half of the full product. A signed operand is the unsigned one less 2^64 if its sign is set: that takes the other operand off the upper half, and 2^128 is out of reach."""
    upper = Extract(2 * XLEN - 1, XLEN, exact.product(a, b))
    zero = BitVecVal(0, XLEN)
    upper = upper - If(a < 0, b, zero) if a_is_signed else upper
    return upper - If(b < 0, a, zero) if b_is_signed else upper


def magnitude(x, is_signed):
    """The size of a number, of 64 bits. That of the least signed number is as an unsigned one."""
    return ZeroExt(XLEN - x.size(), If(x < 0, -x, x) if is_signed else x)


def quotient(exact, a, b, is_signed):
    """Section 12.2: rounded towards zero; division by zero gives all ones; the overflow -2^(N-1) / -1 gives the dividend, as negation wraps around."""
    size, _ = exact.divide(magnitude(a, is_signed), magnitude(b, is_signed))
    size = Extract(a.size() - 1, 0, size)
    is_negative = (a < 0) != (b < 0) if is_signed else False
    return If(b == 0, BitVecVal(-1, a.size()), If(is_negative, -size, size))


def remainder(exact, a, b, is_signed):
    """Section 12.2: it has the sign of the dividend; that of a division by zero is the dividend, that of the overflow 0."""
    _, size = exact.divide(magnitude(a, is_signed), magnitude(b, is_signed))
    size = Extract(a.size() - 1, 0, size)
    return If(b == 0, a, If(a < 0, -size, size) if is_signed else size)


def result(mnemonic, a, b, imm, pc, exact=Exact()):
    """The value written to `rd` by an instruction that only computes; nothing for others. `b` is the value of `rs2`, `imm` the immediate, all of 64 bits."""
    immediate_form = mnemonic in ("addi", "addiw", "andi", "ori", "xori", "slli", "srli", "srai", "slliw", "srliw", "sraiw", "slti", "sltiu")
    if immediate_form:
        b = imm
        mnemonic = {"sltiu": "sltu"}.get(mnemonic, mnemonic.replace("iw", "w") if mnemonic.endswith("iw") else mnemonic[:-1])
    table = {
        "add": lambda: a + b,
        "sub": lambda: a - b,
        "addw": lambda: extended(word(a) + word(b)),
        "subw": lambda: extended(word(a) - word(b)),
        "and": lambda: a & b,
        "or": lambda: a | b,
        "xor": lambda: a ^ b,
        "sll": lambda: a << shift_amount(b, 6),
        "srl": lambda: LShR(a, shift_amount(b, 6)),
        "sra": lambda: a >> shift_amount(b, 6),
        "sllw": lambda: extended(word(a) << word(shift_amount(b, 5))),
        "srlw": lambda: extended(LShR(word(a), word(shift_amount(b, 5)))),
        "sraw": lambda: extended(word(a) >> word(shift_amount(b, 5))),
        "slt": lambda: boolean(a < b),
        "sltu": lambda: boolean(ULT(a, b)),
        "mul": lambda: Extract(XLEN - 1, 0, exact.product(a, b)),
        "mulh": lambda: upper_product(exact, a, b, True, True),
        "mulhsu": lambda: upper_product(exact, a, b, True, False),
        "mulhu": lambda: upper_product(exact, a, b, False, False),
        # The low bits of a product are those of the product of low bits.
        "mulw": lambda: extended(Extract(31, 0, exact.product(a, b))),
        "div": lambda: quotient(exact, a, b, True),
        "divu": lambda: quotient(exact, a, b, False),
        "rem": lambda: remainder(exact, a, b, True),
        "remu": lambda: remainder(exact, a, b, False),
        "divw": lambda: extended(quotient(exact, word(a), word(b), True)),
        "divuw": lambda: extended(quotient(exact, word(a), word(b), False)),
        "remw": lambda: extended(remainder(exact, word(a), word(b), True)),
        "remuw": lambda: extended(remainder(exact, word(a), word(b), False)),
        "lui": lambda: imm,
        "auipc": lambda: pc + imm,
        "jal": lambda: pc + 4,
        "jalr": lambda: pc + 4,
    }
    return simplify(table[mnemonic]()) if mnemonic in table else None


def next_pc(mnemonic, a, b, imm, pc):
    """The program counter of the next instruction, of 64 bits (sections 2.5.1 and 2.5.2)."""
    conditions = {
        "beq": lambda: a == b,
        "bne": lambda: a != b,
        "blt": lambda: a < b,
        "bge": lambda: a >= b,
        "bltu": lambda: ULT(a, b),
        "bgeu": lambda: UGE(a, b),
    }
    if mnemonic == "jal":
        return pc + imm
    if mnemonic == "jalr":
        return (a + imm) & BitVecVal(-2, XLEN)
    if mnemonic in conditions:
        return If(conditions[mnemonic](), pc + imm, pc + 4)
    return pc + 4


def loaded(mnemonic, dwords, offset):
    """The value of a load at a byte offset below 8 of two dwords (section 2.6 and 4.3)."""
    bits = 8 * WIDTHS[mnemonic[1]]
    low, high = dwords
    at_offset = LShR(Concat(high, low), ZeroExt(2 * XLEN - 3, offset) << 3)
    value = Extract(bits - 1, 0, at_offset)
    return ZeroExt(XLEN - bits, value) if mnemonic.endswith("u") else extended(value)


def stored(mnemonic, dwords, offset, value):
    """The two dwords after a store."""
    bits = 8 * WIDTHS[mnemonic[1]]
    amount = ZeroExt(2 * XLEN - 3, offset) << 3
    mask = BitVecVal((1 << bits) - 1, 2 * XLEN) << amount
    bytes_ = ZeroExt(2 * XLEN - bits, Extract(bits - 1, 0, value)) << amount
    low, high = dwords
    after = Concat(high, low) & ~mask | bytes_
    return Extract(XLEN - 1, 0, after), Extract(2 * XLEN - 1, XLEN, after)
