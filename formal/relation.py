"""The relation as `tern spec export` writes it (spec/export.md), and polynomials over its columns.

A polynomial is a dictionary from monomials (sorted tuples of names of variables) to coefficients from 1 to p - 1.
"""

import functools
import json

P = 2013265921


class Unsupported(Exception):
    """Something that this program cannot treat, with the reason."""


def constant(value):
    value %= P
    return {(): value} if value else {}


def variable(name):
    return {(name,): 1}


def add(f, g, factor=1):
    """f + factor * g."""
    total = dict(f)
    for monomial, coefficient in g.items():
        value = (total.get(monomial, 0) + factor * coefficient) % P
        if value:
            total[monomial] = value
        else:
            total.pop(monomial, None)
    return total


def multiply(f, g):
    product = {}
    for left, x in f.items():
        for right, y in g.items():
            monomial = tuple(sorted(left + right))
            product[monomial] = (product.get(monomial, 0) + x * y) % P
    return {monomial: value for monomial, value in product.items() if value}


def value_of(f):
    """The value of a polynomial that is constant, else nothing."""
    if not f:
        return 0
    return f[()] if list(f) == [()] else None


def name_of(f):
    """The name of a polynomial that is one variable, else nothing."""
    if len(f) == 1:
        ((monomial, coefficient),) = f.items()
        if len(monomial) == 1 and coefficient == 1:
            return monomial[0]
    return None


def variables(f):
    return {name for monomial in f for name in monomial}


def signed(value):
    """The integer of least size that a field element stands for."""
    return value if 2 * value < P else value - P


class Chip:
    """A chip of the export."""

    def __getstate__(self):
        """Without the polynomials, which are made again where they are asked for."""
        return {key: value for key, value in self.__dict__.items() if key != "plain"}

    def __init__(self, entry, tags):
        self.name, self.entry = entry["name"], entry
        self.nodes = [(node[0], *node[1:]) for node in entry["nodes"]]
        self.columns = [column["name"] for column in entry["main"]]
        self.statements = entry["statements"]
        self.tags = tags

    @functools.cached_property
    def plain(self):
        """The polynomials of the nodes."""
        return Expressions(self, {})

    def messages(self, tag):
        """The places among the statements of the messages that may have a tag."""
        return [i for i, statement in enumerate(self.statements) if statement["kind"] == "message" and tag in statement["tags"]]

    def reads_main(self, place):
        """Whether a node depends on a column that a prover commits to."""
        kind, *operands = self.nodes[place]
        return kind == "main" or kind in ("add", "sub", "mul", "neg") and any(self.reads_main(operand) for operand in operands)

    def is_instruction(self):
        """Whether its rows ask what the instruction at a program counter is."""
        return any(self.statements[i]["bounded"] for i in self.messages("PROGRAM"))


class Expressions:
    """The polynomials of a chip's nodes, where some columns have values. Nodes among `named` are variables of their own, called `@place`."""

    def __init__(self, chip, values, named=frozenset()):
        self.chip, self.values, self.named, self.found = chip, values, named, {}

    def of(self, place):
        """The polynomial of a node."""
        if place in self.named:
            return variable(f"@{place}")
        return self.inside(place)

    def inside(self, place):
        """The polynomial of a node, from those of its operands even if it is a variable of its own."""
        if place not in self.found:
            self.found[place] = self._compute(place)
        return self.found[place]

    def _compute(self, place):
        kind, *operands = self.chip.nodes[place]
        if kind == "const":
            return constant(operands[0])
        if kind == "main":
            name = self.chip.columns[operands[0]]
            return constant(self.values[name]) if name in self.values else variable(name)
        if kind == "public":
            return variable(f"public[{operands[0]}]")
        if kind == "neg":
            return add({}, self.of(operands[0]), -1)
        if kind not in ("add", "sub", "mul"):
            raise Unsupported(f"{self.chip.name}: a row that reads `{kind}`")
        f, g = (self.of(operand) for operand in operands)
        return multiply(f, g) if kind == "mul" else add(f, g, 1 if kind == "add" else -1)

    def factors(self, place):
        """Nodes whose product a node is, but for its sign. A multiple of a node is not taken apart."""
        kind, *operands = self.chip.nodes[place]
        if kind == "mul" and place not in self.named:
            values = [value_of(self.inside(operand)) for operand in operands]
            if values == [None, None]:
                return [factor for operand in operands for factor in self.factors(operand)]
            for operand, other in (operands, reversed(operands)):
                if value_of(self.inside(operand)) == 1:
                    return self.factors(other)
        if kind == "neg" and place not in self.named:
            return self.factors(operands[0])
        return [place]

    def root(self, place):
        """A node and a value, where the given node is zero if and only if the first has the value."""
        kind, *operands = self.chip.nodes[place]
        if place not in self.named and kind in ("add", "sub"):
            left, right = operands
            value = value_of(self.inside(right))
            if value is not None:
                base, root = self.root(left)
                return base, (root + value if kind == "sub" else root - value) % P
            value = value_of(self.inside(left))
            if value is not None and kind == "add":
                base, root = self.root(right)
                return base, (root - value) % P
        return place, 0


