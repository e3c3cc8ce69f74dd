//! The profiles window: the list at the left, what can be done with the selected one at the right.

use super::Shown;
use super::model;
use crate::t;
use crate::ui::theme::{Tokens, font, size};
use crate::ui::widgets::button::{Button, Kind};
use crate::ui::widgets::{Cut as _, list, row, surface, text};
use eframe::egui::{Align, Rect, ScrollArea, Sense, Ui, UiBuilder, pos2, vec2};

/// The window of the picture; a larger one has it in the middle.
const PAGE: [f32; 2] = [720.0, 540.0];

/// What the user did, in terms of the selected profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Press {
    Open,
    Add,
    Rename,
    Delete,
    OpenBackup,
    FromAnki,
    Elsewhere,
    Quit,
}

/// The rectangle of a small page in the window.
#[must_use]
pub(super) fn page_in(window: Rect, wanted: [f32; 2]) -> Rect {
    let s = vec2(
        wanted[0].min(window.width()),
        wanted[1].min(window.height()),
    );
    let spare = window.size() - s;
    let min = window.min + vec2((spare.x / 2.0).round(), (spare.y * 0.42).round());
    Rect::from_min_size(min, s)
}

/// Draws it; returns the press and the selection.
pub(super) fn show(
    ui: &mut Ui,
    window: Rect,
    shown: &Shown<'_>,
    selected: &mut usize,
    focus_list: bool,
) -> Option<Press> {
    let t = Tokens::of(ui);
    let mut i = page_in(window, PAGE).pad(28.0, 24.0);
    let at = Align::Min;
    text::heading(
        ui,
        i.cut_top(28.0),
        at,
        t!("Profiles"),
        font::title(),
        t.text,
    );
    let words = t!("Each profile has its own collection, settings and backups.");
    text::label(ui, i.cut_top(24.0), at, words, font::small(), t.text2);
    i.cut_top(14.0);
    let status = i.cut_bottom(22.0);
    i.cut_bottom(12.0);
    let words = [
        t!("Rename"),
        t!("Open Backup…"),
        t!("From Anki…"),
        t!("From Elsewhere…"),
    ];
    let widths = words.map(|words| Button::new(words).wanted_width(ui));
    let mut column = i.cut_right(widths.into_iter().fold(172.0, f32::max));
    i.cut_right(20.0);
    let by_list = rows(ui, i, shown, selected, focus_list);
    let by_button = buttons(ui, &mut column, shown);
    let words = t!(
        "Engram {version} · profiles are kept in {folder}",
        version = env!("CARGO_PKG_VERSION"),
        folder = shown.folder
    );
    text::label(ui, status, at, &words, font::caption(), t.text3);
    by_button.or(by_list)
}

fn buttons(ui: &mut Ui, column: &mut Rect, shown: &Shown<'_>) -> Option<Press> {
    let any = !shown.profiles.is_empty();
    let last = shown.profiles.len() < 2;
    let stay = t!("At least one profile must stay");
    let groups: [Vec<(Button<'_>, Press)>; 3] = [
        vec![
            (
                Button::new(t!("Open")).kind(Kind::Primary).enabled(any),
                Press::Open,
            ),
            (Button::new(t!("Add")), Press::Add),
            (Button::new(t!("Rename")).enabled(any), Press::Rename),
            if last {
                (
                    Button::new(t!("Delete")).enabled(false).tip(stay),
                    Press::Delete,
                )
            } else {
                (Button::new(t!("Delete")), Press::Delete)
            },
        ],
        vec![
            (
                Button::new(t!("Open Backup…")).enabled(any),
                Press::OpenBackup,
            ),
            (
                Button::new(t!("From Anki…")).tip(t!("Bring my Anki profile")),
                Press::FromAnki,
            ),
            (
                Button::new(t!("From Elsewhere…")).tip(t!("Restore from a copy elsewhere")),
                Press::Elsewhere,
            ),
        ],
        vec![(Button::new(t!("Quit")), Press::Quit)],
    ];
    let mut press = None;
    for (n, group) in groups.into_iter().enumerate() {
        if n > 0 {
            column.cut_top(12.0);
        }
        for (button, what) in group {
            if button.place(ui, column.cut_top(size::CONTROL)).clicked() {
                press = Some(what);
            }
            column.cut_top(8.0);
        }
    }
    press
}

fn rows(
    ui: &mut Ui,
    r: Rect,
    shown: &Shown<'_>,
    selected: &mut usize,
    focus_list: bool,
) -> Option<Press> {
    surface::card(ui, r);
    let inner = r.pad(6.0, 6.0);
    let count = shown.profiles.len();
    let page = (inner.height() / size::ROW_PROFILE) as usize;
    let at = (count > 0).then_some(*selected);
    let (focus, keys) = list::keys(ui, inner, "profiles", t!("Profiles"), count, at, page);
    if focus_list {
        list::focus_quietly(ui, &focus);
    }
    let mut press = keys.act.then_some(Press::Open);
    if let Some(n) = keys.select {
        *selected = n;
    }
    let mut child = ui.new_child(UiBuilder::new().max_rect(inner).id_salt("profile rows"));
    ScrollArea::vertical()
        .auto_shrink(false)
        .show(&mut child, |ui| {
            ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
            for (n, profile) in shown.profiles.iter().enumerate() {
                let wanted = vec2(inner.width(), size::ROW_PROFILE);
                let (_, rect) = ui.allocate_space(wanted);
                let is = n == *selected;
                let below = model::subtitle(profile, shown.now);
                let salt = list::row_salt(n);
                let response = row::sensed(ui, rect, salt, &profile.name, is, Sense::CLICK);
                if is {
                    list::ring(ui, &focus, rect.shrink2(vec2(0.0, 1.0)));
                    if keys.select.is_some() {
                        ui.scroll_to_rect(rect, None);
                    }
                }
                paint(ui, rect, &profile.name, &below, is);
                if response.clicked() {
                    *selected = n;
                    list::focus_quietly(ui, &focus);
                }
                if response.double_clicked() {
                    *selected = n;
                    press = Some(Press::Open);
                }
            }
        });
    press
}

fn paint(ui: &Ui, rect: Rect, name: &str, below: &str, selected: bool) {
    let t = Tokens::of(ui);
    let mut x = rect.pad(12.0, 10.0);
    let disc = x.cut_left(36.0);
    let (bg, fg) = if selected {
        (t.accent, t.on_accent)
    } else {
        (t.pressed, t.text2)
    };
    surface::dot(ui, pos2(disc.center().x, disc.center().y), 18.0, bg);
    text::center(ui, disc, &model::initial(name), font::heading(), fg);
    x.cut_left(12.0);
    let top = x.cut_top(20.0);
    text::left(ui, top, name, font::strong(), t.text);
    text::label(ui, x, Align::Min, below, font::small(), t.text2);
}
