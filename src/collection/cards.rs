//! Things done to cards by hand, from the reviewer's More menu: flags, burying, suspending, due
//! dates, resetting. Each is one undoable operation over any number of cards.

use super::card_states::home_preset;
use super::decks::existing;
use super::{Collection, OpOutput};
use crate::base::ids::{CardId, DeckId, NoteId, RevlogId, Usn};
use crate::base::time::DAY_SECS;
use crate::base::{Error, Result};
use crate::domain::card::{Card, CardQueue, CardType, FIRST_MOMENT};
use crate::domain::card_answers::{AskedIn, CardAnswers, ResetHow};
use crate::domain::op::Op;
use crate::domain::revlog::{RevlogEntry, RevlogKind};
use crate::domain::study::Buried;
use crate::mark;
use crate::scheduler::answer::return_home;
use crate::scheduler::due_date::DueDate;
use crate::scheduler::fsrs::difficulty_in_permille;
use crate::scheduler::timing::SchedTiming;
use crate::storage::Tx;
use rand::Rng as _;

/// Bits of the flags column that are the colour.
const FLAG_BITS: u32 = 7;

impl Collection {
    /// Sets the colour flag, 0 (none) to 7. The cards' change time stays, so that other programs
    /// agree on what a flag is.
    pub fn set_flag(&mut self, cards: &[CardId], flag: u8) -> Result<OpOutput<usize>> {
        if u32::from(flag) > FLAG_BITS {
            return Err(Error::invalid(mark!("a flag is a number from 0 to 7")));
        }
        self.transact(Op::SetFlag, |tx| {
            tx.edit_places(cards, false, |card| {
                let flags = (card.flags & !FLAG_BITS) | u32::from(flag);
                std::mem::replace(&mut card.flags, flags) != flags
            })
        })
    }

    /// Hides cards until tomorrow. `by_user` tells them from those hidden beside a sibling.
    pub fn bury_cards(&mut self, cards: &[CardId], by_user: bool) -> Result<OpOutput<usize>> {
        let queue = if by_user {
            CardQueue::UserBuried
        } else {
            CardQueue::SchedBuried
        };
        self.transact(Op::Bury, |tx| {
            tx.edit_places(cards, true, |card| {
                let buries = card.queue != queue && card.queue != CardQueue::Suspended;
                if buries {
                    card.queue = queue;
                }
                buries
            })
        })
    }

    /// All cards of some notes.
    pub fn cards_of_notes(&self, notes: &[NoteId]) -> Result<Vec<CardId>> {
        let mut ids = Vec::new();
        for note in notes {
            ids.extend(
                self.storage
                    .cards_of_note(*note)?
                    .iter()
                    .map(|card| card.id),
            );
        }
        Ok(ids)
    }

    /// Takes cards out of study until they are unsuspended.
    pub fn suspend_cards(&mut self, cards: &[CardId]) -> Result<OpOutput<usize>> {
        self.transact(Op::Suspend, |tx| {
            tx.edit_places(cards, true, |card| {
                std::mem::replace(&mut card.queue, CardQueue::Suspended) != CardQueue::Suspended
            })
        })
    }

    /// Puts suspended cards back where their type belongs.
    pub fn unsuspend_cards(&mut self, cards: &[CardId]) -> Result<OpOutput<usize>> {
        self.transact(Op::Unsuspend, |tx| {
            tx.edit_places(cards, true, |card| {
                let hidden = (card.queue as i8) < 0;
                if hidden {
                    card.queue = card.queue_from_type();
                }
                hidden
            })
        })
    }

    /// Puts buried cards back; suspended ones stay as they are.
    pub fn unbury_cards(&mut self, cards: &[CardId]) -> Result<OpOutput<usize>> {
        self.transact(Op::Unbury, |tx| tx.edit_places(cards, true, unbury))
    }

