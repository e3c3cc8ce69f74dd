//! Builds the queue of the selected deck: asks storage for what is due in the wanted order and
//! feeds it to the pure builder until the limits are reached. Rows are read only as far as that.

use crate::base::Result;
use crate::base::ids::{CardId, DeckId};
use crate::codec::card_data::card_data_into;
use crate::domain::card::{Card, CardQueue};
use crate::domain::deck::{Deck, DeckKind};
use crate::domain::deck_config::{DeckConfig, DeckConfigInner};
use crate::scheduler::hash::fnv;
use crate::scheduler::limits::{LimitKind, LimitRules, LimitTree, Limits};
use crate::scheduler::queue::builder::{BuryMode, DueCard, DueKind, QueueBuilder};
use crate::scheduler::queue::sort::{
    DueFacts, NewCard, NewGather, ReviewOrder, SortOptions, daily_salt, due_key,
};
use crate::scheduler::queue::{LearningEntry, StudyQueue, Unknown};
use crate::scheduler::timing::SchedTiming;
use crate::storage::Storage;
use crate::storage::queue::{DueId, DueRow};
use std::collections::HashMap;
use std::sync::Arc;

/// Options of the whole collection that studying reads.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct StudyConfig {
    pub fsrs: bool,
    pub short_term_with_steps: bool,
    pub load_balancer: bool,
    pub learn_ahead_secs: u32,
    pub limits: LimitRules,
}

impl StudyConfig {
    pub(super) fn read(storage: &Storage) -> Result<Self> {
        Ok(Self {
            fsrs: storage.config_or("fsrs", false)?,
            short_term_with_steps: storage.config_or("fsrsShortTermWithStepsEnabled", false)?,
            load_balancer: storage.config_or("loadBalancerEnabled", true)?,
            learn_ahead_secs: storage.config_or("collapseTime", 1200)?,
            limits: limit_rules(storage)?,
        })
    }
}

pub(super) fn limit_rules(storage: &Storage) -> Result<LimitRules> {
    Ok(LimitRules {
        new_cards_ignore_review_limit: storage.config_or("newCardsIgnoreReviewLimit", false)?,
        apply_all_parent_limits: storage.config_or("applyAllParentLimits", false)?,
    })
}

/// The preset of a normal deck; the Default one when its own is missing, and a new one when that
/// is missing too. No row is written.
pub(super) fn preset_of(storage: &Storage, deck: &Deck) -> Result<Option<Arc<DeckConfig>>> {
    let Some(id) = deck.config_id() else {
        return Ok(None);
    };
    if let Some(preset) = storage.deck_config(id)? {
        return Ok(Some(preset));
    }
    let default = storage.deck_config(crate::base::ids::DeckConfigId::DEFAULT)?;
    Ok(Some(
        default.unwrap_or_else(|| Arc::new(DeckConfig::new_default())),
    ))
}

/// The queue of `root` and the decks below it.
pub(super) fn build_queue(
    storage: &Storage,
    root: &Deck,
    timing: &SchedTiming,
    config: &StudyConfig,
) -> Result<StudyQueue> {
    let mut decks = vec![root.clone()];
    decks.extend(storage.child_decks(&root.name)?);
    let preset = preset_of(storage, root)?;
    let options = match (&root.kind, &preset) {
        (DeckKind::Normal(_), Some(preset)) => SortOptions::of(&preset.inner),
        (DeckKind::Normal(_), None) => SortOptions::of(&DeckConfigInner::default()),
        (DeckKind::Filtered(_), _) => SortOptions::filtered(),
    };
    let gather = Gather {
        storage,
        timing,
        decks: decks.iter().map(|d| d.id).collect(),
        fsrs: config.fsrs,
    };
    let limits = limit_tree(storage, &decks, timing, config.limits)?;
    let mut builder = QueueBuilder::new(limits, bury_modes(storage, &decks)?);
    gather.learning(&mut builder)?;
    gather.due(&mut builder, DueKind::DayLearning, options.review_order)?;
    gather.due(&mut builder, DueKind::Review, options.review_order)?;
    gather.new_cards(&mut builder, options.new_gather)?;
    Ok(builder.build(
        options,
        timing.days_elapsed,
        timing.now,
        config.learn_ahead_secs,
    ))
}

