extern crate std;

use core::hash::{BuildHasher, Hash, Hasher};
use std::collections::HashSet;
use std::vec::Vec;

use super::fast::RandomState;
use super::*;

/// Words that look random, the same in each run.
struct Words(u64);

impl Words {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn keys(&mut self) -> &'static Keys {
        let mut words = [0; KEY_WORDS];
        words.fill_with(|| self.next());
        std::boxed::Box::leak(std::boxed::Box::new(Keys::new(words)))
    }
}

/// Tests share the installed keys, so only one may install at a time.
static INSTALLING: std::sync::Mutex<()> = std::sync::Mutex::new(());

fn hash_words(state: &RandomState, words: &[u64]) -> u64 {
    let mut hasher = state.build_hasher();
    words.iter().for_each(|&word| hasher.write_u64(word));
    hasher.finish()
}

/// Families of 256 inputs that weak hashes let collide: counters, single bits, multiples, and the two keys' own values.
fn families() -> Vec<Vec<[u64; 4]>> {
    let known = DEFAULT.0;
    let inputs = |make: &dyn Fn(u64) -> [u64; 4]| (0..256).map(make).collect::<Vec<_>>();
    std::vec![
        inputs(&|i| [i, 0, 0, 0]),
        inputs(&|i| [0, 0, 0, i]),
        inputs(&|i| [i << 32, 0, 0, 0]),
        inputs(&|i| [i << 56, 0, 0, 0]),
        inputs(&|i| [0, i << 48, 0, 0]),
        inputs(&|i| [(i & 1) << 63, (i >> 1 & 1) << 63, (i >> 2 & 1) << 31 | (i >> 3 & 1) << 63, i >> 4]),
        inputs(&|i| [i.wrapping_mul(1 << 31), i.wrapping_neg(), i, i << 8]),
        inputs(&|i| [known[1].wrapping_neg(), known[2].wrapping_neg(), known[3].wrapping_neg(), i]),
        inputs(&|i| [known[1], i << 32 | i, known[3], known[5]]),
    ]
}

/// Pairs of each family, each under many sets of keys: a share of 1/64 of them puts both into the same of 64 buckets.
#[test]
fn pairs_share_a_bucket_as_often_as_by_chance() {
    let _only = INSTALLING.lock();
    const SETS: usize = 20_000;
    const BUCKETS: u64 = 64;
    let mut words = Words(0x1234_5678_9abc_def1);
    let sets: Vec<&'static Keys> = (0..SETS).map(|_| words.keys()).collect();
    for (index, family) in families().iter().enumerate() {
        assert_eq!(family.iter().collect::<HashSet<_>>().len(), 256, "family {index} repeats itself");
        for (one, other) in [(0, 1), (0, 255), (17, 200), (127, 128), (64, 128)] {
            let shared = sets.iter().filter(|keys| {
                install(keys);
                let state = RandomState::default();
                let bucket = |at: usize| hash_words(&state, &family[at]) % BUCKETS;
                bucket(one) == bucket(other)
            });
            let shared = shared.count();
            // 312 expected, with a deviation of 18.
            assert!((200..430).contains(&shared), "family {index}, {one} and {other}: {shared} of {SETS}");
        }
    }
}

#[test]
fn maps_keep_their_keys() {
    let _only = INSTALLING.lock();
    let mut words = Words(7);
    install(words.keys());
    let old = RandomState::default();
    let before = hash_words(&old, &[1, 2, 3]);
    install(words.keys());
    assert_eq!(hash_words(&old, &[1, 2, 3]), before);
    assert_eq!(hash_words(&old.clone(), &[1, 2, 3]), before);
    assert_ne!(hash_words(&RandomState::default(), &[1, 2, 3]), before);
}

#[test]
fn neighbouring_maps_hash_differently_and_installing_starts_again() {
    let _only = INSTALLING.lock();
    let keys = Words(9).keys();
    install(keys);
    let first: Vec<u64> = (0..2 * WINDOWS).map(|_| hash_words(&RandomState::default(), &[5])).collect();
    assert_eq!(first[..WINDOWS], first[WINDOWS..]);
    assert_eq!(first.iter().collect::<HashSet<_>>().len(), WINDOWS);
    install(keys);
    let again: Vec<u64> = (0..2 * WINDOWS).map(|_| hash_words(&RandomState::default(), &[5])).collect();
    assert_eq!(first, again);
}

#[test]
fn every_word_and_length_counts() {
    let _only = INSTALLING.lock();
    install(Words(3).keys());
    let state = RandomState::default();
    // Well beyond one round of keys.
    let base: Vec<u64> = (0..40).collect();
    let mut seen = HashSet::new();
    for length in 0..=base.len() {
        assert!(seen.insert(hash_words(&state, &base[..length])), "{length} words");
    }
    for at in 0..base.len() {
        let mut changed = base.clone();
        changed[at] ^= 1 << (at % 64);
        assert!(seen.insert(hash_words(&state, &changed)), "word {at}");
    }
    let bytes = |bytes: &[u8]| {
        let mut hasher = state.build_hasher();
        hasher.write(bytes);
        hasher.finish()
    };
    let mut seen = HashSet::new();
    for length in 0..100 {
        assert!(seen.insert(bytes(&std::vec![0; length])), "{length} zero bytes");
    }
}

#[test]
fn every_kind_of_number_counts() {
    fn hash<T: Hash>(state: &RandomState, value: T) -> u64 {
        state.hash_one(value)
    }
    let state = RandomState::default();
    assert_ne!(hash(&state, 1u8), hash(&state, 2u8));
    assert_ne!(hash(&state, 1u16), hash(&state, 2u16));
    assert_ne!(hash(&state, 1i32), hash(&state, -1i32));
    assert_ne!(hash(&state, 1u128), hash(&state, 1u128 << 64));
    assert_ne!(hash(&state, "a"), hash(&state, "a\0"));
    assert_ne!(hash(&state, ("ab", "c")), hash(&state, ("a", "bc")));
}
