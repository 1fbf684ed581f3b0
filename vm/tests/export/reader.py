#!/usr/bin/env python3
"""Reads what `tern spec export --format json` writes (spec/export.md is the schema) and computes from it alone:

- the degree of every constraint and of every message's multiplicity,
- how many constraints and messages each label has,
- the relation digest of each constraint system, as spec/export.md says.

    tern spec export | python3 reader.py -

Prints one JSON object. Standard library only; BLAKE3 is beside it.
"""

import json
import sys
from collections import Counter
from operator import add, mul, sub

from blake3 import Hasher

LEAF_DEGREES = {"const": 0, "public": 0, "is_transition": 0, "main": 1, "main_next": 1, "fixed": 1, "fixed_next": 1, "is_first_row": 1, "is_last_row": 1}
OPERATIONS = {"add": add, "sub": sub, "mul": mul}
CONSTRAINT, BOUNDED, PROVIDED = 0, 1, 2


def degrees(nodes):
    """The degree of every node, in columns of the row."""
    found = []
    for name, *operands in nodes:
        if name in LEAF_DEGREES:
            found.append(LEAF_DEGREES[name])
        elif name == "mul":
            found.append(sum(found[place] for place in operands))
        elif name in ("add", "sub", "neg"):
            found.append(max(found[place] for place in operands))
        else:
            raise ValueError(f"unknown operation {name}")
    return found


def evaluate(nodes, point, modulus):
    """The value of every node, where `point` has the values of each kind of leaf."""
    values = []
    for name, *operands in nodes:
        if name == "const":
            value = operands[0]
        elif name == "neg":
            value = -values[operands[0]] % modulus
        elif name in OPERATIONS:
            x, y = operands
            value = OPERATIONS[name](values[x], values[y]) % modulus
        elif operands:
            value = point[name][operands[0]]
        else:
            value = point[name]
        values.append(value)
    return values


class Absorber:
    """The preimage of a digest: lengths before bytes, numbers in eight bytes, elements in four, lowest first."""

    def __init__(self, context):
        self.hasher = Hasher.derive_key(context)

    def raw(self, data):
        self.hasher.update(data)

    def number(self, number):
        self.raw(number.to_bytes(8, "little"))

    def data(self, data):
        self.number(len(data))
        self.raw(data)

    def elements(self, values):
        self.data(b"".join(value.to_bytes(4, "little") for value in values))


def elements(context, chip, number, count, modulus):
    """So many field elements for a chip's point of this number: words of eight bytes, modulo p."""
    seed = Absorber(context)
    seed.data(chip.encode())
    seed.number(number)
    stream = seed.hasher.output(8 * count)
    return [int.from_bytes(stream[i : i + 8], "little") % modulus for i in range(0, len(stream), 8)]


def draw(chip, number, recipe, modulus):
    """The values that a chip is evaluated at."""
    main, fixed = len(chip["main"]), len(chip["fixed"])
    public = sum(field["len"] for field in chip["public"])
    stream = iter(elements(recipe["point_context"], chip["name"], number, 2 * main + 2 * fixed + public + 3, modulus))
    take = lambda count: [next(stream) for _ in range(count)]
    names = [("main", main), ("main_next", main), ("fixed", fixed), ("fixed_next", fixed), ("public", public)]
    point = {name: take(count) for name, count in names}
    point["is_first_row"], point["is_last_row"], point["is_transition"] = take(3)
    return point


def absorb_statements(absorber, chip, point, modulus):
    """A chip's statements at a point: kind, label, values."""
    values = evaluate(chip["nodes"], point, modulus)
    for statement in chip["statements"]:
        if statement["kind"] == "constraint":
            kind, stated = CONSTRAINT, [values[statement["value"]]]
        else:
            kind = BOUNDED if statement["bounded"] else PROVIDED
            count = values[statement["multiplicity"]]
            stated = [values[place] for place in statement["tuple"]] + [count if kind == BOUNDED else -count % modulus]
        absorber.raw(bytes([kind]))
        absorber.data(statement["label"].encode())
        absorber.elements(stated)


def digest(system, modulus):
    """The relation digest."""
    recipe = system["digest"]
    absorber = Absorber(recipe["context"])
    for chip in system["chips"]:
        absorber.data(chip["name"].encode())
        public = sum(field["len"] for field in chip["public"])
        for number in [len(chip["main"]), len(chip["fixed"]), public, chip["degree"], *chip["next_row_columns"]]:
            absorber.number(number)
        for number in range(recipe["points"]):
            absorb_statements(absorber, chip, draw(chip, number, recipe, modulus), modulus)
    for chip in system["chips"]:
        for number in range(recipe["points"]):
            forms = chip["closed_forms"] or {"nodes": [], "columns": []}
            point = elements(recipe["fixed_context"], chip["name"], number, recipe["coordinates"], modulus)
            values = evaluate(forms["nodes"], {"coordinate": point}, modulus)
            absorber.elements([values[place] for place in forms["columns"]])
    return absorber.hasher.output(32).hex()


def summary(chip):
    """Degrees in the order of the statements, and counts by label."""
    of = degrees(chip["nodes"])
    constraints = [statement for statement in chip["statements"] if statement["kind"] == "constraint"]
    messages = [statement for statement in chip["statements"] if statement["kind"] == "message"]
    labels = lambda statements: dict(Counter(statement["label"] for statement in statements))
    return {
        "constraint_degrees": [of[statement["value"]] for statement in constraints],
        "multiplicity_degrees": [of[statement["multiplicity"]] for statement in messages],
        "constraints": labels(constraints),
        "messages": labels(messages),
    }


def main():
    source = sys.stdin if sys.argv[1] == "-" else open(sys.argv[1], encoding="utf-8")
    document = json.load(source)
    if (document["format"], document["version"]) != ("tern-relation", 1):
        raise SystemExit("not a relation of a version that this program reads")
    modulus = document["modulus"]
    systems = {
        system["name"]: {"digest": digest(system, modulus), "chips": {chip["name"]: summary(chip) for chip in system["chips"]}}
        for system in document["systems"]
    }
    print(json.dumps(systems))


if __name__ == "__main__":
    main()
