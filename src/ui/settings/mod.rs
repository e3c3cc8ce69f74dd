//! Preferences: pages of settings, saved at once, and what a search finds on all of them. The values are `service::settings` and
//! `service::request::CollectionSettings`; the worker keeps them.

mod backups_page;
mod history_group;
pub mod model;
mod pages;
mod parts;
mod sync_page;

use crate::backup::entry::Rules;
use crate::domain::history::HistorySpace;
use crate::service::event::{BackupEvent, BackupState, Event, ProfileEvent};
use crate::service::history::{HistoryEvent, HistoryRequest};
use crate::service::request::{
    BackupRequest, Changed, CollectionSettings, Request, SettingsRequest,
};
use crate::service::settings::ProfileSettings;
use crate::service::sync::SyncRequest;
use crate::t;
use crate::ui::action::Action;
use crate::ui::backups::words::{self, StatusLine};
use crate::ui::bottom_bar;
use crate::ui::command::Command;
use crate::ui::context::UiContext;
use crate::ui::environment::FileAsk;
use crate::ui::history::PurgeDialog;
use crate::ui::sync;
use crate::ui::theme::{Tokens, font, size, sp};
use crate::ui::widgets::button::{self, Button};
use crate::ui::widgets::field::{Field, select_all};
use crate::ui::widgets::{Cut as _, empty, ic, list, row, surface, text};
use eframe::egui::{
    Align, Key, Layout, Modifiers, Rect, ScrollArea, Sense, Ui, UiBuilder, pos2, vec2,
};
use jiff::Zoned;
use model::{Find, Page};
use parts::Sheet;

/// A button on a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Press {
    BackUpNow,
    OpenLocation,
    ChooseFolder,
    FolderBack,
    Export,
    ChooseCopies,
    StopCopies,
    ChooseMirror,
    DeleteHistory,
    LogIn,
    LogOut,
    SyncMedia,
    StopMedia,
    ResetSizes,
}

/// What the pages of backups and of syncing show besides the settings.
#[derive(Debug)]
struct Shown<'a> {
    status: StatusLine,
    /// Under the pointer.
    status_tip: String,
    can_back_up: bool,
    /// The backups folder.
    folder: String,
    folder_is_chosen: bool,
    /// The second folder and how it stands.
    copies: Option<model::CopiesLine>,
    /// What is said of the mirror, and whether it is in trouble.
    mirror: (String, bool),
    /// What former versions of notes take, once the worker has said so.
    history: Option<HistorySpace>,
    /// "keeps 61 of 63 backups", once the worker has said so.
    kept: String,
    /// How the last sync went.
    sync: String,
    /// How far the media are, while they are synced.
    media: Option<String>,
    now: &'a Zoned,
}

/// The values as they are edited in this frame.
#[derive(Debug, Clone)]
struct State {
    profile: ProfileSettings,
    collection: CollectionSettings,
    /// By its code; None: as the system.
    language: Option<String>,
    profile_changed: bool,
    collection_changed: bool,
    language_changed: bool,
    /// A line or number is being typed.
    typed: bool,
}

impl State {
    /// Count mode lives in the profile, but is part of the rules that are shown.
    fn keep_last(&mut self, n: Option<u32>) {
        self.collection.backups.keep_last = n;
        self.profile.keep_last_backups = n;
        self.profile_changed = true;
        self.collection_changed = true;
    }
}

/// The screen's own state.
#[derive(Debug, Default)]
pub struct SettingsScreen {
    pub page: Page,
    /// What is looked for.
    typed: String,
    focus_search: bool,
    /// How many the rules would keep and drop, and the rules that this was asked for.
    thinning: Option<(usize, usize)>,
    asked: Option<Rules>,
    history: Option<HistorySpace>,
    /// What saves the line or number that is being typed, when the page is left before it rests.
    unsaved: Vec<Request>,
}

/// Widest column of settings.
const COLUMN: f32 = 680.0;
const SIDE: f32 = 188.0;
/// Before the backup status at the bottom.
const STATUS_GAP: f32 = 24.0;
/// Beside the name of a page: its icon, and the margins of its row.
const AROUND: f32 = 60.0;

