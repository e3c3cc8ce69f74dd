//! File > Export and File > Import of a collection package (.colpkg), and the packing of deck
//! packages. The export is written from
//! the frozen file beside study, verified like a backup, and appears whole or not at all.

use super::along;
use super::entry::Contents;
use super::journal::COLLECTION;
use super::plan::Options;
use super::readme;
use super::restore::{Restored, restore};
use super::write::{self, Order};
use crate::base::error::{AtPath as _, Error, Result};
use crate::base::files::{self, BUFFER, PartialFile, StagingDir};
use crate::base::job::Progress;
use crate::base::limits::FREE_SPACE_RESERVE;
use crate::base::time::Clock;
use crate::codec::media_entries;
use crate::codec::meta::Generation;
use crate::domain::media_report::Rename;
use crate::formats::collection_files;
use crate::formats::encryption::Lock;
use crate::formats::writer::{Effort, Extra};
use crate::formats::zip_guard::require_space;
use crate::media::folder::{self, MediaFile};
use crate::storage::Storage;
use crate::storage::snapshot::FrozenFile;
use crate::{mark, t};
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

/// What to export, and where from.
#[derive(Debug, Clone, Copy)]
pub struct ExportOptions<'a> {
    /// The media folder, to include it.
    pub media: Option<&'a Path>,
    /// For Anki before 2.1.50: schema 11 in the older container.
    pub legacy: bool,
    /// The program's data folder, in which nothing may be exported to.
    pub data_folder: Option<&'a Path>,
    /// Where a copy can be made for `legacy`: the profile folder.
    pub room: &'a Path,
    /// Encrypts the package on its way to the file, so that there is none in plain. It takes
    /// the preferences and the history of notes of the profile in `room` along.
    pub lock: Option<&'a Lock>,
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    pub path: PathBuf,
    pub size: u64,
    pub contents: Contents,
    pub media_files: u64,
    /// Media files that have other names in it than in the folder.
    pub renamed: Vec<Rename>,
}

/// Writes a verified collection package to `out`, replacing a file of that name only at the end.
pub fn export_colpkg(
    frozen: &FrozenFile,
    out: &Path,
    options: &ExportOptions<'_>,
    progress: &Progress,
) -> Result<Exported> {
    refuse_inside(out, options.data_folder)?;
    let (media, renamed) = match options.media {
        Some(folder) => folder::list_fit(folder)?,
        None => (Vec::new(), Vec::new()),
    };
    let older;
    let staging;
    let (source, generation) = if options.legacy {
        staging = StagingDir::create_in(options.room)?;
        older = downgraded(frozen, staging.path(), progress)?;
        (&older, Generation::Legacy2)
    } else {
        (frozen, Generation::Latest)
    };
    let beside = StagingDir::create_in(options.room)?;
    let mut extras = if options.lock.is_some() {
        along::gather(options.room, beside.path(), progress)?
    } else {
        Vec::new()
    };
    if !renamed.is_empty() {
        let names = renamed.iter().map(|r| (r.new.as_str(), r.old.as_str()));
        let names = media_entries::original_names_to_json(names);
        extras.push(Extra::text(media_entries::ORIGINAL_NAMES, &names));
    }
    let order = Order {
        generation,
        effort: Effort::beside_media(source.size(), &media),
        media: &media,
        extras: &extras,
        lock: options.lock,
        is_hashed: false,
    };
    let partial = PartialFile::create_for_user(out)?;
    let (partial, written) = write::write_verified(source, partial, &order, progress)?;
    frozen.require_unchanged()?;
    partial.commit()?;
    if options.lock.is_some() {
        readme::beside_export(out);
    }
    Ok(Exported {
        path: out.to_owned(),
        size: written.size,
        contents: written.contents,
        media_files: written.media_files,
        renamed,
    })
}

/// Writes a verified package around a collection file that was made for it: `content` must be in
/// schema 11 if the package is for older versions, and nobody may have it open.
pub fn export_apkg(
    content: &Path,
    media: &[MediaFile],
    out: &Path,
    legacy: bool,
    data_folder: Option<&Path>,
    lock: Option<&Lock>,
    progress: &Progress,
) -> Result<Exported> {
    refuse_inside(out, data_folder)?;
    let frozen = FrozenFile::of_closed(content)?;
    let order = Order {
        generation: if legacy {
            Generation::Legacy2
        } else {
            Generation::Latest
        },
        effort: Effort::beside_media(frozen.size(), media),
        media,
        extras: &[],
        lock,
        is_hashed: false,
    };
    let partial = PartialFile::create_for_user(out)?;
    let (partial, written) = write::write_verified(&frozen, partial, &order, progress)?;
    partial.commit()?;
    if lock.is_some() {
        readme::beside_export(out);
    }
    Ok(Exported {
        path: out.to_owned(),
        size: written.size,
        contents: written.contents,
        media_files: written.media_files,
        renamed: Vec::new(),
    })
}

/// A copy of the frozen file in schema 11.
fn downgraded(frozen: &FrozenFile, room: &Path, progress: &Progress) -> Result<FrozenFile> {
    progress.stage_bytes(t!("Copying the collection"), frozen.size())?;
    require_space(room, frozen.size() * 2 + FREE_SPACE_RESERVE)?;
    let path = room.join(COLLECTION);
    let mut copy = File::create(&path).at(&path)?;
    let mut source = frozen.reader();
    let mut buffer = vec![0; BUFFER];
    loop {
        let n = source.read(&mut buffer).at(frozen.path())?;
        if n == 0 {
            break;
        }
        copy.write_all(&buffer[..n]).at(&path)?;
        progress.step(n as u64)?;
    }
    drop(copy);
    frozen.require_unchanged()?;
    let mut storage = Storage::open(&path)?;
    storage.downgrade_to_11(progress)?;
    storage.close()?;
    FrozenFile::of_closed(&path)
}

/// Whether a file that the user asks for may become `out`. In the data folder it would be taken for
/// a part of it, go where the profile goes, or take the place of a collection or a backup.
///
/// # Errors
/// `Invalid` when `out` is in the data folder; those of the system when its folder is not there.
pub fn refuse_inside(out: &Path, data_folder: Option<&Path>) -> Result<()> {
    let Some(data_folder) = data_folder else {
        return Ok(());
    };
    let parent = files::parent(out)?;
    let target = parent.canonicalize().at(parent)?;
    let is_inside = data_folder
        .canonicalize()
        .is_ok_and(|folder| target.starts_with(folder));
    if is_inside {
        return Err(Error::invalid(mark!(
            "the program's own folder is not a place for exported files; choose another"
        ))
        .at(out));
    }
    Ok(())
}

/// Replaces the collection of a profile by a package of any generation, with its media, after a
/// safety backup. Nobody may have the collection open.
pub fn import_colpkg(
    profile_dir: &Path,
    file: &Path,
    clock: &Clock,
    progress: &Progress,
) -> Result<Restored> {
    if collection_files::by_name(file).is_none() {
        return Err(
            Error::invalid(mark!("the file is not a collection package (.colpkg)")).at(file),
        );
    }
    restore(profile_dir, file, Options::IMPORT, clock, progress)
}
