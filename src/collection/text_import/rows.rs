//! One row of a text file after another: which note it is, whether that is there already, and what
//! becomes of it.

use super::alike::{Alike, MANY};
use super::look::{deck_for_notes, deck_named, meta_columns, notetype_named};
use crate::base::Result;
use crate::base::ids::{DeckId, NoteId, NotetypeId};
use crate::codec::delimited::{Header, split_tags};
use crate::collection::decks;
use crate::collection::notes::{add_missing_cards, set_tags};
use crate::domain::deck::DeckName;
use crate::domain::html::{escape_html, strip_html_preserving_media_names};
use crate::domain::note::Note;
use crate::domain::note_fields::{clean_field, field_checksum, guid_of, normal_tags};
use crate::domain::notetype::{Notetype, Template};
use crate::domain::package::{ImportReport, LoggedNote};
use crate::domain::text_import::{
    Column, DeckChoice, ExistingNotes, MatchScope, NotetypeChoice, TextOptions,
};
use crate::storage::Tx;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

pub(super) struct RowImport<'a> {
    options: &'a TextOptions,
    meta: Vec<Column>,
    nfc: bool,
    /// Note types and decks by what rows call them.
    notetypes: HashMap<String, Option<Arc<Notetype>>>,
    decks: HashMap<String, Option<DeckId>>,
    by_checksum: HashMap<(NotetypeId, u32), Vec<NoteId>>,
    /// Of the notes that were there before: rows are compared with those alone.
    guids: HashMap<String, NoteId>,
    /// Of the first fields that many notes share: by note type and that text.
    alike: HashMap<(NotetypeId, String), Alike>,
    /// All that are among those, or may become so by what a row makes of them.
    may_be_alike: HashSet<NoteId>,
    report: ImportReport,
}

/// A row, understood.
pub(super) struct Row {
    guid: String,
    pub(super) notetype: Arc<Notetype>,
    pub(super) deck: DeckId,
    /// None: the file has no tags.
    tags: Option<Vec<String>>,
    /// None: the file has no such field.
    fields: Vec<Option<String>>,
}

impl<'a> RowImport<'a> {
    pub(super) fn new(tx: &mut Tx<'_>, options: &'a TextOptions, header: &Header) -> Result<Self> {
        let mut this = Self {
            options,
            meta: meta_columns(options, header),
            nfc: tx.composes_texts()?,
            notetypes: HashMap::new(),
            decks: HashMap::new(),
            by_checksum: tx.notes_by_checksum()?,
            guids: match options.guid_column {
                0 => HashMap::new(),
                _ => tx.guids()?,
            },
            alike: HashMap::new(),
            may_be_alike: HashSet::new(),
            report: ImportReport::default(),
        };
        if let DeckChoice::Name(name) = &options.deck {
            this.deck(tx, name)?;
        }
        Ok(this)
    }

    /// After the last row.
    pub(super) fn finish(mut self, tx: &mut Tx<'_>) -> Result<ImportReport> {
        self.write_alike(tx)?;
        Ok(self.report)
    }

    pub(super) fn import(&mut self, tx: &mut Tx<'_>, record: Vec<String>) -> Result<()> {
        let cell = |column: Column| {
            let index = usize::try_from(column).ok()?.checked_sub(1)?;
            record.get(index).map(String::as_str)
        };
        let logged = LoggedNote {
            id: NoteId(0),
            text: record
                .iter()
                .map(String::as_str)
                .collect::<Vec<_>>()
                .join(" "),
        };
        // A row that ends before its first field is a note without content, as in Anki.
        if self.first_cell(&record).is_some_and(str::is_empty) {
            self.report.empty_first_field.push(logged);
            return Ok(());
        }
        let Some(notetype) = self.notetype_of(tx, cell)? else {
            self.report.missing_notetype.push(logged);
            return Ok(());
        };
        let Some(deck) = self.deck_of(tx, cell)? else {
            self.report.missing_deck.push(logged);
            return Ok(());
        };
        let fields = self.fields_of(&notetype, &record);
        let tags = match self.options.tags_column {
            0 => None,
            column => cell(column).map(split_tags),
        };
        let row = Row {
            guid: cell(self.options.guid_column)
                .unwrap_or_default()
                .to_owned(),
            notetype,
            deck,
            tags,
            fields,
        };
        self.place(tx, row)
    }

