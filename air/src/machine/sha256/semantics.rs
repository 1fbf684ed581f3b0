//! The compression function of SHA-256 (FIPS 180-4, section 6.2.2).

use core::array;

/// The constants K of the 64 rounds (FIPS 180-4, section 4.2.2).
#[rustfmt::skip]
pub const ROUND_CONSTANTS: [u32; 64] = [
    0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
    0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
    0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
    0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
    0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
    0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
    0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
    0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
];

/// All words that a compression goes through.
///
/// In round `t`, variables a to d are words `t + 3`, `t + 2`, `t + 1` and `t` of `a`, and e to h
/// those of `e`; the round adds word `t + 4` to both.
#[derive(Clone, Debug)]
pub struct Schedule {
    /// Values that variable a takes.
    pub a: [u32; 68],
    /// Values that variable e takes.
    pub e: [u32; 68],
    /// Words W of the message schedule.
    pub w: [u32; 64],
}

impl Schedule {
    /// Those of a state's words and a block's.
    #[must_use]
    pub fn new(state: [u32; 8], block: [u32; 16]) -> Self {
        let mut words = Self { a: [0; 68], e: [0; 68], w: [0; 64] };
        for i in 0..4 {
            (words.a[i], words.e[i]) = (state[3 - i], state[7 - i]);
        }
        words.w[..16].copy_from_slice(&block);
        (16..64).for_each(|t| words.w[t] = words.message_word(t));
        (0..64).for_each(|t| words.round(t));
        words
    }

    fn message_word(&self, t: usize) -> u32 {
        let terms = [self.w[t - 7], small_sigma0(self.w[t - 15]), self.w[t - 16], small_sigma1(self.w[t - 2])];
        terms.into_iter().fold(0, u32::wrapping_add)
    }

    fn round(&mut self, t: usize) {
        let [[d, c, b, a], [h, g, f, e]]: [[u32; 4]; 2] = [&self.a, &self.e].map(|words| array::from_fn(|i| words[t + i]));
        let terms = [h, big_sigma1(e), choice(e, f, g), ROUND_CONSTANTS[t], self.w[t]];
        let sum = terms.into_iter().fold(0, u32::wrapping_add);
        self.e[t + 4] = d.wrapping_add(sum);
        self.a[t + 4] = sum.wrapping_add(big_sigma0(a)).wrapping_add(majority(a, b, c));
    }
}

/// The words of a block whose bytes lie in these little-endian dwords: its bytes, four at a time,
/// the highest first (FIPS 180-4, section 5.2.1).
#[must_use]
pub fn message_words(block: [u64; 8]) -> [u32; 16] {
    array::from_fn(|i| ((block[i / 2] >> (32 * (i % 2))) as u32).swap_bytes())
}

/// The words of a state in these little-endian dwords, two a dword.
#[must_use]
pub fn state_words(state: [u64; 4]) -> [u32; 8] {
    array::from_fn(|i| (state[i / 2] >> (32 * (i % 2))) as u32)
}

/// What the `sha256_compress` call makes of a state, both as they lie in memory.
#[must_use]
pub fn compress(state: [u64; 4], block: [u64; 8]) -> [u64; 4] {
    let old = state_words(state);
    let Schedule { a, e, .. } = Schedule::new(old, message_words(block));
    let word = |i: usize| u64::from(old[i].wrapping_add(if i < 4 { a[67 - i] } else { e[71 - i] }));
    array::from_fn(|i| word(2 * i) | word(2 * i + 1) << 32)
}

/// Ch (FIPS 180-4, section 4.1.2, as all that follow).
pub(crate) const fn choice(x: u32, y: u32, z: u32) -> u32 {
    x & y ^ !x & z
}

/// Maj.
pub(crate) const fn majority(x: u32, y: u32, z: u32) -> u32 {
    x & y ^ x & z ^ y & z
}

/// The upper-case sigma 0.
pub(crate) const fn big_sigma0(x: u32) -> u32 {
    x.rotate_right(2) ^ x.rotate_right(13) ^ x.rotate_right(22)
}

/// The upper-case sigma 1.
pub(crate) const fn big_sigma1(x: u32) -> u32 {
    x.rotate_right(6) ^ x.rotate_right(11) ^ x.rotate_right(25)
}

/// The lower-case sigma 0.
pub(crate) const fn small_sigma0(x: u32) -> u32 {
    x.rotate_right(7) ^ x.rotate_right(18) ^ x >> 3
}

/// The lower-case sigma 1.
pub(crate) const fn small_sigma1(x: u32) -> u32 {
    x.rotate_right(17) ^ x.rotate_right(19) ^ x >> 10
}
