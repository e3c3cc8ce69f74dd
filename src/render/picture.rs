//! A page as a PNG file, as tall as its content.

use super::engine::draw_whole;
use super::frame::DrawnCard;
use super::page::{CardPage, View};
use super::resources::Resources;
use crate::base::error::AtPath as _;
use crate::base::{Error, ErrorKind, Result, files};
use crate::mark;
use image::ImageEncoder as _;
use std::path::Path;
use std::sync::Arc;

/// Points.
const TALLEST: f32 = 8000.0;
/// Of the window by which a page may measure its parts (`vh`, pictures' greatest height).
const WINDOW_HEIGHT: f32 = 600.0;

/// A page as tall as its content.
pub(super) fn drawn(
    page: &CardPage,
    resources: Arc<dyn Resources>,
    width: f32,
    scale: f32,
) -> Result<DrawnCard> {
    let mut view = View::new(width, WINDOW_HEIGHT);
    view.scale = scale;
    draw_whole(page, resources, view.sane(), TALLEST)
}

/// Draws `page` `width` points wide with `scale` pixels a point, and writes it to `out`.
pub fn write_png(
    page: &CardPage,
    resources: Arc<dyn Resources>,
    width: f32,
    scale: f32,
    out: &Path,
) -> Result<()> {
    let drawn = drawn(page, resources, width, scale)?;
    files::write_for_user(out, |file| {
        image::codecs::png::PngEncoder::new(file)
            .write_image(
                &drawn.rgba,
                drawn.width_px,
                drawn.height_px,
                image::ExtendedColorType::Rgba8,
            )
            .map_err(|e| {
                Error::new(ErrorKind::Io, mark!("the picture cannot be written")).because(e)
            })
    })
    .at(out)
}
