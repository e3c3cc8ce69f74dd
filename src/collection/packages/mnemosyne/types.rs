//! Which note type the facts of a card type become. Names and fields of the usual ones are those
//! that Anki gives them.

use crate::base::Result;
use crate::base::time::TimestampSecs;
use crate::collection::notetypes::clean_names;
use crate::domain::mnemosyne::{Fact, FactType, FactView};
use crate::domain::notetype::{Notetype, NotetypeKind};
use crate::storage::plain_notetype;
use crate::template::cards::requirements;
use sha1::{Digest as _, Sha1};
use std::collections::BTreeSet;

/// In front of the names of all these note types.
const PREFIX: &str = "Mnemosyne-";
/// Mnemosyne's ids of the card types whose texts have gaps.
const CLOZE: &str = "5";
const SENTENCE: &str = "6";

/// A note type, and which of the fact's texts go into its fields.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Shape {
    pub(super) notetype: Notetype,
    /// As many as there are fields; an empty key is an empty field.
    pub(super) keys: Vec<String>,
    /// Ids of the fact views, in the order of the templates.
    pub(super) views: Vec<String>,
}

impl Shape {
    /// Whether the gaps of the first field become cloze deletions.
    pub(super) fn has_gaps(&self) -> bool {
        self.notetype.is_cloze()
    }
}

/// Ids are made of names: whoever imports again finds what came before. As large as those of
/// 2004 and 2005, when Anki did not exist.
pub(super) fn id_of(name: &str) -> i64 {
    const FIRST: i64 = 1_072_915_200_000;
    const YEAR: u64 = 31_536_000_000;
    let digest = Sha1::digest(name.as_bytes());
    let mut head = [0; 8];
    head.copy_from_slice(&digest[..8]);
    FIRST + (u64::from_be_bytes(head) % YEAR) as i64
}

/// Whether the first text of facts of the type `id` may have gaps.
pub(super) fn has_gaps(id: &str) -> bool {
    [CLOZE, SENTENCE].contains(&base_of(id))
}

/// Whether cards of the type `id` ask for gaps in the text, those with a number of a gap or all.
pub(super) fn asks_for_gaps(id: &str, with_number: bool) -> bool {
    match base_of(id) {
        CLOZE => true,
        SENTENCE => with_number,
        _ => false,
    }
}

/// The type it was cloned from, which comes with the program.
fn base_of(id: &str) -> &str {
    id.split("::").next().unwrap_or_default()
}

/// The shape of a fact, which must have a text, with cards of the type `id`; with `gaps`, that of
/// its cards which ask for gaps in the text.
pub(super) fn shape_of(id: &str, gaps: bool, fact: &Fact, known: &[FactType]) -> Result<Shape> {
    let own = known.iter().find(|own| own.id == id);
    let base = base_of(id);
    let mut plan = match (base, gaps) {
        ("1", _) => front_to_back(),
        ("2", _) => both_ways(),
        ("3", _) => vocabulary(),
        ("4", _) => map(),
        (CLOZE, _) => cloze(),
        (SENTENCE, false) => sentence(),
        (SENTENCE, true) => sentence_with_gaps(),
        _ => own
            .filter(|own| !own.keys.is_empty() && !own.views.is_empty())
            .map_or_else(|| unknown(id, fact), its_own),
    };
    if let Some(own) = own.filter(|_| id != base) {
        plan.name = match base == SENTENCE && gaps {
            true => format!("{} Cloze", own.name),
            false => own.name.clone(),
        };
    }
    plan.shape()
}

/// A note type in words.
struct Plan {
    name: String,
    /// Key and name.
    fields: Vec<(String, String)>,
    cards: Vec<CardPlan>,
    is_cloze: bool,
}

struct CardPlan {
    view: String,
    name: String,
    question: String,
    answer: String,
}

