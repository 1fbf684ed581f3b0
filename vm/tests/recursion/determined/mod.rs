//! Determinedness: nothing in a circuit is the prover's choice but what is meant to be.
//!
//! A circuit's tests use honest witnesses, so none of them sees a wire that the builder fills right
//! and no row pins. This analysis does. It reads the circuit's fixed columns ([`fixed`]), which are
//! all that its key commits to, and not the builder's intentions; and it reads of the program only
//! where the values of the proof stand ([`Inputs`]).
//!
//! **Definition.** A *witness* is any filling of the tables that satisfies all constraints and balances all
//! buses. A set of values *determines* another value if any two witnesses of the circuit, with whatever
//! public values, that agree on the set agree on it.
//!
//! **Claims**, each a [`Check`]:
//!
//! | check | claim |
//! |---|---|
//! | well-formed | every address has one row that writes it, once for every row that reads it; flags are flags, and set in rows that are in use; one word is selected, keys are distinct, numbers are limbs, one half is public |
//! | determined | the inputs determine every wire and every half, each by the row that writes it, without any assumption |
//! | bound | the public values and the *choices* among the inputs determine all other inputs: else a collision of BLAKE3 is known |
//! | hashed | the transcript's output determines every choice but the position on the key list: each is hashed into a challenge |
//! | canonical | words that are read as elements are below `p`; inputs that stand for elements of the base field are some |
//! | asserted | the rows that determine nothing are as many as the program's assertions: an assertion is no other value's definition |
//!
//! **Why rows determine.** [`clauses`] turns the chips' constraints into clauses *these values
//! determine that one*. Only the clause of the row that writes a value counts for *determined*, so
//! each equation is used once, and what it says about values known before is left over: these are
//! the rows that *asserted* counts. A quotient is determined only where the divisor cannot be zero.
//!
//! **Worth.** Given that the chips' constraints say what [`clauses`] makes of them (their pages and
//! tests), and that no collision of BLAKE3 is known, this proves that whoever fills a circuit's
//! tables picks the choices and nothing else: all other values follow from these and the public
//! digest. That they are the right values is not shown. Another constant or another operand is as
//! determined as the right one, and assertions are counted and not matched: that is for the tests
//! of operations and of agreement, which compare circuits with the native verifier.
//!
//! **The choices**, and what holds each:
//!
//! | choice | held by |
//! |---|---|
//! | position on the key list | any circuit of the list may have made the child; the leaf at the position is determined by the list's root |
//! | a proof's commitments, heights, rounds and claims of its sumchecks, proof-of-work witnesses, last polynomial | the prover speaks first: the transcript hashes each before the challenge that tests it, and the program asserts what that challenge shows |
//! | in a join, where a child but the last ends, and its exit code and output | the child's public digest, which its proof is made for; the next child's start is determined by it |
//!
//! Queried rows and paths are no choices: commitments determine them. Nor is the commitment to a
//! child's fixed columns: its position on the key list determines it. A join's first start and last
//! end, and all of the statement in a lift or wrap, are determined by the public digest.

mod clauses;
mod drops;
mod fixed;
mod programs;
mod real;
mod weaknesses;

pub use weaknesses::{UNASSERTED, UNTIED};

use std::collections::{BTreeMap, BTreeSet};

use clauses::{Clauses, Kind, base};
use fixed::{Fixed, Row, Tables, Value};

/// The choice that no transcript hashes: what stands at the position is hashed.
const POSITION: &str = "position on the key list";

/// Where the values of a proof stand in a circuit.
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    /// Those that are free by design, by kind.
    pub choices: BTreeMap<&'static str, Vec<Value>>,
    /// Those that something else determines, by kind.
    pub bound: BTreeMap<&'static str, Vec<Value>>,
    /// Those that stand for elements of the base field.
    pub base: Vec<Value>,
    /// The halves of opened rows.
    pub rows: Vec<Value>,
}

impl Inputs {
    fn choices(&self) -> impl Iterator<Item = Value> {
        self.choices.values().flatten().copied()
    }

    fn bound(&self) -> impl Iterator<Item = Value> {
        self.bound.values().flatten().copied()
    }
}

/// How many assertions a circuit has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Assertions {
    /// That two elements are equal, or that one is a bit.
    pub equations: usize,
    /// That two digests are equal.
    pub digests: usize,
}

/// A circuit, with what its program says about it.
pub struct Recorded {
    /// The fixed columns.
    pub tables: Tables,
    /// Where its inputs stand.
    pub inputs: Inputs,
    /// What the program asserts.
    pub asserted: Assertions,
}

/// What is shown of a circuit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Check {
    WellFormed,
    Determined,
    Bound,
    Hashed,
    Canonical,
    Asserted,
}

