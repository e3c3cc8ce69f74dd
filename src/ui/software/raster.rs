//! Triangles to pixels: a pixel belongs to the triangle that its centre is in, so that of two with a
//! common side each pixel is painted once.
//!
//! What windows are made of has ways of its own: one colour, text and pictures that lie on the screen
//! texel for pixel, and round corners, whose triangles are one shape ([`polygon`]). Everything else is
//! shaded pixel by pixel.

use super::area::Area;
use super::polygon;
use super::texture::{Texture, are_opaque, over, tinted};
use eframe::egui::epaint::{ColorImage, Mesh, Vertex};
use eframe::egui::{Color32, Pos2};

/// Parts of a texel by which text may lie beside its pixels and still be taken texel for pixel.
const BESIDE: f32 = 1.0 / 64.0;

/// The picture that is painted on.
#[derive(Debug)]
pub struct Canvas {
    size: [usize; 2],
    pixels: Vec<Color32>,
}

impl Canvas {
    /// `size` in pixels.
    pub fn new(size: [usize; 2]) -> Self {
        Self {
            size,
            pixels: vec![Color32::BLACK; size[0] * size[1]],
        }
    }

    pub fn size(&self) -> [usize; 2] {
        self.size
    }

    /// A copy of a part, which is inside.
    pub fn copy(&self, area: Area) -> ColorImage {
        let mut pixels = vec![];
        self.keep(area, &mut pixels);
        ColorImage::new(area.size(), pixels)
    }

    /// Puts a part, which is inside, into `pixels` instead of what they hold.
    pub fn keep(&self, area: Area, pixels: &mut Vec<Color32>) {
        pixels.clear();
        let [width, height] = area.size();
        pixels.reserve(width * height);
        for y in area.min[1]..area.max[1] {
            pixels.extend_from_slice(&self.pixels[self.span(y, area.min[0], area.max[0])]);
        }
    }

    /// Whether `part` is other than in `kept`, the pixels of `area` around it as they were.
    pub fn differs(&self, part: Area, area: Area, kept: &[Color32]) -> bool {
        let [width, _] = area.size();
        let left = part.min[0].abs_diff(area.min[0]) as usize;
        (part.min[1]..part.max[1]).any(|y| {
            let now = &self.pixels[self.span(y, part.min[0], part.max[0])];
            let start = y.abs_diff(area.min[1]) as usize * width + left;
            let pairs = now.iter().zip(&kept[start..start + now.len()]);
            pairs.fold(0, |all, (a, b)| all | (bits(*a) ^ bits(*b))) != 0
        })
    }

    /// The colour of `area`, which is inside, if it has only one.
    pub fn colour(&self, area: Area) -> Option<Color32> {
        let row = |y| &self.pixels[self.span(y, area.min[0], area.max[0])];
        let mut rows = (area.min[1]..area.max[1]).map(row);
        let colour = *rows.clone().next()?.first()?;
        // A loop that goes through a whole row compares many pixels at once.
        let other = |row: &[Color32]| {
            row.iter()
                .fold(0, |all, pixel| all | (bits(*pixel) ^ bits(colour)))
        };
        rows.all(|row| other(row) == 0).then_some(colour)
    }

    /// Makes all of `area`, which is inside, one colour.
    pub fn clear(&mut self, area: Area, colour: Color32) {
        for y in area.min[1]..area.max[1] {
            let span = self.span(y, area.min[0], area.max[0]);
            self.pixels[span].fill(colour);
        }
    }

    /// Paints what of `mesh` is in `area`, which is inside.
    pub fn paint(&mut self, mesh: &Mesh, pixels_per_point: f32, area: Area, texture: &Texture) {
        let corner = |index: u32| {
            let mut vertex = *mesh.vertices.get(index as usize)?;
            vertex.pos = (vertex.pos.to_vec2() * pixels_per_point).to_pos2();
            Some(vertex)
        };
        let mut rest = &mesh.indices[..];
        while let [a, b, c, after @ ..] = rest {
            let fourth = match after {
                [d, e, f, ..] if (d, e) == (c, b) => corner(*f),
                _ => None,
            };
            let (Some(a), Some(b), Some(c)) = (corner(*a), corner(*b), corner(*c)) else {
                rest = after;
                continue;
            };
            if let Some(last) = fourth.filter(|last| is_upright([a, b, c, *last])) {
                self.upright(a, last, area, texture);
                rest = &after[3..];
                continue;
            }
            let (fan, others) = rest.split_at(3 * polygon::fan(rest));
            rest = others;
            if fan.len() > 3 {
                self.fan(fan, corner, area, texture);
            } else {
                self.triangle([a, b, c], area, texture);
            }
        }
    }

