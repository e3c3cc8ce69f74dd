//! The media folder as a sync sees it: what changed since the last look, files read for sending,
//! files from the server put in place.

use crate::base::error::{AtPath as _, Error, ErrorKind, Result};
use crate::base::files::{PartialFile, TEMP_PREFIX, if_there, sync_dir};
use crate::base::job::Progress;
use crate::formats::media_batch::{Incoming, MAX_FILE_BYTES};
use crate::media::folder::ignores_case;
use crate::media::hash::{MediaHash, hash, hash_file};
use crate::media::{names, trash};
use crate::storage::media_db::{MediaDb, MediaRecord, MediaRecordChange as Change, NOT_HERE};
use crate::{mark, t};
use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::fs::Metadata;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Records that are written together while the folder is looked through.
const TOGETHER: usize = 200;

/// The media folder of one collection.
pub(super) struct Folder {
    path: PathBuf,
    /// On a disk that does not tell upper from lower case: the names in use, by their small letters.
    taken: Option<HashMap<String, String>>,
}

/// What is known of the files, and what lies in the folder. It is looked through after what is known
/// was read, so that no file that came in between is taken for deleted.
pub(super) struct Survey {
    known: HashMap<String, MediaRecord>,
    folder_mtime: i64,
    files: Vec<Lying>,
}

/// A file as it lies in the folder.
struct Lying {
    name: OsString,
    bytes: u64,
    /// When it was last changed, in epoch milliseconds; an error where that is no date.
    mtime: Result<i64>,
}

/// A file for sending.
pub(super) enum Readable {
    Content(Vec<u8>, MediaHash),
    /// Gone, empty or too large.
    No,
}

impl Folder {
    pub(super) fn of(collection: &Path) -> Result<Self> {
        let folder = collection.with_extension("media");
        if !folder.is_dir() {
            return Err(Error::not_found(mark!("the media folder is missing")).at(folder));
        }
        Ok(Self {
            taken: ignores_case(&folder).then(HashMap::new),
            path: folder,
        })
    }

    /// Takes a name for a file; false where nothing of it may stand in a folder, or where the folder
    /// would take it for another one's.
    pub(super) fn claim(&mut self, name: &str) -> bool {
        let name = names::normalize(name);
        if !names::is_one_component(&name) {
            return false;
        }
        let Some(taken) = &mut self.taken else {
            return true;
        };
        let there = taken.entry(name.to_lowercase());
        *there.or_insert_with(|| name.clone().into_owned()) == *name
    }

    /// The other name that the folder takes `name` for.
    fn taken_for(&self, name: &str) -> Option<&str> {
        let there = self.taken.as_ref()?.get(&name.to_lowercase())?;
        (there != name).then_some(there.as_str())
    }

    fn path(&self, name: &str) -> Result<PathBuf> {
        if names::is_one_component(name) {
            Ok(self.path.join(name))
        } else {
            Err(unfit())
        }
    }

    /// Looks at each file, and opens none. `known`: the records of all that were there before.
    pub(super) fn survey(
        &self,
        known: HashMap<String, MediaRecord>,
        progress: &Progress,
    ) -> Result<Survey> {
        progress.stage(t!("Looking for changed media"), 0)?;
        let folder_mtime = millis(&std::fs::metadata(&self.path).at(&self.path)?).at(&self.path)?;
        let mut files = Vec::with_capacity(known.len());
        for entry in std::fs::read_dir(&self.path).at(&self.path)? {
            progress.step(1)?;
            let entry = entry.at(&self.path)?;
            let failed = |e: std::io::Error| Error::from(e).at(entry.path());
            if !entry.file_type().map_err(failed)?.is_file() {
                continue;
            }
            let Some(metadata) = if_there(entry.metadata()).map_err(failed)? else {
                continue;
            };
            files.push(Lying {
                name: entry.file_name(),
                bytes: metadata.len(),
                mtime: millis(&metadata),
            });
        }
        Ok(Survey {
            known,
            folder_mtime,
            files,
        })
    }

