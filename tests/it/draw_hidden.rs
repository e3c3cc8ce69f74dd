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
        "content-visibility: hidden; transition: all 9s",
        "visibility: hidden; content-visibility: auto",
        "visibility: hidden; content-visibility: visible",
        "contain: size; overflow: hidden",
        "contain: strict",
        "-webkit-text-security: disc",
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
        "margin-left: -9999px",
        "-webkit-text-security: disc",
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
        "content-visibility: auto",
        "position: relative; z-index: -1",
        "contain: size; height: 60px",
        "contain: content",
        "display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden",
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
        ("content-visibility: hidden", "content-visibility: auto"),
        ("contain: size; overflow: hidden", "contain: none"),
        ("-webkit-text-security: disc", "-webkit-text-security: none"),
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

#[test]
fn what_is_cut_off_stays_so_where_it_is_above_other_things() {
    let panel = "<div class=p>a<div class=x>secret</div></div>";
    for (css, html) in [
        (".p { max-height: 0; overflow: hidden }", panel),
        (".p { height: 0; overflow: clip }", panel),
        (".p { height: 0; contain: paint }", panel),
        (
            ".p { max-height: 0; overflow: hidden }",
            "<div class=p><section><p class=x>secret</p></section></div>",
        ),
        (
            ".p { max-height: 0; overflow: hidden; position: relative } .x { position: absolute }",
            panel,
        ),
        (
            ".p { max-height: 0; overflow: hidden } .x { z-index: auto }\
             .x::before { content: 'secret'; display: block; position: relative; z-index: 1 }",
            "<div class=p><div class=x></div></div>",
        ),
    ] {
        let css = format!(".x {{ color: red; position: relative; z-index: 2 }} {css}");
        assert!(!has(&draw(&css, html), is_red), "{css}");
    }
    // Below the background of what cuts it off, too.
    let below = ".x { color: red; position: relative; z-index: -1 }";
    for css in [
        ".p { overflow: hidden; background: white }",
        "#qa > div { background: white } .p { overflow: hidden }",
        ".p { max-height: 0; overflow: hidden }",
        ".p { max-height: 0; overflow: hidden; background: white }",
    ] {
        let html = format!("<div>{panel}</div>");
        assert!(
            !has(&draw(&format!("{below} {css}"), &html), is_red),
            "{css}"
        );
    }
    assert!(has(
        &draw(&format!("{below} .p {{ overflow: hidden }}"), panel),
        is_red
    ));
    // The content as a whole may have one.
    let raised = "#qa { color: red; position: relative; z-index: 1 }";
    assert!(has(&draw(raised, "shown"), is_red));
    let css = ".x { color: red; position: relative; z-index: 2 }\
        .p { max-height: 0; overflow: hidden } .b:hover .p { max-height: 100px }";
    check_under_the_pointer(css, &format!("<div class=b>a<br>{panel}</div>"), is_red);
}

#[test]
fn what_is_visible_within_what_is_not_is_seen() {
    let css =
        ".h { visibility: hidden; color: rgb(0, 0, 255) } .x { visibility: visible; color: red }";
    for html in [
        "<div class=h>a <b class=x>shown</b> b</div>",
        "<div class=h>a<div class=x>shown</div></div>",
        "<div class=h><p>a <i>b <b class=x>shown</b></i></p></div>",
        "<div style='overflow: hidden'><div class=h>a <b class=x>shown</b></div></div>",
        "<div style='opacity: 0.99'><div class=h>a <b class=x>shown</b></div></div>",
    ] {
        let drawn = draw(css, html);
        assert!(has(&drawn, is_red) && !has(&drawn, is_blue), "{html}");
        assert_eq!(drawn.text.as_ref(), "shown", "{html}");
    }
    // What is skipped is not there, whatever is said of its parts.
    let css = css.replace(".h { visibility: hidden", ".h { content-visibility: hidden");
    assert!(!has(
        &draw(&css, "<div class=h>a <b class=x>no</b></div>"),
        is_red
    ));
}

#[test]
fn lines_beyond_those_that_are_to_be_shown_are_not_seen() {
    let css = "i { color: red; font-style: normal }\
        .x { display: -webkit-box; -webkit-box-orient: vertical; overflow: hidden }";
    for (lines, html) in [
        (2, "<div class=x>one<br>two<br><i>secret</i></div>"),
        (
            1,
            "<div class=x style='padding-top: 9px'>one<br><i>secret</i></div>",
        ),
        (
            2,
            "<div class=x><p>one</p><p>two</p><p><i>secret</i></p></div>",
        ),
        (
            1,
            "<div class=x style='box-sizing: border-box; border: 4px solid'>one<br><i>secret</i></div>",
        ),
    ] {
        let css = format!("{css} .x {{ -webkit-line-clamp: {lines} }}");
        assert!(!has(&draw(&css, html), is_red), "{html}");
        let more = css.replace(&format!("clamp: {lines}"), "clamp: 3");
        assert!(has(&draw(&more, html), is_red), "{html}");
        for shown in ["-webkit-line-clamp: unset", "display: block"] {
            let css = format!("{css} .b:hover .x {{ {shown} }}");
            check_under_the_pointer(&css, &format!("<div class=b>{html}</div>"), is_red);
        }
    }
}

