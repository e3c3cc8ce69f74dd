//! Filtered decks: made and changed, filled anew, and their visitors sent home. Which cards come
//! is in `gather`.

mod gather;

use super::decks::{self, existing};
use super::{Collection, OpOutput};
use crate::base::ids::DeckId;
use crate::base::{Error, Result};
use crate::domain::card::{Card, CardQueue};
use crate::domain::deck::{Deck, DeckKind, DeckName, FilteredDeck, FilteredSearchTerm};
use crate::domain::filtered::{FilteredBuilt, FilteredDraft, FilteredOrder};
use crate::domain::op::Op;
use crate::mark;
use crate::scheduler::answer::return_home;
use crate::scheduler::timing::SchedTiming;
use crate::search::ast::{Node, Search, State};
use crate::search::print::sequence;
use crate::search::{build, parse, print};
use crate::storage::Tx;
use crate::storage::search::SearchMoment;

/// Where positions in a filtered deck begin: before everything with a real due date.
const FIRST_POSITION: i32 = -100_000;
/// Searches of one deck that are looked at.
const MAX_TERMS: usize = 2;
/// Why a deck is not saved.
const NO_CARDS: &str = mark!(
    "no cards match; suspended and buried cards and those in other filtered decks are left out"
);

impl Collection {
    /// What the dialog shows first: an existing filtered deck, or for a new one what the current
    /// deck suggests.
    pub fn filtered_draft(&mut self, id: Option<DeckId>) -> Result<FilteredDraft> {
        if let Some(id) = id {
            let deck = existing(&self.storage, id)?;
            let name = deck.name.human();
            return Ok(FilteredDraft {
                id: Some(id),
                name,
                deck: filtered_of(deck)?,
                allow_empty: false,
            });
        }
        let current = self.storage.get_deck(self.current_deck()?)?;
        let now = self.clock.local(self.clock.now());
        Ok(FilteredDraft {
            id: None,
            name: now.strftime("Filtered Deck %H:%M").to_string(),
            deck: suggested(current.filter(|deck| !deck.is_filtered()).as_ref()),
            allow_empty: false,
        })
    }

    /// Makes or changes a filtered deck, fills it and makes it current. Refused when no card
    /// matches, unless the draft allows that.
    pub fn filtered_save(&mut self, draft: &FilteredDraft) -> Result<OpOutput<FilteredBuilt>> {
        let mut wanted = draft.deck.clone();
        for term in &mut wanted.search_terms {
            term.search = sequence(&parse(&term.search)?);
        }
        let filling = self.filling()?;
        self.transact(Op::BuildFilteredDeck, |tx| {
            let name = DeckName::from_human(&draft.name);
            let id = match draft.id {
                None => decks::create_of_kind(tx, &name, DeckKind::Filtered(wanted.clone()))?,
                Some(id) => {
                    change(tx, id, &name, &wanted)?;
                    id
                }
            };
            let cards = refill(tx, id, &wanted, &filling)?;
            if cards == 0 && !draft.allow_empty {
                return Err(Error::invalid(NO_CARDS));
            }
            tx.set_config("curDeck", &id.0)?;
            Ok(FilteredBuilt { deck: id, cards })
        })
    }

    /// Sends all cards of a filtered deck home. Returns how many.
    pub fn filtered_empty(&mut self, id: DeckId) -> Result<OpOutput<usize>> {
        self.transact(Op::EmptyFilteredDeck, |tx| {
            filtered_of(existing(tx, id)?)?;
            return_all(tx, id)
        })
    }

    /// Sends all cards home, then gathers anew by the deck's searches. Returns how many came.
    pub fn filtered_rebuild(&mut self, id: DeckId) -> Result<OpOutput<usize>> {
        let filling = self.filling()?;
        self.transact(Op::RebuildFilteredDeck, |tx| {
            let deck = filtered_of(existing(tx, id)?)?;
            refill(tx, id, &deck, &filling)
        })
    }

    pub(super) fn filling(&mut self) -> Result<Filling> {
        Ok(Filling {
            timing: self.timing()?,
            moment: self.search_moment()?,
        })
    }
}

/// The time that gathering is about.
pub(super) struct Filling {
    timing: SchedTiming,
    moment: SearchMoment,
}

fn filtered_of(deck: Deck) -> Result<FilteredDeck> {
    match deck.kind {
        DeckKind::Filtered(filtered) => Ok(filtered),
        DeckKind::Normal(_) => Err(Error::invalid(mark!("the deck is not a filtered one"))),
    }
}

