//! Changing words of records, statements, headers and keys by name.

use tern_air::machine::segment::{Halt, Statement};
use tern_verifier::VerifyingKey;

use super::AttackError;
use super::change::Edit;
use crate::testing::records::{Named, Word, each, one};

/// Changes the part of a field with this name.
pub fn edit(mut words: Vec<Named<'_>>, of: &str, field: &str, part: usize, edit: Edit) -> Result<(), AttackError> {
    let mut known: Vec<&'static str> = words.iter().map(|(name, _)| *name).collect();
    known.dedup();
    let parts = words.iter().filter(|(name, _)| *name == field).count();
    if parts == 0 {
        return Err(AttackError::Field { of: of.to_owned(), field: field.to_owned(), known: known.join(", ") });
    }
    let Some((_, word)) = words.iter_mut().filter(|(name, _)| *name == field).nth(part) else {
        return Err(AttackError::Part { of: of.to_owned(), field: field.to_owned(), parts, got: part });
    };
    set(*word, edit).ok_or_else(|| AttackError::Value { of: of.to_owned(), field: field.to_owned() })
}

fn set(word: &mut dyn Word, edit: Edit) -> Option<()> {
    let (value, width) = (word.get(), word.width());
    let largest = u64::MAX >> (64 - width);
    let changed = match edit {
        Edit::Set(value) => Some(value).filter(|&value| value <= largest),
        Edit::Add(more) => Some(value.wrapping_add(more) & largest),
        Edit::Flip(bit) => (bit < width).then(|| value ^ 1 << bit),
    }?;
    word.set(changed).then_some(())
}

/// The parts of a statement; exit code and digest only if it halts.
fn statement_words(statement: &mut Statement) -> Vec<Named<'_>> {
    let Statement { pc_in, pc_out, root_in, root_out, halt } = statement;
    let mut words = one("pc_in", pc_in);
    words.extend(one("pc_out", pc_out));
    words.extend(each("root_in", root_in));
    words.extend(each("root_out", root_out));
    if let Some(Halt { exit_code, output_digest }) = halt {
        words.extend(one("exit_code", exit_code));
        words.extend(each("output_digest", output_digest));
    }
    words
}

/// Changes a statement; `halted` makes it one of a segment that halts with exit code 0 and no
/// output, or of one that goes on.
pub fn edit_statement(statement: &mut Statement, field: &str, part: usize, change: Edit) -> Result<(), AttackError> {
    const OF: &str = "statement";
    if field != "halted" {
        return edit(statement_words(statement), OF, field, part, change);
    }
    let mut halted = statement.halt.is_some();
    edit(one("halted", &mut halted), OF, field, part, change)?;
    let halt = Halt { exit_code: 0, output_digest: *blake3::hash(b"").as_bytes() };
    statement.halt = halted.then(|| statement.halt.unwrap_or(halt));
    Ok(())
}

/// Changes the number of instructions that a segment is said to have.
pub fn edit_cycles(cycles: &mut u32, change: Edit) -> Result<(), AttackError> {
    edit(one("cycles", cycles), "statement", "cycles", 0, change)
}

/// Changes a key.
pub fn edit_key(key: &mut VerifyingKey, field: &str, part: usize, change: Edit) -> Result<(), AttackError> {
    let VerifyingKey { entry, bounds, image_root } = key;
    let mut words = one("entry", entry);
    words.extend(one("ro_start", &mut bounds.ro_start));
    words.extend(one("ro_end", &mut bounds.ro_end));
    words.extend(one("text_start", &mut bounds.text_start));
    words.extend(one("text_end", &mut bounds.text_end));
    words.extend(each("image_root", image_root));
    edit(words, "key", field, part, change)
}
