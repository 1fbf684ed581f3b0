//! A program with what proving it needs: its verifying key and its initial memory.

use tern_air::machine::leaf::Bounds;
use tern_air::memory::MemoryTree;
use tern_verifier::{KeyError, VerifyingKey};

use crate::elf::Program;
use crate::exec::layout::{INPUT_BYTES_START, INPUT_START, PAGE_BYTES};

/// A program and its verifying key.
#[derive(Clone, Debug)]
pub struct ProvableProgram {
    /// The program.
    pub program: Program,
    /// Its key.
    pub key: VerifyingKey,
}

impl ProvableProgram {
    /// Computes the key of a program.
    ///
    /// # Errors
    ///
    /// If its memory layout breaks a rule that the chips rely on.
    pub fn new(program: Program) -> Result<Self, KeyError> {
        let tree = MemoryTree::new(program.leaves()).unwrap_or_else(|error| unreachable!("pages give each leaf once: {error}"));
        let pages = |address: u32| address / PAGE_BYTES;
        let key = VerifyingKey {
            entry: program.entry,
            bounds: Bounds {
                ro_start: pages(program.ro_start),
                ro_end: pages(program.ro_end),
                text_start: pages(program.text_start),
                text_end: pages(program.text_end),
            },
            image_root: tree.image_root(),
        };
        key.check()?;
        Ok(Self { program, key })
    }

    /// The initial memory: the program's image, registers of zero, and the input.
    #[must_use]
    pub fn memory(&self, input: &[u8]) -> MemoryTree {
        let leaves = self.program.leaves().chain(input_leaves(input));
        MemoryTree::new(leaves).unwrap_or_else(|error| unreachable!("image and input give each leaf once: {error}"))
    }
}

/// The leaves of the input region: its length in the first dword, its bytes from the second leaf on.
fn input_leaves(input: &[u8]) -> impl Iterator<Item = (u32, [u64; 4])> + '_ {
    const _: () = assert!(INPUT_BYTES_START - INPUT_START == 32);
    let length = (INPUT_START / 32, [input.len() as u64, 0, 0, 0]);
    let data = (INPUT_BYTES_START / 32..).zip(input.chunks(32).map(|chunk| {
        let mut bytes = [0; 32];
        bytes[..chunk.len()].copy_from_slice(chunk);
        let (dwords, _) = bytes.as_chunks::<8>();
        core::array::from_fn(|i| u64::from_le_bytes(dwords[i]))
    }));
    std::iter::once(length).chain(data)
}
