//! What style sheets hide is not seen, whichever way they say it, and is seen again when they no
//! longer do; letters look as they are told.

use crate::draw_engine::{LONG, until};
use engram::render::{
    CardEngine, CardInput, CardPage, DrawnCard, EngineEvent, NoResources, View, draw_once,
};
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

const BLOCK: &str = "<div class=x>secret</div>";
const IN_LINE: &str = "a <span class=x>secret</span> b";

#[test]
fn what_a_style_sheet_hides_is_not_seen() {
    let check = |style: &str, html: &str, seen: bool| {
        let drawn = draw(&format!(".x {{ color: red; {style} }}"), html);
        assert_eq!(has(&drawn, is_red), seen, "{style}: {html}");
    };
    for style in [
        "clip-path: inset(50%)",
        "clip-path: inset(0 100% 0 0)",
        "clip-path: inset(0 0 150px 0 round 4px)",
        "clip-path: inset(calc(60% - 2px) 0 60% 0)",
        "clip-path: circle(0)",
        "clip-path: inset(50%); transition: all 9s",
        "transform: rotateY(90deg)",
        "transform: translate(-5%) rotateX(90deg)",
        "rotate: x 90deg",
        "transform: scale3d(0, 0, 0)",
        "transform: rotateY(180deg); backface-visibility: hidden",
        "rotate: y 180deg; backface-visibility: hidden",
        "content-visibility: hidden",
        "-webkit-text-fill-color: transparent",
    ] {
        check(style, BLOCK, false);
    }
    for style in [
        "clip-path: circle(0)",
        "clip-path: inset(50%)",
        "clip-path: inset(0 100% 0 0)",
        "mask-image: linear-gradient(transparent, transparent)",
        "position: relative; left: -999px",
        "content-visibility: hidden",
        "-webkit-text-fill-color: transparent",
    ] {
        check(style, IN_LINE, false);
    }
    let declared = "<div style='color: red; content-visibility: hidden'>secret</div>";
    assert!(!has(&draw("", declared), is_red));
}

#[test]
fn what_a_style_sheet_does_not_hide_is_seen() {
    for style in [
        "clip-path: inset(0)",
        "clip-path: inset(10% 0 10% 0)",
        "transform: rotateX(180deg)",
        "transform: rotateY(60deg)",
        "transform: rotateY(180deg) rotateY(180deg); backface-visibility: hidden",
        "transform: scaleX(-1); backface-visibility: hidden",
        "backface-visibility: hidden",
        "content-visibility: visible",
        "-webkit-text-fill-color: currentColor",
    ] {
        let drawn = draw(&format!(".x {{ color: red; {style} }}"), BLOCK);
        assert!(has(&drawn, is_red), "{style}");
    }
    let css = ".x { color: red; position: relative; top: 8px }";
    let moved = area(&draw(css, IN_LINE), is_red).expect("moved");
    let still = area(&draw(".x { color: red }", IN_LINE), is_red).expect("still");
    assert!(moved[1].abs_diff(still[1] + 8) <= 1, "{moved:?} {still:?}");
    let half = area(
        &draw(".x { color: red; clip-path: inset(0 50% 0 0) }", IN_LINE),
        is_red,
    )
    .expect("half");
    assert!(
        half[0].abs_diff(still[0]) <= 1 && half[3].abs_diff(still[3]) <= 1,
        "{half:?} {still:?}"
    );
    assert!(half[2] < still[2] - 10, "{half:?} {still:?}");
}

/// A card that shows red, or blue, while the pointer is over it and not else.
fn check_under_the_pointer(css: &str, html: &str, wanted: fn(&[u8]) -> bool) {
    let engine = CardEngine::spawn(Arc::new(NoResources), Arc::new(|| {})).expect("an engine");
    engine.show(Arc::new(page(css, html)), View::new(400.0, 200.0), false);
    match engine.wait(LONG) {
        Some(EngineEvent::Drawn(drawn)) => assert!(!has(&drawn, wanted), "{css}"),
        other => panic!("no picture: {other:?}"),
    }
    for _ in 0..2 {
        engine.input(CardInput::PointerMoved { x: 40.0, y: 30.0 });
        until(&engine, css, |drawn| has(drawn, wanted));
        engine.input(CardInput::PointerMoved { x: 40.0, y: 190.0 });
        until(&engine, css, |drawn| !has(drawn, wanted));
    }
}

