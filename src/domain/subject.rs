//! Decks, presets and note types as subjects of the history: their former versions, and each as
//! lines of text that can be compared.

use super::deck::{DayLimit, Deck, DeckKind, FilteredDeck, NormalDeck};
use super::deck_config::DeckConfig;
use super::deck_config_words::{self, yes};
use super::history::{Fate, ShownVersion};
use super::notetype::{Field, Notetype, Template};
use crate::base::ids::{DeckConfigId, DeckId, NotetypeId};
use crate::base::time::TimestampMillis;
use crate::t;

/// What a version is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    Deck(DeckId),
    Preset(DeckConfigId),
    Notetype(NotetypeId),
}

impl Subject {
    #[must_use]
    pub fn id(self) -> i64 {
        match self {
            Self::Deck(id) => id.0,
            Self::Preset(id) => id.0,
            Self::Notetype(id) => id.0,
        }
    }

    /// What it is, in words.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Deck(_) => t!("Deck"),
            Self::Preset(_) => t!("Preset of deck options"),
            Self::Notetype(_) => t!("Note type"),
        }
    }
}

/// All of it at one moment.
#[derive(Debug, Clone, PartialEq)]
pub enum SubjectState {
    Deck(Deck),
    Preset(DeckConfig),
    Notetype(Notetype),
}

/// A state before an operation changed or removed it.
#[derive(Debug, Clone, PartialEq)]
pub struct SubjectVersion {
    /// Counted up over all subjects.
    pub number: i64,
    /// When it ceased to be the present one.
    pub until: TimestampMillis,
    /// The operation that did it, as in the Edit menu ("Update Deck Options", "Sync").
    pub origin: String,
    pub fate: Fate,
    pub state: SubjectState,
}

/// The versions of a subject for a window: newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubjectHistory {
    pub subject: Subject,
    /// None: it does not exist any more.
    pub present: Option<Vec<(String, String)>>,
    pub versions: Vec<ShownVersion>,
}

/// A deck, preset or note type that does not exist any more, with its last version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrashedSubject {
    pub number: i64,
    pub subject: Subject,
    pub name: String,
    pub deleted: TimestampMillis,
}

/// A name and a text.
pub type Lines = Vec<(String, String)>;

impl SubjectState {
    #[must_use]
    pub fn subject(&self) -> Subject {
        match self {
            Self::Deck(deck) => Subject::Deck(deck.id),
            Self::Preset(preset) => Subject::Preset(preset.id),
            Self::Notetype(notetype) => Subject::Notetype(notetype.id),
        }
    }

    /// As people see it.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Deck(deck) => deck.name.human(),
            Self::Preset(preset) => preset.name.clone(),
            Self::Notetype(notetype) => notetype.name.clone(),
        }
    }

    /// Whether both are the same but for times, what was studied today and what is folded.
    #[must_use]
    pub fn says_the_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Deck(a), Self::Deck(b)) => (&a.name, &a.kind) == (&b.name, &b.kind),
            (Self::Preset(a), Self::Preset(b)) => (&a.name, &a.inner) == (&b.name, &b.inner),
            (Self::Notetype(a), Self::Notetype(b)) => {
                let templates = |n: &Notetype| -> Vec<Template> {
                    let template = |t: &Template| Template {
                        mtime: Default::default(),
                        usn: Default::default(),
                        ..t.clone()
                    };
                    n.templates.iter().map(template).collect()
                };
                (&a.name, &a.config, &a.fields) == (&b.name, &b.config, &b.fields)
                    && templates(a) == templates(b)
            }
            _ => false,
        }
    }

    /// As lines; `preset_name` gives the name of a deck's preset.
    #[must_use]
    pub fn lines(&self, preset_name: impl Fn(DeckConfigId) -> Option<String>) -> Lines {
        match self {
            Self::Deck(deck) => deck_lines(deck, preset_name),
            Self::Preset(preset) => deck_config_words::lines(preset),
            Self::Notetype(notetype) => notetype_lines(notetype),
        }
    }
}

fn deck_lines(deck: &Deck, preset_name: impl Fn(DeckConfigId) -> Option<String>) -> Lines {
    let mut lines = vec![(t!("Name").to_owned(), deck.name.human())];
    match &deck.kind {
        DeckKind::Normal(normal) => {
            let preset = preset_name(normal.config_id);
            let preset = preset.unwrap_or_else(|| t!("deleted preset {id}", id = normal.config_id));
            lines.push((t!("Preset").into(), preset));
            lines.extend(normal_lines(normal));
        }
        DeckKind::Filtered(filtered) => lines.extend(filtered_lines(filtered)),
    }
    lines
}

