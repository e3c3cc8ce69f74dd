//! What backups a profile has: the folder, joined with our own list in it. Times, reasons and
//! verification come from the list, never from file times; a lost or damaged list is rebuilt from
//! the names. Never opens a collection, never deletes anything but what it is told to.

use super::entry::{Alarm, Contents, Entry, KeepReason, Reason, Rules, Verification};
use super::policy::LastBackup;
use super::{name, retention, tripwire};
use crate::base::error::{AtPath as _, Error, ErrorKind, Result};
use crate::base::files::{self, TEMP_PREFIX, if_there};
use crate::base::job::Progress;
use crate::base::time::{Clock, TimestampMillis};
use crate::formats::collection_files;
use crate::mark;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, btree_map};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Our list, in the backups folder.
pub const MANIFEST: &str = ".engram-backups.json";
/// The list before its last change, in case the list itself is damaged.
const PREVIOUS_MANIFEST: &str = ".engram-backups.previous.json";
const VERSION: u32 = 1;

pub use super::place::folder;

/// What we know of one file of ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    pub created: TimestampMillis,
    /// Minutes west of UTC when it was made.
    pub offset_mins_west: i32,
    /// Later ones have higher numbers, whatever the clock says.
    #[serde(default)]
    pub sequence: u64,
    pub size: u64,
    pub reason: Reason,
    pub verification: Verification,
    #[serde(default)]
    pub pinned: Option<String>,
    /// The user's words about it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    pub contents: Option<Contents>,
    /// `col.mod` of what it holds; None for what we did not write.
    #[serde(default)]
    pub collection_mod: Option<TimestampMillis>,
    /// BLAKE3 of the collection inside, hexadecimal.
    #[serde(default)]
    pub blake3: Option<String>,
    /// BLAKE3 of the file itself, hexadecimal; noted of copies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_blake3: Option<String>,
    /// Version of this program that wrote it.
    #[serde(default)]
    pub program: String,
    /// The profile's preferences at that time; kept here, because a package that other programs
    /// read has no place for them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preferences: Option<serde_json::Value>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
struct Manifest {
    version: u32,
    /// By file name.
    entries: BTreeMap<String, Record>,
}

/// A listed file: what faces show, and what the rules need.
#[derive(Debug, Clone)]
struct Listed {
    entry: Entry,
    file_name: String,
    sequence: u64,
    collection_mod: Option<TimestampMillis>,
}

impl Listed {
    /// What the rules look at.
    fn candidate(&self) -> retention::Candidate {
        retention::Candidate {
            named: name::thinnable_time(&self.file_name),
            order: self.sequence,
            state: match self.entry.verification {
                Verification::Verified { .. } => retention::State::Verified,
                Verification::Unverified => retention::State::Unverified,
                Verification::Failed { .. } => retention::State::Failed,
            },
            pinned: self.entry.pinned.is_some(),
        }
    }
}

/// All backups of a profile, newest first, with why each stays under `rules`. Works without a
/// collection; a missing folder is an empty one.
pub fn list(profile_dir: &Path, rules: &Rules, clock: &Clock) -> Result<Vec<Entry>> {
    let listed = judged_with_alarm(&folder(profile_dir), rules, clock)?;
    Ok(listed.into_iter().map(|l| l.entry).collect())
}

/// As [`list`], of any folder of backups.
pub fn list_folder(folder: &Path, rules: &Rules, clock: &Clock) -> Result<Vec<Entry>> {
    let listed = judged(folder, rules, clock)?;
    Ok(listed.into_iter().map(|l| l.entry).collect())
}

/// The newest verified backup that still stands in the folder with its size.
pub fn last_verified(profile_dir: &Path, clock: &Clock) -> Result<Option<LastBackup>> {
    Ok(newest(profile_dir, clock)?.and_then(|l| {
        Some(LastBackup {
            at: l.entry.created,
            collection_mod: l.collection_mod?,
        })
    }))
}

/// The file of the newest verified backup that still stands in the folder with its size.
pub fn newest_verified(profile_dir: &Path, clock: &Clock) -> Result<Option<PathBuf>> {
    Ok(newest(profile_dir, clock)?.map(|l| l.entry.path))
}

fn newest(profile_dir: &Path, clock: &Clock) -> Result<Option<Listed>> {
    let verified = scan(&folder(profile_dir), clock)?
        .into_iter()
        .filter(|l| l.entry.verification.is_verified());
    Ok(verified.max_by_key(|l| l.sequence))
}

