//! The loop that owns the collection. It answers requests one after another, lets finished jobs
//! have their say, and looks at the timers when nothing happens. What each request does is in
//! `serve/`.

use crate::backup::encrypt::Unsealed;
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::job::Progress;
use crate::base::lang::say;
use crate::base::time::Stopwatch;
use crate::collection::Collection;
use crate::explain::{UserMessage, explain};
use crate::secrets::{Secrets, WhileRunning};
use crate::service::autobackup::BackupWatch;
use crate::service::browse::BrowseRequest;
use crate::service::copies::CopyWatch;
use crate::service::event::{BackupEvent, Event, JobEvent, JobId};
use crate::service::explorer::ExplorerRequest;
use crate::service::handle::ServiceConfig;
use crate::service::jobs::{self, JobBoard};
use crate::service::looks::{Look, Looks};
use crate::service::mirror_watch::MirrorWatch;
use crate::service::notes::NoteRequest;
use crate::service::notetypes::NotetypeRequest;
use crate::service::open::OpenProfile;
use crate::service::request::{DeckRequest, Request, StudyRequest};
use crate::service::serve::study;
use crate::service::{serve, timers};
use crate::{mark, t};
use crossbeam_channel::{Receiver, Sender, select};
use std::sync::Arc;
use std::time::Duration;

/// What a finished job wants done on the worker.
pub(super) type Then = Box<dyn FnOnce(&mut Worker) + Send>;

/// What needs the collection finds none.
pub(super) fn no_collection() -> Error {
    Error::new(ErrorKind::Unavailable, mark!("no collection is open"))
}

/// See the module header.
pub(super) struct Worker {
    pub(super) config: ServiceConfig,
    inbox: Receiver<Request>,
    outbox: Sender<Event>,
    finished: Receiver<Then>,
    finish: Sender<Then>,
    pub(super) jobs: JobBoard,
    pub(super) profile: Option<OpenProfile>,
    /// Why nothing else is served now: the job that has the collection.
    pub(super) lent_to: Option<JobId>,
    /// What pages asked to see anew meanwhile: answered when the collection is back.
    pub(super) waiting: Vec<Request>,
    pub(super) backups: BackupWatch,
    pub(super) mirror: MirrorWatch,
    pub(super) drills: serve::health::DrillWatch,
    /// The second folder of backups.
    pub(super) copies: CopyWatch,
    pub(super) vaults: serve::vaults::VaultWatch,
    pub(super) mail: serve::mail::MailWatch,
    pub(super) sync: serve::sync::SyncWatch,
    pub(super) rot: serve::rot::RotWatch,
    pub(super) histories: serve::history::HistoryWatch,
    /// The backup that the Explorer shows.
    pub(super) explored: Option<serve::explorer::OpenBackup>,
    pub(super) looks: Looks,
    /// Lists of backups that were begun: only the newest is told.
    pub(super) backup_lists: u64,
    /// What was decrypted last, for what is asked of it.
    pub(super) unlocked: Option<Unsealed>,
    /// Questions about FSRS so far: who asked for a simulation waits for it until the next one.
    pub(super) fsrs_asked: u64,
    /// When the clock was last compared with the cards; None without a collection.
    pub(super) looked: Option<timers::Look>,
    /// See [`Self::secrets`].
    passwords: Arc<WhileRunning>,
    /// Since the last request; the write-ahead log is folded in while nobody works.
    idle: Stopwatch,
    /// Since folding it in failed last.
    fold_failed: Option<Stopwatch>,
    stop: bool,
}

impl Worker {
    pub(super) fn new(
        config: ServiceConfig,
        inbox: Receiver<Request>,
        outbox: Sender<Event>,
        jobs: JobBoard,
    ) -> Self {
        let (finish, finished) = crossbeam_channel::unbounded();
        Self {
            passwords: Arc::new(WhileRunning::over(config.secrets.clone())),
            config,
            inbox,
            outbox,
            finished,
            finish,
            jobs,
            profile: None,
            lent_to: None,
            waiting: Vec::new(),
            backups: BackupWatch::default(),
            mirror: MirrorWatch::default(),
            drills: serve::health::DrillWatch::default(),
            copies: CopyWatch::default(),
            vaults: serve::vaults::VaultWatch::default(),
            mail: serve::mail::MailWatch::default(),
            sync: serve::sync::SyncWatch::default(),
            rot: serve::rot::RotWatch::default(),
            histories: serve::history::HistoryWatch::default(),
            explored: None,
            looks: Looks::default(),
            backup_lists: 0,
            unlocked: None,
            fsrs_asked: 0,
            looked: None,
            idle: Stopwatch::start(),
            fold_failed: None,
            stop: false,
        }
    }

