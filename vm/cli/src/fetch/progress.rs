//! What is being fetched, on standard error.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::progress::say_line;
use crate::units::memory;

/// A line that says what is done now; where standard error is no terminal, a line for each step.
pub struct FetchProgress {
    bar: ProgressBar,
}

impl FetchProgress {
    /// Nothing is done yet.
    pub fn new() -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        bar.set_style(ProgressStyle::with_template("{elapsed}  {wide_msg}").unwrap_or_else(|_| ProgressStyle::default_spinner()));
        bar.enable_steady_tick(Duration::from_secs(1));
        Self { bar }
    }

    /// Says what is done now.
    pub fn step(&self, text: &str) {
        if self.bar.is_hidden() {
            say_line(text);
        } else {
            self.bar.set_message(text.to_owned());
        }
    }

    /// Says how much of an answer is there.
    pub fn received(&self, method: &str, bytes: usize) {
        if !self.bar.is_hidden() {
            self.bar.set_message(format!("{method}: {}", memory(bytes as u64)));
        }
    }
}

impl Drop for FetchProgress {
    /// Takes the line away.
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
