//! What coordinators and workers tell each other: small JSON texts, whose size is checked before
//! they are read.

use core::fmt;
use core::str::FromStr;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tern_air::machine::segment::Statement;
use tern_verifier::segments::{STATEMENT_BYTES, read_statement, write_statement};
use tern_verifier::wire::{Reader, Writer};
use tern_vm::prove::{Span, Step};

/// Most bytes of a message.
pub const MAX_MESSAGE_BYTES: usize = 64 << 10;
/// Most characters of a text that comes from another machine, such as a reason or a name.
const MAX_TEXT: usize = 600;

/// Why bytes are no message of this protocol.
#[derive(Debug, thiserror::Error)]
pub enum MessageError {
    /// Too long.
    #[error("a message has {0} bytes, at most {MAX_MESSAGE_BYTES} are read")]
    TooLong(usize),
    /// Not what is expected.
    #[error("a message cannot be read: {0}")]
    Json(#[from] serde_json::Error),
}

/// A message's bytes.
///
/// # Errors
///
/// If it would be too long to be read.
pub fn encode<T: Serialize>(message: &T) -> Result<Vec<u8>, MessageError> {
    let bytes = serde_json::to_vec(message)?;
    if bytes.len() > MAX_MESSAGE_BYTES { Err(MessageError::TooLong(bytes.len())) } else { Ok(bytes) }
}

/// Reads a message.
///
/// # Errors
///
/// If it is too long, or another one.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, MessageError> {
    if bytes.len() > MAX_MESSAGE_BYTES {
        return Err(MessageError::TooLong(bytes.len()));
    }
    Ok(serde_json::from_slice(bytes)?)
}

/// A text as it is shown: of bounded length, without control characters.
#[must_use]
pub fn shown(text: &str) -> String {
    text.chars().take(MAX_TEXT).map(|character| if character.is_control() { ' ' } else { character }).collect()
}

/// A class of steps. Each has a queue of its own; workers look into them in this order, so that
/// what closes the tree soonest is done first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// The last step.
    Wrap,
    /// Joins of neighbours.
    Join,
    /// Lifts of segments.
    Lift,
    /// Segments.
    Segment,
}

impl Class {
    /// All of them, in the order in which workers look.
    pub const ALL: [Self; 4] = [Self::Wrap, Self::Join, Self::Lift, Self::Segment];

    /// The word for it in subjects and reports.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Wrap => "wrap",
            Self::Join => "join",
            Self::Lift => "lift",
            Self::Segment => "segment",
        }
    }
}

impl FromStr for Class {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|class| class.word() == word).ok_or(())
    }
}

/// A step's name in subjects: `segment-3`, `lift-2-4` (segments 2 and 3), `join-0-9`, `wrap`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct StepName(pub Step);

impl StepName {
    /// Its class.
    #[must_use]
    pub const fn class(self) -> Class {
        match self.0 {
            Step::Segment(_) => Class::Segment,
            Step::Lift(_) => Class::Lift,
            Step::Join(_) => Class::Join,
            Step::Wrap => Class::Wrap,
        }
    }
}

impl fmt::Display for StepName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = self.class().word();
        match self.0 {
            Step::Segment(index) => write!(f, "{word}-{index}"),
            Step::Lift(span) | Step::Join(span) => write!(f, "{word}-{}-{}", span.first, span.end),
            Step::Wrap => f.write_str(word),
        }
    }
}

impl From<StepName> for String {
    fn from(name: StepName) -> Self {
        name.to_string()
    }
}

impl TryFrom<String> for StepName {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let unknown = || format!("{} is no step", shown(&text));
        let mut parts = text.split('-');
        let class: Class = parts.next().and_then(|word| word.parse().ok()).ok_or_else(unknown)?;
        let numbers: Vec<u32> = parts.map(str::parse).collect::<Result<_, _>>().map_err(|_| unknown())?;
        let step = match (class, &numbers[..]) {
            (Class::Segment, &[index]) if index < u32::MAX => Step::Segment(index),
            (Class::Lift, &[first, end]) if first < end => Step::Lift(Span { first, end }),
            (Class::Join, &[first, end]) if first < end => Step::Join(Span { first, end }),
            (Class::Wrap, []) => Step::Wrap,
            _ => return Err(unknown()),
        };
        Ok(Self(step))
    }
}

/// A blob in a job's store, by its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Blob {
    /// BLAKE3 of its bytes.
    #[serde(with = "hex")]
    pub hash: [u8; 32],
    /// How many there are.
    pub bytes: u64,
}

impl Blob {
    /// The name of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self { hash: *blake3::hash(bytes).as_bytes(), bytes: bytes.len() as u64 }
    }
}

/// A statement, in the encoding of proof files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Stated(pub Statement);

impl From<Stated> for String {
    fn from(stated: Stated) -> Self {
        let mut writer = Writer::default();
        write_statement(&mut writer, &stated.0);
        hex::encode(writer.into_bytes())
    }
}

