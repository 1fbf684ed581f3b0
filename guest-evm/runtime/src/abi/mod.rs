//! The runtime's C symbols, for guests in other languages and for crates that call by symbol.
//!
//! Names without the prefix `tern_` are those of the Ethereum zkVM standards, with the standards' signatures: input and output
//! here, the accelerators in [`accelerators`]. What is Tern's own is called `tern_`. `guest-evm/c/include` holds the headers.
//!
//! On the host these are ordinary functions: only in the machine do they carry their plain names, which could meet others'
//! symbols.

pub mod accelerators;

use crate::accelerators::keccak::keccak256_to;
use crate::{io, platform};

/// Whether an accelerator could compute its result: `zkvm_status`.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum Status {
    /// `ZKVM_EOK`.
    Ok = 0,
    /// `ZKVM_EFAIL`: the operands are none of the operation's; no result is written.
    Fail = -1,
}

/// `N` bytes aligned as the standard aligns its structures: `zkvm_bytes_N`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C, align(8))]
pub struct Bytes<const N: usize>(pub [u8; N]);

/// Sets `buf_ptr` and `buf_size` to the private input, which is not copied and may not be written to.
///
/// # Safety
///
/// Both point to writable memory of their type.
#[cfg_attr(target_os = "none", unsafe(no_mangle))]
pub unsafe extern "C" fn read_input(buf_ptr: *mut *const u8, buf_size: *mut usize) {
    let input = io::read_input();
    // SAFETY: promised by the caller.
    unsafe {
        buf_ptr.write(input.as_ptr());
        buf_size.write(input.len());
    }
}

/// Appends `size` bytes to the public output.
///
/// # Safety
///
/// `output` points to `size` readable bytes.
#[cfg_attr(target_os = "none", unsafe(no_mangle))]
pub unsafe extern "C" fn write_output(output: *const u8, size: usize) {
    // SAFETY: promised by the caller.
    io::write_output(unsafe { slice(output, size) });
}

/// Shows text to whoever runs the guest.
///
/// # Safety
///
/// `text` points to `length` readable bytes. Text that is not UTF-8 is dropped.
#[cfg_attr(target_os = "none", unsafe(no_mangle))]
pub unsafe extern "C" fn tern_print(text: *const u8, length: usize) {
    // SAFETY: promised by the caller.
    if let Ok(text) = core::str::from_utf8(unsafe { slice(text, length) }) {
        io::print(text);
    }
}

/// Ends the program at once: destructors do not run.
#[cfg_attr(target_os = "none", unsafe(no_mangle))]
pub extern "C" fn tern_exit(code: u32) -> ! {
    io::exit(code)
}

/// Opens a named scope of cycles.
///
/// # Safety
///
/// `name` points to `length` readable bytes. A name that is not UTF-8 becomes an empty one.
#[cfg_attr(target_os = "none", unsafe(no_mangle))]
pub unsafe extern "C" fn tern_cycle_scope_begin(name: *const u8, length: usize) {
    // SAFETY: promised by the caller.
    platform::scope_begin(core::str::from_utf8(unsafe { slice(name, length) }).unwrap_or_default());
}

/// Closes the innermost scope.
#[cfg_attr(target_os = "none", unsafe(no_mangle))]
pub extern "C" fn tern_cycle_scope_end() {
    platform::scope_end();
}

/// Keccak-f\[1600\] in place.
///
/// # Safety
///
/// `state` points to 25 writable dwords, aligned to 8.
#[cfg_attr(target_os = "none", unsafe(no_mangle))]
pub unsafe extern "C" fn tern_keccak_f1600(state: *mut [u64; 25]) {
    // SAFETY: promised by the caller.
    platform::keccak_f1600(unsafe { &mut *state });
}

/// `dst = (a * b + c) mod m`, little-endian.
///
/// # Safety
///
/// All point to four dwords, aligned to 8, `dst` writable; they may alias. `m` is not zero and the quotient is
/// below 2^256, or the machine stops.
#[cfg_attr(target_os = "none", unsafe(no_mangle))]
pub unsafe extern "C" fn tern_mulmod256(dst: *mut u64, a: *const u64, b: *const u64, c: *const u64, m: *const u64) {
    // SAFETY: promised by the caller.
    unsafe { platform::mulmod256(dst, a, b, c, m) };
}

/// `dst = (a * b + c) mod m`, little-endian.
///
/// # Safety
///
/// All point to six dwords, aligned to 8, `dst` writable; they may alias. `m` is not zero and the quotient is
/// below 2^384, or the machine stops.
#[cfg_attr(target_os = "none", unsafe(no_mangle))]
pub unsafe extern "C" fn tern_mulmod384(dst: *mut u64, a: *const u64, b: *const u64, c: *const u64, m: *const u64) {
    // SAFETY: promised by the caller.
    unsafe { platform::mulmod384(dst, a, b, c, m) };
}

/// The symbol that `alloy-primitives` calls with its feature `native-keccak`.
///
/// # Safety
///
/// `bytes` points to `length` readable bytes, `digest` to 32 writable ones.
#[cfg_attr(target_os = "none", unsafe(no_mangle))]
pub unsafe extern "C" fn native_keccak256(bytes: *const u8, length: usize, digest: *mut u8) {
    // SAFETY: promised by the caller.
    unsafe { keccak256_to(bytes, length, digest) };
}

/// # Safety
///
/// `start` points to `length` readable elements, or `length` is zero.
unsafe fn slice<'a, T>(start: *const T, length: usize) -> &'a [T] {
    if length == 0 {
        return &[];
    }
    // SAFETY: promised by the caller.
    unsafe { core::slice::from_raw_parts(start, length) }
}

#[cfg(test)]
mod tests;
