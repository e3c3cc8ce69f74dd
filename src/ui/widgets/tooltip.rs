//! Tooltips, with a key cap after the words when there is a key.

use super::surface::outline;
use super::text::{center, width};
use crate::ui::theme::{Tokens, font};
use eframe::egui;
use eframe::egui::{Align, Layout, Rect, Response, Sense, Ui, pos2, vec2};

/// Whether a dialog lies over what this is about: then it has no tooltip, also none that was open
/// when a key opened the dialog.
fn is_covered(response: &Response) -> bool {
    let layer = response.layer_id;
    !response.ctx.memory(|m| m.is_above_modal_layer(layer))
}

/// Words and, if given, the key in a cap.
pub fn with_key(response: Response, words: &str, key: Option<&str>) -> Response {
    if is_covered(&response) {
        return response;
    }
    let Some(key) = key else {
        return response.on_hover_text(words).on_disabled_hover_text(words);
    };
    response.on_hover_ui(|ui| {
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            let t = Tokens::of(ui);
            ui.label(egui::RichText::new(words).font(font::small()).color(t.text));
            cap(ui, key);
        });
    })
}

/// A key cap in a `Ui`.
pub fn cap(ui: &mut Ui, key: &str) -> Response {
    let w = (width(ui, key, font::caption()) + 10.0).ceil().max(18.0);
    let (r, response) = ui.allocate_exact_size(vec2(w, 18.0), Sense::hover());
    cap_at(ui, pos2(r.min.x, r.center().y), key);
    response
}

/// A key cap with its left middle at `p`.
pub fn cap_at(ui: &Ui, p: egui::Pos2, key: &str) -> Rect {
    let t = Tokens::of(ui);
    let w = width(ui, key, font::caption());
    let r = Rect::from_min_size(
        pos2(p.x, p.y - 9.0),
        vec2((w + 10.0).ceil().max(18.0), 18.0),
    );
    outline(ui, r, 4, t.border_strong);
    center(ui, r, key, font::caption(), t.text2);
    r
}
