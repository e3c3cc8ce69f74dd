//! From a file that claims to be a backup to one that is known to be sound: unpacked into a folder
//! of its own, checked as deeply as we can, its media compared. Whatever fails, nothing but that
//! folder was written, and it goes away with the value. `media` unpacks the media files.

mod media;

use super::follow::{FinishOnDrop, Tracked, Written, sync_along};
use super::journal::{COLLECTION, MEDIA};
use super::plan::Stamp;
use super::write::{join, spawn};
use crate::base::error::{AtPath as _, Error, ErrorKind, Result};
use crate::base::files::{StagingDir, TEMP_PREFIX, sync_file, sync_written};
use crate::base::job::Progress;
use crate::base::limits::{FREE_SPACE_RESERVE, MAX_COLLECTION_BYTES};
use crate::base::time::Clock;
use crate::formats::collection_files::{self, CollectionFile};
use crate::formats::reader::{self, Package};
use crate::formats::zip_guard::require_space;
use crate::media::folder::ignores_case;
use crate::media::hash::{MediaHash, hash_file};
use crate::storage::Storage;
use crate::storage::inspect::{self, Checked, Depth};
use crate::storage::log_file;
use crate::storage::snapshot;
use crate::storage::sync::stamp_downloaded;
use crate::{mark, t};
use crossbeam_channel::Sender;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// Unpacked pieces that wait to be written, of a quarter of a megabyte.
const CHUNKS_AHEAD: usize = 8;
/// Media files waiting to be synced; each holds a descriptor, of which macOS gives 256.
const SYNC_QUEUE: usize = if cfg!(target_os = "linux") { 128 } else { 32 };

/// A backup about which nothing is known but its name.
#[derive(Debug)]
pub struct Unverified {
    kind: CollectionFile,
    /// The copy is read and goes away: nobody waits until it is on the disk.
    only_read: bool,
}

/// A backup that was unpacked and checked.
#[derive(Debug)]
pub struct Verified {
    staging: StagingDir,
    checked: Checked,
    blake3: Option<[u8; 32]>,
    media: Vec<StagedMedia>,
    media_files: u64,
    /// What was mended when it was made ready.
    damage: Vec<Error>,
}

/// A backup, and in its type what we know of it. Only a verified one can be restored.
#[derive(Debug)]
pub struct Backup<S> {
    path: PathBuf,
    state: S,
}

/// What to do with the media files of a package.
#[derive(Debug, Clone, Copy)]
pub enum MediaWish<'a> {
    /// Read and compare with the list, keep nothing.
    Check,
    /// Unpack what `live` does not have in the same form.
    Unpack { live: &'a Path },
    /// Leave them alone.
    Ignore,
}

/// A media file that was unpacked because the folder has none of that name, or another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StagedMedia {
    pub name: String,
    /// Its name where it comes from, which another file has already or this system cannot store.
    pub listed_as: Option<String>,
    pub sha1: MediaHash,
    /// The folder has a different file of that name.
    pub replaces: bool,
}

impl Backup<Unverified> {
    /// Fails for a name that is not one of a whole collection.
    pub fn at(path: &Path) -> Result<Self> {
        let kind = collection_files::by_name(path).ok_or_else(|| {
            Error::invalid(mark!(
                "the file is not a backup or collection package (.colpkg)"
            ))
            .at(path)
        })?;
        Ok(Self::of_kind(path, kind, false))
    }

    /// To look into and take notes from, not to restore: deck packages too.
    pub fn to_explore(path: &Path) -> Result<Self> {
        let kind = collection_files::to_look_into(path).ok_or_else(|| {
            Error::invalid(mark!(
                "the file is neither a package (.colpkg, .apkg) nor a collection file (.anki2, \
                 .anki21, .anki21b); choose one of those"
            ))
            .at(path)
        })?;
        Ok(Self::of_kind(path, kind, true))
    }

    fn of_kind(path: &Path, kind: CollectionFile, only_read: bool) -> Self {
        Self {
            path: path.to_owned(),
            state: Unverified { kind, only_read },
        }
    }

