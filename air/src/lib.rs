//! Chips, buses, gadgets, the instruction table and the records that traces are filled from.
#![no_std]

extern crate alloc;

pub mod events;
pub mod isa;
