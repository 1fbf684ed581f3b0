//! The relation for Picus: a program in its constraint language for each chip of the machine, which
//! says what a row is told and what it answers.
//!
//! Recursion's chips have none: there a circuit's fixed columns say which messages of a row are
//! read and which are written.

use std::collections::HashSet;
use std::fmt::Write;

use p3_field::PrimeField32;
use tern_air::bus;
use tern_air::machine::MachineAir;
use tern_field::F;

use super::chips::Documented;
use super::dag::{Node, Place};
use super::export::{ChipEntry, StatementEntry, chip};
use super::shared::Shared;

/// Bits of what the byte table takes.
const BYTE: usize = 8;
/// Most bits that the bits table knows.
const MOST_BITS: u32 = 16;

/// File name and text, for each chip that states a constraint: the others are tables, whose
/// contents are in the programs that look them up.
pub fn files() -> impl Iterator<Item = (String, String)> {
    let chips = MachineAir::all().into_iter().map(|air| chip(&air));
    let stating = chips.filter(|chip| chip.statements.iter().any(|statement| matches!(statement, StatementEntry::Constraint { .. })));
    stating.map(|chip| (format!("{}.picus", chip.name), Program::of(&chip)))
}

/// A message as it is read here.
struct Message<'a> {
    claim: &'a str,
    tag: &'a str,
    direction: &'a str,
    tuple: &'a [Place],
    multiplicity: Place,
}

/// How many elements behind the tag the asker chooses, where others have the rest: the cell of an
/// access, the address of an instruction, what is compressed.
fn keys(tag: &str) -> Option<usize> {
    match tag {
        "MEMORY" | "PROGRAM" => Some(1),
        "PERMUTATION" => Some(19),
        _ => None,
    }
}

struct Program<'a> {
    chip: &'a ChipEntry,
    shared: Shared,
    main: Vec<String>,
    fixed: Vec<String>,
    public: Vec<String>,
    names: HashSet<String>,
    /// What is an input or an output already, by count and element.
    known: HashSet<(Place, Option<Place>)>,
    inputs: Vec<String>,
    outputs: Vec<String>,
    body: String,
}

impl<'a> Program<'a> {
    fn of(chip: &'a ChipEntry) -> String {
        let mut names = HashSet::new();
        let mut named = |prefix: &str, columns: &mut dyn Iterator<Item = &str>| -> Vec<String> {
            columns.map(|name| unused(&mut names, &identifier(&format!("{prefix}{name}")))).collect()
        };
        let main = named("", &mut chip.main.iter().map(|column| column.name.as_str()));
        let fixed = named("fixed_", &mut chip.fixed.iter().map(|column| column.name.as_str()));
        let public = named("public_", &mut chip.public_names.iter().map(String::as_str));
        let inputs = fixed.iter().chain(&public).cloned().collect();
        let shared = Shared::of(chip);
        let mut program =
            Self { chip, shared, main, fixed, public, names, known: HashSet::new(), inputs, outputs: Vec::new(), body: String::new() };
        program.definitions();
        program.statements();
        program.text()
    }

    fn text(self) -> String {
        let mut text = format!(
            "; The chip {} of Tern's machine, as `tern spec export --format picus` writes it.\n(prime-number {})\n(begin-module {})\n",
            self.chip.name,
            F::ORDER_U32,
            identifier(self.chip.name)
        );
        for (kind, names) in [("input", &self.inputs), ("output", &self.outputs)] {
            for name in names {
                let _ = writeln!(text, "({kind} {name})");
            }
        }
        text + &self.body + "(end-module)\n"
    }

    /// Names for what expressions share.
    fn definitions(&mut self) {
        for place in self.shared.places().collect::<Vec<_>>() {
            let definition = self.expression(place);
            self.assert(&format!("(= node_{place} {definition})"));
        }
    }