impl SettingsScreen {
    /// Draws the screen into all of `ui`.
    pub fn ui(&mut self, cx: &UiContext<'_>, ui: &mut Ui) {
        let Some(collection) = &cx.model.collection_settings else {
            return;
        };
        let mut state = State {
            profile: cx.model.settings.clone(),
            collection: collection.clone(),
            language: cx.model.language.clone(),
            profile_changed: false,
            collection_changed: false,
            language_changed: false,
            typed: false,
        };
        let mut r = ui.max_rect();
        let side = side_width(ui);
        self.pages(cx, ui, r.cut_left(side));
        let foot = r.cut_bottom(size::BOTTOM_BAR);
        let now = cx.clock.local(cx.now);
        let shown = self.shown(cx, &now);
        let press = self.column(ui, r, &shown, &mut state);
        let is_told = self.page == Page::Backups && Find::new(&self.typed).is_empty();
        let closing = footer(cx, ui, foot, is_told);
        // Not of a number that is half typed.
        let rules = if state.typed {
            &collection.backups
        } else {
            &state.collection.backups
        };
        self.preview(cx, rules);
        match press {
            Some(Press::BackUpNow) => cx.command(Command::CreateBackup),
            Some(Press::OpenLocation) => cx.command(Command::OpenBackupsFolder),
            Some(Press::ChooseFolder) => choose_folder(cx),
            Some(Press::FolderBack) => {
                cx.ask(Request::Backup(BackupRequest::MoveFolder(None)));
            }
            Some(Press::Export) => cx.command(Command::Export),
            Some(Press::ChooseCopies) => choose_copies(cx),
            Some(Press::StopCopies) => {
                state.profile.second_backups_folder = None;
                state.profile_changed = true;
            }
            Some(Press::ChooseMirror) => choose_mirror(cx),
            Some(Press::DeleteHistory) => {
                for action in PurgeDialog::open() {
                    cx.send(action);
                }
            }
            Some(Press::LogIn) => cx.open(sync::LoginDialog::new(&cx.model.settings.sync, false)),
            Some(Press::SyncMedia) => {
                let any_deletions = false;
                cx.ask(Request::Sync(SyncRequest::Media { any_deletions }));
            }
            Some(Press::StopMedia) => cx.ask(Request::Sync(SyncRequest::StopMedia)),
            Some(Press::ResetSizes) => cx.send(Action::ResetSizes),
            Some(Press::LogOut) => cx.ask(Request::Sync(SyncRequest::LogOut)),
            None => {}
        }
        let before = std::mem::take(&mut self.unsaved);
        if state.typed {
            self.unsaved = typed(cx, &state, collection);
        } else if !state.profile_changed && !state.collection_changed {
            // It is not there any more.
            before.into_iter().for_each(|request| cx.ask(request));
        }
        save(cx, state, collection);
        let esc = cx.keys_free && ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Escape));
        if closing || esc {
            self.asked = None;
            self.typed.clear();
            cx.send(Action::Back);
        }
    }

    /// What is typed and not saved yet.
    pub fn unsaved(&mut self) -> Vec<Request> {
        std::mem::take(&mut self.unsaved)
    }

    /// The keyboard goes to the search.
    pub fn find(&mut self) {
        self.focus_search = true;
    }

    fn turn_to(&mut self, page: Page) {
        self.page = page;
        self.typed.clear();
    }

    /// What the rules would keep, as the worker counted it.
    pub fn on_event(&mut self, event: &Event) {
        match event {
            Event::Backup(BackupEvent::Thinning { keep, drop }) => {
                self.thinning = Some((keep.len(), drop.len()));
            }
            Event::History(HistoryEvent::Space(space)) => self.history = Some(*space),
            Event::Profile(ProfileEvent::Opened { .. }) => *self = Self::default(),
            _ => {}
        }
    }

    fn shown<'a>(&self, cx: &UiContext<'_>, now: &'a Zoned) -> Shown<'a> {
        let backup = &cx.model.backup;
        Shown {
            status: words::status_line(backup, now),
            status_tip: bottom_bar::tip(backup, now),
            can_back_up: backup.state != BackupState::Running,
            folder: backup
                .folder
                .as_ref()
                .map(|p| p.display().to_string())
                .unwrap_or_default(),
            folder_is_chosen: backup.folder_is_chosen,
            copies: cx
                .model
                .settings
                .second_backups_folder
                .as_ref()
                .map(|folder| model::copies_line(folder, cx.model.copies.as_ref(), now)),
            mirror: model::mirror_line(&cx.model.mirror, now),
            history: self.history,
            kept: self
                .thinning
                .map(|(keep, drop)| model::kept_line(keep, drop))
                .unwrap_or_default(),
            sync: sync::model::state(&cx.model.sync, now),
            media: sync::model::media_progress(&cx.model.jobs),
            now,
        }
    }

    /// Asks what the rules would keep, once for each change of them.
    fn preview(&mut self, cx: &UiContext<'_>, rules: &Rules) {
        let is_shown = self.page == Page::Backups || !self.typed.is_empty();
        if is_shown && self.asked.is_none() {
            cx.ask(Request::History(HistoryRequest::Space));
        }
        if is_shown && self.asked.as_ref() != Some(rules) {
            self.asked = Some(rules.clone());
            let ask = BackupRequest::PreviewThinning {
                rules: rules.clone(),
            };
            cx.ask(Request::Backup(ask));
        }
    }

    fn column(&self, ui: &mut Ui, r: Rect, shown: &Shown<'_>, state: &mut State) -> Option<Press> {
        let find = Find::new(&self.typed);
        let salt = if find.is_empty() {
            self.page.label()
        } else {
            "found"
        };
        let mut press = None;
        let mut child = ui.new_child(
            UiBuilder::new()
                .max_rect(r)
                .layout(Layout::top_down(Align::Min))
                .id_salt(("settings page", salt)),
        );
        ScrollArea::vertical()
            .auto_shrink(false)
            .show(&mut child, |ui| {
                let column = surface::middle(r, 28.0, COLUMN);
                ui.horizontal_top(|ui| {
                    ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
                    ui.add_space(column.min.x - r.min.x);
                    ui.vertical(|ui| {
                        ui.set_width(column.width());
                        ui.add_space(20.0);
                        press = self.sheets(ui, &find, shown, state);
                        ui.add_space(20.0);
                    });
                });
            });
        press
    }

    /// The page, or what is found on all of them.
    fn sheets(
        &self,
        ui: &mut Ui,
        find: &Find,
        shown: &Shown<'_>,
        state: &mut State,
    ) -> Option<Press> {
        if find.is_empty() {
            return sheet(ui, self.page, find, shown, state).0;
        }
        let (mut press, mut any) = (None, false);
        for page in Page::ALL {
            let (pressed, found) = sheet(ui, page, find, shown, state);
            press = press.or(pressed);
            any |= found;
            if found {
                ui.add_space(sp::M);
            }
        }
        if !any {
            let middle = pos2(ui.max_rect().center().x, ui.cursor().min.y + 60.0);
            let lines = [t!("Try other words, or fewer.").to_owned()];
            empty::place(
                ui,
                middle,
                COLUMN,
                ic::SEARCH,
                t!("No setting found"),
                &lines,
            );
        }
        press
    }

    /// What is looked for on all pages.
    fn search(&mut self, cx: &UiContext<'_>, ui: &mut Ui, r: Rect) {
        let response = surface::region(ui, r, Layout::left_to_right(Align::Min), |ui| {
            Field::new(&mut self.typed, t!("Search preferences"))
                .hint(t!("Search"))
                .icon(ic::SEARCH)
                .width(r.width())
                .show(ui)
        });
        if std::mem::take(&mut self.focus_search) {
            response.request_focus();
            select_all(ui.ctx(), response.id, &self.typed);
        }
        let clear = |ui: &Ui| ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Escape));
        if !self.typed.is_empty() && !cx.covered && clear(ui) {
            self.typed.clear();
        }
    }

    fn pages(&mut self, cx: &UiContext<'_>, ui: &mut Ui, side: Rect) {
        let t = Tokens::of(ui);
        surface::fill(ui, side, 0, t.sidebar);
        surface::vline(ui, side.max.x - 1.0, side, t.border);
        let mut rows = side;
        rows.cut_top(16.0);
        self.search(cx, ui, rows.cut_top(size::CONTROL).pad(12.0, 0.0));
        rows.cut_top(12.0);
        let current = self.typed.trim().is_empty().then_some(self.page);
        let at = Page::ALL.iter().position(|p| Some(*p) == current);
        let area = Rect::from_min_size(rows.min, vec2(rows.width(), 34.0 * Page::ALL.len() as f32));
        let (focus, keys) = list::keys(ui, area, "pages", t!("Pages"), Page::ALL.len(), at, 1);
        if let Some(n) = keys.select {
            self.turn_to(Page::ALL[n]);
        }
        for (n, page) in Page::ALL.into_iter().enumerate() {
            let line = rows.cut_top(34.0);
            let is = Some(page) == current;
            let frame = line.pad(8.0, 0.0);
            let salt = list::row_salt(n);
            let response = row::sensed(ui, frame, salt, page.label(), is, Sense::CLICK);
            if is {
                list::ring(ui, &focus, frame.shrink2(vec2(0.0, 1.0)));
            }
            let (glyph, color) = (icon(page), if is { t.accent_text } else { t.text2 });
            let c = pos2(line.min.x + 26.0, line.center().y);
            text::icon(ui, c, glyph, size::ICON, color);
            let words = Rect::from_min_max(pos2(line.min.x + 44.0, line.min.y), line.max);
            let f = if is { font::strong() } else { font::body() };
            text::left(ui, words, page.label(), f, t.text);
            if response.clicked() {
                self.turn_to(page);
                list::focus_quietly(ui, &focus);
            }
        }
    }
}