    /// Until `Shutdown`, or until the face is gone.
    pub(super) fn run(mut self) {
        while !self.stop {
            select! {
                recv(self.inbox) -> request => match request {
                    Ok(request) => self.handle(request),
                    Err(_) => self.shut_down(),
                },
                recv(self.finished) -> then => if let Ok(then) = then { then(&mut self) },
                default(self.patience()) => {}
            }
            self.tell_of_unkept_passwords();
            self.serve_waiting();
            self.gather_statistics();
            self.tick();
        }
    }

    /// Where the passwords of copies elsewhere and of mails are; the keychain may ask the user, so a
    /// job asks it.
    pub(super) fn secrets(&self) -> Arc<dyn Secrets> {
        self.passwords.clone()
    }

    fn tell_of_unkept_passwords(&self) {
        if self.passwords.take_news() {
            self.emit(Event::Notice(t!(
                "This system has no keychain, or it is locked: the passwords are known until Engram is \
                 closed"
            ).to_owned()));
        }
    }

    fn serve_waiting(&mut self) {
        if self.waiting.is_empty() {
            return;
        }
        let waiting = std::mem::take(&mut self.waiting).into_iter();
        let (later, now): (Vec<_>, Vec<_>) = waiting.partition(|request| self.has_to_wait(request));
        self.waiting = later;
        for request in now {
            if self.profile.is_some() {
                self.handle(request);
            }
        }
    }

    /// What a page wants to show waits while a task has the collection; a long look also while
    /// something else reads the file as it was before, as an export may do for minutes.
    fn has_to_wait(&self, request: &Request) -> bool {
        let is_old = self.backups.is_frozen() && self.present_picture().is_none();
        let waits = is_old && Look::of(request).is_some();
        waits || (self.lent_to.is_some() && is_reload(request))
    }

    /// How long to wait for a request before doing something else.
    fn patience(&self) -> Duration {
        if self.is_gathering() {
            Duration::ZERO
        } else {
            timers::TICK
        }
    }

    fn handle(&mut self, request: Request) {
        self.idle = Stopwatch::start();
        self.hold_rot();
        if request == Request::Shutdown {
            self.shut_down();
            return;
        }
        if let Some(look) = Look::of(&request) {
            // These would be waited for in vain.
            match look {
                Look::Backup => self.stop_opening(),
                _ => self.end_look(look),
            }
            self.mirror.give_way();
        }
        if self.has_to_wait(&request) {
            self.serve_later(request);
            return;
        }
        match self.back_up_first(&request) {
            Ok(true) => {}
            Ok(false) => self.serve_now(request),
            Err(error) => self.failed(request, &error),
        }
    }

    /// When nothing that it has to wait for is left.
    pub(super) fn serve_later(&mut self, request: Request) {
        if !self.waiting.contains(&request) {
            self.waiting.push(request);
        }
    }

    /// Without looking whether something has to be done first.
    pub(super) fn serve_now(&mut self, request: Request) {
        if let Err(error) = serve::serve(self, &request)
            && !error.is_interrupted()
        {
            self.failed(request, &error);
        }
    }

    pub(super) fn failed(&self, request: Request, error: &Error) {
        let message = explain(serve::doing(&request), error);
        self.emit(Event::failed(request, message));
    }

    fn tick(&mut self) {
        if self.stop || self.lent_to.is_some() {
            return;
        }
        let idle = self.idle.elapsed();
        let failed = self.fold_failed.as_ref().map(Stopwatch::elapsed);
        if let Some(profile) = &mut self.profile
            && timers::checkpoint_due(idle, failed)
            && let Some(collection) = &mut profile.collection
        {
            let folded = fold_in(collection);
            self.fold_failed = folded.is_err().then(Stopwatch::start);
            if let Err(error) = folded {
                self.notice(t!("fold recent changes into the collection file"), &error);
            }
        }
        // First, because the first look at the clock may note the zone in the collection.
        self.watch_time();
        self.watch_backups();
        self.watch_mirror(idle);
        self.watch_drills(idle);
        self.watch_copies();
        self.watch_vaults(idle);
        self.watch_mail();
        self.watch_sync();
        self.watch_history(idle);
        self.watch_rot(idle);
    }

    /// Everything closed, backed up where needed, and said so.
    fn shut_down(&mut self) {
        self.wait_for_exclusive();
        if let Err(error) = self.close_profile() {
            let message = explain(t!("close the collection"), &error);
            let now = self.config.clock.now();
            let status = self.backups.failed_status(now, message);
            self.emit(Event::Backup(BackupEvent::Status(status)));
        }
        self.stop = true;
        self.emit(Event::Stopped);
    }

