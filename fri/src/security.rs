//! Security accounting: every error term of a proof under given parameters, in bits.
//!
//! The conjectured figure is `p3-security`'s: FRI's queries under the random-words conjecture
//! (<https://eprint.iacr.org/2025/2010>, section 1.5), every other round at its proven error with
//! a list of size one, the smallest term of all. Beside it stand the figures that are proven: in the
//! unique-decoding regime, and up to the Johnson bound.

use alloc::vec::Vec;
use core::fmt;

use p3_batch_stark::num_batched_openings;
use p3_security::error::ErrorBits;
use p3_security::fri::FriRegime;
use p3_security::grinding::GrindingSites;
use p3_security::logup::{self, LogUpAir};
use p3_security::shape::{InstanceShape, StarkAirParams};
use p3_security::stark::{conjectured_security_report, proven_security_report};
use p3_security::{Regime, RegimeReport, SecurityTerm};
use p3_uni_stark::OpeningShape;
use serde::Serialize;
use tern_field::EXTENSION_DEGREE;
use tern_field::poseidon2::DIGEST_LEN;

use crate::params::Params;
use crate::shape::RelationShape;

/// Bits of conjectured security that every layer must have.
pub const REQUIRED_BITS: f64 = 128.0;

/// Size of the challenge field in bits, rounded down: `5 * log2(2^31 - 2^27 + 1) = 154.5`.
const CHALLENGE_FIELD_BITS: usize = 154;

/// Collision resistance of BLAKE3 in bits: half of its digest.
const BLAKE3_COLLISION_BITS: usize = 128;

/// Size of the base field in bits: `log2(2^31 - 2^27 + 1)`.
const BASE_FIELD_BITS: f64 = 30.906_890_595_608_52;

/// Label of the term for collisions in the guest's memory tree.
pub const MEMORY_TREE_LABEL: &str = "memory-tree-collision";

/// One error source.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Term {
    /// What can go wrong.
    pub source: &'static str,
    /// Negated base-2 logarithm of its probability, proof of work included.
    pub bits: f64,
}

/// Every error source in one proximity regime.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RegimeBits {
    /// Attained security: the smallest term.
    pub bits: f64,
    /// Source of the smallest term.
    pub binding: &'static str,
    /// The proximity parameter `m` of the Johnson bound, where it applies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub johnson_m: Option<usize>,
    /// Every term.
    pub terms: Vec<Term>,
}

/// The security of one layer of proofs at its largest shape.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LayerSecurity {
    /// The parameters.
    pub params: Params,
    /// Base-2 logarithm of the tallest table's height.
    pub max_log_height: usize,
    /// Committed columns that are batched into one low-degree test, counted once per opening point.
    pub batched_openings: usize,
    /// Interactions over all rows of all tables.
    pub total_interactions: u64,
    /// Under the random-words conjecture: the figure that must reach [`REQUIRED_BITS`].
    pub conjectured: RegimeBits,
    /// Proven, in the unique-decoding regime.
    pub proven_unique_decoding: RegimeBits,
    /// Proven, up to the Johnson bound; absent where no proximity parameter is admissible.
    pub proven_johnson: Option<RegimeBits>,
}

impl LayerSecurity {
    /// Computes every term for proofs of any relation of `shape` under `params`.
    #[must_use]
    pub fn new(params: &Params, shape: &RelationShape) -> Self {
        Self::with_terms(params, shape, &[])
    }

    /// Computes every term for proofs of segments, whose statements name memories by their roots.
    #[must_use]
    pub fn of_segment(params: &Params, shape: &RelationShape) -> Self {
        Self::with_terms(params, shape, &[memory_tree_term()])
    }

    fn with_terms(params: &Params, shape: &RelationShape, terms: &[SecurityTerm]) -> Self {
        let fri = fri_regime(params);
        let grinding = grinding_sites(params);
        let air = air_params(shape);
        let instance = InstanceShape {
            log_trace_length: shape.max_log_height(),
            modulus_bits: CHALLENGE_FIELD_BITS,
            collision_resistance: BLAKE3_COLLISION_BITS,
            num_batched_functions: batched_openings(shape),
        };
        let lookups = logup::security_term(&logup_air(shape), &instance, &grinding);
        let extras: Vec<SecurityTerm> = lookups.into_iter().chain(terms.iter().copied()).collect();
        let conjectured = conjectured_security_report(&fri, &air, &instance, &extras, &grinding);
        let proven = proven_security_report(&fri, &air, &instance, &extras, &grinding);
        Self {
            params: *params,
            max_log_height: instance.log_trace_length,
            batched_openings: instance.num_batched_functions,
            total_interactions: total_interactions(shape),
            conjectured: RegimeBits::new(&conjectured),
            proven_unique_decoding: RegimeBits::new(&proven.udr),
            proven_johnson: proven.ldr.as_ref().map(RegimeBits::new),
        }
    }

