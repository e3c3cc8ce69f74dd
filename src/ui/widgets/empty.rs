//! The empty state: an icon in a soft disc, a title, a line or two.

use super::surface::dot;
use super::text::{icon, label, para_aligned};
use crate::ui::theme::{Tokens, font};
use eframe::egui::{Align, Pos2, Rect, Ui, pos2, vec2};

/// Painted around `disc`, the disc's middle; returns the y below the last line.
pub fn place(ui: &Ui, disc: Pos2, glyph: &str, title: &str, lines: &[String]) -> f32 {
    let t = Tokens::of(ui);
    dot(ui, disc, 36.0, t.accent_soft);
    icon(ui, disc, glyph, 34.0, t.accent_text);
    let at = |y: f32| Rect::from_center_size(pos2(disc.x, y), vec2(560.0, 30.0));
    label(
        ui,
        at(disc.y + 66.0),
        Align::Center,
        title,
        font::title(),
        t.text,
    );
    let mut y = disc.y + 85.0;
    for line in lines {
        let r = Rect::from_min_size(pos2(disc.x - 280.0, y), vec2(560.0, 22.0));
        let used = para_aligned(ui, r, Align::Center, line, font::body(), t.text2);
        y = (used.max.y + 2.0).max(y + 22.0);
    }
    y
}
