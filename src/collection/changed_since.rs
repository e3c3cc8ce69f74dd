//! What the browser's Changed Since shows: notes and cards of the present collection that were
//! added or changed since an earlier one. What was deleted since is the Backup Explorer's.

use crate::base::Result;
use crate::base::ids::{CardId, NoteId};
use crate::base::job::Progress;
use crate::domain::explorer::{Change, Since, SinceKinds};
use crate::storage::Storage;
use crate::storage::compare::compare_content;

/// Compares the present collection with an earlier one. Notes come with all their cards; where
/// only a card is another one, its note comes without the others.
pub fn changed_since(
    earlier: &Storage,
    present: &Storage,
    kinds: SinceKinds,
    progress: &Progress,
) -> Result<Since> {
    let found = compare_content(earlier, present, progress)?;
    let mut since = Since::default();
    let mut take = |note: NoteId, card: CardId| {
        since.notes.insert(note);
        since.cards.insert(card);
    };
    for (note, change) in found.notes {
        if kinds.notes(change) {
            for card in present.cards_of_note(note)? {
                take(note, card.id);
            }
            progress.check()?;
        }
    }
    for (card, note, change) in found.cards {
        if kinds.cards(change) {
            take(note, card);
        }
    }
    Ok(since)
}

impl SinceKinds {
    fn notes(self, change: Change) -> bool {
        match change {
            Change::Added => self.added,
            Change::Changed => self.changed,
            Change::Deleted => false,
        }
    }

    fn cards(self, change: Change) -> bool {
        match change {
            Change::Added => self.added,
            Change::Changed => self.rescheduled,
            Change::Deleted => false,
        }
    }
}