#[test]
fn boxes_beside_those_that_are_cut_to_lines_are_laid_out_as_they_say() {
    let css = ".c { display: -webkit-box; -webkit-line-clamp: 1; overflow: hidden }\
        .x { display: -webkit-box; -webkit-box-pack: end } i { background: red }";
    let html = "<div class=c>one<br><i>two</i></div><div class=x><i>word</i></div>";
    let [left, top, right, _] = area(&draw(css, html), is_red).expect("a word");
    assert!(
        left > 300 && right > 370 && top > 35,
        "{left} {right} {top}"
    );
    // Cut by its own style alone.
    let html =
        "<div class=x style='-webkit-line-clamp: 1; overflow: hidden'>one<br><i>two</i></div>";
    assert!(!has(&draw(css, html), is_red));
}

#[test]
fn what_has_no_box_of_its_own_is_hidden_as_it_says() {
    for (css, html) in [
        (
            ".h { display: contents; visibility: hidden; color: red }",
            "<div>a <span class=h>secret</span> b</div>",
        ),
        (
            ".h { display: contents; visibility: hidden; color: red }",
            "<div><div class=h>secret</div><p>b</p></div>",
        ),
        (
            "tr { opacity: 0 } td { color: red }",
            "<table><tr><td>secret</table>",
        ),
        (
            "tbody { opacity: 0; color: red }",
            "<table><tr><td>secret</table>",
        ),
        (
            "tr { filter: blur(9px) } td { color: red }",
            "<table><tr><td>secret</table>",
        ),
        (
            ".x::after { content: 'secret'; color: red; opacity: 0 }",
            "<p>a <span class=x>b</span> c</p>",
        ),
        (
            ".x::before { content: 'secret'; color: red; visibility: hidden }",
            "<div class=x>a</div>",
        ),
    ] {
        assert!(!has(&draw(css, html), is_red), "{css}");
    }
    for (css, html) in [
        (
            "tr { opacity: 0 } td { color: red } .b:hover tr { opacity: 1 }",
            "<div class=b>a<table><tr><td>secret</table></div>",
        ),
        (
            "tr { filter: blur(9px) } td { color: red } .b:hover tr { filter: none }",
            "<div class=b>a<table><tr><td>secret</table></div>",
        ),
        (
            ".x::after { content: 'secret'; color: red; opacity: 0 } .x:hover::after { opacity: 1 }",
            "<div class=x>point here </div>",
        ),
    ] {
        check_under_the_pointer(css, html, is_red);
    }
}

#[test]
fn selectors_ask_for_what_is_within_for_languages_and_for_places() {
    for (selector, hidden, shown) in [
        (
            ".q:has(.h) .x",
            "<div class=q><i class=h></i><div class=x>secret</div></div>",
            "<div class=q><i></i><div class=x>shown</div></div>",
        ),
        (
            ".x:not(:has(> b))",
            BLOCK,
            "<div class=x>shown<b></b></div>",
        ),
        (
            ".x:lang(ja)",
            "<div lang=ja-JP><div class=x>secret</div></div>",
            "<div lang=en><div class=x>shown</div></div>",
        ),
        (
            ".x:dir(rtl)",
            "<div dir=rtl><div class=x>secret</div></div>",
            BLOCK,
        ),
        (
            ":nth-child(1 of .x)",
            "<i></i><div class=x>secret</div>",
            "<i class=x></i><div class=x>shown</div>",
        ),
        (
            "@media (prefers-reduced-motion: no-preference) { .x",
            BLOCK,
            "<div style='color: red'>shown</div>",
        ),
    ] {
        let css = format!(".x {{ color: red }} {selector} {{ display: none }}");
        assert!(!has(&draw(&css, hidden), is_red), "{selector}");
        assert!(has(&draw(&css, shown), is_red), "{selector}");
    }
}

#[test]
fn rules_within_a_scope_count_there_alone() {
    let css = "@scope (.a) to (.b) { i { background: red } :scope > b { background: blue } }";
    for (html, red, blue) in [
        ("<p class=a><i>x</i></p>", true, false),
        ("<p class=a><b>x</b></p>", false, true),
        ("<p><i>x</i><b>y</b></p>", false, false),
        (
            "<p class=a><u class=b><i>x</i><b>y</b></u></p>",
            false,
            false,
        ),
    ] {
        let drawn = draw(css, html);
        assert_eq!(
            (has(&drawn, is_red), has(&drawn, is_blue)),
            (red, blue),
            "{html}"
        );
    }
}