    /// Unpacks into a new folder inside `room` and checks everything.
    pub fn verify(
        self,
        room: &Path,
        wish: MediaWish<'_>,
        progress: &Progress,
    ) -> Result<Backup<Verified>> {
        let staging = StagingDir::create_in(room)?;
        let collection = staging.path().join(COLLECTION);
        let mut state = Verified {
            checked: Checked {
                schema: 0,
                counts: crate::storage::Counts::default(),
                wrong_index: None,
            },
            staging,
            blake3: None,
            media: Vec::new(),
            media_files: 0,
            damage: Vec::new(),
        };
        let Unverified { kind, only_read } = self.state;
        if kind == CollectionFile::RawZstd {
            progress.stage(t!("Reading the collection file"), 0)?;
            let mut out = File::create(&collection).at(&collection)?;
            reader::unpack_raw(&self.path, &mut out, room, progress)?;
            drop(out);
            state.checked = check_copy(&collection, only_read, progress).at(&self.path)?;
        } else if kind == CollectionFile::Raw {
            copy_raw(&self.path, &collection, progress)?;
            state.checked = check_copy(&collection, only_read, progress).at(&self.path)?;
        } else {
            let size = std::fs::metadata(&self.path).at(&self.path)?.len();
            progress.stage_bytes(t!("Reading the backup"), size.saturating_mul(3))?;
            let mut package = Package::open(&self.path)?;
            // Names first: a list that must be refused is refused before anything is unpacked.
            let listed = package.media()?;
            package.read_rest(&listed, progress)?;
            state.media_files = listed.len() as u64;
            let unpacked = unpack_collection(&mut package, &collection, only_read, progress)?;
            state.blake3 = Some(*unpacked.as_bytes());
            progress.stage(t!("Checking the collection in it"), 0)?;
            state.checked = check_copy(&collection, only_read, progress).at(&self.path)?;
            state.media = media::stage(&mut package, &listed, wish, &state.staging, progress)
                .at(&self.path)?;
        }
        Ok(Backup {
            path: self.path,
            state,
        })
    }
}

impl Backup<Verified> {
    /// Checks a folder that holds the files of a profile, and takes it over; `arrived` are its media
    /// files. `name` is told where a path would be.
    pub fn of_folder(
        name: PathBuf,
        staging: StagingDir,
        arrived: Arrivals<'_>,
        progress: &Progress,
    ) -> Result<Self> {
        let Arrivals {
            came,
            checked,
            to_sync,
            same,
            ..
        } = arrived;
        sync_written(&to_sync.into_inner().unwrap_or_else(PoisonError::into_inner))?;
        for path in same.into_inner().unwrap_or_else(PoisonError::into_inner) {
            std::fs::remove_file(&path).at(&path)?;
        }
        let checked = match checked.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Some(checked) => checked,
            None => {
                progress.stage(t!("Checking the collection in it"), 0)?;
                check_synced(&staging.path().join(COLLECTION), progress).at(&name)?
            }
        };
        let brought = staging.path().join(MEDIA);
        let media = media_folder(&staging);
        if brought.is_dir() {
            std::fs::rename(&brought, &media).at(&brought)?;
        }
        let came = came.into_inner();
        let (media_files, mut media) = came.unwrap_or_else(PoisonError::into_inner);
        media.sort_by(|a, b| a.name.cmp(&b.name));
        let state = Verified {
            staging,
            checked,
            blake3: None,
            media_files,
            media,
            damage: Vec::new(),
        };
        Ok(Self { path: name, state })
    }

    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    #[must_use]
    pub fn checked(&self) -> &Checked {
        &self.state.checked
    }

    /// `Refused` when the collection has triggers, views or virtual tables: for a file from others.
    pub fn refuse_active_content(&self) -> Result<()> {
        inspect::refuse_active_content(&self.collection())
            .map_err(without_path)
            .at(&self.path)
    }

    /// BLAKE3 of the collection as it lies in the package; None for a bare collection file.
    #[must_use]
    pub fn blake3(&self) -> Option<[u8; 32]> {
        self.state.blake3
    }

    /// What is not as it was in the backup since it was [made ready](Self::make_ready).
    #[must_use]
    pub fn take_damage(&mut self) -> Vec<Error> {
        std::mem::take(&mut self.state.damage)
    }

    /// The unpacked collection.
    #[must_use]
    pub fn collection(&self) -> PathBuf {
        self.state.staging.path().join(COLLECTION)
    }

    /// Brings the unpacked collection to the present schema and scheduler and opens it for reading,
    /// [without](Storage::open_mended) what is damaged of decks, presets and note types.
    pub fn open(&self, clock: &Clock, progress: &Progress) -> Result<Storage> {
        let copy = self.collection();
        let open = || -> Result<Storage> {
            Storage::upgrade(&copy, clock, progress)?;
            if self.state.checked.wrong_index.is_some() {
                snapshot::reindex(&copy)?;
            }
            Storage::open_mended(&copy)
        };
        open().map_err(|e| without_path(e).at(&self.path))
    }

    /// Files in the package's media list.
    #[must_use]
    pub fn media_files(&self) -> u64 {
        self.state.media_files
    }

    /// What was unpacked, in the folder [`Self::media_folder`].
    #[must_use]
    pub fn media(&self) -> &[StagedMedia] {
        &self.state.media
    }

    #[must_use]
    pub fn media_folder(&self) -> PathBuf {
        media_folder(&self.state.staging)
    }

    /// Makes the unpacked collection one that can take the place of the live one: upgraded, its
    /// indexes mended if they were wrong, without triggers, marked as changed now (unless it was
    /// downloaded by sync), whole and synced. Returns whether indexes were mended.
    pub fn make_ready(&mut self, stamp: Stamp, clock: &Clock, progress: &Progress) -> Result<bool> {
        let path = self.collection();
        progress.stage(t!("Preparing the collection"), 0)?;
        let mended = self.state.checked.wrong_index.is_some();
        let prepare = || -> Result<Vec<Error>> {
            Storage::upgrade(&path, clock, progress)?;
            if mended {
                snapshot::reindex(&path)?;
                if let Some(finding) = inspect::check(&path, Depth::Full, progress)?.wrong_index {
                    return Err(Error::corrupt(mark!(
                        "the collection is damaged: {finding}",
                        finding
                    )));
                }
            }
            snapshot::drop_triggers(&path)?;
            let mut damage = Vec::new();
            match stamp {
                Stamp::New => {
                    damage = Storage::mend_settings(&path)?;
                    snapshot::stamp_restored(&path, clock.now())?;
                }
                Stamp::Server => stamp_downloaded(&path)?,
                Stamp::Kept => Storage::open(&path)?.close_as_one_file()?,
            }
            if snapshot::has_log(&path) {
                return Err(Error::bug("the staged collection kept its log"));
            }
            sync_file(&path)?;
            Ok(damage)
        };
        self.state.damage = prepare().map_err(|e| {
            Error::new(e.kind(), e.what().to_owned())
                .because(e)
                .at(&self.path)
        })?;
        Ok(mended)
    }
}

