//! Find and Replace over many notes: in all fields, in the fields of one name, or in tags.

use super::keep_many::Formers;
use super::note_writer::NoteWriter;
use super::tags::change_notes;
use super::{Collection, OpOutput};
use crate::base::ids::{NoteId, NotetypeId};
use crate::base::job::Progress;
use crate::base::{Error, Result};
use crate::domain::note_fields::normal_tags;
use crate::domain::op::Op;
use crate::search::glob;
use crate::storage::{Tx, same_name};
use crate::{mark, t};
use regex::{NoExpand, Regex};
use std::borrow::Cow;
use std::collections::HashMap;
use unicode_normalization::UnicodeNormalization as _;

/// Where to replace.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplaceIn {
    #[default]
    AllFields,
    /// Fields of this name, any case; notes without one stay as they are.
    Field(String),
    Tags,
}

/// What to replace by what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FindReplace {
    pub find: String,
    /// `$1` and `${name}` stand for groups of a regular expression.
    pub replacement: String,
    pub regex: bool,
    pub match_case: bool,
    pub place: ReplaceIn,
}

impl FindReplace {
    fn pattern(&self) -> Result<Regex> {
        let find: String = self.find.nfc().collect();
        let text = if self.regex {
            find
        } else {
            regex::escape(&find)
        };
        let flags = if self.match_case { "" } else { "(?i)" };
        glob::build(&format!("{flags}{text}"))
            .map_err(|e| Error::invalid(mark!("the regular expression is not valid: {e}", e)))
    }

    fn apply<'t>(&self, pattern: &Regex, text: &'t str) -> Cow<'t, str> {
        if self.regex {
            pattern.replace_all(text, self.replacement.as_str())
        } else {
            pattern.replace_all(text, NoExpand(&self.replacement))
        }
    }
}

impl Collection {
    /// Replaces in these notes, or in all. Cards that the fields make now are added. Returns how
    /// many notes changed.
    pub fn find_replace(
        &mut self,
        notes: Option<&[NoteId]>,
        what: &FindReplace,
        progress: &Progress,
    ) -> Result<OpOutput<usize>> {
        let pattern = what.pattern()?;
        match &what.place {
            ReplaceIn::Tags => self.replace_in_tags(notes, what, &pattern, progress),
            place => {
                let name = match place {
                    ReplaceIn::Field(name) => Some(name.as_str()),
                    _ => None,
                };
                self.transact(Op::FindAndReplace, |tx| {
                    replace_in_fields(tx, notes, what, &pattern, name, progress)
                })
            }
        }
    }

    fn replace_in_tags(
        &mut self,
        notes: Option<&[NoteId]>,
        what: &FindReplace,
        pattern: &Regex,
        progress: &Progress,
    ) -> Result<OpOutput<usize>> {
        if what.replacement.contains(' ') {
            return Err(Error::invalid(mark!("a tag cannot contain a space")));
        }
        self.transact(Op::UpdateTags, |tx| {
            let mut found = Vec::new();
            progress.stage(t!("Looking for matches"), 0)?;
            tx.scan_notes(notes, |row| {
                progress.step(1)?;
                if !row.damaged && row.tags.split(' ').any(|tag| pattern.is_match(tag)) {
                    found.push(row.id);
                }
                Ok(())
            })?;
            let mut writer = NoteWriter::new(tx)?;
            let mut formers = Formers::default();
            change_notes(tx, &found, &mut formers, progress, |tx, own| {
                let replaced: Vec<String> = own
                    .iter()
                    .map(|tag| what.apply(pattern, tag).into_owned())
                    .collect();
                if replaced == *own {
                    return Ok(false);
                }
                let mut tags = Vec::with_capacity(replaced.len());
                for tag in normal_tags(&replaced) {
                    tags.extend(writer.spelled(tx, &tag)?);
                }
                *own = tags;
                Ok(true)
            })
        })
    }
}

fn replace_in_fields(
    tx: &mut Tx<'_>,
    notes: Option<&[NoteId]>,
    what: &FindReplace,
    pattern: &Regex,
    field: Option<&str>,
    progress: &Progress,
) -> Result<usize> {
    let notetypes: HashMap<NotetypeId, _> = tx
        .known_notetypes()?
        .into_iter()
        .map(|n| (n.id, n))
        .collect();
    let places: HashMap<NotetypeId, Vec<bool>> = notetypes
        .iter()
        .map(|(id, n)| {
            let wanted = |name: &str| field.is_none_or(|field| same_name(name, field));
            (*id, n.fields.iter().map(|f| wanted(&f.name)).collect())
        })
        .collect();
    let mut found: Vec<(NoteId, Vec<String>)> = Vec::new();
    progress.stage(t!("Looking for matches"), 0)?;
    tx.scan_notes(notes, |row| {
        progress.step(1)?;
        // In most notes, and quickest known from all fields as one text. A regular expression may
        // ask for the beginning or the end of a field.
        if !what.regex && !pattern.is_match(row.fields) {
            return Ok(());
        }
        let Some(places) = places.get(&row.notetype_id) else {
            return Ok(());
        };
        let wanted = |at: usize| places.get(at).copied().unwrap_or(false);
        let any = row
            .fields
            .split('\x1f')
            .enumerate()
            .any(|(at, text)| wanted(at) && pattern.is_match(text));
        if any && !row.damaged {
            let replaced = row
                .fields
                .split('\x1f')
                .enumerate()
                .map(|(at, text)| {
                    if wanted(at) {
                        what.apply(pattern, text).into_owned()
                    } else {
                        text.to_owned()
                    }
                })
                .collect();
            found.push((row.id, replaced));
        }
        Ok(())
    })?;
    progress.stage(t!("Saving notes"), found.len() as u64)?;
    let mut writer = NoteWriter::new(tx)?;
    let mut changed = 0;
    for (id, fields) in found {
        progress.step(1)?;
        let Some(mut note) = tx.get_note(id)? else {
            continue;
        };
        let Some(notetype) = notetypes.get(&note.notetype_id) else {
            continue;
        };
        if note.fields != fields {
            note.fields = fields;
            writer.save(tx, &mut note, notetype)?;
            changed += 1;
        }
    }
    Ok(changed)
}
