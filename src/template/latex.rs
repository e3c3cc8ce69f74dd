//! `[latex]…[/latex]`, `[$]…[/$]` and `[$$]…[/$$]` to the image that Anki would have made of them.
//! Nothing is typeset here: the file is named after the formula and either there or not.

use super::cloze::encode_attribute;
use crate::domain::html::strip_html;
use regex::{Captures, Regex};
use sha1::{Digest as _, Sha1};
use std::borrow::Cow;
use std::sync::LazyLock;

/// The HTML with images for formulas, and the images' file names.
#[must_use]
pub fn extract(html: &str, svg: bool) -> (Cow<'_, str>, Vec<String>) {
    static FORMULA: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"(?is)\[latex\](.+?)\[/latex\]|\[\$\](.+?)\[/\$\]|\[\$\$\](.+?)\[/\$\$\]").ok()
    });
    let mut names = Vec::new();
    let Some(formula) = FORMULA.as_ref() else {
        return (Cow::Borrowed(html), names);
    };
    let html = formula.replace_all(html, |c: &Captures<'_>| {
        let body = if let Some(latex) = c.get(1) {
            plain(latex.as_str())
        } else if let Some(inline) = c.get(2) {
            format!("${}$", plain(inline.as_str()))
        } else {
            let block = c.get(3).map_or("", |m| m.as_str());
            format!("\\begin{{displaymath}}{}\\end{{displaymath}}", plain(block))
        };
        let name = image_name(&body, svg);
        let image = format!(
            "<img class=latex alt=\"{}\" src=\"{name}\">",
            encode_attribute(&body)
        );
        names.push(name);
        image
    });
    (html, names)
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
    let digest: String = Sha1::digest(body.as_bytes())
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect();
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
}
