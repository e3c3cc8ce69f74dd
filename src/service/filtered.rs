//! Filtered decks and Custom Study, between faces and the worker: what is asked and what is
//! answered. Done in `serve::filtered`.

use crate::base::ids::DeckId;
use crate::domain::custom_study::{CustomStudy, CustomStudyDefaults};
use crate::domain::filtered::{FilteredBuilt, FilteredDraft};
use crate::t;

#[derive(Debug, Clone, PartialEq)]
pub enum FilteredRequest {
    /// What the dialog shows first: of a filtered deck, or (None) of a new one.
    Load {
        id: Option<DeckId>,
        /// What a new one gathers, in place of the suggestion.
        search: Option<String>,
        /// The search is the second one, and the second one is used.
        second: bool,
    },
    /// Makes or changes a filtered deck and fills it.
    Save(Box<FilteredDraft>),
    /// What the dialog of Custom Study shows first.
    LoadCustomStudy {
        deck: DeckId,
    },
    CustomStudy {
        deck: DeckId,
        what: CustomStudy,
    },
}

#[derive(Debug, Clone, PartialEq)]
pub enum FilteredEvent {
    Draft {
        draft: Box<FilteredDraft>,
        /// The second search was asked for.
        second: bool,
    },
    /// It is the current deck now; its overview was sent before.
    Saved(FilteredBuilt),
    CustomStudyDefaults(Box<CustomStudyDefaults>),
    /// The session's deck is current now, or (None) the same one has other limits; the overview
    /// was sent before.
    CustomStudyReady {
        session: Option<FilteredBuilt>,
    },
}

impl FilteredRequest {
    /// Completes "Could not …".
    pub(super) fn doing(&self) -> &'static str {
        match self {
            Self::Load { .. } => t!("open the deck’s options"),
            Self::Save(draft) if draft.id.is_none() => t!("create the filtered deck"),
            Self::Save(_) => t!("change the filtered deck"),
            Self::LoadCustomStudy { .. } => t!("open Custom Study"),
            Self::CustomStudy { .. } => t!("start Custom Study"),
        }
    }
}
