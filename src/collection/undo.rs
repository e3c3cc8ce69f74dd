//! Undo and redo: the rows that each operation wrote, put back the other way round.
//!
//! Kept in memory, and across restarts in a file (`undo_file`): undo alone, what could be done again
//! ends with the program, as both do in Anki. Work that cannot be undone (Check
//! Database) ends the history, because older rows put back over it would be wrong. Only the
//! columns that an operation changed are put back, so that what the program did since on its own
//! (buried cards back on a new day) stays.

use super::undo_file::{self, HistoryLost, Stamp, Stored};
use super::{Collection, Direction, OpOutput, changes_of};
use crate::base::limits::UNDO_STEPS;
use crate::base::{Error, ErrorKind, Result};
use crate::domain::op::Op;
use crate::mark;
use crate::storage::{NewRows, RowChange, Storage, Table};
use serde::{Deserialize, Serialize};
use std::collections::{HashSet, VecDeque};

/// Rows kept over all steps; beyond it the oldest steps are dropped (about 500 MB).
const MAX_ROWS: usize = 1_500_000;
/// Notes from which putting them back is work for two threads.
const MANY: usize = 100;
/// As many ids take the memory of one row.
const IDS_PER_ROW: usize = 32;

/// One operation that can be taken back.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Step {
    pub(super) op: Op,
    pub(super) rows: Vec<RowChange>,
    /// Added in bulk, and not in `rows`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) new_rows: Vec<NewRows>,
}

impl Step {
    /// What the step costs in memory, in rows.
    fn weight(&self) -> usize {
        let ids: usize = self.new_rows.iter().map(|new| new.ids.len()).sum();
        self.rows.len() + ids / IDS_PER_ROW
    }

    /// Whether a second thread is worth it that keeps what its notes were: there are many, each
    /// changed once, and nothing else that has a history.
    fn is_of_many_notes(&self) -> bool {
        let new_notes = self.new_rows.iter().filter(|new| new.table == Table::Notes);
        let mut notes: HashSet<i64> = new_notes.flat_map(|new| &new.ids).copied().collect();
        if self.rows.len() + notes.len() < MANY || self.op == Op::Import {
            return false;
        }
        let plain = self.rows.iter().all(|row| match row.table {
            Table::Notes => row.id().is_some_and(|id| notes.insert(id)),
            Table::Cards | Table::Revlog | Table::Tags | Table::Config | Table::Graves => true,
            Table::Decks
            | Table::DeckConfig
            | Table::Notetypes
            | Table::Fields
            | Table::Templates => false,
        });
        plain && notes.len() >= MANY
    }
}

#[derive(Debug, Default)]
pub(super) struct UndoHistory {
    undo: VecDeque<Step>,
    redo: Vec<Step>,
    /// Steps of earlier starts, below all of `undo`.
    stored: Option<Stored>,
    lost: Option<HistoryLost>,
    /// The file does not hold what is here.
    unsaved: bool,
    /// The state of the collection that the file belongs to.
    written: Option<Stamp>,
}

/// What Undo and Redo would do now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct UndoStatus {
    pub undo: Option<Op>,
    pub redo: Option<Op>,
}

impl UndoHistory {
    /// What was kept when the collection was closed. A history that cannot be read or removed
    /// keeps nobody from opening the collection.
    pub(super) fn load(storage: &Storage) -> Result<Self> {
        let (stored, lost) = undo_file::find(storage).unwrap_or_else(|error| {
            tracing::warn!("the undo history: {error}");
            (None, Some(HistoryLost::Unreadable))
        });
        let stamp = undo_file::stamp_of(storage)?;
        Ok(Self {
            written: stored.is_some().then_some(stamp),
            stored,
            lost,
            ..Self::default()
        })
    }

    /// Writes the history down, unless the file holds it already.
    pub(super) fn save(&mut self, storage: &Storage) -> Result<()> {
        let stamp = undo_file::stamp_of(storage)?;
        if !self.unsaved && self.written == Some(stamp) {
            return Ok(());
        }
        // Steps of before that cannot be read take none of these with them.
        if let Err(error) = self.take_in_stored() {
            tracing::warn!("the undo history: {error}");
        }
        let steps: Vec<&Step> = self.undo.iter().collect();
        undo_file::write(storage, &steps)?;
        self.unsaved = false;
        self.written = Some(stamp);
        Ok(())
    }

    /// Reads the steps of earlier starts below those of this one.
    fn take_in_stored(&mut self) -> Result<()> {
        let Some(stored) = self.stored.take() else {
            return Ok(());
        };
        for step in stored.read()?.into_iter().rev() {
            self.undo.push_front(step);
        }
        self.trim();
        Ok(())
    }

