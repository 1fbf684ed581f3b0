//! Which faults are none, and why: what a table has no column for, and what is free by the meaning
//! of the buses.

use std::fmt::Debug;

use tern_air::events::{
    AluEvent, Blake2fEvent, BridgeEvent, Cell, DecodeEvent, EcallEvent, KeccakEvent, MemoryEvent, MulModEvent, Sha256Event,
};
use tern_air::isa::{Family, Opcode, semantics};
use tern_air::memory::{LeafUpdate, NodeEvent, PermutationEvent};
use tern_vm::testing::records::Record;

use super::inject::{Fault, Kind};

const NO_ACCESS: &str = "the instruction has no such access";
const NO_IMMEDIATE: &str = "the instruction has no immediate";
const BEYOND_IMMEDIATE: &str = "the row has the immediate's low half and its sign, all of its bits";
const BEYOND_AMOUNT: &str = "the row has the six bits of the amount";
const COMPUTED: &str = "the row has what the memory gives";
const UPPER_BASE: &str = "the base's upper half follows from the address";
const STORES: &str = "aligned stores are to region 0 by constraint";
const ONE_DWORD: &str = "the access stays in one dword";
const ALIGNED: &str = "the row has the pointer in dwords";
const ROUNDS: &str = "the rounds have the call's time, state and block alone";
const WORDS: &str = "the row has the address in words";
const BY_PAGE: &str = "the region follows from the page";
const REGISTERS: &str = "registers have a region of their own";
const FENCE: &str = "a fence touches nothing";
const OTHER_TABLE: &str = "the misaligned chip takes aligned accesses at other offsets than 0";
const TRUE_TWICE: &str = "a compression is true however many rows provide it";
const OTHER_FAMILY: &str = "the fill takes an instruction of another chip for one of its own";
const ORDER: &str = "two reads of a dword are in either order";
pub const HALTED: &str = "nothing goes on after a halt";
pub const SAME_TIME: &str = "the fill takes times modulo 2^32";

/// Every reason.
pub const REASONS: [&str; 20] = [
    NO_ACCESS,
    NO_IMMEDIATE,
    BEYOND_IMMEDIATE,
    BEYOND_AMOUNT,
    COMPUTED,
    UPPER_BASE,
    STORES,
    ONE_DWORD,
    ALIGNED,
    ROUNDS,
    WORDS,
    BY_PAGE,
    REGISTERS,
    FENCE,
    OTHER_TABLE,
    TRUE_TWICE,
    OTHER_FAMILY,
    ORDER,
    HALTED,
    SAME_TIME,
];

/// A record of which some parts are free.
pub trait Free: Record + Debug + PartialEq {
    /// Why nothing complains if a field of a record changes, if nothing should.
    fn field(list: &str, field: &str, from: &Self, to: &Self) -> Option<&'static str>;

    /// Why nothing complains if the record is dropped, duplicated or moved, if nothing should.
    fn record(_list: &str, _kind: Kind, _to: &str, _record: &Self) -> Option<&'static str> {
        None
    }

    /// Why nothing complains if two records exchange a field that is not free in both, if nothing should.
    fn pair(_list: &str, _field: &str, _records: [&Self; 2]) -> Option<&'static str> {
        None
    }

    /// Why nothing should complain about a fault, if nothing should.
    fn free(list: &str, fault: &Fault<Self>) -> Option<&'static str> {
        match fault.kind {
            Kind::Changed | Kind::Copied | Kind::Exchanged => {
                let reasons = fault.removed.iter().zip(&fault.inserted).map(|(from, to)| Self::field(list, fault.field, from, to));
                let reason = reasons.reduce(|all, reason| all.and(reason)).flatten();
                match &fault.removed[..] {
                    [one, other] => reason.or_else(|| Self::pair(list, fault.field, [one, other])),
                    _ => reason,
                }
            }
            Kind::Dropped | Kind::Duplicated | Kind::Moved => {
                fault.removed.first().or(fault.inserted.first()).and_then(|record| Self::record(list, fault.kind, fault.field, record))
            }
        }
    }
}

fn when(is_free: bool, reason: &'static str) -> Option<&'static str> {
    is_free.then_some(reason)
}

/// Whether two immediates have one low half and one sign.
fn same_short(a: i32, b: i32) -> bool {
    a as u16 == b as u16 && (a < 0) == (b < 0)
}

impl Free for AluEvent {
    fn field(list: &str, field: &str, from: &Self, to: &Self) -> Option<&'static str> {
        let reads_rs2 = from.op.reads_rs2();
        let (is_jump, is_branch) = (list == "jump", list == "branch");
        match field {
            "op" if list == "compare" => {
                let is_signed = |op: Opcode| matches!(op, Opcode::Slt | Opcode::Slti);
                let is_same = to.op.reads_rs2() == reads_rs2 && !is_signed(from.op) && !is_signed(to.op);
                when(is_same && to.op.family() != Family::Compare, OTHER_FAMILY)
            }
            "op" if is_branch => {
                let is_taken = semantics::branch_taken(from.op, from.a, from.b);
                when(from.op == Opcode::Beq && !is_taken && to.op.family() != Family::Branch, OTHER_FAMILY)
            }
            "a" | "t_rs1" if is_jump => when(from.op != Opcode::Jalr, NO_ACCESS),
            "b" | "rs2" | "t_rs2" if is_jump => Some(NO_ACCESS),
            "b" if list == "shift" => when(!reads_rs2 && from.b % 64 == to.b % 64, BEYOND_AMOUNT),
            "t_rs2" => when(!reads_rs2, NO_ACCESS),
            "rd" | "rd_old" | "t_rd" if is_branch => Some(NO_ACCESS),
            "imm" if is_jump => None,
            "imm" if is_branch => {
                let is_taken = semantics::branch_taken(from.op, from.a, from.b);
                when(!is_taken && same_short(from.imm, to.imm), BEYOND_IMMEDIATE)
            }
            "imm" if reads_rs2 => Some(NO_IMMEDIATE),
            "imm" if list == "shift" => when(from.imm as u16 == to.imm as u16, BEYOND_IMMEDIATE),
            "imm" => when(same_short(from.imm, to.imm), BEYOND_IMMEDIATE),
            _ => None,
        }
    }
}

