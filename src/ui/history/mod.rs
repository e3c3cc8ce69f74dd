//! Note History (what a note was before each change, and back to it), the same of decks, presets
//! and note types, and Deleted Notes. All are dialogs; the worker keeps the versions.

mod purge;
mod subject;
mod trash;

pub use purge::PurgeDialog;
pub use subject::SubjectHistoryDialog;
pub use trash::TrashDialog;

use crate::base::ids::NoteId;
use crate::base::lang;
use crate::domain::history::{FROM_BACKUP, Fate, InBackups, NoteHistory, ShownVersion};
use crate::service::event::Event;
use crate::service::history::{HistoryEvent, HistoryRequest};
use crate::service::request::Request;
use crate::ui::action::Action;
use crate::ui::backups::words;
use crate::ui::context::UiContext;
use crate::ui::dialog_host::{Dialog, Flow, Question};
use crate::ui::dialogs::{Confirm, Weight};
use crate::ui::route::Route;
use crate::ui::theme::{Tokens, font, radius, size};
use crate::ui::widgets::button::Button;
use crate::ui::widgets::field::combo;
use crate::ui::widgets::text::number;
use crate::ui::widgets::{Cut as _, dialog, diff, lines, row, surface, text};
use crate::{t, tn};
use eframe::egui::{
    Align, Context, Id, Key, Layout, Modifiers, Popup, Rect, ScrollArea, Sense, Ui, UiBuilder,
    pos2, vec2,
};
use std::path::PathBuf;

const WIDTH: f32 = 760.0;
const HEIGHT: f32 = 380.0;
const LIST: f32 = 224.0;
const ROW: f32 = 44.0;

/// The versions of one note; it asks for them when it opens.
#[derive(Debug)]
pub struct NoteHistoryDialog {
    note: NoteId,
    history: Option<Box<NoteHistory>>,
    /// By how many characters each change made the note longer.
    grown: Vec<i64>,
    chosen: usize,
    /// The version that the chosen one is compared with; None: the note as it is now.
    against: Option<i64>,
    /// The version that stays chosen when a field of it has come back.
    stays: Option<i64>,
    backups: Backups,
}

/// Whether the note was looked for in the backups.
#[derive(Debug)]
enum Backups {
    NotAsked,
    Searching,
    /// What they have, and how many versions were new to the history.
    Searched(Box<InBackups>, usize),
}

impl NoteHistoryDialog {
    /// The dialog, and the question that fills it.
    #[must_use]
    pub fn open(note: NoteId) -> Vec<Action> {
        Self::opened(note, Backups::NotAsked)
    }

    /// The same with what all backups have of the note.
    #[must_use]
    pub fn find_in_backups(note: NoteId) -> Vec<Action> {
        let mut actions = Self::opened(note, Backups::Searching);
        actions.push(Action::Ask(Self::look(note)));
        actions
    }

    fn opened(note: NoteId, backups: Backups) -> Vec<Action> {
        let dialog = Self {
            note,
            history: None,
            grown: Vec::new(),
            chosen: 0,
            against: None,
            stays: None,
            backups,
        };
        vec![
            Action::Open(Box::new(dialog)),
            Action::Ask(Request::History(HistoryRequest::Load(note))),
        ]
    }

    fn look(note: NoteId) -> Request {
        Request::History(HistoryRequest::FindInBackups(note))
    }

    /// The newest backup that has the chosen version.
    fn backup(&self) -> Option<PathBuf> {
        let Backups::Searched(found, _) = &self.backups else {
            return None;
        };
        let chosen = self.version()?;
        let same = found.versions.iter().find(|v| v.fields == chosen.fields);
        same.map(|version| version.path.clone())
    }

    fn searched(&self) -> Option<String> {
        let Backups::Searched(found, new) = &self.backups else {
            return None;
        };
        let mut words = tn!(
            *new as u64,
            "Looked in {backups}: {n} version was not known before.",
            "Looked in {backups}: {n} versions were not known before.",
            backups = tn!(found.searched, "{n} backup", "{n} backups"),
        );
        if !found.unreadable.is_empty() {
            let names: Vec<String> = found
                .unreadable
                .iter()
                .map(|(path, why)| {
                    let name = path.file_name().unwrap_or_default().to_string_lossy();
                    format!("{name} ({})", lang::known(why))
                })
                .collect();
            words.push(' ');
            words.push_str(&t!("Could not be read: {names}.", names = names.join(", ")));
        }
        Some(words)
    }