    /// Restores what is buried in a deck and the decks below it.
    pub fn unbury_deck(&mut self, deck: DeckId, which: Buried) -> Result<OpOutput<usize>> {
        let root = existing(&self.storage, deck)?;
        let decks = self.storage.deck_and_below(&root)?;
        self.transact(Op::Unbury, |tx| {
            let mut buried = Vec::new();
            for deck in decks {
                let cards = tx.buried_cards(deck)?.into_iter();
                let cards = cards.filter(|card| which.holds(card.queue));
                buried.extend(cards.map(|card| card.id));
            }
            tx.edit_places(&buried, true, unbury)
        })
    }

    /// Makes cards due on a day: `0`, `3-7` (a random day each), `1!` (the interval too).
    /// What was typed is kept for the next question in `asked_in`.
    pub fn set_due_date(
        &mut self,
        cards: &[CardId],
        days: &str,
        asked_in: Option<AskedIn>,
    ) -> Result<OpOutput<usize>> {
        let wanted: DueDate = days.parse()?;
        let timing = self.timing()?;
        let fsrs: bool = self.storage.config_or("fsrs", false)?;
        self.transact(Op::SetDueDate, |tx| {
            let mut rng = rand::rng();
            // Whose log row comes first goes by their ids, as in Anki.
            let mut cards = cards.to_vec();
            cards.sort_unstable();
            let changed = for_each_card(tx, &cards, |tx, mut card| {
                let before = card.clone();
                let days = rng.random_range(wanted.min..=wanted.max);
                let ease = home_preset(tx, &card)?.inner.initial_ease;
                make_due(&mut card, days, wanted.force_reset, ease, &timing, fsrs);
                tx.add_revlog(manual_entry(tx, &before, &card))?;
                tx.update_card(&card)?;
                Ok(true)
            })?;
            if let Some(place) = asked_in {
                tx.set_config(kept(place).due, days)?;
            }
            Ok(changed)
        })
    }

    /// Makes cards new again; `how` is kept for the next question in `asked_in`.
    pub fn reset_cards(
        &mut self,
        cards: &[CardId],
        how: ResetHow,
        asked_in: Option<AskedIn>,
    ) -> Result<OpOutput<usize>> {
        let first_position: u32 = self.storage.config_or("nextPos", 0)?;
        self.transact(Op::ResetCards, |tx| {
            let mut next_position = first_position;
            let changed = for_each_card(tx, cards, |tx, mut card| {
                let before = card.clone();
                if make_new(&mut card, next_position, how.restore_position) {
                    next_position += 1;
                }
                if how.reset_counts {
                    card.reps = 0;
                    card.lapses = 0;
                }
                tx.add_revlog(manual_entry(tx, &before, &card))?;
                tx.update_card(&card)?;
                Ok(true)
            })?;
            tx.set_config("nextPos", &next_position)?;
            if let Some(place) = asked_in {
                tx.set_config(kept(place).restore_position, &how.restore_position)?;
                tx.set_config(kept(place).reset_counts, &how.reset_counts)?;
            }
            Ok(changed)
        })
    }

    /// What was answered last to the questions of a place.
    pub fn card_answers(&self, asked_in: AskedIn) -> Result<CardAnswers> {
        let keys = kept(asked_in);
        let usual = ResetHow::default();
        Ok(CardAnswers {
            asked_in,
            due: self
                .storage
                .config_or(keys.due, asked_in.usual_due().to_owned())?,
            reset: ResetHow {
                restore_position: self
                    .storage
                    .config_or(keys.restore_position, usual.restore_position)?,
                reset_counts: self
                    .storage
                    .config_or(keys.reset_counts, usual.reset_counts)?,
            },
        })
    }
}

/// Where the answers of a place are kept.
struct Kept {
    due: &'static str,
    restore_position: &'static str,
    reset_counts: &'static str,
}

fn kept(place: AskedIn) -> Kept {
    match place {
        AskedIn::Reviewer => Kept {
            due: "setDueReviewer",
            restore_position: "restorePositionReviewer",
            reset_counts: "resetCountsReviewer",
        },
        AskedIn::Browser => Kept {
            due: "setDueBrowser",
            restore_position: "restorePositionBrowser",
            reset_counts: "resetCountsBrowser",
        },
    }
}

