"""Rows of the decode chip: what they give the program bus is the instruction that the manual says a word of the text is."""

import itertools

from z3 import And, BitVecVal, BoolVal, Concat, Extract, If, LShR, ULT, ZeroExt

import isa
import patterns
from other_row import OtherRow
from relation import P, Unsupported, name_of, value_of, variable
from theorem import PC_LIMIT, REGION, SINK

NAME = "decode"
# spec/memory.md: the text's region.
TEXT = 2
KEY_BITS = 32


class DecodeRow(OtherRow):
    """A row that reads a word: the cell and the half are those of its program counter, the word has the fixed bits of the instruction whose number is given, and the fields are the manual's, with the sink for `x0` as a destination."""

    def _conclude_row(self):
        row = self.row
        (program,) = (self.chip.statements[i]["tuple"] for i in self.chip.messages("PROGRAM"))
        (access,) = self.accesses
        number = value_of(row.plain.of(program[2]))
        if number not in self.subject["instructions"]:
            raise Unsupported(f"an instruction of the number {number}")
        mnemonic, form = self.subject["instructions"][number]
        pc = row.term(name_of(row.f(program[1])))
        self.goals.append(("pc", And(ULT(pc, BitVecVal(PC_LIMIT, pc.size())), Extract(1, 0, pc) == 0)))
        self._equal("cell", access.key, ZeroExt(KEY_BITS - pc.size(), LShR(pc, 3)) + BitVecVal(TEXT * REGION, KEY_BITS))
        self._is_kept("the dword", access)
        self.goals.append(("time", BoolVal(row.bound_of(access.old_time) <= 1 and row.difference(access.time, access.old_time) == 1)))
        dword = [self._number(limb, 16) for limb in access.old]
        word = If(Extract(2, 2, pc) == 1, Concat(dword[3], dword[2]), Concat(dword[1], dword[0]))
        mask, match = patterns.PATTERNS[mnemonic]
        self.goals.append(("fixed bits", word & mask == match))
        self._fields(program, word, form)

    def _fields(self, program, word, form):
        fields, shape = isa.FORMATS[form]
        register = lambda field: ZeroExt(1, patterns.register(word, field)) if field in fields else BitVecVal(0, 6)
        rd = register("rd")
        if "rd" in fields:
            rd = If(rd == 0, BitVecVal(SINK, 6), rd)
        imm = patterns.immediate(word, form)
        is_signed = shape is not None and shape[2]
        sign = Extract(31, 31, imm) if is_signed else BitVecVal(0, 1)
        terms = [rd, register("rs1"), register("rs2"), Extract(15, 0, imm), Extract(31, 16, imm), sign]
        for name, place, term in zip(("rd", "rs1", "rs2", "imm0", "imm1", "sign"), program[3:], terms):
            self._equal(name, place, term)


def subject(instructions):
    """The theorem, given the instructions' numbers, mnemonics and formats."""
    numbers = {row["id"]: (row["mnemonic"], row["format"]) for row in instructions}
    return {"mnemonic": NAME, "chip": "decode", "tag": "MEMORY", "message": "text_receive", "theorem": DecodeRow, "settings": settings, "instructions": numbers}


def settings(chip, subject, dropped=frozenset(), guesses=None):
    """The settings of the opcodes' selectors with which a row counts once: each is 0 or 1, and so their sum is 1 if one of them is. Where a selector may be anything, also those with two others that are 1, if a word has bits that suit the three."""
    names = [f"opcodes[{number}]" for number in range(len(subject["instructions"]))]
    (place,) = (i for i in chip.messages("MEMORY") if chip.statements[i]["direction"] == "receive")
    if chip.plain.of(chip.statements[place]["multiplicity"]) != {monomial: P - 1 for name in names for monomial in variable(name)}:
        raise Unsupported("a count that is no sum of selectors")
    yield from ({other: int(other == name) for other in names} for name in names)
    for name in sorted(set(names) - _flags(chip, dropped)):
        if guesses is None:
            raise Unsupported(f"{name} may be anything")
        yield from _beside(subject, names, name)


def _flags(chip, dropped):
    """The columns that a constraint says are 0 or 1."""
    found = set()
    for i, statement in enumerate(chip.statements):
        if statement["kind"] == "constraint" and i not in dropped:
            factors = [chip.plain.of(place) for place in chip.plain.factors(statement["value"])]
            names = {monomial for factor in factors for monomial in factor} - {()}
            if len(factors) == 2 and len(names) == 1 and all(len(monomial) == 1 for monomial in names):
                (monomial,) = names
                if {-factor.get((), 0) * pow(factor[monomial], -1, P) % P for factor in factors} == {0, 1}:
                    found |= set(monomial)
    return found


def _beside(subject, names, name):
    """A selector that is -1 beside two others that are 1."""
    pattern = {other: patterns.PATTERNS[subject["instructions"][number][0]] for number, other in enumerate(names)}
    others = [other for other in names if other != name]
    for a, b in itertools.combinations(others, 2):
        if all(_has_bit(bit, pattern[a], pattern[b], pattern[name]) for bit in range(32)):
            yield {other: P - 1 if other == name else int(other in (a, b)) for other in names}


def _has_bit(bit, *of_three):
    """Whether a bit suits three instructions of which the last one counts -1: with as many as fix it, times what it is, as fix it to one."""
    fixed, ones = (sum(sign * (pattern[i] >> bit & 1) for pattern, sign in zip(of_three, (1, 1, -1))) for i in range(2))
    return ones in (0, fixed)
