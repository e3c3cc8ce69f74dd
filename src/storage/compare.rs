//! How two collection files differ, item by item: an earlier one (a backup) and the present one.
//! By content, not by modification time. Both are of the present schema; `inspect::difference`
//! counts for files of any. Never writes.

use super::Storage;
use super::inspect::open_watched;
use super::note::split_tags;
use crate::base::ids::{CardId, DeckId, NoteId, NotetypeId};
use crate::base::job::Progress;
use crate::base::time::TimestampMillis;
use crate::base::{Error, Result};
use crate::domain::deck::{Deck, DeckKind};
use crate::domain::explorer::Change;
use crate::domain::notetype::Notetype;
use crate::t;
use rusqlite::types::ValueRef;
use rusqlite::{OptionalExtension, Row};
use std::collections::{BTreeSet, HashMap};
use std::thread;

/// Rows between two looks at the cancel flag.
const ROWS_PER_STEP: u64 = 1000;

/// How many of a kind differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    pub deleted: u64,
    pub changed: u64,
    pub added: u64,
}

impl Tally {
    fn count(&mut self, change: Change) {
        *match change {
            Change::Deleted => &mut self.deleted,
            Change::Changed => &mut self.changed,
            Change::Added => &mut self.added,
        } += 1;
    }
}

/// Everything that differs. Notes and cards by ascending id.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Comparison {
    pub notes: Vec<(NoteId, Change)>,
    /// The note of each card too. A card also counts as changed when its home deck did.
    pub cards: Vec<(CardId, NoteId, Change)>,
    pub revlog: Tally,
    pub notetypes: Tally,
    pub decks: Tally,
    /// Names of decks of the present one that are damaged. Nobody knows what of them differs.
    pub unreadable_decks: Vec<String>,
}

impl Comparison {
    #[must_use]
    pub fn note_tally(&self) -> Tally {
        let mut tally = Tally::default();
        self.notes.iter().for_each(|&(_, c)| tally.count(c));
        tally
    }

    #[must_use]
    pub fn card_tally(&self) -> Tally {
        let mut tally = Tally::default();
        self.cards.iter().for_each(|&(_, _, c)| tally.count(c));
        tally
    }
}

/// Ids from one to another, both included.
type Ids = (i64, i64);

const ALL: Ids = (i64::MIN, i64::MAX);

/// Compares note types, fields and tags of notes, the schedule and home of cards, the log.
const NOTES: &str = "select id, mid, tags, flds from notes where id between ? and ? order by id";
/// A card in a filtered deck is compared as if it were at home.
const CARDS: &str = "select id, nid, ord, case odid when 0 then did else odid end, type, queue, \
                     case when odid <> 0 and odue <> 0 then odue else due end, ivl, factor, reps, \
                     lapses, left, flags, data from cards where id between ? and ? order by id";
const REVLOG: &str = "select id, cid, ease, ivl, lastIvl, factor, time, type from revlog \
                      where id between ? and ? order by id";

/// Compares two files of the present schema.
pub fn compare(earlier: &Storage, present: &Storage, progress: &Progress) -> Result<Comparison> {
    let counts = earlier.counts()?;
    progress.stage(
        t!("Comparing with the collection"),
        counts.notes + counts.cards + counts.revlog,
    )?;
    let notes = halves(earlier, "notes", counts.notes)?;
    let cards = halves(earlier, "cards", counts.cards)?;
    let revlog = halves(earlier, "revlog", counts.revlog)?;
    let mut found = in_halves((earlier, present, progress), |half, earlier, present| {
        let mut found = content(earlier, present, notes[half], cards[half], progress)?;
        let tally = &mut found.revlog;
        merge(
            (earlier, present, progress),
            REVLOG,
            revlog[half],
            |_, change| {
                tally.count(change);
                Ok(())
            },
        )?;
        Ok(found)
    })?;
    notetypes_and_decks(earlier, present, &mut found)?;
    Ok(found)
}

/// Only the notes, by ascending id.
pub fn compare_notes(
    earlier: &Storage,
    present: &Storage,
    progress: &Progress,
) -> Result<Vec<(NoteId, Change)>> {
    let mut notes = Vec::new();
    progress.stage(t!("Comparing the notes"), earlier.counts()?.notes)?;
    merge((earlier, present, progress), NOTES, ALL, |row, change| {
        notes.push((NoteId(row.get(0)?), change));
        Ok(())
    })?;
    Ok(notes)
}

