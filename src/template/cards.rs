//! Which cards a note makes, and both sides of one of them. Pure: the caller brings note, note
//! type and what the card itself knows.

use super::av;
use super::cloze;
use super::expand::{self, SideContext, Values};
use super::message::{self, Side};
use super::parse::{Node, ParsedTemplate, TemplateError};
use crate::base::ids::CardId;
use crate::domain::card::Card;
use crate::domain::html::strip_html_preserving_media_names;
use crate::domain::note::Note;
use crate::domain::note_edit::FieldsState;
use crate::domain::notetype::{CardRequirement, Notetype, Template};
use std::collections::BTreeSet;

/// Cloze numbers beyond this make the card of this ordinal.
const MAX_CLOZE_ORD: u16 = 499;

/// What a template can ask of the card.
#[derive(Debug, Clone, Copy)]
pub struct CardFacts<'a> {
    pub id: CardId,
    pub ord: u16,
    /// The whole flags column.
    pub flags: u32,
    /// Home deck, `A::B`.
    pub deck: &'a str,
}

impl<'a> CardFacts<'a> {
    /// `deck` is the name of the card's home deck.
    #[must_use]
    pub fn of(card: &Card, deck: &'a str) -> Self {
        Self {
            id: card.id,
            ord: card.template_idx,
            flags: card.flags,
            deck,
        }
    }
}

/// Question and answer before sounds and formulas are taken out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sides {
    pub question: String,
    pub answer: String,
}

/// What the sides are for.
#[derive(Debug, Clone, Copy)]
enum Purpose {
    Study,
    Text,
    /// Whether each side is of a template of the browser's own.
    Browser([bool; 2]),
}

/// Both sides, or the messages that stand in their place.
#[must_use]
pub fn render(
    notetype: &Notetype,
    template: &Template,
    note: &Note,
    card: &CardFacts<'_>,
) -> Sides {
    render_usual(notetype, template, note, card, Purpose::Study)
}

/// As [`render`], but an answer that repeats the question has its sounds and speech as they were
/// written.
#[must_use]
pub fn render_for_text(
    notetype: &Notetype,
    template: &Template,
    note: &Note,
    card: &CardFacts<'_>,
) -> Sides {
    render_usual(notetype, template, note, card, Purpose::Text)
}

fn render_usual(
    notetype: &Notetype,
    template: &Template,
    note: &Note,
    card: &CardFacts<'_>,
    purpose: Purpose,
) -> Sides {
    let config = &template.config;
    let parse = |side, text: &str| {
        ParsedTemplate::parse(text).map_err(|e| message::template_problem(side, false, &e))
    };
    let sides = parse(Side::Question, &config.q_format).and_then(|front| {
        let back = parse(Side::Answer, &config.a_format);
        render_parsed(notetype, template, note, card, &front, back, purpose)
    });
    sides.unwrap_or_else(|problem| Sides {
        question: problem.clone(),
        answer: problem,
    })
}

/// As [`render`], by the templates that are meant for the browser where there are any; a blank
/// front stays blank, and the answer does not repeat the question.
#[must_use]
pub fn render_for_browser(
    notetype: &Notetype,
    template: &Template,
    note: &Note,
    card: &CardFacts<'_>,
) -> Sides {
    let config = &template.config;
    let parse = |side, own: &str, usual: &str| {
        let text = if own.is_empty() { usual } else { own };
        ParsedTemplate::parse(text)
            .map_err(|e| message::template_problem(side, !own.is_empty(), &e))
    };
    let front = parse(Side::Question, &config.q_format_browser, &config.q_format);
    let sides = front.and_then(|front| {
        let back = parse(Side::Answer, &config.a_format_browser, &config.a_format);
        let own = [
            !config.q_format_browser.is_empty(),
            !config.a_format_browser.is_empty(),
        ];
        let purpose = Purpose::Browser(own);
        let mut sides = render_parsed(notetype, template, note, card, &front, back, purpose)?;
        if let Some(rest) = sides.answer.strip_prefix(sides.question.as_str()) {
            sides.answer = rest.to_owned();
        }
        Ok(sides)
    });
    sides.unwrap_or_else(|problem| Sides {
        question: problem.clone(),
        answer: problem,
    })
}

fn render_parsed(
    notetype: &Notetype,
    template: &Template,
    note: &Note,
    card: &CardFacts<'_>,
    front: &ParsedTemplate,
    back: Result<ParsedTemplate, String>,
    purpose: Purpose,
) -> Result<Sides, String> {
    let problem = |side| {
        let own =
            matches!(purpose, Purpose::Browser(own) if own[usize::from(side == Side::Answer)]);
        move |e: TemplateError| message::template_problem(side, own, &e)
    };
    let in_browser = matches!(purpose, Purpose::Browser(_));
    let tags = note.tags.join(" ");
    let flag = format!("flag{}", card.flags);
    let id = card.id.to_string();
    let cloze_key = format!("c{}", u32::from(card.ord) + 1);
    let mut values = Values::default();
    values.set("Tags", tags.as_str());
    values.set("Type", notetype.name.as_str());
    values.set("Deck", card.deck);
    values.set("Subdeck", card.deck.rsplit("::").next().unwrap_or_default());
    values.set("Card", template.name.as_str());
    values.set("CardFlag", flag.as_str());
    values.set("CardID", id.as_str());
    values.set(cloze_key.as_str(), "1");
    for (field, value) in notetype.fields.iter().zip(&note.fields) {
        values.set(field.name.as_str(), value.as_str());
    }
    let context = |front| SideContext {
        values: &values,
        card_ord: card.ord,
        front,
    };
    let mut question = expand::expand(front, &context(None)).map_err(problem(Side::Question))?;
    let empty = if notetype.is_cloze() {
        let number = card.ord.saturating_add(1);
        (!note
            .fields
            .iter()
            .any(|f| cloze::numbers(f).contains(&number)))
        .then(|| message::missing_cloze(u32::from(card.ord) + 1))
    } else {
        (!in_browser && !expand::is_filled(front, &values)).then(message::blank_front)
    };
    if let Some(empty) = empty {
        question.push_str(&empty);
        return Ok(Sides {
            question,
            answer: empty,
        });
    }
    // The answer replays the question's sounds by the question's marks.
    let front = match purpose {
        Purpose::Study => av::extract(&question, true).0,
        Purpose::Text => question.clone(),
        Purpose::Browser(_) => String::new(),
    };
    let answer = expand::expand(
        &back?,
        &SideContext {
            values: &values,
            card_ord: card.ord,
            front: Some(&front),
        },
    )
    .map_err(problem(Side::Answer))?;
    Ok(Sides { question, answer })
}

