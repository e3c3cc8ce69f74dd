//! Menus: rows of 30 with keys at the right, separators, sub-menus. Entries come from the command
//! table or are made by hand ([`Entry`]).

use super::icons as ic;
use super::surface::{fill, focus_ring_inside, hline};
use super::text::{icon, icon_filled, left, right, width};
use super::tooltip;
use crate::ui::keys;
use crate::ui::theme::{Tokens, font, menu_style, radius, size, sp};
use eframe::egui::accesskit::Role;
use eframe::egui::containers::menu::{MenuConfig, SubMenu};
use eframe::egui::{
    Color32, Context, FocusDirection, Id, Key, Margin, Modifiers, Popup, Response, ScrollArea,
    Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2,
};

/// Height of a row.
pub(super) const ROW: f32 = 30.0;
/// Of a list that scrolls: its bar lies beside the rows, not over them.
pub(super) const BESIDE_BAR: Margin = Margin {
    right: 10,
    ..Margin::ZERO
};

/// One row of a menu.
#[derive(Debug, Clone)]
pub struct Entry<'a> {
    label: &'a str,
    keys: &'a str,
    enabled: bool,
    checked: Option<bool>,
    swatch: Option<Color32>,
    tip: Option<&'a str>,
    danger: bool,
    indented: bool,
}

impl<'a> From<&'a str> for Entry<'a> {
    fn from(label: &'a str) -> Self {
        Self::new(label)
    }
}

impl<'a> Entry<'a> {
    #[must_use]
    pub fn new(label: &'a str) -> Self {
        Self {
            label,
            keys: "",
            enabled: true,
            checked: None,
            swatch: None,
            tip: None,
            danger: false,
            indented: false,
        }
    }
    #[must_use]
    pub fn keys(mut self, keys: &'a str) -> Self {
        self.keys = keys;
        self
    }
    #[must_use]
    pub fn enabled(mut self, enabled: bool) -> Self {
        self.enabled = enabled;
        self
    }
    /// Reserves room for a tick, and shows it.
    #[must_use]
    pub fn checked(mut self, checked: bool) -> Self {
        self.checked = Some(checked);
        self
    }
    /// Begins where the words of ticked entries begin, in a menu that has some.
    #[must_use]
    pub fn indented(mut self, indented: bool) -> Self {
        self.indented = indented;
        self
    }
    /// A flag in its colour before the words.
    #[must_use]
    pub fn flag(mut self, color: Color32) -> Self {
        self.swatch = Some(color);
        self
    }
    #[must_use]
    pub fn tip(mut self, tip: &'a str) -> Self {
        self.tip = Some(tip).filter(|t| !t.is_empty());
        self
    }
    #[must_use]
    pub fn danger(mut self) -> Self {
        self.danger = true;
        self
    }

    fn has_tick_room(&self) -> bool {
        self.indented || self.checked.is_some()
    }

    fn lead(&self) -> f32 {
        let tick = if self.has_tick_room() { 22.0 } else { 0.0 };
        let flag = if self.swatch.is_some() { 24.0 } else { 0.0 };
        tick + flag
    }

    /// Width that the row needs, so that menus can be as wide as their widest.
    pub fn wanted_width(&self, ui: &Ui) -> f32 {
        let keys = match self.keys {
            "" => 0.0,
            keys => 32.0 + width(ui, &keys::named(keys), font::small()),
        };
        20.0 + self.lead() + width(ui, self.label, font::body()) + keys
    }

    /// The row; the menu closes with a click or Enter on it.
    pub fn show(self, ui: &mut Ui) -> Response {
        let response = self.row(ui, false);
        if response.clicked() {
            ui.close();
        }
        response
    }

