//! Pictures as a PDF file: one below the other on pages of A4, each whole on its page. They are in
//! it pixel for pixel, packed.

use super::frame::DrawnCard;
use super::page::CardPage;
use super::picture::drawn;
use super::resources::NoResources;
use crate::base::error::AtPath as _;
use crate::base::{Result, files};
use flate2::Compression;
use flate2::write::ZlibEncoder;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

/// A4, in points of 1/72 inch.
const PAPER: (f32, f32) = (595.28, 841.89);
const MARGIN: f32 = 36.0;
const GAP: f32 = 12.0;

/// Draws pages `width` points wide with `scale` pixels a point, and writes them to `out`.
pub fn write_pdf(pages: &[CardPage], width: f32, scale: f32, out: &Path) -> Result<()> {
    let mut pictures = Vec::new();
    for page in pages {
        pictures.push(Picture::of(&drawn(
            page,
            Arc::new(NoResources),
            width,
            scale,
        )?)?);
    }
    let bytes = pdf(&pictures);
    files::write_for_user(out, |file| Ok(file.write_all(&bytes)?)).at(out)
}

struct Picture {
    width: u32,
    height: u32,
    /// Red, green, blue, packed.
    packed: Vec<u8>,
}

impl Picture {
    /// On white.
    fn of(drawn: &DrawnCard) -> Result<Self> {
        let mut packed = ZlibEncoder::new(Vec::new(), Compression::default());
        for row in drawn.rgba.chunks_exact(4 * drawn.width_px.max(1) as usize) {
            let row: Vec<u8> = row
                .chunks_exact(4)
                .flat_map(|p| [p[0], p[1], p[2]].map(|part| part.saturating_add(255 - p[3])))
                .collect();
            packed.write_all(&row)?;
        }
        Ok(Self {
            width: drawn.width_px,
            height: drawn.height_px,
            packed: packed.finish()?,
        })
    }
}

/// Where a picture stands: its number, left, bottom, width, height.
type Place = (usize, [f32; 4]);

/// What is on each page: as wide as the paper has room, and less where one is higher than that.
fn pages(pictures: &[Picture]) -> Vec<Vec<Place>> {
    let (room, top) = (PAPER.0 - 2.0 * MARGIN, PAPER.1 - MARGIN);
    let mut pages: Vec<Vec<Place>> = vec![vec![]];
    let mut y = top;
    for (number, picture) in pictures.iter().enumerate() {
        let (w, h) = (picture.width.max(1) as f32, picture.height.max(1) as f32);
        let size = (room / w).min((top - MARGIN) / h);
        let (w, h) = (w * size, h * size);
        if y - h < MARGIN - 0.01 && y < top {
            pages.push(vec![]);
            y = top;
        }
        if let Some(page) = pages.last_mut() {
            page.push((number, [MARGIN, y - h, w, h]));
        }
        y -= h + GAP;
    }
    pages
}

fn pdf(pictures: &[Picture]) -> Vec<u8> {
    let pages = pages(pictures);
    let mut file = Objects::default();
    // The catalogue, the list of pages, the pictures, then each page with what is drawn on it.
    let first_page = 3 + pictures.len();
    let kids: String = (0..pages.len())
        .map(|page| format!("{} 0 R ", first_page + 2 * page))
        .collect();
    file.add("<< /Type /Catalog /Pages 2 0 R >>", None);
    let count = pages.len();
    file.add(
        &format!("<< /Type /Pages /Kids [ {kids}] /Count {count} >>"),
        None,
    );
    for picture in pictures {
        let (width, height) = (picture.width, picture.height);
        let length = picture.packed.len();
        file.add(
            &format!(
                "<< /Type /XObject /Subtype /Image /Width {width} /Height {height} \
                 /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /FlateDecode \
                 /Length {length} >>"
            ),
            Some(&picture.packed),
        );
    }
    for (at, page) in pages.iter().enumerate() {
        let (mut names, mut drawing) = (String::new(), String::new());
        for (number, [x, y, w, h]) in page {
            // Writing to a String cannot fail.
            let _ = write!(names, "/P{number} {} 0 R ", 3 + number);
            let _ = writeln!(
                drawing,
                "q {w:.2} 0 0 {h:.2} {x:.2} {y:.2} cm /P{number} Do Q"
            );
        }
        let content = first_page + 2 * at + 1;
        let (width, height) = PAPER;
        file.add(
            &format!(
                "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {width} {height}] \
                 /Resources << /XObject << {names}>> >> /Contents {content} 0 R >>"
            ),
            None,
        );
        let length = drawing.len();
        file.add(&format!("<< /Length {length} >>"), Some(drawing.as_bytes()));
    }
    file.finish()
}

/// A file that grows by one object after the other; the first one is the catalogue.
struct Objects {
    out: Vec<u8>,
    /// Where each begins.
    starts: Vec<usize>,
}

impl Default for Objects {
    fn default() -> Self {
        Self {
            // The second line says that this is no text.
            out: b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n".to_vec(),
            starts: Vec::new(),
        }
    }
}

impl Objects {
    fn add(&mut self, words: &str, stream: Option<&[u8]>) {
        self.starts.push(self.out.len());
        let number = self.starts.len();
        self.put(&format!("{number} 0 obj\n{words}\n"));
        if let Some(stream) = stream {
            self.put("stream\n");
            self.out.extend_from_slice(stream);
            self.put("\nendstream\n");
        }
        self.put("endobj\n");
    }

    fn put(&mut self, words: &str) {
        self.out.extend_from_slice(words.as_bytes());
    }

    fn finish(mut self) -> Vec<u8> {
        let table = self.out.len();
        let size = self.starts.len() + 1;
        self.put(&format!("xref\n0 {size}\n0000000000 65535 f \n"));
        for start in std::mem::take(&mut self.starts) {
            self.put(&format!("{start:010} 00000 n \n"));
        }
        self.put(&format!(
            "trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n"
        ));
        self.out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(width: u32, height: u32) -> Picture {
        Picture {
            width,
            height,
            packed: vec![],
        }
    }

    #[test]
    fn no_picture_is_cut_and_none_lies_on_another() {
        let pictures: Vec<Picture> = [(920, 300), (920, 500), (920, 900), (920, 9000), (10, 10)]
            .map(|(width, height)| picture(width, height))
            .into();
        let pages = pages(&pictures);
        let numbers: Vec<Vec<usize>> = pages
            .iter()
            .map(|page| page.iter().map(|(number, _)| *number).collect())
            .collect();
        assert_eq!(numbers, [vec![0, 1], vec![2], vec![3], vec![4]]);
        for (_, [x, y, w, h]) in pages.iter().flatten() {
            assert!(*x >= MARGIN && *y >= MARGIN - 0.1, "{y}");
            assert!(x + w <= PAPER.0 - MARGIN + 0.1 && y + h <= PAPER.1 - MARGIN + 0.1);
        }
        let [(_, [_, upper, ..]), (_, [_, lower, _, height])] = pages[0][..] else {
            panic!("two on the first page");
        };
        assert!(lower + height <= upper);
    }
}
