//! A bar that is out of sight until the pointer comes to the window's edge, and stays while the
//! pointer is on it or one of its menus is open.

use eframe::egui::{Popup, Rect, Ui, pos2};

/// How close to the edge the pointer has to come, in points.
const EDGE: f32 = 6.0;

/// Which edge the bar lies at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edge {
    Top,
    Bottom,
}

/// See the module header.
#[derive(Debug, Default)]
pub struct HiddenBar {
    shown: bool,
}

impl HiddenBar {
    /// Whether the bar is to be drawn over the page now. `wanted`: also without the pointer.
    pub fn shows(&mut self, ui: &Ui, bar: Rect, edge: Edge, wanted: bool) -> bool {
        let near = if self.shown { bar } else { at_edge(bar, edge) };
        let pointer = ui.ctx().pointer_latest_pos();
        let pointed = pointer.is_some_and(|p| near.contains(p));
        let in_use = self.shown && Popup::is_any_open(ui.ctx());
        self.shown = pointed || in_use || wanted;
        self.shown
    }
}

fn at_edge(bar: Rect, edge: Edge) -> Rect {
    match edge {
        Edge::Top => Rect::from_min_max(bar.min, pos2(bar.max.x, bar.min.y + EDGE)),
        Edge::Bottom => Rect::from_min_max(pos2(bar.min.x, bar.max.y - EDGE), bar.max),
    }
}
