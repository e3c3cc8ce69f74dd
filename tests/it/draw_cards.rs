//! Cards drawn to pixels: what is there, where, in which colour. No window, no graphics card.

use crate::draw_occlusion::Picture;
use engram::render::{
    CardPage, DrawnCard, MediaFolder, NoResources, Resources, View, draw_once, write_png,
};
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
    let drawn = draw_once(page, resources, View::new(400.0, 200.0)).expect("a picture");
    save(page, &drawn);
    drawn
}

fn page_with(html: &str, css: &str) -> CardPage {
    let mut page = page(html);
    page.css += css;
    page
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
        .expect("a saved picture");
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

#[test]
fn style_sheet_of_the_note_type_counts() {
    let mut page = page("<div class=x></div>");
    page.css += ".x { width: 100px; height: 50px; background: rgb(0, 0, 200) } body { margin: 0 }";
    let drawn = draw_page(&page);
    assert_eq!(pixel(&drawn, 99, 49), [0, 0, 200]);
    assert_eq!(pixel(&drawn, 101, 10), [255, 255, 255]);
    assert_eq!(pixel(&drawn, 10, 51), [255, 255, 255]);
}

#[test]
fn night_mode_darkens_the_page_unless_the_note_type_says_how() {
    let mut page = page("text");
    page.night = true;
    let drawn = draw_page(&page);
    assert_eq!(pixel(&drawn, 0, 0), [0x25, 0x24, 0x28]);
    let light = ink_where(&drawn, |p, _| p[0] > 200).expect("light text");
    assert!(light.1 >= 20);
    page.css += ".card.nightMode { background-color: rgb(1, 2, 3) }";
    assert_eq!(pixel(&draw_page(&page), 0, 0), [1, 2, 3]);
    page.css += ".night_mode b { color: rgb(0, 255, 0) }";
    page.html = "<b>text</b>".into();
    assert!(ink_where(&draw_page(&page), |p, _| p == [0, 255, 0]).is_some());
}

#[test]
fn fields_of_a_form_can_be_read_at_night() {
    for field in ["<input value=MMM>", "<textarea>MMM</textarea>"] {
        let mut page = page_with(
            field,
            ".card { color: black } .card > * > * { font-size: 20px }",
        );
        page.night = true;
        let drawn = draw_page(&page);
        let letters = ink_where(&drawn, |p, _| p.iter().all(|v| *v > 200));
        let white = ink_where(&drawn, |p, _| p == [255, 255, 255]);
        assert!(letters.is_some() && white.is_none(), "{field}");
        page.night = false;
        page.css = page.css.replace("black", "white");
        let drawn = draw_page(&page);
        let letters = ink_where(&drawn, |p, _| p.iter().all(|v| *v < 60));
        assert!(letters.is_some(), "{field}");
    }
}

#[test]
fn buttons_and_fields_have_letters_of_their_own_size() {
    let height = |html: &str, css: &str| {
        let (_, top, _, bottom) = ink(&draw_page(&page_with(html, css))).expect("a button");
        bottom - top
    };
    let button = "<button style='display: block'>MMM</button>";
    let small = height(button, "");
    assert!((10..=30).contains(&small), "{small}");
    assert_eq!(height(button, ".card { font-size: 60px }"), small);
    let large = height(button, "button { font-size: 40px }");
    assert!(large >= 2 * small, "{large}");
}

#[test]
fn clozes_look_as_the_note_type_says_and_in_no_other_way() {
    let plain = draw("<span>MMM</span>");
    let cloze = "<span class=cloze>MMM</span>";
    assert_eq!(draw(cloze).rgba, plain.rgba);
    let bold = draw_page(&page_with(cloze, ".cloze { font-weight: bold }"));
    assert_ne!(bold.rgba, plain.rgba);
}

#[test]
fn a_picture_file_has_all_of_what_grows_with_the_window() {
    let html = "<div class=x></div><hr id=answer>answer";
    let css = ".x { height: 95vh; max-height: 400px; background: rgb(0, 0, 200) }";
    let room = tempfile::tempdir().unwrap();
    let path = room.path().join("card.png");
    write_png(
        &page_with(html, css),
        Arc::new(NoResources),
        400.0,
        1.0,
        &path,
    )
    .unwrap();
    let picture = image::open(&path).unwrap().to_rgb8();
    let blue = (0..picture.height()).filter(|&y| picture.get_pixel(200, y).0 == [0, 0, 200]);
    assert_eq!(blue.collect::<Vec<_>>(), (20..420).collect::<Vec<_>>());
}

#[test]
fn a_picture_in_a_flexible_row_keeps_its_size() {
    let place = |html: &str, css: &str| {
        let drawn = draw_with(&page_with(html, css), Arc::new(Picture("blue.png")));
        ink_where(&drawn, |p, _| p == [0, 0, 200]).expect("a picture")
    };
    let row = "<div class=r><img src='blue.png'><b>x</b></div>";
    let css = "body { margin: 0 } .r { display: flex }";
    assert_eq!(place(row, css), (0, 0, 199, 99));
    for said in [
        ".r { flex-wrap: wrap }",
        ".r { display: inline-flex }",
        ".r { align-items: stretch }",
        "img { align-self: stretch; max-height: 150px }",
    ] {
        let (left, top, right, bottom) = place(row, &format!("{css} {said}"));
        // Within a line its edges may lie between pixels.
        let (width, height) = (right - left, bottom - top);
        assert!(
            width.abs_diff(199) <= 1 && height.abs_diff(99) <= 1,
            "{said} {width} {height}"
        );
    }
    // What is said of its place holds.
    let centred = place(
        row,
        &format!("{css} .r {{ align-items: center; height: 180px }}"),
    );
    assert_eq!(centred, (0, 40, 199, 139));
}

#[test]
fn scale_and_zoom_give_more_pixels_of_the_same_page() {
    let page = page("<div style='width:50px;height:10px;background:red'></div>");
    let red = |p: [u8; 3], _: [u8; 3]| p == [255, 0, 0];
    for (scale, zoom) in [(1.0, 1.0), (1.5, 1.0), (2.0, 1.0), (1.0, 2.0), (1.5, 2.0)] {
        let view = View {
            width: 300.0,
            height: 200.0,
            scale,
            zoom,
        };
        let drawn = draw_once(&page, Arc::new(NoResources), view).unwrap();
        let width = (300.0 * scale) as u32;
        assert_eq!(
            (drawn.width_px, drawn.height_px),
            (width, (200.0 * scale) as u32)
        );
        let (left, top, right, bottom) = ink_where(&drawn, red).unwrap();
        let factor = scale * zoom;
        assert_eq!(right - left + 1, (50.0 * factor) as u32, "{scale} {zoom}");
        assert_eq!(bottom - top + 1, (10.0 * factor) as u32);
        assert_eq!(top, (20.0 * factor) as u32);
    }
}

/// A folder with pictures of one colour in several formats.
fn media() -> (tempfile::TempDir, Arc<dyn Resources>) {
    let dir = tempfile::tempdir().expect("a folder");
    let picture = image::RgbImage::from_pixel(40, 20, image::Rgb([250, 0, 0]));
    for name in [
        "a.png", "b.jpg", "c.gif", "d.bmp", "e.webp", "f f.png", "C#.png",
    ] {
        picture.save(dir.path().join(name)).expect("a file");
    }
    let svg = "<svg xmlns='http://www.w3.org/2000/svg' width='40' height='20'>\
               <rect width='40' height='20' fill='#fa0000'/></svg>";
    std::fs::write(dir.path().join("g.svg"), svg).expect("a file");
    let resources = Arc::new(MediaFolder::new(dir.path()));
    (dir, resources)
}

#[test]
fn pictures_of_all_formats_come_from_the_media_folder() {
    let (_dir, resources) = media();
    for name in [
        "a.png",
        "b.jpg",
        "c.gif",
        "d.bmp",
        "e.webp",
        "g.svg",
        "f f.png",
        "f%20f.png",
        "A.PNG",
        "./a.png",
        "C#.png",
        "C%23.png",
    ] {
        let drawn = draw_with(&page(&format!("<img src=\"{name}\">")), resources.clone());
        let red = ink_where(&drawn, |p, _| p[0] > 240 && p[1] < 12).unwrap_or_default();
        assert_eq!((red.2 - red.0, red.3 - red.1), (39, 19), "{name}");
    }
}

#[test]
fn pictures_that_style_sheets_generate_are_drawn() {
    let (_dir, resources) = media();
    for css in [
        "b::before { content: url(a.png) }",
        "b::after { content: url('g.svg') }",
        "b::before { content: url(\"f%20f.png\") / \"words\" }",
    ] {
        let words = page_with("<b>word</b>", css);
        let in_card = page(&format!("<style>{css}</style><b>word</b>"));
        for page in [words, in_card] {
            let drawn = draw_with(&page, resources.clone());
            let red = ink_where(&drawn, |p, _| p == [250, 0, 0]).unwrap_or_default();
            // Between letters it need not begin with a pixel.
            let (width, height) = (red.2 - red.0, red.3 - red.1);
            assert!(
                (38..=39).contains(&width) && (18..=19).contains(&height),
                "{css}: {red:?}"
            );
        }
    }
}

#[test]
fn nothing_outside_the_media_folder_is_read() {
    let (dir, _) = media();
    let inner = dir.path().join("inner");
    std::fs::create_dir(&inner).unwrap();
    let resources = Arc::new(MediaFolder::new(&inner));
    let above = dir.path().join("a.png");
    let above = above.display();
    for src in [
        "../a.png",
        "%2e%2e/a.png",
        "..%2fa.png",
        &format!("{above}"),
        &format!("file://{above}"),
    ] {
        let drawn = draw_with(&page(&format!("<img src=\"{src}\">")), resources.clone());
        assert_eq!(ink_where(&drawn, |p, _| p == [250, 0, 0]), None, "{src}");
    }
}

#[test]
fn a_missing_picture_shows_its_name() {
    let drawn = draw("<img src=gone.jpg>");
    assert_eq!(drawn.text.as_ref(), "gone.jpg");
    assert!(ink(&drawn).is_some());
}

#[test]
fn a_picture_that_cannot_be_drawn_shows_its_name() {
    let (dir, resources) = media();
    std::fs::write(dir.path().join("x y.avif"), "no picture").unwrap();
    std::fs::write(dir.path().join("half.svg"), "<svg><g></svg>").unwrap();
    for (html, expect) in [
        ("a <img src='x%20y.avif'> b", "a x y.avif b"),
        ("a <img src='x y.avif' alt=Cat> b", "a Cat b"),
        ("a <img src=half.svg> b", "a half.svg b"),
        (
            "a <img src='data:image/png;base64,AAAA'> b",
            "a This picture cannot be drawn b",
        ),
    ] {
        let drawn = draw_with(&page(html), resources.clone());
        assert_eq!(drawn.text.as_ref(), expect);
    }
    // One that can be drawn stays what it is.
    let drawn = draw_with(&page("<img src=a.png alt=Red>"), resources);
    assert!(ink_where(&drawn, |p, _| p == [250, 0, 0]).is_some());
}

#[test]
fn a_font_from_the_media_folder_is_used() {
    let dir = tempfile::tempdir().unwrap();
    let bundled = crate::oracle::root().join("assets/fonts/Icons.ttf");
    std::fs::copy(bundled, dir.path().join("_icons.ttf")).unwrap();
    let resources: Arc<dyn Resources> = Arc::new(MediaFolder::new(dir.path()));
    let mut page = page("<span class=i>\u{e050}</span>");
    page.css += ".i { font-family: mine; font-size: 60px }";
    let without = ink(&draw_with(&page, resources.clone()));
    page.css += "@font-face { font-family: mine; src: url('_icons.ttf') }";
    let with = ink(&draw_with(&page, resources)).expect("an icon");
    assert_ne!(Some(with), without);
    assert!(with.2 - with.0 > 30, "{with:?}");
}

#[test]
fn ruby_stands_above_its_base() {
    let base = draw("<ruby>xx</ruby>");
    let both = draw("<ruby>xx<rt style='color:red'>aa</rt></ruby>");
    let (_, base_top, _, base_bottom) = ink(&base).unwrap();
    let red = ink_where(&both, |p, _| p[0] > 200 && p[1] < 120).expect("a reading");
    let black = ink_where(&both, |p, _| p[0] < 60).expect("a base");
    assert!(red.3 < black.1, "{red:?} {black:?}");
    assert!(black.3 - black.1 == base_bottom - base_top);
    assert_eq!(both.text.as_ref(), "xx(aa)");
    // So it does whatever sizes and lines a style sheet asks for.
    for css in [
        "",
        "rt { font-size: 12px; line-height: 1 }",
        "ruby { line-height: 2 }",
        ".card { line-height: 2 } rt { font-size: 0.7em }",
    ] {
        let html = "<ruby style='font-size: 36px'>MM<rt style='color: red'>aa</rt></ruby>";
        let drawn = draw_page(&page_with(html, css));
        let red = ink_where(&drawn, |p, _| p[0] > 200 && p[1] < 120).expect("a reading");
        let black = ink_where(&drawn, |p, _| p[0] < 60).expect("a base");
        assert!(
            red.3 < black.1 && black.1 - red.3 < 20,
            "{css}: {red:?} {black:?}"
        );
    }
}

#[test]
fn generated_content_of_a_line_has_the_box_that_is_asked_for() {
    let width = |css: &str| {
        let css = format!("p::before {{ content: 'N'; background: #ff0000; {css} }}");
        let drawn = draw_page(&page_with("<p>note</p>", &css));
        let (left, top, right, bottom) = ink_where(&drawn, |p, _| p == [255, 0, 0]).expect("a box");
        (right - left, bottom - top)
    };
    let plain = width("");
    let padded = width("padding: 5px 20px");
    // The letter covers the edges of the narrow one.
    assert!(
        padded.0.abs_diff(plain.0 + 40) <= 2 && padded.1 > plain.1 + 5,
        "{plain:?} {padded:?}"
    );
}

#[test]
fn words_in_a_line_have_the_margins_that_are_asked_for() {
    let left = |css: &str| {
        let css = format!("p {{ text-align: left }} b {{ background: #ff0000; {css} }}");
        let drawn = draw_page(&page_with("<p>a<b>M</b></p>", &css));
        ink_where(&drawn, |p, _| p == [255, 0, 0])
            .expect("a letter")
            .0
    };
    assert!(left("margin-left: 30px").abs_diff(left("") + 30) <= 1);
}

/// As tabs are made that need no script.
#[test]
fn a_hidden_box_does_not_part_the_labels_beside_it() {
    let css = "input { display: none } label { display: inline-block; padding: 4px 8px }";
    let page = |input: &str| {
        format!("<div><label for=a>one</label>{input}<label for=b>two</label><p>page</p></div>")
    };
    let (with, without) = (page("<input type=radio id=b>"), page(""));
    check_same((&with, css), (&without, css));
}

#[test]
fn drawings_that_are_files_have_round_corners() {
    let svg = "<svg xmlns='http://www.w3.org/2000/svg' width='100' height='100'>\
               <rect width='100' height='100' fill='red'/></svg>";
    let corner = |css: &str| {
        let html = format!("<img src=\"data:image/svg+xml;utf8,{svg}\">");
        let drawn = draw_page(&page_with(&html, &format!("img {{ {css} }}")));
        let red = |p: [u8; 3], _: [u8; 3]| p[0] > 200 && p[1] < 60;
        let (left, top, right, _) = ink_where(&drawn, red).expect("a drawing");
        assert_eq!(right - left, 99, "{css}");
        pixel(&drawn, left + 3, top + 3)
    };
    assert_eq!(corner(""), [255, 0, 0]);
    assert_eq!(corner("border-radius: 50%"), [255, 255, 255]);
}

#[test]
fn borders_on_some_sides_of_round_boxes_are_round() {
    const CSS: &str = "body { margin: 0 } .x { width: 100px; box-sizing: border-box; height: 60px;
        border-radius: 20px } .y { background: rgb(0, 0, 255); height: 9px }";
    for (border, inner) in [
        ("border-left: 10px solid rgb(255, 0, 0)", 5),
        ("border-left: 10px solid rgb(255, 0, 0); padding: 5px", 5),
        (
            "border: 0 solid rgb(255, 0, 0); border-right-width: 10px",
            94,
        ),
        (
            "border: 9px solid rgb(255, 0, 0); border-top: none; padding: 1px",
            5,
        ),
    ] {
        let html = format!("<div class=x style='{border}'></div><div class=y></div>");
        let drawn = draw_page(&page_with(&html, CSS));
        let at = |x, y| pixel(&drawn, x, y);
        assert_eq!(at(inner, 30), [255, 0, 0], "{border}");
        for x in [0, 99] {
            assert_eq!(at(x, 1), [255, 255, 255], "{border}");
            assert_eq!(at(x, 58), [255, 255, 255], "{border}");
        }
        // What is behind it stands where it would.
        assert_eq!(at(0, 61), [0, 0, 255], "{border}");
        assert_eq!(at(0, 67), [0, 0, 255], "{border}");
        assert_eq!(at(0, 70), [255, 255, 255], "{border}");
    }
}

