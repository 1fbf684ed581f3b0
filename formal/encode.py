"""Rows as bit-vector formulas: equations modulo p over columns that have ranges.

An equation `f = 0` modulo p is scaled so that its coefficients are small, and holds if and only if `f` as an integer is `p * t` for one of the few `t` that the ranges of its variables leave. Nothing is approximated: where ranges are missing, there are only more `t`.
"""

import re

from z3 import And, BitVec, BitVecVal, BoolVal, Concat, Extract, If, Or, ULE, ULT, URem, ZeroExt

from relation import P, Expressions, Unsupported, add, constant, multiply, name_of, settled, signed, value_of, variable, variables

# Most values of `t` that are written out; more become a variable.
FEW = 8
# Largest denominator of a coefficient.
DENOMINATOR = 1 << 17
# Bits that an element of the field has room for.
FITS = P.bit_length() - 1
# Elements of arrays, and bytes of a dword.
ELEMENT = re.compile(r"(.*)\[(\d+)\]")
BYTES = 8
LOOKUPS = ("BITS", "POWER", "AND", "OR", "XOR", "BYTES")


def denominators(value):
    """Denominators of fractions with small terms that are `value` modulo p."""
    before, now = (P, 0), (value, 1)
    while now[0]:
        quotient = before[0] // now[0]
        before, now = now, (before[0] - quotient * now[0], before[1] - quotient * now[1])
        if abs(now[1]) > DENOMINATOR:
            return
        yield abs(now[1])


