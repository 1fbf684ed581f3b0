//! The verifier's checks by name: what a list says should reject an attack, and what a report says did.

use tern_verifier::Rejection;
use tern_verifier::multilinear::Claim;
use tern_verifier::multilinear::batch::Rejected;
use tern_verifier::multilinear::bytes::BytesError;
use tern_verifier::reason::Reason;

/// Every name, and `prover`: for attacks that no prover completes.
pub const CHECKS: &[&str] = &[
    PROVER,
    "format",
    "encoding",
    "key",
    "program",
    "circuits",
    "statement",
    "halt-flag",
    "program-counter",
    "memory-root",
    "halted",
    "trailing",
    "exit-code",
    "output",
    "key-list",
    "flag",
    "lengths",
    "heights",
    "work",
    "lookups",
    "constraints",
    "keccak",
    "weighted-sum",
    "path",
    "combination",
    "fold",
    "last-polynomial",
];

/// The name for attacks that no prover completes.
pub const PROVER: &str = "prover";

/// The check that rejects a proof file.
#[must_use]
pub const fn of_rejection(rejection: &Rejection) -> &'static str {
    match rejection {
        Rejection::NotAProof { .. } | Rejection::KeyFile | Rejection::Unsupported { .. } => "format",
        Rejection::Wire(_) | Rejection::SegmentTooLong { .. } => "encoding",
        Rejection::Decode { error, .. } | Rejection::FinalEncoding(error) => of_bytes(error),
        Rejection::Key(_) => "key",
        Rejection::Program { .. } => "program",
        Rejection::Circuits { .. } => "circuits",
        Rejection::Statement { .. } => "statement",
        Rejection::HaltFlag { .. } => "halt-flag",
        Rejection::ProgramCounter { .. } => "program-counter",
        Rejection::MemoryRoot { .. } => "memory-root",
        Rejection::SegmentAfterHalt { .. } | Rejection::NotHalted { .. } => "halted",
        Rejection::TrailingBytes { .. } => "trailing",
        Rejection::ExitCode { .. } => "exit-code",
        Rejection::Output { .. } => "output",
        Rejection::Proof { error, .. } | Rejection::Final(error) => of_rejected(error),
        // A fault of the verifier's own, which no proof leads to.
        Rejection::Relation { .. } => PROVER,
    }
}

const fn of_bytes(error: &BytesError) -> &'static str {
    match error {
        BytesError::Wire(_) => "encoding",
        BytesError::Heights(_) => "heights",
        BytesError::Count { .. } => "lengths",
        BytesError::Trailing { .. } => "trailing",
    }
}

/// The check that rejects a batch proof.
#[must_use]
pub const fn of_rejected(rejected: &Rejected) -> &'static str {
    match rejected {
        Rejected::Shape | Rejected::Excess(_) => "lengths",
        Rejected::Heights(_) => "heights",
        Rejected::Claim(failure) => of_reason(&failure.reason()),
    }
}

/// The check that fails with this reason.
#[must_use]
pub const fn of_reason(reason: &Reason) -> &'static str {
    match reason {
        Reason::Flag { .. } => "flag",
        Reason::Program { .. } => "program",
        Reason::ProgramCounter { .. } => "program-counter",
        Reason::MemoryRoot { .. } => "memory-root",
        Reason::Halted { .. } => "halted",
        Reason::KeyList { .. } => "key-list",
        Reason::Multilinear(claim) => match claim {
            Claim::Work(_) => "work",
            Claim::Shape => "lengths",
            Claim::Heights { .. } => "heights",
            Claim::RootDenominator | Claim::LookupLayer { .. } => "lookups",
            Claim::Skip | Claim::Constraints => "constraints",
            Claim::KeccakCalls | Claim::Keccak { .. } => "keccak",
            Claim::WeightedSum => "weighted-sum",
            Claim::Path { .. } => "path",
            Claim::Combination { .. } => "combination",
            Claim::Fold { .. } => "fold",
            Claim::LastPolynomial { .. } => "last-polynomial",
        },
    }
}
