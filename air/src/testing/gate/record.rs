//! Attacks as lines of text: `weakness: table row.column=value …`.
//!
//! `mul::low_word[0]` is a constraint, `mul::execute!` a message, `mul::carry_range[1]+0` a range
//! that is one bit wider. A public value stands as `public.3=7`.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use p3_field::{PrimeCharacteristicRing, PrimeField32};
use tern_field::F;

use super::evaluate::Subject;
use super::{Attack, Cell, Change, Weakness};
use crate::chip::System;

/// The text of attacks, in the order of their weaknesses.
pub fn print<S: System>(subject: &Subject<'_, S>, attacks: &[Attack]) -> String {
    let mut attacks = attacks.to_vec();
    attacks.sort();
    attacks.iter().map(|attack| line(subject, attack)).collect()
}

fn line<S: System>(subject: &Subject<'_, S>, attack: &Attack) -> String {
    let changes: Vec<String> = attack.changes.iter().map(change).collect();
    format!("{}: {} {}\n", subject.name(attack.weakness), attack.table, changes.join(" "))
}

fn change(change: &Change) -> String {
    let value = change.value.as_canonical_u32();
    let negative = F::ORDER_U32 - value;
    let value = if negative < 1 << 20 { format!("-{negative}") } else { value.to_string() };
    match change.cell {
        Cell::Main(row, column) => format!("{row}.{column}={value}"),
        Cell::Public(i) => format!("public.{i}={value}"),
    }
}

/// Attacks from their text; a weakness that the chip does not have is an error.
pub fn parse<S: System>(subject: &Subject<'_, S>, text: &str) -> Result<Vec<Attack>, String> {
    let names: BTreeMap<String, Weakness> = subject.weaknesses().into_iter().map(|weakness| (subject.name(weakness), weakness)).collect();
    text.lines().map(|line| parse_line(&names, line).ok_or_else(|| format!("not an attack on this chip: {line}"))).collect()
}

fn parse_line(names: &BTreeMap<String, Weakness>, line: &str) -> Option<Attack> {
    let (name, rest) = line.split_once(": ")?;
    let mut words = rest.split(' ');
    let table = words.next()?.parse().ok()?;
    let changes = words.map(parse_change).collect::<Option<_>>()?;
    Some(Attack { weakness: *names.get(name)?, table, changes })
}

fn parse_change(word: &str) -> Option<Change> {
    let (cell, value) = word.split_once('=')?;
    let value: i64 = value.parse().ok()?;
    let (row, column) = cell.split_once('.')?;
    let column = column.parse().ok()?;
    let cell = if row == "public" { Cell::Public(column) } else { Cell::Main(row.parse().ok()?, column) };
    Some(Change { cell, value: F::from_i64(value) })
}
