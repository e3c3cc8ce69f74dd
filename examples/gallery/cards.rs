//! Contact sheets of cards and of formulas, drawn by the card engine alone: scripts of the world,
//! formulas, chemistry, tables, code, pictures. All texts are our own.

use engram::base::time::Stopwatch;
use engram::render::{
    CardEngine, CardPage, DrawnCard, EngineEvent, NoStill, Resources, Still, View,
};
use image::{Rgba, RgbaImage};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

const CARD: (u32, u32) = (300, 210);
const COLUMNS: u32 = 5;
const GAP: u32 = 8;

const CSS: &str = ".card { font-family: arial; font-size: 20px; text-align: center; } \
    .cloze { font-weight: bold; color: blue; } .nightMode .cloze { color: lightblue; } \
    body { margin: 14px } .word { font-size: 34px } .small { font-size: 14px; opacity: .7 } \
    table { margin: auto; border-collapse: collapse; font-size: 15px } \
    td, th { border: 1px solid #8888; padding: 2px 8px } \
    pre { font-size: 13px; margin: 0; text-align: left } ul, ol { text-align: left; margin: 0 }";

/// A language: code, right to left, word, how it is read, what it means, a sentence with a gap.
struct Language {
    code: &'static str,
    right_to_left: bool,
    word: &'static str,
    reading: &'static str,
    meaning: &'static str,
    sentence: (&'static str, &'static str, &'static str),
}

macro_rules! language {
    ($code:literal, $rtl:literal, $word:literal, $reading:literal, $meaning:literal, $before:literal, $gap:literal, $after:literal) => {
        Language {
            code: $code,
            right_to_left: $rtl,
            word: $word,
            reading: $reading,
            meaning: $meaning,
            sentence: ($before, $gap, $after),
        }
    };
}

const LANGUAGES: [Language; 14] = [
    language!(
        "fr",
        false,
        "l’œuvre",
        "lœvʁ",
        "the work",
        "J’ai lu ",
        "toute",
        " son œuvre."
    ),
    language!(
        "el",
        false,
        "θάλασσα",
        "thálassa",
        "sea",
        "Η ",
        "θάλασσα",
        " είναι ήρεμη."
    ),
    language!(
        "ru",
        false,
        "дру́жба",
        "druzhba",
        "friendship",
        "Наша ",
        "дружба",
        " крепкая."
    ),
    language!(
        "ar",
        true,
        "مَدْرَسَة",
        "madrasa",
        "school",
        "ذهبتُ إلى ",
        "المدرسة",
        " صباحًا."
    ),
    language!("he", true, "סֵפֶר", "sefer", "book", "קראתי ", "ספר", " טוב."),
    language!(
        "hi",
        false,
        "विद्यार्थी",
        "vidyārthī",
        "student",
        "वह एक ",
        "विद्यार्थी",
        " है।"
    ),
    language!(
        "th",
        false,
        "ภูเขา",
        "phu khao",
        "mountain",
        "เราปีน",
        "ภูเขา",
        "ด้วยกัน"
    ),
    language!(
        "zh",
        false,
        "朋友",
        "péngyou",
        "friend",
        "他是我的",
        "朋友",
        "。"
    ),
    language!(
        "ja",
        false,
        "<ruby>勉強<rt>べんきょう</rt></ruby>",
        "benkyō",
        "study",
        "毎日<ruby>日本語<rt>にほんご</rt></ruby>を",
        "勉強",
        "します。"
    ),
    language!(
        "ko",
        false,
        "바다",
        "bada",
        "sea",
        "우리는 ",
        "바다",
        "에 갔다."
    ),
    language!(
        "ka",
        false,
        "მეგობარი",
        "megobari",
        "friend",
        "ის ჩემი ",
        "მეგობარი",
        "ა."
    ),
    language!(
        "hy",
        false,
        "ընկեր",
        "ěnker",
        "friend",
        "Նա իմ ",
        "ընկերն",
        " է։"
    ),
    language!(
        "ta",
        false,
        "கடல்",
        "kaṭal",
        "sea",
        "நாங்கள் ",
        "கடலுக்கு",
        " சென்றோம்."
    ),
    language!(
        "bn",
        false,
        "বন্ধু",
        "bandhu",
        "friend",
        "সে আমার ",
        "বন্ধু",
        "।"
    ),
];

/// Cards of other kinds.
const OTHERS: [&str; 19] = [
    "What is the area of a circle?<hr id=answer>\\[A = \\pi r^2\\]",
    "For \\(x^2+px+q=0\\):<hr id=answer>\\[x = -\\frac{p}{2} \\pm \\sqrt{\\left(\\frac p2\\right)^2 - q}\\]",
    "The derivative of \\(\\sin x\\) is <span class=cloze>\\(\\cos x\\)</span>; of \\(e^x\\), it is itself: see (\\(e^x\\)).",
    "\\[\\begin{pmatrix} 1 & 2 \\\\ 3 & 4 \\end{pmatrix}^{-1} = \\frac{1}{-2}\\begin{pmatrix} 4 & -2 \\\\ -3 & 1 \\end{pmatrix}\\]",
    "<img class=latex alt=\"\\begin{displaymath}\\int_0^\\infty e^{-x^2}\\,dx = \\frac{\\sqrt{\\pi}}{2}\\end{displaymath}\" src=latex-gone.png>",
    "Burning hydrogen:<hr id=answer>\\(\\ce{2H2 + O2 -> 2H2O}\\)",
    "\\(\\ce{N2 + 3H2 <=>[Fe] 2NH3}\\)<br>\\(\\ce{SO4^2-}\\), \\(\\ce{^{235}_{92}U}\\)",
    "Not known: \\(\\SI{3}{\\metre}\\)",
    "<table><tr><th>Case<th>Singular<th>Plural<tr><td>nom.<td>domus<td>domūs<tr><td>gen.<td>domūs<td>domuum<tr><td>acc.<td>domum<td>domōs</table>",
    "<pre><code>fn gcd(a: u64, b: u64) -> u64 {\n    if b == 0 { a } else { gcd(b, a % b) }\n}</code></pre>",
    "<ol><li>Read<li>Recall<li>Repeat<ul><li>after a day<li>after a week</ul></ol>",
    "Play: [anki:play:q:0] and [anki:play:q:1]<br><span class=small>two sounds</span>",
    "<video src=lesson.mp4></video>",
    "<video src=other.mp4></video>",
    "Which part?<div style='display:none'><div class=cloze data-shape=rect data-left=.08 data-top=.15 data-width=.3 data-height=.3></div><div class=cloze-inactive data-shape=ellipse data-left=.55 data-top=.2 data-rx=.15 data-ry=.2 data-occludeInactive=1></div><div class=cloze-inactive data-shape=polygon data-points='.3,.9 .5,.6 .7,.9' data-occludeInactive=1></div></div><div id=image-occlusion-container><img src=map.svg></div>",
    "<div style='display:none'><div class=cloze-highlight data-shape=rect data-left=.08 data-top=.15 data-width=.3 data-height=.3 data-occludeInactive=1></div><div class=cloze data-shape=text data-text=Plan data-left=.6 data-top=.05 data-font-size=.1></div></div><div id=image-occlusion-container><img src=map.svg></div><button id=toggle>Toggle Masks</button>",
    "<img src=gone.png><br>a picture that is not there",
    "<div style='font-size:28px'>😀 👩‍🚀 🇯🇵 ❤️</div><div>½ ≠ ∞ → ✓ ♭ ♯ ♪</div>",
    "<span class=typeGood>ma</span><span class=typeBad>dr</span><span class=typeMissed>-</span><span class=typeGood>ugada</span><br>↓<br><code>madrugada</code>",
];

const FORMULAS: [&str; 30] = [
    r"E = mc^2",
    r"\frac{a}{b} + \sqrt{x^2+y^2} \neq \sqrt[3]{z}",
    r"x = \frac{-b \pm \sqrt{b^2-4ac}}{2a}",
    r"\int_0^\infty e^{-x^2}\,dx = \frac{\sqrt{\pi}}{2}",
    r"\sum_{n=1}^{\infty} \frac{1}{n^2} = \frac{\pi^2}{6}",
    r"\prod_{p} \left(1-p^{-s}\right)^{-1}",
    r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}",
    r"\begin{bmatrix} 1 & 0 & \cdots \\ 0 & \ddots & \vdots \end{bmatrix}",
    r"\begin{aligned} f(x) &= (x+1)^2 \\ &= x^2 + 2x + 1 \end{aligned}",
    r"f(n) = \begin{cases} n/2 & \text{if even} \\ 3n+1 & \text{if odd} \end{cases}",
    r"\forall x \in \mathbb{R},\ \exists n \in \mathbb{N}: n > x",
    r"\mathcal{L}\{f\}\ \mathfrak{g}\ \mathscr{F}\ \mathsf{A}",
    r"\lim_{h \to 0} \frac{f(x+h)-f(x)}{h}",
    r"\ce{2H2 + O2 -> 2H2O}",
    r"\ce{CO2 + C <=>[\Delta][k] 2CO}",
    r"\ce{SO4^2-} \quad \ce{^{227}_{90}Th+}",
    r"\vec{F} = m\vec{a},\ \hat{H}\psi = i\hbar\frac{\partial}{\partial t}\psi",
    r"\overline{AB},\ \underbrace{a+b}_{\text{sum}}",
    r"\left\{ \left[ \left( \frac{\frac{1}{2}}{\frac{x}{y}} \right)^2 \right]_a^b \right\}",
    r"\oint_{\partial S} \mathbf{E}\cdot d\boldsymbol{\ell} = -\iint_S \frac{\partial \mathbf{B}}{\partial t}\cdot d\mathbf{A}",
    r"\textcolor{red}{x} + \boxed{E=mc^2} + \cancel{abc}",
    r"\binom{n}{k} = \frac{n!}{k!(n-k)!}",
    r"A \xrightarrow[\text{below}]{\text{above}} B",
    r"\begin{array}{c|cc} x & 1 & 2 \\ \hline y & 3 & 4 \end{array}",
    r"\operatorname{argmax}_\theta\, \mathrm{KL}(p\,\|\,q)",
    r"\langle \psi | \phi \rangle \therefore \text{größer 日本 å}",
    r"\newcommand{\RR}{\mathbb R} \RR^n \to \RR",
    r"\tfrac12 \dfrac{1}{2} \ket{\psi} \pu{3.2e4 J//mol}",
    r"\nabla \times \vec B = \mu_0\left(\vec J + \varepsilon_0 \frac{\partial \vec E}{\partial t}\right)",
    r"\unknowncommand{x} + 1",
];

