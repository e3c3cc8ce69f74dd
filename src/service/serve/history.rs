//! Note history and trash.

use super::study;
use crate::backup::catalog;
use crate::backup::find_note::find_note;
use crate::base::Result;
use crate::base::ids::NoteId;
use crate::base::time::{DAY_MILLIS, TimestampMillis};
use crate::collection::OpOutput;
use crate::collection::history_limits::FROM_THE_OLDEST;
use crate::domain::op::Op;
use crate::domain::subject::Subject;
use crate::service::event::{Event, Undone};
use crate::service::history::{HistoryEvent, HistoryRequest, Trash};
use crate::service::timers;
use crate::service::worker::{Job, Worker};
use crate::storage::history::Place;
use crate::{mark, t, tn};
use std::time::Duration;

/// Deleted notes that are listed.
const MOST: usize = 2000;

pub(super) fn serve(worker: &mut Worker, request: &HistoryRequest) -> Result<()> {
    match request {
        HistoryRequest::Load(note) => load(worker, *note),
        HistoryRequest::Restore {
            note,
            version,
            as_copy,
        } => {
            let output = worker.collection()?.restore_version(*version, *as_copy)?;
            restored(worker, *note, &output)
        }
        HistoryRequest::RestoreLine {
            note,
            version,
            line,
        } => {
            let output = worker.collection()?.restore_line(*version, *line)?;
            restored(worker, *note, &output)
        }
        HistoryRequest::Purge(note) => {
            worker.collection()?.purge_history(Some(*note))?;
            load(worker, *note)
        }
        HistoryRequest::FindInBackups(note) => find_in_backups(worker, *note),
        HistoryRequest::Trash(search) => trash(worker, search),
        HistoryRequest::PutBack(versions) => {
            let output = worker.collection()?.restore_trashed(versions)?;
            let affected = output.value.notes.len();
            worker.report(Op::RestoreVersion, Undone::No, &output, affected)?;
            if let Some(error) = output.value.left.first() {
                let n = output.value.left.len() as u64;
                let left = tn!(n, "put {n} note back", "put {n} notes back");
                worker.notice(&left, error);
            }
            trash(worker, "")?;
            study::show_again(worker)
        }
        HistoryRequest::LoadSubject(subject) => load_subject(worker, *subject),
        HistoryRequest::RestoreSubject { version, .. } => {
            restore_subjects(worker, vec![*version], false)
        }
        HistoryRequest::PutBackSubjects(versions) => {
            restore_subjects(worker, versions.clone(), true)
        }
        HistoryRequest::Space => space(worker),
        HistoryRequest::Older(days) => {
            let before = days_ago(worker, *days);
            let found = worker.collection()?.older_history(before)?;
            let days = *days;
            worker.emit(Event::History(HistoryEvent::Older { days, found }));
            Ok(())
        }
        HistoryRequest::PurgeOlder(days) => {
            let before = days_ago(worker, *days);
            let gone = worker.collection()?.purge_older_history(before)?;
            worker.emit(Event::History(HistoryEvent::Purged(gone)));
            space(worker)
        }
    }
}

/// Tells that a version of `note` came back.
fn restored(worker: &mut Worker, note: NoteId, output: &OpOutput<NoteId>) -> Result<()> {
    worker.report(Op::RestoreVersion, Undone::No, output, 1)?;
    load(worker, note)?;
    study::show_again(worker)
}

fn load_subject(worker: &mut Worker, subject: Subject) -> Result<()> {
    let history = Box::new(worker.collection()?.subject_history(subject)?);
    worker.emit(Event::History(HistoryEvent::Subject(history)));
    Ok(())
}

/// A job, because cards may get another memory and notes another number of fields.
fn restore_subjects(worker: &mut Worker, versions: Vec<i64>, from_trash: bool) -> Result<()> {
    worker.with_collection(
        Job::shown(
            "restore version",
            mark!("Restoring the version"),
            mark!("restore the version"),
        ),
        move |collection, progress| collection.restore_subjects(&versions, progress),
        move |worker, result| {
            let Ok(output) = result else { return };
            let show = |worker: &mut Worker| match output.value.first() {
                Some(subject) if !from_trash => load_subject(worker, *subject),
                _ => trash(worker, ""),
            };
            let shown = worker
                .report(Op::RestoreVersion, Undone::No, &output, 0)
                .and_then(|()| show(worker))
                .and_then(|()| study::show_again(worker));
            if let Err(error) = shown {
                worker.notice(t!("show the restored version"), &error);
            }
        },
    )
}

