//! The block guest: private input to verdict, of either kind (`tern_guest_evm::answer`).
//!
//! An invalid block or an incomplete witness is a verdict too, with exit code 0. A heap that is full is none: it ends the
//! guest with exit code 101.
#![cfg_attr(target_os = "none", no_std, no_main)]

use tern_guest::{read_input, write_output};
use tern_guest_evm::answer;

tern_guest::entry!(main);

fn main() {
    write_output(&answer(read_input()).public_output());
}
