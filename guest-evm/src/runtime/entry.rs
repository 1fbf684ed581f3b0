//! Entry point, end and panic of a guest program.

use core::arch::global_asm;
use core::fmt::Write;
use core::panic::PanicInfo;

use super::heap::Heap;
use super::{io, machine};

// The stack grows down from the private input. A guest defines `main`; returning from it is success.
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

/// First byte after the heap: the guard page below the stack.
const HEAP_END: usize = 0x7c00_0000;

unsafe extern "Rust" {
    /// The guest program's `main`.
    safe fn main();
    /// First byte after the program image (`tern.ld`).
    static __heap_start: u8;
}

extern "C" fn start() -> ! {
    // SAFETY: the linker puts nothing from `__heap_start` on, and nothing has been allocated yet.
    unsafe { HEAP.init(&raw const __heap_start as usize, HEAP_END) };
    main();
    machine::exit(0)
}

/// The exit code of a guest that panicked.
pub const PANIC_EXIT_CODE: u32 = 101;

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    // Printing cannot fail, and a panic within it must not recurse: formatting user types is all it runs.
    let _ = writeln!(io::Printer, "guest {info}");
    machine::exit(PANIC_EXIT_CODE)
}
