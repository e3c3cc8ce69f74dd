//! CSS filters, and shadows of letters. The renderer knows blurs and shadows, one at a time; lists of them become layers
//! within each other, and filters that change colours change those that are painted: they are
//! affine, so they and the painting of one colour over another can change places. One that says how
//! something is to be blended is the mode of its layer.

use super::blends;
use super::shadows::Shadows;
use anyrender::filters::{Filter, FilterEffect};
use anyrender::{Glyph, NormalizedCoord, Paint, PaintRef, PaintScene, RenderContext};
use std::sync::Arc;
use vello_cpu::color::DynamicColor;
use vello_cpu::kurbo::{Affine, PathEl, Rect, Shape, Stroke, Vec2};
use vello_cpu::peniko::{
    BlendMode, Blob, Color, Fill, FontData, ImageAlphaType, ImageBrush, ImageData, ImageFormat,
    Mix, StyleRef,
};

/// Beyond it nothing is left to be seen of what is blurred. Pixels.
const MAX_DEVIATION: f64 = 200.0;
/// Pixels that all blurs and shadows of a page may take, in views.
const MAX_VIEWS: f64 = 8.0;
/// Each of them takes at least this part of a view: what is in it may reach out of its box.
const LEAST_VIEW: f64 = 1.0 / 16.0;
/// As that, for a shadow of letters, which are all in theirs.
const LEAST_SHADOW: f64 = 1.0 / 128.0;
/// Pixels that boxes, their backgrounds and shadows may be painted with, in views: lists of these
/// have no end.
const MAX_PAINTED_VIEWS: f64 = 2000.0;
/// Gradients and pictures are so much slower, and so are shadows of boxes.
const MIXED: f64 = 4.0;
const BOX_SHADOW: f64 = 16.0;
/// Pixels from end to end of a path whose curves are drawn without a question.
const USUAL_REACH: f64 = 1e5;
/// Lines that curves longer than that may be drawn with, on a page.
const MAX_FAR_LINES: f64 = 1e7;
/// Blurs within blurs.
const MAX_NESTED: usize = 8;
/// Bytes of pictures kept in changed colours: of the largest one that is drawn.
const KEPT_BYTES: usize = 256 << 20;

/// 4 rows (red, green, blue, alpha) of 5 columns (the same, and what is added).
type Matrix = [f32; 20];

/// Takes what the engine paints to the renderer.
pub(super) struct Filters<'a, S> {
    scene: &'a mut S,
    /// Pixels per CSS pixel.
    scale: f64,
    view: Rect,
    /// Pixels that blurs and shadows may still take.
    room: f64,
    /// As that, for all that is painted.
    paint_room: f64,
    far_lines: f64,
    layers: Vec<Layer>,
    recolored: &'a mut Recolored,
    shadows: &'a Shadows,
}

/// A layer of the engine.
struct Layer {
    /// What becomes of colours in it.
    colors: Option<Matrix>,
    /// Layers of the renderer that it is.
    count: usize,
    /// Blurs and shadows in which it is, its own included.
    nested: usize,
}

impl<'a, S: PaintScene> Filters<'a, S> {
    pub fn new(
        scene: &'a mut S,
        scale: f64,
        (width, height): (u32, u32),
        recolored: &'a mut Recolored,
        shadows: &'a Shadows,
    ) -> Self {
        let view = Rect::new(0.0, 0.0, f64::from(width), f64::from(height));
        Self {
            scene,
            scale,
            view,
            room: MAX_VIEWS * view.area(),
            paint_room: MAX_PAINTED_VIEWS * view.area(),
            far_lines: MAX_FAR_LINES,
            layers: Vec::new(),
            recolored,
            shadows,
        }
    }

    fn colors(&self) -> Option<Matrix> {
        self.layers.last().and_then(|layer| layer.colors)
    }

    fn nested(&self) -> usize {
        self.layers.last().map_or(0, |layer| layer.nested)
    }

    /// True when there is room for so many blurs and shadows of what is in `area`; each takes at
    /// least this part of a view.
    fn has_room(&mut self, area: Rect, spreads: &[FilterEffect], least: f64) -> bool {
        let reach = spreads.iter().fold(0.0, |reach: f64, spread| {
            let rect = spread.expansion_rect();
            reach + rect.width().max(rect.height())
        });
        let seen = area.inflate(reach, reach).intersect(self.view);
        let least = least * self.view.area();
        let taken = seen.area().max(least) * spreads.len() as f64;
        let fits = taken <= self.room && self.nested() + spreads.len() <= MAX_NESTED;
        if fits {
            self.room -= taken;
        }
        fits
    }

