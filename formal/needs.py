"""What each constraint and lookup is needed for: a theorem that fails without it. So no theorem holds because it says nothing."""

import functools
import json
import pathlib
import time

from z3 import SolverFor, sat

from cases import Case, settings
from encode import LOOKUPS, Row
from relation import P, Unsupported, variables
from theorem import OPERANDS

# Values tried for selectors that nothing is said of.
GUESSES = [0, 1, 2, P - 1]
# A number whose product with 2^15 is beyond the field's size, by less than 2^15.
WRAPPING = P // (1 << 15) + 1
# Values tried for columns of which a statement that is left out says something: flags, and what is none. A half makes what is added where a flag is zero, and subtracted where it is one, nothing.
OTHERS = [1, 2, P - 1, (P + 1) // 2, 0, WRAPPING, 2 * WRAPPING]
# Most columns in a statement for which such values are tried.
FEW_COLUMNS = 5
# Seconds for a question before others are tried.
GLANCE = 2
# By chip: the cases and operands with which rows were found in this process, the latest first. What one statement excludes, others often do.
FOUND = {}
# What becomes of a statement for which no row is found.
IDLE, UNKNOWN, UNTRIED, NO_ROW = "not needed", "no row found in time", "not tried", "the row by hand is none"


class Needs:
    """The statements of a chip, by the cases that were proved. `subjects` are all that there are."""

    def __init__(self, proved, subjects, seconds, by_hand):
        # One case of each instruction first.
        order, number = {}, {}
        for case in proved:
            order[case] = number[case.subject["mnemonic"]] = number.get(case.subject["mnemonic"], 0) + 1
        self.cases, self.seconds, self.chip = sorted(proved, key=order.get), seconds, proved[0].chip
        # Rows by the label and number of a statement.
        self.by_hand = by_hand
        self.numbers = {place: (self.chip.statements[place]["label"], number) for number, place in self.places()}
        self.own = [set(case.statements()) for case in self.cases]
        self.multiplies = [bool(case.part({}).row.products) for case in self.cases]
        # Cases with operands of which there are rows, once that is known.
        self.possible = set()
        own = {case.subject["mnemonic"] for case in proved}
        self.subjects = [subject for subject in subjects if subject["mnemonic"] in own or self.chip.is_instruction() and "tag" not in subject]

    def places(self):
        """Constraints and lookups, each with its number among those of its label."""
        seen = {}
        for i, statement in enumerate(self.chip.statements):
            if is_left_out(statement):
                seen[statement["label"]] = seen.get(statement["label"], 0) + 1
                yield seen[statement["label"]], i

    def witness(self, place, seconds):
        """What goes wrong without a statement, if anything is found in so many seconds of this process, and else whether it is known that nothing does."""
        deadline, is_known = time.process_time() + seconds, True
        if self.numbers[place] in self.by_hand:
            return self._row_by_hand(place, self.by_hand[self.numbers[place]])
        for attempt in (self._any_row, self._other_selectors):
            goal, answer = attempt(place, deadline)
            if goal:
                return goal, None
            is_known = is_known and answer
        if is_known:
            return None, IDLE
        goal = self._chosen_rows(place, deadline)
        return goal, None if goal else UNKNOWN

    def _row_by_hand(self, place, hand):
        """A row whose columns are given, which has to be one: for this statement nothing else is tried."""
        (subject,) = (subject for subject in self.subjects if subject["mnemonic"] == hand.mnemonic)
        dropped = frozenset([place])
        for values in settings(self.chip, subject, dropped, GUESSES):
            if all(values.get(name, value) == value for name, value in hand.columns.items()):
                case = Case(self.chip, subject, {**values, **hand.columns}, self.cases[0].ticks)
                goal = self._goal_by_hand(case, dropped, hand.operands)
                if goal:
                    return f"{hand.mnemonic}: {goal}, in a row by hand", None
        return None, NO_ROW

    def _goal_by_hand(self, case, dropped, operands):
        try:
            goal, _ = case.part({}, dropped, operands).counterexample(self.seconds)
        except Unsupported as reason:
            return self._another_kind(case, dropped, reason)
        return goal

    def _any_row(self, place, deadline):
        """Of cases that do not multiply, any row that misses a goal; and whether all were decided."""
        is_known = True
        for case, own, multiplies in zip(self.cases, self.own, self.multiplies):
            if place in own:
                if multiplies or time.process_time() > deadline:
                    is_known = False
                    continue
                try:
                    goal, answer = case.counterexample(self.seconds, frozenset([place]))
                except Unsupported:
                    goal, answer = None, False
                if goal:
                    return f"{case.subject['mnemonic']}: {goal}", True
                is_known = is_known and answer
        return None, is_known

    def _chosen_rows(self, place, deadline):
        """A row with values that are chosen: operands of one that multiplies, and other columns of the statement. All are tried for a short while first; that there is none with any values is not found out."""
        found = FOUND.setdefault(self.chip.name, [])
        tries = self._tries(place, found)
        for seconds in (GLANCE, self.seconds):
            for i, inputs, chosen in tries:
                if time.process_time() > deadline:
                    return None
                case = self.cases[i]
                try:
                    goal, _ = case.part(chosen, frozenset([place]), inputs).counterexample(seconds)
                except (Unsupported, LookupError, ValueError):
                    continue
                if goal:
                    found[:] = [(i, inputs), *(pair for pair in found if pair != (i, inputs))]
                    return f"{case.subject['mnemonic']}: {goal}"
        return None

    def _tries(self, place, found):
        """Cases with operands, those of `found` first, then those of which there are rows; each as it is if it multiplies, and with values of the statement's columns."""
        pairs = [(i, inputs) for inputs in OPERANDS for i, own in enumerate(self.own) if place in own and self.multiplies[i]]
        pairs += [(i, None) for i, own in enumerate(self.own) if place in own and not self.multiplies[i]]
        pairs.sort(key=lambda pair: found.index(pair) if pair in found else len(found) + (pair not in self.possible))
        names = self._columns(place)
        choices = lambda i: [{}] * self.multiplies[i] + [{name: value} for name in names if name not in self.cases[i].values for value in OTHERS]
        return [(i, inputs, chosen) for i, inputs in pairs for chosen in choices(i)]

    def _columns(self, place):
        """The columns of a constraint, if they are few."""
        statement = self.chip.statements[place]
        names = sorted(variables(self.chip.plain.of(statement["value"]))) if statement["kind"] == "constraint" else []
        return names if len(names) <= FEW_COLUMNS else []

    def _other_selectors(self, place, deadline):
        """A row with selectors that the statement excludes, of any instruction; and whether all such were tried."""
        if self.chip.statements[place]["kind"] != "constraint":
            return None, True
        dropped, ticks = frozenset([place]), self.cases[0].ticks
        for subject in self.subjects:
            honest = list(settings(self.chip, subject))
            for values in settings(self.chip, subject, dropped, GUESSES):
                if time.process_time() > deadline:
                    return None, False
                goal = None if values in honest else self._with_selectors(Case(self.chip, subject, values, ticks), dropped)
                if goal:
                    return f"{subject['mnemonic']} with other selectors: {goal}", True
        return None, True

    def _with_selectors(self, case, dropped):
        try:
            goal, _ = case.counterexample(GLANCE if any(self.multiplies) else self.seconds, dropped)
        except (Unsupported, LookupError, ValueError) as reason:
            return self._another_kind(case, dropped, reason)
        return goal

    def _another_kind(self, case, dropped, reason):
        """A row that takes or leaves other messages than a theorem can be stated about."""
        return f"another kind of row ({reason})" if has_row(self.chip, case.values, dropped, self.seconds) else None


def is_left_out(statement):
    """Whether it is of the kind that is left out: a constraint, or a lookup in a table that is fixed."""
    return statement["kind"] == "constraint" or all(tag in LOOKUPS for tag in statement["tags"])


def has_row(chip, values, dropped, seconds):
    """Whether constraints and lookups allow a row of these selectors."""
    try:
        row = Row(chip, values, dropped, is_lenient=True)
        row.state()
        row.finish()
    except Unsupported:
        return False
    solver = SolverFor("QF_BV")
    solver.set("timeout", int(1000 * seconds))
    solver.add(row.facts)
    return not row.is_contradictory and solver.check() == sat


class Kept:
    """What became of statements, in a file: a run that was stopped goes on with it. Those for which no row was found in time are tried again."""

    def __init__(self, path, digest):
        self.path, self.digest, self.known = path and pathlib.Path(path), digest, {}
        if self.path and self.path.exists():
            for line in self.path.read_text(encoding="utf-8").splitlines():
                entry = json.loads(line)
                if entry["digest"] == digest and entry["reason"] not in (UNKNOWN, UNTRIED, NO_ROW):
                    self.known[entry["chip"], entry["place"]] = entry["witness"], entry["reason"]

    def add(self, chip, place, witness, reason):
        if self.path:
            entry = {"digest": self.digest, "chip": chip, "place": place, "witness": witness, "reason": reason}
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(entry) + "\n")


