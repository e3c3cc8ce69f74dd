//! One side replaces the other, as one file that is never in memory as a whole. The caller makes a
//! verified backup before either; a download is put in place by a restore
//! (`backup::plan::Options::DOWNLOAD`), which checks it as strictly and can be undone.

use super::session::Session;
use crate::base::error::{AtPath as _, foreign_words};
use crate::base::files::{BUFFER, StagingDir, parent};
use crate::base::job::Progress;
use crate::base::{Error, ErrorKind, Result};
use crate::collection::Collection;
use crate::domain::op::Op;
use crate::storage::Storage;
use crate::storage::sync::stamp_for_upload;
use crate::{mark, t};
use std::fs::File;
use std::io::{BufReader, BufWriter, Write as _};
use std::path::{Path, PathBuf};

const NAME: &str = "collection.anki2";

/// Replaces the server's collection by this one. Sends a copy, so that whatever fails leaves this
/// side as it was.
///
/// # Errors
/// As the module of sync says; `Server` also when it finds the upload damaged or too large.
pub fn upload(col: &mut Collection, session: &Session<'_>, progress: &Progress) -> Result<()> {
    // Before anything is sent: of what fails once the server has the collection, the upload is said
    // to have failed.
    col.storage().spare_memory()?;
    let sent = send(col, session, progress);
    col.storage().stop_sparing_memory();
    sent
}

fn send(col: &mut Collection, session: &Session<'_>, progress: &Progress) -> Result<()> {
    let path = col.storage().path().to_owned();
    let staging = StagingDir::create_in(parent(&path)?)?;
    let copy = staging.path().join(NAME);
    progress.stage(t!("Preparing the collection"), 0)?;
    copy_of(col.storage(), &copy)?;
    let now = col.clock().now();
    stamp_for_upload(&copy, now)?;
    let size = std::fs::metadata(&copy).at(&copy)?.len();
    progress.stage_bytes(t!("Uploading the collection"), size)?;
    let mut file = BufReader::with_capacity(BUFFER, File::open(&copy).at(&copy)?);
    let answer = session.upload("sync/upload", &mut file, progress)?;
    if answer != b"OK" {
        let answer = foreign_words(&String::from_utf8_lossy(&answer));
        return Err(Error::new(
            ErrorKind::Server,
            mark!("the server did not take the collection: {answer}", answer),
        ));
    }
    col.transact(Op::Sync, |tx| tx.mark_uploaded(now)).map(drop)
}

pub(super) fn copy_of(storage: &Storage, copy: &Path) -> Result<()> {
    storage.while_frozen(|frozen| {
        let mut out = BufWriter::with_capacity(BUFFER, File::create(copy).at(copy)?);
        std::io::copy(&mut frozen.reader(), &mut out).at(copy)?;
        out.flush().at(copy)?;
        frozen.require_unchanged()
    })
}

/// The server's collection in a folder of its own, which goes away with this value.
#[derive(Debug)]
pub struct Downloaded {
    staging: StagingDir,
    /// Bytes.
    pub size: u64,
}

impl Downloaded {
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.staging.path().join(NAME)
    }
}

/// Fetches the server's collection into a new folder inside `room`. Nothing else is touched.
///
/// # Errors
/// As the module of sync says; `DiskFull` before anything is fetched, where it would not fit.
pub fn download(session: &Session<'_>, room: &Path, progress: &Progress) -> Result<Downloaded> {
    let staging = StagingDir::create_in(room)?;
    let path = staging.path().join(NAME);
    let mut out = BufWriter::with_capacity(BUFFER, File::create(&path).at(&path)?);
    let stage = t!("Downloading the collection");
    progress.stage_bytes(stage, 0)?;
    let size = session.download("sync/download", stage, (room, &mut out), progress)?;
    out.flush().at(&path)?;
    Ok(Downloaded { staging, size })
}
