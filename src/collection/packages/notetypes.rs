//! Note types of a package: by id. One whose fields and templates are the same is updated; one
//! that differs is added beside ours, or merged with it.

use super::import::Source;
use super::merge;
use crate::base::ids::NotetypeId;
use crate::base::job::Progress;
use crate::base::{Error, Result};
use crate::collection::adding::CURRENT_NOTETYPE;
use crate::collection::notetypes;
use crate::domain::distinct::FreeNames;
use crate::domain::note::Note;
use crate::domain::notetype::{Field, Notetype, Template};
use crate::domain::notetype_edit::{Edited, NotetypeEdit};
use crate::domain::package::ImportReport;
use crate::mark;
use crate::storage::Tx;
use crate::template::cards::requirements;
use std::collections::HashMap;

/// Where the note types of the package went.
#[derive(Debug, Default)]
pub(super) struct NotetypeImport {
    by_source: HashMap<NotetypeId, Target>,
    /// As they are now in the collection.
    targets: HashMap<NotetypeId, Notetype>,
    /// Made by earlier imports and now part of another; removed when no note is left.
    merged: Vec<NotetypeId>,
    /// What the collection had of earlier imports before this one.
    by_original: HashMap<NotetypeId, Vec<NotetypeId>>,
    names: FreeNames,
}

/// How a note of the package fits.
#[derive(Debug, Clone)]
pub(super) struct Target {
    pub(super) id: NotetypeId,
    /// How many it has in the package.
    fields: usize,
    /// When the layout differs.
    pub(super) layout: Option<Layout>,
}

/// The place of each field and template of the source in the target.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Layout {
    /// For each field of the target, the source's index.
    pub(super) fields: Vec<Option<usize>>,
    /// For each template of the source, the target's ordinal.
    pub(super) templates: Vec<Option<u16>>,
}

impl Layout {
    pub(super) fn between(source: &Notetype, target: &Notetype) -> Self {
        Self {
            fields: target
                .fields
                .iter()
                .map(|field| source.fields.iter().position(|f| same_field(f, field)))
                .collect(),
            templates: source
                .templates
                .iter()
                .map(|template| {
                    let place = target
                        .templates
                        .iter()
                        .position(|t| same_template(t, template));
                    place.and_then(|place| u16::try_from(place).ok())
                })
                .collect(),
        }
    }

    pub(super) fn apply(&self, fields: &[String]) -> Vec<String> {
        self.fields
            .iter()
            .map(|place| {
                place
                    .and_then(|place| fields.get(place))
                    .cloned()
                    .unwrap_or_default()
            })
            .collect()
    }
}

/// By id where both have one, else by name.
pub(super) fn same_field(a: &Field, b: &Field) -> bool {
    match (a.config.id, b.config.id) {
        (Some(a), Some(b)) => a == b,
        _ => a.name == b.name,
    }
}

/// As [`same_field`].
pub(super) fn same_template(a: &Template, b: &Template) -> bool {
    match (a.config.id, b.config.id) {
        (Some(a), Some(b)) => a == b,
        _ => a.name == b.name,
    }
}

/// The same fields and templates in the same order.
fn same_schema(a: &Notetype, b: &Notetype) -> bool {
    a.fields.len() == b.fields.len()
        && a.templates.len() == b.templates.len()
        && a.fields
            .iter()
            .zip(&b.fields)
            .all(|(a, b)| same_field(a, b))
        && a.templates
            .iter()
            .zip(&b.templates)
            .all(|(a, b)| same_template(a, b))
}

impl NotetypeImport {
    pub(super) fn run(
        tx: &mut Tx<'_>,
        source: &Source<'_>,
        gathered: &[Notetype],
        progress: &Progress,
        report: &mut ImportReport,
    ) -> Result<Self> {
        let mut this = Self {
            by_original: tx.notetypes_by_original()?,
            ..Self::default()
        };
        for incoming in gathered {
            progress.check()?;
            let incoming = &usable(incoming)?;
            this.import(tx, source, incoming, progress, report)?;
        }
        for target in this.by_source.values() {
            if let Some(notetype) = tx.get_notetype(target.id)? {
                this.targets.insert(target.id, notetype);
            }
        }
        Ok(this)
    }

    fn import(
        &mut self,
        tx: &mut Tx<'_>,
        source: &Source<'_>,
        incoming: &Notetype,
        progress: &Progress,
        report: &mut ImportReport,
    ) -> Result<()> {
        let Some(existing) = tx.get_notetype(incoming.id)? else {
            let mut new = incoming.clone();
            new.config.original_id = Some(incoming.id.0);
            self.add(tx, &mut new, report)?;
            self.goes_to(incoming, &new);
            return Ok(());
        };
        if source.options.merge_notetypes {
            let siblings = self.made_from(tx, incoming.id)?;
            let both = (incoming, &existing);
            let names = &mut self.names;
            let merged = merge::merge(tx, source, both, &siblings, names, progress, report)?;
            self.goes_to(incoming, &merged.notetype);
            self.merged.extend(merged.siblings);
            return Ok(());
        }
        if same_schema(&existing, incoming) {
            self.update(tx, source, &existing, incoming, progress, report)?;
            self.goes_to(incoming, &existing);
            return Ok(());
        }
        let earlier = self
            .made_from(tx, incoming.id)?
            .into_iter()
            .find(|earlier| same_schema(earlier, incoming));
        let target = match earlier {
            Some(earlier) => {
                self.update(tx, source, &earlier, incoming, progress, report)?;
                earlier
            }
            None => {
                let mut new = incoming.clone();
                new.config.original_id = Some(incoming.id.0);
                new.id = NotetypeId(0);
                self.add(tx, &mut new, report)?;
                tx.set_config(CURRENT_NOTETYPE, &new.id)?;
                new
            }
        };
        self.goes_to(incoming, &target);
        Ok(())
    }

