//! The first start: a new profile with something to study, a profile brought from Anki, a file, or
//! a copy elsewhere.

use super::window::page_in;
use super::{Shown, bring};
use crate::t;
use crate::ui::theme::{Tokens, font, size, sp};
use crate::ui::widgets::button::{Button, Kind};
use crate::ui::widgets::{Cut as _, ic, surface, text};
use eframe::egui::{Align, Layout, Rect, ScrollArea, Ui, UiBuilder, vec2};
use std::collections::BTreeSet;

const WIDTH: f32 = 680.0;
/// Above and below what is on the page.
const EDGE: f32 = 12.0;
const DISC: f32 = 72.0;
const ROW: f32 = 76.0;
const PROFILE_ROW: f32 = 30.0;
/// Narrowest button of a way.
const BUTTON: f32 = 136.0;
/// Anki profiles shown before the list scrolls.
const MOST_ROWS: usize = 4;

/// How to start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Way {
    New,
    /// Copies the Anki profiles of these names.
    Bring(Vec<String>),
    /// Anki's folder was not found: show where it is.
    ChooseFolder,
    OpenFile,
    /// From a vault.
    Elsewhere,
}

/// Draws the page. `left_out` are Anki profiles that are not ticked; with `focus` the way that
/// stands out has the keys.
pub(super) fn show(
    ui: &mut Ui,
    window: Rect,
    shown: &Shown<'_>,
    left_out: &mut BTreeSet<String>,
    focus: bool,
) -> Option<Way> {
    let t = Tokens::of(ui);
    let found = !shown.anki.is_empty();
    // In a low window it goes without the disc, and the profiles scroll sooner.
    let ticks = |most: usize| {
        let rows = shown.anki.len().min(most) as f32;
        found.then_some(rows * PROFILE_ROW + 14.0)
    };
    let height = |ticks: Option<f32>| 4.0 * ROW + ticks.unwrap_or_default();
    let around = 2.0 * EDGE + 30.0 + 24.0 + sp::XL + 14.0 + 20.0;
    let whole = around + DISC + 14.0 + height(ticks(MOST_ROWS));
    let tight = window.height() < whole;
    let ticks = ticks(if tight { 2 } else { MOST_ROWS });
    let page = if tight { around + height(ticks) } else { whole };
    let mut i = page_in(window, [WIDTH, page]).pad(28.0, EDGE);
    heading(ui, &mut i, tight);
    let frame = i.cut_top(height(ticks));
    surface::card(ui, frame);
    let mut inner = frame.pad(18.0, 0.0);

    let buttons = [
        t!("Create profile"),
        bring_words(shown, left_out),
        t!("Open a file…"),
        t!("Restore…"),
    ];
    // All as wide as the one with the longest words.
    let wide = buttons.map(|words| Button::new(words).wanted_width(ui));
    let wide = wide.into_iter().fold(BUTTON, f32::max);
    let mut action = None;
    let fresh = Choice {
        glyph: ic::ADD,
        title: t!("Start new"),
        line: t!("A new profile with a small sample deck, so that you can study at once."),
        button: buttons[0],
        primary: !found,
        enabled: true,
    };
    if fresh.show(ui, inner.cut_top(ROW), wide, focus) {
        action = Some(Way::New);
    }
    surface::hline(ui, inner, inner.min.y, t.border);
    if let Some(a) = bring_row(ui, &mut inner, shown, left_out, ticks, wide, focus) {
        action = Some(a);
    }
    surface::hline(ui, inner, inner.min.y, t.border);
    let open = Choice {
        glyph: ic::FOLDER,
        title: t!("Open a file"),
        line: t!("A collection that was exported from Anki or Engram (.colpkg), or a backup."),
        button: buttons[2],
        primary: false,
        enabled: true,
    };
    if open.show(ui, inner.cut_top(ROW), wide, focus) {
        action = Some(Way::OpenFile);
    }
    surface::hline(ui, inner, inner.min.y, t.border);
    let elsewhere = Choice {
        glyph: ic::BACKUP,
        title: t!("Restore from a copy elsewhere"),
        line: t!("A copy on another disk, a server or in a cloud, with its password."),
        button: buttons[3],
        primary: false,
        enabled: true,
    };
    if elsewhere.show(ui, inner.cut_top(ROW), wide, focus) {
        action = Some(Way::Elsewhere);
    }
    i.cut_top(14.0);
    let words = t!(
        "Everything stays on this computer, in {folder}",
        folder = shown.folder
    );
    text::label(
        ui,
        i.cut_top(20.0),
        Align::Center,
        &words,
        font::caption(),
        t.text3,
    );
    action
}

