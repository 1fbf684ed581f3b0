//! SHA-256 (FIPS 180-4) on the accelerator.

use crate::platform::sha256_compress;

/// Eight words of state, where the machine wants them.
#[repr(C, align(8))]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State(pub [u32; 8]);

/// A block of a message, likewise.
#[repr(C, align(8))]
#[derive(Clone, Debug)]
pub struct Block(pub [u8; 64]);

/// The state before the first block (FIPS 180-4, section 5.3.3).
const FIRST: State = State([0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19]);

/// Bytes of a last block before the message's length.
const LENGTH_AT: usize = 56;

/// The block that pads a message of 64 bytes.
static PAIR_PADDING: Block = {
    let mut block = Block([0; 64]);
    block.0[0] = 0x80;
    block.0[62] = 2;
    block
};

/// The SHA-256 digest of `bytes`.
#[must_use]
pub fn digest(bytes: &[u8]) -> [u8; 32] {
    let mut state = FIRST;
    let (blocks, rest) = bytes.as_chunks::<64>();
    if bytes.as_ptr().cast::<Block>().is_aligned() {
        for block in blocks {
            // SAFETY: a block has the size of 64 bytes, any bytes are one, and all of them are aligned as the first is.
            sha256_compress(&mut state, unsafe { &*block.as_ptr().cast::<Block>() });
        }
    } else {
        let mut aligned = Block([0; 64]);
        for block in blocks {
            aligned.0.copy_from_slice(block);
            sha256_compress(&mut state, &aligned);
        }
    }
    finish(&mut state, rest, bytes.len());
    to_bytes(&state)
}

/// The SHA-256 digest of two digests, one behind the other: an inner node of a hash tree.
#[must_use]
pub fn digest_pair(left: &[u8; 32], right: &[u8; 32]) -> [u8; 32] {
    let mut state = FIRST;
    let mut block = Block([0; 64]);
    block.0[..32].copy_from_slice(left);
    block.0[32..].copy_from_slice(right);
    sha256_compress(&mut state, &block);
    sha256_compress(&mut state, &PAIR_PADDING);
    to_bytes(&state)
}

/// Takes what is left of a message of `length` bytes, less than a block, and the padding (FIPS 180-4, section 5.1.1).
fn finish(state: &mut State, rest: &[u8], length: usize) {
    let mut last = Block([0; 64]);
    last.0[..rest.len()].copy_from_slice(rest);
    last.0[rest.len()] = 0x80;
    if rest.len() >= LENGTH_AT {
        sha256_compress(state, &last);
        last.0[..LENGTH_AT].fill(0);
    }
    last.0[LENGTH_AT..].copy_from_slice(&(8 * length as u64).to_be_bytes());
    sha256_compress(state, &last);
}

fn to_bytes(state: &State) -> [u8; 32] {
    let mut digest = [0; 32];
    digest.as_chunks_mut().0.iter_mut().zip(state.0).for_each(|(bytes, word)| *bytes = word.to_be_bytes());
    digest
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use proptest::prelude::*;
    use sha2::{Digest, Sha256};

    use super::*;

    fn reference(bytes: &[u8]) -> [u8; 32] {
        Sha256::digest(bytes).into()
    }

    /// Examples of FIPS 180-4's "SHA256.pdf" and of the NESSIE project.
    #[test]
    fn published_digests() {
        let digests = [
            (&b""[..], "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            (b"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
            ),
            (&[b'a'; 1_000_000], "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
        ];
        for (bytes, expected) in digests {
            assert_eq!(hex::encode(digest(bytes)), expected);
        }
    }

    #[test]
    fn every_length_at_every_alignment() {
        let bytes: Vec<u8> = (0..300u32).map(|i| (i * 97 + 13) as u8).collect();
        for length in 0..=280 {
            for start in 0..8 {
                let bytes = &bytes[start..start + length];
                assert_eq!(digest(bytes), reference(bytes), "{length} bytes from {start}");
            }
        }
    }

    proptest! {
        #[test]
        fn pairs_are_digests_of_both(left: [u8; 32], right: [u8; 32]) {
            prop_assert_eq!(digest_pair(&left, &right), reference(&[left, right].concat()));
        }

        #[test]
        fn the_twin_compresses(state: [u32; 8], block in proptest::collection::vec(any::<u8>(), 64)) {
            let block: [u8; 64] = block.try_into().expect("64 bytes");
            let mut ours = State(state);
            sha256_compress(&mut ours, &Block(block));
            let mut theirs = state;
            sha2::compress256(&mut theirs, &[block.into()]);
            prop_assert_eq!(ours.0, theirs);
        }
    }
}
