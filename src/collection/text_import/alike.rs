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
#[derive(Default)]
pub(super) struct Alike {
    /// In the order of their first notes; None: those of before are among another's.
    states: Vec<Option<State>>,
    /// The places of those with a card in a deck, in order; of all, where rows mean all.
    places: HashMap<Option<DeckId>, Vec<usize>>,
}

/// Notes that have one content, and cards in the same decks.
struct State {
    /// Its content is that of all; whose id it has means nothing.
    note: Note,
    /// With the lowest first.
    ids: Vec<NoteId>,
    /// Whether it is still to be written.
    changed: bool,
    /// The cards that each of them has at least, one or more. None: nobody has looked.
    cards: Option<BTreeSet<u16>>,
    /// Empty where rows mean notes of all decks.
    decks: BTreeSet<DeckId>,
}

impl Alike {
    /// Adds a note behind those with lower ids. `decks`: where it has cards; None: rows mean notes of
    /// all decks.
    pub(super) fn push(&mut self, note: Note, decks: Option<BTreeSet<DeckId>>) {
        let place = self.states.len();
        match &decks {
            None => self.places.entry(None).or_default().push(place),
            Some(decks) => {
                for &deck in decks {
                    self.places.entry(Some(deck)).or_default().push(place);
                }
            }
        }
        self.states.push(Some(State {
            ids: vec![note.id],
            note,
            changed: false,
            cards: None,
            decks: decks.unwrap_or_default(),
        }));
    }

    /// How the first of those that a row for `deck` means is called in a report; None: there is none.
    pub(super) fn logged(&self, deck: Option<DeckId>) -> Option<LoggedNote> {
        let mut places = self.places.get(&deck)?.iter();
        let state = places.find_map(|&place| self.states[place].as_ref())?;
        Some(LoggedNote::of(*state.ids.first()?, &state.note))
    }

    /// Makes of each that a row for `deck` means what `with_row` says, which says too whether that is
    /// something else, and adds the cards that it then has. Returns whether anything changed, and how
    /// many cards came.
    pub(super) fn update(
        &mut self,
        tx: &mut Tx<'_>,
        (row, deck): (&Row, Option<DeckId>),
        mut with_row: impl FnMut(&mut Tx<'_>, &Note) -> Result<(Note, bool)>,
    ) -> Result<(bool, usize)> {
        let mut places = self.places.remove(&deck).unwrap_or_default();
        places.retain(|&place| self.states[place].is_some());
        let mut any_changed = false;
        for &place in &places {
            let Some(state) = &mut self.states[place] else {
                continue;
            };
            let (note, changed) = with_row(tx, &state.note)?;
            state.note = note;
            state.changed |= changed;
            any_changed |= changed;
        }
        self.join(&mut places);
        let cards = self.add_cards(tx, row, &places)?;
        self.places.insert(deck, places);
        Ok((any_changed, cards))
    }

    /// What has become the same at these places is one from now on.
    fn join(&mut self, places: &mut Vec<usize>) {
        if places.len() < 2 {
            return;
        }
        let mut first: HashMap<_, usize> = HashMap::new();
        places.retain(|&place| {
            let Some(state) = self.states[place].take() else {
                return false;
            };
            let Note { fields, tags, .. } = state.note.clone();
            match first.entry((fields, tags, state.changed, state.decks.clone())) {
                Entry::Occupied(one) => {
                    if let Some(one) = &mut self.states[*one.get()] {
                        one.take_in(state);
                    }
                    false
                }
                Entry::Vacant(one) => {
                    one.insert(place);
                    self.states[place] = Some(state);
                    true
                }
            }
        });
    }

    fn add_cards(&mut self, tx: &mut Tx<'_>, row: &Row, places: &[usize]) -> Result<usize> {
        let mut lacking: Vec<(NoteId, usize)> = Vec::new();
        for &place in places {
            let Some(state) = &mut self.states[place] else {
                continue;
            };
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
            if let Some(State { note, .. }) = &mut self.states[place] {
                note.id = id;
                added += add_missing_cards(tx, note, &row.notetype, Some(row.deck), true)?;
            }
        }
        Ok(added)
    }

    /// Writes what has changed.
    pub(super) fn write(self, tx: &mut Tx<'_>) -> Result<()> {
        let states = self.states.into_iter().flatten();
        for state in states.filter(|state| state.changed) {
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
