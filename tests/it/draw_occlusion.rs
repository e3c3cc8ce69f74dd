//! Image-occlusion cards in pixels, made by the note type as Anki writes it: which masks are drawn
//! on which side, in which colour, and Toggle Masks.

use engram::render::{
    CardEngine, CardInput, CardPage, DrawnCard, EngineEvent, Resources, View, draw_once,
};
use std::sync::Arc;
use std::time::Duration;

const FRONT: &str = include_str!("../../assets/default_notetypes/image_occlusion_front.html");
const BACK: &str = include_str!("../../assets/default_notetypes/image_occlusion_back.html");
const CSS: &str = include_str!("../../assets/default_notetypes/image_occlusion.css");

/// A plain blue picture of 200 by 100, by its name.
pub struct Picture(pub &'static str);

impl Resources for Picture {
    fn read(&self, name: &str) -> Option<Vec<u8>> {
        let mut png = std::io::Cursor::new(Vec::new());
        image::RgbImage::from_pixel(200, 100, image::Rgb([0, 0, 200]))
            .write_to(&mut png, image::ImageFormat::Png)
            .ok()?;
        self.exists(name).then(|| png.into_inner())
    }
    fn exists(&self, name: &str) -> bool {
        name == self.0
    }
}

/// The page of a side whose cloze field has become `shapes`.
fn page(template: &str, shapes: &str) -> CardPage {
    let mut html = template.replace("{{cloze:Occlusion}}", shapes);
    html = html.replace("{{Image}}", "<img src=\"blue.png\">");
    for field in ["Header", "Back Extra"] {
        let part = format!("{{{{#{field}}}}}<div>{{{{{field}}}}}</div>{{{{/{field}}}}}");
        html = html.replace(&part, "");
    }
    assert!(!html.contains("{{"), "{html}");
    CardPage {
        html,
        css: CSS.to_owned(),
        body_class: "card card1".to_owned(),
        ..CardPage::default()
    }
}

fn draw(template: &str, shapes: &str) -> DrawnCard {
    let view = View::new(400.0, 300.0);
    draw_once(&page(template, shapes), Arc::new(Picture("blue.png")), view).expect("a picture")
}

/// The colour at a fraction of the picture, which is centred at the top.
fn at(drawn: &DrawnCard, x: f32, y: f32) -> [u8; 3] {
    let (x, y) = ((100.0 + 200.0 * x) as u32, (20.0 + 100.0 * y) as u32);
    let at = 4 * (y * drawn.width_px + x) as usize;
    [drawn.rgba[at], drawn.rgba[at + 1], drawn.rgba[at + 2]]
}

const BLUE: [u8; 3] = [0, 0, 200];
const ACTIVE: [u8; 3] = [0xff, 0x8e, 0x8e];
const INACTIVE: [u8; 3] = [0xff, 0xeb, 0xa2];

fn rect(class: &str, left: &str, more: &str) -> String {
    format!(
        "<div class=\"{class}\" data-ordinal=\"1\" data-shape=\"rect\" data-left=\"{left}\" \
         data-top=\".2\" data-width=\".2\" data-height=\".5\" {more}></div>"
    )
}

#[test]
fn the_question_hides_what_is_asked_and_others_only_when_all_are_hidden() {
    let one = rect("cloze", ".1", "") + &rect("cloze-inactive", ".6", "");
    let drawn = draw(FRONT, &one);
    assert_eq!(at(&drawn, 0.01, 0.02), BLUE);
    assert_eq!(at(&drawn, 0.2, 0.4), ACTIVE);
    assert_eq!(at(&drawn, 0.7, 0.4), BLUE);
    assert_eq!(at(&drawn, 0.98, 0.97), BLUE);
    let all = "data-occludeInactive=\"1\"";
    let all = rect("cloze", ".1", all) + &rect("cloze-inactive", ".6", all);
    let drawn = draw(FRONT, &all);
    assert_eq!(at(&drawn, 0.2, 0.4), ACTIVE);
    assert_eq!(at(&drawn, 0.7, 0.4), INACTIVE);
}

#[test]
fn the_answer_shows_what_was_asked_within_a_border() {
    let all = "data-occludeInactive=\"1\"";
    let shapes = rect("cloze-highlight", ".1", all) + &rect("cloze-inactive", ".6", all);
    let drawn = draw(BACK, &shapes);
    assert_eq!(at(&drawn, 0.2, 0.4), BLUE);
    assert_eq!(at(&drawn, 0.7, 0.4), INACTIVE);
    // The left border of the highlight, at a tenth of the picture.
    let border = (117..123).map(|x| {
        let at = 4 * (60 * drawn.width_px + x) as usize;
        drawn.rgba[at]
    });
    assert!(
        border.max().unwrap() > 60,
        "a border in the highlight's red"
    );
}

#[test]
fn shapes_of_all_kinds_have_their_own_colours() {
    let shapes = "<div class=\"cloze\" data-shape=\"ellipse\" data-left=\".1\" data-top=\".2\" data-rx=\".1\" data-ry=\".3\" data-fill=\"#00ff00\"></div>\
        <div class=\"cloze\" data-shape=\"polygon\" data-points=\".5,.1 .9,.1 .5,.9\"></div>";
    let drawn = draw(FRONT, shapes);
    assert_eq!(at(&drawn, 0.2, 0.5), [0, 255, 0]);
    assert_eq!(at(&drawn, 0.11, 0.22), BLUE, "outside the ellipse");
    assert_eq!(at(&drawn, 0.55, 0.3), ACTIVE);
    assert_eq!(at(&drawn, 0.88, 0.8), BLUE, "outside the polygon");
    let text = "<div class=\"cloze\" data-shape=\"text\" data-text=\"Hi\" data-left=\".3\" data-top=\".3\" data-font-size=\".3\" data-scale=\"1\"></div>";
    let drawn = draw(FRONT, text);
    let white = drawn.rgba.chunks_exact(4).filter(|p| p[..3] == [255; 3]);
    assert!(white.count() > 100);
    assert_eq!(at(&drawn, 0.31, 0.32), [255; 3], "the label's ground");
}

#[test]
fn toggle_masks_hides_and_shows_them() {
    let engine =
        CardEngine::spawn(Arc::new(Picture("blue.png")), Arc::new(|| {})).expect("an engine");
    let all = "data-occludeInactive=\"1\"";
    let page = Arc::new(page(BACK, &rect("cloze", ".1", all)));
    let view = View::new(400.0, 300.0);
    engine.show(page, view, false);
    let until = |wanted: [u8; 3]| {
        loop {
            match engine.wait(Duration::from_secs(60)) {
                Some(EngineEvent::Drawn(drawn)) if at(&drawn, 0.2, 0.4) == wanted => break,
                Some(_) => {}
                None => panic!("never {wanted:?}"),
            }
        }
    };
    until(ACTIVE);
    for wanted in [BLUE, ACTIVE] {
        let (x, y) = (200.0, 140.0);
        engine.input(CardInput::PointerMoved { x, y });
        engine.input(CardInput::PointerPressed { x, y });
        engine.input(CardInput::PointerReleased { x, y });
        until(wanted);
    }
}

/// Below the picture, where Toggle Masks stands; the page ends there without it.
#[test]
fn the_button_is_there_only_where_masks_stay_on_the_answer() {
    let below = |more: &str| {
        let drawn = draw(BACK, &rect("cloze-highlight", ".1", more));
        let row = 4 * drawn.width_px as usize;
        let rows = drawn.rgba.chunks_exact(row).skip(122);
        let grounds: Vec<_> = rows.flat_map(|row| row.chunks_exact(4)).collect();
        grounds.iter().any(|pixel| *pixel != grounds[0])
    };
    assert!(below("data-occludeInactive=\"1\""));
    assert!(!below(""));
}

/// A photograph of a camera that was held upright: stored lying, red at its left, blue else.
fn photograph(width: u32, height: u32) -> Vec<u8> {
    let color = |x, _| match x < width / 2 {
        true => image::Rgb([200, 0, 0]),
        false => image::Rgb([0, 0, 200]),
    };
    let mut jpeg = std::io::Cursor::new(Vec::new());
    image::RgbImage::from_fn(width, height, color)
        .write_to(&mut jpeg, image::ImageFormat::Jpeg)
        .unwrap();
    let jpeg = jpeg.into_inner();
    // Behind the start of the file: one entry, the orientation, a quarter to the right.
    let mut exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0".to_vec();
    exif.extend(b"\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0");
    let mut out = jpeg[..2].to_vec();
    out.extend([0xff, 0xe1]);
    out.extend((exif.len() as u16 + 2).to_be_bytes());
    out.extend(exif);
    out.extend(&jpeg[2..]);
    out
}

struct Photograph;

impl Resources for Photograph {
    fn read(&self, name: &str) -> Option<Vec<u8>> {
        self.exists(name).then(|| photograph(100, 200))
    }
    fn exists(&self, name: &str) -> bool {
        name == "blue.png"
    }
}

#[test]
fn masks_lie_on_photographs_as_they_are_shown() {
    // Turned by a quarter about the middle of a picture that is shown as 200 by 100.
    let mask = "<div class=\"cloze\" data-shape=\"rect\" data-left=\".5\" data-top=\".5\" \
                data-width=\".1\" data-height=\".4\" data-angle=\"2500\"></div>";
    let view = View::new(400.0, 300.0);
    let drawn = draw_once(&page(FRONT, mask), Arc::new(Photograph), view).unwrap();
    assert_eq!(at(&drawn, 0.4, 0.65), ACTIVE);
    assert_ne!(at(&drawn, 0.1, 0.53), ACTIVE);
}

#[test]
fn fields_and_the_mask_editor_show_photographs_upright() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("p.jpg"), photograph(40, 20)).unwrap();
    let (width, height, rgba) = engram::media::picture::decode(dir.path(), "p.jpg").unwrap();
    assert_eq!((width, height), (20, 40));
    let reddish = |x: usize, y: usize| {
        let at = 4 * (y * 20 + x);
        rgba[at] > rgba[at + 2]
    };
    assert!(reddish(10, 5) && !reddish(10, 35), "the left side is above");
}

#[test]
fn a_large_picture_is_shown_smaller_and_copied_whole() {
    use engram::media::picture::{decode, decode_whole};
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("p.jpg"), photograph(2000, 1000)).unwrap();
    let (width, height, _) = decode(dir.path(), "p.jpg").unwrap();
    assert_eq!((width, height), (800, 1600));
    let (width, height, _) = decode_whole(dir.path(), "p.jpg").unwrap();
    assert_eq!((width, height), (1000, 2000));
}
