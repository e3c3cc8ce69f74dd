//! The Backup Explorer's side of the engine: an earlier collection, open for reading beside the
//! present one, with what differs worked out once. Rows and texts are read as they are shown.

use super::find::moment_of;
use crate::base::ids::{CardId, DeckId, NoteId};
use crate::base::job::Progress;
use crate::base::time::Clock;
use crate::base::{Error, Result};
use crate::domain::card::{Card, CardQueue, CardType};
use crate::domain::explorer::{
    CardCompared, Change, Compared, Detail, Group, Listing, Opened, Row, Show,
};
use crate::domain::html::html_to_text_line;
use crate::domain::note::Note;
use crate::domain::notetype::Notetype;
use crate::domain::timespan;
use crate::storage::Storage;
use crate::storage::compare::{Comparison, compare_content, each_place};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::PathBuf;

const DAY_SECS: f64 = 86_400.0;

/// An earlier collection and how it differs from the present one.
#[derive(Debug)]
pub struct Explorer {
    path: PathBuf,
    storage: Storage,
    clock: Clock,
    /// Notes of the earlier collection that were deleted or changed since.
    changes: HashMap<NoteId, Change>,
    /// Notes with a card of another schedule now.
    rescheduled: BTreeSet<NoteId>,
    opened: Opened,
}

impl Explorer {
    /// Compares `storage`, the collection of the backup at `path`, with the present one (None:
    /// there is none, and everything counts as deleted).
    pub fn new(
        path: PathBuf,
        storage: Storage,
        present: Option<&Storage>,
        clock: Clock,
        progress: &Progress,
    ) -> Result<Self> {
        let found = match present {
            Some(present) => compare_content(&storage, present, progress)?,
            None => all_deleted(&storage, &clock)?,
        };
        let changes: HashMap<NoteId, Change> = found
            .notes
            .iter()
            .copied()
            .filter(|(_, change)| *change != Change::Added)
            .collect();
        let rescheduled: BTreeSet<NoteId> = found
            .cards
            .iter()
            .filter(|(_, note, change)| {
                *change == Change::Changed && changes.get(note) != Some(&Change::Deleted)
            })
            .map(|(_, note, _)| *note)
            .collect();
        let counts = storage.counts()?;
        let (decks, tags) = groups(&storage, &changes, progress)?;
        let opened = Opened {
            path: path.clone(),
            notes: counts.notes,
            cards: counts.cards,
            revlog: counts.revlog,
            changes: changes.len() as u64,
            deleted: changes.values().filter(|c| **c == Change::Deleted).count() as u64,
            rescheduled: rescheduled.len() as u64,
            decks,
            tags,
        };
        Ok(Self {
            path,
            storage,
            clock,
            changes,
            rescheduled,
            opened,
        })
    }

    #[must_use]
    pub fn opened(&self) -> &Opened {
        &self.opened
    }

    /// Of the backup.
    #[must_use]
    pub fn path(&self) -> &PathBuf {
        &self.path
    }

    #[must_use]
    pub fn storage(&self) -> &Storage {
        &self.storage
    }

    /// The notes of the backup that are shown, by id. The search is the browser's; its "today" is
    /// now.
    pub fn list(&self, show: Show, search: &str) -> Result<Listing> {
        let wanted = |id: &NoteId| match show {
            Show::Changes => self.changes.contains_key(id),
            Show::Deleted => self.changes.get(id) == Some(&Change::Deleted),
            Show::Rescheduled => self.rescheduled.contains(id),
            Show::All => true,
        };
        let notes = if search.trim().is_empty() && show != Show::All {
            let mut ids: Vec<NoteId> = self
                .changes
                .keys()
                .copied()
                .chain(self.rescheduled.iter().copied())
                .filter(wanted)
                .collect();
            ids.sort_unstable();
            ids.dedup();
            ids
        } else {
            let mut ids =
                self.storage
                    .search_notes(search, &moment_of(&self.storage, &self.clock)?, None)?;
            ids.retain(wanted);
            ids
        };
        Ok(Listing {
            show,
            search: search.to_owned(),
            notes: notes
                .into_iter()
                .map(|id| (id, self.changes.get(&id).copied()))
                .collect(),
        })
    }

    /// The lines of some notes.
    pub fn rows(&self, ids: &[NoteId]) -> Result<Vec<Row>> {
        let mut rows = Vec::with_capacity(ids.len());
        for &id in ids {
            let Some(note) = self.storage.get_note(id)? else {
                continue;
            };
            let notetype = self.storage.notetype(note.notetype_id)?;
            let (title, line) = texts(&note, notetype.as_deref());
            rows.push(Row { id, title, line });
        }
        Ok(rows)
    }

    /// A note of the backup beside what `present` has of it.
    pub fn detail(&self, id: NoteId, present: &Storage) -> Result<Detail> {
        let note = self
            .storage
            .get_note(id)?
            .ok_or_else(|| Error::not_found("the note is not in the backup"))?;
        let now = present.get_note(id)?;
        let notetype = self.storage.notetype(note.notetype_id)?;
        let (title, _) = texts(&note, notetype.as_deref());
        let cards = self.storage.cards_of_note(id)?;
        let deck = cards.first().map_or(DeckId::DEFAULT, Card::home_deck_id);
        let deck_name = self.storage.deck(deck)?.map(|d| d.name.human());
        Ok(Detail {
            id,
            title,
            change: self.changes.get(&id).copied(),
            notetype: notetype
                .as_ref()
                .map(|n| n.name.clone())
                .unwrap_or_default(),
            modified: note.mtime,
            deck,
            deck_name: deck_name.unwrap_or_default(),
            fields: fields(&note, notetype.as_deref(), now.as_ref(), present)?,
            tags: Compared {
                name: "Tags".into(),
                was: note.tags.join(" "),
                is: now.as_ref().map(|n| n.tags.join(" ")),
            },
            cards: self.cards(&cards, notetype.as_deref(), present)?,
        })
    }

