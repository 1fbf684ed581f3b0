//! Untrusted bytes cannot make the decoder allocate without bound.

mod counting;

use counting::peak;
use tern_verifier::{DecodeError, decode};

/// A list length of `2^62` in postcard's encoding.
const HUGE: [u8; 9] = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x40];

#[test]
fn memory_is_bounded_by_the_length_of_the_bytes() {
    const LEN: usize = 1 << 20;
    // Two commitments of one digest, the second with or without the lookups' before it.
    let caps = |lookups: u8| {
        let mut bytes = vec![1];
        bytes.extend([0; 32]);
        bytes.push(lookups);
        if lookups == 1 {
            bytes.push(1);
            bytes.extend([0; 32]);
        }
        bytes.push(1);
        bytes.extend([0; 32]);
        bytes.push(0);
        bytes
    };
    let mut cases: Vec<Vec<u8>> = vec![HUGE.to_vec(), HUGE.repeat(LEN / HUGE.len())];
    for lookups in [0, 1] {
        let prefix = caps(lookups);
        for fill in [0, 1, 2, 0x7f, 0xff] {
            // As many tables as claimed, made of nothing but short lists.
            let mut bytes = prefix.clone();
            bytes.extend(HUGE);
            bytes.resize(LEN, fill);
            cases.push(bytes);
        }
        let mut nested = prefix;
        nested.extend(HUGE.repeat(1_000));
        cases.push(nested);
    }
    for bytes in cases {
        let peak = peak(|| assert!(decode(&bytes, bytes.len()).is_err()));
        let bound = 64 * bytes.len() + (8 << 20);
        assert!(peak <= bound, "{peak} for {} bytes", bytes.len());
    }

    // Too long is refused before anything is allocated.
    let bytes = vec![0; LEN];
    assert_eq!(peak(|| assert!(matches!(decode(&bytes, LEN - 1), Err(DecodeError::TooLong { .. })))), 0);
}
