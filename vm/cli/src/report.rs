//! What a command has to say, for people and for programs.

use serde::Serialize;
use serde_json::Value;
use tern_fri::multilinear::backend::Usage;

use super::error::CliError;
use super::text;
use tern_vm::prove::{Device, StageTimes};

/// The outcome of a command. Keys that do not apply are absent from the JSON.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// Why the command failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Failure>,
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
    /// The last of what the guest printed, if it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub printed: Option<String>,
    /// Instructions executed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cycles: Option<u64>,
    /// Segments.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub segments: Option<u64>,
    /// What proving the run would cost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<Value>,
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
    /// What proved: `cpu`, or a GPU's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// Proofs that the CPU made because the GPU failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redone: Option<u32>,
    /// What the GPU was used for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device_usage: Option<DeviceUsage>,
    /// Chains with their fork schedules.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub chains: Vec<Value>,
    /// What can prove.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub devices: Vec<Value>,
    /// Loads and stores across their natural alignment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unaligned_accesses: Option<u64>,
    /// Keccak-f calls.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keccak_calls: Option<u64>,
    /// 256-bit modular multiplication calls.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mulmod_calls: Option<u64>,
    /// 384-bit modular multiplication calls.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mulmod384_calls: Option<u64>,
    /// Compressions of SHA-256.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256_calls: Option<u64>,
    /// Rounds of BLAKE2b.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blake2f_calls: Option<u64>,
    /// Cycles by scope.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<Value>,
    /// Committed base-field cells of segments' tables, per instruction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cells_per_cycle: Option<f64>,
    /// The part of segments' matrices that no table fills.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub padding: Option<f64>,
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
    /// The folder of the proof's parts, if it stays because other files are in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parts_folder: Option<String>,
    /// Files written.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<String>,
    /// Wall time of the command in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wall_s: Option<f64>,
    /// Peak resident memory of the process.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub peak_rss_bytes: Option<u64>,
    /// The outcome in a sentence, for people.
    #[serde(skip)]
    pub headline: Option<String>,
    /// What was written, in a sentence, for people.
    #[serde(skip)]
    pub closing: Option<String>,
    /// Text for people that stands in for the fields.
    #[serde(skip)]
    pub text: Option<String>,
    /// One JSON object that stands in for the fields, for people and for programs.
    #[serde(skip)]
    pub document: Option<String>,
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

/// What a GPU was used for.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct DeviceUsage {
    /// Proofs that it made.
    pub proofs: u32,
    /// Its trials that failed.
    pub failed: u32,
    /// Bytes that went to it.
    pub bytes_up: u64,
    /// Bytes that came from it.
    pub bytes_down: u64,
    /// How often the host waited for it.
    pub waits: u64,
    /// Kernels that it ran.
    pub kernels: u64,
    /// Most bytes of its memory that were in use.
    pub peak_bytes: u64,
}

impl From<&Device> for DeviceUsage {
    fn from(device: &Device) -> Self {
        let Usage { bytes_up, bytes_down, waits, kernels, peak_bytes } = device.usage();
        Self { proofs: device.made(), failed: device.failed(), bytes_up, bytes_down, waits, kernels, peak_bytes }
    }
}

/// Why a command failed.
#[derive(Clone, Debug, Serialize)]
pub struct Failure {
    /// Which kind of failure: a word that stays the same from version to version.
    pub code: &'static str,
    /// What happened, for people.
    pub message: String,
    /// What can be done about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl Failure {
    /// Wrong usage.
    pub fn usage(message: String) -> Self {
        Self { code: "usage", message, hint: None }
    }
}

impl From<&CliError> for Failure {
    fn from(error: &CliError) -> Self {
        Self { code: error.code(), message: error.to_string(), hint: error.hint() }
    }
}

impl Report {
    /// The report of a failed command.
    pub fn failure(failure: Failure) -> Self {
        Self { error: Some(failure), ..Default::default() }
    }

    /// One object on one line.
    pub fn to_json(&self) -> String {
        if let Some(document) = &self.document {
            return document.clone();
        }
        let json = serde_json::to_string(self);
        json.unwrap_or_else(|error| serde_json::json!({ "error": { "code": "internal", "message": error.to_string() } }).to_string())
    }

    /// The outcome first, then everything else, then what was written.
    pub fn to_text(&self) -> String {
        self.document.as_ref().or(self.text.as_ref()).cloned().unwrap_or_else(|| text::of(self))
    }
}

/// Peak resident memory of this process, where the system tells it.
pub fn peak_rss_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}
