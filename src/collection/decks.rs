//! Decks: creating, renaming, moving, deleting. The rules of names: parents exist (and are made
//! when they do not), a name that is taken gets a `+`, existing parents decide the case, and
//! nothing lies under a filtered deck.

use super::removal::{self, Removed};
use super::{Collection, OpOutput, filtered};
use crate::base::ids::{DeckConfigId, DeckId};
use crate::base::limits::MAX_DECK_LEVELS;
use crate::base::{Error, Result};
use crate::domain::deck::{Deck, DeckCommon, DeckKind, DeckName, NormalDeck};
use crate::domain::op::Op;
use crate::mark;
use crate::storage::{Storage, Tx};
use std::collections::BTreeSet;

impl Collection {
    /// Adds a normal deck named `A::B`, and its parents as needed.
    pub fn deck_create(&mut self, name: &str) -> Result<OpOutput<DeckId>> {
        let name = DeckName::from_human(name);
        self.transact(Op::AddDeck, |tx| create(tx, &name))
    }

    /// Renames a deck and its children; a name with other parents moves it.
    pub fn deck_rename(&mut self, id: DeckId, name: &str) -> Result<OpOutput<()>> {
        let name = DeckName::from_human(name);
        self.transact(Op::RenameDeck, |tx| rename(tx, &existing(tx, id)?, &name))
    }

    /// Moves decks with their children under another one, or to the top. Moving a deck into
    /// itself or below itself does nothing. Returns how many were moved.
    pub fn deck_reparent(
        &mut self,
        ids: &[DeckId],
        parent: Option<DeckId>,
    ) -> Result<OpOutput<usize>> {
        self.transact(Op::ReparentDeck, |tx| {
            let mut moved = 0;
            for &id in ids {
                let deck = existing(tx, id)?;
                let target = match parent {
                    Some(parent) => {
                        let parent = existing(tx, parent)?;
                        if parent.id == id || parent.name.is_below(&deck.name) {
                            continue;
                        }
                        parent.name.child(deck.name.leaf())
                    }
                    None => DeckName::from_native(deck.name.leaf()),
                };
                if target != deck.name {
                    rename(tx, &deck, &target)?;
                    moved += 1;
                }
            }
            Ok(moved)
        })
    }

    /// Deletes decks with their children, the cards that are in them or call them home, and the
    /// notes left without cards; written to `deleted.txt` first. Visitors of filtered decks go
    /// home. The Default deck is emptied instead, and gets its name back.
    pub fn deck_delete(&mut self, ids: &[DeckId]) -> Result<OpOutput<Removed>> {
        self.transact(Op::DeleteDeck, |tx| delete(tx, ids))
    }

    /// Whether the deck list shows the deck's children. Nothing to undo.
    pub fn deck_set_collapsed(&mut self, id: DeckId, collapsed: bool) -> Result<OpOutput<()>> {
        self.transact(Op::CollapseDeck, |tx| {
            let mut deck = existing(tx, id)?;
            if deck.common.study_collapsed != collapsed {
                deck.common.study_collapsed = collapsed;
                tx.update_deck(&deck)?;
            }
            Ok(())
        })
    }

    /// The text on the deck's page, HTML or Markdown; filtered decks have none.
    pub fn deck_set_description(
        &mut self,
        id: DeckId,
        description: &str,
        markdown: bool,
    ) -> Result<OpOutput<()>> {
        self.transact(Op::UpdateDeckDescription, |tx| {
            let mut deck = existing(tx, id)?;
            let DeckKind::Normal(normal) = &mut deck.kind else {
                return Err(Error::invalid(mark!("a filtered deck has no description")));
            };
            if normal.description != description || normal.markdown_description != markdown {
                description.clone_into(&mut normal.description);
                normal.markdown_description = markdown;
                tx.update_deck(&deck)?;
            }
            Ok(())
        })
    }
}

/// A deck that the caller was shown.
pub(super) fn existing(storage: &Storage, id: DeckId) -> Result<Deck> {
    storage
        .get_deck(id)?
        .ok_or_else(|| Error::not_found(mark!("the deck does not exist any more")))
}

/// A normal deck with the Default preset, as Anki makes them.
pub(super) fn new_deck(name: DeckName) -> Deck {
    Deck {
        id: DeckId(0),
        name,
        mtime: Default::default(),
        usn: Default::default(),
        common: DeckCommon {
            study_collapsed: true,
            browser_collapsed: true,
            ..DeckCommon::default()
        },
        kind: DeckKind::Normal(NormalDeck {
            config_id: DeckConfigId::DEFAULT,
            ..NormalDeck::default()
        }),
    }
}

