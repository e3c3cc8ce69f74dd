//! A deck's description as its page and the finished screen show it: formatted lines, with links
//! that open.

pub mod model;

use crate::ui::card_view::link_of;
use crate::ui::context::UiContext;
use crate::ui::review::follow_link;
use crate::ui::theme::{Tokens, font, sp};
use crate::ui::widgets::surface;
use eframe::egui::accesskit::Role;
use eframe::egui::text::{CCursor, LayoutJob, TextFormat};
use eframe::egui::{
    Align, CursorIcon, FontFamily, FontId, Galley, Rect, Sense, Stroke, Ui, WidgetInfo, pos2, vec2,
};
use model::{Line, Look};
use std::ops::Range;
use std::sync::Arc;

/// Between lines.
const GAP: f32 = sp::XS;
/// How far lists and quotes stand inside, and their markers before them.
const INDENT: f32 = 22.0;
/// Deeper ones stand no further inside.
const DEEPEST: u8 = 8;

/// Draws the lines below each other from the top of `r`, as wide as it is; lists at the left,
/// anything else in the middle. Returns where they end.
pub fn show(cx: &UiContext<'_>, ui: &Ui, r: Rect, lines: &[Line]) -> f32 {
    let t = Tokens::of(ui);
    let mut y = r.min.y;
    for (nth, line) in lines.iter().enumerate() {
        let (galley, links) = layout(ui, line, r.width());
        let at_left = line.depth > 0;
        let x = if at_left {
            r.min.x + inside(line)
        } else {
            r.center().x
        };
        let pos = pos2(x.round(), y.round());
        let area = galley.rect.translate(pos.to_vec2());
        let id = ui.make_persistent_id(("description", nth));
        ui.interact(area, id, Sense::hover())
            .widget_info(|| WidgetInfo::labeled(Role::Label, true, line.text()));
        if !line.marker.is_empty() {
            let before = galley_of(ui, &line.marker);
            let at = pos2(pos.x - before.size().x - 7.0, pos.y);
            ui.painter().galley(at, before, t.text2);
        }
        for (n, (range, url)) in links.into_iter().enumerate() {
            for rect in rects(&galley, range) {
                let rect = rect.translate(pos.to_vec2());
                link(cx, ui, rect, (nth, n), &url);
            }
        }
        y = area.max.y + GAP;
        ui.painter().galley(pos, galley, t.text2);
    }
    y - GAP
}

/// How high [`show`] draws in `width`.
pub fn height(ui: &Ui, width: f32, lines: &[Line]) -> f32 {
    let each = lines.iter().map(|l| layout(ui, l, width).0.size().y + GAP);
    (each.sum::<f32>() - GAP).max(0.0)
}

fn inside(line: &Line) -> f32 {
    f32::from(line.depth.min(DEEPEST)) * INDENT
}

fn galley_of(ui: &Ui, text: &str) -> Arc<Galley> {
    let line = Line::plain(text);
    layout(ui, &line, f32::INFINITY).0
}

/// The line, and which characters of it lead where.
fn layout(ui: &Ui, line: &Line, width: f32) -> (Arc<Galley>, Vec<(Range<usize>, String)>) {
    let mut job = LayoutJob::default();
    let mut links = vec![];
    let mut chars = 0;
    for run in &line.runs {
        job.append(&run.text, 0.0, format(ui, &run.look, line.heading));
        let end = chars + run.text.chars().count();
        if let Some(url) = &run.look.link {
            links.push((chars..end, url.clone()));
        }
        chars = end;
    }
    job.wrap.max_width = width - inside(line);
    if line.depth == 0 && width.is_finite() {
        job.halign = Align::Center;
    }
    (ui.painter().layout_job(job), links)
}

fn format(ui: &Ui, look: &Look, heading: u8) -> TextFormat {
    let t = Tokens::of(ui);
    let body = font::body();
    let size = match heading {
        1 => body.size + 5.0,
        2 => body.size + 3.0,
        3 => body.size + 1.0,
        _ => body.size,
    };
    let family = match look {
        Look { code: true, .. } => FontFamily::Monospace,
        Look { bold: true, .. } => font::semibold(),
        Look { italic: true, .. } => font::italic(),
        _ => body.family,
    };
    let color = match (&look.link, heading) {
        (Some(_), _) => t.accent_text,
        (None, 1..) => t.text,
        (None, _) => t.text2,
    };
    let line = |on: bool| match on {
        true => Stroke::new(1.0, color),
        false => Stroke::NONE,
    };
    TextFormat {
        line_height: Some((size * 1.45).round()),
        valign: Align::Center,
        underline: line(look.underline || look.link.is_some()),
        strikethrough: line(look.strike),
        ..TextFormat::simple(FontId::new(size, family), color)
    }
}

/// Where characters stand: a rectangle for each row they are on.
fn rects(galley: &Galley, range: Range<usize>) -> Vec<Rect> {
    let (from, to) = (CCursor::new(range.start), CCursor::new(range.end));
    let (first, last) = (
        galley.layout_from_cursor(from),
        galley.layout_from_cursor(to),
    );
    let (left, right) = (galley.pos_from_cursor(from), galley.pos_from_cursor(to));
    let rows = galley.rows.iter().enumerate();
    rows.take(last.row + 1)
        .skip(first.row)
        .map(|(n, row)| {
            let row = row.rect();
            let min = if n == first.row {
                left.min.x
            } else {
                row.min.x
            };
            let max = if n == last.row {
                right.max.x
            } else {
                row.max.x
            };
            Rect::from_min_max(pos2(min, row.min.y), pos2(max, row.max.y))
        })
        .filter(|r| r.width() > 0.0)
        .collect()
}

fn link(cx: &UiContext<'_>, ui: &Ui, r: Rect, salt: (usize, usize), url: &str) {
    let id = ui.make_persistent_id(("description link", salt, r.min.y as i32));
    let response = ui.interact(r, id, Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Link, true, url));
    if response.hovered() {
        ui.ctx().set_cursor_icon(CursorIcon::PointingHand);
    }
    if response.has_focus() {
        surface::focus_ring(ui, r.expand2(vec2(2.0, 0.0)), 4);
    }
    if response.clicked() {
        cx.send(follow_link(cx, link_of(url.to_owned())));
    }
}
