//! Requests and proofs on disk.
//!
//! ```text
//! DATA/lock               held by the service that runs
//! DATA/requests/ROOT/     a request: the digits of its root
//!     status.json         its record; the request is there if, and only if, this is
//!     request.ssz         the payload request, where the witness is still to be fetched
//!     input.ssz           `statelessInputBytes`, until it is done
//!     proof               the proof, whole
//!     proof.segments/     parts of a proof that is being made
//! DATA/new/               requests that are being written
//! DATA/gone/              requests that are being removed
//! ```
//!
//! A request comes and goes by the renaming of its folder, and a record is replaced by the renaming
//! of a file, each after what is renamed was flushed to disk. So a process or a machine that stops
//! at any moment leaves either the old or the new.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};

use crate::root::Root;

const RECORD: &str = "status.json";

/// What is known about a request, as it stands on disk.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Its place among all requests.
    pub sequence: u64,
    /// When it came, in seconds since 1970.
    pub submitted: u64,
    /// How often its proof was begun, those times left out when the service was told to stop.
    pub starts: u32,
    /// Where it stands.
    #[serde(flatten)]
    pub state: State,
}

/// Where a request stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    /// Waiting, or being proved.
    Queued,
    /// Proved.
    Complete {
        /// Seconds that proving took, the witness included.
        seconds: f64,
        /// Length of the proof.
        proof_bytes: u64,
    },
    /// Not proved.
    Failed(Failure),
}

/// Why a request has no proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Which kind.
    pub reason: FailureReason,
    /// What happened, for people.
    pub error: String,
}

/// Kinds of failure: those of zkboost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureReason {
    /// No node gave the witness in time.
    WitnessTimeout,
    /// The proof was not made in time.
    ProvingTimeout,
    /// The payload is not valid, or its proof cannot be made.
    ProvingError,
    /// A fault of the service or of its machine.
    InternalError,
}

impl FailureReason {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::WitnessTimeout => "witness_timeout",
            Self::ProvingTimeout => "proving_timeout",
            Self::ProvingError => "proving_error",
            Self::InternalError => "internal_error",
        }
    }
}

/// What a request came as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A payload request, whose witness is to be fetched.
    Request,
    /// `statelessInputBytes`.
    Input,
}

/// The files of a request.
#[derive(Clone, Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// The payload request.
    #[must_use]
    pub fn request(&self) -> PathBuf {
        self.0.join("request.ssz")
    }

    /// `statelessInputBytes`.
    #[must_use]
    pub fn input(&self) -> PathBuf {
        self.0.join("input.ssz")
    }

    /// The proof.
    #[must_use]
    pub fn proof(&self) -> PathBuf {
        self.0.join("proof")
    }

    fn parts(&self) -> PathBuf {
        self.0.join("proof.segments")
    }

    fn record(&self) -> PathBuf {
        self.0.join(RECORD)
    }
}

/// Why there is no store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another service has the folder.
    #[error("{}: another service runs with this folder", .0.display())]
    Busy(PathBuf),
    /// The system refuses.
    #[error("{}: {error}", path.display())]
    Io {
        /// File or folder.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// A record cannot be read.
    #[error("{}: not a record of this version: {error}; take the folder away to do without this request", path.display())]
    Record {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        error: serde_json::Error,
    },
}

/// A folder of requests that this process has to itself.
#[derive(Debug)]
pub struct Store {
    data: PathBuf,
    /// Numbers of the names in `new` and `gone`.
    names: AtomicU64,
    /// Locked as long as it is open.
    _lock: File,
}

/// A request that is written, and not there yet. Unless it is put into its place it goes again.
#[derive(Debug)]
pub struct Staged {
    folder: Folder,
}

impl Staged {
    /// Its files.
    #[must_use]
    pub fn folder(&self) -> &Folder {
        &self.folder
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder.0);
    }
}

