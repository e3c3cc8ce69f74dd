//! Encrypted files: decrypted into a folder of the profile that only its owner may enter, for the
//! dialog or page that reads the plain file next.

use crate::backup::encrypt::Unsealed;
use crate::base::Secret;
use crate::base::error::{ErrorKind, Result};
use crate::formats::encryption::Key;
use crate::service::event::{Event, PackageEvent};
use crate::service::worker::{Job, Worker};
use std::path::PathBuf;

pub(super) fn unlock(worker: &mut Worker, file: PathBuf, password: Secret) -> Result<()> {
    worker.unlocked = None;
    let room = worker.open_profile_mut()?.paths.folder.clone();
    let sealed = file.clone();
    let started = worker.background(
        Job::shown("unlock", "Decrypting the file", "decrypt the file"),
        move |progress| match Unsealed::open(&sealed, &Key::Password(password), &room, progress) {
            Err(e) if e.kind() == ErrorKind::WrongPassword => Ok(None),
            opened => opened.map(Some),
        },
        move |worker, result| {
            let event = match result {
                Ok(Some(opened)) => {
                    let plain = opened.path().to_owned();
                    worker.unlocked = Some(opened);
                    PackageEvent::Unlocked { file, plain }
                }
                Ok(None) => PackageEvent::WrongPassword { file },
                Err(_) => PackageEvent::NotUnlocked { file },
            };
            worker.emit(Event::Package(event));
        },
    );
    started.map(|_| ())
}
