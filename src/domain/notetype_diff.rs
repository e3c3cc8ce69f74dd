//! What became of a note type: its name, fields and their options, templates and styling, each
//! then and now.

use super::explorer::{Compared, NotetypeNow};
use super::notetype::{Notetype, Template};
use super::subject::field_options;
use crate::t;

/// A note type of an earlier collection that is another one now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotetypeDiff {
    /// In the earlier collection.
    pub name: String,
    /// Never [`NotetypeNow::Same`].
    pub now: NotetypeNow,
}

/// Those of `then` that differ, each beside the one of the same id, or else of the same name.
#[must_use]
pub fn differing(then: &[Notetype], now: &[Notetype]) -> Vec<NotetypeDiff> {
    let counterpart = |notetype: &Notetype| {
        let same_id = now.iter().find(|n| n.id == notetype.id);
        same_id.or_else(|| now.iter().find(|n| n.name == notetype.name))
    };
    let diff = |notetype: &Notetype| NotetypeDiff {
        name: notetype.name.clone(),
        now: became(notetype, counterpart(notetype)),
    };
    let differs = |diff: &NotetypeDiff| diff.now != NotetypeNow::Same;
    then.iter().map(diff).filter(differs).collect()
}

/// What became of `then`; None: there is none any more.
#[must_use]
pub fn became(then: &Notetype, now: Option<&Notetype>) -> NotetypeNow {
    let Some(now) = now else {
        return NotetypeNow::Gone;
    };
    let parts = parts(then, now);
    match parts.is_empty() {
        true => NotetypeNow::Same,
        false => NotetypeNow::Changed(parts),
    }
}

/// The parts in which two note types differ.
fn parts(then: &Notetype, now: &Notetype) -> Vec<Compared> {
    let mut parts = Vec::new();
    let mut part = |name: String, was: &str, is: Option<&str>| {
        if is != Some(was) {
            let is = is.map(str::to_owned);
            parts.push(Compared {
                name,
                was: was.to_owned(),
                is,
            });
        }
    };
    part(t!("Name").into(), &then.name, Some(&now.name));
    let names = |notetype: &Notetype| {
        let names: Vec<&str> = notetype.fields.iter().map(|f| f.name.as_str()).collect();
        names.join(", ")
    };
    part(t!("Fields").into(), &names(then), Some(&names(now)));
    for field in &then.fields {
        if let Some(same) = now.fields.iter().find(|f| f.name == field.name) {
            let name = t!("Options of the field {field}", field = field.name);
            part(name, &field_options(field), Some(&field_options(same)));
        }
    }
    for (ord, template) in then.templates.iter().enumerate() {
        let same = counterpart(template, ord, (then, now));
        let (was, is) = (&template.config, same.map(|t| &t.config));
        let name = &template.name;
        part(
            t!("{card}: name", card = name),
            name,
            same.map(|t| t.name.as_str()).or(Some(name)),
        );
        part(
            t!("{card}: front", card = name),
            &was.q_format,
            is.map(|c| c.q_format.as_str()),
        );
        part(
            t!("{card}: back", card = name),
            &was.a_format,
            is.map(|c| c.a_format.as_str()),
        );
    }
    for (ord, template) in now.templates.iter().enumerate() {
        if counterpart(template, ord, (now, then)).is_none() {
            let name = t!("{card}: added since", card = template.name);
            part(name, "", Some(&template.config.q_format));
        }
    }
    let (was, is) = (&then.config, &now.config);
    part(t!("Styling").into(), &was.css, Some(&is.css));
    part(
        t!("LaTeX header").into(),
        &was.latex_pre,
        Some(&is.latex_pre),
    );
    part(
        t!("LaTeX footer").into(),
        &was.latex_post,
        Some(&is.latex_post),
    );
    parts
}

/// The same template in the other note type: by its own id, or by name, or at its place, where
/// something is that `of` has not.
fn counterpart<'a>(
    template: &Template,
    ord: usize,
    (of, other): (&Notetype, &'a Notetype),
) -> Option<&'a Template> {
    let by_id = |t: &&Template| t.config.id.is_some() && t.config.id == template.config.id;
    let templates = &other.templates;
    templates
        .iter()
        .find(by_id)
        .or_else(|| templates.iter().find(|t| t.name == template.name))
        .or_else(|| {
            let there = templates.get(ord)?;
            let unknown = there.config.id.is_none() || template.config.id.is_none();
            let is_new = !of.templates.iter().any(|t| t.name == there.name);
            (unknown && is_new).then_some(there)
        })
}
