//! Text painted into rectangles on whole points. The plain functions only paint; [`label`] also
//! tells screen readers and tests, and shows the whole text as a tooltip when it was cut.

use super::{bidi, lines};
pub use crate::base::count::{counted, number};
use crate::base::lang;
use crate::base::unseen::is_unseen;
use crate::ui::theme::{Tokens, font};
use crate::{t, tn};
use eframe::egui::accesskit::Role;
use eframe::egui::text::{LayoutJob, TextFormat, TextWrapping};
use eframe::egui::{
    Align, Align2, Color32, FontId, Pos2, Rect, Response, Sense, Ui, WidgetInfo, pos2, vec2,
};
use std::borrow::Cow;

/// One line, vertically centred in `r`, cut with "…" when too long. Returns the text's rectangle.
pub fn text(ui: &Ui, r: Rect, align: Align, s: &str, font: FontId, color: Color32) -> Rect {
    place_line(ui, r, align, s, font, color).0
}

/// Also says whether it was cut.
fn place_line(ui: &Ui, r: Rect, align: Align, s: &str, f: FontId, c: Color32) -> (Rect, bool) {
    if !bidi::has_right_to_left(s) {
        return place_job(ui, r, align, one_line(r.width(), s, f, c));
    }
    let fits = |s: &str| width(ui, s, f.clone()) <= r.width();
    let (seen, cut) = bidi::fitting(s, fits);
    let (rect, clipped) = place_job(ui, r, align, one_line(r.width(), &seen, f, c));
    (rect, cut || clipped)
}

fn one_line(width: f32, s: &str, font: FontId, color: Color32) -> LayoutJob {
    let mut job = LayoutJob::single_section(s.to_owned(), TextFormat::simple(font, color));
    job.wrap = TextWrapping {
        max_width: width.max(1.0),
        max_rows: 1,
        break_anywhere: true,
        ..Default::default()
    };
    job
}

/// A laid-out job, vertically centred in `r`; also says whether it was cut.
pub fn place_job(ui: &Ui, r: Rect, align: Align, job: LayoutJob) -> (Rect, bool) {
    let galley = ui.painter().layout_job(job);
    let x = match align {
        Align::Min => r.min.x,
        Align::Center => r.center().x - galley.size().x / 2.0,
        Align::Max => r.max.x - galley.size().x,
    };
    // A quarter point up puts 14-point labels in the optical middle of 32-point controls.
    let pos = pos2(
        x.round(),
        (r.center().y - galley.size().y / 2.0 - 0.25).round(),
    );
    let out = Rect::from_min_size(pos, galley.size());
    let cut = galley.elided;
    ui.painter().galley(pos, galley, Color32::WHITE);
    (out, cut)
}

pub fn left(ui: &Ui, r: Rect, s: &str, f: FontId, c: Color32) -> Rect {
    text(ui, r, Align::Min, s, f, c)
}
pub fn center(ui: &Ui, r: Rect, s: &str, f: FontId, c: Color32) -> Rect {
    text(ui, r, Align::Center, s, f, c)
}
pub fn right(ui: &Ui, r: Rect, s: &str, f: FontId, c: Color32) -> Rect {
    text(ui, r, Align::Max, s, f, c)
}

/// As [`text`], but a real label: screen readers and tests find it by its words.
pub fn label(ui: &Ui, r: Rect, align: Align, s: &str, f: FontId, c: Color32) -> Response {
    told(ui, r, (Role::Label, align), s, f, c)
}

/// As [`label`], but the title of a page or of a part of it: screen readers go from one to the next.
pub fn heading(ui: &Ui, r: Rect, align: Align, s: &str, f: FontId, c: Color32) -> Response {
    told(ui, r, (Role::Heading, align), s, f, c)
}

/// A line of a `Ui` (dialogs, forms) that is the heading of what follows.
pub fn heading_in(ui: &mut Ui, s: &str, f: FontId, c: Color32) {
    let size = vec2(ui.available_width(), (f.size * 1.45).round());
    let (_, r) = ui.allocate_space(size);
    heading(ui, r, Align::Min, s, f, c);
}

