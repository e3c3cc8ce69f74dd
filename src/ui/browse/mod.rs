//! The Browse page: search field, table of cards or notes, sidebar. Only rows in view are asked
//! for; what is done to the chosen ones is one request (`BrowseRequest::Do`). Start at
//! [`BrowseScreen::ui`]; what is chosen and known is `selection` and `model`, both pure.

pub mod act;
mod card_dialogs;
mod change_notetype;
mod changed_since;
pub mod command;
mod duplicates;
mod find_replace;
mod heading;
pub mod model;
mod panes;
mod pick;
mod preview;
mod search_bar;
pub mod search_list;
mod selection;
mod sidebar;
mod sidebar_choice;
mod sidebar_drag;
mod sidebar_menu;
mod splitter;
pub mod suggest;
mod table;
mod tags_dialog;
pub mod tree;

use crate::base::ids::NoteId;
use crate::domain::browse::{Column, Layout};
use crate::domain::explorer::Since;
use crate::domain::op::Op;
use crate::explain::UserMessage;
use crate::search;
use crate::service::browse::{BrowseEvent, BrowseRequest};
use crate::service::event::{Event, ProfileEvent};
use crate::service::request::{Changed, Request, SettingsRequest};
use crate::service::settings::{BrowserSettings, PaneLayout, ProfileSettings, TableLook};
use crate::t;
use crate::ui::audio::Devices;
use crate::ui::command::Command;
use crate::ui::context::UiContext;
use crate::ui::note_editor::NotePanel;
use crate::ui::theme::Tokens;
use crate::ui::widgets::Cut;
use crate::ui::widgets::surface::{fill, hline};
use act::of_notes;
pub use changed_since::on_event;
use changed_since::{Narrowed, Why};
use command::BrowseCommand;
use eframe::egui::{Rect, Ui};
use heading::Widths;
use model::{Found, Results};
use preview::{Preview, Turn};
use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

/// What the window's menus need to know of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BrowseState {
    /// Rows chosen.
    pub chosen: usize,
    /// One row a note.
    pub notes: bool,
    pub sidebar: bool,
    pub preview: bool,
    pub panes: PaneLayout,
}

/// What takes the keys with the next frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Focus {
    /// With all of its text chosen.
    Search,
    Table,
}

/// Where the question for the stored layouts is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Opened {
    #[default]
    No,
    Asked,
    Yes,
}

/// See the module header.
pub struct BrowseScreen {
    opened: Opened,
    /// Of cards, of notes.
    layouts: [Layout; 2],
    notes: bool,
    widths: Widths,
    /// What is typed.
    typed: String,
    /// What is searched for.
    search: String,
    /// Of the latest search; answers to earlier ones are late.
    serial: u64,
    /// A search that the next frame asks for: whether rows keep their places.
    wanted: Option<bool>,
    /// As `wanted`, of the search that is under way.
    under_way: Option<bool>,
    /// Keys about rows that were pressed while a search was under way.
    later: Vec<BrowseCommand>,
    unclear: Option<UserMessage>,
    narrowed: Option<Narrowed>,
    /// Bytes of the typed text that the next frame chooses.
    mark: Option<Range<usize>>,
    /// Latest first.
    history: Vec<String>,
    search_list: search_list::SearchList,
    results: Results,
    sidebar: sidebar::SidebarView,
    preview: Preview,
    /// Keys of its own are asked for by [`Self::strip_has_keyboard`] and [`Self::edits_masks`], which
    /// know whether it is on show.
    pub panel: NotePanel,
    sidebar_shown: bool,
    /// In points.
    sidebar_width: f32,
    pane_width: f32,
    /// None: the usual share.
    pane_height: Option<f32>,
    panes: PaneLayout,
    focus: Option<Focus>,
    /// The current row is brought into view.
    reveal: bool,
    /// Its menu opens when it is drawn.
    menu_by_key: bool,
    /// How the page looks is kept for the next time.
    keep: bool,
    /// Height of the table's rows, in points.
    row_height: f32,
    /// Where the table is scrolled to, in points.
    scrolled_to: f32,
    /// As far as it could be scrolled when it was drawn last.
    scroll_end: f32,
    /// The same sideways, where there are more columns than room.
    scrolled_aside: f32,
    /// Where the next frame is to be sideways.
    aside_wanted: Option<f32>,
    /// The next frame changes between cards and notes.
    toggle_mode: bool,
    /// The rows of the search under way are chosen when they are there.
    choose_all: bool,
}

