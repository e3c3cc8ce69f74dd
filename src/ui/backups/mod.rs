//! Switch Profile > Open Backup and File > Revert to Backup: the list, what a restore would take
//! away, the question, pins. Works without an open collection. The worker makes, lists, inspects
//! and restores.

pub mod details;
pub mod list;
pub mod model;
pub mod words;

use crate::backup::entry::{Entry, Inspection};
use crate::explain::UserMessage;
use crate::service::event::{BackupEvent, Event};
use crate::service::request::{BackupRequest, Request};
use crate::t;
use crate::ui::action::Action;
use crate::ui::command::Command;
use crate::ui::context::UiContext;
use crate::ui::dialog_host::{AskText, Question, Trouble};
use crate::ui::dialogs::{Confirm, Prompt, Weight};
use crate::ui::import_export::model::file_name;
use crate::ui::import_export::{PasswordDialog, backup_ask};
use crate::ui::route::Route;
use crate::ui::theme::{Tokens, font, size};
use crate::ui::top_bar;
use crate::ui::widgets::button::{self, Button};
use crate::ui::widgets::field::Field;
use crate::ui::widgets::{self, Cut as _, empty, ic, surface, text};
use details::{Known, Subject, Wish};
use eframe::egui::{Align, Key, Layout, Modifiers, Rect, Ui, pos2};
use jiff::Zoned;
use model::Line;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};

/// The screen's own state, for one profile at a time.
#[derive(Debug, Default)]
pub struct BackupsScreen {
    profile: String,
    search: String,
    chosen: Option<PathBuf>,
    /// A package chosen by hand, shown in place of a row.
    file: Option<Inspection>,
    /// Of the request for the file that was chosen last.
    file_ticket: Option<u32>,
    /// Backups that were opened and compared with the collection, as it was then.
    seen: Vec<Inspection>,
    /// Inspections that were asked for in this round, so that each is asked once.
    asked: Vec<PathBuf>,
    /// The ticket of this round's requests. The next round begins when the collection may be
    /// another one; what is answered of a former one is out of date.
    round: u32,
    /// The last ticket that was given.
    last: u32,
    /// Backups that could not be opened, and why.
    failed: Vec<(PathBuf, String)>,
    /// A file chosen by hand could not be opened: to be said.
    trouble: Option<UserMessage>,
    chosen_at: f64,
    opened: bool,
    /// The list takes the keys once it has come.
    wants_keys: bool,
    /// A job had the collection, which nothing could be compared with.
    lent: bool,
    /// The frame in which it was drawn last.
    drawn: u64,
    cache: Cache,
}

#[derive(Debug, Default)]
struct Cache {
    key: u64,
    lines: Vec<Line>,
}

/// A row wider than this parts when a backup was made from its numbers.
const WIDEST_LIST: f32 = 1100.0;
/// A selection must stand still this long (seconds) before its file is opened.
const SETTLE: f64 = 0.15;