    fn version(&self) -> Option<&ShownVersion> {
        self.history.as_ref()?.versions.get(self.chosen)
    }

    fn content(&mut self, cx: &UiContext<'_>, ui: &mut Ui) {
        let Some(history) = &self.history else {
            text::paragraph(ui, t!("Looking for former versions…"));
            return;
        };
        if history.versions.is_empty() {
            let words = t!(
                "This note has not changed since Engram began to keep former versions. Older \
                 states may be in your backups."
            );
            text::paragraph(ui, words);
            return;
        }
        let (_, area) = ui.allocate_space(vec2(ui.available_width(), HEIGHT));
        let mut pane = area;
        let list = pane.cut_left(LIST);
        surface::card(ui, list);
        pane.cut_left(16.0);
        self.chosen = self.chosen.min(history.versions.len() - 1);
        for (key, to) in [
            (Key::ArrowUp, self.chosen.saturating_sub(1)),
            (Key::ArrowDown, self.chosen + 1),
        ] {
            // They are those of a list of choices while one is open.
            if !Popup::is_any_open(ui.ctx())
                && ui.input_mut(|i| i.consume_key(Modifiers::NONE, key))
            {
                self.chosen = to.min(history.versions.len() - 1);
            }
        }
        let grown = &self.grown;
        if let Some(n) = versions(cx, ui, list, (&history.versions, grown), self.chosen) {
            self.chosen = n;
        }
        let Some(version) = history.versions.get(self.chosen) else {
            return;
        };
        if history.versions.len() > 1 {
            let at = pane.cut_top(size::CONTROL + 10.0);
            other_choice(cx, ui, at, history, version, &mut self.against);
        }
        let other = history
            .versions
            .iter()
            .find(|v| Some(v.number) == self.against);
        let with = match other {
            Some(other) => Beside {
                lines: Some(&other.fields),
                decks: &other.decks,
                label: t!("the other version"),
                restores: false,
            },
            None => Beside {
                lines: history.present.as_deref(),
                decks: &history.decks,
                label: t!("now"),
                restores: true,
            },
        };
        if let Some(line) = compared(ui, pane, version, &with) {
            self.stays = Some(version.number);
            cx.ask(Request::History(HistoryRequest::RestoreLine {
                note: self.note,
                version: version.number,
                line,
            }));
        }
    }
}

/// By how many characters each change made the note longer; `versions` are newest first.
fn grown(history: &NoteHistory) -> Vec<i64> {
    let length = |lines: &[(String, String)]| -> i64 {
        let all = lines.iter().map(|(_, text)| text.chars().count() as i64);
        all.sum()
    };
    let mut next = history.present.as_deref().map(length);
    let grown = history.versions.iter().map(|version| {
        let this = length(&version.fields);
        next.replace(this).map_or(0, |next| next - this)
    });
    grown.collect()
}

/// What the chosen version is compared with.
fn other_choice(
    cx: &UiContext<'_>,
    ui: &mut Ui,
    r: Rect,
    history: &NoteHistory,
    chosen: &ShownVersion,
    against: &mut Option<i64>,
) {
    let now = cx.clock.local(cx.now);
    let others = history.versions.iter().map(|v| v.number);
    let others: Vec<i64> = others.filter(|n| *n != chosen.number).collect();
    *against = against.filter(|number| others.contains(number));
    let as_now = match history.present {
        Some(_) => t!("The note as it is now"),
        None => t!("Nothing: the note is deleted"),
    };
    let mut names = vec![(None, as_now.to_owned())];
    for (n, version) in history.versions.iter().enumerate() {
        if version.number != chosen.number {
            let when = moment_of(&history.versions, n, &now);
            let name = format!("{when}, {}", origin_in_words(version));
            names.push((Some(version.number), name));
        }
    }
    let options: Vec<(Option<i64>, &str)> = names.iter().map(|(n, w)| (*n, w.as_str())).collect();
    let mut r = r.with_max_y(r.min.y + size::CONTROL);
    let label = t!("Compare with");
    let wide = text::width(ui, label, font::small()) + 10.0;
    text::left(
        ui,
        r.cut_left(wide),
        label,
        font::small(),
        Tokens::of(ui).text2,
    );
    // The room for all of it is taken already.
    let inside = UiBuilder::new()
        .max_rect(r)
        .layout(Layout::left_to_right(Align::Min));
    combo(
        &mut ui.new_child(inside),
        label,
        r.width(),
        against,
        &options,
    );
}

