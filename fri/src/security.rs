//! What all accounting of security starts from.

use serde::Serialize;

/// Bits of security that parameters aim at.
pub const TARGET_BITS: f64 = 128.0;

/// Size of the base field in bits: `log2(2^31 - 2^27 + 1)`.
pub(crate) const BASE_FIELD_BITS: f64 = 30.906_890_595_608_52;

/// One error source.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Term {
    /// What can go wrong.
    pub source: &'static str,
    /// Negated base-2 logarithm of its probability, proof of work included.
    pub bits: f64,
}

/// The fraction of places in which a random word agrees with some codeword of rate `2^-log_blowup`, over
/// a field of `field_bits` bits: the `a` with `H_q(1 - a) = 1 - rate`.
///
/// That is the Elias bound, at which the balls around all codewords fill the space: a random word agrees
/// with the code in about as many places, and the conjecture is that a false statement passes a query
/// with no higher probability. With the
/// binary entropy `h`, and `log2 (q - 1)` for `log2 q`, the equation is `a = rate + h(a) / log2 q`.
/// `p3-security` has `h(rate)`, rounded up, in the place of `h(a)`: too large an agreement at rate 1/4,
/// too small a one at 1/64.
///
/// **Which field.** The words that a prover commits to are not all of one field: the dense matrix's columns
/// are BabyBear's, and the words of the folding rounds lie in the extension. But all codes have
/// their evaluation points in BabyBear, and a prover chooses his words. A word of BabyBear's elements
/// agrees with as many codewords of BabyBear as the Elias bound over BabyBear says, and they are
/// codewords over the extension as well; so does a word that is zero but for one column, and every
/// multiple of it by a challenge. What counts is the field of the evaluation points, for every word
/// (Fenzi and Sanso, *Small-field hash-based SNARGs are less sound than conjectured*,
/// <https://eprint.iacr.org/2025/2197>; Crites and Stewart, <https://eprint.iacr.org/2025/2046>,
/// for lifting from a subfield). The challenges' field counts in all other terms.
pub(crate) fn conjectured_agreement(log_blowup: usize, field_bits: f64) -> f64 {
    let rate = 1.0 / (1_u64 << log_blowup) as f64;
    // Each step shrinks the error by the slope of `h(a) / log2 q`, which is below 1/4 at every rate in use.
    (0..ENTROPY_STEPS).fold(rate, |agreement, _| rate + binary_entropy(agreement) / field_bits)
}

/// More steps than change a double.
const ENTROPY_STEPS: usize = 64;

/// `h(a) = -a log2 a - (1 - a) log2 (1 - a)`; `0 < a < 1`.
fn binary_entropy(a: f64) -> f64 {
    -a * libm::log2(a) - (1.0 - a) * libm::log2(1.0 - a)
}

#[cfg(test)]
mod tests {
    extern crate std;

    use alloc::vec;
    use alloc::vec::Vec;

    use p3_field::{PrimeCharacteristicRing, TwoAdicField};
    use tern_field::{DIGEST_LEN, F};

    use super::*;

    /// Size of KoalaBear in bits: `log2(2^31 - 2^24 + 1)`.
    const KOALA_BEAR_BITS: f64 = 30.988_684_687_449_26;

    /// The one example that is published with a figure: a field of 31 bits, rate 1/2, 128 queries,
    /// 116.49 bits (Arnon, Boneh and Fenzi, <https://eprint.iacr.org/2026/680>, section 6, with the
    /// attack of <https://eprint.iacr.org/2025/2197>).
    #[test]
    fn the_query_term_is_that_of_the_published_attack() {
        let bits = 128.0 * -libm::log2(conjectured_agreement(1, KOALA_BEAR_BITS));
        assert!((bits - 116.49).abs() < 0.02, "{bits}");
    }

    /// The list that `spec/soundness.md` names, at `m = 1`: powers of `X^m` take every place `m` times.
    #[test]
    fn structured_words_have_long_lists() {
        let root = F::two_adic_generator(5);
        let roots: Vec<F> = root.powers().collect_n(32);
        let mut codewords = alloc::collections::BTreeSet::new();
        // One, and four pairs `s`, `-s` of the other fifteen.
        for pairs in (0_u32..1 << 15).filter(|pairs| pairs.count_ones() == 4) {
            let chosen = (1..16).filter(|pair| pairs >> (pair - 1) & 1 == 1).flat_map(|pair| [roots[pair], roots[pair + 16]]);
            let chosen: Vec<F> = chosen.chain([F::ONE]).collect();
            // The product of `X - s`, the constant coefficient first.
            let product = chosen.iter().fold(vec![F::ONE], |product, s| {
                let mut next = vec![F::ZERO; product.len() + 1];
                for (power, coefficient) in product.iter().enumerate() {
                    next[power + 1] += *coefficient;
                    next[power] -= *coefficient * *s;
                }
                next
            });
            // `f = X^9 - X^8` less the product has degree 7: a codeword of rate 8 / 32.
            assert_eq!(product[8..], [-F::ONE, F::ONE]);
            let codeword: Vec<F> = product[..8].iter().map(|coefficient| -*coefficient).collect();
            let value = |polynomial: &[F], x: F| polynomial.iter().rev().fold(F::ZERO, |sum, coefficient| sum * x + *coefficient);
            let f = |x: F| x.exp_u64(9) - x.exp_u64(8);
            assert_eq!(roots.iter().filter(|x| value(&codeword, **x) == f(**x)).count(), 9);
            codewords.insert(codeword);
        }
        assert_eq!(codewords.len(), 1365);
        assert!(9.0 / 32.0 > conjectured_agreement(2, BASE_FIELD_BITS));
    }

    /// Collisions of the memory tree's compression, whose digests are elements, by the birthday bound
    /// (`spec/soundness.md`, *Assumptions*).
    #[test]
    fn the_memory_tree_has_139_bits() {
        let bits = DIGEST_LEN as f64 * BASE_FIELD_BITS / 2.0;
        assert!((139.0..140.0).contains(&bits), "{bits}");
    }

    /// The agreement satisfies the equation that defines it, `log2 (q - 1)` included.
    #[test]
    fn the_agreement_is_at_the_elias_bound() {
        let log2_order = libm::log2(2013265921.0);
        assert!((log2_order - BASE_FIELD_BITS).abs() < 1e-9);
        for log_blowup in 1..=7 {
            let a = conjectured_agreement(log_blowup, BASE_FIELD_BITS);
            let entropy = (1.0 - a) * libm::log2(2013265920.0) / log2_order + binary_entropy(a) / log2_order;
            let rate = 1.0 / f64::from(1 << log_blowup);
            assert!((entropy - (1.0 - rate)).abs() < 1e-9, "{log_blowup}: {entropy}");
        }
    }
}
