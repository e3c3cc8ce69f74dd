//! What the text widget cannot draw: pictures, chips, bullets, numbers, the bar of a quote; and
//! what happens when one of them is clicked.

use super::doc::{Doc, ObjectView};
use super::layout::{Pictures, lead_of};
use super::resize::{self, Pulled};
use crate::field_html::{Marker, OBJECT, Object};
use crate::t;
use crate::ui::picture_menu::{self, PictureUse};
use crate::ui::theme::{Tokens, font, radius};
use crate::ui::widgets::menu::{self, Entry, separator};
use crate::ui::widgets::{ic, text};
use eframe::egui::accesskit::Role;
use eframe::egui::text_edit::TextEditOutput;
use eframe::egui::{
    Align2, Color32, CursorIcon, Id, Painter, Rangef, Rect, Sense, Stroke, StrokeKind, Ui,
    ViewportCommand, WidgetInfo, pos2, vec2,
};
use std::ops::Range;

/// What was done to an object.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Touched {
    Select(usize),
    Open(usize),
    Play(String),
    /// A picture is shown as large as it is, or no longer.
    Expand(usize, String),
    Pull(Pulled),
    /// Cut, copied or replaced from its menu.
    Clipboard(usize, ViewportCommand),
    /// A picture's file.
    Use(String, PictureUse),
}

/// Paints over the text of `shown`; None when it shows an older snapshot.
pub(super) fn decorate(
    ui: &mut Ui,
    id: Id,
    doc: &Doc,
    shown: &TextEditOutput,
    selection: &Range<usize>,
    pictures: &mut Pictures<'_>,
) -> Option<Touched> {
    let galley = &shown.galley;
    if galley.text() != doc.projection.text {
        return None;
    }
    let painter = ui.painter_at(shown.text_clip_rect.expand(2.0));
    let clip = painter.clip_rect();
    let mut first = 0;
    let mut markers = doc.projection.markers.iter().peekable();
    let mut touched = None;
    for row in &galley.rows {
        let origin = shown.galley_pos.x + row.pos.x;
        let across = Rangef::new(origin, origin + row.size.x).as_positive();
        let rect = row.rect().translate(shown.galley_pos.to_vec2());
        let rect = Rect::from_x_y_ranges(across, rect.y_range());
        let count = row.char_count_including_newline().0;
        let start = Start {
            x: origin + row.glyphs.first().map_or(0.0, |g| g.pos.x),
            from_right: row.size.x < 0.0,
        };
        while let Some((unit, marker)) =
            markers.next_if(|(unit, _)| (*unit as usize) < first + count.max(1))
        {
            if *unit as usize == first && clip.intersects(rect) {
                let size = pictures.font_size;
                paint_marker(ui, &painter, start, rect, *marker, size);
            }
        }
        if clip.intersects(rect) {
            for (i, glyph) in row
                .glyphs
                .iter()
                .enumerate()
                .filter(|(_, g)| g.chr == OBJECT)
            {
                let Some(object) = doc.object(first + i) else {
                    continue;
                };
                let height = glyph.line_height - 4.0;
                let x = origin + glyph.pos.x;
                let across = Rangef::new(x, x + glyph.advance_width).as_positive();
                let bottom = rect.bottom() - 2.0;
                let r = Rect::from_x_y_ranges(across, bottom - height..=bottom);
                paint_object(ui, &painter, r, object, pictures);
                let expands = pictures.can_expand(ui, object);
                touched = touched.or(sense(ui, id, r.intersect(clip), object, expands));
                let chosen = *selection == (object.unit..object.unit + 1);
                if chosen && object.kind == Object::Image && pictures.of(ui, object).is_some() {
                    let now = pictures.view.resizing;
                    // The handles stand half outside.
                    let mut painter = painter.clone();
                    painter.set_clip_rect(clip.expand(5.0));
                    let pulled = resize::handles(ui, &painter, id, r, object.unit, now);
                    touched = pulled.map(Touched::Pull).or(touched);
                }
            }
        }
        first += count;
    }
    touched
}

/// Where the text of a row begins.
#[derive(Clone, Copy)]
struct Start {
    x: f32,
    from_right: bool,
}

/// `size` is that of the field's text.
fn paint_marker(ui: &Ui, painter: &Painter, start: Start, row: Rect, marker: Marker, size: f32) {
    /// What of a letter's size is below the line on which it stands.
    const BELOW: f32 = 0.23;
    let t = Tokens::of(ui);
    let before = |by: f32| match start.from_right {
        true => start.x + by,
        false => start.x - by,
    };
    match marker {
        Marker::Bullet => {
            let c = pos2(before(11.0), row.bottom() - 9.5);
            painter.circle_filled(c, 2.6, t.text2);
        }
        Marker::Number(n) => {
            let font = font::body();
            // Smaller than the text, on the same line.
            let lift = ((size - font.size) * BELOW).max(0.0);
            let at = pos2(before(6.0), row.bottom() - lift);
            let (side, words) = match start.from_right {
                true => (Align2::LEFT_BOTTOM, format!(".{n}")),
                false => (Align2::RIGHT_BOTTOM, format!("{n}.")),
            };
            painter.text(at, side, words, font, t.text2);
        }
    }
}

