//! Rows as sync sends and takes them: what was changed or deleted since the last sync
//! (`usn = -1`), what the other side sends put in its place by the rules of Anki, and the stamps
//! that a finished sync leaves.

use super::note::{join_tags, split_tags};
use super::notetype::row_of as notetype_row;
use super::tag::Grave;
use super::{Cell, Storage, Table, Tx, open};
use crate::base::ids::{DeckConfigId, DeckId, NotetypeId, Usn};
use crate::base::time::{TimestampMillis, TimestampSecs};
use crate::base::{Error, ErrorKind, Result};
use crate::codec::schema11::deck::{deck_from_json, deck_to_json};
use crate::codec::schema11::notetype::{notetype_from_json, notetype_to_json};
use crate::codec::schema11::preset::{preset_from_json, preset_to_json};
use crate::codec::schema11::sorted_json;
use crate::codec::sync::{CHUNK, Changes, Chunk, Graves, SanityCounts};
use crate::domain::deck::DeckName;
use crate::domain::note_fields::{field_checksum, sort_field_of};
use crate::domain::subject::SubjectState;
use crate::mark;
use rusqlite::params;
use serde_json::{Map, Value};
use std::path::Path;

/// Tables whose rows all have to carry a number of the server when a sync ends.
const NUMBERED: [&str; 8] = [
    "cards",
    "notes",
    "revlog",
    "graves",
    "decks",
    "deck_config",
    "tags",
    "notetypes",
];

/// Ids of rows that still have to be sent.
#[derive(Debug, Default)]
pub struct PendingRows {
    revlog: Vec<i64>,
    cards: Vec<i64>,
    notes: Vec<i64>,
}

impl PendingRows {
    #[must_use]
    pub fn len(&self) -> usize {
        self.revlog.len() + self.cards.len() + self.notes.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Storage {
    /// True when there is no card.
    pub fn has_no_cards(&self) -> Result<bool> {
        Ok(!self
            .db
            .prepare_cached("select 1 from cards limit 1")?
            .exists([])?)
    }

    /// What both sides compare at the end.
    pub fn sanity_counts(&self) -> Result<SanityCounts> {
        let count = |table: &str| -> Result<i64> {
            Ok(self
                .db
                .prepare_cached(&format!("select count(*) from {table}"))?
                .query_row([], |row| row.get(0))?)
        };
        Ok(SanityCounts {
            cards: count("cards")?,
            notes: count("notes")?,
            revlog: count("revlog")?,
            graves: count("graves")?,
            notetypes: count("notetypes")?,
            decks: count("decks")?,
            presets: count("deck_config")?,
        })
    }

    /// A table that still has rows that were not sent.
    pub fn unsent_table(&self) -> Result<Option<&'static str>> {
        for table in NUMBERED {
            let sql = format!("select 1 from {table} where usn=-1 limit 1");
            if self.db.prepare_cached(&sql)?.exists([])? {
                return Ok(Some(table));
            }
        }
        Ok(None)
    }

    /// How many of these notes are there.
    pub fn count_notes_among(&self, ids: &[i64]) -> Result<u64> {
        let mut statement = self.db.prepare_cached("select 1 from notes where id=?")?;
        let mut found = 0;
        for id in ids {
            found += u64::from(statement.exists([id])?);
        }
        Ok(found)
    }

    /// Notes that were deleted here since the last sync.
    pub fn count_note_graves(&self) -> Result<u64> {
        let count: i64 = self
            .db
            .prepare_cached("select count(*) from graves where usn=-1 and type=1")?
            .query_row([], |row| row.get(0))?;
        Ok(count.unsigned_abs())
    }

    fn ids_of(&self, table: &str, sender: Sender) -> Result<Vec<i64>> {
        let condition = sender.condition();
        let mut statement = self.db.prepare_cached(&format!(
            "select id from {table} where {condition} order by id"
        ))?;
        let ids = statement
            .query_map([], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        Ok(ids)
    }

    /// Cards, notes and reviews that the other side has not heard of.
    pub fn pending_rows(&self, sender: Sender) -> Result<PendingRows> {
        Ok(PendingRows {
            revlog: self.ids_of("revlog", sender)?,
            cards: self.ids_of("cards", sender)?,
            notes: self.ids_of("notes", sender)?,
        })
    }
}

/// Which side of a sync sends or takes rows: each knows by other numbers what the other side has
/// not heard of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sender {
    /// What has no number yet; it gets this one, the server's.
    Client(Usn),
    /// What has this number, up to which the client has heard of everything, or a later one.
    Server(Usn),
}

impl Sender {
    fn condition(self) -> String {
        match self {
            Self::Client(_) => "usn=-1".to_owned(),
            Self::Server(since) => format!("usn>={}", since.0.max(0)),
        }
    }

