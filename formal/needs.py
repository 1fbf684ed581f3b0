"""What each constraint and lookup is needed for: a theorem that fails without it. So no theorem holds because it says nothing."""

import functools
import time

from z3 import SolverFor, sat

from cases import Case, settings
from encode import LOOKUPS, Row
from relation import P, Unsupported

# Values tried for selectors that nothing is said of.
GUESSES = [0, 1, 2, P - 1]
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
        for case, own in zip(self.cases, self.own):
            if place in own:
                if time.process_time() > deadline:
                    return None, UNKNOWN
                goal, answer = self._missed(case, place)
                if goal:
                    return f"{case.subject['mnemonic']}: {goal}", None
                is_known = is_known and answer
        if self.chip.statements[place]["kind"] == "constraint":
            goal, answer = self._other_selectors(place, deadline)
            if goal:
                return goal, None
            is_known = is_known and answer
        return None, IDLE if is_known else UNKNOWN

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


def check(proved, seconds, per_statement, deadline, pool):
    """Leaves out each statement of the chips of these cases in turn, and prints what fails. Returns for each chip its rows: label, and either what fails or why nothing was found.

    `seconds` is for one question, `per_statement` for a statement; after `deadline` no more are tried. The first of each label of each chip comes first, then the second, and so on.
    """
    by_chip = {}
    for case in proved:
        by_chip.setdefault(case.chip.name, []).append(case)
    needs = {name: Needs(own, seconds) for name, own in by_chip.items()}
    tasks = sorted((number, name, place) for name, own in needs.items() for number, place in own.places())
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
