//! A card's two pages: template and note to HTML, with the sounds to play and what is to be typed.
//! Reads only, so it serves packages and backups as well as the open collection. Drawing the HTML
//! is `render`; play marks (`[anki:play:q:0]`) become buttons there.

use super::Collection;
use crate::base::ids::{CardId, DeckId, NoteId};
use crate::base::limits::MAX_CARD_HTML_BYTES;
use crate::base::{Error, Result};
use crate::mark;

use crate::domain::note::Note;
use crate::domain::notetype::{Notetype, Template};
use crate::domain::tex_definitions;
use crate::storage::Storage;
use crate::template::av::{self, AvTag};
use crate::template::cards::{self, CardFacts};
use crate::template::cloze::{self, encode_attribute};
use crate::template::type_answer::{self, TypeMark};
use crate::template::{latex, message};
use std::path::{Path, PathBuf};

/// Both sides of a card, ready for a page.
#[derive(Debug, Clone, PartialEq)]
pub struct RenderedCard {
    pub card: CardId,
    pub note: NoteId,
    /// With play marks, and with the `[[type:…]]` mark if the card asks to type.
    pub question: String,
    /// As `question`.
    pub answer: String,
    /// What the question's play marks play, in order.
    pub question_av: Vec<AvTag>,
    /// What the answer's play marks play, in order.
    pub answer_av: Vec<AvTag>,
    /// The note type's styling.
    pub css: String,
    /// Classes of the page's body, without those of the system and of night mode.
    pub body_class: String,
    /// Set when the question asks to type something that is there to be typed.
    pub type_in: Option<TypeField>,
    /// The commands that the note type's LaTeX header defines.
    latex_macros: String,
    /// Question and answer with [`av::VOICES_MARK`], where a side has one.
    with_voices: Option<[String; 2]>,
}

/// What is to be typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeField {
    /// HTML of the field, or of its active clozes.
    pub expected: String,
    pub ignore_accents: bool,
    pub font: String,
    /// Points.
    pub size: u32,
    pub right_to_left: bool,
}

impl RenderedCard {
    /// A card that is nothing but its two sides, for pictures of the window.
    #[must_use]
    pub fn plain(question: &str, answer: &str, css: &str) -> Self {
        Self {
            card: CardId(0),
            note: NoteId(0),
            question: question.to_owned(),
            answer: answer.to_owned(),
            question_av: Vec::new(),
            answer_av: Vec::new(),
            css: css.to_owned(),
            body_class: body_class(0),
            type_in: None,
            latex_macros: String::new(),
            with_voices: None,
        }
    }

    /// The question with its text box in place.
    #[must_use]
    pub fn question_page(&self) -> String {
        let input = match &self.type_in {
            Some(field) => format!(
                "<center>\n<input type=text id=typeans style=\"font-family: '{}'; \
                 font-size: {}px;\">\n</center>",
                field.css_font(),
                field.size
            ),
            None => String::new(),
        };
        type_answer::replace_marks(&self.shown(0), &input)
    }

    /// The answer with `typed` compared; without anything typed the expected text is shown.
    #[must_use]
    pub fn answer_page(&self, typed: Option<&str>) -> String {
        // With nothing to compare the rule stays where the template has it.
        let Some(field) = &self.type_in else {
            return type_answer::replace_marks(&self.shown(1), "");
        };
        let comparison = format!(
            "<div style=\"font-family: '{}'; font-size: {}px\">{}</div>",
            field.css_font(),
            field.size,
            type_answer::compare(
                &field.expected,
                typed.unwrap_or_default(),
                field.ignore_accents
            )
        );
        type_answer::with_comparison(&self.shown(1), &comparison)
    }

    /// A side as it is shown: films in place of their play marks, no notice about formulas, which
    /// have the commands of the note type's header with them.
    fn shown(&self, side: usize) -> String {
        let html = match &self.with_voices {
            Some(sides) => &sides[side],
            None => [&self.question, &self.answer][side],
        };
        let html = self.with_films(without_latex_notice(html));
        let macros = encode_attribute(&self.latex_macros);
        let growth = html.matches(PICTURE).count().saturating_mul(macros.len());
        // Of so many formulas and commands no card is drawn.
        if macros.is_empty() || growth > MAX_CARD_HTML_BYTES {
            return html;
        }
        html.replace(PICTURE, &format!("{PICTURE}data-macros=\"{macros}\" "))
    }