/// As always, unless the name of a page is longer in the language of the window.
fn side_width(ui: &Ui) -> f32 {
    let names = Page::ALL.map(|page| text::width(ui, page.label(), font::strong()) + AROUND);
    names.into_iter().fold(SIDE, f32::max).ceil()
}

/// A page, or what of it is found; the button pressed, and whether there is anything.
fn sheet(
    ui: &mut Ui,
    page: Page,
    find: &Find,
    shown: &Shown<'_>,
    state: &mut State,
) -> (Option<Press>, bool) {
    ui.push_id(page.label(), |ui| {
        let sheet = &mut Sheet::new(ui, page, find);
        let mut press = None;
        match page {
            Page::Appearance => press = pages::appearance(sheet, state),
            Page::Review => pages::review(sheet, state),
            Page::Editing => pages::editing(sheet, state),
            Page::Syncing => press = sync_page::show(sheet, shown, state),
            Page::Backups => press = backups_page::show(sheet, shown, state),
        }
        state.typed |= sheet.is_typed;
        (press, sheet.has_title())
    })
    .inner
}

/// What differs from what is stored, with what is still being typed.
fn typed(cx: &UiContext<'_>, state: &State, shown: &CollectionSettings) -> Vec<Request> {
    let mut out = vec![];
    if state.profile != cx.model.settings {
        out.push(SettingsRequest::SaveProfile(Box::new(Changed {
            shown: cx.model.settings.clone(),
            wanted: state.profile.clone(),
        })));
    }
    if state.collection != *shown {
        out.push(SettingsRequest::SaveCollection(Box::new(Changed {
            shown: shown.clone(),
            wanted: state.collection.clone(),
        })));
    }
    out.into_iter().map(Request::Settings).collect()
}

