//! The operations that version 2 adds give in a circuit what they give on values, and the rows
//! satisfy the tables; false assertions do not.

use std::collections::{BTreeMap, BTreeSet};

use p3_field::{BasedVectorSpace, PrimeCharacteristicRing, PrimeField32};
use p3_matrix::dense::RowMajorMatrix;
use tern_air::check::total;
use tern_air::layout::Columns;
use tern_air::recursion::CircuitChip;
use tern_air::recursion::alu::{AluCols, AluPreCols};
use tern_air::recursion::bus::{HALF, WIRE};
use tern_air::recursion::byte_table::{ByteLookup, ByteTableCols};
use tern_air::recursion::compress::CompressPreCols;
use tern_air::recursion::half::{HalfCols, HalfPreCols, element, fill_row};
use tern_field::{EF, EXTENSION_DEGREE, F};
use tern_fri::hash::element_bytes;
use tern_verifier::multilinear::Claim;
use tern_verifier::native::Native;
use tern_verifier::ops::{Item, MultilinearOps, Ops};
use tern_verifier::reason::Reason;
use tern_vm::recursion::{CircuitBuilder, Run, Wire};

use super::{holds, reports};
use crate::operations::{Items, Random};

const REASON: Reason = Reason::Multilinear(Claim::Constraints);

fn recorded(operations: impl FnOnce(&mut CircuitBuilder)) -> Run {
    let mut builder = CircuitBuilder::new();
    operations(&mut builder);
    builder.finish()
}

/// Whether the run of some operations satisfies the tables.
fn run(operations: impl FnOnce(&mut CircuitBuilder)) -> bool {
    holds(&recorded(operations))
}

#[test]
fn an_empty_circuit_holds() {
    assert!(run(|_| {}));
}

/// All operations in one circuit.
#[test]
fn all_tables_are_flagged() {
    let mut random = Random(1);
    let (digest, value, elements) = (random.digest(), random.ext(), (0..20).map(|_| random.base()).collect::<Vec<_>>());
    let recorded = recorded(|builder| {
        let half = builder.witness_digest(digest);
        let row = builder.witness_row(&elements);
        let value = builder.witness(value);
        builder.dot(&row, &[value; 20]);
        let leaf = builder.hash_row(&row);
        let words = builder.words(&half);
        let bit = builder.word_bits(&words[2], 1)[0];
        let node = builder.node(&leaf, &half, &bit);
        let cap = builder.cap(&[node, half]);
        let entry = builder.entry(&cap, &[bit]);
        builder.limbs(&entry);
        let hashed = builder.keyed_hash(&node, &[Item::Ext(value), Item::Digest(entry)]);
        builder.publish(&hashed);
    });
    assert!(holds(&recorded));
    // Every table has rows, and those of halves and compressions are in use.
    let counts = recorded.counts().0;
    assert!(counts.iter().all(|rows| *rows > 0));
    let fixed = recorded.fixed();
    for (chip, (table, rows)) in CircuitChip::ALL.iter().zip(fixed.iter().zip(counts)) {
        assert!(table.values.len() == rows * table.width && table.width > 0, "{chip:?}");
    }
    let [halves, compressions] = [CircuitChip::Half, CircuitChip::Compress].map(|chip| &fixed[chip as usize]);
    assert!(halves.values.chunks(halves.width).all(|row| HalfPreCols::of(row).real == F::ONE));
    assert!(compressions.values.chunks(compressions.width).all(|row| CompressPreCols::of(row).real == F::ONE));
}

#[test]
fn keyed_hashes_are_blake3_of_any_length() {
    let mut random = Random(2);
    for count in [0, 1, 2, 3, 4, 6, 13, 51, 52, 103, 205, 300] {
        let key = random.digest();
        let recorded = recorded(|builder| {
            let mut items = Items::default();
            for _ in 0..count {
                let kind = random.next() % 9;
                items.push(builder, &mut random, kind);
            }
            let half = builder.witness_digest(key);
            let digest = builder.keyed_hash(&half, &items.circuit);
            assert_eq!(digest.value(), Native.keyed_hash(&key, &items.native), "{count} items");
            builder.publish(&digest);
        });
        assert!(holds(&recorded), "{count} items");
    }
}

