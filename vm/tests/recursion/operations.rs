//! Every operation gives in a circuit what it gives on values, and the rows satisfy the tables;
//! false assertions do not.

use p3_field::{BasedVectorSpace, PrimeCharacteristicRing};
use tern_field::{EF, EXTENSION_DEGREE, F};
use tern_fri::hash::Digest;
use tern_verifier::multilinear::Claim;
use tern_verifier::native::Native;
use tern_verifier::ops::{HashMode, Item, MultilinearOps, Ops};
use tern_verifier::reason::Reason;
use tern_vm::recursion::{CircuitBuilder, Wire};

use crate::multilinear::holds;

const REASON: Reason = Reason::Multilinear(Claim::Constraints);

/// Numbers that look random.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 11
    }

    pub fn base(&mut self) -> F {
        F::from_u64(self.next())
    }

    pub fn ext(&mut self) -> EF {
        EF::from_basis_coefficients_fn(|_| self.base())
    }

    pub fn digest(&mut self) -> Digest {
        core::array::from_fn(|_| self.next() as u8)
    }
}

/// Whether the run of some operations satisfies the tables.
fn run(operations: impl FnOnce(&mut CircuitBuilder)) -> bool {
    let mut builder = CircuitBuilder::new();
    operations(&mut builder);
    holds(&builder.finish())
}

#[test]
fn an_empty_circuit_holds() {
    assert!(run(|_| {}));
}

#[test]
fn arithmetic_is_that_of_the_field() {
    let mut random = Random(1);
    let holds = run(|builder| {
        let values: Vec<EF> = (0..6).map(|_| random.ext()).collect();
        let mut wires: Vec<Wire> = values.iter().map(|value| builder.witness(*value)).collect();
        wires.extend([EF::ZERO, EF::ONE, EF::TWO, values[0]].map(Wire::Constant));
        for (i, a) in wires.iter().enumerate() {
            for (j, b) in wires.iter().enumerate() {
                let c = &wires[(i + 3 * j) % wires.len()];
                let (x, y, z) = (a.value(), b.value(), c.value());
                assert_eq!(builder.add(a, b).value(), x + y);
                assert_eq!(builder.sub(a, b).value(), x - y);
                assert_eq!(builder.mul(a, b).value(), x * y);
                assert_eq!(builder.mul_add(a, b, c).value(), x * y + z);
                assert_eq!(builder.sub_mul(a, b, c).value(), z - x * y);
                if y != EF::ZERO {
                    let quotient = builder.div(a, b, REASON).expect("never fails");
                    assert_eq!(quotient.value() * y, x);
                    let product = builder.mul(&quotient, b);
                    builder.assert_equal(a, &product, REASON).expect("never fails");
                }
            }
        }
    });
    assert!(holds);
}

#[test]
fn a_false_equation_does_not_hold() {
    let mut random = Random(2);
    let (x, y) = (random.ext(), random.ext());
    for (expected, got) in [(x, x), (x, y)] {
        for constant in [false, true] {
            let holds = run(|builder| {
                let expected = if constant { Wire::Constant(expected) } else { builder.witness(expected) };
                let got = builder.witness(got);
                builder.assert_equal(&expected, &got, REASON).expect("never fails");
            });
            assert_eq!(holds, expected == got);
        }
    }
    assert!(!run(|builder| builder.assert_equal(&Wire::Constant(x), &Wire::Constant(y), REASON).expect("never fails")));
}

#[test]
fn nothing_is_divided_by_zero() {
    for numerator in [EF::ZERO, EF::ONE, EF::TWO] {
        for constant in [false, true] {
            for denominator in [EF::ZERO, EF::TWO] {
                let holds = run(|builder| {
                    let a = if constant { Wire::Constant(numerator) } else { builder.witness(numerator) };
                    let b = builder.witness(denominator);
                    builder.div(&a, &b, REASON).expect("never fails");
                });
                assert_eq!(holds, denominator != EF::ZERO, "{numerator} / {denominator}");
            }
        }
    }
    assert!(!run(|builder| {
        builder.div(&Wire::Constant(EF::ONE), &Wire::Constant(EF::ZERO), REASON).expect("never fails");
    }));
}

#[test]
fn bits_are_zero_or_one_and_select() {
    let mut random = Random(3);
    let (zero, one) = (random.ext(), random.ext());
    for value in [EF::ZERO, EF::ONE, EF::TWO, random.ext()] {
        let holds = run(|builder| {
            let value = builder.witness(value);
            builder.assert_bit(&value, REASON).expect("never fails");
        });
        assert_eq!(holds, value == EF::ZERO || value == EF::ONE);
    }
    for value in [EF::ZERO, EF::ONE] {
        assert!(run(|builder| {
            let bit = builder.witness(value);
            let bit = builder.assert_bit(&bit, REASON).expect("never fails");
            let options = [builder.witness(zero), builder.witness(one)];
            let selected = builder.select(&bit, &options[0], &options[1]);
            assert_eq!(selected.value(), if value == EF::ONE { one } else { zero });
            assert_eq!(builder.bit_value(&bit).value(), value);
        }));
    }
}

#[test]
fn digests_are_compared() {
    let mut random = Random(4);
    let (x, y) = (random.digest(), random.digest());
    for (expected, got) in [(x, x), (x, y)] {
        let holds = run(|builder| {
            let expected = builder.constant_digest(expected);
            let got = builder.witness_digest(got);
            builder.assert_same(&expected, &got, REASON).expect("never fails");
        });
        assert_eq!(holds, expected == got);
    }
}

