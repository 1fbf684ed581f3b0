#!/usr/bin/env python3
"""Compares patterns.py with GNU's assembler: each instruction with registers and immediates at the corners and at random is assembled; the word has to fit the pattern of this instruction and of no other, and the fields are what was written.

    python3 formal/assembler.py
"""

import argparse
import pathlib
import random
import struct
import subprocess
import sys
import tempfile

from z3 import BitVecVal, simplify

import isa
import patterns
from qemu import require

TOOLS = ("riscv64-unknown-elf-gcc", "riscv64-unknown-elf-objcopy")
# Instructions of each mnemonic.
COUNT = 40


def forms():
    """The format of each mnemonic."""
    found = {name: "R" for names in patterns.FUNCT7.values() for name in names if name}
    found |= {name: "Shift64" for name in patterns.LONG_AMOUNTS} | {name: "Shift32" for name in ("slliw", "srliw", "sraiw")}
    found |= {name: "I" for opcode in (0x67, 0x03, 0x13, 0x1B) for name in patterns.FUNCT3[opcode] if name}
    found |= {name: "B" for name in patterns.FUNCT3[0x63] if name} | {name: "S" for name in patterns.FUNCT3[0x23]}
    return found | {"lui": "U", "auipc": "U", "jal": "J", "fence": "Fence", "ecall": "System"}


def sample(form, draw, number):
    """Operands: the registers, and the immediate's value. The first few are the corners'."""
    fields, shape = isa.FORMATS[form]
    registers = {field: (0, 31)[number] if number < 2 else draw.randrange(32) for field in sorted(fields)}
    if shape is None:
        return registers, None
    width, zeros, is_signed = shape
    low, high = (-(1 << width - 1), (1 << width - 1) - 1) if is_signed else (0, (1 << width) - 1)
    corners = [low, high, 0]
    value = corners[number] if number < len(corners) else draw.randint(low, high)
    return registers, value >> zeros << zeros


def text(name, form, registers, imm):
    """In assembly."""
    rd, rs1, rs2 = (f"x{registers.get(field, 0)}" for field in ("rd", "rs1", "rs2"))
    if form == "R":
        return f"{name} {rd}, {rs1}, {rs2}"
    if form == "S":
        return f"{name} {rs2}, {imm}({rs1})"
    if form == "B":
        return f"{name} {rs1}, {rs2}, . + {imm}"
    if form == "U":
        return f"{name} {rd}, {imm >> 12 & 0xFFFFF:#x}"
    if form == "J":
        return f"{name} {rd}, . + {imm}"
    if form in ("Fence", "System"):
        return name
    return f"{name} {rd}, {imm}({rs1})" if name == "jalr" or name in patterns.FUNCT3[0x03] else f"{name} {rd}, {rs1}, {imm}"


def assembled(lines, folder):
    """The words of a program."""
    require(*TOOLS)
    code, made, binary = folder / "program.S", folder / "program.o", folder / "program.bin"
    code.write_text("\n".join([".option norvc", ".option norelax", *lines, ""]), encoding="utf-8")
    subprocess.run([TOOLS[0], "-march=rv64im", "-mabi=lp64", "-mno-relax", "-c", str(code), "-o", str(made)], check=True)
    subprocess.run([TOOLS[1], "-O", "binary", "--only-section=.text", str(made), str(binary)], check=True)
    return [word for (word,) in struct.iter_unpack("<I", binary.read_bytes())]


def check(word, name, form, registers, imm):
    """What a word says, against what was written."""
    fitting = [other for other, (mask, match) in patterns.PATTERNS.items() if word & mask == match]
    if fitting != [name]:
        raise SystemExit(f"{word:#010x}: {name} was assembled, and fits {fitting}")
    term = BitVecVal(word, 32)
    got = {field: simplify(patterns.register(term, field)).as_long() for field in registers}
    value = simplify(patterns.immediate(term, form)).as_long()
    if got != registers or value != (imm or 0) % 2**32:
        raise SystemExit(f"{word:#010x}: {text(name, form, registers, imm)} reads as {got}, {value:#x}")


def main():
    argparse.ArgumentParser(description="Compare patterns.py with GNU's assembler.", epilog="example: assembler.py").parse_args()
    overlapping = patterns.overlapping()
    if overlapping:
        raise SystemExit(f"one word could be {' and '.join(overlapping)}")
    draw = random.Random(2)
    written = [(name, form, *sample(form, draw, number)) for name, form in forms().items() for number in range(COUNT)]
    if set(forms()) != set(patterns.PATTERNS):
        raise SystemExit("not the instructions of patterns.py")
    with tempfile.TemporaryDirectory() as folder:
        words = assembled([text(*one) for one in written], pathlib.Path(folder))
    if len(words) != len(written):
        raise SystemExit(f"{len(words)} words of {len(written)} instructions")
    for word, one in zip(words, written):
        check(word, *one)
    print(f"{len(forms())} instructions agree with GNU's assembler, {len(words)} words; no word fits two")
    return 0


if __name__ == "__main__":
    sys.exit(main())