impl Plan {
    fn new(name: &str, fields: &[(&str, &str)], cards: Vec<CardPlan>) -> Self {
        Self {
            name: name.to_owned(),
            fields: fields
                .iter()
                .map(|(key, name)| ((*key).to_owned(), (*name).to_owned()))
                .collect(),
            cards,
            is_cloze: false,
        }
    }

    fn shape(self) -> Result<Shape> {
        let name = format!("{PREFIX}{}", self.name.trim());
        let fields: Vec<&str> = self.fields.iter().map(|(_, name)| name.as_str()).collect();
        let cards: Vec<(&str, &str, &str)> = self
            .cards
            .iter()
            .map(|c| (c.name.as_str(), c.question.as_str(), c.answer.as_str()))
            .collect();
        let kind = if self.is_cloze {
            NotetypeKind::Cloze
        } else {
            NotetypeKind::Normal
        };
        let id = id_of(&format!("{name} {kind:?} {}", fields.join("\u{1f}")));
        let mut parts = id;
        let mut notetype = plain_notetype(&name, kind, &fields, &cards, || {
            parts += 1;
            parts
        });
        notetype.id = id.into();
        // Older than any change by hand.
        notetype.mtime = TimestampSecs(id / 1000);
        clean_names(&mut notetype)?;
        notetype.config.reqs = requirements(&notetype);
        Ok(Shape {
            notetype,
            keys: self.fields.into_iter().map(|(key, _)| key).collect(),
            views: self.cards.into_iter().map(|card| card.view).collect(),
        })
    }
}

fn card(view: &str, name: &str, question: &str, answer: &str) -> CardPlan {
    CardPlan {
        view: view.to_owned(),
        name: name.to_owned(),
        question: question.to_owned(),
        answer: answer.to_owned(),
    }
}

fn front_to_back() -> Plan {
    let fields = [("f", "Front"), ("b", "Back")];
    Plan::new("FrontOnly", &fields, vec![forward("1.1")])
}

fn forward(view: &str) -> CardPlan {
    let answer = "{{FrontSide}}\n\n<hr id=answer>\n\n{{Back}}";
    card(view, "Card 1", "{{Front}}", answer)
}

fn both_ways() -> Plan {
    let fields = [("f", "Front"), ("b", "Back")];
    let answer = "{{FrontSide}}\n\n<hr id=answer>\n\n{{Front}}";
    let cards = vec![forward("2.1"), card("2.2", "Card 2", "{{Back}}", answer)];
    Plan::new("FrontBack", &fields, cards)
}

fn vocabulary() -> Plan {
    let fields = [
        ("f", "Expression"),
        ("p_1", "Pronunciation"),
        ("m_1", "Meaning"),
        ("n", "Notes"),
    ];
    let recognition =
        "{{Expression}}\n\n<hr id=answer>\n\n{{Pronunciation}}<br>\n{{Meaning}}<br>\n{{Notes}}";
    let production =
        "{{Meaning}}\n\n<hr id=answer>\n\n{{Expression}}<br>\n{{Pronunciation}}<br>\n{{Notes}}";
    let cards = vec![
        card("3.1", "Recognition", "{{Expression}}", recognition),
        card("3.2", "Production", "{{Meaning}}", production),
    ];
    Plan::new("Vocabulary", &fields, cards)
}

fn map() -> Plan {
    let fields = [
        ("loc", "Location"),
        ("blank", "Blank map"),
        ("marked", "Marked map"),
    ];
    let answer = "{{Location}}<br>\n{{Marked map}}";
    let production = "{{Location}}<br>\n{{Blank map}}";
    let cards = vec![
        card("4.1", "Recognition", "&nbsp;<br>\n{{Marked map}}", answer),
        card("4.2", "Production", production, answer),
    ];
    Plan::new("Map", &fields, cards)
}

fn cloze() -> Plan {
    let fields = [("text", "Text"), ("", "Back Extra")];
    let answer = "{{cloze:Text}}<br>\n{{Back Extra}}";
    Plan {
        is_cloze: true,
        ..Plan::new(
            "Cloze",
            &fields,
            vec![card("5.1", "Cloze", "{{cloze:Text}}", answer)],
        )
    }
}

