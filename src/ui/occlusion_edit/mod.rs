//! The image occlusion editor: masks over the picture of a note, as Anki's own editor makes them.
//! Works on the text of the field "Occlusion" and gives it back; it stores nothing. What happens
//! to masks is decided in `model`; this draws them and reads mouse and keys.

pub mod model;
mod tools;

use crate::domain::occlusion::{DEFAULT_FILL, Mask, Masks, Point, Shape, TEXT_FILL};
use crate::ui::theme::{Tokens, font};
use crate::{t, tn};
use eframe::egui::emath::Rot2;
use eframe::egui::epaint::{PathShape, TextShape};
use eframe::egui::style::ScrollAnimation;
use eframe::egui::{
    Align2, Color32, CursorIcon, FontId, Id, Key, Modifiers, Painter, PointerButton, Pos2, Rect,
    Response, ScrollArea, Sense, Stroke, StrokeKind, TextureHandle, Ui, Vec2, WidgetInfo, pos2,
    vec2,
};
use model::{Board, Bounds, bounds, drawn, flat_bounds, label_height, outline};
use tools::Tool;

/// Masks being edited over one picture.
#[derive(Debug)]
pub struct OcclusionEditor {
    board: Board,
    tool: Tool,
    /// 1 fits the picture into the room.
    zoom: f32,
    translucent: bool,
    /// The menu of colours opens.
    fill_asked: bool,
    drag: Option<Drag>,
    /// Corners of the polygon that is being drawn.
    corners: Vec<Point>,
    focus_text: bool,
    /// Of the picture: width by height.
    aspect: f64,
    /// How far the next frame scrolls, so that what was zoomed at stays under the pointer.
    scroll: Vec2,
}

/// What the mouse is doing.
#[derive(Debug, Clone, Copy)]
enum Drag {
    Create(Point),
    Move(Point),
    /// The corner that stays, and which edges follow the mouse.
    Resize {
        bounds: Bounds,
        x: i8,
        y: i8,
    },
    /// About a point, from where the mouse took hold: radians from it.
    Turn(Point, f32),
    Band(Point),
    /// The picture itself.
    Pan,
}

/// How a frame ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edited {
    Going,
    /// Take [`OcclusionEditor::field`] over.
    Done,
    Cancelled,
}

const HANDLE: f32 = 9.0;
/// How far from the selection's box the handle that turns it is.
const TURNER: f32 = 24.0;
/// Degrees between the places that a turn with Shift stops at.
const STEP: f64 = 15.0;
const ZOOMS: (f32, f32) = (0.25, 8.0);

impl OcclusionEditor {
    /// On the text of the field "Occlusion".
    #[must_use]
    pub fn new(field: &str) -> Self {
        Self {
            board: Board::new(Masks::parse(field)),
            tool: Tool::Select,
            zoom: 1.0,
            translucent: true,
            fill_asked: false,
            drag: None,
            corners: Vec::new(),
            focus_text: false,
            aspect: 1.0,
            scroll: Vec2::ZERO,
        }
    }

    /// The field's text; what was not changed is as it was.
    #[must_use]
    pub fn field(&self) -> String {
        self.board.masks().to_field()
    }

    #[must_use]
    pub fn is_changed(&self) -> bool {
        self.board.can_undo()
    }

    /// A polygon has been begun; Esc takes it back.
    #[must_use]
    pub fn has_corners(&self) -> bool {
        !self.corners.is_empty()
    }