#[test]
fn keyed_hashes_are_those_of_the_crate() {
    let mut random = Random(3);
    let (key, values) = (random.digest(), [random.ext(), random.ext(), random.ext()]);
    let bytes = |value: &EF| value.as_basis_coefficients_slice().iter().flat_map(|x| element_bytes(*x)).collect::<Vec<u8>>();
    let mut message: Vec<u8> = values.iter().flat_map(bytes).collect();
    message.resize(64, 0);
    for (items, message) in [(&values[..], message), (&[], vec![0; 64])] {
        let recorded = recorded(|builder| {
            let half = builder.witness_digest(key);
            let items: Vec<_> = items.iter().map(|value| Item::Ext(builder.witness(*value))).collect();
            let digest = builder.keyed_hash(&half, &items);
            assert_eq!(digest.value(), *blake3::keyed_hash(&key, &message).as_bytes());
        });
        // A message of the transcript is one compression.
        assert_eq!(recorded.counts().0[CircuitChip::Compress as usize], 1);
        assert!(holds(&recorded));
    }
}

#[test]
fn another_key_is_another_digest() {
    let mut random = Random(4);
    let (key, other, value) = (random.digest(), random.digest(), random.ext());
    for (own, expected) in [(key, true), (other, false)] {
        assert_eq!(
            run(|builder| {
                let wire = builder.witness(value);
                let half = builder.witness_digest(own);
                let digest = builder.keyed_hash(&half, &[Item::Ext(wire)]);
                let expected = builder.constant_digest(Native.keyed_hash(&key, &[Item::Ext(value)]));
                builder.assert_same(&expected, &digest, REASON).expect("never fails");
            }),
            expected
        );
    }
}

#[test]
fn a_hashed_base_element_is_one() {
    for coordinate in 0..EXTENSION_DEGREE {
        let value = EF::from_basis_coefficients_fn(|i| F::from_bool(i == coordinate));
        let holds = run(|builder| {
            let (wire, key) = (builder.witness(value), builder.constant_digest([5; 32]));
            builder.keyed_hash(&key, &[Item::Base(wire)]);
        });
        assert_eq!(holds, coordinate == 0);
    }
}

/// Weights of every kind, and rows that end within a half.
#[test]
fn sums_are_over_the_hashed_words() {
    let mut random = Random(5);
    for len in [0_usize, 1, 4, 7, 8, 9, 16, 33, 64, 128] {
        let elements: Vec<F> = (0..len).map(|_| random.base()).collect();
        for count in [0, 1, len / 2, len, len + 3] {
            let weights: Vec<EF> = (0..count).map(|_| random.ext()).collect();
            let sum = Native.dot(&elements, &weights);
            for wrong in [EF::ZERO, EF::ONE] {
                let recorded = recorded(|builder| {
                    let row = builder.witness_row(&elements);
                    assert_eq!(builder.row_len(&row), len);
                    let known = |i: usize| match i % 4 {
                        2 => Some(EF::ZERO),
                        3 => Some(EF::ONE),
                        _ => None,
                    };
                    let special: Vec<EF> = (0..count).map(|i| known(i).unwrap_or(weights[i])).collect();
                    let wires: Vec<Wire> = weights.iter().map(|weight| builder.witness(*weight)).collect();
                    let constants: Vec<Wire> =
                        (0..count).map(|i| known(i).map_or_else(|| wires[i], |value| builder.constant(value))).collect();
                    let digest = builder.hash_row(&row);
                    assert_eq!(digest.value(), Native.hash_row(&elements));
                    let got = builder.dot(&row, &wires);
                    assert_eq!(got.value(), sum, "{count} of {len}");
                    // The words may be summed again.
                    assert_eq!(builder.dot(&row, &constants).value(), Native.dot(&elements, &special));
                    let expected = builder.witness(sum + wrong);
                    builder.assert_equal(&expected, &got, REASON).expect("never fails");
                });
                assert_eq!(holds(&recorded), wrong == EF::ZERO, "{count} of {len}");
            }
        }
    }
}

/// What a table of halves is changed to.
type Change = fn(&mut HalfCols<F>);

