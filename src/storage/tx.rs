//! Transactions: the only way to write. Every row written is recorded with what it was before,
//! so that any operation can be undone by putting the rows back.

use super::Storage;
use super::history::{Former, FormerSubject, SentFormers};
use super::row::{Cell, NewRows, RowChange, RowEdit, Table, cells_of};
use crate::base::Result;
use crate::base::time::{TimestampMillis, TimestampSecs};
use rusqlite::{ErrorCode, OptionalExtension as _, params_from_iter};
use std::borrow::Borrow;
use std::ops::Deref;

/// Rows that are read and told before the next are, when added ones are removed.
const TOLD_TOGETHER: usize = 64;
/// The tables whose rows are added in bulk, in the order in which they are removed: notes last, whose
/// cards are told by then.
const ADDED: [Table; 3] = [Table::Revlog, Table::Cards, Table::Notes];

/// An open transaction. Reads go through to [`Storage`]; the writers are in the file of each
/// table, on this type.
pub struct Tx<'a> {
    pub(super) storage: &'a Storage,
    now: TimestampMillis,
    pub(super) changes: Vec<RowChange>,
    /// Rows that are not in `changes`, because there are many of them.
    new_rows: Vec<NewRows>,
    /// Something was written that is not in `changes`.
    untracked: bool,
    /// Of that, something else than settings.
    untracked_rows: bool,
    /// Of that, something that older undo steps must not be put back over.
    breaks_history: bool,
    /// What the collection's modification time becomes, instead of that of this operation.
    pub(super) modified: Option<TimestampMillis>,
    /// Where new cards go next, once one was added: written at the end.
    pub(super) next_position: Option<u32>,
    /// What the other side of a sync had, where ours stays.
    pub(super) overruled: Vec<Former>,
    pub(super) overruled_subjects: Vec<FormerSubject>,
    /// Where notes are told before rows are put back.
    pub(super) formers: Option<SentFormers>,
    /// What takes back what was written outside the database, last first.
    take_back: Vec<Box<dyn FnOnce()>>,
    finished: bool,
}

impl Deref for Tx<'_> {
    type Target = Storage;
    fn deref(&self) -> &Storage {
        self.storage
    }
}

/// What a transaction did.
#[derive(Debug, Default)]
pub struct TxOutcome {
    pub changes: Vec<RowChange>,
    /// Rows added in bulk; not in `changes`.
    pub new_rows: Vec<NewRows>,
    /// Rows other than settings were written that are not in `changes`.
    pub untracked_rows: bool,
    /// What could be undone before cannot be undone any more.
    pub breaks_history: bool,
}

impl Storage {
    /// Runs `f` in a transaction: all of it reaches the disk, or nothing of it. When anything
    /// changed, the collection's modification time becomes `now`.
    pub fn tx<T>(
        &mut self,
        now: TimestampMillis,
        f: impl FnOnce(&mut Tx<'_>) -> Result<T>,
    ) -> Result<(T, Vec<RowChange>)> {
        let (value, outcome) = self.tx_with_outcome(now, f)?;
        Ok((value, outcome.changes))
    }

    /// As [`Self::tx`], telling also whether older undo steps still hold.
    pub fn tx_with_outcome<T>(
        &mut self,
        now: TimestampMillis,
        f: impl FnOnce(&mut Tx<'_>) -> Result<T>,
    ) -> Result<(T, TxOutcome)> {
        self.db.prepare_cached("begin immediate")?.execute([])?;
        let mut tx = Tx::new(self, now);
        let value = f(&mut tx)?;
        let outcome = tx.commit()?;
        Ok((value, outcome))
    }
}

impl Drop for Tx<'_> {
    fn drop(&mut self) {
        if self.finished {
            return;
        }
        self.storage.cache.forget_all();
        if !self.storage.db.is_autocommit()
            && let Err(e) = self.storage.db.execute_batch("rollback")
        {
            // SQLite rolls back by itself when the connection closes.
            tracing::error!("rollback failed: {e}");
        }
        while let Some(take_back) = self.take_back.pop() {
            take_back();
        }
    }
}

impl<'a> Tx<'a> {
    fn new(storage: &'a Storage, now: TimestampMillis) -> Self {
        Self {
            storage,
            now,
            changes: Vec::new(),
            new_rows: Vec::new(),
            untracked: false,
            untracked_rows: false,
            breaks_history: false,
            modified: None,
            next_position: None,
            overruled: Vec::new(),
            overruled_subjects: Vec::new(),
            formers: None,
            take_back: Vec::new(),
            finished: false,
        }
    }

    /// The time of this operation.
    #[must_use]
    pub fn now(&self) -> TimestampMillis {
        self.now
    }

