//! What the occlusion editor does to masks: select, move, resize, group, align, undo. Pure; points
//! are fractions of the picture.

use crate::domain::occlusion::{LABEL_SIZE, Mask, Masks, Point, Shape, label_width};

/// Smallest mask, as a fraction of the picture.
const SMALLEST: f64 = 0.005;

/// A box with its edges.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    pub left: f64,
    pub top: f64,
    pub right: f64,
    pub bottom: f64,
}

impl Bounds {
    #[must_use]
    pub fn between(a: Point, b: Point) -> Self {
        Self {
            left: a.0.min(b.0),
            top: a.1.min(b.1),
            right: a.0.max(b.0),
            bottom: a.1.max(b.1),
        }
    }
    #[must_use]
    pub fn width(self) -> f64 {
        self.right - self.left
    }
    #[must_use]
    pub fn height(self) -> f64 {
        self.bottom - self.top
    }
    #[must_use]
    pub fn center(self) -> Point {
        (
            f64::midpoint(self.left, self.right),
            f64::midpoint(self.top, self.bottom),
        )
    }
    fn union(self, other: Self) -> Self {
        Self {
            left: self.left.min(other.left),
            top: self.top.min(other.top),
            right: self.right.max(other.right),
            bottom: self.bottom.max(other.bottom),
        }
    }
    fn contains(self, (x, y): Point) -> bool {
        x >= self.left && x <= self.right && y >= self.top && y <= self.bottom
    }
    fn meets(self, other: Self) -> bool {
        self.left < other.right
            && other.left < self.right
            && self.top < other.bottom
            && other.top < self.bottom
    }
}

/// Ways to line masks up with the box around all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlignTo {
    Left,
    Middle,
    Right,
    Top,
    Center,
    Bottom,
}

/// The masks being edited.
#[derive(Debug, Clone, Default)]
pub struct Board {
    masks: Masks,
    /// Indices, ascending.
    selected: Vec<usize>,
    undo: Vec<Masks>,
    redo: Vec<Masks>,
    /// The masks before the drag that is going on.
    dragged: Option<Masks>,
    /// How the first mask hides: while there is none, nothing else says it.
    hides_one: bool,
}

impl Board {
    #[must_use]
    pub fn new(masks: Masks) -> Self {
        Self {
            masks,
            ..Self::default()
        }
    }
    /// The mode: all are hidden, also those that are not asked for. A note without masks begins
    /// with it, as in Anki's editor.
    #[must_use]
    pub fn hides_all(&self) -> bool {
        match self.masks.is_empty() {
            true => !self.hides_one,
            false => self.masks.hides_all(),
        }
    }
    #[must_use]
    pub fn masks(&self) -> &Masks {
        &self.masks
    }
    #[must_use]
    pub fn selected(&self) -> &[usize] {
        &self.selected
    }
    #[must_use]
    pub fn can_undo(&self) -> bool {
        !self.undo.is_empty()
    }
    #[must_use]
    pub fn can_redo(&self) -> bool {
        !self.redo.is_empty()
    }

    fn change(&mut self, f: impl FnOnce(&mut Masks, &[usize])) {
        self.end_drag();
        let before = self.masks.clone();
        f(&mut self.masks, &self.selected);
        self.remember(before);
    }

    fn remember(&mut self, before: Masks) {
        if before != self.masks {
            self.undo.push(before);
            self.redo.clear();
        }
    }

    pub fn undo(&mut self) {
        self.end_drag();
        if let Some(before) = self.undo.pop() {
            self.redo.push(std::mem::replace(&mut self.masks, before));
            self.selected.clear();
        }
    }
    pub fn redo(&mut self) {
        self.end_drag();
        if let Some(after) = self.redo.pop() {
            self.undo.push(std::mem::replace(&mut self.masks, after));
            self.selected.clear();
        }
    }

    /// The topmost mask at a point; `aspect` is the picture's width by its height.
    #[must_use]
    pub fn at(&self, point: Point, aspect: f64) -> Option<usize> {
        let hit = |m: &Mask| is_inside(m, point, aspect);
        self.masks.iter().rposition(hit)
    }