impl BackupsScreen {
    /// Draws the screen for `profile` into all of `ui`.
    pub fn ui(&mut self, cx: &UiContext<'_>, ui: &mut Ui, profile: &str) {
        let t = Tokens::of(ui);
        let now = cx.clock.local(cx.now);
        let frame = ui.ctx().cumulative_frame_nr();
        let was_shown = self.drawn + 1 >= frame;
        let lent = cx.model.exclusive_job().is_some();
        if !self.opened || self.profile != profile {
            *self = Self {
                profile: profile.to_owned(),
                last: self.last,
                ..Self::default()
            };
            self.begin_round();
            self.ask_for_list(cx);
        } else if !was_shown || self.lent && !lent {
            self.look_again(cx);
        }
        self.lent = lent;
        self.drawn = frame;
        self.wants_keys |= !std::mem::replace(&mut self.opened, true)
            || cx.keys_free && widgets::list::nothing_has_keys(ui);
        let (loaded, entries): (bool, &[Entry]) = match cx.model.backups.ready() {
            Some((of, entries)) if of == profile => (true, entries.as_slice()),
            _ => (false, &[]),
        };
        self.choose_first(entries, &now, cx);
        let mut r = ui.max_rect();
        if cx.model.profile_name() == Some(profile) {
            top_bar::alarm_ui(cx, ui, &mut r);
        }
        let foot = r.cut_bottom(size::BOTTOM_BAR);
        // Without a backup there is nothing to tell beside the list, or to look for in it.
        let none = loaded && entries.is_empty() && self.file.is_none();
        let side = (!none).then(|| r.cut_right(details::width_in(r.width())));
        let act = self.left(ui, r, loaded, entries, &now);
        if let Some(side) = side {
            self.right(cx, ui, side, entries, &now, act);
        }
        surface::hline(ui, foot, foot.min.y, t.border);
        self.footer(cx, ui, foot.pad(20.0, 0.0));
        if !lent {
            self.inspect_when_settled(cx, ui);
        }
        if let Some(message) = self.trouble.take() {
            cx.open(Trouble::new(message));
        }
        if cx.keys_free && ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Escape)) {
            self.close(cx);
        }
    }

    fn ask_for_list(&self, cx: &UiContext<'_>) {
        let profile = self.profile.clone();
        cx.ask(Request::Backup(BackupRequest::List { profile }));
    }

    /// After another screen, on which the collection may have changed: what a restore would take
    /// away is counted anew.
    fn look_again(&mut self, cx: &UiContext<'_>) {
        self.begin_round();
        self.ask_for_list(cx);
        if let Some(path) = self.file.as_ref().map(|file| file.path.clone()) {
            let profile = self.profile.clone();
            let ticket = self.ticket();
            self.file_ticket = Some(ticket);
            cx.ask(inspect(profile, path, ticket));
        }
    }

    fn begin_round(&mut self) {
        self.seen.clear();
        self.failed.clear();
        self.asked.clear();
        self.round = self.ticket();
    }

    fn ticket(&mut self) -> u32 {
        self.last += 1;
        self.last
    }

    /// Inspections, also those that failed, and files that were chosen by hand.
    pub fn on_event(&mut self, event: &Event) {
        match event {
            Event::Backup(BackupEvent::Inspected { ticket, inspection }) => {
                if self.file_ticket == Some(*ticket) {
                    self.file = Some(inspection.clone());
                } else if self.round == *ticket {
                    self.seen.retain(|known| known.path != inspection.path);
                    self.seen.push(inspection.clone());
                }
            }
            Event::Backup(BackupEvent::Restored { .. } | BackupEvent::RestoreUndone) => {
                self.begin_round();
            }
            Event::Failed { request, message } => {
                let Request::Backup(BackupRequest::Inspect { path, ticket, .. }) = &**request
                else {
                    return;
                };
                if self.file_ticket == Some(*ticket) {
                    self.trouble = Some(message.clone());
                } else if self.round == *ticket {
                    self.failed.push((path.clone(), message.cause.clone()));
                }
            }
            _ => {}
        }
    }

    fn close(&mut self, cx: &UiContext<'_>) {
        self.opened = false;
        cx.send(Action::Back);
    }

    fn choose_first(&mut self, entries: &[Entry], now: &Zoned, cx: &UiContext<'_>) {
        let there = |p: &PathBuf| entries.iter().any(|e| e.path == *p);
        if !self.chosen.as_ref().is_some_and(there) {
            self.refresh(entries, now);
            self.chosen = self.cache.lines.iter().find_map(|line| match line {
                Line::Backup(row) => Some(entries[row.index].path.clone()),
                Line::Heading(_) => None,
            });
            self.chosen_at = 0.0;
            let _ = cx;
        }
    }

    /// Makes the lines again when something that they show has changed.
    fn refresh(&mut self, entries: &[Entry], now: &Zoned) {
        let mut hash = DefaultHasher::new();
        self.search.hash(&mut hash);
        (now.timestamp().as_second() / 60).hash(&mut hash);
        for e in entries {
            (&e.path, e.created, e.size, &e.pinned, &e.note).hash(&mut hash);
            (e.contents.map(|c| (c.notes, c.cards, c.revlog))).hash(&mut hash);
            std::mem::discriminant(&e.verification).hash(&mut hash);
        }
        let key = hash.finish();
        if key != self.cache.key || self.cache.lines.is_empty() {
            self.cache = Cache {
                key,
                lines: model::lines(entries, now, &self.search),
            };
        }
    }

    /// Whether automatic backups of this profile are off since a restore.
    fn is_suspended(&self, cx: &UiContext<'_>) -> bool {
        let is_open = cx.model.profile_name() == Some(self.profile.as_str());
        is_open && cx.model.is_suspended()
    }

    fn footer(&mut self, cx: &UiContext<'_>, ui: &mut Ui, foot: Rect) {
        let is_open = cx.model.profile_name() == Some(self.profile.as_str());
        let mut left = vec![
            Button::new(t!("Open a file…")).icon(ic::FOLDER),
            Button::new(t!("Timeline"))
                .icon(ic::CHART)
                .tip(Command::Timeline.info().tooltip)
                .enabled(is_open),
        ];
        if self.is_suspended(cx) {
            left.push(Button::new(t!("Resume now")).tip(Command::ResumeBackups.info().tooltip));
        }
        let pressed = button::row(ui, foot, Align::Min, left);
        if pressed.get(2).is_some_and(|resume| resume.clicked()) {
            cx.command(Command::ResumeBackups);
        }
        if pressed[1].clicked() {
            cx.command(Command::Timeline);
        }
        if pressed[0].clicked() {
            let profile = self.profile.clone();
            let ticket = self.ticket();
            self.file_ticket = Some(ticket);
            cx.pick_file(backup_ask(), move |path| {
                PasswordDialog::before(path, move |path| {
                    Action::Ask(inspect(profile, path, ticket))
                })
            });
        }
        if button::row(ui, foot, Align::Max, vec![Button::new(t!("Close"))])[0].clicked() {
            self.close(cx);
        }
    }

    /// Title, search and list; true when the selected row is to be acted upon.
    fn left(&mut self, ui: &mut Ui, r: Rect, loaded: bool, entries: &[Entry], now: &Zoned) -> bool {
        let t = Tokens::of(ui);
        let mut m = surface::middle(r, 20.0, WIDEST_LIST);
        m.cut_top(18.0);
        let title = m.cut_top(28.0);
        text::heading(
            ui,
            title,
            Align::Min,
            t!("Open Backup"),
            font::title(),
            t.text,
        );
        let line = m.cut_top(22.0);
        if loaded {
            let words = model::summary(&self.profile, entries, now);
            text::label(ui, line, Align::Min, &words, font::small(), t.text2);
        }
        m.cut_top(12.0);
        m.cut_bottom(16.0);
        if !loaded || !entries.is_empty() {
            self.search_ui(ui, m.cut_top(size::CONTROL));
            m.cut_top(12.0);
        }
        self.refresh(entries, now);
        if self.cache.lines.is_empty() {
            surface::card(ui, m);
            if loaded {
                self.nothing(ui, m, entries.is_empty());
            }
            return false;
        }
        let selected = self
            .chosen
            .as_ref()
            .filter(|_| self.file.is_none())
            .and_then(|p| entries.iter().position(|e| e.path == *p));
        // Whoever has begun to look for a backup goes on typing.
        let take_keys = std::mem::take(&mut self.wants_keys) && self.search.is_empty();
        let picked = list::show(ui, m, &self.cache.lines, selected, take_keys);
        if let Some(n) = picked.select {
            self.chosen = Some(entries[n].path.clone());
            self.chosen_at = ui.input(|i| i.time);
            self.file = None;
        }
        picked.act
    }

    /// As wide as what it says while it is empty.
    fn search_ui(&mut self, ui: &mut Ui, bar: Rect) {
        let hint = t!("Find by date or reason");
        let wanted = text::width(ui, hint, font::body()).ceil() + 46.0;
        let width = wanted.max(240.0).min(bar.width());
        surface::region(ui, bar, Layout::left_to_right(Align::Min), |ui| {
            Field::new(&mut self.search, t!("Find a backup"))
                .hint(hint)
                .icon(ic::SEARCH)
                .width(width)
                .show(ui);
        });
    }

    fn nothing(&mut self, ui: &mut Ui, card: Rect, no_backups: bool) {
        let t = Tokens::of(ui);
        if no_backups {
            let disc = pos2(card.center().x, card.center().y - 60.0);
            let lines = [
                t!("Engram makes one by itself when something changed.").to_owned(),
                t!("A file from elsewhere can be opened below.").to_owned(),
            ];
            empty::place(
                ui,
                disc,
                card.width(),
                ic::BACKUP,
                t!("No backups yet"),
                &lines,
            );
            return;
        }
        let line = Rect::from_center_size(card.center(), eframe::egui::vec2(card.width(), 24.0));
        text::label(
            ui,
            line,
            Align::Center,
            t!("No backups match"),
            font::body(),
            t.text2,
        );
        let below = line.translate(eframe::egui::vec2(0.0, 36.0));
        if button::row(
            ui,
            below,
            Align::Center,
            vec![Button::new(t!("Clear search"))],
        )[0]
        .clicked()
        {
            self.search.clear();
        }
    }

    fn right(
        &mut self,
        cx: &UiContext<'_>,
        ui: &mut Ui,
        side: Rect,
        entries: &[Entry],
        now: &Zoned,
        act: bool,
    ) {
        let entry = self
            .chosen
            .as_ref()
            .and_then(|p| entries.iter().find(|e| e.path == *p));
        let subject = match (&self.file, entry) {
            (Some(inside), _) => Subject::File(inside),
            (None, Some(entry)) => Subject::Listed(entry),
            (None, None) => Subject::Nothing {
                any: !entries.is_empty(),
            },
        };
        let known = match subject {
            Subject::Nothing { .. } => Known::Looking,
            Subject::File(inside) => Known::Seen(inside),
            Subject::Listed(entry) => self.known(&entry.path),
        };
        // The comparison is with the open collection.
        let can_explore = cx.model.profile().is_some_and(|p| p.name == self.profile);
        let mut wish = details::show(ui, side, subject, known, now, can_explore);
        if act && matches!(known, Known::Seen(_)) {
            wish = Some(Wish::Restore);
        }
        let Some(wish) = wish else { return };
        let path = match subject {
            Subject::Listed(entry) => entry.path.clone(),
            Subject::File(inside) => inside.path.clone(),
            Subject::Nothing { .. } => return,
        };
        let profile = self.profile.clone();
        match wish {
            Wish::Restore => {
                let inside = match known {
                    Known::Seen(inside) => Some(inside),
                    Known::Looking | Known::Failed(_) => None,
                };
                let at = entry.filter(|_| self.file.is_none()).map(|e| e.created);
                let restore = Request::Backup(BackupRequest::Restore {
                    profile,
                    path: path.clone(),
                });
                let confirm = question(at, &path, inside, now);
                cx.open(Question::new(confirm, Action::Ask(restore)));
            }
            Wish::Explore => cx.go(Route::Explorer { path: Some(path) }),
            Wish::Pin => cx.open(pin_dialog(profile, path)),
            Wish::Note => {
                let note = entry.map(|e| e.note.clone()).unwrap_or_default();
                cx.open(note_dialog(profile, path, note));
            }
            Wish::Unpin => cx.ask(Request::Backup(BackupRequest::Unpin { profile, path })),
            Wish::ShowInFolder => {
                if let Some(folder) = path.parent() {
                    cx.send(Action::OpenFolder(folder.to_owned()));
                }
            }
        }
    }

    fn known(&self, path: &Path) -> Known<'_> {
        if let Some(seen) = self.seen.iter().find(|i| i.path == path) {
            return Known::Seen(seen);
        }
        match self.failed.iter().find(|(p, _)| p == path) {
            Some((_, why)) => Known::Failed(why),
            None => Known::Looking,
        }
    }

    fn inspect_when_settled(&mut self, cx: &UiContext<'_>, ui: &Ui) {
        let Some(path) = self.chosen.clone() else {
            return;
        };
        if self.asked.contains(&path) {
            return;
        }
        let waited = ui.input(|i| i.time) - self.chosen_at;
        if waited < SETTLE {
            let rest = std::time::Duration::from_secs_f64(SETTLE - waited);
            ui.ctx().request_repaint_after(rest);
            return;
        }
        self.asked.push(path.clone());
        cx.ask(inspect(self.profile.clone(), path, self.round));
    }
}