    fn sends(self, usn: Usn) -> bool {
        match self {
            Self::Client(_) => usn == Usn::PENDING,
            Self::Server(since) => usn.0 >= since.0.max(0),
        }
    }

    /// The number that an object is sent with.
    fn number(self, usn: Usn) -> Usn {
        match self {
            Self::Client(number) => number,
            Self::Server(_) => usn,
        }
    }
}

/// Makes a copy into what a server takes as the whole collection. It is one file afterwards.
pub fn stamp_for_upload(path: &Path, now: TimestampMillis) -> Result<()> {
    let mut storage = Storage::open(path)?;
    // A copy that a crash loses is made anew.
    storage.db.pragma_update(None, "synchronous", "off")?;
    storage.spare_memory()?;
    storage.tx(now, |tx| tx.mark_uploaded(now))?;
    open::leave_wal(&storage.db)?;
    storage.close()
}

/// Stamps a downloaded collection as equal to the server's.
pub fn stamp_downloaded(path: &Path) -> Result<()> {
    let storage = Storage::open_staged(path)?;
    storage.require_readable()?;
    storage.db.execute("update col set ls=mod", [])?;
    storage.close()
}

impl Tx<'_> {
    fn number(&self, table: &str, usn: Usn) -> Result<()> {
        self.db
            .prepare_cached(&format!("update {table} set usn=? where usn=-1"))?
            .execute([usn.0])?;
        Ok(())
    }

    /// Gives what a server changed by itself the number of the sync that it did so in.
    pub fn number_own(&mut self, usn: Usn) -> Result<()> {
        self.number("cards", usn)?;
        self.number("config", usn)
    }

