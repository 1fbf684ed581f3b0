//! Programs as data, for a kernel that takes their steps one by one (`interpret.wgsl`): it compiles
//! at once whatever they are, and one kernel serves all tables.
//!
//! Values lie in *slots*, of which there are as few as values that are needed at the same time.

use p3_field::PrimeField32;
use tern_fri::multilinear::program::{Constant, Program, Step};

/// Words of an instruction.
const WORDS: usize = 4;

/// A program as data.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Code {
    /// Its instructions: operation and slot of the result, then three operands.
    pub words: Vec<u32>,
    /// Slots that it needs.
    pub slots: usize,
}

impl Code {
    /// That a given value is taken as it is.
    #[must_use]
    pub fn copy(given: usize, number: usize) -> Self {
        Self { words: [9, given as u32, number as u32, 0].to_vec(), slots: 0 }
    }
}

/// What happens in order.
#[derive(Clone, Copy)]
enum Event {
    /// The value at a place of the program's list is made.
    Make(usize),
    /// A wanted value is taken: its place, and the number under which it is taken.
    Take(usize, u32),
}

/// The instructions of a program; `given` is under which number a given value is loaded, `number`
/// under which a wanted one is taken.
#[must_use]
pub fn code(program: &Program, given: impl Fn(usize) -> usize, number: impl Fn(usize) -> usize) -> Code {
    let events = events(program, |wanted| number(wanted) as u32);
    let mut uses = vec![0_usize; program.given() + program.constants().len() + program.steps().len()];
    for event in &events {
        match *event {
            Event::Make(place) => operands(program, place).for_each(|operand| uses[operand] += 1),
            Event::Take(place, _) => uses[place] += 1,
        }
    }
    let loaded = (0..program.given()).map(|place| given(place) as u32).collect();
    let mut writer = Writer { program, loaded, uses, slots: Vec::new(), free: Vec::new(), code: Code::default() };
    writer.slots.resize(writer.uses.len(), None);
    events.into_iter().for_each(|event| writer.event(event));
    writer.code
}

fn operands(program: &Program, place: usize) -> impl Iterator<Item = usize> {
    let step = place.checked_sub(program.given() + program.constants().len()).map(|step| program.steps()[step]);
    step.into_iter().flat_map(|step| step.operands().map(|operand| operand as usize))
}

/// Values are made just before they are first needed, wanted ones one after the other: so few are
/// needed at the same time.
fn events(program: &Program, number: impl Fn(usize) -> u32) -> Vec<Event> {
    let mut events = Vec::new();
    let mut made = vec![false; program.given() + program.constants().len() + program.steps().len()];
    for (i, place) in program.places().iter().enumerate() {
        let place = *place as usize;
        // A given value that nothing else needs is taken as it is loaded.
        let mut open = if place < program.given() { Vec::new() } else { vec![place] };
        while let Some(&next) = open.last() {
            let before = open.len();
            if !made[next] {
                open.extend(operands(program, next).filter(|operand| !made[*operand]));
            }
            if open.len() == before {
                open.pop();
                if !core::mem::replace(&mut made[next], true) {
                    events.push(Event::Make(next));
                }
            }
        }
        events.push(Event::Take(place, number(i)));
    }
    events
}

struct Writer<'a> {
    program: &'a Program,
    /// Under which numbers given values are loaded.
    loaded: Vec<u32>,
    /// How often each value is still needed.
    uses: Vec<usize>,
    /// Where it is.
    slots: Vec<Option<u32>>,
    free: Vec<u32>,
    code: Code,
}

