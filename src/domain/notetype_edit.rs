//! A note type while it is edited: its parts, each with the place that it had, so that saving can
//! tell a moved field from a new one. Pure; saving is `collection::notetypes`.

use super::notetype::{Field, FieldConfig, Notetype, NotetypeConfig, Template, TemplateConfig};
use crate::base::ids::NotetypeId;

/// What a note type is to become.
#[derive(Debug, Clone, PartialEq)]
pub struct NotetypeEdit {
    pub id: NotetypeId,
    pub name: String,
    /// `sort_field_idx` counts in the edited order of `fields`.
    pub config: NotetypeConfig,
    pub fields: Vec<Edited<Field>>,
    pub templates: Vec<Edited<Template>>,
}

/// A field or template of the edit.
#[derive(Debug, Clone, PartialEq)]
pub struct Edited<T> {
    /// Its place in the stored note type; None: it is new.
    pub was: Option<usize>,
    pub now: T,
}

/// What saving an edit does to notes and cards, for the question before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct EditWeight {
    /// Other devices must take over the whole collection at the next sync.
    pub one_way_sync: bool,
    /// Every note is written anew.
    pub rewrites_notes: bool,
    pub removed_fields: usize,
    pub removed_templates: usize,
}

impl<T> Edited<T> {
    fn kept(parts: Vec<T>) -> Vec<Self> {
        (0..)
            .zip(parts)
            .map(|(was, now)| Self {
                was: Some(was),
                now,
            })
            .collect()
    }
}

/// Whether the parts are other ones, or in another order.
fn is_rearranged<T>(edited: &[Edited<T>], before: usize) -> bool {
    edited.len() != before || (0..).zip(edited).any(|(i, part)| part.was != Some(i))
}

fn removed<T>(edited: &[Edited<T>], before: usize) -> usize {
    (0..before)
        .filter(|was| edited.iter().all(|part| part.was != Some(*was)))
        .count()
}

/// The parts of a former version, each with its place among the present ones, and then those that
/// were added since.
fn merged<T: Clone>(
    present: Vec<T>,
    version: &[T],
    id: impl Fn(&T) -> Option<i64>,
    name: impl Fn(&T) -> &String,
) -> Vec<Edited<T>> {
    let mut found = vec![false; present.len()];
    let mut parts: Vec<Edited<T>> = Vec::new();
    for part in version {
        let same_id = |other: &T| id(part).is_some() && id(other) == id(part);
        let was = (present.iter().position(same_id))
            .or_else(|| present.iter().position(|other| name(other) == name(part)))
            .filter(|was| !found[*was]);
        if let Some(was) = was {
            found[was] = true;
        }
        let now = part.clone();
        parts.push(Edited { was, now });
    }
    for (was, now) in present.into_iter().enumerate() {
        if !found[was] {
            parts.push(Edited {
                was: Some(was),
                now,
            });
        }
    }
    parts
}

/// Moves an element; the others keep their order.
fn relocate<T>(list: &mut Vec<T>, from: usize, to: usize) {
    if from < list.len() && to < list.len() {
        let part = list.remove(from);
        list.insert(to, part);
    }
}

impl From<Notetype> for NotetypeEdit {
    fn from(notetype: Notetype) -> Self {
        Self {
            id: notetype.id,
            name: notetype.name,
            config: notetype.config,
            fields: Edited::kept(notetype.fields),
            templates: Edited::kept(notetype.templates),
        }
    }
}

impl NotetypeEdit {
    /// From `present` back to a former version. Its parts are found again by their own ids, or by
    /// name; what was added since stays at the end, so that no note loses text or cards.
    #[must_use]
    pub fn back_to(present: Notetype, version: &Notetype) -> Self {
        let fields = merged(
            present.fields,
            &version.fields,
            |f| f.config.id,
            |f| &f.name,
        );
        let templates = merged(
            present.templates,
            &version.templates,
            |t| t.config.id,
            |t| &t.name,
        );
        Self {
            id: present.id,
            name: version.name.clone(),
            config: version.config.clone(),
            fields,
            templates,
        }
    }

