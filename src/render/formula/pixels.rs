//! Lengths in pixels (`\rule{20px}{5px}`, `\\[5px]`): the typesetter takes their numbers for widths
//! of letters, so that they come to it in these.

use super::SIZE;
use regex::{Captures, Regex};
use std::borrow::Cow;
use std::sync::LazyLock;

/// In an em of a formula: letters of cards have 20 pixels where nothing else is said.
const PIXELS: f64 = 20.0 * SIZE;

/// Commands with the lengths behind them.
static MEASURED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?x) \\\\\s*\[[^\[\]]*\]
        | \\(?:kern|hskip|above)\s*[-+]?[\d.]+\s*px
        | \\(?:hspace\*?|raisebox)\s*\{[^{}]*\}
        | \\rule\s*(?:\[[^\[\]]*\]\s*)?\{[^{}]*\}\s*\{[^{}]*\}",
    )
    .expect("a pattern of ours")
});
static LENGTH: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"([\d.]+)\s*px").expect("a pattern of ours"));

/// The formula with those in em.
pub(super) fn in_em(tex: &str) -> Cow<'_, str> {
    if !tex.contains("px") {
        return Cow::Borrowed(tex);
    }
    let length = |found: &Captures<'_>| match found[1].parse::<f64>() {
        Ok(pixels) => format!("{:.4}em", pixels / PIXELS),
        Err(_) => found[0].to_owned(),
    };
    MEASURED.replace_all(tex, |found: &Captures<'_>| {
        LENGTH.replace_all(&found[0], length).into_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_in_em_and_nothing_else_is() {
        for (tex, want) in [
            (r"\rule{23px}{4.6px}", r"\rule{1.0000em}{0.2000em}"),
            (
                r"\rule[-2.3 px]{1em}{46px}",
                r"\rule[-0.1000em]{1em}{2.0000em}",
            ),
            (r"a\\[23px]b\kern-23px c", r"a\\[1.0000em]b\kern-1.0000em c"),
            (
                r"\hspace*{23px}\hspace{1em}",
                r"\hspace*{1.0000em}\hspace{1em}",
            ),
            (r"5px+\text{5px}\kern5pt", r"5px+\text{5px}\kern5pt"),
        ] {
            assert_eq!(in_em(tex), want, "{tex}");
        }
    }
}
