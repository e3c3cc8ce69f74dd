//! The `notes` table. What a field may hold, the sort field and the checksum are worked out
//! above, by [`crate::domain::note`]; here they are only stored.

use super::loose::{fit, in_words, integer, text};
use super::tag::Grave;
use super::{Cell, RowChange, Rows, Storage, Table, Tx};
use crate::base::Result;
use crate::base::ids::{CardId, NoteId, NotetypeId, Usn};
use crate::base::time::TimestampSecs;
use crate::domain::note::Note;
use crate::mark;
use rusqlite::types::Type;
use rusqlite::{OptionalExtension as _, Row};
use std::collections::{HashMap, HashSet};

/// The columns in the order that [`note_from_row`] wants, for queries of other files.
pub(in crate::storage) const NOTE_COLUMNS: &str =
    "id, guid, mid, mod, usn, tags, flds, cast(sfld as text), csum";

/// Reads a row of [`NOTE_COLUMNS`]. Times and usns that are no integers are read as those of cards
/// are; an error about anything else names the note.
pub(in crate::storage) fn note_from_row(row: &Row<'_>) -> rusqlite::Result<Note> {
    read_note(row).map_err(|error| OddValue::of_note(row, error))
}

fn read_note(row: &Row<'_>) -> rusqlite::Result<Note> {
    let tags: String = row.get(5)?;
    let fields: String = row.get(6)?;
    Ok(Note {
        id: NoteId(row.get(0)?),
        guid: row.get(1)?,
        notetype_id: NotetypeId(row.get(2)?),
        mtime: TimestampSecs(integer(row, 3)?),
        usn: Usn(fit(integer(row, 4)?)),
        tags: split_tags(&tags).map(str::to_owned).collect(),
        fields: fields.split('\x1f').map(str::to_owned).collect(),
        sort_field: row.get(7)?,
        checksum: row.get(8).unwrap_or_default(),
    })
}

/// A value of a note that is of no type that its column can have (SQLite's columns take any).
#[derive(Debug)]
pub(super) struct OddValue {
    note: i64,
    column: String,
    held: Type,
}

impl OddValue {
    /// Says of which note the value is, where the id itself can be read.
    pub(super) fn of_note(row: &Row<'_>, error: rusqlite::Error) -> rusqlite::Error {
        match (error, row.get(0)) {
            (rusqlite::Error::InvalidColumnType(index, column, held), Ok(note)) => {
                let odd = Self { note, column, held };
                rusqlite::Error::FromSqlConversionFailure(index, held, Box::new(odd))
            }
            (error, _) => error,
        }
    }
}

impl std::fmt::Display for OddValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { note, column, held } = self;
        let held = in_words(*held);
        f.write_str(&mark!(
            "the note {note} cannot be read: its column `{column}` holds {held}",
            note,
            column,
            held
        ))
    }
}

impl std::error::Error for OddValue {}

/// Tags of the file's form: separated by spaces, also ideographic ones.
pub fn split_tags(tags: &str) -> impl Iterator<Item = &str> {
    tags.split([' ', '\u{3000}']).filter(|t| !t.is_empty())
}

/// Tags as a row has them: with a space on each side, or nothing.
#[must_use]
pub fn join_tags(tags: &[String]) -> String {
    if tags.is_empty() {
        String::new()
    } else {
        format!(" {} ", tags.join(" "))
    }
}

/// From here on: flags and data, which are an add-on's if anybody's.
const UNUSED: usize = 9;

pub(in crate::storage) fn row_of(note: &Note) -> Vec<Cell> {
    vec![
        note.id.0.into(),
        note.guid.as_str().into(),
        note.notetype_id.0.into(),
        note.mtime.0.into(),
        note.usn.0.into(),
        join_tags(&note.tags).into(),
        note.fields.join("\x1f").into(),
        note.sort_field.as_str().into(),
        note.checksum.into(),
        0_i64.into(),
        "".into(),
    ]
}

impl Storage {
    pub fn get_note(&self, id: NoteId) -> Result<Option<Note>> {
        Ok(self
            .db
            .prepare_cached(&format!("select {NOTE_COLUMNS} from notes where id=?"))?
            .query_row([id.0], note_from_row)
            .optional()?)
    }

    pub fn note_ids_of_notetype(&self, notetype: NotetypeId) -> Result<Vec<NoteId>> {
        let mut statement = self
            .db
            .prepare_cached("select id from notes where mid=? order by id")?;
        let ids = statement
            .query_map([notetype.0], |row| row.get(0).map(NoteId))?
            .collect::<rusqlite::Result<_>>()?;
        Ok(ids)
    }

