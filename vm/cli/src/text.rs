//! Reports as people read them: the outcome, then what belongs together, then what was written.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::report::Report;
use super::units;

/// How a value is shown.
#[derive(Clone, Copy)]
enum Unit {
    Text,
    /// Hexadecimal, of which the beginning is shown.
    Hex,
    YesNo,
    Count,
    FileBytes,
    Memory,
    Seconds,
    Bits,
    Decimal,
    /// A part of a whole.
    Share,
    CyclesPerSecond,
    /// Names and seconds.
    Stages,
    /// Names, calls and cycles.
    Scopes,
    /// What a GPU was used for.
    Usage,
    /// What workers did.
    Workers,
    /// What proving would cost.
    Cost,
}

/// Keys of the seconds by stage, in order.
const STAGES: [&str; 5] = ["execute", "segments", "lift", "join", "wrap"];

/// Most hexadecimal digits shown.
const HEX_DIGITS: usize = 128;

/// Keys of the report that the first line says.
const HEADLINE: &[&str] = &["verdict", "reason", "block_hash", "error", "printed", "elf", "language", "project"];

/// Everything else: key, name, unit, by what belongs together. Keys that are not here come last, as
/// they are.
const GROUPS: &[&[(&str, &str, Unit)]] = &[
    &[
        ("exit_code", "exit code", Unit::Count),
        ("output", "output", Unit::Hex),
        ("number", "number", Unit::Text),
        ("client", "node", Unit::Text),
        ("request_root", "payload request", Unit::Text),
        ("schema_id", "schema", Unit::Text),
        ("chain", "chain", Unit::Text),
        ("chain_id", "chain id", Unit::Text),
        ("chain_config_known", "known rules", Unit::YesNo),
        ("chain_config_hash", "rules", Unit::Text),
        ("parent_hash", "parent block", Unit::Text),
        ("pre_state_root", "state before", Unit::Text),
        ("post_state_root", "state after", Unit::Text),
        ("gas_used", "gas used", Unit::Count),
    ],
    &[
        ("nodes_given", "trie nodes given", Unit::Count),
        ("nodes_kept", "kept", Unit::Count),
        ("codes_given", "codes given", Unit::Count),
        ("codes_kept", "kept", Unit::Count),
        ("headers_given", "headers given", Unit::Count),
        ("headers_kept", "kept", Unit::Count),
    ],
    &[
        ("kind", "kind of proof", Unit::Text),
        ("proof_bytes", "proof", Unit::FileBytes),
        ("conjectured_bits", "conjectured security", Unit::Bits),
        ("proven_bits", "proven security", Unit::Bits),
        ("sha256", "SHA-256", Unit::Text),
        ("elf_bytes", "size", Unit::FileBytes),
        ("vkey", "verifying key", Unit::Text),
        ("verify_s", "verified in", Unit::Seconds),
    ],
    &[
        ("cycles", "cycles", Unit::Count),
        ("segments", "segments", Unit::Count),
        ("segments_resumed", "segments taken over", Unit::Count),
        ("lifts", "lifts", Unit::Count),
        ("joins", "joins", Unit::Count),
        ("keccak_calls", "Keccak calls", Unit::Count),
        ("mulmod_calls", "modular multiplications", Unit::Count),
        ("mulmod384_calls", "384-bit multiplications", Unit::Count),
        ("sha256_calls", "SHA-256 compressions", Unit::Count),
        ("blake2f_calls", "BLAKE2b rounds", Unit::Count),
        ("unaligned_accesses", "unaligned accesses", Unit::Count),
        ("cells_per_cycle", "cells per cycle", Unit::Decimal),
        ("padding", "padding", Unit::Share),
        ("cost", "cost of a proof", Unit::Cost),
        ("scopes", "scopes", Unit::Scopes),
    ],
    &[
        ("wall_s", "time", Unit::Seconds),
        ("seconds", "of that", Unit::Stages),
        ("device", "proved by", Unit::Text),
        ("redone", "redone by the CPU", Unit::Count),
        ("device_usage", "GPU's use", Unit::Usage),
        ("workers", "workers", Unit::Workers),
        ("cycles_per_second", "rate", Unit::CyclesPerSecond),
        ("peak_rss_bytes", "peak memory", Unit::Memory),
    ],
    &[("parts_folder", "stays", Unit::Text), ("files", "written", Unit::Text)],
];

