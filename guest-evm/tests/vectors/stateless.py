"""Makes `stateless.json`: inputs of EIP-8025's schema 0x1501 with their roots, by eth-remerkleable (`pip install eth-remerkleable==0.1.31`).

    python3 stateless.py > stateless.json              # the vectors
    python3 stateless.py --root FILE                   # the payload root of `statelessInputBytes` in a file

The classes are the SSZ schema of EIP-8025 (ethereum/EIPs ec5fdb98).
"""

import json
import random
import sys

from remerkleable.basic import uint64, uint256
from remerkleable.byte_arrays import ByteList, ByteVector, Bytes32
from remerkleable.complex import Container, List
from remerkleable.progressive import ProgressiveByteList, ProgressiveContainer, ProgressiveList

PREFIX = bytes([0x15, 0x01])


class Withdrawal(Container):
    index: uint64
    validator_index: uint64
    address: ByteVector[20]
    amount: uint64


class ExecutionPayload(ProgressiveContainer(active_fields=[1] * 19)):
    parent_hash: Bytes32
    fee_recipient: ByteVector[20]
    state_root: Bytes32
    receipts_root: Bytes32
    logs_bloom: ByteVector[256]
    prev_randao: Bytes32
    block_number: uint64
    gas_limit: uint64
    gas_used: uint64
    timestamp: uint64
    extra_data: ByteList[32]
    base_fee_per_gas: uint256
    block_hash: Bytes32
    transactions: ProgressiveList[ProgressiveByteList]
    withdrawals: ProgressiveList[Withdrawal]
    blob_gas_used: uint64
    excess_blob_gas: uint64
    block_access_list: ProgressiveByteList
    slot_number: uint64


class Deposit(Container):
    pubkey: ByteVector[48]
    withdrawal_credentials: Bytes32
    amount: uint64
    signature: ByteVector[96]
    index: uint64


class WithdrawalRequest(Container):
    source_address: ByteVector[20]
    validator_pubkey: ByteVector[48]
    amount: uint64


class Consolidation(Container):
    source_address: ByteVector[20]
    source_pubkey: ByteVector[48]
    target_pubkey: ByteVector[48]


class BuilderDeposit(Container):
    pubkey: ByteVector[48]
    withdrawal_credentials: Bytes32
    amount: uint64
    signature: ByteVector[96]


class BuilderExit(Container):
    source_address: ByteVector[20]
    pubkey: ByteVector[48]


class ExecutionRequests(ProgressiveContainer(active_fields=[1] * 5)):
    deposits: ProgressiveList[Deposit]
    withdrawals: ProgressiveList[WithdrawalRequest]
    consolidations: ProgressiveList[Consolidation]
    builder_deposits: ProgressiveList[BuilderDeposit]
    builder_exits: ProgressiveList[BuilderExit]


class NewPayloadRequest(Container):
    execution_payload: ExecutionPayload
    versioned_hashes: ProgressiveList[Bytes32]
    parent_beacon_block_root: Bytes32
    execution_requests: ExecutionRequests


class ExecutionWitness(Container):
    state: ProgressiveList[ByteList[2**10]]
    codes: ProgressiveList[ByteList[2**16]]
    headers: List[ByteList[2**10], 256]


class StatelessInput(Container):
    new_payload_request: NewPayloadRequest
    witness: ExecutionWitness
    chain_id: uint64
    public_keys: ProgressiveList[ByteVector[65]]


def vector(seed, transactions, withdrawals, requests, access_list, hashes, extra):
    rng = random.Random(seed)
    word = lambda: rng.getrandbits(64)
    data = lambda n: rng.randbytes(n)
    fill = lambda kind: kind(**{name: (word() if field is uint64 else data(field.type_byte_length())) for name, field in kind.fields().items()})
    payload = ExecutionPayload(
        parent_hash=data(32), fee_recipient=data(20), state_root=data(32), receipts_root=data(32), logs_bloom=data(256),
        prev_randao=data(32), block_number=word(), gas_limit=word(), gas_used=word(), timestamp=word(), extra_data=data(extra),
        base_fee_per_gas=rng.getrandbits(256), block_hash=data(32), transactions=[ProgressiveByteList(data(n)) for n in transactions],
        withdrawals=[fill(Withdrawal) for _ in range(withdrawals)], blob_gas_used=word(), excess_blob_gas=word(),
        block_access_list=ProgressiveByteList(data(access_list)), slot_number=word())
    kinds = [Deposit, WithdrawalRequest, Consolidation, BuilderDeposit, BuilderExit]
    lists = [[fill(kind) for _ in range(n)] for kind, n in zip(kinds, requests)]
    request = NewPayloadRequest(
        execution_payload=payload, versioned_hashes=[data(32) for _ in range(hashes)], parent_beacon_block_root=data(32),
        execution_requests=ExecutionRequests(**dict(zip(ExecutionRequests.fields(), lists))))
    witness = ExecutionWitness(
        state=[data(rng.randrange(40)) for _ in range(rng.randrange(4))], codes=[data(rng.randrange(40)) for _ in range(rng.randrange(4))],
        headers=[data(rng.randrange(40)) for _ in range(rng.randrange(4))])
    value = StatelessInput(
        new_payload_request=request, witness=witness, chain_id=word(), public_keys=[data(65) for _ in range(len(transactions))])
    return {"input": (PREFIX + value.encode_bytes()).hex(), "root": request.hash_tree_root().hex(), "chainId": str(int(value.chain_id))}


def main():
    if sys.argv[1:2] == ["--root"]:
        value = StatelessInput.decode_bytes(open(sys.argv[2], "rb").read()[2:])
        print(value.new_payload_request.hash_tree_root().hex())
        return
    shapes = [
        ([], 0, [0] * 5, 0, 0, 0),
        ([1], 1, [1, 0, 0, 0, 0], 1, 1, 1),
        ([31, 32, 33], 2, [0, 1, 0, 0, 0], 32, 4, 31),
        ([0, 64, 160, 161], 5, [0, 0, 1, 0, 0], 33, 5, 32),
        ([192, 193, 672, 673, 7], 6, [0, 0, 0, 1, 0], 160, 6, 16),
        ([2720, 2721], 21, [0, 0, 0, 0, 1], 161, 21, 8),
        ([5] * 21, 22, [2, 2, 2, 2, 2], 2721, 22, 5),
        ([6] * 22, 16, [5, 6, 7, 8, 9], 10913, 2, 20),
        ([7] * 86, 3, [0, 22, 0, 0, 5], 700, 0, 3),
    ]
    json.dump([vector(seed, *shape) for seed, shape in enumerate(shapes)], sys.stdout, indent=0)
    print()


main()
