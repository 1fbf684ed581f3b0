//! Keccak-256 (the padding of Ethereum, not of SHA-3) on the accelerator.

use crate::runtime::platform;

/// Lanes and bytes of a block.
const RATE_LANES: usize = 17;
const RATE: usize = 8 * RATE_LANES;

/// The Keccak-256 digest of `bytes`.
#[inline]
pub fn keccak256(bytes: &[u8]) -> [u8; 32] {
    let mut digest = core::mem::MaybeUninit::<[u8; 32]>::uninit();
    // SAFETY: both ranges are valid, and the function writes all 32 bytes.
    unsafe {
        keccak256_to(bytes.as_ptr(), bytes.len(), digest.as_mut_ptr().cast());
        digest.assume_init()
    }
}

/// Writes the Keccak-256 digest of `length` bytes at `bytes` to `digest`.
///
/// Lanes are loaded straight from the input, which may lie at any address.
///
/// # Safety
///
/// `bytes` points to `length` readable bytes (anything if `length` is zero), `digest` to 32 writable ones.
pub unsafe fn keccak256_to(mut bytes: *const u8, mut length: usize, digest: *mut u8) {
    let mut state = [0u64; 25];
    while length >= RATE {
        // SAFETY: at least RATE bytes remain.
        unsafe {
            for lane in 0..RATE_LANES {
                state[lane] ^= load(bytes.add(8 * lane));
            }
            bytes = bytes.add(RATE);
        }
        length -= RATE;
        platform::keccak_f1600(&mut state);
    }
    let full = length / 8;
    for lane in state.iter_mut().take(full) {
        // SAFETY: `8 * full <= length` bytes remain.
        unsafe {
            *lane ^= load(bytes);
            bytes = bytes.add(8);
        }
    }
    // The remaining bytes, then the first padding bit.
    let mut last = 1u64;
    for at in (0..length % 8).rev() {
        // SAFETY: `length % 8` bytes remain.
        last = last << 8 | u64::from(unsafe { *bytes.add(at) });
    }
    state[full] ^= last;
    state[RATE_LANES - 1] ^= 1 << 63;
    platform::keccak_f1600(&mut state);
    for lane in 0..4 {
        // SAFETY: `digest` has 32 bytes.
        unsafe { digest.add(8 * lane).cast::<u64>().write_unaligned(state[lane].to_le()) };
    }
}

/// A little-endian dword at any address.
///
/// # Safety
///
/// 8 bytes are readable at `bytes`.
#[inline(always)]
unsafe fn load(bytes: *const u8) -> u64 {
    // SAFETY: promised by the caller.
    u64::from_le(unsafe { bytes.cast::<u64>().read_unaligned() })
}

#[cfg(test)]
mod tests {
    use super::keccak256;
    use alloc::vec::Vec;

    /// Against `alloy-primitives`' own implementation, at every length around two blocks and every alignment.
    #[test]
    fn agrees_with_reference() {
        let bytes: Vec<u8> = (0..300u32).map(|i| (i * 73 + 5) as u8).collect();
        for start in 0..8 {
            for length in 0..280 {
                let part = &bytes[start..start + length];
                let reference: [u8; 32] = sha3_reference(part);
                assert_eq!(keccak256(part), reference, "start {start}, length {length}");
            }
        }
    }

    fn sha3_reference(bytes: &[u8]) -> [u8; 32] {
        alloy_primitives::keccak256(bytes).0
    }
}
