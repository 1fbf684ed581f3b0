//! The public values of a segment.

use alloc::vec::Vec;

use p3_field::PrimeCharacteristicRing;
use tern_field::{DIGEST_LEN, Digest, F};

use crate::chip::{PublicField, count};

/// The public values: [`Statement::to_values`].
pub const PUBLIC: [PublicField; 7] = [
    PublicField {
        name: "pc_in",
        len: 2,
        meaning: "Program counter at the start, two limbs; the verifier checks that it is a multiple of 4 below 2^30.",
    },
    PublicField {
        name: "pc_out",
        len: 2,
        meaning: "Program counter at the end, two limbs, checked likewise; 0 if the program has halted.",
    },
    PublicField { name: "root_in", len: DIGEST_LEN, meaning: "Root of the memory tree at the start." },
    PublicField { name: "root_out", len: DIGEST_LEN, meaning: "Root of the memory tree at the end." },
    PublicField { name: "halted", len: 1, meaning: "Whether the program has halted in this segment; 0 or 1, as the verifier writes it." },
    PublicField { name: "exit_code", len: 2, meaning: "Exit code, two limbs; 0 if the program has not halted." },
    PublicField { name: "output_digest", len: 16, meaning: "BLAKE3-256 of the output, 16 limbs; 0 if the program has not halted." },
];

/// What a segment proof says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Program counter at the start, below 2^30.
    pub pc_in: u32,
    /// Program counter at the end; 0 if the program has halted.
    pub pc_out: u32,
    /// Root of the memory tree at the start.
    pub root_in: Digest,
    /// Root of the memory tree at the end.
    pub root_out: Digest,
    /// How the program ended, if it did in this segment.
    pub halt: Option<Halt>,
}

/// How a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Halt {
    /// Exit code.
    pub exit_code: u32,
    /// BLAKE3-256 of the output.
    pub output_digest: [u8; 32],
}

/// The public values by name.
pub(crate) struct Layout<'a, E> {
    pub pc_in: &'a [E],
    pub pc_out: &'a [E],
    pub root_in: &'a [E],
    pub root_out: &'a [E],
    pub halted: &'a E,
    pub exit_code: &'a [E],
    pub output_digest: &'a [E],
}

/// A statement that no segment can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatementError {
    /// A program counter of 2^30 or more, or not a multiple of 4.
    ProgramCounter(u32),
    /// A segment that halts and still has a next program counter.
    HaltedWithProgramCounter(u32),
}

impl Statement {
    /// The public values: `pc_in`, `pc_out` (two 16-bit limbs each), `root_in`, `root_out`,
    /// `halted`, the exit code (two limbs), the output digest (sixteen limbs). Limbs are
    /// little-endian and cannot alias modulo p.
    #[must_use]
    pub fn to_values(&self) -> Vec<F> {
        let (exit_code, digest) = self.halt.map_or((0, [0; 32]), |halt| (halt.exit_code, halt.output_digest));
        let mut values = Vec::with_capacity(count(&PUBLIC));
        values.extend(u32_limbs(self.pc_in));
        values.extend(u32_limbs(self.pc_out));
        values.extend(self.root_in);
        values.extend(self.root_out);
        values.push(F::from_bool(self.halt.is_some()));
        values.extend(u32_limbs(exit_code));
        values.extend(digest.chunks_exact(2).map(|pair| F::from_u16(u16::from_le_bytes([pair[0], pair[1]]))));
        values
    }

    /// Checks what the constraints leave to the verifier.
    ///
    /// # Errors
    ///
    /// If a program counter is out of range, or the statement halts and goes on.
    pub fn check(&self) -> Result<(), StatementError> {
        for pc in [self.pc_in, self.pc_out] {
            if pc >= 1 << 30 || pc % 4 != 0 {
                return Err(StatementError::ProgramCounter(pc));
            }
        }
        if self.halt.is_some() && self.pc_out != 0 {
            return Err(StatementError::HaltedWithProgramCounter(self.pc_out));
        }
        Ok(())
    }

    pub(crate) fn layout<E>(values: &[E]) -> Layout<'_, E> {
        let mut rest = values;
        let [pc_in, pc_out, root_in, root_out, halted, exit_code, output_digest] = PUBLIC.map(|field| {
            let (values, behind) = rest.split_at(field.len);
            rest = behind;
            values
        });
        Layout { pc_in, pc_out, root_in, root_out, halted: &halted[0], exit_code, output_digest }
    }
}

fn u32_limbs(x: u32) -> [F; 2] {
    [F::from_u32(x & 0xffff), F::from_u32(x >> 16)]
}