/// What was found.
#[derive(Debug)]
pub struct Report {
    /// Values that have an address.
    pub values: usize,
    /// Faults of the columns.
    pub malformed: Vec<String>,
    /// Values that the inputs do not determine.
    pub undetermined: Vec<Value>,
    /// Inputs that public values and choices do not determine, or that no row has.
    pub unbound: Vec<(&'static str, Value)>,
    /// Choices that are not hashed into any challenge.
    pub unhashed: Vec<(&'static str, Value)>,
    /// Halves whose words may be `p` or more, and inputs that need not be base elements.
    pub aliased: Vec<Value>,
    /// Assertions of the program, and rows that assert.
    pub asserted: [Assertions; 2],
}

impl Report {
    /// The checks that fail.
    pub fn failed(&self) -> BTreeSet<Check> {
        let failed = [
            (Check::WellFormed, !self.malformed.is_empty()),
            (Check::Determined, !self.undetermined.is_empty()),
            (Check::Bound, !self.unbound.is_empty()),
            (Check::Hashed, !self.unhashed.is_empty()),
            (Check::Canonical, !self.aliased.is_empty()),
            (Check::Asserted, self.asserted[0] != self.asserted[1]),
        ];
        failed.into_iter().filter(|(_, fails)| *fails).map(|(check, _)| check).collect()
    }

    /// The first findings of each kind, for people.
    pub fn summary(&self) -> String {
        fn first<T: core::fmt::Debug>(name: &str, found: &[T]) -> String {
            if found.is_empty() { String::new() } else { format!("; {name} {}: {:?}", found.len(), &found[..found.len().min(3)]) }
        }
        let mut text = format!("{} values", self.values);
        text += &first("malformed", &self.malformed);
        text += &first("undetermined", &self.undetermined);
        text += &first("unbound", &self.unbound);
        text += &first("unhashed", &self.unhashed);
        text += &first("aliased", &self.aliased);
        if self.asserted[0] != self.asserted[1] {
            text += &format!("; asserted {:?}, rows {:?}", self.asserted[0], self.asserted[1]);
        }
        text
    }
}

/// Checks every claim.
pub fn analyse(circuit: &Recorded) -> Report {
    check(&Fixed::read(&circuit.tables), &circuit.inputs, circuit.asserted)
}

/// The same for a circuit that was read.
fn check(fixed: &Fixed, inputs: &Inputs, asserted: Assertions) -> Report {
    let clauses = Clauses::of(fixed);
    let constants: Vec<Value> =
        fixed.constants.keys().copied().map(Value::Wire).chain(fixed.constant_halves.iter().copied().map(Value::Half)).collect();

    let given = constants.iter().copied().chain(inputs.choices()).chain(inputs.bound());
    let computed = clauses.close(given, fixed.len(), |rule| rule.computes);
    let given = constants.iter().copied().chain(inputs.choices()).chain(fixed.public);
    let bound = clauses.close(given, fixed.len(), |_| true);

    let drawn = fixed.rows.iter().filter_map(|(_, _, row)| if let Row::Challenge { half, .. } = row { Some(*half) } else { None });
    let hashed = clauses.close(constants.iter().copied().chain(drawn), fixed.len(), |rule| matches!(rule.kind, Kind::Copy | Kind::Hash));

    let named = |inputs: &BTreeMap<&'static str, Vec<Value>>| -> Vec<(&'static str, Value)> {
        inputs.iter().flat_map(|(kind, values)| values.iter().map(|value| (*kind, *value))).collect()
    };
    let unhashed = |(kind, value): &(&str, Value)| *kind != POSITION && !(fixed.has(*value) && hashed[value.index()]);
    let unbound = |(_, value): &(&str, Value)| !(fixed.has(*value) && bound[value.index()]);
    Report {
        values: fixed.values().count(),
        undetermined: fixed.values().filter(|value| !computed[value.index()]).collect(),
        unbound: named(&inputs.bound).into_iter().filter(unbound).collect(),
        unhashed: named(&inputs.choices).into_iter().filter(unhashed).collect(),
        aliased: aliased(fixed, inputs),
        asserted: [asserted, assertions(fixed, inputs)],
        malformed: fixed.malformed.clone(),
    }
}

/// Halves that are read as elements, or are opened rows, without a row that shows their words to be below
/// `p`; and inputs that need not be the base elements they stand for.
fn aliased(fixed: &Fixed, inputs: &Inputs) -> Vec<Value> {
    let mut elements: BTreeSet<Value> = inputs.rows.iter().copied().collect();
    let mut canonical = BTreeSet::new();
    for (_, _, row) in &fixed.rows {
        if let Row::Half { half: Some(half), words, canonical: is_canonical } = row {
            if *is_canonical {
                canonical.insert(half.value);
            }
            if !words.is_empty() {
                elements.insert(half.value);
            }
        }
    }
    let base = base(fixed);
    elements.difference(&canonical).copied().chain(inputs.base.iter().copied().filter(|value| !base.contains(value))).collect()
}

/// The rows that write nothing but inputs, and have no free cell.
fn assertions(fixed: &Fixed, inputs: &Inputs) -> Assertions {
    let inputs: BTreeSet<Value> = inputs.choices().chain(inputs.bound()).collect();
    let mut assertions = Assertions::default();
    for (_, _, row) in &fixed.rows {
        match row {
            Row::Alu([Some(a), Some(b), Some(c), Some(d)]) => {
                let defines = [a, b, c, d].into_iter().any(|port| port.writes && !inputs.contains(&port.value));
                assertions.equations += usize::from(!defines);
            }
            Row::Cap { halves: [Some(_), Some(_)], .. } => assertions.digests += 1,
            _ => {}
        }
    }
    assertions
}
