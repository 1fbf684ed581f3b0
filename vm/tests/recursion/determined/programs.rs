//! The programs, recorded on zeros with a builder that may be weak, and where the values of their proofs
//! stand.

use tern_air::leaf::Bounds;
use tern_air::recursion::RecursionShape;
use tern_air::segment::Statement;
use tern_air::shape::SHAPES;
use tern_field::{DIGEST_LEN, F};
use tern_fri::Params;
use tern_fri::multilinear::OpeningShape;
use tern_fri::params::SEGMENT_V1;
use tern_verifier::ProofShape;
use tern_verifier::multilinear::batch::BatchValues;
use tern_verifier::native::Native;
use tern_verifier::ops::{HashMode, Item, Ops};
use tern_verifier::programs::{ChainStatement, Child, KeyList, LiftCircuit, Lifted, RecursionRelation, join, lift, wrap};
use tern_verifier::stark::BatchProof;
use tern_verifier::system::stark_verifier;
use tern_vm::recursion::{Half, Row, Run, Wire};

use super::fixed::Value;
use super::{Assertions, Inputs, POSITION, Recorded};
use crate::multilinear::toys::{Case, Stated, TOY};
use crate::weak::{Weak, Weakness};

/// A program, and of which proofs.
#[derive(Clone, Copy, Debug)]
pub enum Program {
    /// Lifts segments of the shape at this position.
    Lift(usize),
    /// Joins this many children with these parameters and heights.
    Join(usize, &'static Params, RecursionShape),
    /// Wraps a child with these parameters and heights.
    Wrap(&'static Params, RecursionShape),
    /// Verifies a proof of version 2 about small tables.
    Toys,
}

/// What the inputs of a program are.
#[derive(Clone, Copy)]
enum Part {
    Choice,
    Bound,
}
use Part::{Bound, Choice};

impl Program {
    /// Records the program, and publishes the digest of its statement.
    pub fn record(self, weakness: Option<Weakness>) -> (Run, Inputs, Assertions) {
        self.record_with(weakness, |_, digest| digest)
    }

    /// Records the program, and publishes what `published` makes of its statement's digest.
    pub fn record_with(self, weakness: Option<Weakness>, published: fn(&mut Weak, Half) -> Half) -> (Run, Inputs, Assertions) {
        let mut weak = Weak::new(weakness);
        let mut inputs = Inputs::default();
        let digest = match self {
            Self::Lift(position) => {
                let shape = &SHAPES[position];
                let stark = stark_verifier::<tern_air::chip::TernAir>(&SEGMENT_V1, &shape.log_heights).expect("a usable shape");
                let segment = Lifted::<Native> { statement: statement(), proof: BatchProof::zero(stark.shape()) }.import(&mut weak);
                inputs.of_statement(&segment.statement, Bound);
                inputs.of_proof(&segment.proof, stark.shape());
                let Ok(digest) = lift(&mut weak, &LiftCircuit { stark: &stark, shape }, &segment);
                digest
            }
            Self::Join(count, params, shape) => {
                let relation = RecursionRelation::new(params, &shape).expect("a relation");
                let children: Vec<Child<Weak>> = (0..count).map(|_| child(&relation).import(&mut weak)).collect();
                for (number, child) in (1..).zip(&children) {
                    inputs.of_child(child, relation.stark.shape(), if number == count { Bound } else { Choice });
                }
                let Ok(digest) = join(&mut weak, &relation, &children);
                digest.expect("a join has children")
            }
            Self::Toys => {
                let case = Case::of_heights(&TOY, &[2, 1, 1, 1]);
                let seed = weak.constant_digest(case.seed);
                let stated = case.zero(false).import(&mut weak);
                inputs.of_batch(&stated, case.opening.shape());
                let values: Vec<Item<Weak>> = stated.public_values.iter().flatten().map(|value| Item::Base(*value)).collect();
                let digest = weak.hash(HashMode::Plain, &values, 32);
                let Ok(()) = case.verify(&mut weak, &seed, stated);
                digest
            }
            Self::Wrap(params, shape) => {
                let relation = RecursionRelation::new(params, &shape).expect("a relation");
                let child = child(&relation).import(&mut weak);
                inputs.of_child(&child, relation.stark.shape(), Bound);
                let Ok(digest) = wrap(&mut weak, &relation, &child);
                digest
            }
        };
        let digest = published(&mut weak, digest);
        weak.publish(&digest);
        let asserted = Assertions { equations: weak.equations, digests: weak.digests };
        (weak.finish(), inputs, asserted)
    }

    /// The recorded circuit, in the lowest tables that hold it.
    pub fn circuit(self, weakness: Option<Weakness>) -> Recorded {
        let (run, inputs, asserted) = self.record(weakness);
        Recorded { tables: run.fixed(&run.counts().smallest_shape()).expect("the smallest shape fits"), inputs, asserted }
    }
}

fn statement() -> ChainStatement<Native> {
    let root = [F::new(0); DIGEST_LEN];
    let statement = Statement { pc_in: 0, pc_out: 0, root_in: root, root_out: root, halt: None };
    ChainStatement::of([0; 32], &Bounds { ro_start: 0, ro_end: 0, text_start: 0, text_end: 0 }, [0; 32], &statement)
}

fn child(relation: &RecursionRelation) -> Child<Native> {
    let shape = relation.stark.shape();
    Child {
        statement: statement(),
        preprocessed: vec![[0; 32]; shape.preprocessed_digests()],
        membership: KeyList::new(&[]).and_then(|list| list.membership(&[0; 32])).expect("an empty place"),
        proof: BatchProof::zero(shape),
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

    fn of_child(&mut self, child: &Child<Weak>, shape: &ProofShape, end: Part) {
        self.of_statement(&child.statement, end);
        self.digests(Bound, "circuit of a child", &child.preprocessed);
        self.bases(Choice, POSITION, &child.membership.position);
        self.digests(Bound, "path on the key list", &child.membership.path);
        self.of_proof(&child.proof, shape);
    }

    fn of_proof(&mut self, proof: &BatchProof<Weak>, shape: &ProofShape) {
        for cap in [&proof.main, &proof.quotient, &proof.permutation] {
            self.digests(Choice, "commitment", cap);
        }
        for table in &proof.tables {
            let lists = [
                &table.main_local,
                &table.main_next,
                &table.preprocessed_local,
                &table.preprocessed_next,
                &table.permutation_local,
                &table.permutation_next,
            ];
            lists.into_iter().chain(&table.quotient).for_each(|values| self.wires(Choice, "claimed value", values));
            self.wires(Choice, "terminal", table.terminal.as_slice());
        }
        let params = shape.params();
        let sites =
            [(params.ood_pow_bits, &proof.ood_pow), (params.batch_pow_bits, &proof.batch_pow), (params.query_pow_bits, &proof.query_pow)];
        let lookup = proof.lookup_pow.iter().map(|witness| (params.lookup_pow_bits, witness));
        let rounds = proof.rounds.iter().map(|round| (params.commit_pow_bits, &round.pow));
        for (bits, witness) in sites.into_iter().chain(lookup).chain(rounds) {
            // An idle witness is asserted to be zero.
            let part = if bits == 0 { Bound } else { Choice };
            self.bases(part, "proof-of-work witness", &[*witness]);
        }
        proof.rounds.iter().for_each(|round| self.digests(Choice, "folding commitment", &round.cap));
        self.wires(Choice, "coefficient of the last polynomial", &proof.final_polynomial);
        for query in &proof.queries {
            for input in &query.inputs {
                input.rows.iter().for_each(|row| self.row(row));
                self.digests(Bound, "path", &input.path);
            }
            for round in &query.rounds {
                self.wires(Bound, "folded row", &round.row);
                self.digests(Bound, "path of a folded row", &round.path);
            }
        }
    }

    fn of_batch(&mut self, stated: &Stated<Weak>, shape: &OpeningShape) {
        let BatchValues { cap, heights, front, keccak, opening } = &stated.values;
        assert!(keccak.is_none(), "the toys do not call Keccak");
        stated.public_values.iter().for_each(|values| self.bases(Bound, "public value", values));
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
        front.columns.iter().for_each(|table| self.wires(Choice, "claimed value", &table.main));
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
