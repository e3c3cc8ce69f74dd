//! What a sync does on the thread of its job, with the collection lent to it. A verified backup
//! is made before anything changes here; no backup, no sync.

use crate::backup::entry::{Reason, Rules, SERVER_PIN};
use crate::backup::plan::Options;
use crate::backup::policy::LastBackup;
use crate::backup::stage::{self, Backup};
use crate::backup::{catalog, restore, safety};
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::job::Progress;
use crate::base::time::Clock;
use crate::collection::Collection;
use crate::net::{self, Transport};
use crate::secrets::Secrets;
use crate::service::autobackup::backup_now;
use crate::service::profiles::ProfilePaths;
use crate::service::sync::{Counts, Deletions, Login, MergeReport, Parted, ServerCopy, Side};
use crate::service::worker::no_collection;
use crate::storage::inspect;
use crate::storage::snapshot::FrozenFile;
use crate::sync::media::{MediaOutcome, MediaWish, forget_media, sync_media};
use crate::sync::plan::{Choice, Step};
use crate::sync::{self, Account, Look, Merge, Outcome, Session, Wish};
use crate::t;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What lets us in, and where that is kept.
#[derive(Clone)]
pub(super) struct Access {
    pub(super) net: Arc<dyn Transport>,
    pub(super) secrets: Arc<dyn Secrets>,
    /// Its name in the keychain.
    pub(super) name: String,
    /// Whose account it is by the preferences; the keychain may have that of another one.
    pub(super) user: String,
    /// When the keychain was asked before, or is not used.
    pub(super) known: Option<Account>,
}

impl Access {
    /// The keychain may ask the user, so a job asks it.
    pub(super) fn account(&self) -> Option<Account> {
        let is_theirs = |account: &Account| account.user == self.user;
        if let Some(known) = self.known.clone().filter(is_theirs) {
            return Some(known);
        }
        // Without a keychain somebody can still log in for as long as the program runs.
        let kept = self.secrets.get(&self.name).unwrap_or_else(|error| {
            tracing::warn!("the login cannot be looked up: {error}");
            None
        });
        let kept = kept.as_deref().and_then(Account::from_secret);
        kept.filter(is_theirs)
    }

    /// For the requests of one job.
    fn net(&self, progress: &Progress) -> Arc<dyn Transport> {
        net::for_job(&self.net, progress)
    }

    /// The server may have sent us to another host.
    fn moved(&self, before: &Account, now: &Account) {
        if before == now {
            return;
        }
        // Only where it is kept already.
        let kept = self.secrets.get(&self.name).and_then(|kept| match kept {
            Some(_) => self.secrets.set(&self.name, &now.to_secret()),
            None => Ok(()),
        });
        if let Err(error) = kept {
            tracing::warn!("the new address of the server is not remembered: {error}");
        }
    }
}

/// What a login did to the keychain.
pub(super) struct InKeychain {
    before: Option<String>,
    now: Option<String>,
}

impl InKeychain {
    /// As it was before, unless another login came after this one.
    pub(super) fn take_back(&self, secrets: &dyn Secrets, name: &str) -> Result<()> {
        if secrets.get(name)? != self.now {
            return Ok(());
        }
        match &self.before {
            Some(secret) => secrets.set(name, secret),
            None => secrets.remove(name),
        }
    }
}

/// A login that worked.
pub(super) struct LoggedIn {
    pub(super) account: Account,
    pub(super) in_keychain: InKeychain,
    /// The address as it is kept.
    pub(super) server: String,
    /// Why it is not in the keychain although it should be.
    pub(super) not_kept: Option<Error>,
}

