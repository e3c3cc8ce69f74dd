//! Laying out by cutting pieces off a rectangle: bars first, what is left is the page.

use eframe::egui::{Rect, pos2, vec2};

/// Each `cut_*` takes a strip off and returns it; `pad` shrinks by x and y on both sides.
pub trait Cut {
    fn cut_top(&mut self, h: f32) -> Rect;
    fn cut_bottom(&mut self, h: f32) -> Rect;
    fn cut_left(&mut self, w: f32) -> Rect;
    fn cut_right(&mut self, w: f32) -> Rect;
    fn pad(&self, x: f32, y: f32) -> Rect;
}
impl Cut for Rect {
    fn cut_top(&mut self, h: f32) -> Rect {
        let r = Rect::from_min_max(self.min, pos2(self.max.x, self.min.y + h));
        self.min.y += h;
        r
    }
    fn cut_bottom(&mut self, h: f32) -> Rect {
        let r = Rect::from_min_max(pos2(self.min.x, self.max.y - h), self.max);
        self.max.y -= h;
        r
    }
    fn cut_left(&mut self, w: f32) -> Rect {
        let r = Rect::from_min_max(self.min, pos2(self.min.x + w, self.max.y));
        self.min.x += w;
        r
    }
    fn cut_right(&mut self, w: f32) -> Rect {
        let r = Rect::from_min_max(pos2(self.max.x - w, self.min.y), self.max);
        self.max.x -= w;
        r
    }
    fn pad(&self, x: f32, y: f32) -> Rect {
        self.shrink2(vec2(x, y))
    }
}
