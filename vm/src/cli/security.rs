//! `tern security`: the error terms of every layer.

use serde_json::json;
use tern_fri::LayerSecurity;
use tern_verifier::package::Bits;

use super::error::CliError;
use super::report::Report;
use crate::layers::{Layer, layers};

/// Every shape of every layer.
pub fn security() -> Result<Report, CliError> {
    let layers = all()?;
    let Bits { conjectured, proven } = fewest(&layers);
    let to_text = |(layer, security): &(Layer, LayerSecurity)| format!("{}, shape {}:\n{security}", layer.kind, layer.shape);
    let text = layers.iter().map(to_text).collect::<Vec<_>>().join("\n");
    let to_json = |(layer, security): &(Layer, LayerSecurity)| json!({ "layer": layer.kind, "shape": layer.shape, "security": security });
    Ok(Report {
        conjectured_bits: Some(conjectured),
        proven_bits: Some(proven),
        layers: layers.iter().map(to_json).collect(),
        text: Some(text.trim_end().to_owned()),
        ..Default::default()
    })
}

fn fewest(layers: &[(Layer, LayerSecurity)]) -> Bits {
    let of = |bits: fn(&LayerSecurity) -> f64| layers.iter().map(|(_, security)| bits(security)).fold(f64::INFINITY, f64::min);
    Bits { conjectured: of(|security| security.conjectured.bits), proven: of(LayerSecurity::proven_bits) }
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

fn all() -> Result<Vec<(Layer, LayerSecurity)>, CliError> {
    let layers = layers().map_err(|error| CliError::Security(format!("{error}")))?;
    Ok(layers.into_iter().map(|layer| (layer.clone(), layer.security())).collect())
}