/// Exchanges the password for a key. What is known of the media of another account is forgotten.
pub(super) fn log_in(
    access: &Access,
    login: &Login,
    is_other: bool,
    collection: &Path,
    progress: &Progress,
) -> Result<LoggedIn> {
    let server = sync::server_address(&login.server)?;
    let user = login.user.trim();
    let net = access.net(progress);
    let account = sync::login(&*net, &server, user, &login.password, progress)?;
    progress.check()?;
    let in_keychain = InKeychain {
        before: access.secrets.get(&access.name).unwrap_or_default(),
        now: login.remember.then(|| account.to_secret()),
    };
    let kept = match &in_keychain.now {
        Some(secret) => access.secrets.set(&access.name, secret),
        None => access.secrets.remove(&access.name),
    };
    if let Err(cancelled) = progress.check() {
        // The keychain may have asked, and somebody who had closed the dialog answered it.
        if let Err(error) = in_keychain.take_back(&*access.secrets, &access.name) {
            tracing::warn!("a login that was cancelled stays in the keychain: {error}");
        }
        return Err(cancelled);
    }
    if is_other {
        forget_media(collection)?;
    }
    Ok(LoggedIn {
        account,
        in_keychain,
        server,
        not_kept: kept.err().filter(|_| login.remember),
    })
}

/// What is done to the collection.
pub(super) struct Run {
    pub(super) access: Access,
    pub(super) paths: ProfilePaths,
    pub(super) rules: Rules,
    pub(super) clock: Clock,
    /// 100: never stop.
    pub(super) stop_percent: u32,
    pub(super) force: bool,
    /// It was synced with this account before, so both sides may have parted from each other.
    pub(super) known: bool,
    /// Also its media, in the same job.
    pub(super) media: bool,
}

/// How it ended, when nothing failed.
pub(super) enum Found {
    LoginNeeded,
    Synced {
        counts: Counts,
        message: String,
    },
    TooManyDeletions(Deletions),
    Parted(Box<Parted>),
    Uploaded,
    Downloaded,
    /// With so many notes in the trash of this computer.
    Merged(u64),
    /// Here only, and why the server does not have it yet.
    MergedHere(Error),
}

/// What the worker has to know afterwards.
pub(super) struct Ended {
    pub(super) found: Found,
    pub(super) account: Option<Account>,
    pub(super) media_usn: Option<i64>,
    pub(super) backup: Option<LastBackup>,
    /// Of a collection that took the place of ours.
    pub(super) warnings: Vec<Error>,
    /// Of the media in the same job, after a collection that was synced.
    pub(super) media_failed: Option<Error>,
}

impl Ended {
    fn login_needed() -> Self {
        Self {
            found: Found::LoginNeeded,
            account: None,
            media_usn: None,
            backup: None,
            warnings: Vec::new(),
            media_failed: None,
        }
    }
}

impl Run {
    /// One sync of the collection; stops where somebody has to choose.
    pub(super) fn sync(&self, lent: &mut Option<Collection>, progress: &Progress) -> Result<Ended> {
        let collection = lent.as_mut().ok_or_else(no_collection)?;
        self.logged_in(progress, |session| {
            let look = self.look(collection, session, progress)?;
            if self.force || matches!(look.step, Step::OneWay(_)) {
                return self.parted(collection, session, &look, progress);
            }
            let mut ended = self.normal(collection, session, &look, progress)?;
            if matches!(ended.found, Found::Synced { .. }) {
                ended.media_failed = self.with_media(look.media_usn, progress).err();
            }
            Ok(ended)
        })
    }

    /// Replaces the server's collection by ours.
    pub(super) fn upload(
        &self,
        lent: &mut Option<Collection>,
        server: &ServerCopy,
        progress: &Progress,
    ) -> Result<Ended> {
        self.as_chosen(lent, server, progress, |lent, session, media_usn| {
            let collection = lent.as_mut().ok_or_else(no_collection)?;
            let backup = self.back_up(collection, progress)?;
            sync::upload(collection, session, progress)?;
            Ok(Found::Uploaded.ended(session, media_usn, backup))
        })
    }

    /// Replaces our collection by the server's, as it was saved when somebody was asked.
    pub(super) fn download(
        &self,
        lent: &mut Option<Collection>,
        server: &ServerCopy,
        progress: &Progress,
    ) -> Result<Ended> {
        self.as_chosen(lent, server, progress, |lent, session, media_usn| {
            if let Some(collection) = lent.take() {
                collection.close()?;
            }
            let folder = &self.paths.folder;
            let options = Options::DOWNLOAD;
            let done = restore::restore(folder, &server.backup, options, &self.clock, progress)?;
            Ok(Ended {
                warnings: done.warnings,
                ..Found::Downloaded.ended(session, media_usn, None)
            })
        })
    }