impl Free for MemoryEvent {
    fn field(list: &str, field: &str, from: &Self, to: &Self) -> Option<&'static str> {
        let is_load = from.op.family() == Family::Load;
        let bytes = semantics::access_bytes(from.op);
        match field {
            "value" => when(is_load, COMPUTED),
            "rd_old" | "t_rd" => when(!is_load, NO_ACCESS),
            "t_rs2" => when(is_load, NO_ACCESS),
            "rs2" => when(list == "load", NO_ACCESS),
            "rd" => when(list == "store", NO_ACCESS),
            "region" => when(list == "store", STORES),
            "base" => when(from.base as u32 == to.base as u32, UPPER_BASE),
            "imm" => when(same_short(from.imm, to.imm), BEYOND_IMMEDIATE),
            "mem_old.1" | "t_mem.1" => when(from.addr % 8 + bytes <= 8, ONE_DWORD),
            _ => None,
        }
    }

    fn record(list: &str, kind: Kind, to: &str, record: &Self) -> Option<&'static str> {
        let fits = semantics::access_bytes(record.op) > 1 && !record.addr.is_multiple_of(8);
        when(kind == Kind::Moved && list != to && to == "misaligned" && fits, OTHER_TABLE)
    }
}

impl Free for EcallEvent {
    fn field(_list: &str, field: &str, from: &Self, _to: &Self) -> Option<&'static str> {
        when(from.is_fence && matches!(field, "number" | "arguments" | "t_regs"), FENCE)
    }
}

impl Free for KeccakEvent {
    fn field(_list: &str, field: &str, from: &Self, to: &Self) -> Option<&'static str> {
        when(field == "ptr" && from.ptr / 8 == to.ptr / 8, ALIGNED)
    }
}

impl<const DWORDS: usize> Free for MulModEvent<DWORDS> {
    fn field(_list: &str, field: &str, from: &Self, to: &Self) -> Option<&'static str> {
        when(field == "ptrs" && from.ptrs.map(|ptr| ptr / 8) == to.ptrs.map(|ptr| ptr / 8), ALIGNED)
    }
}

impl Free for Sha256Event {
    fn field(list: &str, field: &str, from: &Self, to: &Self) -> Option<&'static str> {
        match field {
            "ptrs" | "t_state" | "t_block" | "region" if list == "sha256_rounds" => Some(ROUNDS),
            "ptrs" => when(from.ptrs.map(|ptr| ptr / 8) == to.ptrs.map(|ptr| ptr / 8), ALIGNED),
            _ => None,
        }
    }
}

impl Free for Blake2fEvent {
    fn field(_list: &str, field: &str, from: &Self, to: &Self) -> Option<&'static str> {
        when(field == "ptrs" && from.ptrs.map(|ptr| ptr / 8) == to.ptrs.map(|ptr| ptr / 8), ALIGNED)
    }
}

impl Free for BridgeEvent {
    fn field(_list: &str, field: &str, from: &Self, _to: &Self) -> Option<&'static str> {
        when(field == "region" && matches!(from.cell, Cell::Register(_)), REGISTERS)
    }
}

impl Free for DecodeEvent {
    fn field(_list: &str, field: &str, from: &Self, to: &Self) -> Option<&'static str> {
        when(field == "pc" && from.pc / 4 == to.pc / 4, WORDS)
    }

    fn pair(_list: &str, field: &str, [one, other]: [&Self; 2]) -> Option<&'static str> {
        when(field == "order" && one.pc / 8 == other.pc / 8, ORDER)
    }
}

impl Free for LeafUpdate {
    fn field(_list: &str, field: &str, _from: &Self, _to: &Self) -> Option<&'static str> {
        when(field == "region", BY_PAGE)
    }
}

impl Free for NodeEvent {
    fn field(_list: &str, _field: &str, _from: &Self, _to: &Self) -> Option<&'static str> {
        None
    }
}

impl Free for PermutationEvent {
    fn field(_list: &str, _field: &str, _from: &Self, _to: &Self) -> Option<&'static str> {
        None
    }

    fn record(_list: &str, kind: Kind, _to: &str, _record: &Self) -> Option<&'static str> {
        when(kind == Kind::Duplicated, TRUE_TWICE)
    }
}
