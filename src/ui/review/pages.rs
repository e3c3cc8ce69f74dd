//! The pages of the card on show and of the one likely next, made once per state.

use super::model::{Side, StudyModel};
use crate::render::CardPage;
use crate::service::event::{CardSide, StudyCard};
use std::sync::Arc;

/// Question and answer of one card.
#[derive(Debug, Clone)]
pub struct Pair {
    pub question: Arc<CardPage>,
    pub answer: Arc<CardPage>,
}

/// See the module header.
#[derive(Debug, Default)]
pub struct Pages {
    made_for: Option<Made>,
    current: Option<Pair>,
    upcoming: Option<Pair>,
}

/// What the pages depend on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Made {
    revision: u64,
    look: Look,
}

/// What changes how every page looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    pub night: bool,
    pub play_buttons: bool,
}

impl Pages {
    /// Makes the pages again when the study's state or the look changed.
    pub fn follow(&mut self, study: &StudyModel, look: Look) {
        let made = Made {
            revision: study.revision(),
            look,
        };
        if self.made_for == Some(made) {
            return;
        }
        self.made_for = Some(made);
        self.current = match (&study.card, study.answer()) {
            (Some(card), Some(answer)) => Some(pair(card, answer, look)),
            _ => None,
        };
        self.upcoming = study
            .upcoming
            .as_ref()
            .map(|card| pair(card, &card.answer, look));
    }

    /// The page of the side that is up.
    #[must_use]
    pub fn shown(&self, side: Side) -> Option<&Arc<CardPage>> {
        let pair = self.current.as_ref()?;
        Some(match side {
            Side::Question => &pair.question,
            Side::Answer => &pair.answer,
        })
    }

    /// Pages to draw in advance, the most likely first.
    #[must_use]
    pub fn likely(&self, side: Side, typed: bool) -> Vec<&Arc<CardPage>> {
        let mut out = vec![];
        if let Some(current) = &self.current
            && side == Side::Question
            && !typed
        {
            out.push(&current.answer);
        }
        if let Some(next) = &self.upcoming {
            out.push(&next.question);
            out.push(&next.answer);
        }
        out
    }
}

fn pair(card: &StudyCard, answer: &CardSide, look: Look) -> Pair {
    let page = |side: &CardSide, is_answer| {
        Arc::new(CardPage {
            html: side.html.clone(),
            css: card.css.clone(),
            body_class: card.body_class.clone(),
            night: look.night,
            play_buttons: look.play_buttons,
            is_answer,
        })
    };
    Pair {
        question: page(&card.question, false),
        answer: page(answer, true),
    }
}
