//! What is wished of a restore, for each of its occasions. `restore` carries it out; what it would
//! cost is told before by [`super::entry::Inspection`].

use super::entry::Reason;

/// How the restored collection stands to the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stamp {
    /// It is a new beginning: the next sync is one-way.
    New,
    /// It is what the server has.
    Server,
    /// As its file says.
    Kept,
}

/// What the user chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Also bring the media files of the package; nothing is deleted from the folder.
    pub media: bool,
    /// Noted on the safety backup.
    pub reason: Reason,
    pub stamp: Stamp,
}

impl Options {
    /// Open Backup, Revert to Backup.
    pub const RESTORE: Self = Self {
        media: true,
        reason: Reason::BeforeRestore,
        stamp: Stamp::New,
    };
    /// File > Import of a .colpkg.
    pub const IMPORT: Self = Self {
        media: true,
        reason: Reason::BeforeImport,
        stamp: Stamp::New,
    };
    /// A collection that was downloaded by sync.
    pub const DOWNLOAD: Self = Self {
        media: false,
        reason: Reason::BeforeDownload,
        stamp: Stamp::Server,
    };
    /// A collection that was merged with the server's.
    pub const MERGE: Self = Self {
        stamp: Stamp::Kept,
        ..Self::DOWNLOAD
    };
}
