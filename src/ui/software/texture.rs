//! A picture that meshes are painted with, and how colours are put together: in the sRGB values
//! themselves, premultiplied, as egui's shaders and OpenGL's blending do.

use eframe::egui::epaint::ImageDelta;
use eframe::egui::{Color32, ColorImage, ImageData, TextureFilter, TextureOptions};
use std::sync::Arc;

/// Beyond its edges is what is at the edge: nothing in this window asks for a repeated picture, nor
/// for smaller copies of one.
#[derive(Debug, Clone)]
pub struct Texture {
    image: Arc<ColorImage>,
    options: TextureOptions,
}

impl Texture {
    /// From an update of the whole picture.
    pub fn new(delta: ImageDelta) -> Self {
        let ImageData::Color(image) = delta.image;
        Self {
            image,
            options: delta.options,
        }
    }

    /// From an update of a part; what is outside the picture is left out.
    pub fn patch(&mut self, [left, top]: [usize; 2], delta: &ImageDelta) {
        let ImageData::Color(part) = &delta.image;
        self.options = delta.options;
        let [width, height] = self.image.size;
        let wide = part.size[0].min(width.saturating_sub(left));
        let high = match wide {
            0 => 0,
            _ => part.size[1].min(height.saturating_sub(top)),
        };
        let image = Arc::make_mut(&mut self.image);
        for row in 0..high {
            let (from, to) = (row * part.size[0], (top + row) * width + left);
            image.pixels[to..to + wide].copy_from_slice(&part.pixels[from..from + wide]);
        }
    }

    /// Width and height in texels.
    pub fn size(&self) -> [f32; 2] {
        self.image.size.map(|side| side as f32)
    }

    /// Texels side by side in one row, when all of them are there.
    pub fn row(&self, x: i32, y: i32, count: usize) -> Option<&[Color32]> {
        let (x, y) = (usize::try_from(x).ok()?, usize::try_from(y).ok()?);
        let [width, height] = self.image.size;
        if y >= height || x + count > width {
            return None;
        }
        self.image.pixels.get(y * width + x..y * width + x + count)
    }

    /// Whether a pixel that covers `texels` of them is one texel or the mean of four.
    pub fn is_smooth(&self, texels: f32) -> bool {
        let filter = match texels > 1.0 {
            true => self.options.minification,
            false => self.options.magnification,
        };
        filter == TextureFilter::Linear
    }

    /// At a place in texels: the centre of the first one is (0.5, 0.5).
    pub fn sample(&self, x: f32, y: f32, smooth: bool) -> Color32 {
        self.line(y, smooth).sample(x)
    }

    /// The line at a height in texels, to be sampled many times.
    pub fn line(&self, y: f32, smooth: bool) -> Line<'_> {
        let [width, height] = self.image.size;
        let row = |y: i32| {
            let y = y.clamp(0, height.max(1) as i32 - 1) as usize;
            // An empty picture has none.
            self.image.pixels.get(y * width..(y + 1) * width)
        };
        let (y, share) = match smooth {
            true => place(y),
            false => (y.floor() as i32, 0),
        };
        Line {
            above: row(y).unwrap_or_default(),
            below: row(y.saturating_add(1)).unwrap_or_default(),
            share,
            smooth,
        }
    }
}

/// Two rows of a texture, and what lies between them.
#[derive(Debug)]
pub struct Line<'a> {
    above: &'a [Color32],
    below: &'a [Color32],
    /// Of `below`, in 256ths.
    share: u32,
    smooth: bool,
}

impl Line<'_> {
    pub fn sample(&self, x: f32) -> Color32 {
        let Some(last) = self.above.len().checked_sub(1) else {
            return Color32::TRANSPARENT;
        };
        let inside = |x: i32| x.clamp(0, last as i32) as usize;
        if !self.smooth {
            return self.above[inside(x.floor() as i32)];
        }
        let (x, share) = place(x);
        let (left, right) = (inside(x), inside(x.saturating_add(1)));
        let above = between(self.above[left], self.above[right], share);
        let below = between(self.below[left], self.below[right], share);
        between(above, below, self.share)
    }
}

/// The texel whose centre is at a place or before it, and how far that is, in 256ths, as graphics
/// cards count.
fn place(texels: f32) -> (i32, u32) {
    let place = ((texels - 0.5) * 256.0).round_ties_even() as i32;
    (place >> 8, (place & 255) as u32)
}

/// Two channels of a colour in the low halves of 16 bits each, so that one multiplication does both.
const HALF: u32 = 0x00ff_00ff;
/// What rounds both when 8 bits go.
const ROUND: u32 = 0x0080_0080;

fn halves(colour: Color32) -> [u32; 2] {
    let bits = u32::from_le_bytes(colour.to_array());
    [bits & HALF, (bits >> 8) & HALF]
}

fn whole([low, high]: [u32; 2]) -> Color32 {
    let [red, green, blue, alpha] = (low | (high << 8)).to_le_bytes();
    Color32::from_rgba_premultiplied(red, green, blue, alpha)
}

/// `share` 256ths of the way from one to the other.
fn between(from: Color32, to: Color32, share: u32) -> Color32 {
    let (from, to) = (halves(from), halves(to));
    whole([0, 1].map(|n| ((from[n] * (256 - share) + to[n] * share + ROUND) >> 8) & HALF))
}

/// Whether nothing shines through any of them.
pub fn are_opaque(texels: &[Color32]) -> bool {
    // A loop with no way out looks at many at once.
    let common = texels.iter().fold(u32::MAX, |all, texel| {
        all & u32::from_le_bytes(texel.to_array())
    });
    common >> 24 == 255
}

