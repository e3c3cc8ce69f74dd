//! Encrypted files: decrypted into a folder of the profile that only its owner may enter, for the
//! dialog or page that reads the plain file next, or to be kept elsewhere.

use crate::backup::encrypt::Unsealed;
use crate::base::Secret;
use crate::base::error::{Error, ErrorKind, Result};
use crate::formats::encryption::Key;
use crate::mark;
use crate::service::event::{Event, PackageEvent};
use crate::service::serve::passwords;
use crate::service::worker::{Job, Worker};
use std::path::PathBuf;

/// With `password`, or else with those that the keychain remembers.
pub(super) fn unlock(worker: &mut Worker, file: PathBuf, password: Option<Secret>) -> Result<()> {
    worker.unlocked = None;
    let room = worker.open_profile_mut()?.paths.folder.clone();
    let sealed = file.clone();
    let secrets = worker.config.secrets.clone();
    let started = worker.background(
        Job::shown(
            "unlock",
            mark!("Decrypting the file"),
            mark!("decrypt the file"),
        ),
        move |progress| {
            let passwords = match password {
                Some(password) => vec![password],
                None => passwords::remembered(&*secrets)?,
            };
            for password in passwords {
                match Unsealed::open(&sealed, &Key::Password(password), &room, progress) {
                    Err(e) if e.kind() == ErrorKind::WrongPassword => {}
                    opened => return opened.map(Some),
                }
            }
            Ok(None)
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

/// Writes the file that was decrypted last to `out`.
pub(super) fn save(worker: &mut Worker, out: PathBuf) -> Result<()> {
    let opened = worker.unlocked.take().ok_or_else(|| {
        let what = mark!("the decrypted file is not there any more; decrypt it again");
        Error::new(ErrorKind::Unavailable, what)
    })?;
    let data = worker.config.data.path().to_owned();
    let path = out.clone();
    let started = worker.background(
        Job::shown(
            "save-plain",
            mark!("Saving the decrypted file"),
            mark!("decrypt the file"),
        ),
        move |progress| opened.save_to(&out, &data, progress),
        move |worker, result| {
            if let Ok(size) = result {
                let saved = PackageEvent::PlainSaved { path, size };
                worker.emit(Event::Package(saved));
            }
        },
    );
    started.map(drop)
}
