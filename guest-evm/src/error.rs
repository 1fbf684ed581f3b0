//! Why a block is not shown to be valid.

use alloc::string::String;

use alloy_primitives::B256;

use crate::access_list::AccessListError;
use crate::header::HeaderError;
use crate::input::InputError;
use crate::rlp::RlpError;
use crate::state::StateError;
use crate::trie::TrieError;

/// The reason for a verdict "invalid".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// The guest input cannot be read.
    #[error("input: {0}")]
    Input(#[from] InputError),
    /// The block's RLP cannot be read.
    #[error("block RLP: {part}: {error}")]
    BlockRlp {
        /// The part that cannot be read.
        part: &'static str,
        /// What is wrong with it.
        error: RlpError,
    },
    /// The block or parent header does not decode.
    #[error("{0} header does not decode: {1}")]
    HeaderRlp(&'static str, alloy_rlp::Error),
    /// A withdrawal does not decode.
    #[error("withdrawal {0} does not decode: {1}")]
    WithdrawalRlp(usize, alloy_rlp::Error),
    /// The header breaks a rule.
    #[error("header: {0}")]
    Header(#[from] HeaderError),
    /// The witness or the pre-state is unusable.
    #[error(transparent)]
    State(#[from] StateError),
    /// A transaction does not decode.
    #[error("transaction {index}: {error}")]
    TransactionRlp {
        /// Position in the block.
        index: usize,
        /// What is wrong with it.
        error: String,
    },
    /// A fee of a transaction is beyond what this validator computes with. The rules know no such limit.
    #[error("transaction {index}: {fee} is 2^128 or more, which this validator does not support")]
    FeeTooLarge {
        /// Position in the block.
        index: usize,
        /// The field's name.
        fee: &'static str,
    },
    /// The gas limit does not pay for as many transactions.
    #[error("more than {most} transactions, for which the gas limit {gas_limit} does not pay")]
    TooManyTransactions {
        /// The header's gas limit.
        gas_limit: u64,
        /// The most transactions that it pays for.
        most: u64,
    },
    /// A transaction asks for more EVM memory than this validator has, and has gas for the least size beyond. The rules know no such
    /// limit.
    #[error("EVM memory beyond {0} bytes, which this validator does not support")]
    MemoryLimit(usize),
    /// A transaction's signature recovers no sender.
    #[error("transaction {0}: signature recovers no sender")]
    Sender(usize),
    /// A transaction's signature is not that of the public key given for it.
    #[error("transaction {0}: the signature is not that of the public key")]
    PublicKey(usize),
    /// A transaction is not valid where it stands.
    #[error("transaction {index}: {error}")]
    Transaction {
        /// Position in the block.
        index: usize,
        /// The rule that it breaks.
        error: String,
    },
    /// A system call or the collection of requests failed.
    #[error("block execution: {0}")]
    Execution(String),
    /// A system contract that must answer at the end of the block has no code.
    #[error("system contract {0} has no code")]
    MissingSystemContract(alloy_primitives::Address),
    /// A deposit event does not have the layout of EIP-6110.
    #[error("deposit event with a foreign layout in transaction {0}")]
    DepositLayout(usize),
    /// The transactions carry more blob gas than the fork allows.
    #[error("block uses {got} blob gas, more than {limit}")]
    BlobGasLimit {
        /// Blob gas of all transactions.
        got: u64,
        /// The fork's limit.
        limit: u64,
    },
    /// A number in the header differs from the computed one.
    #[error("{field} is {header} in the header, {computed} by execution")]
    WrongNumber {
        /// The header's field.
        field: &'static str,
        /// Its value.
        header: u64,
        /// What execution gave.
        computed: u64,
    },
    /// A hash in the header differs from the computed one.
    #[error("{field} is {header} in the header, {computed} by execution")]
    WrongHash {
        /// The header's field.
        field: &'static str,
        /// Its value.
        header: B256,
        /// What was computed.
        computed: B256,
    },
    /// The block access list is wrong.
    #[error("block access list: {0}")]
    AccessList(#[from] AccessListError),
    /// The logs bloom in the header differs from the computed one.
    #[error("logs bloom differs from the receipts")]
    WrongBloom,
}

impl From<TrieError> for Invalid {
    fn from(error: TrieError) -> Self {
        Self::State(error.into())
    }
}

impl Invalid {
    /// Whether the witness, not the block, is at fault: with a complete witness the verdict may differ.
    pub fn is_incomplete_witness(&self) -> bool {
        matches!(
            self,
            Self::State(StateError::Trie(TrieError::MissingNode(_)) | StateError::MissingCode(_) | StateError::MissingAncestor(_))
                | Self::Header(HeaderError::NoParent)
        )
    }
}
