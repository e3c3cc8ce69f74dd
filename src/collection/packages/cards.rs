//! Cards of a package, and their reviews. A card that the note has already keeps its scheduling.

use super::decks::DeckImport;
use super::gather::{CardIds, Gathered};
use super::import::Source;
use super::notes::ImportedNotes;
use super::notetypes::NotetypeImport;
use crate::base::Result;
use crate::base::ids::{CardId, DeckId, NoteId};
use crate::base::job::Progress;
use crate::domain::card::{Card, CardQueue, CardType};
use crate::domain::package::ImportReport;
use crate::storage::{MatchedNotes, Table, Tx};
use std::collections::{HashMap, HashSet};

/// Ids that are taken move on by so much, until they are free.
pub(super) const ID_STEP: i64 = 999;
/// Rows between two looks at the cancel flag.
const ROWS_PER_STEP: u64 = 256;

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
        self.progress.stage("Importing cards", gathered.cards)?;
        let mut added = CardIds::default();
        let mut known: HashMap<NoteId, HashSet<u16>> = HashMap::new();
        let mut count = 0;
        self.source
            .storage
            .each_card_of(MatchedNotes::All, |mut card| {
                count += 1;
                if count % ROWS_PER_STEP == 0 {
                    self.progress.step(ROWS_PER_STEP)?;
                }
                // Every card, so that positions are given out as in the whole package.
                gathered.card_rules().apply(&mut card);
                let Some(note) = self.notes.target(card.note_id) else {
                    return Ok(());
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
                    return Ok(());
                }
                let source_id = card.id;
                card.note_id = note;
                self.translate(&mut card);
                if tx.deck(card.deck_id)?.is_none() {
                    card.deck_id = DeckId::DEFAULT;
                }
                while tx.card_id_is_taken(card.id)? {
                    card.id = CardId(card.id.0 + ID_STEP);
                }
                added.insert(source_id, card.id);
                tx.add_transferred_card(&mut card)
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
        self.progress.stage("Importing reviews", 0)?;
        let cards: HashSet<CardId> = added.keys().copied().collect();
        let ours = tx.review_ids()?.map(|(first, last)| first..=last);
        let mut count = 0;
        self.source.storage.each_review_of(&cards, |mut entry| {
            count += 1;
            if count % ROWS_PER_STEP == 0 {
                self.progress.step(ROWS_PER_STEP)?;
            }
            let Some(&card) = added.get(&entry.card_id) else {
                return Ok(());
            };
            // Those of the package are each once; only ours can be in their way.
            let within_ours = ours.as_ref().is_some_and(|ours| ours.contains(&entry.id.0));
            if within_ours && tx.review_id_is_taken(entry.id)? {
                return Ok(());
            }
            entry.card_id = card;
            report.reviews_added += 1;
            if self.source.rehearsal {
                return Ok(());
            }
            tx.add_transferred_review(&mut entry)
        })
    }
}
