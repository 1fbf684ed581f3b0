//! The proof system of Tern: multilinear claims about tables, opened by FRI, with Blake3 in every
//! place a hash is needed, under named and frozen parameters.
//!
//! Start at [`multilinear`].

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod hash;
pub mod multilinear;
pub mod numbers;
pub mod security;
mod work;
