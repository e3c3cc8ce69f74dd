//! Former versions of notes, decks, presets and note types, in a database of ours beside the
//! collection (`collection.history`): what each was before a change, the decks of its cards, and the
//! cards of deleted notes. The collection itself never depends on it: a history that is damaged is set aside, and a new one begins.

mod homes;
mod limits;
mod not_kept;
mod old_notetypes;
mod sent;
mod subjects;
mod timeline;

pub use homes::Homes;
pub use limits::Place;
pub use not_kept::not_kept;
pub use sent::Sent;
pub(super) use sent::SentFormers;
pub use subjects::FormerSubject;

use super::aside::{open_or_begin, set_aside};
use super::card::{CARD_COLUMNS, card_from_row};
use super::inspect::STEPS_PER_LOOK;
use super::note::{NOTE_COLUMNS, note_from_row};
use super::open::file_uri;
use super::row::cells_of;
use super::{Cell, RowChange, RowEdit, Storage, Table, Tx};
use crate::base::error::AtPath as _;
use crate::base::ids::NoteId;
use crate::base::job::Progress;
use crate::base::time::TimestampMillis;
use crate::base::{Error, ErrorKind, Result};
use crate::domain::card::Card;
use crate::domain::history::{FROM_BACKUP, Fate, Version};
use crate::mark;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{
    CachedStatement, Connection, OpenFlags, OptionalExtension as _, Row, Transaction,
    params_from_iter,
};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};

const FORMAT: i64 = 1;
const SCHEMA: &str = "
    create table if not exists versions (version integer primary key, until integer not null,
      origin text not null, deleted integer not null, id integer not null, guid, mid, mod, usn,
      tags, flds, sfld, csum, flags, data, decks);
    create index if not exists versions_of on versions (id);
    create index if not exists versions_by_time on versions (until);
    create table if not exists cards (version integer not null, id, nid, did, ord, mod, usn, type,
      queue, due, ivl, factor, reps, lapses, left, odue, odid, flags, data);
    create index if not exists cards_of on cards (version);
    pragma user_version = 1;";
/// The first versions knew no decks. Programs of then read and write the file with them all the same.
const WITH_DECKS: &str = "alter table versions add column decks";

/// From so many notes on, an operation's former notes are kept without holding them all.
const MANY: usize = 500;

/// Pages in the log after which a COMMIT moves them into the file by itself: several changes of all
/// notes of a large collection, with no idle time between them.
const NET_PAGES: u32 = 100_000;
/// Bytes of the log that make it worth moving them in idle time.
const LONG_LOG: u64 = 4 << 20;

/// The open history of one collection.
pub struct History {
    db: Connection,
    path: PathBuf,
    began_anew: bool,
}

impl std::fmt::Debug for History {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("History").field("path", &self.path).finish()
    }
}

/// Where the history of the collection at `collection` is kept.
#[must_use]
pub fn path_of(collection: &Path) -> PathBuf {
    collection.with_extension("history")
}

impl History {
    /// Opens or begins it; a damaged one is set aside first.
    pub fn open(collection: &Path) -> Result<Self> {
        let tries = std::cell::Cell::new(0);
        let mut history = open_or_begin(&path_of(collection), |path| {
            tries.set(tries.get() + 1);
            Self::open_at(path)
        })?;
        history.began_anew = tries.get() > 1;
        old_notetypes::take_over(&mut history, collection)?;
        Ok(history)
    }

    /// Whether the one before it was damaged, and set aside when this one was opened.
    #[must_use]
    pub fn began_anew(&self) -> bool {
        self.began_anew
    }

    /// The one beside `collection` once more, for a job that reads it while its owner goes on. Its
    /// statements end when the job is cancelled.
    pub fn open_watched(collection: &Path, progress: &Progress) -> Result<Self> {
        let path = path_of(collection);
        let open = || -> Result<Connection> {
            let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            let mut db = Connection::open_with_flags(&path, flags)?;
            let watched = progress.clone();
            db.progress_handler(STEPS_PER_LOOK, Some(move || watched.is_cancelled()))?;
            Ok(db)
        };
        Ok(Self {
            db: open().at(&path)?,
            path,
            began_anew: false,
        })
    }

