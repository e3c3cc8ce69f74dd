//! Polygons that come as fans, as egui fills whatever has round corners: a corner, and a triangle to
//! it from each side of the outline. The triangles of a large rectangle are as high as it and mostly
//! narrower than a pixel, so that finding out what lies in each takes longer than all of its pixels.

use super::area::Area;
use super::raster::{Side, first_centre};
use eframe::egui::Pos2;
use eframe::egui::epaint::Vertex;
use std::ops::Range;

/// Fewer triangles are as fast one by one.
const LEAST: usize = 4;

/// Square pixels by which a corner may point inwards: what rounding makes of points in a line.
const STRAIGHT: f32 = 0.01;

/// How many triangles `indices` begin with that are a fan around one corner; one and no more if it
/// is not worth telling.
pub fn fan(indices: &[u32]) -> usize {
    let (triangles, _) = indices.as_chunks::<3>();
    let follow = |is_next: fn(&[u32; 3], &[u32; 3]) -> bool| {
        let pairs = triangles.windows(2);
        let more = pairs.take_while(|pair| is_next(&pair[0], &pair[1])).count();
        if more + 1 < LEAST { 1 } else { more + 1 }
    };
    // With one colour, and with a picture.
    let plain = follow(|a, b| (b[0], b[1]) == (a[0], a[2]));
    plain.max(follow(|a, b| (b[1], b[0]) == (a[1], a[2])))
}

/// The corners of [`fan`]s triangles in the order of the outline.
pub fn outline(fan: &[u32]) -> impl Iterator<Item = u32> {
    let (triangles, _) = fan.as_chunks::<3>();
    let first = triangles.first().copied().unwrap_or_default();
    // Which of the two comes first is told by where the second triangle has it.
    let is_plain = triangles.get(1).is_some_and(|next| next[0] == first[0]);
    let [start, second] = if is_plain {
        [first[0], first[1]]
    } else {
        [first[1], first[0]]
    };
    let others = triangles.iter().map(|triangle| triangle[2]);
    [start, second].into_iter().chain(others)
}

/// The three corners of the largest triangle of a fan, if all of its triangles together are a polygon
/// without corners that point inwards, in one tint.
pub fn largest(corners: &[Vertex]) -> Option<[Vertex; 3]> {
    let (first, others) = corners
        .split_first()
        .filter(|(_, others)| !others.is_empty())?;
    let is_one_tint = others.iter().all(|corner| corner.color == first.color);
    // The furthest to the left and to the right.
    let mut turns = [0.0_f32; 2];
    for n in 0..corners.len() {
        let next = |by: usize| corners[(n + by) % corners.len()].pos;
        let turn = twice(next(0), next(1), next(2));
        turns = [turns[0].min(turn), turns[1].max(turn)];
    }
    let mut most = (0.0, None);
    for (a, b) in others.iter().zip(&others[1..]) {
        let area = twice(first.pos, a.pos, b.pos);
        turns = [turns[0].min(area), turns[1].max(area)];
        if area.abs() > most.0 {
            most = (area.abs(), Some([*first, *a, *b]));
        }
    }
    let is_somewhere = corners.iter().all(|corner| corner.pos.is_finite());
    let is_round = turns[0] > -STRAIGHT || turns[1] < STRAIGHT;
    most.1.filter(|_| is_one_tint && is_somewhere && is_round)
}

/// Twice the area of a triangle, negative where it turns to the left.
fn twice(a: Pos2, b: Pos2, c: Pos2) -> f32 {
    (b.x - a.x) * (c.y - a.y) - (c.x - a.x) * (b.y - a.y)
}

/// The pixels of a polygon as in [`largest`] within `area`: for each row those that have their centres
/// in it.
pub fn rows(corners: &[Vertex], area: Area) -> impl Iterator<Item = (i32, Range<i32>)> {
    let height = area.size()[1];
    let mut ends = vec![[f32::INFINITY, f32::NEG_INFINITY]; height];
    for n in 0..corners.len() {
        let [from, to] = Side::ends([corners[n].pos, corners[(n + 1) % corners.len()].pos]);
        let side = Side::new((from, to));
        let rows = first_centre(from.y).max(area.min[1])..first_centre(to.y).min(area.max[1]);
        for y in rows {
            let at = side.at(y as f32 + 0.5);
            let row = &mut ends[y.abs_diff(area.min[1]) as usize];
            *row = [row[0].min(at), row[1].max(at)];
        }
    }
    (area.min[1]..)
        .zip(ends)
        .filter_map(move |(y, [one, other])| {
            let from = first_centre(one).max(area.min[0]);
            let to = first_centre(other).min(area.max[0]);
            (from < to).then_some((y, from..to))
        })
}

#[cfg(test)]
mod tests {
    use super::super::raster::Canvas;
    use super::super::texture::Texture;
    use super::*;
    use eframe::egui::epaint::{ImageDelta, Mesh, Vertex};
    use eframe::egui::{Color32, ColorImage, TextureOptions, Vec2, pos2, vec2};

    const SIDE: usize = 64;
    const HALF: Color32 = Color32::from_rgba_premultiplied(40, 60, 80, 128);

    /// Triangles of one colour between `corners`.
    fn mesh(corners: &[Pos2], triangles: &[[u32; 3]]) -> Mesh {
        let mut mesh = Mesh::default();
        for &at in corners {
            mesh.colored_vertex(at, HALF);
        }
        mesh.indices.extend(triangles.as_flattened());
        mesh
    }

