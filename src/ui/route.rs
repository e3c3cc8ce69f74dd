//! Which screen fills the window, and the way back.

use crate::base::ids::{DeckId, NoteId, NotetypeId};
use std::path::PathBuf;

/// A screen. Dialogs are not routes; they lie above one (`ui::dialogs`).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Route {
    /// Before the first answer of the worker: an empty window of the right colour.
    #[default]
    Starting,
    /// The profiles window and the first start.
    Profiles,
    Decks,
    Overview,
    Review,
    Congrats,
    Stats,
    Browse,
    /// The backups of a profile: Open Backup, Revert to Backup.
    Backups {
        profile: String,
    },
    /// Copies of the open profile elsewhere.
    Vaults,
    /// How safe a profile is.
    Health {
        profile: String,
    },
    /// What changed in the open profile when.
    Timeline,
    /// What is inside a backup; None: the newest one.
    Explorer {
        path: Option<PathBuf>,
    },
    Preferences,
    /// A new note.
    Add,
    /// Edit Current: a note on a page of its own.
    EditNote {
        note: NoteId,
        /// Index of the template of the card through which it is edited.
        card_type: usize,
    },
    /// The options of a normal deck.
    DeckOptions {
        deck: DeckId,
    },
    /// Manage Note Types.
    NoteTypes,
    /// The fields of a note type.
    Fields {
        id: NotetypeId,
    },
    /// The card templates of a note type, at one of its card types.
    CardTemplates {
        id: NotetypeId,
        ord: usize,
    },
}

impl Route {
    /// Whether it holds changes until they are saved or discarded.
    #[must_use]
    pub fn is_draft(&self) -> bool {
        matches!(
            self,
            Self::DeckOptions { .. } | Self::Fields { .. } | Self::CardTemplates { .. }
        )
    }

    /// Whether the menus, pages and bottom bar surround it.
    #[must_use]
    pub fn in_main_window(&self) -> bool {
        matches!(
            self,
            Self::Decks
                | Self::Overview
                | Self::Review
                | Self::Congrats
                | Self::Stats
                | Self::Add
                | Self::EditNote { .. }
                | Self::Browse
        )
    }
}

/// The present route and those before it.
#[derive(Debug, Default)]
pub struct Router {
    current: Route,
    before: Vec<Route>,
}

/// Longest way back.
const MAX_BACK: usize = 16;

impl Router {
    #[must_use]
    pub fn current(&self) -> &Route {
        &self.current
    }

    /// True when the route changed.
    pub fn go(&mut self, to: Route) -> bool {
        if self.current == to {
            return false;
        }
        let from = std::mem::replace(&mut self.current, to);
        if from != Route::Starting {
            self.before.push(from);
        }
        if self.before.len() > MAX_BACK {
            self.before.remove(0);
        }
        true
    }

    /// As [`Self::go`], without a way back to the present route.
    pub fn replace(&mut self, to: Route) {
        self.current = to;
    }

    /// To where the user came from, or to `otherwise`.
    pub fn back(&mut self, otherwise: Route) {
        self.current = self.before.pop().unwrap_or(otherwise);
    }

    /// Forgets the way back, as after closing a profile.
    pub fn reset(&mut self, to: Route) {
        self.current = to;
        self.before.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn back_leads_where_one_came_from() {
        let mut r = Router::default();
        r.go(Route::Decks);
        r.go(Route::Preferences);
        assert!(!r.go(Route::Preferences), "going nowhere is no step");
        r.back(Route::Profiles);
        assert_eq!(*r.current(), Route::Decks);
        r.back(Route::Profiles);
        assert_eq!(*r.current(), Route::Profiles);
    }
}
