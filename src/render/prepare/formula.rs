//! Formulas on a page: `\( \)` and `\[ \]` in its text, found as MathJax finds them, and the
//! pictures of old `[latex]` tags. What cannot be typeset stays as its source, with the reason.

use crate::domain::tex_definitions::definitions;
use crate::render::formula::latex::{self, Part};
use crate::render::formula::{DISPLAY_CLASS as DISPLAY, SOURCE, typeset};
use crate::render::mend::KEEP;
use crate::render::tree::{Kind, NodeIndex, Tree};
use crate::t;

/// Shown in place of a formula that cannot be typeset; the reason is its title.
const UNTYPESET: &str = "engram-untypeset";
const UNBROKEN: &str = "engram-formula-unbroken";
/// Never at the end of a line, and never at its start.
const OPENING: [char; 7] = ['(', '[', '{', '“', '‘', '«', '„'];
const CLOSING: [char; 19] = [
    '.', ',', ';', ':', '!', '?', ')', ']', '}', '”', '’', '»', '%', '。', '、', '，', '；', '：',
    '）',
];
/// Bytes of one text in which ends of formulas are looked for, so that many beginnings without an
/// end do not hold up the card.
const MOST_LOOKED_AT: usize = 4 << 20;
/// Stand for `<br>` and `<wbr>` between the texts of a formula; no character of any text.
const BR: char = '\u{fdd0}';
const WBR: char = '\u{fdd1}';
/// Stands for any other element, which no formula reaches over.
const ELEMENT: char = '\u{fdd2}';

/// Commands that formulas define. MathJax keeps them for what follows, so that one formula of a
/// template may define some for all; here they hold on the whole page.
pub(super) struct Macros {
    definitions: String,
    /// Bytes of definitions that may still be put before formulas.
    left: usize,
}

/// Those of the whole page.
pub(super) fn macros(tree: &Tree) -> Macros {
    let mut definitions = String::new();
    for node in 0..tree.len() {
        add_defined(tree, node, &mut definitions);
    }
    Macros {
        definitions,
        left: MOST_LOOKED_AT,
    }
}

impl Macros {
    /// The formula behind the definitions of the page.
    fn before(&mut self, tex: &str, display: bool) -> String {
        match self.left.checked_sub(self.definitions.len()) {
            Some(left) => {
                self.left = left;
                defined(&self.definitions, tex, display)
            }
            None => tex.to_owned(),
        }
    }
}

/// Adds what formulas among the children of `parent` define.
fn add_defined(tree: &Tree, parent: NodeIndex, out: &mut String) {
    if !holds_formulas(tree, parent) {
        return;
    }
    let mut text = String::new();
    for &child in tree.children(parent) {
        match tree.kind(child) {
            Kind::Text(more) => text.push_str(more),
            Kind::Element { .. } if tree.is(child, "br") => text.push('\n'),
            Kind::Element { .. } if tree.is(child, "wbr") => {}
            // A comment.
            Kind::Other => {}
            Kind::Element { .. } => text.push(ELEMENT),
        }
    }
    let mut left = MOST_LOOKED_AT;
    for text in text.split(ELEMENT) {
        let mut rest = text;
        while let Some(found) = find(rest, &mut left) {
            out.push_str(&definitions(&rest[found.start + 2..found.end - 2]));
            rest = &rest[found.end..];
        }
    }
}

fn holds_formulas(tree: &Tree, parent: NodeIndex) -> bool {
    let starts = |node: &NodeIndex| {
        let text = tree.text(*node).unwrap_or_default();
        text.contains("\\(") || text.contains("\\[")
    };
    tree.children(parent).iter().any(starts) && !is_verbatim(tree, parent)
}

/// Formulas among the children of `parent`.
pub(super) fn in_text(tree: &mut Tree, parent: NodeIndex, macros: &mut Macros) {
    if !holds_formulas(tree, parent) {
        return;
    }
    let mut run = Run::default();
    for child in tree.take_children(parent) {
        match tree.kind(child) {
            Kind::Text(text) => run.text.push_str(text),
            Kind::Element { .. } if tree.is(child, "br") => run.push_break(BR, child),
            Kind::Element { .. } if tree.is(child, "wbr") => run.push_break(WBR, child),
            // A comment.
            Kind::Other => {}
            Kind::Element { .. } => {
                std::mem::take(&mut run).write(tree, parent, macros);
                tree.append(parent, child);
            }
        }
    }
    run.write(tree, parent, macros);
}

