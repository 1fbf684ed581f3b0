//! The host's side of the environment calls that carry data out of the machine.

use super::machine::{Halt, Stop};
use super::trap::TrapReason;

/// Most bytes of one printed text or scope name.
const MAX_TEXT_BYTES: u64 = 1 << 20;
/// Most scopes open at once, and most distinct scopes.
const MAX_SCOPES: usize = 4096;

/// Receives printed text.
pub type PrintSink = Box<dyn FnMut(&str) + Send>;

/// What the host allows a run.
pub struct Options {
    /// Most instructions; a program that has not halted by then is stopped with [`TrapReason::CycleLimit`].
    pub cycle_limit: u64,
    /// Most bytes of output that the host keeps.
    pub max_output: u64,
    /// Where printed text goes; `None` discards it.
    pub print: Option<PrintSink>,
}

impl Default for Options {
    fn default() -> Self {
        Self { cycle_limit: u64::MAX, max_output: 1 << 30, print: None }
    }
}

/// Cycles spent in one named scope, over all its runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeTotal {
    /// Names from the outermost scope to this one, joined by `/`.
    pub path: String,
    pub calls: u64,
    /// Instructions between begin and end, inner scopes included.
    pub cycles: u64,
}

/// Output and cycle scopes of a run.
pub(super) struct Host {
    max_output: u64,
    print: Option<PrintSink>,
    output: Vec<u8>,
    /// Open scopes: index into `scopes`, and the cycle at which it was opened.
    open: Vec<(usize, u64)>,
    scopes: Vec<ScopeTotal>,
}

impl Host {
    pub fn new(options: Options) -> Self {
        Self { max_output: options.max_output, print: options.print, output: Vec::new(), open: Vec::new(), scopes: Vec::new() }
    }

    /// The output so far.
    pub fn output(&self) -> &[u8] {
        &self.output
    }

    /// The scopes seen, in order of first opening.
    pub fn scopes(&self) -> &[ScopeTotal] {
        &self.scopes
    }

    pub fn write_output(&mut self, bytes: &[u8]) -> Result<(), TrapReason> {
        if (self.output.len() as u64).saturating_add(bytes.len() as u64) > self.max_output {
            return Err(TrapReason::OutputTooLarge { limit: self.max_output });
        }
        self.output.extend_from_slice(bytes);
        Ok(())
    }

    pub fn print(&mut self, bytes: &[u8]) -> Result<(), TrapReason> {
        let text = utf8(bytes)?;
        if let Some(print) = &mut self.print {
            print(text);
        }
        Ok(())
    }

    pub fn begin_scope(&mut self, name: &[u8], cycle: u64) -> Result<(), TrapReason> {
        let name = utf8(name)?;
        let path = match self.open.last() {
            Some(&(parent, _)) => format!("{}/{name}", self.scopes[parent].path),
            None => name.to_owned(),
        };
        if path.len() as u64 > MAX_TEXT_BYTES {
            return Err(TrapReason::TextTooLong { length: path.len() as u64, limit: MAX_TEXT_BYTES });
        }
        let known = self.scopes.iter().position(|scope| scope.path == path);
        if self.open.len() >= MAX_SCOPES || known.is_none() && self.scopes.len() >= MAX_SCOPES {
            return Err(TrapReason::TooManyScopes { limit: MAX_SCOPES });
        }
        let index = known.unwrap_or_else(|| {
            self.scopes.push(ScopeTotal { path, calls: 0, cycles: 0 });
            self.scopes.len() - 1
        });
        self.open.push((index, cycle));
        Ok(())
    }

    pub fn end_scope(&mut self, cycle: u64) -> Result<(), TrapReason> {
        let (index, begun) = self.open.pop().ok_or(TrapReason::ScopeNotOpen)?;
        let scope = &mut self.scopes[index];
        scope.calls += 1;
        scope.cycles += cycle - begun;
        Ok(())
    }

    /// Checks the arguments of `halt` against the output.
    pub fn halt(&self, code: u64, digest: [u64; 4]) -> Result<Stop, TrapReason> {
        let exit_code = u32::try_from(code).map_err(|_| TrapReason::ExitCodeTooLarge { code })?;
        let mut claimed = [0; 32];
        for (bytes, dword) in claimed.chunks_exact_mut(8).zip(digest) {
            bytes.copy_from_slice(&dword.to_le_bytes());
        }
        let actual = *blake3::hash(&self.output).as_bytes();
        if claimed != actual {
            return Err(TrapReason::OutputDigestMismatch { digests: Box::new([claimed, actual]) });
        }
        Ok(Stop::Halt(Halt { exit_code, output_digest: actual }))
    }
}

fn utf8(bytes: &[u8]) -> Result<&str, TrapReason> {
    if bytes.len() as u64 > MAX_TEXT_BYTES {
        return Err(TrapReason::TextTooLong { length: bytes.len() as u64, limit: MAX_TEXT_BYTES });
    }
    std::str::from_utf8(bytes).map_err(|_| TrapReason::TextNotUtf8)
}
