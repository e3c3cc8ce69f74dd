//! Which notes have a first field, by its checksum: for finding duplicates in bulk.

use super::Storage;
use crate::base::Result;
use crate::base::ids::{DeckId, NoteId, NotetypeId};
use std::collections::{BTreeSet, HashMap};

impl Storage {
    /// Notes by note type and checksum of their first field, each list in order of the ids.
    pub fn notes_by_checksum(&self) -> Result<HashMap<(NotetypeId, u32), Vec<NoteId>>> {
        let mut statement = self
            .db
            .prepare_cached("select id, mid, csum from notes order by id")?;
        let mut rows = statement.query([])?;
        let mut found: HashMap<(NotetypeId, u32), Vec<NoteId>> = HashMap::new();
        while let Some(row) = rows.next()? {
            let checksum: u32 = super::loose::fit(super::loose::integer(row, 2)?);
            found
                .entry((NotetypeId(row.get(1)?), checksum))
                .or_default()
                .push(NoteId(row.get(0)?));
        }
        Ok(found)
    }

    /// Whether the note has a card that lives in the deck.
    pub fn note_is_in_deck(&self, note: NoteId, deck: DeckId) -> Result<bool> {
        Ok(self
            .db
            .prepare_cached("select 1 from cards where nid=?1 and (did=?2 or odid=?2) limit 1")?
            .exists([note.0, deck.0])?)
    }

    /// The decks of which [`Self::note_is_in_deck`] says so.
    pub fn decks_of_note(&self, note: NoteId) -> Result<BTreeSet<DeckId>> {
        let mut statement = self
            .db
            .prepare_cached("select did, odid from cards where nid=?")?;
        let mut rows = statement.query([note.0])?;
        let mut decks = BTreeSet::new();
        while let Some(row) = rows.next()? {
            for column in 0..2 {
                decks.insert(DeckId(super::loose::integer(row, column)?));
            }
        }
        // No filtered deck.
        decks.remove(&DeckId(0));
        Ok(decks)
    }
}
