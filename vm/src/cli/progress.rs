//! Progress of long work, on standard error.

use std::io::{IsTerminal, stderr};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tern_air::shape::Shape;

use crate::exec::RunSummary;
use crate::prove::Progress;

/// A bar over the run's cycles; lines instead of a bar where standard error is not a terminal.
pub struct ProveProgress {
    bar: ProgressBar,
    lines: bool,
}

impl ProveProgress {
    /// A bar that waits for the run's length.
    pub fn new() -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        let template = "{elapsed_precise} [{bar:32}] {human_pos}/{human_len} cycles, {per_sec}, {eta} left {msg}";
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        bar.set_style(style.progress_chars("=> "));
        Self { bar, lines: !stderr().is_terminal() }
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
        if self.lines {
            let (done, all) = (self.bar.position(), self.bar.length().unwrap_or(0));
            let (rate, left) = (self.bar.per_sec(), self.bar.eta().as_secs());
            eprintln!("segment {index} ({}) {how}: {done}/{all} cycles, {rate:.0} cycles/s, {left} s left", shape.name);
        } else {
            self.bar.set_message(format!("(segment {index} {how})"));
        }
    }
}
