//! Which parts of the window are one colour all over.
//!
//! OpenGL fills the window with a colour before each frame, which costs it next to nothing, and a
//! picture on all of it costs it more than all the rest of the frame. So it is asked to begin with
//! the colour that most of the window has, and gets the picture only where there is another.

use super::area::Area;
use super::raster::Canvas;
use eframe::egui::Color32;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Pixels of the side of a tile.
const SIDE: i32 = 32;

/// The colour that each frame begins with, agreed on between who asks OpenGL for it and who paints.
/// Clones share.
#[derive(Debug, Clone, Default)]
pub struct Clear(Arc<Mutex<Colours>>);

#[derive(Debug, Default)]
struct Colours {
    wanted: Option<Color32>,
    begun: Option<Color32>,
}

impl Clear {
    /// For a frame that begins now; `usual` is for a window of which nothing is known.
    #[must_use]
    pub fn begin(&self, usual: Color32) -> Color32 {
        let mut colours = self.colours();
        let colour = colours.wanted.unwrap_or(usual);
        colours.begun = Some(colour);
        colour
    }

    /// What the frame at hand began with.
    pub(super) fn begun(&self) -> Option<Color32> {
        self.colours().begun
    }

    /// What the next frame should begin with.
    pub(super) fn want(&self, colour: Option<Color32>) {
        self.colours().wanted = colour;
    }

    fn colours(&self) -> MutexGuard<'_, Colours> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The colour of each tile of a canvas, where it has only one.
#[derive(Debug)]
pub struct Tiles {
    all: Area,
    columns: i32,
    colours: Vec<Option<Color32>>,
}

impl Tiles {
    /// For a canvas of so many pixels, which [`Self::renew`] has to look at first.
    pub fn new(size: [usize; 2]) -> Self {
        let all = Area::of(size);
        let [columns, rows] = all.max.map(|side| (side + SIDE - 1) / SIDE);
        Self {
            all,
            columns,
            colours: vec![None; (columns * rows) as usize],
        }
    }

    /// Looks at what was painted in `area`, and gives the part of it that can be other than when it
    /// was looked at last: the blank rest of a card mostly is not.
    pub fn renew(&mut self, canvas: &Canvas, area: Area) -> Area {
        let mut other: Option<Area> = None;
        for n in 0..self.colours.len() {
            let tile = self.tile(n);
            let part = tile.cut(area);
            if part.is_empty() {
                continue;
            }
            let colour = canvas.colour(tile);
            if colour.is_none() || colour != self.colours[n] {
                other = Some(other.map_or(part, |other| other.with(part)));
            }
            self.colours[n] = colour;
        }
        other.unwrap_or(Area::NOTHING)
    }

    /// The colour that most tiles have.
    pub fn most(&self) -> Option<Color32> {
        let mut counts = HashMap::<Color32, usize>::new();
        for colour in self.colours.iter().flatten() {
            *counts.entry(*colour).or_default() += 1;
        }
        let most = counts
            .into_iter()
            .max_by_key(|(colour, count)| (*count, colour.to_array()));
        most.map(|(colour, _)| colour)
    }

    /// Where there is anything but `colour`, as strips of tiles.
    pub fn without(&self, colour: Color32) -> Vec<Area> {
        let mut strips: Vec<Area> = vec![];
        for n in 0..self.colours.len() {
            if self.colours[n] == Some(colour) {
                continue;
            }
            let tile = self.tile(n);
            match strips.last_mut() {
                Some(last) if (last.max[0], last.min[1]) == (tile.min[0], tile.min[1]) => {
                    last.max[0] = tile.max[0];
                }
                _ => strips.push(tile),
            }
        }
        strips
    }

    fn tile(&self, n: usize) -> Area {
        let n = n as i32;
        let min = [n % self.columns * SIDE, n / self.columns * SIDE];
        let max = min.map(|start| start + SIDE);
        Area { min, max }.cut(self.all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_has_another_colour_is_told() {
        let mut canvas = Canvas::new([100, 70]);
        let all = Area::of([100, 70]);
        canvas.clear(all, Color32::WHITE);
        // One pixel in the last tile of the second row, and the first three of the last row.
        for (min, max) in [([97, 40], [98, 41]), ([0, 64], [96, 70])] {
            canvas.clear(Area { min, max }, Color32::RED);
        }
        let mut tiles = Tiles::new([100, 70]);
        assert_eq!(tiles.most(), None);
        assert_eq!(tiles.renew(&canvas, all), all);
        assert_eq!(tiles.most(), Some(Color32::WHITE));
        let red = [([96, 32], [100, 64]), ([0, 64], [96, 70])];
        let red = red.map(|(min, max)| Area { min, max });
        assert_eq!(tiles.without(Color32::WHITE), red);

        // What was not looked at again is as it was.
        canvas.clear(all, Color32::WHITE);
        assert_eq!(tiles.renew(&canvas, red[0]), red[0]);
        assert_eq!(tiles.without(Color32::WHITE), red[1..]);
        assert_eq!(tiles.renew(&canvas, all), red[1]);
        assert_eq!(tiles.without(Color32::WHITE), []);
        assert_eq!(tiles.renew(&canvas, all), Area::NOTHING);
        assert_eq!(tiles.without(Color32::RED).len(), 3, "a strip each row");
    }

    #[test]
    fn a_frame_begins_with_what_was_wanted_before_it() {
        let (clear, other) = (Clear::default(), Color32::RED);
        assert_eq!(clear.begun(), None);
        assert_eq!(clear.begin(Color32::WHITE), Color32::WHITE);
        clear.want(Some(other));
        assert_eq!(clear.begun(), Some(Color32::WHITE));
        assert_eq!(clear.begin(Color32::WHITE), other);
        assert_eq!(clear.begun(), Some(other));
    }
}
