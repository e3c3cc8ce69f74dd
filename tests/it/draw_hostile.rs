//! HTML, CSS and pictures made to crash, to hang or to eat memory: each gives a picture.

use engram::base::limits;
use engram::base::time::Stopwatch;
use engram::render::{CardPage, DrawnCard, MediaFolder, NoResources, Resources, View, draw_once};
use std::sync::Arc;

fn draw(html: String, css: &str) -> DrawnCard {
    draw_with(html, css, Arc::new(NoResources))
}

/// Generous: the machine may be busy and the build unoptimized.
const PATIENCE_SECS: u64 = 60;

fn draw_with(html: String, css: &str, resources: Arc<dyn Resources>) -> DrawnCard {
    let what: String = html.chars().take(60).collect();
    let page = CardPage {
        html,
        css: css.to_owned(),
        ..CardPage::default()
    };
    let watch = Stopwatch::start();
    let drawn = draw_once(&page, resources, View::new(400.0, 300.0)).expect("a picture");
    let took = watch.elapsed();
    assert!(took.as_secs() < PATIENCE_SECS, "{what}: {took:?}");
    assert_eq!(drawn.rgba.len(), 400 * 300 * 4);
    drawn
}

#[test]
fn deep_nesting_keeps_its_text() {
    for open in [
        "<div>",
        "<span>",
        "<b><i>",
        "<table><tr><td>",
        "<ul><li>",
        "<svg><g>",
        "<ruby>",
        "<details>",
    ] {
        let drawn = draw(open.repeat(100_000) + "deep text", "");
        // Closed details and unknown SVG have no visible text.
        if !matches!(open, "<svg><g>" | "<details>") {
            assert!(drawn.text.contains("deep text"), "{open}");
        }
    }
}

#[test]
fn too_many_nodes_are_cut() {
    draw("<i>x</i>".repeat(300_000), "");
    draw("<br>".repeat(400_000), "");
    draw(
        (0..5_000)
            .map(|i| format!("<font a={i}>"))
            .collect::<String>()
            + &"<p>x".repeat(5_000),
        "",
    );
    draw("<table>".to_owned() + &"<tr><td>x".repeat(3_000), "");
}

#[test]
fn huge_text_gives_a_picture_or_a_notice() {
    let drawn = draw("x".repeat(limits::MAX_CARD_HTML_BYTES + 1), "");
    assert!(drawn.text.contains("too large"));
    draw("word ".repeat(200_000), "");
    draw("x".repeat(1_000_000), "");
}

#[test]
fn formulas_without_an_end_do_not_hold_up_the_card() {
    for beginnings in ["\\(", "\\[{", "\\( \\[ x"] {
        let drawn = draw(format!("before {} after", beginnings.repeat(30_000)), "");
        assert!(drawn.text.contains("before"), "{beginnings}");
    }
    let nested = "\\begin{quote}".repeat(100_000);
    let drawn = draw(
        format!("<img class=latex alt='{nested}' src=x.png>after"),
        "",
    );
    assert!(drawn.text.contains("after"));
    let braces = format!("\\({}x{}\\)", "{".repeat(20_000), "}".repeat(20_000));
    draw(braces, "");
}

