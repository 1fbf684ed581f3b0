//! The standalone verifier as the Python module `tern_verifier`: what `tern_verifier.pyi` declares.
//!
//! Proof and key are `bytes`; a proof that is not accepted is an exception of the class that names
//! what is wrong with it.

mod rejections;
mod results;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use tern_verifier::block::{ExpectedBlock, ExpectedPayload, Hash, Rules, UnknownRules, parse_hash};
use tern_verifier::package;

use rejections::exception;
use results::{Block, Output, Payload};

/// A hash as Python's users have it.
#[derive(FromPyObject)]
enum HashArgument {
    /// 64 hexadecimal digits, with `0x` before them or without.
    #[pyo3(transparent, annotation = "str")]
    Text(String),
    /// The bytes themselves.
    #[pyo3(transparent, annotation = "bytes")]
    Bytes(PyBackedBytes),
}

impl HashArgument {
    /// The 32 bytes of the argument `name`.
    fn read(argument: Option<Self>, name: &str) -> PyResult<Option<Hash>> {
        let wrong = || PyValueError::new_err(format!("{name} is no hash: expected 32 bytes or 64 hexadecimal digits"));
        let hash = argument.map(|argument| match argument {
            Self::Text(text) => parse_hash(&text).ok_or_else(wrong),
            Self::Bytes(bytes) => Hash::try_from(&bytes[..]).map_err(|_| wrong()),
        });
        hash.transpose()
    }
}

/// Checks that `proof` proves a run of the program with this key that ends with `exit_code`.
#[pyfunction]
#[pyo3(signature = (proof, key, exit_code = 0))]
fn verify(py: Python<'_>, proof: PyBackedBytes, key: PyBackedBytes, exit_code: u32) -> PyResult<Output> {
    let verified = py.detach(|| package::verify(&proof, &key, exit_code));
    verified.map(Output::new).map_err(exception)
}

/// Checks that `proof` proves a block to be valid under `rules`, by a run of the block guest with
/// this key.
#[pyfunction]
#[pyo3(signature = (proof, key, rules, *, block_hash = None, pre_state_root = None))]
fn verify_block(
    py: Python<'_>,
    proof: PyBackedBytes,
    key: PyBackedBytes,
    rules: &str,
    block_hash: Option<HashArgument>,
    pre_state_root: Option<HashArgument>,
) -> PyResult<Block> {
    let rules: Rules = rules.parse().map_err(|error: UnknownRules| PyValueError::new_err(error.to_string()))?;
    let block_hash = HashArgument::read(block_hash, "block_hash")?;
    let pre_state_root = HashArgument::read(pre_state_root, "pre_state_root")?;
    let expected = ExpectedBlock { block_hash, pre_state_root, ..ExpectedBlock::valid(rules) };
    let verified = py.detach(|| package::verify_block(&proof, &key, &expected));
    verified.map(|(verified, block)| Block::new(verified, &block)).map_err(exception)
}

/// Checks that `proof` proves a payload request of EIP-8025 to be valid, by a run of the block
/// guest with this key.
#[pyfunction]
#[pyo3(signature = (proof, key, *, request_root = None, chain_id = None, schema_id = None))]
fn verify_payload(
    py: Python<'_>,
    proof: PyBackedBytes,
    key: PyBackedBytes,
    request_root: Option<HashArgument>,
    chain_id: Option<u64>,
    schema_id: Option<u16>,
) -> PyResult<Payload> {
    let request_root = HashArgument::read(request_root, "request_root")?;
    let expected = ExpectedPayload { request_root, chain_id, schema_id, ..ExpectedPayload::any_valid() };
    let verified = py.detach(|| package::verify_payload(&proof, &key, &expected));
    verified.map(|(verified, payload)| Payload::new(verified, &payload)).map_err(exception)
}

/// Tern's standalone verifier.
#[pymodule(name = "tern_verifier", gil_used = false)]
mod module {
    #[pymodule_export]
    use super::{Block, Output, Payload, verify, verify_block, verify_payload};
    use super::{PyModule, PyResult, package, rejections};
    use pyo3::prelude::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", package::VERSION)?;
        module.add("PROOF_VERSION", package::PROOF_VERSION)?;
        rejections::add(module)
    }
}