    /// Moves what one side changed to the other, whose note types were changed; both are saved.
    pub(super) fn merge(
        &self,
        lent: &mut Option<Collection>,
        server: &ServerCopy,
        progress: &Progress,
    ) -> Result<Ended> {
        self.as_chosen(lent, server, progress, |lent, session, _| {
            let collection = lent.as_mut().ok_or_else(no_collection)?;
            let backup = self.back_up(collection, progress)?;
            let folder = &self.paths.folder;
            let fetched = sync::download(session, folder, progress)?;
            let merge = sync::merge(collection, &fetched.path(), folder, progress)?;
            if let Some(collection) = lent.take() {
                collection.close()?;
            }
            let options = Options::MERGE;
            let done = restore::restore(folder, &merge.path(), options, &self.clock, progress)?;
            // From here on this side is merged, whatever happens on the way to the server.
            let found = match self.keep_and_send(&merge, session, progress) {
                Ok(()) => Found::Merged(merge.report.trashed),
                Err(error) => Found::MergedHere(error),
            };
            Ok(Ended {
                warnings: done.warnings,
                ..found.ended(session, None, backup)
            })
        })
    }

    fn keep_and_send(
        &self,
        merge: &Merge,
        session: &Session<'_>,
        progress: &Progress,
    ) -> Result<()> {
        let mut merged = Collection::open(&self.paths.collection(), self.clock.clone())?;
        merge.remember(&mut merged)?;
        let sent = merge.send(&mut merged, session, progress);
        merged.close()?;
        sent
    }

