//! Encoding of a segment's statement.

use tern_air::machine::segment::{Halt, Statement};
use tern_field::DIGEST_LEN;

use super::Rejection;
use crate::wire::{Reader, Writer};

/// Length of an encoded statement in bytes.
pub const STATEMENT_BYTES: usize = 4 + 4 + 2 * 4 * DIGEST_LEN + 1 + 4 + 32;

/// Reads a statement; a segment that does not halt has exit code and digest zero.
///
/// # Errors
///
/// If it is truncated or not canonical.
pub fn read_statement(reader: &mut Reader<'_>, segment: u32) -> Result<Statement, Rejection> {
    let (pc_in, pc_out) = (reader.u32()?, reader.u32()?);
    let (root_in, root_out) = (reader.digest()?, reader.digest()?);
    let halted = reader.u8()?;
    let halt = Halt { exit_code: reader.u32()?, output_digest: reader.array()? };
    let nothing = Halt { exit_code: 0, output_digest: [0; 32] };
    let halt = match halted {
        1 => Some(halt),
        0 if halt == nothing => None,
        _ => return Err(Rejection::HaltFlag { segment, got: halted }),
    };
    Ok(Statement { pc_in, pc_out, root_in, root_out, halt })
}

/// Appends a statement.
pub fn write_statement(writer: &mut Writer, statement: &Statement) {
    writer.u32(statement.pc_in);
    writer.u32(statement.pc_out);
    writer.digest(&statement.root_in);
    writer.digest(&statement.root_out);
    writer.u8(u8::from(statement.halt.is_some()));
    let halt = statement.halt.unwrap_or(Halt { exit_code: 0, output_digest: [0; 32] });
    writer.u32(halt.exit_code);
    writer.bytes(&halt.output_digest);
}
