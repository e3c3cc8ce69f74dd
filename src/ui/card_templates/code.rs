//! The editor for templates and styling: a text field in a fixed-width font, marks coloured by
//! what they are, and finding text in it.

use crate::ui::theme::{Tokens, font, radius};
use crate::ui::widgets::{surface, typed};
use eframe::egui::text::{CCursor, CCursorRange, LayoutJob, TextFormat};
use eframe::egui::text_edit::{TextBuffer, TextEditState};
use eframe::egui::{
    Align, Color32, Frame, Id, Layout, Margin, Rect, ScrollArea, TextEdit, Ui, vec2,
};

/// What is edited, for the colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Language {
    Template,
    Css,
}

/// Where to put the cursor: a range of bytes to select and bring into sight.
pub type Jump = std::ops::Range<usize>;

/// The editor in `r`. True when the text changed.
pub fn editor(
    ui: &mut Ui,
    r: Rect,
    (name, salt): (&str, Id),
    text: &mut String,
    language: Language,
    jump: Option<Jump>,
) -> bool {
    let t = Tokens::of(ui);
    surface::fill(ui, r, radius::CONTROL, t.surface);
    surface::outline(ui, r, radius::CONTROL, t.border_input);
    let id = ui.make_persistent_id(salt);
    let mut layouter = |ui: &Ui, buffer: &dyn TextBuffer, width: f32| {
        let mut job = coloured(buffer.as_str(), language, Tokens::of(ui));
        job.wrap.max_width = width;
        typed::galley(ui, job, width, None)
    };
    let inner = r.shrink(1.0);
    let mut changed = false;
    surface::region(ui, inner, Layout::top_down(Align::Min), |ui| {
        ScrollArea::vertical()
            .id_salt(salt)
            .auto_shrink(false)
            .show(ui, |ui| {
                let edit = TextEdit::multiline(text)
                    .id(id)
                    .font(font::mono())
                    .lock_focus(true)
                    .frame(Frame::NONE.inner_margin(Margin::symmetric(10, 8)))
                    .desired_width(f32::INFINITY)
                    .min_size(vec2(0.0, inner.height()))
                    .layouter(&mut layouter);
                typed::page_keys(ui, id, ui.fonts_mut(|f| f.row_height(&font::mono())));
                let edit = typed::show(ui, edit);
                let response = edit.response.response.accessible_name(name);
                if let Some(range) = &jump {
                    let at = CCursor::new(char_index(text, range.start));
                    let line = edit.galley.pos_from_cursor(at);
                    let line = line.translate(edit.galley_pos.to_vec2());
                    ui.scroll_to_rect(line.expand(24.0), None);
                    select(ui, id, text, range);
                    response.request_focus();
                }
                changed = response.changed();
                if response.has_focus() {
                    surface::focus_ring_inside(ui, r, radius::CONTROL);
                }
            });
    });
    changed
}

fn char_index(text: &str, byte: usize) -> usize {
    text.char_indices().take_while(|(at, _)| *at < byte).count()
}

fn select(ui: &Ui, id: Id, text: &str, range: &Jump) {
    let mut state = TextEditState::load(ui.ctx(), id).unwrap_or_default();
    let at = |byte| CCursor::new(char_index(text, byte));
    let range = CCursorRange::two(at(range.start), at(range.end));
    state.cursor.set_char_range(Some(range));
    state.store(ui.ctx(), id);
}

/// Where the cursor is, in bytes; the end when it was never there.
pub fn cursor(ui: &Ui, salt: Id, text: &str) -> usize {
    let id = ui.make_persistent_id(salt);
    let range = TextEditState::load(ui.ctx(), id).and_then(|s| s.cursor.char_range());
    let Some(range) = range else {
        return text.len();
    };
    let index = range.primary.index.max(range.secondary.index);
    let at = text.char_indices().nth(usize::from(index));
    at.map_or(text.len(), |(byte, _)| byte)
}

