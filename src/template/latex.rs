//! `[latex]…[/latex]`, `[$]…[/$]` and `[$$]…[/$$]` to the image that Anki would have made of them.
//! Nothing is typeset here: the file is named after the formula and either there or not.

use super::cloze::encode_attribute;
use crate::base::hex;
use crate::domain::html::{Enclosing, enclosed, strip_html};
use regex::Regex;
use sha1::{Digest as _, Sha1};
use std::borrow::Cow;
use std::sync::LazyLock;

/// The HTML with images for formulas, and the images' file names.
#[must_use]
pub fn extract(html: &str, svg: bool) -> (Cow<'_, str>, Vec<String>) {
    const PAIRS: [Enclosing<'static>; 3] = [
        ("[latex]", "[/latex]", 1),
        ("[$]", "[/$]", 1),
        ("[$$]", "[/$$]", 1),
    ];
    let mut names = Vec::new();
    let formulas = enclosed(&html.to_ascii_lowercase(), &PAIRS);
    if formulas.is_empty() {
        return (Cow::Borrowed(html), names);
    }
    let mut out = String::with_capacity(html.len());
    let mut from = 0;
    for (pair, formula) in formulas {
        let (open, close, _) = PAIRS[pair];
        let body = plain(&html[formula.start + open.len()..formula.end - close.len()]);
        let body = match open {
            "[latex]" => body,
            "[$]" => format!("${body}$"),
            _ => format!("\\begin{{displaymath}}{body}\\end{{displaymath}}"),
        };
        let name = image_name(&body, svg);
        out.push_str(&html[from..formula.start]);
        out.push_str(&format!(
            "<img class=latex alt=\"{}\" src=\"{name}\">",
            encode_attribute(&body)
        ));
        names.push(name);
        from = formula.end;
    }
    out.push_str(&html[from..]);
    (Cow::Owned(out), names)
}

fn plain(html: &str) -> String {
    static BREAKS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(?i)<br/?>|<div>").ok());
    let text = match BREAKS.as_ref() {
        Some(breaks) => breaks.replace_all(html, "\n"),
        None => Cow::Borrowed(html),
    };
    strip_html(&text).into_owned()
}

fn image_name(body: &str, svg: bool) -> String {
    let digest = hex(&Sha1::digest(body.as_bytes()));
    format!("latex-{digest}.{}", if svg { "svg" } else { "png" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_equal_ankis() {
        let (html, names) = extract("[$]x[/$] [LATEX]a<br>b[/LaTeX]", false);
        assert_eq!(
            names,
            [
                "latex-26eeb5258ca5099acf8fe96b2a1049c48c89a5e6.png",
                "latex-fcd127ffa1016069006ad91f3f361248f9bdf272.png"
            ]
        );
        assert!(html.starts_with("<img class=latex alt=\"&#x24;x&#x24;\" src=\"latex-26ee"));
        assert_eq!(extract("[$]x[/$$]", true).0, "[$]x[/$$]");
    }

    #[test]
    fn beginnings_without_an_end_cost_nothing() {
        let hostile = "[latex][$]x[/$]".repeat(200_000);
        assert_eq!(extract(&hostile, false).1.len(), 200_000);
    }
}
