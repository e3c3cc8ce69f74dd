//! Formulas as MathJax takes them, in the words of the typesetter, which lacks some of MathJax's
//! commands and is stricter: `\newcommand` may name what is there already, and signs such as `_`
//! are signs in `\text`. What neither knows is left as it is and told by the typesetter.

use super::optional::append;
use crate::domain::tex::{bracket, group, name};
use std::borrow::Cow;

/// Commands that are others of the typesetter, by name.
const MACROS: [(&str, &str); 23] = [
    ("\\cancelto", r"\def\cancelto#1#2{\cancel{#2}^{\,#1}}"),
    (
        "\\sideset",
        r"\def\sideset#1#2#3{\mathop{{\vphantom{#3}}#1#3\nolimits#2}\limits}",
    ),
    (
        "\\prescript",
        r"\def\prescript#1#2#3{{\vphantom{#3}}^{#1}_{#2}{#3}}",
    ),
    ("\\overparen", r"\def\overparen#1{\overgroup{#1}}"),
    ("\\underparen", r"\def\underparen#1{\undergroup{#1}}"),
    ("\\skew", r"\def\skew#1#2#3{#2{#3}}"),
    ("\\strut", r"\def\strut{\vphantom{(}}"),
    ("\\mathstrut", r"\def\mathstrut{\vphantom{(}}"),
    ("\\hfil", r"\def\hfil{}"),
    ("\\hfill", r"\def\hfill{}"),
    ("\\scr", r"\def\scr{\mathscr}"),
    (
        "\\iiiint",
        r"\def\iiiint{\int\!\!\!\int\!\!\!\int\!\!\!\int}",
    ),
    ("\\idotsint", r"\def\idotsint{\int\!\cdots\!\int}"),
    ("\\matrix", r"\def\matrix#1{\begin{matrix}#1\end{matrix}}"),
    (
        "\\pmatrix",
        r"\def\pmatrix#1{\begin{pmatrix}#1\end{pmatrix}}",
    ),
    ("\\cases", r"\def\cases#1{\begin{cases}#1\end{cases}}"),
    (
        "\\eqalign",
        r"\def\eqalign#1{\begin{aligned}#1\end{aligned}}",
    ),
    (
        "\\displaylines",
        r"\def\displaylines#1{\begin{gathered}#1\end{gathered}}",
    ),
    ("\\mathbfit", r"\def\mathbfit#1{\boldsymbol{#1}}"),
    (
        "\\mathbfcal",
        r"\def\mathbfcal#1{\boldsymbol{\mathcal{#1}}}",
    ),
    (
        "\\mathbfscr",
        r"\def\mathbfscr#1{\boldsymbol{\mathscr{#1}}}",
    ),
    ("\\symbf", r"\def\symbf#1{\boldsymbol{#1}}"),
    ("\\symup", r"\def\symup#1{\mathrm{#1}}"),
];

/// The formula in the typesetter's words.
pub(super) fn written(tex: &str) -> Cow<'_, str> {
    if !tex.contains('\\') {
        return Cow::Borrowed(tex);
    }
    let mut out = String::with_capacity(tex.len());
    let mut macros = String::new();
    let mut rest = tex;
    while let Some(at) = rest.find('\\') {
        append(&mut out, &rest[..at]);
        let Some((word, after)) = name(&rest[at..]) else {
            rest = &rest[at..];
            break;
        };
        if let Some((_, definition)) = MACROS.iter().find(|(name, _)| *name == word)
            && !macros.contains(definition)
        {
            macros.push_str(definition);
        }
        rest = command(word, after, &mut out).unwrap_or_else(|| {
            append(&mut out, word);
            after
        });
    }
    append(&mut out, rest);
    // Before the formula, whose own definitions count more.
    out.insert_str(0, &macros);
    Cow::Owned(out)
}

