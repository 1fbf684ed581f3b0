//! The executor's records are defined beside the chips that read them.

pub use tern_air::events::*;
