//! The Backup Explorer's side of the engine: an earlier collection, open for reading beside the
//! present one, with what differs worked out once. Rows and texts are read as they are shown.

use super::explore_items::items;
use super::find::moment_of;
use super::sidebar::sidebar_of;
use crate::base::ids::{DeckId, NoteId, NotetypeId};
use crate::base::job::Progress;
use crate::base::lang;
use crate::base::time::Clock;
use crate::base::{Error, ErrorKind, Result};
use crate::domain::explorer::{Change, Group, Listed, ListedItem, Listing, Opened, Row, Show};
use crate::domain::html::html_to_text_line;
use crate::domain::note::Note;
use crate::domain::notetype::Notetype;
use crate::domain::notetype_diff::differing;
use crate::mark;
use crate::storage::Storage;
use crate::storage::compare::{Comparison, compare_content, each_place};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

/// An earlier collection and how it differs from the present one.
#[derive(Debug)]
pub struct Explorer {
    path: PathBuf,
    pub(super) storage: Storage,
    pub(super) clock: Clock,
    /// Notes of the earlier collection that were deleted or changed since.
    pub(super) changes: HashMap<NoteId, Change>,
    /// Notes that are there, with a card that has another schedule now or is gone.
    rescheduled: BTreeSet<NoteId>,
    /// Decks of the present collection that are damaged.
    unreadable_decks: Vec<String>,
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
                *change != Change::Added && changes.get(note) != Some(&Change::Deleted)
            })
            .map(|(_, note, _)| *note)
            .collect();
        let counts = storage.counts()?;
        let in_lists = |note: &NoteId| {
            let change = changes.get(note);
            Listed {
                changes: u64::from(change.is_some()),
                deleted: u64::from(change == Some(&Change::Deleted)),
                rescheduled: u64::from(rescheduled.contains(note)),
                all: 1,
            }
        };
        let [decks, tags, notetypes] = groups(&storage, in_lists, progress)?;
        let is_added = |(_, change): &&(NoteId, Change)| *change == Change::Added;
        let added = found.notes.iter().filter(is_added).count() as u64;
        let differing = match present {
            Some(present) => differing(&storage.all_notetypes()?, &present.readable_notetypes()?),
            None => Vec::new(),
        };
        let opened = Opened {
            path: path.clone(),
            notes: counts.notes,
            cards: counts.cards,
            revlog: counts.revlog,
            changes: changes.len() as u64,
            deleted: changes.values().filter(|c| **c == Change::Deleted).count() as u64,
            rescheduled: rescheduled.len() as u64,
            added,
            modified: storage.col_row()?.mtime,
            decks,
            tags,
            notetypes,
            differing,
            names: Arc::new(sidebar_of(&storage)?),
            items: items(&storage, present)?.into(),
        };
        Ok(Self {
            path,
            storage,
            clock,
            changes,
            rescheduled,
            unreadable_decks: found.unreadable_decks,
            opened,
        })
    }

    #[must_use]
    pub fn opened(&self) -> &Opened {
        &self.opened
    }

    /// What could not be read, of the backup and of the collection that it was compared with.
    #[must_use]
    pub fn damage(&self) -> Vec<Error> {
        let mut damage = self.storage.damage();
        let names = self.unreadable_decks.join(", ");
        if !names.is_empty() {
            damage.push(Error::corrupt(mark!(
                "these decks of your collection are damaged and were not compared; what is recovered \
                 from a backup that has them puts them right: {names}",
                names
            )));
        }
        damage
    }

    /// With its media, which are for who has the files.
    #[must_use]
    pub fn with_media(mut self, mut media: Vec<ListedItem>) -> Self {
        media.extend_from_slice(&self.opened.items);
        self.opened.items = media.into();
        self
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
            let note = match self.storage.get_note(id) {
                Ok(Some(note)) => note,
                Ok(None) => continue,
                // One that is damaged keeps no other away.
                Err(error) if error.kind() == ErrorKind::Corrupt => {
                    let title = lang::known(error.what()).into_owned();
                    let line = String::new();
                    rows.push(Row { id, title, line });
                    continue;
                }
                Err(error) => return Err(error),
            };
            let notetype = self.storage.notetype(note.notetype_id)?;
            let (title, line) = texts(&note, notetype.as_deref());
            rows.push(Row { id, title, line });
        }
        Ok(rows)
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

/// Decks, tags and note types of the notes, with how many notes of each are in which list.
fn groups(
    storage: &Storage,
    in_lists: impl Fn(&NoteId) -> Listed,
    progress: &Progress,
) -> Result<[Vec<Group>; 3]> {
    let mut known: HashSet<(DeckId, NoteId)> = HashSet::new();
    let mut homes: HashMap<DeckId, Listed> = HashMap::new();
    let mut tags: BTreeMap<String, Listed> = BTreeMap::new();
    let mut types: HashMap<NotetypeId, Listed> = HashMap::new();
    each_place(
        storage,
        |note, deck| {
            if known.insert((deck, note)) {
                *homes.entry(deck).or_default() += in_lists(&note);
            }
            progress.check()
        },
        |note, notetype, of_note| {
            let lists = in_lists(&note);
            *types.entry(notetype).or_default() += lists;
            for tag in of_note {
                match tags.get_mut(tag) {
                    Some(sum) => *sum += lists,
                    None => drop(tags.insert(tag.to_owned(), lists)),
                }
            }
        },
    )?;
    let mut decks: BTreeMap<String, Listed> = BTreeMap::new();
    for (deck, notes) in homes {
        if let Some(deck) = storage.deck(deck)? {
            *decks.entry(deck.name.human()).or_default() += notes;
        }
    }
    let mut notetypes: BTreeMap<String, Listed> = BTreeMap::new();
    for (notetype, notes) in types {
        if let Some(notetype) = storage.notetype(notetype)? {
            *notetypes.entry(notetype.name.clone()).or_default() += notes;
        }
    }
    let groups = |map: BTreeMap<String, Listed>| {
        map.into_iter()
            .map(|(name, notes)| Group { name, notes })
            .collect()
    };
    Ok([decks, tags, notetypes].map(groups))
}

/// The sort field, and the first other field with text.
pub(super) fn texts(note: &Note, notetype: Option<&Notetype>) -> (String, String) {
    let sort = notetype.map_or(0, |n| n.config.sort_field_idx as usize);
    let text = |i: usize| note.fields.get(i).map(|f| html_to_text_line(f, true));
    let title = text(sort).unwrap_or_default();
    let line = (0..note.fields.len())
        .filter(|i| *i != sort)
        .filter_map(text)
        .find(|text| !text.trim().is_empty());
    (title, line.unwrap_or_default())
}
