//! A process for one piece of work, so that whatever becomes of it becomes of nothing else.

use std::fs;
use std::io::{self, BufRead, BufReader, Read};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU8, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use serde_json::Value;

/// Time between two looks at a process.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// Most bytes of standard output, and of a line of standard error, that are kept.
const MOST_BYTES: usize = 1 << 20;
/// Most bytes of the last lines of standard error that are kept.
const LAST_BYTES: usize = 2048;
/// How likely the system ends a process of ours rather than another where memory runs out: -1000 to 1000.
const OOM_SCORE: &str = "800";

/// Why a process is to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopReason {
    /// The service ends.
    Shutdown,
    /// Nobody wants its work any more.
    Cancelled,
}

/// Tells a process to stop.
#[derive(Debug, Default)]
pub struct Stop(AtomicU8);

impl Stop {
    const SHUTDOWN: u8 = 1;
    const CANCELLED: u8 = 2;

    /// Asks for it. What was asked for first counts.
    pub fn ask(&self, reason: StopReason) {
        let value = match reason {
            StopReason::Shutdown => Self::SHUTDOWN,
            StopReason::Cancelled => Self::CANCELLED,
        };
        let _ = self.0.compare_exchange(0, value, Ordering::SeqCst, Ordering::SeqCst);
    }

    /// Whether it was asked for.
    pub fn asked(&self) -> Option<StopReason> {
        match self.0.load(Ordering::SeqCst) {
            Self::SHUTDOWN => Some(StopReason::Shutdown),
            Self::CANCELLED => Some(StopReason::Cancelled),
            _ => None,
        }
    }
}

/// What a process may take.
#[derive(Clone, Copy, Debug, Default)]
pub struct Allowance {
    /// Most resident bytes.
    pub memory: Option<u64>,
    /// When it has to be done.
    pub until: Option<Instant>,
}

/// How a process ended.
#[derive(Debug)]
pub enum End {
    /// By itself, or by a signal of others.
    Exited(Exit),
    /// It was told to.
    Stopped(StopReason),
    /// Its time was up.
    TimedOut,
    /// It took too much memory, so many bytes.
    TooMuchMemory(u64),
}

/// How a process ended by itself.
#[derive(Debug)]
pub struct Exit {
    /// Its exit status.
    pub status: ExitStatus,
    /// The object on standard output, if it is one.
    pub report: Option<Value>,
    /// The last lines of standard error, without those of progress.
    pub last_lines: String,
}

impl Exit {
    /// The code of the failure that it reports.
    pub fn code(&self) -> Option<&str> {
        self.report.as_ref()?["error"]["code"].as_str()
    }

    /// What happened, for people.
    pub fn reason(&self) -> String {
        let said = self.report.as_ref().and_then(|report| report["error"]["message"].as_str());
        let hint = self.report.as_ref().and_then(|report| report["error"]["hint"].as_str());
        let mut reason = match (said, self.status.signal(), self.status.code()) {
            (Some(said), ..) => said.to_owned(),
            (None, Some(9), _) => "the process was killed by signal 9, as the system does where memory runs out".to_owned(),
            (None, Some(signal), _) => format!("the process was ended by signal {signal}"),
            (None, None, code) => format!("the process ended with status {}", code.unwrap_or_default()),
        };
        if let Some(hint) = hint {
            reason.push_str(&format!(" ({hint})"));
        }
        // A guest that fails has said why; so has a program that panics.
        if (said.is_none() || self.code() == Some("guest_failed")) && !self.last_lines.is_empty() {
            reason.push_str(&format!(": {}", self.last_lines));
        }
        reason
    }
}

/// Runs a process to its end. `progress` receives what it says on the way: each line of standard
/// error that is an object with the key "progress".
///
/// Its standard input is open as long as this process is there.
///
/// # Errors
///
/// If it cannot be started or watched.
pub fn run(command: &mut Command, stop: &Stop, allowance: Allowance, progress: impl Fn(Value) + Sync) -> io::Result<End> {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0).spawn()?;
    // A process may always ask to be ended sooner than others.
    let _ = fs::write(format!("/proc/{}/oom_score_adj", child.id()), OOM_SCORE);
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    thread::scope(|scope| {
        let output = scope.spawn(|| stdout.map_or_else(Vec::new, read_bounded));
        let lines = scope.spawn(|| stderr.map_or_else(String::new, |stderr| read_lines(stderr, &progress)));
        let ended = watch(&child, stop, allowance);
        // Whatever it has started goes with it, and closes the pipes. Until it is waited for,
        // nothing else has its number.
        let _ = kill_process_group(Pid::from_child(&child), Signal::KILL);
        let status = child.kill().and_then(|()| child.wait());
        let (output, last_lines) = (output.join().unwrap_or_default(), lines.join().unwrap_or_default());
        Ok(match ended? {
            None => End::Exited(Exit { status: status?, report: serde_json::from_slice(&output).ok(), last_lines }),
            Some(end) => end,
        })
    })
}

/// Waits until a process has ended, or is to be ended for the reason that is given.
fn watch(child: &Child, stop: &Stop, allowance: Allowance) -> io::Result<Option<End>> {
    let look = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    loop {
        if waitid(WaitId::Pid(Pid::from_child(child)), look)?.is_some() {
            return Ok(None);
        }
        if let Some(reason) = stop.asked() {
            return Ok(Some(End::Stopped(reason)));
        }
        if allowance.until.is_some_and(|until| Instant::now() >= until) {
            return Ok(Some(End::TimedOut));
        }
        if let Some(limit) = allowance.memory
            && let Some(bytes) = resident_bytes(child.id())
            && bytes > limit
        {
            return Ok(Some(End::TooMuchMemory(bytes)));
        }
        thread::sleep(LOOK_EVERY);
    }
}

/// Resident memory of a process, where the system tells it.
pub fn resident_bytes(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

/// Reads to the end, and keeps the beginning.
fn read_bounded(mut from: impl Read) -> Vec<u8> {
    let mut kept = Vec::new();
    let _ = from.by_ref().take(MOST_BYTES as u64).read_to_end(&mut kept);
    let _ = io::copy(&mut from, &mut io::sink());
    kept
}

/// Reads lines to the end: those of progress are passed on, and the last of the others kept.
fn read_lines(from: impl Read, progress: &(impl Fn(Value) + Sync)) -> String {
    let mut from = BufReader::new(from);
    let mut last = String::new();
    loop {
        let mut line = Vec::new();
        match from.by_ref().take(MOST_BYTES as u64).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return last.trim().replace(|c: char| c.is_control() && c != '\n', " "),
            Ok(_) => {}
        }
        if let Ok(Value::Object(mut object)) = serde_json::from_slice(&line)
            && let Some(said) = object.remove("progress")
        {
            progress(said);
            continue;
        }
        last.push_str(&String::from_utf8_lossy(&line));
        let start = last.ceil_char_boundary(last.len().saturating_sub(LAST_BYTES));
        last.drain(..start);
    }
}
