"""Rows of the accelerators: where a call's operands are, and what is computed of them."""

from z3 import And, BoolVal, Concat, Extract, Implies, Or, RotateRight, ULE, ULT, ZeroExt

from other_row import LIMB, OtherRow, first, only
from relation import Unsupported, value_of
from theorem import REGION, TIME_LIMIT

# Keys are below 2^31.
KEY_BITS = 32
# RFC 7693, section 2.7.
SIGMA = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
    [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
    [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
    [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
    [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
    [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
    [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
    [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
    [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
    [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
]


class CallRow(OtherRow):
    """A row of an accelerator that takes a call: its operands are where the pointers say, each is read in one region or written in the writable one, at its tick, later than what it takes."""

    # Operands in the order of the row's accesses: name, which pointer, dwords, whether it is written, tick.
    OPERANDS = ()

    def _given(self):
        call = only(self.taken.values())
        self.time, limbs = call[1], call[2 : 2 + 2 * self._pointers()]
        self.row.limit_node(self.time, TIME_LIMIT - self.ticks["per_instruction"] - 1)
        for limb in limbs:
            self.row.limit_node(limb, LIMB)
        self.pointer_limbs = list(zip(limbs[::2], limbs[1::2]))

    def _pointers(self):
        return max(pointer for _, pointer, *_ in self.OPERANDS) + 1

    def _conclude_row(self):
        if len(self.accesses) != sum(dwords for _, _, dwords, *_ in self.OPERANDS):
            raise Unsupported(f"{len(self.accesses)} accesses")
        self.pointers = [Concat(self._number(high, 16), self._number(low, 16)) for low, high in self.pointer_limbs]
        for i, pointer in enumerate(self.pointers):
            self.goals.append((f"pointer {i} is a multiple of 8", Extract(2, 0, pointer) == 0))
        self.operands, accesses = {}, list(self.accesses)
        for name, pointer, dwords, is_written, tick in self.OPERANDS:
            own, accesses = accesses[:dwords], accesses[dwords:]
            self.operands[name] = own
            self._operand(name, own, self.pointers[pointer], is_written, tick)
        self._compute()

    def _operand(self, name, own, pointer, is_written, tick):
        index = ZeroExt(KEY_BITS - 29, Extract(31, 3, pointer))
        regions = (0,) if is_written else range(3)
        in_region = lambda region: And([self.row.holds(access.key, index + (region * REGION + i)) for i, access in enumerate(own)])
        self.goals.append((f"cells of {name}", Or([in_region(region) for region in regions])))
        for i, access in enumerate(own):
            is_at_tick = self.row.difference(access.time, self.time) == tick
            goes_forward = self._is_before(access.old_time, self.time, tick)
            self.goals.append((f"order of {name}[{i}]", And(BoolVal(is_at_tick), goes_forward)))
            if not is_written:
                self._is_kept(f"{name}[{i}]", access)

    def _compute(self):
        """What is written."""


class KeccakRow(CallRow):
    """A call of keccak: which cells are read and written. That outputs are permutations is no claim of the row."""

    OPERANDS = (("state", 0, 25, True, 2),)


class MulmodRow(CallRow):
    """A call of mulmod: `a b + c = q m + r` over the integers, with `r < m`."""

    DWORDS = 4
    OPERANDS = (("a", 1, 4, False, 2), ("b", 2, 4, False, 3), ("c", 3, 4, False, 4), ("m", 4, 4, False, 5), ("r", 0, 4, True, 6))
    WITHOUT_PRODUCTS = True

    def _value(self, operand, is_new=False):
        """An operand as a polynomial with integer coefficients in the row's columns."""
        total = {}
        for i, access in enumerate(self.operands[operand]):
            for j, limb in enumerate(access.new if is_new else access.old):
                for monomial, coefficient in self.row.plain.of(limb).items():
                    total[monomial] = total.get(monomial, 0) + (coefficient << 64 * i + 16 * j)
        return total

    def _compute(self):
        # The quotient is the array of bytes that is multiplied by `m`.
        quotient = {(f"q[{i}][{j}]",): 1 << 64 * i + 8 * j for i in range(self.DWORDS) for j in range(8)}
        product = lambda f, g: _integer_product(f, g)
        a, b, c, m, r = (self._value(name, name == "r") for name in "abcmr")
        left = _integer_sum(_integer_sum(product(a, b), c, 1), product(quotient, m), -1)
        self.goals.append(("a b + c = q m + r", BoolVal(self.row.vanishes(_integer_sum(left, r, -1)))))
        are_bytes = all(self.row.largest_of(name) == 255 for (name,) in quotient)
        self.goals.append(("q is a number of its length", BoolVal(are_bytes)))
        value = lambda name, is_new: Concat(*(self._limbs(access.new if is_new else access.old) for access in reversed(self.operands[name])))
        self.goals += [(f"r[{i}] is in limbs", self._is_limb(limb)) for i, access in enumerate(self.operands["r"]) for limb in access.new]
        self.goals.append(("r < m", ULT(value("r", True), value("m", False))))

    def _is_limb(self, place):
        return BoolVal(self.row.bound_of(place) <= LIMB)


class Mulmod384Row(MulmodRow):
    """A call of mulmod384."""

    DWORDS = 6
    OPERANDS = (("a", 1, 6, False, 2), ("b", 2, 6, False, 3), ("c", 3, 6, False, 4), ("m", 4, 6, False, 5), ("r", 0, 6, True, 6))


def _integer_product(f, g):
    product = {}
    for left, x in f.items():
        for right, y in g.items():
            monomial = tuple(sorted(left + right))
            product[monomial] = product.get(monomial, 0) + x * y
    return product


def _integer_sum(f, g, factor):
    total = dict(f)
    for monomial, coefficient in g.items():
        total[monomial] = total.get(monomial, 0) + factor * coefficient
    return total


class Sha256Row(CallRow):
    """A call of sha256: the state's words become those that were there plus those that the rounds hand back, modulo 2^32; block and state are handed to the rounds as they are."""

    OPERANDS = (("block", 1, 8, False, 2), ("state", 0, 4, True, 3))

    def _given(self):
        super()._given()
        self.finish = only(self._message("SHA256_STATE", -1))
        for limb in self.finish[3:]:
            self.row.limit_node(limb, LIMB)

    def _message(self, tag, count):
        return [self.chip.statements[i]["tuple"] for i in self.chip.messages(tag) if self.row.count(i) == count]

    def _compute(self):
        limbs = [limb for access in self.operands["state"] for limb in access.old]
        new = [limb for access in self.operands["state"] for limb in access.new]
        word = lambda places, i: Concat(self._number(places[2 * i + 1], 16), self._number(places[2 * i], 16))
        for i in range(8):
            total = word(limbs, i) + word(self.finish[3:], i)
            self._equal(f"word {i}, low", new[2 * i], Extract(15, 0, total))
            self._equal(f"word {i}, high", new[2 * i + 1], Extract(31, 16, total))
        start = only(self._message("SHA256_STATE", 1))
        same = lambda places, others: all(self.row.difference(x, y) == 0 for x, y in zip(places, others, strict=True))
        is_time = all(self.row.difference(message[1], self.time) == 0 for message in (start, self.finish))
        is_labelled = [value_of(self.row.plain.of(message[2])) for message in (start, self.finish)] == [0, 1]
        self.goals.append(("state for the rounds", BoolVal(is_time and is_labelled and same(start[3:], limbs))))
        words = self._message("SHA256_SCHEDULE", 1)
        for i, (message, access) in enumerate(zip(words, self.operands["block"], strict=True)):
            is_labelled = [value_of(self.row.plain.of(place)) for place in message[2:4]] == [i, 0]
            is_time = self.row.difference(message[1], self.time) == 0
            self.goals.append((f"block[{i}] for the rounds", BoolVal(is_time and is_labelled and same(message[4:], access.old))))


class Blake2fRow(OtherRow):
    """A row of blake2f: the function G of RFC 7693, section 3.1, on the four dwords of the vector that its number says, with the two message words that SIGMA says.

    Pointers are given by the call or by the row before: the lower limb's eighth below 2^13, the upper limb below 2^16.
    """

    # RFC 7693, section 3.2: columns, then diagonals.
    VECTORS = [(0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15), (0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14)]

    def _given(self):
        taken = only(self.taken.values())
        self.function = first(i for i in range(8) if self.values[f"functions[{i}]"] == 1)
        self.time = taken[1]
        self.row.limit_node(self.time, TIME_LIMIT - self.ticks["per_instruction"] - 1)
        for name, largest in (("dwords", (1 << 13) - 1), ("ptr1s", LIMB)):
            for i in range(2):
                self.row.limit(f"{name}[{i}]", largest)

    def _conclude_row(self):
        if len(self.accesses) != 6:
            raise Unsupported(f"{len(self.accesses)} accesses")
        *vector, x, y = self.accesses
        self._cells(vector, (x, y))
        tick = 3 if self.function < 4 else 4
        for name, access, at in zip("abcdxy", self.accesses, [tick] * 4 + [2] * 2):
            is_at_tick = BoolVal(self.row.difference(access.time, self.time) == at)
            self.goals.append((f"order of {name}", And(is_at_tick, self._is_before(access.old_time, self.time, at))))
        for name, access in (("x", x), ("y", y)):
            self._is_kept(name, access)
        old = [self._limbs(access.old) for access in self.accesses]
        for name, access, value in zip("abcd", vector, g_function(*old, self._cut)):
            for i, limb in enumerate(access.new):
                self._equal(f"{name}[{i}]", limb, Extract(16 * i + 15, 16 * i, value))

    def _cut(self, name, value):
        parts = [self.row.term(f"{name}[{i}]") for i in reversed(range(8))]
        # All are bytes, unless the statement that says so is left out.
        self.goals += [(name, ULE(part, 255)) for part in parts if part.size() > 8]
        column = Concat(*(Extract(7, 0, ZeroExt(8, part)) for part in parts))
        self.goals.append((name, column == value))
        return column

    def _cells(self, vector, words):
        # The first dwords of the vector and of the message.
        index = lambda i: ZeroExt(KEY_BITS - 29, Concat(self.row.term(f"ptr1s[{i}]"), self.row.term(f"dwords[{i}]")))
        for name, access, place in zip("abcd", vector, self.VECTORS[self.function]):
            self._equal(f"cell of {name}", access.key, index(0) + place)
        flags = [self.row.term(f"schedules[{i}]") == 1 for i in range(10)]
        self.goals.append(("one schedule", Or(flags)))
        in_region = lambda access, place, region: self.row.holds(access.key, index(1) + (place + region * REGION))
        for schedule, flag in enumerate(flags):
            places = SIGMA[schedule][2 * self.function : 2 * self.function + 2]
            regions = Or([And([in_region(access, place, region) for access, place in zip(words, places)]) for region in range(3)])
            self.goals.append((f"words of schedule {schedule}", Implies(flag, regions)))


def g_function(a, b, c, d, x, y, cut):
    """RFC 7693, section 3.1, for 64-bit words: rotations by 32, 24, 16 and 63. `cut` says where a sum stands in the row: it is then a goal that it does, and the rest is about what stands there."""
    a = cut("a_half", a + b + x)
    d = RotateRight(d ^ a, 32)
    c = cut("c_half", c + d)
    b = RotateRight(b ^ c, 24)
    a = cut("a_end", a + b + y)
    d = RotateRight(d ^ a, 16)
    c = cut("c_end", c + d)
    b = RotateRight(b ^ c, 63)
    return a, b, c, d