impl Dialog for NoteHistoryDialog {
    fn ui(&mut self, cx: &UiContext<'_>, ctx: &Context, id: &str) -> Flow {
        let mut flow = Flow::Stay;
        let shown = dialog::show(ctx, id, WIDTH, |ui| {
            dialog::title(ui, t!("Note History"));
            self.content(cx, ui);
            if let Some(words) = self.searched() {
                ui.add_space(12.0);
                text::paragraph_in(ui, &words, font::small(), Tokens::of(ui).text2);
            }
            let any = self.version().is_some();
            let exists = self.history.as_ref().is_some_and(|h| h.present.is_some());
            let restore = if exists {
                t!("Restore")
            } else {
                t!("Put back")
            };
            let mut choices = vec![Button::new(t!("Close"))];
            let (look, idle) = match self.backups {
                Backups::Searching => (t!("Looking in backups…"), false),
                _ => (t!("Look in backups"), true),
            };
            let tip = t!("Search all backups of the profile for this note");
            let backup = self.backup();
            let mut quiet = vec![match &backup {
                Some(_) => {
                    Button::ghost(t!("Explore backup")).tip(t!("Open the backup with this version"))
                }
                None => Button::ghost(look).enabled(idle).tip(tip),
            }];
            if any {
                choices.push(Button::new(t!("Restore as copy")));
                choices.push(Button::primary(restore));
                quiet.push(
                    Button::ghost(t!("Delete history…"))
                        .tip(t!("Delete the history of this note for good")),
                );
            }
            let footer = dialog::footer(ui, quiet, choices);
            footer.focus_choice(0);
            if footer.quiet.first().is_some_and(|b| b.clicked()) {
                if backup.is_some() {
                    cx.go(Route::Explorer { path: backup });
                    flow = Flow::Close;
                } else {
                    cx.ask(Self::look(self.note));
                    self.backups = Backups::Searching;
                }
            }
            if footer.quiet.get(1).is_some_and(|b| b.clicked()) {
                cx.open(forget(self.note));
            }
            for (n, as_copy) in [(1, true), (2, false)] {
                if let Some(version) = self.version().filter(|_| footer.chosen(n)) {
                    cx.ask(Request::History(HistoryRequest::Restore {
                        note: self.note,
                        version: version.number,
                        as_copy,
                    }));
                    self.chosen = 0;
                }
            }
            if footer.chosen(0) {
                flow = Flow::Close;
            }
        });
        if shown.dismissed { Flow::Close } else { flow }
    }

    fn on_event(&mut self, event: &Event) -> Flow {
        match event {
            Event::History(HistoryEvent::Loaded(history)) if history.note == self.note => {
                self.grown = grown(history);
                if let Some(stays) = self.stays.take() {
                    let at = history.versions.iter().position(|v| v.number == stays);
                    self.chosen = at.unwrap_or_default();
                }
                self.history = Some(history.clone());
                Flow::Stay
            }
            Event::History(HistoryEvent::InBackups(found, new)) if found.note == self.note => {
                self.backups = Backups::Searched(found.clone(), *new);
                Flow::Stay
            }
            Event::History(HistoryEvent::NotFound(note)) if *note == self.note => {
                self.backups = Backups::NotAsked;
                Flow::Stay
            }
            Event::Failed { request, .. } if **request == Self::look(self.note) => {
                self.backups = Backups::NotAsked;
                Flow::Stay
            }
            Event::Failed { request, .. }
                if **request == Request::History(HistoryRequest::Load(self.note)) =>
            {
                Flow::Close
            }
            // Nothing came back: another version may be chosen when the next history comes.
            Event::Failed { request, .. }
                if matches!(
                    **request,
                    Request::History(HistoryRequest::RestoreLine { note, .. }) if note == self.note
                ) =>
            {
                self.stays = None;
                Flow::Stay
            }
            _ => Flow::Stay,
        }
    }
}

