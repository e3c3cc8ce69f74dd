//! Bodies of `[latex]` tags: LaTeX in text mode, taken apart into words of the page and formulas.
//! Pure. The usual forms are understood: formulas in dollars and environments, plain words with
//! simple commands, lists. Anything else becomes a formula that then says what it does not know.

use crate::base::limits::MAX_FORMULA_BYTES;

/// A part of a body, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    Words(String),
    Break,
    Formula { tex: String, display: bool },
}

/// Environments that hold nothing but one display formula.
const PLAIN_DISPLAY: [&str; 3] = ["displaymath", "equation", "equation*"];
/// Environments that the typesetter knows by themselves.
const DISPLAY: [&str; 9] = [
    "align",
    "align*",
    "alignat",
    "alignat*",
    "gather",
    "gather*",
    "multline",
    "multline*",
    "CD",
];
/// Commands of layout and size that change nothing that matters on a card.
const IGNORED: [&str; 17] = [
    "noindent",
    "centering",
    "raggedright",
    "normalsize",
    "large",
    "Large",
    "LARGE",
    "huge",
    "Huge",
    "small",
    "footnotesize",
    "displaystyle",
    "vfill",
    "hfill",
    "bf",
    "rm",
    "it",
];
const BREAKS: [&str; 7] = [
    "par",
    "newline",
    "linebreak",
    "smallskip",
    "medskip",
    "bigskip",
    "newpage",
];

/// Takes a body apart. One that is too long for a formula is left to the typesetter, which says so:
/// environments in environments take a piece of the stack each.
#[must_use]
pub fn parts(body: &str) -> Vec<Part> {
    if body.len() > MAX_FORMULA_BYTES {
        return vec![Part::Formula {
            tex: body.to_owned(),
            display: false,
        }];
    }
    let body = without_comments(without_frame(body));
    let mut out = Parts::default();
    let mut rest = body.trim();
    while !rest.is_empty() {
        rest = step(rest, &mut out);
    }
    out.finish()
}

#[derive(Default)]
struct Parts {
    done: Vec<Part>,
    words: String,
}

impl Parts {
    fn formula(&mut self, tex: &str, display: bool) {
        self.end_words();
        let tex = tex.trim().to_owned();
        self.done.push(Part::Formula { tex, display });
    }

    fn line(&mut self) {
        self.end_words();
        if !matches!(self.done.last(), None | Some(Part::Break)) {
            self.done.push(Part::Break);
        }
    }

    fn end_words(&mut self) {
        let words = std::mem::take(&mut self.words);
        if !words.trim().is_empty() || (!words.is_empty() && !self.done.is_empty()) {
            self.done.push(Part::Words(words));
        }
    }

    fn finish(mut self) -> Vec<Part> {
        self.end_words();
        while matches!(self.done.last(), Some(Part::Break))
            || matches!(self.done.last(), Some(Part::Words(words)) if words.trim().is_empty())
        {
            self.done.pop();
        }
        self.done
    }
}

// Takes one thing from the start of `rest` (which is not empty) and returns what follows it.
fn step<'a>(rest: &'a str, out: &mut Parts) -> &'a str {
    for (open, close, display) in [
        ("$$", "$$", true),
        ("$", "$", false),
        ("\\(", "\\)", false),
        ("\\[", "\\]", true),
    ] {
        if let Some(inner) = rest.strip_prefix(open) {
            let (tex, after) = until(inner, close);
            out.formula(tex, display);
            return after;
        }
    }
    if let Some(after) = rest.strip_prefix("\\begin{") {
        return environment(after, out);
    }
    if let Some(after) = rest.strip_prefix('\\') {
        return command(rest, after, out);
    }
    for (tex, sign) in [
        ("---", "—"),
        ("--", "–"),
        ("``", "“"),
        ("''", "”"),
        ("~", "\u{a0}"),
        ("{", ""),
        ("}", ""),
    ] {
        if let Some(after) = rest.strip_prefix(tex) {
            out.words.push_str(sign);
            return after;
        }
    }
    if let Some(after) = rest.strip_prefix('\n') {
        let next = after.trim_start_matches([' ', '\t']);
        if next.starts_with('\n') {
            out.line();
            return next.trim_start();
        }
        out.words.push(' ');
        return after;
    }
    let mut chars = rest.chars();
    out.words.extend(chars.next());
    chars.as_str()
}