fn unbury(card: &mut Card) -> bool {
    let buried = matches!(card.queue, CardQueue::SchedBuried | CardQueue::UserBuried);
    if buried {
        card.queue = card.queue_from_type();
    }
    buried
}

/// Runs `f` for each card that still exists; counts those it changed.
fn for_each_card(
    tx: &mut Tx<'_>,
    cards: &[CardId],
    mut f: impl FnMut(&mut Tx<'_>, Card) -> Result<bool>,
) -> Result<usize> {
    let mut changed = 0;
    for id in cards {
        if let Some(card) = tx.get_card(*id)? {
            changed += usize::from(f(tx, card)?);
        }
    }
    Ok(changed)
}

fn make_due(
    card: &mut Card,
    days: u32,
    force_reset: bool,
    initial_ease: f32,
    timing: &SchedTiming,
    fsrs: bool,
) {
    let due = timing.days_elapsed.saturating_add(days);
    card.interval = new_interval(card, days, force_reset, timing, fsrs);
    return_home(card);
    if card.ctype == CardType::New {
        card.original_position = u32::try_from(card.due).ok();
    }
    card.ctype = CardType::Review;
    card.queue = CardQueue::Review;
    card.due = i32::try_from(due).unwrap_or(i32::MAX);
    if card.ease_factor == 0 {
        card.ease_factor = (initial_ease * 1000.0).round() as u16;
    }
}

fn new_interval(
    card: &Card,
    days: u32,
    force_reset: bool,
    timing: &SchedTiming,
    fsrs: bool,
) -> u32 {
    if !fsrs {
        let reviewed = matches!(card.ctype, CardType::Review | CardType::Relearn);
        return if reviewed && !force_reset {
            card.interval.max(1)
        } else {
            days.max(1)
        };
    }
    if card.queue == CardQueue::New || card.interval == 0 {
        return 0;
    }
    if let Some(reviewed) = card.last_review {
        return timing.days_since(reviewed).saturating_add(days);
    }
    let old_due = i64::from(card.home_due());
    // Learning cards have a time of day instead of a day number.
    let old_due = if old_due > FIRST_MOMENT {
        let today = timing.next_day_at.0 - DAY_SECS;
        i64::from(timing.days_elapsed) + (old_due - today).div_euclid(DAY_SECS)
    } else {
        old_due
    };
    let new_due = i64::from(timing.days_elapsed) + i64::from(days);
    u32::try_from(i64::from(card.interval) + new_due - old_due).unwrap_or(0)
}

/// Whether the next free position was used.
fn make_new(card: &mut Card, next_position: u32, restore_position: bool) -> bool {
    let original = card.original_position.take();
    return_home(card);
    let position = if card.ctype == CardType::New {
        u32::try_from(card.due).ok()
    } else {
        original
    };
    let restored = position.filter(|_| restore_position);
    card.ctype = CardType::New;
    card.queue = CardQueue::New;
    card.interval = 0;
    card.ease_factor = 0;
    card.memory_state = None;
    card.due = i32::try_from(restored.unwrap_or(next_position)).unwrap_or(i32::MAX);
    restored.is_none()
}

fn manual_entry(tx: &Tx<'_>, before: &Card, after: &Card) -> RevlogEntry {
    let days = |card: &Card| i32::try_from(card.interval).unwrap_or(i32::MAX);
    RevlogEntry {
        id: RevlogId(tx.now().0),
        card_id: after.id,
        usn: Usn::PENDING,
        button: 0,
        interval: days(after),
        last_interval: days(before),
        ease_factor: after
            .memory_state
            .map_or(u32::from(after.ease_factor), |memory| {
                // Cut, where answers round.
                difficulty_in_permille(memory.difficulty) as u32
            }),
        taken_millis: 0,
        kind: RevlogKind::Manual,
    }
}