def load(path):
    """The constraint systems of an export by name, each a list of chips; the instructions, the ticks, and the machine's digest."""
    with open(path, encoding="utf-8") as source:
        document = json.load(source)
    if (document["format"], document["version"], document["modulus"]) != ("tern-relation", 1, P):
        raise SystemExit(f"{path}: not a relation of a version that this program reads")
    systems, digests = {}, {}
    for system in document["systems"]:
        tags = {tag["name"]: tag["tag"] for tag in system["tags"]}
        systems[system["name"]] = [Chip(entry, tags) for entry in system["chips"]]
        digests[system["name"]] = system["digest"]["value"]
    return systems, document["instructions"], document["ticks"], digests["machine"]


def modes(chip, conditions, dropped=frozenset(), guesses=None, with_companions=True):
    """The values that a row can give its selectors if it is what is asked for: nodes, by their places, that have the given values. Selectors are the columns on which depend these nodes and which messages the row counts.

    Each case is found by constraints alone, but those at the places in `dropped`: where one leaves a selector a few values, every one of them is followed. A selector that none says anything of is an error, or tried with the values of `guesses`.
    """
    plain = chip.plain
    selectors = set().union(*(variables(plain.of(place)) for place, _ in conditions))
    for statement in chip.statements:
        if statement["kind"] == "message":
            selectors |= variables(plain.of(statement["multiplicity"]))
    if with_companions:
        selectors |= _companions(chip, plain, selectors)
    about_selectors = [[add(plain.of(place), constant(value), -1)] for place, value in conditions]
    for i, statement in enumerate(chip.statements):
        if statement["kind"] == "constraint" and i not in dropped:
            factors = [plain.of(place) for place in plain.factors(statement["value"])]
            if any(variables(factor) & selectors for factor in factors):
                about_selectors.append(factors)
    return list(_cases(about_selectors, selectors, {}, guesses))


def settled(chip, values, dropped=frozenset()):
    """Values of columns, and of those that a constraint alone, but for those at the places in `dropped`, leaves one value."""
    while True:
        plain, found = Expressions(chip, values), {}
        for i, statement in enumerate(chip.statements):
            if statement["kind"] == "constraint" and i not in dropped:
                f = plain.of(statement["value"])
                if len(variables(f)) == 1 and all(len(monomial) <= 1 for monomial in f):
                    (name,) = variables(f)
                    found.setdefault(name, -f.get((), 0) * pow(f[(name,)], -1, P) % P)
        if not found:
            return values
        values = {**values, **found}


def _companions(chip, plain, selectors):
    """Flags that share a sum with selectors: what is one where another is not."""
    products = [[plain.of(place) for place in plain.factors(statement["value"])] for statement in chip.statements if statement["kind"] == "constraint"]
    flags = set()
    for factors in products:
        names = set().union(*map(variables, factors))
        is_linear = all(len(monomial) <= 1 for factor in factors for monomial in factor)
        if len(factors) == 2 and is_linear and min(len(variables(factor)) for factor in factors) == 1 and len(names) <= 2:
            flags |= names
    # Of two, one is another flag's bound.
    sums = [variables(factor) for factors in products for factor in factors if len(variables(factor)) > 2]
    return {name for names in sums if names & selectors and names <= selectors | flags for name in names}


def _substitute(f, values):
    if not any(name in values for monomial in f for name in monomial):
        return f
    total = {}
    for monomial, coefficient in f.items():
        rest = tuple(name for name in monomial if name not in values)
        for name in monomial:
            coefficient = coefficient * values.get(name, 1) % P
        total = add(total, {rest: coefficient} if coefficient else {})
    return total


def _roots(factors, selectors):
    """The selector that a product leaves a few values, and these; nothing if there is none."""
    found = {}
    for factor in factors:
        names = variables(factor)
        if len(names) != 1 or any(len(monomial) > 1 for monomial in factor):
            return None
        (name,) = names
        root = -factor.get((), 0) * pow(factor[(name,)], -1, P) % P
        found.setdefault(name, set()).add(root)
    if len(found) == 1 and set(found) <= selectors:
        return next(iter(found.items()))
    return None


def _cases(products, selectors, values, guesses):
    left, choice = [], None
    for factors in products:
        factors = [_substitute(factor, values) for factor in factors]
        if any(not factor for factor in factors):
            continue
        factors = [factor for factor in factors if value_of(factor) is None]
        if not factors:
            return
        left.append(factors)
        found = _roots(factors, selectors)
        if found and (choice is None or len(found[1]) < len(choice[1])):
            choice = found
    if choice is None:
        open_selectors = sorted(selectors - set(values))
        if not open_selectors:
            yield values
            return
        if guesses is None:
            raise Unsupported(f"selectors without a constraint: {open_selectors} where {values}")
        choice = open_selectors[0], guesses
    name, roots = choice
    for root in sorted(roots):
        yield from _cases(left, selectors, {**values, name: root}, guesses)
