//! Bytecode, made ready to run: padded, with its jump destinations found when they are jumped to.
//!
//! Code of the pre-state is mostly loaded to run little of it, so that an analysis of all of it would be a tenth of a block.
//! [`lazy`] makes bytecode whose jump table has no destination at all, so that revm's own JUMP never takes one, and which
//! bears a number instead, under which the caller keeps its [`Jumps`]. [`crate::interpreter`] asks those.
//!
//! Whether a JUMPDEST is an instruction depends on where the instructions before it begin. A place is certain to be such a
//! beginning if no PUSH of the 32 bytes before it reaches it. So [`Jumps`] walks from such a place, or from a beginning that
//! it knows, and notes one beginning in each [`BLOCK`] that it passes: no byte is walked over more than twice, whatever the
//! code, plus at most a block for each jump destination.

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;
use core::cell::Cell;

use alloy_primitives::Bytes;
use revm::bytecode::{Bytecode, JumpTable, opcode};

/// Most immediate bytes of an instruction, and one opcode.
const PADDING: usize = 33;

/// The jump table of lazy bytecode; longer code is analysed at once. Amsterdam's limit for code is 2^15 bytes (EIP-7954).
static NO_DESTINATIONS: [u8; 1 << 12] = [0; 1 << 12];

/// The first opcode that has immediate bytes: one, and each of the next 31 has one more.
const PUSH1: usize = opcode::PUSH1 as usize;

/// Bytes of code for which one beginning of an instruction is noted: more than any instruction has.
const BLOCK: usize = 64;

/// A beginning that is not known.
const UNKNOWN: u8 = u8::MAX;

/// Bytes of one code that may be looked at to find beginnings that are certain.
const LOOK_BACK: usize = 512;

/// `code` as ordinary (not delegating) bytecode that bears a number, unless it is empty or too long to be lazy.
pub fn lazy(code: &[u8], number: u32) -> Bytecode {
    if code.is_empty() || code.len() > 8 * NO_DESTINATIONS.len() {
        return Bytecode::new_legacy(Bytes::copy_from_slice(code));
    }
    let mut padded = Vec::with_capacity(code.len() + PADDING + size_of::<u32>());
    padded.extend_from_slice(code);
    // A STOP ends the code wherever execution leaves it: behind the 32 immediate bytes of a truncated PUSH32, or behind the
    // one of the last opcode. What follows the padding is never run.
    padded.resize(code.len() + PADDING, opcode::STOP);
    padded.extend_from_slice(&number.to_le_bytes());
    let table = JumpTable::from_static_slice(&NO_DESTINATIONS[..code.len().div_ceil(8)], code.len());
    // SAFETY: the padding ends every instruction that begins inside the code, and then the program.
    unsafe { Bytecode::new_analyzed(Bytes::from(padded), code.len(), table) }
}

/// The number of lazy bytecode; none of other bytecode.
pub fn number(code: &Bytecode) -> Option<u32> {
    let table = code.legacy_jump_table()?;
    if table.as_slice().as_ptr() != NO_DESTINATIONS.as_ptr() {
        return None;
    }
    let number = code.bytes_slice().get(code.len() + PADDING..)?;
    Some(u32::from_le_bytes(number.try_into().ok()?))
}

/// What is known about the jump destinations of one code.
#[derive(Debug)]
pub struct Jumps {
    /// One bit a byte of code, set at destinations that were asked for.
    known: Box<[Cell<u8>]>,
    /// For each block the first beginning of an instruction in it, counted from the block's start.
    beginnings: Box<[Cell<u8>]>,
    look_back: Cell<usize>,
}

impl Jumps {
    /// Nothing known about a code of `len` bytes.
    pub fn new(len: usize) -> Self {
        let beginnings = cells(UNKNOWN, len.div_ceil(BLOCK));
        if let Some(first) = beginnings.first() {
            first.set(0);
        }
        Self { known: cells(0, len.div_ceil(8)), beginnings, look_back: Cell::new(LOOK_BACK) }
    }

