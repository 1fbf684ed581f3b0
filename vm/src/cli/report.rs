//! What a command has to say, for people and for programs.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;

use super::error::CliError;
use crate::prove::StageTimes;

/// The outcome of a command. Keys that do not apply are absent from the JSON.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// What kind of proof it is: `final` or `segments`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<&'static str>,
    /// `valid` or `invalid`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<&'static str>,
    /// Why a block is invalid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Hash of the block.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block_hash: Option<String>,
    /// Everything else that the guest says about a block.
    #[serde(flatten)]
    pub block: serde_json::Map<String, Value>,
    /// Exit code of the guest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<u32>,
    /// The guest's output, hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
    /// Instructions executed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cycles: Option<u64>,
    /// Segments.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub segments: Option<u64>,
    /// Segments taken over from an earlier run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub segments_resumed: Option<u64>,
    /// Recursion proofs of segments.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lifts: Option<u32>,
    /// Recursion proofs of neighbours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub joins: Option<u32>,
    /// Time spent by stage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seconds: Option<Seconds>,
    /// Loads and stores across their natural alignment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unaligned_accesses: Option<u64>,
    /// Keccak-f calls.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keccak_calls: Option<u64>,
    /// Modular multiplication calls.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mulmod_calls: Option<u64>,
    /// Cycles by scope.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<Value>,
    /// Committed base-field cells per instruction, padding included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cells_per_cycle: Option<f64>,
    /// Instructions per second of wall time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cycles_per_second: Option<f64>,
    /// Length of the proof.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proof_bytes: Option<u64>,
    /// Identity of the program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vkey: Option<String>,
    /// Conjectured security, in bits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conjectured_bits: Option<f64>,
    /// Proven security, in bits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proven_bits: Option<f64>,
    /// Security of every layer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub layers: Vec<Value>,
    /// Files written.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<String>,
    /// Wall time of the command in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wall_s: Option<f64>,
    /// Peak resident memory of the process.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub peak_rss_bytes: Option<u64>,
    /// Why the command failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Text for people that stands in for the fields.
    #[serde(skip)]
    pub text: Option<String>,
}

/// Seconds that this run spent in each stage: the sum over all steps, however many ran at the same time.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Seconds {
    /// Executing the program, before anything is proved.
    pub execute: f64,
    /// Proving segments.
    pub segments: f64,
    /// Lifting.
    pub lift: f64,
    /// Joining.
    pub join: f64,
    /// Wrapping.
    pub wrap: f64,
}

impl From<&StageTimes> for Seconds {
    fn from(times: &StageTimes) -> Self {
        let [execute, segments, lift, join, wrap] =
            [times.execute, times.segments, times.lift, times.join, times.wrap].map(|time| time.as_secs_f64());
        Self { execute, segments, lift, join, wrap }
    }
}

impl Report {
    /// The report of a failed command.
    pub fn failure(error: &CliError) -> Self {
        Self { error: Some(error.to_string()), ..Default::default() }
    }

    /// One object on one line.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_else(|error| format!("{{\"error\":\"{error}\"}}"))
    }

    /// A line per field.
    pub fn to_text(&self) -> String {
        if let Some(text) = &self.text {
            return text.clone();
        }
        let Ok(Value::Object(fields)) = serde_json::to_value(self) else { return String::new() };
        let width = fields.keys().map(String::len).max().unwrap_or(0);
        let mut text = String::new();
        for (key, value) in &fields {
            let _ = writeln!(text, "{:width$}  {}", key.replace('_', " "), show(key, value));
        }
        text.truncate(text.trim_end().len());
        text
    }
}

/// A value as people read it.
fn show(key: &str, value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) if key.ends_with("_bytes") => bytes(number.as_f64().unwrap_or(0.0)),
        Value::Number(number) if number.is_f64() => format!("{:.2}", number.as_f64().unwrap_or(0.0)),
        Value::Array(items) => items.iter().map(|item| show("", item)).collect::<Vec<_>>().join(", "),
        Value::Object(fields) => fields.iter().map(|(key, value)| format!("{key} {}", show(key, value))).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

fn bytes(count: f64) -> String {
    const UNITS: [(&str, f64); 3] = [("GiB", 1073741824.0), ("MiB", 1048576.0), ("KiB", 1024.0)];
    let unit = UNITS.into_iter().find(|&(_, size)| count >= size);
    unit.map_or_else(|| format!("{count} bytes"), |(unit, size)| format!("{:.2} {unit}", count / size))
}

/// Peak resident memory of this process, where the system tells it.
pub fn peak_rss_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}
