//! The quiet list under a field with what its text may become. The field keeps the keyboard; keys
//! and what is taken are the screen's.

use super::surface::{fill, outline};
use super::text::{left, path, right, width};
use super::{Cut, row};
use crate::ui::theme::{Tokens, font, radius, size, sp};
use eframe::egui::{Area, EventFilter, Id, LayerId, Order, Rect, Sense, Ui, pos2, vec2};

/// What is offered, and what is said of it at the right (empty for nothing).
pub type Offer<'a> = (&'a str, &'a str);

/// Under narrower fields the list is wider than they are, where the window has room.
const LEAST: f32 = 320.0;

/// Draws the list as wide as the field, but no wider than `widest`; `chosen` counts from 1, 0 is
/// none of them. Says where it stands, and which one, counted from 0, is clicked.
pub fn show(
    ui: &Ui,
    id: Id,
    field: Rect,
    widest: f32,
    offers: &[Offer<'_>],
    chosen: usize,
) -> (Rect, Option<usize>) {
    let t = Tokens::of(ui);
    let tall = offers.len() as f32 * size::ROW + 12.0;
    // Above the field where the window ends below it.
    let window = ui.ctx().content_rect();
    let below = field.max.y + 4.0;
    let top = if below + tall > window.max.y {
        field.min.y - 4.0 - tall
    } else {
        below
    };
    let room = window.max.x - 8.0 - field.min.x;
    let wide = field.width().max(LEAST.min(room)).min(widest);
    let list = Rect::from_min_size(pos2(field.min.x, top), vec2(wide, tall));
    let mut pressed = None;
    let area = id.with("list");
    // Above the dialog that the field is in.
    ui.ctx().move_to_top(LayerId::new(Order::Foreground, area));
    Area::new(area)
        .order(Order::Foreground)
        .fixed_pos(list.min)
        .show(ui.ctx(), |ui| {
            ui.allocate_rect(list, Sense::hover());
            ui.painter()
                .add(t.shadow_menu().as_shape(list, radius::MENU));
            fill(ui, list, radius::MENU, t.raised);
            outline(ui, list, radius::MENU, t.border);
            let mut rest = list.pad(6.0, 6.0);
            for (n, offer) in offers.iter().enumerate() {
                let r = rest.cut_top(size::ROW);
                let salt = ui.scope_id().with((n, offer.0));
                // No stop of the Tab key: the list goes when the field is left.
                let is_chosen = n + 1 == chosen;
                let response = row::sensed(ui, r, salt, offer.0, is_chosen, Sense::CLICK);
                paint(ui, r.pad(sp::S, 0.0), *offer);
                // Not before the button is let go: that takes the keyboard from the field.
                if response.clicked() {
                    pressed = Some(n);
                }
            }
        });
    (list, pressed)
}

/// Tab, and Esc if `escape`, are the list's: the field keeps the keyboard. With Shift, Tab leads
/// back as ever. Called each frame, after the field was drawn.
pub fn hold_keys(ui: &Ui, field: Id, tab: bool, escape: bool) {
    let filter = EventFilter {
        tab: tab && !ui.input(|i| i.modifiers.shift),
        horizontal_arrows: true,
        vertical_arrows: true,
        escape,
    };
    ui.memory_mut(|m| m.set_focus_lock_filter(field, filter));
}

fn paint(ui: &Ui, mut r: Rect, (words, about): Offer<'_>) {
    let t = Tokens::of(ui);
    if !about.is_empty() {
        let wide = width(ui, about, font::small()).min(r.width() * 0.6).ceil();
        right(ui, r.cut_right(wide), about, font::small(), t.text3);
        r.cut_right(sp::M);
    }
    let f = font::body();
    let words = path(ui, words, "::", r.width(), &f);
    left(ui, r, &words, f, t.text);
}
