//! An error that needs the user: what failed, why, what to do; Copy details at the left.

use crate::explain::UserMessage;
use crate::t;
use crate::ui::theme::{Tokens, font, sp};
use crate::ui::widgets::button::{Button, Kind};
use crate::ui::widgets::{dialog, ic, surface, text};
use eframe::egui::{Context, Id, Ui, pos2, vec2};

/// What the error says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ErrorBox {
    pub message: UserMessage,
    /// Under "What happened"; left out when empty.
    pub happened: String,
    /// The action that helps, as the filled button; none when empty.
    pub help: String,
    /// Another one, less likely, as a plain button; none when empty.
    pub otherwise: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorChoice {
    Close,
    /// The button named in `help`.
    Help,
    /// The button named in `otherwise`.
    Otherwise,
}

impl ErrorBox {
    #[must_use]
    pub fn new(message: UserMessage) -> Self {
        Self {
            message,
            happened: String::new(),
            help: String::new(),
            otherwise: String::new(),
        }
    }

    /// Everything, for a bug report.
    #[must_use]
    fn all_details(&self) -> String {
        let m = &self.message;
        [&m.what, &self.happened, &m.cause, &m.remedy, &m.details]
            .into_iter()
            .filter(|s| !s.is_empty())
            .cloned()
            .collect::<Vec<_>>()
            .join("\n")
    }

    /// Shows the error for this frame. Copy details leaves it open. It comes unasked: keys and
    /// clicks of its first moment were meant for what was there before.
    pub fn show(&self, ctx: &Context, id: &str) -> Option<ErrorChoice> {
        const UNSEEN_SECS: f64 = 0.4;
        let fresh = super::just_opened(ctx, id);
        let now = ctx.input(|i| i.time);
        let opened = Id::unique(("error opened", id));
        let since = ctx.data_mut(|d| {
            let before = d.get_temp(opened).filter(|_| !fresh);
            d.insert_temp(opened, before.unwrap_or(now));
            before.unwrap_or(now)
        });
        let shown = dialog::show(ctx, id, 520.0, |ui| {
            self.sections(ui);
            let mut choices = vec![Button::new(t!("Close"))];
            if !self.help.is_empty() {
                choices.push(Button::new(&self.help).kind(Kind::Primary));
            }
            let default = choices.len() - 1;
            let mut quiet = vec![Button::ghost(t!("Copy details"))];
            if !self.otherwise.is_empty() {
                quiet.push(Button::ghost(&self.otherwise));
            }
            let footer = dialog::footer(ui, quiet, choices);
            if fresh {
                footer.choices[default].request_focus();
            } else {
                footer.focus_choice(default);
            }
            if footer.quiet[0].clicked() {
                ui.ctx().copy_text(self.all_details());
            }
            if footer.quiet.get(1).is_some_and(|r| r.clicked()) {
                return Some(ErrorChoice::Otherwise);
            }
            match (footer.chosen(0), footer.chosen(1)) {
                (true, _) => Some(ErrorChoice::Close),
                (_, true) => Some(ErrorChoice::Help),
                _ => None,
            }
        });
        let dismissed = shown.dismissed.then_some(ErrorChoice::Close);
        let chosen = shown.inner.or(dismissed);
        chosen.filter(|_| now - since >= UNSEEN_SECS)
    }

    fn sections(&self, ui: &mut Ui) {
        let t = Tokens::of(ui);
        let top = ui.cursor().min;
        let c = pos2(top.x + 16.0, top.y + 14.0);
        surface::dot(ui, c, 16.0, t.danger_soft);
        text::icon(ui, c, ic::ERROR, 20.0, t.danger);
        ui.horizontal_top(|ui| {
            ui.add_space(44.0);
            ui.vertical(|ui| {
                ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
                ui.set_width(ui.available_width());
                dialog::title(ui, &self.message.what);
                let sections = [
                    (t!("What happened"), &self.happened),
                    (t!("Why"), &self.message.cause),
                    (t!("What to do"), &self.message.remedy),
                ];
                let mut first = true;
                for (heading, words) in sections {
                    if words.is_empty() {
                        continue;
                    }
                    if !first {
                        ui.add_space(10.0);
                    }
                    first = false;
                    text::paragraph_in(ui, heading, font::caption_strong(), t.text3);
                    text::paragraph_in(ui, words, font::body(), t.text);
                }
            });
        });
        ui.add_space(sp::XS);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn details_hold_every_line() {
        let e = ErrorBox {
            message: UserMessage {
                what: "Could not create the backup".into(),
                cause: "The disk is full.".into(),
                remedy: "Free some space.".into(),
                details: "DiskFull: /backups".into(),
                ..UserMessage::default()
            },
            ..ErrorBox::default()
        };
        assert_eq!(
            e.all_details(),
            "Could not create the backup\nThe disk is full.\nFree some space.\nDiskFull: /backups"
        );
    }
}
