//! Former versions of decks, presets and note types: their rows as they were before an operation,
//! whatever the operation was. The counters of the day, change times and what is folded in the
//! list are no version.

use super::super::{Cell, RowEdit, Storage, Table, Tx};
use super::History;
use super::homes::number;
use crate::base::ids::{DeckConfigId, DeckId, NotetypeId, Usn};
use crate::base::time::{TimestampMillis, TimestampSecs};
use crate::base::{Error, Result};
use crate::codec::deck::{deck_common_from_wire, deck_kind_from_wire};
use crate::codec::deck_config::deck_config_from_wire;
use crate::codec::notetype::{field_from_wire, notetype_from_wire, template_from_wire};
use crate::domain::deck::{Deck, DeckName};
use crate::domain::deck_config::DeckConfig;
use crate::domain::history::Fate;
use crate::domain::notetype::{Field, Notetype, Template};
use crate::domain::subject::{Subject, SubjectState, SubjectVersion};
use crate::mark;
use rusqlite::{OptionalExtension as _, Row, params, params_from_iter};
use std::collections::{BTreeMap, BTreeSet};

pub(super) const SCHEMA: &str = "
    create table if not exists subjects (version integer primary key, until integer not null,
      origin text not null, deleted integer not null, kind text not null, id integer not null,
      name text not null);
    create index if not exists subjects_of on subjects (kind, id);
    create index if not exists subjects_by_time on subjects (until);
    create table if not exists parts (version integer not null, part text not null,
      c1, c2, c3, c4, c5, c6);
    create index if not exists parts_of on parts (version);";

/// Adds the versions of the attached file `other` that are not kept yet.
pub(super) const MERGE: &str = "
    create temp table more as
      select version + (select coalesce(max(version), 0) from main.subjects) as new, *
      from other.subjects o
      where not exists (select 1 from main.subjects m where m.kind = o.kind and m.id = o.id
        and m.until = o.until and m.deleted = o.deleted);
    insert into main.subjects select new, until, origin, deleted, kind, id, name from more;
    insert into main.parts select m.new, part, c1, c2, c3, c4, c5, c6
      from other.parts p join more m on m.version = p.version;
    drop table more;";

/// A row with the table it belongs to.
type Part = (Table, Vec<Cell>);

/// A deck, preset or note type as it was before an operation.
#[derive(Debug, Clone)]
pub struct FormerSubject {
    state: SubjectState,
    deleted: bool,
    parts: Vec<Part>,
}

impl FormerSubject {
    /// A state that is in no row.
    pub(in crate::storage) fn of(state: SubjectState) -> Self {
        use super::super::{deck, deck_config, notetype};
        let parts = match &state {
            SubjectState::Deck(deck) => vec![(Table::Decks, deck::row_of(deck))],
            SubjectState::Preset(preset) => {
                vec![(Table::DeckConfig, deck_config::row_of(preset))]
            }
            SubjectState::Notetype(of) => {
                let fields = of.fields.iter().enumerate();
                let fields = fields.map(|(n, f)| (Table::Fields, notetype::field_row(of.id, n, f)));
                let templates = of.templates.iter().enumerate();
                let templates =
                    templates.map(|(n, t)| (Table::Templates, notetype::template_row(of.id, n, t)));
                std::iter::once((Table::Notetypes, notetype::row_of(of)))
                    .chain(fields)
                    .chain(templates)
                    .collect()
            }
        };
        Self {
            state,
            deleted: false,
            parts,
        }
    }

    /// As [`Self::of`], of what is there no more.
    pub(in crate::storage) fn deleted(state: SubjectState) -> Self {
        Self {
            deleted: true,
            ..Self::of(state)
        }
    }
}