pub(super) fn create(tx: &mut Tx<'_>, name: &DeckName) -> Result<DeckId> {
    let kind = new_deck(DeckName::default()).kind;
    create_of_kind(tx, name, kind)
}

/// As [`create`], normal or filtered.
pub(super) fn create_of_kind(tx: &mut Tx<'_>, name: &DeckName, kind: DeckKind) -> Result<DeckId> {
    let deck = Deck {
        kind,
        ..new_deck(name.clone())
    };
    add(tx, deck)
}

/// Adds a deck, under its id if it has one, with the parents it needs.
pub(super) fn add(tx: &mut Tx<'_>, mut deck: Deck) -> Result<DeckId> {
    let name = with_case_of_parents(tx, &deck.name)?;
    deck.name = free_name(tx, name, None)?;
    create_missing_parents(tx, &deck.name)?;
    tx.add_deck(&mut deck)?;
    Ok(deck.id)
}

pub(super) fn rename(tx: &mut Tx<'_>, deck: &Deck, name: &DeckName) -> Result<()> {
    let name = with_case_of_parents(tx, name)?;
    if name == deck.name {
        return Ok(());
    }
    let name = free_name(tx, name, Some(deck.id))?;
    let children = tx.child_decks(&deck.name)?;
    let mut moved = deck.clone();
    moved.name = name.clone();
    tx.update_deck(&moved)?;
    for mut child in children {
        let Some(rest) = child.name.rest_below(&deck.name) else {
            continue;
        };
        child.name = name.child(rest);
        require_depth(&child.name)?;
        tx.update_deck(&child)?;
    }
    create_missing_parents(tx, &name)?;
    Ok(())
}

/// The name with the existing parents spelled as they are, be it the deck itself that gets the
/// name. Fails when one of them is filtered.
pub(super) fn with_case_of_parents(tx: &Tx<'_>, name: &DeckName) -> Result<DeckName> {
    require_depth(name)?;
    let components: Vec<&str> = name.components().collect();
    let (Some(leaf), parents) = (components.last(), &components[..components.len() - 1]) else {
        return Err(Error::invalid(mark!("the name is empty")));
    };
    let mut result: Option<DeckName> = None;
    for component in parents.iter().copied() {
        let candidate = match &result {
            Some(parent) => parent.child(component),
            None => DeckName::from_native(component),
        };
        result = Some(match tx.deck_by_name(&candidate)? {
            Some(parent) if parent.is_filtered() => {
                return Err(Error::invalid(mark!(
                    "a filtered deck cannot hold other decks"
                )));
            }
            Some(parent) => parent.name,
            None => candidate,
        });
    }
    Ok(match result {
        Some(parent) => parent.child(leaf),
        None => DeckName::from_native(*leaf),
    })
}

/// Appends `+` until no other deck has the name.
pub(super) fn free_name(
    tx: &Tx<'_>,
    mut name: DeckName,
    except: Option<DeckId>,
) -> Result<DeckName> {
    while let Some(other) = tx.deck_by_name(&name)? {
        if Some(other.id) == except {
            break;
        }
        name = DeckName::from_native(format!("{}+", name.as_native()));
    }
    Ok(name)
}

/// Adds the decks above `name` that are missing.
pub(super) fn create_missing_parents(tx: &mut Tx<'_>, name: &DeckName) -> Result<usize> {
    let mut created = 0;
    let mut above = name.parent();
    while let Some(parent) = above {
        if tx.deck_by_name(&parent)?.is_some() {
            break;
        }
        above = parent.parent();
        tx.add_deck(&mut new_deck(parent))?;
        created += 1;
    }
    Ok(created)
}

/// Moves decks up that are nested deeper than any program shows them, each as a whole. Returns how
/// many.
pub(super) fn lift_deep_decks(tx: &mut Tx<'_>) -> Result<usize> {
    let mut lifted = 0;
    for mut deck in tx.all_decks()? {
        if deck.name.level() <= MAX_DECK_LEVELS {
            continue;
        }
        let above: Vec<&str> = deck.name.components().take(MAX_DECK_LEVELS - 1).collect();
        let name = DeckName::from_native(above.join("\x1f")).child(deck.name.leaf());
        deck.name = free_name(tx, name, Some(deck.id))?;
        tx.update_deck(&deck)?;
        lifted += 1;
    }
    Ok(lifted)
}

fn require_depth(name: &DeckName) -> Result<()> {
    if name.level() > MAX_DECK_LEVELS {
        return Err(Error::invalid(mark!(
            "decks cannot be nested more than {max_deck_levels} levels deep",
            max_deck_levels = MAX_DECK_LEVELS
        )));
    }
    Ok(())
}

