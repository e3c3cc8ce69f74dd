//! Backups > Deleted Notes: what was deleted, to be put back: notes with their cards, decks, presets
//! and note types.

use crate::base::time::TimestampMillis;
use crate::domain::history::Trashed;
use crate::domain::subject::TrashedSubject;
use crate::service::event::Event;
use crate::service::history::{HistoryEvent, HistoryRequest};
use crate::service::request::Request;
use crate::ui::action::Action;
use crate::ui::backups::words;
use crate::ui::context::UiContext;
use crate::ui::dialog_host::{Dialog, Flow};
use crate::ui::keys;
use crate::ui::theme::{Tokens, font, sp};
use crate::ui::widgets::button::Button;
use crate::ui::widgets::field::Field;
use crate::ui::widgets::{Cut as _, check, dialog, ic, row, segments, surface, text};
use crate::{t, tn};
use eframe::egui::{Align, Context, Id, Rect, Response, ScrollArea, Ui, UiBuilder, pos2, vec2};
use std::collections::BTreeSet;

const WIDTH: f32 = 620.0;
const HEIGHT: f32 = 320.0;
const ROW: f32 = 44.0;

fn tabs() -> [&'static str; 2] {
    [t!("Notes"), t!("Decks and options")]
}

/// What was deleted; it asks for that when it opens.
#[derive(Debug, Default)]
pub struct TrashDialog {
    /// Notes; decks, presets and note types.
    trashed: Option<[Vec<Line>; 2]>,
    /// What is looked for.
    typed: String,
    /// The words that `trashed` is the answer to.
    searched: String,
    /// An answer is on its way.
    waiting: bool,
    tab: usize,
    /// By version.
    ticked: [BTreeSet<i64>; 2],
    /// The row that was clicked last: Shift and a click do the same to all up to there.
    last: Option<usize>,
}

/// Something deleted, as it is listed.
#[derive(Debug, Clone)]
struct Line {
    number: i64,
    title: String,
    line: String,
    deleted: TimestampMillis,
    /// After the time.
    more: String,
}

impl From<&Trashed> for Line {
    fn from(note: &Trashed) -> Self {
        let title = match note.title.trim() {
            "" => t!("(empty)"),
            title => title,
        };
        Self {
            number: note.number,
            title: title.to_owned(),
            line: note.line.clone(),
            deleted: note.deleted,
            more: format!(" · {}", tn!(note.cards, "{n} card", "{n} cards")),
        }
    }
}

impl From<&TrashedSubject> for Line {
    fn from(subject: &TrashedSubject) -> Self {
        Self {
            number: subject.number,
            title: subject.name.replace("::", " › "),
            line: subject.subject.label().to_owned(),
            deleted: subject.deleted,
            more: String::new(),
        }
    }
}

impl TrashDialog {
    /// The dialog, and the question that fills it.
    #[must_use]
    pub fn open() -> Vec<Action> {
        vec![
            Action::Open(Box::new(Self::default())),
            Action::Ask(Self::look("")),
        ]
    }

    fn look(search: &str) -> Request {
        Request::History(HistoryRequest::Trash(search.to_owned()))
    }

    /// The field for what is looked for. One question at a time: what is typed meanwhile is asked
    /// for when the answer is there.
    fn search(&mut self, cx: &UiContext<'_>, ui: &mut Ui) {
        let hint = match self.tab {
            0 => t!("Words in fields, decks or tags"),
            _ => t!("Words of the name"),
        };
        Field::new(&mut self.typed, t!("Search what was deleted"))
            .hint(hint)
            .icon(ic::SEARCH)
            .show(ui);
        ui.add_space(sp::S);
        let typed = self.typed.trim();
        if typed != self.searched && !self.waiting {
            cx.ask(Self::look(typed));
            self.waiting = true;
        }
    }

    fn tabs(&mut self, ui: &mut Ui) {
        let (_, r) = ui.allocate_space(vec2(ui.available_width(), 40.0));
        let tabs = tabs();
        let right = r.min.x + segments::wanted_width(ui, &tabs);
        let made = segments::place(ui, right, r.center().y - 4.0, "", &tabs, self.tab);
        if let Some(tab) = made {
            (self.tab, self.last) = (tab, None);
        }
    }

    fn listed(&self) -> &[Line] {
        let trashed = self.trashed.as_ref();
        trashed.map_or(&[], |trashed| &trashed[self.tab])
    }