impl History {
    /// Keeps what decks, presets and note types were before an operation called `origin`.
    pub fn keep_subjects(
        &mut self,
        origin: &str,
        until: TimestampMillis,
        former: &[FormerSubject],
    ) -> Result<()> {
        let tx = self.db.transaction()?;
        for subject in former {
            let (kind, id) = key_of(subject.state.subject());
            tx.prepare_cached(
                "insert into subjects (until, origin, deleted, kind, id, name) \
                 values (?,?,?,?,?,?)",
            )?
            .execute(params![
                until.0,
                origin,
                subject.deleted,
                kind,
                id,
                subject.state.name()
            ])?;
            let version = tx.last_insert_rowid();
            let mut insert = tx.prepare_cached("insert into parts values (?,?,?,?,?,?,?,?)")?;
            for (table, cells) in &subject.parts {
                let head = [version.into(), Cell::from(table.sql().name)];
                let rest = (0..6).map(|n| cells.get(n).unwrap_or(&Cell::Null));
                insert.execute(params_from_iter(head.iter().chain(rest)))?;
            }
        }
        tx.commit()?;
        Ok(())
    }

    /// Of one deck, preset or note type, newest first. What cannot be read is left out.
    pub fn subject_versions(&self, subject: Subject) -> Result<Vec<SubjectVersion>> {
        let (kind, id) = key_of(subject);
        let mut statement = self.db.prepare_cached(
            "select version, until, origin, deleted from subjects where kind=? and id=? \
             order by until desc, version desc",
        )?;
        let heads = statement
            .query_map(params![kind, id], head_from_row)?
            .collect::<rusqlite::Result<Vec<Head>>>()?;
        Ok(self.whole_ones(heads))
    }

    /// What cannot be read is left out.
    fn whole_ones(&self, heads: Vec<Head>) -> Vec<SubjectVersion> {
        let mut versions = Vec::with_capacity(heads.len());
        for head in heads {
            match self.whole(head) {
                Ok(version) => versions.push(version),
                Err(error) => tracing::warn!("a version in the history: {error}"),
            }
        }
        versions
    }

    /// The last version of each that was deleted, newest first, at most `limit`.
    pub fn deleted_subjects(&self, limit: usize) -> Result<Vec<SubjectVersion>> {
        let mut statement = self.db.prepare_cached(
            "select version, until, origin, deleted from subjects where version in \
             (select max(version) from subjects where deleted=1 group by kind, id) \
             order by until desc, version desc limit ?",
        )?;
        let heads = statement
            .query_map([i64::try_from(limit).unwrap_or(i64::MAX)], head_from_row)?
            .collect::<rusqlite::Result<Vec<Head>>>()?;
        Ok(self.whole_ones(heads))
    }

    pub fn subject_version(&self, number: i64) -> Result<Option<SubjectVersion>> {
        let head = self
            .db
            .prepare_cached("select version, until, origin, deleted from subjects where version=?")?
            .query_row([number], head_from_row)
            .optional()?;
        head.map(|head| self.whole(head)).transpose()
    }

    /// Forgets versions from before `when`; the last ones of what was deleted only when they are
    /// from before `trash` too. Returns how many.
    pub fn forget_subjects_before(
        &mut self,
        when: TimestampMillis,
        trash: TimestampMillis,
    ) -> Result<usize> {
        let old = "until < ?1 and (deleted=0 or until < ?2)";
        let tx = self.db.transaction()?;
        tx.execute(
            &format!(
                "delete from parts where version in (select version from subjects where {old})"
            ),
            [when.0, trash.0],
        )?;
        let gone = tx.execute(
            &format!("delete from subjects where {old}"),
            [when.0, trash.0],
        )?;
        tx.commit()?;
        Ok(gone)
    }

