#!/usr/bin/env python3
"""Reads what `tern spec export --format picus` writes, and compares it with the JSON export.

    picus.py RELATION FOLDER

A strict reader of the constraint language's part that is used. At random points the constraints are the export's, and inputs and outputs what spec/export.md says
they are. What stands for a lookup holds for what the tables have, and not for what they lack; the tables are written down here once more.
Prints how much was compared. Standard library only.
"""

import json
import pathlib
import random
import re
import sys

from reader import evaluate

TOKEN = re.compile(r"\s+|;[^\n]*\n|([()]|[^\s();]+)")
NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
ARITHMETIC = {"+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b}
COMPARISONS = {"=": lambda a, b: a == b, "<": lambda a, b: a < b, "<=": lambda a, b: a <= b}
CONNECTIVES = {"=>": lambda a, b: not a or b, "||": lambda a, b: a or b}
KEYS = {"MEMORY": 1, "PROGRAM": 1, "PERMUTATION": 19}
BITWISE = {"AND": lambda a, b: a & b, "OR": lambda a, b: a | b, "XOR": lambda a, b: a ^ b}
TRIALS = 36
LOOKUPS = {"BITS", "POWER", "BYTES", *BITWISE}


def expressions(text):
    """S-expressions: nested lists of words."""
    open_lists, end = [[]], 0
    while end < len(text):
        token = TOKEN.match(text, end)
        end = token.end()
        word = token.group(1)
        if word == "(":
            open_lists.append([])
        elif word == ")":
            done = tuple(open_lists.pop())
            open_lists[-1].append(done)
        elif word:
            open_lists[-1].append(word)
    [found] = open_lists
    return found


class Program:
    """A module: inputs, outputs, and what is asserted under each statement of the chip."""

    def __init__(self, chip, text, modulus):
        self.modulus = modulus
        statements = [statement["label"] for statement in chip["statements"]]
        head, *groups = re.split(r"(?m)^; (\w+::\w+)(?:: [^\n]*)?\n", text)
        assert groups[::2] == statements, f"statements of {chip['name']}"
        assert text.endswith("(end-module)\n")
        prime, module, *declared = expressions(head)
        assert prime == ("prime-number", str(modulus)) and module == ("begin-module", chip["name"])
        self.ports = {"input": [], "output": []}
        while declared and declared[0][0] in self.ports:
            kind, name = declared.pop(0)
            self.ports[kind].append(name)
        groups = [expressions(group) for group in groups[1::2]]
        assert groups[-1].pop() == ("end-module",)
        self.definitions, self.groups = [self.asserted(one) for one in declared], [[self.asserted(one) for one in group] for group in groups]

    def asserted(self, statement):
        word, condition = statement
        assert word == "assert", word
        return condition

    def value(self, term, names, holes=None):
        """The value of an expression. `holes` gives others to those that have these values in `names`."""
        holes = holes or {}
        if isinstance(term, str):
            value = int(term) if term.isdigit() else names[term]
            assert term.isdigit() or NAME.fullmatch(term), term
            assert 0 <= value < self.modulus
            return value if term.isdigit() else holes.get(value, value)
        operation, *operands = term
        plain = ARITHMETIC[operation](*(self.value(operand, names) for operand in operands)) % self.modulus
        if not holes or plain in holes:
            return holes.get(plain, plain)
        return ARITHMETIC[operation](*(self.value(operand, names, holes) for operand in operands)) % self.modulus

    def holds(self, condition, names, holes=None):
        operation, a, b = condition
        if operation in CONNECTIVES:
            return CONNECTIVES[operation](self.holds(a, names, holes), self.holds(b, names, holes))
        return COMPARISONS[operation](self.value(a, names, holes), self.value(b, names, holes))


def identifier(name):
    return "_".join(part for part in re.split(r"[^A-Za-z0-9]+", name) if part)


def true_tuple(tag, noise):
    """Elements behind the tag of something that the tables have."""
    # With all bits set in half of the cases, since most mistakes about bits show where both are.
    byte = lambda: noise.choice([255, noise.randrange(256)])
    if tag == "BITS":
        bits = noise.randrange(17)
        return [bits, noise.choice([0, (1 << bits) - 1, noise.randrange(1 << bits)])]
    if tag == "POWER":
        bits = noise.randrange(17)
        return [bits, 1 << bits]
    a, b = byte(), byte()
    return [a, b] if tag == "BYTES" else [a, b, BITWISE[tag](a, b)]


def is_true(tag, elements):
    if tag == "BITS":
        return elements[0] <= 16 and elements[1] < 1 << elements[0]
    if tag == "POWER":
        return elements[0] <= 16 and elements[1] == 1 << elements[0]
    return all(element < 256 for element in elements[:2]) and (tag == "BYTES" or elements[2] == BITWISE[tag](*elements[:2]))


class Comparison:
    def __init__(self, chip, system, text, noise, modulus):
        self.chip, self.noise, self.modulus = chip, noise, modulus
        self.tags = {entry["name"]: entry["tag"] for entry in system["tags"]}
        self.program = Program(chip, text, modulus)
        draw = lambda count: [noise.randrange(1 << 20, modulus) for _ in range(count)]
        point = {"main": draw(len(chip["main"])), "fixed": draw(len(chip["fixed"])), "public": draw(sum(field["len"] for field in chip["public"]))}
        self.values = evaluate(chip["nodes"], point, modulus)
        public = [field["name"] if field["len"] == 1 else f"{field['name']}[{i}]" for field in chip["public"] for i in range(field["len"])]
        named = [("", "main", [column["name"] for column in chip["main"]]), ("fixed_", "fixed", [column["name"] for column in chip["fixed"]]), ("public_", "public", public)]
        self.names, self.given = {}, []
        for prefix, kind, names in named:
            for name, value in zip(names, point[kind]):
                found = identifier(prefix + name)
                assert found not in self.names, f"two columns named {found}"
                self.names[found] = value
                self.given += [found] if kind != "main" else []
        for definition in self.program.definitions:
            self.define(definition)
        self.seen, self.lookups = set(), 0
        self.ports = {"input": [self.names[name] for name in self.given], "output": []}

    def define(self, condition):
        operation, name, value = condition
        assert operation == "=" and NAME.fullmatch(name) and name not in self.names, condition
        self.names[name] = self.program.value(value, self.names)

    def compare(self):
        constraints = 0
        for statement, group in zip(self.chip["statements"], self.program.groups):
            if statement["kind"] == "constraint":
                [(operation, value, zero)] = group
                assert (operation, zero) == ("=", "0")
                assert self.program.value(value, self.names) == self.values[statement["value"]], statement["label"]
                constraints += 1
            elif statement["tags"][0] in LOOKUPS:
                self.lookup(statement, group)
            else:
                self.message(statement, group)
        for kind, values in self.ports.items():
            found = [self.names[name] for name in self.program.ports[kind]]
            assert sorted(found) == sorted(values), f"{kind}s of {self.chip['name']}: {len(found)} of {len(values)}"
        return {"constraints": constraints, "lookups": self.lookups, "inputs": len(self.ports["input"]), "outputs": len(self.ports["output"])}

    def message(self, statement, group):
        """Counts, and elements times counts: what a row is told is an input, what it asks or says an output."""
        for definition in group:
            self.define(definition)
        [tag], direction, nodes = statement["tags"], statement["direction"], self.chip["nodes"]
        count = self.values[statement["multiplicity"]]
        count = count if direction == "send" else -count % self.modulus
        asked, told = statement["tuple"][1 : 1 + KEYS.get(tag, 0)], statement["tuple"][1 + KEYS.get(tag, 0) :]
        if direction == "receive":
            order = [("input", []), ("output", asked), ("input", told)]
        elif direction == "provides":
            order = [("input", asked), ("output", told)]
        elif tag in KEYS and tag != "MEMORY":
            order = [("output", asked), ("input", told)]
        else:
            order = [("output", asked + told)]
        for kind, places in order:
            elements = [self.values[place] for place in places if nodes[place][0] != "const"]
            for key, value in [((count, None), count), *(((count, element), count * element % self.modulus) for element in elements)]:
                if key not in self.seen:
                    self.seen.add(key)
                    self.ports[kind].append(value)

    def lookup(self, statement, group):
        """Holds for what the tables have, and for anything where nothing is looked up; not for what they lack."""
        nodes, program = self.chip["nodes"], self.program
        count = self.values[statement["multiplicity"]]
        bits = sorted({word for condition in group for word in words(condition) if re.fullmatch(r"bit(_\d+)?", word)}, key=lambda bit: int(bit[4:] or 1))
        for tag in statement["tags"]:
            for trial in range(TRIALS):
                elements = true_tuple(tag, self.noise)
                fixed = [value(nodes, place) for place in statement["tuple"][1:]]
                elements = [element if known is None else known for element, known in zip(elements, fixed)]
                if trial % 3 == 1:
                    at = self.noise.choice([i for i, known in enumerate(fixed) if known is None])
                    # The first number that is too large, once at least.
                    beyond = 1 << elements[0] if tag == "BITS" and at == 1 else 256
                    others = [elements[at] + 1, elements[at] + 256, self.modulus - 1, self.noise.randrange(self.modulus)]
                    elements[at] = beyond if trial == 1 else self.noise.choice(others)
                made = trial % 3 != 2
                holes = {count: int(made)} if value(nodes, statement["multiplicity"]) is None else {}
                holes |= {self.values[place]: element for place, element, known in zip(statement["tuple"][1:], elements, fixed) if known is None}
                if value(nodes, statement["tuple"][0]) is None:
                    holes[self.values[statement["tuple"][0]]] = self.tags[tag]
                names = dict(self.names)
                for i, bit in enumerate(bits):
                    names[bit] = elements[i // 8] >> i % 8 & 1
                expected = not made or is_true(tag, elements)
                if not consistent(self.values, statement, nodes, elements):
                    continue
                found = all(program.holds(condition, names, holes) for condition in group)
                assert found == expected, f"{statement['label']}: {tag} {elements} {'is' if found else 'is not'} accepted"
        self.lookups += 1


def consistent(values, statement, nodes, elements):
    """Whether elements that are the same expression have the same value: only then can holes tell them apart."""
    given = {}
    return all(given.setdefault(values[place], element) == element for place, element in zip(statement["tuple"][1:], elements))


def words(condition):
    return [condition] if isinstance(condition, str) else [word for part in condition for word in words(part)]


def value(nodes, place):
    """The value of a constant."""
    return nodes[place][1] if nodes[place][0] == "const" else None


def main():
    relation = json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
    folder, noise = pathlib.Path(sys.argv[2]), random.Random(1)
    [machine] = [system for system in relation["systems"] if system["name"] == "machine"]
    files, sums = set(), {"files": 0, "constraints": 0, "lookups": 0, "inputs": 0, "outputs": 0}
    for chip in machine["chips"]:
        if any(statement["kind"] == "constraint" for statement in chip["statements"]):
            files.add(f"{chip['name']}.picus")
            text = (folder / f"{chip['name']}.picus").read_text(encoding="utf-8")
            found = Comparison(chip, machine, text, noise, relation["modulus"]).compare()
            sums = {name: count + found.get(name, 1) for name, count in sums.items()}
    assert files == {path.name for path in folder.iterdir()}, "a file for each chip that states a constraint and no other"
    print(json.dumps(sums))


if __name__ == "__main__":
    main()