    /// Selects a mask with those of its group, or adds them to the selection.
    pub fn select(&mut self, at: Option<usize>, add: bool) {
        if !add {
            self.selected.clear();
        }
        let Some(ordinal) = at.and_then(|i| self.masks.get(i)).map(|m| m.ordinal) else {
            return;
        };
        let same = |i: usize, m: &Mask| Some(i) == at || (ordinal > 0 && m.ordinal == ordinal);
        let group = self.masks.iter().enumerate().filter(|(i, m)| same(*i, m));
        self.selected.extend(group.map(|(i, _)| i));
        self.selected.sort_unstable();
        self.selected.dedup();
    }
    pub fn select_all(&mut self) {
        self.selected = (0..self.masks.len()).collect();
    }
    /// Those that a box touches.
    pub fn select_in(&mut self, area: Bounds, aspect: f64) {
        self.selected.clear();
        let inside: Vec<usize> = (self.masks.iter().enumerate())
            .filter(|(_, m)| bounds(m, aspect).meets(area))
            .map(|(i, _)| i)
            .collect();
        for i in inside {
            self.select(Some(i), true);
        }
    }

    /// The box around the selection.
    #[must_use]
    pub fn selection_bounds(&self, aspect: f64) -> Option<Bounds> {
        let boxes = self.selected.iter().filter_map(|i| self.masks.get(*i));
        boxes.map(|m| bounds(m, aspect)).reduce(Bounds::union)
    }

    /// A new mask with the lowest free number, selected; labels get 0.
    pub fn add(&mut self, shape: Shape, at: Point) {
        let ordinal = match shape {
            Shape::Text { .. } => 0,
            _ => self.masks.free_ordinal(),
        };
        let hides_all = self.hides_all();
        self.change(|masks, _| {
            masks.push(Mask {
                ordinal,
                left: at.0,
                top: at.1,
                angle: 0.0,
                fill: None,
                hides_all,
                shape,
            });
        });
        self.selected = vec![self.masks.len() - 1];
    }

    pub fn delete_selected(&mut self) {
        self.hides_one = !self.hides_all();
        self.change(|masks, selected| {
            for at in selected.iter().rev() {
                masks.remove(*at);
            }
        });
        self.selected.clear();
    }

    /// Copies a little to the right and down, with numbers of their own.
    pub fn duplicate_selected(&mut self) {
        let first = self.masks.len();
        self.change(|masks, selected| {
            let mut numbers: Vec<(u32, u32)> = Vec::new();
            for at in selected {
                let Some(mut copy) = masks.get(*at).cloned() else {
                    continue;
                };
                if copy.ordinal > 0 {
                    let known = numbers.iter().find(|(old, _)| *old == copy.ordinal);
                    let new = known.map_or_else(|| masks.free_ordinal(), |(_, new)| *new);
                    numbers.push((copy.ordinal, new));
                    copy.ordinal = new;
                }
                shift(&mut copy, 0.02, 0.02);
                masks.push(copy);
            }
        });
        self.selected = (first..self.masks.len()).collect();
    }

    /// One card for all of them.
    pub fn group(&mut self) {
        self.change(|masks, selected| {
            let numbers = selected
                .iter()
                .filter_map(|i| masks.get(*i))
                .map(|m| m.ordinal);
            let Some(lowest) = numbers.filter(|n| *n > 0).min() else {
                return;
            };
            for at in selected {
                if let Some(mask) = masks.get_mut(*at).filter(|m| m.ordinal > 0) {
                    mask.ordinal = lowest;
                }
            }
        });
    }

    /// A card for each of them.
    pub fn ungroup(&mut self) {
        self.change(|masks, selected| {
            let mut taken = Vec::new();
            for at in selected {
                let free = masks.free_ordinal();
                let Some(mask) = masks.get_mut(*at).filter(|m| m.ordinal > 0) else {
                    continue;
                };
                if taken.contains(&mask.ordinal) {
                    mask.ordinal = free;
                }
                taken.push(mask.ordinal);
            }
        });
    }

    pub fn set_hides_all(&mut self, on: bool) {
        self.hides_one = !on;
        self.change(|masks, _| masks.set_hides_all(on));
    }