    /// True when there is room for what is painted in `area`, so much slower than a plain colour.
    fn can_paint(&mut self, area: Rect, slower: f64) -> bool {
        let taken = slower * area.intersect(self.view).area();
        let fits = taken.is_nan() || taken <= self.paint_room;
        if fits && taken > 0.0 {
            self.paint_room -= taken;
        }
        fits
    }

    /// True unless curves reach so far that the renderer would make lines of them for ever.
    fn can_follow(&mut self, area: Rect, shape: &impl Shape) -> bool {
        let reach = area.width().max(area.height());
        if reach <= USUAL_REACH {
            return true;
        }
        let is_curve = |el: &PathEl| matches!(el, PathEl::QuadTo(..) | PathEl::CurveTo(..));
        let curves = shape.path_elements(0.1).filter(is_curve).count();
        let lines = if curves == 0 {
            0.0
        } else {
            curves as f64 * reach.sqrt()
        };
        let fits = lines <= self.far_lines;
        if fits {
            self.far_lines -= lines;
        }
        fits
    }

    /// Begins the blur of a shadow of letters that are in `area`; false when nothing is seen of it
    /// or there is no room.
    fn begin_shadow(&mut self, area: Rect, blur: FilterEffect) -> bool {
        let reach = blur.expansion_rect().x1;
        let clip = area.inflate(reach, reach).intersect(self.view);
        let spreads = [blur];
        let fits = clip.area() > 0.0 && self.has_room(area, &spreads, LEAST_SHADOW);
        if fits {
            let [blur] = spreads;
            self.scene.push_layer(
                Fill::NonZero,
                Mix::Normal,
                1.0,
                Affine::IDENTITY,
                &clip,
                Some(Arc::new(Filter::single(blur))),
                None,
            );
        }
        fits
    }

    fn changed(&mut self, brush: &PaintRef<'_>) -> Option<Paint> {
        let colors = self.colors()?;
        Some(match brush {
            Paint::Solid(color) => Paint::Solid(changed_color(&colors, *color)),
            Paint::Gradient(gradient) => {
                let mut gradient = (*gradient).clone();
                for stop in gradient.stops.iter_mut() {
                    let color: Color = stop.color.to_alpha_color();
                    stop.color = DynamicColor::from_alpha_color(changed_color(&colors, color));
                }
                Paint::Gradient(gradient)
            }
            Paint::Image(image) => Paint::Image(ImageBrush {
                image: self.recolored.of(image.image, &colors),
                sampler: image.sampler,
            }),
            Paint::Resource(_) | Paint::Custom(_) => return None,
        })
    }
}

impl<S: PaintScene> RenderContext for Filters<'_, S> {}

