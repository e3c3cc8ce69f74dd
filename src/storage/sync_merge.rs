//! What a merge of two parted collections moves from one to the other: the rows that one side
//! changed since the last sync, with their times, as something that is still to be sent.

use super::history::{Former, FormerSubject};
use super::note::row_of as note_row;
use super::notetype::row_of as notetype_row;
use super::revlog::{ENTRY_COLUMNS, entry_from_row};
use super::tag::Grave;
use super::{Storage, Table, Tx, card, deck, deck_config, open};
use crate::base::Result;
use crate::base::ids::{CardId, DeckId, NoteId, RevlogId, Usn};
use crate::base::job::Progress;
use crate::codec::sync::Graves;
use crate::domain::card::Card;
use crate::domain::deck::{Deck, DeckName};
use crate::domain::deck_config::DeckConfig;
use crate::domain::note::Note;
use crate::domain::notetype::Notetype;
use crate::domain::revlog::RevlogEntry;
use crate::domain::subject::SubjectState;
use rusqlite::OptionalExtension as _;
use serde_json::Value;

/// Which rows one side changed since the last sync.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// Those that were not sent: on the side that has not been replaced.
    Unsent,
    /// Those with this number or a later one: on the server's side.
    Number(Usn),
}

impl Since {
    fn condition(self) -> String {
        match self {
            Self::Unsent => "usn=-1".to_owned(),
            Self::Number(usn) => format!("(usn=-1 or usn>={})", usn.0),
        }
    }

    fn holds(self, usn: Usn) -> bool {
        usn == Usn::PENDING || matches!(self, Self::Number(from) if usn >= from)
    }
}

/// What one side changed: ids of rows, and what there is little of as a whole.
#[derive(Debug, Default)]
pub struct Changed {
    pub graves: Graves,
    pub notetypes: Vec<Notetype>,
    pub decks: Vec<Deck>,
    pub presets: Vec<DeckConfig>,
    pub tags: Vec<String>,
    pub notes: Vec<NoteId>,
    pub cards: Vec<CardId>,
    pub reviews: Vec<RevlogId>,
}

/// What one side of a merge has and its result has not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Gone {
    pub notes: u64,
    /// Without those that were still to be sent: each of them is looked at by the merge itself.
    pub cards: u64,
    /// Of the notes, those that were synced and that nobody is known to have deleted.
    pub unexplained: u64,
    /// Notes of the side that were synced, gone or not.
    pub synced: u64,
}

impl Storage {
    /// What `merged` lacks of this side.
    pub fn gone_from(&self, merged: &Self, progress: &Progress) -> Result<Gone> {
        let mut gone = Gone::default();
        let mut has_note = merged.db.prepare("select 1 from notes where id=?")?;
        let mut notes = self.db.prepare("select id, usn=-1 from notes")?;
        let mut rows = notes.query([])?;
        while let Some(row) = rows.next()? {
            let (id, pending): (i64, bool) = (row.get(0)?, row.get(1)?);
            progress.check()?;
            gone.synced += u64::from(!pending);
            if !has_note.exists([id])? {
                gone.notes += 1;
                let unexplained = !pending && !merged.has_note_grave(NoteId(id))?;
                gone.unexplained += u64::from(unexplained);
            }
        }
        let mut has_card = merged.db.prepare("select 1 from cards where id=?")?;
        let mut cards = self.db.prepare("select id from cards where usn!=-1")?;
        let mut rows = cards.query([])?;
        while let Some(row) = rows.next()? {
            progress.check()?;
            gone.cards += u64::from(!has_card.exists([row.get::<_, i64>(0)?])?);
        }
        Ok(gone)
    }

