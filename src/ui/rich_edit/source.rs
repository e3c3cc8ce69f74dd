//! The HTML view of a field: its source with colours, one undo history with the rich text.

use crate::field_html::{SpanKind, spans};
use crate::ui::theme::{Tokens, font};
use eframe::egui::text::{ByteIndex, LayoutJob, LayoutSection, TextFormat, TextWrapping};
use eframe::egui::{Frame, Galley, Id, Margin, Response, TextEdit, Ui};
use std::sync::Arc;

/// Shows the source in `text`; the response says whether it changed.
pub(super) fn source_ui(ui: &mut Ui, id: Id, label: &str, text: &mut String) -> Response {
    let mut layouter = |ui: &Ui, buffer: &dyn eframe::egui::TextBuffer, wrap: f32| {
        highlighted(ui, buffer.as_str(), wrap)
    };
    let margin = Margin::symmetric(11, 9);
    let shown = TextEdit::multiline(text)
        .id(id)
        .desired_width(f32::INFINITY)
        .desired_rows(2)
        .frame(Frame::NONE.inner_margin(margin))
        .layouter(&mut layouter)
        .show(ui);
    let name = format!("{label} HTML");
    ui.ctx().accesskit_node_builder(id, |n| n.set_label(name));
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
    ui.fonts_mut(|f| f.layout_job(job))
}