    /// Triangles that [`polygon::fan`] has found, as one polygon where they are one.
    fn fan(
        &mut self,
        fan: &[u32],
        corner: impl Fn(u32) -> Option<Vertex>,
        area: Area,
        texture: &Texture,
    ) {
        let corners: Option<Vec<Vertex>> = polygon::outline(fan).map(&corner).collect();
        let shade = corners.as_deref().and_then(|corners| {
            let shade = Shade::new(polygon::largest(corners)?, texture);
            shade.holds_for(corners).then_some(shade)
        });
        if let (Some(corners), Some(shade)) = (corners, shade) {
            for (y, row) in polygon::rows(&corners, area) {
                self.shaded(y, row.start, row.end, &shade);
            }
            return;
        }
        for triangle in fan.as_chunks::<3>().0 {
            let [a, b, c] = triangle.map(&corner);
            if let (Some(a), Some(b), Some(c)) = (a, b, c) {
                self.triangle([a, b, c], area, texture);
            }
        }
    }

    /// A rectangle in one tint, from its first corner to its last.
    fn upright(&mut self, first: Vertex, last: Vertex, area: Area, texture: &Texture) {
        let area = area.cut(Area {
            min: [first_centre(first.pos.x), first_centre(first.pos.y)],
            max: [first_centre(last.pos.x), first_centre(last.pos.y)],
        });
        if area.is_empty() {
            return;
        }
        let [wide, high] = texture.size();
        let across = Along::new([first.pos.x, last.pos.x], [first.uv.x, last.uv.x], wide);
        let down = Along::new([first.pos.y, last.pos.y], [first.uv.y, last.uv.y], high);
        let smooth = texture.is_smooth(across.step.max(down.step));
        for y in area.min[1]..area.max[1] {
            let texels = Texels {
                texture,
                smooth,
                across,
                down: Along::level(down.at(y)),
                tint: first.color,
            };
            self.texels(y, area.min[0], area.max[0], texels);
        }
    }

    fn triangle(&mut self, corners: [Vertex; 3], area: Area, texture: &Texture) {
        let mut sorted = corners.map(|corner| corner.pos);
        sorted.sort_by(by_place);
        let [top, middle, bottom] = sorted;
        let rows = first_centre(top.y).max(area.min[1])..first_centre(bottom.y).min(area.max[1]);
        let across = corners.map(|corner| corner.pos.x);
        let [left, right] =
            [f32::min, f32::max].map(|most| across.into_iter().fold(across[0], most));
        let columns = first_centre(left).max(area.min[0])..first_centre(right).min(area.max[0]);
        if rows.is_empty() || columns.is_empty() {
            return;
        }
        let [long, upper, lower] = [(top, bottom), (top, middle), (middle, bottom)].map(Side::new);
        let shade = Shade::new(corners, texture);
        for y in rows {
            let centre = y as f32 + 0.5;
            let other = if centre < middle.y { &upper } else { &lower };
            let (one, other) = (long.at(centre), other.at(centre));
            let from = first_centre(one.min(other)).max(area.min[0]);
            let to = first_centre(one.max(other)).min(area.max[0]);
            if from >= to {
                continue;
            }
            self.shaded(y, from, to, &shade);
        }
    }

    /// Paints a part of a row, which is inside.
    fn shaded(&mut self, y: i32, from: i32, to: i32, shade: &Shade<'_>) {
        match shade {
            Shade::One(colour) => self.one_colour(y, from, to, *colour),
            Shade::Texels(shader, tint) => {
                let texels = shader.texels(y, *tint);
                self.texels(y, from, to, texels);
            }
            Shade::Each(shader) => {
                let centre = y as f32 + 0.5;
                let span = self.span(y, from, to);
                for (x, pixel) in (from..).zip(&mut self.pixels[span]) {
                    *pixel = over(shader.at(x as f32 + 0.5, centre), *pixel);
                }
            }
        }
    }