def is_possible(pair, needs):
    """Whether there is a row of a chip's case with operands."""
    name, i, inputs = pair
    theorem = needs[name].cases[i].part({}, inputs=inputs)
    return not theorem.row.is_contradictory and theorem.known().check(GLANCE)[0] == sat


def prepare(needs, pool):
    """Finds out of which cases with operands there are rows."""
    pairs = [(name, i, inputs) for name, own in needs.items() for i, multiplies in enumerate(own.multiplies) if multiplies for inputs in OPERANDS]
    for (name, i, inputs), answer in zip(pairs, pool.imap(functools.partial(is_possible, needs=needs), pairs)):
        if answer:
            needs[name].possible.add((i, inputs))


def try_without(task, needs, per_statement, deadline):
    """A statement, and what needs it, or why nothing was found."""
    name, place = task
    return task, (None, UNTRIED) if time.monotonic() > deadline else needs[name].witness(place, per_statement)


def tell(label, witness, reason):
    print(f"{label:34}{witness or reason.upper()}", flush=True)


def check(needs, kept, labels, per_statement, deadline, pool):
    """Leaves out each statement of the chips in turn, or only those with these labels, and prints what fails. Returns for each chip its rows: label and number, and either what fails or why nothing was found.

    `per_statement` is in seconds; after `deadline` no more are tried. The first of each label of each chip comes first, then the second, and so on.
    """
    label = lambda name, place: needs[name].chip.statements[place]["label"]
    tasks = sorted((number, name, place) for name, own in needs.items() for number, place in own.places() if not labels or label(name, place) in labels)
    tasks = [(name, place) for _, name, place in tasks]
    left = [task for task in tasks if task not in kept.known]
    prepare({name: own for name, own in needs.items() if any(task[0] == name for task in left)}, pool)
    outcomes = {task: kept.known[task] for task in tasks if task in kept.known}
    for task in outcomes:
        tell(label(*task), *outcomes[task])
    for task, outcome in pool.imap_unordered(functools.partial(try_without, needs=needs, per_statement=per_statement, deadline=deadline), left):
        tell(label(*task), *outcome)
        kept.add(*task, *outcome)
        outcomes[task] = outcome
    table = {name: [(needs[name].numbers[place], *outcomes[name, place]) for own, place in tasks if own == name] for name in needs}
    for name, rows in table.items():
        print(f"{name}: {sum(witness is not None for _, witness, _ in rows)} of {len(rows)} statements are needed", flush=True)
    return table