    /// Whether the conjectured security reaches [`REQUIRED_BITS`].
    #[must_use]
    pub fn is_sufficient(&self) -> bool {
        self.conjectured.bits >= REQUIRED_BITS
    }

    /// The better of the two proven figures.
    #[must_use]
    pub fn proven_bits(&self) -> f64 {
        let johnson = self.proven_johnson.as_ref().map_or(0.0, |regime| regime.bits);
        self.proven_unique_decoding.bits.max(johnson)
    }
}

/// One line for each regime, then one for each of its terms.
impl fmt::Display for LayerSecurity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{}: tables up to 2^{} rows, {} openings, {} interactions",
            self.params.name, self.max_log_height, self.batched_openings, self.total_interactions
        )?;
        let regimes = [
            ("conjectured", Some(&self.conjectured)),
            ("proven, unique decoding", Some(&self.proven_unique_decoding)),
            ("proven, Johnson bound", self.proven_johnson.as_ref()),
        ];
        for (name, regime) in regimes {
            let Some(regime) = regime else { continue };
            writeln!(f, "  {name}: {:.1} bits ({})", regime.bits, regime.binding)?;
            for term in &regime.terms {
                writeln!(f, "    {:7.2}  {}", term.bits, term.source)?;
            }
        }
        Ok(())
    }
}

impl RegimeBits {
    fn new(report: &RegimeReport) -> Self {
        let terms = report.terms().iter().map(|term| Term { source: term.label, bits: term.bits.bits() });
        Self {
            bits: report.security_bits(),
            binding: report.binding().label,
            johnson_m: match report.regime {
                Regime::ListDecoding { m } => Some(m),
                _ => None,
            },
            terms: terms.collect(),
        }
    }
}

const fn fri_regime(params: &Params) -> FriRegime {
    FriRegime {
        log_blowup: params.log_blowup,
        num_queries: params.num_queries,
        log_final_poly_len: params.log_final_poly_len,
        max_log_arity: params.max_log_arity,
        commit_pow_bits: params.commit_pow_bits,
        query_pow_bits: params.query_pow_bits,
    }
}

const fn grinding_sites(params: &Params) -> GrindingSites {
    GrindingSites { out_of_domain: params.ood_pow_bits, batch_combination: params.batch_pow_bits, lookup_challenge: params.lookup_pow_bits }
}

/// The batch as one AIR: the constraints of all tables, the worst degree of any.
fn air_params(shape: &RelationShape) -> StarkAirParams {
    let tables = || shape.tables.iter();
    StarkAirParams {
        num_constraints: tables().map(|t| t.constraints).sum::<usize>().max(1),
        max_constraint_degree: tables().map(|t| t.constraint_degree).max().unwrap_or(1),
        num_quotient_chunks: tables().map(|t| t.quotient_chunks()).max().unwrap_or(1),
        max_combo: 2,
    }
}

fn batched_openings(shape: &RelationShape) -> usize {
    let openings = shape.tables.iter().map(|table| {
        num_batched_openings(
            table.main_width,
            table.reads_next_main,
            table.preprocessed_width,
            table.reads_next_preprocessed,
            table.quotient_chunks(),
            table.lookup_columns,
            EXTENSION_DEGREE,
            OpeningShape::TwoAdic,
        )
    });
    openings.sum()
}

fn total_interactions(shape: &RelationShape) -> u64 {
    let interactions = shape.tables.iter().map(|table| (table.interactions as u64) << table.log_height);
    interactions.sum()
}

/// The lookups of all tables as those of one table of the largest height, rounded up.
fn logup_air(shape: &RelationShape) -> LogUpAir {
    let rows = 1 << shape.max_log_height();
    let widths = shape.tables.iter().map(|table| table.message_width);
    LogUpAir { num_interactions: total_interactions(shape).div_ceil(rows) as usize, max_message_width: widths.max().unwrap_or(0) }
}

/// A collision in the memory tree would give two memories one root: half of the digest's bits.
fn memory_tree_term() -> SecurityTerm {
    let bits = DIGEST_LEN as f64 * BASE_FIELD_BITS / 2.0;
    SecurityTerm::new(MEMORY_TREE_LABEL, ErrorBits::from_log2(bits))
}