/// All backups of a profile, newest first, each with the day on which it goes if one is made a day
/// from now on; None: it stays for longer than `days`, or until an alarm is answered.
pub fn forecast(
    profile_dir: &Path,
    rules: &Rules,
    clock: &Clock,
    days: u32,
) -> Result<Vec<(Entry, Option<Date>)>> {
    let all = judged_with_alarm(&folder(profile_dir), rules, clock)?;
    let candidates: Vec<_> = all.iter().map(Listed::candidate).collect();
    let today = clock.local(clock.now()).date();
    let goes = retention::forecast(&candidates, rules, today, days);
    let stays = |l: &Listed| l.entry.keep.contains(&KeepReason::NotAnswered);
    let planned = all.into_iter().zip(goes).map(|(l, goes)| {
        let goes = goes.filter(|_| !stays(&l));
        (l.entry, goes)
    });
    Ok(planned.collect())
}

/// Keeps a backup for good; `name` is the user's word for it.
pub fn pin(backup: &Path, name: &str, clock: &Clock) -> Result<()> {
    change(backup, clock, |record| {
        record.pinned = Some(name.to_owned())
    })
}

/// Whether the folder has a list of backups.
#[must_use]
pub fn has_list(folder: &Path) -> bool {
    folder.join(MANIFEST).exists()
}

/// As [`pin`], and unpins those that had this name before, if the program made them.
pub fn pin_alone(backup: &Path, name: &str, clock: &Clock) -> Result<()> {
    let (folder, _) = split(backup)?;
    edit(folder, |manifest| {
        for record in manifest.entries.values_mut() {
            if is_before_replacement(record.reason) && record.pinned.as_deref() == Some(name) {
                record.pinned = None;
            }
        }
        Ok(())
    })?;
    pin(backup, name, clock)
}

/// Of those that the program pins by itself.
fn is_before_replacement(reason: Reason) -> bool {
    matches!(
        reason,
        Reason::BeforeRestore
            | Reason::BeforeImport
            | Reason::BeforeUpgrade
            | Reason::BeforeDeleteProfile
            | Reason::BeforeDownload
            | Reason::BeforeSync
    )
}

/// A verified backup that is pinned under `name` and holds the collection of `collection_mod`.
pub fn pinned_as(
    folder: &Path,
    name: &str,
    collection_mod: TimestampMillis,
) -> Result<Option<PathBuf>> {
    let found = load(folder)?.entries.into_iter().find(|(file_name, r)| {
        let size = std::fs::metadata(folder.join(file_name)).map(|meta| meta.len());
        r.pinned.as_deref() == Some(name)
            && r.collection_mod == Some(collection_mod)
            && r.verification.is_verified()
            && size.is_ok_and(|size| size == r.size)
    });
    Ok(found.map(|(file_name, _)| folder.join(file_name)))
}

/// Keeps the user's words about a backup; empty ones are none.
pub fn annotate(backup: &Path, note: &str, clock: &Clock) -> Result<()> {
    change(backup, clock, |record| {
        note.trim().clone_into(&mut record.note)
    })
}

/// Lets the rules decide again.
pub fn unpin(backup: &Path, clock: &Clock) -> Result<()> {
    change(backup, clock, |record| record.pinned = None)
}

/// Notes that a backup was opened and compared, or found damaged.
pub fn set_verification(
    backup: &Path,
    verification: Verification,
    contents: Option<Contents>,
    clock: &Clock,
) -> Result<()> {
    change(backup, clock, |record| {
        record.verification = verification;
        record.contents = contents.or(record.contents);
    })
}

/// What we noted of a backup; None for a file that we did not write.
pub fn record(backup: &Path) -> Result<Option<Record>> {
    if backup
        .file_name()
        .is_some_and(|name| name.to_str().is_none())
    {
        // Our names are Unicode.
        return Ok(None);
    }
    let (folder, name) = split(backup)?;
    Ok(load(folder)?.entries.remove(&name))
}

/// What we noted of all files in a folder of backups, by file name.
pub fn records(folder: &Path) -> Result<BTreeMap<String, Record>> {
    Ok(load(folder)?.entries)
}

