//! What FSRS remembers of cards, computed anew from the review log when options change, and new
//! due days where the user asks for them.
//!
//! For an operation that writes presets, decks or the `fsrs` switch, inside its transaction:
//!
//! ```ignore
//! let now = MemoryMoment::of(&mut collection)?;          // before the transaction
//! collection.transact(Op::UpdateDeckConfig, |tx| {
//!     let before = FsrsOptions::read(tx)?;               // before anything is written
//!     // … write presets, decks, config …
//!     plan_memory(tx, &before, reschedule, &now, &progress)?.write(tx, &progress)
//! })?;
//! ```
//!
//! Which log rows count is decided in `scheduler::memory`, the day in `scheduler::reschedule`.

use super::Collection;
use super::card_states::ignore_before;
use super::gather::preset_of;
use crate::base::Result;
use crate::base::ids::{CardId, DeckConfigId, DeckId, RevlogId, Usn};
use crate::base::job::Progress;
use crate::base::time::TimestampMillis;
use crate::domain::card::{Card, CardQueue, CardType};
use crate::domain::deck::DeckKind;
use crate::domain::deck_config::DeckConfig;
use crate::domain::deck_options::{PREVIEW_DAYS, ReschedulePreview};
use crate::domain::revlog::{RevlogEntry, RevlogKind};
use crate::scheduler::fsrs::{Model, decay_of, difficulty_in_permille};
use crate::scheduler::fuzz;
use crate::scheduler::memory::{MemoryOptions, last_answer, memory_from_log, replayed_answers};
use crate::scheduler::reschedule::{DueLoad, Rescheduled};
use crate::scheduler::timing::SchedTiming;
use crate::storage::{Storage, Tx};
use crate::t;
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Cards between two looks at the cancel flag.
const CARDS_PER_STEP: u64 = 256;

/// The day, and the zone that easy days are in.
#[derive(Debug, Clone, Copy)]
pub struct MemoryMoment {
    pub timing: SchedTiming,
    /// Minutes west of UTC.
    pub offset_west: i32,
}

impl MemoryMoment {
    /// Now.
    pub fn of(collection: &mut Collection) -> Result<Self> {
        let timing = collection.timing()?;
        Ok(Self {
            timing,
            offset_west: collection.clock.offset_mins_west(timing.now),
        })
    }
}

/// The options that cards' memory depends on, as they are in the file at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct FsrsOptions {
    on: bool,
    decks: HashMap<DeckId, DeckOptions>,
}

#[derive(Debug, Clone, PartialEq)]
struct DeckOptions {
    preset: Arc<DeckConfig>,
    /// The deck's own, else the preset's.
    desired_retention: f32,
}

impl FsrsOptions {
    /// Reads the switch and the options of every normal deck.
    pub fn read(storage: &Storage) -> Result<Self> {
        let mut decks = HashMap::new();
        for deck in &*storage.deck_list()? {
            let DeckKind::Normal(normal) = &deck.kind else {
                continue;
            };
            if let Some(preset) = preset_of(storage, deck)? {
                let own = normal.desired_retention;
                let options = DeckOptions {
                    desired_retention: own.unwrap_or(preset.inner.desired_retention),
                    preset,
                };
                decks.insert(deck.id, options);
            }
        }
        Ok(Self {
            on: storage.config_or("fsrs", false)?,
            decks,
        })
    }

    /// Decks whose cards need a new memory after a change from `before`.
    fn decks_to_update(&self, before: &Self, reschedule: bool) -> Vec<DeckId> {
        let mut decks: Vec<DeckId> = self
            .decks
            .iter()
            .filter(|(id, new)| {
                let Some(old) = before.decks.get(id) else {
                    return false;
                };
                let (new_inner, old_inner) = (&new.preset.inner, &old.preset.inner);
                self.on != before.on
                    || self.on
                        && (new_inner.fsrs_params() != old_inner.fsrs_params()
                            || new.desired_retention != old.desired_retention
                            || (reschedule
                                && new_inner.easy_days_percentages
                                    != old_inner.easy_days_percentages))
            })
            .map(|(id, _)| *id)
            .collect();
        decks.sort_unstable();
        decks
    }
}

