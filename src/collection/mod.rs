//! The collection: every operation that a user does, each one transaction with undo.
//!
//! [`Collection::transact`] is the one way to change anything. Decisions are made by the pure
//! modules below (`scheduler`, `template`, `search`); tables are `storage`'s. Backups are made
//! without it (see `backup`).

mod adding;
pub mod answer;
pub mod bit_rot;
pub mod browse;
pub mod card_html;
mod card_info;
mod card_states;
mod cards;
pub mod changed_since;
mod custom_study;
mod deck_tree;
pub mod decks;
pub mod deleted_log;
pub mod duplicates;
pub mod empty_cards;
pub mod explore;
mod explore_detail;
pub mod explore_items;
pub mod filtered;
pub mod find;
pub mod find_replace;
pub mod fsrs_memory;
pub mod fsrs_training;
mod gather;
mod grade_now;
pub mod history;
pub mod history_limits;
mod keep_many;
pub mod media_check;
pub mod mirror;
mod move_cards;
pub mod note_update;
mod note_writer;
pub mod notes;
mod notetype_change;
pub mod notetypes;
mod options;
mod overview;
pub mod packages;
pub mod plain;
pub mod recover;
mod recover_schedule;
pub mod removal;
pub mod repair;
mod reposition;
pub mod salvage;
pub mod sample;
mod saved_searches;
mod sidebar;
pub mod simulation;
pub mod stats;
pub mod study;
mod subject_history;
mod survey;
mod tags;
pub mod text_export;
pub mod text_import;
pub mod timeline;
pub mod timing;
pub mod undo;
pub mod undo_file;

use crate::base::Result;
use crate::base::job::Progress;
use crate::base::time::Clock;
use crate::domain::changes::Changes;
use crate::domain::op::Op;
use crate::storage::{RowChange, Storage, Table, Tx, TxOutcome};
use std::path::Path;
use std::sync::Arc;
use undo::UndoHistory;

/// An open collection with what it remembers between operations.
#[derive(Debug)]
pub struct Collection {
    pub(crate) storage: Storage,
    pub(crate) clock: Clock,
    undo: UndoHistory,
    keeper: history::Keeper,
    /// The queue of cards to study, and what belongs to it.
    pub(crate) study: study::StudyState,
}

/// What an operation gives back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpOutput<T> {
    pub value: T,
    pub changes: Changes,
}

/// Which way an operation was run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    Do,
    Undo,
    Redo,
}

impl Collection {
    /// Opens the collection, or makes a new one when there is none. A collection of an older
    /// schema must have been upgraded before (`Storage::upgrade`).
    pub fn open(path: &Path, clock: Clock) -> Result<Self> {
        let mut storage = match Storage::schema_version(path)? {
            None => Storage::create(path, &clock)?,
            Some(_) => Storage::open(path)?,
        };
        let undo = UndoHistory::load(&storage)?;
        storage.upgrade_scheduler(&clock)?;
        Ok(Self {
            storage,
            clock,
            undo,
            keeper: history::Keeper::default(),
            study: study::StudyState::default(),
        })
    }

    /// Moves everything into the one file and closes it. What can be undone is kept beside it;
    /// where that fails the collection is closed all the same (a full disk must not keep a backup
    /// from being restored), so who can show it calls [`Self::save_undo`] before.
    pub fn close(mut self) -> Result<()> {
        if let Err(error) = self.save_undo() {
            tracing::warn!("what can be undone was not kept: {error}");
        }
        self.storage.close()
    }

    /// One of which a job asks what takes long: a picture of the file, opened for reading. What would
    /// write fails.
    #[must_use]
    pub fn to_read(storage: Storage, clock: Clock) -> Self {
        Self {
            storage,
            clock,
            undo: UndoHistory::default(),
            keeper: history::Keeper::default(),
            study: study::StudyState::default(),
        }
    }

    #[must_use]
    pub fn storage(&self) -> &Storage {
        &self.storage
    }

    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Runs operations whose cards and notes are counted in `progress`; a cancel there ends them,
    /// and nothing is kept of the one that was running.
    pub fn watched<T>(
        &mut self,
        progress: &Progress,
        f: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        // Gone at the end, even when `f` panics: later operations are nobody's.
        let watched = Arc::new(progress.clone());
        self.storage.watch(&watched);
        f(self)
    }

    /// Runs an operation: all of it is on disk when this returns, or nothing of it.
    pub fn transact<T>(
        &mut self,
        op: Op,
        f: impl FnOnce(&mut Tx<'_>) -> Result<T>,
    ) -> Result<OpOutput<T>> {
        let keeper = &mut self.keeper;
        let (value, outcome) = self.storage.tx_with_outcome(self.clock.now(), |tx| {
            let value = f(tx)?;
            keeper.keep(tx, op);
            Ok(value)
        })?;
        Ok(self.finish_operation(op, value, outcome))
    }

    /// What follows once an operation is on disk.
    fn finish_operation<T>(&mut self, op: Op, value: T, outcome: TxOutcome) -> OpOutput<T> {
        // What was added in bulk is not followed row by row.
        let many = !outcome.new_rows.is_empty();
        let changes = changes_of(op, &outcome.changes, outcome.untracked_rows || many);
        self.study
            .after_operation(op, Direction::Do, &outcome.changes, changes);
        let step = undo::Step {
            op,
            rows: outcome.changes,
            new_rows: outcome.new_rows,
        };
        self.undo.record(step, outcome.breaks_history);
        OpOutput { value, changes }
    }
}

/// What faces must load again after these rows were written.
pub(crate) fn changes_of(op: Op, rows: &[RowChange], untracked: bool) -> Changes {
    let mut changes = if untracked {
        Changes::ALL
    } else {
        Changes::default()
    };
    for row in rows {
        match row.table {
            Table::Cards | Table::Revlog => changes.card = true,
            Table::Notes => changes.note = true,
            Table::Decks => changes.deck = true,
            Table::Tags => changes.tag = true,
            Table::Notetypes | Table::Fields | Table::Templates => changes.notetype = true,
            Table::Config => changes.config = true,
            Table::DeckConfig => changes.deck_config = true,
            Table::Graves => {}
        }
    }
    changes.study_queues = match op {
        // The scheduler moves its queue on by one card itself.
        Op::AnswerCard => untracked,
        Op::SetFlag
        | Op::ToggleMark
        | Op::CollapseDeck
        | Op::CollapseTag
        | Op::UpdateSavedSearches
        | Op::UpdateDeckDescription => false,
        Op::SelectDeck | Op::UpdatePreferences => true,
        Op::UpdateDeckOptions => changes.any(),
        _ => changes.card || changes.deck || changes.deck_config,
    };
    changes
}