impl BrowseScreen {
    /// `sound` opens the audio device when the first sound of a preview is played.
    #[must_use]
    pub fn new(sound: fn() -> Devices) -> Self {
        Self {
            preview: Preview::new(sound),
            panel: NotePanel::default(),
            pane_width: PANE,
            pane_height: None,
            panes: PaneLayout::default(),
            opened: Opened::No,
            layouts: [Layout::of(false), Layout::of(true)],
            notes: false,
            widths: Widths::default(),
            typed: String::new(),
            search: String::new(),
            serial: 0,
            wanted: None,
            under_way: None,
            later: vec![],
            unclear: None,
            narrowed: None,
            mark: None,
            history: vec![],
            search_list: search_list::SearchList::default(),
            results: Results::default(),
            sidebar: sidebar::SidebarView::default(),
            sidebar_shown: true,
            sidebar_width: SIDEBAR,
            focus: None,
            reveal: false,
            menu_by_key: false,
            keep: false,
            row_height: TableLook::default().row_height(),
            scrolled_to: 0.0,
            scroll_end: 0.0,
            scrolled_aside: 0.0,
            aside_wanted: None,
            toggle_mode: false,
            choose_all: false,
        }
    }
}

/// What the page finds when nobody said what to look for.
const CURRENT_DECK: &str = "deck:current";
/// Searches that are remembered.
const MAX_HISTORY: usize = 30;
/// Bytes; a longer one is a list of ids.
const LONGEST_REMEMBERED: usize = 2000;
/// More ids than this are no search that anybody could read.
const MOST_SEARCHED: usize = 1000;
const TOOLBAR: f32 = 48.0;
const STATUS: f32 = 32.0;
/// Widths of panes, in points.
const SIDEBAR: f32 = 210.0;
const SIDEBAR_LEAST: f32 = 140.0;
const SIDEBAR_NARROW: f32 = 156.0;
const TABLE_LEAST: f32 = 350.0;
/// With days whole and the beginnings of names in the first columns.
const TABLE_EASY: f32 = 400.0;
const PANE: f32 = 413.0;
const PANE_LEAST: f32 = 260.0;
/// With the editor's buttons on two lines.
const PANE_WHOLE: f32 = 366.0;

impl BrowseScreen {
    /// The page comes up; a first time with what is `usual`, else with the current deck.
    pub fn enter(&mut self, usual: &str) {
        self.focus = Some(Focus::Search);
        if self.serial == 0 {
            self.search_for(if usual.trim().is_empty() {
                CURRENT_DECK
            } else {
                usual
            });
        } else {
            // The collection may have moved on.
            self.wanted = Some(true);
        }
    }

    /// Shows what `text` finds in the whole collection, as if it had been typed.
    pub fn search_for(&mut self, text: &str) {
        self.narrowed = None;
        self.search_within(text);
    }

    /// Shows what `text` finds of what the table is narrowed to.
    fn search_within(&mut self, text: &str) {
        self.search_list.close();
        // By Select Notes, of the search before.
        self.choose_all = false;
        self.later.clear();
        let text = text.trim();
        // As Anki writes it, when it can be understood.
        let normal = search::parse(text).map(|nodes| search::print(&nodes));
        let is_clear = normal.is_ok();
        self.search = match normal {
            Ok(normal) if !text.is_empty() => normal,
            _ => text.to_owned(),
        };
        self.typed.clone_from(&self.search);
        if is_clear {
            self.remember();
        }
        self.wanted = Some(false);
    }

    /// Whether other rows are on their way than those that are shown.
    fn is_searching(&self) -> bool {
        self.wanted == Some(false) || self.under_way == Some(false)
    }

    /// Whether a key's command waits for the rows of a search that is under way: who presses it right
    /// after searching means those.
    pub fn keeps_for_later(&mut self, command: BrowseCommand) -> bool {
        let waits = command.is_about_rows() && self.is_searching();
        if waits {
            self.later.push(command);
        }
        waits
    }