    /// As it would be stored, names as they are.
    #[must_use]
    pub fn to_notetype(&self) -> Notetype {
        Notetype {
            id: self.id,
            name: self.name.clone(),
            config: self.config.clone(),
            fields: self.fields.iter().map(|f| f.now.clone()).collect(),
            templates: self.templates.iter().map(|t| t.now.clone()).collect(),
            ..Notetype::default()
        }
    }

    /// What saving it over `stored` would do.
    #[must_use]
    pub fn weight(&self, stored: &Notetype) -> EditWeight {
        let fields_moved = is_rearranged(&self.fields, stored.fields.len());
        let sorted_by = self.fields.get(self.sort_field()).and_then(|f| f.was);
        let sort_field_changed = sorted_by != Some(stored.config.sort_field_idx as usize);
        EditWeight {
            one_way_sync: fields_moved
                || sort_field_changed
                || is_rearranged(&self.templates, stored.templates.len()),
            rewrites_notes: fields_moved || sort_field_changed,
            removed_fields: removed(&self.fields, stored.fields.len()),
            removed_templates: removed(&self.templates, stored.templates.len()),
        }
    }

    /// The sort field's place in the edited order.
    #[must_use]
    pub fn sort_field(&self) -> usize {
        (self.config.sort_field_idx as usize).min(self.fields.len().saturating_sub(1))
    }

    pub fn set_sort_field(&mut self, ord: usize) {
        self.config.sort_field_idx = u32::try_from(ord).unwrap_or(0);
    }

    /// Adds an empty field at the end, with Anki's font.
    pub fn add_field(&mut self, name: &str) {
        let now = Field {
            name: name.to_owned(),
            config: FieldConfig {
                font_name: "Arial".to_owned(),
                font_size: 20,
                ..FieldConfig::default()
            },
        };
        self.fields.push(Edited { was: None, now });
    }

    /// Removes a field; false for the last one and for one that may not go. The field that comes
    /// into the place of the sort field, or the last one, is the next sort field, as in Anki.
    pub fn remove_field(&mut self, ord: usize) -> bool {
        let may_go = self
            .fields
            .get(ord)
            .is_some_and(|f| !f.now.config.prevent_deletion);
        if self.fields.len() < 2 || !may_go {
            return false;
        }
        let sort = self.sort_field();
        self.fields.remove(ord);
        self.set_sort_field(sort - usize::from(sort > ord));
        self.set_sort_field(self.sort_field());
        true
    }

    /// Moves a field to a place; the sort field stays the same one.
    pub fn move_field(&mut self, from: usize, to: usize) {
        let mut order: Vec<usize> = (0..self.fields.len()).collect();
        relocate(&mut order, from, to);
        let sort = self.sort_field();
        relocate(&mut self.fields, from, to);
        let moved = order.iter().position(|was| *was == sort);
        self.set_sort_field(moved.unwrap_or(sort));
    }

    /// Adds a card type after the others: a copy of the one at `like`, as Anki does.
    pub fn add_template(&mut self, name: &str, like: usize) {
        let config = self.templates.get(like).map(|t| &t.now.config);
        let config = TemplateConfig {
            q_format: config.map(|c| c.q_format.clone()).unwrap_or_default(),
            a_format: config.map(|c| c.a_format.clone()).unwrap_or_default(),
            ..TemplateConfig::default()
        };
        let now = Template {
            name: name.to_owned(),
            config,
            ..Template::default()
        };
        self.templates.push(Edited { was: None, now });
    }

    /// Removes a card type; false for the last one.
    pub fn remove_template(&mut self, ord: usize) -> bool {
        let may_go = self.templates.len() > 1 && ord < self.templates.len();
        if may_go {
            self.templates.remove(ord);
        }
        may_go
    }