/// The same without the log, which is most of a collection.
pub fn compare_content(
    earlier: &Storage,
    present: &Storage,
    progress: &Progress,
) -> Result<Comparison> {
    let counts = earlier.counts()?;
    progress.stage(
        t!("Comparing with the collection"),
        counts.notes + counts.cards,
    )?;
    let notes = halves(earlier, "notes", counts.notes)?;
    let cards = halves(earlier, "cards", counts.cards)?;
    let mut found = in_halves((earlier, present, progress), |half, earlier, present| {
        content(earlier, present, notes[half], cards[half], progress)
    })?;
    notetypes_and_decks(earlier, present, &mut found)?;
    Ok(found)
}

/// The notes and cards with these ids.
fn content(
    earlier: &Storage,
    present: &Storage,
    notes: Ids,
    cards: Ids,
    progress: &Progress,
) -> Result<Comparison> {
    let mut found = Comparison::default();
    merge((earlier, present, progress), NOTES, notes, |row, change| {
        found.notes.push((NoteId(row.get(0)?), change));
        Ok(())
    })?;
    merge((earlier, present, progress), CARDS, cards, |row, change| {
        let (card, note) = (CardId(row.get(0)?), NoteId(row.get(1)?));
        found.cards.push((card, note, change));
        Ok(())
    })?;
    Ok(found)
}

fn notetypes_and_decks(earlier: &Storage, present: &Storage, found: &mut Comparison) -> Result<()> {
    tally(
        earlier.all_notetypes()?,
        present.readable_notetypes()?,
        |notetype| notetype.id.0,
        same_notetype,
        &mut found.notetypes,
    );
    let (decks, damaged) = present.readable_decks()?;
    let mut known = earlier.all_decks()?;
    known.retain(|deck| !damaged.iter().any(|(id, _)| *id == deck.id));
    tally(known, decks, |deck| deck.id.0, same_deck, &mut found.decks);
    found.unreadable_decks = damaged.iter().map(|(_, name)| name.human()).collect();
    Ok(())
}

/// The ids below the middle row of a table, and the others.
fn halves(storage: &Storage, table: &str, rows: u64) -> Result<[Ids; 2]> {
    let mut row = storage.db.prepare(&format!(
        "select id from {table} order by id limit 1 offset ?"
    ))?;
    let middle = row.query_row([i64::try_from(rows / 2).unwrap_or(0)], |row| {
        row.get::<_, i64>(0)
    });
    let middle = middle.optional()?.unwrap_or(0).max(i64::MIN + 1);
    Ok([(i64::MIN, middle - 1), (middle, i64::MAX)])
}

/// Two readings of the same two files; the second one on a thread with connections of its own.
/// One after the other where a collection is open: its file must not be opened twice.
fn in_halves(
    (earlier, present, progress): (&Storage, &Storage, &Progress),
    read: impl Fn(usize, &Storage, &Storage) -> Result<Comparison> + Sync,
) -> Result<Comparison> {
    let (first, second) = if earlier.live.is_some() || present.live.is_some() {
        (read(0, earlier, present)?, read(1, earlier, present)?)
    } else {
        let (old, new, read) = (earlier.path(), present.path(), &read);
        thread::scope(|scope| {
            let second =
                thread::Builder::new()
                    .name("compare".into())
                    .spawn_scoped(scope, move || {
                        let (old, new) =
                            (open_watched(old, progress)?, open_watched(new, progress)?);
                        read(1, &old, &new)
                    })?;
            let first = read(0, earlier, present);
            let second = second.join();
            let second = second.map_err(|_| Error::bug("comparing ended unexpectedly"))?;
            Ok::<_, Error>((first?, second?))
        })?
    };
    let mut both = first;
    both.notes.extend(second.notes);
    both.cards.extend(second.cards);
    both.revlog.deleted += second.revlog.deleted;
    both.revlog.changed += second.revlog.changed;
    both.revlog.added += second.revlog.added;
    Ok(both)
}

