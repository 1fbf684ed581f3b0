//! The machine's environment calls (`spec/machine.md`), one function each.
//!
//! This is the only file that executes `ecall`. The machine changes no register in a call.

use core::arch::asm;

use crate::accelerators::sha256::{Block, State};

const HALT: usize = 0;
const WRITE_OUTPUT: usize = 1;
const PRINT: usize = 2;
const SCOPE_BEGIN: usize = 3;
const SCOPE_END: usize = 4;
const KECCAK_F1600: usize = 0x100;
const MULMOD256: usize = 0x101;
const MULMOD384: usize = 0x102;
const SHA256_COMPRESS: usize = 0x103;
const BLAKE2F_ROUND: usize = 0x104;

/// Ends the run with an exit code and the BLAKE3-256 digest of all output.
pub fn halt(code: u32, digest: &[u8; 32]) -> ! {
    let word = |i: usize| u64::from_le_bytes(core::array::from_fn(|k| digest[8 * i + k]));
    // SAFETY: the call does not return.
    unsafe {
        asm!(
            "ecall",
            in("a7") HALT,
            in("a0") code as usize,
            in("a1") word(0),
            in("a2") word(1),
            in("a3") word(2),
            in("a4") word(3),
            options(noreturn, nostack),
        )
    }
}

/// Hands bytes to the host as output; the caller hashes them.
pub fn write_output(bytes: &[u8]) {
    host_bytes::<WRITE_OUTPUT>(bytes);
}

/// Prints UTF-8 text on the host.
pub fn print(text: &str) {
    host_bytes::<PRINT>(text.as_bytes());
}

/// Opens a named scope of cycles on the host.
pub fn scope_begin(name: &str) {
    host_bytes::<SCOPE_BEGIN>(name.as_bytes());
}

/// Closes the innermost scope.
pub fn scope_end() {
    // SAFETY: the call has no effect in the machine.
    unsafe { asm!("ecall", in("a7") SCOPE_END, options(nostack, preserves_flags)) }
}

fn host_bytes<const CALL: usize>(bytes: &[u8]) {
    // SAFETY: the call reads `bytes` and changes nothing in the machine.
    unsafe {
        asm!(
            "ecall",
            in("a7") CALL,
            in("a0") bytes.as_ptr(),
            in("a1") bytes.len(),
            options(nostack, readonly, preserves_flags),
        )
    }
}

/// Permutes 25 lanes in place.
#[inline(always)]
pub fn keccak_f1600(state: &mut [u64; 25]) {
    // SAFETY: `state` is 25 writable dwords, aligned to 8.
    unsafe {
        asm!(
            "ecall",
            in("a7") KECCAK_F1600,
            in("a0") state.as_mut_ptr(),
            options(nostack, preserves_flags),
        )
    }
}

/// Stores `(a * b + c) mod m` at `dst`.
///
/// # Safety
///
/// All pointers are to four dwords, aligned to 8, `dst` writable; they may alias. `*m` is not zero and the
/// quotient is below 2^256, or the machine stops.
#[inline(always)]
pub unsafe fn mulmod256(dst: *mut u64, a: *const u64, b: *const u64, c: *const u64, m: *const u64) {
    // SAFETY: promised by the caller.
    unsafe { mulmod::<MULMOD256>(dst, a, b, c, m) }
}

/// Stores `(a * b + c) mod m` at `dst`.
///
/// # Safety
///
/// All pointers are to six dwords, aligned to 8, `dst` writable; they may alias. `*m` is not zero and the
/// quotient is below 2^384, or the machine stops.
#[inline(always)]
pub unsafe fn mulmod384(dst: *mut u64, a: *const u64, b: *const u64, c: *const u64, m: *const u64) {
    // SAFETY: promised by the caller.
    unsafe { mulmod::<MULMOD384>(dst, a, b, c, m) }
}

/// # Safety
///
/// As the call of this number demands.
#[inline(always)]
unsafe fn mulmod<const CALL: usize>(dst: *mut u64, a: *const u64, b: *const u64, c: *const u64, m: *const u64) {
    // SAFETY: promised by the caller.
    unsafe {
        asm!(
            "ecall",
            in("a7") CALL,
            in("a0") dst,
            in("a1") a,
            in("a2") b,
            in("a3") c,
            in("a4") m,
            options(nostack, preserves_flags),
        )
    }
}

/// Compresses a block of SHA-256 into a state.
#[inline(always)]
pub fn sha256_compress(state: &mut State, block: &Block) {
    // SAFETY: `state` is four writable dwords and `block` eight readable ones, both aligned to 8.
    unsafe {
        asm!(
            "ecall",
            in("a7") SHA256_COMPRESS,
            in("a0") state as *mut State,
            in("a1") block as *const Block,
            options(nostack, preserves_flags),
        )
    }
}

/// Takes a work vector of BLAKE2b through the round that has this number modulo 10; `schedule` is below 10, or the machine stops.
#[inline(always)]
pub fn blake2f_round(v: &mut [u64; 16], m: &[u64; 16], schedule: u32) {
    // SAFETY: `v` is sixteen writable dwords and `m` as many readable ones, both aligned to 8.
    unsafe {
        asm!(
            "ecall",
            in("a7") BLAKE2F_ROUND,
            in("a0") v.as_mut_ptr(),
            in("a1") m.as_ptr(),
            in("a2") schedule as usize,
            options(nostack, preserves_flags),
        )
    }
}
