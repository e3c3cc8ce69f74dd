//! The `decks` table.

use super::open::connect_to_upgrade;
use super::tag::Grave;
use super::{Cell, Storage, Table, Tx, loose};
use crate::base::ids::{DeckConfigId, DeckId, Usn};
use crate::base::time::TimestampSecs;
use crate::base::{Error, ErrorKind, Result};
use crate::codec::deck::{
    deck_common_from_wire, deck_common_to_wire, deck_kind_from_wire, deck_kind_to_wire,
};
use crate::domain::deck::{Deck, DeckCommon, DeckKind, DeckName, NormalDeck};
use rusqlite::{OptionalExtension as _, Row, params};
use std::path::Path;
use std::sync::Arc;

const COLUMNS: &str = "id, name, mtime_secs, usn, common, kind";

/// A row as read, before its blobs are decoded.
struct RawDeck {
    id: i64,
    name: String,
    mtime: i64,
    usn: i32,
    common: Vec<u8>,
    kind: Vec<u8>,
}

impl RawDeck {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            name: loose::text(row, 1)?,
            mtime: loose::integer(row, 2)?,
            usn: loose::fit(loose::integer(row, 3)?),
            common: loose::bytes(row, 4)?,
            kind: loose::bytes(row, 5)?,
        })
    }

    fn decode(self) -> Result<Deck> {
        let name = DeckName::from_native(self.name);
        let damaged = |error: Error| loose::named(loose::Kind::Deck, &name.human(), &error);
        Ok(Deck {
            id: DeckId(self.id),
            mtime: TimestampSecs(self.mtime),
            usn: Usn(self.usn),
            common: deck_common_from_wire(&self.common).map_err(damaged)?,
            kind: deck_kind_from_wire(&self.kind).map_err(damaged)?,
            name,
        })
    }
}

pub(in crate::storage) fn row_of(deck: &Deck) -> Vec<Cell> {
    vec![
        deck.id.0.into(),
        deck.name.as_native().into(),
        deck.mtime.0.into(),
        deck.usn.0.into(),
        deck_common_to_wire(&deck.common).into(),
        deck_kind_to_wire(&deck.kind).into(),
    ]
}

/// What is known of a deck that cannot be read.
pub type DamagedDeck = (DeckId, DeckName);

impl Storage {
    /// In a copy that nobody has open: decks whose settings cannot be read get those of a new one, so
    /// that they keep nobody from their cards, nor from other decks. Their names.
    pub fn mend_decks(path: &Path) -> Result<Vec<String>> {
        let db = connect_to_upgrade(path)?;
        let raw: Vec<RawDeck> = db
            .prepare(&format!("select {COLUMNS} from decks"))?
            .query_map([], RawDeck::from_row)?
            .collect::<rusqlite::Result<_>>()?;
        let mut mended = Vec::new();
        for RawDeck {
            id,
            name,
            common,
            kind,
            ..
        } in raw
        {
            let new_common = deck_common_from_wire(&common).err().map(|_| {
                let new = DeckCommon::default();
                deck_common_to_wire(&new)
            });
            let new_kind = deck_kind_from_wire(&kind).err().map(|_| {
                let new = NormalDeck {
                    config_id: DeckConfigId::DEFAULT,
                    ..NormalDeck::default()
                };
                deck_kind_to_wire(&DeckKind::Normal(new))
            });
            if new_common.is_some() || new_kind.is_some() {
                let (common, kind) = (new_common.unwrap_or(common), new_kind.unwrap_or(kind));
                db.prepare_cached("update decks set common=?, kind=? where id=?")?
                    .execute(params![common, kind, id])?;
                mended.push(DeckName::from_native(name).human());
            }
        }
        db.close().map_err(|(_, e)| e)?;
        Ok(mended)
    }

    /// The deck, shared with the cache: for the many reads of studying.
    pub fn deck(&self, id: DeckId) -> Result<Option<Arc<Deck>>> {
        if let Some(deck) = self.cache.decks.borrow().get(&id) {
            return Ok(Some(Arc::clone(deck)));
        }
        let raw = self
            .db
            .prepare_cached(&format!("select {COLUMNS} from decks where id=?"))?
            .query_row([id.0], RawDeck::from_row)
            .optional()?;
        let Some(raw) = raw else {
            return Ok(None);
        };
        let deck = Arc::new(raw.decode()?);
        self.cache.decks.borrow_mut().insert(id, Arc::clone(&deck));
        Ok(Some(deck))
    }

    pub fn get_deck(&self, id: DeckId) -> Result<Option<Deck>> {
        Ok(self.deck(id)?.map(|deck| (*deck).clone()))
    }

    /// By name, parents before their children.
    pub fn all_decks(&self) -> Result<Vec<Deck>> {
        Ok(self.deck_list()?.to_vec())
    }

