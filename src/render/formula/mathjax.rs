//! Formulas as MathJax takes them, in the words of the typesetter, which lacks some of MathJax's
//! commands and is stricter: `\newcommand` may name what is there already, and signs such as `_`
//! are signs in `\text`. What neither knows is left as it is and told by the typesetter.

use super::optional::{append, argument};
use crate::domain::tex::{bracket, group, name};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// Commands of MathJax that have another name at the typesetter.
const NAMES: [(&str, &str); 39] = [
    ("arrowvert", "vert"),
    ("Arrowvert", "Vert"),
    ("bbFont", "mathbb"),
    ("bracevert", "vert"),
    ("divsymbol", "div"),
    ("framebox", "fbox"),
    ("longleftrightarrows", "leftrightarrows"),
    ("longrightleftharpoons", "rightleftharpoons"),
    ("mathbfit", "boldsymbol"),
    ("mathbfup", "mathbf"),
    ("mathsfup", "mathsf"),
    ("mathup", "mathrm"),
    ("mit", "it"),
    ("newcommand", "providecommand"),
    ("overparen", "overgroup"),
    // Only so that its star goes too.
    ("providecommand", "providecommand"),
    ("renewcommand", "providecommand"),
    ("scr", "mathscr"),
    ("stackbin", "stackrel"),
    ("strut", "mathstrut"),
    ("symbb", "mathbb"),
    ("symbf", "mathbf"),
    ("symbfit", "boldsymbol"),
    ("symbfup", "mathbf"),
    ("symcal", "mathcal"),
    ("symfrak", "mathfrak"),
    ("symit", "mathit"),
    ("symnormal", "mathnormal"),
    ("symrm", "mathrm"),
    ("symscr", "mathscr"),
    ("symsf", "mathsf"),
    ("symsfit", "mathsfit"),
    ("symsfup", "mathsf"),
    ("symtt", "mathtt"),
    ("symup", "mathrm"),
    ("Tiny", "tiny"),
    ("underparen", "undergroup"),
    ("xLeftrightharpoons", "xrightleftharpoons"),
    ("xRightleftharpoons", "xrightleftharpoons"),
];

/// Commands that can be written with those of the typesetter, or that may do nothing here.
const DEFINITIONS: [&str; 42] = [
    r"\def\Aboxed#1{\boxed{#1}}",
    r"\def\adjustlimits{}",
    r"\def\array#1{\begin{matrix}#1\end{matrix}}",
    r"\def\bigtimes{\mathop{\Large\times}}",
    r"\def\cancelto#1#2{\cancel{#2}^{\,#1}}",
    r"\def\cases#1{\begin{cases}#1\end{cases}}",
    r"\def\centercolon{\mathrel{:}}",
    r"\def\cramped#1{#1}",
    r"\def\displaylines#1{\begin{gathered}#1\end{gathered}}",
    r"\def\eqalign#1{\begin{aligned}#1\end{aligned}}",
    r"\def\eqalignno#1{\begin{aligned}#1\end{aligned}}",
    r"\def\hfil{}",
    r"\def\hfill{}",
    r"\def\hfilll{}",
    r"\def\idotsint{\int\!\cdots\!\int}",
    r"\def\iiiint{\int\!\!\!\int\!\!\!\int\!\!\!\int}",
    r"\def\ketbra#1#2{\ket{#1}\bra{#2}}",
    r"\def\Ketbra#1#2{\left|{#1}\right\rangle\left\langle{#2}\right|}",
    r"\def\leftroot#1{}",
    r"\def\leqalignno#1{\begin{aligned}#1\end{aligned}}",
    r"\def\mathbfcal#1{\boldsymbol{\mathcal{#1}}}",
    r"\def\mathbffrak#1{\boldsymbol{\mathfrak{#1}}}",
    r"\def\mathbfscr#1{\boldsymbol{\mathscr{#1}}}",
    r"\def\mathbfsf#1{\boldsymbol{\mathsf{#1}}}",
    r"\def\mathmbox#1{#1}",
    r"\def\matrix#1{\begin{matrix}#1\end{matrix}}",
    r"\def\mspace#1{\mskip#1}",
    r"\def\oldstyle{}",
    r"\def\overunderset#1#2#3{\overset{#1}{\underset{#2}{#3}}}",
    r"\def\pmatrix#1{\begin{pmatrix}#1\end{pmatrix}}",
    r"\def\prescript#1#2#3{{\vphantom{#3}}^{#1}_{#2}{#3}}",
    r"\def\Rule#1#2#3{\rule[-#3]{#1}{#2}}",
    r"\def\shoveleft#1{#1}",
    r"\def\shoveright#1{#1}",
    r"\def\shortvdotswithin#1{\vdots}",
    r"\def\sideset#1#2#3{\mathop{{\vphantom{#3}}#1#3\nolimits#2}\limits}",
    r"\def\skew#1#2#3{#2{#3}}",
    r"\def\Space#1#2#3{\hspace{#1}}",
    r"\def\splitdfrac#1#2{\genfrac{}{}{0pt}{0}{#1}{#2}}",
    r"\def\splitfrac#1#2{\genfrac{}{}{0pt}{1}{#1}{#2}}",
    r"\def\uproot#1{}",
    r"\def\vdotswithin#1{\vdots}",
];

