//! What proving a run would cost, in units, and in seconds on this machine.

use std::fs;
use std::path::PathBuf;
use std::thread::available_parallelism;

use serde_json::{Value, json};
use tern_vm::elf::Program;
use tern_vm::prove::{self, ChipCost, Cost, ProvableProgram, ProveError, UNITS_PER_CORE_SECOND};

use super::files;

/// A run of fewer units says little about a machine's speed.
const LEAST_MEASURED: u64 = 1 << 30;

/// The cost of proving a run, as reports show it. None for a program that cannot be proved.
///
/// # Errors
///
/// If the run does not end.
pub fn of_run(program: &Program, input: &[u8], cycle_limit: u64) -> Result<Option<(Cost, Value)>, ProveError> {
    let program = match ProvableProgram::new(program.clone()) {
        Ok(program) => program,
        Err(error) => {
            tracing::warn!("this program cannot be proved: {error}");
            return Ok(None);
        }
    };
    let cost = Cost::of_run(&program, input, prove::LOG_ROWS, cycle_limit)?;
    let (speed, measured) = speed();
    let chip = |chip: &ChipCost| json!({ "chip": chip.name, "rows": chip.rows, "cells": chip.cells, "units": chip.units });
    let value = json!({
        "version": Cost::VERSION,
        "units": cost.units,
        "segment_units": cost.segment_units,
        "cells": cost.cells,
        "matrix_cells": cost.matrix_cells,
        "lifts": cost.lifts,
        "joins": cost.joins,
        "memory_bytes": cost.segment_bytes,
        "seconds": cost.units as f64 / speed,
        "units_per_second": speed,
        "measured": measured,
        "chips": cost.chips.iter().filter(|cost| cost.rows > 0).map(chip).collect::<Vec<_>>(),
    });
    Ok(Some((cost, value)))
}

/// Remembers how fast this machine proved a whole run on its CPU.
pub fn remember(units: u64, seconds: f64) {
    if units < LEAST_MEASURED || seconds <= 0.0 {
        return;
    }
    let Some(path) = path() else { return };
    let text = json!({ "version": Cost::VERSION, "units_per_second": units as f64 / seconds }).to_string();
    // What cannot be kept is measured again.
    let _ = path.parent().map(fs::create_dir_all);
    let _ = files::replace(&path, text.as_bytes());
}

/// Units in a second, and whether that was measured on this machine, by the last proof.
fn speed() -> (f64, bool) {
    let measured = path().and_then(|path| fs::read(path).ok()).and_then(|text| {
        let value: Value = serde_json::from_slice(&text).ok()?;
        let speed = value["units_per_second"].as_f64().filter(|speed| speed.is_finite() && *speed > 0.0)?;
        (value["version"] == Cost::VERSION).then_some(speed)
    });
    let cores = available_parallelism().map_or(1, usize::from) as f64;
    measured.map_or((UNITS_PER_CORE_SECOND * cores, false), |speed| (speed, true))
}

fn path() -> Option<PathBuf> {
    Some(files::cache()?.join("speed.json"))
}
