//! Kernels of programs ([`Program`]): straight-line WGSL, cut where a kernel would take too long to
//! compile.

use core::fmt::Write as _;
use core::ops::Range;
use std::collections::HashSet;

use p3_field::PrimeField32;
use tern_fri::multilinear::program::{Constant, Program, Step};

/// What a program computes with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arithmetic {
    /// The base field: values are `u32`.
    Base,
    /// The challenge field: given values are `Ext`. What is made of constants and public values
    /// alone is of the base field.
    Ext,
}

/// Statements, and what they give.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Body {
    /// `let` statements, a line each. Their names begin with `v`, those of given values with `g`.
    pub text: String,
    /// The wanted values' expressions: names or numbers. They are of the program's own field.
    pub wanted: Vec<String>,
}

/// A value: its expression, and whether it is of the challenge field.
#[derive(Clone)]
struct Value {
    text: String,
    is_ext: bool,
}

impl Value {
    const fn base(text: String) -> Self {
        Self { text, is_ext: false }
    }

    fn into_ext(self) -> String {
        if self.is_ext { self.text } else { format!("ext_of({})", self.text) }
    }
}

/// A program as WGSL. `given` is the expression that reads a given value by its number, which is
/// evaluated once where it is first needed; `public` one that reads a public value's word.
#[must_use]
pub fn body(program: &Program, arithmetic: Arithmetic, given: impl Fn(usize) -> String, public: impl Fn(usize) -> String) -> Body {
    let mut writer = Writer { text: String::new(), values: vec![None; program.given()], arithmetic };
    let constant = |constant: &Constant| match constant {
        Constant::Value(value) => format!("{}u", value.to_unique_u32()),
        Constant::Public(index) => public(*index),
    };
    writer.values.extend(program.constants().iter().map(|value| Some(Value::base(constant(value)))));
    for step in program.steps() {
        step.operands().for_each(|operand| writer.load(operand, &given));
        let value = writer.step(*step);
        let name = format!("v{}", writer.values.len());
        let _ = writeln!(writer.text, "let {name} = {};", value.text);
        writer.values.push(Some(Value { text: name, ..value }));
    }
    let wanted = program.places().iter().map(|&place| {
        writer.load(place, &given);
        let value = writer.value(place);
        if arithmetic == Arithmetic::Ext { value.into_ext() } else { value.text }
    });
    Body { wanted: wanted.collect(), text: writer.text }
}

struct Writer {
    text: String,
    /// Of the list's places; none before a given value is read.
    values: Vec<Option<Value>>,
    arithmetic: Arithmetic,
}

impl Writer {
    fn load(&mut self, place: u32, given: &impl Fn(usize) -> String) {
        let place = place as usize;
        if self.values[place].is_none() {
            let _ = writeln!(self.text, "let g{place} = {};", given(place));
            self.values[place] = Some(Value { text: format!("g{place}"), is_ext: self.arithmetic == Arithmetic::Ext });
        }
    }

    fn value(&self, place: u32) -> Value {
        self.values[place as usize].clone().expect("an operand that was loaded")
    }

    fn step(&self, step: Step) -> Value {
        match step {
            Step::Add(x, y) => sum(self.value(x), self.value(y)),
            Step::Sub(x, y) => difference(self.value(x), self.value(y)),
            Step::Mul(x, y) => product(self.value(x), self.value(y)),
            Step::MulAdd(x, y, z) => sum(product(self.value(x), self.value(y)), self.value(z)),
            Step::Scale(factor, x) => product(self.value(x), Value::base(format!("{}u", factor.to_unique_u32()))),
        }
    }
}

fn sum(x: Value, y: Value) -> Value {
    let (is_ext, text) = match (x.is_ext, y.is_ext) {
        (false, false) => (false, format!("add({}, {})", x.text, y.text)),
        (true, true) => (true, format!("ext_add({}, {})", x.text, y.text)),
        (true, false) => (true, format!("ext_add_base({}, {})", x.text, y.text)),
        (false, true) => (true, format!("ext_add_base({}, {})", y.text, x.text)),
    };
    Value { text, is_ext }
}

fn difference(x: Value, y: Value) -> Value {
    match (x.is_ext, y.is_ext) {
        (false, false) => Value::base(format!("sub({}, {})", x.text, y.text)),
        (true, false) => Value { text: format!("ext_add_base({}, sub(0u, {}))", x.text, y.text), is_ext: true },
        _ => Value { text: format!("ext_sub({}, {})", x.into_ext(), y.into_ext()), is_ext: true },
    }
}

fn product(x: Value, y: Value) -> Value {
    let (is_ext, text) = match (x.is_ext, y.is_ext) {
        (false, false) => (false, format!("mul({}, {})", x.text, y.text)),
        (true, true) => (true, format!("ext_mul({}, {})", x.text, y.text)),
        (true, false) => (true, format!("ext_scale({}, {})", x.text, y.text)),
        (false, true) => (true, format!("ext_scale({}, {})", y.text, x.text)),
    };
    Value { text, is_ext }
}

/// Operations of a step: multiplications and additions of the base field count the same.
fn operations(step: Step, arithmetic: Arithmetic) -> usize {
    let (add, scale, mul) = if arithmetic == Arithmetic::Ext { (5, 5, 30) } else { (1, 1, 1) };
    match step {
        Step::Add(..) | Step::Sub(..) => add,
        Step::Scale(..) => scale,
        Step::Mul(..) => mul,
        Step::MulAdd(..) => mul + add,
    }
}

/// Operations of a kernel that compiles in a fraction of a second.
pub const LIMIT: usize = 400;

/// Cuts a program into parts of at most [`LIMIT`] operations, each with the numbers of the wanted
/// values that it computes; `each` is what the caller does for a wanted value, in such operations.
/// A value that needs more is alone.
#[must_use]
pub fn cut(program: &Program, arithmetic: Arithmetic, each: usize) -> Vec<(Range<usize>, Program)> {
    cut_at(program, arithmetic, each, LIMIT)
}

/// The same with another limit.
#[must_use]
pub fn cut_at(program: &Program, arithmetic: Arithmetic, each: usize, limit: usize) -> Vec<(Range<usize>, Program)> {
    let first = program.given() + program.constants().len();
    let mut parts: Vec<Range<usize>> = Vec::new();
    let (mut needed, mut cost) = (HashSet::new(), 0);
    for (number, place) in program.places().iter().enumerate() {
        // What this value needs beside what the part has.
        let missing = |needed: &HashSet<usize>| -> Vec<usize> {
            let mut open = vec![*place as usize];
            let mut missing = HashSet::new();
            while let Some(place) = open.pop() {
                if place >= first && !needed.contains(&place) && missing.insert(place) {
                    open.extend(program.steps()[place - first].operands().map(|operand| operand as usize));
                }
            }
            missing.into_iter().collect()
        };
        let price = |steps: &[usize]| each + steps.iter().map(|step| operations(program.steps()[step - first], arithmetic)).sum::<usize>();
        let mut more = missing(&needed);
        match parts.last_mut().filter(|_| cost + price(&more) <= limit) {
            Some(part) => part.end = number + 1,
            None => {
                needed.clear();
                cost = 0;
                more = missing(&needed);
                parts.push(number..number + 1);
            }
        }
        cost += price(&more);
        needed.extend(more);
    }
    parts.into_iter().map(|part| (part.clone(), program.part(part))).collect()
}

#[cfg(test)]
mod tests;
