//! Powers modulo any number (the precompile at 5, EIP-198): on `mulmod256` up to 256 bits, in software beyond.

use alloc::vec;
use alloc::vec::Vec;

use super::field::{ONE, Words, ZERO, mul_add_mod};

/// `base^exponent mod modulus`, all big-endian, in as many bytes as `modulus` has.
///
/// `0^0` is 1, and a modulus of zero gives zero.
#[must_use]
pub fn modexp(base: &[u8], exponent: &[u8], modulus: &[u8]) -> Vec<u8> {
    let digits = match (words(base), words(modulus)) {
        (Some(base), Some(modulus)) if !modulus.is_zero() => {
            let mut bytes = vec![0; 32];
            power(&base, exponent, &modulus).write_be(&mut bytes);
            bytes
        }
        // without leading zeros, and without any digit for a modulus of zero
        _ => aurora_engine_modexp::modexp(base, exponent, modulus),
    };
    let mut result = vec![0; modulus.len()];
    for (byte, digit) in result.iter_mut().rev().zip(digits.iter().rev()) {
        *byte = *digit;
    }
    result
}

/// `base^exponent mod m`, for `m` not zero.
fn power(base: &Words, exponent: &[u8], m: &Words) -> Words {
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
    Words(power)
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
        // revm leaves leading zeros to its caller.
        let digits = DefaultCrypto.modexp(base, exponent, modulus).expect("a power");
        let mut padded = alloc::vec![0; modulus.len() - digits.len()];
        padded.extend(digits);
        assert_eq!(modexp(base, exponent, modulus), padded, "{base:?} {exponent:?} {modulus:?}");
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
        assert_eq!(modexp(&[3], &[5], &[0; 4]), [0; 4]);
        assert_eq!(modexp(&[1; 34], &[5], &[7]), [1]);
        assert_eq!(modexp(&[3], &[5], &[0, 7]), [0, 5]);
    }

    proptest! {
        #[test]
        fn agrees(base in proptest::collection::vec(any::<u8>(), 0..40), exponent: Vec<u8>, modulus in proptest::collection::vec(any::<u8>(), 1..40)) {
            check(&base, &exponent, &modulus);
        }
    }
}