impl<S: PaintScene> PaintScene for Filters<'_, S> {
    fn reset(&mut self) {
        self.layers.clear();
        self.scene.reset();
    }

    fn push_layer(
        &mut self,
        fill: Fill,
        blend: impl Into<BlendMode>,
        mut alpha: f32,
        transform: Affine,
        clip: &impl Shape,
        filter: Option<Arc<Filter>>,
        _backdrop_filter: Option<Arc<Filter>>,
    ) {
        let mut colors = self.colors();
        let mut spreads = Vec::new();
        let mut mix = None;
        let nodes = filter.as_ref().map_or(&[][..], |filter| filter.nodes());
        // The last one is done last, so it is around the others.
        for node in nodes.iter().rev() {
            match &node.effect {
                FilterEffect::ColorMatrix(matrix) => {
                    alpha *= matrix.0[18];
                    colors = Some(colors.map_or(matrix.0, |outer| product(&outer, &matrix.0)));
                }
                FilterEffect::DropShadow(shadow) if blends::told_by(shadow.color).is_some() => {
                    mix = blends::told_by(shadow.color);
                }
                effect => spreads.extend(in_pixels(effect, transform, self.scale, colors.as_ref())),
            }
        }
        let box_around = transform.transform_rect_bbox(clip.bounding_box());
        let mix = mix.filter(|_| self.can_paint(box_around, MIXED));
        let has_blur = spreads.iter().any(is_blur);
        if !spreads.is_empty() && !self.has_room(box_around, &spreads, LEAST_VIEW) {
            // Rather nothing of it than what should not be read yet.
            if has_blur {
                alpha = 0.0;
            }
            spreads.clear();
        }
        // What only has other colours may reach out of its box, where a layer would end.
        let is_colors = filter.is_some() && spreads.is_empty() && alpha >= 1.0 && mix.is_none();
        self.layers.push(Layer {
            colors,
            count: if is_colors { 0 } else { spreads.len().max(1) },
            nested: self.nested() + spreads.len(),
        });
        if is_colors {
            return;
        }
        let blend = mix.map_or_else(|| blend.into(), BlendMode::from);
        if spreads.is_empty() {
            return self
                .scene
                .push_layer(fill, blend, alpha, transform, clip, None, None);
        }
        // What is blurred reaches out of its box.
        let everything = self.view;
        for (at, spread) in spreads.into_iter().enumerate() {
            let (blend, alpha) = match at {
                0 => (blend, alpha),
                _ => (Mix::Normal.into(), 1.0),
            };
            let filter = Some(Arc::new(Filter::single(spread)));
            let place = Affine::IDENTITY;
            self.scene.push_layer(
                Fill::NonZero,
                blend,
                alpha,
                place,
                &everything,
                filter,
                None,
            );
        }
    }

    fn push_clip_layer(&mut self, fill: Fill, transform: Affine, clip: &impl Shape) {
        self.layers.push(Layer {
            colors: self.colors(),
            count: 1,
            nested: self.nested(),
        });
        self.scene.push_clip_layer(fill, transform, clip);
    }

    fn pop_layer(&mut self) {
        let count = self.layers.pop().map_or(1, |layer| layer.count);
        for _ in 0..count {
            self.scene.pop_layer();
        }
    }

    fn stroke<'b>(
        &mut self,
        style: &Stroke,
        transform: Affine,
        brush: impl Into<PaintRef<'b>>,
        brush_transform: Option<Affine>,
        shape: &impl Shape,
    ) {
        let brush = brush.into();
        let area = transform.transform_rect_bbox(shape.bounding_box());
        if !self.can_follow(area, shape) {
            return;
        }
        match self.changed(&brush) {
            Some(paint) => self
                .scene
                .stroke(style, transform, &paint, brush_transform, shape),
            None => self
                .scene
                .stroke(style, transform, brush, brush_transform, shape),
        }
    }

    fn fill<'b>(
        &mut self,
        style: Fill,
        transform: Affine,
        brush: impl Into<PaintRef<'b>>,
        brush_transform: Option<Affine>,
        shape: &impl Shape,
    ) {
        let brush = brush.into();
        let area = transform.transform_rect_bbox(shape.bounding_box());
        let slower = if matches!(brush, Paint::Solid(_)) {
            1.0
        } else {
            MIXED
        };
        if !self.can_follow(area, shape) || !self.can_paint(area, slower) {
            return;
        }
        match self.changed(&brush) {
            Some(paint) => self
                .scene
                .fill(style, transform, &paint, brush_transform, shape),
            None => self
                .scene
                .fill(style, transform, brush, brush_transform, shape),
        }
    }

    fn draw_glyphs<'b, 's: 'b>(
        &'s mut self,
        font: &'b FontData,
        font_size: f32,
        hint: bool,
        normalized_coords: &'b [NormalizedCoord],
        embolden: Vec2,
        style: impl Into<StyleRef<'b>>,
        brush: impl Into<PaintRef<'b>>,
        brush_alpha: f32,
        transform: Affine,
        glyph_transform: Option<Affine>,
        glyphs: impl Iterator<Item = Glyph> + Clone,
    ) {
        let style: StyleRef<'_> = style.into();
        let shadows = self.shadows.below(font, glyphs.clone().next());
        for shadow in shadows.iter().rev() {
            let color = shadow.color;
            let color = self.colors().map_or(color, |by| changed_color(&by, color));
            let place = transform * Affine::translate(shadow.offset * self.scale);
            let blur = FilterEffect::blur(shadow.deviation);
            let blur = in_pixels(&blur, place, self.scale, None);
            let is_blurred = blur.is_some();
            let area = || place.transform_rect_bbox(around(glyphs.clone(), font_size));
            // Rather nothing of it than letters that should not be read yet.
            if !blur.is_none_or(|blur| self.begin_shadow(area(), blur)) {
                continue;
            }
            self.scene.draw_glyphs(
                font,
                font_size,
                hint,
                normalized_coords,
                embolden,
                style,
                color,
                brush_alpha,
                place,
                glyph_transform,
                glyphs.clone(),
            );
            if is_blurred {
                self.scene.pop_layer();
            }
        }
        let brush: PaintRef<'_> = brush.into();
        let changed = self.changed(&brush);
        let brush = changed.as_ref().map_or(brush, Paint::as_ref);
        self.scene.draw_glyphs(
            font,
            font_size,
            hint,
            normalized_coords,
            embolden,
            style,
            brush,
            brush_alpha,
            transform,
            glyph_transform,
            glyphs,
        );
    }

    fn draw_box_shadow(
        &mut self,
        transform: Affine,
        rect: Rect,
        brush: Color,
        radius: f64,
        std_dev: f64,
    ) {
        let reach = 3.0 * std_dev * self.scale;
        let area = transform.transform_rect_bbox(rect).inflate(reach, reach);
        if !self.can_paint(area, BOX_SHADOW) {
            return;
        }
        let brush = self
            .colors()
            .map_or(brush, |colors| changed_color(&colors, brush));
        self.scene
            .draw_box_shadow(transform, rect, brush, radius, std_dev);
    }
}

