//! The verifier in an interpreter that a false claim does not stop, as in a circuit: its steps do
//! not depend on values, and nothing in it panics.

use std::collections::BTreeMap;

use p3_field::PrimeCharacteristicRing;
use tern_air::machine::MachineAir;
use tern_air::recursion::CircuitAir;
use tern_field::{EF, F};
use tern_fri::hash::Digest;
use tern_verifier::Reason;
use tern_verifier::multilinear::front::{ColumnProof, ColumnValues, Front, FrontShape, LookupLayer, LookupProof};
use tern_verifier::multilinear::{Claim, Transcript};
use tern_verifier::native::Native;
use tern_verifier::ops::{Checked, HashMode, Item, MultilinearOps, Ops};

use super::challenger::transcript_params;
use super::honest::{chains, everything, least_with_lookups};
use super::oracle::{Proof, Statement, ours};

/// Runs on values, notes the claims that fail, and counts operations.
#[derive(Default)]
struct Unstopped {
    failed: Vec<Reason>,
    counts: BTreeMap<&'static str, usize>,
}

impl Unstopped {
    fn count(&mut self, what: &'static str, count: usize) {
        *self.counts.entry(what).or_default() += count;
    }
}

/// The same items for the interpreter that hashes.
fn native(items: &[Item<Unstopped>]) -> Vec<Item<Native>> {
    let item = |item: &Item<Unstopped>| match item {
        Item::Constant(value) => Item::Constant(*value),
        Item::Base(value) => Item::Base(*value),
        Item::Ext(value) => Item::Ext(*value),
        Item::Digest(digest) => Item::Digest(*digest),
    };
    items.iter().map(item).collect()
}

fn bytes(items: &[Item<Unstopped>]) -> usize {
    let len = |item: &Item<Unstopped>| match item {
        Item::Constant(_) | Item::Base(_) => 4,
        Item::Ext(_) => 20,
        Item::Digest(_) => 32,
    };
    items.iter().map(len).sum()
}

impl Ops for Unstopped {
    type Ext = EF;
    type Bit = bool;
    type Digest = Digest;
    type Cap = Vec<Digest>;
    type Row = Vec<F>;
    type Word = u64;
    type Error = ();

    fn constant(&mut self, value: EF) -> EF {
        value
    }

    fn add(&mut self, a: &EF, b: &EF) -> EF {
        self.count("arithmetic", 1);
        *a + *b
    }

    fn sub(&mut self, a: &EF, b: &EF) -> EF {
        self.count("arithmetic", 1);
        *a - *b
    }

    fn mul(&mut self, a: &EF, b: &EF) -> EF {
        self.count("arithmetic", 1);
        *a * *b
    }

    fn mul_add(&mut self, a: &EF, b: &EF, c: &EF) -> EF {
        self.count("arithmetic", 1);
        *a * *b + *c
    }

    fn sub_mul(&mut self, a: &EF, b: &EF, c: &EF) -> EF {
        self.count("arithmetic", 1);
        *c - *a * *b
    }

    fn div(&mut self, a: &EF, b: &EF, reason: Reason) -> Checked<Self, EF> {
        self.count("arithmetic", 1);
        Ok(Native.div(a, b, reason).unwrap_or_else(|_| {
            self.failed.push(reason);
            EF::ZERO
        }))
    }

    fn assert_equal(&mut self, expected: &EF, got: &EF, reason: Reason) -> Checked<Self, ()> {
        self.count("assertions", 1);
        if expected != got {
            self.failed.push(reason);
        }
        Ok(())
    }

    fn bit_value(&mut self, bit: &bool) -> EF {
        EF::from_bool(*bit)
    }

    fn select(&mut self, _: &bool, _: &EF, _: &EF) -> EF {
        unreachable!("the front selects nothing")
    }

    fn assert_bit(&mut self, _: &EF, _: Reason) -> Checked<Self, bool> {
        unreachable!("the front has no bits")
    }

    fn constant_digest(&mut self, value: Digest) -> Digest {
        value
    }

    fn assert_same(&mut self, _: &Digest, _: &Digest, _: Reason) -> Checked<Self, ()> {
        unreachable!("the front compares no digests")
    }

    fn node(&mut self, _: &Digest, _: &Digest, _: &bool) -> Digest {
        unreachable!("the front has no trees")
    }

    fn pair(&mut self, _: &Digest, _: &Digest) -> Digest {
        unreachable!("the front has no trees")
    }

    fn entry(&mut self, _: &Vec<Digest>, _: &[bool]) -> Digest {
        unreachable!("the front has no trees")
    }

    fn cap(&mut self, _: &[Digest]) -> Vec<Digest> {
        unreachable!("the front has no trees")
    }

    fn hash(&mut self, mode: HashMode, items: &[Item<Self>], pad_to: usize) -> Digest {
        Native.hash(mode, &native(items), pad_to)
    }

    fn hash_row(&mut self, _: &Vec<F>) -> Digest {
        unreachable!("the front has no rows")
    }

    fn limbs(&mut self, digest: &Digest) -> Vec<EF> {
        self.count("challenges", 1);
        Native.limbs(digest)
    }