    /// Those that earlier imports made from the one with the id `original`.
    fn made_from(&self, tx: &Tx<'_>, original: NotetypeId) -> Result<Vec<Notetype>> {
        let mut found = Vec::new();
        for &id in self.by_original.get(&original).into_iter().flatten() {
            let notetype = tx.get_notetype(id)?;
            found.extend(notetype.filter(|n| n.config.original_id == Some(original.0)));
        }
        Ok(found)
    }

    /// Adds a note type under a free name; one that got another name counts as changed now.
    fn add(
        &mut self,
        tx: &mut Tx<'_>,
        notetype: &mut Notetype,
        report: &mut ImportReport,
    ) -> Result<()> {
        let is_taken = |name: &str| Ok::<_, Error>(tx.notetype_id_by_name(name)?.is_some());
        let name = self.names.take(&notetype.name, is_taken)?;
        if notetype.name != name {
            notetype.name = name;
            notetype.mtime = tx.now_secs();
        }
        notetype.config.reqs = requirements(notetype);
        tx.put_transferred_notetype(notetype)?;
        report.notetypes_added.push(notetype.name.clone());
        Ok(())
    }

    /// Replaces ours by theirs when the rule says so; the id stays. One that got another name counts
    /// as changed now.
    fn update(
        &mut self,
        tx: &mut Tx<'_>,
        source: &Source<'_>,
        existing: &Notetype,
        incoming: &Notetype,
        progress: &Progress,
        report: &mut ImportReport,
    ) -> Result<()> {
        let rule = source.options.update_notetypes;
        if !rule.lets_pass(existing.mtime, incoming.mtime) {
            return Ok(());
        }
        let mut new = incoming.clone();
        new.config.original_id = Some(incoming.id.0);
        let edit = edit_of(existing, new);
        let mut new = notetypes::carry_out(tx, existing, &edit, &mut self.names, progress)?;
        if new.name == incoming.name {
            new.mtime = incoming.mtime;
        } else {
            new.mtime = tx.now_secs();
        }
        tx.put_transferred_notetype(&mut new)?;
        report.notetypes_updated.push(new.name);
        Ok(())
    }

    fn goes_to(&mut self, incoming: &Notetype, target: &Notetype) {
        let layout = Layout::between(incoming, target);
        let same = same_schema(incoming, target);
        self.by_source.insert(
            incoming.id,
            Target {
                id: target.id,
                fields: incoming.fields.len(),
                layout: (!same).then_some(layout),
            },
        );
    }

    /// The note type of the collection with this id, if notes of the package go to it.
    pub(super) fn target(&self, id: NotetypeId) -> Option<&Notetype> {
        self.targets.get(&id)
    }

    /// Makes a note of the package one of the collection's note type.
    pub(super) fn translate(&self, note: &mut Note) {
        if let Some(target) = self.by_source.get(&note.notetype_id) {
            note.notetype_id = target.id;
            if let Some(layout) = &target.layout {
                note.fit_fields(target.fields);
                note.fields = layout.apply(&note.fields);
            }
        }
    }

    /// The ordinal here of a card whose note has the type `source` in the package.
    pub(super) fn ordinal(&self, source: NotetypeId, ordinal: u16) -> u16 {
        self.by_source
            .get(&source)
            .and_then(|target| target.layout.as_ref())
            .and_then(|layout| layout.templates.get(usize::from(ordinal)))
            .and_then(|place| *place)
            .unwrap_or(ordinal)
    }

    /// Note types that became part of another and have no notes any more go away.
    pub(super) fn remove_merged(&self, tx: &mut Tx<'_>) -> Result<()> {
        let mut removed = false;
        for &id in &self.merged {
            if !tx.notetype_is_used(id)? {
                tx.remove_unused_notetype(id)?;
                notetypes::forget_settings(tx, id)?;
                removed = true;
            }
        }
        if removed && let Some((first, _)) = tx.notetype_names()?.first() {
            tx.set_config(CURRENT_NOTETYPE, first)?;
        }
        Ok(())
    }
}

/// With the names and the sort field that Anki would store.
fn usable(incoming: &Notetype) -> Result<Notetype> {
    let mut notetype = incoming.clone();
    notetypes::clean_names(&mut notetype).map_err(|error| {
        let what = error.what();
        Error::corrupt(mark!(
            "the note type “{name}” of the package is broken: {what}",
            name = incoming.name,
            what
        ))
    })?;
    let last = u32::try_from(notetype.fields.len() - 1).unwrap_or(u32::MAX);
    notetype.config.sort_field_idx = notetype.config.sort_field_idx.min(last);
    Ok(notetype)
}

/// The step from `stored` to `wanted`.
pub(super) fn edit_of(stored: &Notetype, wanted: Notetype) -> NotetypeEdit {
    let field = |now: Field| Edited {
        was: stored.fields.iter().position(|f| same_field(f, &now)),
        now,
    };
    let template = |now: Template| Edited {
        was: stored.templates.iter().position(|t| same_template(t, &now)),
        now,
    };
    NotetypeEdit {
        id: stored.id,
        name: wanted.name,
        config: wanted.config,
        fields: wanted.fields.into_iter().map(field).collect(),
        templates: wanted.templates.into_iter().map(template).collect(),
    }
}
