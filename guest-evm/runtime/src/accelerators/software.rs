//! The accelerators in software, with the machine's semantics (`spec/machine.md`).

use super::sha256::{Block, State};

/// Round constants of Keccak-f[1600] (FIPS 202, section 3.2.5).
const ROUND_CONSTANTS: [u64; 24] = [
    0x0000_0000_0000_0001,
    0x0000_0000_0000_8082,
    0x8000_0000_0000_808a,
    0x8000_0000_8000_8000,
    0x0000_0000_0000_808b,
    0x0000_0000_8000_0001,
    0x8000_0000_8000_8081,
    0x8000_0000_0000_8009,
    0x0000_0000_0000_008a,
    0x0000_0000_0000_0088,
    0x0000_0000_8000_8009,
    0x0000_0000_8000_000a,
    0x0000_0000_8000_808b,
    0x8000_0000_0000_008b,
    0x8000_0000_0000_8089,
    0x8000_0000_0000_8003,
    0x8000_0000_0000_8002,
    0x8000_0000_0000_0080,
    0x0000_0000_0000_800a,
    0x8000_0000_8000_000a,
    0x8000_0000_8000_8081,
    0x8000_0000_0000_8080,
    0x0000_0000_8000_0001,
    0x8000_0000_8000_8008,
];

/// Lanes in the order in which rho and pi visit them, with rho's rotations.
const RHO_PI: [(usize, u32); 24] = [
    (10, 1),
    (7, 3),
    (11, 6),
    (17, 10),
    (18, 15),
    (3, 21),
    (5, 28),
    (16, 36),
    (8, 45),
    (21, 55),
    (24, 2),
    (4, 14),
    (15, 27),
    (23, 41),
    (19, 56),
    (13, 8),
    (12, 25),
    (2, 43),
    (20, 62),
    (14, 18),
    (22, 39),
    (9, 61),
    (6, 20),
    (1, 44),
];

/// Keccak-f[1600] in place (FIPS 202, section 3.3).
pub fn keccak_f1600(state: &mut [u64; 25]) {
    for constant in ROUND_CONSTANTS {
        let parity: [u64; 5] = core::array::from_fn(|x| state[x] ^ state[x + 5] ^ state[x + 10] ^ state[x + 15] ^ state[x + 20]);
        for x in 0..5 {
            let theta = parity[(x + 4) % 5] ^ parity[(x + 1) % 5].rotate_left(1);
            for y in 0..5 {
                state[x + 5 * y] ^= theta;
            }
        }
        let mut moving = state[1];
        for (lane, rotation) in RHO_PI {
            let rotated = moving.rotate_left(rotation);
            moving = core::mem::replace(&mut state[lane], rotated);
        }
        for y in 0..5 {
            let row: [u64; 5] = core::array::from_fn(|x| state[x + 5 * y]);
            for x in 0..5 {
                state[x + 5 * y] = row[x] ^ (!row[(x + 1) % 5] & row[(x + 2) % 5]);
            }
        }
        state[0] ^= constant;
    }
}

/// Round constants of SHA-256 (FIPS 180-4, section 4.2.2).
#[rustfmt::skip]
const SHA256_CONSTANTS: [u32; 64] = [
    0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
    0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
    0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
    0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
    0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
    0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
    0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
    0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
];

/// The compression function of SHA-256 (FIPS 180-4, section 6.2.2).
pub fn sha256_compress(state: &mut State, block: &Block) {
    let mut w = [0; 64];
    w.iter_mut().zip(block.0.as_chunks().0).for_each(|(word, bytes)| *word = u32::from_be_bytes(*bytes));
    for t in 16..64 {
        let (near, far) = (w[t - 2], w[t - 15]);
        let sigma1 = near.rotate_right(17) ^ near.rotate_right(19) ^ near >> 10;
        let sigma0 = far.rotate_right(7) ^ far.rotate_right(18) ^ far >> 3;
        w[t] = u32::wrapping_add(sigma1, w[t - 7]).wrapping_add(sigma0).wrapping_add(w[t - 16]);
    }
    let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = state.0;
    for (word, constant) in w.into_iter().zip(SHA256_CONSTANTS) {
        let sigma1 = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
        let sigma0 = a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22);
        let t1 = h.wrapping_add(sigma1).wrapping_add(e & f ^ !e & g).wrapping_add(constant).wrapping_add(word);
        let t2 = sigma0.wrapping_add(a & b ^ a & c ^ b & c);
        (h, g, f, e, d, c, b, a) = (g, f, e, d.wrapping_add(t1), c, b, a, t1.wrapping_add(t2));
    }
    state.0.iter_mut().zip([a, b, c, d, e, f, g, h]).for_each(|(word, variable)| *word = word.wrapping_add(variable));
}