    fn whole(&self, head: Head) -> Result<SubjectVersion> {
        let mut statement = self.db.prepare_cached(
            "select part, c1, c2, c3, c4, c5, c6 from parts where version=? order by rowid",
        )?;
        let parts = statement
            .query_map([head.number], |row| {
                let cells = (1..7).map(|n| row.get(n));
                Ok((
                    row.get::<_, String>(0)?,
                    cells.collect::<rusqlite::Result<Vec<Cell>>>()?,
                ))
            })?
            .collect::<rusqlite::Result<Vec<_>>>()?;
        let parts: Vec<Part> = parts
            .into_iter()
            .filter_map(|(name, cells)| Some((table_of(&name)?, cells)))
            .collect();
        let state = state_of(&parts)?
            .ok_or_else(|| Error::corrupt(mark!("a version in the history has no rows")))?;
        Ok(SubjectVersion {
            number: head.number,
            until: head.until,
            origin: head.origin,
            fate: head.fate,
            state,
        })
    }
}

struct Head {
    number: i64,
    until: TimestampMillis,
    origin: String,
    fate: Fate,
}

fn head_from_row(row: &Row<'_>) -> rusqlite::Result<Head> {
    Ok(Head {
        number: row.get(0)?,
        until: TimestampMillis(row.get(1)?),
        origin: row.get(2)?,
        fate: if row.get(3)? {
            Fate::Deleted
        } else {
            Fate::Changed
        },
    })
}

fn key_of(subject: Subject) -> (&'static str, i64) {
    match subject {
        Subject::Deck(id) => ("deck", id.0),
        Subject::Preset(id) => ("preset", id.0),
        Subject::Notetype(id) => ("notetype", id.0),
    }
}

const TABLES: [Table; 5] = [
    Table::Decks,
    Table::DeckConfig,
    Table::Notetypes,
    Table::Fields,
    Table::Templates,
];

fn table_of(name: &str) -> Option<Table> {
    TABLES.into_iter().find(|table| table.sql().name == name)
}

/// What the rows say; None without a row of a deck, preset or note type.
fn state_of(parts: &[Part]) -> Result<Option<SubjectState>> {
    let of = |wanted: Table| {
        parts
            .iter()
            .filter(move |(t, _)| *t == wanted)
            .map(|(_, c)| c)
    };
    if let Some(row) = of(Table::Decks).next() {
        return Ok(Some(SubjectState::Deck(Deck {
            id: DeckId(number(row, 0)),
            name: DeckName::from_native(text(row, 1)),
            mtime: TimestampSecs(number(row, 2)),
            usn: Usn(0),
            common: deck_common_from_wire(blob(row, 4))?,
            kind: deck_kind_from_wire(blob(row, 5))?,
        })));
    }
    if let Some(row) = of(Table::DeckConfig).next() {
        return Ok(Some(SubjectState::Preset(DeckConfig {
            id: DeckConfigId(number(row, 0)),
            name: text(row, 1),
            mtime: TimestampSecs(number(row, 2)),
            usn: Usn(0),
            inner: deck_config_from_wire(blob(row, 4))?,
        })));
    }
    let Some(row) = of(Table::Notetypes).next() else {
        return Ok(None);
    };
    let field = |row: &Vec<Cell>| -> Result<Field> {
        Ok(Field {
            name: text(row, 2),
            config: field_from_wire(blob(row, 3))?,
        })
    };
    let template = |row: &Vec<Cell>| -> Result<Template> {
        Ok(Template {
            name: text(row, 2),
            mtime: TimestampSecs(number(row, 3)),
            usn: Usn(0),
            config: template_from_wire(blob(row, 5))?,
        })
    };
    Ok(Some(SubjectState::Notetype(Notetype {
        id: NotetypeId(number(row, 0)),
        name: text(row, 1),
        mtime: TimestampSecs(number(row, 2)),
        usn: Usn(0),
        config: notetype_from_wire(blob(row, 4))?,
        fields: of(Table::Fields).map(field).collect::<Result<_>>()?,
        templates: of(Table::Templates).map(template).collect::<Result<_>>()?,
    })))
}