/// What was changed in this frame; `shown` is what the collection had.
fn save(cx: &UiContext<'_>, state: State, shown: &CollectionSettings) {
    let ask = |save| cx.ask(Request::Settings(save));
    if state.profile_changed {
        let shown = cx.model.settings.clone();
        let wanted = state.profile;
        ask(SettingsRequest::SaveProfile(Box::new(Changed {
            shown,
            wanted,
        })));
    }
    if state.collection_changed {
        let shown = shown.clone();
        let wanted = state.collection;
        ask(SettingsRequest::SaveCollection(Box::new(Changed {
            shown,
            wanted,
        })));
    }
    if state.language_changed {
        ask(SettingsRequest::SaveLanguage(state.language));
    }
}

fn choose_folder(cx: &UiContext<'_>) {
    let ask = FileAsk::folder(t!("Choose where the backups are to be"));
    cx.pick_file(ask, |folder| {
        Action::Ask(Request::Backup(BackupRequest::MoveFolder(Some(folder))))
    });
}

fn choose_copies(cx: &UiContext<'_>) {
    let shown = cx.model.settings.clone();
    let ask = FileAsk::folder(t!("Choose a folder for copies, best on another disk"));
    cx.pick_file(ask, |folder| {
        let mut wanted = shown.clone();
        wanted.second_backups_folder = Some(folder);
        let save = SettingsRequest::SaveProfile(Box::new(Changed { shown, wanted }));
        Action::Ask(Request::Settings(save))
    });
}

/// Asks for the folder, and saves it.
fn choose_mirror(cx: &UiContext<'_>) {
    let shown = cx.model.settings.clone();
    cx.pick_file(FileAsk::folder(t!("Choose an empty folder")), move |path| {
        let wanted = ProfileSettings {
            mirror: Some(path),
            ..shown.clone()
        };
        let change = Changed { shown, wanted };
        Action::Ask(Request::Settings(SettingsRequest::SaveProfile(Box::new(
            change,
        ))))
    });
}

/// With the backup status, unless it `is_told` above. True when Close was pressed.
fn footer(cx: &UiContext<'_>, ui: &mut Ui, foot: Rect, is_told: bool) -> bool {
    let t = Tokens::of(ui);
    surface::hline(ui, foot, foot.min.y, t.border);
    let mut foot = surface::middle(foot, 28.0, COLUMN);
    let words = t!("Changes are saved at once");
    text::label(ui, foot, Align::Min, words, font::small(), t.text3);
    let close = button::row(ui, foot, Align::Max, vec![Button::new(t!("Close"))]);
    foot.cut_left(text::width(ui, words, font::small()) + STATUS_GAP);
    let room = (close[0].rect.min.x - foot.min.x).max(0.0);
    if !is_told {
        bottom_bar::status(cx, ui, foot, room);
    }
    close[0].clicked()
}

fn icon(page: Page) -> &'static str {
    match page {
        Page::Appearance => ic::STYLE,
        Page::Review => ic::DECK,
        Page::Editing => ic::EDIT,
        Page::Syncing => ic::SYNC,
        Page::Backups => ic::BACKUP,
    }
}