    fn open_at(path: &Path) -> Result<Self> {
        let db = Connection::open(path)?;
        db.pragma_update(None, "journal_mode", "wal")?;
        // The notes themselves are safe elsewhere: a power cut may take the last version here.
        db.pragma_update(None, "synchronous", "normal")?;
        // In idle time rather than within an operation; this is only a net.
        db.pragma_update(None, "wal_autocheckpoint", NET_PAGES)?;
        // What is deleted is overwritten.
        db.pragma_update(None, "secure_delete", true)?;
        let format: i64 = db.query_row("pragma user_version", [], |row| row.get(0))?;
        if format > FORMAT {
            return Err(Error::new(
                ErrorKind::TooNew,
                mark!("the history of notes was written by a newer version"),
            ));
        }
        db.execute_batch(SCHEMA)?;
        let has_decks = "select exists (select 1 from pragma_table_info('versions') \
                         where name = 'decks')";
        if !db.query_row(has_decks, [], |row| row.get::<_, bool>(0))? {
            db.execute_batch(WITH_DECKS)?;
        }
        db.execute_batch(subjects::SCHEMA)?;
        db.execute_batch(timeline::SCHEMA)?;
        Ok(Self {
            db,
            path: path.to_owned(),
            began_anew: false,
        })
    }

    /// Looks whether it is damaged where opening it did not look, and sets it aside then: the next
    /// time it is opened another one begins.
    pub fn set_aside_if_damaged(self) -> Result<bool> {
        let said = self
            .db
            .query_row("pragma quick_check(1)", [], |row| row.get::<_, String>(0));
        let damaged = match said.map_err(Error::from) {
            Ok(said) => said != "ok",
            Err(e) => e.kind() == ErrorKind::Corrupt,
        };
        let Self { db, path, .. } = self;
        drop(db);
        if damaged {
            set_aside(&path)?;
        }
        Ok(damaged)
    }

    /// Keeps what notes were before an operation called `origin`.
    pub fn keep(&mut self, origin: &str, now: TimestampMillis, former: &[Former]) -> Result<()> {
        let tx = self.db.transaction()?;
        let mut inserts = Inserts::new(&tx)?;
        for note in former {
            inserts.keep(now, origin, note.deleted, note)?;
        }
        drop(inserts);
        tx.commit()?;
        Ok(())
    }

    /// Moves what the log holds into the file, where it has become long.
    pub fn checkpoint(&self) -> Result<()> {
        let mut log = self.path.clone().into_os_string();
        log.push("-wal");
        let long = std::fs::metadata(log).is_ok_and(|log| log.len() > LONG_LOG);
        if long {
            self.db
                .query_row("pragma wal_checkpoint(truncate)", [], |_| Ok(()))?;
        }
        Ok(())
    }

    /// Keeps what the notes of a transaction were before it, as [`Self::keep`] does, without ever
    /// holding all of them.
    pub fn keep_many(&mut self, origin: &str, tx: &Tx<'_>) -> Result<()> {
        let (plain, others) = tx.plain_edits();
        let homes = match plain.is_empty() {
            true => Homes::default(),
            false => {
                let notes: Vec<NoteId> = plain.iter().map(|(id, _)| NoteId(*id)).collect();
                let few = tx.storage.is_small_part(notes.len())?;
                tx.homes_before(few.then_some(&notes))?
            }
        };
        let now = tx.now();
        let kept = self.db.transaction()?;
        let mut inserts = Inserts::new(&kept)?;
        for note in tx.former_of(|id| others.contains(&id))? {
            inserts.keep(now, origin, note.deleted, &note)?;
        }
        let mut read = tx.storage.db.prepare_cached(&Table::Notes.sql().select)?;
        for (id, before) in plain {
            let mut rows = read.query([id])?;
            let Some(row) = rows.next()? else { continue };
            let mut values = [ValueRef::Null; NOTE_CELLS];
            for (column, value) in values.iter_mut().enumerate() {
                *value = row.get_ref(column)?;
            }
            let mut differs = false;
            for (column, was) in before {
                if let Some(value) = values.get_mut(usize::from(*column)) {
                    differs |= CONTENT.contains(&usize::from(*column)) && *value != was.as_ref();
                    *value = was.as_ref();
                }
            }
            if differs {
                inserts.version(now, origin, false, values, homes.cell(id))?;
            }
        }
        drop(inserts);
        kept.commit()?;
        Ok(())
    }

