"""Rows that show what statements are needed for, where the solver does not find one by itself: by_hand.toml. They are not trusted: a row counts only if all other statements hold for it and a theorem fails."""

import re
import tomllib

from relation import P

# A column, or all of an array from its first.
NAME = re.compile(r"\w+(\[\d+\])?")


class Hand:
    """A row: the instruction that it claims to be, the values of its source registers, and columns. The solver fills the others in."""

    def __init__(self, entry):
        self.mnemonic, self.operands, self.columns = entry["instruction"], tuple(operand % 2**64 for operand in entry["operands"]), {}
        for name, value in entry["columns"].items():
            if not NAME.fullmatch(name):
                raise ValueError(f"{entry['statement']}: {name} is no column")
            values = {f"{name}[{i}]": each for i, each in enumerate(value)} if isinstance(value, list) else {name: value}
            self.columns |= {column: each % P for column, each in values.items()}


def load(path):
    """The rows of a file, by the label and number of the statement that each does without."""
    found = {}
    for entry in tomllib.loads(path.read_text(encoding="utf-8"))["row"]:
        label, number = entry["statement"].split(" #")
        if (label, int(number)) in found:
            raise ValueError(f"{entry['statement']}: two rows")
        found[label, int(number)] = Hand(entry)
    return found
