//! What a card's four buttons depend on: its decks, preset, memory, and the days of other cards.
//! Collects it from storage for the pure states of `scheduler`.

use super::Collection;
use super::gather::{StudyConfig, preset_of};
use crate::base::ids::{CardId, DeckConfigId, DeckId, NoteId};
use crate::base::time::TimestampMillis;
use crate::base::{Error, Result};
use crate::domain::card::{Card, CardType};
use crate::domain::deck::{Deck, DeckKind};
use crate::domain::deck_config::{DeckConfig, DeckConfigInner};
use crate::domain::revlog::RevlogEntry;
use crate::mark;
use crate::scheduler::answer::{preview_delays, state_of};
use crate::scheduler::balance::{AskedDays, BalanceContext, Balancer, DAYS};
use crate::scheduler::fsrs::{Model, allows_short_term, decay_of};
use crate::scheduler::fuzz;
use crate::scheduler::memory::{MemoryOptions, last_review, memory_for_study};
use crate::scheduler::states::{CardState, NextStates, PreviewDelays, StateContext};
use crate::scheduler::timing::SchedTiming;
use crate::storage::Storage;
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

/// A card with all that its scheduling depends on.
#[derive(Debug)]
pub(super) struct CardScheduling {
    /// With its memory filled in.
    pub(super) card: Card,
    /// Where it is now.
    pub(super) deck: Arc<Deck>,
    pub(super) preset_id: DeckConfigId,
    preset: Arc<DeckConfig>,
    pub(super) current: CardState,
    fsrs: Option<FsrsScheduling>,
    short_term_with_steps: bool,
}

#[derive(Debug)]
struct FsrsScheduling {
    model: Arc<Model>,
    retention: f32,
    decay: f32,
    days_since_review: u32,
}

impl CardScheduling {
    pub(super) fn preset(&self) -> &DeckConfigInner {
        &self.preset.inner
    }

    pub(super) fn buries_reviews(&self) -> bool {
        self.preset().bury_reviews
    }

    pub(super) fn seed(&self) -> u64 {
        fuzz::seed(self.card.id, self.card.reps)
    }

    /// Desired retention and decay to write; None while FSRS is off.
    pub(super) fn retention_and_decay(&self) -> Option<(f32, f32)> {
        self.fsrs.as_ref().map(|f| (f.retention, f.decay))
    }

    pub(super) fn next_states(
        &self,
        balancer: Option<&Balancer>,
        siblings: &SiblingDays,
    ) -> Result<NextStates> {
        let seed = self.seed();
        let fsrs = match &self.fsrs {
            Some(f) => Some(f.model.next_states(
                self.card.memory_state,
                f.retention,
                f.days_since_review,
            )?),
            None => None,
        };
        let ctx = StateContext {
            preset: self.preset(),
            fuzz_factor: Some(fuzz::factor(seed)),
            balance: balancer.map(|balancer| BalanceContext {
                balancer,
                preset: self.preset_id,
                seed,
                sibling_days: siblings.0.clone(),
            }),
            fsrs,
            fsrs_short_term_with_steps: self.short_term_with_steps,
            fsrs_allow_short_term: allows_short_term(self.preset()),
            preview: match &self.deck.kind {
                DeckKind::Filtered(deck) => preview_delays(deck),
                DeckKind::Normal(_) => PreviewDelays::default(),
            },
        };
        Ok(self.current.next_states(&ctx))
    }
}

/// Days from today on which the balancer counts a card of the same note.
pub(super) struct SiblingDays(Vec<usize>);

impl SiblingDays {
    pub(super) fn none() -> Self {
        Self(vec![])
    }

    /// From the table, and from where answered cards were before.
    pub(super) fn of(
        storage: &Storage,
        card: &Card,
        moved: &HashMap<CardId, (NoteId, Vec<usize>)>,
        timing: &SchedTiming,
    ) -> Result<Self> {
        let mut days = Vec::new();
        for (id, deck, due) in storage.dues_of_note(card.note_id)? {
            if moved.contains_key(&id) {
                continue;
            }
            let normal = storage.deck(deck)?.is_some_and(|deck| !deck.is_filtered());
            if normal && let Some(day) = balanced_day(due, timing) {
                days.push(day);
            }
        }
        let answered = moved.values().filter(|(note, _)| *note == card.note_id);
        days.extend(answered.flat_map(|(_, days)| days));
        days.sort_unstable();
        days.dedup();
        Ok(Self(days))
    }
}

