//! Progress of long work, on standard error.

use std::io::{IsTerminal, stderr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::estimate::Estimate;
use crate::exec::RunSummary;
use crate::prove::{Amount, Progress, Step};

/// Parts that the bar's length has.
const BAR_PARTS: u64 = 1000;

/// A bar over all work; lines instead of a bar where standard error is not a terminal.
pub struct ProveProgress {
    bar: ProgressBar,
    lines: bool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    estimate: Estimate,
    /// When this run began with its first step.
    started: Option<Instant>,
}

impl ProveProgress {
    /// A bar that waits for the plan.
    pub fn new() -> Self {
        let bar = ProgressBar::with_draw_target(Some(BAR_PARTS), ProgressDrawTarget::stderr());
        let template = "{elapsed_precise} [{bar:32}] {msg}";
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        bar.set_style(style.progress_chars("=> "));
        Self { bar, lines: !stderr().is_terminal(), state: Mutex::default() }
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }

    /// Changes the estimate and shows it, with what made the change.
    fn update(&self, what: &str, change: impl FnOnce(&mut Estimate)) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut state.estimate);
        let elapsed = state.started.map_or(Duration::ZERO, |started| started.elapsed());
        let line = describe(&state.estimate, elapsed);
        self.bar.set_position((state.estimate.share() * BAR_PARTS as f64) as u64);
        if self.lines {
            eprintln!("{what}: {line}");
        } else {
            self.bar.set_message(format!("{line}; {what}"));
        }
    }
}

impl Progress for ProveProgress {
    fn executed(&self, summary: &RunSummary) {
        self.bar.enable_steady_tick(Duration::from_secs(1));
        let line = format!("executed {} cycles, exit code {}", summary.cycles, summary.halt.exit_code);
        if self.lines {
            eprintln!("{line}");
        } else {
            self.bar.set_message(line);
        }
    }

    fn planned(&self, total: &Amount) {
        self.update("planned", |estimate| estimate.total = *total);
    }

    fn taken_over(&self, step: Step, saved: &Amount) {
        self.update(&format!("{step} taken over"), |estimate| estimate.saved += *saved);
    }

    fn started(&self) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).started = Some(Instant::now());
    }

    fn done(&self, step: Step, done: &Amount, took: Duration) {
        self.update(&format!("{step} done in {:.1} s", took.as_secs_f64()), |estimate| {
            estimate.done += *done;
            estimate.times.add(step, took);
        });
    }
}

/// What is done of each stage, how fast it goes and how long it will take, as far as that is known.
fn describe(estimate: &Estimate, elapsed: Duration) -> String {
    let Estimate { total, saved, done, .. } = estimate;
    let counts = [
        ("segments", saved.segments + done.segments, total.segments),
        ("lifts", saved.lifts + done.lifts, total.lifts),
        ("joins", saved.joins + done.joins, total.joins),
        ("wrap", saved.wraps + done.wraps, total.wraps),
    ];
    let stages = counts.iter().filter(|(.., total)| *total > 0).map(|(name, done, total)| format!("{name} {done}/{total}"));
    let mut parts: Vec<String> = stages.collect();
    if done.cycles > 0 && !elapsed.is_zero() {
        parts.push(format!("{:.0} cycles/s", done.cycles as f64 / elapsed.as_secs_f64()));
    }
    if let Some(left) = estimate.time_left(elapsed) {
        parts.push(format!("{:.0} s left", left.as_secs_f64()));
    }
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prove::StageTimes;

    #[test]
    fn a_chain_of_segments_shows_no_other_stages() {
        let total = Amount { segments: 4, cycles: 4000, cells: 400, ..Amount::default() };
        let saved = Amount { segments: 1, cycles: 1000, cells: 100, ..Amount::default() };
        let mut estimate = Estimate { total, saved, ..Estimate::default() };
        assert_eq!(describe(&estimate, Duration::ZERO), "segments 1/4");
        estimate.done = saved;
        estimate.times = StageTimes { segments: Duration::from_secs(10), ..StageTimes::default() };
        assert_eq!(describe(&estimate, Duration::from_secs(10)), "segments 2/4, 100 cycles/s, 20 s left");
    }

    #[test]
    fn a_final_proof_shows_every_stage() {
        let total = Amount { segments: 1, cycles: 10, cells: 10, lifts: 1, joins: 0, wraps: 1 };
        let estimate = Estimate { total, ..Estimate::default() };
        assert_eq!(describe(&estimate, Duration::ZERO), "segments 0/1, lifts 0/1, wrap 0/1");
    }
}