    /// What was deleted since the last sync; a client's is numbered as sent.
    pub fn take_graves(&mut self, sender: Sender) -> Result<Graves> {
        let mut graves = Graves::default();
        {
            let condition = sender.condition();
            let mut statement = self
                .db
                .prepare_cached(&format!("select oid, type from graves where {condition}"))?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                match row.get(1)? {
                    0 => graves.cards.push(row.get(0)?),
                    1 => graves.notes.push(row.get(0)?),
                    2 => graves.decks.push(row.get(0)?),
                    _ => {}
                }
            }
        }
        if let Sender::Client(usn) = sender {
            self.number("graves", usn)?;
        }
        self.mark_untracked();
        Ok(graves)
    }

    /// Deletes what the other side deleted. Only these rows: their kin come with graves too.
    pub fn apply_graves(&mut self, graves: &Graves, usn: Usn) -> Result<()> {
        for (table, kind, ids) in [
            (Table::Notes, Grave::Note, &graves.notes),
            (Table::Cards, Grave::Card, &graves.cards),
            (Table::Decks, Grave::Deck, &graves.decks),
        ] {
            for &id in ids {
                self.delete_row(table, &[id.into()])?;
                let grave = vec![id.into(), (kind as u8).into(), usn.0.into()];
                self.put_row(Table::Graves, grave)?;
            }
        }
        Ok(())
    }

    /// Note types, decks, presets and tags that were changed since the last sync, a client's
    /// numbered as sent; with `settings` all settings too. By id, as Anki sends them: where names clash, it is
    /// the order that says which of them gets another.
    pub fn take_changes(&mut self, sender: Sender, settings: bool) -> Result<Changes> {
        let mut changes = Changes::default();
        let mut notetypes = self.all_notetypes()?;
        notetypes.sort_by_key(|notetype| notetype.id);
        for mut notetype in notetypes {
            if sender.sends(notetype.usn) {
                notetype.usn = sender.number(notetype.usn);
                changes.models.push(notetype_to_json(&notetype));
            }
        }
        let mut decks = self.all_decks()?;
        decks.sort_by_key(|deck| deck.id);
        for mut deck in decks {
            if sender.sends(deck.usn) {
                deck.usn = sender.number(deck.usn);
                changes.decks.0.push(deck_to_json(&deck));
            }
        }
        for mut preset in self.all_deck_configs()? {
            if sender.sends(preset.usn) {
                preset.usn = sender.number(preset.usn);
                changes.decks.1.push(preset_to_json(&preset));
            }
        }
        let condition = sender.condition();
        changes.tags = self
            .db
            .prepare_cached(&format!(
                "select cast(tag as text) from tags where {condition} order by tag"
            ))?
            .query_map([], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        if let Sender::Client(usn) = sender {
            for table in ["notetypes", "decks", "deck_config", "tags"] {
                self.number(table, usn)?;
            }
        }
        if settings {
            if let Value::Object(conf) = self.config_object()? {
                changes.conf = Some(conf);
            }
            changes.crt = Some(self.col_row()?.crt.0);
            self.number("config", Usn(0))?;
        }
        self.mark_untracked();
        Ok(changes)
    }

    /// Takes what the other side changed, where it is not older than ours.
    ///
    /// # Errors
    /// `Conflict` when a note type has another number of fields or templates than ours: then only
    /// a one-way sync helps.
    pub fn apply_changes(&mut self, changes: Changes, usn: Usn) -> Result<()> {
        for value in changes.models {
            self.apply_notetype(value, usn)?;
        }
        for value in changes.decks.0 {
            self.apply_deck(value, usn)?;
        }
        for value in changes.decks.1 {
            let preset = preset_from_json(id_of(&value)?, value)?;
            let ours = self.get_deck_config(DeckConfigId(preset.id.0))?;
            match ours {
                Some(ours) if !gives_way((ours.mtime, ours.usn), preset.mtime, usn) => {
                    let theirs = SubjectState::Preset(preset);
                    self.overrule_subject(SubjectState::Preset(ours), theirs);
                }
                _ => {
                    self.put_row(Table::DeckConfig, super::deck_config::row_of(&preset))?;
                }
            }
        }
        for tag in changes.tags {
            if self.registered_spelling(&tag)?.is_none() {
                let row = vec![tag.into(), usn.0.into(), true.into(), Cell::Null];
                self.insert_row(Table::Tags, row)?;
            }
        }
        if let Some(conf) = changes.conf {
            self.replace_settings(&conf, usn)?;
        }
        if let Some(crt) = changes.crt {
            self.db.execute("update col set crt=?", [crt])?;
        }
        self.mark_untracked();
        Ok(())
    }

    fn apply_notetype(&mut self, value: Value, usn: Usn) -> Result<()> {
        let mut theirs = notetype_from_json(id_of(&value)?, value)?;
        if let Some(ours) = self.get_notetype(NotetypeId(theirs.id.0))? {
            if !gives_way((ours.mtime, ours.usn), theirs.mtime, usn) {
                let theirs = SubjectState::Notetype(theirs);
                self.overrule_subject(SubjectState::Notetype(ours), theirs);
                return Ok(());
            }
            if ours.fields.len() != theirs.fields.len()
                || ours.templates.len() != theirs.templates.len()
            {
                return Err(Error::new(
                    ErrorKind::Conflict,
                    mark!(
                        "the note type {name} has other fields or cards there",
                        name = ours.name
                    ),
                ));
            }
        }
        while let Some(same) = self.notetype_by_name(&theirs.name)? {
            if same.id == theirs.id {
                break;
            }
            theirs.name.push('+');
        }
        self.put_row(Table::Notetypes, notetype_row(&theirs))?;
        self.write_parts(&theirs)
    }

    fn apply_deck(&mut self, value: Value, usn: Usn) -> Result<()> {
        let mut theirs = deck_from_json(id_of(&value)?, value)?;
        let ours = self.get_deck(DeckId(theirs.id.0))?;
        if let Some(ours) = ours
            && !gives_way((ours.mtime, ours.usn), theirs.mtime, usn)
        {
            self.overrule_subject(SubjectState::Deck(ours), SubjectState::Deck(theirs));
            return Ok(());
        }
        while let Some(same) = self.deck_by_name(&theirs.name)? {
            if same.id == theirs.id {
                break;
            }
            theirs.name = DeckName::from_human(&format!("{}+", theirs.name.human()));
            theirs.mtime = self.now_secs();
            theirs.usn = usn;
        }
        self.put_row(Table::Decks, super::deck::row_of(&theirs))?;
        Ok(())
    }

    pub(super) fn replace_settings(&self, conf: &Map<String, Value>, usn: Usn) -> Result<()> {
        self.db.execute("delete from config", [])?;
        let mut insert = self
            .db
            .prepare_cached("insert into config (key, usn, mtime_secs, val) values (?,?,?,?)")?;
        for (key, value) in conf {
            insert.execute(params![key, usn.0, self.now_secs().0, sorted_json(value)])?;
        }
        Ok(())
    }

    /// The next rows to send, a client's numbered as sent; the last chunk says so.
    pub fn take_chunk(&mut self, pending: &mut PendingRows, sender: Sender) -> Result<Chunk> {
        let mut chunk = Chunk::default();
        let mut room = CHUNK;
        for (table, ids, rows) in [
            (Table::Revlog, &mut pending.revlog, &mut chunk.revlog),
            (Table::Notes, &mut pending.notes, &mut chunk.notes),
            (Table::Cards, &mut pending.cards, &mut chunk.cards),
        ] {
            let name = table.sql().name;
            let number = format!("update {name} set usn=?1 where id=?2");
            let take = ids.len().min(room);
            room -= take;
            for id in ids.drain(ids.len() - take..) {
                if let Sender::Client(usn) = sender {
                    self.db
                        .prepare_cached(&number)?
                        .execute([i64::from(usn.0), id])?;
                }
                let row = self
                    .read_row(table, &[id.into()])?
                    .ok_or_else(|| Error::bug("a row to be sent is gone"))?;
                rows.push(to_wire(table, row)?);
            }
        }
        chunk.done = pending.is_empty();
        Ok(chunk)
    }

    /// Takes rows of the other side; `taker` is this one. A row that was changed here too since the
    /// last sync stays when it is newer (of equally old ones the server's stays, on both sides); what
    /// it overrules is kept in the history of notes.
    pub fn apply_chunk(&mut self, chunk: Chunk, taker: Sender) -> Result<()> {
        for values in chunk.revlog {
            let row = from_wire(Table::Revlog, values)?;
            if self.read_row(Table::Revlog, &row[..1])?.is_none() {
                self.insert_row(Table::Revlog, row)?;
            }
        }
        for values in chunk.notes {
            let row = self.whole_note(from_wire(Table::Notes, values)?)?;
            self.apply_row(Table::Notes, NOTE_MOD, row, taker)?;
        }
        for values in chunk.cards {
            let row = from_wire(Table::Cards, values)?;
            self.apply_row(Table::Cards, CARD_MOD, row, taker)?;
        }
        Ok(())
    }

    /// The time of a row is in the column `modified`, its number in the next one.
    fn apply_row(
        &mut self,
        table: Table,
        modified: usize,
        theirs: Vec<Cell>,
        taker: Sender,
    ) -> Result<()> {
        let Some(ours) = self.read_row(table, &theirs[..1])? else {
            return self.insert_row(table, theirs);
        };
        let (here, there) = (number_of(&ours[modified]), number_of(&theirs[modified]));
        let number = number_of(&ours[modified + 1]);
        let stays = match taker {
            Sender::Client(_) => number == i64::from(Usn::PENDING.0) && here > there,
            Sender::Server(since) => number >= i64::from(since.0.max(0)) && here >= there,
        };
        if stays {
            if table == Table::Notes {
                self.overrule(&ours, theirs);
            }
            return Ok(());
        }
        self.put_row(table, theirs)?;
        Ok(())
    }

    /// Works out the sort field and the checksum, which do not travel.
    fn whole_note(&self, mut row: Vec<Cell>) -> Result<Vec<Cell>> {
        let (Cell::Int(notetype), Cell::Text(tags), Cell::Text(fields)) =
            (&row[2], &row[5], &row[6])
        else {
            return Err(strange("a note without note type, tags or fields"));
        };
        let notetype = self
            .notetype(NotetypeId(*notetype))?
            .ok_or_else(|| strange("a note whose note type is missing"))?;
        let tags: Vec<String> = split_tags(tags).map(str::to_owned).collect();
        let fields: Vec<String> = fields.split('\x1f').map(str::to_owned).collect();
        let sort_field = sort_field_of(&notetype, &fields);
        let checksum = field_checksum(fields.first().map_or("", String::as_str));
        row[5] = join_tags(&tags).into();
        row[7] = sort_field.into();
        row[8] = checksum.into();
        row[9] = 0_i64.into();
        row[10] = "".into();
        Ok(row)
    }

    /// The state that a finished sync leaves: both sides changed last at `modified`.
    pub fn mark_synced(&mut self, modified: TimestampMillis, usn: Usn) -> Result<()> {
        self.db
            .execute("update col set ls=?, usn=?", params![modified.0, usn.0])?;
        self.mark_untracked();
        self.modified = Some(modified);
        Ok(())
    }

    /// The state after an upload of the whole collection at `now`.
    pub fn mark_uploaded(&mut self, now: TimestampMillis) -> Result<()> {
        self.db.execute_batch(
            "delete from graves;
             update tags set usn=0 where usn!=0;
             update decks set usn=0 where usn!=0;
             update deck_config set usn=0 where usn!=0;
             update notetypes set usn=0 where usn!=0;",
        )?;
        for table in [Table::Notes, Table::Cards, Table::Revlog] {
            let name = table.sql().name;
            let count = format!("select count(*) from {name} where usn=-1");
            let pending: i64 = self.db.query_one(&count, [], |row| row.get(0))?;
            if self.is_great_share(table, usize::try_from(pending).unwrap_or(0))? {
                self.with_indexes_apart(table, &["usn"], |tx| tx.number(name, Usn(0)))?;
            } else {
                self.number(name, Usn(0))?;
            }
        }
        self.db
            .execute("update col set usn=usn+1, scm=?1, ls=?1", [now.0])?;
        self.mark_untracked();
        self.modified = Some(now);
        Ok(())
    }
}

