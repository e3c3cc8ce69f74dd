//! One note of an earlier collection beside the present one: fields, tags, cards with their
//! schedule, the note type, and the media that it names.

use super::explore::{Explorer, texts};
use super::timing::timing_of;
use crate::base::count::decimal;
use crate::base::ids::{CardId, DeckId, NoteId};
use crate::base::lang;
use crate::base::time::{Clock, DAY_SECS, TimestampSecs};
use crate::base::{Error, Result};
use crate::domain::card::{Card, CardQueue, CardType, FIRST_MOMENT};
use crate::domain::explorer::{CardCompared, Compared, Detail, NotetypeNow};
use crate::domain::html::html_to_text_line;
use crate::domain::media_refs::media_refs;
use crate::domain::note::Note;
use crate::domain::notetype::Notetype;
use crate::domain::notetype_diff;
use crate::domain::sidebar::FLAG_NAMES;
use crate::domain::timespan;
use crate::scheduler::timing::SchedTiming;
use crate::storage::Storage;
use crate::{mark, t};
use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

impl Explorer {
    /// A note of the backup beside what `present` has of it; its media are for who has the files.
    pub fn detail(&self, id: NoteId, present: &Storage) -> Result<Detail> {
        let note = self
            .storage
            .get_note(id)?
            .ok_or_else(|| Error::not_found(mark!("the note is not in the backup")))?;
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
                name: t!("Tags").into(),
                was: note.tags.join(" "),
                is: now.as_ref().map(|n| n.tags.join(" ")),
            },
            cards: self.cards(&cards, notetype.as_deref(), present)?,
            notetype_now: match &notetype {
                Some(notetype) => notetype_now(notetype, present)?,
                None => NotetypeNow::Same,
            },
            media: Vec::new(),
        })
    }

    fn cards(
        &self,
        cards: &[Card],
        notetype: Option<&Notetype>,
        present: &Storage,
    ) -> Result<Vec<CardCompared>> {
        let mut compared = Vec::with_capacity(cards.len());
        let today = [
            Today::of(&self.storage, &self.clock)?,
            Today::of(present, &self.clock)?,
        ];
        for card in cards {
            let name = match notetype {
                Some(n) if n.is_cloze() => t!("Cloze {n}", n = u32::from(card.template_idx) + 1),
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
                facts: match &now {
                    Some(now) => differing(today[0].facts(card)?, today[1].facts(now)?),
                    None => Vec::new(),
                },
            });
        }
        Ok(compared)
    }

    fn reviews_since(&self, card: CardId, present: &Storage) -> Result<u64> {
        let known = self.storage.revlog_of_card(card)?.len() as u64;
        Ok((present.revlog_of_card(card)?.len() as u64).saturating_sub(known))
    }

    /// The media files that a note names in the backup, and in `present`.
    pub fn media_names(
        &self,
        id: NoteId,
        present: &Storage,
    ) -> Result<(BTreeSet<String>, BTreeSet<String>)> {
        let named = |storage: &Storage| -> Result<BTreeSet<String>> {
            let fields = storage.get_note(id)?.map(|note| note.fields);
            let fields = fields.unwrap_or_default();
            let names = fields.iter().flat_map(|field| media_refs(field));
            Ok(names.map(|found| found.name.into_owned()).collect())
        };
        Ok((named(&self.storage)?, named(present)?))
    }
}

/// Field by field, where they are now if the note type was changed or is another one. Where only
/// the formatting differs, the HTML is compared.
fn fields(
    note: &Note,
    notetype: Option<&Notetype>,
    now: Option<&Note>,
    present: &Storage,
) -> Result<Vec<Compared>> {
    let type_now = match now {
        Some(now) => present.readable_notetype(now.notetype_id)?,
        None => None,
    };
    let mut taken = HashSet::new();
    let mut fields = Vec::with_capacity(note.fields.len());
    for (i, was) in note.fields.iter().enumerate() {
        let name = notetype
            .and_then(|n| n.fields.get(i))
            .map_or_else(|| t!("Field {n}", n = i + 1), |f| f.name.clone());
        let place = match (&type_now, notetype) {
            (Some(now), Some(then)) => now.field_of(then, i),
            _ => None,
        };
        taken.extend(place);
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
        fields.push(compared(name, old, new));
    }
    let (Some(now), Some(type_now)) = (now, type_now) else {
        return Ok(fields);
    };
    for (i, (field, text)) in type_now.fields.iter().zip(&now.fields).enumerate() {
        if !taken.contains(&i) && !text.is_empty() {
            fields.push(compared(
                &field.name,
                "",
                Some(html_to_text_line(text, true)),
            ));
        }
    }
    if let Some(then) = notetype.filter(|then| then.id != type_now.id) {
        let is = Some(type_now.name.clone());
        fields.push(compared(t!("Note type"), &then.name, is));
    }
    Ok(fields)
}

