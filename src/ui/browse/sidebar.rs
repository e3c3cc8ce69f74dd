//! The sidebar: a filter field, two tools and the tree of what can be searched for. With the one
//! tool a click searches; Ctrl, Shift and Alt join it with the present search. With the other it
//! chooses entries (`sidebar_choice`). Entries are dragged into others (`sidebar_drag`); their
//! menus and dialogs are in `sidebar_menu`; Shift+F10 or the menu key opens the current entry's.

use super::command::BrowseCommand;
use super::sidebar_choice::{Choice, Tool};
use super::sidebar_drag::drag_and_drop;
use super::tree::{self, Click, Kind, Line};
use crate::domain::sidebar::Sidebar;
use crate::t;
use crate::ui::command::Command;
use crate::ui::context::UiContext;
use crate::ui::keys;
use crate::ui::theme::{Tokens, font, radius, size};
use crate::ui::widgets::field::Field;
use crate::ui::widgets::surface::{dot, fill, region};
use crate::ui::widgets::text::{ends, icon, icon_filled, left, para, width};
use crate::ui::widgets::{Button, Cut, ic, list, menu, row as rows, tooltip};
use eframe::egui::accesskit::Role;
use eframe::egui::{
    Align, Color32, EventFilter, Key, Layout, Modifiers, Rect, Response, ScrollArea, Sense, Shape,
    Stroke, Ui, UiBuilder, Vec2, WidgetInfo, pos2, vec2,
};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

impl Click {
    /// The keys that are held, or were at the click.
    pub(super) fn held(ui: &Ui) -> Self {
        let m = ui.input(keys::held_at_click);
        Self {
            ctrl: m.command || m.ctrl,
            shift: m.shift,
            alt: m.alt,
        }
    }
}

const LINE: f32 = 28.0;
const INDENT: f32 = 14.0;
/// Left and right of the words of a heading.
const HEADING_IN: f32 = 42.0;
/// Height of the filter field's bar.
const BAR: f32 = 48.0;

/// What the sidebar keeps between frames.
#[derive(Debug, Default)]
pub(super) struct SidebarView {
    data: Option<Arc<Sidebar>>,
    entries: Vec<tree::Entry>,
    /// What the user opened and shut, by key.
    open: HashMap<String, bool>,
    filter: String,
    lines: Vec<Line>,
    /// The lines must be made again.
    outdated: bool,
    /// By key.
    current: Option<String>,
    tool: Tool,
    pub(super) choice: Choice,
    pub(super) asked: bool,
    /// Something was opened or shut.
    pub(super) turned: bool,
    pub(super) focus_filter: bool,
    pub(super) focus_tree: bool,
    /// The current line is brought into view.
    reveal: bool,
    /// Its menu opens when it is drawn.
    menu_by_key: bool,
}

/// What a click or key in the sidebar asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Asked {
    Search(String, Click),
    Rename(Line),
    /// All of one sort.
    Delete(Vec<Line>),
    /// Under a name, None: to be asked for.
    SaveSearch(Option<String>),
    /// Given to the notes of the chosen rows, or taken off them.
    TagRows {
        tags: Vec<String>,
        add: bool,
    },
}

impl SidebarView {
    pub(super) fn take(&mut self, data: Arc<Sidebar>) {
        self.entries = tree::entries(&data);
        self.data = Some(data);
        self.outdated = true;
    }

    /// The list may have changed; it is asked for again.
    pub(super) fn outdate(&mut self) {
        self.asked = false;
    }

    /// For dialogs that offer tags, decks and note types.
    pub(super) fn data(&self) -> Option<&Arc<Sidebar>> {
        self.data.as_ref()
    }

    /// What was opened and shut the last time.
    pub(super) fn restore(&mut self, kept: &BTreeMap<String, bool>) {
        self.open = kept
            .iter()
            .map(|(key, open)| (key.clone(), *open))
            .collect();
        self.outdated = true;
    }

    /// What is open and shut, of what there still is.
    pub(super) fn to_keep(&self) -> BTreeMap<String, bool> {
        fn walk(
            entries: &[tree::Entry],
            open: &HashMap<String, bool>,
            out: &mut BTreeMap<String, bool>,
        ) {
            for entry in entries {
                if let Some(is) = open.get(&entry.key) {
                    out.insert(entry.key.clone(), *is);
                }
                walk(&entry.below, open, out);
            }
        }
        let mut out = BTreeMap::new();
        walk(&self.entries, &self.open, &mut out);
        if self.data.is_none() {
            out.extend(self.open.iter().map(|(key, open)| (key.clone(), *open)));
        }
        out
    }

