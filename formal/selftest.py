"""That isa.py means what it says: products, quotients and remainders by magnitudes are z3's signed ones (which SMT-LIB defines as the manual does), for all pairs of a small width and for the corners of 64 bits."""

from z3 import BitVecVal, Extract, SignExt, SRem, UDiv, URem, ZeroExt, is_true, simplify

import isa

CORNERS = [0, 1, 2, 3, 5, 0x7F, 0x80, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 1 << 62, (1 << 63) - 1, 1 << 63, (1 << 63) + 1, (1 << 64) - 2, (1 << 64) - 1, 0x123456789ABCDEF0]


def by_z3(mnemonic, a, b):
    """What z3's own operations say, zero divisors aside."""
    if mnemonic.startswith("mulh"):
        extend_a = ZeroExt if mnemonic == "mulhu" else SignExt
        extend_b = SignExt if mnemonic == "mulh" else ZeroExt
        return Extract(127, 64, extend_a(64, a) * extend_b(64, b))
    if mnemonic.startswith("mul"):
        return isa.extended(isa.word(a) * isa.word(b)) if mnemonic == "mulw" else a * b
    is_word, is_unsigned = mnemonic.endswith("w"), "u" in mnemonic
    if is_word:
        a, b = isa.word(a), isa.word(b)
    if simplify(b).as_long() == 0:
        value = BitVecVal(-1, a.size()) if mnemonic.startswith("div") else a
    elif mnemonic.startswith("div"):
        value = UDiv(a, b) if is_unsigned else a / b
    else:
        value = URem(a, b) if is_unsigned else SRem(a, b)
    return isa.extended(value) if is_word else value


def main():
    names = ["mul", "mulh", "mulhsu", "mulhu", "mulw", "div", "divu", "rem", "remu", "divw", "divuw", "remw", "remuw"]
    for mnemonic in names:
        for x in CORNERS:
            for y in CORNERS:
                a, b = BitVecVal(x, 64), BitVecVal(y, 64)
                ours = isa.result(mnemonic, a, b, BitVecVal(0, 64), BitVecVal(0, 64))
                assert is_true(simplify(ours == by_z3(mnemonic, a, b))), (mnemonic, x, y)
    print(f"{len(names) * len(CORNERS) ** 2} products and quotients agree")


if __name__ == "__main__":
    main()
