"""That the tables provide what proofs take lookups to say, from the closed forms of their fixed columns: every row, and that rows beyond the table are zero."""

import random

from relation import P

# Random points for each bit beyond a table.
POINTS = 4

TRUE = {
    "BITS": lambda k, v: k <= 16 and v < 1 << k,
    "POWER": lambda k, v: k <= 16 and v == 1 << k,
    "AND": lambda a, b, c: a < 256 and b < 256 and c == a & b,
    "OR": lambda a, b, c: a < 256 and b < 256 and c == a | b,
    "XOR": lambda a, b, c: a < 256 and b < 256 and c == a ^ b,
    "BYTES": lambda a, b: a < 256 and b < 256,
}


def evaluate(nodes, leaves):
    """The values of nodes on many rows at once: a list for each, or a number if it is the same everywhere."""
    values = []
    for kind, *operands in nodes:
        if kind == "const":
            values.append(operands[0])
        elif kind in leaves:
            values.append(leaves[kind][operands[0]])
        elif kind in ("add", "sub", "mul", "neg"):
            values.append(apply(kind, [values[operand] for operand in operands]))
        else:
            values.append(None)
    return values


def apply(kind, operands):
    if any(operand is None for operand in operands):
        return None
    operation = {"add": lambda x, y: (x + y) % P, "sub": lambda x, y: (x - y) % P, "mul": lambda x, y: x * y % P, "neg": lambda x: -x % P}[kind]
    lists = [operand for operand in operands if isinstance(operand, list)]
    if not lists:
        return operation(*operands)
    rows = [operand if isinstance(operand, list) else [operand] * len(lists[0]) for operand in operands]
    return [operation(*row) for row in zip(*rows)]


def variables_used(nodes):
    return max(operands[0] for kind, *operands in nodes if kind == "coordinate") + 1


def fixed_columns(forms, bits):
    """The fixed columns on the first `2^bits` rows."""
    rows = range(1 << bits)
    coordinates = [[row >> bit & 1 for row in rows] if bit < bits else 0 for bit in range(variables_used(forms["nodes"]))]
    values = evaluate(forms["nodes"], {"coordinate": coordinates})
    columns = [values[place] for place in forms["columns"]]
    return [column if isinstance(column, list) else [column] * len(rows) for column in columns]


def table_bits(forms):
    """The bits of a table's row numbers: the least so that the columns are zero wherever one of the bits above is set.

    A polynomial of degree 30 that is not zero is so at a random point with probability below 2^-26; there are a few points for each bit.
    """
    draw = random.Random(0).randrange
    count = variables_used(forms["nodes"])
    first = count
    for bit in reversed(range(count)):
        for _ in range(POINTS):
            point = [draw(P) for _ in range(count)]
            point[bit] = 1
            values = evaluate(forms["nodes"], {"coordinate": point})
            if any(values[place] for place in forms["columns"]):
                return first
        first = bit
    return first


def check(chip):
    """The number of tuples that a table provides, all of them true, by tag."""
    forms, counts = chip.entry["closed_forms"], {}
    fixed = fixed_columns(forms, table_bits(forms))
    values = evaluate(chip.nodes, {"fixed": fixed})
    # Where the columns are zero, beyond the table.
    beyond = evaluate(chip.nodes, {"fixed": [0] * len(fixed)})
    for statement in chip.statements:
        if statement["kind"] == "message" and statement["direction"] == "provides":
            (tag,) = statement["tags"]
            elements = [values[place] for place in statement["tuple"][1:]]
            tuples = set(zip(*elements)) | {tuple(beyond[place] for place in statement["tuple"][1:])}
            false = [entry for entry in tuples if not TRUE[tag](*entry)]
            if false:
                raise SystemExit(f"{statement['label']} provides {false[0]}")
            counts[tag] = len(tuples)
    return counts
