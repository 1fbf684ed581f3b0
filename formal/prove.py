#!/usr/bin/env python3
"""Proves for each instruction that its row does what the RISC-V manual says, and for rows of some other chips what their pages claim, from what `tern spec export` writes. See README.md.

    tern spec export --format json -o relation.json
    python3 formal/prove.py relation.json
"""

import argparse
import functools
import math
import multiprocessing
import pathlib
import signal
import sys
import time
from collections import Counter

import hand
import needs
import results
import tables
from cases import cases
from encode import LOOKUPS
from relation import Expressions, Unsupported, add, load
from rows import subjects

# Statements that no theorem needs, with reasons.
REDUNDANT = pathlib.Path(__file__).with_name("redundant.txt")
# Rows for statements for which the solver finds none by itself.
BY_HAND = pathlib.Path(__file__).with_name("by_hand.toml")


class TimeIsUp(Exception):
    """The run's time is up."""


def stop(*_):
    raise TimeIsUp


def judge(case, seconds, deadline):
    """What becomes of a case, and the seconds that it took. What is not done by the deadline is given up, between two questions to the solver."""
    start = time.monotonic()
    try:
        if start > deadline:
            raise TimeIsUp
        if deadline < math.inf:
            signal.signal(signal.SIGALRM, stop)
            signal.setitimer(signal.ITIMER_REAL, deadline - start)
        outcome = case.verdict(seconds)
    except Unsupported as reason:
        outcome = f"out of reach: {reason}"
    except TimeIsUp:
        outcome = "out of time: the run's"
    signal.setitimer(signal.ITIMER_REAL, 0)
    return outcome, time.monotonic() - start


def prove(chips, subjects, ticks, arguments, deadline, pool, done):
    """The table of theorems: a subject's name, a case, what became of it, and the seconds that it took. `done` is called with it after each case."""
    own, table = [], []

    def tasks():
        """Cases as they are found, so that work begins at once."""
        for subject in subjects:
            for case in cases(chips, subject, ticks):
                own.append(case)
                yield case

    for i, (outcome, seconds) in enumerate(pool.imap(functools.partial(judge, seconds=arguments.seconds, deadline=deadline), tasks())):
        case = own[i]
        table.append((case.subject["mnemonic"], case, outcome, seconds))
        print(f"{case.subject['mnemonic']:16}{case.chip.name:12}{outcome} ({seconds:.1f} s) {case.selectors()}", flush=True)
        done(table)
    return table


def check_tables(chips):
    """That lookups mean what proofs take them to mean. Returns what was found, in lines."""
    lines = []
    for chip in chips:
        tags = {tag for statement in chip.statements if statement["kind"] == "message" for tag in statement["tags"]}
        if chip.entry["closed_forms"] and tags <= set(LOOKUPS):
            lines.append(f"{chip.name}: {', '.join(f'{count} {tag}' for tag, count in tables.check(chip).items())}, all true")
            print(lines[-1], flush=True)
    return lines


def check_tokens(chips):
    """That every row that takes an execution token asks for the instruction that it is, but where no column decides that it takes one."""
    for chip in chips:
        taken = [chip.statements[i]["multiplicity"] for i in chip.messages("EXECUTION") if chip.statements[i]["direction"] == "receive"]
        asked = [chip.statements[i]["multiplicity"] for i in chip.messages("PROGRAM") if chip.statements[i]["bounded"]]
        if not taken or not any(chip.reads_main(place) for place in taken):
            continue
        plain = Expressions(chip, {})
        if (len(taken), len(asked)) != (1, 1) or add(plain.of(taken[0]), plain.of(asked[0])) != {}:
            raise SystemExit(f"{chip.name}: a token is taken by a row that asks for no instruction")


def check_names(chips, listed):
    """That what the files about statements name is a statement."""
    numbers = Counter(statement["label"] for chip in chips for statement in chip.statements if needs.is_left_out(statement))
    for label, number in listed:
        if not 0 < number <= numbers[label]:
            raise SystemExit(f"{results.titled((label, number))}: there is no such statement")


def check_redundant(dropped):
    """That all statements were tried, and that those of which nothing was found to need them are those of `redundant.txt`. Returns whether that is so."""
    rows = [row for rows in dropped.values() for row in rows]
    tried = {statement for statement, _, reason in rows if reason != needs.UNTRIED}
    idle = {statement for statement, _, reason in rows if reason not in (None, needs.UNTRIED)}
    expected = set(results.reasons(REDUNDANT)) & tried
    for statement in sorted(idle ^ expected):
        what = "nothing was found that needs it, and redundant.txt does not say so" if statement in idle else "needed, but redundant.txt says that it is not"
        print(f"{results.titled(statement)}: {what}")
    untried = sum(reason == needs.UNTRIED for _, _, reason in rows)
    print(f"{untried} statements were not tried")
    return idle == expected and not untried


