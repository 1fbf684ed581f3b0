//! Maps from the fields to the groups.

use alloc::vec::Vec;

use proptest::prelude::*;
use revm::precompile::{Crypto, DefaultCrypto};

use super::*;

#[test]
fn maps_agree() {
    let mut elements: Vec<_> = (0..30).map(number).collect();
    elements.extend((1..10).map(|value| bytes(&P.minus(&Words::small(value)))));
    elements.extend([bytes(&P), [0xff; 48]]);
    // The exception: (Z u^2)^2 + Z u^2 = 0 for u^2 = -1 / Z.
    let (square, root) = (Fp::zero(), Fp::zero());
    square.put(&P.minus(&Words::small(11)));
    square.invert(&square);
    assert!(square_root(&root, &square));
    elements.extend([bytes(&root.get()), minus(&bytes(&root.get()))]);
    for element in &elements {
        same(map_fp_to_g1(element), DefaultCrypto.bls12_381_fp_to_g1(element));
    }
    for c0 in elements.iter().step_by(2) {
        for c1 in elements.iter().step_by(5) {
            same(map_fp2_to_g2(&(*c0, *c1)), DefaultCrypto.bls12_381_fp2_to_g2((*c0, *c1)));
            same(map_fp2_to_g2(&(*c1, *c0)), DefaultCrypto.bls12_381_fp2_to_g2((*c1, *c0)));
        }
    }
}

/// Over the quadratic extension zero is the only exception: `-1 / Z` is no square there.
#[test]
fn the_quadratic_extension_has_one_exception() {
    let (square, root) = (Fp2::zero(), Fp2::zero());
    square.put(&[Words::small(2), Words::small(1)]);
    square.invert(&square);
    assert!(!root_in_fp2(&root, &square));
    same(map_fp2_to_g2(&([0; 48], [0; 48])), DefaultCrypto.bls12_381_fp2_to_g2(([0; 48], [0; 48])));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn maps_agree_at_random(low: [u8; 32], high: [u8; 32]) {
        let element = |a: &[u8; 32], b: &[u8; 32]| core::array::from_fn(|i| if i == 0 { a[0] >> 3 } else if i < 32 { a[i] } else { b[i - 32] });
        let (a, b): ([u8; 48], [u8; 48]) = (element(&low, &high), element(&high, &low));
        same(map_fp_to_g1(&a), DefaultCrypto.bls12_381_fp_to_g1(&a));
        same(map_fp2_to_g2(&(a, b)), DefaultCrypto.bls12_381_fp2_to_g2((a, b)));
    }
}