/// A prover who sums other words than those that are hashed, or leaves words behind the row's end.
#[test]
fn other_words_are_not_summed() {
    let mut random = Random(6);
    let elements: Vec<F> = (0..12).map(|_| random.base()).collect();
    let weights: Vec<EF> = (0..12).map(|_| random.ext()).collect();
    let recorded = recorded(|builder| {
        let row = builder.witness_row(&elements);
        builder.hash_row(&row);
        let wires: Vec<Wire> = weights.iter().map(|weight| builder.witness(*weight)).collect();
        builder.dot(&row, &wires);
        builder.dot(&row, &wires);
    });
    let (fixed, honest) = (recorded.fixed(), recorded.witness());
    let table = &fixed[CircuitChip::Half as usize];
    // Two rows that read the row in, two that read it once more: all have words.
    let summing: Vec<usize> =
        (0..4).filter(|row| HalfPreCols::of(&table.values[row * table.width..][..table.width]).mult_word == F::ONE).collect();
    assert_eq!(summing, [0, 1, 2, 3]);
    let canonical = |row: usize| HalfPreCols::of(&table.values[row * table.width..][..table.width]).canonical;
    assert_eq!([0, 1, 2, 3].map(canonical), [F::ONE, F::ONE, F::ZERO, F::ZERO]);
    let changes: [(&str, Change); 2] =
        [("a word", |row| row.limbs[2] += F::ONE), ("the last word of the half", |row| row.limbs[14] += F::ONE)];
    for row in summing {
        for (what, change) in changes {
            let mut traces = honest.clone();
            let table = &mut traces[CircuitChip::Half as usize];
            let width = table.width;
            change(HalfCols::of_mut(&mut table.values[row * width..][..width]));
            let balance = total(reports(&recorded, &traces).into_iter().map(|report| report.balance));
            let tags: BTreeSet<u32> = balance.keys().map(|tuple| tuple[0]).collect();
            assert!(tags.contains(&HALF) && tags.contains(&WIRE), "{what} of row {row}: {tags:?}");
        }
    }
}

/// Gives wires other values than the run has, in all rows of arithmetic.
fn forge(recorded: &Run, traces: &mut [RowMajorMatrix<F>], values: &BTreeMap<u32, EF>) {
    let fixed = &recorded.fixed()[CircuitChip::Alu as usize];
    let table = &mut traces[CircuitChip::Alu as usize];
    for (fixed, row) in fixed.values.chunks(fixed.width).zip(table.values.chunks_mut(table.width)) {
        let AluCols { a, b, c, d } = AluCols::of_mut(row);
        for (address, cells) in AluPreCols::<F>::of(fixed).addr.iter().zip([a, b, c, d]) {
            if let Some(value) = values.get(&address.as_canonical_u32()) {
                cells.copy_from_slice(value.as_basis_coefficients_slice());
            }
        }
    }
}

/// The rows of arithmetic whose equation is false, by the addresses of their operands; all else has
/// to hold.
fn false_equations(recorded: &Run, traces: &[RowMajorMatrix<F>]) -> Vec<[u32; 4]> {
    let addresses = &recorded.fixed()[CircuitChip::Alu as usize];
    let reports = reports(recorded, traces);
    for (chip, report) in CircuitChip::ALL.iter().zip(&reports) {
        assert!(report.failures.is_empty() || *chip == CircuitChip::Alu, "{chip:?}: {:?}", report.failures);
    }
    assert!(total(reports.into_iter().map(|report| report.balance)).is_empty());
    let table = &traces[CircuitChip::Alu as usize];
    let rows = addresses.values.chunks(addresses.width).zip(table.values.chunks(table.width));
    let is_false = |row: &[F]| {
        let AluCols { a, b, c, d } = AluCols::of(row);
        let [a, b, c, d] = [a, b, c, d].map(|cells| EF::from_basis_coefficients_fn(|i| cells[i]));
        a * b + c != d
    };
    rows.filter(|(_, row)| is_false(row)).map(|(fixed, _)| AluPreCols::of(fixed).addr.map(|address| address.as_canonical_u32())).collect()
}

fn address(wire: &Wire) -> u32 {
    match wire {
        Wire::Variable { address, .. } => *address,
        Wire::Constant(_) => panic!("a constant has no address of its own"),
    }
}

/// Behind the last element stand zeros, as the native verifier hashes them: a prover who reads in
/// others breaks the equation that says so, and nothing else.
#[test]
fn padding_is_zero_where_a_row_is_summed() {
    let mut random = Random(7);
    let elements: Vec<F> = (0..5).map(|_| random.base()).collect();
    let recorded = recorded(|builder| {
        let row = builder.witness_row(&elements);
        let wires: Vec<Wire> = (0..5).map(|_| builder.witness(random.ext())).collect();
        builder.dot(&row, &wires);
    });
    for padding in 5..8 {
        let mut traces = recorded.witness();
        let first = HalfPreCols::<F>::of(&recorded.fixed()[CircuitChip::Half as usize].values).addr_word.as_canonical_u32();
        let half = &mut traces[CircuitChip::Half as usize];
        // The element whose word is 2, whose limbs the byte table counts.
        let words = core::array::from_fn(|i| if i == padding { 2 } else { word(elements.get(i)) });
        fill_row(HalfCols::of_mut(&mut half.values), &words);
        let bytes = &mut traces[CircuitChip::ByteTable as usize];
        for (value, less) in [(0, true), (2, false)] {
            let counts = &mut ByteTableCols::of_mut(&mut bytes.values[value * bytes.width..][..bytes.width]).counts;
            counts[ByteLookup::U16 as usize] += if less { F::NEG_ONE } else { F::ONE };
        }
        let wire = first + padding as u32;
        forge(&recorded, &mut traces, &BTreeMap::from([(wire, element(2).into())]));
        assert_eq!(false_equations(&recorded, &traces).iter().map(|row| row[0]).collect::<Vec<_>>(), [wire]);
    }
}

