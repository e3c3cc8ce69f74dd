//! Words of a deck's page. No egui here.

use crate::service::event::DeckOverview;
use crate::ui::description::model::Line;
use crate::{t, tn};

/// The last component of `A::B`.
#[must_use]
pub fn leaf(name: &str) -> &str {
    name.rsplit("::").next().unwrap_or(name)
}

/// What a filtered deck is.
#[must_use]
pub fn of_filtered(o: &DeckOverview) -> Vec<Line> {
    let counts = if o.reschedule {
        t!("Answers here count for the schedule.")
    } else {
        t!("Answers here do not change the schedule.")
    };
    let sentences = [
        t!("This is a filtered deck for studying outside the usual schedule."),
        t!(
            "Cards return to their own decks when they have been reviewed. Deleting this deck \
             sends the rest back too."
        ),
        counts,
    ];
    sentences.map(Line::plain).into()
}

/// How many cards are buried, and what brings them back where that can be done.
#[must_use]
pub fn buried(n: u32, unbury: bool) -> String {
    let n = u64::from(n);
    if unbury {
        return tn!(
            n,
            "{n} card is buried until tomorrow; Unbury brings them back",
            "{n} cards are buried until tomorrow; Unbury brings them back"
        );
    }
    tn!(
        n,
        "{n} card is buried until tomorrow",
        "{n} cards are buried until tomorrow"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_part_of_a_name_is_the_title() {
        assert_eq!(leaf("A::B::C"), "C");
    }
}
