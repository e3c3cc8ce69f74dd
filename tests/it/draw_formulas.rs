//! Formulas on cards, in pixels and words: on the text's baseline, in its colour and size, in both
//! themes and at every zoom; copied and read out as their source.

use engram::render::{
    CardEngine, CardInput, CardOutput, CardPage, DrawnCard, EngineEvent, NoResources, View,
    draw_once,
};
use std::sync::Arc;
use std::time::Duration;

fn page(html: &str) -> CardPage {
    CardPage {
        html: html.to_owned(),
        css: ".card { font-family: arial; font-size: 20px; color: black; background-color: white }"
            .to_owned(),
        body_class: "card card1".to_owned(),
        ..CardPage::default()
    }
}

fn draw(html: &str) -> DrawnCard {
    draw_page(&page(html), 1.0)
}

fn draw_page(page: &CardPage, zoom: f32) -> DrawnCard {
    let view = View {
        zoom,
        ..View::new(600.0, 200.0)
    };
    draw_once(page, Arc::new(NoResources), view).expect("a picture")
}

/// Left, top, right, bottom of the pixels that are wanted.
fn area(drawn: &DrawnCard, wanted: impl Fn([u8; 3]) -> bool) -> (u32, u32, u32, u32) {
    let mut found: Option<(u32, u32, u32, u32)> = None;
    for y in 0..drawn.height_px {
        for x in 0..drawn.width_px {
            let at = 4 * (y * drawn.width_px + x) as usize;
            if wanted([drawn.rgba[at], drawn.rgba[at + 1], drawn.rgba[at + 2]]) {
                let (l, t, r, b) = found.unwrap_or((x, y, x, y));
                found = Some((l.min(x), t.min(y), r.max(x), b.max(y)));
            }
        }
    }
    found.unwrap_or_else(|| panic!("no such pixel of {}", drawn.text))
}

fn is_dark(p: [u8; 3]) -> bool {
    p.iter().all(|&c| c < 120)
}
fn is_red(p: [u8; 3]) -> bool {
    p[0] > 180 && p[1] < 90 && p[2] < 90
}

#[test]
fn a_formula_stands_on_the_baseline_of_the_text() {
    // Both are black boxes of letters without descenders; the formula alone is red.
    for size in [14, 20, 33] {
        let drawn = draw(&format!(
            "<p style='font-size:{size}px'>HHH <b style='color:red;font-weight:normal'>\\(HH\\)</b>"
        ));
        let text = area(&drawn, is_dark);
        let formula = area(&drawn, is_red);
        assert!(
            text.3.abs_diff(formula.3) <= 1,
            "{size}: {text:?} {formula:?}"
        );
        let (high, formula_high) = (text.3 - text.1, formula.3 - formula.1);
        assert!(
            high.abs_diff(formula_high) <= 1 + size / 10,
            "{size}: {high} {formula_high}"
        );
    }
    // What hangs below the baseline does so without lifting the rest.
    let drawn = draw("HHH <b style='color:red'>\\(\\frac{1}{y}\\)</b>");
    let (text, formula) = (area(&drawn, is_dark), area(&drawn, is_red));
    assert!(formula.3 > text.3 + 3, "{text:?} {formula:?}");
    assert!(formula.1 < text.1, "{text:?} {formula:?}");
}

#[test]
fn a_formula_has_the_colour_of_its_text_in_both_themes() {
    let mut dark = page("\\(x^2\\)");
    dark.css.clear();
    dark.night = true;
    let drawn = draw_page(&dark, 1.0);
    area(&drawn, |p| p.iter().all(|&c| c > 200));
    let drawn = draw("<span class=cloze style='color:#0000ff'>\\(x^2\\)</span>");
    area(&drawn, |p| p[2] > 200 && p[0] < 90);
    // Its own colours win.
    let drawn = draw("\\(\\color{red}{x}\\)");
    area(&drawn, is_red);
}

#[test]
fn zoom_makes_the_same_formula_larger() {
    let page = page("\\(\\sum_{i=0}^n i^2\\)");
    let normal = area(&draw_page(&page, 1.0), is_dark);
    let double = area(&draw_page(&page, 2.0), is_dark);
    let (width, doubled) = (normal.2 - normal.0, double.2 - double.0);
    assert!((2 * width).abs_diff(doubled) <= 3, "{width} {doubled}");
}

#[test]
fn a_display_formula_is_a_centred_line_of_its_own() {
    let drawn = draw("<span style='color:red'>aa</span> \\[x=y\\] bb");
    assert_eq!(drawn.text.as_ref(), "aa\n\\[x=y\\]\nbb");
    let formula = area(&drawn, is_dark);
    let word = area(&drawn, is_red);
    assert!(formula.1 > word.3, "{formula:?} {word:?}");
    let alone = area(&draw("\\[x=y\\]"), is_dark);
    assert!(alone.0.abs_diff(599 - alone.2) <= 3, "{alone:?}");
}

#[test]
fn formulas_are_read_out_as_their_source() {
    let text = |html: &str| draw(html).text.to_string();
    assert_eq!(text("is \\(a&lt;b\\) so"), "is \\(a<b\\) so");
    assert_eq!(
        text("<img class=latex alt='$\\alpha$' src='latex-1.png'>"),
        "$\\alpha$"
    );
    assert_eq!(text("\\(\\ce{H2O}\\)!"), "\\(\\ce{H2O}\\)!");
}