/// The name and what it is; the disc above where there is room.
fn heading(ui: &mut Ui, i: &mut Rect, tight: bool) {
    let t = Tokens::of(ui);
    if !tight {
        let disc = i.cut_top(DISC);
        let c = disc.center();
        surface::dot(ui, c, 36.0, t.accent_soft);
        text::icon(ui, c, ic::STYLE, 34.0, t.accent_text);
        i.cut_top(14.0);
    }
    let title = i.cut_top(30.0);
    text::heading(
        ui,
        title,
        Align::Center,
        t!("Welcome to Engram"),
        font::title(),
        t.text,
    );
    let words = t!("Learn with cards that come back just before you would forget them.");
    text::label(
        ui,
        i.cut_top(24.0),
        Align::Center,
        words,
        font::body(),
        t.text2,
    );
    i.cut_top(sp::XL);
}

/// Of the button that brings profiles of Anki.
fn bring_words(shown: &Shown<'_>, left_out: &BTreeSet<String>) -> &'static str {
    match shown.anki {
        [] => t!("Choose folder…"),
        anki => bring::copy_words(bring::ticked(anki, left_out).len()),
    }
}

fn bring_row(
    ui: &mut Ui,
    inner: &mut Rect,
    shown: &Shown<'_>,
    left_out: &mut BTreeSet<String>,
    ticks: Option<f32>,
    wide: f32,
    focus: bool,
) -> Option<Way> {
    let names = bring::ticked(shown.anki, left_out);
    let found = ticks.is_some();
    let choice = Choice {
        glyph: ic::PERSON,
        title: t!("Bring my Anki profile"),
        line: if found {
            t!("Cards, reviews, media and settings are copied. Anki’s own files are never touched.")
        } else {
            t!("No Anki profile was found here. You can show Engram where Anki keeps its data.")
        },
        button: bring_words(shown, left_out),
        primary: found,
        enabled: !found || !names.is_empty(),
    };
    let pressed = choice.show(ui, inner.cut_top(ROW), wide, focus);
    if let Some(height) = ticks {
        let mut area = inner.cut_top(height);
        area.cut_left(52.0);
        area.max.y -= 8.0;
        let mut child = ui.new_child(
            UiBuilder::new()
                .max_rect(area)
                .layout(Layout::top_down(Align::Min))
                .id_salt("anki profiles"),
        );
        child.set_clip_rect(area.intersect(ui.clip_rect()));
        child.spacing_mut().item_spacing = vec2(0.0, PROFILE_ROW - 26.0);
        ScrollArea::vertical()
            .auto_shrink(false)
            .show(&mut child, |ui| bring::ticks(ui, shown.anki, left_out));
    }
    match (pressed, found) {
        (false, _) => None,
        (true, false) => Some(Way::ChooseFolder),
        (true, true) => Some(Way::Bring(names)),
    }
}

/// One of the ways.
struct Choice<'a> {
    glyph: &'static str,
    title: &'a str,
    line: &'a str,
    button: &'a str,
    primary: bool,
    enabled: bool,
}

impl Choice<'_> {
    /// Its button is `wide`; with `focus` the one that stands out has the keys.
    fn show(&self, ui: &mut Ui, row: Rect, wide: f32, focus: bool) -> bool {
        let t = Tokens::of(ui);
        let mut i = row;
        let disc = i.cut_left(36.0);
        surface::dot(ui, disc.center(), 18.0, t.accent_soft);
        text::icon(ui, disc.center(), self.glyph, 20.0, t.accent_text);
        i.cut_left(16.0);
        let button = Button::new(self.button)
            .kind(if self.primary {
                Kind::Primary
            } else {
                Kind::Secondary
            })
            .enabled(self.enabled);
        let at = i.cut_right(wide);
        i.cut_right(16.0);
        let at = Rect::from_center_size(at.center(), vec2(wide, size::CONTROL));
        let lines = text::para_height(ui, i.width(), self.line, font::small());
        let mut y = Rect::from_center_size(i.center(), vec2(i.width(), 20.0 + lines));
        text::label(
            ui,
            y.cut_top(20.0),
            Align::Min,
            self.title,
            font::strong(),
            t.text,
        );
        text::para(ui, y, self.line, font::small(), t.text2);
        let response = button.place(ui, at);
        if focus && self.primary && self.enabled {
            response.request_focus();
        }
        response.clicked()
    }
}
