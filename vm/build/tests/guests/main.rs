//! Guests as their developers make them: new projects, and an example of each accelerator, in Rust
//! and in C.

mod compilers;
mod examples;
mod projects;
mod recursion;
