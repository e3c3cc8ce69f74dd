//! The export dialog: what goes into the package, then where it is written.

use super::model::{self, ExportChoice};
use crate::service::request::{PackageRequest, Request};
use crate::ui::action::Action;
use crate::ui::context::UiContext;
use crate::ui::dialog_host::{Dialog, Flow};
use crate::ui::environment::FileAsk;
use crate::ui::theme::{Tokens, font, sp};
use crate::ui::widgets::button::{Button, Kind};
use crate::ui::widgets::{check, dialog, text};
use eframe::egui::{Context, Ui};

/// See the module header.
#[derive(Debug, Default)]
pub struct ExportDialog {
    choice: ExportChoice,
    focused: bool,
}

impl Dialog for ExportDialog {
    fn ui(&mut self, cx: &UiContext<'_>, ctx: &Context, id: &str) -> Flow {
        let shown = dialog::show(ctx, id, 480.0, |ui| {
            dialog::title(ui, "Export your collection");
            text::paragraph(
                ui,
                "All decks, cards, reviews and settings in one file, an Anki collection package \
                 (.colpkg). Anki and Engram can import it.",
            );
            ui.add_space(14.0);
            let media = &mut self.choice.media;
            option(ui, media, "Include sounds and pictures", "");
            option(
                ui,
                &mut self.choice.legacy,
                "Support older Anki versions",
                "For Anki before 2.1.50. Slower, and the file is larger.",
            );
            let choices = vec![
                Button::new("Cancel"),
                Button::new("Export…").kind(Kind::Primary),
            ];
            let footer = dialog::footer(ui, vec![], choices);
            if !std::mem::replace(&mut self.focused, true) {
                footer.choices[1].request_focus();
            }
            footer.focus_choice(1);
            (footer.chosen(0), footer.chosen(1))
        });
        let (cancel, export) = shown.inner;
        if export {
            self.ask_where(cx);
        }
        if cancel || export || shown.dismissed {
            Flow::Close
        } else {
            Flow::Stay
        }
    }
}

impl ExportDialog {
    fn ask_where(&self, cx: &UiContext<'_>) {
        let ExportChoice { media, legacy } = self.choice;
        let name = model::export_name(&cx.clock.local(cx.now));
        let ask = FileAsk::save("Export collection", &name)
            .filter("Anki collection package", &["colpkg"]);
        cx.pick_file(ask, move |path| {
            Action::Ask(Request::Package(PackageRequest::ExportCollection {
                out: model::with_ending(path),
                media,
                legacy,
            }))
        });
    }
}

/// A check box with a line under it.
fn option(ui: &mut Ui, on: &mut bool, label: &str, below: &str) {
    check::checkbox(ui, on, label);
    if below.is_empty() {
        ui.add_space(sp::XS);
        return;
    }
    let t = Tokens::of(ui);
    ui.horizontal(|ui| {
        ui.add_space(24.0);
        text::paragraph_in(ui, below, font::small(), t.text2);
    });
}
