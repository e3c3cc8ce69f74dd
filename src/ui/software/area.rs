//! Rectangles of whole pixels, and the few of them that a frame has to draw again.

use eframe::egui::Rect;

/// Pixels from `min` up to, without, `max`; x first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Area {
    pub min: [i32; 2],
    pub max: [i32; 2],
}

impl Area {
    pub const NOTHING: Self = Self {
        min: [0, 0],
        max: [0, 0],
    };

    /// Of a whole picture.
    pub fn of([width, height]: [usize; 2]) -> Self {
        Self {
            min: [0, 0],
            max: [width as i32, height as i32],
        }
    }

    /// Where OpenGL would cut: the nearest edges between pixels.
    pub fn nearest(rect: Rect, pixels_per_point: f32) -> Self {
        let edge = |points: f32| (points * pixels_per_point).round() as i32;
        Self {
            min: [edge(rect.min.x), edge(rect.min.y)],
            max: [edge(rect.max.x), edge(rect.max.y)],
        }
    }

    /// Every pixel that `rect` touches.
    pub fn around(rect: Rect, pixels_per_point: f32) -> Self {
        let [low, high] = [rect.min, rect.max].map(|at| [at.x, at.y]);
        Self {
            min: low.map(|points| (points * pixels_per_point).floor() as i32),
            max: high.map(|points| (points * pixels_per_point).ceil() as i32),
        }
    }

    /// Every pixel whose centre is in `rect` and not at its edge.
    pub fn within(rect: Rect, pixels_per_point: f32) -> Self {
        // Of a pixel: nearer is at it.
        const EDGE: f32 = 1.0 / 1024.0;
        let [low, high] = [rect.min, rect.max].map(|at| [at.x, at.y]);
        let first = |before: f32| (before.floor() as i32).saturating_add(1);
        Self {
            min: low.map(|points| first(points * pixels_per_point - 0.5 + EDGE)),
            max: high.map(|points| (points * pixels_per_point - 0.5 - EDGE).ceil() as i32),
        }
    }

    pub fn is_empty(self) -> bool {
        self.min[0] >= self.max[0] || self.min[1] >= self.max[1]
    }

    /// Width and height, zero for an empty one.
    pub fn size(self) -> [usize; 2] {
        match self.is_empty() {
            true => [0, 0],
            false => [0, 1].map(|axis| self.max[axis].abs_diff(self.min[axis]) as usize),
        }
    }

    pub fn cut(self, other: Self) -> Self {
        Self {
            min: [0, 1].map(|axis| self.min[axis].max(other.min[axis])),
            max: [0, 1].map(|axis| self.max[axis].min(other.max[axis])),
        }
    }

    pub fn meets(self, other: Self) -> bool {
        !self.cut(other).is_empty()
    }

    /// The smallest one with both in it; neither is empty.
    pub fn with(self, other: Self) -> Self {
        Self {
            min: [0, 1].map(|axis| self.min[axis].min(other.min[axis])),
            max: [0, 1].map(|axis| self.max[axis].max(other.max[axis])),
        }
    }
}

/// What has to be drawn again: a few areas, none of which meets another.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Areas(Vec<Area>);

impl Areas {
    /// More are cheaper as one.
    const MOST: usize = 8;

    pub fn add(&mut self, mut area: Area) {
        if area.is_empty() {
            return;
        }
        while let Some(met) = self.0.iter().position(|other| other.meets(area)) {
            area = area.with(self.0.swap_remove(met));
        }
        if self.0.len() == Self::MOST {
            area = self.0.drain(..).fold(area, Area::with);
        }
        self.0.push(area);
    }

    pub fn iter(&self) -> impl Iterator<Item = Area> {
        self.0.iter().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use eframe::egui::{pos2, vec2};

    fn area(min: [i32; 2], max: [i32; 2]) -> Area {
        Area { min, max }
    }

    #[test]
    fn points_become_pixels() {
        let rect = Rect::from_min_size(pos2(1.2, 2.0), vec2(2.0, 3.0));
        assert_eq!(Area::nearest(rect, 2.0), area([2, 4], [6, 10]));
        assert_eq!(Area::around(rect, 2.0), area([2, 4], [7, 10]));
        let edges = Rect::from_min_max(pos2(1.75, 1.25), pos2(4.25, 4.75));
        assert_eq!(Area::around(edges, 2.0), area([3, 2], [9, 10]));
        // From the centre of one pixel to that of another, and of neither of the two.
        assert_eq!(Area::within(edges, 2.0), area([4, 3], [8, 9]));
        assert!(Area::within(Rect::NOTHING, 2.0).is_empty());
        let all = Area::of([8, 9]).cut(Area::nearest(Rect::EVERYTHING, 1.5));
        assert_eq!(all, area([0, 0], [8, 9]));
        assert_eq!(all.size(), [8, 9]);
        let none = Area::around(Rect::NOTHING, 1.0);
        assert!(none.is_empty());
        assert_eq!(none.size(), [0, 0]);
    }

    #[test]
    fn areas_that_meet_become_one() {
        let mut areas = Areas::default();
        areas.add(Area::NOTHING);
        areas.add(area([0, 0], [2, 2]));
        areas.add(area([8, 8], [9, 9]));
        areas.add(area([2, 0], [3, 2]));
        assert_eq!(areas.iter().count(), 3, "sides that touch share no pixel");
        areas.add(area([1, 1], [9, 9]));
        assert_eq!(areas, Areas(vec![area([0, 0], [9, 9])]));
    }

    #[test]
    fn many_areas_become_one() {
        let mut areas = Areas::default();
        for n in 0..20 {
            areas.add(area([0, 2 * n], [1, 2 * n + 1]));
        }
        assert!(areas.iter().count() <= Areas::MOST);
        for n in 0..20 {
            let pixel = area([0, 2 * n], [1, 2 * n + 1]);
            assert!(areas.iter().any(|area| area.meets(pixel)));
        }
    }
}
