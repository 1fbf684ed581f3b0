#!/usr/bin/env python3
"""Tests the installed module `tern_verifier`.

    tests.py VECTORS GUEST_KEY PAYLOAD_PROOF INVALID_PAYLOAD_PROOF

VECTORS is the folder of the frozen proofs; the others are proofs of the block guest with this key
about payload requests of EIP-8025: a valid one of mainnet, and one that could not be decoded.
"""

import concurrent.futures
import importlib.metadata
import pathlib
import sys
import unittest

import tern_verifier as tern

MAINNET_BLOCK = "0xc19ed13283a0ccd0015cf8baf764f89b7e4ce60c452913f666b2381d4d6f3198"
MAINNET_PARENT = "84922c3db7659e083f65531bae1612c29bd8e71c8339fed4b7ac719d364e0cdb"
MAINNET_BEFORE = "06857fe12bec12070365357bbb4bb9b32b0b543b226c12395d8b437e5eb0ea62"
MAINNET_AFTER = "e9f95533d7f83b736fa4f972e04077bb2bc20dae511a9a1da270ff1411f5dfb1"
INVENTED_CONFIG = "0xf4daa929547ed81ee00c994ba40842606ebc14276d76e85be81bb6e3fef75c01"
FIBONACCI_90 = 2880067194370816120


def vector(name):
    return (VECTORS / name).read_bytes()


class Runs(unittest.TestCase):
    def setUp(self):
        self.proof, self.key = vector("fibonacci.final"), vector("fibonacci.vkey")

    def rejected(self, kind, text, *arguments, **named):
        with self.assertRaisesRegex(kind, text) as caught:
            tern.verify(*arguments, **named)
        self.assertIs(type(caught.exception), kind)
        self.assertIsInstance(caught.exception, tern.Rejected)

    def test_an_accepted_proof_tells_what_was_written(self):
        output = tern.verify(self.proof, self.key)
        self.assertEqual(output.output, vector("fibonacci.output"))
        self.assertEqual(int.from_bytes(output.output, "little"), FIBONACCI_90)
        self.assertEqual((output.exit_code, output.kind, output.segments), (0, "final", 0))
        self.assertEqual(output.program, self.proof[7:39])
        self.assertAlmostEqual(output.proven_bits, 128.17, places=2)
        self.assertIn("8 bytes, exit code 0", repr(output))
        self.assertEqual(tern.verify(proof=self.proof, key=bytearray(self.key), exit_code=0).output, output.output)

    def test_each_rejection_has_its_class_and_says_why(self):
        proof, key = self.proof, self.key
        middle = len(proof) // 2
        self.rejected(tern.BadKey, "key", proof, key[1:])
        self.rejected(tern.NotAProof, "verifying key, not a proof", key, key)
        self.rejected(tern.Unsupported, "version", vector("v1/fibonacci.final"), key)
        self.rejected(tern.Malformed, "", proof[:-1], key)
        self.rejected(tern.Malformed, "", b"", key)
        self.rejected(tern.OtherProgram, "another program", proof, vector("block.vkey"))
        self.rejected(tern.OtherExitCode, "exit code", proof, key, 1)
        self.rejected(tern.OtherExitCode, "exit code", proof, key, exit_code=2**32 - 1)
        with self.assertRaises((tern.FalseProof, tern.Malformed)):
            tern.verify(proof[:middle] + bytes([proof[middle] ^ 1]) + proof[middle + 1 :], key)
        # The first byte of what the program is said to have written.
        output_at = proof.index(vector("fibonacci.output"))
        self.rejected(tern.FalseProof, "", proof[:output_at] + bytes([proof[output_at] ^ 1]) + proof[output_at + 1 :], key)

    def test_arguments_that_make_no_sense_are_errors_of_the_caller(self):
        for exit_code, error in [(-1, OverflowError), (2**32, OverflowError), ("0", TypeError)]:
            with self.assertRaises(error):
                tern.verify(self.proof, self.key, exit_code)
        with self.assertRaises(TypeError):
            tern.verify("proof", self.key)
        with self.assertRaises(AttributeError):
            tern.verify(self.proof, self.key).exit_code = 1
        with self.assertRaises(TypeError):
            tern.Output()

    def test_threads_verify_at_the_same_time(self):
        def outcome(key):
            try:
                return tern.verify(self.proof, key).exit_code
            except tern.OtherProgram:
                return "other"

        keys = [self.key, vector("block.vkey")] * 8
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            self.assertEqual(list(pool.map(outcome, keys)), [0, "other"] * 8)

    def test_versions(self):
        self.assertEqual(tern.__version__, importlib.metadata.version("tern-verifier"))
        self.assertEqual(tern.PROOF_VERSION, self.proof[4])


