//! A deck package made ready to be merged: unpacked into a folder of its own, checked, brought to
//! the present schema. The live collection is not touched; the folder goes away with the value.

use super::mnemosyne;
use crate::base::error::{AtPath as _, Error, ErrorKind, Result};
use crate::base::files::{BUFFER, StagingDir};
use crate::base::job::Progress;
use crate::base::time::Clock;
use crate::formats::reader::{Package, PackedMedia};
use crate::storage::Storage;
use crate::storage::inspect::{self, Depth};
use crate::storage::snapshot;
use crate::{mark, t};
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

/// See the module header.
pub struct StagedPackage {
    pub(super) path: PathBuf,
    pub(super) storage: Storage,
    pub(super) package: Package,
    pub(super) media: Vec<PackedMedia>,
    /// A file of another program, that carries its scheduling along.
    pub(super) is_foreign: bool,
    pub(super) staging: StagingDir,
}

impl std::fmt::Debug for StagedPackage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StagedPackage")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl StagedPackage {
    /// Unpacks `path` into a new folder inside `room`, best on the file system of the
    /// media folder.
    pub fn open(path: &Path, room: &Path, clock: &Clock, progress: &Progress) -> Result<Self> {
        let size = std::fs::metadata(path).at(path)?.len();
        progress.stage_bytes(t!("Reading the package"), size.saturating_mul(3))?;
        let staging = StagingDir::create_in(room)?;
        let is_foreign = mnemosyne::is_database(path)?;
        let mut package = if is_foreign {
            let made = mnemosyne::to_package(path, staging.path(), clock, progress)?;
            Package::open(&made)?
        } else {
            Package::open(path)?
        };
        // Names first: a list that must be refused is refused before anything is unpacked.
        let media = package.listed_media()?;
        let collection = staging.path().join("collection.anki2");
        let file = File::create_new(&collection).at(&collection)?;
        let mut out = BufWriter::with_capacity(BUFFER, file);
        package.unpack_collection(&mut out, Some(staging.path()), progress)?;
        out.flush().at(&collection)?;
        drop(out);
        progress.stage(t!("Checking the package"), 0)?;
        let storage =
            open_checked(&collection, clock, progress).map_err(|e| of_package(e, path))?;
        Ok(Self {
            path: path.to_owned(),
            storage,
            package,
            media,
            is_foreign,
            staging,
        })
    }
}

fn open_checked(collection: &Path, clock: &Clock, progress: &Progress) -> Result<Storage> {
    // Other programs leave out tables that they have no rows for.
    Storage::add_missing_tables(collection)?;
    // First: a check looks into virtual tables.
    inspect::refuse_active_content(collection)?;
    let checked = inspect::check(collection, Depth::Full, progress)?;
    Storage::upgrade(collection, clock, progress)?;
    // Scripts sort the names otherwise than Anki does.
    if checked.wrong_index.is_some() {
        snapshot::reindex(collection)?;
        if let Some(finding) = inspect::check(collection, Depth::Full, progress)?.wrong_index {
            return Err(Error::corrupt(mark!(
                "the collection in it is damaged: {finding}",
                finding
            )));
        }
    }
    let mut storage = Storage::open(collection)?;
    storage.spare_memory()?;
    storage.upgrade_scheduler(clock)?;
    // Of a clock that was wrong: they would be in the way of every export.
    storage.tx(clock.now(), |tx| tx.repair_future_ids())?;
    storage.close()?;
    // Nobody writes to it from now on, and a second connection may read it too.
    Storage::open_read_only(collection)
}

/// The path of the unpacked copy says nothing to anyone.
pub(super) fn of_package(error: Error, path: &Path) -> Error {
    let what = match error.kind() {
        ErrorKind::Corrupt | ErrorKind::NotFound | ErrorKind::Conflict => {
            mark!("the package is damaged: {why}", why = error.what())
        }
        _ => error.what().to_owned(),
    };
    let kind = match error.kind() {
        ErrorKind::NotFound | ErrorKind::Conflict => ErrorKind::Corrupt,
        kind => kind,
    };
    Error::new(kind, what).at(path)
}
