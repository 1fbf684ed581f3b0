"""What theorems about rows of chips that are no instructions have in common: such a row takes a message of its subject."""

from z3 import BoolVal, Concat

from opaque import Opaque
from relation import Unsupported
from theorem import TIME_LIMIT, Access, Theorem

LIMB = (1 << 16) - 1


def only(found):
    """The one that there is: with other selectors than those of a row there may be several, or none."""
    found = list(found)
    if len(found) != 1:
        raise Unsupported(f"{len(found)} of what there is one of")
    return found[0]


def first(found):
    """The first of what is found."""
    for one in found:
        return one
    raise Unsupported("a row of no kind")


class OtherRow(Theorem):
    """A row that takes one message of its subject."""

    def _with_what_is_known(self, values):
        return values

    def _state(self):
        row, statements = self.row, self.chip.statements
        taken = [i for i in self.chip.messages(self.subject["tag"]) if row.count(i) == -1]
        self.taken = {statements[i]["label"].split("::")[1]: statements[i]["tuple"] for i in taken}
        self.accesses = self._pairs(self._active("MEMORY", -1), self._active("MEMORY", 1))
        for access in self.accesses:
            row.limit_node(access.old_time, TIME_LIMIT - 1)
            for limb in access.old:
                row.limit_node(limb, LIMB)
        self._given()
        row.state()
        self.exact = Opaque(row)
        self._conclude_row()
        row.finish()
        self.facts += row.facts

    def _pairs(self, received, sent):
        """Accesses in the order of their messages: each cell that is taken is left."""
        same = lambda taken, left: self.row.difference(taken[1], left[1]) == 0
        pairs = [Access(taken, first(left for left in sent if same(taken, left))) for taken in received]
        if len(sent) != len(received) or len({id(pair.new) for pair in pairs}) != len(pairs):
            raise Unsupported("cells that are not taken and left once each")
        return pairs

    def _given(self):
        """Says what the row is given; before equations are written."""

    def _number(self, place, bits):
        return self.row.number(place, bits)

    def _equal(self, name, place, term):
        self.goals.append((name, self.row.holds(place, term)))

    def _is_kept(self, name, access):
        """What is received is sent."""
        self.goals.append((f"{name} is kept", BoolVal(all(self.row.difference(old, new) == 0 for old, new in zip(access.old, access.new)))))

    def _limbs(self, places):
        return Concat(*(self._number(place, 16) for place in reversed(places)))
