//! What Check Database found and mended.

use crate::service::event::Problem;
use crate::ui::action::Action;
use crate::ui::context::UiContext;
use crate::ui::dialog_host::{Dialog, Flow};
use crate::ui::theme::{Tokens, font, sp};
use crate::ui::widgets::button::Button;
use crate::ui::widgets::{dialog, text};
use eframe::egui::{Context, ScrollArea};

#[derive(Debug)]
pub struct CheckReport {
    lines: Vec<String>,
}

impl CheckReport {
    #[must_use]
    pub fn new(problems: &[Problem]) -> Self {
        Self {
            lines: problems.iter().map(|p| p.text.clone()).collect(),
        }
    }
}

impl Dialog for CheckReport {
    fn ui(&mut self, cx: &UiContext<'_>, ctx: &Context, id: &str) -> Flow {
        let shown = dialog::show(ctx, id, 520.0, |ui| {
            let t = Tokens::of(ui);
            dialog::title(ui, "Database checked and mended");
            text::paragraph(
                ui,
                "A verified backup of the state before was made. This was changed:",
            );
            ui.add_space(sp::M);
            ScrollArea::vertical().max_height(240.0).show(ui, |ui| {
                for line in &self.lines {
                    text::paragraph_in(ui, &format!("•  {line}"), font::body(), t.text);
                }
            });
            let footer = dialog::footer(
                ui,
                vec![Button::ghost("Copy details")],
                vec![Button::new("Close")],
            );
            if footer.quiet.first().is_some_and(|b| b.clicked()) {
                cx.send(Action::Copy(self.lines.join("\n")));
            }
            footer.focus_choice(0);
            footer.chosen(0)
        });
        if shown.inner || shown.dismissed {
            Flow::Close
        } else {
            Flow::Stay
        }
    }
}
