//! Proofs on disk, so that a run that is killed continues where it was.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tern_verifier::segments::{Header, Segment};
use tern_verifier::wire::Reader;

use super::claim::folder_of;
use super::error::ProveError;
use super::step::Step;
use super::tree::Span;

/// The file that [`PartStore::salt`] keeps.
const SALT: &str = "tern.salt";
/// The file that [`PartStore::job`] keeps.
const JOB: &str = "tern.job";
/// What a file is called until all of it is written.
const UNFINISHED: &str = ".tmp";
/// What the proof is called until it is verified.
const PROOF: &str = "proof.tmp";
/// The file that a run locks.
pub const LOCK: &str = "tern.lock";

/// A folder beside the proof that its parts will become: `segment-000000`, `lift-000000`,
/// `join-000000-000004` (segments 0 to 3) and so on. A lift replaces its segment, a join its
/// children.
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
        let store = Self::at(proof);
        fs::create_dir_all(&store.folder).map_err(|error| store.error(&store.folder, error))?;
        Ok(store)
    }

    /// The same, with the folder as it is.
    #[must_use]
    pub fn at(proof: &Path) -> Self {
        let mut folder = proof.as_os_str().to_owned();
        folder.push(".segments");
        Self { proof: proof.to_owned(), folder: folder.into() }
    }

    /// Where the parts are.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The segment's encoding, left by an earlier step or run, if there is any. It is not trusted:
    /// the caller verifies it.
    ///
    /// # Errors
    ///
    /// If the file is there and cannot be read.
    pub fn load_segment(&self, index: u32) -> Result<Option<Vec<u8>>, ProveError> {
        self.load(Step::Segment(index))
    }

    /// The node's encoding, left by an earlier run, if there is any. It is not trusted: the caller
    /// verifies it.
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
        let replaced: Vec<Step> = match children {
            [] => (node.first..node.end).map(Step::Segment).collect(),
            children => children.iter().map(|&child| Step::of_node(child)).collect(),
        };
        for step in replaced {
            // What cannot be removed takes up space until the proof is whole, no more.
            let _ = fs::remove_file(self.path(step));
        }
        Ok(())
    }

    /// The salt of the run's input: the one that an earlier run kept here, or else what `draw`
    /// gives, which is then kept. Segments of another salt are segments of another run.
    ///
    /// # Errors
    ///
    /// If it cannot be read or written.
    pub fn salt<const N: usize>(&self, draw: impl FnOnce() -> [u8; N]) -> Result<[u8; N], ProveError> {
        self.kept(SALT, draw)
    }

    /// What tells this run from others, wherever its steps are done: as [`salt`](Self::salt), kept
    /// until the parts are removed.
    ///
    /// # Errors
    ///
    /// If it cannot be read or written.
    pub fn job<const N: usize>(&self, draw: impl FnOnce() -> [u8; N]) -> Result<[u8; N], ProveError> {
        self.kept(JOB, draw)
    }

    fn kept<const N: usize>(&self, name: &str, draw: impl FnOnce() -> [u8; N]) -> Result<[u8; N], ProveError> {
        let path = self.folder.join(name);
        let kept = self.load_file(&path)?.and_then(|bytes| bytes.try_into().ok());
        if let Some(bytes) = kept {
            return Ok(bytes);
        }
        let bytes = draw();
        self.save_file(&path, &bytes)?;
        Ok(bytes)
    }

    /// Writes the proof file from the header and the segments, if `verify` accepts what is written.
    ///
    /// # Errors
    ///
    /// If a segment cannot be read, or the proof cannot be written or is refused. The parts stay in
    /// any case.
    pub fn assemble(&self, header: &Header, verify: impl FnOnce(&[u8]) -> Result<(), String>) -> Result<u64, ProveError> {
        let head = header.to_bytes().map_err(|_| ProveError::TooLarge { what: "the output" })?;
        let paths: Vec<_> = (0..header.segments).map(|index| self.path(Step::Segment(index))).collect();
        let write = |file: &mut BufWriter<&File>| {
            file.write_all(&head)?;
            paths.iter().try_for_each(|path| io::copy(&mut File::open(path)?, file).map(drop))
        };
        self.finish(write, verify)
    }

    /// Writes the proof file, if `verify` accepts what is written.
    ///
    /// # Errors
    ///
    /// If the proof cannot be written or is refused. The parts stay in any case.
    pub fn write_proof(&self, bytes: &[u8], verify: impl FnOnce(&[u8]) -> Result<(), String>) -> Result<u64, ProveError> {
        self.finish(|file| file.write_all(bytes), verify)
    }

    /// Removes the files that this store gave their names, and nothing else. Returns the names of
    /// what stays, the lock's aside.
    #[must_use]
    pub fn remove_parts(&self) -> Vec<OsString> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let stays = |name: &OsString| *name != LOCK && !(self.is_own(name) && fs::remove_file(self.folder.join(name)).is_ok());
        let mut names: Vec<_> = entries.map(|entry| entry.file_name()).filter(stays).collect();
        names.sort();
        names
    }

    /// Removes the salt and what tells the run from others if nothing was proved with them: if no
    /// part is there.
    pub(super) fn forget_salt_of_nothing(&self) {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        if !entries.map(|entry| entry.file_name()).any(|name| name != SALT && name != JOB && self.is_own(&name)) {
            for name in [SALT, JOB] {
                let _ = fs::remove_file(self.folder.join(name));
            }
        }
    }

    /// Whether a file in the folder has its name from here.
    fn is_own(&self, name: &OsStr) -> bool {
        let Some(name) = name.to_str() else { return false };
        let part = name.strip_suffix(UNFINISHED).unwrap_or(name);
        let named = |step: Step| self.path(step).file_name() == Some(part.as_ref());
        name == PROOF || part == SALT || part == JOB || parse_name(part).is_some_and(named)
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
            Step::Lift(span) if span.len() == 1 => self.folder.join(format!("lift-{:06}", span.first)),
            Step::Lift(span) | Step::Join(span) => self.folder.join(format!("join-{:06}-{:06}", span.first, span.end)),
            Step::Wrap => self.proof.clone(),
        }
    }

    /// Writes the proof into the folder of its parts, reads it back, and renames it into place if
    /// it verifies.
    fn finish(
        &self,
        write: impl FnOnce(&mut BufWriter<&File>) -> io::Result<()>,
        verify: impl FnOnce(&[u8]) -> Result<(), String>,
    ) -> Result<u64, ProveError> {
        let unfinished = self.folder.join(PROOF);
        let at_proof = |error| self.error(&self.proof, error);
        let bytes = write_whole(&unfinished, write).and_then(|()| fs::read(&unfinished)).map_err(at_proof)?;
        verify(&bytes).map_err(|reason| {
            let _ = fs::remove_file(&unfinished);
            ProveError::FinalCheck { reason, kept: self.folder.clone() }
        })?;
        fs::rename(&unfinished, &self.proof).map_err(at_proof)?;
        // Where folders can be flushed, the name is on disk before the parts go.
        let _ = File::open(folder_of(&self.proof)).and_then(|folder| folder.sync_all());
        Ok(bytes.len() as u64)
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

    /// Writes a file under another name and renames it into place.
    fn save(&self, step: Step, bytes: &[u8]) -> Result<(), ProveError> {
        self.save_file(&self.path(step), bytes)
    }

    fn save_file(&self, path: &Path, bytes: &[u8]) -> Result<(), ProveError> {
        let mut unfinished = path.as_os_str().to_owned();
        unfinished.push(UNFINISHED);
        let saved = write_whole(unfinished.as_ref(), |file| file.write_all(bytes)).and_then(|()| fs::rename(&unfinished, path));
        saved.map_err(|error| self.error(path, error))
    }

    fn error(&self, path: &Path, error: io::Error) -> ProveError {
        ProveError::Io { path: path.to_owned(), kept: self.folder.clone(), error }
    }
}

