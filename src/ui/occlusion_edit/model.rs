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
mod tests {
    use super::*;

    fn board(fields: &[&str]) -> Board {
        let text: String = fields.iter().map(|f| format!("{{{{{f}}}}}<br>")).collect();
        Board::new(Masks::parse(&text))
    }

    fn numbers(b: &Board) -> Vec<u32> {
        b.masks().iter().map(|m| m.ordinal).collect()
    }

    const A: &str = "c1::image-occlusion:rect:left=.1:top=.1:width=.2:height=.2";
    const B: &str = "c2::image-occlusion:rect:left=.5:top=.4:width=.1:height=.1";
    const C: &str = "c3::image-occlusion:ellipse:left=.6:top=.6:rx=.1:ry=.1";

    #[test]
    fn a_group_is_one_card_and_selected_as_one() {
        let mut b = board(&[A, B, C]);
        b.select_in(Bounds::between((0.0, 0.0), (0.55, 0.45)), 1.0);
        assert_eq!(b.selected(), [0, 1]);
        b.group();
        assert_eq!(numbers(&b), [1, 1, 3]);
        b.select(b.at((0.52, 0.42), 1.0), false);
        assert_eq!(b.selected(), [0, 1]);
        b.ungroup();
        assert_eq!(numbers(&b), [1, 2, 3]);
        b.undo();
        assert_eq!(numbers(&b), [1, 1, 3]);
        b.redo();
        assert_eq!(numbers(&b), [1, 2, 3]);
    }

    #[test]
    fn masks_move_resize_and_align() {
        let mut b = board(&[A, B]);
        b.select_all();
        b.begin_drag();
        b.drag_by(5.0, 0.0, 1.0);
        b.end_drag();
        let lefts = |b: &Board| -> Vec<i64> {
            b.masks()
                .iter()
                .map(|m| (m.left * 1000.0).round() as i64)
                .collect()
        };
        assert_eq!(lefts(&b), [500, 900], "they stay on the picture");
        b.undo();
        b.select_all();
        b.align(AlignTo::Right, 1.0);
        assert_eq!(lefts(&b), [400, 500]);
        b.select(Some(1), false);
        b.begin_drag();
        b.drag_to(Bounds::between((0.2, 0.2), (0.6, 0.3)), 1.0);
        b.end_drag();
        let Some(Shape::Rect { width, height, .. }) = b.masks().get(1).map(|m| m.shape.clone())
        else {
            panic!("a rectangle");
        };
        assert_eq!(
            ((width * 1000.0).round(), (height * 1000.0).round()),
            (400.0, 100.0)
        );
    }

    #[test]
    fn a_group_is_lined_up_as_one_and_one_alone_with_the_picture() {
        let mut b = board(&[A, B, C]);
        let corners = |b: &Board| -> Vec<(i64, i64)> {
            let corner = |m: &Mask| [m.left, m.top].map(|at| (at * 1000.0).round() as i64);
            b.masks().iter().map(|m| corner(m).into()).collect()
        };
        b.select(Some(0), false);
        b.select(Some(1), true);
        b.group();
        b.select_all();
        b.align(AlignTo::Right, 1.0);
        // The group is .1 to .6 wide, and the ellipse ends at .8.
        assert_eq!(corners(&b), [(300, 100), (700, 400), (600, 600)]);
        b.select(Some(0), false);
        b.align(AlignTo::Bottom, 1.0);
        assert_eq!(corners(&b), [(300, 600), (700, 900), (600, 600)]);
        b.select(Some(2), false);
        b.align(AlignTo::Middle, 1.0);
        b.align(AlignTo::Top, 1.0);
        assert_eq!(corners(&b)[2], (400, 0));
    }

    #[test]
    fn new_ones_get_the_lowest_free_number_and_hide_all_at_first() {
        let mut b = Board::default();
        let (shape, at) = drawn(false, Bounds::between((0.3, 0.3), (0.1, 0.1))).unwrap();
        b.add(shape.clone(), at);
        b.add(shape, at);
        assert_eq!(numbers(&b), [1, 2]);
        assert!(b.masks().hides_all());
        b.select(Some(0), false);
        b.delete_selected();
        b.select(Some(0), false);
        b.duplicate_selected();
        assert_eq!(numbers(&b), [2, 1]);
        assert!(drawn(true, Bounds::between((0.3, 0.3), (0.3, 0.31))).is_none());
    }

