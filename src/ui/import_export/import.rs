//! The import dialog of a deck package: options, and what would change with them, worked out by the
//! worker before anything is written.

use super::export::{named, option};
use super::model;
use crate::domain::package::{ImportOptions, ImportReport, UpdateRule};
use crate::service::event::{Event, PackageEvent};
use crate::service::request::{PackageRequest, Request};
use crate::t;
use crate::ui::context::UiContext;
use crate::ui::dialog_host::{Dialog, Flow};
use crate::ui::theme::{Tokens, font, sp};
use crate::ui::widgets::button::{Button, Kind};
use crate::ui::widgets::{dialog, field, surface, text};
use eframe::egui::{Context, Ui};
use std::path::PathBuf;

const WIDTH: f32 = 540.0;
/// Lines of the plan that are always there, so that the dialog does not jump.
const LINES: usize = 4;

fn rules() -> [(UpdateRule, &'static str); 3] {
    [
        (UpdateRule::IfNewer, t!("If newer")),
        (UpdateRule::Always, t!("Always")),
        (UpdateRule::Never, t!("Never")),
    ]
}

/// See the module header.
#[derive(Debug)]
pub struct ImportDialog {
    file: PathBuf,
    options: ImportOptions,
    /// What `options` would do; None while it is being worked out.
    plan: Option<Box<ImportReport>>,
    /// What the worker is asked; the options may have changed since.
    asked: Option<Option<ImportOptions>>,
    started: bool,
}

impl ImportDialog {
    #[must_use]
    pub fn new(file: PathBuf) -> Self {
        Self {
            file,
            options: ImportOptions::default(),
            plan: None,
            asked: None,
            started: false,
        }
    }

    /// The plan of the present options, one question at a time.
    fn ask(&mut self, cx: &UiContext<'_>) {
        if self.plan.is_some() || self.asked.is_some() {
            return;
        }
        let options = std::mem::replace(&mut self.started, true).then_some(self.options);
        self.asked = Some(options);
        cx.ask(Request::Package(PackageRequest::PlanImport {
            file: self.file.clone(),
            options,
        }));
    }

    fn choices(&mut self, ui: &mut Ui) {
        let before = self.options;
        let o = &mut self.options;
        option(
            ui,
            &mut o.along.scheduling,
            t!("Import any learning progress"),
            "",
        );
        option(ui, &mut o.along.presets, t!("Import any deck presets"), "");
        ui.add_space(sp::M);
        let t = Tokens::of(ui);
        text::paragraph_in(ui, t!("Updates"), font::strong(), t.text);
        ui.add_space(sp::S);
        option(
            ui,
            &mut o.merge_notetypes,
            t!("Merge note types"),
            t!("Fields and templates of both versions are kept. The next sync is one-way."),
        );
        ui.add_space(sp::XS);
        let rows = [
            (t!("Update notes"), &mut o.update_notes),
            (t!("Update note types"), &mut o.update_notetypes),
        ];
        for (name, rule) in rows {
            named(ui, name, |ui, width| {
                field::combo(ui, name, width.min(160.0), rule, &rules());
            });
        }
        if self.options != before {
            self.plan = None;
        }
    }
}

impl Dialog for ImportDialog {
    fn ui(&mut self, cx: &UiContext<'_>, ctx: &Context, id: &str) -> Flow {
        self.ask(cx);
        let shown = dialog::show(ctx, id, WIDTH, |ui| {
            let by_key = self.plan.is_some() && dialog::take_ctrl_enter(ui);
            dialog::title(
                ui,
                &t!("Import “{file}”", file = model::file_name(&self.file)),
            );
            plan_sheet(ui, self.plan.as_deref(), LINES);
            ui.add_space(sp::M);
            // What was chosen last is not known before the first plan.
            if self.started && !(self.plan.is_none() && self.asked == Some(None)) {
                self.choices(ui);
            }
            let import = Button::new(t!("Import"))
                .kind(Kind::Primary)
                .enabled(self.plan.is_some());
            let footer = dialog::footer(ui, vec![], vec![Button::new(t!("Cancel")), import]);
            footer.focus_choice(1);
            (footer.chosen(0), footer.chosen(1) || by_key)
        });
        let (cancel, import) = shown.inner;
        if import {
            cx.ask(Request::Package(PackageRequest::ImportPackage {
                file: self.file.clone(),
                options: self.options,
            }));
        }
        Flow::close_if(cancel || import || shown.dismissed)
    }

    fn on_event(&mut self, event: &Event) -> Flow {
        match event {
            Event::Package(PackageEvent::Planned {
                file,
                options,
                report,
            }) if *file == self.file => {
                let first = self.asked == Some(None);
                self.asked = None;
                if first {
                    self.options = *options;
                }
                if *options == self.options {
                    self.plan = Some(report.clone());
                }
                Flow::Stay
            }
            // Why is told by a dialog of its own.
            Event::Failed { request, .. } => match &**request {
                Request::Package(PackageRequest::PlanImport { file, .. }) if *file == self.file => {
                    Flow::Close
                }
                _ => Flow::Stay,
            },
            _ => Flow::Stay,
        }
    }
}

/// A sheet with what would happen, with room for so many lines.
pub(super) fn plan_sheet(ui: &mut Ui, report: Option<&ImportReport>, lines: usize) {
    let t = Tokens::of(ui);
    surface::inset_frame(ui).show(ui, |ui| {
        ui.set_width(ui.available_width());
        let height = lines as f32 * 21.0;
        ui.set_min_height(height);
        match report {
            None => {
                let words = t!("Working out what would change…");
                text::paragraph_in(ui, words, font::body(), t.text2);
            }
            Some(report) => {
                for (n, line) in model::plan_lines(report).iter().enumerate() {
                    let (font, color) = if n == 0 {
                        (font::strong(), t.text)
                    } else {
                        (font::body(), t.text2)
                    };
                    text::paragraph_in(ui, line, font, color);
                    ui.add_space(2.0);
                }
            }
        }
    });
}