    /// Notes of the type whose first field has this checksum, with that field's HTML.
    pub fn first_fields_with_checksum(
        &self,
        notetype: NotetypeId,
        checksum: u32,
    ) -> Result<Vec<(NoteId, String)>> {
        let mut statement = self
            .db
            .prepare_cached("select id, flds from notes where csum=? and mid=?")?;
        let notes = statement
            .query_map((checksum, notetype.0), |row| {
                let mut fields: String = row.get(1)?;
                fields.truncate(fields.find('\x1f').unwrap_or(fields.len()));
                Ok((NoteId(row.get(0)?), fields))
            })?
            .collect::<rusqlite::Result<_>>()?;
        Ok(notes)
    }

    /// The notes that the cards are made from, each once, in the order of the cards.
    pub fn notes_of_cards(&self, cards: &[CardId]) -> Result<Vec<NoteId>> {
        let mut statement = self.db.prepare_cached("select nid from cards where id=?")?;
        let mut seen = HashSet::new();
        let mut notes = Vec::new();
        for card in cards {
            let note: Option<i64> = statement.query_row([card.0], |row| row.get(0)).optional()?;
            notes.extend(note.filter(|id| seen.insert(*id)).map(NoteId));
        }
        Ok(notes)
    }

    /// Shows every note's id, note type and fields (joined by 0x1F) to `visit`, in no particular
    /// order: for work on all notes that needs no more of them.
    pub fn visit_note_fields(
        &self,
        mut visit: impl FnMut(NoteId, NotetypeId, &str) -> Result<()>,
    ) -> Result<()> {
        let mut statement = self.db.prepare_cached("select id, mid, flds from notes")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let fields = row.get_ref(2)?;
            visit(
                NoteId(row.get(0)?),
                NotetypeId(row.get(1)?),
                fields.as_str().unwrap_or_default(),
            )?;
        }
        Ok(())
    }

    /// A note of a note type: `from`, or the nearest before (`step` −1) or after it (1), round at
    /// the ends. The first one when `from` is none of them. None when there are no notes.
    pub fn example_note(
        &self,
        notetype: NotetypeId,
        from: Option<NoteId>,
        step: i8,
    ) -> Result<Option<NoteId>> {
        let id = |sql: &str, from: i64| -> Result<Option<NoteId>> {
            Ok(self
                .db
                .prepare_cached(sql)?
                .query_row([notetype.0, from], |row| row.get(0).map(NoteId))
                .optional()?)
        };
        let from = from.map_or(i64::MIN, |from| from.0);
        let wanted = match step {
            0 => id("select id from notes where mid=?1 and id=?2", from)?,
            1 => id(
                "select id from notes where mid=?1 and id>?2 order by id limit 1",
                from,
            )?,
            _ => match id(
                "select id from notes where mid=?1 and id<?2 order by id desc limit 1",
                from,
            )? {
                Some(before) => Some(before),
                None => id(
                    "select id from notes where mid=?1 and id>?2 order by id desc limit 1",
                    i64::MIN,
                )?,
            },
        };
        match wanted {
            Some(id) => Ok(Some(id)),
            None => id(
                "select id from notes where mid=?1 and id>?2 order by id limit 1",
                i64::MIN,
            ),
        }
    }

    /// The guids of all notes and, of several notes with one, the oldest. There is no index of
    /// them: whoever asks for one reads the whole table.
    pub fn guids(&self) -> Result<HashMap<String, NoteId>> {
        let mut statement = self
            .db
            .prepare_cached("select guid, id from notes order by id")?;
        let mut rows = statement.query([])?;
        let mut guids = HashMap::new();
        while let Some(row) = rows.next()? {
            guids.entry(text(row, 0)?).or_insert(NoteId(row.get(1)?));
        }
        Ok(guids)
    }
}