fn paint_object(
    ui: &Ui,
    painter: &Painter,
    r: Rect,
    object: &ObjectView,
    pictures: &mut Pictures<'_>,
) {
    let t = Tokens::of(ui);
    if object.kind == Object::Rule {
        let line = Rect::from_center_size(r.center(), vec2(r.width(), 1.0));
        painter.rect_filled(line, 0, t.border_strong);
        return;
    }
    if let Some((texture, _)) = pictures.of(ui, object) {
        let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
        painter.image(texture.id(), r, whole, Color32::WHITE);
        return;
    }
    let (bg, edge, fg) = match object.kind {
        Object::Formula => (t.accent_soft, t.border_strong, t.accent_text),
        Object::Image => (t.warn_soft, t.border_strong, t.warn),
        _ => (t.hover, t.border_strong, t.text2),
    };
    let chip = r.shrink2(vec2(1.0, 0.0));
    let line = Stroke::new(1.0, edge);
    painter.rect(chip, radius::CHIP, bg, line, StrokeKind::Inside);
    let icon = match object.kind {
        Object::Sound => Some(ic::VOLUME),
        Object::Image => Some(ic::IMAGE),
        _ => None,
    };
    if let Some(icon) = icon {
        let c = pos2(chip.left() + 14.0, chip.center().y);
        text::icon(ui, c, icon, 16.0, fg);
    }
    let words = painter.with_clip_rect(chip.intersect(painter.clip_rect()));
    let at = chip.left_center() + vec2(lead_of(object.kind) - 1.0, 0.0);
    words.text(at, Align2::LEFT_CENTER, &object.label, font::small(), fg);
}

/// A click selects the object (a sound: plays it); a double click opens it, or turns a high picture
/// between its real size and a smaller one; a secondary one opens its menu. No stop for Tab, which
/// goes from field to field: the caret goes through it.
fn sense(ui: &mut Ui, id: Id, r: Rect, object: &ObjectView, expands: bool) -> Option<Touched> {
    let id = id.with(("object", object.unit));
    let response = ui.interact(r, id, Sense::CLICK);
    let enabled = ui.is_enabled();
    response.widget_info(|| {
        let role = match object.kind {
            Object::Image => Role::Image,
            _ => Role::Button,
        };
        WidgetInfo::labeled(role, enabled, object.name())
    });
    let response = response.on_hover_cursor(CursorIcon::PointingHand);
    let mut chosen = None;
    menu::context(&response, |ui| chosen = object_menu(ui, object));
    if chosen.is_some() {
        return chosen;
    }
    if response.double_clicked() && expands {
        return Some(Touched::Expand(object.unit, object.file.clone()));
    }
    if response.double_clicked() && object.kind != Object::Rule {
        return Some(Touched::Open(object.unit));
    }
    if !response.clicked() {
        return None;
    }
    // The symbol plays; the words select, so that a sound can be moved or deleted.
    let plays = object.kind == Object::Sound
        && response
            .interact_pointer_pos()
            .is_none_or(|p| p.x < r.left() + super::layout::SOUND_LEAD);
    Some(if plays {
        Touched::Play(object.source.clone())
    } else {
        Touched::Select(object.unit)
    })
}

/// As in Anki: the clipboard, and what can be done with the file of a picture.
fn object_menu(ui: &mut Ui, object: &ObjectView) -> Option<Touched> {
    ui.set_width(180.0);
    let mut chosen = None;
    for (words, keys, what) in [
        (t!("Cut"), "Ctrl+X", ViewportCommand::RequestCut),
        (t!("Copy"), "Ctrl+C", ViewportCommand::RequestCopy),
        (t!("Paste"), "Ctrl+V", ViewportCommand::RequestPaste),
    ] {
        if Entry::new(words).keys(keys).show(ui).clicked() {
            chosen = Some(Touched::Clipboard(object.unit, what));
        }
    }
    let is_file = !object.file.is_empty() && !object.file.contains(['/', '\\', ':']);
    if object.kind != Object::Image || !is_file {
        return chosen;
    }
    separator(ui);
    let what = picture_menu::entries(ui);
    let what = what.map(|what| Touched::Use(object.file.clone(), what));
    what.or(chosen)
}