    /// See [`Changed`].
    pub fn changed(&self, since: Since) -> Result<Changed> {
        let condition = since.condition();
        let ids = |table: &str| -> Result<Vec<i64>> {
            let sql = format!("select id from {table} where {condition} order by id");
            let mut statement = self.db.prepare(&sql)?;
            let ids = statement.query_map([], |row| row.get(0))?;
            Ok(ids.collect::<rusqlite::Result<_>>()?)
        };
        let mut changed = Changed {
            notes: ids("notes")?.into_iter().map(NoteId).collect(),
            cards: ids("cards")?.into_iter().map(CardId).collect(),
            reviews: ids("revlog")?.into_iter().map(RevlogId).collect(),
            notetypes: self.all_notetypes()?,
            decks: self.all_decks()?,
            presets: self.all_deck_configs()?,
            ..Changed::default()
        };
        changed.notetypes.retain(|n| since.holds(n.usn));
        changed.decks.retain(|d| since.holds(d.usn));
        changed.presets.retain(|p| since.holds(p.usn));
        let sql = format!("select cast(tag as text) from tags where {condition} order by tag");
        changed.tags = self
            .db
            .prepare(&sql)?
            .query_map([], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        let sql = format!("select oid, type from graves where {condition}");
        let mut statement = self.db.prepare(&sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            match row.get(1)? {
                0 => changed.graves.cards.push(row.get(0)?),
                1 => changed.graves.notes.push(row.get(0)?),
                2 => changed.graves.decks.push(row.get(0)?),
                _ => {}
            }
        }
        Ok(changed)
    }

    /// One row of the review log.
    pub fn get_revlog(&self, id: RevlogId) -> Result<Option<RevlogEntry>> {
        let sql = format!("select {ENTRY_COLUMNS} from revlog where id=?");
        let mut statement = self.db.prepare_cached(&sql)?;
        Ok(statement.query_row([id.0], entry_from_row).optional()?)
    }

    /// When the newest row of the review log of a card was written, epoch milliseconds.
    pub fn last_review_of(&self, card: CardId) -> Result<Option<i64>> {
        let sql = "select max(id) from revlog where cid=?";
        let mut statement = self.db.prepare_cached(sql)?;
        Ok(statement.query_row([card.0], |row| row.get(0))?)
    }

    /// Whether it is remembered that this card was deleted.
    pub fn has_card_grave(&self, id: CardId) -> Result<bool> {
        self.has_grave(id.0, Grave::Card)
    }

    /// As [`Self::has_card_grave`], of a note.
    pub fn has_note_grave(&self, id: NoteId) -> Result<bool> {
        self.has_grave(id.0, Grave::Note)
    }

    /// As [`Self::has_card_grave`], of a deck.
    pub fn has_deck_grave(&self, id: DeckId) -> Result<bool> {
        self.has_grave(id.0, Grave::Deck)
    }

    fn has_grave(&self, id: i64, kind: Grave) -> Result<bool> {
        let sql = "select 1 from graves where oid=? and type=?";
        Ok(self.db.prepare_cached(sql)?.exists([id, kind as i64])?)
    }

    /// Closes what will be moved as one file.
    pub fn close_as_one_file(self) -> Result<()> {
        open::leave_wal(&self.db)?;
        self.close()
    }
}

impl Storage {
    /// The latest second of a change to the settings; `unsent`: among those since the last sync. A
    /// server calls a collection modified that was only downloaded, so `col.mod` does not tell.
    pub fn settings_changed(&self, unsent: bool) -> Result<Option<i64>> {
        let query = "select max(mtime_secs) from config where usn=-1 or not ?1";
        let mut statement = self.db.prepare_cached(query)?;
        Ok(statement.query_row([unsent], |row| row.get(0))?)
    }
}

impl Tx<'_> {
    /// Writes a note with its own time, to be sent.
    pub fn merge_note(&mut self, note: &Note) -> Result<()> {
        let mut row = note_row(note);
        row[4] = Usn::PENDING.0.into();
        self.put_row(Table::Notes, row)?;
        self.remove_grave(note.id.0, Grave::Note)
    }

    /// Writes a card with its own time, to be sent.
    pub fn merge_card(&mut self, card: &Card) -> Result<()> {
        let mut row = card::row_of(card);
        row[5] = Usn::PENDING.0.into();
        self.put_row(Table::Cards, row)?;
        self.remove_grave(card.id.0, Grave::Card)
    }

    /// Writes a note type with its own time, to be sent. Its name is made free.
    pub fn merge_notetype(&mut self, notetype: &Notetype) -> Result<()> {
        let mut notetype = notetype.clone();
        notetype.usn = Usn::PENDING;
        while let Some(same) = self.notetype_by_name(&notetype.name)? {
            if same.id == notetype.id {
                break;
            }
            notetype.name.push('+');
        }
        self.put_row(Table::Notetypes, notetype_row(&notetype))?;
        self.write_parts(&notetype)
    }

    /// Writes a deck with its own time, to be sent. Its name is made free.
    pub fn merge_deck(&mut self, deck: &Deck) -> Result<()> {
        let mut deck = deck.clone();
        deck.usn = Usn::PENDING;
        while let Some(same) = self.deck_by_name(&deck.name)? {
            if same.id == deck.id {
                break;
            }
            deck.name = DeckName::from_human(&format!("{}+", deck.name.human()));
        }
        self.put_row(Table::Decks, deck::row_of(&deck))?;
        self.remove_grave(deck.id.0, Grave::Deck)
    }

    /// Writes a preset with its own time, to be sent.
    pub fn merge_preset(&mut self, preset: &DeckConfig) -> Result<()> {
        let mut preset = preset.clone();
        preset.usn = Usn::PENDING;
        self.put_row(Table::DeckConfig, deck_config::row_of(&preset))?;
        Ok(())
    }

    /// Puts all settings of the other side in the place of those that are there; saved searches are
    /// among them.
    pub fn merge_settings(&mut self, source: &Storage) -> Result<()> {
        if let Value::Object(settings) = source.config_object()? {
            self.replace_settings(&settings, Usn::PENDING)?;
            self.mark_untracked();
        }
        Ok(())
    }

    /// Deletes a deck that no card is in; its grave is to be sent.
    pub fn merge_deck_grave(&mut self, id: DeckId) -> Result<()> {
        let used = "select 1 from cards where did=?1 or odid=?1 limit 1";
        if id.0 != 1 && !self.db.prepare_cached(used)?.exists([id.0])? {
            self.remove_deck(id)?;
        }
        Ok(())
    }

    /// Keeps a version of a note that a merge did not take in its history.
    pub fn overrule_note(&mut self, note: &Note) -> Result<()> {
        let ours = self.read_row(Table::Notes, &[note.id.0.into()])?;
        self.overrule(&ours.unwrap_or_default(), note_row(note));
        Ok(())
    }

    /// Keeps a note of the other side that a merge deleted in the trash, with its cards.
    pub fn overrule_gone(&mut self, gone: Former) {
        self.overruled.push(gone);
    }

    /// Keeps a deck, a preset or a note type in the history if a merge left something else.
    pub fn overrule_state(&mut self, state: &SubjectState) -> Result<()> {
        match self.subject_state(state.subject())? {
            Some(now) => self.overrule_subject(now, state.clone()),
            None => self
                .overruled_subjects
                .push(FormerSubject::deleted(state.clone())),
        }
        Ok(())
    }

    /// Begins a merge: the collection is what the server has, changed by nobody since.
    pub fn mark_equal_to_server(&mut self) -> Result<()> {
        self.db.execute("update col set ls=mod", [])?;
        self.mark_untracked();
        Ok(())
    }
}
