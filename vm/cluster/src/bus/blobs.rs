//! Programs, inputs and proofs, by their content.

use std::time::Duration;

use async_nats::jetstream::object_store::{InfoErrorKind, ObjectStore};
use tokio::io::AsyncReadExt;
use tokio::time::timeout;

use super::request;
use crate::ClusterError;
use crate::message::Blob;

/// Bytes of a blob a second at which reading it is given up.
const SLOWEST: u64 = 1 << 18;

/// The blobs of a job.
#[derive(Clone)]
pub struct Blobs {
    pub(super) job: String,
    pub(super) store: ObjectStore,
}

impl Blobs {
    /// Keeps bytes, unless they are there.
    ///
    /// # Errors
    ///
    /// If the server does not answer.
    pub async fn put(&self, bytes: &[u8]) -> Result<Blob, ClusterError> {
        let blob = Blob::of(bytes);
        let name = name(&blob);
        match self.store.info(&name).await {
            Ok(info) if !info.deleted && info.size as u64 == blob.bytes => return Ok(blob),
            Err(error) if error.kind() != InfoErrorKind::NotFound => return Err(request(error)),
            _ => {}
        }
        self.store.put(name.as_str(), &mut &*bytes).await.map_err(request)?;
        Ok(blob)
    }

    /// Reads a blob, after its size is seen to be what it is said to be, and at most `most`.
    ///
    /// # Errors
    ///
    /// If it is not there, too large, or something else.
    pub async fn get(&self, blob: &Blob, most: u64) -> Result<Vec<u8>, ClusterError> {
        let name = name(blob);
        let none = || ClusterError::NoBlob { job: self.job.clone(), hash: name.clone() };
        let info =
            self.store.info(&name).await.map_err(|error| if error.kind() == InfoErrorKind::NotFound { none() } else { request(error) })?;
        if info.deleted {
            return Err(none());
        }
        let bytes = blob.bytes.max(info.size as u64);
        if bytes > most {
            return Err(ClusterError::BlobTooLarge { hash: name, bytes, most });
        }
        let patience = Duration::from_secs(10 + blob.bytes / SLOWEST);
        let read = async {
            let mut object = self.store.get(&name).await.map_err(request)?.take(most);
            let mut bytes = Vec::with_capacity(blob.bytes as usize);
            object.read_to_end(&mut bytes).await.map_err(request)?;
            Ok::<_, ClusterError>(bytes)
        };
        let bytes = timeout(patience, read).await.map_err(request)??;
        if Blob::of(&bytes) == *blob { Ok(bytes) } else { Err(ClusterError::BlobContent { hash: name }) }
    }

    /// Removes a blob that nobody needs. What cannot be removed goes with the job.
    pub async fn remove(&self, blob: &Blob) {
        if let Err(error) = self.store.delete(name(blob)).await {
            tracing::info!("blob {} stays: {error}", name(blob));
        }
    }
}

fn name(blob: &Blob) -> String {
    hex::encode(blob.hash)
}
