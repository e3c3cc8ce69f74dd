//! What style sheets hide and the engine would paint: boxes of which a clip path leaves nothing,
//! and those that are turned away in space, as the back of a card that flips. A mask through which
//! nothing is seen hides them, since it comes at once even where changes are to take time.

use super::mend::give_back;
use blitz_dom::{BaseDocument, Node, NodeId, parse_transform_matrix};
use std::collections::HashSet;

const NOTHING: &str = "linear-gradient(transparent, transparent)";

/// What is hidden on a page.
#[derive(Default)]
pub(super) struct Unseen(HashSet<NodeId>);

impl Unseen {
    /// Of a page that is laid out. True when anything was hidden or shown again.
    pub fn hide(&mut self, document: &mut BaseDocument, content: NodeId) -> bool {
        let hidden = hidden(document, content);
        for &id in hidden.difference(&self.0) {
            document.set_style_property(id, "mask-image", NOTHING);
        }
        for &id in self.0.difference(&hidden) {
            give_back(document, id, "mask-image");
        }
        let changed = hidden != self.0;
        self.0 = hidden;
        changed
    }
}

fn hidden(document: &BaseDocument, content: NodeId) -> HashSet<NodeId> {
    let mut found = HashSet::new();
    let mut todo = vec![(content, Turn::NONE)];
    while let Some((id, around)) = todo.pop() {
        let Some(node) = document.get_node(id) else {
            continue;
        };
        let style = node.primary_styles();
        let Some(style) = style.filter(|_| node.element_data().is_some()) else {
            continue;
        };
        let mut turn = Turn::NONE;
        if !node.is_non_atomic_inline() {
            let transforms = !style.get_box().transform.0.is_empty();
            turn = Turn::of(document, id, transforms).within(&around);
            let keeps = turn.is_in_space()
                && document.resolved_style_value(id, "transform-style") == "preserve-3d"
                && has_elements(document, node);
            let faces_away = turn.is_in_space() && {
                let back = document.resolved_style_value(id, "backface-visibility");
                turn.is_edge() && !keeps || turn.shows_back() && back == "hidden"
            };
            if faces_away || clips_all(document, node) {
                found.insert(id);
            }
            if !keeps {
                turn = Turn::NONE;
            }
        }
        todo.extend(node.children.iter().map(|&child| (child, turn)));
    }
    found
}

fn has_elements(document: &BaseDocument, node: &Node) -> bool {
    let mut children = node.children.iter();
    children.any(|&child| {
        let child = document.get_node(child);
        child.is_some_and(|child| child.element_data().is_some())
    })
}

/// How the plane of an element lies in space: its transform without moves.
#[derive(Clone, Copy)]
struct Turn {
    /// As CSS counts: rows are what becomes of x, y and z.
    rows: [[f64; 3]; 3],
}

impl Turn {
    const NONE: Self = Self {
        rows: [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
    };

    /// What an element says itself.
    fn of(document: &BaseDocument, id: NodeId, transforms: bool) -> Self {
        let own = match transforms {
            true => Self::parsed(&document.resolved_style_value(id, "transform")),
            false => Self::NONE,
        };
        let rotate = document.resolved_style_value(id, "rotate");
        own.within(&Self::parsed(&rotation(&rotate)))
    }

    fn parsed(transform: &str) -> Self {
        if matches!(transform, "" | "none") {
            return Self::NONE;
        }
        let Some((m, _)) = parse_transform_matrix(transform) else {
            return Self::NONE;
        };
        Self {
            rows: [[m[0], m[1], m[2]], [m[4], m[5], m[6]], [m[8], m[9], m[10]]],
        }
    }

    /// This, and then `outer`.
    fn within(&self, outer: &Self) -> Self {
        let mut rows = [[0.0; 3]; 3];
        for (row, own) in rows.iter_mut().zip(self.rows) {
            for (column, cell) in row.iter_mut().enumerate() {
                *cell = (0..3).map(|at| own[at] * outer.rows[at][column]).sum();
            }
        }
        Self { rows }
    }

    /// Out of the plane of the screen, which the engine knows nothing of.
    fn is_in_space(&self) -> bool {
        let [[_, _, a], [_, _, b], z] = self.rows;
        [a, b, z[0], z[1], z[2] - 1.0]
            .iter()
            .any(|c| c.abs() > LEAST)
    }

    /// The area of what was a square of 1, negative when it is mirrored.
    fn area(&self) -> f64 {
        self.minor(0, 1)
    }

    fn volume(&self) -> f64 {
        let depth = self.rows[2];
        self.minor(1, 2) * depth[0] - self.minor(0, 2) * depth[1] + self.minor(0, 1) * depth[2]
    }

    /// Of two columns of the first two rows.
    fn minor(&self, one: usize, other: usize) -> f64 {
        let [x, y, _] = self.rows;
        x[one] * y[other] - x[other] * y[one]
    }

    /// Nothing is seen of a plane from its edge, nor of one that is scaled to nothing.
    fn is_edge(&self) -> bool {
        self.area().abs() < LEAST || self.volume().abs() < LEAST
    }

    /// Its back is to be seen: the axis that stood out of it points away.
    fn shows_back(&self) -> bool {
        self.area() * self.volume() < 0.0
    }
}

/// The engine writes matrices with six digits.
const LEAST: f64 = 1e-5;

/// The property `rotate` as a transform: `x 90deg`, `1 0 0 90deg`, `90deg`.
fn rotation(rotate: &str) -> String {
    let words: Vec<&str> = rotate.split_whitespace().collect();
    match words.as_slice() {
        ["x", angle] => format!("rotateX({angle})"),
        ["y", angle] => format!("rotateY({angle})"),
        [x, y, z, angle] => format!("rotate3d({x}, {y}, {z}, {angle})"),
        // In the plane, or none.
        _ => String::new(),
    }
}

/// True for `inset()` that leaves nothing, which the engine takes for no clip path at all.
fn clips_all(document: &BaseDocument, node: &Node) -> bool {
    let clip = document.resolved_style_value(node.id, "clip-path");
    let Some(inner) = clip.strip_prefix("inset(") else {
        return false;
    };
    let size = node.final_layout().size;
    let (width, height) = (f64::from(size.width), f64::from(size.height));
    let sides = lengths(inner);
    let (top, right, bottom, left) = match sides.as_slice() {
        [all] => (all, all, all, all),
        [block, line] => (block, line, block, line),
        [top, line, bottom] => (top, line, bottom, line),
        [top, right, bottom, left] => (top, right, bottom, left),
        _ => return false,
    };
    left.of(width) + right.of(width) >= width || top.of(height) + bottom.of(height) >= height
}

/// A length with a part of another one.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Length {
    pixels: f64,
    percent: f64,
}