#[test]
fn broken_css_is_ignored() {
    for css in [
        "}}}}{{{{",
        "a{",
        "/*",
        "@import url(http://x/y.css);",
        "@import url(media://card/none.css);",
        ".card{width:1e38px;height:1e38px}",
        ".card{font-size:1e9px}",
        ".card{margin:-1e9px}",
        ".card{zoom:0;transform:scale(1e30)}",
        "@font-face{font-family:x;src:url(none.ttf)} .card{font-family:x}",
        "*{filter:blur(3px) invert(1)} body{backdrop-filter:invert(1)}",
        "*{filter:drop-shadow(1e9px 0 1e9px red) blur(1e9px) contrast(1e30) hue-rotate(1e30deg)}",
        "*{filter:blur(1px);transform:scale(0)} b{transform:scale(1e9);filter:blur(1px)}",
        "*::before{counter-reset:x;content:counters(x,'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa')}",
        "*{counter-increment:x 2147483647} *::before{content:counter(x) counters(x,'')}",
        ".card{mix-blend-mode:multiply;opacity:.5}",
        "*{display:contents}",
        "*{display:none}",
        "html{display:none}",
        "*{position:fixed}",
        "*{float:left}",
        "*{display:grid;grid-template-columns:repeat(100000,1px)}",
        "*{display:flex;flex-wrap:wrap}",
        "*{animation:x 1ms infinite}@keyframes x{to{width:50%}}",
        "*::before{content:'x'}",
        "*{writing-mode:vertical-rl}",
        "*{column-count:1000}",
        "\u{0}",
        ".card{border:1e6px solid;border-radius:1e6px}",
        ".card{box-shadow:0 0 1e6px 1e6px red}",
        ".card{letter-spacing:1e9px;word-spacing:-1e9px;line-height:1e9}",
        ".card{background:repeating-linear-gradient(red 0px, blue .0001px)}",
        ".card{clip-path:circle(0);mask:url(x.png)}",
    ] {
        draw("<div>one <b>two</b></div><p>three".to_owned(), css);
    }
    let nested = "a{".repeat(50_000);
    draw("x".to_owned(), &nested);
    draw(format!("<style>{}</style>x", ":not(".repeat(50_000)), "");
    draw(
        format!("<b style='width:{}'>x</b>", "calc(".repeat(50_000)),
        "",
    );
}

#[test]
fn very_many_blurs_and_numbers_are_drawn_in_time() {
    let many = "<p><b>x</b>".repeat(2000);
    draw(
        many.clone(),
        "*{filter:blur(2px) drop-shadow(1px 1px 1px red)}",
    );
    draw(many, "*::before{counter-increment:x;content:counter(x)}");
    let deep = "<div>".repeat(200) + "deep text";
    let drawn = draw(
        deep,
        "*{filter:blur(2px);counter-reset:x} *::before{content:counters(x,'.')}",
    );
    assert!(drawn.text.contains("deep text"));
}

#[test]
fn deep_css_in_disguise_is_as_harmless() {
    let deep = "calc(".repeat(50_000);
    for html in [
        format!("<svg><g style='width:{deep}'></g></svg>x"),
        format!("<svg><style>a{{width:{deep}</style></svg>x"),
        format!("<svg><link rel=stylesheet href='data:text/css,a{{width:{deep}'></link></svg>x"),
        format!("<math style='width:{deep}'><mi style='width:{deep}'>a</mi></math>x"),
        format!("<style>a{{width:{}</style>x", "calc&#40;".repeat(50_000)),
        format!("<style>@import url('data:text/css,a{{width:{deep}');</style>x"),
        format!("<style>{}b{{}}</style>x", ":not(/*)*/".repeat(50_000)),
        format!("<style>{}b{{}}</style>x", ":not(a[b=')']".repeat(50_000)),
        format!(
            "<style>a{{--x:{}1}} a{{b:var(--x)}}</style>x",
            "(/*)*/".repeat(50_000)
        ),
    ] {
        let drawn = draw(html, "");
        assert!(drawn.text.contains('x'));
    }
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("_deep.css"), ":not(".repeat(2_000_000)).unwrap();
    let media: Arc<dyn Resources> = Arc::new(MediaFolder::new(dir.path()));
    for html in [
        "<style>@import url(_deep.css);</style>x",
        "<link rel=stylesheet href=_deep.css>x",
        "<svg><iframe src=_deep.css></iframe></svg>x",
    ] {
        let drawn = draw_with(html.to_owned(), "@import url(_deep.css);", media.clone());
        assert!(drawn.text.contains('x'));
    }
}

const LEFT_OUT: &str = "styling of this card was left out";

