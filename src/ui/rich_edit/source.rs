//! The HTML view of a field: its source with colours, one undo history with the rich text. Keys of
//! formatting, clozes and formulas put their marks around what is chosen; a tag that is typed gets
//! its end.

use crate::field_html::{Mark, SpanKind, is_void, spans};
use crate::t;
use crate::ui::theme::{Tokens, font};
use crate::ui::widgets::typed;
use eframe::egui::text::{
    ByteIndex, CCursor, CCursorRange, LayoutJob, LayoutSection, TextFormat, TextWrapping,
};
use eframe::egui::text_edit::TextEditState;
use eframe::egui::{Context, Event, Frame, Galley, Id, Margin, Response, TextEdit, Ui};
use std::ops::Range;
use std::sync::Arc;

/// The tags of a look.
pub(super) fn tags_of(mark: Mark) -> Option<(String, String)> {
    let name = match mark {
        Mark::Bold => "b",
        Mark::Italic => "i",
        Mark::Underline => "u",
        Mark::Strike => "s",
        Mark::Superscript => "sup",
        Mark::Subscript => "sub",
        _ => return None,
    };
    Some((format!("<{name}>"), format!("</{name}>")))
}

/// Bytes that are chosen in the view.
pub(super) fn chosen(ctx: &Context, id: Id, text: &str) -> Option<Range<usize>> {
    let chosen = TextEditState::load(ctx, id)?.cursor.char_range()?;
    let chosen = chosen.as_sorted_char_range();
    Some(byte(text, chosen.start.0)..byte(text, chosen.end.0))
}

/// Chooses bytes in the view.
pub(super) fn choose(ctx: &Context, id: Id, text: &str, bytes: &Range<usize>) {
    let at = |byte: usize| text.get(..byte).map_or(0, |before| before.chars().count());
    let mut state = TextEditState::load(ctx, id).unwrap_or_default();
    let (from, to) = (CCursor::new(at(bytes.start)), CCursor::new(at(bytes.end)));
    let range = CCursorRange::two(from, to);
    state.cursor.set_char_range(Some(range));
    state.store(ctx, id);
}

fn byte(text: &str, at: usize) -> usize {
    text.char_indices().nth(at).map_or(text.len(), |(b, _)| b)
}

/// Puts marks around what is chosen in the view; the words stay chosen.
pub(super) fn wrap(ctx: &Context, id: Id, text: &mut String, before: &str, after: &str) {
    let mut state = TextEditState::load(ctx, id).unwrap_or_default();
    let chosen = state.cursor.char_range().map(|r| r.as_sorted_char_range());
    let end = text.chars().count();
    let chosen = chosen.map_or(end..end, |r| r.start.0..r.end.0);
    let at = byte(text, chosen.end);
    text.insert_str(at, after);
    let at = byte(text, chosen.start);
    text.insert_str(at, before);
    let moved = before.chars().count();
    let range = CCursorRange::two(
        CCursor::new(chosen.start + moved),
        CCursor::new(chosen.end + moved),
    );
    state.cursor.set_char_range(Some(range));
    state.store(ctx, id);
}

/// The end of the tag that `before` ends with, when `after` does not begin with it.
fn end_tag(before: &str, after: &str) -> Option<String> {
    let tag = before.strip_suffix('>')?.rsplit_once('<')?.1;
    if tag.contains('>') || tag.ends_with('/') {
        return None;
    }
    let is_name = |c: &char| c.is_ascii_alphanumeric();
    let name: String = tag.chars().take_while(is_name).collect();
    let end = format!("</{name}>");
    let has_end = name.is_empty() || is_void(&name.to_lowercase()) || after.starts_with(&end);
    (!has_end).then_some(end)
}

/// Ends the tag whose `>` was just typed; the caret stays between.
fn close_tag(ctx: &Context, id: Id, text: &mut String) {
    let state = TextEditState::load(ctx, id);
    let Some(range) = state.and_then(|s| s.cursor.char_range()) else {
        return;
    };
    let at = range.primary.index.0;
    let at = byte(text, at);
    if let Some(end) = end_tag(&text[..at], &text[at..]) {
        text.insert_str(at, &end);
    }
}

/// Shows the source in `text`; the response says whether it changed.
pub(super) fn source_ui(ui: &mut Ui, id: Id, label: &str, text: &mut String) -> Response {
    let ends = |e: &Event| matches!(e, Event::Text(typed) if typed == ">");
    let ends = ui.input(|i| i.events.iter().any(ends));
    let mut layouter = |ui: &Ui, buffer: &dyn eframe::egui::TextBuffer, wrap: f32| {
        highlighted(ui, buffer.as_str(), wrap)
    };
    let margin = Margin::symmetric(11, 9);
    let edit = TextEdit::multiline(text)
        .id(id)
        .desired_width(f32::INFINITY)
        .desired_rows(2)
        .frame(Frame::NONE.inner_margin(margin))
        .layouter(&mut layouter);
    typed::leave_out_deleting_keys(ui, id);
    typed::page_keys(ui, id, ui.fonts_mut(|f| f.row_height(&font::mono())));
    let shown = typed::show(ui, edit);
    let name = t!("{field} HTML", field = label);
    ui.ctx().accesskit_node_builder(id, |n| n.set_label(name));
    if ends && shown.response.response.changed() {
        close_tag(ui.ctx(), id, text);
    }
    shown.response.response
}

fn highlighted(ui: &Ui, text: &str, wrap: f32) -> Arc<Galley> {
    let t = Tokens::of(ui);
    let format = |color| TextFormat {
        font_id: font::mono(),
        color,
        line_height: Some(19.0),
        ..Default::default()
    };
    let mut sections: Vec<LayoutSection> = spans(text)
        .into_iter()
        .map(|span| LayoutSection {
            leading_space: 0.0,
            byte_range: ByteIndex(span.range.start)..ByteIndex(span.range.end),
            format: format(match span.kind {
                SpanKind::Text => t.text,
                SpanKind::Tag => t.accent_text,
                SpanKind::Entity => t.hard,
                SpanKind::Comment => t.text3,
                SpanKind::Cloze => t.new,
                SpanKind::Atom => t.good,
            }),
        })
        .collect();
    if sections.is_empty() {
        sections.push(LayoutSection {
            leading_space: 0.0,
            byte_range: ByteIndex(0)..ByteIndex(0),
            format: format(t.text),
        });
    }
    let job = LayoutJob {
        text: text.to_owned(),
        sections,
        wrap: TextWrapping {
            max_width: wrap,
            ..Default::default()
        },
        keep_trailing_whitespace: true,
        ..Default::default()
    };
    typed::galley(ui, job, wrap, None)
}

#[cfg(test)]
mod tests {
    use super::end_tag;

    #[test]
    fn tags_that_have_an_end_get_it_once() {
        for (before, after, want) in [
            ("a <b>", "", Some("</b>")),
            ("<div class=\"x\">", "y", Some("</div>")),
            ("<b>", "</b>", None),
            ("<br>", "", None),
            ("<IMG src=x>", "", None),
            ("<b/>", "", None),
            ("x</b>", "", None),
            ("1 > 0 >", "", None),
            ("<>", "", None),
        ] {
            assert_eq!(end_tag(before, after).as_deref(), want, "{before}");
        }
    }
}
