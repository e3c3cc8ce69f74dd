//! A deck's description as its page and the finished screen show it: formatted lines, with links
//! that open.

pub mod model;

use crate::ui::card_view::link_of;
use crate::ui::context::UiContext;
use crate::ui::review::follow_link;
use crate::ui::theme::{Tokens, font, sp};
use crate::ui::widgets::lines::{self, Ordered};
use crate::ui::widgets::surface;
use eframe::egui::accesskit::Role;
use eframe::egui::cache::{ComputerMut, FrameCache};
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

/// Draws the lines below each other from the top of `r`, as wide as it is; lists at the side
/// from which they are read, anything else in the middle. Returns where they end.
pub fn show(cx: &UiContext<'_>, ui: &Ui, r: Rect, lines: &[Line]) -> f32 {
    let t = Tokens::of(ui);
    let mut y = r.min.y;
    for (nth, line) in lines.iter().enumerate() {
        let laid = Laid::out(ui, line, r.width());
        // Markers stand before the words: at their right where they are read from there.
        let room = r.shrink2(vec2(inside(line), 0.0)).with_min_y(y);
        let area = lines::paint(ui, room, Arc::clone(&laid.galley), t.text2);
        let id = ui.make_persistent_id(("description", nth));
        ui.interact(area, id, Sense::hover())
            .widget_info(|| WidgetInfo::labeled(Role::Label, true, line.text()));
        if !line.marker.is_empty() {
            let at_right = laid.galley.job.halign == Align::Max;
            let words = match (at_right, line.marker.strip_suffix('.')) {
                (true, Some(number)) => format!(".{number}"),
                _ => line.marker.clone(),
            };
            let marker = Laid::out(ui, &Line::plain(&words), f32::INFINITY).galley;
            let x = match at_right {
                true => area.max.x + 7.0,
                false => area.min.x - marker.size().x - 7.0,
            };
            ui.painter().galley(pos2(x, area.min.y), marker, t.text2);
        }
        let moved = area.min - laid.galley.rect.min;
        for (n, rect, url) in laid.links(ui, line) {
            link(cx, ui, rect.translate(moved), (nth, n), url);
        }
        y = area.max.y + GAP;
    }
    y - GAP
}

/// How high [`show`] draws in `width`.
pub fn height(ui: &Ui, width: f32, lines: &[Line]) -> f32 {
    let each = lines
        .iter()
        .map(|l| Laid::out(ui, l, width).galley.size().y + GAP);
    (each.sum::<f32>() - GAP).max(0.0)
}

/// The lines of a description, read once for as long as it is on show.
pub fn lines_of(ui: &Ui, description: &str, markdown: bool) -> Arc<[Line]> {
    ui.memory_mut(|memory| {
        let cache = memory.caches.cache::<FrameCache<Arc<[Line]>, Reader>>();
        cache.get((description, markdown)).clone()
    })
}

#[derive(Default)]
struct Reader;

impl ComputerMut<(&str, bool), Arc<[Line]>> for Reader {
    fn compute(&mut self, (description, markdown): (&str, bool)) -> Arc<[Line]> {
        model::lines(description, markdown).into()
    }
}

fn inside(line: &Line) -> f32 {
    f32::from(line.depth.min(DEEPEST)) * INDENT
}

/// A line that is laid out.
struct Laid {
    galley: Arc<Galley>,
    ordered: Option<Arc<Ordered>>,
}

impl Laid {
    fn out(ui: &Ui, line: &Line, width: f32) -> Self {
        let mut job = LayoutJob::default();
        for run in &line.runs {
            job.append(&run.text, 0.0, format(ui, &run.look, line.heading));
        }
        job.wrap.max_width = width - inside(line);
        if line.depth == 0 && width.is_finite() {
            job.halign = Align::Center;
        }
        let ordered = lines::ordered(ui, &job);
        let galley = match &ordered {
            Some(ordered) => ordered.galley(ui),
            None => ui.painter().layout_job(job),
        };
        Self { galley, ordered }
    }

    /// Which runs are links, where they stand, and where they lead.
    fn links<'a>(&self, ui: &Ui, line: &'a Line) -> Vec<(usize, Rect, &'a str)> {
        let url = |n: usize| line.runs.get(n).and_then(|run| run.look.link.as_deref());
        let mut links = vec![];
        if (0..line.runs.len()).all(|n| url(n).is_none()) {
            return links;
        }
        if let Some(ordered) = &self.ordered {
            let rects = ordered.rects(ui, &self.galley).into_iter();
            links.extend(rects.filter_map(|(n, rect)| Some((n, rect, url(n)?))));
            return links;
        }
        let mut start = 0;
        for (n, run) in line.runs.iter().enumerate() {
            let end = start + run.text.chars().count();
            if let Some(url) = &run.look.link {
                let rects = rects(&self.galley, start..end).into_iter();
                links.extend(rects.map(|rect| (n, rect, url.as_str())));
            }
            start = end;
        }
        links
    }
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
    let underlined = look.underline || look.link.is_some();
    TextFormat {
        // A line stands at the end of its letters' height: that is to be their own, or it stands
        // far below them.
        line_height: (!underlined).then_some((size * 1.45).round()),
        valign: Align::Center,
        underline: line(underlined),
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