impl TryFrom<String> for Stated {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let mut bytes = [0; STATEMENT_BYTES];
        hex::decode_to_slice(text, &mut bytes).map_err(|error| error.to_string())?;
        read_statement(&mut Reader::new(&bytes), 0).map(Self).map_err(|error| error.to_string())
    }
}

/// A run, and how it is cut into segments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunOf {
    /// The program's ELF file.
    pub program: Blob,
    /// Its input.
    pub input: Blob,
    /// Base-2 logarithm of the rows that segments are cut for.
    pub segment_log_rows: usize,
    /// Most instructions in a segment.
    pub max_segment_cycles: u32,
    /// Most instructions of the run.
    pub cycle_limit: u64,
}

/// What is to be done: one step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// The job that it is part of.
    pub job: String,
    /// Which step.
    pub step: StepName,
    /// How often it was handed out before.
    pub attempt: u32,
    /// Of which run.
    pub run: RunOf,
    /// What the proof is to state.
    pub statement: Stated,
    /// The proofs that it is made from, with what they state: none for a segment.
    pub inputs: Vec<(Blob, Stated)>,
    /// Memory that it takes, in bytes.
    pub memory: u64,
    /// Seconds without a sign of life after which it is handed out again.
    pub lease_s: u64,
    /// Workers that failed it: they leave it to others for a while.
    pub failed_on: Vec<String>,
}

/// What became of a step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// Which step.
    pub step: StepName,
    /// Which time that it was handed out.
    pub attempt: u32,
    /// Who did it.
    pub worker: Who,
    /// Seconds that it took.
    pub seconds: f64,
    /// What was made.
    pub made: Made,
}

/// What a worker made of a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Made {
    /// This proof.
    Proof(Blob),
    /// Nothing, for this reason.
    Failed(String),
}

/// A worker.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Who {
    /// Drawn at its start.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// What it proves on.
    pub device: String,
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "worker {} on {}", shown(&self.name), shown(&self.device))
    }
}

/// What a worker says of itself: at its start, when it begins or ends a step, when asked, and every
/// few seconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Presence {
    /// Who it is.
    pub worker: Who,
    /// What it runs.
    pub version: super::Version,
    /// Steps that it does at the same time.
    pub jobs: usize,
    /// Memory that each may take, in bytes, if that is limited.
    pub memory: Option<u64>,
    /// What it is doing.
    pub working: Vec<Working>,
    /// Steps that it has done.
    pub done: u64,
    /// Whether it goes.
    pub leaving: bool,
}

/// A step that a worker is doing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Working {
    /// The job.
    pub job: String,
    /// The step.
    pub step: StepName,
    /// Which time that it was handed out.
    pub attempt: u32,
}

/// What a coordinator says to a worker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tell {
    /// It gets no work, for it runs another version than this one.
    Version(super::Version),
    /// It gets no more work, for this reason.
    Dismissed(String),
}

/// What a coordinator says of itself when asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobPresence {
    /// Its job.
    pub job: String,
    /// What it runs.
    pub version: super::Version,
    /// What it makes.
    pub proof: String,
    /// Steps that are handed out.
    pub handed_out: usize,
    /// Steps that are done.
    pub done: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_steps_are_read_as_they_are_written() {
        let span = Span { first: 2, end: 4 };
        for (step, name) in
            [(Step::Segment(3), "segment-3"), (Step::Lift(span), "lift-2-4"), (Step::Join(span), "join-2-4"), (Step::Wrap, "wrap")]
        {
            assert_eq!(StepName(step).to_string(), name);
            assert_eq!(StepName::try_from(name.to_owned()), Ok(StepName(step)));
        }
        for other in ["", "segment", "segment-x", "segment--1", "segment-4294967295", "lift-2-2", "join-3", "wrap-0", "segment-1-2", "*"] {
            assert!(StepName::try_from(other.to_owned()).is_err(), "{other}");
        }
    }

    #[test]
    fn messages_that_are_too_long_are_not_read() {
        let text = "a".repeat(MAX_MESSAGE_BYTES);
        assert!(matches!(encode(&text), Err(MessageError::TooLong(_))));
        assert!(matches!(decode::<String>(&serde_json::to_vec(&text).expect("JSON")), Err(MessageError::TooLong(_))));
        assert!(matches!(decode::<String>(b"{"), Err(MessageError::Json(_))));
        assert_eq!(decode::<String>(&encode(&"short").expect("bytes")).expect("a text"), "short");
    }

    #[test]
    fn what_others_wrote_is_shown_without_control_characters() {
        assert_eq!(shown("a\u{1b}[2Jb\nc"), "a [2Jb c");
        assert_eq!(shown(&"x".repeat(2 * MAX_TEXT)).len(), MAX_TEXT);
    }
}