fn normal_lines(deck: &NormalDeck) -> Lines {
    let limit = |limit: Option<u32>| limit.map_or_else(String::new, |n| n.to_string());
    let retention = deck
        .desired_retention
        .map(|r| t!("{percent} %", percent = format!("{:.0}", r * 100.0)));
    let today = |limit: &Option<DayLimit>| match limit {
        Some(limit) => t!(
            "{limit} on day {day}",
            limit = limit.limit,
            day = limit.today
        ),
        None => String::new(),
    };
    let extra = |n: u32| if n == 0 { String::new() } else { n.to_string() };
    let lines = [
        (t!("Description"), deck.description.clone()),
        (t!("New cards/day of this deck"), limit(deck.new_limit)),
        (
            t!("Maximum reviews/day of this deck"),
            limit(deck.review_limit),
        ),
        (
            t!("New cards of one day only"),
            today(&deck.new_limit_today),
        ),
        (
            t!("Reviews of one day only"),
            today(&deck.review_limit_today),
        ),
        (t!("New cards of Custom Study"), extra(deck.extend_new)),
        (t!("Reviews of Custom Study"), extra(deck.extend_review)),
        (
            t!("Desired retention of this deck"),
            retention.unwrap_or_default(),
        ),
    ];
    lines.map(|(name, text)| (name.to_owned(), text)).to_vec()
}

fn filtered_lines(deck: &FilteredDeck) -> Lines {
    let mut lines = Vec::new();
    for (n, term) in (1..).zip(&deck.search_terms) {
        lines.push((t!("Search {n}", n), term.search.clone()));
        lines.push((t!("Limit {n}", n), term.limit.to_string()));
        lines.push((t!("Order {n}", n), term.order.to_string()));
    }
    lines.push((t!("Reschedules cards").into(), yes(deck.reschedule)));
    lines
}

/// The parts of a note type: names, fields with their options, templates, styling.
#[must_use]
fn notetype_lines(notetype: &Notetype) -> Lines {
    let names: Vec<&str> = notetype.fields.iter().map(|f| f.name.as_str()).collect();
    let sort = names.get(notetype.config.sort_field_idx as usize);
    let mut lines = vec![
        (t!("Name").to_owned(), notetype.name.clone()),
        (t!("Fields").to_owned(), names.join(", ")),
        (t!("Sort field").to_owned(), sort.unwrap_or(&"").to_string()),
    ];
    for field in &notetype.fields {
        let name = t!("Options of the field {field}", field = field.name);
        lines.push((name, field_options(field)));
    }
    for template in &notetype.templates {
        let (name, config) = (&template.name, &template.config);
        lines.push((t!("{card}: front", card = name), config.q_format.clone()));
        lines.push((t!("{card}: back", card = name), config.a_format.clone()));
        for (side, text) in [
            (
                t!("{card}: front in Browse", card = name),
                &config.q_format_browser,
            ),
            (
                t!("{card}: back in Browse", card = name),
                &config.a_format_browser,
            ),
        ] {
            if !text.is_empty() {
                lines.push((side, text.clone()));
            }
        }
    }
    let config = &notetype.config;
    lines.push((t!("Styling").into(), config.css.clone()));
    lines.push((t!("LaTeX header").into(), config.latex_pre.clone()));
    lines.push((t!("LaTeX footer").into(), config.latex_post.clone()));
    lines
}

/// How a field is edited, in words.
#[must_use]
pub fn field_options(field: &Field) -> String {
    let config = &field.config;
    let mut words = vec![format!("{}, {}", config.font_name, config.font_size)];
    for (on, word) in [
        (config.rtl, t!("right to left")),
        (config.sticky, t!("kept after adding")),
        (config.plain_text, t!("as HTML")),
        (config.collapsed, t!("collapsed" in "field")),
        (config.exclude_from_search, t!("not searched")),
    ] {
        if on {
            words.push(word.to_owned());
        }
    }
    if !config.description.is_empty() {
        words.push(t!("“{words}”", words = config.description));
    }
    words.join(", ")
}
