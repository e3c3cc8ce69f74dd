//! What the browser's sidebar lists, and the user's own names of flags.

use super::saved_searches::saved_in;
use super::{Collection, OpOutput};
use crate::base::{Error, Result};
use crate::domain::deck::DeckKind;
use crate::domain::op::Op;
use crate::domain::sidebar::{Sidebar, SidebarDeck, SidebarNotetype};
use crate::mark;
use crate::storage::Storage;
use std::collections::BTreeMap;
use unicase::UniCase;

const FLAG_LABELS: &str = "flagLabels";

/// Everything that a sidebar lists of a collection; what searches of it are completed with.
pub fn sidebar_of(storage: &Storage) -> Result<Sidebar> {
    let mut decks = storage.all_decks()?;
    decks.sort_by(|a, b| {
        let parts = |deck: &crate::domain::deck::Deck| -> Vec<UniCase<String>> {
            deck.name
                .components()
                .map(|c| UniCase::new(c.to_owned()))
                .collect()
        };
        parts(a).cmp(&parts(b))
    });
    let mut notetypes: Vec<SidebarNotetype> = storage
        .known_notetypes()?
        .into_iter()
        .map(|notetype| SidebarNotetype {
            id: notetype.id,
            name: notetype.name.clone(),
            templates: notetype.templates.iter().map(|t| t.name.clone()).collect(),
            fields: notetype.fields.iter().map(|f| f.name.clone()).collect(),
        })
        .collect();
    notetypes.sort_by_cached_key(|n| UniCase::new(n.name.clone()));
    let mut tags = storage.tags()?;
    // Children follow their parents, whatever signs their names have.
    tags.sort_by_cached_key(|tag| UniCase::new(tag.replace("::", "\u{1}")));
    Ok(Sidebar {
        saved: saved_in(storage)?.into_iter().collect(),
        flags: flag_names(storage)?,
        decks: decks
            .into_iter()
            .map(|deck| SidebarDeck {
                id: deck.id,
                name: deck.name.human(),
                filtered: matches!(deck.kind, DeckKind::Filtered(_)),
            })
            .collect(),
        notetypes,
        tags,
        presets: storage
            .deck_config_list()?
            .iter()
            .map(|preset| preset.name.clone())
            .collect(),
    })
}

/// What the user calls flags 1 to 7; None for the usual name.
fn flag_names(storage: &Storage) -> Result<[Option<String>; 7]> {
    let labels: BTreeMap<String, String> = storage.config_or(FLAG_LABELS, BTreeMap::new())?;
    Ok(std::array::from_fn(|n| {
        labels.get(&(n + 1).to_string()).cloned()
    }))
}

impl Collection {
    /// Everything that the sidebar lists.
    pub fn sidebar(&self) -> Result<Sidebar> {
        sidebar_of(&self.storage)
    }

    /// What the user calls flags 1 to 7; None for the usual name.
    pub fn flag_names(&self) -> Result<[Option<String>; 7]> {
        flag_names(&self.storage)
    }

    /// The user's own name of flag 1 to 7; an empty one brings the usual name back.
    pub fn rename_flag(&mut self, flag: u8, name: &str) -> Result<OpOutput<()>> {
        if !(1..=7).contains(&flag) {
            return Err(Error::invalid(mark!("a flag is a number from 1 to 7")));
        }
        let name = name.trim().to_owned();
        self.transact(Op::RenameFlag, |tx| {
            let mut labels: BTreeMap<String, String> =
                tx.config_or(FLAG_LABELS, BTreeMap::new())?;
            if name.is_empty() {
                labels.remove(&flag.to_string());
            } else {
                labels.insert(flag.to_string(), name);
            }
            tx.set_config(FLAG_LABELS, &labels)
        })
    }
}
