//! The tagged messages that connect all chips.
//!
//! Every message is a tuple whose first element is a nonzero *tag*, constant or (bitwise) a column
//! constrained to three tags of one length; the tag fixes the number of elements behind it. Tuples
//! are padded with zeros in front to the width of their bus (`p3-lookup` wants one width on a bus;
//! see [`crate::builder`]). LogUp folds a padded tuple `(e_0, …, e_{k-1})` to
//! `e_0 + e_1 β + … + e_{k-1} β^{k-1}`: padded tuples of different lengths can only agree if their
//! first nonzero elements, their tags, stand at the same power and are equal, which the tags'
//! lengths exclude. Hence distinct messages have distinct fingerprints but for the roots of one
//! polynomial.
//!
//! | tag | payload | sent by | received by |
//! |---|---|---|---|
//! | [`EXECUTION`] | pc, time | the segment chip once, then every instruction its successor | every instruction; the segment chip once |
//! | [`PROGRAM`] | pc, op, rd, rs1, rs2, imm0, imm1, sign | every instruction | decode |
//! | [`MEMORY`] | key, v0, v1, v2, v3, time | accesses, bridges and decode, each after the value it received; the boundary once per cell | the same |
//! | [`BITS`] | k, v with `v < 2^k`, `k <= 16` | anyone | the bits table |
//! | [`POWER`] | k, `2^k`, `k <= 16` | anyone | the bits table |
//! | [`AND`], [`OR`], [`XOR`] | bytes a, b, c with `c = a op b` | bitwise | the byte table |
//! | [`BYTES`] | bytes a, b | anyone | the byte table |
//! | [`NODE`] | kind (0 before, 1 after), depth, index, digest | tree: once per visited child; the segment chip for the root | tree and boundary |
//! | [`PERMUTATION`] | domain, 18 inputs, 9 outputs | tree and boundary | poseidon2 |
//! | [`KECCAK`] | time, pointer limbs | ecall | keccak |
//! | [`MULMOD`] | time, five pointers as limbs | ecall | mulmod |
//! | [`HALT`] | exit code limbs, digest limbs | ecall | the segment chip |
//! | [`MULMOD384`] | time, five pointers as limbs | ecall | mulmod384 |
//! | [`SHA256`] | time, two pointers as limbs | ecall | sha256 |
//! | [`SHA256_STATE`] | time, 0 before the rounds or 1 behind them, eight words as halves | sha256; sha256_rounds behind its last round | sha256_rounds before its first round; sha256 |
//! | [`SHA256_ROUNDS`] | time, row, what the next two rounds need of the last two | sha256_rounds | sha256_rounds |
//! | [`SHA256_SCHEDULE`] | time, row, kind, up to four terms of the row's message words | sha256 for the block, sha256_rounds | sha256_rounds |
//! | [`BLAKE2F`] | time, two pointers as limbs, schedule | ecall | blake2f in a call's first row |
//! | [`BLAKE2F_NEXT`] | time, row, two pointers as limbs, schedule, region | blake2f for the next row | blake2f |
//!
//! *Send* counts `+1` and *receive* counts `-1`; the sum over all chips is zero for every message.

use crate::builder::BUSES;

/// `(pc, time)`: the machine is about to execute `pc` at tick `time`.
pub const EXECUTION: u32 = 1;
/// `(pc, op, rd, rs1, rs2, imm0, imm1, sign)`: a decoded instruction.
pub const PROGRAM: u32 = 2;
/// `(key, v0, v1, v2, v3, time)`: a cell's value, and the time of its last access.
pub const MEMORY: u32 = 3;
/// `(k, v)` with `v < 2^k` and `k <= 16`.
pub const BITS: u32 = 4;
/// `(k, 2^k)` with `k <= 16`.
pub const POWER: u32 = 5;
/// `(a, b, a & b)` of bytes.
pub const AND: u32 = 6;
/// `(a, b, a | b)` of bytes.
pub const OR: u32 = 7;
/// `(a, b, a ^ b)` of bytes.
pub const XOR: u32 = 8;
/// `(a, b)`, both bytes.
pub const BYTES: u32 = 9;
/// `(kind, depth, index, digest…)`: a node of the memory tree.
pub const NODE: u32 = 10;
/// `(domain, left and right inputs…, output digest…)` of the Poseidon2 compression.
pub const PERMUTATION: u32 = 11;
/// `(time, ptr0, ptr1)`: a Keccak call.
pub const KECCAK: u32 = 12;
/// `(time, five pointers as two limbs each)`: a call of `mulmod256`.
pub const MULMOD: u32 = 13;
/// `(exit code limbs, digest limbs)`: the program has halted.
pub const HALT: u32 = 14;
/// `(time, five pointers as two limbs each)`: a call of `mulmod384`.
pub const MULMOD384: u32 = 15;
/// `(time, two pointers as two limbs each)`: a call of SHA-256's compression.
pub const SHA256: u32 = 16;
/// `(time, 0 or 1, eight words as two halves each)`: the working variables a to h before or behind
/// the rounds of a call.
pub const SHA256_STATE: u32 = 17;
/// `(time, row, twenty halves)`: what a row of two rounds takes over from the row before.
pub const SHA256_ROUNDS: u32 = 18;
/// `(time, row, kind, four values)`: terms of the two message words of a row.
pub const SHA256_SCHEDULE: u32 = 19;
/// `(time, two pointers as two limbs each, schedule)`: a round of BLAKE2b.
pub const BLAKE2F: u32 = 20;
/// `(time, row, two pointers, schedule, region)`: what a row of a round of BLAKE2b takes over from
/// the row before; a pointer is its lower limb divided by 8, and its upper limb.
pub const BLAKE2F_NEXT: u32 = 21;

/// Every tag has a length, which fits one of the buses; the wide one is as wide as its longest message.
const _: () = {
    let mut tag = EXECUTION;
    while tag <= BLAKE2F_NEXT {
        assert!(message_len(tag) >= 2 && message_len(tag) <= BUSES.widths[1]);
        tag += 1;
    }
    assert!(BUSES.widths[0] < BUSES.widths[1]);
};

/// Region part of a memory key: `key = dword index + region * REGION_STRIDE`.
pub const REGION_STRIDE: u32 = 1 << 29;
/// Key of register 0.
pub const REGISTER_KEY: u32 = 3 * REGION_STRIDE;

/// Length of a tuple with its tag, for each tag, those of [`crate::recursion::bus`] included.
pub const fn message_len(tag: u32) -> usize {
    match tag {
        EXECUTION | BITS | POWER | BYTES => 3,
        PROGRAM => 9,
        MEMORY => 7,
        AND | OR | XOR | KECCAK => 4,
        NODE => 13,
        PERMUTATION => 29,
        MULMOD | MULMOD384 => 12,
        // Exit code: 2 limbs; digest: 16 limbs.
        HALT => 19,
        SHA256 => 6,
        // Time, place, and eight words of two halves.
        SHA256_STATE => 19,
        SHA256_ROUNDS => 23,
        SHA256_SCHEDULE => 8,
        BLAKE2F => 7,
        BLAKE2F_NEXT => 9,
        _ => crate::recursion::bus::message_len(tag),
    }
}