#[test]
fn first_letters_have_the_look_that_is_asked_for() {
    const CSS: &str = "p { text-align: left; margin: 0 }
        p::first-letter { color: rgb(255, 0, 0); font-size: 60px }
        .away:first-letter { float: left; line-height: 1 }";
    let red = |p: [u8; 3], _: [u8; 3]| p[0] > 200 && p[1] < 60 && p[2] < 60;
    let black = |p: [u8; 3], _: [u8; 3]| p.iter().all(|part| *part < 60);
    for html in [
        "<p>Alpha beta",
        "<p> <b>A</b>lpha beta",
        "<p><span hidden>x</span>Alpha beta",
        "<div><p>Alpha beta</div>",
    ] {
        let drawn = draw_page(&page_with(html, CSS));
        assert_eq!(drawn.text.as_ref(), "Alpha beta", "{html}");
        let (left, top, right, bottom) = ink_where(&drawn, red).expect("a red letter");
        assert!(left < 30 && right < 70 && bottom - top > 35, "{html}");
        let (left, ..) = ink_where(&drawn, black).expect("black letters");
        assert!(left + 2 >= right, "{html}");
    }
    // The lines beside one that is as high as two of them.
    let words = "words ".repeat(40);
    let drawn = draw_page(&page_with(&format!("<p class=away>{words}</p>"), CSS));
    let (_, top, right, bottom) = ink_where(&drawn, red).expect("a red letter");
    let within = |y: u32| (0..right).all(|x| !black(pixel(&drawn, x, y), [0; 3]));
    assert!((top..bottom).all(within));
    assert!((bottom + 25..drawn.height_px).any(|y| !within(y)));
    // What stands before it is no letter, and boxes in a row have none.
    for html in [
        "<p><img src=x.png>Alpha",
        "<p style='display: flex'>Alpha",
        "<p><br>Alpha",
    ] {
        let drawn = draw_page(&page_with(html, CSS));
        assert_eq!(ink_where(&drawn, red), None, "{html}");
    }
}