    /// Keeps what backups have of a note (newest first, each with when it ceased to be) and what is
    /// not kept yet; the first as what was `deleted`, if no deleted one is kept. Returns how many.
    pub fn fill(
        &mut self,
        note: NoteId,
        found: &[(TimestampMillis, &Former)],
        deleted: bool,
    ) -> Result<usize> {
        let tx = self.db.transaction()?;
        let in_trash: bool = tx.query_row(
            "select exists (select 1 from versions where id=? and deleted=1)",
            [note.0],
            |row| row.get(0),
        )?;
        let mut added = 0;
        for (n, (until, former)) in found.iter().enumerate() {
            let content = CONTENT.iter().filter_map(|&column| former.row.get(column));
            let known: bool = tx
                .prepare_cached(
                    "select exists (select 1 from versions where guid is ? and mid is ? and \
                     tags is ? and flds is ? and id=?)",
                )?
                .query_row(
                    params_from_iter(content.chain([&Cell::Int(note.0)])),
                    |row| row.get(0),
                )?;
            if !known {
                let as_deleted = deleted && n == 0 && !in_trash;
                Inserts::new(&tx)?.keep(*until, FROM_BACKUP, as_deleted, former)?;
                added += 1;
            }
        }
        tx.commit()?;
        Ok(added)
    }

    /// Of one note, newest first.
    pub fn versions(&self, note: NoteId) -> Result<Vec<Version>> {
        let mut statement = self.db.prepare_cached(&format!(
            "select {NOTE_COLUMNS}, version, until, origin, deleted, decks from versions where id=? \
             order by until desc, version desc"
        ))?;
        let versions = statement
            .query_map([note.0], version_from_row)?
            .collect::<rusqlite::Result<_>>()?;
        Ok(versions)
    }

    pub fn version(&self, number: i64) -> Result<Option<Version>> {
        Ok(self
            .db
            .prepare_cached(&format!(
                "select {NOTE_COLUMNS}, version, until, origin, deleted, decks from versions \
                 where version=?"
            ))?
            .query_row([number], version_from_row)
            .optional()?)
    }

    /// The last version of each deleted note that is `wanted`, newest first, at most `limit`.
    pub fn deleted(
        &self,
        limit: usize,
        wanted: impl Fn(&Version) -> Result<bool>,
    ) -> Result<Vec<Version>> {
        let mut statement = self.db.prepare_cached(&format!(
            "select {NOTE_COLUMNS}, version, until, origin, deleted, decks from versions \
             where version in (select max(version) from versions where deleted=1 group by id) \
             order by version desc"
        ))?;
        let mut rows = statement.query([])?;
        let mut versions = Vec::new();
        while versions.len() < limit
            && let Some(row) = rows.next()?
        {
            let version = version_from_row(row)?;
            if wanted(&version)? {
                versions.push(version);
            }
        }
        Ok(versions)
    }

    /// The cards that a deleted note had.
    pub fn cards(&self, version: i64) -> Result<Vec<Card>> {
        let mut statement = self.db.prepare_cached(&format!(
            "select {CARD_COLUMNS} from cards where version=? order by ord"
        ))?;
        let cards = statement
            .query_map([version], card_from_row)?
            .collect::<rusqlite::Result<_>>()?;
        Ok(cards)
    }
}

const INSERT: &str = "insert into versions (until, origin, deleted, id, guid, mid, mod, usn, tags, \
    flds, sfld, csum, flags, data, decks) values (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)";
const INSERT_CARD: &str = "insert into cards values (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)";
/// Columns of `notes`.
const NOTE_CELLS: usize = 11;

/// The statements that keep notes, looked up once for however many these are.
struct Inserts<'t> {
    tx: &'t Transaction<'t>,
    version: CachedStatement<'t>,
    card: CachedStatement<'t>,
}

impl<'t> Inserts<'t> {
    fn new(tx: &'t Transaction<'_>) -> Result<Self> {
        Ok(Self {
            tx,
            version: tx.prepare_cached(INSERT)?,
            card: tx.prepare_cached(INSERT_CARD)?,
        })
    }

