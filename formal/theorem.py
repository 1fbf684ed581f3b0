"""What a row of an instruction has to do, and whether its statements say so.

*Given* a row that is the instruction on the program bus, whose values from the other buses are as spec/buses.md says, *the theorem says*: it touches the registers and memory that the manual says and no others, in an order in which reads come first;
it leaves in each the value that the manual says, in limbs below 2^16; and it hands the execution on to the manual's next program counter, eight ticks later.
"""

from z3 import And, BitVec, BitVecVal, BoolVal, Concat, Extract, Not, Or, ULT, ZeroExt, is_true, sat, unsat

import isa
from questions import Facts
from encode import Row
from opaque import Opaque
from relation import Unsupported, name_of, value_of

# spec/memory.md: keys are `index + region * 2^29`, those of registers begin behind the three regions.
REGION = 1 << 29
REGISTERS = 3 * REGION
# spec/machine.md: the sink stands for x0 as a destination.
SINK = 32
# spec/memory.md, claim 1: times of tokens and accesses are integers below this.
TIME_LIMIT = (1 << 27) + 16
PC_LIMIT = 1 << 30

# Operands with which rows that multiply are looked for: remainders that differ from the divisor in each limb, a divisor of zero.
ORDINARY = [(1000, 7), (3 * 2**20 + 7, 2**20), (5 * 2**40 + 7, 2**40), (2**62 + 12345, 2**61 + 2**49), (77, 0)]
# And those with which wrong rows are looked for besides: signs, the overflow, large numbers.
OPERANDS = [*ORDINARY, (-1000 % 2**64, 7), (1000, -7 % 2**64), (0x123456789ABCDEF0, 0xFEDCBA98), (2**63, 2**64 - 1), (2**63 + 5, 2**62 + 3)]


class Access:
    """What a row takes from a cell and leaves in it."""

    def __init__(self, received, sent):
        self.key, self.old, self.old_time = received[1], received[2:6], received[6]
        self.left_key = sent[1]
        self.new, self.time = sent[2:6], sent[6]