/// What `\require` may name: the packages that MathJax comes with, and two that it once had.
pub(super) const PACKAGES: [&str; 41] = [
    "action",
    "ams",
    "amscd",
    "amsmath",
    "amssymb",
    "autoload",
    "base",
    "bbox",
    "boldsymbol",
    "braket",
    "bussproofs",
    "cancel",
    "cases",
    "centernot",
    "color",
    "colortbl",
    "colorv2",
    "configmacros",
    "empheq",
    "enclose",
    "extpfeil",
    "gensymb",
    "html",
    "mathtools",
    "mhchem",
    "newcommand",
    "noerrors",
    "noundefined",
    "physics",
    "require",
    "safe",
    "setoptions",
    "tagformat",
    "textcomp",
    "textmacros",
    "unicode",
    "upgreek",
    "verb",
    "AMScd",
    "AMSmath",
    "AMSsymbols",
];

/// Names that stand for a sign in formulas alone: MathJax leaves them as they are in words.
const SIGNS: [&str; 72] = [
    "alpha",
    "approx",
    "beta",
    "cap",
    "cdot",
    "chi",
    "circ",
    "cup",
    "Delta",
    "delta",
    "div",
    "epsilon",
    "equiv",
    "eta",
    "exists",
    "forall",
    "Gamma",
    "gamma",
    "ge",
    "geq",
    "in",
    "infty",
    "int",
    "iota",
    "kappa",
    "Lambda",
    "lambda",
    "le",
    "Leftarrow",
    "leftarrow",
    "Leftrightarrow",
    "leftrightarrow",
    "leq",
    "mp",
    "mu",
    "nabla",
    "ne",
    "neq",
    "notin",
    "nu",
    "Omega",
    "omega",
    "partial",
    "Phi",
    "phi",
    "Pi",
    "pi",
    "pm",
    "prod",
    "Psi",
    "psi",
    "rho",
    "Rightarrow",
    "rightarrow",
    "Sigma",
    "sigma",
    "sim",
    "subset",
    "sum",
    "tau",
    "Theta",
    "theta",
    "times",
    "to",
    "Upsilon",
    "upsilon",
    "varepsilon",
    "varphi",
    "vartheta",
    "Xi",
    "xi",
    "zeta",
];

/// Formulas within arguments of commands that are another one here, within each other: more only
/// come from who wants to hurt.
const DEEPEST: usize = 8;

/// The definitions by the names of their commands.
static MACROS: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| {
    let named =
        |definition: &'static str| Some((name(definition.strip_prefix("\\def")?)?.0, definition));
    DEFINITIONS.into_iter().filter_map(named).collect()
});

/// The formula in the typesetter's words.
pub(super) fn written(tex: &str) -> Cow<'_, str> {
    written_at(tex, DEEPEST, &HashSet::new())
}

