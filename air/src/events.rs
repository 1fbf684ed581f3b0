//! What the executor records and the chips' trace fills read.
//!
//! One record per table row: everything the row needs, so that a fill touches no memory and no other
//! record. Times are ticks of the segment: tick 0 is the initial memory, ticks 1 to 7 belong to the decode
//! chip, and instruction `n` of the segment begins at [`FIRST_TIME`]` + n * `[`TICKS_PER_INSTRUCTION`].

use alloc::vec::Vec;

use crate::isa::Opcode;

/// The tick at which the first instruction of a segment begins.
pub const FIRST_TIME: u32 = 8;
/// All times of an honest segment are below: what a [`BridgeEvent`]'s range checks have room for.
/// (Whatever a prover does they are below `2^27 + 16`: `spec/memory.md`.)
pub const MAX_TIME: u32 = 1 << 26;
/// Ticks that every instruction advances.
pub const TICKS_PER_INSTRUCTION: u32 = 8;
/// Tick of the `rs1` read (and of all six register reads of an environment call) within an instruction.
pub const TICK_RS1: u32 = 0;
/// Tick of the `rs2` read.
pub const TICK_RS2: u32 = 1;
/// Tick of a load's or store's memory access; Keccak's state access.
pub const TICK_MEMORY: u32 = 2;
/// Tick of the `rd` write.
pub const TICK_RD: u32 = 3;
/// Ticks at which `mulmod256` and `mulmod384` read a, b, c and m, and write the destination.
pub const TICKS_MULMOD: [u32; 5] = [2, 3, 4, 5, 6];
/// Ticks at which `sha256_compress` reads the block, and then the state, which it writes.
pub const TICKS_SHA256: [u32; 2] = [2, 3];
/// Ticks at which `blake2f_round` reads the message, and takes the vector's columns and then its
/// diagonals through the round.
pub const TICKS_BLAKE2F: [u32; 3] = [2, 3, 4];
/// An access proves `0 <= new time - old time - 1 < MAX_GAP`; a longer gap needs a [`BridgeEvent`].
pub const MAX_GAP: u32 = 1 << 16;
/// The cell that stands for `x0` as a destination: written, never read by an instruction.
pub const SINK_REGISTER: u8 = 32;

/// A cell of the memory argument: a register, or a dword of memory by its index (address / 8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cell {
    /// Register 0..=31, or [`SINK_REGISTER`].
    Register(u8),
    /// Dword index, at least 512 (the null page has no cells).
    Memory(u32),
}

/// An instruction that only touches registers, or a branch or jump.
///
/// Fields that the instruction lacks are zero: an immediate form has `rs2 = 0`, `t_rs2 = 0` and `b` its
/// sign-extended immediate; `LUI`, `AUIPC` and `JAL` have no `rs1`; branches have no `rd`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AluEvent {
    /// Program counter.
    pub pc: u32,
    /// Tick at which the instruction begins.
    pub time: u32,
    /// Value of `rs1`.
    pub a: u64,
    /// Value of `rs2`, or the sign-extended immediate.
    pub b: u64,
    /// Value of `rd` before the write.
    pub rd_old: u64,
    /// Time of the previous access to the `rs1` register.
    pub t_rs1: u32,
    /// Time of the previous access to the `rs2` register (as it is after this instruction's `rs1` read).
    pub t_rs2: u32,
    /// Time of the previous access to the `rd` register (as it is after this instruction's reads).
    pub t_rd: u32,
    /// Immediate as decoded.
    pub imm: i32,
    /// Opcode.
    pub op: Opcode,
    /// Destination register; [`SINK_REGISTER`] for `x0`.
    pub rd: u8,
    /// First source register.
    pub rs1: u8,
    /// Second source register.
    pub rs2: u8,
}

