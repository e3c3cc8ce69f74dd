//! Words of a deck's page. No egui here.

use crate::service::event::DeckOverview;
use crate::ui::description::model::Line;
use crate::ui::widgets::text::counted;

/// The last component of `A::B`.
#[must_use]
pub fn leaf(name: &str) -> &str {
    name.rsplit("::").next().unwrap_or(name)
}

/// What a filtered deck is.
#[must_use]
pub fn of_filtered(o: &DeckOverview) -> Vec<Line> {
    let counts = if o.reschedule {
        "Answers here count for the schedule."
    } else {
        "Answers here do not change the schedule."
    };
    let sentences = [
        "This is a filtered deck for studying outside the usual schedule.",
        "Cards return to their own decks when they have been reviewed. Deleting this deck sends \
         the rest back too.",
        counts,
    ];
    sentences.map(Line::plain).into()
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
    fn the_last_part_of_a_name_is_the_title() {
        assert_eq!(leaf("A::B::C"), "C");
    }
}