    /// The same with a part of a picture.
    fn texels(&mut self, y: i32, from: i32, to: i32, texels: Texels<'_>) {
        if texels.across.step == 0.0 && texels.down.step == 0.0 {
            return self.one_colour(y, from, to, texels.at(from));
        }
        let Texels { texture, tint, .. } = texels;
        let span = self.span(y, from, to);
        let pixels = &mut self.pixels[span];
        if let Some(texels) = texels.untouched(from, to) {
            if tint == Color32::WHITE && are_opaque(texels) {
                pixels.copy_from_slice(texels);
                return;
            }
            for (pixel, texel) in pixels.iter_mut().zip(texels) {
                // Most of the picture of a letter is empty.
                if *texel != Color32::TRANSPARENT {
                    *pixel = over(tinted(*texel, tint), *pixel);
                }
            }
        } else if texels.down.step == 0.0 {
            let line = texture.line(texels.down.start, texels.smooth);
            for (x, pixel) in (from..).zip(pixels) {
                *pixel = over(tinted(line.sample(texels.across.at(x)), tint), *pixel);
            }
        } else {
            for (x, pixel) in (from..).zip(pixels) {
                *pixel = over(texels.at(x), *pixel);
            }
        }
    }

    fn one_colour(&mut self, y: i32, from: i32, to: i32, colour: Color32) {
        let span = self.span(y, from, to);
        let pixels = &mut self.pixels[span];
        if colour.is_opaque() {
            pixels.fill(colour);
        } else if colour != Color32::TRANSPARENT {
            pixels
                .iter_mut()
                .for_each(|pixel| *pixel = over(colour, *pixel));
        }
    }

    /// Where pixels of a row are kept; all of them are inside.
    fn span(&self, y: i32, from: i32, to: i32) -> std::ops::Range<usize> {
        let start = y as usize * self.size[0];
        start + from as usize..start + to as usize
    }
}

fn bits(pixel: Color32) -> u32 {
    u32::from_le_bytes(pixel.to_array())
}

/// From top to bottom, so that a side is reckoned with the same numbers in both of its triangles.
fn by_place(a: &Pos2, b: &Pos2) -> std::cmp::Ordering {
    a.y.total_cmp(&b.y).then(a.x.total_cmp(&b.x))
}

/// The first pixel whose centre is at `place` or after it.
pub fn first_centre(place: f32) -> i32 {
    let place = place - 0.5;
    // For programs that run on old processors too, `ceil` is a call, and each row asks twice.
    let whole = place as i32;
    whole.saturating_add(i32::from((whole as f32) < place))
}

/// Whether four corners, as egui puts them, are a rectangle that stands upright, in one tint.
fn is_upright([a, b, c, d]: [Vertex; 4]) -> bool {
    let corners = |p: fn(&Vertex) -> Pos2| {
        let [a, b, c, d] = [p(&a), p(&b), p(&c), p(&d)];
        a.x == c.x && b.x == d.x && a.y == b.y && c.y == d.y
    };
    corners(|corner| corner.pos)
        && corners(|corner| corner.uv)
        && a.pos.x < d.pos.x
        && a.pos.y < d.pos.y
        && [b.color, c.color, d.color] == [a.color; 3]
}

/// How texels go along a row or a column of pixels.
#[derive(Debug, Clone, Copy)]
struct Along {
    /// Texels at the centre of pixel 0.
    start: f32,
    /// Texels a pixel.
    step: f32,
}

impl Along {
    fn new(pixels: [f32; 2], uv: [f32; 2], texels: f32) -> Self {
        let step = (uv[1] - uv[0]) * texels / (pixels[1] - pixels[0]);
        Self {
            start: uv[0] * texels + (0.5 - pixels[0]) * step,
            step,
        }
    }

    /// The same everywhere.
    fn level(start: f32) -> Self {
        Self { start, step: 0.0 }
    }

    fn at(self, pixel: i32) -> f32 {
        self.start + pixel as f32 * self.step
    }
}

/// A part of a texture on a row of pixels, in one tint.
struct Texels<'a> {
    texture: &'a Texture,
    smooth: bool,
    across: Along,
    down: Along,
    tint: Color32,
}