// `after` follows `\begin{`.
fn environment<'a>(after: &'a str, out: &mut Parts) -> &'a str {
    let Some((name, inner)) = after.split_once('}') else {
        out.words.push_str("\\begin{");
        return after;
    };
    let close = format!("\\end{{{name}}}");
    let (content, rest) = until_end(inner, name, &close);
    match name {
        _ if PLAIN_DISPLAY.contains(&name) => out.formula(content, true),
        "math" => out.formula(content, false),
        "eqnarray" | "eqnarray*" => {
            let tex = format!("\\begin{{array}}{{rcl}}{content}\\end{{array}}");
            out.formula(&tex, true);
        }
        "multline" | "multline*" => {
            out.formula(
                &format!("\\begin{{gathered}}{content}\\end{{gathered}}"),
                true,
            );
        }
        _ if DISPLAY.contains(&name) => {
            out.formula(&format!("\\begin{{{name}}}{content}{close}"), true);
        }
        "itemize" | "enumerate" | "center" | "flushleft" | "flushright" | "quote" | "document"
        | "minipage" => {
            out.line();
            list(content, name == "enumerate", out);
            out.line();
        }
        _ => out.formula(&format!("\\begin{{{name}}}{content}{close}"), false),
    }
    rest
}

fn list(content: &str, numbered: bool, out: &mut Parts) {
    let mut number = 0;
    let mut rest = content.trim();
    while !rest.is_empty() {
        if let Some(after) = rest
            .strip_prefix("\\item")
            .filter(|after| !after.starts_with(|c: char| c.is_ascii_alphabetic()))
        {
            number += 1;
            out.line();
            if numbered {
                out.words.push_str(&format!("{number}. "));
            } else {
                out.words.push_str("• ");
            }
            rest = after.trim_start();
        } else {
            rest = step(rest, out);
        }
    }
}

// `all` begins with the backslash, `after` follows it.
fn command<'a>(all: &'a str, after: &'a str, out: &mut Parts) -> &'a str {
    let letters = after
        .find(|c: char| !c.is_ascii_alphabetic())
        .unwrap_or(after.len());
    if letters == 0 {
        let mut chars = after.chars();
        match chars.next() {
            Some('\\') => out.line(),
            Some(c @ ('%' | '$' | '&' | '#' | '_' | '{' | '}')) => out.words.push(c),
            Some(' ' | ',' | ';' | ':' | '\n') => out.words.push(' '),
            // Accents: the typesetter knows them.
            Some(_) => return as_text_formula(all, 2, out),
            None => {}
        }
        return chars.as_str();
    }
    let (name, rest) = after.split_at(letters);
    if IGNORED.contains(&name) {
        return rest.trim_start_matches(' ');
    }
    if BREAKS.contains(&name) {
        out.line();
        return rest.trim_start();
    }
    match name {
        "vspace" | "hspace" | "label" | "pagestyle" => with_arguments(rest).1,
        "ldots" | "dots" => {
            out.words.push('…');
            rest
        }
        "quad" | "qquad" => {
            out.words.push('\u{2003}');
            rest
        }
        "mbox" | "emph" | "textrm" | "textnormal" | "underline" | "text" => {
            let name = if name == "emph" { "textit" } else { name };
            styled(name, rest, out)
        }
        _ => as_text_formula(all, 1 + letters, out),
    }
}

// A command around words: what it does to them is left to the typesetter where they are simple.
fn styled<'a>(name: &str, rest: &'a str, out: &mut Parts) -> &'a str {
    let (arguments, after) = with_arguments(rest);
    if name == "underline" {
        out.formula(&format!("\\underline{{\\text{arguments}}}"), false);
    } else {
        out.formula(&format!("\\{name}{arguments}"), false);
    }
    after
}

// The command of `length` bytes with all its arguments.
fn as_text_formula<'a>(all: &'a str, length: usize, out: &mut Parts) -> &'a str {
    let length = (length..=all.len())
        .find(|&at| all.is_char_boundary(at))
        .unwrap_or(all.len());
    let (name, rest) = all.split_at(length);
    let (arguments, after) = with_arguments(rest);
    out.formula(&format!("{name}{arguments}"), false);
    after
}

/// `[…]` and `{…}` at the start of `text`, and what follows.
fn with_arguments(text: &str) -> (&str, &str) {
    let mut end = 0;
    let mut depth = 0usize;
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        if depth == 0 && !matches!(c, '{' | '[') {
            break;
        }
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '{' | '[' => depth += 1,
            '}' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            end = at + c.len_utf8();
        }
    }
    if depth > 0 {
        end = text.len();
    }
    text.split_at(end)
}

/// What is in an environment, others of its name included, and what follows it.
fn until_end<'a>(inner: &'a str, name: &str, close: &str) -> (&'a str, &'a str) {
    let open = format!("\\begin{{{name}}}");
    let (mut from, mut within) = (0, 0);
    while let Some(at) = inner[from..].find(close).map(|at| from + at) {
        within += inner[from..at].matches(&open).count();
        let after = at + close.len();
        if within == 0 {
            return (&inner[..at], &inner[after..]);
        }
        within -= 1;
        from = after;
    }
    (inner, "")
}

