//! What saving an edited note type does, worked out before anything is written: names brought
//! into order, templates adapted to renamed fields, which notes and cards change. Pure.

use crate::base::lang::in_english;
use crate::base::{Error, Result};
use crate::domain::distinct::DistinctNames;
use crate::domain::notetype::{Field, Notetype, Template};
use crate::domain::notetype_edit::{Edited, NotetypeEdit};
use crate::mark;
use crate::template::check;
use crate::template::fields::{self, NewName};
use crate::template::parse::ParsedTemplate;
use std::collections::HashMap;
use unicode_normalization::UnicodeNormalization as _;

/// A note type ready to be stored, and what follows from it.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) notetype: Notetype,
    /// For each new field the old one whose content it takes. None: the fields stay.
    pub(super) fields: Option<Vec<Option<usize>>>,
    /// For each old card type its new place, None where it goes. None: they stay.
    pub(super) templates: Option<Vec<Option<usize>>>,
    /// Another field decides the order of notes.
    pub(super) sort_field_changed: bool,
    /// Notes may have cards that are not there yet.
    pub(super) makes_cards: bool,
}

impl Plan {
    /// Other devices have to take over the whole collection.
    pub(super) fn is_structural(&self) -> bool {
        self.fields.is_some() || self.templates.is_some() || self.sort_field_changed
    }
}

/// The plan for `edit` over `stored`. Fails, changing nothing, when the result could not work.
pub(super) fn plan(stored: &Notetype, edit: &NotetypeEdit) -> Result<Plan> {
    let plan = plan_unchecked(stored, edit)?;
    require_working(&plan.notetype)?;
    Ok(plan)
}

/// As [`plan`], whatever the templates are.
pub(super) fn plan_unchecked(stored: &Notetype, edit: &NotetypeEdit) -> Result<Plan> {
    let weight = edit.weight(stored);
    let mut notetype = Notetype {
        mtime: stored.mtime,
        usn: stored.usn,
        ..edit.to_notetype()
    };
    notetype.config.sort_field_idx = u32::try_from(edit.sort_field()).unwrap_or(0);
    clean_names(&mut notetype)?;
    adapt_templates(stored, edit, &mut notetype);
    notetype.config.reqs = crate::template::cards::requirements(&notetype);
    let fields = order_of(&edit.fields, stored.fields.len());
    let templates = order_of(&edit.templates, stored.templates.len()).map(|new_from| {
        (0..stored.templates.len())
            .map(|was| new_from.iter().position(|from| *from == Some(was)))
            .collect()
    });
    let front_is_new = |(was, now): (Option<usize>, &Template)| {
        let before = was.and_then(|was| stored.templates.get(was));
        before.is_none_or(|before| before.config.q_format != now.config.q_format)
    };
    let places = edit.templates.iter().map(|t| t.was);
    Ok(Plan {
        makes_cards: notetype.config.kind != stored.config.kind
            || places.zip(&notetype.templates).any(front_is_new),
        fields,
        templates,
        sort_field_changed: weight.rewrites_notes,
        notetype,
    })
}

/// Where each part comes from, when they are not simply the same.
fn order_of<T>(edited: &[Edited<T>], before: usize) -> Option<Vec<Option<usize>>> {
    let order: Vec<_> = edited.iter().map(|part| part.was).collect();
    let same = order.len() == before && (0..).zip(&order).all(|(i, was)| *was == Some(i));
    (!same).then_some(order)
}

pub(super) fn require_working(notetype: &Notetype) -> Result<()> {
    match check::first_problem(notetype) {
        Some(problem) => Err(Error::invalid(in_english(|| problem.to_string()))),
        None => Ok(()),
    }
}

/// Brings names into the form that Anki stores and makes those of fields and card types differ.
pub(in crate::collection) fn clean_names(notetype: &mut Notetype) -> Result<()> {
    if notetype.fields.is_empty() {
        return Err(Error::invalid(mark!(
            "a note type needs at least one field"
        )));
    }
    if notetype.templates.is_empty() {
        return Err(Error::invalid(mark!(
            "a note type needs at least one card type"
        )));
    }
    notetype.name = without_quotes(&notetype.name, mark!("the note type needs a name"))?;
    let mut names = DistinctNames::default();
    for field in &mut notetype.fields {
        field.name = clean_field_name(&field.name)?;
        names.take(&mut field.name, "+");
    }
    let mut names = DistinctNames::default();
    for template in &mut notetype.templates {
        template.name = without_quotes(&template.name, mark!("a card type needs a name"))?;
        names.take(&mut template.name, "+");
    }
    Ok(())
}

fn without_quotes(name: &str, otherwise: &str) -> Result<String> {
    let name: String = name.nfc().filter(|c| *c != '"').collect();
    if name.is_empty() {
        return Err(Error::invalid(otherwise));
    }
    Ok(name)
}

/// Without the characters that mean something in templates.
fn clean_field_name(name: &str) -> Result<String> {
    let clean: String = name.nfc().filter(|c| !":{}\"".contains(*c)).collect();
    let clean = clean
        .trim()
        .trim_start_matches(|c: char| "#/^".contains(c) || c.is_whitespace());
    if clean.is_empty() {
        return Err(Error::invalid(mark!(
            "“{name}” cannot be the name of a field: the characters {signs} and a leading # / ^ are \
             left out, and nothing remains",
            name,
            signs = ": { } \""
        )));
    }
    Ok(clean.to_owned())
}

/// Renames and removes fields in the templates. A front that shows no field any more gets the
/// first one; sides of a cloze note type keep the filter that they need.
fn adapt_templates(stored: &Notetype, edit: &NotetypeEdit, notetype: &mut Notetype) {
    let new_names = new_names(&stored.fields, edit, &notetype.fields);
    if new_names.is_empty() {
        return;
    }
    let is_cloze = notetype.is_cloze();
    let Some(first) = notetype.fields.first().map(|f| f.name.clone()) else {
        return;
    };
    let adapt = |template: &mut String, is_front: bool| {
        // Anki also fills the empty ones of the browser, which then hide the real ones.
        if template.is_empty() && !is_front {
            return;
        }
        let new_name = |key: &str| match new_names.get(key) {
            None => NewName::Same,
            Some(Some(name)) => NewName::Renamed(name),
            Some(None) => NewName::Removed,
        };
        *template = fields::renamed(template, new_name);
        let Ok(parsed) = ParsedTemplate::parse(template) else {
            return;
        };
        if is_cloze && !fields::has_cloze_filter(&parsed) {
            template.push_str(&format!("{{{{cloze:{first}}}}}"));
        } else if is_front && !fields::has_replacement(&parsed) {
            template.push_str(&format!("{{{{{first}}}}}"));
        }
    };
    for template in &mut notetype.templates {
        let config = &mut template.config;
        adapt(&mut config.q_format, true);
        adapt(&mut config.a_format, is_cloze);
        if !config.q_format_browser.is_empty() {
            adapt(&mut config.q_format_browser, true);
        }
        adapt(&mut config.a_format_browser, false);
    }
}

/// Old names that are not the same any more; None for removed ones.
fn new_names<'a>(
    stored: &'a [Field],
    edit: &NotetypeEdit,
    fields: &'a [Field],
) -> HashMap<&'a str, Option<&'a str>> {
    let mut names = HashMap::new();
    for (ord, old) in stored.iter().enumerate() {
        let place = edit.fields.iter().position(|f| f.was == Some(ord));
        let new = place.and_then(|place| fields.get(place));
        let new = new.map(|field| field.name.as_str());
        if new != Some(old.name.as_str()) {
            names.insert(old.name.as_str(), new);
        }
    }
    names
}