/// A new deck's settings: due and new cards of the given deck.
fn suggested(current: Option<&Deck>) -> FilteredDeck {
    let of = |state| {
        current.map_or_else(String::new, |deck| {
            print(&[
                Node::Search(build::deck(&deck.name.human())),
                Node::And,
                Node::Search(Search::State(state)),
            ])
        })
    };
    let term = |search, limit, order| FilteredSearchTerm {
        search,
        limit,
        order: order as i32,
        unknown: vec![],
    };
    FilteredDeck {
        reschedule: true,
        search_terms: vec![
            term(of(State::Due), 100, FilteredOrder::Random),
            term(of(State::New), 20, FilteredOrder::Due),
        ],
        ..preview_defaults()
    }
}

/// Delays of a deck that does not reschedule.
pub(super) fn preview_defaults() -> FilteredDeck {
    FilteredDeck {
        preview_again_secs: 60,
        preview_hard_secs: 600,
        preview_good_secs: 0,
        ..FilteredDeck::default()
    }
}

fn change(tx: &mut Tx<'_>, id: DeckId, name: &DeckName, wanted: &FilteredDeck) -> Result<()> {
    let old = existing(tx, id)?;
    filtered_of(old.clone())?;
    decks::rename(tx, &old, name)?;
    set_filter(tx, existing(tx, id)?, wanted)
}

/// Writes a filtered deck's settings when they differ.
pub(super) fn set_filter(tx: &mut Tx<'_>, deck: Deck, wanted: &FilteredDeck) -> Result<()> {
    let kind = DeckKind::Filtered(wanted.clone());
    if deck.kind == kind {
        return Ok(());
    }
    tx.update_deck(&Deck { kind, ..deck })
}

/// Sends everything home and gathers anew. Returns how many came.
pub(super) fn refill(
    tx: &mut Tx<'_>,
    id: DeckId,
    deck: &FilteredDeck,
    filling: &Filling,
) -> Result<usize> {
    // A card that goes home and comes back is written once.
    let mut held = tx.hold_places_in_deck(id, true, to_home)?;
    let mut position = FIRST_POSITION;
    for term in deck.search_terms.iter().take(MAX_TERMS) {
        let cards = gather::gather(tx, &held, term, &filling.moment, &filling.timing)?;
        tx.hold_each_place(&mut held, &cards, true, |card| {
            let is_home = card.original_due == 0;
            if is_home {
                move_in(card, id, deck.reschedule, position);
                position = position.saturating_add(1);
            }
            is_home
        })?;
    }
    tx.write_held(held)?;
    Ok(position.abs_diff(FIRST_POSITION) as usize)
}

/// Sends all cards home that are in the deck now.
pub(super) fn return_all(tx: &mut Tx<'_>, id: DeckId) -> Result<usize> {
    tx.edit_places_in_deck(id, true, to_home)
}

/// For a card that comes from another collection: it stays in its filtered deck where that is here
/// too, else it goes home as it was before; where its home is missing, that is Default.
pub fn find_place(tx: &Tx<'_>, card: &mut Card) -> Result<()> {
    let visits = |id: DeckId| Ok::<_, Error>(tx.deck(id)?.is_some_and(|deck| deck.is_filtered()));
    if card.is_filtered() && !visits(card.deck_id)? {
        return_home(card);
    }
    let home = card.home_deck_id();
    if tx.deck(home)?.is_some_and(|deck| !deck.is_filtered()) {
        return Ok(());
    }
    if card.is_filtered() {
        card.original_deck_id = DeckId::DEFAULT;
    } else {
        card.deck_id = DeckId::DEFAULT;
    }
    Ok(())
}

fn to_home(card: &mut Card) -> bool {
    if card.is_filtered() {
        return_home(card);
    } else {
        // It has lost its home, which Check Database would find too.
        card.deck_id = DeckId::DEFAULT;
    }
    true
}

/// Into the filtered deck, at `position` unless it comes earlier by its own due date. Without
/// rescheduling every card is shown like a review.
fn move_in(card: &mut Card, deck: DeckId, reschedule: bool, position: i32) {
    card.original_deck_id = card.deck_id;
    card.original_due = card.due;
    card.deck_id = deck;
    if card.due > 0 {
        card.due = position;
    }
    if !reschedule {
        card.queue = CardQueue::Review;
    }
}
