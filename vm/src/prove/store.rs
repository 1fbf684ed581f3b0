//! Proofs on disk, so that a run that is killed continues where it was.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tern_verifier::segments::{Header, Segment};
use tern_verifier::wire::Reader;

use super::error::ProveError;
use super::step::Step;
use super::tree::Span;

/// Name of the file that [`PartStore::salt`] keeps.
const SALT: &str = "salt";

/// A folder beside the proof that its parts will become: `segment-000000`, `lift-000000`, `join-000000-000004` (segments 0 to 3) and so on. A lift
/// replaces its segment, a join its children.
#[derive(Clone, Debug)]
pub struct PartStore {
    proof: PathBuf,
    folder: PathBuf,
}

impl PartStore {
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

    /// Where the parts are.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The segment's encoding, left by an earlier step or run, if there is any. It is not trusted: the caller verifies it.
    ///
    /// # Errors
    ///
    /// If the file is there and cannot be read.
    pub fn load_segment(&self, index: u32) -> Result<Option<Vec<u8>>, ProveError> {
        self.load(Step::Segment(index))
    }

    /// The node's encoding, left by an earlier run, if there is any. It is not trusted: the caller verifies it.
    ///
    /// # Errors
    ///
    /// If the file is there and cannot be read.
    pub fn load_node(&self, node: Span) -> Result<Option<Vec<u8>>, ProveError> {
        self.load(Step::of_node(node))
    }

    /// Keeps a proved segment: all of it or nothing is there after a kill.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub fn save_segment(&self, index: u32, segment: &Segment<'_>) -> Result<(), ProveError> {
        let bytes = segment.to_bytes().map_err(|_| ProveError::TooLarge { what: "a segment's proof" })?;
        self.save(Step::Segment(index), &bytes)
    }

    /// Keeps a node instead of what it is made of: of the one or of the other all is there after a kill.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub fn save_node(&self, node: Span, bytes: &[u8], children: &[Span]) -> Result<(), ProveError> {
        self.save(Step::of_node(node), bytes)?;
        let replaced = match children {
            [] => vec![Step::Segment(node.first)],
            children => children.iter().map(|&child| Step::of_node(child)).collect(),
        };
        for step in replaced {
            // What cannot be removed takes up space until the proof is whole, no more.
            let _ = fs::remove_file(self.path(step));
        }
        Ok(())
    }

    /// The salt of the run's input: the one that an earlier run kept here, or else what `draw` gives, which is then kept.
    /// Segments of another salt are segments of another run.
    ///
    /// # Errors
    ///
    /// If it cannot be read or written.
    pub fn salt<const N: usize>(&self, draw: impl FnOnce() -> [u8; N]) -> Result<[u8; N], ProveError> {
        let path = self.folder.join(SALT);
        let kept = self.load_file(&path)?.and_then(|bytes| bytes.try_into().ok());
        if let Some(salt) = kept {
            return Ok(salt);
        }
        let salt = draw();
        self.replace(&path, |file| file.write_all(&salt))?;
        Ok(salt)
    }

    /// Writes the proof file from the header and the segments, and removes the folder.
    ///
    /// # Errors
    ///
    /// If a segment cannot be read or the proof cannot be written; the segments then stay.
    pub fn assemble(&self, header: &Header) -> Result<u64, ProveError> {
        let head = header.to_bytes().map_err(|_| ProveError::TooLarge { what: "the output" })?;
        let paths: Vec<_> = (0..header.segments).map(|index| self.path(Step::Segment(index))).collect();
        self.finish(|file| {
            file.write_all(&head)?;
            paths.iter().try_for_each(|path| io::copy(&mut File::open(path)?, file).map(drop))
        })
    }

    /// Writes the proof file, and removes the folder.
    ///
    /// # Errors
    ///
    /// If the proof cannot be written; the parts then stay.
    pub fn write_proof(&self, bytes: &[u8]) -> Result<u64, ProveError> {
        self.finish(|file| file.write_all(bytes))
    }

    /// Reads the segment in a file's bytes, if they are one whole segment.
    #[must_use]
    pub fn parse(bytes: &[u8], index: u32) -> Option<Segment<'_>> {
        let mut reader = Reader::new(bytes);
        Segment::read(&mut reader, index).ok().filter(|_| reader.left() == 0)
    }

    /// The file of what a step makes.
    #[must_use]
    pub fn path(&self, step: Step) -> PathBuf {
        match step {
            Step::Segment(index) => self.folder.join(format!("segment-{index:06}")),
            Step::Lift(index) => self.folder.join(format!("lift-{index:06}")),
            Step::Join(span) => self.folder.join(format!("join-{:06}-{:06}", span.first, span.end)),
            Step::Wrap => self.proof.clone(),
        }
    }

    fn finish(&self, write: impl FnOnce(&mut BufWriter<&File>) -> io::Result<()>) -> Result<u64, ProveError> {
        self.replace(&self.proof, write)?;
        let len = fs::metadata(&self.proof).map_err(|error| self.error(&self.proof, error))?.len();
        fs::remove_dir_all(&self.folder).map_err(|error| self.error(&self.folder, error))?;
        Ok(len)
    }

    fn load(&self, step: Step) -> Result<Option<Vec<u8>>, ProveError> {
        self.load_file(&self.path(step))
    }

    fn load_file(&self, path: &Path) -> Result<Option<Vec<u8>>, ProveError> {
        match fs::read(path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.error(path, error)),
        }
    }

    fn save(&self, step: Step, bytes: &[u8]) -> Result<(), ProveError> {
        self.replace(&self.path(step), |file| file.write_all(bytes))
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
