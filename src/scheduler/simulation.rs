//! What studying would be like: the reviews, the time and the knowledge of the coming days, for the
//! cards as they are and for new ones, played out answer by answer or reckoned for each desired
//! retention. The model is the crate's; what goes into it, and how days are balanced, equals what
//! other programs simulate. Cards come from `collection::simulation`.

use crate::base::error::{Error, Result};
use crate::base::ids::CardId;
use crate::base::job::Progress;
use crate::base::time::TimestampSecs;
use crate::domain::card::FsrsMemory;
use crate::domain::revlog::{RevlogEntry, RevlogKind};
use crate::mark;
use crate::scheduler::balance::{Candidate, Week, choose, first_weekday};
use crate::scheduler::fuzz;
use crate::scheduler::hash::fnv;
use crate::scheduler::memory::is_counted;
use crate::scheduler::queue::sort::ReviewOrder;
use ::fsrs as model;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// Intervals longer than this are not balanced.
const MAX_BALANCED_DAYS: f32 = 90.0;
/// Desired retentions that workload is told for, percent.
pub const RETENTIONS: std::ops::RangeInclusive<u8> = 70..=99;
/// Days that [`SimulatedDeck::retention_costs`] looks ahead.
const COST_DAYS: usize = 365;

/// What is simulated.
#[derive(Debug, Clone, PartialEq)]
pub struct SimulationOptions {
    /// Empty: the defaults.
    pub params: Vec<f32>,
    /// 0 to 1.
    pub desired_retention: f32,
    /// New cards besides those that are there.
    pub extra_new: u32,
    /// 1 or more.
    pub days: u32,
    pub new_per_day: u32,
    pub reviews_per_day: u32,
    /// Days.
    pub max_interval: u32,
    pub new_ignore_review_limit: bool,
    /// Monday first; empty for no easy days.
    pub easy_days: Vec<f32>,
    /// As in the preset.
    pub review_order: i32,
    /// Cards forgotten so often are not reviewed any more.
    pub suspend_after_lapses: Option<u32>,
    pub learning_steps: usize,
    pub relearning_steps: usize,
}

/// A card that has been studied, at the beginning.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SimulatedCard {
    pub id: CardId,
    pub memory: FsrsMemory,
    /// Days from today, negative when overdue.
    pub due: i32,
    /// Days from today of the last answer, not after `due`.
    pub answered: i32,
    /// Days, as on the card.
    pub interval: u32,
    pub lapses: u32,
}

/// The beginning: cards, and what their answers were like so far.
#[derive(Debug, Clone, Default)]
pub struct SimulatedDeck {
    pub cards: Vec<SimulatedCard>,
    /// Of [`Self::cards`], those with a stored memory, which the rougher estimate goes by.
    pub remembered: Vec<SimulatedCard>,
    /// Cards not studied yet.
    pub new_cards: usize,
    /// Cards studied for the first time today: there is room for as many less on the first day.
    pub begun_today: usize,
    /// All cards, suspended ones too.
    pub all_cards: usize,
    pub habits: Habits,
    /// None while the load balancer is off.
    pub balance: Option<BalancedWeek>,
}

/// The weekday that the simulation begins before.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BalancedWeek {
    tomorrow: i64,
}

impl BalancedWeek {
    /// `offset_west`: minutes west of UTC.
    #[must_use]
    pub fn new(next_day_at: TimestampSecs, offset_west: i32) -> Self {
        Self {
            tomorrow: first_weekday(next_day_at, offset_west),
        }
    }
}

/// How often each button is pressed and how long that takes.
#[derive(Debug, Clone)]
pub struct Habits {
    first_rating: [f32; 4],
    review_rating: [f32; 3],
    learning: [[f32; 4]; 3],
    relearning: [[f32; 4]; 3],
    costs: [[f32; 4]; 3],
}

impl Default for Habits {
    fn default() -> Self {
        Self::of_config(&model::SimulatorConfig::default())
    }
}

impl Habits {
    /// From all rows of the cards' log; few rows lean on what is usual.
    #[must_use]
    pub fn from_log(log: &[RevlogEntry], next_day_at: TimestampSecs) -> Self {
        let rows = log.iter().filter(|row| is_counted(row));
        let rows: Vec<model::RevlogEntry> = rows.map(row_of).collect();
        Self::of_config(&model::extract_simulator_config(rows, next_day_at.0, true))
    }

    fn of_config(config: &model::SimulatorConfig) -> Self {
        Self {
            first_rating: config.first_rating_prob,
            review_rating: config.review_rating_prob,
            learning: config.learning_step_transitions,
            relearning: config.relearning_step_transitions,
            costs: config.state_rating_costs,
        }
    }

    fn config(&self) -> model::SimulatorConfig {
        model::SimulatorConfig {
            first_rating_prob: self.first_rating,
            review_rating_prob: self.review_rating,
            learning_step_transitions: self.learning,
            relearning_step_transitions: self.relearning,
            state_rating_costs: self.costs,
            max_cost_perday: f32::MAX,
            ..Default::default()
        }
    }
}

