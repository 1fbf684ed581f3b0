//! The operations.

use core::convert::Infallible;

use p3_field::{Field, PrimeCharacteristicRing, PrimeField32};
use tern_field::{EF, F};
use tern_fri::hash::{DIGEST_BYTES, Digest, ELEMENT_BYTES};
use tern_verifier::ops::{Checked, HashMode, Item, MultilinearOps, Ops};
use tern_verifier::reason::Reason;

use super::address::Port;
use super::blake3::{IV, SINGLE_BLOCK, Setting};
use super::records::{CapRow, HalfRow};
use super::{Cap, CircuitBuilder, HALF_WORDS, Half, Row, Wire, Word, coordinates, is_set, limbs};

/// Bytes of a 64-bit word.
const WORD_BYTES: usize = 8;

impl Ops for CircuitBuilder {
    type Ext = Wire;
    type Bit = Wire;
    type Digest = Half;
    type Cap = Cap;
    type Row = Row;
    type Word = Word;
    type Error = Infallible;

    fn constant(&mut self, value: EF) -> Wire {
        Wire::Constant(value)
    }

    fn add(&mut self, a: &Wire, b: &Wire) -> Wire {
        match (a, b) {
            (Wire::Constant(a), Wire::Constant(b)) => Wire::Constant(*a + *b),
            (x, zero) | (zero, x) if zero.is_constant(EF::ZERO) => *x,
            _ => self.compute(a, &Wire::Constant(EF::ONE), b),
        }
    }

    fn sub(&mut self, a: &Wire, b: &Wire) -> Wire {
        match (a, b) {
            (Wire::Constant(a), Wire::Constant(b)) => Wire::Constant(*a - *b),
            (a, zero) if zero.is_constant(EF::ZERO) => *a,
            _ => {
                let difference = self.witness(a.value() - b.value());
                self.relate([b, &Wire::Constant(EF::ONE), &difference, a]);
                difference
            }
        }
    }

    fn mul(&mut self, a: &Wire, b: &Wire) -> Wire {
        self.mul_add(a, b, &Wire::Constant(EF::ZERO))
    }

    fn mul_add(&mut self, a: &Wire, b: &Wire, c: &Wire) -> Wire {
        match (a, b) {
            (Wire::Constant(a), Wire::Constant(b)) => self.add(&Wire::Constant(*a * *b), c),
            (_, zero) | (zero, _) if zero.is_constant(EF::ZERO) => *c,
            (x, one) | (one, x) if one.is_constant(EF::ONE) => self.add(x, c),
            _ => self.compute(a, b, c),
        }
    }

    fn sub_mul(&mut self, a: &Wire, b: &Wire, c: &Wire) -> Wire {
        if let (Wire::Constant(_), _) | (_, Wire::Constant(_)) = (a, b) {
            let product = self.mul(a, b);
            return self.sub(c, &product);
        }
        let difference = self.witness(c.value() - a.value() * b.value());
        self.relate([a, b, &difference, c]);
        difference
    }

    fn div(&mut self, a: &Wire, b: &Wire, _reason: Reason) -> Checked<Self, Wire> {
        // A quotient of zero by zero would be any: such a row does unless it is a known numerator.
        if let (Wire::Constant(numerator), Wire::Variable { .. }) = (a, b)
            && *numerator != EF::ZERO
            && *numerator != EF::ONE
        {
            let quotient = self.witness(*numerator * b.value().try_inverse().unwrap_or(EF::ZERO));
            self.relate([&quotient, b, &Wire::Constant(EF::ZERO), a]);
            return Ok(quotient);
        }
        let inverse = self.inverse(b);
        Ok(self.mul(a, &inverse))
    }

    fn assert_equal(&mut self, expected: &Wire, got: &Wire, _reason: Reason) -> Checked<Self, ()> {
        self.relate([got, &Wire::Constant(EF::ONE), &Wire::Constant(EF::ZERO), expected]);
        Ok(())
    }

    fn bit_value(&mut self, bit: &Wire) -> Wire {
        *bit
    }

    fn select(&mut self, bit: &Wire, zero: &Wire, one: &Wire) -> Wire {
        let difference = self.sub(one, zero);
        self.mul_add(bit, &difference, zero)
    }

    fn assert_bit(&mut self, value: &Wire, _reason: Reason) -> Checked<Self, Wire> {
        self.relate([value, value, &Wire::Constant(EF::ZERO), value]);
        Ok(*value)
    }

    fn constant_digest(&mut self, value: Digest) -> Half {
        self.constant_half(value)
    }

