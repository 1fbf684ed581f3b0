//! Shared by the tests over the data folder.

mod data;

pub use data::data_dir;
use tern_guest_evm::json::BlockFile;
use tern_guest_evm::salt::TEST_SALT;
use tern_guest_evm::{Verdict, validate};

/// Encodes a file's guest input and validates it.
pub fn validate_file(file: &BlockFile) -> Verdict {
    validate(&file.salted_guest_input(&TEST_SALT).unwrap())
}
