//! Powers modulo numbers of up to 256 bits (the precompile at 5, EIP-198), on `mulmod256`.

use super::field::{ONE, Words, ZERO, mul_add_mod};

/// `base^exponent mod modulus`, all big-endian, in as many bytes as `modulus` has; `0^0` is 1.
///
/// `None` if the modulus is zero, or it or the base has more than 256 bits: then it is for other code to compute.
pub fn modexp(base: &[u8], exponent: &[u8], modulus: &[u8]) -> Option<alloc::vec::Vec<u8>> {
    let (base, m) = (words(base)?, words(modulus)?);
    if m.is_zero() {
        return None;
    }
    let multiply = |a: &[u64; 4], b: &[u64; 4]| mul_add_mod(a, b, &ZERO.0, &m.0);
    // Reduced, also for the modulus 1.
    let one = multiply(&ONE.0, &ONE.0);
    let mut powers = [one; 16];
    powers[1] = multiply(&base.0, &ONE.0);
    for i in 2..16 {
        powers[i] = multiply(&powers[i - 1], &powers[1]);
    }
    let mut power = one;
    let first = exponent.iter().position(|&byte| byte != 0).unwrap_or(exponent.len());
    for &byte in &exponent[first..] {
        for digit in [byte >> 4, byte & 15] {
            for _ in 0..4 {
                power = multiply(&power, &power);
            }
            if digit != 0 {
                power = multiply(&power, &powers[usize::from(digit)]);
            }
        }
    }
    let mut bytes = [0; 32];
    Words(power).write_be(&mut bytes);
    let mut result = alloc::vec![0; modulus.len()];
    for (byte, value) in result.iter_mut().rev().zip(bytes.iter().rev()) {
        *byte = *value;
    }
    Some(result)
}

/// A number of up to 256 bits from big-endian bytes, however many of which are zero.
fn words(bytes: &[u8]) -> Option<Words> {
    let first = bytes.iter().position(|&byte| byte != 0).unwrap_or(bytes.len());
    let digits = &bytes[first..];
    let mut padded = [0; 32];
    padded[32usize.checked_sub(digits.len())?..].copy_from_slice(digits);
    Some(Words::from_be(&padded))
}

#[cfg(test)]
mod tests {
    use super::modexp;
    use alloc::vec::Vec;
    use proptest::prelude::*;
    use revm::precompile::{Crypto, DefaultCrypto};

    fn check(base: &[u8], exponent: &[u8], modulus: &[u8]) {
        if let Some(power) = modexp(base, exponent, modulus) {
            // revm leaves leading zeros to its caller.
            let digits = DefaultCrypto.modexp(base, exponent, modulus).expect("a power");
            let mut padded = alloc::vec![0; modulus.len() - digits.len()];
            padded.extend(digits);
            assert_eq!(power, padded, "{base:?} {exponent:?} {modulus:?}");
        }
    }

    #[test]
    fn agrees_at_the_edges() {
        let numbers: [&[u8]; 9] =
            [&[], &[0], &[1], &[2], &[0, 0, 3], &[0xff; 32], &[0xff; 33], &[0, 0xff, 0xfe], &[0x80, 0, 0, 0, 0, 0, 0, 0]];
        for base in numbers {
            for exponent in numbers {
                for modulus in numbers {
                    check(base, exponent, modulus);
                }
            }
        }
        assert_eq!(modexp(&[3], &[5], &[0; 4]), None);
        assert_eq!(modexp(&[1; 33], &[5], &[7]), None);
        assert_eq!(modexp(&[3], &[5], &[0, 7]), Some(alloc::vec![0, 5]));
    }

    proptest! {
        #[test]
        fn agrees(base: [u8; 32], exponent: Vec<u8>, modulus in proptest::collection::vec(any::<u8>(), 1..40)) {
            check(&base, &exponent, &modulus);
        }
    }
}
