//! Pictures of cards as textures: of the shown card and of those drawn in advance. At most a few
//! are kept; each is uploaded once, when it arrives.

use crate::render::{CardKey, DrawnCard};
use eframe::egui::{
    Color32, ColorImage, Context, CornerRadius, Rect, Shape, TextureHandle, TextureOptions, Ui,
    epaint::RectShape, pos2, vec2,
};

/// Shown, its other side, the next card's two sides, and one that is being left.
const KEPT: usize = 5;

#[derive(Default)]
pub(super) struct Pictures {
    /// Latest last.
    list: Vec<Picture>,
    /// Painted last; stands in until the wanted picture is there.
    last: Option<CardKey>,
}

struct Picture {
    texture: TextureHandle,
    /// Nothing shines through that could be seen.
    opaque: bool,
    /// Without its pixels, which are in the texture.
    frame: DrawnCard,
    /// The user did something on it, so it is not what the card looks like when it comes again.
    touched: bool,
    /// Not shown any more, and touched: only good for standing in.
    stale: bool,
}

impl Pictures {
    /// Takes a new frame of the engine.
    pub fn take(&mut self, ctx: &Context, mut frame: DrawnCard) {
        let size = [frame.width_px as usize, frame.height_px as usize];
        let rgba = std::mem::take(&mut frame.rgba);
        let (pixels, _) = rgba.as_chunks::<4>();
        // A frame waits for this, and a card has a million of them. Loops with no way out and pieces
        // of a known size do many at once.
        let common = pixels
            .iter()
            .fold(u32::MAX, |all, pixel| all & u32::from_le_bytes(*pixel));
        // The engine rounds with each layer: 252 of 255 and more is all of it.
        let opaque = common >> 26 == 63;
        let pixels = pixels
            .iter()
            .map(|&[r, g, b, a]| Color32::from_rgba_premultiplied(r, g, b, a));
        let image = ColorImage::new(size, pixels.collect());
        let pixel_by_pixel = frame.view.scale == ctx.pixels_per_point();
        let options = match pixel_by_pixel {
            true => TextureOptions::NEAREST,
            false => TextureOptions::LINEAR,
        };
        match self.position(frame.key) {
            Some(at) => {
                let mut picture = self.list.remove(at);
                picture.texture.set(image, options);
                picture.opaque = opaque;
                picture.frame = frame;
                // Drawn anew because something happened on it.
                picture.touched = true;
                picture.stale = false;
                self.list.push(picture);
            }
            None => {
                let texture = ctx.load_texture("card", image, options);
                self.list.push(Picture {
                    texture,
                    opaque,
                    frame,
                    touched: false,
                    stale: false,
                });
            }
        }
        while self.list.len() > KEPT {
            let last = self.last;
            let oldest = self
                .list
                .iter()
                .position(|picture| Some(picture.frame.key) != last)
                .unwrap_or(0);
            self.list.remove(oldest);
        }
    }

    /// A picture of this card as it is when it is opened, or as the user left it on screen.
    pub fn has(&self, key: CardKey) -> bool {
        self.find(key).is_some_and(|picture| !picture.stale)
    }

    pub fn frame(&self, key: CardKey) -> Option<&DrawnCard> {
        self.find(key)
            .filter(|picture| !picture.stale)
            .map(|picture| &picture.frame)
    }

    pub fn touch(&mut self, key: CardKey) {
        if let Some(at) = self.position(key) {
            self.list[at].touched = true;
        }
    }

    /// The card is not shown any more.
    pub fn leave(&mut self, key: Option<CardKey>) {
        if let Some(at) = key.and_then(|key| self.position(key)) {
            let picture = &mut self.list[at];
            picture.stale |= picture.touched;
            picture.touched = false;
        }
    }

    pub fn keep_only(&mut self, key: CardKey) {
        self.list.retain(|picture| picture.frame.key == key);
    }

    pub fn clear(&mut self) {
        self.list.clear();
        self.last = None;
    }

    /// Paints the card, or the one before while there is no picture of it.
    pub fn paint(&mut self, ui: &Ui, rect: Rect, key: CardKey, corner_radius: u8) {
        if self.has(key) {
            self.last = Some(key);
        }
        let Some(picture) = self.standing_for(key) else {
            return;
        };
        // While a new size is being drawn, the old picture stays at its own size.
        let drawn = vec2(picture.frame.view.width, picture.frame.view.height);
        let part = rect.size().min(drawn);
        let area = Rect::from_min_size(rect.min, part);
        let uv = Rect::from_min_max(pos2(0.0, 0.0), pos2(part.x / drawn.x, part.y / drawn.y));
        let shape = RectShape::filled(area, CornerRadius::same(corner_radius), Color32::WHITE)
            .with_texture(picture.texture.id(), uv);
        ui.painter().add(Shape::Rect(shape));
    }

    /// Whether what `paint` would paint leaves nothing of what lies under `rect` to be seen.
    pub fn cover(&self, rect: Rect, key: CardKey) -> bool {
        self.standing_for(key).is_some_and(|picture| {
            let view = picture.frame.view;
            picture.opaque && view.width >= rect.width() && view.height >= rect.height()
        })
    }

    /// The picture of the card, or of the one before while there is none.
    fn standing_for(&self, key: CardKey) -> Option<&Picture> {
        let shown = if self.has(key) { Some(key) } else { self.last };
        shown.and_then(|key| self.find(key))
    }

    fn find(&self, key: CardKey) -> Option<&Picture> {
        self.list.iter().find(|picture| picture.frame.key == key)
    }

    fn position(&self, key: CardKey) -> Option<usize> {
        self.list
            .iter()
            .position(|picture| picture.frame.key == key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::{CardCursor, CardPage, View};

    #[test]
    fn what_the_engine_rounds_hides_what_lies_under_it_and_gaps_do_not() {
        let ctx = Context::default();
        let key = CardPage::default().key();
        let rect = Rect::from_min_size(pos2(8.0, 9.0), vec2(3.0, 2.0));
        for (alpha, covers) in [(255, true), (253, true), (251, false), (0, false)] {
            let mut rgba = vec![255; 4 * 6];
            rgba[4 * 2 + 3] = alpha;
            let mut pictures = Pictures::default();
            let card = DrawnCard {
                key,
                generation: 1,
                view: View::new(3.0, 2.0),
                width_px: 3,
                height_px: 2,
                rgba,
                content_height: 2.0,
                scroll_y: 0.0,
                cursor: CardCursor::Default,
                text: "".into(),
                type_in: None,
                animating: false,
                motion_seconds: 0.0,
                has_selection: false,
            };
            pictures.take(&ctx, card);
            assert_eq!(pictures.cover(rect, key), covers, "{alpha}");
            assert!(!pictures.cover(rect.expand(1.0), key), "it is smaller");
        }
    }
}
