//! Proved segments on disk, so that a run that is killed continues where it was.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tern_verifier::segments::{Header, Segment};
use tern_verifier::wire::Reader;

use super::error::ProveError;

/// A folder of segment files, `segment-000000` and so on, beside the proof they will become.
#[derive(Clone, Debug)]
pub struct SegmentStore {
    proof: PathBuf,
    folder: PathBuf,
}

impl SegmentStore {
    /// The store of the proof file `proof`: the folder `<proof>.segments`, made if absent.
    ///
    /// # Errors
    ///
    /// If the folder cannot be made.
    pub fn open(proof: &Path) -> Result<Self, ProveError> {
        let mut folder = proof.as_os_str().to_owned();
        folder.push(".segments");
        let store = Self { proof: proof.to_owned(), folder: folder.into() };
        fs::create_dir_all(&store.folder).map_err(|error| store.error(&store.folder, error))?;
        Ok(store)
    }

    /// Where the segments are.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The bytes of a segment proved by an earlier run, if there are any. They are not trusted: the caller verifies them.
    ///
    /// # Errors
    ///
    /// If the file is there and cannot be read.
    pub fn load(&self, index: u32) -> Result<Option<Vec<u8>>, ProveError> {
        let path = self.path(index);
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.error(&path, error)),
        }
    }

    /// Keeps a proved segment: all of it or nothing is there after a kill.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub fn save(&self, index: u32, segment: &Segment<'_>) -> Result<(), ProveError> {
        let bytes = segment.to_bytes().map_err(|_| ProveError::TooLarge { what: "a segment's proof" })?;
        let path = self.path(index);
        self.replace(&path, |file| file.write_all(&bytes))
    }

    /// Writes the proof file from the header and the segments, and removes the folder.
    ///
    /// # Errors
    ///
    /// If a segment cannot be read or the proof cannot be written; the segments then stay.
    pub fn assemble(&self, header: &Header) -> Result<u64, ProveError> {
        let head = header.to_bytes().map_err(|_| ProveError::TooLarge { what: "the output" })?;
        let paths: Vec<_> = (0..header.segments).map(|index| self.path(index)).collect();
        self.replace(&self.proof, |file| {
            file.write_all(&head)?;
            paths.iter().try_for_each(|path| io::copy(&mut File::open(path)?, file).map(drop))
        })?;
        let len = fs::metadata(&self.proof).map_err(|error| self.error(&self.proof, error))?.len();
        fs::remove_dir_all(&self.folder).map_err(|error| self.error(&self.folder, error))?;
        Ok(len)
    }

    /// Reads the segment in a file's bytes, if they are one whole segment.
    #[must_use]
    pub fn parse(bytes: &[u8], index: u32) -> Option<Segment<'_>> {
        let mut reader = Reader::new(bytes);
        Segment::read(&mut reader, index).ok().filter(|_| reader.left() == 0)
    }

    fn path(&self, index: u32) -> PathBuf {
        self.folder.join(format!("segment-{index:06}"))
    }

    /// Writes a file beside `path`, flushes it to disk and renames it into place.
    fn replace(&self, path: &Path, write: impl FnOnce(&mut BufWriter<&File>) -> io::Result<()>) -> Result<(), ProveError> {
        let mut temporary = path.as_os_str().to_owned();
        temporary.push(".tmp");
        let temporary = PathBuf::from(temporary);
        let written = File::create(&temporary).and_then(|file| {
            let mut writer = BufWriter::new(&file);
            write(&mut writer)?;
            writer.flush()?;
            drop(writer);
            file.sync_all()?;
            fs::rename(&temporary, path)
        });
        written.map_err(|error| {
            let _ = fs::remove_file(&temporary);
            self.error(path, error)
        })
    }

    fn error(&self, path: &Path, error: io::Error) -> ProveError {
        ProveError::Io { path: path.to_owned(), kept: self.folder.clone(), error }
    }
}
