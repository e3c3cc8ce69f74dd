//! Typed ids: no bare `i64` in signatures. All are epoch milliseconds at creation, except the
//! two fixed ones (deck 1, preset 1); see `storage` for how a free one is found.

use serde::{Deserialize, Serialize};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl From<i64> for $name {
            fn from(id: i64) -> Self {
                Self(id)
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::num::ParseIntError;
            fn from_str(s: &str) -> Result<Self, Self::Err> {
                s.parse().map(Self)
            }
        }
    };
}

id!(
    /// A card: one template of one note.
    CardId
);
id!(
    /// A note: the fields that its cards show.
    NoteId
);
id!(
    /// A deck; [`DeckId::DEFAULT`] always exists.
    DeckId
);
id!(
    /// A preset of deck options; [`DeckConfigId::DEFAULT`] always exists.
    DeckConfigId
);
id!(
    /// A note type: fields, templates and styling.
    NotetypeId
);
id!(
    /// One row of the review log; the time of the answer in milliseconds.
    RevlogId
);

impl DeckId {
    /// The Default deck, which cannot be deleted.
    pub const DEFAULT: Self = Self(1);
}

impl DeckConfigId {
    /// The Default preset, which cannot be deleted.
    pub const DEFAULT: Self = Self(1);
}

/// Update sequence number: `-1` means changed here and not yet synced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Usn(pub i32);

impl Usn {
    /// Changed here since the last sync.
    pub const PENDING: Self = Self(-1);
}