#[test]
fn what_cannot_be_typeset_is_shown_as_its_source() {
    let drawn = draw("so \\(\\nosuchcommand{x}\\) it is");
    assert_eq!(drawn.text.as_ref(), "so \\(\\nosuchcommand{x}\\) it is");
    let plain = draw("\\(\\nosuchcommand{x}\\)");
    let (_, _, right, _) = area(&plain, is_dark);
    assert!(right > 150, "all of the source is there: {right}");
}

#[test]
fn the_pointer_is_told_why_a_formula_is_not_typeset() {
    let engine = CardEngine::spawn(Arc::new(NoResources), Arc::new(|| {})).expect("an engine");
    let page = Arc::new(page("\\(\\nosuchcommand{x}\\)"));
    engine.show(page, View::new(600.0, 200.0), false);
    engine.input(CardInput::PointerMoved { x: 60.0, y: 30.0 });
    engine.input(CardInput::PointerLeft);
    let mut tips = Vec::new();
    while tips.len() < 2 {
        match engine.wait(Duration::from_secs(60)) {
            Some(EngineEvent::Output(CardOutput::Tip(tip))) => tips.push(tip.unwrap_or_default()),
            Some(_) => {}
            None => panic!("only {tips:?}"),
        }
    }
    assert!(
        tips[0].contains("cannot be typeset") && tips[0].contains("nosuchcommand"),
        "{tips:?}"
    );
    assert_eq!(tips[1], "");
}

#[test]
fn copying_gives_the_source() {
    let engine = CardEngine::spawn(Arc::new(NoResources), Arc::new(|| {})).expect("an engine");
    let page = Arc::new(page(
        "area \\(\\pi r^2\\) of a <i>disc \\(d\\)</i>, see (\\(e\\)): \\[x\\] end",
    ));
    engine.show(page, View::new(600.0, 200.0), false);
    engine.input(CardInput::SelectAll);
    engine.input(CardInput::Copy);
    loop {
        match engine.wait(Duration::from_secs(60)) {
            Some(EngineEvent::Output(CardOutput::Copied(text))) => {
                assert_eq!(
                    text,
                    "area \\(\\pi r^2\\) of a disc \\(d\\), see (\\(e\\)):\n\\[x\\]\n end"
                );
                break;
            }
            Some(_) => {}
            None => panic!("nothing was copied"),
        }
    }
}

#[test]
fn the_usual_formulas_of_flashcards_can_all_be_typeset() {
    for tex in [
        r"E = mc^2",
        r"\frac{a}{b} + \sqrt{x^2+y^2} \neq \sqrt[3]{z}",
        r"\int_0^\infty e^{-x^2}\,dx = \frac{\sqrt{\pi}}{2}",
        r"\sum_{n=1}^{\infty} \frac{1}{n^2} \quad \prod_{p} \left(1-p^{-s}\right)^{-1}",
        r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}",
        r"\begin{aligned} f(x) &= (x+1)^2 \\ &= x^2 + 2x + 1 \end{aligned}",
        r"f(n) = \begin{cases} n/2 & \text{if even} \\ 3n+1 & \text{if odd} \end{cases}",
        r"\forall x \in \mathbb{R},\ \exists n \in \mathbb{N} \implies \mathcal{L}\{f\}\ \mathfrak{g}",
        r"\lim_{h \to 0} \frac{f(x+h)-f(x)}{h} = \frac{\mathrm{d}y}{\mathrm{d}x}",
        r"\ce{2H2 + O2 -> 2H2O}",
        r"\ce{CO2 + C <=>[\Delta][k] 2CO} \quad \ce{^{227}_{90}Th+}",
        r"\vec{F} = m\vec{a},\ \hat{H}\psi,\ \overline{AB},\ \underbrace{a+b}_{\text{sum}}",
        r"\oint_{\partial S} \mathbf{E}\cdot d\boldsymbol{\ell} = -\iint_S \dot{B}",
        r"\textcolor{blue}{y} \boxed{E=mc^2} \cancel{abc}",
        r"\binom{n}{k} \qquad \xrightarrow[\text{below}]{\text{above}}",
        r"\begin{array}{c|cc} x & 1 & 2 \\ \hline y & 3 & 4 \end{array}",
        r"\operatorname{argmax}_\theta \mathrm{KL}(p\,\|\,q) \approx \langle \psi | \phi \rangle",
        r"\newcommand{\RR}{\mathbb R} \RR",
        r"\newcommand{\norm}[2][2]{\lVert #2\rVert_{#1}} \norm{x} + \norm[\infty]{x}",
        r"\tfrac12 \dfrac{1}{2} \ket{\psi} \pu{3.2e4 J//mol}",
    ] {
        let drawn = draw_page(&page(&format!("<div>\\[{tex}\\]</div>")), 0.5);
        let html = tex.replace('<', "&lt;");
        assert_eq!(drawn.text.as_ref(), format!("\\[{tex}\\]"), "{html}");
        // A formula that is shown as its source has the grey ground of such text.
        let ground = drawn
            .rgba
            .chunks_exact(4)
            .any(|p| p[..3] == [0xf1, 0xef, 0xeb]);
        assert!(!ground, "{tex}");
    }
}