/// Unpacks to `path`: one thread decompresses, one writes, one waits for the disk.
fn unpack_collection(
    package: &mut Package,
    path: &Path,
    only_read: bool,
    progress: &Progress,
) -> Result<blake3::Hash> {
    let mut file = File::create(path).at(path)?;
    let written = &Written::default();
    thread::scope(|scope| {
        let (to_file, chunks) = crossbeam_channel::bounded::<Vec<u8>>(CHUNKS_AHEAD);
        let writer = spawn(scope, "stage-write", move || {
            let guard = FinishOnDrop(written);
            let mut out = Tracked::new(&mut file, written);
            let mut hash = blake3::Hasher::new();
            for chunk in chunks {
                hash.update(&chunk);
                out.write_all(&chunk).at(path)?;
            }
            written.finish(true);
            drop(guard);
            Ok(hash.finalize())
        })?;
        let syncer = match only_read {
            true => None,
            false => Some(spawn(scope, "stage-sync", move || {
                sync_along(path, written).at(path)
            })?),
        };
        let folder = crate::base::files::parent(path)?;
        let mut out = Ahead(to_file);
        let unpacked = package.unpack_collection(&mut out, Some(folder), progress);
        drop(out);
        // Why nothing could be written says more than that it could not.
        let hash = join(writer)?;
        syncer.map_or(Ok(()), join)?;
        unpacked.map(|_| hash)
    })
}

/// Hands what is written to the thread that writes it.
struct Ahead(Sender<Vec<u8>>);

impl Write for Ahead {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let sent = self.0.send(bytes.to_vec());
        sent.map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn check_copy(collection: &Path, only_read: bool, progress: &Progress) -> Result<Checked> {
    if only_read {
        return inspect::check(collection, Depth::Full, progress).map_err(without_path);
    }
    check_synced(collection, progress)
}

/// The database's check, with the file being synced beside it.
fn check_synced(collection: &Path, progress: &Progress) -> Result<Checked> {
    thread::scope(|scope| {
        let sync = thread::Builder::new()
            .name("stage-sync".into())
            .spawn_scoped(scope, || sync_file(collection))?;
        let checked = inspect::check(collection, Depth::Full, progress);
        sync.join()
            .map_err(|_| Error::bug("syncing the copy ended unexpectedly"))??;
        checked
    })
    // The path of the copy says nothing to anyone.
    .map_err(without_path)
}

fn without_path(error: Error) -> Error {
    match error.path() {
        Some(_) => Error::new(error.kind(), error.what().to_owned()),
        None => error,
    }
}

fn copy_raw(from: &Path, to: &Path, progress: &Progress) -> Result<()> {
    let size = std::fs::metadata(from).at(from)?.len();
    progress.stage_bytes(t!("Reading the collection file"), size)?;
    if size > MAX_COLLECTION_BYTES {
        return Err(Error::new(
            ErrorKind::Refused,
            mark!("the collection is larger than it may be"),
        )
        .at(from));
    }
    let folder = crate::base::files::parent(to)?;
    require_space(folder, size * 2 + FREE_SPACE_RESERVE)?;
    log_file::require_sound(from)
        .and_then(|()| snapshot::copy_closed(from, to))
        .map_err(|e| without_path(e).at(from))?;
    progress.step(size)
}

/// Files of a profile on their way into a folder, each looked at as it comes.
#[derive(Debug)]
pub struct Arrivals<'a> {
    live: &'a Path,
    /// How many came, and those that are new.
    came: Mutex<(u64, Vec<StagedMedia>)>,
    /// Of the collection, when that was among them.
    checked: Mutex<Option<Checked>>,
    /// Written, and not on the disk yet: that is waited for once for many files.
    to_sync: Mutex<Vec<(File, PathBuf)>>,
    /// Whether `live` takes `A.png` and `a.png` for one file.
    ignores_case: bool,
    /// Emptied, as they are in `live`; nothing else comes under their names.
    same: Mutex<Vec<PathBuf>>,
}