    /// As [`Self::all_decks`], and apart from them ids and names of those that are damaged.
    pub fn readable_decks(&self) -> Result<(Vec<Deck>, Vec<DamagedDeck>)> {
        let mut statement = self
            .db
            .prepare_cached(&format!("select {COLUMNS} from decks order by name"))?;
        let raw: Vec<RawDeck> = statement
            .query_map([], RawDeck::from_row)?
            .collect::<rusqlite::Result<_>>()?;
        let (mut decks, mut damaged) = (Vec::with_capacity(raw.len()), Vec::new());
        for raw in raw {
            let (id, name) = (DeckId(raw.id), raw.name.clone());
            match raw.decode() {
                Ok(deck) => decks.push(deck),
                Err(error) if error.kind() == ErrorKind::Corrupt => {
                    damaged.push((id, DeckName::from_native(name)));
                }
                Err(error) => return Err(error),
            }
        }
        Ok((decks, damaged))
    }

    /// What the deck is called (`A::B`), though it may be damaged otherwise.
    pub fn deck_name(&self, id: DeckId) -> Result<Option<String>> {
        let name = self.native_name(id.0)?;
        Ok(name.map(|name| DeckName::from_native(name).human()))
    }

    /// As [`Self::all_decks`], shared with the cache.
    pub fn deck_list(&self) -> Result<Arc<[Deck]>> {
        if let Some(known) = &*self.cache.deck_list.borrow() {
            return Ok(Arc::clone(known));
        }
        let decks: Arc<[Deck]> = self.decks_where("1 order by name", [])?.into();
        self.cache.deck_list.replace(Some(Arc::clone(&decks)));
        Ok(decks)
    }

    /// Case aside, as the file compares names.
    pub fn deck_by_name(&self, name: &DeckName) -> Result<Option<Deck>> {
        let known = self
            .cache
            .deck_names
            .borrow()
            .get(name.as_native())
            .copied();
        if let Some(id) = known {
            return self.get_deck(id);
        }
        let raw = self
            .db
            .prepare_cached(&format!("select {COLUMNS} from decks where name=?"))?
            .query_row([name.as_native()], RawDeck::from_row)
            .optional()?;
        let Some(raw) = raw else {
            return Ok(None);
        };
        let deck = raw.decode()?;
        let mut names = self.cache.deck_names.borrow_mut();
        names.insert(name.as_native().to_owned(), deck.id);
        Ok(Some(deck))
    }

    /// All decks below `name`, at any depth, by name.
    pub fn child_decks(&self, name: &DeckName) -> Result<Vec<Deck>> {
        // The component separator is 0x1F, and nothing sorts between it and a space.
        self.decks_where(
            "name >= ?1 || char(31) and name < ?1 || ' ' order by name",
            [name.as_native()],
        )
    }

    /// The deck, and then all below it.
    pub fn deck_and_below(&self, deck: &Deck) -> Result<Vec<DeckId>> {
        let below = self.child_decks(&deck.name)?;
        Ok(std::iter::once(deck.id)
            .chain(below.iter().map(|below| below.id))
            .collect())
    }

    fn decks_where(&self, condition: &str, params: impl rusqlite::Params) -> Result<Vec<Deck>> {
        let mut statement = self
            .db
            .prepare_cached(&format!("select {COLUMNS} from decks where {condition}"))?;
        let raw: Vec<RawDeck> = statement
            .query_map(params, RawDeck::from_row)?
            .collect::<rusqlite::Result<_>>()?;
        raw.into_iter().map(RawDeck::decode).collect()
    }
}

impl Tx<'_> {
    /// Adds a deck, giving it a free id (unless it has one), the time and the pending usn. The
    /// name must be free and its parents exist; see `collection::decks`.
    pub fn add_deck(&mut self, deck: &mut Deck) -> Result<()> {
        if deck.id.0 == 0 {
            deck.id = DeckId(self.free_id("decks", self.now().0)?);
        }
        deck.mtime = self.now_secs();
        deck.usn = Usn::PENDING;
        self.insert_row(Table::Decks, row_of(deck))
    }

    /// Writes a deck with the present time and the pending usn.
    pub fn update_deck(&mut self, deck: &Deck) -> Result<()> {
        let deck = Deck {
            mtime: self.now_secs(),
            usn: Usn::PENDING,
            ..deck.clone()
        };
        self.put_row(Table::Decks, row_of(&deck))?;
        let mut decks = self.cache.decks.borrow_mut();
        decks.insert(deck.id, Arc::new(deck));
        Ok(())
    }

    /// Removes a deck and leaves a grave for sync. Its cards are the caller's to remove.
    pub fn remove_deck(&mut self, id: DeckId) -> Result<()> {
        if self.delete_row(Table::Decks, &[id.0.into()])? {
            self.add_grave(id.0, Grave::Deck)?;
        }
        Ok(())
    }
}
