//! What the last frame was made of: shapes, each with its triangles, so that the next frame only
//! makes those of what is new, and tells where something is other than it was.

use super::area::{Area, Areas};
use super::raster::Canvas;
use super::texture::Texture;
use eframe::egui::epaint::{ClippedPrimitive, ClippedShape, Mesh, Primitive, TextShape};
use eframe::egui::{Color32, Context, Shape, TextureId};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// How far ahead a shape is looked for among those of the last frame, when others went before it.
const REACH: usize = 64;

/// One shape of a frame.
#[derive(Debug)]
struct Drawn {
    shape: ClippedShape,
    /// With what each is cut to.
    meshes: Vec<(Area, Mesh)>,
    /// All that it can have painted.
    area: Area,
}

/// All shapes of a frame, in the order in which they are painted.
#[derive(Debug, Default)]
pub struct Frame(Vec<Drawn>);

impl Frame {
    /// Takes the next frame in, and gives the areas where it is other than the last one. `changed`
    /// are textures that have other texels now.
    pub fn renew(
        &mut self,
        ctx: &Context,
        shapes: Vec<ClippedShape>,
        pixels_per_point: f32,
        changed: &HashSet<TextureId>,
    ) -> Areas {
        let mut areas = Areas::default();
        let both = self.0.iter().rev().zip(shapes.iter().rev());
        let tail = both
            .take_while(|(old, new)| is_same(&old.shape, new))
            .count();
        let ended = shapes.len() - tail;
        let mut kept = self.0.split_off(self.0.len() - tail).into_iter();
        let mut old = std::mem::take(&mut self.0).into_iter();
        for (n, shape) in shapes.into_iter().enumerate() {
            if n >= ended {
                self.0.extend(kept.next());
                continue;
            }
            let ahead = old.as_slice().iter().take(REACH);
            let found = ahead
                .map(|old| &old.shape)
                .position(|old| is_same(old, &shape));
            if let Some(gone) = found {
                old.by_ref().take(gone).for_each(|old| areas.add(old.area));
                self.0.extend(old.next());
            } else {
                let drawn = Drawn::new(ctx, shape, pixels_per_point);
                areas.add(drawn.area);
                self.0.push(drawn);
            }
        }
        old.for_each(|old| areas.add(old.area));
        for drawn in self.0.iter().filter(|drawn| drawn.uses(changed)) {
            areas.add(drawn.area);
        }
        areas
    }

    /// Paints everything in `area` anew.
    pub fn paint(
        &self,
        canvas: &mut Canvas,
        area: Area,
        background: Color32,
        pixels_per_point: f32,
        textures: &HashMap<TextureId, Texture>,
    ) {
        canvas.clear(area, background);
        for drawn in self.0.iter().filter(|drawn| drawn.area.meets(area)) {
            for (clip, mesh) in &drawn.meshes {
                let area = area.cut(*clip);
                if let Some(texture) = textures.get(&mesh.texture_id)
                    && !area.is_empty()
                {
                    canvas.paint(mesh, pixels_per_point, area, texture);
                }
            }
        }
    }
}

impl Drawn {
    fn new(ctx: &Context, shape: ClippedShape, pixels_per_point: f32) -> Self {
        let mut meshes = vec![];
        let mut area: Option<Area> = None;
        for part in ctx.tessellate(vec![shape.clone()], pixels_per_point) {
            let ClippedPrimitive {
                clip_rect,
                primitive: Primitive::Mesh(mesh),
            } = part
            else {
                continue;
            };
            let clip = Area::nearest(clip_rect, pixels_per_point);
            let seen = clip.cut(Area::around(mesh.calc_bounds(), pixels_per_point));
            if !seen.is_empty() {
                area = Some(area.map_or(seen, |area| area.with(seen)));
                meshes.push((clip, mesh));
            }
        }
        Self {
            shape,
            meshes,
            area: area.unwrap_or(Area::NOTHING),
        }
    }

    fn uses(&self, textures: &HashSet<TextureId>) -> bool {
        let mut meshes = self.meshes.iter();
        !textures.is_empty() && meshes.any(|(_, mesh)| textures.contains(&mesh.texture_id))
    }
}

/// Whether both paint the same.
fn is_same(a: &ClippedShape, b: &ClippedShape) -> bool {
    let ClippedShape {
        clip_rect,
        shape,
        transform_after_tessellation,
    } = a;
    *clip_rect == b.clip_rect
        && *transform_after_tessellation == b.transform_after_tessellation
        && match (shape, &b.shape) {
            (Shape::Text(a), Shape::Text(b)) => is_same_text(a, b),
            (a, b) => a == b,
        }
}

/// egui keeps the layout of a text for as long as it is shown: the texts need not be read.
fn is_same_text(a: &TextShape, b: &TextShape) -> bool {
    let TextShape {
        pos,
        galley,
        underline,
        fallback_color,
        override_text_color,
        opacity_factor,
        angle,
    } = a;
    *pos == b.pos
        && *underline == b.underline
        && *fallback_color == b.fallback_color
        && *override_text_color == b.override_text_color
        && *opacity_factor == b.opacity_factor
        && *angle == b.angle
        && (Arc::ptr_eq(galley, &b.galley) || galley == &b.galley)
}