class Theorem:
    """One instruction on one chip with one setting of its selectors; where `inputs` are given, of these values of its source registers only."""

    # How many tokens it hands on.
    TOKENS_OUT = (1,)
    # Whether the solver gets equations in which columns that are no flags are multiplied.
    WITHOUT_PRODUCTS = False

    def __init__(self, chip, subject, values, ticks, dropped=frozenset(), inputs=None):
        self.chip, self.subject, self.values, self.ticks, self.dropped, self.inputs = chip, subject, values, ticks, dropped, inputs
        self.mnemonic = subject["mnemonic"]
        self.facts, self.goals, self._known = [], [], None
        self.row = Row(chip, self._with_what_is_known(values), dropped, is_opaque=inputs is None, with_products=not self.WITHOUT_PRODUCTS)
        self._state()

    def _with_what_is_known(self, values):
        """The program bus has 0 for fields that the instruction lacks."""
        self.fields, self.immediate = isa.FORMATS[self.subject["format"]]
        (program,) = (self.chip.statements[i] for i in self.chip.messages("PROGRAM"))
        nodes, values = self.chip.nodes, dict(values)
        has_immediate = self.immediate is not None
        present = [name in self.fields for name in ("rd", "rs1", "rs2")] + [has_immediate] * 2 + [has_immediate and self.immediate[2]]
        for is_present, place in zip(present, program["tuple"][3:]):
            kind, *operands = nodes[place]
            if not is_present and kind == "main":
                values[self.chip.columns[operands[0]]] = 0
        return values

    # The buses.

    def _active(self, tag, count):
        counted = [(self.row.count(i), self.chip.statements[i]["tuple"]) for i in self.chip.messages(tag)]
        if any(times not in (-1, 0, 1) for times, _ in counted):
            raise Unsupported(f"a count of a {tag} message that is not -1, 0 or 1")
        return [elements for times, elements in counted if times == count]

    def _state(self):
        row = self.row
        self.executed, self.next = self._active("EXECUTION", -1), self._active("EXECUTION", 1)
        self.program = self._active("PROGRAM", 1)
        received, sent = self._active("MEMORY", -1), self._active("MEMORY", 1)
        if [len(self.executed), len(self.program)] != [1, 1] or len(self.next) not in self.TOKENS_OUT:
            raise Unsupported("not one token in, one token out and one instruction")
        self.accesses = self._pairs(received, sent)
        (_, pc, time), (program,) = self.executed[0], self.program
        if row.difference(program[1], pc) != 0:
            raise Unsupported("another program counter on the program bus")
        row.limit_node(pc, PC_LIMIT - 1)
        row.limit_node(time, TIME_LIMIT - self.ticks["per_instruction"] - 1)
        self._limit_program(program)
        for access in self.accesses:
            row.limit_node(access.old_time, TIME_LIMIT - 1)
            for limb in access.old:
                row.limit_node(limb, (1 << 16) - 1)
        row.state()
        self._name_values(pc, program)
        self.exact = Opaque(row)
        self._conclude(pc, time)
        row.finish()
        self.facts += row.facts + self.exact.facts

    def _pairs(self, received, sent):
        """Accesses: what is received of a cell and what is sent."""
        pairs = []
        for taken in received:
            same = [left for left in sent if self.row.difference(taken[1], left[1]) == 0]
            if len(same) != 1:
                raise Unsupported("a cell that is not taken and left once")
            pairs.append(Access(taken, same[0]))
            sent = [left for left in sent if left is not same[0]]
        if sent:
            raise Unsupported("a cell that is left and was not taken")
        return pairs

    def _limit_program(self, program):
        """Ranges of a decoded instruction's fields (spec/chips/decode.md)."""
        for place, largest in zip(program[3:], [SINK, 31, 31, (1 << 16) - 1, (1 << 16) - 1, 1]):
            if value_of(self.row.f(place)) is None:
                if name_of(self.row.f(place)) is None:
                    raise Unsupported("a field of the instruction that is no column")
                self.row.limit(name_of(self.row.f(place)), largest)

    def _name_values(self, pc, program):
        """The manual's names for what the row is given. Everything here is read after all ranges are known."""
        row = self.row
        number = lambda place, bits: row.number(place, bits)
        self.pc = ZeroExt(34, number(pc, 30))
        # Instructions are four bytes long, and the text begins at a multiple of four.
        self.facts.append(Extract(1, 0, number(pc, 30)) == 0)
        self.imm = self._immediate(program)
        self.roles = self._roles(program)
        value = lambda limbs: Concat(*(number(limb, 16) for limb in reversed(limbs)))
        self.old = {role: value(access.old) for role, access in self.roles.items()}

    def _immediate(self, program):
        low, high, sign = program[6:9]
        if self.immediate is None:
            return BitVecVal(0, 64)
        width, zeros, is_signed = self.immediate
        imm = BitVec("row.imm", width - zeros)
        imm = Concat(imm, BitVecVal(0, zeros)) if zeros else imm
        imm = isa.extended(imm) if is_signed else ZeroExt(64 - width, imm)
        number = lambda place, bits: self.row.number(place, bits)
        self.facts += [number(low, 16) == Extract(15, 0, imm), number(high, 16) == Extract(31, 16, imm)]
        self.facts.append(number(sign, 1) == (Extract(31, 31, imm) if is_signed else 0))
        return imm

    def _roles(self, program):
        """What each access is to, by its key."""
        roles = {}
        registers = dict(zip(("rd", "rs1", "rs2"), program[3:6]))
        for access in self.accesses:
            named = [field for field in self.fields if self.row.difference(access.key, registers[field]) == REGISTERS]
            role = named[0] if named else f"dword{sum(role.startswith('dword') for role in roles)}"
            if role in roles:
                raise Unsupported(f"two accesses to {role}")
            roles[role] = access
        return roles

    # What the manual says.

    def _conclude(self, pc, time):
        old = self.old
        zero = BitVecVal(0, 64)
        a, b = old.get("rs1", zero), old.get("rs2", zero)
        self.facts += [operand == value for operand, value in zip((a, b), self.inputs or [])]
        is_load, is_store = self.subject["format"] == "I" and self.mnemonic[0] == "l", self.subject["format"] == "S"
        dwords = [role for role in self.roles if role.startswith("dword")]
        if set(self.roles) - set(dwords) != self.fields or bool(dwords) != (is_load or is_store) or len(dwords) > 2:
            raise Unsupported(f"accesses to {sorted(self.roles)}")
        new = {role: old[role] for role in old}
        if dwords:
            new |= self._memory(dwords, a, b, is_load)
        elif "rd" in self.fields:
            new["rd"] = isa.result(self.mnemonic, a, b, self.imm, self.pc, self.exact)
        self._leave(new)
        self._order(time)
        self._go_on(isa.next_pc(self.mnemonic, a, b, self.imm, self.pc), time)

    def _leave(self, new):
        """Each cell is left with its new value, in limbs below 2^16."""
        for role, access in self.roles.items():
            for i, limb in enumerate(access.new):
                self.goals.append((f"{role}[{i}]", self.row.holds(limb, Extract(16 * i + 15, 16 * i, new[role]))))

    def _go_on(self, target, time):
        """The token goes to the target, if anybody takes it, at the next instruction's time."""
        ((_, next_pc, next_time),), row = self.next, self.row
        is_right = And(Extract(63, 30, target) == 0, row.holds(next_pc, Extract(29, 0, target)))
        self.goals.append(("next pc", Or(Not(self._is_taken(next_pc)), is_right)))
        self.goals.append(("next time", BoolVal(row.difference(next_time, time) == self.ticks["per_instruction"])))

    def _is_taken(self, place):
        """Whether somebody can take a token at this program counter: an instruction of the text or the segment's end, both below 2^30 and multiples of four."""
        term = self.row.term(name_of(self.row.f(place)))
        is_below = ULT(term, BitVecVal(PC_LIMIT, term.size())) if term.size() > 30 else BoolVal(True)
        return And(is_below, Extract(1, 0, term) == 0)

    def _memory(self, dwords, base, value, is_load):
        """A load or store: the address, the cells, and what they and `rd` hold afterwards."""
        row, old = self.row, self.old
        address = base + self.imm
        self.goals.append(("address", Extract(63, 32, address) == 0))
        offset = Extract(2, 0, address)
        index = ZeroExt(1, Extract(31, 3, address))
        regions = range(3) if is_load else range(1)
        keys = lambda region: [row.holds(self.roles[role].key, ZeroExt(3, index) + BitVecVal(i + region * REGION, 33)) for i, role in enumerate(dwords)]
        self.goals.append(("cells", Or([And(keys(region)) for region in regions])))
        width = isa.WIDTHS[self.mnemonic[1]]
        last = ZeroExt(2, offset) + BitVecVal(width - 1, 5)
        self.goals.append(("extent", ULT(last, 8 * len(dwords))))
        self.goals.append(("crossing", BoolVal(True) if len(dwords) == 1 else Not(ULT(last, 8))))
        pair = [old[role] for role in dwords] + [BitVecVal(0, 64)] * (2 - len(dwords))
        if is_load:
            return {"rd": isa.loaded(self.mnemonic, pair, offset)}
        return dict(zip(dwords, isa.stored(self.mnemonic, pair, offset, value)))

    def _order(self, time):
        """Accesses go forward, happen within the instruction, and the destination is written last."""
        row, ticks = self.row, {}
        for role, access in self.roles.items():
            tick = row.difference(access.time, time)
            if tick is None or tick >= self.ticks["per_instruction"]:
                raise Unsupported(f"{role} at a time that is not the instruction's")
            ticks[role] = tick
            self.goals.append((f"{role} goes forward", self._is_before(access.old_time, time, tick)))
        registers = {role: tick for role, tick in ticks.items() if not role.startswith("dword")}
        is_last = all(tick < registers["rd"] for role, tick in registers.items() if role != "rd") if "rd" in registers else True
        self.goals.append(("order", BoolVal(is_last and len(set(registers.values())) == len(registers))))

    def _is_before(self, old_time, time, tick):
        return ULT(self.row.number(old_time, 28), self.row.number(time, 28) + BitVecVal(tick, 28))

    # Solving.

    def known(self):
        """The facts, and what follows from them and helps."""
        if self._known is None:
            self._known = Facts(self.facts)
        return self._known

    def is_satisfiable(self, seconds):
        """Whether there is such a row at all; nothing if that was not found out. One that multiplies has to be found with operands that are known: else its products may be none. There is none if there is none whatever products are."""
        if self.row.is_contradictory:
            return False
        if self.row.products and any(self._with(inputs).known().check(seconds)[0] == sat for inputs in ORDINARY):
            return True
        answer, _ = self.known().check(seconds)
        if answer == unsat:
            return False
        return True if answer == sat and not self.row.products else None

    def counterexample(self, seconds):
        """A goal that a row misses, if one is found, and whether it is known that there is none. All goals are asked for at once; of a row that multiplies, with operands that are known."""
        if self.row.is_contradictory:
            return None, True
        is_known = not self.row.products
        for theorem in [self._with(inputs) for inputs in OPERANDS] if self.row.products else [self]:
            solver = theorem.known().solver(theorem.facts + [Or([Not(goal) for _, goal in theorem.goals])], seconds)
            answer = solver.check()
            if answer == sat:
                model = solver.model()
                return next((name for name, goal in theorem.goals if not is_true(model.eval(goal, model_completion=True))), "a goal"), True
            is_known = is_known and answer == unsat
        return None, is_known

    def missed(self, seconds, wanted=None):
        """The first goal, of those wanted, that a row can miss, if there is one; and the names of goals of which that was not found out."""
        unknown = set()
        if self.row.is_contradictory:
            return None, unknown
        self._prove_lemmas(seconds)
        for name, goal in self.goals:
            if wanted is not None and name not in wanted:
                continue
            is_implied, row = self.known().implies(goal, seconds)
            if row is not None and (not self.row.products or self._with_inputs(row, name, seconds)):
                return name, set()
            if not is_implied:
                unknown.add(name)
        return None, unknown

    def _prove_lemmas(self, seconds):
        """Adds to the facts what follows from them and helps."""
        for chain in self.exact.lemmas:
            for formula in chain:
                if not self.known().implies(formula, seconds)[0]:
                    break
                self.known().add(formula)
        self.exact.lemmas = []

    def _with_inputs(self, model, goal, seconds):
        """A row that multiplies was found where products may be anything: looks for one where they are products, with the same operands, and some others."""
        own = tuple(model.eval(self.old[role], model_completion=True).as_long() for role in ("rs1", "rs2"))
        return any(self._with(inputs).missed(seconds, {goal})[0] for inputs in [own, *OPERANDS])

    def _with(self, inputs):
        """The same with operands that are known."""
        return type(self)(self.chip, self.subject, self.values, self.ticks, self.dropped, inputs)
