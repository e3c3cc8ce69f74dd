//! The watch over the mirror, the folder of text files that follows the notes: brought up to date
//! in idle time, beside study, and what faces are told of it. What is written is
//! `collection::mirror`'s; nothing here holds anything else up.

use crate::backup::runs;
use crate::base::error::Result;
use crate::base::job::Progress;
use crate::base::time::{Stopwatch, TimestampMillis};
use crate::collection::mirror::{self, Mirrored, filled};
use crate::domain::changes::Changes;
use crate::explain::{UserMessage, explain};
use crate::service::event::{Event, MirrorStatus};
use crate::service::timers::{self, Unmirrored};
use crate::service::worker::{Job, Worker};
use crate::storage::Storage;
use crate::{mark, t};
use std::path::PathBuf;
use std::time::Duration;

/// What is known of the open profile's mirror.
#[derive(Debug, Default)]
pub(super) struct MirrorWatch {
    /// The change of the collection up to which the folder is up to date.
    covers: Option<TimestampMillis>,
    /// Since the last run that was not given up.
    notes_changed: bool,
    /// While it is being written; cancelling it makes room for other work.
    running: Option<Progress>,
    failed: Option<Stopwatch>,
    status: MirrorStatus,
}

impl MirrorWatch {
    /// Something else needs the collection's file: the mirror goes on later.
    pub(super) fn give_way(&self) {
        if let Some(progress) = &self.running {
            progress.cancel();
        }
    }

    /// Something was done: text of notes is mirrored soon.
    pub(super) fn follow(&mut self, changes: Changes) {
        self.notes_changed |= changes.note;
    }
}

impl Worker {
    /// After the preferences changed: another folder is filled at once.
    pub(super) fn mirror_changed(&mut self) {
        let folder = self
            .profile
            .as_ref()
            .and_then(|p| p.settings.mirror.clone());
        if folder != self.mirror.status.folder {
            self.mirror.give_way();
            self.wait_for_backup();
            self.mirror = MirrorWatch::default();
            self.mirror.status.folder = folder;
            self.tell_of_mirror();
            // Whatever an earlier one was: this one is to be filled.
            let forgotten = self
                .open_profile_mut()
                .and_then(|profile| filled::forget(&profile.paths.folder));
            if let Err(error) = forgotten {
                tracing::warn!("the folder of the mirror: {error}");
            }
            self.watch_mirror(Duration::MAX);
        }
    }

    /// After a profile was opened: its mirror is looked at in the first idle time.
    pub(super) fn follow_mirror(&mut self) {
        let folder = self
            .profile
            .as_ref()
            .and_then(|p| p.settings.mirror.clone());
        self.mirror.status.folder = folder;
        self.tell_of_mirror();
    }

    /// Brings the mirror up to date when something changed and nobody has worked for `idle`.
    pub(super) fn watch_mirror(&mut self, idle: Duration) {
        let Some(folder) = self.mirror.status.folder.clone() else {
            return;
        };
        // After Open Backup nothing runs by itself.
        let rests = self.backups.is_frozen() || self.backups.is_suspended();
        if self.mirror.running.is_some() || rests {
            return;
        }
        let Ok(row) = self.collection().and_then(|c| c.storage().col_row()) else {
            return;
        };
        let what = match self.mirror.covers == Some(row.mtime) {
            true => Unmirrored::Nothing,
            false if self.mirror.notes_changed => Unmirrored::Notes,
            false => Unmirrored::Something,
        };
        let failed = self.mirror.failed.as_ref().map(Stopwatch::elapsed);
        if !timers::mirror_due(what, idle, failed) {
            return;
        }
        if let Err(error) = self.start_mirroring(folder, row.mtime) {
            self.mirror_ended(row.mtime, Err(explain(t!("mirror the notes"), &error)));
        }
    }

    fn start_mirroring(&mut self, folder: PathBuf, covers: TimestampMillis) -> Result<()> {
        let paths = self.open_profile_mut()?.paths.clone();
        let owner = mirror::owner_of(&paths.folder)?;
        let clock = self.config.clock.clone();
        let progress = Progress::new();
        let stop = progress.clone();
        self.read_beside_study(
            Job::quiet("mirror", mark!("mirror the notes")),
            move |frozen, _| {
                filled::require_there(&paths.folder, &folder)?;
                let storage = Storage::open_read_only(frozen.path())?;
                let update = || -> Result<Mirrored> {
                    let now = clock.now_secs();
                    let done = mirror::update(&storage, &owner, &folder, now, &stop)?;
                    filled::remember(&paths.folder, &folder)?;
                    Ok(done)
                };
                let log = paths.backups();
                let kind = runs::Kind::Mirror;
                let told = Mirrored::told;
                match runs::logged_if(&log, kind, Some(&folder), &clock, update, told) {
                    Err(e) if e.is_interrupted() => Ok(None),
                    done => done.map(Some),
                }
            },
            move |worker, result| worker.mirror_ended(covers, result),
        )?;
        self.mirror.running = Some(progress);
        Ok(())
    }

    fn mirror_ended(
        &mut self,
        covers: TimestampMillis,
        result: Result<Option<Mirrored>, UserMessage>,
    ) {
        self.mirror.running = None;
        match result {
            // It gave way, and is due again.
            Ok(None) => return,
            Ok(Some(done)) => {
                self.mirror.covers = Some(covers);
                self.mirror.notes_changed = false;
                self.mirror.failed = None;
                let status = &mut self.mirror.status;
                status.failed = None;
                status.updated = Some(self.config.clock.now());
                status.notes = done.notes;
                if !done.set_aside.is_empty() {
                    let files = done.set_aside.len();
                    self.emit(Event::Notice(t!(
                        "Kept in the mirror folder: {files} files that were changed by hand.",
                        files
                    )));
                }
            }
            Err(message) => {
                self.mirror.failed = Some(Stopwatch::start());
                // Once, until it works again; the preferences go on saying it.
                if self.mirror.status.failed.is_none() {
                    let words = message.in_short();
                    self.emit(Event::Notice(words));
                }
                self.mirror.status.failed = Some(message);
            }
        }
        self.tell_of_mirror();
    }

    fn tell_of_mirror(&self) {
        self.emit(Event::Mirror(self.mirror.status.clone()));
    }
}
