//! `tern security`: the error terms of every layer.

use serde_json::json;
use tern_verifier::package::Bits;
use tern_verifier::security::{Layer, layers};

use super::error::CliError;
use super::report::Report;

/// Every layer.
pub fn security() -> Result<Report, CliError> {
    let layers = all()?;
    let Bits { conjectured, proven } = fewest(&layers);
    let to_text = |layer: &Layer| {
        let accountings = layer.proven.iter().chain([&layer.conjectured]);
        format!("{}, {}:\n{}", layer.kind, layer.params.name, accountings.map(ToString::to_string).collect::<String>())
    };
    let text = layers.iter().map(to_text).collect::<Vec<_>>().join("\n");
    let to_json = |layer: &Layer| {
        json!({
            "layer": layer.kind,
            "parameters": layer.params,
            "proven_bits": layer.proven_bits(),
            "proven": layer.proven,
            "conjectured": layer.conjectured,
        })
    };
    Ok(Report {
        conjectured_bits: Some(conjectured),
        proven_bits: Some(proven),
        layers: layers.iter().map(to_json).collect(),
        text: Some(text.trim_end().to_owned()),
        ..Default::default()
    })
}

/// A final proof rests on every layer.
fn fewest(layers: &[Layer]) -> Bits {
    let of = |bits: fn(&Layer) -> f64| layers.iter().map(bits).fold(f64::INFINITY, f64::min);
    Bits { conjectured: of(|layer| layer.conjectured.bits), proven: of(Layer::proven_bits) }
}

/// What `tern spec` writes to `weakest_layer.rs`.
pub fn weakest_layer_source() -> Result<String, CliError> {
    let Bits { conjectured, proven } = fewest(&all()?);
    Ok(format!(
        "//! Written by `tern spec`. Do not edit.\n\n\
         /// The fewest bits of security of any layer, under the conjecture.\npub const CONJECTURED_BITS: f64 = {conjectured:?};\n\n\
         /// The fewest of any layer, as far as they are proven.\npub const PROVEN_BITS: f64 = {proven:?};\n"
    ))
}

fn all() -> Result<Vec<Layer>, CliError> {
    let layers = layers().ok_or_else(|| CliError::Security("the recorded circuits do not fit their parameters".to_owned()))?;
    Ok(layers.into())
}
