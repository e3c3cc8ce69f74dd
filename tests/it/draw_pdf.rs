//! Statistics as PDF: a file that readers of PDF understand, with the pictures as they are drawn.

use engram::render::{CardPage, NoResources, write_pdf, write_png};
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

fn page(height: u32, color: &str) -> CardPage {
    CardPage {
        html: format!("<div style='height:{height}px;background:{color}'>graph</div>"),
        css: "body { margin: 0 }".to_owned(),
        ..CardPage::default()
    }
}

/// Red, green and blue of all pixels.
fn drawn(page: &CardPage, room: &Path) -> Vec<u8> {
    let path = room.join("one.png");
    write_png(page, Arc::new(NoResources), 300.0, 1.0, &path).unwrap();
    image::open(&path).unwrap().to_rgb8().into_raw()
}

fn find(bytes: &[u8], what: &str, from: usize) -> Option<usize> {
    let mut places = bytes[from..].windows(what.len());
    Some(from + places.position(|part| part == what.as_bytes())?)
}

/// The number behind a word.
fn number(bytes: &[u8], word: &str, from: usize) -> usize {
    let at = find(bytes, word, from).unwrap() + word.len();
    let digits: String = bytes[at..]
        .iter()
        .map(|&byte| char::from(byte))
        .skip_while(|c| c.is_whitespace())
        .take_while(char::is_ascii_digit)
        .collect();
    digits.parse().unwrap()
}

#[test]
fn a_pdf_has_all_pictures_whole_and_a_right_table() {
    let room = tempfile::tempdir().unwrap();
    let path = room.path().join("statistics.pdf");
    let pages = [
        page(200, "rgb(200, 0, 0)"),
        page(200, "rgb(0, 90, 0)"),
        page(200, "linear-gradient(red, blue)"),
    ];
    write_pdf(&pages, 300.0, 1.0, &path).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    assert!(bytes.starts_with(b"%PDF-1.4\n") && bytes.ends_with(b"%%EOF\n"));

    // 300 points are as wide as the paper has room, so two of 200 have room on a page.
    assert_eq!(number(&bytes, "/Count", 0), 2);
    let text = String::from_utf8_lossy(&bytes);
    assert_eq!(text.matches("/Type /Page /Parent 2 0 R").count(), 2);

    let table = number(&bytes, "startxref", 0);
    assert!(bytes[table..].starts_with(b"xref\n0 "));
    let size = number(&bytes, "xref\n0", table);
    assert_eq!(number(&bytes, "/Size", table), size);
    let entries = find(&bytes, "0000000000 65535 f \n", table).unwrap();
    for object in 1..size {
        let entry = &bytes[entries + 20 * object..][..20];
        assert!(entry.ends_with(b" 00000 n \n"));
        let start: usize = std::str::from_utf8(&entry[..10]).unwrap().parse().unwrap();
        assert!(bytes[start..].starts_with(format!("{object} 0 obj\n").as_bytes()));
    }

    let mut from = 0;
    for page in &pages {
        from = find(&bytes, "/Subtype /Image", from).unwrap() + 1;
        let (width, height) = (
            number(&bytes, "/Width", from),
            number(&bytes, "/Height", from),
        );
        let length = number(&bytes, "/Length", from);
        let start = find(&bytes, "stream\n", from).unwrap() + "stream\n".len();
        let packed = &bytes[start..start + length];
        assert!(bytes[start + length..].starts_with(b"\nendstream\nendobj\n"));
        let mut rgb = Vec::new();
        flate2::read::ZlibDecoder::new(packed)
            .read_to_end(&mut rgb)
            .unwrap();
        assert_eq!((width, rgb.len()), (300, 3 * width * height));
        assert!(
            rgb == drawn(page, room.path()),
            "the picture as it is drawn"
        );
    }
    assert_eq!(find(&bytes, "/Subtype /Image", from), None);
}