#[test]
fn selectors_that_would_take_for_ever_are_left_out_and_told() {
    // Each level looks twice at the one around it.
    let bomb = format!("*{{{}color:red{}}}", "&&{".repeat(40), "}".repeat(41));
    let beside = ["i"; 40_000].join("+") + "{color:red}";
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("_bomb.css"), &bomb).unwrap();
    let media: Arc<dyn Resources> = Arc::new(MediaFolder::new(dir.path()));
    for (html, css) in [
        ("x".to_owned(), bomb.as_str()),
        (format!("x{}", "<i></i>".repeat(4_000)), beside.as_str()),
        (format!("<style>{bomb}</style>x"), ""),
        (format!("<svg><style>{bomb}</style></svg>x"), ""),
        ("<link rel=stylesheet href=_bomb.css>x".to_owned(), ""),
        ("x".to_owned(), "@import url(_bomb.css);"),
        ("<style>@import '_bomb.css';</style>x".to_owned(), ""),
    ] {
        let drawn = draw_with(html, css, media.clone());
        assert!(drawn.text.contains(LEFT_OUT), "{}", drawn.text);
        assert!(drawn.text.contains('x'));
    }
    // What else is on the card keeps its look.
    let html = format!("<style>{bomb}</style><style>p{{display:none}}</style>x<p>gone</p>");
    let drawn = draw(html, "");
    assert!(drawn.text.contains(LEFT_OUT) && !drawn.text.contains("gone"));
}

#[test]
fn what_has_looks_at_is_counted() {
    let drawn = draw(
        "<p>words<b>x</b></p>rest".to_owned(),
        "p:has(b){display:none}",
    );
    assert!(!drawn.text.contains("words") && drawn.text.contains("rest"));
    let page = "<i>".repeat(300) + &"<b>x</b>".repeat(3000);
    let drawn = draw(page, &"i:has(~ b ~ u) {}".repeat(2000));
    assert!(drawn.text.contains(LEFT_OUT));
}

#[test]
fn large_honest_sheets_are_kept() {
    let mut css =
        String::from(".card { .a { ul { li:hover > b { color: red } } } } p { display: none }");
    for n in 0..3000 {
        css += &format!(".col-{n} > .row-{n} a, .nav-{n} .b:not(.c):hover ~ .d {{ left: {n}px }}");
    }
    let line = "<div class='a b'><ul><li>1 <b>2</b><li>3</ul></div>";
    let drawn = draw(format!("{}<p>gone</p>", line.repeat(500)), &css);
    assert!(!drawn.text.contains(LEFT_OUT) && !drawn.text.contains("gone"));
}

#[test]
fn huge_pictures_and_boxes_are_harmless() {
    let dir = tempfile::tempdir().unwrap();
    // A valid header that promises 60,000 × 60,000 pixels.
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    png.extend(60_000u32.to_be_bytes());
    png.extend(60_000u32.to_be_bytes());
    png.extend(b"\x08\x06\0\0\0\0\0\0\0");
    std::fs::write(dir.path().join("bomb.png"), png).unwrap();
    std::fs::write(dir.path().join("empty.png"), "").unwrap();
    std::fs::write(
        dir.path().join("noise.jpg"),
        [0xffu8, 0xd8, 0xff, 0xe0, 1, 2, 3],
    )
    .unwrap();
    let deep = "<svg xmlns='http://www.w3.org/2000/svg'>".to_owned() + &"<g>".repeat(100_000);
    std::fs::write(dir.path().join("deep.svg"), deep).unwrap();
    let closed = "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'>".to_owned()
        + &"<g>".repeat(20_000)
        + &"</g>".repeat(20_000)
        + "</svg>";
    std::fs::write(dir.path().join("closed.svg"), closed).unwrap();
    std::fs::write(
        dir.path().join("loop.svg"),
        "<svg xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink' width='9' height='9'>\
         <g id='a'><use xlink:href='#a'/><use xlink:href='#a'/></g></svg>",
    )
    .unwrap();
    let media: Arc<dyn Resources> = Arc::new(MediaFolder::new(dir.path()));
    for name in [
        "bomb.png",
        "empty.png",
        "noise.jpg",
        "deep.svg",
        "closed.svg",
        "loop.svg",
    ] {
        draw_with(format!("<img src={name}>after"), "", media.clone());
    }
    draw_with(
        "<img src=bomb.png width=1000000000 height=1000000000>".into(),
        "",
        media.clone(),
    );
    draw(
        "<div style='width:1000000000px;height:1000000000px;background:red'>x</div>".into(),
        "",
    );
    draw(
        "<svg width=1e9 height=1e9><rect width=1e9 height=1e9 /></svg>".into(),
        "",
    );
    draw("<img src='data:image/png;base64,AAAA'>".into(), "");
}