#[test]
fn nodes_and_pairs_are_blake3() {
    let mut random = Random(5);
    let (x, y) = (random.digest(), random.digest());
    for swapped in [false, true] {
        assert!(run(|builder| {
            let (own, sibling) = (builder.witness_digest(x), builder.witness_digest(y));
            let bit = builder.witness(EF::from_bool(swapped));
            let node = builder.node(&own, &sibling, &bit);
            assert_eq!(node.value(), Native.node(&x, &y, &swapped));
            let pair = builder.pair(&own, &node);
            assert_eq!(pair.value(), Native.pair(&x, &node.value()));
        }));
    }
}

#[test]
fn entries_are_at_their_index() {
    let mut random = Random(6);
    for log_len in 0..4 {
        let digests: Vec<Digest> = (0..1 << log_len).map(|_| random.digest()).collect();
        for wrong in [false, true] {
            let holds = run(|builder| {
                let halves: Vec<_> = digests.iter().map(|digest| builder.witness_digest(*digest)).collect();
                let cap = builder.cap(&halves);
                for index in (0..digests.len()).chain([0]) {
                    let bits: Vec<Wire> = (0..log_len).map(|i| builder.witness(EF::from_bool(index >> i & 1 == 1))).collect();
                    let entry = builder.entry(&cap, &bits);
                    assert_eq!(entry.value(), digests[index]);
                    let expected = builder.constant_digest(digests[if wrong { index ^ 1 } else { index } % digests.len()]);
                    builder.assert_same(&expected, &entry, REASON).expect("never fails");
                    builder.assert_same(&entry, &expected, REASON).expect("never fails");
                }
            });
            assert_eq!(holds, !wrong || log_len == 0, "2^{log_len} digests");
        }
    }
}

#[test]
fn words_of_a_digest_are_challenges() {
    let mut random = Random(7);
    let digest = random.digest();
    assert!(run(|builder| {
        let half = builder.witness_digest(digest);
        let other = builder.pair(&half, &half);
        for half in [half, other] {
            let words = builder.words(&half);
            let expected = Native.words(&half.value());
            for count in [0, 7, 3, 32] {
                let bits = builder.word_bits(&words[1], count);
                let expected = Native.word_bits(&expected[1], count);
                assert_eq!(bits.iter().map(Wire::value).collect::<Vec<_>>(), expected.into_iter().map(EF::from_bool).collect::<Vec<_>>());
                for bit in bits {
                    builder.assert_bit(&bit, REASON).expect("never fails");
                }
            }
        }
    }));
}

/// Items in both interpreters.
#[derive(Default)]
pub struct Items {
    pub native: Vec<Item<Native>>,
    pub circuit: Vec<Item<CircuitBuilder>>,
}

impl Items {
    pub fn push(&mut self, builder: &mut CircuitBuilder, random: &mut Random, kind: u64) {
        let (base, ext, digest) = (random.base(), random.ext(), random.digest());
        let (native, circuit) = match kind {
            0 => (Item::Constant(base), Item::Constant(base)),
            1 => (Item::Base(base.into()), Item::Base(builder.witness(base.into()))),
            2 => (Item::Digest(digest), Item::Digest(builder.witness_digest(digest))),
            3 => (Item::Ext(ext), Item::Ext(Wire::Constant(ext))),
            _ => (Item::Ext(ext), Item::Ext(builder.witness(ext))),
        };
        self.native.push(native);
        self.circuit.push(circuit);
    }
}

#[test]
fn hashes_are_blake3_of_any_length() {
    let mut random = Random(8);
    let modes = [HashMode::Plain, HashMode::DeriveKey("Tern, a test of the recursion's hash")];
    for count in [0, 1, 2, 3, 5, 8, 13, 20, 51, 52, 60, 103, 154, 205, 300] {
        for (mode, pad_to) in modes.into_iter().zip([32, 64]).chain([(HashMode::Plain, 64)]) {
            assert!(run(|builder| {
                let mut items = Items::default();
                for _ in 0..count {
                    let kind = random.next() % 9;
                    items.push(builder, &mut random, kind);
                }
                let digest = builder.hash(mode, &items.circuit, pad_to);
                assert_eq!(digest.value(), Native.hash(mode, &items.native, pad_to), "{count} items");
                // Elements that another row has written may be hashed again.
                let again = builder.hash(mode, &items.circuit, pad_to);
                assert_eq!(again.value(), digest.value());
                builder.publish(&digest);
            }));
        }
    }
}

#[test]
fn a_hashed_base_element_is_one() {
    for coordinate in 0..EXTENSION_DEGREE {
        let value = EF::from_basis_coefficients_fn(|i| F::from_bool(i == coordinate));
        let holds = run(|builder| {
            let wire = builder.witness(value);
            builder.hash(HashMode::Plain, &[Item::Base(wire)], 32);
        });
        assert_eq!(holds, coordinate == 0);
    }
}

#[test]
fn rows_are_hashed_and_summed() {
    let mut random = Random(9);
    for len in [0_usize, 1, 7, 8, 9, 15, 16, 17, 33, 256, 257, 700] {
        let elements: Vec<F> = (0..len).map(|_| random.base()).collect();
        let weights: Vec<EF> = (0..len).map(|_| random.ext()).collect();
        assert!(run(|builder| {
            let row = builder.witness_row(&elements);
            assert_eq!(builder.hash_row(&row).value(), Native.hash_row(&elements), "{len} elements");
            for count in [len, len / 2] {
                let wires: Vec<Wire> = weights[..count].iter().map(|weight| builder.witness(*weight)).collect();
                assert_eq!(builder.dot(&row, &wires).value(), Native.dot(&elements, &weights[..count]), "{count} of {len}");
            }
        }));
    }
}