    fn assert_same(&mut self, expected: &Half, got: &Half, _reason: Reason) -> Checked<Self, ()> {
        for (looked_up, other) in [(expected, got), (got, expected)] {
            if let Some(row) = self.lookups.remove(&looked_up.address) {
                self.cap[row].two = self.halves.read(other.address);
                return Ok(());
            }
        }
        let (one, two) = (self.halves.read(expected.address), self.halves.read(got.address));
        self.cap.push(CapRow { one, two, index: None, cap: 0, provides: false, uses: 0, limbs: None });
        Ok(())
    }

    fn node(&mut self, own: &Half, sibling: &Half, own_is_right: &Wire) -> Half {
        let cv = self.constant_half(IV);
        self.compress(&cv, own, sibling, Some(own_is_right), BLOCK)
    }

    fn pair(&mut self, left: &Half, right: &Half) -> Half {
        let cv = self.constant_half(IV);
        self.compress(&cv, left, right, None, BLOCK)
    }

    fn cap(&mut self, digests: &[Half]) -> Cap {
        let (number, first_row) = (self.caps, self.cap.len());
        self.caps += digests.len() as u32;
        if digests.len() > 1 {
            for (digest, cap) in digests.iter().zip(number..) {
                let one = self.halves.read(digest.address);
                self.cap.push(CapRow { one, two: Port::Unused, index: None, cap, provides: true, uses: 0, limbs: None });
            }
        }
        Cap { number, first_row, digests: digests.to_vec() }
    }

    fn entry(&mut self, cap: &Cap, index: &[Wire]) -> Half {
        assert_eq!(cap.digests.len(), 1 << index.len(), "an index of other bits could leave its list");
        if index.is_empty() {
            return cap.digests[0];
        }
        let position = (0..).zip(index).filter(|(_, bit)| is_set(&bit.value())).map(|(i, _)| 1 << i).sum::<usize>();
        // Where bits are no bits, a list has no such digest; any does.
        let position = position % cap.digests.len();
        self.cap[cap.first_row + position].uses += 1;
        let index = self.number(index);
        let index = Some(self.read(&index));
        let value = cap.digests[position].value;
        let address = self.halves.allocate(value);
        let one = self.halves.write(address);
        self.lookups.insert(address, self.cap.len());
        self.cap.push(CapRow { one, two: Port::Unused, index, cap: cap.number, provides: false, uses: 0, limbs: None });
        Half { address, value }
    }

    fn hash(&mut self, mode: HashMode, items: &[Item<Self>], pad_to: usize) -> Half {
        let halves = self.layout(items, pad_to);
        let last_len = if halves.is_empty() { 0 } else { DIGEST_BYTES };
        self.blake3(mode, &halves, last_len)
    }

    fn hash_row(&mut self, row: &Row) -> Half {
        let count = row.len.div_ceil(HALF_WORDS);
        let mut halves: Vec<Half> =
            (row.first_half..).take(count).map(|address| Half { address, value: self.halves.value(address) }).collect();
        let zero = self.constant_half([0; DIGEST_BYTES]);
        halves.resize(count.next_multiple_of(2), zero);
        let last_len = if halves.is_empty() { 0 } else { DIGEST_BYTES };
        self.blake3(HashMode::Plain, &halves, last_len)
    }

    fn words(&mut self, digest: &Half) -> [Word; 4] {
        core::array::from_fn(|select| Word { half: *digest, select })
    }

    fn limbs(&mut self, digest: &Half) -> Vec<Wire> {
        let values = limbs(&digest.value).map(EF::from_u16);
        let addresses = values.map(|value| self.wires.allocate(value));
        for address in addresses {
            self.wires.write(address);
        }
        let one = self.halves.read(digest.address);
        let limbs = Some(addresses[0]);
        self.cap.push(CapRow { one, two: Port::Unused, index: None, cap: 0, provides: false, uses: 0, limbs });
        // Each limb is written once: copies may be read more often.
        addresses.into_iter().zip(values).map(|(address, value)| self.copy(&Wire::Variable { address, value })).collect()
    }

    fn word_bits(&mut self, word: &Word, count: usize) -> Vec<Wire> {
        let row = self.challenge_row(word);
        self.challenge_bits(row, word.value(), count)
    }
}

/// Bits of which every number is below the characteristic, so that no element has two.
const UNIQUE_BITS: usize = 30;

impl MultilinearOps for CircuitBuilder {
    fn keyed_hash(&mut self, key: &Half, items: &[Item<Self>]) -> Half {
        let mut halves = self.layout(items, 2 * DIGEST_BYTES);
        if halves.is_empty() {
            halves = vec![self.constant_half([0; DIGEST_BYTES]); 2];
        }
        self.keyed_blake3(key, &halves)
    }