/// A load or store.
///
/// An access within one dword has `mem_old[1] = 0` and `t_mem[1] = 0`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryEvent {
    /// Program counter.
    pub pc: u32,
    /// Tick at which the instruction begins.
    pub time: u32,
    /// Value of `rs1`.
    pub base: u64,
    /// Effective byte address.
    pub addr: u32,
    /// Immediate as decoded.
    pub imm: i32,
    /// Store: value of `rs2`. Load: the value written to `rd`.
    pub value: u64,
    /// Load: value of `rd` before the write. Store: 0.
    pub rd_old: u64,
    /// The dword at `addr / 8` and, if the access crosses, the next one, before the access.
    pub mem_old: [u64; 2],
    /// Times of the previous accesses to those dwords.
    pub t_mem: [u32; 2],
    /// Time of the previous access to the `rs1` register.
    pub t_rs1: u32,
    /// Store: time of the previous access to `rs2`.
    pub t_rs2: u32,
    /// Load: time of the previous access to `rd`.
    pub t_rd: u32,
    /// Opcode.
    pub op: Opcode,
    /// Destination register of a load; [`SINK_REGISTER`] for `x0`.
    pub rd: u8,
    /// Base register.
    pub rs1: u8,
    /// Source register of a store.
    pub rs2: u8,
    /// Which part of the address space the accessed dwords lie in: both in the same.
    pub region: Region,
}

/// How a memory cell may be used; part of its key on the memory bus.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Region {
    /// Readable and writable.
    ReadWrite = 0,
    /// Read-only data of the program, and the private input.
    ReadOnly = 1,
    /// Program text: readable, and the only region that the decode chip takes.
    Text = 2,
}

/// An `ecall` (or, with `is_fence`, a `fence`, which touches nothing).
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EcallEvent {
    /// Program counter.
    pub pc: u32,
    /// Tick at which the instruction begins.
    pub time: u32,
    /// Values of `x17, x10, x11, x12, x13, x14`.
    pub regs: [u64; 6],
    /// Times of the previous accesses to those registers.
    pub t_regs: [u32; 6],
    /// A `fence`: the other fields but `pc` and `time` are zero.
    pub is_fence: bool,
}

/// A `keccak_f1600` call, besides its [`EcallEvent`].
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeccakEvent {
    /// Tick at which the instruction begins.
    pub time: u32,
    /// Address of the state, a multiple of 8.
    pub ptr: u32,
    /// The state before the permutation.
    pub state: [u64; 25],
    /// Times of the previous accesses to the 25 dwords.
    pub t_mem: [u32; 25],
}

/// A `mulmod256` or `mulmod384` call, of numbers of four or six dwords, besides its [`EcallEvent`].
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MulModEvent<const DWORDS: usize> {
    /// Tick at which the instruction begins.
    pub time: u32,
    /// Addresses of the destination, a, b, c and m (the order of `a0`..`a4`), multiples of 8.
    pub ptrs: [u32; 5],
    /// The operands a, b, c, m, little-endian dwords.
    pub operands: [[u64; DWORDS]; 4],
    /// The destination before the write.
    pub dst_old: [u64; DWORDS],
    /// Times of the previous accesses: a, b, c, m, destination.
    pub t_mem: [[u32; DWORDS]; 5],
    /// Regions of a, b, c, m: an operand lies in one region.
    pub regions: [Region; 4],
}

/// A `sha256_compress` call, besides its [`EcallEvent`].
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sha256Event {
    /// Tick at which the instruction begins.
    pub time: u32,
    /// Addresses of the state and of the block, multiples of 8.
    pub ptrs: [u32; 2],
    /// The state before the call, two words a dword.
    pub state: [u64; 4],
    /// The block as it lies in memory.
    pub block: [u64; 8],
    /// Times of the previous accesses to the state.
    pub t_state: [u32; 4],
    /// Times of the previous accesses to the block.
    pub t_block: [u32; 8],
    /// Region of the block.
    pub region: Region,
}