#[test]
fn first_lines_have_the_look_that_is_asked_for() {
    const CSS: &str = "p { text-align: left } p::first-line { color: rgb(255, 0, 0) }";
    let red = |p: [u8; 3], _: [u8; 3]| p[0] > 200 && p[1] < 60 && p[2] < 60;
    let black = |p: [u8; 3], _: [u8; 3]| p.iter().all(|part| *part < 60);
    let words = "words ".repeat(20);
    for html in [
        "<p>one two<br>three four".to_owned(),
        format!("<p>{words}"),
        format!("<p>one <b>two {words}</b>"),
    ] {
        let drawn = draw_page(&page_with(&html, CSS));
        let (.., bottom) = ink_where(&drawn, red).expect("a first line");
        let (_, top, ..) = ink_where(&drawn, black).expect("other lines");
        assert!(bottom < top, "{html}");
        let plain = draw_page(&page_with(&html, "p { text-align: left }"));
        assert_eq!(ink(&drawn), ink(&plain), "{html}");
        assert_eq!(drawn.text, plain.text);
    }
    // What is in one has its own.
    let drawn = draw_page(&page_with(
        "<div><p>one</p><p>two</p></div>",
        "div::first-line { color: rgb(255, 0, 0) }",
    ));
    let (.., bottom) = ink_where(&drawn, red).expect("a first line");
    let (_, top, ..) = ink_where(&drawn, black).expect("other lines");
    assert!(bottom < top);
}

#[test]
fn right_to_left_text_is_at_the_right() {
    let (left, _, right, _) =
        ink(&draw("<div dir=rtl style='text-align:start'>שלום</div>")).unwrap();
    assert!(right >= 370 && left > 200, "{left} {right}");
}

/// One of the system's typefaces draws them into the vowels, where nobody sees them.
#[test]
fn tone_marks_of_thai_stand_above_the_vowels() {
    if !engram::render::installed_typefaces().contains("noto sans thai") {
        eprintln!("skipped: the system has no Noto Sans Thai");
        return;
    }
    let (_, vowel, ..) = ink(&draw("\u{e17}\u{e35}")).unwrap();
    let (_, mark, ..) = ink(&draw("\u{e17}\u{e35}\u{e48}")).unwrap();
    assert!(mark + 2 <= vowel, "{mark} {vowel}");
}

#[test]
fn scripts_do_nothing_and_what_is_there_is_shown() {
    let drawn =
        draw("<div id=x>plain</div><script>document.getElementById('x').innerHTML='made'</script>");
    assert_eq!(drawn.text.as_ref(), "plain");
}

#[test]
fn tables_hints_and_type_in_have_their_place() {
    let drawn = draw("<table><tr><td>a<td>b<tr><td>c<td>d</table>");
    assert_eq!(drawn.text.as_ref(), "a b\nc d");
    let drawn =
        draw("<a class=hint href='#'>Show</a><div class=hint style='display:none'>secret</div>");
    assert_eq!(drawn.text.as_ref(), "Show");
    let drawn = draw("<center><input type=text id=typeans style='font-size:20px'></center>");
    let place = drawn.type_in.expect("a box");
    assert_eq!((place.x, place.width), (20.0, 360.0));
    assert!((20.0..70.0).contains(&place.height), "{place:?}");
    assert_eq!(draw("<code id=typeans>x</code>").type_in, None);
}

#[test]
fn play_buttons_are_shown_on_request() {
    let mut page = page("x [anki:play:q:0]");
    let with = ink(&draw_page(&page)).unwrap();
    page.play_buttons = false;
    let without = ink(&draw_page(&page)).unwrap();
    assert!(with.3 > without.3 + 10);
    assert_eq!(draw_page(&page).text.as_ref(), "x");
}

/// A page of a play button alone.
fn button(css: &str) -> DrawnCard {
    let mut page = page("[anki:play:q:0]");
    page.css = format!("{BASIC_CSS} {css}");
    draw_page(&page)
}