const SVG: &str = "<svg xmlns='http://www.w3.org/2000/svg' \
    xmlns:xlink='http://www.w3.org/1999/xlink' width='100' height='100'>";

/// Each level refers ten times to the one below.
fn levels(what: &str, most: usize, rest: &str) -> String {
    let level = |n: usize| match (what, n) {
        ("use", 0) => "<rect id='a0' width='1' height='1'/>".to_owned(),
        ("use", _) => {
            let copy = format!("<use xlink:href='#a{}'/>", n - 1);
            format!("<g id='a{n}'>{}</g>", copy.repeat(10))
        }
        (_, 0) => format!("<{what} id='a0'{rest}><path d='M0 0L9 9'/></{what}>"),
        ("marker", _) => {
            let shape = format!("<path d='M0 0L9 9' marker-end='url(#a{})'/>", n - 1);
            format!("<marker id='a{n}'{rest}>{}</marker>", shape.repeat(10))
        }
        _ => {
            let attr = if what == "mask" { "mask" } else { "fill" };
            let shape = format!("<rect width='9' height='9' {attr}='url(#a{})'/>", n - 1);
            format!("<{what} id='a{n}'{rest}>{}</{what}>", shape.repeat(10))
        }
    };
    let defs: String = (0..=most).map(level).collect();
    let shape = match what {
        "use" => format!("<use xlink:href='#a{most}'/>"),
        "marker" => format!("<path d='M0 0L9 9' marker-end='url(#a{most})'/>"),
        "mask" => format!("<rect width='99' height='99' mask='url(#a{most})'/>"),
        _ => format!("<rect width='99' height='99' fill='url(#a{most})'/>"),
    };
    format!("{SVG}<defs>{defs}</defs>{shape}</svg>")
}

#[test]
fn lists_of_shadows_and_backgrounds_and_circles_of_imports_end() {
    for list in [
        format!("box-shadow:{}", ["0 0 99px red"; 20_000].join(",")),
        format!("box-shadow:{}", ["0 0 red"; 50_000].join(",")),
        format!(
            "background:{}",
            ["linear-gradient(red,blue)"; 5_000].join(",")
        ),
    ] {
        let html = format!("<div style='width:390px;height:290px;{list}'></div>after");
        assert!(draw(html, "").text.contains("after"));
    }
    let fan: String = (0..9).map(|n| format!("@import '_fan.css?{n}';")).collect();
    let (_dir, media) = media_with(&[("_fan.css", &fan)]);
    let drawn = draw_with("after".to_owned(), "@import '_fan.css';", media);
    assert!(drawn.text.contains("after"));
}

fn media_with(files: &[(&str, &str)]) -> (tempfile::TempDir, Arc<dyn Resources>) {
    let dir = tempfile::tempdir().unwrap();
    for (name, content) in files {
        std::fs::write(dir.path().join(name), content).unwrap();
    }
    let media: Arc<dyn Resources> = Arc::new(MediaFolder::new(dir.path()));
    (dir, media)
}

