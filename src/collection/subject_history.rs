//! Former versions of decks, presets and note types, and the way back to one: always one undo
//! step. Keeping them is part of every operation (`Collection::transact`), a sync included.

use super::decks::{self, existing};
use super::history::{has_words, origin_label};
use super::notetypes::{self, replace_notetype};
use super::{Collection, OpOutput, options};
use crate::base::ids::{DeckConfigId, NotetypeId};
use crate::base::job::Progress;
use crate::base::{Error, Result};
use crate::domain::deck::{Deck, DeckKind};
use crate::domain::history::ShownVersion;
use crate::domain::notetype::{Notetype, NotetypeVersion};
use crate::domain::notetype_edit::NotetypeEdit;
use crate::domain::subject::{
    Subject, SubjectHistory, SubjectState, SubjectVersion, TrashedSubject,
};
use crate::mark;
use crate::storage::Tx;

impl Collection {
    /// Former versions, newest first.
    pub fn subject_versions(&mut self, subject: Subject) -> Result<Vec<SubjectVersion>> {
        self.history()?.subject_versions(subject)
    }

    /// Former versions of a note type, newest first.
    pub fn notetype_versions(&mut self, id: NotetypeId) -> Result<Vec<NotetypeVersion>> {
        let versions = self.subject_versions(Subject::Notetype(id))?;
        let of = |version: SubjectVersion| match version.state {
            SubjectState::Notetype(notetype) => Some(NotetypeVersion {
                until: version.until,
                origin: origin_label(&version.origin),
                notetype,
            }),
            _ => None,
        };
        Ok(versions.into_iter().filter_map(of).collect())
    }

    /// Versions for a window, with the present state.
    pub fn subject_history(&mut self, subject: Subject) -> Result<SubjectHistory> {
        let versions = self.subject_versions(subject)?;
        let storage = &self.storage;
        let present = storage.subject_state(subject)?;
        let presets = storage.all_deck_configs()?;
        let lines = |state: &SubjectState| {
            state.lines(|id| Some(presets.iter().find(|p| p.id == id)?.name.clone()))
        };
        let shown = |version: SubjectVersion| ShownVersion {
            number: version.number,
            until: version.until,
            origin: origin_label(&version.origin),
            fate: version.fate,
            fields: lines(&version.state),
            decks: String::new(),
        };
        Ok(SubjectHistory {
            subject,
            present: present.as_ref().map(lines),
            versions: versions.into_iter().map(shown).collect(),
        })
    }

    /// What was deleted and can be put back, newest first, at most `limit`, as far as its name has
    /// each word of `search`.
    pub fn trashed_subjects(&mut self, search: &str, limit: usize) -> Result<Vec<TrashedSubject>> {
        // What is looked for may be older than as many as are listed.
        let most = match search.trim().is_empty() {
            true => limit,
            false => usize::MAX,
        };
        let deleted = self.history()?.deleted_subjects(most)?;
        let mut trashed = Vec::new();
        for version in deleted {
            if trashed.len() == limit {
                break;
            }
            let subject = version.state.subject();
            if has_words(search, || version.state.name())
                && self.storage.subject_state(subject)?.is_none()
            {
                trashed.push(TrashedSubject {
                    number: version.number,
                    subject,
                    name: version.state.name(),
                    deleted: version.until,
                });
            }
        }
        Ok(trashed)
    }

    /// Makes former versions the present ones, all in one step; what was deleted comes back under
    /// its id. Fields and card types that a note type got since stay, so that no note loses text.
    pub fn restore_subjects(
        &mut self,
        numbers: &[i64],
        progress: &Progress,
    ) -> Result<OpOutput<Vec<Subject>>> {
        let history = self.history()?;
        let mut states = Vec::with_capacity(numbers.len());
        for &number in numbers {
            let version = history.subject_version(number)?;
            let version = version
                .ok_or_else(|| Error::not_found(mark!("this version is not kept any more")))?;
            states.push(version.state);
        }
        // Presets before the decks that have them, decks before those below them.
        states.sort_by_key(|state| match state {
            SubjectState::Preset(_) => (0, String::new()),
            SubjectState::Deck(deck) => (1, deck.name.as_native().to_owned()),
            SubjectState::Notetype(_) => (2, String::new()),
        });
        let subjects = states.iter().map(SubjectState::subject).collect();
        let output = self.options_step(progress, |tx| {
            for state in states {
                match state {
                    SubjectState::Deck(deck) => back_to_deck(tx, deck)?,
                    SubjectState::Preset(preset) => options::put_preset(tx, preset)?,
                    SubjectState::Notetype(notetype) => back_to_notetype(tx, notetype, progress)?,
                }
            }
            Ok(())
        })?;
        Ok(OpOutput {
            value: subjects,
            changes: output.changes,
        })
    }
}

fn back_to_deck(tx: &mut Tx<'_>, mut version: Deck) -> Result<()> {
    let present = tx.get_deck(version.id)?;
    if let DeckKind::Normal(normal) = &mut version.kind
        && tx.deck_config(normal.config_id)?.is_none()
    {
        // The preset of then was deleted.
        let now = present.as_ref().and_then(Deck::config_id);
        normal.config_id = now.unwrap_or(DeckConfigId::DEFAULT);
    }
    let Some(present) = present else {
        decks::add(tx, version)?;
        return Ok(());
    };
    if present.is_filtered() != version.is_filtered() {
        return Err(Error::invalid(mark!(
            "a filtered deck cannot become a normal one, nor the other way round"
        )));
    }
    decks::rename(tx, &present, &version.name)?;
    let mut deck = existing(tx, version.id)?;
    deck.kind = version.kind;
    tx.update_deck(&deck)
}

fn back_to_notetype(tx: &mut Tx<'_>, version: Notetype, progress: &Progress) -> Result<()> {
    match tx.get_notetype(version.id)? {
        Some(present) => {
            let edit = NotetypeEdit::back_to(present, &version);
            replace_notetype(tx, &edit, progress)
        }
        None => {
            let mut notetype = version;
            notetypes::put_back(tx, &mut notetype)
        }
    }
}
