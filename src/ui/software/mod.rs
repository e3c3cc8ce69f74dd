//! The window without a graphics card.
//!
//! Where OpenGL is drawn by the processor ([`driver`]), filling all triangles of a window anew takes
//! it several times longer than the rest of a frame. Here a frame is painted by code that knows what
//! windows are made of ([`raster`]), only where it differs from the last one ([`drawn`]), and OpenGL
//! gets one picture as large as the window, of which it shows what is not one colour all over
//! ([`tiles`]). With a graphics card, or started with `--opengl`, none of this is used.
//!
//! Pictures that egui hands out are kept here instead of there; what is more is one picture of the
//! window and the triangles of its last frame.

mod area;
mod drawn;
pub mod driver;
mod polygon;
mod raster;
mod texture;
mod tiles;

pub use driver::Graphics;
pub use tiles::Clear;

use area::Area;
use drawn::Frame;
use eframe::egui::epaint::{ClippedShape, ImageDelta, Mesh, TextureId};
use eframe::egui::{
    Color32, Context, FullOutput, Plugin, Rect, Shape, TextureOptions, TexturesDelta, pos2,
};
use raster::Canvas;
use std::collections::{HashMap, HashSet};
use texture::Texture;
use tiles::Tiles;

/// The texture with the whole window; egui numbers the ones it hands out by itself apart from these.
const WINDOW: TextureId = TextureId::User(0);

/// Paints the window of the context it is added to before its first frame.
#[derive(Debug)]
pub struct Software {
    textures: HashMap<TextureId, Texture>,
    /// Those with other texels than in the last frame.
    changed: HashSet<TextureId>,
    frame: Frame,
    canvas: Canvas,
    tiles: Tiles,
    clear: Option<Clear>,
    pixels_per_point: f32,
    background: Color32,
    /// Nothing of the last frame holds any more.
    is_stale: bool,
}

impl Default for Software {
    fn default() -> Self {
        Self {
            textures: HashMap::new(),
            changed: HashSet::new(),
            frame: Frame::default(),
            canvas: Canvas::new([0, 0]),
            tiles: Tiles::new([0, 0]),
            clear: None,
            pixels_per_point: 1.0,
            background: Color32::BLACK,
            is_stale: true,
        }
    }
}

impl Plugin for Software {
    fn debug_name(&self) -> &'static str {
        "software"
    }

    fn setup(&mut self, ctx: &Context) {
        // There is one canvas: a window of its own becomes one within this one.
        ctx.set_embed_viewports(true);
    }

    fn output_hook(&mut self, ctx: &Context, output: &mut FullOutput) {
        let given = &mut output.textures_delta;
        for (id, deltas) in given.set.drain() {
            deltas.into_iter().for_each(|delta| self.update(id, delta));
        }
        let freed: Vec<_> = given.free.drain().collect();
        let passes = output.platform_output.num_completed_passes;
        // As egui decides it: then this is laid out once more before anything of it is shown.
        let is_discarded = output.platform_output.requested_discard()
            && passes < ctx.options(|options| options.max_passes.get());
        if !is_discarded {
            let shapes = std::mem::take(&mut output.shapes);
            let (above, shapes) = shapes
                .into_iter()
                .filter(|clipped| clipped.shape != Shape::Noop)
                .partition(|clipped| matches!(clipped.shape, Shape::Callback(_)));
            self.draw(
                ctx,
                shapes,
                output.pixels_per_point,
                &mut output.textures_delta,
            );
            output.shapes = above;
            output.shapes.insert(0, self.shown(ctx.viewport_rect()));
        }
        for id in freed {
            self.textures.remove(&id);
        }
    }
}

impl Software {
    /// For a window that is filled with the colour of `clear` before each frame.
    #[must_use]
    pub fn over(clear: Clear) -> Self {
        Self {
            clear: Some(clear),
            ..Self::default()
        }
    }

    fn update(&mut self, id: TextureId, delta: ImageDelta) {
        // Letters are only added to the others, until they are all put together anew. What is drawn
        // of them is where they lie by shares of the picture of all of them.
        let is_letters = id == TextureId::default();
        match delta.pos {
            None => {
                self.is_stale |= is_letters;
                self.changed.insert(id);
                self.textures.insert(id, Texture::new(delta));
            }
            Some(at) => {
                if let Some(texture) = self.textures.get_mut(&id) {
                    texture.patch(at, &delta);
                }
                if !is_letters {
                    self.changed.insert(id);
                }
            }
        }
    }

