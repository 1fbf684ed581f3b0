//! How a service runs.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use tern_verifier::VerifyingKey;

use crate::access::Access;

/// The proof type that the service makes and verifies, in the form of those of zkboost: what
/// executes, and what proves it.
pub const PROOF_TYPE: &str = "revm-tern";

/// How a service runs.
#[derive(Debug)]
pub struct Config {
    /// Where it listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Who may use it.
    pub access: Access,
    /// Key of the guest whose proofs it makes and accepts.
    pub key: VerifyingKey,
    /// The only chain whose payloads it takes, by its id; none for any that the guest knows.
    pub chain_id: Option<u64>,
    /// What bounds it.
    pub limits: Limits,
    /// How it proves; a service without verifies only.
    pub proving: Option<Proving>,
}

/// What bounds a service.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Most bytes of a request's body.
    pub max_body: usize,
    /// Most bytes of all bodies that are held in memory at the same time; at least `max_body`.
    pub body_memory: usize,
    /// Most bytes of a proof that is to be verified.
    pub max_proof: usize,
    /// Most connections at the same time. Others wait to be accepted.
    pub max_connections: usize,
    /// Most streams of events at the same time.
    pub max_subscribers: usize,
    /// Verifications that are computed at the same time.
    pub verifications: NonZeroUsize,
}

/// How a service proves.
#[derive(Debug)]
pub struct Proving {
    /// The folder of the queue and the proofs.
    pub data: PathBuf,
    /// Proofs that are made at the same time.
    pub jobs: NonZeroUsize,
    /// Most requests that wait or are being proved.
    pub max_queued: usize,
    /// Most requests that are done and kept, with their proofs; the oldest go.
    pub max_stored: usize,
    /// What makes the proofs.
    pub worker: Worker,
}

/// The program that makes proofs, one process each: `tern`, or what takes the same arguments.
#[derive(Clone, Debug)]
pub struct Worker {
    /// The program.
    pub program: PathBuf,
    /// Another build of the block guest than the program's own.
    pub guest: Option<PathBuf>,
    /// More arguments of `tern block prove`.
    pub arguments: Vec<OsString>,
    /// The node that has witnesses, if there is one.
    pub node: Option<Node>,
    /// Most resident bytes of a process.
    pub memory: Option<u64>,
    /// Longest time that a proof may take.
    pub proof_timeout: Option<Duration>,
    /// Longest time until there is a witness.
    pub witness_timeout: Duration,
}

/// A node with witnesses.
#[derive(Clone, Debug)]
pub struct Node {
    /// Its JSON-RPC endpoint.
    pub url: String,
    /// Headers sent with every call, one to a line; they may hold keys.
    pub headers: String,
    /// The name of its chain, if that is to be checked.
    pub chain: Option<String>,
}
