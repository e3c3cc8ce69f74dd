//! Backups > Explore: what is inside a backup and how it differs from the collection, without
//! importing it; ticked notes come back, and nothing else is touched. The worker keeps the backup
//! open; lines are asked for as they scroll into view.

mod card;
mod details;
mod foot;
mod items;
mod load;
mod notetypes;
mod rows;
mod side;
mod told;

use crate::base::Error;
use crate::base::ids::NoteId;
use crate::domain::changes::Changes;
use crate::domain::explorer::{Detail, Listing, Opened, RecoveredFrom, Row, Show, SinceKinds};
use crate::domain::op::Op;
use crate::domain::recovery::Mode;
use crate::explain::UserMessage;
use crate::search::ast::Node;
use crate::search::build::{self, Joiner};
use crate::search::{parse, print};
use crate::service::browse::BrowseRequest;
use crate::service::event::{BackupEvent, Event, ProfileEvent, Undone};
use crate::service::explorer::{ExplorerEvent, ExplorerRequest};
use crate::service::looks::COUNTING;
use crate::service::request::{BackupRequest, Request};
use crate::t;
use crate::ui::action::Action;
use crate::ui::audio::Devices;
use crate::ui::backups::model::Mark;
use crate::ui::backups::words;
use crate::ui::bottom_bar;
use crate::ui::browse::search_list::{Names, SearchList};
use crate::ui::context::UiContext;
use crate::ui::import_export::model::file_name;
use crate::ui::route::Route;
use crate::ui::theme::{Tokens, font, size, time};
use crate::ui::widgets::button::{self, Button};
use crate::ui::widgets::field::{Field, combo, combo_width};
use crate::ui::widgets::text::number;
use crate::ui::widgets::{Cut as _, empty, ic, progress, segments, surface, text};
use card::CardPane;
use details::Tab;
use eframe::egui::{Align, Key, Layout, Modifiers, Rect, Ui, pos2, vec2};
use items::Items;
use load::Load;
use notetypes::NotetypeDiffDialog;
use rows::Ticked;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use told::in_words;

const TOP: f32 = 56.0;
/// What would be due, above the foot.
const LOAD: f32 = 32.0;
const SIDE: f32 = 210.0;
const PANE: f32 = 392.0;
const NARROW_PANE: f32 = 300.0;
/// In wide windows the note gets more than the least, in very wide ones all that the list needs
/// not: its rows are read across.
const PANE_SHARE: f32 = 0.4;
const WIDEST_LIST: f32 = 820.0;

/// The screen's own state, for one backup at a time.
pub struct ExplorerScreen {
    /// None: the screen is not shown.
    path: Option<PathBuf>,
    asked_backups: bool,
    /// What was asked has been answered: the newest of before may not be the newest.
    has_backups: bool,
    opened: Option<Opened>,
    failed: Option<UserMessage>,
    show: Show,
    search: String,
    /// The deck, tag or note type of the side bar that narrows the list.
    group: Option<side::Chosen>,
    folded: side::Folded,
    /// Of what is opened.
    sections: side::Sections,
    /// What was asked for last.
    asked: Option<(Show, String)>,
    listing: Option<Listing>,
    trouble: Option<UserMessage>,
    lines: HashMap<NoteId, Row>,
    asked_lines: HashSet<NoteId>,
    /// The names of the backup, and the list under the search field.
    names: Names,
    completes: SearchList,
    ticked: Ticked,
    /// How many of them are in the list.
    ticked_here: usize,
    /// What is no note.
    items: Items,
    chosen: Option<NoteId>,
    detail: Option<Detail>,
    mode: Mode,
    load: Load,
    without_media: bool,
    recovered: Option<RecoveredFrom>,
    /// The collection was changed since it was compared.
    outdated: bool,
    /// What of the note is shown.
    tab: Tab,
    card: CardPane,
}