    fn with_films(&self, html: &str) -> String {
        const MARK: &str = "[anki:play:";
        let name_of = |mark: &str| {
            let (side, index) = mark.split_once(':')?;
            let tags = match side {
                "q" => &self.question_av,
                "a" => &self.answer_av,
                _ => return None,
            };
            let is_number = index.bytes().all(|digit| digit.is_ascii_digit());
            let index = is_number.then(|| index.parse::<usize>().ok()).flatten()?;
            match tags.get(index)? {
                AvTag::Sound(name) if is_film(name) => Some(name),
                AvTag::Sound(_) | AvTag::Speech(_) => None,
            }
        };
        let mut out = String::with_capacity(html.len());
        let mut rest = html;
        while let Some(at) = rest.find(MARK) {
            let (before, mark) = rest.split_at(at);
            out.push_str(before);
            // Side and number are short.
            let inner = &mark[MARK.len()..];
            let end = inner.bytes().take(24).position(|c| c == b']');
            match end.and_then(|end| Some((name_of(&inner[..end])?, end))) {
                Some((name, end)) => {
                    out.push_str(&format!("<video src=\"{}\"></video>", encode_name(name)));
                    rest = &inner[end + 1..];
                }
                None => {
                    out.push_str(MARK);
                    rest = inner;
                }
            }
        }
        out.push_str(rest);
        out
    }
}

/// How the picture of a formula begins.
const PICTURE: &str = "<img class=latex ";

/// By its name: Anki plays these in a window of their own.
fn is_film(name: &str) -> bool {
    let ending = name
        .rsplit('.')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    matches!(
        ending.as_str(),
        "mp4" | "webm" | "mkv" | "avi" | "mov" | "mpg" | "mpeg" | "ogv" | "flv" | "m4v"
    )
}

// As an address in an attribute.
fn encode_name(name: &str) -> String {
    name.replace('%', "%25")
        .replace('?', "%3F")
        .replace('#', "%23")
        .replace('&', "&amp;")
        .replace('"', "%22")
}

// Anki's notice about images that it may not make: we typeset the formulas instead.
fn without_latex_notice(html: &str) -> &str {
    html.strip_suffix(message::LATEX_DISABLED).unwrap_or(html)
}

impl TypeField {
    /// Without what would end the CSS string or the attribute.
    fn css_font(&self) -> String {
        self.font
            .chars()
            .filter(|c| !"'\"<>&;\\".contains(*c))
            .collect()
    }
}

impl Collection {
    /// Both sides of a card.
    pub fn render_card(&self, id: CardId) -> Result<RenderedCard> {
        render_card(&self.storage, id)
    }
}

/// Both sides of a card of any collection that can be read.
pub fn render_card(storage: &Storage, id: CardId) -> Result<RenderedCard> {
    let card = storage
        .get_card(id)?
        .ok_or_else(|| Error::not_found(mark!("there is no card {id}", id)))?;
    let note = storage
        .get_note(card.note_id)?
        .ok_or_else(|| Error::inconsistent(mark!("the note of card {id} is not there", id)))?;
    let notetype = storage
        .notetype(note.notetype_id)?
        .ok_or_else(|| Error::inconsistent(mark!("the note type of card {id} is not there", id)))?;
    let template = notetype
        .template_of(card.template_idx)
        .ok_or_else(|| Error::inconsistent(mark!("the template of card {id} is not there", id)))?;
    let deck = deck_name(storage, card.home_deck_id())?;
    let facts = CardFacts::of(&card, &deck);
    render_note(storage, &notetype, template, &note, &facts)
}

/// Both sides of a card that need not be stored: previews draw templates that are being edited.
pub(super) fn render_note(
    storage: &Storage,
    notetype: &Notetype,
    template: &Template,
    note: &Note,
    facts: &CardFacts<'_>,
) -> Result<RenderedCard> {
    let sides = cards::render(notetype, template, note, facts);
    let type_in = type_field(&sides.question, notetype, note, facts.ord);
    let (question, question_av) = av::extract(&sides.question, true);
    let (answer, answer_av) = av::extract(&sides.answer, false);
    let formulas = Formulas::new(storage, notetype.config.latex_svg)?;
    let marked = [&question, &answer].map(|html| formulas.to_images(html));
    let [question, answer] = marked.clone().map(|html| html.replace(av::VOICES_MARK, ""));
    let has_voices = marked[0] != question || marked[1] != answer;
    Ok(RenderedCard {
        card: facts.id,
        note: note.id,
        question,
        answer,
        with_voices: has_voices.then_some(marked),
        question_av,
        answer_av,
        css: notetype.config.css.clone(),
        body_class: body_class(facts.ord),
        type_in,
        latex_macros: tex_definitions::definitions(&notetype.config.latex_pre),
    })
}

fn deck_name(storage: &Storage, id: DeckId) -> Result<String> {
    // Check Database gives such a card its deck back; until then it still has content to show.
    Ok(storage
        .deck(id)?
        .map_or_else(String::new, |deck| deck.name.human()))
}

