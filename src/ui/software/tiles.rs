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

/// Rows of tiles that are painted and looked at one after the other: what the processor has at hand
/// then is still there.
const ROWS: i32 = 2;

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
    /// For a canvas of so many pixels, all of which [`Self::renew`] has to look at first.
    pub fn new(size: [usize; 2]) -> Self {
        let all = Area::of(size);
        let [columns, rows] = all.max.map(|side| (side + SIDE - 1) / SIDE);
        Self {
            all,
            columns,
            colours: vec![None; (columns * rows) as usize],
        }
    }

    /// Looks at what was painted in `area`, which is not empty, and gives what of it is other than in
    /// `kept`, its pixels as they were: what is blank or on both sides of a card is not.
    pub fn renew(&mut self, canvas: &Canvas, area: Area, kept: &[Color32]) -> Area {
        let mut other: Option<Area> = None;
        let [columns, rows] =
            [0, 1].map(|axis| area.min[axis] / SIDE..=(area.max[axis] - 1) / SIDE);
        let tiles = rows.flat_map(|row| columns.clone().map(move |column| [column, row]));
        for [column, row] in tiles {
            let n = (row * self.columns + column) as usize;
            let tile = self.tile(n);
            let part = tile.cut(area);
            let is_other = canvas.differs(part, area, kept);
            if is_other {
                other = Some(other.map_or(part, |other| other.with(part)));
            }
            if is_other || self.colours[n].is_none() {
                self.colours[n] = canvas.colour(tile);
            }
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

/// `area`, which is inside a canvas and not empty, from top to bottom in pieces that end where tiles do.
pub fn bands(area: Area) -> impl Iterator<Item = Area> {
    let high = ROWS * SIDE;
    (area.min[1] / high..=(area.max[1] - 1) / high).map(move |n| {
        let band = Area {
            min: [area.min[0], n * high],
            max: [area.max[0], (n + 1) * high],
        };
        band.cut(area)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn renew(tiles: &mut Tiles, canvas: &Canvas, area: Area, was: &Canvas) -> Area {
        let mut kept = vec![];
        was.keep(area, &mut kept);
        tiles.renew(canvas, area, &kept)
    }

    #[test]
    fn only_what_is_other_is_told() {
        let all = Area::of([100, 70]);
        let white = |reds: &[([i32; 2], [i32; 2])]| {
            let mut canvas = Canvas::new([100, 70]);
            canvas.clear(all, Color32::WHITE);
            for &(min, max) in reds {
                canvas.clear(Area { min, max }, Color32::RED);
            }
            canvas
        };
        // One pixel in the last tile of the second row, and the first three of the last row.
        let (pixel, row) = (([97, 40], [98, 41]), ([0, 64], [96, 70]));
        let both = white(&[pixel, row]);
        let mut tiles = Tiles::new([100, 70]);
        assert_eq!(tiles.most(), None);
        assert_eq!(renew(&mut tiles, &both, all, &Canvas::new([100, 70])), all);
        assert_eq!(tiles.most(), Some(Color32::WHITE));
        let red = [([96, 32], [100, 64]), row];
        let red = red.map(|(min, max)| Area { min, max });
        assert_eq!(tiles.without(Color32::WHITE), red);

        // In a tile of several colours another pixel counts, and nothing else.
        assert_eq!(renew(&mut tiles, &both, all, &both), Area::NOTHING);
        let moved = white(&[([98, 40], [99, 41]), row]);
        assert_eq!(renew(&mut tiles, &moved, all, &both), red[0]);
        assert_eq!(tiles.without(Color32::WHITE), red);

        let blank = white(&[]);
        assert_eq!(renew(&mut tiles, &blank, red[0], &moved), red[0]);
        // What was not looked at again is as it was.
        assert_eq!(tiles.without(Color32::WHITE), red[1..]);
        assert_eq!(renew(&mut tiles, &blank, all, &white(&[row])), red[1]);
        assert_eq!(tiles.without(Color32::WHITE), []);
        assert_eq!(tiles.without(Color32::RED).len(), 3, "a strip each row");
    }

    #[test]
    fn pieces_end_where_tiles_do() {
        let area = |top, end| Area {
            min: [3, top],
            max: [9, end],
        };
        let pieces: Vec<Area> = bands(area(10, 150)).collect();
        assert_eq!(pieces, [area(10, 64), area(64, 128), area(128, 150)]);
        let pieces: Vec<Area> = bands(area(64, 128)).collect();
        assert_eq!(pieces, [area(64, 128)]);
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