    pub(super) fn set_open_below(&mut self, line: &Line, open: bool) {
        fn walk(entries: &[tree::Entry], key: &str, inside: bool, out: &mut Vec<String>) {
            for entry in entries {
                let inside = inside || entry.key == key;
                if inside && !entry.below.is_empty() {
                    out.push(entry.key.clone());
                }
                walk(&entry.below, key, inside, out);
            }
        }
        let mut keys = vec![];
        walk(&self.entries, &line.key, false, &mut keys);
        self.open.extend(keys.into_iter().map(|key| (key, open)));
        self.outdated = true;
        self.turned = true;
    }

    fn set_open(&mut self, line: &Line, open: bool) {
        self.open.insert(line.key.clone(), open);
        self.outdated = true;
        self.turned = true;
    }

    pub(super) fn take_up(&mut self, tool: Tool) {
        if self.tool != tool {
            self.tool = tool;
            self.choice.clear();
        }
    }

    /// The chosen entries, when `line` is one of them; else it alone.
    pub(super) fn chosen_with(&self, line: &Line) -> Vec<Line> {
        self.choice.with(line, &self.lines)
    }

    /// How wide it is where no heading is cut.
    pub(super) fn headings_width(&self, ui: &Ui) -> f32 {
        let widths = self.entries.iter();
        let widths = widths.map(|heading| width(ui, &heading.name, font::small_strong()));
        (HEADING_IN + widths.fold(0.0, f32::max)).ceil()
    }