/// Adds a file that was just written and verified; gives it the next number.
pub fn add(backup: &Path, mut record: Record) -> Result<()> {
    let (folder, name) = split(backup)?;
    edit(folder, |manifest| {
        follow_renames(folder, manifest, Some(&name));
        record.sequence = next_sequence(manifest);
        manifest.entries.insert(name, record);
        Ok(())
    })
}

/// Deletes what the rules drop, and returns it; while an alarm waits for an answer only what was made
/// after it: that may be long, and the disk would be full. A file that cannot be deleted keeps none of
/// the others: it is the error in the end, and still listed.
pub fn thin(
    profile_dir: &Path,
    rules: &Rules,
    clock: &Clock,
    progress: &Progress,
) -> Result<Vec<PathBuf>> {
    let folder = folder(profile_dir);
    let Some(alarm) = tripwire::alarm(&folder) else {
        return thin_folder(&folder, rules, clock, progress, |_| true);
    };
    let records = records(&folder)?;
    let may_go = |name: &str| is_later(&records, name, &alarm);
    thin_folder(&folder, rules, clock, progress, may_go)
}

/// Whether that backup was made after the alarm.
fn is_later(records: &BTreeMap<String, Record>, name: &str, alarm: &Alarm) -> bool {
    records.get(name).is_some_and(|r| r.created > alarm.at)
}

/// As [`thin`], of any folder of backups; only files that `may_go` by their name.
pub fn thin_folder(
    folder: &Path,
    rules: &Rules,
    clock: &Clock,
    progress: &Progress,
    may_go: impl Fn(&str) -> bool,
) -> Result<Vec<PathBuf>> {
    // A pin that is set from now on would come too late.
    let _held = hold();
    let mut dropped = Vec::new();
    let mut failed = None;
    for listed in judged(folder, rules, clock)? {
        if listed.entry.keep.is_empty() && may_go(&listed.file_name) {
            progress.check()?;
            let path = listed.entry.path;
            match std::fs::remove_file(&path) {
                Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                    failed.get_or_insert(Error::from(e).at(&path));
                }
                // Somebody else was faster.
                Err(_) | Ok(()) => dropped.push(path),
            }
        }
    }
    if !dropped.is_empty() {
        files::sync_dir(folder)?;
        let mut manifest = load(folder)?;
        manifest
            .entries
            .retain(|name, _| !dropped.iter().any(|p| p.file_name() == Some(name.as_ref())));
        save(folder, manifest)?;
    }
    failed.map_or(Ok(dropped), Err)
}

fn judged(folder: &Path, rules: &Rules, clock: &Clock) -> Result<Vec<Listed>> {
    let mut all = scan(folder, clock)?;
    let candidates: Vec<_> = all.iter().map(Listed::candidate).collect();
    let today = clock.local(clock.now()).date();
    for (listed, verdict) in all
        .iter_mut()
        .zip(retention::judge_backups(&candidates, rules, today))
    {
        listed.entry.keep = verdict;
    }
    all.sort_by_key(|l| std::cmp::Reverse((l.entry.created, l.sequence)));
    Ok(all)
}

/// As [`judged`], and while an alarm waits, what [`thin`] does not touch says so.
fn judged_with_alarm(folder: &Path, rules: &Rules, clock: &Clock) -> Result<Vec<Listed>> {
    let mut all = judged(folder, rules, clock)?;
    if let Some(alarm) = tripwire::alarm(folder) {
        let records = records(folder)?;
        let stays = |l: &&mut Listed| !is_later(&records, &l.file_name, &alarm);
        for listed in all.iter_mut().filter(stays) {
            listed.entry.keep.push(KeepReason::NotAnswered);
        }
    }
    Ok(all)
}

/// The folder joined with the list. Files without a record get numbers by their age, below all
/// numbered ones.
fn scan(folder: &Path, clock: &Clock) -> Result<Vec<Listed>> {
    let mut manifest = load(folder)?;
    follow_renames(folder, &mut manifest, None);
    let mut all = Vec::new();
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            return super::place::require_disk(folder).map(|()| all);
        }
        Err(e) => return Err(Error::from(e).at(folder)),
    };
    for entry in entries {
        let path = entry.at(folder)?.path();
        // Follows links: a folder of backups may hold links to another disk.
        let Ok(meta) = std::fs::metadata(&path) else {
            continue;
        };
        let is_ours_to_list = meta.is_file() && collection_files::by_name(&path).is_some();
        let Some(file_name) = path.file_name().and_then(|n| n.to_str()).map(str::to_owned) else {
            continue;
        };
        // What a Mac keeps beside each file on disks that are not its own.
        let is_twin = file_name.starts_with("._");
        if is_ours_to_list && !is_twin && !file_name.starts_with(TEMP_PREFIX) {
            let record = manifest.entries.get(&file_name);
            all.push(join(path, file_name, &meta, record, clock)?);
        }
    }
    number_unrecorded(&mut all);
    Ok(all)
}

