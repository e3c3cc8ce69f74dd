//! What an import did: counts, and the notes of each kind.

use super::model;
use crate::base::ids::NoteId;
use crate::domain::package::{ImportReport, LoggedNote};
use crate::t;
use crate::ui::browse;
use crate::ui::context::UiContext;
use crate::ui::dialog_host::{Dialog, Flow};
use crate::ui::theme::{Tokens, font, size, sp};
use crate::ui::widgets::button::Button;
use crate::ui::widgets::{dialog, segments, text};
use eframe::egui::{Context, Ui, vec2};
use std::path::PathBuf;

const WIDTH: f32 = 620.0;
const ROWS: usize = 8;

/// See the module header.
#[derive(Debug)]
pub struct ImportLog {
    file: PathBuf,
    report: ImportReport,
    /// Rows that made no note.
    skipped: Vec<LoggedNote>,
    kind: usize,
}

impl ImportLog {
    #[must_use]
    pub fn new(file: PathBuf, report: ImportReport) -> Self {
        let skipped = [
            &report.missing_notetype,
            &report.missing_deck,
            &report.empty_first_field,
        ];
        let mut this = Self {
            file,
            skipped: skipped.into_iter().flatten().cloned().collect(),
            report,
            kind: 0,
        };
        this.kind = this
            .kinds()
            .iter()
            .position(|(_, n)| !n.is_empty())
            .unwrap_or(0);
        this
    }

    fn kinds(&self) -> [(&'static str, &[LoggedNote]); 6] {
        [
            (t!("New" in "imported notes"), &self.report.new),
            (t!("Updated" in "imported notes"), &self.report.updated),
            (t!("Unchanged" in "imported notes"), &self.report.duplicates),
            (
                t!("Kept" in "imported notes"),
                &self.report.first_field_matches,
            ),
            (
                t!("Conflicting" in "imported notes"),
                &self.report.conflicting,
            ),
            (t!("Skipped" in "imported notes"), &self.skipped),
        ]
    }

    /// In the collection, of the kind on show.
    fn notes(&self) -> impl Iterator<Item = NoteId> {
        let (_, notes) = self.kinds().into_iter().nth(self.kind).unwrap_or_default();
        let ids = notes.iter().map(|note| note.id);
        ids.filter(|id| id.0 != 0)
    }

    fn content(&mut self, ui: &mut Ui) {
        let title = t!("Imported “{file}”", file = model::file_name(&self.file));
        dialog::title(ui, &title);
        for line in model::plan_lines(&self.report) {
            text::paragraph(ui, &line);
        }
        if self.report.found() == 0 {
            return;
        }
        ui.add_space(sp::M);
        let kinds = self.kinds();
        let filled: Vec<usize> = (0..kinds.len())
            .filter(|kind| kinds.get(*kind).is_some_and(|(_, notes)| !notes.is_empty()))
            .collect();
        let words: Vec<String> = filled
            .iter()
            .filter_map(|kind| kinds.get(*kind))
            .map(|(word, notes)| format!("{word} {}", text::number(notes.len() as u64)))
            .collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let (_, r) = ui.allocate_space(vec2(ui.available_width(), size::CONTROL));
        let right = r.min.x + segments::wanted_width(ui, &words);
        let chosen = filled
            .iter()
            .position(|kind| *kind == self.kind)
            .unwrap_or(0);
        let made = segments::place(ui, right, r.center().y, "", &words, chosen);
        if let Some(kind) = made.and_then(|made| filled.get(made)) {
            self.kind = *kind;
        }
        ui.add_space(sp::S);
        let notes = self
            .kinds()
            .get(self.kind)
            .map_or(&[][..], |(_, notes)| notes);
        list(ui, self.kind, notes);
    }
}

impl Dialog for ImportLog {
    fn ui(&mut self, cx: &UiContext<'_>, ctx: &Context, id: &str) -> Flow {
        let shown = dialog::show(ctx, id, WIDTH, |ui| {
            self.content(ui);
            let any = self.notes().next().is_some();
            let browse = Button::ghost(t!("Show in Browse")).enabled(any);
            let close = Button::new(t!("Close"));
            let footer = dialog::footer(ui, vec![browse], vec![close]);
            footer.focus_choice(0);
            let shows = footer.quiet.first().is_some_and(|b| b.clicked());
            (shows, footer.chosen(0))
        });
        let (show, close) = shown.inner;
        if show {
            let notes: Vec<NoteId> = self.notes().collect();
            let actions = browse::act::show(&notes).into_iter();
            actions.for_each(|action| cx.send(action));
        }
        Flow::close_if(show || close || shown.dismissed)
    }
}

fn list(ui: &mut Ui, kind: usize, notes: &[LoggedNote]) {
    let t = Tokens::of(ui);
    let height = ROWS as f32 * size::ROW;
    let (_, r) = ui.allocate_space(vec2(ui.available_width(), height));
    let (mut child, list) = dialog::scrolled(ui, r, ("log", kind));
    child.spacing_mut().item_spacing.y = 0.0;
    list.show_rows(&mut child, size::ROW, notes.len().max(1), |ui, range| {
        if notes.is_empty() {
            let (_, r) = ui.allocate_space(vec2(ui.available_width(), size::ROW));
            text::left(ui, r, t!("No notes of this kind"), font::body(), t.text3);
        }
        for note in notes.get(range).unwrap_or_default() {
            let (_, r) = ui.allocate_space(vec2(ui.available_width(), size::ROW));
            let (words, color) = if note.text.is_empty() {
                (t!("(no text)"), t.text3)
            } else {
                (note.text.as_str(), t.text)
            };
            text::label(ui, r, eframe::egui::Align::Min, words, font::body(), color);
        }
    });
}
