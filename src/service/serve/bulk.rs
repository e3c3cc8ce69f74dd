//! Operations on many notes or cards. A large one has the collection to itself, with progress and
//! cancel; a small one is done at once.

use super::study;
use crate::base::error::Result;
use crate::base::job::Progress;
use crate::collection::{Collection, OpOutput};
use crate::domain::op::Op;
use crate::service::bulk::{BulkEvent, BulkRequest, ReplaceIn};
use crate::service::event::{Event, Undone};
use crate::service::worker::{Job, Worker};
use crate::{mark, t};

/// Above so many notes or cards, people see how far it is and can cancel.
pub(super) const LARGE: usize = 10_000;

pub(super) fn serve(worker: &mut Worker, request: &BulkRequest) -> Result<()> {
    let event = match request {
        BulkRequest::FindDuplicates { field, search } => BulkEvent::Duplicates {
            field: field.clone(),
            search: search.clone(),
            groups: worker.collection()?.find_duplicates(field, search)?,
        },
        BulkRequest::LoadFieldNames { notes } => {
            BulkEvent::FieldNames(worker.collection()?.field_names(notes.as_deref())?)
        }
        BulkRequest::LoadNotetypeChange { old, new } => {
            let draft = worker.collection()?.notetype_change_draft(*old, *new)?;
            BulkEvent::NotetypeChange(Box::new(draft))
        }
        BulkRequest::LoadCopy { card } => {
            BulkEvent::Copy(Box::new(worker.collection()?.copy_of(*card)?))
        }
        BulkRequest::LoadSavedSearches => {
            BulkEvent::SavedSearches(worker.collection()?.saved_searches()?)
        }
        BulkRequest::SaveSearch { name, search } => saved(worker, |c| c.save_search(name, search))?,
        BulkRequest::RenameSavedSearch { old, new } => {
            saved(worker, |c| c.rename_saved_search(old, new))?
        }
        BulkRequest::DeleteSavedSearches { names } => {
            saved(worker, |c| c.delete_saved_searches(names))?
        }
        BulkRequest::CollapseTag { tag, collapsed } => {
            worker.collection()?.set_tag_collapsed(tag, *collapsed)?;
            return Ok(());
        }
        change => return change_many(worker, change),
    };
    worker.emit(Event::Bulk(event));
    Ok(())
}

fn saved(
    worker: &mut Worker,
    change: impl FnOnce(&mut Collection) -> Result<OpOutput<()>>,
) -> Result<BulkEvent> {
    let output = change(worker.collection()?)?;
    worker.report(Op::UpdateSavedSearches, Undone::No, &output, 1)?;
    Ok(BulkEvent::SavedSearches(
        worker.collection()?.saved_searches()?,
    ))
}

/// The operation, and what is written above its progress.
fn op_of(request: &BulkRequest) -> (Op, &'static str) {
    match request {
        BulkRequest::AddTags { .. } => (Op::UpdateTags, mark!("Adding tags")),
        BulkRequest::RemoveTags { .. } | BulkRequest::DeleteTags { .. } => {
            (Op::RemoveTags, mark!("Removing tags"))
        }
        BulkRequest::RenameTag { .. } => (Op::RenameTag, mark!("Renaming the tag")),
        BulkRequest::ReparentTags { .. } => (Op::ReparentTag, mark!("Moving tags")),
        BulkRequest::ClearUnusedTags => (Op::ClearUnusedTags, mark!("Clearing unused tags")),
        BulkRequest::FindReplace { what, .. } if what.place == ReplaceIn::Tags => {
            (Op::UpdateTags, mark!("Finding and replacing"))
        }
        BulkRequest::FindReplace { .. } => (Op::FindAndReplace, mark!("Finding and replacing")),
        BulkRequest::ChangeNotetype { .. } => (Op::ChangeNotetype, mark!("Changing the note type")),
        BulkRequest::SetDeck { .. } => (Op::SetDeck, mark!("Changing the deck")),
        // The others were answered above.
        _ => (Op::SkipUndo, ""),
    }
}

/// Notes or cards that will be looked at.
fn size_of(request: &BulkRequest, collection: &Collection) -> Result<usize> {
    Ok(match request {
        BulkRequest::AddTags { notes, .. }
        | BulkRequest::RemoveTags { notes, .. }
        | BulkRequest::ChangeNotetype { notes, .. }
        | BulkRequest::FindReplace {
            notes: Some(notes), ..
        } => notes.len(),
        BulkRequest::SetDeck { cards, .. } => cards.len(),
        _ => usize::try_from(collection.storage().counts()?.notes).unwrap_or(usize::MAX),
    })
}

fn act(
    request: &BulkRequest,
    collection: &mut Collection,
    progress: &Progress,
) -> Result<OpOutput<usize>> {
    match request {
        BulkRequest::AddTags { notes, tags } => collection.add_tags(notes, tags, progress),
        BulkRequest::RemoveTags { notes, tags } => collection.remove_tags(notes, tags, progress),
        BulkRequest::DeleteTags { tags } => collection.delete_tags(&tags.join(" "), progress),
        BulkRequest::RenameTag { old, new } => collection.rename_tag(old, new, progress),
        BulkRequest::ReparentTags { tags, parent } => {
            collection.reparent_tags(tags, parent.as_deref(), progress)
        }
        BulkRequest::FindReplace { notes, what } => {
            collection.find_replace(notes.as_deref(), what, progress)
        }
        BulkRequest::ChangeNotetype { notes, change } => {
            collection.change_notetype(notes, change, progress)
        }
        BulkRequest::SetDeck { cards, deck } => collection.set_deck(cards, *deck, progress),
        _ => collection.clear_unused_tags(progress),
    }
}

fn change_many(worker: &mut Worker, request: &BulkRequest) -> Result<()> {
    let (op, title) = op_of(request);
    let size = size_of(request, worker.collection()?)?;
    if size <= LARGE {
        let output = act(request, worker.collection()?, &Progress::new())?;
        worker.report(op, Undone::No, &output, output.value)?;
        return study::show_again(worker);
    }
    let asked = request.clone();
    worker.with_collection(
        Job::shown("change many", title, request.doing()),
        move |collection, progress| act(&asked, collection, progress),
        move |worker, result| {
            let Ok(output) = result else { return };
            let told = worker
                .report(op, Undone::No, &output, output.value)
                .and_then(|()| study::show_again(worker));
            if let Err(error) = told {
                worker.notice(t!("show what was changed"), &error);
            }
        },
    )
}
