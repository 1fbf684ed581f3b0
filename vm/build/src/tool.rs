//! Running compilers.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::BuildError;

/// Most lines kept of what a compiler says.
const KEPT_LINES: usize = 400;
/// Most bytes of a line.
const LINE_BYTES: u64 = 4096;

/// What a command said and how it ended.
pub struct Ended {
    pub is_success: bool,
    pub stdout: Vec<u8>,
    /// The last lines on standard error.
    pub stderr: String,
}

/// Why a command did not start.
pub enum NotRun {
    Missing,
    Other(std::io::Error),
}

/// Runs a command to its end. With `echo`, what it says on standard error is passed on as it comes.
pub fn run(command: &mut Command, echo: bool) -> Result<Ended, NotRun> {
    let started = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = started.map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => NotRun::Missing,
        _ => NotRun::Other(error),
    })?;
    let stderr = child.stderr.take().map(|pipe| std::thread::spawn(move || keep_lines(pipe, echo)));
    let mut stdout = Vec::new();
    if let Some(mut pipe) = child.stdout.take() {
        pipe.read_to_end(&mut stdout).map_err(NotRun::Other)?;
    }
    let status = child.wait().map_err(NotRun::Other)?;
    let stderr = stderr.and_then(|thread| thread.join().ok()).unwrap_or_default();
    Ok(Ended { is_success: status.success(), stdout, stderr })
}

/// The last lines of a pipe that is read to its end.
fn keep_lines(pipe: impl Read, echo: bool) -> String {
    let mut lines = VecDeque::new();
    let mut pipe = BufReader::new(pipe);
    loop {
        let mut line = Vec::new();
        match pipe.by_ref().take(LINE_BYTES).read_until(b'\n', &mut line) {
            Ok(count) if count > 0 => {}
            _ => return lines.into_iter().collect(),
        }
        if echo {
            // nobody may be there to read it
            let _ = std::io::stderr().write_all(&line);
        }
        if lines.len() == KEPT_LINES {
            lines.pop_front();
        }
        lines.push_back(String::from_utf8_lossy(&line).into_owned());
    }
}

/// Reads a file.
pub fn read(path: &Path) -> Result<Vec<u8>, BuildError> {
    std::fs::read(path).map_err(|error| BuildError::Io { path: path.to_owned(), error })
}

/// Makes a folder and those above it.
pub fn make_folder(path: &Path) -> Result<(), BuildError> {
    std::fs::create_dir_all(path).map_err(|error| BuildError::Io { path: path.to_owned(), error })
}

/// Writes a file, unless it has these contents already: compilers go by the time of the last
/// change.
pub fn write(path: &Path, contents: &[u8]) -> Result<(), BuildError> {
    if std::fs::read(path).is_ok_and(|old| old == contents) {
        return Ok(());
    }
    std::fs::write(path, contents).map_err(|error| BuildError::Io { path: path.to_owned(), error })
}
