//! Attacks on final proofs.

use tern_verifier::Expected;

use super::change::Change;
use super::file::{self, FinalFile};
use super::run::{outcome_of, outcome_of_proof};
use super::{AttackError, Tried, words};

/// Attacks a final proof.
pub fn attack(changes: &[Change]) -> Result<Tried, AttackError> {
    let honest = FinalFile::honest()?;
    let mut file = honest.clone();
    let mut expected = Expected::default();
    for change in changes {
        match change {
            Change::Proof(change) => file::edit_proof(&mut file.proof, change)?,
            Change::Header(change) => file.edit_header(change)?,
            Change::Claim(change) => {
                if let Some(edit) = change.edit() {
                    words::edit_statement(&mut file.header.statement, &change.field, change.part, edit)?;
                }
            }
            Change::Key(change) => {
                if let Some(edit) = change.edit() {
                    words::edit_key(&mut file.key, &change.field, change.part, edit)?;
                }
                if change.relabel {
                    file.header.key_digest = file.key.digest();
                }
            }
            Change::Expect(change) => expected.exit_code = change.exit_code,
            _ => {}
        }
    }
    let outcome = match file.to_bytes()? {
        Err(rejected) => outcome_of_proof(Err(rejected)),
        Ok(mut bytes) => {
            for change in changes {
                if let Change::Bytes(change) = change {
                    let place = |field: &str| {
                        Ok::<_, AttackError>(file.header_len()? + file::place_of(&file.relation.verifier, &file.proof, field)?)
                    };
                    let place = change.field.as_deref().map(place).transpose()?;
                    file::edit_bytes(&mut bytes, change, place)?;
                }
            }
            if Ok(&bytes) == honest.to_bytes()?.as_ref() && file.key == honest.key && expected == Expected::default() {
                return Err(AttackError::NothingChanged);
            }
            outcome_of(tern_verifier::verify(&bytes, &file.key, &expected).map(drop))
        }
    };
    Ok(Tried { outcome, changed: Vec::new() })
}
