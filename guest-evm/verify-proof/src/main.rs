//! Verifies a Tern proof inside the machine, so that a proof of this program's run proves the other run too.
//!
//! Input: the length of the other program's key file as a little-endian u32, the key file, the proof, of either kind.
//! Output: the digest of the key (32 bytes), then what the other program wrote. It halted with exit code 0.
//!
//! Exit code 1, with the reason as text and no output, if the proof does not verify.
#![cfg_attr(target_os = "none", no_std, no_main)]

use tern_guest::{cycle_scope, read_input, write_output};
use tern_verifier::{Expected, KeyError, Rejection, VerifyingKey, verify};

tern_guest::entry!(main);

/// Why nothing is stated about another program.
#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error("the input ends within the key")]
    Short,
    #[error("the key: {0}")]
    Key(#[from] KeyError),
    #[error("the proof: {0}")]
    Proof(#[from] Rejection),
}

fn main() -> Result<(), Refused> {
    let (length, rest) = read_input().split_first_chunk().ok_or(Refused::Short)?;
    let (key, proof) = rest.split_at_checked(u32::from_le_bytes(*length) as usize).ok_or(Refused::Short)?;
    let key = VerifyingKey::from_file(key)?;
    let proved = cycle_scope("verify", || verify(proof, &key, &Expected::default()))?;
    write_output(&key.digest());
    write_output(&proved.bytes);
    Ok(())
}
