"""What each constraint and lookup is needed for: an instruction whose theorem fails without it. So no theorem holds because it says nothing."""

from z3 import SolverFor, sat

from cases import Case
from encode import LOOKUPS, Row
from relation import P, Unsupported, modes

# Values tried for selectors that nothing is said of.
GUESSES = [0, 1, 2, P - 1]


class Needs:
    """The statements of a chip, by the cases that were proved."""

    def __init__(self, proved, seconds):
        self.cases, self.seconds, self.chip = proved, seconds, proved[0].chip
        self.own = [set(case.statements()) for case in proved]

    def places(self):
        """Constraints and lookups."""
        for i, statement in enumerate(self.chip.statements):
            if statement["kind"] == "constraint" or all(tag in LOOKUPS for tag in statement["tags"]):
                yield i

    def witness(self, place):
        """What goes wrong without a statement, if anything is found."""
        for case, own in zip(self.cases, self.own):
            if place in own and (goal := self._missed(case, place)):
                return f"{case.instruction['mnemonic']}: {goal}"
        return self._other_selectors(place) if self.chip.statements[place]["kind"] == "constraint" else None

    def _missed(self, case, place):
        try:
            return case.missed(self.seconds, frozenset([place]))[0]
        except Unsupported:
            return None

    def _other_selectors(self, place):
        """A row with selectors that the statement excludes."""
        dropped = frozenset([place])
        for case in {case.instruction["id"]: case for case in self.cases}.values():
            honest = modes(self.chip, case.instruction["id"])
            for values in modes(self.chip, case.instruction["id"], dropped, GUESSES):
                goal = None if values in honest else self._with_selectors(case, values, dropped)
                if goal:
                    return f"{case.instruction['mnemonic']} with other selectors: {goal}"
        return None

    def _with_selectors(self, case, values, dropped):
        try:
            goal, _ = Case(self.chip, case.instruction, values, case.ticks).missed(self.seconds, dropped)
        except Unsupported as reason:
            # It touches other cells, or tokens, than any instruction does.
            return str(reason) if has_row(self.chip, values, dropped, self.seconds) else None
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


def check(proved, seconds):
    """Prints what each statement of the chips of these cases is needed for. Returns the labels of those that nothing was found for, with their numbers."""
    by_chip, idle = {}, {}
    for case in proved:
        by_chip.setdefault(case.chip.name, []).append(case)
    for name, own in by_chip.items():
        needs, found = Needs(own, seconds), 0
        places = list(needs.places())
        for place in places:
            label, witness = needs.chip.statements[place]["label"], needs.witness(place)
            print(f"{label:34}{witness or 'NOT NEEDED'}", flush=True)
            found += witness is not None
            if witness is None:
                idle[label] = idle.get(label, 0) + 1
        print(f"{name}: {found} of {len(places)} statements are needed", flush=True)
    return idle
