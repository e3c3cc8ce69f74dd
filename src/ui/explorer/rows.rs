//! The Explorer's list: a tick, two lines of text and how the note differs. Only the visible rows
//! are drawn, and only their texts are asked for.

use crate::base::ids::NoteId;
use crate::domain::explorer::{Change, Listing, Row, Show};
use crate::domain::recovery::Mode;
use crate::t;
use crate::ui::theme::{Tokens, font};
use crate::ui::widgets::{Cut as _, check, empty, ic, list, row, surface, text};
use eframe::egui::{Color32, Id, Rect, ScrollArea, Sense, Ui, UiBuilder, pos2, vec2};
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

pub(super) const HEAD: f32 = 34.0;
pub(super) const ROW: f32 = 44.0;
/// Rows beyond the visible ones whose texts are asked for.
const AHEAD: usize = 40;

/// The notes that are ticked, with how each comes back where it has a way of its own.
pub(super) type Ticked = BTreeMap<NoteId, Option<Mode>>;

/// What happened to the list in this frame.
#[derive(Debug, Default)]
pub(super) struct Picked {
    pub(super) select: Option<NoteId>,
    pub(super) tick: Option<NoteId>,
    pub(super) tick_all: Option<bool>,
    /// Rows in sight whose texts are not there.
    pub(super) missing: Vec<NoteId>,
}

/// `here` of the notes that are ticked are in the list.
pub(super) fn show(
    ui: &mut Ui,
    r: Rect,
    listing: &Listing,
    lines: &HashMap<NoteId, Row>,
    (ticked, here): (&Ticked, usize),
    chosen: Option<NoteId>,
) -> Picked {
    let mut picked = Picked::default();
    let mut body = r;
    let head = body.cut_top(HEAD);
    let notes = &listing.notes;
    picked.tick_all = heads(ui, head, here, notes.len(), t!("Note"));
    if notes.is_empty() {
        let is_searched = !listing.search.trim().is_empty();
        let words = match listing.show {
            Show::All if is_searched => t!("No note of this backup matches."),
            _ if is_searched => t!("No note of this list matches; All notes may have some."),
            Show::Changes => t!("Every note in this backup is in your collection as it was."),
            Show::Deleted => t!("Every note in this backup is still in your collection."),
            Show::Rescheduled => {
                t!(
                    "The cards of this backup that are in your collection have the schedule they had."
                )
            }
            Show::All => t!("There is no note in this backup."),
        };
        let disc = pos2(body.center().x, body.center().y - 60.0);
        let (wide, lines) = (body.width(), [words.to_owned()]);
        empty::place(ui, disc, wide, ic::CHECK_CIRCLE, t!("Nothing here"), &lines);
        return picked;
    }
    let at = chosen.and_then(|id| notes.iter().position(|(n, _)| *n == id));
    let page = (body.height() / ROW) as usize;
    let (focus, keys) = list::keys(
        ui,
        body,
        "explorer rows",
        t!("Notes"),
        notes.len(),
        at,
        page,
    );
    picked.select = keys.select.and_then(|n| notes.get(n)).map(|(id, _)| *id);
    let space = focus.has_focus()
        && ui.input_mut(|i| i.consume_key(eframe::egui::Modifiers::NONE, eframe::egui::Key::Space));
    if keys.act || space {
        picked.tick = chosen;
    }
    scrolled(
        ui,
        body,
        "notes",
        notes.len(),
        keys.select,
        |ui, rows, line| {
            let visible = notes.get(rows.clone()).unwrap_or_default();
            for (n, note) in rows.clone().zip(visible) {
                let shown = lines.get(&note.0);
                one(ui, line(n), n, *note, shown, ticked, chosen, &mut picked);
            }
            if visible.iter().any(|(id, _)| !lines.contains_key(id)) {
                let until = (rows.end + AHEAD).min(notes.len());
                let wanted = notes[rows.start..until].iter().map(|(id, _)| *id);
                picked.missing = wanted.filter(|id| !lines.contains_key(id)).collect();
            }
        },
    );
    picked
}

/// A list that scrolls, of so many rows: `draw` gets those that are in sight, and where each one is.
/// The row `select` is brought into sight.
pub(super) fn scrolled(
    ui: &mut Ui,
    body: Rect,
    name: &str,
    rows: usize,
    select: Option<usize>,
    draw: impl FnOnce(&Ui, Range<usize>, &dyn Fn(usize) -> Rect),
) {
    let place = UiBuilder::new().max_rect(body);
    let mut child = ui.new_child(place.id_salt(("explorer scroll", name)));
    child.set_clip_rect(body.intersect(ui.clip_rect()));
    ScrollArea::vertical()
        .auto_shrink(false)
        .show_viewport(&mut child, |ui, view| {
            ui.set_height(rows as f32 * ROW + 6.0);
            let origin = ui.min_rect().min + vec2(6.0, 3.0);
            let line = |n: usize| {
                let min = origin + vec2(0.0, n as f32 * ROW);
                Rect::from_min_size(min, vec2(body.width() - 12.0, ROW))
            };
            if let Some(n) = select {
                ui.scroll_to_rect(line(n), None);
            }
            let last = ((view.max.y / ROW) as usize + 1).min(rows);
            let first = ((view.min.y / ROW).max(0.0) as usize).min(last);
            draw(ui, first..last, &line);
        });
}