/// What a change of options does to cards; nothing is written yet.
#[derive(Debug, Default)]
pub struct MemoryPlan {
    cards: Vec<PlannedCard>,
}

#[derive(Debug)]
struct PlannedCard {
    after: Card,
    /// Interval and due day before, when the card is rescheduled.
    moved: Option<Moved>,
}

#[derive(Debug, Clone, Copy)]
struct Moved {
    interval: u32,
    due: i32,
}

/// Plans the new memory of all cards that the change from `before` concerns: memory, desired
/// retention and decay of studied cards with a review log; removed when FSRS was switched off.
/// With `reschedule`, review cards get new due days too.
pub fn plan_memory(
    storage: &Storage,
    before: &FsrsOptions,
    reschedule: bool,
    now: &MemoryMoment,
    progress: &Progress,
) -> Result<MemoryPlan> {
    let options = FsrsOptions::read(storage)?;
    let decks = options.decks_to_update(before, reschedule);
    if decks.is_empty() {
        return Ok(MemoryPlan::default());
    }
    let mut cards = Vec::new();
    for deck in &decks {
        cards.extend(storage.studied_cards_at_home(*deck)?);
    }
    cards.sort_unstable_by_key(|card| card.id);
    let ids: Vec<CardId> = cards.iter().map(|card| card.id).collect();
    let log = storage.revlog_of_cards(&ids, progress)?;
    let mut planner = Planner::of(&options, now);
    if options.on && reschedule && storage.config_or("loadBalancerEnabled", true)? {
        planner.load = Some(planner.due_load(storage)?);
    }
    progress.stage(t!("Computing memory"), cards.len() as u64)?;
    let mut plan = MemoryPlan::default();
    let mut cards = Planner::with_log(cards, &log);
    for (at, n) in planner.order(&cards).into_iter().zip(1..) {
        if n % CARDS_PER_STEP == 0 {
            progress.step(CARDS_PER_STEP)?;
        }
        let (card, log) = &mut cards[at];
        let card = std::mem::take(card);
        plan.cards.push(planner.card(card, log, reschedule)?);
    }
    plan.cards.sort_unstable_by_key(|card| card.after.id);
    Ok(plan)
}

/// Computes memory, desired retention and decay of the deck's studied cards that have a review log
/// but no memory; nothing while FSRS is off. Returns the cards to be written.
pub(super) fn missing_memory(
    storage: &Storage,
    deck: DeckId,
    now: &MemoryMoment,
    progress: &Progress,
) -> Result<Vec<Card>> {
    let options = FsrsOptions::read(storage)?;
    if !options.on || !options.decks.contains_key(&deck) {
        return Ok(vec![]);
    }
    let cards = storage.forgotten_cards_at_home(deck)?;
    let ids: Vec<CardId> = cards.iter().map(|card| card.id).collect();
    let log = storage.revlog_of_cards(&ids, progress)?;
    let mut planner = Planner::of(&options, now);
    let cards = Planner::with_log(cards, &log);
    progress.stage(t!("Computing memory"), cards.len() as u64)?;
    let mut remembered = Vec::with_capacity(cards.len());
    for ((card, log), n) in cards.into_iter().zip(1..) {
        if n % CARDS_PER_STEP == 0 {
            progress.step(CARDS_PER_STEP)?;
        }
        remembered.push(planner.card(card, log, false)?.after);
    }
    Ok(remembered)
}

/// Takes away what FSRS knows of a card.
pub(super) fn forget(card: &mut Card) {
    card.memory_state = None;
    card.desired_retention = None;
    card.decay = None;
}

