//! Note history and trash.

use super::study;
use crate::backup::catalog;
use crate::backup::find_note::find_note;
use crate::base::Result;
use crate::base::ids::NoteId;
use crate::domain::op::Op;
use crate::service::event::{Event, Undone};
use crate::service::history::{HistoryEvent, HistoryRequest};
use crate::service::worker::{Job, Worker};

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
            worker.report(Op::RestoreVersion, Undone::No, &output, 1)?;
            load(worker, *note)?;
            study::show_again(worker)
        }
        HistoryRequest::Purge(note) => {
            worker.collection()?.purge_history(Some(*note))?;
            load(worker, *note)
        }
        HistoryRequest::FindInBackups(note) => find_in_backups(worker, *note),
        HistoryRequest::Trash => trash(worker),
        HistoryRequest::PutBack(versions) => {
            let output = worker.collection()?.restore_trashed(versions)?;
            let affected = output.value.len();
            worker.report(Op::RestoreVersion, Undone::No, &output, affected)?;
            trash(worker)?;
            study::show_again(worker)
        }
    }
}

fn find_in_backups(worker: &mut Worker, note: NoteId) -> Result<()> {
    let folder = worker.open_profile_mut()?.paths.folder.clone();
    let rules = worker.backups.rules().clone();
    let clock = worker.config.clock.clone();
    worker.background(
        Job::shown(
            "find note",
            "Looking for the note in the backups",
            HistoryRequest::FindInBackups(note).doing(),
        ),
        move |progress| {
            let backups = catalog::list(&folder, &rules, &clock)?;
            find_note(note, &backups, &folder, &clock, progress)
        },
        move |worker, result| {
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
                        worker.notice("show the history of the note", &error);
                    }
                }
                Err(error) => {
                    worker.notice("keep the versions of the note", &error);
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

fn trash(worker: &mut Worker) -> Result<()> {
    let trashed = worker.collection()?.trashed(MOST)?;
    worker.emit(Event::History(HistoryEvent::Trash(trashed)));
    Ok(())
}