    #[test]
    fn the_mode_can_be_chosen_before_the_first_mask_and_stays() {
        let mut b = Board::default();
        assert!(b.hides_all(), "as Anki's editor begins");
        b.set_hides_all(false);
        assert!(!b.hides_all() && !b.can_undo());
        let (shape, at) = drawn(false, Bounds::between((0.3, 0.3), (0.1, 0.1))).unwrap();
        b.add(shape.clone(), at);
        assert!(!b.masks().to_field().contains("oi="));
        b.delete_selected();
        b.add(shape, at);
        assert!(!b.hides_all(), "also after all are gone");
    }

    #[test]
    fn what_is_done_by_key_during_a_drag_is_a_step_of_its_own_and_stays() {
        let mut b = board(&[A]);
        let before = b.masks().to_field();
        b.select_all();
        b.begin_drag();
        b.drag_by(0.2, 0.0, 1.0);
        let moved = b.masks().to_field();
        b.duplicate_selected();
        b.drag_by(0.3, 0.0, 1.0);
        b.end_drag();
        assert_eq!(numbers(&b), [1, 2]);
        b.undo();
        assert_eq!(b.masks().to_field(), moved);
        // Undo itself, too.
        b.select_all();
        b.begin_drag();
        b.drag_by(0.1, 0.1, 1.0);
        b.undo();
        b.drag_by(0.3, 0.0, 1.0);
        b.end_drag();
        assert_eq!(b.masks().to_field(), moved);
        b.undo();
        assert_eq!(b.masks().to_field(), before);
    }

    #[test]
    fn turned_masks_are_where_they_are_seen() {
        // On a picture twice as wide as high: a quarter to the right of its left top corner.
        let text = "c1::image-occlusion:rect:left=.8:top=.1:angle=2500:width=.2:height=.2";
        let mut b = board(&[text]);
        let close = |found: Bounds, left: f64, top: f64, right: f64, bottom: f64| {
            let all = [
                (found.left, left),
                (found.top, top),
                (found.right, right),
                (found.bottom, bottom),
            ];
            assert!(all.iter().all(|(a, b)| (a - b).abs() < 1e-9), "{found:?}");
        };
        close(bounds(b.masks().get(0).unwrap(), 2.0), 0.7, 0.1, 0.8, 0.5);
        assert_eq!(b.at((0.75, 0.45), 2.0), Some(0));
        assert_eq!(
            b.at((0.9, 0.2), 2.0),
            None,
            "where it was before it was turned"
        );
        b.select_all();
        b.begin_drag();
        b.drag_by(1.0, 0.0, 2.0);
        b.end_drag();
        close(b.selection_bounds(2.0).unwrap(), 0.9, 0.1, 1.0, 0.5);
        // Twice as high is twice as wide too.
        b.begin_drag();
        let old = b.selection_bounds(2.0).unwrap();
        let bottom = old.bottom + 0.4;
        b.drag_to(Bounds { bottom, ..old }, 2.0);
        b.end_drag();
        close(b.selection_bounds(2.0).unwrap(), 0.9, 0.1, 1.1, 0.9);
        b.undo();
        b.select_all();
        b.turn(-90.0, 2.0);
        close(b.selection_bounds(2.0).unwrap(), 0.85, 0.2, 1.05, 0.4);
        assert!(!b.masks().to_field().contains("angle"), "upright again");
    }

    #[test]
    fn a_group_is_turned_about_its_middle() {
        let mut b = board(&[A, B, "c1::image-occlusion:polygon:points=0,0 .2,0 0,.2"]);
        b.select_all();
        let before = b.selection_bounds(1.0).unwrap();
        for _ in 0..4 {
            b.turn(90.0, 1.0);
        }
        let after = b.selection_bounds(1.0).unwrap();
        assert!((before.left - after.left).abs() < 1e-9 && (before.top - after.top).abs() < 1e-9);
        assert!(!b.masks().to_field().contains("angle"));
        b.turn(90.0, 1.0);
        let turned = b.selection_bounds(1.0).unwrap();
        assert!((turned.width() - before.height()).abs() < 1e-9);
        assert!(b.masks().to_field().contains(":angle=2500:"));
    }

    #[test]
    fn an_ellipse_is_hit_inside_only() {
        let b = board(&[C]);
        assert_eq!(b.at((0.61, 0.61), 1.0), None);
        assert_eq!(b.at((0.7, 0.7), 1.0), Some(0));
    }
}
