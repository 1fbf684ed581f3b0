//! Both verifiers on one statement: `p3-multi-stark` proves and judges, ours judges.

use p3_air::BaseAir;
use p3_field::PrimeCharacteristicRing;
use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;
use p3_multi_stark::fractional_gkr::{FractionGkrLayerProof, FractionGkrProof};
use p3_multi_stark::{MultiStarkProof, ProverInstance, ProverInstances, VerifierInstance, VerifierInstances, prove, setup, verify};
use p3_sumcheck::layout::Table;
use tern_field::{EF, F};
use tern_verifier::multilinear::Transcript;
use tern_verifier::multilinear::front::{ColumnProof, ColumnValues, Front, LookupLayer, LookupProof};
use tern_verifier::native::{Failure, Native};

use super::airs::TestAir;
use super::challenger::{Scripted, Step, Work, script, transcript_params};
use super::pcs::{ClearPcs, Config};

/// A proof, with the witness of the proof of work that `p3-multi-stark` has no place for.
#[derive(Clone)]
pub struct Proof {
    pub p3: MultiStarkProof<Config>,
    pub work: F,
}

/// What is proved.
#[derive(Clone)]
pub struct Statement {
    pub airs: Vec<TestAir>,
    pub log_rows: usize,
    pub public_values: Vec<Vec<F>>,
    pub work_bits: usize,
}

/// What both verifiers need besides a proof.
pub struct Verifier {
    key: p3_multi_stark::VerifyingKey<Config>,
    script: Vec<Step>,
    preprocessed: Option<[u8; 32]>,
    pub front: Front,
}

/// The two verdicts.
#[derive(Debug)]
pub struct Verdicts {
    /// Of `p3-multi-stark`, as text, and of the proof of work beside it.
    pub p3: Result<(), String>,
    /// Of our verifier; and the point and claims that it leaves.
    pub ours: Result<Vec<EF>, Failure>,
}

/// The rows in the other order: row `r` becomes row `bitreverse(r)`.
pub fn reversed(trace: &RowMajorMatrix<F>) -> RowMajorMatrix<F> {
    let bits = trace.height().ilog2();
    let row = |r: usize| trace.row_slice(if bits == 0 { r } else { r.reverse_bits() >> (usize::BITS - bits) }).expect("a row").to_vec();
    RowMajorMatrix::new((0..trace.height()).flat_map(row).collect(), trace.width)
}

/// A table of `2^log_rows` rows from its used ones.
pub fn padded(rows: Vec<F>, width: usize, log_rows: usize) -> RowMajorMatrix<F> {
    let mut values = rows;
    assert!(values.len() <= width << log_rows, "{} rows in a table of 2^{log_rows}", values.len() / width);
    values.resize(width << log_rows, F::ZERO);
    RowMajorMatrix::new(values, width)
}

fn config(trusts: bool) -> Config {
    Config { pcs: ClearPcs { trusts } }
}

impl Statement {
    /// A statement without proof of work.
    pub fn new(airs: Vec<TestAir>, log_rows: usize, public_values: Vec<Vec<F>>) -> Self {
        assert!(airs.len() == public_values.len() && airs.iter().zip(&public_values).all(|(air, v)| air.num_public_values() == v.len()));
        Self { airs, log_rows, public_values, work_bits: 0 }
    }

    fn keys(&self) -> (p3_multi_stark::ProvingKey<Config>, p3_multi_stark::VerifyingKey<Config>) {
        let refs: Vec<&TestAir> = self.airs.iter().collect();
        let mut challenger = Scripted::new(vec![Step::Commitment], 0, Work::Search);
        setup(&config(false), &refs, &mut challenger).expect("keys")
    }

    /// Lets `p3-multi-stark` prove it, about tables in our order of rows.
    pub fn prove(&self, traces: &[RowMajorMatrix<F>]) -> Proof {
        let (key, _) = self.keys();
        let instances = self.airs.iter().zip(traces).zip(&self.public_values);
        let instances = instances.map(|((air, trace), values)| {
            assert_eq!((trace.height(), trace.width()), (1 << self.log_rows, air.width()));
            ProverInstance::new(air, Table::new(reversed(trace).transpose()), &key, values)
        });
        let instances = ProverInstances::new(instances.collect());
        let mut challenger = Scripted::new(script(&self.airs, self.log_rows), self.work_bits, Work::Search);
        let p3 = prove(&config(false), instances, 0, &mut challenger).expect("proves");
        assert!(challenger.is_done(), "the script goes on");
        Proof { p3, work: challenger.worked.map_or(F::ZERO, |(witness, _)| witness) }
    }

    /// Both verdicts on a proof. A scheme that trusts lets `p3-multi-stark` take the claims as they
    /// are, as our front does.
    pub fn judge(&self, proof: &Proof, trusts: bool) -> Verdicts {
        self.verifier().judge(self, proof, trusts)
    }

    /// Our verdict; what the opening has to do is not done.
    pub fn judge_ours(&self, proof: &Proof) -> Result<Vec<EF>, Failure> {
        self.verifier().judge_ours(self, proof)
    }

    /// Both verifiers.
    pub fn verifier(&self) -> Verifier {
        Verifier {
            key: self.keys().1,
            script: script(&self.airs, self.log_rows),
            preprocessed: self.preprocessed(),
            front: Front::new(&self.airs, self.log_rows, self.work_bits).expect("tables that can be verified"),
        }
    }

