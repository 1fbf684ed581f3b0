//! `soundcalc.toml`: every layer as the public soundness calculator takes it
//! (<https://github.com/ethereum/soundcalc>, family `JAGGED`: tables in a dense matrix, opened by
//! FRI).
//!
//! The calculator counts this family in unique decoding only, for which the numbers of queries are
//! not made. Its formulas up to the Johnson bound are those of
//! [`Bound::Bchks25`](tern_fri::multilinear::security::Bound::Bchks25), where a test compares them.

use std::fmt::Write;

use p3_air::BaseAir;
use tern_air::machine::MachineAir;
use tern_air::recursion::CircuitAir;
use tern_field::F;
use tern_fri::multilinear::Params;
use tern_verifier::security::Layer;

use super::chips::Documented;
use super::recorder::Recorder;

/// What stands above the layers.
const HEADER: &str = "\
# Written by `tern spec`. Do not edit.
#
# The calculator counts this family in unique decoding. The parameters have 128 bits up to the Johnson bound: `tern security` has every term.

[zkevm]
name = \"Tern\"
protocol_family = \"JAGGED\"
field = \"BabyBear^5\"
hash_size_bits = 256
";

/// The file.
#[must_use]
pub fn soundcalc(layers: &[Layer]) -> String {
    let mut file = HEADER.to_owned();
    for layer in layers {
        let sizes = if layer.kind == "segment" { Sizes::of::<MachineAir>() } else { Sizes::of::<CircuitAir>() };
        circuit(&mut file, layer, &sizes);
    }
    file
}

/// Sizes of a constraint system.
struct Sizes {
    columns: usize,
    constraints: usize,
    degree: usize,
    messages: usize,
    message_width: usize,
}

impl Sizes {
    fn of<A: Documented + BaseAir<F>>() -> Self {
        let airs = A::all();
        let recorded: Vec<Recorder> = airs.iter().map(Recorder::of).collect();
        let messages = || recorded.iter().flat_map(Recorder::messages);
        Self {
            columns: airs.iter().map(|air| BaseAir::width(air) + BaseAir::preprocessed_width(air)).sum(),
            constraints: recorded.iter().map(|recorded| recorded.constraints().count()).sum(),
            degree: airs.iter().map(tern_air::chip::System::degree).max().unwrap_or(1),
            messages: messages().count(),
            message_width: messages().map(|message| message.tuple.len()).max().unwrap_or(0),
        }
    }
}

fn circuit(file: &mut String, layer: &Layer, sizes: &Sizes) {
    let Layer { kind, params, .. } = layer;
    let Params { max_log_rows, max_column_variables, log_last, log_blowup, num_queries, .. } = *params;
    let rounds = max_log_rows - log_last;
    let _ = write!(
        file,
        "
[[circuits]]
name = \"{kind}\"
group = \"{kind}\"
# Parameter set {set}.
udr_only = true
blowup_factor = {blowup}
rho = {rho}
trace_length = {length}
trace_columns = {columns}
dense_length = {length}
dense_batch = {batch}
num_constraints = {constraints}
air_max_degree = {degree}
opening_points = 1
power_batching = false
multilinear_batching = true
multilinear_zerocheck = true
num_queries = {num_queries}
fri_folding_factors = [{factors}]
fri_early_stop_degree = {early_stop}
grinding_batching_phase = {column_pow}
grinding_commit_phase = {row_pow}
grinding_query_phase = {query_pow}

[[circuits.lookups]]
name = \"logup\"
logup_type = \"multivariate\"
rows_L = {length}
rows_T = 0
num_columns_S = {lookup_columns}
num_lookups_M = {messages}
grinding_bits_lookup = {lookup_pow}
",
        set = params.name,
        blowup = 1_u64 << log_blowup,
        rho = 1.0 / (1_u64 << log_blowup) as f64,
        length = 1_u64 << max_log_rows,
        columns = sizes.columns,
        batch = 1_u64 << max_column_variables,
        constraints = sizes.constraints,
        degree = sizes.degree,
        factors = vec!["2"; rounds].join(", "),
        early_stop = 1_u64 << (log_blowup + log_last),
        column_pow = params.column_pow_bits,
        row_pow = params.row_pow_bits,
        query_pow = params.query_pow_bits,
        lookup_columns = sizes.message_width + 2,
        messages = sizes.messages,
        lookup_pow = params.lookup_pow_bits,
    );
}
