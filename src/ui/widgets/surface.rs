//! Sheets, lines, dots and the focus ring.

use crate::ui::theme::{Tokens, radius};
use eframe::egui::{
    Align, Color32, Frame, Layout, Margin, Pos2, Rect, Shape, Stroke, StrokeKind, Ui, UiBuilder,
    layers::ShapeIdx, pos2,
};

pub fn fill(ui: &Ui, r: Rect, radius: u8, c: Color32) {
    ui.painter().rect_filled(r, radius, c);
}

pub fn outline(ui: &Ui, r: Rect, radius: u8, c: Color32) {
    ui.painter()
        .rect_stroke(r, radius, Stroke::new(1.0, c), StrokeKind::Inside);
}

/// A hair line: a filled rectangle one point high stays crisp where a stroke blurs.
pub fn hline(ui: &Ui, r: Rect, y: f32, c: Color32) {
    ui.painter().rect_filled(
        Rect::from_min_max(pos2(r.min.x, y.round()), pos2(r.max.x, y.round() + 1.0)),
        0,
        c,
    );
}

/// A vertical hair line.
pub fn vline(ui: &Ui, x: f32, r: Rect, c: Color32) {
    ui.painter().rect_filled(
        Rect::from_min_max(pos2(x.round(), r.min.y), pos2(x.round() + 1.0, r.max.y)),
        0,
        c,
    );
}

pub fn dot(ui: &Ui, c: Pos2, r: f32, color: Color32) {
    ui.painter().circle_filled(c, r, color);
}

/// The middle of `r`, as high as that, `edge` away from its left and right and at most `widest`.
#[must_use]
pub fn middle(r: Rect, edge: f32, widest: f32) -> Rect {
    let width = (r.width() - 2.0 * edge).min(widest);
    let from = (r.center().x - width / 2.0).round();
    Rect::from_x_y_ranges(from..=from + width, r.y_range())
}

/// A white sheet with a hair line and a very soft shadow.
pub fn card(ui: &Ui, r: Rect) {
    ui.painter().add(card_shape(ui, r));
}

/// For a place among the shapes that was kept free until its size was known.
pub fn card_shape(ui: &Ui, r: Rect) -> Shape {
    let t = Tokens::of(ui);
    let line = Stroke::new(1.0, t.border);
    Shape::Vec(vec![
        t.shadow_card().as_shape(r, radius::CARD).into(),
        Shape::rect_filled(r, radius::CARD, t.surface),
        Shape::rect_stroke(r, radius::CARD, line, StrokeKind::Inside),
    ])
}

/// A place among the shapes for what lies under others. What they hide wholly is not painted, which
/// counts where there is no graphics card.
pub struct Under([ShapeIdx; 4]);

impl Under {
    #[must_use]
    pub fn keep(ui: &Ui) -> Self {
        Self(std::array::from_fn(|_| ui.painter().add(Shape::Noop)))
    }

    /// Paints `shape` but for the part that is `hidden`.
    pub fn paint(self, ui: &Ui, shape: Shape, hidden: Option<Rect>) {
        let painter = ui.painter();
        let Some(hidden) = hidden else {
            return painter.set(self.0[0], shape);
        };
        let whole = ui.clip_rect();
        let beside = Rect::from_x_y_ranges(whole.x_range(), hidden.y_range()).intersect(whole);
        let parts = [
            whole.with_max_y(hidden.min.y),
            whole.with_min_y(hidden.max.y),
            beside.with_max_x(hidden.min.x),
            beside.with_min_x(hidden.max.x),
        ];
        for (place, part) in self.0.into_iter().zip(parts) {
            painter.with_clip_rect(part).set(place, shape.clone());
        }
    }
}

/// The frame of a card for content laid out by egui.
pub fn card_frame(ui: &Ui) -> Frame {
    let t = Tokens::of(ui);
    Frame::new()
        .fill(t.surface)
        .stroke(Stroke::new(1.0, t.border))
        .corner_radius(radius::CARD)
        .inner_margin(Margin::same(16))
        .shadow(t.shadow_card())
}

/// The frame of a part that lies deeper than the dialog around it: facts, a choice's own fields.
pub fn inset_frame(ui: &Ui) -> Frame {
    let t = Tokens::of(ui);
    Frame::new()
        .fill(t.canvas)
        .stroke(Stroke::new(1.0, t.border))
        .corner_radius(radius::CARD)
        .inner_margin(Margin::symmetric(15, 13))
}

/// Two points, one point outside the control.
pub fn focus_ring(ui: &Ui, r: Rect, rad: u8) {
    let t = Tokens::of(ui);
    ui.painter().rect_stroke(
        r.expand(3.0),
        rad.saturating_add(3),
        Stroke::new(2.0, t.focus),
        StrokeKind::Inside,
    );
}

/// Two points inside the control: fields, rows.
pub fn focus_ring_inside(ui: &Ui, r: Rect, rad: u8) {
    let t = Tokens::of(ui);
    ui.painter()
        .rect_stroke(r, rad, Stroke::new(2.0, t.focus), StrokeKind::Inside);
}

/// A child `Ui` in `r`, a part of what was allocated: what follows stays below all of that.
pub fn within<R>(ui: &mut Ui, r: Rect, f: impl FnOnce(&mut Ui) -> R) -> R {
    let layout = Layout::top_down(Align::Min);
    f(&mut ui.new_child(UiBuilder::new().max_rect(r).layout(layout)))
}

/// A child `Ui` in `r`; what follows stands at its end.
pub fn region<R>(ui: &mut Ui, r: Rect, layout: Layout, f: impl FnOnce(&mut Ui) -> R) -> R {
    ui.scope_builder(UiBuilder::new().max_rect(r).layout(layout), f)
        .inner
}
