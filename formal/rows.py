"""Rows of chips that are no instructions: calls of accelerators, and the memory's rows. What their pages in spec/chips claim of a row by itself.

A theorem here is one about the row that takes a message, given what the message and the other buses promise: limbs that are received are below 2^16, times below `2^27 + 16`.
"""

import decode
from accelerators import Blake2fRow, KeccakRow, Mulmod384Row, MulmodRow, Sha256Row
from state_rows import BridgeRow, LeafRow, TreeRow

# The theorems: which chip's row, what it takes, which of such messages.
SUBJECTS = [
    {"mnemonic": "keccak", "chip": "keccak", "tag": "KECCAK", "message": "call", "theorem": KeccakRow},
    {"mnemonic": "mulmod", "chip": "mulmod", "tag": "MULMOD", "message": "call", "theorem": MulmodRow, "companions": False},
    {"mnemonic": "mulmod384", "chip": "mulmod384", "tag": "MULMOD384", "message": "call", "theorem": Mulmod384Row, "companions": False},
    {"mnemonic": "sha256", "chip": "sha256", "tag": "SHA256", "message": "call", "theorem": Sha256Row},
    {"mnemonic": "blake2f first", "chip": "blake2f", "tag": "BLAKE2F", "message": "call", "theorem": Blake2fRow, "companions": False},
    {"mnemonic": "blake2f next", "chip": "blake2f", "tag": "BLAKE2F_NEXT", "message": "take", "theorem": Blake2fRow, "companions": False},
    {"mnemonic": "bridge", "chip": "bridge", "tag": "MEMORY", "message": "receive", "theorem": BridgeRow},
    {"mnemonic": "leaf", "chip": "leaf", "tag": "NODE", "message": "token_before", "theorem": LeafRow},
    {"mnemonic": "tree", "chip": "tree", "tag": "NODE", "message": "token_before", "theorem": TreeRow},
]
# Their names.
NAMES = {decode.NAME} | {subject["mnemonic"] for subject in SUBJECTS}


def subjects(instructions):
    """All theorems: about each instruction, and about other rows."""
    return [*instructions, *SUBJECTS, decode.subject(instructions)]
