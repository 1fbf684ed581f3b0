//! The `tern` command line.

use std::process::ExitCode;

use tern_vm::large_blocks::LargeBlocks;

#[global_allocator]
static ALLOCATOR: LargeBlocks = LargeBlocks;

fn main() -> ExitCode {
    tern_vm::cli::main()
}
