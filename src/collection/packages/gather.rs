//! What of a collection belongs to a set of notes: decks with their parents, note types, presets;
//! and what becomes of cards that are shared without their scheduling. The same for taking out and
//! for putting in.

use crate::base::Result;
use crate::base::ids::{CardId, DeckConfigId, DeckId};
use crate::base::job::Progress;
use crate::base::limits::MAX_DECK_LEVELS;
use crate::base::time::Clock;
use crate::collection::answer::LEECH_TAG;
use crate::domain::card::{Card, CardQueue, CardType};
use crate::domain::deck::{Deck, DeckCommon, DeckKind, DeckName, NormalDeck};
use crate::domain::deck_config::DeckConfig;
use crate::domain::note::MARKED;
use crate::domain::notetype::Notetype;
use crate::domain::package::Along;
use crate::scheduler::timing::{SchedTiming, TimingInput, timing_at};
use crate::storage::{MatchedNotes, Storage};
use crate::t;
use std::collections::{BTreeMap, HashMap, HashSet};
use unicase::UniCase;

/// See the module header. Notes, cards and reviews are read one by one later.
#[derive(Debug)]
pub(super) struct Gathered {
    /// Parents before their children, ready to be written.
    pub(super) decks: Vec<Deck>,
    pub(super) notetypes: Vec<Notetype>,
    pub(super) presets: Vec<DeckConfig>,
    pub(super) notes: u64,
    pub(super) cards: u64,
    rules: CardRules,
}

/// What becomes of each card on its way.
#[derive(Debug)]
pub(super) struct CardRules {
    pub(super) scheduling: bool,
    /// Filtered decks become normal ones.
    leave_filtered: bool,
    next_position: u32,
}

/// Tags that are about the studying of one person.
pub(super) const PERSONAL_TAGS: [&str; 2] = [MARKED, LEECH_TAG];

impl Gathered {
    pub(super) fn of(
        source: &Storage,
        notes: MatchedNotes<'_>,
        along: Along,
        progress: &Progress,
    ) -> Result<Self> {
        progress.stage(t!("Gathering"), 0)?;
        let places = source.places_of(notes)?;
        let mut deck_ids: HashSet<DeckId> = places.keys().map(|(deck, _)| *deck).collect();
        let homes: HashSet<DeckId> = places.keys().map(|(_, home)| *home).collect();
        progress.check()?;
        let notetype_counts = source.notetypes_of(notes)?;
        progress.check()?;
        if along.scheduling {
            deck_ids.extend(&homes);
        }
        let mut decks = with_parents(readable_decks(source, &deck_ids)?, &deck_ids);
        if !along.scheduling {
            decks.retain(|deck| deck.id != DeckId::DEFAULT);
        }
        let present: HashSet<DeckId> = decks.iter().map(|deck| deck.id).collect();
        // A card in a filtered deck without a home could never leave it.
        let homeless = |deck: &Deck| deck.is_filtered() && places.contains_key(&(deck.id, deck.id));
        let leave_filtered = !along.scheduling
            || !homes.iter().all(|home| present.contains(home))
            || decks.iter().any(homeless);
        let presets = presets_of(source, &decks, along)?;
        for deck in &mut decks {
            prepare_deck(deck, along, leave_filtered);
        }
        let mut notetypes = Vec::with_capacity(notetype_counts.len());
        for &id in notetype_counts.keys() {
            notetypes.extend(source.get_notetype(id)?);
        }
        notetypes.sort_by_key(|notetype| notetype.id);
        Ok(Self {
            decks,
            notetypes,
            presets,
            notes: notetype_counts.values().sum(),
            cards: places.values().sum(),
            rules: CardRules {
                scheduling: along.scheduling,
                leave_filtered,
                next_position: source.config_or("nextPos", 0)?,
            },
        })
    }

    pub(super) fn card_rules(&mut self) -> &mut CardRules {
        &mut self.rules
    }
}

impl CardRules {
    pub(super) fn apply(&mut self, card: &mut Card) {
        if !self.scheduling {
            self.reset(card);
        } else if self.leave_filtered && card.is_filtered() {
            leave_filtered(card);
        }
    }

