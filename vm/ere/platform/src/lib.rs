//! ere's platform for guests of Tern: [`tern_guest`] behind ere's trait.
#![no_std]

use core::ops::Deref;

pub use ere_platform_core::Platform;
use tern_guest::abi::{tern_cycle_scope_begin, tern_cycle_scope_end};

/// What a guest is given by the machine. The guest's start, heap and panic handler come from
/// `tern_guest` too: `tern_guest::entry!(main)`.
///
/// There is no `cycle_count`: no instruction of the machine reads its clock, and the host measures
/// scopes.
#[derive(Clone, Copy, Debug)]
pub struct TernPlatform;

impl Platform for TernPlatform {
    fn read_input() -> impl Deref<Target = [u8]> {
        tern_guest::read_input()
    }

    fn write_output(output: &[u8]) {
        tern_guest::write_output(output);
    }

    fn print(message: &str) {
        tern_guest::print(message);
    }

    fn cycle_scope_start(name: &str) {
        // SAFETY: the bytes of a string and their number.
        unsafe { tern_cycle_scope_begin(name.as_ptr(), name.len()) };
    }

    fn cycle_scope_end(_name: &str) {
        tern_cycle_scope_end();
    }

    fn cycle_scope<T>(name: &str, f: impl FnOnce() -> T) -> T {
        tern_guest::cycle_scope(name, f)
    }
}
