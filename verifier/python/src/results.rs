//! What an accepted proof shows. The fields are those that `tern_verifier.pyi` describes.

use pyo3::prelude::*;
use pyo3::types::PyBytes;
use tern_verifier::Chain;
use tern_verifier::block::{BlockOutput, Hash, PayloadOutput};
use tern_verifier::final_proof::KIND_FINAL;
use tern_verifier::package::{Verified, security};

/// What every accepted proof shows.
#[pyclass(module = "tern_verifier", frozen)]
#[derive(Clone)]
pub struct Output(Verified);

/// What is proved about a block.
#[pyclass(module = "tern_verifier", frozen)]
pub struct Block {
    #[pyo3(get)]
    run: Output,
    block: BlockOutput,
}

/// What is proved about a payload request.
#[pyclass(module = "tern_verifier", frozen)]
pub struct Payload {
    #[pyo3(get)]
    run: Output,
    payload: PayloadOutput,
}

fn bytes<'py>(py: Python<'py>, hash: &Hash) -> Bound<'py, PyBytes> {
    PyBytes::new(py, hash)
}

fn hex(hash: &Hash) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Output {
    pub fn new(verified: Verified) -> Self {
        Self(verified)
    }
}

#[pymethods]
impl Output {
    #[getter]
    fn output<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.0.output)
    }

    #[getter]
    fn exit_code(&self) -> u32 {
        self.0.exit_code
    }

    #[getter]
    fn kind(&self) -> &'static str {
        if self.0.kind == KIND_FINAL { "final" } else { "segments" }
    }

    #[getter]
    fn segments(&self) -> u32 {
        self.0.segments
    }

    #[getter]
    fn program<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        bytes(py, &self.0.key_digest)
    }

    /// Takes about as long as a verification.
    #[getter]
    fn proven_bits(&self) -> Option<f64> {
        security(self.0.kind).map(|bits| bits.proven)
    }

    fn __repr__(&self) -> String {
        let Verified { output, exit_code, key_digest, .. } = &self.0;
        format!("<Output of {} bytes, exit code {exit_code}, program {}>", output.len(), hex(key_digest))
    }
}

impl Block {
    pub fn new(verified: Verified, block: &BlockOutput) -> Self {
        Self { run: Output(verified), block: *block }
    }
}

#[pymethods]
impl Block {
    #[getter]
    fn chain(&self) -> Option<&'static str> {
        self.block.chain().map(Chain::name)
    }

    #[getter]
    fn chain_id(&self) -> u64 {
        self.block.chain_id
    }

    #[getter]
    fn chain_config<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        bytes(py, &self.block.chain_config)
    }

    #[getter]
    fn block_hash<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        bytes(py, &self.block.block_hash)
    }

    #[getter]
    fn parent_hash<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        bytes(py, &self.block.parent_hash)
    }

    #[getter]
    fn pre_state_root<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        bytes(py, &self.block.pre_state_root)
    }

    #[getter]
    fn post_state_root<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        bytes(py, &self.block.post_state_root)
    }

    #[getter]
    fn gas_used(&self) -> u64 {
        self.block.gas_used
    }

    fn __repr__(&self) -> String {
        format!("<Block 0x{}, chain {}>", hex(&self.block.block_hash), self.chain().unwrap_or("unknown"))
    }
}

impl Payload {
    pub fn new(verified: Verified, payload: &PayloadOutput) -> Self {
        Self { run: Output(verified), payload: *payload }
    }
}

#[pymethods]
impl Payload {
    #[getter]
    fn chain(&self) -> Option<&'static str> {
        self.payload.chain().map(Chain::name)
    }

    #[getter]
    fn chain_id(&self) -> u64 {
        self.payload.chain_id
    }

    #[getter]
    fn schema_id(&self) -> u16 {
        self.payload.schema_id
    }

    #[getter]
    fn request_root<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        bytes(py, &self.payload.request_root)
    }

    fn __repr__(&self) -> String {
        format!("<Payload request 0x{}, chain {}>", hex(&self.payload.request_root), self.payload.chain_id)
    }
}
