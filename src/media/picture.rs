//! Pictures in and out of the media folder: a pasted one as the bytes of a file, named after its
//! content as Anki names pasted ones; a stored one as pixels.

use super::hash::hash;
use super::names;
use crate::base::error::{AtPath as _, Error, Result};
use crate::base::hex;
use crate::mark;
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::metadata::Orientation;
use image::{DynamicImage, ExtendedColorType, ImageDecoder as _, ImageEncoder as _};
use std::path::Path;

/// How pasted pictures are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PictureFormat {
    Png,
    Jpeg,
}

/// Anki's quality of pasted JPEGs, of 100.
const QUALITY: u8 = 80;

/// Name and bytes of the file. `rgba` has four bytes a pixel; in a JPEG what is transparent turns
/// white.
pub fn encode(
    width: u32,
    height: u32,
    rgba: &[u8],
    format: PictureFormat,
) -> Result<(String, Vec<u8>)> {
    if rgba.len() as u64 != u64::from(width) * u64::from(height) * 4 {
        return Err(Error::invalid(mark!(
            "the picture is not as large as it says"
        )));
    }
    let failed = |e| Error::invalid(mark!("the picture cannot be stored")).because(e);
    let mut bytes = Vec::new();
    let extension = match format {
        PictureFormat::Png => {
            PngEncoder::new(&mut bytes)
                .write_image(rgba, width, height, ExtendedColorType::Rgba8)
                .map_err(failed)?;
            "png"
        }
        PictureFormat::Jpeg => {
            let rgb: Vec<u8> = rgba
                .chunks_exact(4)
                .flat_map(|pixel| match *pixel {
                    [r, g, b, a] => [r, g, b].map(|c| over_white(c, a)),
                    _ => [255; 3],
                })
                .collect();
            JpegEncoder::new_with_quality(&mut bytes, QUALITY)
                .write_image(&rgb, width, height, ExtendedColorType::Rgb8)
                .map_err(failed)?;
            "jpg"
        }
    };
    Ok((pasted_name(&bytes, extension), bytes))
}

/// The name of a file that came without one: after its content, as Anki names pasted pictures.
#[must_use]
pub fn pasted_name(bytes: &[u8], extension: &str) -> String {
    format!("paste-{}.{extension}", hex(&hash(bytes)))
}

fn over_white(color: u8, alpha: u8) -> u8 {
    let (color, alpha) = (u32::from(color), u32::from(alpha));
    // At most 255.
    ((color * alpha + 255 * (255 - alpha) + 127) / 255) as u8
}

/// Longest side of a picture as it is shown; larger ones are made smaller.
const SHOWN_PIXELS: u32 = 1600;
/// Most memory for reading one.
const MAX_BYTES: u64 = 256 << 20;

/// Width, height and RGBA of a picture of the folder, upright and as large as it is shown at most.
pub fn decode(folder: &Path, name: &str) -> Result<(u32, u32, Vec<u8>)> {
    decode_up_to(SHOWN_PIXELS, folder, name)
}

/// As [`decode`], as large as it is.
pub fn decode_whole(folder: &Path, name: &str) -> Result<(u32, u32, Vec<u8>)> {
    decode_up_to(u32::MAX, folder, name)
}

fn decode_up_to(longest: u32, folder: &Path, name: &str) -> Result<(u32, u32, Vec<u8>)> {
    if !names::is_one_component(name) {
        return Err(Error::invalid(mark!("not a file of the media folder")));
    }
    let path = folder.join(name);
    let mut reader = image::ImageReader::open(&path)
        .at(&path)?
        .with_guessed_format()
        .at(&path)?;
    let mut limits = image::Limits::default();
    limits.max_alloc = Some(MAX_BYTES);
    reader.limits(limits);
    let unreadable = |e| {
        Error::corrupt(mark!("the picture cannot be read"))
            .because(e)
            .at(&path)
    };
    let mut decoder = reader.into_decoder().map_err(unreadable)?;
    if decoder.total_bytes() > MAX_BYTES {
        return Err(Error::corrupt(mark!("the picture is too large")).at(&path));
    }
    // Photographs say how the camera was held; a wrong word about that is no reason to show none.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let picture = DynamicImage::from_decoder(decoder).map_err(unreadable)?;
    let mut picture = if picture.width().max(picture.height()) > longest {
        picture.thumbnail(longest, longest)
    } else {
        picture
    };
    picture.apply_orientation(orientation);
    let rgba = picture.into_rgba8();
    Ok((rgba.width(), rgba.height(), rgba.into_raw()))
}
