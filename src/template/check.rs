//! What keeps a note type from being saved: card types whose templates cannot work, by the same
//! rules as Anki's. Pure; templates at fault that are stored nevertheless show a message on the
//! card (see `message`).

use super::expand::FRONT_SIDE;
use super::fields;
use super::message::Side;
use super::parse::{ParsedTemplate, TemplateError};
use crate::domain::notetype::{Notetype, Template};
use crate::t;
use std::collections::HashMap;
use std::fmt;

/// Keys that every card has.
pub const SPECIAL_FIELDS: [&str; 8] = [
    FRONT_SIDE, "Tags", "Type", "Deck", "Subdeck", "Card", "CardFlag", "CardID",
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

/// The problem that Anki tells, None when the note type can be saved: fronts that are the same,
/// then the others in the order of the card types, at last a cloze filter that is missing.
#[must_use]
pub fn first_problem(notetype: &Notetype) -> Option<CardTypeProblem> {
    let problem = |card: usize, template: &Template, kind| CardTypeProblem {
        card,
        card_name: template.name.clone(),
        kind,
    };
    let mut fronts: HashMap<&str, usize> = HashMap::new();
    for (card, template) in notetype.templates.iter().enumerate() {
        let front = template.config.q_format.as_str();
        if let Some(other) = fronts.insert(front, card)
            && !front.contains("{{Card}}")
        {
            return Some(problem(card, template, ProblemKind::SameFront(other)));
        }
    }
    let mut sides_of_first = Vec::new();
    for (card, template) in notetype.templates.iter().enumerate() {
        let problem = |kind| Some(problem(card, template, kind));
        let mut sides = Vec::with_capacity(2);
        for (side, text) in [
            (Side::Question, template.config.q_format.as_str()),
            (Side::Answer, template.config.a_format.as_str()),
        ] {
            match ParsedTemplate::parse(text) {
                Ok(parsed) => sides.push((side, parsed)),
                Err(error) => return problem(ProblemKind::Syntax(side, error)),
            }
        }
        for (side, parsed) in &sides {
            if *side == Side::Question && fields::keys(parsed).next().is_none() {
                return problem(ProblemKind::NoFieldOnFront);
            }
            if let Some(key) = fields::keys(parsed).find(|key| !is_known(notetype, key)) {
                return problem(ProblemKind::NoSuchField(*side, key.to_owned()));
            }
        }
        if card == 0 {
            sides_of_first = sides;
        }
    }
    if !notetype.is_cloze() {
        return None;
    }
    let mut sides = sides_of_first.iter();
    let (side, _) = sides.find(|(_, parsed)| !fields::has_cloze_filter(parsed))?;
    let first = notetype.templates.first()?;
    Some(problem(0, first, ProblemKind::NoCloze(*side)))
}

fn is_known(notetype: &Notetype, key: &str) -> bool {
    key.is_empty()
        || SPECIAL_FIELDS.contains(&key)
        || notetype.fields.iter().any(|field| field.name == key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::notetype::NotetypeKind;

    /// As Anki 26.9.3 finds them.
    #[test]
    fn of_several_problems_the_one_that_anki_tells() {
        let found = |cloze: bool, cards: &[(&str, &str)]| {
            let template = |(front, back): &(&str, &str)| {
                let mut template = Template::default();
                (*front).clone_into(&mut template.config.q_format);
                (*back).clone_into(&mut template.config.a_format);
                template
            };
            let mut notetype = Notetype {
                templates: cards.iter().map(template).collect(),
                ..Notetype::default()
            };
            if cloze {
                notetype.config.kind = NotetypeKind::Cloze;
            }
            first_problem(&notetype).map(|problem| (problem.card, problem.kind))
        };
        let same = |card, as_that| Some((card, ProblemKind::SameFront(as_that)));
        let (bad, ok, open) = (("bad", ""), ("{{Tags}}", ""), ("{{#Tags}}", ""));
        assert_eq!(found(false, &[bad, ok, bad]), same(2, 0));
        assert_eq!(found(false, &[open, ok, ok]), same(2, 1));
        let no_field = Some((0, ProblemKind::NoFieldOnFront));
        assert_eq!(found(false, &[bad, open]), no_field);
        assert_eq!(found(false, &[("bad", "{{Nope}}")]), no_field);
        let open = TemplateError::NotClosed("Tags".into());
        let open = Some((0, ProblemKind::Syntax(Side::Answer, open)));
        assert_eq!(found(false, &[("bad", "{{#Tags}}")]), open);
        assert_eq!(found(false, &[("{{Card}}", ""), ("{{Card}}", "")]), None);
        let no_field = Some((1, ProblemKind::NoFieldOnFront));
        assert_eq!(found(true, &[ok, bad]), no_field);
        let no_cloze = Some((0, ProblemKind::NoCloze(Side::Question)));
        assert_eq!(found(true, &[ok]), no_cloze);
    }
}
