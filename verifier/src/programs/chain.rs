//! Joining neighbours, and wrapping the last proof.

use p3_field::PrimeCharacteristicRing;
use tern_field::EF;

use super::{ChainStatement, Child, RecursionRelation};
use crate::ops::{Checked, Ops};
use crate::reason::Reason;

/// Checks the children, each of which continues the chain of those before it, and returns the digest of the whole chain's statement; none without children.
///
/// # Errors
///
/// The first claim that does not hold.
pub fn join<O: Ops>(ops: &mut O, relation: &RecursionRelation, children: &[Child<O>]) -> Checked<O, Option<O::Digest>> {
    let Some((first, rest)) = children.split_first() else { return Ok(None) };
    first.check(ops, relation, 0)?;
    let mut chain = first.statement.clone();
    for (position, child) in (1..).zip(rest) {
        child.check(ops, relation, position)?;
        chain = chain.followed_by(ops, &child.statement, position)?;
    }
    Ok(Some(chain.digest(ops)))
}

/// Checks one proof and returns the digest of its statement.
///
/// # Errors
///
/// The first claim that does not hold.
pub fn wrap<O: Ops>(ops: &mut O, relation: &RecursionRelation, child: &Child<O>) -> Checked<O, O::Digest> {
    child.check(ops, relation, 0)?;
    Ok(child.statement.digest(ops))
}

impl<O: Ops> ChainStatement<O> {
    /// The statement of this chain and `next` together: `next` has to be of the same program and list, and to start where this one, which has not halted, ends.
    ///
    /// # Errors
    ///
    /// The first of these claims that does not hold.
    fn followed_by(self, ops: &mut O, next: &Self, child: usize) -> Checked<O, Self> {
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
        Ok(Self {
            pc_out: next.pc_out.clone(),
            root_out: next.root_out.clone(),
            halted: next.halted.clone(),
            exit_code: next.exit_code.clone(),
            output_digest: next.output_digest.clone(),
            ..self
        })
    }
}
