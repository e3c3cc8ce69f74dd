//! What Custom Study's dialog asks for: its words, limits, and the request that comes of it. No
//! egui here.

use crate::domain::custom_study::{
    Available, CramKind, CustomStudy, CustomStudyDefaults, TagChoice,
};
use crate::t;
use crate::ui::widgets::text::number;
use std::ops::RangeInclusive;

/// The six ways, in Anki's order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Way {
    #[default]
    MoreNew,
    MoreReviews,
    Forgotten,
    Ahead,
    Preview,
    ByStateOrTag,
}

/// Cards of a session by state or tag.
pub const CRAM_LIMIT: RangeInclusive<i64> = 1..=9999;

/// Where the field of the number stands in a sentence.
const NUMBER: char = '\u{fffc}';

impl Way {
    pub const ALL: [Self; 6] = [
        Self::MoreNew,
        Self::MoreReviews,
        Self::Forgotten,
        Self::Ahead,
        Self::Preview,
        Self::ByStateOrTag,
    ];

    /// In Anki's words.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::MoreNew => t!("Increase today’s new card limit"),
            Self::MoreReviews => t!("Increase today’s review card limit"),
            Self::Forgotten => t!("Review forgotten cards"),
            Self::Ahead => t!("Review ahead"),
            Self::Preview => t!("Preview new cards"),
            Self::ByStateOrTag => t!("Study by card state or tag"),
        }
    }

    /// The words before and after the number.
    #[must_use]
    pub fn words(self) -> (String, String) {
        let sentence = match self {
            Self::MoreNew => t!("Increase today’s new card limit by {n} cards", n = NUMBER),
            Self::MoreReviews => t!("Increase today’s review limit by {n} cards", n = NUMBER),
            Self::Forgotten => t!("Review cards forgotten in the last {n} days", n = NUMBER),
            Self::Ahead => t!("Review ahead by {n} days", n = NUMBER),
            Self::Preview => t!("Preview new cards added in the last {n} days", n = NUMBER),
            Self::ByStateOrTag => t!("Select {n} cards from the deck", n = NUMBER),
        };
        let (before, after) = sentence.split_once(NUMBER).unwrap_or((&sentence, ""));
        (before.trim().to_owned(), after.trim().to_owned())
    }

    /// Anki's limits of the number.
    #[must_use]
    pub fn limits(self) -> RangeInclusive<i64> {
        match self {
            Self::MoreNew | Self::MoreReviews => -9999..=9999,
            Self::Forgotten => 1..=30,
            Self::Ahead | Self::Preview => 1..=9999,
            Self::ByStateOrTag => CRAM_LIMIT,
        }
    }

    /// The button.
    #[must_use]
    pub fn action(self) -> &'static str {
        match self {
            Self::MoreNew | Self::MoreReviews => t!("Change limit"),
            _ => t!("Study"),
        }
    }
}

/// The dialog's choices.
#[derive(Debug, Clone, PartialEq)]
pub struct Form {
    pub defaults: CustomStudyDefaults,
    pub way: Way,
    pub kind: CramKind,
    /// Cards by state or tag.
    pub limit: i64,
    more_new: i64,
    more_reviews: i64,
    forgotten: i64,
    ahead: i64,
    preview: i64,
}

impl Form {
    #[must_use]
    pub fn new(defaults: CustomStudyDefaults) -> Self {
        Self {
            more_new: i64::from(defaults.extend_new),
            more_reviews: i64::from(defaults.extend_review),
            defaults,
            way: Way::default(),
            kind: CramKind::default(),
            limit: 100,
            forgotten: 1,
            ahead: 1,
            preview: 1,
        }
    }

    /// The number of the chosen way.
    pub fn number(&mut self) -> &mut i64 {
        match self.way {
            Way::MoreNew => &mut self.more_new,
            Way::MoreReviews => &mut self.more_reviews,
            Way::Forgotten => &mut self.forgotten,
            Way::Ahead => &mut self.ahead,
            Way::Preview => &mut self.preview,
            Way::ByStateOrTag => &mut self.limit,
        }
    }

    /// A limit changed by 0 stays as it is.
    #[must_use]
    pub fn does_something(&self) -> bool {
        match self.way {
            Way::MoreNew => self.more_new != 0,
            Way::MoreReviews => self.more_reviews != 0,
            _ => true,
        }
    }

