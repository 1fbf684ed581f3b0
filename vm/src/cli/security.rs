//! `tern security`: the error terms of every layer.

use serde_json::json;
use tern_air::shape::{SHAPES, Shape};
use tern_fri::LayerSecurity;
use tern_fri::params::SEGMENT_V1;
use tern_fri::security::REQUIRED_BITS;

use super::error::CliError;
use super::report::Report;
use crate::prove::relation_shape;

/// Every shape of every layer.
pub fn security() -> Result<Report, CliError> {
    let layers = segment_layers()?;
    let weakest = layers.iter().map(|(_, layer)| layer.conjectured.bits).fold(f64::INFINITY, f64::min);
    let proven = layers.iter().map(|(_, layer)| layer.proven_bits()).fold(f64::INFINITY, f64::min);
    if weakest < REQUIRED_BITS {
        return Err(CliError::Security(format!("the weakest layer has {weakest:.2} conjectured bits, {REQUIRED_BITS} are required")));
    }
    let text = layers.iter().map(|(shape, layer)| format!("segment, shape {}:\n{layer}", shape.name)).collect::<Vec<_>>().join("\n");
    let to_json = |(shape, layer): &(&Shape, LayerSecurity)| json!({ "layer": "segment", "shape": shape.name, "security": layer });
    Ok(Report {
        conjectured_bits: Some(weakest),
        proven_bits: Some(proven),
        layers: layers.iter().map(to_json).collect(),
        text: Some(text.trim_end().to_owned()),
        ..Default::default()
    })
}

/// The segment layer with the fewest conjectured bits.
pub fn weakest_segment_layer() -> Result<LayerSecurity, CliError> {
    let layers = segment_layers()?.into_iter().map(|(_, layer)| layer);
    let weakest = layers.min_by(|a, b| a.conjectured.bits.total_cmp(&b.conjectured.bits));
    weakest.ok_or_else(|| CliError::Security("there is no shape".into()))
}

fn segment_layers() -> Result<Vec<(&'static Shape, LayerSecurity)>, CliError> {
    let heights = |shape: &Shape| shape.log_heights.map(usize::from);
    let fault = |error| CliError::Security(format!("{error}"));
    let relation = relation_shape(&SHAPES[0]).map_err(fault)?;
    let layer = |shape: &'static Shape| {
        let at = relation.at_heights(&heights(shape)).map_err(fault)?;
        Ok((shape, LayerSecurity::new(&SEGMENT_V1, &at)))
    };
    SHAPES.iter().map(layer).collect()
}
