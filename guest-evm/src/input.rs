//! Guest input: the block, its witness, the chain configuration and a salt.
//!
//! Little-endian, every part 8-byte aligned, so that the guest borrows all of it in place:
//!
//! | bytes | part |
//! |---|---|
//! | 8 | input version ([`INPUT_VERSION`]) |
//! | 32 | salt: 32 bytes that the prover draws at random ([`crate::salt`]) |
//! | | *beginning of the configuration* |
//! | 8 | schema version ([`SCHEMA_VERSION`]) |
//! | 8 | chain id |
//! | 24 | deposit contract: 20 bytes, then 4 zero bytes |
//! | 8 | number of forks n, 1 to [`MAX_FORKS`] |
//! | n * 40 | per fork, oldest first: rules ([`Fork::id`]), activation timestamp, target blobs, max blobs, update fraction |
//! | | *end of the configuration; its Keccak-256 is the output's `config_hash`* |
//! | 8 + n | block RLP: length, bytes, zero bytes up to a multiple of 8 |
//! | | headers: count, then each as length, bytes, padding; the parent first, then its ancestors |
//! | | trie nodes: the same |
//! | | codes: the same |
//! | | block access list (EIP-7928), RLP: the same, one or none |
//!
//! A configuration has one encoding: each fork is later than the one before it, has rules as new or newer, and changes
//! something ([`ChainConfig::check_schedule`]).
//!
//! The salt decides in which order hash maps hold things, and so the number of cycles, but never the output.

use alloc::vec::Vec;

use alloy_primitives::Address;

use crate::forks::{ChainConfig, Fork, ForkRule, MAX_FORKS, ScheduleError};
use crate::output::SCHEMA_VERSION;
use crate::salt::{SALT_BYTES, Salt};

/// Version of the input's layout.
pub const INPUT_VERSION: u64 = 3;

/// Where the configuration begins.
pub const CONFIG_START: usize = 8 + SALT_BYTES;

/// Size in bytes of the configuration's part before the forks.
const CONFIG_HEAD_BYTES: usize = 48;

/// Size of a fork in the configuration in bytes.
const FORK_BYTES: usize = 40;

/// Why bytes are not a guest input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InputError {
    /// The input ends inside a part.
    #[error("input ends at byte {at}, inside {part}")]
    Truncated {
        /// Offset of the missing byte.
        at: usize,
        /// The part that is cut.
        part: &'static str,
    },
    /// The input has another layout.
    #[error("input has version {0}, expected {INPUT_VERSION}")]
    InputVersion(u64),
    /// The configuration is for another version of the validator.
    #[error("configuration has schema version {0}, expected {SCHEMA_VERSION}")]
    Version(u64),
    /// Padding or reserved bytes are not zero.
    #[error("padding before byte {0} is not zero")]
    Padding(usize),
    /// The fork schedule is impossible or not in its canonical form.
    #[error("fork schedule: {0}")]
    Schedule(#[from] ScheduleError),
    /// More of a part than there can be.
    #[error("{count} {part}s, expected one or none")]
    Count {
        /// The part.
        part: &'static str,
        /// How many there are.
        count: u64,
    },
    /// Bytes follow the last part.
    #[error("{0} bytes after the end of the input")]
    Trailing(usize),
}

/// A parsed guest input, borrowing everything.
#[derive(Clone, Debug)]
pub struct Input<'a> {
    /// What the hash maps' keys are derived from.
    pub salt: Salt,
    /// Chain id, deposit contract, fork schedule.
    pub config: ChainConfig,
    /// The bytes of the configuration section.
    pub config_bytes: &'a [u8],
    /// RLP of the full block.
    pub block: &'a [u8],
    /// RLP headers: the parent first, then its parent, and so on.
    pub headers: Vec<&'a [u8]>,
    /// State and storage trie nodes, in any order.
    pub nodes: Vec<&'a [u8]>,
    /// Contract codes, in any order.
    pub codes: Vec<&'a [u8]>,
    /// RLP of the block access list, if it comes beside the block.
    pub access_list: Option<&'a [u8]>,
}

impl<'a> Input<'a> {
    /// Parses the configuration alone, which an output can state even if the rest is unreadable.
    pub fn parse_config(bytes: &'a [u8]) -> Result<(ChainConfig, &'a [u8]), InputError> {
        let mut reader = Reader { bytes, at: 0 };
        reader.salt()?;
        reader.config()
    }

    /// Parses and bounds-checks `bytes`. Allocates at most two words per eight bytes of input.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, InputError> {
        let mut reader = Reader { bytes, at: 0 };
        let salt = reader.salt()?;
        let (config, config_bytes) = reader.config()?;
        let input = Self {
            salt,
            config,
            config_bytes,
            block: reader.blob("block")?,
            headers: reader.list("headers")?,
            nodes: reader.list("trie nodes")?,
            codes: reader.list("codes")?,
            access_list: reader.optional("block access list")?,
        };
        match bytes.len() - reader.at {
            0 => Ok(input),
            more => Err(InputError::Trailing(more)),
        }
    }

    /// Writes the input's bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = INPUT_VERSION.to_le_bytes().to_vec();
        out.extend_from_slice(&self.salt);
        out.extend_from_slice(&encode_config(&self.config));
        push_blob(&mut out, self.block);
        for list in [&self.headers, &self.nodes, &self.codes] {
            out.extend_from_slice(&(list.len() as u64).to_le_bytes());
            for item in list {
                push_blob(&mut out, item);
            }
        }
        out.extend_from_slice(&u64::from(self.access_list.is_some()).to_le_bytes());
        if let Some(list) = self.access_list {
            push_blob(&mut out, list);
        }
        out
    }
}

