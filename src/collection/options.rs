//! Deck options: reading what the screen shows, and saving it as one operation. Saving follows
//! Anki's order of effects: presets, decks, then the cards whose steps or order changed.

use super::decks::existing;
use super::fsrs_memory::{FsrsOptions, MemoryMoment, plan_memory};
use super::{Collection, OpOutput};
use crate::base::ids::{DeckConfigId, DeckId};
use crate::base::job::Progress;
use crate::base::{Error, Result};
use crate::domain::card::CardType;
use crate::domain::deck::{Deck, DeckKind};
use crate::domain::deck_config::{DeckConfig, DeckConfigInner};
use crate::domain::deck_options::{
    DeckLimits, DeckOptions, DeckOptionsUpdate, PresetUse, ReschedulePreview, SharedOptions,
};
use crate::domain::op::Op;
use crate::mark;
use crate::scheduler::fsrs::Model;
use crate::scheduler::hash::fnv;
use crate::scheduler::steps::remaining_after_change;
use crate::storage::{Storage, Tx};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Presets by name; the Default one is among them even where its row is missing.
fn all_presets(storage: &Storage) -> Result<Arc<[DeckConfig]>> {
    let stored = storage.deck_config_list()?;
    if stored.iter().any(|p| p.id == DeckConfigId::DEFAULT) {
        return Ok(stored);
    }
    let default = std::iter::once(DeckConfig::new_default());
    Ok(default.chain(stored.iter().cloned()).collect())
}

/// Presets by id, and the options of the collection, at one moment.
#[derive(Debug)]
struct Presets(Arc<[DeckConfig]>);

impl Presets {
    fn read(storage: &Storage) -> Result<Self> {
        Ok(Self(all_presets(storage)?))
    }

    /// A deck whose preset is missing follows the Default one.
    fn of(&self, id: DeckConfigId) -> Result<&DeckConfigInner> {
        self.find(id)
            .or_else(|| self.find(DeckConfigId::DEFAULT))
            .ok_or_else(|| Error::corrupt(mark!("the Default preset is missing")))
    }

    fn find(&self, id: DeckConfigId) -> Option<&DeckConfigInner> {
        let found = self.0.iter().find(|preset| preset.id == id);
        found.map(|preset| &preset.inner)
    }
}

impl Collection {
    /// What the options screen of a normal deck shows.
    pub fn deck_options(&mut self, id: DeckId) -> Result<DeckOptions> {
        let today = self.timing()?.days_elapsed;
        let deck = existing(&self.storage, id)?;
        let DeckKind::Normal(normal) = &deck.kind else {
            return Err(filtered_deck());
        };
        let presets = all_presets(&self.storage)?;
        let known: HashSet<_> = presets.iter().map(|p| p.id).collect();
        let or_default = |id: DeckConfigId| {
            if known.contains(&id) {
                id
            } else {
                DeckConfigId::DEFAULT
            }
        };
        let mut decks: HashMap<DeckConfigId, usize> = HashMap::new();
        for used in self.storage.deck_list()?.iter().filter_map(Deck::config_id) {
            *decks.entry(or_default(used)).or_default() += 1;
        }
        let below = self.storage.child_decks(&deck.name)?;
        Ok(DeckOptions {
            deck: id,
            name: deck.name.human(),
            preset: or_default(normal.config_id),
            presets: presets
                .iter()
                .map(|preset| PresetUse {
                    decks: decks.get(&preset.id).copied().unwrap_or_default(),
                    preset: with_params_in_force(preset.clone()),
                })
                .collect(),
            limits: DeckLimits::of(normal, today),
            shared: shared_options(&self.storage)?,
            subdecks: below.iter().filter(|d| !d.is_filtered()).count(),
        })
    }

    /// Whether saving computes the memory of cards anew, which may take seconds.
    pub fn options_change_memory(&self, update: &DeckOptionsUpdate) -> Result<bool> {
        let (was, is) = (self.storage.config_or("fsrs", false)?, update.shared.fsrs);
        if !is {
            return Ok(was);
        }
        if !was || update.apply_to_subdecks || !update.removed.is_empty() {
            return Ok(true);
        }
        for preset in &update.presets {
            let stored = self.storage.deck_config(preset.id)?;
            let same = stored.is_some_and(|stored| {
                let (a, b) = (&stored.inner, &preset.inner);
                a.fsrs_params() == b.fsrs_params()
                    && a.desired_retention == b.desired_retention
                    && (!update.reschedule || a.easy_days_percentages == b.easy_days_percentages)
            });
            if !same {
                return Ok(true);
            }
        }
        let deck = self.storage.get_deck(update.deck)?;
        Ok(deck.is_some_and(|deck| match deck.kind {
            DeckKind::Normal(normal) => {
                normal.config_id != update.selected
                    || normal.desired_retention != update.limits.desired_retention
            }
            DeckKind::Filtered(_) => false,
        }))
    }