class Blocks(unittest.TestCase):
    def setUp(self):
        self.key = vector("block.vkey")

    def rejected(self, kind, text, name, rules, **expected):
        with self.assertRaisesRegex(kind, text):
            tern.verify_block(vector(name), self.key, rules, **expected)

    def test_a_block_of_mainnet(self):
        proof = vector("block-mainnet.final")
        for expected in [{}, {"block_hash": MAINNET_BLOCK}, {"block_hash": bytes.fromhex(MAINNET_BLOCK[2:]), "pre_state_root": MAINNET_BEFORE}]:
            block = tern.verify_block(proof, self.key, "mainnet", **expected)
            self.assertEqual((block.chain, block.chain_id, block.gas_used), ("mainnet", 1, 999_962))
            hashes = [block.block_hash, block.parent_hash, block.pre_state_root, block.post_state_root]
            self.assertEqual([hash.hex() for hash in hashes], [MAINNET_BLOCK[2:], MAINNET_PARENT, MAINNET_BEFORE, MAINNET_AFTER])
            self.assertEqual(block.run.output[24:56], block.chain_config)
        self.assertIn(MAINNET_BLOCK, repr(block))

    def test_what_is_not_expected_is_rejected(self):
        self.rejected(tern.OtherRules, "not of sepolia", "block-mainnet.final", "sepolia")
        self.rejected(tern.OtherRules, "which no known chain has", "block-invented.final", "known")
        self.rejected(tern.InvalidBlock, '"invalid"', "block-invalid.final", "any")
        self.rejected(tern.OtherBlock, MAINNET_BLOCK, "block-mainnet.final", "known", block_hash=INVENTED_CONFIG)
        self.rejected(tern.OtherState, "on the state", "block-mainnet.final", "known", pre_state_root=MAINNET_AFTER)
        self.rejected(tern.OtherProgram, "another program", "fibonacci.final", "any")
        with self.assertRaisesRegex(tern.NotABlock, "192 bytes, got 8"):
            tern.verify_block(vector("fibonacci.final"), vector("fibonacci.vkey"), "any")

    def test_rules_of_ones_own(self):
        for rules in ("any", INVENTED_CONFIG):
            block = tern.verify_block(vector("block-invented.final"), self.key, rules)
            self.assertEqual((block.chain, block.chain_id, "0x" + block.chain_config.hex()), (None, 1, INVENTED_CONFIG))

    def test_arguments_that_make_no_sense_are_errors_of_the_caller(self):
        proof = vector("block-mainnet.final")
        with self.assertRaisesRegex(ValueError, '"mainet" names no rules'):
            tern.verify_block(proof, self.key, "mainet")
        for hash in ("0x12", b"\x12", bytes(33), ""):
            with self.assertRaisesRegex(ValueError, "block_hash is no hash"):
                tern.verify_block(proof, self.key, "mainnet", block_hash=hash)
        with self.assertRaisesRegex(TypeError, "'str . bytes'"):
            tern.verify_block(proof, self.key, "mainnet", block_hash=12)
        with self.assertRaises(TypeError):
            tern.verify_block(proof, self.key)


class Payloads(unittest.TestCase):
    def setUp(self):
        self.key, self.proof, self.invalid = (path.read_bytes() for path in FILES)

    def test_a_payload_of_mainnet(self):
        payload = tern.verify_payload(self.proof, self.key)
        self.assertEqual((payload.chain, payload.chain_id, payload.run.kind), ("mainnet", 1, "segments"))
        output = payload.request_root + b"\1" + (1).to_bytes(8, "little") + payload.schema_id.to_bytes(2, "little")
        self.assertEqual(payload.run.output, output)
        exactly = {"request_root": payload.request_root, "chain_id": 1, "schema_id": payload.schema_id}
        self.assertEqual(tern.verify_payload(self.proof, self.key, **exactly).request_root, payload.request_root)
        for change, kind in [
            ({"request_root": bytes(32)}, tern.OtherBlock),
            ({"chain_id": 5}, tern.OtherRules),
            ({"schema_id": payload.schema_id ^ 1}, tern.OtherRules),
        ]:
            with self.assertRaises(kind):
                tern.verify_payload(self.proof, self.key, **{**exactly, **change})

    def test_what_is_not_a_valid_payload_is_rejected(self):
        with self.assertRaisesRegex(tern.InvalidBlock, '"invalid"'):
            tern.verify_payload(self.invalid, self.key)
        with self.assertRaisesRegex(tern.NotABlock, "43 bytes, got 192"):
            tern.verify_payload(vector("block-mainnet.final"), vector("block.vkey"))
        with self.assertRaisesRegex(tern.NotABlock, "192 bytes, got 43"):
            tern.verify_block(self.proof, self.key, "any")
        with self.assertRaises(tern.OtherProgram):
            tern.verify_payload(self.proof, vector("fibonacci.vkey"))

    def test_numbers_that_do_not_fit_are_errors_of_the_caller(self):
        for wrong in [{"chain_id": -1}, {"chain_id": 2**64}, {"schema_id": 2**16}]:
            with self.assertRaises(OverflowError):
                tern.verify_payload(self.proof, self.key, **wrong)
        with self.assertRaisesRegex(ValueError, "request_root is no hash"):
            tern.verify_payload(self.proof, self.key, request_root="0x")


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    VECTORS, *FILES = (pathlib.Path(path).resolve() for path in sys.argv[1:])
    unittest.main(argv=sys.argv[:1])
