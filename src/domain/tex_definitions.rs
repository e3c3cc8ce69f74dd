//! The commands that TeX source defines: a note type's LaTeX header, for formulas that are typeset
//! without LaTeX, and formulas that define some for others of their page. Packages, sizes and
//! whatever else stands in a header are LaTeX's alone.

use crate::domain::tex::{bracket, group, name};
use std::fmt::Write as _;

/// Bytes behind definitions that end nowhere; what else a header has is not looked at then.
const MOST_IN_VAIN: usize = 4 << 20;

/// The source's `\newcommand`, `\renewcommand`, `\providecommand`, `\DeclareMathOperator` and
/// `\def`, as definitions that may stand before a formula; empty when there is none.
#[must_use]
pub fn definitions(header: &str) -> String {
    let header = without_comments(header);
    let mut out = String::new();
    let mut rest = header.as_str();
    let mut in_vain = 0;
    while let Some(at) = rest.find('\\') {
        rest = &rest[at + 1..];
        let word = rest
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(rest.len());
        let (command, after) = rest.split_at(word);
        let read = match command {
            "newcommand" | "renewcommand" | "providecommand" => new_command(after, &mut out),
            "DeclareMathOperator" => operator(after, &mut out),
            "def" => plain_def(after, &mut out),
            _ => {
                // A sign after the backslash, which may be one itself, is a command too.
                let sign = after.chars().next().filter(|_| command.is_empty());
                rest = &after[sign.map_or(0, char::len_utf8)..];
                continue;
            }
        };
        if read.is_none() {
            in_vain += after.len();
            if in_vain > MOST_IN_VAIN {
                break;
            }
        }
        rest = read.unwrap_or(after);
    }
    out
}

fn without_comments(header: &str) -> String {
    let mut out = String::with_capacity(header.len());
    for line in header.lines() {
        let mut escaped = false;
        let comment = line.find(|c| {
            let begins = c == '%' && !escaped;
            escaped = c == '\\' && !escaped;
            begins
        });
        out.push_str(comment.map_or(line, |at| &line[..at]));
        out.push('\n');
    }
    out
}

/// `*{\name}[2]{body}`; what follows it.
fn new_command<'a>(after: &'a str, out: &mut String) -> Option<&'a str> {
    let after = after.trim_start();
    let (name, rest) = name(after.strip_prefix('*').unwrap_or(after))?;
    let (arguments, rest) = bracket(rest);
    let (default, rest) = bracket(rest);
    let (body, rest) = group(rest)?;
    let bracketed = |text: Option<&str>| text.map_or_else(String::new, |text| format!("[{text}]"));
    let (arguments, default) = (bracketed(arguments), bracketed(default));
    // Overwrites what the typesetter knows by this name, as LaTeX's header and MathJax would.
    let _ = write!(
        out,
        "\\providecommand{{{name}}}{arguments}{default}{{{body}}}"
    );
    Some(rest)
}

/// `*{\name}{text}`.
fn operator<'a>(after: &'a str, out: &mut String) -> Option<&'a str> {
    let after = after.trim_start();
    let (star, rest) = after
        .strip_prefix('*')
        .map_or(("", after), |rest| ("*", rest));
    let (name, rest) = name(rest)?;
    let (text, rest) = group(rest)?;
    let _ = write!(
        out,
        "\\providecommand{{{name}}}{{\\operatorname{star}{{{text}}}}}"
    );
    Some(rest)
}

/// `\name#1#2{body}`.
fn plain_def<'a>(after: &'a str, out: &mut String) -> Option<&'a str> {
    let (name, rest) = name(after)?;
    let body = rest.find('{')?;
    let (arguments, rest) = rest.split_at(body);
    let (body, rest) = group(rest)?;
    let _ = write!(out, "\\def{name}{}{{{body}}}", arguments.trim());
    Some(rest)
}

#[cfg(test)]
mod tests {
    use super::definitions;

    #[test]
    fn commands_are_found_among_the_rest() {
        let header = "\\documentclass[12pt]{article}\n\\usepackage{amsmath} % \\newcommand{\\no}{x}\n\
            \\newcommand{\\R}{\\mathbb{R}}\n\\renewcommand*\\vec[1]{\\mathbf{#1}}\n\
            \\DeclareMathOperator*{\\argmax}{arg\\,max}\n\\def\\pair#1#2{(#1, \\{#2\\})}\n\
            \\newcommand{\\opt}[2][0]{#1#2}\n\\begin{document}\n\
            50\\% \\newcommand{\\of}{x}\n\\\\% \\newcommand{\\no}{x}\na\\\\def\\no{x}\n";
        assert_eq!(
            definitions(header),
            "\\providecommand{\\R}{\\mathbb{R}}\\providecommand{\\vec}[1]{\\mathbf{#1}}\
             \\providecommand{\\argmax}{\\operatorname*{arg\\,max}}\\def\\pair#1#2{(#1, \\{#2\\})}\
             \\providecommand{\\opt}[2][0]{#1#2}\\providecommand{\\of}{x}"
        );
    }

    #[test]
    fn broken_headers_define_nothing() {
        for header in [
            "",
            "\\",
            "\\newcommand",
            "\\newcommand{\\a",
            "\\newcommand{\\a}{",
            "\\def",
            "\\def\\",
            "\\def\\é",
            "\\newcommand{a}{b}",
            "\\DeclareMathOperator{\\a}",
        ] {
            assert_eq!(definitions(header), "", "{header}");
        }
        let open = "\\newcommand{\\R}{x}".to_owned() + &"\\def\\a{".repeat(300_000);
        assert_eq!(definitions(&open), "\\providecommand{\\R}{x}");
    }
}
