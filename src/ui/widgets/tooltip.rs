//! Tooltips, with a key cap after the words when there is a key. All of them come from here:
//! egui's own would stay over a dialog that a key opened (`clippy.toml` bans them by name).

#![expect(
    clippy::disallowed_methods,
    reason = "the one place that asks egui for tooltips"
)]

use super::bidi;
use super::surface::outline;
use super::text::{self, center, width};
use crate::ui::keys;
use crate::ui::theme::{Tokens, font};
use eframe::egui;
use eframe::egui::accesskit::Role;
use eframe::egui::text::{LayoutJob, TextFormat};
use eframe::egui::{Align, Frame, Layout, Margin, Rect, Response, RichText, Sense, Ui, pos2, vec2};

/// Whether a dialog lies over what this is about: then it has no tooltip, also none that was open
/// when a key opened the dialog.
fn is_covered(response: &Response) -> bool {
    let layer = response.layer_id;
    !response.ctx.memory(|m| m.is_above_modal_layer(layer))
}

/// Words below the control, also when it is disabled.
pub fn words(response: Response, words: &str) -> Response {
    if is_covered(&response) {
        return response;
    }
    let shown = |ui: &mut Ui| padded(ui, |ui| paragraph(ui, words));
    described(response, words)
        .on_hover_ui(shown)
        .on_disabled_hover_ui(shown)
}

/// Words beside the pointer, for what is large.
pub fn words_at_pointer(response: Response, words: &str) -> Response {
    if is_covered(&response) {
        return response;
    }
    described(response, words).on_hover_ui_at_pointer(|ui| padded(ui, |ui| paragraph(ui, words)))
}

/// Room around what is said, besides that of all popups.
fn padded(ui: &mut Ui, content: impl FnOnce(&mut Ui)) {
    let frame = Frame::NONE.inner_margin(Margin::symmetric(4, 2));
    frame.show(ui, content);
}

fn paragraph(ui: &mut Ui, words: &str) {
    let width = ui.spacing().tooltip_width;
    ui.set_max_width(width);
    if !bidi::has_right_to_left(words) {
        ui.label(RichText::new(words).font(font::small()));
        return;
    }
    let format = TextFormat::simple(font::small(), ui.visuals().text_color());
    let mut job = LayoutJob::single_section(words.to_owned(), format);
    job.wrap.max_width = width;
    text::right_to_left(ui, job, 0.0);
}

/// As egui does with words that it shows itself: screen readers say them after the name, or in
/// place of one.
fn described(response: Response, words: &str) -> Response {
    let (ctx, id) = (&response.ctx, response.id);
    if ctx.has_accesskit_node(id) {
        ctx.accesskit_node_builder(id, |node| {
            if node.description().is_none() {
                node.set_description(words);
            }
            // A label is named by its value.
            let is_named = node.role() == Role::Label || !node.labelled_by().is_empty();
            if !is_named && node.label().is_none_or(str::is_empty) {
                node.set_label(words);
            }
        });
    }
    response
}

/// What `content` draws, beside the pointer.
pub fn drawn_at_pointer(response: Response, content: impl FnOnce(&mut Ui)) -> Response {
    if is_covered(&response) {
        return response;
    }
    response.on_hover_ui_at_pointer(|ui| padded(ui, content))
}

/// Words and, if given, the key in a cap.
pub fn with_key(response: Response, tip: &str, key: Option<&str>) -> Response {
    let Some(key) = key else {
        return words(response, tip);
    };
    if is_covered(&response) {
        return response;
    }
    described(response, tip).on_hover_ui(|ui| {
        padded(ui, |ui| {
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let t = Tokens::of(ui);
                ui.label(RichText::new(tip).font(font::small()).color(t.text));
                cap(ui, key);
            });
        });
    })
}

/// A key cap in a `Ui`.
pub fn cap(ui: &mut Ui, key: &str) -> Response {
    let key = &keys::named(key);
    let w = (width(ui, key, font::caption()) + 10.0).ceil().max(18.0);
    let (r, response) = ui.allocate_exact_size(vec2(w, 18.0), Sense::hover());
    cap_at(ui, pos2(r.min.x, r.center().y), key);
    response
}

/// A key cap with its left middle at `p`.
fn cap_at(ui: &Ui, p: egui::Pos2, key: &str) -> Rect {
    let t = Tokens::of(ui);
    let key = &keys::named(key);
    let w = width(ui, key, font::caption());
    let r = Rect::from_min_size(
        pos2(p.x, p.y - 9.0),
        vec2((w + 10.0).ceil().max(18.0), 18.0),
    );
    outline(ui, r, 4, t.border_strong);
    center(ui, r, key, font::caption(), t.text2);
    r
}