/// The home deck of every card with its note, and type and tags of every note, in one pass each.
pub fn each_place(
    storage: &Storage,
    mut home: impl FnMut(NoteId, DeckId) -> Result<()>,
    mut note: impl FnMut(NoteId, NotetypeId, &mut dyn Iterator<Item = &str>),
) -> Result<()> {
    let mut cards = storage
        .db
        .prepare("select nid, case odid when 0 then did else odid end from cards")?;
    let mut rows = cards.query([])?;
    while let Some(row) = rows.next()? {
        home(NoteId(row.get(0)?), DeckId(row.get(1)?))?;
    }
    let mut notes = storage.db.prepare("select id, mid, tags from notes")?;
    let mut rows = notes.query([])?;
    while let Some(row) = rows.next()? {
        let tags = row.get_ref(2)?.as_str().unwrap_or_default();
        let (id, notetype) = (NoteId(row.get(0)?), NotetypeId(row.get(1)?));
        note(id, notetype, &mut split_tags(tags));
    }
    Ok(())
}

/// Whether two note types make the same cards of the same notes.
#[must_use]
fn same_notetype(a: &Notetype, b: &Notetype) -> bool {
    a.name == b.name
        && a.config == b.config
        && a.fields == b.fields
        && a.templates.len() == b.templates.len()
        && a.templates
            .iter()
            .zip(&b.templates)
            .all(|(a, b)| a.name == b.name && a.config == b.config)
}

/// Day counts and open branches are no difference.
fn same_deck(a: &Deck, b: &Deck) -> bool {
    let options = |deck: &Deck| match &deck.kind {
        DeckKind::Normal(normal) => Some((normal.config_id, normal.description.clone())),
        DeckKind::Filtered(_) => None,
    };
    a.name == b.name && options(a) == options(b)
}

fn tally<T>(
    earlier: Vec<T>,
    present: Vec<T>,
    id: impl Fn(&T) -> i64,
    same: impl Fn(&T, &T) -> bool,
    into: &mut Tally,
) {
    let mut present: HashMap<i64, T> = present.into_iter().map(|t| (id(&t), t)).collect();
    for old in &earlier {
        match present.remove(&id(old)) {
            None => into.count(Change::Deleted),
            Some(new) if !same(old, &new) => into.count(Change::Changed),
            Some(_) => {}
        }
    }
    into.added += present.len() as u64;
}

/// Walks the same query over these ids, ascending by its first column, in both files; calls `differs` with the
/// row of the side that has it (the earlier one's where both do).
fn merge(
    (earlier, present, progress): (&Storage, &Storage, &Progress),
    query: &str,
    ids: Ids,
    mut differs: impl FnMut(&Row<'_>, Change) -> Result<()>,
) -> Result<()> {
    let mut old = earlier.db.prepare(query)?;
    let mut new = present.db.prepare(query)?;
    let columns = old.column_count();
    let (mut old, mut new) = (old.query(ids)?, new.query(ids)?);
    let (mut a, mut b) = (old.next()?, new.next()?);
    let mut rows = 0;
    loop {
        let ids = (id_of(a)?, id_of(b)?);
        match (a, b, ids) {
            (Some(x), Some(y), (Some(i), Some(j))) if i == j => {
                if !equal(x, y, columns)? {
                    differs(x, Change::Changed)?;
                }
                a = old.next()?;
                b = new.next()?;
            }
            (Some(x), _, (Some(i), j)) if j.is_none_or(|j| i < j) => {
                differs(x, Change::Deleted)?;
                a = old.next()?;
            }
            (_, Some(y), _) => {
                differs(y, Change::Added)?;
                b = new.next()?;
            }
            _ => return Ok(()),
        }
        rows += 1;
        if rows == ROWS_PER_STEP {
            progress.step(rows)?;
            rows = 0;
        }
    }
}

fn id_of(row: Option<&Row<'_>>) -> Result<Option<i64>> {
    Ok(row.map(|row| row.get(0)).transpose()?)
}

fn equal(a: &Row<'_>, b: &Row<'_>, columns: usize) -> Result<bool> {
    for column in 1..columns {
        let (x, y) = (a.get_ref(column)?, b.get_ref(column)?);
        let same = match (x, y) {
            // Damage or old programs may have left another type of the same number.
            (ValueRef::Real(x), ValueRef::Integer(y))
            | (ValueRef::Integer(y), ValueRef::Real(x)) => x.to_bits() == (y as f64).to_bits(),
            _ => x == y,
        };
        if !same {
            return Ok(false);
        }
    }
    Ok(true)
}

/// What a table holds, in short.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableSum {
    pub table: String,
    pub rows: u64,
    /// BLAKE3 of all rows in the order of their key.
    pub blake3: [u8; 32],
}

