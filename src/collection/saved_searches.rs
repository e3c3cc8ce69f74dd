//! Searches that are kept by name, as Anki keeps them in the collection's settings.

use super::{Collection, OpOutput};
use crate::base::{Error, Result};
use crate::domain::op::Op;
use crate::mark;
use crate::search;
use crate::storage::{Storage, Tx};
use serde_json::Value;
use std::collections::BTreeMap;

const KEY: &str = "savedFilters";

/// Searches by name.
pub(super) type Saved = BTreeMap<String, String>;

/// All that is kept. What is no text is an add-on's: it stays, and is not listed.
fn kept_in(storage: &Storage) -> Result<BTreeMap<String, Value>> {
    storage.config_or(KEY, BTreeMap::new())
}

/// Name and search, by name.
pub(super) fn saved_in(storage: &Storage) -> Result<Saved> {
    let kept = kept_in(storage)?.into_iter();
    let texts = kept.filter_map(|(name, value)| Some((name, value.as_str()?.to_owned())));
    Ok(texts.collect())
}

pub(super) fn set_saved(tx: &mut Tx<'_>, saved: &Saved) -> Result<()> {
    let mut kept = kept_in(tx)?;
    kept.retain(|_, value| !value.is_string());
    let texts = saved.iter();
    kept.extend(texts.map(|(name, text)| (name.clone(), text.as_str().into())));
    tx.set_config(KEY, &kept)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::{Clock, TimestampMillis};
    use serde_json::json;

    /// None was listed, and the next search that was saved took the place of all.
    #[test]
    fn what_is_no_search_among_them_costs_none() {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::fixed(TimestampMillis(1_700_000_000_000), 0);
        let path = folder.path().join("collection.anki2");
        let mut col = Collection::open(&path, clock).unwrap();
        let odd = json!({"Hard": "prop:lapses>3", "an add-on's": {"colour": 5}});
        col.transact(Op::UpdateSavedSearches, |tx| tx.set_config(KEY, &odd))
            .unwrap();
        col.save_search("New", "is:new").unwrap();
        let names = |col: &Collection| -> Vec<String> {
            let saved = col.saved_searches().unwrap().into_iter();
            saved.map(|(name, _)| name).collect()
        };
        assert_eq!(names(&col), ["Hard", "New"]);
        col.rename_saved_search("Hard", "Leeches").unwrap();
        col.delete_saved_searches(&["New".to_owned()]).unwrap();
        let kept: Option<Value> = col.storage.config_json(KEY).unwrap();
        let left = json!({"Leeches": "prop:lapses>3", "an add-on's": {"colour": 5}});
        assert_eq!(kept, Some(left));
    }
}
