//! The left part of Open Backup: search, column heads, rows under day headings. Only the visible
//! rows are drawn, so that ten thousand are as quick as ten.

use super::model::{Line, Mark, Row};
use crate::t;
use crate::ui::theme::{Tokens, font, size};
use crate::ui::widgets::{Cut as _, ic, list, row, surface, text};
use eframe::egui::{self, Align, Rect, ScrollArea, Sense, Ui, UiBuilder, pos2, vec2};

const HEADING: f32 = 30.0;
const HEAD: f32 = 36.0;

/// Columns that are shown at a width, most needed first: when, reason, mark, size, age, cards,
/// notes, reviews.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Columns {
    when: f32,
    size: bool,
    age: bool,
    cards: bool,
    notes: bool,
    reviews: bool,
    reviews_width: f32,
}

/// At least; those of earlier years are longer.
const WHEN: f32 = 116.0;
const AGE: f32 = 106.0;
const NOTES: f32 = 60.0;
const CARDS: f32 = 68.0;
const REVIEWS: f32 = 78.0;
const SIZE: f32 = 72.0;
const MARK: f32 = 28.0;
const REASON_MIN: f32 = 132.0;

impl Columns {
    fn for_width(width: f32, when: f32) -> Self {
        let mut room = width - 24.0 - when - MARK - REASON_MIN;
        let mut fits = |w: f32| {
            let fits = room >= w;
            if fits {
                room -= w;
            } else {
                room = 0.0;
            }
            fits
        };
        let (size, age, cards, notes, reviews) = (
            fits(SIZE),
            fits(AGE),
            fits(CARDS),
            fits(NOTES),
            fits(REVIEWS),
        );
        Self {
            when,
            size,
            age,
            cards,
            notes,
            reviews,
            reviews_width: REVIEWS,
        }
    }

    /// The head of the reviews, the longest one, is not cut where a language has a longer word.
    fn with_heads(mut self, ui: &Ui) -> Self {
        let head = text::width(ui, t!("Reviews"), font::caption_strong()).ceil();
        self.reviews_width = REVIEWS.max(head + 10.0);
        self
    }

    fn cut(self, row: Rect) -> Cells {
        let mut i = row.pad(12.0, 0.0);
        let mark = i.cut_right(MARK);
        let mut cell = |shown: bool, w: f32| shown.then(|| i.cut_right(w));
        let size = cell(self.size, SIZE);
        let reviews = cell(self.reviews, self.reviews_width);
        let cards = cell(self.cards, CARDS);
        let notes = cell(self.notes, NOTES);
        let when = i.cut_left(self.when);
        let age = self.age.then(|| i.cut_left(AGE));
        i.max.x -= 8.0;
        Cells {
            when,
            age,
            reason: i,
            notes,
            cards,
            reviews,
            size,
            mark,
        }
    }
}

struct Cells {
    when: Rect,
    age: Option<Rect>,
    reason: Rect,
    notes: Option<Rect>,
    cards: Option<Rect>,
    reviews: Option<Rect>,
    size: Option<Rect>,
    mark: Rect,
}

/// What happened to the list in this frame.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Picked {
    /// Index of the entry that was selected.
    pub select: Option<usize>,
    /// Double click or Enter.
    pub act: bool,
}

/// Draws the card with the rows into `r`. `selected` is an index of the entries.
pub fn show(
    ui: &mut Ui,
    r: Rect,
    lines: &[Line],
    selected: Option<usize>,
    focus_now: bool,
) -> Picked {
    let t = Tokens::of(ui);
    surface::card(ui, r);
    let inner = r.pad(6.0, 0.0);
    let rows: Vec<(usize, &Row)> = lines
        .iter()
        .enumerate()
        .filter_map(|(n, line)| match line {
            Line::Backup(row) => Some((n, row)),
            Line::Heading(_) => None,
        })
        .collect();
    let columns = Columns::for_width(inner.width(), when_width(ui, &rows)).with_heads(ui);
    let mut body = inner;
    let head = body.cut_top(HEAD);
    heads(ui, columns, head);
    surface::hline(ui, r.shrink2(vec2(1.0, 0.0)), head.max.y - 1.0, t.border);
    body.max.y -= 6.0;
    let at = rows.iter().position(|(_, row)| Some(row.index) == selected);
    let page = (body.height() / size::ROW_BACKUP) as usize;
    let (focus, keys) = list::keys(ui, body, "backups", t!("Backups"), rows.len(), at, page);
    if focus_now {
        list::focus_quietly(ui, &focus);
    }
    let mut picked = Picked {
        select: keys.select.map(|n| rows[n].1.index),
        act: keys.act,
    };
    let reveal = keys.select.map(|n| rows[n].0);
    let tops = tops(lines);
    let height = tops.last().copied().unwrap_or_default();
    let mut child = ui.new_child(UiBuilder::new().max_rect(body).id_salt("backup rows"));
    child.set_clip_rect(body.intersect(ui.clip_rect()));
    ScrollArea::vertical()
        .auto_shrink(false)
        .show_viewport(&mut child, |ui, view| {
            ui.set_height(height);
            let origin = ui.min_rect().min;
            if let Some(n) = reveal {
                let top = origin + vec2(0.0, (tops[n] - HEADING).max(0.0));
                let bottom = origin.y + tops[n + 1];
                let target = Rect::from_min_max(top, pos2(body.max.x, bottom));
                ui.scroll_to_rect(target, None);
            }
            for (n, line) in lines.iter().enumerate() {
                if tops[n + 1] < view.min.y || tops[n] > view.max.y {
                    continue;
                }
                let rect = Rect::from_min_max(
                    pos2(body.min.x, origin.y + tops[n]),
                    pos2(body.max.x, origin.y + tops[n + 1]),
                );
                match line {
                    Line::Heading(group) => {
                        let h =
                            Rect::from_min_max(pos2(rect.min.x + 12.0, rect.min.y + 6.0), rect.max);
                        let f = font::caption_strong();
                        text::label(ui, h, Align::Min, group.label(), f, t.text3);
                    }
                    Line::Backup(backup) => {
                        let is = Some(backup.index) == selected;
                        let response = one(ui, rect, columns, backup, is);
                        if is {
                            list::ring(ui, &focus, rect.shrink2(vec2(0.0, 1.0)));
                        }
                        if response.clicked() {
                            picked.select = Some(backup.index);
                            list::focus_quietly(ui, &focus);
                        }
                        picked.act |= response.double_clicked();
                    }
                }
            }
        });
    picked
}