/// As [`written`], of a formula in which `deeper` more may be within each other, and around which
/// these commands are defined.
fn written_at<'a>(tex: &'a str, deeper: usize, defined: &HashSet<&'a str>) -> Cow<'a, str> {
    if !tex.contains('\\') {
        return Cow::Borrowed(tex);
    }
    let mut out = String::with_capacity(tex.len());
    let mut macros = String::new();
    // What the formula itself defines means that, whatever has this name elsewhere.
    let mut own = defined.clone();
    let mut rest = tex;
    while let Some(at) = rest.find('\\') {
        append(&mut out, &rest[..at]);
        let Some((word, after)) = name(&rest[at..]) else {
            rest = &rest[at..];
            break;
        };
        own.extend(defined_by(word, after));
        if own.contains(word) {
            append(&mut out, word);
            rest = after;
            continue;
        }
        if let Some((_, known)) = NAMES.iter().find(|(name, _)| *name == &word[1..]) {
            append(&mut out, &format!("\\{known}"));
            // The star says of what is defined that its arguments hold no paragraphs.
            let starred = after.trim_start().strip_prefix('*');
            rest = starred
                .filter(|_| *known == "providecommand")
                .unwrap_or(after);
            continue;
        }
        if let Some(definition) = MACROS.get(word)
            && !macros.contains(definition)
        {
            macros.push_str(definition);
        }
        let within = deeper.checked_sub(1);
        let inner = |tex| within.map(|deeper| written_at(tex, deeper, &own));
        let taken = command(word, after, &mut out).or_else(|| around(word, after, inner, &mut out));
        rest = taken.unwrap_or_else(|| {
            append(&mut out, word);
            after
        });
    }
    append(&mut out, rest);
    // Before the formula, whose own definitions count more.
    out.insert_str(0, &macros);
    Cow::Owned(out)
}

/// The command that `word` defines, before what follows it.
fn defined_by<'a>(word: &str, after: &'a str) -> Option<&'a str> {
    match word {
        "\\newcommand"
        | "\\renewcommand"
        | "\\providecommand"
        | "\\DeclareMathOperator"
        | "\\def"
        | "\\gdef"
        | "\\let" => {
            let after = after.trim_start();
            let (name, _) = name(after.strip_prefix('*').unwrap_or(after))?;
            Some(name)
        }
        _ => None,
    }
}

/// Writes a command that is another one here, and returns what follows it; None for all others.
fn command<'a>(word: &str, after: &'a str, out: &mut String) -> Option<&'a str> {
    match word {
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
        "\\text" | "\\mbox" | "\\hbox" | "\\textrm" | "\\textbf" | "\\textit" | "\\textsf"
        | "\\texttt" | "\\textnormal" | "\\textup" => {
            let (words, rest) = group(after)?;
            let word = match word {
                "\\mbox" | "\\hbox" => "\\text",
                word => word,
            };
            append(out, &format!("{word}{{{}}}", with_plain_signs(words)));
            Some(rest)
        }
        "\\begin" | "\\end" => {
            let (name, rest) = group(after)?;
            if word == "\\begin"
                && let Some(rest) = table(name, rest, out)
            {
                return Some(rest);
            }
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

/// The beginning of a table without what the typesetter does not take: its place (`[t]`), and what is
/// to stand between its columns (`@{…}`), which MathJax passes over too. None where there is no such.
fn table<'a>(name: &str, after: &'a str, out: &mut String) -> Option<&'a str> {
    let (place, behind) = bracket(after);
    let has_place = place.is_some_and(|place| matches!(place, "t" | "c" | "b"));
    let rest = if has_place { behind } else { after };
    match name {
        "array" => {
            let (columns, rest) = group(rest)?;
            let plain = without_fillings(columns)?;
            (has_place || plain != columns).then(|| {
                append(out, &format!("\\begin{{array}}{{{plain}}}"));
                rest
            })
        }
        "aligned" | "gathered" if has_place => {
            append(out, &format!("\\begin{{{name}}}"));
            Some(rest)
        }
        _ => None,
    }
}

/// The columns of a table without what is to stand between them; None where it has no end.
fn without_fillings(columns: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = columns;
    while let Some((before, after)) = rest.split_once(['@', '!', '<', '>']) {
        out.push_str(before);
        rest = group(after)?.1;
    }
    out.push_str(rest);
    Some(out)
}