    /// None is the usual colour.
    pub fn fill_selected(&mut self, fill: Option<&str>) {
        self.change(|masks, selected| {
            for at in selected {
                if let Some(mask) = masks.get_mut(*at) {
                    mask.fill = fill.map(str::to_owned);
                }
            }
        });
    }

    /// The words of the one label that is selected.
    #[must_use]
    pub fn selected_text(&self) -> Option<&str> {
        let [only] = self.selected[..] else {
            return None;
        };
        match &self.masks.get(only)?.shape {
            Shape::Text { text, .. } => Some(text),
            _ => None,
        }
    }
    pub fn set_selected_text(&mut self, words: &str) {
        self.change(|masks, selected| {
            for at in selected {
                if let Some(Shape::Text { text, .. }) = masks.get_mut(*at).map(|m| &mut m.shape) {
                    words.clone_into(text);
                }
            }
        });
    }

    /// Lines masks and groups up with the box around all; one alone with the picture.
    pub fn align(&mut self, to: AlignTo, aspect: f64) {
        let groups = self.selected_groups(aspect);
        let all = match groups.as_slice() {
            [_] => Some(Bounds::between((0.0, 0.0), (1.0, 1.0))),
            _ => self.selection_bounds(aspect),
        };
        let Some(all) = all else {
            return;
        };
        self.change(|masks, _| {
            for (members, b) in groups {
                let (dx, dy) = match to {
                    AlignTo::Left => (all.left - b.left, 0.0),
                    AlignTo::Right => (all.right - b.right, 0.0),
                    AlignTo::Middle => ((all.left + all.right - b.left - b.right) / 2.0, 0.0),
                    AlignTo::Top => (0.0, all.top - b.top),
                    AlignTo::Bottom => (0.0, all.bottom - b.bottom),
                    AlignTo::Center => (0.0, (all.top + all.bottom - b.top - b.bottom) / 2.0),
                };
                for at in members {
                    if let Some(mask) = masks.get_mut(at) {
                        shift(mask, dx, dy);
                    }
                }
            }
        });
    }

    /// The selected masks, those of a group together, each with the box around them.
    fn selected_groups(&self, aspect: f64) -> Vec<(Vec<usize>, Bounds)> {
        let mut groups: Vec<(Vec<usize>, Bounds)> = Vec::new();
        let ordinal = |at: usize| self.masks.get(at).map_or(0, |mask| mask.ordinal);
        for &at in &self.selected {
            let Some(mask) = self.masks.get(at) else {
                continue;
            };
            let own = bounds(mask, aspect);
            let same = |members: &[usize]| mask.ordinal > 0 && ordinal(members[0]) == mask.ordinal;
            match groups.iter_mut().find(|(members, _)| same(members)) {
                Some((members, all)) => {
                    members.push(at);
                    *all = all.union(own);
                }
                None => groups.push((vec![at], own)),
            }
        }
        groups
    }

