//! Progress of long work, on standard error.

use std::io::{IsTerminal, stderr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tern_air::shape::Shape;

use crate::exec::RunSummary;
use crate::prove::Progress;

/// A bar over the run's cycles; lines instead of a bar where standard error is not a terminal.
pub struct ProveProgress {
    bar: ProgressBar,
    lines: bool,
    started: Instant,
    /// Cycles of segments that this run proved itself.
    worked: AtomicU64,
}

impl ProveProgress {
    /// A bar that waits for the run's length.
    pub fn new() -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        let template = "{elapsed_precise} [{bar:32}] {human_pos}/{human_len} cycles, {msg}";
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        bar.set_style(style.progress_chars("=> "));
        Self { bar, lines: !stderr().is_terminal(), started: Instant::now(), worked: AtomicU64::new(0) }
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

impl Progress for ProveProgress {
    fn executed(&self, summary: &RunSummary) {
        self.bar.set_length(summary.cycles);
        self.bar.enable_steady_tick(Duration::from_secs(1));
        if self.lines {
            eprintln!("executed {} cycles, exit code {}", summary.cycles, summary.halt.exit_code);
        }
    }

    fn proved(&self, index: u32, cycles: u32, shape: &Shape, resumed: bool) {
        self.bar.inc(u64::from(cycles));
        let how = if resumed { "taken over" } else { "proved" };
        let new = if resumed { 0 } else { u64::from(cycles) };
        let worked = self.worked.fetch_add(new, Ordering::Relaxed) + new;
        let (done, all) = (self.bar.position(), self.bar.length().unwrap_or(0));
        let rate = worked as f64 / self.started.elapsed().as_secs_f64();
        let left = all.saturating_sub(done) as f64 / rate.max(1.0);
        if self.lines {
            eprintln!("segment {index} ({}) {how}: {done}/{all} cycles, {rate:.0} cycles/s, {left:.0} s left", shape.name);
        } else {
            self.bar.set_message(format!("{rate:.0} cycles/s, {left:.0} s left, segment {index} {how}"));
        }
    }
}