struct Planner<'a> {
    options: &'a FsrsOptions,
    now: &'a MemoryMoment,
    models: HashMap<DeckConfigId, Model>,
    load: Option<DueLoad>,
}

impl<'a> Planner<'a> {
    /// One that does not balance days.
    fn of(options: &'a FsrsOptions, now: &'a MemoryMoment) -> Self {
        Self {
            options,
            now,
            models: HashMap::new(),
            load: None,
        }
    }

    /// The cards with their rows, without those that have none, which are left as they are.
    fn with_log(cards: Vec<Card>, log: &[RevlogEntry]) -> Vec<(Card, &[RevlogEntry])> {
        let mut logs = log.chunk_by(|a, b| a.card_id == b.card_id).peekable();
        let with_log = cards.into_iter().filter_map(|card| {
            let log = logs.next_if(|log| log[0].card_id == card.id)?;
            Some((card, log))
        });
        with_log.collect()
    }

    /// Which card is planned after which. With balanced days each card's day depends on those of
    /// its preset before it: as in Anki, cards with fewer answers come first, and those with as
    /// many in the order that the standard library's unstable sort of indices leaves them in.
    fn order(&self, cards: &[(Card, &[RevlogEntry])]) -> Vec<usize> {
        if self.load.is_none() {
            return (0..cards.len()).collect();
        }
        let mut order = Vec::new();
        let mut presets: BTreeMap<DeckConfigId, Vec<usize>> = BTreeMap::new();
        let answers: Vec<Option<usize>> = (cards.iter().enumerate())
            .map(|(at, (card, log))| {
                let preset = &self.options.decks[&card.home_deck_id()].preset;
                let answers = replayed_answers(log, ignore_before(&preset.inner));
                match answers {
                    Some(_) => presets.entry(preset.id).or_default().push(at),
                    None => order.push(at),
                }
                answers
            })
            .collect();
        for mut of_preset in presets.into_values() {
            of_preset.sort_unstable_by_key(|&at| answers[at]);
            order.append(&mut of_preset);
        }
        order
    }

    fn due_load(&self, storage: &Storage) -> Result<DueLoad> {
        let timing = &self.now.timing;
        let mut load = DueLoad::new(
            timing.days_elapsed,
            timing.next_day_at,
            self.now.offset_west,
        );
        for (deck, options) in &self.options.decks {
            let easy_days = &options.preset.inner.easy_days_percentages;
            storage.review_dues_at_home(*deck, |due, cards| {
                load.add(options.preset.id, easy_days, due, cards);
            })?;
        }
        Ok(load)
    }

    fn card(
        &mut self,
        mut card: Card,
        log: &[RevlogEntry],
        reschedule: bool,
    ) -> Result<PlannedCard> {
        if !self.options.on {
            forget(&mut card);
            return Ok(PlannedCard {
                after: card,
                moved: None,
            });
        }
        let deck = &self.options.decks[&card.home_deck_id()];
        let preset = &deck.preset;
        let model = match self.models.entry(preset.id) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => entry.insert(Model::new(preset.inner.fsrs_params())?),
        };
        let options = MemoryOptions {
            historical_retention: preset.inner.historical_retention,
            ignore_before: ignore_before(&preset.inner),
            next_day_at: self.now.timing.next_day_at,
        };
        card.memory_state = memory_from_log(model, log, &options)?;
        card.desired_retention = Some(deck.desired_retention);
        card.decay = Some(decay_of(preset.inner.fsrs_params()));
        let moved = if reschedule {
            let card = &mut card;
            reschedule_card(card, log, deck, model, &self.now.timing, &mut self.load)
        } else {
            None
        };
        Ok(PlannedCard { after: card, moved })
    }
}

