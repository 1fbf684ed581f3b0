//! Keccak-256 (the padding of Ethereum, not of SHA-3) on the accelerator.

use crate::platform;

/// Lanes and bytes of a block.
#[cfg(not(target_os = "none"))]
const RATE_LANES: usize = 17;
#[cfg(not(target_os = "none"))]
const RATE: usize = 8 * RATE_LANES;

/// Keccak-f\[1600\] in place (FIPS 202, section 3.3); lane `x, y` is at `x + 5 y`.
#[inline]
pub fn keccak_f1600(state: &mut [u64; 25]) {
    platform::keccak_f1600(state);
}

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
/// # Safety
///
/// `bytes` points to `length` readable bytes (anything if `length` is zero), `digest` to 32 writable ones.
#[cfg(target_os = "none")]
#[inline]
pub unsafe fn keccak256_to(bytes: *const u8, length: usize, digest: *mut u8) {
    unsafe extern "C" {
        /// `keccak.s`.
        fn tern_keccak256(bytes: *const u8, length: usize, digest: *mut u8);
    }
    // SAFETY: promised by the caller.
    unsafe { tern_keccak256(bytes, length, digest) }
}

/// Writes the Keccak-256 digest of `length` bytes at `bytes` to `digest`.
///
/// # Safety
///
/// `bytes` points to `length` readable bytes (anything if `length` is zero), `digest` to 32 writable ones.
#[cfg(not(target_os = "none"))]
pub unsafe fn keccak256_to(mut bytes: *const u8, mut length: usize, digest: *mut u8) {
    let mut state = [0u64; 25];
    while length >= RATE {
        for (i, lane) in state.iter_mut().take(RATE_LANES).enumerate() {
            // SAFETY: at least RATE bytes remain.
            *lane ^= unsafe { load(bytes.add(8 * i)) };
        }
        // SAFETY: as above.
        bytes = unsafe { bytes.add(RATE) };
        length -= RATE;
        platform::keccak_f1600(&mut state);
    }
    // SAFETY: `length` bytes remain, less than a block.
    unsafe { absorb_last(&mut state, bytes, length) };
    platform::keccak_f1600(&mut state);
    for (i, lane) in state.iter().take(4).enumerate() {
        // SAFETY: `digest` has 32 bytes.
        unsafe { digest.add(8 * i).cast::<u64>().write_unaligned(lane.to_le()) };
    }
}

/// Absorbs the last `length` bytes and the padding.
///
/// # Safety
///
/// `bytes` points to `length` readable bytes, less than [`RATE`].
#[cfg(not(target_os = "none"))]
#[inline(always)]
unsafe fn absorb_last(state: &mut [u64; 25], mut bytes: *const u8, length: usize) {
    let mut lane = state.as_mut_ptr();
    let mut rest = length;
    // SAFETY: each step reads what remains, and `length / 8` lanes are less than a block's.
    unsafe {
        while rest >= 32 {
            for i in 0..4 {
                *lane.add(i) ^= load(bytes.add(8 * i));
            }
            bytes = bytes.add(32);
            lane = lane.add(4);
            rest -= 32;
        }
        while rest >= 8 {
            *lane ^= load(bytes);
            bytes = bytes.add(8);
            lane = lane.add(1);
            rest -= 8;
        }
        // The remaining bytes, then the first padding bit.
        *lane ^= 1 << (8 * rest);
        if length >= 8 && rest > 0 {
            *lane ^= load(bytes.add(rest).sub(8)) >> (64 - 8 * rest);
        } else {
            for i in 0..rest {
                *lane ^= u64::from(*bytes.add(i)) << (8 * i);
            }
        }
    }
    state[RATE_LANES - 1] ^= 1 << 63;
}

/// A little-endian dword at any address.
///
/// # Safety
///
/// 8 bytes are readable at `bytes`.
#[cfg(not(target_os = "none"))]
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
                assert_eq!(keccak256(part), alloy_primitives::keccak256(part).0, "start {start}, length {length}");
            }
        }
    }
}