    /// One bit a byte of code: set, it is a jump destination. Clear, [`Self::is_valid`] says.
    #[inline(always)]
    pub fn known(&self) -> *const u8 {
        self.known.as_ptr().cast()
    }

    /// Whether there is a JUMPDEST at `target`, and it is an instruction. `code` is the whole code, without padding.
    #[inline(never)]
    pub fn is_valid(&self, code: &[u8], target: usize) -> bool {
        if code.get(target) != Some(&opcode::JUMPDEST) {
            return false;
        }
        let is_valid = is_certain(code, target) || walk(code, self.beginning(code, target / BLOCK), target) == target;
        if is_valid {
            let byte = &self.known[target / 8];
            byte.set(byte.get() | 1 << (target % 8));
        }
        is_valid
    }

    /// The first beginning of an instruction in a block, or behind the code.
    fn beginning(&self, code: &[u8], block: usize) -> usize {
        let known = |block: usize| match self.beginnings[block].get() {
            UNKNOWN => None,
            offset => Some(block * BLOCK + usize::from(offset)),
        };
        if let Some(known) = known(block) {
            return known;
        }
        // The first block's is always known.
        let mut at = self.certain(code, block * BLOCK).or_else(|| (0..block).rev().find_map(known)).unwrap_or(0);
        for passed in at.div_ceil(BLOCK)..=block {
            at = walk(code, at, passed * BLOCK);
            self.beginnings[passed].set((at - passed * BLOCK) as u8);
        }
        at
    }

    /// The last beginning at or before `at` that no PUSH before it can reach, as far as that was looked for.
    fn certain(&self, code: &[u8], at: usize) -> Option<usize> {
        if is_certain(code, at) {
            return Some(at);
        }
        let look_back = self.look_back.get();
        let stop = at.saturating_sub(look_back);
        // `from + distance` is a beginning, if no PUSH before `from` reaches it.
        let (mut from, mut distance) = (at, 0);
        while from > stop && distance < 32 {
            from -= 1;
            distance += 1;
            let past_push1 = usize::from(code[from]).wrapping_sub(PUSH1);
            if past_push1 < 32 && past_push1 + 1 >= distance {
                distance = 0;
            }
        }
        self.look_back.set(look_back - (at - from));
        (from == 0 || distance == 32).then_some(from + distance)
    }
}

/// Whether no PUSH of the 32 bytes before `at` reaches it. Places before the 32nd are left to slower code.
#[inline(always)]
fn is_certain(code: &[u8], at: usize) -> bool {
    /// For each of the bytes, what makes its seventh bit overflow if it is at least the first PUSH that reaches.
    const REACH: [u64; 4] = {
        let mut reach = [0; 4];
        let mut index = 0;
        while index < 32 {
            let shortest = opcode::PUSH1 + 31 - index;
            reach[index as usize / 8] |= (0x80 - shortest as u64) << (8 * (index % 8));
            index += 1;
        }
        reach
    };
    const HIGH_BITS: u64 = 0x8080_8080_8080_8080;
    let Some(before) = at.checked_sub(32).and_then(|from| code.get(from..at)) else { return false };
    let mut reaching = 0;
    for (bytes, reach) in before.as_chunks::<8>().0.iter().zip(REACH) {
        let bytes = u64::from_le_bytes(*bytes);
        // No PUSH has the high bit.
        reaching |= ((bytes & !HIGH_BITS) + reach) & !bytes;
    }
    reaching & HIGH_BITS == 0
}