    fn keep(
        &mut self,
        until: TimestampMillis,
        origin: &str,
        deleted: bool,
        former: &Former,
    ) -> Result<()> {
        let row = former.row.iter().map(Cell::as_ref);
        let version = self.version(until, origin, deleted, row, former.decks.as_ref())?;
        if deleted {
            for card in &former.cards {
                self.card(version, card.iter().map(Cell::as_ref))?;
            }
        }
        Ok(())
    }

    /// Keeps what a note was, all columns, and gives that its number.
    fn version<'v>(
        &mut self,
        until: TimestampMillis,
        origin: &'v str,
        deleted: bool,
        note: impl IntoIterator<Item = ValueRef<'v>>,
        decks: ValueRef<'v>,
    ) -> Result<i64> {
        let origin = ValueRef::Text(origin.as_bytes());
        let head = [
            ValueRef::Integer(until.0),
            origin,
            ValueRef::Integer(deleted.into()),
        ];
        let cells = head.into_iter().chain(note).chain([decks]);
        let cells = cells.map(ToSqlOutput::Borrowed);
        self.version.execute(params_from_iter(cells))?;
        Ok(self.tx.last_insert_rowid())
    }

    /// Keeps a card, all columns, with the version of its note.
    fn card<'v>(
        &mut self,
        version: i64,
        card: impl IntoIterator<Item = ValueRef<'v>>,
    ) -> Result<()> {
        let cells = std::iter::once(ValueRef::Integer(version)).chain(card);
        let cells = cells.map(ToSqlOutput::Borrowed);
        self.card.execute(params_from_iter(cells))?;
        Ok(())
    }
}

/// Copies the history of the collection at `collection`, which may be open and in use, to a new
/// file; false when there is none.
pub fn copy_of(collection: &Path, to: &Path) -> Result<bool> {
    let path = path_of(collection);
    if !path.try_exists().at(&path)? {
        return Ok(false);
    }
    let db = Connection::open(&path).at(&path)?;
    let copied = db.execute("vacuum into ?", [file_uri(to).at(to)?]);
    match copied.map_err(Error::from) {
        // It is set aside when it is next written to, and must not keep anything else from being saved.
        Err(e) if e.kind() == ErrorKind::Corrupt => {
            tracing::warn!("the history of notes is damaged: {e}");
            Ok(false)
        }
        copied => copied.map(|_| true).at(&path),
    }
}

const VERSION_COLUMNS: &str =
    "until, origin, deleted, id, guid, mid, mod, usn, tags, flds, sfld, csum, flags, data, decks";
const CARD_REST: &str = "id, nid, did, ord, mod, usn, type, queue, due, ivl, factor, reps, lapses, \
    left, odue, odid, flags, data";

/// Adds the versions in the history file `other` to the history of the collection at `collection`,
/// in the order of time and each once. Nobody may have it open.
pub fn add_from(collection: &Path, other: &Path) -> Result<()> {
    // Checks its format.
    History::open_at(other).at(other)?;
    let mut history = History::open(collection)?;
    let path = history.path.clone();
    history.merge(other).at(path)
}

impl History {
    fn merge(&mut self, other: &Path) -> Result<()> {
        self.db.execute("attach ? as other", [file_uri(other)?])?;
        let tx = self.db.transaction()?;
        tx.execute_batch(&format!(
            "create temp table every as
               select row_number() over (order by until, source desc, old) as new, *
               from (select 0 as source, version as old, {VERSION_COLUMNS} from main.versions
                 union all
                 select 1, version, {VERSION_COLUMNS} from other.versions o
                 where not exists (select 1 from main.versions m where m.id = o.id
                   and m.until = o.until and m.deleted = o.deleted and m.flds is o.flds));
             create temp table every_card as
               select 0 as source, version as old, {CARD_REST} from main.cards
               union all select 1, version, {CARD_REST} from other.cards;
             delete from main.versions;
             delete from main.cards;
             insert into main.versions (version, {VERSION_COLUMNS})
               select new, {VERSION_COLUMNS} from every order by new;
             insert into main.cards (version, {CARD_REST})
               select e.new, {} from every_card c
               join every e on e.source = c.source and e.old = c.old;
             drop table every;
             drop table every_card;",
            CARD_REST
                .split(", ")
                .map(|column| format!("c.{}", column.trim()))
                .collect::<Vec<_>>()
                .join(", ")
        ))?;
        tx.execute_batch(subjects::MERGE)?;
        tx.execute_batch(timeline::MERGE)?;
        tx.commit()?;
        self.db.execute_batch("detach other")?;
        Ok(())
    }
}

