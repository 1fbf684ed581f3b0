//! Security accounting of version 2: every error term of a proof, without a conjecture.
//!
//! The opening is list decoding up to the Johnson bound: with the parameter `m`, candidates are the
//! codewords that agree with a word in more than `alpha = sqrt(rho) (1 + 1 / 2m)` of the places,
//! and there are at most `L = (m + 1/2) / sqrt(rho)` of them (Guruswami and Sudan). A claim is
//! violated if every candidate violates it, so each challenge's error is charged for each
//! candidate. A challenge that folds words may besides make a word agree with a codeword that does
//! not come from its halves: that is what proximity gaps bound, by the number `C` of such
//! challenges, for lines and any set of places. Two bounds on it are taken, and both must give the
//! target:
//!
//! - [`Bound::Bchks25`]: Ben-Sasson, Carmon, Haböck, Kopparty, Saraf, *On Proximity Gaps for
//!   Reed-Solomon Codes* (<https://eprint.iacr.org/2025/2055>), as the Ethereum Foundation's
//!   calculator computes it;
//! - [`Bound::Dkt26`]: the newest theorem in `p3-security`,
//!   [`SecurityAssumption::prox_gaps_error_jb_at_m`].
//!
//! [`Bound::RandomWords`] stands beside them for comparison with what is published elsewhere. It is
//! a conjecture, and no figure of this crate rests on it: lists of one codeword, and queries that
//! meet an error as often as a random word over the field of the evaluation points has one
//! ([`conjectured_agreement`]).
//!
//! The figure is the union of all terms; the collision resistance of BLAKE3, 128 bits, stands beside it.

use alloc::vec::Vec;
use core::fmt;

use p3_security::SecurityAssumption;
use serde::Serialize;
use tern_field::EXTENSION_DEGREE;

use super::params::Params;
use crate::security::{BASE_FIELD_BITS, Term, conjectured_agreement};

/// Size of the challenge field in bits: `5 log2(2^31 - 2^27 + 1)`.
const FIELD_BITS: f64 = EXTENSION_DEGREE as f64 * BASE_FIELD_BITS;

/// A bound on how many codewords a word is near to, and on the number of challenges that make it so
/// by accident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Bound {
    /// Ben-Sasson, Carmon, Haböck, Kopparty and Saraf 2025.
    Bchks25,
    /// The bound of `p3-security` 0.8.
    Dkt26,
    /// None: a conjecture.
    RandomWords,
}

impl Bound {
    /// Those that are proven.
    pub const PROVEN: [Self; 2] = [Self::Bchks25, Self::Dkt26];
}

/// What the terms of a layer's front depend on, at its largest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct FrontSize {
    /// Row variables of all tables.
    pub row_variables: usize,
    /// Number of tables.
    pub tables: usize,
    /// Constraints of the table that has most.
    pub constraints: usize,
    /// Largest degree of a round's polynomial of the zerocheck.
    pub degree: usize,
    /// Messages over all rows.
    pub messages: u64,
    /// Elements of the longest message, its tag included.
    pub message_width: usize,
    /// Layers of the lookups' tree: variables of a message's address.
    pub layers: usize,
    /// Row bits that the constraints' first round binds at once.
    pub skip_bits: usize,
    /// Coordinates of the point at which Keccak's outputs are claimed, if a layer has that argument.
    pub keccak_calls: Option<usize>,
}

/// What the terms of an opening depend on besides the parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct OpeningSize {
    /// Base-2 logarithm of the number of rows.
    pub log_rows: usize,
    /// Variables of the columns of all matrices.
    pub column_variables: usize,
    /// Base-2 logarithm of the last polynomial's length.
    pub log_last: usize,
    /// Claimed values.
    pub claims: usize,
}