#[test]
fn what_is_hidden_is_shown_under_the_pointer_and_goes_again() {
    for (hidden, shown) in [
        ("clip-path: inset(50%)", "clip-path: none"),
        ("clip-path: circle(0)", "clip-path: circle(100%)"),
        ("transform: rotateX(90deg)", "transform: none"),
        ("content-visibility: hidden", "content-visibility: visible"),
        (
            "-webkit-text-fill-color: transparent",
            "-webkit-text-fill-color: red",
        ),
        (
            "color: transparent; text-shadow: none",
            "text-shadow: 0 0 0 red",
        ),
    ] {
        let css = format!(".x {{ color: red; {hidden} }} .b:hover .x {{ {shown} }}");
        let html = "<div class=b>a<br><div class=x>secret</div></div>";
        check_under_the_pointer(&css, html, is_red);
    }
}

/// An animation without an end never comes to rest.
#[test]
fn what_an_animation_uncovers_is_seen_while_it_lasts() {
    for (from, to) in [
        ("clip-path: inset(0 100% 0 0)", "clip-path: inset(0)"),
        ("transform: rotateX(90deg)", "transform: rotateX(0deg)"),
    ] {
        let css = format!(
            "@keyframes k {{ from {{ {from} }} 10%, to {{ {to} }} }}\
             .x {{ color: red; animation: k 2s linear infinite }}"
        );
        let engine = CardEngine::spawn(Arc::new(NoResources), Arc::new(|| {})).expect("an engine");
        engine.show(Arc::new(page(&css, BLOCK)), View::new(400.0, 200.0), false);
        let seen = (0..200).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(10));
            engine.tick();
            matches!(engine.wait(LONG), Some(EngineEvent::Drawn(drawn)) if has(&drawn, is_red))
        });
        assert!(seen, "{from}");
    }
}

#[test]
fn a_card_that_flips_shows_one_side_at_a_time() {
    let css = ".b { width: 200px; height: 60px }\
        .i { position: relative; width: 100%; height: 100%; transform-style: preserve-3d }\
        .b:hover .i { transform: rotateY(180deg) }\
        .f, .k { position: absolute; inset: 0; backface-visibility: hidden }\
        .f { background: rgb(0, 0, 255) } .k { background: red; transform: rotateY(180deg) }";
    let html = "<div class=b><div class=i><div class=f>f</div><div class=k>k</div></div></div>";
    let drawn = draw(css, html);
    assert!(has(&drawn, is_blue) && !has(&drawn, is_red));
    check_under_the_pointer(css, html, is_red);
    let turned = css.replace(".b:hover .i", ".i");
    assert!(!has(&draw(&turned, html), is_blue));
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

#[test]
fn a_background_of_its_own_style_is_that_of_its_letters_again() {
    let css = ".x { -webkit-background-clip: text; color: transparent }\
        .b:hover .x { -webkit-text-fill-color: rgb(0, 0, 255) }";
    let html = "<div class=b>a<br>\
        <div class=x style='background: linear-gradient(transparent, red)'>gold</div></div>";
    let engine = CardEngine::spawn(Arc::new(NoResources), Arc::new(|| {})).expect("an engine");
    engine.show(Arc::new(page(css, html)), View::new(400.0, 200.0), false);
    until(&engine, "its colour", |drawn| has(drawn, is_red));
    engine.input(CardInput::PointerMoved { x: 40.0, y: 30.0 });
    until(&engine, "the other", |drawn| {
        has(drawn, is_blue) && !has(drawn, is_red)
    });
    engine.input(CardInput::PointerMoved { x: 40.0, y: 190.0 });
    until(&engine, "its colour again", |drawn| {
        has(drawn, is_red) && !has(drawn, is_blue)
    });
}

#[test]
fn long_text_that_is_filled_with_a_colour_is_pale_in_that() {
    let css = ".x { color: rgb(0, 0, 255); -webkit-text-fill-color: red; opacity: 0.9 }";
    let drawn = draw(
        css,
        &format!("a <span class=x>{}</span>", "words ".repeat(20)),
    );
    assert!(has(&drawn, is_red) && !has(&drawn, is_blue));
}
