//! The render thread: drawing in advance, hints, selection, scrolling, links, and going on after
//! a card that makes it panic.

use crate::draw_occlusion::Picture;
use engram::base::time::Stopwatch;
use engram::render::{
    CardEngine, CardInput, CardOutput, CardPage, DrawnCard, EngineEvent, NoResources, Resources,
    ScrollTo, SoundSide, View,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

pub(crate) const LONG: Duration = Duration::from_secs(60);
/// So long nothing comes when nothing should.
const SHORT: Duration = Duration::from_millis(200);
/// From one step of an animation to the next, at most.
const TICK: Duration = Duration::from_millis(50);

fn page(html: &str) -> Arc<CardPage> {
    Arc::new(CardPage {
        html: html.to_owned(),
        css: ".card { font-family: arial; font-size: 20px }".to_owned(),
        body_class: "card card1".to_owned(),
        play_buttons: true,
        ..CardPage::default()
    })
}

fn view() -> View {
    View::new(400.0, 200.0)
}

fn engine() -> CardEngine {
    CardEngine::spawn(Arc::new(NoResources), Arc::new(|| {})).expect("an engine")
}

fn drawn(engine: &CardEngine) -> DrawnCard {
    match engine.wait(LONG) {
        Some(EngineEvent::Drawn(drawn)) => drawn,
        other => panic!("no picture: {other:?}"),
    }
}

fn output(engine: &CardEngine) -> CardOutput {
    loop {
        match engine.wait(LONG) {
            Some(EngineEvent::Output(CardOutput::Tip(_))) => {}
            Some(EngineEvent::Output(output)) => return output,
            Some(EngineEvent::Drawn(_)) => {}
            None => panic!("no output"),
        }
    }
}

/// Shows a page and waits for its first picture.
fn show(engine: &CardEngine, html: &str) -> DrawnCard {
    engine.show(page(html), view(), false);
    drawn(engine)
}

fn click(engine: &CardEngine, x: f32, y: f32) {
    engine.input(CardInput::PointerMoved { x, y });
    engine.input(CardInput::PointerPressed { x, y });
    engine.input(CardInput::PointerReleased { x, y });
}

/// The first picture that is as wanted; pictures on the way there may be skipped or not.
pub(crate) fn until(
    engine: &CardEngine,
    what: &str,
    wanted: impl Fn(&DrawnCard) -> bool,
) -> DrawnCard {
    loop {
        match engine.wait(LONG) {
            Some(EngineEvent::Drawn(drawn)) if wanted(&drawn) => return drawn,
            Some(_) => {}
            None => panic!("never: {what}"),
        }
    }
}

fn until_text(engine: &CardEngine, text: &str) {
    until(engine, text, |drawn| drawn.text.as_ref() == text);
}

#[test]
fn a_card_drawn_in_advance_is_not_drawn_again() {
    let engine = engine();
    show(&engine, "one");
    let next = page("two");
    engine.prepare(next.clone(), view());
    assert_eq!(drawn(&engine).text.as_ref(), "two");
    engine.prepare(next.clone(), view());
    engine.show(next.clone(), view(), true);
    assert!(engine.wait(SHORT).is_none(), "nothing to draw");
    // Without its picture the face gets it from the card that is laid out already.
    engine.show(next, view(), false);
    assert_eq!(drawn(&engine).text.as_ref(), "two");
}

#[test]
fn what_is_drawn_in_advance_waits_for_the_card_that_is_shown() {
    let engine = engine();
    show(&engine, "one");
    // A machine with other things to do may take longer than the moment that is waited.
    let passed = (0..20).any(|n| {
        engine.prepare(page(&format!("early {n}")), view());
        std::thread::sleep(Duration::from_millis(4));
        engine.show(page(&format!("shown {n}")), view(), false);
        let order = [drawn(&engine), drawn(&engine)].map(|drawn| drawn.text);
        order[0].starts_with("shown") && order[1].starts_with("early")
    });
    assert!(passed, "what is drawn in advance comes first each time");
}

#[test]
fn a_hint_shows_what_it_hides() {
    let engine = engine();
    let hint = "<a class=hint href='#' onclick=\"this.style.display='none';\
                document.getElementById('h').style.display='block';return false;\">Show</a>\
                <div id=h class=hint style='display:none'>secret</div>";
    let before = show(&engine, hint);
    assert_eq!(before.text.as_ref(), "Show");
    click(&engine, 40.0, 30.0);
    until_text(&engine, "secret");
    // Shown again, the card is as it was.
    engine.show(page(hint), view(), false);
    until_text(&engine, "Show");
    // The same by class alone, when the script is not understood.
    show(
        &engine,
        "<a class=hint href='#' onclick='flip(this)'>Show</a><div class=hint style='display:none'>x</div>",
    );
    click(&engine, 40.0, 30.0);
    until_text(&engine, "x");
}

#[test]
fn a_hint_within_a_line_breaks_it_only_when_it_is_shown() {
    for script in [
        "this.style.display='none';document.getElementById('h').style.display='block';",
        "flip(this)",
    ] {
        let engine = engine();
        let hint = format!(
            "<a class=hint href='#' onclick=\"{script}\">Show</a>\
             <div id=h class=hint style='display:none'>secret</div> after<hr>end"
        );
        let before = show(&engine, &hint);
        assert!(before.text.starts_with("Show after"), "{:?}", before.text);
        click(&engine, 40.0, 30.0);
        let taller = before.content_height + 10.0;
        until(&engine, "the hint on a line of its own", |drawn| {
            drawn.text.contains("secret") && drawn.content_height > taller
        });
    }
}

/// Left and top of the area that has the style `.b:hover`, and a place beside it.
const OVER: (f32, f32) = (40.0, 30.0);
const BESIDE: (f32, f32) = (40.0, 190.0);

/// A card whose colour is seen only while the pointer is over it.
fn check_shown_while_pointed_at(html: &str, is_seen: impl Fn(&[u8]) -> bool) {
    let engine = engine();
    let seen = |drawn: &DrawnCard| drawn.rgba.chunks_exact(4).any(&is_seen);
    assert!(!seen(&show(&engine, html)), "{html}");
    for _ in 0..2 {
        let (x, y) = OVER;
        engine.input(CardInput::PointerMoved { x, y });
        until(&engine, html, seen);
        let (x, y) = BESIDE;
        engine.input(CardInput::PointerMoved { x, y });
        until(&engine, html, |drawn| !seen(drawn));
    }
}

#[test]
fn what_is_blurred_is_seen_where_any_style_sheet_says_so() {
    check_shown_while_pointed_at(
        "<style>.s { color: red; filter: blur(8px) }</style>\
         <style>.b:hover .s { filter: none }</style>\
         <div class=b>a <span class=s>secret</span></div>",
        |p| p[0] > 200 && p[1] < 90,
    );
}

#[test]
fn what_was_pointed_at_is_hidden_when_the_card_comes_again() {
    let engine = engine();
    let html = "<style>.s { color: red; visibility: hidden } .b:hover .s { visibility: visible }\
                </style><div class=b>a <span class=s>secret</span></div>";
    let seen = |drawn: &DrawnCard| {
        let mut pixels = drawn.rgba.chunks_exact(4);
        pixels.any(|p| p[0] > 200 && p[1] < 90)
    };
    assert!(!seen(&show(&engine, html)));
    let (x, y) = OVER;
    engine.input(CardInput::PointerMoved { x, y });
    until(&engine, "the secret", seen);
    let other = show(&engine, "other");
    assert_eq!(other.text.as_ref(), "other");
    assert!(!seen(&show(&engine, html)));
}

#[test]
fn parts_of_a_drawing_are_shown_again() {
    for (hidden, shown) in [
        ("visibility: hidden", "visibility: visible"),
        ("display: none", "display: inline"),
        ("opacity: 0", "opacity: 1"),
    ] {
        let html = format!(
            "<style>.h {{ {hidden} }} .b:hover .h {{ {shown} }}</style><div class=b>\
             <svg viewBox='0 0 100 50' width=100 height=50>\
             <g class=h><rect width=100 height=50 fill='#0000ff'/></g></svg></div>"
        );
        check_shown_while_pointed_at(&html, |p| p[2] > 250 && p[0] < 5);
    }
}

#[test]
fn what_is_shown_under_the_pointer_goes_again_whatever_is_around_it() {
    check_shown_while_pointed_at(
        "<style>.t { display: none; color: red; border: 1px solid red }\
         .b:hover .t { display: inline }</style><div class=b>a <span class=t>secret</span></div>",
        |p| p[0] > 200 && p[1] < 90,
    );
}

#[test]
fn long_pale_text_gets_its_colour_back() {
    let words = "pale words ".repeat(12);
    let html = format!(
        "<style>.x {{ color: red; opacity: 0.3 }} .b:hover .x {{ opacity: 1 }}</style>\
         <div class=b>a <span class=x>{words}</span></div>"
    );
    check_shown_while_pointed_at(&html, |p| p[0] > 200 && p[1] < 90);
}

#[test]
fn long_pale_text_gets_its_colour_back_at_the_end_of_a_transition() {
    let engine = engine();
    let words = "pale words ".repeat(12);
    let html = format!(
        "<style>.x {{ color: red; opacity: 0.3; transition: opacity 50ms }}\
         .b:hover .x {{ opacity: 1 }}</style><div class=b>a <span class=x>{words}</span></div>"
    );
    show(&engine, &html);
    let (x, y) = OVER;
    engine.input(CardInput::PointerMoved { x, y });
    let is_red = |drawn: &DrawnCard| {
        let mut pixels = drawn.rgba.chunks_exact(4);
        pixels.any(|p| p[0] > 200 && p[1] < 90)
    };
    // It begins when the engine comes to it, whenever that is.
    let seen = (0..600).any(|_| {
        engine.tick();
        matches!(engine.wait(TICK), Some(EngineEvent::Drawn(drawn)) if is_red(&drawn))
    });
    assert!(seen, "its colour");
}

#[test]
fn details_open_with_a_click() {
    let engine = engine();
    let before = show(&engine, "<details><summary>More</summary>inside</details>");
    assert_eq!(before.text.as_ref(), "More");
    click(&engine, 60.0, 30.0);
    until_text(&engine, "More\ninside");
}

#[test]
fn text_is_selected_by_dragging_and_copied() {
    let engine = engine();
    let before = show(&engine, "<p>first line<p>second line");
    assert!(!before.has_selection);
    engine.input(CardInput::Copy);
    // The first line is at 20 to 43, the second at 63 to 86.
    engine.input(CardInput::PointerMoved { x: 21.0, y: 32.0 });
    engine.input(CardInput::PointerPressed { x: 21.0, y: 32.0 });
    for step in 1..=10 {
        let part = step as f32 / 10.0;
        engine.input(CardInput::PointerMoved {
            x: 21.0 + 280.0 * part,
            y: 32.0 + 43.0 * part,
        });
    }
    engine.input(CardInput::PointerReleased { x: 301.0, y: 75.0 });
    let after = until(&engine, "a selection", |drawn| drawn.has_selection);
    assert_ne!(after.rgba, before.rgba, "the selection is visible");
    engine.input(CardInput::Copy);
    assert_eq!(
        output(&engine),
        CardOutput::Copied("first line\nsecond line".into())
    );
    engine.input(CardInput::ClearSelection);
    until(&engine, "no selection", |drawn| !drawn.has_selection);
}

#[test]
fn a_word_is_selected_by_a_double_click_and_everything_by_select_all() {
    let engine = engine();
    show(&engine, "one two <b>three</b><br>four");
    engine.input(CardInput::SelectAround {
        x: 75.0,
        y: 30.0,
        block: false,
    });
    engine.input(CardInput::Copy);
    assert_eq!(output(&engine), CardOutput::Copied("two".into()));
    engine.input(CardInput::SelectAll);
    engine.input(CardInput::Copy);
    assert_eq!(
        output(&engine),
        CardOutput::Copied("one two three\nfour".into())
    );
}

#[test]
fn words_in_boxes_are_copied_where_they_stand() {
    let engine = engine();
    show(
        &engine,
        "<p>one <span style='padding:2px;border:1px solid'>two</span> three \
         <ruby>base<rt>reading</rt></ruby> four <b style='visibility:hidden'>secret</b>five\
         <p>six",
    );
    engine.input(CardInput::SelectAll);
    engine.input(CardInput::Copy);
    let copied = "one two three base(reading) four five\nsix";
    assert_eq!(output(&engine), CardOutput::Copied(copied.into()));
}

#[test]
fn lines_of_code_in_a_box_are_copied_as_lines() {
    let engine = engine();
    show(
        &engine,
        "Code:<br><pre style='display:inline-block;border:1px solid'>if x:\n  y</pre>",
    );
    engine.input(CardInput::SelectAll);
    engine.input(CardInput::Copy);
    let copied = "Code:\nif x:\n  y";
    assert_eq!(output(&engine), CardOutput::Copied(copied.into()));
}

#[test]
fn tall_cards_scroll_within_their_content() {
    let engine = engine();
    let first = show(
        &engine,
        "<div style='height:1000px;background:linear-gradient(red,blue)'>x</div>",
    );
    assert_eq!(first.scroll_y, 0.0);
    assert!(
        (1040.0..1042.0).contains(&first.content_height),
        "{}",
        first.content_height
    );
    let to = |to: ScrollTo| {
        engine.input(CardInput::Scroll(to));
        drawn(&engine).scroll_y
    };
    assert_eq!(to(ScrollTo::By(40.0)), 40.0);
    assert_eq!(to(ScrollTo::Pages(1.0)), 200.0);
    assert_eq!(to(ScrollTo::Pages(-9.0)), 0.0);
    let end = to(ScrollTo::Bottom);
    assert!((840.0..842.0).contains(&end), "{end}");
    assert_eq!(to(ScrollTo::Offset(300.0)), 300.0);
    assert_eq!(to(ScrollTo::Top), 0.0);
    engine.input(CardInput::PointerMoved { x: 50.0, y: 50.0 });
    engine.input(CardInput::Wheel { x: 0.0, y: -120.0 });
    let wheeled = until(&engine, "the wheel", |drawn| drawn.scroll_y == 120.0);
    assert_ne!(wheeled.rgba, first.rgba);
    // Where the pointer clicks is where the user sees it.
    let link = "<div style='height:900px'></div><a href='https://a.b/' style='display:block;height:200px'>x</a>";
    show(&engine, link);
    engine.input(CardInput::Scroll(ScrollTo::Bottom));
    click(&engine, 50.0, 100.0);
    assert_eq!(output(&engine), CardOutput::OpenUrl("https://a.b/".into()));
}

#[test]
fn sounds_and_files_are_named() {
    let engine = engine();
    show(
        &engine,
        "[anki:play:q:2]<div><video src='a b.mp4'></video></div><a href='x y.pdf'>file</a>",
    );
    click(&engine, 40.0, 40.0);
    let wanted = CardOutput::PlaySound {
        side: SoundSide::Question,
        index: 2,
    };
    assert_eq!(output(&engine), wanted);
    let page = "<div style='font-size:40px'><audio src='a b.mp3'></audio></div><div style='font-size:40px'><a href='x y.pdf'>file</a></div>";
    show(&engine, page);
    click(&engine, 60.0, 40.0);
    assert_eq!(output(&engine), CardOutput::PlayFile("a b.mp3".into()));
    click(&engine, 40.0, 90.0);
    assert_eq!(output(&engine), CardOutput::OpenFile("x y.pdf".into()));
}

#[test]
fn a_new_view_gives_a_new_picture_of_the_same_card() {
    let engine = engine();
    show(&engine, "words ".repeat(40).as_str());
    let narrow = View {
        width: 200.0,
        height: 300.0,
        scale: 2.0,
        zoom: 1.5,
    };
    engine.resize(narrow);
    let after = drawn(&engine);
    assert_eq!((after.width_px, after.height_px), (400, 600));
    assert!(after.content_height > 300.0);
}

#[test]
fn columns_in_per_cent_follow_the_width_of_the_view() {
    let engine = engine();
    let page = page(
        "<style>body { margin: 0 } table { width: 100%; border-spacing: 0 } td { padding: 0 }</style>\
         <table><tr><td style='width: 50%; background: #ff0000'>Donaudampf<td>x</table>",
    );
    engine.show(page, view(), false);
    let red = |width: f32| {
        engine.resize(View { width, ..view() });
        let drawn = until(&engine, "a picture", |drawn| drawn.view.width == width);
        let rows = drawn.rgba.chunks(4 * drawn.width_px as usize);
        let reds = rows.map(|row| {
            let row = row.chunks(4);
            row.filter(|p| p[0] > 200 && p[1] < 60).count()
        });
        reds.max().expect("rows")
    };
    assert!(red(400.0).abs_diff(200) <= 1);
    assert!(red(300.0).abs_diff(150) <= 1);
    // The word has no room in a half, and then it has.
    assert!(red(150.0) > 80);
    assert!(red(360.0).abs_diff(180) <= 1);
}

#[test]
fn animations_go_on_with_ticks() {
    let engine = engine();
    let html = "<style>@keyframes x{from{margin-left:0}to{margin-left:300px}}\
                div{width:50px;height:50px;background:red;animation:x 1s linear infinite}</style><div></div>";
    let first = show(&engine, html);
    assert!(first.animating);
    std::thread::sleep(Duration::from_millis(150));
    engine.tick();
    assert_ne!(drawn(&engine).rgba, first.rgba);
    assert!(!show(&engine, "still").animating);
}

#[test]
fn animations_say_how_long_they_take() {
    let engine = engine();
    for (animation, expect) in [
        ("x 2s 3s both", 5.0),
        ("x 2s 3 both", 6.0),
        ("x 2s infinite", 0.0),
    ] {
        let html = format!(
            "<style>@keyframes x{{from{{opacity:0}}to{{opacity:1}}}}\
             div{{animation:{animation}}}</style><div>a</div>"
        );
        let drawn = show(&engine, &html);
        assert!(drawn.animating, "{animation}");
        assert!(
            (drawn.motion_seconds - expect).abs() < 0.01,
            "{animation}: {}",
            drawn.motion_seconds
        );
    }
}

#[test]
fn a_typical_card_is_drawn_in_no_time() {
    let engine = engine();
    show(&engine, "warm");
    let mut times = Vec::new();
    for n in 0..20 {
        let html = format!(
            "What is <b>{n}</b> times {n}?<hr id=answer><i>It is {}.</i>",
            n * n
        );
        let watch = Stopwatch::start();
        show(&engine, &html);
        times.push(watch.elapsed());
    }
    times.sort();
    eprintln!(
        "a typical card: {:?}, the slowest {:?}",
        times[10], times[19]
    );
    // Ten times the aim of the release build on an idle machine, because this is neither.
    assert!(times[2] < Duration::from_millis(100), "{times:?}");
}

/// A folder that breaks when it is asked for `bad.png`.
struct Broken(AtomicUsize);
impl Resources for Broken {
    fn read(&self, name: &str) -> Option<Vec<u8>> {
        assert!(name != "bad.png", "made to fail");
        self.0.fetch_add(1, Ordering::Relaxed);
        None
    }
    fn exists(&self, _name: &str) -> bool {
        true
    }
}

#[test]
fn a_card_that_breaks_the_engine_gives_a_notice_and_the_next_one_is_drawn() {
    let resources = Arc::new(Broken(AtomicUsize::new(0)));
    let engine = CardEngine::spawn(resources, Arc::new(|| {})).expect("an engine");
    let bad = show(&engine, "text of the card <img src=bad.png>");
    assert!(bad.text.contains("could not be drawn"), "{}", bad.text);
    assert!(bad.text.contains("text of the card"));
    let good = show(&engine, "good");
    assert_eq!(good.text.as_ref(), "good");
    assert!(good.generation > bad.generation);
    // In advance too, with the shown card kept.
    engine.prepare(page("other <img src=bad.png>"), view());
    until(&engine, "a notice", |drawn| drawn.text.contains("other"));
    engine.input(CardInput::SelectAll);
    engine.input(CardInput::Copy);
    assert_eq!(output(&engine), CardOutput::Copied("good".into()));
}

#[test]
fn nothing_shown_takes_no_input() {
    let engine = engine();
    show(&engine, "x");
    engine.hide();
    engine.input(CardInput::SelectAll);
    engine.input(CardInput::Copy);
    assert!(engine.wait(SHORT).is_none());
}

#[test]
fn the_picture_under_the_pointer_is_told_by_its_name() {
    let waker = Arc::new(|| {});
    let engine = CardEngine::spawn(Arc::new(Picture("a b.png")), waker).expect("an engine");
    show(&engine, "<img src=\"a%20b.png\"><p>text</p>");
    engine.input(CardInput::PointerMoved { x: 60.0, y: 60.0 });
    let there = CardOutput::Picture(Some("a b.png".into()));
    assert_eq!(output(&engine), there);
    // Also when it is shown again.
    show(&engine, "another");
    show(&engine, "<img src=\"a%20b.png\"><p>text</p>");
    engine.input(CardInput::PointerMoved { x: 61.0, y: 60.0 });
    assert_eq!(output(&engine), there);
    engine.input(CardInput::PointerMoved { x: 80.0, y: 60.0 });
    engine.input(CardInput::PointerMoved { x: 390.0, y: 60.0 });
    assert_eq!(output(&engine), CardOutput::Picture(None));
}