/// Pictures that the cards name.
struct Pictures;

impl Resources for Pictures {
    fn read(&self, name: &str) -> Option<Vec<u8>> {
        let svg = "<svg xmlns='http://www.w3.org/2000/svg' width='240' height='130' viewBox='0 0 240 130'>\
            <rect width='240' height='130' fill='#dbe9f4'/><rect x='22' y='22' width='65' height='35' fill='#7a9cc0'/>\
            <circle cx='167' cy='52' r='30' fill='#d98b5f'/><path d='M72 117 L120 78 L168 117 Z' fill='#6fae7d'/></svg>";
        (name == "map.svg").then(|| svg.as_bytes().to_vec())
    }
    fn exists(&self, name: &str) -> bool {
        name == "map.svg"
    }
    fn still(&self, name: &str) -> Still {
        match name {
            "lesson.mp4" => self
                .read("map.svg")
                .map_or(Still::Waiting, |svg| Still::Picture(svg.into())),
            _ => Still::None(NoStill::NoProgram),
        }
    }
}

fn cards() -> Vec<String> {
    let mut out = Vec::new();
    for l in &LANGUAGES {
        let dir = if l.right_to_left { "rtl" } else { "ltr" };
        let (before, gap, after) = l.sentence;
        let open = format!("<div lang={} dir={dir}>", l.code);
        out.push(format!(
            "{open}<div class=word>{}</div></div><div class=small>{}</div><hr id=answer>{}",
            l.word, l.reading, l.meaning
        ));
        out.push(format!(
            "{open}{before}<span class=cloze>[...]</span>{after}</div>"
        ));
        out.push(format!(
            "{open}{before}<span class=cloze>{gap}</span>{after}<ul><li>{}<li><b>{gap}</b> <i>{gap}</i></ul></div>",
            l.word
        ));
    }
    out.extend(OTHERS.iter().map(|html| (*html).to_owned()));
    out
}