fn inspect(profile: String, path: PathBuf, ticket: u32) -> Request {
    Request::Backup(BackupRequest::Inspect {
        profile,
        path,
        ticket,
    })
}

/// The restore question. `at` is None for a file that was chosen by hand.
fn question(
    at: Option<crate::base::time::TimestampMillis>,
    path: &Path,
    inside: Option<&Inspection>,
    now: &Zoned,
) -> Confirm {
    let loss = inside.and_then(|i| i.loss.as_ref());
    let (title, body) = match at {
        Some(at) => (
            t!("Replace your collection with an earlier backup?").to_owned(),
            model::restore_question(at, loss, now),
        ),
        None => (
            t!("Replace your collection with this file?").to_owned(),
            model::file_question(&file_name(path), inside, loss),
        ),
    };
    let readable = inside.is_none_or(|i| i.loss.is_some());
    let assurance = if readable {
        t!("Today’s state is backed up first. You can undo the restore.")
    } else {
        t!("The damaged collection is kept aside first.")
    };
    Confirm {
        title,
        body,
        assurance: assurance.to_owned(),
        cancel: t!("No").into(),
        action: t!("Yes, restore").into(),
        weight: Weight::Replace,
    }
}

fn note_dialog(profile: String, path: PathBuf, note: String) -> AskText {
    let prompt = Prompt {
        title: t!("A comment on this backup").into(),
        body: t!("It is kept beside the backups, and stays when the file gets another name.")
            .into(),
        label: t!("Comment").into(),
        hint: t!("After the long weekend of typing").into(),
        action: t!("Save").into(),
        value: note,
        ..Prompt::default()
    };
    AskText::new(prompt, move |note| {
        Action::Ask(Request::Backup(BackupRequest::Annotate {
            profile,
            path,
            note,
        }))
    })
    .check(|_| None)
}