fn delete(tx: &mut Tx<'_>, ids: &[DeckId]) -> Result<Removed> {
    let mut doomed = Vec::new();
    let mut seen = BTreeSet::new();
    for &id in ids {
        let Some(deck) = tx.get_deck(id)? else {
            continue;
        };
        let children = tx.child_decks(&deck.name)?;
        for deck in std::iter::once(deck).chain(children) {
            if seen.insert(deck.id) {
                doomed.push(deck);
            }
        }
    }
    for deck in doomed.iter().filter(|deck| deck.is_filtered()) {
        filtered::return_all(tx, deck.id)?;
    }
    let mut cards = Vec::new();
    for deck in &doomed {
        cards.extend(tx.card_ids_of_deck(deck.id)?);
    }
    let removed = removal::remove_cards(tx, &cards)?;
    for deck in &doomed {
        for key in tx.config_keys_with_prefix(&format!("_deck_{}_", deck.id))? {
            tx.remove_config(&key)?;
        }
        if deck.id == DeckId::DEFAULT {
            // As in Anki: its options, description and counters stay.
            let mut kept = deck.clone();
            let name = DeckName::from_native("Default");
            kept.name = free_name(tx, name, Some(DeckId::DEFAULT))?;
            if kept.is_filtered() {
                kept.kind = new_deck(DeckName::default()).kind;
            }
            tx.update_deck(&kept)?;
        } else {
            tx.remove_deck(deck.id)?;
        }
    }
    Ok(removed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::{Clock, TimestampMillis};
    use crate::collection::notes::NewNote;

    fn collection() -> (tempfile::TempDir, Collection) {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::fixed(TimestampMillis(1_700_000_000_000), 0);
        let collection = Collection::open(&folder.path().join("collection.anki2"), clock).unwrap();
        (folder, collection)
    }

    fn names(col: &Collection) -> Vec<String> {
        let decks = col.storage.all_decks().unwrap();
        decks.iter().map(|deck| deck.name.human()).collect()
    }

    /// The same steps as in Anki 26.9.3, with its results.
    #[test]
    fn names_follow_ankis_rules() {
        let (_folder, mut col) = collection();
        col.deck_create("A::b::c").unwrap();
        col.deck_create("a::B::d").unwrap();
        assert_eq!(names(&col), ["A", "A::b", "A::b::c", "A::b::d", "Default"]);
        let id = |col: &Collection, name: &str| {
            let name = DeckName::from_human(name);
            col.storage.deck_by_name(&name).unwrap().unwrap().id
        };
        let b = id(&col, "A::b");
        col.deck_rename(b, "x").unwrap();
        assert_eq!(names(&col), ["A", "Default", "x", "x::c", "x::d"]);
        let other = col.deck_create("X2").unwrap().value;
        col.deck_rename(other, "X").unwrap();
        assert!(names(&col).contains(&"X+".to_owned()));
        col.deck_rename(other, "  ::foo:: bar:: :y").unwrap();
        assert!(names(&col).contains(&"blank::foo::bar::y".to_owned()));
        assert!(names(&col).contains(&"blank::foo".to_owned()));
        // Its own name gives the case too.
        col.deck_rename(b, "X::sub").unwrap();
        assert!(
            names(&col).ends_with(&["x", "x::sub", "x::sub::c", "x::sub::d"].map(str::to_owned))
        );
        let a = id(&col, "A");
        assert_eq!(col.deck_reparent(&[other], Some(a)).unwrap().value, 1);
        assert!(names(&col).contains(&"A::y".to_owned()));
        assert_eq!(col.deck_reparent(&[a], Some(other)).unwrap().value, 0);
        assert_eq!(col.deck_reparent(&[a], Some(a)).unwrap().value, 0);
        assert_eq!(col.deck_reparent(&[other], None).unwrap().value, 1);
        assert!(names(&col).contains(&"y".to_owned()));
        col.deck_create("A::Y").unwrap();
        col.deck_reparent(&[other], Some(a)).unwrap();
        assert!(names(&col).contains(&"A::y+".to_owned()));
        let deep = vec!["x"; 100].join("::");
        assert!(col.deck_create(&deep).is_err());
        while col.undo_status().undo.is_some() {
            col.undo().unwrap();
        }
        assert_eq!(names(&col), ["Default"]);
    }

    #[test]
    fn nothing_lies_under_a_filtered_deck_and_its_visitors_go_home() {
        let (_folder, mut col) = collection();
        let basic = col.storage.notetype_by_name("Basic").unwrap().unwrap().id;
        let note = NewNote {
            notetype_id: basic,
            deck_id: DeckId::DEFAULT,
            fields: vec!["q".into()],
            tags: vec![],
        };
        let note = col.add_note(note).unwrap().value;
        let filtered = col
            .transact(Op::AddDeck, |tx| {
                let mut deck = new_deck(DeckName::from_human("F"));
                deck.kind = DeckKind::Filtered(Default::default());
                tx.add_deck(&mut deck)?;
                let mut card = tx.cards_of_note(note)?.remove(0);
                card.original_deck_id = card.deck_id;
                card.original_due = card.due;
                card.deck_id = deck.id;
                card.due = -5;
                tx.update_card(&card)?;
                Ok(deck.id)
            })
            .unwrap()
            .value;
        assert!(col.deck_create("F::child").is_err());
        let other = col.deck_create("other").unwrap().value;
        assert!(col.deck_reparent(&[other], Some(filtered)).is_err());
        assert!(col.deck_rename(other, "f::q").is_err());
        assert_eq!(
            col.deck_delete(&[filtered]).unwrap().value,
            Removed::default()
        );
        let card = col.storage.cards_of_note(note).unwrap().remove(0);
        assert_eq!((card.deck_id, card.due), (DeckId::DEFAULT, 1));
        assert!(!card.is_filtered());
    }

    #[test]
    fn deleting_a_deck_takes_its_notes_and_undo_brings_them_back() {
        let (folder, mut col) = collection();
        let both = col
            .storage
            .notetype_by_name("Basic (and reversed card)")
            .unwrap()
            .unwrap()
            .id;
        let deck = col.deck_create("D::sub").unwrap().value;
        let parent = col.deck_create("D").unwrap().value;
        assert_eq!(names(&col), ["D", "D::sub", "D+", "Default"]);
        let mut add = |deck_id, front: &str| {
            let note = NewNote {
                notetype_id: both,
                deck_id,
                fields: vec![front.into(), "back".into()],
                tags: vec!["t".into()],
            };
            col.add_note(note).unwrap().value
        };
        let gone = add(deck, "gone");
        let kept = add(deck, "kept");
        col.transact(Op::SetDueDate, |tx| {
            let mut card = tx.cards_of_note(kept)?.remove(1);
            card.deck_id = parent;
            tx.update_card(&card)
        })
        .unwrap();
        let root = col
            .storage
            .deck_by_name(&DeckName::from_human("D"))
            .unwrap()
            .unwrap();
        let removed = col.deck_delete(&[root.id]).unwrap().value;
        assert_eq!(removed, Removed { cards: 3, notes: 1 });
        assert_eq!(names(&col), ["D+", "Default"]);
        let log = std::fs::read_to_string(folder.path().join("deleted.txt")).unwrap();
        assert!(log.starts_with("#separator:tab\n") && log.contains("\tD::sub\tt\tgone\tback\n"));
        assert!(!log.contains("kept"));
        col.undo().unwrap();
        assert_eq!(
            col.storage.get_note(gone).unwrap().unwrap().fields[0],
            "gone"
        );
        assert_eq!(col.storage.counts().unwrap().cards, 4);
        col.redo().unwrap();
        assert_eq!(col.storage.counts().unwrap().cards, 1);
        let removed = col.deck_delete(&[DeckId::DEFAULT, parent]).unwrap().value;
        assert_eq!(removed, Removed { cards: 1, notes: 1 });
        assert_eq!(names(&col), ["Default"]);
    }

    #[test]
    fn the_default_deck_keeps_all_but_its_cards_and_its_name_when_it_is_deleted() {
        let (_folder, mut col) = collection();
        let mut deck = (*col.storage.deck(DeckId::DEFAULT).unwrap().unwrap()).clone();
        deck.name = DeckName::from_human("Mine");
        deck.common.new_studied = -6;
        if let DeckKind::Normal(normal) = &mut deck.kind {
            normal.description = "kept".into();
        }
        col.transact(Op::RenameDeck, |tx| tx.update_deck(&deck))
            .unwrap();
        col.deck_delete(&[DeckId::DEFAULT]).unwrap();
        let now = col.storage.deck(DeckId::DEFAULT).unwrap().unwrap();
        assert_eq!(now.name.human(), "Default");
        assert_eq!((&now.common, &now.kind), (&deck.common, &deck.kind));
    }

    #[test]
    fn a_deletion_that_cannot_be_logged_does_not_happen() {
        let (folder, mut col) = collection();
        let basic = col.storage.notetype_by_name("Basic").unwrap().unwrap().id;
        let note = NewNote {
            notetype_id: basic,
            deck_id: DeckId::DEFAULT,
            fields: vec!["q".into()],
            tags: vec![],
        };
        let note = col.add_note(note).unwrap().value;
        std::fs::create_dir(folder.path().join("deleted.txt")).unwrap();
        assert!(col.delete_notes(&[note]).is_err());
        assert!(col.storage.get_note(note).unwrap().is_some());
    }
}