/// Which message words a round of BLAKE2b takes, by its number modulo 10 (RFC 7693, section 2.7).
const SIGMA: [[u8; 16]; 10] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
    [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
    [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
    [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
    [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
    [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
    [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
    [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
    [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
    [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
];

/// A round of BLAKE2b (RFC 7693, sections 3.1 and 3.2), by its number modulo 10.
///
/// # Panics
///
/// If that is 10 or more, where the machine stops.
pub fn blake2f_round(v: &mut [u64; 16], m: &[u64; 16], schedule: u32) {
    let words = SIGMA[schedule as usize].map(|word| m[usize::from(word)]);
    for (g, [x, y]) in words.as_chunks().0.iter().enumerate() {
        // Columns, then diagonals: each begins one further to the right in every row.
        let row = |row: usize| 4 * row + (g + row * (g / 4)) % 4;
        let [a, b, c, d] = [0, 1, 2, 3].map(row);
        for (word, [turn_d, turn_b]) in [(x, [32, 24]), (y, [16, 63])] {
            v[a] = v[a].wrapping_add(v[b]).wrapping_add(*word);
            v[d] = (v[d] ^ v[a]).rotate_right(turn_d);
            v[c] = v[c].wrapping_add(v[d]);
            v[b] = (v[b] ^ v[c]).rotate_right(turn_b);
        }
    }
}

/// Twice the dwords of the widest modulus.
const WIDE: usize = 12;

/// Stores `(a * b + c) mod m` at `dst`, four little-endian dwords each.
///
/// # Safety
///
/// All pointers are to four dwords, aligned to 8, `dst` writable; they may alias.
///
/// # Panics
///
/// If `m` is zero or the quotient has more than 256 bits, where the machine stops.
pub unsafe fn mulmod256(dst: *mut u64, a: *const u64, b: *const u64, c: *const u64, m: *const u64) {
    // SAFETY: promised by the caller.
    unsafe { mulmod::<4>(dst, a, b, c, m) };
}

/// Stores `(a * b + c) mod m` at `dst`, six little-endian dwords each.
///
/// # Safety
///
/// All pointers are to six dwords, aligned to 8, `dst` writable; they may alias.
///
/// # Panics
///
/// If `m` is zero or the quotient has more than 384 bits, where the machine stops.
pub unsafe fn mulmod384(dst: *mut u64, a: *const u64, b: *const u64, c: *const u64, m: *const u64) {
    // SAFETY: promised by the caller.
    unsafe { mulmod::<6>(dst, a, b, c, m) };
}

/// See [`mulmod256`], for `N` dwords.
unsafe fn mulmod<const N: usize>(dst: *mut u64, a: *const u64, b: *const u64, c: *const u64, m: *const u64) {
    // SAFETY: promised by the caller.
    let read = |words: *const u64| unsafe { words.cast::<[u64; N]>().read() };
    let result = mul_add_mod(&read(a), &read(b), &read(c), &read(m));
    // SAFETY: promised by the caller.
    unsafe { dst.cast::<[u64; N]>().write(result) };
}

/// `(a * b + c) mod m`; see [`mulmod256`].
pub const fn mul_add_mod<const N: usize>(a: &[u64; N], b: &[u64; N], c: &[u64; N], m: &[u64; N]) -> [u64; N] {
    let product = mul_add(a, b, c);
    assert!(high_is_less(&product, m), "mulmod: zero modulus or a quotient of too many bits");
    remainder(&product, m)
}

/// `a * b + c`, in `2 N` dwords.
const fn mul_add<const N: usize>(a: &[u64; N], b: &[u64; N], c: &[u64; N]) -> [u64; WIDE] {
    assert!(2 * N <= WIDE);
    let mut out = [0; WIDE];
    let mut i = 0;
    while i < N {
        out[i] = c[i];
        i += 1;
    }
    i = 0;
    while i < N {
        let mut carry = 0u128;
        let mut j = 0;
        while j < N {
            let sum = a[i] as u128 * b[j] as u128 + out[i + j] as u128 + carry;
            out[i + j] = sum as u64;
            carry = sum >> 64;
            j += 1;
        }
        // Words above i + N are still zero, but c reaches this one while i is zero.
        out[i + N] = carry as u64;
        i += 1;
    }
    out
}

/// Whether the upper half of a product is below `m`: the quotient has `N` dwords.
const fn high_is_less<const N: usize>(product: &[u64; WIDE], m: &[u64; N]) -> bool {
    let mut i = N;
    while i > 0 {
        i -= 1;
        if product[N + i] != m[i] {
            return product[N + i] < m[i];
        }
    }
    false
}

/// `value mod m` by long division in base 2^64 (Knuth, volume 2, algorithm 4.3.1 D).
const fn remainder<const N: usize>(value: &[u64; WIDE], m: &[u64; N]) -> [u64; N] {
    let mut size = N;
    while m[size - 1] == 0 {
        size -= 1;
    }
    let shift = m[size - 1].leading_zeros();
    let mut divisor = [0u64; N];
    let mut rest = [0u64; WIDE + 1];
    let mut i = 0;
    while i < N {
        divisor[i] = shift_word(m[i], if i == 0 { 0 } else { m[i - 1] }, shift);
        i += 1;
    }
    i = 0;
    while i <= 2 * N {
        let word = if i == 2 * N { 0 } else { value[i] };
        rest[i] = shift_word(word, if i == 0 { 0 } else { value[i - 1] }, shift);
        i += 1;
    }
    let mut at = 2 * N + 1 - size;
    while at > 0 {
        at -= 1;
        subtract_multiple(&mut rest, &divisor, size, at);
    }
    let mut out = [0u64; N];
    i = 0;
    while i < N {
        out[i] = rest[i] >> shift;
        if shift > 0 {
            out[i] |= rest[i + 1] << (64 - shift);
        }
        i += 1;
    }
    out
}

/// The high word of `(high, low) << shift`.
const fn shift_word(high: u64, low: u64, shift: u32) -> u64 {
    if shift == 0 { high } else { high << shift | low >> (64 - shift) }
}

/// One step of the division: takes from `rest[at..=at + size]` its largest multiple of the normalised divisor.
const fn subtract_multiple<const N: usize>(rest: &mut [u64; WIDE + 1], divisor: &[u64; N], size: usize, at: usize) {
    let top = (rest[at + size] as u128) << 64 | rest[at + size - 1] as u128;
    let lead = divisor[size - 1] as u128;
    let mut digit = top / lead;
    if digit > u64::MAX as u128 {
        digit = u64::MAX as u128;
    }
    let mut borrow = 0u128;
    let mut i = 0;
    while i <= size {
        let word = if i < size { divisor[i] as u128 } else { 0 };
        let taken = digit * word + borrow;
        let (difference, under) = rest[at + i].overflowing_sub(taken as u64);
        rest[at + i] = difference;
        borrow = (taken >> 64) + under as u128;
        i += 1;
    }
    // The digit is at most two too large.
    while borrow > 0 {
        let mut carry = 0u128;
        let mut k = 0;
        while k <= size {
            let word = if k < size { divisor[k] as u128 } else { 0 };
            let sum = rest[at + k] as u128 + word + carry;
            rest[at + k] = sum as u64;
            carry = sum >> 64;
            k += 1;
        }
        borrow -= carry;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::mul_add_mod;

    /// `(a * b + c) mod m` bit by bit: a remainder that takes the product's bits from the highest one.
    fn reference<const N: usize>(a: &[u64; N], b: &[u64; N], c: &[u64; N], m: &[u64; N]) -> [u64; N] {
        let bit = |words: &[u64; N], at: usize| words[at / 64] >> (at % 64) & 1 == 1;
        let reduced = |value: &[u64; N]| (0..64 * N).rev().fold([0; N], |rest, at| double_and_add(&rest, bit(value, at), m));
        let b = reduced(b);
        let product = (0..64 * N).rev().fold([0; N], |sum, at| {
            let twice = add(&sum, &sum, m);
            if bit(a, at) { add(&twice, &b, m) } else { twice }
        });
        add(&product, &reduced(c), m)
    }

    /// `2 value + bit`, modulo `m`.
    fn double_and_add<const N: usize>(value: &[u64; N], bit: bool, m: &[u64; N]) -> [u64; N] {
        let mut one = [0; N];
        one[0] = u64::from(bit);
        let twice = add(value, value, m);
        if less(&one, m) { add(&twice, &one, m) } else { twice }
    }

    /// The sum of two residues.
    fn add<const N: usize>(a: &[u64; N], b: &[u64; N], m: &[u64; N]) -> [u64; N] {
        let mut carry = 0;
        let sum: [u64; N] = core::array::from_fn(|i| {
            let sum = u128::from(a[i]) + u128::from(b[i]) + carry;
            carry = sum >> 64;
            sum as u64
        });
        if carry == 0 && less(&sum, m) {
            return sum;
        }
        let mut borrow = false;
        core::array::from_fn(|i| {
            let (word, first) = sum[i].overflowing_sub(m[i]);
            let (word, second) = word.overflowing_sub(u64::from(borrow));
            borrow = first || second;
            word
        })
    }

    fn less<const N: usize>(a: &[u64; N], b: &[u64; N]) -> bool {
        a.iter().rev().lt(b.iter().rev())
    }

    /// Words of few values, so that divisions meet their rare cases.
    fn words<const N: usize>() -> impl Strategy<Value = [u64; N]> {
        prop::array::uniform(prop_oneof![Just(0), Just(1), Just(1 << 63), Just(u64::MAX), any::<u64>()])
    }

    fn check<const N: usize>(mut operands: [[u64; N]; 3], mut m: [u64; N], size: usize) -> Result<(), TestCaseError> {
        // A modulus of `size` words and operands of fewer: the quotient has N words, as the accelerator asks.
        m[size - 1] = m[size - 1].max(1);
        m[size..].fill(0);
        for operand in &mut operands {
            operand[size - 1..].fill(0);
        }
        let [a, b, c] = &operands;
        prop_assert_eq!(mul_add_mod(a, b, c, &m), reference(a, b, c, &m));
        Ok(())
    }

    proptest! {
        #[test]
        fn agrees_at_256_bits(operands: [[u64; 4]; 3], m in words::<4>(), size in 1usize..=4) {
            check(operands, m, size)?;
        }

        #[test]
        fn agrees_at_384_bits(a in words::<6>(), b in words::<6>(), c in words::<6>(), m in words::<6>(), size in 1usize..=6) {
            check([a, b, c], m, size)?;
        }

        /// One factor may be of any value.
        #[test]
        fn agrees_where_one_factor_is_larger(a in words::<6>(), b in words::<6>(), c in words::<6>(), m in words::<6>()) {
            let m = if m[5] == 0 { [u64::MAX; 6] } else { m };
            let (b, c) = (core::array::from_fn(|i| if i == 5 { 0 } else { b[i] }), core::array::from_fn(|i| if i == 5 { 0 } else { c[i] }));
            prop_assert_eq!(mul_add_mod(&a, &b, &c, &m), reference(&a, &b, &c, &m));
        }
    }

    #[test]
    #[should_panic(expected = "zero modulus")]
    fn a_modulus_of_zero_is_refused() {
        mul_add_mod(&[1, 0, 0, 0, 0, 0], &[1, 0, 0, 0, 0, 0], &[0; 6], &[0; 6]);
    }

    #[test]
    #[should_panic(expected = "too many bits")]
    fn a_quotient_of_more_words_is_refused() {
        mul_add_mod(&[u64::MAX; 6], &[2, 0, 0, 0, 0, 0], &[0; 6], &[1, 0, 0, 0, 0, 0]);
    }
}