    /// As [`Self::now`], for the columns in seconds.
    #[must_use]
    pub fn now_secs(&self) -> TimestampSecs {
        self.now.secs()
    }

    /// The rows written so far.
    #[must_use]
    pub fn changes(&self) -> &[RowChange] {
        &self.changes
    }

    /// Those added in bulk, which are not among the changes.
    pub(super) fn new_rows(&self) -> &[NewRows] {
        &self.new_rows
    }

    /// Whether nothing was written yet.
    #[must_use]
    pub fn is_untouched(&self) -> bool {
        self.changes.is_empty() && self.new_rows.is_empty() && !self.untracked
    }

    /// Says that rows were written by other means than the writers of this type: the
    /// collection's modification time moves, and the undo history ends here.
    pub fn mark_untracked(&mut self) {
        self.untracked = true;
        self.untracked_rows = true;
        self.breaks_history = true;
        self.storage.cache.forget_all();
    }

    /// For what is written elsewhere before the change is on disk: `take_back` is called when
    /// certainly nothing of the change will be.
    pub fn or_take_back(&mut self, take_back: impl FnOnce() + 'static) {
        self.take_back.push(Box::new(take_back));
    }

    /// Hands what has changed to the log while something else is waited for. It counts once it is
    /// committed, with what comes until then.
    pub fn write_ahead(&self) -> Result<()> {
        Ok(self.storage.db.cache_flush()?)
    }

    fn commit(mut self) -> Result<TxOutcome> {
        self.keep_next_position()?;
        if let Some(modified) = self.modified {
            self.storage
                .db
                .execute("update col set mod=?", [modified.0])?;
        } else if !self.is_untouched() {
            // Two changes never leave the same time behind, however fast they follow each other:
            // backups and the undo history tell states apart by it.
            self.storage
                .db
                .prepare_cached(
                    "update col set mod = case when mod between ?1 and ?1 + 999 then mod + 1 \
                     else ?1 end",
                )?
                .execute([self.now.0])?;
        }
        let storage = self.storage;
        let mut commit = storage.db.prepare_cached("commit")?;
        // From here on it may be on disk, whatever is answered; not where there was no room for it.
        let take_back = std::mem::take(&mut self.take_back);
        if let Err(error) = commit.execute([]) {
            if error.sqlite_error_code() == Some(ErrorCode::DiskFull) {
                self.take_back = take_back;
            }
            return Err(error.into());
        }
        self.finished = true;
        Ok(TxOutcome {
            changes: std::mem::take(&mut self.changes),
            new_rows: std::mem::take(&mut self.new_rows),
            untracked_rows: self.untracked_rows,
            breaks_history: self.breaks_history,
        })
    }

    /// Puts every row back to what it was before `changes`, last one first. Columns that
    /// `changes` left alone keep what they hold now.
    pub fn apply_inverse(&mut self, changes: &[RowChange]) -> Result<()> {
        // Cards that were added and go again are for `remove_new_rows` to judge.
        let stays = |c: &&RowChange| c.table == Table::Cards && added_id(c).is_none();
        let cards = changes.iter().filter(stays).count();
        if self.is_great_share(Table::Cards, cards)? {
            let columns = RowChange::columns(Table::Cards, changes);
            return self.with_indexes_apart(Table::Cards, &columns, |tx| tx.put_back(changes));
        }
        self.put_back(changes)
    }

    fn put_back(&mut self, changes: &[RowChange]) -> Result<()> {
        // Rows that were added one after the other are removed together, and statements looked up
        // once for those of one table that were changed.
        let together = |a: &RowChange, b: &RowChange| match (&a.edit, &b.edit) {
            (RowEdit::Changed { .. }, RowEdit::Changed { .. }) => a.table == b.table,
            _ => added_id(a).is_some() && added_id(b).is_some(),
        };
        for run in changes.chunk_by(together).rev() {
            let Some(first) = run.first() else { continue };
            match &first.edit {
                RowEdit::Changed { .. } => self.put_columns_back(first.table, run)?,
                RowEdit::Added(_) if added_id(first).is_some() => self.remove_added(run)?,
                RowEdit::Added(row) => {
                    let keys = first.table.sql().key_columns;
                    self.delete_row(first.table, &row[..keys])?;
                }
                RowEdit::Removed(row) => {
                    self.put_row(first.table, row.clone())?;
                }
            }
        }
        Ok(())
    }

    fn remove_added(&mut self, added: &[RowChange]) -> Result<()> {
        let tables = ADDED.map(|table| {
            let of_table = added.iter().filter(|change| change.table == table);
            let mut ids: Vec<i64> = of_table.filter_map(added_id).collect();
            ids.sort_unstable();
            NewRows { table, ids }
        });
        self.remove_new_rows(&tables)
    }