    /// Shows all cards of these notes; with `choose` they are chosen, as by Anki's Select Notes.
    fn show_notes_of(&mut self, rows: &Arc<Since>, choose: bool) {
        let mut notes: Vec<NoteId> = rows.notes.iter().copied().collect();
        notes.sort_unstable();
        if notes.is_empty() {
            return;
        } else if notes.len() > MOST_SEARCHED {
            self.narrow(Why::Chosen, rows);
        } else {
            self.search_for(&of_notes(&notes));
        }
        self.choose_all = choose;
        self.focus = Some(Focus::Table);
    }

    fn remember(&mut self) {
        if self.search.is_empty() || self.search.len() > LONGEST_REMEMBERED {
            return;
        }
        self.history.retain(|old| *old != self.search);
        self.history.insert(0, self.search.clone());
        self.history.truncate(MAX_HISTORY);
        self.keep = true;
    }

    /// For menus and keys.
    #[must_use]
    pub fn state(&self) -> BrowseState {
        BrowseState {
            chosen: self.results.selection.count(),
            notes: self.notes,
            sidebar: self.sidebar_shown,
            preview: self.preview.shown,
            panes: self.panes,
        }
    }

    fn layout(&self) -> &Layout {
        &self.layouts[usize::from(self.notes)]
    }

    fn layout_mut(&mut self) -> &mut Layout {
        &mut self.layouts[usize::from(self.notes)]
    }

    /// Returns what follows.
    pub fn on_event(&mut self, event: &Event) -> Option<Request> {
        self.follow(event);
        self.panel.on_event(event)
    }

    fn follow(&mut self, event: &Event) {
        match event {
            Event::Browse(event) => self.answered(event),
            Event::Profile(ProfileEvent::Opened { .. } | ProfileEvent::Closed) => {
                *self = Self::new(self.preview.sound());
            }
            Event::Done { op, changes, .. } => {
                let names = changes.tag || changes.deck || changes.notetype || changes.deck_config;
                if names || changes.config {
                    self.sidebar.outdate();
                }
                let rows_differ = changes.card || changes.note || changes.notetype || changes.deck;
                // Rows by the thousand come or go with it, also where it is undone.
                let searches = matches!(op, Op::DeleteNotes | Op::Import);
                if searches && self.serial > 0 {
                    self.wanted = Some(true);
                } else if rows_differ {
                    self.results.outdate();
                }
            }
            Event::DatabaseChecked { .. } => {
                self.results.outdate();
                self.sidebar.outdate();
            }
            Event::TimePassed { .. } => self.results.outdate(),
            Event::Failed { request, .. } => self.failed(request),
            _ => {}
        }
    }

    fn failed(&mut self, request: &Request) {
        match request {
            // Rows that could not be read are asked for again when something has changed.
            Request::Browse(BrowseRequest::Search { .. }) => {
                self.under_way = None;
                self.choose_all = false;
                self.later.clear();
            }
            Request::Browse(BrowseRequest::Open) => self.opened = Opened::No,
            _ => {}
        }
    }

    fn answered(&mut self, event: &BrowseEvent) {
        match event {
            BrowseEvent::Opened { layouts, notes } => {
                self.layouts.clone_from(layouts);
                self.notes = *notes;
                self.opened = Opened::Yes;
            }
            BrowseEvent::Found {
                serial,
                notes,
                ids,
                carried,
            } if *serial == self.serial => {
                let in_place = self.under_way.take().unwrap_or(false);
                self.unclear = None;
                let found = Found {
                    ids: ids.clone(),
                    notes: *notes,
                    carried: carried.as_ref(),
                };
                self.results.found(found, in_place);
                if std::mem::take(&mut self.choose_all) {
                    self.results.selection.all();
                }
                if self.results.selection.current().is_none() && !self.results.is_empty() {
                    self.results.selection.only(0);
                }
                self.reveal = true;
            }
            BrowseEvent::Unclear { serial, message } if *serial == self.serial => {
                self.under_way = None;
                self.choose_all = false;
                self.later.clear();
                self.unclear = Some(message.clone());
                // The part that is wrong is chosen, to be typed over.
                self.mark = search::parse(&self.typed).err().map(|error| error.span);
            }
            BrowseEvent::Rows {
                notes,
                columns,
                rows,
            } if *notes == self.results.notes() && *columns == self.layout().columns => {
                self.results.take(rows.clone());
            }
            BrowseEvent::ChangedSince { made, kinds, rows } => {
                let (backup, kinds) = (*made, *kinds);
                self.narrow(Why::Since { backup, kinds }, rows);
            }
            BrowseEvent::Preview(card) => self.preview.take(card.clone()),
            BrowseEvent::Sidebar(data) => self.sidebar.take(data.clone()),
            BrowseEvent::NotesOf { rows, choose } => self.show_notes_of(rows, *choose),
            // Late: of an earlier search, or of other columns.
            BrowseEvent::Found { .. } | BrowseEvent::Unclear { .. } => {}
            // The dialog takes it.
            BrowseEvent::Reposition(_) => {}
            BrowseEvent::Rows { .. } => self.results.stop_waiting(),
        }
    }

