//! What an earlier collection has beside notes and can give back by itself: presets of deck options
//! and saved searches, each beside what the present one has of it.

use super::saved_searches::saved_in;
use crate::base::{ErrorKind, Result};
use crate::domain::deck_config::DeckConfig;
use crate::domain::deck_config_words::lines;
use crate::domain::explorer::{Change, Compared, Item, ListedItem};
use crate::storage::Storage;
use crate::t;
use std::collections::HashMap;

/// Presets, then saved searches, each by name. Without a present collection all count as deleted.
pub fn items(earlier: &Storage, present: Option<&Storage>) -> Result<Vec<ListedItem>> {
    let mut items = Vec::new();
    for then in &*earlier.deck_config_list()? {
        let now = present.map(|present| present.get_deck_config(then.id));
        items.push(match now.transpose() {
            Ok(now) => preset(then, now.flatten().as_ref(), Change::Deleted),
            // It is there, and may be put right from here.
            Err(error) if error.kind() == ErrorKind::Corrupt => preset(then, None, Change::Changed),
            Err(error) => return Err(error),
        });
    }
    let now = match present {
        Some(present) => saved_in(present)?,
        None => Default::default(),
    };
    for (name, was) in saved_in(earlier)? {
        let is = now.get(&name);
        let (change, parts) = match is {
            Some(is) if *is == was => (None, Vec::new()),
            is => {
                let change = is.map_or(Change::Deleted, |_| Change::Changed);
                let name = t!("Search").to_owned();
                let is = is.cloned();
                (Some(change), vec![Compared { name, was, is }])
            }
        };
        items.push(ListedItem {
            item: Item::Search(name.clone()),
            name,
            change,
            parts,
            size: None,
        });
    }
    Ok(items)
}

/// `without`: what it counts as when there is none.
fn preset(then: &DeckConfig, now: Option<&DeckConfig>, without: Change) -> ListedItem {
    let is: Option<HashMap<String, String>> = now.map(|now| lines(now).into_iter().collect());
    let line = |(name, was): (String, String)| {
        let is = is.as_ref().and_then(|is| is.get(&name).cloned());
        Compared { name, was, is }
    };
    let mut parts: Vec<Compared> = lines(then).into_iter().map(line).collect();
    if now.is_some() {
        parts.retain(|part| part.is.as_ref() != Some(&part.was));
    }
    let change = match now {
        None => Some(without),
        Some(_) => (!parts.is_empty()).then_some(Change::Changed),
    };
    ListedItem {
        item: Item::Preset(then.id),
        name: then.name.clone(),
        change,
        parts,
        size: None,
    }
}