    /// Fills the room of `ui` with tools and the picture.
    pub fn ui(&mut self, ui: &mut Ui, picture: &TextureHandle) -> Edited {
        let real = picture.size_vec2().max(Vec2::splat(1.0));
        self.aspect = f64::from(real.x / real.y);
        let typing = ui.memory(|m| m.focused()).is_some_and(|id| id == text_id());
        if !typing {
            self.take_keys(ui);
        }
        let ended = self.tools_ui(ui);
        let room = ui.available_size();
        ScrollArea::both()
            .auto_shrink([false, false])
            .show(ui, |ui| {
                let real = picture.size_vec2().max(Vec2::splat(1.0));
                // As wide as the tools at most, in the middle of the room.
                let around = vec2(2.0 * tools::SIDE, 24.0);
                let inside = (room - around).max(Vec2::splat(64.0));
                let fit = (inside.x / real.x).min(inside.y / real.y).min(4.0);
                let size = real * fit * self.zoom;
                let space = (size + Vec2::splat(16.0)).max(room);
                let (area, response) = ui.allocate_exact_size(space, Sense::click_and_drag());
                let canvas = Rect::from_center_size(area.center(), size);
                let enabled = ui.is_enabled();
                let words = self.spoken();
                response.widget_info(|| {
                    WidgetInfo::labeled(
                        eframe::egui::accesskit::Role::Canvas,
                        enabled,
                        words.clone(),
                    )
                });
                let scroll = std::mem::take(&mut self.scroll);
                if scroll != Vec2::ZERO {
                    ui.scroll_with_delta_animation(scroll, ScrollAnimation::none());
                }
                self.zoom_with_wheel(ui, &response);
                let view = View {
                    canvas,
                    aspect: self.aspect,
                };
                self.take_mouse(ui, &response, view);
                self.paint(ui, view, picture);
            });
        ended
    }

    fn spoken(&self) -> String {
        let masks = self.board.masks().len() as u64;
        tn!(masks, "Picture with {n} mask", "Picture with {n} masks")
    }

    fn zoom_with_wheel(&mut self, ui: &Ui, response: &Response) {
        if response.hovered() {
            let by = ui.input(|i| i.zoom_delta());
            self.set_zoom(self.zoom * by);
        }
    }

    fn set_zoom(&mut self, zoom: f32) {
        self.zoom = zoom.clamp(ZOOMS.0, ZOOMS.1);
    }

    /// What is at `p` stays there.
    fn zoom_at(&mut self, by: f32, p: Pos2, view: View) {
        let before = self.zoom;
        self.set_zoom(self.zoom * by);
        let grown = self.zoom / before - 1.0;
        self.scroll = (view.canvas.min - p) * grown;
    }

    fn take_keys(&mut self, ui: &mut Ui) {
        let aspect = self.aspect;
        let key = |ui: &mut Ui, m, k| ui.input_mut(|i| i.consume_key(m, k));
        let ctrl = Modifiers::COMMAND;
        if key(ui, ctrl.plus(Modifiers::SHIFT), Key::Z) || key(ui, ctrl, Key::Y) {
            self.board.redo();
        } else if key(ui, ctrl, Key::Z) {
            self.board.undo();
        }
        for (k, to) in tools::ALIGN_KEYS {
            if key(ui, Modifiers::SHIFT, k) {
                self.board.align(to, aspect);
            }
        }
        let plain = Modifiers::NONE;
        for (tool, _, _, k) in Tool::ALL {
            if key(ui, plain, k) {
                self.take_up(tool);
            }
        }
        if key(ui, plain, Key::Delete) || key(ui, plain, Key::Backspace) {
            self.board.delete_selected();
        }
        if key(ui, plain, Key::D) {
            self.board.duplicate_selected();
        }
        if key(ui, plain, Key::G) {
            self.board.group();
        }
        if key(ui, plain, Key::U) {
            self.board.ungroup();
        }
        if key(ui, plain, Key::A) || key(ui, ctrl, Key::A) {
            self.board.select_all();
        }
        self.fill_asked = key(ui, plain, Key::C);
        if key(ui, plain, Key::L) {
            self.translucent = !self.translucent;
        }
        if key(ui, plain, Key::OpenBracket) {
            self.set_zoom(self.zoom / 1.25);
        }
        if key(ui, plain, Key::CloseBracket) {
            self.set_zoom(self.zoom * 1.25);
        }
        if key(ui, plain, Key::F) {
            self.zoom = 1.0;
        }
        if key(ui, plain, Key::Enter) {
            self.close_polygon();
        }
        if !self.corners.is_empty() && key(ui, plain, Key::Escape) {
            self.corners.clear();
        }
        let step = 0.002;
        let arrows = [
            (Key::ArrowLeft, -step, 0.0),
            (Key::ArrowRight, step, 0.0),
            (Key::ArrowUp, 0.0, -step),
            (Key::ArrowDown, 0.0, step),
        ];
        for (k, dx, dy) in arrows {
            if !self.board.selected().is_empty() && key(ui, plain, k) {
                self.board.nudge(dx, dy, aspect);
            }
        }
    }

