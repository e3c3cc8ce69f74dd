//! Note types: the list, adding, saving an edited one (see `plan`), removing. Notes and cards
//! follow in the same operation. Editing itself is `domain::notetype_edit`; moving notes to
//! another note type is with the notes.

mod apply;
mod plan;
pub mod preview;

pub(super) use plan::clean_names;

use super::adding::CURRENT_NOTETYPE;
use super::removal::{self, Removed};
use super::{Collection, OpOutput};
use crate::base::ids::NotetypeId;
use crate::base::job::Progress;
use crate::base::{Error, Result};
use crate::domain::distinct::FreeNames;
use crate::domain::notetype::{Notetype, NotetypeFacts, NotetypeModel, NotetypeUse};
use crate::domain::notetype_edit::NotetypeEdit;
use crate::domain::op::Op;
use crate::storage::{self, Tx};
use crate::{mark, t};

/// The note types that every collection begins with, in the order of the chooser.
#[must_use]
pub fn stock() -> Vec<Notetype> {
    storage::stock_notetypes(rand::random)
}

impl Collection {
    /// All note types by name.
    pub fn notetype_uses(&self) -> Result<Vec<NotetypeUse>> {
        self.storage.notetype_uses()
    }

    pub fn notetype_facts(&self, id: NotetypeId) -> Result<NotetypeFacts> {
        let notetype = existing(&self.storage, id)?;
        let (notes, mut cards) = self.storage.notetype_counts(id, notetype.templates.len())?;
        if notetype.is_cloze() {
            // None of them goes with a card type.
            cards.fill(0);
        }
        Ok(NotetypeFacts {
            notetype,
            notes,
            cards,
        })
    }

    /// Adds a note type like `model`, under a name made distinct by `+`.
    pub fn add_notetype(
        &mut self,
        model: NotetypeModel,
        name: &str,
    ) -> Result<OpOutput<NotetypeId>> {
        let mut notetype = match model {
            NotetypeModel::Stock(place) => (stock().into_iter().nth(place))
                .ok_or_else(|| Error::not_found(mark!("there is no such stock note type")))?,
            NotetypeModel::Existing(id) => existing(&self.storage, id)?,
        };
        name.trim().clone_into(&mut notetype.name);
        notetype.id = NotetypeId(0);
        self.transact(Op::AddNotetype, |tx| add(tx, &mut notetype))
    }

    /// Gives a note type another name.
    pub fn rename_notetype(&mut self, id: NotetypeId, name: &str) -> Result<OpOutput<()>> {
        let mut edit = NotetypeEdit::from(existing(&self.storage, id)?);
        name.trim().clone_into(&mut edit.name);
        self.update_notetype(&edit, &Progress::new())
    }

    /// Saves an edited note type, with all notes and cards that it changes. Cards of card types
    /// that are gone are removed; those that the templates newly ask for are added.
    pub fn update_notetype(
        &mut self,
        edit: &NotetypeEdit,
        progress: &Progress,
    ) -> Result<OpOutput<()>> {
        self.transact(Op::UpdateNotetype, |tx| {
            replace_notetype(tx, edit, progress)
        })
    }

    /// Removes a note type with its notes and cards; the notes are written to `deleted.txt`
    /// first. A collection keeps at least one.
    pub fn remove_notetype(
        &mut self,
        id: NotetypeId,
        progress: &Progress,
    ) -> Result<OpOutput<Removed>> {
        self.transact(Op::RemoveNotetype, |tx| {
            existing(tx, id)?;
            let others = tx.notetype_uses()?;
            let Some(next) = others.iter().find(|other| other.id != id) else {
                return Err(Error::invalid(mark!(
                    "this is the only note type; add another one first"
                )));
            };
            let notes = tx.note_ids_of_notetype(id)?;
            progress.stage(t!("Removing notes"), notes.len() as u64)?;
            let removed = removal::remove_notes(tx, &notes)?;
            progress.check()?;
            tx.remove_notetype(id)?;
            forget_settings(tx, id)?;
            tx.set_config(CURRENT_NOTETYPE, &next.id)?;
            tx.set_scm()?;
            Ok(removed)
        })
    }
}

/// Saves an edited note type, with all notes and cards that it changes.
pub(super) fn replace_notetype(
    tx: &mut Tx<'_>,
    edit: &NotetypeEdit,
    progress: &Progress,
) -> Result<()> {
    let stored = existing(tx, edit.id)?;
    let mut plan = plan::plan(&stored, edit)?;
    plan.notetype.name = free_name(tx, &plan.notetype.name, edit.id)?;
    if plan.notetype == stored {
        return Ok(());
    }
    apply::apply(tx, &stored, &plan, progress)
}

/// Removes what is remembered of a note type that is gone.
pub(super) fn forget_settings(tx: &mut Tx<'_>, id: NotetypeId) -> Result<()> {
    for key in tx.config_keys_with_prefix(&format!("_nt_{id}_"))? {
        tx.remove_config(&key)?;
    }
    Ok(())
}

/// Carries an edit out as saving does, even one whose templates do not all work, or that changes
/// nothing, as one of many: `names` is what was found out about names so far. Returns the note type
/// as it is then.
pub(super) fn carry_out(
    tx: &mut Tx<'_>,
    stored: &Notetype,
    edit: &NotetypeEdit,
    names: &mut FreeNames,
    progress: &Progress,
) -> Result<Notetype> {
    let mut plan = plan::plan_unchecked(stored, edit)?;
    names.leave(&stored.name);
    plan.notetype.name = free_name_of(tx, names, &plan.notetype.name, edit.id)?;
    apply::apply(tx, stored, &plan, progress)?;
    Ok(plan.notetype)
}

fn existing(storage: &storage::Storage, id: NotetypeId) -> Result<Notetype> {
    storage
        .get_notetype(id)?
        .ok_or_else(|| Error::not_found(mark!("the note type does not exist any more")))
}

/// Adds a note type whose templates work.
pub(super) fn add(tx: &mut Tx<'_>, notetype: &mut Notetype) -> Result<NotetypeId> {
    clean_names(notetype)?;
    notetype.config.reqs = crate::template::cards::requirements(notetype);
    plan::require_working(notetype)?;
    notetype.name = free_name(tx, &notetype.name, notetype.id)?;
    tx.add_notetype(notetype)?;
    Ok(notetype.id)
}

/// Adds a note type that was there before, as it was, even if its templates do not all work. To
/// others that sync it is a new one: deleting it was what needed a one-way sync.
pub(super) fn put_back(tx: &mut Tx<'_>, notetype: &mut Notetype) -> Result<()> {
    notetype.name = free_name(tx, &notetype.name, notetype.id)?;
    tx.add_notetype(notetype)
}

/// `name`, with `+` as long as another note type has it.
fn free_name(tx: &Tx<'_>, name: &str, except: NotetypeId) -> Result<String> {
    free_name_of(tx, &mut FreeNames::default(), name, except)
}

fn free_name_of(
    tx: &Tx<'_>,
    names: &mut FreeNames,
    name: &str,
    except: NotetypeId,
) -> Result<String> {
    names.take(name, |name| {
        let other = tx.notetype_id_by_name(name)?;
        Ok(other.is_some_and(|other| other != except))
    })
}