    /// A drag begins: what follows until [`Board::end_drag`] is one undo step. Any other change ends
    /// it as well: keys are pressed while the button is held.
    pub fn begin_drag(&mut self) {
        self.end_drag();
        self.dragged = Some(self.masks.clone());
    }
    /// Moves the selection from where it was when the drag began; it stays on the picture.
    pub fn drag_by(&mut self, dx: f64, dy: f64, aspect: f64) {
        let Some(before) = self.dragged.clone() else {
            return;
        };
        self.masks = before;
        let Some(b) = self.selection_bounds(aspect) else {
            return;
        };
        // What is larger than the picture may go anywhere.
        let within = |by: f64, low: f64, high: f64| match high - low > 1.0 {
            true => by,
            false => by.clamp(-low, (1.0 - high).max(-low)),
        };
        let dx = within(dx, b.left, b.right);
        let dy = within(dy, b.top, b.bottom);
        for at in &self.selected {
            if let Some(mask) = self.masks.get_mut(*at) {
                shift(mask, dx, dy);
            }
        }
    }
    /// Gives the selection another box, from the one that it had when the drag began. With a turned
    /// mask in it the box keeps its form.
    pub fn drag_to(&mut self, wanted: Bounds, aspect: f64) {
        let Some(before) = self.dragged.clone() else {
            return;
        };
        self.masks = before;
        let Some(old) = self.selection_bounds(aspect) else {
            return;
        };
        let mut masks = self.selected.iter().filter_map(|i| self.masks.get(*i));
        let wanted = match masks.any(|mask| mask.angle != 0.0) {
            true => in_proportion(old, wanted),
            false => wanted,
        };
        for at in &self.selected {
            if let Some(mask) = self.masks.get_mut(*at) {
                fit(mask, old, wanted);
            }
        }
    }
    /// Turns the selection about a point, from how it lay when the drag began; degrees, clockwise.
    pub fn drag_round(&mut self, center: Point, degrees: f64, aspect: f64) {
        let Some(before) = self.dragged.clone() else {
            return;
        };
        self.masks = before;
        for at in &self.selected {
            if let Some(mask) = self.masks.get_mut(*at) {
                let flat = flat_bounds(mask, aspect);
                let (left, top) = turned((flat.left, flat.top), center, degrees, aspect);
                shift(mask, left - flat.left, top - flat.top);
                mask.angle = (mask.angle + degrees).rem_euclid(360.0);
            }
        }
    }
    /// Turns the selection about its middle.
    pub fn turn(&mut self, degrees: f64, aspect: f64) {
        if let Some(b) = self.selection_bounds(aspect) {
            self.begin_drag();
            self.drag_round(b.center(), degrees, aspect);
            self.end_drag();
        }
    }
    pub fn end_drag(&mut self) {
        if let Some(before) = self.dragged.take() {
            self.remember(before);
        }
    }
    /// The arrow keys.
    pub fn nudge(&mut self, dx: f64, dy: f64, aspect: f64) {
        self.begin_drag();
        self.drag_by(dx, dy, aspect);
        self.end_drag();
    }
}

/// The box around a mask as it lies.
#[must_use]
pub fn bounds(mask: &Mask, aspect: f64) -> Bounds {
    let flat = flat_bounds(mask, aspect);
    if mask.angle == 0.0 {
        return flat;
    }
    let points = outline(mask, aspect).into_iter();
    let boxes = points.map(|p| Bounds::between(p, p));
    boxes.reduce(Bounds::union).unwrap_or(flat)
}

/// The box around a mask before it is turned about its left top corner.
#[must_use]
pub fn flat_bounds(mask: &Mask, aspect: f64) -> Bounds {
    let sized = |width: f64, height: f64| Bounds {
        left: mask.left,
        top: mask.top,
        right: mask.left + width,
        bottom: mask.top + height,
    };
    match &mask.shape {
        Shape::Rect { width, height, .. } => sized(*width, *height),
        Shape::Ellipse { rx, ry } => sized(2.0 * rx, 2.0 * ry),
        Shape::Polygon { points } => {
            let boxes = points.iter().map(|p| Bounds::between(*p, *p));
            boxes.reduce(Bounds::union).unwrap_or(sized(0.0, 0.0))
        }
        Shape::Text {
            text,
            scale,
            font_size,
        } => {
            let height = label_height(*font_size) * scale;
            let widest = text.lines().map(label_width).fold(0.0, f64::max);
            let lines = text.lines().count().max(1) as f64;
            let width = (widest + 0.25) * height / aspect.max(0.01);
            sized(width, (1.2 * lines + 0.25) * height)
        }
    }
}

/// Fraction of the picture's height.
#[must_use]
pub fn label_height(font_size: f64) -> f64 {
    if font_size > 0.0 {
        font_size
    } else {
        LABEL_SIZE / 600.0
    }
}

/// The corners of a mask's outline, turned, in fractions of the picture.
#[must_use]
pub fn outline(mask: &Mask, aspect: f64) -> Vec<Point> {
    let b = flat_bounds(mask, aspect);
    let points = match &mask.shape {
        Shape::Polygon { points } => points.clone(),
        Shape::Ellipse { rx, ry } => (0..48)
            .map(|i| {
                let a = f64::from(i) / 48.0 * std::f64::consts::TAU;
                (b.left + rx + rx * a.cos(), b.top + ry + ry * a.sin())
            })
            .collect(),
        _ => vec![
            (b.left, b.top),
            (b.right, b.top),
            (b.right, b.bottom),
            (b.left, b.bottom),
        ],
    };
    if mask.angle == 0.0 {
        return points;
    }
    let about = |p| turned(p, (b.left, b.top), mask.angle, aspect);
    points.into_iter().map(about).collect()
}

