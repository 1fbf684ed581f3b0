//! The compression function F of BLAKE2b (RFC 7693, section 3.2; EIP-152) on the accelerator.

use crate::platform::blake2f_round;

/// The initialisation vector (RFC 7693, section 2.6).
const IV: [u64; 8] = [
    0x6a09_e667_f3bc_c908,
    0xbb67_ae85_84ca_a73b,
    0x3c6e_f372_fe94_f82b,
    0xa54f_f53a_5f1d_36f1,
    0x510e_527f_ade6_82d1,
    0x9b05_688c_2b3e_6c1f,
    0x1f83_d9ab_fb41_bd6b,
    0x5be0_cd19_137e_2179,
];

/// Rounds after which the message's schedule repeats.
pub const SCHEDULES: u32 = 10;

/// Compresses the message block `m` into the state `h`, in any number of rounds; `t` is the offset, `last` whether the block is the last.
pub fn compress(rounds: u32, h: &mut [u64; 8], m: &[u64; 16], t: &[u64; 2], last: bool) {
    let mut v = [0; 16];
    v[..8].copy_from_slice(h);
    v[8..].copy_from_slice(&IV);
    v[12] ^= t[0];
    v[13] ^= t[1];
    if last {
        v[14] = !v[14];
    }
    let mut schedule = 0;
    for _ in 0..rounds {
        blake2f_round(&mut v, m, schedule);
        schedule = if schedule == SCHEDULES - 1 { 0 } else { schedule + 1 };
    }
    for (i, word) in h.iter_mut().enumerate() {
        *word ^= v[i] ^ v[i + 8];
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use proptest::prelude::*;
    use revm::precompile::{Crypto, DefaultCrypto};

    use super::*;

    /// The state before the first block of BLAKE2b-512 without a key (RFC 7693, section 3.3).
    fn first() -> [u64; 8] {
        let mut state = IV;
        state[0] ^= 0x0101_0040;
        state
    }

    fn abc() -> [u64; 16] {
        core::array::from_fn(|i| if i == 0 { u64::from_le_bytes(*b"abc\0\0\0\0\0") } else { 0 })
    }

    fn bytes(state: &[u64; 8]) -> Vec<u8> {
        state.iter().flat_map(|word| word.to_le_bytes()).collect()
    }

    /// Test vectors 4 to 7 of EIP-152; the fifth is RFC 7693's Appendix A.
    #[test]
    fn published_vectors() {
        let vectors = [
            (
                0,
                true,
                "08c9bcf367e6096a3ba7ca8485ae67bb2bf894fe72f36e3cf1361d5f3af54fa5d282e6ad7f520e511f6c3e2b8c68059b9442be0454267ce079217e1319cde05b",
            ),
            (
                12,
                true,
                "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d17d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923",
            ),
            (
                12,
                false,
                "75ab69d3190a562c51aef8d88f1c2775876944407270c42c9844252c26d2875298743e7f6d5ea2f2d3e8d226039cd31b4e426ac4f2d3d666a610c2116fde4735",
            ),
            (
                1,
                true,
                "b63a380cb2897d521994a85234ee2c181b5f844d2c624c002677e9703449d2fba551b3a8333bcdf5f2f7e08993d53923de3d64fcc68c034e717b9293fed7a421",
            ),
        ];
        for (rounds, last, expected) in vectors {
            let mut state = first();
            compress(rounds, &mut state, &abc(), &[3, 0], last);
            assert_eq!(hex::encode(bytes(&state)), expected, "{rounds} rounds");
        }
    }

    proptest! {
        #[test]
        fn agrees_with_another_implementation(rounds in 0..40u32, h: [u64; 8], m: [u64; 16], t: [u64; 2], last: bool) {
            let (mut ours, mut theirs) = (h, h);
            compress(rounds, &mut ours, &m, &t, last);
            DefaultCrypto.blake2_compress(rounds, &mut theirs, &m, &t, last);
            prop_assert_eq!(ours, theirs);
        }
    }
}
