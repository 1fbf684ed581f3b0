//! `tern security`: the error terms of every layer.

use serde_json::json;
use tern_fri::LayerSecurity;
use tern_fri::security::REQUIRED_BITS;

use super::error::CliError;
use super::report::Report;
use crate::layers::{Layer, layers};

/// Every shape of every layer.
pub fn security() -> Result<Report, CliError> {
    let layers = all()?;
    let weakest = layers.iter().map(|(_, security)| security.conjectured.bits).fold(f64::INFINITY, f64::min);
    let proven = layers.iter().map(|(_, security)| security.proven_bits()).fold(f64::INFINITY, f64::min);
    if weakest < REQUIRED_BITS {
        return Err(CliError::Security(format!("the weakest layer has {weakest:.2} conjectured bits, {REQUIRED_BITS} are required")));
    }
    let to_text = |(layer, security): &(Layer, LayerSecurity)| format!("{}, shape {}:\n{security}", layer.kind, layer.shape);
    let text = layers.iter().map(to_text).collect::<Vec<_>>().join("\n");
    let to_json = |(layer, security): &(Layer, LayerSecurity)| json!({ "layer": layer.kind, "shape": layer.shape, "security": security });
    Ok(Report {
        conjectured_bits: Some(weakest),
        proven_bits: Some(proven),
        layers: layers.iter().map(to_json).collect(),
        text: Some(text.trim_end().to_owned()),
        ..Default::default()
    })
}

/// The layer with the fewest conjectured bits.
pub fn weakest_layer() -> Result<LayerSecurity, CliError> {
    let layers = all()?.into_iter().map(|(_, security)| security);
    let weakest = layers.min_by(|a, b| a.conjectured.bits.total_cmp(&b.conjectured.bits));
    weakest.ok_or_else(|| CliError::Security("there is no layer".into()))
}

/// What `tern spec` writes to `weakest_layer.rs`.
pub fn weakest_layer_source() -> Result<String, CliError> {
    let layer = weakest_layer()?;
    let (conjectured, proven) = (layer.conjectured.bits, layer.proven_bits());
    Ok(format!(
        "//! Written by `tern spec`. Do not edit.\n\n\
         /// Bits of security of the layer with the fewest, conjectured.\npub const CONJECTURED_BITS: f64 = {conjectured:?};\n\n\
         /// The same layer's bits as far as they are proven.\npub const PROVEN_BITS: f64 = {proven:?};\n"
    ))
}

fn all() -> Result<Vec<(Layer, LayerSecurity)>, CliError> {
    let layers = layers().map_err(|error| CliError::Security(format!("{error}")))?;
    Ok(layers.into_iter().map(|layer| (layer.clone(), layer.security())).collect())
}