def parse():
    parser = argparse.ArgumentParser(description="Prove what rows do from the exported relation.", epilog="example: prove.py relation.json --instruction mulhu --drop")
    parser.add_argument("relation", help="what `tern spec export` wrote")
    parser.add_argument("--instruction", action="append", help="only the theorem of this name, such as `mulhu` or `leaf`; may be given again")
    parser.add_argument("--chip", action="append", help="only this chip; may be given again")
    parser.add_argument("--seconds", type=float, default=60, help="time limit for one question to the solver")
    parser.add_argument("--drop", action="store_true", help="then leave out each statement in turn, and look for a row that a theorem excludes")
    parser.add_argument("--drop-seconds", type=float, default=10, help="time limit for one question about a statement that is left out")
    parser.add_argument("--statement-seconds", type=float, default=200, help="seconds of a process for a statement that is left out; a question that was begun is ended")
    parser.add_argument("--minutes", type=float, default=math.inf, help="after these minutes theorems that are not proved are given up, and no more statements are left out")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--results", help="write the table of theorems to this file")
    parser.add_argument("--dropped", help="write the tables of statements that were left out to this file")
    parser.add_argument("--label", action="append", help="leave out only statements with this label; may be given again")
    parser.add_argument("--keep", help="file in which what becomes of each statement is kept: a run that was stopped goes on with it")
    parser.add_argument("--drop-only", action="store_true", help="prove nothing: only leave statements out, of theorems that another run has proved")
    return parser.parse_args()


def write_results(table, is_ended, lines, digest, arguments):
    """Writes the page of theorems, while the run goes on and at its end."""
    if arguments.results:
        page = results.page(digest, lines, results.groups(table), is_ended, arguments)
        pathlib.Path(arguments.results).write_text(page, encoding="utf-8")


def report(table, wanted, arguments):
    """Prints what was proved. Returns whether all was."""
    groups = results.groups(table)
    without = [row["mnemonic"] for row in wanted if not arguments.chip and row["mnemonic"] not in {name for name, _ in groups}]
    for line in results.summary(groups, without):
        print(line, flush=True)
    return all(group.is_proved() for group in groups.values()) and not without


def main():
    arguments = parse()
    deadline = time.monotonic() + 60 * arguments.minutes
    systems, instructions, ticks, digest = load(arguments.relation)
    chips = systems["machine"]
    lines = check_tables(chips)
    check_tokens(chips)
    by_hand = hand.load(BY_HAND)
    check_names(chips, [*by_hand, *results.reasons(REDUNDANT)])
    all_subjects = subjects(instructions)
    wanted = [row for row in all_subjects if not arguments.instruction or row["mnemonic"] in arguments.instruction]
    pool = multiprocessing.get_context("fork").Pool(arguments.jobs)
    chips = [chip for chip in chips if not arguments.chip or chip.name in arguments.chip]
    if arguments.drop_only:
        to_drop, is_complete = [case for subject in wanted for case in cases(chips, subject, ticks)], True
    else:
        write = functools.partial(write_results, lines=lines, digest=digest, arguments=arguments)
        table = prove(chips, wanted, ticks, arguments, deadline, pool, functools.partial(write, is_ended=False))
        write(table, is_ended=True)
        to_drop = [case for _, case, outcome, _ in table if outcome.startswith("proved")]
        is_complete = report(table, wanted, arguments)
    if arguments.drop or arguments.drop_only:
        to_drop = [case for case in to_drop if not case.kind.WITHOUT_PRODUCTS]
        by_chip = {}
        for case in to_drop:
            by_chip.setdefault(case.chip.name, []).append(case)
        of_chips = {name: needs.Needs(own, all_subjects, arguments.drop_seconds, by_hand) for name, own in by_chip.items()}
        dropped = needs.check(of_chips, needs.Kept(arguments.keep, digest), arguments.label, arguments.statement_seconds, deadline, pool)
        if arguments.dropped:
            pathlib.Path(arguments.dropped).write_text(results.dropped_page(digest, dropped, REDUNDANT, arguments), encoding="utf-8")
        is_complete = check_redundant(dropped) and is_complete
    sys.exit(0 if is_complete else 1)


if __name__ == "__main__":
    main()