#[test]
fn play_buttons_look_as_the_style_sheet_says() {
    let usual = button("");
    let (left, top, right, bottom) = ink(&usual).unwrap();
    assert_eq!((right - left, bottom - top), (39, 39));
    assert_eq!(pixel(&usual, left + 5, top + 20), [239, 237, 232]);
    assert_eq!(pixel(&usual, left + 17, top + 20), [239, 237, 232]);
    assert!(ink_where(&usual, |p, _| p == [87, 83, 77]).is_some());

    let small = ink(&button(".replay-button svg { width: 20px; height: 20px }")).unwrap();
    assert_eq!((small.2 - small.0, small.3 - small.1), (19, 19));

    let css = ".replay-button svg circle { fill: #ff0000 } .replay-button svg path { fill: blue }";
    let painted = button(css);
    let red = ink_where(&painted, |p, _| p == [255, 0, 0]).unwrap();
    // All but its edge, which is smoothed.
    assert_eq!((red.2 - red.0, red.3 - red.1), (37, 37));
    assert!(ink_where(&painted, |p, _| p == [0, 0, 255]).is_some());

    let mut page = page("[anki:play:q:0]");
    page.night = true;
    let night = draw_page(&page);
    assert!(ink_where(&night, |p, _| p == [50, 49, 55]).is_some());
    assert!(ink_where(&night, |p, _| p == [186, 183, 178]).is_some());
}

#[test]
fn style_sheets_of_the_media_folder_count_by_link_and_by_import() {
    let (dir, resources) = media();
    let sheet = ".card { background-color: rgb(9, 99, 199) }";
    std::fs::write(dir.path().join("_x.css"), sheet).unwrap();
    for (html, css) in [
        ("<link rel=stylesheet href=_x.css>x", ""),
        (
            "<link rel='stylesheet' type='text/css' href='./_x.css?v=1' media=screen>x",
            "",
        ),
        ("x", "@import url(_x.css);"),
    ] {
        let mut page = page(html);
        css.clone_into(&mut page.css);
        let drawn = draw_with(&page, resources.clone());
        assert_eq!(pixel(&drawn, 2, 2), [9, 99, 199], "{html} {css}");
    }
    let mut secret = page("<span class=s>secret</span>");
    secret.css = "@import url(_s.css);".to_owned();
    for (filter, seen) in [("blur(0)", true), ("blur(5px)", false)] {
        let sheet = format!(".s {{ color: rgb(9, 99, 199); filter: {filter} }}");
        std::fs::write(dir.path().join("_s.css"), sheet).unwrap();
        let drawn = draw_with(&secret, resources.clone());
        let found = ink_where(&drawn, |p, _| p == [9, 99, 199]);
        assert_eq!(found.is_some(), seen, "{filter}");
    }
    let html = "<link rel=stylesheet href=_x.css media=print>x";
    let drawn = draw_with(&page(html), resources.clone());
    assert_eq!(pixel(&drawn, 2, 2), [255, 255, 255]);
    let object = draw_with(&page("<object data='a.png'>none</object>"), resources);
    assert!(ink_where(&object, |p, _| p[0] > 240 && p[1] < 12).is_some());
}

#[test]
fn a_style_sheet_can_tell_systems_apart() {
    let mut page = page("x");
    page.css = ["win", "mac", "linux"]
        .map(|system| format!(".{system} body {{ background-color: rgb(9, 99, 199) }}"))
        .join(" ");
    assert_eq!(pixel(&draw_page(&page), 2, 2), [9, 99, 199]);
}

#[test]
fn what_looks_like_an_entity_in_a_style_sheet_stays_as_it_is() {
    let width = |content: &str| {
        let mut page = page("<b></b>");
        page.css = format!("b::after {{ content: '{content}' }} body {{ text-align: left }}");
        let (left, _, right, _) = ink(&draw_page(&page)).unwrap();
        right - left
    };
    assert!(width("&lt;") > width("<") + 10);
}

#[test]
fn the_answer_is_scrolled_into_view() {
    let mut page =
        page("<div style='height:900px'>q</div><hr id=answer><div style='height:900px'>a</div>");
    assert_eq!(draw_page(&page).scroll_y, 0.0);
    page.is_answer = true;
    let drawn = draw_page(&page);
    assert!(
        (900.0..950.0).contains(&drawn.scroll_y),
        "{}",
        drawn.scroll_y
    );
    assert!(drawn.content_height > 1800.0);
    page.html = "short<hr id=answer>a".into();
    assert_eq!(draw_page(&page).scroll_y, 0.0);
}

#[test]
fn words_that_are_hidden_within_a_line_stay_hidden() {
    let seen = |html: &str| ink_where(&draw(html), |p, _| p[0] > 200 && p[1] < 90);
    for style in ["visibility:hidden", "opacity:0"] {
        let word = format!("before <span style='color:red;{style}'>secret</span> after");
        assert_eq!(seen(&word), None, "{style}");
        let nested = format!("a <b style='{style}'>x <i style='color:red'>secret</i></b> b<hr>c");
        assert_eq!(seen(&nested), None, "{style}");
        let long = "secret words ".repeat(20);
        let long = format!("a <span style='color:red;{style}'>{long}</span> b");
        assert_eq!(seen(&long), None, "{style}");
    }
    assert!(seen("a <span style='color:red'>seen</span> b").is_some());
    let said = draw("a <span style='visibility:hidden'>secret</span> b").text;
    assert_eq!(said.as_ref(), "a b");
    let blurred = "<style>.x{color:red;filter:blur(6px)}</style>a <b class=x>x</b><div class=x>x";
    assert_eq!(seen(blurred), None);
    assert_eq!(
        seen("<p style='color:red;filter:blur(6px)'>secret</p>"),
        None
    );
    let pale = draw("a <span style='color:red;opacity:0.1'>pale</span> b");
    assert!(ink_where(&pale, |p, _| p[0] > 200 && p[1] < 90).is_none());
}

#[test]
fn pale_words_are_pale_however_many_they_are() {
    let long = "pale words ".repeat(12);
    let html =
        format!("a <b style='color:red;opacity:0.5'>{long}<i style='color:blue'>i</i></b> b");
    let drawn = draw(&html);
    let pale = ink_where(&drawn, |p, _| p[0] > 240 && (120..140).contains(&p[1]));
    assert!(pale.is_some());
    assert!(ink_where(&drawn, |p, _| p[0] > 200 && p[1] < 90).is_none());
    assert!(ink_where(&drawn, |p, _| p[2] > 200 && p[0] < 90).is_none());
    assert!(
        ink_where(&drawn, |p, _| p[0] < 60).is_some(),
        "the words around"
    );
}

/// A red square of 100 points in the middle of 200.
fn square(style: &str, scale: f32) -> DrawnCard {
    let html =
        format!("<div style='width:100px;height:100px;background:rgb(200,0,0);{style}'></div>");
    let page = page_with(&html, "body { margin: 50px }");
    let mut view = View::new(200.0, 200.0);
    view.scale = scale;
    draw_once(&page, Arc::new(NoResources), view).expect("a picture")
}

fn check_near(found: [u8; 3], expect: [u8; 3], most: u8, what: &str) {
    let near = found.iter().zip(expect).all(|(a, b)| a.abs_diff(b) <= most);
    assert!(near, "{what}: {found:?} for {expect:?}");
}

#[test]
fn filters_change_colours_in_their_order() {
    for (filter, expect) in [
        ("none", [200, 0, 0]),
        ("invert(1)", [55, 255, 255]),
        ("brightness(0)", [0, 0, 0]),
        ("brightness(0) invert(1)", [255, 255, 255]),
        ("invert(1) brightness(0)", [0, 0, 0]),
        ("grayscale(1)", [43, 43, 43]),
        ("opacity(0.5)", [228, 128, 128]),
        ("blur(0) invert(1)", [55, 255, 255]),
    ] {
        let drawn = square(&format!("filter:{filter}"), 1.0);
        check_near(pixel(&drawn, 100, 100), expect, 2, filter);
        check_near(pixel(&drawn, 20, 100), [255; 3], 0, filter);
    }
    let outer = "<div style='filter:invert(1)'><img src=a.png style='filter:invert(1)'> \
                 <img src=a.png></div>";
    let (_dir, resources) = media();
    let drawn = draw_with(&page(outer), resources);
    for color in [[250, 0, 0], [5, 255, 255]] {
        let found = ink_where(&drawn, |p, _| {
            p.iter().zip(color).all(|(a, b)| a.abs_diff(b) < 3)
        });
        assert!(found.is_some(), "{color:?}");
    }
}