/// The first beginning of an instruction at or behind `end`, from the one at `at`. What it takes for each byte decides what the
/// worst code costs, hence pointers, and the steps written out.
#[inline(always)]
fn walk(code: &[u8], at: usize, end: usize) -> usize {
    assert!(end <= code.len());
    let start = code.as_ptr();
    let (mut next, end) = (start.wrapping_add(at), start.wrapping_add(end));
    let last = end.wrapping_sub(8);
    // SAFETY: what is read lies before `end`, which is inside the code.
    let past_push1 = |at: *const u8| usize::from(unsafe { *at }).wrapping_sub(PUSH1);
    'instructions: while next <= last {
        macro_rules! step {
            ($($offset:literal)*) => {$(
                let past = past_push1(next.wrapping_add($offset));
                if past < 32 {
                    next = next.wrapping_add(past + $offset + 2);
                    continue 'instructions;
                }
            )*};
        }
        step!(0 1 2 3 4 5 6 7);
        next = next.wrapping_add(8);
    }
    while next < end {
        let past = past_push1(next);
        next = next.wrapping_add(if past < 32 { past + 2 } else { 1 });
    }
    next.addr() - start.addr()
}

fn cells(value: u8, len: usize) -> Box<[Cell<u8>]> {
    vec![Cell::new(value); len].into_boxed_slice()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Compares lazy bytecode with revm's, asking for destinations in the given order, then in any.
    fn check(code: &[u8], order: &[usize]) {
        let (ours, theirs) = (lazy(code, 7), Bytecode::new_legacy(Bytes::copy_from_slice(code)));
        assert_eq!(ours.original_bytes(), theirs.original_bytes());
        assert_eq!(ours.hash_slow(), theirs.hash_slow());
        assert!(ours.bytes_slice().len() >= theirs.bytes_slice().len());
        assert_eq!(number(&theirs), None);
        assert_eq!(number(&ours), (!code.is_empty()).then_some(7));
        let table = theirs.legacy_jump_table().unwrap();
        let jumps = Jumps::new(code.len());
        let all = 0..=code.len() + 40;
        for at in order.iter().copied().chain(all.clone().rev()).chain(all) {
            assert_eq!(jumps.is_valid(code, at), table.is_valid(at), "{at} of {code:02x?} after {order:?}");
        }
        let known: Vec<u8> = jumps.known.iter().map(Cell::get).collect();
        assert_eq!(JumpTable::from_slice(&known, code.len()).as_slice(), table.as_slice());
        assert!(code.is_empty() || (0..code.len()).all(|at| !ours.legacy_jump_table().unwrap().is_valid(at)));
    }

    #[test]
    fn agrees_with_revm_on_each_last_opcode() {
        check(&[], &[]);
        for byte in 0..=255 {
            check(&[byte], &[]);
            check(&[opcode::JUMPDEST, byte], &[]);
            check(&[byte, opcode::JUMPDEST, opcode::JUMPDEST, opcode::STOP], &[]);
            check(&[byte; 70], &[]);
        }
    }

    #[test]
    fn long_codes_are_analysed_at_once() {
        for len in [8 * NO_DESTINATIONS.len(), 8 * NO_DESTINATIONS.len() + 1] {
            let code = lazy(&vec![opcode::JUMPDEST; len], 3);
            let is_lazy = len == 8 * NO_DESTINATIONS.len();
            assert_eq!(number(&code), is_lazy.then_some(3));
            assert_eq!(code.legacy_jump_table().unwrap().is_valid(len - 1), !is_lazy);
        }
    }

    /// Each place is reached by a PUSH32 of the 32 bytes before it, which is no instruction.
    #[test]
    fn agrees_with_revm_where_nothing_is_certain() {
        let mut code = Vec::new();
        while code.len() < 24576 {
            code.extend_from_slice(&[opcode::PUSH1, opcode::PUSH32]);
            code.resize(code.len() + 29, opcode::JUMPDEST);
        }
        check(&code, &[24000, 23990, 12000, 5000, 24001]);
    }

    proptest! {
        #[test]
        fn agrees_with_revm(
            code in proptest::collection::vec(prop_oneof![4 => Just(0x5bu8), 3 => 0x5au8..0x62, 1 => 0x70u8..0x80, 2 => any::<u8>()], 0..700),
            order in proptest::collection::vec(0usize..750, 0..20),
        ) {
            check(&code, &order);
        }
    }
}
