//! Sync with a server: the sync that is asked for and those that run when a profile is opened and
//! closed, the choice when the sides have parted, and media beside study. Nothing is sent unless
//! somebody logged in, and nothing at all after a restore until the profile is opened again. Logging
//! in and out is `login`; what runs on the jobs' threads is in `sync_job`.

mod login;

use super::sync_job::{self, Access, Ended, Found, MediaFound, Run};
use crate::backup::tripwire::{self, Explains};
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::job::Progress;
use crate::base::lang::say;
use crate::base::time::TimestampMillis;
use crate::collection::{Collection, OpOutput};
use crate::domain::changes::Changes;
use crate::domain::op::Op;
use crate::explain::{UserMessage, explain};
use crate::service::event::{Event, JobId, Undone};
use crate::service::secret_names;
use crate::service::serve::settings::save_profile;
use crate::service::sync::{
    Login, MEDIA_JOB, ServerCopy, SyncEvent, SyncRequest, SyncSettings, SyncState, SyncStatus, Way,
};
use crate::service::timers;
use crate::service::worker::{Job, Worker};
use crate::sync::Account;
use crate::sync::media::{MediaOutcome, MediaWish};
use crate::{mark, t};

/// What is known of the sync of the open profile.
#[derive(Debug, Default)]
pub(in crate::service) struct SyncWatch {
    /// The profile was opened and has not been synced yet.
    fresh: bool,
    /// Nothing but what is asked for, in any profile.
    by_hand: bool,
    running: bool,
    /// What the keychain gave, or was not to keep.
    account: Option<Account>,
    /// The login that somebody waits for, and the number of the last one.
    login: Option<JobId>,
    logins: u64,
    /// Jobs that may still change what the keychain keeps of a login, also one that was cancelled;
    /// the next login waits for them, so that none overtakes it.
    at_keychain: usize,
    waiting: Option<Login>,
    /// The job that syncs media, and its number among all of them.
    media: Option<JobId>,
    media_runs: u64,
    /// The media are to be synced as soon as nothing else runs.
    media_due: Option<MediaTask>,
    /// When the media were synced last, well or not.
    media_at: Option<TimestampMillis>,
    /// When a sync ended well since the profile was opened, also one that found nothing to do, of
    /// which the collection keeps no trace.
    ended_at: Option<TimestampMillis>,
    failed: Option<UserMessage>,
    /// Why the last sync of media failed.
    media_failed: Option<UserMessage>,
    told: Option<SyncStatus>,
}

/// Why media are synced.
#[derive(Debug, Clone, Copy, Default)]
struct MediaTask {
    server_usn: Option<i64>,
    any_deletions: bool,
    asked: bool,
}

impl SyncWatch {
    /// A profile is opened; `automatic`: it may be synced by itself.
    pub(in crate::service) fn start(&mut self, automatic: bool) {
        *self = Self {
            fresh: automatic,
            media_runs: self.media_runs,
            logins: self.logins,
            at_keychain: self.at_keychain,
            by_hand: self.by_hand,
            ..Self::default()
        };
    }
}

/// What is to follow when the collection is back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Why {
    Asked,
    Opened,
    Closing,
}