fn forget(note: NoteId) -> Question {
    let confirm = Confirm {
        title: t!("Delete the history of this note?").into(),
        body: t!(
            "Its former versions are deleted for good and overwritten in the file. The note \
             itself stays as it is. Backups, exports and Undo may still hold what it was."
        )
        .into(),
        assurance: String::new(),
        cancel: t!("Cancel").into(),
        action: t!("Delete for good").into(),
        weight: Weight::Destructive,
    };
    Question::new(
        confirm,
        Action::Ask(Request::History(HistoryRequest::Purge(note))),
    )
}

/// Until when the version `n` was the present one.
fn moment_of(versions: &[ShownVersion], n: usize, now: &jiff::Zoned) -> String {
    let until = |n: usize| versions.get(n).map(|version| version.until);
    words::capital(&words::moment_among(n, until, now))
}

/// What took the version's place, or where it is from.
fn origin_in_words(version: &ShownVersion) -> String {
    match version.fate {
        _ if version.origin == FROM_BACKUP => t!("from a backup").to_owned(),
        Fate::Changed => t!("before {change}", change = lang::known(&version.origin)),
        Fate::Deleted => t!("before it was deleted").to_owned(),
    }
}

/// The list at the left, with by how much each change made it longer; returns what was clicked.
fn versions(
    cx: &UiContext<'_>,
    ui: &mut Ui,
    r: Rect,
    (versions, grown): (&[ShownVersion], &[i64]),
    chosen: usize,
) -> Option<usize> {
    let now = cx.clock.local(cx.now);
    let mut picked = None;
    let inner = r.shrink2(vec2(1.0, 5.0));
    let mut child = ui.new_child(UiBuilder::new().max_rect(inner).id_salt("versions"));
    child.set_clip_rect(inner.intersect(ui.clip_rect()));
    ScrollArea::vertical().auto_shrink(false).show_rows(
        &mut child,
        ROW,
        versions.len(),
        |ui, shown| {
            ui.spacing_mut().item_spacing.y = 0.0;
            for n in shown {
                let (_, line) = ui.allocate_space(vec2(inner.width(), ROW));
                let Some(version) = versions.get(n) else {
                    continue;
                };
                let when = moment_of(versions, n, &now);
                let origin = origin_in_words(version);
                let version_in_words = format!("{when}, {origin}");
                let (size, spoken) =
                    grown_in_words(grown.get(n).copied().unwrap_or_default(), version_in_words);
                let line = line.pad(5.0, 0.0);
                let salt = Id::unique(("version", version.number));
                if row::place(ui, line, salt, &spoken, n == chosen).clicked() {
                    picked = Some(n);
                }
                let inner = line.pad(10.0, 0.0);
                let mut below = inner;
                if !size.is_empty() {
                    below.cut_right(text::width(ui, &size, font::caption()) + 6.0);
                }
                // The upper line is full of the moment.
                let lower = inner.with_min_y(inner.center().y - 1.5);
                let lower = lower.with_max_y(lower.min.y + 20.0);
                text::right(ui, lower, &size, font::caption(), Tokens::of(ui).text2);
                row::two_lines(ui, inner, &when, "");
                row::two_lines(ui, below, "", &origin);
            }
        },
    );
    picked
}

/// By how many characters a change made the note longer, in short, and `version` as it is spoken
/// with that.
fn grown_in_words(grown: i64, version: String) -> (String, String) {
    let size = grown.unsigned_abs();
    match grown {
        0 => (String::new(), version),
        1.. => (
            format!("+{}", number(size)),
            tn!(
                size,
                "{version}, {n} character more",
                "{version}, {n} characters more",
                version
            ),
        ),
        _ => (
            format!("−{}", number(size)),
            tn!(
                size,
                "{version}, {n} character less",
                "{version}, {n} characters less",
                version
            ),
        ),
    }
}

/// What a version is shown beside.
struct Beside<'a> {
    /// None: there is nothing.
    lines: Option<&'a [(String, String)]>,
    /// Empty: not known.
    decks: &'a str,
    /// What the colours call it.
    label: &'a str,
    /// Whether single fields can be brought back to there.
    restores: bool,
}

