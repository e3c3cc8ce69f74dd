//! Decks of a package: by name, parents first.

use super::import::Source;
use crate::base::Result;
use crate::base::ids::{DeckConfigId, DeckId};
use crate::base::limits::MAX_DECK_LEVELS;
use crate::collection::decks;
use crate::domain::deck::{Deck, DeckKind, DeckName, NormalDeck};
use crate::domain::distinct::FreeNames;
use crate::domain::package::ImportReport;
use crate::storage::Tx;
use std::collections::HashMap;
use unicase::UniCase;

/// Where the decks of the package went.
#[derive(Debug, Default)]
pub(super) struct DeckImport {
    ids: HashMap<DeckId, DeckId>,
    /// The new names of decks that got another one, by the first deck of the old name: for their
    /// children.
    renamed: HashMap<UniCase<String>, DeckName>,
    names: FreeNames,
}

impl DeckImport {
    pub(super) fn run(
        tx: &mut Tx<'_>,
        source: &Source<'_>,
        gathered: &[Deck],
        report: &mut ImportReport,
    ) -> Result<Self> {
        let mut this = Self::default();
        for deck in gathered {
            let mut deck = deck.clone();
            deck.name = this.name_below_renamed(deck.name.normalized());
            translate_today(&mut deck, source);
            this.import(tx, deck, report)?;
        }
        Ok(this)
    }

    /// The deck of the collection for one of the package; one that did not come along is the same.
    pub(super) fn target(&self, id: DeckId) -> DeckId {
        self.ids.get(&id).copied().unwrap_or(id)
    }

    fn import(&mut self, tx: &mut Tx<'_>, mut deck: Deck, report: &mut ImportReport) -> Result<()> {
        let source_id = deck.id;
        match tx.deck_by_name(&deck.name)? {
            Some(existing) if existing.is_filtered() == deck.is_filtered() => {
                if update(tx, existing.clone(), deck)? {
                    report.decks_updated += 1;
                }
                self.ids.insert(source_id, existing.id);
                return Ok(());
            }
            Some(_) => {
                let unique = self.unique_name(tx, &deck.name)?;
                self.rename(&mut deck, unique);
            }
            None => {}
        }
        self.avoid_filtered_parents(tx, &mut deck)?;
        let cased = decks::with_case_of_parents(tx, &deck.name)?;
        if cased != deck.name {
            self.rename(&mut deck, cased);
        }
        decks::create_missing_parents(tx, &deck.name)?;
        deck.id = DeckId(0);
        deck.mtime = tx.now_secs();
        tx.add_transferred_deck(&mut deck)?;
        report.decks_added.push(deck.name.human());
        self.ids.insert(source_id, deck.id);
        Ok(())
    }

    /// Nothing lies below a filtered deck: one above, at whatever level, gets a normal namesake.
    fn avoid_filtered_parents(&mut self, tx: &Tx<'_>, deck: &mut Deck) -> Result<()> {
        let above = std::iter::successors(deck.name.parent(), DeckName::parent);
        // What is deeper is refused in any case.
        for parent in above.take(MAX_DECK_LEVELS) {
            if tx.deck_by_name(&parent)?.is_some_and(|p| p.is_filtered()) {
                let unique = self.unique_name(tx, &parent)?;
                self.goes_by(&parent, unique);
                deck.name = self.name_below_renamed(deck.name.clone());
                break;
            }
        }
        Ok(())
    }

    fn rename(&mut self, deck: &mut Deck, name: DeckName) {
        self.goes_by(&deck.name, name.clone());
        deck.name = name;
    }

    fn goes_by(&mut self, old: &DeckName, new: DeckName) {
        self.renamed.entry(case_aside(old)).or_insert(new);
    }

    /// As the nearest deck above that got another name wants it.
    fn name_below_renamed(&self, name: DeckName) -> DeckName {
        let above = std::iter::successors(name.parent(), DeckName::parent);
        let found = above.take(MAX_DECK_LEVELS).find_map(|old| {
            let new = self.renamed.get(&case_aside(&old))?;
            Some(new.child(name.rest_below(&old)?))
        });
        found.unwrap_or(name)
    }

    /// With the time in seconds, in which another package may have come before.
    fn unique_name(&mut self, tx: &Tx<'_>, name: &DeckName) -> Result<DeckName> {
        let unique = format!("{} {}", name.as_native(), tx.now_secs().0);
        let is_taken = |name: &str| -> Result<bool> {
            Ok(tx.deck_by_name(&DeckName::from_native(name))?.is_some())
        };
        Ok(DeckName::from_native(self.names.take(&unique, is_taken)?))
    }
}

fn case_aside(name: &DeckName) -> UniCase<String> {
    UniCase::new(name.as_native().to_owned())
}

/// Returns whether the deck that is there changed.
fn update(tx: &mut Tx<'_>, existing: Deck, incoming: Deck) -> Result<bool> {
    let mut updated = existing.clone();
    match (&mut updated.kind, incoming.kind) {
        (DeckKind::Normal(ours), DeckKind::Normal(theirs)) => update_normal(ours, theirs),
        (DeckKind::Filtered(ours), DeckKind::Filtered(theirs)) => *ours = theirs,
        _ => {}
    }
    if updated == existing {
        return Ok(false);
    }
    tx.update_deck(&updated)?;
    Ok(true)
}

fn update_normal(ours: &mut NormalDeck, theirs: NormalDeck) {
    if !theirs.description.is_empty() {
        ours.markdown_description = theirs.markdown_description;
        ours.description = theirs.description;
    }
    if theirs.config_id != DeckConfigId::DEFAULT {
        ours.config_id = theirs.config_id;
    }
    ours.review_limit = theirs.review_limit.or(ours.review_limit);
    ours.new_limit = theirs.new_limit.or(ours.new_limit);
    if theirs.review_limit_today.is_some() {
        ours.review_limit_today = theirs.review_limit_today;
    }
    if theirs.new_limit_today.is_some() {
        ours.new_limit_today = theirs.new_limit_today;
    }
}

/// Limits of today are of our today. One of another day is over, whatever that day's number is here.
fn translate_today(deck: &mut Deck, source: &Source<'_>) {
    if let DeckKind::Normal(normal) = &mut deck.kind {
        for limit in [&mut normal.review_limit_today, &mut normal.new_limit_today] {
            limit.take_if(|limit| limit.today != source.source_today);
            if let Some(limit) = limit {
                limit.today = source.today;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// It got the name of the deck above itself, and its cards went there.
    #[test]
    fn decks_below_a_renamed_one_follow_it_in_other_capitals_too() {
        let mut decks = DeckImport::default();
        decks.goes_by(&DeckName::from_human("A"), DeckName::from_human("A 17"));
        for (name, expected) in [
            ("A::b", "A 17::b"),
            ("a::b::c", "A 17::b::c"),
            ("a", "a"),
            ("Ab::c", "Ab::c"),
        ] {
            let found = decks.name_below_renamed(DeckName::from_human(name));
            assert_eq!(found, DeckName::from_human(expected));
        }
    }
}
