//! What the screens around studying show: the deck's overview, the finished screen, and today's
//! line.

use super::Collection;
use super::decks::existing;
use crate::base::Result;
use crate::base::time::{DAY_SECS, TimestampSecs};
use crate::domain::deck::{Deck, DeckKind};
use crate::domain::study::{Congrats, Counts, Overview, StudiedToday};
use crate::storage::queue::WaitingCards;

impl Collection {
    /// The finished screen of the selected deck.
    pub fn congrats(&mut self) -> Result<Congrats> {
        let timing = self.timing()?;
        let root = self.selected_deck()?;
        let waiting = self.waiting_in(&root)?;
        let learn_ahead: u32 = self.storage.config_or("collapseTime", 1200)?;
        // Positions of filtered decks are below 0 and say no time.
        let secs_until_next_learn =
            waiting
                .next_learning
                .filter(|due| *due > 0)
                .map_or(DAY_SECS, |due| {
                    let ready = due.saturating_sub(i64::from(learn_ahead));
                    ready.saturating_sub(timing.now.0).max(60)
                });
        Ok(Congrats {
            learn_remaining: waiting.learning,
            review_remaining: waiting.review,
            new_remaining: waiting.new,
            have_sched_buried: waiting.sched_buried,
            have_user_buried: waiting.user_buried,
            is_filtered: root.is_filtered(),
            secs_until_next_learn: u32::try_from(secs_until_next_learn).unwrap_or(u32::MAX),
            description: description(&root).to_owned(),
            markdown: is_markdown(&root),
        })
    }

    /// Answers given since the day began.
    pub fn studied_today(&mut self) -> Result<StudiedToday> {
        let timing = self.timing()?;
        let start = TimestampSecs(timing.next_day_at.0 - DAY_SECS);
        self.storage.studied_since(start.millis())
    }

    /// The selected deck before studying it.
    pub fn overview(&mut self) -> Result<Overview> {
        let counts = self.counts()?;
        let deck = self.selected_deck()?;
        let waiting = self.waiting_in(&deck)?;
        let tree = self.deck_tree()?;
        let all = tree.find(deck.id).map_or(Counts::default(), |node| Counts {
            new: node.new,
            learning: node.learn,
            review: node.review,
        });
        let (search, reschedule) = match &deck.kind {
            DeckKind::Normal(_) => (None, true),
            DeckKind::Filtered(filtered) => {
                let terms: Vec<&str> = filtered
                    .search_terms
                    .iter()
                    .map(|term| term.search.as_str())
                    .filter(|search| !search.is_empty())
                    .collect();
                (Some(terms.join("\n")), filtered.reschedule)
            }
        };
        Ok(Overview {
            id: deck.id,
            name: deck.name.human(),
            description: description(&deck).to_owned(),
            markdown: is_markdown(&deck),
            counts,
            buried: Counts {
                new: all.new.saturating_sub(counts.new),
                learning: all.learning.saturating_sub(counts.learning),
                review: all.review.saturating_sub(counts.review),
            },
            have_sched_buried: waiting.sched_buried,
            have_user_buried: waiting.user_buried,
            filtered: deck.is_filtered(),
            search,
            reschedule,
        })
    }

    /// What waits in a deck and the decks below it.
    fn waiting_in(&mut self, deck: &Deck) -> Result<WaitingCards> {
        let today = self.timing()?.days_elapsed;
        let decks = self.storage.deck_and_below(deck)?;
        self.storage.waiting_cards(&decks, today)
    }

    fn selected_deck(&self) -> Result<Deck> {
        existing(&self.storage, self.current_deck()?)
    }
}

/// Filtered decks have none.
fn description(deck: &Deck) -> &str {
    match &deck.kind {
        DeckKind::Normal(normal) => &normal.description,
        DeckKind::Filtered(_) => "",
    }
}

fn is_markdown(deck: &Deck) -> bool {
    matches!(&deck.kind, DeckKind::Normal(normal) if normal.markdown_description)
}
