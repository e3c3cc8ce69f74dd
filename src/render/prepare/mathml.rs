//! Formulas in MathML, as web pages have them: typeset from the TeX that comes along with them, or
//! from what they say themselves. What is neither keeps its letters.

use super::formula;
use crate::base::limits::MAX_FORMULA_BYTES;
use crate::render::tree::{NodeIndex, Tree};

/// Elements of formulas that are looked at on one card.
pub(super) const MOST_LOOKS: usize = 200_000;
const MOST_DEEP: usize = 60;

/// Puts a typeset formula in the place of what is in a `math` element.
pub(super) fn math(tree: &mut Tree, node: NodeIndex, looks: &mut usize) {
    let is_display = ["display", "mode"].iter().any(|name| {
        let value = tree.attr(node, name).unwrap_or_default();
        matches!(value, "block" | "display")
    });
    let Found {
        annotations,
        has_cloze,
        has_picture,
    } = look(tree, node, looks);
    let mut sources: Vec<String> = annotations
        .iter()
        .filter(|&&annotation| {
            let kind = tree.attr(annotation, "encoding").unwrap_or_default();
            let kind = kind.to_ascii_lowercase();
            // It says what a deletion hides.
            kind.contains("tex") && !kind.contains("text") && !has_cloze
        })
        .map(|&annotation| tree.text_below(annotation))
        .collect();
    let mut told = Told {
        tree,
        looks,
        is_display,
        tex: String::new(),
    };
    if !has_picture && told.all(node, 0).is_some() {
        sources.push(told.tex);
    }
    let mut typeset = sources
        .iter()
        .filter(|tex| !tex.trim().is_empty())
        .filter_map(|tex| formula::of_tex(tree, tex.trim(), is_display));
    if let Some(shown) = typeset.next() {
        // What is said of the element's style counts for the formula.
        tree.take_children(node);
        return tree.append(node, shown);
    }
    // Which nobody sees in a browser.
    for annotation in annotations {
        tree.detach(annotation);
    }
}

/// What is in a formula.
#[derive(Default)]
struct Found {
    annotations: Vec<NodeIndex>,
    has_cloze: bool,
    has_picture: bool,
}

fn look(tree: &Tree, math: NodeIndex, looks: &mut usize) -> Found {
    let mut found = Found::default();
    let mut todo = vec![math];
    while let Some(node) = todo.pop().filter(|_| *looks > 0) {
        *looks -= 1;
        if matches!(
            tree.foreign_tag(node),
            Some("annotation" | "annotation-xml")
        ) {
            found.annotations.push(node);
            continue;
        }
        let class = tree.attr(node, "class").unwrap_or_default();
        found.has_cloze |= class.split_whitespace().any(|class| class == "cloze");
        found.has_picture |= tree.is(node, "img");
        todo.extend(tree.children(node));
    }
    found
}

/// A formula as TeX, as far as it was told.
struct Told<'a> {
    tree: &'a Tree,
    looks: &'a mut usize,
    is_display: bool,
    tex: String,
}