impl Tx<'_> {
    /// Adds a note, giving it a free id (unless it has one), the time and the pending usn.
    pub fn add_note(&mut self, note: &mut Note) -> Result<()> {
        self.make_new_note(note)?;
        self.insert_row(Table::Notes, row_of(note))
    }

    /// As [`Self::add_note`], as one of many, that nothing else writes to: undo keeps its id only.
    pub fn add_note_in_bulk(&mut self, note: &mut Note) -> Result<()> {
        self.make_new_note(note)?;
        self.insert_in_bulk(Table::Notes, &row_of(note))
    }

    fn make_new_note(&self, note: &mut Note) -> Result<()> {
        if note.id.0 == 0 {
            note.id = NoteId(self.free_id("notes", self.now().0)?);
        }
        note.mtime = self.now_secs();
        note.usn = Usn::PENDING;
        Ok(())
    }

    /// Adds a note that was deleted, as one of many, under its old id and with its old time. Its
    /// grave goes away. Fails when the id is taken.
    pub fn put_back_note(&mut self, note: &Note) -> Result<()> {
        let mut row = row_of(note);
        row[4] = Usn::PENDING.0.into();
        self.insert_in_bulk(Table::Notes, &row)?;
        self.remove_grave(note.id.0, Grave::Note)
    }

    /// Writes a note with the present time and the pending usn. Columns that no version uses stay.
    pub fn update_note(&mut self, note: &Note) -> Result<()> {
        let mut row = row_of(note);
        row[3] = self.now_secs().0.into();
        row[4] = Usn::PENDING.0.into();
        self.count(Table::Notes)?;
        let Some(before) = self.read_row(Table::Notes, &row[..1])? else {
            return self.insert_row(Table::Notes, row);
        };
        row[UNUSED..].clone_from_slice(&before[UNUSED..]);
        self.update_row(Table::Notes, &before, &row)?;
        Ok(())
    }

    /// Lets `edit` change the tags of a note, and writes them with the present time and the pending
    /// usn when it says that it did; what the note was goes into `former` then.
    pub fn edit_tags(
        &mut self,
        id: NoteId,
        former: &mut Rows,
        edit: impl FnOnce(&mut Self, &mut Vec<String>) -> Result<bool>,
    ) -> Result<bool> {
        let storage = self.storage;
        let mut statement = storage.db.prepare_cached(&Table::Notes.sql().select)?;
        let mut rows = statement.query([id.0])?;
        let Some(row) = rows.next()? else {
            return Ok(false);
        };
        let (mtime, usn) = (integer(row, 3)?, integer(row, 4)?);
        let stored: String = row.get(5).map_err(|error| OddValue::of_note(row, error))?;
        let mark = former.push(row, Table::Notes.sql().columns.len())?;
        drop(rows);
        drop(statement);
        let mut tags = split_tags(&stored).map(str::to_owned).collect();
        if !edit(self, &mut tags)? {
            former.cut(&mark);
            return Ok(false);
        }
        let (now, pending, tags) = (self.now_secs().0, Usn::PENDING.0, join_tags(&tags));
        let marked = usn == i64::from(pending);
        // A column that is named moves its entry in the index, even when it stays the same.
        let sql = match marked {
            true => "update notes set mod=?2, tags=?3 where id=?1",
            false => "update notes set mod=?2, tags=?3, usn=?4 where id=?1",
        };
        let mut update = self.storage.db.prepare_cached(sql)?;
        match marked {
            true => update.execute((id.0, now, &tags))?,
            false => update.execute((id.0, now, &tags, pending))?,
        };
        drop(update);
        let usn = (!marked).then_some(usn);
        self.changes
            .push(RowChange::of_tags(id.0, stored, (mtime, now), usn));
        Ok(true)
    }

    /// Removes a note and leaves a grave for sync. Its cards are the caller's to remove.
    pub fn remove_note(&mut self, id: NoteId) -> Result<()> {
        if self.delete_row(Table::Notes, &[id.0.into()])? {
            self.add_grave(id.0, Grave::Note)?;
        }
        Ok(())
    }

    /// `wanted` when no row of `table` has it, else one past the greatest id.
    pub(in crate::storage) fn free_id(&self, table: &str, wanted: i64) -> Result<i64> {
        Ok(self
            .db
            .prepare_cached(&format!(
                "select case when exists (select 1 from {table} where id=?1) \
                 then (select max(id)+1 from {table}) else ?1 end"
            ))?
            .query_row([wanted], |row| row.get(0))?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::{Clock, TimestampMillis};

    #[test]
    fn a_note_that_is_written_keeps_the_columns_that_no_version_uses() {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::fixed(TimestampMillis(1_700_000_000_000), 0);
        let mut storage = Storage::create(&folder.path().join("c.anki2"), &clock).unwrap();
        let mut note = Note {
            guid: "g".into(),
            fields: vec!["a".into()],
            ..Note::default()
        };
        storage
            .tx(clock.now(), |tx| tx.add_note(&mut note))
            .unwrap();
        let sql = "update notes set flags=7, data='an add-on’s'";
        storage.db.execute_batch(sql).unwrap();
        note.fields = vec!["b".into()];
        storage.tx(clock.now(), |tx| tx.update_note(&note)).unwrap();
        let row = storage
            .db
            .query_row("select flds, flags, data from notes", [], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            });
        let row: (String, i64, String) = row.unwrap();
        assert_eq!(row, ("b".into(), 7, "an add-on’s".into()));
    }
}