/// The day of the balancer's table that a due number falls on, whatever it means.
pub(super) fn balanced_day(due: i64, timing: &SchedTiming) -> Option<usize> {
    let day = usize::try_from(due - i64::from(timing.days_elapsed)).ok()?;
    (day < DAYS).then_some(day)
}

/// The preset of a card's home deck.
pub(super) fn home_preset(storage: &Storage, card: &Card) -> Result<Arc<DeckConfig>> {
    let home = storage
        .deck(card.home_deck_id())?
        .ok_or_else(deck_missing)?;
    preset_of(storage, &home)?
        .ok_or_else(|| Error::inconsistent(mark!("the card's deck has no preset")))
}

fn deck_missing() -> Error {
    Error::inconsistent(mark!("the card's deck is missing"))
}

impl Collection {
    /// Gathers what `card`'s scheduling depends on.
    pub(super) fn card_scheduling(
        &mut self,
        card: &Card,
        timing: &SchedTiming,
    ) -> Result<CardScheduling> {
        self.card_scheduling_after(card, None, timing)
    }

    /// After what `log` says, and not that of the collection.
    pub(super) fn card_scheduling_after(
        &mut self,
        card: &Card,
        log: Option<&[RevlogEntry]>,
        timing: &SchedTiming,
    ) -> Result<CardScheduling> {
        let config = match &self.study.session {
            Some(session) => session.config,
            None => StudyConfig::read(&self.storage)?,
        };
        let deck = self.storage.deck(card.deck_id)?.ok_or_else(deck_missing)?;
        let home = self
            .storage
            .deck(card.home_deck_id())?
            .ok_or_else(deck_missing)?;
        let preset = home_preset(&self.storage, card)?;
        let mut card = card.clone();
        let fsrs = if config.fsrs {
            Some(self.fsrs_scheduling((&mut card, log), &home, &preset, timing)?)
        } else {
            None
        };
        Ok(CardScheduling {
            current: state_of(&card, &deck.kind, &preset.inner, timing),
            card,
            deck,
            preset_id: preset.id,
            preset,
            fsrs,
            short_term_with_steps: config.short_term_with_steps,
        })
    }

    /// Fills in the card's memory where it is missing.
    fn fsrs_scheduling(
        &mut self,
        (card, log): (&mut Card, Option<&[RevlogEntry]>),
        home: &Deck,
        preset: &DeckConfig,
        timing: &SchedTiming,
    ) -> Result<FsrsScheduling> {
        let params = preset.inner.fsrs_params();
        let model = match self.study.models.get(&preset.id) {
            Some(model) => Arc::clone(model),
            None => {
                let model = Arc::new(Model::new(params)?);
                self.study.models.insert(preset.id, Arc::clone(&model));
                model
            }
        };
        let mut reviewed = card.last_review;
        // A new card without a memory was reset, whatever its log says.
        let studied = card.ctype != CardType::New || card.memory_state.is_some();
        if studied && (card.memory_state.is_none() || reviewed.is_none()) {
            let log = match log {
                Some(log) => Cow::Borrowed(log),
                None => Cow::Owned(self.storage.revlog_of_card(card.id)?),
            };
            if card.memory_state.is_none() {
                let options = MemoryOptions {
                    historical_retention: preset.inner.historical_retention,
                    ignore_before: ignore_before(&preset.inner),
                    next_day_at: timing.next_day_at,
                };
                card.memory_state = memory_for_study(&model, card, &log, &options)?;
            }
            reviewed = reviewed.or_else(|| last_review(&log));
        }
        let retention = match &home.kind {
            DeckKind::Normal(normal) => normal.desired_retention,
            DeckKind::Filtered(_) => None,
        };
        Ok(FsrsScheduling {
            model,
            retention: retention.unwrap_or(preset.inner.desired_retention),
            decay: decay_of(params),
            days_since_review: reviewed.map_or(0, |at| timing.days_since(at)),
        })
    }