    fn words(&mut self, digest: &Digest) -> [u64; 4] {
        Native.words(digest)
    }

    fn word_bits(&mut self, word: &u64, count: usize) -> Vec<bool> {
        Native.word_bits(word, count)
    }
}

impl MultilinearOps for Unstopped {
    fn keyed_hash(&mut self, key: &Digest, items: &[Item<Self>]) -> Digest {
        self.count("compressions", bytes(items).div_ceil(64).max(1));
        Native.keyed_hash(key, &native(items))
    }

    fn row_len(&self, _: &Vec<F>) -> usize {
        unreachable!("the front has no rows")
    }

    fn dot(&mut self, _: &Vec<F>, _: &[EF]) -> EF {
        unreachable!("the front has no rows")
    }

    fn bits(&mut self, _: &EF, _: usize, _: Reason) -> Checked<Self, Vec<bool>> {
        unreachable!("the front has no numbers")
    }
}

/// The same values for this interpreter.
fn imported(proof: &ColumnProof<Native>) -> ColumnProof<Unstopped> {
    let layer = |layer: &LookupLayer<Native>| LookupLayer {
        rounds: layer.rounds.clone(),
        numerators: layer.numerators,
        denominators: layer.denominators,
    };
    let lookup = proof.lookup.as_ref();
    let columns = proof.claims.iter();
    ColumnProof {
        lookup: lookup.map(|lookup| LookupProof {
            work: lookup.work,
            root_denominator: lookup.root_denominator,
            layers: lookup.layers.iter().map(layer).collect(),
        }),
        skip: proof.skip.clone(),
        rounds: proof.rounds.clone(),
        claims: columns.map(|c| ColumnValues { main: c.main.clone(), preprocessed: c.preprocessed.clone() }).collect(),
    }
}

/// Verifies without stopping.
fn run(front: &Front, public_values: &[Vec<EF>], absorbed: &[Digest], proof: &ColumnProof<Unstopped>) -> Unstopped {
    let mut ops = Unstopped::default();
    let (params, seed) = transcript_params();
    let mut transcript = Transcript::new(&mut ops, params, &seed);
    transcript.observe_digests(absorbed);
    front.verify(&mut ops, &mut transcript, public_values, proof).expect("nothing stops it");
    ops
}

fn run_on(statement: &Statement, proof: &Proof) -> Unstopped {
    let front = Front::new(&statement.airs, statement.log_rows, statement.work_bits).expect("usable");
    let public_values: Vec<Vec<EF>> = statement.public_values.iter().map(|v| v.iter().map(|x| (*x).into()).collect()).collect();
    let absorbed: Vec<Digest> = statement.preprocessed().into_iter().chain([proof.p3.commitment.0]).collect();
    run(&front, &public_values, &absorbed, &imported(&ours(&statement.airs, proof)))
}

#[test]
fn steps_do_not_depend_on_values() {
    for (mut statement, traces) in [everything(least_with_lookups()), chains(&[2, 1], 4)] {
        statement.work_bits = 3;
        let proof = statement.prove(&traces);
        let honest = run_on(&statement, &proof);
        assert!(honest.failed.is_empty(), "{:?}", honest.failed);
        let mut changes: Vec<(Proof, Claim)> = vec![];
        let mut change = |claim: Claim, change: &dyn Fn(&mut Proof)| {
            let mut changed = proof.clone();
            change(&mut changed);
            changes.push((changed, claim));
        };
        change(Claim::Constraints, &|p| p.p3.sumcheck.round_polys[2][1] = EF::ZERO);
        if proof.p3.lookup.is_some() {
            change(Claim::RootDenominator, &|p| p.p3.lookup.as_mut().expect("lookups").root_denominator = EF::ZERO);
            change(Claim::LookupLayer { layer: 3 }, &|p| p.p3.lookup.as_mut().expect("lookups").layers[3].claims.d1 = EF::ONE);
            change(Claim::Work(tern_verifier::multilinear::WorkSite::Lookup), &|p| p.work += F::from_u32(3));
        }
        for (changed, claim) in changes {
            let ops = run_on(&statement, &changed);
            assert!(ops.failed.contains(&Reason::Multilinear(claim)), "{claim}: {:?}", ops.failed);
            assert_eq!(ops.counts, honest.counts, "{claim}");
        }
    }
}