fn limit_tree(
    storage: &Storage,
    decks: &[Deck],
    timing: &SchedTiming,
    rules: LimitRules,
) -> Result<LimitTree> {
    let limits_of = |deck: &Deck| -> Result<Limits> {
        let preset = preset_of(storage, deck)?;
        let preset = preset.as_ref().map(|p| &p.inner);
        Ok(Limits::of(deck, preset, timing.days_elapsed, rules))
    };
    let mut with_limits = Vec::with_capacity(decks.len());
    for deck in decks {
        with_limits.push((deck, limits_of(deck)?));
    }
    let mut above = Vec::new();
    if rules.apply_all_parent_limits {
        let mut name = decks.first().and_then(|root| root.name.parent());
        while let Some(parent) = name {
            if let Some(deck) = storage.deck_by_name(&parent)? {
                above.push(limits_of(&deck)?);
            }
            name = parent.parent();
        }
    }
    Ok(LimitTree::new(&with_limits, &above))
}

/// By home deck; cards of filtered decks may come from anywhere.
fn bury_modes(storage: &Storage, decks: &[Deck]) -> Result<HashMap<DeckId, BuryMode>> {
    let all;
    let decks = if decks.iter().any(Deck::is_filtered) {
        all = storage.all_decks()?;
        &all
    } else {
        decks
    };
    let mut modes = HashMap::new();
    for deck in decks {
        if let Some(preset) = preset_of(storage, deck)? {
            modes.insert(deck.id, BuryMode::of(&preset.inner));
        }
    }
    Ok(modes)
}

struct Gather<'a> {
    storage: &'a Storage,
    timing: &'a SchedTiming,
    /// In order of name, the selected one first.
    decks: Vec<DeckId>,
    fsrs: bool,
}

