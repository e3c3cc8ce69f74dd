//! Reads from the collection what a simulation begins with: the cards of a search, and what their
//! answers were like. The simulation itself is `scheduler::simulation`.

use super::Collection;
use crate::base::Result;
use crate::base::job::Progress;
use crate::domain::card::{Card, CardQueue, CardType, FsrsMemory};
use crate::scheduler::fsrs::Model;
use crate::scheduler::simulation::{BalancedWeek, Habits, SimulatedCard, SimulatedDeck};
use crate::t;

/// Cards between two looks at the cancel flag.
const CARDS_PER_STEP: u64 = 256;

/// Which cards a simulation begins with.
#[derive(Debug, Clone, PartialEq)]
pub struct SimulationScope {
    pub search: String,
    /// Parameters for cards without a memory; empty: the defaults.
    pub params: Vec<f32>,
    /// Retention of the time before FSRS, 0 to 1; for the same cards.
    pub historical_retention: f32,
}

impl Collection {
    /// The cards of a search as a simulation begins with them. Needs the collection only while
    /// this runs.
    pub fn simulated_deck(
        &mut self,
        scope: &SimulationScope,
        progress: &Progress,
    ) -> Result<SimulatedDeck> {
        let timing = self.timing()?;
        let mut ids = self.find_cards(&scope.search, None)?;
        // Chance goes from card to card: the order of their ids, whichever index found them.
        ids.sort_unstable();
        let begun = match scope.search.trim() {
            "" => "introduced:1".to_owned(),
            search => format!("({search}) introduced:1"),
        };
        let begun_today = self.find_cards(&begun, None)?.len();
        let log = self.storage.revlog_of_cards(&ids, progress)?;
        let model = Model::new(&scope.params)?;
        let balanced: bool = self.storage.config_or("loadBalancerEnabled", true)?;
        let offset = self.clock.offset_mins_west(timing.now);
        let mut deck = SimulatedDeck {
            all_cards: ids.len(),
            begun_today,
            habits: Habits::from_log(&log, timing.next_day_at),
            balance: balanced.then(|| BalancedWeek::new(timing.next_day_at, offset)),
            ..SimulatedDeck::default()
        };
        progress.stage(t!("Reading cards"), ids.len() as u64)?;
        for (id, n) in ids.into_iter().zip(1..) {
            if n % CARDS_PER_STEP == 0 {
                progress.step(CARDS_PER_STEP)?;
            }
            let Some(card) = self.storage.get_card(id)? else {
                continue;
            };
            if card.queue == CardQueue::Suspended {
                continue;
            }
            if card.ctype == CardType::New {
                deck.new_cards += 1;
                continue;
            }
            if matches!(card.queue, CardQueue::New | CardQueue::PreviewRepeat) {
                continue;
            }
            let stored = card.memory_state.filter(is_usable);
            let memory = match stored {
                Some(memory) => memory,
                None => model.from_sm2(
                    card.ease(),
                    card.interval as f32,
                    scope.historical_retention,
                )?,
            };
            let card = beginning(&card, memory, timing.days_elapsed);
            deck.cards.push(card);
            if stored.is_some() {
                deck.remembered.push(card);
            }
        }
        Ok(deck)
    }
}

fn is_usable(memory: &FsrsMemory) -> bool {
    memory.stability > 0.0 && memory.stability.is_finite() && memory.difficulty.is_finite()
}

/// A card that waits for something else than a day counts as answered and due today: in learning,
/// but also buried, as in Anki.
fn beginning(card: &Card, memory: FsrsMemory, today: u32) -> SimulatedCard {
    let (mut due, mut answered) = (0, 0);
    if matches!(card.queue, CardQueue::Review | CardQueue::DayLearn) {
        due = card
            .home_due()
            .saturating_sub(i32::try_from(today).unwrap_or(i32::MAX));
        // Never after today.
        let interval = i32::try_from(card.interval).unwrap_or(i32::MAX);
        answered = due.saturating_sub(interval).min(0);
    }
    SimulatedCard {
        id: card.id,
        memory,
        due,
        answered,
        interval: card.interval,
        lapses: card.lapses,
    }
}