    /// Makes the balancer of the queue; its days are counted when they are asked for.
    pub(super) fn ready_balancer(&mut self, timing: &SchedTiming) {
        if let Some(session) = self.study.session.as_mut()
            && session.config.load_balancer
            && session.balancer.is_none()
        {
            let offset = self.clock.offset_mins_west(timing.now);
            session.balancer = Some(Balancer::new(timing.next_day_at, offset));
        }
    }

    /// Counts all that is not counted yet, before an answer changes what there is to count.
    pub(super) fn complete_balancer(&mut self, timing: &SchedTiming) -> Result<()> {
        let Some(session) = self.study.session.as_mut() else {
            return Ok(());
        };
        if let Some(balancer) = session.balancer.as_mut()
            && !session.balancer_complete
        {
            for (preset, decks) in decks_by_preset(&self.storage)?.values() {
                let all = AskedDays::all_of(preset.id);
                count_days(&self.storage, balancer, preset, decks, all, timing)?;
            }
            session.balancer_complete = true;
        }
        Ok(())
    }

    /// Counts the days that the balancer was asked for in vain; false when it was not.
    pub(super) fn count_asked_days(&mut self, timing: &SchedTiming) -> Result<bool> {
        let session = self.study.session.as_mut();
        let Some(balancer) = session.and_then(|session| session.balancer.as_mut()) else {
            return Ok(false);
        };
        let Some(asked) = balancer.take_asked() else {
            return Ok(false);
        };
        let presets = decks_by_preset(&self.storage)?;
        match presets.get(&asked.preset) {
            Some((preset, decks)) => {
                let days = balancer.days_to_count(asked);
                count_days(&self.storage, balancer, preset, decks, days, timing)?;
            }
            None => balancer.skip_preset(asked.preset),
        }
        Ok(true)
    }
}

/// Normal decks by preset.
type PresetDecks = HashMap<DeckConfigId, (Arc<DeckConfig>, Vec<DeckId>)>;

fn decks_by_preset(storage: &Storage) -> Result<PresetDecks> {
    let mut presets = PresetDecks::new();
    for deck in storage.all_decks()? {
        if let Some(preset) = preset_of(storage, &deck)? {
            let (_, decks) = presets.entry(preset.id).or_insert((preset, vec![]));
            decks.push(deck.id);
        }
    }
    Ok(presets)
}

fn count_days(
    storage: &Storage,
    balancer: &mut Balancer,
    preset: &DeckConfig,
    decks: &[DeckId],
    days: AskedDays,
    timing: &SchedTiming,
) -> Result<()> {
    let today = i64::from(timing.days_elapsed);
    let mut counts = [0; DAYS];
    let mut any = false;
    let (first, last) = (today + days.first as i64, today + days.last as i64);
    storage.dues_between(decks, first, last, |due| {
        if let Some(day) = balanced_day(due, timing) {
            counts[day] += 1;
            any = true;
        }
        true
    })?;
    if !any {
        storage.dues_between(decks, today, today + DAYS as i64 - 1, |_| {
            any = true;
            false
        })?;
    }
    if any {
        balancer.set_counts(days, &preset.inner.easy_days_percentages, counts);
    } else {
        balancer.skip_preset(preset.id);
    }
    Ok(())
}

/// UTC midnight of the date in the preset; the beginning of time when there is none.
pub(super) fn ignore_before(preset: &DeckConfigInner) -> TimestampMillis {
    preset
        .ignore_revlogs_before_date
        .parse::<jiff::civil::Date>()
        .ok()
        .and_then(|date| date.to_zoned(jiff::tz::TimeZone::UTC).ok())
        .map_or(TimestampMillis(0), |zoned| {
            TimestampMillis(zoned.timestamp().as_millisecond())
        })
}