#[test]
fn drawings_that_would_grow_without_end_are_named_instead() {
    let tile = " width='3' height='3' patternUnits='userSpaceOnUse'";
    let line = "d='M0 0L1e7 0' stroke='red'";
    let many = "L9 9L0 9".repeat(2000);
    let bombs = [
        format!("{SVG}<path {line} stroke-dasharray='0.00001'/></svg>"),
        format!("{SVG}<style>path{{stroke-dasharray:0.00001 0}}</style><path {line}/></svg>"),
        format!(
            "{SVG}<defs><path id='a' {line}/></defs>\
             <use xlink:href='#a' style='stroke-dasharray:1e-5mm'/></svg>"
        ),
        format!(
            "{SVG}<marker id='k'><path d='M0 0{many}'/></marker>\
             <path d='M0 0{many}' marker-mid='url(#k)'/></svg>"
        ),
        levels("use", 9, ""),
        levels("mask", 9, ""),
        levels("marker", 9, ""),
        levels("pattern", 9, tile),
    ];
    for bomb in bombs {
        let (_dir, media) = media_with(&[("bomb.svg", &bomb)]);
        let data = bomb.replace('%', "%25").replace('#', "%23");
        for (html, told) in [
            ("<img src=bomb.svg>after".to_owned(), "bomb.svg"),
            (
                format!("<img src=\"data:image/svg+xml,{data}\">after"),
                "cannot be drawn",
            ),
            (format!("{bomb}after"), "cannot be drawn"),
        ] {
            let drawn = draw_with(html, "", media.clone());
            let text = &drawn.text;
            assert!(
                text.contains("after") && text.contains(told),
                "{text}: {bomb}"
            );
        }
    }
}

fn has_color(drawn: &DrawnCard, color: [u8; 3]) -> bool {
    drawn.rgba.chunks_exact(4).any(|pixel| pixel[..3] == color)
}

#[test]
fn curves_that_reach_out_of_all_bounds_are_left_out() {
    for shape in [
        "<path d='M0 0C1e19 1e19 -1e19 1e19 50 50'/>",
        "<path d='M0 0C1e19 1e19 -1e19 1e19 50 50' fill='none' stroke='red'/>",
        "<g transform='scale(1e9)'><path d='M0 0C1e9 1e9 -1e9 1e9 50 50'/></g>",
    ] {
        let svg = format!("{SVG}{shape}<rect width='9' height='9' fill='#ff0000'/></svg>after");
        let drawn = draw(svg, "");
        assert!(drawn.text.contains("after") && has_color(&drawn, [255, 0, 0]));
    }
}

#[test]
fn large_honest_drawings_are_drawn() {
    let mut coast = String::from("M0 50");
    for n in 0..100_000 {
        coast += &format!("L{} {}", n % 100, 40 + n % 7);
    }
    let town = "<use xlink:href='#town' x='3' y='4'/>".repeat(3000);
    let border = "<path class='b' d='M0 10H100V90H0z' marker-end='url(#m)'/>".repeat(500);
    let map = format!(
        "{SVG}<style>.b{{stroke-dasharray:4 2;fill:none;stroke:#00f}}</style><defs>\
         <circle id='town' r='1'/><clipPath id='c'><rect width='100' height='100'/></clipPath>\
         <marker id='m'><path d='M0 0L3 3L0 3z'/></marker></defs>\
         <g clip-path='url(#c)'><path d='{coast}' fill='none' stroke='#0a0' stroke-dasharray='5'/>\
         {town}{border}</g><rect y='60' width='50' height='30' fill='#ff0000'/></svg>"
    );
    let (_dir, media) = media_with(&[("map.svg", &map)]);
    let drawn = draw_with("<img src=map.svg>after".to_owned(), "", media);
    assert!(has_color(&drawn, [255, 0, 0]), "{}", drawn.text);
}

#[test]
fn drawings_read_no_files_beside_their_own() {
    let green = format!("{SVG}<rect width='100' height='100' fill='#00ff00'/></svg>");
    let (dir, _) = media_with(&[("green.svg", &green)]);
    let path = dir.path().join("green.svg");
    let path = path.display();
    let naming = format!(
        "{SVG}<rect width='9' height='9' fill='#ff0000'/>\
         <image width='50' height='50' xlink:href='{path}'/>\
         <image width='50' height='50' href='{path}'/></svg>"
    );
    let (_dir, media) = media_with(&[("naming.svg", &naming)]);
    for html in ["<img src=naming.svg>".to_owned(), naming] {
        let drawn = draw_with(html, "", media.clone());
        assert!(has_color(&drawn, [255, 0, 0]), "{}", drawn.text);
        assert!(!has_color(&drawn, [0, 255, 0]));
    }
}

