//! Opening and closing a profile: lock, unfinished restore, left-overs, upgrade with a backup
//! before it, collection, settings; and the way back, with the backup on close.

use crate::backup::entry::Reason;
use crate::backup::policy::{Decision, Trigger};
use crate::backup::{catalog, restore, safety, tripwire};
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::job::Progress;
use crate::base::lang::{in_english, known, known_sentence, say};
use crate::collection::Collection;
use crate::collection::undo_file::HistoryLost;
use crate::explain::{self, explain};
use crate::service::autobackup::backup_now;
use crate::service::event::{Event, ProfileEvent};
use crate::service::mirror_watch::MirrorWatch;
use crate::service::profiles::{ProfileFacts, ProfileLock, ProfilePaths};
use crate::service::serve::stats::Gathering;
use crate::service::serve::study::StudyState;
use crate::service::settings::{self, ProfileSettings};
use crate::service::shared_folder;
use crate::service::worker::Worker;
use crate::storage::Storage;
use crate::storage::inspect::{self, Depth};
use crate::{mark, t};

/// How long the state before a restore is kept on disk.
const DAYS_TO_UNDO_RESTORE: i64 = 30;
/// Closing makes the file smaller and its indexes' statistics right this often, as in Anki.
const OPTIMIZE_MILLIS: i64 = 14 * 24 * 3_600_000;

/// The profile that is open, with its collection unless a job has it or it is broken.
pub(super) struct OpenProfile {
    pub(super) paths: ProfilePaths,
    pub(super) settings: ProfileSettings,
    pub(super) collection: Option<Collection>,
    pub(super) study: StudyState,
    /// Statistics that someone waits for.
    pub(super) gathering: Option<Gathering>,
    /// Held until the profile is closed.
    _lock: ProfileLock,
}

impl Worker {
    /// Opens `name`, closing what was open. When the collection itself cannot be opened the
    /// profile stays locked and open without it, so that a backup can be restored.
    /// `restored`: a restore has just put it there, so automatic work stays off.
    pub(super) fn open_profile(&mut self, name: &str, restored: bool) -> Result<()> {
        self.refuse_when_lent()?;
        self.close_profile()?;
        let paths = self.config.data.profile(name)?;
        let lock = ProfileLock::acquire(&paths)?;
        paths.ensure_folders()?;
        let danger = shared_folder::warning(&paths.folder);
        let away = paths.media_is_away().then(|| {
            t!(
                "The disk of the media folder is absent: until it is back, cards show no pictures and \
                 play no sounds"
            )
            .to_owned()
        });
        let (settings, warnings) = settings::load(&paths.settings())?;
        let now = self.config.clock.now();
        let mut failure = None;
        let noted = self.config.data.note_facts(name, |facts| {
            facts.last_opened = Some(now);
            failure.clone_from(&facts.close_failure);
        });
        self.profile = Some(OpenProfile {
            paths,
            settings,
            collection: None,
            study: StudyState::default(),
            gathering: None,
            _lock: lock,
        });
        if restored {
            self.backups.suspend();
        }
        self.sync.start(!restored);
        self.reopen();
        if let Err(error) = noted {
            self.notice(t!("remember the profile"), &error);
        }
        // Only now: they are told for a few seconds, and opening may take longer.
        let failure = failure.as_deref().map(last_time);
        let was_told = failure.is_some();
        let dangers = danger.into_iter().chain(away);
        for warning in warnings.into_iter().chain(failure).chain(dangers) {
            self.emit(Event::Notice(warning));
        }
        if was_told {
            let told = |facts: &mut ProfileFacts| facts.close_failure = None;
            if let Err(error) = self.config.data.note_facts(name, told) {
                tracing::warn!("the failure of the last close is told again: {error}");
            }
        }
        Ok(())
    }

    /// Opens the collection of the profile that is open; says so, or says that it is broken.
    pub(super) fn reopen(&mut self) {
        let Some(paths) = self.profile.as_ref().map(|p| p.paths.clone()) else {
            return;
        };
        match open_collection(self, &paths) {
            Ok(collection) => {
                if let Some(profile) = &mut self.profile {
                    profile.collection = Some(collection);
                    profile.study = StudyState::default();
                }
                self.start_watching(&paths);
                self.copies.wake();
                self.histories.look_again();
                self.announce_opened(&paths);
            }
            Err(error) => {
                let message = explain(t!("open the collection"), &error);
                self.emit(Event::Profile(ProfileEvent::Broken {
                    name: paths.name,
                    message,
                }));
            }
        }
    }

    fn announce_opened(&mut self, paths: &ProfilePaths) {
        let (undo, lost) = self
            .profile
            .as_ref()
            .and_then(|profile| profile.collection.as_ref())
            .map(|collection| (collection.undo_status(), collection.lost_history()))
            .unwrap_or_default();
        self.emit(Event::Profile(ProfileEvent::Opened {
            name: paths.name.clone(),
            restored: self.backups.is_suspended(),
            can_undo_restore: restore::undoable(&paths.folder).is_ok_and(|at| at.is_some()),
            undo,
        }));
        // A restore says enough itself.
        if let Some(lost) = lost
            && !self.backups.is_suspended()
        {
            let words = match lost {
                HistoryLost::CollectionChanged => explain::HISTORY_OF_ANOTHER_STATE,
                HistoryLost::Unreadable => explain::HISTORY_UNREADABLE,
            };
            self.emit(Event::Notice(say(words).to_owned()));
        }
        self.send_settings();
        self.send_backup_status();
        self.mirror = MirrorWatch::default();
        self.follow_mirror();
    }