/// A `blake2f_round` call, besides its [`EcallEvent`].
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Blake2fEvent {
    /// Tick at which the instruction begins.
    pub time: u32,
    /// Addresses of the work vector and of the message, multiples of 8.
    pub ptrs: [u32; 2],
    /// The work vector before the round.
    pub vector: [u64; 16],
    /// The message.
    pub message: [u64; 16],
    /// The number of the round modulo 10.
    pub schedule: u64,
    /// Times of the accesses to the vector before the call.
    pub t_vector: [u32; 16],
    /// Times of the previous accesses to the message.
    pub t_message: [u32; 16],
    /// Region of the message.
    pub region: Region,
}

/// A read that moves a cell's time forward, so that the next access has a short gap.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BridgeEvent {
    /// The cell.
    pub cell: Cell,
    /// Its region ([`Region::ReadWrite`] for a register).
    pub region: Region,
    /// Its value.
    pub value: u64,
    /// Time of the previous access.
    pub old_time: u32,
    /// Time that the next access sees; greater than `old_time`.
    pub new_time: u32,
}

/// An instruction word that the segment executes.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecodeEvent {
    /// Its address.
    pub pc: u32,
    /// The instruction word.
    pub word: u32,
    /// The other word of its dword.
    pub other_word: u32,
    /// 0 if this is the first word of its dword that the decode chip reads in this segment, else 1.
    pub order: u8,
    /// How many times the segment executes it.
    pub count: u32,
}

/// A leaf of the memory tree (four dwords, 32 bytes) that the segment touches.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeafEvent {
    /// Leaf index: address / 32. Leaves 0 to 8 hold the registers: dword `i` is register `i`.
    pub index: u32,
    /// Which part of the address space it lies in (registers: [`Region::ReadWrite`]).
    pub region: Region,
    /// The four dwords at the start of the segment.
    pub initial: [u64; 4],
    /// The four dwords at its end.
    pub last: [u64; 4],
    /// Time of the last access to each dword; 0 for one that was not accessed.
    pub last_time: [u32; 4],
}

/// Everything that one segment's traces are filled from.
#[derive(Clone, Debug, Default)]
pub struct SegmentEvents {
    /// `ADD SUB ADDI ADDW SUBW ADDIW`.
    pub add_sub: Vec<AluEvent>,
    /// `AND OR XOR ANDI ORI XORI`.
    pub bitwise: Vec<AluEvent>,
    /// The twelve shifts.
    pub shift: Vec<AluEvent>,
    /// `SLT SLTU SLTI SLTIU`.
    pub compare: Vec<AluEvent>,
    /// `MUL MULH MULHSU MULHU MULW`.
    pub mul: Vec<AluEvent>,
    /// `DIV DIVU REM REMU DIVW DIVUW REMW REMUW`.
    pub div_rem: Vec<AluEvent>,
    /// `LUI AUIPC JAL JALR`.
    pub jump: Vec<AluEvent>,
    /// The six branches.
    pub branch: Vec<AluEvent>,
    /// Naturally aligned loads.
    pub load: Vec<MemoryEvent>,
    /// Naturally aligned stores.
    pub store: Vec<MemoryEvent>,
    /// Loads and stores that are not naturally aligned, crossing a dword or not.
    pub misaligned: Vec<MemoryEvent>,
    /// `ecall` and `fence`.
    pub ecall: Vec<EcallEvent>,
    /// Keccak permutations.
    pub keccak: Vec<KeccakEvent>,
    /// 256-bit modular multiplications.
    pub mulmod: Vec<MulModEvent<4>>,
    /// 384-bit modular multiplications.
    pub mulmod384: Vec<MulModEvent<6>>,
    /// Compressions of SHA-256.
    pub sha256: Vec<Sha256Event>,
    /// Rounds of BLAKE2b.
    pub blake2f: Vec<Blake2fEvent>,
    /// Bridges over long gaps.
    pub bridge: Vec<BridgeEvent>,
    /// Distinct instructions executed.
    pub decode: Vec<DecodeEvent>,
    /// Distinct leaves touched by accesses or by the decode chip, ascending by index.
    pub leaves: Vec<LeafEvent>,
}