#[test]
fn a_line_over_a_mora_is_as_wide_as_that() {
    let css = ".h { position: relative } .h::after { content: ''; position: absolute; top: 0;\
        left: 0; right: 0; border-top: 2px solid red }";
    let [left, _, right, _] =
        area(&draw(css, "<p>ab <span class=h>cd</span> ef</p>"), is_red).expect("a line");
    assert!(
        left > 30 && (10..40).contains(&(right - left)),
        "{left} {right}"
    );
    // Words on a gradient within a line are seen on it.
    let css = ".h { background: linear-gradient(blue, blue); color: white }";
    assert!(has(
        &draw(css, "<p>ab <span class=h>cd</span> ef</p>"),
        is_blue
    ));
}

#[test]
fn letters_that_are_no_more_than_outlines_are_seen() {
    let css = ".x { color: transparent; font-size: 40px; -webkit-text-stroke: 2px red }";
    assert!(has(&draw(css, "<p class=x>word</p>"), is_red));
    let own = "<p style='color: white; font-size: 40px; -webkit-text-stroke: 4px blue'>word</p>";
    assert!(has(&draw("", own), is_blue));
}

/// A card that shows red after a press on its first line, and not before; where it `goes`, not
/// after a press beside it either.
fn check_pressed(css: &str, html: &str, goes: bool) {
    let engine = CardEngine::spawn(Arc::new(NoResources), Arc::new(|| {})).expect("an engine");
    engine.show(Arc::new(page(css, html)), View::new(400.0, 200.0), false);
    until(&engine, css, |drawn| !has(drawn, is_red));
    let press = |x: f32, y: f32| {
        engine.input(CardInput::PointerMoved { x, y });
        engine.input(CardInput::PointerPressed { x, y });
        engine.input(CardInput::PointerReleased { x, y });
    };
    press(60.0, 31.0);
    until(&engine, css, |drawn| has(drawn, is_red));
    if goes {
        press(60.0, 190.0);
        until(&engine, css, |drawn| !has(drawn, is_red));
    }
}

#[test]
fn what_is_pressed_has_the_focus() {
    let html = "<div class=t tabindex=0>press here<div class=x>secret</div></div>";
    let css = ".x { display: none; color: red } .t:focus .x { display: block }";
    check_pressed(css, html, true);
    check_pressed(css, &html.replace("=0", "=-1"), true);
    let within = "<div class=t><span tabindex=0>press here</span><div class=x>secret</div></div>";
    check_pressed(&css.replace(":focus", ":focus-within"), within, true);
    // In columns too it goes again.
    let columns = ".x { columns: 2; color: red } .t:not(:focus) .x { display: none }";
    check_pressed(columns, &html.replace("secret", "<p>secret<p>secret"), true);
}

#[test]
fn what_is_within_an_element_is_asked_for_again_after_a_press() {
    let css = ".x { display: none; color: red } .q:has(:checked) .x { display: block }";
    let html = "<div class=q><label for=c>press here</label> <input type=checkbox id=c>\
        <div class=x>secret</div></div>";
    check_pressed(css, html, false);
}

#[test]
fn a_box_that_is_not_shown_is_ticked_by_its_label() {
    let css = ".x { display: none; color: red } #c:checked ~ .x { display: block }";
    for (hidden, input) in [
        ("#c { display: none }", "<input type=checkbox id=c>"),
        ("#c { display: none }", "<input type=Radio name=n id=c>"),
        ("", "<input type=checkbox id=c hidden>"),
        ("", "<input type=checkbox id=c style='display: none'>"),
        (
            "#c { position: absolute; opacity: 0 }",
            "<input type=checkbox id=c>",
        ),
    ] {
        let html = format!("a {input} <label for=c>press here</label><div class=x>secret</div>");
        check_pressed(&format!("{css} {hidden}"), &html, false);
    }
    let ticked = "<input type=checkbox id=c checked hidden><div class=x>shown</div>";
    assert!(has(&draw(css, ticked), is_red));
}

#[test]
fn details_stay_closed_whatever_is_said_of_their_display() {
    let html = "<details><summary>press here</summary>bare <b>bold</b><div>block</div></details>";
    let css = "details { color: red } summary { color: black } div, b, span { display: block }";
    check_pressed(css, html, false);
    let css = "div { color: red } summary { color: black } details > div { display: flex } \
        summary + div { display: block }";
    let html = "<details><summary>press here</summary><div>block</div></details>";
    check_pressed(css, html, false);
}

#[test]
fn details_are_below_a_summary_that_flows() {
    let css = "details { color: red } summary { display: inline-block; color: black }";
    for content in ["shown", "<b>shown</b>", "<div>shown</div>"] {
        let html = format!("<details open><summary>Summary</summary>{content}</details>");
        let [left, ..] = area(&draw(css, &html), is_red).expect("the content");
        assert!(left < 40, "{content}: {left}");
    }
}