    /// What the deck has of the kind that a limit keeps back.
    #[must_use]
    pub fn available_line(&self) -> Option<String> {
        let (new, Available { here, in_children }) = match self.way {
            Way::MoreNew => (true, self.defaults.new),
            Way::MoreReviews => (false, self.defaults.review),
            _ => return None,
        };
        let (here, below) = (number(here.into()), number(in_children.into()));
        Some(match (new, in_children > 0) {
            (true, false) => t!("Available new cards: {here}", here),
            (false, false) => t!("Available review cards: {here}", here),
            (true, true) => t!(
                "Available new cards: {here} ({below} in subdecks)",
                here,
                below
            ),
            (false, true) => t!(
                "Available review cards: {here} ({below} in subdecks)",
                here,
                below
            ),
        })
    }

    /// The chosen tags in a line.
    #[must_use]
    pub fn tags_line(&self) -> String {
        let names = |of: fn(&TagChoice) -> bool| {
            let names: Vec<&str> = (self.defaults.tags.iter())
                .filter(|t| of(t))
                .map(|t| t.name.as_str())
                .collect();
            names.join(", ")
        };
        let (with, without) = (names(|t| t.include), names(|t| t.exclude));
        match (with.is_empty(), without.is_empty()) {
            _ if self.defaults.tags.is_empty() => t!("The cards of this deck have no tags").into(),
            (true, true) => t!("With any tags").into(),
            (false, true) => t!("With {tags}", tags = with),
            (true, false) => t!("Without {tags}", tags = without),
            (false, false) => t!("With {with}; without {without}", with, without),
        }
    }

    /// What the worker is asked to do.
    #[must_use]
    pub fn request(&self) -> CustomStudy {
        let days = |n: i64| u32::try_from(n).unwrap_or(1);
        let delta = |n: i64| i32::try_from(n).unwrap_or_default();
        let names = |of: fn(&TagChoice) -> bool| {
            let tags = self.defaults.tags.iter().filter(|t| of(t));
            tags.map(|t| t.name.clone()).collect()
        };
        match self.way {
            Way::MoreNew => CustomStudy::NewLimit {
                delta: delta(self.more_new),
            },
            Way::MoreReviews => CustomStudy::ReviewLimit {
                delta: delta(self.more_reviews),
            },
            Way::Forgotten => CustomStudy::Forgotten {
                days: days(self.forgotten),
            },
            Way::Ahead => CustomStudy::Ahead {
                days: days(self.ahead),
            },
            Way::Preview => CustomStudy::Preview {
                days: days(self.preview),
            },
            Way::ByStateOrTag => CustomStudy::Cram {
                kind: self.kind,
                limit: days(self.limit),
                include: names(|t| t.include),
                exclude: names(|t| t.exclude),
            },
        }
    }
}

/// Tags whose name has every word of the filter.
#[must_use]
pub fn matching(tags: &[TagChoice], filter: &str) -> Vec<usize> {
    let words: Vec<String> = filter.split_whitespace().map(str::to_lowercase).collect();
    let has = |tag: &TagChoice| {
        let name = tag.name.to_lowercase();
        words.iter().all(|w| name.contains(w))
    };
    (0..tags.len()).filter(|&i| has(&tags[i])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::ids::DeckId;

    fn form() -> Form {
        let tag = |name: &str, include, exclude| TagChoice {
            name: name.into(),
            include,
            exclude,
        };
        Form::new(CustomStudyDefaults {
            deck: DeckId(7),
            name: "A".into(),
            tags: vec![
                tag("easy", true, false),
                tag("hard::verbs", false, true),
                tag("other", false, false),
            ],
            extend_new: 12,
            extend_review: 0,
            new: Available {
                here: 3,
                in_children: 40,
            },
            review: Available::default(),
        })
    }

    #[test]
    fn the_dialog_starts_with_what_was_chosen_before() {
        let mut form = form();
        assert_eq!(form.request(), CustomStudy::NewLimit { delta: 12 });
        assert_eq!(
            form.available_line().as_deref(),
            Some("Available new cards: 3 (40 in subdecks)")
        );
        form.way = Way::MoreReviews;
        assert!(!form.does_something());
        assert_eq!(
            form.available_line().as_deref(),
            Some("Available review cards: 0")
        );
        form.way = Way::ByStateOrTag;
        assert_eq!(
            form.request(),
            CustomStudy::Cram {
                kind: CramKind::New,
                limit: 100,
                include: vec!["easy".into()],
                exclude: vec!["hard::verbs".into()],
            }
        );
        assert_eq!(form.tags_line(), "With easy; without hard::verbs");
    }

    #[test]
    fn tags_are_found_by_parts_of_their_names() {
        let form = form();
        assert_eq!(matching(&form.defaults.tags, "VERB ha"), [1]);
        assert_eq!(matching(&form.defaults.tags, ""), [0, 1, 2]);
    }
}
