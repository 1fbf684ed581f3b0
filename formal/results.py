"""The tables of a run: RESULTS.md and DROPPED.md are written by this program, never by hand."""

from collections import Counter

import z3

from rows import NAMES


class Group:
    """What became of the cases of one theorem on one chip."""

    def __init__(self):
        self.outcomes, self.seconds = [], 0

    def add(self, outcome, seconds):
        self.outcomes.append(outcome)
        self.seconds += seconds

    def is_proved(self):
        """Whether all cases that rows can be in are proved, and there is one."""
        kinds = {outcome.split(":")[0] for outcome in self.outcomes}
        return "proved" in kinds and kinds <= {"proved", "no such row"}

    def verdict(self):
        """In a word, with the reasons if it is not proved."""
        if self.is_proved():
            return "proved"
        return "; ".join(sorted({outcome for outcome in self.outcomes if not outcome.startswith(("proved", "no such row"))})) or "no row"

    def cases(self):
        """The number of cases, and of those that no row can be in."""
        impossible = self.outcomes.count("no such row")
        return f"{len(self.outcomes) - impossible}" + (f" (and {impossible} without rows)" if impossible else "")


def groups(table):
    """Outcomes by theorem and chip, in the order of the table."""
    found = {}
    for name, case, outcome, seconds in table:
        found.setdefault((name, case.chip.name), Group()).add(outcome, seconds)
    return found


def summary(found, without):
    """In lines: how many theorems are proved, and which are not."""
    proved = [key for key, group in found.items() if group.is_proved()]
    names = {name for name, _ in found} - NAMES
    whole = [name for name in names if all(group.is_proved() for (other, _), group in found.items() if other == name)]
    yield f"{len(whole)} of {len(names)} instructions are proved, on every chip that has rows for them"
    yield f"{len(proved)} of {len(found)} theorems are proved, {sum(len(group.outcomes) for group in found.values())} cases"
    for (name, chip), group in found.items():
        if not group.is_proved():
            yield f"not proved: {name} on {chip}: {group.verdict()}"
    if without:
        yield f"no row: {', '.join(without)}"


def reasons(path):
    """The statements of a file of reasons, each with its reason: a line has a label, numbers among the statements of that label, and the reason."""
    found = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            label, numbers, reason = line.split(maxsplit=2)
            found |= {(label, int(number)): reason for number in numbers.split(",")}
    return found


def titled(statement):
    """A statement's label and number, for people."""
    label, number = statement
    return f"{label} #{number}"


def header(title, digest, seconds):
    """The top of a page."""
    yield f"<!-- Written by `formal/prove.py`. Do not edit. -->\n\n# {title}\n"
    yield f"Of the relation with the digest `{digest}`, by z3 {z3.get_version_string()}, {seconds:g} s for a question.\n"


def page(digest, lines, found, is_ended, arguments):
    """The page of theorems."""
    parts = list(header("Theorems", digest, arguments.seconds))
    if not is_ended:
        parts.append("**The run that wrote this page had not ended: theorems are missing, and the last one may lack cases.**\n")
    parts.append("\n".join(f"- {line}" for line in [*summary(found, []), *lines]) + "\n")
    parts.append("Cases are settings of selectors. Seconds are of the machine that ran it, whatever else it did.\n")
    parts.append("| theorem | chip | cases | outcome | seconds |\n|---|---|---|---|---|")
    parts += [f"| {name} | {chip} | {group.cases()} | {group.verdict()} | {group.seconds:.1f} |" for (name, chip), group in found.items()]
    return "\n".join(parts) + "\n"


def dropped_page(digest, dropped, redundant, arguments):
    """The page of statements that were left out."""
    parts = [*header("Statements that were left out", digest, arguments.drop_seconds), *_dropped(dropped, reasons(redundant))]
    return "\n".join(parts) + "\n"


def _dropped(dropped, known):
    yield "Each constraint and lookup alone. *Refuted*: a row was found that a theorem excludes.\n"
    yield "| chip | statements | refuted | others |\n|---|---|---|---|"
    for chip, rows in dropped.items():
        others = Counter(reason for _, witness, reason in rows if witness is None)
        yield f"| {chip} | {len(rows)} | {sum(witness is not None for _, witness, _ in rows)} | {', '.join(f'{count} {reason}' for reason, count in sorted(others.items())) or '-'} |"
    yield "\nWhat a theorem fails for, an example for each label:\n\n| label | number | refuted | example |\n|---|---|---|---|"
    for rows in dropped.values():
        for label in dict.fromkeys(label for (label, _), _, _ in rows):
            own = [witness for (other, _), witness, _ in rows if other == label]
            example = next((witness for witness in own if witness), "-")
            yield f"| `{label}` | {len(own)} | {sum(witness is not None for witness in own)} | {example} |"
    yield "\nStatements without such a row:\n\n| statement | reason |\n|---|---|"
    for statement, witness, _ in (row for rows in dropped.values() for row in rows):
        if witness is None:
            yield f"| `{titled(statement)}` | {known.get(statement, 'none in redundant.txt')} |"