    /// `searched` marks the entry that is searched for now.
    pub(super) fn ui(
        &mut self,
        cx: &UiContext<'_>,
        ui: &mut Ui,
        mut r: Rect,
        searched: &str,
    ) -> Option<Asked> {
        let t = Tokens::of(ui);
        fill(ui, r, 0, t.sidebar);
        let mut bar = r.cut_top(BAR).pad(12.0, 8.0);
        self.tools(cx, ui, bar.cut_right(2.0 * size::CONTROL_SMALL));
        bar.cut_right(4.0);
        self.filter_field(ui, bar);
        if std::mem::take(&mut self.outdated) {
            self.lines = tree::lines(&self.entries, &self.open, &self.filter);
        }
        let (list, mut asked) = self.keys(cx, ui, r);
        if self.lines.is_empty() && !self.filter.is_empty() {
            let words = t!("Nothing matches “{search}”.", search = self.filter);
            para(
                ui,
                r.pad(12.0, 8.0),
                &words,
                font::small(),
                Tokens::of(ui).text2,
            );
        }
        let place = UiBuilder::new().max_rect(r).id_salt("sidebar lines");
        ui.scope_builder(place, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            let scroll = ScrollArea::vertical().id_salt("sidebar").auto_shrink(false);
            scroll.show_viewport(ui, |ui, view| {
                ui.set_height(LINE * self.lines.len() as f32 + 8.0);
                ui.set_width(r.width());
                let first = (view.min.y / LINE).max(0.0) as usize;
                let last = ((view.max.y / LINE).ceil() as usize).min(self.lines.len());
                let top = ui.min_rect().min.y;
                if std::mem::take(&mut self.reveal)
                    && let Some(at) = self.position()
                {
                    let y = top + at as f32 * LINE;
                    ui.scroll_to_rect(Rect::from_x_y_ranges(r.x_range(), y..=y + LINE), None);
                }
                for n in first..last {
                    let Some(line) = self.lines.get(n).cloned() else {
                        break;
                    };
                    let y = (top + n as f32 * LINE).round();
                    let area = Rect::from_min_max(pos2(r.min.x, y), pos2(r.max.x, y + LINE));
                    asked = self
                        .line(cx, ui, area, &line, searched, &list)
                        .or(asked.take());
                }
            });
        });
        asked
    }

    /// The two tools, as buttons.
    fn tools(&self, cx: &UiContext<'_>, ui: &mut Ui, mut r: Rect) {
        for (tool, command) in [
            (Tool::Search, BrowseCommand::SearchTool),
            (Tool::Select, BrowseCommand::SelectTool),
        ] {
            let command = Command::Browse(command);
            let (info, keys) = (command.info(), command.shown_keys());
            let at = r.cut_left(size::CONTROL_SMALL);
            let at = Rect::from_center_size(at.center(), Vec2::splat(size::CONTROL_SMALL));
            let on = self.tool == tool;
            let button = match tool {
                Tool::Search => Button::icon_only(ic::SEARCH, info.label),
                Tool::Select => Button::ghost("").named(info.label),
            };
            let button = button.toggled(on).tip_key(info.tooltip, &keys);
            if button.place(ui, at).clicked() {
                cx.command(command);
            }
            if tool == Tool::Select {
                let t = Tokens::of(ui);
                paint_selection(ui, at, if on { t.accent_text } else { t.text2 });
            }
        }
    }

    fn filter_field(&mut self, ui: &mut Ui, r: Rect) {
        let name = t!("Sidebar filter");
        // Less the margins of the field.
        let fits = width(ui, name, font::body()) <= r.width() - 20.0;
        let response = region(ui, r, Layout::left_to_right(Align::Min), |ui| {
            Field::new(&mut self.filter, name)
                .hint(if fits { name } else { t!("Filter") })
                .width(r.width())
                .show(ui)
        });
        if std::mem::take(&mut self.focus_filter) {
            response.request_focus();
        }
        if response.changed() {
            self.outdated = true;
        }
        let pressed = |key| ui.input(|i| i.key_pressed(key));
        if response.lost_focus() && pressed(Key::Enter)
            || response.has_focus() && pressed(Key::ArrowDown)
        {
            self.focus_tree = true;
        }
    }

    fn position(&self) -> Option<usize> {
        let current = self.current.as_ref()?;
        self.lines.iter().position(|line| line.key == *current)
    }

    fn keys(&mut self, cx: &UiContext<'_>, ui: &Ui, r: Rect) -> (Response, Option<Asked>) {
        let at = self.position();
        let page = ((r.height() / LINE) as usize).max(1);
        let count = self.lines.len();
        let (list, pressed) = list::keys(ui, r, "sidebar", t!("Sidebar"), count, at, page);
        if std::mem::take(&mut self.focus_tree) {
            if at.is_none() {
                self.current = self.lines.first().map(|line| line.key.clone());
            }
            list::focus_quietly(ui, &list);
        }
        if !list.has_focus() || cx.covered {
            return (list, None);
        }
        let filter = EventFilter {
            vertical_arrows: true,
            horizontal_arrows: true,
            ..EventFilter::default()
        };
        ui.memory_mut(|m| m.set_focus_lock_filter(list.id, filter));
        if let Some(line) = pressed.select.and_then(|to| self.lines.get(to)).cloned() {
            if self.tool == Tool::Select && ui.input(|i| i.modifiers.shift) {
                self.choice.reach(&line, &self.lines);
            } else if self.tool == Tool::Select {
                self.choice.only(&line);
            }
            self.current = Some(line.key);
            self.reveal = true;
        }
        let Some(line) = at.and_then(|at| self.lines.get(at)).cloned() else {
            return (list, None);
        };
        if menu::take_context_key(ui.ctx()) {
            if self.tool == Tool::Select && !self.choice.contains(&line) {
                self.choice.only(&line);
            }
            (self.menu_by_key, self.reveal) = (true, true);
        }
        let key = |key| ui.input_mut(|i| i.consume_key(Modifiers::NONE, key));
        if key(Key::ArrowRight) && line.open == Some(false) {
            self.set_open(&line, true);
        } else if key(Key::ArrowLeft) && line.open == Some(true) {
            self.set_open(&line, false);
        }
        // Held keys join it with the present search, as with a click.
        let act = pressed.act || ui.input_mut(|i| i.consume_key(Modifiers::COMMAND, Key::Enter));
        let asked = if act && !line.search.is_empty() {
            Some(Asked::Search(line.search, Click::held(ui)))
        } else if key(Key::F2) {
            Some(Asked::Rename(line))
        } else if key(Key::Delete) {
            Some(Asked::Delete(self.chosen_with(&line)))
        } else {
            None
        };
        (list, asked)
    }

    fn line(
        &mut self,
        cx: &UiContext<'_>,
        ui: &mut Ui,
        r: Rect,
        line: &Line,
        searched: &str,
        list: &Response,
    ) -> Option<Asked> {
        let t = Tokens::of(ui);
        let is_searched = !line.search.is_empty() && line.search == searched;
        let is_marked = match self.tool {
            Tool::Search => is_searched,
            Tool::Select => self.choice.contains(line),
        };
        let area = r.pad(6.0, 0.0);
        let id = ui.make_persistent_id(("side", &line.key));
        let response = ui.interact(area, id, Sense::CLICK | Sense::DRAG);
        response.widget_info(|| WidgetInfo::selected(Role::TreeItem, true, is_marked, &line.name));
        let shape = area.pad(0.0, 1.0);
        if is_marked {
            fill(ui, shape, radius::SELECTION, t.selected);
        } else if response.hovered() {
            fill(ui, shape, radius::SELECTION, t.hover);
        }
        if self.current.as_ref() == Some(&line.key) {
            list::ring(ui, list, shape);
            if std::mem::take(&mut self.menu_by_key) {
                menu::open_by_key(&response);
            }
        }
        let is_whole = self.paint(ui, area, line, is_searched);
        let chosen = || self.chosen_with(line);
        drag_and_drop(cx, ui, area, line, chosen, &response);
        let mut asked = None;
        if response.clicked() {
            self.current = Some(line.key.clone());
            list::focus_quietly(ui, list);
            let click = Click::held(ui);
            match self.tool {
                Tool::Search if line.search.is_empty() => {
                    self.set_open(line, !line.open.unwrap_or(false));
                }
                Tool::Search => asked = Some(Asked::Search(line.search.clone(), click)),
                Tool::Select if response.double_clicked() && line.open.is_some() => {
                    self.set_open(line, line.open == Some(false));
                }
                Tool::Select if click.shift => self.choice.reach(line, &self.lines),
                Tool::Select if click.ctrl => self.choice.toggle(line),
                Tool::Select => self.choice.only(line),
            }
        }
        if response.secondary_clicked() && self.tool == Tool::Select && !is_marked {
            self.choice.only(line);
        }
        menu::context(&response, |ui| {
            if let Some(chosen) = self.menu(cx, ui, line) {
                asked = Some(chosen);
            }
        });
        if !is_whole {
            tooltip::words(response, &line.whole);
        }
        asked
    }

    /// False when the name had to be cut.
    fn paint(&mut self, ui: &Ui, r: Rect, line: &Line, is_searched: bool) -> bool {
        let t = Tokens::of(ui);
        let x = r.min.x + 2.0 + INDENT * line.depth as f32;
        let y = r.center().y;
        if let Some(is_open) = line.open {
            let c = pos2(x + 10.0, y);
            let id = ui.make_persistent_id(("fold", &line.key));
            let fold = ui.interact(
                Rect::from_center_size(c, vec2(20.0, LINE)),
                id,
                Sense::CLICK,
            );
            let words = match is_open {
                true => t!("Collapse {name}", name = line.name),
                false => t!("Expand {name}", name = line.name),
            };
            fold.widget_info(|| WidgetInfo::labeled(Role::Button, true, &words));
            rows::paint_chevron(ui, c, is_open);
            if fold.clicked() {
                self.set_open(line, !is_open);
            }
        }
        let heading = line.depth == 0;
        let mut from = x + 22.0;
        if !heading {
            paint_icon(ui, pos2(from + 8.0, y), &line.kind, is_searched);
            from += 24.0;
        }
        let f = if heading {
            font::small_strong()
        } else {
            font::small()
        };
        let color = match (is_searched, heading) {
            (true, _) => t.accent_text,
            (false, true) => t.text2,
            (false, false) => t.text,
        };
        let area = Rect::from_min_max(pos2(from, r.min.y), pos2(r.max.x - 6.0, r.max.y));
        let shown = ends(ui, &line.name, area.width(), &f);
        left(ui, area, &shown, f, color);
        shown == line.name
    }
}

