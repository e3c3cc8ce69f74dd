//! The places to which a profile is saved, and how each stands: a file in the profile's folder,
//! without any secret.

use super::Destination;
use super::policy::{Schedule, State};
use super::push::Pushed;
use super::repo::Snapshot;
use super::retention::Retention;
use super::tidy::Tidied;
use crate::backup::health::Place;
use crate::backup::policy::DrillState;
use crate::base::Result;
use crate::base::error::{AtPath as _, Error};
use crate::base::files;
use crate::base::lang::{known_sentence, say};
use crate::base::time::TimestampMillis;
use crate::{mark, t};
use serde::{Deserialize, Serialize};
use std::path::Path;

const FILE: &str = "vaults.json";
/// What could not be read of it is kept under this name, or a numbered one where that is taken.
const DAMAGED: &str = "vaults.json-damaged";
const ABOVE: &str = mark!(
    "What has to stay there takes more than the quota of this place. Raise the quota, or save to \
     another place as well."
);

/// One place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub destination: Destination,
    #[serde(default)]
    pub schedule: Schedule,
    /// What stays there.
    #[serde(default)]
    pub retention: Retention,
    /// What it took when it was last looked.
    #[serde(default)]
    pub space: Option<Space>,
    /// The newest copy there.
    #[serde(default)]
    pub last: Option<Copy>,
    /// The newest look at everything in it that found nothing wrong.
    #[serde(default)]
    pub verified: Option<TimestampMillis>,
    /// Why the newest attempt failed.
    #[serde(default)]
    pub failure: Option<Failure>,
    /// Something in it was found to be damaged, and nothing has said otherwise since.
    #[serde(default)]
    pub damaged: bool,
    /// The newest restore drill that succeeded.
    #[serde(default)]
    pub tried: Option<TimestampMillis>,
    /// The newest restore drill, if it failed.
    #[serde(default)]
    pub try_failed: Option<Failure>,
    /// Names under which something was saved there before.
    #[serde(default)]
    pub former: Vec<Former>,
}

/// What the profile was called when it saved to a place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Former {
    pub name: String,
    /// Of the last copy under it: what came later under this name is of another profile.
    pub until: TimestampMillis,
}

/// What was saved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Copy {
    pub at: TimestampMillis,
    /// `col.mod` of the collection in it.
    pub collection_mod: TimestampMillis,
    pub files: u64,
    /// Of the files.
    pub bytes: u64,
    /// That had to be sent.
    pub sent: u64,
    /// In a folder that was on another disk than the profile then.
    #[serde(default)]
    pub other_disk: bool,
}

/// How much a place takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Space {
    pub at: TimestampMillis,
    pub bytes: u64,
    /// That was more than the quota, and nothing more could go.
    pub above: bool,
}

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    pub at: TimestampMillis,
    /// In a row.
    pub times: u32,
    pub what: String,
}

impl Former {
    /// Whether the profile saved that snapshot when it had this name; `here` is this computer.
    #[must_use]
    pub fn made(&self, snapshot: &Snapshot, here: &str) -> bool {
        snapshot.machine == here && snapshot.label == self.name && snapshot.time <= self.until
    }
}

/// Without a copy, before its failing is told everywhere.
const LONGEST_MILLIS: i64 = 3 * 24 * 60 * 60 * 1000;

impl Entry {
    #[must_use]
    pub fn new(destination: Destination) -> Self {
        Self {
            destination,
            schedule: Schedule::default(),
            retention: Retention::default(),
            space: None,
            last: None,
            verified: None,
            failure: None,
            damaged: false,
            tried: None,
            try_failed: None,
            former: Vec::new(),
        }
    }

    /// Whether nothing comes there for so long that it is told beyond the list: it is damaged, or
    /// fails for days; where nothing was ever saved, more than twice.
    #[must_use]
    pub fn needs_help(&self, now: TimestampMillis) -> bool {
        let fails = |failure: &Failure| match &self.last {
            Some(last) => now.0.saturating_sub(last.at.0) > LONGEST_MILLIS,
            None => failure.times > 2,
        };
        self.damaged || self.failure.as_ref().is_some_and(fails)
    }

    /// After the profile in `profile_dir` was saved there.
    pub fn saved(&mut self, profile_dir: &Path, mut copy: Copy, finding: Option<&String>) {
        if let Destination::Folder { path } = &self.destination {
            copy.other_disk = files::disk_of(path) != files::disk_of(profile_dir);
        }
        let at = copy.at;
        self.last = Some(copy);
        match finding {
            Some(finding) => self.found_damaged(at, finding),
            None => self.failure = None,
        }
    }

    /// After it was thinned, or should have been.
    pub fn thinned(&mut self, at: TimestampMillis, thinned: Option<&Result<Tidied>>) {
        match thinned {
            Some(Ok(tidied)) => {
                self.space = Some(Space {
                    at,
                    bytes: tidied.used,
                    above: tidied.above,
                });
            }
            Some(Err(error)) => self.failed(
                at,
                mark!(
                    "It was saved, but could not be thinned: {reason}",
                    reason = error.what()
                ),
            ),
            None => {}
        }
    }