fn text(row: &[Cell], column: usize) -> String {
    match row.get(column) {
        Some(Cell::Text(text)) => text.clone(),
        Some(Cell::Int(number)) => number.to_string(),
        _ => String::new(),
    }
}

fn blob(row: &[Cell], column: usize) -> &[u8] {
    match row.get(column) {
        Some(Cell::Blob(bytes)) => bytes,
        _ => &[],
    }
}

/// The table's place among [`TABLES`], and the key.
type RowKey = (usize, i64, i64);

fn key_of_row(table: Table, cells: &[Cell]) -> Option<RowKey> {
    let place = TABLES.iter().position(|t| *t == table)?;
    let second = match table.sql().key_columns {
        2 => number(cells, 1),
        _ => 0,
    };
    Some((place, number(cells, 0), second))
}

fn subject_of((place, id, _): RowKey) -> Subject {
    match TABLES.get(place) {
        Some(Table::Decks) => Subject::Deck(DeckId(id)),
        Some(Table::DeckConfig) => Subject::Preset(DeckConfigId(id)),
        _ => Subject::Notetype(NotetypeId(id)),
    }
}

impl Storage {
    /// The deck, preset or note type as it is now; None: there is none.
    pub fn subject_state(&self, subject: Subject) -> Result<Option<SubjectState>> {
        Ok(match subject {
            Subject::Deck(id) => self.get_deck(id)?.map(SubjectState::Deck),
            Subject::Preset(id) => self.get_deck_config(id)?.map(SubjectState::Preset),
            Subject::Notetype(id) => self.get_notetype(id)?.map(SubjectState::Notetype),
        })
    }

    /// The decks, presets and note types that are others in `next` or not in it. What cannot be read,
    /// here or there, is left out, and so are note types that came with the collection and that
    /// nobody changed or used.
    pub fn replaced_subjects(&self, next: &Storage) -> Result<Vec<FormerSubject>> {
        let decks = self.readable_decks()?.0.into_iter();
        let mut notetypes = Vec::new();
        for notetype in self.readable_notetypes()? {
            if notetype.mtime.0 != 0 || self.notetype_is_used(notetype.id)? {
                notetypes.push(notetype);
            }
        }
        let presets = self.readable_deck_configs()?.into_iter();
        let ours = decks
            .map(SubjectState::Deck)
            .chain(presets.map(SubjectState::Preset))
            .chain(notetypes.into_iter().map(SubjectState::Notetype));
        let former = |was: SubjectState| match next.subject_state(was.subject()) {
            Ok(None) => Some(FormerSubject::deleted(was)),
            Ok(Some(now)) if !now.says_the_same(&was) => Some(FormerSubject::of(was)),
            _ => None,
        };
        Ok(ours.filter_map(former).collect())
    }
}