/// A dashed box: icons of the typeface have none.
fn paint_selection(ui: &Ui, r: Rect, color: Color32) {
    let box_ = Rect::from_center_size(r.center(), Vec2::splat(13.0));
    let corners = [
        box_.left_top(),
        box_.right_top(),
        box_.right_bottom(),
        box_.left_bottom(),
        box_.left_top(),
    ];
    let line = Stroke::new(1.5, color);
    ui.painter()
        .extend(Shape::dashed_line(&corners, line, 3.5, 1.25));
}

fn paint_icon(ui: &Ui, c: eframe::egui::Pos2, kind: &Kind, is_searched: bool) {
    let t = Tokens::of(ui);
    let quiet = if is_searched { t.accent_text } else { t.text2 };
    let glyph = match kind {
        Kind::Flag(n) => {
            match t.flag(*n) {
                Some(color) => icon_filled(ui, c, ic::FLAG, size::ICON_SMALL, color),
                None => icon(ui, c, ic::FLAG, size::ICON_SMALL, quiet),
            }
            return;
        }
        Kind::State(n) => {
            dot(ui, c, 4.5, t.states().get(*n).copied().unwrap_or(quiet));
            return;
        }
        Kind::Saved(_) => ic::SEARCH,
        Kind::Today => ic::CLOCK,
        Kind::CurrentDeck | Kind::Deck(_) | Kind::FilteredDeck(_) => ic::DECK,
        Kind::Notetype(_) => ic::TYPES,
        Kind::Template => ic::STYLE,
        Kind::Field => ic::EDIT,
        Kind::Untagged | Kind::Tag(_) => ic::TAG,
        Kind::Root | Kind::SavedRoot | Kind::DecksRoot | Kind::TagsRoot => return,
    };
    icon(ui, c, glyph, size::ICON_SMALL, quiet);
}