class Row:
    """The variables and statements of a chip's row where some columns have values; statements at the places in `dropped` are not made. A message that would be a lookup, but for its count or tag, is an error, or says nothing if `is_lenient`."""

    def __init__(self, chip, values, dropped=frozenset(), is_opaque=True, with_products=True, is_lenient=False):
        values = settled(chip, values, dropped)
        self.chip, self.values, self.dropped, self.is_opaque = chip, values, dropped, is_opaque
        self.plain = Expressions(chip, values)
        self.named = self._named()
        self.expressions = Expressions(chip, values, self.named)
        self.largest, self.terms, self.facts, self.fresh = {}, {}, [], 0
        self.products, self.put_together, self.shifted = set(), set(), {}
        self.with_products, self.is_lenient = with_products, is_lenient
        # What is zero over the integers.
        self.over_integers = []
        self.is_contradictory = False
        # Ranges first: they decide how equations are written.
        delayed = [self._constraint(i) if statement["kind"] == "constraint" else self._lookup(i) for i, statement in enumerate(chip.statements)]
        self.delayed = [action for action in delayed if action]

    def state(self):
        """Writes the statements down, once all ranges are known."""
        for action in self.delayed:
            action()

    def finish(self):
        """Writes down what else is known of variables that were mentioned. The facts are then complete."""
        for place in sorted(self.named, reverse=True):
            # A node that has a range is tied to its columns even if nothing else mentions it.
            is_mentioned = f"@{place}" in self.terms or f"@{place}" in self.largest
            if is_mentioned and self.term(f"@{place}") is not None and f"@{place}" not in self.put_together:
                self.facts.append(self.is_zero(add(self.expressions.inside(place), variable(f"@{place}"), -1)))
        for name, shifted in self.shifted.items():
            if name in self.terms:
                self.facts.append(self._equation(add(variable(name), shifted, -1), False))
        # Ranges of what has been mentioned.
        for name, term in list(self.terms.items()):
            if self.largest_of(name) + 1 != 1 << term.size():
                self.facts.append(ULE(term, BitVecVal(self.largest_of(name), term.size())))

    # Names.

    def _named(self):
        """Nodes that become variables: what constraints or lookups say more of than that it is zero, and what is received."""
        wanted = set()
        for statement in self.chip.statements:
            if statement["kind"] == "constraint":
                factors = [place for place in self.plain.factors(statement["value"]) if value_of(self.plain.of(place)) is None]
                bases = [self.plain.root(place)[0] for place in factors]
                wanted |= {base for base in bases if bases.count(base) > 1}
            elif any(tag in LOOKUPS for tag in statement["tags"]) or value_of(self.plain.of(statement["multiplicity"])) != 0:
                wanted |= set(statement["tuple"])
        leaf = lambda place: value_of(self.plain.of(place)) is not None or name_of(self.plain.of(place)) is not None
        return frozenset(place for place in wanted if not leaf(place))

    def f(self, place):
        """The polynomial of a node."""
        return self.expressions.of(place)

    def difference(self, x, y):
        """The difference of two nodes, if it is constant."""
        return value_of(add(self.plain.of(x), self.plain.of(y), -1))

    def count(self, i):
        """How often a message is counted, which has to be known."""
        value = value_of(self.plain.of(self.chip.statements[i]["multiplicity"]))
        if value is None:
            raise Unsupported(f"{self.chip.statements[i]['label']}: a count that is not known")
        return signed(value)

    def term(self, name):
        """The bit-vector of a variable."""
        if name not in self.terms:
            parts = self._sum_of_parts(name)
            self.terms[name] = BitVec(f"{self.chip.name}.{name}", max(1, self.largest_of(name).bit_length())) if parts is None else parts
        return self.terms[name]

    def _sum_of_parts(self, name):
        """The bits of a named node that puts others next to each other, such as bytes: it needs no variable."""
        if not name.startswith("@"):
            return None
        parts = sorted((coefficient, monomial) for monomial, coefficient in self.expressions.inside(int(name[1:])).items())
        bits = []
        for coefficient, monomial in parts:
            place = coefficient.bit_length() - 1
            if len(monomial) != 1 or coefficient != 1 << place or place < len(bits) or place + self._bound(monomial).bit_length() > FITS:
                return None
            bits += [None] * (place - len(bits)) + [monomial[0]] * self._bound(monomial).bit_length()
        if not bits or len(bits) != self.largest_of(name).bit_length() or None in bits:
            return None
        self.put_together.add(name)
        return Concat(*(self.term(part) for part in reversed(list(dict.fromkeys(bits)))))

    def largest_of(self, name):
        return self.largest.get(name, P - 1)

    def limit(self, name, largest):
        """Says that a variable is an integer up to `largest`."""
        assert name not in self.terms, "ranges come before equations"
        self.largest[name] = min(self.largest_of(name), largest)

    def define(self, term, largest=None):
        """A variable that is a given bit-vector."""
        name = f"${self.fresh}"
        self.fresh += 1
        self.terms[name] = term
        self.largest[name] = (1 << term.size()) - 1 if largest is None else largest
        return name

    def number(self, place, bits):
        """The bit-vector of a node that is known to be below `2^bits`; call :meth:`limit_node` before."""
        value = value_of(self.f(place))
        if value is not None:
            return BitVecVal(value, bits)
        term = self.term(name_of(self.f(place)))
        if term.size() > bits:
            return Extract(bits - 1, 0, term)
        return ZeroExt(bits - term.size(), term) if term.size() < bits else term

    def limit_node(self, place, largest):
        """Says that a node, which must be a constant or named, is at most `largest`."""
        value = value_of(self.f(place))
        if value is None:
            self.limit(name_of(self.f(place)), largest)
            self._shift(place)
        elif value > largest:
            self.is_contradictory = True

    def _shift(self, place):
        """Where a column plus a constant has a range, equations are about the sum: the column may be negative, but not by much."""
        inside = self.expressions.inside(place)
        names = variables(inside)
        if place in self.named and len(names) == 1 and len(inside) == 2:
            (name,) = names
            if inside.get((name,)) == 1 and self.largest_of(name) == P - 1 and name not in self.shifted:
                self.shifted[name] = add(variable(f"@{place}"), constant(inside[()]), -1)

    def _in_ranges(self, f):
        """A polynomial in variables that have ranges."""
        total = {}
        for monomial, coefficient in f.items():
            product = {(): coefficient}
            for name in monomial:
                product = multiply(product, self.shifted.get(name, variable(name)))
            total = add(total, product)
        return total

    # Statements.

    def _constraint(self, i):
        """Takes a constraint's range, or returns what writes it later."""
        place = self.chip.statements[i]["value"]
        places = self.plain.factors(place)
        if i in self.dropped or any(value_of(self.plain.of(factor)) == 0 for factor in places):
            return None
        places = [factor for factor in places if value_of(self.plain.of(factor)) is None]
        if not places:
            self.is_contradictory = True
            return None
        roots = [self.plain.root(factor) for factor in places]
        names = {name_of(self.f(base)) for base, _ in roots}
        if len(roots) > 1 and len(names) == 1 and None not in names:
            (name,) = names
            values = sorted({root for _, root in roots})
            self.limit(name, values[-1])
            if values == list(range(len(values))) and len(values) & (len(values) - 1) == 0:
                return None
            return lambda: self.facts.append(Or([self.equals(name, value) for value in values]))
        return lambda: self._one_is_zero([self.f(factor) for factor in places])

    def _one_is_zero(self, factors):
        if not self.with_products and len(factors) == 1 and self._multiplies(factors[0]):
            self.over_integers += self._integer_equations(self._in_ranges(factors[0]))
            return
        self.facts.append(Or([self.is_zero(factor) for factor in factors]))
        if self.is_opaque and len(factors) == 1:
            self.over_integers += self._integer_equations(self._with_convolutions(self._in_ranges(factors[0])))

    def _multiplies(self, f):
        """Whether columns that are no flags are multiplied."""
        return any(sum(self.largest_of(name) > 1 for name in monomial) > 1 for monomial in f)

    def _integer_equations(self, f):
        """What vanishes over the integers if a polynomial vanishes modulo p: itself, if its bounds leave no other multiple of p; and all its terms, if none is negative."""
        terms, first, last = self._scaled(f)
        if first != 0 or last != 0:
            return []
        if all(coefficient > 0 for _, coefficient in terms):
            return [{monomial: 1} for monomial, _ in terms if monomial]
        return [dict(terms)]

    def equals(self, name, value):
        term = self.term(name)
        return term == BitVecVal(value, term.size()) if value < 1 << term.size() else BoolVal(False)

    def _lookup(self, i):
        statement = self.chip.statements[i]
        if i in self.dropped or not all(tag in LOOKUPS for tag in statement["tags"]) or self.count(i) == 0:
            return None
        tag, *arguments = (self.f(place) for place in statement["tuple"])
        places = statement["tuple"][1:]
        kinds = [name for name, known in self.chip.tags.items() if known == value_of(tag)]
        if self.count(i) != 1 or not kinds or kinds[0] not in statement["tags"]:
            if self.is_lenient:
                return None
            raise Unsupported(f"{statement['label']}: a lookup with the tag {value_of(tag)} that counts {self.count(i)}")
        (kind,) = kinds
        if kind == "BITS" and value_of(arguments[0]) is not None:
            bits = value_of(arguments[0])
            if bits > 16:
                self.is_contradictory = True
                return None
            self.limit_node(places[1], (1 << bits) - 1)
            return None
        if kind in ("BITS", "POWER"):
            self.limit_node(places[0], 16)
            self.limit_node(places[1], (1 << 16) - (kind == "BITS"))
            return lambda: self.facts.append(self._power(kind, places))
        for place in places:
            self.limit_node(place, 255)
        if kind == "BYTES":
            return None
        operation = {"AND": lambda a, b: a & b, "OR": lambda a, b: a | b, "XOR": lambda a, b: a ^ b}[kind]

        def write():
            a, b, c = (self.number(place, 8) for place in places)
            self.facts.append(c == operation(a, b))

        return write

    def _power(self, kind, places):
        bits, value = self.number(places[0], 18), self.number(places[1], 18)
        power = BitVecVal(1, 18) << bits
        return ULT(value, power) if kind == "BITS" else value == power

    # Equations.

    def is_zero(self, f, is_goal=False):
        """Whether a polynomial is zero modulo p. A fact may have a variable of its own, a goal not."""
        f = self._in_ranges(f)
        return self._equation(self._with_convolutions(f) if self.is_opaque else f, is_goal)

    def _equation(self, f, is_goal):
        value = value_of(f)
        if value is not None:
            return BoolVal(value == 0)
        terms, first, last = self._scaled(f)
        size = lambda sign: sum(abs(coefficient) * self._bound(monomial) for monomial, coefficient in terms if coefficient * sign > 0)
        width = max(size(1), size(-1), P * max(abs(first), abs(last))).bit_length() + 2
        positive = self._sum([(m, c) for m, c in terms if c > 0], width)
        negative = self._sum([(m, -c) for m, c in terms if c < 0], width)
        if last - first < FEW:
            multiple = lambda t: BitVecVal(abs(t) * P, width)
            return Or([positive + multiple(t) == negative if t < 0 else positive == negative + multiple(t) for t in range(first, last + 1)])
        wide = lambda x: ZeroExt(1, x)
        if is_goal:
            return URem(wide(positive) + BitVecVal(-first * P, width + 1) - wide(negative), BitVecVal(P, width + 1)) == 0
        # Some multiple of p: one variable, the difference's sign included.
        name = self.define(BitVec(f"{self.chip.name}.t{self.fresh}", (last - first).bit_length()))
        t = ZeroExt(width + 1 - self.terms[name].size(), self.terms[name])
        return And(ULE(t, last - first), wide(positive) + BitVecVal(-first * P, width + 1) == wide(negative) + t * BitVecVal(P, width + 1))

    def _scaled(self, f):
        """A multiple of a polynomial with small integer coefficients, as pairs of monomial and coefficient, and the least and the largest multiple of p that it can be."""
        candidates = {1}
        for coefficient in f.values():
            candidates |= set(denominators(coefficient))
        scaled = lambda factor: [(monomial, signed(coefficient * factor % P)) for monomial, coefficient in f.items()]
        size = lambda terms: sum(abs(coefficient) * self._bound(monomial) for monomial, coefficient in terms)
        terms = min((scaled(factor) for factor in sorted(candidates)), key=size)
        bound = lambda coefficient, monomial: coefficient * self._bound(monomial)
        above = sum(bound(coefficient, monomial) for monomial, coefficient in terms if coefficient > 0 or not monomial)
        below = sum(bound(coefficient, monomial) for monomial, coefficient in terms if coefficient < 0 or not monomial)
        first, last = -(-below // P), above // P
        if first == last != 0 and any(not monomial for monomial, _ in terms):
            # The only multiple is made zero by another constant.
            return [(monomial, coefficient if monomial else coefficient - first * P) for monomial, coefficient in terms], 0, 0
        return terms, first, last

    def _with_convolutions(self, f):
        """Puts variables in the place of whole convolutions of two arrays of bytes: of `x[0] y[t] + x[1] y[t - 1] + ...`, all with one coefficient.

        That forgets that they are products, so that what holds for any numbers in their place holds for them.
        """
        found = {}
        for monomial, coefficient in f.items():
            parts = [ELEMENT.fullmatch(name) for name in monomial]
            if len(parts) == 2 and all(parts) and all(self.largest_of(name) == 255 for name in monomial):
                (x, i), (y, j) = (part.groups() for part in parts)
                if x != y:
                    found.setdefault((x, y, int(i) + int(j), coefficient), []).append(monomial)
        for (x, y, t, coefficient), monomials in found.items():
            wanted = [tuple(sorted((f"{x}[{i}]", f"{y}[{t - i}]"))) for i in range(BYTES) if 0 <= t - i < BYTES]
            if sorted(monomials) == sorted(wanted):
                f = {monomial: value for monomial, value in f.items() if monomial not in wanted}
                f = add(f, {(self.convolution(x, y, t),): coefficient})
        return f

    def convolution(self, x, y, t):
        """The variable of a convolution."""
        self.products.add((x, y))
        name = f"{x}*{y}:{t}"
        if name not in self.terms:
            self.limit(name, (BYTES - abs(t - BYTES + 1)) * 255 * 255)
        return name

    def factors_and_products(self):
        """For each pair of arrays of bytes that is multiplied: the two numbers of 64 bits, and their product of 128 bits."""
        for x, y in sorted(self.products):
            numbers = [Concat(*(self._byte(f"{array}[{i}]") for i in reversed(range(BYTES)))) for array in (x, y)]
            yield *numbers, self._integer(self._without_convolutions(x, y), 16 * BYTES)

    def _without_convolutions(self, x, y):
        """The product of two numbers as a polynomial in other variables, as far as the row's equations say what convolutions are.

        Each step adds a multiple of what is zero over the integers, so that the value stays the product's.
        """
        convolutions = {(self.convolution(x, y, t),) for t in range(2 * BYTES - 1)}
        product = {(self.convolution(x, y, t),): 1 << 8 * t for t in range(2 * BYTES - 1)}
        for equation in self.over_integers:
            pivots = [monomial for monomial in equation if monomial in convolutions and monomial in product and abs(equation[monomial]) == 1]
            if pivots:
                factor = product[pivots[0]] * equation[pivots[0]]
                rest = {m: product.get(m, 0) - factor * equation.get(m, 0) for m in product.keys() | equation.keys()}
                rest = {monomial: value for monomial, value in rest.items() if value}
                if len(convolutions & rest.keys()) < len(convolutions & product.keys()):
                    product = rest
        return product

    def vanishes(self, polynomial):
        """Whether a polynomial with integer coefficients is a sum of multiples of what is zero over the integers: each equation in turn cancels a product. What it finds is checked by adding up."""
        rest = {monomial: coefficient for monomial, coefficient in polynomial.items() if coefficient}
        for equation in self.over_integers:
            products = [monomial for monomial, coefficient in equation.items() if len(monomial) > 1 and abs(coefficient) == 1]
            if products:
                pivot = products[0]
                factor = rest.get(pivot, 0) * equation[pivot]
                for monomial, coefficient in equation.items():
                    rest[monomial] = rest.get(monomial, 0) - factor * coefficient
        return not any(rest.values())

    def bound_of(self, place):
        """The largest value of a node that is a constant or named."""
        value = value_of(self.f(place))
        return value if value is not None else self.largest_of(name_of(self.f(place)))

    def _integer(self, polynomial, width):
        """A polynomial with integer coefficients modulo `2^width`. If it is an integer below `2^(width / 2)` and a multiple of that, these are the halves of its bits."""
        half = width // 2
        lower = {monomial: coefficient for monomial, coefficient in polynomial.items() if 0 < coefficient and coefficient * self._bound(monomial) < 1 << half}
        upper = {monomial: coefficient >> half for monomial, coefficient in polynomial.items() if monomial not in lower}
        if all(polynomial[monomial] == coefficient << half for monomial, coefficient in upper.items()):
            if sum(coefficient * self._bound(monomial) for monomial, coefficient in lower.items()) < 1 << half:
                return Concat(self._packed(upper, half), self._packed(lower, half))
        return self._packed(polynomial, width)

    def _packed(self, polynomial, width):
        """A polynomial with integer coefficients modulo `2^width`. Terms that stand side by side are written so, as the values of registers are, so that equal numbers are equal terms."""
        rows, rest = {}, []
        for monomial, coefficient in sorted(polynomial.items(), key=lambda term: (abs(term[1]), term[0])):
            flags = tuple(name for name in monomial if self.largest_of(name) == 1)
            plain = [name for name in monomial if name not in flags]
            place = abs(coefficient).bit_length() - 1
            parts = rows.setdefault((flags, coefficient < 0), [])
            end = sum(part.size() for part in parts)
            if len(plain) != 1 or abs(coefficient) != 1 << place or place < end or place >= width:
                rest.append((monomial, coefficient % (1 << width)))
                continue
            term = self.term(plain[0])
            parts += [BitVecVal(0, place - end)] if place > end else []
            parts.append(Extract(width - place - 1, 0, term) if place + term.size() > width else term)
        total = self._sum(rest, width)
        for (flags, is_negative), parts in rows.items():
            size = sum(part.size() for part in parts)
            parts += [BitVecVal(0, width - size)] if size < width else []
            value = Concat(*reversed(parts)) if len(parts) > 1 else parts[0]
            for name in flags:
                value = If(self.term(name) == 1, value, BitVecVal(0, width))
            total = total - value if is_negative else total + value
        return total

    def _byte(self, name):
        return BitVecVal(self.values[name], 8) if name in self.values else self.term(name)

    def _bound(self, monomial):
        product = 1
        for name in monomial:
            product *= self.largest_of(name)
        return product

    def _sum(self, terms, width):
        total = BitVecVal(0, width)
        for monomial, coefficient in terms:
            total = total + self._product(monomial, width) * BitVecVal(coefficient, width)
        return total

    def _product(self, monomial, width):
        """A monomial in `width` bits, which hold it; flags select in place of multiplying."""
        flags = [name for name in monomial if self.largest_of(name) == 1]
        product = None
        for name in monomial:
            if name not in flags:
                term = self.term(name)
                term = ZeroExt(width - term.size(), term) if term.size() < width else Extract(width - 1, 0, term)
                product = term if product is None else product * term
        product = BitVecVal(1, width) if product is None else product
        for name in flags:
            product = If(self.term(name) == 1, product, BitVecVal(0, width))
        return product

    def holds(self, place, term):
        """Whether a node is the integer that a bit-vector stands for: as a goal."""
        return self.is_zero(add(self.f(place), variable(self.define(term)), -1), is_goal=True)