pub(super) fn serve(worker: &mut Worker, request: &SyncRequest) -> Result<()> {
    match request {
        SyncRequest::LogIn(login) => {
            login::log_in_or_tell(worker, login.clone());
            Ok(())
        }
        SyncRequest::StopLogIn => {
            worker.stop_login();
            Ok(())
        }
        SyncRequest::LogOut => login::log_out(worker),
        SyncRequest::Now { any_deletions } => {
            refuse_when_suspended(worker)?;
            sync_now(worker, Why::Asked, *any_deletions)
        }
        SyncRequest::NotByItself => {
            worker.sync.by_hand = true;
            Ok(())
        }
        SyncRequest::Opened => {
            let fresh = std::mem::take(&mut worker.sync.fresh);
            // Something else may have begun with the collection, a package that was opened say.
            match fresh && worker.lent_to.is_none() && worker.syncs_by_itself() {
                true => sync_now(worker, Why::Opened, false),
                false => Ok(()),
            }
        }
        SyncRequest::BeforeClosing => {
            // When one side has to replace the other, nobody is asked at the door: the next start
            // does that, without a download of everything before.
            let changed = worker.sync_state() == SyncState::Changes;
            let wished = changed && worker.lent_to.is_none() && worker.syncs_by_itself();
            // Whatever happens, the window that closes gets an answer.
            if !wished {
                tell(worker, SyncEvent::BeforeClosing(None));
            } else if let Err(error) = sync_now(worker, Why::Closing, false) {
                let message = explain(t!("sync"), &error);
                tell(worker, SyncEvent::BeforeClosing(Some(message)));
            }
            Ok(())
        }
        SyncRequest::Replace { way, server } => {
            refuse_when_suspended(worker)?;
            replace(worker, *way, server.clone())
        }
        SyncRequest::Media { any_deletions } => {
            refuse_when_suspended(worker)?;
            worker.sync.media_due = Some(MediaTask {
                any_deletions: *any_deletions,
                asked: true,
                ..MediaTask::default()
            });
            Ok(())
        }
        SyncRequest::StopMedia => {
            worker.stop_media();
            Ok(())
        }
    }
}

fn tell(worker: &Worker, event: SyncEvent) {
    worker.emit(Event::Sync(event));
}

fn refuse_when_suspended(worker: &Worker) -> Result<()> {
    if worker.backups.is_suspended() {
        return Err(Error::new(
            ErrorKind::Unavailable,
            mark!(
                "a backup was restored: nothing is synced until Engram is started again, or Backups > \
                 Resume now is chosen, so that you can look at what was restored first"
            ),
        ));
    }
    Ok(())
}

/// A modal job; what it found is told by events of sync alone.
const fn job(thread: &'static str, title: &'static str, doing: &'static str) -> Job {
    Job {
        title,
        exclusive: true,
        ..Job::quiet(thread, doing)
    }
}

fn sync_now(worker: &mut Worker, why: Why, any_deletions: bool) -> Result<()> {
    let mut run = worker.sync_run(any_deletions)?;
    // A window that closes does not wait for what runs beside it already.
    run.media = why == Why::Closing && worker.sync.media.is_none() && worker.sync_settings().media;
    worker.sync.fresh = false;
    let folder = run.paths.backups();
    start(
        worker,
        job("sync", mark!("Syncing"), mark!("sync")),
        why,
        move |collection, progress| {
            let ended = run.sync(collection, progress)?;
            // Somebody said yes to it.
            if any_deletions
                && let Some(collection) = collection
                && let Ok(row) = collection.storage().col_row()
            {
                tripwire::explain(&folder, Explains::NOTES, row.mtime);
            }
            Ok(ended)
        },
    )
}

fn replace(worker: &mut Worker, way: Way, server: ServerCopy) -> Result<()> {
    let run = worker.sync_run(false)?;
    let job = match way {
        Way::Upload => job(
            "sync-upload",
            mark!("Uploading the collection"),
            mark!("upload the collection"),
        ),
        Way::Download => job(
            "sync-download",
            mark!("Downloading the collection"),
            mark!("download the collection"),
        ),
        Way::Merge => job(
            "sync-merge",
            mark!("Merging both collections"),
            mark!("merge both collections"),
        ),
    };
    let work = move |lent: &mut Option<Collection>, progress: &Progress| match way {
        Way::Upload => run.upload(lent, &server, progress),
        Way::Download => run.download(lent, &server, progress),
        Way::Merge => run.merge(lent, &server, progress),
    };
    start(worker, job, Why::Asked, work)
}

fn start(
    worker: &mut Worker,
    job: Job,
    why: Why,
    work: impl FnOnce(&mut Option<Collection>, &Progress) -> Result<Ended> + Send + 'static,
) -> Result<()> {
    worker.sync.running = true;
    let started = worker.exclusive(job, work, move |worker, result| {
        worker.sync.running = false;
        worker.sync_ended(why, result);
        tell(worker, SyncEvent::Ended);
    });
    if started.is_err() {
        worker.sync.running = false;
    }
    worker.tell_sync();
    started
}

impl Worker {
    fn sync_settings(&self) -> SyncSettings {
        let profile = self.profile.as_ref();
        profile.map(|p| p.settings.sync.clone()).unwrap_or_default()
    }