#[test]
fn colours_are_blended_with_those_behind_them() {
    for (mode, expect) in [
        ("normal", [200, 0, 0]),
        ("multiply", [100, 0, 0]),
        ("screen", [228, 255, 0]),
        ("darken", [128, 0, 0]),
        ("lighten", [200, 255, 0]),
        ("difference", [72, 255, 0]),
        // What has a filter of its own is not blended.
        ("multiply; filter: invert(1)", [55, 255, 255]),
        ("multiply; opacity: 0.5", [114, 128, 0]),
    ] {
        for element in ["<div class=x></div>", "<span class=x></span>"] {
            let css = format!(
                ".around {{ background: rgb(128, 255, 0) }} .x {{ display: inline-block;
                 width: 100px; height: 50px; background: rgb(200, 0, 0); mix-blend-mode: {mode} }}"
            );
            let html = format!("<div class=around>{element}</div>");
            let drawn = draw_page(&page_with(&html, &css));
            check_near(pixel(&drawn, 200, 40), expect, 3, mode);
            check_near(pixel(&drawn, 60, 40), [128, 255, 0], 0, mode);
        }
    }
    // In a line, where letters alone are blended.
    let css = "p { background: #ffff00; margin: 0 } b { color: #00ffff; mix-blend-mode: multiply }";
    let drawn = draw_page(&page_with("<p><b>WWW</b>", css));
    let green = ink_where(&drawn, |p, _| p[0] < 60 && p[1] > 200 && p[2] < 60);
    assert!(green.is_some());
}

#[test]
fn legends_stand_in_the_borders_of_their_field_sets() {
    const CSS: &str = "fieldset { border: 4px solid rgb(0, 0, 255); margin: 0; padding: 10px }
        legend { color: rgb(255, 0, 0); padding: 0 5px } .card { line-height: 1.2 }";
    let red = |p: [u8; 3], _: [u8; 3]| p[0] > 200 && p[1] < 60 && p[2] < 60;
    let blue = |p: [u8; 3], _: [u8; 3]| p == [0, 0, 255];
    for (align, least, most) in [("left", 40, 80), ("center", 180, 220), ("right", 320, 360)] {
        let html = "<fieldset><legend>WW</legend>x</fieldset>";
        let css = format!("{CSS} legend {{ text-align: {align} }}");
        let drawn = draw_page(&page_with(html, &css));
        let (left, top, right, bottom) = ink_where(&drawn, red).expect("a legend");
        let middle = (left + right) / 2;
        assert!((least..most).contains(&middle), "{align}: {middle}");
        let (_, border, ..) = ink_where(&drawn, blue).expect("a border");
        assert!(top < border && border + 4 < bottom, "{align}");
        // It is not seen behind the letters.
        let row = |x: u32| pixel(&drawn, x, border + 1);
        assert!((left..right).all(|x| row(x) != [0, 0, 255]), "{align}");
        assert!((20..380).any(|x| row(x) == [0, 0, 255]), "{align}");
    }
    // What is below it stands where it would without that border.
    let top = |html: &str| {
        let black = |p: [u8; 3], _: [u8; 3]| p.iter().all(|part| *part < 60);
        let (_, top, ..) = ink_where(&draw_page(&page_with(html, CSS)), black).expect("x");
        top
    };
    let with = top("<fieldset><legend>WW</legend>x</fieldset>");
    let without = top("<div style='padding: 10px'><b style='color: #ff0000'>WW</b><br>x</div>");
    assert!(with.abs_diff(without) <= 1, "{with} {without}");
}

#[test]
fn outlines_of_words_are_drawn() {
    let html = "words <b style='outline: 3px solid rgb(255, 0, 0)'>and</b> words";
    let red = ink_where(&draw(html), |p, _| p == [255, 0, 0]);
    let (left, top, right, bottom) = red.expect("an outline");
    assert!(right - left > 35 && bottom - top > 20);
}

#[test]
fn what_reaches_out_of_a_box_with_other_colours_is_seen() {
    let inner = "<div style='width:150px;height:10px;background:rgb(0,0,200)'></div>";
    let html = format!("<div style='width:50px;height:50px;filter:invert(1)'>{inner}</div>");
    let drawn = draw_page(&page_with(&html, "body { margin: 0 }"));
    check_near(pixel(&drawn, 120, 5), [255, 255, 55], 2, "beside the box");
}

#[test]
fn blurs_and_shadows_have_the_size_that_the_card_says() {
    let drawn = square("filter:blur(10px)", 1.0);
    check_near(pixel(&drawn, 100, 100), [200, 0, 0], 3, "the middle");
    check_near(pixel(&drawn, 50, 100), [228, 128, 128], 16, "the edge");
    check_near(pixel(&drawn, 5, 100), [255; 3], 2, "far away");
    let beside = pixel(&drawn, 40, 100);
    assert!((190..250).contains(&beside[1]), "{beside:?}");
    let fine = square("filter:blur(10px)", 2.0);
    check_near(pixel(&fine, 81, 200), beside, 8, "on a fine screen");

    let shadow = square("filter:drop-shadow(20px 0 0 rgb(0,0,255))", 1.0);
    check_near(
        pixel(&shadow, 100, 100),
        [200, 0, 0],
        2,
        "before its shadow",
    );
    check_near(pixel(&shadow, 160, 100), [0, 0, 255], 2, "its shadow");
    check_near(pixel(&shadow, 180, 100), [255; 3], 2, "beside its shadow");
}

#[test]
fn what_is_not_shown_breaks_no_line() {
    let whole = ink(&draw("one two<hr>three")).unwrap();
    for hidden in [
        "<span style='display:none'>x</span>",
        "<div style='display:none'>x</div>",
        "<span hidden>x</span><span hidden>y</span>",
    ] {
        let drawn = ink(&draw(&format!("one {hidden}two<hr>three"))).unwrap();
        assert_eq!((drawn.1, drawn.3), (whole.1, whole.3), "{hidden}");
    }
    // What a style sheet hides stays among its neighbours.
    let blue = |drawn: &DrawnCard| ink_where(drawn, |p, _| p == [0, 0, 255]).is_some();
    let html = "one <b class=d>x</b><i>two</i><hr>three";
    let css = ".d { display: none } .d + i { color: #0000ff }";
    assert!(blue(&draw_page(&page_with(html, css))));
}

#[test]
fn style_sheets_count_within_drawings() {
    let drawing = "<svg viewBox='0 0 100 50' width=100 height=50>\
         <path d='M0 0H40V40H0z' fill='#cccccc'/>\
         <g class=h><rect x=50 y=0 width=20 height=40 fill='#0000ff'/></g>\
         <rect class=p x=50 y=42 width=20 height=8 style='fill:#ff8800;fill-opacity:1'/>\
         <rect class=o x=80 y=0 width=20 height=40 fill='#ff00ff'/></svg>";
    let has = |drawn: &DrawnCard, color: [u8; 3]| ink_where(drawn, |p, _| p == color).is_some();
    let plain = draw(drawing);
    assert!(has(&plain, [204; 3]) && has(&plain, [0, 0, 255]) && has(&plain, [255, 0, 255]));
    let mut page = page(drawing);
    page.css += "svg path { fill: #00aa00 } .h { visibility: hidden } .o { display: none } \
                 .p { opacity: 0 }";
    let styled = draw_page(&page);
    assert!(has(&styled, [0, 0xaa, 0]));
    for gone in [[204; 3], [0, 0, 255], [255, 0, 255], [255, 136, 0]] {
        assert!(!has(&styled, gone), "{gone:?}");
    }
}

