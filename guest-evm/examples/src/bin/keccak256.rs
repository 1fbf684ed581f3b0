//! Keccak-256. Output: the digest of the input.
#![cfg_attr(target_os = "none", no_std, no_main)]

use tern_guest::accelerators::keccak256;
use tern_guest::{read_input, write_output};

tern_guest::entry!(main);

fn main() {
    write_output(&keccak256(read_input()));
}
