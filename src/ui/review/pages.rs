//! The pages of the card on show and of the one likely next, made once per state.

use super::model::{Side, StudyModel};
use crate::domain::html::escape_html;
use crate::render::CardPage;
use crate::service::event::{CardSide, StudyCard};
use crate::t;
use crate::template::av::VOICES_MARK;
use crate::ui::audio::Voice;
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
    /// The voices are known.
    voices: bool,
}

/// What changes how every page looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    pub night: bool,
    pub play_buttons: bool,
}

impl Pages {
    /// Makes the pages again when the study's state or the look changed.
    pub fn follow(&mut self, study: &StudyModel, look: Look, voices: Option<Arc<[Voice]>>) {
        let made = Made {
            revision: study.revision(),
            look,
            voices: voices.is_some(),
        };
        if self.made_for == Some(made) {
            return;
        }
        self.made_for = Some(made);
        let voices = voices.as_deref();
        self.current = match (&study.card, study.answer()) {
            (Some(card), Some(answer)) => Some(pair(card, answer, look, voices)),
            _ => None,
        };
        self.upcoming = study
            .upcoming
            .as_ref()
            .map(|card| pair(card, &card.answer, look, voices));
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

/// A card that lists the voices is on show, or comes next.
#[must_use]
pub fn asks_for_voices(study: &StudyModel) -> bool {
    let asks = |card: &StudyCard| {
        card.question.html.contains(VOICES_MARK) || card.answer.html.contains(VOICES_MARK)
    };
    [&study.card, &study.upcoming]
        .into_iter()
        .flatten()
        .any(|card| asks(card))
}

/// How templates name each voice; a line each, with something to say meanwhile.
fn voices_html(voices: Option<&[Voice]>) -> String {
    let notice = |html: &str| format!("<div class=engram-voices>{html}</div>");
    match voices {
        None => notice(t!("Looking for voices…")),
        Some([]) => notice(t!("No voices here: install espeak-ng or speech-dispatcher")),
        Some(voices) => {
            let lines: Vec<String> = voices
                .iter()
                .map(|voice| {
                    let line = format!("{{{{tts {} voices={}:}}}}", voice.lang, voice.name);
                    escape_html(&line).into_owned()
                })
                .collect();
            notice(&lines.join("<br>"))
        }
    }
}

fn pair(card: &StudyCard, answer: &CardSide, look: Look, voices: Option<&[Voice]>) -> Pair {
    let html = |html: &str| {
        if html.contains(VOICES_MARK) {
            html.replace(VOICES_MARK, &voices_html(voices))
        } else {
            html.to_owned()
        }
    };
    let page = |side: &CardSide, is_answer| {
        Arc::new(CardPage {
            html: html(&side.html),
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
