//! Input and output of a guest that runs natively, for its tests.
//!
//! Both belong to the calling thread. A program takes its input from [`set_input`] and leaves its
//! output to [`take_output`]; if no input was set, it is standard input, and output goes to
//! standard output too.
//!
//! The module is the runtime's platform on an ordinary computer: the machine's calls in software.

use alloc::boxed::Box;
use alloc::vec::Vec;
use std::cell::{Cell, RefCell};
use std::io::{Read, Write};

use crate::accelerators::software;
pub(crate) use crate::accelerators::software::{blake2f_round, keccak_f1600, mulmod256, sha256_compress};

std::thread_local! {
    /// Calls of [`mulmod384`] on this thread.
    #[cfg(test)]
    pub(crate) static CALLS_384: Cell<usize> = const { Cell::new(0) };
    static INPUT: Cell<Option<&'static [u8]>> = const { Cell::new(None) };
    /// Whether standard input is the input.
    static IS_PIPE: Cell<bool> = const { Cell::new(false) };
    static OUTPUT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Sets the program's input on this thread, and leaks it: it stays as long as the process.
pub fn set_input(bytes: Vec<u8>) {
    INPUT.set(Some(Box::leak(bytes.into_boxed_slice())));
    IS_PIPE.set(false);
}

/// Takes the output written on this thread.
pub fn take_output() -> Vec<u8> {
    OUTPUT.take()
}

/// The private input; empty if it was not set and standard input cannot be read.
pub(crate) fn input() -> &'static [u8] {
    if let Some(bytes) = INPUT.get() {
        return bytes;
    }
    let mut bytes = Vec::new();
    if std::io::stdin().lock().read_to_end(&mut bytes).is_err() {
        bytes.clear();
    }
    set_input(bytes);
    IS_PIPE.set(true);
    INPUT.get().unwrap_or_default()
}

/// Appends bytes to the public output.
pub(crate) fn output(bytes: &[u8]) {
    OUTPUT.with_borrow_mut(|output| output.extend_from_slice(bytes));
    if IS_PIPE.get() && std::io::stdout().write_all(bytes).is_err() {
        exit(1);
    }
}

/// See [`software::mulmod384`].
///
/// # Safety
///
/// As there.
pub(crate) unsafe fn mulmod384(dst: *mut u64, a: *const u64, b: *const u64, c: *const u64, m: *const u64) {
    #[cfg(test)]
    CALLS_384.set(CALLS_384.get() + 1);
    // SAFETY: promised by the caller.
    unsafe { software::mulmod384(dst, a, b, c, m) };
}

/// Prints on standard error.
pub(crate) fn print(text: &str) {
    std::eprint!("{text}");
}

/// Scopes of cycles mean nothing here.
pub(crate) fn scope_begin(_name: &str) {}

/// See [`scope_begin`].
pub(crate) fn scope_end() {}

/// Ends the process.
pub(crate) fn exit(code: u32) -> ! {
    std::process::exit(code as i32)
}