/// The picture of an old `[latex]` tag: typeset from its source, which is its `alt`, with the
/// commands of the note type's header, which are its `data-macros`. False when
/// that cannot be and `there`, the picture that LaTeX made long ago, is shown instead.
pub(super) fn latex_picture(tree: &mut Tree, node: NodeIndex, there: bool) -> bool {
    let source = tree.attr(node, "alt").unwrap_or_default().to_owned();
    let macros = tree
        .attr(node, "data-macros")
        .unwrap_or_default()
        .to_owned();
    let parts = latex::parts(&source);
    let failure = parts.iter().find_map(|part| match part {
        Part::Formula { tex, display } => typeset(&defined(&macros, tex, *display), *display).err(),
        Part::Words(_) | Part::Break => None,
    });
    match failure {
        Some(_) if there => return false,
        Some(reason) => {
            let shown = untypeset(tree, &source, &reason);
            tree.replace(node, shown);
        }
        None => {
            let whole = match parts.as_slice() {
                [Part::Formula { .. }] => Some(source.as_str()),
                _ => None,
            };
            for part in &parts {
                let new = match part {
                    Part::Words(words) => tree.add_text(words.as_str()),
                    Part::Break => tree.add_element("br", &[]),
                    Part::Formula { tex, display } => {
                        let defined = defined(&macros, tex, *display);
                        formula(tree, &defined, *display, whole.unwrap_or(tex))
                    }
                };
                tree.insert_before(node, new);
            }
            tree.detach(node);
        }
    }
    true
}

/// A formula that is nowhere on the page yet; None when it cannot be typeset.
pub(super) fn of_tex(tree: &mut Tree, tex: &str, display: bool) -> Option<NodeIndex> {
    typeset(tex, display).ok()?;
    let source = match display {
        true => format!("\\[{tex}\\]"),
        false => format!("\\({tex}\\)"),
    };
    Some(formula(tree, tex, display, &source))
}

/// A formula behind the definitions of its header or page, unless it is only without them that it
/// can be typeset.
fn defined(macros: &str, tex: &str, display: bool) -> String {
    if macros.is_empty() || !tex.contains('\\') {
        return tex.to_owned();
    }
    let defined = format!("{macros}{tex}");
    if typeset(&defined, display).is_err() && typeset(tex, display).is_ok() {
        return tex.to_owned();
    }
    defined
}

/// Texts and line breaks in a row.
#[derive(Default)]
struct Run {
    text: String,
    /// Nodes of the line breaks, in order.
    breaks: std::collections::VecDeque<NodeIndex>,
}

impl Run {
    fn push_break(&mut self, sign: char, node: NodeIndex) {
        self.text.push(sign);
        self.breaks.push_back(node);
    }

    /// Appends all of it to `parent`, formulas as pictures.
    fn write(mut self, tree: &mut Tree, parent: NodeIndex, macros: &mut Macros) {
        let text = std::mem::take(&mut self.text);
        let mut rest = text.as_str();
        let mut left = MOST_LOOKED_AT;
        while let Some(found) = find(rest, &mut left) {
            let before = &rest[..found.start];
            let opening = before.len() - before.trim_end_matches(OPENING).len();
            self.write_text(tree, parent, &before[..before.len() - opening]);
            let source = &rest[found.start..found.end];
            let readable: String = source
                .chars()
                .filter(|&c| c != WBR)
                .map(|c| if c == BR { '\n' } else { c })
                .collect();
            for _ in source.matches([BR, WBR]) {
                self.breaks.pop_front();
            }
            let tex = macros.before(&readable[2..readable.len() - 2], found.display);
            let new = formula(tree, &tex, found.display, &readable);
            rest = &rest[found.end..];
            let closing = rest.len() - rest.trim_start_matches(CLOSING).len();
            let signs = (&before[before.len() - opening..], &rest[..closing]);
            let new = if found.display || signs == ("", "") {
                self.write_text(tree, parent, signs.0);
                new
            } else {
                rest = &rest[closing..];
                unbroken(tree, signs, new, &readable)
            };
            tree.append(parent, new);
        }
        self.write_text(tree, parent, rest);
    }