/// Whether ours is not newer than theirs. Of equally old ones the server takes what we have just
/// sent, so that is what stays.
fn gives_way(ours: (TimestampSecs, Usn), theirs: TimestampSecs, usn: Usn) -> bool {
    ours.0 < theirs || (ours.0 == theirs && ours.1 != usn)
}

const NOTE_MOD: usize = 3;
const CARD_MOD: usize = 4;

/// Columns of text; all others are whole numbers.
fn is_text(table: Table, column: usize) -> bool {
    match table {
        Table::Cards => column == 17,
        Table::Notes => matches!(column, 1 | 5 | 6 | 7 | 8 | 10),
        _ => false,
    }
}

fn to_wire(table: Table, row: Vec<Cell>) -> Result<Vec<Value>> {
    row.into_iter()
        .enumerate()
        .map(|(column, cell)| {
            Ok(match (table, column) {
                // The other side works them out.
                (Table::Notes, 7 | 8 | 10) => Value::from(""),
                (Table::Notes, 9) => Value::from(0),
                _ if is_text(table, column) => match cell {
                    Cell::Text(text) => Value::from(text),
                    Cell::Int(number) => Value::from(number.to_string()),
                    Cell::Null => Value::from(""),
                    _ => {
                        return Err(Error::inconsistent(mark!(
                            "a note or card holds a text that is damaged"
                        )));
                    }
                },
                _ => Value::from(number_of(&cell)),
            })
        })
        .collect()
}

fn number_of(cell: &Cell) -> i64 {
    match cell {
        Cell::Int(number) => *number,
        Cell::Real(number) => *number as i64,
        _ => 0,
    }
}

fn from_wire(table: Table, values: Vec<Value>) -> Result<Vec<Cell>> {
    if values.len() != table.sql().columns.len() {
        return Err(strange("a row of another length"));
    }
    values
        .into_iter()
        .enumerate()
        .map(|(column, value)| match value {
            Value::String(text) if is_text(table, column) => Ok(Cell::Text(text)),
            Value::Number(number) if !is_text(table, column) => number
                .as_i64()
                .or_else(|| number.as_f64().map(|real| real as i64))
                .map(Cell::Int)
                .ok_or_else(|| strange("a number out of range")),
            _ => Err(strange("a value of another kind")),
        })
        .collect()
}

fn id_of(value: &Value) -> Result<i64> {
    let id = match value.get("id") {
        Some(Value::String(text)) => text.parse().ok(),
        Some(number) => number.as_i64(),
        None => None,
    };
    id.ok_or_else(|| strange("something without an id"))
}

fn strange(what: &'static str) -> Error {
    Error::new(
        ErrorKind::Server,
        mark!("the server sent something that cannot be used"),
    )
    .because(what)
}