    fn statements(&mut self) {
        let chip = self.chip;
        for statement in &chip.statements {
            match statement {
                StatementEntry::Constraint { label, value } => {
                    let zero = self.reference(*value);
                    let _ = writeln!(self.body, "; {label}");
                    self.assert(&format!("(= {zero} 0)"));
                }
                StatementEntry::Message { label, tags, direction, tuple, multiplicity, .. } => {
                    let claim = label.split_once("::").map_or(*label, |(_, claim)| claim);
                    let _ = writeln!(self.body, "; {label}: {} {}", direction, tags.join(" or "));
                    let message = Message { claim, tag: tags[0], direction, tuple, multiplicity: *multiplicity };
                    self.message(&message);
                }
            }
        }
    }

    fn message(&mut self, message: &Message<'_>) {
        let numbers: Vec<u32> = MachineAir::TAGS.iter().filter(|(_, name)| *name == message.tag).map(|(tag, _)| *tag).collect();
        match numbers.first() {
            Some(&bus::BITS) => return self.bits(message),
            Some(&bus::POWER) => return self.power(message),
            Some(&bus::BYTES) => return self.bytes(message),
            Some(&(bus::AND | bus::OR | bus::XOR)) => return self.bitwise(message),
            _ => {}
        }
        let payload = &message.tuple[1..];
        let (asked, told) = payload.split_at(keys(message.tag).unwrap_or_default());
        match (message.direction, keys(message.tag)) {
            // What others leave is told; where it is looked for is the row's own choice.
            ("receive", _) => {
                self.puts(message, &[], true);
                self.puts(message, asked, false);
                self.puts(message, told, true);
            }
            // A table is asked for the first elements and answers with the rest.
            ("provides", _) => {
                self.puts(message, asked, true);
                self.puts(message, told, false);
            }
            // A cell's new contents are all the row's; of the tables, only the question is.
            ("send", Some(_)) if message.tag != "MEMORY" => {
                self.puts(message, asked, false);
                self.puts(message, told, true);
            }
            _ => self.puts(message, payload, false),
        }
    }

    /// Makes the count of a message, and its elements times the count, inputs or outputs: what is
    /// not said is neither.
    fn puts(&mut self, message: &Message<'_>, elements: &[Place], is_input: bool) {
        let count = self.count(message);
        self.port(message, None, "count", count.clone(), is_input);
        for &element in elements {
            if matches!(self.chip.nodes[element], Node::Constant(_)) {
                continue;
            }
            let place = message.tuple.iter().position(|&other| other == element).unwrap_or_default();
            let said = format!("(* {count} {})", self.reference(element));
            self.port(message, Some(element), &place.to_string(), said, is_input);
        }
    }

    fn port(&mut self, message: &Message<'_>, element: Option<Place>, suffix: &str, value: String, is_input: bool) {
        if !self.known.insert((self.counted(message), element)) {
            return;
        }
        let direction = if is_input { "in" } else { "out" };
        let name = unused(&mut self.names, &format!("{direction}_{}_{suffix}", identifier(message.claim)));
        self.assert(&format!("(= {name} {value})"));
        if is_input { self.inputs.push(name) } else { self.outputs.push(name) }
    }

    /// The node of a message's count, where it is taken off the bus without the sign.
    fn counted(&self, message: &Message<'_>) -> Place {
        match self.chip.nodes[message.multiplicity] {
            Node::Neg(count) if message.direction != "send" => count,
            _ => message.multiplicity,
        }
    }

    fn count(&self, message: &Message<'_>) -> String {
        self.reference(self.counted(message))
    }

    /// Asserts what holds where a lookup is made.
    fn if_made(&mut self, message: &Message<'_>, condition: &str) {
        let count = self.count(message);
        self.assert(&if count == "1" { condition.to_owned() } else { format!("(=> (= {count} 1) {condition})") });
    }

    /// `v < 2^k`.
    fn bits(&mut self, message: &Message<'_>) {
        let value = self.reference(message.tuple[2]);
        if let Node::Constant(bits) = self.chip.nodes[message.tuple[1]] {
            return self.if_made(message, &format!("(< {value} {})", 1u64 << bits));
        }
        self.for_each_width(message, |bits| format!("(< {value} {})", 1u64 << bits));
    }

    /// The second element is 2 to the power of the first.
    fn power(&mut self, message: &Message<'_>) {
        let value = self.reference(message.tuple[2]);
        self.for_each_width(message, |bits| format!("(= {value} {})", 1u64 << bits));
    }

