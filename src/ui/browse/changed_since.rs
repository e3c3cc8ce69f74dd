//! Changed Since: the table shows what was added or changed since a backup, and a line above it
//! says so and leads back; likewise for chosen notes that are too many for a search.

use super::{BrowseScreen, Focus, MOST_SEARCHED};
use crate::backup::entry::Entry;
use crate::base::time::TimestampMillis;
use crate::domain::explorer::{Since, SinceKinds};
use crate::service::browse::{BrowseEvent, BrowseRequest};
use crate::service::looks::COMPARING;
use crate::service::request::{BackupRequest, Request};
use crate::ui::action::Action;
use crate::ui::backups::model::Mark;
use crate::ui::backups::words;
use crate::ui::context::UiContext;
use crate::ui::dialog_host::{Dialog, Flow};
use crate::ui::notifications::Toast;
use crate::ui::theme::{Tokens, font, size, sp};
use crate::ui::widgets::button;
use crate::ui::widgets::check::checkbox;
use crate::ui::widgets::field::{combo, line};
use crate::ui::widgets::surface::fill;
use crate::ui::widgets::text::{icon, label};
use crate::ui::widgets::{Button, Cut, dialog, ic, text};
use crate::{t, tn};
use eframe::egui::{Align, Context, Rect, Ui, pos2};
use std::path::PathBuf;
use std::sync::Arc;

const WIDTH: f32 = 480.0;
const LABEL: f32 = 80.0;

/// What the table is narrowed to.
pub(super) struct Narrowed {
    why: Why,
    pub(super) rows: Arc<Since>,
    /// What was searched for before.
    before: String,
}

/// What the rows are that the table is narrowed to.
#[derive(Clone, Copy)]
pub(super) enum Why {
    Since {
        /// When it was made.
        backup: TimestampMillis,
        kinds: SinceKinds,
    },
    /// By Select Notes.
    Chosen,
}

impl Narrowed {
    fn words(&self, cx: &UiContext<'_>) -> String {
        match self.why {
            Why::Since { backup, kinds } => t!(
                "{what} since {moment}",
                what = words::capital(&in_words(kinds)),
                moment = words::moment(backup, &cx.clock.local(cx.now))
            ),
            Why::Chosen => {
                let notes = self.rows.notes.len() as u64;
                tn!(
                    notes,
                    "The {n} note that was selected",
                    "The {n} notes that were selected"
                )
            }
        }
    }

    /// Said where nothing of it is there any more.
    pub(super) fn none_left(&self) -> &'static str {
        match self.why {
            Why::Since { .. } => t!("None of what changed is left."),
            Why::Chosen => t!("None of the selected notes is left."),
        }
    }
}

/// Which backup, and which kinds of change.
pub(super) struct ChangedSinceDialog {
    asked: bool,
    path: Option<PathBuf>,
    kinds: SinceKinds,
}

impl Default for ChangedSinceDialog {
    fn default() -> Self {
        Self {
            asked: false,
            path: None,
            kinds: SinceKinds {
                added: true,
                changed: true,
                rescheduled: false,
            },
        }
    }
}

impl ChangedSinceDialog {
    /// The chosen backup, at first the newest.
    fn form<'e>(
        &mut self,
        cx: &UiContext<'_>,
        ui: &mut Ui,
        backups: &[&'e Entry],
    ) -> Option<&'e Entry> {
        let now = cx.clock.local(cx.now);
        let newest = backups.iter().max_by_key(|entry| entry.created)?;
        let path = self.path.get_or_insert_with(|| newest.path.clone());
        let names: Vec<(PathBuf, String)> = backups
            .iter()
            .enumerate()
            .map(|(n, e)| {
                let when = words::moment_among(n, |n| backups.get(n).map(|e| e.created), &now);
                (e.path.clone(), words::capital(&when))
            })
            .collect();
        let options: Vec<(PathBuf, &str)> = names
            .iter()
            .map(|(path, name)| (path.clone(), name.as_str()))
            .collect();
        line(ui, LABEL, t!("Backup"), |ui| {
            let width = ui.available_width();
            combo(ui, t!("Backup"), width, path, &options);
        });
        ui.add_space(sp::S);
        checkbox(ui, &mut self.kinds.added, t!("Added notes and cards"));
        let words = t!("Notes with other fields, tags or note type");
        checkbox(ui, &mut self.kinds.changed, words);
        let words = t!("Cards with another schedule, deck or flag");
        checkbox(ui, &mut self.kinds.rescheduled, words);
        ui.add_space(sp::S);
        let t = Tokens::of(ui);
        let words = t!("What was deleted since is in Backups > Explore Backup.");
        text::paragraph_in(ui, words, font::small(), t.text2);
        let chosen = backups.iter().find(|entry| entry.path == *path);
        chosen.or(Some(newest)).copied()
    }
}