    /// Records what was added, changed and deleted since the last look; the names of files that
    /// cannot travel.
    pub(super) fn look(
        &mut self,
        survey: Survey,
        db: &mut MediaDb,
        progress: &Progress,
    ) -> Result<Vec<String>> {
        let Survey {
            known,
            folder_mtime,
            files,
        } = survey;
        let mut seen: HashSet<&str> = HashSet::with_capacity(known.len());
        let mut skipped = Vec::new();
        let mut changes = Vec::new();
        for file in files {
            progress.check()?;
            let name = file.name.to_string_lossy();
            if name.starts_with(TEMP_PREFIX) || name.eq_ignore_ascii_case("thumbs.db") {
                continue;
            }
            let record = known.get(&*name);
            if names::is_normalized(&name) && travels(file.bytes) {
                let path = || self.path.join(&file.name);
                changes.extend(changed(&name, path, file.mtime, record)?);
            } else {
                skipped.push(name.clone().into_owned());
            }
            if self.taken.is_some() {
                self.claim(&name);
            }
            seen.extend(record.map(|record| record.name.as_str()));
            if changes.len() >= TOGETHER {
                db.write(&changes, None, None)?;
                changes.clear();
            }
        }
        let is_gone = |record: &&MediaRecord| {
            record.sha1.is_some() && record.mtime != NOT_HERE && !seen.contains(&*record.name)
        };
        for record in known.values().filter(is_gone) {
            // Of two that were one file here nobody deleted either.
            let other = self
                .taken_for(&record.name)
                .and_then(|name| known.get(name));
            let gone = match other.is_some_and(|other| other.sha1.is_some()) {
                true => MediaRecord::not_here(record.name.clone(), record.sha1),
                false => MediaRecord {
                    name: record.name.clone(),
                    sha1: None,
                    mtime: 0,
                    pending: true,
                },
            };
            changes.push(Change::Set(gone));
        }
        db.write(&changes, Some(folder_mtime), None)?;
        skipped.sort();
        Ok(skipped)
    }

    pub(super) fn read(&self, name: &str) -> Result<Readable> {
        let path = self.path(name)?;
        let Some(metadata) = if_there(std::fs::symlink_metadata(&path)).at(&path)? else {
            return Ok(Readable::No);
        };
        if !metadata.is_file() || !travels(metadata.len()) || !names::is_normalized(name) {
            return Ok(Readable::No);
        }
        let content = std::fs::read(&path).at(&path)?;
        if !travels(content.len() as u64) {
            return Ok(Readable::No);
        }
        let sha1 = hash(&content);
        Ok(Readable::Content(content, sha1))
    }

    /// Moves a file to the trash; whether there was one.
    pub(super) fn discard(&mut self, name: &str) -> Result<bool> {
        // What cannot stand here never was.
        let Ok(path) = self.path(name) else {
            return Ok(false);
        };
        if self.taken_for(name).is_some() || !path.is_file() {
            return Ok(false);
        }
        trash::discard(&self.path, &path)?;
        if let Some(taken) = &mut self.taken {
            taken.remove(&name.to_lowercase());
        }
        Ok(true)
    }

    /// Puts the files of a batch in place, all on disk before the first gets its name. A name
    /// that cannot stand here becomes one that can, and the server is to hear of both.
    pub(super) fn store(&self, batch: &mut Incoming<'_>) -> Result<Vec<Change>> {
        let listed: Vec<String> = batch.names().map(str::to_owned).collect();
        let mut staged = Vec::with_capacity(listed.len());
        for (index, listed) in listed.into_iter().enumerate() {
            let name = names::normalize(&listed).into_owned();
            let path = self.path(&name)?;
            let content = batch.content(index)?;
            let mut file = PartialFile::create(&path)?;
            file.file().write_all(&content).at(&path)?;
            file.sync()?;
            staged.push((listed, name, path, file, hash(&content)));
        }
        let mut records = Vec::with_capacity(staged.len());
        for (listed, name, path, file, sha1) in staged {
            self.make_room(&path, sha1)?;
            file.commit_unsynced()?;
            let renamed = listed != name;
            let mtime = millis(&std::fs::metadata(&path).at(&path)?).at(&path)?;
            records.push(Change::Set(MediaRecord {
                name,
                sha1: Some(sha1),
                mtime,
                pending: renamed,
            }));
            if renamed {
                records.push(Change::Set(MediaRecord {
                    name: listed,
                    sha1: None,
                    mtime: 0,
                    pending: true,
                }));
            }
        }
        sync_dir(&self.path)?;
        Ok(records)
    }

