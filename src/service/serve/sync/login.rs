//! Logging in to a server and out of it. The keychain answers when it likes: a login that was
//! cancelled meanwhile is taken out of it again, and the next one waits for that.

use super::{Why, sync_now, tell};
use crate::base::error::{Error, ErrorKind, Result};
use crate::explain::{UserMessage, explain};
use crate::service::serve::sync_job::{self, Access, InKeychain, LoggedIn};
use crate::service::sync::{Login, SyncEvent};
use crate::service::worker::{Job, Worker};
use crate::{mark, t};

/// The dialog tells why not beside what was typed.
pub(super) fn log_in_or_tell(worker: &mut Worker, login: Login) {
    if let Err(error) = log_in(worker, login) {
        let message = explain(t!("log in"), &error);
        tell(worker, SyncEvent::NotLoggedIn(message));
    }
}

fn log_in(worker: &mut Worker, login: Login) -> Result<()> {
    worker.refuse_when_lent()?;
    let settings = worker.sync_settings();
    let access = worker.access()?;
    let collection = worker.open_profile_mut()?.paths.collection();
    if worker.sync.media.is_some() {
        worker.stop_media();
        return Err(Error::new(
            ErrorKind::Unavailable,
            mark!("media files are still being synced with the account of before"),
        ));
    }
    worker.stop_login();
    if worker.sync.at_keychain > 0 {
        worker.sync.waiting = Some(login);
        return Ok(());
    }
    worker.sync.logins += 1;
    let this = worker.sync.logins;
    let asked = access.clone();
    let id = worker.background(
        Job::quiet("sync-login", mark!("log in")),
        move |progress| {
            let server = crate::sync::server_address(&login.server)?;
            let other = server != settings.server || login.user.trim() != settings.user;
            let done = sync_job::log_in(&asked, &login, other, &collection, progress)?;
            Ok((done, login.user.trim().to_owned(), other, login.then_sync))
        },
        move |worker, result| {
            // Cancelled, or another profile is open by now.
            if worker.sync.login.is_none() || worker.sync.logins != this {
                if let Ok((done, ..)) = result {
                    take_back(worker, access, done.in_keychain);
                }
                return keychain_left(worker);
            }
            worker.sync.login = None;
            match result {
                Ok((done, user, other, then_sync)) => {
                    logged_in(worker, done, user, other, then_sync);
                }
                Err(message) => tell(worker, SyncEvent::NotLoggedIn(message)),
            }
            keychain_left(worker);
        },
    )?;
    worker.sync.login = Some(id);
    worker.sync.at_keychain += 1;
    Ok(())
}

/// One of the jobs that may change a login in the keychain has ended.
fn keychain_left(worker: &mut Worker) {
    worker.sync.at_keychain -= 1;
    if worker.sync.at_keychain == 0
        && let Some(login) = worker.sync.waiting.take()
    {
        log_in_or_tell(worker, login);
    }
}

/// The key of a login that worked, and that nobody waits for any more.
fn take_back(worker: &mut Worker, access: Access, login: InKeychain) {
    let started = worker.background(
        Job::quiet("sync-logout", mark!("take the login out of the keychain")),
        move |_| login.take_back(&*access.secrets, &access.name),
        taken_out,
    );
    match started {
        Ok(_) => worker.sync.at_keychain += 1,
        Err(error) => {
            tracing::warn!("a login that was cancelled stays in the keychain: {error}");
        }
    }
}

fn taken_out(worker: &mut Worker, result: Result<(), UserMessage>) {
    if let Err(message) = result {
        tracing::warn!("the login stays in the keychain: {}", message.cause);
    }
    keychain_left(worker);
}

fn logged_in(worker: &mut Worker, done: LoggedIn, user: String, other: bool, then_sync: bool) {
    worker.sync.account = Some(done.account);
    worker.sync.failed = None;
    worker.sync.media_failed = None;
    let kept = worker.keep_sync_settings(|settings| {
        settings.server = done.server;
        settings.user.clone_from(&user);
        settings.logged_in = true;
        settings.new_account |= other;
    });
    if let Some(error) = done.not_kept {
        worker.notice(t!("remember the login"), &error);
    }
    if let Err(error) = kept {
        return tell(
            worker,
            SyncEvent::NotLoggedIn(explain(t!("log in"), &error)),
        );
    }
    tell(worker, SyncEvent::LoggedIn { user });
    worker.tell_sync();
    if then_sync
        && !worker.backups.is_suspended()
        && let Err(error) = sync_now(worker, Why::Asked, false)
    {
        let message = explain(t!("sync"), &error);
        tell(
            worker,
            SyncEvent::Failed {
                message,
                asked: true,
            },
        );
    }
}

pub(super) fn log_out(worker: &mut Worker) -> Result<()> {
    worker.refuse_when_lent()?;
    worker.stop_media();
    let access = worker.access()?;
    worker.keep_sync_settings(|settings| settings.logged_in = false)?;
    worker.sync.account = None;
    worker.sync.failed = None;
    worker.sync.media_failed = None;
    tell(worker, SyncEvent::LoggedOut);
    worker.tell_sync();
    worker.background(
        Job::quiet("sync-logout", mark!("take the login out of the keychain")),
        move |_| access.secrets.remove(&access.name),
        taken_out,
    )?;
    worker.sync.at_keychain += 1;
    Ok(())
}