    fn take_up(&mut self, tool: Tool) {
        self.tool = tool;
        self.corners.clear();
        self.drag = None;
        self.board.end_drag();
    }

    fn take_mouse(&mut self, ui: &Ui, response: &Response, view: View) {
        let Some(pointer) = response.interact_pointer_pos().or(response.hover_pos()) else {
            return;
        };
        let p = view.fraction(pointer);
        self.show_cursor(ui, view, pointer);
        if response.drag_started_by(PointerButton::Primary) {
            let from = ui.input(|i| i.pointer.press_origin()).unwrap_or(pointer);
            self.begin_drag(ui, view, from);
        } else if response.dragged_by(PointerButton::Primary) {
            match self.drag {
                Some(Drag::Move(from)) => {
                    self.board.drag_by(p.0 - from.0, p.1 - from.1, view.aspect);
                }
                Some(Drag::Resize { bounds, x, y }) => {
                    let wanted = resized(bounds, x, y, view.inside(p));
                    self.board.drag_to(wanted, view.aspect);
                }
                Some(Drag::Turn(center, from)) => {
                    let by = view.angle(center, pointer) - from;
                    let mut by = f64::from(by.to_degrees());
                    if ui.input(|i| i.modifiers.shift) {
                        by = (by / STEP).round() * STEP;
                    }
                    self.board.drag_round(center, by, view.aspect);
                }
                Some(Drag::Pan) => {
                    let by = response.drag_delta();
                    ui.scroll_with_delta_animation(by, ScrollAnimation::none());
                }
                _ => {}
            }
        } else if response.drag_stopped() {
            self.end_drag(view.inside(p), view);
        } else if response.double_clicked() && self.tool == Tool::Polygon {
            self.close_polygon();
        } else if response.clicked() {
            self.click(ui, p, pointer, view);
        }
    }

    fn show_cursor(&self, ui: &Ui, view: View, pointer: Pos2) {
        let icon = match self.tool {
            Tool::Select => match self.handle_at(view, pointer) {
                Some((x, y)) if x * y > 0 => CursorIcon::ResizeNwSe,
                Some((0, _)) => CursorIcon::ResizeVertical,
                Some((_, 0)) => CursorIcon::ResizeHorizontal,
                Some(_) => CursorIcon::ResizeNeSw,
                None if self.is_turner(view, pointer) => CursorIcon::Grab,
                None if self.board.at(view.fraction(pointer), view.aspect).is_some() => {
                    CursorIcon::Move
                }
                None => CursorIcon::Default,
            },
            Tool::Text => CursorIcon::Text,
            Tool::Zoom if self.drag.is_some() => CursorIcon::Grabbing,
            Tool::Zoom if ui.input(|i| i.modifiers.shift) => CursorIcon::ZoomOut,
            Tool::Zoom => CursorIcon::ZoomIn,
            _ => CursorIcon::Crosshair,
        };
        if view.canvas.contains(pointer) {
            ui.set_cursor_icon(icon);
        }
    }

    fn begin_drag(&mut self, ui: &Ui, view: View, from: Pos2) {
        let p = view.inside(view.fraction(from));
        self.drag = Some(match self.tool {
            Tool::Rect | Tool::Ellipse => Drag::Create(p),
            Tool::Polygon | Tool::Text => return,
            Tool::Zoom => Drag::Pan,
            Tool::Select => {
                let bounds = self.board.selection_bounds(view.aspect);
                if let (Some((x, y)), Some(bounds)) = (self.handle_at(view, from), bounds) {
                    self.board.begin_drag();
                    Drag::Resize { bounds, x, y }
                } else if let Some(bounds) = bounds.filter(|_| self.is_turner(view, from)) {
                    self.board.begin_drag();
                    let center = bounds.center();
                    Drag::Turn(center, view.angle(center, from))
                } else if let Some(at) = self.board.at(view.fraction(from), view.aspect) {
                    if !self.board.selected().contains(&at) {
                        self.board.select(Some(at), ui.input(|i| i.modifiers.shift));
                    }
                    self.board.begin_drag();
                    Drag::Move(view.fraction(from))
                } else {
                    Drag::Band(p)
                }
            }
        });
    }