    /// What is there with other content goes to the trash.
    fn make_room(&self, path: &Path, sha1: MediaHash) -> Result<()> {
        if path.is_file() && hash_file(path)? != sha1 {
            trash::discard(&self.path, path)?;
        }
        Ok(())
    }
}

fn unfit() -> Error {
    Error::new(
        ErrorKind::Refused,
        mark!("a media file has a name that leads out of its folder"),
    )
}

fn travels(bytes: u64) -> bool {
    (1..=MAX_FILE_BYTES).contains(&bytes)
}

/// The new record of a file, when it is not the one that is known.
fn changed(
    name: &str,
    path: impl Fn() -> PathBuf,
    mtime: Result<i64>,
    known: Option<&MediaRecord>,
) -> Result<Option<Change>> {
    let mtime = mtime.map_err(|error| error.at(path()))?;
    let known = known.filter(|record| record.sha1.is_some());
    if known.is_some_and(|record| record.mtime == mtime) {
        return Ok(None);
    }
    let sha1 = match hash_file(&path()) {
        // It went a moment ago, perhaps to be written anew: the next look tells.
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        sha1 => Some(sha1?),
    };
    let same = known.filter(|record| record.sha1 == sha1);
    Ok(Some(Change::Set(MediaRecord {
        name: name.to_owned(),
        sha1,
        mtime,
        pending: same.is_none_or(|record| record.pending),
    })))
}

/// When it was last changed, in epoch milliseconds.
fn millis(metadata: &Metadata) -> Result<i64> {
    let modified = metadata.modified()?;
    let time = jiff::Timestamp::try_from(modified)
        .map_err(|e| Error::invalid(mark!("a media file has an impossible date")).because(e))?;
    Ok(time.as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_name_that_leads_out_nothing_is_deleted() {
        let dir = tempfile::tempdir().unwrap();
        let collection = dir.path().join("collection.anki2");
        std::fs::create_dir(collection.with_extension("media")).unwrap();
        let outside = dir.path().join("outside.png");
        std::fs::write(&outside, b"picture").unwrap();
        let mut folder = Folder::of(&collection).unwrap();
        for name in ["", "/", "..", "../outside.png"] {
            assert!(!folder.discard(name).unwrap(), "{name}");
        }
        assert!(outside.is_file());
    }
    #[test]
    fn a_file_that_goes_meanwhile_is_told_at_the_next_look() {
        let dir = tempfile::tempdir().unwrap();
        let collection = dir.path().join("collection.anki2");
        let media = collection.with_extension("media");
        std::fs::create_dir(&media).unwrap();
        for name in ["goes.png", "stays.png"] {
            std::fs::write(media.join(name), name).unwrap();
        }
        let (mut db, progress) = (MediaDb::open(&collection).unwrap(), Progress::new());
        let mut folder = Folder::of(&collection).unwrap();
        let survey = |folder: &Folder, db: &MediaDb| {
            let known = db.all().unwrap();
            folder.survey(known, &progress).unwrap()
        };
        let found = survey(&folder, &db);
        folder.look(found, &mut db, &progress).unwrap();
        std::fs::write(media.join("goes.png"), "another picture").unwrap();
        let times = std::fs::FileTimes::new().set_modified(std::time::UNIX_EPOCH);
        let file = std::fs::File::options()
            .write(true)
            .open(media.join("goes.png"));
        file.unwrap().set_times(times).unwrap();
        let found = survey(&folder, &db);
        std::fs::remove_file(media.join("goes.png")).unwrap();
        folder.look(found, &mut db, &progress).unwrap();
        let has = |db: &MediaDb, name| db.get(name).unwrap().is_some_and(|r| r.sha1.is_some());
        assert!(has(&db, "goes.png") && has(&db, "stays.png"));
        let found = survey(&folder, &db);
        folder.look(found, &mut db, &progress).unwrap();
        assert!(!has(&db, "goes.png") && has(&db, "stays.png"));
    }
}
