//! The runtime's C symbols, for guests in other languages and for crates that call by symbol.
//!
//! ```c
//! const uint8_t *read_input(size_t *length);                    // the private input, not copied
//! void write_output(const uint8_t *bytes, size_t length);       // appends to the public output
//! void zkvm_print(const uint8_t *text, size_t length);          // UTF-8
//! _Noreturn void zkvm_exit(uint32_t code);
//! void zkvm_cycle_scope_begin(const uint8_t *name, size_t length);
//! void zkvm_cycle_scope_end(void);
//! void zkvm_keccak_f1600(uint64_t state[25]);                   // in place
//! void zkvm_keccak256(const uint8_t *bytes, size_t length, uint8_t digest[32]);
//! void zkvm_mulmod256(uint64_t dst[4], const uint64_t a[4], const uint64_t b[4],
//!                     const uint64_t c[4], const uint64_t m[4]); // dst = (a * b + c) mod m, little-endian
//! bool zkvm_secp256k1_recover(const uint8_t hash[32], const uint8_t r_s[64], uint8_t recid,
//!                             uint8_t public_key[64]);          // false: no such key, nothing written
//! ```
//!
//! `write_output` and `read_input` carry their plain names only in the machine: on the host they could meet others' symbols.

use super::{crypto, io, platform};

/// # Safety
///
/// `length` points to a writable `usize`.
#[cfg_attr(target_os = "none", unsafe(export_name = "read_input"))]
pub unsafe extern "C" fn zkvm_read_input(length: *mut usize) -> *const u8 {
    let input = io::read_input();
    // SAFETY: promised by the caller.
    unsafe { length.write(input.len()) };
    input.as_ptr()
}

/// # Safety
///
/// `bytes` points to `length` readable bytes.
#[cfg_attr(target_os = "none", unsafe(export_name = "write_output"))]
pub unsafe extern "C" fn zkvm_write_output(bytes: *const u8, length: usize) {
    // SAFETY: promised by the caller.
    io::write_output(unsafe { slice(bytes, length) });
}

/// # Safety
///
/// `text` points to `length` readable bytes. Invalid UTF-8 is dropped.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkvm_print(text: *const u8, length: usize) {
    // SAFETY: promised by the caller.
    if let Ok(text) = core::str::from_utf8(unsafe { slice(text, length) }) {
        io::print(text);
    }
}

/// Ends the program.
#[unsafe(no_mangle)]
pub extern "C" fn zkvm_exit(code: u32) -> ! {
    io::exit(code)
}

/// # Safety
///
/// `name` points to `length` readable bytes. Invalid UTF-8 becomes an unnamed scope.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkvm_cycle_scope_begin(name: *const u8, length: usize) {
    // SAFETY: promised by the caller.
    platform::scope_begin(core::str::from_utf8(unsafe { slice(name, length) }).unwrap_or_default());
}

/// Closes the innermost scope.
#[unsafe(no_mangle)]
pub extern "C" fn zkvm_cycle_scope_end() {
    platform::scope_end();
}

/// # Safety
///
/// `state` points to 25 writable dwords, aligned to 8.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkvm_keccak_f1600(state: *mut [u64; 25]) {
    // SAFETY: promised by the caller.
    platform::keccak_f1600(unsafe { &mut *state });
}

/// # Safety
///
/// `bytes` points to `length` readable bytes, `digest` to 32 writable ones.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkvm_keccak256(bytes: *const u8, length: usize, digest: *mut u8) {
    // SAFETY: promised by the caller.
    unsafe { crypto::keccak::keccak256_to(bytes, length, digest) };
}

/// The symbol that `alloy-primitives` calls with its feature `native-keccak`.
///
/// # Safety
///
/// As [`zkvm_keccak256`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn native_keccak256(bytes: *const u8, length: usize, digest: *mut u8) {
    // SAFETY: promised by the caller.
    unsafe { crypto::keccak::keccak256_to(bytes, length, digest) };
}

/// # Safety
///
/// All point to four dwords, aligned to 8, `dst` writable; they may alias. `m` is not zero and the quotient is
/// below 2^256.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkvm_mulmod256(dst: *mut u64, a: *const u64, b: *const u64, c: *const u64, m: *const u64) {
    // SAFETY: promised by the caller.
    unsafe { platform::mulmod256(dst, a, b, c, m) };
}

/// # Safety
///
/// `hash`, `r_s` and `public_key` point to 32, 64 and 64 bytes, the last writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkvm_secp256k1_recover(hash: *const [u8; 32], r_s: *const [u8; 64], recid: u8, public_key: *mut [u8; 64]) -> bool {
    // SAFETY: promised by the caller.
    let (hash, r_s) = unsafe { (&*hash, &*r_s) };
    let Some(key) = crypto::secp256k1::recover(hash, r_s, recid) else {
        return false;
    };
    // SAFETY: promised by the caller.
    unsafe { public_key.write(key) };
    true
}

/// # Safety
///
/// `bytes` points to `length` readable bytes, or `length` is zero.
unsafe fn slice<'a>(bytes: *const u8, length: usize) -> &'a [u8] {
    if length == 0 {
        return &[];
    }
    // SAFETY: promised by the caller.
    unsafe { core::slice::from_raw_parts(bytes, length) }
}