    fn row_len(&self, row: &Row) -> usize {
        row.len
    }

    /// The summed wires are written by rows that hold the hashed bytes: those that read the row in,
    /// where words are below `p`. What stands behind the last element in its half is asserted to be
    /// zero, as the native verifier takes it.
    fn dot(&mut self, row: &Row, weights: &[Wire]) -> Wire {
        let mut sum = Wire::Constant(EF::ZERO);
        let summed = row.len.min(weights.len());
        for (half, weights) in weights[..summed].chunks(HALF_WORDS).enumerate() {
            for (i, word) in self.row_words(row, half).iter().enumerate() {
                // Each wire is read once, whatever its weight is.
                match weights.get(i) {
                    Some(weight) => sum = self.compute(word, weight, &sum),
                    None if half * HALF_WORDS + i < row.len => self.discard(word),
                    None => self.relate([word, &Wire::Constant(EF::ONE), &Wire::Constant(EF::ZERO), &Wire::Constant(EF::ZERO)]),
                }
            }
        }
        sum
    }

    /// Bits of the prover's choice that are asserted to be bits, and to be the number's: a sum of
    /// elements of the base field, below the characteristic.
    ///
    /// # Panics
    ///
    /// If there are more than 30 bits, which would not be unique: a fault of the program.
    fn bits(&mut self, value: &Wire, count: usize, reason: Reason) -> Checked<Self, Vec<Wire>> {
        assert!(count <= UNIQUE_BITS, "expected at most {UNIQUE_BITS} bits, got {count}");
        let number = coordinates(value.value())[0].as_canonical_u32();
        let bits = (0..count).map(|i| EF::from_bool(number >> i & 1 == 1));
        if matches!(value, Wire::Constant(_)) {
            let bits: Vec<Wire> = bits.map(Wire::Constant).collect();
            let expected = self.number(&bits);
            if expected.value() != value.value() {
                self.assert_equal(&expected, value, reason)?;
            }
            return Ok(bits);
        }
        let bits: Vec<Wire> = bits.map(|bit| self.witness(bit)).collect();
        for bit in &bits {
            self.assert_bit(bit, reason)?;
        }
        let Some((lowest, above)) = bits.split_first() else {
            self.assert_equal(&Wire::Constant(EF::ZERO), value, reason)?;
            return Ok(bits);
        };
        // The last step of Horner's rule, which gives the value itself.
        let above = self.number(above);
        self.relate([&above, &Wire::Constant(EF::TWO), lowest, value]);
        Ok(bits)
    }
}

/// How a block of a message of one block is compressed.
const BLOCK: Setting = Setting { counter: 0, len: 2 * DIGEST_BYTES as u32, flags: SINGLE_BLOCK };

impl CircuitBuilder {
    /// The number of these bits, the lowest first.
    fn number(&mut self, bits: &[Wire]) -> Wire {
        let mut number = Wire::Constant(EF::ZERO);
        for bit in bits.iter().rev() {
            number = self.mul_add(&number, &Wire::Constant(EF::TWO), bit);
        }
        number
    }

    /// The words of a row's half on wires that are to be read once each: written by the half's own
    /// row, or by one that reads it where that row's words stand on other wires already.
    fn row_words(&mut self, row: &Row, half: usize) -> [Wire; HALF_WORDS] {
        let address = row.first_half + half as u32;
        let digest = self.halves.value(address);
        let values: [EF; HALF_WORDS] = core::array::from_fn(|i| element(digest.as_chunks::<ELEMENT_BYTES>().0[i]).into());
        let addresses = values.map(|value| self.wires.allocate(value));
        let ports = addresses.map(|address| self.wires.write(address));
        let own = &mut self.half[row.first_row + half];
        if own.words == Port::Unused {
            own.words = ports[0];
        } else {
            let half = self.halves.read(address);
            self.half.push(HalfRow { half, words: ports[0], canonical: false });
        }
        core::array::from_fn(|i| Wire::Variable { address: addresses[i], value: values[i] })
    }
}

/// The element of a Montgomery word, which may be `p` or more.
fn element(bytes: [u8; ELEMENT_BYTES]) -> F {
    /// The inverse of `2^32`.
    const FROM_MONTGOMERY: F = F::new(943_718_400);
    F::from_u32(u32::from_le_bytes(bytes)) * FROM_MONTGOMERY
}

impl Word {
    fn value(&self) -> u64 {
        u64::from_le_bytes(self.half.value.as_chunks::<WORD_BYTES>().0[self.select])
    }
}
