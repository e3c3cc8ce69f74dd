//! The menus at the left of the top bar: a row of names, or one ☰ where there is no room for it.
//! The pointer opens them, F10 the first, Alt and a letter of its title any of them, where
//! people type too. What the menus hold is in `menu`.

use crate::t;
use crate::ui::context::{MenuKey, UiContext};
use crate::ui::menu::{self as menus, Letter, Menu, all_in_one};
use crate::ui::theme::{Tokens, font, radius};
use crate::ui::widgets::surface::{fill, focus_ring_inside};
use crate::ui::widgets::text::{center, icon, place_job, width};
use crate::ui::widgets::{ic, menu};
use eframe::egui::accesskit::Role;
use eframe::egui::text::{LayoutJob, TextFormat};
use eframe::egui::{
    Align, Context, Event, FocusDirection, Id, Key, Modifiers, Popup, Rect, Response, Sense,
    Stroke, Ui, Vec2, WidgetInfo, pos2, vec2,
};

/// On a Mac the Option key types signs.
const BY_LETTER: bool = !cfg!(target_os = "macos");

/// What was pressed for the menus of the page, taken out of the input.
#[must_use]
pub fn take_key(cx: &UiContext<'_>, ctx: &Context) -> Option<MenuKey> {
    if !is_free(cx, ctx) {
        return None;
    }
    // With Shift it opens the menu of a row.
    if ctx.input_mut(|i| !i.modifiers.shift && i.consume_key(Modifiers::NONE, Key::F10)) {
        return Some(MenuKey::Bar);
    }
    let menus = menus::of(cx.route);
    let letters = menus::letters(menus);
    let of_key = |key: Key| {
        let mut each = menus.iter().zip(&letters);
        each.find_map(|(menu, letter)| letter.filter(|l| l.key == key).map(|l| (menu, l)))
    };
    let (found, letter) = ctx.input(|i| {
        i.events.iter().find_map(|event| match event {
            Event::Key {
                key,
                pressed: true,
                modifiers,
                ..
            } if is_alt_alone(*modifiers) => of_key(*key),
            _ => None,
        })
    })?;
    let title = found.title();
    let sign = &title[letter.at..=letter.at];
    // The letter itself is for nobody, a field that has the keys say.
    ctx.input_mut(|i| {
        i.events.retain(|event| match event {
            Event::Key { key, .. } => letter.key != *key,
            Event::Text(text) => !text.eq_ignore_ascii_case(sign),
            _ => true,
        });
    });
    Some(MenuKey::Menu(title))
}

/// Whether keys open menus: nothing but a menu of the bar lies above the page.
fn is_free(cx: &UiContext<'_>, ctx: &Context) -> bool {
    !cx.covered || ctx.data(|d| d.get_temp(open_id())).unwrap_or(false)
}

fn is_alt_alone(m: Modifiers) -> bool {
    BY_LETTER && m.alt && !m.shift && !m.ctrl && !m.command
}

/// Remembers whether one of the menus was open in the last frame.
fn open_id() -> Id {
    Id::unique("a menu of the bar is open")
}

/// Remembers what had the keys before a menu was opened by one.
fn before_id() -> Id {
    Id::unique("before the menu")
}

/// The menus, between the bar's left edge and `until`; in one where the bar is `narrow`.
pub fn ui(cx: &UiContext<'_>, ui: &mut Ui, bar: Rect, until: f32, narrow: bool) {
    let open = if narrow || menus_width(cx, ui) > until - bar.min.x {
        one_menu(cx, ui, bar)
    } else {
        menu_row(cx, ui, bar)
    };
    ui.data_mut(|d| d.insert_temp(open_id(), open));
    if !open {
        give_back(ui);
    }
}

fn menus_width(cx: &UiContext<'_>, ui: &Ui) -> f32 {
    let menus = menus::of(cx.route).iter();
    let widths = menus.map(|m| width(ui, m.title(), font::small()) + 16.0);
    10.0 + widths.sum::<f32>()
}

fn menu_row(cx: &UiContext<'_>, ui: &mut Ui, bar: Rect) -> bool {
    let mut x = bar.min.x + 10.0;
    let mut buttons = vec![];
    let menus = menus::of(cx.route);
    let letters = if ui.input(|i| is_alt_alone(i.modifiers)) && is_free(cx, ui.ctx()) {
        menus::letters(menus)
    } else {
        vec![None; menus.len()]
    };
    for (m, letter) in menus.iter().zip(letters) {
        let w = width(ui, m.title(), font::small()) + 16.0;
        let r = Rect::from_min_size(pos2(x, bar.min.y), vec2(w, bar.height()));
        buttons.push(menu_button(ui, r, m, letter));
        x += w;
    }
    match cx.menu_key {
        Some(MenuKey::Bar) => open_by_key(ui, &buttons[0], false),
        Some(MenuKey::Menu(name)) => {
            let of_name = menus.iter().zip(&buttons).find(|(m, _)| m.title() == name);
            if let Some((_, button)) = of_name {
                open_by_key(ui, button, true);
            }
        }
        None => {}
    }
    // With one menu open, pointing at another opens that one, and so do the arrow keys.
    if let Some(open) = buttons.iter().position(menu::is_open) {
        let moved = ui.input(|i| i.pointer.delta() != Vec2::ZERO);
        let pointed = buttons.iter().position(|b| moved && b.hovered());
        let reached = by_arrows(ui, &buttons, open);
        if let Some((other, on_entry)) = reached.filter(|(other, _)| *other != open) {
            open_by_key(ui, &buttons[other], on_entry);
            // Here and no further.
            ui.memory_mut(|m| m.move_focus(FocusDirection::None));
        } else if let Some(other) = pointed.filter(|other| *other != open) {
            Popup::open_id(ui.ctx(), Popup::default_response_id(&buttons[other]));
        }
    }
    for (m, button) in menus.iter().zip(&buttons) {
        menu::popup(button, |ui| m.ui(cx, ui));
    }
    buttons.iter().any(menu::is_open)
}

