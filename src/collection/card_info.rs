//! What is known of one card: dates, memory, reviews.

use super::Collection;
use super::card_states::ignore_before;
use super::gather::preset_of;
use crate::base::ids::CardId;
use crate::base::time::{TimestampMillis, TimestampSecs};
use crate::base::{Error, Result};
use crate::domain::card::{Card, CardType, FIRST_MOMENT, FsrsMemory, OLD_DECAY};
use crate::domain::card_info::{CardInfo, PastAnswer};
use crate::domain::deck_config::DeckConfigInner;
use crate::domain::revlog::RevlogEntry;
use crate::mark;
use crate::scheduler::fsrs::{Model, retrievability};
use crate::scheduler::memory::{MemoryOptions, history_from_log, last_review, memory_from_log};
use crate::scheduler::timing::SchedTiming;

const DAY_SECS: u32 = 86_400;

impl Collection {
    /// Everything about a card.
    pub fn card_info(&mut self, id: CardId) -> Result<CardInfo> {
        let timing = self.timing()?;
        let storage = &self.storage;
        let card = storage
            .get_card(id)?
            .ok_or_else(|| Error::not_found(mark!("the card does not exist any more")))?;
        let note = storage
            .get_note(card.note_id)?
            .ok_or_else(|| Error::inconsistent(mark!("a card without a note")))?;
        let notetype = storage.notetype(note.notetype_id)?;
        let deck = storage.deck(card.deck_id)?;
        let home = storage.deck(card.home_deck_id())?;
        let preset = match &home {
            Some(home) => preset_of(storage, home)?,
            None => None,
        };
        let default = DeckConfigInner::default();
        let options = preset.as_ref().map_or(&default, |preset| &preset.inner);
        let log = storage.revlog_of_card(id)?;
        let fsrs: bool = storage.config_or("fsrs", false)?;
        let past = Past::of(&card, &log, options, &timing, fsrs)?;
        let rated: Vec<&RevlogEntry> = log.iter().filter(|row| row.button > 0).collect();
        let at = |row: Option<&&RevlogEntry>| row.map(|row| TimestampMillis(row.id.0).secs());
        let total_secs = if rated.is_empty() {
            0.0
        } else {
            log.iter().map(taken_secs).sum::<f32>()
        };
        let name_of = |deck: &Option<std::sync::Arc<crate::domain::deck::Deck>>| {
            deck.as_ref().map(|deck| deck.name.human())
        };
        Ok(CardInfo {
            card: id,
            note: note.id,
            added: TimestampMillis(id.0).secs(),
            first_review: at(rated.first()),
            latest_review: at(rated.last()),
            due: next_due(&card, &timing),
            position: position(&card),
            interval: card.interval,
            ease: u32::from(card.ease_factor),
            memory: past.memory,
            retrievability: past.retrievability,
            desired_retention: card.desired_retention,
            decay: card.decay.unwrap_or(OLD_DECAY),
            reviews: card.reps,
            lapses: card.lapses,
            average_secs: total_secs / rated.len().max(1) as f32,
            total_secs,
            card_type: notetype
                .as_ref()
                .and_then(|n| n.template_of(card.template_idx))
                .map(|template| template.name.clone())
                .unwrap_or_default(),
            notetype: notetype.map(|n| n.name.clone()).unwrap_or_default(),
            deck: name_of(&deck).unwrap_or_default(),
            original_deck: name_of(&home).filter(|_| card.home_deck_id() != card.deck_id),
            preset: preset.as_ref().map(|preset| preset.name.clone()),
            fsrs_params: options.fsrs_params().to_vec(),
            custom_data: card.custom_data,
            fsrs,
            log: past.log,
        })
    }
}

fn taken_secs(row: &RevlogEntry) -> f32 {
    row.taken_millis as f32 / 1000.0
}

fn next_due(card: &Card, timing: &SchedTiming) -> Option<TimestampSecs> {
    if card.ctype == CardType::New {
        return None;
    }
    let due = card.home_due();
    if i64::from(due) > FIRST_MOMENT {
        return Some(TimestampSecs(i64::from(due)));
    }
    // Overflows as in Anki, where an add-on left a nonsensical day.
    let days = due.wrapping_sub(timing.days_elapsed.cast_signed());
    Some(TimestampSecs(
        timing.now.0 + i64::from(days) * i64::from(DAY_SECS),
    ))
}

fn position(card: &Card) -> Option<i64> {
    if card.ctype == CardType::New {
        Some(i64::from(card.due))
    } else {
        card.original_position.map(i64::from)
    }
}

/// What the log and the memory say.
struct Past {
    memory: Option<FsrsMemory>,
    retrievability: Option<f32>,
    log: Vec<PastAnswer>,
}

impl Past {
    fn of(
        card: &Card,
        log: &[RevlogEntry],
        options: &DeckConfigInner,
        timing: &SchedTiming,
        fsrs: bool,
    ) -> Result<Self> {
        let memory_options = MemoryOptions {
            historical_retention: options.historical_retention,
            ignore_before: ignore_before(options),
            next_day_at: timing.next_day_at,
        };
        let model = Model::new(options.fsrs_params())?;
        let history = history_from_log(&model, log, &memory_options)?;
        let mut memory = card.memory_state;
        let retrievability = memory.map(|memory| {
            let last = card.last_review.or_else(|| last_review(log));
            let last = last.unwrap_or(TimestampSecs(0));
            // As in Anki, a review that lies ahead counts as very long ago.
            let elapsed = timing.now.0.wrapping_sub(last.0) as u32;
            let days = elapsed as f32 / DAY_SECS as f32;
            retrievability(memory, days, card.decay.unwrap_or(OLD_DECAY))
        });
        if memory.is_none() && fsrs && card.ctype != CardType::New {
            memory = memory_from_log(&model, log, &memory_options)?;
        }
        let secs = |interval: i32| match u32::try_from(interval) {
            Ok(days) => days.saturating_mul(DAY_SECS),
            Err(_) => interval.unsigned_abs(),
        };
        let answers = log
            .iter()
            .zip(history)
            .rev()
            .map(|(row, memory)| PastAnswer {
                at: TimestampMillis(row.id.0),
                kind: row.kind,
                button: row.button,
                interval: secs(row.interval),
                last_interval: secs(row.last_interval),
                ease: row.ease_factor,
                taken_secs: taken_secs(row),
                memory,
            });
        Ok(Self {
            memory,
            retrievability,
            log: answers.collect(),
        })
    }
}