    pub(super) fn record(&mut self, step: Step, breaks_history: bool) {
        if step.op == Op::CheckDatabase || breaks_history {
            self.clear();
        }
        if step.rows.is_empty() && step.new_rows.is_empty() {
            return;
        }
        if step.op.is_undoable() {
            self.redo.clear();
            if let Some(step) = self.continue_edit(step) {
                self.push(step);
            }
        } else if step.op != Op::CollapseDeck
            && step.rows.iter().any(|row| !is_kept_aside(row.table))
        {
            self.clear();
        }
    }

    /// An edit of the same note within a minute belongs to the step before, so that undo does
    /// not go through someone's typing piece by piece. Returns the rows when it does not.
    fn continue_edit(&mut self, step: Step) -> Option<Step> {
        const WINDOW_SECS: i64 = 60;
        let (Op::UpdateNote, [new], Some(last)) =
            (step.op, step.rows.as_slice(), self.undo.back_mut())
        else {
            return Some(step);
        };
        let (Op::UpdateNote, [old]) = (last.op, last.rows.as_mut_slice()) else {
            return Some(step);
        };
        if !old.absorb(new, WINDOW_SECS) {
            return Some(step);
        }
        self.unsaved = true;
        None
    }

    fn push(&mut self, step: Step) {
        self.undo.push_back(step);
        self.unsaved = true;
        self.trim();
    }

    fn trim(&mut self) {
        let mut rows: usize = self.undo.iter().map(Step::weight).sum();
        while self.undo.len() > UNDO_STEPS || (rows > MAX_ROWS && self.undo.len() > 1) {
            rows -= self.undo.pop_front().map_or(0, |step| step.weight());
        }
    }

    fn clear(&mut self) {
        self.undo.clear();
        self.redo.clear();
        self.stored = None;
        self.unsaved = true;
    }
}

impl Collection {
    /// Takes back the last operation.
    pub fn undo(&mut self) -> Result<OpOutput<Op>> {
        if self.undo.undo.is_empty() {
            self.undo.take_in_stored()?;
        }
        let Some(step) = self.undo.undo.pop_back() else {
            return Err(Error::new(
                ErrorKind::Unavailable,
                mark!("there is nothing to undo"),
            ));
        };
        let (output, reverse) = match self.reverse(&step, Direction::Undo) {
            Ok(done) => done,
            Err(e) => {
                self.undo.undo.push_back(step);
                return Err(e);
            }
        };
        self.undo.redo.push(reverse);
        self.undo.unsaved = true;
        Ok(output)
    }

    /// Does again what was undone last.
    pub fn redo(&mut self) -> Result<OpOutput<Op>> {
        let Some(step) = self.undo.redo.pop() else {
            return Err(Error::new(
                ErrorKind::Unavailable,
                mark!("there is nothing to redo"),
            ));
        };
        let (output, reverse) = match self.reverse(&step, Direction::Redo) {
            Ok(done) => done,
            Err(e) => {
                self.undo.redo.push(step);
                return Err(e);
            }
        };
        self.undo.push(reverse);
        Ok(output)
    }

    #[must_use]
    pub fn undo_status(&self) -> UndoStatus {
        let stored = self.undo.stored.as_ref().map(|stored| stored.newest);
        UndoStatus {
            undo: self.undo.undo.back().map(|step| step.op).or(stored),
            redo: self.undo.redo.last().map(|step| step.op),
        }
    }

    /// Why changes of before this start cannot be undone, when they could have been.
    #[must_use]
    pub fn lost_history(&self) -> Option<HistoryLost> {
        self.undo.lost
    }

    /// Writes down what can be undone, so that it still can after a crash.
    pub fn save_undo(&mut self) -> Result<()> {
        self.undo.save(&self.storage)
    }

    /// Forgets everything that could be undone, e.g. before an import.
    pub fn clear_undo(&mut self) {
        self.undo.clear();
    }

    /// Puts the rows of `step` back; what that wrote is the step the other way.
    fn reverse(&mut self, step: &Step, direction: Direction) -> Result<(OpOutput<Op>, Step)> {
        let op = step.op;
        let rows = if step.is_of_many_notes() {
            self.put_back_many(step)?
        } else {
            let keeper = &mut self.keeper;
            let ((), rows) = self.storage.tx(self.clock.now(), |tx| {
                tx.remove_new_rows(&step.new_rows)?;
                tx.apply_inverse(&step.rows)?;
                // What an import added is in its file still; the trash is for what people wrote.
                if op != Op::Import {
                    keeper.keep(tx, op);
                }
                Ok(())
            })?;
            rows
        };
        let changes = changes_of(op, &rows, false);
        self.study.after_operation(op, direction, &rows, changes);
        let reverse = Step {
            op,
            rows,
            new_rows: Vec::new(),
        };
        Ok((OpOutput { value: op, changes }, reverse))
    }
}