/// What is before `close` and what follows it; without it everything is before.
fn until<'a>(text: &'a str, close: &str) -> (&'a str, &'a str) {
    let mut from = 0;
    while let Some(at) = text[from..].find(close).map(|at| from + at) {
        let backslashes = text[..at].chars().rev().take_while(|&c| c == '\\').count();
        if !close.starts_with('$') || backslashes % 2 == 0 {
            return (&text[..at], &text[at + close.len()..]);
        }
        from = at + close.len();
    }
    (text, "")
}

// Of a whole document, what is inside.
fn without_frame(body: &str) -> &str {
    let inner = body
        .split_once("\\begin{document}")
        .map_or(body, |(_, inner)| inner);
    inner
        .split_once("\\end{document}")
        .map_or(inner, |(inner, _)| inner)
}

fn without_comments(body: &str) -> String {
    let mut out = String::with_capacity(body.len());
    for line in body.split_inclusive('\n') {
        let comment = line.char_indices().find(|&(at, c)| {
            let backslashes = line[..at].chars().rev().take_while(|&c| c == '\\').count();
            c == '%' && backslashes % 2 == 0
        });
        match comment {
            Some((at, _)) => out.push_str(&line[..at]),
            None => out.push_str(line),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: &str, expect: &[&str]) {
        let shown: Vec<String> = parts(body)
            .into_iter()
            .map(|part| match part {
                Part::Words(words) => words,
                Part::Break => "/".to_owned(),
                Part::Formula { tex, display } => {
                    format!("{}:{tex}", if display { 'd' } else { 'i' })
                }
            })
            .collect();
        assert_eq!(shown, expect, "{body}");
    }

    #[test]
    fn dollars_and_environments_are_formulas() {
        check("$x$", &["i:x"]);
        check("\\begin{displaymath}x^2\\end{displaymath}", &["d:x^2"]);
        check("a $x\\$y$ b", &["a ", "i:x\\$y", " b"]);
        check(
            "\\begin{align} a &= b \\\\ c &= d \\end{align}",
            &["d:\\begin{align} a &= b \\\\ c &= d \\end{align}"],
        );
        check(
            "\\begin{eqnarray*}a&=&b\\end{eqnarray*}",
            &["d:\\begin{array}{rcl}a&=&b\\end{array}"],
        );
        check("\\[ a \\] and \\(b\\)", &["d:a", " and ", "i:b"]);
    }

    #[test]
    fn words_keep_their_signs_and_lines() {
        check(
            "5\\% of \\textbf{all} -- ``so''\\\\next\n\nlast~one",
            &[
                "5% of ",
                "i:\\textbf{all}",
                " – “so”",
                "/",
                "next",
                "/",
                "last\u{a0}one",
            ],
        );
        check(
            "\\begin{itemize}\\item a \\item $b$\\end{itemize}",
            &["• a ", "/", "• ", "i:b"],
        );
        check(
            "\\begin{enumerate}\\item a\\begin{enumerate}\\item b\\end{enumerate}\\item c\
             \\end{enumerate} d",
            &["1. a", "/", "1. b", "/", "2. c", "/", " d"],
        );
        check("50\\% % a remark\nx", &["50% x"]);
        check("\\noindent \\ce{H2O}", &["i:\\ce{H2O}"]);
        check(
            "\\begin{tabular}{l}x\\end{tabular}",
            &["i:\\begin{tabular}{l}x\\end{tabular}"],
        );
    }

    #[test]
    fn a_whole_document_is_unwrapped() {
        check(
            "\\documentclass{article}\\usepackage{x}\\begin{document}$a$\\end{document}",
            &["i:a"],
        );
    }

    #[test]
    fn what_is_nested_without_end_is_no_list() {
        let deep = "\\begin{quote}".repeat(100_000);
        let whole = |tex: String| Part::Formula {
            tex,
            display: false,
        };
        assert_eq!(parts(&deep), [whole(deep.clone())]);
        let most = "\\begin{quote}".repeat(100);
        assert_eq!(parts(&most), []);
    }

    #[test]
    fn nothing_is_too_broken() {
        for body in [
            "",
            "$",
            "\\",
            "\\begin{",
            "\\begin{a}",
            "\\x{",
            "{{{",
            "$a",
            "\\é",
            "%",
        ] {
            let _ = parts(body);
        }
        check("$a", &["i:a"]);
    }
}
