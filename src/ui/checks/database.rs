//! What Check Database found, and mended or not.

use crate::service::event::Problem;
use crate::service::request::Request;
use crate::t;
use crate::ui::action::Action;
use crate::ui::context::UiContext;
use crate::ui::dialog_host::{Dialog, Flow};
use crate::ui::notifications::Toast;
use crate::ui::theme::{Tokens, font, sp};
use crate::ui::widgets::button::Button;
use crate::ui::widgets::{dialog, text};
use eframe::egui::{Context, ScrollArea};

/// What follows a check.
#[must_use]
pub fn checked(problems: &[Problem], mended: bool) -> Action {
    if !problems.is_empty() {
        return Action::Open(Box::new(Report {
            lines: problems.iter().map(|p| p.text.clone()).collect(),
            mended,
        }));
    }
    Action::Toast(if mended {
        Toast::new(t!("Database checked: everything is in order"))
    } else {
        Toast::new(t!("Nothing to repair; nothing was changed"))
    })
}

struct Report {
    lines: Vec<String>,
    mended: bool,
}

impl Dialog for Report {
    fn ui(&mut self, cx: &UiContext<'_>, ctx: &Context, id: &str) -> Flow {
        let shown = dialog::show(ctx, id, 520.0, |ui| {
            let t = Tokens::of(ui);
            let (title, words) = if self.mended {
                (
                    t!("Database checked and mended"),
                    t!("A verified backup of the state before was made. This was changed:"),
                )
            } else {
                (
                    t!("Database checked, not repaired"),
                    t!("Nothing was changed. Repair makes a verified backup, then mends this:"),
                )
            };
            dialog::title(ui, title);
            text::paragraph(ui, words);
            ui.add_space(sp::M);
            ScrollArea::vertical().max_height(240.0).show(ui, |ui| {
                for line in &self.lines {
                    text::paragraph_in(ui, &format!("•  {line}"), font::body(), t.text);
                }
            });
            let mut choices = vec![Button::new(t!("Close"))];
            if !self.mended {
                choices.push(Button::primary(t!("Repair")));
            }
            let footer = dialog::footer(ui, vec![Button::ghost(t!("Copy details"))], choices);
            if footer.quiet.first().is_some_and(|b| b.clicked()) {
                cx.send(Action::Copy(self.lines.join("\n")));
            }
            footer.focus_choice(0);
            if footer.chosen(1) {
                cx.ask(Request::CheckDatabase);
            }
            footer.chosen(0) || footer.chosen(1)
        });
        Flow::close_if(shown.inner || shown.dismissed)
    }
}