/// Rows that are written without a step of their own and that no older step is hurt by.
fn is_kept_aside(table: Table) -> bool {
    matches!(table, Table::Config | Table::Tags)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::ids::{CardId, DeckId, RevlogId};
    use crate::base::job::Progress;
    use crate::base::time::{Clock, TimestampMillis};
    use crate::collection::recover::Wish;
    use crate::domain::card::{Card, CardQueue};
    use crate::domain::note_edit::NewNote;
    use crate::domain::recovery::Mode;
    use crate::domain::revlog::RevlogEntry;

    fn collection() -> (tempfile::TempDir, Collection) {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::fixed(TimestampMillis(1_700_000_000_000), -60);
        let collection = Collection::open(&folder.path().join("collection.anki2"), clock).unwrap();
        (folder, collection)
    }

    #[test]
    fn an_answer_is_undone_and_redone_row_by_row() {
        let (_folder, mut col) = collection();
        let mut card = Card {
            deck_id: DeckId::DEFAULT,
            ..Card::default()
        };
        col.transact(Op::AddNote, |tx| tx.add_card(&mut card))
            .unwrap();
        let added = col.storage.get_card(card.id).unwrap().unwrap();
        let deck = col.storage.get_deck(DeckId::DEFAULT).unwrap().unwrap();
        col.clock.advance_millis(5000);
        let answer = |col: &mut Collection, reps: u32| {
            col.transact(Op::AnswerCard, |tx| {
                let mut card = tx.get_card(card.id)?.unwrap();
                card.reps = reps;
                tx.update_card(&card)?;
                let mut deck = tx.get_deck(DeckId::DEFAULT)?.unwrap();
                deck.common.new_studied += 1;
                tx.update_deck(&deck)?;
                tx.add_revlog(RevlogEntry {
                    id: RevlogId(tx.now().0),
                    card_id: card.id,
                    ..RevlogEntry::default()
                })
            })
            .unwrap()
        };
        let first = answer(&mut col, 1);
        let second = answer(&mut col, 2);
        assert_eq!(second.value.0, first.value.0 + 1, "the id was taken");
        assert!(first.changes.card && first.changes.deck && !first.changes.study_queues);

        let answered = col.storage.get_card(card.id).unwrap().unwrap();
        assert_eq!(answered.reps, 2);
        col.undo().unwrap();
        col.undo().unwrap();
        assert_eq!(col.storage.get_card(card.id).unwrap().unwrap(), added);
        assert_eq!(
            col.storage.get_deck(DeckId::DEFAULT).unwrap().unwrap(),
            deck
        );
        assert_eq!(col.storage.counts().unwrap().revlog, 0);
        assert_eq!(
            col.undo_status(),
            UndoStatus {
                undo: Some(Op::AddNote),
                redo: Some(Op::AnswerCard)
            }
        );
        col.redo().unwrap();
        col.redo().unwrap();
        assert_eq!(col.storage.get_card(card.id).unwrap().unwrap(), answered);
        assert_eq!(col.storage.revlog_of_card(card.id).unwrap().len(), 2);
        assert!(col.redo().is_err());
    }

    #[test]
    fn many_steps_are_kept_and_a_new_operation_drops_redo() {
        let (_folder, mut col) = collection();
        for n in 1..=UNDO_STEPS as i64 + 5 {
            let mut card = Card {
                id: CardId(n),
                ..Card::default()
            };
            col.transact(Op::AddNote, |tx| tx.add_card(&mut card))
                .unwrap();
        }
        for _ in 0..UNDO_STEPS {
            col.undo().unwrap();
        }
        assert!(col.undo().is_err());
        assert_eq!(col.storage.counts().unwrap().cards, 5);
        col.transact(Op::AddNote, |tx| {
            tx.add_card(&mut Card {
                id: CardId(1000),
                ..Card::default()
            })
        })
        .unwrap();
        assert_eq!(col.undo_status().redo, None);
    }

    /// Of the many rows that a recovery may add, with all that they hold.
    #[test]
    fn of_what_a_recovery_adds_only_the_ids_are_kept() {
        let (folder, mut col) = collection();
        let deck_id = col.deck_create("A").unwrap().value;
        let basic = col.storage.notetype_by_name("Basic").unwrap().unwrap();
        let new = NewNote {
            notetype_id: basic.id,
            deck_id,
            fields: vec!["front".into(), "back".into()],
            tags: Vec::new(),
        };
        let note = col.add_note(new).unwrap().value;
        let clock = col.clock.clone();
        col.close().unwrap();
        let earlier = folder.path().join("collection.anki2");
        let present = folder.path().join("present.anki2");
        std::fs::copy(&earlier, &present).unwrap();
        // The review is in the earlier one alone.
        let mut col = Collection::open(&earlier, clock.clone()).unwrap();
        let card_id = col.storage.cards_of_note(note).unwrap()[0].id;
        let review = RevlogEntry {
            id: RevlogId(1_600_000_000_000),
            card_id,
            ..RevlogEntry::default()
        };
        col.transact(Op::AnswerCard, |tx| tx.add_revlog(review))
            .unwrap();
        col.close().unwrap();
        let earlier = Storage::open_read_only(&earlier).unwrap();
        let mut col = Collection::open(&present, clock).unwrap();
        col.deck_delete(&[deck_id]).unwrap();
        let counts = |col: &Collection| {
            let counts = col.storage.counts().unwrap();
            let decks = col.storage.all_decks().unwrap().len();
            (counts.notes, counts.cards, counts.revlog, decks)
        };
        for (mode, there) in [(Mode::PutBack, (1, 1, 1, 2)), (Mode::New, (1, 1, 0, 2))] {
            let wish = Wish {
                notes: vec![note],
                mode,
                ..Wish::default()
            };
            col.recover(&earlier, &wish, &Progress::new()).unwrap();
            let step = col.undo.undo.back().unwrap();
            let whole =
                |row: &&RowChange| matches!(row.table, Table::Notes | Table::Cards | Table::Revlog);
            assert_eq!(step.rows.iter().find(whole), None, "{mode:?}");
            assert_eq!(counts(&col), there, "{mode:?}");
            col.undo().unwrap();
            assert_eq!(counts(&col), (0, 0, 0, 1), "{mode:?}");
            col.redo().unwrap();
            assert_eq!(counts(&col), there, "{mode:?}");
            col.undo().unwrap();
        }
    }

    #[test]
    fn folding_a_deck_is_no_step() {
        let (_folder, mut col) = collection();
        let parent = col.deck_create("A").unwrap().value;
        col.deck_create("A::B").unwrap();
        let decks = |col: &Collection| col.storage.all_decks().unwrap().len();
        let all = decks(&col);
        let both = |col: &mut Collection| {
            for collapsed in [true, false] {
                col.deck_set_collapsed(parent, collapsed).unwrap();
            }
        };
        both(&mut col);
        assert_eq!(col.undo_status().undo, Some(Op::AddDeck));
        col.undo().unwrap();
        assert_eq!(decks(&col), all - 1);
        both(&mut col);
        assert_eq!(col.undo_status().redo, Some(Op::AddDeck));
        col.redo().unwrap();
        assert_eq!(decks(&col), all);
        let folded = col.storage.get_deck(parent).unwrap().unwrap();
        assert!(!folded.common.study_collapsed);
    }

    #[test]
    fn a_failed_operation_leaves_nothing() {
        let (_folder, mut col) = collection();
        let failed: Result<OpOutput<()>> = col.transact(Op::AddNote, |tx| {
            tx.add_card(&mut Card::default())?;
            let mut deck = tx.get_deck(DeckId::DEFAULT)?.unwrap();
            deck.common.new_studied = 9;
            tx.update_deck(&deck)?;
            assert_eq!(tx.get_deck(DeckId::DEFAULT)?.unwrap().common.new_studied, 9);
            Err(Error::interrupted())
        });
        assert!(failed.is_err());
        assert_eq!(col.storage.counts().unwrap().cards, 0);
        let deck = col.storage.get_deck(DeckId::DEFAULT).unwrap().unwrap();
        assert_eq!(deck.common.new_studied, 0, "the cache was forgotten too");
        assert_eq!(col.undo_status(), UndoStatus::default());
    }

    #[test]
    fn undo_leaves_alone_what_happened_by_itself_since() {
        let (_folder, mut col) = collection();
        let mut card = Card::default();
        col.transact(Op::AddNote, |tx| tx.add_card(&mut card))
            .unwrap();
        col.transact(Op::SkipUndo, |tx| {
            tx.set_config_untracked("localOffset", &-60)?;
            tx.set_config("rollover", &4)
        })
        .unwrap();
        assert_eq!(col.undo_status().undo, Some(Op::AddNote));
        card.flags = 2;
        col.transact(Op::SetFlag, |tx| tx.update_card(&card))
            .unwrap();
        card.queue = CardQueue::Review;
        col.transact(Op::SkipUndo, |tx| tx.update_card_untracked(&card))
            .unwrap();
        col.undo().unwrap();
        let undone = col.storage.get_card(card.id).unwrap().unwrap();
        assert_eq!((undone.flags, undone.queue), (0, CardQueue::Review));
        col.undo().unwrap();
        assert_eq!(col.storage.get_card(card.id).unwrap(), None);
    }
}
