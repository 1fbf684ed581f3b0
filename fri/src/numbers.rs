//! Lists of numbers as bytes: seven bits a byte, the lowest first, all bytes but a number's last
//! with their highest bit set.

use alloc::vec::Vec;

use p3_field::{PrimeCharacteristicRing, PrimeField32};
use tern_field::F;
use thiserror::Error;

/// Bytes that are no such list, or not the list that was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("malformed record, {left} bytes before its end")]
pub struct Malformed {
    /// Bytes that were left.
    pub left: usize,
}

/// Appends numbers.
#[derive(Clone, Debug, Default)]
pub struct NumberWriter(Vec<u8>);

impl NumberWriter {
    /// Appends a number.
    pub fn number(&mut self, number: usize) {
        let mut rest = number as u64;
        while rest >= 0x80 {
            self.0.push(rest.to_le_bytes()[0] | 0x80);
            rest >>= 7;
        }
        self.0.push(rest.to_le_bytes()[0]);
    }

    /// Appends an element.
    pub fn element(&mut self, element: F) {
        self.number(element.as_canonical_u32() as usize);
    }

    /// Appends a list: its length, then the entries.
    pub fn list<T>(&mut self, entries: impl ExactSizeIterator<Item = T>, mut entry: impl FnMut(&mut Self, T)) {
        self.number(entries.len());
        entries.for_each(|one| entry(self, one));
    }

    /// Appends bytes, after their number.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len());
        self.0.extend_from_slice(bytes);
    }

    /// The bytes.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

/// Reads what a [`NumberWriter`] writes.
#[derive(Clone, Debug)]
pub struct NumberReader<'a>(&'a [u8]);

impl<'a> NumberReader<'a> {
    /// Reads from the start.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// What is wrong with the bytes that are left.
    #[must_use]
    pub const fn malformed(&self) -> Malformed {
        Malformed { left: self.0.len() }
    }

    /// A number.
    ///
    /// # Errors
    ///
    /// If the bytes end, or it is too large.
    pub fn number(&mut self) -> Result<usize, Malformed> {
        let mut number = 0;
        for shift in (0..u64::BITS).step_by(7) {
            let (byte, rest) = self.0.split_first().ok_or(self.malformed())?;
            self.0 = rest;
            let bits = u64::from(byte & 0x7f);
            number |= bits << shift;
            if byte & 0x80 == 0 {
                return usize::try_from(number).ok().filter(|_| number >> shift == bits).ok_or(self.malformed());
            }
        }
        Err(self.malformed())
    }

    /// A number below a bound.
    ///
    /// # Errors
    ///
    /// If it is none.
    pub fn below(&mut self, bound: usize) -> Result<usize, Malformed> {
        let number = self.number()?;
        if number < bound { Ok(number) } else { Err(self.malformed()) }
    }

    /// An element.
    ///
    /// # Errors
    ///
    /// If it is none.
    pub fn element(&mut self) -> Result<F, Malformed> {
        self.below(F::ORDER_U32 as usize).map(F::from_usize)
    }

    /// A list: its length, then the entries, each of which takes a byte at least. They are read
    /// with those before them.
    ///
    /// # Errors
    ///
    /// If an entry is malformed, or there are fewer.
    pub fn list<T>(&mut self, mut entry: impl FnMut(&mut Self, &[T]) -> Result<T, Malformed>) -> Result<Vec<T>, Malformed> {
        let count = self.below(self.0.len())?;
        let mut list = Vec::with_capacity(count);
        for _ in 0..count {
            list.push(entry(self, &list)?);
        }
        Ok(list)
    }

    /// Bytes, after their number.
    ///
    /// # Errors
    ///
    /// If there are fewer.
    pub fn bytes(&mut self) -> Result<&'a [u8], Malformed> {
        let count = self.number()?;
        let (bytes, rest) = self.0.split_at_checked(count).ok_or(self.malformed())?;
        self.0 = rest;
        Ok(bytes)
    }

    /// Checks that nothing is left.
    ///
    /// # Errors
    ///
    /// If something is.
    pub const fn end(&self) -> Result<(), Malformed> {
        if self.0.is_empty() { Ok(()) } else { Err(self.malformed()) }
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    #[test]
    fn numbers_are_read_as_they_were_written() {
        let numbers = [0, 1, 127, 128, 300, 1 << 31, usize::MAX];
        let mut writer = NumberWriter::default();
        numbers.iter().for_each(|number| writer.number(*number));
        writer.element(F::NEG_ONE);
        writer.bytes(b"name");
        let bytes = writer.into_bytes();
        let mut reader = NumberReader::new(&bytes);
        assert_eq!(numbers.map(|_| reader.number()), numbers.map(Ok));
        assert_eq!((reader.element(), reader.bytes()), (Ok(F::NEG_ONE), Ok(b"name".as_slice())));
        assert_eq!((reader.end(), reader.number()), (Ok(()), Err(Malformed { left: 0 })));
    }

    #[test]
    fn what_is_malformed_is_refused() {
        // Too long, above the largest number, and not below a bound.
        assert!(NumberReader::new(&[0xff; 20]).number().is_err());
        assert!(NumberReader::new(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2]).number().is_err());
        assert!(NumberReader::new(&[5]).below(5).is_err());
        let mut writer = NumberWriter::default();
        writer.number(F::ORDER_U32 as usize);
        assert!(NumberReader::new(&writer.into_bytes()).element().is_err());
        // Lists and bytes that are longer than what is left: nothing is allocated for them.
        let long = [0xff, 0xff, 0xff, 0xff, 0x7f, 1];
        assert!(NumberReader::new(&long).list(|reader, _| reader.number()).is_err());
        assert!(NumberReader::new(&long).bytes().is_err());
        assert_eq!(NumberReader::new(&[2, 7, 9]).list(|reader, before| Ok((before.len(), reader.number()?))), Ok(vec![(0, 7), (1, 9)]));
        assert_eq!(NumberReader::new(&[1]).end(), Err(Malformed { left: 1 }));
    }
}
