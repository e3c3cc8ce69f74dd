//! What a card shows instead of its content when the template or note is at fault. Wording and
//! markup as Anki's, because the page is compared with it; links lead to its manual.

use super::parse::TemplateError;
use crate::domain::html::escape_html;
use crate::t;

/// Which side of a card a template belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Question,
    Answer,
}

const MANUAL: &str = "https://docs.ankiweb.net/templates/errors.html";

/// `text` in quotes and isolated from the direction of the text around it.
pub(super) fn quoted(text: &str) -> String {
    format!("&#x27;\u{2068}{}\u{2069}&#x27;", escape_html(text))
}

fn more(anchor: &str) -> String {
    let words = t!("More information");
    format!("<br><a href='{MANUAL}#{anchor}'>{words}</a>")
}

/// The template cannot be used at all; replaces both sides.
#[must_use]
pub fn template_problem(side: Side, browser: bool, error: &TemplateError) -> String {
    let words = match (side, browser) {
        (Side::Question, false) => t!("Front template has a problem:"),
        (Side::Answer, false) => t!("Back template has a problem:"),
        (Side::Question, true) => t!("Browser-specific front template has a problem:"),
        (Side::Answer, true) => t!("Browser-specific back template has a problem:"),
    };
    format!("{words}<br>{error}{}", more("template-syntax-error"))
}

/// No field of the note reaches the front.
#[must_use]
pub fn blank_front() -> String {
    let words = t!("The front of this card is blank.");
    format!("<div>{words}{}</div>", more("front-of-card-is-blank"))
}

/// A cloze card whose number occurs nowhere in the note.
#[must_use]
pub fn missing_cloze(number: u32) -> String {
    let words = t!(
        "No cloze \u{2068}{number}\u{2069} found on card.\nPlease either add a cloze deletion, or \
         use the Empty Cards tool.",
        number
    );
    format!(
        "<div>{words}{}</div>",
        more("no-cloze-filter-on-cloze-note-type")
    )
}

/// Appended when a formula would have to be drawn by LaTeX.
pub const LATEX_DISABLED: &str = "LaTeX image generation is disabled in the preferences.";