fn told(
    ui: &Ui,
    r: Rect,
    (role, align): (Role, Align),
    s: &str,
    f: FontId,
    c: Color32,
) -> Response {
    let (rect, cut) = place_line(ui, r, align, s, f, c);
    let id = ui.make_persistent_id(("label", s, rect.min.y as i32, rect.min.x as i32));
    let response = ui.interact(rect, id, Sense::hover());
    // Where nothing stands, screen readers are told of nothing.
    if !s.is_empty() {
        response.widget_info(|| WidgetInfo::labeled(role, true, s));
    }
    if cut {
        super::tooltip::words(response, s)
    } else {
        response
    }
}

/// Several lines from the top left of `r`, 1.45 lines apart; a real label.
pub fn para(ui: &Ui, r: Rect, s: &str, f: FontId, c: Color32) -> Rect {
    para_aligned(ui, r, Align::Min, s, f, c)
}

/// As [`para`]; with `Align::Center` every line is centred in `r`.
pub fn para_aligned(ui: &Ui, r: Rect, align: Align, s: &str, f: FontId, c: Color32) -> Rect {
    let mut job = paragraph_job(s, f, c);
    job.wrap.max_width = r.width();
    job.halign = align;
    let out = lines::paint(ui, r, lines::galley(ui, job), c);
    let id = ui.make_persistent_id(("para", s, out.min.y as i32));
    ui.interact(out, id, Sense::hover())
        .widget_info(|| WidgetInfo::labeled(Role::Label, true, s));
    out
}

/// Height that [`para`] would take in `width`.
pub fn para_height(ui: &Ui, width: f32, s: &str, f: FontId) -> f32 {
    let mut job = paragraph_job(s, f, Color32::WHITE);
    job.wrap.max_width = width;
    lines::galley(ui, job).size().y
}

/// A job with the line height of paragraphs.
#[must_use]
pub fn paragraph_job(s: &str, f: FontId, c: Color32) -> LayoutJob {
    let line_height = (f.size * 1.45).round();
    LayoutJob::single_section(
        s.to_owned(),
        TextFormat {
            line_height: Some(line_height),
            valign: Align::Center,
            ..TextFormat::simple(f, c)
        },
    )
}

/// Width of one line.
pub fn width(ui: &Ui, s: &str, f: FontId) -> f32 {
    ui.painter()
        .layout_no_wrap(s.to_owned(), f, Color32::WHITE)
        .size()
        .x
}

/// An outlined icon with its middle at `c`.
pub fn icon(ui: &Ui, c: Pos2, s: &str, size: f32, color: Color32) {
    ui.painter().text(
        pos2(c.x.round(), c.y.round()),
        Align2::CENTER_CENTER,
        s,
        font::icon(size),
        color,
    );
}

/// A filled icon: flags, the star, the verified tick.
pub fn icon_filled(ui: &Ui, c: Pos2, s: &str, size: f32, color: Color32) {
    ui.painter().text(
        pos2(c.x.round(), c.y.round()),
        Align2::CENTER_CENTER,
        s,
        font::icon_filled(size),
        color,
    );
}

/// A paragraph in a `Ui` (dialogs, forms), `text2` unless told otherwise.
pub fn paragraph(ui: &mut Ui, s: &str) -> Response {
    let t = Tokens::of(ui);
    paragraph_in(ui, s, font::body(), t.text2)
}

/// A paragraph in a `Ui` with its own font and colour.
pub fn paragraph_in(ui: &mut Ui, s: &str, f: FontId, c: Color32) -> Response {
    let mut job = paragraph_job(s, f, c);
    job.wrap.max_width = ui.available_width();
    if !bidi::has_right_to_left(s) {
        return ui.label(job);
    }
    let whole = ui.available_width();
    right_to_left(ui, job, if whole.is_finite() { whole } else { 0.0 })
}

/// Takes the space of a text of which something is read from right to left, and as much beside it
/// as `least` says.
pub(super) fn right_to_left(ui: &mut Ui, job: LayoutJob, least: f32) -> Response {
    let words = job.text.clone();
    let galley = lines::galley(ui, job);
    let size = vec2(galley.size().x.max(least), galley.size().y);
    let (r, response) = ui.allocate_exact_size(size, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, ui.is_enabled(), &words));
    lines::paint(ui, r, galley, ui.visuals().text_color());
    response
}