/// What the longest of the times takes.
fn when_width(ui: &Ui, rows: &[(usize, &Row)]) -> f32 {
    let times = rows.iter().map(|(_, row)| row.when.as_str());
    let longest = times.max_by_key(|when| when.len()).unwrap_or_default();
    WHEN.max(text::width(ui, longest, font::strong()).ceil() + 10.0)
}

/// Y of each line's top, and of the end.
fn tops(lines: &[Line]) -> Vec<f32> {
    let mut tops = Vec::with_capacity(lines.len() + 1);
    let mut y = 0.0;
    tops.push(y);
    for line in lines {
        y += match line {
            Line::Heading(_) => HEADING,
            Line::Backup(_) => size::ROW_BACKUP,
        };
        tops.push(y);
    }
    tops
}

fn heads(ui: &Ui, columns: Columns, head: Rect) {
    let t = Tokens::of(ui);
    let c = columns.cut(head);
    let f = font::caption_strong;
    text::left(ui, c.when, t!("When"), f(), t.text2);
    text::left(ui, c.reason, t!("Reason"), f(), t.text2);
    for (cell, name) in [
        (c.notes, t!("Notes")),
        (c.cards, t!("Cards")),
        (c.reviews, t!("Reviews")),
        (c.size, t!("Size")),
    ] {
        if let Some(cell) = cell {
            text::right(ui, cell, name, f(), t.text2);
        }
    }
}

fn one(ui: &mut Ui, rect: Rect, columns: Columns, b: &Row, selected: bool) -> egui::Response {
    let t = Tokens::of(ui);
    let salt = list::row_salt(b.index);
    let response = row::sensed(ui, rect, salt, &b.spoken(), selected, Sense::CLICK);
    let c = columns.cut(rect);
    text::left(ui, c.when, &b.when, font::strong(), t.text);
    if let Some(age) = c.age {
        text::left(ui, age, &b.age, font::small(), t.text2);
    }
    let mut reason = c.reason;
    if b.pinned {
        let pin = reason.cut_left(22.0);
        let middle = pos2(pin.min.x + 8.0, pin.center().y);
        text::icon(ui, middle, ic::PIN, size::ICON_SMALL, t.accent_text);
    }
    text::left(ui, reason, &b.reason, font::small(), t.text2);
    for (cell, number) in [
        (c.notes, &b.notes),
        (c.cards, &b.cards),
        (c.reviews, &b.reviews),
        (c.size, &b.size),
    ] {
        let Some(cell) = cell else { continue };
        if number.is_empty() {
            text::right(ui, cell, "–", font::small(), t.text3);
        } else {
            text::right(ui, cell, number, font::small(), t.text);
        }
    }
    let middle = pos2(c.mark.max.x - 8.0, c.mark.center().y);
    match b.mark {
        Mark::Verified => text::icon_filled(ui, middle, ic::CHECK_CIRCLE, size::ICON_SMALL, t.ok),
        Mark::Unverified => text::icon(ui, middle, ic::WARN, size::ICON_SMALL, t.warn),
        Mark::Failed => text::icon(ui, middle, ic::ERROR, size::ICON_SMALL, t.danger),
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_go_in_the_order_of_need() {
        let all = Columns::for_width(732.0, WHEN);
        assert!(all.size && all.age && all.cards && all.notes && all.reviews);
        let small = Columns::for_width(392.0, WHEN);
        assert!(small.size && !small.age && !small.cards && !small.reviews);
        let c = small.cut(Rect::from_min_size(pos2(0.0, 0.0), vec2(392.0, 34.0)));
        assert!(c.reason.width() >= 120.0, "{}", c.reason.width());
    }
}
