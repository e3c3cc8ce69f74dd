//! What Check Media found.

use crate::base::ids::NoteId;
use crate::base::time::TimestampMillis;

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MediaReport {
    /// By name.
    pub missing: Vec<MissingFile>,
    /// All notes that miss a file.
    pub notes_missing: Vec<NoteId>,
    pub unused: Vec<UnusedFile>,
    /// Larger than Anki's servers take.
    pub oversize: Vec<UnusedFile>,
    /// Files whose names not every system can store, and the names that they should have.
    pub renames: Vec<Rename>,
    /// Folders inside the media folder, which programs do not look into.
    pub folders: Vec<String>,
    /// Files whose bytes changed though nobody wrote them, at the last look at all bytes.
    pub rotten: Vec<UnusedFile>,
    /// When that was.
    pub rot_looked: Option<TimestampMillis>,
    /// Files in the media folder.
    pub files: u64,
    /// Files in the trash, and their bytes.
    pub trash: (u64, u64),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingFile {
    pub name: String,
    pub from: MissingFrom,
}

/// What refers to a missing file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MissingFrom {
    Notes {
        count: usize,
        /// The first of them, with the text that they are sorted by.
        named: Vec<(NoteId, String)>,
    },
    /// The templates or styling of a note type, by name.
    Notetype(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnusedFile {
    pub name: String,
    pub bytes: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rename {
    pub old: String,
    pub new: String,
}

impl MediaReport {
    /// Nothing that asks for a remedy.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.missing.is_empty()
            && self.unused.is_empty()
            && self.oversize.is_empty()
            && self.renames.is_empty()
            && self.folders.is_empty()
            && self.rotten.is_empty()
    }
}