    pub(super) fn emit(&self, event: Event) {
        self.emitter()(event);
    }

    /// What a job tells events with before its end.
    pub(super) fn emitter(&self) -> impl Fn(Event) + Send + use<> {
        let (outbox, waker) = (self.outbox.clone(), self.config.waker.clone());
        move |event| {
            // A face that is gone needs no events; the loop ends when its requests end.
            if outbox.send(event).is_ok() {
                waker();
            }
        }
    }

    /// The open collection; `Unavailable` when none is open or a job has it.
    pub(super) fn collection(&mut self) -> Result<&mut Collection> {
        let is_lent = self.lent_to.is_some();
        let open = self.profile.as_mut().and_then(|p| p.collection.as_mut());
        open.ok_or_else(|| match is_lent {
            true => {
                let what = mark!("the collection is in use by a running task");
                Error::new(ErrorKind::Unavailable, what)
            }
            false => no_collection(),
        })
    }

    pub(super) fn open_profile_mut(&mut self) -> Result<&mut OpenProfile> {
        self.profile
            .as_mut()
            .ok_or_else(|| Error::new(ErrorKind::Unavailable, mark!("no profile is open")))
    }

    /// Refuses while a job has the collection.
    pub(super) fn refuse_when_lent(&self) -> Result<()> {
        if self.lent_to.is_some() {
            return Err(Error::new(
                ErrorKind::Unavailable,
                mark!("another task is still running"),
            ));
        }
        Ok(())
    }

    /// Runs `work` on its own thread; `then` gets the result here, on the worker. Failures are
    /// reported by this function unless `then` takes over by `quiet`.
    pub(super) fn background<T: Send + 'static>(
        &mut self,
        job: Job,
        work: impl FnOnce(&Progress) -> Result<T> + Send + 'static,
        then: impl FnOnce(&mut Self, Result<T, UserMessage>) + Send + 'static,
    ) -> Result<JobId> {
        let (id, progress) = self.jobs.add(say(job.title), job.exclusive);
        if !job.quiet {
            self.emit(Event::Job(JobEvent::Started {
                id,
                title: say(job.title).to_owned(),
                exclusive: job.exclusive,
            }));
        }
        let finish = self.finish.clone();
        let done = move |result: Result<T>| {
            let then: Then = Box::new(move |worker: &mut Self| {
                worker.jobs.remove(id);
                let (event, result) = match result {
                    Ok(value) => (JobEvent::Finished { id }, Ok(value)),
                    Err(e) => {
                        let message = explain(say(job.doing), &e);
                        let event = if e.is_interrupted() {
                            JobEvent::Cancelled { id }
                        } else {
                            JobEvent::Failed {
                                id,
                                message: message.clone(),
                            }
                        };
                        (event, Err(message))
                    }
                };
                then(worker, result);
                if worker.looks.job_is_wanted(id) && !job.quiet {
                    worker.emit(Event::Job(event));
                }
            });
            // The worker outlives its jobs: it waits for them before it stops.
            drop(finish.send(then));
        };
        let started = jobs::start(job.thread, move || work(&progress), done);
        if let Err(error) = started {
            self.jobs.remove(id);
            return Err(error);
        }
        Ok(id)
    }

    /// As [`Self::background`], with the collection lent to the job until it ends.
    pub(super) fn with_collection<T: Send + 'static>(
        &mut self,
        job: Job,
        work: impl FnOnce(&mut Collection, &Progress) -> Result<T> + Send + 'static,
        then: impl FnOnce(&mut Self, Result<T, UserMessage>) + Send + 'static,
    ) -> Result<()> {
        let work = move |lent: &mut Option<Collection>, progress: &Progress| {
            work(lent.as_mut().ok_or_else(no_collection)?, progress)
        };
        self.exclusive(job, work, then)
    }

    /// As [`Self::with_collection`], for a job that may close the collection or needs none: the
    /// profile is opened again when the job did not bring it back.
    pub(super) fn exclusive<T: Send + 'static>(
        &mut self,
        job: Job,
        work: impl FnOnce(&mut Option<Collection>, &Progress) -> Result<T> + Send + 'static,
        then: impl FnOnce(&mut Self, Result<T, UserMessage>) + Send + 'static,
    ) -> Result<()> {
        self.refuse_when_lent()?;
        self.wait_for_backup();
        let profile = self.open_profile_mut()?;
        let lent = profile.collection.take();
        let was_studied = profile.study.set_aside();
        // The slot outlives a panic in `work`, so the collection comes back even then.
        let slot = std::sync::Arc::new(std::sync::Mutex::new(lent));
        let returned = slot.clone();
        let id = self.background(
            Job {
                exclusive: true,
                ..job
            },
            move |progress| {
                let mut slot = slot
                    .lock()
                    .unwrap_or_else(std::sync::PoisonError::into_inner);
                work(&mut slot, progress)
            },
            move |worker, result| {
                worker.lent_to = None;
                let collection = returned
                    .lock()
                    .unwrap_or_else(std::sync::PoisonError::into_inner)
                    .take();
                let returned = collection.is_some();
                if let Some(profile) = &mut worker.profile {
                    profile.collection = collection;
                }
                then(worker, result);
                if !returned {
                    worker.reopen();
                } else if was_studied {
                    study::come_back(worker);
                }
            },
        );
        match id {
            Ok(id) => {
                self.lent_to = Some(id);
                Ok(())
            }
            Err(error) => {
                self.reopen();
                Err(error)
            }
        }
    }

    /// Takes passwords out of the keychain, beside everything else: it may ask the user.
    pub(super) fn forget_passwords(&mut self, names: Vec<String>) -> Result<()> {
        let secrets = self.secrets();
        self.background(
            Job::quiet("passwords", mark!("take the passwords out of the keychain")),
            move |_| {
                // One that stays keeps none of the others.
                let mut removed = Ok(());
                for name in &names {
                    removed = removed.and(secrets.remove(name));
                }
                removed
            },
            |_, result| {
                if let Err(message) = result {
                    tracing::warn!("a password stays in the keychain: {}", message.cause);
                }
            },
        )
        .map(drop)
    }

    /// Serves finished jobs until nothing keeps the collection file frozen. What only follows it or
    /// looks at it makes room.
    pub(super) fn wait_for_backup(&mut self) {
        self.mirror.give_way();
        while self.backups.is_frozen() {
            self.put_off_looks();
            self.serve_one_finished();
        }
    }

    fn wait_for_exclusive(&mut self) {
        if let Some(id) = self.lent_to {
            self.jobs.cancel(id);
        }
        while self.lent_to.is_some() {
            self.serve_one_finished();
        }
    }

    pub(super) fn serve_one_finished(&mut self) {
        if let Ok(then) = self.finished.recv_timeout(Duration::from_secs(3600)) {
            then(self);
        }
    }
}

