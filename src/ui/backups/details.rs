//! The right-hand pane of Open Backup: which backup, how sure we are of it, what was made since,
//! and what can be done with it.

use super::model::{self, LossRow, Mark};
use super::words;
use crate::backup::entry::{Entry, Inspection};
use crate::t;
use crate::ui::import_export::model::file_name;
use crate::ui::theme::{Tokens, font, size};
use crate::ui::widgets::button::{Button, Kind};
use crate::ui::widgets::{Cut as _, ic, progress, surface, text};
use eframe::egui::{Align, Color32, Rect, ScrollArea, Ui, UiBuilder, pos2, vec2};
use jiff::Zoned;

/// What is known of the chosen backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known<'a> {
    /// It is being opened.
    Looking,
    Seen(&'a Inspection),
    /// It could not be opened, and why.
    Failed(&'a str),
}

/// Which backup the pane is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject<'a> {
    /// None is chosen; whether there are any.
    Nothing {
        any: bool,
    },
    Listed(&'a Entry),
    /// A package that was chosen by hand.
    File(&'a Inspection),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    Restore,
    Explore,
    Pin,
    Unpin,
    Note,
    ShowInFolder,
}

const PANE: f32 = 316.0;
/// Below this height not all of the pane fits.
const LOW: f32 = 594.0;
/// Of a line of facts that is parted into two.
const MOST_HIGH: f32 = 42.0;

/// Width that the pane takes of a window that wide.
#[must_use]
pub fn width_in(window: f32) -> f32 {
    if window < 900.0 { 288.0 } else { PANE }
}

/// Draws the pane into `r`.
pub fn show(
    ui: &mut Ui,
    r: Rect,
    subject: Subject<'_>,
    known: Known<'_>,
    now: &Zoned,
    can_explore: bool,
) -> Option<Wish> {
    let t = Tokens::of(ui);
    surface::fill(ui, r, 0, t.sidebar);
    surface::vline(ui, r.min.x, r, t.border);
    if let Subject::Nothing { any } = subject {
        if any {
            let inner = r.pad(22.0, 20.0);
            let words = t!("Choose a backup to see what has changed since.");
            text::para(ui, inner, words, font::small(), t.text2);
        }
        return None;
    }
    let mut wish = None;
    let mut r = r;
    // In a low window the button stays in sight while the rest scrolls.
    let low = r.height() < LOW;
    if low {
        let foot = r.cut_bottom(size::CONTROL + 28.0);
        surface::hline(ui, foot, foot.min.y, t.border);
        if restore_button(known)
            .place(ui, foot.pad(22.0, 14.0))
            .clicked()
        {
            wish = Some(Wish::Restore);
        }
    }
    let mut child = ui.new_child(UiBuilder::new().max_rect(r).id_salt("backup details"));
    ScrollArea::vertical()
        .auto_shrink(false)
        .show(&mut child, |ui| {
            let top = ui.min_rect().min;
            let size = vec2(r.width() - 44.0, 4000.0);
            let mut side = Rect::from_min_size(top + vec2(22.0, 20.0), size);
            wish = pane(ui, &mut side, subject, known, now, low, can_explore).or(wish);
            let used = Rect::from_min_max(top, pos2(r.max.x, side.min.y + 12.0));
            ui.allocate_rect(used, eframe::egui::Sense::hover());
        });
    wish
}

fn pane(
    ui: &mut Ui,
    side: &mut Rect,
    subject: Subject<'_>,
    known: Known<'_>,
    now: &Zoned,
    low: bool,
    can_explore: bool,
) -> Option<Wish> {
    let t = Tokens::of(ui);
    let (title, sub) = match subject {
        Subject::Listed(entry) => (
            words::capital(&words::moment(entry.created, now)),
            format!(
                "{} · {}",
                words::long_date(entry.created, now),
                model::reason(entry)
            ),
        ),
        Subject::File(inside) => (
            file_name(&inside.path),
            match inside.newest_review {
                Some(at) => t!(
                    "From a file · last review {when}",
                    when = words::moment(at, now)
                ),
                None => t!("From a file").into(),
            },
        ),
        Subject::Nothing { .. } => return None,
    };
    let line = side.cut_top(26.0);
    text::heading(ui, line, Align::Min, &title, font::dialog_title(), t.text);
    side.cut_top(1.0);
    let sub = text::para(ui, *side, &sub, font::small(), t.text2);
    side.cut_top(sub.height() + 10.0);
    facts(ui, side, subject, known, now);
    side.cut_top(18.0);
    made_since(ui, side, known);
    side.cut_top(12.0);
    let promise =
        t!("Your collection as it is now is backed up first, so a restore can be undone.");
    let p = text::para(ui, *side, promise, font::small(), t.text2);
    side.cut_top(p.height() + 16.0);
    buttons(ui, side, subject, (!low).then_some(known), can_explore)
}

fn buttons(
    ui: &mut Ui,
    side: &mut Rect,
    subject: Subject<'_>,
    restore: Option<Known<'_>>,
    can_explore: bool,
) -> Option<Wish> {
    let mut wish = None;
    let mut button = |ui: &mut Ui, b: Button<'_>, w: Wish| {
        if b.place(ui, side.cut_top(size::CONTROL)).clicked() {
            wish = Some(w);
        }
        side.cut_top(8.0);
    };
    if let Some(known) = restore {
        button(ui, restore_button(known), Wish::Restore);
    }
    if can_explore {
        let tip = t!("See what differs and bring single notes back");
        button(ui, Button::new(t!("Explore…")).tip(tip), Wish::Explore);
    }
    match subject {
        Subject::Listed(entry) if entry.pinned.is_some() => {
            button(ui, Button::new(t!("Unpin")), Wish::Unpin);
        }
        Subject::Listed(_) => {
            let tip = t!("A pinned backup is never removed to save space");
            button(ui, Button::new(t!("Pin…")).tip(tip), Wish::Pin);
        }
        Subject::File(_) | Subject::Nothing { .. } => {}
    }
    if let Subject::Listed(entry) = subject {
        let words = if entry.note.is_empty() {
            t!("Add a comment…")
        } else {
            t!("Change the comment…")
        };
        button(ui, Button::new(words), Wish::Note);
    }
    let folder = Button::new(t!("Show in folder")).kind(Kind::Ghost);
    button(ui, folder, Wish::ShowInFolder);
    wish
}

/// Usable once the backup was opened.
fn restore_button(known: Known<'_>) -> Button<'static> {
    Button::new(t!("Restore…")).enabled(matches!(known, Known::Seen(_)))
}

/// Lines with an icon: verified, what is inside, why it is kept.
fn facts(ui: &mut Ui, side: &mut Rect, subject: Subject<'_>, known: Known<'_>, now: &Zoned) {
    let t = Tokens::of(ui);
    let entry = match subject {
        Subject::Listed(entry) => Some(entry),
        Subject::File(_) | Subject::Nothing { .. } => None,
    };
    let (mark, line) = match entry {
        Some(e) => (
            Mark::of(&e.verification),
            model::verified_line(&e.verification, now),
        ),
        None => (Mark::Verified, t!("Opened and readable").to_owned()),
    };
    let (glyph, filled, color) = match mark {
        Mark::Verified => (ic::CHECK_CIRCLE, true, t.ok),
        Mark::Unverified => (ic::WARN, false, t.warn),
        Mark::Failed => (ic::ERROR, false, t.danger),
    };
    fact(ui, side, glyph, filled, color, &line, t.text);
    if let Known::Seen(inside) = known
        && (entry.is_none() || inside.media_files > 0)
    {
        let line = model::file_summary(inside);
        fact(ui, side, ic::DECK, false, t.text3, &line, t.text2);
    }
    let Some(entry) = entry else { return };
    if let Known::Seen(inside) = known
        && let Some(at) = inside.newest_review
    {
        let line = t!("Last review {when}", when = words::moment_at(at, now));
        fact(ui, side, ic::HISTORY, false, t.text3, &line, t.text2);
    }
    if !entry.note.is_empty() {
        fact(ui, side, ic::EDIT, false, t.text3, &entry.note, t.text2);
    }
    let kept = model::kept_because(entry);
    if !kept.is_empty() {
        let glyph = if entry.pinned.is_some() {
            ic::PIN
        } else {
            ic::CALENDAR
        };
        fact(ui, side, glyph, false, t.text3, &kept, t.text2);
    }
}

/// In two lines where one is too short.
fn fact(
    ui: &Ui,
    side: &mut Rect,
    glyph: &str,
    filled: bool,
    glyph_color: Color32,
    words: &str,
    color: Color32,
) {
    let f = font::small;
    let width = side.width() - 22.0;
    let high = text::para_height(ui, width, words, f());
    let is_long = text::width(ui, words, f()) > width && high <= MOST_HIGH;
    let line = side.cut_top(if is_long { high + 4.0 } else { 24.0 });
    let middle = pos2(line.min.x + 8.0, line.min.y + 12.0);
    if filled {
        text::icon_filled(ui, middle, glyph, size::ICON_SMALL, glyph_color);
    } else {
        text::icon(ui, middle, glyph, size::ICON_SMALL, glyph_color);
    }
    let r = Rect::from_min_max(pos2(line.min.x + 22.0, line.min.y), line.max);
    if is_long {
        text::para(ui, r.translate(vec2(0.0, 2.0)), words, f(), color);
    } else {
        text::label(ui, r, Align::Min, words, f(), color);
    }
}

fn made_since(ui: &mut Ui, side: &mut Rect, known: Known<'_>) {
    let t = Tokens::of(ui);
    let f = font::small_strong();
    side.cut_top(2.0);
    let heading = text::para(ui, *side, t!("Made since this backup"), f, t.text);
    side.cut_top(heading.height().max(20.0));
    let say = |ui: &Ui, side: &mut Rect, words: &str, color: Color32| {
        let p = text::para(ui, *side, words, font::small(), color);
        side.cut_top(p.height().max(20.0));
    };
    let inside = match known {
        Known::Looking => {
            let line = side.cut_top(24.0);
            progress::spinner_at(ui, pos2(line.min.x + 8.0, line.center().y));
            let r = Rect::from_min_max(pos2(line.min.x + 24.0, line.min.y), line.max);
            let words = t!("Comparing with your collection…");
            text::label(ui, r, Align::Min, words, font::small(), t.text2);
            return;
        }
        Known::Failed(why) => return say(ui, side, why, t.danger),
        Known::Seen(inside) => inside,
    };
    let Some(loss) = &inside.loss else {
        let words = t!("Your collection cannot be read now, so this is not known. \
             What is left of it is kept aside.");
        return say(ui, side, words, t.text2);
    };
    let line = side.cut_top(20.0);
    let words = t!("Restoring takes these back out:");
    text::label(ui, line, Align::Min, words, font::small(), t.text2);
    side.cut_top(8.0);
    loss_box(ui, side, &model::loss_rows(loss));
}

fn loss_box(ui: &mut Ui, side: &mut Rect, rows: &[LossRow]) {
    let t = Tokens::of(ui);
    let frame = side.cut_top(rows.len() as f32 * 32.0 + 8.0);
    surface::fill(ui, frame, 10, t.surface);
    surface::outline(ui, frame, 10, t.border);
    let mut inner = frame.pad(14.0, 4.0);
    for (k, row) in rows.iter().enumerate() {
        let r = inner.cut_top(32.0);
        if k > 0 {
            surface::hline(ui, r, r.min.y, t.border);
        }
        let number = words::count(row.count);
        let wide = text::width(ui, &number, font::small_strong()) + 8.0;
        let room = r.with_max_x(r.max.x - wide);
        text::label(ui, room, Align::Min, row.label, font::small(), t.text);
        let color = match (row.count, row.taken_out) {
            (0, _) => t.text3,
            (_, true) => t.danger,
            (_, false) => t.ok,
        };
        text::label(ui, r, Align::Max, &number, font::small_strong(), color);
    }
}