/// The text of a report. Of a failure that has nothing to report, nothing.
pub fn of(report: &Report) -> String {
    let Ok(Value::Object(mut fields)) = serde_json::to_value(report) else { return String::new() };
    let headline = headline(report);
    HEADLINE.iter().for_each(|key| drop(fields.remove(*key)));
    if report.error.is_some() && headline.is_none() {
        return String::new();
    }
    let mut groups: Vec<Vec<(String, String)>> =
        GROUPS.iter().map(|group| group.iter().filter_map(|row| take(&mut fields, *row)).collect()).collect();
    let rest = fields.iter().map(|(key, value)| (key.replace('_', " "), show(value, Unit::Text)));
    groups.push(rest.collect());
    let width = groups.iter().flatten().map(|(name, _)| name.len()).max().unwrap_or(0);
    let lines = |group: &Vec<(String, String)>| group.iter().map(|(name, value)| format!("{name:width$}  {value}\n")).collect::<String>();
    let mut blocks: Vec<String> = headline.into_iter().collect();
    blocks.extend(groups.iter().filter(|group| !group.is_empty()).map(lines));
    blocks.extend(report.closing.clone());
    blocks.iter().map(|block| block.trim_end()).collect::<Vec<_>>().join("\n\n")
}

/// The outcome in a line.
fn headline(report: &Report) -> Option<String> {
    let Some(verdict) = report.verdict else {
        return report.headline.clone().or_else(|| report.block_hash.as_ref().map(|hash| format!("block {hash}")));
    };
    let mut line = verdict.to_owned();
    if let Some(hash) = &report.block_hash {
        let _ = write!(line, " block {hash}");
    }
    match report.block.get("chain").and_then(Value::as_str) {
        Some("unknown") => line.push_str(", under the rules of no known chain"),
        Some(chain) => line.push_str(&format!(", under the rules of {chain}")),
        None => {}
    }
    if let Some(reason) = &report.reason {
        let _ = write!(line, "\nreason: {}", units::printable(reason));
    }
    Some(line)
}

fn take(fields: &mut Map<String, Value>, (key, name, unit): (&str, &str, Unit)) -> Option<(String, String)> {
    fields.remove(key).map(|value| (name.to_owned(), show(&value, unit)))
}

fn show(value: &Value, unit: Unit) -> String {
    let number = value.as_f64().unwrap_or(0.0);
    let whole = value.as_u64().unwrap_or(0);
    match unit {
        Unit::Text => text(value),
        Unit::Hex => hex(value.as_str().unwrap_or_default()),
        Unit::YesNo => if value == &Value::Bool(true) { "yes" } else { "no" }.to_owned(),
        Unit::Count => units::count(whole),
        Unit::FileBytes => units::file_bytes(whole),
        Unit::Memory => units::memory(whole),
        Unit::Seconds => units::seconds(number),
        Unit::Bits => format!("{number:.1} bits"),
        Unit::Decimal => format!("{number:.1}"),
        Unit::Share => format!("{:.1} %", 100.0 * number),
        Unit::CyclesPerSecond => units::cycles_per_second(number),
        Unit::Stages => {
            let stages = STAGES.iter().map(|name| (name, value[name].as_f64().unwrap_or(0.0))).filter(|(_, seconds)| *seconds > 0.0);
            stages.map(|(name, seconds)| format!("{name} {}", units::seconds(seconds))).collect::<Vec<_>>().join(", ")
        }
        Unit::Usage => {
            let of = |key: &str| value[key].as_u64().unwrap_or(0);
            let [up, down, peak] = ["bytes_up", "bytes_down", "peak_bytes"].map(|key| units::memory(of(key)));
            let [proofs, kernels, waits] =
                [("proofs", "proof"), ("kernels", "kernel"), ("waits", "wait")].map(|(key, name)| units::counted(of(key), name));
            format!("{proofs}, {kernels}, {waits}; {up} to it, {down} from it; at most {peak} of its memory")
        }
        Unit::Workers => {
            let line = |worker: &Value| format!("\n  {}", units::printable(&worker_line(worker)));
            value.as_array().into_iter().flatten().map(line).collect()
        }
        Unit::Cost => {
            let of = |key: &str| value[key].as_u64().unwrap_or(0);
            let speed = if value["measured"] == true { "as measured on this machine" } else { "if this machine is a usual one" };
            format!(
                "{} units, {} cells; {} and {} {speed}",
                units::count(of("units")),
                units::count(of("cells")),
                units::seconds(value["seconds"].as_f64().unwrap_or(0.0)),
                units::memory(of("memory_bytes")),
            )
        }
        Unit::Scopes => {
            let number = |scope: &Value, key: &str| scope[key].as_u64().unwrap_or(0);
            let line = |scope: &Value| {
                let (calls, cycles) = (units::counted(number(scope, "calls"), "call"), units::counted(number(scope, "cycles"), "cycle"));
                format!("\n  {}: {cycles} in {calls}", units::printable(scope["scope"].as_str().unwrap_or_default()))
            };
            value.as_array().into_iter().flatten().map(line).collect()
        }
    }
}