/// Idle time's work: the write-ahead log into the file, what can be undone beside it, and room in
/// the log for the answers to come.
fn fold_in(collection: &mut Collection) -> Result<()> {
    if collection.storage().checkpoint_if_due()? {
        collection.save_undo()?;
    }
    if let Err(error) = collection.fold_in_history() {
        tracing::warn!("the log of the history stays long: {error}");
    }
    if let Err(error) = collection.storage().lengthen_log() {
        // Answers are as safe with a short log, only slower.
        tracing::warn!("the log could not be made longer: {error}");
    }
    Ok(())
}

/// A page that shows itself anew; nobody pressed anything that could be refused.
fn is_reload(request: &Request) -> bool {
    Look::of(request).is_some()
        || matches!(
            request,
            Request::Deck(DeckRequest::LoadTree | DeckRequest::LoadOverview)
                | Request::Study(StudyRequest::Look)
                | Request::Notetype(NotetypeRequest::List)
                | Request::Note(NoteRequest::Load(_))
                | Request::Explorer(ExplorerRequest::Detail { .. })
                | Request::Browse(
                    BrowseRequest::Open
                        | BrowseRequest::Search { .. }
                        | BrowseRequest::Rows { .. }
                        | BrowseRequest::Preview(_)
                        | BrowseRequest::LoadSidebar
                )
        )
}

/// How a job presents itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Job {
    /// Of the thread.
    pub(super) thread: &'static str,
    /// "Exporting the collection".
    pub(super) title: &'static str,
    /// Completes "Could not …".
    pub(super) doing: &'static str,
    pub(super) exclusive: bool,
    /// No job events: the `then` tells all there is to tell.
    pub(super) quiet: bool,
}

impl Job {
    pub(super) const fn quiet(thread: &'static str, doing: &'static str) -> Self {
        Self {
            thread,
            title: "",
            doing,
            exclusive: false,
            quiet: true,
        }
    }

    pub(super) const fn shown(
        thread: &'static str,
        title: &'static str,
        doing: &'static str,
    ) -> Self {
        Self {
            thread,
            title,
            doing,
            exclusive: false,
            quiet: false,
        }
    }
}