    fn end_drag(&mut self, p: Point, view: View) {
        match self.drag.take() {
            Some(Drag::Create(from)) => {
                let ellipse = self.tool == Tool::Ellipse;
                if let Some((shape, at)) = drawn(ellipse, Bounds::between(from, p)) {
                    self.board.add(shape, at);
                }
            }
            Some(Drag::Band(from)) => {
                self.board.select_in(Bounds::between(from, p), view.aspect);
            }
            Some(Drag::Move(_) | Drag::Resize { .. } | Drag::Turn(..)) => self.board.end_drag(),
            Some(Drag::Pan) | None => {}
        }
    }

    fn click(&mut self, ui: &Ui, p: Point, at: Pos2, view: View) {
        let add = ui.input(|i| i.modifiers.shift || i.modifiers.command);
        let on_picture = (0.0..=1.0).contains(&p.0) && (0.0..=1.0).contains(&p.1);
        match self.tool {
            Tool::Polygon if on_picture => {
                let near = |q: &Point| view.point(*q).distance(view.point(p)) < HANDLE;
                if self.corners.len() > 2 && self.corners.first().is_some_and(near) {
                    self.close_polygon();
                } else {
                    self.corners.push(p);
                }
            }
            Tool::Text if on_picture => {
                let shape = Shape::Text {
                    text: t!("Text").to_owned(),
                    scale: 1.0,
                    font_size: 0.06,
                };
                self.board.add(shape, p);
                self.tool = Tool::Select;
                self.focus_text = true;
            }
            Tool::Zoom => {
                let out = ui.input(|i| i.modifiers.shift);
                self.zoom_at(if out { 0.8 } else { 1.25 }, at, view);
            }
            _ => {
                let hit = self.board.at(p, view.aspect);
                self.board.select(hit, add);
            }
        }
    }

    fn close_polygon(&mut self) {
        let mut points = std::mem::take(&mut self.corners);
        points.dedup();
        if points.len() < 3 {
            return;
        }
        let left = points.iter().map(|p| p.0).fold(f64::INFINITY, f64::min);
        let top = points.iter().map(|p| p.1).fold(f64::INFINITY, f64::min);
        self.board.add(Shape::Polygon { points }, (left, top));
    }

    /// The handle of the selection at a place: -1, 0 or 1 for left, middle, right and top, middle,
    /// bottom.
    fn handle_at(&self, view: View, pointer: Pos2) -> Option<(i8, i8)> {
        let b = self.board.selection_bounds(view.aspect)?;
        let near = |(x, y): &(i8, i8)| view.handle(b, *x, *y).distance(pointer) < HANDLE;
        HANDLES.into_iter().find(near)
    }

    /// Whether the handle that turns the selection is at a place.
    fn is_turner(&self, view: View, pointer: Pos2) -> bool {
        let bounds = self.board.selection_bounds(view.aspect);
        bounds.is_some_and(|b| view.turner(b).distance(pointer) < HANDLE)
    }

    fn paint(&self, ui: &Ui, view: View, picture: &TextureHandle) {
        let t = Tokens::of(ui);
        let painter = ui.painter();
        let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
        painter.image(picture.id(), view.canvas, whole, Color32::WHITE);
        let edge = Stroke::new(1.0, t.border_strong);
        painter.rect_stroke(view.canvas, 0, edge, StrokeKind::Outside);
        for (i, mask) in self.board.masks().iter().enumerate() {
            let selected = self.board.selected().contains(&i);
            self.paint_mask(ui, painter, view, mask, selected);
        }
        self.paint_selection(ui, painter, view);
        let pointer = ui.input(|i| i.pointer.latest_pos());
        let line = Stroke::new(1.5, t.accent);
        if let (Some(Drag::Create(from) | Drag::Band(from)), Some(p)) = (self.drag, pointer) {
            let to = view.point(view.inside(view.fraction(p)));
            let r = Rect::from_two_pos(view.point(from), to);
            painter.rect(
                r,
                0,
                t.accent.gamma_multiply(0.15),
                line,
                StrokeKind::Inside,
            );
        }
        let mut corners: Vec<Pos2> = self.corners.iter().map(|p| view.point(*p)).collect();
        for c in &corners {
            painter.circle_filled(*c, 3.5, t.accent);
        }
        corners.extend(pointer.filter(|_| !self.corners.is_empty()));
        painter.add(PathShape::line(corners, line));
    }