impl Told<'_> {
    /// What is in an element, side by side; None for what is too much.
    fn all(&mut self, node: NodeIndex, deep: usize) -> Option<()> {
        let parts = self.parts(node)?;
        let sign = |at: Option<&NodeIndex>| {
            let at = at.filter(|&&at| self.tree.foreign_tag(at) == Some("mo"))?;
            Some(self.tree.text_below(*at).trim().to_owned())
        };
        let fence = (parts.len() > 2)
            .then(|| sign(parts.first()).zip(sign(parts.last())))
            .flatten()
            .and_then(|(open, close)| Some((opening(&open)?, closing(&close)?)));
        let (inner, (open, close)) = match (parts.as_slice(), fence) {
            ([_, inner @ .., _], Some(fence)) => (inner, fence),
            // Cases.
            ([brace, table], _) if self.tree.foreign_tag(*table) == Some("mtable") => {
                match sign(Some(brace)).as_deref().and_then(opening) {
                    Some(open) => (&parts[1..], (open, ".")),
                    None => return parts.iter().try_for_each(|&part| self.one(part, deep)),
                }
            }
            _ => return parts.iter().try_for_each(|&part| self.one(part, deep)),
        };
        self.tex += &format!("\\left{open} ");
        for &part in inner {
            self.one(part, deep)?;
        }
        self.tex += &format!("\\right{close} ");
        Some(())
    }

    fn parts(&mut self, node: NodeIndex) -> Option<Vec<NodeIndex>> {
        let children = self.tree.children(node);
        *self.looks = self.looks.checked_sub(children.len() + 1)?;
        let is_element = |node: &NodeIndex| self.tree.foreign_tag(*node).is_some();
        Some(children.iter().copied().filter(is_element).collect())
    }

    fn one(&mut self, node: NodeIndex, deep: usize) -> Option<()> {
        if deep > MOST_DEEP || self.tex.len() > MAX_FORMULA_BYTES {
            return None;
        }
        let deep = deep + 1;
        match self.tree.foreign_tag(node)? {
            "mi" => self.name(node),
            "mo" if self.is_word(node) => self.name(node),
            "mn" | "mo" => self.tex += &signs(&self.tree.text_below(node)),
            "mtext" | "ms" => {
                let words = words(&self.tree.text_below(node));
                self.tex += &format!("\\text{{{words}}}");
            }
            "mspace" => self.tex += "\\ ",
            "annotation" | "annotation-xml" | "none" | "mprescripts" => {}
            "semantics" | "maction" => {
                let parts = self.parts(node)?;
                self.one(*parts.first()?, deep)?;
            }
            "mfrac" if self.has_no_line(node) => {
                let parts = self.parts(node)?;
                self.tex += "{";
                self.group(*parts.first()?, deep)?;
                self.tex += "\\atop ";
                self.group(*parts.get(1)?, deep)?;
                self.tex += "}";
            }
            "mfrac" => self.command("\\frac", node, &[0, 1], deep)?,
            "msqrt" => {
                self.tex += "\\sqrt{";
                self.all(node, deep)?;
                self.tex += "}";
            }
            "mroot" => {
                let parts = self.parts(node)?;
                self.tex += "\\sqrt[{";
                self.one(*parts.get(1)?, deep)?;
                self.tex += "}]";
                self.group(*parts.first()?, deep)?;
            }
            "mphantom" => {
                self.tex += "\\phantom{";
                self.all(node, deep)?;
                self.tex += "}";
            }
            "msub" => self.scripts(node, &["_"], deep)?,
            "msup" => self.scripts(node, &["^"], deep)?,
            "msubsup" => self.scripts(node, &["_", "^"], deep)?,
            "munder" => self.above(node, false, deep)?,
            "mover" => self.above(node, true, deep)?,
            "munderover" => {
                let parts = self.parts(node)?;
                self.tex += "\\mathop";
                self.group(*parts.first()?, deep)?;
                self.tex += if self.is_display { "\\limits_" } else { "_" };
                self.group(*parts.get(1)?, deep)?;
                self.tex += "^";
                self.group(*parts.get(2)?, deep)?;
            }
            "mtable" => self.table(node, deep)?,
            "mfenced" => self.fenced(node, deep)?,
            _ => {
                self.tex += "{";
                self.all(node, deep)?;
                self.tex += "}";
            }
        }
        Some(())
    }

    /// True for an operator that is the name of a function.
    fn is_word(&self, operator: NodeIndex) -> bool {
        let text = self.tree.text_below(operator);
        let text = text.trim();
        text.chars().nth(1).is_some() && text.chars().all(char::is_alphabetic)
    }

    /// True for a fraction that is none: one number over another, as in binomials.
    fn has_no_line(&self, fraction: NodeIndex) -> bool {
        let thickness = self.tree.attr(fraction, "linethickness");
        thickness.is_some_and(|thickness| {
            let digits = |c: char| ('1'..='9').contains(&c);
            thickness.trim().starts_with('0') && !thickness.contains(digits)
        })
    }

    fn group(&mut self, node: NodeIndex, deep: usize) -> Option<()> {
        self.tex += "{";
        self.one(node, deep)?;
        self.tex += "}";
        Some(())
    }

    fn command(&mut self, name: &str, node: NodeIndex, order: &[usize], deep: usize) -> Option<()> {
        let parts = self.parts(node)?;
        self.tex += name;
        order
            .iter()
            .try_for_each(|&at| self.group(*parts.get(at)?, deep))
    }

    /// Letters of more than one are the name of a function or a unit.
    fn name(&mut self, node: NodeIndex) {
        let text = self.tree.text_below(node);
        let name = signs(&text);
        let is_long = text.trim().chars().count() > 1;
        let style = match self.tree.attr(node, "mathvariant").unwrap_or_default() {
            "bold" | "bold-italic" => "\\mathbf",
            "double-struck" => "\\mathbb",
            "script" => "\\mathcal",
            "fraktur" => "\\mathfrak",
            "normal" => "\\mathrm",
            _ if is_long && !name.starts_with('\\') => "\\operatorname",
            _ => "",
        };
        self.tex += &format!("{style}{{{name}}}");
    }

    fn scripts(&mut self, node: NodeIndex, kinds: &[&str], deep: usize) -> Option<()> {
        let parts = self.parts(node)?;
        self.group(*parts.first()?, deep)?;
        for (at, kind) in kinds.iter().enumerate() {
            self.tex += kind;
            self.group(*parts.get(at + 1)?, deep)?;
        }
        Some(())
    }

    /// Something over or under something else.
    fn above(&mut self, node: NodeIndex, over: bool, deep: usize) -> Option<()> {
        let parts = self.parts(node)?;
        let sign = self.tree.text_below(*parts.get(1)?);
        let accent = match (over, sign.trim()) {
            (true, "¯" | "‾" | "\u{305}" | "_" | "―" | "─") => "\\overline",
            (true, "^" | "ˆ" | "\u{302}") => "\\hat",
            (true, "~" | "˜" | "\u{303}") => "\\tilde",
            (true, "→" | "⃗" | "⇀") => "\\overrightarrow",
            (true, "." | "˙" | "\u{307}") => "\\dot",
            (true, "¨" | "\u{308}") => "\\ddot",
            (true, "⏞") => "\\overbrace",
            (false, "_" | "¯" | "\u{332}" | "―" | "─") => "\\underline",
            (false, "⏟") => "\\underbrace",
            (true, _) => return self.command("\\overset", node, &[1, 0], deep),
            (false, _) => {
                self.tex += "\\mathop";
                self.group(*parts.first()?, deep)?;
                self.tex += "\\limits_";
                return self.group(*parts.get(1)?, deep);
            }
        };
        self.command(accent, node, &[0], deep)
    }

    fn table(&mut self, node: NodeIndex, deep: usize) -> Option<()> {
        self.tex += "\\begin{matrix}";
        for row in self.parts(node)? {
            let cells = self.parts(row)?;
            for (at, &cell) in cells.iter().enumerate() {
                self.tex += if at > 0 { "&" } else { "" };
                self.tex += "{";
                self.all(cell, deep)?;
                self.tex += "}";
            }
            self.tex += "\\\\";
        }
        self.tex += "\\end{matrix}";
        Some(())
    }

    fn fenced(&mut self, node: NodeIndex, deep: usize) -> Option<()> {
        let open = opening(self.tree.attr(node, "open").unwrap_or("(")).unwrap_or(".");
        let close = closing(self.tree.attr(node, "close").unwrap_or(")")).unwrap_or(".");
        let between = self.tree.attr(node, "separators").unwrap_or(",");
        let between = signs(between.trim().get(..1).unwrap_or_default());
        self.tex += &format!("\\left{open} ");
        for (at, part) in self.parts(node)?.into_iter().enumerate() {
            self.tex += if at > 0 { between.as_str() } else { "" };
            self.one(part, deep)?;
        }
        self.tex += &format!("\\right{close} ");
        Some(())
    }
}