/// The Montgomery word of an element; zero of none.
fn word(value: Option<&F>) -> u32 {
    value.map_or(0, |value| u32::from_le_bytes(element_bytes(*value)))
}

/// A number beyond the range, or none, is a sum of other things than bits: only the equations that
/// say that bits are some reject these.
#[test]
fn bits_are_bits() {
    let unit = EF::from_basis_coefficients_fn(|i| F::from_bool(i == 1));
    let eight = EF::from_u8(8);
    for rest in [EF::ZERO, EF::ONE, EF::TWO, EF::NEG_ONE, EF::from_u8(16), unit] {
        // The bits above the lowest are those of 8.
        let value = eight + rest;
        let mut bits = vec![];
        let recorded = recorded(|builder| {
            let value = builder.witness(value);
            bits = builder.bits(&value, 4, REASON).expect("never fails");
        });
        let forged = bits.iter().map(address).zip([rest, EF::ZERO, EF::ZERO, EF::ONE]).chain(steps(&recorded, &bits));
        let mut traces = recorded.witness();
        forge(&recorded, &mut traces, &forged.collect());
        let expected: &[u32] = if rest == EF::ZERO || rest == EF::ONE { &[] } else { &[address(&bits[0]); 3] };
        let rows = false_equations(&recorded, &traces);
        let operands: Vec<u32> = rows.iter().flat_map(|row| [row[0], row[1], row[3]]).collect();
        assert_eq!(operands, expected, "{value}");
    }
}

/// The wires between the highest bit and the number, with what they are for 8: the results of two
/// steps of Horner's rule.
fn steps(recorded: &Run, bits: &[Wire]) -> [(u32, EF); 2] {
    let fixed = &recorded.fixed()[CircuitChip::Alu as usize];
    let result = |bit: &Wire| {
        let mut rows = fixed.values.chunks(fixed.width).map(|row| AluPreCols::<F>::of(row).addr.map(|address| address.as_canonical_u32()));
        let is_step = |row: &[u32; 4]| row[2] == address(bit) && row[0] != address(bit);
        rows.find(is_step).expect("a step adds the bit")[3]
    };
    [(result(&bits[2]), EF::TWO), (result(&bits[1]), EF::from_u8(4))]
}

#[test]
fn numbers_have_bits() {
    let mut random = Random(8);
    for count in [0_usize, 1, 2, 5, 14, 29, 30] {
        let bound = 1_u64 << count;
        let numbers = [0, 1, bound - 1, bound, bound + 1, 2 * bound, random.next() % bound, (1 << 31) - (1 << 27)];
        for number in numbers {
            for is_base in [true, false] {
                let value =
                    EF::from_u64(number) + if is_base { EF::ZERO } else { EF::from_basis_coefficients_fn(|i| F::from_bool(i == 3)) };
                for constant in [false, true] {
                    let native = Native.bits(&value, count, REASON);
                    let recorded = recorded(|builder| {
                        let wire = if constant { Wire::Constant(value) } else { builder.witness(value) };
                        let bits = builder.bits(&wire, count, REASON).expect("never fails");
                        assert_eq!(bits.len(), count);
                        if let Ok(native) = &native {
                            assert!(bits.iter().zip(native).all(|(bit, native)| bit.value() == EF::from_bool(*native)));
                        }
                        // Bits may be used any number of times.
                        for bit in &bits {
                            assert!(builder.select(bit, &wire, &wire).value() == value);
                            builder.assert_bit(bit, REASON).expect("never fails");
                        }
                    });
                    assert_eq!(native.is_ok(), is_base && u64::from(F::from_u64(number).as_canonical_u32()) < bound);
                    assert_eq!(holds(&recorded), native.is_ok(), "{value} in {count} bits");
                }
            }
        }
    }
}

#[test]
#[should_panic(expected = "at most 30 bits")]
fn more_bits_are_not_unique() {
    let _ = CircuitBuilder::new().bits(&Wire::Constant(EF::ZERO), 31, REASON);
}