    /// Questions that the page waits to ask.
    fn ask(&mut self, cx: &UiContext<'_>) {
        if cx.model.exclusive_job().is_some() {
            return;
        }
        if self.opened == Opened::No {
            self.opened = Opened::Asked;
            self.restore(&cx.model.settings.browser);
            cx.ask(Request::Browse(BrowseRequest::Open));
        }
        if !std::mem::replace(&mut self.sidebar.asked, true) {
            cx.ask(Request::Browse(BrowseRequest::LoadSidebar));
        }
        if self.opened == Opened::Yes
            && let Some(in_place) = self.wanted.take()
        {
            self.serial += 1;
            self.under_way = Some(in_place);
            cx.ask(Request::Browse(BrowseRequest::Search {
                search: self.search.clone(),
                layout: self.layout().clone(),
                serial: self.serial,
                within: self.narrowed.as_ref().map(|n| Arc::clone(&n.rows)),
                carry: self.chosen().filter(|chosen| chosen.notes != self.notes),
            }));
        }
    }

    fn sidebar_ui(&mut self, cx: &UiContext<'_>, ui: &mut Ui, r: &mut Rect) {
        let most = (r.width() - TABLE_LEAST).max(SIDEBAR_LEAST);
        let mut wide = self.sidebar_width.clamp(SIDEBAR_LEAST, most);
        if self.sidebar_width == SIDEBAR {
            // Nobody said how wide: in narrow windows table and note need the room more.
            let rest = r.width() - TABLE_EASY - PANE_WHOLE;
            let whole = self.sidebar.headings_width(ui);
            let least = whole.min(r.width() - TABLE_LEAST - PANE_LEAST);
            wide = wide.min(rest.max(least.max(SIDEBAR_NARROW)));
        }
        let side = r.cut_left(wide.round());
        let searched = self.search.clone();
        let asked = self.sidebar.ui(cx, ui, side, &searched);
        self.keep |= std::mem::take(&mut self.sidebar.turned);
        if let Some(asked) = asked {
            self.follow_sidebar(cx, asked);
        }
        let (by, done) = splitter::at(ui, r.min.x, side, t!("Sidebar width"));
        if by != 0.0 {
            self.sidebar_width = wide + by;
        }
        self.keep |= done;
    }

    /// As the page was left the last time.
    fn restore(&mut self, kept: &BrowserSettings) {
        // What was searched for before this is newer.
        self.history.extend(kept.searches.iter().cloned());
        let mut seen = HashSet::new();
        self.history.retain(|search| seen.insert(search.clone()));
        self.history.truncate(MAX_HISTORY);
        self.take_sizes(kept);
        self.panes = kept.panes;
        self.sidebar_shown = !kept.sidebar_hidden;
        self.preview.back_only = kept.back_side_only;
        self.sidebar.restore(&kept.sidebar_open);
    }

    fn take_sizes(&mut self, kept: &BrowserSettings) {
        self.widths = Widths::from_kept(&kept.column_widths);
        self.sidebar_width = kept.sidebar_width.map_or(SIDEBAR, |w| w as f32);
        self.pane_width = kept.pane_width.map_or(PANE, |w| w as f32);
        self.pane_height = kept.pane_height.map(|h| h as f32);
    }

    /// Columns, sidebar and the note's place are as wide and high as at first.
    pub fn reset_sizes(&mut self) {
        self.take_sizes(&BrowserSettings::default());
    }