fn join(
    path: PathBuf,
    file_name: String,
    meta: &std::fs::Metadata,
    record: Option<&Record>,
    clock: &Clock,
) -> Result<Listed> {
    let size = meta.len();
    let entry = match record {
        Some(record) => Entry {
            path,
            created: record.created,
            size,
            reason: record.reason,
            // Another size is another file under the old name.
            verification: if record.size == size {
                record.verification.clone()
            } else {
                Verification::Unverified
            },
            pinned: record.pinned.clone(),
            note: record.note.clone(),
            contents: record.contents.filter(|_| record.size == size),
            keep: Vec::new(),
        },
        None => Entry {
            created: time_of_unknown(&path, meta, clock)?,
            path,
            size,
            reason: Reason::Unknown,
            verification: Verification::Unverified,
            pinned: None,
            note: String::new(),
            contents: None,
            keep: Vec::new(),
        },
    };
    let unchanged = record.filter(|r| r.size == size);
    Ok(Listed {
        entry,
        file_name,
        sequence: record.map_or(0, |r| r.sequence),
        collection_mod: unchanged.and_then(|r| r.collection_mod),
    })
}

/// From the name; else the file's own time, which is only shown.
pub fn time_of_unknown(
    path: &Path,
    meta: &std::fs::Metadata,
    clock: &Clock,
) -> Result<TimestampMillis> {
    if let Some(local) = name::any_time(path)
        && let Ok(zoned) = local.to_zoned(clock.zone())
    {
        return Ok(TimestampMillis(zoned.timestamp().as_millisecond()));
    }
    let modified = meta.modified().at(path)?;
    let at = jiff::Timestamp::try_from(modified).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    Ok(TimestampMillis(at.as_millisecond()))
}

/// Recorded files have numbers from 1 on; the others share the room below by their age.
fn number_unrecorded(all: &mut [Listed]) {
    let (mut unrecorded, recorded): (Vec<_>, Vec<_>) =
        all.iter_mut().partition(|l| l.sequence == 0);
    unrecorded.sort_by_key(|l| (l.entry.created, l.file_name.clone()));
    let count = unrecorded.len() as u64;
    for (listed, index) in unrecorded.into_iter().zip(0..) {
        listed.sequence = index;
    }
    for listed in recorded {
        listed.sequence += count;
    }
}

fn change(backup: &Path, clock: &Clock, edit_record: impl FnOnce(&mut Record)) -> Result<()> {
    let (folder, name) = split(backup)?;
    let meta = std::fs::metadata(backup).at(backup)?;
    if collection_files::by_name(backup).is_none() {
        return Err(Error::invalid(mark!("the file is not a backup")).at(backup));
    }
    edit(folder, |manifest| {
        let record = match manifest.entries.entry(name) {
            btree_map::Entry::Occupied(known) => known.into_mut(),
            btree_map::Entry::Vacant(new) => new.insert(unknown(backup, &meta, clock)?),
        };
        // What was found in another file of this name says nothing of this one.
        if record.size != meta.len() {
            record.verification = Verification::Unverified;
            record.contents = None;
            record.collection_mod = None;
            record.size = meta.len();
        }
        edit_record(record);
        Ok(())
    })
}

/// Of a file that we did not write.
fn unknown(backup: &Path, meta: &std::fs::Metadata, clock: &Clock) -> Result<Record> {
    let created = time_of_unknown(backup, meta, clock)?;
    Ok(Record {
        created,
        offset_mins_west: clock.offset_mins_west(created.secs()),
        sequence: 0,
        size: meta.len(),
        reason: Reason::Unknown,
        verification: Verification::Unverified,
        pinned: None,
        note: String::new(),
        contents: None,
        collection_mod: None,
        blake3: None,
        file_blake3: None,
        program: String::new(),
        preferences: None,
    })
}