impl<'a> Texels<'a> {
    fn at(&self, x: i32) -> Color32 {
        let (u, v) = (self.across.at(x), self.down.at(x));
        tinted(self.texture.sample(u, v, self.smooth), self.tint)
    }

    /// The texels themselves, where each lies on a pixel.
    fn untouched(&self, from: i32, to: i32) -> Option<&'a [Color32]> {
        let place = |texels: f32| {
            let texels = texels - 0.5;
            let nearest = first_centre(texels);
            ((texels - nearest as f32).abs() < BESIDE).then_some(nearest)
        };
        let first = place(self.across.at(from))?;
        let last = place(self.across.at(to - 1))?;
        let is_whole = self.down.step == 0.0
            && (self.across.step - 1.0).abs() < 0.1
            && last.checked_sub(first) == Some(to - 1 - from);
        let row = is_whole.then(|| place(self.down.start)).flatten()?;
        self.texture.row(first, row, (to - from) as usize)
    }
}

/// A side of a triangle, which is not level wherever it is asked.
pub struct Side {
    from: Pos2,
    slope: f32,
}

impl Side {
    /// Sorted as the corners of a triangle are.
    pub fn ends(mut ends: [Pos2; 2]) -> [Pos2; 2] {
        ends.sort_by(by_place);
        ends
    }

    /// From its first end to its last.
    pub fn new((from, to): (Pos2, Pos2)) -> Self {
        let slope = (to.x - from.x) / (to.y - from.y);
        Self { from, slope }
    }

    pub fn at(&self, y: f32) -> f32 {
        self.from.x + (y - self.from.y) * self.slope
    }
}

/// How a triangle is painted.
enum Shade<'a> {
    One(Color32),
    /// A part of a picture in one tint.
    Texels(Shader<'a>, Color32),
    /// Pixel by pixel.
    Each(Shader<'a>),
}

impl<'a> Shade<'a> {
    fn new(corners: [Vertex; 3], texture: &'a Texture) -> Self {
        let [a, b, c] = corners;
        let [wide, high] = texture.size();
        let places = corners.map(|corner| [corner.uv.x * wide, corner.uv.y * high]);
        let is_flat = places == [places[0]; 3];
        let is_one_tint = [b.color, c.color] == [a.color; 2];
        if is_flat && is_one_tint {
            let texel = texture.sample(places[0][0], places[0][1], true);
            return Self::One(tinted(texel, a.color));
        }
        // The cross product of two sides: twice the area, in pixels and in texels.
        let twice =
            (b.pos.x - a.pos.x) * (c.pos.y - a.pos.y) - (c.pos.x - a.pos.x) * (b.pos.y - a.pos.y);
        // Too narrow to tell its corners apart, or not a triangle at all.
        if !twice.is_finite() || twice.abs() < 1e-6 {
            return Self::One(Color32::TRANSPARENT);
        }
        let [p, q, r] = places;
        let texels = (q[0] - p[0]) * (r[1] - p[1]) - (r[0] - p[0]) * (q[1] - p[1]);
        let smooth = texture.is_smooth((texels / twice).abs().sqrt());
        let shader = Shader {
            origin: a.pos,
            to_b: [(c.pos.y - a.pos.y) / twice, (a.pos.x - c.pos.x) / twice],
            to_c: [(a.pos.y - b.pos.y) / twice, (b.pos.x - a.pos.x) / twice],
            colours: corners.map(|corner| corner.color.to_array().map(f32::from)),
            places,
            one: is_flat.then(|| texture.sample(p[0], p[1], true)),
            texture,
            smooth,
        };
        match is_one_tint {
            true => Self::Texels(shader, a.color),
            false => Self::Each(shader),
        }
    }

    /// Whether it is how all triangles between `corners`, in the same tint, are painted.
    fn holds_for(&self, corners: &[Vertex]) -> bool {
        match self {
            Self::One(_) => corners.iter().all(|corner| corner.uv == corners[0].uv),
            Self::Texels(shader, _) => corners.iter().all(|corner| shader.holds_at(corner)),
            Self::Each(_) => false,
        }
    }
}

/// What a triangle looks like where its corners differ.
struct Shader<'a> {
    origin: Pos2,
    /// How much of the second corner comes with each pixel to the right and down.
    to_b: [f32; 2],
    to_c: [f32; 2],
    colours: [[f32; 4]; 3],
    /// In texels.
    places: [[f32; 2]; 3],
    /// The texel, where it is the same everywhere.
    one: Option<Color32>,
    texture: &'a Texture,
    smooth: bool,
}

