//! Chips, buses, gadgets, the instruction table and the records that traces are filled from.
#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod add_sub;
pub mod address;
pub mod bits_table;
pub mod bitwise;
pub mod branch;
pub mod bridge;
pub mod builder;
pub mod bus;
pub mod byte_table;
pub mod check;
pub mod chip;
pub mod compare;
pub mod comparison;
pub mod decode;
pub mod div_rem;
pub mod ecall;
pub mod events;
pub mod extension;
pub mod fill;
pub mod gadgets;
pub mod isa;
pub mod jump;
pub mod keccak;
pub mod layout;
pub mod leaf;
pub mod load;
pub mod lookups;
pub mod machine;
pub mod memory;
pub mod messages;
pub mod misaligned;
pub mod mul;
pub mod mulmod;
mod point;
pub mod poseidon2;
pub mod recursion;
pub mod relation;
pub mod segment;
pub mod shape;
pub mod shift;
pub mod store;
#[cfg(test)]
mod testing;
pub mod tree;