/// Writes a command that is another one here, and returns what follows it; None for all others.
fn command<'a>(word: &str, after: &'a str, out: &mut String) -> Option<&'a str> {
    match word {
        // Unlike the others it takes the place of what is there.
        "\\newcommand" | "\\renewcommand" => {
            append(out, "\\providecommand");
            Some(after)
        }
        "\\DeclareMathOperator" => {
            let trimmed = after.trim_start();
            let operator = trimmed.strip_prefix('*');
            let (name, rest) = name(operator.unwrap_or(trimmed))?;
            let (words, rest) = group(rest)?;
            let star = operator.map_or("", |_| "*");
            let definition =
                format!("\\providecommand{{{name}}}{{\\operatorname{star}{{{words}}}}}");
            append(out, &definition);
            Some(rest)
        }
        "\\text" | "\\mbox" | "\\textrm" | "\\textbf" | "\\textit" | "\\textsf" | "\\texttt"
        | "\\textnormal" | "\\textup" => {
            let (words, rest) = group(after)?;
            let word = if word == "\\mbox" { "\\text" } else { word };
            append(out, &format!("{word}{{{}}}", with_plain_signs(words)));
            Some(rest)
        }
        "\\begin" | "\\end" => {
            let (name, rest) = group(after)?;
            let (begin, end) = environment(name)?;
            append(out, if word == "\\begin" { begin } else { end });
            Some(rest)
        }
        // What they say is for web pages, and what they are said of follows.
        "\\class" | "\\cssId" | "\\style" | "\\label" => Some(group(after)?.1),
        "\\bbox" => Some(bracket(after).1),
        "\\unicode" => {
            let (code, rest) = group(bracket(after).1)?;
            let code = match code.trim().strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => code.trim().parse(),
            };
            append(out, &format!("\\char\"{:X} ", code.ok()?));
            Some(rest)
        }
        "\\root" => {
            let (index, rest) = after.split_once("\\of")?;
            let rest = (!rest.starts_with(|c: char| c.is_ascii_alphabetic())).then_some(rest)?;
            append(out, &format!("\\sqrt[{{{}}}]", index.trim()));
            Some(rest)
        }
        "\\buildrel" => {
            let (above, rest) = after.split_once("\\over")?;
            let rest = (!rest.starts_with(|c: char| c.is_ascii_alphabetic())).then_some(rest)?;
            append(out, &format!("\\overset{{{}}}", above.trim()));
            Some(rest)
        }
        _ => None,
    }
}

/// What stands for the beginning and the end of an environment.
fn environment(name: &str) -> Option<(&'static str, &'static str)> {
    match name {
        "eqnarray" | "eqnarray*" => Some((r"\begin{darray}{rcl}", r"\end{darray}")),
        "multline" | "multline*" => Some((r"\begin{gathered}", r"\end{gathered}")),
        "flalign" | "flalign*" => Some((r"\begin{align*}", r"\end{align*}")),
        "math" | "displaymath" => Some(("{", "}")),
        _ => None,
    }
}

/// Words in which signs mean themselves, but for those in formulas among them.
fn with_plain_signs(words: &str) -> Cow<'_, str> {
    if !words.contains(['_', '^', '%', '&']) {
        return Cow::Borrowed(words);
    }
    let mut out = String::with_capacity(words.len() + 8);
    let mut in_formula = false;
    let mut escaped = false;
    for c in words.chars() {
        match c {
            '(' if escaped => in_formula = true,
            ')' if escaped => in_formula = false,
            '$' if !escaped => in_formula = !in_formula,
            '_' | '%' | '&' if !escaped && !in_formula => out.push('\\'),
            '^' if !escaped && !in_formula => {
                out.push_str("\\textasciicircum{}");
                continue;
            }
            _ => {}
        }
        escaped = c == '\\' && !escaped;
        out.push(c);
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_of_mathjax_are_written_in_those_of_the_typesetter() {
        for (tex, want) in [
            (r"a_1 \alpha", r"a_1 \alpha"),
            (r"\newcommand{\R}{x}\R", r"\providecommand{\R}{x}\R"),
            (
                r"\DeclareMathOperator*{\a}{a b}\a x",
                r"\providecommand{\a}{\operatorname*{a b}}\a x",
            ),
            (
                r"\mbox{a_b, 5% \(x_1\) $y_1$ \_}_1",
                r"\text{a\_b, 5\% \(x_1\) $y_1$ \_}_1",
            ),
            (r"\text{x^2}\text y", r"\text{x\textasciicircum{}2}\text y"),
            (
                r"\begin{eqnarray*}a&=&b\end{eqnarray*}",
                r"\begin{darray}{rcl}a&=&b\end{darray}",
            ),
            (r"\alpha\label{a}b", r"\alpha b"),
            (r"\style{color:#f00}{x}\bbox[red]{y}", r"{x}{y}"),
            (r"\unicode{x263a}b\unicode{65}", "\\char\"263A b\\char\"41 "),
            (r"\root 3 \of x", r"\sqrt[{3}] x"),
            (r"a\buildrel\rm def\over= b", r"a\overset{\rm def}= b"),
            (r"\strut x\strut", r"\def\strut{\vphantom{(}}\strut x\strut"),
            (r"\begin{cases}a\end{cases}", r"\begin{cases}a\end{cases}"),
            (r"\text{", r"\text{"),
            (r"\root 3 \offset", r"\root 3 \offset"),
            ("x\\", "x\\"),
        ] {
            assert_eq!(written(tex), want, "{tex}");
        }
    }
}
