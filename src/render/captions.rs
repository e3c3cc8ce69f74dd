//! Captions of tables, which the engine leaves out: they hang above or below their table (see the
//! style sheet), which keeps room for them by its margin.

use super::mend::{all_within, give_back, pixels};
use blitz_dom::{BaseDocument, NodeId, local_name};
use std::collections::HashMap;

/// An attribute of tables with a caption.
pub(super) const CAPTIONED: &str = "data-engram-captioned";

/// Tables that keep room.
#[derive(Default)]
pub(super) struct Captions(HashMap<NodeId, Room>);

#[derive(Clone, PartialEq)]
struct Room {
    caption: NodeId,
    /// Where it is kept, and the margin that the table has there of its own. CSS pixels.
    side: Side,
    own: f32,
    height: f32,
}

#[derive(Clone, Copy, PartialEq)]
enum Side {
    Top,
    Bottom,
    /// The table is none to the engine: its caption is a block like others.
    Within,
}

impl Side {
    fn margin(self) -> Option<&'static str> {
        match self {
            Self::Top => Some("margin-top"),
            Self::Bottom => Some("margin-bottom"),
            Self::Within => None,
        }
    }
}

impl Captions {
    /// On a page that is laid out; true when it must be laid out again.
    pub fn place(&mut self, document: &mut BaseDocument, content: NodeId) -> bool {
        let wanted = self.wanted(document, content);
        let changed = wanted != self.0;
        for (table, room) in &self.0 {
            if wanted.get(table).is_none_or(|now| now.side != room.side) {
                if let Some(margin) = room.side.margin() {
                    give_back(document, *table, margin);
                }
                give_back(document, *table, "overflow");
                for property in ["position", "top", "bottom"] {
                    give_back(document, room.caption, property);
                }
            }
        }
        for (table, room) in &wanted {
            if self.0.get(table) == Some(room) {
                continue;
            }
            match room.side {
                Side::Top => {}
                Side::Bottom => {
                    document.set_style_property(room.caption, "top", "100%");
                    document.set_style_property(room.caption, "bottom", "auto");
                }
                Side::Within => document.set_style_property(room.caption, "position", "static"),
            }
            if let Some(margin) = room.side.margin() {
                let wide = format!("{}px", room.own + room.height);
                document.set_style_property(*table, margin, &wide);
                // Which is to round corners, and would hide what hangs at the table.
                document.set_style_property(*table, "overflow", "visible");
            }
        }
        self.0 = wanted;
        changed
    }

    fn wanted(&self, document: &BaseDocument, content: NodeId) -> HashMap<NodeId, Room> {
        let mut found = HashMap::new();
        for (id, node) in all_within(document, content) {
            let is_captioned = node.element_data().is_some_and(|element| {
                let mut attrs = element.attrs().iter();
                attrs.any(|attr| &*attr.name.local == CAPTIONED)
            });
            if is_captioned {
                found.extend(self.room(document, id).map(|room| (id, room)));
            }
        }
        found
    }

    fn room(&self, document: &BaseDocument, table: NodeId) -> Option<Room> {
        let mut children = document.get_node(table)?.children.iter();
        let (caption, node) = children.find_map(|&child| {
            let node = document.get_node(child)?;
            let is_caption = node.data.is_element_with_tag_name(&local_name!("caption"));
            // What is not shown has no style yet.
            (is_caption && node.primary_styles().is_some()).then_some((child, node))
        })?;
        let is =
            |id, property: &str, value: &str| document.resolved_style_value(id, property) == value;
        if is(caption, "display", "none") {
            return None;
        }
        let side = match document.resolved_style_value(table, "display").as_str() {
            "table" | "inline-table" if is(caption, "caption-side", "bottom") => Side::Bottom,
            "table" | "inline-table" => Side::Top,
            _ => Side::Within,
        };
        let pixels = |id, property: &str| pixels(document, id, property).unwrap_or_default();
        let known = self.0.get(&table).filter(|known| known.side == side);
        let own = match (known, side.margin()) {
            (Some(known), _) => known.own,
            (None, Some(margin)) => pixels(table, margin),
            (None, None) => 0.0,
        };
        let around = pixels(caption, "margin-top") + pixels(caption, "margin-bottom");
        let height = match side {
            Side::Within => 0.0,
            _ => node.final_layout().size.height + around,
        };
        Some(Room {
            caption,
            side,
            own,
            height,
        })
    }
}
