#!/usr/bin/env python3
"""Compares isa.py with QEMU's RISC-V: for each instruction that computes, branches, loads or stores, on words at the corners and at random.

A program for `riscv64-unknown-elf-gcc` is written that runs each instruction on each pair of words and writes out what it gives; `qemu-riscv64` runs it. So what the theorems take instructions to mean is judged by something that others wrote.

    python3 formal/qemu.py
"""

import argparse
import pathlib
import random
import shutil
import struct
import subprocess
import sys
import tempfile

from z3 import BitVecVal, is_bv, simplify

import isa

CORNERS = [0, 1, 2, 7, 0x7F, 0x80, 0x8000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 1 << 32, 1 << 62, (1 << 63) - 1, 1 << 63, (1 << 64) - 7, (1 << 64) - 1]
RANDOM = 24
REGISTER = "add sub addw subw and or xor sll srl sra sllw srlw sraw slt sltu mul mulh mulhsu mulhu mulw div divu rem remu divw divuw remw remuw".split()
IMMEDIATES = {name: [-2048, -1, 0, 1, 1365, 2047] for name in "addi addiw andi ori xori slti sltiu".split()}
IMMEDIATES |= {name: [0, 1, 31, 32, 47, 63] for name in ("slli", "srli", "srai")} | {name: [0, 1, 15, 31] for name in ("slliw", "srliw", "sraiw")}
BRANCHES = "beq bne blt bge bltu bgeu".split()
LOADS, STORES = "lb lbu lh lhu lw lwu ld".split(), "sb sh sw sd".split()
UPPER = [0, 1, 0x7FFFF, 0x80000, 0xFFFFF]
# What is written of an instruction that does not branch, of one that does.
NOT_TAKEN, TAKEN = 0, 1


def words():
    draw = random.Random(0)
    return CORNERS + [draw.getrandbits(64) >> draw.choice([0, 0, 16, 32, 48]) for _ in range(RANDOM)]


class Program:
    """Assembly, and what it should write."""

    def __init__(self):
        self.lines, self.expected, self.names, self.pairs = [], [], [], []

    def each_pair(self, name, code, expected):
        """Code that finds its operands in `a0` and `a1` and leaves a word in `a2`, run for all pairs of words."""
        label = f"case{len(self.names)}"
        self.lines += [f"{label}:", code, "ret"]
        self.names.append(name)
        self.expected.append(expected)

    def source(self, operands):
        table = "\n".join(f".dword case{i}" for i in range(len(self.names)))
        data = "\n".join(f".dword {a:#x}, {b:#x}" for a, b in operands)
        return f"""
.option norvc
.option norelax
.globl _start
_start:
    la s0, table
    la s3, buffer
1:  ld s1, 0(s0)
    beqz s1, 3f
    la s2, operands
    la s4, end
2:  ld a0, 0(s2)
    ld a1, 8(s2)
    jalr ra, 0(s1)
    sd a2, 0(s3)
    addi s3, s3, 8
    addi s2, s2, 16
    bltu s2, s4, 2b
    addi s0, s0, 8
    j 1b
3:  li a0, 1
    la a1, buffer
    sub a2, s3, a1
    li a7, 64
    ecall
    li a0, 0
    li a7, 93
    ecall
.balign 4
{chr(10).join(self.lines)}
.data
.balign 8
table:
{table}
.dword 0
operands:
{data}
end:
cell: .space 32
buffer: .space {8 * len(self.names) * len(operands)}
"""


def value(term):
    return simplify(term).as_long() if is_bv(term) else term


def vector(number, bits=64):
    return BitVecVal(number, bits)


def program():
    """Every instruction but `fence`, `ecall`, whose effects are the machine's own."""
    made, zero = Program(), vector(0)
    compute = lambda name, a, b, imm=zero: value(isa.result(name, vector(a), vector(b), imm, zero))
    for name in REGISTER:
        made.each_pair(name, f"{name} a2, a0, a1", lambda a, b, name=name: compute(name, a, b))
    for name, immediates in IMMEDIATES.items():
        for imm in immediates:
            made.each_pair(name, f"{name} a2, a0, {imm}", lambda a, b, name=name, imm=imm: compute(name, a, b, vector(imm)))
    for imm in UPPER:
        extended = vector((imm << 12) - (1 << 32) * (imm >> 19))
        made.each_pair("lui", f"lui a2, {imm:#x}", lambda a, b, extended=extended: compute("lui", a, b, extended))
        # What it adds to its own address.
        made.each_pair("auipc", f"la a3, 1f\n1: auipc a2, {imm:#x}\nsub a2, a2, a3", lambda a, b, extended=extended: compute("auipc", a, b, extended))
    for name in BRANCHES:
        code = f"li a2, {TAKEN}\n{name} a0, a1, 1f\nli a2, {NOT_TAKEN}\n1:"
        made.each_pair(name, code, lambda a, b, name=name: TAKEN if value(isa.next_pc(name, vector(a), vector(b), vector(64), vector(1024))) == 1088 else NOT_TAKEN)
    _jumps(made)
    _memory(made)
    return made