/// As [`command`], of those that have another formula in them, which `inner` writes; None where that
/// is too deep.
fn around<'a>(
    word: &str,
    after: &'a str,
    inner: impl Fn(&'a str) -> Option<Cow<'a, str>>,
    out: &mut String,
) -> Option<&'a str> {
    match word {
        "\\raise" | "\\lower" => {
            let (up, rest) = dimension(after)?;
            let (moved, rest) = box_or_argument(rest)?;
            let up = match up.strip_prefix('-') {
                _ if word == "\\raise" => up.to_owned(),
                Some(down) => down.to_owned(),
                None => format!("-{up}"),
            };
            append(out, &format!("\\raisebox{{{up}}}{{${}$}}", inner(moved)?));
            Some(rest)
        }
        "\\enclose" => {
            let (notations, rest) = group(after)?;
            let (enclosed, rest) = argument(bracket(rest).1)?;
            let (before, behind) = notation(notations)?;
            append(out, &format!("{before}{}{behind}", inner(enclosed)?));
            Some(rest)
        }
        // The first is what is there before anybody clicks.
        "\\toggle" => {
            after.find("\\endtoggle")?;
            let (first, mut rest) = argument(after)?;
            while let Some((other, after)) = argument(rest) {
                rest = after;
                if other == "\\endtoggle" {
                    append(out, &format!("{{{}}}", inner(first)?));
                    return Some(rest);
                }
            }
            None
        }
        // What is said under the pointer.
        "\\mathtip" | "\\texttip" => {
            let (shown, rest) = argument(after)?;
            let (_, rest) = argument(rest)?;
            append(out, &format!("{{{}}}", inner(shown)?));
            Some(rest)
        }
        _ => None,
    }
}

/// `\hbox{…}`, or an argument.
fn box_or_argument(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    let (word, after) = argument(text)?;
    match word {
        "\\hbox" | "\\mbox" | "\\text" => {
            let (_, rest) = group(after)?;
            Some(text.split_at(text.len() - rest.len()))
        }
        word => Some((word, after)),
    }
}

/// What stands before and behind a formula with these notations around it; None where one of them
/// cannot be drawn.
fn notation(notations: &str) -> Option<(String, String)> {
    let (mut before, mut behind) = ("{".to_owned(), "}".to_owned());
    for notation in notations.split_whitespace() {
        let (left, right) = match notation {
            "box" => (r"\boxed{", "}"),
            "top" => (r"\overline{", "}"),
            "bottom" => (r"\underline{", "}"),
            "left" => (r"\left|", r"\right."),
            "right" => (r"\left.", r"\right|"),
            "updiagonalstrike" => (r"\cancel{", "}"),
            "downdiagonalstrike" => (r"\bcancel{", "}"),
            "horizontalstrike" => (r"\sout{", "}"),
            "longdiv" => (r"\overline{\smash{\big)}", "}"),
            "actuarial" => (r"\overline{\left.", r"\right|}"),
            "radical" => (r"\sqrt{", "}"),
            "phasorangle" => (r"\phase{", "}"),
            _ => return None,
        };
        before.push_str(left);
        behind.insert_str(0, right);
    }
    Some((before, behind))
}

/// `3pt` or `{3pt}`, and what follows it.
fn dimension(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    if text.starts_with('{') {
        return group(text);
    }
    let number = text.find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | '-' | '+'))?;
    let unit = text.get(number..number + 2)?;
    let is_unit = unit.chars().all(|c| c.is_ascii_lowercase());
    is_unit.then(|| text.split_at(number + 2))
}

/// What stands for the beginning and the end of an environment.
fn environment(name: &str) -> Option<(&'static str, &'static str)> {
    match name {
        "eqnarray" | "eqnarray*" => Some((r"\begin{darray}{rcl}", r"\end{darray}")),
        "multline" | "multline*" | "multlined" | "lgathered" | "rgathered" => {
            Some((r"\begin{gathered}", r"\end{gathered}"))
        }
        // Equations have no numbers but those that `\tag` gives them.
        "align" | "flalign" | "flalign*" => Some((r"\begin{align*}", r"\end{align*}")),
        "alignat" | "xalignat" | "xalignat*" | "xxalignat" => {
            Some((r"\begin{alignat*}", r"\end{alignat*}"))
        }
        "gather" => Some((r"\begin{gather*}", r"\end{gather*}")),
        "equation" => Some((r"\begin{equation*}", r"\end{equation*}")),
        "crampedsubarray" => Some((r"\begin{subarray}", r"\end{subarray}")),
        "psmallmatrix" => Some((r"\left(\begin{smallmatrix}", r"\end{smallmatrix}\right)")),
        "bsmallmatrix" => Some((r"\left[\begin{smallmatrix}", r"\end{smallmatrix}\right]")),
        "Bsmallmatrix" => Some((r"\left\{\begin{smallmatrix}", r"\end{smallmatrix}\right\}")),
        "vsmallmatrix" => Some((r"\left|\begin{smallmatrix}", r"\end{smallmatrix}\right|")),
        "math" | "displaymath" => Some(("{", "}")),
        _ => None,
    }
}

