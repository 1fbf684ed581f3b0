//! Statements that follow each other.

use p3_field::PrimeCharacteristicRing;
use tern_field::EF;

use super::ChainStatement;
use crate::ops::{Checked, Ops};
use crate::reason::Reason;

impl<O: Ops> ChainStatement<O> {
    /// Asserts that `next` is of the same program and list, and starts where this chain, which has
    /// not halted, ends.
    ///
    /// # Errors
    ///
    /// The first of these claims that does not hold.
    pub(crate) fn check_followed_by(&self, ops: &mut O, next: &Self, child: usize) -> Checked<O, ()> {
        ops.assert_same(&self.key_digest, &next.key_digest, Reason::Program { child })?;
        ops.assert_same(&self.list_root, &next.list_root, Reason::KeyList { child })?;
        let zero = ops.constant(EF::ZERO);
        ops.assert_equal(&zero, &self.halted, Reason::Halted { child: child.saturating_sub(1) })?;
        let pairs = [
            (&self.bounds, &next.bounds, Reason::Program { child }),
            (&self.pc_out, &next.pc_in, Reason::ProgramCounter { child }),
            (&self.root_out, &next.root_in, Reason::MemoryRoot { child }),
        ];
        for (expected, got, reason) in pairs {
            for (expected, got) in expected.iter().zip(got) {
                ops.assert_equal(expected, got, reason)?;
            }
        }
        Ok(())
    }

    /// The statement of the chain that starts as this one and ends as `last`.
    pub(crate) fn up_to(&self, last: &Self) -> Self {
        Self {
            key_digest: self.key_digest.clone(),
            list_root: self.list_root.clone(),
            pc_in: self.pc_in.clone(),
            root_in: self.root_in.clone(),
            bounds: self.bounds.clone(),
            pc_out: last.pc_out.clone(),
            root_out: last.root_out.clone(),
            halted: last.halted.clone(),
            exit_code: last.exit_code.clone(),
            output_digest: last.output_digest.clone(),
        }
    }
}
