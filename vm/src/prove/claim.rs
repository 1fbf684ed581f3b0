//! The place of the proof: checked before anything is executed, and taken by one run at a time.

use std::ffi::OsString;
use std::fs::{self, File, Metadata, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process;

use super::error::ProveError;
use super::store::{LOCK, PartStore};

/// Rounds in which another run may take away folder or lock at the very moment that they are opened.
const ATTEMPTS: usize = 100;
/// Most bytes of a process number.
const PROCESS_BYTES: u64 = 20;

/// What is wrong with the place of a proof.
#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    /// The path ends in a separator or in `..`.
    #[error("it names no file")]
    NoName,
    /// The path is that of a folder.
    #[error("it is a folder; name a file in it")]
    Folder,
    /// The path is that of a device, a pipe or the like.
    #[error("it is no regular file")]
    Special,
    /// The file is there and may not be written.
    #[error("it is there and write-protected")]
    Protected,
    /// The folder that the proof is to stand in does not exist.
    #[error("there is no folder {}", _0.display())]
    NoFolder(PathBuf),
    /// Where the parts' folder is to be there is something else.
    #[error("it is in the way of the folder for the proof's parts")]
    InTheWay,
    /// The system refuses.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// A path that a proof will be written to by this run alone, with the folder of its parts. A
/// process that dies gives it back.
#[derive(Debug)]
pub struct Claim {
    store: PartStore,
    lock: PathBuf,
    /// Locked as long as it is open.
    _file: File,
}

impl Claim {
    /// Checks that a proof can be written to `proof`, makes the folder of its parts and locks it.
    ///
    /// # Errors
    ///
    /// [`ProveError::Place`], or [`ProveError::Busy`] if another run has it.
    pub fn take(proof: &Path) -> Result<Self, ProveError> {
        check(proof).map_err(|error| ProveError::Place { path: proof.to_owned(), error })?;
        let store = PartStore::at(proof);
        let lock = store.folder().join(LOCK);
        for _ in 0..ATTEMPTS {
            let at_folder = |error| ProveError::Place { path: store.folder().to_owned(), error };
            make_folder(store.folder()).map_err(at_folder)?;
            match open_locked(&lock).map_err(|error| at_folder(error.into()))? {
                Attempt::Locked(file) => return Ok(Self { store, lock, _file: file }),
                Attempt::Held(process) => return Err(ProveError::Busy { path: proof.to_owned(), process }),
                Attempt::Gone => {}
            }
        }
        Err(ProveError::Busy { path: proof.to_owned(), process: None })
    }

    /// Where the parts are kept.
    #[must_use]
    pub fn store(&self) -> &PartStore {
        &self.store
    }

    /// Removes the parts, now that the proof is whole, and their folder if nothing else is in it.
    /// Returns the names of what stays.
    #[must_use]
    pub fn clear(self) -> Vec<OsString> {
        self.store.remove_parts()
    }
}

impl Drop for Claim {
    /// Gives the place back. The lock's file goes while it is still locked, the folder only if it is empty.
    fn drop(&mut self) {
        self.store.forget_salt_of_nothing();
        let _ = fs::remove_file(&self.lock);
        let _ = fs::remove_dir(self.store.folder());
    }
}

/// Checks that a regular file can be put at `proof`.
fn check(proof: &Path) -> Result<(), PlaceError> {
    if proof.file_name().is_none() || proof.as_os_str().as_encoded_bytes().ends_with(b"/") {
        return Err(if proof.is_dir() { PlaceError::Folder } else { PlaceError::NoName });
    }
    match fs::metadata(proof) {
        Ok(there) if there.is_dir() => return Err(PlaceError::Folder),
        Ok(there) if !there.is_file() => return Err(PlaceError::Special),
        Ok(there) if there.permissions().readonly() => return Err(PlaceError::Protected),
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
        Ok(_) | Err(_) => {}
    }
    let folder = folder_of(proof);
    if !folder.is_dir() {
        return Err(PlaceError::NoFolder(folder.to_owned()));
    }
    // The proof is renamed into its folder, which has to be writable even if that of the parts is
    // there already.
    let mut probe = proof.as_os_str().to_owned();
    probe.push(format!(".{}", process::id()));
    match OpenOptions::new().write(true).create_new(true).open(&probe) {
        Ok(_) => Ok(fs::remove_file(&probe)?),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// The folder that a file stands in.
pub fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn make_folder(folder: &Path) -> Result<(), PlaceError> {
    match fs::create_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            // A run that ends may have taken it away: the next attempt finds out.
            if fs::metadata(folder).is_ok_and(|there| !there.is_dir()) { Err(PlaceError::InTheWay) } else { Ok(()) }
        }
        made => Ok(made?),
    }
}

/// What came of an attempt to lock a file.
enum Attempt {
    Locked(File),
    /// Another process has it: this one, if it says so.
    Held(Option<u32>),
    /// It was taken away before it was locked.
    Gone,
}

/// Opens the lock's file, locks it, and writes this process's number into it for others to read.
fn open_locked(path: &Path) -> io::Result<Attempt> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).custom_flags(libc::O_NOFOLLOW);
    let mut file = match options.open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Attempt::Gone),
        opened => opened?,
    };
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(Attempt::Held(read_process(&file))),
        Err(TryLockError::Error(error)) => return Err(error),
    }
    let same = |there: &Metadata, own: &Metadata| (there.dev(), there.ino()) == (own.dev(), own.ino());
    let own = file.metadata()?;
    if !fs::metadata(path).is_ok_and(|there| same(&there, &own)) {
        return Ok(Attempt::Gone);
    }
    // The number is for people: the lock holds without it, on a full disk too.
    let _ = file.set_len(0).and_then(|()| file.rewind()).and_then(|()| write!(file, "{}", process::id()));
    Ok(Attempt::Locked(file))
}