    pub fn move_template(&mut self, from: usize, to: usize) {
        relocate(&mut self.templates, from, to);
    }

    /// Puts the fronts, backs and styling of a stock note type in place of its own. Fields that
    /// the stock type has and this one lacks are added; its own fields and further card types
    /// stay, because notes hold their content.
    pub fn restore_stock(&mut self, stock: &Notetype) {
        for field in &stock.fields {
            let there = self.fields.iter().any(|f| f.now.name == field.name);
            if !there {
                let now = field.clone();
                self.fields.push(Edited { was: None, now });
            }
        }
        for (ord, template) in stock.templates.iter().enumerate() {
            match self.templates.get_mut(ord) {
                Some(own) => {
                    own.now.name.clone_from(&template.name);
                    own.now
                        .config
                        .q_format
                        .clone_from(&template.config.q_format);
                    own.now
                        .config
                        .a_format
                        .clone_from(&template.config.a_format);
                    own.now.config.q_format_browser.clear();
                    own.now.config.a_format_browser.clear();
                }
                None => self.templates.push(Edited {
                    was: None,
                    now: template.clone(),
                }),
            }
        }
        self.config.css.clone_from(&stock.config.css);
    }

    /// Templates and styling of a former version. Card types that are there take over what was
    /// theirs; those that are gone are added. Fields stay as they are.
    pub fn put_back(&mut self, version: &Notetype) {
        for (ord, template) in version.templates.iter().enumerate() {
            let id = template.config.id;
            let known = self
                .templates
                .iter()
                .position(|t| id.is_some() && t.now.config.id == id);
            let place = known.or_else(|| {
                let same = |t: &&Edited<Template>| id.is_none() || t.now.config.id.is_none();
                self.templates.get(ord).filter(same).map(|_| ord)
            });
            match place.and_then(|place| self.templates.get_mut(place)) {
                Some(own) => {
                    let config = &mut own.now.config;
                    config.q_format.clone_from(&template.config.q_format);
                    config.a_format.clone_from(&template.config.a_format);
                    (config.q_format_browser).clone_from(&template.config.q_format_browser);
                    (config.a_format_browser).clone_from(&template.config.a_format_browser);
                }
                None => self.templates.push(Edited {
                    was: None,
                    now: template.clone(),
                }),
            }
        }
        self.config.css.clone_from(&version.config.css);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(fields: &[&str]) -> NotetypeEdit {
        let field = |name: &&str| Field {
            name: (*name).to_owned(),
            ..Field::default()
        };
        NotetypeEdit::from(Notetype {
            fields: fields.iter().map(field).collect(),
            ..Notetype::default()
        })
    }

    #[test]
    fn the_sort_field_stays_the_same_one() {
        let mut e = edit(&["a", "b", "c"]);
        e.set_sort_field(1);
        e.move_field(1, 2);
        assert_eq!(e.sort_field(), 2);
        e.move_field(0, 1);
        assert_eq!(e.sort_field(), 2);
        assert!(e.remove_field(0));
        assert_eq!(e.sort_field(), 1);
        assert!(e.remove_field(1));
        assert_eq!(e.sort_field(), 0);
        assert!(!e.remove_field(0), "the last one stays");
    }

    /// As Anki 26.9.3 has them.
    #[test]
    fn of_a_sort_field_that_goes_the_place_stays() {
        let next = |sort, removed| {
            let mut e = edit(&["a", "b", "c"]);
            e.set_sort_field(sort);
            assert!(e.remove_field(removed));
            e.fields[e.sort_field()].now.name.clone()
        };
        let gone = [next(0, 0), next(1, 1), next(2, 2)];
        assert_eq!(gone, ["b", "c", "b"]);
        assert_eq!([next(2, 0), next(0, 2)], ["c", "a"]);
    }
}