    /// The commitment to the preprocessed columns.
    pub fn preprocessed(&self) -> Option<[u8; 32]> {
        let tables: Vec<_> = self.airs.iter().filter_map(|air| air.preprocessed_trace()).collect();
        if tables.is_empty() {
            return None;
        }
        let tables: Vec<Table<F>> = tables.iter().map(|table| Table::new(table.transpose())).collect();
        let mut challenger = Scripted::new(vec![Step::Commitment], 0, Work::Search);
        let (commitment, _) = p3_commit::MultilinearPcs::commit(&config(false).pcs, tables, &mut challenger).expect("commits");
        Some(commitment.0)
    }
}

impl Verifier {
    /// [`Statement::judge`] for a statement that differs in its public values only.
    pub fn judge(&self, statement: &Statement, proof: &Proof, trusts: bool) -> Verdicts {
        Verdicts { p3: self.judge_p3(statement, proof, trusts), ours: self.judge_ours(statement, proof) }
    }

    /// The other verifier's verdict.
    pub fn judge_p3(&self, statement: &Statement, proof: &Proof, trusts: bool) -> Result<(), String> {
        let instances = statement.airs.iter().zip(&statement.public_values);
        let instances = instances.map(|(air, values)| VerifierInstance::new(air, &self.key, statement.log_rows, values)).collect();
        let mut challenger = Scripted::new(self.script.clone(), statement.work_bits, Work::Given(proof.work));
        verify(&config(trusts), VerifierInstances::new(instances), &proof.p3, 0, &mut challenger).map_err(|error| error.to_string())?;
        assert!(challenger.is_done() && !challenger.gave_up, "accepts before the script is done");
        match challenger.worked {
            Some((_, false)) => Err("proof of work".into()),
            _ => Ok(()),
        }
    }

    fn judge_ours(&self, statement: &Statement, proof: &Proof) -> Result<Vec<EF>, Failure> {
        let ops = &mut Native;
        let (params, seed) = transcript_params();
        let mut transcript = Transcript::new(ops, params, &seed);
        transcript.observe_digests(self.preprocessed.as_slice());
        transcript.observe_digests(&[proof.p3.commitment.0]);
        let public_values: Vec<Vec<EF>> = statement.public_values.iter().map(|v| v.iter().map(|x| (*x).into()).collect()).collect();
        let reduction = self.front.verify(ops, &mut transcript, &public_values, &ours(&statement.airs, proof))?;
        Ok(reduction.row_point().to_vec())
    }
}

/// The lookups' part in our form.
pub fn our_lookup(lookup: &FractionGkrProof<EF>, work: F) -> LookupProof<Native> {
    let layer = |layer: &FractionGkrLayerProof<EF>| LookupLayer {
        rounds: layer.round_polys.clone(),
        numerators: [layer.claims.n0, layer.claims.n1],
        denominators: [layer.claims.d0, layer.claims.d1],
    };
    LookupProof { work: work.into(), root_denominator: lookup.root_denominator, layers: lookup.layers.iter().map(layer).collect() }
}

/// A proof in our form. Lists keep their lengths, be they right or wrong; the sum that the
/// zerocheck starts from is not a value of ours.
pub fn ours(airs: &[TestAir], proof: &Proof) -> ColumnProof<Native> {
    let lookup = proof.p3.lookup.as_ref().map(|lookup| our_lookup(lookup, proof.work));
    let mut fixed = proof.p3.preprocessed_opening.iter().flat_map(|opening| &opening.values);
    let mut fixed =
        airs.iter().map(|air| if air.preprocessed_width() == 0 { vec![] } else { fixed.next().map_or(vec![], |v| v.current().to_vec()) });
    let columns = proof.p3.opening.values.iter();
    let columns = columns.map(|values| ColumnValues { main: values.current().to_vec(), preprocessed: fixed.next().unwrap_or_default() });
    ColumnProof { lookup, skip: vec![], rounds: proof.p3.sumcheck.round_polys.clone(), claims: columns.collect() }
}

/// Asserts that both accept, and that the claims are the columns' values at the point, by rows in
/// our order.
pub fn assert_accepted(statement: &Statement, traces: &[RowMajorMatrix<F>], proof: &Proof) {
    let verdicts = statement.judge(proof, false);
    verdicts.p3.as_ref().unwrap_or_else(|error| panic!("p3-multi-stark: {error}"));
    let point = verdicts.ours.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(point.len(), statement.log_rows);
    let weights = (0..1_usize << statement.log_rows).map(|row| {
        let factor = |(i, x): (usize, &EF)| if row >> i & 1 == 1 { *x } else { EF::ONE - *x };
        point.iter().enumerate().map(factor).product::<EF>()
    });
    let weights: Vec<EF> = weights.collect();
    let claims = ours(&statement.airs, proof).claims;
    for ((air, trace), claims) in statement.airs.iter().zip(traces).zip(&claims) {
        let value = |trace: &RowMajorMatrix<F>, column: usize| -> EF {
            let cells = trace.values.iter().skip(column).step_by(trace.width);
            cells.zip(&weights).map(|(cell, weight)| *weight * *cell).sum()
        };
        let main: Vec<EF> = (0..trace.width).map(|column| value(trace, column)).collect();
        assert_eq!(main, claims.main);
        let fixed = air.preprocessed_trace().map(|trace| reversed(&trace));
        let fixed = fixed.map_or(vec![], |trace| (0..trace.width).map(|column| value(&trace, column)).collect());
        assert_eq!(fixed, claims.preprocessed);
    }
}
