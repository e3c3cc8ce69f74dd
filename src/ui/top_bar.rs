//! The bar of 48 at the top: menus left (one ☰ in narrow windows), pages in the middle, the
//! profile's name right. Below it the banner, when there is one.

use crate::service::request::{BackupRequest, Request};
use crate::ui::action::Action;
use crate::ui::backups::words;
use crate::ui::command::Command;
use crate::ui::context::UiContext;
use crate::ui::menu::{self as menus, all_in_one};
use crate::ui::review::{Edge, HiddenBar};
use crate::ui::route::Route;
use crate::ui::sync;
use crate::ui::theme::{Tokens, font, radius, size};
use crate::ui::widgets::banner::{self, Pressed};
use crate::ui::widgets::surface::{fill, focus_ring_inside, hline};
use crate::ui::widgets::text::{center, icon, right, width};
use crate::ui::widgets::{Cut, ic, menu, tooltip};
use eframe::egui::accesskit::Role;
use eframe::egui::{
    FocusDirection, Key, Modifiers, Popup, Rect, Response, Sense, Ui, Vec2, WidgetInfo, pos2, vec2,
};

/// Cuts the bar (and the banner) off `r`.
pub fn ui(cx: &UiContext<'_>, ui: &mut Ui, r: &mut Rect) {
    bar_ui(cx, ui, r.cut_top(size::TOP_BAR));
    banner_ui(cx, ui, r);
}

/// Over the page, when the pointer is at the window's upper edge.
pub fn over_page(cx: &UiContext<'_>, ui: &mut Ui, mut window: Rect, hidden: &mut HiddenBar) {
    let bar = window.cut_top(size::TOP_BAR);
    if hidden.shows(ui, bar, Edge::Top, false) {
        let t = Tokens::of(ui);
        fill(ui, bar, 0, t.canvas);
        hline(ui, bar, bar.max.y - 1.0, t.border);
        bar_ui(cx, ui, bar);
    }
}

fn bar_ui(cx: &UiContext<'_>, ui: &mut Ui, bar: Rect) {
    let pages_from = pages(cx, ui, bar);
    let room = pages_from - bar.min.x;
    if bar.width() < size::MENUS_COLLAPSE || menus_width(cx, ui) > room {
        one_menu(cx, ui, bar);
    } else {
        menu_row(cx, ui, bar);
    }
    profile(cx, ui, bar);
}

fn menus_width(cx: &UiContext<'_>, ui: &Ui) -> f32 {
    let menus = menus::of(cx.route).iter();
    let widths = menus.map(|m| width(ui, m.name, font::small()) + 16.0);
    10.0 + widths.sum::<f32>()
}

fn menu_row(cx: &UiContext<'_>, ui: &mut Ui, bar: Rect) {
    let mut x = bar.min.x + 10.0;
    let mut buttons = vec![];
    let menus = menus::of(cx.route);
    for m in menus {
        let w = width(ui, m.name, font::small()) + 16.0;
        let r = Rect::from_min_size(pos2(x, bar.min.y), vec2(w, bar.height()));
        buttons.push(menu_button(ui, r, m.name));
        x += w;
    }
    open_by_key(cx, ui, &buttons[0]);
    // With one menu open, pointing at another opens that one, and so do the arrow keys.
    if let Some(open) = buttons.iter().position(menu::is_open) {
        let moved = ui.input(|i| i.pointer.delta() != Vec2::ZERO);
        let pointed = buttons.iter().position(|b| moved && b.hovered());
        let reached = by_arrows(ui, &buttons, open);
        if let Some(other) = reached.or(pointed).filter(|other| *other != open) {
            let other = &buttons[other];
            if reached.is_some() {
                other.request_focus();
                // Here and no further.
                ui.memory_mut(|m| m.move_focus(FocusDirection::None));
            }
            Popup::open_id(ui.ctx(), Popup::default_response_id(other));
        }
    }
    for (m, button) in menus.iter().zip(&buttons) {
        menu::popup(button, |ui| m.ui(cx, ui));
    }
}

/// F10 opens the first menu, and the arrows go on from there.
fn open_by_key(cx: &UiContext<'_>, ui: &Ui, first: &Response) {
    if cx.keys_free && ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::F10)) {
        first.request_focus();
        Popup::open_id(ui.ctx(), Popup::default_response_id(first));
    }
}

/// Left and Right, while the keys are on the open menu's name.
fn by_arrows(ui: &Ui, buttons: &[Response], open: usize) -> Option<usize> {
    let focused = ui.memory(|m| m.focused());
    if focused.is_some_and(|id| id != buttons[open].id) {
        return None;
    }
    let pressed = |key| ui.input_mut(|i| i.consume_key(Modifiers::NONE, key));
    let count = buttons.len();
    if pressed(Key::ArrowRight) {
        Some((open + 1) % count)
    } else if pressed(Key::ArrowLeft) {
        Some((open + count - 1) % count)
    } else {
        None
    }
}

fn menu_button(ui: &Ui, r: Rect, name: &str) -> Response {
    let t = Tokens::of(ui);
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
    center(ui, r, name, font::small(), t.text2);
    response
}

