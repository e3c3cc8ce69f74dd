//! Tags of many notes at once: given and taken, renamed and moved everywhere, and the list of
//! tags cleared of those that no note has. Each is one undo step.

use super::keep_many::Formers;
use super::note_writer::NoteWriter;
use super::{Collection, OpOutput};
use crate::base::ids::NoteId;
use crate::base::job::Progress;
use crate::base::{Error, Result};
use crate::domain::note_fields::{normal_tags, sort_tags};
use crate::domain::op::Op;
use crate::domain::tags::{is_within, moved_below, renamed};
use crate::storage::{Tx, same_name};
use crate::{mark, t};
use std::collections::HashSet;
use unicase::UniCase;

impl Collection {
    /// Adds tags (with spaces between) to notes that do not have them. Returns how many notes
    /// changed.
    pub fn add_tags(
        &mut self,
        notes: &[NoteId],
        tags: &str,
        progress: &Progress,
    ) -> Result<OpOutput<usize>> {
        let wanted = normal_tags(&[tags]);
        self.transact_many(Op::UpdateTags, notes.len(), |tx, formers| {
            let mut wanted_spelled: Option<Vec<String>> = None;
            change_notes(tx, notes, formers, progress, |tx, tags| {
                let missing: Vec<usize> = (0..wanted.len())
                    .filter(|&at| !tags.iter().any(|own| same_name(own, &wanted[at])))
                    .collect();
                if missing.is_empty() {
                    return Ok(false);
                }
                if wanted_spelled.is_none() {
                    wanted_spelled = Some(tx.register_tags(&wanted)?);
                }
                let spelled = wanted_spelled.as_deref().unwrap_or_default();
                tags.extend(missing.iter().filter_map(|&at| spelled.get(at).cloned()));
                sort_tags(tags);
                Ok(true)
            })
        })
    }

    /// Takes tags (with spaces between), and those below them, from notes. Returns how many notes
    /// changed.
    pub fn remove_tags(
        &mut self,
        notes: &[NoteId],
        tags: &str,
        progress: &Progress,
    ) -> Result<OpOutput<usize>> {
        let unwanted = listed(tags);
        self.transact_many(Op::RemoveTags, notes.len(), |tx, formers| {
            change_notes(tx, notes, formers, progress, |_, tags| {
                Ok(without(tags, &unwanted))
            })
        })
    }

    /// Takes tags, and those below them, from all notes and from the list of tags. Returns how
    /// many notes changed.
    pub fn delete_tags(&mut self, tags: &str, progress: &Progress) -> Result<OpOutput<usize>> {
        let unwanted = listed(tags);
        self.transact(Op::RemoveTags, |tx| {
            let notes = notes_within(tx, &unwanted)?;
            unregister(tx, &unwanted)?;
            let mut formers = Formers::default();
            change_notes(tx, &notes, &mut formers, progress, |_, tags| {
                Ok(without(tags, &unwanted))
            })
        })
    }

    /// Renames a tag and those below it, on all notes. Returns how many notes changed.
    pub fn rename_tag(
        &mut self,
        old: &str,
        new: &str,
        progress: &Progress,
    ) -> Result<OpOutput<usize>> {
        let names = normal_tags(&[new]);
        let [name] = names.as_slice() else {
            return Err(Error::invalid(mark!(
                "the name of a tag is one word, without spaces"
            )));
        };
        let renames = vec![(old.to_owned(), name.clone())];
        self.transact(Op::RenameTag, |tx| rename(tx, &renames, progress))
    }

    /// Moves tags, with those below them, below another one, or to the top. One that would be
    /// within itself stays. Returns how many notes changed.
    pub fn reparent_tags(
        &mut self,
        tags: &[String],
        parent: Option<&str>,
        progress: &Progress,
    ) -> Result<OpOutput<usize>> {
        let renames: Vec<(String, String)> = tags
            .iter()
            // What is moved with a tag above it is not moved by itself.
            .filter(|tag| {
                !tags
                    .iter()
                    .any(|other| !same_name(other, tag) && is_within(tag, other))
            })
            .filter_map(|tag| Some((tag.clone(), moved_below(tag, parent)?)))
            .collect();
        self.transact(Op::ReparentTag, |tx| rename(tx, &renames, progress))
    }

