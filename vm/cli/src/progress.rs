//! Progress of long work, on standard error.

use std::io::{Write as _, stderr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use console::Term;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;

use super::estimate::{Estimate, Outlook, Running};
use super::line::Line;
use super::units::{counted, printable};
use tern_vm::exec::RunSummary;
use tern_vm::prove::{Amount, Printer, Progress, Step};

/// Time between two lines where standard error is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(30);
/// Time between two objects for programs.
const JSON_EVERY: Duration = Duration::from_secs(1);
/// Longest line of a guest that is held back until it ends.
const LONGEST_LINE: usize = 1 << 16;

/// A line over all work that moves every second; where standard error is no terminal, plain lines, rarely.
pub struct ProveProgress {
    /// Draws with its own lock held, and then takes that of the state: whoever has the state's must
    /// not ask it anything.
    bar: ProgressBar,
    /// Whether lines are written, for nothing can be drawn.
    plain: bool,
    /// Whether objects for programs are written instead, one every second, by a thread that ends
    /// when this is false.
    is_json: Arc<AtomicBool>,
    state: Arc<Mutex<State>>,
    guest: Arc<GuestLines>,
}

struct State {
    /// When the command began.
    began: Instant,
    /// What is done before there is a plan.
    phase: String,
    estimate: Estimate,
    /// When this run began with its first step.
    started: Option<Instant>,
    /// Steps that go on, and since when.
    running: Vec<(Step, Amount, Instant)>,
    /// When a plain line was last written.
    said: Instant,
}

impl ProveProgress {
    /// A line that says what is done before there is a plan; or objects for programs.
    pub fn new(is_json: bool) -> Self {
        let state = Arc::new(Mutex::new(State::new()));
        let target = if is_json { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let bar = ProgressBar::with_draw_target(None, target);
        let (terminal, drawn) = (Term::stderr(), Arc::clone(&state));
        let draw = move |_: &indicatif::ProgressState, out: &mut dyn std::fmt::Write| {
            // The last column stays free: some terminals begin a new line when it is written.
            let width = usize::from(terminal.size().1).saturating_sub(1);
            let _ = out.write_str(&lock(&drawn).line(width));
        };
        let style = ProgressStyle::with_template("{line}").unwrap_or_else(|_| ProgressStyle::default_bar());
        bar.set_style(style.with_key("line", draw));
        bar.enable_steady_tick(Duration::from_secs(1));
        let plain = bar.is_hidden() && !is_json;
        let is_wanted = Arc::new(AtomicBool::new(is_json));
        if is_json {
            let (is_wanted, state) = (Arc::clone(&is_wanted), Arc::clone(&state));
            thread::spawn(move || say_json(&is_wanted, &state));
        }
        Self { guest: Arc::new(GuestLines::new(Some(bar.clone()))), plain, is_json: is_wanted, bar, state }
    }

    /// Shows what the guest prints, above the line.
    pub fn printer(&self) -> Printer {
        self.guest.printer()
    }

    /// Shows a line above the line.
    #[cfg(feature = "cluster")]
    pub fn say(&self, text: &str) {
        self.bar.suspend(|| say_line(text));
    }

    /// Takes the line away, and shows what the guest left without an end of line.
    pub fn finish(&self) {
        self.is_json.store(false, Ordering::SeqCst);
        self.guest.finish();
        self.bar.finish_and_clear();
    }

    /// Changes the state and shows it. Where nothing is drawn, `say` makes the line, unless the
    /// last one is too young and this one can wait.
    fn update(&self, can_wait: bool, change: impl FnOnce(&mut State), say: impl FnOnce(&State) -> String) {
        let mut state = lock(&self.state);
        change(&mut state);
        if self.plain {
            if !can_wait || state.said.elapsed() >= LINE_EVERY {
                state.said = Instant::now();
                say_line(&say(&state));
            }
        } else {
            drop(state);
            self.bar.tick();
        }
    }
}

/// Says how far it is every second, until told not to.
fn say_json(is_wanted: &AtomicBool, state: &Mutex<State>) {
    loop {
        thread::sleep(JSON_EVERY);
        if !is_wanted.load(Ordering::SeqCst) {
            return;
        }
        let text = lock(state).to_json();
        say_line(&text);
    }
}

impl Progress for ProveProgress {
    fn executed(&self, summary: &RunSummary) {
        self.guest.finish();
        let phase = format!("{} executed, cutting them into segments", counted(summary.cycles, "cycle"));
        self.update(false, |state| state.phase.clone_from(&phase), |_| phase.clone());
    }

    fn planned(&self, total: &Amount) {
        self.update(true, |state| state.estimate.total = *total, |state| state.outlook_line().whole());
    }

    fn taken_over(&self, _: Step, saved: &Amount) {
        self.update(true, |state| state.estimate.saved += *saved, |state| state.outlook_line().whole());
    }

    fn started(&self) {
        let say = |state: &State| {
            let saved = state.estimate.saved;
            let taken_over = if saved == Amount::default() { "" } else { "earlier parts taken over: " };
            format!("{taken_over}{}", state.outlook_line().whole())
        };
        self.update(false, |state| state.started = Some(Instant::now()), say);
    }

    fn begun(&self, step: Step, amount: &Amount) {
        let begun = (step, *amount, Instant::now());
        self.update(true, |state| state.running.push(begun), |state| state.outlook_line().whole());
    }

    fn done(&self, step: Step, done: &Amount, took: Duration) {
        let change = |state: &mut State| {
            state.running.retain(|(other, ..)| *other != step);
            state.estimate.done += *done;
            state.estimate.times.add(step, took);
        };
        self.update(true, change, |state| state.outlook_line().whole());
    }
}

impl State {
    fn new() -> Self {
        let now = Instant::now();
        let phase = "executing the program".to_owned();
        Self { began: now, phase, estimate: Estimate::default(), started: None, running: Vec::new(), said: now }
    }

    /// What a terminal of this width shows now.
    fn line(&self, width: usize) -> String {
        if self.estimate.total == Amount::default() {
            return self.phase.chars().take(width).collect();
        }
        self.outlook_line().fit(width)
    }

    /// All that there is to say, for programs: of each stage the steps that are done, and all.
    fn to_json(&self) -> String {
        let Estimate { total, saved, done, .. } = &self.estimate;
        if *total == Amount::default() {
            return json!({ "progress": { "phase": self.phase } }).to_string();
        }
        let outlook = self.outlook();
        let progress = json!({
            "phase": "proving",
            "share": outlook.share.clamp(0.0, 1.0),
            "seconds_left": outlook.left.as_secs_f64(),
            "segments": [saved.segments + done.segments, total.segments],
            "lifts": [saved.lifts + done.lifts, total.lifts],
            "joins": [saved.joins + done.joins, total.joins],
            "wraps": [saved.wraps + done.wraps, total.wraps],
        });
        json!({ "progress": progress }).to_string()
    }

    fn outlook_line(&self) -> Line {
        Line::new(&self.estimate, &self.outlook(), self.began.elapsed())
    }

    fn outlook(&self) -> Outlook {
        let running: Vec<_> = self.running.iter().map(|(_, amount, begun)| Running { amount: *amount, since: begun.elapsed() }).collect();
        self.estimate.outlook(self.started.map_or(Duration::ZERO, |started| started.elapsed()), &running)
    }
}

/// What a guest prints: shown line by line, so that nothing stands in the middle of one.
pub struct GuestLines {
    /// Drawn below.
    bar: Option<ProgressBar>,
    /// The line that has not ended.
    open: Mutex<String>,
}

impl GuestLines {
    /// Lines above a bar, if there is one.
    pub fn new(bar: Option<ProgressBar>) -> Self {
        Self { bar, open: Mutex::default() }
    }

    /// Receives what a guest prints.
    pub fn printer(self: &Arc<Self>) -> Printer {
        let lines = Arc::clone(self);
        Arc::new(move |text| lines.print(text))
    }

    /// Shows a line that has not ended.
    pub fn finish(&self) {
        let rest = std::mem::take(&mut *lock(&self.open));
        if !rest.is_empty() {
            self.show(&rest);
        }
    }

    fn print(&self, text: &str) {
        let mut open = lock(&self.open);
        open.push_str(text);
        let end = if open.len() > LONGEST_LINE { Some(open.len()) } else { open.rfind('\n') };
        if let Some(end) = end {
            let after = open.len().min(end + 1);
            let rest = open.split_off(after);
            let whole = std::mem::replace(&mut *open, rest);
            drop(open);
            self.show(whole.strip_suffix('\n').unwrap_or(&whole));
        }
    }

    fn show(&self, text: &str) {
        let text = printable(text);
        match &self.bar {
            Some(bar) => bar.suspend(|| say_line(&text)),
            None => say_line(&text),
        }
    }
}

/// Writes a line to standard error. If nobody can read it, nobody can be told so.
pub fn say_line(text: &str) {
    let _ = writeln!(stderr(), "{text}");
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