const SENTENCE_FIELDS: [(&str, &str); 4] = [
    ("f", "Sentence"),
    ("p_1", "Pronunciation"),
    ("m_1", "Meaning"),
    ("n", "Notes"),
];

fn sentence() -> Plan {
    let answer =
        "{{FrontSide}}\n\n<hr id=answer>\n\n{{Pronunciation}}<br>\n{{Meaning}}<br>\n{{Notes}}";
    let cards = vec![card("6.1", "Recognition", "{{Sentence}}", answer)];
    Plan::new("Sentence", &SENTENCE_FIELDS, cards)
}

fn sentence_with_gaps() -> Plan {
    let answer =
        "{{cloze:Sentence}}\n\n<hr id=answer>\n\n{{Pronunciation}}<br>\n{{Meaning}}<br>\n{{Notes}}";
    let cards = vec![card("6.2", "Production", "{{cloze:Sentence}}", answer)];
    Plan {
        is_cloze: true,
        ..Plan::new("Sentence Cloze", &SENTENCE_FIELDS, cards)
    }
}

/// A type that the user made from nothing.
fn its_own(own: &FactType) -> Plan {
    let name_of = |key: &String| {
        let known = own.keys.iter().find(|(known, _)| known == key);
        known.map(|(_, name)| format!("{{{{{}}}}}", field_name(name)))
    };
    let shown = |keys: &[String]| {
        let fields: Vec<String> = keys.iter().filter_map(name_of).collect();
        fields.join("<br>\n")
    };
    let to_card = |view: &FactView| {
        let mut question = shown(&view.question);
        if view.typed
            && let Some(field) = view.answer.iter().find_map(name_of)
        {
            question.push_str(&field.replacen("{{", "\n\n{{type:", 1));
        }
        let answer = shown(&view.answer);
        let answer = if view.answer_alone {
            answer
        } else {
            format!("{{{{FrontSide}}}}\n\n<hr id=answer>\n\n{answer}")
        };
        card(&view.id, &view.name, &question, &answer)
    };
    Plan {
        name: own.name.clone(),
        fields: own
            .keys
            .iter()
            .map(|(key, name)| (key.clone(), field_name(name)))
            .collect(),
        cards: own.views.iter().map(to_card).collect(),
        is_cloze: false,
    }
}

/// A type of an extension, of which the file says nothing: its kinds of cards ask for one field after
/// the other.
fn unknown(id: &str, fact: &Fact) -> Plan {
    let keys: Vec<&str> = fact.values.iter().map(|(key, _)| key.as_str()).collect();
    let cards = fact.cards.iter().filter(|card| card.card_type == id);
    let kinds: BTreeSet<&str> = cards.map(|card| card.view.as_str()).collect();
    let field = |key: &str| format!("{{{{{}}}}}", field_name(key));
    let to_card = |(number, asked): (usize, &&str)| {
        let others: Vec<String> = keys
            .iter()
            .filter(|key| key != &asked)
            .map(|key| field(key))
            .collect();
        let answer = format!(
            "{{{{FrontSide}}}}\n\n<hr id=answer>\n\n{}",
            others.join("<br>\n")
        );
        let name = format!("Card {}", number + 1);
        card(
            &format!("{id}.{}", number + 1),
            &name,
            &field(asked),
            &answer,
        )
    };
    Plan {
        name: id.to_owned(),
        fields: keys
            .iter()
            .map(|key| ((*key).to_owned(), field_name(key)))
            .collect(),
        cards: keys
            .iter()
            .take(kinds.len())
            .enumerate()
            .map(to_card)
            .collect(),
        is_cloze: false,
    }
}

/// As a template can name it.
fn field_name(name: &str) -> String {
    let clean: String = name.chars().filter(|c| !":{}\"".contains(*c)).collect();
    let clean = clean.trim().trim_start_matches(['#', '/', '^', ' ']);
    if clean.is_empty() { "Field" } else { clean }.to_owned()
}