    fn cards(
        &self,
        cards: &[Card],
        notetype: Option<&Notetype>,
        present: &Storage,
    ) -> Result<Vec<CardCompared>> {
        let mut compared = Vec::with_capacity(cards.len());
        for card in cards {
            let name = match notetype {
                Some(n) if n.is_cloze() => format!("Cloze {}", card.template_idx + 1),
                Some(n) => n
                    .template_of(card.template_idx)
                    .map(|t| t.name.clone())
                    .unwrap_or_default(),
                None => String::new(),
            };
            let now = present.get_card(card.id)?;
            compared.push(CardCompared {
                id: card.id,
                name,
                was: schedule(card),
                is: now.as_ref().map(schedule),
                reviews_since: self.reviews_since(card.id, present)?,
            });
        }
        Ok(compared)
    }

    fn reviews_since(&self, card: CardId, present: &Storage) -> Result<u64> {
        let known = self.storage.revlog_of_card(card)?.len() as u64;
        Ok((present.revlog_of_card(card)?.len() as u64).saturating_sub(known))
    }
}

/// As if the present collection were empty.
fn all_deleted(storage: &Storage, clock: &Clock) -> Result<Comparison> {
    let moment = moment_of(storage, clock)?;
    let notes = storage.search_notes("", &moment, None)?;
    Ok(Comparison {
        notes: notes.into_iter().map(|id| (id, Change::Deleted)).collect(),
        ..Comparison::default()
    })
}

/// Decks and tags of the notes that changed, with how many of each.
fn groups(
    storage: &Storage,
    changes: &HashMap<NoteId, Change>,
    progress: &Progress,
) -> Result<(Vec<Group>, Vec<Group>)> {
    if changes.is_empty() {
        return Ok((Vec::new(), Vec::new()));
    }
    let mut homes: HashMap<DeckId, HashSet<NoteId>> = HashMap::new();
    let mut tags: BTreeMap<String, u64> = BTreeMap::new();
    each_place(
        storage,
        |note, deck| {
            if changes.contains_key(&note) {
                homes.entry(deck).or_default().insert(note);
            }
            progress.check()
        },
        |note, tag| {
            if changes.contains_key(&note) {
                match tags.get_mut(tag) {
                    Some(n) => *n += 1,
                    None => drop(tags.insert(tag.to_owned(), 1)),
                }
            }
        },
    )?;
    let mut decks: BTreeMap<String, u64> = BTreeMap::new();
    for (deck, notes) in homes {
        if let Some(deck) = storage.deck(deck)? {
            *decks.entry(deck.name.human()).or_default() += notes.len() as u64;
        }
    }
    let groups = |map: BTreeMap<String, u64>| {
        map.into_iter()
            .map(|(name, changes)| Group { name, changes })
            .collect()
    };
    Ok((groups(decks), groups(tags)))
}

/// The sort field, and the first other field with text.
fn texts(note: &Note, notetype: Option<&Notetype>) -> (String, String) {
    let sort = notetype.map_or(0, |n| n.config.sort_field_idx as usize);
    let text = |i: usize| note.fields.get(i).map(|f| html_to_text_line(f, true));
    let title = text(sort).unwrap_or_default();
    let line = (0..note.fields.len())
        .filter(|i| *i != sort)
        .filter_map(text)
        .find(|text| !text.trim().is_empty());
    (title, line.unwrap_or_default())
}

/// Field by field, by name where the note has another type now. Where only the formatting
/// differs, the HTML is compared.
fn fields(
    note: &Note,
    notetype: Option<&Notetype>,
    now: Option<&Note>,
    present: &Storage,
) -> Result<Vec<Compared>> {
    let type_now = match now {
        Some(now) => present.notetype(now.notetype_id)?,
        None => None,
    };
    let mut compared = Vec::with_capacity(note.fields.len());
    for (i, was) in note.fields.iter().enumerate() {
        let name = notetype
            .and_then(|n| n.fields.get(i))
            .map_or_else(|| format!("Field {}", i + 1), |f| f.name.clone());
        let place = type_now
            .as_ref()
            .and_then(|n| n.fields.iter().position(|f| f.name == name));
        let is = now
            .zip(place)
            .and_then(|(now, place)| now.fields.get(place));
        let (mut old, mut new) = (
            html_to_text_line(was, true),
            is.map(|is| html_to_text_line(is, true)),
        );
        if new.as_ref() == Some(&old) && is != Some(was) {
            (old, new) = (was.clone(), is.cloned());
        }
        compared.push(Compared {
            name,
            was: old,
            is: new,
        });
    }
    Ok(compared)
}

/// In a few words: what a person would say of the card.
fn schedule(card: &Card) -> String {
    let state = match card.ctype {
        CardType::New => "new".to_owned(),
        CardType::Learn => "learning".to_owned(),
        CardType::Relearn => "relearning".to_owned(),
        CardType::Review => timespan::long(f64::from(card.interval) * DAY_SECS),
    };
    match card.queue {
        CardQueue::Suspended => format!("{state}, suspended"),
        CardQueue::SchedBuried | CardQueue::UserBuried => format!("{state}, buried"),
        _ => state,
    }
}
