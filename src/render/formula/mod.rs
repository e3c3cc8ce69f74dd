//! Formulas: TeX source to the shapes that draw it, offline (RaTeX). Sizes are in em and the
//! colour is left to the page, so one formula serves every text size, theme and zoom; what was
//! typeset once is kept. Where formulas are on a page is decided in `prepare`; `latex` takes
//! apart the bodies of old `[latex]` tags, `mathjax` knows what MathJax takes besides.

pub(super) mod latex;
mod mathjax;
mod optional;
mod pixels;

use super::parse::parse;
use super::tree::{Kind, NodeIndex, Tree};
use crate::base::{lang, limits};
use crate::{mark, t};
use html5ever::{LocalName, QualName, ns};
use ratex_layout::LayoutOptions;
use ratex_svg::{SvgColorSyntax, SvgOptions};
use ratex_types::color::Color;
use ratex_types::display_item::DisplayList;
use ratex_types::math_style::MathStyle;
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

/// Class of the picture; the source is in its attribute `data-source`.
const CLASS: &str = "engram-formula";
/// Class of the line that a display formula is on.
pub(super) const DISPLAY_CLASS: &str = "engram-display";
/// The source of a formula, for readers and for the clipboard.
pub(super) const SOURCE: &str = "data-source";

/// Formulas kept: a page has at most a few dozen.
const KEPT: usize = 1024;
/// Units of the drawing for one em.
const UNITS: f64 = 100.0;
/// Room for slanted letters that reach out of their box, in em.
const PAD: f64 = 0.05;
/// Letters of formulas are drawn this much larger than the text, as MathJax and KaTeX do, because
/// their small letters are low for their size.
const SIZE: f64 = 1.15;
/// A formula of more shapes than this is no formula of a flashcard.
const MAX_SHAPES: usize = 20_000;
/// Wider or higher than this, in em, a formula is a mistake: `\hspace{1e9em}`.
const MAX_EM: f64 = 2000.0;
/// Drawn in this colour where the text's colour is meant; no formula asks for it.
const TEXT_COLOR: Color = Color {
    r: 1.0 / 255.0,
    g: 2.0 / 255.0,
    b: 3.0 / 255.0,
    a: 1.0,
};
const TEXT_COLOR_SVG: &str = "rgb(1,2,3)";

/// A typeset formula.
#[derive(Debug)]
pub(super) struct Formula {
    shapes: Tree,
    /// In em of the formula's own letters.
    width: f64,
    height: f64,
    /// Below the baseline.
    depth: f64,
}

type Cache = HashMap<(String, bool), Result<Arc<Formula>, String>>;

/// Typesets, or says why that cannot be: a short sentence without a final period.
pub(super) fn typeset(tex: &str, display: bool) -> Result<Arc<Formula>, String> {
    static CACHE: LazyLock<Mutex<Cache>> = LazyLock::new(Mutex::default);
    let lock = || CACHE.lock().unwrap_or_else(PoisonError::into_inner);
    // Before it is cleaned, which takes long for a long one.
    if tex.len() > limits::MAX_FORMULA_BYTES {
        return Err(t!("The formula is too long").to_owned());
    }
    let key = (clean(tex), display);
    if let Some(known) = lock().get(&key) {
        return known.clone();
    }
    // The library is young; a formula that it cannot take must not cost the whole card.
    let made = catch_unwind(AssertUnwindSafe(|| make(&key.0, display)))
        .unwrap_or_else(|_| Err(t!("The formula cannot be laid out").to_owned()));
    let mut cache = lock();
    if cache.len() >= KEPT {
        cache.clear();
    }
    cache.insert(key, made.clone());
    made
}

// What an editor puts between the words of a formula without anybody wanting it.
fn clean(tex: &str) -> String {
    let tex = tex.trim();
    let mut out = String::with_capacity(tex.len());
    for c in tex.chars() {
        match c {
            '\u{a0}' | '\u{202f}' | '\t' => out.push(' '),
            '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{feff}' => {}
            c => out.push(c),
        }
    }
    without_packages(out)
}

