//! What the browser's sidebar lists: plain names, from which the window makes trees and searches.

use crate::base::ids::{DeckId, NotetypeId};
use crate::mark;

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sidebar {
    /// Name and search, by name.
    pub saved: Vec<(String, String)>,
    /// What the user calls flags 1 to 7; None for the usual name.
    pub flags: [Option<String>; 7],
    /// In order of their names, parents before children.
    pub decks: Vec<SidebarDeck>,
    /// By name.
    pub notetypes: Vec<SidebarNotetype>,
    /// Whole names, in order.
    pub tags: Vec<String>,
    /// Presets of deck options, by name.
    pub presets: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SidebarDeck {
    pub id: DeckId,
    /// `A::B`.
    pub name: String,
    pub filtered: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SidebarNotetype {
    pub id: NotetypeId,
    pub name: String,
    pub templates: Vec<String>,
    pub fields: Vec<String>,
}

/// The usual names of flags 1 to 7.
pub const FLAG_NAMES: [&str; 7] = [
    mark!("Red"),
    mark!("Orange"),
    mark!("Green"),
    mark!("Blue"),
    mark!("Pink"),
    mark!("Turquoise"),
    mark!("Purple"),
];
