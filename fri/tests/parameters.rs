//! What parameters cost: the tables that the sets were chosen from.
//!
//! `cargo test --release -p tern-fri --test parameters -- --ignored --nocapture`

use std::time::Instant;

use p3_challenger::GrindingChallenger;
use p3_field::PrimeField32;
use tern_fri::challenger::Blake3Challenger;
use tern_fri::params::SEGMENT_V1;
use tern_fri::security::TARGET_BITS;
use tern_fri::size::folding;
use tern_fri::{LayerSecurity, Params, ProofSize, RelationShape, TableShape};

/// A table of a recursion proof: name, main and preprocessed columns, messages, lookup columns, logarithm of quotient chunks, degree.
type Row = (&'static str, usize, usize, usize, usize, usize, usize);

/// The tables that prove a verifier, as designed.
const TABLES: [Row; 9] = [
    ("alu", 80, 32, 16, 4, 2, 5),
    ("pack", 10, 8, 12, 3, 2, 5),
    ("half", 47, 22, 28, 8, 2, 5),
    ("compress", 145, 16, 43, 7, 3, 9),
    ("rounds", 403, 0, 136, 18, 3, 9),
    ("challenge", 48, 11, 34, 9, 2, 5),
    ("cap", 18, 9, 4, 2, 2, 5),
    ("interface", 1, 27, 3, 2, 2, 5),
    ("byte_table", 5, 6, 5, 1, 2, 5),
];

/// Heights by table.
type Heights = [usize; 9];

/// Heights that a circuit of the fewest rows has, and those of the same circuit raised so that folding by 8 ends at each.
const HEIGHTS: [(&str, Heights); 4] = [
    ("as needed, 2^16", [15, 14, 15, 13, 16, 10, 11, 10, 16]),
    ("aligned, 2^16", [16, 16, 16, 13, 16, 10, 13, 10, 16]),
    ("as needed, 2^17", [16, 15, 16, 14, 17, 11, 12, 11, 16]),
    ("aligned, 2^17", [17, 17, 17, 14, 17, 11, 14, 11, 17]),
];

fn relation(heights: &Heights) -> RelationShape {
    let table = |(&(name, main_width, preprocessed_width, interactions, lookup_columns, log_quotient_chunks, degree), &log_height): (
        &Row,
        &usize,
    )| TableShape {
        name: name.to_owned(),
        log_height,
        main_width,
        reads_next_main: false,
        preprocessed_width,
        reads_next_preprocessed: false,
        public_values: 0,
        lookup_columns,
        interactions,
        message_width: 18,
        constraints: 2 * main_width,
        constraint_degree: degree,
        log_quotient_chunks,
    };
    RelationShape { tables: TABLES.iter().zip(heights).map(table).collect() }
}

/// BLAKE3 compressions of one message: its blocks, and the parents above its chunks.
fn compressions(bytes: usize) -> usize {
    bytes.div_ceil(64).max(1) + bytes.div_ceil(1024).max(1) - 1
}

/// Compressions that a circuit takes to check a proof's openings, with a path for each query.
fn opening_compressions(params: &Params, shape: &RelationShape) -> usize {
    let widths: [fn(&TableShape) -> usize; 4] =
        [|t| t.main_width, |t| 5 * t.quotient_chunks(), |t| t.preprocessed_width, TableShape::permutation_width];
    let tallest = shape.max_log_height() + params.log_blowup;
    let inputs = widths.map(|width| {
        let of_height = |height: usize| shape.tables.iter().filter(|t| t.log_height == height).map(width).sum::<usize>();
        let groups: Vec<usize> = (0..tallest).map(of_height).filter(|width| *width > 0).collect();
        let leaves: usize = groups.iter().map(|width| compressions(4 * width)).sum();
        leaves + groups.len() - 1 + tallest - params.cap_height
    });
    let mut height = tallest;
    let rounds = folding(params, shape).into_iter().map(|log_arity| {
        height -= log_arity;
        compressions(20 << log_arity) + height.saturating_sub(params.cap_height)
    });
    let rounds: usize = rounds.sum();
    params.num_queries * (inputs.iter().sum::<usize>() + rounds)
}

/// The fewest queries with which `bits` reaches what sets aim at, if any number does.
fn fewest_queries(params: Params, shape: &RelationShape, bits: impl Fn(&LayerSecurity) -> f64) -> Option<Params> {
    let sets = (1..200).map(|num_queries| Params { num_queries, ..params });
    sets.into_iter().find(|params| bits(&LayerSecurity::new(params, shape)) >= TARGET_BITS)
}

fn conjectured(layer: &LayerSecurity) -> f64 {
    layer.conjectured.bits
}

fn johnson(layer: &LayerSecurity) -> f64 {
    layer.proven_johnson.as_ref().map_or(0.0, |regime| regime.bits)
}

/// The smallest proof over caps, last polynomials and arities.
fn smallest(base: Params, shape: &RelationShape, bits: fn(&LayerSecurity) -> f64) -> Option<(Params, ProofSize)> {
    let mut best: Option<(Params, ProofSize)> = None;
    for max_log_arity in 1..=4 {
        // Neither the cap nor the last polynomial changes the number of queries.
        let Some(params) = fewest_queries(Params { max_log_arity, ..base }, shape, bits) else { continue };
        for cap_height in 0..=4 {
            for log_final_poly_len in 0..=8 {
                let params = Params { cap_height, log_final_poly_len, ..params };
                let size = ProofSize::new(&params, shape);
                if best.as_ref().is_none_or(|(_, best)| size.total() < best.total()) {
                    best = Some((params, size));
                }
            }
        }
    }
    best
}

fn print_line(params: &Params, size: &ProofSize, shape: &RelationShape) {
    println!(
        "  blowup 2^{}, {} queries, {} bits, arity {}, cap {}, last {}, {} compressions: {size}",
        params.log_blowup,
        params.num_queries,
        params.query_pow_bits,
        1 << params.max_log_arity,
        params.cap_height,
        params.log_final_poly_len,
        opening_compressions(params, shape),
    );
}

fn print_smallest(name: &str, base: &Params, bits: fn(&LayerSecurity) -> f64) {
    for (heights, log_heights) in HEIGHTS {
        println!("{name}, {heights}");
        let shape = relation(&log_heights);
        for log_blowup in 4..=7 {
            for query_pow_bits in [20, 22, 24, 26] {
                let Some((params, size)) = smallest(Params { log_blowup, query_pow_bits, ..*base }, &shape, bits) else { continue };
                print_line(&params, &size, &shape);
            }
        }
    }
}

#[test]
#[ignore = "a table to choose parameters from"]
fn smallest_proofs() {
    let base = Params { lookup_pow_bits: 8, ood_pow_bits: 0, batch_pow_bits: 14, commit_pow_bits: 6, ..SEGMENT_V1 };
    print_smallest("conjectured", &base, conjectured);
    let base = Params { lookup_pow_bits: 10, ood_pow_bits: 8, batch_pow_bits: 26, commit_pow_bits: 22, ..SEGMENT_V1 };
    print_smallest("proven, Johnson bound", &base, johnson);
}

/// Caps, last polynomials and arities by what they cost a circuit that checks the proof.
#[test]
#[ignore = "a table to choose parameters from"]
fn cheapest_to_check() {
    let base = Params { log_blowup: 3, query_pow_bits: 25, lookup_pow_bits: 8, batch_pow_bits: 12, commit_pow_bits: 4, ..SEGMENT_V1 };
    for (heights, log_heights) in HEIGHTS {
        println!("{heights}");
        let shape = relation(&log_heights);
        let base = fewest_queries(base, &shape, conjectured).expect("some number of queries is enough");
        for max_log_arity in 1..=4 {
            for cap_height in 3..=7 {
                for log_final_poly_len in [4, 5, 6, 7, 8] {
                    let params = Params { max_log_arity, cap_height, log_final_poly_len, ..base };
                    print_line(&params, &ProofSize::new(&params, &shape), &shape);
                }
            }
        }
    }
}

#[test]
#[ignore = "a measurement"]
fn grinding() {
    let start = Instant::now();
    let mut trials = 0_u64;
    for seed in 0..32 {
        let witness = Blake3Challenger::new([seed; 32]).grind(24);
        trials += u64::from(witness.as_canonical_u32()) + 1;
    }
    let seconds = start.elapsed().as_secs_f64();
    println!("{trials} trials in {seconds:.2} s: {:.1} million a second", trials as f64 / seconds / 1e6);
}
