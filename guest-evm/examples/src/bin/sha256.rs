//! SHA-256. Output: the digest of the input, and that of the digest beside itself.
#![cfg_attr(target_os = "none", no_std, no_main)]

use tern_guest::accelerators::sha256::{digest, digest_pair};
use tern_guest::{read_input, write_output};

tern_guest::entry!(main);

fn main() {
    let leaf = digest(read_input());
    write_output(&leaf);
    write_output(&digest_pair(&leaf, &leaf));
}
