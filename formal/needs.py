"""What each constraint and lookup is needed for: a theorem that fails without it. So no theorem holds because it says nothing."""

import functools
import time

from z3 import SolverFor, sat

from cases import Case, settings
from encode import LOOKUPS, Row
from relation import P, Unsupported
from theorem import OPERANDS

# Values tried for selectors that nothing is said of.
GUESSES = [0, 1, 2, P - 1]
# Seconds for a question before others are tried.
GLANCE = 2
# By chip: the cases and operands with which rows were found in this process, the latest first. What one statement excludes, others often do.
FOUND = {}
# What becomes of a statement for which no row is found.
IDLE, UNKNOWN, UNTRIED = "not needed", "no row found in time", "not tried"


class Needs:
    """The statements of a chip, by the cases that were proved."""

    def __init__(self, proved, seconds):
        # One case of each instruction first.
        order, number = {}, {}
        for case in proved:
            order[case] = number[case.subject["mnemonic"]] = number.get(case.subject["mnemonic"], 0) + 1
        self.cases, self.seconds, self.chip = sorted(proved, key=order.get), seconds, proved[0].chip
        self.own = [set(case.statements()) for case in self.cases]
        self.multiplies = [bool(case.part({}).row.products) for case in self.cases]

    def places(self):
        """Constraints and lookups, each with its number among those of its label."""
        seen = {}
        for i, statement in enumerate(self.chip.statements):
            if statement["kind"] == "constraint" or all(tag in LOOKUPS for tag in statement["tags"]):
                seen[statement["label"]] = seen.get(statement["label"], 0) + 1
                yield seen[statement["label"]], i

    def witness(self, place, seconds):
        """What goes wrong without a statement, if anything is found in so many seconds of this process, and else whether it is known that nothing does."""
        is_known, deadline = True, time.process_time() + seconds
        cases = [i for i, own in enumerate(self.own) if place in own]
        plain = [i for i in cases if not self.multiplies[i]]
        for case in (self.cases[i] for i in plain):
            if time.process_time() > deadline:
                return None, UNKNOWN
            goal, answer = self._missed(case, place)
            if goal:
                return f"{case.subject['mnemonic']}: {goal}", None
            is_known = is_known and answer
        if len(plain) < len(cases):
            # With operands that are known; that there is no such row with any is not found out.
            is_known, found = False, self._with_operands([i for i in cases if self.multiplies[i]], place, deadline)
            if found:
                return found, None
        if self.chip.statements[place]["kind"] == "constraint":
            goal, answer = self._other_selectors(place, deadline)
            if goal:
                return goal, None
            is_known = is_known and answer
        return None, IDLE if is_known else UNKNOWN

    def _with_operands(self, cases, place, deadline):
        """A row that multiplies operands that are known; all are tried for a short while first."""
        found = FOUND.setdefault(self.chip.name, [])
        tries = [pair for pair in found if pair[0] in cases]
        tries += [pair for inputs in OPERANDS for pair in ((i, inputs) for i in cases) if pair not in found]
        for seconds in (GLANCE, self.seconds):
            for i, inputs in tries:
                if time.process_time() > deadline:
                    return None
                case = self.cases[i]
                try:
                    goal, _ = case.with_operands(inputs, frozenset([place])).counterexample(seconds)
                except Unsupported:
                    continue
                if goal:
                    found[:] = [(i, inputs), *(pair for pair in found if pair != (i, inputs))]
                    return f"{case.subject['mnemonic']}: {goal}"
        return None

    def _missed(self, case, place):
        try:
            return case.counterexample(self.seconds, frozenset([place]))
        except Unsupported:
            return None, False

    def _other_selectors(self, place, deadline):
        """A row with selectors that the statement excludes, and whether all such were tried."""
        dropped = frozenset([place])
        for case in {case.subject["mnemonic"]: case for case in self.cases}.values():
            honest = list(settings(self.chip, case.subject))
            for values in settings(self.chip, case.subject, dropped, GUESSES):
                if time.process_time() > deadline:
                    return None, False
                goal = None if values in honest else self._with_selectors(case, values, dropped)
                if goal:
                    return f"{case.subject['mnemonic']} with other selectors: {goal}", True
        return None, True

    def _with_selectors(self, case, values, dropped):
        try:
            goal, _ = Case(self.chip, case.subject, values, case.ticks).counterexample(self.seconds, dropped)
        except (Unsupported, LookupError, ValueError) as reason:
            # It takes or leaves other messages than a theorem can be stated about.
            return f"another kind of row ({reason})" if has_row(self.chip, values, dropped, self.seconds) else None
        return goal


def has_row(chip, values, dropped, seconds):
    """Whether constraints and lookups allow a row of these selectors."""
    try:
        row = Row(chip, values, dropped)
        row.state()
        row.finish()
    except Unsupported:
        return False
    solver = SolverFor("QF_BV")
    solver.set("timeout", int(1000 * seconds))
    solver.add(row.facts)
    return not row.is_contradictory and solver.check() == sat


def try_without(task, needs, per_statement, deadline):
    """What needs a statement, or why nothing was found."""
    name, place = task
    return (None, UNTRIED) if time.monotonic() > deadline else needs[name].witness(place, per_statement)


def check(proved, labels, seconds, per_statement, deadline, pool):
    """Leaves out each statement of the chips of these cases in turn, or only those with these labels, and prints what fails. Returns for each chip its rows: label, and either what fails or why nothing was found.

    `seconds` is for one question, `per_statement` for a statement; after `deadline` no more are tried. The first of each label of each chip comes first, then the second, and so on.
    """
    by_chip = {}
    for case in proved:
        by_chip.setdefault(case.chip.name, []).append(case)
    needs = {name: Needs(own, seconds) for name, own in by_chip.items()}
    wanted = lambda name, place: not labels or needs[name].chip.statements[place]["label"] in labels
    tasks = sorted((number, name, place) for name, own in needs.items() for number, place in own.places() if wanted(name, place))
    tasks = [(name, place) for _, name, place in tasks]
    table = {name: [] for name in by_chip}
    found = pool.imap(functools.partial(try_without, needs=needs, per_statement=per_statement, deadline=deadline), tasks)
    for (name, place), (witness, reason) in zip(tasks, found):
        label = needs[name].chip.statements[place]["label"]
        print(f"{label:34}{witness or reason.upper()}", flush=True)
        table[name].append((label, witness, reason))
    for name, rows in table.items():
        print(f"{name}: {sum(witness is not None for _, witness, _ in rows)} of {len(rows)} statements are needed", flush=True)
    return table
