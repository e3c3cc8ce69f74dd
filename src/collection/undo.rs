//! Undo and redo: the rows that each operation wrote, put back the other way round.
//!
//! Kept in memory. Housekeeping that cannot be undone (rollover, Check Database) ends the
//! history, because older rows put back over it would be wrong.

use super::{Collection, Direction, OpOutput, changes_of};
use crate::base::limits::UNDO_STEPS;
use crate::base::{Error, ErrorKind, Result};
use crate::domain::op::Op;
use crate::storage::{RowChange, Table};
use std::collections::VecDeque;

/// Rows kept over all steps; beyond it the oldest steps are dropped (about 500 MB of cards).
const MAX_ROWS: usize = 1_500_000;

/// One operation that can be taken back.
#[derive(Debug)]
struct Step {
    op: Op,
    rows: Vec<RowChange>,
}

#[derive(Debug, Default)]
pub(super) struct UndoHistory {
    undo: VecDeque<Step>,
    redo: Vec<Step>,
}

/// What Undo and Redo would do now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct UndoStatus {
    pub undo: Option<Op>,
    pub redo: Option<Op>,
}

impl UndoHistory {
    pub(super) fn record(&mut self, op: Op, rows: Vec<RowChange>, breaks_history: bool) {
        if op == Op::CheckDatabase || breaks_history {
            self.clear();
        }
        if rows.is_empty() {
            return;
        }
        if op.is_undoable() {
            self.redo.clear();
            self.push(Step { op, rows });
        } else if rows.iter().any(|row| row.table != Table::Config) {
            self.clear();
        }
    }

    fn push(&mut self, step: Step) {
        self.undo.push_back(step);
        let mut rows: usize = self.undo.iter().map(|step| step.rows.len()).sum();
        while self.undo.len() > UNDO_STEPS || (rows > MAX_ROWS && self.undo.len() > 1) {
            rows -= self.undo.pop_front().map_or(0, |step| step.rows.len());
        }
    }

    fn clear(&mut self) {
        self.undo.clear();
        self.redo.clear();
    }
}

impl Collection {
    /// Takes back the last operation.
    pub fn undo(&mut self) -> Result<OpOutput<Op>> {
        let Some(step) = self.undo.undo.pop_back() else {
            return Err(Error::new(
                ErrorKind::Unavailable,
                "there is nothing to undo",
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
        Ok(output)
    }

    /// Does again what was undone last.
    pub fn redo(&mut self) -> Result<OpOutput<Op>> {
        let Some(step) = self.undo.redo.pop() else {
            return Err(Error::new(
                ErrorKind::Unavailable,
                "there is nothing to redo",
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
        UndoStatus {
            undo: self.undo.undo.back().map(|step| step.op),
            redo: self.undo.redo.last().map(|step| step.op),
        }
    }

    /// Forgets everything that could be undone, e.g. before an import.
    pub fn clear_undo(&mut self) {
        self.undo.clear();
    }

    /// Puts the rows of `step` back; what that wrote is the step the other way.
    fn reverse(&mut self, step: &Step, direction: Direction) -> Result<(OpOutput<Op>, Step)> {
        let op = step.op;
        let ((), rows) = self
            .storage
            .tx(self.clock.now(), |tx| tx.apply_inverse(&step.rows))?;
        let changes = changes_of(op, &rows, false);
        self.study.after_operation(op, direction, &rows, changes);
        Ok((OpOutput { value: op, changes }, Step { op, rows }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::ids::{CardId, DeckId, RevlogId};
    use crate::base::time::{Clock, TimestampMillis};
    use crate::domain::card::Card;
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
    fn housekeeping_ends_the_history_and_settings_do_not() {
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
        card.reps = 7;
        col.transact(Op::SkipUndo, |tx| tx.update_card_untracked(&card))
            .unwrap();
        assert_eq!(col.undo_status().undo, None);
    }
}