#[test]
fn html_within_drawings_is_read_as_letters() {
    let drawing = "<svg width=200 height=60><foreignObject x=100 y=0 width=90 height=60>\
         <div style='color: #0000ff'>word</div></foreignObject></svg>";
    let blue = |p: [u8; 3], _| p[2] > 200 && p[0] < 120 && p[1] < 120;
    let (left, ..) = ink_where(&draw(drawing), blue).expect("blue words");
    assert!((200..215).contains(&left), "{left}");
}

#[test]
fn letters_within_drawings_are_seen_whatever_font_is_asked_for() {
    let height = |words: &str, css: &str| {
        let html = format!("<svg width=300 height=80>{words}</svg>");
        let drawn = ink(&draw_page(&page_with(&html, css)));
        let (_, top, _, bottom) = drawn.expect(words);
        bottom - top
    };
    let plain = height("<text x=5 y=60>ab</text>", "");
    assert!((10..20).contains(&plain), "{plain}");
    for words in [
        "<text x=5 y=60 font-family=Nowhere>ab</text>",
        "<text x=5 y=60 style='font-family: \"No Where\", Never'>ab</text>",
        "<text x=5 y=60 style=\"font: 20px 'No Where'\">ab</text>",
        "<style>.f { font-family: 'No Where' }</style><text x=5 y=60 class=f>ab</text>",
    ] {
        assert!(height(words, "").abs_diff(plain) <= 3, "{words}");
    }
    // As large as the words around, unless the drawing says it.
    let large = height("<text x=5 y=60>ab</text>", ".card { font-size: 60px }");
    assert!(large > 2 * plain, "{large} {plain}");
    let own = "<text x=5 y=60 font-size=20>ab</text>";
    assert!(height(own, ".card { font-size: 60px }").abs_diff(plain) <= 3);
    let said = height("<text x=5 y=60 class=f>ab</text>", ".f { font-size: 60px }");
    assert!(said > 2 * plain, "{said} {plain}");
}

#[test]
fn rules_stand_in_the_middle_and_tables_have_their_colours() {
    let (left, _, right, _) = ink(&draw("<hr width=100>")).unwrap();
    assert_eq!((left, right), (150, 249));
    let drawn = draw("<table bgcolor=#ff0000 align=center width=100><tr><td>x</table>");
    let (left, _, right, _) = ink_where(&drawn, |p, _| p == [255, 0, 0]).unwrap();
    assert_eq!((left, right), (150, 249));
    let html = "<table><tr><td bgcolor='#ff0000'>cell</table>";
    let drawn = draw_page(&page_with(html, "td { background: #0000ff }"));
    assert!(
        ink_where(&drawn, |p, _| p == [255, 0, 0]).is_none(),
        "the sheet wins"
    );
}

/// From where to where the red and the blue cell of a table go that is as wide as the page has
/// room for: from 20 to 379.
fn red_and_blue(rows: &str) -> [(u32, u32); 2] {
    let (dir, resources) = media();
    let wide = image::RgbImage::from_pixel(900, 30, image::Rgb([250, 0, 0]));
    wide.save(dir.path().join("wide.png")).expect("a file");
    let css = "table { width: 100%; border-spacing: 0 } td { padding: 0 3px } \
               .r { background: #ff0000 } .b { background: #0000ff }";
    let html = format!("<table>{rows}</table>");
    let drawn = draw_with(&page_with(&html, css), resources);
    [0, 2].map(|color| {
        let is_seen = |p: [u8; 3], _: [u8; 3]| p[color] > 200 && p[1] < 60 && p[2 - color] < 60;
        let (left, _, right, _) = ink_where(&drawn, is_seen).expect("a cell");
        (left, right)
    })
}

#[test]
fn columns_in_per_cent_have_their_part_of_the_table() {
    for (row, middle) in [
        (
            "<tr><td class=r style='width: 50%'><img src=wide.png style='width: 100%'>\
             <td class=b>x",
            200,
        ),
        (
            "<tr><td class=r style='width: 25%'><img src=wide.png style='width: 100%'>\
             <td class=b>x",
            110,
        ),
        (
            "<tr><td class=r style='width: 75%; box-sizing: border-box'>x<td class=b>x",
            290,
        ),
        (
            "<colgroup><col style='width: 25%'><col></colgroup><tr><td class=r>x<td class=b>x",
            110,
        ),
        (
            "<col style='width: 50%'><col><tr><td class=r>long words<td class=b>x",
            200,
        ),
        // Less and more than there is.
        (
            "<tr><td class=r style='width: 30%'>x<td class=b style='width: 10%'>x",
            290,
        ),
        (
            "<tr><td class=r style='width: 60%'>x<td class=b style='width: 60%'>x",
            236,
        ),
        // In pixels, of which there are fewer than the table has.
        (
            "<tr><td class=r style='width: 100px'>x<td class=b style='width: 44px'>x",
            265,
        ),
        (
            "<col style='width: 100px'><col style='width: 50px'><tr><td class=r>x<td class=b>x",
            260,
        ),
        (
            "<col style='width: 30%'><col style='width: 50px'><tr><td class=r>x<td class=b>x",
            128,
        ),
    ] {
        let [red, blue] = red_and_blue(row);
        assert!(
            red.0.abs_diff(20) <= 1 && red.1.abs_diff(middle - 1) <= 1,
            "{row}: {red:?}"
        );
        assert!(
            blue.0.abs_diff(middle) <= 1 && blue.1.abs_diff(379) <= 1,
            "{row}: {blue:?}"
        );
    }
    // A table in a column of another one, from 23 to 196.
    let inner = "<table><tr><td class=r style='width: 50%'>x<td class=b>x</table>";
    let row = format!("<tr><td style='width: 50%'>{inner}<td>Donaudampf");
    let [red, blue] = red_and_blue(&row);
    assert!(
        red.0.abs_diff(23) <= 1 && red.1.abs_diff(109) <= 1,
        "{red:?}"
    );
    assert!(
        blue.0.abs_diff(110) <= 1 && blue.1.abs_diff(196) <= 1,
        "{blue:?}"
    );
}

#[test]
fn columns_share_what_a_table_has_left_by_how_wide_they_are() {
    let words = "some words in one line";
    let (left, _, right, _) = ink(&draw(words)).expect("words");
    let long = (right - left) as f32;
    let css = "table { width: 100%; border-spacing: 0 } td { padding: 0 5px }";
    for rows in [
        format!("<tr><td class=r>MM<td class=b>{words}"),
        format!("<tr><td class=r>x<td class=b>x<tr><td>MM<td>{words}"),
        // A third one takes no more than it says.
        format!("<tr><td class=r>MM<td class=b>{words}<td style='width: 20px'>x"),
    ] {
        let [red, blue] = red_and_blue(&rows);
        let [red, blue] = [red, blue].map(|(left, right)| (right - left + 1) as f32);
        let (short, _, end, _) = ink(&draw("MM")).expect("letters");
        let natural = ((end - short) as f32 + 6.0) / (long + 6.0);
        let got = red / blue;
        assert!((got - natural).abs() < 0.03, "{rows}: {got} {natural}");
    }
    // Nothing of it is cut where lines are to be broken, or where a cell spans two.
    for rows in [
        format!("<tr><td class=r>MM<td class=b>{}", words.repeat(5)),
        format!("<tr><td class=r colspan=2>MM<td class=b>{words}"),
    ] {
        let [red, blue] = red_and_blue(&rows);
        assert!(
            red.0 >= 19 && red.1 < blue.0 && blue.1 <= 380,
            "{red:?} {blue:?}"
        );
    }
    // A table in the column of another one.
    let inner = format!("<table><tr><td>x<td style='color: red'>{words}</table>");
    let html = format!("<table><tr><td>y<td>{inner}</table>");
    let drawn = draw_page(&page_with(&html, css));
    let red = ink_where(&drawn, |p, _| p[0] > 200 && p[1] < 60).expect("words");
    assert!(red.2 <= 380 && red.3 - red.1 < 30, "{red:?}");
}

