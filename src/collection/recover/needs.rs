//! What notes that come back cannot be without: their note types, decks and presets. Each is what
//! stands for it here, or comes along, under a name of its own where its own is taken.

use super::Recovery;
use crate::base::Result;
use crate::base::ids::{DeckConfigId, DeckId, NotetypeId};
use crate::collection::decks;
use crate::domain::deck::{Deck, DeckCommon, DeckKind, DeckName};
use crate::domain::note::Note;
use crate::domain::notetype::Notetype;
use std::sync::Arc;

impl Recovery<'_, '_> {
    /// The note type here that the earlier one's notes fit into; it comes along when there is
    /// none.
    pub(super) fn notetype(&mut self, note: &Note) -> Result<Arc<Notetype>> {
        let id = note.notetype_id;
        if let Some(known) = self.notetypes.get(&id) {
            return Ok(known.clone());
        }
        let earlier = self.type_then(note)?;
        let found = match self.tx.readable_notetype(id)? {
            Some(present) if fits(&earlier, &present) => present,
            // Another one, or damaged.
            present if present.is_some() || self.tx.has_notetype(id)? => {
                let name = format!("{} {}", earlier.name, self.wish.suffix);
                self.bring_notetype(&earlier, NotetypeId(0), name.trim())?
            }
            _ => self.bring_notetype(&earlier, id, &earlier.name)?,
        };
        self.notetypes.insert(id, found.clone());
        Ok(found)
    }

    fn bring_notetype(
        &mut self,
        earlier: &Notetype,
        id: NotetypeId,
        name: &str,
    ) -> Result<Arc<Notetype>> {
        let mut name = name.to_owned();
        while let Some(present) = self.tx.notetype_by_name(&name)? {
            if fits(earlier, &present) {
                return Ok(Arc::new(present));
            }
            name.push('+');
        }
        let mut notetype = Notetype {
            id,
            name,
            ..earlier.clone()
        };
        // Its templates may send cards to decks.
        for template in &mut notetype.templates {
            let target = DeckId(template.config.target_deck_id);
            if target.0 != 0 {
                template.config.target_deck_id = self.deck(target)?.0;
            }
        }
        self.tx.add_notetype(&mut notetype)?;
        self.done.notetypes.push(notetype.name.clone());
        Ok(Arc::new(notetype))
    }

    /// The normal deck here that stands for an earlier one; it comes along when there is none.
    pub(super) fn deck(&mut self, id: DeckId) -> Result<DeckId> {
        if let Some(&known) = self.decks.get(&id) {
            return Ok(known);
        }
        let found = match self.earlier.deck(id)? {
            Some(deck) if !deck.is_filtered() => self.deck_for(&deck)?,
            _ => DeckId::DEFAULT,
        };
        self.decks.insert(id, found);
        Ok(found)
    }

    fn deck_for(&mut self, earlier: &Deck) -> Result<DeckId> {
        let present = self.tx.deck(earlier.id)?;
        if let Some(deck) = &present
            && !deck.is_filtered()
        {
            return Ok(deck.id);
        }
        // The decks above first, with their own options: made for this one, they would have none.
        if let Some(above) = earlier.name.parent()
            && let Some(above) = self.earlier.deck_by_name(&above)?
            && !above.is_filtered()
        {
            self.deck(above.id)?;
        }
        let name = self.beside_filtered(&earlier.name)?;
        if let Some(deck) = self.tx.deck_by_name(&name)?
            && !deck.is_filtered()
        {
            return Ok(deck.id);
        }
        let mut deck = Deck {
            name,
            ..earlier.clone()
        };
        if present.is_some() {
            deck.id = DeckId(0);
        }
        deck.common = DeckCommon {
            study_collapsed: earlier.common.study_collapsed,
            browser_collapsed: earlier.common.browser_collapsed,
            ..DeckCommon::default()
        };
        if let DeckKind::Normal(normal) = &mut deck.kind {
            normal.config_id = self.preset(normal.config_id)?;
        }
        let id = decks::add(self.tx, deck)?;
        let name = self.tx.deck(id)?.map(|deck| deck.name.human());
        let damaged = self.earlier.damaged_decks();
        if damaged.contains(&earlier.name.human()) {
            self.done.damaged_decks.extend(name.clone());
        }
        self.done.decks.extend(name);
        Ok(id)
    }

    /// The name with another one above it, where that is a filtered deck's now: those hold no
    /// decks.
    fn beside_filtered(&self, wanted: &DeckName) -> Result<DeckName> {
        let mut name = String::new();
        for (n, part) in wanted.components().enumerate() {
            if n > 0 {
                let above = |name: &str| self.tx.deck_by_name(&DeckName::from_native(name));
                while above(&name)?.is_some_and(|deck| deck.is_filtered()) {
                    name.push('+');
                }
                name.push('\x1f');
            }
            name.push_str(part);
        }
        Ok(DeckName::from_native(name))
    }

    fn preset(&mut self, id: DeckConfigId) -> Result<DeckConfigId> {
        if self.tx.deck_config(id)?.is_some() {
            return Ok(id);
        }
        let mut damaged = self.earlier.damaged_presets().iter();
        if let Some((_, name)) = damaged.find(|(damaged, _)| *damaged == id)
            && !self.done.damaged_presets.contains(name)
        {
            self.done.damaged_presets.push(name.clone());
        }
        let Some(mut config) = self.earlier.get_deck_config(id)? else {
            return Ok(DeckConfigId::DEFAULT);
        };
        self.tx.add_deck_config(&mut config)?;
        self.done.presets.push(config.name);
        Ok(config.id)
    }
}

/// Whether notes of one fit into the other: the same fields and cards in the same order.
fn fits(a: &Notetype, b: &Notetype) -> bool {
    a.config.kind == b.config.kind
        && a.fields
            .iter()
            .map(|f| &f.name)
            .eq(b.fields.iter().map(|f| &f.name))
        && a.templates
            .iter()
            .map(|t| &t.name)
            .eq(b.templates.iter().map(|t| &t.name))
}
