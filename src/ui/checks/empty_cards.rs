//! The empty cards that were found, by note type, and the question whether they go.

use crate::base::ids::{NoteId, NotetypeId};
use crate::service::checks::{CheckRequest, EmptyCards};
use crate::service::request::Request;
use crate::ui::browse;
use crate::ui::context::UiContext;
use crate::ui::dialog_host::{Dialog, Flow};
use crate::ui::theme::{Tokens, font, radius, size, sp};
use crate::ui::widgets::button::Button;
use crate::ui::widgets::check::checkbox;
use crate::ui::widgets::{Cut as _, Kind, dialog, surface, text};
use crate::{t, tn};
use eframe::egui::{Align, Context, Response, ScrollArea, Ui, vec2};

/// A line of the list.
enum Row {
    Notetype {
        name: String,
        cards: usize,
    },
    /// Its place in the report.
    Note(usize),
}

/// See the module header.
pub struct EmptyCardsDialog {
    report: Vec<EmptyCards>,
    rows: Vec<Row>,
    keep_notes: bool,
}

const WIDTH: f32 = 640.0;

impl EmptyCardsDialog {
    #[must_use]
    pub fn new(report: Vec<EmptyCards>, names: &[(NotetypeId, String)]) -> Self {
        let mut rows = Vec::new();
        for (id, name) in names {
            let of_type: Vec<usize> = (report.iter().enumerate())
                .filter(|(_, note)| note.notetype == *id)
                .map(|(n, _)| n)
                .collect();
            if of_type.is_empty() {
                continue;
            }
            let cards = of_type.iter().filter_map(|n| report.get(*n));
            rows.push(Row::Notetype {
                name: name.clone(),
                cards: cards.map(|note| note.cards.len()).sum(),
            });
            rows.extend(of_type.into_iter().map(Row::Note));
        }
        Self {
            report,
            rows,
            keep_notes: true,
        }
    }

    fn list(&self, ui: &mut Ui) {
        let t = Tokens::of(ui);
        let high = (ui.ctx().content_rect().height() - 300.0).clamp(140.0, 320.0);
        let (_, r) = ui.allocate_space(vec2(ui.available_width(), high));
        surface::fill(ui, r, radius::CARD, t.surface);
        surface::outline(ui, r, radius::CARD, t.border);
        surface::within(ui, r.pad(4.0, 6.0), |ui| {
            let count = self.rows.len();
            ui.spacing_mut().item_spacing.y = 0.0;
            ScrollArea::vertical().auto_shrink(false).show_rows(
                ui,
                size::ROW,
                count,
                |ui, range| {
                    for n in range {
                        let Some(row) = self.rows.get(n) else {
                            continue;
                        };
                        let (_, line) = ui.allocate_space(vec2(ui.available_width(), size::ROW));
                        let mut words = line.pad(10.0, 0.0);
                        match row {
                            Row::Notetype { name, cards } => {
                                let count = tn!(*cards as u64, "{n} empty card", "{n} empty cards");
                                let at =
                                    words.cut_right(text::width(ui, &count, font::small()).ceil());
                                words.cut_right(sp::M);
                                text::label(ui, at, Align::Max, &count, font::small(), t.text2);
                                text::label(ui, words, Align::Min, name, font::strong(), t.text);
                            }
                            Row::Note(n) => {
                                let Some(note) = self.report.get(*n) else {
                                    continue;
                                };
                                words.cut_left(16.0);
                                let cards = note.names.join(", ");
                                let right = if note.whole_note {
                                    t!("{cards} · all its cards", cards)
                                } else {
                                    cards
                                };
                                // What the cards need not is for the note's text.
                                let wide = text::width(ui, &right, font::small()).ceil();
                                let at = words.cut_right(wide.min(words.width() * 0.45));
                                words.cut_right(sp::M);
                                let title = if note.title.is_empty() {
                                    t!("(empty)")
                                } else {
                                    &note.title
                                };
                                text::label(ui, at, Align::Max, &right, font::small(), t.text2);
                                text::label(ui, words, Align::Min, title, font::body(), t.text);
                            }
                        }
                    }
                },
            );
        });
    }
}

impl Dialog for EmptyCardsDialog {
    fn ui(&mut self, cx: &UiContext<'_>, ctx: &Context, id: &str) -> Flow {
        let mut flow = Flow::Stay;
        let shown = dialog::show(ctx, id, WIDTH, |ui| {
            let t = Tokens::of(ui);
            dialog::title(ui, t!("Empty Cards"));
            let cards: usize = self.report.iter().map(|note| note.cards.len()).sum();
            let whole: usize = self.report.iter().filter(|note| note.whole_note).count();
            let line = tn!(
                cards as u64,
                "{n} card of {notes} has nothing to show on its front any more.",
                "{n} cards of {notes} have nothing to show on their front any more.",
                notes = tn!(self.report.len() as u64, "{n} note", "{n} notes"),
            );
            text::paragraph(ui, &line);
            ui.add_space(sp::M);
            self.list(ui);
            ui.add_space(sp::M);
            checkbox(
                ui,
                &mut self.keep_notes,
                t!("Keep notes with no valid cards"),
            );
            let words = match (whole, self.keep_notes) {
                (0, _) => t!("Every note keeps other cards.").to_owned(),
                (n, true) => tn!(
                    n as u64,
                    "{n} note would have no card left: the first one stays.",
                    "{n} notes would have no card left: the first one stays."
                ),
                (n, false) => tn!(
                    n as u64,
                    "{n} note is deleted too, and written to deleted.txt first.",
                    "{n} notes are deleted too, and written to deleted.txt first."
                ),
            };
            text::paragraph_in(ui, &words, font::small(), t.text2);
            let delete = Button::new(t!("Delete cards")).kind(Kind::Danger);
            let show = Button::ghost(t!("Show in Browse"));
            let choices = vec![Button::new(t!("Cancel")), delete];
            let footer = dialog::footer(ui, vec![show], choices);
            footer.focus_choice(0);
            if footer.quiet.iter().any(Response::clicked) {
                let notes: Vec<NoteId> = self.report.iter().map(|empty| empty.note).collect();
                let actions = browse::act::show(&notes).into_iter();
                actions.for_each(|action| cx.send(action));
                flow = Flow::Close;
            }
            if footer.chosen(1) {
                cx.ask(Request::Check(CheckRequest::RemoveEmptyCards {
                    report: std::mem::take(&mut self.report),
                    keep_notes: self.keep_notes,
                }));
            }
            if footer.chosen(0) || footer.chosen(1) {
                flow = Flow::Close;
            }
        });
        if shown.dismissed { Flow::Close } else { flow }
    }
}
