//! The card on show and what is known of it. No egui here.

use crate::base::ids::CardId;
use crate::domain::study::Counts;
use crate::service::event::{CardSide, StudyCard, StudyEvent};
use crate::service::request::StudyRequest;
use crate::ui::widgets::text;

/// Which side is up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Side {
    #[default]
    Question,
    Answer,
}

/// See the module header.
#[derive(Debug, Default)]
pub struct StudyModel {
    pub card: Option<Box<StudyCard>>,
    pub counts: Counts,
    /// Cards go on by themselves, as their presets say; until the deck is done or study is left,
    /// or cards that come back later would be answered with nobody there.
    pub auto_advance: bool,
    /// Likely next: drawn in advance.
    pub upcoming: Option<Box<StudyCard>>,
    /// Answered last.
    previous: Option<CardId>,
    side: Side,
    /// The answer with the typed text compared, when the card asks to type.
    compared: Option<CardSide>,
    /// What was typed for it.
    typed: String,
    /// The comparison is one with what the card was before.
    outdated: bool,
    /// An answer or another order about this card is on its way; keys wait for what follows.
    waiting: bool,
    /// Grows with each card that is put up, so that screens notice a new one.
    shown: u64,
    /// Grows with every change, so that pages are made again only then.
    revision: u64,
}

impl StudyModel {
    /// The side that is up.
    #[must_use]
    pub fn side(&self) -> Side {
        self.side
    }

    /// True when `side` of a card is up and keys may act on it.
    #[must_use]
    pub fn shows(&self, side: Side) -> bool {
        self.card.is_some() && !self.waiting && self.side == side
    }

    /// The card that was answered before this one.
    #[must_use]
    pub fn previous(&self) -> Option<CardId> {
        self.previous
    }

    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.waiting
    }

    /// Number of the card put up.
    #[must_use]
    pub fn shown(&self) -> u64 {
        self.shown
    }

    /// Number of the present state.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The answer side, with the typed text compared where that was asked for.
    #[must_use]
    pub fn answer(&self) -> Option<&CardSide> {
        let card = self.card.as_ref()?;
        Some(self.compared.as_ref().unwrap_or(&card.answer))
    }

    /// The HTML and sounds of the side that is up.
    #[must_use]
    pub fn content(&self) -> Option<&CardSide> {
        let card = self.card.as_ref()?;
        match self.side {
            Side::Question => Some(&card.question),
            Side::Answer => self.answer(),
        }
    }

    /// Turns the card over when that needs nothing from the worker; false when the typed text has
    /// to be compared first.
    pub fn flip(&mut self) -> bool {
        match &self.card {
            Some(card) if card.type_in.is_none() => {
                self.side = Side::Answer;
                self.revision += 1;
                true
            }
            _ => false,
        }
    }

    /// The worker is asked to compare what was typed.
    pub fn wait_for_comparison(&mut self, typed: String) -> Option<StudyRequest> {
        let card = self.card.as_ref()?.id;
        self.waiting = true;
        self.typed.clone_from(&typed);
        let typed = Some(typed);
        Some(StudyRequest::ShowAnswer { card, typed })
    }

    /// The same again when the card has changed since.
    pub fn compare_again(&mut self) -> Option<StudyRequest> {
        let outdated = std::mem::take(&mut self.outdated);
        let typed = self.typed.clone();
        outdated.then(|| self.wait_for_comparison(typed)).flatten()
    }

    /// Keys wait until the worker has answered.
    pub fn wait(&mut self) {
        self.waiting = true;
    }

    /// The order failed: the card is as it was.
    pub fn stop_waiting(&mut self) {
        self.waiting = false;
    }

    pub fn apply(&mut self, event: &StudyEvent) {
        self.revision += 1;
        match event {
            StudyEvent::Card { card, counts } => self.put_up(card, *counts),
            StudyEvent::Upcoming { card } => self.upcoming = Some(card.clone()),
            StudyEvent::Answer { card, side } => {
                if self.card.as_ref().is_some_and(|c| c.id == *card) {
                    self.compared = Some(side.clone());
                    self.side = Side::Answer;
                    self.waiting = false;
                }
            }
            StudyEvent::Answered { card, .. } => self.previous = Some(*card),
            StudyEvent::Finished { .. } => {
                self.card = None;
                self.upcoming = None;
                self.waiting = false;
                self.auto_advance = false;
            }
        }
    }

    /// The same card again (its flag or star changed) stays on the side that is up, unless it was
    /// answered and comes again.
    fn put_up(&mut self, card: &StudyCard, counts: Counts) {
        let same = !self.waiting && self.card.as_ref().is_some_and(|c| c.id == card.id);
        let changed = self.card.as_ref().is_some_and(|c| c.answer != card.answer);
        self.outdated = same && changed && self.compared.is_some();
        self.counts = counts;
        self.card = Some(Box::new(card.clone()));
        self.upcoming = None;
        self.waiting = false;
        if !same {
            self.side = Side::Question;
            self.compared = None;
            self.shown += 1;
        }
    }
}