impl<'a> Shader<'a> {
    /// What lies on a row of pixels.
    fn texels(&self, y: i32, tint: Color32) -> Texels<'a> {
        let [p, q, r] = self.places;
        let (left, down) = (0.5 - self.origin.x, y as f32 + 0.5 - self.origin.y);
        let [across, down] = [0, 1].map(|n| {
            let (to_q, to_r) = (q[n] - p[n], r[n] - p[n]);
            let [step, step_down] =
                [0, 1].map(|axis| self.to_b[axis] * to_q + self.to_c[axis] * to_r);
            // Less than a texel over the widest window: a picture that stands upright.
            let step = if step.abs() < 1e-5 { 0.0 } else { step };
            Along {
                start: p[n] + left * step + down * step_down,
                step,
            }
        });
        Texels {
            texture: self.texture,
            smooth: self.smooth,
            across,
            down,
            tint,
        }
    }

    /// Whether the picture has at a corner what the corner says.
    fn holds_at(&self, corner: &Vertex) -> bool {
        let (x, y) = (corner.pos.x - self.origin.x, corner.pos.y - self.origin.y);
        let b = x * self.to_b[0] + y * self.to_b[1];
        let c = x * self.to_c[0] + y * self.to_c[1];
        let [p, q, r] = self.places;
        let [wide, high] = self.texture.size();
        let said = [corner.uv.x * wide, corner.uv.y * high];
        [0, 1].into_iter().all(|n| {
            let place = p[n] + b * (q[n] - p[n]) + c * (r[n] - p[n]);
            (place - said[n]).abs() < BESIDE
        })
    }

    fn at(&self, x: f32, y: f32) -> Color32 {
        let (x, y) = (x - self.origin.x, y - self.origin.y);
        // Slivers are narrower than what numbers can tell: nothing beyond the corners comes of them.
        let b = (x * self.to_b[0] + y * self.to_b[1]).clamp(0.0, 1.0);
        let c = (x * self.to_c[0] + y * self.to_c[1]).clamp(0.0, 1.0 - b);
        let a = 1.0 - b - c;
        let [from, right, down] = &self.colours;
        let [red, green, blue, alpha] =
            [0, 1, 2, 3].map(|n| (from[n] * a + right[n] * b + down[n] * c + 0.5) as u8);
        let tint = Color32::from_rgba_premultiplied(red, green, blue, alpha);
        let texel = self.one.unwrap_or_else(|| {
            let [p, q, r] = self.places;
            let [u, v] = [0, 1].map(|n| p[n] * a + q[n] * b + r[n] * c);
            self.texture.sample(u, v, self.smooth)
        });
        tinted(texel, tint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use eframe::egui::epaint::ImageDelta;
    use eframe::egui::{Rect, TextureId, TextureOptions, Vec2, pos2, vec2};

    const SIDE: usize = 12;

    fn white() -> Texture {
        picture(
            ColorImage::filled([1, 1], Color32::WHITE),
            TextureOptions::LINEAR,
        )
    }

    fn picture(image: ColorImage, options: TextureOptions) -> Texture {
        Texture::new(ImageDelta::full(image, options))
    }

    fn painted(mesh: &Mesh, pixels_per_point: f32, texture: &Texture) -> Vec<Color32> {
        let mut canvas = Canvas::new([SIDE, SIDE]);
        let all = Area::of([SIDE, SIDE]);
        canvas.paint(mesh, pixels_per_point, all, texture);
        canvas.copy(all).pixels
    }

    fn coloured(corners: &[(Pos2, Color32)], triangles: &[[u32; 3]]) -> Mesh {
        let mut mesh = Mesh::default();
        for &(at, colour) in corners {
            mesh.colored_vertex(at, colour);
        }
        mesh.indices.extend(triangles.as_flattened());
        mesh
    }

    #[test]
    fn a_rectangle_has_the_pixels_whose_centres_are_in_it() {
        let mut mesh = Mesh::default();
        let rect = Rect::from_min_max(pos2(0.75, 1.0), pos2(2.2, 1.9));
        mesh.add_colored_rect(rect, Color32::RED);
        // In pixels it is from 1.5 and 2 to 4.4 and 3.8.
        let pixels = painted(&mesh, 2.0, &white());
        let wanted = |x, y| (1..4).contains(&x) && (2..4).contains(&y);
        for (n, pixel) in pixels.iter().enumerate() {
            let (x, y) = (n % SIDE, n / SIDE);
            assert_eq!(*pixel == Color32::RED, wanted(x, y), "{x}, {y}");
        }
    }

    #[test]
    fn triangles_with_a_common_side_paint_each_pixel_once() {
        // A fan around a point that is no centre, over the whole canvas and beyond.
        let half = Color32::from_rgba_premultiplied(64, 64, 64, 128);
        let around = (0..7).map(|n| {
            let turn = n as f32 * std::f32::consts::TAU / 7.0;
            (pos2(5.3, 6.1) + 20.0 * Vec2::angled(turn), half)
        });
        let corners: Vec<_> = [(pos2(5.3, 6.1), half)].into_iter().chain(around).collect();
        let triangles: Vec<_> = (1..8).map(|n| [0, n, n % 7 + 1]).collect();
        let pixels = painted(&coloured(&corners, &triangles), 1.0, &white());
        let once = over(half, Color32::BLACK);
        assert_eq!(pixels, [once; SIDE * SIDE]);
    }

    #[test]
    fn colours_go_over_from_corner_to_corner() {
        let (dark, light) = (Color32::BLACK, Color32::from_gray(120));
        let corners = [
            (pos2(0.0, 0.0), dark),
            (pos2(12.0, 0.0), light),
            (pos2(0.0, 12.0), dark),
            (pos2(12.0, 12.0), light),
        ];
        let pixels = painted(&coloured(&corners, &[[0, 1, 2], [2, 1, 3]]), 1.0, &white());
        for (n, pixel) in pixels.iter().enumerate() {
            let wanted = 5 + 10 * (n % SIDE) as i32;
            assert!((i32::from(pixel.r()) - wanted).abs() <= 1, "{n}: {pixel:?}");
        }
    }

    fn numbered() -> ColorImage {
        let pixels = (0..100).map(|n| Color32::from_rgb(n, 2 * n, 200 - n));
        ColorImage::new([10, 10], pixels.collect())
    }

    fn put(rect: Rect, uv: Rect) -> Mesh {
        let mut mesh = Mesh::with_texture(TextureId::Managed(1));
        mesh.add_rect_with_uv(rect, uv, Color32::WHITE);
        mesh
    }

    #[test]
    fn a_picture_lies_texel_for_pixel_or_is_stretched() {
        let image = numbered();
        let part = Rect::from_min_max(pos2(0.2, 0.3), pos2(0.8, 0.9));
        let at = Rect::from_min_size(pos2(4.0, 5.0), vec2(6.0, 6.0));
        let linear = picture(image.clone(), TextureOptions::LINEAR);
        let pixels = painted(&put(at, part), 1.0, &linear);
        assert_eq!(pixels[5 * SIDE + 4], image[(2, 3)]);
        assert_eq!(pixels[10 * SIDE + 9], image[(7, 8)]);
        assert_eq!(pixels[11 * SIDE + 9], Color32::BLACK);

        // Two pixels a texel.
        let large = Rect::from_min_size(pos2(0.0, 0.0), vec2(12.0, 12.0));
        let nearest = picture(image.clone(), TextureOptions::NEAREST);
        let pixels = painted(&put(large, part), 1.0, &nearest);
        assert_eq!(pixels[0], image[(2, 3)]);
        assert_eq!(pixels[SIDE + 1], image[(2, 3)]);
        assert_eq!(pixels[2 * SIDE + 3], image[(3, 4)]);
        // A quarter of a texel before the centre of the first, in both directions.
        let pixels = painted(&put(large, part), 1.0, &linear);
        let wanted = linear.sample(2.25, 3.25, true);
        assert_eq!(pixels[0], wanted);
        assert!(wanted != image[(2, 3)]);
    }

    #[test]
    fn a_picture_with_gaps_or_in_another_tint_is_not_copied_as_it_is() {
        let mut image = numbered();
        let half = Color32::from_rgba_premultiplied(9, 8, 7, 128);
        (image[(3, 4)], image[(4, 4)]) = (Color32::TRANSPARENT, half);
        let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
        let at = Rect::from_min_size(pos2(1.0, 1.0), vec2(10.0, 10.0));
        let mut mesh = put(at, whole);
        let texture = picture(image.clone(), TextureOptions::NEAREST);
        for tint in [Color32::WHITE, Color32::from_gray(100)] {
            for vertex in &mut mesh.vertices {
                vertex.color = tint;
            }
            let pixels = painted(&mesh, 1.0, &texture);
            for (n, texel) in image.pixels.iter().enumerate() {
                let pixel = pixels[(n / 10 + 1) * SIDE + n % 10 + 1];
                assert_eq!(pixel, over(tinted(*texel, tint), Color32::BLACK), "{n}");
            }
        }
    }

    #[test]
    fn pixels_are_counted_from_the_first_centre() {
        for n in -40..40 {
            let place = n as f32 / 8.0;
            assert_eq!(first_centre(place), (place - 0.5).ceil() as i32, "{place}");
        }
        let far = [-9e9, -16_777_215.0, 16_777_215.0, 9e9];
        for place in far.into_iter().chain([f32::INFINITY, f32::NAN]) {
            assert_eq!(first_centre(place), (place - 0.5).ceil() as i32, "{place}");
        }
    }

    #[test]
    fn one_pixel_makes_an_area_more_than_one_colour() {
        let area = Area {
            min: [1, 2],
            max: [11, 5],
        };
        for y in 0..SIDE as i32 {
            for x in 0..SIDE as i32 {
                let mut canvas = Canvas::new([SIDE, SIDE]);
                let pixel = Area {
                    min: [x, y],
                    max: [x + 1, y + 1],
                };
                canvas.clear(pixel, Color32::from_rgb(0, 0, 1));
                let is_one = !pixel.meets(area);
                let wanted = is_one.then_some(Color32::BLACK);
                assert_eq!(canvas.colour(area), wanted, "{x}, {y}");
            }
        }
    }

    #[test]
    fn a_turned_picture_is_found_by_its_corners() {
        // A quarter turn: what was at the left is at the top.
        let image = numbered();
        let mut mesh = put(
            Rect::from_min_size(pos2(1.0, 1.0), vec2(10.0, 10.0)),
            Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0)),
        );
        for vertex in &mut mesh.vertices {
            vertex.uv = pos2(vertex.uv.y, vertex.uv.x);
        }
        let pixels = painted(&mesh, 1.0, &picture(image.clone(), TextureOptions::NEAREST));
        for (x, y) in [(0, 0), (9, 2), (3, 8), (5, 5)] {
            assert_eq!(pixels[(y + 1) * SIDE + x + 1], image[(y, x)], "{x}, {y}");
        }
    }

    #[test]
    fn nothing_is_painted_outside_the_area_or_by_what_is_no_mesh() {
        let nowhere = pos2(f32::NAN, f32::INFINITY);
        let corners = [(nowhere, Color32::RED), (pos2(1.0, 1.0), Color32::RED)];
        let broken = coloured(&corners, &[[0, 1, 1], [0, 0, 0], [0, 1, 7]]);
        assert_eq!(
            painted(&broken, 1.0, &white()),
            [Color32::BLACK; SIDE * SIDE]
        );

        let mut mesh = Mesh::default();
        let everywhere = Rect::from_min_max(pos2(-9e9, -9e9), pos2(9e9, 9e9));
        mesh.add_colored_rect(everywhere, Color32::RED);
        let area = Area {
            min: [2, 3],
            max: [5, 4],
        };
        let mut canvas = Canvas::new([SIDE, SIDE]);
        canvas.paint(&mesh, 1.0, area, &white());
        let pixels = canvas.copy(Area::of([SIDE, SIDE])).pixels;
        let red = pixels.iter().filter(|pixel| **pixel == Color32::RED);
        assert_eq!(red.count(), 3);
        assert_eq!(canvas.copy(area).pixels, [Color32::RED; 3]);
    }
}