/// Every error source of a layer under one theorem.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Accounting {
    /// What the terms rest on.
    pub bound: Bound,
    /// The negated base-2 logarithm of the sum of all terms.
    pub bits: f64,
    /// The terms, each of all challenges of its kind together.
    pub terms: Vec<Term>,
}

impl Accounting {
    /// The accounting of a layer.
    #[must_use]
    pub fn new(params: &Params, front: &FrontSize, opening: &OpeningSize, bound: Bound) -> Self {
        let mut terms = front_terms(params, front, bound);
        terms.extend(opening_terms(params, opening, bound));
        Self { bound, bits: union(&terms), terms }
    }
}

impl fmt::Display for Accounting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:?}: {:.1} bits", self.bound, self.bits)?;
        self.terms.iter().try_for_each(|term| writeln!(f, "  {:7.2}  {}", term.bits, term.source))
    }
}

/// The terms before the opening. Each is charged for every candidate.
fn front_terms(params: &Params, size: &FrontSize, bound: Bound) -> Vec<Term> {
    let charged = |log_challenges: f64| charged(params, log_challenges, bound);
    let term = |source, challenges: f64, work: usize| Term { source, bits: charged(libm::log2(challenges)) + work as f64 };
    let messages = libm::log2(size.messages as f64) + libm::log2(size.message_width as f64 + 2.0);
    // A layer batches two claims, has a round of degree three for each variable above it, and picks
    // a child.
    let layers = size.layers as f64;
    let lookup_rounds = layers * (layers - 1.0) / 2.0;
    // All of a point's variables, of messages too, have a round of the full degree. A first round
    // over several bits has the constraints' degree in a domain of so many places.
    let rounds = size.layers.max(size.row_variables) - size.skip_bits;
    let skipped = (1 << size.skip_bits) - 1;
    let mut terms = alloc::vec![
        Term { source: "lookups: fingerprints", bits: charged(messages) + params.lookup_pow_bits as f64 },
        term("lookups: layers", 2.0 * layers + 3.0 * lookup_rounds, 0),
        // Powers over a table's constraints, over tables, and the two challenges that tie the messages in.
        term("constraints: batching", (size.constraints + size.tables + 2) as f64, 0),
        term("constraints: point", size.row_variables as f64, 0),
        term("constraints: rounds", (rounds * (size.degree + 1) + skipped * size.degree) as f64, 0),
    ];
    if let Some(calls) = size.keccak_calls {
        terms.push(term("keccak", keccak_degrees(calls) as f64, 0));
    }
    terms
}

/// The degrees of all challenges of Keccak's argument, with its first rounds over sixteen
/// instances, for `2^calls` calls (`super::keccak`): twelve rounds of three layers, and the ties to
/// the tables: of limbs, three polynomials in the point over the calls and in the challenge that
/// weighs limbs, and the powers that batch 29 claims, with room.
const fn keccak_degrees(calls: usize) -> usize {
    // Over the calls, less the four bits of the first round. Over positions, which parts are among:
    // seven variables.
    let instances = calls.saturating_sub(4);
    let products = 45 + 3 * instances + 4 * 7;
    let parities = 75 + 5 * instances + 6 * 7;
    let round = 2 * products + parities + 24 + 34 + 24;
    let limbs = 100 + calls;
    12 * round + 3 * limbs + 64
}

