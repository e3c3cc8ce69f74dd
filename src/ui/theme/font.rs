//! Type: Inter from one variable file a slope, Material Symbols for icons, egui's own fonts behind
//! them, and the system's for scripts that neither has. Those that note types name are in `typeface`. Roles, not sizes, are used in screens.

use eframe::egui::epaint::text::{FontPriority, GlyphBitmap, GlyphRasterizer, RasterizedGlyph};
use eframe::egui::epaint::text::{FontTweak, VariationCoords};
use eframe::egui::{
    Color32, ColorImage, Context, FontData, FontDefinitions, FontFamily, FontId, Vec2,
};
use std::sync::Arc;

pub(super) const INTER: &[u8] = include_bytes!("../../../assets/fonts/InterUI.ttf");
const INTER_ITALIC: &[u8] = include_bytes!("../../../assets/fonts/InterUI-Italic.ttf");
const ICONS: &[u8] = include_bytes!("../../../assets/fonts/Icons.ttf");
const ICONS_FILLED: &[u8] = include_bytes!("../../../assets/fonts/IconsFilled.ttf");

/// Weight 520.
#[must_use]
pub fn medium() -> FontFamily {
    FontFamily::Name("medium".into())
}
/// Weight 620.
#[must_use]
pub fn semibold() -> FontFamily {
    FontFamily::Name("semibold".into())
}
#[must_use]
pub fn italic() -> FontFamily {
    FontFamily::Name("italic".into())
}

/// Empty boxes in a text: a [`INLINE_BOX`] character in it is as wide as the font size says, so that
/// pictures can be painted there. See [`add_inline_boxes`].
#[must_use]
pub fn inline_box() -> FontFamily {
    FontFamily::Name("inline-box".into())
}

/// The character of an inline box.
const INLINE_BOX: &str = "\u{FFFC}";

/// Makes [`inline_box`] work; once.
pub(super) fn add_inline_boxes(ctx: &Context) {
    let rasterizer = GlyphRasterizer::new("engram::inline_box", |request| {
        let ours = request.cluster == INLINE_BOX && *request.family == inline_box();
        ours.then(|| RasterizedGlyph {
            bitmap: GlyphBitmap {
                image: ColorImage::filled([1, 1], Color32::TRANSPARENT),
                offset_px: Vec2::ZERO,
                is_color: true,
            },
            advance_px: request.font_size_px,
        })
    });
    ctx.add_glyph_rasterizer(rasterizer.with_priority(FontPriority::Highest));
}

/// Chips, table headings, axis labels; nothing is smaller.
#[must_use]
pub fn caption() -> FontId {
    FontId::new(12.0, FontFamily::Proportional)
}
#[must_use]
pub fn caption_strong() -> FontId {
    FontId::new(12.0, medium())
}
/// Dense tables, side bars, keys in menus, status lines.
#[must_use]
pub fn small() -> FontId {
    FontId::new(13.0, FontFamily::Proportional)
}
#[must_use]
pub fn small_strong() -> FontId {
    FontId::new(13.0, medium())
}
/// Everything else.
#[must_use]
pub fn body() -> FontId {
    FontId::new(14.0, FontFamily::Proportional)
}
/// Buttons, pages, top-level decks, numbers that are not 0.
#[must_use]
pub fn strong() -> FontId {
    FontId::new(14.0, medium())
}
/// Headings of cards, names on answer buttons.
#[must_use]
pub fn heading() -> FontId {
    FontId::new(15.0, semibold())
}
/// Titles of dialogs and right-hand panes.
#[must_use]
pub fn dialog_title() -> FontId {
    FontId::new(17.0, semibold())
}
/// Title of a window inside it.
#[must_use]
pub fn title() -> FontId {
    FontId::new(20.0, semibold())
}
/// Big numbers.
#[must_use]
pub fn display() -> FontId {
    FontId::new(28.0, semibold())
}
#[must_use]
pub fn mono() -> FontId {
    FontId::new(13.0, FontFamily::Monospace)
}
#[must_use]
pub fn icon(size: f32) -> FontId {
    FontId::new(size, FontFamily::Name("icons".into()))
}
/// Flags, the star of marked notes, the verified tick.
#[must_use]
pub fn icon_filled(size: f32) -> FontId {
    FontId::new(size, FontFamily::Name("icons-filled".into()))
}

/// All families. Weights are the same bytes at other `wght` coordinates.
pub(super) fn definitions() -> FontDefinitions {
    let mut d = FontDefinitions::default();
    let tweaked = |bytes: &'static [u8], coords: VariationCoords| {
        Arc::new(FontData::from_static(bytes).tweak(FontTweak {
            coords,
            // Auto-hinting changes Inter's stem weights between sizes.
            hinting: Some(false),
            ..Default::default()
        }))
    };
    let weight = |bytes, w: f32| tweaked(bytes, VariationCoords::new([(b"wght", w)]));
    d.font_data.insert("inter-400".into(), weight(INTER, 400.0));
    d.font_data.insert("inter-520".into(), weight(INTER, 520.0));
    d.font_data.insert("inter-620".into(), weight(INTER, 620.0));
    d.font_data
        .insert("inter-italic".into(), weight(INTER_ITALIC, 400.0));
    for (name, bytes) in [("icons", ICONS), ("icons-filled", ICONS_FILLED)] {
        d.font_data
            .insert(name.into(), tweaked(bytes, VariationCoords::default()));
        d.families.insert(
            FontFamily::Name(name.into()),
            vec![name.into(), "inter-400".into()],
        );
    }
    // egui's own fonts stay behind Inter: they carry symbols and monochrome emoji.
    let rest = d
        .families
        .get(&FontFamily::Proportional)
        .cloned()
        .unwrap_or_default();
    for (family, first) in [
        (FontFamily::Proportional, "inter-400"),
        (medium(), "inter-520"),
        (semibold(), "inter-620"),
        (italic(), "inter-italic"),
        (inline_box(), "inter-400"),
    ] {
        let mut chain = vec![first.to_owned()];
        chain.extend(rest.iter().cloned());
        d.families.insert(family, chain);
    }
    d
}