/// All tables of a collection by name, each with a hash of every value in it.
pub fn fingerprint(storage: &Storage, progress: &Progress) -> Result<Vec<TableSum>> {
    let tables = storage
        .db
        .prepare(
            "select name from sqlite_master where type = 'table' and rootpage > 0 \
             and name not like 'sqlite_%' order by name",
        )?
        .query_map([], |row| row.get::<_, String>(0))?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    tables
        .into_iter()
        .map(|table| table_sum(storage, table, progress))
        .collect()
}

fn table_sum(storage: &Storage, table: String, progress: &Progress) -> Result<TableSum> {
    let quoted = table.replace('"', "\"\"");
    let mut statement = storage.db.prepare(&format!("select * from \"{quoted}\""))?;
    let columns = statement.column_count();
    let mut rows = statement.query([])?;
    let (mut hasher, mut count) = (blake3::Hasher::new(), 0);
    while let Some(row) = rows.next()? {
        for column in 0..columns {
            let mut add = |kind: u8, bytes: &[u8]| {
                hasher.update(&[kind]);
                hasher.update(&(bytes.len() as u64).to_le_bytes());
                hasher.update(bytes);
            };
            match row.get_ref(column)? {
                ValueRef::Null => add(0, &[]),
                ValueRef::Integer(n) => add(1, &n.to_le_bytes()),
                ValueRef::Real(x) => add(2, &x.to_le_bytes()),
                ValueRef::Text(text) => add(3, text),
                ValueRef::Blob(blob) => add(4, blob),
            }
        }
        count += 1;
        if count % ROWS_PER_STEP == 0 {
            progress.check()?;
        }
    }
    Ok(TableSum {
        table,
        rows: count,
        blake3: hasher.finalize().into(),
    })
}

/// The backup from which changes are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Saved {
    pub at: TimestampMillis,
    /// `col.mod` of what it holds.
    pub collection_mod: TimestampMillis,
}

/// What was done in a collection after a backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct ChangedSince {
    pub reviews: u64,
    /// Cards that were answered.
    pub cards_answered: u64,
    /// Notes added, changed, brought from elsewhere or brought back.
    pub notes: u64,
    /// Whether anything was changed, also of what is not counted: decks, options, schedules, reviews
    /// that a sync brought.
    pub modified: bool,
}

impl Storage {
    /// Reviews, answered cards and changed notes since `last`; with None, all there are. Those of
    /// `known` count too, as what comes from elsewhere or comes back has the times of there or then.
    pub fn changed_since(
        &self,
        last: Option<Saved>,
        known: &BTreeSet<i64>,
    ) -> Result<ChangedSince> {
        let mtime = self.col_row()?.mtime;
        // Of a new collection it is 0. Where nothing changed, no times are asked, which may be wrong.
        if mtime.0 == 0 || last.is_some_and(|last| last.collection_mod == mtime) {
            return Ok(ChangedSince::default());
        }
        let at = last.map_or(TimestampMillis(i64::MIN), |last| last.at);
        let (reviews, cards_answered): (i64, i64) = self.db.query_row(
            "select count(*), count(distinct cid) from revlog where id > ?",
            [at.0],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        // Notes know seconds only: one of the same second is counted, rather too much than too
        // little.
        let second = at.0.div_euclid(1000);
        let mut notes: i64 = self.db.query_row(
            "select count(*) from notes where mod >= ?",
            [second],
            |row| row.get(0),
        )?;
        let mut is_older = self
            .db
            .prepare_cached("select 1 from notes where id = ? and mod < ?")?;
        for note in known {
            notes += i64::from(is_older.exists([*note, second])?);
        }
        Ok(ChangedSince {
            reviews: reviews.unsigned_abs(),
            cards_answered: cards_answered.unsigned_abs(),
            notes: notes.unsigned_abs(),
            modified: true,
        })
    }
}
