//! A choice of a few that are all seen: one track, the chosen one raised.

use super::surface::{fill, focus_ring_inside, outline};
use super::text::{center, width};
use crate::ui::theme::{Tokens, font, radius};
use eframe::egui::accesskit::Role;
use eframe::egui::{Rect, Sense, Ui, WidgetInfo, pos2, vec2};

const HEIGHT: f32 = 32.0;

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
    let t = Tokens::of(ui);
    let w = segment_width(ui, choices);
    let track = Rect::from_min_size(
        pos2(
            (right - wanted_width(ui, choices)).round(),
            (y - HEIGHT / 2.0).round(),
        ),
        vec2(wanted_width(ui, choices), HEIGHT),
    );
    fill(ui, track, radius::SELECTION, t.pressed);
    let mut made = None;
    for (n, words) in choices.iter().enumerate() {
        let r = Rect::from_min_size(
            pos2(track.min.x + 2.0 + n as f32 * w, track.min.y + 2.0),
            vec2(w, HEIGHT - 4.0),
        );
        let id = ui.make_persistent_id(("segment", name, words));
        let response = ui.interact(r, id, Sense::click());
        let label = if name.is_empty() {
            (*words).to_owned()
        } else {
            format!("{name}: {words}")
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