/// Without the names of packages, which MathJax loads and which are all there here. A name that it
/// does not know stays, and the formula cannot be typeset there either.
fn without_packages(mut tex: String) -> String {
    const REQUIRE: &str = "\\require{";
    let mut from = 0;
    while let Some(at) = tex[from..].find(REQUIRE).map(|at| from + at) {
        let Some(length) = tex[at..].find('}') else {
            break;
        };
        let name = tex[at + REQUIRE.len()..at + length].trim();
        match mathjax::PACKAGES.contains(&name) {
            true => tex.replace_range(at..=at + length, ""),
            false => from = at + length,
        }
    }
    tex
}

/// A reason of the typesetter in the language of the window, where the catalogues have it.
fn in_words(reason: &str) -> String {
    lang::known(reason).into_owned()
}

/// What the typesetter says of most wrong formulas, for the catalogues.
const _: [&str; 17] = [
    mark!("Undefined control sequence: {name}"),
    mark!("Expected '{wanted}', got '{found}'"),
    mark!("Expected group after '{sign}'"),
    mark!("Expected & or \\\\ or \\cr or \\end, got '{found}'"),
    mark!("Expected \\right after \\left"),
    mark!("Unexpected end of input in a macro argument"),
    mark!("Double superscript"),
    mark!("Double subscript"),
    mark!("No such environment: {name}"),
    mark!("Can't use function '{name}' in text mode"),
    mark!("Can't use function '{name}' in math mode"),
    mark!("Invalid size: '{size}'"),
    mark!("Invalid unit: '{unit}'"),
    mark!("Invalid color: '{color}'"),
    mark!("Invalid delimiter '{sign}' after '{name}'"),
    mark!("Recursion limit exceeded"),
    mark!("Too many expansions: infinite loop or need to increase maxExpand setting"),
];

fn make(tex: &str, display: bool) -> Result<Arc<Formula>, String> {
    let tex = mathjax::written(tex);
    let tex = optional::expanded(&tex)?;
    let tex = pixels::in_em(&tex);
    let nodes = ratex_parser::parse(&tex).map_err(|error| in_words(&error.message))?;
    let style = if display {
        MathStyle::Display
    } else {
        MathStyle::Text
    };
    let options = LayoutOptions::default()
        .with_style(style)
        .with_color(TEXT_COLOR);
    let laid_out = ratex_layout::layout(&nodes, &options);
    ratex_layout::validate_layout(&laid_out).map_err(|reason| in_words(&reason))?;
    let list = ratex_layout::to_display_list(&laid_out);
    let sane = [list.width, list.height, list.depth]
        .iter()
        .all(|size| size.is_finite() && size.abs() < MAX_EM);
    if !sane || list.items.len() > MAX_SHAPES {
        return Err(t!("The formula is too large").to_owned());
    }
    Ok(Arc::new(Formula {
        shapes: shapes(&list),
        width: list.width.max(0.0),
        height: list.height,
        depth: list.depth,
    }))
}

fn shapes(list: &DisplayList) -> Tree {
    let options = SvgOptions {
        font_size: UNITS,
        padding: PAD * UNITS,
        stroke_width: 0.04 * UNITS,
        embed_glyphs: true,
        ..SvgOptions::default()
    };
    let svg = ratex_svg::render_to_svg_with_color_syntax(list, &options, SvgColorSyntax::Rgb);
    parse(&joined(&svg).replace(TEXT_COLOR_SVG, "currentColor"))
}