    /// A new card, as if nobody had studied it.
    fn reset(&mut self, card: &mut Card) {
        let position = match (card.ctype, card.original_position) {
            (CardType::New, _) if card.is_filtered() => card.original_due,
            (CardType::New, _) => card.due,
            // Beyond its range as Anki turns it round.
            (_, Some(position)) => position.cast_signed(),
            (_, None) => {
                let position = self.next_position;
                self.next_position = position.wrapping_add(1);
                position.cast_signed()
            }
        };
        *card = Card {
            id: card.id,
            note_id: card.note_id,
            deck_id: card.deck_id,
            template_idx: card.template_idx,
            mtime: card.mtime,
            usn: card.usn,
            due: position,
            // As Anki leaves them.
            original_due: if card.is_filtered() {
                0
            } else {
                card.original_due
            },
            remaining_steps: card.remaining_steps,
            desired_retention: card.desired_retention,
            decay: card.decay,
            last_review: card.last_review,
            custom_data: std::mem::take(&mut card.custom_data),
            ..Card::default()
        };
    }
}

/// Stays in the deck, which becomes a normal one, and is scheduled as at home.
pub(super) fn leave_filtered(card: &mut Card) {
    card.original_deck_id = DeckId(0);
    if card.original_due != 0 {
        card.due = card.original_due;
        card.original_due = 0;
    }
    if !matches!(
        card.queue,
        CardQueue::Suspended | CardQueue::SchedBuried | CardQueue::UserBuried
    ) {
        card.queue = card.queue_from_type();
    }
}

/// All decks; what is damaged matters only when it is one of the wanted ones.
fn readable_decks(source: &Storage, wanted: &HashSet<DeckId>) -> Result<Vec<Deck>> {
    let (decks, damaged) = source.readable_decks()?;
    for (id, _) in damaged {
        if wanted.contains(&id) {
            // Says what it is.
            source.deck(id)?;
        }
    }
    Ok(decks)
}

/// The decks with these ids and all above them, by name.
fn with_parents(all: Vec<Deck>, ids: &HashSet<DeckId>) -> Vec<Deck> {
    let mut wanted: HashSet<UniCase<String>> = HashSet::new();
    for deck in all.iter().filter(|deck| ids.contains(&deck.id)) {
        let all_above = std::iter::successors(Some(deck.name.clone()), DeckName::parent);
        // What is deeper is refused where it is written.
        for above in all_above.take(MAX_DECK_LEVELS + 1) {
            wanted.insert(UniCase::new(above.as_native().to_owned()));
        }
    }
    let mut decks: Vec<Deck> = all
        .into_iter()
        .filter(|deck| wanted.contains(&UniCase::new(deck.name.as_native().to_owned())))
        .collect();
    // A parent may be spelled with other capitals than its children spell it.
    decks.sort_by_cached_key(|deck| UniCase::new(deck.name.as_native().to_owned()));
    decks
}

fn presets_of(source: &Storage, decks: &[Deck], along: Along) -> Result<Vec<DeckConfig>> {
    if !along.presets {
        return Ok(Vec::new());
    }
    let mut presets: BTreeMap<DeckConfigId, DeckConfig> = BTreeMap::new();
    for id in decks.iter().filter_map(Deck::config_id) {
        if let Some(mut preset) = source.get_deck_config(id)? {
            if !along.scheduling {
                preset.inner.fsrs_params_4.clear();
                preset.inner.fsrs_params_5.clear();
                preset.inner.fsrs_params_6.clear();
            }
            presets.insert(id, preset);
        }
    }
    Ok(presets.into_values().collect())
}

fn prepare_deck(deck: &mut Deck, along: Along, leave_filtered: bool) {
    if leave_filtered && deck.is_filtered() {
        deck.kind = DeckKind::Normal(NormalDeck {
            config_id: DeckConfigId::DEFAULT,
            ..NormalDeck::default()
        });
    }
    if !along.scheduling {
        deck.common = DeckCommon::default();
    }
    if let DeckKind::Normal(normal) = &mut deck.kind {
        if !along.scheduling {
            normal.extend_new = 0;
            normal.extend_review = 0;
            normal.review_limit = None;
            normal.new_limit = None;
            normal.review_limit_today = None;
            normal.new_limit_today = None;
        }
        if !along.presets {
            normal.config_id = DeckConfigId::DEFAULT;
        }
    }
}

/// The scheduler's day of a collection that is not studied in.
pub(super) fn day_of(source: &Storage, clock: &Clock) -> Result<SchedTiming> {
    let now = clock.now_secs();
    Ok(timing_at(&TimingInput {
        created: source.col_row()?.crt,
        now,
        creation_offset: source.config_json("creationOffset")?,
        local_offset: clock.offset_mins_west(now),
        rollover_hour: source.config_or("rollover", 4)?,
        scheduler_version: source.config_or("schedVer", 1)?,
    }))
}

/// Which cards went along, to find their reviews: old id → new id.
pub(super) type CardIds = HashMap<CardId, CardId>;