    /// Does what somebody chose. When the server's collection is not any more what they chose by,
    /// they are asked again.
    fn as_chosen(
        &self,
        lent: &mut Option<Collection>,
        server: &ServerCopy,
        progress: &Progress,
        work: impl FnOnce(&mut Option<Collection>, &Session<'_>, Option<i64>) -> Result<Ended>,
    ) -> Result<Ended> {
        self.logged_in(progress, |session| {
            let collection = lent.as_mut().ok_or_else(no_collection)?;
            let look = self.look(collection, session, progress)?;
            if look.remote_modified != server.modified {
                return self.parted(collection, session, &look, progress);
            }
            work(lent, session, Some(look.media_usn))
        })
    }

    /// Runs `work` with a session. A login that is not valid any more is no failure: somebody is
    /// asked to log in again.
    fn logged_in(
        &self,
        progress: &Progress,
        work: impl FnOnce(&mut Session<'_>) -> Result<Ended>,
    ) -> Result<Ended> {
        let Some(account) = self.access.account() else {
            return Ok(Ended::login_needed());
        };
        let net = self.access.net(progress);
        match work(&mut Session::new(&*net, account)) {
            Err(e) if e.kind() == ErrorKind::WrongPassword => Ok(Ended::login_needed()),
            done => done,
        }
    }

    fn look(
        &self,
        collection: &Collection,
        session: &mut Session<'_>,
        progress: &Progress,
    ) -> Result<Look> {
        let before = session.account().clone();
        let look = sync::look(collection, session, progress)?;
        self.access.moved(&before, session.account());
        Ok(look)
    }

    fn with_media(&self, media_usn: i64, progress: &Progress) -> Result<()> {
        if self.media {
            let wish = MediaWish {
                server_usn: Some(media_usn),
                stop_percent: self.stop_percent,
            };
            media(&self.access, &self.paths.collection(), wish, progress)?;
        }
        Ok(())
    }

    fn normal(
        &self,
        collection: &mut Collection,
        session: &mut Session<'_>,
        look: &Look,
        progress: &Progress,
    ) -> Result<Ended> {
        let message = look.message.clone();
        let media = Some(look.media_usn);
        if look.step == Step::Nothing {
            let counts = Counts::default();
            return Ok(Found::Synced { counts, message }.ended(session, media, None));
        }
        let backup = self.back_up(collection, progress)?;
        let wish = Wish {
            stop_percent: self.stop_percent,
        };
        let found = match sync::normal(collection, session, look, wish, progress)? {
            Outcome::Done(counts) => Found::Synced { counts, message },
            Outcome::TooManyDeletions(deletions) => Found::TooManyDeletions(deletions),
            // The server is asked anew: the sides are compared as they are now.
            Outcome::OneWayNeeded(why) => {
                tracing::info!("a one-way sync is needed: {why}");
                let net = self.access.net(progress);
                let mut again = Session::new(&*net, session.account().clone());
                let look = self.look(collection, &mut again, progress)?;
                return self.parted(collection, &again, &look, progress);
            }
        };
        Ok(found.ended(session, media, backup))
    }

    /// Unless the newest verified backup is of this very state.
    fn back_up(&self, collection: &Collection, progress: &Progress) -> Result<Option<LastBackup>> {
        let modified = collection.storage().col_row()?.mtime;
        let last = catalog::last_verified(&self.paths.folder, &self.clock)?;
        if last.is_some_and(|last| last.collection_mod == modified) {
            return Ok(None);
        }
        let (paths, rules) = (&self.paths, &self.rules);
        let reason = Reason::BeforeSync;
        let made = backup_now(collection, paths, reason, rules, &self.clock, progress)?;
        Ok(Some(LastBackup {
            at: made.created,
            collection_mod: modified,
        }))
    }

    /// The server's collection as it was saved when the sides were seen to have parted before, if
    /// it is still the same: nothing is downloaded and saved again at each try.
    fn saved_server(&self, look: &Look, progress: &Progress) -> Result<Option<SavedServer>> {
        let folder = self.paths.backups();
        let Some(backup) = catalog::pinned_as(&folder, SERVER_PIN, look.remote_modified)? else {
            return Ok(None);
        };
        let room = &self.paths.folder;
        let unpacked = Backup::at(&backup)
            .and_then(|package| package.verify(room, stage::MediaWish::Ignore, progress));
        match unpacked {
            Ok(unpacked) => Ok(Some(SavedServer {
                backup,
                copy: ServerFile::Unpacked(unpacked),
            })),
            Err(e) if e.is_interrupted() => Err(e),
            Err(e) => {
                tracing::warn!("the server's collection is saved anew: {e}");
                Ok(None)
            }
        }
    }

    fn save_server(&self, session: &Session<'_>, progress: &Progress) -> Result<SavedServer> {
        let fetched = sync::download(session, &self.paths.folder, progress)?;
        let (folder, clock) = (&self.paths.folder, &self.clock);
        Ok(SavedServer {
            backup: safety::save_server(&fetched.path(), folder, clock, progress)?,
            copy: ServerFile::Fetched(fetched),
        })
    }

    /// Saves both sides, and counts what each has that the other has not.
    fn parted(
        &self,
        collection: &mut Collection,
        session: &Session<'_>,
        look: &Look,
        progress: &Progress,
    ) -> Result<Ended> {
        let choice = match look.step {
            Step::OneWay(choice) => choice,
            Step::Nothing | Step::Normal { .. } => Choice {
                upload: true,
                download: true,
            },
        };
        let saved = match self.saved_server(look, progress)? {
            Some(saved) => saved,
            None => self.save_server(session, progress)?,
        };
        let theirs = FrozenFile::of_closed(&saved.collection())?;
        let backup = self.back_up(collection, progress)?;
        let (here, there) = collection
            .storage()
            .while_frozen(|ours| compare(ours, &theirs, progress))?;
        let merge = self.what_a_merge_does(collection, &saved.collection(), progress)?;
        let parted = Parted {
            merge,
            can_upload: choice.upload && (!here.is_empty() || there.is_empty()),
            can_download: choice.download && (!there.is_empty() || here.is_empty()),
            forced: self.force,
            first: !self.known,
            server: ServerCopy {
                // Servers count a download as a change.
                modified: theirs.collection_mod(),
                backup: saved.backup,
            },
            here,
            there,
        };
        Ok(Found::Parted(Box::new(parted)).ended(session, None, backup))
    }

    /// None where only one of both can stay.
    fn what_a_merge_does(
        &self,
        collection: &mut Collection,
        theirs: &Path,
        progress: &Progress,
    ) -> Result<Option<MergeReport>> {
        if !self.known {
            return Ok(None);
        }
        match sync::merge(collection, theirs, &self.paths.folder, progress) {
            Ok(merge) => Ok(Some(merge.report)),
            Err(e) if e.is_interrupted() => Err(e),
            Err(e) => {
                tracing::info!("both sides cannot be merged: {e}");
                Ok(None)
            }
        }
    }
}

/// The server's collection: where it is saved, and a copy to read, which goes away with this value.
struct SavedServer {
    backup: PathBuf,
    copy: ServerFile,
}

enum ServerFile {
    Fetched(sync::Downloaded),
    Unpacked(Backup<stage::Verified>),
}

impl SavedServer {
    fn collection(&self) -> PathBuf {
        match &self.copy {
            ServerFile::Fetched(fetched) => fetched.path(),
            ServerFile::Unpacked(unpacked) => unpacked.collection(),
        }
    }
}

impl Found {
    fn ended(
        self,
        session: &Session<'_>,
        media_usn: Option<i64>,
        backup: Option<LastBackup>,
    ) -> Ended {
        Ended {
            found: self,
            account: Some(session.account().clone()),
            media_usn,
            backup,
            warnings: Vec::new(),
            media_failed: None,
        }
    }
}

fn compare(ours: &FrozenFile, theirs: &FrozenFile, progress: &Progress) -> Result<(Side, Side)> {
    progress.stage(t!("Comparing both sides"), 0)?;
    let side = |this: &Path, other: &Path| -> Result<Side> {
        let summary = inspect::summarize(this, progress)?;
        let empty = summary.counts.notes == 0 && summary.counts.cards == 0;
        Ok(Side {
            notes: summary.counts.notes,
            cards: summary.counts.cards,
            reviews: summary.counts.revlog,
            changed: match empty {
                true => None,
                false => Some(inspect::last_change(this, progress)?),
            },
            only_here: inspect::difference(other, this, progress)?,
        })
    };
    Ok((
        side(ours.path(), theirs.path())?,
        side(theirs.path(), ours.path())?,
    ))
}

/// How a sync of media ended, when nothing failed.
pub(super) enum MediaFound {
    LoginNeeded,
    Ended(MediaOutcome),
}

/// Syncs the media beside study.
pub(super) fn media(
    access: &Access,
    collection: &Path,
    wish: MediaWish,
    progress: &Progress,
) -> Result<MediaFound> {
    let Some(account) = access.account() else {
        return Ok(MediaFound::LoginNeeded);
    };
    let net = access.net(progress);
    let session = Session::new(&*net, account);
    match sync_media(&session, collection, wish, progress) {
        Ok(outcome) => Ok(MediaFound::Ended(outcome)),
        Err(e) if e.kind() == ErrorKind::WrongPassword => Ok(MediaFound::LoginNeeded),
        Err(e) => Err(e),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secrets::InMemory;

    #[test]
    fn a_login_that_is_taken_back_leaves_the_keychain_as_it_was() {
        let secret = |text: &str| Some(text.to_owned());
        for (before, now, found, left) in [
            (None, secret("new"), secret("new"), None),
            (secret("old"), secret("new"), secret("new"), secret("old")),
            (secret("old"), None, None, secret("old")),
            // Another login came after it.
            (None, secret("new"), secret("newer"), secret("newer")),
        ] {
            let keychain = InMemory::default();
            if let Some(found) = &found {
                keychain.set("sync", found).unwrap();
            }
            let login = InKeychain { before, now };
            login.take_back(&keychain, "sync").unwrap();
            assert_eq!(keychain.get("sync").unwrap(), left);
        }
    }
}
