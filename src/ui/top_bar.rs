//! The bar of 48 at the top: menus left (one ☰ in narrow windows), pages in the middle, the
//! profile's name right, with a sign of the backup status where the page has no bottom bar to say it.
//! Below it the banner, when there is one.

use crate::service::request::{BackupRequest, Request};
use crate::t;
use crate::ui::action::Action;
use crate::ui::backups::words;
use crate::ui::bottom_bar;
use crate::ui::command::Command;
use crate::ui::context::UiContext;
use crate::ui::menu_bar;
use crate::ui::review::{Edge, HiddenBar};
use crate::ui::route::Route;
use crate::ui::sync;
use crate::ui::theme::{Tokens, font, radius, size};
use crate::ui::widgets::banner::{self, Closing, Pressed};
use crate::ui::widgets::surface::{fill, focus_ring_inside, hline};
use crate::ui::widgets::text::{center, right, width};
use crate::ui::widgets::{Cut, ic, tooltip};
use eframe::egui::accesskit::Role;
use eframe::egui::{Rect, Sense, Ui, WidgetInfo, pos2, vec2};

/// Cuts the bar (and the banner) off `r`.
pub fn ui(cx: &UiContext<'_>, ui: &mut Ui, r: &mut Rect) {
    bar_ui(cx, ui, r.cut_top(size::TOP_BAR));
    banner_ui(cx, ui, r);
}

/// Over the page, when the pointer is at the window's upper edge or a key opens a menu.
pub fn over_page(cx: &UiContext<'_>, ui: &mut Ui, mut window: Rect, hidden: &mut HiddenBar) {
    let bar = window.cut_top(size::TOP_BAR);
    if hidden.shows(ui, bar, Edge::Top, cx.menu_key.is_some()) {
        let t = Tokens::of(ui);
        fill(ui, bar, 0, t.canvas);
        hline(ui, bar, bar.max.y - 1.0, t.border);
        bar_ui(cx, ui, bar);
    }
}

fn bar_ui(cx: &UiContext<'_>, ui: &mut Ui, bar: Rect) {
    // Drawn from left to right, which is how Tab goes.
    let widths = page_widths(ui, bar);
    let total: f32 = widths.iter().sum();
    let from = (bar.center().x - total / 2.0).round();
    let narrow = bar.width() < size::MENUS_COLLAPSE;
    menu_bar::ui(cx, ui, bar, from, narrow);
    pages(cx, ui, bar.with_min_x(from), &widths);
    let mut rest = bar.with_min_x(from + total);
    let mut end = rest.with_max_x(rest.max.x - EDGE);
    let has_sign = has_no_status(cx.route) && cx.model.is_open();
    if has_sign {
        rest.cut_right(bottom_bar::SIGN);
    }
    profile(cx, ui, rest);
    if has_sign {
        bottom_bar::sign(cx, ui, &mut end);
    }
}

/// Whether the page has no bottom bar to say how the backups are.
fn has_no_status(route: &Route) -> bool {
    matches!(
        route,
        Route::Review | Route::Browse | Route::Add | Route::EditNote { .. }
    )
}

/// From the sign of the backups to the window's edge.
const EDGE: f32 = 16.0;
/// What the pages leave to the menu and to the sign of the backups.
const ENDS: f32 = 48.0;
/// Around the name of a page, where there is room; with less, the last ones are only in the menus.
const AROUND: f32 = 28.0;
const AROUND_LEAST: f32 = 8.0;

const PAGES: [Command; 5] = [
    Command::Decks,
    Command::Add,
    Command::BrowsePage,
    Command::Stats,
    Command::Sync,
];

/// Of the pages that have room, from the first on.
fn page_widths(ui: &Ui, bar: Rect) -> Vec<f32> {
    let names = PAGES.map(|c| width(ui, c.info().label, font::strong()));
    let room = (bar.width() - 2.0 * ENDS).max(0.0);
    let around = (room - names.iter().sum::<f32>()) / names.len() as f32;
    let around = around.clamp(AROUND_LEAST, AROUND);
    let mut total = 0.0;
    let fitting = names.map(|name| name + around).into_iter().take_while(|w| {
        let fits = total + w <= room + 1.0;
        total += if fits { *w } else { 0.0 };
        fits
    });
    fitting.collect()
}