    /// Closes what is open: the running backup is waited for, a last one made when something
    /// changed, then the file is closed and the lock released.
    pub(super) fn close_profile(&mut self) -> Result<()> {
        self.refuse_when_lent()?;
        self.stop_opening();
        self.drop_looks();
        self.wait_for_backup();
        self.stop_drill();
        self.stop_rot();
        self.stop_vaults();
        self.stop_mail();
        self.stop_sync();
        self.explored = None;
        self.unlocked = None;
        self.look_at_backups_if_there();
        let Some(mut profile) = self.profile.take() else {
            return Ok(());
        };
        let mut closed = Ok(());
        if let Some(mut collection) = profile.collection.take() {
            let (mut outcome, mut is_sound) = (Ok(()), true);
            let now = self.config.clock.now();
            let decision = self.backups.decide(&collection, Trigger::Close, now);
            if let Ok(Decision::Run(reason)) = decision
                && profile.settings.backup_on_close
            {
                self.announce_closing_backup();
                outcome = backup_now(
                    &collection,
                    &profile.paths,
                    reason,
                    self.backups.rules(),
                    &self.config.clock,
                    &Progress::new(),
                )
                .map(drop);
            } else if let Err(error) = look_over(&collection) {
                // The backup on close would have looked at every page.
                self.remember_close_failure(&profile.paths, mark!("check the collection"), &error);
                is_sound = false;
            }
            let optimize = self.remember_facts(&profile.paths, &collection) && is_sound;
            // First, as making the file smaller may fill the disk for a while.
            if let Err(error) = collection.save_undo() {
                self.notice(t!("keep what can be undone"), &error);
            }
            if let Err(error) = outcome.and(decision.map(drop)) {
                self.remember_close_failure(
                    &profile.paths,
                    mark!("make the backup on close"),
                    &error,
                );
            } else if optimize && let Err(error) = collection.storage().optimize() {
                self.notice(t!("optimize the collection"), &error);
            }
            closed = collection.close();
            if let Err(error) = &closed {
                self.keep_close_failure(&profile.paths, mark!("close the collection"), error);
            }
        }
        self.backups.stop_watching();
        self.stop_copying();
        closed
    }
}

impl Worker {
    /// Tells it now and at the next start.
    fn remember_close_failure(&self, paths: &ProfilePaths, doing: &'static str, error: &Error) {
        self.notice(say(doing), error);
        self.keep_close_failure(paths, doing, error);
    }

    /// A closing window cannot show it for long: it is told at the next start, see [`last_time`].
    /// What failed before it in this close says more.
    fn keep_close_failure(&self, paths: &ProfilePaths, doing: &'static str, error: &Error) {
        let kept = in_english(|| {
            let message = explain(doing, error);
            mark!(
                "Last time: {what}. {cause}",
                what = message.what,
                cause = message.cause
            )
        });
        let noted = self.config.data.note_facts(&paths.name, |facts| {
            facts.close_failure.get_or_insert(kept);
        });
        if let Err(error) = noted {
            self.notice(t!("remember the failed backup"), &error);
        }
    }

    /// What the profiles window shows of a profile that is closed; and whether its file is to be
    /// optimized now.
    fn remember_facts(&self, paths: &ProfilePaths, collection: &Collection) -> bool {
        let now = self.config.clock.now();
        let mut optimize = false;
        let cards = collection.storage().counts().ok().map(|c| c.cards);
        let last = catalog::last_verified(&paths.folder, &self.config.clock)
            .ok()
            .flatten();
        let noted = self.config.data.note_facts(&paths.name, |facts| {
            facts.cards = cards;
            facts.last_backup = last.map(|l| l.at);
            let is_fresh = |at| (0..OPTIMIZE_MILLIS).contains(&now.since(at));
            optimize = facts.optimized.is_some_and(|at| !is_fresh(at));
            if optimize || facts.optimized.is_none() {
                facts.optimized = Some(now);
            }
        });
        if let Err(error) = noted {
            self.notice(t!("remember the profile"), &error);
        }
        optimize
    }
}

/// What was kept of a close that failed, in the language of the window.
fn last_time(kept: &str) -> String {
    let said = kept.strip_prefix("Last time: ");
    match said.and_then(|said| said.split_once(". ")) {
        Some((what, cause)) => t!(
            "Last time: {what}. {cause}",
            what = known(what),
            cause = known_sentence(cause)
        ),
        None => kept.to_owned(),
    }
}

/// Whether every page of the file is sound. What else keeps it from being read is for the next
/// backup to tell.
fn look_over(collection: &Collection) -> Result<()> {
    let storage = collection.storage();
    let Ok(frozen) = storage.freeze() else {
        return Ok(());
    };
    let checked = inspect::check_frozen(&frozen, Depth::Quick, &Progress::new());
    storage.unfreeze();
    match checked {
        Err(error) if error.kind() == ErrorKind::Corrupt => Err(error),
        _ => Ok(()),
    }
}

/// Finishes or undoes an interrupted restore, upgrades an old file after keeping a copy of it,
/// and opens the collection, creating it in a new profile.
fn open_collection(worker: &Worker, paths: &ProfilePaths) -> Result<Collection> {
    let progress = Progress::new();
    let clock = &worker.config.clock;
    restore::resume(&paths.folder)?;
    restore::forget_old(&paths.folder, DAYS_TO_UNDO_RESTORE, clock)?;
    tripwire::refuse_lost(&paths.folder)?;
    let path = paths.collection();
    match Storage::schema_version(&path)? {
        None | Some(18) => {}
        Some(_) => {
            safety::save_present(&paths.folder, Reason::BeforeUpgrade, clock, &progress)?;
            Storage::upgrade(&path, clock, &progress)?;
        }
    }
    Collection::open(&path, clock.clone())
}