impl Length {
    fn of(&self, whole: f64) -> f64 {
        self.pixels + self.percent / 100.0 * whole
    }
}

/// The lengths at the start of what stands in `inset()`, as the engine writes them: `5px`, `50%`,
/// `calc(50% - 5px)`. None when there are others.
fn lengths(inner: &str) -> Vec<Length> {
    let spaced = inner.replace('(', " ( ").replace(')', " ) ");
    let mut words = spaced.split_whitespace();
    let mut found = Vec::new();
    let mut sum: Option<(Length, f64)> = None;
    while let Some(word) = words.next() {
        match (word, &mut sum) {
            ("calc", None) if words.next() == Some("(") => sum = Some((Length::default(), 1.0)),
            (")", Some((length, _))) => {
                found.push(*length);
                sum = None;
            }
            ("+", Some((_, sign))) => *sign = 1.0,
            ("-", Some((_, sign))) => *sign = -1.0,
            (")" | "round", None) => break,
            (word, sum) => {
                let Some(length) = length(word) else {
                    return Vec::new();
                };
                match sum {
                    Some((all, sign)) => {
                        all.pixels += *sign * length.pixels;
                        all.percent += *sign * length.percent;
                    }
                    None => found.push(length),
                }
            }
        }
    }
    found
}

fn length(word: &str) -> Option<Length> {
    let number = |ending: &str| word.strip_suffix(ending)?.parse::<f64>().ok();
    let pixels = number("px").map(|pixels| Length {
        pixels,
        percent: 0.0,
    });
    pixels.or_else(|| {
        number("%").map(|percent| Length {
            pixels: 0.0,
            percent,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faces(transform: &str) -> (bool, bool) {
        let turn = Turn::parsed(transform);
        (turn.is_in_space() && turn.is_edge(), turn.shows_back())
    }

    #[test]
    fn planes_are_seen_from_the_front_from_the_back_or_not_at_all() {
        for (transform, edge, back) in [
            ("none", false, false),
            ("rotate(90deg)", false, false),
            ("scaleX(-1)", false, false),
            ("rotateY(60deg)", false, false),
            ("rotateY(90deg)", true, false),
            ("rotateX(-90deg)", true, false),
            ("scale3d(0, 0, 0)", true, false),
            ("rotateY(180deg)", false, true),
            ("rotateX(180deg) rotateY(180deg)", false, false),
            ("translate3d(5px, 0, 9px)", false, false),
        ] {
            let found = faces(transform);
            assert_eq!(found.0, edge, "{transform}");
            assert_eq!(!found.0 && found.1, back, "{transform}");
        }
        let twice = Turn::parsed("rotateY(180deg)").within(&Turn::parsed("rotateY(180deg)"));
        assert!(!twice.shows_back() && !twice.is_in_space());
    }

    #[test]
    fn rotations_are_known_as_the_engine_writes_them() {
        assert_eq!(rotation("y 180deg"), "rotateY(180deg)");
        assert_eq!(rotation("1 1 0 45deg"), "rotate3d(1, 1, 0, 45deg)");
        for flat in ["none", "45deg"] {
            assert_eq!(rotation(flat), "");
        }
    }

    #[test]
    fn insets_are_read_as_far_as_they_are_known() {
        let of = |inner: &str| -> Vec<f64> {
            let all = lengths(inner);
            all.iter().map(|length| length.of(200.0)).collect()
        };
        assert_eq!(of("50%)"), [100.0]);
        assert_eq!(of("0px 100% 5px 0px)"), [0.0, 200.0, 5.0, 0.0]);
        assert_eq!(of("1px 2px round 3px) padding-box"), [1.0, 2.0]);
        assert_eq!(of("calc(50% - 5px) calc(5px + 10%))"), [95.0, 25.0]);
        assert_eq!(of("calc(100% - -5px))"), [205.0]);
        assert!(of("max(5px, 50%))").is_empty());
    }
}