/// Neighbouring letters in the text's colour as one shape: a tenth of the nodes.
fn joined(svg: &str) -> String {
    const START: &str = "<path d=\"";
    let end = format!("\" fill=\"{TEXT_COLOR_SVG}\" fill-rule=\"nonzero\" stroke=\"none\"");
    let mut out = String::with_capacity(svg.len());
    // Between the end of one such letter and what follows it, its element is still open.
    let mut open = false;
    let (mut rest, body) = svg.split_once('>').unwrap_or_default();
    out.push_str(rest);
    out.push('>');
    rest = body;
    while let Some((shape, after)) = rest.split_once("/>") {
        rest = after;
        let letter = shape
            .strip_prefix(START)
            .and_then(|letter| letter.strip_suffix(&end));
        match (letter, open) {
            (Some(letter), true) => {
                out.push(' ');
                out.push_str(letter);
            }
            (Some(letter), false) => {
                out.push_str(START);
                out.push_str(letter);
                open = true;
            }
            (None, was_open) => {
                if was_open {
                    out.push_str(&end);
                    out.push_str("/>");
                }
                out.push_str(shape);
                out.push_str("/>");
                open = false;
            }
        }
    }
    if open {
        out.push_str(&end);
        out.push_str("/>");
    }
    out.push_str(rest);
    out
}

