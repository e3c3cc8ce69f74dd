//! The many notes that share one first field, for files that have it in many rows: each row would
//! read and write each of them. Those that rows have made the same are worked on as one, and all
//! are written once, when the rows have come.

use super::rows::Row;
use crate::base::Result;
use crate::base::ids::{DeckId, NoteId};
use crate::collection::notes::add_missing_cards;
use crate::domain::note::Note;
use crate::domain::package::LoggedNote;
use crate::storage::Tx;
use crate::template::cards::generated_ords;
use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};

/// Fewer are read and written for each row.
pub(super) const MANY: usize = 16;

/// See the module header.
pub(super) struct Alike {
    /// They are those that have a card in this deck; None: all.
    pub(super) deck: Option<DeckId>,
    /// In the order of their first notes.
    states: Vec<State>,
}

/// Notes that have one content.
struct State {
    /// Its content is that of all; whose id it has means nothing.
    note: Note,
    /// With the lowest first.
    ids: Vec<NoteId>,
    /// Whether it is still to be written.
    changed: bool,
    /// The cards that each of them has at least, one or more. None: nobody has looked.
    cards: Option<BTreeSet<u16>>,
}

impl Alike {
    /// Of notes in the order of their ids.
    pub(super) fn new(notes: Vec<Note>, deck: Option<DeckId>) -> Self {
        let alone = |note: Note| State {
            ids: vec![note.id],
            note,
            changed: false,
            cards: None,
        };
        Self {
            deck,
            states: notes.into_iter().map(alone).collect(),
        }
    }

    /// How the first of them is called in a report; None: there is no note.
    pub(super) fn logged(&self) -> Option<LoggedNote> {
        let state = self.states.first()?;
        Some(LoggedNote::of(*state.ids.first()?, &state.note))
    }

    /// Makes of each what `with_row` says, which says too whether that is something else, and adds
    /// the cards that it then has. Returns whether anything changed, and how many cards came.
    pub(super) fn update(
        &mut self,
        tx: &mut Tx<'_>,
        row: &Row,
        mut with_row: impl FnMut(&mut Tx<'_>, &Note) -> Result<(Note, bool)>,
    ) -> Result<(bool, usize)> {
        let mut any_changed = false;
        for state in &mut self.states {
            let (note, changed) = with_row(tx, &state.note)?;
            state.note = note;
            state.changed |= changed;
            any_changed |= changed;
        }
        self.join();
        Ok((any_changed, self.add_cards(tx, row)?))
    }

    /// What has become the same is one from now on.
    fn join(&mut self) {
        if self.states.len() < 2 {
            return;
        }
        let mut places: HashMap<_, usize> = HashMap::new();
        let mut joined: Vec<State> = Vec::new();
        for state in std::mem::take(&mut self.states) {
            let Note { fields, tags, .. } = state.note.clone();
            match places.entry((fields, tags, state.changed)) {
                Entry::Occupied(place) => joined[*place.get()].take_in(state),
                Entry::Vacant(place) => {
                    place.insert(joined.len());
                    joined.push(state);
                }
            }
        }
        self.states = joined;
    }

    fn add_cards(&mut self, tx: &mut Tx<'_>, row: &Row) -> Result<usize> {
        let mut lacking: Vec<(NoteId, usize)> = Vec::new();
        for (place, state) in self.states.iter_mut().enumerate() {
            let Note { fields, tags, .. } = &state.note;
            let wanted = generated_ords(&row.notetype, fields, !tags.is_empty());
            let has_all = |cards: &BTreeSet<u16>| wanted.iter().all(|ord| cards.contains(ord));
            if !state.cards.as_ref().is_some_and(has_all) {
                lacking.extend(state.ids.iter().map(|id| (*id, place)));
                state.cards.get_or_insert_default().extend(wanted);
            }
        }
        // Positions are given out note by note.
        lacking.sort_unstable();
        let mut added = 0;
        for (id, place) in lacking {
            let note = &mut self.states[place].note;
            note.id = id;
            added += add_missing_cards(tx, note, &row.notetype, Some(row.deck), true)?;
        }
        Ok(added)
    }

    /// Writes what has changed.
    pub(super) fn write(self, tx: &mut Tx<'_>) -> Result<()> {
        for state in self.states.into_iter().filter(|state| state.changed) {
            for id in state.ids {
                if let Some(stored) = tx.get_note(id)? {
                    tx.update_note(&Note {
                        id,
                        guid: stored.guid,
                        ..state.note.clone()
                    })?;
                }
            }
        }
        Ok(())
    }
}

impl State {
    fn take_in(&mut self, other: Self) {
        self.ids.extend(other.ids);
        self.cards = match (&self.cards, &other.cards) {
            (Some(ours), Some(theirs)) => Some(ours & theirs),
            _ => None,
        };
    }
}