fn one_menu(cx: &UiContext<'_>, ui: &mut Ui, bar: Rect) {
    let t = Tokens::of(ui);
    let r = Rect::from_center_size(pos2(bar.min.x + 28.0, bar.center().y), Vec2::splat(32.0));
    let response = ui.interact(r, ui.make_persistent_id("all menus"), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, "Menu"));
    if menu::is_open(&response) {
        fill(ui, r, radius::CONTROL, t.pressed);
    } else if response.hovered() {
        fill(ui, r, radius::CONTROL, t.hover);
    }
    if response.has_focus() {
        focus_ring_inside(ui, r, radius::CONTROL);
    }
    icon(ui, r.center(), ic::MENU, 20.0, t.text2);
    open_by_key(cx, ui, &response);
    menu::popup(&response, |ui| all_in_one(cx, ui));
}

/// Returns where the first of them begins.
fn pages(cx: &UiContext<'_>, ui: &mut Ui, bar: Rect) -> f32 {
    let t = Tokens::of(ui);
    let pages = [
        (Command::Decks, *cx.route == Route::Decks),
        (Command::Add, *cx.route == Route::Add),
        (Command::BrowsePage, *cx.route == Route::Browse),
        (Command::Stats, *cx.route == Route::Stats),
        (Command::Sync, false),
    ];
    let widths = pages.map(|(c, _)| width(ui, c.info().label, font::strong()) + 28.0);
    let from = (bar.center().x - widths.iter().sum::<f32>() / 2.0).round();
    let mut x = from;
    for ((command, current), w) in pages.into_iter().zip(widths) {
        let r = Rect::from_min_size(pos2(x, bar.center().y - 16.0), vec2(w, 32.0));
        let name = command.info().label;
        let response = ui.interact(r, ui.make_persistent_id(("page", name)), Sense::click());
        let syncs = command == Command::Sync;
        response.widget_info(|| match syncs {
            true => WidgetInfo::labeled(Role::Button, true, name),
            false => WidgetInfo::selected(Role::Tab, true, current, name),
        });
        if current {
            fill(ui, r, radius::SELECTION, t.selected);
        } else if response.hovered() {
            fill(ui, r, radius::SELECTION, t.hover);
        }
        if response.has_focus() {
            focus_ring_inside(ui, r, radius::SELECTION);
        }
        let color = match (current, syncs) {
            (true, _) => t.accent_text,
            (_, true) => sync::button::color(&cx.model.sync, t),
            _ => t.text,
        };
        center(ui, r, name, font::strong(), color);
        if response.clicked() {
            cx.command(command);
        }
        let tip = match syncs {
            true => sync::button::tip(cx),
            false => command.info().tooltip.to_owned(),
        };
        tooltip::with_key(response, &tip, Some(&command.shown_keys()));
        x += w;
    }
    from
}

fn profile(cx: &UiContext<'_>, ui: &mut Ui, bar: Rect) {
    let Some(name) = cx.model.profile_name() else {
        return;
    };
    let t = Tokens::of(ui);
    let most = (bar.width() / 2.0 - 120.0).min(260.0);
    let w = (width(ui, name, font::small()) + 16.0).min(most);
    let r = Rect::from_center_size(
        pos2(bar.max.x - 10.0 - w / 2.0, bar.center().y),
        vec2(w, 26.0),
    );
    let response = ui.interact(r, ui.make_persistent_id("profile"), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("Profile {name}")));
    if response.hovered() {
        fill(ui, r, radius::CHIP, t.hover);
    }
    if response.has_focus() {
        focus_ring_inside(ui, r, radius::CHIP);
    }
    right(ui, r.pad(8.0, 0.0), name, font::small(), t.text2);
    if response.clicked() {
        cx.command(Command::SwitchProfile);
    }
    tooltip::with_key(
        response,
        Command::SwitchProfile.info().tooltip,
        Some(&Command::SwitchProfile.shown_keys()),
    );
}

/// After a restore, until the restart: automatic work is off.
pub fn banner_ui(cx: &UiContext<'_>, ui: &mut Ui, r: &mut Rect) {
    let Some(p) = cx.model.profile() else {
        return;
    };
    if !p.restored || cx.model.banner_dismissed {
        return;
    }
    let area = r.cut_top(size::BANNER + 8.0).pad(16.0, 4.0);
    let now = cx.clock.local(cx.now);
    let from = p
        .restored_from
        .as_ref()
        .and_then(|path| {
            let (_, rows) = cx.model.backups.ready()?;
            rows.iter().find(|e| e.path == *path)
        })
        .map_or_else(
            || "Restored from a backup".to_owned(),
            |e| {
                let (day, time) = (
                    words::long_date(e.created, &now),
                    words::clock_time(e.created, &now),
                );
                format!("Restored from {day}, {time}")
            },
        );
    let undo = p.can_undo_restore.then_some((ic::UNDO, "Undo restore"));
    let pressed = banner::warning(
        ui,
        area,
        &from,
        "Automatic backups and syncing are off until you restart Engram.",
        undo,
    );
    match pressed {
        Some(Pressed::Action) => cx.ask(Request::Backup(BackupRequest::UndoRestore {
            profile: p.name.clone(),
        })),
        Some(Pressed::Close) => cx.send(Action::DismissBanner),
        None => {}
    }
}
