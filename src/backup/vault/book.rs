//! The places to which a profile is saved, and how each stands: a file in the profile's folder,
//! without any secret.

use super::Destination;
use super::policy::{Schedule, State};
use crate::base::Result;
use crate::base::error::{AtPath as _, Error};
use crate::base::files;
use crate::base::time::TimestampMillis;
use serde::{Deserialize, Serialize};
use std::path::Path;

const FILE: &str = "vaults.json";

/// One place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub destination: Destination,
    #[serde(default)]
    pub schedule: Schedule,
    /// The newest copy there.
    #[serde(default)]
    pub last: Option<Copy>,
    /// The newest look at everything in it that found nothing wrong.
    #[serde(default)]
    pub verified: Option<TimestampMillis>,
    /// Why the newest attempt failed.
    #[serde(default)]
    pub failure: Option<Failure>,
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
}

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    pub at: TimestampMillis,
    /// In a row.
    pub times: u32,
    pub what: String,
}

impl Entry {
    #[must_use]
    pub fn new(destination: Destination) -> Self {
        Self {
            destination,
            schedule: Schedule::default(),
            last: None,
            verified: None,
            failure: None,
        }
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
            .map_err(|e| Error::corrupt("the list of copies elsewhere is damaged").because(e))
            .at(path),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(e) => Err(Error::from(e).at(path)),
    }
}

pub fn save(profile_dir: &Path, entries: &[Entry]) -> Result<()> {
    files::write_atomic(&profile_dir.join(FILE), |out| {
        serde_json::to_writer_pretty(out, entries)
            .map_err(|e| Error::bug("the list of copies elsewhere cannot be written").because(e))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

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
    }
}
