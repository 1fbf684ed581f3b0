//! Chips, buses, gadgets, the instruction table and the records that traces are filled from.
#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod address;
pub mod builder;
pub mod bus;
pub mod check;
pub mod chip;
pub mod comparison;
pub mod events;
pub mod extension;
pub mod fill;
pub mod gadgets;
pub mod isa;
pub mod layout;
pub mod lookups;
pub mod machine;
pub mod memory;
pub mod messages;
mod point;
pub mod records;
pub mod recursion;
pub mod relation;
pub mod symbolic;
#[cfg(test)]
mod testing;