    fn row(self, ui: &mut Ui, sub: bool) -> Response {
        let t = Tokens::of(ui);
        let wanted = self.wanted_width(ui) + if sub { 24.0 } else { 0.0 };
        // A search may have thousands of letters.
        let widest = ui.ctx().content_rect().width() - 2.0 * sp::XL;
        let w = room(ui).max(wanted.min(widest));
        let enabled = self.enabled && ui.is_enabled();
        let sense = if enabled {
            Sense::click()
        } else {
            Sense::hover()
        };
        let (r, response) = ui.allocate_exact_size(vec2(w, ROW), sense);
        response.widget_info(|| match self.checked {
            Some(on) => WidgetInfo::selected(Role::MenuItemCheckBox, enabled, on, self.label),
            None => WidgetInfo::labeled(Role::MenuItem, enabled, self.label),
        });
        if enabled && response.hovered() {
            fill(ui, r, radius::CHIP, t.selected);
        }
        if enabled && takes_keys_first(ui) {
            response.request_focus();
        }
        if response.has_focus() {
            focus_ring_inside(ui, r, radius::CHIP);
            if response.gained_focus() {
                response.scroll_to_me(None);
            }
        }
        let mut i = r.shrink2(vec2(10.0, 0.0));
        if self.checked == Some(true) {
            let c = pos2(i.min.x + 8.0, i.center().y);
            icon(ui, c, ic::CHECK, size::ICON_SMALL, t.accent_text);
        }
        if self.has_tick_room() {
            i.min.x += 22.0;
        }
        if let Some(color) = self.swatch {
            let c = pos2(i.min.x + 8.0, i.center().y);
            icon_filled(ui, c, ic::FLAG, size::ICON_SMALL, color);
            i.min.x += 24.0;
        }
        let (fg, key_color) = match (enabled, self.danger) {
            (false, _) => (t.disabled, t.disabled),
            (true, true) => (t.danger, t.text3),
            (true, false) => (t.text, t.text3),
        };
        left(ui, i, self.label, font::body(), fg);
        if sub {
            let c = pos2(i.max.x - 4.0, i.center().y);
            icon(ui, c, ic::RIGHT, size::ICON_SMALL, key_color);
        } else {
            right(ui, i, &keys::named(self.keys), font::small(), key_color);
        }
        match self.tip.or((wanted > w).then_some(self.label)) {
            Some(tip) => tooltip::words(response, tip),
            None => response,
        }
    }
}

/// A row that opens another menu beside it.
pub fn sub_menu<'a>(
    ui: &mut Ui,
    entry: impl Into<Entry<'a>>,
    content: impl FnOnce(&mut Ui),
) -> Response {
    let entry = entry.into();
    let label = entry.label;
    let response = entry.row(ui, true);
    ui.data_mut(|d| d.insert_temp(opens_id(response.id), ()));
    if response.enabled() && is_to_be_entered(ui, label) {
        // As if the arrow had been pressed on it.
        response.request_focus();
        ui.memory_mut(|m| m.move_focus(FocusDirection::Right));
    }
    SubMenu::new()
        .config(MenuConfig::new().style(menu_style))
        .show(ui, &response, content);
    response
}

fn opens_id(entry: Id) -> Id {
    entry.with("opens a menu")
}

/// Whether an entry is one of [`sub_menu`].
#[must_use]
pub fn opens_menu(ui: &Ui, entry: Id) -> bool {
    ui.data(|d| d.get_temp::<()>(opens_id(entry))).is_some()
}

/// The menu of `button`, opened by a key: its first entry that can be used has the keys.
pub fn begin_on_first_entry(button: &Response) {
    let id = Popup::default_response_id(button).with("first entry");
    button.ctx.data_mut(|d| d.insert_temp(id, ()));
}

fn takes_keys_first(ui: &Ui) -> bool {
    let id = ui.layer_id().id.with("first entry");
    ui.data_mut(|d| d.remove_temp::<()>(id)).is_some()
}

/// The menu of `button`, opened by a key: that of its entry `label` opens as well.
pub fn begin_in(button: &Response, label: &str) {
    let id = Popup::default_response_id(button).with("entered");
    button.ctx.data_mut(|d| d.insert_temp(id, label.to_owned()));
}

fn is_to_be_entered(ui: &Ui, label: &str) -> bool {
    let id = ui.layer_id().id.with("entered");
    let wanted = ui.data(|d| d.get_temp::<String>(id)).as_deref() == Some(label);
    if wanted {
        ui.data_mut(|d| d.remove::<String>(id));
    }
    wanted
}

/// A hair line between groups, 9 high.
pub fn separator(ui: &mut Ui) {
    let t = Tokens::of(ui);
    let (r, _) = ui.allocate_exact_size(vec2(room(ui), 9.0), Sense::hover());
    hline(ui, r.shrink2(vec2(8.0, 0.0)), r.center().y, t.border);
}