    fn for_each_width(&mut self, message: &Message<'_>, holds: impl Fn(u32) -> String) {
        let width = self.reference(message.tuple[1]);
        self.if_made(message, &format!("(<= {width} {MOST_BITS})"));
        for bits in 0..=MOST_BITS {
            self.if_made(message, &format!("(=> (= {width} {bits}) {})", holds(bits)));
        }
    }

    fn bytes(&mut self, message: &Message<'_>) {
        for &element in &message.tuple[1..] {
            let value = self.reference(element);
            self.if_made(message, &format!("(< {value} {})", 1 << BYTE));
        }
    }

    /// Both operands are bytes by their bits, of which the result is made.
    fn bitwise(&mut self, message: &Message<'_>) {
        let [a, b] = [message.tuple[1], message.tuple[2]].map(|operand| {
            let operand = self.reference(operand);
            let bits = [(); BYTE].map(|()| unused(&mut self.names, "bit"));
            bits.iter().for_each(|bit| self.assert(&format!("(= (* {bit} (- {bit} 1)) 0)")));
            self.if_made(message, &format!("(= {operand} {})", weighted(&bits)));
            bits
        });
        let tag = self.reference(message.tuple[0]);
        let result = self.reference(message.tuple[3]);
        let tags = [bus::AND, bus::OR, bus::XOR];
        self.if_made(message, &format!("(|| (= {tag} {}) (|| (= {tag} {}) (= {tag} {})))", tags[0], tags[1], tags[2]));
        for number in tags {
            let bits = [0, 1, 2, 3, 4, 5, 6, 7].map(|i| of_bits(number, &a[i], &b[i]));
            let value = weighted(&bits);
            self.if_made(message, &format!("(=> (= {tag} {number}) (= {result} {value}))"));
        }
    }

    fn assert(&mut self, condition: &str) {
        let _ = writeln!(self.body, "(assert {condition})");
    }

    /// A node by its name, if it has one.
    fn reference(&self, place: Place) -> String {
        if self.shared.is_named(place) { format!("node_{place}") } else { self.expression(place) }
    }

    fn expression(&self, place: Place) -> String {
        match self.chip.nodes[place] {
            Node::Constant(value) => value.to_string(),
            Node::Main(column) => self.main[column].clone(),
            Node::Fixed(column) => self.fixed[column].clone(),
            Node::Public(value) => self.public[value].clone(),
            Node::Add(x, y) => format!("(+ {} {})", self.reference(x), self.reference(y)),
            Node::Sub(x, y) => format!("(- {} {})", self.reference(x), self.reference(y)),
            Node::Mul(x, y) => format!("(* {} {})", self.reference(x), self.reference(y)),
            Node::Neg(x) => format!("(- 0 {})", self.reference(x)),
            node => unreachable!("statements of the machine read one row: {node:?}"),
        }
    }
}

/// A bit of a conjunction, disjunction or exclusive disjunction.
fn of_bits(tag: u32, a: &str, b: &str) -> String {
    match tag {
        bus::AND => format!("(* {a} {b})"),
        bus::OR => format!("(- (+ {a} {b}) (* {a} {b}))"),
        _ => format!("(- (+ {a} {b}) (* 2 (* {a} {b})))"),
    }
}

/// A byte of its bits, the lowest first.
fn weighted(bits: &[String; BYTE]) -> String {
    let terms = bits.iter().enumerate().map(|(i, bit)| format!("(* {} {bit})", 1 << i));
    terms.reduce(|sum, term| format!("(+ {sum} {term})")).unwrap_or_default()
}

/// A name in letters, digits and underscores.
fn identifier(name: &str) -> String {
    let letters: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    letters.split('_').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("_")
}

/// The first of `name`, `name_2`, `name_3` and so on that is not taken yet.
fn unused(names: &mut HashSet<String>, name: &str) -> String {
    let mut found = name.to_owned();
    for number in 2.. {
        if names.insert(found.clone()) {
            break;
        }
        found = format!("{name}_{number}");
    }
    found
}