/// The terms of the opening.
#[must_use]
pub fn opening_terms(params: &Params, size: &OpeningSize, bound: Bound) -> Vec<Term> {
    let fold = |log_dimension: usize, work: usize| {
        let lists = 1.0 + log2_list(params, bound);
        error(&[FIELD_BITS - lists, FIELD_BITS - log2_exceptional(params, log_dimension, bound)]) + work as f64
    };
    let columns = fold(size.log_rows, params.column_pow_bits) - libm::log2(size.column_variables as f64);
    let rows: Vec<f64> = (size.log_last..size.log_rows).map(|dimension| fold(dimension, params.row_pow_bits)).collect();
    let per_query = match bound {
        Bound::RandomWords => -libm::log2(conjectured_agreement(params.log_blowup, BASE_FIELD_BITS)),
        Bound::Bchks25 | Bound::Dkt26 => -libm::log2(1.0 + 0.5 / params.list_parameter as f64) + params.log_blowup as f64 / 2.0,
    };
    let mut terms = alloc::vec![
        Term { source: "opening: claims", bits: charged(params, libm::log2(size.claims as f64), bound) },
        Term { source: "opening: columns", bits: columns },
        Term { source: "opening: queries", bits: params.num_queries as f64 * per_query + params.query_pow_bits as f64 },
    ];
    if !rows.is_empty() {
        terms.push(Term { source: "opening: rows", bits: error(&rows) });
    }
    if size.log_last > 0 {
        terms.push(Term { source: "opening: last polynomial", bits: FIELD_BITS - libm::log2(2.0 * size.log_last as f64) });
    }
    terms
}

/// The union of terms.
#[must_use]
pub fn union(terms: &[Term]) -> f64 {
    error(&terms.iter().map(|term| term.bits).collect::<Vec<_>>())
}

/// The negated logarithm of a sum of probabilities, each given so.
fn error(bits: &[f64]) -> f64 {
    -libm::log2(bits.iter().map(|bits| libm::exp2(-bits)).sum())
}

/// The error of `2^log_challenges` bad challenges for each candidate.
fn charged(params: &Params, log_challenges: f64, bound: Bound) -> f64 {
    FIELD_BITS - log_challenges - log2_list(params, bound)
}

/// `L = (m + 1/2) / sqrt(rho)`, or one by the conjecture.
fn log2_list(params: &Params, bound: Bound) -> f64 {
    match bound {
        Bound::RandomWords => 0.0,
        Bound::Bchks25 | Bound::Dkt26 => libm::log2(params.list_parameter as f64 + 0.5) + params.log_blowup as f64 / 2.0,
    }
}

