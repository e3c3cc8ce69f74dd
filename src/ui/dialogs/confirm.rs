//! A question with two answers.

use crate::ui::theme::{Tokens, font, size, sp};
use crate::ui::widgets::button::{Button, Kind};
use crate::ui::widgets::cut::Cut as _;
use crate::ui::widgets::{dialog, ic, surface, text};
use eframe::egui::{Align, Context, Ui, pos2, vec2};

/// How much the action takes away; decides colours, focus and what Enter means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Weight {
    /// Takes nothing away: the action is the filled button and has the focus.
    #[default]
    Harmless,
    /// Removes something: filled red, Cancel has the focus.
    Destructive,
    /// Replaces the collection: red words, not filled, "No" has the focus.
    Replace,
}

/// What the question says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Confirm {
    /// The question, with the name of the thing.
    pub title: String,
    /// What is lost, with numbers, then how to get it back.
    pub body: String,
    /// What keeps it safe, in a green strip; empty for none.
    pub assurance: String,
    /// "Cancel", "No".
    pub cancel: String,
    /// The name of the action: "Delete deck".
    pub action: String,
    pub weight: Weight,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    Cancel,
    Yes,
}

impl Confirm {
    /// Shows the question for this frame; `id` tells questions apart.
    pub fn show(&self, ctx: &Context, id: &str) -> Option<Choice> {
        let width = match self.weight {
            Weight::Replace => 500.0,
            _ => 480.0,
        };
        let fresh = super::just_opened(ctx, id);
        let shown = dialog::show(ctx, id, width, |ui| {
            dialog::title(ui, &self.title);
            text::paragraph(ui, &self.body);
            if !self.assurance.is_empty() {
                ui.add_space(14.0);
                strip(ui, &self.assurance);
            }
            let action = match self.weight {
                Weight::Harmless => Kind::Primary,
                Weight::Destructive => Kind::Danger,
                Weight::Replace => Kind::DangerQuiet,
            };
            let choices = vec![
                Button::new(&self.cancel),
                Button::new(&self.action).kind(action),
            ];
            let footer = dialog::footer(ui, vec![], choices);
            let default = usize::from(self.weight == Weight::Harmless);
            if fresh {
                footer.choices[default].request_focus();
            } else {
                footer.focus_choice(default);
            }
            match (footer.chosen(0), footer.chosen(1)) {
                (true, _) => Some(Choice::Cancel),
                (_, true) => Some(Choice::Yes),
                _ => None,
            }
        });
        shown
            .inner
            .or_else(|| shown.dismissed.then_some(Choice::Cancel))
    }
}

/// The green strip that says what keeps things safe.
fn strip(ui: &mut Ui, words: &str) {
    let t = Tokens::of(ui);
    let wide = ui.available_width();
    let lines = text::para_height(ui, wide - 52.0, words, font::small());
    let (_, r) = ui.allocate_space(vec2(wide, (lines + 24.0).max(size::CONTROL_LARGE)));
    surface::fill(ui, r, 9, t.ok_soft);
    let c = pos2(r.min.x + 20.0, r.center().y);
    text::icon_filled(ui, c, ic::CHECK_CIRCLE, size::ICON, t.ok);
    let mut inner = r;
    inner.cut_left(38.0);
    inner.max.x -= sp::M;
    if lines > 20.0 {
        inner.min.y = (r.center().y - lines / 2.0).round();
        text::para(ui, inner, words, font::small(), t.text);
    } else {
        text::label(ui, inner, Align::Min, words, font::small(), t.text);
    }
}