#[test]
fn what_does_not_fit_its_part_of_a_table_has_room_all_the_same() {
    let word = "Donaudampfschiff";
    let (left, _, right, _) = ink(&draw(word)).expect("a word");
    let long = right - left;
    for rows in [
        format!("<tr><td class=r style='width: 10%'>{word}<td class=b>x"),
        format!("<tr><td class=r style='width: 10%'>x<td class=b>x<tr><td>{word}<td>x"),
        format!("<tr><td class=r style='width: 10%; overflow-wrap: normal'>{word}<td class=b>x"),
    ] {
        let [red, blue] = red_and_blue(&rows);
        assert!(red.1 - red.0 >= long, "{rows}: {red:?} {long}");
        assert!(red.1 < blue.0 && blue.1 <= 380, "{rows}: {red:?} {blue:?}");
    }
    // Nothing is left for the other column.
    let rows = format!("<tr><td class=r style='width: 150%'>x<td class=b>{word}");
    let [red, blue] = red_and_blue(&rows);
    assert!(red.0 >= 19 && blue.1 <= 380, "{red:?} {blue:?}");
    assert!(blue.1 - blue.0 >= long, "{blue:?} {long}");
}

#[test]
fn pictures_in_a_row_are_as_tall_as_they_are() {
    let (_dir, resources) = media();
    for css in [
        "",
        "div { align-items: stretch }",
        "img { align-self: stretch }",
    ] {
        let html = "<div style='display: flex'><img src=a.png><span>x</span></div>";
        let drawn = draw_with(&page_with(html, css), resources.clone());
        let red = ink_where(&drawn, |p, _| p[0] > 200 && p[1] < 60);
        let (_, top, _, bottom) = red.expect("a picture");
        // No taller than the line beside it.
        assert!((18..30).contains(&(bottom - top)), "{css}: {top} {bottom}");
    }
}

#[test]
fn a_picture_of_an_answer_is_whole_from_its_top() {
    let (dir, resources) = media();
    let tall = image::RgbImage::from_fn(100, 1000, |_, y| match y < 500 {
        true => image::Rgb([0, 0, 250]),
        false => image::Rgb([250, 0, 0]),
    });
    tall.save(dir.path().join("tall.png")).expect("a file");
    let mut page = page("<img src=tall.png><hr id=answer>back");
    page.is_answer = true;
    let path = dir.path().join("answer.png");
    write_png(&page, resources, 300.0, 1.0, &path).expect("a picture");
    let drawn = image::open(&path).expect("a picture").to_rgb8();
    let middle: Vec<[u8; 3]> = (0..drawn.height())
        .map(|y| drawn.get_pixel(150, y).0)
        .collect();
    let top = middle.iter().position(|p| p[0] < 60 && p[2] > 200);
    let bottom = middle.iter().rposition(|p| p[0] > 200 && p[2] < 60);
    let (top, bottom) = top.zip(bottom).expect("all of the tall picture");
    assert!((19..24).contains(&top), "{top}");
    assert!(bottom - top > 500, "{top} {bottom}");
    // The letters, below the line that is pale.
    let last = drawn.enumerate_pixels().filter(|(.., p)| p.0[2] < 100);
    let last = last.map(|(_, y, _)| y as usize).max().expect("letters");
    assert!(last > bottom + 20, "{bottom} {last}");
    assert!(middle.len() > last + 15, "{last} {}", middle.len());
}

#[test]
fn captions_of_tables_stand_above_or_below_them() {
    let css = "b { background: #ff0000 } i { background: #0000ff } p { background: #00ff00 }";
    let places = |caption: &str, table: &str| {
        let html = format!(
            "<p>x</p><table {table}><caption {caption}><b>Capital</b></caption>\
             <tr><td><i>cell</i></td></tr></table><p>y</p>"
        );
        let drawn = draw_page(&page_with(&html, css));
        let rows = |color: [u8; 3]| {
            let (_, top, _, bottom) = ink_where(&drawn, |p, _| p == color).expect("a colour");
            (top, bottom)
        };
        (rows([255, 0, 0]), rows([0, 0, 255]), rows([0, 255, 0]))
    };
    for table in [
        "",
        "border=1",
        "style='width: 100%'",
        "style='display: block; overflow: auto'",
        "style='border-radius: 9px; overflow: hidden'",
    ] {
        let (caption, cell, around) = places("", table);
        assert!(caption.1 < cell.0, "{table}: {caption:?} {cell:?}");
        assert!(
            around.0 < caption.0 && cell.1 < around.1,
            "{table}: {around:?}"
        );
    }
    let (caption, cell, around) = places("style='caption-side: bottom'", "");
    assert!(
        cell.1 < caption.0 && caption.1 < around.1,
        "{caption:?} {cell:?} {around:?}"
    );
}

#[test]
fn items_stand_in_the_columns_that_a_style_sheet_asks_for() {
    let place = |html: &str, css: &str| {
        let drawn = draw_page(&page_with(html, css));
        ink_where(&drawn, |p, _| p == [255, 0, 0]).expect("a red word")
    };
    let items = "<ul><li>one<li>two<li><b>three</b></ul>";
    let css = "b { background: #ff0000 } .card { text-align: left }";
    // On the first page that a program draws, too.
    let first = place(items, &format!("{css} ul {{ columns: 2 }}"));
    let below = place(items, css);
    assert!(first.0 > 150 && first.1 < below.1, "{first:?} {below:?}");
    for (html, columns) in [
        (items.to_owned(), "ul { columns: 2 }"),
        (
            format!("<div class=c>{items}</div>"),
            ".c { column-count: 2; column-gap: 20px }",
        ),
        (items.to_owned(), "ul { column-width: 150px }"),
    ] {
        let beside = place(&html, &format!("{css} {columns}"));
        assert!(
            beside.0 > 150 && beside.1 < below.1,
            "{columns}: {beside:?} {below:?}"
        );
    }
    // Where there is no room for two, and in a line.
    assert_eq!(
        place(items, &format!("{css} ul {{ column-width: 300px }}")),
        below
    );
    let line = "<p>one two <b>three</b></p>";
    assert_eq!(
        place(line, &format!("{css} p {{ columns: 2 }}")),
        place(line, css)
    );
}

#[test]
fn style_sheets_come_before_what_old_html_says() {
    let red = |html: &str, css: &str| {
        ink_where(&draw_page(&page_with(html, css)), |p, _| p == [255, 0, 0])
    };
    for (html, css) in [
        (
            "<table><tr><td bgcolor=red>x</table>",
            "td { background: blue }",
        ),
        (
            "<table bgcolor=red><tr><td>x</table>",
            "table { background: blue }",
        ),
        ("<hr color=red size=20>", "hr { background: blue }"),
        (
            "<font color=red size=7>MM</font>",
            "font[color=red] { color: blue }",
        ),
        ("<font color=red size=7>MM</font>", "* { color: blue }"),
    ] {
        assert!(red(html, "").is_some(), "{html}");
        assert!(red(html, css).is_none(), "{css}");
    }
    let (_, top, _, bottom) = red("<hr color=red size=20>", "hr { height: 3px }").unwrap();
    assert_eq!(bottom - top, 2);
    let width = |css: &str| {
        let html = "<table cellpadding=30 cellspacing=20 bgcolor=red><tr><td>x</table>";
        let (left, _, right, _) = red(html, css).unwrap();
        right - left
    };
    assert_eq!(width("") - width("td { padding: 0 }"), 60);
    assert_eq!(width("") - width("table { border-spacing: 0 }"), 40);
    let top = |place: &str, css: &str| {
        let words = "<b style='background: red'>MM</b>";
        let html = format!("<table><tr><td height=100 valign={place}>{words}</table>");
        red(&html, css).unwrap().1
    };
    let middle = top("middle", "");
    assert!(top("TOP", "") + 30 < middle && middle + 30 < top("bottom", ""));
    assert_eq!(top("bottom", "td { vertical-align: middle }"), middle);
}