impl ExplorerScreen {
    /// `sound` opens the audio device when the first sound of a card is played.
    #[must_use]
    pub fn new(sound: fn() -> Devices) -> Self {
        Self {
            path: None,
            asked_backups: false,
            has_backups: false,
            opened: None,
            failed: None,
            show: Show::default(),
            search: String::new(),
            group: None,
            folded: side::Folded::default(),
            sections: side::Sections::default(),
            asked: None,
            listing: None,
            trouble: None,
            lines: HashMap::new(),
            asked_lines: HashSet::new(),
            names: Names::of(Arc::default()),
            completes: SearchList::default(),
            ticked: Ticked::new(),
            ticked_here: 0,
            items: Items::default(),
            chosen: None,
            detail: None,
            mode: Mode::default(),
            load: Load::default(),
            without_media: false,
            recovered: None,
            outdated: false,
            tab: Tab::default(),
            card: CardPane::new(sound),
        }
    }

    /// Draws the screen for the backup at `path` (None: the newest of the profile) into all of
    /// `ui`.
    pub fn ui(&mut self, cx: &UiContext<'_>, ui: &mut Ui, path: Option<&Path>) {
        let Some(path) = path else {
            self.newest(cx, ui);
            return;
        };
        if self.path.as_deref() != Some(path) {
            *self = Self {
                path: Some(path.to_owned()),
                mode: self.mode,
                tab: self.tab,
                folded: std::mem::take(&mut self.folded),
                ..Self::new(self.card.sound())
            };
            let path = path.to_owned();
            cx.ask(Request::Explorer(ExplorerRequest::Open { path }));
            ask_for_backups(cx);
        }
        self.tell_what_came_back(cx);
        self.compare_anew(cx);
        let t = Tokens::of(ui);
        let mut r = ui.max_rect();
        let top = r.cut_top(TOP);
        surface::hline(ui, top, top.max.y - 1.0, t.border);
        let foot = r.cut_bottom(size::BOTTOM_BAR);
        surface::hline(ui, foot, foot.min.y, t.border);
        if self.opened.is_some() {
            self.load.ask(cx, &self.ticked, self.mode);
        }
        if let Some(words) = self.load.words() {
            let line = r.cut_bottom(LOAD);
            surface::hline(ui, line, line.min.y, t.border);
            let mut line = line.pad(16.0, 0.0);
            if self.load.is_waiting() {
                // Nothing tells that the job began, which can be cancelled then.
                ui.request_repaint_after_secs(time::PROGRESS_AFTER as f32);
            }
            if let Some(job) = cx.model.job_called(COUNTING) {
                let cancel = Button::ghost(t!("Cancel")).height(size::CONTROL_SMALL);
                let place = line.cut_right(cancel.wanted_width(ui));
                if button::row(ui, place, Align::Max, vec![cancel])[0].clicked() {
                    cx.send(Action::CancelJob(job.id));
                }
            }
            text::label(ui, line, Align::Min, &words, font::small(), t.text2);
        }
        self.top(cx, ui, top.pad(16.0, 12.0));
        self.ask_for_list(cx);
        self.body(cx, ui, r);
        self.foot(cx, ui, foot.pad(16.0, 0.0));
        if cx.keys_free && ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Escape)) {
            self.close(cx);
        }
    }

    /// Goes on to the newest backup as soon as the list is there.
    fn newest(&mut self, cx: &UiContext<'_>, ui: &mut Ui) {
        if !std::mem::replace(&mut self.asked_backups, true) {
            self.has_backups = false;
            ask_for_backups(cx);
        }
        let listed = cx.model.backups.ready().filter(|_| self.has_backups);
        let listed = listed.map(|(_, entries)| entries);
        let newest = listed.and_then(|all| all.iter().max_by_key(|e| e.created));
        if let Some(entry) = newest {
            let path = Some(entry.path.clone());
            cx.send(Action::Replace(Route::Explorer { path }));
        } else if listed.is_some() {
            let r = ui.max_rect();
            let disc = pos2(r.center().x, r.center().y - 60.0);
            let line = t!("Engram makes one by itself when something changed.").to_owned();
            empty::place(
                ui,
                disc,
                r.width(),
                ic::BACKUP,
                t!("No backups yet"),
                &[line],
            );
            let below = Rect::from_center_size(r.center() + vec2(0.0, 60.0), vec2(240.0, 40.0));
            let buttons = vec![Button::new(t!("Close"))];
            if button::row(ui, below, Align::Center, buttons)[0].clicked() {
                self.close(cx);
            }
        }
        if cx.keys_free && ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Escape)) {
            self.close(cx);
        }
    }

    pub fn on_event(&mut self, event: &Event) {
        match event {
            Event::Explorer(event) => self.on_explorer(event),
            Event::Failed { request, message } => match &**request {
                Request::Explorer(ExplorerRequest::List { .. }) => {
                    self.trouble = Some(message.clone());
                }
                Request::Explorer(ExplorerRequest::Open { path }) if self.shows(path) => {
                    self.not_there(message);
                }
                Request::Explorer(ExplorerRequest::Workload { number, .. }) => {
                    self.load.answered(*number, None);
                }
                _ => {}
            },
            // After a recovery the backup is compared anew by itself.
            Event::Done {
                op,
                undone,
                changes,
                ..
            } => {
                let Changes {
                    note,
                    card,
                    notetype,
                    deck,
                    deck_config,
                    config,
                    ..
                } = *changes;
                let touched = note || card || notetype || deck || deck_config || config;
                self.outdated |= touched && (*op, *undone) != (Op::RecoverNotes, Undone::No);
            }
            Event::Backup(BackupEvent::Restored { .. }) => self.path = None,
            Event::Backup(BackupEvent::Listed { .. }) => self.has_backups = true,
            // The worker has closed it, and compares the next one with another collection.
            Event::Profile(ProfileEvent::Opened { .. } | ProfileEvent::Closed) => {
                self.path = None;
                self.asked_backups = false;
            }
            _ => {}
        }
    }

    /// Whether that is the backup on show, and not one that was chosen before.
    fn shows(&self, path: &Path) -> bool {
        self.path.as_deref() == Some(path)
    }

    /// Nothing of what was shown is open any more.
    fn not_there(&mut self, message: &UserMessage) {
        self.failed = Some(message.clone());
        self.opened = None;
        self.listing = None;
        self.detail = None;
        self.ticked.clear();
        self.count_ticked();
        self.load.forget();
        self.items.clear_ticks();
    }

    fn on_explorer(&mut self, event: &ExplorerEvent) {
        if matches!(event, ExplorerEvent::Opened(opened) if !self.shows(&opened.path)) {
            return;
        }
        self.card.on_event(event);
        match event {
            ExplorerEvent::Opened(opened) => {
                self.failed = None;
                self.sections = side::Sections::of(opened);
                self.names = Names::of(Arc::clone(&opened.names));
                self.opened = Some((**opened).clone());
                self.items.look_again();
                self.load.forget();
                self.asked = None;
                self.lines.clear();
                self.asked_lines.clear();
                self.detail = None;
            }
            ExplorerEvent::NotOpened(message) => self.not_there(message),
            // The backup that was shown before had these.
            ExplorerEvent::Listed(_) if self.opened.is_none() => {}
            ExplorerEvent::Listed(listing) => {
                self.trouble = None;
                let there = |id: &NoteId| listing.notes.iter().any(|(n, _)| n == id);
                if !self.chosen.as_ref().is_some_and(there) {
                    self.chosen = listing.notes.first().map(|(n, _)| *n);
                    self.detail = None;
                }
                self.listing = Some((**listing).clone());
                self.count_ticked();
            }
            ExplorerEvent::Rows(rows) => {
                self.lines
                    .extend(rows.iter().map(|row| (row.id, row.clone())));
            }
            ExplorerEvent::Detail(detail) => self.detail = Some((**detail).clone()),
            ExplorerEvent::Workload { number, load } => self.load.answered(*number, Some(*load)),
            ExplorerEvent::Card(_) | ExplorerEvent::NoCard { .. } => {}
            ExplorerEvent::Recovered(what) => {
                self.recovered = Some((**what).clone());
                self.ticked.clear();
                self.count_ticked();
                self.items.clear_ticks();
            }
        }
    }

    fn tell_what_came_back(&mut self, cx: &UiContext<'_>) {
        let Some(what) = self.recovered.take() else {
            return;
        };
        let words = in_words(&what);
        let done = &what.done;
        if done.notes.is_empty() && done.put_back.is_empty() && what.media_added == 0 {
            cx.note(words);
        } else {
            cx.toast(words);
        }
    }

    /// When the collection is another one than the backup was compared with: something was undone,
    /// or done elsewhere.
    fn compare_anew(&mut self, cx: &UiContext<'_>) {
        if self.outdated
            && self.opened.is_some()
            && let Some(path) = self.path.clone()
        {
            self.outdated = false;
            cx.ask(Request::Explorer(ExplorerRequest::Open { path }));
        }
    }

    fn close(&mut self, cx: &UiContext<'_>) {
        self.card.silence();
        self.path = None;
        self.asked_backups = false;
        cx.ask(Request::Explorer(ExplorerRequest::Close));
        cx.send(Action::Back);
    }

    fn top(&mut self, cx: &UiContext<'_>, ui: &mut Ui, r: Rect) {
        let mut r = r;
        bottom_bar::sign(cx, ui, &mut r);
        let choice = r.cut_left(320.0_f32.min(r.width() * 0.3));
        self.choose_backup(cx, ui, choice);
        r.cut_left(12.0);
        // How many there are is known once the backup is compared.
        let with = |what: &str, count: fn(&Opened) -> u64| match &self.opened {
            Some(opened) => format!("{what} {}", number(count(opened))),
            None => what.to_owned(),
        };
        let choices = [
            (Show::Changes, with(t!("Changes"), |o| o.changes)),
            (Show::Deleted, with(t!("Deleted"), |o| o.deleted)),
            (
                Show::Rescheduled,
                with(t!("Rescheduled"), |o| o.rescheduled),
            ),
            (Show::All, with(t!("All notes"), |o| o.notes)),
        ];
        let words: Vec<&str> = choices.iter().map(|(_, w)| w.as_str()).collect();
        let width = segments::wanted_width(ui, &words);
        if width > r.width() - 200.0 {
            let options = choices.each_ref().map(|(show, w)| (*show, w.as_str()));
            let wide = combo_width(ui, 180.0, &options);
            let choice = r.cut_left(wide.min((r.width() - 160.0).max(180.0)));
            surface::region(ui, choice, Layout::left_to_right(Align::Min), |ui| {
                combo(ui, t!("Show"), choice.width(), &mut self.show, &options)
            });
            r.cut_left(12.0);
            self.search_field(cx, ui, r);
            return;
        }
        let track = r.cut_left(width.min(r.width()));
        let at = choices.iter().position(|(show, _)| *show == self.show);
        let made = segments::place(
            ui,
            track.max.x,
            track.center().y,
            t!("Show"),
            &words,
            at.unwrap_or(0),
        );
        if let Some(n) = made {
            self.show = choices[n].0;
        }
        r.cut_left(12.0);
        self.search_field(cx, ui, r);
    }

    fn search_field(&mut self, cx: &UiContext<'_>, ui: &mut Ui, r: Rect) {
        if cx.covered {
            // It would stand above the dialog.
            self.completes.close();
        }
        surface::region(ui, r, Layout::left_to_right(Align::Min), |ui| {
            let id = ui.make_persistent_id("search of the backup");
            let draw = |ui: &mut Ui, field: Field<'_>| {
                let field = field.hint(t!("Search this backup")).icon(ic::SEARCH);
                field.width(r.width().max(60.0)).show(ui)
            };
            let name = t!("Search this backup");
            if self.items.kind().is_some() {
                // Names are looked for as they are typed, so no term completes them.
                self.completes.close();
                draw(ui, Field::new(&mut self.search, name).id(id));
                return;
            }
            let (names, typed) = (&mut self.names, &mut self.search);
            self.completes.field(cx, ui, names, (id, name), typed, draw);
        });
    }

    /// The backups of this profile, and the one that is shown if it is none of them.
    fn choose_backup(&self, cx: &UiContext<'_>, ui: &mut Ui, r: Rect) {
        let Some(shown) = self.path.clone() else {
            return;
        };
        let now = cx.clock.local(cx.now);
        let mut names: Vec<(PathBuf, String)> = Vec::new();
        if let Some((_, entries)) = cx.model.backups.ready() {
            for (n, entry) in entries.iter().enumerate() {
                let created = |n: usize| entries.get(n).map(|entry| entry.created);
                let when = words::capital(&words::moment_among(n, created, &now));
                let mark = Mark::of(&entry.verification).label();
                names.push((entry.path.clone(), format!("{when} · {mark}")));
            }
        }
        if !names.iter().any(|(path, _)| *path == shown) {
            names.insert(0, (shown.clone(), file_name(&shown)));
        }
        let options: Vec<(PathBuf, &str)> =
            names.iter().map(|(p, w)| (p.clone(), w.as_str())).collect();
        let mut value = shown;
        let changed = surface::region(ui, r, Layout::left_to_right(Align::Min), |ui| {
            combo(ui, t!("Backup"), r.width(), &mut value, &options)
        });
        if changed {
            let path = Some(value);
            cx.send(Action::Replace(Route::Explorer { path }));
        }
    }

    /// The search field and the side bar, as one search.
    fn query(&self) -> Result<String, UserMessage> {
        let Some(group) = &self.group else {
            return Ok(self.search.clone());
        };
        let narrowed: Vec<Node> = match group {
            side::Chosen::Deck(name) => vec![Node::Search(build::deck(name))],
            side::Chosen::Tag(name) => vec![Node::Search(build::tag(name))],
            side::Chosen::Notetype(name) => vec![Node::Search(build::notetype(name))],
        };
        if self.search.trim().is_empty() {
            return Ok(print::print(&narrowed));
        }
        let typed = parse::parse(&self.search)
            .map_err(|e| crate::explain::explain(t!("search the backup"), &Error::from(e)))?;
        Ok(print::print(&build::all_of([typed, narrowed], Joiner::And)))
    }

    fn ask_for_list(&mut self, cx: &UiContext<'_>) {
        if self.opened.is_none() || self.items.kind().is_some() {
            return;
        }
        match self.query() {
            Ok(search) => {
                let wanted = (self.show, search);
                if self.asked.as_ref() != Some(&wanted) {
                    let (show, search) = wanted.clone();
                    cx.ask(Request::Explorer(ExplorerRequest::List { show, search }));
                    self.asked = Some(wanted);
                }
            }
            Err(message) => {
                self.trouble = Some(message);
                // What was asked for before is asked for again when it is typed again.
                self.asked = None;
            }
        }
    }

    fn body(&mut self, cx: &UiContext<'_>, ui: &mut Ui, r: Rect) {
        let t = Tokens::of(ui);
        let mut r = r;
        let side = r.cut_left(SIDE);
        surface::fill(ui, side, 0, t.sidebar);
        surface::vline(ui, side.max.x, r, t.border);
        let pane = match r.width() > 820.0 {
            true => (r.width() * PANE_SHARE)
                .max(r.width() - WIDEST_LIST)
                .max(PANE),
            false => NARROW_PANE,
        };
        let pane = r.cut_right(pane);
        surface::fill(ui, r, 0, t.surface);
        surface::vline(ui, pane.min.x, pane, t.border);
        let Some(opened) = &self.opened else {
            self.not_opened(ui, r);
            return;
        };
        // What narrows the notes is no choice among what is no note.
        let kind = self.items.kind();
        let chosen = (self.group.as_ref().filter(|_| kind.is_none()), kind);
        let groups = (opened, &self.sections);
        match side::show(ui, side, groups, self.show, chosen, &mut self.folded) {
            Some(side::Pressed::Narrow(chosen)) => {
                self.group = chosen;
                self.items.list(None);
            }
            Some(side::Pressed::Items(kind)) => {
                self.items.list(kind);
                self.card.silence();
            }
            Some(side::Pressed::Notetypes) => {
                cx.open(NotetypeDiffDialog::new(opened.differing.clone()));
            }
            Some(side::Pressed::Added) => browse_added(cx, opened),
            None => {}
        }
        if self.items.kind().is_some() {
            let shown = (self.show, self.search.as_str());
            self.items.ui(ui, (r, pane), &opened.items, shown);
            return;
        }
        self.list(cx, ui, r);
        let detail = self.detail.as_ref().filter(|d| Some(d.id) == self.chosen);
        let own = self.chosen.and_then(|id| self.ticked.get_mut(&id));
        let what = (&mut self.tab, &mut self.card);
        details::show(cx, ui, pane, detail, what, own);
    }

    fn not_opened(&self, ui: &mut Ui, r: Rect) {
        let t = Tokens::of(ui);
        match &self.failed {
            Some(message) => {
                let words = message.in_full();
                text::para(ui, r.shrink(24.0), &words, font::body(), t.text2);
            }
            None => {
                progress::spinner_at(ui, r.center() - vec2(0.0, 24.0));
                let line =
                    Rect::from_center_size(r.center() + vec2(0.0, 16.0), vec2(r.width(), 24.0));
                let words = t!("Opening the backup and comparing it…");
                text::label(ui, line, Align::Center, words, font::body(), t.text2);
            }
        }
    }

    fn list(&mut self, cx: &UiContext<'_>, ui: &mut Ui, r: Rect) {
        let Some(listing) = &self.listing else {
            return;
        };
        if let Some(message) = &self.trouble {
            let t = Tokens::of(ui);
            let words = text::quoted(&message.why());
            text::para(ui, r.shrink(24.0), &words, font::body(), t.danger);
            return;
        }
        let ticked = (&self.ticked, self.ticked_here);
        let picked = rows::show(ui, r, listing, &self.lines, ticked, self.chosen);
        if !picked.missing.is_empty() {
            let mut notes = picked.missing;
            notes.retain(|id| self.asked_lines.insert(*id));
            if !notes.is_empty() {
                cx.ask(Request::Explorer(ExplorerRequest::Rows { notes }));
            }
        }
        if let Some(id) = picked.tick
            && self.ticked.remove(&id).is_none()
        {
            self.ticked.insert(id, None);
        }
        if let Some(all) = picked.tick_all {
            for (id, _) in &listing.notes {
                if all {
                    self.ticked.entry(*id).or_default();
                } else {
                    self.ticked.remove(id);
                }
            }
        }
        if picked.tick.is_some() || picked.tick_all.is_some() {
            self.count_ticked();
        }
        if picked.select.is_some() {
            self.chosen = picked.select;
        }
        if let Some(note) = self.chosen
            && self.detail.as_ref().map(|d| d.id) != Some(note)
            && !cx.covered
        {
            self.ask_detail(cx, note);
        }
    }

    /// After other notes were ticked or listed: it takes too long for each frame.
    fn count_ticked(&mut self) {
        let listed = self.listing.iter().flat_map(|listing| &listing.notes);
        self.ticked_here = listed
            .filter(|(id, _)| self.ticked.contains_key(id))
            .count();
    }

    /// Once for each note that is chosen.
    fn ask_detail(&mut self, cx: &UiContext<'_>, note: NoteId) {
        cx.ask(Request::Explorer(ExplorerRequest::Detail { note }));
        // Until it comes, nothing else is asked.
        if let Some(detail) = &mut self.detail {
            detail.id = note;
            detail.fields.clear();
            detail.cards.clear();
        } else {
            self.detail = Some(details::waiting(note));
        }
    }
}

/// Browse shows what was added since the backup.
fn browse_added(cx: &UiContext<'_>, opened: &Opened) {
    let listed = cx.model.backups.ready().map(|(_, entries)| entries);
    let entry = listed.and_then(|all| all.iter().find(|e| e.path == opened.path));
    cx.go(Route::Browse);
    cx.ask(Request::Browse(BrowseRequest::ChangedSince {
        backup: opened.path.clone(),
        made: entry.map_or(opened.modified, |entry| entry.created),
        kinds: SinceKinds {
            added: true,
            changed: false,
            rescheduled: false,
        },
    }));
}

fn ask_for_backups(cx: &UiContext<'_>) {
    if let Some(profile) = cx.model.profile() {
        let profile = profile.name.clone();
        cx.ask(Request::Backup(BackupRequest::List { profile }));
    }
}