fn version_from_row(row: &Row<'_>) -> rusqlite::Result<Version> {
    Ok(Version {
        note: note_from_row(row)?,
        number: row.get(9)?,
        until: TimestampMillis(row.get(10)?),
        origin: row.get(11)?,
        fate: if row.get(12)? {
            Fate::Deleted
        } else {
            Fate::Changed
        },
        decks: match row.get::<_, Option<String>>(13)? {
            Some(names) => names.lines().map(str::to_owned).collect(),
            None => Vec::new(),
        },
    })
}

/// A note's id, and the columns that were changed with what they held.
type PlainEdit<'a> = (i64, &'a [(u8, Cell)]);

/// A note as it was before an operation.
#[derive(Debug, Clone)]
pub struct Former {
    row: Vec<Cell>,
    deleted: bool,
    cards: Vec<Vec<Cell>>,
    /// Those of its cards, a line each.
    decks: Cell,
}

impl Former {
    #[must_use]
    pub fn id(&self) -> Option<NoteId> {
        match self.row.first() {
            Some(Cell::Int(id)) => Some(NoteId(*id)),
            _ => None,
        }
    }

    /// The same content, whenever it was saved.
    #[must_use]
    pub fn says_the_same(&self, other: &Self) -> bool {
        CONTENT.iter().all(|&c| self.row.get(c) == other.row.get(c))
    }
}

/// guid, note type, tags, fields: what makes a version.
const CONTENT: [usize; 4] = [1, 2, 5, 6];

/// Whether any of these columns of a note is content.
fn content_changes(before: &[(u8, Cell)]) -> bool {
    let is_content = |(column, _): &(u8, Cell)| CONTENT.contains(&usize::from(*column));
    before.iter().any(is_content)
}

impl Storage {
    /// A note with its cards as the collection has them.
    pub fn former(&self, note: NoteId) -> Result<Option<Former>> {
        let Some(row) = self.note_row(note.0)? else {
            return Ok(None);
        };
        let mut cards = Vec::new();
        for card in self.cards_of_note(note)? {
            cards.extend(self.row(Table::Cards, card.id.0)?);
        }
        Ok(Some(Former {
            row,
            deleted: false,
            cards,
            decks: self.home_names(note)?,
        }))
    }

    /// A note that something else takes the place of, or nothing: then its cards go along.
    pub fn replaced(&self, note: NoteId, deleted: bool) -> Result<Option<Former>> {
        if deleted {
            let former = self.former(note)?;
            return Ok(former.map(|former| Former { deleted, ..former }));
        }
        let Some(row) = self.note_row(note.0)? else {
            return Ok(None);
        };
        Ok(Some(Former {
            row,
            deleted,
            cards: Vec::new(),
            decks: self.home_names(note)?,
        }))
    }

    fn home_names(&self, note: NoteId) -> Result<Cell> {
        let homes = self.homes(Some(&[note]))?;
        Ok(homes.of(note.0).map_or(Cell::Null, Cell::from))
    }

    fn note_row(&self, id: i64) -> Result<Option<Vec<Cell>>> {
        self.row(Table::Notes, id)
    }

    fn row(&self, table: Table, id: i64) -> Result<Option<Vec<Cell>>> {
        let sql = table.sql();
        Ok(self
            .db
            .prepare_cached(&sql.select)?
            .query_row([id], |row| cells_of(row, sql.columns.len()))
            .optional()?)
    }
}