/// A point turned about another one, as it looks on the picture.
fn turned((x, y): Point, about: Point, degrees: f64, aspect: f64) -> Point {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let (dx, dy) = ((x - about.0) * aspect, y - about.1);
    let (tx, ty) = (dx * cos - dy * sin, dx * sin + dy * cos);
    (about.0 + tx / aspect, about.1 + ty)
}

/// Even-odd rule on the outline.
fn is_inside(mask: &Mask, (x, y): Point, aspect: f64) -> bool {
    if !bounds(mask, aspect).contains((x, y)) {
        return false;
    }
    let points = outline(mask, aspect);
    let mut inside = false;
    for (i, a) in points.iter().enumerate() {
        let b = points[(i + 1) % points.len()];
        if (a.1 > y) != (b.1 > y) && x < (b.0 - a.0) * (y - a.1) / (b.1 - a.1) + a.0 {
            inside = !inside;
        }
    }
    inside
}

fn shift(mask: &mut Mask, dx: f64, dy: f64) {
    mask.left += dx;
    mask.top += dy;
    if let Shape::Polygon { points } = &mut mask.shape {
        for p in points {
            p.0 += dx;
            p.1 += dy;
        }
    }
}

/// The box with the sides of `old`, as large as its edge that was moved most wants it; what was not
/// moved stays.
fn in_proportion(old: Bounds, wanted: Bounds) -> Bounds {
    let by = |wanted: f64, old: f64| wanted.max(SMALLEST) / old.max(SMALLEST);
    let fx = by(wanted.width(), old.width());
    let fy = by(wanted.height(), old.height());
    let most = (fx - 1.0).abs() > (fy - 1.0).abs();
    let factor = if most { fx } else { fy };
    let (width, height) = (old.width() * factor, old.height() * factor);
    let moved = |wanted: f64, old: f64| (wanted - old).abs();
    let left = match moved(wanted.left, old.left) > moved(wanted.right, old.right) {
        true => old.right - width,
        false => old.left,
    };
    let top = match moved(wanted.top, old.top) > moved(wanted.bottom, old.bottom) {
        true => old.bottom - height,
        false => old.top,
    };
    Bounds {
        left,
        top,
        right: left + width,
        bottom: top + height,
    }
}

/// Scales a mask as `from` becomes `to`.
fn fit(mask: &mut Mask, from: Bounds, to: Bounds) {
    let fx = to.width().max(SMALLEST) / from.width().max(SMALLEST);
    let fy = to.height().max(SMALLEST) / from.height().max(SMALLEST);
    let place = |(x, y): Point| (to.left + (x - from.left) * fx, to.top + (y - from.top) * fy);
    (mask.left, mask.top) = place((mask.left, mask.top));
    match &mut mask.shape {
        Shape::Rect { width, height, .. } => {
            *width *= fx;
            *height *= fy;
        }
        Shape::Ellipse { rx, ry } => {
            *rx *= fx;
            *ry *= fy;
        }
        Shape::Polygon { points } => {
            for p in points {
                *p = place(*p);
            }
        }
        Shape::Text { scale, .. } => *scale *= fy,
    }
}

/// A rectangle or ellipse drawn by a drag; None when it is too small to be meant.
#[must_use]
pub fn drawn(ellipse: bool, area: Bounds) -> Option<(Shape, Point)> {
    if area.width() < SMALLEST || area.height() < SMALLEST {
        return None;
    }
    let shape = if ellipse {
        Shape::Ellipse {
            rx: area.width() / 2.0,
            ry: area.height() / 2.0,
        }
    } else {
        Shape::Rect {
            width: area.width(),
            height: area.height(),
            rx: 0.0,
            ry: 0.0,
        }
    };
    Some((shape, (area.left, area.top)))
}

#[cfg(test)]
mod tests;
