//! Merging two note types that were one once: fields and templates of both, notes carried over.

use super::import::Source;
use super::notetypes::{Layout, edit_of, same_field, same_template};
use crate::base::ids::NotetypeId;
use crate::base::job::Progress;
use crate::base::{Error, Result};
use crate::collection::notes::add_missing_cards;
use crate::collection::notetypes;
use crate::domain::distinct::FreeNames;
use crate::domain::notetype::Notetype;
use crate::domain::package::{ImportReport, UpdateRule};
use crate::mark;
use crate::storage::Tx;
use std::sync::Arc;

/// What came of it.
pub(super) struct Merged {
    /// With the names that its parts had: those that are alike but for capitals get a `+`.
    pub(super) notetype: Notetype,
    /// Note types whose notes were carried over.
    pub(super) siblings: Vec<NotetypeId>,
}

/// Merges the `incoming` note type and the `existing` one with `siblings`, which earlier imports made
/// from it.
pub(super) fn merge(
    tx: &mut Tx<'_>,
    source: &Source<'_>,
    (incoming, existing): (&Notetype, &Notetype),
    siblings: &[Notetype],
    names: &mut FreeNames,
    progress: &Progress,
    report: &mut ImportReport,
) -> Result<Merged> {
    let mut ours = existing.clone();
    let mut theirs = incoming.clone();
    theirs.config.original_id = Some(incoming.id.0);
    unite(&mut theirs, existing)?;
    unite(&mut ours, incoming)?;
    for sibling in siblings {
        unite(&mut theirs, sibling)?;
        unite(&mut ours, sibling)?;
    }
    let rule = source.options.update_notetypes;
    let takes_theirs = rule == UpdateRule::Always || rule.lets_pass(existing.mtime, incoming.mtime);
    for like in std::iter::once(existing).chain(siblings) {
        arrange(&mut theirs.fields, &like.fields, same_field);
        arrange(&mut theirs.templates, &like.templates, same_template);
    }
    // Whichever side wins, the order is that which theirs has now.
    arrange(&mut ours.fields, &theirs.fields, same_field);
    arrange(&mut ours.templates, &theirs.templates, same_template);
    let merged = if takes_theirs { theirs } else { ours };
    let united = merged.clone();
    let edit = edit_of(existing, merged);
    let merged = notetypes::carry_out(tx, existing, &edit, names, progress)?;
    if merged.fields != existing.fields
        || merged.templates != existing.templates
        || merged.config != existing.config
    {
        report.notetypes_updated.push(merged.name.clone());
    }
    let merged = Arc::new(merged);
    for sibling in siblings {
        carry_over(tx, sibling, &Layout::between(sibling, &united), &merged)?;
    }
    Ok(Merged {
        siblings: siblings.iter().map(|sibling| sibling.id).collect(),
        notetype: united,
    })
}

/// Adds what `other` has and `notetype` lacks, at the place that it has there.
fn unite(notetype: &mut Notetype, other: &Notetype) -> Result<()> {
    if notetype.is_cloze() != other.is_cloze() {
        return Err(Error::invalid(mark!(
            "the note type “{name}” has cloze deletions in one collection only; it cannot be \
             merged",
            name = other.name
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

/// Brings the parts that `like` has to their places there, one exchange after the other, as Anki
/// does; the others end behind them in the order that this leaves.
fn arrange<T>(parts: &mut [T], like: &[T], same: fn(&T, &T) -> bool) {
    for (place, wanted) in like.iter().enumerate() {
        if let Some(at) = parts.iter().position(|part| same(part, wanted))
            && place < parts.len()
        {
            parts.swap(place, at);
        }
    }
}

/// Notes and cards of `from` become those of `to`.
fn carry_over(tx: &mut Tx<'_>, from: &Notetype, layout: &Layout, to: &Arc<Notetype>) -> Result<()> {
    let nfc = tx.composes_texts()?;
    for id in tx.note_ids_of_notetype(from.id)? {
        let Some(mut note) = tx.get_note(id)? else {
            continue;
        };
        note.notetype_id = to.id;
        note.fields = layout.apply(&note.fields);
        note.prepare(to, nfc);
        tx.update_note(&note)?;
        if !to.is_cloze() {
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
        add_missing_cards(tx, &note, to, None, true)?;
    }
    Ok(())
}