    fn paint_mask(&self, ui: &Ui, painter: &Painter, view: View, mask: &Mask, selected: bool) {
        let t = Tokens::of(ui);
        let is_label = matches!(mask.shape, Shape::Text { .. });
        let own = mask
            .fill
            .as_deref()
            .and_then(crate::field_html::parse_colour);
        let usual = if is_label { TEXT_FILL } else { DEFAULT_FILL };
        let rgb = own
            .or(crate::field_html::parse_colour(usual))
            .unwrap_or([0; 3]);
        let color = Color32::from_rgb(rgb[0], rgb[1], rgb[2]);
        let edge = if selected {
            Stroke::new(2.0, t.accent)
        } else {
            Stroke::new(1.0, Color32::from_rgb(0x21, 0x21, 0x21))
        };
        let points: Vec<Pos2> = outline(mask, view.aspect)
            .into_iter()
            .map(|p| view.point(p))
            .collect();
        let fill = match (is_label, self.translucent) {
            (true, _) => Color32::WHITE,
            (false, true) => color.gamma_multiply(0.45),
            (false, false) => color,
        };
        if matches!(mask.shape, Shape::Polygon { .. }) && !is_convex(&points) {
            fill_any(painter, &points, fill);
            painter.add(PathShape::closed_line(points.clone(), edge));
        } else {
            painter.add(PathShape::convex_polygon(points.clone(), fill, edge));
        }
        if let Shape::Text {
            text,
            scale,
            font_size,
        } = &mask.shape
        {
            let b = flat_bounds(mask, view.aspect);
            let angle = mask.angle.to_radians() as f32;
            let size = (label_height(*font_size) * scale) as f32 * view.canvas.height();
            let edge = Rot2::from_angle(angle) * vec2(size * 0.12, size * 0.12);
            let at = view.point((b.left, b.top)) + edge;
            let size = size.clamp(2.0, 400.0);
            let laid = |size| {
                let font = FontId::proportional(size);
                painter.layout_no_wrap(text.clone(), font, color)
            };
            // The ground is measured for the card's typeface, which is narrower.
            let room = (b.right - b.left) as f32 * view.canvas.width() - size * 0.24;
            let mut words = laid(size);
            if words.size().x > room {
                words = laid((size * room / words.size().x).max(2.0));
            }
            painter.add(TextShape::new(at, words, color).with_angle(angle));
        } else {
            let center = view.point(bounds(mask, view.aspect).center());
            let words = mask.ordinal.to_string();
            let dark = Color32::from_rgb(0x21, 0x21, 0x21);
            painter.text(center, Align2::CENTER_CENTER, words, font::strong(), dark);
        }
    }

    fn paint_selection(&self, ui: &Ui, painter: &Painter, view: View) {
        let t = Tokens::of(ui);
        let Some(b) = self.board.selection_bounds(view.aspect) else {
            return;
        };
        let r = Rect::from_min_max(view.point((b.left, b.top)), view.point((b.right, b.bottom)));
        painter.rect_stroke(r, 0, Stroke::new(1.0, t.accent), StrokeKind::Outside);
        let turner = view.turner(b);
        painter.line_segment([turner, r.center_top()], Stroke::new(1.0, t.accent));
        let line = Stroke::new(1.5, t.accent);
        painter.circle(turner, HANDLE / 2.0, Color32::WHITE, line);
        for (x, y) in HANDLES {
            let h = Rect::from_center_size(view.handle(b, x, y), Vec2::splat(HANDLE));
            painter.rect(h, 2, Color32::WHITE, line, StrokeKind::Inside);
        }
    }
}