/// The colour of a texel in the light of a vertex.
pub fn tinted(texel: Color32, tint: Color32) -> Color32 {
    if tint == Color32::WHITE {
        return texel;
    }
    // What is no picture, and the inside of a letter.
    if texel == Color32::WHITE {
        return tint;
    }
    let channels = texel.to_array();
    // As letters are.
    if channels == [channels[0]; 4] {
        return whole(halves(tint).map(|half| part(half, channels[0])));
    }
    let tint = tint.to_array();
    let [red, green, blue, alpha] =
        [0, 1, 2, 3].map(|n| part(u32::from(channels[n]), tint[n]) as u8);
    Color32::from_rgba_premultiplied(red, green, blue, alpha)
}

/// What is seen of `below` and of `above` on it.
pub fn over(above: Color32, below: Color32) -> Color32 {
    if above.is_opaque() {
        return above;
    }
    let (lower, upper) = (halves(below), halves(above));
    whole([0, 1].map(|n| {
        let sum = upper[n] + part(lower[n], 255 - above.a());
        // Light without cover is added, and can be more than white.
        let more = sum & 0x0100_0100;
        (sum | (more - (more >> 8))) & HALF
    }))
}

/// So many 255ths of two channels, rounded.
fn part(half: u32, of_255: u8) -> u32 {
    let product = half * u32::from(of_255) + ROUND;
    ((product + ((product >> 8) & HALF)) >> 8) & HALF
}

#[cfg(test)]
mod tests {
    use super::*;

    const GREY: Color32 = Color32::from_rgb(100, 100, 100);

    fn two_by_two(options: TextureOptions) -> Texture {
        let pixels = vec![Color32::BLACK, Color32::WHITE, Color32::RED, GREY];
        Texture::new(ImageDelta::full(ColorImage::new([2, 2], pixels), options))
    }

    #[test]
    fn colours_are_put_together_as_a_graphics_card_does() {
        for a in 0..=255_u8 {
            for b in 0..=255_u8 {
                let exact = (f32::from(a) * f32::from(b) / 255.0).round();
                let both = (u32::from(a) << 16) | u32::from(a);
                let exact = exact as u32;
                assert_eq!(part(both, b), (exact << 16) | exact, "{a} of {b}");
            }
        }
        let half = Color32::from_rgba_premultiplied(50, 0, 0, 128);
        assert_eq!(over(half, Color32::WHITE), Color32::from_rgb(177, 127, 127));
        assert_eq!(over(Color32::RED, Color32::WHITE), Color32::RED);
        assert_eq!(over(Color32::TRANSPARENT, GREY), GREY);
        let light = Color32::from_rgba_premultiplied(200, 10, 0, 0);
        assert_eq!(over(light, GREY), Color32::from_rgb(255, 110, 100));
        assert_eq!(tinted(half, Color32::WHITE), half);
        assert_eq!(tinted(Color32::WHITE, half), half);
        let letter = Color32::from_rgba_premultiplied(51, 51, 51, 51);
        assert_eq!(
            tinted(letter, GREY),
            Color32::from_rgba_premultiplied(20, 20, 20, 51)
        );
        assert_eq!(
            tinted(Color32::from_rgb(51, 0, 255), GREY),
            Color32::from_rgb(20, 0, 100)
        );
    }

    #[test]
    fn one_texel_that_shines_through_is_found_among_many() {
        for n in 0..37 {
            let mut texels = [GREY; 37];
            assert!(are_opaque(&texels));
            texels[n] = Color32::from_rgba_premultiplied(100, 100, 100, 254);
            assert!(!are_opaque(&texels), "{n}");
        }
    }

    #[test]
    fn a_place_between_texels_is_their_mean_or_the_nearer_one() {
        let smooth = two_by_two(TextureOptions::LINEAR);
        assert!(smooth.is_smooth(1.0));
        assert_eq!(smooth.sample(0.5, 0.5, true), Color32::BLACK);
        assert_eq!(smooth.sample(1.0, 0.5, true), Color32::from_gray(128));
        assert_eq!(smooth.sample(-3.0, 9.0, true), Color32::RED, "edges go on");
        let nearest = two_by_two(TextureOptions::NEAREST);
        assert!(!nearest.is_smooth(1.0));
        assert_eq!(nearest.sample(0.9, 0.9, false), Color32::BLACK);
        assert_eq!(nearest.sample(1.1, 0.9, false), Color32::WHITE);
    }

    #[test]
    fn a_part_is_put_in_and_nothing_beyond_the_edge() {
        let mut texture = two_by_two(TextureOptions::LINEAR);
        let kept = texture.clone();
        let part = ColorImage::filled([2, 2], Color32::GREEN);
        let part = ImageDelta::partial([1, 1], part, TextureOptions::NEAREST);
        texture.patch([1, 1], &part);
        for outside in [[5, 5], [5, 1], [1, 5]] {
            texture.patch(outside, &part);
        }
        assert_eq!(
            texture.row(0, 1, 2),
            Some(&[Color32::RED, Color32::GREEN][..])
        );
        assert_eq!(texture.row(0, 0, 2), kept.row(0, 0, 2));
        assert_eq!(kept.row(0, 1, 2), Some(&[Color32::RED, GREY][..]));
        assert!(!texture.is_smooth(1.0));
        let outside = [(1, 0), (-1, 0), (0, 2), (0, -1)];
        assert!(outside.iter().all(|&(x, y)| texture.row(x, y, 2).is_none()));
    }
}
