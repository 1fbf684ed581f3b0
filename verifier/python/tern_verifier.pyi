"""Tern's standalone verifier.

`proof` and `key` are the bytes of a proof and of a key file everywhere. A proof that is not
accepted raises a subclass of `Rejected`; arguments that make no sense raise `ValueError`,
`OverflowError` or `TypeError`. The functions hold no lock while they verify, so threads run at the
same time.
"""

from typing import Literal, final

__all__ = [
    "BadKey",
    "Block",
    "FalseProof",
    "InvalidBlock",
    "Malformed",
    "NotABlock",
    "NotAProof",
    "OtherBlock",
    "OtherExitCode",
    "OtherProgram",
    "OtherRules",
    "OtherState",
    "Output",
    "PROOF_VERSION",
    "Payload",
    "Rejected",
    "Unsupported",
    "__version__",
    "verify",
    "verify_block",
    "verify_payload",
]

__version__: str
PROOF_VERSION: int
"""Version of the proof format that this module reads."""

@final
class Output:
    """What every accepted proof shows: there is an input on which the program halts with this exit
    code, having written exactly this output.
    """

    @property
    def output(self) -> bytes:
        """Everything that the program wrote."""
    @property
    def exit_code(self) -> int: ...
    @property
    def kind(self) -> Literal["segments", "final"]:
        """A chain of segment proofs, or one proof."""
    @property
    def segments(self) -> int:
        """Number of segment proofs in it; 0 for a final proof, which does not tell."""
    @property
    def program(self) -> bytes:
        """Digest of the program's verifying key, 32 bytes."""
    @property
    def proven_bits(self) -> float | None:
        """Security in bits of the weakest layer that the proof relies on, without a conjecture.
        Takes about as long as a verification.
        """

@final
class Block:
    """What is proved about a block. Hashes and roots are 32 bytes."""

    @property
    def run(self) -> Output: ...
    @property
    def chain(self) -> str | None:
        """The known chain with this configuration: `mainnet`, `sepolia`, `holesky` or `hoodi`;
        `None` if there is none.
        """
    @property
    def chain_id(self) -> int:
        """EIP-155 chain id."""
    @property
    def chain_config(self) -> bytes:
        """Keccak-256 of the chain configuration: chain id, deposit contract and fork schedule."""
    @property
    def block_hash(self) -> bytes: ...
    @property
    def parent_hash(self) -> bytes: ...
    @property
    def pre_state_root(self) -> bytes:
        """State root before the block."""
    @property
    def post_state_root(self) -> bytes:
        """State root after the block."""
    @property
    def gas_used(self) -> int: ...

@final
class Payload:
    """What is proved about a payload request of EIP-8025."""

    @property
    def run(self) -> Output: ...
    @property
    def chain(self) -> str | None:
        """The known chain with this id. The rules are those that the guest knows for it."""
    @property
    def chain_id(self) -> int:
        """EIP-155 chain id."""
    @property
    def schema_id(self) -> int:
        """The input's schema; its high byte is the number of the fork whose rules held."""
    @property
    def request_root(self) -> bytes:
        """SSZ hash tree root of the `NewPayloadRequest`, 32 bytes."""

class Rejected(Exception):
    """The proof is not accepted; the text says what was expected and what was found."""

class BadKey(Rejected):
    """The verifying key is not one of a program."""

class NotAProof(Rejected):
    """The bytes are not a proof of this system."""

class Unsupported(Rejected):
    """A proof of another version, kind or parameter set, or made with other circuits."""

class Malformed(Rejected):
    """A proof that is truncated, too long, or encoded wrongly."""

class OtherProgram(Rejected):
    """A proof of another program."""

class OtherExitCode(Rejected):
    """The program ended with another exit code."""

class FalseProof(Rejected):
    """A well-formed proof that does not prove what it claims."""

class NotABlock(Rejected):
    """A proof that holds, of a program whose output is not about a block, or not about a payload
    request.
    """

class InvalidBlock(Rejected):
    """A proof that holds, of the verdict that the block or payload was not shown to be valid."""

class OtherRules(Rejected):
    """A proof that holds, about a block under other rules, or a payload of another chain or schema."""

class OtherBlock(Rejected):
    """A proof that holds, about another block or payload request."""

class OtherState(Rejected):
    """A proof that holds, about a block that is executed on another state."""

def verify(proof: bytes, key: bytes, exit_code: int = 0) -> Output:
    """Checks that `proof` proves a run of the program with this key that ends with `exit_code`."""

def verify_block(
    proof: bytes, key: bytes, rules: str, *, block_hash: str | bytes | None = None, pre_state_root: str | bytes | None = None
) -> Block:
    """Checks that `proof` proves a block to be valid under `rules`, by a run of the block guest
    with this key.

    `rules` is `mainnet`, `sepolia`, `holesky`, `hoodi`, `known` (any of these), or the 64
    hexadecimal digits of a chain configuration's hash. `any` accepts rules that the proof's maker
    invented, under which any block may be valid. A proof does not say that its block is part of the
    chain: give the hash that you ask about, from a source that you trust. With `pre_state_root`
    beside it, the proof says what executing that block on that state gives.
    """

def verify_payload(
    proof: bytes, key: bytes, *, request_root: str | bytes | None = None, chain_id: int | None = None, schema_id: int | None = None
) -> Payload:
    """Checks that `proof` proves a payload request of EIP-8025 to be valid, by a run of the block
    guest with this key.

    The three are what EIP-8025 asks a verifier to expect; what is left out may be any.
    """
