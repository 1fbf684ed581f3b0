//! Bytecode, made ready to run: padded, with its jump destinations.
//!
//! Does what `Bytecode::new_legacy` does, in one pass and one copy: analysis of code is a tenth of a block's instructions.

use alloc::vec;
use alloc::vec::Vec;

use alloy_primitives::Bytes;
use revm::bytecode::{Bytecode, JumpTable, opcode};

/// `code` as ordinary (not delegating) bytecode.
pub fn analyze(code: &[u8]) -> Bytecode {
    if code.is_empty() {
        return Bytecode::new();
    }
    let mut padded = Vec::with_capacity(code.len() + PADDING);
    padded.extend_from_slice(code);
    padded.resize(code.len() + PADDING, opcode::JUMPDEST);
    let jumps = jump_destinations(&padded, code.len());
    // A STOP ends the code wherever execution leaves it: behind the 32 immediate bytes of a truncated PUSH32, or behind the
    // one of the last opcode.
    padded[code.len()..].fill(opcode::STOP);
    // SAFETY: the jump table has a bit for each byte of the code, set only at a JUMPDEST outside immediate bytes, and the
    // padding ends every instruction that begins inside the code, and then the program.
    unsafe { Bytecode::new_analyzed(Bytes::from(padded), code.len(), jumps) }
}

/// Most immediate bytes of an instruction, and one opcode.
const PADDING: usize = 33;

/// One bit for each of the `length` bytes of code, set where a jump may go. Behind the code lie [`PADDING`] JUMPDESTs,
/// so that the walk must land on one and only there look whether it has left the code.
fn jump_destinations(padded: &[u8], length: usize) -> JumpTable {
    const PUSH1_PAST_JUMPDEST: usize = (opcode::PUSH1 - opcode::JUMPDEST) as usize;
    const PUSH32_PAST_JUMPDEST: usize = (opcode::PUSH32 - opcode::JUMPDEST) as usize;
    assert!(padded.len() >= length + PADDING && padded[length..].iter().all(|&byte| byte == opcode::JUMPDEST));
    let mut table = vec![0u8; length.div_ceil(8)];
    let start = padded.as_ptr();
    let mut next = start;
    loop {
        // SAFETY: an instruction that begins inside the code ends at most 32 bytes behind it, where there is a JUMPDEST, at
        // which the walk ends.
        let byte = unsafe { *next };
        // One comparison lets everything but JUMPDEST, PUSH0 and its neighbours, and PUSH1 to PUSH32 pass.
        let past_jumpdest = usize::from(byte).wrapping_sub(usize::from(opcode::JUMPDEST));
        // SAFETY: as above.
        next = unsafe { next.add(1) };
        if past_jumpdest > PUSH32_PAST_JUMPDEST {
            continue;
        }
        if past_jumpdest >= PUSH1_PAST_JUMPDEST {
            // SAFETY: as above.
            next = unsafe { next.add(past_jumpdest + 1 - PUSH1_PAST_JUMPDEST) };
        } else if past_jumpdest == 0 {
            let at = next.addr() - start.addr() - 1;
            if at >= length {
                break;
            }
            table[at / 8] |= 1 << (at % 8);
        }
    }
    JumpTable::from_slice(&table, length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(code: &[u8]) {
        let (ours, theirs) = (analyze(code), Bytecode::new_legacy(Bytes::copy_from_slice(code)));
        assert_eq!(ours.original_bytes(), theirs.original_bytes());
        assert_eq!(ours.hash_slow(), theirs.hash_slow());
        let (ours, theirs) = (ours.legacy_jump_table(), theirs.legacy_jump_table());
        for at in 0..=code.len() + 40 {
            let valid = |table: Option<&JumpTable>| table.is_some_and(|table| table.is_valid(at));
            assert_eq!(valid(ours), valid(theirs), "{at} of {code:02x?}");
        }
    }

    #[test]
    fn agrees_with_revm_on_each_last_opcode() {
        check(&[]);
        for byte in 0..=255 {
            check(&[byte]);
            check(&[opcode::JUMPDEST, byte]);
            check(&[byte, opcode::JUMPDEST, opcode::JUMPDEST, opcode::STOP]);
            check(&[byte; 70]);
        }
    }

    proptest! {
        #[test]
        fn agrees_with_revm(code in proptest::collection::vec(prop_oneof![Just(0x5bu8), 0x5au8..0x62, any::<u8>()], 0..300)) {
            check(&code);
        }
    }
}