    /// Paints the frame, and puts what is new of the window into `upload`.
    fn draw(
        &mut self,
        ctx: &Context,
        shapes: Vec<ClippedShape>,
        pixels_per_point: f32,
        upload: &mut TexturesDelta,
    ) {
        let size = ctx.viewport_rect().size() * pixels_per_point;
        // OpenGL takes no larger picture: a longer window, over several screens, gets it stretched.
        let longest = ctx.input(|input| input.max_texture_side).max(1);
        let size = [size.x, size.y].map(|side| (side.round() as usize).clamp(1, longest));
        let background = ctx.global_style().visuals.panel_fill;
        let is_new = size != self.canvas.size();
        if is_new {
            self.canvas = Canvas::new(size);
            self.tiles = Tiles::new(size);
        }
        let is_same = (pixels_per_point, background) == (self.pixels_per_point, self.background);
        (self.pixels_per_point, self.background) = (pixels_per_point, background);
        let is_stale = std::mem::take(&mut self.is_stale) || is_new || !is_same;
        if is_stale {
            self.frame = Frame::default();
        }
        let changed = std::mem::take(&mut self.changed);
        let mut areas = self.frame.renew(ctx, shapes, pixels_per_point, &changed);
        let all = Area::of(size);
        if is_stale {
            areas.add(all);
        }
        for area in areas.iter().map(|area| area.cut(all)) {
            if area.is_empty() {
                continue;
            }
            let other = self.paint(area);
            let area = if is_new { area } else { other };
            if area.is_empty() {
                continue;
            }
            let picture = self.canvas.copy(area);
            let delta = match is_new {
                true => ImageDelta::full(picture, TextureOptions::NEAREST),
                false => {
                    let at = area.min.map(|place| place as usize);
                    ImageDelta::partial(at, picture, TextureOptions::NEAREST)
                }
            };
            upload.push(WINDOW, delta);
        }
    }

    /// Paints `area`, which is inside, and gives the part of it that is other than it was.
    fn paint(&mut self, area: Area) -> Area {
        let (mut kept, mut other) = (vec![], Area::NOTHING);
        for band in tiles::bands(area) {
            self.canvas.keep(band, &mut kept);
            self.frame.paint(
                &mut self.canvas,
                band,
                self.background,
                self.pixels_per_point,
                &self.textures,
            );
            let part = self.tiles.renew(&self.canvas, band, &kept);
            other = match (other.is_empty(), part.is_empty()) {
                (_, true) => other,
                (true, false) => part,
                (false, false) => other.with(part),
            };
        }
        other
    }