/// Challenges on a line of words that agree with the code of `2^log_dimension` coefficients by accident.
fn log2_exceptional(params: &Params, log_dimension: usize, bound: Bound) -> f64 {
    let (m, log_blowup) = (params.list_parameter, params.log_blowup);
    match bound {
        // As in unique decoding: one for each place.
        Bound::RandomWords => libm::log2(libm::exp2((log_dimension + log_blowup) as f64) + 1.0),
        // The error of a line over a field of `2^0` elements.
        Bound::Dkt26 => -SecurityAssumption::prox_gaps_error_jb_at_m(log_dimension, log_blowup, 0, 2, m),
        Bound::Bchks25 => {
            let rate = libm::exp2(-(log_blowup as f64));
            let root = libm::sqrt(rate);
            let half = m as f64 + 0.5;
            let radius = 1.0 - root * (1.0 + 0.5 / m as f64);
            let length = libm::exp2((log_dimension + log_blowup) as f64);
            let lines = (2.0 * libm::pow(half, 5.0) + 3.0 * half * radius * rate) * length / (3.0 * rate * root);
            libm::log2(lines + half / root)
        }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use crate::multilinear::params::{ALL, FINAL_V2, RECURSION_V2, SEGMENT_V2};
    use crate::multilinear::{Layout, OpeningShape};
    use crate::security::TARGET_BITS;

    /// Larger than any front in use: three messages for each cell of main and, where the set has
    /// them, of fixed columns, up to the characteristic.
    fn front(params: &Params) -> FrontSize {
        let messages = 3 << (params.max_log_rows + params.max_column_variables);
        FrontSize {
            row_variables: 22,
            tables: 24,
            constraints: 4_300,
            degree: 9,
            messages,
            message_width: 32,
            layers: 33,
            skip_bits: 5,
            keccak_calls: (params.name == SEGMENT_V2.name).then_some(15),
        }
    }

    /// The opening of matrices as large as the set allows.
    fn opening(params: &Params) -> OpeningSize {
        let layouts = alloc::vec![Layout::new(&[], params.log_width)];
        let shape = OpeningShape { params: *params, log_rows: params.max_log_rows, block: Vec::new(), block_variables: 22, layouts };
        OpeningSize { log_rows: shape.log_rows, column_variables: params.max_column_variables, log_last: shape.log_last(), claims: 6_000 }
    }

    fn accounting(params: &Params, bound: Bound) -> Accounting {
        Accounting::new(params, &front(params), &opening(params), bound)
    }

    #[test]
    fn every_set_has_128_bits_by_both_theorems() {
        for params in ALL {
            for bound in Bound::PROVEN {
                let accounting = accounting(params, bound);
                std::println!("{}: {accounting}", params.name);
                assert!(accounting.bits >= TARGET_BITS, "{}: {accounting}", params.name);
            }
        }
    }

    /// Counted from the protocol's steps: at 11 coordinates 5,151, and for the ties at most 3 (100 + 11) +
    /// 64 less the start's 111.
    #[test]
    fn keccak_is_counted() {
        assert_eq!(12 * (94 + 24 + 94 + 34 + 152 + 24), keccak_degrees(11) - 3 * 111 - 64);
    }

    /// With one query less a set misses the target, and every bit of work counts.
    #[test]
    fn sets_are_tight() {
        for params in [SEGMENT_V2, RECURSION_V2, FINAL_V2] {
            let bits = |params: &Params| accounting(params, Bound::Bchks25).bits;
            let weaker = [
                Params { num_queries: params.num_queries - 1, ..params },
                Params { column_pow_bits: params.column_pow_bits - 1, ..params },
                Params { query_pow_bits: params.query_pow_bits - 1, ..params },
            ];
            std::println!("{}: {:.2} {:?}", params.name, bits(&params), weaker.map(|params| bits(&params)));
            assert!(weaker.iter().all(|weaker| bits(weaker) < bits(&params)));
            assert!(bits(&weaker[0]) < TARGET_BITS);
        }
    }

    /// `8 n (m + 1/2)^3 / (3 rho)`, with the rate of polynomials of one degree less.
    #[test]
    fn the_second_theorem_is_as_published() {
        for params in ALL {
            for dimension in 8..=params.max_log_rows {
                let (coefficients, length) = (libm::exp2(dimension as f64), libm::exp2((dimension + params.log_blowup) as f64));
                let lines = 8.0 * length * libm::pow(params.list_parameter as f64 + 0.5, 3.0) * length / (3.0 * (coefficients - 1.0));
                assert!((libm::log2(lines) - log2_exceptional(params, dimension, Bound::Dkt26)).abs() < 1e-6);
            }
        }
    }

    /// The figures of the public calculator's method for a segment of 2^28 cells at blowup 2 and a
    /// node of 2^26 at blowup 8.
    #[test]
    fn the_first_theorem_is_that_of_the_calculator() {
        let segment = Params { log_blowup: 1, num_queries: 237, list_parameter: 15, column_pow_bits: 21, row_pow_bits: 18, ..SEGMENT_V2 };
        let node = Params { num_queries: 77, list_parameter: 6, column_pow_bits: 19, row_pow_bits: 16, ..RECURSION_V2 };
        for (params, log_rows, log_last, columns, queries) in
            [(segment, 21, 5, 130.041_074, 129.288_546), (node, 19, 7, 131.309_768, 128.608_254)]
        {
            let size = OpeningSize { log_rows, column_variables: 7, log_last, claims: 1 };
            let terms = opening_terms(&params, &size, Bound::Bchks25);
            let bits = |source: &str| terms.iter().find(|term| term.source == source).expect("a term").bits;
            assert!((bits("opening: columns") - columns).abs() < 1e-5);
            assert!((bits("opening: queries") - queries).abs() < 1e-5);
        }
    }
}
