//! The programs, recorded on zeros with a builder that may be weak, and where the values of their proofs
//! stand.

use tern_air::machine::leaf::Bounds;
use tern_air::machine::segment::Statement;
use tern_field::{DIGEST_LEN, F};
use tern_fri::multilinear::{OpeningShape, Params, keccak};
use tern_verifier::multilinear::batch::BatchValues;
use tern_verifier::multilinear::programs::{Node, NodeRelation, NodeShape, Segment, SegmentRelation, join, lift};
use tern_verifier::native::Native;
use tern_verifier::ops::{HashMode, Item, Ops};
use tern_verifier::programs::{ChainStatement, KeyList};
use tern_vm::recursion::{Half, Row, Run, Wire};

use super::fixed::Value;
use super::{Assertions, Inputs, POSITION, Recorded};
use crate::multilinear::toys::{Case, TOY};
use crate::weak::{Weak, Weakness};

/// A program, and of which proofs.
#[derive(Clone, Debug)]
pub enum Program {
    /// Lifts segments with these parameters.
    Lift {
        /// The segments' parameters.
        params: &'static Params,
        /// Base-2 logarithm of the number of rows of each one's matrix.
        log_rows: usize,
        /// Whether each has calls of Keccak.
        has_calls: Vec<bool>,
    },
    /// Joins this many children with these parameters and sizes.
    Join(usize, &'static Params, NodeShape),
    /// Wraps a child with these parameters and sizes.
    Wrap(&'static Params, NodeShape),
    /// Verifies a proof about small tables.
    Toys,
}

/// Heights of the small tables in blocks.
pub const TOY_HEIGHTS: [usize; 4] = [2, 1, 1, 1];

/// What the inputs of a program are.
#[derive(Clone, Copy)]
enum Part {
    Choice,
    Bound,
}
use Part::{Bound, Choice};

impl Program {
    /// Records the program, and publishes the digest of its statement.
    pub fn record(&self, weakness: Option<Weakness>) -> (Run, Inputs, Assertions) {
        self.record_with(weakness, |_, digest| digest)
    }

    /// Records the program, and publishes what `published` makes of its statement's digest.
    pub fn record_with(&self, weakness: Option<Weakness>, published: fn(&mut Weak, Half) -> Half) -> (Run, Inputs, Assertions) {
        let mut weak = Weak::new(weakness);
        let mut inputs = Inputs::default();
        let digest = match self {
            Self::Lift { params, log_rows, has_calls } => {
                let relation = SegmentRelation::new(params).expect("the machine's chips");
                let opening = relation.verifier.opening_of_rows(*log_rows).expect("a usable shape");
                let mut segment = |(number, &calls): (usize, &bool)| {
                    let values = relation.verifier.zero_values(&opening, calls);
                    let segment = Segment { statement: statement(), values }.import(&mut weak);
                    inputs.of_statement(&segment.statement, if number == has_calls.len() { Bound } else { Choice });
                    inputs.of_values(&segment.values, opening.shape());
                    segment
                };
                let segments: Vec<_> = (1..).zip(has_calls).map(&mut segment).collect();
                let openings = vec![opening.clone(); segments.len()];
                let Ok(digest) = lift(&mut weak, &relation, &openings, &segments);
                digest.expect("a lift has a segment")
            }
            Self::Join(count, params, shape) => inputs.of_nodes(&mut weak, *count, &shape.relation(params).expect("a usable shape")),
            Self::Wrap(params, shape) => inputs.of_nodes(&mut weak, 1, &shape.relation(params).expect("a usable shape")),
            Self::Toys => {
                let case = Case::of_heights(&TOY, &TOY_HEIGHTS);
                let seed = weak.constant_digest(case.seed);
                let stated = case.zero(false).import(&mut weak);
                stated.public_values.iter().for_each(|values| inputs.bases(Bound, "public value", values));
                inputs.of_values(&stated.values, case.opening.shape());
                let values: Vec<Item<Weak>> = stated.public_values.iter().flatten().map(|value| Item::Base(*value)).collect();
                let digest = weak.hash(HashMode::Plain, &values, 32);
                let Ok(()) = case.verify(&mut weak, &seed, stated);
                digest
            }
        };
        let digest = published(&mut weak, digest);
        weak.publish(&digest);
        let asserted = Assertions { equations: weak.equations, digests: weak.digests };
        (weak.finish(), inputs, asserted)
    }

    /// The recorded circuit.
    pub fn circuit(&self, weakness: Option<Weakness>) -> Recorded {
        let (run, inputs, asserted) = self.record(weakness);
        Recorded { tables: run.fixed(), inputs, asserted }
    }
}

fn statement() -> ChainStatement<Native> {
    let root = [F::new(0); DIGEST_LEN];
    let statement = Statement { pc_in: 0, pc_out: 0, root_in: root, root_out: root, halt: None };
    ChainStatement::of([0; 32], &Bounds { ro_start: 0, ro_end: 0, text_start: 0, text_end: 0 }, [0; 32], &statement)
}

fn node(relation: &NodeRelation) -> Node<Native> {
    let shape = relation.opening.shape();
    Node {
        statement: statement(),
        key: vec![[0; 32]; 1 << shape.log_cap(shape.log_domain())],
        membership: KeyList::empty().membership(&[0; 32]).expect("an empty place"),
        values: relation.verifier.zero_values(&relation.opening, false),
    }
}

/// Part by part.
impl Inputs {
    /// `end` says what the values at the chain's end are, but whether it has halted.
    fn of_statement(&mut self, statement: &ChainStatement<Weak>, end: Part) {
        self.digests(Bound, "statement", &[statement.key_digest, statement.list_root]);
        let ends = [&statement.pc_out, &statement.root_out, &statement.exit_code, &statement.output_digest];
        ends.into_iter().for_each(|values| self.bases(end, "end of a child", values));
        let rest = [&statement.pc_in, &statement.root_in, &statement.bounds];
        rest.into_iter().for_each(|values| self.bases(Bound, "statement", values));
        self.bases(Bound, "statement", &[statement.halted]);
    }

    /// Records the program that checks so many proofs of circuits.
    fn of_nodes(&mut self, weak: &mut Weak, count: usize, relation: &NodeRelation) -> Half {
        let children: Vec<Node<Weak>> = (0..count).map(|_| node(relation).import(weak)).collect();
        for (number, child) in (1..).zip(&children) {
            self.of_statement(&child.statement, if number == count { Bound } else { Choice });
            self.digests(Bound, "circuit of a child", &child.key);
            self.bases(Choice, POSITION, &child.membership.position);
            self.digests(Bound, "path on the key list", &child.membership.path);
            self.of_values(&child.values, relation.opening.shape());
        }
        let Ok(digest) = join(weak, relation, &children);
        digest.expect("a join has children")
    }

    fn of_values(&mut self, values: &BatchValues<Weak>, shape: &OpeningShape) {
        let BatchValues { cap, heights, front, keccak, opening } = values;
        self.digests(Choice, "commitment", cap);
        self.bases(Choice, "height", heights);
        let lookup = front.lookup.as_ref().expect("the tables send messages");
        self.wires(Choice, "root", &[lookup.root_denominator]);
        for layer in &lookup.layers {
            layer.rounds.iter().for_each(|values| self.wires(Choice, "round of a layer", values));
            [&layer.numerators, &layer.denominators].into_iter().for_each(|values| self.wires(Choice, "fractions of a layer", values));
        }
        self.wires(Choice, "coefficient of the skip", &front.skip);
        front.rounds.iter().for_each(|values| self.wires(Choice, "round", values));
        self.wires(Choice, "claimed value of the rests", &[front.claims.rest]);
        front.claims.tables.iter().for_each(|forms| self.wires(Choice, "claimed value of a form", forms));
        keccak.iter().for_each(|argument| self.of_argument(argument));
        opening.rounds.iter().for_each(|values| self.wires(Choice, "round of the opening", values));
        let params = &shape.params;
        let works = opening
            .works
            .iter()
            .enumerate()
            .map(|(round, work)| (if round < shape.column_variables() { params.column_pow_bits } else { params.row_pow_bits }, work));
        for (bits, work) in works.chain([(params.lookup_pow_bits, &lookup.work), (params.query_pow_bits, &opening.query_work)]) {
            // An idle witness is asserted to be zero.
            let part = if bits == 0 { Bound } else { Choice };
            self.bases(part, "proof-of-work witness", &[*work]);
        }
        opening.words.iter().for_each(|cap| self.digests(Choice, "folding commitment", cap));
        self.wires(Choice, "coefficient of the last polynomial", &opening.last);
        for query in &opening.queries {
            for (row, path) in &query.rows {
                self.row(row);
                self.digests(Bound, "path", path);
            }
            for (leaf, path) in &query.leaves {
                self.wires(Bound, "leaf", leaf);
                self.digests(Bound, "path of a leaf", path);
            }
        }
    }

    fn of_argument(&mut self, argument: &keccak::Proof<Wire>) {
        let keccak::Proof { real, output, middle, rounds } = argument;
        self.wires(Choice, "claim on calls", &[*real, *output]);
        self.wires(Choice, "claim on calls", middle);
        for keccak::LayerProof { first, instances, positions, claims } in rounds.iter().flatten() {
            let messages = core::iter::once(first).chain(instances).chain(positions);
            messages.for_each(|values| self.wires(Choice, "round of Keccak", values));
            self.wires(Choice, "claim of Keccak", claims);
        }
    }

    fn add(&mut self, part: Part, kind: &'static str, values: impl Iterator<Item = Value>) {
        let kinds = match part {
            Choice => &mut self.choices,
            Bound => &mut self.bound,
        };
        kinds.entry(kind).or_default().extend(values);
    }

    fn wires(&mut self, part: Part, kind: &'static str, wires: &[Wire]) {
        self.add(part, kind, wires.iter().map(value));
    }

    fn bases(&mut self, part: Part, kind: &'static str, wires: &[Wire]) {
        self.wires(part, kind, wires);
        self.base.extend(wires.iter().map(value));
    }

    fn digests(&mut self, part: Part, kind: &'static str, digests: &[Half]) {
        self.add(part, kind, digests.iter().map(|digest| Value::Half(digest.address())));
    }

    fn row(&mut self, row: &Row) {
        let halves: Vec<Value> = row.addresses().map(Value::Half).collect();
        self.rows.extend(&halves);
        self.add(Bound, "opened row", halves.into_iter());
    }
}

fn value(wire: &Wire) -> Value {
    match wire {
        Wire::Variable { address, .. } => Value::Wire(*address),
        Wire::Constant(_) => unreachable!("an input is no constant"),
    }
}
