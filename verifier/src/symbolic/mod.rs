//! Tables' constraints and messages as programs.

mod capture;
mod program;

pub(crate) use capture::Capture;
pub use program::ProgramError;
pub(crate) use program::{Leaf, Program};