/// Gives a review card its new interval and due day; None when it stays as it is.
fn reschedule_card(
    card: &mut Card,
    log: &[RevlogEntry],
    deck: &DeckOptions,
    model: &Model,
    timing: &SchedTiming,
    load: &mut Option<DueLoad>,
) -> Option<Moved> {
    if card.ctype != CardType::Review || card.queue == CardQueue::Suspended {
        return None;
    }
    let memory = card.memory_state?;
    // By the log: the time on the card may be that of an answer that moved nothing.
    let last = last_answer(log)?;
    let days_since = timing.days_since(TimestampMillis(last.id.0).secs());
    let previous_days = if last.button > 1 {
        u32::try_from(last.last_interval).unwrap_or(0)
    } else {
        0
    };
    let days = Rescheduled {
        interval: model.next_interval(memory, deck.desired_retention),
        previous_days,
        days_since,
        seed: fuzz::seed(card.id, card.reps.wrapping_sub(1)),
        max_days: deck.preset.inner.maximum_review_interval,
    }
    .new_days(load.as_ref().map(|load| (load, deck.preset.id)));
    let new_due = i64::from(timing.days_elapsed) - i64::from(days_since) + i64::from(days);
    let new_due = i32::try_from(new_due).unwrap_or(i32::MAX);
    let due = if card.is_filtered() {
        &mut card.original_due
    } else {
        &mut card.due
    };
    let moved = Moved {
        interval: card.interval,
        due: std::mem::replace(due, new_due),
    };
    card.interval = days;
    if let Some(load) = load {
        load.move_card(deck.preset.id, i64::from(moved.due), i64::from(new_due));
    }
    Some(moved)
}

impl MemoryPlan {
    /// Cards whose row is written.
    #[must_use]
    pub fn cards(&self) -> usize {
        self.cards.len()
    }

    /// How due days change; `today` is the day number.
    #[must_use]
    pub fn preview(&self, today: u32) -> ReschedulePreview {
        let mut preview = ReschedulePreview {
            days: vec![(0, 0); PREVIEW_DAYS],
            ..ReschedulePreview::default()
        };
        let day = |due: i32| usize::try_from(i64::from(due) - i64::from(today)).unwrap_or(0);
        for card in &self.cards {
            let Some(moved) = card.moved else { continue };
            let after = if card.after.is_filtered() {
                card.after.original_due
            } else {
                card.after.due
            };
            preview.cards += 1;
            preview.moved += u32::from(after != moved.due);
            if let Some((before, _)) = preview.days.get_mut(day(moved.due)) {
                *before += 1;
            }
            if let Some((_, later)) = preview.days.get_mut(day(after)) {
                *later += 1;
            }
        }
        preview
    }

    /// Writes the cards, and a row of the review log for each rescheduled one. Returns the number
    /// of cards.
    pub fn write(self, tx: &mut Tx<'_>, progress: &Progress) -> Result<usize> {
        progress.stage(t!("Saving cards"), self.cards.len() as u64)?;
        for (card, n) in self.cards.iter().zip(1..) {
            if n % CARDS_PER_STEP == 0 {
                progress.step(CARDS_PER_STEP)?;
            }
            tx.update_card(&card.after)?;
            if let Some(moved) = card.moved {
                tx.add_revlog(rescheduled_entry(tx, &card.after, moved.interval))?;
            }
        }
        Ok(self.cards.len())
    }
}

fn rescheduled_entry(tx: &Tx<'_>, card: &Card, last_interval: u32) -> RevlogEntry {
    RevlogEntry {
        id: RevlogId(tx.now().0),
        card_id: card.id,
        usn: Usn::PENDING,
        button: 0,
        interval: i32::try_from(card.interval).unwrap_or(i32::MAX),
        last_interval: i32::try_from(last_interval).unwrap_or(i32::MAX),
        // Cut, where answers round.
        ease_factor: card
            .memory_state
            .map_or(0.0, |memory| difficulty_in_permille(memory.difficulty))
            as u32,
        taken_millis: 0,
        kind: RevlogKind::Rescheduled,
    }
}