fn body_class(ord: u16) -> String {
    format!("card card{}", u32::from(ord) + 1)
}

fn type_field(question: &str, notetype: &Notetype, note: &Note, ord: u16) -> Option<TypeField> {
    let TypeMark {
        field,
        cloze,
        ignore_accents,
    } = type_answer::first_mark(question)?;
    let (idx, field) = notetype
        .fields
        .iter()
        .enumerate()
        .find(|(_, f)| f.name == field)?;
    let value = note.fields.get(idx)?;
    let expected = if cloze {
        cloze::expected_answer(value, ord)
    } else {
        value.clone()
    };
    (!type_answer::expected_text(&expected).is_empty()).then(|| TypeField {
        expected,
        ignore_accents,
        font: field.config.font_name.clone(),
        size: field.config.font_size,
        right_to_left: field.config.rtl,
    })
}

/// Formulas of `[latex]` tags are images that LaTeX made earlier, as Anki's pages have them. We
/// never run it: `render` typesets their source.
struct Formulas {
    svg: bool,
    media: Option<PathBuf>,
    /// The user allowed Anki to make images; then it says nothing about missing ones.
    rendering_allowed: bool,
}

impl Formulas {
    fn new(storage: &Storage, svg: bool) -> Result<Self> {
        Ok(Self {
            svg,
            media: media_folder(storage.path()),
            rendering_allowed: storage.config_or("renderLatex", false)?,
        })
    }

    fn to_images(&self, html: &str) -> String {
        let (html, names) = latex::extract(html, self.svg);
        let mut html = html.into_owned();
        let missing = names.iter().any(|name| {
            !self
                .media
                .as_ref()
                .is_some_and(|folder| folder.join(name).is_file())
        });
        if missing && !self.rendering_allowed {
            html.push_str(message::LATEX_DISABLED);
        }
        html
    }
}

/// `collection.media` beside `collection.anki2`.
fn media_folder(collection: &Path) -> Option<PathBuf> {
    Some(collection.with_extension("media")).filter(|folder| folder.is_dir())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn with_nothing_to_compare_the_rule_stays_in_its_place() {
        let answer = "Q[[type:Extra]]<hr id=answer>A<br>[[type:Extra]]";
        let mut card = RenderedCard::plain("Q[[type:Extra]]", answer, "");
        assert_eq!(card.question_page(), "Q");
        for typed in [None, Some("x")] {
            assert_eq!(card.answer_page(typed), "Q<hr id=answer>A<br>");
        }
        card.type_in = Some(TypeField {
            expected: "e".to_owned(),
            ignore_accents: false,
            font: String::new(),
            size: 20,
            right_to_left: false,
        });
        let page = card.answer_page(None);
        assert!(page.starts_with("Q<hr id=answer><div"), "{page}");
    }

    #[test]
    fn films_are_shown_and_the_notice_about_formulas_is_not() {
        let card = RenderedCard {
            card: CardId(1),
            note: NoteId(1),
            question: format!("[anki:play:q:0][anki:play:q:1]{}", message::LATEX_DISABLED),
            answer: "[anki:play:q:1][anki:play:a:0]".to_owned(),
            question_av: vec![
                AvTag::Sound("a.mp3".into()),
                AvTag::Sound("50% #1.MP4".into()),
            ],
            answer_av: vec![AvTag::Sound("b.webm".into())],
            css: String::new(),
            body_class: String::new(),
            type_in: None,
            latex_macros: String::new(),
            with_voices: None,
        };
        let film = "<video src=\"50%25 %231.MP4\"></video>";
        assert_eq!(card.question_page(), format!("[anki:play:q:0]{film}"));
        assert_eq!(
            card.answer_page(None),
            format!("{film}<video src=\"b.webm\"></video>")
        );
    }

    #[test]
    fn a_hundred_thousand_films_are_shown_and_commands_do_not_fill_the_memory() {
        const FILMS: usize = 100_000;
        let marks = (0..FILMS).map(|film| format!("[anki:play:q:{film}]"));
        let question = marks.collect::<String>() + "[anki:play:q:x][anki:play:a:0]";
        let mut card = RenderedCard::plain(&question, &"<img class=latex >".repeat(FILMS), "");
        card.question_av = vec![AvTag::Sound("a.mp4".into()); FILMS];
        let page = card.question_page();
        assert_eq!(page.matches("<video src=\"a.mp4\"></video>").count(), FILMS);
        assert!(page.ends_with("</video>[anki:play:q:x][anki:play:a:0]"));
        card.latex_macros = "x".repeat(FILMS);
        assert_eq!(card.answer_page(None), card.answer);
    }
}
