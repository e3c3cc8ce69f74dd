//! Media of a vault in the Backup Explorer: files that are not here yet come in a job, for the note
//! and the card that were asked for last.

use super::explorer::{show_card, show_detail};
use crate::backup::vault::media::SnapshotMedia;
use crate::base::error::Result;
use crate::base::ids::{CardId, NoteId};
use crate::explain::UserMessage;
use crate::service::event::Event;
use crate::service::explorer::ExplorerEvent;
use crate::service::worker::{Job, Worker};
use crate::{mark, t};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

/// See the module header.
#[derive(Debug)]
pub(super) struct Away {
    media: Arc<SnapshotMedia>,
    wanted: BTreeSet<String>,
    note: Option<NoteId>,
    card: Option<CardId>,
    busy: bool,
}

impl Away {
    /// When the backup at `path` was fetched from a vault.
    pub(super) fn of(worker: &Worker, path: &Path) -> Option<Self> {
        let fetched = worker.vaults.fetched.as_ref();
        let fetched = fetched.filter(|fetched| fetched.path == path)?;
        Some(Self {
            media: Arc::clone(&fetched.media),
            wanted: BTreeSet::new(),
            note: None,
            card: None,
            busy: false,
        })
    }

    pub(super) fn media(&self) -> &Arc<SnapshotMedia> {
        &self.media
    }

    /// Whether files of `named` have to come first; `note` is then shown again.
    pub(super) fn note_waits(&mut self, note: NoteId, named: &BTreeSet<String>) -> bool {
        let waits = self.want(named);
        self.note = waits.then_some(note);
        waits
    }

    /// As [`Self::note_waits`], of a card.
    pub(super) fn card_waits(&mut self, card: CardId, named: &BTreeSet<String>) -> bool {
        let waits = self.want(named);
        self.card = waits.then_some(card);
        waits
    }

    fn want(&mut self, named: &BTreeSet<String>) -> bool {
        let lacking = self.media.lacking(named);
        let waits = !lacking.is_empty();
        self.wanted.extend(lacking);
        waits
    }
}

fn away(worker: &mut Worker) -> Option<&mut Away> {
    worker.explored.as_mut()?.away.as_mut()
}

/// Begins to bring what is wanted, unless that is being done.
pub(super) fn bring(worker: &mut Worker) -> Result<()> {
    let Some(away) = away(worker).filter(|away| !away.busy && !away.wanted.is_empty()) else {
        return Ok(());
    };
    away.busy = true;
    let wanted = std::mem::take(&mut away.wanted);
    let media = Arc::clone(&away.media);
    let same = Arc::clone(&away.media);
    let job = Job::quiet("explore-media", mark!("fetch the media of the backup"));
    worker
        .background(
            job,
            move |progress| media.bring(&wanted, progress),
            move |worker, result| {
                let Some(away) = self::away(worker).filter(|away| Arc::ptr_eq(&away.media, &same))
                else {
                    return;
                };
                away.busy = false;
                let (note, card) = (away.note.take(), away.card.take());
                match result {
                    Ok(()) => show_again(worker, note, card),
                    Err(message) => tell(worker, card, message),
                }
            },
        )
        .map(drop)
}

fn show_again(worker: &mut Worker, note: Option<NoteId>, card: Option<CardId>) {
    let shown = note
        .map_or(Ok(()), |note| show_detail(worker, note))
        .and_then(|()| card.map_or(Ok(()), |card| show_card(worker, card)));
    if let Err(error) = shown {
        worker.notice(t!("show the media of the backup"), &error);
    }
}

fn tell(worker: &Worker, card: Option<CardId>, message: UserMessage) {
    let event = match card {
        Some(card) => Event::Explorer(ExplorerEvent::NoCard { card, message }),
        None => Event::Notice(message.in_short()),
    };
    worker.emit(event);
}
