//! The `tern` command line.

use std::process::ExitCode;

fn main() -> ExitCode {
    tern_vm::cli::main()
}
