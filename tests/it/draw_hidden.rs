//! What style sheets hide is not seen, whichever way they say it, and is seen again when they no
//! longer do; letters look as they are told.

use engram::render::{CardPage, DrawnCard, NoResources, View, draw_once};
use std::sync::Arc;

fn page(css: &str, html: &str) -> CardPage {
    CardPage {
        html: html.to_owned(),
        css: format!(".card {{ font-size: 20px; color: black; background: white }}{css}"),
        body_class: "card card1".to_owned(),
        ..CardPage::default()
    }
}

fn draw(css: &str, html: &str) -> DrawnCard {
    let view = View::new(400.0, 200.0);
    draw_once(&page(css, html), Arc::new(NoResources), view).expect("a picture")
}

fn is_red(p: &[u8]) -> bool {
    p[0] > 200 && p[1] < 90 && p[2] < 90
}

fn is_blue(p: &[u8]) -> bool {
    p[2] > 200 && p[0] < 90 && p[1] < 90
}

fn has(drawn: &DrawnCard, wanted: impl Fn(&[u8]) -> bool) -> bool {
    drawn.rgba.chunks_exact(4).any(wanted)
}

/// Left, top, right, bottom of such pixels.
fn area(drawn: &DrawnCard, wanted: impl Fn(&[u8]) -> bool) -> Option<[usize; 4]> {
    let width = drawn.width_px as usize;
    let pixels = drawn.rgba.chunks_exact(4).enumerate();
    let places = pixels.filter(|&(_, p)| wanted(p));
    places.fold(None, |found, (at, _)| {
        let (x, y) = (at % width, at / width);
        let [l, t, r, b] = found.unwrap_or([x, y, x, y]);
        Some([l.min(x), t.min(y), r.max(x), b.max(y)])
    })
}

#[test]
fn letters_have_their_shadows() {
    let text = "<div class=x>shadow</div>";
    let own = area(&draw(".x { color: red }", text), is_red).expect("letters");
    let css = ".x { color: white; text-shadow: 30px 10px 0 red }";
    let shadow = area(&draw(css, text), is_red).expect("a shadow");
    let moved = [own[0] + 30, own[1] + 10, own[2] + 30, own[3] + 10];
    let near = shadow.iter().zip(moved).all(|(a, b)| a.abs_diff(b) <= 1);
    assert!(near, "{shadow:?} for {moved:?}");
    let below = draw(".x { color: rgb(0, 0, 255); text-shadow: 0 0 0 red }", text);
    assert!(has(&below, is_blue) && !has(&below, |p| p[..3] == [255, 0, 0]));
    let first = draw(
        ".x { color: white; text-shadow: 30px 0 0 red, 30px 0 0 rgb(0, 0, 255) }",
        &text.replace("shadow", "<b>shadow</b> inherited"),
    );
    assert!(has(&first, is_red) && !has(&first, is_blue));
    // Half a blur on white is pale, and nothing of it can be read.
    let blurred = draw(".x { color: transparent; text-shadow: 0 0 10px red }", text);
    assert!(has(&blurred, |p| p[0] > 200 && p[1] < 250) && !has(&blurred, |p| p[1] < 60));
    let many = format!(
        ".x {{ text-shadow: {}0 0 9px red }}",
        "1px 1px 9px red,".repeat(5000)
    );
    draw(&many, &text.repeat(200));
}

#[test]
fn letters_cut_out_of_a_background_take_its_colour() {
    let gradient = "background: linear-gradient(red, rgb(0, 0, 255))";
    for css in [
        format!(".x {{ {gradient}; -webkit-background-clip: text; color: transparent }}"),
        format!(".x {{ {gradient}; background-clip: text; -webkit-text-fill-color: transparent }}"),
        ".x { background-color: red; background-clip: text; color: transparent }".to_owned(),
    ] {
        for html in [
            "<h2 class=x>gold</h2>",
            "<h2 class=x><i>gold</i></h2>",
            "a <b class=x>gold</b> b",
        ] {
            let drawn = draw(&css, html);
            let [left, _, right, _] = area(&drawn, is_red).expect("letters");
            assert!(right - left < 100, "{css}: no box");
            assert!(!has(&drawn, is_blue), "{css}");
        }
    }
}