impl Gather<'_> {
    /// Deck by deck by their ids, which decides between cards of the same second as in Anki.
    fn learning(&self, builder: &mut QueueBuilder) -> Result<()> {
        let until = self.timing.next_day_at;
        let mut decks = self.decks.clone();
        decks.sort_unstable();
        for deck in &decks {
            if !builder.needs_notes() {
                self.storage.learning_ids(*deck, until, |card, due, reps| {
                    builder.add_lone_learning(LearningEntry {
                        never_answered: reps.map(|reps| reps == 0),
                        due,
                        card,
                    });
                })?;
                continue;
            }
            for card in self.storage.learning_cards(*deck, until)? {
                let entry = LearningEntry {
                    never_answered: Some(card.reps == 0),
                    due: card.due,
                    card: card.id,
                };
                builder.add_learning(entry, card.note, card.home_deck);
            }
        }
        Ok(())
    }

    fn due(&self, builder: &mut QueueBuilder, kind: DueKind, order: ReviewOrder) -> Result<()> {
        match order {
            ReviewOrder::Day | ReviewOrder::DayThenDeck | ReviewOrder::DeckThenDay => {
                self.due_by_day(builder, kind, order)
            }
            _ => self.due_by_row(builder, kind, order),
        }
    }

    fn queue_of(kind: DueKind) -> CardQueue {
        match kind {
            DueKind::Review => CardQueue::Review,
            DueKind::DayLearning => CardQueue::DayLearn,
        }
    }

    /// Orders that the index gives: one day after the other. Within a day the order needs the
    /// cards' rows, which are read later (see `order_group`) where all of its cards are studied.
    fn due_by_day(
        &self,
        builder: &mut QueueBuilder,
        kind: DueKind,
        order: ReviewOrder,
    ) -> Result<()> {
        let mut ids = Vec::new();
        let mut position = HashMap::new();
        for (i, deck) in (0_i64..).zip(&self.decks) {
            position.insert(*deck, i);
            if builder.deck_has_room(*deck, LimitKind::Review) {
                let today = i64::from(self.timing.days_elapsed);
                self.storage
                    .due_ids(*deck, Self::queue_of(kind), today, &mut ids)?;
            }
        }
        let deck_order = |e: &DueId| position.get(&e.deck).copied().unwrap_or_default();
        // Days may be negative: those of filtered decks, and of cards overdue since before the
        // collection was made.
        let key = |e: &DueId| match order {
            ReviewOrder::DayThenDeck => (e.due, deck_order(e)),
            ReviewOrder::DeckThenDay => (deck_order(e), e.due),
            _ => (e.due, 0),
        };
        ids.sort_by_key(key);
        for group in ids.chunk_by(|a, b| key(a) == key(b)) {
            if !builder.has_room(LimitKind::Review) {
                break;
            }
            let cards: Vec<_> = group.iter().map(|e| (e.deck, e.id)).collect();
            if builder.add_group(&cards, kind) {
                continue;
            }
            let mut rows = Vec::with_capacity(group.len());
            for entry in group {
                if builder.deck_has_room(entry.deck, LimitKind::Review) {
                    rows.push(self.storage.due_row(entry.id)?);
                }
            }
            rows.sort_by_cached_key(|row| place_in_day(row.id, row.mtime));
            for row in &rows {
                builder.add_due(due_card(row), kind);
            }
        }
        Ok(())
    }

    /// Orders that need to see every due card.
    fn due_by_row(
        &self,
        builder: &mut QueueBuilder,
        kind: DueKind,
        order: ReviewOrder,
    ) -> Result<()> {
        let with_data = order.needs_memory(self.fsrs);
        let mut rows = Vec::new();
        for deck in &self.decks {
            if builder.deck_has_room(*deck, LimitKind::Review) {
                let today = i64::from(self.timing.days_elapsed);
                let queue = Self::queue_of(kind);
                self.storage
                    .for_each_due_row(*deck, queue, today, with_data, |row| {
                        rows.push(row);
                        true
                    })?;
            }
        }
        let mut keyed: Vec<_> = rows
            .iter()
            .map(|row| {
                let facts = facts_of(row);
                let key = due_key(order, &facts, self.timing, self.fsrs);
                (key, place_in_day(row.id, row.mtime), row)
            })
            .collect();
        keyed.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        for (_, _, row) in keyed {
            if !builder.has_room(LimitKind::Review) {
                break;
            }
            builder.add_due(due_card(row), kind);
        }
        Ok(())
    }

    fn new_cards(&self, builder: &mut QueueBuilder, order: NewGather) -> Result<()> {
        match order {
            NewGather::Deck => {
                for deck in &self.decks {
                    self.new_of_deck(builder, *deck)?;
                }
                Ok(())
            }
            NewGather::LowestPosition | NewGather::HighestPosition => {
                let mut ids = self.new_ids(builder)?;
                if order == NewGather::LowestPosition {
                    ids.sort_by_key(|e| e.due);
                } else {
                    ids.sort_by_key(|e| std::cmp::Reverse(e.due));
                }
                self.new_by_position(builder, &ids)
            }
            NewGather::DeckThenRandomNotes => {
                for deck in &self.decks {
                    self.new_by_row(builder, &[*deck], order)?;
                }
                Ok(())
            }
            NewGather::RandomNotes | NewGather::RandomCards => {
                self.new_by_row(builder, &self.decks, order)
            }
        }
    }

    /// The deck's cards by position, those of one position by template; rows are read only until
    /// there is no more room.
    fn new_of_deck(&self, builder: &mut QueueBuilder, deck: DeckId) -> Result<()> {
        if !builder.deck_has_room(deck, LimitKind::New) {
            return Ok(());
        }
        let mut group: Vec<DueRow> = Vec::new();
        self.storage
            .for_each_due_row(deck, CardQueue::New, i64::MAX, false, |row| {
                if group.first().is_some_and(|first| first.due != row.due) {
                    add_position(builder, &mut group);
                }
                group.push(row);
                builder.deck_has_room(deck, LimitKind::New)
            })?;
        add_position(builder, &mut group);
        Ok(())
    }

    /// Deck by deck as they were made, which decides between cards of one position.
    fn new_ids(&self, builder: &QueueBuilder) -> Result<Vec<DueId>> {
        let mut ids = Vec::new();
        let mut decks = self.decks.clone();
        decks.sort_unstable();
        for deck in decks {
            if builder.deck_has_room(deck, LimitKind::New) {
                self.storage
                    .due_ids(deck, CardQueue::New, i64::MAX, &mut ids)?;
            }
        }
        Ok(ids)
    }

    /// `ids` in order of position; cards of one position by template.
    fn new_by_position(&self, builder: &mut QueueBuilder, ids: &[DueId]) -> Result<()> {
        for group in ids.chunk_by(|a, b| a.due == b.due) {
            if !builder.has_room(LimitKind::New) {
                break;
            }
            let mut rows = Vec::with_capacity(group.len());
            for entry in group {
                if builder.deck_has_room(entry.deck, LimitKind::New) {
                    rows.push(self.storage.due_row(entry.id)?);
                }
            }
            add_position(builder, &mut rows);
        }
        Ok(())
    }

    fn new_by_row(
        &self,
        builder: &mut QueueBuilder,
        decks: &[DeckId],
        order: NewGather,
    ) -> Result<()> {
        let mut rows = Vec::new();
        for deck in decks {
            if builder.deck_has_room(*deck, LimitKind::New) {
                self.storage
                    .for_each_due_row(*deck, CardQueue::New, i64::MAX, false, |row| {
                        rows.push(row);
                        true
                    })?;
            }
        }
        let salt = daily_salt(self.timing.days_elapsed);
        rows.sort_by_cached_key(|row| match order {
            NewGather::RandomCards => (fnv(&[row.id.0, salt]), 0),
            _ => (fnv(&[row.note.0, salt]), row.template_idx),
        });
        for row in &rows {
            if !builder.has_room(LimitKind::New) {
                break;
            }
            builder.add_new(new_card(row));
        }
        Ok(())
    }
}