fn row_of(row: &RevlogEntry) -> model::RevlogEntry {
    model::RevlogEntry {
        id: row.id.0,
        cid: row.card_id.0,
        usn: row.usn.0,
        button_chosen: row.button,
        interval: row.interval,
        last_interval: row.last_interval,
        ease_factor: row.ease_factor,
        taken_millis: row.taken_millis,
        review_kind: match row.kind {
            RevlogKind::Learning => model::RevlogReviewKind::Learning,
            RevlogKind::Review => model::RevlogReviewKind::Review,
            RevlogKind::Relearning => model::RevlogReviewKind::Relearning,
            RevlogKind::Filtered => model::RevlogReviewKind::Filtered,
            RevlogKind::Manual | RevlogKind::Rescheduled => model::RevlogReviewKind::Manual,
        },
    }
}

/// One value for each simulated day, today first.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Simulation {
    /// Answers of cards seen before.
    pub reviews: Vec<u32>,
    /// New cards begun.
    pub new: Vec<u32>,
    pub seconds: Vec<f32>,
    /// Cards that would be remembered if all were asked.
    pub memorised: Vec<f32>,
}

/// What a desired retention costs and gives.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RetentionWorkload {
    /// 70 to 99.
    pub percent: u8,
    /// Over all days.
    pub seconds: f32,
    /// Answers over all days, new cards included.
    pub answers: u32,
    /// Cards remembered on the last day.
    pub memorised: f32,
}

/// Workload by desired retention.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Workload {
    pub retentions: Vec<RetentionWorkload>,
    /// Cards that would be remembered at the end with no study at all.
    pub memorised_without_study: f32,
    /// Of the simulation.
    pub days: u32,
}

impl SimulatedDeck {
    /// Plays the days out. Fails when there is no card at all, and when cancelled.
    pub fn simulate(&self, options: &SimulationOptions, progress: &Progress) -> Result<Simulation> {
        let result = self.run(options, options.desired_retention, progress)?;
        let counts = |days: &[usize]| days.iter().map(|n| count(*n)).collect();
        Ok(Simulation {
            reviews: counts(&result.review_cnt_per_day),
            new: counts(&result.learn_cnt_per_day),
            seconds: result.cost_per_day,
            memorised: result.memorized_cnt_per_day,
        })
    }

    /// Plays the days out for one desired retention, `percent`.
    pub fn workload_at(
        &self,
        options: &SimulationOptions,
        percent: u8,
        progress: &Progress,
    ) -> Result<RetentionWorkload> {
        let result = self.run(options, f32::from(percent) / 100.0, progress)?;
        let sum = |days: &[usize]| days.iter().sum::<usize>();
        Ok(RetentionWorkload {
            percent,
            seconds: result.cost_per_day.iter().sum(),
            answers: count(sum(&result.review_cnt_per_day) + sum(&result.learn_cnt_per_day)),
            memorised: result.memorized_cnt_per_day.last().copied().unwrap_or(0.0),
        })
    }

    /// Cards that would be remembered after `options.days` days with no study.
    pub fn memorised_without_study(&self, options: &SimulationOptions) -> Result<f32> {
        let params = filled(&options.params)?;
        let cards = crate_cards(&self.cards, options.desired_retention, &params);
        let end = options.days as f32;
        Ok(cards.iter().map(|card| card.retention_on(end)).sum())
    }

    /// A quick estimate of the seconds that the coming year costs at a desired retention, for
    /// comparing retentions with each other.
    pub fn retention_cost(&self, params: &[f32], percent: u8) -> Result<f32> {
        let filled = filled(params)?;
        let config = model::SimulatorConfig {
            deck_size: self.all_cards.max(self.remembered.len()),
            learn_span: COST_DAYS,
            ..self.habits.config()
        };
        let retention = f32::from(percent) / 100.0;
        let cards = crate_cards(&self.remembered, retention, &filled);
        model::expected_workload_with_existing_cards(params, retention, &config, &cards)
            .map_err(failed)
    }

    fn run(
        &self,
        options: &SimulationOptions,
        retention: f32,
        progress: &Progress,
    ) -> Result<model::SimulationResult> {
        progress.check()?;
        let params = filled(&options.params)?;
        let new_cards = self.new_cards + options.extra_new as usize;
        let mut config = model::SimulatorConfig {
            deck_size: self.cards.len() + new_cards,
            learn_span: options.days as usize,
            max_ivl: options.max_interval.max(1) as f32,
            learn_limit: options.new_per_day as usize,
            review_limit: options.reviews_per_day as usize,
            new_cards_ignore_review_limit: options.new_ignore_review_limit,
            suspend_after_lapses: options.suspend_after_lapses,
            learning_step_count: options.learning_steps,
            relearning_step_count: options.relearning_steps,
            ..self.habits.config()
        };
        if config.deck_size == 0 {
            return Err(Error::invalid(mark!("there are no cards to simulate")));
        }
        config.review_priority_fn = priority(ReviewOrder::from_i32(options.review_order));
        let days = Days {
            balance: self.balance,
            week: Week::of(&options.easy_days),
            progress: progress.clone(),
        };
        let config = config.with_post_scheduling(move |ctx| days.place(ctx));
        let mut cards = crate_cards(&self.cards, retention, &params);
        let per_day = options.new_per_day as usize;
        cards.extend(new_days(new_cards, per_day, self.begun_today).zip(0..).map(
            |(day, id): (usize, i64)| model::Card {
                id: -id,
                due: day as f32,
                ..unseen(retention, &params)
            },
        ));
        let result = model::simulate(&config, &options.params, retention, None, Some(cards));
        progress.check()?;
        result.map_err(failed)
    }
}