/// In a few words: what a person would say of the card.
fn schedule(card: &Card) -> String {
    let state = match card.ctype {
        CardType::New => t!("new" in "card").to_owned(),
        CardType::Learn => t!("learning" in "card").to_owned(),
        CardType::Relearn => t!("relearning" in "card").to_owned(),
        CardType::Review => timespan::long(f64::from(card.interval) * DAY_SECS as f64),
    };
    match card.queue {
        CardQueue::Suspended => t!("{state}, suspended", state),
        CardQueue::SchedBuried | CardQueue::UserBuried => t!("{state}, buried", state),
        _ => state,
    }
}

/// A collection's day, for saying when its cards are due.
struct Today<'a> {
    storage: &'a Storage,
    timing: SchedTiming,
    clock: &'a Clock,
}

impl<'a> Today<'a> {
    fn of(storage: &'a Storage, clock: &'a Clock) -> Result<Self> {
        Ok(Self {
            storage,
            timing: timing_of(storage, clock)?,
            clock,
        })
    }

    /// What is known of a card, each under a name; empty where it has none.
    fn facts(&self, card: &Card) -> Result<Vec<(&'static str, String)>> {
        let deck = self.storage.deck_name(card.home_deck_id())?;
        let memory = card.memory_state;
        let flag = usize::from(card.flag()).checked_sub(1);
        let flag = flag.and_then(|n| FLAG_NAMES.get(n));
        let some = |n: u32| match n {
            0 => String::new(),
            n => n.to_string(),
        };
        let retention = card.desired_retention;
        Ok(vec![
            (t!("Due"), self.due(card)),
            (t!("Interval"), days(card.interval)),
            (
                t!("Stability"),
                memory.map_or_else(String::new, |m| {
                    timespan::precise(f64::from(m.stability) * DAY_SECS as f64)
                }),
            ),
            (
                t!("Difficulty"),
                memory.map_or_else(String::new, |m| {
                    let percent = f64::from((m.difficulty - 1.0) / 9.0 * 100.0);
                    t!("{percent} %", percent = decimal(percent, 1))
                }),
            ),
            (
                t!("Ease"),
                match (memory, card.ease_factor) {
                    (None, ease) if ease > 0 => t!("{percent} %", percent = ease / 10),
                    _ => String::new(),
                },
            ),
            (t!("Reviews"), some(card.reps)),
            (t!("Lapses"), some(card.lapses)),
            (t!("Steps left"), some(card.steps_left())),
            (
                t!("Retention"),
                retention.map_or_else(String::new, |r| {
                    t!("{percent} %", percent = format!("{:.0}", r * 100.0))
                }),
            ),
            (
                t!("Position"),
                card.original_position
                    .map_or_else(String::new, |n| n.to_string()),
            ),
            (t!("Custom data"), card.custom_data.clone()),
            (
                t!("Flag"),
                flag.map_or_else(String::new, |name| lang::say(name).to_owned()),
            ),
            (t!("Deck"), deck.unwrap_or_default()),
        ])
    }

    fn due(&self, card: &Card) -> String {
        let due = i64::from(card.home_due());
        if card.ctype == CardType::New {
            return t!("new, position {due}", due);
        }
        let (at, format) = if due >= FIRST_MOMENT {
            (due, "%Y-%m-%d %H:%M")
        } else {
            let days = due - i64::from(self.timing.days_elapsed);
            (self.timing.now.0 + days * DAY_SECS, "%Y-%m-%d")
        };
        let at = self.clock.local(TimestampSecs(at).millis());
        at.strftime(format).to_string()
    }
}

/// To the day, where words would round.
fn days(interval: u32) -> String {
    match interval {
        0 => String::new(),
        1 => t!("1 day").to_owned(),
        n => t!("{days} days", days = n),
    }
}

fn differing(was: Vec<(&str, String)>, is: Vec<(&str, String)>) -> Vec<Compared> {
    was.into_iter()
        .zip(is)
        .filter(|((_, was), (_, is))| was != is)
        .map(|((name, was), (_, is))| compared(name, was, Some(is)))
        .collect()
}

fn compared(name: impl Into<String>, was: impl Into<String>, is: Option<String>) -> Compared {
    Compared {
        name: name.into(),
        was: was.into(),
        is,
    }
}

/// The note type beside the one of the same id, or else of the same name.
fn notetype_now(then: &Notetype, present: &Storage) -> Result<NotetypeNow> {
    let now = match present.readable_notetype(then.id)? {
        Some(now) => Some(now),
        None if present.has_notetype(then.id)? => None,
        None => present.notetype_by_name(&then.name)?.map(Arc::new),
    };
    Ok(notetype_diff::became(then, now.as_deref()))
}