impl Writer<'_> {
    fn event(&mut self, event: Event) {
        match event {
            Event::Make(place) => self.make(place),
            Event::Take(place, number) => match self.slots[place] {
                Some(slot) => {
                    self.push(8, 0, [slot, number, 0]);
                    self.used(place);
                }
                None => {
                    self.push(9, 0, [self.loaded[place], number, 0]);
                    self.uses[place] -= 1;
                }
            },
        }
    }

    fn make(&mut self, place: usize) {
        let given = self.program.given();
        let constants = self.program.constants();
        if place < given {
            let to = self.slot(place);
            return self.push(0, to, [self.loaded[place], 0, 0]);
        }
        if let Some(constant) = constants.get(place - given) {
            let to = self.slot(place);
            return match constant {
                Constant::Value(value) => self.push(1, to, [value.to_unique_u32(), 0, 0]),
                Constant::Public(index) => self.push(2, to, [*index as u32, 0, 0]),
            };
        }
        let step = self.program.steps()[place - given - constants.len()];
        let slot = |operand: u32| self.slots[operand as usize].expect("an operand that is made");
        let (operation, operands) = match step {
            Step::Add(x, y) => (3, [slot(x), slot(y), 0]),
            Step::Sub(x, y) => (4, [slot(x), slot(y), 0]),
            Step::Mul(x, y) => (5, [slot(x), slot(y), 0]),
            Step::MulAdd(x, y, z) => (6, [slot(x), slot(y), slot(z)]),
            Step::Scale(factor, x) => (7, [slot(x), factor.to_unique_u32(), 0]),
        };
        // Operands are read before the result is put.
        step.operands().for_each(|operand| self.used(operand as usize));
        let to = self.slot(place);
        self.push(operation, to, operands);
    }

    fn push(&mut self, operation: u32, to: u32, operands: [u32; WORDS - 1]) {
        self.code.words.push(operation | to << 8);
        self.code.words.extend(operands);
    }

    /// A slot for a value.
    fn slot(&mut self, place: usize) -> u32 {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.code.slots += 1;
            self.code.slots as u32 - 1
        });
        self.slots[place] = Some(slot);
        slot
    }

    /// A value was needed once more.
    fn used(&mut self, place: usize) {
        self.uses[place] -= 1;
        if self.uses[place] == 0 {
            self.free.extend(self.slots[place].take());
        }
    }
}

#[cfg(test)]
mod tests {
    use p3_field::PrimeCharacteristicRing;
    use tern_air::machine::MachineAir;
    use tern_field::F;
    use tern_fri::multilinear::packed::Packed;
    use tern_fri::multilinear::program::OfBase;
    use tern_fri::multilinear::zerocheck::Plan;

    use super::*;
    use crate::tests::noise;

    /// Takes the instructions, as the kernel does.
    fn run(code: &Code, given: &[F], public_values: &[F]) -> Vec<(u32, F)> {
        let mut slots = vec![None; code.slots];
        let mut taken = Vec::new();
        for word in code.words.as_chunks::<WORDS>().0 {
            let [head, a, b, c] = *word;
            let slot = |slot: u32| slots[slot as usize].expect("a value");
            let element = |word: u32| tern_fri::hash::element_from_bytes(word.to_le_bytes()).expect("an element");
            let value = match head & 255 {
                0 => given[a as usize],
                1 => element(a),
                2 => public_values[a as usize],
                3 => slot(a) + slot(b),
                4 => slot(a) - slot(b),
                5 => slot(a) * slot(b),
                6 => slot(a) * slot(b) + slot(c),
                7 => slot(a) * element(b),
                8 => {
                    taken.push((b, slot(a)));
                    continue;
                }
                _ => {
                    taken.push((b, given[a as usize]));
                    continue;
                }
            };
            slots[(head >> 8) as usize] = Some(value);
        }
        taken
    }

    #[test]
    fn instructions_give_what_programs_do() {
        for air in MachineAir::all() {
            let plan = Plan::new(&air, false);
            for program in [plan.linear(), plan.polynomials()] {
                let (given, public_values) = (noise(1, program.given()), noise(2, 512));
                let mut list = program.list::<OfBase>(&public_values);
                list.iter_mut().zip(&given).for_each(|(place, value)| *place = (*value).into());
                program.run::<OfBase>(&mut list);
                let mut wanted = vec![Packed::ZERO; program.places().len()];
                program.wanted(&list, &mut wanted);
                let code = code(program, |i| i, |i| 7 + i);
                assert!(code.slots <= program.given() + program.constants().len() + program.steps().len());
                let taken: Vec<(u32, Packed)> =
                    run(&code, &given, &public_values).into_iter().map(|(number, value)| (number, value.into())).collect();
                assert_eq!(taken, wanted.into_iter().enumerate().map(|(i, value)| (7 + i as u32, value)).collect::<Vec<_>>());
            }
        }
    }
}