/// What letters of this size may cover.
fn around(glyphs: impl Iterator<Item = Glyph>, size: f32) -> Rect {
    let size = f64::from(size);
    let mut area: Option<Rect> = None;
    for glyph in glyphs {
        let (x, y) = (f64::from(glyph.x), f64::from(glyph.y));
        let own = Rect::new(x - size, y - 2.0 * size, x + 2.0 * size, y + size);
        area = Some(area.map_or(own, |area| area.union(own)));
    }
    area.unwrap_or_default()
}

fn is_blur(effect: &FilterEffect) -> bool {
    matches!(effect, FilterEffect::GaussianBlur(_))
}

/// A blur or shadow in pixels of the view; None for one that does nothing and for other filters.
fn in_pixels(
    effect: &FilterEffect,
    transform: Affine,
    scale: f64,
    colors: Option<&Matrix>,
) -> Option<FilterEffect> {
    let size = scale * transform.determinant().abs().sqrt();
    let deviation = |css: f32| {
        let pixels = f64::from(css) * size;
        // Not a number in a box that is scaled to nothing.
        let pixels = if pixels.is_nan() { 0.0 } else { pixels };
        pixels.clamp(0.0, MAX_DEVIATION) as f32
    };
    match effect {
        FilterEffect::GaussianBlur(blur) => Some(deviation(blur.std_deviation))
            .filter(|deviation| *deviation > 0.0)
            .map(FilterEffect::blur),
        FilterEffect::DropShadow(shadow) => {
            let [a, b, c, d, ..] = transform.as_coeffs();
            let (x, y) = (f64::from(shadow.dx) * scale, f64::from(shadow.dy) * scale);
            let far = 5.0 * MAX_DEVIATION;
            let (x, y) = (a * x + c * y, b * x + d * y);
            if !(x.abs() <= far && y.abs() <= far) {
                return None;
            }
            let color = colors.map_or(shadow.color, |colors| changed_color(colors, shadow.color));
            let deviation = deviation(shadow.std_deviation);
            Some(FilterEffect::drop_shadow(
                x as f32, y as f32, deviation, color,
            ))
        }
        _ => None,
    }
}

/// What `inner` and then `outer` do.
fn product(outer: &Matrix, inner: &Matrix) -> Matrix {
    let mut both = [0.0; 20];
    for (at, cell) in both.iter_mut().enumerate() {
        let (row, column) = (at / 5 * 5, at % 5);
        let added = if column == 4 { outer[row + 4] } else { 0.0 };
        *cell = (0..4).fold(added, |sum, k| sum + outer[row + k] * inner[5 * k + column]);
    }
    both
}

fn changed_color(colors: &Matrix, color: Color) -> Color {
    let [red, green, blue, alpha] = color.components;
    let [red, green, blue] = changed_rgb(colors, [red, green, blue]);
    Color::new([red, green, blue, alpha])
}