#[test]
fn wrong_lengths_do_not_panic() {
    let (statement, traces) = everything(least_with_lookups());
    let proof = statement.prove(&traces);
    let front = Front::new(&statement.airs, statement.log_rows, 0).expect("usable");
    let whole = || imported(&ours(&statement.airs, &proof));
    let empty = || ColumnProof { lookup: None, skip: vec![], rounds: vec![], claims: vec![] };
    let mut cases: Vec<ColumnProof<Unstopped>> = vec![empty()];
    let mut case = |change: &dyn Fn(&mut ColumnProof<Unstopped>)| {
        let mut changed = whole();
        change(&mut changed);
        cases.push(changed);
    };
    case(&|p| p.rounds.truncate(2));
    case(&|p| p.skip.push(EF::ONE));
    case(&|p| p.rounds.iter_mut().for_each(Vec::clear));
    case(&|p| p.rounds.iter_mut().for_each(|values| values.truncate(1)));
    case(&|p| p.rounds.extend_from_within(..));
    case(&|p| p.claims.iter_mut().for_each(|columns| columns.main.clear()));
    case(&|p| p.claims.iter_mut().for_each(|columns| columns.preprocessed.push(EF::ONE)));
    case(&|p| p.claims.truncate(3));
    case(&|p| p.lookup = None);
    case(&|p| p.lookup.as_mut().expect("lookups").layers.clear());
    case(&|p| p.lookup.as_mut().expect("lookups").layers.reverse());
    let public_values = vec![vec![]; 7];
    for (number, proof) in cases.iter().enumerate() {
        let ops = run(&front, &public_values, &[], proof);
        assert!(ops.failed.contains(&Reason::Multilinear(Claim::Shape)), "case {number}");
    }
    let ops = run(&front, &public_values, &[], &whole());
    assert!(ops.failed.contains(&Reason::Multilinear(Claim::Shape)), "no public values");
}

/// A proof of the right lengths, of zeros.
fn blank(shape: &FrontShape) -> ColumnProof<Unstopped> {
    let layer = |above| LookupLayer { rounds: vec![[EF::ZERO; 3]; above], numerators: [EF::ZERO; 2], denominators: [EF::ZERO; 2] };
    let layers = (0..shape.lookup_variables()).map(layer).collect();
    let columns = shape.tables.iter();
    ColumnProof {
        lookup: (shape.messages() > 0).then_some(LookupProof { work: EF::ZERO, root_denominator: EF::ONE, layers }),
        skip: vec![EF::ZERO; shape.skip_coefficients()],
        rounds: vec![vec![EF::ZERO; shape.round_degree()]; shape.rounds()],
        claims: columns.map(|t| ColumnValues { main: EF::zero_vec(t.main), preprocessed: EF::zero_vec(t.preprocessed) }).collect(),
    }
}

/// With a skip as well.
#[test]
fn steps_with_a_skip_do_not_depend_on_values() {
    for case in [super::skip::cases::everything(9), super::skip::cases::chains(&[(2, 512), (1, 7)], 9)] {
        let proof = super::skip::slow::prove(&case, super::skip::slow::HONEST);
        let honest = run(&case.front(), &case.public_values(), &[], &imported(&proof));
        assert!(honest.failed.is_empty(), "{:?}", honest.failed);
        let mut changes: Vec<(Claim, ColumnProof<Unstopped>)> = vec![];
        let mut change = |claim: Claim, change: &dyn Fn(&mut ColumnProof<Unstopped>)| {
            let mut changed = imported(&proof);
            change(&mut changed);
            changes.push((claim, changed));
        };
        change(Claim::Skip, &|p| p.skip[40] = EF::ZERO);
        change(Claim::Skip, &|p| p.skip.iter_mut().for_each(|value| *value = EF::ONE));
        change(Claim::Constraints, &|p| p.rounds[2][1] = EF::ZERO);
        change(Claim::Constraints, &|p| p.claims[0].main[0] += EF::ONE);
        for (claim, changed) in changes {
            let ops = run(&case.front(), &case.public_values(), &[], &changed);
            assert!(ops.failed.contains(&Reason::Multilinear(claim)), "{claim}: {:?}", ops.failed);
            assert_eq!(ops.counts, honest.counts, "{claim}");
        }
        let mut short = imported(&proof);
        short.skip.truncate(31);
        let ops = run(&case.front(), &case.public_values(), &[], &short);
        assert!(ops.failed.contains(&Reason::Multilinear(Claim::Shape)));
        short.skip.clear();
        let ops = run(&case.front(), &case.public_values(), &[], &short);
        assert!(ops.failed.contains(&Reason::Multilinear(Claim::Shape)));
    }
}

/// What verifying the front of a segment and of a recursion proof takes in a circuit.
#[test]
fn operations() {
    let segment = MachineAir::all();
    let recursion = CircuitAir::all();
    let fronts = [
        ("segment", Front::new(&segment, 22, 12).expect("usable")),
        ("segment with a skip", Front::with_skip(&segment, 22, 12).expect("usable")),
        ("recursion", Front::new(&recursion, 20, 12).expect("usable")),
        ("recursion with a skip", Front::with_skip(&recursion, 20, 12).expect("usable")),
    ];
    for (name, front) in &fronts {
        let shape = front.shape();
        let proof = blank(shape);
        assert!(proof.fits(shape));
        let public_values: Vec<Vec<EF>> = shape.tables.iter().map(|table| EF::zero_vec(table.public_values)).collect();
        let ops = run(front, &public_values, &[], &proof);
        println!(
            "{name}: {} messages a row, {} layers, {} rounds of degree {}: {:?}",
            shape.messages(),
            shape.lookup_variables(),
            shape.rounds(),
            shape.round_degree(),
            ops.counts
        );
        // Forms' values are claimed where there is an opening; here they are computed from the columns.
        assert!(ops.counts["compressions"] < 1_000 && ops.counts["arithmetic"] < 65_000);
    }
}