    fn keep_sync_settings(&mut self, change: impl FnOnce(&mut SyncSettings)) -> Result<()> {
        let mut settings = self.open_profile_mut()?.settings.clone();
        change(&mut settings.sync);
        save_profile(self, settings)
    }

    fn access(&mut self) -> Result<Access> {
        let known = self.sync.account.clone();
        let user = self.sync_settings().user;
        let profile = self.open_profile_mut()?.paths.name.clone();
        Ok(Access {
            net: self.config.net.clone(),
            secrets: self.config.secrets.clone(),
            name: secret_names::sync(&profile),
            user,
            known,
        })
    }

    fn sync_run(&mut self, any_deletions: bool) -> Result<Run> {
        let settings = self.sync_settings();
        if !settings.logged_in {
            return Err(Error::invalid(mark!(
                "nobody is logged in to a sync server"
            )));
        }
        Ok(Run {
            access: self.access()?,
            paths: self.open_profile_mut()?.paths.clone(),
            rules: self.backups.rules().clone(),
            clock: self.config.clock.clone(),
            stop_percent: match any_deletions {
                true => 100,
                false => settings.most_deleted_percent,
            },
            force: settings.force_one_way,
            known: !settings.new_account,
            media: false,
        })
    }

    /// Whether the open profile is synced when it is opened and closed.
    fn syncs_by_itself(&self) -> bool {
        let settings = self.sync_settings();
        let wished = settings.automatic && !self.sync.by_hand;
        settings.logged_in && wished && !self.backups.is_suspended()
    }

    /// Without asking the server.
    fn sync_state(&mut self) -> SyncState {
        if !self.sync_settings().logged_in {
            return SyncState::NotSetUp;
        }
        if self.sync_settings().force_one_way {
            return SyncState::OneWay;
        }
        let row = self.collection().and_then(|c| c.storage().col_row());
        match row {
            Ok(row) if row.scm > row.ls => SyncState::OneWay,
            Ok(row) if row.mtime > row.ls => SyncState::Changes,
            _ => SyncState::Nothing,
        }
    }

    fn sync_ended(&mut self, why: Why, result: Result<Ended, UserMessage>) {
        let asked = why == Why::Asked;
        let ended = match result {
            Ok(ended) => ended,
            Err(message) => {
                self.sync.failed = Some(message.clone()).filter(|m| !m.is_cancel());
                // What can be undone may be less than before.
                if why != Why::Closing && self.collection().is_ok() {
                    self.report_sync(0);
                }
                return tell(
                    self,
                    match why {
                        // Who cancels the last sync wants to leave.
                        Why::Closing if message.is_cancel() => SyncEvent::BeforeClosing(None),
                        Why::Closing => SyncEvent::BeforeClosing(Some(message)),
                        _ => SyncEvent::Failed { message, asked },
                    },
                );
            }
        };
        self.sync.failed = None;
        self.warn_of(&ended.warnings);
        self.sync.account = ended.account;
        if let Some(made) = ended.backup {
            self.backups.was_made(made);
        }
        let finished = matches!(
            ended.found,
            Found::Synced { .. } | Found::Uploaded | Found::Downloaded | Found::Merged(_)
        );
        if finished {
            self.sync.ended_at = Some(self.config.clock.now());
        }
        if finished
            && self.sync_settings().new_account
            && let Err(error) = self.keep_sync_settings(|s| s.new_account = false)
        {
            self.notice(t!("save the preferences"), &error);
        }
        if finished && self.sync_settings().media && why != Why::Closing {
            self.sync.media_due = Some(MediaTask {
                server_usn: ended.media_usn,
                ..MediaTask::default()
            });
        }
        if why == Why::Closing {
            // Who cancels it wants to leave.
            let media = ended.media_failed.filter(|error| !error.is_interrupted());
            let media = media.map(|error| explain(t!("sync the media files"), &error));
            if media.is_some() {
                self.sync.media_failed.clone_from(&media);
            }
            let left = closing_message(&ended.found).or(media);
            return tell(self, SyncEvent::BeforeClosing(left));
        }
        self.tell_found(ended.found, asked);
    }