    /// Gives rows of one table that were changed what their columns held.
    fn put_columns_back(&mut self, table: Table, changed: &[RowChange]) -> Result<()> {
        let sql = table.sql();
        let storage = self.storage;
        let mut read = storage.db.prepare_cached(&sql.select)?;
        for change in changed.iter().rev() {
            let RowEdit::Changed { key, before, .. } = &change.edit else {
                continue;
            };
            self.count(table)?;
            let now = read
                .query_row(params_from_iter(key.iter()), |row| {
                    cells_of(row, sql.columns.len())
                })
                .optional()?;
            let Some(now) = now else { continue };
            let mut row: Vec<&Cell> = now.iter().collect();
            for (column, was) in before {
                if let Some(cell) = row.get_mut(usize::from(*column)) {
                    *cell = was;
                }
            }
            if self.update_row(table, &now, &row)? && table == Table::Notes {
                self.tell_changed(&now, before);
            }
        }
        Ok(())
    }

    /// Removes rows that were added in bulk; each is then among the changes. Comes before
    /// [`Self::apply_inverse`] of what was changed beside them: their decks are there still, and rows
    /// that were removed for them find their places free.
    pub fn remove_new_rows(&mut self, rows: &[NewRows]) -> Result<()> {
        let of_table = |table: Table| rows.iter().filter(move |rows| rows.table == table);
        let ordered = || ADDED.into_iter().flat_map(of_table);
        // In parts: whoever keeps what they were begins with the first while the others are read.
        for rows in ordered() {
            for part in rows.runs().flat_map(|run| run.chunks(TOLD_TOGETHER)) {
                let start = self.changes.len();
                self.note_removal(rows.table, part)?;
                self.tell_removed(start)?;
            }
        }
        for rows in ordered() {
            let delete = |tx: &mut Self| {
                rows.runs()
                    .try_for_each(|run| tx.delete_run(rows.table, run))
            };
            match rows.table == Table::Cards && self.few_cards_stay_without(rows.ids.len())? {
                true => self.with_indexes_apart(rows.table, rows.table.sql().columns, delete)?,
                false => delete(self)?,
            }
        }
        Ok(())
    }

    /// Notes what rows are whose ids follow each other, before they are removed.
    fn note_removal(&mut self, table: Table, ids: &[i64]) -> Result<()> {
        let (Some(first), Some(last)) = (ids.first(), ids.last()) else {
            return Ok(());
        };
        let sql = table.sql();
        let key = sql.columns[0];
        let list = sql.columns.join(",");
        let mut statement = self.storage.db.prepare_cached(&format!(
            "select {list} from {} where {key} between ?1 and ?2 order by {key}",
            sql.name
        ))?;
        let mut found = statement.query([first, last])?;
        while let Some(row) = found.next()? {
            self.count(table)?;
            let row = cells_of(row, sql.columns.len())?;
            self.storage.cache.forget(table, Some(&row), None);
            self.changes.push(RowChange {
                table,
                edit: RowEdit::Removed(row),
            });
        }
        Ok(())
    }

    fn delete_run(&mut self, table: Table, ids: &[i64]) -> Result<()> {
        let (Some(first), Some(last)) = (ids.first(), ids.last()) else {
            return Ok(());
        };
        let sql = table.sql();
        let key = sql.columns[0];
        self.storage
            .db
            .prepare_cached(&format!(
                "delete from {} where {key} between ?1 and ?2",
                sql.name
            ))?
            .execute([first, last])?;
        Ok(())
    }

    /// Inserts a row as one of many: of it, undo keeps the id only. Fails when its key is taken;
    /// what may exist is written by [`Self::put_row`]. Nothing else may write to the row in this
    /// transaction: undo removes the rows of bulk before it takes other changes back.
    pub(super) fn insert_in_bulk(&mut self, table: Table, row: &[Cell]) -> Result<()> {
        self.write_row(table, None, row)?;
        let Some(Cell::Int(id)) = row.first() else {
            return Err(crate::base::Error::bug(
                "a bulk row needs a number as its key",
            ));
        };
        self.note_new_rows(table, [*id]);
        Ok(())
    }

    /// Rows that were added as some of many: see [`Self::insert_in_bulk`].
    pub(super) fn note_new_rows(&mut self, table: Table, ids: impl IntoIterator<Item = i64>) {
        match self.new_rows.iter_mut().find(|rows| rows.table == table) {
            Some(rows) => rows.ids.extend(ids),
            None => self.new_rows.push(NewRows {
                table,
                ids: ids.into_iter().collect(),
            }),
        }
    }