/// From the left edge of `r` on.
fn pages(cx: &UiContext<'_>, ui: &mut Ui, r: Rect, widths: &[f32]) {
    let t = Tokens::of(ui);
    let (mut x, middle) = (r.min.x, r.center().y);
    for (command, w) in PAGES.into_iter().zip(widths) {
        let current = match command {
            Command::Decks => *cx.route == Route::Decks,
            Command::Add => *cx.route == Route::Add,
            Command::BrowsePage => *cx.route == Route::Browse,
            Command::Stats => *cx.route == Route::Stats,
            _ => false,
        };
        let r = Rect::from_min_size(pos2(x, middle - 16.0), vec2(*w, 32.0));
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
}

/// At the end of `r`, the room beside the pages.
fn profile(cx: &UiContext<'_>, ui: &mut Ui, r: Rect) {
    let Some(name) = cx.model.profile_name() else {
        return;
    };
    let t = Tokens::of(ui);
    let most = (r.width() - 18.0).clamp(0.0, 260.0);
    // Nothing of it would be seen.
    if most < 26.0 {
        return;
    }
    let w = (width(ui, name, font::small()) + 16.0).min(most);
    let middle = pos2(r.max.x - 10.0 - w / 2.0, r.center().y);
    let r = Rect::from_center_size(middle, vec2(w, 26.0));
    let response = ui.interact(r, ui.make_persistent_id("profile"), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, t!("Profile {name}", name)));
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

/// While nobody has said that what changed so much is well.
pub fn alarm_ui(cx: &UiContext<'_>, ui: &mut Ui, r: &mut Rect) {
    let Some(alarm) = cx
        .model
        .backup
        .alarm
        .as_ref()
        .filter(|_| cx.model.is_open())
    else {
        return;
    };
    let now = cx.clock.local(cx.now);
    let title = match alarm.good_at {
        Some(at) => {
            let time = words::moment(at, &now);
            t!("Much has changed since the backup of {time}", time)
        }
        None => t!("Much has changed").to_owned(),
    };
    let line = format!("{} {}", alarm.told(), words::alarm_waits());
    let look = alarm
        .good
        .as_ref()
        .map(|_| (ic::SEARCH, t!("Look at what changed")));
    let quiet = t!("That was me");
    match banner::warning(ui, r, &title, &line, look, quiet, Closing::Answered) {
        Some(Pressed::Action) => cx.go(Route::Explorer {
            path: alarm.good.clone(),
        }),
        Some(Pressed::Quiet) => cx.ask(Request::Backup(BackupRequest::AcceptChanges)),
        Some(Pressed::Close) | None => {}
    }
}

/// What lasts and limits the program: an alarm, and after a restore, until the restart, that
/// automatic work is off.
pub fn banner_ui(cx: &UiContext<'_>, ui: &mut Ui, r: &mut Rect) {
    alarm_ui(cx, ui, r);
    let Some(p) = cx.model.profile() else {
        return;
    };
    if !p.restored || cx.model.banner_dismissed {
        return;
    }
    let now = cx.clock.local(cx.now);
    let from = p
        .restored_from
        .as_ref()
        .and_then(|path| {
            let (_, rows) = cx.model.backups.ready()?;
            rows.iter().find(|e| e.path == *path)
        })
        .map_or_else(
            || t!("Restored from a backup").to_owned(),
            |e| {
                let (day, time) = (
                    words::long_date(e.created, &now),
                    words::clock_time(e.created, &now),
                );
                t!("Restored from {day}, {time}", day, time)
            },
        );
    let undo = p.can_undo_restore.then_some((ic::UNDO, t!("Undo restore")));
    let pressed = banner::warning(
        ui,
        r,
        &from,
        t!("Automatic backups and syncing are off until you restart Engram."),
        undo,
        t!("Resume now"),
        Closing::Freely,
    );
    match pressed {
        Some(Pressed::Action) => cx.ask(Request::Backup(BackupRequest::UndoRestore {
            profile: p.name.clone(),
        })),
        Some(Pressed::Quiet) => cx.ask(Request::Backup(BackupRequest::Resume)),
        Some(Pressed::Close) => cx.send(Action::DismissBanner),
        None => {}
    }
}