/// The width of the menu. While it is measured there is none yet: it becomes as wide as its widest
/// row, or as its content says.
fn room(ui: &Ui) -> f32 {
    match ui.is_sizing_pass() {
        true => 0.0,
        false => ui.available_width(),
    }
}

/// The menu of `button`: toggles with its click, closes with a choice, Esc or a click elsewhere.
pub fn popup<R>(button: &Response, content: impl FnOnce(&mut Ui) -> R) -> Option<R> {
    Popup::menu(button)
        .style(menu_style)
        .gap(2.0)
        .show(|ui| fitting(ui, content))
        .map(|inner| inner.inner)
}

/// As [`popup`], at the pointer on a secondary click; below `of` by a key, which opens it itself
/// while `of` has the focus, see [`open_by_key`].
pub fn context<R>(of: &Response, content: impl FnOnce(&mut Ui) -> R) -> Option<R> {
    if of.has_focus() && take_context_key(&of.ctx) {
        open_by_key(of);
    }
    let mut popup = Popup::context_menu(of).style(menu_style);
    if is_open(of) && Popup::position_of_id(&of.ctx, popup.get_id()).is_none() {
        popup = popup.anchor(of);
    }
    let shown = popup.show(|ui| fitting(ui, content));
    if !is_open(of) {
        give_back(of);
    }
    shown.map(|inner| inner.inner)
}

/// Takes the key that does what a secondary click does: Shift+F10, or the one with a menu on it.
pub fn take_context_key(ctx: &Context) -> bool {
    ctx.input_mut(|i| {
        i.consume_key(Modifiers::SHIFT, Key::F10) || i.consume_key(Modifiers::NONE, Key::Menu)
    })
}

/// Opens the [`context`] menu of `of`: its first entry that can be used has the keys.
pub fn open_by_key(of: &Response) {
    keep_focus(of);
    begin_on_first_entry(of);
    Popup::open_id(&of.ctx, Popup::default_response_id(of));
}

/// What has the keys now gets them back by [`give_back`].
pub(super) fn keep_focus(of: &Response) {
    let before = of.ctx.memory(|m| m.focused());
    of.ctx.data_mut(|d| d.insert_temp(before_id(of), before));
}

/// Remembers what had the keys before the menu.
fn before_id(of: &Response) -> Id {
    Popup::default_response_id(of).with("before")
}

/// It has them again when the menu has closed, unless something else took them. Not while the key
/// that chose is still pressed: it would press what has the keys again.
pub(super) fn give_back(of: &Response) {
    if of
        .ctx
        .input(|i| i.key_pressed(Key::Enter) || i.key_pressed(Key::Space))
    {
        return of.ctx.request_repaint();
    }
    let before = of
        .ctx
        .data_mut(|d| d.remove_temp::<Option<Id>>(before_id(of)));
    let Some(before) = before.flatten() else {
        return;
    };
    let layer = |id| {
        of.ctx
            .read_response(id)
            .map(|response| response.layer_id.id)
    };
    let focused = of.ctx.memory(|m| m.focused());
    if focused.is_none_or(|id| layer(id) == Some(Popup::default_response_id(of))) {
        of.ctx.memory_mut(|m| m.request_focus(before));
    }
}

/// Scrolls a menu that is higher than the window.
fn fitting<R>(ui: &mut Ui, content: impl FnOnce(&mut Ui) -> R) -> R {
    let id = ui.scope_id().with("height");
    let room = ui.ctx().content_rect().height() - 2.0 * sp::XL;
    let needed: f32 = ui.data(|d| d.get_temp(id)).unwrap_or_default();
    // The same in both places: what is inside keeps its ids.
    let builder = UiBuilder::new().scope_id(id.with("content"));
    let measured = |ui: &mut Ui| {
        let shown = ui.scope_builder(builder, content);
        (shown.inner, shown.response.rect.height())
    };
    let (inner, needed) = if needed > room {
        let area = ScrollArea::vertical().content_margin(BESIDE_BAR);
        area.max_height(room).show(ui, measured).inner
    } else {
        measured(ui)
    };
    ui.data_mut(|d| d.insert_temp(id, needed));
    inner
}

/// Whether the menu of `button` is open.
#[must_use]
pub fn is_open(button: &Response) -> bool {
    Popup::is_id_open(&button.ctx, Popup::default_response_id(button))
}
