//! Static objects of guests in C++ and C: constructors before `main`, destructors after it, and what compilers call for them.

/// An entry of `.preinit_array`, `.init_array` or `.fini_array`.
type Function = unsafe extern "C" fn();

// The arrays' bounds (`tern.ld`).
unsafe extern "C" {
    static __preinit_array_start: [Function; 0];
    static __preinit_array_end: [Function; 0];
    static __init_array_start: [Function; 0];
    static __init_array_end: [Function; 0];
    static __fini_array_start: [Function; 0];
    static __fini_array_end: [Function; 0];
}

/// Runs the constructors, in order.
pub fn construct() {
    // SAFETY: the linker gathers functions without arguments between these symbols.
    unsafe {
        for function in functions(&raw const __preinit_array_start, &raw const __preinit_array_end) {
            function();
        }
        for function in functions(&raw const __init_array_start, &raw const __init_array_end) {
            function();
        }
    }
}

/// Runs the destructors, the newest first: those registered while the program ran, then those of `.fini_array`.
pub fn destroy() {
    #[cfg(feature = "library")]
    symbols::run_registered();
    // SAFETY: as in `construct`.
    unsafe {
        for function in functions(&raw const __fini_array_start, &raw const __fini_array_end).iter().rev() {
            function();
        }
    }
}

/// # Safety
///
/// The linker laid out an array of functions from `start` to `end`.
unsafe fn functions<'a>(start: *const [Function; 0], end: *const [Function; 0]) -> &'a [Function] {
    let bytes = end as usize - start as usize;
    // SAFETY: promised by the caller; an empty array's start is aligned and not null, too.
    unsafe { core::slice::from_raw_parts(start.cast(), bytes / size_of::<Function>()) }
}

/// Symbols that compilers refer to (Itanium C++ ABI, sections 3.2.6 and 3.3).
#[cfg(feature = "library")]
mod symbols {
    use alloc::vec::Vec;
    use core::cell::UnsafeCell;
    use core::ffi::{c_int, c_void};

    use crate::{io, machine};

    /// A function to call when `main` has returned.
    struct Exit {
        function: unsafe extern "C" fn(*mut c_void),
        argument: *mut c_void,
    }

    /// Registered functions, oldest first.
    struct Exits(UnsafeCell<Vec<Exit>>);

    // SAFETY: a guest has one hart and no interrupts.
    unsafe impl Sync for Exits {}

    static EXITS: Exits = Exits(UnsafeCell::new(Vec::new()));

    impl Exits {
        fn push(&self, exit: Exit) {
            // SAFETY: one hart, and no reference outlives a call.
            unsafe { (*self.0.get()).push(exit) };
        }

        fn pop(&self) -> Option<Exit> {
            // SAFETY: as in `push`.
            unsafe { (*self.0.get()).pop() }
        }
    }

    /// Calls what was registered, the newest first; what is called may register more.
    pub fn run_registered() {
        while let Some(Exit { function, argument }) = EXITS.pop() {
            // SAFETY: whoever registered the pair says that it may be called so, once.
            unsafe { function(argument) };
        }
    }

    /// The exit code of a guest that called `abort`: that of a process which the signal SIGABRT ended.
    const ABORT_EXIT_CODE: u32 = 134;

    // Weak: a C library that the program brings may have its own.
    core::arch::global_asm!(
        ".section .text.abort, \"ax\", @progbits",
        ".weak abort",
        ".type abort, @function",
        "abort:",
        "tail {abort}",
        ".size abort, . - abort",
        abort = sym abort,
    );

    extern "C" fn abort() -> ! {
        io::print("guest aborted\n");
        machine::exit(ABORT_EXIT_CODE)
    }

    /// Names the program among loaded ones; there is only one.
    #[unsafe(no_mangle)]
    static __dso_handle: u8 = 0;

    /// Has `function(argument)` called after `main`.
    #[unsafe(no_mangle)]
    extern "C" fn __cxa_atexit(function: unsafe extern "C" fn(*mut c_void), argument: *mut c_void, _program: *mut c_void) -> c_int {
        EXITS.push(Exit { function, argument });
        0
    }

    /// Has `function` called after `main`. (An argument that a function does not take does no harm.)
    #[unsafe(no_mangle)]
    extern "C" fn atexit(function: unsafe extern "C" fn(*mut c_void)) -> c_int {
        EXITS.push(Exit { function, argument: core::ptr::null_mut() });
        0
    }

    /// What stands in a table of virtual functions for one without a body.
    #[unsafe(no_mangle)]
    extern "C" fn __cxa_pure_virtual() -> ! {
        io::print("guest called a pure virtual function\n");
        machine::exit(ABORT_EXIT_CODE)
    }

    /// Whether the caller is to construct a static object of a function; the guard's first byte says whether it is there.
    #[unsafe(no_mangle)]
    unsafe extern "C" fn __cxa_guard_acquire(guard: *mut u8) -> c_int {
        // SAFETY: the compiler passes its guard of eight bytes.
        c_int::from(unsafe { guard.read() } == 0)
    }

    /// The object is constructed.
    #[unsafe(no_mangle)]
    unsafe extern "C" fn __cxa_guard_release(guard: *mut u8) {
        // SAFETY: as in `__cxa_guard_acquire`.
        unsafe { guard.write(1) };
    }
}
