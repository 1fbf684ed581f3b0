//! Writes its input backwards, by nothing but ere's platform.
#![cfg_attr(target_os = "none", no_std, no_main)]

extern crate alloc;

use alloc::vec::Vec;

use ere_platform_tern::{Platform, TernPlatform};

tern_guest::entry!(main);

fn main() {
    let input = TernPlatform::read_input();
    let output: Vec<u8> = TernPlatform::cycle_scope("reverse", || input.iter().rev().copied().collect());
    TernPlatform::print("reversed");
    TernPlatform::cycle_scope_start("write");
    TernPlatform::write_output(&output);
    TernPlatform::cycle_scope_end("write");
}