/// The version at the right, field by field, with what differs from the other one. Returns the line
/// that is to come back.
fn compared(ui: &mut Ui, r: Rect, version: &ShownVersion, with: &Beside<'_>) -> Option<usize> {
    let mut pressed = None;
    let (mut child, area) = dialog::scrolled(ui, r, "version");
    area.id_salt(version.number).show(&mut child, |ui| {
        let t = Tokens::of(ui);
        let top = ui.min_rect().min;
        let mut side = Rect::from_min_size(top, vec2(r.width(), f32::INFINITY));
        let mut differs = false;
        for (n, (name, was)) in version.fields.iter().enumerate() {
            let is = with.lines.and_then(|lines| {
                let is_last = n + 1 == version.fields.len();
                counterpart(name, is_last, lines).filter(|is| is != was)
            });
            differs |= is.is_some();
            if one_line(ui, &mut side, name, (was, is), with.restores) {
                pressed = Some(n);
            }
        }
        if !version.decks.is_empty() {
            let is = Some(with.decks).filter(|is| !is.is_empty() && *is != version.decks);
            differs |= is.is_some();
            one_line(ui, &mut side, t!("Deck"), (&version.decks, is), false);
        }
        if differs {
            let y = side.cut_top(24.0).center().y;
            let first = row::chip(ui, pos2(side.min.x, y), t!("this version"), t.ok_soft, t.ok);
            let next = pos2(first.max.x + 8.0, y);
            row::chip(ui, next, with.label, t.danger_soft, t.danger);
        }
        let used = Rect::from_min_max(top, pos2(side.max.x, side.min.y));
        ui.allocate_rect(used, Sense::hover());
    });
    pressed
}

/// The line of that name in another version. The tags are the last one of each; a field may be called
/// as they are.
fn counterpart<'l>(name: &str, is_tags: bool, lines: &'l [(String, String)]) -> Option<&'l str> {
    let (tags, fields) = lines.split_last()?;
    let found = match is_tags {
        true => Some(tags),
        false => fields.iter().find(|(field, _)| field == name),
    };
    found.map(|(_, text)| text.as_str())
}

/// A name and a text with what differs of it; true when it is to come back.
fn one_line(
    ui: &mut Ui,
    side: &mut Rect,
    name: &str,
    (was, is): (&str, Option<&str>),
    restores: bool,
) -> bool {
    let t = Tokens::of(ui);
    let can_come_back = restores && is.is_some();
    let high = if can_come_back {
        size::CONTROL_SMALL
    } else {
        22.0
    };
    let mut line = side.cut_top(high);
    let mut pressed = false;
    if can_come_back {
        let spoken = t!("Restore {name}", name);
        let button = Button::ghost(t!("Restore field")).named(&spoken);
        let at = line.cut_right(button.wanted_width(ui));
        // Its words end where the field under it does.
        let at = at.translate(vec2(dialog::QUIET, 0.0));
        pressed = button.place(ui, at).clicked();
    }
    text::label(ui, line, Align::Min, name, font::small(), t.text2);
    let job = diff::job(ui, was, is, side.width() - 24.0);
    let galley = lines::galley(ui, job);
    let card = side.cut_top(galley.size().y.max(20.0) + 14.0);
    surface::fill(ui, card, radius::SELECTION, t.surface);
    surface::outline(ui, card, radius::SELECTION, t.border);
    lines::paint(ui, card.pad(12.0, 7.0), galley, t.text);
    side.cut_top(6.0);
    pressed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_that_is_called_tags_is_not_taken_for_the_tags() {
        let lines = [("Tags", "a field"), ("Back", "b"), ("Tags", "verb")];
        let lines = lines.map(|(name, text)| (name.to_owned(), text.to_owned()));
        assert_eq!(counterpart("Tags", false, &lines), Some("a field"));
        assert_eq!(counterpart("Tags", true, &lines), Some("verb"));
        // The tags are called otherwise in another language.
        assert_eq!(counterpart("Schlagwörter", true, &lines), Some("verb"));
        assert_eq!(counterpart("Front", false, &lines), None);
    }
}