    fn content(&mut self, cx: &UiContext<'_>, ui: &mut Ui) {
        let Some(trashed) = &self.trashed else {
            text::paragraph(ui, t!("Looking for deleted notes…"));
            return;
        };
        let trashed = &trashed[self.tab];
        if trashed.is_empty() && self.searched.is_empty() && self.typed.trim().is_empty() {
            let words = match self.tab {
                0 => {
                    t!(
                        "No deleted note is kept. Notes of earlier times may be in your backups \
                         (Backups > Explore Backup) and in deleted.txt."
                    )
                }
                _ => t!("No deleted deck, preset of deck options or note type is kept."),
            };
            text::paragraph(ui, words);
            return;
        }
        let (_, area) = ui.allocate_space(vec2(ui.available_width(), HEIGHT));
        surface::card(ui, area);
        if trashed.is_empty() {
            let search = text::ends(ui, &self.searched, area.width() - 240.0, &font::body());
            let words = t!("Nothing matches “{search}”.", search);
            let quiet = Tokens::of(ui).text3;
            text::label(ui, area, Align::Center, &words, font::body(), quiet);
            return;
        }
        let inner = area.shrink2(vec2(1.0, 5.0));
        let mut child = ui.new_child(UiBuilder::new().max_rect(inner).id_salt("trash"));
        child.set_clip_rect(inner.intersect(ui.clip_rect()));
        let now = cx.clock.local(cx.now);
        let ticked = &mut self.ticked[self.tab];
        let last = &mut self.last;
        ScrollArea::vertical().auto_shrink(false).show_rows(
            &mut child,
            ROW,
            trashed.len(),
            |ui, shown| {
                ui.spacing_mut().item_spacing.y = 0.0;
                for n in shown {
                    let (_, line) = ui.allocate_space(vec2(inner.width(), ROW));
                    let Some(note) = trashed.get(n) else {
                        continue;
                    };
                    let when = words::moment(note.deleted, &now);
                    let is_ticked = ticked.contains(&note.number);
                    if one(ui, line.pad(5.0, 0.0), note, &when, is_ticked) {
                        let from = last.filter(|_| ui.input(|i| keys::held_at_click(i).shift));
                        let from = from.unwrap_or(n);
                        let rows = trashed.get(from.min(n)..=from.max(n)).unwrap_or_default();
                        for row in rows {
                            match is_ticked {
                                true => ticked.remove(&row.number),
                                false => ticked.insert(row.number),
                            };
                        }
                        *last = Some(n);
                    }
                }
            },
        );
    }
}

/// True when it was clicked.
fn one(ui: &Ui, r: Rect, note: &Line, when: &str, ticked: bool) -> bool {
    let t = Tokens::of(ui);
    let title = &note.title;
    let facts = format!("{when}{}", note.more);
    let spoken = t!("{title}, deleted {facts}", title, facts);
    let salt = Id::unique(("deleted note", note.number));
    let clicked = row::place(ui, r, salt, &spoken, ticked).clicked();
    let mut line = r.pad(10.0, 0.0);
    let tick = line.cut_left(30.0);
    check::paint_checkbox(ui, pos2(tick.min.x + 8.0, tick.center().y), Some(ticked));
    let right = line.cut_right(190.0);
    text::right(ui, right, &facts, font::small(), t.text2);
    row::two_lines(ui, line, title, &note.line);
    clicked
}

impl Dialog for TrashDialog {
    fn ui(&mut self, cx: &UiContext<'_>, ctx: &Context, id: &str) -> Flow {
        let mut flow = Flow::Stay;
        let shown = dialog::show(ctx, id, WIDTH, |ui| {
            let titles = [
                t!("Deleted Notes"),
                t!("Deleted decks, options and note types"),
            ];
            dialog::title(ui, titles[self.tab]);
            self.tabs(ui);
            self.search(cx, ui);
            self.content(cx, ui);
            let n = self.ticked[self.tab].len() as u64;
            let action = match self.tab {
                0 => tn!(n, "Put back {n} note", "Put back {n} notes"),
                _ => t!("Put back {n}", n),
            };
            let choices = vec![
                Button::new(t!("Close")),
                Button::primary(&action).enabled(n > 0),
            ];
            let listed = self.listed();
            let ticked = &self.ticked[self.tab];
            let is_all = listed.iter().all(|line| ticked.contains(&line.number));
            let label = if is_all {
                t!("Untick all")
            } else {
                t!("Tick all")
            };
            let quiet = match listed.len() {
                0 | 1 => vec![],
                _ => vec![Button::ghost(label)],
            };
            let footer = dialog::footer(ui, quiet, choices);
            footer.focus_choice(0);
            if footer.quiet.first().is_some_and(Response::clicked) {
                // What a search hides stays as it is.
                let all: Vec<i64> = listed.iter().map(|line| line.number).collect();
                match is_all {
                    true => self.ticked[self.tab].retain(|number| !all.contains(number)),
                    false => self.ticked[self.tab].extend(all),
                }
            }
            if footer.chosen(1) {
                let versions = std::mem::take(&mut self.ticked[self.tab]);
                let versions = versions.into_iter().collect();
                cx.ask(Request::History(match self.tab {
                    0 => HistoryRequest::PutBack(versions),
                    _ => HistoryRequest::PutBackSubjects(versions),
                }));
            }
            if footer.chosen(0) {
                flow = Flow::Close;
            }
        });
        if shown.dismissed { Flow::Close } else { flow }
    }

    fn on_event(&mut self, event: &Event) -> Flow {
        match event {
            Event::History(HistoryEvent::Trash(trash)) => {
                self.waiting = false;
                self.searched.clone_from(&trash.search);
                // What came back is told with all that is left, and that is not what is looked for.
                if self.trashed.is_none() || self.searched == self.typed.trim() {
                    let notes = trash.notes.iter().map(Line::from).collect();
                    let subjects = trash.subjects.iter().map(Line::from).collect();
                    (self.trashed, self.last) = (Some([notes, subjects]), None);
                }
            }
            Event::Failed { request, .. } => {
                if let Request::History(HistoryRequest::Trash(search)) = &**request {
                    // Why is told beside it; without a list there is nothing to do here.
                    if self.trashed.is_none() {
                        return Flow::Close;
                    }
                    self.waiting = false;
                    self.searched.clone_from(search);
                }
            }
            _ => {}
        }
        Flow::Stay
    }
}
