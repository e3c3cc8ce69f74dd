//! Cards drawn to pixels: what is there, where, in which colour. No window, no graphics card.

use engram::render::{CardPage, DrawnCard, MediaFolder, NoResources, Resources, View, draw_once};
use std::path::Path;
use std::sync::Arc;

const BASIC_CSS: &str = ".card { font-family: arial; font-size: 20px; text-align: center; color: black; background-color: white; }";

fn page(html: &str) -> CardPage {
    CardPage {
        html: html.to_owned(),
        css: BASIC_CSS.to_owned(),
        body_class: "card card1".to_owned(),
        play_buttons: true,
        ..CardPage::default()
    }
}

fn draw_page(page: &CardPage) -> DrawnCard {
    draw_with(page, Arc::new(NoResources))
}

fn draw_with(page: &CardPage, resources: Arc<dyn Resources>) -> DrawnCard {
    let drawn = draw_once(page, resources, View::new(400.0, 200.0)).unwrap();
    save(page, &drawn);
    drawn
}

fn draw(html: &str) -> DrawnCard {
    draw_page(&page(html))
}

/// Pictures for a person to look at, when `ENGRAM_DRAWN` names a folder.
fn save(page: &CardPage, drawn: &DrawnCard) {
    if let Some(folder) = std::env::var_os("ENGRAM_DRAWN") {
        let name: String = page
            .html
            .chars()
            .filter(|c| c.is_alphanumeric())
            .take(40)
            .collect();
        let path = Path::new(&folder).join(format!("{name}.png"));
        image::save_buffer(
            path,
            &drawn.rgba,
            drawn.width_px,
            drawn.height_px,
            image::ColorType::Rgba8,
        )
        .unwrap();
    }
}

fn pixel(drawn: &DrawnCard, x: u32, y: u32) -> [u8; 3] {
    let at = 4 * (y * drawn.width_px + x) as usize;
    [drawn.rgba[at], drawn.rgba[at + 1], drawn.rgba[at + 2]]
}

/// Left, top, right, bottom of all pixels that differ from the left top corner.
fn ink(drawn: &DrawnCard) -> Option<(u32, u32, u32, u32)> {
    ink_where(drawn, |pixel, background| pixel != background)
}

fn ink_where(
    drawn: &DrawnCard,
    wanted: impl Fn([u8; 3], [u8; 3]) -> bool,
) -> Option<(u32, u32, u32, u32)> {
    let background = pixel(drawn, 0, 0);
    let mut found: Option<(u32, u32, u32, u32)> = None;
    for y in 0..drawn.height_px {
        for x in 0..drawn.width_px {
            if wanted(pixel(drawn, x, y), background) {
                let (l, t, r, b) = found.unwrap_or((x, y, x, y));
                found = Some((l.min(x), t.min(y), r.max(x), b.max(y)));
            }
        }
    }
    found
}

#[test]
fn text_is_centred_at_the_top_as_the_note_type_says() {
    let drawn = draw("capital of France");
    assert_eq!((drawn.width_px, drawn.height_px), (400, 200));
    assert_eq!(pixel(&drawn, 0, 0), [255, 255, 255]);
    let (left, top, right, bottom) = ink(&drawn).unwrap();
    assert!(left.abs_diff(399 - right) <= 3, "{left} {right}");
    assert!(top >= 20 && bottom <= 50, "{top} {bottom}");
    assert_eq!(drawn.text.as_ref(), "capital of France");
}