    fn painted(mesh: &Mesh, texture: &Texture) -> Vec<Color32> {
        let mut canvas = Canvas::new([SIDE, SIDE]);
        // In pieces, as windows are painted.
        for top in [0, 23, 40] {
            let area = Area {
                min: [3, top],
                max: [
                    61,
                    [23, 40, 64][usize::from(top > 0) + usize::from(top > 23)],
                ],
            };
            canvas.paint(mesh, 1.0, area, texture);
        }
        canvas.copy(Area::of([SIDE, SIDE])).pixels
    }

    /// A picture in which each texel is another.
    fn picture() -> Texture {
        let pixels = (0..SIDE * SIDE).map(|n| Color32::from_rgb(n as u8, (n / 61) as u8, 9));
        let image = ColorImage::new([SIDE, SIDE], pixels.collect());
        Texture::new(ImageDelta::full(image, TextureOptions::NEAREST))
    }

    fn white() -> Texture {
        let image = ColorImage::filled([1, 1], Color32::WHITE);
        Texture::new(ImageDelta::full(image, TextureOptions::LINEAR))
    }

    /// The triangles of a fan in both orders that egui has, and in one that is found by nothing.
    fn orders(count: u32) -> [Vec<[u32; 3]>; 3] {
        [
            (2..count).map(|n| [0, n - 1, n]).collect(),
            (2..count).map(|n| [n - 1, 0, n]).collect(),
            (2..count).map(|n| [n, n - 1, 0]).collect(),
        ]
    }

    #[test]
    fn fans_are_told_from_other_triangles() {
        let [plain, textured, none] = orders(9).map(|order| order.as_flattened().to_vec());
        assert_eq!(
            [&plain, &textured, &none].map(|order| fan(order)),
            [7, 7, 1]
        );
        for order in [&plain, &textured] {
            let corners: Vec<u32> = outline(order).collect();
            assert_eq!(corners, (0..9).collect::<Vec<_>>());
            assert_eq!(fan(&order[..9]), 1, "too few");
            // Another one begins.
            let mut two = order.clone();
            two.extend(order.iter().map(|index| index + 9));
            assert_eq!(fan(&two), 7);
        }
        assert_eq!(fan(&[]), 1);
    }

    #[test]
    fn a_polygon_has_the_pixels_of_its_triangles() {
        for (n, radius) in [11.0, 24.5, 29.0].into_iter().enumerate() {
            // A rectangle with round corners, and one that is turned a little.
            let corners = (0..36).map(|corner| {
                let turn = (corner + n / 2) as f32 * std::f32::consts::TAU / 36.0;
                let quarter = [[1.0, 1.0], [-1.0, 1.0], [-1.0, -1.0], [1.0, -1.0]][corner / 9];
                let out = vec2(quarter[0], quarter[1]) * (30.0 - radius);
                pos2(31.9, 32.2) + out + radius * Vec2::angled(turn)
            });
            let corners: Vec<Pos2> = corners.collect();
            let [plain, textured, none] = orders(36).map(|order| mesh(&corners, &order));
            let wanted = painted(&none, &white());
            let inside = wanted.iter().filter(|pixel| **pixel != Color32::BLACK);
            assert!(inside.count() > 2000);
            assert!(painted(&plain, &white()) == wanted, "{radius}");
            assert!(painted(&textured, &white()) == wanted, "{radius}");

            let [plain, textured, none] = [plain, textured, none].map(|mut mesh| {
                for Vertex { pos, uv, color } in &mut mesh.vertices {
                    *uv = ((pos.to_vec2() + vec2(0.0, 1.0)) / SIDE as f32).to_pos2();
                    *color = Color32::WHITE;
                }
                mesh
            });
            let wanted = painted(&none, &picture());
            assert!(painted(&plain, &picture()) == wanted, "{radius}");
            assert!(painted(&textured, &picture()) == wanted, "{radius}");
        }
    }

    #[test]
    fn what_is_no_polygon_is_painted_by_its_triangles() {
        let round = |n: usize| {
            let turn = n as f32 * std::f32::consts::TAU / 12.0;
            pos2(32.0, 32.0) + 28.0 * Vec2::angled(turn)
        };
        let corners: Vec<Pos2> = (0..12).map(round).collect();
        let mut dented = corners.clone();
        dented[6] = pos2(32.0, 30.0);
        let mut lost = corners.clone();
        lost[4] = pos2(f32::NAN, 5.0);
        // Twice around.
        let star = (0..12).map(|n| round(n * 5)).collect();
        for corners in [dented, lost, star] {
            let [plain, _, none] = orders(12).map(|order| mesh(&corners, &order));
            assert!(painted(&plain, &white()) == painted(&none, &white()));
        }
        let [plain, _, none] = orders(12).map(|order| {
            let mut mesh = mesh(&corners, &order);
            mesh.vertices[7].color = Color32::RED;
            mesh
        });
        assert!(painted(&plain, &white()) == painted(&none, &white()));
        // A corner that has another part of the picture than the others say.
        let [plain, _, none] = orders(12).map(|order| {
            let mut mesh = mesh(&corners, &order);
            for vertex in &mut mesh.vertices {
                vertex.uv = (vertex.pos.to_vec2() / SIDE as f32).to_pos2();
            }
            mesh.vertices[7].uv = pos2(0.9, 0.1);
            mesh
        });
        assert!(painted(&plain, &picture()) == painted(&none, &picture()));
    }
}
