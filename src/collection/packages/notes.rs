//! Notes of a package: by guid. New ones are added, known ones updated when the rule says so.

use super::beside::{Push, read_beside};
use super::cards::ID_STEP;
use super::gather::PERSONAL_TAGS;
use super::import::Source;
use super::media::MediaImport;
use super::notetypes::NotetypeImport;
use super::stage::of_package;
use crate::base::ids::{NoteId, NotetypeId};
use crate::base::job::Progress;
use crate::base::{Error, Result};
use crate::collection::notes::set_tags;
use crate::domain::media_refs;
use crate::domain::note::Note;
use crate::domain::package::{ImportReport, LoggedNote};
use crate::storage::{MatchedNotes, NoteHead, Storage, Tx};
use crate::{mark, t};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

/// They can be long.
const NOTES_AT_ONCE: usize = 32;

/// Where the notes of the package went.
#[derive(Debug, Default)]
pub(super) struct ImportedNotes {
    targets: HashMap<NoteId, (NoteId, NotetypeId)>,
    new: HashSet<NoteId>,
}

impl ImportedNotes {
    /// The note of the collection; None when it was left out.
    pub(super) fn target(&self, source: NoteId) -> Option<NoteId> {
        self.targets.get(&source).map(|(target, _)| *target)
    }

    /// The note type that the note has in the package.
    pub(super) fn notetype_of(&self, source: NoteId) -> NotetypeId {
        self.targets
            .get(&source)
            .map_or(NotetypeId(0), |(_, notetype)| *notetype)
    }

    /// Whether no note was here already.
    pub(super) fn all_new(&self) -> bool {
        self.targets.len() == self.new.len()
    }

    pub(super) fn is_new(&self, target: NoteId) -> bool {
        self.new.contains(&target)
    }
}

pub(super) struct NoteImport<'a, 'm> {
    pub(super) source: &'a Source<'a>,
    pub(super) notetypes: &'a NotetypeImport,
    /// The notes of the collection, with their note types merged already.
    pub(super) heads: Vec<NoteHead>,
    pub(super) media: &'a mut MediaImport<'m>,
    pub(super) progress: &'a Progress,
}

/// The notes of the collection.
struct Known {
    by_guid: HashMap<String, NoteHead>,
    ids: HashSet<NoteId>,
    nfc: bool,
}

impl NoteImport<'_, '_> {
    pub(super) fn run(
        mut self,
        tx: &mut Tx<'_>,
        count: u64,
        report: &mut ImportReport,
    ) -> Result<ImportedNotes> {
        self.progress.stage(t!("Importing notes"), count)?;
        let mut known = Known {
            ids: self.heads.iter().map(|head| head.id).collect(),
            by_guid: std::mem::take(&mut self.heads)
                .into_iter()
                .map(|head| (head.guid.clone(), head))
                .collect(),
            nfc: tx.composes_texts()?,
        };
        let mut imported = ImportedNotes::default();
        let source = self.source;
        let read = |storage: &Storage, push: &mut Push<'_, Note>| {
            let read = storage.each_note(MatchedNotes::All, push);
            read.map_err(|error| of_package(error, source.path))
        };
        read_beside(source.storage.path(), NOTES_AT_ONCE, read, |notes| {
            self.progress.step(notes.len() as u64)?;
            notes
                .into_iter()
                .try_for_each(|note| self.import(tx, note, &mut known, &mut imported, report))
        })?;
        Ok(imported)
    }

    fn import(
        &mut self,
        tx: &mut Tx<'_>,
        mut note: Note,
        known: &mut Known,
        imported: &mut ImportedNotes,
        report: &mut ImportReport,
    ) -> Result<()> {
        let (source_id, source_notetype) = (note.id, note.notetype_id);
        self.notetypes.translate(&mut note);
        if !self.source.options.along.scheduling {
            note.tags
                .retain(|tag| !PERSONAL_TAGS.iter().any(|p| tag.eq_ignore_ascii_case(p)));
        }
        let target = match known.by_guid.get(&note.guid) {
            None => {
                while !known.ids.insert(note.id) {
                    note.id = NoteId(note.id.0 + ID_STEP);
                }
                self.prepare(tx, &mut note, known.nfc)?;
                tx.add_transferred_note(&mut note)?;
                imported.new.insert(note.id);
                report.new.push(LoggedNote::of(note.id, &note));
                note.id
            }
            Some(existing) if existing.notetype_id != note.notetype_id => {
                report.conflicting.push(LoggedNote::of(existing.id, &note));
                return Ok(());
            }
            Some(existing) => {
                note.id = existing.id;
                let rule = self.source.options.update_notes;
                if rule.lets_pass(existing.mtime, note.mtime) {
                    self.prepare(tx, &mut note, known.nfc)?;
                    tx.update_transferred_note(&mut note)?;
                    report.updated.push(LoggedNote::of(note.id, &note));
                } else {
                    report.duplicates.push(LoggedNote::of(note.id, &note));
                }
                note.id
            }
        };
        imported
            .targets
            .insert(source_id, (target, source_notetype));
        Ok(())
    }

    /// Media under the names that they have here, tags as they are spelled here.
    fn prepare(&mut self, tx: &mut Tx<'_>, note: &mut Note, nfc: bool) -> Result<()> {
        for field in &mut note.fields {
            let mut failed = None;
            let renamed = media_refs::rename_media(field, |name| match self.media.claim(name) {
                Ok(new) => new,
                Err(error) => {
                    failed = Some(error);
                    None
                }
            });
            if let Some(error) = failed {
                return Err(error);
            }
            if let Cow::Owned(renamed) = renamed {
                *field = renamed;
            }
        }
        let Some(notetype) = self.notetypes.target(note.notetype_id) else {
            return Err(Error::corrupt(mark!(
                "the package holds notes without their note type"
            )));
        };
        note.fit_fields(notetype.fields.len());
        note.prepare(notetype, nfc);
        set_tags(tx, note)
    }
}