/// `1:07` for the timer; stands still at the cap.
#[must_use]
pub fn timer_text(secs: u64, cap: u32) -> String {
    clock(secs.min(u64::from(cap)))
}

/// Minutes and seconds: `1:07`.
#[must_use]
pub fn clock(secs: u64) -> String {
    format!("{}:{:02}", secs / 60, secs % 60)
}

/// Between the levels of a deck's name.
pub const STEP: &str = "  ›  ";

/// `A::B::C` as `A  ›  B  ›  C`.
#[must_use]
pub fn breadcrumb(deck: &str) -> String {
    text::name(deck).replace("::", STEP)
}

#[cfg(test)]
pub(in crate::ui::review) mod tests {
    use super::*;
    use crate::base::ids::{CardId, NoteId};
    use crate::domain::study::{Congrats, QueueKind};
    use crate::service::event::TypeIn;

    pub fn card(id: i64) -> StudyCard {
        StudyCard {
            id: CardId(id),
            note: NoteId(id),
            card_type: 0,
            deck: "A::B".into(),
            kind: QueueKind::New,
            flag: 0,
            marked: false,
            css: String::new(),
            body_class: String::new(),
            question: CardSide::default(),
            answer: CardSide::default(),
            type_in: None,
            intervals: Default::default(),
            show_timer: false,
            time_cap_secs: 60,
            stop_timer_on_answer: false,
            autoplay: true,
            auto_advance: Default::default(),
            replay_answer_only: false,
        }
    }

    fn put(m: &mut StudyModel, card: StudyCard) {
        m.apply(&StudyEvent::Card {
            card: Box::new(card),
            counts: Counts::default(),
        });
    }

    #[test]
    fn a_flag_leaves_the_answer_up_and_a_new_card_shows_its_question() {
        let mut m = StudyModel::default();
        put(&mut m, card(1));
        assert!(m.flip());
        let mut flagged = card(1);
        flagged.flag = 3;
        put(&mut m, flagged);
        assert!(m.shows(Side::Answer));
        assert_eq!(m.shown(), 1);
        m.wait();
        assert!(!m.shows(Side::Answer), "keys wait for the disk");
        put(&mut m, card(1));
        assert!(m.shows(Side::Question), "answered Again, it comes again");
        assert_eq!(m.shown(), 2);
    }

    #[test]
    fn typed_answers_wait_for_the_comparison() {
        let mut m = StudyModel::default();
        let mut c = card(1);
        c.type_in = Some(TypeIn {
            font: "Arial".into(),
            size: 20,
            right_to_left: false,
        });
        put(&mut m, c);
        assert!(!m.flip());
        m.apply(&StudyEvent::Answer {
            card: CardId(1),
            side: CardSide {
                html: "compared".into(),
                sounds: vec![],
            },
        });
        assert_eq!(m.content().map(|c| c.html.as_str()), Some("compared"));
    }

    #[test]
    fn a_deck_that_is_done_does_not_go_on_by_itself_later() {
        let mut m = StudyModel::default();
        put(&mut m, card(1));
        m.auto_advance = true;
        m.apply(&StudyEvent::Finished {
            deck: "A".into(),
            congrats: Congrats::default(),
        });
        put(&mut m, card(1));
        assert!(!m.auto_advance);
    }

    #[test]
    fn the_timer_stands_still_at_the_cap() {
        for (secs, want) in [(0, "0:00"), (67, "1:07"), (400, "5:00")] {
            assert_eq!(timer_text(secs, 300), want);
        }
    }
}
