//! A service that proves Ethereum payloads and verifies such proofs, over HTTP: zkboost's
//! endpoints, with a queue on disk.
//!
//! [`serve`] runs it until the process is told to end. Each proof is made by a process of its own,
//! so that a guest or a prover that fails, or runs out of memory, fails alone; a request is on disk
//! before it is answered, and stays until it has a proof or a reason why not. Verification is done
//! in this process, which has no prover in it.

mod access;
mod child;
mod config;
mod http;
mod job;
mod metrics;
#[cfg(feature = "otel")]
mod otel;
mod queue;
mod root;
mod store;
mod trace;

use std::io;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread::{self, available_parallelism};

use tokio::net::TcpListener;
use tokio::runtime;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

pub use access::{Access, TokenError, Tokens};
pub use config::{Config, Limits, Node, PROOF_TYPE, Proving, Worker};
#[cfg(feature = "otel")]
pub use otel::{Traces, TracesError};
pub use store::StoreError;

use metrics::Metrics;
use queue::Queue;

/// Most threads that serve connections.
const MOST_THREADS: usize = 4;
/// Threads for verifications, files and the like beyond the verifications that are computed at the
/// same time.
const SIDE_THREADS: usize = 32;

/// Why a service did not start.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Everyone on the network could use it.
    #[error("{0} can be reached from other machines: --token-file FILE says who may use the service, or --no-token that everyone may")]
    Open(SocketAddr),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {error}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        error: io::Error,
    },
    /// The folder of the queue cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The system gives no threads, or no signals.
    #[error("cannot start: {0}")]
    System(#[from] io::Error),
}

/// Runs a service until the process receives SIGTERM or SIGINT. `ready` is called with the address
/// once it takes requests.
///
/// Processes that make proofs are ended then; their requests go on after the next start with the
/// parts that are proved.
///
/// # Errors
///
/// If it cannot start.
pub fn serve(config: Config, ready: impl FnOnce(SocketAddr)) -> Result<(), ServeError> {
    if matches!(config.access, Access::Local) && !config.listen.ip().is_loopback() {
        return Err(ServeError::Open(config.listen));
    }
    let config = Arc::new(config);
    let metrics = Arc::<Metrics>::default();
    let queue = config.proving.as_ref().map(|proving| Queue::open(proving, Arc::clone(&metrics))).transpose()?.map(Arc::new);
    let cores = available_parallelism().map_or(1, NonZeroUsize::get);
    let runtime = runtime::Builder::new_multi_thread()
        .worker_threads(cores.min(MOST_THREADS))
        .max_blocking_threads(config.limits.verifications.get() + SIDE_THREADS)
        .enable_all()
        .build()?;
    let workers = config.proving.as_ref().zip(queue.as_ref()).map_or(0, |(proving, _)| proving.jobs.get());
    let threads: Vec<_> = (0..workers)
        .map(|index| {
            let (config, queue) = (Arc::clone(&config), queue.clone());
            thread::Builder::new().name(format!("proof-{index}")).spawn(move || {
                if let (Some(queue), Some(proving)) = (queue, config.proving.as_ref()) {
                    job::work(&queue, &config, &proving.worker);
                }
            })
        })
        .collect::<Result<_, _>>()?;
    let served = runtime.block_on(listen(config, queue.clone(), metrics, ready));
    // Also where it could not listen: nobody is left waiting.
    queue.iter().for_each(|queue| queue.close());
    for thread in threads {
        if thread.join().is_err() {
            tracing::error!("a thread that makes proofs has panicked");
        }
    }
    served
}

async fn listen(
    config: Arc<Config>,
    queue: Option<Arc<Queue>>,
    metrics: Arc<Metrics>,
    ready: impl FnOnce(SocketAddr),
) -> Result<(), ServeError> {
    let (mut terminated, mut interrupted) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let at = |error| ServeError::Listen { address: config.listen, error };
    let listener = TcpListener::bind(config.listen).await.map_err(at)?;
    let address = listener.local_addr().map_err(at)?;
    let (end, ending) = watch::channel(false);
    let service = http::Service::new(Arc::clone(&config), queue.clone(), metrics, ending.clone());
    let router = http::router(Arc::new(service));
    let accepting = tokio::spawn(http::accept(listener, router, config.limits.max_connections, ending));
    ready(address);
    tokio::select! {
        _ = terminated.recv() => {}
        _ = interrupted.recv() => {}
    }
    tracing::info!("stopping");
    queue.iter().for_each(|queue| queue.close());
    // Whoever listened is gone only if accepting has panicked.
    let _ = end.send(true);
    accepting.await.map_err(|error| ServeError::System(io::Error::other(error)))
}
