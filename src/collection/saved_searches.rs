//! Searches that are kept by name, as Anki keeps them in the collection's settings.

use super::{Collection, OpOutput};
use crate::base::{Error, Result};
use crate::domain::op::Op;
use crate::mark;
use crate::search;
use crate::storage::{Storage, Tx};
use std::collections::BTreeMap;

const KEY: &str = "savedFilters";

/// Searches by name.
pub(super) type Saved = BTreeMap<String, String>;

/// Name and search, by name.
pub(super) fn saved_in(storage: &Storage) -> Result<Saved> {
    storage.config_or(KEY, Saved::new())
}

pub(super) fn set_saved(tx: &mut Tx<'_>, saved: &Saved) -> Result<()> {
    tx.set_config(KEY, saved)
}

impl Collection {
    /// Name and search, by name.
    pub fn saved_searches(&self) -> Result<Vec<(String, String)>> {
        Ok(saved_in(&self.storage)?.into_iter().collect())
    }

    /// Keeps a search in its normal form; one of that name is replaced.
    pub fn save_search(&mut self, name: &str, text: &str) -> Result<OpOutput<()>> {
        let name = checked(name)?;
        let text = search::print(&search::parse(text)?);
        self.change_saved(|saved| {
            saved.insert(name, text);
            Ok(())
        })
    }

    /// Refused when another one has the new name.
    pub fn rename_saved_search(&mut self, old: &str, new: &str) -> Result<OpOutput<()>> {
        let new = checked(new)?;
        self.change_saved(|saved| {
            if new != old && saved.contains_key(&new) {
                return Err(Error::invalid(mark!(
                    "there is a saved search “{new}” already",
                    new
                )));
            }
            let text = saved.remove(old).ok_or_else(|| {
                Error::not_found(mark!("the saved search does not exist any more"))
            })?;
            saved.insert(new, text);
            Ok(())
        })
    }

    pub fn delete_saved_searches(&mut self, names: &[String]) -> Result<OpOutput<()>> {
        self.change_saved(|saved| {
            saved.retain(|name, _| !names.contains(name));
            Ok(())
        })
    }

    fn change_saved(
        &mut self,
        change: impl FnOnce(&mut Saved) -> Result<()>,
    ) -> Result<OpOutput<()>> {
        self.transact(Op::UpdateSavedSearches, |tx: &mut Tx<'_>| {
            let mut saved = saved_in(tx)?;
            change(&mut saved)?;
            set_saved(tx, &saved)
        })
    }
}

fn checked(name: &str) -> Result<String> {
    match name.trim() {
        "" => Err(Error::invalid(mark!("a saved search needs a name"))),
        name => Ok(name.to_owned()),
    }
}