/// One line for each formula: in the text, and by itself.
fn formulas() -> Vec<String> {
    let escape = |tex: &str| tex.replace('&', "&amp;").replace('<', "&lt;");
    FORMULAS
        .iter()
        .map(|tex| format!("Hxp \\({0}\\) text\\[{0}\\]", escape(tex)))
        .collect()
}

/// Draws the sheets whose name contains `only`; returns their names.
pub fn draw(out: &Path, only: &str) -> Vec<String> {
    let mut written = Vec::new();
    for (name, pages) in [("cards", cards()), ("formulas", formulas())] {
        for night in [false, true] {
            let name = format!("{name}_{}", if night { "dark" } else { "light" });
            if name.contains(only) {
                let sheet = sheet(&pages, night);
                let path = out.join(format!("{name}.png"));
                sheet.save(&path).expect("the picture can be written");
                written.push(path.display().to_string());
            }
        }
    }
    written
}

fn sheet(pages: &[String], night: bool) -> RgbaImage {
    let engine = CardEngine::spawn(Arc::new(Pictures), Arc::new(|| {})).expect("an engine");
    let rows = (pages.len() as u32).div_ceil(COLUMNS);
    let ground = if night {
        Rgba([0x1c, 0x1b, 0x1e, 0xff])
    } else {
        Rgba([0xe5, 0xe2, 0xdb, 0xff])
    };
    let mut sheet = RgbaImage::from_pixel(
        GAP + COLUMNS * (CARD.0 + GAP),
        GAP + rows * (CARD.1 + GAP),
        ground,
    );
    for (at, html) in (0u32..).zip(pages) {
        let drawn = picture(&engine, html, night);
        let tile = RgbaImage::from_raw(drawn.width_px, drawn.height_px, drawn.rgba)
            .expect("as many bytes as pixels");
        let x = GAP + at % COLUMNS * (CARD.0 + GAP);
        let y = GAP + at / COLUMNS * (CARD.1 + GAP);
        image::imageops::replace(&mut sheet, &tile, x.into(), y.into());
    }
    sheet
}

fn picture(engine: &CardEngine, html: &str, night: bool) -> DrawnCard {
    let page = Arc::new(CardPage {
        html: html.to_owned(),
        css: CSS.to_owned(),
        body_class: "card card1".to_owned(),
        night,
        play_buttons: true,
        is_answer: false,
    });
    engine.show(page.clone(), View::new(CARD.0 as f32, CARD.1 as f32), false);
    let clock = Stopwatch::start();
    loop {
        match engine.wait(Duration::from_secs(60)) {
            Some(EngineEvent::Drawn(drawn)) if drawn.key == page.key() => return drawn,
            Some(_) => {}
            None => panic!("no picture of {html} after {:?}", clock.elapsed()),
        }
    }
}
