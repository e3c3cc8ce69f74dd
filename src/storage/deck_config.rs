//! The `deck_config` table: presets.

use super::open::connect_to_upgrade;
use super::{Cell, Storage, Table, Tx, loose};
use crate::base::ids::{DeckConfigId, Usn};
use crate::base::time::TimestampSecs;
use crate::base::{Error, Result};
use crate::codec::deck_config::{deck_config_from_wire, deck_config_to_wire};
use crate::domain::deck_config::{DeckConfig, DeckConfigInner};
use crate::mark;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use std::path::Path;
use std::sync::Arc;

const COLUMNS: &str = "id, name, mtime_secs, usn, config";

fn raw_from_row(row: &Row<'_>) -> rusqlite::Result<(i64, String, i64, i32, Vec<u8>)> {
    Ok((
        row.get(0)?,
        loose::text(row, 1)?,
        loose::integer(row, 2)?,
        loose::fit(loose::integer(row, 3)?),
        loose::bytes(row, 4)?,
    ))
}

fn decode((id, name, mtime, usn, config): (i64, String, i64, i32, Vec<u8>)) -> Result<DeckConfig> {
    Ok(DeckConfig {
        id: DeckConfigId(id),
        mtime: TimestampSecs(mtime),
        usn: Usn(usn),
        inner: deck_config_from_wire(&config)
            .map_err(|e| loose::named(loose::Kind::Preset, &name, &e))?,
        name,
    })
}

pub(in crate::storage) fn row_of(config: &DeckConfig) -> Vec<Cell> {
    vec![
        config.id.0.into(),
        config.name.as_str().into(),
        config.mtime.0.into(),
        config.usn.0.into(),
        deck_config_to_wire(&config.inner).into(),
    ]
}

/// Does `mend` to each preset that cannot be read.
fn mend_damaged_presets(
    path: &Path,
    mend: impl Fn(&Connection, i64) -> rusqlite::Result<usize>,
) -> Result<Vec<(DeckConfigId, String)>> {
    let db = connect_to_upgrade(path)?;
    let raw: Vec<_> = db
        .prepare(&format!("select {COLUMNS} from deck_config"))?
        .query_map([], raw_from_row)?
        .collect::<rusqlite::Result<_>>()?;
    let mut damaged = Vec::new();
    for (id, name, _, _, config) in raw {
        if deck_config_from_wire(&config).is_err() {
            mend(&db, id)?;
            damaged.push((DeckConfigId(id), name));
        }
    }
    db.close().map_err(|(_, e)| e)?;
    Ok(damaged)
}

impl Storage {
    /// In a copy that nobody has open: presets that cannot be read go, so that they keep nobody from
    /// decks and other presets. Their ids and names.
    pub fn drop_damaged_presets(path: &Path) -> Result<Vec<(DeckConfigId, String)>> {
        mend_damaged_presets(path, |db, id| {
            db.execute("delete from deck_config where id=?", [id])
        })
    }

    /// In a copy that nobody has open: presets that cannot be read get the options of a new one, and
    /// stay what their decks use. Their ids and names.
    pub fn reset_damaged_presets(path: &Path) -> Result<Vec<(DeckConfigId, String)>> {
        let new = deck_config_to_wire(&DeckConfigInner::default());
        mend_damaged_presets(path, |db, id| {
            db.execute(
                "update deck_config set config=? where id=?",
                params![new, id],
            )
        })
    }

    /// The preset, shared with the cache: for the many reads of studying.
    pub fn deck_config(&self, id: DeckConfigId) -> Result<Option<Arc<DeckConfig>>> {
        if let Some(config) = self.cache.configs.borrow().get(&id) {
            return Ok(Some(Arc::clone(config)));
        }
        let raw = self
            .db
            .prepare_cached(&format!("select {COLUMNS} from deck_config where id=?"))?
            .query_row([id.0], raw_from_row)
            .optional()?;
        let Some(raw) = raw else {
            return Ok(None);
        };
        let config = Arc::new(decode(raw)?);
        self.cache
            .configs
            .borrow_mut()
            .insert(id, Arc::clone(&config));
        Ok(Some(config))
    }

    pub fn get_deck_config(&self, id: DeckConfigId) -> Result<Option<DeckConfig>> {
        Ok(self.deck_config(id)?.map(|config| (*config).clone()))
    }

    /// As [`Self::all_deck_configs`], without those that are damaged.
    pub fn readable_deck_configs(&self) -> Result<Vec<DeckConfig>> {
        let sql = format!("select {COLUMNS} from deck_config");
        let mut statement = self.db.prepare_cached(&sql)?;
        let raw: Vec<_> = statement
            .query_map([], raw_from_row)?
            .collect::<rusqlite::Result<_>>()?;
        Ok(raw.into_iter().filter_map(|raw| decode(raw).ok()).collect())
    }

    /// By name.
    pub fn all_deck_configs(&self) -> Result<Vec<DeckConfig>> {
        Ok(self.deck_config_list()?.to_vec())
    }

    /// As [`Self::all_deck_configs`], shared with the cache.
    pub fn deck_config_list(&self) -> Result<Arc<[DeckConfig]>> {
        if let Some(known) = &*self.cache.config_list.borrow() {
            return Ok(Arc::clone(known));
        }
        let mut statement = self.db.prepare_cached(&format!(
            "select {COLUMNS} from deck_config order by name, id"
        ))?;
        let raw: Vec<_> = statement
            .query_map([], raw_from_row)?
            .collect::<rusqlite::Result<_>>()?;
        let configs: Arc<[DeckConfig]> = raw.into_iter().map(decode).collect::<Result<_>>()?;
        self.cache.config_list.replace(Some(Arc::clone(&configs)));
        Ok(configs)
    }
}

impl Tx<'_> {
    /// Adds a preset, giving it a free id (unless it has one), the time and the pending usn.
    pub fn add_deck_config(&mut self, config: &mut DeckConfig) -> Result<()> {
        if config.id.0 == 0 {
            config.id = DeckConfigId(self.free_id("deck_config", self.now().0)?);
        }
        config.mtime = self.now_secs();
        config.usn = Usn::PENDING;
        self.insert_row(Table::DeckConfig, row_of(config))
    }

    /// Writes a preset with the present time and the pending usn.
    pub fn update_deck_config(&mut self, config: &DeckConfig) -> Result<()> {
        let mut row = row_of(config);
        row[2] = self.now_secs().0.into();
        row[3] = Usn::PENDING.0.into();
        self.put_row(Table::DeckConfig, row)?;
        Ok(())
    }

    /// Removes a preset: a change that forces a one-way sync. Decks that use it are the caller's
    /// to change. Fails when there is none.
    pub fn remove_deck_config(&mut self, id: DeckConfigId) -> Result<()> {
        if !self.delete_row(Table::DeckConfig, &[id.0.into()])? {
            return Err(Error::not_found(mark!(
                "the preset does not exist any more"
            )));
        }
        self.set_scm()
    }
}
