//! Card templates drawn with an example note while they are edited. Writes nothing.

use crate::base::Result;
use crate::base::ids::{CardId, NoteId};
use crate::collection::Collection;
use crate::collection::card_html::{self, RenderedCard};
use crate::domain::html::{html_to_text_line, is_blank};
use crate::domain::note::Note;
use crate::domain::notetype::Notetype;
use crate::storage::Storage;
use crate::t;
use crate::template::cards::CardFacts;
use crate::template::cloze;
use crate::template::parse::{Node, ParsedTemplate};
use std::collections::BTreeSet;

/// What is to be drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct PreviewAsk {
    /// As it is edited; its fields are the stored ones.
    pub notetype: Notetype,
    /// Place of the card type.
    pub template: usize,
    /// For cloze note types: which deletion, from 1; 0 takes the first one.
    pub cloze: u16,
    /// The note to draw; None or a gone one takes the first.
    pub note: Option<NoteId>,
    /// The note before or after it instead.
    pub step: Step,
    /// Empty fields show their names.
    pub fill_empty: bool,
}

/// From one example note to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Step {
    #[default]
    Stay,
    Previous,
    Next,
}

/// Both sides, and what they were drawn with.
#[derive(Debug, Clone, PartialEq)]
pub struct Preview {
    pub card: RenderedCard,
    pub template: usize,
    /// None: the note type has no notes, and fields show their names.
    pub note: Option<NoteId>,
    /// The example's sort field as a line of text.
    pub title: String,
    /// Numbers of the note's cloze deletions, and the one that is shown.
    pub clozes: Vec<u16>,
    pub cloze: u16,
}

impl Collection {
    /// Both sides of the card that the edited templates would make.
    pub fn preview_templates(&self, ask: &PreviewAsk) -> Result<Preview> {
        let storage = &self.storage;
        let notetype = &ask.notetype;
        let stored = example(storage, ask)?;
        let is_example = stored.is_none();
        let mut note = stored.unwrap_or_else(|| made_up(notetype));
        note.fields.resize(notetype.fields.len(), String::new());
        let title = note.fields.get(notetype.config.sort_field_idx as usize);
        let title = title.map_or_else(String::new, |field| html_to_text_line(field, true));
        if ask.fill_empty {
            fill_empty(notetype, &mut note);
        }
        let clozes: BTreeSet<u16> = if notetype.is_cloze() {
            let numbers = note.fields.iter().flat_map(|f| cloze::numbers(f));
            numbers.filter(|n| *n > 0).collect()
        } else {
            BTreeSet::new()
        };
        let cloze = match clozes.contains(&ask.cloze) {
            true => ask.cloze,
            false => clozes.first().copied().unwrap_or(1),
        };
        let ord = if notetype.is_cloze() {
            cloze - 1
        } else {
            u16::try_from(ask.template).unwrap_or(0)
        };
        let template = notetype.templates.get(ask.template);
        let template = template.cloned().unwrap_or_default();
        let deck = deck_of(storage, &note)?;
        let facts = CardFacts {
            id: CardId(0),
            ord,
            flags: 0,
            deck: &deck,
        };
        Ok(Preview {
            card: card_html::render_note(storage, notetype, &template, &note, &facts)?,
            template: ask.template,
            note: (!is_example).then_some(note.id),
            title,
            clozes: clozes.into_iter().collect(),
            cloze,
        })
    }
}

fn example(storage: &Storage, ask: &PreviewAsk) -> Result<Option<Note>> {
    let id = storage.example_note(
        ask.notetype.id,
        ask.note,
        match ask.step {
            Step::Stay => 0,
            Step::Previous => -1,
            Step::Next => 1,
        },
    )?;
    match id {
        Some(id) => storage.get_note(id),
        None => Ok(None),
    }
}

/// The home deck of its first card.
fn deck_of(storage: &Storage, note: &Note) -> Result<String> {
    let cards = storage.cards_of_note(note.id)?;
    let deck = match cards.first() {
        Some(card) => storage.deck(card.home_deck_id())?,
        None => None,
    };
    Ok(deck.map_or_else(|| "Default".to_owned(), |deck| deck.name.human()))
}

/// A note whose fields say what they are; one of a cloze note type has a deletion.
fn made_up(notetype: &Notetype) -> Note {
    let mut note = Note {
        notetype_id: notetype.id,
        fields: vec![String::new(); notetype.fields.len()],
        ..Note::default()
    };
    fill_empty(notetype, &mut note);
    note
}

fn fill_empty(notetype: &Notetype, note: &mut Note) {
    let with_cloze = cloze_fields(notetype);
    for (field, value) in notetype.fields.iter().zip(&mut note.fields) {
        if !is_blank(value) {
            continue;
        }
        *value = if with_cloze.contains(field.name.as_str()) {
            t!(
                "This is a {{{{c1::sample}}}} cloze deletion in {field}.",
                field = field.name
            )
        } else {
            format!("({})", field.name)
        };
    }
}

/// Fields that a front shows through the cloze filter.
fn cloze_fields(notetype: &Notetype) -> BTreeSet<String> {
    let fronts = notetype.templates.iter().map(|t| &t.config.q_format);
    let parsed = fronts.filter_map(|front| ParsedTemplate::parse(front).ok());
    parsed
        .flat_map(|front| front.nodes)
        .filter_map(|node| match node {
            Node::Replacement { key, filters } if filters.iter().any(|f| f == "cloze") => Some(key),
            _ => None,
        })
        .collect()
}
