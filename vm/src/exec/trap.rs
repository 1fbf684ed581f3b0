//! Why a run stops other than by `halt`.

use thiserror::Error;

use crate::elf::SymbolsError;

/// An abnormal termination: what happened, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trap {
    /// The instruction that broke a rule; where the program left its text, the one that led out.
    pub place: Place,
    /// For a word that cannot be executed and was jumped to: the jump.
    pub source: Option<Place>,
    /// Instructions completed before this one.
    pub cycle: u64,
    pub reason: TrapReason,
}

impl std::fmt::Display for Trap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} at {}", self.reason, self.place)?;
        if let Some(source) = &self.source {
            write!(f, ", jumped to from {source}")?;
        }
        write!(f, ", cycle {}", self.cycle)?;
        self.place.nameless.map_or(Ok(()), |reason| write!(f, " (no function names: {reason})"))
    }
}

impl std::error::Error for Trap {}

/// An instruction's address and function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub pc: u32,
    /// The function that holds `pc`, if one does.
    pub symbol: Option<String>,
    /// Why the program has no function names, if it has none.
    pub nameless: Option<SymbolsError>,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "pc {:#010x}", self.pc)?;
        match (&self.symbol, self.nameless) {
            (Some(symbol), _) => write!(f, " in {symbol}"),
            (None, None) => f.write_str(" outside every function"),
            (None, Some(_)) => Ok(()),
        }
    }
}

/// The rule that was broken.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TrapReason {
    #[error("illegal instruction {word:#010x}")]
    IllegalInstruction { word: u32 },
    #[error("{name} ({word:#010x}) is no instruction of the machine, RV64IM")]
    UnsupportedInstruction { name: &'static str, word: u32 },
    #[error("ebreak")]
    Breakpoint,
    #[error("execution goes to {target:#010x}, outside the text,")]
    FetchOutsideText { target: u32 },
    #[error("jump to {target:#x}, which is no multiple of 4 or not below 2^32")]
    MisalignedJump { target: u64 },
    #[error("{access} of {bytes} bytes at {address:#x}: {fault}")]
    Memory { access: Access, address: u64, bytes: u64, fault: MemoryFault },
    #[error("unknown environment call {number:#x}")]
    UnknownEcall { number: u64 },
    #[error("operand pointer {address:#x} is no multiple of 8")]
    MisalignedOperand { address: u64 },
    #[error("mulmod{bits} with modulus zero")]
    ZeroModulus { bits: usize },
    #[error("mulmod{bits} whose quotient reaches 2^{bits}")]
    QuotientTooLarge { bits: usize },
    #[error("blake2f_round with schedule {schedule}, of which there are ten")]
    UnknownSchedule { schedule: u64 },
    #[error("exit code {code:#x} is not below 2^32")]
    ExitCodeTooLarge { code: u64 },
    #[error("halt names output digest {}, but the output hashes to {}", Hex(&digests[0]), Hex(&digests[1]))]
    OutputDigestMismatch {
        /// What the program claimed, and what its output hashes to.
        digests: Box<[[u8; 32]; 2]>,
    },
    #[error("the output grows beyond {limit} bytes")]
    OutputTooLarge { limit: u64 },
    #[error("text of {length} bytes: at most {limit} are allowed")]
    TextTooLong { length: u64, limit: u64 },
    #[error("text that is not UTF-8")]
    TextNotUtf8,
    #[error("more than {limit} cycle scopes")]
    TooManyScopes { limit: usize },
    #[error("end of a cycle scope that was not begun")]
    ScopeNotOpen,
    #[error("the limit of {limit} cycles is reached")]
    CycleLimit { limit: u64 },
}

impl TrapReason {
    /// Whether the word at `pc` is none that the machine executes.
    #[must_use]
    pub fn is_undecodable(&self) -> bool {
        matches!(self, Self::IllegalInstruction { .. } | Self::UnsupportedInstruction { .. } | Self::Breakpoint)
    }
}

/// What an access wanted to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    Load,
    Store,
}

impl std::fmt::Display for Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Load => "load",
            Self::Store => "store",
        })
    }
}

/// Why memory refused an access.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum MemoryFault {
    #[error("the null page")]
    NullPage,
    #[error("the guard page below the stack")]
    GuardPage,
    #[error("read-only memory")]
    ReadOnly,
    #[error("it straddles two regions of memory")]
    StraddlesRegions,
    #[error("beyond 2^32")]
    BeyondMemory,
}

struct Hex<'a>(&'a [u8]);

impl std::fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