    /// Saves the options of a deck: one undo step. Nothing is changed when a value is refused or
    /// `progress` is cancelled. Returns how many cards got a new memory.
    pub fn update_deck_options(
        &mut self,
        update: &DeckOptionsUpdate,
        progress: &Progress,
    ) -> Result<OpOutput<usize>> {
        update.check()?;
        for preset in &update.presets {
            Model::new(preset.inner.fsrs_params())?;
        }
        let now = MemoryMoment::of(self)?;
        self.transact(Op::UpdateDeckOptions, |tx| {
            let before = FsrsOptions::read(tx)?;
            save(tx, update, now.timing.days_elapsed)?;
            plan_memory(tx, &before, update.reschedule, &now, progress)?.write(tx, progress)
        })
    }

    /// What [`Self::update_deck_options`] would do to due days. The same is done in a transaction
    /// that is taken back, so that the numbers are those of saving.
    pub fn preview_deck_options(
        &mut self,
        update: &DeckOptionsUpdate,
        progress: &Progress,
    ) -> Result<ReschedulePreview> {
        update.check()?;
        let now = MemoryMoment::of(self)?;
        let mut preview = None;
        let taken_back = self.storage.tx(self.clock.now(), |tx| -> Result<()> {
            let before = FsrsOptions::read(tx)?;
            save(tx, update, now.timing.days_elapsed)?;
            let plan = plan_memory(tx, &before, update.reschedule, &now, progress)?;
            preview = Some(plan.preview(now.timing.days_elapsed));
            Err(Error::interrupted())
        });
        match (preview, taken_back) {
            (Some(preview), _) => Ok(preview),
            (None, Err(error)) => Err(error),
            (None, Ok(_)) => Err(Error::bug("a preview without numbers")),
        }
    }
}

