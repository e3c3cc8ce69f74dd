//! Cards of a package, and their reviews. A card that the note has already keeps its scheduling.

use super::beside::{Push, read_beside};
use super::decks::DeckImport;
use super::gather::{CardIds, Gathered, leave_filtered};
use super::import::Source;
use super::notes::ImportedNotes;
use super::notetypes::NotetypeImport;
use crate::base::Result;
use crate::base::ids::{CardId, DeckId, NoteId};
use crate::base::job::Progress;
use crate::domain::card::{Card, CardQueue, CardType};
use crate::domain::package::ImportReport;
use crate::domain::revlog::RevlogEntry;
use crate::storage::{MatchedNotes, Storage, Table, Tx};
use crate::t;
use std::collections::{HashMap, HashSet};
use std::ops::RangeInclusive;

/// Ids that are taken move on by so much, until they are free.
pub(super) const ID_STEP: i64 = 999;
/// Rows on their way from one thread to the other.
const ROWS_AT_ONCE: usize = 1024;

pub(super) struct CardImport<'a> {
    pub(super) source: &'a Source<'a>,
    pub(super) notes: &'a ImportedNotes,
    pub(super) notetypes: &'a NotetypeImport,
    pub(super) decks: &'a DeckImport,
    pub(super) progress: &'a Progress,
}

impl CardImport<'_> {
    pub(super) fn run(
        &self,
        tx: &mut Tx<'_>,
        gathered: &mut Gathered,
        report: &mut ImportReport,
    ) -> Result<()> {
        self.progress.stage(t!("Importing cards"), gathered.cards)?;
        let mut added = CardIds::default();
        let mut known: HashMap<NoteId, HashSet<u16>> = HashMap::new();
        let read = |storage: &Storage, push: &mut Push<'_, Card>| {
            storage.each_card_of(MatchedNotes::All, push)
        };
        let path = self.source.storage.path();
        read_beside(path, ROWS_AT_ONCE, read, |cards| {
            self.progress.step(cards.len() as u64)?;
            for mut card in cards {
                // Every card, so that positions are given out as in the whole package.
                gathered.card_rules().apply(&mut card);
                let Some(note) = self.notes.target(card.note_id) else {
                    continue;
                };
                card.template_idx = self
                    .notetypes
                    .ordinal(self.notes.notetype_of(card.note_id), card.template_idx);
                let ordinals = match known.entry(note) {
                    std::collections::hash_map::Entry::Occupied(entry) => entry.into_mut(),
                    std::collections::hash_map::Entry::Vacant(entry) => {
                        let there = if self.notes.is_new(note) {
                            HashSet::new()
                        } else {
                            tx.ordinals_of_note(note)?.into_iter().collect()
                        };
                        entry.insert(there)
                    }
                };
                if !ordinals.insert(card.template_idx) {
                    continue;
                }
                let source_id = card.id;
                card.note_id = note;
                self.translate(&mut card);
                leave_missing_deck(tx, &mut card)?;
                while tx.card_id_is_taken(card.id)? {
                    card.id = CardId(card.id.0 + ID_STEP);
                }
                added.insert(source_id, card.id);
                tx.add_transferred_card(&mut card)?;
            }
            Ok(())
        })?;
        report.cards_added = added.len() as u64;
        if self.source.options.along.scheduling {
            let incoming = self.source.storage.rows_of(Table::Revlog)?;
            tx.with_many_rows(Table::Revlog, incoming, |tx| {
                self.add_reviews(tx, &added, report)
            })?;
        }
        Ok(())
    }

    /// Decks and days are ours from now on.
    fn translate(&self, card: &mut Card) {
        let shift = |due: i32| {
            let due = i64::from(due) - self.source.days_ahead;
            i32::try_from(due).unwrap_or(if due < 0 { i32::MIN } else { i32::MAX })
        };
        card.deck_id = self.decks.target(card.deck_id);
        if card.original_deck_id.0 != 0 {
            card.original_deck_id = self.decks.target(card.original_deck_id);
        }
        let by_day = matches!(card.queue, CardQueue::Review | CardQueue::DayLearn);
        if by_day || card.ctype == CardType::Review {
            card.due = shift(card.due);
        }
        if card.ctype == CardType::Review && card.original_due != 0 {
            card.original_due = shift(card.original_due);
        }
    }

    fn add_reviews(
        &self,
        tx: &mut Tx<'_>,
        added: &CardIds,
        report: &mut ImportReport,
    ) -> Result<()> {
        self.progress.stage(t!("Importing reviews"), 0)?;
        let ours = tx.review_ids()?.map(|(first, last)| first..=last);
        let read = |storage: &Storage, push: &mut Push<'_, RevlogEntry>| {
            let cards = added.keys().copied().collect();
            storage.each_review_of(&cards, |mut entry| match added.get(&entry.card_id) {
                Some(&card) => {
                    entry.card_id = card;
                    push(entry)
                }
                None => Ok(()),
            })
        };
        let path = self.source.storage.path();
        read_beside(path, ROWS_AT_ONCE, read, |mut entries| {
            self.progress.step(entries.len() as u64)?;
            if let Some(ours) = &ours {
                drop_known(tx, &mut entries, ours)?;
            }
            report.reviews_added += entries.len() as u64;
            if self.source.rehearsal {
                return Ok(());
            }
            tx.add_transferred_reviews(&mut entries)
        })
    }
}

/// A card whose deck did not come along goes home, if it was in a filtered one, else to the default
/// deck.
fn leave_missing_deck(tx: &Tx<'_>, card: &mut Card) -> Result<()> {
    if tx.deck(card.deck_id)?.is_some() {
        return Ok(());
    }
    if card.is_filtered() {
        card.deck_id = card.original_deck_id;
        leave_filtered(card);
    }
    if tx.deck(card.deck_id)?.is_none_or(|home| home.is_filtered()) {
        card.deck_id = DeckId::DEFAULT;
    }
    Ok(())
}

/// Those of the package are each once; only ours can be in their way.
fn drop_known(
    tx: &mut Tx<'_>,
    entries: &mut Vec<RevlogEntry>,
    ours: &RangeInclusive<i64>,
) -> Result<()> {
    let mut kept = Vec::with_capacity(entries.len());
    for entry in entries.drain(..) {
        if !ours.contains(&entry.id.0) || !tx.review_id_is_taken(entry.id)? {
            kept.push(entry);
        }
    }
    *entries = kept;
    Ok(())
}