    /// Snapshots were deleted by hand: what is there takes so many bytes by now, if that is known.
    /// What is left lacks nothing; whether all of it is sound says the next look at everything.
    pub fn shrank(&mut self, at: TimestampMillis, bytes: Option<u64>) {
        if let (Some(space), Some(bytes)) = (&mut self.space, bytes) {
            (space.at, space.bytes) = (at, bytes);
        }
        if self.damaged {
            self.failure = None;
        }
    }

    /// The quota, when what is there takes more and nothing more may go.
    #[must_use]
    pub fn full(&self) -> Option<u64> {
        let space = self.space.filter(|space| space.above)?;
        self.retention.quota.filter(|quota| space.bytes > *quota)
    }

    /// After everything in it was read.
    pub fn verified(&mut self, at: TimestampMillis, finding: Option<&String>) {
        match finding {
            Some(finding) => self.found_damaged(at, finding),
            None => {
                self.verified = Some(at);
                self.damaged = false;
                self.failure = None;
            }
        }
    }

    fn found_damaged(&mut self, at: TimestampMillis, finding: &str) {
        self.damaged = true;
        self.failed(at, mark!("The vault is damaged: {finding}.", finding));
    }

    /// After a restore drill; `failed` says why it failed.
    pub fn was_tried(&mut self, at: TimestampMillis, failed: Option<String>) {
        match failed {
            None => {
                self.tried = Some(at);
                self.try_failed = None;
            }
            Some(what) => {
                let times = self.try_failed.as_ref().map_or(0, |f| f.times) + 1;
                self.try_failed = Some(Failure { at, times, what });
            }
        }
    }

    /// For the calendar of restore drills.
    #[must_use]
    pub fn drills(&self) -> DrillState {
        DrillState {
            done_at: self.tried,
            failed_at: self.try_failed.as_ref().map(|f| f.at),
            has_backup: self.last.is_some(),
        }
    }

    /// For the account of how safe everything is; None when nothing was saved, and when the vault
    /// is gone though its disk is not.
    fn counted(&self) -> Option<Place> {
        let copy = self.last.as_ref()?;
        let (disk, elsewhere) = match &self.destination {
            Destination::Folder { path } if path.join("config").is_file() => {
                (files::disk_of(path), false)
            }
            Destination::Folder { .. } if copy.other_disk => (None, true),
            Destination::Folder { .. } => return None,
            _ => (None, true),
        };
        let failures = [&self.try_failed, &self.failure];
        Some(Place {
            name: t!("Vault").to_owned(),
            path: self.destination.label(),
            at: Some(copy.at),
            disk,
            elsewhere,
            verified: self.verified,
            tried: Some(self.tried),
            trouble: failures
                .into_iter()
                .flatten()
                .map(|f| known_sentence(&f.what).into_owned())
                .next()
                .or_else(|| self.full().map(|_| say(ABOVE).to_owned())),
            damaged: self.damaged,
            ..Place::default()
        })
    }

    /// After an attempt that failed.
    pub fn failed(&mut self, at: TimestampMillis, what: String) {
        let times = self.failure.as_ref().map_or(0, |f| f.times) + 1;
        self.failure = Some(Failure { at, times, what });
    }

    /// For the policy; `collection_mod` is that of the collection now.
    #[must_use]
    pub fn state(&self, collection_mod: TimestampMillis) -> State {
        State {
            last: self.last.as_ref().map(|copy| copy.at),
            failed: self.failure.as_ref().map(|f| (f.at, f.times)),
            changed: self
                .last
                .as_ref()
                .is_none_or(|copy| copy.collection_mod != collection_mod),
            ..State::default()
        }
    }
}

/// The places of the profile in `profile_dir`.
pub fn load(profile_dir: &Path) -> Result<Vec<Entry>> {
    let path = profile_dir.join(FILE);
    match std::fs::read(&path) {
        Ok(bytes) => serde_json::from_slice(&bytes)
            .map_err(|e| {
                Error::corrupt(mark!("the list of copies elsewhere is damaged")).because(e)
            })
            .at(path),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(e) => Err(Error::from(e).at(path)),
    }
}

/// What was saved, as it is noted.
#[must_use]
pub fn copy_of(pushed: &Pushed, at: TimestampMillis, collection_mod: TimestampMillis) -> Copy {
    Copy {
        at,
        collection_mod,
        files: pushed.snapshot.files,
        bytes: pushed.snapshot.bytes,
        sent: pushed.sent,
        other_disk: false,
    }
}

/// What the profile has in its vaults, by what is noted here: nobody is asked.
pub fn counted(profile_dir: &Path) -> Result<Vec<Place>> {
    Ok(load(profile_dir)?
        .iter()
        .filter_map(Entry::counted)
        .collect())
}

