//! What is attacked: a program's run, and its honest proof.

use std::sync::OnceLock;

use tern_verifier::segments::Header;
use tern_verifier::{Expected, KeyError};

use super::check::of_rejection;
use super::execute::{Executed, execute};
use super::list::BuiltIn;
use super::prover::LyingProver;
use super::{AttackError, corners, gaps};
use crate::elf::{ElfError, Program};
use crate::exec::{ExecError, SegmentLimits};
use crate::prove::{ProvableProgram, ProveError};
use crate::testing::workload;

/// Most instructions of a run that is attacked: it is proved many times.
pub const MOST_CYCLES: u64 = 1 << 20;

/// A run with its honest proof.
pub struct Target {
    pub(super) program: ProvableProgram,
    pub(super) input: Vec<u8>,
    pub(super) limits: SegmentLimits,
    pub(super) prover: LyingProver,
    pub(super) honest: Executed,
    /// The segments' proofs.
    pub(super) proofs: Vec<Vec<u8>>,
    /// A program that differs in one instruction.
    other: Option<Vec<u8>>,
    /// The proofs of its run.
    foreign: OnceLock<Box<Target>>,
    /// A run of corner cases.
    corners: OnceLock<Box<Target>>,
    /// A run in which cells rest for long.
    gaps: OnceLock<Box<Target>>,
}

/// Why a run cannot be attacked.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    /// The file is no program.
    #[error(transparent)]
    Elf(#[from] ElfError),
    /// The program cannot be proved.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The run does not end.
    #[error(transparent)]
    Execute(#[from] ExecError),
    /// The segments do not follow from the run.
    #[error(transparent)]
    Prove(#[from] ProveError),
    /// The run is too long.
    #[error("the run takes more than {0} instructions, and every attack proves a part of it anew; give it less to do")]
    TooLong(u64),
    /// The honest proof is not accepted, so that no rejection means anything.
    #[error("the unchanged proof is not accepted ({check}): {message}")]
    Control {
        /// The check that rejects it.
        check: &'static str,
        /// What the verifier says.
        message: String,
    },
}

impl Target {
    /// The built-in run: a program with every instruction family and accelerator, in three segments.
    ///
    /// # Errors
    ///
    /// A [`TargetError`]: a fault of this crate.
    pub fn built_in() -> Result<Self, TargetError> {
        let limits = SegmentLimits::cycles(workload::SEGMENT_CYCLES);
        let target = Self::new(Program::from_elf(&workload::elf())?, workload::INPUT, limits)?;
        Ok(Self { other: Some(workload::elf_with(workload::ROUNDS + 1, 0, 1)), ..target })
    }

    /// A run of any program, proved honestly and verified: the control without which no rejection
    /// means anything.
    ///
    /// # Errors
    ///
    /// If it cannot be run or proved, is too long, or its proof is not accepted.
    pub fn new(program: Program, input: &[u8], limits: SegmentLimits) -> Result<Self, TargetError> {
        let program = ProvableProgram::new(program)?;
        let honest = execute(&program, input, &limits, MOST_CYCLES, Vec::new())?;
        let prover = LyingProver::new(&program.key)?;
        let proofs = honest.segments.iter().map(|segment| prover.honest(segment)).collect::<Result<_, _>>()?;
        let target = Self {
            program,
            input: input.to_vec(),
            limits,
            prover,
            honest,
            proofs,
            other: None,
            foreign: OnceLock::new(),
            corners: OnceLock::new(),
            gaps: OnceLock::new(),
        };
        let file = super::file::ChainFile::honest(&target);
        match tern_verifier::verify(&file.to_bytes(), &target.program.key, &target.expected()) {
            Ok(_) => Ok(target),
            Err(rejection) => Err(TargetError::Control { check: of_rejection(&rejection), message: rejection.to_string() }),
        }
    }

    /// Number of segments.
    #[must_use]
    pub fn segments(&self) -> usize {
        self.proofs.len()
    }

    /// Instructions of the run.
    #[must_use]
    pub fn cycles(&self) -> u64 {
        self.honest.segments.iter().map(|segment| u64::from(segment.cycles)).sum()
    }

    /// The segment that executes this instruction of the run, or the number of segments if none does.
    pub(super) fn segment_of(&self, step: u64) -> usize {
        let mut ends = self.honest.segments.iter().scan(0, |end, segment| {
            *end += u64::from(segment.cycles);
            Some(*end)
        });
        ends.position(|end| step < end).unwrap_or(self.segments())
    }

    /// The first instruction of a segment, counted from the run's first.
    pub(super) fn first_step(&self, segment: usize) -> u64 {
        self.honest.segments.iter().take(segment).map(|segment| u64::from(segment.cycles)).sum()
    }

    /// What a verifier expects of the honest run.
    pub(super) const fn expected(&self) -> Expected {
        Expected { exit_code: self.honest.exit_code }
    }

    /// What stands before the segments of the honest run.
    pub(super) fn header(&self) -> Header {
        Header {
            key_digest: self.program.key.digest(),
            input_root: self.program.memory(&self.input).input_root(),
            output: self.honest.output.clone(),
            segments: self.proofs.len() as u32,
        }
    }

    /// The run of the other program, proved when first needed.
    pub(super) fn foreign(&self) -> Result<&Self, AttackError> {
        let elf = || self.other.clone().ok_or(AttackError::NoOther);
        proved(&self.foreign, elf, &self.input, &self.limits)
    }

    /// The run of a built-in program, proved when first needed.
    pub(super) fn run_of(&self, program: BuiltIn) -> Result<&Self, AttackError> {
        let whole = SegmentLimits::cycles(u32::MAX);
        match program {
            BuiltIn::Main => Ok(self),
            BuiltIn::Corners => proved(&self.corners, || Ok(corners::elf()), &[], &whole),
            BuiltIn::Gaps => proved(&self.gaps, || Ok(gaps::elf()), &[], &whole),
        }
    }

    pub(super) fn check_segment(&self, segment: usize) -> Result<usize, AttackError> {
        if segment < self.proofs.len() { Ok(segment) } else { Err(AttackError::NoSegment { got: segment, segments: self.proofs.len() }) }
    }
}

/// A run that is proved when first needed.
fn proved<'a>(
    place: &'a OnceLock<Box<Target>>,
    elf: impl Fn() -> Result<Vec<u8>, AttackError>,
    input: &[u8],
    limits: &SegmentLimits,
) -> Result<&'a Target, AttackError> {
    if let Some(target) = place.get() {
        return Ok(target);
    }
    let program = Program::from_elf(&elf()?).map_err(|error| AttackError::Honest(error.to_string()))?;
    let target = Target::new(program, input, *limits).map_err(|error| AttackError::Honest(error.to_string()))?;
    Ok(place.get_or_init(|| Box::new(target)))
}