    fn write_text(&mut self, tree: &mut Tree, parent: NodeIndex, text: &str) {
        for (at, part) in text.split([BR, WBR]).enumerate() {
            if at > 0
                && let Some(node) = self.breaks.pop_front()
            {
                tree.append(parent, node);
            }
            if !part.is_empty() {
                let node = tree.add_text(part);
                tree.append(parent, node);
            }
        }
    }
}

/// A formula with the signs that may not be torn from it at the end of a line.
fn unbroken(
    tree: &mut Tree,
    (opening, closing): (&str, &str),
    formula: NodeIndex,
    source: &str,
) -> NodeIndex {
    let source = format!("{opening}{source}{closing}");
    let whole = tree.add_element("span", &[("class", UNBROKEN), (SOURCE, &source)]);
    for sign in [Some(opening), None, Some(closing)] {
        let node = match sign {
            Some("") => continue,
            Some(sign) => tree.add_text(sign),
            None => formula,
        };
        tree.append(whole, node);
    }
    whole
}

struct Found {
    start: usize,
    /// After the closing delimiter.
    end: usize,
    display: bool,
}

/// The first formula: its end is the first closing delimiter outside braces. Looks at most at
/// `left` bytes for ends, and takes those that it looked at off.
fn find(text: &str, left: &mut usize) -> Option<Found> {
    let mut from = 0;
    while let Some(start) = text[from..].find('\\').map(|at| from + at) {
        let (close, display) = match text.as_bytes().get(start + 1) {
            Some(b'(') => (b')', false),
            Some(b'[') => (b']', true),
            Some(_) | None => {
                from = start + 1;
                continue;
            }
        };
        let rest = &text.as_bytes()[start + 2..];
        let rest = &rest[..rest.len().min(*left)];
        let length = closing(rest, close);
        *left -= length.unwrap_or(rest.len());
        if let Some(length) = length {
            let end = start + 2 + length;
            return Some(Found {
                start,
                end,
                display,
            });
        }
        from = start + 2;
    }
    None
}

