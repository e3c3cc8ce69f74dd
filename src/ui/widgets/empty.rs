//! The empty state: an icon in a soft disc, a title, a line or two.

use super::surface::dot;
use super::text::{heading, icon, para_aligned};
use crate::ui::theme::{Tokens, font};
use eframe::egui::{Align, Pos2, Rect, Ui, pos2, vec2};

/// Longer lines would be hard to read.
const WIDEST: f32 = 560.0;

/// Painted around `disc`, the disc's middle, in `width`; returns the y below the last line.
pub fn place(ui: &Ui, disc: Pos2, width: f32, glyph: &str, title: &str, lines: &[String]) -> f32 {
    let t = Tokens::of(ui);
    dot(ui, disc, 36.0, t.accent_soft);
    icon(ui, disc, glyph, 34.0, t.accent_text);
    words(ui, disc + vec2(0.0, 51.0), width, title, lines)
}

/// Only the title and the lines, from their middle at the `top`: where there is no room for more.
pub fn words(ui: &Ui, top: Pos2, width: f32, title: &str, lines: &[String]) -> f32 {
    let t = Tokens::of(ui);
    let wide = (width - 16.0).min(WIDEST);
    let line =
        |y: f32, high: f32| Rect::from_min_size(pos2(top.x - wide / 2.0, y), vec2(wide, high));
    let r = line(top.y, 30.0);
    heading(ui, r, Align::Center, title, font::title(), t.text);
    let mut y = top.y + 34.0;
    for words in lines {
        let r = line(y, 22.0);
        let used = para_aligned(ui, r, Align::Center, words, font::body(), t.text2);
        y = (used.max.y + 2.0).max(y + 22.0);
    }
    y
}
