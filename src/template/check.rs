//! What keeps a note type from being saved: card types whose templates cannot work, by the same
//! rules as Anki's. Pure; templates at fault that are stored nevertheless show a message on the
//! card (see `message`).

use super::fields;
use super::message::Side;
use super::parse::{ParsedTemplate, TemplateError};
use crate::domain::notetype::Notetype;
use crate::t;
use std::collections::HashMap;
use std::fmt;

/// Keys that every card has.
pub const SPECIAL_FIELDS: [&str; 8] = [
    "FrontSide",
    "Tags",
    "Type",
    "Deck",
    "Subdeck",
    "Card",
    "CardFlag",
    "CardID",
];

/// Why a note type cannot be saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardTypeProblem {
    /// Place of the card type, from 0.
    pub card: usize,
    pub card_name: String,
    pub kind: ProblemKind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProblemKind {
    Syntax(Side, TemplateError),
    NoSuchField(Side, String),
    /// Nothing of a note would be on the front.
    NoFieldOnFront,
    /// The front is that of an earlier card type (its place, from 0).
    SameFront(usize),
    /// A cloze note type whose side lacks the `cloze` filter.
    NoCloze(Side),
}

impl ProblemKind {
    /// Where to look for it.
    #[must_use]
    pub fn side(&self) -> Side {
        match self {
            Self::Syntax(side, _) | Self::NoSuchField(side, _) | Self::NoCloze(side) => *side,
            Self::NoFieldOnFront | Self::SameFront(_) => Side::Question,
        }
    }
}

/// Plain text, without the isolating marks of the message on the card.
fn syntax(error: &TemplateError) -> String {
    match error {
        TemplateError::NotClosed(key) => {
            t!("{{{{#{key}}}}} is never closed; add {{{{/{key}}}}}", key)
        }
        TemplateError::NotOpen(key) => t!(
            "{{{{/{key}}}}} closes what nothing opened; add {{{{#{key}}}}} or {{{{^{key}}}}} before it",
            key
        ),
        TemplateError::Mismatch { closing, open } => {
            t!(
                "{{{{/{closing}}}}} stands where {{{{/{open}}}}} was expected",
                closing,
                open
            )
        }
        TemplateError::NoSuchField { key, .. } => t!("there is no field called “{key}”", key),
    }
}

impl fmt::Display for CardTypeProblem {
    /// A sentence for people, without a final period.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let card = &self.card_name;
        let words = match &self.kind {
            ProblemKind::Syntax(Side::Question, error) => {
                let problem = syntax(error);
                t!("On the front of “{card}”, {problem}", card, problem)
            }
            ProblemKind::Syntax(Side::Answer, error) => {
                let problem = syntax(error);
                t!("On the back of “{card}”, {problem}", card, problem)
            }
            ProblemKind::NoSuchField(Side::Question, key) => t!(
                "The front of “{card}” names {{{{{key}}}}}, but there is no field called \
                 “{key}”",
                card,
                key
            ),
            ProblemKind::NoSuchField(Side::Answer, key) => t!(
                "The back of “{card}” names {{{{{key}}}}}, but there is no field called \
                 “{key}”",
                card,
                key
            ),
            ProblemKind::NoFieldOnFront => t!(
                "The front of “{card}” shows no field; add one, such as {{{{Front}}}}",
                card
            ),
            ProblemKind::SameFront(other) => t!(
                "The front of “{card}” is the same as that of card type {number}; the two cards \
                 would ask the same",
                card,
                number = other + 1
            ),
            ProblemKind::NoCloze(Side::Question) => t!(
                "The front of “{card}” needs the cloze filter on a field, such as \
                 {{{{cloze:Text}}}}",
                card
            ),
            ProblemKind::NoCloze(Side::Answer) => t!(
                "The back of “{card}” needs the cloze filter on a field, such as \
                 {{{{cloze:Text}}}}",
                card
            ),
        };
        f.write_str(&words)
    }
}

/// The first problem, in the order of the card types; None when the note type can be saved.
#[must_use]
pub fn first_problem(notetype: &Notetype) -> Option<CardTypeProblem> {
    let mut fronts: HashMap<&str, usize> = HashMap::new();
    for (card, template) in notetype.templates.iter().enumerate() {
        let problem = |kind| {
            Some(CardTypeProblem {
                card,
                card_name: template.name.clone(),
                kind,
            })
        };
        let front_text = template.config.q_format.as_str();
        if let Some(other) = fronts.insert(front_text, card)
            && !front_text.contains("{{Card}}")
        {
            return problem(ProblemKind::SameFront(other));
        }
        let sides = [
            (Side::Question, front_text),
            (Side::Answer, template.config.a_format.as_str()),
        ];
        for (side, text) in sides {
            let parsed = match ParsedTemplate::parse(text) {
                Ok(parsed) => parsed,
                Err(error) => return problem(ProblemKind::Syntax(side, error)),
            };
            if side == Side::Question && fields::keys(&parsed).next().is_none() {
                return problem(ProblemKind::NoFieldOnFront);
            }
            if let Some(key) = fields::keys(&parsed).find(|key| !is_known(notetype, key)) {
                return problem(ProblemKind::NoSuchField(side, key.to_owned()));
            }
            if notetype.is_cloze() && card == 0 && !fields::has_cloze_filter(&parsed) {
                return problem(ProblemKind::NoCloze(side));
            }
        }
    }
    None
}

fn is_known(notetype: &Notetype, key: &str) -> bool {
    key.is_empty()
        || SPECIAL_FIELDS.contains(&key)
        || notetype.fields.iter().any(|field| field.name == key)
}