    /// Keeps how the page looks for the next time.
    fn keep(&mut self, cx: &UiContext<'_>) {
        if self.opened != Opened::Yes || !std::mem::take(&mut self.keep) {
            return;
        }
        let changed = |w: f32, usual: f32| ((w - usual).abs() >= 1.0).then_some(w.round() as u32);
        let browser = BrowserSettings {
            searches: self.history.clone(),
            column_widths: self.widths.to_keep(),
            sidebar_width: changed(self.sidebar_width, SIDEBAR),
            pane_width: changed(self.pane_width, PANE),
            pane_height: self.pane_height.map(|h| h.round() as u32),
            panes: self.panes,
            sidebar_hidden: !self.sidebar_shown,
            back_side_only: self.preview.back_only,
            sidebar_open: self.sidebar.to_keep(),
            replace: cx.model.settings.browser.replace.clone(),
            table: cx.model.settings.browser.table.clone(),
        };
        if browser != cx.model.settings.browser {
            let shown = cx.model.settings.clone();
            let wanted = ProfileSettings {
                browser,
                ..shown.clone()
            };
            let change = Box::new(Changed { shown, wanted });
            cx.ask(Request::Settings(SettingsRequest::SaveProfile(change)));
        }
    }

    /// See [`NotePanel::strip_has_keyboard`]; likewise while tags are offered.
    #[must_use]
    pub fn strip_has_keyboard(&self) -> bool {
        let taken = self.panel.strip_has_keyboard() || self.panel.offers_tags();
        taken && !self.preview.shown
    }

    /// See [`NotePanel::edits_masks`].
    #[must_use]
    pub fn edits_masks(&self) -> bool {
        !self.preview.shown && self.panel.edits_masks()
    }

    fn turn(&mut self, turn: Turn) {
        self.move_to(match turn {
            Turn::Previous => BrowseCommand::Previous,
            Turn::Next => BrowseCommand::Next,
        });
    }

    /// Another page is shown.
    pub fn leave(&mut self) {
        self.later.clear();
        self.preview.silence();
    }

    /// One row a card, or one a note.
    fn show_notes(&mut self, cx: &UiContext<'_>, notes: bool) {
        if notes != self.notes {
            self.notes = notes;
            self.save_layout(cx);
            self.wanted = Some(false);
        }
    }

    /// A click on a heading: by that column, or the other way round.
    fn sort_by(&mut self, cx: &UiContext<'_>, column: Column) {
        if !column.is_sortable(self.notes) {
            cx.note(t!("The table cannot be sorted by this column"));
            return;
        }
        let layout = self.layout_mut();
        layout.backwards = if layout.sort == column {
            !layout.backwards
        } else {
            column.begins_descending()
        };
        layout.sort = column;
        self.save_layout(cx);
        self.wanted = Some(true);
    }

    /// Other columns in the table.
    fn set_columns(&mut self, cx: &UiContext<'_>, columns: Vec<Column>) {
        if columns.is_empty() || columns == self.layout().columns {
            return;
        }
        self.layout_mut().columns = columns;
        self.results.forget_rows();
        self.save_layout(cx);
    }

    fn save_layout(&self, cx: &UiContext<'_>) {
        let layout = self.layout().clone();
        cx.ask(Request::Browse(BrowseRequest::SaveLayout(layout)));
    }

    pub fn ui(&mut self, cx: &UiContext<'_>, ui: &mut Ui) {
        let t = Tokens::of(ui);
        if std::mem::take(&mut self.toggle_mode) {
            self.show_notes(cx, !self.notes);
        }
        self.ask(cx);
        if !self.is_searching() {
            let later = std::mem::take(&mut self.later).into_iter();
            later.for_each(|command| cx.command(Command::Browse(command)));
        }
        let mut r = ui.max_rect();
        hline(ui, r, r.min.y, t.border);
        r.min.y += 1.0;
        fill(ui, r, 0, t.canvas);
        if self.sidebar_shown {
            self.sidebar_ui(cx, ui, &mut r);
        }
        if let Some(place) = self.pane_place(ui.ctx().content_rect(), r) {
            let pane = self.cut_pane(&mut r, place);
            self.pane_ui(cx, ui, pane);
            self.pane_edge(ui, pane, place);
        }
        let bar = r.cut_top(TOOLBAR);
        self.search_bar(cx, ui, bar);
        if let Some(message) = self.unclear.clone() {
            search_bar::trouble(ui, &mut r, &message);
        }
        self.narrowed_ui(cx, ui, &mut r);
        let status = r.cut_bottom(STATUS);
        self.table(cx, ui, r);
        self.status(ui, status);
        changed_since::comparing_ui(cx, ui, status);
        self.keep |= std::mem::take(&mut self.preview.turned);
        self.keep(cx);
    }
}