impl Dialog for ChangedSinceDialog {
    fn ui(&mut self, cx: &UiContext<'_>, ctx: &Context, id: &str) -> Flow {
        if let Some(profile) = cx.model.profile().filter(|_| !self.asked) {
            self.asked = true;
            let profile = profile.name.clone();
            cx.ask(Request::Backup(BackupRequest::List { profile }));
        }
        let listed = cx.model.backups.ready().map(|(_, entries)| entries);
        let verified: Vec<&Entry> = listed
            .into_iter()
            .flatten()
            .filter(|entry| Mark::of(&entry.verification) == Mark::Verified)
            .collect();
        let mut flow = Flow::Stay;
        let shown = dialog::show(ctx, id, WIDTH, |ui| {
            dialog::title(ui, t!("Changed since a backup"));
            let chosen = self.form(cx, ui, &verified);
            if chosen.is_none() {
                text::paragraph(
                    ui,
                    match listed {
                        Some(_) => t!("There is no verified backup yet."),
                        None => t!("Looking for the backups…"),
                    },
                );
            }
            let kinds = self.kinds;
            let any = kinds.added || kinds.changed || kinds.rescheduled;
            let show = Button::primary(t!("Show")).enabled(chosen.is_some() && any);
            let footer = dialog::footer(ui, vec![], vec![Button::new(t!("Cancel")), show]);
            footer.focus_choice(1);
            if footer.chosen(1)
                && let Some(entry) = chosen
            {
                cx.ask(Request::Browse(BrowseRequest::ChangedSince {
                    backup: entry.path.clone(),
                    made: entry.created,
                    kinds,
                }));
            }
            if footer.chosen(0) || footer.chosen(1) {
                flow = Flow::Close;
            }
        });
        if shown.dismissed { Flow::Close } else { flow }
    }
}

/// Said where there is nothing to show.
#[must_use]
pub fn on_event(event: &BrowseEvent) -> Vec<Action> {
    match event {
        BrowseEvent::ChangedSince { rows, kinds, .. } if rows.notes.is_empty() => {
            let words = t!(
                "Nothing was {changed} since that backup",
                changed = in_words(*kinds)
            );
            vec![Action::Toast(Toast::note(words))]
        }
        _ => vec![],
    }
}

impl BrowseScreen {
    /// The table shows these rows only, whatever is searched for, until that is ended.
    pub(super) fn narrow(&mut self, why: Why, rows: &Arc<Since>) {
        if rows.notes.is_empty() {
            return;
        }
        let before = match self.narrowed.take() {
            Some(narrowed) => narrowed.before,
            None => self.search.clone(),
        };
        self.narrowed = Some(Narrowed {
            why,
            rows: Arc::clone(rows),
            before,
        });
        self.search_within("");
    }

    /// What is shown and the way back, above the table.
    pub(super) fn narrowed_ui(&mut self, cx: &UiContext<'_>, ui: &mut Ui, r: &mut Rect) {
        let Some(narrowed) = &self.narrowed else {
            return;
        };
        let t = Tokens::of(ui);
        let area = r.cut_top(size::ROW + 8.0);
        fill(ui, area, 0, t.accent_soft);
        let middle = pos2(area.min.x + 24.0, area.center().y);
        icon(ui, middle, ic::HISTORY, size::ICON, t.accent_text);
        let mut row = area.pad(12.0, 0.0);
        row.cut_left(30.0);
        let back = Button::ghost(t!("Show all"))
            .height(size::CONTROL_SMALL)
            .tip(t!("Back to what was searched for before"));
        let back = button::row(ui, row, Align::Max, vec![back]);
        let room = back.first().map_or(row.max.x, |b| b.rect.min.x - sp::S);
        let words = narrowed.words(cx);
        let at = row.with_max_x(room);
        label(ui, at, Align::Min, &words, font::small_strong(), t.text);
        if back.iter().any(|b| b.clicked()) {
            let before = narrowed.before.clone();
            self.search_for(&before);
            self.focus = Some(Focus::Table);
        }
    }

    /// A search that finds what the table shows; an error when there is none.
    pub(super) fn search_of_shown(&self) -> Result<String, &'static str> {
        if self.narrowed.is_none() {
            return Ok(self.search.clone());
        }
        if self.results.len() > MOST_SEARCHED {
            return Err(t!("That is too much for a search; look for less"));
        }
        let ids = (0..self.results.len()).filter_map(|row| self.results.id(row));
        let ids: Vec<String> = ids.map(|id| id.to_string()).collect();
        let what = if self.results.notes() { "nid" } else { "cid" };
        Ok(format!("{what}:{}", ids.join(",")))
    }
}

/// While a backup is compared: that, and Cancel, at the end of the bar below the table.
pub(super) fn comparing_ui(cx: &UiContext<'_>, ui: &mut Ui, bar: Rect) {
    let Some(job) = cx.model.job_called(COMPARING) else {
        return;
    };
    let t = Tokens::of(ui);
    let mut bar = bar.pad(8.0, 0.0);
    let cancel = Button::ghost(t!("Cancel")).height(size::CONTROL_SMALL);
    let place = bar.cut_right(cancel.wanted_width(ui));
    if button::row(ui, place, Align::Max, vec![cancel])[0].clicked() {
        cx.send(Action::CancelJob(job.id));
    }
    bar.cut_right(sp::S);
    let words = format!("{}…", job.title);
    label(ui, bar, Align::Max, &words, font::small(), t.text2);
}

/// "added or changed".
fn in_words(kinds: SinceKinds) -> String {
    let all = [
        (kinds.added, t!("added" in "since a backup")),
        (kinds.changed, t!("changed" in "since a backup")),
        (kinds.rescheduled, t!("rescheduled" in "since a backup")),
    ];
    let words: Vec<&str> = all.iter().filter(|(is, _)| *is).map(|(_, w)| *w).collect();
    match words.as_slice() {
        [first, second, third] => t!("{first}, {second} or {third}", first, second, third),
        [first, second] => t!("{first} or {second}", first, second),
        words => words.concat(),
    }
}