/// Writes a new file instead of what may be left under its name, and flushes it to disk. What
/// cannot be finished is removed.
///
/// # Errors
///
/// Those of the file system, and of `write`.
pub fn write_whole(path: &Path, write: impl FnOnce(&mut BufWriter<&File>) -> io::Result<()>) -> io::Result<()> {
    let _ = fs::remove_file(path);
    let file = OpenOptions::new().write(true).create_new(true).open(path)?;
    let mut writer = BufWriter::new(&file);
    let written = write(&mut writer).and_then(|()| writer.flush());
    drop(writer);
    written.and_then(|()| file.sync_all()).inspect_err(|_| {
        let _ = fs::remove_file(path);
    })
}

/// The step whose part could have this name.
fn parse_name(name: &str) -> Option<Step> {
    let number = |text: &str| text.parse().ok();
    let (kind, numbers) = name.split_once('-')?;
    match kind {
        "segment" => number(numbers).map(Step::Segment),
        "lift" => number(numbers).map(|index| Step::Lift(Span::one(index))),
        "join" => {
            let (first, end) = numbers.split_once('-')?;
            Some(Step::Join(Span { first: number(first)?, end: number(end)? }))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_from_here_are_own() {
        let store = PartStore::at(Path::new("proof"));
        let own = |name: &str| store.is_own(name.as_ref());
        for step in [Step::Segment(0), Step::Segment(12_345_678), Step::Lift(Span::one(7)), Step::Join(Span { first: 0, end: 4 })] {
            let name = store.path(step).file_name().and_then(OsStr::to_str).expect("a name").to_owned();
            assert!(own(&name) && own(&format!("{name}.tmp")), "{name}");
        }
        assert!(own("proof.tmp") && own("tern.salt") && own("tern.salt.tmp") && own("tern.job"));
        for other in [
            "proof",
            "notes",
            "segment-0",
            "segment-+00000",
            "segment-000000.bak",
            "segment-000000.tmp.tmp",
            "lift-",
            "join-000000",
            "join-000000-4",
            "tern.lock.tmp",
            "",
        ] {
            assert!(!own(other), "{other}");
        }
    }
}
