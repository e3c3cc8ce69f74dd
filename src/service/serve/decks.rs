//! The deck list and the overview.

use crate::base::error::Result;
use crate::base::ids::DeckId;
use crate::base::job::Progress;
use crate::domain::deck_options::DeckOptionsUpdate;
use crate::domain::op::Op;
use crate::domain::study::Counts;
use crate::service::event::{DeckEvent, Event, Undone};
use crate::service::request::DeckRequest;
use crate::service::serve::study;
use crate::service::worker::{Job, Worker};
use crate::{mark, t};

pub(super) fn serve(worker: &mut Worker, request: &DeckRequest) -> Result<()> {
    match request {
        DeckRequest::LoadTree => load_tree(worker),
        DeckRequest::Select(id) => select(worker, *id),
        DeckRequest::LoadOverview => overview(worker),
        DeckRequest::Create { name } => {
            let output = worker.collection()?.deck_create(name)?;
            worker.report(Op::AddDeck, Undone::No, &output, 1)
        }
        DeckRequest::Rename { id, name } => {
            let output = worker.collection()?.deck_rename(*id, name)?;
            worker.report(Op::RenameDeck, Undone::No, &output, 1)
        }
        DeckRequest::Delete { ids } => {
            let output = worker.collection()?.deck_delete(ids)?;
            let cards = output.value.cards;
            worker.report(Op::DeleteDeck, Undone::No, &output, cards)
        }
        DeckRequest::SetCollapsed { id, collapsed } => {
            let output = worker.collection()?.deck_set_collapsed(*id, *collapsed)?;
            worker.report(Op::CollapseDeck, Undone::No, &output, 1)
        }
        DeckRequest::Reparent { ids, new_parent } => {
            let output = worker.collection()?.deck_reparent(ids, *new_parent)?;
            worker.report(Op::ReparentDeck, Undone::No, &output, 1)
        }
        DeckRequest::SetDescription {
            id,
            description,
            markdown,
        } => {
            let output = worker
                .collection()?
                .deck_set_description(*id, description, *markdown)?;
            worker.report(Op::UpdateDeckDescription, Undone::No, &output, 1)
        }
        DeckRequest::UnburyDeck { id, which } => {
            let output = worker.collection()?.unbury_deck(*id, *which)?;
            let cards = output.value;
            study::leave(worker)?;
            worker.report(Op::Unbury, Undone::No, &output, cards)?;
            overview(worker)
        }
        DeckRequest::EmptyFiltered { id } => {
            let output = worker.collection()?.filtered_empty(*id)?;
            study::leave(worker)?;
            worker.report(Op::EmptyFilteredDeck, Undone::No, &output, 1)?;
            overview(worker)
        }
        DeckRequest::RebuildFiltered { id } => {
            let output = worker.collection()?.filtered_rebuild(*id)?;
            let cards = output.value;
            study::leave(worker)?;
            worker.report(Op::RebuildFilteredDeck, Undone::No, &output, cards)?;
            overview(worker)
        }
        DeckRequest::LoadOptions(id) => {
            let options = worker.collection()?.deck_options(*id)?;
            worker.emit(Event::Deck(DeckEvent::Options(Box::new(options))));
            Ok(())
        }
        DeckRequest::SaveOptions(update) => save_options(worker, update),
        DeckRequest::PreviewOptions(update) => preview_options(worker, update),
    }
}

/// At once, or as a job when the memory of cards changes.
fn save_options(worker: &mut Worker, update: &DeckOptionsUpdate) -> Result<()> {
    let collection = worker.collection()?;
    if !collection.options_change_memory(update)? {
        let output = collection.update_deck_options(update, &Progress::new())?;
        return worker.report(Op::UpdateDeckOptions, Undone::No, &output, 1);
    }
    let update = update.clone();
    worker.with_collection(
        Job::shown(
            "deck options",
            mark!("Saving the options"),
            mark!("save the deck’s options"),
        ),
        move |collection, progress| collection.update_deck_options(&update, progress),
        |worker, result| {
            let Ok(output) = result else { return };
            if let Err(error) = worker.report(Op::UpdateDeckOptions, Undone::No, &output, 1) {
                worker.notice(t!("show the saved options"), &error);
            }
        },
    )
}

fn preview_options(worker: &mut Worker, update: &DeckOptionsUpdate) -> Result<()> {
    let update = Box::new(update.clone());
    worker.with_collection(
        Job::shown(
            "deck options",
            mark!("Looking at what would move"),
            mark!("look at what would move"),
        ),
        move |collection, progress| {
            let preview = collection.preview_deck_options(&update, progress)?;
            Ok(DeckEvent::OptionsPreview { update, preview })
        },
        |worker, result| {
            if let Ok(event) = result {
                worker.emit(Event::Deck(event));
            }
        },
    )
}

fn load_tree(worker: &mut Worker) -> Result<()> {
    let collection = worker.collection()?;
    let root = collection.deck_tree()?;
    let current = collection.current_deck()?;
    let today = collection.studied_today()?;
    worker.emit(Event::Deck(DeckEvent::Tree {
        root,
        current,
        today,
    }));
    Ok(())
}

fn select(worker: &mut Worker, id: DeckId) -> Result<()> {
    worker.collection()?.set_current_deck(id)?;
    overview(worker)
}

/// Of the deck that is current; what comes next follows where nothing is to be done in it.
pub(super) fn overview(worker: &mut Worker) -> Result<()> {
    let overview = worker.collection()?.overview()?;
    let has_cards = overview.counts != Counts::default();
    worker.emit(Event::Deck(DeckEvent::Overview(overview)));
    match has_cards {
        true => Ok(()),
        false => study::finish(worker),
    }
}