    fn tell_found(&mut self, found: Found, asked: bool) {
        match found {
            Found::LoginNeeded => tell(self, SyncEvent::LoginNeeded),
            Found::TooManyDeletions(deletions) => {
                tell(self, SyncEvent::TooManyDeletions(deletions));
            }
            Found::Parted(parted) => tell(self, SyncEvent::Parted(parted)),
            Found::Synced { counts, message } => {
                if counts.received > 0 || counts.sent > 0 {
                    self.report_sync(counts.received);
                }
                tell(
                    self,
                    SyncEvent::Synced {
                        counts,
                        message,
                        asked,
                    },
                );
            }
            Found::Uploaded => {
                self.one_way_done();
                self.report_sync(0);
                tell(self, SyncEvent::Replaced(Way::Upload));
            }
            Found::Merged(trashed) => {
                self.one_way_done();
                self.warn_of_history();
                tell(self, SyncEvent::Merged { trashed });
            }
            Found::MergedHere(error) => {
                self.one_way_done();
                self.warn_of_history();
                let message = explain(t!("send the merged collection to the server"), &error);
                self.sync.failed = Some(message.clone()).filter(|m| !m.is_cancel());
                tell(self, SyncEvent::MergedHere(message));
            }
            Found::Downloaded => {
                self.one_way_done();
                tell(self, SyncEvent::Replaced(Way::Download));
            }
        }
    }

    fn report_sync(&mut self, received: u64) {
        let output = OpOutput {
            value: (),
            changes: Changes::ALL,
        };
        let affected = usize::try_from(received).unwrap_or(usize::MAX);
        if let Err(error) = self.report(Op::Sync, Undone::No, &output, affected) {
            tracing::warn!("after the sync: {error}");
        }
    }

    fn one_way_done(&mut self) {
        if self.sync_settings().force_one_way
            && let Err(error) = self.keep_sync_settings(|s| s.force_one_way = false)
        {
            self.notice(t!("save the preferences"), &error);
        }
    }

    /// Its profile is being closed; what media were not sent yet are sent the next time.
    pub(in crate::service) fn stop_sync(&mut self) {
        self.stop_media();
        self.stop_login();
        self.sync.start(false);
    }

    fn stop_login(&mut self) {
        self.sync.waiting = None;
        if let Some(id) = self.sync.login.take() {
            self.jobs.cancel(id);
        }
    }

    fn stop_media(&mut self) {
        self.sync.media_due = None;
        if let Some(id) = self.sync.media {
            self.jobs.cancel(id);
        }
    }

    /// Before something else writes into the media folder: returns when no sync does any more.
    pub(super) fn end_media_sync(&mut self) {
        self.stop_media();
        while self.sync.media.is_some() {
            self.serve_one_finished();
        }
    }

    /// Starts a sync of media that is due, and tells faces when anything changed.
    pub(in crate::service) fn watch_sync(&mut self) {
        let settings = self.sync_settings();
        let may = settings.logged_in && !self.backups.is_suspended() && self.sync.media.is_none();
        if may {
            let now = self.config.clock.now();
            let periodic = settings.media && settings.periodic_media && !self.sync.by_hand;
            if self.sync.media_due.is_none() && periodic {
                let last = *self.sync.media_at.get_or_insert(now);
                if timers::media_due(last, now) {
                    self.sync.media_due = Some(MediaTask::default());
                }
            }
            if let Some(task) = self.sync.media_due.take()
                && let Err(error) = self.sync_media(task)
            {
                self.notice(t!("sync the media files"), &error);
            }
        }
        self.tell_sync();
    }

