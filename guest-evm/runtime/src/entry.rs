//! Entry point, end and panic of a guest program.

use core::arch::global_asm;
use core::fmt::Write;
use core::panic::PanicInfo;

use crate::heap::Heap;
use crate::{io, lifetime, machine};

// The stack grows down from the private input.
global_asm!(
    ".section .text._start, \"ax\", @progbits",
    ".globl _start",
    ".type _start, @function",
    "_start:",
    ".option push",
    ".option norelax",
    "la gp, __global_pointer$",
    ".option pop",
    "li sp, 0x80000000",
    "call {start}",
    ".size _start, . - _start",
    start = sym start,
);

global_asm!(include_str!("mem.s"));
global_asm!(include_str!("keccak.s"));

#[global_allocator]
static HEAP: Heap = Heap::new();

// What `tern.ld` defines.
unsafe extern "C" {
    /// First byte after the program image.
    #[cfg(not(feature = "library"))]
    static _heap_start: u8;
    /// First byte of the part of the heap that a program in another language leaves to the runtime.
    #[cfg(feature = "library")]
    static __tern_heap_start: u8;
    /// One past the last byte of the heap.
    static __tern_heap_end: u8;
}

extern "C" fn start() -> ! {
    // A guest in Rust has this one allocator; in the library it serves the accelerators, and `_heap_start.._heap_end` is the
    // program's own.
    #[cfg(not(feature = "library"))]
    let first = &raw const _heap_start;
    #[cfg(feature = "library")]
    let first = &raw const __tern_heap_start;
    // SAFETY: the linker puts nothing into this range, and nothing has been allocated yet.
    unsafe { HEAP.init(first as usize, &raw const __tern_heap_end as usize) };
    lifetime::construct();
    let code = run_main();
    lifetime::destroy();
    machine::exit(code)
}

/// Runs a guest in Rust; its outcome is the exit code.
#[cfg(not(feature = "library"))]
fn run_main() -> u32 {
    unsafe extern "Rust" {
        /// What [`entry!`](crate::entry) defines.
        safe fn tern_main() -> u32;
    }
    tern_main()
}

/// Runs a guest in another language, `int main(void)`; its result is the exit code.
#[cfg(feature = "library")]
fn run_main() -> u32 {
    unsafe extern "C" {
        safe fn main() -> core::ffi::c_int;
    }
    main().cast_unsigned()
}

/// The exit code of a guest that panicked.
pub const PANIC_EXIT_CODE: u32 = 101;

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    // Printing cannot fail, and a panic within it must not recurse: formatting user types is all it runs.
    let _ = writeln!(io::Printer, "guest {info}");
    machine::exit(PANIC_EXIT_CODE)
}
