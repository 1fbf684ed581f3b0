//! Input, output, text and cycle scopes of a guest program.

use core::fmt;

use crate::platform;

/// The whole private input, without a copy.
pub fn read_input() -> &'static [u8] {
    platform::input()
}

/// Appends bytes to the public output. The proof's public output is the concatenation of all calls.
pub fn write_output(bytes: &[u8]) {
    platform::output(bytes);
}

/// Shows text to whoever runs the guest; no proof depends on it.
pub fn print(text: &str) {
    platform::print(text);
}

/// Ends the program. Code 0 is success.
pub fn exit(code: u32) -> ! {
    platform::exit(code)
}

/// Runs `work` in a named scope, for which the executor reports cycles.
pub fn cycle_scope<T>(name: &str, work: impl FnOnce() -> T) -> T {
    platform::scope_begin(name);
    let result = work();
    platform::scope_end();
    result
}

/// Formats like `std`'s macro, to [`print`](crate::print()).
#[macro_export]
macro_rules! println {
    ($($argument:tt)*) => {{
        use ::core::fmt::Write as _;
        // printing cannot fail
        let _ = ::core::writeln!($crate::Printer, $($argument)*);
    }};
}

/// Formats to [`print`](print()).
#[derive(Debug)]
pub struct Printer;

impl fmt::Write for Printer {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        print(text);
        Ok(())
    }
}