def _jumps(made):
    """Where jumps go and what they leave, from the address of the jump; `jalr` with its lowest bit set, and onto the register that it reads."""
    target = lambda name, a, imm: (value(isa.next_pc(name, vector(a), vector(0), vector(imm), vector(4096))) - 4096) % 2**64
    link = lambda name: (value(isa.result(name, vector(0), vector(0), vector(0), vector(4096))) - 4096) % 2**64
    # The address of the jump is in a3; a4 becomes the link, a2 16 times the link's distance plus the target's.
    ending = "li a2, {wrong}\nj 2f\n1: auipc a2, 0\nsub a2, a2, a3\nsub a4, a4, a3\nslli a4, a4, 8\nadd a2, a2, a4\n2:"
    made.each_pair("jal", "la a3, 3f\n3: jal a4, 1f\n" + ending.format(wrong=0), lambda a, b: 256 * link("jal") + target("jal", 0, 12))
    for odd in (0, 1):
        code = f"mv a5, ra\nla a3, 3f\naddi a4, a3, {4 + odd}\n3: jalr a4, 8(a4)\n" + ending.format(wrong=0) + "\nmv ra, a5"
        made.each_pair("jalr", code, lambda a, b, odd=odd: 256 * link("jalr") + target("jalr", 4096 + 4 + odd, 8))


def _memory(made):
    """Loads and stores at each offset in 16 bytes that are made of both words."""
    fill = "la a3, cell\nsd a0, 0(a3)\nsd a1, 8(a3)\n"
    for name in LOADS:
        for offset in range(8):
            loaded = lambda a, b, name=name, offset=offset: value(isa.loaded(name, (vector(a), vector(b)), vector(offset, 3)))
            made.each_pair(name, f"{fill}{name} a2, {offset}(a3)", loaded)
    for name in STORES:
        for offset in range(8):
            for half in range(2):
                after = lambda a, b, name=name, offset=offset, half=half: value(isa.stored(name, (vector(a), vector(b)), vector(offset, 3), vector(a ^ b << 7 & 2**64 - 1))[half])
                made.each_pair(name, f"{fill}slli a4, a1, 7\nxor a4, a0, a4\n{name} a4, {offset}(a3)\nld a2, {8 * half}(a3)", after)


def require(*tools):
    """That tools are installed."""
    for tool in tools:
        if shutil.which(tool) is None:
            raise SystemExit(f"{tool} is not installed; on Debian: apt-get install gcc-riscv64-unknown-elf qemu-user")


def run(source, folder):
    """What QEMU writes."""
    require("riscv64-unknown-elf-gcc", "qemu-riscv64")
    code, binary = folder / "program.S", folder / "program"
    code.write_text(source, encoding="utf-8")
    flags = ["-march=rv64im", "-mabi=lp64", "-nostdlib", "-nostartfiles", "-static", "-Wl,--no-relax"]
    subprocess.run(["riscv64-unknown-elf-gcc", *flags, str(code), "-o", str(binary)], check=True)
    return subprocess.run(["qemu-riscv64", str(binary)], check=True, stdout=subprocess.PIPE, timeout=60).stdout


def main():
    argparse.ArgumentParser(description="Compare isa.py with QEMU.", epilog="example: qemu.py").parse_args()
    made, samples = program(), words()
    draw = random.Random(1)
    operands = [(a, b) for a in CORNERS for b in CORNERS] + [(draw.choice(samples), draw.choice(samples)) for _ in range(RANDOM)]
    with tempfile.TemporaryDirectory() as folder:
        output = run(made.source(operands), pathlib.Path(folder))
    got = struct.unpack(f"<{len(output) // 8}Q", output)
    if len(got) != len(made.names) * len(operands):
        raise SystemExit(f"{len(got)} words of {len(made.names) * len(operands)}")
    for i, (name, expected) in enumerate(zip(made.names, made.expected)):
        for j, (a, b) in enumerate(operands):
            ours, theirs = expected(a, b), got[i * len(operands) + j]
            if ours != theirs:
                raise SystemExit(f"{name} of {a:#x}, {b:#x}: isa.py says {ours:#x}, QEMU {theirs:#x}")
    print(f"{len(set(made.names))} instructions agree with QEMU, {len(got)} results")
    return 0


if __name__ == "__main__":
    sys.exit(main())
