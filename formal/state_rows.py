"""Rows of the memory's state: bridges between accesses, pages, and the tree above them."""

from z3 import And, BitVecVal, BoolVal, Extract, LShR, ULE, ULT, ZeroExt

from other_row import LIMB, OtherRow, first, only
from relation import Unsupported, add, constant, value_of
from theorem import REGION, Access


class BridgeRow(OtherRow):
    """A bridge: the cell keeps its value, and its time goes forward and stays below 2^26."""

    def _conclude_row(self):
        access = only(self.accesses)
        self._is_kept("value", access)
        time = ZeroExt(1, self.row.number(access.time, 31))
        self.goals.append(("time goes forward", ULT(self._number(access.old_time, 32), time)))
        self.goals.append(("time is below 2^26", ULT(time, BitVecVal(1 << 26, 32))))


class LeafRow(OtherRow):
    """A leaf: its index is that of a page in the range that the row claims, its four cells are those of the index in the range's region, initial limbs are below 2^16, and a leaf that is not changed is the same at both times.

    Of the public values is given what `Bounds::check` decides: `1 <= ro_start <= text_start <= text_end <= ro_end <= 0x7c000`.
    """

    def _given(self):
        for i in range(4):
            self.row.limit(f"public[{i}]", 0x7C000)

    def _pairs(self, received, sent):
        """Cells are put on the bus with their first value, and taken with their last."""
        if len(received) != 4 or len(sent) != 4:
            raise Unsupported(f"{len(received)} and {len(sent)} cells")
        return [Access(taken, left) for taken, left in zip(received, sent)]

    def _conclude_row(self):
        row = self.row
        ro_start, ro_end, text_start, text_end = (ZeroExt(45, row.term(f"public[{i}]")) for i in range(4))
        number = lambda value: BitVecVal(value, 64)
        self.facts += [ULE(x, y) for x, y in zip([number(1), ro_start, text_start, text_end, ro_end], [ro_start, text_start, text_end, ro_end, number(0x7C000)])]
        # spec/chips/leaf.md, the table of ranges: first page, page behind the last, region.
        ranges = [
            (number(0), number(1), 3),
            (number(1), ro_start, 0),
            (ro_start, text_start, 1),
            (text_start, text_end, 2),
            (text_end, ro_end, 1),
            (ro_end, number(0x7C000), 0),
            (number(0x7C001), number(0x80000), 0),
            (number(0x80000), number(0x100000), 1),
        ]
        claimed = first(i for i in range(8) if self.values[f"ranges[{i}]"] == 1)
        begin, end, region = ranges[claimed]
        (before, after) = self.taken.values()
        index = ZeroExt(64 - 31, row.number(before[3], 31))
        page = LShR(index, 7)
        self.goals.append(("page is in its range", And(ULE(begin, page), ULT(page, end))))
        tokens = [[value_of(row.plain.of(place)) for place in message[1:3]] for message in (before, after)]
        self.goals.append(("tokens of one leaf", BoolVal(tokens == [[0, 27], [1, 27]] and row.difference(before[3], after[3]) == 0)))
        for i, access in enumerate(self.accesses):
            self._equal(f"cell {i}", access.key, Extract(33, 0, (index << 2) + (i + region * REGION)))
            self.goals.append((f"key {i} is the same", BoolVal(row.difference(access.key, access.left_key) == 0)))
            self.goals.append((f"cell {i} begins at time 0", BoolVal(value_of(row.plain.of(access.time)) == 0)))
            self.goals += [(f"initial limb of cell {i}", BoolVal(row.bound_of(limb) <= LIMB)) for limb in access.new]
        self._hashes(before, after)

    def _hashes(self, before, after):
        """What is looked up: the digests are those of the limbs; or the leaf is the same at both times."""
        row = self.row
        hashes = [self.chip.statements[i]["tuple"] for i in self.chip.messages("PERMUTATION") if row.count(i) == 1]
        limbs = lambda at_start: [limb for access in self.accesses for limb in (access.new if at_start else access.old)]
        is_hash = lambda hash, places, digest: all(row.difference(x, y) == 0 for x, y in zip(hash[2:], [*places, *hash[2 + len(places) : -9], *digest[4:]]))
        self.goals.append(("digest before", BoolVal(is_hash(hashes[0], limbs(True), before))))
        if len(hashes) == 2:
            self.goals.append(("digest after", BoolVal(is_hash(hashes[1], limbs(False), after))))
        else:
            self.goals += [("unchanged", row.is_zero(difference(row, x, y), True)) for x, y in zip(limbs(True) + before[4:], limbs(False) + after[4:])]


class TreeRow(OtherRow):
    """A node: children that are visited get tokens of their own places, those that are not keep their digest; digests of the node are looked up as compressions of its children's, or everything is the same at both times."""

    def _conclude_row(self):
        row, statements = self.row, self.chip.statements
        before, after = (self.taken[name] for name in ("token_before", "token_after"))
        compressions = [statements[i]["tuple"] for i in self.chip.messages("PERMUTATION") if row.count(i) == 1]
        children = [compressions[0][2:11], compressions[0][11:20]]
        same = lambda xs, ys: all(row.difference(x, y) == 0 for x, y in zip(xs, ys, strict=True))
        is_labelled = [value_of(row.plain.of(message[1])) for message in (before, after)] == [0, 1]
        self.goals.append(("tokens of one node", BoolVal(is_labelled and same(before[2:4], after[2:4]))))
        self.goals.append(("digest before", BoolVal(same(compressions[0][20:], before[4:]))))
        names = {name: i for i, name in enumerate(self.chip.columns)}
        column = lambda name: next(place for place, node in enumerate(self.chip.nodes) if node == ("main", names[name]))
        later = [[column(f"children_after[{side}][{i}]") for i in range(9)] for side in range(2)]
        if len(compressions) == 2:
            self.goals.append(("digest after", BoolVal(same(compressions[1][2:], later[0] + later[1] + after[4:]))))
        else:
            self.goals += self._unchanged("node", before[4:], after[4:])
            self.goals += self._unchanged("children", children[0] + children[1], later[0] + later[1])
        for side in range(2):
            self._child(side, children[side], later[side], before)

    def _unchanged(self, name, xs, ys):
        return [(f"{name} unchanged", self.row.is_zero(difference(self.row, x, y), True)) for x, y in zip(xs, ys)]

    def _child(self, side, before, after, node):
        row = self.row
        sent = [self.chip.statements[i] for i in self.chip.messages("NODE") if row.count(i) == 1]
        own = [message["tuple"] for message in sent if message["label"].endswith(f"{('left', 'right')[side]}_{('before', 'after')[0]}") or message["label"].endswith(f"{('left', 'right')[side]}_after")]
        if not own:
            self.goals += self._unchanged(f"child {side}", before, after)
            return
        depth, index = (row.plain.of(place) for place in node[2:4])
        for kind, message, digest in zip((0, 1), own, (before, after), strict=True):
            place = [constant(kind), add(depth, constant(1)), add(constant(side), index, 2)]
            is_place = all(add(row.plain.of(x), f, -1) == {} for x, f in zip(message[1:4], place))
            is_digest = all(row.difference(x, y) == 0 for x, y in zip(message[4:], digest, strict=True))
            self.goals.append((f"token {kind} of child {side}", BoolVal(is_place and is_digest)))


def difference(row, x, y):
    return add(row.f(x), row.f(y), -1)