impl Formula {
    /// A new picture of it in the page.
    pub fn add_to(&self, tree: &mut Tree, source: &str) -> NodeIndex {
        let (width, height) = (
            self.width + 2.0 * PAD,
            (self.height + self.depth).max(0.0) + 2.0 * PAD,
        );
        let view_box = format!("0 0 {:.2} {:.2}", width * UNITS, height * UNITS);
        let style = format!(
            "width:{:.4}em;height:{:.4}em;vertical-align:{:.4}em;margin:0 {:.4}em",
            width * SIZE,
            height * SIZE,
            -(self.depth + PAD) * SIZE,
            -PAD * SIZE,
        );
        let attrs = [
            ("xmlns", "http://www.w3.org/2000/svg"),
            ("viewBox", &view_box),
            ("class", CLASS),
            ("style", &style),
            ("role", "img"),
            ("aria-label", source),
            (SOURCE, source),
        ];
        let attrs = attrs
            .iter()
            .map(|(name, value)| {
                let name = QualName::new(None, ns!(), LocalName::from(*name));
                (name, (*value).to_owned())
            })
            .collect();
        let svg = tree.add(Kind::Element {
            name: QualName::new(None, ns!(svg), LocalName::from("svg")),
            attrs,
        });
        let drawn = self.shapes.children(self.shapes.root).first();
        for &shape in drawn.map_or(&[][..], |&svg| self.shapes.children(svg)) {
            let copy = tree.add(self.shapes.kind(shape).clone());
            // Only letters that no font has are text below a shape.
            for &letter in self.shapes.children(shape) {
                let letter = tree.add(self.shapes.kind(letter).clone());
                tree.append(copy, letter);
            }
            tree.append(svg, copy);
        }
        svg
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_fails(tex: &str, reason: &str) {
        let error = typeset(tex, false).expect_err(tex);
        assert!(error.contains(reason), "{tex}: {error}");
    }

    #[test]
    fn formulas_and_chemistry_are_typeset_once() {
        let first = typeset(r"\frac{a}{b}", false).expect("a formula");
        let again = typeset(" \\frac{a}{b}\u{200b} ", false).expect("a formula");
        assert!(Arc::ptr_eq(&first, &again));
        let display = typeset(r"\frac{a}{b}", true).expect("a formula");
        assert!(display.height + display.depth > first.height + first.depth);
        for tex in [
            r"\ce{2H2 + O2 -> 2H2O}",
            r"\require{mhchem}\ce{SO4^2-}",
            r"\begin{align*} a &= b \\ c &= d \end{align*}",
            "a\u{a0}+\nb",
            "",
        ] {
            typeset(tex, true).expect(tex);
        }
    }

    #[test]
    fn what_mathjax_knows_is_typeset() {
        for tex in [
            r"\newcommand{\R}{\mathbb R}\R",
            r"\newcommand{\norm}[2][2]{\lVert#2\rVert_{#1}}\norm{x}\norm[1]{y}",
            r"\DeclareMathOperator{\tr}{tr}\tr A",
            r"\newcommand{\scr}{\mathscr}\scr C \renewcommand{\symbf}[1]{\mathbf{#1}}\symbf x",
            r"x \mbox{ if a_b} \text{50% of x^2 & more}",
            r"\frac{\cancelto{0}{x}}{y}",
            r"\sideset{_a^b}{_c^d}\sum_{i=1}^n x",
            r"\sideset{}{'}\sum_{i} x",
            r"\prescript{14}{6}{C} \overparen{AB} \underparen{AB} \skew{7}\hat A",
            r"\strut x \mathstrut \iiiint \idotsint {\scr C}",
            r"\cases{1 & x \cr 3 & y} \pmatrix{1 & 2 \cr 3 & 4} \matrix{a}",
            r"\eqalign{a &= b \cr c &= d}",
            r"\displaylines{a \cr b}",
            r"\begin{eqnarray} a &=& b \\ &=& c \end{eqnarray}",
            r"\begin{multline} a \\ b \end{multline}",
            r"\begin{flalign} a &= b \end{flalign}",
            r"\begin{displaymath} a \end{displaymath}",
            r"\class{c_d}{x} \cssId{a}{x} \style{color:#f00}{x} \bbox[yellow]{x} a\label{eq:a_1}",
            r"\unicode{x263a} \unicode{9786}",
            r"\root 3 \of x \root n\of{x}",
            r"a \buildrel \rm def \over = b",
            r"\mathbfit{A} \mathbfcal{A} \mathbfscr{A} \symbf{x} \symup{d} \mathbffrak{g} \mathbfsf{g}",
            r"\bigtimes_i \array{a & b \cr c & d} a \centercolon \ketbra{a}{b} \Ketbra{a}{b}",
            r"\eqalignno{a &= b & c \cr d &= e & f} a\mspace{2mu}b \overunderset{a}{b}{x}",
            r"\sqrt[\leftroot{1}\uproot{2}3]{x} \raise 3pt{x} \lower{3pt}{x} \raise-1pt x",
            r"\Rule{1em}{1em}{.5em} \Space{1em}{0em}{0em} \frac{\splitfrac{a}{b}}{\splitdfrac{c}{d}}",
            r"\begin{aligned} a &= b \\ &\vdotswithin{=} \\ &= c \end{aligned}",
            r"\adjustlimits\lim_{x}\max_{y} \cramped{x} \mathmbox{x} \oldstyle 1 \framebox{x}",
            r"\begin{psmallmatrix} a & b \end{psmallmatrix} \begin{Bsmallmatrix} a \end{Bsmallmatrix}",
            r"\begin{multlined} \shoveleft{a} \\ b \end{multlined}",
            r"\begin{xalignat}{2} a &= b & c &= d \end{xalignat}",
            r"\newcommand*{\R}{\mathbb R}\R \renewcommand*\R[1]{#1}\R x",
            r"\require{enclose}\enclose{longdiv}{123} \enclose{box left right}{x} \enclose{radical}x",
            r"\enclose{actuarial}{n} \enclose{horizontalstrike bottom}{a+b} \enclose{phasorangle}{30}",
            r"\require{ action }\toggle{x}{\frac12}\endtoggle \mathtip{x}{y} \texttip{x}{words}",
            r"\begin{array}[t]{r@{}l!{:}c}a & b & c\end{array} \begin{array}{@{\,}c@{}}a\end{array}",
            r"\begin{aligned}[b]a &= b\end{aligned}",
            r"\raise 3pt\hbox{up} \lower{2pt}\mbox{a_b} \text{the sign \alpha, \times}",
        ] {
            for display in [false, true] {
                if let Err(reason) = typeset(tex, display) {
                    panic!("{tex}: {reason}");
                }
            }
        }
    }

    #[test]
    fn lengths_in_pixels_are_short() {
        let width = |tex: &str| typeset(tex, true).expect(tex).width;
        let long = width(r"\rule{20px}{5px}");
        assert!((0.5..2.0).contains(&long), "{long}");
        let rows = |gap: &str| {
            let tex = format!(r"\begin{{aligned}}a\\{gap}b\end{{aligned}}");
            let made = typeset(&tex, true).expect(&tex);
            made.height + made.depth
        };
        let more = rows("[10px]") - rows("");
        assert!((0.1..1.0).contains(&more), "{more}");
    }

    #[test]
    fn equations_have_no_numbers_that_nobody_asked_for() {
        let width = |tex: &str| typeset(tex, true).expect(tex).width;
        for (named, lines) in [("align", "a &= b"), ("gather", "a"), ("equation", "a")] {
            let plain = width(&format!("\\begin{{{named}*}}{lines}\\end{{{named}*}}"));
            let same = width(&format!("\\begin{{{named}}}{lines}\\end{{{named}}}"));
            let tagged = width(&format!(
                "\\begin{{{named}}}{lines}\\tag{{7}}\\end{{{named}}}"
            ));
            assert!((same - plain).abs() < 0.01, "{named}: {same}, not {plain}");
            assert!(tagged > plain + 0.5, "{named}: {tagged}");
        }
    }

    #[test]
    fn what_cannot_be_typeset_says_why() {
        check_fails(r"\badcommand{x}", "badcommand");
        // In the words that the catalogues know.
        for (tex, begins) in [
            (r"\badcommand{x}", "Undefined control sequence: "),
            (r"x^2^3", "Double superscript"),
            (r"\begin{nothing}x\end{nothing}", "No such environment: "),
            (r"\text{\frac12}", "Can't use function '"),
            (r"\left(x", "Expected '"),
        ] {
            let error = typeset(tex, false).expect_err(tex);
            assert!(error.starts_with(begins), "{tex}: {error}");
        }
        check_fails(r"\require{mhchem}\require{chemfig}x", "require");
        check_fails(r"\enclose{circle}{x}", "enclose");
        check_fails(r"\frac{1", "");
        check_fails(&"x".repeat(limits::MAX_FORMULA_BYTES + 1), "too long");
        let named = r"\require{a}".repeat(limits::MAX_FORMULA_BYTES);
        check_fails(&named, "too long");
        check_fails(r"x\hspace{99999em}y", "too large");
        let deep = "{".repeat(4000) + &"}".repeat(4000);
        let _ = typeset(&deep, false);
        check_fails(r"\def\a{\a\a}\a", "");
    }

    #[test]
    fn shapes_take_the_colour_of_the_text_but_for_their_own() {
        let mut tree = Tree::new();
        let formula = typeset(r"xy\sqrt{z}\color{red}{w}", false).expect("a formula");
        let node = formula.add_to(&mut tree, "S");
        tree.append(tree.root, node);
        let html = tree.to_html();
        assert!(html.contains("fill=\"currentColor\""), "{html}");
        assert!(html.contains("fill=\"rgb(255,0,0)\""), "{html}");
        assert!(!html.contains("<text"), "{html}");
        assert!(html.contains("data-source=\"S\""), "{html}");
        assert!(tree.len() < 10, "{}", tree.len());
        // A frame is drawn as a line, whatever letters are beside it.
        let mut tree = Tree::new();
        let formula = typeset(r"a\boxed{b}c", false).expect("a formula");
        let node = formula.add_to(&mut tree, "S");
        tree.append(tree.root, node);
        let html = tree.to_html();
        let lines = html.split('<').filter(|tag| tag.contains("fill=\"none\""));
        for line in lines {
            assert!(line.matches('Z').count() <= 1, "letters in a line: {line}");
        }
    }
}