/// A name as it is shown: what would look like nothing stands in quotes, also a level of `A::B`.
#[must_use]
pub fn name(s: &str) -> Cow<'_, str> {
    let is_blank = |level: &str| level.chars().all(is_unseen);
    if !s.split("::").any(is_blank) {
        return Cow::Borrowed(s);
    }
    let levels = s.split("::").map(|level| match is_blank(level) {
        true => Cow::Owned(t!("“{name}”", name = level)),
        false => Cow::Borrowed(level),
    });
    Cow::Owned(levels.collect::<Vec<_>>().join("::"))
}

/// A path of names (`A::B::C`) in `room` points: what is too long loses its middle, because both
/// its ends tell it apart. Other names are left to be cut at their end.
pub fn path<'a>(ui: &Ui, s: &'a str, separator: &str, room: f32, f: &FontId) -> Cow<'a, str> {
    if s.contains(separator) {
        ends(ui, s, room, f)
    } else {
        Cow::Borrowed(s)
    }
}

/// A name in `room` points that may differ from others only at its end: what is too long loses
/// its middle.
pub fn ends<'a>(ui: &Ui, s: &'a str, room: f32, f: &FontId) -> Cow<'a, str> {
    let fits = |s: &str| width(ui, s, f.clone()) <= room;
    if fits(s) {
        return Cow::Borrowed(s);
    }
    let letters: Vec<char> = s.chars().collect();
    // Two thirds for the end, where the name itself is.
    let cut = |kept: usize| {
        let head: String = letters[..kept / 3].iter().collect();
        let tail: String = letters[letters.len() - (kept - kept / 3)..]
            .iter()
            .collect();
        format!("{}…{}", head.trim_end(), tail.trim_start())
    };
    let counts: Vec<usize> = (0..letters.len()).collect();
    let kept = counts.partition_point(|kept| fits(&cut(*kept)));
    Cow::Owned(cut(kept.saturating_sub(1)))
}

/// A message whose parts of code stand in backticks, as Anki words them: in quotes instead.
#[must_use]
pub fn quoted(message: &str) -> String {
    let mut out = String::new();
    let mut rest = message;
    while let Some((before, (code, after))) = rest
        .split_once('`')
        .and_then(|(before, from)| Some((before, from.split_once('`')?)))
    {
        // What stands in quotes of its own gets no second ones.
        let own = ['\'', '"']
            .into_iter()
            .find_map(|sign| Some((before.strip_suffix(sign)?, after.strip_prefix(sign)?)));
        let (before, after) = own.unwrap_or((before, after));
        out.push_str(before);
        out.push_str(&t!("“{name}”", name = code));
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Bytes for people: `812 bytes`, `41.2 MB`; powers of 1,000 as file managers show them.
#[must_use]
pub fn bytes(n: u64) -> String {
    let units = [
        (t!("GB"), 1_000_000_000),
        (t!("MB"), 1_000_000),
        (t!("kB"), 1_000),
    ];
    for (unit, size) in units {
        if n >= size {
            let tenths = (n.saturating_mul(10)).div_euclid(size);
            let (_, point) = lang::separators();
            return format!("{}{point}{} {unit}", number(tenths / 10), tenths % 10);
        }
    }
    tn!(n, "{n} byte", "{n} bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_in_messages_stands_in_quotes() {
        for (message, shown) in [
            ("no code", "no code"),
            ("a `(` without `)`.", "a “(” without “)”."),
            ("`is:` was given '`su`'.", "“is:” was given “su”."),
            ("in \"`a`\", not \"`b`\".", "in “a”, not “b”."),
            ("quotes: `\"(\"` or `\\(`.", "quotes: “\"(\"” or “\\(”."),
            ("a ` alone", "a ` alone"),
        ] {
            assert_eq!(quoted(message), shown);
        }
    }

    #[test]
    fn names_that_would_look_like_nothing_stand_in_quotes() {
        for (given, want) in [
            ("Spanish", "Spanish"),
            ("A::B c", "A::B c"),
            ("  ", "“  ”"),
            ("A::\u{200b}::B", "A::“\u{200b}”::B"),
            ("", "“”"),
        ] {
            assert_eq!(name(given), want);
        }
    }

    #[test]
    fn bytes_are_for_people() {
        for (n, want) in [
            (1, "1 byte"),
            (812, "812 bytes"),
            (41_234_567, "41.2 MB"),
            (2_000_000_000, "2.0 GB"),
        ] {
            assert_eq!(bytes(n), want);
        }
    }
}