impl Collection {
    /// Changes presets or decks by `change` as one step, with what follows for their cards.
    pub(super) fn options_step(
        &mut self,
        progress: &Progress,
        change: impl FnOnce(&mut Tx<'_>) -> Result<()>,
    ) -> Result<OpOutput<()>> {
        let now = MemoryMoment::of(self)?;
        self.transact(Op::RestoreVersion, |tx| {
            with_cards(tx, &now, progress, change)
        })
    }
}

/// Changes presets or decks by `change`, with what follows for their cards.
pub(super) fn with_cards(
    tx: &mut Tx<'_>,
    now: &MemoryMoment,
    progress: &Progress,
    change: impl FnOnce(&mut Tx<'_>) -> Result<()>,
) -> Result<()> {
    let fsrs = FsrsOptions::read(tx)?;
    let (before, decks) = (Presets::read(tx)?, tx.deck_list()?);
    change(tx)?;
    let after = Presets::read(tx)?;
    for deck in &*decks {
        let is = tx.get_deck(deck.id)?.and_then(|now| now.config_id());
        if let (Some(was), Some(is)) = (deck.config_id(), is) {
            adjust_cards(tx, deck.id, before.of(was)?, after.of(is)?)?;
        }
    }
    plan_memory(tx, &fsrs, false, now, progress)?.write(tx, progress)?;
    Ok(())
}

/// Writes a preset under its id, which may not exist any more.
pub(super) fn put_preset(tx: &mut Tx<'_>, mut preset: DeckConfig) -> Result<()> {
    Model::new(preset.inner.fsrs_params())?;
    match tx.get_deck_config(preset.id)? {
        Some(_) => tx.update_deck_config(&preset),
        None => tx.add_deck_config(&mut preset),
    }
}

/// Parameters of older versions of FSRS stand where they are edited, as in Anki: saving takes them
/// away where those of the present one are empty.
fn with_params_in_force(mut preset: DeckConfig) -> DeckConfig {
    preset.inner.fsrs_params_6 = preset.inner.fsrs_params().to_vec();
    preset
}

fn filtered_deck() -> Error {
    Error::invalid(mark!("a filtered deck has no presets"))
}

fn shared_options(storage: &Storage) -> Result<SharedOptions> {
    let or = |key: &str, default: bool| storage.config_or(key, default);
    Ok(SharedOptions {
        new_cards_ignore_review_limit: or("newCardsIgnoreReviewLimit", false)?,
        apply_all_parent_limits: or("applyAllParentLimits", false)?,
        fsrs: or("fsrs", false)?,
        fsrs_health_check: or("fsrsHealthCheck", true)?,
        card_state_customizer: storage.config_or("cardStateCustomizer", String::new())?,
    })
}

fn save(tx: &mut Tx<'_>, update: &DeckOptionsUpdate, today: u32) -> Result<()> {
    let target = existing(tx, update.deck)?;
    if target.is_filtered() {
        return Err(filtered_deck());
    }
    let before = Presets::read(tx)?;
    let selected = save_presets(tx, update, &before)?;
    let after = Presets::read(tx)?;
    for deck in &*tx.deck_list()? {
        let DeckKind::Normal(normal) = &deck.kind else {
            continue;
        };
        let is_target = deck.id == target.id
            || update.apply_to_subdecks && deck.name.is_below(&target.name)
            || update.removed.contains(&normal.config_id);
        let old = before.of(normal.config_id)?;
        let mut new = after.of(normal.config_id)?;
        if is_target {
            let mut changed = deck.clone();
            if let DeckKind::Normal(normal) = &mut changed.kind {
                normal.config_id = selected;
                update.limits.apply_to(normal, today);
            }
            if changed != *deck {
                tx.update_deck(&changed)?;
            }
            new = after.of(selected)?;
        }
        adjust_cards(tx, deck.id, old, new)?;
    }
    save_shared(tx, &update.shared)
}

/// Adds, changes and deletes presets; returns the id of the selected one.
fn save_presets(
    tx: &mut Tx<'_>,
    update: &DeckOptionsUpdate,
    before: &Presets,
) -> Result<DeckConfigId> {
    let mut selected = None;
    for preset in &update.presets {
        let mut preset = preset.clone();
        let id = preset.id;
        // Older parameter sets would come back into force.
        if preset.inner.fsrs_params_6.is_empty() {
            preset.inner.fsrs_params_5.clear();
            preset.inner.fsrs_params_4.clear();
        }
        if id.0 < 1 {
            preset.id = DeckConfigId(0);
            tx.add_deck_config(&mut preset)?;
        } else if let Some(stored) = tx.get_deck_config(id)? {
            if (&stored.name, &stored.inner) != (&preset.name, &preset.inner) {
                tx.update_deck_config(&preset)?;
            }
        } else if id == DeckConfigId::DEFAULT {
            tx.add_deck_config(&mut preset)?;
        } else {
            return Err(Error::not_found(mark!("a preset does not exist any more")));
        }
        if id == update.selected {
            selected = Some(preset.id);
        }
    }
    let selected = selected
        .or_else(|| before.find(update.selected).map(|_| update.selected))
        .ok_or_else(|| Error::not_found(mark!("the preset does not exist any more")))?;
    for id in &update.removed {
        tx.remove_deck_config(*id)?;
    }
    Ok(selected)
}

fn save_shared(tx: &mut Tx<'_>, shared: &SharedOptions) -> Result<()> {
    // As Anki: these four are written even when they were missing and stay at their default.
    tx.set_config("cardStateCustomizer", &shared.card_state_customizer)?;
    tx.set_config(
        "newCardsIgnoreReviewLimit",
        &shared.new_cards_ignore_review_limit,
    )?;
    tx.set_config("applyAllParentLimits", &shared.apply_all_parent_limits)?;
    tx.set_config("fsrsHealthCheck", &shared.fsrs_health_check)?;
    if shared.fsrs != tx.config_or("fsrs", false)? {
        tx.set_config("fsrs", &shared.fsrs)?;
    }
    Ok(())
}

/// What a deck's new preset does to its cards at once.
fn adjust_cards(
    tx: &mut Tx<'_>,
    deck: DeckId,
    old: &DeckConfigInner,
    new: &DeckConfigInner,
) -> Result<()> {
    if old.learn_steps != new.learn_steps {
        adjust_steps(
            tx,
            deck,
            CardType::Learn,
            &old.learn_steps,
            &new.learn_steps,
        )?;
    }
    if old.relearn_steps != new.relearn_steps {
        adjust_steps(
            tx,
            deck,
            CardType::Relearn,
            &old.relearn_steps,
            &new.relearn_steps,
        )?;
    }
    if old.new_card_insert_order != new.new_card_insert_order {
        sort_new_cards(tx, deck, new.new_card_insert_order == INSERT_RANDOM)?;
    }
    Ok(())
}

const INSERT_RANDOM: i32 = 1;

fn adjust_steps(
    tx: &mut Tx<'_>,
    deck: DeckId,
    ctype: CardType,
    old: &[f32],
    new: &[f32],
) -> Result<()> {
    for mut card in tx.cards_at_home(deck, ctype)? {
        let remaining = remaining_after_change(card.steps_left(), old, new);
        if remaining != card.steps_left() {
            card.remaining_steps = remaining;
            tx.update_card(&card)?;
        }
    }
    Ok(())
}

/// Numbers the deck's new cards from 1, one position a note: by age or in a random order.
fn sort_new_cards(tx: &mut Tx<'_>, deck: DeckId, random: bool) -> Result<()> {
    let cards = tx.cards_at_home(deck, CardType::New)?;
    let mut notes: Vec<_> = cards.iter().map(|card| card.note_id).collect();
    notes.sort_unstable();
    notes.dedup();
    if random {
        let seed = tx.now().0;
        notes.sort_by_key(|note| fnv(&[note.0, seed]));
    }
    let positions: HashMap<_, i32> = notes.into_iter().zip(1..).collect();
    for mut card in cards {
        let position = positions[&card.note_id];
        if card.is_filtered() {
            card.original_due = position;
        } else {
            card.due = position;
        }
        tx.update_card(&card)?;
    }
    Ok(())
}