    /// The picture of the window on its rectangle, where it is not what OpenGL began with.
    fn shown(&self, window: Rect) -> ClippedShape {
        let whole = Area::of(self.canvas.size());
        let begun = self.clear.as_ref().and_then(Clear::begun);
        let areas = begun.map_or_else(|| vec![whole], |colour| self.tiles.without(colour));
        if let Some(clear) = &self.clear {
            clear.want(self.tiles.most());
        }
        let mut mesh = Mesh::with_texture(WINDOW);
        let size = whole.max.map(|side| side as f32);
        for Area { min, max } in areas {
            let [from, to] = [min, max].map(|[x, y]| pos2(x as f32 / size[0], y as f32 / size[1]));
            let [first, last] = [from, to].map(|at| window.lerp_inside(at.to_vec2()));
            let (rect, uv) = (
                Rect::from_min_max(first, last),
                Rect::from_min_max(from, to),
            );
            mesh.add_rect_with_uv(rect, uv, Color32::WHITE);
        }
        ClippedShape::new(window, mesh)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use eframe::egui::epaint::RectShape;
    use eframe::egui::{
        CentralPanel, ColorImage, CornerRadius, RawInput, ScrollArea, Stroke, TextureHandle, Ui,
        vec2,
    };

    /// A window of 300 by 200 points.
    struct Window {
        ctx: Context,
        pixels_per_point: f32,
        size: [f32; 2],
        clear: Clear,
        /// As OpenGL has it.
        shown: ColorImage,
    }

    impl Window {
        fn new() -> Self {
            let (ctx, clear) = (Context::default(), Clear::default());
            ctx.add_plugin(Software::over(clear.clone()));
            ctx.all_styles_mut(|style| style.animation_time = 0.0);
            Self {
                ctx,
                pixels_per_point: 1.0,
                size: [300.0, 200.0],
                clear,
                shown: ColorImage::default(),
            }
        }

        /// The areas of the window that were handed over.
        fn frame(&mut self, mut ui: impl FnMut(&mut Ui)) -> Vec<Area> {
            let screen = Rect::from_min_size(pos2(0.0, 0.0), self.size.into());
            let mut input = RawInput {
                screen_rect: Some(screen),
                ..RawInput::default()
            };
            let root = input.viewports.entry(input.viewport_id).or_default();
            root.native_pixels_per_point = Some(self.pixels_per_point);
            let begun = self.clear.begin(Color32::RED);
            let mut output = self.ctx.run_ui(input, |root| {
                CentralPanel::default().show(root, |panel| ui(panel));
            });
            assert_eq!(output.shapes.len(), 1, "one picture and nothing else");
            let given = &mut output.textures_delta;
            let deltas = given.set.remove(&WINDOW).unwrap_or_default();
            assert!(given.is_empty(), "other pictures stay here: {given:?}");
            let areas = deltas.into_iter().map(|delta| self.take(delta)).collect();
            self.check_strips(&output.shapes[0].shape, begun);
            areas
        }

        /// What is shown of the picture on the colour that the frame began with is all of it.
        fn check_strips(&self, shape: &Shape, begun: Color32) {
            let Shape::Mesh(mesh) = shape else {
                panic!("no mesh: {shape:?}");
            };
            let mut seen = ColorImage::filled(self.shown.size, begun);
            for corners in mesh.vertices.chunks_exact(4) {
                let strip = Rect::from_min_max(corners[0].pos, corners[3].pos);
                let strip = Area::nearest(strip, self.pixels_per_point);
                for y in strip.min[1] as usize..strip.max[1] as usize {
                    for x in strip.min[0] as usize..strip.max[0] as usize {
                        seen[(x, y)] = self.shown[(x, y)];
                    }
                }
            }
            assert!(seen == self.shown, "something is left out");
        }

        fn take(&mut self, delta: ImageDelta) -> Area {
            let eframe::egui::ImageData::Color(image) = delta.image;
            let [left, top] = delta.pos.unwrap_or([0, 0]);
            let [width, height] = image.size;
            if delta.pos.is_none() {
                self.shown = (*image).clone();
            }
            for y in 0..height {
                for x in 0..width {
                    self.shown[(left + x, top + y)] = image[(x, y)];
                }
            }
            let [left, top, width, height] = [left, top, width, height].map(|n| n as i32);
            Area {
                min: [left, top],
                max: [left + width, top + height],
            }
        }

        /// A few frames of the same, until nothing moves.
        fn rest(&mut self, mut ui: impl FnMut(&mut Ui)) {
            (0..4).for_each(|_| {
                self.frame(&mut ui);
            });
        }
    }

    #[test]
    fn what_stays_is_not_painted_again() {
        let mut window = Window::new();
        let lines = |text: &'static str| {
            move |ui: &mut Ui| {
                ui.label("the first line, which stays as it is");
                ui.label(text);
                ui.label("the last line");
            }
        };
        assert_eq!(window.frame(lines("one")), [Area::of([300, 200])]);
        window.rest(lines("one"));
        assert_eq!(window.frame(lines("one")), []);
        let areas = window.frame(lines("two"));
        assert!(!areas.is_empty());
        for [width, height] in areas.into_iter().map(Area::size) {
            assert!(width < 60 && height < 30, "{width} x {height}");
        }
        assert_eq!(window.frame(lines("two")), []);
    }

    /// A page in one of its states.
    fn page(ui: &mut Ui, state: u32, picture: &mut Option<TextureHandle>) {
        let colour = Color32::from_rgb(200, (state * 40) as u8, 10);
        let image = ColorImage::filled([7, 5], colour);
        let options = TextureOptions::LINEAR;
        match picture {
            Some(picture) if state != 5 => picture.set(image, options),
            _ => *picture = Some(ui.ctx().load_texture("picture", image, options)),
        }
        ui.heading("A page");
        if state % 2 == 1 {
            ui.label("a line that comes and goes");
        }
        if let Some(picture) = picture {
            ui.image((picture.id(), vec2(40.0, 30.0)));
        }
        let rect = Rect::from_min_size(pos2(100.0 + 9.5 * state as f32, 60.0), vec2(60.0, 40.0));
        let painter = ui.painter();
        painter.rect_filled(rect, 8.0, colour.gamma_multiply(0.5));
        painter.circle_stroke(rect.center(), 31.3, Stroke::new(2.5, Color32::BLUE));
        ScrollArea::vertical().show(ui, |ui| {
            for n in state..20 + state {
                ui.label(format!("row {n} of many"));
            }
        });
    }