/// Adds new cards of one position and empties the list.
fn add_position(builder: &mut QueueBuilder, rows: &mut Vec<DueRow>) {
    rows.sort_by_key(|row| row.template_idx);
    for row in rows.drain(..) {
        builder.add_new(new_card(&row));
    }
}

/// Cards of one day come in the order of these numbers.
fn place_in_day(card: CardId, mtime: i64) -> i64 {
    fnv(&[card.0, mtime])
}

/// Makes the first `count` cards of the queue certain, reading what that needs.
pub(super) fn settle(storage: &Storage, queue: &mut StudyQueue, count: usize) -> Result<()> {
    while let Some(unknown) = queue.unknown(count) {
        match unknown {
            Unknown::NeverAnswered(card) => {
                queue.set_never_answered(card, storage.reps(card)? == 0);
            }
            Unknown::Order(mut cards) => {
                order_group(storage, &mut cards)?;
                queue.set_order(&cards);
            }
        }
    }
    Ok(())
}

fn order_group(storage: &Storage, cards: &mut [CardId]) -> Result<()> {
    let mut places = HashMap::with_capacity(cards.len());
    for card in cards.iter() {
        places.insert(*card, place_in_day(*card, storage.card_mtime(*card)?));
    }
    cards.sort_by_key(|card| places.get(card).copied());
    Ok(())
}

fn due_card(row: &DueRow) -> DueCard {
    DueCard {
        id: row.id,
        note: row.note,
        deck: row.deck,
        home_deck: row.home_deck,
    }
}

fn new_card(row: &DueRow) -> NewCard {
    NewCard {
        id: row.id,
        note: row.note,
        deck: row.deck,
        home_deck: row.home_deck,
        template_idx: row.template_idx,
    }
}

fn facts_of(row: &DueRow) -> DueFacts {
    let mut card = Card::default();
    if !row.data.is_empty() {
        card_data_into(&mut card, &row.data);
    }
    DueFacts {
        note: row.note,
        template_idx: row.template_idx,
        due: row.due,
        original_due: row.original_due,
        interval: row.interval,
        ease_factor: row.ease_factor,
        memory: card.memory_state,
        desired_retention: card.desired_retention,
        decay: card.decay,
        last_review: card.last_review,
    }
}
