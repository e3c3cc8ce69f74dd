//! The note that is being added, kept beside the collection so that a crash loses no typing:
//! `draft.json`, written whole or not at all, gone once the note is added or given up.

use crate::base::error::{AtPath as _, Result};
use crate::base::files::{if_there, write_json};
use crate::base::ids::{DeckId, NotetypeId};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// See the module header.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Draft {
    pub notetype: NotetypeId,
    pub deck: DeckId,
    /// Names of the note type's fields, in case it changes before the draft is taken up.
    pub field_names: Vec<String>,
    /// HTML, one for each name.
    pub fields: Vec<String>,
    pub tags: Vec<String>,
}

impl Draft {
    /// Whether anything would be lost with it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fields.iter().all(|field| field.trim().is_empty())
    }

    /// Its fields in the order of these names; what has no field any more comes to the end of
    /// the last one, so that nothing typed is lost.
    #[must_use]
    pub fn fields_for(&self, names: &[&str]) -> Vec<String> {
        let mut out = vec![String::new(); names.len()];
        for (old, html) in self.field_names.iter().zip(&self.fields) {
            let at = names.iter().position(|name| name == old);
            let into = match at {
                Some(at) => out.get_mut(at),
                None => out.last_mut(),
            };
            if let Some(into) = into {
                into.push_str(html);
            }
        }
        out
    }
}

fn path(profile_folder: &Path) -> PathBuf {
    profile_folder.join("draft.json")
}

/// Writes the draft, or removes the one that is there.
pub(super) fn keep(profile_folder: &Path, draft: Option<&Draft>) -> Result<()> {
    let path = path(profile_folder);
    let Some(draft) = draft.filter(|draft| !draft.is_empty()) else {
        return if_there(std::fs::remove_file(&path)).at(&path).map(drop);
    };
    write_json(&path, draft)
}

/// The draft of an earlier start. One that cannot be read is left where it is and not offered.
pub(super) fn find(profile_folder: &Path) -> Result<Option<Draft>> {
    let path = path(profile_folder);
    let bytes = if_there(std::fs::read(&path)).at(&path)?;
    Ok(bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
}