/// The ordinals of the cards that the note's content makes, ascending. A new note gets card 0
/// even when this is empty; see the caller.
#[must_use]
pub fn generated_ords<S: AsRef<str>>(
    notetype: &Notetype,
    fields: &[S],
    has_tags: bool,
) -> Vec<u16> {
    if notetype.is_cloze() {
        let numbers: BTreeSet<u16> = fields
            .iter()
            .flat_map(|f| cloze::numbers(f.as_ref()))
            .filter(|n| *n > 0)
            .map(|n| (n - 1).min(MAX_CLOZE_ORD))
            .collect();
        return numbers.into_iter().collect();
    }
    (0u16..)
        .zip(&notetype.templates)
        .filter(|(_, template)| {
            let Ok(front) = ParsedTemplate::parse(&template.config.q_format) else {
                return false;
            };
            // Without the card's `c1`, which is there only when it is shown.
            let mut values = Values::default();
            for key in ["Type", "Deck", "Subdeck", "Card", "CardFlag", "CardID"] {
                values.set(key, "x");
            }
            values.set("Tags", if has_tags { "x" } else { "" });
            for (field, value) in notetype.fields.iter().zip(fields) {
                values.set(field.name.as_str(), value.as_ref());
            }
            expand::is_filled(&front, &values)
        })
        .map(|(ord, _)| ord)
        .collect()
}

/// The numbers of the fields whose clozes the front of the first template asks for.
#[must_use]
pub fn cloze_fields(notetype: &Notetype) -> BTreeSet<usize> {
    let Some(template) = notetype.templates.first() else {
        return BTreeSet::new();
    };
    let front = ParsedTemplate::parse(&template.config.q_format).unwrap_or_default();
    front
        .nodes
        .iter()
        .filter_map(|node| match node {
            Node::Replacement { key, filters } if filters.iter().any(|f| f == "cloze") => {
                notetype.fields.iter().position(|field| field.name == *key)
            }
            _ => None,
        })
        .collect()
}

/// What is to be said about these fields of a note, as far as they tell it: whether another note
/// has the same first field is not looked at.
#[must_use]
pub fn fields_state(fields: &[String], notetype: &Notetype) -> FieldsState {
    let with_cloze: Vec<usize> = (0..)
        .zip(fields)
        .filter(|(_, field)| cloze::numbers(field).iter().any(|n| *n > 0))
        .map(|(at, _)| at)
        .collect();
    if notetype.is_cloze() {
        let wanted = cloze_fields(notetype);
        if with_cloze.iter().any(|at| !wanted.contains(at)) {
            return FieldsState::FieldNotCloze;
        }
    }
    let first = fields.first().map_or("", String::as_str);
    if strip_html_preserving_media_names(first).trim().is_empty() {
        return FieldsState::FirstEmpty;
    }
    match (notetype.is_cloze(), with_cloze.is_empty()) {
        (true, true) => FieldsState::MissingCloze,
        (false, false) => FieldsState::NotetypeNotCloze,
        _ => FieldsState::Fine,
    }
}

/// Which fields make each template render; for clients of schema 11.
#[must_use]
pub fn requirements(notetype: &Notetype) -> Vec<CardRequirement> {
    let names: Vec<&str> = notetype.fields.iter().map(|f| f.name.as_str()).collect();
    (0u32..)
        .zip(&notetype.templates)
        .map(|(card_ord, template)| {
            let front = ParsedTemplate::parse(&template.config.q_format).unwrap_or_default();
            let (kind, field_ords) = requirement(&front, &names);
            CardRequirement {
                card_ord,
                kind,
                field_ords,
                unknown: Vec::new(),
            }
        })
        .collect()
}

fn requirement(front: &ParsedTemplate, names: &[&str]) -> (i32, Vec<u32>) {
    const NONE: i32 = 0;
    const ANY: i32 = 1;
    const ALL: i32 = 2;
    let renders = |filled: &dyn Fn(&str) -> bool| {
        expand::is_filled_ignoring_inverted(front, |key| names.contains(&key) && filled(key))
    };
    let ords = |wanted: &dyn Fn(&str) -> bool| -> Vec<u32> {
        (0u32..)
            .zip(names)
            .filter(|(_, name)| wanted(name))
            .map(|(ord, _)| ord)
            .collect()
    };
    let any = ords(&|name| renders(&|key| key == name));
    if !any.is_empty() {
        return (ANY, any);
    }
    let all = ords(&|name| !renders(&|key| key != name));
    if all.is_empty() || !renders(&|_| true) {
        (NONE, vec![])
    } else {
        (ALL, all)
    }
}