/// Puts simulated answers on days as the load balancer would.
struct Days {
    balance: Option<BalancedWeek>,
    week: Week,
    progress: Progress,
}

impl Days {
    fn place(&self, mut ctx: model::PostSchedulingContext<'_>) -> f32 {
        let interval = ctx.card.interval;
        if self.progress.is_cancelled() {
            // Beyond the last day: the simulation ends soon.
            return f32::MAX;
        }
        let Some(balance) = self.balance else {
            return interval;
        };
        let seed = ctx.random_u64();
        if interval > MAX_BALANCED_DAYS {
            return interval;
        }
        let (lower, upper) = fuzz::bounds(interval, 1, ctx.max_interval as u32);
        let candidates: Vec<Candidate> = (lower..=upper)
            .map(|days| {
                let day = ctx.today + days as usize;
                let due = ctx.due_counts_per_day.get(day).copied().unwrap_or(0);
                Candidate {
                    days,
                    cards: count(due),
                    kind: self.week.day(balance.tomorrow + day as i64 - 1),
                    sibling_factor: 1.0,
                }
            })
            .collect();
        choose(&candidates, seed).map_or(interval, |days| days as f32)
    }
}

/// The day on which each new card is planned, as many a day as the limit says.
fn new_days(cards: usize, per_day: usize, begun_today: usize) -> impl Iterator<Item = usize> {
    let cards = if per_day == 0 { 0 } else { cards };
    (begun_today.min(per_day)..)
        .take(cards)
        .map(move |n| n / per_day)
}

/// A card that the model takes for one not studied yet.
fn unseen(retention: f32, params: &Arc<Vec<f32>>) -> model::Card {
    model::Card {
        id: 0,
        difficulty: f32::NEG_INFINITY,
        // Given cards of less are left out.
        stability: 1e-8,
        last_date: f32::NEG_INFINITY,
        due: 0.0,
        interval: f32::NEG_INFINITY,
        lapses: 0,
        desired_retention: retention,
        parameters: Arc::clone(params),
    }
}

/// Which review comes first where a day has more than its limit; None for the crate's own, which
/// is by difficulty, easy ones first.
fn priority(order: ReviewOrder) -> Option<model::ReviewPriorityFn> {
    use ReviewOrder as O;
    type Card = model::Card;
    let by = |key: fn(&Card) -> i32| Some(model::ReviewPriorityFn::new(key));
    match order {
        O::Day | O::DayThenDeck | O::DeckThenDay => by(|card| card.scheduled_due() as i32),
        O::IntervalsAscending => by(|card| card.interval as i32),
        O::IntervalsDescending => by(|card| (card.interval as i32).wrapping_neg()),
        O::EaseAscending => by(|card| ((card.difficulty * 100.0) as i32).wrapping_neg()),
        O::RetrievabilityAscending => by(|card| (card.retrievability() * 1000.0) as i32),
        O::RetrievabilityDescending => {
            by(|card| ((card.retrievability() * 1000.0) as i32).wrapping_neg())
        }
        // Another chance each time that a card waits for its turn, the same ones in each run.
        O::Random => {
            let drawn = AtomicI64::new(0);
            let draw = move |card: &Card| fnv(&[card.id, drawn.fetch_add(1, Ordering::Relaxed)]);
            Some(model::ReviewPriorityFn::new(move |card| draw(card) as i32))
        }
        _ => None,
    }
}

fn crate_cards(
    cards: &[SimulatedCard],
    retention: f32,
    params: &Arc<Vec<f32>>,
) -> Vec<model::Card> {
    cards
        .iter()
        .map(|card| model::Card {
            id: card.id.0,
            difficulty: card.memory.difficulty,
            stability: card.memory.stability,
            last_date: card.answered.min(card.due) as f32,
            due: card.due as f32,
            interval: card.interval as f32,
            lapses: card.lapses,
            desired_retention: retention,
            parameters: Arc::clone(params),
        })
        .collect()
}

fn filled(params: &[f32]) -> Result<Arc<Vec<f32>>> {
    model::check_and_fill_parameters(params)
        .map(Arc::new)
        .map_err(failed)
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

fn failed(error: model::FSRSError) -> Error {
    match error {
        model::FSRSError::Interrupted => Error::interrupted(),
        model::FSRSError::InvalidDeckSize => {
            Error::invalid(mark!("there are no cards to simulate"))
        }
        other => Error::invalid(mark!("FSRS could not simulate this")).because(other),
    }
}
