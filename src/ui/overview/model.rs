//! Words of a deck's page. No egui here.

use crate::domain::html;
use crate::service::event::DeckOverview;
use crate::ui::widgets::text::counted;
use regex::Regex;
use std::sync::LazyLock;

/// The last component of `A::B`.
#[must_use]
pub fn leaf(name: &str) -> &str {
    name.rsplit("::").next().unwrap_or(name)
}

/// The description's paragraphs; what a filtered deck is.
#[must_use]
pub fn explanation(o: &DeckOverview) -> Vec<String> {
    if !o.filtered {
        return paragraphs(&o.description);
    }
    let mut out = vec![
        "This is a filtered deck for studying outside the usual schedule.".to_owned(),
        "Cards return to their own decks when they have been reviewed. Deleting this deck sends \
         the rest back too."
            .to_owned(),
    ];
    out.push(if o.reschedule {
        "Answers here count for the schedule.".into()
    } else {
        "Answers here do not change the schedule.".into()
    });
    out
}

/// Tags that begin or end a line.
static LINE_END: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)</?(?:br|p|div|li|ul|ol|tr|hr|h[1-6])\b[^>]*>").expect("a fixed pattern")
});

/// The text of some HTML, one string a paragraph or line.
#[must_use]
pub fn paragraphs(description: &str) -> Vec<String> {
    let lines = LINE_END.replace_all(description, "\n");
    html::strip_html(&lines)
        .lines()
        .map(|l| l.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|l| !l.is_empty())
        .collect()
}

/// "3 cards are", "1 card is".
#[must_use]
pub fn buried(n: u32) -> String {
    let is = if n == 1 { "is" } else { "are" };
    format!("{} {is}", counted(u64::from(n), "card", "cards"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions_keep_their_lines_and_lose_their_tags() {
        assert_eq!(
            paragraphs("<b>Core</b> 2000<br>by frequency<div>&amp; with sound</div>"),
            ["Core 2000", "by frequency", "& with sound"]
        );
        assert_eq!(leaf("A::B::C"), "C");
    }
}
