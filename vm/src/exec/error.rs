//! Why a run could not be made or finished.

use thiserror::Error;

use super::trap::Trap;
use crate::elf::SymbolsError;

/// Why an execution failed.
#[derive(Debug, Error)]
pub enum ExecError {
    #[error("the input has {bytes} bytes; its region holds 2147483616")]
    InputTooLarge { bytes: u64 },
    #[error("reserving the machine's address space: {0}")]
    Reservation(std::io::Error),
    #[error("abnormal termination: {0}")]
    Trap(Box<Trap>),
    #[error("no profile by function: {0}")]
    NoFunctionNames(SymbolsError),
    #[error("the segment limits leave no room for one instruction (at pc {pc:#010x})")]
    LimitsTooSmall { pc: u32 },
}

impl From<Box<Trap>> for ExecError {
    fn from(trap: Box<Trap>) -> Self {
        Self::Trap(trap)
    }
}
