//! A search as the user meant it, before names are looked up. `parse` makes it, `print` writes
//! its normalised form, `resolve` turns names into ids.

use crate::base::ids::NotetypeId;

/// A sequence of terms and operators, in the order in which they were written.
#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    /// Binds tighter than [`Node::Or`].
    And,
    Or,
    Not(Box<Node>),
    Group(Vec<Node>),
    Search(Search),
}

/// One term. Texts keep `\\`, `\*` and `\_`, and `*` and `_` are wildcards, unless it says
/// otherwise.
#[derive(Debug, Clone, PartialEq)]
pub enum Search {
    WholeCollection,
    /// In the sort field or any field.
    Text(String),
    /// `nc:` as [`Search::Text`], accents aside.
    NoAccents(String),
    /// `sc:` with clozes replaced by their text.
    NoClozes(String),
    /// `w:` whole words.
    Words(String),
    /// `re:`; a regular expression, as it is.
    Regex(String),
    Field {
        name: String,
        text: String,
        mode: TextMode,
    },
    /// First field equal, plain text.
    Duplicates {
        notetype: NotetypeId,
        text: String,
    },
    Tag {
        tag: String,
        mode: TextMode,
    },
    Notetype(String),
    NotetypeId(NotetypeId),
    /// Ordinal, from 0.
    TemplateOrd(u16),
    TemplateName(String),
    NoteIds(Vec<i64>),
    CardIds(Vec<i64>),
    DeckIds(Vec<i64>),
    Deck(String),
    /// A preset by its exact name.
    Preset(String),
    State(State),
    Flag(u8),
    /// Days, at least 1.
    Added(u32),
    /// Days, at least 1.
    Edited(u32),
    /// Days, at least 1.
    Introduced(u32),
    /// Days, at least 1.
    Rated {
        days: u32,
        button: Option<u8>,
    },
    /// Days, may be 0.
    Rescheduled(u32),
    /// Custom data has this key.
    CustomData(String),
    Property {
        property: Property,
        op: Comparison,
    },
}

/// How the text of a field or tag search is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TextMode {
    #[default]
    Wildcards,
    Regex,
    NoAccents,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    New,
    Review,
    Learning,
    Due,
    Suspended,
    Buried,
    UserBuried,
    SiblingBuried,
}

impl State {
    /// With the words of the search language.
    pub const ALL: [(Self, &'static str); 8] = [
        (Self::New, "new"),
        (Self::Review, "review"),
        (Self::Learning, "learn"),
        (Self::Due, "due"),
        (Self::Suspended, "suspended"),
        (Self::Buried, "buried"),
        (Self::UserBuried, "buried-manually"),
        (Self::SiblingBuried, "buried-sibling"),
    ];
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    Equal,
    NotEqual,
    Less,
    Greater,
    LessOrEqual,
    GreaterOrEqual,
}

impl Comparison {
    /// Longer ones first; also what SQL writes.
    pub const ALL: [(Self, &'static str); 6] = [
        (Self::LessOrEqual, "<="),
        (Self::GreaterOrEqual, ">="),
        (Self::NotEqual, "!="),
        (Self::Equal, "="),
        (Self::Less, "<"),
        (Self::Greater, ">"),
    ];

    #[must_use]
    pub fn symbol(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(op, _)| *op == self)
            .map_or("=", |(_, symbol)| symbol)
    }
}

/// `prop:`, with the value that it is compared with.
#[derive(Debug, Clone, PartialEq)]
pub enum Property {
    /// Days.
    Interval(u32),
    Reps(u32),
    Lapses(u32),
    /// 2.5 is 250 %.
    Ease(f32),
    /// Days from today.
    Due(i32),
    Position(u32),
    /// Days from today, 0 or less.
    Rated {
        days: i32,
        button: Option<u8>,
    },
    /// Days from today, 0 or less.
    Rescheduled(i32),
    /// Days.
    Stability(f32),
    /// 0 to 1.
    Difficulty(f32),
    /// 0 to 1.
    Retrievability(f32),
    CustomNumber {
        key: String,
        value: f32,
    },
    CustomText {
        key: String,
        value: String,
    },
}
