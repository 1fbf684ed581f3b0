#!/usr/bin/env python3
"""Proves for each instruction that its row does what the RISC-V manual says, from what `tern spec export` writes. See README.md.

    tern spec export --format json -o relation.json
    python3 formal/prove.py relation.json
"""

import argparse
import pathlib
import sys
import time

import needs
import tables
from cases import cases
from encode import LOOKUPS
from relation import Expressions, Unsupported, add, load

# Statements that no theorem needs, with reasons.
REDUNDANT = pathlib.Path(__file__).with_name("redundant.txt")


def prove(chips, instructions, ticks, arguments):
    """The table of theorems: instruction, case and outcome."""
    table = []
    for instruction in instructions:
        for case in cases(chips, instruction, ticks):
            if arguments.chip and case.chip.name not in arguments.chip:
                continue
            start = time.monotonic()
            try:
                outcome = case.verdict(arguments.seconds)
            except Unsupported as reason:
                outcome = f"out of reach: {reason}"
            table.append((instruction["mnemonic"], case, outcome))
            print(f"{instruction['mnemonic']:8}{case.chip.name:12}{outcome} ({time.monotonic() - start:.1f} s) {case.selectors()}", flush=True)
    return table


def summarise(table, instructions, arguments):
    """Prints how many instructions are proved on all their chips. Returns whether all are."""
    outcomes = {}
    for mnemonic, case, outcome in table:
        outcomes.setdefault((mnemonic, case.chip.name), set()).add(outcome.split(":")[0])
    proved = {pair for pair, found in outcomes.items() if "proved" in found and found <= {"proved", "no such row"}}
    without = [row["mnemonic"] for row in instructions if not any(mnemonic == row["mnemonic"] for mnemonic, _ in outcomes)]
    print(f"{len(proved)} of {len(outcomes)} pairs of instruction and chip are proved, {len(table)} cases")
    for mnemonic, chip in sorted(outcomes.keys() - proved):
        print(f"not proved: {mnemonic} on {chip}: {', '.join(sorted(outcomes[mnemonic, chip]))}")
    if without and not arguments.chip:
        print(f"no row: {', '.join(without)}")
    return len(proved) == len(outcomes) and (bool(arguments.chip) or not without)


def check_tables(chips):
    """That lookups mean what proofs take them to mean."""
    for chip in chips:
        tags = {tag for statement in chip.statements if statement["kind"] == "message" for tag in statement["tags"]}
        if chip.entry["closed_forms"] and tags <= set(LOOKUPS):
            print(f"{chip.name}: {', '.join(f'{count} {tag}' for tag, count in tables.check(chip).items())}, all true", flush=True)


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


def check_needs(table, seconds):
    """That every statement is needed, but those that are known not to be. Returns whether that is so."""
    idle = set(needs.check([case for _, case, outcome in table if outcome.startswith("proved")], seconds))
    known = {line.split()[0] for line in REDUNDANT.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")}
    chips = {case.chip.name for _, case, _ in table}
    expected = {label for label in known if label.split("::")[0] in chips}
    for label in sorted(idle ^ expected):
        print(f"{label}: {'not needed, and redundant.txt does not say so' if label in idle else 'needed, but redundant.txt says that it is not'}")
    return idle == expected


def main():
    parser = argparse.ArgumentParser(description="Prove each instruction's row from the exported relation.")
    parser.add_argument("relation", help="what `tern spec export` wrote")
    parser.add_argument("--instruction", action="append", help="only this instruction")
    parser.add_argument("--chip", action="append", help="only this chip")
    parser.add_argument("--seconds", type=float, default=60, help="time limit for one question to the solver")
    parser.add_argument("--drop", action="store_true", help="then leave out each statement in turn, and look for a theorem that fails")
    arguments = parser.parse_args()
    systems, instructions, ticks = load(arguments.relation)
    chips = systems["machine"]
    check_tables(chips)
    check_tokens(chips)
    wanted = [row for row in instructions if not arguments.instruction or row["mnemonic"] in arguments.instruction]
    table = prove(chips, wanted, ticks, arguments)
    is_complete = summarise(table, wanted, arguments)
    if arguments.drop:
        is_complete = check_needs(table, arguments.seconds) and is_complete
    sys.exit(0 if is_complete else 1)


if __name__ == "__main__":
    main()