/// Alpha is left to the layer.
fn changed_rgb(colors: &Matrix, [red, green, blue]: [f32; 3]) -> [f32; 3] {
    [0, 5, 10].map(|row| {
        let sum = colors[row] * red + colors[row + 1] * green + colors[row + 2] * blue;
        let sum = sum + colors[row + 4];
        if sum.is_nan() {
            0.0
        } else {
            sum.clamp(0.0, 1.0)
        }
    })
}

/// Pictures whose colours were changed, so that this is not done for each frame.
#[derive(Default)]
pub(super) struct Recolored(Vec<(u64, Matrix, ImageData)>);

impl Recolored {
    pub fn clear(&mut self) {
        self.0.clear();
    }

    fn of(&mut self, image: &ImageData, colors: &Matrix) -> ImageData {
        let id = image.data.id();
        let known = self.0.iter().find(|(of, by, _)| *of == id && by == colors);
        if let Some((.., known)) = known {
            return known.clone();
        }
        if image.format != ImageFormat::Rgba8 {
            return image.clone();
        }
        let mut bytes = image.data.data().to_vec();
        for pixel in bytes.chunks_exact_mut(4).filter(|pixel| pixel[3] > 0) {
            let full = match image.alpha_type {
                ImageAlphaType::Alpha => 255.0,
                ImageAlphaType::AlphaPremultiplied => f32::from(pixel[3]),
            };
            let rgb = [0, 1, 2].map(|at| f32::from(pixel[at]) / full);
            for (at, part) in changed_rgb(colors, rgb).into_iter().enumerate() {
                pixel[at] = (part * full + 0.5) as u8;
            }
        }
        let changed = ImageData {
            data: Blob::from(bytes),
            ..image.clone()
        };
        let kept = self.0.iter().map(|(.., kept)| kept.data.data().len());
        if kept.sum::<usize>() + changed.data.data().len() > KEPT_BYTES {
            self.0.clear();
        }
        self.0.push((id, *colors, changed.clone()));
        changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyrender::filters::color_transformation::ColorMatrix;

    fn color(red: u8, green: u8, blue: u8) -> Color {
        Color::from_rgba8(red, green, blue, 255)
    }

    #[test]
    fn filters_of_colours_are_done_from_the_first_to_the_last() {
        let black = ColorMatrix::brightness(0.0).0;
        let inverted = ColorMatrix::invert(1.0).0;
        let both = product(&inverted, &black);
        assert_eq!(changed_color(&both, color(200, 9, 9)), color(255, 255, 255));
        let both = product(&black, &inverted);
        assert_eq!(changed_color(&both, color(200, 9, 9)), color(0, 0, 0));
    }

    #[test]
    fn pictures_are_changed_once_with_or_without_multiplied_alpha() {
        let inverted = ColorMatrix::invert(1.0).0;
        let mut recolored = Recolored::default();
        for (alpha_type, bytes, expect) in [
            (ImageAlphaType::Alpha, [255, 0, 51, 128], [0, 255, 204, 128]),
            (
                ImageAlphaType::AlphaPremultiplied,
                [128, 0, 28, 128],
                [0, 128, 100, 128],
            ),
            (ImageAlphaType::AlphaPremultiplied, [0; 4], [0; 4]),
        ] {
            let image = ImageData {
                data: Blob::from(bytes.to_vec()),
                format: ImageFormat::Rgba8,
                alpha_type,
                width: 1,
                height: 1,
            };
            let changed = recolored.of(&image, &inverted);
            assert_eq!(changed.data.data(), expect);
            let again = recolored.of(&image, &inverted);
            assert_eq!(again.data.id(), changed.data.id());
        }
    }

    #[test]
    fn lengths_are_those_of_the_view() {
        let blur = |css: f32, transform: Affine| match in_pixels(
            &FilterEffect::blur(css),
            transform,
            2.0,
            None,
        ) {
            Some(FilterEffect::GaussianBlur(blur)) => blur.std_deviation,
            _ => 0.0,
        };
        assert_eq!(blur(3.0, Affine::IDENTITY), 6.0);
        assert_eq!(blur(3.0, Affine::scale(3.0)), 18.0);
        assert_eq!(blur(0.0, Affine::IDENTITY), 0.0);
        assert_eq!(blur(1e9, Affine::IDENTITY), MAX_DEVIATION as f32);
    }
}