fn opening(sign: &str) -> Option<&'static str> {
    Some(match sign {
        "" => ".",
        "(" => "(",
        "[" => "[",
        "{" => "\\{",
        "|" | "∣" => "|",
        "‖" | "∥" => "\\|",
        "⟨" | "〈" => "\\langle",
        "⌊" => "\\lfloor",
        "⌈" => "\\lceil",
        _ => return None,
    })
}

fn closing(sign: &str) -> Option<&'static str> {
    Some(match sign {
        "" => ".",
        ")" => ")",
        "]" => "]",
        "}" => "\\}",
        "|" | "∣" => "|",
        "‖" | "∥" => "\\|",
        "⟩" | "〉" => "\\rangle",
        "⌋" => "\\rfloor",
        "⌉" => "\\rceil",
        _ => return None,
    })
}

/// Letters and signs as TeX takes them.
fn signs(text: &str) -> String {
    let mut out = String::new();
    for sign in text.trim().chars() {
        match sign {
            '#' | '$' | '%' | '&' | '_' | '{' | '}' => out.extend(['\\', sign]),
            '\\' => out += "\\backslash ",
            '~' => out += "\\sim ",
            '^' => out += "\\wedge ",
            '∑' => out += "\\sum ",
            '∏' => out += "\\prod ",
            '∫' => out += "\\int ",
            '∮' => out += "\\oint ",
            '⋃' => out += "\\bigcup ",
            '⋂' => out += "\\bigcap ",
            '−' => out.push('-'),
            '′' => out.push('\''),
            // Signs that are not seen: of functions, products, lists and sums.
            '\u{2061}'..='\u{2064}' | '\u{200b}' => {}
            sign if sign.is_whitespace() => out += "\\ ",
            sign => out.push(sign),
        }
    }
    out
}

