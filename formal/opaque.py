"""Products and quotients of 64-bit numbers, which solvers multiply out, by what characterises them."""

from z3 import And, BitVec, Extract, Implies, Or, ULE, ULT, ZeroExt, is_true, simplify

import isa


class Opaque:
    """Products and quotients, known only by what the row multiplies.

    The product of the row's two numbers is the sum of their convolutions. And a number `b` and a quotient `q` with `b q <= a` and `a - b q < b` are the quotient and remainder of `a` by `b`: no two pairs are.
    """

    def __init__(self, row):
        self.row, self.exact, self.facts, self.known = row, isa.Exact(), [], {}
        # What may help: for each chain of formulas, those before one that does not hold of all rows.
        self.lemmas = []

    def _known(self, key, make):
        key = (key[0], *(term.get_id() for term in key[1:]))
        if key not in self.known:
            self.known[key] = make()
        return self.known[key]

    def _pairs(self):
        for x, y, product in self.row.factors_and_products():
            yield x, y, product
            yield y, x, product

    def product(self, a, b):
        if not self.row.products:
            return self.exact.product(a, b)
        return self._known(("product", a, b), lambda: self._product(a, b))

    def _product(self, a, b):
        for x, y, product in self._pairs():
            if is_true(simplify(And(same(a, x), same(b, y)))):
                return wide(product, 128)
        result = BitVec(f"row.product{len(self.known)}", 128)
        self.facts += [Implies(And(same(a, x), same(b, y)), same(result, product)) for x, y, product in self._pairs()]
        return result

    def divide(self, a, b):
        if not self.row.products:
            return self.exact.divide(a, b)
        return self._known(("quotient", a, b), lambda: self._divide(a, b))

    def _divide(self, a, b):
        quotient, remainder = BitVec(f"row.quotient{len(self.known)}", 64), BitVec(f"row.remainder{len(self.known)}", 64)
        for x, y, product in self._pairs():
            width = max(128, product.size())
            product, dividend, divisor = wide(product, width), wide(a, width), wide(b, width)
            rest = dividend - product
            self.facts.append(Implies(Or(x == 0, y == 0), product == 0))
            is_quotient = And(same(y, b), ULE(product, dividend), ULT(rest, divisor), *fits(x, 64))
            is_result = And(quotient == Extract(63, 0, wide(x, 64)), remainder == Extract(63, 0, rest))
            self.facts.append(Implies(is_quotient, is_result))
            self.lemmas.append([Implies(b != 0, same(y, b)), Implies(b != 0, is_quotient)])
        return quotient, remainder


# Where a statement is left out that gives a range, the row's numbers are as wide as the field lets them be.


def wide(term, width):
    """A number in at least so many bits."""
    return ZeroExt(width - term.size(), term) if term.size() < width else term


def same(x, y):
    """That two numbers are the same."""
    width = max(x.size(), y.size())
    return wide(x, width) == wide(y, width)


def fits(x, bits):
    """What says that a number is below `2^bits`."""
    return [Extract(x.size() - 1, bits, x) == 0] if x.size() > bits else []