    /// Takes tags that no note has out of the list. Returns how many.
    pub fn clear_unused_tags(&mut self, progress: &Progress) -> Result<OpOutput<usize>> {
        self.transact(Op::ClearUnusedTags, |tx| {
            progress.stage(t!("Looking for unused tags"), 0)?;
            let mut used: HashSet<String> = HashSet::new();
            tx.scan_notes(None, |row| {
                progress.step(1)?;
                for tag in row.tags.split([' ', '\u{3000}']) {
                    if !used.contains(tag) {
                        used.insert(tag.to_owned());
                    }
                }
                Ok(())
            })?;
            let used: HashSet<UniCase<String>> = used.into_iter().map(UniCase::new).collect();
            let mut cleared = 0;
            for tag in tx.tags()? {
                if !used.contains(&UniCase::new(tag.clone())) {
                    tx.unregister_tag(&tag)?;
                    cleared += 1;
                }
            }
            Ok(cleared)
        })
    }

    /// Remembers whether a tag is folded in the sidebar. Nothing to undo.
    pub fn set_tag_collapsed(&mut self, tag: &str, collapsed: bool) -> Result<OpOutput<()>> {
        self.transact(Op::CollapseTag, |tx| tx.set_tag_collapsed(tag, collapsed))
    }
}

/// Tags as they are typed, not brought into any form, so that odd ones can be removed.
fn listed(tags: &str) -> Vec<String> {
    tags.split([' ', '\u{3000}'])
        .filter(|tag| !tag.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Whether there were any to take.
fn without(tags: &mut Vec<String>, unwanted: &[String]) -> bool {
    let before = tags.len();
    tags.retain(|tag| !unwanted.iter().any(|u| is_within(tag, u)));
    tags.len() < before
}

/// Notes with one of these tags or one below.
fn notes_within(tx: &Tx<'_>, tags: &[String]) -> Result<Vec<NoteId>> {
    let mut found = Vec::new();
    tx.scan_notes(None, |row| {
        let mut own = row.tags.split([' ', '\u{3000}']);
        if own.any(|own| tags.iter().any(|tag| is_within(own, tag))) {
            found.push(row.id);
        }
        Ok(())
    })?;
    Ok(found)
}

fn unregister(tx: &mut Tx<'_>, tags: &[String]) -> Result<()> {
    for registered in tx.tags()? {
        if tags.iter().any(|tag| is_within(&registered, tag)) {
            tx.unregister_tag(&registered)?;
        }
    }
    Ok(())
}

fn rename(tx: &mut Tx<'_>, renames: &[(String, String)], progress: &Progress) -> Result<usize> {
    let old: Vec<String> = renames.iter().map(|(old, _)| old.clone()).collect();
    let notes = notes_within(tx, &old)?;
    if notes.is_empty() {
        return Ok(0);
    }
    unregister(tx, &old)?;
    let mut writer = NoteWriter::new(tx)?;
    let mut formers = Formers::default();
    change_notes(tx, &notes, &mut formers, progress, |tx, own| {
        let mut tags: Vec<String> = Vec::with_capacity(own.len());
        for tag in own.iter() {
            let renamed = renames.iter().find_map(|(old, new)| renamed(tag, old, new));
            let now = match renamed {
                Some(renamed) => writer.spelled(tx, &renamed)?,
                None => vec![tag.clone()],
            };
            for tag in now {
                if !tags.contains(&tag) {
                    tags.push(tag);
                }
            }
        }
        *own = tags;
        Ok(true)
    })
}

/// Writes the tags of those notes of which `change` says that it changed them. Returns how many.
pub(super) fn change_notes(
    tx: &mut Tx<'_>,
    notes: &[NoteId],
    formers: &mut Formers,
    progress: &Progress,
    mut change: impl FnMut(&mut Tx<'_>, &mut Vec<String>) -> Result<bool>,
) -> Result<usize> {
    progress.stage(t!("Changing tags"), notes.len() as u64)?;
    let mut changed = 0;
    for &id in notes {
        progress.step(1)?;
        changed += usize::from(tx.edit_tags(id, formers.rows(), &mut change)?);
    }
    Ok(changed)
}
