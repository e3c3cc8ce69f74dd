//! A note type: fields, card templates, styling. `unknown` holds fields of newer versions byte
//! for byte, so that nothing is lost when we write.

use crate::base::ids::{NotetypeId, Usn};
use crate::base::time::{TimestampMillis, TimestampSecs};

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Notetype {
    pub id: NotetypeId,
    pub name: String,
    pub mtime: TimestampSecs,
    pub usn: Usn,
    pub config: NotetypeConfig,
    pub fields: Vec<Field>,
    pub templates: Vec<Template>,
}

/// A note type by name, with the number of its notes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotetypeUse {
    pub id: NotetypeId,
    pub name: String,
    pub notes: u64,
}

/// A note type and how much hangs on it.
#[derive(Debug, Clone, PartialEq)]
pub struct NotetypeFacts {
    pub notetype: Notetype,
    pub notes: u64,
    /// Cards of each card type.
    pub cards: Vec<u64>,
}

/// What a note type was before it was saved anew.
#[derive(Debug, Clone, PartialEq)]
pub struct NotetypeVersion {
    /// When the next version took its place.
    pub until: TimestampMillis,
    /// The operation that did it.
    pub origin: String,
    pub notetype: Notetype,
}

/// What a new note type is a copy of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotetypeModel {
    /// One of the stock note types, by its place in their list.
    Stock(usize),
    Existing(NotetypeId),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NotetypeKind {
    #[default]
    Normal,
    Cloze,
    /// Of a later version; its cards are made as a normal one's, and it is kept.
    Newer(i32),
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct NotetypeConfig {
    pub kind: NotetypeKind,
    pub sort_field_idx: u32,
    pub css: String,
    pub target_deck_id_unused: i64,
    pub latex_pre: String,
    pub latex_post: String,
    pub latex_svg: bool,
    pub reqs: Vec<CardRequirement>,
    /// 0 unknown, 1 basic, 2 reversed, 3 optional reversed, 4 typing, 5 cloze, 6 image occlusion.
    pub original_stock_kind: i32,
    pub original_id: Option<i64>,
    /// JSON object with keys of schema 11 that have no field of their own.
    pub other: Vec<u8>,
    pub unknown: Vec<u8>,
}

/// Which fields make a template render; for old clients.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CardRequirement {
    pub card_ord: u32,
    /// 0 none, 1 any, 2 all.
    pub kind: i32,
    pub field_ords: Vec<u32>,
    pub unknown: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Field {
    pub name: String,
    pub config: FieldConfig,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct FieldConfig {
    pub sticky: bool,
    pub rtl: bool,
    pub font_name: String,
    pub font_size: u32,
    pub description: String,
    pub plain_text: bool,
    pub collapsed: bool,
    pub exclude_from_search: bool,
    pub id: Option<i64>,
    pub tag: Option<u32>,
    pub prevent_deletion: bool,
    pub other: Vec<u8>,
    pub unknown: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Template {
    pub name: String,
    pub mtime: TimestampSecs,
    pub usn: Usn,
    pub config: TemplateConfig,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct TemplateConfig {
    pub q_format: String,
    pub a_format: String,
    pub q_format_browser: String,
    pub a_format_browser: String,
    /// Deck override; 0 none.
    pub target_deck_id: i64,
    pub browser_font_name: String,
    pub browser_font_size: u32,
    pub id: Option<i64>,
    pub other: Vec<u8>,
    pub unknown: Vec<u8>,
}

impl Notetype {
    #[must_use]
    pub fn is_cloze(&self) -> bool {
        self.config.kind == NotetypeKind::Cloze
    }

    /// The template of a card: cloze note types have one for all ordinals.
    #[must_use]
    pub fn template_of(&self, ord: u16) -> Option<&Template> {
        let idx = if self.is_cloze() { 0 } else { usize::from(ord) };
        self.templates.get(idx)
    }

    /// The place here of the field `n` of `other`: of an earlier or later state of this note type,
    /// or of another one.
    #[must_use]
    pub fn field_of(&self, other: &Self, n: usize) -> Option<usize> {
        let (here, there) = (&self.fields, &other.fields);
        place_of(here, there, n, self.id == other.id, |f| {
            (f.config.id, f.name.as_str())
        })
    }

    /// What the card type `ord` of `other` is here, as [`Self::field_of`]; None: cards of it cannot
    /// be here.
    #[must_use]
    pub fn ord_of(&self, other: &Self, ord: u16) -> Option<u16> {
        if self.is_cloze() || other.is_cloze() {
            return (self.is_cloze() == other.is_cloze()).then_some(ord);
        }
        let (here, there) = (&self.templates, &other.templates);
        let same = self.id == other.id;
        let place = place_of(here, there, usize::from(ord), same, |t| {
            (t.config.id, t.name.as_str())
        })?;
        u16::try_from(place).ok()
    }
}

/// Found again by its own id or its name; in the same note type (`same`) also a renamed part that
/// has no id, at its place.
fn place_of<T>(
    here: &[T],
    there: &[T],
    n: usize,
    same: bool,
    key: impl Fn(&T) -> (Option<i64>, &str),
) -> Option<usize> {
    let (id, name) = key(there.get(n)?);
    let by_id = |id| here.iter().position(|part| key(part).0 == Some(id));
    let by_name = || here.iter().position(|part| key(part).1 == name);
    id.and_then(by_id).or_else(by_name).or_else(|| {
        let (other_id, other_name) = key(here.get(n)?);
        let is_new = !there.iter().any(|part| key(part).1 == other_name);
        (same && is_new && id.is_none() && other_id.is_none()).then_some(n)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(id: i64, templates: &[(Option<i64>, &str)]) -> Notetype {
        let template = |&(id, name): &(Option<i64>, &str)| Template {
            name: name.into(),
            config: TemplateConfig {
                id,
                ..TemplateConfig::default()
            },
            ..Template::default()
        };
        Notetype {
            id: NotetypeId(id),
            templates: templates.iter().map(template).collect(),
            ..Notetype::default()
        }
    }

    #[test]
    fn card_types_are_found_again_where_they_are_now() {
        let then = of(1, &[(Some(7), "a"), (None, "b"), (None, "c")]);
        for (now, want) in [
            (
                of(1, &[(Some(7), "a"), (None, "b"), (None, "c")]),
                [Some(0), Some(1), Some(2)],
            ),
            (
                of(1, &[(None, "c"), (Some(7), "renamed")]),
                [Some(1), None, Some(0)],
            ),
            (
                of(1, &[(Some(8), "x"), (None, "renamed")]),
                [None, Some(1), None],
            ),
            (
                of(2, &[(Some(8), "x"), (None, "renamed")]),
                [None, None, None],
            ),
        ] {
            assert_eq!([0, 1, 2].map(|ord| now.ord_of(&then, ord)), want, "{now:?}");
        }
        let mut cloze = of(1, &[(None, "a")]);
        cloze.config.kind = NotetypeKind::Cloze;
        assert_eq!(cloze.ord_of(&cloze, 5), Some(5));
        assert_eq!(
            (cloze.ord_of(&then, 0), then.ord_of(&cloze, 0)),
            (None, None)
        );
    }
}