/// Notes something about a place, if it is one of the profile's.
pub fn note(
    profile_dir: &Path,
    destination: &Destination,
    change: impl FnOnce(&mut Entry),
) -> Result<()> {
    let mut entries = load(profile_dir)?;
    match entries.iter_mut().find(|e| e.destination == *destination) {
        Some(entry) => change(entry),
        None => return Ok(()),
    }
    save(profile_dir, &entries)
}

/// After the profile, now in `profile_dir`, was renamed from `old`.
pub fn renamed(profile_dir: &Path, old: &str) -> Result<()> {
    let mut entries = load(profile_dir)?;
    for entry in &mut entries {
        if let Some(copy) = &entry.last {
            entry.former.retain(|former| former.name != old);
            entry.former.push(Former {
                name: old.to_owned(),
                until: copy.at,
            });
        }
    }
    match entries.is_empty() {
        true => Ok(()),
        false => save(profile_dir, &entries),
    }
}

/// Writes the list. One that is there and cannot be read is kept beside it: a newer version may have
/// written it, or a person can read the addresses.
pub fn save(profile_dir: &Path, entries: &[Entry]) -> Result<()> {
    if load(profile_dir).is_err() {
        let path = profile_dir.join(FILE);
        let mut kept = files::numbered(DAMAGED, '-').map(|name| profile_dir.join(name));
        let free = kept.find(|kept| !kept.exists()).unwrap_or_default();
        std::fs::rename(&path, free).at(&path)?;
    }
    files::write_json(&profile_dir.join(FILE), entries)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::ErrorKind;

    #[test]
    fn a_folder_that_was_emptied_is_no_copy() {
        let dir = tempfile::tempdir().unwrap();
        let mut entry = Entry::new(dir.path().to_str().unwrap().parse().unwrap());
        entry.last = Some(Copy {
            at: TimestampMillis(5),
            collection_mod: TimestampMillis(5),
            files: 1,
            bytes: 1,
            sent: 1,
            other_disk: false,
        });
        assert!(entry.counted().is_none());
        std::fs::write(dir.path().join("config"), "a vault").unwrap();
        assert!(entry.counted().is_some());
    }

    #[test]
    fn a_place_needs_help_after_days_without_a_copy_or_three_attempts() {
        let day = |n: i64| TimestampMillis(n * LONGEST_MILLIS / 3);
        let mut entry = Entry::new("/mnt/usb/vault".parse().unwrap());
        for attempt in 1..=3 {
            entry.failed(day(10), "no disk".into());
            assert_eq!(entry.needs_help(day(10)), attempt == 3);
        }
        entry.last = Some(Copy {
            at: day(8),
            collection_mod: day(8),
            files: 1,
            bytes: 1,
            sent: 1,
            other_disk: true,
        });
        assert!(!entry.needs_help(day(11)) && entry.needs_help(day(12)));
        entry.failure = None;
        assert!(!entry.needs_help(day(12)), "nothing had to be saved");
        entry.damaged = true;
        assert!(entry.needs_help(day(12)));
    }

    #[test]
    fn what_is_saved_is_read_back_and_damage_is_told() {
        let dir = tempfile::tempdir().unwrap();
        assert!(load(dir.path()).unwrap().is_empty());
        let mut entry = Entry::new("/mnt/usb/vault".parse().unwrap());
        entry.failed(TimestampMillis(5), "no disk".into());
        entry.failed(TimestampMillis(6), "no disk".into());
        assert_eq!(entry.failure.as_ref().unwrap().times, 2);
        save(dir.path(), std::slice::from_ref(&entry)).unwrap();
        assert_eq!(load(dir.path()).unwrap(), [entry]);
        std::fs::write(dir.path().join(FILE), "[{").unwrap();
        assert!(load(dir.path()).is_err());
        // A place that is added then does not cost what stands there.
        save(dir.path(), &[]).unwrap();
        assert_eq!(load(dir.path()).unwrap(), []);
        let kept = std::fs::read(dir.path().join(DAMAGED)).unwrap();
        assert_eq!(kept, b"[{");
        // Nor does the next one that is damaged cost the first.
        std::fs::write(dir.path().join(FILE), "[}").unwrap();
        save(dir.path(), &[]).unwrap();
        let kept = [DAMAGED.to_owned(), format!("{DAMAGED}-2")];
        let kept = kept.map(|name| std::fs::read_to_string(dir.path().join(name)).unwrap());
        assert_eq!(kept, ["[{", "[}"]);
        // What cannot be read for another reason is kept as well.
        let path = dir.path().join(FILE);
        std::fs::remove_file(&path).unwrap();
        std::fs::create_dir(&path).unwrap();
        assert_ne!(load(dir.path()).unwrap_err().kind(), ErrorKind::Corrupt);
        save(dir.path(), &[]).unwrap();
        assert!(dir.path().join(format!("{DAMAGED}-3")).is_dir());
    }
}
