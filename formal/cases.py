"""Theorems to be proved, each an instruction on a chip with one setting of its selectors."""

from calls import Call
from encode import LOOKUPS
from relation import Expressions, Unsupported, modes, name_of, value_of
from theorem import Theorem

# Seconds after which a question is split where it can be.
QUICK = 5
# Most flags that a question is split by.
FLAGS = 4


class Case:
    """A theorem, in parts where that helps."""

    def __init__(self, chip, subject, values, ticks):
        self.chip, self.subject, self.values, self.ticks = chip, subject, values, ticks
        self.kind = subject.get("theorem") or (Call if subject["mnemonic"] == "ecall" else Theorem)

    def part(self, values, dropped=frozenset(), inputs=None):
        """The theorem where more columns have values, and operands if they are given, without the statements at some places."""
        return self.kind(self.chip, self.subject, {**self.values, **values}, self.ticks, dropped, inputs)

    def theorems(self, dropped=frozenset()):
        """The theorem, in parts if a column with few values is an exponent."""
        whole = self.part({}, dropped)
        parts = [{name: value} for name in exponents(whole)[:1] for value in range(whole.row.largest_of(name) + 1)]
        return (self.part(part, dropped) for part in parts) if parts else [whole]

    def missed(self, seconds, dropped=frozenset()):
        """The first goal that a row can miss, if there is one; and the names of goals of which that was not found out. What takes too long is tried for all values of the flags that multiply other columns."""
        unknown = set()
        for theorem in self.theorems(dropped):
            flags = multiplying_flags(theorem)
            if flags and theorem.row.products:
                goal, hard = None, {name for name, _ in theorem.goals}
            else:
                goal, hard = theorem.missed(min(seconds, QUICK) if flags else seconds)
            if hard and flags:
                goal, hard = self._by_flags(theorem, flags, hard, seconds)
            if goal:
                return goal, set()
            unknown |= hard
        return None, unknown

    def _by_flags(self, theorem, flags, hard, seconds):
        for values in assignments(flags):
            goal, still_hard = self.kind(self.chip, self.subject, {**theorem.values, **values}, self.ticks, theorem.dropped).missed(seconds, hard)
            if goal or still_hard:
                return goal, still_hard
        return None, set()

    def counterexample(self, seconds, dropped):
        """A goal that some row misses, if one is found, and whether it is known that there is none."""
        goal, is_known = self.part({}, dropped).counterexample(min(seconds, QUICK))
        if goal or is_known:
            return goal, is_known
        is_known = True
        for theorem in self.theorems(dropped):
            goal, answer = theorem.counterexample(seconds)
            if goal:
                return goal, True
            is_known = is_known and answer
        return None, is_known

    def is_possible(self, seconds):
        """Whether there is such a row at all; nothing if that was not found out. A row that multiplies is looked for with operands that are known."""
        answers = set()
        for theorem in self.theorems():
            answers.add(theorem.is_satisfiable(seconds))
            if True in answers:
                return True
        return None if None in answers else False

    def verdict(self, seconds):
        """What becomes of the theorem. One about rows that there are not says nothing."""
        goal, unknown = self.missed(seconds)
        if goal:
            return f"refuted: {goal}"
        if unknown:
            return f"out of time: {', '.join(sorted(unknown))}"
        is_possible = self.is_possible(seconds)
        if not is_possible:
            return "no such row" if is_possible is False else "out of time: a row of this kind"
        if self.kind is Call:
            call = self.part({})
            return f"proved: x17 in {call.numbers(seconds)}, {call.call}"
        return "proved"

    def statements(self):
        """The places of statements that say something here: constraints, and lookups in tables that are fixed."""
        row, plain = self.part({}).row, Expressions(self.chip, self.values)
        for i, statement in enumerate(self.chip.statements):
            if statement["kind"] == "constraint":
                if all(value_of(plain.of(place)) != 0 for place in plain.factors(statement["value"])):
                    yield i
            elif all(tag in LOOKUPS for tag in statement["tags"]) and row.count(i) != 0:
                yield i

    def selectors(self):
        """The selectors that are set, for people."""
        return " ".join(name for name, value in self.values.items() if value == 1) or "-"


def settings(chip, subject, dropped=frozenset(), guesses=None):
    """The settings of selectors with which a chip's row is what a theorem is about: an instruction, or for rows of other chips what receives a message with the subject's tag."""
    if "settings" in subject:
        return subject["settings"](chip, subject, dropped, guesses)
    statements = chip.statements
    if "tag" in subject:
        (place,) = (i for i in chip.messages(subject["tag"]) if statements[i]["direction"] == "receive" and statements[i]["label"].endswith(subject["message"]))
        conditions = [(statements[place]["multiplicity"], -1)]
    else:
        program = [statements[i] for i in chip.messages("PROGRAM")]
        if len(program) != 1:
            raise Unsupported(f"{chip.name}: {len(program)} program messages")
        conditions = [(program[0]["tuple"][2], subject["id"]), (program[0]["multiplicity"], 1)]
    return modes(chip, conditions, dropped, guesses, subject.get("companions", True))


def cases(chips, subject, ticks):
    """The cases of a theorem, on every chip that has rows for it."""
    for chip in chips:
        if chip.name == subject["chip"] if "tag" in subject else chip.is_instruction():
            for values in settings(chip, subject):
                yield Case(chip, subject, values, ticks)


def exponents(theorem):
    """Columns with at most 16 values that are exponents."""
    row = theorem.row
    places = [theorem.chip.statements[i]["tuple"][1] for i in theorem.chip.messages("POWER") if row.count(i) != 0]
    names = [name_of(row.f(place)) for place in places]
    return [name for name in names if name and row.largest_of(name) < 16]


def multiplying_flags(theorem):
    """Columns that are 0 or 1 and stand in products, those first that do so most."""
    row, found = theorem.row, {}
    for statement in theorem.chip.statements:
        if statement["kind"] == "constraint":
            products = [set(monomial) for monomial in row.plain.of(statement["value"]) if len(set(monomial)) > 1]
            for name in (name for product in products for name in product if row.largest_of(name) == 1):
                found[name] = found.get(name, 0) + 1
    return sorted(found, key=lambda name: (-found[name], name))[:FLAGS]


def assignments(names):
    """All ways to set flags."""
    ways = [{}]
    for name in names:
        ways = [{**way, name: value} for way in ways for value in (0, 1)]
    return ways
