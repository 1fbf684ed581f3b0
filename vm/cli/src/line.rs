//! The line of progress, for a terminal of any width.

use std::time::Duration;

use super::estimate::{Estimate, Outlook};
use super::units::{clock, cycles_per_second};

/// Widest and narrowest bar, brackets included.
const WIDEST_BAR: usize = 32;
const NARROWEST_BAR: usize = 7;

/// Everything that can be said on one line.
pub struct Line {
    elapsed: String,
    share: f64,
    left: String,
    stages: Vec<Stage>,
    rate: Option<String>,
}

/// Steps of a stage that are done, and all.
struct Stage {
    name: &'static str,
    short: &'static str,
    done: u32,
    total: u32,
}

impl Line {
    /// What there is to say `elapsed` time after the command began.
    pub fn new(estimate: &Estimate, outlook: &Outlook, elapsed: Duration) -> Self {
        let Estimate { total, saved, done, .. } = estimate;
        let stage = |name, short, done, total| Stage { name, short, done, total };
        let stages = [
            stage("segments", "seg", saved.segments + done.segments, total.segments),
            stage("lifts", "lift", saved.lifts + done.lifts, total.lifts),
            stage("joins", "join", saved.joins + done.joins, total.joins),
            stage("wrap", "wrap", saved.wraps + done.wraps, total.wraps),
        ];
        let about = if outlook.measured { "" } else { "~" };
        Self {
            elapsed: clock(elapsed),
            share: outlook.share.clamp(0.0, 1.0),
            left: format!("{about}{} left", clock(outlook.left)),
            stages: stages.into_iter().filter(|stage| stage.total > 0).collect(),
            rate: outlook.cycles_per_second.map(cycles_per_second),
        }
    }

    /// As much as fits into `width` columns, the time left first of all.
    pub fn fit(&self, width: usize) -> String {
        let percent = format!("{:.0}%", (self.share * 100.0).floor());
        let (long, short) = (self.stages(|stage| stage.name), self.stages(|stage| stage.short));
        let rate = self.rate.clone().unwrap_or_default();
        let choices: [&[&str]; 7] = [
            &[&self.elapsed, &percent, &self.left, &long, &rate],
            &[&percent, &self.left, &long, &rate],
            &[&percent, &self.left, &short, &rate],
            &[&percent, &self.left, &short],
            &[&percent, &self.left],
            &[&self.left],
            &[],
        ];
        let join = |parts: &[&str]| parts.iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join("  ");
        // With the elapsed time there has to be room for a bar.
        let fits = |(index, line): &(usize, String)| line.len() + if *index == 0 { 2 + NARROWEST_BAR } else { 0 } <= width;
        let line = choices.iter().map(|parts| join(parts)).enumerate().find(fits).map(|(_, line)| line).unwrap_or_default();
        match width.checked_sub(line.len() + 2) {
            Some(room) if room >= NARROWEST_BAR => format!("{}  {line}", self.bar(room.min(WIDEST_BAR))),
            _ => line,
        }
    }

    /// The same without a bar, for a file.
    pub fn whole(&self) -> String {
        let mut line = format!("{:.0}% done, {}, {}", (self.share * 100.0).floor(), self.left, self.stages(|stage| stage.name));
        if let Some(rate) = &self.rate {
            line = format!("{line}, {rate}");
        }
        line
    }

    fn stages(&self, name: impl Fn(&Stage) -> &'static str) -> String {
        self.stages.iter().map(|stage| format!("{} {}/{}", name(stage), stage.done, stage.total)).collect::<Vec<_>>().join(" ")
    }

    fn bar(&self, width: usize) -> String {
        let inside = width - 2;
        let full = (self.share * inside as f64) as usize;
        let head = if full < inside { ">" } else { "" };
        format!("[{}{head}{}]", "=".repeat(full), " ".repeat(inside - full - head.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tern_vm::prove::Amount;

    fn line(segments: u32, left: u64) -> Line {
        let total = Amount { segments, cycles: 1, cells: 1, matrix_cells: 1, lifts: segments, joins: segments / 3, wraps: 1, units: 0 };
        let saved = Amount { segments: segments / 2, lifts: segments / 2, ..Amount::default() };
        let estimate = Estimate { total, saved, ..Estimate::default() };
        let outlook = Outlook { share: 0.379, left: Duration::from_secs(left), measured: true, cycles_per_second: Some(48_123.0) };
        Line::new(&estimate, &outlook, Duration::from_secs(125))
    }

    #[test]
    fn a_line_is_never_wider_than_the_terminal_and_keeps_the_time_left() {
        for (segments, left) in [(1, 5), (27, 600), (480, 7200), (99_999, 1_000_000)] {
            let line = line(segments, left);
            for width in 0..200 {
                let text = line.fit(width);
                assert!(text.len() <= width, "{text:?} in {width} columns");
                assert!(text.contains(" left") || width < 15, "{text:?} in {width} columns");
            }
        }
    }

    #[test]
    fn what_matters_most_is_there_at_every_width() {
        let line = line(27, 185);
        assert_eq!(line.fit(100), "[====>        ]  2:05  37%  3:05 left  segments 13/27 lifts 13/27 joins 0/9 wrap 0/1  48.1k cycles/s");
        assert_eq!(line.fit(79), "37%  3:05 left  segments 13/27 lifts 13/27 joins 0/9 wrap 0/1  48.1k cycles/s");
        assert_eq!(line.fit(60), "37%  3:05 left  seg 13/27 lift 13/27 join 0/9 wrap 0/1");
        assert_eq!(line.fit(40), "[========>             ]  37%  3:05 left");
        assert_eq!(line.fit(12), "3:05 left");
        assert_eq!(line.fit(3), "");
        assert_eq!(line.whole(), "37% done, 3:05 left, segments 13/27 lifts 13/27 joins 0/9 wrap 0/1, 48.1k cycles/s");
    }

    #[test]
    fn a_chain_of_segments_shows_no_other_stages_and_a_guess_is_marked() {
        let total = Amount { segments: 4, cycles: 4000, cells: 400, ..Amount::default() };
        let estimate = Estimate { total, ..Estimate::default() };
        let outlook = Outlook { share: 0.0, left: Duration::from_secs(61), measured: false, cycles_per_second: None };
        assert_eq!(Line::new(&estimate, &outlook, Duration::ZERO).whole(), "0% done, ~1:01 left, segments 0/4");
    }
}