/// When the limits are applied next.
#[derive(Debug, Default)]
pub(in crate::service) struct HistoryWatch {
    /// Where to go on with the versions, while not all were looked at.
    place: Option<Place>,
    /// When all were looked at last.
    done: Option<TimestampMillis>,
}

impl HistoryWatch {
    /// The limits or the collection are others now.
    pub(in crate::service) fn look_again(&mut self) {
        *self = Self::default();
    }
}

impl Worker {
    /// Applies the limits of the history while nobody works, some versions at a time.
    pub(in crate::service) fn watch_history(&mut self, idle: Duration) {
        let now = self.config.clock.now();
        let Some(profile) = &mut self.profile else {
            return;
        };
        let rests = self.backups.is_suspended() || idle < self.config.calm;
        if rests || !timers::history_due(self.histories.done, now) {
            return;
        }
        let Some(collection) = &mut profile.collection else {
            return;
        };
        let place = self.histories.place.unwrap_or(FROM_THE_OLDEST);
        match collection.limit_history(&profile.settings.history, place) {
            Ok(limited) => {
                self.histories.place = limited.next;
                self.histories.done = limited.next.is_none().then_some(now);
            }
            Err(error) => {
                // Tried again tomorrow.
                self.histories.done = Some(now);
                self.notice(t!("apply the limits of the history"), &error);
            }
        }
    }
}

fn days_ago(worker: &Worker, days: u32) -> TimestampMillis {
    let now = worker.config.clock.now();
    TimestampMillis(now.0 - i64::from(days) * DAY_MILLIS)
}

fn space(worker: &mut Worker) -> Result<()> {
    let space = worker.collection()?.history_space()?;
    worker.emit(Event::History(HistoryEvent::Space(space)));
    Ok(())
}

fn find_in_backups(worker: &mut Worker, note: NoteId) -> Result<()> {
    let paths = worker.open_profile_mut()?.paths.clone();
    let (folder, profile) = (paths.folder, paths.name);
    let rules = worker.backups.rules().clone();
    let clock = worker.config.clock.clone();
    worker.background(
        Job::shown(
            "find note",
            mark!("Looking for the note in the backups"),
            HistoryRequest::FindInBackups(note).doing(),
        ),
        move |progress| {
            let backups = catalog::list(&folder, &rules, &clock)?;
            let backups: Vec<_> = backups.into_iter().map(Into::into).collect();
            find_note(note, &backups, &folder, &clock, progress)
        },
        move |worker, result| {
            let open = worker.profile.as_ref();
            if open.is_none_or(|open| open.paths.name != profile) {
                return;
            }
            let Ok(found) = result else {
                return worker.emit(Event::History(HistoryEvent::NotFound(note)));
            };
            let kept = worker
                .collection()
                .and_then(|collection| collection.fill_history(&found.shown, &found.rows));
            match kept {
                Ok(new) => {
                    let event = HistoryEvent::InBackups(Box::new(found.shown), new);
                    worker.emit(Event::History(event));
                    if let Err(error) = load(worker, note) {
                        worker.notice(t!("show the history of the note"), &error);
                    }
                }
                Err(error) => {
                    worker.notice(t!("keep the versions of the note"), &error);
                    worker.emit(Event::History(HistoryEvent::NotFound(note)));
                }
            }
        },
    )?;
    Ok(())
}

fn load(worker: &mut Worker, note: NoteId) -> Result<()> {
    let history = worker.collection()?.note_history(note)?;
    let event = HistoryEvent::Loaded(Box::new(history));
    worker.emit(Event::History(event));
    Ok(())
}

fn trash(worker: &mut Worker, search: &str) -> Result<()> {
    let notes = worker.collection()?.trashed(search, MOST)?;
    let subjects = worker.collection()?.trashed_subjects(search, MOST)?;
    let search = search.to_owned();
    worker.emit(Event::History(HistoryEvent::Trash(Trash {
        search,
        notes,
        subjects,
    })));
    Ok(())
}