impl<'a> Arrivals<'a> {
    /// Those that are in the media folder `live` already are not wanted.
    #[must_use]
    pub fn beside(live: &'a Path) -> Self {
        Self {
            live,
            came: Mutex::default(),
            checked: Mutex::default(),
            to_sync: Mutex::default(),
            ignores_case: ignores_case(live),
            same: Mutex::default(),
        }
    }

    /// Checks and syncs the whole collection, as every backup is.
    pub fn check_collection(&self, path: &Path, progress: &Progress) -> Result<()> {
        let checked = check_synced(path, progress)?;
        *self.checked.lock().unwrap_or_else(PoisonError::into_inner) = Some(checked);
        Ok(())
    }

    /// Takes the media file with these bytes, which is `listed` where it comes from, or deletes it
    /// when it is there already. It is synced later, with others, but before it is restored.
    pub fn take(&self, path: &Path, listed: &Path, file: File, sha1: MediaHash) -> Result<()> {
        let name = path.file_name().and_then(|name| name.to_str());
        let Some(name) = name.filter(|name| !name.starts_with(TEMP_PREFIX)) else {
            return Ok(());
        };
        let mut staged = if_other(name, sha1, self.live)?;
        let many = match &staged {
            Some(_) => self.wait_to_sync(file, path),
            None => {
                self.drop_same(&file, path)?;
                Vec::new()
            }
        };
        let listed = listed.file_name().unwrap_or_default();
        if let Some(staged) = staged.as_mut().filter(|_| listed != name) {
            staged.listed_as = Some(listed.to_string_lossy().into_owned());
        }
        let mut came = self.came.lock().unwrap_or_else(PoisonError::into_inner);
        came.0 += 1;
        came.1.extend(staged);
        drop(came);
        sync_written(&many)
    }

    /// `live` has the same. Where that takes `A.png` and `a.png` for one file, the name stays taken:
    /// the other one would come under it, and take the place of this one.
    fn drop_same(&self, file: &File, path: &Path) -> Result<()> {
        if !self.ignores_case {
            return std::fs::remove_file(path).at(path);
        }
        file.set_len(0).at(path)?;
        let mut same = self.same.lock().unwrap_or_else(PoisonError::into_inner);
        same.push(path.to_owned());
        Ok(())
    }

    /// Returns those that are to be synced now.
    fn wait_to_sync(&self, file: File, path: &Path) -> Vec<(File, PathBuf)> {
        let mut waiting = self.to_sync.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.push((file, path.to_owned()));
        match waiting.len() < SYNC_QUEUE {
            true => Vec::new(),
            false => std::mem::take(&mut waiting),
        }
    }
}

/// A fetched media file; None when `live` has the same.
fn if_other(name: &str, sha1: MediaHash, live: &Path) -> Result<Option<StagedMedia>> {
    let present = live.join(name);
    let replaces = present.is_file();
    if replaces && hash_file(&present)? == sha1 {
        return Ok(None);
    }
    Ok(Some(StagedMedia {
        name: name.to_owned(),
        listed_as: None,
        sha1,
        replaces,
    }))
}

fn media_folder(staging: &StagingDir) -> PathBuf {
    staging.path().join("media")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_file_that_is_there_stays_taken_where_capitals_make_no_other() {
        let room = tempfile::tempdir().unwrap();
        let live = room.path().join("live");
        std::fs::create_dir(&live).unwrap();
        std::fs::write(live.join("a.png"), "same").unwrap();
        let fetched = room.path().join("a.png");
        for ignores_case in [false, true] {
            let arrivals = Arrivals {
                ignores_case,
                ..Arrivals::beside(&live)
            };
            std::fs::write(&fetched, "same").unwrap();
            let sha1 = hash_file(&fetched).unwrap();
            let file = File::options().write(true).open(&fetched).unwrap();
            arrivals.take(&fetched, &fetched, file, sha1).unwrap();
            let left = fetched.metadata().ok().map(|file| file.len());
            assert_eq!(left, ignores_case.then_some(0));
        }
    }
}
