//! What the last frame was made of: shapes, each with its triangles, so that the next frame only
//! makes those of what is new, and tells where something is other than it was.

use super::area::{Area, Areas};
use super::raster::Canvas;
use super::texture::Texture;
use eframe::egui::epaint::{ClippedPrimitive, ClippedShape, Mesh, Primitive, TextShape};
use eframe::egui::{Color32, Context, Rect, Shape, TextureId};
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
            let seen = clip.cut(painted_by(&mesh, pixels_per_point));
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

/// Every pixel that `mesh` can change. Edges fade out over a pixel from its centre to that of the next
/// one, of which nothing is seen; with it, all that lies around a card would be painted with the card.
fn painted_by(mesh: &Mesh, pixels_per_point: f32) -> Area {
    let (mut all, mut seen) = (Rect::NOTHING, Rect::NOTHING);
    for vertex in &mesh.vertices {
        all.extend_with(vertex.pos);
        if vertex.color != Color32::TRANSPARENT {
            seen.extend_with(vertex.pos);
        }
    }
    let mut area = Area::around(all, pixels_per_point);
    let faded = Area::within(all, pixels_per_point);
    for axis in [0, 1] {
        if all.min[axis] < seen.min[axis] {
            area.min[axis] = faded.min[axis];
        }
        if all.max[axis] > seen.max[axis] {
            area.max[axis] = faded.max[axis];
        }
    }
    area
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

#[cfg(test)]
mod tests {
    use super::*;
    use eframe::egui::{CornerRadius, RawInput, pos2, vec2};

    #[test]
    fn edges_that_fade_out_change_nothing_around_them() {
        let ctx = Context::default();
        // Letters are put together in the first frame.
        let mut output = ctx.run_ui(RawInput::default(), |_| {});
        output.textures_delta.clear();
        let area = |pixels_per_point: f32, rect: Rect, radius: u8| {
            let radius = CornerRadius::same(radius);
            let shape = ClippedShape::new(
                Rect::EVERYTHING,
                Shape::rect_filled(rect, radius, Color32::RED),
            );
            Drawn::new(&ctx, shape, pixels_per_point).area
        };
        let rect = Rect::from_min_size(pos2(10.0, 20.0), vec2(60.0, 40.0));
        for radius in [0, 11] {
            for scale in [1, 2] {
                let (min, max) = ([10, 20], [70, 60]);
                let wanted = Area {
                    min: min.map(|side| side * scale),
                    max: max.map(|side| side * scale),
                };
                assert_eq!(
                    area(scale as f32, rect, radius),
                    wanted,
                    "{radius} at {scale}"
                );
            }
        }
    }
}
