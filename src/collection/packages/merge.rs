//! Merging two note types that were one once: fields and templates of both, notes carried over.

use super::import::Source;
use super::notetypes::{Layout, same_field, same_schema, same_template};
use crate::base::ids::NotetypeId;
use crate::base::{Error, Result};
use crate::domain::notetype::Notetype;
use crate::domain::package::ImportReport;
use crate::storage::Tx;
use crate::template::cards::requirements;

/// What came of it.
pub(super) struct Merged {
    pub(super) notetype: Notetype,
    /// Note types whose notes were carried over.
    pub(super) siblings: Vec<NotetypeId>,
}

pub(super) fn merge(
    tx: &mut Tx<'_>,
    source: &Source<'_>,
    incoming: &Notetype,
    existing: Notetype,
    report: &mut ImportReport,
) -> Result<Merged> {
    let siblings = tx.notetypes_made_from(incoming.id)?;
    let mut ours = existing.clone();
    let mut theirs = incoming.clone();
    unite(&mut theirs, &ours)?;
    unite(&mut ours, &theirs)?;
    for sibling in &siblings {
        unite(&mut theirs, sibling)?;
        unite(&mut ours, sibling)?;
    }
    let rule = source.options.update_notetypes;
    let mut merged = if rule.lets_pass(existing.mtime, incoming.mtime) {
        theirs
    } else {
        ours
    };
    merged.id = existing.id;
    merged.config.original_id = existing.config.original_id;
    merged.mtime = tx.now_secs();
    if let Some(other) = tx.notetype_by_name(&merged.name)?
        && other.id != merged.id
    {
        merged.name.clone_from(&existing.name);
    }
    if !same_schema(&merged, &existing) {
        tx.set_scm()?;
    }
    merged.config.reqs = requirements(&merged);
    tx.put_transferred_notetype(&mut merged)?;
    if merged.fields != existing.fields
        || merged.templates != existing.templates
        || merged.config != existing.config
    {
        report.notetypes_updated.push(merged.name.clone());
    }
    carry_over(tx, &existing, &merged)?;
    for sibling in &siblings {
        carry_over(tx, sibling, &merged)?;
    }
    Ok(Merged {
        notetype: merged,
        siblings: siblings.iter().map(|sibling| sibling.id).collect(),
    })
}

/// Adds what `other` has and `notetype` lacks, at the place that it has there.
fn unite(notetype: &mut Notetype, other: &Notetype) -> Result<()> {
    if notetype.is_cloze() != other.is_cloze() {
        return Err(Error::invalid(format!(
            "the note type \u{201c}{}\u{201d} has cloze deletions in one collection only; it cannot be merged",
            other.name
        )));
    }
    for (place, field) in other.fields.iter().enumerate() {
        if !notetype.fields.iter().any(|f| same_field(f, field)) {
            let place = place.min(notetype.fields.len());
            notetype.fields.insert(place, field.clone());
        }
    }
    if notetype.is_cloze() {
        return Ok(());
    }
    for (place, template) in other.templates.iter().enumerate() {
        if !notetype
            .templates
            .iter()
            .any(|t| same_template(t, template))
        {
            let place = place.min(notetype.templates.len());
            notetype.templates.insert(place, template.clone());
        }
    }
    Ok(())
}

/// Notes and cards of `from` become those of `to`.
fn carry_over(tx: &mut Tx<'_>, from: &Notetype, to: &Notetype) -> Result<()> {
    if from.id == to.id && same_schema(from, to) {
        return Ok(());
    }
    let layout = Layout::between(from, to);
    let nfc = tx.config_or("normalize_note_text", true)?;
    for id in tx.note_ids_of_notetype(from.id)? {
        let Some(mut note) = tx.get_note(id)? else {
            continue;
        };
        let before = note.clone();
        note.notetype_id = to.id;
        note.fields = layout.apply(&note.fields);
        note.prepare(to, nfc);
        if note != before {
            tx.update_note(&note)?;
        }
        if to.is_cloze() {
            continue;
        }
        for mut card in tx.cards_of_note(id)? {
            let place = layout.templates.get(usize::from(card.template_idx));
            if let Some(Some(place)) = place
                && *place != card.template_idx
            {
                card.template_idx = *place;
                tx.update_card(&card)?;
            }
        }
    }
    Ok(())
}
