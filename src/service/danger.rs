//! Which requests get a verified backup first, and why: everything that can take away or rewrite
//! much at once. Each of them is one undo step besides, or says before that it is not. Pure; the
//! backup itself is `safety_first`'s work.

use crate::backup::entry::Reason;
use crate::backup::tripwire::Explains;
use crate::base::ids::{DeckId, NoteId};
use crate::domain::explorer::Item;
use crate::domain::notetype_edit::NotetypeEdit;
use crate::domain::op::Op;
use crate::domain::recovery::Mode;
use crate::domain::subject::Subject;
use crate::service::browse::{BrowseAction, BrowseRequest};
use crate::service::bulk::BulkRequest;
use crate::service::checks::CheckRequest;
use crate::service::event::Undone;
use crate::service::explorer::ExplorerRequest;
use crate::service::history::HistoryRequest;
use crate::service::notetypes::NotetypeRequest;
use crate::service::request::{CardRequest, DeckRequest, PackageRequest, Request};

/// More notes or cards than this are many.
pub const MANY: usize = 20;

/// How much a request touches.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Size<'a> {
    /// Much, whatever it is about.
    Much,
    /// So many notes or cards.
    Items(usize),
    /// All notes of the collection.
    AllNotes,
    /// The cards of decks and of those below them.
    Decks(&'a [DeckId]),
    /// Much when it takes fields or templates away.
    Edit(&'a NotetypeEdit),
}

/// Why a backup should come first if it touches much; None: it is harmless, or sees to that itself
/// (Check Database, restore, replacing the collection, deleting a profile, upgrade).
#[must_use]
pub fn of(request: &Request) -> Option<(Reason, Size<'_>)> {
    let (reason, size) = match request {
        Request::Card(CardRequest::DeleteNotes { notes }) => {
            (Reason::BeforeDelete, Size::Items(notes.len()))
        }
        Request::Card(
            CardRequest::Reset { cards, .. }
            | CardRequest::SetDueDate { cards, .. }
            | CardRequest::GradeNow { cards, .. }
            | CardRequest::Reposition { cards, .. },
        ) => (Reason::BeforeReschedule, Size::Items(cards.len())),
        Request::Deck(DeckRequest::Delete { ids }) => (Reason::BeforeDelete, Size::Decks(ids)),
        Request::Deck(DeckRequest::SaveOptions(update)) if update.reschedule => {
            (Reason::BeforeReschedule, Size::Much)
        }
        Request::Browse(BrowseRequest::Do { chosen, action }) => {
            let rows = Size::Items(chosen.rows.len());
            match action {
                BrowseAction::DeleteNotes => (Reason::BeforeDelete, rows),
                BrowseAction::SetDueDate(_)
                | BrowseAction::Reset(_)
                | BrowseAction::GradeNow(_)
                | BrowseAction::Reposition(_) => (Reason::BeforeReschedule, rows),
                BrowseAction::FindReplace(_) => (Reason::BeforeReplace, rows),
                BrowseAction::ChangeNotetype(_) => (Reason::BeforeNotetypeChange, Size::Much),
                _ => return None,
            }
        }
        Request::Bulk(BulkRequest::ChangeNotetype { .. }) => {
            (Reason::BeforeNotetypeChange, Size::Much)
        }
        Request::Bulk(BulkRequest::FindReplace { notes, .. }) => {
            let size = notes
                .as_ref()
                .map_or(Size::AllNotes, |n| Size::Items(n.len()));
            (Reason::BeforeReplace, size)
        }
        Request::History(HistoryRequest::RestoreSubject { subject, .. }) => match subject {
            Subject::Notetype(_) => (Reason::BeforeNotetypeChange, Size::Much),
            Subject::Preset(_) => (Reason::BeforeReschedule, Size::Much),
            Subject::Deck(_) => return None,
        },
        Request::Notetype(NotetypeRequest::Remove(_)) => (Reason::BeforeNotetypeChange, Size::Much),
        Request::Notetype(NotetypeRequest::Save(edit)) => {
            (Reason::BeforeNotetypeChange, Size::Edit(edit))
        }
        Request::Check(CheckRequest::RemoveEmptyCards { report, .. }) => {
            let cards = report.iter().map(|note| note.cards.len()).sum();
            (Reason::BeforeDelete, Size::Items(cards))
        }
        Request::Check(CheckRequest::RenameMedia) => (Reason::BeforeReplace, Size::AllNotes),
        Request::Explorer(ExplorerRequest::Recover {
            notes,
            mode,
            modes,
            items,
            ..
        }) => {
            // Its cards follow.
            if items.iter().any(|item| matches!(item, Item::Preset(_))) {
                return Some((Reason::BeforeReplace, Size::Much));
            }
            let is_new = |note: &NoteId| *modes.get(note).unwrap_or(mode) == Mode::New;
            let others = notes.iter().filter(|note| !is_new(note)).count();
            (Reason::BeforeReplace, Size::Items(others))
        }
        Request::Package(
            PackageRequest::ImportPackage { .. } | PackageRequest::ImportText { .. },
        ) => (Reason::BeforeImport, Size::Much),
        _ => return None,
    };
    Some((reason, size))
}

/// What an operation that was done here may have changed much of, on purpose: the next backup asks
/// nothing about it. What other devices did, a sync brings: that explains nothing.
#[must_use]
pub fn explains(op: Op, undone: Undone) -> Explains {
    if undone != Undone::No {
        return Explains::COLLECTION;
    }
    match op {
        Op::DeleteNotes | Op::DeleteDeck | Op::EmptyCards => Explains::NOTES,
        Op::SetDueDate
        | Op::ResetCards
        | Op::GradeNow
        | Op::Reposition
        | Op::UpdateDeckOptions
        | Op::UpdatePreferences => Explains::DUES,
        Op::AddNotetype | Op::UpdateNotetype | Op::RenameMedia => Explains::TEMPLATES,
        Op::RemoveNotetype | Op::ChangeNotetype | Op::RestoreVersion | Op::CheckDatabase => {
            Explains::COLLECTION
        }
        Op::Import | Op::RecoverNotes => Explains::ALL,
        _ => Explains::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_done_here_explains_what_it_changes_and_a_sync_explains_nothing() {
        let done = |op| explains(op, Undone::No);
        assert_eq!(done(Op::DeleteDeck), Explains::NOTES);
        assert_eq!(done(Op::UpdateDeckOptions), Explains::DUES);
        assert_eq!(done(Op::UpdateNotetype), Explains::TEMPLATES);
        for op in [Op::AnswerCard, Op::Sync, Op::UpdateNote, Op::SkipUndo] {
            assert_eq!(done(op), Explains::default(), "{op:?}");
        }
        let undone = explains(Op::AnswerCard, Undone::Undo);
        assert_eq!(undone, Explains::COLLECTION);
    }
    use crate::base::ids::CardId;

    #[test]
    fn what_touches_much_is_known_and_what_does_not_is_left_alone() {
        let notes: Vec<_> = (0..30).map(NoteId).collect();
        let cards: Vec<_> = (0..30).map(CardId).collect();
        let delete = Request::Card(CardRequest::DeleteNotes { notes });
        assert_eq!(of(&delete), Some((Reason::BeforeDelete, Size::Items(30))));
        let due = CardRequest::SetDueDate {
            cards: cards.clone(),
            days: "0".into(),
        };
        assert_eq!(of(&Request::Card(due)).unwrap().0, Reason::BeforeReschedule);
        let flag = CardRequest::SetFlag { cards, flag: 1 };
        assert_eq!(of(&Request::Card(flag)), None);
        let remove = Request::Notetype(NotetypeRequest::Remove(crate::base::ids::NotetypeId(1)));
        assert_eq!(
            of(&remove),
            Some((Reason::BeforeNotetypeChange, Size::Much))
        );
        let deck = Request::Deck(DeckRequest::Delete {
            ids: vec![DeckId(5)],
        });
        assert_eq!(
            of(&deck),
            Some((Reason::BeforeDelete, Size::Decks(&[DeckId(5)])))
        );
        assert_eq!(of(&Request::Undo), None);
        assert_eq!(of(&Request::CheckDatabase), None, "it makes its own");
    }
}
