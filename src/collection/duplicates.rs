//! Find Duplicates: notes whose field of one name holds the same text.

use super::Collection;
use crate::base::Result;
use crate::base::ids::{NoteId, NotetypeId};
use crate::domain::html::strip_html_preserving_media_names;
use crate::storage::{NoteRow, same_name};
use std::collections::{HashMap, HashSet};

/// Notes with the same text in the field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DuplicateGroup {
    /// Without tags; media as their names.
    pub text: String,
    /// At least two, oldest first.
    pub notes: Vec<NoteId>,
}

impl Collection {
    /// Groups of notes among those that `search` finds (blank: all) that have the same text in
    /// their field of this name (any case). Empty fields are no duplicates.
    pub fn find_duplicates(&mut self, field: &str, search: &str) -> Result<Vec<DuplicateGroup>> {
        let mut places: HashMap<NotetypeId, usize> = HashMap::new();
        for notetype in self.storage.known_notetypes()? {
            let at = notetype
                .fields
                .iter()
                .position(|f| same_name(&f.name, field));
            places.extend(at.map(|at| (notetype.id, at)));
        }
        if places.is_empty() {
            return Ok(vec![]);
        }
        let found = match search.trim() {
            "" => None,
            search => Some(self.find_notes(search, None)?),
        };
        // The file knows of equal first fields.
        let suspects = if places.values().all(|at| *at == 0) {
            let suspects = self.storage.notes_with_equal_checksums()?;
            match &found {
                Some(found) => {
                    let suspects: HashSet<NoteId> = suspects.into_iter().collect();
                    Some(
                        found
                            .iter()
                            .copied()
                            .filter(|id| suspects.contains(id))
                            .collect(),
                    )
                }
                None => Some(suspects),
            }
        } else {
            found
        };
        let mut groups = Groups::default();
        self.storage.scan_notes(suspects.as_deref(), |row| {
            if let Some(at) = places.get(&row.notetype_id) {
                groups.add(row, *at);
            }
            Ok(())
        })?;
        Ok(groups.duplicates())
    }

    /// The names of the fields of these notes, or of all note types that there are; sorted, each
    /// once.
    pub fn field_names(&self, notes: Option<&[NoteId]>) -> Result<Vec<String>> {
        let mut used: HashSet<NotetypeId> = HashSet::new();
        if notes.is_some() {
            self.storage.scan_notes(notes, |row| {
                used.insert(row.notetype_id);
                Ok(())
            })?;
        }
        let mut names: Vec<String> = self
            .storage
            .known_notetypes()?
            .iter()
            .filter(|notetype| notes.is_none() || used.contains(&notetype.id))
            .flat_map(|notetype| notetype.fields.iter().map(|field| field.name.clone()))
            .collect();
        names.sort();
        names.dedup();
        Ok(names)
    }
}

/// Texts in the order in which they were met.
#[derive(Default)]
struct Groups {
    places: HashMap<String, usize>,
    groups: Vec<DuplicateGroup>,
}

impl Groups {
    fn add(&mut self, row: &NoteRow<'_>, at: usize) {
        let Some(field) = row.fields.split('\x1f').nth(at) else {
            return;
        };
        let text = strip_html_preserving_media_names(field);
        if text.is_empty() {
            return;
        }
        if let Some(group) = self
            .places
            .get(text.as_ref())
            .and_then(|&i| self.groups.get_mut(i))
        {
            group.notes.push(row.id);
            return;
        }
        self.places
            .insert(text.clone().into_owned(), self.groups.len());
        self.groups.push(DuplicateGroup {
            text: text.into_owned(),
            notes: vec![row.id],
        });
    }

    fn duplicates(self) -> Vec<DuplicateGroup> {
        let mut groups = self.groups;
        groups.retain(|group| group.notes.len() > 1);
        for group in &mut groups {
            group.notes.sort_unstable();
        }
        groups
    }
}
