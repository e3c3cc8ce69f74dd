//! Decks, normal and filtered, and their names.

use crate::base::ids::{DeckConfigId, DeckId, Usn};
use crate::base::time::TimestampSecs;
use unicase::UniCase;

/// One row of `decks`.
#[derive(Debug, Clone, PartialEq)]
pub struct Deck {
    pub id: DeckId,
    pub name: DeckName,
    pub mtime: TimestampSecs,
    pub usn: Usn,
    pub common: DeckCommon,
    pub kind: DeckKind,
}

/// A deck name as the file has it: components joined by 0x1F. People see `::`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct DeckName(String);

impl DeckName {
    /// From the file's form, unchecked.
    #[must_use]
    pub fn from_native(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// From `A::B`, each component normalised: NFC, no control characters, trimmed of white
    /// space and colons, `blank` when nothing is left.
    #[must_use]
    pub fn from_human(name: &str) -> Self {
        Self::of_components(name.split("::"))
    }

    /// The same name with each component as [`Self::from_human`] makes it.
    #[must_use]
    pub fn normalized(&self) -> Self {
        Self::of_components(self.components())
    }

    fn of_components<'a>(components: impl Iterator<Item = &'a str>) -> Self {
        use unicode_normalization::UnicodeNormalization as _;
        let components: Vec<String> = components
            .map(|part| {
                let clean: String = part.nfc().filter(|c| !c.is_ascii_control()).collect();
                let clean = clean.trim_matches(|c: char| c.is_whitespace() || c == ':');
                if clean.is_empty() {
                    "blank".to_owned()
                } else {
                    clean.to_owned()
                }
            })
            .collect();
        Self(components.join("\x1f"))
    }

    #[must_use]
    pub fn as_native(&self) -> &str {
        &self.0
    }

    #[must_use]
    pub fn human(&self) -> String {
        self.0.replace('\x1f', "::")
    }

    pub fn components(&self) -> impl Iterator<Item = &str> {
        self.0.split('\x1f')
    }

    /// The last component.
    #[must_use]
    pub fn leaf(&self) -> &str {
        self.0.rsplit('\x1f').next().unwrap_or_default()
    }

    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        self.0.rsplit_once('\x1f').map(|(p, _)| Self(p.to_owned()))
    }

    /// 1 for a top-level deck.
    #[must_use]
    pub fn level(&self) -> usize {
        self.components().count()
    }

    /// At any depth.
    #[must_use]
    pub fn is_below(&self, ancestor: &Self) -> bool {
        self.rest_below(ancestor).is_some()
    }

    /// What follows the name of `ancestor` in that of a deck below it, at any depth. A parent may
    /// be spelled with other capitals in the names of its children, when a sync brought them.
    #[must_use]
    pub fn rest_below(&self, ancestor: &Self) -> Option<&str> {
        ancestor
            .components()
            .try_fold(self.as_native(), |name, above| {
                let (first, rest) = name.split_once('\x1f')?;
                (UniCase::new(first) == UniCase::new(above)).then_some(rest)
            })
    }

    #[must_use]
    pub fn child(&self, leaf: &str) -> Self {
        Self(format!("{}\x1f{leaf}", self.0))
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DeckCommon {
    pub study_collapsed: bool,
    pub browser_collapsed: bool,
    /// Day number that the counters refer to.
    pub last_day_studied: u32,
    /// May be negative: limits extended for today.
    pub new_studied: i32,
    /// May be negative; interday learning included.
    pub review_studied: i32,
    pub learning_studied: i32,
    pub milliseconds_studied: i32,
    pub other: Vec<u8>,
    pub unknown: Vec<u8>,
}

impl DeckCommon {
    /// Counters of another day begin again at 0.
    pub fn begin_day(&mut self, today: u32) {
        if self.last_day_studied != today {
            self.last_day_studied = today;
            self.new_studied = 0;
            self.review_studied = 0;
            self.learning_studied = 0;
            self.milliseconds_studied = 0;
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub enum DeckKind {
    Normal(NormalDeck),
    Filtered(FilteredDeck),
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct NormalDeck {
    pub config_id: DeckConfigId,
    pub extend_new: u32,
    pub extend_review: u32,
    pub description: String,
    pub markdown_description: bool,
    pub review_limit: Option<u32>,
    pub new_limit: Option<u32>,
    pub review_limit_today: Option<DayLimit>,
    pub new_limit_today: Option<DayLimit>,
    /// Overrides the preset's, 0 to 1.
    pub desired_retention: Option<f32>,
    pub unknown: Vec<u8>,
    /// As `unknown`, of the record around this one.
    pub container_unknown: Vec<u8>,
}

/// A limit that holds on one day only.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DayLimit {
    pub limit: u32,
    /// Day number.
    pub today: u32,
    pub unknown: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct FilteredDeck {
    pub reschedule: bool,
    pub search_terms: Vec<FilteredSearchTerm>,
    /// Of the first scheduler only.
    pub delays: Vec<f32>,
    pub preview_delay: u32,
    pub preview_again_secs: u32,
    pub preview_hard_secs: u32,
    pub preview_good_secs: u32,
    pub unknown: Vec<u8>,
    /// As `unknown`, of the record around this one.
    pub container_unknown: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct FilteredSearchTerm {
    pub search: String,
    pub limit: u32,
    /// 0 oldest reviewed, 1 random, 2 intervals ascending, 3 descending, 4 most lapses, 5 added,
    /// 6 due, 7 latest added, 8 retrievability ascending, 9 descending, 10 relative overdueness.
    pub order: i32,
    pub unknown: Vec<u8>,
}

impl Deck {
    #[must_use]
    pub fn is_filtered(&self) -> bool {
        matches!(self.kind, DeckKind::Filtered(_))
    }

    /// The preset of a normal deck.
    #[must_use]
    pub fn config_id(&self) -> Option<DeckConfigId> {
        match &self.kind {
            DeckKind::Normal(normal) => Some(normal.config_id),
            DeckKind::Filtered(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the real Anki names decks that are made by these names.
    #[test]
    fn white_space_and_colons_around_the_parts_of_a_name_go() {
        for (typed, name) in [
            (" a ", "a"),
            ("a:: b", "a::b"),
            ("a::\tb", "a::b"),
            ("e ::f", "e::f"),
            ("\u{3000}g\u{3000}", "g"),
            ("j::\u{a0}k", "j::k"),
            ("q::\u{2003}r", "q::r"),
            (":p:", "p"),
            ("n::::o", "n::blank::o"),
            // Within a part only control characters go.
            ("h\ti", "hi"),
            ("l  m", "l  m"),
            ("c\u{3000}d", "c\u{3000}d"),
        ] {
            assert_eq!(DeckName::from_human(typed).human(), name, "{typed:?}");
        }
    }

    #[test]
    fn a_parent_may_be_spelled_with_other_capitals() {
        let rest = |name: &str, above: &str| {
            let (name, above) = (DeckName::from_human(name), DeckName::from_human(above));
            name.rest_below(&above).map(str::to_owned)
        };
        assert_eq!(rest("A::B::C", "A").as_deref(), Some("B\u{1f}C"));
        assert_eq!(rest("PARENT::Child", "Parent").as_deref(), Some("Child"));
        // Names of other lengths.
        assert_eq!(rest("ẞ::x", "ss").as_deref(), Some("x"));
        for (name, above) in [("A", "A"), ("AB::C", "A"), ("A", "A::B"), ("B::A", "A")] {
            assert_eq!(rest(name, above), None, "{name} {above}");
        }
    }
}
