//! The note types of the backup that are other ones now, part by part: the Explorer's answer also
//! where no note was changed.

use super::details::{legend, one_field};
use crate::domain::explorer::{Compared, NotetypeNow};
use crate::domain::notetype_diff::NotetypeDiff;
use crate::ui::context::UiContext;
use crate::ui::dialog_host::{Dialog, Flow};
use crate::ui::theme::{Tokens, font};
use crate::ui::widgets::button::Button;
use crate::ui::widgets::{Cut as _, dialog, row, surface, text};
use crate::{t, tn};
use eframe::egui::{Context, Id, Key, Modifiers, Rect, ScrollArea, Sense, Ui, UiBuilder, vec2};

const WIDTH: f32 = 760.0;
const HEIGHT: f32 = 400.0;
const LIST: f32 = 224.0;
const ROW: f32 = 44.0;

/// See the module header.
#[derive(Debug)]
pub struct NotetypeDiffDialog {
    differing: Vec<NotetypeDiff>,
    chosen: usize,
}

impl NotetypeDiffDialog {
    #[must_use]
    pub fn new(differing: Vec<NotetypeDiff>) -> Self {
        Self {
            differing,
            chosen: 0,
        }
    }

    fn content(&mut self, ui: &mut Ui) {
        let (_, mut pane) = ui.allocate_space(vec2(ui.available_width(), HEIGHT));
        let list = pane.cut_left(LIST);
        surface::card(ui, list);
        pane.cut_left(16.0);
        let last = self.differing.len().saturating_sub(1);
        for (key, to) in [
            (Key::ArrowUp, self.chosen.saturating_sub(1)),
            (Key::ArrowDown, self.chosen + 1),
        ] {
            if ui.input_mut(|i| i.consume_key(Modifiers::NONE, key)) {
                self.chosen = to.min(last);
            }
        }
        if let Some(n) = names(ui, list, &self.differing, self.chosen) {
            self.chosen = n;
        }
        if let Some(diff) = self.differing.get(self.chosen) {
            parts(ui, pane, diff);
        }
    }
}

impl Dialog for NotetypeDiffDialog {
    fn ui(&mut self, _cx: &UiContext<'_>, ctx: &Context, id: &str) -> Flow {
        let mut flow = Flow::Stay;
        let shown = dialog::show(ctx, id, WIDTH, |ui| {
            dialog::title(ui, t!("Note types that differ"));
            self.content(ui);
            let footer = dialog::footer(ui, vec![], vec![Button::new(t!("Close"))]);
            footer.focus_choice(0);
            if footer.chosen(0) {
                flow = Flow::Close;
            }
        });
        if shown.dismissed { Flow::Close } else { flow }
    }
}

fn facts(now: &NotetypeNow) -> String {
    match now {
        NotetypeNow::Same => String::new(),
        NotetypeNow::Gone => t!("not there any more").to_owned(),
        NotetypeNow::Changed(parts) => {
            tn!(parts.len() as u64, "{n} part differs", "{n} parts differ")
        }
    }
}

/// The list at the left; returns what was clicked.
fn names(ui: &mut Ui, r: Rect, differing: &[NotetypeDiff], chosen: usize) -> Option<usize> {
    let mut picked = None;
    let inner = r.shrink2(vec2(1.0, 5.0));
    let mut child = ui.new_child(UiBuilder::new().max_rect(inner).id_salt("note types"));
    child.set_clip_rect(inner.intersect(ui.clip_rect()));
    let count = differing.len();
    ScrollArea::vertical()
        .auto_shrink(false)
        .show_rows(&mut child, ROW, count, |ui, shown| {
            ui.spacing_mut().item_spacing.y = 0.0;
            for n in shown {
                let (_, line) = ui.allocate_space(vec2(inner.width(), ROW));
                let Some(diff) = differing.get(n) else {
                    continue;
                };
                let facts = facts(&diff.now);
                let spoken = format!("{}, {facts}", diff.name);
                let line = line.pad(5.0, 0.0);
                let salt = Id::unique(("note type differs", n));
                if row::place(ui, line, salt, &spoken, n == chosen).clicked() {
                    picked = Some(n);
                }
                row::two_lines(ui, line.pad(10.0, 0.0), &diff.name, &facts);
            }
        });
    picked
}

/// The parts at the right, then and now.
fn parts(ui: &mut Ui, r: Rect, diff: &NotetypeDiff) {
    let none: &[Compared] = &[];
    let parts = match &diff.now {
        NotetypeNow::Changed(parts) => parts,
        NotetypeNow::Gone | NotetypeNow::Same => none,
    };
    let (mut child, area) = dialog::scrolled(ui, r, "parts");
    area.id_salt(&diff.name).show(&mut child, |ui| {
        let t = Tokens::of(ui);
        let top = ui.min_rect().min;
        let mut side = Rect::from_min_size(top, vec2(r.width(), f32::INFINITY));
        for part in parts {
            one_field(ui, &mut side, part, false);
        }
        if parts.is_empty() {
            let words = t!(
                "Your collection has no such note type any more. It comes along with notes that \
                 are recovered."
            );
            let high = text::para_height(ui, side.width(), words, font::body());
            text::para(ui, side.cut_top(high), words, font::body(), t.text2);
        } else {
            legend(ui, &mut side);
        }
        let used = Rect::from_min_max(top, eframe::egui::pos2(side.max.x, side.min.y));
        ui.allocate_rect(used, Sense::hover());
    });
}
