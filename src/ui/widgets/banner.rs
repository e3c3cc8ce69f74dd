//! A banner under the top bar, for states that last and limit the program.

use super::button::{self, Button};
use super::cut::Cut;
use super::surface::fill;
use super::text::{icon, label};
use super::{Kind, icons as ic};
use crate::t;
use crate::ui::theme::{Tokens, font, radius, size};
use eframe::egui::{Align, Rect, Ui, pos2, vec2};

/// What was pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pressed {
    Action,
    Quiet,
    Close,
}

/// What may close a banner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closing {
    /// Its ✕.
    Freely,
    /// Only an answer.
    Answered,
}

/// A warning banner in `r` (52 high) with a button, a quiet one before it, and perhaps ✕.
pub fn warning(
    ui: &mut Ui,
    r: Rect,
    title: &str,
    line: &str,
    action: Option<(&'static str, &str)>,
    quiet: &str,
    closing: Closing,
) -> Option<Pressed> {
    let t = Tokens::of(ui);
    fill(ui, r, radius::CARD, t.warn_soft);
    icon(
        ui,
        pos2(r.min.x + 24.0, r.center().y),
        ic::HISTORY,
        20.0,
        t.warn,
    );
    let mut i = r.pad(0.0, 7.0);
    i.cut_left(44.0);
    let mut act = Rect::from_min_max(pos2(r.min.x, r.min.y), pos2(r.max.x - 10.0, r.max.y));
    let close = (closing == Closing::Freely).then(|| act.cut_right(32.0));
    let mut pressed = None;
    let action = action.map(|(glyph, words)| {
        let button = Button::new(words).icon(glyph).kind(Kind::Secondary);
        (button, Pressed::Action)
    });
    let quiet = (Button::ghost(quiet), Pressed::Quiet);
    for (button, does) in action.into_iter().chain([quiet]) {
        let w = button.wanted_width(ui);
        act.cut_right(4.0);
        let at = act.cut_right(w);
        let rect = Rect::from_min_size(
            pos2(at.min.x, r.center().y - size::CONTROL / 2.0),
            vec2(w, size::CONTROL),
        );
        i.max.x = rect.min.x - 12.0;
        if button.place(ui, rect).clicked() {
            pressed = Some(does);
        }
    }
    let top = i.cut_top(19.0);
    label(ui, top, Align::Min, title, font::strong(), t.text);
    label(ui, i, Align::Min, line, font::small(), t.text2);
    if let Some(close) = close {
        let x = Button::icon_only(ic::CLOSE, t!("Close the message"));
        if button::icon_at(ui, close.center(), x).clicked() {
            pressed = Some(Pressed::Close);
        }
    }
    pressed
}