    fn notetype_of<'c>(
        &mut self,
        tx: &Tx<'_>,
        cell: impl Fn(Column) -> Option<&'c str>,
    ) -> Result<Option<Arc<Notetype>>> {
        match &self.options.notetype {
            NotetypeChoice::One { id, .. } => tx.notetype(*id),
            NotetypeChoice::Column(column) => {
                let name = cell(*column).unwrap_or_default();
                if let Some(known) = self.notetypes.get(name) {
                    return Ok(known.clone());
                }
                let found = notetype_named(tx, name)?.map(Arc::new);
                self.notetypes.insert(name.to_owned(), found.clone());
                Ok(found)
            }
        }
    }

    fn deck_of<'c>(
        &mut self,
        tx: &mut Tx<'_>,
        cell: impl Fn(Column) -> Option<&'c str>,
    ) -> Result<Option<DeckId>> {
        match &self.options.deck {
            DeckChoice::Id(id) => Ok(tx.deck(*id)?.filter(|d| !d.is_filtered()).map(|d| d.id)),
            DeckChoice::Name(name) => self.deck(tx, name),
            DeckChoice::Column(column) => {
                let name = cell(*column).unwrap_or_default();
                let is_id = name.trim().parse::<i64>().is_ok();
                if is_id && !self.decks.contains_key(name) && deck_named(tx, name)?.is_none() {
                    return Ok(None);
                }
                self.deck(tx, name)
            }
        }
    }

    /// By id or name; made when there is none of the name.
    fn deck(&mut self, tx: &mut Tx<'_>, name: &str) -> Result<Option<DeckId>> {
        if let Some(known) = self.decks.get(name) {
            return Ok(*known);
        }
        let id = match deck_for_notes(tx, name)? {
            Ok(id) => id,
            Err(new) => {
                let native = DeckName::from_human(&new);
                self.report.decks_added.push(native.human());
                decks::create(tx, &native)?
            }
        };
        self.decks.insert(name.to_owned(), Some(id));
        Ok(Some(id))
    }

    /// What the row has for the first field.
    fn first_cell<'c>(&self, record: &'c [String]) -> Option<&'c str> {
        let column = match &self.options.notetype {
            NotetypeChoice::One { field_columns, .. } => field_columns.first().copied()?,
            NotetypeChoice::Column(_) => (1..).find(|column| !self.meta.contains(column))?,
        };
        let index = usize::try_from(column).ok()?.checked_sub(1)?;
        record.get(index).map(String::as_str)
    }

    fn fields_of(&self, notetype: &Notetype, record: &[String]) -> Vec<Option<String>> {
        let value = |cell: &String| self.html_of(cell);
        match &self.options.notetype {
            NotetypeChoice::One { field_columns, .. } => (0..notetype.fields.len())
                .map(|n| {
                    let column = field_columns.get(n).copied().unwrap_or(0);
                    let index = usize::try_from(column).ok()?.checked_sub(1)?;
                    record.get(index).map(value)
                })
                .collect(),
            NotetypeChoice::Column(_) => {
                let mut cells = (1..)
                    .zip(record)
                    .filter(|(column, _)| !self.meta.contains(column))
                    .map(|(_, cell)| value(cell));
                notetype.fields.iter().map(|_| cells.next()).collect()
            }
        }
    }

    fn html_of(&self, cell: &str) -> String {
        let html = if self.options.is_html {
            cell.to_owned()
        } else {
            escape_html(cell).replace('\n', "<br>")
        };
        clean_field(&html, self.nfc).into_owned()
    }

    fn place(&mut self, tx: &mut Tx<'_>, row: Row) -> Result<()> {
        if !row.guid.is_empty()
            && let Some(&id) = self.guids.get(&row.guid)
        {
            if self.may_be_alike.contains(&id) {
                self.write_alike(tx)?;
            }
            let Some(existing) = tx.get_note(id)? else {
                return Ok(());
            };
            return self.place_known(tx, row, existing);
        }
        // Thousands of notes can have one first field: no more of them are read than are needed.
        let wanted = match self.options.existing {
            _ if !row.guid.is_empty() => 0,
            ExistingNotes::Update => usize::MAX,
            ExistingNotes::Preserve => 1,
            ExistingNotes::Duplicate => 0,
        };
        if wanted > 0 && self.known(&row).len() >= MANY {
            return self.place_alike(tx, row, wanted);
        }
        let matches = self.matches(tx, &row, self.meant_deck(&row), wanted)?;
        if !matches.is_empty() {
            return self.place_matches(tx, &row, matches);
        }
        self.add(tx, row)
    }

    /// A note with the row's guid is there.
    fn place_known(&mut self, tx: &mut Tx<'_>, row: Row, existing: Note) -> Result<()> {
        let id = existing.id;
        match self.options.existing {
            ExistingNotes::Update if existing.notetype_id != row.notetype.id => {
                self.report.conflicting.push(LoggedNote::of(id, &existing));
                Ok(())
            }
            ExistingNotes::Update => {
                let logged = LoggedNote::of(id, &existing);
                if self.update(tx, &row, existing)? {
                    self.report.updated.push(logged);
                } else {
                    self.report.duplicates.push(logged);
                }
                Ok(())
            }
            ExistingNotes::Preserve => {
                let logged = LoggedNote::of(id, &existing);
                self.report.first_field_matches.push(logged);
                Ok(())
            }
            ExistingNotes::Duplicate => {
                self.report.duplicates.push(LoggedNote::of(id, &existing));
                Ok(())
            }
        }
    }

    fn place_matches(&mut self, tx: &mut Tx<'_>, row: &Row, matches: Vec<Note>) -> Result<()> {
        let Some(first) = matches.first() else {
            return Ok(());
        };
        let logged = LoggedNote::of(first.id, first);
        if self.options.existing != ExistingNotes::Update {
            self.report.first_field_matches.push(logged);
            return Ok(());
        }
        let mut updated = false;
        for existing in matches {
            updated |= self.update(tx, row, existing)?;
        }
        self.log_update(logged, updated);
        Ok(())
    }

    fn log_update(&mut self, logged: LoggedNote, updated: bool) {
        if updated {
            self.report.updated.push(logged);
        } else {
            self.report.duplicates.push(logged);
        }
    }

    /// As [`Self::place_matches`] or [`Self::add`], where many notes may be meant.
    fn place_alike(&mut self, tx: &mut Tx<'_>, row: Row, wanted: usize) -> Result<()> {
        let text = strip_html_preserving_media_names(row.first().unwrap_or_default());
        let key = (row.notetype.id, text.into_owned());
        let deck = self.meant_deck(&row);
        let mut alike = match self.alike.remove(&key) {
            Some(alike) => alike,
            None => {
                let known = self.known(&row).to_vec();
                self.may_be_alike.extend(known);
                self.alike(tx, &row, wanted)?
            }
        };
        let done = match alike.logged(deck) {
            None => self.add(tx, row),
            Some(logged) if self.options.existing != ExistingNotes::Update => {
                self.report.first_field_matches.push(logged);
                Ok(())
            }
            Some(logged) => {
                let with_row = |tx: &mut Tx<'_>, note: &Note| self.with_row(tx, &row, note);
                let (updated, cards) = alike.update(tx, (&row, deck), with_row)?;
                self.report.cards_added += cards as u64;
                self.log_update(logged, updated);
                let has_own_deck = |t: &Template| t.config.target_deck_id != 0;
                if cards > 0 && deck.is_some() && row.notetype.templates.iter().any(has_own_deck) {
                    // They may be in decks now where they were not.
                    return alike.write(tx);
                }
                Ok(())
            }
        };
        self.alike.insert(key, alike);
        done
    }

    /// The notes that the row means, those of other decks too.
    fn alike(&self, tx: &Tx<'_>, row: &Row, wanted: usize) -> Result<Alike> {
        let by_deck = self.meant_deck(row).is_some();
        let wanted = if by_deck { usize::MAX } else { wanted };
        let mut alike = Alike::default();
        for note in self.matches(tx, row, None, wanted)? {
            let decks = by_deck.then(|| tx.decks_of_note(note.id)).transpose()?;
            alike.push(note, decks);
        }
        Ok(alike)
    }

    /// The deck that notes must have a card in to be meant; None: any.
    fn meant_deck(&self, row: &Row) -> Option<DeckId> {
        (self.options.scope == MatchScope::NotetypeAndDeck).then_some(row.deck)
    }

    fn write_alike(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        self.may_be_alike.clear();
        self.alike
            .drain()
            .try_for_each(|(_, alike)| alike.write(tx))
    }

    /// Notes of the type whose first field has the same checksum, in order of their ids.
    fn known(&self, row: &Row) -> &[NoteId] {
        // A row that ends before its first field is none of the notes whose first field is empty.
        let known = row.first().and_then(|first| {
            let key = (row.notetype.id, field_checksum(first));
            self.by_checksum.get(&key)
        });
        known.map(Vec::as_slice).unwrap_or_default()
    }

    /// Notes of the type with the same first field, and a card in `deck` if there is one, at most so
    /// many.
    fn matches(
        &self,
        tx: &Tx<'_>,
        row: &Row,
        deck: Option<DeckId>,
        wanted: usize,
    ) -> Result<Vec<Note>> {
        let stripped = strip_html_preserving_media_names(row.first().unwrap_or_default());
        let mut matches = Vec::new();
        for &id in self.known(row) {
            if matches.len() >= wanted {
                break;
            }
            if let Some(deck) = deck
                && !tx.note_is_in_deck(id, deck)?
            {
                continue;
            }
            if let Some(note) = tx.get_note(id)?
                && let Some(field) = note.fields.first()
                && strip_html_preserving_media_names(field) == stripped
            {
                matches.push(note);
            }
        }
        Ok(matches)
    }

    fn add(&mut self, tx: &mut Tx<'_>, row: Row) -> Result<()> {
        let mut note = Note {
            guid: if row.guid.is_empty() {
                guid_of(rand::random())
            } else {
                row.guid
            },
            notetype_id: row.notetype.id,
            tags: row.tags.unwrap_or_default(),
            fields: row
                .fields
                .into_iter()
                .map(Option::unwrap_or_default)
                .collect(),
            ..Note::default()
        };
        note.tags.extend(self.options.global_tags.iter().cloned());
        note.prepare(&row.notetype, self.nfc);
        set_tags(tx, &mut note)?;
        tx.add_note(&mut note)?;
        let cards = add_missing_cards(tx, &note, &row.notetype, Some(row.deck), true)?;
        self.report.cards_added += cards as u64;
        self.report.new.push(LoggedNote::of(note.id, &note));
        Ok(())
    }

    /// Returns whether the note changed.
    fn update(&mut self, tx: &mut Tx<'_>, row: &Row, existing: Note) -> Result<bool> {
        let (note, changed) = self.with_row(tx, row, &existing)?;
        if changed {
            tx.update_note(&note)?;
        }
        let cards = add_missing_cards(tx, &note, &row.notetype, Some(row.deck), true)?;
        self.report.cards_added += cards as u64;
        Ok(changed)
    }

    /// What the note becomes, and whether that is something else.
    fn with_row(&self, tx: &mut Tx<'_>, row: &Row, existing: &Note) -> Result<(Note, bool)> {
        let mut note = existing.clone();
        for (field, new) in note.fields.iter_mut().zip(&row.fields) {
            if let Some(new) = new {
                field.clone_from(new);
            }
        }
        if let Some(tags) = &row.tags {
            note.tags.clone_from(tags);
        }
        note.prepare(&row.notetype, self.nfc);
        note.tags = normal_tags(&note.tags);
        let changed = note != *existing;
        if changed {
            note.tags.extend(self.options.global_tags.iter().cloned());
            note.tags.extend(self.options.updated_tags.iter().cloned());
            set_tags(tx, &mut note)?;
        }
        Ok((note, changed))
    }
}

impl Row {
    /// None: the row ends before it.
    fn first(&self) -> Option<&str> {
        self.fields.first()?.as_deref()
    }
}
