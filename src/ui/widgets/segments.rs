//! A choice of a few that are all seen: one track, the chosen one raised.

use super::surface::{fill, focus_ring_inside, outline};
use super::text::{center, width};
use crate::t;
use crate::ui::theme::{Tokens, font, radius, size};
use eframe::egui::accesskit::Role;
use eframe::egui::{Rect, Sense, Ui, WidgetInfo, pos2, vec2};

const HEIGHT: f32 = size::CONTROL;

/// Width that the choices need.
pub fn wanted_width(ui: &Ui, choices: &[&str]) -> f32 {
    segment_width(ui, choices) * choices.len() as f32 + 4.0
}

fn segment_width(ui: &Ui, choices: &[&str]) -> f32 {
    let widest = choices
        .iter()
        .map(|words| width(ui, words, font::small_strong()))
        .fold(0.0, f32::max);
    (widest + 22.0).ceil().max(56.0)
}

/// [`place`] at the right end of `r`, which ends `gap` before it then.
pub fn cut_end(
    ui: &Ui,
    r: &mut Rect,
    gap: f32,
    name: &str,
    choices: &[&str],
    chosen: usize,
) -> Option<usize> {
    let made = place(ui, r.max.x, r.center().y, name, choices, chosen);
    r.max.x -= wanted_width(ui, choices) + gap;
    made
}

/// Drawn with its right end at `right`, vertically centred at `y`. Returns the choice that was
/// just made. `name` goes before the words for screen readers when it is not empty.
pub fn place(
    ui: &Ui,
    right: f32,
    y: f32,
    name: &str,
    choices: &[&str],
    chosen: usize,
) -> Option<usize> {
    let widths = vec![segment_width(ui, choices); choices.len()];
    paint(ui, right, y, name, choices, widths, chosen)
}

/// As [`place`], each choice only as wide as its words: in rows that have little room.
pub fn place_close(
    ui: &Ui,
    right: f32,
    y: f32,
    name: &str,
    choices: &[&str],
    chosen: usize,
) -> Option<usize> {
    paint(
        ui,
        right,
        y,
        name,
        choices,
        close_widths(ui, choices),
        chosen,
    )
}

/// Width that the choices need in [`place_close`].
pub fn close_width(ui: &Ui, choices: &[&str]) -> f32 {
    close_widths(ui, choices).iter().sum::<f32>() + 4.0
}

fn close_widths(ui: &Ui, choices: &[&str]) -> Vec<f32> {
    let wide = |words: &&str| width(ui, words, font::small_strong()).ceil() + 24.0;
    choices.iter().map(wide).collect()
}

fn paint(
    ui: &Ui,
    right: f32,
    y: f32,
    name: &str,
    choices: &[&str],
    widths: Vec<f32>,
    chosen: usize,
) -> Option<usize> {
    let t = Tokens::of(ui);
    let all = widths.iter().sum::<f32>() + 4.0;
    let track = Rect::from_min_size(
        pos2((right - all).round(), (y - HEIGHT / 2.0).round()),
        vec2(all, HEIGHT),
    );
    fill(ui, track, radius::SELECTION, t.pressed);
    let mut made = None;
    let mut x = track.min.x + 2.0;
    for (n, (words, w)) in choices.iter().zip(widths).enumerate() {
        let r = Rect::from_min_size(pos2(x, track.min.y + 2.0), vec2(w, HEIGHT - 4.0));
        x += w;
        let id = ui.make_persistent_id(("segment", name, words));
        let response = ui.interact(r, id, Sense::click());
        let label = if name.is_empty() {
            (*words).to_owned()
        } else {
            t!("{row}: {option}", row = name, option = words)
        };
        response.widget_info(|| {
            WidgetInfo::selected(Role::RadioButton, ui.is_enabled(), n == chosen, &label)
        });
        if n == chosen {
            fill(
                ui,
                r,
                radius::CHIP,
                if t.dark { t.border_strong } else { t.surface },
            );
            if !t.dark {
                outline(ui, r, radius::CHIP, t.border);
            }
        } else if response.hovered() {
            fill(ui, r, radius::CHIP, t.hover);
        }
        if response.has_focus() {
            focus_ring_inside(ui, r, radius::CHIP);
        }
        let color = if n == chosen { t.text } else { t.text2 };
        center(ui, r, words, font::small_strong(), color);
        if response.clicked() && n != chosen {
            made = Some(n);
        }
    }
    made
}
