//! Changes to a proof, encoded as bytes that a fuzzer can vary: a program of a few operations on
//! places in it.

use serde_json::Value;
use tern_field::EXTENSION_DEGREE;
use tern_fri::hash::DIGEST_BYTES;
use tern_fri::multilinear::Proof;

use crate::fields::proof_of;

/// Most operations of a program.
const MAX_OPERATIONS: usize = 16;
/// Longest range of bytes that one operation moves.
const MAX_RANGE: usize = 4096;

/// Reads a program; zeros follow its end.
pub(crate) struct Program<'a>(pub(crate) &'a [u8]);

impl Program<'_> {
    pub(crate) fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    /// A number below `bound`, or 0 if that is 0.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        let word = u32::from_le_bytes([self.byte(), self.byte(), self.byte(), 0]);
        word as usize % bound.max(1)
    }

    /// A range within `len` bytes.
    fn range(&mut self, len: usize) -> std::ops::Range<usize> {
        let start = self.below(len + 1);
        let length = self.below(MAX_RANGE);
        start..len.min(start + length)
    }
}

/// The bytes of a proof after a program: bits flipped, bytes replaced, ranges removed, duplicated,
/// copied, swapped, the end cut off or extended.
#[must_use]
pub fn mutate_bytes(good: &[u8], program: &[u8]) -> Vec<u8> {
    let mut bytes = good.to_vec();
    let mut program = Program(program);
    for _ in 0..MAX_OPERATIONS {
        if program.0.is_empty() {
            break;
        }
        apply(&mut bytes, &mut program);
    }
    bytes
}

fn apply(bytes: &mut Vec<u8>, program: &mut Program<'_>) {
    let operation = program.byte() % 9;
    let (at, len) = (program.below(bytes.len()), bytes.len());
    let value = program.byte();
    match operation {
        0 => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1 << (value % 8)),
        1 => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte = value),
        2 => bytes.insert(at, value),
        3 => drop(bytes.drain(program.range(len))),
        4 => {
            let range = bytes[program.range(len)].to_vec();
            bytes.splice(at..at, range);
        }
        5 => {
            let range = bytes[program.range(len)].to_vec();
            let end = len.min(at + range.len());
            bytes.splice(at..end, range);
        }
        6 => {
            // Two neighbouring ranges change places.
            let range = program.range(len);
            let middle = range.len() / 2;
            bytes[range].rotate_left(middle);
        }
        7 => bytes.truncate(at),
        _ => bytes.resize(len + usize::from(value) + 1, value),
    }
}

/// The bytes of a proof after a program on its fields: values of one kind exchanged or copied,
/// lists lengthened, shortened, emptied, reversed or rotated, optional parts removed, numbers
/// changed. Nothing if the result is no proof at all, such as one without a part that is not
/// optional.
#[must_use]
pub fn mutate_fields(good: &Value, program: &[u8]) -> Option<Proof> {
    let mut fields = good.clone();
    let mut program = Program(program);
    for _ in 0..MAX_OPERATIONS {
        if program.0.is_empty() {
            break;
        }
        apply_to_fields(&mut fields, &mut program);
    }
    proof_of(&fields)
}

fn apply_to_fields(fields: &mut Value, program: &mut Program<'_>) {
    let mut kinds = Vec::new();
    list_kinds(fields, &mut kinds);
    let operation = program.byte() % 10;
    let wanted = |kind: &Kind| match operation {
        0..=2 => true,
        3..=8 => matches!(kind, Kind::List(_)),
        _ => matches!(kind, Kind::Number),
    };
    let candidates: Vec<usize> = (0..kinds.len()).filter(|&place| wanted(&kinds[place])).collect();
    let Some(&first) = candidates.get(program.below(candidates.len())) else { return };
    let alike: Vec<usize> = (0..kinds.len()).filter(|&place| kinds[place] == kinds[first]).collect();
    let Some(&second) = alike.get(program.below(alike.len())) else { return };
    let other = nth(fields, second).cloned().unwrap_or_default();
    if operation == 0 {
        let mine = nth(fields, first).cloned().unwrap_or_default();
        // The later place goes first: what is put there cannot move the earlier one.
        let (early, late) = if first < second { ((first, other), (second, mine)) } else { ((second, mine), (first, other)) };
        for (place, value) in [late, early] {
            nth(fields, place).into_iter().for_each(|old| *old = value.clone());
        }
    } else if let Some(value) = nth(fields, first) {
        edit(value, operation, other, program);
    }
}

fn edit(value: &mut Value, operation: u8, other: Value, program: &mut Program<'_>) {
    match (operation, value) {
        (1, value) => *value = other,
        (2, value) => *value = Value::Null,
        (3, Value::Array(items)) => items.extend(items.last().cloned()),
        (4, Value::Array(items)) => drop(items.pop()),
        (5, Value::Array(items)) => items.clear(),
        (6, Value::Array(items)) => items.reverse(),
        (7, Value::Array(items)) => {
            let by = program.below(items.len());
            items.rotate_left(by);
        }
        (8, Value::Array(items)) => items.extend(items.clone()),
        (_, Value::Number(number)) => {
            let old = number.as_u64().unwrap_or_default();
            *number = old.wrapping_add_signed(i64::from(program.byte().cast_signed())).into();
        }
        _ => {}
    }
}

/// What stands at a place.
#[derive(PartialEq)]
enum Kind {
    Number,
    /// A list whose length may vary; the length of its first item, if that is a list too.
    List(Option<usize>),
    /// A digest or an element of the challenge field.
    Fixed(usize),
    Fields(usize),
    Other,
}

impl Kind {
    fn of(value: &Value) -> Self {
        match value {
            Value::Number(_) => Self::Number,
            Value::Array(items) if matches!(items.len(), DIGEST_BYTES | EXTENSION_DEGREE) && items.iter().all(Value::is_number) => {
                Self::Fixed(items.len())
            }
            Value::Array(items) => Self::List(items.first().and_then(Value::as_array).map(Vec::len)),
            Value::Object(fields) => Self::Fields(fields.len()),
            _ => Self::Other,
        }
    }
}

/// The kinds of all places, in [`nth`]'s order.
fn list_kinds(value: &Value, kinds: &mut Vec<Kind>) {
    kinds.push(Kind::of(value));
    match value {
        Value::Array(items) => items.iter().for_each(|item| list_kinds(item, kinds)),
        Value::Object(fields) => fields.values().for_each(|item| list_kinds(item, kinds)),
        _ => {}
    }
}

/// Number of places in a tree: the tree itself and everything in it.
fn places(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(places).sum(),
        Value::Object(fields) => fields.values().map(places).sum(),
        _ => 0,
    }
}

/// The place with this number, counted from the root downwards.
fn nth(value: &mut Value, mut index: usize) -> Option<&mut Value> {
    if index == 0 {
        return Some(value);
    }
    index -= 1;
    let items: Box<dyn Iterator<Item = &mut Value>> = match value {
        Value::Array(items) => Box::new(items.iter_mut()),
        Value::Object(fields) => Box::new(fields.values_mut()),
        _ => return None,
    };
    for item in items {
        let count = places(item);
        if index < count {
            return nth(item, index);
        }
        index -= count;
    }
    None
}
