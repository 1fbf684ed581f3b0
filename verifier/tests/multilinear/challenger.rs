//! Our transcript behind Plonky3's traits: it plays a script of what `p3-multi-stark` absorbs and
//! draws, leaves out that crate's seeds, which it compares with those recomputed from the public
//! shapes, and puts in the proof of work before the lookups. Anything that the script does not say
//! panics.

use std::sync::Arc;

use p3_air::{AirLayout, BaseAir};
use p3_challenger::{CanObserve, CanSample, CanSampleBits, CanSampleUniformBits, FieldChallenger, GrindingChallenger, ResamplingError};
use p3_field::PrimeCharacteristicRing;
use p3_lookup::InteractionSymbolicBuilder;
use p3_multi_stark::fractional_gkr::FractionGkrShape;
use p3_multi_stark::lookup::LookupPlan;
use p3_multi_stark::lookup::transcript::LookupShape;
use p3_multi_stark::rounds::AirDegrees;
use p3_multi_stark::transcript::MultiStarkShape;
use p3_multi_stark::zerocheck::transcript::ZerocheckShape;
use p3_sumcheck::generic_degree::GenericDegreeShape;
use tern_field::{EF, EXTENSION_DEGREE, F};
use tern_fri::multilinear::Transcript;

use super::airs::TestAir;
use super::pcs::Committed;

/// One step of a script.
#[derive(Clone, Debug)]
pub enum Step {
    /// These elements are absorbed, and left out.
    Seed(Vec<F>),
    /// A commitment.
    Commitment,
    /// So many base elements are absorbed.
    Observe(usize),
    /// So many base elements are drawn.
    Sample(usize),
    /// Proof of work is put in.
    Work,
}

/// Where the witness of the proof of work comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    Search,
    Given(F),
}

/// The challenger.
#[derive(Clone, Debug)]
pub struct Scripted {
    transcript: Transcript,
    script: Arc<Vec<Step>>,
    /// The step being played and how much of it has been.
    at: (usize, usize),
    bits: usize,
    work: Work,
    /// The witness, once the work is done, and whether it passes.
    pub worked: Option<(F, bool)>,
    /// Whether a draw came where a part should have begun. `p3-multi-stark` draws the challenge
    /// behind the lookups' layers although it has rejected these before their first step; it gets
    /// anything, and must reject.
    pub gave_up: bool,
}

/// Collects a seed.
#[derive(Default)]
struct Recorder(Vec<F>);

impl CanObserve<F> for Recorder {
    fn observe(&mut self, value: F) {
        self.0.push(value);
    }
}

/// The script of a proof about these tables of `2^log_rows` rows, from the sizes that
/// `p3-multi-stark` computes.
pub fn script(airs: &[TestAir], log_rows: usize) -> Vec<Step> {
    let airs: Vec<&TestAir> = airs.iter().collect();
    let heights = vec![log_rows; airs.len()];
    let degrees: Vec<AirDegrees> = airs.iter().map(|air| degrees(air)).collect();
    let plan = LookupPlan::<F>::build::<EF, _>(&airs, &heights).expect("the counts fit").map(|plan| LookupShape::new(&plan));
    let variables = plan.as_ref().map_or(0, |plan| plan.num_variables);
    let element = EXTENSION_DEGREE;
    let seed = |seed: &dyn Fn(&mut Recorder)| {
        let mut recorder = Recorder::default();
        seed(&mut recorder);
        Step::Seed(recorder.0)
    };
    let statement = MultiStarkShape::new::<F, TestAir>(&airs, &heights, 0, false, false);
    let mut script = vec![seed(&|r| statement.domain_separator::<F>().seed(r))];
    script.extend(statement.has_preprocessed().then_some(Step::Commitment));
    script.push(Step::Commitment);
    script.push(Step::Observe(airs.iter().map(|air| air.num_public_values()).sum()));
    if let Some(plan) = plan {
        script.extend([seed(&|r| plan.domain_separator::<F, EF>().seed(r)), Step::Work, Step::Sample(2 * element)]);
        let shape = FractionGkrShape { num_variables: variables };
        script.extend([seed(&|r| shape.domain_separator::<F, EF>().seed(r)), Step::Observe(element)]);
        for layer in 0..variables {
            script.push(Step::Sample(element));
            script.extend((0..layer).flat_map(|_| [Step::Observe(3 * element), Step::Sample(element)]));
            script.extend([Step::Observe(4 * element), Step::Sample(element)]);
        }
        script.push(Step::Sample(element));
    }
    let rounds = log_rows.max(variables);
    let zerocheck = ZerocheckShape::new(&degrees, rounds, variables, 0);
    let challenges = if variables == 0 { 2 + log_rows } else { 3 };
    script.extend([seed(&|r| zerocheck.domain_separator::<F, EF>().seed(r)), Step::Sample(challenges * element)]);
    let degree = degrees.iter().map(|degrees| degrees.max()).max().expect("a table") + 1;
    let sumcheck = GenericDegreeShape::new(rounds, degree, 0);
    script.extend([seed(&|r| sumcheck.domain_separator::<F, EF>().seed(r)), Step::Observe(element)]);
    script.extend((0..rounds).flat_map(|_| [Step::Observe(degree * element), Step::Sample(element)]));
    script
}

