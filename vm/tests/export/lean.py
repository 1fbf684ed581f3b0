#!/usr/bin/env python3
"""Reads what `tern spec export --format lean` writes, and compares it with the JSON export at random points.

    lean.py RELATION FOLDER

The reader knows the language of these files and no other: the header, definitions over `Circuit`, and their expressions. Whatever else a file has is an error.
Prints how much was compared. Standard library only.
"""

import json
import pathlib
import random
import re
import sys

from reader import evaluate

TOKEN = re.compile(r"--[^\n]*|\s+|([A-Za-z_][\w.]*|[0-9]+|:=|=>|@\[simp\]|[λℕ→(){}\[\]+*=,:-])")
VARIABLES = "{ C : Type → Type → Type } { F ExtF : Type } [ Field F ] [ Field ExtF ] [ Circuit F ExtF C ] ( c : C F ExtF )".split()
ROW = "( row : ℕ )".split()
BUS = "Circuit.bus c = ( List.range ( Circuit.last_row c + 1 ) ) .flatMap ( λ row => [".split()
SELECTORS = {"Circuit.isFirstRow": "is_first_row", "Circuit.isLastRow": "is_last_row", "Circuit.isTransitionRow": "is_transition"}


def tokens(text):
    found, end = [], 0
    while end < len(text):
        token = TOKEN.match(text, end)
        if token is None:
            # A method of what stands before it.
            assert text.startswith(".flatMap", end), f"no token: {text[end:end + 40]!r}"
            found.append(".flatMap")
            end += len(".flatMap")
            continue
        if token.group(1):
            found.append(token.group(1))
        end = token.end()
    return found


class Reader:
    """One file, evaluated at a point."""

    def __init__(self, name, text, point, modulus):
        self.tokens, self.at, self.point, self.modulus = tokens(text), 0, point, modulus
        self.parts, self.constraints, self.messages = {}, [], None
        self.take(*f"import Mathlib import LeanZKCircuit_Plonky3.Plonky3.Circuit open Plonky3 set_option linter.all false".split())
        for attribute in ("air_simplification", "constraint_and_interaction_simplification"):
            self.take("register_simp_attr", f"{name}_{attribute}")
        self.take("namespace", f"{name}.extraction")
        while self.peek() != "end":
            self.definition()
        self.take("end", f"{name}.extraction")
        assert self.at == len(self.tokens), "text behind the end"

    def peek(self):
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def next(self):
        self.at += 1
        return self.tokens[self.at - 1]

    def take(self, *expected):
        for token in expected:
            found = self.next()
            assert found == token, f"{found!r} in the place of {token!r}, token {self.at}"

    def definition(self):
        simplified = self.peek() == "@[simp]"
        if simplified:
            self.next()
        self.take("def")
        name = self.next()
        self.take(*VARIABLES)
        if name == "constrain_interactions":
            assert simplified and self.messages is None
            self.take(":", "Prop", ":=", *BUS)
            self.messages = self.list(self.message)
            return self.take(")")
        self.take(*ROW, ":")
        kind, number = name.rsplit("_", 1)
        if kind == "constraint":
            assert simplified and int(number) == len(self.constraints)
            self.take("Prop", ":=")
            self.constraints.append(self.expression())
            return self.take("=", "0")
        # Parts are not simplified by default: unfolding all of them may not end.
        assert kind == "inter" and not simplified and name not in self.parts, name
        self.take("F", ":=")
        self.parts[name] = self.expression()

    def list(self, item):
        """Items up to a closing bracket, whose opening one is taken."""
        items = []
        while self.peek() != "]":
            if items:
                self.take(",")
            items.append(item())
        self.next()
        return items

    def message(self):
        self.take("(")
        count = self.expression()
        self.take(",", "[")
        elements = self.list(self.expression)
        self.take(")")
        return count, elements

    def argument(self, name):
        self.take("(", name, ":=")
        value = self.next()
        self.take(")")
        return value

    def expression(self):
        token = self.next()
        if token.isdigit():
            assert int(token) < self.modulus
            return int(token)
        assert token == "(", token
        if self.peek() == "-":
            self.next()
            value = -self.expression()
        elif self.peek() == "(" or self.peek().isdigit():
            left, operation, right = self.expression(), self.next(), self.expression()
            value = {"+": left + right, "-": left - right, "*": left * right}[operation]
        else:
            value = self.named(self.next())
        self.take(")")
        return value % self.modulus

    def named(self, name):
        self.take("c")
        if name in ("Circuit.main", "Circuit.preprocessed"):
            column, row, rotation = (self.argument(argument) for argument in ("column", "row", "rotation"))
            assert row == "row"
            kind = {"Circuit.main": "main", "Circuit.preprocessed": "fixed"}[name] + {"0": "", "1": "_next"}[rotation]
            return self.point[kind][int(column)]
        if name == "Circuit.public_values":
            return self.point["public"][int(self.argument("index"))]
        self.take("row")
        return self.point[SELECTORS[name]] if name in SELECTORS else self.parts[name]


def draw(chip, noise, modulus):
    sizes = {"main": len(chip["main"]), "fixed": len(chip["fixed"])}
    sizes |= {f"{kind}_next": size for kind, size in sizes.items()} | {"public": sum(field["len"] for field in chip["public"])}
    point = {kind: [noise.randrange(modulus) for _ in range(size)] for kind, size in sizes.items()}
    return point | {selector: noise.randrange(modulus) for selector in SELECTORS.values()}


def compare(chip, name, text, noise, modulus):
    """How many constraints and messages the file has; they are those of the export, in its order."""
    point = draw(chip, noise, modulus)
    values = evaluate(chip["nodes"], point, modulus)
    file = Reader(name, text, point, modulus)
    of = lambda kind: [statement for statement in chip["statements"] if statement["kind"] == kind]
    assert file.constraints == [values[statement["value"]] for statement in of("constraint")], f"constraints of {name}"
    messages = [(values[statement["multiplicity"]], [values[place] for place in statement["tuple"]]) for statement in of("message")]
    assert file.messages == messages, f"messages of {name}"
    return len(file.constraints), len(messages)


def main():
    relation = json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
    folder, noise = pathlib.Path(sys.argv[2]), random.Random(1)
    names, sums = set(), [0, 0]
    for system in relation["systems"]:
        prefix = "" if system["name"] == "machine" else f"{system['name']}_"
        for chip in system["chips"]:
            name = "".join(word[0].upper() + word[1:] for word in f"{prefix}{chip['name']}".split("_"))
            names.add(f"{name}.lean")
            found = compare(chip, name, (folder / f"{name}.lean").read_text(encoding="utf-8"), noise, relation["modulus"])
            sums = [a + b for a, b in zip(sums, found)]
    assert names == {path.name for path in folder.iterdir()}, "a file for each chip and no other"
    print(json.dumps({"files": len(names), "constraints": sums[0], "messages": sums[1]}))


if __name__ == "__main__":
    main()
