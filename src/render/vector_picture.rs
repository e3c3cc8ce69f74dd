//! An SVG picture of the media folder as pixels, for the editor's fields and masks.

use super::engine::draw_once;
use super::page::{CardPage, View};
use super::prepare::svg_size;
use super::resources::{MediaFolder, Resources as _, encode_percent};
use crate::base::error::{Error, ErrorKind, Result};
use crate::mark;
use std::path::Path;
use std::sync::Arc;

/// Pixels of its longer side.
const LONGER: f64 = 800.0;
/// Form of a picture that does not say its own.
const USUAL: (f64, f64) = (2.0, 1.0);

/// Width, height and pixels (RGBA, opaque, on white).
///
/// # Errors
/// When there is no such picture, or the engine fails.
pub fn draw_svg(folder: &Path, name: &str) -> Result<(u32, u32, Vec<u8>)> {
    let files = MediaFolder::new(folder);
    let bytes = files.read(name);
    let source = bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let Some(source) = source.filter(|source| source.contains("<svg")) else {
        return Err(Error::new(
            ErrorKind::NotFound,
            mark!("there is no such picture"),
        ));
    };
    let (width, height) = svg_size(&source).unwrap_or(USUAL);
    let scale = LONGER / width.max(height);
    let pixels = |side: f64| (side * scale).round().max(1.0);
    let (width, height) = (pixels(width), pixels(height));
    let page = CardPage {
        html: format!(
            "<img src=\"{}\" style=\"display:block;max-width:none;max-height:none;\
             width:{width}px;height:{height}px\">",
            encode_percent(name)
        ),
        css: "html,body,.card{margin:0;padding:0;background:#ffffff}".to_owned(),
        body_class: "card".to_owned(),
        ..CardPage::default()
    };
    let view = View::new(width as f32, height as f32);
    let drawn = draw_once(&page, Arc::new(files), view)?;
    Ok((drawn.width_px, drawn.height_px, drawn.rgba))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drawing_fills_its_picture_whatever_its_units() {
        let dir = tempfile::tempdir().unwrap();
        let svg = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 4'>\
                   <rect width='4' height='4' fill='#ff0000'/></svg>";
        std::fs::write(dir.path().join("a b.svg"), svg).unwrap();
        std::fs::write(dir.path().join("none.svg"), "x").unwrap();
        let (width, height, rgba) = draw_svg(dir.path(), "a b.svg").unwrap();
        assert_eq!((width, height), (800, 400));
        let at = |x: usize, y: usize| [0, 1, 2].map(|i| rgba[4 * (y * 800 + x) + i]);
        assert_eq!(at(2, 2), [255, 0, 0]);
        assert_eq!(at(390, 390), [255, 0, 0]);
        assert_eq!(at(410, 390), [255, 255, 255]);
        for missing in ["none.svg", "gone.svg", "../a b.svg"] {
            assert!(draw_svg(dir.path(), missing).is_err(), "{missing}");
        }
    }
}
