//! The `tern` command line.

use std::process::ExitCode;

use tern_vm::huge_pages::HugePages;

#[global_allocator]
static ALLOCATOR: HugePages = HugePages;

fn main() -> ExitCode {
    tern_vm::cli::main()
}