fn pin_dialog(profile: String, path: PathBuf) -> AskText {
    let prompt = Prompt {
        title: t!("Pin this backup").into(),
        body: t!(
            "A pinned backup is never removed to save space. A name helps you to find it again."
        )
        .into(),
        label: t!("Name").into(),
        hint: t!("Before the exam").into(),
        action: t!("Pin").into(),
        ..Prompt::default()
    };
    AskText::new(prompt, move |name| {
        Action::Ask(Request::Backup(BackupRequest::Pin {
            profile,
            path,
            name: name.trim().to_owned(),
        }))
    })
    .check(|_| None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backup::entry::Contents;

    fn inspected(ticket: u32, notes: u64) -> Event {
        let inspection = Inspection {
            path: "a.colpkg".into(),
            schema: 18,
            contents: Contents {
                notes,
                ..Contents::default()
            },
            media_files: 0,
            notetypes: 0,
            decks: vec![],
            newest_review: None,
            loss: None,
        };
        Event::Backup(BackupEvent::Inspected { ticket, inspection })
    }

    /// A comparison may end when the page was left, or the collection was changed since.
    #[test]
    fn an_answer_of_a_former_look_is_not_shown() {
        let mut page = BackupsScreen::default();
        page.begin_round();
        let former = page.round;
        page.begin_round();
        let now = page.round;
        page.on_event(&inspected(former, 1));
        assert!(matches!(page.known(Path::new("a.colpkg")), Known::Looking));
        assert!(page.file.is_none(), "nor taken for a file chosen by hand");
        page.on_event(&inspected(now, 2));
        page.on_event(&inspected(former, 1));
        assert_eq!(page.seen.len(), 1);
        assert_eq!(page.seen[0].contents.notes, 2);
    }
}