impl Tx<'_> {
    /// The notes whose content this transaction changed or removed, as they were before it.
    pub fn former_notes(&self) -> Result<Vec<Former>> {
        let mut former = self.overruled.clone();
        former.extend(self.former_of(|_| true)?);
        Ok(former)
    }

    /// Whether so many notes were written that they are better looked at one by one.
    #[must_use]
    pub fn touches_many_notes(&self) -> bool {
        let notes = self.changes().iter().filter(|c| c.table == Table::Notes);
        self.overruled.is_empty() && notes.count() >= MANY
    }

    /// The notes that were changed once and nothing else, in the order of their ids, each with the
    /// columns that were changed and what these held; and the others that were written to.
    fn plain_edits(&self) -> (Vec<PlainEdit<'_>>, HashSet<i64>) {
        let mut seen = HashSet::new();
        let (mut plain, mut others) = (Vec::new(), HashSet::new());
        for change in self.changes() {
            let (Table::Notes, Some(id)) = (change.table, change.id()) else {
                continue;
            };
            match &change.edit {
                RowEdit::Changed { before, .. } if seen.insert(id) => plain.push((id, &**before)),
                _ => {
                    seen.insert(id);
                    others.insert(id);
                }
            }
        }
        plain.retain(|(id, _)| !others.contains(id));
        plain.sort_unstable_by_key(|(id, _)| *id);
        (plain, others)
    }

    /// Those of [`Self::former_notes`] that `wanted` wants and that were written here.
    fn former_of(&self, wanted: impl Fn(i64) -> bool) -> Result<Vec<Former>> {
        // A row is told in steps, each with what differed: they are taken back one by one.
        let mut rows: BTreeMap<i64, (Vec<Cell>, Option<Vec<Cell>>)> = BTreeMap::new();
        let mut added = HashSet::new();
        for change in self.changes().iter().rev() {
            let (Table::Notes, Some(id)) = (change.table, change.id()) else {
                continue;
            };
            if !wanted(id) {
                continue;
            }
            match &change.edit {
                RowEdit::Added(_) => {
                    added.insert(id);
                }
                RowEdit::Removed(row) => {
                    let after = rows.remove(&id).and_then(|(_, after)| after);
                    added.remove(&id);
                    rows.insert(id, (row.clone(), after));
                }
                RowEdit::Changed { before, .. } => {
                    if let std::collections::btree_map::Entry::Vacant(entry) = rows.entry(id)
                        && let Some(row) = self.note_row(id)?
                    {
                        entry.insert((row.clone(), Some(row)));
                    }
                    if let Some((row, _)) = rows.get_mut(&id) {
                        for (column, cell) in before {
                            if let Some(place) = row.get_mut(usize::from(*column)) {
                                place.clone_from(cell);
                            }
                        }
                    }
                }
            }
        }
        let mut cards = if rows.values().any(|(_, after)| after.is_none()) {
            self.removed_cards()
        } else {
            HashMap::new()
        };
        let mut former = Vec::new();
        for (id, (row, after)) in rows {
            let same = after
                .as_ref()
                .is_some_and(|after| CONTENT.iter().all(|&c| row.get(c) == after.get(c)));
            if same || added.contains(&id) {
                continue;
            }
            let deleted = after.is_none();
            let cards = cards.remove(&id).unwrap_or_default();
            former.push(Former {
                row,
                deleted,
                cards,
                decks: Cell::Null,
            });
        }
        let notes: Vec<NoteId> = former.iter().filter_map(Former::id).collect();
        if !notes.is_empty() {
            let homes = self.homes_before(Some(&notes))?;
            for note in &mut former {
                let decks = note.id().and_then(|id| homes.of(id.0));
                note.decks = decks.map_or(Cell::Null, Cell::from);
            }
        }
        Ok(former)
    }

    /// Notes that the other side of a sync had, and that ours overrule.
    pub(super) fn overrule(&mut self, ours: &[Cell], theirs: Vec<Cell>) {
        if CONTENT.iter().any(|&c| ours.get(c) != theirs.get(c)) {
            self.overruled.push(Former {
                row: theirs,
                deleted: false,
                cards: Vec::new(),
                decks: Cell::Null,
            });
        }
    }

    /// Whether [`Self::former_notes`] may have something to tell.
    #[must_use]
    pub fn touches_notes(&self) -> bool {
        let is_note = |row: &RowChange| row.table == Table::Notes;
        !self.overruled.is_empty() || self.changes().iter().any(is_note)
    }

    /// By their notes.
    fn removed_cards(&self) -> HashMap<i64, Vec<Vec<Cell>>> {
        let mut cards: HashMap<i64, Vec<Vec<Cell>>> = HashMap::new();
        for change in self.changes() {
            if let (Table::Cards, RowEdit::Removed(row)) = (change.table, &change.edit)
                && let Some(Cell::Int(note)) = row.get(1)
            {
                cards.entry(*note).or_default().push(row.clone());
            }
        }
        cards
    }
}