#[cfg(test)]
mod tests {
    extern crate std;

    use alloc::string::ToString;
    use alloc::vec;

    use super::*;
    use crate::params::{FINAL_PROVEN_V1, FINAL_V1, RECURSION_V1, SEGMENT_V1};
    use crate::shape::TableShape;

    fn table(name: &str, log_height: usize, main_width: usize, interactions: usize) -> TableShape {
        TableShape {
            name: name.to_string(),
            log_height,
            main_width,
            reads_next_main: false,
            preprocessed_width: 0,
            reads_next_preprocessed: false,
            public_values: 0,
            lookup_columns: interactions.div_ceil(2),
            interactions,
            message_width: 12,
            constraints: main_width,
            constraint_degree: 3,
            log_quotient_chunks: 1,
        }
    }

    /// Wider and taller than any segment that fits into the memory of a large machine.
    fn largest_plausible() -> RelationShape {
        RelationShape {
            tables: vec![
                table("add-sub", 22, 60, 18),
                table("branch", 22, 60, 18),
                table("load-store", 22, 80, 24),
                table("mul-div", 20, 120, 40),
                table("memory-tree", 18, 600, 8),
                table("keccak", 19, 2800, 60),
                table("modmul", 19, 900, 400),
                table("bytes", 16, 8, 8),
            ],
        }
    }

    fn report(shape: &RelationShape) -> LayerSecurity {
        LayerSecurity::of_segment(&SEGMENT_V1, shape)
    }

    fn bits_of(regime: &RegimeBits, source: &str) -> f64 {
        let term = regime.terms.iter().find(|term| term.source == source);
        term.expect("the regime has this term").bits
    }

    #[test]
    fn segment_parameters_reach_128_bits_at_a_shape_beyond_use() {
        let report = report(&largest_plausible());
        std::println!("{report}");
        for term in &report.conjectured.terms {
            assert!(term.bits >= REQUIRED_BITS, "{term:?}");
        }
        assert!(report.is_sufficient(), "{report:?}");
        assert!(report.proven_bits() > 60.0, "{report:?}");
    }

    /// More columns, messages and rows than a circuit that checks proofs has.
    fn largest_circuit(log_rows: usize) -> RelationShape {
        let mut tables = vec![
            table("rounds", log_rows, 500, 160),
            table("compress", log_rows, 200, 60),
            table("alu", log_rows, 160, 32),
            table("half", log_rows, 80, 40),
            table("bytes", 16, 8, 8),
        ];
        for table in &mut tables {
            table.message_width = 18;
            table.constraint_degree = 9;
            table.log_quotient_chunks = 3;
        }
        RelationShape { tables }
    }

    #[test]
    fn parameters_of_recursion_reach_128_bits_at_shapes_beyond_use() {
        for (params, log_rows) in [(RECURSION_V1, 20), (FINAL_V1, 18), (FINAL_PROVEN_V1, 17)] {
            let report = LayerSecurity::new(&params, &largest_circuit(log_rows));
            std::println!("{report}");
            assert!(report.is_sufficient(), "{report}");
            assert!(report.conjectured.terms.iter().all(|term| term.source != MEMORY_TREE_LABEL));
        }
    }

    #[test]
    fn the_proven_set_needs_no_conjecture_up_to_the_johnson_bound() {
        let report = LayerSecurity::new(&FINAL_PROVEN_V1, &largest_circuit(17));
        let johnson = report.proven_johnson.expect("there is an admissible parameter");
        assert!(johnson.bits >= REQUIRED_BITS, "{johnson:?}");
    }

    #[test]
    fn lookups_weigh_as_much_as_there_are() {
        let few = report(&largest_plausible());
        let mut shape = largest_plausible();
        for table in &mut shape.tables {
            table.interactions *= 16;
        }
        let many = report(&shape);
        let lost = bits_of(&few.conjectured, logup::LOGUP_LABEL) - bits_of(&many.conjectured, logup::LOGUP_LABEL);
        assert!((3.8..=4.2).contains(&lost), "{lost}");
        assert!(!many.is_sufficient());
    }

    #[test]
    fn the_memory_tree_has_139_bits() {
        let report = report(&largest_plausible());
        let bits = bits_of(&report.conjectured, MEMORY_TREE_LABEL);
        assert!((139.0..139.2).contains(&bits), "{bits}");
    }
}