/// Name of the entry of a label's words.
fn text_id() -> Id {
    Id::unique("occlusion label")
}

const HANDLES: [(i8, i8); 8] = [
    (-1, -1),
    (0, -1),
    (1, -1),
    (-1, 0),
    (1, 0),
    (-1, 1),
    (0, 1),
    (1, 1),
];

/// Where the picture is on the screen.
#[derive(Debug, Clone, Copy)]
struct View {
    canvas: Rect,
    /// Width by height.
    aspect: f64,
}

impl View {
    fn point(self, (x, y): Point) -> Pos2 {
        self.canvas.min + vec2(x as f32, y as f32) * self.canvas.size()
    }
    fn fraction(self, p: Pos2) -> Point {
        let v = (p - self.canvas.min) / self.canvas.size();
        (f64::from(v.x), f64::from(v.y))
    }
    fn inside(self, (x, y): Point) -> Point {
        (x.clamp(0.0, 1.0), y.clamp(0.0, 1.0))
    }
    fn handle(self, b: Bounds, x: i8, y: i8) -> Pos2 {
        let along = |low: f64, high: f64, side: i8| match side {
            -1 => low,
            0 => f64::midpoint(low, high),
            _ => high,
        };
        self.point((along(b.left, b.right, x), along(b.top, b.bottom, y)))
    }
    /// Above the box, or below it where the picture's area ends.
    fn turner(self, b: Bounds) -> Pos2 {
        let above = self.handle(b, 0, -1) - vec2(0.0, TURNER);
        if above.y > self.canvas.min.y - HANDLE {
            above
        } else {
            self.handle(b, 0, 1) + vec2(0.0, TURNER)
        }
    }
    /// Radians from `center` to a place, clockwise.
    fn angle(self, center: Point, p: Pos2) -> f32 {
        (p - self.point(center)).angle()
    }
}

/// The box with the edges that follow the mouse.
fn resized(b: Bounds, x: i8, y: i8, p: Point) -> Bounds {
    let edges = |low: f64, high: f64, side: i8, p: f64| match side {
        -1 => (p.min(high - 0.005), high),
        1 => (low, p.max(low + 0.005)),
        _ => (low, high),
    };
    let (left, right) = edges(b.left, b.right, x, p.0);
    let (top, bottom) = edges(b.top, b.bottom, y, p.1);
    Bounds {
        left,
        top,
        right,
        bottom,
    }
}

fn is_convex(points: &[Pos2]) -> bool {
    let n = points.len();
    let turns = (0..n).map(|i| {
        let (a, b, c) = (points[i], points[(i + 1) % n], points[(i + 2) % n]);
        let (u, v) = (b - a, c - b);
        u.x * v.y - u.y * v.x
    });
    let turns: Vec<f32> = turns.collect();
    turns.iter().all(|t| *t >= 0.0) || turns.iter().all(|t| *t <= 0.0)
}

/// Fills a polygon of any form in bands two points high.
fn fill_any(painter: &Painter, points: &[Pos2], fill: Color32) {
    let top = points.iter().map(|p| p.y).fold(f32::INFINITY, f32::min);
    let bottom = points.iter().map(|p| p.y).fold(f32::NEG_INFINITY, f32::max);
    let clip = painter.clip_rect();
    let mut y = top.max(clip.top());
    while y < bottom.min(clip.bottom()) {
        let mid = y + 1.0;
        let mut xs: Vec<f32> = (0..points.len())
            .filter_map(|i| {
                let (a, b) = (points[i], points[(i + 1) % points.len()]);
                let crosses = (a.y > mid) != (b.y > mid);
                crosses.then(|| a.x + (b.x - a.x) * (mid - a.y) / (b.y - a.y))
            })
            .collect();
        xs.sort_by(f32::total_cmp);
        for pair in xs.chunks_exact(2) {
            let band = Rect::from_min_max(pos2(pair[0], y), pos2(pair[1], y + 2.0));
            painter.rect_filled(band, 0, fill);
        }
        y += 2.0;
    }
}