    #[test]
    fn a_window_that_changed_looks_as_one_that_was_always_so() {
        let (mut window, mut picture) = (Window::new(), None);
        for state in [0, 1, 2, 5, 4, 1, 3, 0] {
            window.pixels_per_point = if state == 4 { 1.5 } else { 1.0 };
            window.size = if state == 3 {
                [260.0, 210.0]
            } else {
                [300.0, 200.0]
            };
            window.rest(|ui| page(ui, state, &mut picture));
            let (mut fresh, mut own) = (Window::new(), None);
            fresh.pixels_per_point = window.pixels_per_point;
            fresh.size = window.size;
            fresh.rest(|ui| page(ui, state, &mut own));
            assert_eq!(window.shown.size, fresh.shown.size);
            let pairs = window.shown.pixels.iter().zip(&fresh.shown.pixels);
            let other = pairs.filter(|(a, b)| a != b).count();
            assert_eq!(other, 0, "pixels that are other in state {state}");
            assert!(window.shown.pixels.iter().all(|pixel| pixel.is_opaque()));
        }
    }

    #[test]
    fn a_window_longer_than_opengl_takes_gets_a_smaller_picture() {
        let ctx = Context::default();
        ctx.add_plugin(Software::default());
        let longest = ctx.input(|input| input.max_texture_side);
        let size = vec2(longest as f32 + 500.0, 40.0);
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(pos2(0.0, 0.0), size)),
            ..RawInput::default()
        };
        let mut output = ctx.run_ui(input, |ui| {
            ui.label("a line");
        });
        let given = output.textures_delta.set.remove(&WINDOW);
        let sizes = given.into_iter().flatten().map(|delta| delta.image.size());
        assert_eq!(sizes.collect::<Vec<_>>(), [[longest, 40]]);
    }

    #[test]
    fn a_picture_with_round_corners_keeps_its_pixels() {
        let mut window = Window::new();
        window.size = [1100.0, 760.0];
        let (at, size) = ([37, 41], [1013, 677]);
        let noise = |n: usize| (n as u32).wrapping_mul(2_654_435_761).to_be_bytes();
        let pixels = (0..size[0] * size[1]).map(noise);
        let pixels = pixels.map(|[red, green, blue, _]| Color32::from_rgb(red, green, blue));
        let image = ColorImage::new(size, pixels.collect());
        let mut texture = None;
        window.rest(|ui| {
            let load = || {
                ui.ctx()
                    .load_texture("card", image.clone(), TextureOptions::NEAREST)
            };
            let texture = texture.get_or_insert_with(load);
            let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
            let [at, size] = [at, size].map(|pair| pair.map(|side| side as f32));
            let rect = Rect::from_min_size(at.into(), size.into());
            let shape = RectShape::filled(rect, CornerRadius::same(12), Color32::WHITE);
            ui.painter().add(shape.with_texture(texture.id(), whole));
        });
        // Where corners and edges do not go over into what is around.
        for y in 1..size[1] - 1 {
            let inset = if (12..size[1] - 12).contains(&y) {
                1
            } else {
                12
            };
            for x in inset..size[0] - inset {
                let pixel = window.shown[(at[0] + x, at[1] + y)];
                assert_eq!(pixel, image[(x, y)], "{x}, {y}");
            }
        }
    }

    #[test]
    fn a_pass_that_is_not_shown_paints_nothing() {
        let mut window = Window::new();
        let mut passes = 0;
        window.frame(|ui| {
            passes += 1;
            ui.label(format!("pass {passes}"));
            if passes == 1 {
                ui.ctx().request_discard("a test");
            }
        });
        assert_eq!(passes, 2);
        let seen = window.shown.clone();
        let areas = window.frame(|ui| {
            ui.label("pass 2");
        });
        assert_eq!(areas, []);
        assert_eq!(seen, window.shown);
    }
}
