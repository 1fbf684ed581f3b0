//! `soundcalc.toml`: every circuit as the public soundness calculator takes it (<https://github.com/ethereum/soundcalc>, family `FRI_STARK`).
//!
//! The calculator knows circuits of one height. All tables of a batch are one circuit there: of the tallest height, the sum of constraints and openings, the worst
//! degree. Its lookup term is `(rows_L + rows_T) * num_columns_S / |F|`; ours is the number of messages times two more than the widest
//! (`p3-security`, LogUp), so that `rows_L` is the number of messages and `num_columns_S` two more than the widest.

use std::fmt::Write;

use tern_fri::size::folding;

use crate::layers::Layer;

/// What stands above the circuits.
const HEADER: &str = "\
# Written by `tern spec`. Do not edit.

[zkevm]
name = \"Tern\"
protocol_family = \"FRI_STARK\"
field = \"BabyBear^5\"
hash_size_bits = 256
";

/// The file.
#[must_use]
pub fn soundcalc(layers: &[Layer]) -> String {
    let mut file = HEADER.to_owned();
    for layer in layers {
        circuit(&mut file, layer);
    }
    file
}

fn circuit(file: &mut String, layer: &Layer) {
    let Layer { kind, shape, params, relation } = layer;
    let security = layer.security();
    let tables = || relation.tables.iter();
    let columns: usize = tables().map(|table| table.main_width + table.preprocessed_width + table.permutation_width()).sum();
    let constraints: usize = tables().map(|table| table.constraints).sum();
    let degree = tables().map(|table| table.constraint_degree).max().unwrap_or(1);
    let message_width = tables().map(|table| table.message_width).max().unwrap_or(0);
    let factors: Vec<String> = folding(params, relation).into_iter().map(|log_arity| (1_u64 << log_arity).to_string()).collect();
    let _ = write!(
        file,
        "
[[circuits]]
name = \"{kind}-{shape}\"
group = \"{kind}\"
protocol_family = \"FRI_STARK\"
# Parameter set {set}.
rho = {rho}
trace_length = {trace_length}
num_columns = {columns}
num_constraints = {constraints}
air_max_degree = {degree}
opening_points = 2
batch_size = {batch_size}
power_batching = true
num_queries = {queries}
fri_folding_factors = [{factors}]
fri_early_stop_degree = {early_stop}
grinding_deep = {ood_pow}
grinding_batching_phase = {batch_pow}
grinding_commit_phase = {commit_pow}
grinding_query_phase = {query_pow}

[[circuits.lookups]]
name = \"logup\"
logup_type = \"univariate\"
rows_L = {messages}
rows_T = 0
num_columns_S = {lookup_columns}
num_lookups_M = 1
grinding_bits_lookup = {lookup_pow}
",
        set = params.name,
        rho = 1.0 / (1_u64 << params.log_blowup) as f64,
        trace_length = 1_u64 << relation.max_log_height(),
        batch_size = security.batched_openings,
        queries = params.num_queries,
        factors = factors.join(", "),
        early_stop = 1_u64 << (params.log_blowup + params.log_final_poly_len),
        ood_pow = params.ood_pow_bits,
        batch_pow = params.batch_pow_bits,
        commit_pow = params.commit_pow_bits,
        query_pow = params.query_pow_bits,
        messages = security.total_interactions,
        lookup_columns = message_width + 2,
        lookup_pow = params.lookup_pow_bits,
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::layers;

    #[test]
    fn folding_ends_where_the_calculator_expects() {
        let layers = layers().expect("every shape fits");
        let file = soundcalc(&layers);
        assert_eq!(file.matches("[[circuits]]").count(), layers.len());
        assert_eq!(file.matches("[[circuits.lookups]]").count(), layers.len());
        for Layer { params, relation, .. } in &layers {
            let folded: usize = folding(params, relation).iter().sum();
            assert_eq!(relation.max_log_height() - folded, params.log_final_poly_len);
        }
    }
}
