"""BLAKE3 (https://github.com/BLAKE3-team/BLAKE3-specs) in plain Python: hash, key derivation and extended output. Slow, and short enough to read."""

import struct

IV = (0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A, 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19)
PERMUTATION = (2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8)
BLOCK_BYTES, CHUNK_BYTES = 64, 1024
CHUNK_START, CHUNK_END, PARENT, ROOT, DERIVE_KEY_CONTEXT, DERIVE_KEY_MATERIAL = 1, 2, 4, 8, 32, 64
MASK = 0xFFFFFFFF


def _schedules():
    """The message words that each of the seven rounds takes, in order."""
    order, rounds = list(range(16)), []
    for _ in range(7):
        rounds.append(tuple(order))
        order = [order[i] for i in PERMUTATION]
    return rounds


SCHEDULES = _schedules()
LANES = ((0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15), (0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14))


def compress(chaining, block, counter, length, flags):
    """The compression function: 16 words."""
    v = [*chaining, *IV[:4], counter & MASK, counter >> 32, length, flags]
    for schedule in SCHEDULES:
        for lane, (ia, ib, ic, id_) in enumerate(LANES):
            a, b, c, d = v[ia], v[ib], v[ic], v[id_]
            a = (a + b + block[schedule[2 * lane]]) & MASK
            d ^= a
            d = (d >> 16 | d << 16) & MASK
            c = (c + d) & MASK
            b ^= c
            b = (b >> 12 | b << 20) & MASK
            a = (a + b + block[schedule[2 * lane + 1]]) & MASK
            d ^= a
            d = (d >> 8 | d << 24) & MASK
            c = (c + d) & MASK
            b ^= c
            b = (b >> 7 | b << 25) & MASK
            v[ia], v[ib], v[ic], v[id_] = a, b, c, d
    return [v[i] ^ v[i + 8] for i in range(8)] + [v[i + 8] ^ chaining[i] for i in range(8)]


def _chunk(key, flags, chunk, counter):
    """The last compression of a chunk, not yet made: its inputs."""
    blocks = [chunk[i : i + BLOCK_BYTES] for i in range(0, len(chunk), BLOCK_BYTES)] or [b""]
    chaining = key
    for i, block in enumerate(blocks):
        words = struct.unpack("<16I", block.ljust(BLOCK_BYTES, b"\0"))
        own = flags | (CHUNK_START if i == 0 else 0) | (CHUNK_END if i == len(blocks) - 1 else 0)
        if i == len(blocks) - 1:
            return chaining, words, counter, len(block), own
        chaining = compress(chaining, words, counter, BLOCK_BYTES, own)[:8]


class Hasher:
    """An incremental hasher."""

    def __init__(self, key=IV, flags=0):
        self.key, self.flags = key, flags
        self.stack, self.chunks, self.buffer = [], 0, bytearray()

    @classmethod
    def derive_key(cls, context):
        """The key derivation mode with this context."""
        hasher = cls(IV, DERIVE_KEY_CONTEXT)
        hasher.update(context.encode())
        return cls(struct.unpack("<8I", hasher.output(32)), DERIVE_KEY_MATERIAL)

    def update(self, data):
        """Absorbs bytes."""
        self.buffer += data
        start = 0
        # The last chunk waits: it may be the root.
        while len(self.buffer) - start > CHUNK_BYTES:
            chunk = bytes(self.buffer[start : start + CHUNK_BYTES])
            chaining = compress(*_chunk(self.key, self.flags, chunk, self.chunks))[:8]
            self.chunks += 1
            # As many subtrees are whole as the number of chunks has trailing zeros.
            total = self.chunks
            while total % 2 == 0:
                chaining = compress(*self._parent(self.stack.pop(), chaining))[:8]
                total //= 2
            self.stack.append(chaining)
            start += CHUNK_BYTES
        del self.buffer[:start]

    def _parent(self, left, right):
        return self.key, (*left, *right), 0, BLOCK_BYTES, self.flags | PARENT

    def output(self, length):
        """So many bytes of output."""
        node = _chunk(self.key, self.flags, bytes(self.buffer), self.chunks)
        for left in reversed(self.stack):
            node = self._parent(left, compress(*node)[:8])
        chaining, words, _, block_length, flags = node
        out = bytearray()
        for counter in range((length + BLOCK_BYTES - 1) // BLOCK_BYTES):
            out += struct.pack("<16I", *compress(chaining, words, counter, block_length, flags | ROOT))
        return bytes(out[:length])