/// Held while a list is changed. The worker and its jobs do so at the same time: each has to begin
/// with what the other has written.
fn hold() -> MutexGuard<'static, ()> {
    static LISTS: Mutex<()> = Mutex::new(());
    LISTS.lock().unwrap_or_else(PoisonError::into_inner)
}

fn edit<T>(folder: &Path, change: impl FnOnce(&mut Manifest) -> Result<T>) -> Result<T> {
    let _held = hold();
    let mut manifest = load(folder)?;
    let done = change(&mut manifest)?;
    save(folder, manifest)?;
    Ok(done)
}

/// A record whose file has gone goes over to the one file without a record that has its size, if
/// there is exactly one: somebody gave it another name. What was found in it has to be seen again.
/// `taken` is a name under which another file stands by now.
fn follow_renames(folder: &Path, manifest: &mut Manifest, taken: Option<&str>) {
    let is_gone = |name: &String| Some(name.as_str()) == taken || !is_in(folder, name);
    let gone: Vec<String> = manifest
        .entries
        .keys()
        .filter(|n| is_gone(n))
        .cloned()
        .collect();
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    if gone.is_empty() {
        return;
    }
    let mut unknown: Vec<(String, u64)> = entries
        .flatten()
        .filter(|e| collection_files::by_name(&e.path()).is_some())
        .filter_map(|e| Some((e.file_name().into_string().ok()?, e.metadata().ok()?.len())))
        .filter(|(name, _)| !manifest.entries.contains_key(name) && !name.starts_with(TEMP_PREFIX))
        .collect();
    for name in gone {
        let Some(size) = manifest.entries.get(&name).map(|r| r.size) else {
            continue;
        };
        let of_size = |size: u64| unknown.iter().filter(move |(_, s)| *s == size).count();
        if of_size(size) != 1 {
            continue;
        }
        let at = unknown.iter().position(|(_, s)| *s == size);
        if let Some((new_name, _)) = at.map(|at| unknown.remove(at))
            && let Some(mut record) = manifest.entries.remove(&name)
        {
            record.verification = Verification::Unverified;
            manifest.entries.insert(new_name, record);
        }
    }
}

/// Whether the folder has a file of that name: also one that cannot be looked at now, and a link to a
/// disk that is away.
fn is_in(folder: &Path, name: &str) -> bool {
    let found = folder.join(name).symlink_metadata();
    !found.is_err_and(|e| e.kind() == std::io::ErrorKind::NotFound)
}

fn split(backup: &Path) -> Result<(&Path, String)> {
    let name = backup
        .file_name()
        .and_then(|n| n.to_str())
        .ok_or_else(|| Error::invalid(mark!("the path names no file")).at(backup))?;
    Ok((files::parent(backup)?, name.to_owned()))
}

fn next_sequence(manifest: &Manifest) -> u64 {
    let highest = manifest.entries.values().map(|r| r.sequence).max();
    highest.unwrap_or(0) + 1
}

/// The list; its predecessor when it is damaged; an empty one when there is none.
fn load(folder: &Path) -> Result<Manifest> {
    let mut newer = None;
    for name in [MANIFEST, PREVIOUS_MANIFEST] {
        let path = folder.join(name);
        let Some(bytes) = if_there(std::fs::read(&path)).at(&path)? else {
            continue;
        };
        match serde_json::from_slice::<Manifest>(&bytes) {
            Ok(manifest) if manifest.version > VERSION => {
                let what = mark!("the list of backups was written by a newer version");
                newer = Some(Error::new(ErrorKind::TooNew, what).at(&path));
                break;
            }
            Ok(manifest) => return Ok(manifest),
            Err(e) => tracing::warn!("{}: damaged, {e}", path.display()),
        }
    }
    newer.map_or_else(|| Ok(Manifest::default()), Err)
}

fn save(folder: &Path, mut manifest: Manifest) -> Result<()> {
    manifest.version = VERSION;
    follow_renames(folder, &mut manifest, None);
    // What is gone from the folder is gone from the list.
    manifest.entries.retain(|name, _| is_in(folder, name));
    let target = folder.join(MANIFEST);
    if let Ok(old) = std::fs::read(&target)
        && serde_json::from_slice::<Manifest>(&old).is_ok()
    {
        files::write_atomic(&folder.join(PREVIOUS_MANIFEST), |out| {
            Ok(out.write_all(&old)?)
        })?;
    }
    files::write_json(&target, &manifest)
}