/// Words within `\text{}`.
fn words(text: &str) -> String {
    let mut out = String::new();
    for letter in text.chars() {
        match letter {
            '#' | '$' | '%' | '&' | '_' | '{' | '}' => out.extend(['\\', letter]),
            '\\' | '^' | '~' => {}
            letter if letter.is_whitespace() => out.push(' '),
            letter => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::NoResources;
    use crate::render::parse::parse;
    use crate::render::prepare::{Options, prepare};

    /// The source that is typeset; None for what stays as it is.
    fn source(inner: &str) -> Option<String> {
        let options = Options {
            play_buttons: false,
            css: "",
        };
        let tree = prepare(&format!("<math>{inner}</math>"), &NoResources, options);
        let math = *tree.children(tree.root).first()?;
        let first = *tree.children(math).first()?;
        tree.attr(first, "data-source").map(str::to_owned)
    }

    #[test]
    fn formulas_say_the_same_in_tex() {
        for (inner, expect) in [
            (
                "<mfrac><mn>1</mn><mi>x</mi></mfrac><mo>+</mo><msup><mi>y</mi><mn>2</mn></msup>",
                "\\frac{1}{{x}}+{{y}}^{2}",
            ),
            (
                "<mrow><mo>(</mo><mi>a</mi><mo>)</mo></mrow>",
                "{\\left( {a}\\right) }",
            ),
            (
                "<mroot><mi>x</mi><mn>3</mn></mroot><msqrt><mn>2</mn></msqrt>",
                "\\sqrt[{3}]{{x}}\\sqrt{2}",
            ),
            (
                "<munderover><mo>∑</mo><mi>i</mi><mi>n</mi></munderover><mi>sin</mi>",
                "\\mathop{\\sum }_{{i}}^{{n}}\\operatorname{sin}",
            ),
            (
                "<mtable><mtr><mtd><mn>1</mn></mtd><mtd><mn>2</mn></mtd></mtr></mtable>",
                "\\begin{matrix}{1}&{2}\\\\\\end{matrix}",
            ),
            (
                "<mo>{</mo><mtable><mtr><mtd><mn>1</mn></mtd></mtr></mtable>",
                "\\left\\{ \\begin{matrix}{1}\\\\\\end{matrix}\\right.",
            ),
            ("<mo>lim</mo><mi>x</mi>", "\\operatorname{lim}{x}"),
            ("<mtext>if 5%</mtext>", "\\text{if 5\\%}"),
            (
                "<mfrac linethickness=0pt><mi>n</mi><mn>2</mn></mfrac>",
                "{{{n}}\\atop {2}}",
            ),
            (
                "<semantics><mn>5</mn><annotation encoding=\"text/plain\">five</annotation></semantics>",
                "5",
            ),
            (
                "<semantics><mn><span class=cloze>?</span></mn><annotation encoding=TeX>5\
                 </annotation></semantics>",
                "?",
            ),
            (
                "<semantics><mrow><mi>x</mi></mrow><annotation encoding=\"application/x-tex\">\
                 x^2</annotation></semantics>",
                "x^2",
            ),
        ] {
            assert_eq!(source(inner), Some(format!("\\({expect}\\)")), "{inner}");
        }
    }

    #[test]
    fn what_cannot_be_told_keeps_its_letters() {
        let broken = "<semantics><mfrac><mi>x</mi></mfrac><annotation encoding=TeX>\\frac{\
                      </annotation></semantics>";
        assert_eq!(source(broken), None);
        assert_eq!(source("<mtext><img src=a.png></mtext>"), None);
        let deep = format!("<math>{}x", "<mrow>".repeat(100_000));
        let mut tree = parse(&deep);
        let node = *tree.children(tree.root).first().expect("a formula");
        let mut looks = MOST_LOOKS;
        math(&mut tree, node, &mut looks);
        assert_eq!(tree.foreign_tag(tree.children(node)[0]), Some("mrow"));
    }
}
