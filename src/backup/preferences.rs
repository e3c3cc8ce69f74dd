//! The profile's preferences beside its backups: what is noted with each backup, what a restore
//! brings back, and the way back from that. What is in them is `service::settings`.

use crate::base::error::{AtPath as _, Result};
use crate::base::files;
use serde_json::Value;
use std::path::Path;

/// In the profile's folder.
pub const FILE: &str = "settings.json";
/// As they were before the last restore, while that can be undone.
const BEFORE: &str = "settings.before-restore.json";
/// Where things are sent to and what opens without a question: each chosen for one profile, by the
/// person whose collection it is.
const PLACES: [&str; 5] = [
    "mail",
    "mirror",
    "second_backups_folder",
    "sync",
    "open_links",
];
/// What is kept, and how it is watched.
const SAFETY: [&str; 7] = [
    "keep_last_backups",
    "backup_on_close",
    "restore_drill_days",
    "media_check_days",
    "copies_wait_on_metered",
    "copies_wait_on_battery",
    "history",
];
/// More is no file of ours.
pub(super) const LARGEST: u64 = 1 << 20;

/// The preferences of a profile; None when there are none or they cannot be read, which must not
/// keep a backup from being made.
pub(super) fn read(profile_dir: &Path) -> Option<Value> {
    let path = profile_dir.join(FILE);
    if std::fs::metadata(&path).ok()?.len() > LARGEST {
        return None;
    }
    let bytes = std::fs::read(&path).ok()?;
    serde_json::from_slice(&bytes).ok().filter(Value::is_object)
}

/// Preferences out of a package, which anybody can have made: they change no place, and what is kept
/// only in a profile that `is_new`.
pub(super) fn of_package(profile_dir: &Path, mut came: Value, is_new: bool) -> Value {
    let present = read(profile_dir);
    let kept: &[&str] = if is_new { &[] } else { &SAFETY };
    if let Some(came) = came.as_object_mut() {
        for &name in PLACES.iter().chain(kept) {
            match present.as_ref().and_then(|present| present.get(name)) {
                Some(value) => came.insert(name.to_owned(), value.clone()),
                None => came.remove(name),
            };
        }
    }
    came
}

/// Brings back the preferences that were noted with a backup; None leaves them as they are.
pub(super) fn restore(profile_dir: &Path, noted: Option<&Value>) -> Result<()> {
    let before = profile_dir.join(BEFORE);
    files::if_there(std::fs::remove_file(&before)).at(&before)?;
    let Some(noted) = noted else { return Ok(()) };
    if let Some(present) = read(profile_dir) {
        files::write_json(&before, &present)?;
    }
    files::write_json(&profile_dir.join(FILE), noted)
}

/// Back to what [`restore`] replaced, if it did.
pub(super) fn undo(profile_dir: &Path) -> Result<()> {
    let before = profile_dir.join(BEFORE);
    if before.exists() {
        let file = profile_dir.join(FILE);
        std::fs::rename(&before, &file).at(&file)?;
        files::sync_dir(profile_dir)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_restore_brings_them_back_and_its_undo_those_before() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(read(dir.path()), None);
        let (old, new) = (json!({"theme": "dark"}), json!({"theme": "light"}));
        files::write_json(&dir.path().join(FILE), &new).unwrap();
        restore(dir.path(), Some(&old)).unwrap();
        assert_eq!(read(dir.path()), Some(old.clone()));
        undo(dir.path()).unwrap();
        assert_eq!(read(dir.path()), Some(new.clone()));
        undo(dir.path()).unwrap();
        assert_eq!(read(dir.path()), Some(new.clone()));
        restore(dir.path(), Some(&old)).unwrap();
        // A backup of another program says nothing of them, and its undo changes nothing.
        restore(dir.path(), None).unwrap();
        undo(dir.path()).unwrap();
        assert_eq!(read(dir.path()), Some(old));
    }
}