/// Opens the menu of `button`; `on_entry`: the keys are on its first entry at once.
fn open_by_key(ui: &Ui, button: &Response, on_entry: bool) {
    let focused = ui.memory(|m| m.focused());
    if !ui.data(|d| d.get_temp(open_id())).unwrap_or(false)
        && let Some(before) = focused
    {
        ui.data_mut(|d| d.insert_temp(before_id(), Some(before)));
    }
    button.request_focus();
    Popup::open_id(ui.ctx(), Popup::default_response_id(button));
    if on_entry {
        menu::begin_on_first_entry(button);
    }
}

/// What had the keys before has them again, when the menu was left without going elsewhere.
fn give_back(ui: &Ui) {
    let before = ui.data_mut(|d| d.remove_temp::<Option<Id>>(before_id()));
    if let Some(before) = before.flatten()
        && ui.memory(|m| m.focused()).is_none()
    {
        ui.memory_mut(|m| m.request_focus(before));
    }
}

/// Left and Right, while the keys are on the open menu's name or in it: which menu they lead to,
/// and whether they came from an entry.
fn by_arrows(ui: &Ui, buttons: &[Response], open: usize) -> Option<(usize, bool)> {
    let name = &buttons[open];
    let focused = ui.memory(|m| m.focused());
    let entry = focused.filter(|id| *id != name.id);
    // In a menu that an entry opened Left leads back to it, and on such an entry Right into it.
    let (left, right) = match entry {
        None => (true, true),
        Some(entry) => {
            let layer = ui.ctx().read_response(entry)?.layer_id.id;
            let opens_menu = menu::opens_menu(ui, entry);
            (layer == Popup::default_response_id(name), !opens_menu)
        }
    };
    let pressed = |key| ui.input_mut(|i| i.consume_key(Modifiers::NONE, key));
    let count = buttons.len();
    let to = if right && pressed(Key::ArrowRight) {
        (open + 1) % count
    } else if left && pressed(Key::ArrowLeft) {
        (open + count - 1) % count
    } else {
        return None;
    };
    Some((to, entry.is_some()))
}

fn menu_button(ui: &Ui, r: Rect, of: &Menu, letter: Option<Letter>) -> Response {
    let t = Tokens::of(ui);
    let name = of.title();
    let pill = Rect::from_center_size(r.center(), vec2(r.width(), 26.0));
    let response = ui.interact(pill, ui.make_persistent_id(("menu", name)), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, name));
    if menu::is_open(&response) {
        fill(ui, pill, radius::CHIP, t.pressed);
    } else if response.hovered() {
        fill(ui, pill, radius::CHIP, t.hover);
    }
    if response.has_focus() {
        focus_ring_inside(ui, pill, radius::CHIP);
    }
    if let Some(Letter { at, .. }) = letter {
        let plain = TextFormat::simple(font::small(), t.text2);
        let marked = TextFormat {
            underline: Stroke::new(1.0, t.text2),
            ..plain.clone()
        };
        let mut job = LayoutJob::default();
        for (part, format) in [
            (&name[..at], plain.clone()),
            (&name[at..=at], marked),
            (&name[at + 1..], plain),
        ] {
            if !part.is_empty() {
                job.append(part, 0.0, format);
            }
        }
        place_job(ui, r, Align::Center, job);
    } else {
        center(ui, r, name, font::small(), t.text2);
    }
    response
}

fn one_menu(cx: &UiContext<'_>, ui: &mut Ui, bar: Rect) -> bool {
    let t = Tokens::of(ui);
    let r = Rect::from_center_size(pos2(bar.min.x + 28.0, bar.center().y), Vec2::splat(32.0));
    let response = ui.interact(r, ui.make_persistent_id("all menus"), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, t!("Menu")));
    if menu::is_open(&response) {
        fill(ui, r, radius::CONTROL, t.pressed);
    } else if response.hovered() {
        fill(ui, r, radius::CONTROL, t.hover);
    }
    if response.has_focus() {
        focus_ring_inside(ui, r, radius::CONTROL);
    }
    icon(ui, r.center(), ic::MENU, 20.0, t.text2);
    match cx.menu_key {
        Some(MenuKey::Bar) => open_by_key(ui, &response, false),
        Some(MenuKey::Menu(name)) => {
            open_by_key(ui, &response, false);
            menu::begin_in(&response, name);
        }
        None => {}
    }
    menu::popup(&response, |ui| all_in_one(cx, ui));
    menu::is_open(&response)
}