impl Store {
    /// Opens a folder, makes it where there is none, and reads the requests in it, oldest first.
    ///
    /// # Errors
    ///
    /// If another service has it, or it cannot be read or written.
    pub fn open(data: &Path) -> Result<(Self, Vec<(Root, Record)>), StoreError> {
        fs::create_dir_all(data).map_err(at(data))?;
        let path = data.join("lock");
        let lock = File::options().create(true).truncate(false).write(true).open(&path).map_err(at(&path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(StoreError::Busy(data.to_owned())),
            Err(TryLockError::Error(error)) => return Err(at(&path)(error)),
        }
        let store = Self { data: data.to_owned(), names: AtomicU64::new(0), _lock: lock };
        for name in ["new", "gone"] {
            let path = data.join(name);
            match fs::remove_dir_all(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(at(&path)(error)),
                _ => fs::create_dir(&path).map_err(at(&path))?,
            }
        }
        let requests = data.join("requests");
        fs::create_dir_all(&requests).map_err(at(&requests))?;
        sync(data).map_err(at(data))?;
        let mut records = Vec::new();
        for entry in fs::read_dir(&requests).map_err(at(&requests))? {
            let entry = entry.map_err(at(&requests))?;
            // What others put there is theirs.
            if let Some(root) = entry.file_name().to_str().and_then(Root::from_folder_name) {
                records.push((root, read_record(&store.folder(root))?));
            }
        }
        records.sort_by_key(|(_, record)| record.sequence);
        Ok((store, records))
    }

    /// The files of a request.
    #[must_use]
    pub fn folder(&self, root: Root) -> Folder {
        Folder(self.data.join("requests").join(root.folder_name()))
    }

    /// An empty place for a request that is to be written.
    pub fn stage(&self) -> io::Result<Staged> {
        let folder = Folder(self.new_name("new"));
        fs::create_dir(&folder.0)?;
        Ok(Staged { folder })
    }

    /// Puts a staged request, whose files are written, into its place, on disk.
    pub fn put(&self, staged: &Staged, root: Root, record: &Record) -> io::Result<()> {
        write_record(&staged.folder, record)?;
        fs::rename(&staged.folder.0, self.folder(root).0)?;
        sync(&self.data.join("requests"))
    }

    /// Replaces the record of a request, on disk.
    pub fn set(&self, root: Root, record: &Record) -> io::Result<()> {
        write_record(&self.folder(root), record)
    }

    /// Removes what a request that is done needs no more.
    pub fn tidy(&self, root: Root) {
        let folder = self.folder(root);
        for path in [folder.request(), folder.input()] {
            let _ = fs::remove_file(path);
        }
        let _ = fs::remove_dir_all(folder.parts());
    }

    /// Removes a request with everything that it has.
    pub fn remove(&self, root: Root) -> io::Result<()> {
        let gone = self.new_name("gone");
        fs::rename(self.folder(root).0, &gone)?;
        sync(&self.data.join("requests"))?;
        // What is left here goes when the folder is opened again.
        let _ = fs::remove_dir_all(gone);
        Ok(())
    }

    fn new_name(&self, folder: &str) -> PathBuf {
        self.data.join(folder).join(self.names.fetch_add(1, Ordering::Relaxed).to_string())
    }
}

/// Writes a file whole and flushes it to disk.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn write_record(folder: &Folder, record: &Record) -> io::Result<()> {
    let (path, unfinished) = (folder.record(), folder.0.join("status.new"));
    write(&unfinished, &serde_json::to_vec_pretty(record)?)?;
    fs::rename(&unfinished, &path)?;
    sync(&folder.0)
}

fn read_record(folder: &Folder) -> Result<Record, StoreError> {
    let path = folder.record();
    let json = fs::read(&path).map_err(at(&path))?;
    serde_json::from_slice(&json).map_err(|error| StoreError::Record { path, error })
}

/// Flushes the names in a folder to disk.
fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

fn at(path: &Path) -> impl Fn(io::Error) -> StoreError {
    let path = path.to_owned();
    move |error| StoreError::Io { path: path.clone(), error }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(sequence: u64, state: State) -> Record {
        Record { sequence, submitted: 1_790_000_000, starts: 0, state }
    }

    fn put(store: &Store, root: Root, record: &Record) {
        let staged = store.stage().expect("a place");
        write(&staged.folder().input(), b"input").expect("an input");
        store.put(&staged, root, record).expect("a request");
    }

    #[test]
    fn what_was_put_is_there_again_and_what_was_not_is_gone() {
        let data = tempfile::tempdir().expect("a folder");
        let (store, records) = Store::open(data.path()).expect("a store");
        assert_eq!(records, []);
        let failure = Failure { reason: FailureReason::ProvingError, error: "why".into() };
        let [queued, failed, removed] = [1, 2, 3].map(|byte| Root([byte; 32]));
        put(&store, queued, &record(7, State::Queued));
        put(&store, failed, &record(3, State::Queued));
        store.set(failed, &record(3, State::Failed(failure.clone()))).expect("a record");
        put(&store, removed, &record(1, State::Queued));
        store.remove(removed).expect("removing");
        // a process that is killed while it writes a request, or a record, leaves these
        let half = store.stage().expect("a place");
        write(&half.folder().input(), b"half").expect("an input");
        std::mem::forget(half);
        write(&store.folder(queued).0.join("status.new"), b"{").expect("half a record");
        assert!(matches!(Store::open(data.path()), Err(StoreError::Busy(_))));
        drop(store);

        let (store, records) = Store::open(data.path()).expect("a store");
        assert_eq!(records, [(failed, record(3, State::Failed(failure))), (queued, record(7, State::Queued))]);
        assert_eq!(fs::read(store.folder(queued).input()).expect("an input"), b"input");
        for folder in ["new", "gone"] {
            assert_eq!(fs::read_dir(data.path().join(folder)).expect("a folder").count(), 0, "{folder}");
        }
    }

    #[test]
    fn a_request_that_is_there_cannot_be_put_over() {
        let data = tempfile::tempdir().expect("a folder");
        let (store, _) = Store::open(data.path()).expect("a store");
        let root = Root([1; 32]);
        put(&store, root, &record(1, State::Queued));
        let staged = store.stage().expect("a place");
        store.put(&staged, root, &record(2, State::Queued)).expect_err("a folder that is not empty");
        drop((staged, store));
        assert_eq!(Store::open(data.path()).expect("a store").1, [(root, record(1, State::Queued))]);
    }

    #[test]
    fn a_record_of_another_version_says_where_it_is() {
        let data = tempfile::tempdir().expect("a folder");
        let (store, _) = Store::open(data.path()).expect("a store");
        put(&store, Root([1; 32]), &record(1, State::Queued));
        let path = store.folder(Root([1; 32])).record();
        drop(store);
        fs::write(&path, r#"{"sequence":1,"submitted":1,"starts":0,"state":"other"}"#).expect("writing");
        let error = Store::open(data.path()).expect_err("no record").to_string();
        assert!(error.starts_with(&path.display().to_string()) && error.contains("other"), "{error}");
    }
}