/// The next place of `wanted` after `from` (bytes), round at the end; case aside for ASCII.
#[must_use]
pub fn find(text: &str, wanted: &str, from: usize) -> Option<Jump> {
    if wanted.is_empty() {
        return None;
    }
    let (hay, needle) = (text.to_ascii_lowercase(), wanted.to_ascii_lowercase());
    let from = from.min(hay.len());
    let later = hay.get(from..).and_then(|rest| rest.find(&needle));
    let at = later.map(|at| at + from).or_else(|| hay.find(&needle))?;
    Some(at..at + needle.len())
}

/// The text in colours: marks `{{…}}`, HTML tags, comments; in CSS selectors and comments.
fn coloured(text: &str, language: Language, t: &Tokens) -> LayoutJob {
    let mut job = LayoutJob::default();
    let mut put = |words: &str, color: Color32| {
        job.append(words, 0.0, TextFormat::simple(font::mono(), color));
    };
    let mut rest = text;
    while !rest.is_empty() {
        let (len, color) = match language {
            Language::Template => template_piece(rest, t),
            Language::Css => css_piece(rest, t),
        };
        let (piece, after) = rest.split_at_checked(len.max(1)).unwrap_or((rest, ""));
        put(piece, color);
        rest = after;
    }
    if text.is_empty() {
        put("", t.text);
    }
    job
}

fn until(text: &str, end: &str) -> usize {
    text.find(end).map_or(text.len(), |at| at + end.len())
}

fn template_piece(rest: &str, t: &Tokens) -> (usize, Color32) {
    if let Some(inside) = rest.strip_prefix("<!--") {
        ("<!--".len() + until(inside, "-->"), t.text3)
    } else if rest.starts_with("{{") {
        (until(rest, "}}"), t.accent_text)
    } else if rest.starts_with('<') {
        // Marks inside a tag keep their own colour.
        let end = until(rest, ">");
        let mark = rest.find("{{").unwrap_or(rest.len());
        (end.min(mark).max(1), t.text2)
    } else {
        let next = rest.char_indices().skip(1);
        let stop = next.filter(|(at, _)| {
            rest.get(*at..)
                .is_some_and(|r| r.starts_with('<') || r.starts_with("{{"))
        });
        (stop.map(|(at, _)| at).next().unwrap_or(rest.len()), t.text)
    }
}

fn css_piece(rest: &str, t: &Tokens) -> (usize, Color32) {
    if rest.starts_with("/*") {
        return (until(rest, "*/"), t.text3);
    }
    if rest.starts_with('{') {
        let end = until(rest, "}");
        let comment = rest.find("/*").unwrap_or(rest.len());
        return (end.min(comment).max(1), t.text);
    }
    let stop = rest
        .char_indices()
        .skip(1)
        .find(|(at, c)| *c == '{' || rest.get(*at..).is_some_and(|r| r.starts_with("/*")));
    (stop.map_or(rest.len(), |(at, _)| at), t.accent_text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_found_from_the_cursor_on_and_round_the_end() {
        let text = "Aa é aa";
        assert_eq!(find(text, "AA", 0), Some(0..2));
        assert_eq!(find(text, "aa", 2), Some(6..8));
        assert_eq!(find(text, "aa", 8), Some(0..2));
        assert_eq!(find(text, "é", 0), Some(3..5));
        assert_eq!(find(text, "x", 0), None);
        assert_eq!(find(text, "", 0), None);
    }

    #[test]
    fn every_sign_is_drawn_once() {
        let t = Tokens::get(false);
        for text in [
            "",
            "a<b class='{{F}}'>{{#é}}x{{/é}}<!-- {{A}} --><",
            "{{F",
            "日本<br>{{",
            ".card { color: red } /* é",
        ] {
            for language in [Language::Template, Language::Css] {
                assert_eq!(coloured(text, language, t).text, text);
            }
        }
    }
}