/// Words in which signs mean themselves, but for those in formulas among them, and names of what
/// only a formula has as well.
fn with_plain_signs(words: &str) -> Cow<'_, str> {
    if !words.contains(['_', '^', '%', '&', '\\']) {
        return Cow::Borrowed(words);
    }
    let mut out = String::with_capacity(words.len() + 8);
    let mut in_formula = false;
    let mut escaped = false;
    for (at, c) in words.char_indices() {
        match c {
            '\\' if !escaped && !in_formula && names_a_sign(&words[at..]) => {
                out.push_str("\\textbackslash{}");
                continue;
            }
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

fn names_a_sign(text: &str) -> bool {
    name(text).is_some_and(|(word, _)| SIGNS.contains(&&word[1..]))
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
                r"\text{a \alpha\ \textbf{b} $\alpha$}",
                r"\text{a \textbackslash{}alpha\ \textbf{b} $\alpha$}",
            ),
            (r"\newcommand*{\R}{x}\R", r"\providecommand{\R}{x}\R"),
            (r"\providecommand *\R{x}\R", r"\providecommand\R{x}\R"),
            (r"\enclose{box}[red]{x}y", r"{\boxed{x}}y"),
            (
                r"\enclose{updiagonalstrike  top}x",
                r"{\cancel{\overline{x}}}",
            ),
            (r"\enclose{circle}{x}", r"\enclose{circle}{x}"),
            (r"a\toggle{b}{c}d\endtoggle e", r"a{b} e"),
            (r"\toggle{b}{c}", r"\toggle{b}{c}"),
            (r"\mathtip{a}{b}\texttip{c}{d}", r"{a}{c}"),
            (r"\raise2pt\hbox{a_b}c", r"\raisebox{2pt}{$\text{a\_b}$}c"),
            (
                r"\begin{eqnarray*}a&=&b\end{eqnarray*}",
                r"\begin{darray}{rcl}a&=&b\end{darray}",
            ),
            (
                r"\begin{align}a&=b\tag{1}\end{align}",
                r"\begin{align*}a&=b\tag{1}\end{align*}",
            ),
            (r"\alpha\label{a}b", r"\alpha b"),
            (r"\style{color:#f00}{x}\bbox[red]{y}", r"{x}{y}"),
            (r"\unicode{x263a}b\unicode{65}", "\\char\"263A b\\char\"41 "),
            (r"\root 3 \of x", r"\sqrt[{3}] x"),
            (r"a\buildrel\rm def\over= b", r"a\overset{\rm def}= b"),
            (r"\strut x", r"\mathstrut x"),
            (
                r"\cramped x\cramped y",
                r"\def\cramped#1{#1}\cramped x\cramped y",
            ),
            (
                r"\oldstyle 1\oldstyle",
                r"\def\oldstyle{}\oldstyle 1\oldstyle",
            ),
            (
                r"\newcommand{\scr}{\mathscr}\scr C",
                r"\providecommand{\scr}{\mathscr}\scr C",
            ),
            (r"\def\class#1{#1}\class{x}", r"\def\class#1{#1}\class{x}"),
            (r"\let\mit\mathit\mit x", r"\let\mit\mathit\mit x"),
            (
                r"\def\scr#1{#1}\enclose{box}{\scr x}",
                r"\def\scr#1{#1}{\boxed{\scr x}}",
            ),
            (r"\begin{cases}a\end{cases}", r"\begin{cases}a\end{cases}"),
            (r"\begin{array}{r@{\,}|l}a", r"\begin{array}{r|l}a"),
            (r"\begin{array}[t]{c!{:}}a", r"\begin{array}{c}a"),
            (r"\begin{array}{cc}a", r"\begin{array}{cc}a"),
            (r"\begin{aligned}[t]a&=b", r"\begin{aligned}a&=b"),
            (r"\begin{aligned}[x]a&=b", r"\begin{aligned}[x]a&=b"),
            (r"\text{", r"\text{"),
            (r"\root 3 \offset", r"\root 3 \offset"),
            ("x\\", "x\\"),
        ] {
            assert_eq!(written(tex), want, "{tex}");
        }
    }
}
