//! Fields of records as words that can be changed.

use p3_field::{PrimeCharacteristicRing, PrimeField32};
use tern_air::events::{Cell, Region};
use tern_air::isa::Opcode;
use tern_field::F;

/// A field, or a part of one, as an integer of some bits.
pub trait Word {
    /// Bits of the integer.
    fn width(&self) -> u32;
    /// The value.
    fn get(&self) -> u64;
    /// Sets the value; refuses one that the type does not have.
    fn set(&mut self, value: u64) -> bool;
}

/// A named part of a record.
pub type Named<'a> = (&'static str, &'a mut dyn Word);

/// A field that is one word.
pub fn one<'a>(name: &'static str, word: &'a mut dyn Word) -> Vec<Named<'a>> {
    vec![(name, word)]
}

/// The words of an array.
pub fn each<'a, W: Word + 'a>(name: &'static str, words: impl IntoIterator<Item = &'a mut W>) -> Vec<Named<'a>> {
    words.into_iter().map(|word| (name, word as &mut dyn Word)).collect()
}

/// Bits that are flipped one at a time: ends of bytes, limbs and words.
const FLIPPED: [u32; 17] = [0, 1, 2, 3, 7, 8, 12, 15, 16, 24, 29, 31, 32, 40, 47, 48, 63];

/// What a word is changed to, without what it is.
pub fn changes(word: &dyn Word) -> Vec<u64> {
    let (value, width) = (word.get(), word.width());
    let largest = u64::MAX >> (64 - width);
    let flips = FLIPPED.iter().filter(|&&bit| bit < width).map(|bit| value ^ 1 << bit);
    let mut values: Vec<u64> =
        [value.wrapping_add(1) & largest, value.wrapping_sub(1) & largest, 0, largest].into_iter().chain(flips).collect();
    values.sort_unstable();
    values.dedup();
    values.retain(|&other| other != value);
    values
}

impl Word for u8 {
    fn width(&self) -> u32 {
        8
    }

    fn get(&self) -> u64 {
        (*self).into()
    }

    fn set(&mut self, value: u64) -> bool {
        *self = value as Self;
        true
    }
}

impl Word for u32 {
    fn width(&self) -> u32 {
        32
    }

    fn get(&self) -> u64 {
        (*self).into()
    }

    fn set(&mut self, value: u64) -> bool {
        *self = value as Self;
        true
    }
}

impl Word for i32 {
    fn width(&self) -> u32 {
        32
    }

    fn get(&self) -> u64 {
        (*self as u32).into()
    }

    fn set(&mut self, value: u64) -> bool {
        *self = value as Self;
        true
    }
}

impl Word for u64 {
    fn width(&self) -> u32 {
        64
    }

    fn get(&self) -> u64 {
        *self
    }

    fn set(&mut self, value: u64) -> bool {
        *self = value;
        true
    }
}

impl Word for bool {
    fn width(&self) -> u32 {
        1
    }

    fn get(&self) -> u64 {
        (*self).into()
    }

    fn set(&mut self, value: u64) -> bool {
        *self = value == 1;
        value <= 1
    }
}

impl Word for Opcode {
    fn width(&self) -> u32 {
        6
    }

    fn get(&self) -> u64 {
        *self as u64
    }

    fn set(&mut self, value: u64) -> bool {
        Self::from_id(value as u8).is_some_and(|op| {
            *self = op;
            true
        })
    }
}

impl Word for Region {
    fn width(&self) -> u32 {
        2
    }

    fn get(&self) -> u64 {
        *self as u64
    }

    fn set(&mut self, value: u64) -> bool {
        *self = match value {
            0 => Self::ReadWrite,
            1 => Self::ReadOnly,
            2 => Self::Text,
            _ => return false,
        };
        true
    }
}

/// A register's number, or 2^32 more than a dword's index.
impl Word for Cell {
    fn width(&self) -> u32 {
        33
    }

    fn get(&self) -> u64 {
        match *self {
            Self::Register(register) => register.into(),
            Self::Memory(index) => 1 << 32 | u64::from(index),
        }
    }

    fn set(&mut self, value: u64) -> bool {
        let index = value as u32;
        *self = if value >> 32 == 1 { Self::Memory(index) } else { Self::Register(index as u8) };
        value >> 32 == 1 || value < 256
    }
}

impl Word for F {
    fn width(&self) -> u32 {
        31
    }

    fn get(&self) -> u64 {
        self.as_canonical_u32().into()
    }

    fn set(&mut self, value: u64) -> bool {
        *self = Self::from_u64(value);
        value < u64::from(Self::ORDER_U32)
    }
}