// Length up to and with the closing delimiter.
fn closing(text: &[u8], close: u8) -> Option<usize> {
    let mut depth = 0i32;
    let mut at = 0;
    while at < text.len() {
        match text[at] {
            b'\\' => {
                if text.get(at + 1) == Some(&close) && depth <= 0 {
                    return Some(at + 2);
                }
                at += 1;
            }
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        at += 1;
    }
    None
}

fn formula(tree: &mut Tree, tex: &str, display: bool, source: &str) -> NodeIndex {
    let shown = match typeset(tex, display) {
        Ok(formula) => formula.add_to(tree, source),
        Err(reason) => untypeset(tree, source, &reason),
    };
    if !display {
        return shown;
    }
    let block = tree.add_element("span", &[("class", DISPLAY)]);
    // Without a letter the engine would select nothing of the line.
    let letter = tree.add_text(KEEP.to_string());
    tree.append(block, letter);
    tree.append(block, shown);
    block
}

fn untypeset(tree: &mut Tree, source: &str, reason: &str) -> NodeIndex {
    let title = t!("This formula cannot be typeset: {reason}", reason);
    let shown = tree.add_element("span", &[("class", UNTYPESET), ("title", &title)]);
    let text = tree.add_text(source);
    tree.append(shown, text);
    shown
}

// Where MathJax looks for no formulas.
fn is_verbatim(tree: &Tree, node: NodeIndex) -> bool {
    let mut at = Some(node);
    while let Some(node) = at {
        let verbatim = matches!(
            tree.tag(node),
            Some("pre" | "code" | "textarea" | "style" | "script" | "noscript" | "option")
        );
        if verbatim {
            return true;
        }
        at = tree.parent(node);
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::prepare::tests::Few;
    use crate::render::prepare::{Options, prepare};

    /// The page with each formula as `«source»`, display ones doubled, and failures as `!source!`.
    fn check(html: &str, expect: &str) {
        let options = Options {
            play_buttons: true,
            css: "",
        };
        let tree = prepare(html, &Few, options);
        let mut out = String::new();
        let mut todo = vec![tree.root];
        while let Some(node) = todo.pop() {
            let class = tree.attr(node, "class").unwrap_or_default();
            if class == DISPLAY {
                out.push('«');
            }
            let source = tree.attr(node, "data-source");
            if let Some(source) = source.filter(|_| class != UNBROKEN) {
                out.push_str(&format!("«{source}»"));
                continue;
            }
            if class == UNTYPESET {
                let title = tree.attr(node, "title").unwrap_or_default();
                assert!(title.len() > 40, "no reason: {title}");
                out.push_str(&format!("!{}!", tree.text_below(node)));
                continue;
            }
            match tree.kind(node) {
                Kind::Text(text) => out.push_str(text.trim_matches(KEEP)),
                Kind::Element { name, .. } if &*name.local == "br" => out.push('/'),
                Kind::Element { .. } | Kind::Other => {}
            }
            todo.extend(tree.children(node).iter().rev());
        }
        assert_eq!(out, expect, "{html}");
    }

    #[test]
    fn formulas_are_found_in_text_over_line_breaks_and_comments() {
        check(r"a \(x\) b \[y\] c", r"a «\(x\)» b ««\[y\]» c");
        check(r"<b>\(a&lt;b\)</b>", r"«\(a<b\)»");
        check("l<br>\\(a<br>b\\)<br>r", "l/«\\(a\nb\\)»/r");
        check(r"\(a<!-- x -->b\)", r"«\(ab\)»");
        check(r"\(\text{\(a\)}\)", r"«\(\text{\(a\)}\)»");
        check(r"\(a<b>b</b>\)", r"\(ab\)");
        check(r"see (\(x\)), or", r"see («\(x\)»), or");
        check(r"so \[x\]. Then", r"so ««\[x\]». Then");
        check(r"\( and \\ and \(", r"\( and \\ and \(");
        check(r"<pre>\(x\)</pre><code><i>\(x\)</i></code>", r"\(x\)\(x\)");
        check(r"\(\nix\) [anki:play:z:0]", r"!\(\nix\)! [anki:play:z:0]");
    }

    #[test]
    fn what_one_formula_defines_holds_for_all_of_the_page() {
        check(
            r"\(\nix\)<div>\(\newcommand{\nix}{x}<br>\def\nox#1{#1^2}\)</div><p>\[\nox\nix\]</p>",
            "«\\(\\nix\\)»«\\(\\newcommand{\\nix}{x}\n\\def\\nox#1{#1^2}\\)»««\\[\\nox\\nix\\]»",
        );
        // What is no formula defines nothing, and what cannot be read costs no other formula.
        check(
            r"\newcommand{\nix}{x} \(\nix\) <code>\(\def\nix{x}\)</code>",
            r"\newcommand{\nix}{x} !\(\nix\)! \(\def\nix{x}\)",
        );
        check(
            r"\(\newcommand{\alpha}{\nix}\) \(\beta\)",
            r"«\(\newcommand{\alpha}{\nix}\)» «\(\beta\)»",
        );
    }

    #[test]
    fn latex_pictures_are_typeset_unless_only_the_picture_can_be_shown() {
        check("<img class=latex alt='$x$' src='latex-1.png'>", "«$x$»");
        check("<img class=latex alt='a $x$ b' src='gone.png'>", "a «x» b");
        check(
            "<img class=latex alt='$\\nix$' src='gone.png'>",
            "!$\\nix$!",
        );
        check("<img class=latex alt='$\\nix$' src='there.png'>", "");
        check(
            "<img class=latex data-macros='\\providecommand{\\nix}[1]{\\mathbf{#1}}' alt='a $\\nix y$' src=a>",
            "a «\\nix y»",
        );
        check(
            "<img class=latex data-macros='\\providecommand{\\nix}[2][x]{#1_{#2}}' alt='$\\nix y \\nix[z]{2}$' src=a>",
            "«$\\nix y \\nix[z]{2}$»",
        );
        // A header that cannot be read costs no formula.
        check(
            "<img class=latex data-macros='\\def\\broken{' alt='$\\alpha$' src=a>",
            "«$\\alpha$»",
        );
        check(
            "<img class=latex alt='\\begin{displaymath}x\\end{displaymath}' src=a>",
            "««\\begin{displaymath}x\\end{displaymath}»",
        );
    }
}
