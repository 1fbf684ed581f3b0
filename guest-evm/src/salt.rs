//! The salt: what the hash maps' keys are derived from.
//!
//! A map's work grows with the square of the keys that share a bucket, and whoever builds a block chooses the keys. So they
//! must not know the hash: its keys ([`foldhash::Keys`]) come from a salt that the prover draws once the block is there.
//! The prover may choose any salt, as it chooses the order of the witness: what is proved is that *some* input gives this
//! output, and no output depends on the salt.

#[cfg(not(feature = "host"))]
use alloc::boxed::Box;

use alloy_primitives::keccak256;
use foldhash::{KEY_WORDS, Keys};

/// Size of a salt.
pub const SALT_BYTES: usize = 32;

/// What the hash maps' keys are derived from.
pub type Salt = [u8; SALT_BYTES];

/// The salt of tests and figures whose cycles are to be the same in every run. A prover that used it would be open to
/// blocks whose keys collide.
pub const TEST_SALT: Salt = *b"tern: the salt of reproducible r";

/// Gives every hash map that is made from now on keys derived from `salt`.
///
/// On an ordinary computer, where one process may see many salts, only 64 sets of keys are ever made: a later salt then
/// takes the keys of an earlier one, which are as unknown to whoever built its block.
pub fn install(salt: &Salt) {
    #[cfg(not(feature = "host"))]
    foldhash::install(Box::leak(Box::new(derive(salt))));
    #[cfg(feature = "host")]
    {
        static SETS: [std::sync::OnceLock<Keys>; 64] = [const { std::sync::OnceLock::new() }; 64];
        let place = usize::from(keccak256(salt)[0]) % SETS.len();
        foldhash::install(SETS[place].get_or_init(|| derive(salt)));
    }
}

/// Word `4 i + j` is word `j`, little-endian, of Keccak-256 of the salt and the byte `i`.
fn derive(salt: &Salt) -> Keys {
    let mut words = [0; KEY_WORDS];
    let mut message = [0; SALT_BYTES + 1];
    message[..SALT_BYTES].copy_from_slice(salt);
    for (index, words) in words.chunks_mut(4).enumerate() {
        message[SALT_BYTES] = index as u8;
        let hash = keccak256(message);
        let (bytes, _) = hash.0.as_chunks();
        for (word, bytes) in words.iter_mut().zip(bytes) {
            *word = u64::from_le_bytes(*bytes);
        }
    }
    Keys::new(words)
}

/// A salt from the operating system's randomness.
///
/// The standard library keys each of its own hash states with it; four values under one such key are a salt.
#[cfg(feature = "host")]
pub fn random() -> Salt {
    use std::hash::{BuildHasher, RandomState};

    let state = RandomState::new();
    let mut salt = Salt::default();
    for (index, word) in salt.chunks_exact_mut(8).enumerate() {
        word.copy_from_slice(&state.hash_one(index).to_le_bytes());
    }
    salt
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;
    use alloy_primitives::U256;
    use alloy_primitives::map::{HashMap, HashSet, U256Map};

    /// Two kinds of map, as revm uses them, in their order under `salt`.
    fn orders(salt: &Salt) -> (Vec<U256>, Vec<U256>) {
        install(salt);
        let keys = (0..100u64).map(U256::from);
        let fixed: U256Map<()> = keys.clone().map(|key| (key, ())).collect();
        let any: HashMap<U256, ()> = keys.map(|key| (key, ())).collect();
        (fixed.into_keys().collect(), any.into_keys().collect())
    }

    #[test]
    fn salts_change_the_order_of_every_kind_of_map() {
        let salts: Vec<Salt> = (0..8).map(|byte| [byte; 32]).collect();
        let (fixed, any): (HashSet<Vec<U256>>, HashSet<Vec<U256>>) = salts.iter().map(orders).unzip();
        // Eight salts have eight sets of keys here, but two may be the same, and other tests may install theirs meanwhile.
        assert!(fixed.len() >= 4, "{} orders", fixed.len());
        assert!(any.len() >= 4, "{} orders", any.len());
    }

    #[test]
    fn random_salts_differ() {
        assert_ne!(random(), random());
    }
}
