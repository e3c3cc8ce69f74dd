//! What opened vaults in this session, in memory alone: making a key from a password takes up to a
//! third of a second and 128 MiB, and a vault is opened for each save, check and look into it.

use super::Start;
use crate::backup::vault::{Destination, Setting};
use crate::base::Secret;
use rustic_core::repofile::MasterKey;
use rustic_core::{Id, OpenStatus, Repository};
use sha2::{Digest as _, Sha256};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// See the module header. Clones share what they know.
#[derive(Clone, Default)]
pub struct Opened(Arc<Mutex<Vec<Known>>>);

/// A password that opened a vault through one of its key files.
struct Known {
    destination: Destination,
    password: Secret,
    /// The file's name, which is the hash of what is in it.
    key_file: Id,
    key: MasterKey,
}

impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Opened(…)")
    }
}

impl Opened {
    fn lock(&self) -> MutexGuard<'_, Vec<Known>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn of(&self, setting: &Setting) -> Option<(Id, MasterKey)> {
        let known = self.lock();
        let fits =
            |k: &&Known| k.destination == setting.destination && k.password == setting.password;
        let known = known.iter().find(fits)?;
        Some((known.key_file, known.key.clone()))
    }

    /// After the password opened `repo`.
    pub(super) fn keep(&self, setting: &Setting, repo: &Repository<OpenStatus>) {
        let Some(key_file) = repo.key_id() else {
            return;
        };
        let mut known = self.lock();
        known.retain(|k| k.destination != setting.destination);
        known.push(Known {
            destination: setting.destination.clone(),
            password: setting.password.clone(),
            key_file: **key_file,
            key: repo.key(),
        });
    }
}

impl Start {
    /// The key that this password was seen to open and the file it comes from, as long as that is there
    /// and still the same: a password that was taken back or whose file is damaged opens nothing.
    pub(super) fn known_key(&self, setting: &Setting) -> Option<(Id, MasterKey)> {
        let (file, key) = setting.opened.of(setting)?;
        let path = format!("keys/{}", file.to_hex().as_str());
        let bytes = self.watch.patiently(|| self.place.read(&path, None)).ok()?;
        (Id::new(Sha256::digest(&bytes).into()) == file).then_some((file, key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backup::vault::Vault;
    use crate::base::ErrorKind;

    fn knows(setting: &Setting) -> bool {
        Start::at(setting).unwrap().known_key(setting).is_some()
    }

    #[test]
    fn a_password_is_tried_once_and_again_when_its_key_file_is_another_one() {
        let room = tempfile::tempdir().unwrap();
        let to = room.path().join("vault");
        let opened = Opened::default();
        let right = Setting::of_folder(&to, "right", &opened);
        right.init().unwrap();
        assert!(!knows(&right), "what was written was not opened yet");
        right.open().unwrap();
        assert!(knows(&right));
        assert!(!knows(&Setting::of_folder(
            &to,
            "right",
            &Opened::default()
        )));
        right.open().unwrap().snapshots().unwrap();
        // Only the password that opened it does.
        let wrong = Setting::of_folder(&to, "wrong", &opened);
        assert!(!knows(&wrong));
        let kind = |opened: crate::base::Result<Vault>| opened.map(drop).unwrap_err().kind();
        assert_eq!(kind(wrong.open()), ErrorKind::WrongPassword);
        assert!(knows(&right));
        // Nor does the right one when its file is damaged, or was taken away.
        let keys = to.join("keys");
        let file = std::fs::read_dir(&keys).unwrap().next().unwrap().unwrap();
        let text = std::fs::read_to_string(file.path()).unwrap();
        let damaged = text.replacen("\"salt\":\"", "\"salt\":\"AAAA", 1);
        std::fs::write(file.path(), damaged).unwrap();
        assert!(!knows(&right));
        assert_eq!(kind(right.open()), ErrorKind::WrongPassword);
        std::fs::remove_file(file.path()).unwrap();
        assert!(right.open().is_err());
        std::fs::write(file.path(), &text).unwrap();
        right.open().unwrap();
        // Another vault in the same place, with the same password.
        std::fs::remove_dir_all(&to).unwrap();
        right.init().unwrap();
        assert!(!knows(&right));
        right.open().unwrap();
        assert!(knows(&right));
    }
}