/// Lines go around cells that span others, and are where the style sheet has them alone.
#[test]
fn tables_with_collapsed_borders_have_the_lines_of_their_cells() {
    let spans = "<table><tr><th colspan=2>Head</th></tr>\
         <tr><td>a</td><td rowspan=2>b</td></tr><tr><td>c</td></tr></table>";
    let plain = "<table><tr><th>one</th><th>two</th></tr><tr><td>a</td><td>b</td></tr></table>";
    for (html, collapsed, apart) in [
        (
            spans,
            "td, th { border: 1px solid #ff0000 }",
            "td, th { border: 1px solid #ff0000 } th { border-bottom: 0 } \
             td[rowspan] { border-left: 0 } tr:last-child td { border-top: 0 }",
        ),
        (
            plain,
            "th { border-bottom: 2px solid #ff0000 }",
            "th { border-bottom: 2px solid #ff0000 }",
        ),
        (
            plain,
            "tr { border-bottom: 1px solid #ff0000 }",
            "td, th { border-bottom: 1px solid #ff0000 }",
        ),
        (
            plain,
            "table { border: 3px solid #ff0000 }",
            "th { border-top: 3px solid #ff0000 } td { border-bottom: 3px solid #ff0000 } \
             tr :first-child { border-left: 3px solid #ff0000 } \
             tr :last-child { border-right: 3px solid #ff0000 }",
        ),
    ] {
        check_same(
            (
                html,
                &format!("table {{ border-collapse: collapse }} {collapsed}"),
            ),
            (html, &format!("table {{ border-spacing: 0 }} {apart}")),
        );
    }
    // What spans nothing, or more than there can be, is laid out as one cell.
    let collapsed = "table { border-collapse: collapse } td { border: 1px solid #ff0000 }";
    let cells = "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td><td>d</td></tr></table>";
    for span in ["rowspan=0", "colspan=18446744073709551615"] {
        let html = cells.replacen("<td>b", &format!("<td {span}>b"), 1);
        check_same((&html, collapsed), (cells, collapsed));
    }
}

/// Both pages look the same.
fn check_same(one: (&str, &str), other: (&str, &str)) {
    let left = |(html, css): (&str, &str)| {
        draw_page(&page_with(
            html,
            &format!(".card {{ text-align: left }} {css}"),
        ))
    };
    let (one, other) = ((left(one), one), (left(other), other));
    assert!(ink(&one.0).is_some());
    assert!(one.0.rgba == other.0.rgba, "{:?} and {:?}", one.1, other.1);
}

#[test]
fn small_capitals_are_capitals_that_are_smaller() {
    let expect = (
        "<p>S<u>mall</u> C<u>aps</u> <b>1 É<u>é</u></b>",
        "u { font-size: 0.7em; text-transform: uppercase; text-decoration: none }",
    );
    for asked in ["font-variant: small-caps", "font-variant-caps: petite-caps"] {
        let css = format!("p {{ {asked} }}");
        check_same(("<p>Small Caps <b>1 Éé</b>", &css), expect);
        let capitalized = format!("{css} p {{ text-transform: capitalize }}");
        check_same(("<p>small caps <b>1 Éé</b>", &capitalized), expect);
    }
    check_same(
        ("<p>Small 2", "p { font-variant-caps: all-small-caps }"),
        ("<p><u>Small</u> 2", expect.1),
    );
    let drawn = draw("<p style='font-variant: small-caps'>Small Caps");
    assert_eq!(drawn.text.as_ref(), "Small Caps");
}

#[test]
fn lines_that_are_cut_off_end_with_dots() {
    const CSS: &str = "div { white-space: nowrap; overflow: hidden; text-overflow: ellipsis;
        width: 150px } i { font-style: normal }";
    let css = format!(".card {{ text-align: left }} {CSS}");
    let text = "Words that go on and on";
    for html in [
        "<div>Words that go on and on</div>",
        "<div>Words <i>that go</i> on <i>and</i> on</div>",
        "<div><i>Words that go on and on</i></div>",
    ] {
        let cut = draw_page(&page_with(html, &css));
        assert_eq!(cut.text.as_ref(), text);
        let is_cut_at = |letters: usize| {
            let html = format!("<div>{}…</div>", &text[..letters]);
            let whole = draw_page(&page_with(&html, &css)).rgba;
            let pairs = whole.iter().zip(&cut.rgba);
            pairs.filter(|(a, b)| a.abs_diff(**b) > 100).count() < 10
        };
        assert!((8..18).any(is_cut_at), "{html}");
    }
    // A line has its letters where it may stand out, where it fits, and where it breaks.
    for css in [
        "div { overflow: visible }",
        "div { width: 300px }",
        "div { white-space: normal }",
        "div { text-overflow: clip }",
    ] {
        let html = format!("<div>{text}</div>");
        let with = format!("{CSS} {css}");
        let without = with.replace("ellipsis", "clip");
        check_same((&html, &with), (&html, &without));
    }
}

#[test]
fn style_sheets_count() {
    let lines = "<div class=n>a</div><div class=n>b</div>";
    check_same(
        (
            lines,
            ".n { counter-increment: n } .n::before { content: counter(n, upper-roman) '. ' }",
        ),
        (
            lines,
            ".n:first-child::before { content: 'I. ' } .n::before { content: 'II. ' }",
        ),
    );
    check_same(
        (
            lines,
            // Each in its own element makes a counter of its own.
            ".n::after { counter-increment: n 5; content: '\"' counter(n) !important }",
        ),
        (lines, ".n::after { content: '\"5' }"),
    );
    let lists = "<ol><li id=a>a<ol><li id=b>b<li id=c>c</ol><li style='display:none'>x\
                 <li id=d>d</ol>";
    let none = "ol { list-style: none; counter-reset: i }";
    check_same(
        (
            lists,
            &format!(
                "{none} li {{ counter-increment: i }} li::before {{ content: counters(i, '.') ' ' }}"
            ),
        ),
        (
            lists,
            &format!(
                "{none} #a::before {{ content: '1 ' }} #b::before {{ content: '1.1 ' }} \
                 #c::before {{ content: '1.2 ' }} #d::before {{ content: '2 ' }}"
            ),
        ),
    );
}

#[test]
fn numbers_within_items_of_blocks_are_there() {
    let left = |html: &str| {
        let html = format!("<ol style='list-style-position: inside; text-align: left'>{html}</ol>");
        ink(&draw(&html)).expect("a list").0
    };
    // The engine puts them a little before the letters, which begin where a number inside does.
    let plain = left("<li>iii");
    for html in [
        "<li>iii<div>iii</div>",
        "<li><p>iii</p>",
        "<li>iii<ul><li>iii</ul>",
    ] {
        assert!(left(html) + 5 < plain, "{html}");
    }
}

#[test]
fn lists_count_as_they_say() {
    for (list, [first, second]) in [
        ("<ol type=i><li>a<li>b</ol>", ["i. ", "ii. "]),
        ("<ol type=I start=9><li>a<li>b</ol>", ["IX. ", "X. "]),
        (
            "<ol style='list-style:lower-greek'><li>a<li>b</ol>",
            ["α. ", "β. "],
        ),
        (
            "<ol style='list-style:katakana'><li>a<li>b</ol>",
            ["ア. ", "イ. "],
        ),
        ("<ol start=0><li>a<li>b</ol>", ["0. ", "1. "]),
        ("<ol start=-1><li>a<li>b</ol>", ["-1. ", "0. "]),
        ("<ol reversed><li>a<li>b</ol>", ["2. ", "1. "]),
        ("<ol><li>a<li value=7>b</ol>", ["1. ", "7. "]),
        ("<ol type=a start=2><li>a<li>b</ol>", ["b. ", "c. "]),
    ] {
        let said = format!(
            "<ol><li style='list-style-type:\"{first}\"'>a\
             <li style='list-style-type:\"{second}\"'>b</ol>"
        );
        check_same((list, ""), (&said, ""));
    }
}
