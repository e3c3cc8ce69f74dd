//! The handles at the corners of a chosen picture: dragging one shows the picture in its new size
//! at once and writes it, as one step, when the pointer lets go. Escape leaves it as it was.

use crate::base::lang;
use crate::mark;
use crate::ui::theme::{Tokens, font, radius};
use crate::ui::widgets::text::width;
use eframe::egui::accesskit::Role;
use eframe::egui::{
    Align2, CursorIcon, Id, Key, Painter, Pos2, Rect, Sense, Stroke, StrokeKind, Ui, Vec2,
    WidgetInfo, pos2, vec2,
};

/// Points along a side of a handle, as drawn and as felt by the pointer.
const HANDLE: f32 = 8.0;
const REACH: f32 = 16.0;
/// Narrowest picture, in points.
const LEAST: f32 = 8.0;

/// A picture whose corner is being dragged.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Resizing {
    pub unit: usize,
    /// As it was shown when the drag began.
    from: Vec2,
    /// As it is shown now, in points.
    pub size: Vec2,
}

/// What a handle did in a frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Pulled {
    Going(Resizing),
    Done(Resizing),
    Left,
}

/// The four corners: what dragging them is called, and which way is outwards.
const CORNERS: [(&str, f32, f32); 4] = [
    (mark!("Resize picture, top left"), -1.0, -1.0),
    (mark!("Resize picture, top right"), 1.0, -1.0),
    (mark!("Resize picture, bottom left"), -1.0, 1.0),
    (mark!("Resize picture, bottom right"), 1.0, 1.0),
];

/// Draws the frame of a chosen picture and lets its corners be dragged.
pub(super) fn handles(
    ui: &mut Ui,
    painter: &Painter,
    id: Id,
    r: Rect,
    unit: usize,
    now: Option<Resizing>,
) -> Option<Pulled> {
    let t = Tokens::of(ui);
    painter.rect_stroke(r, 0, Stroke::new(1.0, t.accent), StrokeKind::Outside);
    // The key itself ends the drag before anybody sees it.
    let escaped = ui.input(|i| i.key_pressed(Key::Escape));
    let mut pulled = None;
    for (name, x, y) in CORNERS {
        let c = corner(r, x, y);
        let area = Rect::from_center_size(c, Vec2::splat(REACH)).intersect(painter.clip_rect());
        let response = ui.interact(
            area,
            id.with(("handle", unit, name)),
            // No stop for Tab, as the picture is none.
            Sense::CLICK | Sense::DRAG,
        );
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, lang::say(name)));
        let icon = if x * y > 0.0 {
            CursorIcon::ResizeNwSe
        } else {
            CursorIcon::ResizeNeSw
        };
        let response = response.on_hover_and_drag_cursor(icon);
        let square = Rect::from_center_size(c, Vec2::splat(HANDLE));
        painter.rect_filled(square, 2, t.surface);
        painter.rect_stroke(square, 2, Stroke::new(1.5, t.accent), StrokeKind::Inside);
        let started = response.drag_started().then_some(Resizing {
            unit,
            from: r.size(),
            size: r.size(),
        });
        let Some(mut drag) = started.or(now) else {
            continue;
        };
        if response.dragged()
            && let Some(moved) = response.total_drag_delta()
        {
            let wide = (drag.from.x + x * moved.x).max(LEAST);
            drag.size = drag.from * (wide / drag.from.x.max(1.0));
            pulled = Some(Pulled::Going(drag));
        } else if response.drag_stopped() {
            pulled = Some(Pulled::Done(drag));
        }
        if escaped && pulled.is_some() {
            pulled = Some(Pulled::Left);
        }
    }
    if let Some(drag) = now {
        caption(ui, painter, r, drag.size);
    }
    pulled
}

fn corner(r: Rect, x: f32, y: f32) -> Pos2 {
    pos2(
        if x < 0.0 { r.left() } else { r.right() },
        if y < 0.0 { r.top() } else { r.bottom() },
    )
}

/// The size in numbers, in the middle of the picture.
fn caption(ui: &Ui, painter: &Painter, r: Rect, size: Vec2) {
    let t = Tokens::of(ui);
    let words = format!("{} × {}", size.x.round(), size.y.round());
    let wide = width(ui, &words, font::small()) + 16.0;
    let back = Rect::from_center_size(r.center(), vec2(wide, 24.0));
    painter.rect_filled(back, radius::CHIP, t.surface);
    painter.rect_stroke(
        back,
        radius::CHIP,
        Stroke::new(1.0, t.border_strong),
        StrokeKind::Inside,
    );
    let at = back.center();
    painter.text(at, Align2::CENTER_CENTER, words, font::small(), t.text);
}