fn read_process(file: &File) -> Option<u32> {
    let mut text = String::new();
    file.take(PROCESS_BYTES).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn place_error(path: &Path) -> PlaceError {
        match Claim::take(path) {
            Err(ProveError::Place { error, .. }) => error,
            other => panic!("{}: {other:?}", path.display()),
        }
    }

    #[test]
    fn a_place_is_checked_and_left_as_it_was() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("folder")).expect("a folder");
        fs::write(at("protected"), "text").expect("a file");
        fs::set_permissions(at("protected"), fs::Permissions::from_mode(0o444)).expect("permissions");
        fs::write(at("obstacle.segments"), "text").expect("a file");
        assert!(matches!(place_error(&at("folder")), PlaceError::Folder));
        assert!(matches!(place_error(&at("folder/")), PlaceError::Folder));
        assert!(matches!(place_error(&at("absent/")), PlaceError::NoName));
        assert!(matches!(place_error(&at("folder/..")), PlaceError::Folder));
        assert!(matches!(place_error(Path::new("")), PlaceError::NoName));
        assert!(matches!(place_error(Path::new("/dev/full")), PlaceError::Special));
        assert!(matches!(place_error(&at("protected")), PlaceError::Protected));
        assert!(matches!(place_error(&at("absent/proof")), PlaceError::NoFolder(of) if of == at("absent")));
        assert!(matches!(place_error(&at("protected/proof")), PlaceError::Io(_)));
        assert!(matches!(place_error(&at("obstacle")), PlaceError::InTheWay));
        let mut left: Vec<_> = fs::read_dir(folder.path()).expect("a folder").map(|entry| entry.expect("an entry").file_name()).collect();
        left.sort();
        assert_eq!(left, ["folder", "obstacle.segments", "protected"]);
    }

    #[test]
    fn a_place_is_taken_once_and_given_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let proof = folder.path().join("proof");
        let claim = Claim::take(&proof).expect("a free place");
        let second = Claim::take(&proof).expect_err("a place that is taken");
        assert!(matches!(second, ProveError::Busy { process: Some(process), .. } if process == process::id()), "{second}");
        drop(claim);
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);
        // what a killed run leaves is not locked
        fs::create_dir(folder.path().join("proof.segments")).expect("a folder");
        fs::write(folder.path().join("proof.segments").join(LOCK), "1").expect("a file");
        drop(Claim::take(&proof).expect("a place that a dead run had"));
    }

    #[test]
    fn a_lock_is_never_someone_elses_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let (proof, other) = (folder.path().join("proof"), folder.path().join("other"));
        fs::write(&other, "text").expect("a file");
        fs::create_dir(folder.path().join("proof.segments")).expect("a folder");
        std::os::unix::fs::symlink(&other, folder.path().join("proof.segments").join(LOCK)).expect("a link");
        assert!(matches!(place_error(&proof), PlaceError::Io(_)));
        assert_eq!(fs::read(&other).expect("a file"), b"text");
    }

    #[test]
    fn many_runs_that_take_turns_never_have_the_place_together() {
        let folder = tempfile::tempdir().expect("a folder");
        let (proof, inside) = (folder.path().join("proof"), std::sync::atomic::AtomicUsize::new(0));
        let relaxed = std::sync::atomic::Ordering::SeqCst;
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let mut taken = 0;
                    while taken < 200 {
                        match Claim::take(&proof) {
                            Ok(claim) => {
                                assert_eq!(inside.fetch_add(1, relaxed), 0);
                                taken += 1;
                                inside.fetch_sub(1, relaxed);
                                drop(claim);
                            }
                            Err(ProveError::Busy { .. }) => std::thread::yield_now(),
                            Err(error) => panic!("{error}"),
                        }
                    }
                });
            }
        });
    }
}
