//! Answers the engine's requests for files: `media:` and `still:` from [`Resources`], `data:` from the URL
//! itself, everything else with nothing. Every request is answered, because an unanswered style
//! sheet would hold up the page for ever.

use super::css;
use super::prepare::{MOST_GENERATED, STILL_SCHEME, with_pictures};
use super::resources::{Resources, decode_data_url, decode_percent};
use super::still::Still;
use super::svg;
use super::svg_weight::{unzipped, weighed};
use super::weight::Budget;
use crate::base::limits;
use blitz_traits::net::{Bytes, NetHandler, NetProvider, Request, Url};
use image::ImageDecoder;
use std::io::Cursor;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// What relative names on a card are relative to.
pub(super) const BASE_URL: &str = "media://card/";
const HOST: &str = "card";

/// The engine's only way to files.
pub(super) struct Fetcher {
    resources: Arc<dyn Resources>,
    budget: Arc<Budget>,
    answered: AtomicUsize,
    /// What may still be read of generated pictures.
    left: Mutex<usize>,
}

impl Fetcher {
    pub fn new(resources: Arc<dyn Resources>, budget: Arc<Budget>) -> Self {
        Self {
            resources,
            budget,
            answered: AtomicUsize::new(0),
            left: Mutex::new(MOST_GENERATED),
        }
    }

    /// Requests answered so far; while it grows, the page is not complete.
    pub fn answered(&self) -> usize {
        self.answered.load(Ordering::Relaxed)
    }

    // As `fit_picture`, of drawings.
    fn fit_drawing(&self, bytes: Vec<u8>) -> Vec<u8> {
        match weighed(bytes) {
            Some(drawing) if self.budget.allows_drawing(Some(drawing.cost)) => drawing.bytes,
            _ => Vec::new(),
        }
    }

    fn bytes_of(&self, url: &Url) -> Vec<u8> {
        match url.scheme() {
            "data" => url
                .as_str()
                .get("data:".len()..)
                .and_then(decode_data_url)
                .unwrap_or_default(),
            "media" if url.host_str() == Some(HOST) => media_name(url)
                .and_then(|name| self.resources.read(&name))
                .unwrap_or_default(),
            STILL_SCHEME => match media_name(url).map(|name| self.resources.still(&name)) {
                Some(Still::Picture(bytes)) => bytes.to_vec(),
                _ => Vec::new(),
            },
            _ => Vec::new(),
        }
    }
}

impl NetProvider for Fetcher {
    fn fetch(&self, _document: usize, request: Request, handler: Box<dyn NetHandler>) {
        let bytes = unzipped(self.bytes_of(&request.url));
        let bytes = self.fit_drawing(fit_picture(svg::with_known_fonts(bytes)));
        // Which file is asked for as a style sheet is not told; the engine takes texts only.
        let bytes = match String::from_utf8(bytes) {
            Ok(sheet) => {
                let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
                let sheet = with_pictures(&sheet, &*self.resources, &mut left).unwrap_or(sheet);
                drop(left);
                let sheet = css::known(&sheet).unwrap_or(sheet);
                match self.budget.allows(sheet.as_bytes()) {
                    true => sheet.into_bytes(),
                    false => Vec::new(),
                }
            }
            Err(other) => other.into_bytes(),
        };
        self.answered.fetch_add(1, Ordering::Relaxed);
        handler.bytes(request.url.to_string(), Bytes::from(bytes));
    }
}

/// The file that a URL below [`BASE_URL`] names.
pub(super) fn media_name(url: &Url) -> Option<String> {
    let path = url.path().trim_start_matches('/');
    String::from_utf8(decode_percent(path)).ok()
}

// Pictures too large to be decoded are answered with nothing; photographs are turned the way the
// camera was held, which the engine does not do. Anything else goes through as it is.
fn fit_picture(bytes: Vec<u8>) -> Vec<u8> {
    match inspect_picture(&bytes) {
        Picture::Fits => bytes,
        Picture::TooLarge => Vec::new(),
        Picture::Turned(bytes) => bytes,
    }
}

enum Picture {
    /// Or no picture that needs anything done to it.
    Fits,
    TooLarge,
    Turned(Vec<u8>),
}

fn inspect_picture(bytes: &[u8]) -> Picture {
    let Ok(reader) = image::ImageReader::new(Cursor::new(bytes)).with_guessed_format() else {
        return Picture::Fits;
    };
    if reader.format().is_none() {
        return Picture::Fits;
    }
    let Ok(mut decoder) = reader.into_decoder() else {
        return Picture::Fits;
    };
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > limits::MAX_IMAGE_PIXELS {
        return Picture::TooLarge;
    }
    let orientation = match decoder.orientation() {
        Ok(orientation) if orientation != image::metadata::Orientation::NoTransforms => orientation,
        _ => return Picture::Fits,
    };
    let Ok(mut picture) = image::DynamicImage::from_decoder(decoder) else {
        return Picture::Fits;
    };
    picture.apply_orientation(orientation);
    let mut turned = Cursor::new(Vec::new());
    // BMP: written and read again at once, so only speed counts.
    match picture
        .into_rgba8()
        .write_to(&mut turned, image::ImageFormat::Bmp)
    {
        Ok(()) => Picture::Turned(turned.into_inner()),
        Err(_) => Picture::Fits,
    }
}