#[test]
fn malformed_markup_is_some_page() {
    for html in [
        "",
        "<",
        "</",
        "<!",
        "<!--",
        "<a",
        "<a href=",
        "<![CDATA[",
        "&",
        "&#x110000;",
        "&#0;",
        "\u{0}",
        "\u{feff}",
        "<table><div><table><p></table>",
        "</p></br></body></html></table>",
        "<select><table><option>",
        "<math><mi><svg><foreignObject><div>",
        "<plaintext>rest</plaintext>",
        "<textarea>x",
        "<title>x",
        "<frameset>",
        "<iframe srcdoc='<b>x'>",
        "<input type=range><progress><meter><canvas><video><audio>",
        "<form><form><input type=submit>",
        "<template><b>x</template>",
        "<img><img src><img src=#><img src='?'><img src='data:,'>",
        "<a href='http://['>x</a>",
        "<body class=x><html lang=y>",
        "<base href=http://evil/>",
        "<meta http-equiv=refresh content='0;url=http://x'>",
        "<link rel=stylesheet href=http://x/y.css>",
        "<style>@import 'x.css';</style>",
        "<p style='background:url(x.png)'>",
        "<ol start=99999999999><li value=-99999999999>x",
        "<td colspan=100000 rowspan=100000>",
        "<table><td colspan=65535><td rowspan=65535></table>",
    ] {
        draw(html.to_owned(), "");
    }
}

#[test]
fn borders_of_millions_of_dashes_are_lines() {
    for style in ["dashed", "dotted"] {
        let css = format!(
            "body, p {{ margin: 0 }} p {{ width: 2e7px; border-top: 9px {style} #ff0000 }}"
        );
        let drawn = draw("<p>x</p>".to_owned(), &css);
        let rows: Vec<&[u8]> = drawn.rgba.chunks(400 * 4).collect();
        let red = |row: &[u8]| row.chunks(4).map(|p| p[..3] == [255, 0, 0]).collect();
        let rows: Vec<Vec<bool>> = rows.into_iter().map(red).collect();
        let top = rows.iter().position(|row| row.contains(&true));
        let middle = &rows[top.expect("a border") + 4];
        let left = middle.iter().position(|is_red| *is_red).expect("a border");
        assert!(!middle[left..].contains(&false), "{style}: {middle:?}");
    }
}

#[test]
fn millions_of_dashes_below_words_are_lines() {
    // In the row that has most of it.
    let most = |drawn: &DrawnCard, count: fn(&[bool]) -> usize| {
        let rows = drawn.rgba.chunks(400 * 4).map(|row| {
            let is_red = |pixel: &[u8]| pixel[..3] == [255, 0, 0];
            count(&row.chunks(4).map(is_red).collect::<Vec<_>>())
        });
        rows.max().unwrap_or_default()
    };
    let reds = |row: &[bool]| row.iter().filter(|is_red| **is_red).count();
    let below = |style: &str| format!("text-decoration: underline {style} 6px #ff0000");
    for style in ["dashed", "dotted", "wavy"].map(below) {
        for css in [
            format!("u {{ {style}; letter-spacing: 2e6px }}"),
            format!("u {{ {style}; word-spacing: 2e6px }}"),
            format!("u {{ {style}; text-decoration-inset: -2e7px }}"),
            format!("u::before {{ content: 'x y'; {style}; word-spacing: 2e6px }}"),
        ] {
            let drawn = draw("<u>a b</u>".to_owned(), &css);
            assert!(most(&drawn, reds) > 350, "{css}");
        }
    }
    // Frames around what styles make, and around the name of a picture that is missing.
    let frame = "border: 1px dotted #ff0000";
    for css in [
        format!("u::after {{ content: 'x'; display: inline-block; width: 2e6px; {frame} }}"),
        format!(".engram-missing {{ letter-spacing: 5e5px; {frame} }}"),
    ] {
        let drawn = draw("<u>a</u> <img src=x.png>".to_owned(), &css);
        let dots = |row: &[bool]| row.windows(2).filter(|pair| pair[0] && !pair[1]).count();
        assert!(most(&drawn, dots) < 10, "{css}");
    }
    // Those that fit stay what they are.
    let css = format!("u {{ {} }}", below("dotted"));
    let drawn = draw("<u>words and words</u>".to_owned(), &css);
    let dots = |row: &[bool]| row.windows(2).filter(|pair| pair[0] && !pair[1]).count();
    assert!(most(&drawn, dots) > 5);
}

