//! Operands and results of the accelerators.

use ruint::aliases::{U256, U512};
use tern_air::machine::blake2f::SIGMA;

use super::memory::Memory;
use super::trap::TrapReason;

/// The 25 dwords at `address`, which must be a multiple of 8 and writable throughout.
pub(super) fn keccak_state(memory: &Memory, address: u64) -> Result<[u64; 25], TrapReason> {
    memory.check_store_dwords::<25>(address)?;
    memory.load_dwords::<25>(address)
}

/// The operands a, b, c, m of `mulmod256`, given the pointers to destination, a, b, c, m.
pub(super) fn mulmod_operands(memory: &Memory, pointers: [u64; 5]) -> Result<[[u64; 4]; 4], TrapReason> {
    let [destination, operands @ ..] = pointers;
    memory.check_store_dwords::<4>(destination)?;
    let mut values = [[0; 4]; 4];
    for (value, pointer) in values.iter_mut().zip(operands) {
        *value = memory.load_dwords::<4>(pointer)?;
    }
    Ok(values)
}

/// State and block of `sha256_compress`, given the pointers to both.
pub(super) fn sha256_operands(memory: &Memory, [state, block]: [u64; 2]) -> Result<([u64; 4], [u64; 8]), TrapReason> {
    memory.check_store_dwords::<4>(state)?;
    Ok((memory.load_dwords::<4>(state)?, memory.load_dwords::<8>(block)?))
}

/// Work vector, message and row of the table SIGMA of `blake2f_round`, given pointers to the first two and the round's number modulo 10.
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

/// Quotient and remainder of `a * b + c` by `m`, little-endian dwords.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Division {
    pub quotient: [u64; 4],
    pub remainder: [u64; 4],
}

/// What `mulmod256` computes: `a * b + c` divided by `m`, all little-endian dwords.
///
/// # Errors
/// [`TrapReason::ZeroModulus`], or [`TrapReason::QuotientTooLarge`] if the quotient does not fit 256 bits.
pub fn mulmod(a: [u64; 4], b: [u64; 4], c: [u64; 4], m: [u64; 4]) -> Result<Division, TrapReason> {
    if m == [0; 4] {
        return Err(TrapReason::ZeroModulus);
    }
    // at most (2^256 - 1)^2 + 2^256 - 1 = 2^512 - 2^256: the sum cannot wrap
    let product: U512 = U256::from_limbs(a).widening_mul(U256::from_limbs(b));
    let numerator = product.wrapping_add(widen(c));
    let (quotient, remainder) = numerator.div_rem(widen(m));
    match (quotient.into_limbs(), remainder.into_limbs()) {
        ([q0, q1, q2, q3, 0, 0, 0, 0], [r0, r1, r2, r3, ..]) => Ok(Division { quotient: [q0, q1, q2, q3], remainder: [r0, r1, r2, r3] }),
        _ => Err(TrapReason::QuotientTooLarge),
    }
}

fn widen([l0, l1, l2, l3]: [u64; 4]) -> U512 {
    U512::from_limbs([l0, l1, l2, l3, 0, 0, 0, 0])
}