/// What a worker of a cluster did.
fn worker_line(worker: &Value) -> String {
    let counted = |key: &str, name: &str| worker[key].as_u64().filter(|&count| count > 0).map(|count| units::counted(count, name));
    let steps = ["segment", "lift", "join", "wrap"].map(|name| counted(&format!("{name}s"), name));
    let bad = [counted("wrong", "wrong proof"), counted("failed", "failure")];
    let dismissed = worker["dismissed"].as_str().map(|why| format!("gets no work: {why}"));
    let did: Vec<String> = steps.into_iter().chain(bad).flatten().chain(dismissed).collect();
    let of = |key: &str| worker[key].as_str().unwrap_or_default();
    format!("{} on {}: {}", of("name"), of("device"), did.join(", "))
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => units::printable(text),
        Value::Array(items) => items.iter().map(text).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

fn hex(digits: &str) -> String {
    match digits.get(..HEX_DIGITS) {
        Some(start) if start.len() < digits.len() => format!("{start}… ({} in all)", units::counted(digits.len() as u64 / 2, "byte")),
        _ if digits.is_empty() => "none".to_owned(),
        _ => digits.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::CliError;
    use crate::report::Failure;

    #[test]
    fn the_verdict_comes_first_and_what_was_written_last() {
        let report = Report {
            verdict: Some("invalid"),
            reason: Some("a reason".into()),
            block_hash: Some("0x12".into()),
            cycles: Some(1_234_567),
            proof_bytes: Some(198_264),
            wall_s: Some(57.31),
            closing: Some("proof written".into()),
            block: [("later".to_owned(), Value::from("a key of another version"))].into_iter().collect(),
            ..Report::default()
        };
        let expected = [
            "invalid block 0x12\nreason: a reason",
            "proof   198,264 bytes",
            "cycles  1,234,567",
            "time    57.3 s",
            "later   a key of another version",
            "proof written",
        ];
        assert_eq!(of(&report), expected.join("\n\n"));
    }

    #[test]
    fn a_run_that_failed_is_reported_and_a_command_that_failed_is_not() {
        let error = Some(Failure::from(&CliError::ExitCode(101)));
        let failed =
            Report { error: error.clone(), headline: Some("halted with exit code 101".into()), exit_code: Some(101), ..Report::default() };
        assert_eq!(of(&failed), "halted with exit code 101\n\nexit code  101");
        assert_eq!(of(&Report { error, wall_s: Some(1.0), ..Report::default() }), "");
    }

    #[test]
    fn long_outputs_are_cut_and_scopes_are_listed() {
        assert_eq!(hex(&"ab".repeat(1000)), format!("{}… (1,000 bytes in all)", "ab".repeat(64)));
        assert_eq!((hex(""), hex("00")), ("none".into(), "00".into()));
        let worker = serde_json::json!([{ "name": "a", "device": "cpu", "segments": 2, "lifts": 0, "wrong": 1, "dismissed": "lied" }]);
        assert_eq!(show(&worker, Unit::Workers), "\n  a on cpu: 2 segments, 1 wrong proof, gets no work: lied");
        let scopes = serde_json::json!([{ "scope": "a/b", "calls": 1, "cycles": 1000 }]);
        assert_eq!(show(&scopes, Unit::Scopes), "\n  a/b: 1,000 cycles in 1 call");
    }
}
