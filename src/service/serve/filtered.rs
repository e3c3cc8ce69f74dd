//! Filtered decks and Custom Study.

use super::{decks, study};
use crate::base::error::Result;
use crate::domain::op::Op;
use crate::service::event::{Event, Undone};
use crate::service::filtered::{FilteredEvent, FilteredRequest};
use crate::service::worker::Worker;

pub(super) fn serve(worker: &mut Worker, request: &FilteredRequest) -> Result<()> {
    let event = match request {
        FilteredRequest::Load { id, search, second } => {
            let mut draft = worker.collection()?.filtered_draft(*id)?;
            let term = draft.deck.search_terms.get_mut(usize::from(*second));
            if let (Some(search), Some(term)) = (search, term) {
                term.search.clone_from(search);
            }
            FilteredEvent::Draft {
                draft: Box::new(draft),
                second: *second,
            }
        }
        FilteredRequest::Save(draft) => {
            let output = worker.collection()?.filtered_save(draft)?;
            let cards = output.value.cards;
            study::leave(worker)?;
            decks::overview(worker)?;
            worker.report(Op::BuildFilteredDeck, Undone::No, &output, cards)?;
            FilteredEvent::Saved(output.value)
        }
        FilteredRequest::LoadCustomStudy { deck } => {
            let defaults = worker.collection()?.custom_study_defaults(*deck)?;
            FilteredEvent::CustomStudyDefaults(Box::new(defaults))
        }
        FilteredRequest::CustomStudy { deck, what } => {
            let output = worker.collection()?.custom_study(*deck, what)?;
            let cards = output.value.map_or(0, |built| built.cards);
            study::leave(worker)?;
            decks::overview(worker)?;
            worker.report(Op::CustomStudy, Undone::No, &output, cards)?;
            FilteredEvent::CustomStudyReady {
                session: output.value,
            }
        }
    };
    worker.emit(Event::Filtered(event));
    Ok(())
}
