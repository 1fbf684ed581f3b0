//! Operands and results of the accelerators.

use tern_air::machine::blake2f::SIGMA;
pub use tern_air::machine::mulmod::Division;
use tern_air::machine::mulmod::divide;

use super::memory::Memory;
use super::trap::TrapReason;

/// The 25 dwords at `address`, which must be a multiple of 8 and writable throughout.
pub(super) fn keccak_state(memory: &Memory, address: u64) -> Result<[u64; 25], TrapReason> {
    memory.check_store_dwords::<25>(address)?;
    memory.load_dwords::<25>(address)
}

/// The operands a, b, c, m of a modular multiplication, of so many dwords each, given the pointers
/// to destination, a, b, c, m.
pub(super) fn mulmod_operands<const DWORDS: usize>(memory: &Memory, pointers: [u64; 5]) -> Result<[[u64; DWORDS]; 4], TrapReason> {
    let [destination, operands @ ..] = pointers;
    memory.check_store_dwords::<DWORDS>(destination)?;
    let mut values = [[0; DWORDS]; 4];
    for (value, pointer) in values.iter_mut().zip(operands) {
        *value = memory.load_dwords::<DWORDS>(pointer)?;
    }
    Ok(values)
}

/// State and block of `sha256_compress`, given the pointers to both.
pub(super) fn sha256_operands(memory: &Memory, [state, block]: [u64; 2]) -> Result<([u64; 4], [u64; 8]), TrapReason> {
    memory.check_store_dwords::<4>(state)?;
    Ok((memory.load_dwords::<4>(state)?, memory.load_dwords::<8>(block)?))
}

/// Work vector, message and row of the table SIGMA of `blake2f_round`, given pointers to the first
/// two and the round's number modulo 10.
pub(super) fn blake2f_operands(memory: &Memory, [vector, message, schedule]: [u64; 3]) -> Result<Blake2f, TrapReason> {
    memory.check_store_dwords::<16>(vector)?;
    let (vector, message) = (memory.load_dwords::<16>(vector)?, memory.load_dwords::<16>(message)?);
    let row = usize::try_from(schedule).ok().and_then(|schedule| SIGMA.get(schedule)).ok_or(TrapReason::UnknownSchedule { schedule })?;
    Ok(Blake2f { vector, message, row })
}

/// What `blake2f_round` takes.
pub(super) struct Blake2f {
    pub vector: [u64; 16],
    pub message: [u64; 16],
    pub row: &'static [usize; 16],
}

/// What `mulmod256` and `mulmod384` compute: `a * b + c` divided by `m`, given a, b, c and m, all
/// little-endian dwords.
///
/// # Errors
/// [`TrapReason::ZeroModulus`], or [`TrapReason::QuotientTooLarge`] if the quotient has more dwords.
pub fn mulmod<const DWORDS: usize>(operands: [[u64; DWORDS]; 4]) -> Result<Division<DWORDS>, TrapReason> {
    let bits = 64 * DWORDS;
    let reason = if operands[3] == [0; DWORDS] { TrapReason::ZeroModulus { bits } } else { TrapReason::QuotientTooLarge { bits } };
    divide(operands).ok_or(reason)
}