    /// Counts a card or note that is looked at to be changed, where somebody watches; fails with
    /// `Interrupted` when they cancelled.
    pub(super) fn count(&self, table: Table) -> Result<()> {
        match self.storage.watched.upgrade() {
            Some(progress) if matches!(table, Table::Cards | Table::Notes) => progress.step(1),
            _ => Ok(()),
        }
    }

    /// Inserts or updates one row; false when it was already so.
    pub(super) fn put_row(&mut self, table: Table, after: Vec<Cell>) -> Result<bool> {
        self.count(table)?;
        match self.read_row(table, &after[..table.sql().key_columns])? {
            Some(before) => self.update_row(table, &before, &after),
            None => self.insert_row(table, after).map(|()| true),
        }
    }

    /// As [`Self::put_row`], but undo will not know of it, and leave it as it is.
    pub(super) fn put_row_untracked(&mut self, table: Table, after: &[Cell]) -> Result<()> {
        let before = self.read_row(table, &after[..table.sql().key_columns])?;
        if self.write_row(table, before.as_deref(), after)?.is_some() {
            self.untracked = true;
            self.untracked_rows |= table != Table::Config;
        }
        Ok(())
    }

    /// Inserts a row that is known to be new.
    pub(super) fn insert_row(&mut self, table: Table, row: Vec<Cell>) -> Result<()> {
        self.write_row(table, None, &row)?;
        self.changes.push(RowChange {
            table,
            edit: RowEdit::Added(row),
        });
        Ok(())
    }

    /// Removes one row; false when there was none.
    pub(super) fn delete_row(&mut self, table: Table, key: &[Cell]) -> Result<bool> {
        self.count(table)?;
        let Some(before) = self.read_row(table, key)? else {
            return Ok(false);
        };
        self.storage
            .db
            .prepare_cached(&table.sql().delete)?
            .execute(params_from_iter(key))?;
        self.storage.cache.forget(table, Some(&before), None);
        self.changes.push(RowChange {
            table,
            edit: RowEdit::Removed(before),
        });
        Ok(true)
    }

    pub(super) fn update_row(
        &mut self,
        table: Table,
        before: &[Cell],
        after: &[impl Borrow<Cell>],
    ) -> Result<bool> {
        let Some(changed) = self.write_row(table, Some(before), after)? else {
            return Ok(false);
        };
        self.changes
            .push(RowChange::changed(table, before, after, &changed));
        Ok(true)
    }

    /// Reads one row, lets `edit` say what becomes of it, and writes that: a row is read once where
    /// [`Self::put_row`] reads it again. False when there is no such row or `edit` left it alone.
    pub(super) fn edit_row(
        &mut self,
        table: Table,
        key: &[Cell],
        edit: impl FnOnce(&[Cell]) -> Option<Vec<Cell>>,
    ) -> Result<bool> {
        self.count(table)?;
        let Some(before) = self.read_row(table, key)? else {
            return Ok(false);
        };
        let Some(after) = edit(&before) else {
            return Ok(false);
        };
        self.update_row(table, &before, &after)
    }

    pub(super) fn read_row(&self, table: Table, key: &[Cell]) -> Result<Option<Vec<Cell>>> {
        let sql = table.sql();
        let mut statement = self.storage.db.prepare_cached(&sql.select)?;
        let mut rows = statement.query(params_from_iter(key))?;
        let Some(row) = rows.next()? else {
            return Ok(None);
        };
        Ok(Some(cells_of(row, sql.columns.len())?))
    }

    /// Which columns were written; None when the row was already so.
    fn write_row(
        &self,
        table: Table,
        before: Option<&[Cell]>,
        after: &[impl Borrow<Cell>],
    ) -> Result<Option<Vec<usize>>> {
        let cell = |place: usize| -> &Cell { after[place].borrow() };
        let sql = table.sql();
        let mut written = Vec::new();
        match before {
            None => {
                self.storage
                    .db
                    .prepare_cached(&sql.insert)?
                    .execute(params_from_iter((0..after.len()).map(cell)))?;
            }
            Some(before) => {
                let Some((update, changed)) = sql.update(before, after) else {
                    return Ok(None);
                };
                let places = changed.iter().copied().chain(0..sql.key_columns);
                self.storage
                    .db
                    .prepare_cached(&update)?
                    .execute(params_from_iter(places.map(cell)))?;
                written = changed;
            }
        }
        self.storage.cache.forget(table, before, Some(cell(1)));
        Ok(Some(written))
    }
}

/// The id of a review, card or note that was added.
fn added_id(change: &RowChange) -> Option<i64> {
    match &change.edit {
        RowEdit::Added(_) if ADDED.contains(&change.table) => change.id(),
        _ => None,
    }
}