impl Tx<'_> {
    /// Whether [`Self::former_subjects`] may have something to tell.
    #[must_use]
    pub fn touches_subjects(&self) -> bool {
        !self.overruled_subjects.is_empty()
            || self.changes().iter().any(|change| match &change.edit {
                RowEdit::Added(_) => matches!(change.table, Table::Fields | Table::Templates),
                RowEdit::Removed(_) => TABLES.contains(&change.table),
                // An answer counts in `decks.common`.
                RowEdit::Changed { before, .. } if change.table == Table::Decks => {
                    before.iter().any(|(column, _)| matches!(column, 1 | 5))
                }
                RowEdit::Changed { .. } => TABLES.contains(&change.table),
            })
    }

    /// The decks, presets and note types that this transaction changed or removed, as they were
    /// before it.
    pub fn former_subjects(&self) -> Result<Vec<FormerSubject>> {
        let before = self.rows_before()?;
        let subjects: BTreeSet<Subject> = before.keys().map(|key| subject_of(*key)).collect();
        let mut former = self.overruled_subjects.clone();
        for subject in subjects {
            let now = self.parts_of(subject)?;
            let parts = put_back(&now, &before, subject);
            // Rows that cannot be read are damage, which Check Database tells of.
            let Ok(Some(state)) = state_of(&parts) else {
                continue;
            };
            let present = state_of(&now);
            let deleted = matches!(present, Ok(None));
            if !matches!(present, Ok(Some(present)) if present.says_the_same(&state)) {
                former.push(FormerSubject {
                    state,
                    deleted,
                    parts,
                });
            }
        }
        Ok(former)
    }

    /// What the other side of a sync had, and ours stays over it.
    pub(in crate::storage) fn overrule_subject(
        &mut self,
        ours: SubjectState,
        theirs: SubjectState,
    ) {
        if !ours.says_the_same(&theirs) {
            self.overruled_subjects.push(FormerSubject::of(theirs));
        }
    }

    /// The rows that this transaction wrote, as they were before it; None: there was none.
    fn rows_before(&self) -> Result<BTreeMap<RowKey, Option<Vec<Cell>>>> {
        let mut rows: BTreeMap<RowKey, Option<Vec<Cell>>> = BTreeMap::new();
        for change in self.changes().iter().rev() {
            let Some(place) = key_of_row(change.table, change.cells()) else {
                continue;
            };
            let before = match &change.edit {
                RowEdit::Added(_) => None,
                RowEdit::Removed(row) => Some(row.clone()),
                RowEdit::Changed { key, before, .. } => {
                    let after = match rows.remove(&place) {
                        Some(row) => row,
                        None => self.read_row(change.table, key)?,
                    };
                    after.map(|mut row| {
                        for (column, cell) in before {
                            if let Some(place) = row.get_mut(usize::from(*column)) {
                                place.clone_from(cell);
                            }
                        }
                        row
                    })
                }
            };
            rows.insert(place, before);
        }
        Ok(rows)
    }
}

/// The rows of a subject with those put back that were other ones before.
fn put_back(
    now: &[Part],
    before: &BTreeMap<RowKey, Option<Vec<Cell>>>,
    subject: Subject,
) -> Vec<Part> {
    let mut rows: BTreeMap<RowKey, Vec<Cell>> = now
        .iter()
        .filter_map(|(table, row)| Some((key_of_row(*table, row)?, row.clone())))
        .collect();
    let (_, id) = key_of(subject);
    let of_its_id = (0..TABLES.len())
        .flat_map(|table| before.range((table, id, i64::MIN)..=(table, id, i64::MAX)));
    for (key, row) in of_its_id.filter(|(key, _)| subject_of(**key) == subject) {
        match row {
            Some(row) => rows.insert(*key, row.clone()),
            None => rows.remove(key),
        };
    }
    let part = |(key, row): (RowKey, Vec<Cell>)| Some((*TABLES.get(key.0)?, row));
    rows.into_iter().filter_map(part).collect()
}

impl Storage {
    /// The rows of a deck, preset or note type as they are.
    fn parts_of(&self, subject: Subject) -> Result<Vec<Part>> {
        let (_, id) = key_of(subject);
        let tables: &[(Table, &str)] = match subject {
            Subject::Deck(_) => &[(Table::Decks, "id")],
            Subject::Preset(_) => &[(Table::DeckConfig, "id")],
            Subject::Notetype(_) => &[
                (Table::Notetypes, "id"),
                (Table::Fields, "ntid"),
                (Table::Templates, "ntid"),
            ],
        };
        let mut parts = Vec::new();
        for (table, key) in tables {
            let sql = table.sql();
            let mut statement = self.db.prepare_cached(&format!(
                "select {} from {} where {key}=?",
                sql.columns.join(","),
                sql.name
            ))?;
            let rows = statement.query_map([id], |row| {
                (0..sql.columns.len()).map(|n| row.get(n)).collect()
            })?;
            for row in rows {
                parts.push((*table, row?));
            }
        }
        Ok(parts)
    }
}
