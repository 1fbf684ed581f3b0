//! Operands and results of the accelerators.

pub use tern_air::machine::mulmod::Division;
use tern_air::machine::mulmod::divide;

use super::memory::Memory;
use super::trap::TrapReason;

/// The 25 dwords at `address`, which must be a multiple of 8 and writable throughout.
pub(super) fn keccak_state(memory: &Memory, address: u64) -> Result<[u64; 25], TrapReason> {
    memory.check_store_dwords::<25>(address)?;
    memory.load_dwords::<25>(address)
}

/// The operands a, b, c, m of a modular multiplication, of so many dwords each, given the pointers to destination, a, b, c, m.
pub(super) fn mulmod_operands<const DWORDS: usize>(memory: &Memory, pointers: [u64; 5]) -> Result<[[u64; DWORDS]; 4], TrapReason> {
    let [destination, operands @ ..] = pointers;
    memory.check_store_dwords::<DWORDS>(destination)?;
    let mut values = [[0; DWORDS]; 4];
    for (value, pointer) in values.iter_mut().zip(operands) {
        *value = memory.load_dwords::<DWORDS>(pointer)?;
    }
    Ok(values)
}

/// What `mulmod256` and `mulmod384` compute: `a * b + c` divided by `m`, given a, b, c and m, all little-endian dwords.
///
/// # Errors
/// [`TrapReason::ZeroModulus`], or [`TrapReason::QuotientTooLarge`] if the quotient has more dwords.
pub fn mulmod<const DWORDS: usize>(operands: [[u64; DWORDS]; 4]) -> Result<Division<DWORDS>, TrapReason> {
    let bits = 64 * DWORDS;
    let reason = if operands[3] == [0; DWORDS] { TrapReason::ZeroModulus { bits } } else { TrapReason::QuotientTooLarge { bits } };
    divide(operands).ok_or(reason)
}