    fn sync_media(&mut self, task: MediaTask) -> Result<()> {
        let access = self.access()?;
        let collection = self.open_profile_mut()?.paths.collection();
        let asked = task.asked;
        let wish = MediaWish {
            server_usn: task.server_usn,
            stop_percent: match task.any_deletions {
                true => 100,
                false => self.sync_settings().most_deleted_percent,
            },
        };
        self.sync.media_at = Some(self.config.clock.now());
        let job = Job {
            title: MEDIA_JOB,
            ..Job::quiet("sync-media", mark!("sync the media files"))
        };
        self.sync.media_runs += 1;
        let this = self.sync.media_runs;
        // Somebody said yes to it. What other devices did to files explains nothing.
        let is_meant = task.any_deletions;
        let folder = self.open_profile_mut()?.paths.backups();
        let now = self.config.clock.now();
        let id = self.background(
            job,
            move |progress| {
                let explain = || {
                    if is_meant {
                        tripwire::explain(&folder, Explains::MEDIA, now);
                    }
                };
                // A backup that is being made may look at the files meanwhile.
                explain();
                let synced = sync_job::media(&access, &collection, wish, progress);
                explain();
                synced
            },
            move |worker, result| worker.media_ended(this, asked, result),
        )?;
        self.sync.media = Some(id);
        Ok(())
    }

    fn media_ended(&mut self, run: u64, asked: bool, result: Result<MediaFound, UserMessage>) {
        // Another profile may be open by now.
        if self.sync.media.is_none() || self.sync.media_runs != run {
            return;
        }
        self.sync.media = None;
        match &result {
            Ok(MediaFound::Ended(_)) => self.sync.media_failed = None,
            Err(message) if !message.is_cancel() => {
                self.sync.media_failed = Some(message.clone());
            }
            _ => {}
        }
        tell(
            self,
            match result {
                Ok(MediaFound::Ended(MediaOutcome::Done(done))) => {
                    SyncEvent::MediaSynced { done, asked }
                }
                Ok(MediaFound::Ended(MediaOutcome::TooManyDeletions(deletions))) => {
                    SyncEvent::MediaStopped(deletions)
                }
                Ok(MediaFound::LoginNeeded) => SyncEvent::LoginNeeded,
                Err(message) if message.is_cancel() => return self.tell_sync(),
                Err(message) => SyncEvent::MediaFailed { message, asked },
            },
        );
        self.tell_sync();
    }

    /// To faces, when it differs from what they know.
    fn tell_sync(&mut self) {
        if self.profile.is_none() {
            return;
        }
        let state = match (self.lent_to, &self.sync.told) {
            // Not to be seen while a job has the collection.
            (Some(_), Some(told)) => told.state,
            _ => self.sync_state(),
        };
        let last = match (self.lent_to, &self.sync.told) {
            (Some(_), Some(told)) => told.last,
            _ => self.last_sync(),
        };
        // Who switched media off is told no more of them.
        let has_media = self.sync_settings().media;
        let media_failed = self.sync.media_failed.as_ref().filter(|_| has_media);
        let status = SyncStatus {
            state,
            running: self.sync.running,
            media_running: self.sync.media.is_some(),
            suspended: self.backups.is_suspended(),
            on_close: self.syncs_by_itself(),
            last,
            failed: self.sync.failed.as_ref().or(media_failed).cloned(),
        };
        if self.sync.told.as_ref() != Some(&status) {
            self.sync.told = Some(status.clone());
            tell(self, SyncEvent::Status(status));
        }
    }

    fn last_sync(&mut self) -> Option<TimestampMillis> {
        let row = self.collection().and_then(|c| c.storage().col_row());
        let changed = row.ok().map(|row| row.ls).filter(|ls| ls.0 > 0)?;
        Some(self.sync.ended_at.map_or(changed, |at| at.max(changed)))
    }
}

/// Why the profile should not be closed yet; None when it was synced.
fn closing_message(found: &Found) -> Option<UserMessage> {
    let (cause, remedy) = match found {
        Found::Synced { .. }
        | Found::Uploaded
        | Found::Downloaded
        | Found::Merged(_)
        | Found::MergedHere(_) => return None,
        Found::LoginNeeded => (
            mark!("Nobody is logged in to the sync server any more."),
            mark!("Stay and log in again, or close without syncing."),
        ),
        Found::TooManyDeletions(_) => (
            mark!("Many notes would be deleted."),
            mark!("Stay and sync to see how many, or close without syncing."),
        ),
        Found::Parted(_) => (
            mark!("One side has to replace the other."),
            mark!("Stay and sync to choose, or close without syncing."),
        ),
    };
    Some(UserMessage {
        what: t!("Could not sync").into(),
        cause: say(cause).into(),
        remedy: say(remedy).into(),
        details: cause.into(),
        kept: cause.into(),
    })
}