#[test]
fn the_first_of_too_many_dashes_are_drawn_on_each_run() {
    const CSS: &str = "p { margin: 0; font-size: 10px; line-height: 20px }
        u { letter-spacing: 6e5px; text-decoration: underline dotted 4px #ff0000 }";
    let drawn = draw("<p><u>x</u>".repeat(12), CSS);
    let rows = drawn.rgba.chunks(400 * 4).map(|row| {
        let is_red = |pixel: &[u8]| pixel[..3] == [255, 0, 0];
        row.chunks(4).map(is_red).collect::<Vec<_>>()
    });
    let rows: Vec<Vec<bool>> = rows.collect();
    let lines = rows.chunk_by(|one, other| one.contains(&true) == other.contains(&true));
    let lines: Vec<_> = lines.filter(|rows| rows[0].contains(&true)).collect();
    let dots = |row: &Vec<bool>| row.windows(2).filter(|pair| pair[0] && !pair[1]).count();
    let dots = lines.iter().map(|rows| dots(&rows[rows.len() / 2]));
    let is_dotted: Vec<bool> = dots.map(|dots| dots > 5).collect();
    let only_first: Vec<bool> = (0..12).map(|line| line == 0).collect();
    assert_eq!(is_dotted, only_first);
}

#[test]
fn looks_of_letters_and_lines_have_an_end() {
    let css = "* { font-variant: small-caps; mix-blend-mode: multiply } *::first-letter { font-size: 2em }
        p { width: 60px; white-space: nowrap; overflow: hidden; text-overflow: ellipsis }
        *::first-line { color: red }";
    for html in [
        "<p>aBaBaBaBaBaB".repeat(4_000),
        "<div>aB".repeat(1_000),
        "<p>".to_owned() + &"aB".repeat(200_000),
        "<fieldset><legend>a</legend>".repeat(300),
    ] {
        draw(html, css);
    }
}

/// What is calculated in tables, where a cell or the table itself gets another style (its colour)
/// and is then laid out for what became of something in it, which makes no new grid of it. Freed
/// memory is overwritten there, so that it is no luck when nothing is read of it.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[test]
fn tables_are_not_laid_out_by_styles_that_are_gone() {
    const OVERWRITTEN: &str = "glibc.malloc.tcache_count=0:glibc.malloc.perturb=170";
    const OTHER: &str = "-webkit-text-fill-color:#ff0000";
    let cli = crate::cli_commands::Cli::with_profile();
    let mut text = "#html:true\n#separator:tab\n".to_owned();
    for (table, first, last) in [
        ("", "width:calc(50% - 10px)", ""),
        ("", "", "padding:calc(1% + 3px)"),
        ("width:calc(100% - 50px);padding:calc(1% + 5px)", "", ""),
    ] {
        let style = |own: &str| match own {
            "" => String::new(),
            own => format!(" style='{own};{OTHER}'"),
        };
        text += &format!(
            "<table{}><tr><td{}>one<td>two<div style='contain:size'>x</div>\
             <tr><td>three<td{}>four</table>\tback\n",
            style(table),
            style(first),
            style(last)
        );
    }
    std::fs::write(cli.path("tables.txt"), text).unwrap();
    cli.ok(&["import", &cli.path("tables.txt")]);
    let found = cli.ok(&["search", "deck:*"]);
    let ids = found["ids"].as_array().unwrap();
    assert_eq!(ids.len(), 3);
    for id in ids {
        let args = ["render", &id.to_string(), "--png", &cli.path("card.png")];
        let drawn = cli.run_with(&args, &[("GLIBC_TUNABLES", OVERWRITTEN.as_ref())]);
        assert!(drawn.status.success(), "{id}: {drawn:?}");
    }
}
