//! Where a proof's numbers stand.

use std::collections::BTreeMap;

use serde_json::Value;

/// The paths of all numbers in a proof, by the field that they belong to.
pub fn numbers(value: &Value, path: &str, field: &str, all: &mut BTreeMap<String, Vec<String>>) {
    match value {
        Value::Number(_) => all.entry(field.to_string()).or_default().push(path.to_string()),
        Value::Array(items) => items.iter().enumerate().for_each(|(index, item)| numbers(item, &format!("{path}/{index}"), field, all)),
        Value::Object(fields) => {
            fields.iter().for_each(|(name, item)| numbers(item, &format!("{path}/{name}"), &format!("{field}.{name}"), all));
        }
        _ => {}
    }
}