/// The bytes of the configuration section.
pub fn encode_config(config: &ChainConfig) -> Vec<u8> {
    let mut out = Vec::with_capacity(CONFIG_HEAD_BYTES + config.forks.len() * FORK_BYTES);
    out.extend_from_slice(&SCHEMA_VERSION.to_le_bytes());
    out.extend_from_slice(&config.chain_id.to_le_bytes());
    out.extend_from_slice(config.deposit_contract.as_slice());
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(&(config.forks.len() as u64).to_le_bytes());
    for rule in &config.forks {
        for word in [rule.fork.id(), rule.activation, rule.target_blobs, rule.max_blobs, rule.update_fraction] {
            out.extend_from_slice(&word.to_le_bytes());
        }
    }
    out
}

fn push_blob(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
    out.extend_from_slice(bytes);
    out.resize(out.len().next_multiple_of(8), 0);
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn salt(&mut self) -> Result<Salt, InputError> {
        let version = self.word("input version")?;
        if version != INPUT_VERSION {
            return Err(InputError::InputVersion(version));
        }
        let mut salt = Salt::default();
        salt.copy_from_slice(self.take(SALT_BYTES, "salt")?);
        Ok(salt)
    }

    /// The configuration and its bytes.
    fn config(&mut self) -> Result<(ChainConfig, &'a [u8]), InputError> {
        let start = self.at;
        let version = self.word("schema version")?;
        if version != SCHEMA_VERSION {
            return Err(InputError::Version(version));
        }
        let chain_id = self.word("chain id")?;
        let deposit_contract = Address::from_slice(self.take(20, "deposit contract")?);
        self.zeros(4, "deposit contract")?;
        let count = self.word("fork schedule")?;
        let len = usize::try_from(count).ok().filter(|len| (1..=MAX_FORKS).contains(len)).ok_or(ScheduleError::Count(count))?;
        let forks = (0..len).map(|index| self.fork(index)).collect::<Result<_, _>>()?;
        let config = ChainConfig { chain_id, deposit_contract, forks };
        config.check_schedule()?;
        Ok((config, &self.bytes[start..self.at]))
    }

    fn fork(&mut self, index: usize) -> Result<ForkRule, InputError> {
        let id = self.word("fork schedule")?;
        Ok(ForkRule {
            fork: Fork::from_id(id).ok_or(ScheduleError::UnknownRules { index, id })?,
            activation: self.word("fork schedule")?,
            target_blobs: self.word("fork schedule")?,
            max_blobs: self.word("fork schedule")?,
            update_fraction: self.word("fork schedule")?,
        })
    }

    fn list(&mut self, part: &'static str) -> Result<Vec<&'a [u8]>, InputError> {
        let count = self.word(part)?;
        // Each item takes at least its length word, so a larger count cannot be true.
        let most = (self.bytes.len() - self.at) / 8;
        let count =
            usize::try_from(count).ok().filter(|&count| count <= most).ok_or(InputError::Truncated { at: self.bytes.len(), part })?;
        let mut items = Vec::with_capacity(count);
        for _ in 0..count {
            items.push(self.blob(part)?);
        }
        Ok(items)
    }

    fn optional(&mut self, part: &'static str) -> Result<Option<&'a [u8]>, InputError> {
        match self.word(part)? {
            0 => Ok(None),
            1 => Ok(Some(self.blob(part)?)),
            count => Err(InputError::Count { part, count }),
        }
    }

    fn blob(&mut self, part: &'static str) -> Result<&'a [u8], InputError> {
        let len = usize::try_from(self.word(part)?).map_err(|_| InputError::Truncated { at: self.bytes.len(), part })?;
        let bytes = self.take(len, part)?;
        self.zeros(len.wrapping_neg() % 8, part)?;
        Ok(bytes)
    }

    fn word(&mut self, part: &'static str) -> Result<u64, InputError> {
        let mut word = [0; 8];
        word.copy_from_slice(self.take(8, part)?);
        Ok(u64::from_le_bytes(word))
    }

    fn zeros(&mut self, len: usize, part: &'static str) -> Result<(), InputError> {
        if self.take(len, part)?.iter().any(|&byte| byte != 0) {
            return Err(InputError::Padding(self.at));
        }
        Ok(())
    }

    fn take(&mut self, len: usize, part: &'static str) -> Result<&'a [u8], InputError> {
        let end = self.at.checked_add(len).filter(|&end| end <= self.bytes.len());
        let end = end.ok_or(InputError::Truncated { at: self.bytes.len(), part })?;
        let taken = &self.bytes[self.at..end];
        self.at = end;
        Ok(taken)
    }
}
