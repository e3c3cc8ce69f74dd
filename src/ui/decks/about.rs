//! Help > About: version, licences, and what a bug report needs.

use crate::t;
use crate::ui::action::Action;
use crate::ui::context::UiContext;
use crate::ui::dialog_host::{Dialog, Flow};
use crate::ui::software::Graphics;
use crate::ui::theme::sp;
use crate::ui::widgets::button::Button;
use crate::ui::widgets::{dialog, text};
use eframe::egui::Context;
use std::path::Path;

#[derive(Debug)]
pub struct About {
    base: String,
    graphics: Option<Graphics>,
}

impl About {
    #[must_use]
    pub fn new(base: &Path, graphics: Option<Graphics>) -> Self {
        Self {
            base: base.display().to_string(),
            graphics,
        }
    }

    /// What draws the window, where that is known.
    fn graphics(&self) -> Option<String> {
        let Graphics {
            renderer,
            is_software,
        } = self.graphics.as_ref()?;
        Some(match is_software {
            true => t!("Graphics: {renderer}, painted by Engram", renderer),
            false => t!("Graphics: {renderer}, painted by OpenGL", renderer),
        })
    }

    /// In English: whoever gets a report reads it.
    fn debug_info(&self) -> String {
        let graphics = self.graphics.as_ref().map(|graphics| {
            let painter = match graphics.is_software {
                true => "Engram",
                false => "OpenGL",
            };
            format!("\nGraphics: {}, painted by {painter}", graphics.renderer)
        });
        format!(
            "Engram {} on {} ({})\nData folder: {}{}",
            env!("CARGO_PKG_VERSION"),
            std::env::consts::OS,
            std::env::consts::ARCH,
            self.base,
            graphics.unwrap_or_default()
        )
    }
}

impl Dialog for About {
    fn ui(&mut self, cx: &UiContext<'_>, ctx: &Context, id: &str) -> Flow {
        let shown = dialog::show(ctx, id, 480.0, |ui| {
            dialog::title(ui, concat!("Engram ", env!("CARGO_PKG_VERSION")));
            text::paragraph(
                ui,
                t!(
                    "Flashcards on Anki’s own data, with backups that are verified before they count."
                ),
            );
            ui.add_space(sp::M);
            text::paragraph(
                ui,
                t!(
                    "Free software under the MIT or Apache 2.0 licence. Interface type: Inter \
                     (OFL 1.1). Icons: Material Symbols (Apache 2.0). Not affiliated with Anki."
                ),
            );
            ui.add_space(sp::M);
            text::paragraph(ui, &t!("Data folder: {folder}", folder = self.base));
            if let Some(graphics) = self.graphics() {
                text::paragraph(ui, &graphics);
            }
            let footer = dialog::footer(
                ui,
                vec![Button::ghost(t!("Copy debug info"))],
                vec![Button::new(t!("Close"))],
            );
            if footer.quiet.first().is_some_and(|b| b.clicked()) {
                cx.send(Action::Copy(self.debug_info()));
                cx.toast(t!("Debug info copied"));
            }
            footer.focus_choice(0);
            footer.chosen(0)
        });
        Flow::close_if(shown.inner || shown.dismissed)
    }
}
