"""Questions to the solver: whether facts imply a goal, asked first with few of the facts."""

import re

from z3 import BoolVal, Not, SolverFor, Z3_OP_ITE, is_app_of, sat, simplify, substitute, unsat

# Facts with at most so many variables that are new are tried before all of them.
FEW_NEW = (0, 1, 2)
# Seconds for a question with some of the facts, and for one about a condition.
GLANCE = 3


# Names of a row's variables, which all have a dot, in SMT-LIB.
NAME = re.compile(r"\|[^|]+\||[^\s()|]+\.[^\s()|]*")


def variables(term):
    """The names of a term's variables."""
    return frozenset(name.strip("|") for name in NAME.findall(term.sexpr()))


def conditions(term):
    """What a term chooses by, each condition once."""
    found, seen, stack = {}, set(), [term]
    while stack:
        part = stack.pop()
        if part.get_id() not in seen:
            seen.add(part.get_id())
            stack += part.children()
            if is_app_of(part, Z3_OP_ITE):
                found[part.arg(0).get_id()] = part.arg(0)
    return list(found.values())


class Facts:
    """What is known of a row."""

    def __init__(self, facts):
        self.facts = [(fact, variables(fact)) for fact in facts]

    def add(self, fact):
        self.facts.append((fact, variables(fact)))

    def all(self):
        return [fact for fact, _ in self.facts]

    def near(self, names, new):
        """The facts that are reached from some variables if each may bring `new` more."""
        known, chosen, left = set(names), [], self.facts
        while True:
            found = [(fact, own) for fact, own in left if own & known and len(own - known) <= new]
            if not found:
                return chosen
            left = [entry for entry in left if entry not in found]
            for fact, own in found:
                chosen.append(fact)
                known |= own

    def solver(self, facts, seconds):
        solver = SolverFor("QF_BV")
        solver.set("timeout", int(1000 * seconds))
        solver.add(facts)
        return solver

    def check(self, seconds):
        """A row, if there is one: the solver's answer and the solver."""
        solver = self.solver(self.all(), seconds)
        return solver.check(), solver

    def implies(self, goal, seconds):
        """Whether the facts imply a goal: true or false, or nothing if that was not found out; and a row that misses it, if there is one.

        Fewer facts imply less. So it is enough if some do, and only all of them can tell that they do not.
        """
        goal = self._decided(simplify(goal))
        if self._follows(goal, seconds):
            return True, None
        solver = self.solver(self.all() + [Not(goal)], seconds)
        answer = solver.check()
        return (None, None) if answer not in (sat, unsat) else (answer == unsat, solver.model() if answer == sat else None)

    def _follows(self, goal, seconds):
        """Whether a goal follows from some of the facts."""
        tried = -1
        for new in FEW_NEW:
            chosen = self.near(variables(goal), new)
            if len(chosen) > tried and self._refutes(chosen, Not(goal), min(seconds, GLANCE)):
                return True
            tried = len(chosen)
        return False

    def _refutes(self, facts, formula, seconds):
        return self.solver([*facts, formula], seconds).check() == unsat

    def _decided(self, goal):
        """The goal where conditions that the facts decide are so decided."""
        if "(ite " not in goal.sexpr():
            return goal
        known = []
        for condition in conditions(goal):
            chosen = self.near(variables(condition), 1)
            for value in (True, False):
                if self._refutes(chosen, Not(condition) if value else condition, GLANCE):
                    known.append((condition, BoolVal(value)))
                    break
        return simplify(substitute(goal, *known)) if known else goal
