"""Environment calls: what spec/machine.md says of them all.

*Given* a row that is `ecall`, *the theorem says*: it reads `x17` and `x10` to `x14` and changes nothing; `x17` is the number of the call; a call that is handed over is so with the call's time and the values of the argument registers, as many as the message has room for, below 2^32;
`halt` hands over the exit code in `x10`, below 2^32, and the digest in `x11` to `x14`, and no token; every other call goes on behind itself.
"""

from z3 import BitVecVal, BoolVal, Extract, Or, sat, unsat

from encode import LOOKUPS
from relation import Unsupported, value_of
from theorem import REGISTERS, Theorem

# The numbers of calls that are handed over, and of those that are not (spec/machine.md).
NUMBERS = {"HALT": [0], "-": [1, 2, 3, 4], "KECCAK": [0x100], "MULMOD": [0x101], "MULMOD384": [0x102], "SHA256": [0x103], "BLAKE2F": [0x104]}
NUMBER, ARGUMENTS = "x17", ["x10", "x11", "x12", "x13", "x14"]
# More numbers than a call may have.
MANY = 16


class Call(Theorem):
    """An environment call with one setting of its selectors."""

    TOKENS_OUT = (0, 1)

    def _roles(self, program):
        roles = {}
        for access in self.accesses:
            key = value_of(self.row.plain.of(access.key))
            role = None if key is None else f"x{key - REGISTERS}"
            if role not in [NUMBER, *ARGUMENTS] or role in roles:
                raise Unsupported("an access that is no argument's")
            roles[role] = access
        return roles

    def _conclude(self, pc, time):
        if set(self.roles) != {NUMBER, *ARGUMENTS}:
            raise Unsupported(f"accesses to {sorted(self.roles)}")
        self._leave(self.old)
        self._order(time)
        handed_over = self._handed_over()
        self.call = handed_over[0][0] if handed_over else "-"
        self.goals.append(("number", Or([self.old[NUMBER] == BitVecVal(number, 64) for number in NUMBERS[self.call]])))
        if len(handed_over) > 1 or (self.call == "HALT") != (not self.next):
            raise Unsupported("calls of two accelerators, or a token after the end")
        for tag, elements in handed_over:
            self._message(tag, elements, time)
        if self.next:
            self._go_on(self.pc + 4, time)

    def _handed_over(self):
        """Messages to other chips than those that every instruction speaks to."""
        basic = ("EXECUTION", "PROGRAM", "MEMORY", *LOOKUPS)
        messages = [statement for statement in self.chip.statements if statement["kind"] == "message" and statement["tags"][0] not in basic]
        places = [i for i, statement in enumerate(self.chip.statements) if statement in messages and self.row.count(i) != 0]
        if any(self.row.count(i) != 1 for i in places):
            raise Unsupported("a call that is not handed over once")
        return [(self.chip.statements[i]["tags"][0], self.chip.statements[i]["tuple"]) for i in places]

    def _message(self, tag, elements, time):
        low = lambda role: [Extract(15, 0, self.old[role]), Extract(31, 16, self.old[role])]
        if tag == "HALT":
            whole = [Extract(16 * i + 15, 16 * i, self.old[role]) for role in ARGUMENTS[1:] for i in range(4)]
            values, pointers = low(ARGUMENTS[0]) + whole, ARGUMENTS[:1]
            rest = elements[1:]
        else:
            pointers = ARGUMENTS[: (len(elements) - 2) // 2]
            values = [limb for role in pointers for limb in low(role)]
            if len(elements) % 2:
                # A number behind the pointers (spec/machine.md: of `blake2f_round`), of one limb.
                role = ARGUMENTS[len(pointers)]
                values.append(Extract(15, 0, self.old[role]))
                self.goals.append((f"{role} is a limb", Extract(63, 16, self.old[role]) == 0))
            self.goals.append(("call's time", BoolVal(self.row.difference(elements[1], time) == 0)))
            rest = elements[2:]
        if len(rest) != len(values):
            raise Unsupported(f"{tag}: a message of another length")
        for i, (place, value) in enumerate(zip(rest, values)):
            self.goals.append((f"call[{i}]", self.row.holds(place, value)))
        for role in pointers:
            self.goals.append((f"{role} is a word", Extract(63, 32, self.old[role]) == 0))

    def _order(self, time):
        """All registers are read at once: they are different."""
        row = self.row
        for role, access in self.roles.items():
            tick = row.difference(access.time, time)
            if tick is None or tick >= self.ticks["per_instruction"]:
                raise Unsupported(f"{role} at a time that is not the call's")
            self.goals.append((f"{role} goes forward", self._is_before(access.old_time, time, tick)))

    def numbers(self, seconds):
        """The numbers that the call may have; nothing if that was not found out."""
        (answer, solver), found = self.known().check(seconds), []
        number = self.old[NUMBER]
        while answer == sat:
            found.append(solver.model().eval(number, model_completion=True).as_long())
            if len(found) > MANY:
                return None
            solver.add(number != BitVecVal(found[-1], 64))
            answer = solver.check()
        return sorted(found) if answer == unsat else None