/// The head of a list of `what`, `here` of `of` ticked; what a click on its tick makes of all.
pub(super) fn heads(ui: &Ui, head: Rect, here: usize, of: usize, what: &str) -> Option<bool> {
    let t = Tokens::of(ui);
    surface::fill(ui, head, 0, t.sidebar);
    surface::hline(ui, head, head.max.y - 1.0, t.border);
    let mut line = head.pad(16.0, 0.0);
    let tick = line.cut_left(32.0);
    let state = match here {
        0 => Some(false),
        n if n == of => Some(true),
        _ => None,
    };
    let hit = Rect::from_center_size(pos2(tick.min.x + 8.0, tick.center().y), vec2(24.0, 24.0));
    let response = ui.interact(hit, ui.make_persistent_id("tick all"), Sense::click());
    response.widget_info(|| {
        eframe::egui::WidgetInfo::selected(
            eframe::egui::accesskit::Role::CheckBox,
            ui.is_enabled(),
            state == Some(true),
            t!("Tick all"),
        )
    });
    check::paint_checkbox(ui, hit.center(), state);
    text::left(ui, line, what, font::caption_strong(), t.text2);
    let name = t!("Change" in "heading");
    text::right(ui, line, name, font::caption_strong(), t.text2);
    (response.clicked() && of > 0).then_some(state != Some(true))
}

#[expect(clippy::too_many_arguments, reason = "one row, drawn in one place")]
fn one(
    ui: &Ui,
    r: Rect,
    n: usize,
    (id, change): (NoteId, Option<Change>),
    shown: Option<&Row>,
    ticked: &Ticked,
    chosen: Option<NoteId>,
    picked: &mut Picked,
) {
    let t = Tokens::of(ui);
    let title = shown.map_or("…", |row| match row.title.trim() {
        "" => t!("(empty)"),
        title => title,
    });
    let own = ticked.get(&id).copied().flatten().map(Mode::label);
    let mut spoken = title.to_owned();
    for word in change.map(change_word).into_iter().chain(own) {
        spoken.push_str(", ");
        spoken.push_str(word);
    }
    let response = row::place(
        ui,
        r,
        Id::unique(("explorer row", n)),
        &spoken,
        chosen == Some(id),
    );
    if response.clicked() {
        picked.select = Some(id);
    }
    let mut line = r.pad(10.0, 0.0);
    let tick = line.cut_left(32.0);
    let hit = Rect::from_center_size(pos2(tick.min.x + 8.0, tick.center().y), vec2(28.0, ROW));
    let mut on = ticked.contains_key(&id);
    let clicked = ui.interact(hit, ui.make_persistent_id(("tick", n)), Sense::click());
    clicked.widget_info(|| {
        let name = t!("Tick {title}", title);
        let role = eframe::egui::accesskit::Role::CheckBox;
        eframe::egui::WidgetInfo::selected(role, ui.is_enabled(), on, name)
    });
    if clicked.clicked() {
        picked.tick = Some(id);
        on = !on;
    }
    check::paint_checkbox(ui, hit.center(), Some(on));
    if let Some(change) = change {
        let (word, bg, fg) = chip(t, change);
        let width = text::width(ui, word, font::caption_strong()) + 14.0;
        let at = line.cut_right(width + 2.0);
        row::chip(ui, pos2(at.min.x, at.center().y), word, bg, fg);
        line.cut_right(8.0);
    }
    let below = own.or(shown.map(|row| row.line.as_str()));
    let below = below.unwrap_or_default();
    row::two_lines(ui, line, title, below);
}

fn change_word(change: Change) -> &'static str {
    match change {
        Change::Deleted => t!("Deleted"),
        Change::Changed => t!("Changed"),
        Change::Added => t!("Added"),
    }
}

/// Word, background and colour.
pub(super) fn chip(t: &Tokens, change: Change) -> (&'static str, Color32, Color32) {
    let word = change_word(change);
    match change {
        Change::Deleted => (word, t.danger_soft, t.danger),
        Change::Changed => (word, t.warn_soft, t.warn),
        Change::Added => (word, t.ok_soft, t.ok),
    }
}
