//! Fonts of the system for scripts that the window's own lack, found when one of their letters is
//! first shown, and put on the line of the window's letters. Those that note types name are in
//! `typeface`.

use super::font;
use super::typeface::data_of;
use crate::render;
use eframe::egui::epaint::text::{FallbackRequest, FontProvider};
use eframe::egui::epaint::text::{FontInsert, FontPriority, InsertFontFamily};
use eframe::egui::{Context, FontData};
use egui_system_font_provider::SystemFontProvider;
use skrifa::MetadataProvider as _;
use skrifa::instance::{LocationRef, Size};
use std::sync::{Arc, OnceLock};

/// The first of the system's Thai typefaces by name, a looped one, puts tone marks into the vowels
/// below them.
const THAI: &str = "Noto Sans Thai";

/// Shows letters that the window's own fonts lack with those of the system; once, before the first
/// frame. They are looked up on a thread of their own.
pub fn add(ctx: &Context) {
    ctx.set_font_providers(vec![Arc::new(SystemFonts {
        system: SystemFontProvider::new(),
        thai: OnceLock::new(),
    })]);
}

struct SystemFonts {
    system: SystemFontProvider,
    thai: OnceLock<Option<Arc<FontData>>>,
}

impl SystemFonts {
    /// A better one than the system's choice.
    fn chosen(&self, request: &FallbackRequest<'_>) -> Option<FontInsert> {
        let is_thai = |c| matches!(c, '\u{e01}'..='\u{e3a}' | '\u{e3f}'..='\u{e5b}');
        if !request.cluster.starts_with(is_thai) {
            return None;
        }
        let look = || render::typeface(THAI).map(|found| data_of(found.regular));
        let data = self.thai.get_or_init(look).as_deref()?.clone();
        Some(FontInsert {
            name: format!("system:{THAI}"),
            data,
            families: vec![InsertFontFamily {
                family: request.family.clone(),
                priority: FontPriority::Lowest,
            }],
        })
    }
}

impl FontProvider for SystemFonts {
    fn font_for(&self, request: &FallbackRequest<'_>) -> Option<FontInsert> {
        let mut found = self
            .chosen(request)
            .or_else(|| self.system.font_for(request))?;
        found.data.tweak.y_offset_factor = drop_of(&found.data).unwrap_or(0.0);
        Some(found)
    }
}

/// How much lower a font has to be drawn, in font sizes, to stand on the line of the window's own:
/// egui puts the middle of its lines on the middle of the others, and fonts with room for marks
/// below would float. None when the font cannot be read.
fn drop_of(data: &FontData) -> Option<f32> {
    let (own_ascent, own_height) = line_of(font::INTER, 0)?;
    let (ascent, height) = line_of(data.bytes(), data.index)?;
    Some(own_ascent - ascent - 0.5 * (own_height - height))
}

/// From the top of a line to where letters stand, and its height; in font sizes.
fn line_of(bytes: &[u8], index: u32) -> Option<(f32, f32)> {
    let face = skrifa::FontRef::from_index(bytes, index).ok()?;
    let metrics = face.metrics(Size::unscaled(), LocationRef::default());
    let size = f32::from(metrics.units_per_em);
    let height = metrics.ascent - metrics.descent + metrics.leading;
    Some((metrics.ascent / size, height / size))
}

#[cfg(test)]
mod tests {
    use super::*;
    use eframe::egui::FontFamily;

    fn font_for(cluster: &str) -> Option<FontInsert> {
        let fonts = SystemFonts {
            system: SystemFontProvider::new(),
            thai: OnceLock::new(),
        };
        fonts.font_for(&FallbackRequest {
            cluster,
            family: &FontFamily::Proportional,
        })
    }

    #[test]
    fn fonts_stand_on_one_line() {
        assert_eq!(drop_of(&FontData::from_static(font::INTER)), Some(0.0));
        assert_eq!(drop_of(&FontData::from_static(b"no font")), None);
        // Where the system has it, as all that `./run` prepares do: more room below than above.
        if let Some(found) = font_for("\u{c95}").filter(|f| f.name.contains("Noto Sans Kannada")) {
            let drop = found.data.tweak.y_offset_factor;
            assert!((0.1..0.4).contains(&drop), "{drop}");
        }
    }

    #[test]
    fn thai_has_the_font_that_shows_its_tone_marks() {
        if render::typeface(THAI).is_some() {
            assert_eq!(font_for("\u{e17}").unwrap().name, "system:Noto Sans Thai");
        }
        // Not a letter: the system is asked.
        assert!(font_for("\u{e7f}").is_none_or(|f| f.name != "system:Noto Sans Thai"));
    }
}