/// The degrees of a table's constraints and messages: what `p3-multi-stark` keeps to itself.
fn degrees(air: &TestAir) -> AirDegrees {
    let builder = InteractionSymbolicBuilder::<F, EF>::from_air(air, AirLayout::from_air::<F>(air));
    let of = |expression: &p3_air::SymbolicExpression<F>| expression.poly_degree(2, &[]);
    let stated = builder.base_constraints().iter().map(of).max();
    let shared = builder.global_interactions().iter().flat_map(|x| x.fields.iter().map(of).chain([of(&x.count)]));
    let own = builder.local_interactions().iter().flat_map(|x| &x.tuples);
    let own = own.flat_map(|(fields, count)| fields.iter().map(of).chain([of(&count.clone().into_parts().0)]));
    AirDegrees {
        constraints: stated.map_or(0, |degree| degree.max(air.max_constraint_degree().unwrap_or(0))),
        interactions: shared.chain(own).max().unwrap_or(0),
    }
}

/// A transcript as the proof's own verifier starts it.
pub fn transcript_params() -> (&'static [u8], [u8; 32]) {
    (b"front", [5; 32])
}

impl Scripted {
    /// Starts the script, with `bits` bits of proof of work in it.
    pub fn new(script: Vec<Step>, bits: usize, work: Work) -> Self {
        let (params, seed) = transcript_params();
        Self { transcript: Transcript::new(params, &seed), script: Arc::new(script), at: (0, 0), bits, work, worked: None, gave_up: false }
    }

    /// Whether every step has been played.
    pub fn is_done(&self) -> bool {
        self.script[self.at.0..].iter().all(|step| matches!(step, Step::Observe(0)))
    }

    /// The step that is next, with how much of it has been played.
    fn next(&mut self) -> (Step, usize) {
        loop {
            let step = self.script.get(self.at.0).unwrap_or_else(|| panic!("a step after the last"));
            match step {
                Step::Observe(0) => self.at = (self.at.0 + 1, 0),
                Step::Work => {
                    self.do_work();
                    self.at = (self.at.0 + 1, 0);
                }
                step => return (step.clone(), self.at.1),
            }
        }
    }

    /// Notes that one element of a step of `len` has been played.
    fn played(&mut self, len: usize) {
        let (step, done) = self.at;
        self.at = if done + 1 == len { (step + 1, 0) } else { (step, done + 1) };
    }

    fn do_work(&mut self) {
        if self.bits == 0 {
            let witness = if let Work::Given(witness) = self.work { witness } else { F::ZERO };
            self.worked = Some((witness, witness == F::ZERO));
            return;
        }
        let passes = |witness: &F| self.transcript.clone().check_work(self.bits, *witness);
        let witness = match self.work {
            Work::Search => (0..).map(F::from_u32).find(passes).expect("a witness"),
            Work::Given(witness) => witness,
        };
        self.worked = Some((witness, self.transcript.check_work(self.bits, witness)));
    }
}

impl CanObserve<F> for Scripted {
    fn observe(&mut self, value: F) {
        match self.next() {
            (Step::Seed(elements), at) => {
                assert_eq!(elements[at], value, "element {at} of the seed in step {}", self.at.0);
                self.played(elements.len());
            }
            (Step::Observe(len), _) => {
                self.transcript.observe_base(&[value]);
                self.played(len);
            }
            (step, at) => panic!("absorbs an element in step {}, {at} elements into {step:?}", self.at.0),
        }
    }
}

impl CanObserve<Committed> for Scripted {
    fn observe(&mut self, value: Committed) {
        let (step, _) = self.next();
        assert!(matches!(step, Step::Commitment), "absorbs a commitment in step {}: {step:?}", self.at.0);
        self.transcript.observe_digests(&[value.0]);
        self.played(1);
    }
}

impl CanSample<F> for Scripted {
    fn sample(&mut self) -> F {
        let (step, at) = self.next();
        let len = match step {
            Step::Sample(len) => len,
            Step::Seed(_) if at == 0 => {
                self.gave_up = true;
                return F::ONE;
            }
            step => panic!("draws in step {}: {step:?}", self.at.0),
        };
        self.played(len);
        self.transcript.sample()
    }
}

impl CanSampleBits<usize> for Scripted {
    fn sample_bits(&mut self, _: usize) -> usize {
        panic!("draws bits")
    }
}

impl CanSampleUniformBits<F> for Scripted {
    fn sample_uniform_bits<const RESAMPLE: bool>(&mut self, _: usize) -> Result<usize, ResamplingError> {
        panic!("draws bits")
    }
}

impl FieldChallenger<F> for Scripted {}

impl GrindingChallenger for Scripted {
    type Witness = F;

    fn grind(&mut self, _: usize) -> F {
        panic!("grinds")
    }
}
